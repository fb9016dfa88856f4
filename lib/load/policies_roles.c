/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include "load/policies.h"

#include "base/buf.h"
#include "text/crn.h"
#include "text/suggest.h"

/*
 * What a policy grants, and in our extension denies: role ids.
 *
 * A role is named by CRN: the generic one, that of the service, or that of
 * a custom role, which holds in one account only.  A role nobody defined is
 * a typing error where the policy is for a loaded service; where it is for
 * all services of the account it may well be a role of another one, which
 * grants nothing here.  In a deny there is no such excuse: a deny that has
 * no effect is an open door, so each of its roles must be known and hold at
 * least one action.
 *
 * `UnsupportedVersion` is the placeholder that IAM shows when a policy is
 * listed in an older form than it was written in: what it really says is
 * not there, so the document is refused.
 */

/* What the loaded services know about a role id. */
struct knowledge {
    bool known;
    bool acts;    /* it has an action of a service the policy fits */
    bool foreign; /* a custom role of another account */
};

static bool
role_acts(const struct pdp__builder *b, const struct pdp__role *role)
{
    uint32_t cnt = PDP__ITEM(b, services, struct pdp__service, role->service)
                       ->action_words;

    for (uint32_t i = 0; i < cnt && role->words != PDP__NONE; i++) {
        if (*PDP__ITEM(b, words, uint64_t, role->words + i) != 0) {
            return true;
        }
    }
    return false;
}

static struct knowledge
find_out(const struct pdp__builder *b, const struct pdp__policy_draft *draft,
    pdp_str_t id)
{
    struct knowledge out = {false, false, false};

    for (uint32_t s = 0; s < b->services.cnt; s++) {
        uint32_t ix = pdp__policy_fits(b, draft->doc, draft->resource, s)
                          ? pdp__builder_role(b, id, s)
                          : PDP__NONE;
        if (ix == PDP__NONE) {
            continue;
        }
        const struct pdp__role *role =
            PDP__ITEM(b, roles, struct pdp__role, ix);
        out.known = true;
        out.acts = out.acts || role_acts(b, role);
        if (role->custom != 0 &&
            !pdp__str_eq(pdp__builder_str(b, role->account), draft->account)) {
            out.foreign = true;
        }
    }
    return out;
}

/* The CRN of the role whose name is nearest, as a hint; or NULL. */
static const char *
role_hint(const struct pdp__builder *b, const struct pdp__policy_draft *draft,
    pdp_str_t name, char *buf, size_t cap)
{
    enum { NAMES_MAX = 128 };
    pdp_str_t names[NAMES_MAX];
    uint32_t roles[NAMES_MAX];
    size_t cnt = 0;

    for (uint32_t i = 0; i < b->roles.cnt && cnt < NAMES_MAX; i++) {
        const struct pdp__role *role = PDP__ITEM(b, roles, struct pdp__role, i);
        if (pdp__policy_fits(b, draft->doc, draft->resource, role->service)) {
            names[cnt] = pdp__builder_str(b, role->name);
            roles[cnt++] = i;
        }
    }
    int nearest = pdp__suggest(name, names, cnt);
    if (nearest < 0) {
        return NULL;
    }
    struct pdp__buf out = pdp__buf(buf, cap - 1);
    pdp__buf_z(&out, "did you mean \"");
    pdp__buf_str(&out,
        pdp__builder_str(b,
            PDP__ITEM(b, roles, struct pdp__role, roles[nearest])->crn));
    pdp__buf_z(&out, "\"?");
    buf[out.len] = '\0';
    return out.full ? NULL : buf;
}

static bool
is_custom(pdp_str_t id)
{
    struct pdp__crn crn;

    return pdp__crn_parse(id, &crn) &&
           pdp__str_eq(crn.type, PDP__LIT("customRole"));
}

/* A role id that no service knows. */
static void
report_unknown(const struct pdp__builder *b, uint32_t ix, pdp_str_t id,
    pdp_str_t name, bool deny, const struct pdp__policy_draft *draft)
{
    const struct pdp__doc *doc = draft->doc;
    char buf[256];
    const char *hint = role_hint(b, draft, name, buf, sizeof(buf));

    if (deny || draft->named) {
        if (hint == NULL && is_custom(id)) {
            hint = "custom roles come from a directory, each for its own "
                   "service";
        }
        PDP__DOC_ADD(doc, UNKNOWN_ROLE, ix, hint,
            "role \"%.*s\" is not defined", PDP__ARG(id));
    } else {
        PDP__DOC_ADD(doc, FOREIGN_ROLE, ix, hint,
            "role \"%.*s\" is none of a loaded service: it grants nothing here",
            PDP__ARG(id));
    }
}

