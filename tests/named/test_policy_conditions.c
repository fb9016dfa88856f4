/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
/*
 * Conditions of policies: times and their zones, one clock, limits, edges.
 * The model of this file computes with the local time of each value, as a
 * person would; the library with stretches of seconds in UTC.
 *
 * TZ: set to several zones, and put back; it must have no influence.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include <cmocka.h>

#include "../unit/grant_text.h"

#include "../unit/rule_decide.h"
#include "refusal.h"

#define DAILY DAYS("1,2,3,4,5,6,7")
#define NOW_TEXT "2026-11-21T09:30:00Z"

static char lasting[TOKEN_CAP];

static int
make_token(void **state)
{
    (void)state;
    make_keys(&fixture);
    memcpy(lasting, token_of(&fixture, LASTING), TOKEN_CAP);
    return 0;
}

/* Whether the policy grants at a second. */
static bool
grants(int64_t now)
{
    request(&fixture, READ);
    bearer(&fixture, lasting);
    fixture.request.now_sec = now;
    pdp_reason_t reason = judge(&fixture);

    assert_true(
        reason == PDP_REASON_PERMITTED || reason == PDP_REASON_NO_GRANT);
    return reason == PDP_REASON_PERMITTED;
}

static int64_t
age(void)
{
    return pdp_decision_cache_max_age_sec(fixture.decision);
}

static void
assert_times(const char *const *yes, const char *const *no)
{
    for (; *yes != NULL; yes++) {
        if (!grants(at(*yes))) {
            fail_msg("not at %s", *yes);
        }
    }
    for (; *no != NULL; no++) {
        if (grants(at(*no))) {
            fail_msg("at %s", *no);
        }
    }
}

#define LIST(...) ((const char *const[]){__VA_ARGS__, NULL})

/* One instant, however it is written. */
static void
p14_instants_are_compared_not_texts(void **state)
{
    static const char *const same[] = {NOW_TEXT, "2026-11-21T09:30:00+00:00",
        "2026-11-21T09:30:00-00:00", "2026-11-21T04:30:00-05:00",
        "2026-11-21T23:30:00+14:00", "2026-11-20T21:30:00-12:00",
        "2026-11-22T09:29:00+23:59", "2026-11-20T09:31:00-23:59",
        "2026-11-21T15:00:00+05:30"};
    static const char *const operators[] = {"dateTimeLessThan",
        "dateTimeLessThanOrEquals", "dateTimeGreaterThan",
        "dateTimeGreaterThanOrEquals"};
    static const char wanted[4][4] = {"+--", "++-", "--+", "-++"};
    char rule[TEXT_MAX];

    (void)state;
    for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++) {
        for (size_t k = 0; k < 4; k++) {
            snprintf(rule, sizeof(rule),
                "{'key':'" ENV("current_date_time") "','operator':'%s',"
                                                    "'value':'%s'}",
                operators[k], same[i]);
            load_ruled(GRANT("Reader"), ONCE, rule);
            for (int64_t d = -1; d <= 1; d++) {
                assert_int_equal(grants(NOW + d), wanted[k][d + 1] == '+');
            }
        }
    }
}

