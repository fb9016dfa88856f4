/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
/* Operators against known, unknown and absent attributes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "decide/conditions.h"
#include "grant_text.h"

/* operator, value -> what it does for the resources birds and fish, for an
 * unknown resource, and for an action without one. */
static void
operators(void **state)
{
    static const struct {
        const char *condition;
        const char *birds, *fish, *unknown;
    } cases[] = {
        {"\"stringEquals\",\"value\":\"birds\"", "permitted", "no_grant",
            "no_grant"},
        {"\"stringEquals\",\"value\":\"BIRDS\"", "no_grant", "no_grant",
            "no_grant"},
        {"\"stringEquals\",\"value\":\"b*\"", "no_grant", "no_grant",
            "no_grant"},
        {"\"stringEqualsAnyOf\",\"value\":[\"x\",\"fish\"]", "no_grant",
            "permitted", "no_grant"},
        {"\"stringMatch\",\"value\":\"b*\"", "permitted", "no_grant",
            "no_grant"},
        {"\"stringMatch\",\"value\":\"????\"", "no_grant", "permitted",
            "no_grant"},
        {"\"stringMatch\",\"value\":\"*\"", "permitted", "permitted",
            "no_grant"},
        {"\"stringMatch\",\"value\":\"bird{{*}}\"", "no_grant", "no_grant",
            "no_grant"},
        {"\"stringMatchAnyOf\",\"value\":[\"x*\",\"*sh\"]", "no_grant",
            "permitted", "no_grant"},
        {"\"stringExists\",\"value\":true", "permitted", "permitted",
            "no_grant"},
        {"\"stringExists\",\"value\":false", "no_grant", "no_grant",
            "no_grant"},
    };
    char text[TEXT_MAX];

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        snprintf(text, sizeof(text),
            POLICY("p", ME, OURS ",{\"key\":\"resource\",\"operator\":%s}",
                GRANT("Manager")),
            cases[i].condition);
        load_policies(text, NULL);
        assert_reason(as("", "DELETE", IMAGE), cases[i].birds);
        assert_reason(as("", "DELETE", OTHER_IMAGE), cases[i].fish);
        assert_reason(as("", "POST", "/api/v1/images/bulkdelete"),
            cases[i].unknown);
        /* For an account-level action the resource is absent. */
        assert_reason(as("", "GET", "/api/v1/plans"),
            strstr(cases[i].condition, "false") != NULL ? "permitted"
                                                        : "no_grant");
    }
}

static void
resource_groups(void **state)
{
    (void)state;
    load_policies(POLICY("p", ME, OURS "," EQ("resourceGroupId", "rg-birds"),
                      GRANT("Manager")),
        "{\"format\":\"pdp-directory/1\",\"namespaces\":["
        "{\"region\":\"us-south\",\"namespace\":\"birds\",\"account\":"
        "\"" ACCOUNT "\",\"resource_group\":\"rg-birds\"},"
        "{\"region\":\"us-south\",\"namespace\":\"legacy\",\"account\":"
        "\"" ACCOUNT "\"}]}");
    assert_reason(as("", "DELETE", IMAGE), "permitted");
    assert_reason(as("", "DELETE", OTHER_IMAGE), "no_grant");
    assert_reason(as("", "DELETE", "/api/v1/images/us.icr.io%2Flegacy%2Fx"),
        "no_grant");
    assert_reason(as("", "GET", "/api/v1/plans"), "no_grant");
    assert_reason(as("", "DELETE", "/api/v1/namespaces/birds"), "no_grant");
}

/* Attributes that are always there, and one that we never have. */
static void
other_attributes(void **state)
{
    static const struct {
        const char *attribute;
        const char *reason;
    } cases[] = {
        {EQ("serviceType", "service"), "permitted"},
        {EQ("serviceType", "platform_service"), "no_grant"},
        {EQ("service_group_id", "IAM"), "permitted"},
        {"{\"key\":\"serviceInstance\",\"operator\":\"stringExists\","
         "\"value\":false}",
            "permitted"},
        {EQ("serviceInstance", "i"), "no_grant"},
        {EQ("prefix", "home/"), "no_grant"},
        {"{\"key\":\"prefix\",\"operator\":\"stringExists\","
         "\"value\":false}",
            "no_grant"},
        {"{\"key\":\"geography\",\"operator\":\"stringExists\","
         "\"value\":false}",
            "permitted"},
    };
    char text[TEXT_MAX];

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        snprintf(text, sizeof(text),
            POLICY("p", ME, OURS ",%s", GRANT("Manager")), cases[i].attribute);
        load_policies(text, NULL);
        assert_reason(as("", "DELETE", IMAGE), cases[i].reason);
    }
}

/* Names full of separators match as whole texts. */
static void
odd_names(void **state)
{
    static const char *const names[] = {"a.b", "a-b_c", "a..b", "1.2.3"};
    char text[TEXT_MAX];

    (void)state;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        snprintf(text, sizeof(text),
            POLICY("p", ME, OURS "," EQ("resource", "%s"), GRANT("Manager")),
            names[i]);
        load_policies(text, NULL);
        snprintf(fixture.target, sizeof(fixture.target),
            "/api/v1/images/us.icr.io%%2F%s%%2Fx", names[i]);
        assert_reason(as("", "DELETE", fixture.target), "permitted");
        snprintf(fixture.target, sizeof(fixture.target),
            "/api/v1/images/us.icr.io%%2F%sx%%2Fx", names[i]);
        assert_reason(as("", "DELETE", fixture.target), "no_grant");
    }
}

