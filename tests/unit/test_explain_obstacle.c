/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
/* What did not hold: each kind, wanted and seen, for grants and denials. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "grant_text.h"

#include "explain_text.h"
#include "rule_decide.h"

#define OP(key, op, value)                                                     \
    "{\"key\":\"" key "\",\"operator\":\"" op "\",\"value\":" value "}"
#define DIRECTORY                                                              \
    "{\"format\":\"pdp-directory/1\",\"groups\":{\"AccessGroupId-9\":["        \
    "\"IBMid-270000TEST\"]},\"tags\":{\"us-south/birds\":[\"env:prod\","       \
    "\"team:a\"],\"us-south/fish\":[]}}"

/* The only voice of a policy that does not apply, for reading IMAGE. */
static const char *
obstacle_of(const char *policy, const char *claims, const char *method,
    const char *target)
{
    load_policies(policy, DIRECTORY);
    (void)as(claims, method, target);
    explain();
    assert_int_equal(pdp_explanation_voices(why), 1);
    return verdict(0, 0);
}

#define ON(more) POLICY("p", ME, OURS "," more, GRANT("Reader"))
#define FOR(subject) POLICY("p", subject, OURS, GRANT("Reader"))
#define NEVER(more) POLICY("p", ME, OURS "," more, DENY("Reader"))

