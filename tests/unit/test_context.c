/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "fixture.h"

/* Context-based restrictions in decisions. */

#define ZONE(id, addresses)                                                    \
    "{\"id\":\"" id "\",\"account_id\":\"" ACCOUNT                             \
    "\",\"addresses\":[" addresses "]}"
#define ADDRESS(type, value) "{\"type\":\"" type "\",\"value\":\"" value "\"}"
#define NAMED(name, value) "{\"name\":\"" name "\",\"value\":\"" value "\"}"
#define OURS(account)                                                          \
    NAMED("accountId", account) "," NAMED("serviceName", "container-registry")
#define RULE(id, mode, contexts, attributes)                                   \
    "{\"id\":\"" id "\",\"crn\":\"crn:" id "\",\"enforcement_mode\":\"" mode   \
    "\",\"contexts\":[" contexts                                               \
    "],\"resources\":[{\"attributes\":[" attributes "]}]}"
#define FROM(attributes) "{\"attributes\":[" attributes "]}"
#define IN(zone) NAMED("networkZoneId", zone)
#define BY(types) NAMED("endpointType", types)
#define OFFICE                                                                 \
    ZONE("office", ADDRESS("subnet", "192.0.2.0/24") "," ADDRESS("ipRange",    \
                       "203.0.113.5-203.0.113.9") "," ADDRESS("ipAddress",     \
                       "2001:db8::5"))
#define ONLY_OFFICE RULE("r", "enabled", FROM(IN("office")), OURS(ACCOUNT))
#define INSPECT "/api/v1/images/us.icr.io%2Fbirds%2Fwren:1/json"
#define SET_PLAN "/api/v1/plans"
#define MANAGER ",\"roles\":[\"Manager\"]"

static const char *const at_office[] = {"192.0.2.0", "192.0.2.255",
    "203.0.113.5", "203.0.113.9", "2001:DB8:0::5", "::ffff:192.0.2.7",
    "0:0:0:0:0:ffff:c000:207"};
static const char *const elsewhere[] = {"192.0.1.255", "192.0.3.0",
    "203.0.113.4", "203.0.113.10", "2001:db8::4", "2001:db8::6", "::192.0.2.7",
    "", "192.0.2.7 ", "192.0.2.7:80", "192.0.2.007", "office",
    "unix:", "192.0.2.7, 192.0.2.8"};

static void
load_rules(const char *text)
{
    const struct document documents[] = {
        {PDP_SOURCE_RESTRICTIONS, "restrictions.json", text},
        {PDP_SOURCE_NONE, NULL, NULL},
    };

    load(&fixture, documents);
}

static const char *
ask(const char *method, const char *target, const char *address,
    const char *endpoint)
{
    request(&fixture, method, target);
    bearer(&fixture, token_with(&fixture, MANAGER));
    fixture.request.client_address = str(address);
    fixture.request.endpoint_type = str(endpoint);
    return pdp_reason_name(judge(&fixture));
}

static void
assert_told(size_t index, const char *id, bool enforced, bool denies)
{
    pdp_restriction_t rule = {.size = sizeof(rule)};
    char crn[64];

    assert_true(pdp_decision_restriction(fixture.decision, index, &rule));
    assert_str(rule.id, id);
    snprintf(crn, sizeof(crn), "crn:%s", id);
    assert_str(rule.crn, crn);
    assert_int_equal(rule.enforced, enforced);
    assert_int_equal(rule.denies, denies);
}

static void
test_addresses(void **state)
{
    (void)state;
    load_rules("[" OFFICE "," ONLY_OFFICE "]");
    for (size_t i = 0; i < sizeof(at_office) / sizeof(at_office[0]); i++) {
        assert_reason(ask("GET", INSPECT, at_office[i], NULL), "permitted");
        assert_int_equal(pdp_decision_restrictions(fixture.decision), 0);
    }
    for (size_t i = 0; i < sizeof(elsewhere) / sizeof(elsewhere[0]); i++) {
        assert_reason(ask("GET", INSPECT, elsewhere[i], NULL),
            "context_denied");
        assert_int_equal(pdp_decision_restrictions(fixture.decision), 1);
        assert_told(0, "r", true, true);
        /* Everything is granted; it is not a right that is missing. */
        assert_int_equal(pdp_decision_missing_cnt(fixture.decision), 0);
        pdp_required_t required = {.size = sizeof(required)};
        assert_true(pdp_decision_required(fixture.decision, 0, &required));
        assert_true(required.granted);
    }
    assert_reason(ask("GET", INSPECT, NULL, "public"), "context_denied");
}

