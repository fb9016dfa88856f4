/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include "load/doc.h"
#include "load/json_hint.h"

#include "base/buf.h"
#include "text/suggest.h"

/*
 * From the bytes of one source to nodes that a reader can ask questions of.
 *
 * The JSON reader unescapes in place, so it works on a copy; offsets of its
 * nodes still refer to the text as it was written, which is what lines and
 * columns are counted in.  Where the caller converted another notation to
 * JSON, its position map is asked instead: the last entry at or before the
 * offset counts, because inside a value the two texts need not agree.
 *
 * A document is never half trusted: a reader goes on after a finding, so
 * that the author sees all of them in one run, but the loader builds nothing
 * from a run with an error.
 *
 * Cost: one pass for the nodes, one for the line ends; a place is a binary
 * search.  Unknown members are found by comparing with the few names an
 * object can have.
 */

/* 40 bytes each; a document of this many values is no policy any more. */
enum { NODES_MAX = 1 << 24, MEMBERS_MAX = 48 };

static const char *
type_name(int type)
{
    switch (type) {
    case PDP__JSON_NULL:
        return "null";
    case PDP__JSON_FALSE:
    case PDP__JSON_TRUE:
        return "a boolean";
    case PDP__JSON_NUMBER:
        return "a number";
    case PDP__JSON_STRING:
        return "a string";
    case PDP__JSON_ARRAY:
        return "an array";
    case PDP__JSON_OBJECT:
        return "an object";
    default:
        return "a value";
    }
}

static bool
has_type(const struct pdp__doc *doc, uint32_t ix, int type)
{
    int actual = doc->json.nodes[ix].type;
    if (type < 0) {
        return true;
    }
    if (type == PDP__JSON_TRUE || type == PDP__JSON_FALSE) {
        return actual == PDP__JSON_TRUE || actual == PDP__JSON_FALSE;
    }
    return actual == type;
}

/* Offsets of line beginnings; lines end with LF, also those with CR LF. */
static pdp_status_t
index_lines(struct pdp__arena *arena, struct pdp__doc *doc)
{
    pdp_str_t text = doc->original;
    uint32_t cnt = 1;
    for (size_t at = pdp__str_find(text, '\n', 0); at < text.len;
         at = pdp__str_find(text, '\n', at + 1)) {
        cnt++;
    }
    uint32_t *offsets = pdp__arena_array(arena, cnt, sizeof(*offsets));
    PDP_ENSURE(offsets != NULL, PDP_E_NOMEM);
    uint32_t line = 1;
    for (size_t at = pdp__str_find(text, '\n', 0); at < text.len;
         at = pdp__str_find(text, '\n', at + 1)) {
        offsets[line++] = (uint32_t)at + 1;
    }
    doc->line_offsets = offsets;
    doc->line_cnt = cnt;
    return PDP_OK;
}

static enum pdp__code
code_of(enum pdp__json_error error)
{
    switch (error) {
    case PDP__JSON_E_DUPLICATE:
        return PDP__CODE_DUPLICATE_MEMBER;
    case PDP__JSON_E_DEPTH:
    case PDP__JSON_E_NODES:
        return PDP__CODE_LIMIT;
    case PDP__JSON_E_NUMBER:
        return PDP__CODE_BAD_VALUE;
    case PDP__JSON_OK:
    case PDP__JSON_E_SYNTAX:
    case PDP__JSON_E_UTF8:
    case PDP__JSON_E_ESCAPE:
    case PDP__JSON_E_NUL:
    case PDP__JSON_E_CONTROL:
    case PDP__JSON_E_TRAILING:
        break;
    }
    return PDP__CODE_JSON_SYNTAX;
}

/* Line and column of a byte in the text as it stands. */
static struct pdp__place
place_in_text(const struct pdp__doc *doc, size_t offset)
{
    uint32_t low = 0;
    uint32_t high = doc->line_cnt;
    while (high - low > 1) {
        uint32_t middle = low + (high - low) / 2;
        if (doc->line_offsets[middle] <= offset) {
            low = middle;
        } else {
            high = middle;
        }
    }
    uint32_t column = (uint32_t)(offset - doc->line_offsets[low]) + 1;
    return (struct pdp__place){doc->name, low + 1, column};
}