static void
attributes_of_the_resource(void **state)
{
    static const struct {
        const char *policy;
        const char *wanted;
    } cases[] = {
        {ON(EQ("resource", "fish")),
            "resource resource stringEquals fish known birds"},
        {ON(EQ("resource", "birds") "," EQ("region", "eu-central")),
            "resource region stringEquals eu-de known us-south"},
        {ON(OP("resource", "stringMatch", "\"f*\"")),
            "resource resource stringMatch f* known birds"},
        {ON(OP("resource", "stringEqualsAnyOf", "[\"a\",\"b\"]")),
            "resource resource stringEqualsAnyOf a, b known birds"},
        {ON(OP("resource", "stringExists", "false")),
            "resource resource stringExists false known birds"},
        {ON(OP("serviceInstance", "stringExists", "true")),
            "resource serviceInstance stringExists true absent -"},
        {ON(EQ("resourceGroupId", "rg")),
            "resource resourceGroupId stringEquals rg unknown -"},
        {ON(EQ("prefix", "x")), "resource prefix stringEquals x unknown -"},
        {NEVER(EQ("resource", "fish")),
            "no denial: resource resource stringEquals fish known birds"},
        {NEVER(EQ("serviceInstance", "x")),
            "no denial: resource serviceInstance stringEquals x absent -"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_string_equal(obstacle_of(cases[i].policy, "", READ),
            cases[i].wanted);
    }
}

/* It has a namespace, and a grant does not see it. */
static void
an_action_of_the_account(void **state)
{
    (void)state;
    assert_string_equal(obstacle_of(POLICY("p", ME,
                                        OURS "," EQ("resource", "birds"),
                                        GRANT("Manager")),
                            "", "DELETE", "/api/v1/namespaces/birds"),
        "account: resource resource stringEquals birds absent -");
    assert_string_equal(obstacle_of(POLICY("p", ME,
                                        OURS "," EQ("resource", "fish"),
                                        DENY("Manager")),
                            "", "DELETE", "/api/v1/namespaces/birds"),
        "no denial: resource resource stringEquals fish known birds");
}

static void
subjects(void **state)
{
    (void)state;
    assert_string_equal(obstacle_of(FOR(EQ("iam_id", "IBMid-x")), "", READ),
        "subject iam_id stringEquals IBMid-x known IBMid-270000TEST");
    assert_string_equal(obstacle_of(FOR(EQ("access_group_id",
                                        "AccessGroupId-1")),
                            ",\"groups\":[\"AccessGroupId-2\"]", READ),
        "subject access_group_id stringEquals AccessGroupId-1 known "
        "AccessGroupId-2, AccessGroupId-9");
    assert_string_equal(obstacle_of(FOR(ME "," OP("access_group_id",
                                        "stringExists", "false")),
                            "", READ),
        "subject access_group_id stringExists false known AccessGroupId-9");
    /* No subject, and nobody names it. */
    assert_string_equal(
        obstacle_of("{\"type\":\"access\",\"id\":\"free\"," BODY(OURS,
                        GRANTS("Reader")),
            "", READ),
        "subject policies - free absent -");
    /* No group is known. */
    load_policies(FOR(ME "," OP("access_group_id", "stringExists", "true")),
        NULL);
    assert_reason(as("", READ), "no_grant");
    explain();
    assert_string_equal(verdict(0, 0),
        "subject access_group_id stringExists true unknown -");
    load_policies(FOR(EQ("access_group_id", "AccessGroupId-1")), NULL);
    assert_reason(as("", READ), "no_grant");
    explain();
    assert_string_equal(verdict(0, 0),
        "subject access_group_id stringEquals AccessGroupId-1 absent -");
}

#define TAGGED(op, value, control)                                             \
    "{\"type\":\"access\",\"id\":\"p\",\"subject\":{\"attributes\":[" ME       \
    "]},\"resource\":{\"attributes\":[" OURS                                   \
    "],\"tags\":[{\"key\":\"env\",\"operator\":\"" op "\",\"value\":\"" value  \
    "\"}]}," control "}"

static void
tags(void **state)
{
    static const char dev[] = TAGGED("stringEquals", "dev", GRANTS("Manager"));
    static const char prod[] =
        TAGGED("stringEquals", "prod", GRANTS("Manager"));

    (void)state;
    assert_string_equal(obstacle_of(dev, "", READ),
        "tag env stringEquals dev known env:prod, team:a");
    assert_string_equal(obstacle_of(TAGGED("stringMatch", "d*",
                                        DENIES("Manager")),
                            "", READ),
        "no denial: tag env stringMatch d* known env:prod, team:a");
    assert_string_equal(obstacle_of(dev, "", "DELETE", OTHER_IMAGE),
        "tag env stringEquals dev known ");
    assert_string_equal(obstacle_of(dev, "", "DELETE",
                            "/api/v1/images/us.icr.io%2Fapes%2Fx"),
        "tag env stringEquals dev unknown -");
    assert_string_equal(obstacle_of(prod, "", "DELETE",
                            "/api/v1/namespaces/birds"),
        "account: tag env stringEquals prod absent -");
}

/* The first test that stops the rule, at 2026-11-21T09:30:00Z, a Saturday. */
static void
rules(void **state)
{
    static const struct {
        const char *control;
        const char *pattern;
        const char *rule;
        const char *wanted;
    } cases[] = {
        {GRANT("Reader"), WEEKLY, AND(DAYS("1,'2-05:00'") "," TO("08:00:00Z")),
            "rule {{environment.attributes.day_of_week}} dayOfWeekAnyOf 1, "
            "2-05:00 known 6, 6-05:00"},
        {GRANT("Reader"), WEEKLY, AND(DAY("6") "," TO("08:00:00Z")),
            "rule {{environment.attributes.current_time}} "
            "timeLessThanOrEquals 08:00:00Z known 09:30:00Z"},
        {GRANT("Reader"), OF_ENVIRONMENT,
            COND(ENV("ip_address"), "stringEquals", "'192.0.2.1'"),
            "rule {{environment.attributes.ip_address}} stringEquals "
            "192.0.2.1 unknown -"},
        {GRANT("Reader"), OF_ENVIRONMENT,
            COND(ENV("endpoint_type"), "stringExists", "false"),
            "rule {{environment.attributes.endpoint_type}} stringExists false "
            "known private"},
        {GRANT("Reader"), OF_RESOURCE,
            OR(COND(RES("resource"), "stringEqualsAnyOf",
                "['a','b']") "," COND(RES("region"), "stringEquals",
                "'eu-de'")),
            "rule {{resource.attributes.resource}} stringEqualsAnyOf a, b "
            "known birds"},
        {GRANT("Reader"), WEEKLY, AND(DAY("6") "," OR(DAY("1") "," DAY("2"))),
            "rule {{environment.attributes.day_of_week}} dayOfWeekEquals 1 "
            "known 6"},
        {GRANT("Reader"), WEEKLY, OR(AND(DAY("6") "," DAY("7")) "," DAY("2")),
            "rule {{environment.attributes.day_of_week}} dayOfWeekEquals 7 "
            "known 6"},
        {DENY("Reader"), WEEKLY, DAY("1"),
            "no denial: rule {{environment.attributes.day_of_week}} "
            "dayOfWeekEquals 1 known 6"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char text[TEXT_MAX] = "[";
        append_ruled(text, "p", cases[i].control, cases[i].pattern,
            cases[i].rule);
        append(text, "]");
        load_policies(text, NULL);
        request(&fixture, READ);
        bearer(&fixture, token_with(&fixture, ""));
        fixture.request.endpoint_type = str("private");
        (void)judge(&fixture);
        explain();
        assert_string_equal(verdict(0, 0), cases[i].wanted);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(attributes_of_the_resource),
        cmocka_unit_test(an_action_of_the_account),
        cmocka_unit_test(subjects),
        cmocka_unit_test(tags),
        cmocka_unit_test(rules),
    };

    return cmocka_run_group_tests(tests, load_default, forget_why);
}
