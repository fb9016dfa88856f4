/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#ifndef PDP_TESTS_FAILING_ARENA_H
#define PDP_TESTS_FAILING_ARENA_H

/*
 * Requests to an arena that fail, as struct failing_mem says: each, not only
 * the few that need a new chunk.  For one source of a program, which is linked
 * with --wrap for the functions of base/mem.c named below.
 */

#include "failing_mem.h"

#include "base/mem.h"

/* Requests that still work, as in struct failing_mem. */
static struct failing_mem arena;

static bool
fails(void)
{
    return failing_now(&arena);
}

void *__real_pdp__arena_alloc(struct pdp__arena *from, size_t size);
void *__wrap_pdp__arena_alloc(struct pdp__arena *from, size_t size);
void *__real_pdp__arena_array(struct pdp__arena *from, size_t cnt, size_t size);
void *__wrap_pdp__arena_array(struct pdp__arena *from, size_t cnt, size_t size);
pdp_str_t __real_pdp__arena_copy(struct pdp__arena *from, pdp_str_t text);
pdp_str_t __wrap_pdp__arena_copy(struct pdp__arena *from, pdp_str_t text);
void *__real_pdp__vec_push(struct pdp__arena *from, struct pdp__vec *vec,
    size_t item_size);
void *__wrap_pdp__vec_push(struct pdp__arena *from, struct pdp__vec *vec,
    size_t item_size);

void *
__wrap_pdp__arena_alloc(struct pdp__arena *from, size_t size)
{
    return fails() ? NULL : __real_pdp__arena_alloc(from, size);
}

void *
__wrap_pdp__arena_array(struct pdp__arena *from, size_t cnt, size_t size)
{
    return fails() ? NULL : __real_pdp__arena_array(from, cnt, size);
}

pdp_str_t
__wrap_pdp__arena_copy(struct pdp__arena *from, pdp_str_t text)
{
    return fails() ? (pdp_str_t){NULL, 0} : __real_pdp__arena_copy(from, text);
}

void *
__wrap_pdp__vec_push(struct pdp__arena *from, struct pdp__vec *vec,
    size_t item_size)
{
    return fails() ? NULL : __real_pdp__vec_push(from, vec, item_size);
}

#endif
