/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#ifndef PDP__CHECK_ROWS_H
#define PDP__CHECK_ROWS_H

/*
 * A list in three formats from one set of calls:
 *
 *   text  an aligned table with headings
 *   tsv   one line a row, no heading, fields escaped, `-` for nothing
 *   json  an array of objects
 *
 * Call one function for each column of each row, in order, then
 * pdp__rows_next(); pdp__rows_finish() at the end.
 */

#include "common/heap.h"
#include "pdp-check/cli.h"

enum { PDP__ROWS_MAX = 12 };

struct pdp__column {
    const char *member;  /* in json */
    const char *heading; /* in text; NULL: not shown there */
    bool tsv;            /* a field of tsv */
    bool tall;           /* a list that text shows one item a line */
};

struct pdp__rows {
    enum pdp__format format;
    const struct pdp__column *columns;
    size_t column_cnt;
    size_t column; /* the one that is next */
    size_t row_cnt;
    size_t fields; /* written on this line of a tsv */
    struct pdp__string line;
    char **cells; /* text: row_cnt * column_cnt */
    size_t cell_cnt, cell_cap;
    size_t widths[PDP__ROWS_MAX];
};

void pdp__rows_start(struct pdp__rows *rows, enum pdp__format format,
    const struct pdp__column *columns, size_t column_cnt);

/* ptr NULL: nothing, `-` or null. */
void pdp__rows_str(struct pdp__rows *rows, pdp_str_t value);
void pdp__rows_number(struct pdp__rows *rows, int64_t value);

/* A boolean in json, otherwise one of two words. */
void pdp__rows_bool(struct pdp__rows *rows, bool value, const char *yes,
    const char *no);

/* The same, with `true` and `false` in tsv. */
void pdp__rows_flag(struct pdp__rows *rows, bool value, const char *yes,
    const char *no);

/* An array in json, otherwise joined by commas. */
void pdp__rows_list(struct pdp__rows *rows, const pdp_str_t *items, size_t cnt);

void pdp__rows_next(struct pdp__rows *rows);
void pdp__rows_finish(struct pdp__rows *rows);

#endif
