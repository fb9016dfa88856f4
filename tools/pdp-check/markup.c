/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include "pdp-check/markup.h"

/*
 * Escaping for XML 1.0 and HTML.
 *
 * XML 1.0 (2.2) has no way at all to write most control characters, U+FFFE
 * and U+FFFF; a report with one of them is no XML.  Characters that change
 * the order of others on the screen, or have no width, would show a name
 * that is not the one that was tested.  All of these are shown as \xNN, byte
 * by byte, as everywhere in this tool.
 */

#include "common/escape.h"
#include "text/utf8.h"

static uint32_t
decode(pdp_str_t text, size_t at, size_t len)
{
    static const unsigned char masks[] = {0, 0x7f, 0x1f, 0x0f, 0x07};
    uint32_t code = (unsigned char)text.ptr[at] & masks[len];
    for (size_t i = 1; i < len; i++) {
        code = code << 6 | ((unsigned char)text.ptr[at + i] & 0x3f);
    }
    return code;
}

static bool
is_shown(uint32_t code)
{
    static const struct {
        uint32_t from, to;
    } hidden[] = {
        {0x80, 0x9f},       /* C1 */
        {0xad, 0xad},       /* soft hyphen */
        {0x61c, 0x61c},     /* bidi */
        {0x200b, 0x200f},   /* no width, bidi */
        {0x2028, 0x202e},   /* line ends, bidi */
        {0x2060, 0x206f},   /* no width, bidi */
        {0xfe00, 0xfe0f},   /* variations */
        {0xfeff, 0xfeff},   /* byte order mark */
        {0xfff0, 0xffff},   /* specials */
        {0xe0000, 0xe0fff}, /* tags */
    };
    for (size_t i = 0; i < sizeof(hidden) / sizeof(hidden[0]); i++) {
        if (code >= hidden[i].from && code <= hidden[i].to) {
            return false;
        }
    }
    return (code & 0xfffe) != 0xfffe;
}

static void
add_ascii(struct pdp__string *out, pdp_str_t one)
{
    switch (one.ptr[0]) {
    case '&':
        pdp__string_z(out, "&amp;");
        break;
    case '<':
        pdp__string_z(out, "&lt;");
        break;
    case '>':
        pdp__string_z(out, "&gt;");
        break;
    case '"':
        pdp__string_z(out, "&quot;");
        break;
    case '\'':
        pdp__string_z(out, "&#39;");
        break;
    default:
        pdp__escape_add(out, one);
        break;
    }
}

void
pdp__markup_add(struct pdp__string *out, pdp_str_t text)
{
    for (size_t at = 0; at < text.len;) {
        size_t len = pdp__utf8_sequence(text, at);
        uint32_t code = len > 1 ? decode(text, at, len) : 0;
        if (len > 1 && is_shown(code)) {
            pdp__string_fmt(out, "&#x%lX;", (unsigned long)code);
        } else if (len == 1) {
            add_ascii(out, pdp__str(text.ptr + at, 1));
        } else {
            len = len == 0 ? 1 : len;
            pdp__escape_add(out, pdp__str(text.ptr + at, len));
        }
        at += len;
    }
}
