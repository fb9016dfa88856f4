/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#ifndef PDP__TEXT_GLOB_H
#define PDP__TEXT_GLOB_H

/*
 * IBM's stringMatch: `*` is any run of characters (also none, also slashes),
 * `?` one character, `{{*}}` and `{{?}}` the literal ones.  A character is a
 * well-formed UTF-8 sequence, or one byte where there is none.  The pattern
 * comes from the policy, never from the request.  No recursion, one restore
 * point: time O(pattern * text).
 */

#include "base/str.h"

/* False when the pattern is malformed: `{{` that is not `{{*}}` or `{{?}}`;
 * *error_offset then tells where. */
bool pdp__glob_check(pdp_str_t pattern, size_t *error_offset);

/* Whether the whole text matches; a malformed pattern matches nothing. */
bool pdp__glob_match(pdp_str_t pattern, pdp_str_t text);

#endif