/* Not even a zone of all addresses has the one that nobody told. */
static void
test_no_address(void **state)
{
    (void)state;
    load_rules(
        "[" ZONE("all", ADDRESS("subnet", "0.0.0.0/0") "," ADDRESS("subnet",
                            "::/0")) "," RULE("r", "enabled", FROM(IN("all")),
            OURS(ACCOUNT)) "]");
    assert_reason(ask("GET", INSPECT, "192.0.2.1", NULL), "permitted");
    assert_reason(ask("GET", INSPECT, "2001:db8::1", NULL), "permitted");
    assert_reason(ask("GET", INSPECT, "0.0.0.0", NULL), "permitted");
    assert_reason(ask("GET", INSPECT, NULL, NULL), "context_denied");
    assert_reason(ask("GET", INSPECT, "", NULL), "context_denied");
    assert_reason(ask("GET", INSPECT, "office", NULL), "context_denied");
}

/* Caches do not tell requests apart by where they come from: an allow that was
 * kept would open the office's doors to the street. */
static void
test_no_cache_keeps_what_depends_on_it(void **state)
{
    static const char *const modes[] = {"enabled", "report"};
    char text[1024];

    (void)state;
    for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
        snprintf(text, sizeof(text),
            "[" OFFICE "," RULE("r", "%s", "%s", OURS(ACCOUNT)) "]", modes[i],
            FROM(IN("office")));
        load_rules(text);
        assert_reason(ask("GET", INSPECT, "192.0.2.7", NULL), "permitted");
        assert_int_equal(pdp_decision_cache_max_age_sec(fixture.decision), 0);
        (void)ask("GET", INSPECT, "8.8.8.8", NULL);
        assert_int_equal(pdp_decision_cache_max_age_sec(fixture.decision), 0);
    }
    /* One that is closed to everybody, and one for something else. */
    load_rules(RULE("r", "enabled", "", OURS(ACCOUNT)));
    assert_reason(ask("GET", INSPECT, "8.8.8.8", NULL), "context_denied");
    assert_true(pdp_decision_cache_max_age_sec(fixture.decision) > 0);
    load_rules("[" OFFICE "," RULE("r", "enabled", FROM(IN("office")),
        OURS(ACCOUNT) "," NAMED("resource", "eggs")) "]");
    assert_reason(ask("GET", INSPECT, "8.8.8.8", NULL), "permitted");
    assert_true(pdp_decision_cache_max_age_sec(fixture.decision) > 0);
}

static void
test_endpoints(void **state)
{
    (void)state;
    load_rules(
        RULE("r", "enabled", FROM(BY("private, direct")), OURS(ACCOUNT)));
    assert_reason(ask("GET", INSPECT, NULL, "private"), "permitted");
    assert_reason(ask("GET", INSPECT, NULL, "direct"), "permitted");
    assert_reason(ask("GET", INSPECT, NULL, "public"), "context_denied");
    assert_reason(ask("GET", INSPECT, NULL, NULL), "context_denied");
    assert_reason(ask("GET", INSPECT, NULL, "Private"), "context_denied");
    assert_reason(ask("GET", INSPECT, NULL, ""), "context_denied");
}

