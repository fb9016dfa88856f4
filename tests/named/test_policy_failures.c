/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
/*
 * How policy engines fail open, and that this one does not: P1 (the unknown
 * answer), P2 (an error that is skipped), P3 (a condition that is dropped),
 * P4 (a deny that is dropped).
 *
 * The caller of each request holds every right there is, so that whatever is
 * skipped by mistake shows as an allow.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../unit/grant_text.h"
#include "decide/flow.h"

#include "refusal.h"

/* Everything, to the principal of the tests. */
#define ALL POLICY("all", ME, OURS, GRANT("Manager"))
#define ALL_BUT(subject, resource)                                             \
    "[" ALL "," POLICY("no", subject, resource, DENY("Manager")) "]"

static void
p01_all_zero_means_deny(void **state)
{
    static struct pdp__flow flow; /* a record that nobody has written */
    static const pdp_request_t asked;
    pdp_principal_t principal = {.size = sizeof(principal)};
    pdp_token_info_t token = {.size = sizeof(token)};
    pdp_required_t required = {.size = sizeof(required)};

    (void)state;
    assert_int_equal(PDP_EFFECT_DENY, 0);
    assert_int_equal(PDP_REASON_INTERNAL, 0);
    assert_int_equal(PDP_ACCESS_REQUIRES, 0);
    assert_int_equal(PDP_GRANT_NONE, 0);
    assert_int_equal(PDP_ATTRIBUTE_ABSENT, 0);
    assert_int_equal(PDP__KIND_NONE, 0);
    assert_int_equal(PDP__OP_NONE, 0);
    assert_int_equal(PDP__ALG_NONE, 0);
    flow.request = &asked;
    const pdp_decision_t *const records[] = {&flow, NULL};
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(pdp_decision_effect(records[i]), PDP_EFFECT_DENY);
        assert_int_equal(pdp_decision_reason(records[i]), PDP_REASON_INTERNAL);
        assert_int_equal(pdp_reason_status(pdp_decision_reason(records[i])),
            500);
        assert_false(pdp_decision_principal(records[i], &principal));
        assert_false(pdp_decision_token(records[i], &token));
        assert_false(pdp_decision_required(records[i], 0, &required));
        assert_null(pdp_decision_account(records[i]).ptr);
        assert_int_equal(pdp_decision_cache_max_age_sec(records[i]), 0);
    }
}

/* There is no third answer, and no value of the enumeration that is one. */
static void
p01_only_three_reasons_allow(void **state)
{
    (void)state;
    for (int value = -300; value <= 300; value++) {
        pdp_reason_t reason = (pdp_reason_t)value;
        bool allows = reason == PDP_REASON_PERMITTED ||
                      reason == PDP_REASON_PUBLIC ||
                      reason == PDP_REASON_AUTHENTICATED;

        assert_int_equal(pdp_reason_allows(reason), allows);
        assert_int_equal(pdp_reason_status(reason) == 200, allows);
    }
}

/* A failed call leaves nothing behind that could be read as an allow. */
static void
p01_no_decision_reads_as_deny(void **state)
{
    const pdp_decision_t *decision;

    (void)state;
    load_policies(ALL, NULL);
    assert_reason(as("", "DELETE", IMAGE), "permitted");
    decision = fixture.decision;
    assert_int_equal(pdp_decision_effect(decision), PDP_EFFECT_ALLOW);
    fixture.request.size--;
    assert_int_equal(pdp_decide(fixture.worker, &fixture.request, &decision),
        PDP_E_ARGUMENT);
    assert_null(decision);
    assert_int_equal(pdp_decision_effect(decision), PDP_EFFECT_DENY);
}

