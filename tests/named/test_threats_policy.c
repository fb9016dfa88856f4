/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
/*
 * T18: a policy with anything that is not understood refuses its document,
 * with the name of the document, line and column of what is at fault.
 *
 * The one exception is written down: an attribute that no request has loads
 * with a warning, grants nothing, and makes a deny apply.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../unit/grant_text.h"

#include "refusal.h"

/* A document of three policies; the one in the middle is put together from
 * parts, of which one is at fault. */
struct middle {
    const char *policy;   /* more members of it, with a comma behind */
    const char *subject;  /* in the object `subject`, likewise */
    const char *who;      /* its attributes */
    const char *resource; /* in the object `resource` */
    const char *what;     /* its attributes behind service and account */
    const char *control;  /* in the object `control` */
    const char *grant;    /* in the object `grant` */
    const char *role;     /* in the object of the role */
    const char *role_id;  /* its id, with quotes */
    const char *type;     /* likewise */
};

#define PLAIN_ONE(id) POLICY(id, ME, OURS, GRANT("Manager"))

static const char *
or_else(const char *given, const char *fallback)
{
    return given == NULL ? fallback : given;
}

static const char *
three(const struct middle *m)
{
    static char text[8192];
    int len = snprintf(text, sizeof(text),
        "[" PLAIN_ONE(
            "first") ",\n"
                     "{ \"type\": %s, %s\n"
                     "  \"subject\": { %s \"attributes\": [ %s ] },\n"
                     "  \"resource\": { %s \"attributes\": [ " OURS " %s ] },\n"
                     "  \"control\": { %s \"grant\": { %s \"roles\": [\n"
                     "    { %s \"role_id\": %s } ] } } },\n" PLAIN_ONE(
                         "last") "]",
        or_else(m->type, "\"access\""), or_else(m->policy, ""),
        or_else(m->subject, ""), or_else(m->who, ME), or_else(m->resource, ""),
        or_else(m->what, ""), or_else(m->control, ""), or_else(m->grant, ""),
        or_else(m->role, ""), or_else(m->role_id, "\"" GENERIC "Reader\""));

    assert_in_range(len, 1, sizeof(text) - 1);
    return text;
}

#define REFUSED(code, ...)                                                     \
    assert_refused(PDP_SOURCE_POLICIES,                                        \
        three(&(const struct middle){__VA_ARGS__}), code, NULL)

static void
t18_the_document_is_good_otherwise(void **state)
{
    (void)state;
    load_policies(three(&(const struct middle){.policy = NULL}), NULL);
    assert_reason(as("", "DELETE", IMAGE), "permitted");
    assert_string_equal(granted_by(0), "policy:first policy:last");
}

static void
t18_an_unknown_operator(void **state)
{
    static const char *const names[] = {"stringNotEquals", "stringequals",
        "StringEquals", "stringEquals ", "", "stringLike", "equals",
        "==", "stringEqualsIgnoreCase", "stringNotMatch", "numericEquals",
        "and", "or", "not", "timeLessThan", "timeLessThanOrEquals",
        "timeGreaterThan", "timeGreaterThanOrEquals", "dateLessThan",
        "dateLessThanOrEquals", "dateGreaterThan", "dateGreaterThanOrEquals",
        "dateTimeLessThan", "dateTimeLessThanOrEquals", "dateTimeGreaterThan",
        "dateTimeGreaterThanOrEquals", "dayOfWeekEquals", "dayOfWeekAnyOf"};
    static const char *const not_of_subjects[] = {"stringMatch",
        "stringEqualsAnyOf", "stringMatchAnyOf"};
    char attribute[256];

    (void)state;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        snprintf(attribute, sizeof(attribute),
            ",\n{ \"key\": \"resource\", \"operator\": \1\"%s\","
            " \"value\": \"x\" }",
            names[i]);
        REFUSED("unknown_operator", .what = attribute);
        snprintf(attribute, sizeof(attribute),
            "\n{ \"key\": \"iam_id\", \"operator\": \1\"%s\","
            " \"value\": \"x\" }",
            names[i]);
        REFUSED("unknown_operator", .who = attribute);
    }
    for (size_t i = 0; i < 3; i++) {
        snprintf(attribute, sizeof(attribute),
            ME ",\n{ \"key\": \"access_group_id\", \"operator\": \1\"%s\","
               " \"value\": \"x\" }",
            not_of_subjects[i]);
        REFUSED("unknown_operator", .who = attribute);
    }
}

static void
t18_an_unknown_key(void **state)
{
    static const char *const names[] = {"iamid", "IAM_ID", "iam_id ", "id",
        "subject", "access_group", "accessGroupId", "serviceName", ""};
    static const char *const impossible[] = {"", "a b", "{{resource}}",
        "\xc3\xa9", "a\\u0007"};
    char attribute[256];

    (void)state;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        snprintf(attribute, sizeof(attribute),
            ME ",\n{ \"key\": \1\"%s\", \"operator\": \"stringEquals\","
               " \"value\": \"x\" }",
            names[i]);
        REFUSED("unknown_name", .who = attribute);
    }
    for (size_t i = 0; i < sizeof(impossible) / sizeof(impossible[0]); i++) {
        snprintf(attribute, sizeof(attribute),
            ",\n{ \"key\": \1\"%s\", \"operator\": \"stringEquals\","
            " \"value\": \"x\" }",
            impossible[i]);
        REFUSED("bad_value", .what = attribute);
    }
}

