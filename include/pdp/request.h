/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#ifndef PDP_REQUEST_H
#define PDP_REQUEST_H

#include "pdp/base.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * One header field, as received: name without colon, value without the white
 * space around it (RFC 9110 5.5), since the library removes none.  Names are
 * compared without regard to case.  A field that is there with an empty value
 * is there.
 */
typedef struct pdp_header {
    pdp_str_t name;
    pdp_str_t value;
} pdp_header_t;

/*
 * One request to be judged, as it came over the wire: nothing decoded,
 * joined, sorted or left out.  The struct and everything it points to is
 * borrowed until the decision made from it is no longer used: the decision
 * points into it.
 *
 * method, target: NULL with length 0 is allowed, and denied.  A target that
 * is not in origin form (RFC 9112 3.2.1), so also `*` and absolute URIs, is
 * denied.
 *
 * headers: pass every field of these six names that the request has, with
 * duplicates.  Others may be passed, too; they are ignored.
 *   Authorization   absent: no token
 *   Account         absent: the account of the token
 *   Host            absent or empty: not known, and with several services no
 *                   route.  HTTP/2 and HTTP/3: pass `:authority` as Host
 *   X-HTTP-Method-Override, X-HTTP-Method, X-Method-Override
 *                   present: denied, also with `_` for `-` in the name
 * A second Authorization, Account or Host is denied, whatever it says.
 *
 * client_address, endpoint_type: conditions of policies may name them
 * (pdp-policies(5)).  What is empty, no address, or no type of endpoint is
 * not known: a grant that asks for it does not apply, a denial does.
 */
typedef struct pdp_request {
    size_t size;      /* sizeof(pdp_request_t), set by the caller */
    pdp_str_t method; /* as received: "GET" */
    pdp_str_t target; /* raw request target, RFC 9112 3.2: path and query */
    const pdp_header_t *headers;
    size_t header_cnt;
    pdp_str_t client_address; /* IPv4 or IPv6, as text; may be absent */
    pdp_str_t client_agent;   /* may be absent, and no decision depends on */
    pdp_str_t request_id;     /* these two: they are meant for audit events,
                               * which this version does not render */
    int64_t now_sec;          /* the one clock of this decision: seconds since
                               * 1970-01-01T00:00:00Z, without leap seconds */
    uint32_t now_nsec;        /* 0 .. 999999999; for audit events */
    pdp_str_t endpoint_type;  /* the way the client came: "public", "private"
                               * or "direct"; may be absent */
} pdp_request_t;

#ifdef __cplusplus
}
#endif

#endif
