/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
/*
 * Stage 9: grants and denies of loaded policies, group membership, the known,
 * the unknown and the absent.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "grant_text.h"
#include "two_services.h"

static void
a_narrowed_grant(void **state)
{
    (void)state;
    load_policies(POLICY("p1", ME,
                      OURS "," EQ("region", "us-south") "," EQ("resourceType",
                          "namespace") "," EQ("resource", "birds"),
                      GRANT("Manager")),
        NULL);
    assert_reason(as("", "GET", IMAGE "/json"), "permitted");
    assert_string_equal(granted_by(0), "policy:p1");
    assert_reason(as("", "DELETE", IMAGE), "permitted");
    assert_reason(as("", "DELETE", OTHER_IMAGE), "no_grant");
    assert_string_equal(missing(&fixture), "image.delete");
    assert_reason(as("", "DELETE", "/api/v1/images/de.icr.io%2Fbirds%2Fx"),
        "no_grant");
    /* Unknown resource: in the body, not given, a list over all. */
    assert_reason(as("", "POST", "/api/v1/images/bulkdelete"), "no_grant");
    assert_reason(as("", "GET", "/api/v1/images"), "no_grant");
    assert_reason(as("", "GET", "/api/v1/namespaces"), "no_grant");
    /* Region not known here. */
    assert_reason(as("", "GET", "/api/v1/retentions/birds"), "no_grant");
    header(&fixture, "Host", "us.icr.io");
    assert_int_equal(judge(&fixture), PDP_REASON_PERMITTED);
    /* Never an account-level action, even on the namespace itself. */
    assert_reason(as("", "GET", "/api/v1/plans"), "no_grant");
    assert_reason(as("", "DELETE", "/api/v1/namespaces/birds"), "no_grant");
    assert_reason(as("", "PUT", "/api/v1/namespaces/birds"), "no_grant");
    assert_reason(as("", "GET", "/va/api/v4/exempt/image/birds%2Fx"),
        "no_grant");
    /* The older name of a region, in another policy. */
    load_policies(POLICY("p1", ME, OURS "," EQ("region", "eu-central"),
                      GRANT("Reader")),
        NULL);
    assert_reason(as("", "GET", "/api/v1/images/de.icr.io%2Fbirds%2Fx/json"),
        "permitted");
    assert_reason(as("", "GET", IMAGE "/json"), "no_grant");
}

static void
an_account_wide_grant(void **state)
{
    (void)state;
    load_policies(POLICY("p1", ME, OURS, GRANT("Manager")), NULL);
    assert_reason(as("", "POST", "/api/v1/images/bulkdelete"), "permitted");
    assert_reason(as("", "GET", "/api/v1/plans"), "permitted");
    assert_reason(as("", "DELETE", "/api/v1/namespaces/birds"), "permitted");
    /* Others get nothing of it. */
    assert_reason(decide(&fixture, "GET", "/api/v1/plans",
                      token_of(&fixture,
                          "{\"iss\":\"" IBM_ISSUER
                          "\",\"iam_id\":\"IBMid-other\","
                          "\"account\":{\"bss\":\"" ACCOUNT "\"},"
                          "\"exp\":1795256980}")),
        "no_grant");
    /* Nor the same principal in another account. */
    assert_reason(decide(&fixture, "GET", "/api/v1/plans",
                      token_of(&fixture,
                          "{\"iss\":\"" IBM_ISSUER
                          "\",\"iam_id\":\"IBMid-270000TEST\","
                          "\"account\":{\"bss\":\"" OTHER_ACCOUNT "\"},"
                          "\"exp\":1795256980}")),
        "no_grant");
}

/* Every required action must be granted, each on its own resource. */
static void
two_actions(void **state)
{
    const char *target = "/api/v1/images/tags?fromimage=us.icr.io/birds/a"
                         "&toimage=us.icr.io/fish/b";

    (void)state;
    load_policies("[" POLICY("pull", ME, OURS "," EQ("resource", "birds"),
                      GRANT("Reader")) "," POLICY("push",
                      EQ("access_group_id", "AccessGroupId-push"),
                      OURS "," EQ("resource", "fish"), GRANT("Writer")) "]",
        NULL);
    assert_reason(as("", "POST", target), "no_grant");
    assert_string_equal(missing(&fixture), "image.push");
    assert_reason(as(",\"groups\":[\"AccessGroupId-push\"]", "POST", target),
        "permitted");
    assert_string_equal(granted_by(0), "policy:pull");
    assert_string_equal(granted_by(1), "policy:push");
    /* The other way round neither holds. */
    assert_reason(as("", "POST",
                      "/api/v1/images/tags?toimage=us.icr.io/birds/a"
                      "&fromimage=us.icr.io/fish/b"),
        "no_grant");
    assert_string_equal(missing(&fixture), "image.pull,image.push");
}

