/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#ifndef PDP__DECIDE_DECIDE_H
#define PDP__DECIDE_DECIDE_H

/* The straight line as a whole; decide.c. */

#include "decide/flow.h"

/* Judges request into flow.  unverified_claims: {NULL, 0} unless claims that
 * nobody signed take the place of the token. */
void pdp__decide(struct pdp__flow *flow, const pdp_request_t *request,
    pdp_str_t unverified_claims);

#endif
