/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
/* Query parameters that a route uses. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "grant_text.h"

#include "../named/small_service.h"

#define TAGS "/api/v1/images/tags"
#define GREEN "us.icr.io%2Fbirds%2Fwoodpecker:green"
#define RED "us.icr.io%2Fbirds%2Fwoodpecker:red"

static const char *
as_manager(const char *method, const char *target)
{
    return decide(&fixture, method, target,
        token_with(&fixture, ",\"roles\":[\"Manager\"]"));
}

static void
bad_queries(void **state)
{
    static const struct {
        const char *query;
        const char *reason;
        int64_t offset; /* in the query */
    } cases[] = {
        {"fromimage=" GREEN "&fromimage=" GREEN, "ambiguous_query", 47},
        {"fromimage=", "bad_param", 0},
        {"fromimage", "bad_param", 0},
        {"fromimage=x", "bad_param", 0},
        {"a=b&toimage=%zz", "bad_param", 4},
        {"fromimage=us.icr.io/birds/x;y", "bad_param", 0},
        {"a=1;fromimage=" GREEN, "bad_param", 0},
        {"from%zzimage=x&toimage=x", "bad_param", 15},
        {"fromimage=evil.example/birds/x", "bad_param", 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        snprintf(fixture.target, sizeof(fixture.target), TAGS "?%s",
            cases[i].query);
        assert_reason(as_manager("POST", fixture.target), cases[i].reason);
        assert_int_equal(pdp_decision_offset(fixture.decision),
            (int64_t)sizeof(TAGS "?") - 1 + cases[i].offset);
        assert_string_equal(missing(&fixture), "image.pull,image.push");
    }
    /* `+` is a space: no image has one.  Names are decoded, too. */
    assert_reason(as_manager("POST", TAGS "?from%69mage=us.icr.io/birds/x"),
        "permitted");
    assert_reason(as_manager("POST", TAGS "?fromimage=us.icr.io/birds/x+y"),
        "bad_param");
    /* What the route does not use is not looked at. */
    assert_reason(as_manager("POST", TAGS "?a=;&b=%zz&a=1"), "permitted");
}

static void
a_query_that_may_repeat(void **state)
{
    (void)state;
    assert_reason(as_manager("GET", "/api/v1/images?repository="
                                    "us.icr.io/birds/a&repository="
                                    "us.icr.io/fish/b&namespace=apes"),
        "permitted");
    assert_int_equal(pdp_decision_required_cnt(fixture.decision), 3);
    /* Without tag or digest. */
    assert_reason(as_manager("GET", "/api/v1/images?repository="
                                    "us.icr.io/birds/a:1"),
        "bad_param");
    /* More than a decision has room for. */
    snprintf(fixture.target, sizeof(fixture.target), "/api/v1/images?");
    for (int i = 0; i < 65; i++) {
        append(fixture.target, "repository=us.icr.io/birds/a&");
    }
    assert_reason(as_manager("GET", fixture.target), "bad_param");
    fixture.target[strlen(fixture.target) - 29] = '\0';
    assert_reason(as_manager("GET", fixture.target), "permitted");
    assert_int_equal(pdp_decision_required_cnt(fixture.decision), 64);
}

/* A text may hold any character, but not half of one. */
static void
values_that_are_no_text(void **state)
{
    static const struct {
        const char *target;
        const char *reason;
        int64_t offset;
    } cases[] = {
        {"/x?name=%C3%A9", "permitted", -1},
        {"/x?name=%C3", "bad_param", 3},
        {"/x?name=a%FFb", "bad_param", 3},
        {"/x?a=%FF&name=%FF", "bad_param", 9},
        {"/x?name=%00", "bad_param", 3},
        {"/x?%FF=a&name=a", "permitted", -1},
    };

    (void)state;
    load_small("[]");
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_reason(as(",\"roles\":[\"Reader\"]", "GET", cases[i].target),
            cases[i].reason);
        assert_int_equal(pdp_decision_offset(fixture.decision),
            cases[i].offset);
    }
    load(&fixture, NULL);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bad_queries),
        cmocka_unit_test(a_query_that_may_repeat),
        cmocka_unit_test(values_that_are_no_text),
    };

    return cmocka_run_group_tests(tests, load_default, teardown);
}
