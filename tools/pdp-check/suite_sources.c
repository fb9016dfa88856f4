/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include "pdp-check/suite_file.h"

/*
 * From a suite to a worker: the documents it names, and those it holds.
 *
 * Files are relative to the suite.  What stands in the suite itself goes to
 * the loader as a text of the same length that is blank everywhere else, so
 * that whatever the loader finds is found in the suite, at its own line and
 * column.
 *
 * The suite's own findings come first, then those of the documents: all of
 * them in one run, but for those that a missing file may be to blame for.
 */

#include <stdio.h>

#include "base/report.h"
#include "common/out.h"
#include "common/tell.h"

/* Offset after the object or array that begins at offset `from`; the text
 * was read before, so it is well-formed. */
static size_t
end_of(pdp_str_t text, size_t from)
{
    size_t depth = 0;
    bool quoted = false;
    for (size_t i = from; i < text.len; i++) {
        char c = text.ptr[i];
        if (quoted) {
            i += c == '\\' ? 1 : 0;
            quoted = c != '"';
        } else if (c == '"') {
            quoted = true;
        } else if (c == '{' || c == '[') {
            depth++;
        } else if (c == '}' || c == ']') {
            depth--;
            if (depth == 0) {
                return i + 1;
            }
        }
    }
    return text.len;
}

/* As much white space as there is text, with its lines. */
static char *
blank(pdp_str_t text)
{
    char *out = pdp__heap_copy(text);
    for (size_t i = 0; i < text.len; i++) {
        if (out[i] != '\n') {
            out[i] = ' ';
        }
    }
    return out;
}

static size_t
keep(char *out, pdp_str_t text, size_t from)
{
    size_t end = end_of(text, from);
    memcpy(out + from, text.ptr + from, end - from);
    return end;
}

/* The object at node ix as a document. */
static enum pdp__docs_result
add_inline(struct pdp__suite_file *file, uint32_t ix, pdp_source_kind_t kind)
{
    pdp_str_t text = file->suite.doc.original;
    file->docs.total_len += text.len;
    if (file->docs.total_len > PDP__DOCS_MAX) {
        PDP__DOC_ADD(&file->suite.doc, LIMIT, ix, "write them into one",
            "there are too many documents in this suite");
        return PDP__DOCS_INVALID;
    }
    char *part = blank(text);
    keep(part, text, file->suite.doc.json.nodes[ix].offset);
    enum pdp__docs_result result =
        pdp__docs_part(&file->docs, 0, kind, pdp__str(part, text.len));
    pdp__heap_free(part);
    return result;
}

/* The policies of a list that stand in it, as one list: a comma fits right
 * behind each, where the next one is not yet. */
static enum pdp__docs_result
add_policies(struct pdp__suite_file *file, uint32_t list)
{
    const struct pdp__json_doc *json = &file->suite.doc.json;
    pdp_str_t text = file->suite.doc.original;
    size_t last = 0;
    char *part = blank(text);
    PDP__JSON_EACH(json, list, item)
    {
        if (pdp__json_is(json, item, PDP__JSON_OBJECT)) {
            if (last != 0) {
                part[last] = ',';
            }
            last = keep(part, text, json->nodes[item].offset);
        }
    }
    enum pdp__docs_result result = PDP__DOCS_OK;
    if (last != 0) {
        part[json->nodes[list].offset] = '[';
        part[end_of(text, json->nodes[list].offset) - 1] = ']';
        result = pdp__docs_part(&file->docs, 0, PDP_SOURCE_POLICIES,
            pdp__str(part, text.len));
    }
    pdp__heap_free(part);
    return result;
}

