/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include "text/suggest.h"

#include "base/never.h"

/*
 * The nearest candidate by edit distance with swaps of neighbours (the
 * "optimal string alignment" form: no part is edited twice), which counts
 * the four slips people make when typing as one each.
 *
 * Used for diagnostics of the cold side only, never for a decision: a
 * misspelt name is refused, whatever it resembles.
 *
 * Cost: 64 x 64 steps a candidate at most, on three rows of 65 bytes; a
 * candidate whose length differs too much is passed over.
 */

enum { NAME_MAX = 64 };

/* Most edits at which a candidate is still worth naming. */
static size_t
edits_max(size_t len)
{
    size_t max = len <= 4 ? 1 : len <= 8 ? 2 : 3;
    return len <= max ? len - 1 : max; /* something of it must be left */
}

static size_t
smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

static bool
same(pdp_str_t a, size_t i, pdp_str_t b, size_t j)
{
    return pdp__lower(a.ptr[i]) == pdp__lower(b.ptr[j]);
}

/* Edit distance; both are of 1 to NAME_MAX bytes. */
static size_t
distance(pdp_str_t a, pdp_str_t b)
{
    uint8_t rows[3][NAME_MAX + 1]; /* of i - 2, i - 1 and i, rotating */
    for (size_t j = 0; j <= b.len; j++) {
        rows[0][j] = (uint8_t)j;
        rows[1][j] = 0;
        rows[2][j] = 0;
    }
    for (size_t i = 1; i <= a.len; i++) {
        const uint8_t *before = rows[(i + 1) % 3];
        const uint8_t *last = rows[(i + 2) % 3];
        uint8_t *row = rows[i % 3];
        row[0] = (uint8_t)i;
        for (size_t j = 1; j <= b.len; j++) {
            size_t best = last[j - 1] + (same(a, i - 1, b, j - 1) ? 0U : 1U);
            best = smaller(best, last[j] + 1U);
            best = smaller(best, row[j - 1] + 1U);
            if (i > 1 && j > 1 && same(a, i - 1, b, j - 2) &&
                same(a, i - 2, b, j - 1)) {
                best = smaller(best, before[j - 2] + 1U);
            }
            row[j] = (uint8_t)best;
        }
    }
    return rows[a.len % 3][b.len];
}

int
pdp__suggest(pdp_str_t name, const pdp_str_t *candidates, size_t cnt)
{
    if (name.len == 0 || name.len > NAME_MAX || PDP_NEVER(cnt > INT32_MAX)) {
        return -1;
    }
    int found = -1;
    size_t limit = edits_max(name.len) + 1; /* fewer edits than this */
    for (size_t i = 0; i < cnt && limit > 0; i++) {
        pdp_str_t candidate = candidates[i];
        if (candidate.len == 0 || candidate.len > NAME_MAX ||
            candidate.len + limit <= name.len ||
            name.len + limit <= candidate.len) {
            continue;
        }
        size_t edits = distance(name, candidate);
        if (edits < limit) {
            found = (int)i;
            limit = edits;
        }
    }
    return found;
}