/* Reports what is wrong with a role id. */
static void
check_role(const struct pdp__builder *b, uint32_t ix, pdp_str_t id, bool deny,
    const struct pdp__policy_draft *draft)
{
    const struct pdp__doc *doc = draft->doc;
    struct pdp__crn crn;
    char buf[256];

    if (!pdp__crn_parse(id, &crn) || crn.resource.len == 0) {
        const char *hint = role_hint(b, draft, id, buf, sizeof(buf));
        PDP__DOC_ADD(doc, UNKNOWN_ROLE, ix,
            hint != NULL ? hint
                         : "crn:v1:bluemix:public:iam::::serviceRole:NAME",
            "\"%.*s\" is not the CRN of a role", PDP__ARG(id));
        return;
    }
    if (pdp__str_eq(crn.resource, PDP__LIT("UnsupportedVersion"))) {
        PDP__DOC_ADD(doc, UNSUPPORTED, ix, "export with GET /v2/policies",
            "a placeholder in place of the roles of a newer policy");
        return;
    }
    struct knowledge found = find_out(b, draft, id);
    if (!found.known) {
        report_unknown(b, ix, id, crn.resource, deny, draft);
    } else if (found.foreign) {
        PDP__DOC_ADD(doc, BAD_VALUE, ix, NULL,
            "role \"%.*s\" is a custom role of another account", PDP__ARG(id));
    } else if (deny && !found.acts) {
        PDP__DOC_ADD(doc, BAD_VALUE, ix, NULL,
            "role \"%.*s\" has no actions: a deny of it denies nothing",
            PDP__ARG(id));
    }
}

static void
read_role(const struct pdp__builder *b, uint32_t ix, bool deny,
    struct pdp__policy_draft *draft, struct pdp__draft_roles *roles)
{
    static const char *const ignored[] = {"display_name", "description",
        "actions", NULL};
    uint32_t id = 0;
    const struct pdp__member members[] = {
        {"role_id", true, PDP__JSON_STRING, &id},
    };

    if (!pdp__doc_object(draft->doc, ix, members, 1, ignored) || id == 0) {
        return;
    }
    roles->ids[roles->cnt++] = pdp__doc_text(draft->doc, id);
    check_role(b, id, pdp__doc_text(draft->doc, id), deny, draft);
}

static void
read_list(const struct pdp__builder *b, uint32_t list, bool deny,
    struct pdp__policy_draft *draft, struct pdp__draft_roles *roles)
{
    const struct pdp__doc *doc = draft->doc;
    uint32_t cnt = doc->json.nodes[list].cnt;

    if (cnt == 0) {
        PDP__DOC_ADD(doc, EMPTY, list, NULL, "no role is listed");
    }
    if (cnt > PDP__POLICY_ROLES_MAX) {
        PDP__DOC_ADD(doc, LIMIT, list, NULL, "more than %d roles",
            (int)PDP__POLICY_ROLES_MAX);
        return;
    }
    PDP__JSON_EACH(&doc->json, list, item)
    {
        read_role(b, item, deny, draft, roles);
    }
}

/* `grant` or `deny`. */
static void
read_roles(const struct pdp__builder *b, uint32_t ix, bool deny,
    struct pdp__policy_draft *draft, struct pdp__draft_roles *roles)
{
    uint32_t list = 0;
    const struct pdp__member members[] = {
        {"roles", true, PDP__JSON_ARRAY, &list},
    };

    if (pdp__doc_object(draft->doc, ix, members, 1, NULL) && list != 0) {
        read_list(b, list, deny, draft, roles);
    }
}

void
pdp__policy_roles(const struct pdp__builder *b, uint32_t ix,
    struct pdp__policy_draft *draft)
{
    read_list(b, ix, false, draft, &draft->grant);
}

void
pdp__policy_control(const struct pdp__builder *b, uint32_t ix,
    struct pdp__policy_draft *draft)
{
    uint32_t grant = 0;
    uint32_t deny = 0;
    const struct pdp__member members[] = {
        {"grant", false, PDP__JSON_OBJECT, &grant},
        {"deny", false, PDP__JSON_OBJECT, &deny},
    };

    if (!pdp__doc_object(draft->doc, ix, members, 2, NULL)) {
        return;
    }
    if (pdp__json_member(&draft->doc->json, ix, PDP__LIT("grant")) == 0 &&
        pdp__json_member(&draft->doc->json, ix, PDP__LIT("deny")) == 0) {
        PDP__DOC_ADD(draft->doc, MISSING_MEMBER, ix, NULL,
            "a policy must \"grant\" or \"deny\" something");
    }
    if (grant != 0) {
        read_roles(b, grant, false, draft, &draft->grant);
    }
    if (deny != 0) {
        read_roles(b, deny, true, draft, &draft->deny);
    }
}
