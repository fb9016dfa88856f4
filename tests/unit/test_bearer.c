/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
/* Stage 4: Authorization values. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "fixture.h"

#define TARGET "/api/v1/auth"

static const char *
with_header(const char *value)
{
    request(&fixture, "GET", TARGET);
    header(&fixture, "Authorization", value);
    return pdp_reason_name(judge(&fixture));
}

static void
no_bearer_token(void **state)
{
    static const char *const values[] = {"", "B", "Beare",
        "Basic Zm9vOmJhcg==", "Bearer\tx", "BearerX", "Bearer:x", " Bearer x",
        "Token x", "Digest x", "Basics x", "Bearez x", "Digest"};

    (void)state;
    assert_reason(decide(&fixture, "GET", TARGET, NULL), "token_missing");
    for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
        assert_reason(with_header(values[i]), "token_missing");
    }
}

static void
bearer_without_a_token(void **state)
{
    (void)state;
    assert_reason(with_header("Bearer"), "token_malformed");
    assert_reason(with_header("Bearer "), "token_malformed");
    assert_reason(with_header("bearer      "), "token_malformed");
}

/* Every length from 0 to 64, of every prefix of a valid value and of junk:
 * the arithmetic never wraps. */
static void
every_length(void **state)
{
    char value[80];
    char *exact;

    (void)state;
    for (size_t len = 0; len <= 64; len++) {
        memcpy(value,
            "Bearer aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
            "aaaaaaaaaaaaaaaaaaaaaaaaaa",
            77);
        exact = malloc(len == 0 ? 1 : len);
        assert_non_null(exact);
        memcpy(exact, value, len);
        request(&fixture, "GET", TARGET);
        header(&fixture, "Authorization", "");
        fixture.headers[0].value = (pdp_str_t){exact, len};
        pdp_reason_t reason = judge(&fixture);
        assert_int_equal(reason,
            len < 6 ? PDP_REASON_TOKEN_MISSING : PDP_REASON_TOKEN_MALFORMED);
        free(exact);
    }
}

static void
scheme_in_any_case_and_spaces(void **state)
{
    char value[TOKEN_CAP + 32];
    const char *token = token_with(&fixture, ",\"roles\":[\"Reader\"]");

    (void)state;
    snprintf(value, sizeof(value), "bEARER    %s", token);
    assert_reason(with_header(value), "permitted");
    snprintf(value, sizeof(value), "Bearer %s ", token);
    assert_reason(with_header(value), "token_malformed");
    snprintf(value, sizeof(value), "Bearer %s,x", token);
    assert_reason(with_header(value), "token_malformed");
}

static void
too_long(void **state)
{
    static char value[9000];

    (void)state;
    memset(value, '.', sizeof(value));
    memcpy(value, "Bearer ", 7);
    value[7 + 8193] = '\0';
    assert_reason(with_header(value), "token_malformed");
    assert_int_equal(pdp_decision_offset(fixture.decision), 0);
    value[7 + 8192] = '\0';
    assert_reason(with_header(value), "token_malformed");
    /* The fourth dot is where it stops being a compact JWS. */
    assert_int_equal(pdp_decision_offset(fixture.decision), 2);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_bearer_token),
        cmocka_unit_test(bearer_without_a_token),
        cmocka_unit_test(every_length),
        cmocka_unit_test(scheme_in_any_case_and_spaces),
        cmocka_unit_test(too_long),
    };

    return cmocka_run_group_tests(tests, load_default, teardown);
}
