/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include "common/yaml.h"

/*
 * YAML -> JSON, one pass over libyaml's events.
 *
 * Security files are read by people before they are read by programs, so
 * everything that makes YAML say something else than it shows is refused:
 * an alias can repeat a node ten billion times, a tag changes a type, a
 * second document hides below the fold, and the line separators U+0085,
 * U+2028 and U+2029 end a comment for libyaml (YAML 1.1) although no editor
 * shows a new line there.
 *
 * libyaml counts characters; the library counts bytes.  `where` turns a mark
 * into an offset by walking on from the last one; marks nearly always grow,
 * so the whole conversion is O(bytes).
 *
 * Duplicate keys, unknown members and wrong types are not looked for here:
 * the JSON reader and the loader do that, and positions lead them back to
 * the author's text.  Their offsets are those of values and of keys.
 */

#include <yaml.h>

#include "text/json_write.h"

struct converter {
    pdp_str_t text;
    struct pdp__yaml *out;
    yaml_parser_t parser;
    /* One level for each open collection; 0 is the document itself. */
    struct {
        bool mapping;
        uint64_t cnt; /* nodes so far; in a mapping keys and values */
    } levels[PDP__YAML_DEPTH_MAX + 1];
    uint32_t depth;
    bool finished; /* a document has ended */
    /* where: a character index and the byte it stands at */
    size_t char_ix;
    size_t byte_off;
    size_t line_off; /* where the line of byte_off begins */
};

static bool
fail_at(struct converter *c, const char *code, const char *message,
    size_t byte_off)
{
    size_t line_off = 0;
    uint32_t line = 1;
    for (size_t i = 0; i < byte_off; i++) {
        bool crlf = c->text.ptr[i] == '\r' && i + 1 < c->text.len &&
                    c->text.ptr[i + 1] == '\n';
        if (c->text.ptr[i] == '\n' || (c->text.ptr[i] == '\r' && !crlf)) {
            line_off = i + 1;
            line++;
        }
    }
    c->out->code = code;
    c->out->message = message;
    c->out->line = line;
    c->out->column = (uint32_t)(byte_off - line_off) + 1;
    return false;
}

static bool
no_memory(struct converter *c)
{
    c->out->no_memory = true;
    return fail_at(c, "yaml_syntax", "out of memory", 0);
}

/* The byte at which character number ix starts. */
static size_t
where(struct converter *c, size_t ix)
{
    if (ix < c->char_ix) {
        c->char_ix = 0;
        c->byte_off = 0;
        c->line_off = 0;
    }
    while (c->char_ix < ix && c->byte_off < c->text.len) {
        char here = c->text.ptr[c->byte_off++];
        if (here == '\n' || here == '\r') {
            c->line_off = c->byte_off;
        }
        while (c->byte_off < c->text.len &&
               ((unsigned char)c->text.ptr[c->byte_off] & 0xc0) == 0x80) {
            c->byte_off++;
        }
        c->char_ix++;
    }
    return c->byte_off;
}

static bool
refuse(struct converter *c, const yaml_event_t *event, const char *message)
{
    return fail_at(c, "yaml_feature", message,
        where(c, event->start_mark.index));
}

static bool
add_position(struct converter *c, const yaml_event_t *event)
{
    struct pdp__yaml *out = c->out;
    if (out->position_cnt == out->position_cap) {
        size_t cap = out->position_cap == 0 ? 64 : out->position_cap * 2;
        pdp_position_t *grown =
            pdp__heap_resize(out->positions, cap, sizeof(*out->positions));
        if (grown == NULL) {
            return no_memory(c);
        }
        out->positions = grown;
        out->position_cap = cap;
    }
    size_t off = where(c, event->start_mark.index);
    out->positions[out->position_cnt++] = (pdp_position_t){
        .offset = out->json.len,
        .line = (uint32_t)event->start_mark.line + 1,
        .column = (uint32_t)(off - c->line_off) + 1,
    };
    return true;
}

static bool
is_key(const struct converter *c)
{
    return c->levels[c->depth].mapping && c->levels[c->depth].cnt % 2 == 0;
}

