/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#ifndef PDP__CHECK_JSON_TEXT_H
#define PDP__CHECK_JSON_TEXT_H

/* JSON nodes -> JSON text, in printable ASCII. */

#include "common/heap.h"
#include "text/json_read.h"

/* Adds node ix with all that is in it. */
void pdp__json_text_add(struct pdp__string *out,
    const struct pdp__json_doc *json, uint32_t ix);

/* Adds the name of a member, its colon included; first: no comma before. */
void pdp__json_text_key(struct pdp__string *out, pdp_str_t name, bool first);

#endif
