/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include "pdp-check/test_out.h"

/*
 * For people: one line a suite, and everything about each case that failed.
 *
 *     registry.tests.yaml: 91 of 92 cases passed
 *     FAIL robin deletes
 *       registry.tests.yaml:34
 *       decision: expected "allow", seen "deny"
 *       ...
 */

#include "common/escape.h"
#include "common/out.h"

static void
add_test(struct pdp__test_run *run, const struct pdp__test_result *result)
{
    if (result->mismatches->cnt == 0) {
        return;
    }
    struct pdp__string *out = &run->suite;
    pdp__string_fmt(out, "%sFAIL%s ",
        pdp__out_sgr(run->colour, PDP__COLOUR_RED),
        pdp__out_sgr(run->colour, PDP__COLOUR_PLAIN));
    pdp__escape_add(out, result->test->name);
    pdp__string_z(out, "\n  ");
    pdp__escape_add(out, pdp__str_z(result->file->path));
    pdp__string_fmt(out, ":%lu\n",
        (unsigned long)pdp__suite_line(&result->file->suite, result->test));
    pdp__test_why(result, "  ", run->colour, out);
    pdp__string_z(out, "  $ ");
    pdp__test_command(result, out);
    pdp__string_z(out, "\n\n");
}

static void
add_count(struct pdp__test_run *run, struct pdp__string *out, size_t cnt,
    size_t failed)
{
    enum pdp__colour sgr = failed == 0 ? PDP__COLOUR_GREEN : PDP__COLOUR_RED;
    pdp__string_fmt(out, "%s%zu of %zu cases passed%s\n",
        pdp__out_sgr(run->colour, sgr), cnt - failed, cnt,
        pdp__out_sgr(run->colour, PDP__COLOUR_PLAIN));
}

static void
add_suite(struct pdp__test_run *run, const char *path)
{
    pdp__escape_add(&run->suite, pdp__str_z(path));
    pdp__string_z(&run->suite, ": ");
    add_count(run, &run->suite, run->suite_cnt, run->suite_failed);
    pdp__test_close_suite(run);
}

static void
finish(struct pdp__test_run *run, const struct pdp__coverage *coverage)
{
    if (run->suites > 1) {
        pdp__string_fmt(&run->out, "%zu suites: ", run->suites);
        add_count(run, &run->out, run->cnt, run->failed);
    }
    if (coverage != NULL) {
        pdp__coverage_text(coverage, "", &run->out);
    }
    pdp__out_write(pdp__string_get(&run->out));
}

const struct pdp__test_format pdp__test_text = {"text", add_test, add_suite,
    finish, true};
