/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
/*
 * Which roles have what is missing, and which of them to take: one that has
 * all that is missing on a resource, or the smallest for each action,
 * whichever gives fewer actions; of two, the one that the definition lists
 * first.
 *
 * What is missing on one resource is dealt with together, at the first of
 * its required actions, its place.
 */

#include "decide/explain.h"

const enum pdp__attr pdp__narrowing[PDP__NARROWING] = {PDP__ATTR_REGION,
    PDP__ATTR_RESOURCE_TYPE, PDP__ATTR_RESOURCE};

static uint32_t
count_bits(const uint64_t *words, uint32_t cnt)
{
    uint32_t bits = 0;

    for (uint32_t w = 0; w < cnt; w++) {
        for (uint64_t word = words[w]; word != 0; word &= word - 1) {
            bits++;
        }
    }
    return bits;
}

static uint32_t
set_words(const struct pdp__flow *flow)
{
    return pdp__services(flow->block)[flow->routed.service].action_words;
}

static uint32_t
size_of(const struct pdp__flow *flow, uint32_t role)
{
    return count_bits(&pdp__words(
                          flow->block)[pdp__roles(flow->block)[role].words],
        set_words(flow));
}

/* Whether a role has an action, and can be granted in this account. */
static bool
can_give(const struct pdp__flow *flow, uint32_t role, uint32_t action)
{
    const struct pdp__block *block = flow->block;
    const struct pdp__role *row = &pdp__roles(block)[role];

    return (row->account.off == 0 || pdp__str_eq(pdp__text(block, row->account),
                                         flow->principal.account)) &&
           pdp__words_has(block, row->words, pdp__actions(block)[action].bit);
}

/* Sorted in: roles with fewer actions first. */
static void
add_role(struct pdp__missing *missing, pdp_helpful_role_t role)
{
    uint32_t at = missing->role_cnt++;

    for (; at > 0 && missing->roles[at - 1].action_cnt > role.action_cnt;
         at--) {
        missing->roles[at] = missing->roles[at - 1];
    }
    missing->roles[at] = role;
}

void
pdp__explain_missing(struct pdp__explainer *x, uint32_t action, bool helps)
{
    const struct pdp__flow *flow = x->flow;
    const struct pdp__block *block = flow->block;
    struct pdp__range roles = pdp__services(block)[flow->routed.service].roles;
    pdp_helpful_role_t *room =
        pdp__arena_array(&x->out->arena, roles.cnt, sizeof(*room));
    struct pdp__missing *missing =
        room == NULL
            ? NULL
            : pdp__vec_push(&x->out->arena, &x->out->missing, sizeof(*missing));

    if (missing == NULL) {
        x->failed = true;
        return;
    }
    missing->action = pdp__explain_copy(x,
        pdp__text(block, pdp__actions(block)[action].name));
    missing->roles = room;
    for (uint32_t i = 0; helps && i < roles.cnt; i++) {
        uint32_t ix = roles.first + i;
        const struct pdp__role *role = &pdp__roles(block)[ix];
        if (can_give(flow, ix, action)) {
            add_role(missing,
                (pdp_helpful_role_t){.name = pdp__explain_copy(x,
                                         pdp__text(block, role->name)),
                    .crn = pdp__explain_copy(x, pdp__text(block, role->crn)),
                    .custom = role->custom != 0,
                    .action_cnt = size_of(flow, ix)});
        }
    }
}

/* The smallest role with an action, or PDP__NONE. */
static uint32_t
smallest(const struct pdp__flow *flow, uint32_t action)
{
    struct pdp__range roles =
        pdp__services(flow->block)[flow->routed.service].roles;
    uint32_t best = PDP__NONE;

    for (uint32_t i = 0; i < roles.cnt; i++) {
        uint32_t ix = roles.first + i;
        if (can_give(flow, ix, action) &&
            (best == PDP__NONE || size_of(flow, ix) < size_of(flow, best))) {
            best = ix;
        }
    }
    return best;
}

