/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
/* One voice for a policy, however often it was compiled; what it says. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "grant_text.h"

#include "explain_text.h"
#include "two_services.h"

static void
grants_and_denials(void **state)
{
    (void)state;
    load_policies("[" POLICY("both", ME, OURS,
                      GRANT("Manager") "," DENY("Reader")) "," POLICY("half",
                      ME, OURS "," EQ("resource", "fish"),
                      GRANT("Reader") "," DENY("Writer")) "]",
        NULL);
    assert_reason(as("", READ), "explicit_deny");
    explain();
    assert_string_equal(verdict(0, 0), "grants, denies");
    assert_string_equal(verdict(1, 0),
        "resource resource stringEquals fish known birds");
    assert_string_equal(voices(), "policy:both policy:half");
    assert_str(pdp_explanation_note(why),
        "policy both denies it explicitly: no grant changes that");
    /* Manager only. */
    assert_reason(as("", "GET", "/api/v1/plans"), "permitted");
    explain();
    assert_string_equal(verdict(0, 0), "grants");
    assert_string_equal(verdict(1, 0), "action action - Reader, Writer known "
                                       "container-registry.plan.get");
}

/* Compiled for each of two services; the request is for the first one. */
static void
one_voice_for_two_services(void **state)
{
#define BOTH(effect)                                                           \
    "\"" effect "\":{\"roles\":[{\"role_id\":\"" GENERIC                       \
    "First\"},{\"role_id\":\"" GENERIC "Second\"}]}"
    (void)state;
    load_two("[" POLICY("gives", ME, ANY, BOTH("grant")) "]");
    assert_reason(ask_one(""), "permitted");
    explain();
    assert_string_equal(voices(), "policy:gives");
    assert_string_equal(verdict(0, 0), "grants");
    load_two("[" POLICY("takes", ME, ANY, BOTH("deny")) "]");
    assert_reason(ask_one(""), "explicit_deny");
    explain();
    assert_string_equal(voices(), "policy:takes");
    assert_string_equal(verdict(0, 0), "denies");
}

/* The namespace may be any: a denial for one of them applies. */
static void
a_denial_in_doubt(void **state)
{
    (void)state;
    load_policies(POLICY("never", ME, OURS "," EQ("resource", "birds"),
                      DENY("Manager")),
        NULL);
    assert_reason(as("", "GET", "/api/v1/namespaces"), "explicit_deny");
    explain();
    assert_string_equal(verdict(0, 0), "denies");
}

static void
policies_of_a_token(void **state)
{
    static const char three[] =
        ",\"policies\":[{\"type\":\"access\"," /* without an id */
        BODY(OURS "," EQ("resource", "fish"),
            GRANTS("Reader")) ",{\"type\":\"access\",\"id\":\"mine\"," BODY(OURS
            "," EQ("own", "x"),
            GRANTS("Reader")) ",{\"type\":\"access\",\"id\":\"w\"," BODY(OURS,
            GRANTS("Writer")) "]";

    (void)state;
    load_policies("[]", NULL);
    assert_reason(as(three, READ), "no_grant");
    explain();
    assert_string_equal(voices(), "inline:token inline:mine inline:w");
    assert_string_equal(verdict(0, 0),
        "resource resource stringEquals fish known birds");
    assert_string_equal(verdict(1, 0), "resource own stringEquals x unknown -");
    assert_string_equal(verdict(2, 0),
        "action action - - known container-registry.image.inspect");
    assert_reason(as(INLINE(OURS, GRANTS("Reader")), READ), "permitted");
    explain();
    assert_string_equal(verdict(0, 0), "grants");
    assert_reason(as(INLINE(OURS, DENIES("Reader")), READ), "explicit_deny");
    explain();
    assert_string_equal(verdict(0, 0), "denies");
}

