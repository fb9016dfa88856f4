/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#ifndef PDP_TESTS_FAILING_MEM_H
#define PDP_TESTS_FAILING_MEM_H

/*
 * Memory that fails at the n-th call, and at every one after it unless
 * `once` is set; or at every n-th call; and that knows what was not given
 * back.
 */

#include <stdlib.h>

#include "pdp/base.h"

struct failing_mem {
    size_t left;  /* calls that still work */
    size_t live;  /* allocations not freed */
    bool once;    /* fail one call only: the failure must not be forgotten */
    bool failed;  /* a call has failed */
    size_t every; /* not 0: only each call whose number is a multiple fails */
    size_t calls;
};

/* Counts a call; true if it is one that fails. */
static inline bool
failing_now(struct failing_mem *mem)
{
    mem->calls++;
    if (mem->every != 0 ? mem->calls % mem->every != 0 : mem->left > 0) {
        mem->left -= mem->every == 0;
        return false;
    }
    mem->failed = true;
    mem->left = mem->once ? SIZE_MAX : 0;
    return true;
}

static inline void *
failing_alloc(void *user, size_t size)
{
    struct failing_mem *mem = user;

    if (failing_now(mem)) {
        return NULL;
    }
    void *ptr = malloc(size);
    mem->live += ptr != NULL;
    return ptr;
}

static inline void
failing_free(void *user, void *ptr)
{
    struct failing_mem *mem = user;
    mem->live--;
    free(ptr);
}

static inline pdp_mem_t
failing(struct failing_mem *mem)
{
    return (pdp_mem_t){failing_alloc, failing_free, mem};
}

/* The three ways to fail: from the n-th call on, the n-th only, every n-th;
 * n from 1. */
enum { FAILING_WAYS = 3 };

static inline struct failing_mem
failing_way(int way, size_t n)
{
    return (struct failing_mem){.left = n - 1,
        .once = way == 1,
        .every = way == 2 ? n : 0};
}

#endif