bool
pdp__is_missing(const struct pdp__item *item)
{
    return !item->granted;
}

static bool
same_value(const struct pdp__attr_value *a, const struct pdp__attr_value *b)
{
    return a->state == b->state &&
           (a->state != PDP_ATTRIBUTE_KNOWN || pdp__str_eq(a->value, b->value));
}

/* Whether one policy can be for both. */
static bool
same_place(const struct pdp__item *a, const struct pdp__item *b)
{
    struct pdp__attr_value left[PDP__ATTR_COUNT];
    struct pdp__attr_value right[PDP__ATTR_COUNT];
    const struct pdp__attr_value *of_a = pdp__grant_attrs(a, left);
    const struct pdp__attr_value *of_b = pdp__grant_attrs(b, right);

    for (size_t i = 0; i < PDP__NARROWING; i++) {
        if (!same_value(&of_a[pdp__narrowing[i]], &of_b[pdp__narrowing[i]])) {
            return false;
        }
    }
    return true;
}

bool
pdp__is_first_place(const struct pdp__flow *flow, uint32_t ix)
{
    for (uint32_t i = 0; i < ix; i++) {
        if (pdp__is_missing(&flow->items[i]) &&
            same_place(&flow->items[i], &flow->items[ix])) {
            return false;
        }
    }
    return true;
}

static bool
gives_all(const struct pdp__flow *flow, uint32_t role, uint32_t place)
{
    for (uint32_t i = place; i < flow->item_cnt; i++) {
        const struct pdp__item *item = &flow->items[i];
        if (pdp__is_missing(item) && same_place(item, &flow->items[place]) &&
            !can_give(flow, role, item->action)) {
            return false;
        }
    }
    return true;
}

/* The smallest role for each action that those before do not give. */
static bool
choose_each(const struct pdp__flow *flow, uint32_t place,
    struct pdp__choice *out)
{
    out->cnt = 0;
    for (uint32_t i = place; i < flow->item_cnt; i++) {
        const struct pdp__item *item = &flow->items[i];
        bool given =
            !pdp__is_missing(item) || !same_place(item, &flow->items[place]);
        for (uint32_t k = 0; k < out->cnt && !given; k++) {
            given = can_give(flow, out->roles[k], item->action);
        }
        if (given) {
            continue;
        }
        uint32_t role = smallest(flow, item->action);
        if (role == PDP__NONE) {
            return false;
        }
        out->roles[out->cnt++] = role;
    }
    return true;
}

/* How many actions the roles have together. */
static uint32_t
union_size(struct pdp__explainer *x, const struct pdp__choice *choice)
{
    const struct pdp__flow *flow = x->flow;
    uint32_t cnt = set_words(flow);
    uint64_t *set = pdp__arena_array(&x->out->arena, cnt, sizeof(*set));

    if (set == NULL) {
        x->failed = true;
        return 0;
    }
    for (uint32_t i = 0; i < choice->cnt; i++) {
        const uint64_t *words = &pdp__words(
            flow->block)[pdp__roles(flow->block)[choice->roles[i]].words];
        for (uint32_t w = 0; w < cnt; w++) {
            set[w] |= words[w];
        }
    }
    return count_bits(set, cnt);
}

bool
pdp__explain_choose(struct pdp__explainer *x, uint32_t place,
    struct pdp__choice *out)
{
    const struct pdp__flow *flow = x->flow;
    struct pdp__range roles =
        pdp__services(flow->block)[flow->routed.service].roles;

    if (!choose_each(flow, place, out)) {
        return false;
    }
    uint32_t least = union_size(x, out);
    for (uint32_t i = 0; i < roles.cnt && out->cnt > 1; i++) {
        uint32_t ix = roles.first + i;
        if (gives_all(flow, ix, place) && size_of(flow, ix) <= least) {
            least = size_of(flow, ix);
            *out = (struct pdp__choice){1, {ix}};
        }
    }
    return true;
}
