/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
/*
 * Looking names up in a snapshot, and its life.
 *
 * Every find is the same three steps: hash, one candidate from the perfect
 * hash, comparison of the full name.  The last step is what makes a name
 * outside the set "not found" whatever its hash.
 */

#include "model/snapshot.h"

/* Steps one and two: the only item that can be it, or PDP__NONE. */
static uint32_t
candidate(const struct pdp__block *block, const struct pdp__phash *hash,
    pdp_str_t name)
{
    return pdp__phash_find(block, hash, pdp__hash(block->seed, name));
}

/* The same for a name within something that has a number. */
static uint32_t
candidate_in(const struct pdp__block *block, const struct pdp__phash *hash,
    pdp_str_t name, uint32_t number)
{
    return pdp__phash_find(block, hash,
        pdp__hash_pair(pdp__hash(block->seed, name), number));
}

/* Step three. */
static bool
is_called(const struct pdp__block *block, struct pdp__text text, pdp_str_t name)
{
    return pdp__str_eq(pdp__text(block, text), name);
}

uint32_t
pdp__find_host(const struct pdp__block *block, pdp_str_t host)
{
    uint32_t ix = candidate(block, &block->host_hash, host);
    return ix != PDP__NONE && is_called(block, pdp__hosts(block)[ix].host, host)
               ? ix
               : PDP__NONE;
}

uint32_t
pdp__find_action(const struct pdp__block *block, pdp_str_t name)
{
    uint32_t ix = candidate(block, &block->action_hash, name);
    return ix != PDP__NONE &&
                   is_called(block, pdp__actions(block)[ix].name, name)
               ? ix
               : PDP__NONE;
}

uint32_t
pdp__find_role_id(const struct pdp__block *block, pdp_str_t id)
{
    uint32_t ix = candidate(block, &block->role_hash, id);
    return ix != PDP__NONE && is_called(block, pdp__role_ids(block)[ix].id, id)
               ? ix
               : PDP__NONE;
}

uint32_t
pdp__find_issuer(const struct pdp__block *block, pdp_str_t issuer)
{
    uint32_t ix = candidate(block, &block->issuer_hash, issuer);
    return ix != PDP__NONE &&
                   is_called(block, pdp__issuers(block)[ix].issuer, issuer)
               ? ix
               : PDP__NONE;
}

uint32_t
pdp__find_kid(const struct pdp__block *block, pdp_str_t kid, uint32_t issuer)
{
    uint32_t ix = candidate_in(block, &block->kid_hash, kid, issuer);
    return ix != PDP__NONE && pdp__kids(block)[ix].issuer == issuer &&
                   is_called(block, pdp__kids(block)[ix].kid, kid)
               ? ix
               : PDP__NONE;
}

uint32_t
pdp__find_subject(const struct pdp__block *block, pdp_str_t id)
{
    uint32_t ix = candidate(block, &block->subject_hash, id);
    return ix != PDP__NONE && is_called(block, pdp__subjects(block)[ix].id, id)
               ? ix
               : PDP__NONE;
}

uint32_t
pdp__find_policy_id(const struct pdp__block *block, pdp_str_t id)
{
    uint32_t ix = candidate(block, &block->policy_hash, id);
    return ix != PDP__NONE &&
                   is_called(block, pdp__policy_ids(block)[ix].id, id)
               ? ix
               : PDP__NONE;
}

uint32_t
pdp__find_owner_name(const struct pdp__block *block, pdp_str_t name)
{
    uint32_t ix = candidate(block, &block->owner_hash, name);
    return ix != PDP__NONE &&
                   is_called(block, pdp__owner_names(block)[ix].name, name)
               ? ix
               : PDP__NONE;
}

uint32_t
pdp__find_tagged(const struct pdp__block *block, pdp_str_t name,
    uint32_t region)
{
    uint32_t ix = candidate_in(block, &block->tagged_hash, name, region);
    return ix != PDP__NONE && pdp__tagged(block)[ix].region.off == region &&
                   is_called(block, pdp__tagged(block)[ix].name, name)
               ? ix
               : PDP__NONE;
}

uint32_t
pdp__find_account(const struct pdp__block *block, pdp_str_t id)
{
    uint32_t ix = candidate(block, &block->account_hash, id);
    return ix != PDP__NONE && is_called(block, pdp__accounts(block)[ix].id, id)
               ? ix
               : PDP__NONE;
}

uint32_t
pdp__find_revoked_token(const struct pdp__block *block, pdp_str_t jti,
    uint32_t issuer)
{
    uint32_t ix = candidate_in(block, &block->jti_hash, jti, issuer);
    return ix != PDP__NONE && pdp__revoked_tokens(block)[ix].issuer == issuer &&
                   is_called(block, pdp__revoked_tokens(block)[ix].jti, jti)
               ? ix
               : PDP__NONE;
}

uint32_t
pdp__find_revoked_subject(const struct pdp__block *block, pdp_str_t id,
    uint32_t issuer)
{
    uint32_t ix = candidate_in(block, &block->revoked_hash, id, issuer);
    return ix != PDP__NONE &&
                   pdp__revoked_subjects(block)[ix].issuer == issuer &&
                   is_called(block, pdp__revoked_subjects(block)[ix].id, id)
               ? ix
               : PDP__NONE;
}

uint32_t
pdp__role_of(const struct pdp__block *block, uint32_t role_id, uint32_t service)
{
    /* An empty slot holds 0: 0 - 1 is PDP__NONE. */
    return pdp__role_map(block)[role_id * block->services.cnt + service] - 1u;
}

pdp_snapshot_t *
pdp_snapshot_retain(pdp_snapshot_t *snapshot)
{
    atomic_fetch_add_explicit(&snapshot->refs, 1, memory_order_relaxed);
    return snapshot;
}

void
pdp_snapshot_release(pdp_snapshot_t *snapshot)
{
    if (snapshot == NULL || atomic_fetch_sub_explicit(&snapshot->refs, 1,
                                memory_order_acq_rel) != 1) {
        return;
    }
    pdp_mem_t mem = snapshot->mem;
    for (uint32_t i = 0; i < snapshot->key_cnt; i++) {
        pdp__key_free(snapshot->keys[i]);
    }
    pdp__mem_free(&mem, snapshot->keys);
    pdp__mem_free(&mem, snapshot->block);
    pdp__mem_free(&mem, snapshot);
}
