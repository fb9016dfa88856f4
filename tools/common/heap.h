/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#ifndef PDP__COMMON_HEAP_H
#define PDP__COMMON_HEAP_H

/*
 * Memory of the tools: never NULL.  A tool that runs out of memory says so
 * and ends with status 3, so that a command needs no error path for it.
 * How much may be asked for is bounded by the limits of common/file.h.
 *
 * A program that called pdp__heap_keep_going() gets NULL instead.  What it
 * runs must look: that is tools/pdpd, and of tools/common heap, file, yaml
 * and keystate.  (tests/faults/test_pdpd_memory.c lets every call fail.)
 */

#include "base/str.h"

/* From here on a lack of memory is told by NULL.  Before any thread. */
void pdp__heap_keep_going(void);

/* How often it was.  Any thread. */
uint64_t pdp__heap_failures(void);

/* size bytes, all zero. */
void *pdp__heap_alloc(size_t size);

/* Room for cnt items of size bytes; what was there is kept, also where there
 * is no room for more. */
void *pdp__heap_resize(void *ptr, size_t cnt, size_t size);

/* A copy, followed by a NUL. */
char *pdp__heap_copy(pdp_str_t text);

/* NULL is allowed. */
void pdp__heap_free(void *ptr);

/* A text that grows; always followed by a NUL once something was added. */
struct pdp__string {
    char *ptr;
    size_t len;
    size_t cap;
    bool failed; /* something is missing, and nothing is added any more */
};

void pdp__string_add(struct pdp__string *string, pdp_str_t text);
void pdp__string_z(struct pdp__string *string, const char *text);
void pdp__string_char(struct pdp__string *string, char c);
void pdp__string_fmt(struct pdp__string *string, const char *format, ...)
    __attribute__((format(printf, 2, 3), nonnull));

/* cnt times c. */
void pdp__string_fill(struct pdp__string *string, char c, size_t cnt);

/* Room for extra more bytes at ptr + len; the caller adds to len.  NULL:
 * string->failed. */
char *pdp__string_room(struct pdp__string *string, size_t extra);

void pdp__string_free(struct pdp__string *string);

/* The same, for what must not stay in memory. */
void pdp__string_wipe(struct pdp__string *string);

static inline pdp_str_t
pdp__string_get(const struct pdp__string *string)
{
    return (pdp_str_t){string->ptr == NULL ? "" : string->ptr, string->len};
}

#endif
