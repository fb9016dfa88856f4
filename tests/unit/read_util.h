/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#ifndef PDP_TESTS_READ_UTIL_H
#define PDP_TESTS_READ_UTIL_H

/*
 * For tests of the readers of documents: a builder with two small services,
 * one reader run on one text, and what it found.
 *
 * Texts are JSON with ' for ", to be readable in C; a ^ stands where the
 * finding is expected and is taken out before the text is read.
 * Include after cmocka.h.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "assert_text.h"

#include "load/builder.h"

#define READ_UNUSED __attribute__((unused))

/* Two services: `birds` with regions, `trees` without. */
#define BIRDS                                                                  \
    "{'format':'pdp-service/1','service':'birds','actions':{"                  \
    "'birds.nest.read':{'title':'t','scope':'namespace'},"                     \
    "'birds.nest.write':{'title':'t','scope':'namespace'},"                    \
    "'birds.plan.set':{'title':'t','scope':'account'}},"                       \
    "'roles':{'Reader':{'actions':['birds.nest.read']},"                       \
    "'Writer':{'actions':['birds.nest.write']},"                               \
    "'Manager':{'actions':['birds.nest.read','birds.nest.write',"              \
    "'birds.plan.set']},'Night Watch':{'actions':['birds.nest.read']}},"       \
    "'events':{},'params':{'namespace':{'kind':'namespace'}},"                 \
    "'regions':[{'region':'us-south','aliases':['south'],"                     \
    "'hosts':['us.birds.io'],'events':'us-south'},"                            \
    "{'region':'eu-de','aliases':['eu-central'],"                              \
    "'hosts':['de.birds.io'],'events':'eu-de'}],"                              \
    "'routes':["                                                               \
    "{'method':'GET','path':'/nests/{namespace}','title':'t',"                 \
    "'requires':[{'action':'birds.nest.read','on':['path:namespace']}],"       \
    "'event':null},"                                                           \
    "{'method':'PUT','path':'/nests/{namespace}','title':'t',"                 \
    "'requires':[{'action':'birds.nest.write','on':['path:namespace']}],"      \
    "'event':null},"                                                           \
    "{'method':'PUT','path':'/plan','title':'t',"                              \
    "'requires':[{'action':'birds.plan.set'}],'event':null}]}"

#define TREES                                                                  \
    "{'format':'pdp-service/1','service':'trees','actions':{"                  \
    "'trees.leaf.read':{'title':'t','scope':'account'}},"                      \
    "'roles':{'Reader':{'actions':['trees.leaf.read']},"                       \
    "'Gardener':{'actions':['trees.leaf.read']}},"                             \
    "'events':{},'params':{},'routes':["                                       \
    "{'method':'GET','path':'/leaves','title':'t',"                            \
    "'requires':[{'action':'trees.leaf.read'}],'event':null}]}"

#define ACCOUNT "4f8e2b1c9d3a4b5c8e7f6a5b4c3d2e1f"
#define SOURCE_NAME "doc.json"

typedef pdp_status_t read_fn(struct pdp__builder *b,
    const struct pdp__doc *doc);

struct bench {
    struct pdp__arena arena;
    struct pdp__builder b;
    pdp_report_t *report;
    uint32_t line; /* of the mark in the text read last; 0: none */
    uint32_t column;
};

/* Allocations of `limited` memory fail after `left` of them. */
struct limit {
    size_t left;
    size_t live;
};

static void *
limit_alloc(void *user, size_t size)
{
    struct limit *limit = user;

    if (limit->left == 0) {
        return NULL;
    }
    limit->left--;
    limit->live++;
    return malloc(size);
}

static void
limit_free(void *user, void *ptr)
{
    struct limit *limit = user;

    limit->live--;
    free(ptr);
}

static READ_UNUSED pdp_mem_t
limited(struct limit *limit)
{
    return (pdp_mem_t){limit_alloc, limit_free, limit};
}

