/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include "crypto/key_impl.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

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

static void
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

static void
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
test_good_with_other_members(void **state)
{
    (void)state;
    static const struct good cases[] = {
        {RSA ",\"use\":\"sig\"}", RSA_ALGS, 256},
        {RSA ",\"key_ops\":[\"verify\"]}", RSA_ALGS, 256},
        {RSA ",\"key_ops\":[\"sign\",\"verify\"],\"use\":\"sig\"}", RSA_ALGS,
            256},
        {RSA ",\"kid\":\"1\",\"x5c\":[\"?\"],\"x5t\":5,\"D\":{\"d\":\"1\"},"
             "\"x\":7,\"crv\":8,\"unknown\":null}",
            RSA_ALGS, 256},
        {OKP ",\"y\":\"ignored\",\"e\":\"AQ\"}", PDP__ALG_BIT(PDP__ALG_EDDSA),
            64},
    };

    GOOD(cases);
}

static void
test_not_an_object(void **state)
{
    (void)state;
    static const struct bad cases[] = {
        {"[]", PDP__KEY_MALFORMED, NULL, "a key is an object"},
        {"\"key\"", PDP__KEY_MALFORMED, NULL, "a key is an object"},
        {"null", PDP__KEY_MALFORMED, NULL, "a key is an object"},
        {"5", PDP__KEY_MALFORMED, NULL, "a key is an object"},
    };

    BAD(cases);
}

static void
test_private(void **state)
{
    (void)state;
    static const char why[] = "a member of a private or symmetric key";
    static const struct bad cases[] = {
        {RSA ",\"d\":\"AQ\"}", PDP__KEY_PRIVATE, "d", why},
        {RSA ",\"p\":\"AQ\"}", PDP__KEY_PRIVATE, "p", why},
        {RSA ",\"q\":\"AQ\"}", PDP__KEY_PRIVATE, "q", why},
        {RSA ",\"dp\":\"AQ\"}", PDP__KEY_PRIVATE, "dp", why},
        {RSA ",\"dq\":\"AQ\"}", PDP__KEY_PRIVATE, "dq", why},
        {RSA ",\"qi\":\"AQ\"}", PDP__KEY_PRIVATE, "qi", why},
        {RSA ",\"oth\":[]}", PDP__KEY_PRIVATE, "oth", why},
        {RSA ",\"k\":\"AQ\"}", PDP__KEY_PRIVATE, "k", why},
        {EC ",\"d\":\"AQ\"}", PDP__KEY_PRIVATE, "d", why},
        {OKP ",\"d\":\"AQ\"}", PDP__KEY_PRIVATE, "d", why},
        /* also when empty, of another type, for another use, unknown */
        {RSA ",\"d\":\"\"}", PDP__KEY_PRIVATE, "d", why},
        {RSA ",\"d\":null}", PDP__KEY_PRIVATE, "d", why},
        {RSA ",\"d\":\"AQ\",\"use\":\"enc\"}", PDP__KEY_PRIVATE, "d", why},
        {"{\"d\":\"AQ\"}", PDP__KEY_PRIVATE, "d", why},
        {"{\"kty\":\"AKP\",\"d\":\"AQ\"}", PDP__KEY_PRIVATE, "d", why},
        {"{\"kty\":\"oct\",\"k\":\"AQ\"}", PDP__KEY_PRIVATE, "k", why},
        {"{\"kty\":\"oct\"}", PDP__KEY_PRIVATE, "kty",
            "kty is a symmetric key"},
        {"{\"kty\":\"oct\",\"use\":\"enc\"}", PDP__KEY_PRIVATE, "kty",
            "kty is a symmetric key"},
    };

    BAD(cases);
}

