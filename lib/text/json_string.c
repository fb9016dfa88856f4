/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include "text/json_read.h"

#include "text/utf8.h"

/*
 * JSON strings, RFC 8259 7: where most of the reader's time goes.  Bytes
 * that stand for themselves are skipped eight at a time, then by table; only
 * a string with a backslash is copied, onto itself: the decoded form is
 * never longer.
 *
 * Refused: malformed UTF-8 and lone surrogates (no text at all, and what
 * one reader repairs another keeps), U+0000 (cuts a string short in C), raw
 * controls (the grammar).
 *
 * Cost: one pass.  Nothing beyond the given length is looked at.
 */

/* What a byte means inside a string. */
enum { PLAIN = 0, QUOTE, ESCAPE, CONTROL, MULTI };

#define PLAIN4 PLAIN, PLAIN, PLAIN, PLAIN
#define PLAIN16 PLAIN4, PLAIN4, PLAIN4, PLAIN4
#define CONTROL4 CONTROL, CONTROL, CONTROL, CONTROL
#define CONTROL16 CONTROL4, CONTROL4, CONTROL4, CONTROL4
#define MULTI4 MULTI, MULTI, MULTI, MULTI
#define MULTI16 MULTI4, MULTI4, MULTI4, MULTI4
#define MULTI64 MULTI16, MULTI16, MULTI16, MULTI16

static const uint8_t string_class[256] = {
    CONTROL16, CONTROL16,                                /* 00 */
    PLAIN, PLAIN, QUOTE, PLAIN, PLAIN4, PLAIN4, PLAIN4,  /* 20 */
    PLAIN16, PLAIN16,                                    /* 30 */
    PLAIN4, PLAIN4, PLAIN4, ESCAPE, PLAIN, PLAIN, PLAIN, /* 50 */
    PLAIN16, PLAIN16,                                    /* 60 */
    MULTI64, MULTI64                                     /* 80 */
};

/* A string with a backslash while it is decoded. */
struct scan {
    unsigned char *p; /* next byte to read */
    unsigned char *end;
    enum pdp__json_error error;
    const unsigned char *error_at;
};

/* Whether one of eight bytes is not PLAIN. */
static bool
any_special(uint64_t word)
{
    const uint64_t ones = UINT64_C(0x0101010101010101);
    uint64_t quote = word ^ ones * '"';
    uint64_t escape = word ^ ones * '\\';
    /* x - n borrows into the top bit of a byte below n; a byte whose own
     * top bit is set is special anyway */
    uint64_t hit = (word - ones * 0x20) | (quote - ones) | (escape - ones);
    return ((hit | word) & ones * 0x80) != 0;
}

static inline unsigned char *
skip_plain(unsigned char *p, const unsigned char *end)
{
    uint64_t word;
    while (end - p >= (ptrdiff_t)sizeof(word)) {
        memcpy(&word, p, sizeof(word));
        if (any_special(word)) {
            break;
        }
        p += sizeof(word);
    }
    while (p < end && string_class[*p] == PLAIN) {
        p++;
    }
    return p;
}

/* Length of the UTF-8 sequence at p, or 0. */
static size_t
sequence_len(const unsigned char *p, const unsigned char *end)
{
    pdp_str_t rest = {(const char *)p, (size_t)(end - p)};
    return pdp__utf8_sequence(rest, 0);
}

static bool
fail(struct scan *s, enum pdp__json_error error, const unsigned char *at)
{
    s->error = error;
    s->error_at = at;
    return false;
}

enum { HEX_BAD = -1, HEX_CUT = -2 };

/* Four hex digits at p: their value, or what is wrong. */
static int32_t
read_hex4(const struct scan *s, const unsigned char *p)
{
    int32_t value = 0;
    for (int i = 0; i < 4; i++, p++) {
        if (p == s->end) {
            return HEX_CUT;
        }
        int32_t digit = 0;
        if (*p >= '0' && *p <= '9') {
            digit = *p - '0';
        } else if ((*p | 0x20) >= 'a' && (*p | 0x20) <= 'f') {
            digit = (*p | 0x20) - 'a' + 10;
        } else {
            return HEX_BAD;
        }
        value = value * 16 + digit;
    }
    return value;
}

/* The low surrogate that must follow a high one, at p: its value, or what
 * is wrong. */
static int32_t
read_low_surrogate(const struct scan *s, const unsigned char *p)
{
    static const unsigned char intro[2] = {'\\', 'u'};
    for (size_t i = 0; i < sizeof(intro); i++, p++) {
        if (p == s->end) {
            return HEX_CUT;
        }
        if (*p != intro[i]) {
            return HEX_BAD;
        }
    }
    int32_t low = read_hex4(s, p);
    return low >= 0 && (low < 0xDC00 || low > 0xDFFF) ? HEX_BAD : low;
}