/* What stands before a node: a comma or a colon. */
static bool
begin_node(struct converter *c, const yaml_event_t *event,
    const yaml_char_t *anchor, const yaml_char_t *tag)
{
    if (anchor != NULL) {
        return refuse(c, event, "anchors are not allowed");
    }
    if (tag != NULL) {
        return refuse(c, event, "tags are not allowed");
    }
    uint64_t cnt = c->levels[c->depth].cnt;
    if (cnt > 0) {
        bool value = c->levels[c->depth].mapping && cnt % 2 == 1;
        pdp__string_char(&c->out->json, value ? ':' : ',');
    }
    return true;
}

static size_t
digits(pdp_str_t s, size_t at)
{
    size_t end = at;
    while (end < s.len && s.ptr[end] >= '0' && s.ptr[end] <= '9') {
        end++;
    }
    return end - at;
}

/* RFC 8259 6. */
static bool
is_number(pdp_str_t s)
{
    size_t at = s.len > 0 && s.ptr[0] == '-' ? 1 : 0;
    size_t len = digits(s, at);
    if (len == 0 || (len > 1 && s.ptr[at] == '0')) {
        return false;
    }
    at += len;
    if (at < s.len && s.ptr[at] == '.') {
        len = digits(s, at + 1);
        if (len == 0) {
            return false;
        }
        at += 1 + len;
    }
    if (at < s.len && (s.ptr[at] == 'e' || s.ptr[at] == 'E')) {
        at++;
        if (at < s.len && (s.ptr[at] == '+' || s.ptr[at] == '-')) {
            at++;
        }
        len = digits(s, at);
        if (len == 0) {
            return false;
        }
        at += len;
    }
    return at == s.len;
}

static bool
scalar(struct converter *c, const yaml_event_t *event)
{
    if (!begin_node(c, event, event->data.scalar.anchor,
            event->data.scalar.tag) ||
        !add_position(c, event)) {
        return false;
    }
    struct pdp__string *json = &c->out->json;
    pdp_str_t value = pdp__str((const char *)event->data.scalar.value,
        event->data.scalar.length);
    bool plain =
        event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE && !is_key(c);
    if (plain && value.len == 0) {
        pdp__string_z(json, "null");
    } else if (plain &&
               (pdp__str_eq(value, PDP__LIT("null")) ||
                   pdp__str_eq(value, PDP__LIT("true")) ||
                   pdp__str_eq(value, PDP__LIT("false")) || is_number(value))) {
        pdp__string_add(json, value);
    } else {
        size_t cap = value.len * 6 + 2;
        char *room = pdp__string_room(json, cap);
        if (room == NULL) {
            return no_memory(c);
        }
        struct pdp__buf buf = pdp__buf(room, cap);
        pdp__json_write_str(&buf, value);
        json->len += buf.len;
        json->ptr[json->len] = '\0';
    }
    c->levels[c->depth].cnt++;
    return true;
}

static bool
open_collection(struct converter *c, const yaml_event_t *event, bool mapping)
{
    const yaml_char_t *anchor = mapping ? event->data.mapping_start.anchor
                                        : event->data.sequence_start.anchor;
    const yaml_char_t *tag = mapping ? event->data.mapping_start.tag
                                     : event->data.sequence_start.tag;
    if (is_key(c)) {
        return refuse(c, event, "a key must be a scalar");
    }
    if (c->depth == PDP__YAML_DEPTH_MAX) {
        return refuse(c, event, "the document is nested too deeply");
    }
    if (!begin_node(c, event, anchor, tag) || !add_position(c, event)) {
        return false;
    }
    pdp__string_char(&c->out->json, mapping ? '{' : '[');
    c->levels[c->depth].cnt++;
    c->depth++;
    c->levels[c->depth].mapping = mapping;
    c->levels[c->depth].cnt = 0;
    return true;
}

static bool
close_collection(struct converter *c, bool mapping)
{
    pdp__string_char(&c->out->json, mapping ? '}' : ']');
    c->depth--;
    return true;
}

static bool
start_document(struct converter *c, const yaml_event_t *event)
{
    if (c->finished) {
        return refuse(c, event, "a second document is not allowed");
    }
    if (event->data.document_start.version_directive != NULL ||
        event->data.document_start.tag_directives.start !=
            event->data.document_start.tag_directives.end) {
        return refuse(c, event, "directives are not allowed");
    }
    return true;
}

