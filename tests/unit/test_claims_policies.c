/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
/* Policy claims of the token: roles, actions, policies. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "grant_text.h"

static void
names_of_roles(void **state)
{
    static const char *const reader[] = {"Reader",
        "crn:v1:bluemix:public:iam::::serviceRole:Reader",
        "crn:v1:bluemix:public:container-registry::::serviceRole:Reader"};
    static const char *const config[] = {"Service Configuration Reader",
        GENERIC "Service Configuration Reader",
        GENERIC "ServiceConfigurationReader"};
    static const char *const nothing[] = {"reader", "Reader ", "", "Viewer",
        "Administrator", "crn:v1:bluemix:public:iam::::role:Administrator",
        "crn:v1:bluemix:public:kms::::serviceRole:Reader", "Nobody"};
    char claim[512];

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        snprintf(claim, sizeof(claim), ",\"roles\":[\"x\",\"%s\"]", reader[i]);
        assert_reason(as(claim, "GET", "/api/v1/settings"), "permitted");
        snprintf(claim, sizeof(claim), "role:%s", reader[i]);
        assert_string_equal(granted_by(0), claim);
        snprintf(claim, sizeof(claim), ",\"roles\":[\"%s\"]", config[i]);
        assert_reason(as(claim, "GET", "/api/v1/images"), "permitted");
    }
    for (size_t i = 0; i < sizeof(nothing) / sizeof(nothing[0]); i++) {
        snprintf(claim, sizeof(claim), ",\"roles\":[\"%s\"]", nothing[i]);
        assert_reason(as(claim, "GET", "/api/v1/settings"), "no_grant");
    }
}

static void
names_of_actions(void **state)
{
    (void)state;
    assert_reason(as(",\"actions\":[\"container-registry.settings.get\"]",
                      "GET", "/api/v1/settings"),
        "permitted");
    assert_string_equal(granted_by(0),
        "action:container-registry.settings.get");
    assert_reason(as(",\"actions\":[\"container-registry.settings.get\"]",
                      "PATCH", "/api/v1/settings"),
        "no_grant");
    assert_reason(as(",\"actions\":[\"settings.get\",\"\",\"*\","
                     "\"container-registry.*\"]",
                      "GET", "/api/v1/settings"),
        "no_grant");
}

static void
wrong_types(void **state)
{
    static const char *const bad[] = {",\"roles\":\"Reader\"", ",\"roles\":{}",
        ",\"roles\":null", ",\"roles\":[1]", ",\"roles\":[[\"Reader\"]]",
        ",\"actions\":\"x\"", ",\"actions\":[true]", ",\"actions\":7",
        ",\"policies\":\"free\"", ",\"policies\":{}", ",\"policies\":[1]",
        ",\"policies\":[null]", ",\"policies\":[[]]",
        ",\"policies\":[\"free\",1]", ",\"policies\":[1,\"free\"]",
        ",\"policies\":[\"free\",[\"free\"]]", ",\"policies\":[\"free\",null]",
        ",\"policies\":[\"free\",{}]"};

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_reason(as(bad[i], READ), "claim_invalid");
    }
}

/* Ids of loaded policies; their subject, if any, must match. */
static void
ids_of_policies(void **state)
{
    (void)state;
    assert_reason(as("", "GET", "/api/v1/settings"), "no_grant");
    assert_reason(as(",\"policies\":[\"free\"]", "GET", "/api/v1/settings"),
        "permitted");
    assert_string_equal(granted_by(0), "policy:free");
    assert_reason(as(",\"policies\":[\"theirs\"]", "GET", "/api/v1/settings"),
        "no_grant");
    assert_reason(as(",\"policies\":[\"mine\",\"nil\",\"\"]", "GET",
                      "/api/v1/images/us.icr.io%2Fapes%2Fx/json"),
        "permitted");
    assert_string_equal(granted_by(0), "policy:mine");
}

/* Many small items: the record has room for whatever a token can hold. */
static void
tokens_full_of_names(void **state)
{
    static const char *const claims[] = {"roles", "actions", "groups",
        "policies"};
    char text[TEXT_MAX];

    (void)state;
    for (size_t c = 0; c < 4; c++) {
        snprintf(text, sizeof(text), ",\"roles%s\":[\"Reader\"],\"%s\":[\"\"",
            c == 0 ? "x" : "", claims[c]);
        while (strlen(text) < 5200) {
            append(text, ",\"\"");
        }
        append(text, "]");
        assert_reason(as(text, READ), c == 0 ? "no_grant" : "permitted");
        assert_reason(as(text, READ), c == 0 ? "no_grant" : "permitted");
    }
    snprintf(text, sizeof(text), ",\"policies\":[{}");
    while (strlen(text) < 5200) {
        append(text, ",{}");
    }
    append(text, "]");
    assert_reason(as(text, READ), "claim_invalid");
    snprintf(text, sizeof(text), ",\"policies\":[");
    while (strlen(text) < 5200) {
        append(text,
            "{\"type\":\"access\",\"resource\":{\"attributes\":[" EQ(
                "serviceType", "s") "]},"
                                    "\"control\":{\"grant\":{\"roles\":["
                                    "{\"role_id\":\"crn:\"}]}}},");
    }
    append(text, "\"free\"]");
    assert_reason(as(text, "GET", "/api/v1/settings"), "permitted");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_of_roles),
        cmocka_unit_test(names_of_actions),
        cmocka_unit_test(wrong_types),
        cmocka_unit_test(ids_of_policies),
        cmocka_unit_test(tokens_full_of_names),
    };

    return cmocka_run_group_tests(tests, load_three, teardown);
}
