/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include "common/escape.h"

/*
 * Escaping for people and for JSON.
 *
 * Targets, headers, tokens and policies come from strangers; printed raw,
 * they could move the cursor, change the title of a window, hide text with
 * control characters or turn it round with U+202E.  So whatever leaves a
 * tool is printable ASCII.  The text form is unambiguous: the backslash is
 * escaped, too, and so are tabs and line ends, which keeps one record on
 * one line of a tsv.
 *
 * JSON strings are rendered by the library's writer (valid UTF-8 for any
 * input) and then every character above 7E is written as an escape, which
 * means the same to every JSON reader (RFC 8259 7).
 */

#include "text/json_write.h"
#include "text/utf8.h"

static const char hex[] = "0123456789abcdef";

size_t
pdp__escape_byte(char byte, char out[static PDP__ESCAPE_MAX])
{
    unsigned char c = (unsigned char)byte;
    if (c >= 0x20 && c < 0x7f && c != '\\') {
        out[0] = byte;
        return 1;
    }
    out[0] = '\\';
    switch (c) {
    case '\\':
        out[1] = '\\';
        return 2;
    case '\t':
        out[1] = 't';
        return 2;
    case '\n':
        out[1] = 'n';
        return 2;
    case '\r':
        out[1] = 'r';
        return 2;
    default:
        out[1] = 'x';
        out[2] = hex[c >> 4];
        out[3] = hex[c & 15];
        return 4;
    }
}

void
pdp__escape_add(struct pdp__string *string, pdp_str_t text)
{
    for (size_t i = 0; i < text.len; i++) {
        char out[PDP__ESCAPE_MAX];
        pdp__string_add(string,
            pdp__str(out, pdp__escape_byte(text.ptr[i], out)));
    }
}

void
pdp__escape_field(struct pdp__string *string, pdp_str_t text)
{
    pdp__string_char(string, '\t');
    if (text.len == 0) {
        pdp__string_char(string, '-');
    }
    pdp__escape_add(string, text);
}

size_t
pdp__escape_len(pdp_str_t text)
{
    size_t len = 0;
    for (size_t i = 0; i < text.len; i++) {
        char out[PDP__ESCAPE_MAX];
        len += pdp__escape_byte(text.ptr[i], out);
    }
    return len;
}

/* The code point of a well-formed sequence of 2 to 4 bytes. */
static uint32_t
code_point(pdp_str_t text, size_t at, size_t len)
{
    uint32_t code = (unsigned char)text.ptr[at] & (0x7fu >> len);
    for (size_t i = 1; i < len; i++) {
        code = code << 6 | ((unsigned char)text.ptr[at + i] & 0x3fu);
    }
    return code;
}

/* Adds rendered JSON with everything above 7E as \uXXXX. */
static void
add_ascii(struct pdp__string *string, pdp_str_t json)
{
    for (size_t i = 0; i < json.len;) {
        unsigned char c = (unsigned char)json.ptr[i];
        if (c < 0x7f) {
            pdp__string_char(string, json.ptr[i++]);
            continue;
        }
        size_t len = pdp__utf8_sequence(json, i);
        if (len < 2) { /* 7F; the writer leaves no malformed byte */
            pdp__string_fmt(string, "\\u%04x", (unsigned)c);
            i++;
            continue;
        }
        uint32_t code = code_point(json, i, len);
        if (code >= 0x10000) { /* RFC 8259 7: a surrogate pair */
            pdp__string_fmt(string, "\\u%04x",
                (unsigned)(0xd800 + ((code - 0x10000) >> 10)));
            code = 0xdc00 + ((code - 0x10000) & 0x3ff);
        }
        pdp__string_fmt(string, "\\u%04x", (unsigned)code);
        i += len;
    }
}

static void
add_json(struct pdp__string *string, pdp_str_t text,
    void (*write)(struct pdp__buf *buf, pdp_str_t text))
{
    /* No byte takes more than the six of \uXXXX, and there are two quotes. */
    struct pdp__string json = {0};
    size_t cap = text.len * 6 + 2;
    struct pdp__buf buf = pdp__buf(pdp__string_room(&json, cap), cap);
    write(&buf, text);
    add_ascii(string, pdp__buf_get(&buf));
    pdp__string_free(&json);
}

void
pdp__escape_json(struct pdp__string *string, pdp_str_t text)
{
    add_json(string, text, pdp__json_write_str);
}

void
pdp__escape_json_or_null(struct pdp__string *string, pdp_str_t text)
{
    if (text.ptr == NULL) {
        pdp__string_z(string, "null");
        return;
    }
    pdp__escape_json(string, text);
}

void
pdp__escape_json_bytes(struct pdp__string *string, pdp_str_t bytes)
{
    add_json(string, bytes, pdp__json_write_bytes);
}
