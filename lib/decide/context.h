/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#ifndef PDP__DECIDE_CONTEXT_H
#define PDP__DECIDE_CONTEXT_H

/* What context-based restrictions say of a request; all of it only looks. */

#include "decide/tags.h"

/* What is asked for, and where from. */
struct pdp__scene {
    bool has_ip;
    struct pdp__ip ip;
    uint32_t endpoint; /* one bit, or none */
    const struct pdp__item *items;
    uint32_t item_cnt;
    struct pdp__item whole; /* the service, where nothing is required */
};

enum pdp__saying {
    PDP__SAYS_NOTHING = 0, /* it is not for the request */
    PDP__SAYS_NO,
    PDP__SAYS_YES
};

/* The restrictions of the account judged (of `numbers`); if there are any,
 * *scene is set. */
struct pdp__range pdp__context_scene(const struct pdp__flow *flow,
    struct pdp__scene *scene);

enum pdp__saying pdp__context_says(const struct pdp__flow *flow,
    const struct pdp__scene *scene, const struct pdp__restriction *r);

/* The first test of its first context that does not hold, or NULL: it is met,
 * or there is no context, which nobody meets. */
const struct pdp__context_test *
pdp__context_obstacle(const struct pdp__flow *flow,
    const struct pdp__scene *scene, const struct pdp__restriction *r);

#endif
