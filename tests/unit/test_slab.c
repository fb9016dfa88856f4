/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
/* Bump allocation inside the record of a token. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "decide/slab.h"

enum { HEAD = sizeof(struct pdp__token), ROOM = 256 };

/* A slab with ROOM bytes behind the head, full of rubbish; an exact heap
 * block, for sanitizers to see a byte beyond it. */
static struct pdp__slab
new_slab(void)
{
    struct pdp__slab slab = {malloc(HEAD + ROOM), HEAD + ROOM, 0};

    assert_non_null(slab.base);
    memset(slab.base, 0xA5, slab.cap);
    pdp__slab_reset(&slab);
    return slab;
}

static bool
is_zero(const unsigned char *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (bytes[i] != 0) {
            return false;
        }
    }
    return true;
}

static void
an_empty_record(void **state)
{
    struct pdp__slab slab = new_slab();

    (void)state;
    assert_int_equal(slab.len, HEAD);
    assert_ptr_equal(pdp__slab_token(&slab), slab.base);
    assert_true(is_zero(slab.base, HEAD));
    pdp__slab_token(&slab)->alg = 7;
    assert_int_not_equal(pdp__slab_alloc(&slab, 1, 100), 0);
    pdp__slab_reset(&slab);
    assert_int_equal(slab.len, HEAD);
    assert_int_equal(pdp__slab_token(&slab)->alg, 0);
    free(slab.base);
}

static void
aligned_zeroed_and_apart(void **state)
{
    struct pdp__slab slab = new_slab();
    uint32_t end = HEAD;

    (void)state;
    for (uint32_t size = 1; size <= 16; size++) {
        uint32_t off = pdp__slab_alloc(&slab, 1, size);

        assert_int_not_equal(off, 0);
        assert_int_equal(off % 8, 0);
        assert_true(off >= end && off < end + 8);
        assert_true(is_zero(slab.base + off, size));
        memset(slab.base + off, 0xFF, size);
        end = off + size;
        assert_int_equal(slab.len, end);
    }
    free(slab.base);
}

static void
what_fits(void **state)
{
    struct pdp__slab slab = new_slab();

    (void)state;
    assert_int_equal(HEAD % 8, 0);
    assert_int_equal(pdp__slab_alloc(&slab, 1, ROOM + 1), 0);
    assert_int_equal(pdp__slab_alloc(&slab, ROOM / 8 + 1, 8), 0);
    /* A refusal takes nothing. */
    assert_int_equal(slab.len, HEAD);
    assert_int_equal(pdp__slab_alloc(&slab, ROOM / 8, 8), HEAD);
    assert_int_equal(slab.len, HEAD + ROOM);
    assert_int_equal(pdp__slab_alloc(&slab, 1, 1), 0);
    /* Nothing fits where nothing is left; it has a place all the same. */
    assert_int_equal(pdp__slab_alloc(&slab, 0, 8), HEAD + ROOM);
    assert_int_equal(pdp__slab_alloc(&slab, 8, 0), HEAD + ROOM);
    pdp__slab_reset(&slab);
    assert_int_equal(pdp__slab_alloc(&slab, 1, ROOM - 7), HEAD);
    /* What is left is lost to alignment. */
    assert_int_equal(pdp__slab_alloc(&slab, 1, 1), 0);
    free(slab.base);
}

/* Products and sums that do not fit 32 bits are refused, not wrapped. */
static void
large_products(void **state)
{
    static const uint32_t pairs[][2] = {{65536, 65536}, {UINT32_MAX, 1},
        {1, UINT32_MAX}, {UINT32_MAX, UINT32_MAX}, {0x80000000u, 2},
        {0x20000001u, 8}, {UINT32_MAX - HEAD + 1, 1}};
    struct pdp__slab slab = new_slab();

    (void)state;
    for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
        assert_int_equal(pdp__slab_alloc(&slab, pairs[i][0], pairs[i][1]), 0);
        assert_int_equal(slab.len, HEAD);
    }
    slab.len = UINT32_MAX - 3; /* rounding up does not wrap either */
    assert_int_equal(pdp__slab_alloc(&slab, 0, 1), 0);
    assert_int_equal(slab.len, UINT32_MAX - 3);
    free(slab.base);
}

static void
texts_by_offset(void **state)
{
    struct pdp__slab slab = new_slab();
    uint32_t off = pdp__slab_alloc(&slab, 1, 16);

    (void)state;
    memcpy(slab.base + off, "0123456789abcdef", 16);
    struct pdp__text text =
        pdp__slab_text(&slab, pdp__str((char *)slab.base + off + 4, 6));
    assert_int_equal(text.off, off + 4);
    assert_int_equal(text.len, 6);
    pdp_str_t back = pdp__token_text(pdp__slab_token(&slab), text);
    assert_int_equal(back.len, 6);
    assert_memory_equal(back.ptr, "456789", 6);
    text = pdp__slab_text(&slab, pdp__str((char *)slab.base + off + 16, 0));
    assert_int_equal(text.off, off + 16);
    assert_int_equal(text.len, 0);
    back = pdp__token_text(pdp__slab_token(&slab), (struct pdp__text){0, 9});
    assert_null(back.ptr);
    assert_int_equal(back.len, 0);
    free(slab.base);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_empty_record),
        cmocka_unit_test(aligned_zeroed_and_apart),
        cmocka_unit_test(what_fits),
        cmocka_unit_test(large_products),
        cmocka_unit_test(texts_by_offset),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
