/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
/* What to mind with what is suggested, and why there is nothing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "grant_text.h"

#include "explain_text.h"
#include "rule_decide.h"
#include "suggest_text.h"

static void
what_was_not_given(void **state)
{
    (void)state;
    load_ruled(GRANT("Reader"), OF_ENVIRONMENT,
        COND(ENV("ip_address"), "stringExists", "true"));
    assert_reason(as("", READ), "condition_error");
    explain();
    assert_string_equal(suggested(),
        "[" SUGGESTED(AT("us-south", "birds"), "Reader") "]");
    assert_str(pdp_explanation_note(why),
        "policy ruled would grant it if what its rule asks for were known and "
        "right; the policy suggested here has no rule");
}

static void
what_only_a_rule_forbids(void **state)
{
    (void)state;
    load_ruled(GRANT("Reader"), CUSTOM_HOURS,
        AND(DAYS("1,2,3,4,5,6,7") "," FROM("20:00:00Z") "," TO("22:00:00Z")));
    assert_reason(as("", READ), "no_grant");
    explain();
    assert_string_equal(suggested(),
        "[" SUGGESTED(AT("us-south", "birds"), "Reader") "]");
    assert_str(pdp_explanation_note(why),
        "policy ruled would grant it if its rule held; the policy suggested "
        "here has no rule");
    /* Not if it would not grant it anyway. */
    assert_reason(as("", "DELETE", IMAGE), "no_grant");
    explain();
    assert_str(pdp_explanation_note(why), NULL);
}

static void
what_no_policy_can_help(void **state)
{
    (void)state;
    load_policies("[]",
        "{\"format\":\"pdp-directory/1\",\"complete\":true,\"namespaces\":[{"
        "\"region\":\"us-south\",\"namespace\":\"fish\",\"account\":"
        "\"" OTHER_ACCOUNT "\"}]}");
    assert_reason(as("", "DELETE", IMAGE), "unknown_namespace");
    explain();
    assert_str(pdp_explanation_note(why),
        "no policy can help: the directory does not list the namespace");
    /* The roles are told all the same. */
    assert_string_equal(roles(0), "Writer:7 Manager:23");
    assert_reason(as("", "DELETE", OTHER_IMAGE), "account_mismatch");
    explain();
    assert_str(pdp_explanation_note(why),
        "no policy can help: a token acts in its own account only");
    assert_reason(decide(&fixture, "DELETE", IMAGE,
                      token_of(&fixture,
                          "{\"iss\":\"" IBM_ISSUER
                          "\",\"iam_id\":\"IBMid-270000TEST\",\"account\":{"
                          "\"bss\":\"" ACCOUNT
                          "\"},\"exp\":1795256980,\"scope\":\"other\"}")),
        "scope_mismatch");
    explain();
    assert_str(pdp_explanation_note(why),
        "no policy can help: the token is for other services");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_not_given),
        cmocka_unit_test(what_only_a_rule_forbids),
        cmocka_unit_test(what_no_policy_can_help),
    };

    return cmocka_run_group_tests(tests, load_default, forget_why);
}
