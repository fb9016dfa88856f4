/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#ifndef PDP__MODEL_PHASH_H
#define PDP__MODEL_PHASH_H

/*
 * A perfect hash: key -> index of the one item that can have this key.
 *
 *     hash   = 64 bits of the key
 *     bucket = upper 24 bits of hash & bucket_mask -> displacement d
 *     slot   = (lower half of hash + d * step(hash)) & slot_mask
 *     slots[slot] = item + 1, or 0
 *
 * One displacement per bucket is found at load so that no two items share a
 * slot ("hash, displace and compress").  A look-up therefore costs two
 * loads, whatever the input, and gives one candidate, whose full key the
 * caller compares: a key outside the set also gives a candidate, or none.
 *
 * The same code serves route edges, hosts, action names, role ids, issuers,
 * key ids, subjects, policy ids and namespaces.
 */

#include "base/str.h"

#define PDP__NONE UINT32_MAX

/* Offsets are in bytes from the start of the block. */
struct pdp__phash {
    uint32_t bucket_off;  /* uint16_t displacements */
    uint32_t slot_off;    /* uint32_t item + 1 */
    uint32_t bucket_mask; /* buckets - 1; a power of two less one */
    uint32_t slot_mask;   /* slots - 1; a power of two less one */
    uint32_t cnt;         /* keys; 0: nothing is ever found */
};

static inline uint32_t
pdp__phash_slot(uint64_t hash, uint32_t displacement, uint32_t slot_mask)
{
    uint32_t low = (uint32_t)hash;
    uint32_t step = (uint32_t)(hash >> 17) | 1u; /* odd: visits all slots */
    return (low + displacement * step) & slot_mask;
}

static inline uint32_t
pdp__phash_bucket(uint64_t hash, uint32_t bucket_mask)
{
    return (uint32_t)(hash >> 40) & bucket_mask;
}

/* The only item that can have a key with this hash, or PDP__NONE. */
static inline uint32_t
pdp__phash_find(const void *base, const struct pdp__phash *table, uint64_t hash)
{
    if (table->cnt == 0) {
        return PDP__NONE;
    }
    const unsigned char *bytes = base;
    const uint16_t *buckets = (const void *)(bytes + table->bucket_off);
    const uint32_t *slots = (const void *)(bytes + table->slot_off);
    uint32_t d = buckets[pdp__phash_bucket(hash, table->bucket_mask)];
    /* An empty slot holds 0: 0 - 1 is PDP__NONE. */
    return slots[pdp__phash_slot(hash, d, table->slot_mask)] - 1u;
}

#endif
