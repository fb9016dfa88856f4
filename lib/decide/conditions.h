/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#ifndef PDP__DECIDE_CONDITIONS_H
#define PDP__DECIDE_CONDITIONS_H

/* Conditions of a policy against the attributes of one resource. */

#include "decide/flow.h"

/* OPEN: an attribute is unknown here.  A grant needs YES; a deny applies
 * unless it is NO. */
enum pdp__truth { PDP__NO = 0, PDP__OPEN, PDP__YES };

/* Conditions and where their texts are: of the block, or of a token. */
struct pdp__view {
    const struct pdp__block *block; /* names of attributes' values */
    const char *base;
    const struct pdp__condition *conditions;
    const struct pdp__text *values;
};

/* All conditions of a range together; no condition at all is YES. */
enum pdp__truth pdp__conditions_truth(const struct pdp__view *view,
    struct pdp__range range, const struct pdp__attr_value *attrs);

#endif
