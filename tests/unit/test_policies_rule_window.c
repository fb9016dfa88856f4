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

/* Two bounds that are a window, and rules that can never hold. */

#define REST ROBIN "," READER "," RESOURCE(AT_HOME "," FOR_BIRDS)
#define HOURS(rule) POLICY(REST "," RULE(CUSTOM_HOURS, rule))
#define DAILY DAYS("1,2,3,4,5,6,7")

static const struct pdp__span *
span_of(const struct bench *bench, uint32_t test)
{
    const struct pdp__rule_test *item =
        PDP__ITEM(&bench->b, rule_tests, struct pdp__rule_test, test);

    assert_int_equal(item->spans.cnt, 1);
    return PDP__ITEM(&bench->b, spans, struct pdp__span, item->spans.first);
}

/* Tests a and b of the rule say the same window: first, and seconds more. */
static void
assert_window(const char *text, uint32_t a, uint32_t b, int64_t first,
    int64_t last)
{
    struct bench bench;

    read_clean(&bench, text);
    for (int i = 0; i < 2; i++) {
        const struct pdp__span *span = span_of(&bench, i == 0 ? a : b);
        if (span->first != first || span->last != last ||
            span->period != 86400) {
            fail_msg("%s: %lld %lld", text, (long long)span->first,
                (long long)span->last);
        }
    }
    bench_free(&bench);
}

static void
windows(void **state)
{
    (void)state;
    assert_window(HOURS(AND(DAILY "," FROM("09:00:00Z") "," TO("17:00:00Z"))),
        1, 2, 32400, 28800);
    /* Over midnight. */
    assert_window(HOURS(AND(DAILY "," FROM("22:00:00Z") "," TO("06:00:00Z"))),
        1, 2, 79200, 28800);
    assert_window(HOURS(AND(DAILY "," TO("06:00:00Z") "," FROM("22:00:00Z"))),
        1, 2, 79200, 28800);
    assert_window(HOURS(AND(
                      DAILY "," AFTER("22:00:00Z") "," BEFORE("06:00:00Z"))),
        1, 2, 79201, 28798);
    /* In another offset; over midnight there, in Greenwich, or both. */
    assert_window(HOURS(AND(DAILY
                      "," FROM("22:00:00+09:00") "," TO("06:00:00+09:00"))),
        1, 2, 46800, 28800);
    assert_window(HOURS(AND(DAILY
                      "," FROM("09:00:00-10:00") "," TO("17:00:00-10:00"))),
        1, 2, 68400, 28800);
    /* A second; a day less a second. */
    assert_window(HOURS(AND(DAILY "," FROM("09:00:00Z") "," TO("09:00:00Z"))),
        1, 2, 32400, 0);
    assert_window(HOURS(AND(DAILY "," FROM("00:00:00Z") "," TO("23:59:59Z"))),
        1, 2, 0, 86399);
    /* Single conditions of the outer list belong together, and so do those
     * of an inner one. */
    assert_window(HOURS(AND(FROM("22:00:00Z") "," OR(DAILY "," DAILY) "," TO(
                      "06:00:00Z"))),
        0, 3, 79200, 28800);
    assert_window(HOURS(OR(AND(DAILY
                      "," FROM("22:00:00Z") "," TO("06:00:00Z")) "," DAILY)),
        1, 2, 79200, 28800);
}

/* From one to the next other; told, since it is hardly meant. */
static void
bounds_in_two_offsets(void **state)
{
    struct bench bench;

    (void)state;
    bench_init(&bench);
    assert_int_equal(run(&bench, pdp__read_policies, SOURCE_NAME,
                         HOURS(AND(DAILY "," FROM("09:00:00-05:00") "," TO(
                             "17:00:00+00:00")))),
        PDP_OK);
    assert_findings(&bench, 1);
    pdp_finding_t finding = {.size = sizeof(finding)};
    assert_int_equal(pdp_report_at(bench.report, 0, &finding), PDP_OK);
    assert_str(finding.code, "mixed_offsets");
    assert_message(&bench,
        "the bounds of this window are in two offsets: it ends at the next "
        "17:00:00+00:00");
    assert_int_equal(pdp_report_errors(bench.report), 0);
    const struct pdp__span *span = span_of(&bench, 1);
    assert_true(span->first == 50400 && span->last == 10800);
    bench_free(&bench);
}

