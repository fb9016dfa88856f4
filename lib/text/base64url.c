/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include "text/base64url.h"

/*
 * base64url without padding, strict in both directions: decode(encode(x))
 * is x, and encode(decode(t)) is t for every t that is accepted.  Lax
 * decoders give one token many spellings, and a revocation list or a cache
 * keyed by the spelling is then bypassed by changing a spare bit.
 *
 * RFC 4648 3.3 (alphabet), 3.5 (spare bits are zero), 5; RFC 7515 2.
 *
 * Cost: a table look-up a character, four at a time; not constant in time,
 * for nothing secret is decoded here (tokens and public keys).
 */

enum { BAD = 0xFF };

/* Value of each character, or BAD; 16 characters a row. */
#define BAD4 BAD, BAD, BAD, BAD
#define BAD16 BAD4, BAD4, BAD4, BAD4
#define BAD64 BAD16, BAD16, BAD16, BAD16

/* clang-format off */
static const uint8_t value_of[256] = {
    BAD16, BAD16,
    BAD4, BAD4, BAD4, BAD, 62, BAD, BAD,
    52, 53, 54, 55, 56, 57, 58, 59, 60, 61, BAD, BAD, BAD4,
    BAD, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14,
    15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, BAD, BAD, BAD, BAD, 63,
    BAD, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40,
    41, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51, BAD, BAD, BAD, BAD, BAD,
    BAD64, BAD64
};
/* clang-format on */

static const char alphabet[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/* Offset of the first character outside the alphabet, or text.len. */
static size_t
find_bad(pdp_str_t text, size_t offset)
{
    while (
        offset < text.len && value_of[(unsigned char)text.ptr[offset]] != BAD) {
        offset++;
    }
    return offset;
}

/* The last 2 or 3 characters; false when they carry spare bits.  All are
 * of the alphabet. */
static bool
decode_tail(const unsigned char *in, size_t len, unsigned char *out)
{
    uint32_t bits = (uint32_t)value_of[in[0]] << 18;
    bits |= (uint32_t)value_of[in[1]] << 12;
    if (len == 3) {
        bits |= (uint32_t)value_of[in[2]] << 6;
    }
    out[0] = (unsigned char)(bits >> 16);
    if (len == 3) {
        out[1] = (unsigned char)(bits >> 8);
    }
    return (bits & (len == 3 ? 0xFFU : 0xFFFFU)) == 0;
}

bool
pdp__base64url_decode(pdp_str_t text, unsigned char *out, size_t cap,
    size_t *out_len, size_t *error_offset)
{
    *out_len = 0;
    *error_offset = text.len;
    if (cap < pdp__base64url_size(text.len)) {
        return false;
    }
    const unsigned char *in = (const unsigned char *)text.ptr;
    size_t tail = text.len % 4;
    size_t body = text.len - tail;
    size_t used = 0;
    for (size_t i = 0; i < body; i += 4) {
        uint32_t a = value_of[in[i]];
        uint32_t b = value_of[in[i + 1]];
        uint32_t c = value_of[in[i + 2]];
        uint32_t d = value_of[in[i + 3]];
        if (((a | b | c | d) & 0x80U) != 0) {
            *error_offset = find_bad(text, i);
            return false;
        }
        uint32_t bits = a << 18 | b << 12 | c << 6 | d;
        out[used++] = (unsigned char)(bits >> 16);
        out[used++] = (unsigned char)(bits >> 8);
        out[used++] = (unsigned char)bits;
    }
    size_t bad = find_bad(text, body);
    if (bad < text.len || tail == 1) {
        *error_offset = bad;
        return false;
    }
    if (tail != 0) {
        if (!decode_tail(in + body, tail, out + used)) {
            *error_offset = text.len - 1;
            return false;
        }
        used += tail - 1;
    }
    *out_len = used;
    return true;
}

size_t
pdp__base64url_encode(const unsigned char *bytes, size_t len, char *out,
    size_t cap)
{
    size_t tail = len % 3;
    if (cap / 4 < len / 3 || cap - len / 3 * 4 < (tail == 0 ? 0 : tail + 1)) {
        return 0;
    }
    size_t used = 0;
    for (size_t i = 0; i + tail < len; i += 3) {
        uint32_t bits = (uint32_t)bytes[i] << 16 | (uint32_t)bytes[i + 1] << 8 |
                        bytes[i + 2];
        out[used++] = alphabet[bits >> 18];
        out[used++] = alphabet[bits >> 12 & 63];
        out[used++] = alphabet[bits >> 6 & 63];
        out[used++] = alphabet[bits & 63];
    }
    if (tail != 0) {
        uint32_t bits = (uint32_t)bytes[len - tail] << 16;
        if (tail == 2) {
            bits |= (uint32_t)bytes[len - 1] << 8;
        }
        out[used++] = alphabet[bits >> 18];
        out[used++] = alphabet[bits >> 12 & 63];
        if (tail == 2) {
            out[used++] = alphabet[bits >> 6 & 63];
        }
    }
    return used;
}