/* One fault in a request that would be permitted without it. */
static const struct {
    const char *method;
    const char *target;
    const char *name; /* one more header, or NULL */
    const char *value;
    const char *reason;
    int64_t offset;
} faults[] = {
    {"delete", IMAGE, NULL, NULL, "bad_method", -1},
    {"", IMAGE, NULL, NULL, "bad_method", -1},
    {"DELETE", "", NULL, NULL, "target_form", 0},
    {"DELETE", "/" IMAGE, NULL, NULL, "target_form", 1},
    {"DELETE", IMAGE "/", NULL, NULL, "empty_segment", 52},
    {"DELETE", IMAGE "%zz", NULL, NULL, "bad_percent", 51},
    {"DELETE", IMAGE "#", NULL, NULL, "bad_byte", 51},
    {"DELETE", IMAGE "%2F..", NULL, NULL, "dot_segment", 54},
    {"DELETE", IMAGE "%40", NULL, NULL, "bad_param", 15},
    {"DELETE", IMAGE "?_method=GET", NULL, NULL, "method_override", 52},
    {"DELETE", IMAGE, "X-HTTP-Method", "GET", "method_override", -1},
    {"DELETE", IMAGE, "Account", "", "ambiguous_header", -1},
    {"DELETE", IMAGE, "Account", OTHER_ACCOUNT, "account_mismatch", -1},
    {"DELETE", IMAGE, "Authorization", "Bearer x", "ambiguous_header", -1},
    {"DELETE", IMAGE, "Host", "us.icr.io:x", "ambiguous_header", -1},
    {"DELETE", IMAGE, "Host", "de.icr.io", "bad_param", 15},
    {"DELETE", "/api/v1/images/evil.example%2Fbirds%2Fx", NULL, NULL,
        "bad_param", 15},
    {"GET", "/api/v1/images?namespace=birds&namespace=birds", NULL, NULL,
        "ambiguous_query", 31},
    {"GET", "/api/v1/images?namespace=%zz", NULL, NULL, "bad_param", 15},
    {"GET", "/api/v1/images?namespace=birds;x", NULL, NULL, "bad_param", 15},
    {"GET", "/api/v1/images?n%61mespace=BIRDS", NULL, NULL, "bad_param", 15},
    {"DELETE", "/api/v1/images/us.icr.io%2Ftheirs%2Fx", NULL, NULL,
        "account_mismatch", -1},
    {"DELETE", "/api/v1/images/us.icr.io%2Fnobodys%2Fx", NULL, NULL,
        "unknown_namespace", -1},
    {"GET",
        "/api/v1/images?repository=us.icr.io/birds/a"
        "&repository=us.icr.io/theirs/a",
        NULL, NULL, "account_mismatch", -1},
    {"DELETE", IMAGE "/x", NULL, NULL, "no_route", -1},
    {"OPTIONS", IMAGE, NULL, NULL, "method_not_allowed", -1},
};

static const char owners[] =
    "{\"format\":\"pdp-directory/1\",\"namespaces\":["
    "{\"region\":\"us-south\",\"namespace\":\"birds\",\"account\":\"" ACCOUNT
    "\"},{\"region\":\"us-south\",\"namespace\":\"theirs\",\"account\":"
    "\"" OTHER_ACCOUNT "\"}],\"complete\":true}";

static void
p02_every_error_ends_in_a_deny_with_its_reason(void **state)
{
    pdp_required_t required = {.size = sizeof(required)};

    (void)state;
    load_policies(ALL, owners);
    token_with(&fixture, ",\"roles\":[\"Manager\"]");
    assert_reason(decide(&fixture, "DELETE", IMAGE, fixture.token),
        "permitted");
    assert_reason(decide(&fixture, "GET", "/api/v1/images?namespace=birds",
                      fixture.token),
        "permitted");
    for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
        request(&fixture, faults[i].method, faults[i].target);
        bearer(&fixture, fixture.token);
        if (faults[i].name != NULL) {
            header(&fixture, faults[i].name, faults[i].value);
        }
        const char *got = pdp_reason_name(judge(&fixture));
        int64_t offset = pdp_decision_offset(fixture.decision);

        if (strcmp(got, faults[i].reason) != 0 || offset != faults[i].offset) {
            fail_msg("%s %s: %s at %lld", faults[i].method, faults[i].target,
                got, (long long)offset);
        }
        for (size_t r = 0;
             pdp_decision_required(fixture.decision, r, &required); r++) {
            assert_false(required.granted);
        }
    }
}

/* The same for the token: what is wrong with it is not made good by what the
 * policies say. */
