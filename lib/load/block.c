/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include "load/builder.h"

/*
 * Writing the block: from growing tables to one piece of memory.
 *
 *     lists      (subject, policy) pairs and the like become ranges of
 *                `numbers`
 *     role map   one row for each role id, one column for each service
 *     hashes     a perfect hash for every name that is looked up
 *     layout     header, texts, tables, buckets and slots; 8-byte aligned
 *
 * All hashes of a block share its seed.  If one of them has no solution the
 * next seed is tried, SEEDS_MAX in all; small tables fail now and then, 16
 * failures in a row mean equal keys, which the readers report before.
 *
 * Equal input and equal seed give equal bytes: items keep the order they
 * were added in and padding is zero.
 *
 * Cost: linear in the size of the tables.  Nothing of the builder but the
 * key objects is taken over; its arena can be freed at once.
 */

enum { SEEDS_MAX = 16 };

/* Header, offset in it, name of the table that the hash leads to. */
#define HASH_MAP(X)                                                            \
    X(EDGE, edge_hash, edges)                                                  \
    X(HOST, host_hash, hosts)                                                  \
    X(ACTION, action_hash, actions)                                            \
    X(ROLE, role_hash, role_ids)                                               \
    X(ISSUER, issuer_hash, issuers)                                            \
    X(KID, kid_hash, kids)                                                     \
    X(SUBJECT, subject_hash, subjects)                                         \
    X(POLICY, policy_hash, policy_ids)                                         \
    X(OWNER, owner_hash, owner_names)                                          \
    X(TAGGED, tagged_hash, tagged)                                             \
    X(ACCOUNT, account_hash, accounts)                                         \
    X(JTI, jti_hash, revoked_tokens)                                           \
    X(REVOKED, revoked_hash, revoked_subjects)

enum hash_id {
#define X(id, member, table) HASH_##id,
    HASH_MAP(X)
#undef X
        HASH_COUNT
};

struct hashes {
    struct pdp__phash_parts parts[HASH_COUNT];
    uint32_t cnt[HASH_COUNT]; /* keys */
    uint64_t seed;
};

static uint32_t
item_cnt(const struct pdp__builder *b, enum hash_id id)
{
    switch (id) {
#define X(name, member, table)                                                 \
    case HASH_##name:                                                          \
        return b->table.cnt;
        HASH_MAP(X)
#undef X
    case HASH_COUNT:
        break;
    }
    return 0;
}

/* The name of item ix and the number it is hashed with, or PDP__NONE. */
static struct pdp__text
item_key(const struct pdp__builder *b, enum hash_id id, uint32_t ix,
    uint32_t *number)
{
    *number = PDP__NONE;
    switch (id) {
    case HASH_EDGE:
        *number = PDP__ITEM(b, edges, struct pdp__edge, ix)->from;
        return PDP__ITEM(b, edges, struct pdp__edge, ix)->segment;
    case HASH_HOST:
        return PDP__ITEM(b, hosts, struct pdp__host, ix)->host;
    case HASH_ACTION:
        return PDP__ITEM(b, actions, struct pdp__action, ix)->name;
    case HASH_ROLE:
        return PDP__ITEM(b, role_ids, struct pdp__role_id, ix)->id;
    case HASH_ISSUER:
        return PDP__ITEM(b, issuers, struct pdp__issuer, ix)->issuer;
    case HASH_KID:
        *number = PDP__ITEM(b, kids, struct pdp__kid, ix)->issuer;
        return PDP__ITEM(b, kids, struct pdp__kid, ix)->kid;
    case HASH_SUBJECT:
        return PDP__ITEM(b, subjects, struct pdp__subject, ix)->id;
    case HASH_POLICY:
        return PDP__ITEM(b, policy_ids, struct pdp__policy_id, ix)->id;
    case HASH_OWNER:
        return PDP__ITEM(b, owner_names, struct pdp__owner_name, ix)->name;
    case HASH_TAGGED:
        *number = PDP__ITEM(b, tagged, struct pdp__tagged, ix)->region.off;
        return PDP__ITEM(b, tagged, struct pdp__tagged, ix)->name;
    case HASH_ACCOUNT:
        return PDP__ITEM(b, accounts, struct pdp__account, ix)->id;
    case HASH_JTI:
        *number =
            PDP__ITEM(b, revoked_tokens, struct pdp__revoked_token, ix)->issuer;
        return PDP__ITEM(b, revoked_tokens, struct pdp__revoked_token, ix)->jti;
    case HASH_REVOKED:
        *number =
            PDP__ITEM(b, revoked_subjects, struct pdp__revoked_subject, ix)
                ->issuer;
        return PDP__ITEM(b, revoked_subjects, struct pdp__revoked_subject, ix)
            ->id;
    case HASH_COUNT:
        break;
    }
    return (struct pdp__text){0, 0};
}

