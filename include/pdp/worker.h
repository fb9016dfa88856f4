/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#ifndef PDP_WORKER_H
#define PDP_WORKER_H

/*
 * A worker decides: it holds the scratch memory and the cache of verified
 * tokens of one thread, and is bound to one snapshot.
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
                           * 65536; 16 KiB each, allocated at once */
    bool no_token_cache;  /* verify each token anew */
} pdp_worker_options_t;

/*
 * pdp_worker_new: a worker, given to the caller; it retains the snapshot.
 * mem is copied, NULL means malloc() and free(); options may be NULL.
 * PDP_E_NOMEM, PDP_E_LIMIT, PDP_E_ARGUMENT.  Since 0.1.0.
 */
PDP_API PDP_WUR pdp_status_t pdp_worker_new(pdp_snapshot_t *snapshot,
    const pdp_mem_t *mem, const pdp_worker_options_t *options,
    pdp_worker_t **out);

/* pdp_worker_free: wipes and frees it; NULL is allowed.  Since 0.1.0. */
PDP_API void pdp_worker_free(pdp_worker_t *worker);

/*
 * pdp_decide: judges one request.  On PDP_OK *out is the decision, borrowed
 * until the next call on this worker.  On any other status *out is NULL,
 * which every accessor reads as "deny, internal".
 *
 * The call opens nothing, waits for nothing and reads no clock.  It does
 * not allocate, except inside OpenSSL for a token that this worker has not
 * verified before.  Same snapshot, same request, same now: same decision.
 * PDP_E_ARGUMENT: a NULL argument, a size that is not set, a string with a
 * length and no bytes.
 * Since 0.1.0.
 */
PDP_API PDP_WUR pdp_status_t pdp_decide(pdp_worker_t *worker,
    const pdp_request_t *request, const pdp_decision_t **out);

/*
 * pdp_decide_unverified: the same for claims (a JSON object) that nobody
 * signed, in place of the Authorization header.  Every check but those of
 * the signature and of the token's header is made, and the decision's token
 * says verified = false.  For tools that answer "what if"; a gateway must
 * never call this.  Since 0.1.0.
 */
PDP_API PDP_WUR pdp_status_t pdp_decide_unverified(pdp_worker_t *worker,
    const pdp_request_t *request, pdp_str_t claims, const pdp_decision_t **out);

#ifdef __cplusplus
}
#endif

#endif
