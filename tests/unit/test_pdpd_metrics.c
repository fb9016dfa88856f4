/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include "pdpd/metrics.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/*
 * /metrics, byte by byte, of figures that are all different, so that none can
 * stand for another.
 */

#include <stdio.h>

#include "pdpd/log.h"

static struct pdpd__metrics metrics;
static struct pdp__string text;

static int
begin_case(void **state)
{
    (void)state;
    memset(&metrics, 0, sizeof(metrics));
    return 0;
}

static int
end_case(void **state)
{
    (void)state;
    pdp__string_free(&text);
    return 0;
}

/* The text from a first line on, up to another; NULL: to the end. */
static void
assert_part(const char *from, const char *to, const char *wanted)
{
    char part[8192];
    const char *begin = strstr(text.ptr, from);
    assert_non_null(begin);
    const char *end = to == NULL ? text.ptr + text.len : strstr(begin, to);
    assert_non_null(end);
    size_t len = (size_t)(end - begin);
    assert_true(len < sizeof(part));
    memcpy(part, begin, len);
    part[len] = '\0';
    assert_string_equal(part, wanted);
}

static uint64_t
value_of(const char *name)
{
    uint64_t value = 0;
    size_t len = strlen(name);
    const char *at = text.ptr;
    while ((at = strstr(at, name)) != NULL) {
        if (at[-1] == '\n' && at[len] == ' ') {
            for (at += len + 1; *at >= '0' && *at <= '9'; at++) {
                value = value * 10 + (uint64_t)(*at - '0');
            }
            assert_int_equal(*at, '\n');
            return value;
        }
        at += len;
    }
    fail_msg("no line %s", name);
    return 0;
}

static void
test_decisions_by_reason(void **state)
{
    char name[128];
    (void)state;
    metrics.thread_cnt = 2;
    for (unsigned i = 0; i < PDP_REASON_COUNT; i++) {
        for (unsigned n = 0; n < i; n++) {
            pdpd__metrics_decision(&metrics.threads[n % 2], (pdp_reason_t)i, 1);
        }
    }
    /* One that is not there counts as none, and writes nowhere else. */
    pdpd__metrics_decision(&metrics.threads[0], (pdp_reason_t)PDP_REASON_COUNT,
        1);
    pdpd__metrics_decision(&metrics.threads[1], (pdp_reason_t)-1, 1);
    pdpd__metrics_render(&metrics, 0, &text);
    assert_memory_equal(text.ptr,
        "# HELP pdpd_decisions_total Decisions by reason.\n"
        "# TYPE pdpd_decisions_total counter\n"
        "pdpd_decisions_total{",
        106);
    for (unsigned i = 0; i < PDP_REASON_COUNT; i++) {
        pdp_reason_t reason = (pdp_reason_t)i;
        snprintf(name, sizeof(name),
            "pdpd_decisions_total{decision=\"%s\",reason=\"%s\"}",
            pdp_reason_allows(reason) ? "allow" : "deny",
            pdp_reason_name(reason));
        assert_int_equal(value_of(name), i == 0 ? 2 : i);
    }
}