/* One perfect hash.  Items without a name (keys without kid) stay out. */
static pdp_status_t
build_hash(struct pdp__builder *b, enum hash_id id, struct hashes *out)
{
    uint32_t cnt = item_cnt(b, id);
    uint64_t *hashes = pdp__arena_array(b->arena, cnt, sizeof(*hashes));
    uint32_t *items = pdp__arena_array(b->arena, cnt, sizeof(*items));
    PDP_ENSURE(hashes != NULL && items != NULL, PDP_E_NOMEM);
    uint32_t key_cnt = 0;
    for (uint32_t ix = 0; ix < cnt; ix++) {
        uint32_t number = PDP__NONE;
        struct pdp__text name = item_key(b, id, ix, &number);
        if (name.off == 0) {
            continue;
        }
        uint64_t hash = pdp__hash(out->seed, pdp__builder_str(b, name));
        hashes[key_cnt] =
            number == PDP__NONE ? hash : pdp__hash_pair(hash, number);
        items[key_cnt++] = ix;
    }
    struct pdp__phash_parts *parts = &out->parts[id];
    PDP_TRY(pdp__phash_build(b->arena, hashes, key_cnt, parts));
    for (uint32_t i = 0; i < parts->slot_cnt; i++) {
        if (parts->slots[i] != 0) {
            parts->slots[i] = items[parts->slots[i] - 1] + 1;
        }
    }
    out->cnt[id] = key_cnt;
    return PDP_OK;
}

static pdp_status_t
build_hashes(struct pdp__builder *b, struct hashes *out)
{
    pdp_status_t status = PDP_E_LIMIT;
    for (uint32_t i = 0; i < SEEDS_MAX && status == PDP_E_LIMIT; i++) {
        out->seed = b->seed + i;
        status = PDP_OK;
        for (int id = 0; id < HASH_COUNT && status == PDP_OK; id++) {
            status = build_hash(b, (enum hash_id)id, out);
        }
    }
    return status;
}

/* Appends the second members of the pairs to `numbers`, sorted by the first
 * (counting sort, stable), and sets the ranges; repeated pairs once. */
static pdp_status_t
build_lists(struct pdp__builder *b, const struct pdp__vec *pairs, uint32_t cnt,
    struct pdp__range *ranges)
{
    uint32_t *next = pdp__arena_array(b->arena, cnt + 1u, sizeof(*next));
    uint32_t *sorted = pdp__arena_array(b->arena, pairs->cnt, sizeof(*sorted));
    PDP_ENSURE(next != NULL && sorted != NULL, PDP_E_NOMEM);
    for (uint32_t i = 0; i < pairs->cnt; i++) {
        next[PDP__VEC_AT(pairs, struct pdp__pair, i)->a + 1]++;
    }
    for (uint32_t i = 0; i < cnt; i++) {
        next[i + 1] += next[i];
    }
    for (uint32_t i = 0; i < pairs->cnt; i++) {
        const struct pdp__pair *pair = PDP__VEC_AT(pairs, struct pdp__pair, i);
        sorted[next[pair->a]++] = pair->b;
    }
    uint32_t at = 0;
    for (uint32_t i = 0; i < cnt; i++) {
        uint32_t begin = at;
        ranges[i].first = b->numbers.cnt;
        for (; at < next[i]; at++) {
            uint32_t ix = 0;
            if (at > begin && sorted[at] == sorted[at - 1]) {
                continue;
            }
            uint32_t *number = PDP__NEW(b, numbers, ix);
            PDP_ENSURE(number != NULL, PDP_E_NOMEM);
            *number = sorted[at];
        }
        ranges[i].cnt = b->numbers.cnt - ranges[i].first;
    }
    return PDP_OK;
}

