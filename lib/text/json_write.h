/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#ifndef PDP__TEXT_JSON_WRITE_H
#define PDP__TEXT_JSON_WRITE_H

/* Rendering of JSON strings. */

#include "base/buf.h"

/*
 * A quoted string from UTF-8; quotes, backslashes, controls (U+0000 to
 * U+001F, U+007F to U+009F), U+2028 and U+2029 are escaped.  A byte that is
 * not UTF-8 is written as \u00XX, so that the result is valid UTF-8 for any
 * input.
 */
void pdp__json_write_str(struct pdp__buf *buf, pdp_str_t text);

/* A quoted string from arbitrary bytes: every byte >= 0x80 as \u00XX. */
void pdp__json_write_bytes(struct pdp__buf *buf, pdp_str_t bytes);

/* The string, or null when it is absent (ptr NULL). */
void pdp__json_write_str_or_null(struct pdp__buf *buf, pdp_str_t text);

#endif
