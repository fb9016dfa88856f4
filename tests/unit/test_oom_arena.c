/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
/*
 * The same as test_oom.c, one level lower: most memory of a build comes from
 * an arena, which asks for it in large chunks.  Here each single request to
 * the arena fails, in place of the few that need a new chunk.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "failing_arena.h"
#include "oom_util.h"

/* Runs with a failure at each request in turn; c NULL: from documents to
 * decisions.  Returns how many failures there were. */
static size_t
fail_at_each(const struct load_case *c, int way)
{
    const char *name = c == NULL ? "run" : c->name;
    pdp_status_t wanted = c == NULL ? PDP_OK : c->status;
    size_t n = 0;
    bool failed;

    do {
        struct failing_mem counted = {.left = SIZE_MAX};
        pdp_mem_t mem = failing(&counted);

        arena = failing_way(way, ++n);
        pdp_status_t status = c == NULL
                                  ? run_all(&mem)
                                  : load_only(&mem, c->documents, n % 2 == 1);

        failed = arena.failed;
        arena = (struct failing_mem){.left = SIZE_MAX};
        if (counted.live != 0) {
            fail_msg("%s: %zu blocks lost after failure %zu", name,
                counted.live, n);
        }
        if (status != (failed ? PDP_E_NOMEM : wanted)) {
            fail_msg("%s: status %d after failure %zu (way %d)", name, status,
                n, way);
        }
    } while (failed);
    return n - 1;
}

static void
each_request_of_a_whole_run(void **state)
{
    (void)state;
    for (int way = 0; way < FAILING_WAYS; way++) {
        assert_true(fail_at_each(NULL, way) >= 500);
    }
}

static void
each_request_of_a_load(void **state)
{
    size_t total = 0;

    (void)state;
    for (size_t i = 0; i < LOAD_CASES; i++) {
        size_t failures = 0;

        for (int way = 0; way < FAILING_WAYS; way++) {
            failures += fail_at_each(&load_cases[i], way);
        }
        print_message("%s: %zu\n", load_cases[i].name, failures);
        assert_true(failures >= 20);
        total += failures;
    }
    print_message("%zu failures\n", total);
}

static int
open_tests(void **state)
{
    arena = (struct failing_mem){.left = SIZE_MAX};
    return make_documents(state);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_request_of_a_whole_run),
        cmocka_unit_test(each_request_of_a_load),
    };

    return cmocka_run_group_tests(tests, open_tests, teardown);
}
