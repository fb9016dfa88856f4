/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
/* Stage 8: queries, known, unknown and absent, owners of namespaces. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "fixture.h"

#define TAGS "/api/v1/images/tags"
#define GREEN "us.icr.io%2Fbirds%2Fwoodpecker:green"
#define RED "us.icr.io%2Fbirds%2Fwoodpecker:red"

static const char *const directory =
    "{\"format\":\"pdp-directory/1\",\"complete\":%s,\"namespaces\":["
    "{\"region\":\"us-south\",\"namespace\":\"birds\",\"account\":"
    "\"" ACCOUNT "\",\"resource_group\":\"rg-birds\"},"
    "{\"region\":\"eu-central\",\"namespace\":\"birds\",\"account\":"
    "\"" OTHER_ACCOUNT "\"},"
    "{\"region\":\"us-south\",\"namespace\":\"legacy\",\"account\":"
    "\"" ACCOUNT "\"},"
    "{\"region\":\"us-south\",\"namespace\":\"gulls\",\"account\":"
    "\"" ACCOUNT "\",\"resource_group\":\"rg-birds\"},"
    "{\"region\":\"us-south\",\"namespace\":\"fish\",\"account\":"
    "\"" OTHER_ACCOUNT "\"}]}";

static const char *
as_manager(const char *method, const char *target)
{
    return decide(&fixture, method, target,
        token_with(&fixture, ",\"roles\":[\"Manager\"]"));
}

/* "name=state" of the known and unknown resource attributes of an item. */
static const char *
attributes(size_t required)
{
    static char text[1024];
    size_t len = 0;
    pdp_attribute_t a = {.size = sizeof(a)};

    text[0] = '\0';
    for (size_t i = 0;
         pdp_decision_attribute(fixture.decision, required, i, &a); i++) {
        if (strncmp(a.name.ptr, "service", 7) == 0 ||
            strncmp(a.name.ptr, "accountId", 9) == 0 ||
            a.state == PDP_ATTRIBUTE_ABSENT) {
            continue;
        }
        len += (size_t)snprintf(text + len, sizeof(text) - len, "%s%s=%.*s",
            len == 0 ? "" : " ", a.name.ptr, (int)a.value.len,
            a.state == PDP_ATTRIBUTE_UNKNOWN ? "" : a.value.ptr);
        if (a.state == PDP_ATTRIBUTE_UNKNOWN) {
            len += (size_t)snprintf(text + len, sizeof(text) - len, "?");
        }
    }
    return text;
}

static void
where_resources_come_from(void **state)
{
    (void)state;
    assert_reason(as_manager("GET", "/api/v1/images/" GREEN "/json"),
        "permitted");
    assert_string_equal(attributes(0),
        "region=us-south resourceType=namespace resource=birds "
        "resourceGroupId=?");
    /* A namespace alone: the region is the one called, if that is known. */
    assert_reason(as_manager("GET", "/api/v1/retentions/birds"), "permitted");
    assert_string_equal(attributes(0),
        "geography=? region=? resourceType=namespace resource=birds "
        "resourceGroupId=?");
    header(&fixture, "Host", "de.icr.io");
    assert_int_equal(judge(&fixture), PDP_REASON_PERMITTED);
    assert_string_equal(attributes(0),
        "region=eu-de resourceType=namespace resource=birds "
        "resourceGroupId=?");
    /* In the body: there is one, but we do not see it. */
    assert_reason(as_manager("POST", "/api/v1/images/bulkdelete"), "permitted");
    assert_string_equal(attributes(0),
        "geography=? region=? resourceType=? resource=? resourceGroupId=?");
    /* A list over all namespaces. */
    assert_reason(as_manager("GET", "/api/v1/namespaces"), "permitted");
    assert_string_equal(attributes(0),
        "geography=? region=? resourceType=? resource=? resourceGroupId=?");
    /* A plan has no namespace. */
    assert_reason(as_manager("GET", "/api/v1/plans"), "permitted");
    assert_string_equal(attributes(0), "geography=? region=?");
}

static void
the_global_registry(void **state)
{
    (void)state;
    request(&fixture, "GET", "/api/v1/plans");
    bearer(&fixture, token_with(&fixture, ",\"roles\":[\"Manager\"]"));
    header(&fixture, "Host", "icr.io");
    assert_int_equal(judge(&fixture), PDP_REASON_PERMITTED);
    assert_string_equal(attributes(0), "geography=global region=global");
}

