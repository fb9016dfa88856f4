/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
/*
 * The straight line: one request, from raw bytes to allow or deny.
 *
 *   request -> admit -> target -> route -> bearer -> token -> claims
 *           -> principal -> resource -> policy -> context -> decision
 *
 * INVARIANTS
 *   Allow is assigned in one place: finish().
 *   A reason other than permitted, public or authenticated means deny; the
 *   record starts as all-zero, which reads as deny, internal.
 *   No stage calls another; this file alone knows the order.
 *   Stages take no lock, read no clock, open no file and allocate nothing
 *   (OpenSSL excepted, for a token not seen before).
 *   Same request, snapshot and now: same decision.
 */

#include "decide/decide.h"

#include <stddef.h>

/* The route is known: what does it ask for? */
static pdp_reason_t
judge(struct pdp__flow *flow)
{
    pdp_access_t access =
        (pdp_access_t)pdp__routes(flow->block)[flow->routed.route].access;

    if (access == PDP_ACCESS_PUBLIC) {
        return PDP_REASON_PUBLIC;
    }
    if (!pdp__bearer(flow) || !pdp__token(flow) || !pdp__claims(flow) ||
        !pdp__principal(flow)) {
        return flow->reason;
    }
    if (access == PDP_ACCESS_AUTHENTICATED) {
        return pdp__context(flow) ? PDP_REASON_AUTHENTICATED : flow->reason;
    }
    if (!pdp__resource(flow) || !pdp__policy(flow) || !pdp__context(flow)) {
        return flow->reason;
    }
    return PDP_REASON_PERMITTED;
}

static void
finish(struct pdp__flow *flow, pdp_reason_t reason)
{
    flow->reason = reason;
    flow->effect =
        pdp_reason_allows(reason) ? PDP_EFFECT_ALLOW : PDP_EFFECT_DENY;
    pdp__conclude(flow);
}

/* Nothing of the last decision is left: a member added to the record is
 * cleared here without anybody having to think of it. */
static void
start(struct pdp__flow *flow)
{
    const size_t from = offsetof(struct pdp__flow, request);
    const size_t to = offsetof(struct pdp__flow, target);

    memset((unsigned char *)flow + from, 0, to - from);
    flow->offset = -1;
    flow->target.cnt = 0;
    flow->target.canonical = (pdp_str_t){NULL, 0};
    flow->target.query = (pdp_str_t){NULL, 0};
    flow->routed.service = PDP__NONE;
    flow->routed.route = PDP__NONE;
    flow->routed.region = PDP__NONE;
    flow->routed.param_cnt = 0;
}

void
pdp__decide(struct pdp__flow *flow, const pdp_request_t *request,
    pdp_str_t unverified_claims)
{
    start(flow);
    flow->request = request;
    flow->unverified_claims = unverified_claims;
    if (pdp__admit(flow) && pdp__target(flow) && pdp__route(flow)) {
        finish(flow, judge(flow));
    } else {
        finish(flow, flow->reason);
    }
}
