/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include "base/mem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>

/*
 * The allocator, the arena and the vector: contents, alignment, refusal of
 * sizes that overflow, and the failure of every single allocation.
 */

/* Counts what is held; refuses call number fail_at (from 1; 0: none). */
struct counter {
    size_t calls;
    size_t fail_at;
    size_t held;
};

static void *
counter_alloc(void *user, size_t size)
{
    struct counter *counter = user;

    if (++counter->calls == counter->fail_at) {
        return NULL;
    }
    void *ptr = malloc(size);

    assert_non_null(ptr);
    memset(ptr, 0xA5, size);
    counter->held++;
    return ptr;
}

static void
counter_free(void *user, void *ptr)
{
    struct counter *counter = user;

    assert_non_null(ptr);
    counter->held--;
    free(ptr);
}

static pdp_mem_t
counter_mem(struct counter *counter)
{
    return (pdp_mem_t){counter_alloc, counter_free, counter};
}

static void
assert_zero(const void *ptr, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        assert_int_equal(((const unsigned char *)ptr)[i], 0);
    }
}

static void
test_alloc_is_zeroed(void **state)
{
    (void)state;
    struct counter counter = {0};
    pdp_mem_t mem = counter_mem(&counter);
    void *ptr = pdp__mem_alloc(&mem, 1000);

    assert_non_null(ptr);
    assert_zero(ptr, 1000);
    assert_int_equal(counter.held, 1);
    pdp__mem_free(&mem, ptr);
    assert_int_equal(counter.held, 0);
}

static void
test_alloc_of_nothing(void **state)
{
    (void)state;
    pdp_mem_t mem = pdp__mem_default();
    unsigned char *ptr = pdp__mem_alloc(&mem, 0);

    assert_non_null(ptr);
    assert_int_equal(ptr[0], 0);
    pdp__mem_free(&mem, ptr);
    pdp__mem_free(&mem, NULL);
}

static void
test_alloc_fails(void **state)
{
    (void)state;
    struct counter counter = {.fail_at = 1};
    pdp_mem_t mem = counter_mem(&counter);

    assert_null(pdp__mem_alloc(&mem, 8));
    assert_int_equal(counter.held, 0);
}

static void
test_wipe(void **state)
{
    (void)state;
    unsigned char bytes[5] = {1, 2, 3, 4, 5};

    pdp__mem_wipe(bytes + 1, 3);
    assert_int_equal(bytes[0], 1);
    assert_zero(bytes + 1, 3);
    assert_int_equal(bytes[4], 5);
    pdp__mem_wipe(bytes, 0);
    assert_int_equal(bytes[0], 1);
    pdp__mem_wipe(NULL, 0);
}

static void
test_arena_aligned_zeroed_disjoint(void **state)
{
    (void)state;
    static const size_t sizes[] = {0, 1, 7, 8, 15, 16, 17, 100, 4000, 4096,
        4097, 9000, 16384, 16385, 70000, 3};
    struct counter counter = {0};
    pdp_mem_t mem = counter_mem(&counter);
    struct pdp__arena arena;
    unsigned char *ptrs[sizeof(sizes) / sizeof(sizes[0])];

    pdp__arena_init(&arena, &mem);
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        ptrs[i] = pdp__arena_alloc(&arena, sizes[i]);
        assert_non_null(ptrs[i]);
        assert_int_equal((uintptr_t)ptrs[i] % _Alignof(max_align_t), 0);
        assert_zero(ptrs[i], sizes[i]);
        memset(ptrs[i], (int)(i + 1), sizes[i]);
    }
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        for (size_t j = 0; j < sizes[i]; j++) {
            assert_int_equal(ptrs[i][j], i + 1);
        }
    }
    pdp__arena_free(&arena);
    assert_int_equal(counter.held, 0);
}

static void
test_arena_counts(void **state)
{
    (void)state;
    struct counter counter = {0};
    pdp_mem_t mem = counter_mem(&counter);
    struct pdp__arena arena;
    const size_t unit = _Alignof(max_align_t);

    pdp__arena_init(&arena, &mem);
    assert_int_equal(arena.total, 0);
    for (size_t i = 0; i < 16384 / unit; i++) {
        assert_non_null(pdp__arena_alloc(&arena, 1));
    }
    assert_int_equal(arena.total, 16384);
    assert_int_equal(counter.calls, 1);
    assert_non_null(pdp__arena_alloc(&arena, 1));
    assert_int_equal(counter.calls, 2);
    pdp__arena_free(&arena);
    assert_int_equal(arena.total, 0);
    assert_int_equal(counter.held, 0);
}

