/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
/* Members every JWK has: private ones, use, key_ops, alg. */
#include "crypto/key_impl.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "jwk_cases.h"

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

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_private),
        cmocka_unit_test(test_purpose),
        cmocka_unit_test(test_key_ops_item_of_another_type),
        cmocka_unit_test(test_alg),
    };

    return cmocka_run_group_tests(tests, make_numbers, NULL);
}
