/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include "load/restrictions.h"

/*
 * Sets of addresses of one family as spans: sorted, merged, one set taken
 * out of another.
 *
 * Invariant of what comes out: spans are sorted, and between two of them
 * there is an address that is in neither.  So one binary search tells
 * whether an address is in (decide/context.c), and what is excluded costs
 * nothing more.
 *
 * Cost: O(n log n), for at most 1000 spans of each set.
 */

static bool
is_zero(struct pdp__ip_bits bits)
{
    return bits.hi == 0 && bits.lo == 0;
}

/* Not for the highest address there is. */
static struct pdp__ip_bits
after(struct pdp__ip_bits bits)
{
    bits.lo++;
    bits.hi += bits.lo == 0;
    return bits;
}

/* Not for zero. */
static struct pdp__ip_bits
before(struct pdp__ip_bits bits)
{
    bits.hi -= bits.lo == 0;
    bits.lo--;
    return bits;
}

static bool
is_less(const struct pdp__ip_span *a, const struct pdp__ip_span *b)
{
    return pdp__ip_cmp(a->first, b->first) < 0;
}

/* Sinks item `at` of a heap of cnt items. */
static void
sink(struct pdp__ip_span *items, uint32_t at, uint32_t cnt)
{
    for (uint32_t child = 2 * at + 1; child < cnt; child = 2 * at + 1) {
        if (child + 1 < cnt && is_less(&items[child], &items[child + 1])) {
            child++;
        }
        if (!is_less(&items[at], &items[child])) {
            return;
        }
        struct pdp__ip_span swap = items[at];
        items[at] = items[child];
        items[child] = swap;
        at = child;
    }
}

static void
sort(struct pdp__span_list *list)
{
    for (uint32_t i = list->cnt / 2; i > 0; i--) {
        sink(list->items, i - 1, list->cnt);
    }
    for (uint32_t end = list->cnt; end > 1; end--) {
        struct pdp__ip_span swap = list->items[0];
        list->items[0] = list->items[end - 1];
        list->items[end - 1] = swap;
        sink(list->items, 0, end - 1);
    }
}

void
pdp__spans_merge(struct pdp__span_list *list)
{
    uint32_t cnt = 0;

    sort(list);
    for (uint32_t i = 0; i < list->cnt; i++) {
        struct pdp__ip_span next = list->items[i];
        struct pdp__ip_span *last = cnt == 0 ? NULL : &list->items[cnt - 1];
        /* It begins in the last one, or directly behind it. */
        bool touches = last != NULL &&
                       (pdp__ip_cmp(next.first, last->last) <= 0 ||
                           pdp__ip_cmp(before(next.first), last->last) == 0);
        if (!touches) {
            list->items[cnt++] = next;
        } else if (pdp__ip_cmp(next.last, last->last) > 0) {
            last->last = next.last;
        }
    }
    list->cnt = cnt;
}

static void
add(struct pdp__builder *b, struct pdp__ip_bits first, struct pdp__ip_bits last,
    struct pdp__range *out)
{
    uint32_t ix = 0;
    struct pdp__ip_span *item = PDP__NEW(b, zone_spans, ix);

    if (item != NULL) {
        *item = (struct pdp__ip_span){first, last};
        out->cnt++;
    }
}

struct pdp__range
pdp__spans_build(struct pdp__builder *b, const struct pdp__span_list *list,
    const struct pdp__span_list *holes)
{
    struct pdp__range out = {b->zone_spans.cnt, 0};
    uint32_t hole = 0;

    for (uint32_t i = 0; i < list->cnt; i++) {
        struct pdp__ip_bits first = list->items[i].first;
        struct pdp__ip_bits last = list->items[i].last;
        bool left = true;
        while (hole < holes->cnt &&
               pdp__ip_cmp(holes->items[hole].last, first) < 0) {
            hole++;
        }
        /* A hole may reach into the next span, too: it is looked at again. */
        for (uint32_t h = hole; left && h < holes->cnt &&
                                pdp__ip_cmp(holes->items[h].first, last) <= 0;
             h++) {
            const struct pdp__ip_span *out_of = &holes->items[h];
            if (pdp__ip_cmp(out_of->first, first) > 0 &&
                !is_zero(out_of->first)) {
                add(b, first, before(out_of->first), &out);
            }
            left = pdp__ip_cmp(out_of->last, last) < 0;
            if (left) {
                first = after(out_of->last);
            }
        }
        if (left) {
            add(b, first, last, &out);
        }
    }
    return out;
}
