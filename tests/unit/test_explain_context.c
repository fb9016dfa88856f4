/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
/* What restrictions say, and what they look at. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "grant_text.h"

#include "explain_text.h"

#define RULE_OF(id, mode, key, value)                                          \
    "{\"id\":\"" id "\",\"enforcement_mode\":\"" mode                          \
    "\",\"contexts\":[{\"attributes\":[{\"name\":\"" key                       \
    "\",\"value\":\"" value "\"}]}],\"resources\":[{\"attributes\":[{"         \
    "\"name\":\"accountId\",\"value\":\"" ACCOUNT "\"},{\"name\":"             \
    "\"serviceName\",\"value\":\"container-registry\"}]}]}"

static void
load_restricted(const char *restrictions)
{
    const struct document documents[] = {
        {PDP_SOURCE_POLICIES, "p.json",
            POLICY("mine", ME, OURS, GRANT("Reader"))},
        {PDP_SOURCE_RESTRICTIONS, "r.json", restrictions},
        {PDP_SOURCE_NONE, NULL, NULL},
    };

    load(&fixture, documents);
}

static void
restrictions(void **state)
{
    (void)state;
    load_restricted("{\"zones\":[{\"id\":\"home\",\"account_id\":\"" ACCOUNT
                    "\",\"addresses\":[{\"type\":\"ipAddress\",\"value\":"
                    "\"192.0.2.1\"}]}],\"rules\":[" RULE_OF("zone", "enabled",
                        "networkZoneId", "home") "," RULE_OF("way", "report",
                        "endpointType", "private") "]}");
    assert_reason(as("", READ), "context_denied");
    explain();
    assert_string_equal(voices(),
        "policy:mine restriction:zone restriction:way");
    assert_string_equal(verdict(0, 0), "grants");
    assert_string_equal(verdict(1, 0),
        "context networkZoneId - home unknown -");
    assert_string_equal(verdict(2, 0),
        "context endpointType - private unknown -");
    assert_str(pdp_explanation_note(why),
        "the context-based restriction zone denies it: no grant changes that");
    fixture.request.client_address = str("192.0.2.2");
    fixture.request.endpoint_type = str("public");
    assert_int_equal(judge(&fixture), PDP_REASON_CONTEXT_DENIED);
    explain();
    assert_string_equal(verdict(1, 0),
        "context networkZoneId - home known 192.0.2.2");
    assert_string_equal(verdict(2, 0),
        "context endpointType - private known public");
    fixture.request.client_address = str("192.0.2.1");
    fixture.request.endpoint_type = str("private");
    assert_int_equal(judge(&fixture), PDP_REASON_PERMITTED);
    explain();
    assert_string_equal(voices(), "policy:mine restriction:way");
    assert_string_equal(verdict(1, 0), "nothing");
    /* Where something is missing, too, a policy would not be enough. */
    assert_reason(as("", "DELETE", IMAGE), "no_grant");
    explain();
    assert_string_equal(voices(), "policy:mine");
    assert_int_equal(pdp_explanation_policies(why), 0);
    assert_str(pdp_explanation_note(why),
        "the context-based restriction zone denies it: no grant changes that");
}

/* Several of each, all that are wanted; and where no rule is in the way, a
 * policy helps. */
static void
several_places(void **state)
{
#define HOME(id)                                                               \
    "{\"id\":\"" id "\",\"account_id\":\"" ACCOUNT                             \
    "\",\"addresses\":[{\"type\":\"ipAddress\",\"value\":\"192.0.2.1\"}]}"
    (void)state;
    load_restricted("{\"zones\":[" HOME("home") "," HOME(
        "away") "],\"rules\":[" RULE_OF("zones", "report", "networkZoneId",
        "home, away") "," RULE_OF("ways", "enabled", "endpointType",
        "private, direct") "]}");
    assert_reason(as("", READ), "context_denied");
    explain();
    assert_string_equal(verdict(1, 0),
        "context networkZoneId - home, away unknown -");
    assert_string_equal(verdict(2, 0),
        "context endpointType - private, direct unknown -");
    fixture.request.endpoint_type = str("direct");
    request(&fixture, "DELETE", IMAGE);
    bearer(&fixture, token_with(&fixture, ""));
    fixture.request.endpoint_type = str("direct");
    assert_int_equal(judge(&fixture), PDP_REASON_NO_GRANT);
    explain();
    assert_int_equal(pdp_explanation_policies(why), 1);
    assert_null(pdp_explanation_note(why).ptr);
}

/* A route for everybody: no action is asked for, so nobody can grant one. */
static void
without_actions(void **state)
{
    (void)state;
    const struct document documents[] = {
        {PDP_SOURCE_SERVICE, "s.json",
            "{\"format\":\"pdp-service/1\",\"service\":\"container-registry\","
            "\"actions\":{},\"roles\":{},\"events\":{},\"params\":{},"
            "\"regions\":[],\"routes\":[{\"method\":\"GET\",\"path\":\"/me\","
            "\"access\":\"authenticated\",\"event\":null}]}"},
        {PDP_SOURCE_RESTRICTIONS, "r.json",
            RULE_OF("way", "enabled", "endpointType", "private")},
        {PDP_SOURCE_NONE, NULL, NULL},
    };
    load(&fixture, documents);
    assert_reason(as("", "GET", "/me"), "context_denied");
    explain();
    assert_str(pdp_explanation_note(why),
        "no policy can help: a context-based restriction denies it");
}

/* Nobody meets a rule without contexts. */
static void
no_contexts(void **state)
{
    (void)state;
    load_restricted("{\"rules\":[{\"id\":\"shut\",\"contexts\":[],"
                    "\"resources\":[{\"attributes\":[{\"name\":"
                    "\"accountId\",\"value\":\"" ACCOUNT
                    "\"},{\"name\":\"serviceName\",\"value\":"
                    "\"container-registry\"}]}]}]}");
    assert_reason(as("", READ), "context_denied");
    explain();
    assert_string_equal(voices(), "policy:mine restriction:shut");
    assert_string_equal(verdict(1, 0), "context contexts - - absent -");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(restrictions),
        cmocka_unit_test(several_places),
        cmocka_unit_test(without_actions),
        cmocka_unit_test(no_contexts),
    };

    return cmocka_run_group_tests(tests, load_default, forget_why);
}
