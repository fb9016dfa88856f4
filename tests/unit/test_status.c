/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include "pdp/status.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

/* Texts of statuses, and the version. */

static void
test_texts(void **state)
{
    (void)state;
    assert_string_equal(pdp_status_text(PDP_OK), "The call succeeded.");
    assert_string_equal(pdp_status_text(PDP_E_ARGUMENT),
        "An argument breaks the contract of the function.");
    assert_string_equal(pdp_status_text(PDP_E_NOMEM),
        "There is not enough memory.");
    assert_string_equal(pdp_status_text(PDP_E_INVALID),
        "A document has errors; see the report.");
    assert_string_equal(pdp_status_text(PDP_E_LIMIT),
        "A limit of the library is exceeded.");
    assert_string_equal(pdp_status_text(PDP_E_INTERNAL),
        "The library or libcrypto failed.");
}

static void
test_values_are_stable(void **state)
{
    (void)state;
    assert_int_equal(PDP_OK, 0);
    assert_int_equal(PDP_E_ARGUMENT, 1);
    assert_int_equal(PDP_E_NOMEM, 2);
    assert_int_equal(PDP_E_INVALID, 3);
    assert_int_equal(PDP_E_LIMIT, 4);
    assert_int_equal(PDP_E_INTERNAL, 5);
}

static void
test_not_a_status(void **state)
{
    (void)state;
    /* In the range of the enum's type, yet no enumerator. */
    assert_string_equal(pdp_status_text((pdp_status_t)7), "Not a status.");
}

static void
test_version(void **state)
{
    (void)state;
    assert_string_equal(pdp_version(), PDP_VERSION);
    assert_string_equal(pdp_version(), "0.1.0");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_texts),
        cmocka_unit_test(test_values_are_stable),
        cmocka_unit_test(test_not_a_status),
        cmocka_unit_test(test_version),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
