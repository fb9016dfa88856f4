/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#ifndef PDP_REQUEST_H
#define PDP_REQUEST_H

#include "pdp/base.h"

#ifdef __cplusplus
extern "C" {
#endif

/* One header field; names are compared without regard to case. */
typedef struct pdp_header {
    pdp_str_t name;
    pdp_str_t value;
} pdp_header_t;

/*
 * One request to be judged.  Everything is borrowed until the next call of
 * pdp_decide() on the worker: the decision points into it.
 *
 * headers: pass every Authorization, Account, Host, X-HTTP-Method-Override,
 * X-HTTP-Method and X-Method-Override field that the request has, with
 * duplicates; a duplicate denies.  Other fields are ignored.
 */
typedef struct pdp_request {
    size_t size;      /* sizeof(pdp_request_t), set by the caller */
    pdp_str_t method; /* as received: "GET" */
    pdp_str_t target; /* raw request target, RFC 9112 3.2: path and query */
    const pdp_header_t *headers;
    size_t header_cnt;
    pdp_str_t client_address; /* for the event; may be absent */
    pdp_str_t client_agent;   /* for the event; may be absent */
    pdp_str_t request_id;     /* for the event; may be absent */
    int64_t now_sec;          /* the one clock of this decision: seconds since
                               * 1970-01-01T00:00:00Z, without leap seconds */
    uint32_t now_nsec;        /* 0 .. 999999999; for the event */
} pdp_request_t;

#ifdef __cplusplus
}
#endif

#endif
