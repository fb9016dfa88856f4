/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#ifndef PDP_TESTS_LOAD_CHECK_H
#define PDP_TESTS_LOAD_CHECK_H

/*
 * For fuzz targets of documents: what pdp/loader.h and pdp/report.h promise
 * of any document, checked on every input.
 *
 *   - a snapshot exactly when there is no error; E_INVALID comes with at
 *     least one finding that is an error;
 *   - a finding has a code and a printable message, names a source that was
 *     added, and its line and column lie inside that source (a column may be
 *     one past the end of its line: there something is missing);
 *   - findings of one source stand together, in the order of their places.
 */

#include "fuzz.h"
#include "pdp.h"

enum { SOURCES_MAX = 8, FINDINGS_MAX = 10000 };

/* What was added to a loader, for the places of findings. */
struct added {
    pdp_loader_t *loader;
    pdp_str_t names[SOURCES_MAX];
    pdp_str_t texts[SOURCES_MAX];
    size_t cnt;
};

static inline pdp_str_t
text_of(const char *text)
{
    return (pdp_str_t){text, strlen(text)};
}

static inline bool
same_text(pdp_str_t a, pdp_str_t b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

static inline void
add(struct added *added, pdp_source_kind_t kind, pdp_str_t name, pdp_str_t text)
{
    pdp_source_t source = {.size = sizeof(source),
        .kind = kind,
        .name = name,
        .text = text};

    MUST(added->cnt < SOURCES_MAX);
    MUST(pdp_loader_add(added->loader, &source) == PDP_OK);
    added->names[added->cnt] = name;
    added->texts[added->cnt++] = text;
}

static inline void
check_place(pdp_str_t text, uint32_t line, uint32_t column)
{
    size_t at = 0;

    MUST((line == 0) == (column == 0));
    for (uint32_t i = 1; i < line; i++) {
        const char *end = memchr(text.ptr + at, '\n', text.len - at);
        MUST(end != NULL); /* there is such a line */
        at = (size_t)(end - text.ptr) + 1;
    }
    if (line > 0) {
        const char *end =
            at == text.len ? NULL : memchr(text.ptr + at, '\n', text.len - at);
        size_t len =
            end == NULL ? text.len - at : (size_t)(end - text.ptr) - at;
        MUST(column <= len + 1);
    }
}

static inline size_t
source_ix(const struct added *added, pdp_str_t name)
{
    size_t ix = 0;
    while (ix < added->cnt && !same_text(added->names[ix], name)) {
        ix++;
    }
    MUST(ix < added->cnt);
    return ix;
}

/* A number that differs when the findings do. */
static inline uint64_t
check_report(const pdp_report_t *report, const struct added *added)
{
    bool seen[SOURCES_MAX] = {false};
    size_t before = SOURCES_MAX;
    uint64_t place = 0;
    size_t errors = 0;
    uint64_t sum = 0;

    for (size_t i = 0; i < pdp_report_count(report); i++) {
        pdp_finding_t f = {.size = sizeof(f)};
        MUST(pdp_report_at(report, i, &f) == PDP_OK);
        MUST(f.code.len > 0 && f.message.len > 0 && f.message.len <= 400);
        errors += f.severity == PDP_SEVERITY_ERROR;
        for (size_t k = 0; k < f.message.len; k++) {
            MUST(f.message.ptr[k] >= 0x20 && f.message.ptr[k] < 0x7F);
            sum = sum * 31 + (unsigned char)f.message.ptr[k];
        }
        size_t ix = source_ix(added, f.source);
        check_place(added->texts[ix], f.line, f.column);
        uint64_t now = (uint64_t)f.line << 32 | f.column;
        MUST(ix == before ? now >= place : !seen[ix]);
        seen[ix] = true;
        before = ix;
        place = now;
        sum = sum * 31 + now;
    }
    MUST(pdp_report_errors(report) == errors ||
         (pdp_report_count(report) > FINDINGS_MAX &&
             pdp_report_errors(report) > errors));
    return sum;
}

/* Builds; frees the loader; the number of check_report(). */
static inline uint64_t
build(struct added *added, pdp_snapshot_t **snapshot)
{
    pdp_report_t *report = NULL;
    pdp_status_t status = pdp_loader_build(added->loader, snapshot, &report);

    pdp_loader_free(added->loader);
    added->loader = NULL;
    MUST(status == PDP_OK || status == PDP_E_INVALID);
    MUST((status == PDP_OK) == (*snapshot != NULL));
    MUST((status == PDP_OK) == (pdp_report_errors(report) == 0));
    MUST(status == PDP_OK || pdp_report_count(report) > 0);
    uint64_t sum = check_report(report, added);
    pdp_report_free(report);
    return sum;
}

/* A worker for documents of our own, which must be good; frees the loader. */
static inline pdp_worker_t *
build_worker(struct added *added)
{
    pdp_worker_options_t options = {.size = sizeof(options), .token_cache = 4};
    pdp_snapshot_t *snapshot = NULL;
    pdp_worker_t *worker = NULL;

    MUST(pdp_loader_build(added->loader, &snapshot, NULL) == PDP_OK);
    pdp_loader_free(added->loader);
    MUST(pdp_worker_new(snapshot, NULL, &options, &worker) == PDP_OK);
    pdp_snapshot_release(snapshot);
    return worker;
}

#endif