/* ' -> ", the mark taken out; free() it. */
static READ_UNUSED char *
plain(const char *text, uint32_t *line, uint32_t *column)
{
    size_t len = strlen(text);
    char *out = malloc(len + 1);
    size_t at = 0;
    uint32_t row = 1;
    uint32_t col = 1;

    assert_non_null(out);
    *line = 0;
    *column = 0;
    for (size_t i = 0; i < len; i++) {
        if (text[i] == '^') {
            *line = row;
            *column = col;
            continue;
        }
        out[at++] = text[i] == '\'' ? '"' : text[i];
        col = text[i] == '\n' ? 1 : col + 1;
        row += text[i] == '\n';
    }
    out[at] = '\0';
    return out;
}

static READ_UNUSED pdp_status_t
run(struct bench *bench, read_fn *reader, const char *name, const char *text)
{
    struct pdp__doc doc;
    char *json = plain(text, &bench->line, &bench->column);
    pdp_str_t copy = pdp__arena_copy(&bench->arena, pdp__str_z(json));
    pdp_status_t status = PDP_E_NOMEM;

    free(json);
    if (copy.ptr != NULL) {
        pdp_source_t source = {.size = sizeof(source),
            .kind = PDP_SOURCE_POLICIES,
            .name = pdp__str_z(name),
            .text = copy};
        status = pdp__doc_open(&bench->arena, bench->report, &source, &doc);
    }
    return status == PDP_OK ? reader(&bench->b, &doc) : status;
}

/* With memory that may fail; the services are read. */
static READ_UNUSED pdp_status_t
bench_try(struct bench *bench, const pdp_mem_t *mem)
{
    memset(bench, 0, sizeof(*bench));
    pdp__arena_init(&bench->arena, mem);
    bench->report = pdp__report_new(mem);
    if (bench->report == NULL) {
        return PDP_E_NOMEM;
    }
    pdp__builder_init(&bench->b, &bench->arena, bench->report, 0);
    PDP_TRY(run(bench, pdp__read_service, "birds.json", BIRDS));
    return run(bench, pdp__read_service, "trees.json", TREES);
}

static READ_UNUSED void
bench_free(struct bench *bench)
{
    if (bench->report != NULL) {
        pdp__builder_free(&bench->b);
    }
    pdp_report_free(bench->report);
    pdp__arena_free(&bench->arena);
}

static READ_UNUSED void
print_findings(const struct bench *bench)
{
    for (size_t i = 0; i < pdp_report_count(bench->report); i++) {
        pdp_finding_t f = {.size = sizeof(f)};

        assert_int_equal(pdp_report_at(bench->report, i, &f), PDP_OK);
        print_message("%.*s:%u:%u: %.*s: %.*s [%.*s]\n", (int)f.source.len,
            f.source.ptr, f.line, f.column, (int)f.code.len, f.code.ptr,
            (int)f.message.len, f.message.ptr, (int)f.hint.len, f.hint.ptr);
    }
}

static READ_UNUSED void
bench_init(struct bench *bench)
{
    pdp_mem_t mem = pdp__mem_default();

    assert_int_equal(bench_try(bench, &mem), PDP_OK);
    if (pdp_report_count(bench->report) != 0) {
        print_findings(bench);
        fail_msg("the services of the bench have findings");
    }
}

static READ_UNUSED bool
is_text(pdp_str_t got, const char *wanted)
{
    return pdp__str_eq(got, pdp__str_z(wanted == NULL ? "" : wanted));
}

/* A finding of this code, place and hint (NULL: none) is there. */
static READ_UNUSED void
assert_found_at(const struct bench *bench, const char *code, uint32_t line,
    uint32_t column, const char *hint)
{
    for (size_t i = 0; i < pdp_report_count(bench->report); i++) {
        pdp_finding_t f = {.size = sizeof(f)};

        assert_int_equal(pdp_report_at(bench->report, i, &f), PDP_OK);
        if (is_text(f.code, code) && f.line == line && f.column == column &&
            is_text(f.hint, hint)) {
            return;
        }
    }
    print_findings(bench);
    fail_msg("no finding %s at %u:%u with hint [%s]", code, line, column,
        hint == NULL ? "" : hint);
}

