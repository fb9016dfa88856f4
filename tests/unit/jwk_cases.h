/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#ifndef PDP_TESTS_JWK_CASES_H
#define PDP_TESTS_JWK_CASES_H

/* Good and bad JWKs as tables, and what checks them.  Include after
 * cmocka.h. */

#include "crypto/key_impl.h"
#include "jwk_numbers.h"

/*
 * Import of JWKs: the exact result, phrase and member of each refusal.
 *
 * Cases are JSON in which $N, $E (RSA), $X256, $Y256, ... (EC) and $XED
 * stand for numbers made once (jwk_numbers.h).
 */

enum {
    RSA_ALGS = PDP__ALG_BIT(PDP__ALG_RS256) | PDP__ALG_BIT(PDP__ALG_RS384) |
               PDP__ALG_BIT(PDP__ALG_RS512) | PDP__ALG_BIT(PDP__ALG_PS256) |
               PDP__ALG_BIT(PDP__ALG_PS384) | PDP__ALG_BIT(PDP__ALG_PS512)
};

struct good {
    const char *json;
    uint32_t algs;
    size_t signature_len;
};

static UNUSED void
assert_good(const struct good *cases, size_t cnt)
{
    for (size_t i = 0; i < cnt; i++) {
        char text[TEXT_MAX];

        expand(cases[i].json, text);
        struct pdp__key *key = must_import(text);

        assert_int_equal(pdp__key_algs(key), cases[i].algs);
        assert_int_equal(key->signature_len, cases[i].signature_len);
        for (unsigned alg = 0; alg < PDP__ALG_COUNT; alg++) {
            assert_int_equal(key->ready[alg] != NULL,
                (cases[i].algs & PDP__ALG_BIT(alg)) != 0);
        }
        pdp__key_free(key);
    }
}

struct bad {
    const char *json;
    enum pdp__key_result result;
    const char *member; /* the node is its value; NULL: the key itself */
    const char *why;
};

static UNUSED void
assert_bad(const struct bad *cases, size_t cnt)
{
    for (size_t i = 0; i < cnt; i++) {
        char text[TEXT_MAX];
        struct imported in;

        expand(cases[i].json, text);
        import_jwk(&in, text);
        if (in.result != cases[i].result || strcmp(in.why, cases[i].why) != 0) {
            fail_msg("%s: got %d, %s", cases[i].json, (int)in.result,
                in.why == NULL ? "no phrase" : in.why);
        }
        uint32_t node =
            cases[i].member == NULL
                ? 0
                : pdp__json_member(&in.doc, 0, pdp__str_z(cases[i].member));

        assert_int_equal(node == 0, cases[i].member == NULL);
        assert_int_equal(in.node, node);
    }
}

#define GOOD(cases) assert_good((cases), sizeof(cases) / sizeof((cases)[0]))
#define BAD(cases) assert_bad((cases), sizeof(cases) / sizeof((cases)[0]))

#define RSA "{\"kty\":\"RSA\",\"n\":\"$N\",\"e\":\"AQAB\""
#define RSA_N(n) "{\"kty\":\"RSA\",\"e\":\"AQAB\",\"n\":" n "}"
#define RSA_E(e) "{\"kty\":\"RSA\",\"n\":\"$N\",\"e\":" e "}"
#define EC "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"$X256\",\"y\":\"$Y256\""
#define OKP "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"$XED\""

#define EC_OF(crv, x, y)                                                       \
    "{\"kty\":\"EC\",\"crv\":\"" crv "\",\"x\":\"" x "\",\"y\":\"" y "\"}"

#define OKP_OF(crv, x) "{\"kty\":\"OKP\",\"crv\":\"" crv "\",\"x\":\"" x "\"}"

#endif
