/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include "base/report.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/answer.h"
#include "base/buf.h"

/*
 * The report: all findings of one run of the loader, in memory of its own.
 *
 * Documents are hostile until proven otherwise, and findings quote them.
 * So a message holds printable ASCII only: any other byte, and the
 * backslash itself, is written \xNN, which keeps terminals and logs safe
 * (no escape sequences, no forged lines) and can be read back in one way.
 * A message that is cut is cut between two of these.
 *
 * Invariants: `failed` or a finding of severity ERROR implies errors > 0,
 * so that a report that ran out of memory never reads as clean; findings
 * that could not be stored are counted in errors, but not in the list.
 *
 * Cost: one arena; sorting is a heap sort in place, because qsort() of some
 * C libraries allocates.  It is made stable by comparing arrival numbers.
 */

enum { MESSAGE_MAX = 400 }; /* bytes, after escaping */

struct finding {
    enum pdp__code code;
    uint32_t source_ix; /* into sources: order of first arrival */
    uint32_t line;
    uint32_t column;
    uint32_t number; /* of arrival */
    pdp_str_t message;
    pdp_str_t hint;
};

struct pdp_report {
    struct pdp__arena arena;
    struct pdp__vec sources;  /* of pdp_str_t, each name once */
    struct pdp__vec findings; /* of struct finding */
    size_t errors;
    bool failed;
};

struct code_row {
    const char *name;
    pdp_severity_t severity;
};

static const struct code_row codes[] = {
#define X(id, name, severity, text) {(name), PDP_SEVERITY_##severity},
    PDP__CODE_MAP(X)
#undef X
};

_Static_assert(sizeof(codes) / sizeof(codes[0]) == PDP__CODE_COUNT,
    "one row for each code");

const char *
pdp__code_name(enum pdp__code code)
{
    return (unsigned)code < PDP__CODE_COUNT ? codes[code].name : "";
}

pdp_report_t *
pdp__report_new(const pdp_mem_t *mem)
{
    pdp_report_t *report = pdp__mem_alloc(mem, sizeof(*report));

    if (report != NULL) {
        pdp__arena_init(&report->arena, mem);
    }
    return report;
}

void
pdp_report_free(pdp_report_t *report)
{
    if (report != NULL) {
        pdp_mem_t mem = report->arena.mem;

        pdp__arena_free(&report->arena);
        pdp__mem_free(&mem, report);
    }
}

/* The number of a source name, which is new or known; false: no memory. */
static bool
intern_source(pdp_report_t *report, pdp_str_t name, uint32_t *ix)
{
    /* From the end: findings of one source come together. */
    for (uint32_t i = report->sources.cnt; i > 0; i--) {
        if (pdp__str_eq(*PDP__VEC_AT(&report->sources, pdp_str_t, i - 1),
                name)) {
            *ix = i - 1;
            return true;
        }
    }
    pdp_str_t copy = pdp__arena_copy(&report->arena, name);

    if (copy.ptr == NULL) {
        return false;
    }
    pdp_str_t *item =
        pdp__vec_push(&report->arena, &report->sources, sizeof(*item));

    if (item == NULL) {
        return false;
    }
    *item = copy;
    *ix = report->sources.cnt - 1;
    return true;
}

/* An escaped copy; ptr NULL: no memory. */
static pdp_str_t
escape(struct pdp__arena *arena, pdp_str_t text)
{
    static const char hex[] = "0123456789abcdef";
    char out[MESSAGE_MAX];
    struct pdp__buf buf = pdp__buf(out, sizeof(out));

    for (size_t i = 0; i < text.len && !buf.full; i++) {
        unsigned char c = (unsigned char)text.ptr[i];

        if (c >= 0x20 && c < 0x7F && c != '\\') {
            pdp__buf_char(&buf, text.ptr[i]);
        } else {
            char code[4] = {'\\', 'x', hex[c >> 4], hex[c & 15]};

            pdp__buf_str(&buf, (pdp_str_t){code, sizeof(code)});
        }
    }
    return pdp__arena_copy(arena, pdp__buf_get(&buf));
}

