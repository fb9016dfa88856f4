/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#ifndef PDP_TESTS_FAILING_MEM_H
#define PDP_TESTS_FAILING_MEM_H

/*
 * Memory that fails at the n-th call, and at every one after it unless
 * `once` is set, and that knows what was not given back.
 */

#include <stdlib.h>

#include "pdp/base.h"

struct failing_mem {
    size_t left; /* calls that still work */
    size_t live; /* allocations not freed */
    bool once;   /* fail one call only: the failure must not be forgotten */
    bool failed; /* a call has failed */
};

static inline void *
failing_alloc(void *user, size_t size)
{
    struct failing_mem *mem = user;
    if (mem->left == 0) {
        mem->failed = true;
        mem->left = mem->once ? SIZE_MAX : 0;
        return NULL;
    }
    mem->left--;
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

#endif