static void
test_arena_large_keeps_the_head(void **state)
{
    (void)state;
    struct counter counter = {0};
    pdp_mem_t mem = counter_mem(&counter);
    struct pdp__arena arena;

    pdp__arena_init(&arena, &mem);
    unsigned char *a = pdp__arena_alloc(&arena, 16);

    assert_non_null(a);
    assert_non_null(pdp__arena_alloc(&arena, 100000));
    assert_ptr_equal(pdp__arena_alloc(&arena, 16), a + 16);
    assert_int_equal(counter.calls, 2);
    pdp__arena_free(&arena);
    assert_int_equal(counter.held, 0);
}

static void
test_arena_large_first(void **state)
{
    (void)state;
    struct counter counter = {0};
    pdp_mem_t mem = counter_mem(&counter);
    struct pdp__arena arena;

    pdp__arena_init(&arena, &mem);
    unsigned char *large = pdp__arena_alloc(&arena, 4112);
    unsigned char *small = pdp__arena_alloc(&arena, 16);

    assert_non_null(large);
    assert_non_null(small);
    assert_int_equal(counter.calls, 2);
    memset(large, 1, 4112);
    assert_zero(small, 16);
    pdp__arena_free(&arena);
    assert_int_equal(counter.held, 0);
}

static void
test_arena_again_after_free(void **state)
{
    (void)state;
    pdp_mem_t mem = pdp__mem_default();
    struct pdp__arena arena;

    pdp__arena_init(&arena, &mem);
    pdp__arena_free(&arena);
    assert_non_null(pdp__arena_alloc(&arena, 10));
    pdp__arena_free(&arena);
    unsigned char *ptr = pdp__arena_alloc(&arena, 10);

    assert_non_null(ptr);
    assert_zero(ptr, 10);
    pdp__arena_free(&arena);
    pdp__arena_free(&arena);
}

static void
test_arena_sizes_overflow(void **state)
{
    (void)state;
    struct counter counter = {0};
    pdp_mem_t mem = counter_mem(&counter);
    struct pdp__arena arena;

    pdp__arena_init(&arena, &mem);
    assert_non_null(pdp__arena_alloc(&arena, 16));
    assert_null(pdp__arena_alloc(&arena, SIZE_MAX));
    assert_null(pdp__arena_alloc(&arena, SIZE_MAX - 15));
    assert_null(pdp__arena_alloc(&arena, PTRDIFF_MAX));
    assert_null(pdp__arena_alloc(&arena, PTRDIFF_MAX - 16));
    assert_null(pdp__arena_array(&arena, SIZE_MAX / 2, 3));
    assert_null(pdp__arena_array(&arena, 3, SIZE_MAX / 2));
    assert_null(pdp__arena_copy(&arena, (pdp_str_t){"x", SIZE_MAX}).ptr);
    assert_int_equal(counter.calls, 1);
    assert_int_equal(arena.total, 16);
    pdp__arena_free(&arena);
}

static void
test_array(void **state)
{
    (void)state;
    pdp_mem_t mem = pdp__mem_default();
    struct pdp__arena arena;

    pdp__arena_init(&arena, &mem);
    unsigned char *items = pdp__arena_array(&arena, 100, 7);

    assert_non_null(items);
    assert_zero(items, 700);
    assert_non_null(pdp__arena_array(&arena, 0, 7));
    assert_non_null(pdp__arena_array(&arena, 7, 0));
    pdp__arena_free(&arena);
}

static void
test_copy(void **state)
{
    (void)state;
    pdp_mem_t mem = pdp__mem_default();
    struct pdp__arena arena;
    const char text[] = {'a', '\0', 'b'};

    pdp__arena_init(&arena, &mem);
    pdp_str_t copy = pdp__arena_copy(&arena, (pdp_str_t){text, 3});

    assert_int_equal(copy.len, 3);
    assert_memory_equal(copy.ptr, "a\0b\0", 4);
    assert_ptr_not_equal(copy.ptr, text);

    pdp_str_t empty = pdp__arena_copy(&arena, (pdp_str_t){NULL, 0});

    assert_non_null(empty.ptr);
    assert_int_equal(empty.len, 0);
    assert_int_equal(empty.ptr[0], 0);
    pdp__arena_free(&arena);
}

