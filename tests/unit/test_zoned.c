/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */

/*
 * Values of time conditions: what is taken, what is not, and every sample of
 * the JSON Schema suite, with the reason for each one that RFC 3339 takes
 * and a policy may not say.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>
#include <jansson.h>

#include "text/zoned.h"

typedef bool parse_fn(pdp_str_t text, struct pdp__zoned *out);

#define CNT(array) (sizeof(array) / sizeof((array)[0]))

struct good {
    const char *text;
    int64_t local_sec;
    int32_t east_sec;
};

static void
check_good(parse_fn *parse, const struct good *cases, size_t cnt)
{
    for (size_t i = 0; i < cnt; i++) {
        struct pdp__zoned out = {-1, -1};
        pdp_str_t text = pdp__str_z(cases[i].text);
        if (!parse(text, &out) || out.local_sec != cases[i].local_sec ||
            out.east_sec != cases[i].east_sec) {
            fail_msg("%s: %lld %d", cases[i].text, (long long)out.local_sec,
                (int)out.east_sec);
        }
        /* Neither less nor more. */
        for (size_t len = 0; len < text.len; len++) {
            assert_false(parse(pdp__str(text.ptr, len), &out));
        }
        assert_false(parse(pdp__str(text.ptr, text.len + 1), &out));
    }
}

static void
check_bad(parse_fn *parse, const char *const *cases, size_t cnt)
{
    for (size_t i = 0; i < cnt; i++) {
        struct pdp__zoned out = {-7, -7};
        if (parse(pdp__str_z(cases[i]), &out)) {
            fail_msg("%s", cases[i]);
        }
        assert_true(out.local_sec == -7 && out.east_sec == -7);
    }
}

static void
times(void **state)
{
    static const struct good good[] = {
        {"09:00:00-05:00", 32400, -18000},
        {"17:00:00+00:00", 61200, 0},
        {"00:00:00+14:00", 0, 50400},
        {"23:59:59-23:59", 86399, -86340},
        {"12:34:56+23:59", 45296, 86340},
        {"06:00:00Z", 21600, 0},
        {"06:00:00-00:00", 21600, 0},
    };
    static const char *const bad[] = {"", "24:00:00+00:00", "23:59:60+00:00",
        "23:60:00+00:00", "09:00:00", "09:00+00:00", "9:00:00+00:00",
        "09:00:00+24:00", "09:00:00+00:60", "09:00:00+0000", "09:00:00+00",
        "09:00:00 +00:00", " 09:00:00+00:00", "09:00:00+00:00 ",
        "09:00:00.0+00:00", "09:00:00z", "09:00:00z+00:00", "09:00:00ZZ",
        "09-00-00+00:00", "-9:00:00+00:00", "09:00:00+-1:00",
        "2026-11-21T09:00:00+00:00", "T09:00:00Z",
        ("09:00:00\xe2\x88\x92"
         "05:00")};

    (void)state;
    check_good(pdp__zoned_time, good, CNT(good));
    check_bad(pdp__zoned_time, bad, CNT(bad));
}

static void
dates(void **state)
{
    static const struct good good[] = {
        {"1970-01-01+00:00", 0, 0},
        {"1969-12-31-05:00", -86400, -18000},
        {"2026-11-21+05:30", 1795219200, 19800},
        {"2024-02-29Z", 1709164800, 0},
        {"0000-01-01+00:00", -62167219200, 0},
        {"9999-12-31-23:59", 253402214400, -86340},
    };
    static const char *const bad[] = {"", "2026-11-21", "2025-02-29Z",
        "1900-02-29Z", "2026-13-01Z", "2026-00-01Z", "2026-01-00Z",
        "2026-01-32Z", "10000-01-01Z", "-001-01-01Z", "2026-1-01Z",
        "2026-11-21T00:00:00Z", "2026-11-21+24:00", "20261121Z", "2026-325Z"};

    (void)state;
    check_good(pdp__zoned_date, good, CNT(good));
    check_bad(pdp__zoned_date, bad, CNT(bad));
}

static void
date_times(void **state)
{
    static const struct good good[] = {
        {"2022-12-26T09:00:00-05:00", 1672045200, -18000},
        {"2026-11-21T09:30:00Z", 1795253400, 0},
        {"0000-01-01T00:00:00+23:59", -62167219200, 86340},
        {"9999-12-31T23:59:59-23:59", 253402300799, -86340},
    };
    static const char *const bad[] = {"", "2026-11-21T09:30:00",
        "2026-11-21t09:30:00Z", "2026-11-21 09:30:00Z", "2026-11-21T09:30:00z",
        "2026-11-21T24:00:00Z", "2016-12-31T23:59:60Z",
        "2026-11-21T09:30:00.5Z", "2026-02-30T09:30:00Z",
        "2026-11-21T09:30:00+99:00", "2026-11-21T09:30Z"};

    (void)state;
    check_good(pdp__zoned_date_time, good, CNT(good));
    check_bad(pdp__zoned_date_time, bad, CNT(bad));
}

static void
days(void **state)
{
    static const struct good good[] = {
        {"1+00:00", 0, 0},
        {"3+06:00", 172800, 21600},
        {"7-05:00", 518400, -18000},
        {"2Z", 86400, 0},
    };
    static const char *const bad[] = {"", "1", "0+00:00", "8+00:00", "01+00:00",
        "1 +00:00", "1+0:00", "1+24:00", "Mon+00:00", "+00:00",
        "1+00:00+00:00"};

    (void)state;
    check_good(pdp__zoned_day, good, CNT(good));
    check_bad(pdp__zoned_day, bad, CNT(bad));
}

