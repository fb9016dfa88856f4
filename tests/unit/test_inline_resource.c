/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
/*
 * Attributes of inline policies: operators, types and counts of their values,
 * keys, accounts.  The request reads an image of the namespace birds; each
 * policy grants that role, so what is accepted and matches is permitted.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "grant_text.h"

#define ON(op, value)                                                          \
    "{\"key\":\"resource\",\"operator\":\"" op "\",\"value\":" value "}"
#define NAMED EQ("serviceName", "container-registry")
#define ATTRIBUTES(list) "{\"attributes\":[" list "]}"

struct row {
    const char *text;
    const char *reason;
};

/* The request with a policy that has this member `resource`. */
static const char *
on_resource(const char *resource, const char *method, const char *target)
{
    char claims[TEXT_MAX];
    int len = snprintf(claims, sizeof(claims),
        ",\"policies\":[{\"type\":\"access\",\"resource\":%s," GRANTS(
            "Reader") "}]",
        resource);

    assert_true(len > 0 && (size_t)len < sizeof(claims));
    return as(claims, method, target);
}

/* The same with one attribute more than the policy needs. */
static const char *
with(const char *attribute)
{
    char resource[TEXT_MAX / 2];
    int len =
        snprintf(resource, sizeof(resource), ATTRIBUTES(OURS ",%s"), attribute);

    assert_true(len > 0 && (size_t)len < sizeof(resource));
    return on_resource(resource, READ);
}

static void
check_attributes(const struct row *rows, size_t cnt)
{
    for (size_t i = 0; i < cnt; i++) {
        const char *reason = with(rows[i].text);
        if (strcmp(reason, rows[i].reason) != 0) {
            fail_msg("%s: %s", rows[i].text, reason);
        }
    }
}

#define CHECK(rows) check_attributes((rows), sizeof(rows) / sizeof((rows)[0]))

/* The older name of a region, in patterns too, whatever the policy does. */
static void
older_names_of_regions(void **state)
{
    (void)state;
    assert_reason(as(",\"roles\":[\"Reader\"]" INLINE(OURS
                         ",{\"key\":\"region\",\"operator\":"
                         "\"stringMatch\",\"value\":\"eu-cent*\"}",
                         DENIES("Reader")),
                      "GET", "/api/v1/images/de.icr.io%2Fbirds%2Fx/json"),
        "explicit_deny");
    assert_reason(as(INLINE(OURS
                         ",{\"key\":\"region\",\"operator\":"
                         "\"stringMatchAnyOf\",\"value\":[\"eu-cent*\"]}",
                         GRANTS("Reader")),
                      "GET", "/api/v1/images/de.icr.io%2Fbirds%2Fx/json"),
        "permitted");
}

static void
operators_and_types(void **state)
{
    static const struct row rows[] = {
        {ON("stringEquals", "\"birds\""), "permitted"},
        {ON("stringEquals", "\"bird\""), "no_grant"},
        {ON("stringEquals", "\"b*\""), "no_grant"},
        {ON("stringEquals", "\"\""), "claim_invalid"},
        {ON("stringEquals", "1"), "claim_invalid"},
        {ON("stringEquals", "null"), "claim_invalid"},
        {ON("stringEquals", "[\"birds\"]"), "claim_invalid"},
        {ON("stringEquals", "{\"a\":\"birds\"}"), "claim_invalid"},
        {ON("stringMatch", "\"b*\""), "permitted"},
        {ON("stringMatch", "\"c*\""), "no_grant"},
        {ON("stringMatch", "\"\""), "claim_invalid"},
        {ON("stringMatch", "1"), "claim_invalid"},
        {ON("stringMatch", "[\"b*\"]"), "claim_invalid"},
        {ON("stringExists", "true"), "permitted"},
        {ON("stringExists", "false"), "no_grant"},
        {ON("stringExists", "\"true\""), "claim_invalid"},
        {ON("stringExists", "null"), "claim_invalid"},
        {ON("stringExists", "1"), "claim_invalid"},
        {ON("stringExists", "[true]"), "claim_invalid"},
        {ON("stringEqualsAnyOf", "[\"x\",\"birds\"]"), "permitted"},
        {ON("stringEqualsAnyOf", "[\"x\",\"y\"]"), "no_grant"},
        {ON("stringEqualsAnyOf", "[]"), "claim_invalid"},
        {ON("stringEqualsAnyOf", "\"birds\""), "claim_invalid"},
        {ON("stringEqualsAnyOf", "{\"a\":\"birds\"}"), "claim_invalid"},
        {ON("stringEqualsAnyOf", "[\"birds\",\"\"]"), "claim_invalid"},
        {ON("stringEqualsAnyOf", "[\"birds\",1]"), "claim_invalid"},
        {ON("stringEqualsAnyOf", "[1,\"birds\"]"), "claim_invalid"},
        {ON("stringEqualsAnyOf", "[[\"birds\"]]"), "claim_invalid"},
        {ON("stringMatchAnyOf", "[\"x\",\"b*\"]"), "permitted"},
        {ON("stringMatchAnyOf", "[\"x\",\"y*\"]"), "no_grant"},
        {ON("stringMatchAnyOf", "[]"), "claim_invalid"},
        {ON("stringMatchAnyOf", "{\"a\":\"birds\"}"), "claim_invalid"},
        {ON("stringMatchAnyOf", "[\"b*\",null]"), "claim_invalid"},
        {ON("stringNotEquals", "\"x\""), "claim_invalid"},
        {ON("stringNotEquals", "[\"x\"]"), "claim_invalid"},
        {ON("numericEqualsAnyOf", "[\"birds\"]"), "claim_invalid"},
        {ON("StringEquals", "\"birds\""), "claim_invalid"},
        {ON("", "\"birds\""), "claim_invalid"},
    };

    (void)state;
    CHECK(rows);
}

