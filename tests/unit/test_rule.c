/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
/* Rules of policies in decisions: times, attributes, doubt, edges. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "grant_text.h"

#include "rule_decide.h"

#define DAILY DAYS("1,2,3,4,5,6,7")

static void
assert_at(const char *time, const char *reason)
{
    const char *got = read_at(at(time));

    if (strcmp(got, reason) != 0) {
        fail_msg("%s: %s, not %s", time, got, reason);
    }
}

static int64_t
max_age(void)
{
    return pdp_decision_cache_max_age_sec(fixture.decision);
}

static void
office_hours(void **state)
{
    (void)state;
    load_ruled(GRANT("Reader"), CUSTOM_HOURS,
        AND(DAYS("'1-05:00','2-05:00','3-05:00','4-05:00','5-05:00'") "," FROM(
            "09:00:00-05:00") "," TO("17:00:00-05:00")));
    /* 2026-11-20 is a Friday. */
    assert_at("2026-11-20T08:59:59-05:00", "no_grant");
    assert_int_equal(max_age(), 1);
    assert_at("2026-11-20T09:00:00-05:00", "permitted");
    assert_string_equal(granted_by(0), "policy:ruled");
    assert_int_equal(max_age(), 8 * 3600 + 1);
    assert_at("2026-11-20T17:00:00-05:00", "permitted");
    assert_int_equal(max_age(), 1);
    assert_at("2026-11-20T17:00:01-05:00", "no_grant");
    /* The day ends before the hours begin again. */
    assert_int_equal(max_age(), 7 * 3600 - 1);
    assert_at("2026-11-21T12:00:00-05:00", "no_grant");
    assert_at("2026-11-22T12:00:00-05:00", "no_grant");
    assert_at("2026-11-23T12:00:00-05:00", "permitted");
}

static void
a_night(void **state)
{
    (void)state;
    load_ruled(GRANT("Reader"), CUSTOM_HOURS,
        AND(DAILY "," FROM("22:00:00+01:00") "," TO("06:00:00+01:00")));
    assert_at("2026-11-20T21:59:59+01:00", "no_grant");
    assert_int_equal(max_age(), 1);
    assert_at("2026-11-20T22:00:00+01:00", "permitted");
    assert_int_equal(max_age(), 8 * 3600 + 1);
    assert_at("2026-11-20T23:59:59+01:00", "permitted");
    assert_at("2026-11-21T00:00:00+01:00", "permitted");
    assert_at("2026-11-21T06:00:00+01:00", "permitted");
    assert_at("2026-11-21T06:00:01+01:00", "no_grant");
    assert_int_equal(max_age(), 16 * 3600 - 1);
    /* The day is that of the moment, not that of the evening. */
    load_ruled(GRANT("Reader"), CUSTOM_HOURS,
        AND(DAY("'5+01:00'") "," FROM("22:00:00+01:00") "," TO(
            "06:00:00+01:00")));
    assert_at("2026-11-20T03:00:00+01:00", "permitted");
    assert_at("2026-11-20T23:00:00+01:00", "permitted");
    assert_at("2026-11-21T00:00:00+01:00", "no_grant");
}

static void
instants(void **state)
{
    (void)state;
    load_ruled(GRANT("Reader"), ONCE,
        AND(SINCE("2026-12-26T09:00:00-05:00") "," UNTIL(
            "2026-12-26T14:00:02Z")));
    assert_at("2026-12-26T13:59:59Z", "no_grant");
    assert_int_equal(max_age(), 1);
    assert_at("2026-12-26T14:00:00Z", "permitted");
    assert_int_equal(max_age(), 3);
    assert_at("2026-12-26T14:00:02Z", "permitted");
    assert_at("2026-12-26T14:00:03Z", "no_grant");
    assert_true(
        max_age() == at("9999-12-31T23:59:59Z") - at("2026-12-26T14:00:03Z"));
    load_ruled(GRANT("Reader"), ONCE,
        AND(COND(ENV("current_date"), "dateGreaterThan",
            "'2026-11-20+14:00'") "," COND(ENV("current_date"),
            "dateLessThanOrEquals", "'2026-11-21-12:00'")));
    assert_at("2026-11-20T23:59:59+14:00", "no_grant");
    assert_at("2026-11-21T00:00:00+14:00", "permitted");
    assert_at("2026-11-21T23:59:59-12:00", "permitted");
    assert_at("2026-11-22T00:00:00-12:00", "no_grant");
}

