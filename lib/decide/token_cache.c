/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
/*
 * The cache of verified tokens; token_cache.h says what it promises.
 */

#include "decide/token_cache.h"

/* Bytes at the end of a token that are hashed: of an RS256 signature these
 * are 192 bits that nobody but the issuer can choose. */
enum { HASHED = 32 };

static uint64_t
token_hash(const struct pdp__token_cache *cache, pdp_str_t token)
{
    size_t skip = token.len > HASHED ? token.len - HASHED : 0;

    return pdp__hash(cache->seed ^ token.len, pdp__str_from(token, skip));
}

static struct pdp__token *
slot_at(const struct pdp__token_cache *cache, uint32_t ix)
{
    return (void *)(cache->slots + (size_t)ix * PDP__CACHE_SLOT_SIZE);
}

static void
drop_slot(struct pdp__token_cache *cache, uint32_t ix)
{
    struct pdp__token *token = slot_at(cache, ix);

    pdp__mem_wipe(token, token->size);
    cache->hashes[ix] = 0;
    cache->used[ix] = 0;
}

/* The place that holds exactly this token, or PDP__NONE. */
static uint32_t
find_slot(const struct pdp__token_cache *cache, pdp_str_t token, uint64_t hash)
{
    uint32_t first = ((uint32_t)hash & cache->set_mask) * PDP__CACHE_WAYS;

    for (uint32_t ix = first; ix < first + PDP__CACHE_WAYS; ix++) {
        if (cache->used[ix] == 0 || cache->hashes[ix] != hash) {
            continue;
        }
        const struct pdp__token *entry = slot_at(cache, ix);
        if (pdp__str_eq(pdp__token_text(entry, entry->text), token)) {
            return ix;
        }
    }
    return PDP__NONE;
}

pdp_status_t
pdp__token_cache_init(struct pdp__token_cache *cache, const pdp_mem_t *mem,
    uint32_t cnt, uint64_t seed)
{
    uint32_t sets = 1;

    *cache = (struct pdp__token_cache){0};
    if (cnt == 0) {
        return PDP_OK;
    }
    while (sets * PDP__CACHE_WAYS < cnt) {
        sets *= 2;
    }
    size_t places = (size_t)sets * PDP__CACHE_WAYS;
    cache->seed = seed;
    cache->set_mask = sets - 1;
    cache->slots = pdp__mem_alloc(mem, places * PDP__CACHE_SLOT_SIZE);
    cache->hashes = pdp__mem_alloc(mem, places * sizeof(uint64_t));
    cache->used = pdp__mem_alloc(mem, places * sizeof(uint64_t));
    if (cache->slots == NULL || cache->hashes == NULL || cache->used == NULL) {
        pdp__token_cache_free(cache, mem);
        return PDP_E_NOMEM;
    }
    return PDP_OK;
}

void
pdp__token_cache_free(struct pdp__token_cache *cache, const pdp_mem_t *mem)
{
    /* Where one of the three is missing no place was ever used. */
    if (cache->used != NULL) {
        uint32_t places = (cache->set_mask + 1) * PDP__CACHE_WAYS;
        for (uint32_t ix = 0; ix < places; ix++) {
            if (cache->used[ix] != 0) {
                drop_slot(cache, ix);
            }
        }
    }
    pdp__mem_free(mem, cache->slots);
    pdp__mem_free(mem, cache->hashes);
    pdp__mem_free(mem, cache->used);
    *cache = (struct pdp__token_cache){0};
}

const struct pdp__token *
pdp__token_cache_find(struct pdp__token_cache *cache, pdp_str_t token)
{
    if (cache->slots == NULL) {
        return NULL;
    }
    uint32_t ix = find_slot(cache, token, token_hash(cache, token));
    if (ix == PDP__NONE) {
        cache->misses++;
        return NULL;
    }
    cache->hits++;
    cache->used[ix] = ++cache->tick;
    return slot_at(cache, ix);
}

void
pdp__token_cache_put(struct pdp__token_cache *cache,
    const struct pdp__token *token)
{
    if (cache->slots == NULL || token->size > PDP__CACHE_SLOT_SIZE) {
        return;
    }
    uint64_t hash = token_hash(cache, pdp__token_text(token, token->text));
    uint32_t first = ((uint32_t)hash & cache->set_mask) * PDP__CACHE_WAYS;
    uint32_t victim = first;
    for (uint32_t ix = first; ix < first + PDP__CACHE_WAYS; ix++) {
        if (cache->used[ix] < cache->used[victim]) {
            victim = ix;
        }
    }
    if (cache->used[victim] != 0) {
        drop_slot(cache, victim);
    }
    memcpy(slot_at(cache, victim), token, token->size);
    cache->hashes[victim] = hash;
    cache->used[victim] = ++cache->tick;
}

void
pdp__token_cache_drop(struct pdp__token_cache *cache, pdp_str_t token)
{
    if (cache->slots == NULL) {
        return;
    }
    uint32_t ix = find_slot(cache, token, token_hash(cache, token));
    if (ix != PDP__NONE) {
        drop_slot(cache, ix);
    }
}
