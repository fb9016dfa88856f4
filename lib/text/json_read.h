/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#ifndef PDP__TEXT_JSON_READ_H
#define PDP__TEXT_JSON_READ_H

/*
 * Strict JSON (RFC 8259): bytes -> array of nodes given by the caller.
 *
 * Refused, because two readers could read it in two ways or a later stage
 * could be cut short: duplicate member names (compared after unescaping),
 * invalid UTF-8, lone surrogates, U+0000, a byte order mark, numbers that
 * are not finite, underflow to zero, or are integers outside int64, depth
 * over 32, anything after the value.
 *
 * Nothing is allocated.  Strings are unescaped in place: the text is
 * changed, but every node keeps its offset in the original.
 *
 * Nodes stand in document order: the first child of node i is i + 1, and
 * nodes[i].end is the index after its subtree, thus of its next sibling.
 *
 * The reader is json_read.c with json_string.c, json_number.c (also values
 * of numbers) and json_unique.c; the other accessors are in json_access.c.
 */

#include "base/str.h"

enum pdp__json_type {
    PDP__JSON_NULL = 0,
    PDP__JSON_FALSE,
    PDP__JSON_TRUE,
    PDP__JSON_NUMBER,
    PDP__JSON_STRING,
    PDP__JSON_ARRAY,
    PDP__JSON_OBJECT
};

/*
 * The text is read from the left and the first fault found is told.  A
 * duplicate is found when its object ends, thus after any other fault in
 * that object; of several, the first in the text is told.
 *
 * To the right: where error_offset points.
 */
enum pdp__json_error {
    PDP__JSON_OK = 0,
    PDP__JSON_E_SYNTAX,    /* unexpected byte; text too short: its length */
    PDP__JSON_E_DEPTH,     /* the 33rd open bracket */
    PDP__JSON_E_NODES,     /* value that has no node; text over 4 GiB - 1: 0 */
    PDP__JSON_E_DUPLICATE, /* name twice in one object: '"' of the second */
    PDP__JSON_E_UTF8,      /* malformed in a string: first byte of sequence */
    PDP__JSON_E_ESCAPE,    /* bad escape, lone surrogate: its backslash */
    PDP__JSON_E_NUL,       /* U+0000 written as an escape: its backslash */
    PDP__JSON_E_CONTROL,   /* raw byte 00..1F in a string: that byte */
    PDP__JSON_E_NUMBER,    /* out of range: first byte of the number */
    PDP__JSON_E_TRAILING   /* more after the value: first byte of that */
};

enum { PDP__JSON_DEPTH_MAX = 32 };

struct pdp__json {
    uint8_t type;      /* enum pdp__json_type */
    uint8_t depth;     /* of the value, root 0 */
    uint32_t offset;   /* of its first byte in the text ('"' of a string) */
    uint32_t text_off; /* string: decoded; number: as written; others: 0 */
    uint32_t text_len;
    uint32_t key_off; /* member name, decoded; the '"' is at key_off - 1 */
    uint32_t key_len; /* no member: both 0 (a member has key_off >= 2) */
    uint32_t cnt;     /* array: items; object: members */
    uint32_t end;     /* index after the subtree */
    uint32_t aux;     /* scratch of the reader */
};

struct pdp__json_doc {
    char *text;
    size_t len;
    struct pdp__json *nodes; /* nodes[0] is the root */
    uint32_t cnt;            /* nodes used */
    enum pdp__json_error error;
    size_t error_offset; /* of the offending byte */
};

/*
 * Reads text (changed in place, up to 4 GiB - 1) into nodes.  Returns true
 * and a complete doc, or false with error and error_offset; cnt is then 0
 * and nodes and text are meaningless.
 */
bool pdp__json_read(char *text, size_t len, struct pdp__json *nodes,
    uint32_t cap, struct pdp__json_doc *out);

/* One English phrase for an error, static. */
const char *pdp__json_error_text(enum pdp__json_error error);

/*
 * How many nodes a text can need at most: 1 and one for each `,`, `[` and
 * `{` outside strings.  Cheap, exact when no container is empty, and an
 * upper bound for any input: with so many nodes PDP__JSON_E_NODES never
 * comes out (short of 4 Gi nodes).
 */
uint32_t pdp__json_node_bound(pdp_str_t text);

/* The member called name of object node ix, or 0 (never a member).  0, too,
 * for a node of another type.  Cost: the number of members. */
uint32_t pdp__json_member(const struct pdp__json_doc *doc, uint32_t ix,
    pdp_str_t name);

static inline pdp_str_t
pdp__json_text(const struct pdp__json_doc *doc, uint32_t ix)
{
    const struct pdp__json *node = &doc->nodes[ix];
    return (pdp_str_t){doc->text + node->text_off, node->text_len};
}

static inline pdp_str_t
pdp__json_key(const struct pdp__json_doc *doc, uint32_t ix)
{
    const struct pdp__json *node = &doc->nodes[ix];
    return (pdp_str_t){doc->text + node->key_off, node->key_len};
}

static inline bool
pdp__json_is(const struct pdp__json_doc *doc, uint32_t ix,
    enum pdp__json_type type)
{
    return doc->nodes[ix].type == type;
}

/* Visits the children of node ix: items of an array, members of an object. */
#define PDP__JSON_EACH(doc, ix, child)                                         \
    for (uint32_t child = (ix) + 1; child < (doc)->nodes[ix].end;              \
         child = (doc)->nodes[child].end)

/* The value of an integer (no fraction, no exponent); false if it is none. */
bool pdp__json_int(const struct pdp__json_doc *doc, uint32_t ix, int64_t *out);

/*
 * The value of any number as seconds: *floor is rounded down and *ceil up,
 * exactly (decimal arithmetic, no floating point), clamped to int64.
 * RFC 7519 NumericDate may have a fraction.  False if it is no number.
 */
bool pdp__json_seconds(const struct pdp__json_doc *doc, uint32_t ix,
    int64_t *floor, int64_t *ceil);

/*
 * The node a JSON pointer (RFC 6901), given as decoded reference tokens,
 * leads to from the root, or 0 when there is none.  An empty pointer gives
 * 0, too: the root itself is never wanted here.  In an array a token is an
 * index without leading zeros; `-` leads nowhere.
 */
uint32_t pdp__json_pointer(const struct pdp__json_doc *doc,
    const pdp_str_t *tokens, size_t cnt);

/* Between the files of the reader. */

/*
 * The number text begins with: RFC 8259 6, and the range this library
 * takes.  An integer (no fraction, no exponent) must fit int64.  Any other
 * must be zero, or its first significant digit must stand for 1e-307 to
 * 1e307, so that no reader makes infinity or zero of it.  *used is the
 * length of the number, or the offset of the fault (0 for E_NUMBER).
 */
enum pdp__json_error pdp__json_number_scan(pdp_str_t text, size_t *used);

/*
 * The string that begins with the '"' at text (len >= 1), decoded in place
 * from text + 1 on.  *used is its length with both quotes, or the offset of
 * the fault; *decoded_len the length of what it stands for.
 */
enum pdp__json_error pdp__json_string_scan(char *text, size_t len, size_t *used,
    size_t *decoded_len);

/* The first member in document order of the object nodes[ix], complete,
 * whose name an earlier member has, or 0.  O(n log n); overwrites `aux`. */
uint32_t pdp__json_duplicate(const char *text, struct pdp__json *nodes,
    uint32_t ix);

#endif