static void
p14_the_day_is_that_of_the_values_offset(void **state)
{
    (void)state;
    /* 2026-11-23 is a Monday. */
    load_ruled(GRANT("Reader"), ALL_DAY, DAY("'1+14:00'"));
    assert_times(LIST("2026-11-22T10:00:00Z", "2026-11-23T09:59:59Z"),
        LIST("2026-11-22T09:59:59Z", "2026-11-23T10:00:00Z"));
    load_ruled(GRANT("Reader"), ALL_DAY, DAY("'1-12:00'"));
    assert_times(LIST("2026-11-23T12:00:00Z", "2026-11-24T11:59:59Z"),
        LIST("2026-11-23T11:59:59Z", "2026-11-24T12:00:00Z"));
    /* Each value has its own. */
    load_ruled(GRANT("Reader"), ALL_DAY, DAYS("'1+14:00','1-12:00'"));
    assert_times(LIST("2026-11-22T10:00:00Z", "2026-11-23T09:59:59Z",
                     "2026-11-23T12:00:00Z", "2026-11-24T11:59:59Z"),
        LIST("2026-11-22T09:59:59Z", "2026-11-23T10:00:00Z",
            "2026-11-23T11:59:59Z", "2026-11-24T12:00:00Z"));
    /* A number is a day in UTC. */
    load_ruled(GRANT("Reader"), ALL_DAY, DAYS("1"));
    assert_times(LIST("2026-11-23T00:00:00Z", "2026-11-23T23:59:59Z"),
        LIST("2026-11-22T23:59:59Z", "2026-11-24T00:00:00Z"));
}

static void
p14_a_window_goes_over_midnight(void **state)
{
    (void)state;
    load_ruled(GRANT("Reader"), CUSTOM_HOURS,
        AND(DAILY "," FROM("22:00:00-03:00") "," TO("06:00:00-03:00")));
    assert_times(LIST("2026-11-20T22:00:00-03:00", "2026-11-20T23:59:59-03:00",
                     "2026-11-21T00:00:00-03:00", "2026-11-21T06:00:00-03:00"),
        LIST("2026-11-20T21:59:59-03:00", "2026-11-21T06:00:01-03:00",
            "2026-11-21T12:00:00-03:00"));
}

/* What other software takes, and takes in different ways. */
static void
p14_what_is_no_time_is_refused(void **state)
{
    static const struct {
        const char *key, *op, *value;
    } cases[] = {
        {"current_time", "timeLessThan", "24:00:00+00:00"},
        {"current_time", "timeLessThan", "23:59:60+00:00"},
        {"current_time", "timeLessThan", "09:00:00"},
        {"current_time", "timeLessThan", "09:00:00 America/New_York"},
        {"current_time", "timeLessThan", "09:00:00+24:00"},
        {"current_time", "timeLessThan", "09:00:00-05:60"},
        {"current_time", "timeLessThan", "09:00:00.5+00:00"},
        {"current_date", "dateLessThan", "2026-02-29+00:00"},
        {"current_date", "dateLessThan", "2026-11-21"},
        {"current_date", "dateLessThan", "10000-01-01+00:00"},
        {"current_date_time", "dateTimeLessThan", "2016-12-31T23:59:60+00:00"},
        {"current_date_time", "dateTimeLessThan", "2026-11-21T24:00:00+00:00"},
        {"current_date_time", "dateTimeLessThan", "-001-01-01T00:00:00+00:00"},
        {"current_date_time", "dateTimeLessThan", "2026-11-21 09:00:00+00:00"},
        {"day_of_week", "dayOfWeekEquals", "0+00:00"},
        {"day_of_week", "dayOfWeekEquals", "8+00:00"},
        {"day_of_week", "dayOfWeekEquals", "1"},
    };
    char text[TEXT_MAX];

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char rule[1024];
        snprintf(rule, sizeof(rule),
            "{'key':'{{environment.attributes.%s}}','operator':'%s',"
            "'value':\1'%s'}",
            cases[i].key, cases[i].op, cases[i].value);
        memcpy(text, "[", 2);
        append_ruled(text, "p", GRANT("Reader"), ONCE, rule);
        append(text, "]");
        assert_refused(PDP_SOURCE_POLICIES, text, "bad_value", NULL);
    }
}

/* The first and last years that can be written; a token begins in 1970 and
 * ends with the last second, and a value may be a day beyond it. */
