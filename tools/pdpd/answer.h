/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#ifndef PDP__PDPD_ANSWER_H
#define PDP__PDPD_ANSWER_H

/*
 * A decision -> what the gateway is told: a status and headers, no body.
 *
 * 200 allows; 401 and 403 deny.  There is no fourth status, because gateways
 * make an error of their own of anything else.
 */

#include "base/str.h"
#include "pdp/decision.h"

enum {
    PDPD__ANSWER_HEADERS_MAX = 10,
    PDPD__ANSWER_TEXT_MAX = 12288, /* bytes of all values, with their NULs */
    PDPD__ANSWER_CACHE_MAX_SEC = 60
};

struct pdpd__answer_header {
    const char *name;  /* static */
    const char *value; /* in text[], printable ASCII, NUL-terminated */
};

struct pdpd__answer {
    int status; /* 200, 401 or 403 */
    pdp_reason_t reason;
    struct pdpd__answer_header headers[PDPD__ANSWER_HEADERS_MAX];
    size_t header_cnt;
    size_t used;
    char text[PDPD__ANSWER_TEXT_MAX];
};

/* The answer to a decision; NULL reads as a deny, internal. */
void pdpd__answer_decision(struct pdpd__answer *answer,
    const pdp_decision_t *decision, bool allow_caching);

/* A denial before there was a decision, or in its place.  A reason that
 * would allow is read as internal. */
void pdpd__answer_deny(struct pdpd__answer *answer, pdp_reason_t reason);

#endif
