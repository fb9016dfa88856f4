/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include "pdp-check/test_out.h"

/*
 * TAP 14: one stream for all suites, with a diagnostic in YAML below each
 * case that failed.
 *
 * In a description `#` begins a directive - a case called "x # SKIP" would
 * never fail - and a backslash is the escape; both are escaped.  Scalars of
 * the diagnostic are JSON strings, which YAML reads as such.
 */

#include "common/escape.h"
#include "common/out.h"

static void
add_description(struct pdp__string *out, pdp_str_t text)
{
    struct pdp__string shown = {0};
    pdp__escape_add(&shown, text);
    for (size_t i = 0; i < shown.len; i++) {
        if (shown.ptr[i] == '#' || shown.ptr[i] == '\\') {
            pdp__string_char(out, '\\');
        }
        pdp__string_char(out, shown.ptr[i]);
    }
    pdp__string_free(&shown);
}

static void
add_scalar(struct pdp__string *out, const char *name, pdp_str_t value)
{
    pdp__string_fmt(out, "  %s: ", name);
    pdp__escape_json(out, value);
    pdp__string_char(out, '\n');
}

static void
add_diagnostic(struct pdp__string *out, const struct pdp__test_result *result)
{
    struct pdp__string text = {0};
    pdp__string_z(out, "  ---\n");
    pdp__test_summary(result, &text);
    add_scalar(out, "message", pdp__string_get(&text));
    add_scalar(out, "file", pdp__str_z(result->file->path));
    pdp__string_fmt(out, "  line: %lu\n",
        (unsigned long)pdp__suite_line(&result->file->suite, result->test));
    pdp__string_z(out, "  expected: ");
    pdp__suite_expected(&result->file->suite, result->test, out);
    pdp__string_z(out, "\n  seen: ");
    pdp__string_add(out, result->json);
    text.len = 0;
    pdp__test_command(result, &text);
    pdp__string_char(out, '\n');
    add_scalar(out, "reproduce", pdp__string_get(&text));
    pdp__string_z(out, "  why: |\n");
    pdp__test_why(result, "    ", false, out);
    pdp__string_z(out, "  ...\n");
    pdp__string_free(&text);
}

static void
add_test(struct pdp__test_run *run, const struct pdp__test_result *result)
{
    bool passed = result->mismatches->cnt == 0;
    pdp__string_fmt(&run->suite, "%s %zu - ", passed ? "ok" : "not ok",
        run->cnt);
    add_description(&run->suite, pdp__str_z(result->file->path));
    pdp__string_z(&run->suite, ": ");
    add_description(&run->suite, result->test->name);
    pdp__string_char(&run->suite, '\n');
    if (!passed) {
        add_diagnostic(&run->suite, result);
    }
}

static void
add_suite(struct pdp__test_run *run, const char *path)
{
    (void)path;
    pdp__test_close_suite(run);
}

static void
finish(struct pdp__test_run *run, const struct pdp__coverage *coverage)
{
    struct pdp__string out = {0};
    pdp__string_fmt(&out, "TAP version 14\n1..%zu\n", run->cnt);
    pdp__string_add(&out, pdp__string_get(&run->out));
    if (coverage != NULL) {
        pdp__coverage_text(coverage, "# ", &out);
    }
    pdp__out_write(pdp__string_get(&out));
    pdp__string_free(&out);
}

const struct pdp__test_format pdp__test_tap = {"tap", add_test, add_suite,
    finish, true};
