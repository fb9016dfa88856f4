/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
/*
 * The stage after policy, context: where does the request come from, and
 * does every context-based restriction of the account allow that?
 *
 * A restriction never grants.  It is for a request if one of its resources
 * is: like a denial, unless an attribute is known to be another.  It is then
 * satisfied if one of its contexts holds, for which all must be known: an
 * address that is not given, or is none, is in no zone.  All that are
 * enforced must be satisfied; those that only report are told by the
 * decision.
 *
 * A route for every verified principal requires no action and so is about no
 * resource; restrictions of its service hold for it all the same.  A route
 * that is public has no account and no restrictions.
 *
 * Cost: the restrictions of one account, and for each that is for the
 * request a binary search in the zones that it names.
 */

#include "decide/context.h"

static bool
is_for_item(const struct pdp__block *block, const struct pdp__reach *reach,
    const struct pdp__item *item)
{
    struct pdp__view view = {block, (const char *)block, pdp__conditions(block),
        pdp__texts(block)};

    return pdp__conditions_truth(&view, reach->conditions, item->attrs) !=
               PDP__NO &&
           pdp__tags_truth(block, reach->tags, &item->tags) != PDP__NO;
}

static bool
is_for(const struct pdp__block *block, const struct pdp__restriction *r,
    const struct pdp__item *items, uint32_t item_cnt)
{
    const struct pdp__reach *reaches = &pdp__reaches(block)[r->reaches.first];

    for (uint32_t i = 0; i < r->reaches.cnt; i++) {
        for (uint32_t k = 0; k < item_cnt; k++) {
            if (is_for_item(block, &reaches[i], &items[k])) {
                return true;
            }
        }
    }
    return false;
}

