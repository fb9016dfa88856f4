/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
/* Stage 8: queries, known, unknown and absent, owners of namespaces. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "grant_text.h"

#include "../named/small_service.h"

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

/* The same name in two regions: two groups, either of which may be meant. */
static void
groups_of_two_regions(void **state)
{
#define IN(region, group)                                                      \
    "{\"region\":\"" region "\",\"namespace\":\"twin\",\"account\":"           \
    "\"" ACCOUNT "\",\"resource_group\":\"" group "\"}"
#define TWINS(list)                                                            \
    "{\"format\":\"pdp-directory/1\",\"complete\":true,\"namespaces\":[" list  \
    "]}"
    static const struct {
        const char *directory;
        const char *attributes;
    } cases[] = {
        {TWINS(IN("us-south", "rg-a")), "rg-a"},
        {TWINS(IN("us-south", "rg-a") "," IN("eu-de", "rg-b")), "?"},
        {TWINS(IN("us-south", "rg-a") "," IN("eu-de", "rg-b") "," IN("jp-tok",
             "rg-c")),
            "?"},
    };
    char wanted[256];

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const struct document documents[] = {
            {PDP_SOURCE_DIRECTORY, "directory.json", cases[i].directory},
            {PDP_SOURCE_NONE, NULL, NULL},
        };
        load(&fixture, documents);
        assert_reason(as_manager("GET", "/api/v1/retentions/twin"),
            "permitted");
        snprintf(wanted, sizeof(wanted),
            "geography=? region=? resourceType=namespace resource=twin "
            "resourceGroupId=%s",
            cases[i].attributes);
        assert_string_equal(attributes(0), wanted);
        header(&fixture, "Host", "us.icr.io");
        assert_int_equal(judge(&fixture), PDP_REASON_PERMITTED);
        assert_string_equal(attributes(0),
            "region=us-south resourceType=namespace resource=twin "
            "resourceGroupId=rg-a");
    }
    load(&fixture, NULL);
}

/* A service without regions: absent.  A text: what it names has a type and a
 * group that we do not know, and no directory is asked. */
static void
a_service_without_regions(void **state)
{
    (void)state;
    load_small("[]");
    assert_reason(as(",\"roles\":[\"Reader\"]", "GET", "/x?name=a"),
        "permitted");
    assert_string_equal(attributes(0),
        "resourceType=? resource=a resourceGroupId=?");
    assert_reason(as(",\"roles\":[\"Reader\"]", "GET", "/x"), "permitted");
    assert_string_equal(attributes(0),
        "resourceType=? resource=? resourceGroupId=?");
    load(&fixture, NULL);
}

/* 64 pairs of action and resource, wherever the last one comes from. */
static void
as_many_pairs_as_there_is_room_for(void **state)
{
#define ROUTE(path, requires)                                                  \
    "{\"method\":\"GET\",\"path\":\"" path                                     \
    "\",\"requires\":[" requires "],\"event\":null}"
#define ON(action, origins) "{\"action\":\"m." action "\",\"on\":[" origins "]}"
#define Q "\"query:q\""
    static const struct document documents[] = {
        {PDP_SOURCE_SERVICE, "many.json",
            "{\"format\":\"pdp-service/1\",\"service\":\"m\",\"actions\":{"
            "\"m.a\":{\"scope\":\"namespace\"},"
            "\"m.b\":{\"scope\":\"namespace\"}},\"roles\":{"
            "\"Manager\":{\"actions\":[\"m.a\",\"m.b\"]}},\"events\":{},"
            "\"params\":{\"q\":{\"kind\":\"text\",\"repeat\":true},"
            "\"r\":{\"kind\":\"text\"},\"p\":{\"kind\":\"text\"}},\"routes\":"
            "[" ROUTE("/two", ON("a", Q) "," ON("b", Q)) "," ROUTE("/all",
                ON("a", Q) ",{\"action\":\"m.b\"}") "," ROUTE("/body",
                ON("a", Q ",\"body\"")) "," ROUTE("/path/{p}",
                ON("a", Q ",\"path:p\"")) "," ROUTE("/other",
                ON("a", Q) "," ON("b", "\"query:r\"")) "]}"},
        {PDP_SOURCE_NONE, NULL, NULL},
    };
    static const struct {
        const char *path;
        int values; /* as many as there may be */
    } cases[] = {{"/two", 32}, {"/all", 63}, {"/body", 63}, {"/path/x", 63},
        {"/other", 63}};

    (void)state;
    load(&fixture, documents);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        snprintf(fixture.target, sizeof(fixture.target), "%s?", cases[i].path);
        for (int v = 0; v < cases[i].values; v++) {
            append(fixture.target, "q=v&");
        }
        assert_reason(as_manager("GET", fixture.target), "permitted");
        assert_int_equal(pdp_decision_required_cnt(fixture.decision), 64);
        append(fixture.target, "q=v");
        assert_reason(as_manager("GET", fixture.target), "bad_param");
        assert_int_equal(pdp_decision_offset(fixture.decision), -1);
    }
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
        cmocka_unit_test(groups_of_two_regions),
        cmocka_unit_test(a_service_without_regions),
        cmocka_unit_test(as_many_pairs_as_there_is_room_for),
    };

    return cmocka_run_group_tests(tests, load_default, teardown);
}