/* Attributes of a context together, any of the contexts, all of the rules. */
static void
test_logic(void **state)
{
    (void)state;
    load_rules("[" OFFICE "," ZONE("home",
        ADDRESS("ipAddress", "10.0.0.1")) "," RULE("both", "enabled",
        FROM(IN("office") "," BY("private")) "," FROM(IN("home")),
        OURS(ACCOUNT)) "," RULE("second", "enabled", FROM(BY("private,public")),
        OURS(ACCOUNT)) "]");
    assert_reason(ask("GET", INSPECT, "192.0.2.1", "private"), "permitted");
    assert_reason(ask("GET", INSPECT, "192.0.2.1", "public"), "context_denied");
    assert_told(0, "both", true, true);
    assert_reason(ask("GET", INSPECT, "10.0.0.1", "public"), "permitted");
    assert_reason(ask("GET", INSPECT, "10.0.0.1", "direct"), "context_denied");
    assert_told(0, "second", true, true);
    assert_reason(ask("GET", INSPECT, "10.0.0.2", "direct"), "context_denied");
    assert_int_equal(pdp_decision_restrictions(fixture.decision), 2);
}

/* It is for what it names, and for what may be that. */
static void
test_reach(void **state)
{
    (void)state;
    load_rules(RULE("r", "enabled", "",
        OURS(
            ACCOUNT) "," NAMED("region", "eu-central") "," NAMED("resourceType",
            "namespace") ","
                         "{\"name\":\"resource\",\"value\":\"bi*\","
                         "\"operator\":\"stringMatch\"}"));
    assert_reason(ask("GET", "/api/v1/images/de.icr.io%2Fbirds%2Fw:1/json",
                      NULL, NULL),
        "context_denied");
    assert_reason(ask("GET", "/api/v1/images/de.icr.io%2Ftrees%2Fw:1/json",
                      NULL, NULL),
        "permitted");
    assert_reason(ask("GET", INSPECT, NULL, NULL), "permitted");
    /* Names in the body: one of them may be it. */
    assert_reason(ask("POST", "/api/v1/images/bulkdelete", NULL, NULL),
        "context_denied");
    /* Without the host, the region may be it; with no namespace it is not. */
    assert_reason(ask("GET", "/api/v1/retentions/birds", NULL, NULL),
        "context_denied");
    assert_reason(ask("GET", SET_PLAN, NULL, NULL), "permitted");
    /* One of two resources is enough. */
    assert_reason(ask("POST",
                      "/api/v1/images/tags?fromimage=de.icr.io/birds/"
                      "w:1&toimage=de.icr.io/trees/w:1",
                      NULL, NULL),
        "context_denied");
}

/* The condition of the last rule that an explanation tells. */
static void
assert_wanted(const char *wanted)
{
    pdp_explanation_t *why = NULL;
    pdp_verdict_t verdict = {.size = sizeof(verdict)};

    assert_int_equal(pdp_explain(fixture.worker, fixture.decision, &why),
        PDP_OK);
    size_t last = pdp_explanation_voices(why) - 1;
    assert_true(pdp_explanation_verdict(why, last, 0, &verdict));
    assert_str(verdict.wanted, wanted);
    pdp_explanation_free(why);
}

/* A rule for tagged namespaces, and one of two conditions that holds. */
static void
test_tags_and_half_a_context(void **state)
{
    (void)state;
    const struct document documents[] = {
        {PDP_SOURCE_RESTRICTIONS, "r.json",
            "[{\"id\":\"r\",\"contexts\":[" FROM(BY("private") "," BY(
                "public")) "],\"resources\":[{\"attributes\":"
                           "[" OURS(ACCOUNT) "],\"tags\":[{"
                                             "\"name\":\"env\","
                                             "\"value\":\"prod\"},{"
                                             "\"name\":"
                                             "\"team\",\"value\":"
                                             "\"a\"}]}]}]"},
        {PDP_SOURCE_DIRECTORY, "d.json",
            "{\"format\":\"pdp-directory/1\",\"tags\":{\"us-south/"
            "birds\":["
            "\"env:dev\",\"team:a\"],\"us-south/fish\":[\"env:prod\","
            "\"team:a\"]}}"},
        {PDP_SOURCE_NONE, NULL, NULL},
    };
    load(&fixture, documents);
    assert_reason(ask("GET", INSPECT, NULL, "private"), "permitted");
    assert_reason(ask("GET", "/api/v1/images/us.icr.io%2Ffish%2Fwren:1/json",
                      NULL, "private"),
        "context_denied");
    assert_wanted("public");
    assert_reason(ask("GET", "/api/v1/images/us.icr.io%2Ffish%2Fwren:1/json",
                      NULL, "public"),
        "context_denied");
    assert_wanted("private");
}

