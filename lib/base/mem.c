/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include "base/mem.h"

#include <stdlib.h>

/*
 * Memory of the whole library.  The only file that may name malloc() and
 * free(); everything else goes through a pdp_mem_t or an arena.
 *
 * An arena is a list of chunks.  Only the chunk at its head has room:
 *
 *     arena.chunks -> [ head | used ...... free ]   16 KiB, or more
 *                         |
 *                         v
 *                     [ head | full ]  ->  [ head | full ]  ->  NULL
 *
 * A request that is large for a chunk gets one of its own, which is linked
 * behind the head, so that the room left in the head is not lost.
 *
 * Invariants: memory handed out is all zero and aligned for any object; a
 * failed call changes nothing; sizes are checked before they are added or
 * multiplied, since counts come from documents.
 *
 * Cost: one call of the allocator for 16 KiB of small objects.  A vector
 * that grows leaves its old items in the arena, at most as much as it holds.
 *
 * Not here: a limit on the total.  `total` tells it to those who set one.
 */

enum { CHUNK_SIZE = 16 * 1024 };

struct pdp__chunk {
    struct pdp__chunk *next;
    _Alignas(max_align_t) unsigned char bytes[];
};

static void *
default_alloc(void *user, size_t size)
{
    (void)user;
    return malloc(size);
}

static void
default_free(void *user, void *ptr)
{
    (void)user;
    free(ptr);
}

pdp_mem_t
pdp__mem_default(void)
{
    return (pdp_mem_t){default_alloc, default_free, NULL};
}

void *
pdp__mem_alloc(const pdp_mem_t *mem, size_t size)
{
    size_t real = size == 0 ? 1 : size;
    void *ptr = mem->alloc(mem->user, real);

    if (ptr != NULL) {
        memset(ptr, 0, real);
    }
    return ptr;
}

void
pdp__mem_free(const pdp_mem_t *mem, void *ptr)
{
    if (ptr != NULL) {
        mem->free(mem->user, ptr);
    }
}

void
pdp__mem_wipe(void *ptr, size_t len)
{
    if (len > 0) {
        memset(ptr, 0, len);
        /* Claims to read the bytes: the store above is then not dead. */
        __asm__ __volatile__("" : : "r"(ptr) : "memory");
    }
}

void
pdp__arena_init(struct pdp__arena *arena, const pdp_mem_t *mem)
{
    *arena = (struct pdp__arena){.mem = *mem};
}

/* A chunk with room for size bytes; its length is not recorded. */
static struct pdp__chunk *
chunk_new(struct pdp__arena *arena, size_t size)
{
    return pdp__mem_alloc(&arena->mem, sizeof(struct pdp__chunk) + size);
}

void *
pdp__arena_alloc(struct pdp__arena *arena, size_t size)
{
    const size_t unit = _Alignof(max_align_t);

    /* Objects above PTRDIFF_MAX do not exist; below, no sum overflows. */
    const size_t limit = PTRDIFF_MAX - sizeof(struct pdp__chunk) - unit;

    if (size > limit || arena->total > limit - size) {
        return NULL;
    }
    size = size == 0 ? unit : (size + unit - 1) / unit * unit;

    if (size > CHUNK_SIZE / 4) {
        struct pdp__chunk *own = chunk_new(arena, size);

        if (own == NULL) {
            return NULL;
        }
        if (arena->chunks == NULL) {
            /* No head yet: this one is it, and it is full. */
            arena->chunks = own;
            arena->used = CHUNK_SIZE;
        } else {
            own->next = arena->chunks->next;
            arena->chunks->next = own;
        }
        arena->total += size;
        return own->bytes;
    }

    if (arena->chunks == NULL || size > CHUNK_SIZE - arena->used) {
        struct pdp__chunk *head = chunk_new(arena, CHUNK_SIZE);

        if (head == NULL) {
            return NULL;
        }
        head->next = arena->chunks;
        arena->chunks = head;
        arena->used = 0;
    }
    void *ptr = arena->chunks->bytes + arena->used;
    arena->used += size;
    arena->total += size;
    return ptr;
}

void *
pdp__arena_array(struct pdp__arena *arena, size_t cnt, size_t size)
{
    if (size > 0 && cnt > SIZE_MAX / size) {
        return NULL;
    }
    return pdp__arena_alloc(arena, cnt * size);
}

pdp_str_t
pdp__arena_copy(struct pdp__arena *arena, pdp_str_t text)
{
    if (text.len == SIZE_MAX) {
        return (pdp_str_t){NULL, 0};
    }
    char *copy = pdp__arena_alloc(arena, text.len + 1);

    if (copy == NULL) {
        return (pdp_str_t){NULL, 0};
    }
    if (text.len > 0) {
        memcpy(copy, text.ptr, text.len);
    }
    return (pdp_str_t){copy, text.len};
}

void
pdp__arena_free(struct pdp__arena *arena)
{
    struct pdp__chunk *chunk = arena->chunks;

    while (chunk != NULL) {
        struct pdp__chunk *next = chunk->next;

        pdp__mem_free(&arena->mem, chunk);
        chunk = next;
    }
    arena->chunks = NULL;
    arena->used = 0;
    arena->total = 0;
}

void *
pdp__vec_push(struct pdp__arena *arena, struct pdp__vec *vec, size_t item_size)
{
    if (vec->cnt == vec->cap) {
        if (vec->cap > UINT32_MAX / 2) {
            return NULL;
        }
        uint32_t cap = vec->cap == 0 ? 8 : vec->cap * 2;
        void *items = pdp__arena_array(arena, cap, item_size);

        if (items == NULL) {
            return NULL;
        }
        if (vec->cnt > 0) {
            memcpy(items, vec->items, vec->cnt * item_size);
        }
        vec->items = items;
        vec->cap = cap;
    }
    return (unsigned char *)vec->items + vec->cnt++ * item_size;
}
