/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
/* Which time did not hold, and what the clock shows there. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "grant_text.h"

#include "explain_text.h"
#include "rule_decide.h"

#define ALL_DAYS DAYS("1,2,3,4,5,6,7")
#define HOURS(from, to) AND(ALL_DAYS "," from "," to)

/* What is told of a rule; the clock stands at 2026-11-21T09:30:00Z, a
 * Saturday. */
static void
assert_told(const char *pattern, const char *rule, const char *wanted)
{
    char text[256];

    load_ruled(GRANT("Reader"), pattern, rule);
    assert_reason(as("", READ), "no_grant");
    explain();
    (void)snprintf(text, sizeof(text), "rule {{environment.attributes.%s",
        wanted);
    assert_string_equal(verdict(0, 0), text);
}

static void
in_the_offset_and_form_of_the_condition(void **state)
{
    (void)state;
    assert_told(ALL_DAY, DAY("'6+15:00'"),
        "day_of_week}} dayOfWeekEquals 6+15:00 known 7+15:00");
    assert_told(ALL_DAY, DAY("'6-10:00'"),
        "day_of_week}} dayOfWeekEquals 6-10:00 known 5-10:00");
    assert_told(ALL_DAY, DAY("1"), "day_of_week}} dayOfWeekEquals 1 known 6");
    assert_told(CUSTOM_HOURS, AND(ALL_DAYS "," AFTER("09:30:00Z")),
        "current_time}} timeGreaterThan 09:30:00Z known 09:30:00Z");
    assert_told(CUSTOM_HOURS, AND(ALL_DAYS "," BEFORE("04:30:00-05:00")),
        "current_time}} timeLessThan 04:30:00-05:00 known 04:30:00-05:00");
    assert_told(ONCE,
        COND(ENV("current_date"), "dateLessThanOrEquals", "'2026-11-21+15:00'"),
        "current_date}} dateLessThanOrEquals 2026-11-21+15:00 known "
        "2026-11-22+15:00");
    assert_told(ONCE, SINCE("2026-11-21T23:00:00+12:00"),
        "current_date_time}} dateTimeGreaterThanOrEquals "
        "2026-11-21T23:00:00+12:00 known 2026-11-21T21:30:00+12:00");
}

/* Each offset once, in the order of the values. */
static void
in_several_offsets(void **state)
{
    (void)state;
    assert_told(ALL_DAY, DAYS("'1+15:00',2,'3+15:00','3-10:00','4Z'"),
        "day_of_week}} dayOfWeekAnyOf 1+15:00, 2, 3+15:00, 3-10:00, 4Z known "
        "7+15:00, 6, 5-10:00, 6Z");
}

/* Of a window the bound that the moment is beyond. */
static void
the_bound_that_failed(void **state)
{
    (void)state;
    assert_told(CUSTOM_HOURS, HOURS(FROM("10:00:00Z"), TO("17:00:00Z")),
        "current_time}} timeGreaterThanOrEquals 10:00:00Z known 09:30:00Z");
    assert_told(CUSTOM_HOURS, HOURS(FROM("08:00:00Z"), TO("09:29:59Z")),
        "current_time}} timeLessThanOrEquals 09:29:59Z known 09:30:00Z");
    assert_told(CUSTOM_HOURS, HOURS(FROM("08:00:00Z"), BEFORE("09:30:00Z")),
        "current_time}} timeLessThan 09:30:00Z known 09:30:00Z");
    assert_told(CUSTOM_HOURS, HOURS(AFTER("09:30:00Z"), TO("17:00:00Z")),
        "current_time}} timeGreaterThan 09:30:00Z known 09:30:00Z");
    assert_told(CUSTOM_HOURS,
        HOURS(TO("03:00:00-05:00"), FROM("01:00:00-05:00")),
        "current_time}} timeLessThanOrEquals 03:00:00-05:00 known "
        "04:30:00-05:00");
    /* Over midnight it is beyond both. */
    assert_told(CUSTOM_HOURS, HOURS(FROM("22:00:00Z"), TO("06:00:00Z")),
        "current_time}} timeGreaterThanOrEquals 22:00:00Z known 09:30:00Z");
    /* Another condition that did not hold, rather than a bound that does. */
    assert_told(CUSTOM_HOURS,
        AND(FROM("08:00:00Z") "," DAY("7") "," TO("09:00:00Z")),
        "day_of_week}} dayOfWeekEquals 7 known 6");
}

/* In two offsets it can be within both bounds and beyond the window: from
 * 09:00Z to 09:10Z. */
static void
bounds_in_two_offsets(void **state)
{
    (void)state;
    assert_told(CUSTOM_HOURS,
        HOURS(FROM("10:00:00+01:00"), TO("23:50:00+14:40")),
        "current_time}} timeGreaterThanOrEquals 10:00:00+01:00 known "
        "10:30:00+01:00");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(in_the_offset_and_form_of_the_condition),
        cmocka_unit_test(in_several_offsets),
        cmocka_unit_test(the_bound_that_failed),
        cmocka_unit_test(bounds_in_two_offsets),
    };

    return cmocka_run_group_tests(tests, load_default, forget_why);
}
