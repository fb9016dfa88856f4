/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include "load/policies.h"

/*
 * A policy that was read without errors -> the tables of the snapshot.
 *
 * It is compiled once for each loaded service it fits, because roles mean
 * different actions, and regions have different aliases, in each of them.
 * Deciding then looks at bits and texts only: roles have become sets of
 * actions, aliases of regions their canonical names.
 *
 * A rule becomes three tables of fixed shape, its times stretches of seconds.
 *
 * Index: a policy is listed with the first subject it names by
 * stringEquals; all conditions on the subject are evaluated all the same,
 * so the choice changes the cost and not the outcome.  Policies that only
 * ask for the existence of an attribute are tried for every principal.
 * Policies without a subject stand in neither list: a token can name them
 * by id.
 *
 * A policy without an id is called "<source>#<number>" where a decision
 * names it.  No token can use that name: whom it means would change with the
 * order of the file.
 */

static const char public_group[] = "AccessGroupId-PublicAccess";

/* The value as it is compared: regions by their canonical name. */
static pdp_str_t
canonical(const struct pdp__builder *b, uint32_t service,
    const struct pdp__draft_condition *c, uint32_t ix, bool resource)
{
    if (resource && c->attr == PDP__ATTR_REGION &&
        (c->op == PDP__OP_STRING_EQUALS ||
            c->op == PDP__OP_STRING_EQUALS_ANY_OF)) {
        uint32_t region = pdp__region_find(b, service, c->values[ix]);
        /* An older name that only another service knows means the same. */
        for (uint32_t s = 0; region == PDP__NONE && s < b->services.cnt; s++) {
            region = pdp__region_find(b, s, c->values[ix]);
        }
        if (region != PDP__NONE) {
            return pdp__builder_str(b,
                PDP__ITEM(b, regions, struct pdp__region, region)->region);
        }
    }
    return c->values[ix];
}

static struct pdp__range
add_conditions(struct pdp__builder *b, const struct pdp__draft_list *list,
    uint32_t service, bool resource)
{
    struct pdp__range out = {b->conditions.cnt, 0};

    for (uint32_t i = 0; i < list->cnt; i++) {
        const struct pdp__draft_condition *c = &list->items[i];
        struct pdp__range values = {0, 0};
        uint32_t ix = 0;
        for (uint32_t v = 0; v < c->cnt; v++) {
            pdp__range_add(b, &values, canonical(b, service, c, v, resource));
        }
        struct pdp__text name = resource && c->attr == PDP__ATTR_OTHER
                                    ? pdp__builder_text(b, c->name)
                                    : (struct pdp__text){0, 0};
        struct pdp__condition *item = PDP__NEW(b, conditions, ix);
        if (item == NULL) {
            break;
        }
        *item = (struct pdp__condition){.attr = c->attr,
            .op = c->op,
            .wanted = c->wanted,
            .values = values,
            .name = name};
        out.cnt++;
    }
    return out;
}

struct pdp__range
pdp__policy_conditions(struct pdp__builder *b,
    const struct pdp__draft_list *list, uint32_t service)
{
    return add_conditions(b, list, service, true);
}

static struct pdp__range
add_spans(struct pdp__builder *b, const struct pdp__draft_test *test)
{
    struct pdp__range out = {b->spans.cnt, 0};
    uint32_t ix = 0;

    for (uint32_t i = 0; i < test->span_cnt; i++) {
        struct pdp__span *item = PDP__NEW(b, spans, ix);
        if (item == NULL) {
            break;
        }
        *item = test->spans[i];
        out.cnt++;
    }
    return out;
}

/* The values of a test as they were written, for people. */
static struct pdp__range
add_wanted(struct pdp__builder *b, const struct pdp__doc *doc, uint32_t value)
{
    struct pdp__range out = {0, 0};

    switch (doc->json.nodes[value].type) {
    case PDP__JSON_ARRAY:
        PDP__JSON_EACH(&doc->json, value, item)
        {
            pdp__range_add(b, &out, pdp__doc_text(doc, item));
        }
        break;
    case PDP__JSON_TRUE:
        pdp__range_add(b, &out, PDP__LIT("true"));
        break;
    case PDP__JSON_FALSE:
        pdp__range_add(b, &out, PDP__LIT("false"));
        break;
    default:
        pdp__range_add(b, &out, pdp__doc_text(doc, value));
        break;
    }
    return out;
}

static struct pdp__range
add_tests(struct pdp__builder *b, const struct pdp__policy_draft *draft,
    const struct pdp__draft_group *group, struct pdp__range resources,
    struct pdp__range environment)
{
    const struct pdp__draft_rule *rule = &draft->rule;
    const struct pdp__doc *doc = draft->doc;
    struct pdp__range out = {b->rule_tests.cnt, 0};
    uint32_t ix = 0;

