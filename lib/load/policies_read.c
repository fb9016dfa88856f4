/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include "load/policies.h"

/*
 * IAM v2 access policies as the Policy Management API returns them: one
 * policy, an array of them, or the object of a listing, so that the export
 * of an account loads unchanged.
 *
 * What cannot apply to a loaded service is counted and passed over unread
 * (policies_scope.c); everything else is read strictly, because a member
 * that is not understood may be the one that narrows the policy.  The
 * members that only inform are listed below and never looked at.
 *
 * A policy is all or nothing: it is compiled if reading it added no error.
 * With one error anywhere the loader builds no snapshot at all.
 */

enum { ID_MAX = 512 };

struct reader {
    struct pdp__builder *b;
    const struct pdp__doc *doc;
    uint32_t seen; /* policies of this document so far */
    uint32_t skipped[PDP__SKIP_COUNT];
    struct pdp__policy_draft draft; /* of the policy in hand */
};

/* The nodes of a policy; 0: absent or mistyped. */
struct policy_nodes {
    uint32_t type, state, subject, resource, control, pattern, rule, id;
};

/* Members that say nothing about what is granted. */
const char *const pdp__policy_informational[] = {"description", "href",
    "created_at", "created_by_id", "last_modified_at", "last_modified_by_id",
    "last_permit_at", "last_permit_frequency", "template", "account_id",
    "version", NULL};

static const char *const paging[] = {"limit", "first", "previous", "start",
    "total_count", NULL};

/* A text that must be one of a few words. */
static void
check_word(const struct pdp__doc *doc, uint32_t ix, const char *name,
    const char *const *words)
{
    char hint[PDP__HINT_CAP];
    pdp_str_t text = pdp__doc_text(doc, ix);

    for (size_t i = 0; words[i] != NULL; i++) {
        if (pdp__str_eq(text, pdp__str_z(words[i]))) {
            return;
        }
    }
    PDP__DOC_ADD(doc, BAD_VALUE, ix,
        pdp__hint_name(hint, sizeof(hint), text, words),
        "%s \"%.*s\" is not known", name, PDP__ARG(text));
}

static void
read_rule(const struct pdp__doc *doc, const struct policy_nodes *n,
    struct pdp__policy_draft *draft)
{
    if (n->rule != 0) {
        pdp__policy_rule(doc, n->rule, n->pattern, draft);
    } else if (n->pattern != 0) {
        pdp__report_add(doc->report, PDP__CODE_BAD_VALUE,
            pdp__doc_place_key(doc, n->pattern), NULL,
            "a \"pattern\" without a \"rule\"");
    }
}

void
pdp__policy_check_words(const struct pdp__doc *doc, uint32_t type,
    uint32_t state, uint32_t id)
{
    static const char *const types[] = {"access", "authorization", NULL};
    static const char *const states[] = {"active", "deleted", NULL};

    if (type != 0) {
        check_word(doc, type, "type", types);
    }
    if (state != 0) {
        check_word(doc, state, "state", states);
    }
    if (id != 0) {
        (void)pdp__doc_length(doc, id, "an id", ID_MAX);
    }
}

/* A policy for nobody in particular is for those whose token names its id.
 * Whoever left the subject out by mistake should hear of it. */
static void
note_no_subject(const struct pdp__doc *doc, uint32_t ix, bool deny)
{
    bool named = pdp__json_member(&doc->json, ix, PDP__LIT("id")) != 0;

    if (deny) {
        PDP__DOC_ADD(doc, DEAD_DENY, ix,
            "access_group_id AccessGroupId-PublicAccess is everybody",
            "a deny without a subject %s",
            named ? "holds for nobody until a token names its id"
                  : "and without an id holds for nobody");
    } else {
        PDP__DOC_ADD(doc, UNUSED, ix, NULL, "a policy without a subject %s",
            named ? "is used only by tokens that name its id"
                  : "and without an id is never used");
    }
}

/* Reads the members of a policy into the draft. */
static void
read_members(struct reader *r, uint32_t ix)
{
    struct policy_nodes n = {0};
    const struct pdp__member members[] = {
        {"type", true, PDP__JSON_STRING, &n.type},
        {"state", false, PDP__JSON_STRING, &n.state},
        {"subject", false, PDP__JSON_OBJECT, &n.subject},
        {"resource", true, PDP__JSON_OBJECT, &n.resource},
        {"control", true, PDP__JSON_OBJECT, &n.control},
        {"pattern", false, PDP__JSON_STRING, &n.pattern},
        {"rule", false, -1, &n.rule},
        {"id", false, PDP__JSON_STRING, &n.id},
    };
    const struct pdp__doc *doc = r->doc;

    (void)pdp__doc_object(doc, ix, members,
        sizeof(members) / sizeof(members[0]), pdp__policy_informational);
    pdp__policy_check_words(doc, n.type, n.state, n.id);
    read_rule(doc, &n, &r->draft);
    r->draft.id_node = n.id;
    r->draft.resource = n.resource;
    if (n.resource != 0) {
        r->draft.named = pdp__policy_named(r->b, doc, n.resource);
        r->draft.strict =
            n.control != 0 &&
            pdp__json_member(&doc->json, n.control, PDP__LIT("deny")) != 0;
    }
    if (n.subject != 0) {
        pdp__policy_subject(doc, n.subject, &r->draft);
    } else {
        note_no_subject(doc, ix, r->draft.strict);
    }
    if (n.resource != 0) {
        pdp__policy_resource(r->b, n.resource, &r->draft);
    }
    if (n.control != 0) {
        pdp__policy_control(r->b, n.control, &r->draft);
    }
}

