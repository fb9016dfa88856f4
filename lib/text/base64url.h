/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#ifndef PDP__TEXT_BASE64URL_H
#define PDP__TEXT_BASE64URL_H

/*
 * base64url without padding, RFC 7515 2 and RFC 4648 5, strict: padding,
 * '+', '/', white space, a length of 1 modulo 4 and non-zero spare bits are
 * refused, so that a value has exactly one spelling (caches and revocation
 * lists depend on that).
 */

#include "base/str.h"

/* Bytes that len characters decode to (at most). */
static inline size_t
pdp__base64url_size(size_t len)
{
    return len / 4 * 3 + len % 4 * 3 / 4;
}

/*
 * Decodes into out (cap >= pdp__base64url_size(text.len)).  Returns false
 * and the offset of the first bad character in *error_offset: the last one
 * for spare bits, the end of the text for a bad length or a cap too small.
 * *out_len is then 0 and out holds anything.  out may be text.ptr itself
 * (in place).
 */
bool pdp__base64url_decode(pdp_str_t text, unsigned char *out, size_t cap,
    size_t *out_len, size_t *error_offset);

/* Encodes; returns the length, or 0 when cap is too small (and len > 0). */
size_t pdp__base64url_encode(const unsigned char *bytes, size_t len, char *out,
    size_t cap);

#endif
