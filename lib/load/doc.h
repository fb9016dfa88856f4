/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#ifndef PDP__LOAD_DOC_H
#define PDP__LOAD_DOC_H

/*
 * The typed reader: JSON nodes of one source, with findings at line and
 * column.  A reader asks for the members it knows; what nobody asked for is
 * reported as unknown_member, with the nearest known name as a hint.
 */

#include "base/report.h"
#include "pdp/loader.h"
#include "text/json_read.h"

/* One source: copied text, nodes, positions. */
struct pdp__doc {
    struct pdp__json_doc json;
    pdp_str_t name;
    pdp_source_kind_t kind;
    pdp_str_t original;              /* unchanged text, for line and column */
    const pdp_position_t *positions; /* NULL: count in `original` */
    size_t position_cnt;
    uint32_t *line_offsets; /* offsets where lines begin */
    uint32_t line_cnt;
    bool readable; /* JSON was read; false: findings say why not */
    pdp_report_t *report;
};

/* One member that an object may have. */
struct pdp__member {
    const char *name;
    bool required;
    int type;       /* enum pdp__json_type; TRUE: a boolean; -1: any type */
    uint32_t *node; /* set to the value's node, 0 if absent or mistyped */
};

/* Parses the source; *out lives in the arena.  JSON errors become findings
 * and out->readable is false.  The source's name, text and positions are
 * borrowed for as long as *out is used.  PDP_E_NOMEM only. */
pdp_status_t pdp__doc_open(struct pdp__arena *arena, pdp_report_t *report,
    const pdp_source_t *source, struct pdp__doc *out);

/* Where node ix begins; _key: where its member name begins; _offset: any
 * byte of the text. */
struct pdp__place pdp__doc_place(const struct pdp__doc *doc, uint32_t ix);
struct pdp__place pdp__doc_place_key(const struct pdp__doc *doc, uint32_t ix);
struct pdp__place pdp__doc_place_offset(const struct pdp__doc *doc,
    size_t offset);

/*
 * Checks that node ix is an object and reads its members: sets each *node,
 * reports missing, mistyped and unknown ones (ignored: a NULL-terminated
 * list of further names that are known and of no interest; may be NULL).
 * False if the node is no object (reported) .
 */
bool pdp__doc_object(const struct pdp__doc *doc, uint32_t ix,
    const struct pdp__member *members, size_t cnt, const char *const *ignored);

/* Reports and returns false unless node ix has the type (TRUE: boolean). */
bool pdp__doc_is(const struct pdp__doc *doc, uint32_t ix,
    enum pdp__json_type type);

/* Reports and returns false unless the text of string node ix, which is
 * called `what` (with an article), has 1 to max bytes. */
bool pdp__doc_length(const struct pdp__doc *doc, uint32_t ix, const char *what,
    size_t max);

/* Byte `offset` of the decoded text of string node ix; the node itself where
 * escapes make that byte hard to find. */
struct pdp__place pdp__doc_place_text(const struct pdp__doc *doc, uint32_t ix,
    size_t offset);

/* `did you mean "x"?` in buf, x being the candidate nearest to name; NULL
 * when none is near.  PDP__HINT_CAP bytes are always enough. */
enum { PDP__HINT_CAP = 96 };
const char *pdp__doc_hint(char *buf, size_t cap, pdp_str_t name,
    const pdp_str_t *candidates, size_t cnt);

/* Adds a finding at node ix. */
#define PDP__DOC_ADD(doc, code, ix, hint, ...)                                 \
    pdp__report_add((doc)->report, PDP__CODE_##code,                           \
        pdp__doc_place((doc), (ix)), (hint), __VA_ARGS__)

/* printf arguments for a pdp_str_t: "%.*s", PDP__ARG(s) */
#define PDP__ARG(s) pdp__arg_len(s), ((s).ptr)

static inline int
pdp__arg_len(pdp_str_t text)
{
    return text.len > 200 ? 200 : (int)text.len;
}

#endif
