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

uint32_t
pdp__find_host(const struct pdp__block *block, pdp_str_t host)
{
    uint32_t ix =
        pdp__phash_find(block, &block->host_hash, pdp__hash(block->seed, host));
    if (ix == PDP__NONE ||
        !pdp__str_eq(pdp__text(block, pdp__hosts(block)[ix].host), host)) {
        return PDP__NONE;
    }
    return ix;
}

uint32_t
pdp__find_action(const struct pdp__block *block, pdp_str_t name)
{
    uint32_t ix = pdp__phash_find(block, &block->action_hash,
        pdp__hash(block->seed, name));
    if (ix == PDP__NONE ||
        !pdp__str_eq(pdp__text(block, pdp__actions(block)[ix].name), name)) {
        return PDP__NONE;
    }
    return ix;
}

uint32_t
pdp__find_role_id(const struct pdp__block *block, pdp_str_t id)
{
    uint32_t ix =
        pdp__phash_find(block, &block->role_hash, pdp__hash(block->seed, id));
    if (ix == PDP__NONE ||
        !pdp__str_eq(pdp__text(block, pdp__role_ids(block)[ix].id), id)) {
        return PDP__NONE;
    }
    return ix;
}

uint32_t
pdp__find_issuer(const struct pdp__block *block, pdp_str_t issuer)
{
    uint32_t ix = pdp__phash_find(block, &block->issuer_hash,
        pdp__hash(block->seed, issuer));
    if (ix == PDP__NONE ||
        !pdp__str_eq(pdp__text(block, pdp__issuers(block)[ix].issuer),
            issuer)) {
        return PDP__NONE;
    }
    return ix;
}

uint32_t
pdp__find_kid(const struct pdp__block *block, pdp_str_t kid, uint32_t issuer)
{
    uint64_t hash = pdp__hash_pair(pdp__hash(block->seed, kid), issuer);
    uint32_t ix = pdp__phash_find(block, &block->kid_hash, hash);
    if (ix == PDP__NONE) {
        return PDP__NONE;
    }
    const struct pdp__kid *found = &pdp__kids(block)[ix];
    if (found->issuer != issuer ||
        !pdp__str_eq(pdp__text(block, found->kid), kid)) {
        return PDP__NONE;
    }
    return ix;
}

uint32_t
pdp__find_subject(const struct pdp__block *block, pdp_str_t id)
{
    uint32_t ix = pdp__phash_find(block, &block->subject_hash,
        pdp__hash(block->seed, id));
    if (ix == PDP__NONE ||
        !pdp__str_eq(pdp__text(block, pdp__subjects(block)[ix].id), id)) {
        return PDP__NONE;
    }
    return ix;
}

uint32_t
pdp__find_policy_id(const struct pdp__block *block, pdp_str_t id)
{
    uint32_t ix =
        pdp__phash_find(block, &block->policy_hash, pdp__hash(block->seed, id));
    if (ix == PDP__NONE ||
        !pdp__str_eq(pdp__text(block, pdp__policy_ids(block)[ix].id), id)) {
        return PDP__NONE;
    }
    return ix;
}

uint32_t
pdp__find_owner_name(const struct pdp__block *block, pdp_str_t name)
{
    uint32_t ix = pdp__phash_find(block, &block->owner_hash,
        pdp__hash(block->seed, name));
    if (ix == PDP__NONE ||
        !pdp__str_eq(pdp__text(block, pdp__owner_names(block)[ix].name),
            name)) {
        return PDP__NONE;
    }
    return ix;
}

uint32_t
pdp__find_tagged(const struct pdp__block *block, pdp_str_t name,
    uint32_t region)
{
    uint64_t hash = pdp__hash_pair(pdp__hash(block->seed, name), region);
    uint32_t ix = pdp__phash_find(block, &block->tagged_hash, hash);
    if (ix == PDP__NONE) {
        return PDP__NONE;
    }
    const struct pdp__tagged *found = &pdp__tagged(block)[ix];
    if (found->region.off != region ||
        !pdp__str_eq(pdp__text(block, found->name), name)) {
        return PDP__NONE;
    }
    return ix;
}

uint32_t
pdp__find_account(const struct pdp__block *block, pdp_str_t id)
{
    uint32_t ix = pdp__phash_find(block, &block->account_hash,
        pdp__hash(block->seed, id));
    if (ix == PDP__NONE ||
        !pdp__str_eq(pdp__text(block, pdp__accounts(block)[ix].id), id)) {
        return PDP__NONE;
    }
    return ix;
}

uint32_t
pdp__find_revoked_token(const struct pdp__block *block, pdp_str_t jti,
    uint32_t issuer)
{
    uint64_t hash = pdp__hash_pair(pdp__hash(block->seed, jti), issuer);
    uint32_t ix = pdp__phash_find(block, &block->jti_hash, hash);
    if (ix == PDP__NONE) {
        return PDP__NONE;
    }
    const struct pdp__revoked_token *found = &pdp__revoked_tokens(block)[ix];
    if (found->issuer != issuer ||
        !pdp__str_eq(pdp__text(block, found->jti), jti)) {
        return PDP__NONE;
    }
    return ix;
}

uint32_t
pdp__find_revoked_subject(const struct pdp__block *block, pdp_str_t id,
    uint32_t issuer)
{
    uint64_t hash = pdp__hash_pair(pdp__hash(block->seed, id), issuer);
    uint32_t ix = pdp__phash_find(block, &block->revoked_hash, hash);
    if (ix == PDP__NONE) {
        return PDP__NONE;
    }
    const struct pdp__revoked_subject *found =
        &pdp__revoked_subjects(block)[ix];
    if (found->issuer != issuer ||
        !pdp__str_eq(pdp__text(block, found->id), id)) {
        return PDP__NONE;
    }
    return ix;
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
