/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include "pdpd/now.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/clock.h"

/*
 * T59: time for decisions does not go back.  What a step of the clock does to
 * tokens is seen from outside, in tests/integration/pdpd_clock.py.
 */

#define SECOND INT64_C(1000000000)

static void
test_the_later_one(void **state)
{
    /* The clock said 1000 s, and 7 s have passed since. */
    static const struct {
        int64_t wall;
        int64_t now;
    } cases[] = {
        {1007, 1007},
        {1008, 1008},
        {1006, 1007},
        {0, 1007},
        {-5, 1007},
        {86400 * 365, 86400 * 365},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_int_equal(pdpd__now_later(cases[i].wall * SECOND, 7 * SECOND,
                             1000 * SECOND),
            cases[i].now * SECOND);
    }
    assert_int_equal(pdpd__now_later(1007 * SECOND + 1, 7 * SECOND,
                         1000 * SECOND),
        1007 * SECOND + 1);
}

/* Between two looks at the clock itself. */
static void
test_it_is_the_clock(void **state)
{
    int64_t before = 0;
    int64_t now = 0;
    int64_t after = 0;
    uint32_t nsec = 0;
    (void)state;
    pdpd__now_trust();
    pdp__clock_now(&before, &nsec);
    pdpd__now(&now, &nsec);
    assert_in_range(nsec, 0, SECOND - 1);
    pdp__clock_now(&after, &nsec);
    /* A clock that is set back meanwhile is what this is about. */
    if (after >= before) {
        assert_true(before <= now && now <= after + 1);
        assert_int_equal(pdpd__now_behind_sec(), 0);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_later_one),
        cmocka_unit_test(test_it_is_the_clock),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