static bool
add(pdp_report_t *report, enum pdp__code code, struct pdp__place place,
    pdp_str_t hint, pdp_str_t message)
{
    struct finding found = {
        .code = code,
        .line = place.line,
        .column = place.column,
        .number = report->findings.cnt,
        .message = escape(&report->arena, message),
        .hint = escape(&report->arena, hint),
    };

    if (found.message.ptr == NULL || found.hint.ptr == NULL ||
        !intern_source(report, place.source, &found.source_ix)) {
        return false;
    }
    struct finding *item =
        pdp__vec_push(&report->arena, &report->findings, sizeof(*item));

    if (item == NULL) {
        return false;
    }
    *item = found;
    return true;
}

void
pdp__report_add(pdp_report_t *report, enum pdp__code code,
    struct pdp__place place, const char *hint, const char *format, ...)
{
    /* Escaping never shortens: more than the maximum is never shown. */
    char raw[MESSAGE_MAX + 1];
    va_list args;

    va_start(args, format);
    int need = vsnprintf(raw, sizeof(raw), format, args);
    va_end(args);

    if (need < 0) {
        need = 0; /* the code and the place remain */
    }
    pdp_str_t message = {raw,
        (size_t)need < sizeof(raw) ? (size_t)need : sizeof(raw) - 1};
    pdp_str_t hint_text = pdp__str_z(hint == NULL ? "" : hint);

    bool error = codes[code].severity == PDP_SEVERITY_ERROR;
    /* Memory and time are bounded: a hostile document of a few megabytes
     * could make millions of findings, and nobody reads the rest. */
    if (report->findings.cnt > PDP__FINDINGS_MAX) {
        report->errors += error;
        return;
    }
    if (report->findings.cnt == PDP__FINDINGS_MAX) {
        code = PDP__CODE_MORE_FINDINGS;
        hint_text = PDP__LIT("mend these first");
        message = PDP__LIT("more findings are not listed");
    }
    if (!add(report, code, place, hint_text, message)) {
        report->failed = true;
        error = true;
    }
    report->errors += error;
}

bool
pdp__report_failed(const pdp_report_t *report)
{
    return report->failed;
}

/* A total order, since arrival numbers differ. */
static bool
before(const struct finding *a, const struct finding *b)
{
    if (a->source_ix != b->source_ix) {
        return a->source_ix < b->source_ix;
    }
    if (a->line != b->line) {
        return a->line < b->line;
    }
    if (a->column != b->column) {
        return a->column < b->column;
    }
    return a->number < b->number;
}

static void
swap(struct finding *a, struct finding *b)
{
    struct finding kept = *a;

    *a = *b;
    *b = kept;
}

/* Restores the heap (largest on top) of cnt items below item ix. */
static void
sift_down(struct finding *items, size_t ix, size_t cnt)
{
    for (size_t child = 2 * ix + 1; child < cnt; child = 2 * ix + 1) {
        if (child + 1 < cnt && before(&items[child], &items[child + 1])) {
            child++;
        }
        if (!before(&items[ix], &items[child])) {
            return;
        }
        swap(&items[ix], &items[child]);
        ix = child;
    }
}

void
pdp__report_sort(pdp_report_t *report)
{
    struct finding *items = report->findings.items;
    size_t cnt = report->findings.cnt;

    for (size_t i = cnt / 2; i > 0; i--) {
        sift_down(items, i - 1, cnt);
    }
    for (size_t left = cnt; left > 1; left--) {
        swap(&items[0], &items[left - 1]);
        sift_down(items, 0, left - 1);
    }
}

size_t
pdp_report_count(const pdp_report_t *report)
{
    return report == NULL ? 0 : report->findings.cnt;
}

size_t
pdp_report_errors(const pdp_report_t *report)
{
    return report == NULL ? 0 : report->errors;
}

pdp_status_t
pdp_report_at(const pdp_report_t *report, size_t index, pdp_finding_t *out)
{
    PDP_ENSURE(out != NULL && index < pdp_report_count(report), PDP_E_ARGUMENT);

    const struct finding *found =
        PDP__VEC_AT(&report->findings, struct finding, index);

    pdp_finding_t finding = {
        .severity = codes[found->code].severity,
        .code = pdp__str_z(codes[found->code].name),
        .source = *PDP__VEC_AT(&report->sources, pdp_str_t, found->source_ix),
        .line = found->line,
        .column = found->column,
        .message = found->message,
        .hint = found->hint,
    };
    return pdp__answer(out, &finding, sizeof(finding)) ? PDP_OK
                                                       : PDP_E_ARGUMENT;
}
