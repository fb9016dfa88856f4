/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#ifndef PDP__TEXT_QUERY_H
#define PDP__TEXT_QUERY_H

/*
 * Query names and values, application/x-www-form-urlencoded, decoded once:
 * '+' is a space.  A raw ';' is refused, because some servers split
 * there (%3B is a plain character to all of them); so are bad escapes,
 * controls, raw or decoded, and bytes >= 80 that are not UTF-8.
 */

#include "base/str.h"

struct pdp__query_pair {
    pdp_str_t raw_name;
    pdp_str_t raw_value; /* {NULL, 0} when there is no '=' */
    size_t offset;       /* of the name in the query */
};

/* The next pair; *cursor starts at 0.  False at the end.  Empty pairs
 * (`&&`) are skipped. */
bool pdp__query_next(pdp_str_t query, size_t *cursor,
    struct pdp__query_pair *pair);

/*
 * Decodes a name or value into buf (raw.len bytes are always enough).
 * Returns false on a raw ';', a bad escape, a control character, malformed
 * UTF-8 or a buffer too small, with the offset in raw in *error_offset:
 * malformed UTF-8 is looked for last.  An absent value stays absent.
 */
bool pdp__query_decode(pdp_str_t raw, char *buf, size_t cap, pdp_str_t *out,
    size_t *error_offset);

/*
 * True if a server could read the raw name as `name`, which is ASCII without
 * '%': decoded leniently (once or more often, `%u00XX` too; bad escapes
 * stand for themselves), in any case, after spaces or brackets, with an
 * index behind it (`name[]`), with '.' or ' ' for '_', and behind `;`, `&`
 * or `?`, raw or decoded.  raw_name may therefore also be a whole query:
 * that finds the name behind a ';' in a value, too.
 * Used to find names that must not be there.
 */
bool pdp__query_may_be(pdp_str_t raw_name, pdp_str_t name);

/*
 * True if a server that splits at `;` as well as at `&` could find a
 * parameter `name` anywhere in this pair.
 */
bool pdp__query_hides(const struct pdp__query_pair *pair, pdp_str_t name);

#endif
