/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
/*
 * Three-valued evaluation of a policy's rule: two levels of and/or over
 * tests that are true, false, or open because the attribute is not known.
 *
 *     and   false if one is false, else open if one is open
 *     or    true if one is true, else open if one is open
 *
 * There is one clock, the request's now_sec; texts, offsets and calendars
 * were turned into seconds when the policy was loaded (model/span.h), so no
 * zone and no environment of the process has a say.
 *
 * Times are never open, and every other input of a decision stands still: so
 * the answer is good until the first edge of a time that was looked at.  What
 * was said of the environment is no part of what a cache knows a request by:
 * an answer that looked at it is good for this request only.
 */

#include "decide/rule.h"

static void
set_known(struct pdp__flow *flow, enum pdp__environment environment,
    pdp_str_t value, bool known)
{
    flow->environment[environment] =
        (struct pdp__attr_value){known ? PDP_ATTRIBUTE_KNOWN
                                       : PDP_ATTRIBUTE_UNKNOWN,
            known ? value : (pdp_str_t){NULL, 0}, {0, 0}};
}

void
pdp__rule_environment(struct pdp__flow *flow)
{
    pdp_str_t type = flow->request->endpoint_type;
    pdp_str_t address = {NULL, 0};
    struct pdp__ip ip;

    if (pdp__ip_parse(flow->request->client_address, &ip)) {
        address = pdp__ip_render(&ip, flow->address);
    }
    set_known(flow, PDP__ENV_OTHER, address, false);
    set_known(flow, PDP__ENV_IP_ADDRESS, address, address.ptr != NULL);
    set_known(flow, PDP__ENV_ENDPOINT_TYPE, type,
        pdp__endpoint_type_check(type));
}

static bool
in_time(const struct pdp__trial *trial, const struct pdp__rule_test *test)
{
    const struct pdp__span *spans =
        &pdp__spans(trial->flow->block)[test->spans.first];

    for (uint32_t i = 0; i < test->spans.cnt; i++) {
        if (pdp__span_holds(&spans[i], trial->flow->request->now_sec)) {
            return true;
        }
    }
    return false;
}

enum pdp__truth
pdp__rule_test_truth(const struct pdp__trial *trial,
    const struct pdp__rule_test *test)
{
    const struct pdp__block *block = trial->flow->block;
    struct pdp__view view = {block, (const char *)block, pdp__conditions(block),
        pdp__texts(block)};
    struct pdp__range one = {test->condition, 1};

    if (test->topic == PDP__TOPIC_TIME) {
        return in_time(trial, test) ? PDP__YES : PDP__NO;
    }
    if (test->topic == PDP__TOPIC_RESOURCE) {
        return pdp__conditions_truth(&view, one, trial->attrs);
    }
    if (PDP_NEVER(test->topic != PDP__TOPIC_ENVIRONMENT)) {
        return PDP__OPEN; /* grants nothing, and denies */
    }
    enum pdp__truth truth =
        pdp__conditions_truth(&view, one, trial->flow->environment);
    return truth == PDP__OPEN ? trial->not_given : truth;
}

/* `so_far` and one more; both sorts of list begin with what adds nothing. */
static enum pdp__truth
join(bool any, enum pdp__truth so_far, enum pdp__truth one)
{
    if (any) {
        return one > so_far ? one : so_far;
    }
    return one < so_far ? one : so_far;
}

enum pdp__truth
pdp__rule_group_truth(const struct pdp__trial *trial,
    const struct pdp__rule_group *group)
{
    const struct pdp__rule_test *tests =
        &pdp__rule_tests(trial->flow->block)[group->tests.first];
    bool any = group->any != 0;
    enum pdp__truth truth = any ? PDP__NO : PDP__YES;

    for (uint32_t i = 0; i < group->tests.cnt; i++) {
        truth = join(any, truth, pdp__rule_test_truth(trial, &tests[i]));
    }
    return truth;
}

enum pdp__truth
pdp__rule_try(const struct pdp__trial *trial, const struct pdp__rule *rule)
{
    const struct pdp__rule_group *groups =
        &pdp__rule_groups(trial->flow->block)[rule->groups.first];
    bool any = rule->any != 0;
    enum pdp__truth truth = any ? PDP__NO : PDP__YES;

    for (uint32_t i = 0; i < rule->groups.cnt; i++) {
        truth = join(any, truth, pdp__rule_group_truth(trial, &groups[i]));
    }
    return truth;
}

/* All of them, also of tests that others made irrelevant: they need not stay
 * so. */
static void
note_limits(struct pdp__flow *flow, const struct pdp__rule *rule)
{
    const struct pdp__block *block = flow->block;
    const struct pdp__rule_group *groups =
        &pdp__rule_groups(block)[rule->groups.first];

    for (uint32_t g = 0; g < rule->groups.cnt; g++) {
        for (uint32_t t = 0; t < groups[g].tests.cnt; t++) {
            const struct pdp__rule_test *test =
                &pdp__rule_tests(block)[groups[g].tests.first + t];
            struct pdp__range spans = test->spans;
            flow->by_client =
                flow->by_client || test->topic == PDP__TOPIC_ENVIRONMENT;
            for (uint32_t s = 0; s < spans.cnt; s++) {
                int64_t edge =
                    pdp__span_edge(&pdp__spans(block)[spans.first + s],
                        flow->request->now_sec);
                if (flow->edge_sec == 0 || edge < flow->edge_sec) {
                    flow->edge_sec = edge;
                }
            }
        }
    }
}

enum pdp__truth
pdp__rule_truth(struct pdp__flow *flow, uint32_t rule,
    const struct pdp__attr_value *attrs, bool *in_doubt)
{
    struct pdp__trial trial = {flow, attrs, PDP__OPEN};

    if (rule == PDP__NONE) {
        return PDP__YES;
    }
    const struct pdp__rule *compiled = &pdp__rules(flow->block)[rule];
    enum pdp__truth truth = pdp__rule_try(&trial, compiled);
    note_limits(flow, compiled);
    if (truth == PDP__OPEN) {
        trial.not_given = PDP__YES;
        *in_doubt = *in_doubt || pdp__rule_try(&trial, compiled) == PDP__YES;
    }
    return truth;
}
