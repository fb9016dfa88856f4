/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include "pdp-check/test_out.h"

/*
 * pdp-check test: do the policies decide what their authors expect?
 *
 * All suites are read before the first case is decided, and a suite with an
 * error stops the run: results of the others would look like a whole.  For
 * the same reason a filter that no case fits is an error.
 *
 * A suite is held to one clock, its own; the system clock is never read.
 */

#include <stdio.h>

#include "common/out.h"
#include "common/tell.h"
#include "pdp-check/decide.h"
#include "text/glob.h"
#include "text/suggest.h"

enum {
    OPT_FILTER = PDP__OPT_OWN,
    OPT_FORMAT,
    OPT_COVERAGE,
    OPT_COVERAGE_HTML,
    OPT_FAIL_UNDER
};

/* From how many cases on a progress line is worth while, and how often. */
enum { PROGRESS_MIN = 2000, PROGRESS_STEP = 500 };

static const struct pdp__option options[] = {
    {OPT_FILTER, 0, false, "filter", "GLOB|TEXT",
        "only cases whose name fits a pattern with * or\n"
        "?, or holds a text"},
    {OPT_FORMAT, 'f', false, "format", "FORMAT",
        "text, tap, junit, json or tsv (default: text)"},
    {OPT_COVERAGE, 0, false, "coverage", NULL,
        "show routes and outcomes that no case had, and\n"
        "policies that never decided anything"},
    {OPT_COVERAGE_HTML, 0, false, "coverage-html", "FILE",
        "write that as a page of HTML"},
    {OPT_FAIL_UNDER, 0, false, "fail-under", "PERCENT",
        "status 1 if fewer of the outcomes are covered"},
    PDP__ROW_HELP,
    {0},
};

static const struct pdp__test_format *const formats[] = {
    &pdp__test_text,
    &pdp__test_tap,
    &pdp__test_junit,
    &pdp__test_json,
    &pdp__test_tsv,
};

struct test {
    const struct pdp__command *command;
    const struct pdp__test_format *format;
    const char *filter;
    const char *html;
    bool coverage;
    bool has_fail_under;
    int64_t fail_under;
    char **paths;
    size_t path_cnt;
    struct pdp__suite_file *files;
    size_t total;  /* cases to run */
    bool internal; /* a decision failed */
    struct pdp__test_run run;
    struct pdp__coverage counted;
};

static bool
read_format(struct test *test, const char *value)
{
    for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
        if (strcmp(value, formats[i]->name) == 0) {
            test->format = formats[i];
            return true;
        }
    }
    pdp__tell("--format is text, tap, junit, json or tsv, not '%s'", value);
    return false;
}

static bool
has_wildcard(const char *filter)
{
    return strpbrk(filter, "*?") != NULL;
}

static bool
read_filter(struct test *test, const char *value)
{
    size_t offset = 0;
    test->filter = value;
    if (has_wildcard(value) && !pdp__glob_check(pdp__str_z(value), &offset)) {
        pdp__tell("--filter: '%s' is no pattern: '{{' is followed by *}} or "
                  "?}}",
            value);
        return false;
    }
    return true;
}

static bool
read_option(struct test *test, const struct pdp__args *args)
{
    switch (args->option->id) {
    case OPT_FILTER:
        return read_filter(test, args->value);
    case OPT_FORMAT:
        return read_format(test, args->value);
    case OPT_COVERAGE:
        test->coverage = true;
        return true;
    case OPT_COVERAGE_HTML:
        test->html = args->value;
        return true;
    default:
        test->has_fail_under = true;
        return pdp__cli_number("fail-under", args->value, 0, 100,
            &test->fail_under);
    }
}