/* The exception: what no request has can be loaded, and never grants. */
static void
t18_a_key_that_no_request_has(void **state)
{
    static const char *const names[] = {"componentId", "resources", "Resource",
        "servicename", "account_id", "prefix", "path"};
    static const char *const operators[] = {
        "\"stringEquals\",\"value\":\"x\"",
        "\"stringMatch\",\"value\":\"*\"",
        "\"stringExists\",\"value\":true",
        "\"stringExists\",\"value\":false",
        "\"stringEqualsAnyOf\",\"value\":[\"x\"]",
        "\"stringMatchAnyOf\",\"value\":[\"*\"]",
    };
    char policy[1024];

    (void)state;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        for (size_t o = 0; o < sizeof(operators) / sizeof(operators[0]); o++) {
            snprintf(policy, sizeof(policy),
                POLICY("p", ME, OURS ",{\"key\":\"%s\",\"operator\":%s}",
                    GRANT("Reader") "," DENY("Writer")),
                names[i], operators[o]);
            load_policies(policy, NULL);
            token_with(&fixture,
                ",\"actions\":[\"container-registry.image.push\"]");
            assert_reason(decide(&fixture, READ, fixture.token), "no_grant");
            assert_reason(decide(&fixture, "POST",
                              "/api/v1/trash/us.icr.io%2Fbirds%2Fa:1/restore",
                              fixture.token),
                "explicit_deny");
        }
    }
}

/* One more member, at every place where an object stands. */
static void
t18_an_unknown_member(void **state)
{
    (void)state;
    REFUSED("unknown_member", .policy = "\1\"effect\": \"allow\",");
    REFUSED("unknown_member", .policy = "\1\"condition\": null,");
    REFUSED("unknown_member", .policy = "\1\"Type\": \"access\",");
    REFUSED("unknown_member", .policy = "\1\"\": 1,");
    REFUSED("unknown_member", .subject = "\1\"tags\": [],");
    REFUSED("unknown_member", .resource = "\1\"not\": true,");
    REFUSED("unknown_member", .control = "\1\"allow\": {},");
    REFUSED("unknown_member", .grant = "\1\"actions\": [],");
    REFUSED("unknown_member", .role = "\1\"condition\": {},");
    REFUSED("unknown_member",
        .who = "{\"key\":\"iam_id\",\"operator\":\"stringEquals\",\"value\":"
               "\"x\",\n\1\"not\": true}");
    REFUSED("unknown_member",
        .what = ",{\"key\":\"region\",\"operator\":\"stringEquals\",\"value\":"
                "\"eu-de\",\n\1\"ignoreCase\": true}");
    REFUSED("duplicate_member", .policy = "\"id\": \"a\", \1\"id\": \"b\",");
}

static void
t18_an_unknown_type_or_state(void **state)
{
    static const char *const words[] = {"\"Access\"", "\"accces\"", "\"\"",
        "\"access \"", "\"policy\"", "\"service\""};
    static const char *const others[] = {"null", "true", "1", "[]", "{}",
        "[\"access\"]"};
    char text[64];

    (void)state;
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        snprintf(text, sizeof(text), "\1%s", words[i]);
        REFUSED("bad_value", .type = text);
        snprintf(text, sizeof(text), "\"state\": \1%s,", words[i]);
        REFUSED("bad_value", .policy = text);
    }
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        snprintf(text, sizeof(text), "\1%s", others[i]);
        REFUSED("wrong_type", .type = text);
        snprintf(text, sizeof(text), "\"state\": \1%s,", others[i]);
        REFUSED("wrong_type", .policy = text);
    }
}

static void
t18_an_unknown_role(void **state)
{
    static const char *const ids[] = {"Reader", "", "reader", GENERIC "reader",
        GENERIC "Reader ", GENERIC "Readers", GENERIC, GENERIC "*",
        "crn:v1:bluemix:public:iam::::role:Reader",
        "crn:v1:bluemix:public:iam::::serviceRole:Viewer",
        "crn:v1:bluemix:public:iam::::customRole:Reader",
        "crn:v1:bluemix:public:cloud-object-storage::::serviceRole:Reader",
        "crn:v1:bluemix:public:cloud-object-storage::::serviceRole:"
        "ObjectReader",
        "crn:v1:bluemix:public:iam-access-management::a/" ACCOUNT
        "::customRole:Mine",
        "crn:v2:bluemix:public:iam::::serviceRole:Reader",
        "crn:v1:staging:public:iam::::serviceRole:Reader"};
    char text[256];

    (void)state;
    for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
        snprintf(text, sizeof(text), "\1\"%s\"", ids[i]);
        REFUSED("unknown_role", .role_id = text);
    }
    REFUSED("wrong_type", .role_id = "\1null");
    REFUSED("wrong_type", .role_id = "\1[\"" GENERIC "Reader\"]");
}

