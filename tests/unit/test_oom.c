/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
/*
 * Memory that runs out, at every single allocation of a run from documents
 * to decision: the status is PDP_E_NOMEM, the outputs are NULL, everything is
 * given back, and nothing is ever allowed that would not be otherwise.
 *
 * In three ways: with every later allocation failing, too; with one failure
 * only, which must not be forgotten on the way; and with every n-th.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "failing_mem.h"
#include "oom_util.h"

/* Checks one run; false if nothing has failed in it. */
static bool
check(const struct failing_mem *scarce, pdp_status_t status,
    pdp_status_t wanted, const char *name)
{
    if (scarce->live != 0) {
        fail_msg("%s: %zu blocks lost (call %zu)", name, scarce->live,
            scarce->calls);
    }
    if (status != (scarce->failed ? PDP_E_NOMEM : wanted)) {
        fail_msg("%s: status %d after call %zu", name, status, scarce->calls);
    }
    return scarce->failed;
}

static void
each_allocation_of_a_whole_run(void **state)
{
    (void)state;
    for (int way = 0; way < FAILING_WAYS; way++) {
        struct failing_mem scarce;
        size_t n = 0;

        do {
            scarce = failing_way(way, ++n);
            pdp_mem_t mem = failing(&scarce);
            pdp_status_t status = run_all(&mem);

            (void)check(&scarce, status, PDP_OK, "run");
        } while (scarce.failed);
        assert_true(n > 15);
    }
}

static void
each_allocation_of_a_load(void **state)
{
    size_t total = 0;

    (void)state;
    for (size_t i = 0; i < LOAD_CASES; i++) {
        const struct load_case *c = &load_cases[i];
        size_t failures = 0;

        for (int way = 0; way < FAILING_WAYS * 2; way++) {
            struct failing_mem scarce;
            size_t n = 0;

            do {
                scarce = failing_way(way / 2, ++n);
                pdp_mem_t mem = failing(&scarce);
                pdp_status_t status =
                    load_only(&mem, c->documents, way % 2 == 1);

                failures += check(&scarce, status, c->status, c->name);
            } while (scarce.failed);
            /* The loader, its arena, the report and its arena at least. */
            assert_true(n > 3);
        }
        total += failures;
        print_message("%s: %zu\n", c->name, failures);
    }
    print_message("%zu failures\n", total);
}

/* What was allocated can be given back, and used, without any more. */
static void
deciding_and_releasing_take_nothing(void **state)
{
    struct failing_mem counted = {.left = SIZE_MAX};
    pdp_mem_t mem = failing(&counted);
    pdp_loader_t *loader = NULL;
    pdp_snapshot_t *snapshot = NULL;
    pdp_report_t *report = NULL;
    pdp_worker_t *worker = NULL;

    (void)state;
    assert_int_equal(pdp_loader_new(&mem, &loader), PDP_OK);
    assert_int_equal(add_each(loader, all_good), PDP_OK);
    assert_int_equal(pdp_loader_build(loader, &snapshot, &report), PDP_OK);
    size_t loading = counted.calls;

    assert_int_equal(pdp_worker_new(snapshot, &mem, NULL, &worker), PDP_OK);
    assert_int_equal(counted.calls - loading, 6);
    counted.left = 0;
    pdp_loader_free(loader);
    pdp_report_free(report);
    decide_both(worker);
    assert_ptr_equal(pdp_snapshot_retain(snapshot), snapshot);
    pdp_snapshot_release(snapshot);
    pdp_snapshot_release(snapshot);
    decide_both(worker);
    pdp_worker_free(worker);
    assert_false(counted.failed);
    assert_int_equal(counted.calls - loading, 6);
    assert_int_equal(counted.live, 0);
    print_message("load %zu, worker 6, decisions 0, release 0\n", loading);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_allocation_of_a_whole_run),
        cmocka_unit_test(each_allocation_of_a_load),
        cmocka_unit_test(deciding_and_releasing_take_nothing),
    };

    return cmocka_run_group_tests(tests, make_documents, teardown);
}