static void
p14_years_have_bounds(void **state)
{
    const int64_t last = INT64_C(253402300799);

    (void)state;
    load_ruled(GRANT("Reader"), ONCE,
        AND(SINCE("0000-01-01T00:00:00+23:59") "," UNTIL(
            "9999-12-31T23:59:59-23:59")));
    assert_true(grants(0));
    assert_true(age() == last);
    assert_true(grants(last - 1));
    assert_int_equal(age(), 1);
    load_ruled(GRANT("Reader"), ONCE, UNTIL("0000-01-01T00:00:00Z"));
    assert_false(grants(0));
    load_ruled(GRANT("Reader"), ONCE, SINCE("9999-12-31T23:59:58Z"));
    assert_false(grants(last - 2));
    assert_int_equal(age(), 1);
    assert_true(grants(last - 1));
    /* The leap second of 2016 has no number of its own. */
    load_ruled(GRANT("Reader"), ONCE, UNTIL("2016-12-31T23:59:59Z"));
    assert_true(grants(INT64_C(1483228799)));
    assert_int_equal(age(), 1);
    assert_false(grants(INT64_C(1483228800)));
}

/* What the process thinks of time zones has no influence, nor have the days
 * on which some of them change. */
static void
p14_t51_the_zone_of_the_process_has_no_influence(void **state)
{
    static const char *const zones[] = {"UTC", "America/New_York",
        "EST5EDT,M3.2.0,M11.1.0", "Pacific/Kiritimati", "<-12>12", "Nowhere",
        "right/UTC"};
    static const char *const changes[] = {"2026-03-08T07:00:00Z",
        "2026-11-01T06:00:00Z", "2026-03-29T01:00:00Z", "2026-10-25T01:00:00Z",
        "2026-11-23T02:30:00Z"};
    const char *before = getenv("TZ");

    (void)state;
    load_ruled(GRANT("Reader"), CUSTOM_HOURS,
        AND(DAYS("'1-05:00','7-05:00'") "," FROM("01:30:00-05:00") "," TO(
            "02:30:00-05:00")));
    for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
        for (int64_t step = -7200; step <= 7200; step += 600) {
            int64_t now = at(changes[i]) + step;
            unsetenv("TZ");
            tzset();
            bool wanted = grants(now);
            int64_t wanted_age = age();
            for (size_t z = 0; z < sizeof(zones) / sizeof(zones[0]); z++) {
                assert_int_equal(setenv("TZ", zones[z], 1), 0);
                tzset();
                assert_int_equal(grants(now), wanted);
                assert_true(age() == wanted_age);
            }
        }
    }
    /* An hour that is skipped, or comes twice, elsewhere. */
    assert_times(LIST("2026-03-08T01:30:00-05:00", "2026-03-08T02:30:00-05:00",
                     "2026-11-01T01:30:00-05:00", "2026-11-01T02:30:00-05:00"),
        LIST("2026-03-08T01:29:59-05:00", "2026-03-08T02:30:01-05:00",
            "2026-11-01T01:29:59-05:00", "2026-11-01T02:30:01-05:00"));
    if (before == NULL) {
        unsetenv("TZ");
    } else {
        setenv("TZ", before, 1);
    }
    tzset();
}

/* Token, conditions and what is told about caching: one now. */
static void
p15_one_clock_for_token_and_conditions(void **state)
{
    static const struct {
        int64_t now;
        const char *reason;
        int64_t age;
    } cases[] = {
        {NOW - 2, "no_grant", 2},
        {NOW - 1, "no_grant", 1},
        {NOW, "permitted", 3},
        {NOW + 2, "permitted", 1},
        {NOW + 3, "token_expired", 0},
    };
    char payload[TEXT_MAX];

    (void)state;
    load_ruled(GRANT("Reader"), ONCE, SINCE(NOW_TEXT));
    snprintf(payload, sizeof(payload),
        "{\"iss\":\"" IBM_ISSUER "\",\"iam_id\":\"IBMid-270000TEST\","
        "\"account\":{\"bss\":\"" ACCOUNT "\"},\"exp\":%lld}",
        (long long)(NOW + 3));
    const char *token = token_of(&fixture, payload);
    for (int turn = 0; turn < 3; turn++) {
        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
            request(&fixture, READ);
            bearer(&fixture, token);
            fixture.request.now_sec = cases[i].now;
            assert_reason(pdp_reason_name(judge(&fixture)), cases[i].reason);
            assert_true(age() == cases[i].age);
        }
    }
}

