/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
/* Stretches of time: inside or not, and the next edge. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "model/span.h"

enum { DAY = 86400, WEEK = 7 * DAY };

static void
check(struct pdp__span span, int64_t now, bool holds, int64_t edge)
{
    assert_int_equal(pdp__span_holds(&span, now), holds);
    assert_true(pdp__span_edge(&span, now) == edge);
}

static void
once(void **state)
{
    const struct pdp__span span = {10, 20, 0, 0};

    (void)state;
    check(span, INT64_MIN, false, 10);
    check(span, 9, false, 10);
    check(span, 10, true, 21);
    check(span, 20, true, 21);
    check(span, 21, false, PDP__NO_EDGE);
    check(span, INT64_MAX, false, PDP__NO_EDGE);
}

static void
without_an_end(void **state)
{
    const struct pdp__span from = {10, INT64_MAX, 0, 0};
    const struct pdp__span to = {INT64_MIN, 20, 0, 0};

    (void)state;
    check(from, 9, false, 10);
    check(from, 10, true, PDP__NO_EDGE);
    check(from, INT64_MAX, true, PDP__NO_EDGE);
    check(to, INT64_MIN, true, 21);
    check(to, 20, true, 21);
    check(to, 21, false, PDP__NO_EDGE);
}

static void
every_day(void **state)
{
    /* 22:00:00 to 06:00:00, which is a second of it. */
    const struct pdp__span night = {22 * 3600, 8 * 3600, DAY, 0};

    (void)state;
    for (int64_t day = -3; day <= 3; day++) {
        int64_t midnight = day * DAY;
        check(night, midnight, true, midnight + 6 * 3600 + 1);
        check(night, midnight + 6 * 3600, true, midnight + 6 * 3600 + 1);
        check(night, midnight + 6 * 3600 + 1, false, midnight + 22 * 3600);
        check(night, midnight + 22 * 3600 - 1, false, midnight + 22 * 3600);
        check(night, midnight + 22 * 3600, true, midnight + DAY + 6 * 3600 + 1);
    }
}

/* The same instants, whatever beginning is written. */
static void
any_beginning(void **state)
{
    (void)state;
    for (int64_t turns = -2; turns <= 2; turns++) {
        const struct pdp__span span = {100 + turns * WEEK, 9, WEEK, 0};
        check(span, 99, false, 100);
        check(span, 100, true, 110);
        check(span, 109, true, 110);
        check(span, 110, false, 100 + WEEK);
        check(span, 99 - WEEK, false, 100 - WEEK);
        check(span, 100 - WEEK, true, 110 - WEEK);
    }
}

static void
always(void **state)
{
    const struct pdp__span span = {12345, DAY - 1, DAY, 0};
    static const int64_t times[] = {INT64_MIN, -1, 0, 12344, 12345, INT64_MAX};

    (void)state;
    for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
        check(span, times[i], true, PDP__NO_EDGE);
    }
}

/* No clock shows these; nothing may overflow all the same. */
static void
the_ends_of_the_numbers(void **state)
{
    const struct pdp__span span = {0, 0, DAY, 0};
    static const int64_t times[] = {INT64_MIN, INT64_MIN + 1, INT64_MAX - 1,
        INT64_MAX};

    (void)state;
    for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
        bool holds = times[i] % DAY == 0;
        assert_int_equal(pdp__span_holds(&span, times[i]), holds);
        assert_true(pdp__span_edge(&span, times[i]) >= times[i]);
    }
    assert_true(pdp__span_edge(&span, INT64_MAX) == PDP__NO_EDGE);
}

/* The edge is the first change, second by second. */
static void
edges_are_first_changes(void **state)
{
    static const struct pdp__span spans[] = {{3, 4, 10, 0}, {-8, 0, 10, 0},
        {7, 8, 10, 0}, {5, 9, 10, 0}, {-20, 3, 0, 0}, {4, 4, 0, 0}};

    (void)state;
    for (size_t i = 0; i < sizeof(spans) / sizeof(spans[0]); i++) {
        for (int64_t now = -40; now < 40; now++) {
            bool holds = pdp__span_holds(&spans[i], now);
            int64_t edge = now + 1;
            while (edge < 100 && pdp__span_holds(&spans[i], edge) == holds) {
                edge++;
            }
            assert_true(pdp__span_edge(&spans[i], now) ==
                        (edge == 100 ? PDP__NO_EDGE : edge));
        }
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(once),
        cmocka_unit_test(without_an_end),
        cmocka_unit_test(every_day),
        cmocka_unit_test(any_beginning),
        cmocka_unit_test(always),
        cmocka_unit_test(the_ends_of_the_numbers),
        cmocka_unit_test(edges_are_first_changes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
