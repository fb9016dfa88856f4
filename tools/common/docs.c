/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include "common/docs.h"

/*
 * From files to a snapshot.
 *
 * The loader of the library opens nothing; this file opens for it.  It
 * keeps every text as its author wrote it, so that a finding can quote the
 * line, and it keeps apart the name a document has for the loader (JWKS are
 * found by the name a trust document uses) from the path a person knows.
 *
 * Bounds: one file 64 MiB, YAML 16 MiB, all of a run 256 MiB.
 *
 * A YAML document that cannot be converted becomes a finding here, since
 * the loader only ever sees JSON; it is reported before the loader's.
 */

#include "common/tell.h"

enum { NEEDS_MAX = 1024 };

static bool
ends_with(const char *text, const char *tail)
{
    size_t len = strlen(text);
    size_t tail_len = strlen(tail);
    return len > tail_len && strcmp(text + len - tail_len, tail) == 0;
}

static bool
is_yaml(const char *path)
{
    return ends_with(path, ".yaml") || ends_with(path, ".yml");
}

enum pdp__docs_result
pdp__docs_open(struct pdp__docs *docs)
{
    *docs = (struct pdp__docs){0};
    pdp_status_t status = pdp_loader_new(NULL, &docs->loader);
    if (status != PDP_OK) {
        pdp__tell("cannot start the loader: %s", pdp_status_text(status));
        return PDP__DOCS_FAILED;
    }
    return PDP__DOCS_OK;
}

static void
add_own(struct pdp__docs *docs, const pdp_finding_t *finding)
{
    docs->own =
        pdp__heap_resize(docs->own, docs->own_cnt + 1, sizeof(*docs->own));
    docs->own[docs->own_cnt] = *finding;
    docs->own[docs->own_cnt].size = sizeof(*finding);
    docs->own[docs->own_cnt].severity = PDP_SEVERITY_ERROR;
    docs->own_cnt++;
}

enum pdp__docs_result
pdp__docs_read(struct pdp__docs *docs, const char *path, bool yaml_allowed,
    size_t *index)
{
    struct pdp__file file;
    if (!pdp__file_read(path, PDP__FILE_MAX, &file)) {
        return PDP__DOCS_UNREADABLE;
    }
    docs->total_len += file.len;
    if (docs->total_len > PDP__DOCS_MAX) {
        pdp__tell("the files together are larger than %zu bytes",
            PDP__DOCS_MAX);
        pdp__file_free(&file);
        return PDP__DOCS_UNREADABLE;
    }
    if (docs->cnt == docs->cap) {
        docs->cap = docs->cap == 0 ? 8 : docs->cap * 2;
        docs->items =
            pdp__heap_resize(docs->items, docs->cap, sizeof(*docs->items));
    }
    *index = docs->cnt++;
    struct pdp__input *input = &docs->items[*index];
    *input = (struct pdp__input){
        .name = pdp__heap_copy(pdp__str_z(path)),
        .path = pdp__heap_copy(pdp__str_z(path)),
        .file = file,
    };
    if (yaml_allowed && is_yaml(path) &&
        !pdp__yaml_convert(pdp__str(file.text, file.len), &input->yaml)) {
        add_own(docs, &(pdp_finding_t){
                          .code = pdp__str_z(input->yaml.code),
                          .source = pdp__str_z(input->name),
                          .line = input->yaml.line,
                          .column = input->yaml.column,
                          .message = pdp__str_z(input->yaml.message),
                      });
        docs->incomplete = true;
        return PDP__DOCS_INVALID;
    }
    return PDP__DOCS_OK;
}

/* The document as JSON. */
static pdp_str_t
json_of(const struct pdp__input *input)
{
    return input->yaml.json.ptr != NULL
               ? pdp__string_get(&input->yaml.json)
               : pdp__str(input->file.text, input->file.len);
}

static enum pdp__docs_result
submit(struct pdp__docs *docs, const pdp_source_t *source)
{
    pdp_status_t status = pdp_loader_add(docs->loader, source);
    if (status == PDP_E_LIMIT) {
        pdp__tell("'%.*s' is too large", (int)source->name.len,
            source->name.ptr);
        return PDP__DOCS_UNREADABLE;
    }
    if (status != PDP_OK) {
        pdp__tell("cannot add '%.*s': %s", (int)source->name.len,
            source->name.ptr, pdp_status_text(status));
        return PDP__DOCS_FAILED;
    }
    return PDP__DOCS_OK;
}

