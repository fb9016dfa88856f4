/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
/* Hashes, and the look-up in a perfect hash whose tables are written by
 * hand: model/hash.h and model/phash.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "model/hash.h"
#include "model/phash.h"

static void
absent_and_empty(void **state)
{
    (void)state;
    assert_true(
        pdp__hash(1, (pdp_str_t){NULL, 0}) == pdp__hash(1, PDP__LIT("")));
    /* XXH3 of nothing, seed 0: of the algorithm's own test vectors. */
    assert_true(pdp__hash(0, PDP__LIT("")) == UINT64_C(0x2D06800538D394C2));
}

static void
seeds_lengths_and_bytes(void **state)
{
    static const char zeros[64];
    uint64_t seen[3 * 65];
    size_t cnt = 0;

    (void)state;
    for (uint64_t seed = 0; seed < 3; seed++) {
        for (size_t len = 0; len <= 64; len++) {
            seen[cnt] = pdp__hash(seed, pdp__str(zeros, len));
            assert_true(seen[cnt] == pdp__hash(seed, pdp__str(zeros, len)));
            for (size_t i = 0; i < cnt; i++) {
                assert_true(seen[i] != seen[cnt]);
            }
            cnt++;
        }
    }
    assert_true(pdp__hash(0, PDP__LIT("ab")) != pdp__hash(0, PDP__LIT("ba")));
}

/* The number changes both halves, which choose bucket and slot. */
static void
pairs(void **state)
{
    uint64_t hash = pdp__hash(7, PDP__LIT("details"));
    uint64_t seen[1000];

    (void)state;
    for (uint32_t n = 0; n < 1000; n++) {
        seen[n] = pdp__hash_pair(hash, n);
        for (uint32_t i = 0; i < n; i++) {
            assert_true(seen[i] != seen[n]);
        }
    }
    assert_true((uint32_t)seen[1] != (uint32_t)seen[2]);
    assert_true(seen[1] >> 40 != seen[2] >> 40);
    assert_true(pdp__hash_pair(hash + 1, 1) != pdp__hash_pair(hash, 1));
}

static void
bucket_and_slot(void **state)
{
    uint64_t hash = UINT64_C(0xABCDEF0000000005);

    (void)state;
    assert_int_equal(pdp__phash_bucket(hash, 0xFF), 0xEF);
    assert_int_equal(pdp__phash_bucket(hash, 0xFFFF), 0xCDEF);
    assert_int_equal(pdp__phash_bucket(hash, 0), 0);
    /* low + d * step; bits 17 .. 48 of this hash, made odd, are the step. */
    uint32_t step = (uint32_t)(hash >> 17) | 1u;
    assert_int_equal(pdp__phash_slot(hash, 0, 0xFFFF), 5);
    assert_int_equal(pdp__phash_slot(hash, 3, 0xFFFF), (5 + 3 * step) & 0xFFFF);
    /* An odd step visits every slot. */
    uint32_t visited = 0;
    for (uint32_t d = 0; d < 16; d++) {
        visited |= 1u << pdp__phash_slot(hash, d, 15);
    }
    assert_int_equal(visited, 0xFFFF);
}

/* Two buckets, four slots, three items. */
struct block {
    uint16_t buckets[2];
    uint32_t slots[4];
};

static void
finding(void **state)
{
    static const struct block block = {{0, 1}, {0, 11, 0, 8}};
    const struct pdp__phash table = {
        .bucket_off = offsetof(struct block, buckets),
        .slot_off = offsetof(struct block, slots),
        .bucket_mask = 1,
        .slot_mask = 3,
        .cnt = 2,
    };
    struct pdp__phash empty = table;
    const uint64_t odd = UINT64_C(1) << 40; /* of bucket 1 */

    (void)state;
    assert_int_equal(pdp__phash_find(&block, &table, 1), 10);
    assert_int_equal(pdp__phash_find(&block, &table, 3), 7);
    assert_int_equal(pdp__phash_find(&block, &table, 5), 10);
    assert_int_equal(pdp__phash_find(&block, &table, 0), PDP__NONE);
    assert_int_equal(pdp__phash_find(&block, &table, 2), PDP__NONE);
    /* Bucket 1 moves on by one step; the step of this hash is 2^23 + 1. */
    assert_int_equal(pdp__phash_find(&block, &table, odd | 0), 10);
    assert_int_equal(pdp__phash_find(&block, &table, odd | 2), 7);
    assert_int_equal(pdp__phash_find(&block, &table, odd | 1), PDP__NONE);
    /* Nothing is read of an empty one, so it needs no arrays. */
    empty.cnt = 0;
    assert_int_equal(pdp__phash_find(NULL, &empty, 1), PDP__NONE);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(absent_and_empty),
        cmocka_unit_test(seeds_lengths_and_bytes),
        cmocka_unit_test(pairs),
        cmocka_unit_test(bucket_and_slot),
        cmocka_unit_test(finding),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