/* Friday from ten to six is the beginning and the end of Friday. */
static void
nights_of_some_days(void **state)
{
    static const char *const split[] = {
        HOURS(AND(DAY("5") "," FROM("22:00:00Z") "," TO("06:00:00Z"))),
        HOURS(AND(DAYS("5,6") "," AFTER("22:00:00-05:00") "," BEFORE(
            "21:59:59-05:00"))),
        HOURS(AND(OR(DAY("5") "," DAY("6")) "," AND(
            FROM("22:00:00Z") "," TO("06:00:00Z")))),
        HOURS(OR(
            DAILY "," AND(DAY("5") "," FROM("22:00:00Z") "," TO("06:00:00Z")))),
        POLICY(ROBIN "," DENY(ROLE("Reader")) "," RESOURCE(
            AT_HOME "," FOR_BIRDS) "," RULE(CUSTOM_HOURS,
            AND(DAY("5") "," FROM("22:00:00Z") "," TO("06:00:00Z")))),
    };
    /* Days and hours that do not meet, or all days, or by day. */
    static const char *const whole[] = {
        HOURS(AND(DAY("5") "," FROM("06:00:00Z") "," TO("22:00:00Z"))),
        /* Over midnight in UTC only. */
        HOURS(AND(DAY("'5-05:00'") "," FROM("19:00:00-05:00") "," TO(
            "23:00:00-05:00"))),
        HOURS(AND(DAILY "," FROM("22:00:00Z") "," TO("06:00:00Z"))),
        HOURS(OR(DAY("5") "," AND(FROM("22:00:00Z") "," TO("06:00:00Z")))),
        HOURS(OR(AND(DAY("5") "," FROM("22:00:00Z")) "," AND(
            DAY("6") "," TO("06:00:00Z")))),
    };
    struct bench bench;

    (void)state;
    for (size_t i = 0; i < ARRAY_CNT(split); i++) {
        bench_init(&bench);
        assert_int_equal(run(&bench, pdp__read_policies, SOURCE_NAME, split[i]),
            PDP_OK);
        assert_findings(&bench, 1);
        assert_int_equal(pdp_report_errors(bench.report), 0);
        pdp_finding_t finding = {.size = sizeof(finding)};
        assert_int_equal(pdp_report_at(bench.report, 0, &finding), PDP_OK);
        assert_str(finding.code, "split_night");
        bench_free(&bench);
    }
    for (size_t i = 0; i < ARRAY_CNT(whole); i++) {
        read_clean(&bench, whole[i]);
        bench_free(&bench);
    }
}

/* Where it is open what belongs together, each bound stands for itself. */
static void
no_windows(void **state)
{
    static const char *const texts[] = {
        HOURS(OR(FROM("22:00:00Z") "," TO("06:00:00Z") "," DAILY)),
        HOURS(AND(FROM("22:00:00Z") "," OR(TO("06:00:00Z") "," DAILY))),
        HOURS(AND(OR(FROM("22:00:00Z") "," TO("06:00:00Z")) "," DAILY)),
    };
    struct bench bench;

    (void)state;
    for (size_t i = 0; i < ARRAY_CNT(texts); i++) {
        read_clean(&bench, texts[i]);
        const struct pdp__span *span = span_of(&bench, 0);
        assert_true(span->first == 79200 && span->last == 7199);
        span = span_of(&bench, 1);
        assert_true(span->first == 0 && span->last == 21600);
        bench_free(&bench);
    }
    /* Three bounds. */
    read_clean(&bench, HOURS(AND(FROM("08:00:00Z") "," FROM("10:00:00Z") "," TO(
                           "17:00:00Z") "," DAILY)));
    assert_true(span_of(&bench, 0)->last == 86399 - 28800);
    assert_true(span_of(&bench, 1)->last == 86399 - 36000);
    assert_true(span_of(&bench, 2)->first == 0);
    bench_free(&bench);
}

