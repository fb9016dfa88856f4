/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
/*
 * Stage 2, target: raw request target -> canonical segments and query.  The
 * rules themselves stand in text/path.c; this file adds the one rule about
 * the query that holds for every route: no `_method` (frameworks that honour
 * it would run another method than the one judged).
 */

#include "decide/flow.h"
#include "text/query.h"

bool
pdp__target(struct pdp__flow *flow)
{
    struct pdp__path *path = &flow->target;
    struct pdp__query_pair pair;
    pdp_reason_t reason = PDP_REASON_INTERNAL;
    size_t cursor = 0;

    if (!pdp__path_parse(flow->request->target, flow->path_buf,
            sizeof(flow->path_buf), path, &reason)) {
        size_t offset = path->offset;
        *path = (struct pdp__path){.offset = offset};
        return pdp__deny_at(flow, reason, offset);
    }
    while (pdp__query_next(path->query, &cursor, &pair)) {
        if (pdp__query_hides(&pair, PDP__LIT("_method"))) {
            size_t start =
                (size_t)(path->query.ptr - flow->request->target.ptr);
            return pdp__deny_at(flow, PDP_REASON_METHOD_OVERRIDE,
                start + pair.offset);
        }
    }
    return true;
}