/* -1: go on; otherwise the exit status. */
static int
read_command_line(struct test *test, int argc, char **argv)
{
    struct pdp__args args = pdp__args_init(argc, argv);
    enum pdp__args_kind kind = PDP__ARGS_END;
    while ((kind = pdp__args_next(&args, options)) != PDP__ARGS_END) {
        bool good = kind != PDP__ARGS_ERROR;
        if (kind == PDP__ARGS_OPERAND) {
            test->paths[test->path_cnt++] = args.argv[args.next - 1];
        } else if (good && args.option->id == PDP__OPT_HELP) {
            return pdp__cli_help(test->command);
        } else if (good) {
            good = read_option(test, &args);
        }
        if (!good) {
            return pdp__cli_usage(test->command);
        }
    }
    if (test->path_cnt == 0) {
        pdp__tell("a suite is needed");
        return pdp__cli_usage(test->command);
    }
    return -1;
}

static bool
contains(pdp_str_t text, pdp_str_t part)
{
    for (size_t i = 0; i + part.len <= text.len; i++) {
        if (memcmp(text.ptr + i, part.ptr, part.len) == 0) {
            return true;
        }
    }
    return false;
}

static bool
is_wanted(const struct test *test, pdp_str_t name)
{
    if (test->filter == NULL) {
        return true;
    }
    pdp_str_t filter = pdp__str_z(test->filter);
    return has_wildcard(test->filter) ? pdp__glob_match(filter, name)
                                      : contains(name, filter);
}

/* -1: all suites are there, with at least one case that is wanted. */
static int
open_all(struct test *test)
{
    enum pdp__docs_result worst = PDP__DOCS_OK;
    for (size_t i = 0; i < test->path_cnt; i++) {
        enum pdp__docs_result result =
            pdp__suite_open(&test->files[i], test->paths[i]);
        worst = result > worst ? result : worst;
    }
    if (worst != PDP__DOCS_OK) {
        return pdp__cli_status(worst);
    }
    for (size_t i = 0; i < test->path_cnt; i++) {
        const struct pdp__suite *suite = &test->files[i].suite;
        for (uint32_t k = 0; k < suite->cases.cnt; k++) {
            test->total +=
                is_wanted(test, pdp__suite_case_at(suite, k)->name) ? 1 : 0;
        }
    }
    if (test->total == 0) {
        pdp__tell("no case fits --filter '%s'", test->filter);
        return PDP__EXIT_USAGE;
    }
    return -1;
}

/* A line that is written over itself, and taken away at the end; not between
 * lines of output. */
static void
show_progress(const struct test *test)
{
    if (test->total < PROGRESS_MIN || test->format == &pdp__test_tsv ||
        !pdp__out_terminal(stderr)) {
        return;
    }
    if (test->run.cnt == test->total) {
        fputs("\r\033[K", stderr);
    } else if (test->run.cnt % PROGRESS_STEP == 0) {
        fprintf(stderr, "\r%zu of %zu cases, %zu failed", test->run.cnt,
            test->total, test->run.failed);
    }
}

/* Decides one case and hands it to the format. */
static bool
run_case(struct test *test, const struct pdp__suite_file *file,
    const struct pdp__suite_case *one, struct pdp__suite_asked *asked)
{
    const pdp_decision_t *decision = NULL;
    struct pdp__string json = {0};
    struct pdp__mismatches mismatches = {0};
    pdp_status_t status = pdp__suite_decide(file, one, asked, &decision);
    if (status != PDP_OK) {
        pdp__tell("cannot decide: %s", pdp_status_text(status));
        return false;
    }
    test->internal =
        test->internal || pdp_decision_reason(decision) == PDP_REASON_INTERNAL;
    pdp__decide_json(&json, &asked->request, decision);
    pdp_str_t text = pdp__str(json.ptr, json.len - 1); /* without line end */
    pdp__suite_compare(&file->suite, one, text, &mismatches);
    const struct pdp__test_result result = {file, one, &asked->request,
        decision, text, &mismatches};
    size_t failed = mismatches.cnt > 0 ? 1 : 0;
    test->run.cnt++;
    test->run.suite_cnt++;
    test->run.failed += failed;
    test->run.suite_failed += failed;
    test->format->test(&test->run, &result);
    pdp__coverage_count(&test->counted, decision);
    show_progress(test);
    pdp__mismatches_free(&mismatches);
    pdp__string_free(&json);
    return true;
}

