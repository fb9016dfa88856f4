/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
/* Inline policies of the claim `policies`. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "grant_text.h"

static void
inline_policies(void **state)
{
    (void)state;
    assert_reason(as(INLINE(OURS, GRANTS("Manager")), "GET", "/api/v1/plans"),
        "permitted");
    assert_string_equal(granted_by(0), "policy:token");
    assert_reason(as(",\"policies\":[{\"type\":\"access\",\"id\":\"p7\","
                     "\"resource\":{\"attributes\":[" OURS
                     "]}," GRANTS("Manager") "}]",
                      "GET", "/api/v1/plans"),
        "permitted");
    assert_string_equal(granted_by(0), "policy:p7");
    /* Narrowed ones do not reach the account. */
    assert_reason(as(INLINE(OURS "," EQ("resource", "birds"),
                         GRANTS("Manager")),
                      "GET", "/api/v1/plans"),
        "no_grant");
    assert_reason(as(INLINE(OURS "," EQ("resource", "birds"),
                         GRANTS("Manager")),
                      "DELETE", IMAGE),
        "permitted");
    assert_reason(as(INLINE(OURS "," EQ("resource", "fish"), GRANTS("Manager")),
                      "DELETE", IMAGE),
        "no_grant");
    /* Another service's is no business of ours. */
    assert_reason(as(INLINE(EQ("serviceName", "kms"), GRANTS("Manager")), READ),
        "no_grant");
    /* The older name of a region. */
    assert_reason(as(INLINE(OURS "," EQ("region", "eu-central"),
                         GRANTS("Reader")),
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
               GRANTS("Reader")),
            READ),
        "permitted");
    /* Roles that nobody knows grant nothing. */
    assert_reason(as(INLINE(OURS, GRANTS("Wizard")), READ), "no_grant");
    assert_reason(as(",\"policies\":[{\"type\":\"access\",\"state\":"
                     "\"deleted\",\"resource\":{\"attributes\":[" OURS
                     "]}," GRANTS("Reader") "}]",
                      READ),
        "no_grant");
}

static void
inline_denies(void **state)
{
    (void)state;
    assert_reason(as(",\"roles\":[\"Reader\"]" INLINE(OURS, DENIES("Reader")),
                      READ),
        "explicit_deny");
    pdp_required_t required = {.size = sizeof(required)};
    assert_true(pdp_decision_required(fixture.decision, 0, &required));
    assert_str(required.denied_by, "token");
    assert_reason(as(",\"roles\":[\"Reader\"]" INLINE(OURS
                         "," EQ("resource", "fish"),
                         DENIES("Reader")),
                      READ),
        "permitted");
    /* A deny that cannot be understood must not be dropped. */
    assert_reason(as(",\"roles\":[\"Reader\"]" INLINE(OURS, DENIES("Wizard")),
                      READ),
        "claim_invalid");
}

/* Denies that would deny nothing are refused; so are roles by bare name. */
static void
denies_that_would_be_dead(void **state)
{
    static const char *const bad[] = {
        INLINE(OURS "," EQ("region", "eu-d"), DENIES("Reader")),
        INLINE(OURS ",{\"key\":\"region\",\"operator\":"
                    "\"stringEqualsAnyOf\",\"value\":[\"us-south\",\"eu-d\"]}",
            DENIES("Reader")),
        INLINE(OURS ",{\"key\":\"region\",\"operator\":\"stringMatch\","
                    "\"value\":\"mars*\"}",
            DENIES("Reader")),
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
        "{\"type\":\"access\",\"resource\":{\"attributes\":[]}," GRANTS(
            "Reader") "}",
        "{\"type\":\"access\",\"resource\":{\"attributes\":[" EQ("accountId",
            ACCOUNT) "]}," GRANTS("Reader") "}",
        "{\"type\":\"access\",\"resource\":{\"attributes\":[" OURS "]}}",
        "{\"type\":\"access\"," GRANTS("Reader") "}",
        "{\"resource\":{\"attributes\":[" OURS "]}," GRANTS("Reader") "}",
        "{\"type\":\"access\",\"subject\":{\"attributes\":[]},\"resource\":"
        "{\"attributes\":[" OURS "]}," GRANTS("Reader") "}",
        "{\"type\":\"access\",\"rule\":{},\"resource\":{\"attributes\":[" OURS
        "]}," GRANTS("Reader") "}",
        "{\"type\":\"access\",\"pattern\":\"x\",\"resource\":"
        "{\"attributes\":[" OURS "]}," GRANTS("Reader") "}",
        "{\"type\":\"access\",\"unless\":1,\"resource\":{\"attributes\":[" OURS
        "]}," GRANTS("Reader") "}",
        "{\"type\":\"access\",\"state\":\"odd\",\"resource\":"
        "{\"attributes\":[" OURS "]}," GRANTS("Reader") "}",
        "{\"type\":\"access\",\"resource\":{\"attributes\":[" EQ("accountId",
            OTHER_ACCOUNT) "]}," GRANTS("Reader") "}",
        "{\"type\":\"access\",\"resource\":{\"attributes\":[{\"key\":"
        "\"accountId\",\"operator\":\"stringMatch\",\"value\":\"*\"}]}," GRANTS(
            "Reader") "}",
        "{\"type\":\"access\",\"resource\":{\"attributes\":[" OURS
        "],\"tags\":[{}]}," GRANTS("Reader") "}",
        "{\"type\":\"access\",\"resource\":{\"attributes\":[{\"key\":"
        "\"resource\",\"operator\":\"stringNotEquals\",\"value\":\"x\"}]}"
        "," GRANTS("Reader") "}",
        "{\"type\":\"access\",\"resource\":{\"attributes\":[{\"name\":"
        "\"resource\",\"operator\":\"stringEquals\",\"value\":\"x\"}]}," GRANTS(
            "Reader") "}",
        "{\"type\":\"access\",\"resource\":{\"attributes\":[{\"key\":"
        "\"{{resource}}\",\"operator\":\"stringEquals\",\"value\":\"x\"}]}"
        "," GRANTS("Reader") "}",
        "{\"type\":\"access\",\"resource\":{\"attributes\":[{\"key\":"
        "\"resource\",\"operator\":\"stringEquals\",\"value\":1}]}," GRANTS(
            "Reader") "}",
        "{\"type\":\"access\",\"resource\":{\"attributes\":[{\"key\":"
        "\"resource\",\"operator\":\"stringExists\",\"value\":\"true\"}]}"
        "," GRANTS("Reader") "}",
        "{\"type\":\"access\",\"resource\":{\"attributes\":[{\"key\":"
        "\"resource\",\"operator\":\"stringEqualsAnyOf\",\"value\":[]}]}"
        "," GRANTS("Reader") "}",
        "{\"type\":\"access\",\"resource\":{\"attributes\":[{\"key\":"
        "\"resource\",\"operator\":\"stringEqualsAnyOf\",\"value\":[\"1\","
        "\"2\",\"3\",\"4\",\"5\",\"6\",\"7\",\"8\",\"9\",\"10\",\"11\"]}]}"
        "," GRANTS("Reader") "}",
        "{\"type\":\"access\",\"resource\":{\"attributes\":[{\"key\":"
        "\"resource\",\"operator\":\"stringMatch\",\"value\":\"{{a}}\"}]}"
        "," GRANTS("Reader") "}",
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
        "]}," GRANTS("Reader") "}",
        "{\"type\":\"access\",\"resource\":{\"attributes\":[" OURS
        "," EQ("resource", "") "]}," GRANTS("Reader") "}",
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

    return cmocka_run_group_tests(tests, load_three, teardown);
}
