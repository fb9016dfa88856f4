/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#ifndef PDP__PDPD_GENERATION_H
#define PDP__PDPD_GENERATION_H

/*
 * The documents in use, as numbered generations: made by the thread that
 * reloads, used by those that decide.
 */

#include <stdatomic.h>

#include "pdp/worker.h"
#include "pdpd/documents.h"

struct pdpd__generation {
    uint64_t number; /* from 1 */
    struct pdpd__documents documents;
    pdp_worker_t *workers[PDPD__WORKERS_MAX]; /* one for each thread */
    struct pdpd__generation *next;            /* retired before this one */
};

/* What one thread is using now, on a cache line of its own. */
struct pdpd__use {
    _Alignas(64) _Atomic(struct pdpd__generation *) generation;
};

struct pdpd__generations {
    _Atomic(struct pdpd__generation *) current;
    struct pdpd__use uses[PDPD__WORKERS_MAX];
    uint32_t thread_cnt;
    uint64_t last_number;
    struct pdpd__generation *retired;
};

/*
 * Makes documents the current generation, and takes them over (*documents is
 * empty then).  False: there was no memory for its workers; nothing changed.
 * One thread only calls this and pdpd__generations_sweep().
 */
bool pdpd__generations_publish(struct pdpd__generations *generations,
    struct pdpd__documents *documents);

/* Frees what no thread uses any more; whether some is left. */
bool pdpd__generations_sweep(struct pdpd__generations *generations);

/* Frees everything; no thread may decide any more. */
void pdpd__generations_free(struct pdpd__generations *generations);

/*
 * The current generation, for thread number `thread`, which holds on to it
 * until it leaves.  In between, workers[thread] is that thread's.  Takes no
 * lock and never waits.
 */
struct pdpd__generation *
pdpd__generation_enter(struct pdpd__generations *generations, uint32_t thread);
void pdpd__generation_leave(struct pdpd__generations *generations,
    uint32_t thread);

#endif
