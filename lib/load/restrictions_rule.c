/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include "load/restrictions.h"

/*
 * A rule: which resources it is for, and which contexts let requests through.
 *
 * Its resources are read like those of a v1 policy: attributes of `name` and
 * `value`, stringEquals or stringMatch, and tags.  Each names its account,
 * and what service it is for.  A rule is a lock, so what might make it apply
 * to nothing is an error: a region that no service has, as in a denial.
 *
 * operations: rules can be for some kinds of API only.  All routes are of the
 * service's own API, which has no kinds: so they are meant by "all", and not
 * by the platform's.  A kind that is not known refuses the rule.
 *
 * A disabled rule is passed over unread, like one that cannot apply to a
 * loaded service.
 */

struct rule_nodes {
    uint32_t id, crn, contexts, resources, operations, mode;
};

static const char *const ignored[] = {"description", "href", "created_at",
    "created_by_id", "last_modified_at", "last_modified_by_id", "account_id",
    NULL};

static bool
is_disabled(const struct pdp__doc *doc, uint32_t ix)
{
    uint32_t mode =
        pdp__json_member(&doc->json, ix, PDP__LIT("enforcement_mode"));

    return mode != 0 && pdp__json_is(&doc->json, mode, PDP__JSON_STRING) &&
           pdp__str_eq(pdp__doc_text(doc, mode), PDP__LIT("disabled"));
}

/* Whether all of its resources are for something that is not loaded. */
static bool
is_elsewhere(struct pdp__restrictions_reader *r, uint32_t ix)
{
    const struct pdp__doc *doc = r->doc;
    uint32_t list = pdp__json_member(&doc->json, ix, PDP__LIT("resources"));

    if (list == 0 || !pdp__json_is(&doc->json, list, PDP__JSON_ARRAY) ||
        doc->json.nodes[list].cnt == 0) {
        return false;
    }
    PDP__JSON_EACH(&doc->json, list, item)
    {
        enum pdp__skip skip = pdp__policy_skip_resource(r->b, doc, ix, item);
        if (skip == PDP__SKIP_NOT || skip == PDP__SKIP_RESOURCE_GROUP) {
            return false;
        }
    }
    return true;
}

/* One kind of API; *covers: it has routes. */
static void
read_api_type(const struct pdp__doc *doc, uint32_t ix, bool *covers)
{
    static const char all[] =
        "crn:v1:bluemix:public:context-based-restrictions::::api-type:";
    static const char platform[] = "crn:v1:bluemix:public:context-based-"
                                   "restrictions::::platform-api-type:";
    uint32_t id = 0;
    const struct pdp__member members[] = {
        {"api_type_id", true, PDP__JSON_STRING, &id},
    };

    if (!pdp__doc_object(doc, ix, members, 1, NULL) || id == 0) {
        return;
    }
    pdp_str_t text = pdp__doc_text(doc, id);
    if (pdp__str_eq(text, pdp__str_z(all))) {
        *covers = true;
    } else if (!pdp__str_eq(text, pdp__str_z(platform))) {
        PDP__DOC_ADD(doc, UNKNOWN_NAME, id, all,
            "no service here has the kind of API \"%.*s\"", PDP__ARG(text));
    }
}

/* Whether it is for routes at all. */
static bool
read_operations(const struct pdp__doc *doc, uint32_t ix)
{
    uint32_t list = 0;
    const struct pdp__member members[] = {
        {"api_types", true, PDP__JSON_ARRAY, &list},
    };
    size_t errors = pdp_report_errors(doc->report);
    bool covers = false;

    if (!pdp__doc_object(doc, ix, members, 1, NULL) || list == 0) {
        return true;
    }
    if (doc->json.nodes[list].cnt == 0) {
        PDP__DOC_ADD(doc, EMPTY, list, "leave \"operations\" out to mean all",
            "no kind of API");
    }
    PDP__JSON_EACH(&doc->json, list, item)
    {
        read_api_type(doc, item, &covers);
    }
    return covers || pdp_report_errors(doc->report) != errors;
}

/* The account's item of `accounts`; PDP__NONE: no memory. */
static uint32_t
find_account(struct pdp__builder *b, pdp_str_t id)
{
    uint32_t ix = pdp__map_get(b, PDP__MAP_ACCOUNT, id);

    if (ix != PDP__NONE) {
        return ix;
    }
    struct pdp__text text = pdp__builder_text(b, id);
    struct pdp__account *item = PDP__NEW(b, accounts, ix);
    if (item == NULL) {
        return PDP__NONE;
    }
    item->id = text;
    return pdp__map_put(b, PDP__MAP_ACCOUNT, id, ix) ? ix : PDP__NONE;
}