static void
test_vec(void **state)
{
    (void)state;
    pdp_mem_t mem = pdp__mem_default();
    struct pdp__arena arena;
    struct pdp__vec vec = {0};

    pdp__arena_init(&arena, &mem);
    for (uint32_t i = 0; i < 1000; i++) {
        uint32_t *item = pdp__vec_push(&arena, &vec, sizeof(*item));

        assert_non_null(item);
        assert_int_equal(*item, 0);
        *item = i * 3;
    }
    assert_int_equal(vec.cnt, 1000);
    assert_int_equal(vec.cap, 1024);
    for (uint32_t i = 0; i < 1000; i++) {
        assert_int_equal(*PDP__VEC_AT(&vec, uint32_t, i), i * 3);
    }
    pdp__arena_free(&arena);
}

static void
test_vec_full(void **state)
{
    (void)state;
    pdp_mem_t mem = pdp__mem_default();
    struct pdp__arena arena;
    char items[1];
    struct pdp__vec vec = {items, UINT32_MAX, UINT32_MAX};

    pdp__arena_init(&arena, &mem);
    assert_null(pdp__vec_push(&arena, &vec, 1));
    assert_int_equal(vec.cnt, UINT32_MAX);
    pdp__arena_free(&arena);
}

/* One run of everything that allocates; false as soon as a call fails. */
static bool
use_all(struct pdp__arena *arena, struct pdp__vec *vec)
{
    if (pdp__arena_alloc(arena, 100) == NULL ||
        pdp__arena_array(arena, 1000, 9) == NULL ||
        pdp__arena_copy(arena, PDP__LIT("text")).ptr == NULL) {
        return false;
    }
    for (int i = 0; i < 5000; i++) {
        if (pdp__vec_push(arena, vec, 8) == NULL) {
            return false;
        }
    }
    return true;
}

static void
test_every_allocation_fails_once(void **state)
{
    (void)state;
    size_t failures = 0;

    for (size_t n = 1;; n++) {
        struct counter counter = {.fail_at = n};
        pdp_mem_t mem = counter_mem(&counter);
        struct pdp__arena arena;
        struct pdp__vec vec = {0};

        pdp__arena_init(&arena, &mem);
        bool done = use_all(&arena, &vec);

        if (!done) {
            /* A failed push changes nothing, so the next one works. */
            uint32_t cnt = vec.cnt;

            failures++;
            assert_int_equal(counter.calls, n);
            assert_non_null(pdp__vec_push(&arena, &vec, 8));
            assert_int_equal(vec.cnt, cnt + 1);
        }
        pdp__arena_free(&arena);
        assert_int_equal(counter.held, 0);
        if (done) {
            break;
        }
    }
    assert_int_equal(failures, 6);
}

static void
test_copy_without_memory(void **state)
{
    (void)state;
    struct counter counter = {.fail_at = 1};
    pdp_mem_t mem = counter_mem(&counter);
    struct pdp__arena arena;

    pdp__arena_init(&arena, &mem);
    pdp_str_t copy = pdp__arena_copy(&arena, PDP__LIT("text"));

    assert_null(copy.ptr);
    assert_int_equal(copy.len, 0);
    assert_int_equal(arena.total, 0);
    pdp__arena_free(&arena);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_alloc_is_zeroed),
        cmocka_unit_test(test_alloc_of_nothing),
        cmocka_unit_test(test_alloc_fails),
        cmocka_unit_test(test_wipe),
        cmocka_unit_test(test_arena_aligned_zeroed_disjoint),
        cmocka_unit_test(test_arena_counts),
        cmocka_unit_test(test_arena_large_keeps_the_head),
        cmocka_unit_test(test_arena_large_first),
        cmocka_unit_test(test_arena_again_after_free),
        cmocka_unit_test(test_arena_sizes_overflow),
        cmocka_unit_test(test_array),
        cmocka_unit_test(test_copy),
        cmocka_unit_test(test_vec),
        cmocka_unit_test(test_vec_full),
        cmocka_unit_test(test_every_allocation_fails_once),
        cmocka_unit_test(test_copy_without_memory),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
