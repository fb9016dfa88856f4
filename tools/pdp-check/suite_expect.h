/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#ifndef PDP__CHECK_SUITE_EXPECT_H
#define PDP__CHECK_SUITE_EXPECT_H

/* Whether a decision is the one that a case expects. */

#include "common/heap.h"
#include "pdp-check/suite.h"

/* One member that is not as expected; texts are JSON in printable ASCII. */
struct pdp__mismatch {
    char *member;   /* "principal.account" */
    char *expected; /* as the suite has it */
    char *seen;     /* as the decision has it */
};

struct pdp__mismatches {
    struct pdp__mismatch *items;
    size_t cnt;
};

/*
 * Compares a case with a decision, which is the text that pdp__decide_json()
 * made.  *out is filled with what differs, and none means that it passed.
 */
void pdp__suite_compare(const struct pdp__suite *suite,
    const struct pdp__suite_case *test, pdp_str_t decision,
    struct pdp__mismatches *out);

/* Adds what a case expects, as JSON. */
void pdp__suite_expected(const struct pdp__suite *suite,
    const struct pdp__suite_case *test, struct pdp__string *out);

void pdp__mismatches_free(struct pdp__mismatches *list);

#endif