    for (uint32_t i = 0; i < group->cnt; i++) {
        const struct pdp__draft_test *test = &rule->tests[group->first + i];
        struct pdp__range from =
            test->topic == PDP__TOPIC_RESOURCE ? resources : environment;
        struct pdp__rule_test compiled = {.topic = test->topic,
            .condition = test->topic == PDP__TOPIC_TIME
                             ? 0
                             : from.first + test->condition,
            .spans = add_spans(b, test),
            .key = pdp__builder_text(b, pdp__doc_text(doc, test->key)),
            .op = pdp__builder_text(b, pdp__doc_text(doc, test->op)),
            .wanted = add_wanted(b, doc, test->value)};
        struct pdp__rule_test *item = PDP__NEW(b, rule_tests, ix);
        if (item == NULL) {
            break;
        }
        *item = compiled;
        out.cnt++;
    }
    return out;
}

/* The rule in the tables; PDP__NONE: the policy has none. */
static uint32_t
add_rule(struct pdp__builder *b, const struct pdp__policy_draft *draft,
    uint32_t service)
{
    const struct pdp__draft_rule *rule = &draft->rule;
    uint32_t ix = 0;

    if (rule->group_cnt == 0) {
        return PDP__NONE;
    }
    struct pdp__range resources =
        add_conditions(b, &rule->resources, service, true);
    struct pdp__range environment =
        add_conditions(b, &rule->environment, service, false);
    struct pdp__range groups = {b->rule_groups.cnt, 0};
    for (uint32_t g = 0; g < rule->group_cnt; g++) {
        struct pdp__rule_group compiled = {.any = rule->groups[g].any,
            .tests =
                add_tests(b, draft, &rule->groups[g], resources, environment)};
        struct pdp__rule_group *item = PDP__NEW(b, rule_groups, ix);
        if (item == NULL) {
            return PDP__NONE; /* b->failed: nothing is built */
        }
        *item = compiled;
        groups.cnt++;
    }
    struct pdp__rule *item = PDP__NEW(b, rules, ix);
    if (item == NULL) {
        return PDP__NONE;
    }
    *item = (struct pdp__rule){.any = rule->any, .groups = groups};
    return ix;
}

/* A grant at no time is hardly what was meant. */
static void
note_rule(const struct pdp__builder *b, const struct pdp__policy_draft *draft)
{
    if (draft->grant.cnt == 0) {
        return;
    }
    for (uint32_t s = 0; s < b->services.cnt; s++) {
        if (pdp__policy_fits(b, draft->doc, draft->resource, s) &&
            pdp__rule_can_hold(b, draft, s)) {
            return;
        }
    }
    pdp__report_add(draft->doc->report, PDP__CODE_DEAD_RULE,
        pdp__doc_place_key(draft->doc, draft->rule.node), NULL,
        "the rule can never hold: the policy grants nothing");
}

/* The union of the roles' actions; PDP__NONE if no role is listed. */
static uint32_t
add_words(struct pdp__builder *b, const struct pdp__draft_roles *roles,
    uint32_t service)
{
    uint32_t cnt =
        PDP__ITEM(b, services, struct pdp__service, service)->action_words;

    if (roles->cnt == 0) {
        return PDP__NONE;
    }
    uint32_t first = pdp__builder_words(b, cnt);
    if (first == PDP__NONE) {
        return PDP__NONE;
    }
    for (uint32_t i = 0; i < roles->cnt; i++) {
        uint32_t ix = pdp__builder_role(b, roles->ids[i], service);
        uint32_t words = ix == PDP__NONE
                             ? PDP__NONE
                             : PDP__ITEM(b, roles, struct pdp__role, ix)->words;
        for (uint32_t w = 0; w < cnt && words != PDP__NONE; w++) {
            *PDP__ITEM(b, words, uint64_t, first + w) |=
                *PDP__ITEM(b, words, uint64_t, words + w);
        }
    }
    return first;
}

/* The roles as they were written, for people. */
static struct pdp__range
add_roles(struct pdp__builder *b, const struct pdp__policy_draft *draft)
{
    struct pdp__range out = {0, 0};

    for (uint32_t i = 0; i < draft->grant.cnt; i++) {
        pdp__range_add(b, &out, draft->grant.ids[i]);
    }
    for (uint32_t i = 0; i < draft->deny.cnt; i++) {
        pdp__range_add(b, &out, draft->deny.ids[i]);
    }
    return out;
}