#define BOUNDED(from, to) AND(SINCE(from) "," UNTIL(to))

/* Rules that never hold, each with the pattern of its shape. */
static const struct {
    const char *pattern;
    const char *rule;
} dead[] = {
    {ONCE, BOUNDED("2026-11-21T10:00:00Z", "2026-11-21T09:59:59Z")},
    {ONCE, BOUNDED("2026-11-21T10:00:00-05:00", "2026-11-21T14:00:00Z")},
    {CUSTOM_HOURS, AND(DAILY "," BEFORE("00:00:00Z"))},
    {CUSTOM_HOURS, AND(DAILY "," AFTER("23:59:59-05:00"))},
    {CUSTOM_HOURS, AND(DAILY "," AFTER("09:00:00Z") "," BEFORE("09:00:00Z"))},
    {CUSTOM_HOURS, AND(DAILY "," AFTER("09:00:00Z") "," BEFORE("09:00:01Z"))},
    {CUSTOM_HOURS, AND(DAILY "," FROM("22:00:00Z") "," FROM("21:00:00Z") "," TO(
                       "06:00:00Z"))},
    {ALL_DAY, AND(DAY("1") "," DAY("2"))},
    {ALL_DAY, AND(DAY("'1+12:00'") "," DAY("'2-12:00'"))},
    {CUSTOM_HOURS,
        AND(DAYS("'1Z'") "," DAYS("'7-05:00'") "," FROM("05:00:00Z"))},
    {OF_RESOURCE, COND(RES("serviceType"), "stringEquals", "'platform'")},
    {OF_RESOURCE, COND(RES("service_group_id"), "stringMatch", "'iam*'")},
    {OF_RESOURCE, COND(RES("serviceName"), "stringEquals", "'trees'")},
    {OF_RESOURCE, COND(RES("accountId"), "stringEquals", "'x'")},
    {OF_RESOURCE, COND(RES("region"), "stringEquals", "'mars'")},
    {OF_RESOURCE, COND(RES("region"), "stringMatchAnyOf", "['m*','x']")},
    {OF_RESOURCE, COND(RES("region"), "stringExists", "false")},
    {OF_RESOURCE, AND(COND(RES("resource"), "stringEquals",
                      "'a'") "," COND(RES("resource"), "stringEquals", "'b'"))},
    {OF_RESOURCE,
        OR(AND(COND(RES("resource"), "stringEqualsAnyOf",
            "['a','b']") "," COND(RES("resource"), "stringMatch", "'c*'")))},
    {OF_ENVIRONMENT, COND(ENV("endpoint_type"), "stringEquals", "'vpe'")},
    {OF_ENVIRONMENT, AND(COND(ENV("endpoint_type"), "stringEquals",
                         "'public'") "," COND(ENV("endpoint_type"),
                         "stringEquals", "'private'"))},
};

static void
assert_dead(const char *pattern, const char *rule, const char *control,
    const char *code, const char *message)
{
    char text[4096];
    struct bench bench;

    snprintf(text, sizeof(text),
        POLICY(ROBIN ",%s," RESOURCE(AT_HOME "," FOR_BIRDS) ",'pattern':'%s',\n"
                                                            "^'rule':%s"),
        control, pattern, rule);
    bench_init(&bench);
    assert_int_equal(run(&bench, pdp__read_policies, SOURCE_NAME, text),
        PDP_OK);
    if (count_findings(&bench, true) != 1) {
        print_message("%s\n", text);
    }
    assert_findings(&bench, 1);
    assert_found_at(&bench, code, bench.line, bench.column, NULL);
    assert_message(&bench, message);
    bench_free(&bench);
}

static void
a_grant_at_no_time_is_a_warning(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_CNT(dead); i++) {
        assert_dead(dead[i].pattern, dead[i].rule, READER, "dead_rule",
            "the rule can never hold: the policy grants nothing");
    }
}