static void
test_kty(void **state)
{
    (void)state;
    static const char other[] = "kty is not supported";
    static const struct bad cases[] = {
        {"{}", PDP__KEY_MALFORMED, NULL, "kty is missing"},
        {"{\"kty\":null}", PDP__KEY_MALFORMED, "kty", "kty is not a string"},
        {"{\"kty\":[\"RSA\"]}", PDP__KEY_MALFORMED, "kty",
            "kty is not a string"},
        {"{\"kty\":\"\"}", PDP__KEY_MALFORMED, "kty", "kty is empty"},
        {"{\"kty\":\"rsa\"}", PDP__KEY_SKIP, "kty", other},
        {"{\"kty\":\"Oct\"}", PDP__KEY_SKIP, "kty", other},
        {"{\"kty\":\"RSA \"}", PDP__KEY_SKIP, "kty", other},
        {"{\"kty\":\"AKP\",\"pub\":\"AQ\"}", PDP__KEY_SKIP, "kty", other},
    };

    BAD(cases);
}

static void
test_purpose(void **state)
{
    (void)state;
    static const char use[] = "use is not \"sig\"";
    static const char lacks[] = "key_ops lacks \"verify\"";
    static const struct bad cases[] = {
        {RSA ",\"use\":\"enc\"}", PDP__KEY_SKIP, "use", use},
        {RSA ",\"use\":\"Sig\"}", PDP__KEY_SKIP, "use", use},
        {RSA ",\"use\":\"\"}", PDP__KEY_SKIP, "use", use},
        {RSA ",\"use\":[\"sig\"]}", PDP__KEY_SKIP, "use", use},
        {RSA ",\"use\":null}", PDP__KEY_SKIP, "use", use},
        {RSA ",\"key_ops\":[\"encrypt\"]}", PDP__KEY_SKIP, "key_ops", lacks},
        {RSA ",\"key_ops\":[\"sign\"],\"use\":\"sig\"}", PDP__KEY_SKIP,
            "key_ops", lacks},
        {RSA ",\"key_ops\":[]}", PDP__KEY_SKIP, "key_ops", lacks},
        {RSA ",\"key_ops\":\"verify\"}", PDP__KEY_SKIP, "key_ops",
            "key_ops is not an array"},
        {RSA ",\"key_ops\":{\"verify\":true}}", PDP__KEY_SKIP, "key_ops",
            "key_ops is not an array"},
        /* a weak key that is not for us does not refuse the set */
        {"{\"kty\":\"RSA\",\"use\":\"enc\",\"n\":\"AQ\",\"e\":\"AQ\"}",
            PDP__KEY_SKIP, "use", use},
    };

    BAD(cases);
}

static void
test_key_ops_item_of_another_type(void **state)
{
    (void)state;
    char text[TEXT_MAX];
    struct imported in;

    expand(RSA ",\"key_ops\":[\"verify\",5]}", text);
    import_jwk(&in, text);
    assert_int_equal(in.result, PDP__KEY_SKIP);
    assert_string_equal(in.why, "an item of key_ops is not a string");
    assert_true(pdp__json_is(&in.doc, in.node, PDP__JSON_NUMBER));
}