/* Every hour and minute an offset may have. */
static void
every_offset(void **state)
{
    char text[32];

    (void)state;
    for (int hours = 0; hours < 100; hours++) {
        for (int minutes = 0; minutes < 100; minutes++) {
            struct pdp__zoned out;
            bool fits = hours <= 23 && minutes <= 59;
            snprintf(text, sizeof(text), "00:00:00-%02d:%02d", hours, minutes);
            assert_int_equal(pdp__zoned_time(pdp__str_z(text), &out), fits);
            assert_true(
                !fits || out.east_sec == -(hours * 3600 + minutes * 60));
        }
    }
}

/* A sample that RFC 3339 takes and we do not, and why. */
struct refused {
    const char *text;
    const char *why;
};

/* Runs the texts of a file, each with `suffix` behind it; how many. */
static size_t
run_suite(const char *file, const char *suffix, parse_fn *parse,
    const struct refused *refused, size_t refused_cnt)
{
    const char *folder = getenv("PDP_VECTORS");
    char name[1024];
    size_t cnt = 0;
    size_t used = 0;

    snprintf(name, sizeof(name), "%s/date-time-formats/%s",
        folder == NULL ? "." : folder, file);
    json_t *root = json_load_file(name, JSON_ALLOW_NUL, NULL);
    if (root == NULL) {
        print_message("no %s: skipped\n", name);
        return 0;
    }
    const json_t *tests = json_object_get(json_array_get(root, 0), "tests");
    for (size_t i = 0; i < json_array_size(tests); i++) {
        const json_t *test = json_array_get(tests, i);
        const json_t *value = json_object_get(test, "data");
        const char *data = json_string_value(value);
        if (data == NULL) {
            continue; /* other types: nothing for us */
        }
        char text[128];
        size_t len = json_string_length(value); /* one has a NUL in it */
        struct pdp__zoned out;
        bool wanted = json_is_true(json_object_get(test, "valid"));
        for (size_t k = 0; k < refused_cnt; k++) {
            if (pdp__str_eq(pdp__str_z(data), pdp__str_z(refused[k].text))) {
                assert_true(wanted);
                wanted = false;
                used++;
            }
        }
        assert_true(len + strlen(suffix) < sizeof(text));
        memcpy(text, data, len);
        memcpy(text + len, suffix, strlen(suffix) + 1);
        if (parse(pdp__str(text, len + strlen(suffix)), &out) != wanted) {
            fail_msg("%s", text);
        }
        cnt++;
    }
    assert_int_equal(used, refused_cnt);
    json_decref(root);
    return cnt;
}

#define FRACTION "a condition has whole seconds"
#define LEAP "POSIX time has no leap second"
#define SMALL "one spelling only"

static void
suite_of_dates(void **state)
{
    (void)state;
    /* A full-date and an offset: RFC 3339 has the two together in date-time
     * only.  Nothing it takes is refused. */
    size_t cnt = run_suite("date.json", "+00:00", pdp__zoned_date, NULL, 0);
    if (cnt == 0) {
        skip();
    }
    assert_int_equal(cnt, 75);
    /* And without an offset there is no date. */
    static const char *const bare[] = {"1963-06-19", "2020-01-31"};
    check_bad(pdp__zoned_date, bare, CNT(bare));
}

static void
suite_of_times(void **state)
{
    static const struct refused refused[] = {
        {"23:59:60Z", LEAP},
        {"23:59:60+00:00", LEAP},
        {"01:29:60+01:30", LEAP},
        {"23:29:60+23:30", LEAP},
        {"15:59:60-08:00", LEAP},
        {"00:29:60-23:30", LEAP},
        {"23:20:50.52Z", FRACTION},
        {"08:30:06.283185Z", FRACTION},
        {"08:30:06z", SMALL},
    };

    (void)state;
    size_t cnt =
        run_suite("time.json", "", pdp__zoned_time, refused, CNT(refused));
    if (cnt == 0) {
        skip();
    }
    assert_int_equal(cnt, 41);
}

static void
suite_of_date_times(void **state)
{
    static const struct refused refused[] = {
        {"1963-06-19T08:30:06.283185Z", FRACTION},
        {"1937-01-01T12:00:27.87+00:20", FRACTION},
        {"1990-12-31T15:59:50.123-08:00", FRACTION},
        {"1998-12-31T23:59:60Z", LEAP},
        {"1998-12-31T15:59:60.123-08:00", LEAP},
        {"1963-06-19t08:30:06.283185z", SMALL},
        {"1985-04-12T00:59:59.999999999999999Z", FRACTION},
    };

    (void)state;
    size_t cnt = run_suite("date-time.json", "", pdp__zoned_date_time, refused,
        CNT(refused));
    if (cnt == 0) {
        skip();
    }
    assert_int_equal(cnt, 27);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(times),
        cmocka_unit_test(dates),
        cmocka_unit_test(date_times),
        cmocka_unit_test(days),
        cmocka_unit_test(every_offset),
        cmocka_unit_test(suite_of_dates),
        cmocka_unit_test(suite_of_times),
        cmocka_unit_test(suite_of_date_times),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
