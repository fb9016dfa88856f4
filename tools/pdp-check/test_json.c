/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include "pdp-check/test_out.h"

/*
 * For programs: one JSON object for the whole run, or one line of tsv for
 * each case.  The names of members and the order of fields are a contract
 * (pdp-check(1)).
 */

#include "common/escape.h"
#include "common/out.h"
#include "pdp-check/json_text.h"

static void
add_pair(struct pdp__string *out, const char *name, pdp_str_t value)
{
    pdp__string_fmt(out, "\"%s\":", name);
    pdp__escape_json(out, value);
    pdp__string_char(out, ',');
}

static void
add_failures(struct pdp__string *out, const struct pdp__mismatches *list)
{
    pdp__string_z(out, "\"failures\":[");
    for (size_t i = 0; i < list->cnt; i++) {
        const struct pdp__mismatch *one = &list->items[i];
        pdp__string_z(out, i == 0 ? "{" : ",{");
        add_pair(out, "member", pdp__str_z(one->member));
        pdp__string_fmt(out, "\"expected\":%s,\"seen\":%s}", one->expected,
            strcmp(one->seen, "nothing") == 0 ? "null" : one->seen);
    }
    pdp__string_char(out, ']');
}

static void
add_json_test(struct pdp__test_run *run, const struct pdp__test_result *result)
{
    struct pdp__string *out = &run->suite;
    struct pdp__string command = {0};
    pdp__string_z(out, run->suite_cnt == 1 ? "{" : ",{");
    add_pair(out, "name", result->test->name);
    pdp__string_fmt(out, "\"line\":%lu,\"passed\":%s,",
        (unsigned long)pdp__suite_line(&result->file->suite, result->test),
        result->mismatches->cnt == 0 ? "true" : "false");
    pdp__string_z(out, "\"expect\":");
    pdp__suite_expected(&result->file->suite, result->test, out);
    pdp__string_z(out, ",\"seen\":");
    pdp__string_add(out, result->json);
    pdp__string_char(out, ',');
    add_failures(out, result->mismatches);
    pdp__string_char(out, ',');
    pdp__test_command(result, &command);
    pdp__string_z(out, "\"reproduce\":");
    pdp__escape_json(out, pdp__string_get(&command));
    pdp__string_char(out, '}');
    pdp__string_free(&command);
}

static void
add_json_suite(struct pdp__test_run *run, const char *path)
{
    pdp__string_z(&run->out, run->suites == 0 ? "{" : ",{");
    add_pair(&run->out, "file", pdp__str_z(path));
    pdp__string_fmt(&run->out, "\"tests\":%zu,\"failed\":%zu,\"cases\":[",
        run->suite_cnt, run->suite_failed);
    pdp__test_close_suite(run);
    pdp__string_z(&run->out, "]}");
}

static void
finish_json(struct pdp__test_run *run, const struct pdp__coverage *coverage)
{
    struct pdp__string out = {0};
    pdp__string_fmt(&out, "{\"tests\":%zu,\"failed\":%zu,\"suites\":[",
        run->cnt, run->failed);
    pdp__string_add(&out, pdp__string_get(&run->out));
    pdp__string_z(&out, "],\"coverage\":");
    if (coverage == NULL) {
        pdp__string_z(&out, "null");
    } else {
        pdp__coverage_json(coverage, &out);
    }
    pdp__string_z(&out, "}\n");
    pdp__out_write(pdp__string_get(&out));
    pdp__string_free(&out);
}

static const struct pdp__column columns[] = {
    {"file", NULL, true, false},
    {"line", NULL, true, false},
    {"name", NULL, true, false},
    {"passed", NULL, true, false},
    {"decision", NULL, true, false},
    {"reason", NULL, true, false},
    {"failures", NULL, true, false},
};

static void
add_tsv_test(struct pdp__test_run *run, const struct pdp__test_result *result)
{
    struct pdp__string failures = {0};
    struct pdp__rows *rows = &run->rows;
    if (rows->columns == NULL) {
        pdp__rows_start(rows, PDP__FORMAT_TSV, columns,
            sizeof(columns) / sizeof(columns[0]));
    }
    pdp__test_summary(result, &failures);
    pdp__rows_str(rows, pdp__str_z(result->file->path));
    pdp__rows_number(rows, pdp__suite_line(&result->file->suite, result->test));
    pdp__rows_str(rows, result->test->name);
    pdp__rows_bool(rows, result->mismatches->cnt == 0, "passed", "failed");
    pdp__rows_str(rows,
        pdp_decision_effect(result->decision) == PDP_EFFECT_ALLOW
            ? PDP__LIT("allow")
            : PDP__LIT("deny"));
    pdp__rows_str(rows,
        pdp__str_z(pdp_reason_name(pdp_decision_reason(result->decision))));
    pdp__rows_str(rows,
        failures.len == 0 ? (pdp_str_t){NULL, 0} : pdp__string_get(&failures));
    pdp__rows_next(rows);
    pdp__string_free(&failures);
}

static void
add_tsv_suite(struct pdp__test_run *run, const char *path)
{
    (void)path;
    pdp__test_close_suite(run);
}

static void
finish_tsv(struct pdp__test_run *run, const struct pdp__coverage *coverage)
{
    (void)coverage;
    if (run->rows.columns != NULL) {
        pdp__rows_finish(&run->rows);
    }
}

const struct pdp__test_format pdp__test_json = {"json", add_json_test,
    add_json_suite, finish_json, true};
const struct pdp__test_format pdp__test_tsv = {"tsv", add_tsv_test,
    add_tsv_suite, finish_tsv, false};
