/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#ifndef PDP__CHECK_SUITE_H
#define PDP__CHECK_SUITE_H

/*
 * A suite of tests for policies, pdp-tests/1, as it was read: who asks
 * (principals), what (requests), and which decision is expected (cases).
 * A cell of a table is a case like any other.
 *
 *     suite_read.c      the document, its clock, its names
 *     suite_fixtures.c  principals and requests
 *     suite_cases.c     cases
 *     suite_tables.c    tables
 *     suite_expect.c    what may be expected, and whether it came so
 *     suite_sources.c   the documents that the decisions rest on
 *
 * Strings are slices of the document or of the arena; they last as long as
 * the suite.
 */

#include "load/doc.h"
#include "pdp/request.h"

/* Who asks. */
struct pdp__suite_principal {
    pdp_str_t name; /* ptr NULL: written in a case */
    uint32_t node;  /* of the definition; 0: built in */
    bool anonymous; /* without a token; otherwise node has the claims */
    bool used;
};

/* What is asked. */
struct pdp__suite_request {
    pdp_str_t name; /* ptr NULL: written in a case */
    uint32_t node;
    pdp_str_t method;
    pdp_str_t target;
    pdp_str_t client_address; /* ptr NULL: not known */
    pdp_str_t endpoint_type;  /* the same */
    pdp_header_t *headers;
    size_t header_cnt;
    bool used;
};

struct pdp__suite_case {
    pdp_str_t name;
    uint32_t node; /* of the case, or of the row of its table */
    uint32_t principal;
    uint32_t request;
    uint32_t expect; /* object node; 0: word says it */
    pdp_str_t word;  /* allow, deny, or a reason */
    int64_t at_sec;
    uint32_t at_nsec;
};

/* A clock that stands. */
struct pdp__suite_at {
    bool given;
    int64_t sec;
    uint32_t nsec;
};

/* A name and what it stands for, sorted by name. */
struct pdp__suite_name {
    pdp_str_t name;
    uint32_t ix;
};

struct pdp__suite_names {
    struct pdp__suite_name *items;
    uint32_t cnt;
};

struct pdp__suite {
    struct pdp__arena arena;
    struct pdp__doc doc;
    pdp_report_t *report;
    struct pdp__suite_at at;
    struct pdp__vec principals; /* of struct pdp__suite_principal */
    struct pdp__vec requests;   /* of struct pdp__suite_request */
    struct pdp__vec cases;      /* of struct pdp__suite_case */
    struct pdp__suite_names principal_names;
    struct pdp__suite_names request_names;
    /* Nodes of the documents, 0: not given. */
    uint32_t service, trust, directory, policies, restrictions, revocations;
};

#define PDP__SUITE_FORMAT "pdp-tests/1"

/* Without bound a table of a few lines would be a run of days. */
enum { PDP__SUITE_CASES_MAX = 1000000 };

/* The last `at`: a token that a suite makes lives an hour, and RFC 3339 ends
 * with the year 9999. */
#define PDP__SUITE_AT_MAX (INT64_C(253402300799) - 3600)

/*
 * Reads a suite.  What source points to is borrowed until the suite is freed.
 * False: there are findings of severity error in suite->report, or, without
 * any, there was no memory.
 */
bool pdp__suite_parse(struct pdp__suite *suite, const pdp_source_t *source);

void pdp__suite_free(struct pdp__suite *suite);

static inline struct pdp__suite_principal *
pdp__suite_principal_at(const struct pdp__suite *suite, uint32_t ix)
{
    return PDP__VEC_AT(&suite->principals, struct pdp__suite_principal, ix);
}

static inline struct pdp__suite_request *
pdp__suite_request_at(const struct pdp__suite *suite, uint32_t ix)
{
    return PDP__VEC_AT(&suite->requests, struct pdp__suite_request, ix);
}

static inline struct pdp__suite_case *
pdp__suite_case_at(const struct pdp__suite *suite, uint32_t ix)
{
    return PDP__VEC_AT(&suite->cases, struct pdp__suite_case, ix);
}

/* The case of this name, or NULL. */
const struct pdp__suite_case *
pdp__suite_find_case(const struct pdp__suite *suite, pdp_str_t name);

/* The line of the suite that a case is at. */
uint32_t pdp__suite_line(const struct pdp__suite *suite,
    const struct pdp__suite_case *test);

#endif