/* Account actions are the service's, too. */
static void
test_account_actions(void **state)
{
    (void)state;
    load_rules("[" OFFICE "," ONLY_OFFICE "]");
    assert_reason(ask("GET", SET_PLAN, "192.0.2.1", NULL), "permitted");
    assert_reason(ask("GET", SET_PLAN, "192.0.3.1", NULL), "context_denied");
}

static void
test_other_accounts(void **state)
{
    (void)state;
    load_rules("[" OFFICE "," RULE("r", "enabled", FROM(IN("office")),
        OURS(OTHER_ACCOUNT)) "]");
    assert_reason(ask("GET", INSPECT, NULL, NULL), "permitted");
}

/* They never grant, and are not asked before the policies. */
static void
test_after_policy(void **state)
{
    (void)state;
    load_rules("[" OFFICE "," ONLY_OFFICE "]");
    request(&fixture, "GET", INSPECT);
    bearer(&fixture, token_with(&fixture, ""));
    fixture.request.client_address = str("192.0.2.1");
    assert_reason(pdp_reason_name(judge(&fixture)), "no_grant");
    fixture.request.client_address = str("10.0.0.1");
    assert_reason(pdp_reason_name(judge(&fixture)), "no_grant");
    assert_int_equal(pdp_decision_restrictions(fixture.decision), 0);
    /* Nor where no account is known. */
    assert_reason(decide(&fixture, "GET", "/api/v1/messages", NULL), "public");
}

static void
test_report(void **state)
{
    (void)state;
    load_rules("[" OFFICE "," RULE("r", "report", FROM(IN("office")),
        OURS(ACCOUNT)) "," RULE("off", "disabled", "", OURS(ACCOUNT)) "]");
    assert_reason(ask("GET", INSPECT, "192.0.2.1", NULL), "permitted");
    assert_int_equal(pdp_decision_restrictions(fixture.decision), 1);
    assert_told(0, "r", false, false);
    assert_reason(ask("GET", INSPECT, "192.0.3.1", NULL), "permitted");
    assert_told(0, "r", false, true);
    /* The next decision tells nothing of this one. */
    assert_reason(decide(&fixture, "GET", "/api/v1/messages", NULL), "public");
    assert_int_equal(pdp_decision_restrictions(fixture.decision), 0);
    pdp_restriction_t rule = {.size = sizeof(rule)};
    assert_false(pdp_decision_restriction(fixture.decision, 0, &rule));
}

#define FOUR(n, mode)                                                          \
    RULE(n "1", mode, "", OURS(ACCOUNT))                                       \
    "," RULE(n "2", mode, "", OURS(ACCOUNT)) "," RULE(n "3", mode, "",         \
        OURS(ACCOUNT)) "," RULE(n "4", mode, "", OURS(ACCOUNT))
#define PASSING(n) RULE(n, "report", FROM(BY("public")), OURS(ACCOUNT))

/* What denies is told even if there is no room for all. */
static void
test_many(void **state)
{
    (void)state;
    static const char mixed[] = "[" PASSING(
        "p1") "," FOUR("a", "report") "," FOUR("b", "report") "," FOUR("c",
        "report") "," PASSING("p2") "," PASSING("p3") "," PASSING("p4") "," RULE("last",
        "enabled", "", OURS(ACCOUNT)) "]";
    load_rules(mixed);
    assert_reason(ask("GET", INSPECT, NULL, "public"), "context_denied");
    assert_int_equal(pdp_decision_restrictions(fixture.decision), 16);
    bool last = false;
    for (size_t i = 0; i < 16; i++) {
        pdp_restriction_t rule = {.size = sizeof(rule)};
        assert_true(pdp_decision_restriction(fixture.decision, i, &rule));
        last = last || (rule.id.len == 4 && rule.enforced && rule.denies);
    }
    assert_true(last);
    /* What would deny, rather than what would not; and of equals the first. */
    load_rules("[" PASSING("p") "," FOUR("a", "report") "," FOUR("b",
        "report") "," FOUR("c", "report") "," FOUR("d", "report") "," RULE("e",
        "report", "", OURS(ACCOUNT)) "]");
    assert_reason(ask("GET", INSPECT, NULL, "public"), "permitted");
    for (size_t i = 0; i < 16; i++) {
        pdp_restriction_t rule = {.size = sizeof(rule)};
        assert_true(pdp_decision_restriction(fixture.decision, i, &rule));
        assert_true(rule.denies);
        assert_int_not_equal(rule.id.ptr[0], 'e');
    }
    load_rules("[" FOUR("a", "report") "," FOUR("b", "report") "," FOUR("c",
        "report") "," FOUR("d", "report") "," FOUR("e",
        "report") "," RULE("last", "enabled", "", OURS(ACCOUNT)) "]");
    assert_reason(ask("GET", INSPECT, NULL, "public"), "context_denied");
    assert_told(15, "last", true, true);
}