static void
groups(void **state)
{
    (void)state;
    load_policies("[" POLICY("g1", EQ("access_group_id", "AccessGroupId-1"),
                      OURS, GRANT("Reader")) "," POLICY("g2",
                      EQ("access_group_id", "AccessGroupId-2"), OURS,
                      GRANT("Writer")) "," POLICY("both",
                      EQ("access_group_id",
                          "AccessGroupId-1") "," EQ("access_group_id",
                          "AccessGroupId-2"),
                      OURS, GRANT("Manager")) "]",
        "{\"format\":\"pdp-directory/1\",\"groups\":{\"AccessGroupId-2\":"
        "[\"IBMid-270000TEST\"],\"AccessGroupId-3\":[\"IBMid-other\"]}}");
    /* By the directory only. */
    assert_reason(as("", "DELETE", IMAGE), "permitted");
    assert_string_equal(granted_by(0), "policy:g2");
    assert_reason(as("", "GET", IMAGE "/json"), "no_grant");
    /* By the claim, too. */
    assert_reason(as(",\"groups\":[\"AccessGroupId-1\"]", "GET", IMAGE "/json"),
        "permitted");
    assert_string_equal(granted_by(0), "policy:g1 policy:both");
    assert_reason(as(",\"groups\":[\"AccessGroupId-1\"]", "GET",
                      "/api/v1/plans"),
        "permitted");
    assert_string_equal(granted_by(0), "policy:both");
    assert_reason(as(",\"groups\":[\"AccessGroupId-2\"]", "GET",
                      "/api/v1/plans"),
        "no_grant");
    /* A group reached in two ways grants once. */
    assert_reason(as(",\"groups\":[\"AccessGroupId-2\",\"AccessGroupId-2\"]",
                      "DELETE", IMAGE),
        "permitted");
    assert_string_equal(granted_by(0), "policy:g2");
    assert_reason(as(",\"groups\":[\"accessgroupid-1\",\"\"]", "GET",
                      IMAGE "/json"),
        "no_grant");
}

static void
everybody(void **state)
{
    (void)state;
    load_policies(POLICY("p",
                      EQ("access_group_id", "AccessGroupId-PublicAccess"), OURS,
                      GRANT("Reader")),
        NULL);
    assert_reason(as("", "GET", IMAGE "/json"), "permitted");
    load_policies(POLICY("p",
                      "{\"key\":\"iam_id\",\"operator\":\"stringExists\","
                      "\"value\":true}",
                      OURS, GRANT("Reader")),
        NULL);
    assert_reason(as("", "GET", IMAGE "/json"), "permitted");
    load_policies(POLICY("p",
                      "{\"key\":\"iam_id\",\"operator\":\"stringExists\","
                      "\"value\":false}",
                      OURS, GRANT("Reader")),
        NULL);
    assert_reason(as("", "GET", IMAGE "/json"), "no_grant");
}

/* A deny applies unless an attribute it names is known not to match. */
static void
denies(void **state)
{
    (void)state;
    load_policies("[" POLICY("all", ME, OURS, GRANT("Manager")) "," POLICY("no",
                      ME, OURS "," EQ("resource", "birds"), DENY("Writer")) "]",
        NULL);
    assert_reason(as("", "DELETE", IMAGE), "explicit_deny");
    assert_string_equal(missing(&fixture), "image.delete");
    pdp_required_t required = {.size = sizeof(required)};
    assert_true(pdp_decision_required(fixture.decision, 0, &required));
    assert_true(required.denied);
    assert_false(required.granted);
    assert_str(required.denied_by, "no");
    assert_string_equal(granted_by(0), "");
    assert_reason(as("", "DELETE", OTHER_IMAGE), "permitted");
    /* Writer has no image.inspect, so it is not denied. */
    assert_reason(as("", "GET", IMAGE "/json"), "permitted");
    /* Unknown: it may be birds. */
    assert_reason(as("", "POST", "/api/v1/images/bulkdelete"), "explicit_deny");
    /* Wins over roles and actions of the token, too. */
    assert_reason(as(",\"roles\":[\"Manager\"],\"actions\":"
                     "[\"container-registry.image.delete\"]",
                      "DELETE", IMAGE),
        "explicit_deny");
    /* settings.get has no resource: absent does not match. */
    assert_reason(as("", "GET", "/api/v1/settings"), "permitted");
    /* An account-level action keeps what is known for denies. */
    load_policies("[" POLICY("all", ME, OURS, GRANT("Manager")) "," POLICY("no",
                      ME, OURS "," EQ("resource", "birds"),
                      DENY("Manager")) "]",
        NULL);
    assert_reason(as("", "DELETE", "/api/v1/namespaces/birds"),
        "explicit_deny");
    assert_reason(as("", "DELETE", "/api/v1/namespaces/fish"), "permitted");
    /* An attribute that we never have is unknown: the deny applies. */
    load_policies("[" POLICY("all", ME, OURS, GRANT("Manager")) "," POLICY("no",
                      ME, OURS "," EQ("prefix", "x"), DENY("Manager")) "]",
        NULL);
    assert_reason(as("", "GET", "/api/v1/plans"), "explicit_deny");
    /* A deny for others is not ours, and a deny alone grants nothing. */
    load_policies("[" POLICY("no", EQ("iam_id", "IBMid-x"), OURS,
                      DENY("Manager")) "]",
        NULL);
    assert_reason(as("", "GET", "/api/v1/plans"), "no_grant");
}

