/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include "crypto/key_impl.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "jwk_cases.h"

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
test_key_inside_a_set(void **state)
{
    (void)state;
    char text[TEXT_MAX];
    struct imported in;
    pdp_mem_t mem = pdp__mem_default();

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
        assert_int_equal(pdp__key_import(&in.doc, ix, &mem, &in.key, &in.why,
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
        cmocka_unit_test(test_good_with_other_members),
        cmocka_unit_test(test_not_an_object),
        cmocka_unit_test(test_kty),
        cmocka_unit_test(test_key_inside_a_set),
        cmocka_unit_test(test_free_of_nothing),
        cmocka_unit_test(test_every_allocation_fails_once),
    };

    wrap_crypto_memory();
    return cmocka_run_group_tests(tests, make_numbers, NULL);
}