/* A region's older names, in every operator, for grants and denies. */
static void
older_names_of_regions(void **state)
{
    static const char *const conditions[] = {
        EQ("region", "eu-central"),
        "{\"key\":\"region\",\"operator\":\"stringEqualsAnyOf\","
        "\"value\":[\"x\",\"eu-central\"]}",
        "{\"key\":\"region\",\"operator\":\"stringMatch\","
        "\"value\":\"eu-cent*\"}",
        "{\"key\":\"region\",\"operator\":\"stringMatchAnyOf\","
        "\"value\":[\"us-*\",\"eu-d?\"]}",
    };
    char text[TEXT_MAX];

    (void)state;
    for (size_t i = 0; i < sizeof(conditions) / sizeof(conditions[0]); i++) {
        snprintf(text, sizeof(text),
            POLICY("p", ME, OURS ",%s", GRANT("Manager")), conditions[i]);
        load_policies(text, NULL);
        assert_reason(as("", "DELETE", "/api/v1/images/de.icr.io%2Fbirds%2Fx"),
            "permitted");
        assert_reason(as("", "DELETE", "/api/v1/images/jp.icr.io%2Fbirds%2Fx"),
            "no_grant");
        if (i == 1) {
            continue; /* a deny may not name the region "x" */
        }
        snprintf(text, sizeof(text),
            POLICY("p", ME, OURS ",%s", DENY("Manager")), conditions[i]);
        load_policies(text, NULL);
        assert_reason(as(",\"roles\":[\"Manager\"]", "DELETE",
                          "/api/v1/images/de.icr.io%2Fbirds%2Fx"),
            "explicit_deny");
        assert_reason(as(",\"roles\":[\"Manager\"]", "DELETE",
                          "/api/v1/images/jp.icr.io%2Fbirds%2Fx"),
            "permitted");
    }
}

#define PUBLIC "\"AccessGroupId-PublicAccess\""

/* "Some group": known by the claim or the directory, or else open.  The
 * public group does not count, whoever lists it. */
static void
some_group(void **state)
{
#define EXISTS(value)                                                          \
    "{\"key\":\"access_group_id\",\"operator\":\"stringExists\","              \
    "\"value\":" value "}"
    static const struct {
        const char *policy;
        const char *without, *with;
    } cases[] = {
        {POLICY("p", EXISTS("true"), OURS, GRANT("Reader")), "no_grant",
            "permitted"},
        {POLICY("p", EXISTS("false"), OURS, GRANT("Reader")), "no_grant",
            "no_grant"},
        {POLICY("p", EXISTS("true"), OURS, DENY("Reader")), "explicit_deny",
            "explicit_deny"},
        {POLICY("p", EXISTS("false"), OURS, DENY("Reader")), "explicit_deny",
            "no_grant"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        load_policies(cases[i].policy, NULL);
        assert_reason(as("", "GET", IMAGE "/json"), cases[i].without);
        assert_reason(as(",\"groups\":[" PUBLIC "]", "GET", IMAGE "/json"),
            cases[i].without);
        assert_reason(as(",\"groups\":[\"AccessGroupId-1\"]", "GET",
                          IMAGE "/json"),
            cases[i].with);
        assert_reason(as(",\"groups\":[" PUBLIC ",\"AccessGroupId-1\"]", "GET",
                          IMAGE "/json"),
            cases[i].with);
        load_policies(cases[i].policy,
            "{\"format\":\"pdp-directory/1\","
            "\"groups\":{" PUBLIC ":[\"IBMid-270000TEST\"]}}");
        assert_reason(as("", "GET", IMAGE "/json"), cases[i].without);
        load_policies(cases[i].policy,
            "{\"format\":\"pdp-directory/1\","
            "\"groups\":{" PUBLIC ":[\"IBMid-270000TEST\"],"
            "\"AccessGroupId-1\":[\"IBMid-270000TEST\"]}}");
        assert_reason(as("", "GET", IMAGE "/json"), cases[i].with);
    }
}

/* The loader makes no such condition.  If there were one: open, which grants
 * nothing and denies. */
static void
no_operator(void **state)
{
    static const uint8_t ops[] = {PDP__OP_NONE, PDP__OP_COUNT, 255};
    static const struct pdp__text values[1] = {{0, 1}};
    struct pdp__condition condition = {.attr = PDP__ATTR_RESOURCE,
        .values = {0, 1}};
    struct pdp__view view = {NULL, "x", &condition, values};
    struct pdp__attr_value attrs[PDP__ATTR_COUNT] = {0};

    (void)state;
    attrs[PDP__ATTR_RESOURCE] =
        (struct pdp__attr_value){PDP_ATTRIBUTE_KNOWN, PDP__LIT("x"), {0, 0}};
    for (size_t i = 0; i < sizeof(ops); i++) {
        condition.op = ops[i];
        assert_int_equal(pdp__conditions_truth(&view, (struct pdp__range){0, 1},
                             attrs),
            PDP__OPEN);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(operators),
        cmocka_unit_test(resource_groups),
        cmocka_unit_test(other_attributes),
        cmocka_unit_test(odd_names),
        cmocka_unit_test(older_names_of_regions),
        cmocka_unit_test(some_group),
        cmocka_unit_test(no_operator),
    };

    return cmocka_run_group_tests(tests, NULL, teardown);
}
