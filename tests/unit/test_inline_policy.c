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

/* Members other than resource and control; what we do not understand could
 * restrict the policy. */
static void
heads_of_policies(void **state)
{
    static const struct {
        const char *members; /* each with a comma behind it */
        const char *reason;
    } rows[] = {
        {"\"type\":\"access\",", "permitted"},
        {"\"type\":\"access\",\"state\":\"active\",", "permitted"},
        {"\"type\":\"access\",\"state\":\"odd\",", "claim_invalid"},
        {"\"type\":\"access\",\"state\":null,", "claim_invalid"},
        {"\"type\":\"access\",\"state\":[\"active\"],", "claim_invalid"},
        {"", "claim_invalid"},
        {"\"type\":\"Access\",", "claim_invalid"},
        {"\"type\":1,", "claim_invalid"},
        {"\"type\":[\"access\"],", "claim_invalid"},
        {"\"type\":\"access\",\"id\":\"p\",", "permitted"},
        {"\"type\":\"access\",\"id\":5,", "claim_invalid"},
        {"\"type\":\"access\",\"id\":null,", "claim_invalid"},
        {"\"type\":\"access\",\"description\":5,\"href\":{},", "permitted"},
        {"\"type\":\"access\",\"subject\":{\"attributes\":[]},",
            "claim_invalid"},
        {"\"type\":\"access\",\"rule\":{},", "claim_invalid"},
        {"\"type\":\"access\",\"pattern\":\"x\",", "claim_invalid"},
        {"\"type\":\"access\",\"unless\":1,", "claim_invalid"},
        /* Those that cannot apply are skipped, but read this far. */
        {"\"type\":\"authorization\",", "no_grant"},
        {"\"type\":\"authorization\",\"unless\":1,", "claim_invalid"},
        {"\"type\":\"x\",\"state\":\"deleted\",", "no_grant"},
        {"\"state\":\"deleted\",\"id\":5,", "claim_invalid"},
    };
    char claims[TEXT_MAX];

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        snprintf(claims, sizeof(claims),
            ",\"policies\":[{%s" BODY(OURS, GRANTS("Reader")) "]",
            rows[i].members);
        const char *reason = as(claims, READ);
        if (strcmp(reason, rows[i].reason) != 0) {
            fail_msg("%s: %s", rows[i].members, reason);
        }
    }
    assert_reason(as(",\"policies\":[{}]", READ), "claim_invalid");
}

/* Regions: any in a grant, in a deny only those that can deny something. */
static void
regions_of_policies(void **state)
{
#define REGION(op, value)                                                      \
    OURS ",{\"key\":\"region\",\"operator\":\"" op "\",\"value\":" value "}"
#define READER ",\"roles\":[\"Reader\"]"
    static const struct {
        const char *claims;
        const char *reason;
    } rows[] = {
        {INLINE(REGION("stringEquals", "\"us-south\""), GRANTS("Reader")),
            "permitted"},
        {INLINE(REGION("stringEquals", "\"mars\""), GRANTS("Reader")),
            "no_grant"},
        {READER INLINE(REGION("stringEquals", "\"us-south\""),
             DENIES("Reader")),
            "explicit_deny"},
        {READER INLINE(REGION("stringEquals", "\"jp-tok\""), DENIES("Reader")),
            "permitted"},
        {READER INLINE(REGION("stringEquals", "\"mars\""), DENIES("Reader")),
            "claim_invalid"},
        {READER INLINE(REGION("stringEqualsAnyOf", "[\"jp-tok\",\"us-south\"]"),
             DENIES("Reader")),
            "explicit_deny"},
        {READER INLINE(REGION("stringEqualsAnyOf", "[\"us-south\",\"mars\"]"),
             DENIES("Reader")),
            "claim_invalid"},
        {READER INLINE(REGION("stringEqualsAnyOf", "[\"mars\",\"us-south\"]"),
             DENIES("Reader")),
            "claim_invalid"},
        {READER INLINE(REGION("stringExists", "true"), DENIES("Reader")),
            "explicit_deny"},
        {READER INLINE(REGION("stringExists", "false"), DENIES("Reader")),
            "claim_invalid"},
        /* Two regions at once deny nothing; two names of one, or one and a
         * pattern that fits it, do. */
        {READER INLINE(REGION("stringEquals", "\"us-south\"") "," EQ("region",
                           "jp-tok"),
             DENIES("Reader")),
            "claim_invalid"},
        {READER INLINE(REGION("stringMatch", "\"us-*\"") "," EQ("region",
                           "us-south"),
             DENIES("Reader")),
            "explicit_deny"},
        {INLINE(REGION("stringEquals", "\"us-south\"") "," EQ("region",
                    "jp-tok"),
             GRANTS("Reader")),
            "no_grant"},
        /* For other kinds of services: passed over, as in a file. */
        {READER INLINE(REGION("stringEquals", "\"mars\"") "," EQ("serviceType",
                           "platform_service"),
             DENIES("Reader")),
            "permitted"},
        {READER INLINE(REGION("stringEquals",
                           "\"mars\"") "," EQ("service_group_id", "iam"),
             DENIES("Reader")),
            "permitted"},
        {READER INLINE(REGION("stringEquals", "\"mars\"") "," EQ("serviceType",
                           "service") "," EQ("service_group_id", "IAM"),
             DENIES("Reader")),
            "claim_invalid"},
        /* Both at once are as strict as a deny. */
        {INLINE(REGION("stringEquals", "\"mars\""),
             CONTROL(GRANT("Reader") "," DENY("Writer"))),
            "claim_invalid"},
        {INLINE(REGION("stringEquals", "\"us-south\""),
             CONTROL(GRANT("Reader") "," DENY("Writer"))),
            "permitted"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const char *reason = as(rows[i].claims, READ);
        if (strcmp(reason, rows[i].reason) != 0) {
            fail_msg("%s: %s", rows[i].claims, reason);
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
        cmocka_unit_test(heads_of_policies),
        cmocka_unit_test(regions_of_policies),
    };

    return cmocka_run_group_tests(tests, load_three, teardown);
}
