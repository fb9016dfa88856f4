/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#ifndef PDP__LOAD_TRUST_H
#define PDP__LOAD_TRUST_H

/* The parts of the reader of pdp-trust/1. */

#include "load/lookup.h"

/* Members of an issuer that say how its tokens are checked; 0: absent or
 * mistyped. */
struct pdp__trust_nodes {
    uint32_t algorithms, audiences, typ, leeway;
};

/* Names that end up in comparisons and logs: 1 to 1024 bytes, no blanks and
 * no controls.  Reports. */
bool pdp__trust_text(const struct pdp__doc *doc, uint32_t ix, const char *what);

/* Issuer object ix: algorithms, audiences, typ, leeway into issuer, which
 * holds the defaults.  ibm: the one issuer that may leave them out. */
void pdp__trust_checks(struct pdp__builder *b, const struct pdp__doc *doc,
    uint32_t ix, const struct pdp__trust_nodes *n, bool ibm,
    struct pdp__issuer *issuer);

/*
 * Where the claims stand: JSON pointers (RFC 6901) of object ix, or IBM's
 * for those that are not given (ix 0: all; doc may be NULL then).  No
 * pointer for the account if the issuer has a fixed one.
 */
void pdp__trust_claims(struct pdp__builder *b, const struct pdp__doc *doc,
    uint32_t ix, struct pdp__issuer *issuer);

#endif