/* A fraction of a second is for events; conditions have whole seconds. */
static void
p15_no_part_of_a_second_counts(void **state)
{
    (void)state;
    load_ruled(GRANT("Reader"), ONCE, UNTIL(NOW_TEXT));
    for (uint32_t nsec = 0; nsec < 1000000000; nsec += 333333333) {
        request(&fixture, READ);
        bearer(&fixture, lasting);
        fixture.request.now_nsec = nsec;
        assert_int_equal(judge(&fixture), PDP_REASON_PERMITTED);
        assert_int_equal(age(), 1);
    }
}

#define ONE COND(RES("resource"), "stringEquals", "'birds'")
#define FIVE ONE "," ONE "," ONE "," ONE "," ONE

static void
refuse_rule(const char *rule, const char *code, const char *says)
{
    static char text[1 << 16];

    snprintf(text, sizeof(text),
        "{'type':'access','id':'p','subject':{'attributes':[%s]},"
        "'resource':{'attributes':[%s]},'control':{%s},'pattern':'%s',"
        "'rule':%s}",
        ME, OURS, GRANT("Reader"), OF_RESOURCE, rule);
    assert_refused(PDP_SOURCE_POLICIES, quoted(text), code, says);
}

static void
p16_ten_conditions(void **state)
{
    (void)state;
    load_ruled(GRANT("Reader"), OF_RESOURCE, AND(FIVE "," FIVE));
    assert_true(grants(NOW));
    load_ruled(GRANT("Reader"), OF_RESOURCE,
        OR(AND(FIVE) "," OR(ONE "," ONE) "," ONE "," ONE "," ONE));
    assert_true(grants(NOW));
    refuse_rule(AND(FIVE "," FIVE ",\1" ONE), "limit",
        "more than 10 conditions");
    refuse_rule(OR(AND(FIVE) "," AND(FIVE) ",\1" ONE), "limit",
        "more than 10 conditions");
    refuse_rule(OR(AND(FIVE) "," AND(FIVE ",\1" ONE)), "limit",
        "more than 10 conditions");
}

/* `levels` lists, one inside the other, with a mark before the one of that
 * number (its brace, or its bracket). */
static const char *
nested(int levels, int marked, bool bracket)
{
    static char text[TEXT_MAX];

    text[0] = '\0';
    for (int i = 0; i < levels; i++) {
        append(text, i == marked && !bracket ? "\1" : "");
        append(text, "{'operator':'and','conditions':");
        append(text, i == marked && bracket ? "\1[" : "[");
    }
    append(text, ONE);
    for (int i = 0; i < levels; i++) {
        append(text, "]}");
    }
    return text;
}

static void
p16_two_levels(void **state)
{

    (void)state;
    load_ruled(GRANT("Reader"), OF_RESOURCE, AND(OR(ONE)));
    assert_true(grants(NOW));
    refuse_rule(AND(OR("\1" AND(ONE))), "limit", "deeper than 2 levels");
    /* Nothing recurses: what is too deep for the reader of JSON is refused
     * by it, and what is not, here. */
    for (int levels = 3; levels <= 14; levels++) {
        refuse_rule(nested(levels, 2, false), "limit", "deeper than 2 levels");
    }
    refuse_rule(nested(100, 15, true), "limit", "32 levels");
}