/* The same in the file the text was converted from. */
static struct pdp__place
place_in_map(const struct pdp__doc *doc, size_t offset)
{
    size_t low = 0;
    size_t high = doc->position_cnt;
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (doc->positions[middle].offset <= offset) {
            low = middle;
        } else {
            high = middle;
        }
    }
    const pdp_position_t *at = &doc->positions[low];
    return (struct pdp__place){doc->name, at->line, at->column};
}

struct pdp__place
pdp__doc_place_offset(const struct pdp__doc *doc, size_t offset)
{
    if (doc->positions != NULL && doc->position_cnt > 0) {
        return place_in_map(doc, offset);
    }
    if (doc->line_cnt == 0) {
        return (struct pdp__place){doc->name, 0, 0};
    }
    return place_in_text(doc, offset);
}

struct pdp__place
pdp__doc_place(const struct pdp__doc *doc, uint32_t ix)
{
    return pdp__doc_place_offset(doc, doc->json.nodes[ix].offset);
}

struct pdp__place
pdp__doc_place_key(const struct pdp__doc *doc, uint32_t ix)
{
    return pdp__doc_place_offset(doc, doc->json.nodes[ix].key_off - 1);
}

struct pdp__place
pdp__doc_place_text(const struct pdp__doc *doc, uint32_t ix, size_t offset)
{
    pdp_str_t text = pdp__json_text(&doc->json, ix);
    size_t begin = (size_t)doc->json.nodes[ix].offset + 1;
    bool plain =
        begin + text.len <= doc->original.len &&
        pdp__str_eq(pdp__str(doc->original.ptr + begin, text.len), text);
    return plain ? pdp__doc_place_offset(doc, begin + offset)
                 : pdp__doc_place(doc, ix);
}

const char *
pdp__doc_hint(char *buf, size_t cap, pdp_str_t name,
    const pdp_str_t *candidates, size_t cnt)
{
    int nearest = pdp__suggest(name, candidates, cnt);
    if (nearest < 0 || cap == 0) {
        return NULL;
    }
    struct pdp__buf out = pdp__buf(buf, cap - 1);
    pdp__buf_z(&out, "did you mean \"");
    pdp__buf_str(&out, candidates[nearest]);
    pdp__buf_z(&out, "\"?");
    buf[out.len] = '\0';
    return out.full ? NULL : buf;
}

bool
pdp__doc_is(const struct pdp__doc *doc, uint32_t ix, enum pdp__json_type type)
{
    if (has_type(doc, ix, (int)type)) {
        return true;
    }
    pdp_str_t key = pdp__json_key(&doc->json, ix);
    const char *actual = type_name(doc->json.nodes[ix].type);
    if (doc->json.nodes[ix].key_off != 0) {
        PDP__DOC_ADD(doc, WRONG_TYPE, ix, NULL, "\"%.*s\" must be %s, not %s",
            PDP__ARG(key), type_name((int)type), actual);
    } else {
        PDP__DOC_ADD(doc, WRONG_TYPE, ix, NULL, "this must be %s, not %s",
            type_name((int)type), actual);
    }
    return false;
}

bool
pdp__doc_length(const struct pdp__doc *doc, uint32_t ix, const char *what,
    size_t max)
{
    size_t len = pdp__json_text(&doc->json, ix).len;
    if (len >= 1 && len <= max) {
        return true;
    }
    PDP__DOC_ADD(doc, BAD_VALUE, ix, NULL, "%s has 1 to %zu bytes", what, max);
    return false;
}

