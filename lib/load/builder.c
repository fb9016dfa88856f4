/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include "load/builder.h"

/*
 * Tables, texts and maps of the snapshot under construction.
 *
 * Texts go into one pool, each once.  The pool stands directly behind the
 * header of the block, so the offset of a text is final the moment it is
 * added.  When the pool grows, its old copy stays in the arena: slices of
 * texts live as long as the arena does.
 *
 * Maps are uthash tables.  A key is a string and a number (PDP__NONE for
 * names that are not local to anything); it is compared in full.  Their
 * memory comes from the arena like everything else here, so freeing the
 * arena is all the cleaning up there is, keys of crypto/ aside.
 *
 * Out of memory is remembered in `failed` rather than returned by each of
 * these small functions: readers check it where a mistake would cost, the
 * loader checks it always.
 *
 * Cost: amortised O(1) for everything here.
 */

struct key {
    uint32_t number;
    pdp_str_t text;
};

static bool
keys_differ(const void *a, const void *b)
{
    const struct key *left = a;
    const struct key *right = b;
    return left->number != right->number ||
           !pdp__str_eq(left->text, right->text);
}

/* What uthash calls: memory from the arena of `b`, in scope wherever an
 * item is added, and keys that are structs with a slice inside. */
#define uthash_malloc(size) pdp__arena_alloc(b->arena, (size))
#define uthash_free(ptr, size) ((void)(ptr))
#define uthash_nonfatal_oom(item) (b->failed = true)
#define HASH_NONFATAL_OOM 1
#define HASH_KEYCMP(a, b, len) keys_differ((a), (b))
#include <uthash.h>

struct entry {
    struct key key;
    uint32_t value;
    UT_hash_handle hh;
};

static unsigned
hash_of(const struct pdp__builder *b, struct key key)
{
    return (unsigned)pdp__hash_pair(pdp__hash(b->seed, key.text), key.number);
}

static struct entry *
find(const struct pdp__builder *b, void *map, struct key key)
{
    struct entry *head = map;
    struct entry *found = NULL;
    unsigned hash = hash_of(b, key);
    HASH_FIND_BYHASHVALUE(hh, head, &key, sizeof(key), hash, found);
    return found;
}

/* Adds a key that is not in the map; its text must live in the arena. */
static bool
add(struct pdp__builder *b, void **map, struct key key, uint32_t value)
{
    struct entry *head = *map;
    struct entry *item = pdp__arena_alloc(b->arena, sizeof(*item));
    if (item == NULL) {
        b->failed = true;
        return false;
    }
    item->key = key;
    item->value = value;
    unsigned hash = hash_of(b, key);
    HASH_ADD_KEYPTR_BYHASHVALUE(hh, head, &item->key, sizeof(item->key), hash,
        item);
    *map = head;
    return !b->failed;
}

static bool
put(struct pdp__builder *b, enum pdp__map map, struct key key, uint32_t value)
{
    if (find(b, b->maps[map], key) != NULL) {
        return false;
    }
    key.text = pdp__arena_copy(b->arena, key.text);
    if (key.text.ptr == NULL) {
        b->failed = true;
        return false;
    }
    return add(b, &b->maps[map], key, value);
}

static uint32_t
get(const struct pdp__builder *b, enum pdp__map map, struct key key)
{
    const struct entry *found = find(b, b->maps[map], key);
    return found == NULL ? PDP__NONE : found->value;
}

bool
pdp__map_put(struct pdp__builder *b, enum pdp__map map, pdp_str_t key,
    uint32_t value)
{
    return put(b, map, (struct key){PDP__NONE, key}, value);
}

uint32_t
pdp__map_get(const struct pdp__builder *b, enum pdp__map map, pdp_str_t key)
{
    return get(b, map, (struct key){PDP__NONE, key});
}

bool
pdp__map_put_in(struct pdp__builder *b, enum pdp__map map, uint32_t number,
    pdp_str_t key, uint32_t value)
{
    return put(b, map, (struct key){number, key}, value);
}

uint32_t
pdp__map_get_in(const struct pdp__builder *b, enum pdp__map map,
    uint32_t number, pdp_str_t key)
{
    return get(b, map, (struct key){number, key});
}

void
pdp__builder_init(struct pdp__builder *b, struct pdp__arena *arena,
    pdp_report_t *report, uint64_t seed)
{
    *b = (struct pdp__builder){
        .arena = arena,
        .report = report,
        .seed = seed,
        .public_group = PDP__NONE,
    };
}

void
pdp__builder_free(struct pdp__builder *b)
{
    for (uint32_t i = 0; i < b->key_cnt; i++) {
        pdp__key_free(b->keys[i]);
    }
    b->keys = NULL;
    b->key_cnt = 0;
    b->key_cap = 0;
}

void *
pdp__builder_push(struct pdp__builder *b, struct pdp__vec *vec,
    size_t item_size, uint32_t *ix)
{
    void *item = pdp__vec_push(b->arena, vec, item_size);
    if (item == NULL) {
        b->failed = true;
        return NULL;
    }
    *ix = vec->cnt - 1;
    return item;
}