static void
rename_input(struct pdp__input *input, pdp_str_t name)
{
    char *copy = pdp__heap_copy(name);
    pdp__heap_free(input->name);
    input->name = copy;
}

enum pdp__docs_result
pdp__docs_part(struct pdp__docs *docs, size_t index, pdp_source_kind_t kind,
    pdp_str_t text)
{
    const struct pdp__input *input = &docs->items[index];
    pdp_source_t source = {
        .size = sizeof(source),
        .kind = kind,
        .name = pdp__str_z(input->name),
        .text = text,
        .positions = input->yaml.positions,
        .position_cnt = input->yaml.position_cnt,
    };
    return submit(docs, &source);
}

pdp_str_t
pdp__docs_json(const struct pdp__docs *docs, size_t index)
{
    return json_of(&docs->items[index]);
}

enum pdp__docs_result
pdp__docs_add(struct pdp__docs *docs, size_t index, pdp_source_kind_t kind)
{
    enum pdp__docs_result result =
        pdp__docs_part(docs, index, kind, json_of(&docs->items[index]));
    docs->items[index].added = true;
    docs->items[index].kind = kind;
    return result;
}

enum pdp__docs_result
pdp__docs_file_as(struct pdp__docs *docs, pdp_source_kind_t kind,
    const char *path, pdp_str_t name)
{
    size_t index = 0;
    bool yaml_allowed = kind == PDP_SOURCE_TRUST;
    enum pdp__docs_result result =
        pdp__docs_read(docs, path, yaml_allowed, &index);
    if (result != PDP__DOCS_OK) {
        docs->missing |= result == PDP__DOCS_UNREADABLE ? 1u << kind : 0;
        return result;
    }
    rename_input(&docs->items[index], name);
    return pdp__docs_add(docs, index, kind);
}

enum pdp__docs_result
pdp__docs_file(struct pdp__docs *docs, pdp_source_kind_t kind, const char *path)
{
    return pdp__docs_file_as(docs, kind, path, pdp__str_z(path));
}

/* A file that somebody has found, not named: reading a pipe would not end. */
static enum pdp__docs_result
policy_file(struct pdp__docs *docs, const char *path)
{
    if (pdp__file_is_regular(path)) {
        return pdp__docs_file(docs, PDP_SOURCE_POLICIES, path);
    }
    pdp__tell("'%s' is no regular file", path);
    docs->missing |= 1u << PDP_SOURCE_POLICIES;
    return PDP__DOCS_UNREADABLE;
}

enum pdp__docs_result
pdp__docs_policies(struct pdp__docs *docs, const char *path)
{
    if (!pdp__file_is_dir(path)) {
        return pdp__docs_file(docs, PDP_SOURCE_POLICIES, path);
    }
    char **paths = NULL;
    size_t cnt = 0;
    if (!pdp__file_list(path, ".json", &paths, &cnt)) {
        docs->missing |= 1u << PDP_SOURCE_POLICIES;
        return PDP__DOCS_UNREADABLE;
    }
    enum pdp__docs_result worst = PDP__DOCS_OK;
    for (size_t i = 0; i < cnt; i++) {
        enum pdp__docs_result result = policy_file(docs, paths[i]);
        worst = pdp__docs_worse(worst, result);
        pdp__heap_free(paths[i]);
    }
    pdp__heap_free(paths);
    return worst;
}

enum pdp__kind
pdp__docs_kind(const struct pdp__docs *docs, size_t index)
{
    return pdp__kind_of(json_of(&docs->items[index]));
}

bool
pdp__docs_misplaced(const struct pdp__docs *docs, size_t index,
    struct pdp__misplaced *out)
{
    const struct pdp__input *input = &docs->items[index];
    if (!input->added) {
        return false;
    }
    *out = (struct pdp__misplaced){
        .path = input->path,
        .wanted = (enum pdp__kind)input->kind,
        .found = pdp__docs_kind(docs, index),
        .named = input->named,
    };
    struct pdp__yaml yaml = {0};
    if (out->found == PDP__KIND_NONE && is_yaml(input->path) &&
        pdp__yaml_convert(pdp__str(input->file.text, input->file.len), &yaml)) {
        out->found = pdp__kind_of(pdp__string_get(&yaml.json));
        out->yaml = out->found == out->wanted;
    }
    pdp__yaml_free(&yaml);
    return out->yaml ||
           (out->found != PDP__KIND_NONE && out->found != out->wanted);
}

