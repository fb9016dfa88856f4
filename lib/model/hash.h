/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#ifndef PDP__MODEL_HASH_H
#define PDP__MODEL_HASH_H

/*
 * Hashing of segments, names and tokens: XXH3, seeded per snapshot.  A hash
 * is only ever a hint; whoever uses one compares the full key after it.
 */

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "base/str.h"

static inline uint64_t
pdp__hash(uint64_t seed, pdp_str_t text)
{
    return XXH3_64bits_withSeed(text.ptr == NULL ? "" : text.ptr, text.len,
        seed);
}

/* The hash of a key that is a string together with a number. */
static inline uint64_t
pdp__hash_pair(uint64_t hash, uint32_t number)
{
    uint64_t x = hash ^ ((uint64_t)number * UINT64_C(0x9E3779B97F4A7C15));
    x = (x ^ (x >> 32)) * UINT64_C(0xD6E8FEB86659FD93);
    return x ^ (x >> 32);
}

#endif
