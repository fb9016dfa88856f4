/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include "pdpd/generation.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/*
 * Generations: the old one lives exactly as long as a thread uses it, and a
 * thread never meets one that was freed.  Worth running with the thread
 * sanitizer (docs/TESTING.md).
 */

#include <pthread.h>

#include "common/heap.h"

enum { THREADS = 3, ROUNDS = 40 };

static struct pdpd__generations generations;
static atomic_bool stop;

static struct pdpd__documents
documents(void)
{
    struct pdpd__documents out = {0};
    pdp_loader_t *loader = NULL;
    assert_int_equal(pdp_loader_new(NULL, &loader), PDP_OK);
    assert_int_equal(pdp_loader_build(loader, &out.snapshot, NULL), PDP_OK);
    pdp_loader_free(loader);
    return out;
}

static void
publish(void)
{
    struct pdpd__documents out = documents();
    assert_true(pdpd__generations_publish(&generations, &out));
    assert_null(out.snapshot);
}

static int
setup(void **state)
{
    (void)state;
    generations = (struct pdpd__generations){.thread_cnt = THREADS};
    atomic_store(&stop, false);
    return 0;
}

static int
teardown(void **state)
{
    (void)state;
    pdpd__generations_free(&generations);
    return 0;
}

static void
test_first_is_one(void **state)
{
    (void)state;
    assert_null(pdpd__generation_enter(&generations, 0));
    pdpd__generation_leave(&generations, 0);
    publish();
    struct pdpd__generation *one = pdpd__generation_enter(&generations, 0);
    assert_int_equal(one->number, 1);
    for (uint32_t i = 0; i < THREADS; i++) {
        assert_non_null(one->workers[i]);
    }
    assert_null(one->workers[THREADS]);
    pdpd__generation_leave(&generations, 0);
    assert_false(pdpd__generations_sweep(&generations));
}

static void
test_old_one_lives_while_used(void **state)
{
    (void)state;
    publish();
    struct pdpd__generation *one = pdpd__generation_enter(&generations, 2);
    publish();
    assert_true(pdpd__generations_sweep(&generations));
    assert_int_equal(one->number, 1);
    assert_int_equal(pdpd__generation_enter(&generations, 1)->number, 2);
    publish();
    assert_true(pdpd__generations_sweep(&generations));
    pdpd__generation_leave(&generations, 1);
    assert_true(pdpd__generations_sweep(&generations));
    pdpd__generation_leave(&generations, 2);
    assert_false(pdpd__generations_sweep(&generations));
    assert_int_equal(pdpd__generation_enter(&generations, 2)->number, 3);
    pdpd__generation_leave(&generations, 2);
}

static void *
use(void *cls)
{
    uint32_t thread = *(const uint32_t *)cls;
    uint64_t last = 0;
    pdp_request_t request = {
        .size = sizeof(request),
        .method = PDP__LIT("GET"),
        .target = PDP__LIT("/api/v1/messages"),
    };
    while (!atomic_load(&stop)) {
        const pdp_decision_t *decision = NULL;
        struct pdpd__generation *now =
            pdpd__generation_enter(&generations, thread);
        if (now->number < last ||
            pdp_decide(now->workers[thread], &request, &decision) != PDP_OK ||
            pdp_decision_reason(decision) != PDP_REASON_PUBLIC) {
            atomic_store(&stop, true);
            return cls;
        }
        last = now->number;
        pdpd__generation_leave(&generations, thread);
    }
    return NULL;
}

static void
test_threads(void **state)
{
    pthread_t threads[THREADS];
    uint32_t numbers[THREADS] = {0, 1, 2};
    (void)state;
    publish();
    for (uint32_t i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, use, &numbers[i]),
            0);
    }
    for (int i = 0; i < ROUNDS; i++) {
        publish();
        (void)pdpd__generations_sweep(&generations);
    }
    atomic_store(&stop, true);
    for (uint32_t i = 0; i < THREADS; i++) {
        void *failed = NULL;
        assert_int_equal(pthread_join(threads[i], &failed), 0);
        assert_null(failed);
        pdpd__generation_leave(&generations, i);
    }
    assert_false(pdpd__generations_sweep(&generations));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_first_is_one, setup, teardown),
        cmocka_unit_test_setup_teardown(test_old_one_lives_while_used, setup,
            teardown),
        cmocka_unit_test_setup_teardown(test_threads, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
