/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#ifndef PDP__CHECK_TEST_OUT_H
#define PDP__CHECK_TEST_OUT_H

/*
 * What `test` prints, in one of five formats: each is a table of three
 * functions, called case by case.
 */

#include "pdp-check/coverage.h"
#include "pdp-check/rows.h"
#include "pdp-check/suite_expect.h"
#include "pdp-check/suite_file.h"

/* One case, decided. */
struct pdp__test_result {
    const struct pdp__suite_file *file;
    const struct pdp__suite_case *test;
    const pdp_request_t *request;
    const pdp_decision_t *decision;
    pdp_str_t json; /* the decision, as decide --format json has it */
    const struct pdp__mismatches *mismatches; /* cnt 0: it passed */
};

struct pdp__test_run {
    struct pdp__string out;   /* of the suites that are complete */
    struct pdp__string suite; /* of the one in hand */
    struct pdp__rows rows;    /* tsv */
    bool colour;
    size_t cnt, failed;             /* cases of the whole run */
    size_t suite_cnt, suite_failed; /* cases of the suite in hand */
    size_t suites;                  /* that are complete */
};

struct pdp__test_format {
    const char *name;
    void (*test)(struct pdp__test_run *run,
        const struct pdp__test_result *result);
    void (*suite)(struct pdp__test_run *run, const char *path);
    /* coverage: NULL if it was not asked for */
    void (*finish)(struct pdp__test_run *run,
        const struct pdp__coverage *coverage);
    bool has_coverage; /* finish() shows it; otherwise it goes to stderr */
};

extern const struct pdp__test_format pdp__test_text;
extern const struct pdp__test_format pdp__test_tap;
extern const struct pdp__test_format pdp__test_junit;
extern const struct pdp__test_format pdp__test_json;
extern const struct pdp__test_format pdp__test_tsv;

/* Moves the text of the suite in hand to the end of the run's. */
void pdp__test_close_suite(struct pdp__test_run *run);

/*
 * Why a case failed, as lines of printable ASCII: what was expected and what
 * came, then the decision with its grants.  indent begins each line.
 */
void pdp__test_why(const struct pdp__test_result *result, const char *indent,
    bool colour, struct pdp__string *out);

/* The command that shows the same decision, for a shell; one line. */
void pdp__test_command(const struct pdp__test_result *result,
    struct pdp__string *out);

/* The mismatches on one line: "member: expected X, seen Y; ..." */
void pdp__test_summary(const struct pdp__test_result *result,
    struct pdp__string *out);

#endif
