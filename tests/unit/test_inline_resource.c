/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
/* Attributes of inline policies. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "grant_text.h"

/* The older name of a region, in patterns too, whatever the policy does. */
static void
older_names_of_regions(void **state)
{
    (void)state;
    assert_reason(as(",\"roles\":[\"Reader\"]" INLINE(OURS
                         ",{\"key\":\"region\",\"operator\":"
                         "\"stringMatch\",\"value\":\"eu-cent*\"}",
                         DENIES("Reader")),
                      "GET", "/api/v1/images/de.icr.io%2Fbirds%2Fx/json"),
        "explicit_deny");
    assert_reason(as(INLINE(OURS
                         ",{\"key\":\"region\",\"operator\":"
                         "\"stringMatchAnyOf\",\"value\":[\"eu-cent*\"]}",
                         GRANTS("Reader")),
                      "GET", "/api/v1/images/de.icr.io%2Fbirds%2Fx/json"),
        "permitted");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(older_names_of_regions),
    };

    return cmocka_run_group_tests(tests, load_three, teardown);
}