/* One resource: an item of `reaches`, and the rule's account. */
static void
read_resource(struct pdp__restrictions_reader *r, uint32_t ix,
    uint32_t restriction, struct pdp__range *reaches)
{
    struct pdp__builder *b = r->b;
    struct pdp__policy_draft *draft = &r->draft;
    size_t errors = pdp_report_errors(r->doc->report);
    uint32_t reach_ix = 0;
    uint32_t pair_ix = 0;

    memset(draft, 0, sizeof(*draft));
    draft->doc = r->doc;
    draft->node = ix;
    draft->resource = ix;
    draft->v1 = true;
    draft->lock = true;
    draft->strict = true;
    draft->named = pdp__policy_named(b, r->doc, ix);
    if (!pdp__doc_is(r->doc, ix, PDP__JSON_OBJECT)) {
        return;
    }
    pdp__policy_resource(b, ix, draft);
    if (pdp_report_errors(r->doc->report) != errors || b->failed) {
        return;
    }
    struct pdp__reach reach = {
        .conditions = pdp__policy_conditions(b, &draft->resources, 0),
        .tags = pdp__tags_build(b, &draft->tags),
    };
    struct pdp__reach *item = PDP__NEW(b, reaches, reach_ix);
    struct pdp__pair *pair =
        pdp__builder_push(b, &b->account_restrictions, sizeof(*pair), &pair_ix);
    uint32_t account = find_account(b, draft->account);
    if (item != NULL && pair != NULL && account != PDP__NONE) {
        *item = reach;
        *pair = (struct pdp__pair){account, restriction};
        reaches->cnt++;
    }
}

static bool
read_mode(const struct pdp__doc *doc, uint32_t ix)
{
    static const char *const modes[] = {"enabled", "disabled", "report", NULL};
    char hint[PDP__HINT_CAP];
    pdp_str_t text = ix == 0 ? PDP__LIT("enabled") : pdp__doc_text(doc, ix);
    bool report = pdp__str_eq(text, pdp__str_z(modes[2]));

    if (!report && !pdp__str_eq(text, pdp__str_z(modes[0]))) {
        PDP__DOC_ADD(doc, BAD_VALUE, ix,
            pdp__hint_name(hint, sizeof(hint), text, modes),
            "\"%.*s\" is no mode of enforcement", PDP__ARG(text));
    }
    return report;
}

static struct pdp__text
read_id(struct pdp__restrictions_reader *r, uint32_t ix)
{
    const struct pdp__doc *doc = r->doc;
    pdp_str_t id;

    if (ix == 0) {
        id = pdp__doc_numbered(r->b, doc, r->number);
        return pdp__builder_text(r->b, id);
    }
    id = pdp__doc_text(doc, ix);
    if (pdp__doc_length(doc, ix, "an id", PDP__RESTRICTION_ID_MAX) &&
        !pdp__map_put(r->b, PDP__MAP_RULE, id, 0) && !r->b->failed) {
        PDP__DOC_ADD(doc, DUPLICATE_NAME, ix, NULL,
            "another rule has the id \"%.*s\"", PDP__ARG(id));
    }
    return pdp__builder_text(r->b, id);
}

/* The members that were found, of a rule that is for routes. */
static void
add_rule(struct pdp__restrictions_reader *r, const struct rule_nodes *n)
{
    struct pdp__builder *b = r->b;
    const struct pdp__doc *doc = r->doc;
    struct pdp__restriction rule = {.id = read_id(r, n->id)};
    uint32_t rule_ix = b->restrictions.cnt;

    rule.report = read_mode(doc, n->mode);
    if (n->crn != 0 &&
        pdp__doc_length(doc, n->crn, "a CRN", PDP__RESTRICTION_ID_MAX)) {
        rule.crn = pdp__builder_text(b, pdp__doc_text(doc, n->crn));
    }
    if (n->contexts != 0) {
        rule.contexts = pdp__restrictions_contexts(b, doc, n->contexts);
        if (doc->json.nodes[n->contexts].cnt == 0) {
            PDP__DOC_ADD(doc, CLOSED_RESTRICTION, n->contexts, NULL,
                "a rule without contexts lets nobody through");
        }
    }
    rule.reaches.first = b->reaches.cnt;
    if (n->resources != 0) {
        if (doc->json.nodes[n->resources].cnt == 0) {
            PDP__DOC_ADD(doc, EMPTY, n->resources, NULL,
                "a rule without resources");
        }
        PDP__JSON_EACH(&doc->json, n->resources, item)
        {
            read_resource(r, item, rule_ix, &rule.reaches);
        }
    }
    struct pdp__restriction *item = PDP__NEW(b, restrictions, rule_ix);
    if (item != NULL) {
        *item = rule;
    }
}

void
pdp__restrictions_rule(struct pdp__restrictions_reader *r, uint32_t ix)
{
    struct rule_nodes n = {0};
    const struct pdp__member members[] = {
        {"id", false, PDP__JSON_STRING, &n.id},
        {"crn", false, PDP__JSON_STRING, &n.crn},
        {"contexts", true, PDP__JSON_ARRAY, &n.contexts},
        {"resources", true, PDP__JSON_ARRAY, &n.resources},
        {"operations", false, PDP__JSON_OBJECT, &n.operations},
        {"enforcement_mode", false, PDP__JSON_STRING, &n.mode},
    };

    r->number++;
    if (is_disabled(r->doc, ix)) {
        r->disabled++;
        return;
    }
    if (is_elsewhere(r, ix)) {
        r->elsewhere++;
        return;
    }
    (void)pdp__doc_object(r->doc, ix, members, 6, ignored);
    if (n.operations != 0 && !read_operations(r->doc, n.operations)) {
        r->platform++;
        return;
    }
    add_rule(r, &n);
}
