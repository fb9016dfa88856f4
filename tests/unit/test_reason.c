/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include "pdp/reason.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

/*
 * The table of reasons.  The names and statuses are written out again here,
 * since outsiders rely on them: an edit of the table must fail this test.
 */

static const struct {
    pdp_reason_t reason;
    const char *name;
    int status;
} expected[] = {
    {PDP_REASON_PERMITTED, "permitted", 200},
    {PDP_REASON_PUBLIC, "public", 200},
    {PDP_REASON_AUTHENTICATED, "authenticated", 200},
    {PDP_REASON_BAD_METHOD, "bad_method", 400},
    {PDP_REASON_TOO_LONG, "too_long", 400},
    {PDP_REASON_TARGET_FORM, "target_form", 400},
    {PDP_REASON_BAD_BYTE, "bad_byte", 400},
    {PDP_REASON_BAD_PERCENT, "bad_percent", 400},
    {PDP_REASON_OVERENCODED, "overencoded", 400},
    {PDP_REASON_CONTROL, "control", 400},
    {PDP_REASON_NON_ASCII, "non_ascii", 400},
    {PDP_REASON_DELIMITER, "delimiter", 400},
    {PDP_REASON_EMPTY_SEGMENT, "empty_segment", 400},
    {PDP_REASON_DOT_SEGMENT, "dot_segment", 400},
    {PDP_REASON_BAD_PARAM, "bad_param", 400},
    {PDP_REASON_AMBIGUOUS_PATH, "ambiguous_path", 400},
    {PDP_REASON_AMBIGUOUS_QUERY, "ambiguous_query", 400},
    {PDP_REASON_AMBIGUOUS_HEADER, "ambiguous_header", 400},
    {PDP_REASON_METHOD_OVERRIDE, "method_override", 400},
    {PDP_REASON_PROXY_MISMATCH, "proxy_mismatch", 400},
    {PDP_REASON_TOKEN_MISSING, "token_missing", 401},
    {PDP_REASON_TOKEN_MALFORMED, "token_malformed", 401},
    {PDP_REASON_ALG_REFUSED, "alg_refused", 401},
    {PDP_REASON_KEY_UNKNOWN, "key_unknown", 401},
    {PDP_REASON_KEY_STALE, "key_stale", 401},
    {PDP_REASON_SIGNATURE_INVALID, "signature_invalid", 401},
    {PDP_REASON_TOKEN_EXPIRED, "token_expired", 401},
    {PDP_REASON_TOKEN_NOT_YET_VALID, "token_not_yet_valid", 401},
    {PDP_REASON_ISSUER_UNTRUSTED, "issuer_untrusted", 401},
    {PDP_REASON_AUDIENCE_MISMATCH, "audience_mismatch", 401},
    {PDP_REASON_TYPE_MISMATCH, "type_mismatch", 401},
    {PDP_REASON_CLAIM_INVALID, "claim_invalid", 401},
    {PDP_REASON_TOKEN_REVOKED, "token_revoked", 401},
    {PDP_REASON_ACCOUNT_MISMATCH, "account_mismatch", 403},
    {PDP_REASON_UNKNOWN_NAMESPACE, "unknown_namespace", 403},
    {PDP_REASON_SCOPE_MISMATCH, "scope_mismatch", 403},
    {PDP_REASON_NO_GRANT, "no_grant", 403},
    {PDP_REASON_EXPLICIT_DENY, "explicit_deny", 403},
    {PDP_REASON_CONDITION_ERROR, "condition_error", 403},
    {PDP_REASON_CONTEXT_DENIED, "context_denied", 403},
    {PDP_REASON_NO_ROUTE, "no_route", 404},
    {PDP_REASON_METHOD_NOT_ALLOWED, "method_not_allowed", 405},
    {PDP_REASON_INTERNAL, "internal", 500},
};

enum { EXPECTED_COUNT = sizeof(expected) / sizeof(expected[0]) };

static void
test_zero_is_internal(void **state)
{
    (void)state;
    pdp_reason_t reason;

    memset(&reason, 0, sizeof(reason));
    assert_int_equal(reason, PDP_REASON_INTERNAL);
    assert_false(pdp_reason_allows(reason));
}

static void
test_names_and_statuses(void **state)
{
    (void)state;
    assert_int_equal(EXPECTED_COUNT, PDP_REASON_COUNT);
    for (size_t i = 0; i < EXPECTED_COUNT; i++) {
        assert_string_equal(pdp_reason_name(expected[i].reason),
            expected[i].name);
        assert_int_equal(pdp_reason_status(expected[i].reason),
            expected[i].status);
    }
}

static void
test_three_reasons_allow(void **state)
{
    (void)state;
    int allowing = 0;

    for (int i = 0; i < PDP_REASON_COUNT; i++) {
        bool allows = pdp_reason_allows((pdp_reason_t)i);

        allowing += allows ? 1 : 0;
        assert_int_equal(allows, pdp_reason_status((pdp_reason_t)i) == 200);
    }
    assert_int_equal(allowing, 3);
    assert_true(pdp_reason_allows(PDP_REASON_PERMITTED));
    assert_true(pdp_reason_allows(PDP_REASON_PUBLIC));
    assert_true(pdp_reason_allows(PDP_REASON_AUTHENTICATED));
}

static void
test_names_and_texts_are_unique(void **state)
{
    (void)state;
    for (int i = 0; i < PDP_REASON_COUNT; i++) {
        const char *text = pdp_reason_text((pdp_reason_t)i);

        assert_true(strlen(text) > 0);
        for (int j = 0; j < i; j++) {
            assert_string_not_equal(text, pdp_reason_text((pdp_reason_t)j));
            assert_string_not_equal(pdp_reason_name((pdp_reason_t)i),
                pdp_reason_name((pdp_reason_t)j));
        }
    }
}

static void
test_texts(void **state)
{
    (void)state;
    assert_string_equal(pdp_reason_text(PDP_REASON_INTERNAL),
        "the decision point failed; denied");
    assert_string_equal(pdp_reason_text(PDP_REASON_NO_GRANT),
        "a required action is not granted");
}

static void
test_not_a_reason(void **state)
{
    (void)state;
    pdp_reason_t reason = (pdp_reason_t)PDP_REASON_COUNT;

    assert_string_equal(pdp_reason_name(reason), "internal");
    assert_string_equal(pdp_reason_text(reason),
        "the decision point failed; denied");
    assert_int_equal(pdp_reason_status(reason), 500);
    assert_false(pdp_reason_allows(reason));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_zero_is_internal),
        cmocka_unit_test(test_names_and_statuses),
        cmocka_unit_test(test_three_reasons_allow),
        cmocka_unit_test(test_names_and_texts_are_unique),
        cmocka_unit_test(test_texts),
        cmocka_unit_test(test_not_a_reason),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
