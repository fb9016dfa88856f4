/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#ifndef PDP__TEXT_SUGGEST_H
#define PDP__TEXT_SUGGEST_H

/* "Did you mean": the candidate nearest to a misspelt name. */

#include "base/str.h"

/*
 * Index of the candidate with the smallest edit distance (insert, delete,
 * replace, swap of neighbours; ASCII case ignored), the first of equals, or
 * -1 when none is near: more than 1 edit for a name of up to 4 bytes, 2 for
 * up to 8, 3 beyond, or as many edits as the name has bytes.  Names and
 * candidates over 64 bytes are not compared.
 */
int pdp__suggest(pdp_str_t name, const pdp_str_t *candidates, size_t cnt);

#endif