static bool
take_event(struct converter *c, const yaml_event_t *event)
{
    switch (event->type) {
    case YAML_NO_EVENT:
    case YAML_STREAM_START_EVENT:
    case YAML_STREAM_END_EVENT:
        return true;
    case YAML_DOCUMENT_START_EVENT:
        return start_document(c, event);
    case YAML_DOCUMENT_END_EVENT:
        c->finished = true;
        return true;
    case YAML_ALIAS_EVENT:
        return refuse(c, event, "aliases are not allowed");
    case YAML_SCALAR_EVENT:
        return scalar(c, event);
    case YAML_SEQUENCE_START_EVENT:
        return open_collection(c, event, false);
    case YAML_SEQUENCE_END_EVENT:
        return close_collection(c, false);
    case YAML_MAPPING_START_EVENT:
        return open_collection(c, event, true);
    case YAML_MAPPING_END_EVENT:
        return close_collection(c, true);
    }
    return true;
}

/* Line ends that libyaml sees and editors do not. */
static bool
check_line_ends(struct converter *c)
{
    pdp_str_t text = c->text;
    for (size_t i = 0; i + 1 < text.len; i++) {
        bool nel = memcmp(text.ptr + i, "\xc2\x85", 2) == 0;
        bool separator =
            i + 2 < text.len && memcmp(text.ptr + i, "\xe2\x80", 2) == 0 &&
            (text.ptr[i + 2] == '\xa8' || text.ptr[i + 2] == '\xa9');
        if (nel || separator) {
            return fail_at(c, "yaml_feature",
                "the line ends U+0085, U+2028 and U+2029 are not allowed", i);
        }
    }
    return true;
}

/* What libyaml found; its messages are static strings. */
static bool
syntax_error(struct converter *c)
{
    const yaml_parser_t *parser = &c->parser;
    const char *problem =
        parser->problem == NULL ? "this is not YAML" : parser->problem;
    if (parser->error == YAML_MEMORY_ERROR) {
        return no_memory(c);
    }
    size_t off = parser->error == YAML_READER_ERROR
                     ? parser->problem_offset
                     : where(c, parser->problem_mark.index);
    return fail_at(c, "yaml_syntax", problem,
        off > c->text.len ? c->text.len : off);
}

static bool
run(struct converter *c)
{
    bool more = true;
    while (more) {
        yaml_event_t event;
        if (yaml_parser_parse(&c->parser, &event) == 0) {
            return syntax_error(c);
        }
        bool taken = take_event(c, &event);
        more = event.type != YAML_STREAM_END_EVENT;
        yaml_event_delete(&event);
        if (c->out->json.failed) {
            return no_memory(c);
        }
        if (!taken) {
            return false;
        }
    }
    if (!c->finished) {
        return fail_at(c, "yaml_syntax", "the document is empty", 0);
    }
    return true;
}

bool
pdp__yaml_convert(pdp_str_t text, struct pdp__yaml *out)
{
    struct converter c = {.text = text, .out = out};
    *out = (struct pdp__yaml){0};
    if (text.len > PDP__YAML_MAX) {
        return fail_at(&c, "yaml_syntax", "the document exceeds 16 MiB", 0);
    }
    if (pdp__str_starts(text, PDP__LIT("\xEF\xBB\xBF"))) {
        return fail_at(&c, "yaml_syntax",
            "save the text without a byte order mark", 0);
    }
    if (!check_line_ends(&c)) {
        return false;
    }
    if (yaml_parser_initialize(&c.parser) == 0) {
        return no_memory(&c);
    }
    yaml_parser_set_encoding(&c.parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&c.parser, (const unsigned char *)text.ptr,
        text.len);
    bool done = run(&c);
    yaml_parser_delete(&c.parser);
    return done;
}

void
pdp__yaml_free(struct pdp__yaml *yaml)
{
    pdp__string_free(&yaml->json);
    pdp__heap_free(yaml->positions);
    *yaml = (struct pdp__yaml){0};
}
