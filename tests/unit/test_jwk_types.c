/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
/* RSA, EC and OKP: numbers of a JWK. */
#include "crypto/key_impl.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "jwk_cases.h"

static void
test_good_rsa(void **state)
{
    (void)state;
    static const struct good cases[] = {
        {RSA "}", RSA_ALGS, 256},
        {RSA ",\"alg\":\"RS256\"}", PDP__ALG_BIT(PDP__ALG_RS256), 256},
        {RSA ",\"alg\":\"RS384\"}", PDP__ALG_BIT(PDP__ALG_RS384), 256},
        {RSA ",\"alg\":\"RS512\"}", PDP__ALG_BIT(PDP__ALG_RS512), 256},
        {RSA ",\"alg\":\"PS256\"}", PDP__ALG_BIT(PDP__ALG_PS256), 256},
        {RSA ",\"alg\":\"PS384\"}", PDP__ALG_BIT(PDP__ALG_PS384), 256},
        {RSA ",\"alg\":\"PS512\"}", PDP__ALG_BIT(PDP__ALG_PS512), 256},
        {RSA_E("\"AQAD\""), RSA_ALGS, 256},
        {RSA_E("\"_____w\""), RSA_ALGS, 256},
        {RSA_N("\"$N8192\""), RSA_ALGS, 1024},
    };

    GOOD(cases);
}

static void
test_good_ec(void **state)
{
    (void)state;
    static const struct good cases[] = {
        {EC "}", PDP__ALG_BIT(PDP__ALG_ES256), 64},
        {EC ",\"alg\":\"ES256\"}", PDP__ALG_BIT(PDP__ALG_ES256), 64},
        {"{\"kty\":\"EC\",\"crv\":\"P-384\",\"x\":\"$X384\",\"y\":\"$Y384\"}",
            PDP__ALG_BIT(PDP__ALG_ES384), 96},
        {"{\"kty\":\"EC\",\"crv\":\"P-521\",\"x\":\"$X521\",\"y\":\"$Y521\","
         "\"alg\":\"ES512\"}",
            PDP__ALG_BIT(PDP__ALG_ES512), 132},
    };

    GOOD(cases);
}

static void
test_good_okp(void **state)
{
    (void)state;
    static const struct good cases[] = {
        {OKP "}", PDP__ALG_BIT(PDP__ALG_EDDSA), 64},
        {OKP ",\"alg\":\"EdDSA\"}", PDP__ALG_BIT(PDP__ALG_EDDSA), 64},
    };

    GOOD(cases);
}

static void
test_bad_modulus(void **state)
{
    (void)state;
    static const char coding[] = "n is not base64url without padding";
    static const struct bad cases[] = {
        {"{\"kty\":\"RSA\",\"e\":\"AQAB\"}", PDP__KEY_MALFORMED, NULL,
            "n is missing"},
        {RSA_N("65537"), PDP__KEY_MALFORMED, "n", "n is not a string"},
        {RSA_N("\"\""), PDP__KEY_MALFORMED, "n", "n is empty"},
        {RSA_N("\"$N=\""), PDP__KEY_MALFORMED, "n", coding},
        {RSA_N("\"$N==\""), PDP__KEY_MALFORMED, "n", coding},
        {RSA_N("\" $N\""), PDP__KEY_MALFORMED, "n", coding},
        {RSA_N("\"AA+B\""), PDP__KEY_MALFORMED, "n", coding},
        {RSA_N("\"AA/B\""), PDP__KEY_MALFORMED, "n", coding},
        {RSA_N("\"AB\""), PDP__KEY_MALFORMED, "n", coding},
        {RSA_N("\"A\""), PDP__KEY_MALFORMED, "n", coding},
        {RSA_N("\"$NZERO\""), PDP__KEY_MALFORMED, "n",
            "n begins with a zero byte"},
        {RSA_N("\"AA\""), PDP__KEY_WEAK, "n", "n has fewer than 2048 bits"},
        {RSA_N("\"$N2047\""), PDP__KEY_WEAK, "n", "n has fewer than 2048 bits"},
        {RSA_N("\"$N8193\""), PDP__KEY_WEAK, "n", "n has more than 8192 bits"},
        {RSA_N("\"$NHUGE\""), PDP__KEY_WEAK, "n", "n has more than 8192 bits"},
        {RSA_N("\"$NEVEN\""), PDP__KEY_WEAK, "n", "n is even"},
        {RSA_N("\"$NPRIME\""), PDP__KEY_WEAK, "n",
            "n is prime or has a small factor"},
        {RSA_N("\"$NSMALL\""), PDP__KEY_WEAK, "n",
            "n is prime or has a small factor"},
    };

    BAD(cases);
}

static void
test_bad_exponent(void **state)
{
    (void)state;
    static const struct bad cases[] = {
        {"{\"kty\":\"RSA\",\"n\":\"$N\"}", PDP__KEY_MALFORMED, NULL,
            "e is missing"},
        {RSA_E("65537"), PDP__KEY_MALFORMED, "e", "e is not a string"},
        {RSA_E("\"\""), PDP__KEY_MALFORMED, "e", "e is empty"},
        {RSA_E("\"AQAB=\""), PDP__KEY_MALFORMED, "e",
            "e is not base64url without padding"},
        {RSA_E("\"AAEAAQ\""), PDP__KEY_MALFORMED, "e",
            "e begins with a zero byte"},
        {RSA_E("\"AA\""), PDP__KEY_WEAK, "e", "e is even"},
        {RSA_E("\"AQ\""), PDP__KEY_WEAK, "e", "e is below 65537"},
        {RSA_E("\"Aw\""), PDP__KEY_WEAK, "e", "e is below 65537"},
        {RSA_E("\"AQAA\""), PDP__KEY_WEAK, "e", "e is even"},
        {RSA_E("\"AQAAAAE\""), PDP__KEY_WEAK, "e", "e has more than 32 bits"},
        {RSA_E("\"$N\""), PDP__KEY_WEAK, "e", "e has more than 32 bits"},
    };

    BAD(cases);
}