/* The environment given -> the reason, for one rule. */
static const char *
from(const char *address, const char *endpoint)
{
    request(&fixture, READ);
    bearer(&fixture, token_of(&fixture, LASTING));
    fixture.request.client_address = str(address);
    fixture.request.endpoint_type = str(endpoint);
    return pdp_reason_name(judge(&fixture));
}

#define INSIDE COND(ENV("ip_address"), "stringMatch", "'10.*'")
#define PRIVATE COND(ENV("endpoint_type"), "stringEquals", "'private'")

static void
what_the_request_says_of_its_environment(void **state)
{
    (void)state;
    load_ruled(GRANT("Reader"), OF_ENVIRONMENT, AND(INSIDE "," PRIVATE));
    assert_reason(from("10.1.2.3", "private"), "permitted");
    /* No cache knows where a request came from. */
    assert_int_equal(max_age(), 0);
    assert_reason(from("11.1.2.3", "private"), "no_grant");
    assert_int_equal(max_age(), 0);
    assert_reason(from("10.1.2.3", "public"), "no_grant");
    /* Open: the reason tells that it hangs on this. */
    assert_reason(from(NULL, "private"), "condition_error");
    assert_string_equal(missing(&fixture), "image.inspect");
    assert_reason(from("10.1.2.3", NULL), "condition_error");
    assert_reason(from("10.1.2.3", ""), "condition_error");
    assert_reason(from("10.1.2.3", "vpe"), "condition_error");
    assert_reason(from("10.1.2.3", "Private"), "condition_error");
    assert_reason(from("", NULL), "condition_error");
    /* One is false: nothing hangs on the other. */
    assert_reason(from(NULL, "direct"), "no_grant");
    load_ruled(GRANT("Reader"), OF_ENVIRONMENT, OR(INSIDE "," PRIVATE));
    assert_reason(from("10.1.2.3", NULL), "permitted");
    assert_reason(from(NULL, "private"), "permitted");
    assert_reason(from(NULL, "public"), "condition_error");
    assert_reason(from("8.8.8.8", "public"), "no_grant");
}

static void
a_denial_in_doubt_applies(void **state)
{
    char text[TEXT_MAX] = "[";

    (void)state;
    append(text, POLICY("all", ME, OURS, GRANT("Manager")));
    append_ruled(text, "ruled", DENY("Reader"), OF_ENVIRONMENT,
        COND(ENV("endpoint_type"), "stringEquals", "'public'"));
    append(text, "]");
    load_policies(text, NULL);
    assert_reason(from("10.1.2.3", "private"), "permitted");
    assert_int_equal(max_age(), 0);
    assert_reason(from("10.1.2.3", "public"), "explicit_deny");
    assert_reason(from("10.1.2.3", NULL), "explicit_deny");
    pdp_required_t required = {.size = sizeof(required)};
    assert_true(pdp_decision_required(fixture.decision, 0, &required));
    assert_str(required.denied_by, "ruled");
    assert_reason(from("10.1.2.3", "vpe"), "explicit_deny");
}

/* However an address is written, it is one; what is none is not known. */
static void
addresses_in_all_spellings(void **state)
{
    static const char *const same[] = {"2001:db8::1", "2001:DB8:0:0:0:0:0:1",
        "2001:0db8::0001", "2001:db8:0::0.0.0.1"};
    static const char *const none[] = {"", "unknown", "10.0.0.1:80",
        "2001:db8::1%eth0", "[2001:db8::1]", "10.0.0.1, 10.0.0.2", "10.0.0",
        "010.0.0.1", "10.0.0.0/8"};

    (void)state;
    load_ruled(GRANT("Reader"), OF_ENVIRONMENT,
        COND(ENV("ip_address"), "stringEqualsAnyOf",
            "['2001:db8::1','10.0.0.1']"));
    for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++) {
        assert_reason(from(same[i], NULL), "permitted");
    }
    assert_reason(from("10.0.0.1", NULL), "permitted");
    assert_reason(from("::ffff:10.0.0.1", NULL), "permitted");
    assert_reason(from("2001:db8::2", NULL), "no_grant");
    for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++) {
        assert_reason(from(none[i], NULL), "condition_error");
    }
}

/* condition_error is for what was not given, and only where all hangs on
 * it. */