/* Makes room for len more bytes of text. */
static bool
reserve(struct pdp__builder *b, size_t len)
{
    struct pdp__vec *pool = &b->strings;
    const uint32_t limit = UINT32_MAX - PDP__STRINGS_OFF;
    if (len > limit - pool->cnt) {
        b->too_large = true;
        return false;
    }
    uint32_t need = pool->cnt + (uint32_t)len;
    if (pool->items != NULL && need <= pool->cap) {
        return true;
    }
    uint32_t cap = pool->cap == 0 ? 4096 : pool->cap;
    while (cap < need) {
        cap = cap > limit / 2 ? limit : cap * 2;
    }
    char *bytes = pdp__arena_alloc(b->arena, cap);
    if (bytes == NULL) {
        b->failed = true;
        return false;
    }
    if (pool->cnt > 0) {
        memcpy(bytes, pool->items, pool->cnt);
    }
    pool->items = bytes;
    pool->cap = cap;
    return true;
}

struct pdp__text
pdp__builder_text(struct pdp__builder *b, pdp_str_t text)
{
    struct pdp__text none = {0, 0};
    if (text.ptr == NULL) {
        return none;
    }
    struct key key = {PDP__NONE, text};
    const struct entry *known = find(b, b->interned, key);
    if (known != NULL) {
        return (struct pdp__text){known->value, (uint32_t)text.len};
    }
    if (!reserve(b, text.len)) {
        return none;
    }
    char *bytes = (char *)b->strings.items + b->strings.cnt;
    if (text.len > 0) {
        memcpy(bytes, text.ptr, text.len);
    }
    uint32_t off = PDP__STRINGS_OFF + b->strings.cnt;
    b->strings.cnt += (uint32_t)text.len;
    key.text.ptr = bytes;
    if (!add(b, &b->interned, key, off)) {
        return none;
    }
    return (struct pdp__text){off, (uint32_t)text.len};
}

pdp_str_t
pdp__builder_str(const struct pdp__builder *b, struct pdp__text text)
{
    if (text.off == 0) {
        return (pdp_str_t){NULL, 0};
    }
    if (text.len == 0) {
        return PDP__LIT("");
    }
    const char *pool = b->strings.items;
    return (pdp_str_t){pool + (text.off - PDP__STRINGS_OFF), text.len};
}

uint32_t
pdp__builder_subject(struct pdp__builder *b, pdp_str_t id)
{
    uint32_t ix = pdp__map_get(b, PDP__MAP_SUBJECT, id);
    if (ix != PDP__NONE) {
        return ix;
    }
    struct pdp__subject *subject = PDP__NEW(b, subjects, ix);
    if (subject == NULL) {
        return PDP__NONE;
    }
    subject->id = pdp__builder_text(b, id);
    return pdp__map_put(b, PDP__MAP_SUBJECT, id, ix) ? ix : PDP__NONE;
}

/* The index of a role id, made if there is none; PDP__NONE: no memory. */
static uint32_t
role_id(struct pdp__builder *b, pdp_str_t id)
{
    uint32_t ix = pdp__map_get(b, PDP__MAP_ROLE_ID, id);
    if (ix != PDP__NONE) {
        return ix;
    }
    struct pdp__role_id *item = PDP__NEW(b, role_ids, ix);
    if (item == NULL) {
        return PDP__NONE;
    }
    item->id = pdp__builder_text(b, id);
    return pdp__map_put(b, PDP__MAP_ROLE_ID, id, ix) ? ix : PDP__NONE;
}

bool
pdp__builder_role_id(struct pdp__builder *b, pdp_str_t id, uint32_t service,
    uint32_t role)
{
    uint32_t known = pdp__builder_role(b, id, service);
    if (known != PDP__NONE) {
        return known == role;
    }
    uint32_t ix = role_id(b, id);
    uint32_t link_ix = 0;
    struct pdp__role_link *link =
        pdp__builder_push(b, &b->role_links, sizeof(*link), &link_ix);
    if (ix == PDP__NONE || link == NULL) {
        return true; /* failed is set; this is no finding */
    }
    *link = (struct pdp__role_link){ix, service, role};
    (void)pdp__map_put_in(b, PDP__MAP_ROLE, service, id, role);
    return true;
}

uint32_t
pdp__builder_role(const struct pdp__builder *b, pdp_str_t id, uint32_t service)
{
    return pdp__map_get_in(b, PDP__MAP_ROLE, service, id);
}

uint32_t
pdp__builder_words(struct pdp__builder *b, uint32_t cnt)
{
    uint32_t first = b->words.cnt;
    for (uint32_t i = 0; i < cnt; i++) {
        uint32_t ix = 0;
        if (PDP__NEW(b, words, ix) == NULL) {
            return PDP__NONE;
        }
    }
    return first;
}

uint32_t
pdp__builder_key(struct pdp__builder *b, struct pdp__key *key)
{
    if (b->key_cnt == b->key_cap) {
        uint32_t cap = b->key_cap == 0 ? 8 : b->key_cap * 2;
        struct pdp__key **keys =
            cap < b->key_cap
                ? NULL
                : pdp__arena_array(b->arena, cap, sizeof(struct pdp__key *));
        if (keys == NULL) {
            b->failed = true;
            pdp__key_free(key);
            return PDP__NONE;
        }
        for (uint32_t i = 0; i < b->key_cnt; i++) {
            keys[i] = b->keys[i];
        }
        b->keys = keys;
        b->key_cap = cap;
    }
    b->keys[b->key_cnt] = key;
    return b->key_cnt++;
}