/* A bound is the largest value of its bucket; buckets add up. */
static void
test_latency(void **state)
{
    static const uint64_t took_ns[] = {0, 1000, 1001, 2500, 5000, 10000, 25000,
        50000, 100000, 250000, 1000000, 10000000, 100000000, 100000001,
        5000000000};
    (void)state;
    metrics.thread_cnt = 2;
    for (size_t i = 0; i < sizeof(took_ns) / sizeof(took_ns[0]); i++) {
        pdpd__metrics_decision(&metrics.threads[i % 2], PDP_REASON_PUBLIC,
            took_ns[i]);
    }
    pdpd__metrics_render(&metrics, 0, &text);
    assert_part("# HELP pdpd_decision_seconds",
        "# HELP pdpd_token_cache_hits_total",
        "# HELP pdpd_decision_seconds Time from the request's headers to the "
        "decision.\n"
        "# TYPE pdpd_decision_seconds histogram\n"
        "pdpd_decision_seconds_bucket{le=\"0.000001000\"} 2\n"
        "pdpd_decision_seconds_bucket{le=\"0.000002500\"} 4\n"
        "pdpd_decision_seconds_bucket{le=\"0.000005000\"} 5\n"
        "pdpd_decision_seconds_bucket{le=\"0.000010000\"} 6\n"
        "pdpd_decision_seconds_bucket{le=\"0.000025000\"} 7\n"
        "pdpd_decision_seconds_bucket{le=\"0.000050000\"} 8\n"
        "pdpd_decision_seconds_bucket{le=\"0.000100000\"} 9\n"
        "pdpd_decision_seconds_bucket{le=\"0.000250000\"} 10\n"
        "pdpd_decision_seconds_bucket{le=\"0.001000000\"} 11\n"
        "pdpd_decision_seconds_bucket{le=\"0.010000000\"} 12\n"
        "pdpd_decision_seconds_bucket{le=\"0.100000000\"} 13\n"
        "pdpd_decision_seconds_bucket{le=\"+Inf\"} 15\n"
        "pdpd_decision_seconds_sum 5.211444502\n"
        "pdpd_decision_seconds_count 15\n");
}

/* However long it took: counted once, in the last. */
static void
test_the_longest_latency(void **state)
{
    (void)state;
    metrics.thread_cnt = 1;
    pdpd__metrics_decision(&metrics.threads[0], PDP_REASON_PUBLIC, UINT64_MAX);
    pdpd__metrics_render(&metrics, 0, &text);
    assert_int_equal(value_of("pdpd_decision_seconds_bucket{le=\"+Inf\"}"), 1);
    assert_int_equal(value_of(
                         "pdpd_decision_seconds_bucket{le=\"0.100000000\"}"),
        0);
}

/* Every figure of the daemon in the line with its name. */
static void
test_every_figure(void **state)
{
    static const struct {
        const char *name;
        uint64_t value;
    } lines[] = {
        {"pdpd_generation", 101},
        {"pdpd_generation_age_seconds", 23},
        {"pdpd_reloads_total", 102},
        {"pdpd_reload_failures_total", 103},
        {"pdpd_reload_failed", 1},
        {"pdpd_clock_behind_seconds", 112},
        {"pdpd_fetched_issuers", 104},
        {"pdpd_stale_issuers", 105},
        {"pdpd_keys_age_seconds", 113},
        {"pdpd_keys_max_stale_seconds", 114},
        {"pdpd_refetch_requests_total", 106},
        {"pdpd_refetch_failures_total", 116},
        {"pdpd_log_dropped_total", 0},
        {"pdpd_connections", 107},
        {"pdpd_connections_total", 108},
        {"pdpd_connections_full_total", 115},
        {"pdpd_refused_peers_total", 109},
        {"pdpd_slow_connections_total", 110},
        {"pdpd_accept_errors_total", 111},
        {"pdpd_unanswered_total", 7},
        {"pdpd_token_cache_hits_total", 70},
        {"pdpd_token_cache_misses_total", 700},
    };
    (void)state;
    metrics.thread_cnt = 3;
    for (uint32_t i = 0; i < 4; i++) { /* the fourth is none of ours */
        atomic_store(&metrics.threads[i].unanswered, UINT64_C(1) << i);
        atomic_store(&metrics.threads[i].cache_hits, UINT64_C(10) << i);
        atomic_store(&metrics.threads[i].cache_misses, UINT64_C(100) << i);
    }
    atomic_store(&metrics.generation, 101);
    atomic_store(&metrics.generation_sec, 1000);
    atomic_store(&metrics.reloads, 102);
    atomic_store(&metrics.reload_failures, 103);
    atomic_store(&metrics.reload_failed, true);
    atomic_store(&metrics.clock_behind_sec, 112);
    atomic_store(&metrics.fetched, 104);
    atomic_store(&metrics.old_keys, 105);
    atomic_store(&metrics.keys_age_sec, 113);
    atomic_store(&metrics.max_stale_sec, 114);
    atomic_store(&metrics.full, 115);
    atomic_store(&metrics.refetch_failures, 116);
    atomic_store(&metrics.refetches, 106);
    atomic_store(&metrics.open, 107);
    atomic_store(&metrics.accepted, 108);
    atomic_store(&metrics.refused_peers, 109);
    atomic_store(&metrics.timed_out, 110);
    atomic_store(&metrics.accept_errors, 111);
    pdpd__metrics_render(&metrics, 1023, &text);
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
        assert_int_equal(value_of(lines[i].name), lines[i].value);
    }
    assert_part("# HELP pdpd_generation ", "# HELP pdpd_reloads_total",
        "# HELP pdpd_generation Number of the documents in use, from 1.\n"
        "# TYPE pdpd_generation gauge\n"
        "pdpd_generation 101\n"
        "# HELP pdpd_generation_age_seconds Seconds since they were loaded.\n"
        "# TYPE pdpd_generation_age_seconds gauge\n"
        "pdpd_generation_age_seconds 23\n");
}

