/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include "load/directory.h"

#include "text/crn.h"

/*
 * Roles of an account, as GET /v2/roles returns them.
 *
 * Custom roles are added to the service they are for, under their CRN only:
 * names are unique within an account, and a name in a token must not reach
 * the role of another one.  What a service or platform role means is the
 * service definition's to say; where the listing disagrees, a note tells.
 * Actions the definition does not have are left out, with a note: no route
 * can require them.
 *
 * Invariant: the roles of a service stand together in `roles`.  Those of a
 * service that is not the last one are copied to the end first; the old
 * entries stay and keep their meaning for whoever holds an index.
 */

struct custom {
    struct pdp__role role;
    uint32_t node; /* of its crn */
};

/* What reading one listing needs. */
struct reader {
    struct pdp__builder *b;
    const struct pdp__doc *doc;
    struct pdp__vec customs; /* struct custom */
    uint32_t elsewhere;      /* custom roles of services not loaded */
};

struct custom_nodes {
    uint32_t crn, name, account, service, actions;
};

static const char *const custom_ignored[] = {"id", "display_name",
    "description", "created_at", "created_by_id", "last_modified_at",
    "last_modified_by_id", "href", NULL};

/* crn:v1:<cname>:<ctype>:iam-access-management::a/<account>::customRole:<name>
 * must agree with the members next to it. */
static bool
check_crn(const struct pdp__doc *doc, const struct custom_nodes *n)
{
    struct pdp__crn crn;
    pdp_str_t text = pdp__doc_text(doc, n->crn);

    if (!pdp__crn_parse(text, &crn) ||
        !pdp__str_eq(crn.type, PDP__LIT("customRole")) ||
        !pdp__str_starts(crn.scope, PDP__LIT("a/"))) {
        PDP__DOC_ADD(doc, BAD_VALUE, n->crn,
            "crn:v1:bluemix:public:iam-access-management::a/ACCOUNT::"
            "customRole:NAME",
            "\"%.*s\" is not the CRN of a custom role", PDP__ARG(text));
        return false;
    }
    if (!pdp__str_eq(pdp__str_from(crn.scope, 2),
            pdp__doc_text(doc, n->account))) {
        PDP__DOC_ADD(doc, BAD_VALUE, n->account, NULL,
            "the CRN of this role is of account \"%.*s\"",
            PDP__ARG(pdp__str_from(crn.scope, 2)));
        return false;
    }
    if (!pdp__str_eq(crn.resource, pdp__doc_text(doc, n->name))) {
        PDP__DOC_ADD(doc, BAD_VALUE, n->name, NULL,
            "the CRN of this role ends in \"%.*s\"", PDP__ARG(crn.resource));
        return false;
    }
    return true;
}

/* The actions as words; those that are not the service's get a note. */
static uint32_t
read_actions(struct reader *r, uint32_t list, uint32_t service)
{
    struct pdp__builder *b = r->b;
    const struct pdp__doc *doc = r->doc;
    const struct pdp__service *s =
        PDP__ITEM(b, services, struct pdp__service, service);
    uint32_t words = pdp__builder_words(b, s->action_words);

    if (doc->json.nodes[list].cnt == 0) {
        PDP__DOC_ADD(doc, EMPTY, list, NULL, "a role without actions");
    }
    PDP__JSON_EACH(&doc->json, list, item)
    {
        if (!pdp__doc_is(doc, item, PDP__JSON_STRING)) {
            continue;
        }
        pdp_str_t name = pdp__doc_text(doc, item);
        uint32_t ix = pdp__map_get(b, PDP__MAP_ACTION, name);
        const struct pdp__action *action =
            ix == PDP__NONE ? NULL
                            : PDP__ITEM(b, actions, struct pdp__action, ix);
        if (action == NULL || action->service != service) {
            PDP__DOC_ADD(doc, UNUSED, item, NULL,
                "action \"%.*s\" is not one of the service definition: "
                "ignored",
                PDP__ARG(name));
        } else if (words != PDP__NONE) {
            *PDP__ITEM(b, words, uint64_t, words + action->bit / 64) |=
                UINT64_C(1) << (action->bit % 64);
        }
    }
    return words;
}

