/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */

/*
 * The query of a request target.  It never takes part in the route; a few
 * of its values name resources, and those are decoded here, once, as
 * application/x-www-form-urlencoded (WHATWG URL 5.1): '&' separates, '+' is
 * a space, %XX is a byte of UTF-8.
 *
 * Two readings live side by side.  The strict one gives values the decision
 * depends on: what two servers could read in two ways is refused, above all
 * a raw ';', which some take for '&'.  The lenient one only answers "could
 * any server find this name here", as wide as real servers are: it is for
 * names whose mere presence is a fault, `_method` first.
 *
 * Cost: one pass over the query, no memory.  The bytes of the whole query
 * were checked by text/path.c already; nothing here relies on that.
 */

#include "text/query.h"

#include "base/never.h"
#include "text/utf8.h"

bool
pdp__query_next(pdp_str_t query, size_t *cursor, struct pdp__query_pair *pair)
{
    while (*cursor < query.len) {
        size_t start = *cursor;
        size_t end = pdp__str_find(query, '&', start);
        *cursor = end < query.len ? end + 1 : end;
        if (end == start) {
            continue;
        }
        pdp_str_t text = pdp__str(query.ptr + start, end - start);
        size_t equals = pdp__str_find(text, '=', 0);
        pair->raw_name = pdp__str(text.ptr, equals);
        pair->raw_value = equals < text.len ? pdp__str_from(text, equals + 1)
                                            : pdp__str(NULL, 0);
        pair->offset = start;
        return true;
    }
    return false;
}

static int
hex_value(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    char lower = pdp__lower(c);
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

/* The byte written as two hex digits at text[at], or -1. */
static int
hex_pair(pdp_str_t text, size_t at)
{
    if (PDP_NEVER(at > text.len) || text.len - at < 2) {
        return -1;
    }
    int high = hex_value(text.ptr[at]);
    int low = hex_value(text.ptr[at + 1]);
    return high < 0 || low < 0 ? -1 : high * 16 + low;
}

/* Where in raw the decoded byte at offset comes from; escapes are good. */
static size_t
raw_offset(pdp_str_t raw, size_t offset)
{
    size_t at = 0;
    for (size_t i = 0; i < offset; i++) {
        at += raw.ptr[at] == '%' ? 3 : 1;
    }
    return at;
}

bool
pdp__query_decode(pdp_str_t raw, char *buf, size_t cap, pdp_str_t *out,
    size_t *error_offset)
{
    size_t len = 0;
    size_t at = 0;

    while (at < raw.len) {
        int byte = (unsigned char)raw.ptr[at];
        size_t width = 1;
        *error_offset = at;
        if (byte == ';') {
            return false;
        }
        if (byte == '%') {
            byte = hex_pair(raw, at + 1);
            width = 3;
        } else if (byte == '+') {
            byte = ' ';
        }
        /* A bad escape is -1; the rest are controls. */
        if (byte < 0x20 || byte == 0x7F || len == cap) {
            return false;
        }
        buf[len++] = (char)byte;
        at += width;
    }
    /* Present and empty is not absent: raw.ptr then serves as the place. */
    *out = pdp__str(len == 0 ? raw.ptr : buf, len);
    size_t bad = pdp__utf8_check(*out);
    if (bad < len) {
        *error_offset = raw_offset(raw, bad);
        return false;
    }
    return true;
}

/*
 * The next byte as the most lenient server reads it, or -1 at the end.
 * Decoded until nothing is left to decode: that finds every name one round
 * finds, since the name has no '%'.  %u00XX is what classic ASP takes.
 */
static int
lenient_byte(pdp_str_t raw, size_t *at)
{
    if (*at >= raw.len) {
        return -1;
    }
    int byte = (unsigned char)raw.ptr[(*at)++];
    if (byte == '+') {
        return ' ';
    }
    while (byte == '%') {
        int value = hex_pair(raw, *at);
        size_t width = 2;
        if (value < 0 && raw.len - *at >= 5 &&
            pdp__lower(raw.ptr[*at]) == 'u' && hex_pair(raw, *at + 1) == 0) {
            value = hex_pair(raw, *at + 3);
            width = 5;
        }
        if (value < 0) {
            break;
        }
        byte = value;
        *at += width;
    }
    return byte;
}

/* Ends a pair for some server: '&' for all, ';' for older ones, and '?'
 * where a second one is cut off with the first. */
static bool
is_separator(int byte)
{
    return byte == '&' || byte == ';' || byte == '?';
}

/* PHP trims spaces before a name, Rack drops brackets there. */
static bool
is_padding(int byte)
{
    return (byte >= 0 && byte <= ' ') || byte == '[' || byte == ']';
}

/* Names differ in case for nobody but ASP.NET, and PHP turns '.' and ' '
 * into '_'. */
static bool
is_same(int byte, char wanted)
{
    if (wanted == '_' && (byte == '.' || byte == ' ' || byte == '[')) {
        return true;
    }
    return byte >= 0 && pdp__lower((char)byte) == pdp__lower(wanted);
}

/* Whether the lenient bytes from at on are name, and nothing more of it. */
static bool
starts_with_name(pdp_str_t raw, size_t at, pdp_str_t name)
{
    for (size_t i = 0; i < name.len; i++) {
        if (!is_same(lenient_byte(raw, &at), name.ptr[i])) {
            return false;
        }
    }
    int byte = lenient_byte(raw, &at);
    while (byte == ' ') {
        byte = lenient_byte(raw, &at); /* trimmed by some */
    }
    /* `[` begins an index, a control may cut the name short. */
    return byte == '=' || is_separator(byte) || is_padding(byte) || byte < 0;
}

bool
pdp__query_may_be(pdp_str_t raw_name, pdp_str_t name)
{
    size_t at = 0;
    bool fresh = true; /* only padding since the start or a separator */

    for (;;) {
        if (fresh && starts_with_name(raw_name, at, name)) {
            return true;
        }
        int byte = lenient_byte(raw_name, &at);
        if (byte < 0) {
            return false;
        }
        fresh = is_separator(byte) || (fresh && is_padding(byte));
    }
}

bool
pdp__query_hides(const struct pdp__query_pair *pair, pdp_str_t name)
{
    pdp_str_t whole = pair->raw_name;

    if (pair->raw_value.ptr != NULL) {
        whole.len =
            (size_t)(pair->raw_value.ptr + pair->raw_value.len - whole.ptr);
    }
    return pdp__query_may_be(whole, name);
}