static void
one_of_several_resources_denied(void **state)
{
    (void)state;
    load_policies("[" POLICY("all", ME, OURS, GRANT("Manager")) "," POLICY("no",
                      ME, OURS "," EQ("resource", "fish"), DENY("Reader")) "]",
        NULL);
    assert_reason(as("", "GET",
                      "/api/v1/images?repository="
                      "us.icr.io/birds/a&repository="
                      "us.icr.io/fish/b"),
        "explicit_deny");
    assert_reason(as("", "GET",
                      "/api/v1/images?repository="
                      "us.icr.io/birds/a&repository="
                      "us.icr.io/apes/b"),
        "permitted");
}

static void
custom_roles(void **state)
{
    static const char *const directory =
        "{\"format\":\"pdp-directory/1\",\"roles\":{\"custom_roles\":[{"
        "\"id\":\"1\",\"name\":\"Puller\",\"display_name\":\"Puller\","
        "\"account_id\":\"" ACCOUNT "\",\"service_name\":"
        "\"container-registry\",\"crn\":\"crn:v1:bluemix:public:"
        "iam-access-management::a/" ACCOUNT "::customRole:Puller\","
        "\"actions\":[\"container-registry.image.pull\","
        "\"container-registry.image.inspect\"]}]}}";

    (void)state;
    load_policies("{\"type\":\"access\",\"subject\":{\"attributes\":[" ME "]},"
                  "\"resource\":{\"attributes\":[" OURS
                  "]},\"control\":{\"grant\":"
                  "{\"roles\":[{\"role_id\":\"crn:v1:bluemix:public:"
                  "iam-access-management::a/" ACCOUNT
                  "::customRole:Puller\"}]}}}",
        directory);
    assert_reason(as("", "GET", IMAGE "/json"), "permitted");
    assert_string_equal(granted_by(0), "policy:policies.json#1");
    assert_reason(as("", "DELETE", IMAGE), "no_grant");
    /* By the claim, in its own account only. */
    load_policies("[]", directory);
    assert_reason(as(",\"roles\":[\"crn:v1:bluemix:public:"
                     "iam-access-management::a/" ACCOUNT
                     "::customRole:Puller\"]",
                      "GET", IMAGE "/json"),
        "permitted");
    assert_reason(
        decide(&fixture, "GET", IMAGE "/json",
            token_of(&fixture,
                "{\"iss\":\"" IBM_ISSUER "\",\"iam_id\":\"IBMid-1\","
                "\"account\":{\"bss\":\"" OTHER_ACCOUNT "\"},"
                "\"exp\":1795256980,\"roles\":[\"crn:v1:bluemix:public:"
                "iam-access-management::a/" ACCOUNT "::customRole:Puller\"]}")),
        "no_grant");
}

/* A policy for two groups: the directory lists the principal in one of them,
 * whichever it is, or in both. */
static void
two_groups_of_the_directory(void **state)
{
#define LISTS(group) "\"AccessGroupId-" group "\":[\"IBMid-270000TEST\"]"
    static const struct {
        const char *groups;
        const char *reason;
    } cases[] = {
        {LISTS("1"), "no_grant"},
        {LISTS("2"), "no_grant"},
        {LISTS("1") "," LISTS("3"), "no_grant"},
        {LISTS("3") "," LISTS("2"), "no_grant"},
        {LISTS("1") "," LISTS("2"), "permitted"},
        {LISTS("3") "," LISTS("2") "," LISTS("1"), "permitted"},
    };
    char directory[1024];

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        snprintf(directory, sizeof(directory),
            "{\"format\":\"pdp-directory/1\",\"groups\":{%s}}",
            cases[i].groups);
        load_policies(POLICY("both",
                          EQ("access_group_id",
                              "AccessGroupId-1") "," EQ("access_group_id",
                              "AccessGroupId-2"),
                          OURS, GRANT("Reader")),
            directory);
        assert_reason(as("", "GET", IMAGE "/json"), cases[i].reason);
    }
}

