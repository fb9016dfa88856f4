/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */

/*
 * text/time.c: known instants, every day of 10,000 years against a calendar
 * counted day by day, the bounds, RFC 3339 forms and the JSON Schema suite.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>
#include <jansson.h>

#include "text/time.h"

#define FIRST INT64_C(-62167219200)
#define LAST INT64_C(253402300799)
#define CNT(array) (sizeof(array) / sizeof((array)[0]))

static void
check_parsed(pdp_str_t text, int64_t expected, uint32_t expected_nanos)
{
    int64_t seconds = -1;
    uint32_t nanos = 7;
    if (!pdp__time_parse(text, &seconds, &nanos)) {
        fail_msg("%.*s", (int)text.len, text.ptr);
    }
    if (seconds != expected) {
        fail_msg("%.*s: %lld", (int)text.len, text.ptr, (long long)seconds);
    }
    assert_int_equal(nanos, expected_nanos);
}

static void
check_refused(pdp_str_t text)
{
    int64_t seconds = -1;
    uint32_t nanos = 7;
    if (pdp__time_parse(text, &seconds, &nanos)) {
        fail_msg("%.*s", (int)text.len, text.ptr);
    }
    assert_true(seconds == -1);
    assert_int_equal(nanos, 7);
}

#define PARSED(text, seconds, nanos)                                           \
    check_parsed(PDP__LIT(text), INT64_C(seconds), nanos)
#define REFUSED(text) check_refused(PDP__LIT(text))

static void
test_known_instants(void **state)
{
    (void)state;
    /* Computed with `date -u -d @N`. */
    static const struct {
        int64_t seconds;
        const char *text;
        uint8_t weekday;
    } cases[] = {
        {0, "1970-01-01T00:00:00Z", 4},
        {-1, "1969-12-31T23:59:59Z", 3},
        {86399, "1970-01-01T23:59:59Z", 4},
        {86400, "1970-01-02T00:00:00Z", 5},
        {951782400, "2000-02-29T00:00:00Z", 2},
        {951868800, "2000-03-01T00:00:00Z", 3},
        {1000000000, "2001-09-09T01:46:40Z", 7},
        {1234567890, "2009-02-13T23:31:30Z", 5},
        {1795253400, "2026-11-21T09:30:00Z", 6},
        {2147483647, "2038-01-19T03:14:07Z", 2},
        {2147483648, "2038-01-19T03:14:08Z", 2},
        {4107542400, "2100-03-01T00:00:00Z", 1},
        {4107542399, "2100-02-28T23:59:59Z", 7},
        {-2203891200, "1900-03-01T00:00:00Z", 4},
        {FIRST, "0000-01-01T00:00:00Z", 6},
        {LAST, "9999-12-31T23:59:59Z", 5},
    };
    for (size_t i = 0; i < CNT(cases); i++) {
        char out[21];
        assert_true(pdp__time_render(cases[i].seconds, out));
        assert_string_equal(out, cases[i].text);
        assert_int_equal(pdp__date_from_seconds(cases[i].seconds).weekday,
            cases[i].weekday);
        check_parsed(pdp__str_z(cases[i].text), cases[i].seconds, 0);
    }
}

static void
test_every_day(void **state)
{
    (void)state;
    static const uint8_t lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31,
        30, 31};
    int64_t seconds = FIRST;
    unsigned weekday = 6;
    for (int32_t year = 0; year <= 9999; year++) {
        bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
        for (unsigned month = 1; month <= 12; month++) {
            unsigned days = lengths[month - 1];
            days += month == 2 && leap ? 1 : 0;
            for (unsigned day = 1; day <= days; day++) {
                struct pdp__date date = pdp__date_from_seconds(seconds + 86399);
                if (date.year != year || date.month != month ||
                    date.day != day || date.weekday != weekday ||
                    date.hour != 23 || date.minute != 59 || date.second != 59) {
                    fail_msg("%d-%u-%u", (int)year, month, day);
                }
                seconds += 86400;
                weekday = weekday % 7 + 1;
            }
        }
    }
    assert_true(seconds == LAST + 1);
}

static void
test_every_second_of_a_day(void **state)
{
    (void)state;
    const int64_t midnight = INT64_C(951782400);
    for (int32_t second = 0; second < 86400; second++) {
        struct pdp__date date = pdp__date_from_seconds(midnight + second);
        assert_int_equal(date.day, 29);
        assert_int_equal(date.hour * 3600 + date.minute * 60 + date.second,
            second);
    }
}

static void
test_round_trip(void **state)
{
    (void)state;
    /* A step that is prime to days and hours visits all forms. */
    for (int64_t at = FIRST; at <= LAST; at += INT64_C(1000003) * 37) {
        char out[21];
        assert_true(pdp__time_render(at, out));
        assert_int_equal(strlen(out), 20);
        check_parsed(pdp__str(out, 20), at, 0);
    }
}

