/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
/* Stage 2: the path rules through a whole decision, and `_method`. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <jansson.h>

#include "fixture.h"

/* The rules themselves have their own tests; here: reason and offset get
 * through, whatever token there is. */
static void
reasons_and_offsets(void **state)
{
    static const struct {
        const char *target;
        const char *reason;
        int64_t offset;
    } cases[] = {
        {"", "target_form", 0},
        {"*", "target_form", 0},
        {"//host/api/v1/auth", "target_form", 1},
        {"http://h/api/v1/auth", "target_form", 0},
        {"/", "empty_segment", 1},
        {"/api/v1/auth/", "empty_segment", 13},
        {"/api/v1/au\"th", "bad_byte", 10},
        {"/api/v1/auth?a=#", "bad_byte", 15},
        {"/api/v1/%2", "bad_percent", 8},
        {"/api/v1/%61uth", "overencoded", 8},
        {"/api/v1/%00", "control", 8},
        {"/api/v1/%c3%a9", "non_ascii", 8},
        {"/api/v1/auth;x", "delimiter", 12},
        {"/api/v1/../auth", "dot_segment", 8},
        {"/api/v1/images/x%2F..%2F..%2Fnamespaces%2Ffoo", "dot_segment", -2},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_reason(decide(&fixture, "DELETE", cases[i].target, NULL),
            cases[i].reason);
        int64_t offset = pdp_decision_offset(fixture.decision);
        if (cases[i].offset == -2) {
            assert_true(offset >= 15);
        } else {
            assert_int_equal(offset, cases[i].offset);
        }
        assert_null(pdp_decision_path(fixture.decision).ptr);
        assert_int_equal(pdp_decision_required_cnt(fixture.decision), 0);
        assert_null(pdp_decision_at_action(fixture.decision).ptr);
    }
}

static void
too_long(void **state)
{
    char *target = fixture.target;

    (void)state;
    memset(target, 'a', 4097);
    target[0] = '/';
    target[4097] = '\0';
    assert_reason(decide(&fixture, "GET", target, NULL), "too_long");
    target[4096] = '\0';
    assert_reason(decide(&fixture, "GET", target, NULL), "no_route");
    target[0] = '\0';
    for (int i = 0; i < 33; i++) {
        append(target, "/a");
    }
    assert_reason(decide(&fixture, "GET", target, NULL), "too_long");
    target[64] = '\0';
    assert_reason(decide(&fixture, "GET", target, NULL), "no_route");
}

static void
method_in_the_query(void **state)
{
    static const char *const bad[] = {"/api/v1/messages?_method=DELETE",
        "/api/v1/messages?a=b&_method=", "/api/v1/messages?_method",
        "/api/v1/messages?%5Fmethod=PUT", "/api/v1/messages?_meth%6Fd=PUT",
        "/api/v1/messages?a=1;_method=PUT"};

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_reason(decide(&fixture, "GET", bad[i], NULL), "method_override");
        assert_true(pdp_decision_offset(fixture.decision) >= 17);
    }
    assert_reason(decide(&fixture, "GET",
                      "/api/v1/messages?a_method=x&methods=y", NULL),
        "public");
}

static void
canonical_path(void **state)
{
    (void)state;
    decide(&fixture, "GET",
        "/api/v1/images/us.icr.io%2fbirds%2Fx%3a1/json?a=%2f", NULL);
    assert_str(pdp_decision_path(fixture.decision),
        "/api/v1/images/us.icr.io%2Fbirds%2Fx%3A1/json");
}

/* Every target of the external corpus: refused with exactly the reason that
 * is expected, or past the path rules. */
static void
external_corpus(void **state)
{
    static const char *const path_reasons[] = {"too_long", "target_form",
        "bad_byte", "bad_percent", "overencoded", "control", "non_ascii",
        "delimiter", "empty_segment", "dot_segment"};
    char *text = read_shared("vectors/canonical-path-expectations.jsonl");
    size_t refused = 0;
    size_t passed = 0;

    (void)state;
    if (text == NULL) {
        print_message("skipped: PDP_SHARED has no path corpus\n");
        skip();
    }
    char *cursor = text;
    char *line;
    while ((line = next_line(&cursor)) != NULL) {
        json_t *row = json_loads(line, JSON_ALLOW_NUL, NULL);
        assert_non_null(row);
        json_t *target = json_object_get(row, "target");
        json_t *expect = json_object_get(row, "expect");
        const char *reason =
            json_string_value(json_object_get(expect, "reason"));
        request(&fixture, "GET", "");
        fixture.request.target =
            (pdp_str_t){json_string_value(target), json_string_length(target)};
        const char *got = pdp_reason_name(judge(&fixture));
        if (reason != NULL) {
            assert_reason(got, reason);
            refused++;
        } else {
            for (size_t i = 0;
                 i < sizeof(path_reasons) / sizeof(path_reasons[0]); i++) {
                assert_string_not_equal(got, path_reasons[i]);
            }
            passed++;
        }
        json_decref(row);
    }
    free(text);
    assert_int_equal(refused, 2013);
    assert_int_equal(passed, 92);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reasons_and_offsets),
        cmocka_unit_test(too_long),
        cmocka_unit_test(method_in_the_query),
        cmocka_unit_test(canonical_path),
        cmocka_unit_test(external_corpus),
    };

    return cmocka_run_group_tests(tests, load_default, teardown);
}
