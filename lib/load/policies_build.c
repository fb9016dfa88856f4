/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include "load/policies.h"

#include "base/buf.h"

/*
 * A policy that was read without errors -> the tables of the snapshot.
 *
 * It is compiled once for each loaded service it fits, because roles mean
 * different actions, and regions have different aliases, in each of them.
 * Deciding then looks at bits and texts only: roles have become sets of
 * actions, aliases of regions their canonical names.
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
        struct pdp__condition *item = PDP__NEW(b, conditions, ix);
        if (item == NULL) {
            break;
        }
        *item = (struct pdp__condition){.attr = c->attr,
            .op = c->op,
            .wanted = c->wanted,
            .values = values};
        out.cnt++;
    }
    return out;
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
    enum { NUMBER_MAX = 16 };
    pdp_str_t source = draft->doc->name;

    if (draft->id_node != 0) {
        return pdp__doc_text(draft->doc, draft->id_node);
    }
    char *room = pdp__arena_alloc(b->arena, source.len + NUMBER_MAX);
    if (room == NULL) {
        b->failed = true;
        return (pdp_str_t){NULL, 0};
    }
    struct pdp__buf buf = pdp__buf(room, source.len + NUMBER_MAX);
    pdp__buf_str(&buf, source);
    pdp__buf_char(&buf, '#');
    pdp__buf_int(&buf, draft->number);
    return pdp__buf_get(&buf);
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

void
pdp__policy_build(struct pdp__builder *b, const struct pdp__policy_draft *draft)
{
    uint32_t id_ix = 0;
    struct pdp__range copies = {b->policies.cnt, 0};
    struct pdp__text id = add_id(b, draft);

    if (id.off == 0 || !pdp__policy_deny(b, draft)) {
        return;
    }
    for (uint32_t s = 0; s < b->services.cnt; s++) {
        uint32_t ix = 0;
        if (!pdp__policy_fits(b, draft->doc, draft->resource, s)) {
            continue;
        }
        struct pdp__policy policy = {.id = id, .service = s};
        policy.subjects = add_conditions(b, &draft->subjects, s, false);
        policy.resources = add_conditions(b, &draft->resources, s, true);
        policy.grant_words = add_words(b, &draft->grant, s);
        policy.deny_words = add_words(b, &draft->deny, s);
        struct pdp__policy *item = PDP__NEW(b, policies, ix);
        if (item == NULL) {
            return;
        }
        *item = policy;
        copies.cnt++;
        index_subject(b, &draft->subjects, ix);
    }
    if (draft->id_node == 0) {
        return;
    }
    struct pdp__policy_id *item = PDP__NEW(b, policy_ids, id_ix);
    if (item != NULL) {
        *item = (struct pdp__policy_id){.id = id, .policies = copies};
    }
}
