/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
/*
 * Memory that runs out, at every single allocation of a run from documents
 * to decision: the status is PDP_E_NOMEM, the outputs are NULL, everything is
 * given back, and nothing is ever allowed that would not be otherwise.
 *
 * Twice: with every later allocation failing, too, and with one failure only,
 * which must not be forgotten on the way.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "failing_mem.h"
#include "oom_util.h"

static void
fail_at_each(bool once)
{
    size_t n = 0;

    for (;; n++) {
        struct failing_mem scarce = {.left = n, .once = once};
        pdp_mem_t mem = failing(&scarce);
        pdp_status_t status = run_all(&mem);

        if (scarce.live != 0) {
            fail_msg("%zu blocks lost after failure %zu", scarce.live, n);
        }
        if (!scarce.failed) {
            assert_int_equal(status, PDP_OK);
            break;
        }
        if (status != PDP_E_NOMEM) {
            fail_msg("status %d after failure %zu", status, n);
        }
    }
    assert_true(n > 15);
}

static void
no_memory_from_here_on(void **state)
{
    (void)state;
    fail_at_each(false);
}

static void
one_failure_only(void **state)
{
    (void)state;
    fail_at_each(true);
}

static void
documents_with_errors(void **state)
{
    (void)state;
    for (int way = 0; way < 4; way++) {
        size_t n = 0;

        for (;; n++) {
            struct failing_mem scarce = {.left = n, .once = way / 2 == 1};
            pdp_mem_t mem = failing(&scarce);
            pdp_status_t status = build_invalid(&mem, way % 2 == 1);

            assert_int_equal(scarce.live, 0);
            if (!scarce.failed) {
                assert_int_equal(status, PDP_E_INVALID);
                break;
            }
            assert_int_equal(status, PDP_E_NOMEM);
        }
        assert_true(n > 4);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_memory_from_here_on),
        cmocka_unit_test(one_failure_only),
        cmocka_unit_test(documents_with_errors),
    };

    return cmocka_run_group_tests(tests, make_documents, teardown);
}
