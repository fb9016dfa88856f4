/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include "text/json_read.h"

/*
 * The reader: one pass over the text, no recursion, no allocation.  An
 * explicit stack holds the index of each open container; a node's `end` is
 * set when its container closes, and the names of its members are compared
 * then (json_unique.c).
 *
 * Invariants: text <= p <= end; nodes[0..cnt) are in document order; key_off
 * is 0 unless the value of a member comes next, so that items of arrays
 * never get a name.
 *
 * Cost: that of the strings (json_string.c), and one 40-byte node a value.
 * Not done here: what members mean, which is for the callers.
 *
 * RFC 8259; RFC 7493 2.1 to 2.3 for what is refused beyond it.
 */

struct reader {
    unsigned char *text;
    unsigned char *p;   /* next byte to read */
    unsigned char *end; /* after the last byte */
    struct pdp__json *nodes;
    uint32_t cap;
    uint32_t cnt;
    uint32_t key_off; /* name of the member whose value comes next, or 0 */
    uint32_t key_len;
    uint32_t depth; /* containers open */
    bool opened;    /* a value must follow: of an item or a member */
    uint32_t open[PDP__JSON_DEPTH_MAX];
    enum pdp__json_error error;
    const unsigned char *error_at;
};

static bool
fail(struct reader *r, enum pdp__json_error error, const unsigned char *at)
{
    r->error = error;
    r->error_at = at;
    return false;
}

static uint32_t
offset_of(const struct reader *r, const unsigned char *p)
{
    return (uint32_t)(p - r->text);
}

/* The string whose '"' is at r->p. */
static inline bool
read_string(struct reader *r, uint32_t *off, uint32_t *len)
{
    size_t used = 0;
    size_t decoded_len = 0;
    enum pdp__json_error error = pdp__json_string_scan((char *)r->p,
        (size_t)(r->end - r->p), &used, &decoded_len);
    if (error != PDP__JSON_OK) {
        return fail(r, error, r->p + used);
    }
    *off = offset_of(r, r->p) + 1;
    *len = (uint32_t)decoded_len;
    r->p += used;
    return true;
}

static inline void
skip_space(struct reader *r)
{
    unsigned char *p = r->p;
    while (p < r->end && *p <= ' ' &&
           (*p == ' ' || *p == '\n' || *p == '\r' || *p == '\t')) {
        p++;
    }
    r->p = p;
}

/* The name of the next member and the colon after it. */
static bool
read_key(struct reader *r)
{
    skip_space(r);
    if (r->p == r->end || *r->p != '"') {
        return fail(r, PDP__JSON_E_SYNTAX, r->p);
    }
    if (!read_string(r, &r->key_off, &r->key_len)) {
        return false;
    }
    skip_space(r);
    if (r->p == r->end || *r->p != ':') {
        return fail(r, PDP__JSON_E_SYNTAX, r->p);
    }
    r->p++;
    return true;
}

/* Closes the innermost container; r->p is at its bracket. */
static bool
close_container(struct reader *r)
{
    uint32_t ix = r->open[--r->depth];
    struct pdp__json *node = &r->nodes[ix];
    node->end = r->cnt;
    r->p++;
    if (node->type != PDP__JSON_OBJECT || node->cnt < 2) {
        return true;
    }
    uint32_t found = pdp__json_duplicate((const char *)r->text, r->nodes, ix);
    if (found == 0) {
        return true;
    }
    return fail(r, PDP__JSON_E_DUPLICATE,
        r->text + r->nodes[found].key_off - 1);
}

/* Opens the container whose bracket is at r->p; closes it if empty. */
static bool
open_container(struct reader *r, uint32_t ix)
{
    if (r->depth == PDP__JSON_DEPTH_MAX) {
        return fail(r, PDP__JSON_E_DEPTH, r->p);
    }
    bool object = *r->p == '{';
    r->open[r->depth++] = ix;
    r->p++;
    skip_space(r);
    if (r->p < r->end && *r->p == (object ? '}' : ']')) {
        return close_container(r);
    }
    r->opened = true;
    return !object || read_key(r);
}

static bool
read_literal(struct reader *r, pdp_str_t word)
{
    for (size_t i = 0; i < word.len; i++, r->p++) {
        if (r->p == r->end || *r->p != (unsigned char)word.ptr[i]) {
            return fail(r, PDP__JSON_E_SYNTAX, r->p);
        }
    }
    return true;
}

static bool
read_number(struct reader *r, struct pdp__json *node)
{
    pdp_str_t rest = {(const char *)r->p, (size_t)(r->end - r->p)};
    size_t used = 0;
    enum pdp__json_error error = pdp__json_number_scan(rest, &used);
    if (error != PDP__JSON_OK) {
        return fail(r, error, r->p + used);
    }
    node->text_off = offset_of(r, r->p);
    node->text_len = (uint32_t)used;
    r->p += used;
    return true;
}