static void
both_names_of_a_tag(void **state)
{
    (void)state;
    assert_reason(as_manager("POST", TAGS "?fromimage=" GREEN "&toimage="
                                          "us.icr.io%2Ffish%2Fx:1"),
        "permitted");
    assert_int_equal(pdp_decision_required_cnt(fixture.decision), 2);
    assert_string_equal(attributes(0),
        "region=us-south resourceType=namespace resource=birds "
        "resourceGroupId=?");
    assert_string_equal(attributes(1),
        "region=us-south resourceType=namespace resource=fish "
        "resourceGroupId=?");
    /* One missing: unknown, not the other one. */
    assert_reason(as_manager("POST", TAGS "?fromimage=" GREEN), "permitted");
    assert_string_equal(attributes(1),
        "geography=? region=? resourceType=? resource=? resourceGroupId=?");
}

static void
load_directory(const char *complete)
{
    char text[TEXT_MAX];
    const struct document documents[] = {
        {PDP_SOURCE_DIRECTORY, "directory.json", text},
        {PDP_SOURCE_NONE, NULL, NULL},
    };

    snprintf(text, sizeof(text), directory, complete);
    load(&fixture, documents);
}

static void
owners(void **state)
{
    (void)state;
    load_directory("false");
    assert_reason(as_manager("GET", "/api/v1/images/" GREEN "/json"),
        "permitted");
    assert_string_equal(attributes(0),
        "region=us-south resourceType=namespace resource=birds "
        "resourceGroupId=rg-birds");
    /* The same name elsewhere belongs to others (the file says eu-central,
     * the older name of eu-de). */
    assert_reason(as_manager("GET",
                      "/api/v1/images/de.icr.io%2Fbirds%2Fx/json"),
        "account_mismatch");
    /* Region not known: it could be theirs. */
    assert_reason(as_manager("GET", "/api/v1/retentions/birds"),
        "account_mismatch");
    header(&fixture, "Host", "us.icr.io");
    assert_int_equal(judge(&fixture), PDP_REASON_PERMITTED);
    /* A namespace without a group: absent, not unknown. */
    assert_reason(as_manager("GET",
                      "/api/v1/images/us.icr.io%2Flegacy%2Fx/json"),
        "permitted");
    assert_string_equal(attributes(0),
        "region=us-south resourceType=namespace resource=legacy");
    /* Region not known, list not complete: another one may be meant, whose
     * group nobody knows. */
    assert_reason(as_manager("GET", "/api/v1/retentions/legacy"), "permitted");
    assert_string_equal(attributes(0),
        "geography=? region=? resourceType=namespace resource=legacy "
        "resourceGroupId=?");
    assert_reason(as_manager("GET", "/api/v1/retentions/gulls"), "permitted");
    assert_string_equal(attributes(0),
        "geography=? region=? resourceType=namespace resource=gulls "
        "resourceGroupId=?");
    assert_reason(as_manager("GET", "/api/v1/retentions/fish"),
        "account_mismatch");
    assert_reason(as_manager("POST", TAGS "?fromimage=" GREEN "&toimage="
                                          "us.icr.io/fish/x"),
        "account_mismatch");
    /* Not listed: nothing is known. */
    assert_reason(as_manager("GET", "/api/v1/retentions/apes"), "permitted");
    load(&fixture, NULL);
}

static void
a_complete_directory(void **state)
{
    (void)state;
    load_directory("true");
    assert_reason(as_manager("GET", "/api/v1/retentions/legacy"), "permitted");
    assert_string_equal(attributes(0),
        "geography=? region=? resourceType=namespace resource=legacy");
    assert_reason(as_manager("GET", "/api/v1/retentions/gulls"), "permitted");
    assert_string_equal(attributes(0),
        "geography=? region=? resourceType=namespace resource=gulls "
        "resourceGroupId=rg-birds");
    /* The one that is made may be in another region than the one listed. */
    assert_reason(as_manager("PUT", "/api/v1/namespaces/gulls"), "permitted");
    assert_string_equal(attributes(0),
        "geography=? region=? resourceType=namespace resource=gulls "
        "resourceGroupId=?");
    assert_reason(as_manager("GET", "/api/v1/retentions/apes"),
        "unknown_namespace");
    assert_reason(as_manager("GET", "/api/v1/images/us.icr.io%2Fapes%2Fx/json"),
        "unknown_namespace");
    assert_reason(as_manager("GET",
                      "/api/v1/images/jp.icr.io%2Flegacy%2Fx/json"),
        "unknown_namespace");
    /* What is being made cannot be listed; what others have is theirs. */
    assert_reason(as_manager("PUT", "/api/v1/namespaces/apes"), "permitted");
    assert_reason(as_manager("PUT", "/api/v1/namespaces/fish"),
        "account_mismatch");
    assert_reason(as_manager("DELETE", "/api/v1/namespaces/apes"),
        "unknown_namespace");
    load(&fixture, NULL);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(where_resources_come_from),
        cmocka_unit_test(the_global_registry),
        cmocka_unit_test(both_names_of_a_tag),
        cmocka_unit_test(owners),
        cmocka_unit_test(a_complete_directory),
    };

    return cmocka_run_group_tests(tests, load_default, teardown);
}