static void
p02_an_error_in_the_token_is_not_skipped(void **state)
{
    static const struct {
        const char *claims;
        const char *reason;
    } cases[] = {
        {",\"roles\":7", "claim_invalid"},
        {",\"roles\":[7]", "claim_invalid"},
        {",\"actions\":{}", "claim_invalid"},
        {",\"policies\":\"all\"", "claim_invalid"},
        {",\"policies\":[null]", "claim_invalid"},
        {",\"groups\":\"x\"", "claim_invalid"},
        {",\"nbf\":\"x\"", "claim_invalid"},
        {",\"nbf\":1795253461", "token_not_yet_valid"},
        {",\"exp\":1", "token_malformed"}, /* a second one */
        {",\"x\":1e400", "claim_invalid"},
        {",\"x\":\"\\u0000\"", "token_malformed"},
        {",\"x\":[1,]", "token_malformed"},
    };

    (void)state;
    load_policies(ALL, NULL);
    assert_reason(as("", "DELETE", IMAGE), "permitted");
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_reason(as(cases[i].claims, "DELETE", IMAGE), cases[i].reason);
    }
    assert_reason(decide(&fixture, "DELETE", IMAGE, NULL), "token_missing");
}

/* One policy that is not understood, beside one that is: no snapshot. */
#define BESIDE(policy) "[" ALL ",\n" policy "]"
#define WITH(members)                                                          \
    BESIDE("{\"type\":\"access\"," members ",\"subject\":{\"attributes\":[" ME \
           "]}," BODY(OURS, GRANTS("Reader")))
#define ON(more) BESIDE(POLICY("p", ME, OURS "," more, GRANT("Reader")))

static void
p03_a_condition_is_never_dropped(void **state)
{
    static const char *const values[] = {"{}", "[]", "\"\"", "0", "1", "true",
        "false", "null", "{\"operator\":\"and\",\"conditions\":[]}",
        ("{\"key\":\"{{environment.attributes.current_time}}\",\"operator\":"
         "\"timeLessThan\",\"value\":\"09:00:00+00:00\"}")};
    static const struct {
        const char *rule;
        const char *code;
    } rules[] = {
        {"\1[]", "wrong_type"},
        {"\1\"\"", "wrong_type"},
        {"\0010", "wrong_type"},
        {"\1true", "wrong_type"},
        {"\1false", "wrong_type"},
        {"\1null", "wrong_type"},
        {"{\"operator\":\"and\",\"conditions\":\1[]}", "empty"},
        {"{\"operator\":\"and\",\"conditions\":[\1null]}", "wrong_type"},
        {"{\"operator\":\1\"xor\",\"conditions\":[null]}", "unknown_operator"},
        {"\1{\"operator\":\"and\",\"value\":\"x\"}", "missing_member"},
        {"{\"key\":\"{{environment.attributes.current_time}}\",\"operator\":"
         "\"timeLessThan\",\"value\":\1\"09:00:00\"}",
            "bad_value"},
        {"{\"key\":\"{{environment.attributes.current_time}}\",\"operator\":"
         "\"timeLessThan\",\"value\":\1true}",
            "wrong_type"},
        {"{\"key\":\"{{environment.attributes.current_time}}\",\"operator\":"
         "\1\"dateTimeLessThan\",\"value\":\"2026-01-01T00:00:00Z\"}",
            "unknown_operator"},
    };
    char text[4096];

    (void)state;
    for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
        /* Whatever the rule is, also if it is nothing. */
        snprintf(text, sizeof(text),
            WITH("\"pattern\":\"time-based-conditions:once\",\"rule\":%s"),
            rules[i].rule);
        assert_refused(PDP_SOURCE_POLICIES, text, rules[i].code, NULL);
    }
    for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
        /* Likewise a member that nobody knows. */
        snprintf(text, sizeof(text), WITH("\1\"rules\":%s"), values[i]);
        assert_refused(PDP_SOURCE_POLICIES, text, "unknown_member", NULL);
        snprintf(text, sizeof(text), WITH("\1\"conditions\":%s"), values[i]);
        assert_refused(PDP_SOURCE_POLICIES, text, "unknown_member", NULL);
    }
    assert_refused(PDP_SOURCE_POLICIES,
        WITH("\1\"pattern\":\"time-based-conditions:once\""), "bad_value",
        NULL);
}