/* A lone `{{` is an error in a pattern, and a text anywhere else. */
static void
patterns(void **state)
{
    static const struct row rows[] = {
        {ON("stringMatch", "\"{{a}}\""), "claim_invalid"},
        {ON("stringMatchAnyOf", "[\"birds\",\"{{a}}\"]"), "claim_invalid"},
        {ON("stringMatch", "\"{{*}}\""), "no_grant"},
        {ON("stringEquals", "\"{{a}}\""), "no_grant"},
        {ON("stringEqualsAnyOf", "[\"{{a}}\",\"birds\"]"), "permitted"},
    };

    (void)state;
    CHECK(rows);
}

/* IBM's API takes a boolean for stringEquals, and only there. */
static void
booleans(void **state)
{
    static const struct row rows[] = {
        {ON("stringEquals", "true"), "no_grant"},
        {ON("stringEquals", "false"), "no_grant"},
        {ON("stringMatch", "true"), "claim_invalid"},
        {ON("stringMatch", "false"), "claim_invalid"},
        {ON("stringEqualsAnyOf", "[\"birds\",true]"), "claim_invalid"},
        {ON("stringEqualsAnyOf", "[\"birds\",false]"), "claim_invalid"},
        {ON("stringMatchAnyOf", "[true,\"birds\"]"), "claim_invalid"},
        {ON("stringMatchAnyOf", "[false,\"birds\"]"), "claim_invalid"},
    };
    static const char *const words[] = {"true", "false"};
    char resource[1024];
    char target[256];

    (void)state;
    CHECK(rows);
    for (size_t i = 0; i < 4; i++) {
        const char *value = words[i / 2];
        const char *name_space = words[i % 2];
        snprintf(resource, sizeof(resource),
            ATTRIBUTES(OURS "," ON("stringEquals", "%s")), value);
        snprintf(target, sizeof(target),
            "/api/v1/images/us.icr.io%%2F%s%%2Fx/json", name_space);
        assert_reason(on_resource(resource, "GET", target),
            i / 2 == i % 2 ? "permitted" : "no_grant");
    }
}

/* 1000 bytes for a value, 10 values, 32 attributes. */
static void
limits(void **state)
{
    char text[1002];
    char attribute[2048];
    char resource[TEXT_MAX / 2];

    (void)state;
    memset(text, 'x', sizeof(text) - 1);
    text[1001] = '\0';
    snprintf(attribute, sizeof(attribute),
        ON("stringEqualsAnyOf", "[\"birds\",\"%s\"]"), text);
    assert_reason(with(attribute), "claim_invalid");
    text[1000] = '\0';
    snprintf(attribute, sizeof(attribute),
        ON("stringEqualsAnyOf", "[\"birds\",\"%s\"]"), text);
    assert_reason(with(attribute), "permitted");

    static const struct row rows[] = {
        {ON("stringEqualsAnyOf",
             "[\"1\",\"2\",\"3\",\"4\",\"5\",\"6\",\"7\",\"8\",\"9\","
             "\"birds\"]"),
            "permitted"},
        {ON("stringEqualsAnyOf",
             "[\"1\",\"2\",\"3\",\"4\",\"5\",\"6\",\"7\",\"8\",\"9\",\"10\","
             "\"birds\"]"),
            "claim_invalid"},
    };
    CHECK(rows);

    for (size_t cnt = 32; cnt <= 33; cnt++) {
        snprintf(resource, sizeof(resource), "{\"attributes\":[" NAMED);
        for (size_t i = 1; i < cnt; i++) {
            append(resource, "," EQ("resource", "birds"));
        }
        append(resource, "]}");
        assert_reason(on_resource(resource, READ),
            cnt == 32 ? "permitted" : "claim_invalid");
    }
}

