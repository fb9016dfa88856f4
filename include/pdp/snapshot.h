/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#ifndef PDP_SNAPSHOT_H
#define PDP_SNAPSHOT_H

/*
 * The compiled documents: immutable, shared by any number of threads, and
 * the only thing that the loading side and the deciding side have in common.
 *
 * Reload is: build a new snapshot, make a new worker for each thread, swap
 * them at a request boundary, free the old ones.  pdp_snapshot_retain(3) has
 * a program that does it with several threads.
 *
 * Owners are counted.  pdp_loader_build() gives the first share; each worker
 * has one of its own; each share is given back once.
 */

#include "pdp/base.h"
#include "pdp/status.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct pdp_snapshot pdp_snapshot_t;

/*
 * pdp_snapshot_retain: one more owner.
 *
 * Ownership: the caller is given a share of the snapshot, and must give it
 *     back with pdp_snapshot_release().
 * NULL: not allowed.
 * Returns: snapshot.
 * Thread safety: any thread that has, or is guarded by, a share of its own:
 *     a share that another thread may be releasing is no protection.
 * Allocates: nothing.
 * Since: 0.1.
 */
PDP_API pdp_snapshot_t *pdp_snapshot_retain(pdp_snapshot_t *snapshot);

/*
 * pdp_snapshot_release: one owner less; the last one frees the snapshot, its
 * keys, and what the catalog handed out.
 *
 * Ownership: takes back one share.
 * NULL: allowed, and does nothing.
 * Returns: nothing.
 * Thread safety: any thread, once for each share.
 * Allocates: nothing; the last one frees, with the loader's pdp_mem_t, which
 *     takes time: microseconds to some milliseconds, as the documents are
 *     small or large.
 * Since: 0.1.
 */
PDP_API void pdp_snapshot_release(pdp_snapshot_t *snapshot);

#ifdef __cplusplus
}
#endif

#endif