static void
p16_ten_values_of_a_thousand_bytes(void **state)
{
    char rule[TEXT_MAX];
    char stars[1002];
    static const struct {
        int len;
        const char *code;
    } lengths[] = {{0, "bad_value"}, {1, NULL}, {1000, NULL}, {1001, "limit"}};

    (void)state;
    memset(stars, '*', sizeof(stars));
    load_ruled(GRANT("Reader"), OF_RESOURCE,
        COND(RES("resource"), "stringEqualsAnyOf",
            "['1','2','3','4','5','6','7','8','9','birds']"));
    assert_true(grants(NOW));
    refuse_rule(COND(RES("resource"), "stringEqualsAnyOf",
                    "\1['1','2','3','4','5','6','7','8','9','10','birds']"),
        "limit", "more than 10 values");
    refuse_rule(COND(ENV("day_of_week"), "dayOfWeekAnyOf",
                    "\1[1,2,3,4,5,6,7,1,2,3,4]"),
        "limit", "more than 10 values");
    for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
        snprintf(rule, sizeof(rule),
            "{'key':'" RES("resource") "','operator':'stringMatch',"
                                       "'value':\1'%.*s'}",
            lengths[i].len, stars);
        if (lengths[i].code != NULL) {
            refuse_rule(rule, lengths[i].code, NULL);
            continue;
        }
        char *mark = strchr(rule, '\1');
        memmove(mark, mark + 1, strlen(mark));
        load_ruled(GRANT("Reader"), OF_RESOURCE, rule);
        assert_true(grants(NOW));
    }
}

struct weekly {
    int day_set;      /* bit 1: Monday .. bit 7 */
    int day_east_sec; /* of its values */
    int from, to;     /* seconds of the day */
    bool from_strict, to_strict;
    int east_sec; /* of both */
};

static int64_t
floor_div(int64_t value, int64_t by)
{
    return value / by - (value % by < 0 ? 1 : 0);
}

/* The second of the local day, and its weekday. */
static int
second_of_day(int64_t now, int east)
{
    int64_t local = now + east;
    return (int)(local - floor_div(local, 86400) * 86400);
}

static int
weekday(int64_t now, int east)
{
    /* Day 0, 1970-01-01, was a Thursday. */
    int64_t day = floor_div(now + east, 86400) + 3;
    return (int)(day - floor_div(day, 7) * 7) + 1;
}

static bool
model(const struct weekly *w, int64_t now)
{
    int second = second_of_day(now, w->east_sec);
    bool after = w->from_strict ? second > w->from : second >= w->from;
    bool before = w->to_strict ? second < w->to : second <= w->to;
    bool inside = w->from <= w->to ? after && before : after || before;

    return inside && (w->day_set >> weekday(now, w->day_east_sec) & 1) != 0;
}

static void
put_offset(char *text, size_t cap, int east)
{
    int size = east < 0 ? -east : east;
    size_t len = strlen(text);

    snprintf(text + len, cap - len, "%c%02d:%02d", east < 0 ? '-' : '+',
        size / 3600, size / 60 % 60);
}

static void
put_time(char *text, size_t cap, int second, int east)
{
    snprintf(text, cap, "%02d:%02d:%02d", second / 3600, second / 60 % 60,
        second % 60);
    put_offset(text, cap, east);
}

static void
load_weekly(const struct weekly *w)
{
    char rule[TEXT_MAX] = "";
    char days[512] = "";
    char from[32];
    char to[32];

    for (int day = 1; day <= 7; day++) {
        if ((w->day_set >> day & 1) != 0) {
            size_t len = strlen(days);
            snprintf(days + len, sizeof(days) - len, "%s'%d",
                len == 0 ? "" : ",", day);
            put_offset(days, sizeof(days), w->day_east_sec);
            append(days, "'");
        }
    }
    put_time(from, sizeof(from), w->from, w->east_sec);
    put_time(to, sizeof(to), w->to, w->east_sec);
    snprintf(rule, sizeof(rule),
        "{'operator':'and','conditions':[{'key':'" ENV(
            "day_of_week") "',"
                           "'operator':'dayOfWeekAnyOf','value':[%s]},"
                           "{'key':'" ENV(
                               "current_time") "','operator':'timeGreaterThan%"
                                               "s',"
                                               "'value':'%s'},{'key':'" ENV(
                                                   "current_time") "','"
                                                                   "operator':"
                                                                   "'timeLessTh"
                                                                   "an%s','"
                                                                   "value':'%s'"
                                                                   "}]}",
        days, w->from_strict ? "" : "OrEquals", from,
        w->to_strict ? "" : "OrEquals", to);
    load_ruled(GRANT("Reader"), CUSTOM_HOURS, rule);
}