static void
read_custom(struct reader *r, uint32_t ix)
{
    const struct pdp__doc *doc = r->doc;
    struct custom_nodes n = {0};
    uint32_t custom_ix = 0;
    const struct pdp__member members[] = {
        {"crn", true, PDP__JSON_STRING, &n.crn},
        {"name", true, PDP__JSON_STRING, &n.name},
        {"account_id", true, PDP__JSON_STRING, &n.account},
        {"service_name", true, PDP__JSON_STRING, &n.service},
        {"actions", true, PDP__JSON_ARRAY, &n.actions},
    };

    if (!pdp__doc_object(doc, ix, members, 5, custom_ignored) || n.crn == 0 ||
        n.name == 0 || n.account == 0 || n.service == 0 || n.actions == 0) {
        return;
    }
    uint32_t service =
        pdp__map_get(r->b, PDP__MAP_SERVICE, pdp__doc_text(doc, n.service));
    if (service == PDP__NONE) {
        r->elsewhere++;
        return;
    }
    if (!check_crn(doc, &n)) {
        return;
    }
    struct pdp__role role = {
        .name = pdp__builder_text(r->b, pdp__doc_text(doc, n.name)),
        .crn = pdp__builder_text(r->b, pdp__doc_text(doc, n.crn)),
        .account = pdp__builder_text(r->b, pdp__doc_text(doc, n.account)),
        .service = service,
        .words = read_actions(r, n.actions, service),
        .custom = 1,
    };
    struct custom *item =
        pdp__builder_push(r->b, &r->customs, sizeof(*item), &custom_ix);
    if (item != NULL) {
        *item = (struct custom){role, n.crn};
    }
}

/* Makes room behind the roles of a service. */
static void
move_to_end(struct pdp__builder *b, uint32_t service)
{
    struct pdp__range *range =
        &PDP__ITEM(b, services, struct pdp__service, service)->roles;
    uint32_t first = b->roles.cnt;

    if (range->cnt == 0 || range->first + range->cnt == first) {
        range->first = range->cnt == 0 ? first : range->first;
        return;
    }
    for (uint32_t i = 0; i < range->cnt; i++) {
        uint32_t ix = 0;
        struct pdp__role *copy = PDP__NEW(b, roles, ix);
        if (copy == NULL) {
            return;
        }
        *copy = *PDP__ITEM(b, roles, struct pdp__role, range->first + i);
    }
    for (uint32_t i = 0; i < b->role_links.cnt; i++) {
        struct pdp__role_link *link =
            PDP__VEC_AT(&b->role_links, struct pdp__role_link, i);
        if (link->service == service) {
            link->role = link->role - range->first + first;
        }
    }
    range->first = first;
}

/* Adds the custom roles of one service behind its own. */
static void
add_customs(struct reader *r, uint32_t service)
{
    struct pdp__builder *b = r->b;
    bool moved = false;

    for (uint32_t i = 0; i < r->customs.cnt && !b->failed; i++) {
        const struct custom *custom =
            PDP__VEC_AT(&r->customs, struct custom, i);
        uint32_t ix = 0;
        if (custom->role.service != service) {
            continue;
        }
        if (!moved) {
            move_to_end(b, service);
            moved = true;
        }
        struct pdp__role *role = PDP__NEW(b, roles, ix);
        if (role == NULL) {
            return;
        }
        *role = custom->role;
        PDP__ITEM(b, services, struct pdp__service, service)->roles.cnt++;
        if (!pdp__builder_role_id(b, pdp__builder_str(b, role->crn), service,
                ix)) {
            PDP__DOC_ADD(r->doc, DUPLICATE_NAME, custom->node, NULL,
                "role \"%.*s\" is listed twice",
                PDP__ARG(pdp__doc_text(r->doc, custom->node)));
        }
    }
}