/* A clock that was set back makes no age of 2^64. */
static void
test_an_age_is_never_negative(void **state)
{
    (void)state;
    atomic_store(&metrics.generation_sec, 1000);
    pdpd__metrics_render(&metrics, 999, &text);
    assert_int_equal(value_of("pdpd_generation_age_seconds"), 0);
}

/* Takes a word from *at on; false: there is another one. */
static bool
take(const char **at, const char *word)
{
    size_t len = strlen(word);
    if (strncmp(*at, word, len) != 0) {
        return false;
    }
    *at += len;
    return true;
}

/* A line of values: a name that begins with that of its head, perhaps labels,
 * and a number. */
static const char *
skip_value(const char *at, const char *name)
{
    const char *end = strchr(at, '\n');
    assert_non_null(end);
    assert_true(take(&at, name));
    const char *value = end;
    while (value[-1] != ' ') {
        value--;
    }
    assert_true(value > at);
    assert_int_equal(strspn(value, "0123456789."), (size_t)(end - value));
    return end + 1;
}

/* Prometheus text: two lines of comment, then at least one of values, for
 * each name; each line ends. */
static void
test_the_form_of_every_line(void **state)
{
    size_t cnt = 0;
    (void)state;
    metrics.thread_cnt = 1;
    pdpd__metrics_render(&metrics, 0, &text);
    const char *at = text.ptr;
    for (; at < text.ptr + text.len; cnt++) {
        char name[128];
        assert_true(take(&at, "# HELP "));
        size_t len = strcspn(at, " \n");
        assert_in_range(len, 6, sizeof(name) - 1);
        memcpy(name, at, len);
        name[len] = '\0';
        assert_memory_equal(name, "pdpd_", 5);
        at = strchr(at, '\n') + 1;
        assert_memory_equal(at - 2, ".\n", 2);
        assert_true(take(&at, "# TYPE "));
        assert_true(take(&at, name));
        bool total = len > 6 && strcmp(name + len - 6, "_total") == 0;
        assert_true(take(&at, total ? " counter\n" : " gauge\n") ||
                    (!total && take(&at, " histogram\n")));
        do {
            at = skip_value(at, name);
        } while (at < text.ptr + text.len && *at != '#');
    }
    assert_true(cnt > 15);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_decisions_by_reason, begin_case,
            end_case),
        cmocka_unit_test_setup_teardown(test_latency, begin_case, end_case),
        cmocka_unit_test_setup_teardown(test_the_longest_latency, begin_case,
            end_case),
        cmocka_unit_test_setup_teardown(test_every_figure, begin_case,
            end_case),
        cmocka_unit_test_setup_teardown(test_an_age_is_never_negative,
            begin_case, end_case),
        cmocka_unit_test_setup_teardown(test_the_form_of_every_line, begin_case,
            end_case),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
