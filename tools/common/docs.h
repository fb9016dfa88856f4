/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#ifndef PDP__COMMON_DOCS_H
#define PDP__COMMON_DOCS_H

/*
 * The documents of one run: files -> loader -> snapshot, with their texts
 * kept so that findings can show the line they are about.
 *
 *     struct pdp__docs docs;
 *     pdp__docs_open(&docs);
 *     pdp__docs_file(&docs, PDP_SOURCE_TRUST, "trust.yaml");
 *     pdp__docs_needs(&docs);                 (the keys that it names)
 *     pdp__docs_build(&docs);                 -> docs.snapshot
 *     pdp__docs_close(&docs);
 *
 * Files called *.yaml or *.yml are read as YAML where the kind of document
 * may be written so, which is PDP_SOURCE_TRUST.
 */

#include "common/file.h"
#include "common/findings.h"
#include "common/kind.h"
#include "common/yaml.h"
#include "pdp/loader.h"

/* All files of a run together. */
#define PDP__DOCS_MAX ((size_t)256 << 20)

/* In the order of gravity. */
enum pdp__docs_result {
    PDP__DOCS_OK = 0,
    PDP__DOCS_INVALID,    /* there are findings of severity error */
    PDP__DOCS_UNREADABLE, /* a file; told on stderr */
    PDP__DOCS_FAILED      /* a defect; told on stderr */
};

static inline enum pdp__docs_result
pdp__docs_worse(enum pdp__docs_result a, enum pdp__docs_result b)
{
    return a > b ? a : b;
}

struct pdp__input {
    char *name; /* for the loader, which finds JWKS by it */
    char *path; /* for people */
    struct pdp__file file;
    struct pdp__yaml yaml;  /* the file as JSON, if it was YAML */
    bool added;             /* the loader has it, or must not have it */
    bool named;             /* in a trust document, not by an option */
    pdp_source_kind_t kind; /* as added */
    struct pdp__finding_cursor cursor;
};

struct pdp__docs {
    pdp_loader_t *loader;
    struct pdp__input *items;
    size_t cnt, cap;
    size_t total_len;
    pdp_finding_t *own; /* findings that the loader does not make; their
                         * strings are static, or those of the items */
    size_t own_cnt;
    unsigned missing; /* set of 1 << pdp_source_kind_t: not readable */
    bool incomplete;  /* a document could not be converted from YAML, or is of
                       * another kind: building would find nonsense */
    pdp_snapshot_t *snapshot;
    pdp_report_t *report;
};

enum pdp__docs_result pdp__docs_open(struct pdp__docs *docs);

/* Reads a file and adds it. */
enum pdp__docs_result pdp__docs_file(struct pdp__docs *docs,
    pdp_source_kind_t kind, const char *path);

/* The same under another name than its path. */
enum pdp__docs_result pdp__docs_file_as(struct pdp__docs *docs,
    pdp_source_kind_t kind, const char *path, pdp_str_t name);

/* Access policies: a file, or every *.json of a directory. */
enum pdp__docs_result pdp__docs_policies(struct pdp__docs *docs,
    const char *path);

/* The two halves of pdp__docs_file(): *index is that of the new item. */
enum pdp__docs_result pdp__docs_read(struct pdp__docs *docs, const char *path,
    bool yaml_allowed, size_t *index);
enum pdp__docs_result pdp__docs_add(struct pdp__docs *docs, size_t index,
    pdp_source_kind_t kind);

/*
 * Adds a part of a document that was read, as a document of its own.  text
 * is as long as the whole, in JSON, with white space where the part is not:
 * so findings have the line and column of the whole.
 */
enum pdp__docs_result pdp__docs_part(struct pdp__docs *docs, size_t index,
    pdp_source_kind_t kind, pdp_str_t text);

/* The text of a document that was read, as JSON. */
pdp_str_t pdp__docs_json(const struct pdp__docs *docs, size_t index);

/* What a document that was read is. */
enum pdp__kind pdp__docs_kind(const struct pdp__docs *docs, size_t index);

/* A document that was added as one kind and is of another. */
struct pdp__misplaced {
    const char *path;
    enum pdp__kind wanted;
    enum pdp__kind found;
    bool named; /* in a trust document, not by an option */
    bool yaml;  /* of the kind wanted, but YAML where that is not read */
};

/* Whether a document was; worth asking once pdp__docs_build() failed. */
bool pdp__docs_misplaced(const struct pdp__docs *docs, size_t index,
    struct pdp__misplaced *out);

/* Keeps a document that was read from the loader, for the reason given in
 * a finding of severity error; the strings are static. */
void pdp__docs_refuse(struct pdp__docs *docs, size_t index, const char *code,
    const char *message, const char *hint);

/* Adds a text that is in no file. */
enum pdp__docs_result pdp__docs_text(struct pdp__docs *docs,
    pdp_source_kind_t kind, const char *name, pdp_str_t text);

/*
 * Reads the JWKS files that trust documents name, relative to them, and
 * adds them.  A file that was read but not added yet is not read again.
 * Goes on after a file that cannot be read.
 */
enum pdp__docs_result pdp__docs_needs(struct pdp__docs *docs);

/* Compiles: docs->snapshot and docs->report are set. */
enum pdp__docs_result pdp__docs_build(struct pdp__docs *docs);

/*
 * The same after `so_far`, and the worse of the two.  If files could not be
 * read, the findings of the others are told all the same, but for those that
 * the missing ones may be to blame for.
 */
enum pdp__docs_result pdp__docs_finish(struct pdp__docs *docs,
    enum pdp__docs_result so_far);

/* How many errors there are; more than are listed if there are very many. */
size_t pdp__docs_errors(const struct pdp__docs *docs);

/* How many findings are listed, and the index-th one; *input is the document
 * it is about, or NULL. */
size_t pdp__docs_finding_cnt(const struct pdp__docs *docs);
pdp_finding_t pdp__docs_finding(struct pdp__docs *docs, size_t index,
    struct pdp__input **input);

/* Adds a finding of pdp__docs_finding(), as people read it. */
void pdp__docs_show_one(const pdp_finding_t *finding, struct pdp__input *input,
    struct pdp__string *out, bool colour);

/* Adds all findings of at least this severity. */
void pdp__docs_show(struct pdp__docs *docs, pdp_severity_t least,
    struct pdp__string *out, bool colour);

void pdp__docs_close(struct pdp__docs *docs);

#endif