/* The library and the model agree at a second, and until the age is over. */
static void
compare(const struct weekly *w, int64_t now)
{
    bool wanted = model(w, now);

    if (grants(now) != wanted) {
        fail_msg("%d%d %d-%d %d, %d %x: %lld", w->from_strict, w->to_strict,
            w->from, w->to, w->east_sec, w->day_east_sec, (unsigned)w->day_set,
            (long long)now);
    }
    int64_t end = now + age();
    assert_true(end > now && end <= now + 7 * 86400);
    assert_int_equal(model(w, end - 1), wanted);
    /* No change in between: the model's own edges are whole minutes here, or
     * the second after one. */
    for (int64_t t = floor_div(now, 60) * 60; t < end; t += 60) {
        if ((t >= now && model(w, t) != wanted) ||
            (t + 1 >= now && t + 1 < end && model(w, t + 1) != wanted)) {
            fail_msg("the age ends too late: %lld + %lld", (long long)now,
                (long long)(end - now));
        }
    }
}

static void
t51_edges_are_those_of_the_model(void **state)
{
    static const int easts[] = {0, -18000, 19800, 50400, -43200};
    static const int hours[][2] = {{32400, 61200}, {79200, 21600}, {0, 86340},
        {43200, 43200}, {3600, 0}};
    static const int sets[] = {1 << 1, 1 << 7, 0x3e, 0xfe, 0x82, 0x54};
    /* Sunday, 2026-11-22T00:00:00Z. */
    const int64_t start = INT64_C(1795305600);

    (void)state;
    for (size_t e = 0; e < 25; e++) {
        for (size_t k = 0; k < 20; k++) {
            struct weekly w = {sets[(e + k) % 6], easts[e % 5], hours[k % 5][0],
                hours[k % 5][1], (k & 1) != 0, (k & 2) != 0, easts[e / 5]};
            if (w.from == w.to && (w.from_strict || w.to_strict)) {
                w.from_strict = w.to_strict = false;
            }
            load_weekly(&w);
            for (int day = 0; day < 8; day++) {
                int64_t midnight = start + day * INT64_C(86400);
                const int64_t edges[] = {midnight - w.day_east_sec,
                    midnight + w.from - w.east_sec,
                    midnight + w.to - w.east_sec};
                for (size_t i = 0; i < 9; i++) {
                    compare(&w, edges[i / 3] + (int64_t)(i % 3) - 1);
                }
            }
        }
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(p14_instants_are_compared_not_texts),
        cmocka_unit_test(p14_the_day_is_that_of_the_values_offset),
        cmocka_unit_test(p14_a_window_goes_over_midnight),
        cmocka_unit_test(p14_what_is_no_time_is_refused),
        cmocka_unit_test(p14_years_have_bounds),
        cmocka_unit_test(p14_t51_the_zone_of_the_process_has_no_influence),
        cmocka_unit_test(p15_one_clock_for_token_and_conditions),
        cmocka_unit_test(p15_no_part_of_a_second_counts),
        cmocka_unit_test(p16_ten_conditions),
        cmocka_unit_test(p16_two_levels),
        cmocka_unit_test(p16_ten_values_of_a_thousand_bytes),
        cmocka_unit_test(t51_edges_are_those_of_the_model),
    };

    return cmocka_run_group_tests(tests, make_token, teardown);
}
