/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
/*
 * Stage 10, decision: completes the record on every outcome, so that a deny
 * at any stage still tells which actions were required and which of them are
 * missing.  The accessors stand in decision_answers.c.
 */

#include "decide/flow.h"

/* A deny before stage 8 still tells which actions were required. */
static void
list_required(struct pdp__flow *flow, const struct pdp__route *route)
{
    const struct pdp__requirement *requirements =
        &pdp__requirements(flow->block)[route->requires.first];

    flow->item_cnt = 0;
    for (uint32_t i = 0; i < route->requires.cnt; i++) {
        if (PDP_NEVER(i == PDP__ITEMS_MAX)) {
            return; /* a definition has half as many at most */
        }
        flow->items[flow->item_cnt++] =
            (struct pdp__item){.action = requirements[i].action};
    }
}

static bool
is_listed(const struct pdp__flow *flow, uint32_t action)
{
    for (uint32_t i = 0; i < flow->missing_cnt; i++) {
        if (flow->missing[i] == action) {
            return true;
        }
    }
    return false;
}

void
pdp__conclude(struct pdp__flow *flow)
{
    if (flow->routed.route == PDP__NONE || pdp_reason_allows(flow->reason)) {
        return;
    }
    if (!flow->resources) {
        list_required(flow, &pdp__routes(flow->block)[flow->routed.route]);
    }
    for (uint32_t i = 0; i < flow->item_cnt; i++) {
        const struct pdp__item *item = &flow->items[i];
        if ((!item->granted || item->denied) &&
            !is_listed(flow, item->action)) {
            flow->missing[flow->missing_cnt++] = item->action;
        }
    }
}
