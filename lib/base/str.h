/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#ifndef PDP__BASE_STR_H
#define PDP__BASE_STR_H

/* Slices: small helpers on pdp_str_t.  See pdp/base.h for what they mean. */

#include <string.h>

#include "pdp/base.h"

/* A slice of a string literal. */
#define PDP__LIT(s) ((pdp_str_t){(s), sizeof(s) - 1})

/* In initialisers of static tables. */
#define PDP__LIT_INIT(s)                                                       \
    {                                                                          \
        (s), sizeof(s) - 1                                                     \
    }

/* Return early with the status of a call that did not work. */
#define PDP_TRY(call)                                                          \
    do {                                                                       \
        pdp_status_t try_status_ = (call);                                     \
        if (try_status_ != PDP_OK) {                                           \
            return try_status_;                                                \
        }                                                                      \
    } while (0)

/* Return early with a status unless a condition holds. */
#define PDP_ENSURE(condition, status)                                          \
    do {                                                                       \
        if (!(condition)) {                                                    \
            return (status);                                                   \
        }                                                                      \
    } while (0)

static inline pdp_str_t
pdp__str(const char *ptr, size_t len)
{
    return (pdp_str_t){ptr, len};
}

/* For strings that are NUL-terminated by construction (tables, literals). */
static inline pdp_str_t
pdp__str_z(const char *text)
{
    return (pdp_str_t){text, strlen(text)};
}

/*
 * Whether n bytes are equal.  Most texts compared here are shorter than a
 * call of memcmp() is long, so they are loaded as words that may overlap.
 */
static inline bool
pdp__bytes_eq(const char *a, const char *b, size_t n)
{
    uint64_t x;
    uint64_t y;
    uint32_t p;
    uint32_t q;

    if (n > 16) {
        return memcmp(a, b, n) == 0;
    }
    if (n >= 8) {
        memcpy(&x, a, 8);
        memcpy(&y, b, 8);
        if (x != y) {
            return false;
        }
        memcpy(&x, a + n - 8, 8);
        memcpy(&y, b + n - 8, 8);
        return x == y;
    }
    if (n >= 4) {
        memcpy(&p, a, 4);
        memcpy(&q, b, 4);
        if (p != q) {
            return false;
        }
        memcpy(&p, a + n - 4, 4);
        memcpy(&q, b + n - 4, 4);
        return p == q;
    }
    for (size_t i = 0; i < n; i++) {
        if (a[i] != b[i]) {
            return false;
        }
    }
    return true;
}

/* Byte for byte; an absent and an empty string are equal here. */
static inline bool
pdp__str_eq(pdp_str_t a, pdp_str_t b)
{
    return a.len == b.len && pdp__bytes_eq(a.ptr, b.ptr, a.len);
}

static inline bool
pdp__str_starts(pdp_str_t s, pdp_str_t prefix)
{
    return s.len >= prefix.len &&
           (prefix.len == 0 || memcmp(s.ptr, prefix.ptr, prefix.len) == 0);
}

/* The part from offset on; offset must not exceed the length. */
static inline pdp_str_t
pdp__str_from(pdp_str_t s, size_t offset)
{
    return (pdp_str_t){s.ptr + offset, s.len - offset};
}

/* ASCII only: field names and hosts, RFC 9110 5.1. */
static inline char
pdp__lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

static inline bool
pdp__str_eq_nocase(pdp_str_t a, pdp_str_t b)
{
    if (a.len != b.len) {
        return false;
    }
    for (size_t i = 0; i < a.len; i++) {
        if (pdp__lower(a.ptr[i]) != pdp__lower(b.ptr[i])) {
            return false;
        }
    }
    return true;
}

/* Index of the first c at or after from, or s.len. */
static inline size_t
pdp__str_find(pdp_str_t s, char c, size_t from)
{
    if (from >= s.len) {
        return s.len;
    }
    const char *hit = (const char *)memchr(s.ptr + from, c, s.len - from);
    return hit == NULL ? s.len : (size_t)(hit - s.ptr);
}

/* Order of bytes, then of lengths: <0, 0, >0. */
static inline int
pdp__str_cmp(pdp_str_t a, pdp_str_t b)
{
    size_t n = a.len < b.len ? a.len : b.len;
    int order = n == 0 ? 0 : memcmp(a.ptr, b.ptr, n);
    if (order != 0) {
        return order;
    }
    return (a.len > b.len) - (a.len < b.len);
}

#endif