/* An attribute is {key, operator, value} and nothing else. */
static void
shapes_of_attributes(void **state)
{
#define EQUALS_BIRDS "\"operator\":\"stringEquals\",\"value\":\"birds\""
    static const struct row rows[] = {
        {"{" EQUALS_BIRDS ",\"key\":\"resource\"}", "permitted"},
        {"\"resource\"", "claim_invalid"},
        {"3", "claim_invalid"},
        {"[]", "claim_invalid"},
        {"[\"resource\",\"stringEquals\",\"birds\"]", "claim_invalid"},
        {"{}", "claim_invalid"},
        {"{" EQUALS_BIRDS "}", "claim_invalid"},
        {"{" EQUALS_BIRDS ",\"name\":\"resource\"}", "claim_invalid"},
        {"{" EQUALS_BIRDS ",\"key\":\"resource\",\"not\":true}",
            "claim_invalid"},
        {"{" EQUALS_BIRDS ",\"key\":7}", "claim_invalid"},
        {"{" EQUALS_BIRDS ",\"key\":null}", "claim_invalid"},
        {"{" EQUALS_BIRDS ",\"key\":\"\"}", "claim_invalid"},
        {"{" EQUALS_BIRDS ",\"key\":\"{{resource}}\"}", "claim_invalid"},
        {"{" EQUALS_BIRDS ",\"key\":\"2resource\"}", "claim_invalid"},
        {"{\"key\":\"resource\",\"value\":\"birds\",\"op\":\"stringEquals\"}",
            "claim_invalid"},
        {"{\"key\":\"resource\",\"value\":\"birds\",\"operator\":1}",
            "claim_invalid"},
        {"{\"key\":\"resource\",\"value\":\"birds\",\"operator\":"
         "[\"stringEquals\"]}",
            "claim_invalid"},
        {"{\"key\":\"resource\",\"operator\":\"stringExists\",\"v\":true}",
            "claim_invalid"},
        {"{\"key\":\"resource\",\"operator\":\"stringEquals\",\"v\":\"birds\"}",
            "claim_invalid"},
        {"{\"key\":\"resource\",\"operator\":\"stringEqualsAnyOf\","
         "\"v\":[\"birds\"]}",
            "claim_invalid"},
        /* A good name of something we never have is unknown. */
        {EQ("path", "x"), "no_grant"},
    };

    (void)state;
    CHECK(rows);
}