/* A document that string node ix names. */
static enum pdp__docs_result
add_file(struct pdp__suite_file *file, uint32_t ix, pdp_source_kind_t kind)
{
    const struct pdp__doc *doc = &file->suite.doc;
    pdp_str_t name = pdp__json_text(&doc->json, ix);
    char *path = pdp__file_beside(file->path, name);
    size_t before = file->docs.cnt;
    enum pdp__docs_result result =
        kind == PDP_SOURCE_POLICIES ? pdp__docs_policies(&file->docs, path)
                                    : pdp__docs_file(&file->docs, kind, path);
    if (result == PDP__DOCS_OK && kind == PDP_SOURCE_TRUST) {
        result = pdp__docs_needs(&file->docs);
    }
    if (result == PDP__DOCS_UNREADABLE) {
        PDP__DOC_ADD(doc, MISSING_SOURCE, ix, "paths are relative to the suite",
            "\"%.*s\" cannot be read", PDP__ARG(name));
    }
    for (size_t i = before; i < file->docs.cnt; i++) {
        struct pdp__misplaced item;
        if (!pdp__docs_misplaced(&file->docs, i, &item)) {
            continue;
        }
        if (item.yaml) {
            PDP__DOC_ADD(doc, BAD_VALUE, ix,
                "write it as JSON, or put it into the suite",
                "\"%s\" is YAML, which is read for trust documents only",
                item.path);
        } else {
            PDP__DOC_ADD(doc, BAD_VALUE, ix, NULL, "\"%s\" is %s, not %s",
                item.path, pdp__kind_name(item.found),
                pdp__kind_name(item.wanted));
        }
        result = pdp__docs_worse(result, PDP__DOCS_INVALID);
        file->docs.incomplete = true; /* the rest would be nonsense */
    }
    pdp__heap_free(path);
    return result;
}

/* A file, or what would be in one. */
static enum pdp__docs_result
add_one(struct pdp__suite_file *file, uint32_t ix, pdp_source_kind_t kind)
{
    switch ((enum pdp__json_type)file->suite.doc.json.nodes[ix].type) {
    case PDP__JSON_STRING:
        return add_file(file, ix, kind);
    case PDP__JSON_OBJECT:
        return add_inline(file, ix, kind);
    case PDP__JSON_NULL:
    case PDP__JSON_FALSE:
    case PDP__JSON_TRUE:
    case PDP__JSON_NUMBER:
    case PDP__JSON_ARRAY:
        break;
    }
    return PDP__DOCS_OK; /* reported by the reader */
}

static enum pdp__docs_result
add_node(struct pdp__suite_file *file, uint32_t ix, pdp_source_kind_t kind)
{
    const struct pdp__json_doc *json = &file->suite.doc.json;
    enum pdp__docs_result worst = PDP__DOCS_OK;
    if (ix == 0) {
        return worst;
    }
    if (!pdp__json_is(json, ix, PDP__JSON_ARRAY)) {
        return add_one(file, ix, kind);
    }
    PDP__JSON_EACH(json, ix, item)
    {
        /* There may be thousands of policies: they go as one document. */
        bool later = kind == PDP_SOURCE_POLICIES &&
                     pdp__json_is(json, item, PDP__JSON_OBJECT);
        enum pdp__docs_result result =
            later ? PDP__DOCS_OK : add_one(file, item, kind);
        worst = pdp__docs_worse(worst, result);
    }
    enum pdp__docs_result result =
        kind == PDP_SOURCE_POLICIES ? add_policies(file, ix) : PDP__DOCS_OK;
    return pdp__docs_worse(worst, result);
}

static enum pdp__docs_result
add_sources(struct pdp__suite_file *file)
{
    const struct pdp__suite *suite = &file->suite;
    const struct {
        uint32_t ix;
        pdp_source_kind_t kind;
    } parts[] = {
        {suite->service, PDP_SOURCE_SERVICE},
        {suite->trust, PDP_SOURCE_TRUST},
        {suite->directory, PDP_SOURCE_DIRECTORY},
        {suite->policies, PDP_SOURCE_POLICIES},
        {suite->restrictions, PDP_SOURCE_RESTRICTIONS},
        {suite->revocations, PDP_SOURCE_REVOCATIONS},
    };
    enum pdp__docs_result worst = PDP__DOCS_OK;
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        enum pdp__docs_result result =
            add_node(file, parts[i].ix, parts[i].kind);
        worst = pdp__docs_worse(worst, result);
    }
    return worst;
}

