/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include "text/utf8.h"

/*
 * UTF-8 by the table of RFC 3629 4 (Unicode table 3-7): the first byte
 * tells the length and the range of the second byte; all later bytes are
 * 80..BF.  The range of the second byte is what rules out overlong forms
 * (C0 AF for a slash gets past a filter), surrogates and code points over
 * U+10FFFF.
 *
 * Noncharacters such as U+FFFF and U+0000 are well-formed here; who cannot
 * take them refuses them.
 *
 * Cost: one pass; ASCII eight bytes at a time.
 */

/* Length of the sequence by its first byte, the range of its second one. */
struct lead {
    uint8_t len;
    uint8_t low;
    uint8_t high;
};

static struct lead
lead_of(unsigned char c)
{
    if (c >= 0xC2 && c <= 0xDF) {
        return (struct lead){2, 0x80, 0xBF};
    }
    if (c >= 0xE0 && c <= 0xEF) {
        return (
            struct lead){3, c == 0xE0 ? 0xA0 : 0x80, c == 0xED ? 0x9F : 0xBF};
    }
    if (c >= 0xF0 && c <= 0xF4) {
        return (
            struct lead){4, c == 0xF0 ? 0x90 : 0x80, c == 0xF4 ? 0x8F : 0xBF};
    }
    return (struct lead){0, 0, 0};
}

size_t
pdp__utf8_sequence(pdp_str_t s, size_t offset)
{
    if (offset >= s.len) {
        return 0;
    }
    const unsigned char *p = (const unsigned char *)s.ptr + offset;
    if (p[0] < 0x80) {
        return 1;
    }
    struct lead lead = lead_of(p[0]);
    if (lead.len == 0 || s.len - offset < lead.len) {
        return 0;
    }
    if (p[1] < lead.low || p[1] > lead.high) {
        return 0;
    }
    for (size_t i = 2; i < lead.len; i++) {
        if ((p[i] & 0xC0) != 0x80) {
            return 0;
        }
    }
    return lead.len;
}

/* Offset of the first byte >= 80 at or after offset, or s.len. */
static size_t
skip_ascii(pdp_str_t s, size_t offset)
{
    uint64_t word;
    while (s.len - offset >= sizeof(word)) {
        memcpy(&word, s.ptr + offset, sizeof(word));
        if ((word & UINT64_C(0x8080808080808080)) != 0) {
            break;
        }
        offset += sizeof(word);
    }
    while (offset < s.len && (unsigned char)s.ptr[offset] < 0x80) {
        offset++;
    }
    return offset;
}

size_t
pdp__utf8_check(pdp_str_t s)
{
    size_t offset = skip_ascii(s, 0);
    while (offset < s.len) {
        size_t len = pdp__utf8_sequence(s, offset);
        if (len == 0) {
            return offset;
        }
        offset = skip_ascii(s, offset + len);
    }
    return offset;
}
