/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#ifndef PDP_TESTS_SCARCE_CRYPTO_H
#define PDP_TESTS_SCARCE_CRYPTO_H

/*
 * Memory of libcrypto that fails as planned, and is counted.  For programs
 * with one thread that call scarce_wrap() before anything of libcrypto.
 */

#include <stdbool.h>
#include <stdlib.h>

#include <openssl/crypto.h>

/* Which allocations fail, of those that come from n. */
enum scarcity {
    ONCE,    /* the n-th */
    ONWARDS, /* the n-th and all later ones */
    EVERY,   /* the n-th, the 2n-th, the 3n-th, ... */
    SCARCITIES
};

static struct {
    bool on;
    enum scarcity how;
    size_t n;
    size_t calls;
    bool failed;
    size_t live; /* blocks that were not given back */
} scarce;

static inline void
scarce_from(enum scarcity how, size_t n)
{
    scarce.on = true;
    scarce.how = how;
    scarce.n = n;
    scarce.calls = 0;
    scarce.failed = false;
}

/* Memory is back; whether any call has failed. */
static inline bool
scarce_end(void)
{
    scarce.on = false;
    return scarce.failed;
}

static inline size_t
scarce_live(void)
{
    return scarce.live;
}

static inline bool
scarce_fails(void)
{
    if (!scarce.on) {
        return false;
    }
    size_t call = ++scarce.calls;
    bool fails = scarce.how == ONCE      ? call == scarce.n
                 : scarce.how == ONWARDS ? call >= scarce.n
                                         : call % scarce.n == 0;

    scarce.failed = scarce.failed || fails;
    return fails;
}

static inline void *
scarce_malloc(size_t size, const char *file, int line)
{
    (void)file;
    (void)line;
    void *ptr = scarce_fails() ? NULL : malloc(size);

    scarce.live += ptr != NULL;
    return ptr;
}

static inline void *
scarce_realloc(void *ptr, size_t size, const char *file, int line)
{
    (void)file;
    (void)line;
    void *moved = scarce_fails() ? NULL : realloc(ptr, size);

    scarce.live += ptr == NULL && moved != NULL;
    return moved;
}

static inline void
scarce_free(void *ptr, const char *file, int line)
{
    (void)file;
    (void)line;
    scarce.live -= ptr != NULL;
    free(ptr);
}

static inline void
scarce_wrap(void)
{
    if (CRYPTO_set_mem_functions(scarce_malloc, scarce_realloc, scarce_free) !=
        1) {
        abort();
    }
}

#endif
