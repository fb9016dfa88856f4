/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
/* Inline policies of the claim `policies`. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "fixture.h"

#define IMAGE "/api/v1/images/us.icr.io%2Fbirds%2Fwoodpecker:green"
#define READ "GET", IMAGE "/json"
#define EQ(key, value)                                                         \
    "{\"key\":\"" key "\",\"operator\":\"stringEquals\",\"value\":\"" value    \
    "\"}"
#define OURS                                                                   \
    EQ("serviceName", "container-registry") "," EQ("accountId", ACCOUNT)
#define GRANT(role)                                                            \
    "\"control\":{\"grant\":{\"roles\":[{\"role_id\":"                         \
    "\"crn:v1:bluemix:public:iam::::serviceRole:" role "\"}]}}"
#define DENY(role)                                                             \
    "\"control\":{\"deny\":{\"roles\":[{\"role_id\":"                          \
    "\"crn:v1:bluemix:public:iam::::serviceRole:" role "\"}]}}"
#define INLINE(resource, control)                                              \
    ",\"policies\":[{\"type\":\"access\",\"resource\":{\"attributes\":"        \
    "[" resource "]}," control "}]"

static int
setup(void **state)
{
    const struct document documents[] =
        {
            {PDP_SOURCE_POLICIES, "p.json",
                "[{\"type\":\"access\",\"id\":\"free\",\"resource\":"
                "{\"attributes\":[" OURS "]}," GRANT(
                    "Reader") "},"
                              "{\"type\":\"access\",\"id\":\"mine\","
                              "\"subject\":{\"attributes\":"
                              "[" EQ("iam_id",
                                  "IBMid-270000TEST") "]},\"resource\":"
                                                      "{\"attributes\":[" OURS
                                                      "," EQ("resource", "apes") "]}," GRANT(
                                                          "Reader") "},"
                                                                    "{\"type\":"
                                                                    "\"access\""
                                                                    ",\"id\":"
                                                                    "\"theirs\""
                                                                    ",\"subject"
                                                                    "\":"
                                                                    "{\"attribu"
                                                                    "tes\":"
                                                                    "[" EQ(
                                                                        "iam_"
                                                                        "id",
                                                                        "IBMid-"
                                                                        "x") "]"
                                                                             "}"
                                                                             ","
                                                                             "\"resource\":"
                                                                             "{"
                                                                             "\"attributes\":[" OURS
                                                                             "]"
                                                                             "}"
                                                                             "," GRANT(
                                                                                 "Manager") "}]"},
            {PDP_SOURCE_NONE, NULL, NULL},
        };

    (void)state;
    load(&fixture, documents);
    return 0;
}

static const char *
as(const char *claims, const char *method, const char *target)
{
    return decide(&fixture, method, target, token_with(&fixture, claims));
}

/* The first grant of the first required item, or "". */
static const char *
granted_by(void)
{
    static char text[256];
    pdp_grant_t grant = {.size = sizeof(grant)};

    text[0] = '\0';
    if (pdp_decision_by(fixture.decision, 0, 0, &grant)) {
        snprintf(text, sizeof(text), "%d:%.*s", (int)grant.source,
            (int)grant.id.len, grant.id.ptr);
    }
    return text;
}

static void
inline_policies(void **state)
{
    (void)state;
    assert_reason(as(INLINE(OURS, GRANT("Manager")), "GET", "/api/v1/plans"),
        "permitted");
    assert_string_equal(granted_by(), "1:token");
    assert_reason(as(",\"policies\":[{\"type\":\"access\",\"id\":\"p7\","
                     "\"resource\":{\"attributes\":[" OURS
                     "]}," GRANT("Manager") "}]",
                      "GET", "/api/v1/plans"),
        "permitted");
    assert_string_equal(granted_by(), "1:p7");
    /* Narrowed ones do not reach the account. */
    assert_reason(as(INLINE(OURS "," EQ("resource", "birds"), GRANT("Manager")),
                      "GET", "/api/v1/plans"),
        "no_grant");
    assert_reason(as(INLINE(OURS "," EQ("resource", "birds"), GRANT("Manager")),
                      "DELETE", IMAGE),
        "permitted");
    assert_reason(as(INLINE(OURS "," EQ("resource", "fish"), GRANT("Manager")),
                      "DELETE", IMAGE),
        "no_grant");
    /* Another service's is no business of ours. */
    assert_reason(as(INLINE(EQ("serviceName", "kms"), GRANT("Manager")), READ),
        "no_grant");
    /* The older name of a region. */
    assert_reason(as(INLINE(OURS "," EQ("region", "eu-central"),
                         GRANT("Reader")),
                      "GET", "/api/v1/images/de.icr.io%2Fbirds%2Fx/json"),
        "permitted");
    /* All operators. */
    assert_reason(
        as(INLINE(OURS
               ",{\"key\":\"resource\",\"operator\":\"stringMatchAnyOf\","
               "\"value\":[\"x\",\"b*\"]},{\"key\":\"region\","
               "\"operator\":\"stringEqualsAnyOf\",\"value\":[\"us-south\"]},"
               "{\"key\":\"resourceType\",\"operator\":\"stringExists\","
               "\"value\":true},{\"key\":\"resource\",\"operator\":"
               "\"stringMatch\",\"value\":\"?irds\"}",
               GRANT("Reader")),
            READ),
        "permitted");
    /* Roles that nobody knows grant nothing. */
    assert_reason(as(INLINE(OURS, GRANT("Wizard")), READ), "no_grant");
    assert_reason(as(",\"policies\":[{\"type\":\"access\",\"state\":"
                     "\"deleted\",\"resource\":{\"attributes\":[" OURS
                     "]}," GRANT("Reader") "}]",
                      READ),
        "no_grant");
}

