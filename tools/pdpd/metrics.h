/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#ifndef PDP__PDPD_METRICS_H
#define PDP__PDPD_METRICS_H

/*
 * Figures for operators, in the text form of Prometheus.
 *
 * Each thread counts in a block of its own, which only it writes; a reader
 * adds them up.  So counting takes no lock and shares no cache line.
 */

#include <stdatomic.h>

#include "common/heap.h"
#include "pdp/reason.h"
#include "pdpd/config.h"

/* Upper bounds of the latency histogram, in nanoseconds; the last bucket
 * has none. */
enum { PDPD__BUCKET_CNT = 12 };

/* What one thread that decides counts. */
struct pdpd__counters {
    _Alignas(64) _Atomic uint64_t reasons[PDP_REASON_COUNT];
    _Atomic uint64_t buckets[PDPD__BUCKET_CNT];
    _Atomic uint64_t latency_sum_ns;
    _Atomic uint64_t unanswered;   /* closed because there was no memory */
    _Atomic uint64_t cache_hits;   /* tokens that were verified before */
    _Atomic uint64_t cache_misses; /* and those that were not */
};

/* Each is written by one thread only: the one that accepts, the one that
 * reloads, or (open) the one that is asked for the figures. */
struct pdpd__metrics {
    struct pdpd__counters threads[PDPD__WORKERS_MAX];
    uint32_t thread_cnt;
    _Atomic uint64_t accepted;
    _Atomic uint64_t refused_peers;
    _Atomic uint64_t accept_errors;
    _Atomic uint64_t timed_out; /* connections closed for being slow */
    _Atomic uint64_t full;      /* times that all places were taken */
    _Atomic uint64_t open;      /* connections now */
    _Atomic uint64_t generation;
    _Atomic int64_t generation_sec; /* when it was published */
    _Atomic uint64_t reloads;
    _Atomic uint64_t reload_failures;
    _Atomic bool reload_failed; /* the last one */
    _Atomic uint64_t refetches; /* asked for */
    _Atomic uint64_t refetch_failures;
    _Atomic uint64_t old_keys; /* issuers whose keys are too old */
    _Atomic uint64_t fetched;  /* issuers whose keys are fetched */
    _Atomic int64_t keys_age_sec;
    _Atomic int64_t max_stale_sec; /* 0: no limit */
    _Atomic int64_t clock_behind_sec;
    _Atomic bool draining;
};

/* Counts a decision; nanoseconds it took. */
void pdpd__metrics_decision(struct pdpd__counters *counters,
    pdp_reason_t reason, uint64_t took_ns);

/* More, by the only thread that writes it. */
static inline void
pdpd__count_more(_Atomic uint64_t *counter, uint64_t cnt)
{
    atomic_store_explicit(counter,
        atomic_load_explicit(counter, memory_order_relaxed) + cnt,
        memory_order_relaxed);
}

static inline void
pdpd__count(_Atomic uint64_t *counter)
{
    pdpd__count_more(counter, 1);
}

/* Adds everything as Prometheus text, version 0.0.4. */
void pdpd__metrics_render(struct pdpd__metrics *metrics, int64_t now_sec,
    struct pdp__string *out);

#endif