static void
doubts_of_other_kinds_are_no_grant(void **state)
{
    char text[TEXT_MAX] = "[";

    (void)state;
    /* Two policies of which either would do. */
    append_ruled(text, "p", GRANT("Reader"), OF_ENVIRONMENT, PRIVATE);
    append_ruled(text, "q", GRANT("Reader"), OF_ENVIRONMENT, INSIDE);
    append(text, "]");
    load_policies(text, NULL);
    assert_reason(as("", READ), "condition_error");
    memcpy(text, "[", sizeof("["));
    /* No request ever has this attribute of the resource. */
    load_ruled(GRANT("Manager"), OF_RESOURCE,
        COND(RES("prefix"), "stringEquals", "'x'"));
    assert_reason(as("", READ), "no_grant");
    /* Nor this one of the environment, but a request might say it. */
    load_ruled(GRANT("Manager"), OF_ENVIRONMENT,
        COND(ENV("weather"), "stringEquals", "'x'"));
    assert_reason(as("", READ), "condition_error");
    /* Another policy grants. */
    append_ruled(text, "ruled", GRANT("Reader"), OF_ENVIRONMENT, PRIVATE);
    append(text, "," POLICY("other", ME, OURS, GRANT("Reader")) "]");
    load_policies(text, NULL);
    assert_reason(as("", READ), "permitted");
    assert_string_equal(granted_by(0), "policy:other");
    /* One of two actions would still be missing. */
    load_ruled(GRANT("Reader"), OF_ENVIRONMENT, PRIVATE);
    assert_reason(as("", "POST",
                      "/api/v1/images/tags?fromimage=us.icr.io/birds/a"
                      "&toimage=us.icr.io/birds/b"),
        "no_grant");
    assert_string_equal(missing(&fixture), "image.pull,image.push");
    load_ruled(GRANT("Writer"), OF_ENVIRONMENT,
        AND(PRIVATE "," COND(RES("resource"), "stringEquals", "'fish'")));
    assert_reason(as("", "POST",
                      "/api/v1/images/tags?fromimage=us.icr.io/birds/a"
                      "&toimage=us.icr.io/fish/b"),
        "no_grant");
    load_ruled(GRANT("Reader"), OF_ENVIRONMENT, PRIVATE);
    /* The other one is granted: all hangs on this. */
    assert_reason(as(",\"actions\":[\"container-registry.image.push\"]", "POST",
                      "/api/v1/images/tags?fromimage=us.icr.io/birds/a"
                      "&toimage=us.icr.io/birds/b"),
        "condition_error");
    assert_string_equal(missing(&fixture), "image.pull");
}

static void
attributes_of_the_resource(void **state)
{
    (void)state;
    load_ruled(GRANT("Manager"), OF_RESOURCE,
        AND(COND(RES("resource"), "stringMatch", "'b*'") "," COND(RES("region"),
            "stringEquals", "'us-south'")));
    assert_reason(as("", READ), "permitted");
    assert_reason(as("", "GET", OTHER_IMAGE "/json"), "no_grant");
    /* Unknown, and for account-level actions taken away, as elsewhere. */
    assert_reason(as("", "GET", "/api/v1/images"), "no_grant");
    assert_reason(as("", "DELETE", "/api/v1/namespaces/birds"), "no_grant");
}

static void
and_or_and_what_is_open(void **state)
{
    static const struct {
        const char *list;
        const char *reason; /* of an `and`, of an `or` */
        const char *other;
    } cases[] = {
#define YES COND(ENV("endpoint_type"), "stringEquals", "'public'")
#define NO COND(ENV("endpoint_type"), "stringEquals", "'direct'")
#define OPEN COND(ENV("ip_address"), "stringEquals", "'10.0.0.1'")
        {YES, "permitted", "permitted"},
        {NO, "no_grant", "no_grant"},
        {OPEN, "condition_error", "condition_error"},
        {YES "," NO, "no_grant", "permitted"},
        {NO "," YES, "no_grant", "permitted"},
        {YES "," OPEN, "condition_error", "permitted"},
        {OPEN "," YES, "condition_error", "permitted"},
        {NO "," OPEN, "no_grant", "condition_error"},
        {OPEN "," NO, "no_grant", "condition_error"},
        {YES "," OPEN "," NO, "no_grant", "permitted"},
    };
    char rule[TEXT_MAX];

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        for (size_t k = 0; k < 6; k++) {
            snprintf(rule, sizeof(rule),
                k % 3 == 0   ? "{'operator':'%s','conditions':[%s]}"
                : k % 3 == 1 ? "{'operator':'and','conditions':[{'operator':"
                               "'%s','conditions':[%s]}]}"
                             : "{'operator':'or','conditions':[{'operator':"
                               "'%s','conditions':[%s]}]}",
                k < 3 ? "and" : "or", cases[i].list);
            load_ruled(GRANT("Reader"), OF_ENVIRONMENT, rule);
            const char *got = from(NULL, "public");
            const char *wanted = k < 3 ? cases[i].reason : cases[i].other;
            if (strcmp(got, wanted) != 0) {
                fail_msg("%s: %s, not %s", rule, got, wanted);
            }
        }
    }
}

