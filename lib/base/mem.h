/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#ifndef PDP__BASE_MEM_H
#define PDP__BASE_MEM_H

/*
 * Memory: the only file of the library that calls malloc() and free().
 *
 * The cold side allocates from an arena and frees it as a whole, so there
 * is one thing to free on every error path.  The hot side allocates nothing
 * after pdp_worker_new().
 */

#include "base/str.h"
#include "pdp/base.h"
#include "pdp/status.h"

/* malloc() and free(). */
pdp_mem_t pdp__mem_default(void);

/* size bytes, all zero; NULL if there are none.  size 0 gives 1 byte. */
void *pdp__mem_alloc(const pdp_mem_t *mem, size_t size);

/* NULL is allowed. */
void pdp__mem_free(const pdp_mem_t *mem, void *ptr);

/* Overwrites memory in a way the compiler may not drop. */
void pdp__mem_wipe(void *ptr, size_t len);

struct pdp__arena {
    pdp_mem_t mem;
    struct pdp__chunk *chunks; /* newest first */
    size_t used;               /* bytes used in the newest chunk */
    size_t total;              /* bytes handed out so far */
};

void pdp__arena_init(struct pdp__arena *arena, const pdp_mem_t *mem);

/* size bytes, all zero, aligned for any object; NULL: out of memory. */
void *pdp__arena_alloc(struct pdp__arena *arena, size_t size);

/* cnt items of size bytes; NULL also if the product overflows. */
void *pdp__arena_array(struct pdp__arena *arena, size_t cnt, size_t size);

/* A copy, followed by a NUL that is not counted; ptr NULL: no memory. */
pdp_str_t pdp__arena_copy(struct pdp__arena *arena, pdp_str_t text);

/* Frees everything; the arena may be used again. */
void pdp__arena_free(struct pdp__arena *arena);

/*
 * A growing array in an arena.  Items move when it grows: hold indexes, not
 * pointers, across a push.
 */
struct pdp__vec {
    void *items;
    uint32_t cnt;
    uint32_t cap;
};

/* A new zeroed item of item_size bytes at the end; NULL: no memory. */
void *pdp__vec_push(struct pdp__arena *arena, struct pdp__vec *vec,
    size_t item_size);

/* Item ix of a vector of type. */
#define PDP__VEC_AT(vec, type, ix) (&((type *)(vec)->items)[ix])

#endif
