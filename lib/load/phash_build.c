/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include "load/builder.h"

/*
 * Finding a perfect hash: hash, displace and compress, as drawn in
 * model/phash.h.
 *
 * Keys are thrown into about n/2 buckets; each bucket, the largest first,
 * tries displacements until all its keys fall on free slots:
 *
 *     bucket 7: {a, b, c}   d = 0:  a -> 3  b -> 9  c -> 3   taken
 *                           d = 1:  a -> 5  b -> 1  c -> 8   all free: keep
 *
 * Large buckets are hard to place and go while the table is empty; the many
 * buckets of one key take what is left.  At most four fifths of the slots
 * are used, so a single key needs five tries on average.
 *
 * Bounded and deterministic: displacements end at 65535, a bucket of more
 * than BUCKET_MAX keys is refused (a fair hash does not make one), and so
 * are equal hashes, which no displacement can part.  In small tables two
 * keys may agree in every bit that counts; these get up to three tables,
 * each twice as large as the one before, and then another seed.
 *
 * Cost: expected O(n); 200,000 keys take some 10 ms.
 */

enum { BUCKET_MAX = 64, DISPLACEMENT_MAX = UINT16_MAX, TABLES_MAX = 3 };

/* Keys sorted by bucket, and buckets by falling size. */
struct groups {
    uint32_t *starts; /* of each bucket in `keys`; one more at the end */
    uint32_t *keys;
    uint32_t *order; /* buckets, largest first */
    uint32_t bucket_cnt;
};

static uint32_t
group_size(const struct groups *groups, uint32_t bucket)
{
    return groups->starts[bucket + 1] - groups->starts[bucket];
}

static pdp_status_t
sort_keys(struct pdp__arena *arena, const uint64_t *hashes, uint32_t cnt,
    struct groups *groups)
{
    uint32_t mask = groups->bucket_cnt - 1;
    size_t width = sizeof(uint32_t);
    groups->starts = pdp__arena_array(arena, groups->bucket_cnt + 1u, width);
    groups->keys = pdp__arena_array(arena, cnt, width);
    uint32_t *next = pdp__arena_array(arena, groups->bucket_cnt, width);
    PDP_ENSURE(groups->starts != NULL && groups->keys != NULL && next != NULL,
        PDP_E_NOMEM);
    for (uint32_t i = 0; i < cnt; i++) {
        groups->starts[pdp__phash_bucket(hashes[i], mask) + 1]++;
    }
    for (uint32_t i = 0; i < groups->bucket_cnt; i++) {
        groups->starts[i + 1] += groups->starts[i];
        next[i] = groups->starts[i];
    }
    for (uint32_t i = 0; i < cnt; i++) {
        groups->keys[next[pdp__phash_bucket(hashes[i], mask)]++] = i;
    }
    return PDP_OK;
}

/* Also refuses buckets that are too large. */
static pdp_status_t
sort_buckets(struct pdp__arena *arena, struct groups *groups)
{
    uint32_t at[BUCKET_MAX + 2] = {0};
    groups->order =
        pdp__arena_array(arena, groups->bucket_cnt, sizeof(uint32_t));
    PDP_ENSURE(groups->order != NULL, PDP_E_NOMEM);
    for (uint32_t i = 0; i < groups->bucket_cnt; i++) {
        uint32_t size = group_size(groups, i);
        PDP_ENSURE(size <= BUCKET_MAX, PDP_E_LIMIT);
        at[BUCKET_MAX - size + 1]++;
    }
    for (uint32_t i = 0; i <= BUCKET_MAX; i++) {
        at[i + 1] += at[i];
    }
    for (uint32_t i = 0; i < groups->bucket_cnt; i++) {
        groups->order[at[BUCKET_MAX - group_size(groups, i)]++] = i;
    }
    return PDP_OK;
}

static bool
has_equal(const uint64_t *hashes, const struct groups *groups, uint32_t bucket)
{
    for (uint32_t i = groups->starts[bucket]; i < groups->starts[bucket + 1];
         i++) {
        for (uint32_t j = groups->starts[bucket]; j < i; j++) {
            if (hashes[groups->keys[i]] == hashes[groups->keys[j]]) {
                return true;
            }
        }
    }
    return false;
}

/* Puts the keys of a bucket on their slots; none, if one is taken. */
static bool
try_displacement(const uint64_t *hashes, const struct groups *groups,
    uint32_t bucket, uint32_t displacement, struct pdp__phash_parts *out)
{
    uint32_t first = groups->starts[bucket];
    uint32_t end = groups->starts[bucket + 1];
    uint32_t mask = out->slot_cnt - 1;
    for (uint32_t i = first; i < end; i++) {
        uint32_t key = groups->keys[i];
        uint32_t slot = pdp__phash_slot(hashes[key], displacement, mask);
        if (out->slots[slot] == 0) {
            out->slots[slot] = key + 1;
            continue;
        }
        while (i-- > first) {
            key = groups->keys[i];
            slot = pdp__phash_slot(hashes[key], displacement, mask);
            out->slots[slot] = 0;
        }
        return false;
    }
    return true;
}

static bool
place_bucket(const uint64_t *hashes, const struct groups *groups,
    uint32_t bucket, struct pdp__phash_parts *out)
{
    for (uint32_t d = 0; d <= DISPLACEMENT_MAX; d++) {
        if (try_displacement(hashes, groups, bucket, d, out)) {
            out->buckets[bucket] = (uint16_t)d;
            return true;
        }
    }
    return false;
}

static pdp_status_t
place_all(struct pdp__arena *arena, const uint64_t *hashes,
    const struct groups *groups, struct pdp__phash_parts *out)
{
    out->slots = pdp__arena_array(arena, out->slot_cnt, sizeof(uint32_t));
    PDP_ENSURE(out->slots != NULL, PDP_E_NOMEM);
    for (uint32_t i = 0; i < groups->bucket_cnt; i++) {
        PDP_ENSURE(place_bucket(hashes, groups, groups->order[i], out),
            PDP_E_LIMIT);
    }
    return PDP_OK;
}

pdp_status_t
pdp__phash_build(struct pdp__arena *arena, const uint64_t *hashes, uint32_t cnt,
    struct pdp__phash_parts *out)
{
    struct groups groups = {.bucket_cnt = 1};
    *out = (struct pdp__phash_parts){0};
    if (cnt == 0) {
        return PDP_OK;
    }
    PDP_ENSURE(cnt <= UINT32_MAX / 16, PDP_E_LIMIT);
    out->slot_cnt = 2;
    while ((uint64_t)out->slot_cnt * 4 < (uint64_t)cnt * 5) {
        out->slot_cnt *= 2;
    }
    while (groups.bucket_cnt < cnt / 2) {
        groups.bucket_cnt *= 2;
    }
    PDP_TRY(sort_keys(arena, hashes, cnt, &groups));
    PDP_TRY(sort_buckets(arena, &groups));
    for (uint32_t i = 0; i < groups.bucket_cnt; i++) {
        PDP_ENSURE(!has_equal(hashes, &groups, i), PDP_E_LIMIT);
    }
    out->bucket_cnt = groups.bucket_cnt;
    out->buckets = pdp__arena_array(arena, groups.bucket_cnt, sizeof(uint16_t));
    PDP_ENSURE(out->buckets != NULL, PDP_E_NOMEM);
    pdp_status_t status = place_all(arena, hashes, &groups, out);
    for (uint32_t i = 1; i < TABLES_MAX && status == PDP_E_LIMIT; i++) {
        out->slot_cnt *= 2;
        status = place_all(arena, hashes, &groups, out);
    }
    return status;
}
