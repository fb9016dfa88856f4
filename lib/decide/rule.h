/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#ifndef PDP__DECIDE_RULE_H
#define PDP__DECIDE_RULE_H

/* The rule of a policy: its conditions on time, on the environment and on
 * the resource. */

#include "decide/conditions.h"

/* Once in a decision, before pdp__rule_truth(): what the request says of the
 * environment -> flow->environment. */
void pdp__rule_environment(struct pdp__flow *flow);

/*
 * The rule (PDP__NONE: no rule, YES) for the resource.  When any of its times
 * changes next goes to flow->edge_sec; that it asks for the environment, to
 * flow->by_client.  *in_doubt becomes true if the answer is OPEN and would be
 * YES, were what the request does not give as wanted.
 */
enum pdp__truth pdp__rule_truth(struct pdp__flow *flow, uint32_t rule,
    const struct pdp__attr_value *attrs, bool *in_doubt);

/* What the tests of one rule are tried with. */
struct pdp__trial {
    const struct pdp__flow *flow;
    const struct pdp__attr_value *attrs;
    enum pdp__truth not_given; /* for OPEN in the environment */
};

/* Its parts, which only look: a whole rule, a group, a test. */
enum pdp__truth pdp__rule_try(const struct pdp__trial *trial,
    const struct pdp__rule *rule);
enum pdp__truth pdp__rule_group_truth(const struct pdp__trial *trial,
    const struct pdp__rule_group *group);
enum pdp__truth pdp__rule_test_truth(const struct pdp__trial *trial,
    const struct pdp__rule_test *test);

#endif
