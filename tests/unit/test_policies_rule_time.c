/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "read_util.h"

#include "policy_text.h"
#include "rule_text.h"

/* Times: what they are compiled to. */

/* One span, or none (period 1). */
static void
assert_span(const char *text, int64_t first, int64_t last, uint32_t period)
{
    struct bench bench;
    const struct pdp__rule_test *test = first_test(&bench, text);

    assert_int_equal(test->topic, PDP__TOPIC_TIME);
    assert_int_equal(test->spans.cnt, period != 1);
    if (period != 1) {
        const struct pdp__span *span =
            PDP__ITEM(&bench.b, spans, struct pdp__span, test->spans.first);
        if (span->first != first || span->last != last ||
            span->period != period) {
            fail_msg("%s: %lld %lld %u", text, (long long)span->first,
                (long long)span->last, (unsigned)span->period);
        }
    }
    bench_free(&bench);
}

/* A time without a day has no pattern, so each stands in an `or` with one. */
static void
times_of_day(void **state)
{
    static const struct {
        const char *op, *value;
        int64_t first, last;
    } cases[] = {
        {"timeGreaterThanOrEquals", "09:00:00-05:00", 50400, 53999},
        {"timeGreaterThan", "09:00:00-05:00", 50401, 53998},
        {"timeLessThanOrEquals", "09:00:00-05:00", 18000, 32400},
        {"timeLessThan", "09:00:00-05:00", 18000, 32399},
        {"timeGreaterThanOrEquals", "00:00:00+00:00", 0, 86399},
        {"timeGreaterThan", "23:59:58Z", 86399, 0},
        {"timeGreaterThan", "23:59:59Z", 0, -1},
        {"timeLessThan", "00:00:01Z", 0, 0},
        {"timeLessThan", "00:00:00Z", 0, -1},
        {"timeLessThanOrEquals", "23:59:59+14:00", -50400, 86399},
    };
    char text[2048];

    (void)state;
    for (size_t i = 0; i < ARRAY_CNT(cases); i++) {
        struct bench bench;
        snprintf(text, sizeof(text),
            ONLY(CUSTOM_HOURS,
                OR(DAYS("1") ",{'key':'" ENV(
                    "current_time") "',"
                                    "'operator':'%s','value':'%s'}")),
            cases[i].op, cases[i].value);
        read_clean(&bench, text);
        const struct pdp__rule_test *test =
            PDP__ITEM(&bench.b, rule_tests, struct pdp__rule_test, 1);
        assert_int_equal(test->topic, PDP__TOPIC_TIME);
        if (cases[i].last < 0) {
            assert_int_equal(test->spans.cnt, 0);
        } else {
            const struct pdp__span *span =
                PDP__ITEM(&bench.b, spans, struct pdp__span, test->spans.first);
            assert_int_equal(test->spans.cnt, 1);
            assert_true(span->first == cases[i].first);
            assert_true(span->last == cases[i].last);
            assert_int_equal(span->period, 86400);
        }
        bench_free(&bench);
    }
}

#define AT(op, value)                                                          \
    ONLY(ONCE, COND(ENV("current_date_time"), "dateTime" op, "'" value "'"))
#define ON(op, value)                                                          \
    ONLY(ONCE, COND(ENV("current_date"), "date" op, "'" value "'"))

static void
instants_and_dates(void **state)
{
    (void)state;
    assert_span(AT("GreaterThanOrEquals", "2022-12-26T09:00:00-05:00"),
        1672063200, INT64_MAX, 0);
    assert_span(AT("GreaterThan", "2022-12-26T09:00:00-05:00"), 1672063201,
        INT64_MAX, 0);
    assert_span(AT("LessThanOrEquals", "2022-12-26T09:00:00-05:00"), INT64_MIN,
        1672063200, 0);
    assert_span(AT("LessThan", "2022-12-26T09:00:00-05:00"), INT64_MIN,
        1672063199, 0);
    /* 2026-11-21 begins at 1795219200 in Greenwich. */
    assert_span(ON("GreaterThanOrEquals", "2026-11-21+01:00"), 1795215600,
        INT64_MAX, 0);
    assert_span(ON("GreaterThan", "2026-11-21+01:00"), 1795302000, INT64_MAX,
        0);
    assert_span(ON("LessThanOrEquals", "2026-11-21+01:00"), INT64_MIN,
        1795301999, 0);
    assert_span(ON("LessThan", "2026-11-21+01:00"), INT64_MIN, 1795215599, 0);
    /* The bounds of what can be written. */
    assert_span(AT("GreaterThanOrEquals", "0000-01-01T00:00:00+23:59"),
        INT64_C(-62167305540), INT64_MAX, 0);
    assert_span(AT("LessThanOrEquals", "9999-12-31T23:59:59-23:59"), INT64_MIN,
        INT64_C(253402387139), 0);
}

#define WEEK INT64_C(604800)
#define MONDAY INT64_C(345600)
#define ONE_DAY(value) ONLY(ALL_DAY, DAY(value))
#define MANY_DAYS(values) ONLY(ALL_DAY, DAYS(values))

static void
days_of_the_week(void **state)
{
    struct bench bench;

    (void)state;
    assert_span(ONE_DAY("'1+00:00'"), MONDAY, 86399, 604800);
    assert_span(ONE_DAY("1"), MONDAY, 86399, 604800);
    assert_span(ONE_DAY("7"), MONDAY + 6 * 86400, 86399, 604800);
    assert_span(ONE_DAY("'3+06:00'"), MONDAY + 2 * 86400 - 21600, 86399,
        604800);
    /* Days in a row are one stretch, in any order and any number of times. */
    assert_span(MANY_DAYS("'1+00:00','2+00:00','3+00:00','4+00:00','5+00:00'"),
        MONDAY, 5 * 86400 - 1, 604800);
    assert_span(MANY_DAYS("3,1,2,2,'2Z',4,5,5,'1-00:00'"), MONDAY,
        5 * 86400 - 1, 604800);
    assert_span(MANY_DAYS("7,1"), MONDAY + 6 * 86400, 2 * 86400 - 1, 604800);
    assert_span(MANY_DAYS("1,2,3,4,5,6,7,1,2,3"), MONDAY, WEEK - 1, 604800);
    /* Others are not. */
    const struct pdp__rule_test *test =
        first_test(&bench, MANY_DAYS("1,3,5,'1+01:00'"));
    assert_int_equal(test->spans.cnt, 3);
    bench_free(&bench);
    assert_span(MANY_DAYS("'1+01:00','1-01:00'"), MONDAY - 3600, 93599, 604800);
    assert_span(MANY_DAYS("'1-01:00','1+01:00',7"), MONDAY + 6 * 86400, 176399,
        604800);
    assert_span(MANY_DAYS("1,2,3,4,5,6,'7+01:00'"), MONDAY, 604799 - 3600,
        604800);
    test = first_test(&bench, MANY_DAYS("1,2,4,5"));
    assert_int_equal(test->spans.cnt, 2);
    bench_free(&bench);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(times_of_day),
        cmocka_unit_test(instants_and_dates),
        cmocka_unit_test(days_of_the_week),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