/* A cached decision ends with the first edge of all that were looked at. */
static void
the_first_edge_counts(void **state)
{
    char text[TEXT_MAX] = "[";

    (void)state;
    append_ruled(text, "one", GRANT("Reader"), ONCE,
        UNTIL("2026-11-21T12:00:00Z"));
    append_ruled(text, "two", GRANT("Reader"), ONCE,
        SINCE("2026-11-21T11:00:00Z"));
    append_ruled(text, "no", DENY("Reader"), ONCE,
        SINCE("2026-11-21T11:30:00Z"));
    /* Of another action: not looked at. */
    append_ruled(text, "push", GRANT("Service Configuration Reader"), ONCE,
        SINCE("2026-11-21T10:30:00Z"));
    append(text, "]");
    load_policies(text, NULL);
    assert_at("2026-11-21T10:00:00Z", "permitted");
    assert_int_equal(max_age(), 3600);
    assert_at("2026-11-21T11:00:00Z", "permitted");
    assert_int_equal(max_age(), 1800);
    assert_at("2026-11-21T11:30:00Z", "explicit_deny");
    assert_int_equal(max_age(), 1801);
    /* The token may end first. */
    assert_reason(as("", READ), "permitted");
    assert_int_equal(max_age(), 1795256980 - NOW);
    /* No rule, no edge; and nothing is left of the last decision. */
    load_policies(POLICY("p", ME, OURS, GRANT("Reader")), NULL);
    assert_reason(read_at(NOW), "permitted");
    assert_true(max_age() == INT64_C(253402300799) - NOW);
}

static void
no_edge_is_left_over(void **state)
{
    (void)state;
    load_ruled(GRANT("Reader"), ONCE, UNTIL("2026-11-21T12:00:00Z"));
    assert_at("2026-11-21T11:59:00Z", "permitted");
    assert_int_equal(max_age(), 61);
    assert_reason(decide(&fixture, "GET", "/api/v1/messages", NULL), "public");
    assert_int_equal(max_age(), 0);
    load_ruled(GRANT("Reader"), OF_ENVIRONMENT, INSIDE);
    assert_reason(from("10.1.2.3", NULL), "permitted");
    assert_int_equal(max_age(), 0);
    request(&fixture, "GET", "/api/v1/plans");
    bearer(&fixture, token_of(&fixture, LASTING));
    assert_int_equal(judge(&fixture), PDP_REASON_NO_GRANT);
    assert_true(max_age() == INT64_C(253402300799) - NOW);
}

/* A rule in a token is not understood, so the token is refused. */
static void
a_rule_in_a_token(void **state)
{
    char claims[TEXT_MAX] =
        ",'policies':[{'type':'access','pattern':'" ONCE "','rule':" UNTIL(
            "2099-01-01T00:00:00Z") "," BODY(OURS, GRANTS("Reader")) "]";

    (void)state;
    load_policies("[]", NULL);
    assert_reason(as(quoted(claims), READ), "claim_invalid");
    assert_reason(as(INLINE(OURS, GRANTS("Reader")), READ), "permitted");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(office_hours),
        cmocka_unit_test(a_night),
        cmocka_unit_test(instants),
        cmocka_unit_test(what_the_request_says_of_its_environment),
        cmocka_unit_test(a_denial_in_doubt_applies),
        cmocka_unit_test(addresses_in_all_spellings),
        cmocka_unit_test(doubts_of_other_kinds_are_no_grant),
        cmocka_unit_test(attributes_of_the_resource),
        cmocka_unit_test(and_or_and_what_is_open),
        cmocka_unit_test(the_first_edge_counts),
        cmocka_unit_test(no_edge_is_left_over),
        cmocka_unit_test(a_rule_in_a_token),
    };

    return cmocka_run_group_tests(tests, NULL, teardown);
}