/* The node of the value at r->p, or NULL when there are no more. */
static struct pdp__json *
add_node(struct reader *r, enum pdp__json_type type)
{
    if (r->cnt == r->cap) {
        fail(r, PDP__JSON_E_NODES, r->p);
        return NULL;
    }
    struct pdp__json *node = &r->nodes[r->cnt++];
    *node = (struct pdp__json){
        .type = (uint8_t)type,
        .depth = (uint8_t)r->depth,
        .offset = offset_of(r, r->p),
        .key_off = r->key_off,
        .key_len = r->key_len,
        .end = r->cnt,
    };
    r->key_off = 0;
    r->key_len = 0;
    if (r->depth > 0) {
        r->nodes[r->open[r->depth - 1]].cnt++;
    }
    return node;
}

/* The type of the value that begins with c; false if none does. */
static bool
type_of(unsigned char c, enum pdp__json_type *type)
{
    switch (c) {
    case '"':
        *type = PDP__JSON_STRING;
        return true;
    case '{':
        *type = PDP__JSON_OBJECT;
        return true;
    case '[':
        *type = PDP__JSON_ARRAY;
        return true;
    case 't':
        *type = PDP__JSON_TRUE;
        return true;
    case 'f':
        *type = PDP__JSON_FALSE;
        return true;
    case 'n':
        *type = PDP__JSON_NULL;
        return true;
    default:
        *type = PDP__JSON_NUMBER;
        return c == '-' || (c >= '0' && c <= '9');
    }
}

/* One value; of a container that is not empty only what comes before its
 * first value, with r->opened set. */
static bool
read_value(struct reader *r)
{
    enum pdp__json_type type = PDP__JSON_NULL;
    skip_space(r);
    if (r->p == r->end || !type_of(*r->p, &type)) {
        return fail(r, PDP__JSON_E_SYNTAX, r->p);
    }
    struct pdp__json *node = add_node(r, type);
    if (node == NULL) {
        return false;
    }
    if (type == PDP__JSON_STRING) {
        return read_string(r, &node->text_off, &node->text_len);
    }
    if (type == PDP__JSON_NUMBER) {
        return read_number(r, node);
    }
    if (type == PDP__JSON_OBJECT || type == PDP__JSON_ARRAY) {
        return open_container(r, r->cnt - 1);
    }
    if (type == PDP__JSON_NULL) {
        return read_literal(r, PDP__LIT("null"));
    }
    return read_literal(r,
        type == PDP__JSON_TRUE ? PDP__LIT("true") : PDP__LIT("false"));
}

/* What follows a complete value: brackets, then a comma and perhaps a name,
 * or nothing once the root is complete (depth 0). */
static bool
read_after(struct reader *r)
{
    while (r->depth > 0) {
        bool object = r->nodes[r->open[r->depth - 1]].type == PDP__JSON_OBJECT;
        skip_space(r);
        if (r->p == r->end) {
            return fail(r, PDP__JSON_E_SYNTAX, r->p);
        }
        if (*r->p == ',') {
            r->p++;
            return !object || read_key(r);
        }
        if (*r->p != (object ? '}' : ']')) {
            return fail(r, PDP__JSON_E_SYNTAX, r->p);
        }
        if (!close_container(r)) {
            return false;
        }
    }
    return true;
}

static bool
read_document(struct reader *r)
{
    do {
        do {
            r->opened = false;
            if (!read_value(r)) {
                return false;
            }
        } while (r->opened);
        if (!read_after(r)) {
            return false;
        }
    } while (r->depth > 0);
    skip_space(r);
    if (r->p != r->end) {
        return fail(r, PDP__JSON_E_TRAILING, r->p);
    }
    return true;
}

bool
pdp__json_read(char *text, size_t len, struct pdp__json *nodes, uint32_t cap,
    struct pdp__json_doc *out)
{
    *out = (struct pdp__json_doc){.text = text, .len = len, .nodes = nodes};
    if (len == 0 || len > UINT32_MAX) {
        out->error = len == 0 ? PDP__JSON_E_SYNTAX : PDP__JSON_E_NODES;
        return false;
    }
    struct reader r = {
        .text = (unsigned char *)text,
        .p = (unsigned char *)text,
        .end = (unsigned char *)text + len,
        .nodes = nodes,
        .cap = cap,
    };
    if (!read_document(&r)) {
        out->error = r.error;
        out->error_offset = (size_t)(r.error_at - r.text);
        return false;
    }
    out->cnt = r.cnt;
    return true;
}