static void
p03_nor_an_attribute_of_an_unexpected_shape(void **state)
{
    static const struct {
        const char *attribute;
        const char *code;
    } cases[] = {
        {"\1{\"key\":\"resource\",\"operator\":\"stringEquals\"}",
            "missing_member"},
        {"\1{\"key\":\"resource\",\"value\":\"birds\"}", "missing_member"},
        {"\1{\"operator\":\"stringEquals\",\"value\":\"birds\"}",
            "missing_member"},
        {"\1true", "wrong_type"},
        {"\1\"resource\"", "wrong_type"},
        {"\1[]", "wrong_type"},
        {"\1null", "wrong_type"},
        {"{\"key\":\1[\"resource\"],\"operator\":\"stringEquals\",\"value\":"
         "\"b\"}",
            "wrong_type"},
        {"{\"key\":\1true,\"operator\":\"stringEquals\",\"value\":\"b\"}",
            "wrong_type"},
        {"{\"key\":\1\"\",\"operator\":\"stringEquals\",\"value\":\"b\"}",
            "bad_value"},
        {"{\"key\":\"resource\",\"operator\":\1true,\"value\":\"b\"}",
            "wrong_type"},
        {"{\"key\":\"resource\",\"operator\":\1\"\",\"value\":\"b\"}",
            "unknown_operator"},
        {"{\"key\":\"resource\",\"operator\":\1\"stringequals\",\"value\":"
         "\"b\"}",
            "unknown_operator"},
        {"{\"key\":\"resource\",\"operator\":\1\"stringNotEquals\",\"value\":"
         "\"b\"}",
            "unknown_operator"},
        {"{\"key\":\"resource\",\"operator\":\1\"numericEquals\",\"value\":"
         "\"b\"}",
            "unknown_operator"},
        {"{\"key\":\"resource\",\"operator\":\1\"timeLessThan\",\"value\":"
         "\"09:00:00+00:00\"}",
            "unknown_operator"},
        {"{\"key\":\"resource\",\"operator\":\"stringEquals\",\"value\":"
         "\"b\",\1\"not\":true}",
            "unknown_member"},
        {"{\"key\":\"resource\",\"operator\":\"stringEquals\",\"value\":"
         "\"b\",\1\"value\":\"c\"}",
            "duplicate_member"},
    };
    char text[4096];

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        snprintf(text, sizeof(text), ON("%s"), cases[i].attribute);
        assert_refused(PDP_SOURCE_POLICIES, text, cases[i].code, NULL);
    }
}

/* In a token, where a whole file cannot be refused, the token is. */
static void
p03_nor_one_that_a_token_brings(void **state)
{
    static const char *const bad[] = {
        INLINE(OURS ",{\"key\":\"resource\",\"operator\":\"stringEquals\"}",
            GRANTS("Manager")),
        INLINE(OURS ",{\"key\":\"resource\",\"operator\":\"x\",\"value\":"
                    "\"birds\"}",
            GRANTS("Manager")),
        INLINE(OURS ",{\"key\":\"resource\",\"operator\":\"stringEquals\","
                    "\"value\":1}",
            GRANTS("Manager")),
        INLINE(OURS ",{\"key\":\"resource\",\"operator\":\"stringEquals\","
                    "\"value\":\"birds\",\"not\":true}",
            GRANTS("Manager")),
        INLINE(OURS ",true", GRANTS("Manager")),
        INLINE(OURS, GRANTS("Manager") ",\"rule\":null"),
        INLINE(OURS, GRANTS("Manager") ",\"rules\":[]"),
        INLINE(OURS, GRANTS("Manager") ",\"subject\":{\"attributes\":[]}"),
        INLINE(OURS "],\"tags\":[{\"key\":\"env\",\"value\":\"prod\","
                    "\"operator\":\"stringEquals\"}",
            GRANTS("Manager")),
        INLINE(OURS, CONTROL(GRANT("Manager") ",\"allow\":{}")),
        INLINE(EQ("serviceName", "container-registry") "," EQ("accountId",
                   OTHER_ACCOUNT),
            GRANTS("Manager")),
    };

    (void)state;
    load_default(NULL);
    assert_reason(as(INLINE(OURS, GRANTS("Manager")), "DELETE", IMAGE),
        "permitted");
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        if (strcmp(as(bad[i], "DELETE", IMAGE), "claim_invalid") != 0) {
            fail_msg("%s", bad[i]);
        }
    }
}

