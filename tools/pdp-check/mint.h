/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#ifndef PDP__CHECK_MINT_H
#define PDP__CHECK_MINT_H

/* Claims and a key -> a compact JWS (RFC 7515 7.1). */

#include "pdp-check/devkey.h"

struct pdp__mint {
    EVP_PKEY *key;
    const struct pdp__file *pem; /* the same key, for libjwt */
    enum pdp__alg alg;           /* fits the key */
    const char *kid;             /* NULL: none */
    const char *typ;             /* NULL: "JWT" */
    json_t *claims;
};

/* Adds the token; false, and told, if it could not be made. */
bool pdp__mint(const struct pdp__mint *mint, struct pdp__string *out);

#endif