static void
test_bounds(void **state)
{
    (void)state;
    char out[21] = "untouched";
    assert_false(pdp__time_render(FIRST - 1, out));
    assert_false(pdp__time_render(LAST + 1, out));
    assert_false(pdp__time_render(INT64_MIN, out));
    assert_false(pdp__time_render(INT64_MAX, out));
    assert_string_equal(out, "untouched");

    static const int64_t early[] = {FIRST - 1, INT64_MIN};
    static const int64_t late[] = {LAST + 1, INT64_MAX};
    for (size_t i = 0; i < 2; i++) {
        struct pdp__date date = pdp__date_from_seconds(early[i]);
        assert_int_equal(date.year, 0);
        assert_int_equal(date.month, 1);
        assert_int_equal(date.day, 1);
        assert_int_equal(date.hour, 0);
        date = pdp__date_from_seconds(late[i]);
        assert_int_equal(date.year, 9999);
        assert_int_equal(date.month, 12);
        assert_int_equal(date.day, 31);
        assert_int_equal(date.second, 59);
    }

    PARSED("0000-01-01T01:00:00+01:00", -62167219200, 0);
    REFUSED("0000-01-01T00:59:59+01:00");
    PARSED("9999-12-31T22:59:59-01:00", 253402300799, 0);
    REFUSED("9999-12-31T23:00:00-01:00");
    REFUSED("9999-12-31T23:59:60Z");
}

static void
test_offsets(void **state)
{
    (void)state;
    PARSED("1970-01-01T00:00:00+00:00", 0, 0);
    PARSED("1970-01-01T00:00:00-00:00", 0, 0);
    PARSED("1970-01-01T01:30:00+01:30", 0, 0);
    PARSED("1969-12-31T16:00:00-08:00", 0, 0);
    PARSED("1970-01-01T23:59:00+23:59", 0, 0);
    PARSED("1969-12-31T00:01:00-23:59", 0, 0);
    PARSED("2000-02-28T23:30:00-01:00", 951784200, 0);
}

static void
test_fractions(void **state)
{
    (void)state;
    PARSED("1970-01-01T00:00:01.5Z", 1, 500000000);
    PARSED("1970-01-01T00:00:01.000000001Z", 1, 1);
    PARSED("1970-01-01T00:00:01.0000000019Z", 1, 1);
    PARSED("1970-01-01T00:00:01.999999999999999Z", 1, 999999999);
    PARSED("1970-01-01T01:00:00.25+01:00", 0, 250000000);
    PARSED("1969-12-31T23:59:59.75Z", -1, 750000000);
    REFUSED("1970-01-01T00:00:01.Z");
    REFUSED("1970-01-01T00:00:01.+01:00");
    REFUSED("1970-01-01T00:00:01,5Z");
    REFUSED("1970-01-01T00:00:01.5.5Z");
    REFUSED("1970-01-01T00:00:01.5");
    REFUSED("1970-01-01T00:00:01.-5Z");
}

static void
test_leap_second(void **state)
{
    (void)state;
    PARSED("1998-12-31T23:59:60Z", 915148800, 0);
    PARSED("1999-01-01T00:00:00Z", 915148800, 0);
    PARSED("1998-12-31T15:59:60.5-08:00", 915148800, 500000000);
    PARSED("1999-01-01T01:29:60+01:30", 915148800, 0);
    REFUSED("1998-12-31T23:58:60Z");
    REFUSED("1998-12-31T22:59:60Z");
    REFUSED("1998-12-31T23:59:60+01:00");
    REFUSED("1998-12-31T23:59:61Z");
    REFUSED("1970-01-01T00:00:60Z");
}

static void
test_month_ends(void **state)
{
    (void)state;
    PARSED("2024-02-29T00:00:00Z", 1709164800, 0);
    PARSED("2000-02-29T00:00:00Z", 951782400, 0);
    REFUSED("2023-02-29T00:00:00Z");
    REFUSED("1900-02-29T00:00:00Z");
    REFUSED("2100-02-29T00:00:00Z");
    REFUSED("2024-02-30T00:00:00Z");
    REFUSED("2024-04-31T00:00:00Z");
    REFUSED("2024-06-31T00:00:00Z");
    REFUSED("2024-09-31T00:00:00Z");
    REFUSED("2024-11-31T00:00:00Z");
    REFUSED("2024-01-32T00:00:00Z");
    REFUSED("2024-01-00T00:00:00Z");
    REFUSED("2024-00-01T00:00:00Z");
    REFUSED("2024-13-01T00:00:00Z");
}