/* The findings of the suite, then those of the documents.  A name nobody
 * uses is worth more than the note it is elsewhere. */
static void
show(struct pdp__suite_file *file)
{
    struct pdp__string text = {0};
    bool colour = pdp__out_colour(stderr);
    for (size_t i = 0; i < pdp_report_count(file->suite.report); i++) {
        pdp_finding_t finding = {.size = sizeof(finding)};
        if (pdp_report_at(file->suite.report, i, &finding) == PDP_OK) {
            if (finding.severity == PDP_SEVERITY_NOTE) {
                finding.severity = PDP_SEVERITY_WARNING;
            }
            pdp__docs_show_one(&finding, &file->docs.items[0], &text, colour);
        }
    }
    pdp__docs_show(&file->docs, PDP_SEVERITY_WARNING, &text, colour);
    fwrite(text.len == 0 ? "" : text.ptr, 1, text.len, stderr);
    pdp__string_free(&text);
}

/* Something else that has a name of its own. */
static bool
is_other(const struct pdp__suite_file *file)
{
    enum pdp__kind kind = pdp__docs_kind(&file->docs, 0);
    if (kind == PDP__KIND_NONE || kind == PDP__KIND_TESTS) {
        return false;
    }
    pdp__tell("%s: this is %s, not %s", file->path, pdp__kind_name(kind),
        pdp__kind_name(PDP__KIND_TESTS));
    return true;
}

static enum pdp__docs_result
load(struct pdp__suite_file *file)
{
    size_t index = 0;
    enum pdp__docs_result result =
        pdp__docs_read(&file->docs, file->path, true, &index);
    if (result != PDP__DOCS_OK) {
        return result;
    }
    if (is_other(file)) {
        return PDP__DOCS_INVALID;
    }
    const struct pdp__input *input = &file->docs.items[0];
    const pdp_source_t source = {
        .size = sizeof(source),
        .name = pdp__str_z(input->name),
        .text = pdp__docs_json(&file->docs, 0),
        .positions = input->yaml.positions,
        .position_cnt = input->yaml.position_cnt,
    };
    bool parsed = pdp__suite_parse(&file->suite, &source);
    if (!file->suite.doc.readable) {
        return PDP__DOCS_INVALID;
    }
    result = add_sources(file);
    result = pdp__docs_finish(&file->docs, result);
    pdp__report_sort(file->suite.report);
    return result == PDP__DOCS_OK && !parsed ? PDP__DOCS_INVALID : result;
}

enum pdp__docs_result
pdp__suite_open(struct pdp__suite_file *file, const char *path)
{
    *file = (struct pdp__suite_file){.path = path};
    enum pdp__docs_result result = pdp__docs_open(&file->docs);
    if (result != PDP__DOCS_OK) {
        return result;
    }
    result = load(file);
    show(file);
    if (result != PDP__DOCS_OK) {
        return result;
    }
    const pdp_worker_options_t options = {
        .size = sizeof(options),
        .no_token_cache = true,
    };
    pdp_status_t status =
        pdp_worker_new(file->docs.snapshot, NULL, &options, &file->worker);
    if (status != PDP_OK) {
        pdp__tell("cannot decide: %s", pdp_status_text(status));
        return PDP__DOCS_FAILED;
    }
    return PDP__DOCS_OK;
}

void
pdp__suite_close(struct pdp__suite_file *file)
{
    pdp_worker_free(file->worker);
    pdp__suite_free(&file->suite);
    pdp__docs_close(&file->docs);
    *file = (struct pdp__suite_file){0};
}
