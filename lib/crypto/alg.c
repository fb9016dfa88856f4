/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include "crypto/alg.h"

/*
 * Names of JWS algorithms, RFC 7518 3.1 and RFC 8037 3.1.
 *
 * Names are compared byte for byte: "rs256", "None" and "RS256 " are not
 * algorithms.  The table has no HS* and no none, so a token that asks for
 * them finds nothing, whatever key it names (RFC 8725 3.1, 3.2).
 */

static const pdp_str_t names[] = {
    [PDP__ALG_NONE] = PDP__LIT_INIT(""),
    [PDP__ALG_RS256] = PDP__LIT_INIT("RS256"),
    [PDP__ALG_RS384] = PDP__LIT_INIT("RS384"),
    [PDP__ALG_RS512] = PDP__LIT_INIT("RS512"),
    [PDP__ALG_PS256] = PDP__LIT_INIT("PS256"),
    [PDP__ALG_PS384] = PDP__LIT_INIT("PS384"),
    [PDP__ALG_PS512] = PDP__LIT_INIT("PS512"),
    [PDP__ALG_ES256] = PDP__LIT_INIT("ES256"),
    [PDP__ALG_ES384] = PDP__LIT_INIT("ES384"),
    [PDP__ALG_ES512] = PDP__LIT_INIT("ES512"),
    [PDP__ALG_EDDSA] = PDP__LIT_INIT("EdDSA"),
};

_Static_assert(sizeof(names) / sizeof(names[0]) == PDP__ALG_COUNT,
    "one name for each algorithm");

enum pdp__alg
pdp__alg_find(pdp_str_t name)
{
    for (unsigned alg = PDP__ALG_NONE + 1; alg < PDP__ALG_COUNT; alg++) {
        if (pdp__str_eq(names[alg], name)) {
            return (enum pdp__alg)alg;
        }
    }
    return PDP__ALG_NONE;
}

const char *
pdp__alg_name(enum pdp__alg alg)
{
    return names[(unsigned)alg < PDP__ALG_COUNT ? alg : PDP__ALG_NONE].ptr;
}