static void
report_unknown(const struct pdp__doc *doc, uint32_t ix,
    const struct pdp__member *members, size_t cnt)
{
    pdp_str_t names[MEMBERS_MAX];
    char hint[PDP__HINT_CAP];
    size_t name_cnt = 0;
    for (size_t i = 0; i < cnt && i < MEMBERS_MAX; i++) {
        names[name_cnt++] = pdp__str_z(members[i].name);
    }
    pdp_str_t key = pdp__json_key(&doc->json, ix);
    pdp__report_add(doc->report, PDP__CODE_UNKNOWN_MEMBER,
        pdp__doc_place_key(doc, ix),
        pdp__doc_hint(hint, sizeof(hint), key, names, name_cnt),
        "unknown member \"%.*s\"", PDP__ARG(key));
}

static const struct pdp__member *
find_member(const struct pdp__member *members, size_t cnt, pdp_str_t name)
{
    for (size_t i = 0; i < cnt; i++) {
        if (pdp__str_eq(pdp__str_z(members[i].name), name)) {
            return &members[i];
        }
    }
    return NULL;
}

static bool
is_ignored(const char *const *ignored, pdp_str_t name)
{
    for (; ignored != NULL && *ignored != NULL; ignored++) {
        if (pdp__str_eq(pdp__str_z(*ignored), name)) {
            return true;
        }
    }
    return false;
}

bool
pdp__doc_object(const struct pdp__doc *doc, uint32_t ix,
    const struct pdp__member *members, size_t cnt, const char *const *ignored)
{
    for (size_t i = 0; i < cnt; i++) {
        *members[i].node = 0;
    }
    if (!pdp__doc_is(doc, ix, PDP__JSON_OBJECT)) {
        return false;
    }
    PDP__JSON_EACH(&doc->json, ix, child)
    {
        pdp_str_t key = pdp__json_key(&doc->json, child);
        const struct pdp__member *member = find_member(members, cnt, key);
        if (member == NULL) {
            if (!is_ignored(ignored, key)) {
                report_unknown(doc, child, members, cnt);
            }
            continue;
        }
        if (member->type < 0 ||
            pdp__doc_is(doc, child, (enum pdp__json_type)member->type)) {
            *member->node = child;
        }
    }
    for (size_t i = 0; i < cnt; i++) {
        if (members[i].required && pdp__json_member(&doc->json, ix,
                                       pdp__str_z(members[i].name)) == 0) {
            PDP__DOC_ADD(doc, MISSING_MEMBER, ix, NULL,
                "member \"%s\" is missing", members[i].name);
        }
    }
    return true;
}

pdp_status_t
pdp__doc_open(struct pdp__arena *arena, pdp_report_t *report,
    const pdp_source_t *source, struct pdp__doc *out)
{
    *out = (struct pdp__doc){
        .name = source->name,
        .kind = source->kind,
        .original = source->text,
        .positions = source->positions,
        .position_cnt = source->positions == NULL ? 0 : source->position_cnt,
        .report = report,
    };
    size_t len = source->text.len;
    if (len >= UINT32_MAX) {
        pdp__report_add(report, PDP__CODE_LIMIT, pdp__doc_place_offset(out, 0),
            NULL, "the document is too long");
        return PDP_OK;
    }
    PDP_TRY(index_lines(arena, out));
    char *text = pdp__arena_alloc(arena, len);
    PDP_ENSURE(text != NULL, PDP_E_NOMEM);
    if (len > 0) {
        memcpy(text, source->text.ptr, len);
    }
    uint32_t bound = pdp__json_node_bound(source->text);
    uint32_t cap = bound > NODES_MAX ? NODES_MAX : bound;
    struct pdp__json *nodes = pdp__arena_array(arena, cap, sizeof(*nodes));
    PDP_ENSURE(nodes != NULL, PDP_E_NOMEM);
    out->readable = pdp__json_read(text, len, nodes, cap, &out->json);
    if (!out->readable) {
        pdp__report_add(report, code_of(out->json.error),
            pdp__doc_place_offset(out, out->json.error_offset),
            pdp__json_hint(out->original, out->json.error,
                out->json.error_offset),
            "%s", pdp__json_error_text(out->json.error));
    }
    return PDP_OK;
}