static void
read_policy(struct reader *r, uint32_t ix)
{
    const struct pdp__doc *doc = r->doc;

    r->seen++;
    if (!pdp__doc_is(doc, ix, PDP__JSON_OBJECT)) {
        return;
    }
    enum pdp__skip skip = pdp__policy_skip(r->b, doc, ix);
    if (skip != PDP__SKIP_NOT) {
        r->skipped[skip]++;
        return;
    }
    if (pdp__policy_is_v1(doc, ix)) {
        pdp__policy_v1(r->b, doc, ix, r->seen, &r->draft);
        return;
    }
    size_t errors = pdp_report_errors(doc->report);
    memset(&r->draft, 0, sizeof(r->draft));
    r->draft.doc = doc;
    r->draft.node = ix;
    r->draft.number = r->seen;
    read_members(r, ix);
    if (pdp_report_errors(doc->report) == errors && !r->b->failed) {
        pdp__policy_build(r->b, &r->draft);
    }
}

/* One note for each reason why policies were passed over. */
static void
report_skipped(const struct reader *r)
{
    static const char *const before[PDP__SKIP_COUNT] = {
        [PDP__SKIP_AUTHORIZATION] = "authorization ",
        [PDP__SKIP_DELETED] = "deleted ",
    };
    static const char *const after[PDP__SKIP_COUNT] = {
        [PDP__SKIP_PLATFORM] = " of platform services",
        [PDP__SKIP_GROUP] = " of other service groups",
        [PDP__SKIP_RESOURCE_GROUP] = " of resource groups as such",
        [PDP__SKIP_SERVICE] = " of other services",
    };
    struct pdp__place place = {r->doc->name, 0, 0};

    for (int skip = PDP__SKIP_NOT + 1; skip < PDP__SKIP_COUNT; skip++) {
        uint32_t cnt = r->skipped[skip];
        if (cnt > 0) {
            pdp__report_add(r->doc->report, PDP__CODE_POLICY_SKIPPED, place,
                NULL, "%u %s%s%s", (unsigned)cnt,
                before[skip] == NULL ? "" : before[skip],
                cnt == 1 ? "policy" : "policies",
                after[skip] == NULL ? "" : after[skip]);
        }
    }
}

/* The array of policies; 0: there is none (reported, or a single policy).
 * Another page may hold the denials, and may have been given or not. */
static uint32_t
find_list(const struct pdp__doc *doc)
{
    uint32_t list = 0;
    uint32_t next = 0;
    const struct pdp__member members[] = {
        {"policies", true, PDP__JSON_ARRAY, &list},
        {"next", false, -1, &next},
    };

    (void)pdp__doc_object(doc, 0, members, 2, paging);
    if (next != 0 && !pdp__json_is(&doc->json, next, PDP__JSON_NULL)) {
        pdp__report_add(doc->report, PDP__CODE_MORE_PAGES,
            pdp__doc_place_key(doc, next), "load the other pages, too",
            "the listing goes on in another page");
    }
    return list;
}

static void
read_list(struct reader *r, uint32_t list)
{
    PDP__JSON_EACH(&r->doc->json, list, item)
    {
        read_policy(r, item);
    }
}

pdp_status_t
pdp__read_policies(struct pdp__builder *b, const struct pdp__doc *doc)
{
    if (!doc->readable) {
        return pdp__read_status(b);
    }
    /* A draft takes some 28 KiB: too much for a small thread's stack. */
    struct reader *r = pdp__arena_alloc(b->arena, sizeof(*r));
    PDP_ENSURE(r != NULL, PDP_E_NOMEM);
    r->b = b;
    r->doc = doc;
    if (pdp__json_is(&doc->json, 0, PDP__JSON_ARRAY)) {
        read_list(r, 0);
    } else if (pdp__json_is(&doc->json, 0, PDP__JSON_OBJECT) &&
               pdp__json_member(&doc->json, 0, PDP__LIT("policies")) != 0) {
        uint32_t list = find_list(doc);
        if (list != 0) {
            read_list(r, list);
        }
    } else {
        read_policy(r, 0);
    }
    report_skipped(r);
    return pdp__read_status(b);
}
