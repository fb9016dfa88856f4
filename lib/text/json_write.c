/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include "text/json_write.h"

#include "text/utf8.h"

/*
 * JSON strings out.  The result is valid JSON and valid UTF-8 whatever the
 * input is, and safe to print and to embed: controls (C0, DEL, C1) would
 * drive a terminal, U+2028 and U+2029 end a line in JavaScript.
 *
 * A byte that is not UTF-8 comes out as the escape of the code point of
 * its value, which a reader cannot tell from that code point itself: these
 * strings are for people and logs, not for the way back.
 *
 * Cost: one pass; runs that need no escape are copied as a whole.
 */

static void
write_unicode(struct pdp__buf *buf, uint32_t unit)
{
    static const char digits[] = "0123456789abcdef";
    char text[6] = {'\\', 'u', digits[unit >> 12 & 15], digits[unit >> 8 & 15],
        digits[unit >> 4 & 15], digits[unit & 15]};
    pdp__buf_str(buf, pdp__str(text, sizeof(text)));
}

/* An ASCII character that must not stand for itself. */
static void
write_escape(struct pdp__buf *buf, unsigned char c)
{
    switch (c) {
    case '"':
        pdp__buf_str(buf, PDP__LIT("\\\""));
        break;
    case '\\':
        pdp__buf_str(buf, PDP__LIT("\\\\"));
        break;
    case '\b':
        pdp__buf_str(buf, PDP__LIT("\\b"));
        break;
    case '\f':
        pdp__buf_str(buf, PDP__LIT("\\f"));
        break;
    case '\n':
        pdp__buf_str(buf, PDP__LIT("\\n"));
        break;
    case '\r':
        pdp__buf_str(buf, PDP__LIT("\\r"));
        break;
    case '\t':
        pdp__buf_str(buf, PDP__LIT("\\t"));
        break;
    default:
        write_unicode(buf, c);
        break;
    }
}

/* Whether an ASCII character may stand for itself. */
static bool
is_plain(unsigned char c)
{
    return c >= 0x20 && c < 0x7F && c != '"' && c != '\\';
}

/* The code point to escape of a sequence of two or three bytes, or 0 when
 * it may stand for itself. */
static uint32_t
unsafe_code_point(const unsigned char *p, size_t len)
{
    if (len == 2 && p[0] == 0xC2 && p[1] < 0xA0) {
        return p[1];
    }
    if (len == 3 && p[0] == 0xE2 && p[1] == 0x80 &&
        (p[2] == 0xA8 || p[2] == 0xA9)) {
        return 0x2000U | (p[2] & 0x3FU);
    }
    return 0;
}

/* Writes all of text; utf8: sequences are kept, otherwise each byte >= 80
 * is escaped. */
static void
write_quoted(struct pdp__buf *buf, pdp_str_t text, bool utf8)
{
    pdp__buf_char(buf, '"');
    const unsigned char *bytes = (const unsigned char *)text.ptr;
    size_t run = 0; /* start of what is not written yet */
    size_t i = 0;
    while (i < text.len) {
        size_t len = 1;
        uint32_t unit = 0;
        bool keep = is_plain(bytes[i]);
        if (bytes[i] >= 0x80) {
            len = utf8 ? pdp__utf8_sequence(text, i) : 0;
            unit = len == 0 ? bytes[i] : unsafe_code_point(bytes + i, len);
            keep = unit == 0;
            len = len == 0 ? 1 : len;
        }
        if (!keep) {
            pdp__buf_str(buf, pdp__str(text.ptr + run, i - run));
            if (unit != 0) {
                write_unicode(buf, unit);
            } else {
                write_escape(buf, bytes[i]);
            }
            run = i + len;
        }
        i += len;
    }
    if (run < i) {
        pdp__buf_str(buf, pdp__str(text.ptr + run, i - run));
    }
    pdp__buf_char(buf, '"');
}

void
pdp__json_write_str(struct pdp__buf *buf, pdp_str_t text)
{
    write_quoted(buf, text, true);
}

void
pdp__json_write_bytes(struct pdp__buf *buf, pdp_str_t bytes)
{
    write_quoted(buf, bytes, false);
}

void
pdp__json_write_str_or_null(struct pdp__buf *buf, pdp_str_t text)
{
    if (text.ptr == NULL) {
        pdp__buf_str(buf, PDP__LIT("null"));
        return;
    }
    pdp__json_write_str(buf, text);
}
