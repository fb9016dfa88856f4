/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#ifndef PDP_SNAPSHOT_H
#define PDP_SNAPSHOT_H

/*
 * The compiled documents: immutable, shared by any number of threads, and
 * the only thing that the loading side and the deciding side have in common.
 *
 * Reload is: build a new snapshot, make new workers for it, swap them at a
 * request boundary, release the old one.
 */

#include "pdp/base.h"
#include "pdp/status.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct pdp_snapshot pdp_snapshot_t;

/*
 * pdp_snapshot_retain: one more owner; returns snapshot.
 * pdp_snapshot_release: one owner less; the last one frees it.  NULL is
 * allowed.  Thread-safe (atomic count).  Since 0.1.0.
 */
PDP_API pdp_snapshot_t *pdp_snapshot_retain(pdp_snapshot_t *snapshot);
PDP_API void pdp_snapshot_release(pdp_snapshot_t *snapshot);

#ifdef __cplusplus
}
#endif

#endif