static unsigned char *
write_utf8(unsigned char *out, uint32_t code)
{
    if (code < 0x80) {
        *out++ = (unsigned char)code;
        return out;
    }
    if (code < 0x800) {
        *out++ = (unsigned char)(0xC0 | code >> 6);
    } else {
        if (code < 0x10000) {
            *out++ = (unsigned char)(0xE0 | code >> 12);
        } else {
            *out++ = (unsigned char)(0xF0 | code >> 18);
            *out++ = (unsigned char)(0x80 | (code >> 12 & 0x3F));
        }
        *out++ = (unsigned char)(0x80 | (code >> 6 & 0x3F));
    }
    *out++ = (unsigned char)(0x80 | (code & 0x3F));
    return out;
}

/* A `\u` escape, or a pair of them, at s->p; writes to *out. */
static bool
read_unicode(struct scan *s, unsigned char **out)
{
    unsigned char *at = s->p;
    int32_t code = read_hex4(s, at + 2);
    size_t len = 6;
    if (code >= 0xD800 && code <= 0xDBFF) {
        int32_t low = read_low_surrogate(s, at + 6);
        code = low < 0 ? low : 0x10000 + (code - 0xD800) * 1024 + low - 0xDC00;
        len = 12;
    }
    if (code == HEX_CUT) {
        return fail(s, PDP__JSON_E_SYNTAX, s->end);
    }
    if (code == 0) {
        return fail(s, PDP__JSON_E_NUL, at);
    }
    if (code < 0 || (code >= 0xDC00 && code <= 0xDFFF)) {
        return fail(s, PDP__JSON_E_ESCAPE, at);
    }
    s->p = at + len;
    *out = write_utf8(*out, (uint32_t)code);
    return true;
}

/* What a backslash and c stand for, or 0. */
static unsigned char
simple_escape(unsigned char c)
{
    switch (c) {
    case '"':
    case '\\':
    case '/':
        return c;
    case 'b':
        return '\b';
    case 'f':
        return '\f';
    case 'n':
        return '\n';
    case 'r':
        return '\r';
    case 't':
        return '\t';
    default:
        return 0;
    }
}

/* The escape at s->p; writes what it stands for to *out. */
static bool
read_escape(struct scan *s, unsigned char **out)
{
    if (s->end - s->p < 2) {
        return fail(s, PDP__JSON_E_SYNTAX, s->end);
    }
    if (s->p[1] == 'u') {
        return read_unicode(s, out);
    }
    unsigned char c = simple_escape(s->p[1]);
    if (c == 0) {
        return fail(s, PDP__JSON_E_ESCAPE, s->p);
    }
    *(*out)++ = c;
    s->p += 2;
    return true;
}

/* The rest of a string from s->p on, decoded in place; every fault of a
 * string is told here.  *out_end: after the decoded text; s->p: after the
 * '"'. */
static bool
read_escaped(struct scan *s, unsigned char **out_end)
{
    unsigned char *out = s->p;
    for (;;) {
        unsigned char *run = s->p;
        s->p = skip_plain(run, s->end);
        size_t len = (size_t)(s->p - run);
        memmove(out, run, len);
        out += len;
        if (s->p == s->end) {
            return fail(s, PDP__JSON_E_SYNTAX, s->end);
        }
        switch (string_class[*s->p]) {
        case QUOTE:
            s->p++;
            *out_end = out;
            return true;
        case ESCAPE:
            if (!read_escape(s, &out)) {
                return false;
            }
            break;
        case MULTI:
            len = sequence_len(s->p, s->end);
            if (len == 0) {
                return fail(s, PDP__JSON_E_UTF8, s->p);
            }
            memmove(out, s->p, len);
            out += len;
            s->p += len;
            break;
        default:
            return fail(s, PDP__JSON_E_CONTROL, s->p);
        }
    }
}

enum pdp__json_error
pdp__json_string_scan(char *text, size_t len, size_t *used, size_t *decoded_len)
{
    unsigned char *start = (unsigned char *)text + 1;
    unsigned char *end = (unsigned char *)text + len;
    unsigned char *p = skip_plain(start, end);
    size_t sequence = 0;
    while (p < end && string_class[*p] == MULTI &&
           (sequence = sequence_len(p, end)) != 0) {
        p = skip_plain(p + sequence, end);
    }
    if (p < end && *p == '"') {
        *decoded_len = (size_t)(p - start);
        *used = *decoded_len + 2;
        return PDP__JSON_OK;
    }
    struct scan s = {.p = p, .end = end};
    unsigned char *out_end = NULL;
    if (!read_escaped(&s, &out_end)) {
        *used = (size_t)(s.error_at - (const unsigned char *)text);
        return s.error;
    }
    *decoded_len = (size_t)(out_end - start);
    *used = (size_t)(s.p - (unsigned char *)text);
    return PDP__JSON_OK;
}
