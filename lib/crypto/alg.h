/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#ifndef PDP__CRYPTO_ALG_H
#define PDP__CRYPTO_ALG_H

/* JWS algorithms, RFC 7518 3.1 and RFC 8037; no HS*, no none. */

#include "base/str.h"

enum pdp__alg {
    PDP__ALG_NONE = 0, /* not an algorithm we know: refused */
    PDP__ALG_RS256,
    PDP__ALG_RS384,
    PDP__ALG_RS512,
    PDP__ALG_PS256,
    PDP__ALG_PS384,
    PDP__ALG_PS512,
    PDP__ALG_ES256,
    PDP__ALG_ES384,
    PDP__ALG_ES512,
    PDP__ALG_EDDSA,
    PDP__ALG_COUNT
};

/* Sets of algorithms: bit (1 << alg). */
#define PDP__ALG_BIT(alg) (1u << (unsigned)(alg))

/* By exact name ("RS256"), or PDP__ALG_NONE. */
enum pdp__alg pdp__alg_find(pdp_str_t name);

/* "RS256"; "" for PDP__ALG_NONE. */
const char *pdp__alg_name(enum pdp__alg alg);

#endif
