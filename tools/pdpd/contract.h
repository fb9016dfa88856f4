/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#ifndef PDP__PDPD_CONTRACT_H
#define PDP__PDPD_CONTRACT_H

/*
 * What a gateway sent -> the request it asks about.
 *
 *     struct pdpd__reading reading;
 *     pdpd__contract_begin(&reading, PDPD__CONTRACT_NGINX, prefix);
 *     pdpd__contract_header(&reading, name, value);     (each, in order)
 *     if (!pdpd__contract_end(&reading, method, target, &reason)) deny
 *     reading.request                                -> pdp_decide()
 *
 * Names and values are borrowed for as long as the reading is used.
 */

#include "pdp/reason.h"
#include "pdp/request.h"
#include "pdpd/config.h"

/* The headers of one contract; the most there are. */
enum { PDPD__OWN_MAX = 4 };

/* Authorization, Account and Host twice each, and an override. */
enum { PDPD__KEPT_MAX = 8 };

struct pdpd__reading {
    enum pdpd__contract contract;
    pdp_str_t prefix;
    pdp_str_t own[PDPD__OWN_MAX]; /* ptr NULL: not seen */
    pdp_str_t host;               /* of the request to this daemon */
    pdp_str_t view;               /* the gateway's own path; ptr NULL: none */
    uint32_t authorization_cnt;
    uint32_t account_cnt;
    uint32_t host_cnt;
    uint32_t kept_cnt;
    bool ambiguous; /* a header twice, or its twin with underscores */
    bool override;  /* a header that asks for another method */
    pdp_header_t kept[PDPD__KEPT_MAX];
    pdp_request_t request;
};

void pdpd__contract_begin(struct pdpd__reading *reading,
    enum pdpd__contract contract, pdp_str_t prefix);

void pdpd__contract_header(struct pdpd__reading *reading, pdp_str_t name,
    pdp_str_t value);

/*
 * method, target: of the request line, as received; used by ext-authz only.
 * False: the request is denied, *reason tells why.  True: reading->request
 * is set, without its time.
 */
bool pdpd__contract_end(struct pdpd__reading *reading, pdp_str_t method,
    pdp_str_t target, pdp_reason_t *reason);

/* Whether the path that was judged, decoded once, is what the gateway says
 * it sees, if it says so. */
bool pdpd__contract_view_agrees(const struct pdpd__reading *reading,
    pdp_str_t path);

#endif