static pdp_status_t
build_subjects(struct pdp__builder *b)
{
    uint32_t cnt = b->subjects.cnt;
    struct pdp__range *ranges =
        pdp__arena_array(b->arena, cnt, sizeof(*ranges));
    PDP_ENSURE(ranges != NULL, PDP_E_NOMEM);
    PDP_TRY(build_lists(b, &b->subject_policies, cnt, ranges));
    for (uint32_t i = 0; i < cnt; i++) {
        PDP__ITEM(b, subjects, struct pdp__subject, i)->policies = ranges[i];
    }
    PDP_TRY(build_lists(b, &b->subject_groups, cnt, ranges));
    for (uint32_t i = 0; i < cnt; i++) {
        PDP__ITEM(b, subjects, struct pdp__subject, i)->groups = ranges[i];
    }
    b->any_subject.first = b->numbers.cnt;
    for (uint32_t i = 0; i < b->any_policies.cnt; i++) {
        uint32_t ix = 0;
        uint32_t *number = PDP__NEW(b, numbers, ix);
        PDP_ENSURE(number != NULL, PDP_E_NOMEM);
        *number = *PDP__VEC_AT(&b->any_policies, uint32_t, i);
    }
    b->any_subject.cnt = b->numbers.cnt - b->any_subject.first;
    return PDP_OK;
}

static pdp_status_t
build_accounts(struct pdp__builder *b)
{
    uint32_t cnt = b->accounts.cnt;
    struct pdp__range *ranges =
        pdp__arena_array(b->arena, cnt, sizeof(*ranges));
    PDP_ENSURE(ranges != NULL, PDP_E_NOMEM);
    PDP_TRY(build_lists(b, &b->account_restrictions, cnt, ranges));
    for (uint32_t i = 0; i < cnt; i++) {
        PDP__ITEM(b, accounts, struct pdp__account, i)->restrictions =
            ranges[i];
    }
    return PDP_OK;
}

static pdp_status_t
build_role_map(struct pdp__builder *b)
{
    uint64_t cnt = (uint64_t)b->role_ids.cnt * b->services.cnt;
    PDP_ENSURE(cnt <= UINT32_MAX, PDP_E_LIMIT);
    uint32_t *items = pdp__arena_array(b->arena, (size_t)cnt, sizeof(*items));
    PDP_ENSURE(items != NULL, PDP_E_NOMEM);
    for (uint32_t i = 0; i < b->role_links.cnt; i++) {
        const struct pdp__role_link *link =
            PDP__VEC_AT(&b->role_links, struct pdp__role_link, i);
        items[link->role_id * b->services.cnt + link->service] = link->role + 1;
    }
    b->role_map = (struct pdp__vec){items, (uint32_t)cnt, (uint32_t)cnt};
    return PDP_OK;
}

/* The next offset of the block, for cnt items of size bytes. */
static uint32_t
lay_out(uint64_t *end, uint32_t cnt, size_t size)
{
    uint64_t off = (*end + 7) / 8 * 8;
    *end = off + (uint64_t)cnt * size;
    return (uint32_t)off; /* the whole is checked before it is used */
}

static struct pdp__phash
lay_out_hash(uint64_t *end, const struct hashes *hashes, enum hash_id id)
{
    const struct pdp__phash_parts *parts = &hashes->parts[id];
    struct pdp__phash hash = {.cnt = hashes->cnt[id]};
    hash.bucket_off = lay_out(end, parts->bucket_cnt, sizeof(uint16_t));
    hash.slot_off = lay_out(end, parts->slot_cnt, sizeof(uint32_t));
    if (hash.cnt > 0) {
        hash.bucket_mask = parts->bucket_cnt - 1;
        hash.slot_mask = parts->slot_cnt - 1;
    }
    return hash;
}

