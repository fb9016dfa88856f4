/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include "pdp-check/test_out.h"

/*
 * The XML of JUnit, as CI systems read it: a testsuite for each file, a
 * testcase for each case.  There are no times in it, so that two equal runs
 * are equal files.
 */

#include "common/out.h"
#include "pdp-check/markup.h"

static void
add_attribute(struct pdp__string *out, const char *name, pdp_str_t value)
{
    pdp__string_fmt(out, " %s=\"", name);
    pdp__markup_add(out, value);
    pdp__string_char(out, '"');
}

/* Text that is printable ASCII and line ends already. */
static void
add_lines(struct pdp__string *out, pdp_str_t text)
{
    while (text.len > 0) {
        size_t end = pdp__str_find(text, '\n', 0);
        for (size_t i = 0; i < end; i++) {
            /* What was escaped before is not escaped again. */
            if (text.ptr[i] == '\\') {
                pdp__string_char(out, '\\');
            } else {
                pdp__markup_add(out, pdp__str(text.ptr + i, 1));
            }
        }
        pdp__string_z(out, end < text.len ? "\n" : "");
        text = pdp__str_from(text, end < text.len ? end + 1 : end);
    }
}

static void
add_failure(struct pdp__string *out, const struct pdp__test_result *result)
{
    struct pdp__string text = {0};
    pdp__test_summary(result, &text);
    pdp__string_z(out, "\n      <failure type=\"decision\" message=\"");
    add_lines(out, pdp__string_get(&text));
    pdp__string_z(out, "\">");
    text.len = 0;
    pdp__test_why(result, "", false, &text);
    pdp__string_z(&text, "$ ");
    pdp__test_command(result, &text);
    pdp__string_char(&text, '\n');
    add_lines(out, pdp__string_get(&text));
    pdp__string_z(out, "</failure>\n    ");
    pdp__string_free(&text);
}

static void
add_test(struct pdp__test_run *run, const struct pdp__test_result *result)
{
    struct pdp__string *out = &run->suite;
    pdp__string_z(out, "    <testcase");
    add_attribute(out, "classname", pdp__str_z(result->file->path));
    add_attribute(out, "name", result->test->name);
    add_attribute(out, "file", pdp__str_z(result->file->path));
    pdp__string_fmt(out, " line=\"%lu\">",
        (unsigned long)pdp__suite_line(&result->file->suite, result->test));
    if (result->mismatches->cnt > 0) {
        add_failure(out, result);
    }
    pdp__string_z(out, "</testcase>\n");
}

static void
add_counts(struct pdp__string *out, size_t cnt, size_t failed)
{
    pdp__string_fmt(out,
        " tests=\"%zu\" failures=\"%zu\" errors=\"0\" skipped=\"0\"", cnt,
        failed);
}

static void
add_suite(struct pdp__test_run *run, const char *path)
{
    pdp__string_z(&run->out, "  <testsuite");
    add_attribute(&run->out, "name", pdp__str_z(path));
    add_counts(&run->out, run->suite_cnt, run->suite_failed);
    pdp__string_z(&run->out, ">\n");
    pdp__test_close_suite(run);
    pdp__string_z(&run->out, "  </testsuite>\n");
}

static void
finish(struct pdp__test_run *run, const struct pdp__coverage *coverage)
{
    struct pdp__string out = {0};
    (void)coverage;
    pdp__string_z(&out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                        "<testsuites name=\"pdp-check test\"");
    add_counts(&out, run->cnt, run->failed);
    pdp__string_z(&out, ">\n");
    pdp__string_add(&out, pdp__string_get(&run->out));
    pdp__string_z(&out, "</testsuites>\n");
    pdp__out_write(pdp__string_get(&out));
    pdp__string_free(&out);
}

const struct pdp__test_format pdp__test_junit = {"junit", add_test, add_suite,
    finish, false};