static void
test_bad_ec(void **state)
{
    (void)state;
    static const char x_width[] = "x does not have the width of the curve";
    static const char y_width[] = "y does not have the width of the curve";
    static const char off[] = "the point is not on the curve";
    static const struct bad cases[] = {
        {"{\"kty\":\"EC\",\"x\":\"$X256\",\"y\":\"$Y256\"}", PDP__KEY_MALFORMED,
            NULL, "crv is missing"},
        {"{\"kty\":\"EC\",\"crv\":256}", PDP__KEY_MALFORMED, "crv",
            "crv is not a string"},
        {"{\"kty\":\"EC\",\"crv\":\"\"}", PDP__KEY_MALFORMED, "crv",
            "crv is empty"},
        {EC_OF("secp256k1", "$X256", "$Y256"), PDP__KEY_SKIP, "crv",
            "crv is not supported"},
        {EC_OF("p-256", "$X256", "$Y256"), PDP__KEY_SKIP, "crv",
            "crv is not supported"},
        {EC_OF("prime256v1", "$X256", "$Y256"), PDP__KEY_SKIP, "crv",
            "crv is not supported"},
        {"{\"kty\":\"EC\",\"crv\":\"P-256\",\"y\":\"$Y256\"}",
            PDP__KEY_MALFORMED, NULL, "x is missing"},
        {"{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"$X256\"}",
            PDP__KEY_MALFORMED, NULL, "y is missing"},
        {EC_OF("P-256", "", "$Y256"), PDP__KEY_MALFORMED, "x", "x is empty"},
        {EC_OF("P-256", "$X256", "$Y256="), PDP__KEY_MALFORMED, "y",
            "y is not base64url without padding"},
        {EC_OF("P-256", "AA", "AA"), PDP__KEY_MALFORMED, "x", x_width},
        {EC_OF("P-256", "$X256SHORT", "$Y256"), PDP__KEY_MALFORMED, "x",
            x_width},
        {EC_OF("P-256", "$X256LONG", "$Y256"), PDP__KEY_MALFORMED, "x",
            x_width},
        {EC_OF("P-256", "$X256", "$X256SHORT"), PDP__KEY_MALFORMED, "y",
            y_width},
        {EC_OF("P-256", "$X256", "$X256LONG"), PDP__KEY_MALFORMED, "y",
            y_width},
        {EC_OF("P-521", "$X521SHORT", "$Y521"), PDP__KEY_MALFORMED, "x",
            x_width},
        {EC_OF("P-384", "$X256", "$Y256"), PDP__KEY_MALFORMED, "x", x_width},
        {EC_OF("P-256", "$X384", "$Y384"), PDP__KEY_MALFORMED, "x", x_width},
        {EC_OF("P-256", "$X256", "$Y256OFF"), PDP__KEY_MALFORMED, NULL, off},
        {EC_OF("P-256", "$X256", "$X256"), PDP__KEY_MALFORMED, NULL, off},
        /* infinity, as some write it; numbers above the field's prime */
        {EC_OF("P-256", "$ZERO32", "$ZERO32"), PDP__KEY_MALFORMED, NULL, off},
        {EC_OF("P-256", "$ONES32", "$ONES32"), PDP__KEY_MALFORMED, NULL, off},
    };

    BAD(cases);
}

static void
test_bad_okp(void **state)
{
    (void)state;
    static const char width[] = "x does not have 32 bytes";
    static const struct bad cases[] = {
        {"{\"kty\":\"OKP\",\"x\":\"$XED\"}", PDP__KEY_MALFORMED, NULL,
            "crv is missing"},
        {OKP_OF("X25519", "$XED"), PDP__KEY_SKIP, "crv",
            "crv is not supported"},
        {OKP_OF("Ed448", "$XED"), PDP__KEY_SKIP, "crv", "crv is not supported"},
        {"{\"kty\":\"OKP\",\"crv\":\"Ed25519\"}", PDP__KEY_MALFORMED, NULL,
            "x is missing"},
        {OKP_OF("Ed25519", ""), PDP__KEY_MALFORMED, "x", "x is empty"},
        {OKP_OF("Ed25519", "$XED="), PDP__KEY_MALFORMED, "x",
            "x is not base64url without padding"},
        {OKP_OF("Ed25519", "$XEDSHORT"), PDP__KEY_MALFORMED, "x", width},
        {OKP_OF("Ed25519", "$XEDLONG"), PDP__KEY_MALFORMED, "x", width},
        {OKP_OF("Ed25519", "$ZERO32"), PDP__KEY_WEAK, "x",
            "x is a point of small order"},
        {OKP_OF("Ed25519", "$XEDONE"), PDP__KEY_WEAK, "x",
            "x is a point of small order"},
        {OKP_OF("Ed25519", "$ONES32"), PDP__KEY_MALFORMED, "x",
            "x is not canonical"},
        {OKP_OF("Ed25519", "$XEDOFF"), PDP__KEY_MALFORMED, "x",
            "x is not a point of the curve"},
    };

    BAD(cases);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_good_rsa),
        cmocka_unit_test(test_good_ec),
        cmocka_unit_test(test_good_okp),
        cmocka_unit_test(test_bad_modulus),
        cmocka_unit_test(test_bad_exponent),
        cmocka_unit_test(test_bad_ec),
        cmocka_unit_test(test_bad_okp),
    };

    return cmocka_run_group_tests(tests, make_numbers, NULL);
}
