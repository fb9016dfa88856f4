/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#ifndef PDP_BASE_H
#define PDP_BASE_H

/*
 * Conventions of the whole library, stated once.
 *
 * Strings are (pointer, length) pairs and hold any byte; nothing is
 * NUL-terminated unless a comment says so.  {NULL, 0} means "absent",
 * {non-NULL, 0} means "present and empty"; the difference matters for
 * headers and claims.
 *
 * Ownership words used in comments:
 *   copied          the library keeps its own copy; yours may go at once
 *   borrowed        the library reads it during the call only
 *   borrowed until X  the pointer you get is valid until X happens
 *   given           the caller owns the result and must free it
 *
 * NULL: a function that takes an object accepts NULL only where its comment
 * says so.  All _free() and _release() functions accept NULL.
 *
 * Threads: an object may be used by one thread at a time.  The exception is
 * pdp_snapshot_t, which is immutable and shared by any number of threads.
 *
 * Sizes: structs that begin with `size` can grow in later versions.  In this
 * version the size must be exactly that of the struct in these headers for
 * what is passed in; for what is handed out, a smaller size gets that many
 * bytes.
 *
 * There is no global state, no initialisation call and no errno.  The
 * library opens no file or socket and reads neither clock nor environment.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#if defined(__GNUC__)
#define PDP_API __attribute__((visibility("default")))
#define PDP_WUR __attribute__((warn_unused_result))
#else
#define PDP_API
#define PDP_WUR
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* Version of these headers.  pdp_version() tells that of the library. */
#define PDP_VERSION_MAJOR 0
#define PDP_VERSION_MINOR 1
#define PDP_VERSION_PATCH 0
#define PDP_VERSION "0.1.0"

/* A string: len bytes from ptr, any value, not NUL-terminated. */
typedef struct pdp_str {
    const char *ptr;
    size_t len;
} pdp_str_t;

/*
 * Where memory comes from.  alloc() returns size bytes aligned for any
 * object, or NULL; free() takes back what alloc() gave (never NULL).  Both
 * may be called from any thread that uses an object made with them.  The
 * members are copied.  OpenSSL's own allocations are not affected.
 */
typedef struct pdp_mem {
    void *(*alloc)(void *user, size_t size);
    void (*free)(void *user, void *ptr);
    void *user;
} pdp_mem_t;

/*
 * pdp_version: the version of the library in use, "MAJOR.MINOR.PATCH",
 * NUL-terminated, static.  Thread-safe; does not allocate.  Since 0.1.0.
 */
PDP_API const char *pdp_version(void);

#ifdef __cplusplus
}
#endif

#endif