static void
a_denial_at_no_time_is_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_CNT(dead); i++) {
        assert_dead(dead[i].pattern, dead[i].rule, DENY(ROLE("Reader")),
            "bad_value", "the rule can never hold: the policy denies nothing");
        assert_dead(dead[i].pattern, dead[i].rule,
            "'control':{'grant':{'roles':[" ROLE("Reader") "]},'deny':"
                                                           "{'roles':[" ROLE(
                                                               "Writer") "]}}",
            "bad_value", "the rule can never hold: the policy denies nothing");
    }
}

static void
rules_that_can_hold(void **state)
{
    static const struct {
        const char *pattern;
        const char *rule;
    } alive[] = {
        {ONCE, BOUNDED("2026-11-21T10:00:00Z", "2026-11-21T10:00:00Z")},
        {ONCE, BOUNDED("2026-11-21T10:00:00-05:00", "2026-11-21T15:00:00Z")},
        {ONCE, OR(BOUNDED("2026-11-21T10:00:00Z",
                   "2026-11-21T09:00:00Z") "," BOUNDED("2020-01-01T00:00:00Z",
                   "2020-01-01T00:00:01Z"))},
        /* Over already, but there is no clock here. */
        {ONCE, UNTIL("0000-01-01T00:00:00Z")},
        {ONCE, SINCE("9999-12-31T23:59:59Z")},
        {CUSTOM_HOURS,
            AND(DAILY "," AFTER("09:00:00Z") "," BEFORE("09:00:02Z"))},
        {CUSTOM_HOURS,
            AND(DAYS("'1Z'") "," DAYS("'7-05:00'") "," TO("04:59:59Z"))},
        {ALL_DAY, AND(DAY("'1-12:00'") "," DAY("'2+12:00'"))},
        {OF_RESOURCE, COND(RES("region"), "stringEquals", "'south'")},
        {OF_RESOURCE, AND(COND(RES("region"), "stringEquals",
                          "'eu-de'") "," COND(RES("region"), "stringEquals",
                          "'eu-central'"))},
        {OF_RESOURCE,
            OR(COND(RES("serviceName"), "stringEquals",
                "'trees'") "," COND(RES("resource"), "stringEquals", "'a'"))},
        {OF_RESOURCE,
            AND(COND(RES("resource"), "stringEqualsAnyOf",
                "['a','b']") "," COND(RES("resource"), "stringMatch", "'b*'"))},
        {OF_ENVIRONMENT, COND(ENV("endpoint_type"), "stringMatch", "'p*'")},
        {OF_ENVIRONMENT, COND(ENV("ip_address"), "stringExists", "false")},
    };
    char text[4096];

    (void)state;
    for (size_t i = 0; i < ARRAY_CNT(alive); i++) {
        struct bench bench;
        snprintf(text, sizeof(text),
            POLICY(ROBIN "," DENY(ROLE("Reader")) "," RESOURCE(
                AT_HOME "," FOR_BIRDS) ",'pattern':'%s',"
                                       "'rule':%s"),
            alive[i].pattern, alive[i].rule);
        read_clean(&bench, text);
        bench_free(&bench);
    }
}

/* For several services one that fits is enough. */
static void
in_one_of_the_services(void **state)
{
    struct bench bench;

    (void)state;
    read_clean(&bench,
        POLICY(ROBIN "," READER "," RESOURCE(
            AT_HOME "," EQUALS("serviceType", "service")) "," RULE(OF_RESOURCE,
            COND(RES("serviceName"), "stringEquals", "'trees'"))));
    bench_free(&bench);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(windows),
        cmocka_unit_test(bounds_in_two_offsets),
        cmocka_unit_test(nights_of_some_days),
        cmocka_unit_test(no_windows),
        cmocka_unit_test(a_grant_at_no_time_is_a_warning),
        cmocka_unit_test(a_denial_at_no_time_is_refused),
        cmocka_unit_test(rules_that_can_hold),
        cmocka_unit_test(in_one_of_the_services),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