static READ_UNUSED void
assert_message(const struct bench *bench, const char *message)
{
    for (size_t i = 0; i < pdp_report_count(bench->report); i++) {
        pdp_finding_t f = {.size = sizeof(f)};

        assert_int_equal(pdp_report_at(bench->report, i, &f), PDP_OK);
        if (is_text(f.message, message)) {
            return;
        }
    }
    print_findings(bench);
    fail_msg("no finding says: %s", message);
}

/* Policies in most cases leave the subject out, which they may; what the
 * loader says of that has a case of its own and counts there only. */
static READ_UNUSED size_t
count_findings(const struct bench *bench, bool with_subjects)
{
    static const char says[] = " without a subject ";
    size_t cnt = 0;

    for (size_t i = 0; i < pdp_report_count(bench->report); i++) {
        pdp_finding_t f = {.size = sizeof(f)};

        assert_int_equal(pdp_report_at(bench->report, i, &f), PDP_OK);
        cnt += with_subjects || memmem(f.message.ptr, f.message.len, says,
                                    sizeof(says) - 1) == NULL;
    }
    return cnt;
}

static READ_UNUSED void
assert_findings(const struct bench *bench, size_t cnt)
{
    size_t found = count_findings(bench, false);

    if (found != cnt) {
        print_findings(bench);
        fail_msg("%zu findings, not %zu", found, cnt);
    }
}

/* One text with one finding, at the mark. */
struct bad {
    const char *text;
    const char *code;
    const char *hint; /* NULL: none */
};

/* Reads each on a bench of its own; its finding is the only one. */
static READ_UNUSED void
assert_all_bad(read_fn *reader, const struct bad *cases, size_t cnt)
{
    for (size_t i = 0; i < cnt; i++) {
        struct bench bench;

        bench_init(&bench);
        assert_int_equal(run(&bench, reader, SOURCE_NAME, cases[i].text),
            PDP_OK);
        if (bench.line == 0) {
            fail_msg("no mark in: %s", cases[i].text);
        }
        if (pdp_report_count(bench.report) != 1) {
            print_message("%s\n", cases[i].text);
        }
        assert_findings(&bench, 1);
        assert_found_at(&bench, cases[i].code, bench.line, bench.column,
            cases[i].hint);
        bench_free(&bench);
    }
}

/* Reads with memory that fails a little later each time, until it does not:
 * every call ends with PDP_OK or PDP_E_NOMEM and nothing is left over. */
static READ_UNUSED void
assert_survives(read_fn *reader, const char *text)
{
    pdp_status_t status = PDP_E_NOMEM;

    for (size_t left = 0; status != PDP_OK; left++) {
        struct limit limit = {left, 0};
        pdp_mem_t mem = limited(&limit);
        struct bench bench;

        assert_true(left < 10000);
        status = bench_try(&bench, &mem);
        if (status == PDP_OK) {
            status = run(&bench, reader, SOURCE_NAME, text);
        }
        if (status == PDP_OK) {
            assert_false(bench.b.failed);
            assert_false(pdp__report_failed(bench.report));
        } else {
            assert_int_equal(status, PDP_E_NOMEM);
        }
        bench_free(&bench);
        assert_int_equal(limit.live, 0);
    }
}

/* Item ix of `texts` from a range. */
static READ_UNUSED pdp_str_t
text_at(const struct bench *bench, struct pdp__range range, uint32_t ix)
{
    assert_true(ix < range.cnt);
    return pdp__builder_str(&bench->b,
        *PDP__ITEM(&bench->b, texts, struct pdp__text, range.first + ix));
}

#define ARRAY_CNT(a) (sizeof(a) / sizeof((a)[0]))

#endif