/* What a deny names and we cannot see may be so: it applies. */
static void
p04_a_deny_in_doubt_applies(void **state)
{
#define FOREIGN(op, value)                                                     \
    OURS ",{\"key\":\"componentId\",\"operator\":\"" op "\",\"value\":" value  \
         "}"
#define GROUP(value)                                                           \
    "{\"key\":\"access_group_id\",\"operator\":\"stringExists\","              \
    "\"value\":" value "}"
    static const struct {
        const char *policies;
        const char *method;
        const char *target;
    } cases[] = {
        {ALL_BUT(ME, FOREIGN("stringEquals", "\"x\"")), "DELETE", IMAGE},
        {ALL_BUT(ME, FOREIGN("stringMatch", "\"x*\"")), "DELETE", IMAGE},
        {ALL_BUT(ME, FOREIGN("stringEqualsAnyOf", "[\"x\"]")), "DELETE", IMAGE},
        {ALL_BUT(ME, FOREIGN("stringMatchAnyOf", "[\"x\"]")), "DELETE", IMAGE},
        {ALL_BUT(ME, FOREIGN("stringExists", "true")), "DELETE", IMAGE},
        {ALL_BUT(ME, FOREIGN("stringExists", "false")), "DELETE", IMAGE},
        {ALL_BUT(ME, OURS "," EQ("resource", "fish")), "POST",
            "/api/v1/images/bulkdelete"},
        {ALL_BUT(ME, OURS "," EQ("resourceType", "namespace")), "GET",
            "/api/v1/namespaces"},
        {ALL_BUT(ME, OURS "," EQ("region", "eu-de")), "GET",
            "/api/v1/retentions/birds"},
        {ALL_BUT(ME, OURS "," EQ("geography", "x")), "GET",
            "/api/v1/retentions/birds"},
        {ALL_BUT(ME, OURS "," EQ("resourceGroupId", "x")), "DELETE", IMAGE},
        {ALL_BUT(GROUP("true"), OURS), "DELETE", IMAGE},
        {ALL_BUT(GROUP("false"), OURS), "DELETE", IMAGE},
        {ALL_BUT(ME "," GROUP("true"), FOREIGN("stringExists", "false")),
            "DELETE", IMAGE},
    };
    pdp_required_t required = {.size = sizeof(required)};

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        load_policies(cases[i].policies, NULL);
        if (strcmp(as("", cases[i].method, cases[i].target), "explicit_deny") !=
            0) {
            fail_msg("case %zu", i);
        }
        assert_true(pdp_decision_required(fixture.decision, 0, &required));
        assert_true(required.denied);
        assert_str(required.denied_by, "no");
    }
}

/* A deny that could never apply is refused, for it looks like one. */
static void
p04_a_deny_that_denies_nothing_is_refused(void **state)
{
#define NO(resource, role)                                                     \
    BESIDE(POLICY("no", ME, resource,                                          \
        "\"deny\":{\"roles\":[{\"role_id\":" role "}]}"))
#define MANAGER "\"" GENERIC "Manager\""
    static const struct {
        const char *policies;
        const char *code;
    } refused[] = {
        {NO(OURS, "\1\"" GENERIC "Managr\""), "unknown_role"},
        {NO(OURS, "\1\"Manager\""), "unknown_role"},
        {NO(EQ("serviceType", "service") "," EQ("accountId", ACCOUNT),
             "\1\"" GENERIC "Managr\""),
            "unknown_role"},
        {NO(OURS, "\1\"crn:v1:bluemix:public:iam::::role:Viewer\""),
            "bad_value"},
        {NO(OURS ",{\"key\":\"region\",\"operator\":\"stringEquals\",\"value\":"
                 "\1\"eu-dee\"}",
             MANAGER),
            "unknown_name"},
        {NO(OURS ",{\"key\":\"region\",\"operator\":\"stringMatch\",\"value\":"
                 "\1\"zz*\"}",
             MANAGER),
            "unknown_name"},
        {NO(OURS ",{\"key\":\"resourceType\",\"operator\":"
                 "\"stringEquals\",\"value\":\1\"namespaces\"}",
             MANAGER),
            "unknown_name"},
        {NO(OURS ",{\"key\":\"resource\",\"operator\":\"stringEquals\","
                 "\"value\":\1\"birds/owl\"}",
             MANAGER),
            "unknown_name"},
    };
    static const char *const claims[] = {
        INLINE(OURS, DENIES("Managr")),
        INLINE(OURS, CONTROL("\"deny\":{\"roles\":[{\"role_id\":\"Manager\"}]"
                             "}")),
        INLINE(OURS, CONTROL("\"deny\":{\"roles\":[{\"role_id\":\"crn:v1:"
                             "bluemix:public:iam::::role:Viewer\"}]}")),
        INLINE(OURS, CONTROL("\"deny\":{\"roles\":[]}")),
        INLINE(OURS, CONTROL("\"deny\":{}")),
        INLINE(OURS, CONTROL("\"deny\":null")),
        INLINE(OURS "," EQ("region", "eu-dee"), DENIES("Manager")),
    };

    (void)state;
    for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
        assert_refused(PDP_SOURCE_POLICIES, refused[i].policies,
            refused[i].code, NULL);
    }
    load_policies(ALL, NULL);
    assert_reason(as(INLINE(OURS, DENIES("Manager")), "DELETE", IMAGE),
        "explicit_deny");
    for (size_t i = 0; i < sizeof(claims) / sizeof(claims[0]); i++) {
        if (strcmp(as(claims[i], "DELETE", IMAGE), "claim_invalid") != 0) {
            fail_msg("%s", claims[i]);
        }
    }
}