static bool
run_suite(struct test *test, const struct pdp__suite_file *file)
{
    struct pdp__suite_asked asked = {0};
    bool good = true;
    pdp__coverage_snapshot(&test->counted, file->docs.snapshot);
    for (uint32_t i = 0; i < file->suite.cases.cnt && good; i++) {
        const struct pdp__suite_case *one = pdp__suite_case_at(&file->suite, i);
        if (is_wanted(test, one->name)) {
            good = run_case(test, file, one, &asked);
        }
    }
    pdp__suite_asked_free(&asked);
    test->format->suite(&test->run, file->path);
    return good;
}

static bool
write_html(const struct test *test)
{
    struct pdp__string page = {0};
    pdp__coverage_html(&test->counted, &page);
    bool written = pdp__file_replace(test->html, 0644, pdp__string_get(&page));
    pdp__string_free(&page);
    return written;
}

/* Tells it, too. */
static bool
is_under(const struct test *test)
{
    struct pdp__coverage_sum sum = pdp__coverage_sum(&test->counted);
    if (!test->has_fail_under ||
        sum.covered * 100 >= (size_t)test->fail_under * sum.cells) {
        return false;
    }
    pdp__tell("the coverage is below %lld %%: %zu of %zu outcomes",
        (long long)test->fail_under, sum.covered, sum.cells);
    return true;
}

static int
run_all(struct test *test)
{
    for (size_t i = 0; i < test->path_cnt; i++) {
        if (!run_suite(test, &test->files[i])) {
            return PDP__EXIT_INTERNAL;
        }
    }
    test->format->finish(&test->run, test->coverage ? &test->counted : NULL);
    if (test->coverage && !test->format->has_coverage) {
        struct pdp__string text = {0};
        pdp__coverage_text(&test->counted, "", &text);
        fwrite(text.ptr, 1, text.len, stderr);
        pdp__string_free(&text);
    }
    if (test->html != NULL && !write_html(test)) {
        return PDP__EXIT_INTERNAL;
    }
    bool under = is_under(test);
    if (test->internal) {
        pdp__tell("a decision failed: its reason is 'internal'");
        return PDP__EXIT_INTERNAL;
    }
    return test->run.failed > 0 || under ? PDP__EXIT_NEGATIVE : PDP__EXIT_OK;
}

static int
run(const struct pdp__command *command, int argc, char **argv)
{
    struct test test = {
        .command = command,
        .format = &pdp__test_text,
        .paths = pdp__heap_resize(NULL, (size_t)argc, sizeof(*test.paths)),
        .files = pdp__heap_alloc((size_t)argc * sizeof(*test.files)),
        .run.colour = pdp__out_colour(stdout),
    };
    int status = read_command_line(&test, argc, argv);
    if (status < 0) {
        status = open_all(&test);
    }
    if (status < 0) {
        status = run_all(&test);
    }
    for (size_t i = 0; i < test.path_cnt; i++) {
        pdp__suite_close(&test.files[i]);
    }
    pdp__heap_free(test.files);
    pdp__heap_free(test.paths);
    pdp__string_free(&test.run.out);
    pdp__string_free(&test.run.suite);
    pdp__coverage_free(&test.counted);
    return status;
}

const struct pdp__command pdp__cmd_test = {
    "test",
    "run tests of policies",
    "[--] SUITE...",
    "Runs suites of tests, pdp-tests(5), JSON, or YAML by the name *.yaml or\n"
    "*.yml: is each request decided as expected?\n"
    "tsv: file, line, case, passed or failed, decision, reason, what differs\n"
    "or '-'.",
    options,
    run,
};