static bool
is_in_zone(const struct pdp__block *block, const struct pdp__zone *zone,
    const struct pdp__ip *ip)
{
    struct pdp__range range = ip->v6 ? zone->v6 : zone->v4;
    const struct pdp__ip_span *spans = &pdp__zone_spans(block)[range.first];
    uint32_t low = 0;
    uint32_t high = range.cnt;

    /* The last span that does not begin behind the address. */
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (pdp__ip_cmp(spans[middle].first, ip->bits) <= 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low > 0 && pdp__ip_cmp(ip->bits, spans[low - 1].last) <= 0;
}

static bool
test_holds(const struct pdp__block *block, const struct pdp__context_test *test,
    const struct pdp__scene *scene)
{
    if (test->endpoints != 0) {
        return (test->endpoints & scene->endpoint) != 0;
    }
    for (uint32_t i = 0; i < test->zones.cnt && scene->has_ip; i++) {
        uint32_t ix = pdp__numbers(block)[test->zones.first + i];
        if (is_in_zone(block, &pdp__zones(block)[ix], &scene->ip)) {
            return true;
        }
    }
    return false;
}

static bool
group_holds(const struct pdp__block *block,
    const struct pdp__context_group *group, const struct pdp__scene *scene)
{
    const struct pdp__context_test *tests =
        &pdp__context_tests(block)[group->tests.first];

    for (uint32_t i = 0; i < group->tests.cnt; i++) {
        if (!test_holds(block, &tests[i], scene)) {
            return false;
        }
    }
    /* A context without tests is refused when it is loaded: it would be met
     * from anywhere. */
    return !PDP_NEVER(group->tests.cnt == 0);
}

static bool
is_satisfied(const struct pdp__block *block, const struct pdp__restriction *r,
    const struct pdp__scene *scene)
{
    const struct pdp__context_group *groups =
        &pdp__contexts(block)[r->contexts.first];

    for (uint32_t i = 0; i < r->contexts.cnt; i++) {
        if (group_holds(block, &groups[i], scene)) {
            return true;
        }
    }
    return false;
}

const struct pdp__context_test *
pdp__context_obstacle(const struct pdp__flow *flow,
    const struct pdp__scene *scene, const struct pdp__restriction *r)
{
    const struct pdp__block *block = flow->block;

    if (r->contexts.cnt == 0) {
        return NULL;
    }
    struct pdp__range range = pdp__contexts(block)[r->contexts.first].tests;
    const struct pdp__context_test *tests =
        &pdp__context_tests(block)[range.first];
    uint32_t i = 0;
    while (i + 1 < range.cnt && test_holds(block, &tests[i], scene)) {
        i++;
    }
    return &tests[i]; /* one of them does not hold */
}

struct pdp__range
pdp__context_scene(const struct pdp__flow *flow, struct pdp__scene *scene)
{
    const struct pdp__block *block = flow->block;
    uint32_t account = block->restrictions.cnt == 0
                           ? PDP__NONE
                           : pdp__find_account(block, flow->principal.account);

    if (account == PDP__NONE) {
        return (struct pdp__range){0, 0};
    }
    memset(scene, 0, sizeof(*scene));
    scene->has_ip = pdp__ip_parse(flow->request->client_address, &scene->ip);
    enum pdp__endpoint endpoint =
        pdp__endpoint_find(flow->request->endpoint_type);
    scene->endpoint = endpoint == PDP__ENDPOINT_NONE ? 0 : 1u << endpoint;
    scene->items = flow->items;
    scene->item_cnt = flow->item_cnt;
    if (scene->item_cnt == 0) {
        pdp__resource_common(flow, &scene->whole, flow->routed.region);
        scene->items = &scene->whole;
        scene->item_cnt = 1;
    }
    return pdp__accounts(block)[account].restrictions;
}

enum pdp__saying
pdp__context_says(const struct pdp__flow *flow, const struct pdp__scene *scene,
    const struct pdp__restriction *r)
{
    if (!is_for(flow->block, r, scene->items, scene->item_cnt)) {
        return PDP__SAYS_NOTHING;
    }
    return is_satisfied(flow->block, r, scene) ? PDP__SAYS_YES : PDP__SAYS_NO;
}

/* What is told first: what denied, then what would deny. */
static int
rank(const struct pdp__flow *flow, const struct pdp__verdict *verdict)
{
    if (!verdict->denies) {
        return 0;
    }
    return pdp__restrictions(flow->block)[verdict->restriction].report != 0 ? 1
                                                                            : 2;
}

/* Kept for the accessors; where there is no room, in the place of one that
 * matters less. */
static void
note(struct pdp__flow *flow, uint32_t restriction, bool denies)
{
    struct pdp__verdict verdict = {restriction, denies};
    uint32_t least = 0;

    if (flow->verdict_cnt < PDP__VERDICTS_MAX) {
        flow->verdicts[flow->verdict_cnt++] = verdict;
        return;
    }
    for (uint32_t i = 1; i < PDP__VERDICTS_MAX; i++) {
        if (rank(flow, &flow->verdicts[i]) <=
            rank(flow, &flow->verdicts[least])) {
            least = i;
        }
    }
    if (rank(flow, &flow->verdicts[least]) < rank(flow, &verdict)) {
        flow->verdicts[least] = verdict;
    }
}

bool
pdp__context(struct pdp__flow *flow)
{
    const struct pdp__block *block = flow->block;
    struct pdp__scene scene;
    struct pdp__range range = pdp__context_scene(flow, &scene);
    bool denied = false;

    for (uint32_t i = 0; i < range.cnt; i++) {
        uint32_t ix = pdp__numbers(block)[range.first + i];
        const struct pdp__restriction *r = &pdp__restrictions(block)[ix];
        enum pdp__saying says = pdp__context_says(flow, &scene, r);
        if (says == PDP__SAYS_NOTHING) {
            continue;
        }
        /* No cache knows a request by where it comes from. */
        flow->by_client = flow->by_client || r->contexts.cnt > 0;
        bool denies = says == PDP__SAYS_NO;
        if (denies || r->report != 0) {
            note(flow, ix, denies);
        }
        denied = denied || (denies && r->report == 0);
    }
    if (denied) {
        return pdp__deny(flow, PDP_REASON_CONTEXT_DENIED);
    }
    return true;
}