static void
test_answers(void **state)
{
    (void)state;
    pdp_restriction_t rule = {.size = sizeof(rule) + 1};

    load_rules("[" OFFICE "," ONLY_OFFICE "]");
    assert_reason(ask("GET", INSPECT, NULL, NULL), "context_denied");
    assert_false(pdp_decision_restriction(fixture.decision, 0, &rule));
    rule.size = 0;
    assert_false(pdp_decision_restriction(fixture.decision, 0, &rule));
    rule.size = sizeof(rule);
    assert_false(pdp_decision_restriction(fixture.decision, 1, &rule));
    assert_int_equal(pdp_decision_restrictions(NULL), 0);
    assert_false(pdp_decision_restriction(NULL, 0, &rule));
}

static const char service[] =
    "{\"format\":\"pdp-service/1\",\"service\":\"s\",\"actions\":{\"s.read\":"
    "{\"scope\":\"namespace\"}},\"roles\":{\"Reader\":{\"actions\":["
    "\"s.read\"]}},\"events\":{},\"params\":{},\"routes\":[{\"method\":"
    "\"GET\",\"path\":\"/me\",\"access\":\"authenticated\",\"event\":null},"
    "{\"method\":\"GET\",\"path\":\"/open\",\"access\":\"public\",\"event\":"
    "null},{\"method\":\"GET\",\"path\":\"/all\",\"requires\":[{\"action\":"
    "\"s.read\"}],\"event\":null}]}";

/* A route for everybody who is verified is the service's, too. */
static void
test_authenticated(void **state)
{
    (void)state;
    struct document documents[] = {
        {PDP_SOURCE_SERVICE, "s.json", service},
        {PDP_SOURCE_RESTRICTIONS, "r.json",
            RULE("r", "enabled", FROM(BY("private")),
                NAMED("accountId", ACCOUNT) "," NAMED("serviceName", "s"))},
        {PDP_SOURCE_NONE, NULL, NULL},
    };

    load(&fixture, documents);
    assert_reason(ask("GET", "/me", NULL, "private"), "authenticated");
    assert_reason(ask("GET", "/me", NULL, "public"), "context_denied");
    assert_int_equal(pdp_decision_required_cnt(fixture.decision), 0);
    assert_reason(ask("GET", "/open", NULL, "public"), "public");
    /* It is about no namespace. */
    documents[1].text = RULE("r", "enabled", FROM(BY("private")),
        NAMED("accountId", ACCOUNT) "," NAMED("serviceName",
            "s") "," NAMED("resourceType", "namespace"));
    load(&fixture, documents);
    assert_reason(ask("GET", "/me", NULL, "public"), "authenticated");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_addresses),
        cmocka_unit_test(test_no_address),
        cmocka_unit_test(test_no_cache_keeps_what_depends_on_it),
        cmocka_unit_test(test_endpoints),
        cmocka_unit_test(test_logic),
        cmocka_unit_test(test_reach),
        cmocka_unit_test(test_tags_and_half_a_context),
        cmocka_unit_test(test_account_actions),
        cmocka_unit_test(test_other_accounts),
        cmocka_unit_test(test_after_policy),
        cmocka_unit_test(test_report),
        cmocka_unit_test(test_many),
        cmocka_unit_test(test_answers),
        cmocka_unit_test(test_authenticated),
    };

    return cmocka_run_group_tests(tests, NULL, teardown);
}