static void
shapes_of_resources(void **state)
{
    static const struct row rows[] = {
        {"{\"attributes\":[" NAMED "]}", "permitted"},
        {"{\"attributes\":[" NAMED "],\"tags\":[]}", "permitted"},
        {"{\"attributes\":[" NAMED "],\"tags\":[{}]}", "claim_invalid"},
        {"{\"attributes\":[" NAMED "],\"tags\":\"x\"}", "claim_invalid"},
        {"{\"attributes\":[" NAMED "],\"tags\":null}", "claim_invalid"},
        {"{\"attributes\":[" NAMED "],\"tags\":{}}", "claim_invalid"},
        {"{\"attributes\":[" NAMED "],\"if\":1}", "claim_invalid"},
        {"{\"attributes\":{\"a\":" NAMED "}}", "claim_invalid"},
        {"{\"attributes\":\"x\"}", "claim_invalid"},
        {"{\"attributes\":null}", "claim_invalid"},
        {"{\"attributes\":[]}", "claim_invalid"},
        {"{\"tags\":[]}", "claim_invalid"},
        {"{}", "claim_invalid"},
        {"[" NAMED "]", "claim_invalid"},
        {"null", "claim_invalid"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        assert_reason(on_resource(rows[i].text, READ), rows[i].reason);
    }
    assert_reason(as(",\"policies\":[{\"type\":\"access\"," GRANTS(
                         "Reader") "}]",
                      READ),
        "claim_invalid");
}

/* The account, if it is named, is the token's, and is named outright. */
static void
accounts(void **state)
{
#define ACCOUNT_BY(op, value)                                                  \
    "{\"key\":\"accountId\",\"operator\":\"" op "\",\"value\":" value "}"
    static const struct row rows[] = {
        {EQ("accountId", ACCOUNT), "permitted"},
        {EQ("accountId", OTHER_ACCOUNT), "claim_invalid"},
        {EQ("accountId", ACCOUNT "0"), "claim_invalid"},
        {ACCOUNT_BY("stringEquals", "true"), "claim_invalid"},
        {ACCOUNT_BY("stringExists", "true"), "claim_invalid"},
        {ACCOUNT_BY("stringMatch", "\"" ACCOUNT "\""), "claim_invalid"},
        {ACCOUNT_BY("stringMatch", "\"*\""), "claim_invalid"},
        {ACCOUNT_BY("stringEqualsAnyOf", "[\"" ACCOUNT "\"]"), "claim_invalid"},
    };

    (void)state;
    CHECK(rows);
    assert_reason(on_resource(ATTRIBUTES(NAMED), READ), "permitted");
}

/* The issuer has a fixed account: what the token says does not count. */
static void
a_fixed_account(void **state)
{
    static const struct document documents[] = {
        {PDP_SOURCE_TRUST, "trust.json",
            "{\"format\":\"pdp-trust/1\",\"issuers\":[{\"issuer\":"
            "\"https://fixed.example\",\"keys\":{\"file\":\"keys.json\"},"
            "\"algorithms\":[\"RS256\"],\"audiences\":\"none\","
            "\"typ\":\"none\",\"account\":\"" ACCOUNT "\"}]}"},
        {PDP_SOURCE_NONE, NULL, NULL},
    };
    static const struct row rows[] = {
        {NAMED, "permitted"},
        {NAMED "," EQ("accountId", ACCOUNT), "permitted"},
        {NAMED "," EQ("accountId", OTHER_ACCOUNT), "claim_invalid"},
    };
    char payload[TEXT_MAX];

    (void)state;
    load(&fixture, documents);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        snprintf(payload, sizeof(payload),
            "{\"iss\":\"https://fixed.example\",\"iam_id\":\"IBMid-1\","
            "\"account\":{\"bss\":\"" OTHER_ACCOUNT
            "\"},\"exp\":1795256980" INLINE("%s", GRANTS("Reader")) "}",
            rows[i].text);
        assert_reason(decide(&fixture, READ, token_of(&fixture, payload)),
            rows[i].reason);
    }
    load_three(NULL);
}

/* A policy that did not say what it is for would be for everything. */
static void
what_a_policy_is_for(void **state)
{
    static const struct row rows[] = {
        {EQ("serviceName", "container-registry"), "permitted"},
        {EQ("serviceType", "service"), "permitted"},
        {EQ("service_group_id", "IAM"), "permitted"},
        {EQ("service_group_id", "PLATFORM"), "no_grant"},
        /* Not known without a directory. */
        {EQ("resourceGroupId", "rg"), "no_grant"},
        {EQ("accountId", ACCOUNT), "claim_invalid"},
        {EQ("region", "us-south"), "claim_invalid"},
        {EQ("resource", "birds"), "claim_invalid"},
        {EQ("accountId", ACCOUNT) "," EQ("resourceType", "namespace"),
            "claim_invalid"},
    };
    char resource[1024];

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        snprintf(resource, sizeof(resource), ATTRIBUTES("%s"), rows[i].text);
        assert_reason(on_resource(resource, READ), rows[i].reason);
    }
}

/* What a policy is for is asked of each one, not of those before it. */
static void
one_policy_behind_another(void **state)
{
    (void)state;
    assert_reason(
        as(",\"policies\":[{\"type\":\"access\"," BODY(OURS,
               GRANTS("Reader")) ",{\"type\":\"access\"," BODY(EQ("resource",
                                                                   "birds"),
               GRANTS("Reader")) "]",
            READ),
        "claim_invalid");
    assert_reason(as(",\"policies\":[{\"type\":\"access\"," BODY(OURS
                         "," EQ("resource", "fish"),
                         GRANTS("Reader")) ",{\"type\":\"access\"," BODY(OURS,
                         GRANTS("Reader")) "]",
                      READ),
        "permitted");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(older_names_of_regions),
        cmocka_unit_test(operators_and_types),
        cmocka_unit_test(patterns),
        cmocka_unit_test(booleans),
        cmocka_unit_test(limits),
        cmocka_unit_test(shapes_of_attributes),
        cmocka_unit_test(shapes_of_resources),
        cmocka_unit_test(accounts),
        cmocka_unit_test(a_fixed_account),
        cmocka_unit_test(what_a_policy_is_for),
        cmocka_unit_test(one_policy_behind_another),
    };

    return cmocka_run_group_tests(tests, load_three, teardown);
}