void
pdp__docs_refuse(struct pdp__docs *docs, size_t index, const char *code,
    const char *message, const char *hint)
{
    struct pdp__input *input = &docs->items[index];
    input->added = true; /* there is nothing to add */
    add_own(docs, &(pdp_finding_t){
                      .code = pdp__str_z(code),
                      .source = pdp__str_z(input->name),
                      .line = 1,
                      .column = 1,
                      .message = pdp__str_z(message),
                      .hint = pdp__str_z(hint),
                  });
}

enum pdp__docs_result
pdp__docs_text(struct pdp__docs *docs, pdp_source_kind_t kind, const char *name,
    pdp_str_t text)
{
    pdp_source_t source = {
        .size = sizeof(source),
        .kind = kind,
        .name = pdp__str_z(name),
        .text = text,
    };
    return submit(docs, &source);
}

static const struct pdp__input *
find_input(const struct pdp__docs *docs, pdp_str_t name)
{
    for (size_t i = 0; i < docs->cnt; i++) {
        if (pdp__str_eq(pdp__str_z(docs->items[i].name), name)) {
            return &docs->items[i];
        }
    }
    return NULL;
}

/* An item that was read from this very file and waits to be added. */
static struct pdp__input *
find_waiting(struct pdp__docs *docs, const char *path)
{
    struct pdp__file probe;
    if (!pdp__file_identify(path, &probe)) {
        return NULL;
    }
    for (size_t i = 0; i < docs->cnt; i++) {
        struct pdp__input *input = &docs->items[i];
        if (!input->added && input->file.device == probe.device &&
            input->file.inode == probe.inode) {
            return input;
        }
    }
    return NULL;
}

/* Adds the key file called name, which stands beside the document from. */
static enum pdp__docs_result
add_keys(struct pdp__docs *docs, pdp_str_t name, pdp_str_t from)
{
    if (memchr(name.ptr, '\0', name.len) != NULL) {
        pdp__tell("'%.*s' names a key file with a NUL", (int)from.len,
            from.ptr);
        return PDP__DOCS_UNREADABLE;
    }
    const struct pdp__input *trust = find_input(docs, from);
    char *path = pdp__file_beside(trust == NULL ? "" : trust->path, name);
    enum pdp__docs_result result = PDP__DOCS_OK;
    struct pdp__input *waiting = find_waiting(docs, path);
    if (waiting != NULL) {
        rename_input(waiting, name);
        waiting->named = true;
        result = pdp__docs_add(docs, (size_t)(waiting - docs->items),
            PDP_SOURCE_JWKS);
    } else {
        size_t index = docs->cnt;
        result = pdp__docs_file_as(docs, PDP_SOURCE_JWKS, path, name);
        if (index < docs->cnt) {
            docs->items[index].named = true;
        }
    }
    if (result == PDP__DOCS_UNREADABLE) {
        pdp__tell("the key file '%.*s' is named in '%.*s'", (int)name.len,
            name.ptr, (int)from.len, from.ptr);
    }
    pdp__heap_free(path);
    return result;
}

enum pdp__docs_result
pdp__docs_needs(struct pdp__docs *docs)
{
    pdp_str_t name = {NULL, 0};
    pdp_str_t from = {NULL, 0};
    enum pdp__docs_result worst = PDP__DOCS_OK;
    /* A file that was added is off the list; one that could not be read
     * stays on it and is stepped over. */
    size_t failed = 0;
    for (size_t i = 0; pdp_loader_needs(docs->loader, failed, &name, &from);
         i++) {
        if (i == NEEDS_MAX) {
            pdp__tell("'%.*s' names too many key files", (int)from.len,
                from.ptr);
            return PDP__DOCS_UNREADABLE;
        }
        enum pdp__docs_result result = add_keys(docs, name, from);
        failed += result == PDP__DOCS_OK ? 0 : 1;
        worst = pdp__docs_worse(worst, result);
    }
    return worst;
}

