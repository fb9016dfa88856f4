/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
/* Perfect hashes: every key found, nothing else certain, bounds kept. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "failing_mem.h"
#include "load/builder.h"

enum { KEYS = 200000 };

static uint64_t hashes[KEYS];

static void
make_hashes(uint32_t cnt, uint64_t seed)
{
    for (uint32_t i = 0; i < cnt; i++) {
        char key[24];
        int len = snprintf(key, sizeof(key), "key %u", i);
        hashes[i] = pdp__hash(seed, pdp__str(key, (size_t)len));
    }
}

/* Looks all keys up in parts laid out as a block would. */
static void
check_all(const struct pdp__phash_parts *parts, uint32_t cnt)
{
    for (uint32_t i = 0; i < cnt; i++) {
        uint32_t bucket = pdp__phash_bucket(hashes[i], parts->bucket_cnt - 1);
        uint32_t slot = pdp__phash_slot(hashes[i], parts->buckets[bucket],
            parts->slot_cnt - 1);
        if (parts->slots[slot] != i + 1) {
            fail_msg("key %u of %u", i, cnt);
        }
    }
}

static void
check_build(uint32_t cnt, uint64_t seed)
{
    struct pdp__arena arena;
    struct pdp__phash_parts parts;
    pdp_mem_t mem = pdp__mem_default();
    pdp__arena_init(&arena, &mem);
    make_hashes(cnt, seed);
    assert_int_equal(pdp__phash_build(&arena, hashes, cnt, &parts), PDP_OK);
    assert_int_equal(parts.slot_cnt & (parts.slot_cnt - 1), 0);
    assert_int_equal(parts.bucket_cnt & (parts.bucket_cnt - 1), 0);
    assert_true((uint64_t)parts.slot_cnt * 4 >= (uint64_t)cnt * 5);
    check_all(&parts, cnt);
    uint32_t used = 0;
    for (uint32_t i = 0; i < parts.slot_cnt; i++) {
        used += parts.slots[i] != 0;
    }
    assert_int_equal(used, cnt);
    pdp__arena_free(&arena);
}

static void
test_no_keys(void **state)
{
    struct pdp__arena arena;
    struct pdp__phash_parts parts;
    pdp_mem_t mem = pdp__mem_default();
    (void)state;
    pdp__arena_init(&arena, &mem);
    assert_int_equal(pdp__phash_build(&arena, NULL, 0, &parts), PDP_OK);
    assert_int_equal(parts.slot_cnt, 0);
    assert_int_equal(parts.bucket_cnt, 0);
    assert_null(parts.slots);
    pdp__arena_free(&arena);
}

static void
test_sizes(void **state)
{
    (void)state;
    check_build(1, 1);
    for (uint32_t cnt = 2; cnt < 300; cnt++) {
        /* Of small tables some have no solution; another seed has. */
        struct pdp__arena arena;
        struct pdp__phash_parts parts;
        pdp_mem_t mem = pdp__mem_default();
        pdp_status_t status = PDP_E_LIMIT;
        for (uint64_t seed = 0; seed < 4 && status == PDP_E_LIMIT; seed++) {
            pdp__arena_init(&arena, &mem);
            make_hashes(cnt, seed);
            status = pdp__phash_build(&arena, hashes, cnt, &parts);
            if (status == PDP_OK) {
                check_all(&parts, cnt);
            }
            pdp__arena_free(&arena);
        }
        assert_int_equal(status, PDP_OK);
    }
    check_build(1000, 1);
    check_build(65536, 1);
}

static void
test_many_keys(void **state)
{
    (void)state;
    check_build(KEYS, 1);
    check_build(KEYS, 2);
}

static void
test_same_keys_same_table(void **state)
{
    struct pdp__arena arena;
    struct pdp__phash_parts a;
    struct pdp__phash_parts b;
    pdp_mem_t mem = pdp__mem_default();
    (void)state;
    pdp__arena_init(&arena, &mem);
    make_hashes(5000, 3);
    assert_int_equal(pdp__phash_build(&arena, hashes, 5000, &a), PDP_OK);
    assert_int_equal(pdp__phash_build(&arena, hashes, 5000, &b), PDP_OK);
    assert_memory_equal(a.slots, b.slots, a.slot_cnt * sizeof(*a.slots));
    assert_memory_equal(a.buckets, b.buckets,
        a.bucket_cnt * sizeof(*a.buckets));
    pdp__arena_free(&arena);
}

static void
test_equal_hashes(void **state)
{
    struct pdp__arena arena;
    struct pdp__phash_parts parts;
    pdp_mem_t mem = pdp__mem_default();
    (void)state;
    pdp__arena_init(&arena, &mem);
    make_hashes(1000, 4);
    hashes[999] = hashes[17];
    assert_int_equal(pdp__phash_build(&arena, hashes, 1000, &parts),
        PDP_E_LIMIT);
    pdp__arena_free(&arena);
}

/* Hashes made to share a bucket are refused, and fast. */
static void
test_one_bucket(void **state)
{
    struct pdp__arena arena;
    struct pdp__phash_parts parts;
    pdp_mem_t mem = pdp__mem_default();
    (void)state;
    pdp__arena_init(&arena, &mem);
    for (uint32_t i = 0; i < KEYS; i++) {
        hashes[i] = i;
    }
    assert_int_equal(pdp__phash_build(&arena, hashes, KEYS, &parts),
        PDP_E_LIMIT);
    /* Few enough for one bucket, and equal in every bit that counts. */
    for (uint32_t i = 0; i < 60; i++) {
        hashes[i] = (uint64_t)i << 58;
    }
    assert_int_equal(pdp__phash_build(&arena, hashes, 60, &parts), PDP_E_LIMIT);
    pdp__arena_free(&arena);
}

static void
test_out_of_memory(void **state)
{
    (void)state;
    make_hashes(3000, 5);
    for (size_t n = 0;; n++) {
        struct failing_mem failing_state = {.left = n};
        pdp_mem_t mem = failing(&failing_state);
        struct pdp__arena arena;
        struct pdp__phash_parts parts;
        pdp__arena_init(&arena, &mem);
        pdp_status_t status = pdp__phash_build(&arena, hashes, 3000, &parts);
        pdp__arena_free(&arena);
        assert_int_equal(failing_state.live, 0);
        if (status == PDP_OK) {
            assert_true(n > 2);
            return;
        }
        assert_int_equal(status, PDP_E_NOMEM);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_no_keys),
        cmocka_unit_test(test_sizes),
        cmocka_unit_test(test_many_keys),
        cmocka_unit_test(test_same_keys_same_table),
        cmocka_unit_test(test_equal_hashes),
        cmocka_unit_test(test_one_bucket),
        cmocka_unit_test(test_out_of_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
