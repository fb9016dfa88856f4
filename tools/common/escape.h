/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#ifndef PDP__COMMON_ESCAPE_H
#define PDP__COMMON_ESCAPE_H

/*
 * Bytes of strangers -> printable ASCII, for terminals and for JSON.
 */

#include "common/heap.h"

/* The longest escape of one byte: `\xNN`. */
enum { PDP__ESCAPE_MAX = 4 };

/* Writes a byte as it is, or as `\\`, `\t`, `\n`, `\r` or `\xNN`;
 * returns how many characters it took.  No NUL is added. */
size_t pdp__escape_byte(char byte, char out[static PDP__ESCAPE_MAX]);

/* Adds a text, escaped. */
void pdp__escape_add(struct pdp__string *string, pdp_str_t text);

/* Adds a tab and a field of a tsv: the text, escaped, or "-" for none. */
void pdp__escape_field(struct pdp__string *string, pdp_str_t text);

/* How many characters pdp__escape_add() would add. */
size_t pdp__escape_len(pdp_str_t text);

/*
 * Adds a quoted JSON string in pure ASCII: characters above 7E as \uXXXX,
 * so that neither a terminal nor a tool in another character set can be
 * led astray; every JSON reader sees the same string.  A byte that is not
 * UTF-8 is written as \u00XX.  _or_null: `null` when text.ptr is NULL.
 */
void pdp__escape_json(struct pdp__string *string, pdp_str_t text);
void pdp__escape_json_or_null(struct pdp__string *string, pdp_str_t text);

/* The same for arbitrary bytes: each one from 80 on as \u00XX. */
void pdp__escape_json_bytes(struct pdp__string *string, pdp_str_t bytes);

#endif
