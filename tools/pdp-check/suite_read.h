/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#ifndef PDP__CHECK_SUITE_READ_H
#define PDP__CHECK_SUITE_READ_H

/* Between the files that read a suite; each reports what it finds. */

#include "pdp-check/suite.h"

/* Index of the item of this name, or -1. */
int64_t pdp__suite_find(const struct pdp__suite_names *names, pdp_str_t name);

/* Sorts the names; the items must be complete. */
void pdp__suite_sort(struct pdp__suite_names *names);

/* False, and a finding, unless this can be a name: neither empty nor long,
 * and without control characters, which no output could show. */
bool pdp__suite_check_name(const struct pdp__suite *suite, pdp_str_t name,
    struct pdp__place place);

/* "did you mean" for one of the names; NULL: none is near. */
const char *pdp__suite_hint(const struct pdp__suite_names *names,
    pdp_str_t name, char *buf, size_t cap);

/* The time at string node ix; 0: that of the suite.  False: a finding. */
bool pdp__suite_read_at(const struct pdp__suite *suite, uint32_t ix,
    uint32_t owner, struct pdp__suite_at *out);

/* The objects `principals` and `requests`. */
void pdp__suite_read_principals(struct pdp__suite *suite, uint32_t ix);
void pdp__suite_read_requests(struct pdp__suite *suite, uint32_t ix);

/*
 * What a case names, or writes itself: an index, which is marked as used, or
 * -1 and a finding.  _named: by a name (a request also in its short form),
 * as in a table.
 */
int64_t pdp__suite_use_principal(struct pdp__suite *suite, uint32_t ix);
int64_t pdp__suite_use_request(struct pdp__suite *suite, uint32_t ix);
int64_t pdp__suite_named_principal(struct pdp__suite *suite, pdp_str_t name,
    struct pdp__place place);
int64_t pdp__suite_named_request(struct pdp__suite *suite, pdp_str_t name,
    struct pdp__place place);

/* The arrays `cases` and `tables`. */
void pdp__suite_read_cases(struct pdp__suite *suite, uint32_t ix);
void pdp__suite_read_tables(struct pdp__suite *suite, uint32_t ix);

/* A new case, or NULL and a finding if there are too many. */
struct pdp__suite_case *pdp__suite_new_case(struct pdp__suite *suite,
    uint32_t ix);

/* The object `expect` of a case. */
void pdp__suite_check_expect(const struct pdp__suite *suite, uint32_t ix);

/* allow, deny or a reason; false, and a finding at node ix, if it is none. */
bool pdp__suite_check_word(const struct pdp__suite *suite, uint32_t ix,
    pdp_str_t word);

#endif