/* The header, and with it the place of everything. */
static pdp_status_t
build_header(const struct pdp__builder *b, const struct hashes *hashes,
    struct pdp__block *header)
{
    uint64_t end = (uint64_t)PDP__STRINGS_OFF + b->strings.cnt;
    memset(header, 0, sizeof(*header)); /* its padding, too */
    header->magic = PDP__BLOCK_MAGIC;
    header->seed = hashes->seed;
    header->strings_len = b->strings.cnt;
    header->any_subject = b->any_subject;
    header->public_group = b->public_group;
    header->directory_complete = b->directory_complete;
    header->directory_owners = b->directory_owners;
    header->directory_tags = b->directory_tags;
#define X(name, type)                                                          \
    header->name.off = lay_out(&end, b->name.cnt, sizeof(type));               \
    header->name.cnt = b->name.cnt;
    PDP__TABLE_MAP(X)
#undef X
#define X(id, member, table)                                                   \
    header->member = lay_out_hash(&end, hashes, HASH_##id);
    HASH_MAP(X)
#undef X
    end = (end + 7) / 8 * 8;
    PDP_ENSURE(end <= UINT32_MAX, PDP_E_LIMIT);
    header->size = (uint32_t)end;
    return PDP_OK;
}

static void
write_items(unsigned char *bytes, uint32_t off, const void *items, uint32_t cnt,
    size_t size)
{
    if (cnt > 0) {
        memcpy(bytes + off, items, cnt * size);
    }
}

static void
write_block(const struct pdp__builder *b, const struct hashes *hashes,
    const struct pdp__block *header, unsigned char *bytes)
{
    memcpy(bytes, header, sizeof(*header));
    write_items(bytes, PDP__STRINGS_OFF, b->strings.items, b->strings.cnt, 1);
#define X(name, type)                                                          \
    write_items(bytes, header->name.off, b->name.items, b->name.cnt,           \
        sizeof(type));
    PDP__TABLE_MAP(X)
#undef X
#define X(id, member, table)                                                   \
    write_items(bytes, header->member.bucket_off,                              \
        hashes->parts[HASH_##id].buckets, hashes->parts[HASH_##id].bucket_cnt, \
        sizeof(uint16_t));                                                     \
    write_items(bytes, header->member.slot_off,                                \
        hashes->parts[HASH_##id].slots, hashes->parts[HASH_##id].slot_cnt,     \
        sizeof(uint32_t));
    HASH_MAP(X)
#undef X
}

/* Memory of the snapshot: the block filled in later, the keys moved last. */
static pdp_snapshot_t *
allocate(const pdp_mem_t *mem, uint32_t size, uint32_t key_cnt)
{
    pdp_snapshot_t *snapshot = pdp__mem_alloc(mem, sizeof(*snapshot));
    if (snapshot == NULL) {
        return NULL;
    }
    atomic_init(&snapshot->refs, 1);
    snapshot->mem = *mem;
    snapshot->block = pdp__mem_alloc(mem, size);
    if (key_cnt > 0) {
        snapshot->keys = pdp__mem_alloc(mem, key_cnt * sizeof(*snapshot->keys));
    }
    if (snapshot->block == NULL || (key_cnt > 0 && snapshot->keys == NULL)) {
        pdp_snapshot_release(snapshot);
        return NULL;
    }
    return snapshot;
}

pdp_status_t
pdp__builder_finish(struct pdp__builder *b, const pdp_mem_t *mem,
    pdp_snapshot_t **out)
{
    struct hashes hashes = {.seed = b->seed};
    struct pdp__block header;
    *out = NULL;
    PDP_ENSURE(!b->failed, PDP_E_NOMEM);
    PDP_ENSURE(!b->too_large, PDP_E_LIMIT);
    PDP_TRY(build_subjects(b));
    PDP_TRY(build_accounts(b));
    PDP_TRY(build_role_map(b));
    PDP_TRY(build_hashes(b, &hashes));
    PDP_TRY(build_header(b, &hashes, &header));
    pdp_snapshot_t *snapshot = allocate(mem, header.size, b->key_cnt);
    PDP_ENSURE(snapshot != NULL, PDP_E_NOMEM);
    write_block(b, &hashes, &header, (unsigned char *)snapshot->block);
    for (uint32_t i = 0; i < b->key_cnt; i++) {
        snapshot->keys[i] = b->keys[i];
    }
    snapshot->key_cnt = b->key_cnt;
    b->key_cnt = 0;
    *out = snapshot;
    return PDP_OK;
}
