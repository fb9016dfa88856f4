/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include "crypto/alg.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* Names of algorithms: ten are known, in one spelling each. */

static const struct {
    enum pdp__alg alg;
    const char *name;
} known[] = {
    {PDP__ALG_RS256, "RS256"},
    {PDP__ALG_RS384, "RS384"},
    {PDP__ALG_RS512, "RS512"},
    {PDP__ALG_PS256, "PS256"},
    {PDP__ALG_PS384, "PS384"},
    {PDP__ALG_PS512, "PS512"},
    {PDP__ALG_ES256, "ES256"},
    {PDP__ALG_ES384, "ES384"},
    {PDP__ALG_ES512, "ES512"},
    {PDP__ALG_EDDSA, "EdDSA"},
};

enum { KNOWN_COUNT = sizeof(known) / sizeof(known[0]) };

static void
test_known(void **state)
{
    (void)state;
    uint32_t seen = 0;

    assert_int_equal(KNOWN_COUNT, PDP__ALG_COUNT - 1);
    for (size_t i = 0; i < KNOWN_COUNT; i++) {
        assert_int_equal(pdp__alg_find(pdp__str_z(known[i].name)),
            known[i].alg);
        assert_string_equal(pdp__alg_name(known[i].alg), known[i].name);
        seen |= PDP__ALG_BIT(known[i].alg);
    }
    assert_int_equal(seen, (1u << PDP__ALG_COUNT) - 2);
}

static void
test_refused(void **state)
{
    (void)state;
    static const pdp_str_t refused[] = {{NULL, 0}, PDP__LIT_INIT(""),
        PDP__LIT_INIT("none"), PDP__LIT_INIT("None"), PDP__LIT_INIT("NONE"),
        PDP__LIT_INIT("HS256"), PDP__LIT_INIT("HS384"), PDP__LIT_INIT("HS512"),
        PDP__LIT_INIT("rs256"), PDP__LIT_INIT("RS256 "),
        PDP__LIT_INIT(" RS256"), PDP__LIT_INIT("RS25"), PDP__LIT_INIT("RS2567"),
        PDP__LIT_INIT("RS256\0"), PDP__LIT_INIT("\0RS256"),
        PDP__LIT_INIT("RS1"), PDP__LIT_INIT("ES521"), PDP__LIT_INIT("ES256K"),
        PDP__LIT_INIT("EDDSA"), PDP__LIT_INIT("Ed25519"),
        PDP__LIT_INIT("RSA-OAEP"), PDP__LIT_INIT("A256GCM"),
        PDP__LIT_INIT("dir")};

    for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
        assert_int_equal(pdp__alg_find(refused[i]), PDP__ALG_NONE);
    }
}

static void
test_no_name(void **state)
{
    (void)state;
    assert_string_equal(pdp__alg_name(PDP__ALG_NONE), "");
    assert_string_equal(pdp__alg_name(PDP__ALG_COUNT), "");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_known),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_no_name),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