static void
test_alg(void **state)
{
    (void)state;
    static const char other[] = "alg is not supported";
    static const char unfit[] = "alg does not fit the key type";
    static const struct bad cases[] = {
        {RSA ",\"alg\":5}", PDP__KEY_MALFORMED, "alg", "alg is not a string"},
        {RSA ",\"alg\":null}", PDP__KEY_MALFORMED, "alg",
            "alg is not a string"},
        {RSA ",\"alg\":\"RSA-OAEP\"}", PDP__KEY_SKIP, "alg", other},
        {RSA ",\"alg\":\"HS256\"}", PDP__KEY_SKIP, "alg", other},
        {RSA ",\"alg\":\"none\"}", PDP__KEY_SKIP, "alg", other},
        {RSA ",\"alg\":\"rs256\"}", PDP__KEY_SKIP, "alg", other},
        {RSA ",\"alg\":\"\"}", PDP__KEY_SKIP, "alg", other},
        {EC ",\"alg\":\"ES521\"}", PDP__KEY_SKIP, "alg", other},
        {EC ",\"alg\":\"ECDH-ES\"}", PDP__KEY_SKIP, "alg", other},
        {OKP ",\"alg\":\"Ed25519\"}", PDP__KEY_SKIP, "alg", other},
        {RSA ",\"alg\":\"ES256\"}", PDP__KEY_MALFORMED, "alg", unfit},
        {RSA ",\"alg\":\"EdDSA\"}", PDP__KEY_MALFORMED, "alg", unfit},
        {EC ",\"alg\":\"RS256\"}", PDP__KEY_MALFORMED, "alg", unfit},
        {EC ",\"alg\":\"ES384\"}", PDP__KEY_MALFORMED, "alg", unfit},
        {OKP ",\"alg\":\"ES256\"}", PDP__KEY_MALFORMED, "alg", unfit},
    };

    BAD(cases);
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

#define EC_OF(crv, x, y)                                                       \
    "{\"kty\":\"EC\",\"crv\":\"" crv "\",\"x\":\"" x "\",\"y\":\"" y "\"}"

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

#define OKP_OF(crv, x) "{\"kty\":\"OKP\",\"crv\":\"" crv "\",\"x\":\"" x "\"}"

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

static void
test_key_inside_a_set(void **state)
{
    (void)state;
    char text[TEXT_MAX];
    struct imported in;

    expand("{\"d\":1,\"keys\":[" OKP "}," EC "}]}", text);
    size_t len = strlen(text);

    memcpy(in.text, text, len + 1);
    assert_true(pdp__json_read(in.text, len, in.nodes, NODES_MAX, &in.doc));
    uint32_t keys = pdp__json_member(&in.doc, 0, PDP__LIT("keys"));
    static const enum pdp__alg algs[] = {PDP__ALG_EDDSA, PDP__ALG_ES256};
    size_t cnt = 0;

    PDP__JSON_EACH(&in.doc, keys, ix)
    {
        assert_true(cnt < 2);
        assert_int_equal(pdp__key_import(&in.doc, ix, &in.key, &in.why,
                             &in.node),
            PDP__KEY_OK);
        assert_int_equal(pdp__key_algs(in.key), PDP__ALG_BIT(algs[cnt++]));
        pdp__key_free(in.key);
    }
    assert_int_equal(cnt, 2);
}

static void
test_free_of_nothing(void **state)
{
    (void)state;
    pdp__key_free(NULL);
}

/* Whatever allocation of libcrypto fails: no crash, no leak, no half key,
 * and the blame goes to memory. */
static void
test_every_allocation_fails_once(void **state)
{
    (void)state;
    static const char *const cases[] = {RSA "}", EC "}", OKP "}"};

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char text[TEXT_MAX];
        struct imported in;
        size_t n = 0;
        size_t failures = 0;
        bool failed;

        expand(cases[i], text);
        do {
            crypto_calls = 0;
            crypto_fail_at = ++n;
            import_jwk(&in, text);
            failed = crypto_calls >= n;
            crypto_fail_at = 0;
            if (in.result != PDP__KEY_OK) {
                assert_int_equal(in.result, PDP__KEY_NOMEM);
                assert_int_equal(strncmp(in.why, "there is not enough memory",
                                     26),
                    0);
                failures++;
            }
            pdp__key_free(in.key);
            assert_true(n < 100000);
        } while (failed);
        assert_int_equal(in.result, PDP__KEY_OK);
        assert_true(failures > 10);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_good_rsa),
        cmocka_unit_test(test_good_ec),
        cmocka_unit_test(test_good_okp),
        cmocka_unit_test(test_good_with_other_members),
        cmocka_unit_test(test_not_an_object),
        cmocka_unit_test(test_private),
        cmocka_unit_test(test_kty),
        cmocka_unit_test(test_purpose),
        cmocka_unit_test(test_key_ops_item_of_another_type),
        cmocka_unit_test(test_alg),
        cmocka_unit_test(test_bad_modulus),
        cmocka_unit_test(test_bad_exponent),
        cmocka_unit_test(test_bad_ec),
        cmocka_unit_test(test_bad_okp),
        cmocka_unit_test(test_key_inside_a_set),
        cmocka_unit_test(test_free_of_nothing),
        cmocka_unit_test(test_every_allocation_fails_once),
    };

    wrap_crypto_memory();
    return cmocka_run_group_tests(tests, make_numbers, NULL);
}
