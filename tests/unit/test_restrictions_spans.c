/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "read_util.h"

#include "load/restrictions.h"

/* Sets of addresses: merged, and one taken out of another, against a slow
 * way that looks at each address of a small world. */

enum { WORLD = 64 };

static struct pdp__span_list list;
static struct pdp__span_list holes;

static void
put(struct pdp__span_list *to, uint64_t first, uint64_t last)
{
    to->items[to->cnt++] = (struct pdp__ip_span){{0, first}, {0, last}};
}

static const struct pdp__ip_span *
span_at(const struct bench *bench, struct pdp__range range, uint32_t ix)
{
    assert_true(ix < range.cnt);
    return PDP__ITEM(&bench->b, zone_spans, struct pdp__ip_span,
        range.first + ix);
}

static void
test_merge(void **state)
{
    (void)state;
    list.cnt = 0;
    put(&list, 20, 30);
    put(&list, 5, 6);
    put(&list, 7, 9); /* directly behind 5-6 */
    put(&list, 25, 40);
    put(&list, 22, 23); /* inside */
    put(&list, 11, 11);
    pdp__spans_merge(&list);
    assert_int_equal(list.cnt, 3);
    assert_int_equal(list.items[0].first.lo, 5);
    assert_int_equal(list.items[0].last.lo, 9);
    assert_int_equal(list.items[1].first.lo, 11);
    assert_int_equal(list.items[1].last.lo, 11);
    assert_int_equal(list.items[2].first.lo, 20);
    assert_int_equal(list.items[2].last.lo, 40);
}

/* The halves of 128 bits carry; the ends of the world do not wrap. */
static void
test_ends(void **state)
{
    (void)state;
    const struct pdp__ip_bits zero = {0, 0};
    const struct pdp__ip_bits top = {UINT64_MAX, UINT64_MAX};
    struct bench bench;

    bench_init(&bench);
    list.cnt = 2;
    list.items[0] = (struct pdp__ip_span){{1, 0}, top};
    list.items[1] = (struct pdp__ip_span){zero, {0, UINT64_MAX}};
    pdp__spans_merge(&list);
    assert_int_equal(list.cnt, 1);
    holes.cnt = 0;
    struct pdp__range range = pdp__spans_build(&bench.b, &list, &holes);
    assert_int_equal(range.cnt, 1);
    assert_int_equal(pdp__ip_cmp(span_at(&bench, range, 0)->last, top), 0);
    holes.cnt = 1;
    holes.items[0] = list.items[0];
    range = pdp__spans_build(&bench.b, &list, &holes);
    assert_int_equal(range.cnt, 0);
    holes.items[0] = (struct pdp__ip_span){{1, 0}, {1, 0}};
    range = pdp__spans_build(&bench.b, &list, &holes);
    assert_int_equal(range.cnt, 2);
    assert_int_equal(span_at(&bench, range, 0)->last.hi, 0);
    assert_true(span_at(&bench, range, 0)->last.lo == UINT64_MAX);
    assert_int_equal(span_at(&bench, range, 1)->first.hi, 1);
    assert_int_equal(span_at(&bench, range, 1)->first.lo, 1);
    holes.items[0] = (struct pdp__ip_span){zero, zero};
    range = pdp__spans_build(&bench.b, &list, &holes);
    assert_int_equal(range.cnt, 1);
    assert_int_equal(span_at(&bench, range, 0)->first.lo, 1);
    holes.items[0] = (struct pdp__ip_span){top, top};
    range = pdp__spans_build(&bench.b, &list, &holes);
    assert_int_equal(range.cnt, 1);
    assert_true(span_at(&bench, range, 0)->last.lo == UINT64_MAX - 1);
    bench_free(&bench);
}

static uint32_t
next(uint32_t *seed)
{
    *seed = *seed * 1664525u + 1013904223u;
    return *seed >> 8;
}

static void
fill(struct pdp__span_list *to, bool world[static WORLD], uint32_t *seed)
{
    uint32_t cnt = next(seed) % 8;

    to->cnt = 0;
    memset(world, 0, WORLD);
    for (uint32_t i = 0; i < cnt; i++) {
        uint32_t first = next(seed) % WORLD;
        uint32_t last = first + next(seed) % (WORLD - first);
        last = next(seed) % 3 == 0 ? first : last;
        put(to, first, last);
        for (uint32_t k = first; k <= last; k++) {
            world[k] = true;
        }
    }
    pdp__spans_merge(to);
}

static void
test_random(void **state)
{
    (void)state;
    uint32_t seed = 1;
    struct bench bench;

    bench_init(&bench);
    for (int round = 0; round < 5000; round++) {
        bool in[WORLD];
        bool out[WORLD];
        bool got[WORLD] = {false};
        fill(&list, in, &seed);
        fill(&holes, out, &seed);
        bench.b.zone_spans.cnt = 0;
        struct pdp__range range = pdp__spans_build(&bench.b, &list, &holes);
        for (uint32_t i = 0; i < range.cnt; i++) {
            const struct pdp__ip_span *span = span_at(&bench, range, i);
            assert_true(span->first.lo <= span->last.lo);
            /* Something lies between two of them. */
            assert_true(i == 0 || span_at(&bench, range, i - 1)->last.lo + 1 <
                                      span->first.lo);
            for (uint64_t k = span->first.lo; k <= span->last.lo; k++) {
                got[k] = true;
            }
        }
        for (uint32_t k = 0; k < WORLD; k++) {
            assert_int_equal(got[k], in[k] && !out[k]);
        }
    }
    bench_free(&bench);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_merge),
        cmocka_unit_test(test_ends),
        cmocka_unit_test(test_random),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
