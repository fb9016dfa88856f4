/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#ifndef PDP_WORKER_H
#define PDP_WORKER_H

/*
 * A worker decides: it holds the scratch memory and the cache of verified
 * tokens of one thread, and is bound to one snapshot.
 *
 * One thread at a time uses a worker.  Any number of workers of one snapshot
 * decide at the same time without waiting for each other.
 */

#include "pdp/base.h"
#include "pdp/decision.h"
#include "pdp/request.h"
#include "pdp/snapshot.h"
#include "pdp/status.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct pdp_worker pdp_worker_t;

/* Optional settings; zero means the default. */
typedef struct pdp_worker_options {
    size_t size;          /* sizeof(pdp_worker_options_t) */
    uint32_t token_cache; /* verified tokens kept: default 256, at most
                           * 65536; 16 KiB each, allocated at once; rounded
                           * up to a power of two */
    bool no_token_cache;  /* verify each token anew; token_cache is ignored */
} pdp_worker_options_t;

/* What a worker has counted since it was made. */
typedef struct pdp_worker_stats {
    size_t size;                 /* sizeof(pdp_worker_stats_t) */
    uint64_t token_cache_hits;   /* tokens that were found verified */
    uint64_t token_cache_misses; /* tokens looked for and not found; without
                                  * a cache none is looked for */
} pdp_worker_stats_t;

/*
 * pdp_worker_new: a worker for one thread.
 *
 * Ownership: the worker takes a share of the snapshot of its own; the
 *     caller's share stays the caller's.  mem and options are copied.  *out
 *     is given (pdp_worker_free()).
 * NULL: mem may be NULL (malloc() and free()), options may be NULL (the
 *     defaults); snapshot and out may not.
 * Returns: PDP_OK; PDP_E_NOMEM; PDP_E_LIMIT: options->token_cache is above
 *     65536; PDP_E_ARGUMENT: a NULL that is not allowed, also mem->alloc or
 *     mem->free, or options->size is wrong.  On an error *out is NULL.
 * Thread safety: any thread that holds a share of the snapshot; the worker
 *     may be used by another thread than the one that made it.
 * Allocates: all that its decisions will need, from mem: the token cache
 *     (4 MiB by default) and about 0.8 MiB of scratch, more with many services.
 *     That takes milliseconds and may fail: make workers before they are
 *     needed, and not while a request waits.
 * Since: 0.1.
 */
PDP_API PDP_WUR pdp_status_t pdp_worker_new(pdp_snapshot_t *snapshot,
    const pdp_mem_t *mem, const pdp_worker_options_t *options,
    pdp_worker_t **out);

/*
 * pdp_worker_free: wipes the tokens and frees the worker, with the decision
 * that was borrowed from it.
 *
 * Ownership: takes the worker back, and gives back its share of the snapshot,
 *     which frees the snapshot if it is the last.
 * NULL: allowed, and does nothing.
 * Returns: nothing.
 * Thread safety: one thread at a time for each worker.
 * Allocates: nothing.
 * Since: 0.1.
 */
PDP_API void pdp_worker_free(pdp_worker_t *worker);

/*
 * pdp_worker_read_stats: what a worker has counted, for metrics.  Nothing of it
 * takes part in a decision.
 *
 * Ownership: nothing changes hands; *out is the caller's.
 * NULL: no argument may be NULL.
 * Returns: PDP_OK; PDP_E_ARGUMENT: a NULL argument, or out->size is wrong;
 *     the other members of *out are not touched then.
 * Thread safety: one thread at a time for each worker: the one that decides
 *     must read, or have stopped.
 * Allocates: nothing.
 * Since: 0.1.
 */
PDP_API PDP_WUR pdp_status_t pdp_worker_read_stats(const pdp_worker_t *worker,
    pdp_worker_stats_t *out);

/*
 * pdp_decide: judges one request.  The call opens nothing, waits for nothing
 * and reads no clock.  Same snapshot, same request, same now: same decision.
 *
 * Ownership: request, and all it points to, is borrowed until the decision
 *     is no longer used.  *out is borrowed until the next pdp_decide() or
 *     pdp_decide_unverified() on this worker, or until the worker is freed;
 *     it must not be freed.
 * NULL: no argument may be NULL.
 * Returns: PDP_OK: *out is the decision, which may be a deny.
 *     PDP_E_ARGUMENT: a NULL argument, request->size is wrong, or the
 *     method, the target, the headers, or a header's name or value has a
 *     length and no bytes.  *out is NULL, which every accessor reads as
 *     "deny, internal".  Nothing in the bytes of a request or token leads to
 *     an error status.
 * Thread safety: one thread at a time for each worker.
 * Allocates: nothing, except within libcrypto for a token that this worker
 *     has not verified before, or does not remember.  Where that fails, the
 *     decision is a deny, internal.
 * Source: RFC 9110, RFC 9112, RFC 3986 (request), RFC 6750, RFC 7515,
 *     RFC 7519, RFC 8725 (token); pdp(7) has the order of the checks.
 * Since: 0.1.
 */
PDP_API PDP_WUR pdp_status_t pdp_decide(pdp_worker_t *worker,
    const pdp_request_t *request, const pdp_decision_t **out);

/*
 * pdp_decide_unverified: the same for claims that nobody signed, in place of
 * the Authorization header.  Every check but those of the signature and of
 * the token's header (algorithm, key, type) is made, and the decision's token
 * says verified = false.  For tools that answer "what if"; a gateway must
 * never call this: whoever writes the claims decides who he is.
 *
 * Ownership: as for pdp_decide(); claims is borrowed like the request.
 * NULL: no argument may be NULL; claims {NULL, 0} are an empty text, which
 *     is denied, token_malformed; with a len they are PDP_E_ARGUMENT.
 * Returns: PDP_OK, PDP_E_ARGUMENT, as pdp_decide().  Claims are a JSON object
 *     of at most 8192 bytes; anything else is denied.
 * Thread safety: one thread at a time for each worker.
 * Allocates: nothing.
 * Since: 0.1.
 */
PDP_API PDP_WUR pdp_status_t pdp_decide_unverified(pdp_worker_t *worker,
    const pdp_request_t *request, pdp_str_t claims, const pdp_decision_t **out);

#ifdef __cplusplus
}
#endif

#endif