static void
add_pair(struct pdp__builder *b, struct pdp__vec *vec, uint32_t left,
    uint32_t right)
{
    uint32_t ix = 0;
    struct pdp__pair *pair = pdp__builder_push(b, vec, sizeof(*pair), &ix);

    if (pair != NULL) {
        *pair = (struct pdp__pair){left, right};
    }
}

/* Lists the policy with those it can be for. */
static void
index_subject(struct pdp__builder *b, const struct pdp__draft_list *subjects,
    uint32_t policy)
{
    uint32_t ix = 0;

    if (subjects->cnt == 0) {
        return;
    }
    for (uint32_t i = 0; i < subjects->cnt; i++) {
        const struct pdp__draft_condition *c = &subjects->items[i];
        if (c->op != PDP__OP_STRING_EQUALS) {
            continue;
        }
        uint32_t subject = pdp__builder_subject(b, c->values[0]);
        if (c->attr == PDP__SUBJECT_ACCESS_GROUP_ID &&
            pdp__str_eq(c->values[0], pdp__str_z(public_group))) {
            b->public_group = subject;
        }
        add_pair(b, &b->subject_policies, subject, policy);
        return;
    }
    uint32_t *slot = pdp__builder_push(b, &b->any_policies, sizeof(*slot), &ix);
    if (slot != NULL) {
        *slot = policy;
    }
}

/* The id as written, or "<source>#<number>"; absent: no memory. */
static pdp_str_t
id_of(struct pdp__builder *b, const struct pdp__policy_draft *draft)
{
    return draft->id_node != 0
               ? pdp__doc_text(draft->doc, draft->id_node)
               : pdp__doc_numbered(b, draft->doc, draft->number);
}

/* The id in the table of texts; absent: reported, or no memory. */
static struct pdp__text
add_id(struct pdp__builder *b, const struct pdp__policy_draft *draft)
{
    pdp_str_t id = id_of(b, draft);
    struct pdp__text none = {0, 0};
    const struct pdp__doc *doc = draft->doc;

    if (id.ptr == NULL) {
        return none;
    }
    if (draft->id_node != 0 &&
        !pdp__map_put(b, PDP__MAP_POLICY_ID, id, b->policy_ids.cnt) &&
        !b->failed) {
        PDP__DOC_ADD(doc, DUPLICATE_NAME, draft->id_node, NULL,
            "another policy has the id \"%.*s\"", PDP__ARG(id));
        return none;
    }
    return pdp__builder_text(b, id);
}

struct pdp__text
pdp__policy_name(struct pdp__builder *b, const struct pdp__policy_draft *draft)
{
    return add_id(b, draft);
}

void
pdp__policy_compile(struct pdp__builder *b,
    const struct pdp__policy_draft *draft, struct pdp__text id)
{
    for (uint32_t s = 0; s < b->services.cnt; s++) {
        uint32_t ix = 0;
        if (!pdp__policy_fits(b, draft->doc, draft->resource, s)) {
            continue;
        }
        struct pdp__policy policy = {.id = id, .service = s};
        policy.subjects = add_conditions(b, &draft->subjects, s, false);
        policy.resources = add_conditions(b, &draft->resources, s, true);
        policy.tags = pdp__tags_build(b, &draft->tags);
        policy.grant_words = add_words(b, &draft->grant, s);
        policy.deny_words = add_words(b, &draft->deny, s);
        policy.rule = add_rule(b, draft, s);
        policy.roles = add_roles(b, draft);
        struct pdp__policy *item = PDP__NEW(b, policies, ix);
        if (item == NULL) {
            return;
        }
        *item = policy;
        index_subject(b, &draft->subjects, ix);
    }
}

void
pdp__policy_list(struct pdp__builder *b, const struct pdp__policy_draft *draft,
    struct pdp__text id, uint32_t first)
{
    uint32_t ix = 0;

    if (draft->id_node == 0) {
        return;
    }
    struct pdp__policy_id *item = PDP__NEW(b, policy_ids, ix);
    if (item != NULL) {
        *item = (struct pdp__policy_id){.id = id,
            .policies = {first, b->policies.cnt - first}};
    }
}

void
pdp__policy_build(struct pdp__builder *b, const struct pdp__policy_draft *draft)
{
    uint32_t first = b->policies.cnt;
    struct pdp__text id = pdp__policy_name(b, draft);

    if (id.off == 0 || !pdp__policy_deny(b, draft)) {
        return;
    }
    if (draft->rule.group_cnt > 0) {
        note_rule(b, draft);
    }
    pdp__policy_compile(b, draft, id);
    pdp__policy_list(b, draft, id, first);
}