static void
inline_denies(void **state)
{
    (void)state;
    assert_reason(as(",\"roles\":[\"Reader\"]" INLINE(OURS, DENY("Reader")),
                      READ),
        "explicit_deny");
    pdp_required_t required = {.size = sizeof(required)};
    assert_true(pdp_decision_required(fixture.decision, 0, &required));
    assert_str(required.denied_by, "token");
    assert_reason(as(",\"roles\":[\"Reader\"]" INLINE(OURS
                         "," EQ("resource", "fish"),
                         DENY("Reader")),
                      READ),
        "permitted");
    /* A deny that cannot be understood must not be dropped. */
    assert_reason(as(",\"roles\":[\"Reader\"]" INLINE(OURS, DENY("Wizard")),
                      READ),
        "claim_invalid");
}

/* Denies that would deny nothing are refused; so are roles by bare name. */
static void
denies_that_would_be_dead(void **state)
{
    static const char *const bad[] = {
        INLINE(OURS "," EQ("region", "eu-d"), DENY("Reader")),
        INLINE(OURS ",{\"key\":\"region\",\"operator\":\"stringMatch\","
                    "\"value\":\"mars*\"}",
            DENY("Reader")),
        INLINE(OURS, "\"control\":{\"deny\":{\"roles\":[]}}"),
        INLINE(OURS, "\"control\":{\"deny\":{\"roles\":[{\"role_id\":"
                     "\"crn:v1:bluemix:public:iam::::role:Viewer\"}]}}"),
        INLINE(OURS, "\"control\":{\"deny\":{\"roles\":[{\"role_id\":"
                     "\"Reader\"}]}}"),
    };
    char claims[TEXT_MAX];

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        snprintf(claims, sizeof(claims), ",\"roles\":[\"Reader\"]%s", bad[i]);
        assert_reason(as(claims, READ), "claim_invalid");
    }
    assert_reason(as(INLINE(OURS, "\"control\":{\"grant\":{\"roles\":["
                                  "{\"role_id\":\"Reader\"}]}}"),
                      READ),
        "no_grant");
}

/* As in files: skipped, not refused. */
static void
inline_policies_that_do_not_apply(void **state)
{
    (void)state;
    assert_reason(as(",\"roles\":[\"Reader\"],\"policies\":[{\"type\":"
                     "\"authorization\"}]",
                      READ),
        "permitted");
    assert_reason(
        as(",\"roles\":[\"Reader\"],\"policies\":[{\"type\":"
           "\"access\",\"account_id\":\"a\",\"version\":\"1\","
           "\"resource\":{\"tags\":[],\"attributes\":[" EQ("serviceName",
               "kms") "]},\"control\":{\"deny\":"
                      "{\"roles\":[{\"role_id\":\"crn:v1:bluemix:public:kms::"
                      "::serviceRole:KeyPurge\"}]}}}]",
            READ),
        "permitted");
}

