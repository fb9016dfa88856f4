/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
/* Stage 7: account and scope. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "fixture.h"

#define READER ",\"roles\":[\"Reader\"]"

static const char *
with_account(const char *account)
{
    request(&fixture, "GET", "/api/v1/auth");
    bearer(&fixture, token_with(&fixture, READER));
    if (account != NULL) {
        header(&fixture, "Account", account);
    }
    return pdp_reason_name(judge(&fixture));
}

static void
the_account_header(void **state)
{
    (void)state;
    assert_reason(with_account(NULL), "permitted");
    assert_str(pdp_decision_account(fixture.decision), ACCOUNT);
    assert_reason(with_account(ACCOUNT), "permitted");
    assert_str(pdp_decision_account(fixture.decision), ACCOUNT);
    static const char *const others[] = {OTHER_ACCOUNT, ACCOUNT "x",
        "4f8e2b1c9d3a4b5c8e7f6a5b4c3d2e1", " " ACCOUNT, ACCOUNT " ",
        "4F8E2B1C9D3A4B5C8E7F6A5B4C3D2E1F"};
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        assert_reason(with_account(others[i]), "account_mismatch");
        assert_null(pdp_decision_account(fixture.decision).ptr);
        assert_string_equal(missing(&fixture), "auth.get");
        pdp_principal_t principal = {.size = sizeof(principal)};
        assert_true(pdp_decision_principal(fixture.decision, &principal));
        assert_str(principal.account, ACCOUNT);
        assert_str(principal.type, "user");
    }
}

/* A token in the cache is checked against the header all the same. */
static void
the_account_is_checked_on_every_request(void **state)
{
    (void)state;
    for (int i = 0; i < 3; i++) {
        assert_reason(with_account(ACCOUNT), "permitted");
        assert_reason(with_account(OTHER_ACCOUNT), "account_mismatch");
    }
}

static void
routes_for_every_principal(void **state)
{
    static const char *const service =
        "{\"format\":\"pdp-service/1\",\"service\":\"s\",\"actions\":{},"
        "\"roles\":{},\"events\":{},\"params\":{},\"routes\":["
        "{\"method\":\"GET\",\"path\":\"/v2\",\"access\":\"authenticated\","
        "\"event\":null}]}";
    const struct document documents[] = {
        {PDP_SOURCE_SERVICE, "s.json", service},
        {PDP_SOURCE_NONE, NULL, NULL},
    };

    (void)state;
    load(&fixture, documents);
    assert_reason(decide(&fixture, "GET", "/v2", NULL), "token_missing");
    assert_reason(decide(&fixture, "GET", "/v2", token_with(&fixture, "")),
        "authenticated");
    assert_int_equal(pdp_decision_required_cnt(fixture.decision), 0);
    header(&fixture, "Account", OTHER_ACCOUNT);
    assert_int_equal(judge(&fixture), PDP_REASON_ACCOUNT_MISMATCH);
    load(&fixture, NULL);
}

static void
scopes(void **state)
{
    static const struct {
        const char *scope;
        const char *reason;
    } cases[] = {
        {"", "permitted"},
        {" ", "permitted"},
        {"ibm", "permitted"},
        {"openid ibm", "permitted"},
        {"ibm openid container-registry", "permitted"},
        {"container-registry", "permitted"},
        {"kms container-registry", "permitted"},
        {"kms", "scope_mismatch"},
        {"ibm openid kms", "scope_mismatch"},
        {"container-registry2", "scope_mismatch"},
        {"Container-Registry", "scope_mismatch"},
        {"container", "scope_mismatch"},
        {"\\tibm", "scope_mismatch"},
    };
    char payload[TEXT_MAX];

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        snprintf(payload, sizeof(payload),
            "{\"iss\":\"" IBM_ISSUER "\",\"iam_id\":\"IBMid-1\","
            "\"account\":{\"bss\":\"a\"},\"exp\":1795256980,"
            "\"scope\":\"%s\"" READER "}",
            cases[i].scope);
        assert_reason(decide(&fixture, "GET", "/api/v1/auth",
                          token_of(&fixture, payload)),
            cases[i].reason);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_account_header),
        cmocka_unit_test(the_account_is_checked_on_every_request),
        cmocka_unit_test(routes_for_every_principal),
        cmocka_unit_test(scopes),
    };

    return cmocka_run_group_tests(tests, load_default, teardown);
}