enum pdp__docs_result
pdp__docs_build(struct pdp__docs *docs)
{
    if (docs->incomplete) {
        /* Without the document that could not be converted, the loader
         * would only report that it is missing. */
        return PDP__DOCS_INVALID;
    }
    pdp_status_t status =
        pdp_loader_build(docs->loader, &docs->snapshot, &docs->report);
    if (status == PDP_OK) {
        return PDP__DOCS_OK;
    }
    if (status == PDP_E_INVALID && pdp_report_errors(docs->report) > 0) {
        return PDP__DOCS_INVALID;
    }
    pdp__tell("cannot load the documents: %s", pdp_status_text(status));
    return status == PDP_E_LIMIT ? PDP__DOCS_UNREADABLE : PDP__DOCS_FAILED;
}

enum pdp__docs_result
pdp__docs_finish(struct pdp__docs *docs, enum pdp__docs_result so_far)
{
    /* Nothing refers to these; a directory has roles that policies name. */
    const unsigned lonely = 1u << PDP_SOURCE_POLICIES |
                            1u << PDP_SOURCE_RESTRICTIONS |
                            1u << PDP_SOURCE_REVOCATIONS;
    if (so_far != PDP__DOCS_OK &&
        (so_far != PDP__DOCS_UNREADABLE || docs->missing == 0 ||
            (docs->missing & ~(lonely | 1u << PDP_SOURCE_DIRECTORY)) != 0)) {
        return so_far;
    }
    enum pdp__docs_result result = pdp__docs_build(docs);
    return pdp__docs_worse(so_far, result);
}

/* Whether a file that is missing may be to blame. */
static bool
is_blamed(const struct pdp__docs *docs, const pdp_finding_t *finding)
{
    return (docs->missing & 1u << PDP_SOURCE_DIRECTORY) != 0 &&
           pdp__str_eq(finding->code, PDP__LIT("unknown_role"));
}

size_t
pdp__docs_finding_cnt(const struct pdp__docs *docs)
{
    return docs->own_cnt + pdp_report_count(docs->report);
}

size_t
pdp__docs_errors(const struct pdp__docs *docs)
{
    return docs->own_cnt + pdp_report_errors(docs->report);
}

pdp_finding_t
pdp__docs_finding(struct pdp__docs *docs, size_t index,
    struct pdp__input **input)
{
    pdp_finding_t finding = {.size = sizeof(finding)};
    if (index < docs->own_cnt) {
        finding = docs->own[index];
    } else if (pdp_report_at(docs->report, index - docs->own_cnt, &finding) !=
               PDP_OK) {
        finding.severity = PDP_SEVERITY_ERROR;
        finding.code = PDP__LIT("internal");
        finding.message = PDP__LIT("the report has no such finding");
    }
    *input = NULL;
    for (size_t i = 0; i < docs->cnt; i++) {
        if (pdp__str_eq(pdp__str_z(docs->items[i].name), finding.source)) {
            *input = &docs->items[i];
            break;
        }
    }
    return finding;
}

void
pdp__docs_show_one(const pdp_finding_t *finding, struct pdp__input *input,
    struct pdp__string *out, bool colour)
{
    if (input != NULL) {
        pdp__finding_add(out, finding, input->path,
            pdp__str(input->file.text, input->file.len), &input->cursor,
            colour);
        return;
    }
    struct pdp__finding_cursor cursor = {0};
    char *name = pdp__heap_copy(finding->source);
    pdp__finding_add(out, finding, name, (pdp_str_t){NULL, 0}, &cursor, colour);
    pdp__heap_free(name);
}

void
pdp__docs_show(struct pdp__docs *docs, pdp_severity_t least,
    struct pdp__string *out, bool colour)
{
    size_t cnt = pdp__docs_finding_cnt(docs);
    for (size_t i = 0; i < cnt; i++) {
        struct pdp__input *input = NULL;
        pdp_finding_t finding = pdp__docs_finding(docs, i, &input);
        if (finding.severity >= least && !is_blamed(docs, &finding)) {
            pdp__docs_show_one(&finding, input, out, colour);
        }
    }
}

void
pdp__docs_close(struct pdp__docs *docs)
{
    pdp_snapshot_release(docs->snapshot);
    pdp_report_free(docs->report);
    pdp_loader_free(docs->loader);
    for (size_t i = 0; i < docs->cnt; i++) {
        pdp__heap_free(docs->items[i].name);
        pdp__heap_free(docs->items[i].path);
        pdp__file_free(&docs->items[i].file);
        pdp__yaml_free(&docs->items[i].yaml);
    }
    pdp__heap_free(docs->items);
    pdp__heap_free(docs->own);
    *docs = (struct pdp__docs){0};
}