/* What we do not understand in an inline policy could restrict it. */
static void
inline_policies_that_are_malformed(void **state)
{
    static const char *const bad[] = {
        "{}",
        "{\"type\":\"access\"}",
        "{\"type\":\"access\",\"resource\":{\"attributes\":[]}," GRANT(
            "Reader") "}",
        "{\"type\":\"access\",\"resource\":{\"attributes\":[" EQ("accountId",
            ACCOUNT) "]}," GRANT("Reader") "}",
        "{\"type\":\"access\",\"resource\":{\"attributes\":[" OURS "]}}",
        "{\"type\":\"access\"," GRANT("Reader") "}",
        "{\"resource\":{\"attributes\":[" OURS "]}," GRANT("Reader") "}",
        "{\"type\":\"access\",\"subject\":{\"attributes\":[]},\"resource\":"
        "{\"attributes\":[" OURS "]}," GRANT("Reader") "}",
        "{\"type\":\"access\",\"rule\":{},\"resource\":{\"attributes\":[" OURS
        "]}," GRANT("Reader") "}",
        "{\"type\":\"access\",\"pattern\":\"x\",\"resource\":"
        "{\"attributes\":[" OURS "]}," GRANT("Reader") "}",
        "{\"type\":\"access\",\"unless\":1,\"resource\":{\"attributes\":[" OURS
        "]}," GRANT("Reader") "}",
        "{\"type\":\"access\",\"state\":\"odd\",\"resource\":"
        "{\"attributes\":[" OURS "]}," GRANT("Reader") "}",
        "{\"type\":\"access\",\"resource\":{\"attributes\":[" EQ("accountId",
            OTHER_ACCOUNT) "]}," GRANT("Reader") "}",
        "{\"type\":\"access\",\"resource\":{\"attributes\":[{\"key\":"
        "\"accountId\",\"operator\":\"stringMatch\",\"value\":\"*\"}]}," GRANT(
            "Reader") "}",
        "{\"type\":\"access\",\"resource\":{\"attributes\":[" OURS
        "],\"tags\":[{}]}," GRANT("Reader") "}",
        "{\"type\":\"access\",\"resource\":{\"attributes\":[{\"key\":"
        "\"resource\",\"operator\":\"stringNotEquals\",\"value\":\"x\"}]}"
        "," GRANT("Reader") "}",
        "{\"type\":\"access\",\"resource\":{\"attributes\":[{\"name\":"
        "\"resource\",\"operator\":\"stringEquals\",\"value\":\"x\"}]}," GRANT(
            "Reader") "}",
        "{\"type\":\"access\",\"resource\":{\"attributes\":[{\"key\":"
        "\"{{resource}}\",\"operator\":\"stringEquals\",\"value\":\"x\"}]}"
        "," GRANT("Reader") "}",
        "{\"type\":\"access\",\"resource\":{\"attributes\":[{\"key\":"
        "\"resource\",\"operator\":\"stringEquals\",\"value\":1}]}," GRANT(
            "Reader") "}",
        "{\"type\":\"access\",\"resource\":{\"attributes\":[{\"key\":"
        "\"resource\",\"operator\":\"stringExists\",\"value\":\"true\"}]}"
        "," GRANT("Reader") "}",
        "{\"type\":\"access\",\"resource\":{\"attributes\":[{\"key\":"
        "\"resource\",\"operator\":\"stringEqualsAnyOf\",\"value\":[]}]}"
        "," GRANT("Reader") "}",
        "{\"type\":\"access\",\"resource\":{\"attributes\":[{\"key\":"
        "\"resource\",\"operator\":\"stringEqualsAnyOf\",\"value\":[\"1\","
        "\"2\",\"3\",\"4\",\"5\",\"6\",\"7\",\"8\",\"9\",\"10\",\"11\"]}]}"
        "," GRANT("Reader") "}",
        "{\"type\":\"access\",\"resource\":{\"attributes\":[{\"key\":"
        "\"resource\",\"operator\":\"stringMatch\",\"value\":\"{{a}}\"}]}"
        "," GRANT("Reader") "}",
        "{\"type\":\"access\",\"resource\":{\"attributes\":[" OURS "]},"
        "\"control\":{}}",
        "{\"type\":\"access\",\"resource\":{\"attributes\":[" OURS "]},"
        "\"control\":{\"grant\":{\"roles\":[\"Reader\"]}}}",
        "{\"type\":\"access\",\"resource\":{\"attributes\":[" OURS "]},"
        "\"control\":{\"grant\":{\"roles\":[],\"if\":1}}}",
        "{\"type\":\"access\",\"resource\":{\"attributes\":[" OURS "]},"
        "\"control\":{\"grants\":{\"roles\":[]}}}",
        "{\"type\":\"access\",\"resource\":{\"attributes\":[" OURS "]},"
        "\"control\":{\"grant\":{\"roles\":[]}}}",
        "{\"type\":\"access\",\"resource\":{\"attributes\":[" OURS "]},"
        "\"control\":{\"grant\":{\"roles\":[{\"role_id\":\"crn:v1:bluemix:"
        "public:iam::::serviceRole:Reader\",\"only_if\":{}}]}}}",
        "{\"type\":\"access\",\"id\":5,\"resource\":{\"attributes\":[" OURS
        "]}," GRANT("Reader") "}",
        "{\"type\":\"access\",\"resource\":{\"attributes\":[" OURS
        "," EQ("resource", "") "]}," GRANT("Reader") "}",
    };
    char claims[TEXT_MAX];

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        snprintf(claims, sizeof(claims), ",\"policies\":[%s]", bad[i]);
        const char *reason = as(claims, READ);
        if (strcmp(reason, "claim_invalid") != 0) {
            fail_msg("%s: %s", bad[i], reason);
        }
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(inline_policies),
        cmocka_unit_test(inline_denies),
        cmocka_unit_test(denies_that_would_be_dead),
        cmocka_unit_test(inline_policies_that_do_not_apply),
        cmocka_unit_test(inline_policies_that_are_malformed),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
