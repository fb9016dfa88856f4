/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include "text/json_read.h"

/*
 * Member names that occur twice in one object.  Of two members `sub`, one
 * reader takes the first and another the last (RFC 8259 4); who signed the
 * text and who acts on it must not differ in that (RFC 7515 4, RFC 7519 4).
 * Names are compared as decoded, so "\u0061" and "a" are one.
 *
 * Small objects use a 64-bit set of hashes: names are compared only when
 * two hashes meet.  Larger ones are merge-sorted, their members chained
 * through `aux`, without memory of its own: O(n log n) also for a sender who
 * chooses the names, where comparing each with each would let one text of
 * 100 kB cost seconds.
 */

enum {
    SMALL_OBJECT = 32, /* members; above that, sort */
    MERGE_BINS = 32    /* sorted runs of 2^i members: any uint32 count */
};

/* The members of one object: first, nodes[first].end, ... below end. */
struct members {
    const char *text;
    struct pdp__json *nodes;
    uint32_t first;
    uint32_t end;
};

/* Order of member names that is quick to tell, not alphabetical. */
static int
compare_keys(const struct members *m, uint32_t a, uint32_t b)
{
    const struct pdp__json *left = &m->nodes[a];
    const struct pdp__json *right = &m->nodes[b];
    if (left->key_len != right->key_len) {
        return left->key_len < right->key_len ? -1 : 1;
    }
    return memcmp(m->text + left->key_off, m->text + right->key_off,
        left->key_len);
}

/* One of 64 values of a name. */
static uint32_t
key_hash(const struct members *m, const struct pdp__json *node)
{
    uint32_t len = node->key_len;
    if (len == 0) {
        return 0;
    }
    const unsigned char *key = (const unsigned char *)m->text + node->key_off;
    uint32_t mix = len << 24 ^ (uint32_t)key[0] << 16 ^
                   (uint32_t)key[len / 2] << 8 ^ key[len - 1];
    return mix * UINT32_C(2654435761) >> 26;
}

/* The first member whose name came before, or 0; for few. */
static uint32_t
find_duplicate_small(const struct members *m)
{
    uint64_t seen = 0;
    for (uint32_t child = m->first; child < m->end;
         child = m->nodes[child].end) {
        uint64_t bit = UINT64_C(1) << key_hash(m, &m->nodes[child]);
        if ((seen & bit) != 0) {
            for (uint32_t other = m->first; other < child;
                 other = m->nodes[other].end) {
                if (compare_keys(m, other, child) == 0) {
                    return child;
                }
            }
        }
        seen |= bit;
    }
    return 0;
}

/* Merges two sorted chains; of equals, those of the first come first. */
static uint32_t
merge(const struct members *m, uint32_t a, uint32_t b)
{
    uint32_t head = 0;
    uint32_t *tail = &head;
    while (a != 0 && b != 0) {
        uint32_t *from = compare_keys(m, a, b) <= 0 ? &a : &b;
        *tail = *from;
        tail = &m->nodes[*from].aux;
        *from = *tail;
    }
    *tail = a != 0 ? a : b;
    return head;
}

/* Chains the members by name; equals in document order. */
static uint32_t
sort_members(const struct members *m)
{
    uint32_t bins[MERGE_BINS] = {0};
    uint32_t child = m->first;
    while (child < m->end) {
        uint32_t next = m->nodes[child].end;
        uint32_t run = child;
        m->nodes[run].aux = 0;
        size_t i = 0;
        while (bins[i] != 0) {
            run = merge(m, bins[i], run);
            bins[i++] = 0;
        }
        bins[i] = run;
        child = next;
    }
    uint32_t all = 0;
    for (size_t i = 0; i < MERGE_BINS; i++) {
        all = merge(m, bins[i], all);
    }
    return all;
}

/* The same as find_duplicate_small(), for any number of members. */
static uint32_t
find_duplicate_sorted(const struct members *m)
{
    uint32_t found = 0;
    uint32_t last = sort_members(m);
    while (last != 0) {
        uint32_t next = m->nodes[last].aux;
        if (next != 0 && (found == 0 || next < found) &&
            compare_keys(m, last, next) == 0) {
            found = next;
        }
        last = next;
    }
    return found;
}

uint32_t
pdp__json_duplicate(const char *text, struct pdp__json *nodes, uint32_t ix)
{
    const struct members m = {text, nodes, ix + 1, nodes[ix].end};
    if (nodes[ix].cnt <= SMALL_OBJECT) {
        return find_duplicate_small(&m);
    }
    return find_duplicate_sorted(&m);
}
