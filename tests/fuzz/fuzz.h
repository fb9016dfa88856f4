/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#ifndef PDP_TESTS_FUZZ_H
#define PDP_TESTS_FUZZ_H

/*
 * What every fuzz target needs: its entry, a check that ends the process
 * with the place and the condition (so that the report of a finding says
 * what did not hold), and memory of an exact size, for AddressSanitizer to
 * see a byte read beyond it.
 *
 * Targets keep no state that an input could leave behind for the next one,
 * other than workers with their token caches: a finding must come back when
 * its input is fed alone.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define MUST(condition)                                                        \
    do {                                                                       \
        if (!(condition)) {                                                    \
            (void)fprintf(stderr, "%s:%d: does not hold: %s\n", __FILE__,      \
                __LINE__, #condition);                                         \
            abort();                                                           \
        }                                                                      \
    } while (0)

static inline void *
take(size_t size)
{
    void *ptr = malloc(size == 0 ? 1 : size);
    MUST(ptr != NULL);
    return ptr;
}

/* A copy of exactly that size; free() it. */
static inline void *
take_copy(const void *bytes, size_t size)
{
    void *copy = take(size);
    if (size > 0) {
        memcpy(copy, bytes, size);
    }
    return copy;
}

#endif
