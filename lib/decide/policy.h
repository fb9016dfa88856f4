/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#ifndef PDP__DECIDE_POLICY_H
#define PDP__DECIDE_POLICY_H

/* What stage 9 asks of claims and policies; explanations ask the same. */

#include "decide/tags.h"

/* The resource as grants see it; room is used where that differs. */
const struct pdp__attr_value *pdp__grant_attrs(const struct pdp__item *item,
    struct pdp__attr_value room[static PDP__ATTR_COUNT]);
struct pdp__item_tags pdp__grant_tags(const struct pdp__item *item);

/* Conditions on the subject, all together; without any it is YES. */
enum pdp__truth pdp__subject_truth(const struct pdp__flow *flow,
    struct pdp__range subjects);

/* The role of the service that a token claims, or PDP__NONE. */
uint32_t pdp__claimed_role(const struct pdp__flow *flow,
    const struct pdp__named *role);

/* Whether a set of an inline policy, at an offset of the record, has an
 * action. */
bool pdp__inline_has(const struct pdp__token *token, uint32_t off,
    uint32_t bit);

#endif
