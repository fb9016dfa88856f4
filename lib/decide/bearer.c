/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
/*
 * Stage 4, bearer: Authorization header -> token bytes, RFC 6750 2.1.
 *
 * No header, or one of another scheme, is token_missing.  The header must be
 * `Bearer`, spaces, one token; lengths are checked before anything is
 * subtracted (an unsigned wrap here has crashed other modules).  What the
 * token is made of is for the next stage.
 */

#include "decide/flow.h"

bool
pdp__bearer(struct pdp__flow *flow)
{
    static const char scheme[] = "Bearer";
    pdp_str_t value = flow->admitted.authorization;
    size_t at = sizeof(scheme) - 1;

    if (flow->unverified_claims.ptr != NULL) {
        return true;
    }
    if (value.len < at ||
        !pdp__str_eq_nocase(pdp__str(value.ptr, at), PDP__LIT("Bearer")) ||
        (value.len > at && value.ptr[at] != ' ')) {
        return pdp__deny(flow, PDP_REASON_TOKEN_MISSING);
    }
    while (at < value.len && value.ptr[at] == ' ') {
        at++;
    }
    flow->bearer.token = pdp__str_from(value, at);
    if (flow->bearer.token.len == 0 ||
        flow->bearer.token.len > PDP__TOKEN_MAX) {
        return pdp__deny_at(flow, PDP_REASON_TOKEN_MALFORMED, 0);
    }
    return true;
}
