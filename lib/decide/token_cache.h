/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#ifndef PDP__DECIDE_TOKEN_CACHE_H
#define PDP__DECIDE_TOKEN_CACHE_H

/*
 * The verified tokens of one worker: fixed size, no allocation after it was
 * made, wiped when an entry is dropped.
 *
 * A set of four places is chosen by a seeded hash over the end of the token
 * (its signature); the hash is only a hint: an entry is used only if every
 * byte of the token is the same.  Nothing but tokens whose signature and
 * claims are good is ever put in, so strangers cannot push entries out.
 * An entry ends at `exp`, or with the worker; a worker is bound to one
 * snapshot, so keys and trust that change end it, too.
 */

#include "decide/token_record.h"

enum {
    PDP__CACHE_WAYS = 4,
    PDP__CACHE_SLOT_SIZE = 16384, /* larger records are not kept */
    PDP__CACHE_DEFAULT = 256,
    PDP__CACHE_MAX = 65536
};

struct pdp__token_cache {
    unsigned char *slots; /* NULL: the cache is off */
    uint64_t *hashes;
    uint64_t *used; /* tick of the last use; 0: empty */
    uint64_t tick;
    uint64_t seed;
    uint64_t hits;   /* of pdp__token_cache_find() */
    uint64_t misses; /* likewise; none while the cache is off */
    uint32_t set_mask;
};

/* Room for at least cnt tokens (rounded up to a power of two, at least
 * four); cnt 0 gives a cache that is off.  PDP_E_NOMEM. */
pdp_status_t pdp__token_cache_init(struct pdp__token_cache *cache,
    const pdp_mem_t *mem, uint32_t cnt, uint64_t seed);
void pdp__token_cache_free(struct pdp__token_cache *cache,
    const pdp_mem_t *mem);

/* The record of exactly this token, or NULL; valid until the next put. */
const struct pdp__token *pdp__token_cache_find(struct pdp__token_cache *cache,
    pdp_str_t token);

/* Keeps a copy of a record, in place of the oldest of its set. */
void pdp__token_cache_put(struct pdp__token_cache *cache,
    const struct pdp__token *token);

/* Drops and wipes the entry of a token, if there is one. */
void pdp__token_cache_drop(struct pdp__token_cache *cache, pdp_str_t token);

#endif
