/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include "pdpd/metrics.h"

/*
 * Metrics.
 *
 * Reasons are the only label of decisions: their number is fixed, so nothing
 * that a client sends can grow the output.  Every reason is there from the
 * start, since a rate over a series that appears later is wrong.
 */

#include "pdpd/log.h"

static const uint64_t bounds_ns[PDPD__BUCKET_CNT] = {
    1000,
    2500,
    5000,
    10000,
    25000,
    50000,
    100000,
    250000,
    1000000,
    10000000,
    100000000,
    UINT64_MAX,
};

void
pdpd__metrics_decision(struct pdpd__counters *counters, pdp_reason_t reason,
    uint64_t took_ns)
{
    size_t bucket = 0;
    unsigned ix = (unsigned)reason;
    while (took_ns > bounds_ns[bucket]) {
        bucket++;
    }
    pdpd__count(&counters->reasons[ix < PDP_REASON_COUNT ? ix : 0]);
    pdpd__count(&counters->buckets[bucket]);
    pdpd__count_more(&counters->latency_sum_ns, took_ns);
}

static unsigned long long
get(_Atomic uint64_t *counter)
{
    return atomic_load_explicit(counter, memory_order_relaxed);
}

static void
head(struct pdp__string *out, const char *name, const char *type,
    const char *help)
{
    pdp__string_fmt(out, "# HELP pdpd_%s %s\n# TYPE pdpd_%s %s\n", name, help,
        name, type);
}

static void
one(struct pdp__string *out, const char *name, const char *type,
    const char *help, unsigned long long value)
{
    head(out, name, type, help);
    pdp__string_fmt(out, "pdpd_%s %llu\n", name, value);
}

static void
render_decisions(struct pdpd__metrics *metrics, struct pdp__string *out)
{
    head(out, "decisions_total", "counter", "Decisions by reason.");
    for (unsigned reason = 0; reason < PDP_REASON_COUNT; reason++) {
        unsigned long long sum = 0;
        for (uint32_t i = 0; i < metrics->thread_cnt; i++) {
            sum += get(&metrics->threads[i].reasons[reason]);
        }
        pdp__string_fmt(out,
            "pdpd_decisions_total{decision=\"%s\",reason=\"%s\"} %llu\n",
            pdp_reason_allows((pdp_reason_t)reason) ? "allow" : "deny",
            pdp_reason_name((pdp_reason_t)reason), sum);
    }
}

static void
render_latency(struct pdpd__metrics *metrics, struct pdp__string *out)
{
    unsigned long long sum = 0;
    unsigned long long sum_ns = 0;
    head(out, "decision_seconds", "histogram",
        "Time from the request's headers to the decision.");
    for (size_t b = 0; b < PDPD__BUCKET_CNT; b++) {
        for (uint32_t i = 0; i < metrics->thread_cnt; i++) {
            sum += get(&metrics->threads[i].buckets[b]);
        }
        if (b + 1 < PDPD__BUCKET_CNT) {
            pdp__string_fmt(out,
                "pdpd_decision_seconds_bucket{le=\"0.%09llu\"} %llu\n",
                (unsigned long long)bounds_ns[b], sum);
        }
    }
    for (uint32_t i = 0; i < metrics->thread_cnt; i++) {
        sum_ns += get(&metrics->threads[i].latency_sum_ns);
    }
    pdp__string_fmt(out,
        "pdpd_decision_seconds_bucket{le=\"+Inf\"} %llu\n"
        "pdpd_decision_seconds_sum %llu.%09llu\n"
        "pdpd_decision_seconds_count %llu\n",
        sum, sum_ns / 1000000000, sum_ns % 1000000000, sum);
}

static void
render_cache(struct pdpd__metrics *metrics, struct pdp__string *out)
{
    unsigned long long hits = 0;
    unsigned long long misses = 0;
    for (uint32_t i = 0; i < metrics->thread_cnt; i++) {
        hits += get(&metrics->threads[i].cache_hits);
        misses += get(&metrics->threads[i].cache_misses);
    }
    one(out, "token_cache_hits_total", "counter",
        "Tokens whose signature was verified before.", hits);
    one(out, "token_cache_misses_total", "counter",
        "Tokens that were looked for there in vain.", misses);
}

static void
render_state(struct pdpd__metrics *metrics, int64_t now_sec,
    struct pdp__string *out)
{
    int64_t since = atomic_load(&metrics->generation_sec);
    one(out, "generation", "gauge", "Number of the documents in use, from 1.",
        get(&metrics->generation));
    one(out, "generation_age_seconds", "gauge",
        "Seconds since they were loaded.",
        now_sec > since ? (unsigned long long)(now_sec - since) : 0);
    one(out, "reloads_total", "counter", "Reloads that were tried.",
        get(&metrics->reloads));
    one(out, "reload_failures_total", "counter",
        "Reloads that kept the old documents.", get(&metrics->reload_failures));
    one(out, "reload_failed", "gauge", "1 if the last reload did.",
        atomic_load(&metrics->reload_failed) ? 1 : 0);
    int64_t behind = atomic_load(&metrics->clock_behind_sec);
    one(out, "clock_behind_seconds", "gauge",
        "How far the clock was set back since the start, or SIGHUP.",
        behind > 0 ? (unsigned long long)behind : 0);
    one(out, "fetched_issuers", "gauge", "Issuers whose keys pdp-fetch keeps.",
        get(&metrics->fetched));
    one(out, "stale_issuers", "gauge",
        "Of them, those whose keys are older than max_stale.",
        get(&metrics->old_keys));
    one(out, "keys_age_seconds", "gauge",
        "Age of the oldest keys: since their server confirmed them.",
        (unsigned long long)atomic_load(&metrics->keys_age_sec));
    one(out, "keys_max_stale_seconds", "gauge",
        "At what age keys are not used any more; 0 if at none.",
        (unsigned long long)atomic_load(&metrics->max_stale_sec));
    one(out, "refetch_requests_total", "counter",
        "Times that pdp-fetch was asked for keys.", get(&metrics->refetches));
    one(out, "refetch_failures_total", "counter",
        "Times that it could not be asked.", get(&metrics->refetch_failures));
    one(out, "log_dropped_total", "counter", "Log lines that were left out.",
        pdpd__log_dropped());
}

static void
render_connections(struct pdpd__metrics *metrics, struct pdp__string *out)
{
    unsigned long long unanswered = 0;
    for (uint32_t i = 0; i < metrics->thread_cnt; i++) {
        unanswered += get(&metrics->threads[i].unanswered);
    }
    one(out, "connections", "gauge", "Connections that are open.",
        get(&metrics->open));
    one(out, "connections_total", "counter", "Connections accepted.",
        get(&metrics->accepted));
    one(out, "connections_full_total", "counter",
        "Times that all places of gateways were taken.", get(&metrics->full));
    one(out, "refused_peers_total", "counter",
        "Connections of users that are not listed.",
        get(&metrics->refused_peers));
    one(out, "slow_connections_total", "counter",
        "Connections closed because a request took too long to arrive.",
        get(&metrics->timed_out));
    one(out, "accept_errors_total", "counter",
        "Connections that could not be accepted.",
        get(&metrics->accept_errors));
    one(out, "unanswered_total", "counter",
        "Requests whose connection was closed for lack of memory.", unanswered);
}

void
pdpd__metrics_render(struct pdpd__metrics *metrics, int64_t now_sec,
    struct pdp__string *out)
{
    render_decisions(metrics, out);
    render_latency(metrics, out);
    render_cache(metrics, out);
    render_state(metrics, now_sec, out);
    render_connections(metrics, out);
}