/* Several services: whose role a token denies. */
#define OF_ANOTHER_SERVICE(name, role, method)                                 \
    "{\"format\":\"pdp-service/1\",\"service\":\"" name                        \
    "\",\"actions\":{\"" name                                                  \
    ".do\":{\"scope\":\"account\"}},\"roles\":{\"" role                        \
    "\":{\"actions\":[\"" name ".do\"]}},\"events\":{},\"params\":{},"         \
    "\"regions\":[{\"region\":\"" name "-r\",\"hosts\":[\"" name               \
    ".example\"],\"events\":\"" name                                           \
    "-r\"}],\"routes\":[{\"method\":\"" method                                 \
    "\",\"path\":\"/x\",\"requires\":[{\"action\":\"" name                     \
    ".do\"}],\"event\":null}]}"

static void
p04_a_deny_where_there_are_several_services(void **state)
{
#define NAMED EQ("serviceName", "one") "," EQ("accountId", ACCOUNT)
#define ANY EQ("serviceType", "service") "," EQ("accountId", ACCOUNT)
    static const struct document documents[] = {
        {PDP_SOURCE_SERVICE, "one", OF_ANOTHER_SERVICE("one", "First", "GET")},
        {PDP_SOURCE_SERVICE, "two", OF_ANOTHER_SERVICE("two", "Second", "PUT")},
        {PDP_SOURCE_NONE, NULL, NULL},
    };
    static const struct {
        const char *claims;
        const char *reason;
    } cases[] = {
        {",\"roles\":[\"First\"]", "permitted"},
        {",\"roles\":[\"First\"]" INLINE(NAMED, DENIES("First")),
            "explicit_deny"},
        {",\"roles\":[\"First\"]" INLINE(NAMED, DENIES("Third")),
            "claim_invalid"},
        {",\"roles\":[\"First\"]" INLINE(NAMED, DENIES("Second")),
            "claim_invalid"},
        /* For all services it may be meant for the other one. */
        {",\"roles\":[\"First\"]" INLINE(ANY, DENIES("Second")), "permitted"},
        {",\"roles\":[\"First\"]" INLINE(ANY, DENIES("First")),
            "explicit_deny"},
        {",\"roles\":[\"First\"]" INLINE(ANY, DENIES("Third")),
            "claim_invalid"},
    };

    (void)state;
    load(&fixture, documents);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        request(&fixture, "GET", "/x");
        bearer(&fixture, token_with(&fixture, cases[i].claims));
        header(&fixture, "Host", "one.example");
        assert_reason(pdp_reason_name(judge(&fixture)), cases[i].reason);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(p01_all_zero_means_deny),
        cmocka_unit_test(p01_only_three_reasons_allow),
        cmocka_unit_test(p01_no_decision_reads_as_deny),
        cmocka_unit_test(p02_every_error_ends_in_a_deny_with_its_reason),
        cmocka_unit_test(p02_an_error_in_the_token_is_not_skipped),
        cmocka_unit_test(p03_a_condition_is_never_dropped),
        cmocka_unit_test(p03_nor_an_attribute_of_an_unexpected_shape),
        cmocka_unit_test(p03_nor_one_that_a_token_brings),
        cmocka_unit_test(p04_a_deny_in_doubt_applies),
        cmocka_unit_test(p04_a_deny_that_denies_nothing_is_refused),
        cmocka_unit_test(p04_a_deny_where_there_are_several_services),
    };

    return cmocka_run_group_tests(tests, NULL, teardown);
}
