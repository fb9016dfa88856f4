/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
/*
 * The same as test_oom.c, one level lower: most memory of a build comes from
 * an arena, which asks for it in large chunks.  Here each single request to
 * the arena fails, in place of the few that need a new chunk.
 *
 * Linked with --wrap for the functions of base/mem.c named below.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "failing_mem.h"
#include "oom_util.h"

#include "base/mem.h"

/* Requests that still work, as in struct failing_mem. */
static struct failing_mem arena;

static bool
fails(void)
{
    if (arena.left > 0) {
        arena.left--;
        return false;
    }
    arena.failed = true;
    arena.left = arena.once ? SIZE_MAX : 0;
    return true;
}

void *__real_pdp__arena_alloc(struct pdp__arena *from, size_t size);
void *__wrap_pdp__arena_alloc(struct pdp__arena *from, size_t size);
void *__real_pdp__arena_array(struct pdp__arena *from, size_t cnt, size_t size);
void *__wrap_pdp__arena_array(struct pdp__arena *from, size_t cnt, size_t size);
pdp_str_t __real_pdp__arena_copy(struct pdp__arena *from, pdp_str_t text);
pdp_str_t __wrap_pdp__arena_copy(struct pdp__arena *from, pdp_str_t text);
void *__real_pdp__vec_push(struct pdp__arena *from, struct pdp__vec *vec,
    size_t item_size);
void *__wrap_pdp__vec_push(struct pdp__arena *from, struct pdp__vec *vec,
    size_t item_size);

void *
__wrap_pdp__arena_alloc(struct pdp__arena *from, size_t size)
{
    return fails() ? NULL : __real_pdp__arena_alloc(from, size);
}

void *
__wrap_pdp__arena_array(struct pdp__arena *from, size_t cnt, size_t size)
{
    return fails() ? NULL : __real_pdp__arena_array(from, cnt, size);
}

pdp_str_t
__wrap_pdp__arena_copy(struct pdp__arena *from, pdp_str_t text)
{
    return fails() ? (pdp_str_t){NULL, 0} : __real_pdp__arena_copy(from, text);
}

void *
__wrap_pdp__vec_push(struct pdp__arena *from, struct pdp__vec *vec,
    size_t item_size)
{
    return fails() ? NULL : __real_pdp__vec_push(from, vec, item_size);
}

/* Runs with a failure at each request in turn; wanted: the status without
 * one.  way: 0 and 1 documents with errors, without and with a report; 2 the
 * whole run. */
static void
fail_at_each(int way, bool once, pdp_status_t wanted, size_t at_least)
{
    size_t n = 0;

    for (;; n++) {
        struct failing_mem counted = {.left = SIZE_MAX};
        pdp_mem_t mem = failing(&counted);

        arena = (struct failing_mem){.left = n, .once = once};
        pdp_status_t status =
            way == 2 ? run_all(&mem) : build_invalid(&mem, way == 1);
        bool failed = arena.failed;
        arena = (struct failing_mem){.left = SIZE_MAX};
        if (counted.live != 0) {
            fail_msg("%zu blocks lost after failure %zu", counted.live, n);
        }
        if (status != (failed ? PDP_E_NOMEM : wanted)) {
            fail_msg("status %d after failure %zu", status, n);
        }
        if (!failed) {
            break;
        }
    }
    assert_true(n >= at_least);
}

static void
every_request_from_here_on(void **state)
{
    (void)state;
    fail_at_each(2, false, PDP_OK, 500);
}

static void
every_request_once(void **state)
{
    (void)state;
    fail_at_each(2, true, PDP_OK, 500);
}

static void
documents_with_errors(void **state)
{
    (void)state;
    for (int way = 0; way < 2; way++) {
        fail_at_each(way, false, PDP_E_INVALID, 20);
        fail_at_each(way, true, PDP_E_INVALID, 20);
    }
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
        cmocka_unit_test(every_request_from_here_on),
        cmocka_unit_test(every_request_once),
        cmocka_unit_test(documents_with_errors),
    };

    return cmocka_run_group_tests(tests, open_tests, teardown);
}