/* Version 1: what stands in it for a policy of version 2.  (The form itself
 * is read: test_policies_v1.) */
static void
t18_p13_another_version(void **state)
{
    static const char *const forms[] = {
        "{\"type\":\"access\",\"subjects\":[{\"attributes\":[{\"name\":"
        "\"iam_id\",\"value\":\"IBMid-270000TEST\"}]}],\"roles\":[{\"role_id\":"
        "\1\"" GENERIC "UnsupportedVersion\"}],\"resources\":[{\"attributes\":["
        "{\"name\":\"serviceName\",\"value\":\"container-registry\"},{\"name\":"
        "\"accountId\",\"value\":\"x\"}]}]}",
        "{\"type\":\"access\",\"subjects\":[{\"attributes\":[{\"name\":"
        "\"iam_id\",\"value\":\"IBMid-270000TEST\"}]}],\"roles\":[{\"role_id\":"
        "\"" GENERIC "Reader\"},{\"role_id\":\1\"crn:v1:bluemix:public:iam::::"
        "role:UnsupportedVersion\"}],\"resources\":[{\"attributes\":[{\"name\":"
        "\"serviceName\",\"value\":\"container-registry\"},{\"name\":"
        "\"accountId\",\"value\":\"x\"}]}]}",
    };
    static const char *const placeholders[] = {GENERIC "UnsupportedVersion",
        "crn:v1:bluemix:public:iam::::role:UnsupportedVersion",
        ("crn:v1:bluemix:public:container-registry::::serviceRole:"
         "UnsupportedVersion")};
    static const struct {
        pdp_source_kind_t kind;
        const char *text;
    } formats[] = {
        {PDP_SOURCE_SERVICE, "{\n\"format\": \1\"pdp-service/2\"}"},
        {PDP_SOURCE_TRUST, "{\n\"format\": \1\"pdp-trust/2\"}"},
        {PDP_SOURCE_DIRECTORY, "{\n\"format\": \1\"pdp-directory/2\"}"},
    };
    char text[2048];

    (void)state;
    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
        snprintf(text, sizeof(text), "[" PLAIN_ONE("first") ",\n%s]", forms[i]);
        assert_refused(PDP_SOURCE_POLICIES, text, "unsupported", "placeholder");
    }
    for (size_t i = 0; i < 3; i++) {
        snprintf(text, sizeof(text), "\1\"%s\"", placeholders[i]);
        assert_refused(PDP_SOURCE_POLICIES,
            three(&(const struct middle){.role_id = text}), "unsupported",
            "placeholder");
    }
    for (size_t i = 0; i < 3; i++) {
        assert_refused(formats[i].kind, formats[i].text, "bad_format", NULL);
    }
}

/* Several documents: the one that is at fault is named. */
static void
t18_the_document_is_named(void **state)
{
    static const char *const texts[] = {PLAIN_ONE("a"),
        "[\n\n{\"type\":\"acess\"}]", PLAIN_ONE("b")};
    static const char *const names[] = {"a.json", "b.json", "c.json"};
    pdp_loader_t *loader = NULL;
    pdp_snapshot_t *snapshot = NULL;
    pdp_report_t *report = NULL;
    pdp_finding_t f = {.size = sizeof(f)};
    size_t errors = 0;

    (void)state;
    assert_int_equal(pdp_loader_new(NULL, &loader), PDP_OK);
    for (size_t i = 0; i < 3; i++) {
        pdp_source_t source = {.size = sizeof(source),
            .kind = PDP_SOURCE_POLICIES,
            .name = str(names[i]),
            .text = str(texts[i])};
        assert_int_equal(pdp_loader_add(loader, &source), PDP_OK);
    }
    assert_int_equal(pdp_loader_build(loader, &snapshot, &report),
        PDP_E_INVALID);
    assert_null(snapshot);
    for (size_t i = 0; i < pdp_report_count(report); i++) {
        assert_int_equal(pdp_report_at(report, i, &f), PDP_OK);
        if (f.severity == PDP_SEVERITY_ERROR) {
            assert_str(f.source, "b.json");
            assert_int_equal(f.line, 3);
            errors++;
        }
    }
    assert_int_equal(errors, 3); /* the type, and what is missing */
    pdp_report_free(report);
    pdp_loader_free(loader);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(t18_the_document_is_good_otherwise),
        cmocka_unit_test(t18_an_unknown_operator),
        cmocka_unit_test(t18_an_unknown_key),
        cmocka_unit_test(t18_a_key_that_no_request_has),
        cmocka_unit_test(t18_an_unknown_member),
        cmocka_unit_test(t18_an_unknown_type_or_state),
        cmocka_unit_test(t18_an_unknown_role),
        cmocka_unit_test(t18_p13_another_version),
        cmocka_unit_test(t18_the_document_is_named),
    };

    return cmocka_run_group_tests(tests, NULL, teardown);
}