/* Of several that deny, the first is told. */
static void
two_denies(void **state)
{
    pdp_required_t required = {.size = sizeof(required)};

    (void)state;
    load_policies("[" POLICY("no1", ME, OURS, DENY("Reader")) "," POLICY("no2",
                      ME, OURS, DENY("Manager")) "]",
        NULL);
    assert_reason(as("", "GET", IMAGE "/json"), "explicit_deny");
    assert_true(pdp_decision_required(fixture.decision, 0, &required));
    assert_true(required.denied);
    assert_str(required.denied_by, "no1");
}

/* A role of the token and a policy may have the same name; both are told. */
static void
who_granted(void **state)
{
    char text[TEXT_MAX];

    (void)state;
    load_policies(POLICY("Reader", ME, OURS, GRANT("Reader")), NULL);
    assert_reason(as(",\"roles\":[\"Reader\"],\"policies\":[\"Reader\"]", "GET",
                      IMAGE "/json"),
        "permitted");
    assert_string_equal(granted_by(0), "role:Reader policy:Reader");
    /* Eight are kept. */
    for (int cnt = 8; cnt <= 10; cnt++) {
        snprintf(text, sizeof(text), "[");
        for (int i = 1; i <= cnt; i++) {
            size_t used = strlen(text);
            snprintf(text + used, sizeof(text) - used,
                "%s" POLICY("p%d", ME, OURS, GRANT("Reader")),
                i == 1 ? "" : ",", i);
        }
        append(text, "]");
        load_policies(text, NULL);
        assert_reason(as("", "GET", IMAGE "/json"), "permitted");
        assert_string_equal(granted_by(0),
            "policy:p1 policy:p2 policy:p3 policy:p4 policy:p5 policy:p6 "
            "policy:p7 policy:p8");
    }
}

/* Roles and policies of one service do nothing for another. */
static void
two_services(void **state)
{
    static const struct {
        const char *policies;
        const char *claims;
        const char *reason;
    } cases[] = {
        {"[]", ",\"roles\":[\"First\"]", "permitted"},
        {"[]", ",\"roles\":[\"Second\"]", "no_grant"},
        {"[]", ",\"roles\":[\"Shared\"]", "no_grant"},
        {"[]", ",\"roles\":[\"Second\",\"Third\",\"First\"]", "permitted"},
        {"[]", ",\"actions\":[\"one.do\"]", "permitted"},
        {"[]", ",\"actions\":[\"two.do\"]", "no_grant"},
        {POLICY("p", ME, ONE, GRANT("First")), "", "permitted"},
        {POLICY("p", ME, ANY, GRANT("First")), "", "permitted"},
        {POLICY("p", ME, ANY, GRANT("Second")), "", "no_grant"},
        {POLICY("p", ME, TWO, GRANT("Second")), "", "no_grant"},
        {POLICY("p", ME, ANY, DENY("Second")), ",\"roles\":[\"First\"]",
            "permitted"},
        {POLICY("p", ME, ANY, DENY("First")), ",\"roles\":[\"First\"]",
            "explicit_deny"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        load_two(cases[i].policies);
        assert_reason(ask_one(cases[i].claims), cases[i].reason);
    }
}

/* A deny that does not apply is no grant, whatever else is true of it: here
 * an account-level action, which has a resource for denies only. */
static void
a_deny_never_grants(void **state)
{
#define NO_RESOURCE                                                            \
    OURS ",{\"key\":\"resource\",\"operator\":\"stringExists\","               \
         "\"value\":false}"
    (void)state;
    load_policies(POLICY("no", ME, NO_RESOURCE, DENY("Manager")), NULL);
    assert_reason(as("", "DELETE", "/api/v1/namespaces/birds"), "no_grant");
    assert_reason(as("", "GET", "/api/v1/plans"), "explicit_deny");
    load_policies(POLICY("yes", ME, NO_RESOURCE, GRANT("Manager")), NULL);
    assert_reason(as("", "DELETE", "/api/v1/namespaces/birds"), "permitted");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_narrowed_grant),
        cmocka_unit_test(an_account_wide_grant),
        cmocka_unit_test(two_actions),
        cmocka_unit_test(groups),
        cmocka_unit_test(everybody),
        cmocka_unit_test(denies),
        cmocka_unit_test(one_of_several_resources_denied),
        cmocka_unit_test(custom_roles),
        cmocka_unit_test(two_groups_of_the_directory),
        cmocka_unit_test(two_denies),
        cmocka_unit_test(who_granted),
        cmocka_unit_test(two_services),
        cmocka_unit_test(a_deny_never_grants),
    };

    return cmocka_run_group_tests(tests, NULL, teardown);
}