static void
policies_that_the_token_names(void **state)
{
    (void)state;
    (void)load_three(state);
    assert_reason(as(",\"policies\":[\"none\",\"free\"]", READ), "permitted");
    explain();
    assert_string_equal(voices(), "policy:free policy:mine !policy:theirs");
    assert_string_equal(verdict(0, 0), "grants");
    /* It is named, and still somebody else's. */
    assert_reason(as(",\"policies\":[\"theirs\"]", READ), "no_grant");
    explain();
    assert_string_equal(voices(), "!policy:free policy:mine !policy:theirs");
    assert_string_equal(verdict(2, 0),
        "subject iam_id stringEquals IBMid-x known IBMid-270000TEST");
}

static void
two_services(void **state)
{
    (void)state;
    load_two("[" POLICY("one", ME, ONE, GRANT("First")) "," POLICY("two", ME,
        TWO, GRANT("Second")) "," POLICY("any", ME, ANY,
        GRANT("Shared")) "," POLICY("theirs", EQ("iam_id", "IBMid-x"), TWO,
        GRANT("Second")) "]");
    assert_reason(ask_one(""), "permitted");
    explain();
    /* `any` was compiled twice; what it says of this service is told. */
    assert_string_equal(voices(), "policy:one policy:two policy:any");
    assert_string_equal(verdict(0, 0), "grants");
    assert_string_equal(verdict(1, 0), "service serviceName - two known one");
    assert_string_equal(verdict(2, 0), "action action - Shared known one.do");
    assert_reason(ask_one(INLINE(ANY, GRANTS("Shared"))), "permitted");
    explain();
    assert_string_equal(voices(),
        "inline:token policy:one policy:two policy:any");
    assert_string_equal(verdict(0, 0), "action action - - known one.do");
}

/* A policy of the v1 form with two resources: one grants. */
static void
a_policy_of_several_resources(void **state)
{
#define V1(name)                                                               \
    "{\"attributes\":[" AT("accountId", ACCOUNT) "," AT("serviceName",         \
        "container-registry") "," AT("resource", name) "]}"
#define AT(name, value) "{\"name\":\"" name "\",\"value\":\"" value "\"}"
    (void)state;
    load_policies("{\"type\":\"access\",\"id\":\"old\",\"subjects\":[{"
                  "\"attributes\":[" AT("iam_id",
                      "IBMid-270000TEST") "]}],"
                                          "\"roles\":[{\"role_id\":\"" GENERIC
                                          "Reader\"}],"
                                          "\"resources\":[" V1("fish") "," V1(
                                              "birds") "]}",
        NULL);
    assert_reason(as("", READ), "permitted");
    explain();
    assert_string_equal(voices(), "policy:old");
    assert_string_equal(verdict(0, 0), "grants");
    assert_reason(as("", "GET", "/api/v1/images/us.icr.io%2Fapes%2Fx/json"),
        "no_grant");
    explain();
    assert_string_equal(verdict(0, 0),
        "resource resource stringEquals fish known apes");
}

/* Two actions on two resources: a verdict for each. */
static void
several_required_actions(void **state)
{
    (void)state;
    load_policies(POLICY("p", ME, OURS "," EQ("resource", "birds"),
                      GRANT("Reader")),
        NULL);
    assert_reason(as("", "POST",
                      "/api/v1/images/tags?fromimage=us.icr.io/birds/a"
                      "&toimage=us.icr.io/fish/b"),
        "no_grant");
    explain();
    assert_string_equal(verdict(0, 0), "grants");
    assert_string_equal(verdict(0, 1),
        "action action - Reader known container-registry.image.push");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(grants_and_denials),
        cmocka_unit_test(one_voice_for_two_services),
        cmocka_unit_test(a_denial_in_doubt),
        cmocka_unit_test(policies_of_a_token),
        cmocka_unit_test(policies_that_the_token_names),
        cmocka_unit_test(two_services),
        cmocka_unit_test(a_policy_of_several_resources),
        cmocka_unit_test(several_required_actions),
    };

    return cmocka_run_group_tests(tests, load_default, forget_why);
}