static void
test_rejects(void **state)
{
    (void)state;
    int64_t seconds;
    uint32_t nanos;
    assert_false(pdp__time_parse(pdp__str(NULL, 0), &seconds, &nanos));
    REFUSED("");
    REFUSED("2026");
    REFUSED("2026-11-21");
    REFUSED("2026-11-21T09:30Z");
    REFUSED("2026-11-21T09:30:00");
    REFUSED("2026-11-21 09:30:00Z");
    REFUSED("2026-11-21T09:30:00 Z");
    REFUSED(" 2026-11-21T09:30:00Z");
    REFUSED("2026-11-21T09:30:00Z ");
    REFUSED("2026-11-21T09:30:00Z\n");
    REFUSED("2026-11-21T09:30:00Z\0");
    REFUSED("2026-11-21T09:30:00\0");
    REFUSED("2026-11-21\0T09:30:00Z");
    REFUSED("2026-11-21T24:00:00Z");
    REFUSED("2026-11-21T09:60:00Z");
    REFUSED("2026-11-21T09:30:00+24:00");
    REFUSED("2026-11-21T09:30:00+01:60");
    REFUSED("2026-11-21T09:30:00+0100");
    REFUSED("2026-11-21T09:30:00+01");
    REFUSED("2026-11-21T09:30:00+01:00Z");
    REFUSED("2026-11-21T09:30:00+1:00");
    REFUSED("20261121T093000Z");
    REFUSED("-026-11-21T09:30:00Z");
    REFUSED("+2026-11-21T09:30:00Z");
    REFUSED("12026-11-21T09:30:00Z");
    REFUSED("2026-W47-6T09:30:00Z");
    REFUSED("2026/11/21T09:30:00Z");
    REFUSED("2026-11-21T09-30-00Z");
    REFUSED("2026-11-21T9:30:00Z");
    REFUSED("2026-1-21T09:30:00Z");
    REFUSED("2026-11-21T+9:30:00Z");
    REFUSED("2026-11-21T09:30:00X");
    PARSED("2026-11-21t09:30:00z", 1795253400, 0);
}

static void
test_every_prefix(void **state)
{
    (void)state;
    pdp_str_t text = PDP__LIT("2026-11-21T09:30:00.123+01:00");
    for (size_t len = 0; len < text.len; len++) {
        check_refused(pdp__str(text.ptr, len));
    }
    check_parsed(text, 1795249800, 123000000);
}

/* Loads a file of the suite; NULL: the test is to be skipped. */
static json_t *
load_suite(const char *file)
{
    const char *folder = getenv("PDP_VECTORS");
    char name[1024];
    if (folder == NULL) {
        print_message("PDP_VECTORS is not set\n");
        return NULL;
    }
    (void)snprintf(name, sizeof(name), "%s/date-time-formats/%s", folder, file);
    json_t *root = json_load_file(name, 0, NULL);
    if (root == NULL) {
        print_message("no %s\n", name);
    }
    return root;
}

/* Runs the string cases, each with prefix before it; how many there were. */
static size_t
run_suite(const json_t *root, const char *prefix)
{
    size_t cnt = 0;
    const json_t *tests = json_object_get(json_array_get(root, 0), "tests");
    for (size_t i = 0; i < json_array_size(tests); i++) {
        const json_t *test = json_array_get(tests, i);
        const char *data = json_string_value(json_object_get(test, "data"));
        if (data == NULL) {
            continue; /* other types: nothing for us */
        }
        char text[128];
        int64_t seconds;
        uint32_t nanos;
        int len = snprintf(text, sizeof(text), "%s%s", prefix, data);
        bool valid = json_is_true(json_object_get(test, "valid"));
        if (pdp__time_parse(pdp__str(text, (size_t)len), &seconds, &nanos) !=
            valid) {
            fail_msg("%s", text);
        }
        cnt++;
    }
    return cnt;
}

static void
test_date_time_suite(void **state)
{
    (void)state;
    json_t *root = load_suite("date-time.json");
    if (root == NULL) {
        skip();
    }
    assert_int_equal(run_suite(root, ""), 27);
    json_decref(root);
}

static void
test_time_suite(void **state)
{
    (void)state;
    json_t *root = load_suite("time.json");
    if (root == NULL) {
        skip();
    }
    /* full-time of RFC 3339 after a date: the same rules. */
    assert_int_equal(run_suite(root, "1998-12-31T"), 41);
    json_decref(root);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_known_instants),
        cmocka_unit_test(test_every_day),
        cmocka_unit_test(test_every_second_of_a_day),
        cmocka_unit_test(test_round_trip),
        cmocka_unit_test(test_bounds),
        cmocka_unit_test(test_offsets),
        cmocka_unit_test(test_fractions),
        cmocka_unit_test(test_leap_second),
        cmocka_unit_test(test_month_ends),
        cmocka_unit_test(test_rejects),
        cmocka_unit_test(test_every_prefix),
        cmocka_unit_test(test_date_time_suite),
        cmocka_unit_test(test_time_suite),
    };
    return cmocka_run_group_tests_name("text/time", tests, NULL, NULL);
}