static bool
lists(const struct pdp__doc *doc, uint32_t list, pdp_str_t name)
{
    PDP__JSON_EACH(&doc->json, list, item)
    {
        if (pdp__json_is(&doc->json, item, PDP__JSON_STRING) &&
            pdp__str_eq(pdp__doc_text(doc, item), name)) {
            return true;
        }
    }
    return false;
}

/* Whether the list has actions of the service, and others than the role. */
static bool
disagrees(const struct pdp__builder *b, const struct pdp__doc *doc,
    uint32_t list, const struct pdp__role *role)
{
    struct pdp__range actions =
        PDP__ITEM(b, services, struct pdp__service, role->service)->actions;
    bool ours = false;
    bool differ = false;

    for (uint32_t i = 0; i < actions.cnt; i++) {
        const struct pdp__action *action =
            PDP__ITEM(b, actions, struct pdp__action, actions.first + i);
        bool listed = lists(doc, list, pdp__builder_str(b, action->name));
        uint64_t word = role->words == PDP__NONE
                            ? 0
                            : *PDP__ITEM(b, words, uint64_t,
                                  role->words + action->bit / 64);
        bool held = (word >> (action->bit % 64) & 1u) != 0;
        ours = ours || listed;
        differ = differ || listed != held;
    }
    return ours && differ;
}

/* A service or platform role: compared with the definition. */
static void
read_known(struct reader *r, uint32_t ix)
{
    static const char *const ignored[] = {"description", NULL};
    const struct pdp__doc *doc = r->doc;
    uint32_t crn = 0;
    uint32_t name = 0;
    uint32_t actions = 0;
    const struct pdp__member members[] = {
        {"crn", true, PDP__JSON_STRING, &crn},
        {"display_name", false, PDP__JSON_STRING, &name},
        {"actions", false, PDP__JSON_ARRAY, &actions},
    };

    if (!pdp__doc_object(doc, ix, members, 3, ignored) || crn == 0 ||
        actions == 0) {
        return;
    }
    for (uint32_t s = 0; s < r->b->services.cnt; s++) {
        uint32_t role = pdp__builder_role(r->b, pdp__doc_text(doc, crn), s);
        if (role != PDP__NONE &&
            disagrees(r->b, doc, actions,
                PDP__ITEM(r->b, roles, struct pdp__role, role))) {
            PDP__DOC_ADD(doc, UNUSED, actions, NULL,
                "role \"%.*s\" has other actions in the service definition, "
                "which counts",
                PDP__ARG(pdp__doc_text(doc, crn)));
        }
    }
}

/* One answer of GET /v2/roles. */
static void
read_listing(struct reader *r, uint32_t ix)
{
    uint32_t lists_of[3] = {0, 0, 0};
    const struct pdp__member members[] = {
        {"custom_roles", false, PDP__JSON_ARRAY, &lists_of[0]},
        {"service_roles", false, PDP__JSON_ARRAY, &lists_of[1]},
        {"system_roles", false, PDP__JSON_ARRAY, &lists_of[2]},
    };

    if (!pdp__doc_object(r->doc, ix, members, 3, NULL)) {
        return;
    }
    for (size_t i = 0; i < 3; i++) {
        if (lists_of[i] == 0) {
            continue;
        }
        PDP__JSON_EACH(&r->doc->json, lists_of[i], item)
        {
            if (i == 0) {
                read_custom(r, item);
            } else {
                read_known(r, item);
            }
        }
    }
}

void
pdp__directory_roles(struct pdp__builder *b, const struct pdp__doc *doc,
    uint32_t ix)
{
    struct reader r = {.b = b, .doc = doc};

    if (pdp__json_is(&doc->json, ix, PDP__JSON_ARRAY)) {
        PDP__JSON_EACH(&doc->json, ix, item)
        {
            read_listing(&r, item);
        }
    } else {
        read_listing(&r, ix);
    }
    for (uint32_t s = 0; s < b->services.cnt; s++) {
        add_customs(&r, s);
    }
    if (r.elsewhere > 0) {
        PDP__DOC_ADD(doc, UNUSED, ix, NULL, "%u custom %s of other services",
            (unsigned)r.elsewhere, r.elsewhere == 1 ? "role" : "roles");
    }
}
