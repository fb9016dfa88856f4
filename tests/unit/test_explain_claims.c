/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
/* What roles and actions of the token say. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "grant_text.h"

#include "explain_text.h"
#include "two_services.h"

static void
claims(void **state)
{
    (void)state;
    load_policies("[]", NULL);
    assert_reason(as(",\"roles\":[\"Reader\",\"None\",\"Writer\"],\"actions\":["
                     "\"container-registry.image.pull\","
                     "\"container-registry.image.delete\"]",
                      "DELETE", IMAGE),
        "permitted");
    explain();
    assert_string_equal(voices(), "role:Reader role:None role:Writer "
                                  "action:container-registry.image.pull "
                                  "action:container-registry.image.delete");
    assert_string_equal(verdict(0, 0),
        "action action - Reader known container-registry.image.delete");
    assert_string_equal(verdict(1, 0),
        "role serviceName - - known container-registry");
    assert_string_equal(verdict(2, 0), "grants");
    assert_string_equal(verdict(3, 0),
        "action action - container-registry.image.pull known "
        "container-registry.image.delete");
    assert_string_equal(verdict(4, 0), "grants");
    assert_null(pdp_explanation_note(why).ptr);
}

static void
a_claimed_role_of_another_account(void **state)
{
    (void)state;
    load_two("[]");
    assert_reason(ask_one(",\"roles\":[\"Theirs\",\"" CUSTOM_CRN(OTHER_ACCOUNT,
                      "Theirs") "\",\"Second\"]"),
        "no_grant");
    explain();
    assert_string_equal(verdict(0, 0), "role serviceName - - known "
                                       "one");
    assert_string_equal(verdict(1, 0),
        "role accountId - " OTHER_ACCOUNT " known " ACCOUNT);
    assert_string_equal(verdict(2, 0), "role serviceName - - known "
                                       "one");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(claims),
        cmocka_unit_test(a_claimed_role_of_another_account),
    };

    return cmocka_run_group_tests(tests, load_default, forget_why);
}
