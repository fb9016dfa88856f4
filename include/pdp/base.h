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
 * headers and claims.  It is not kept for the names of sources: one that is
 * absent comes back as empty.
 *
 * Each function's comment has the same lines, where they apply:
 *   Ownership:      what becomes of each pointer, in the words below
 *   NULL:           which arguments may be NULL, and what that means
 *   Returns:        each value, and when
 *   Thread safety:  from which threads it may be called
 *   Allocates:      whether it takes memory, and how much
 *   Since:          the version that had it first
 *
 * Ownership words:
 *   copied          the library keeps its own copy; yours may go at once
 *   borrowed        the library reads it during the call only
 *   borrowed until X  the pointer is used, or valid, until X happens
 *   given           the caller owns the result and must free it
 *
 * NULL: a pointer may be NULL only where the comment says so.  Where a
 * function says that NULL is not allowed and does not return PDP_E_ARGUMENT
 * for it, NULL crashes.  All _free() and _release() functions accept NULL.
 *
 * Threads: an object may be used by one thread at a time, and may be handed
 * over to another thread by anything that orders memory (a mutex, a join).
 * The exception is pdp_snapshot_t, which is immutable and shared by any
 * number of threads.  No function is safe in a signal handler.
 *
 * Sizes: structs that begin with `size` can grow in later versions.  Set it
 * to sizeof() of the struct before each call.
 *   passed in       the size must be exactly that of this version
 *   handed out      a smaller size, of an older version, gets that many
 *                   bytes; a size of 0 or above ours gets none (false, or
 *                   PDP_E_ARGUMENT from pdp_report_at())
 * A struct handed out is written only on success.
 *
 * There is no global state, no initialisation call and no errno.  The
 * library opens no file or socket and reads neither clock nor environment.
 * (libcrypto may read its configuration file when it is first used: see
 * pdp(7), CAVEATS.)
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
 * Where memory comes from.
 *
 * alloc() returns size bytes (never 0) aligned for any object, or NULL, which
 * makes the call fail with PDP_E_NOMEM; free() takes back what alloc() gave
 * (never NULL).  The library clears what it gets.  Both may be called from
 * any thread that uses an object made with them, at the same time where two
 * objects are used at the same time.  They must not call the library.
 * A snapshot is freed, with its loader's free(), by whichever thread gives
 * back the last share: pdp_snapshot_release() or pdp_worker_free().
 *
 * The three members are copied.  What `user` points to is borrowed until the
 * last object made with it is freed; a snapshot outlives its loader.
 * libcrypto's own allocations (keys, first verification of a token) do not
 * come from here.
 */
typedef struct pdp_mem {
    void *(*alloc)(void *user, size_t size);
    void (*free)(void *user, void *ptr);
    void *user;
} pdp_mem_t;

/*
 * pdp_version: the version of the library in use, which may be newer than
 * that of these headers (PDP_VERSION).
 *
 * Returns: "MAJOR.MINOR.PATCH", NUL-terminated, static; never NULL.
 * Thread safety: any thread, at any time.
 * Allocates: nothing.
 * Since: 0.1.
 */
PDP_API const char *pdp_version(void);

#ifdef __cplusplus
}
#endif

#endif
