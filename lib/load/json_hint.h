/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#ifndef PDP__LOAD_JSON_HINT_H
#define PDP__LOAD_JSON_HINT_H

/* What was probably meant where a text stops being JSON. */

#include "text/json_read.h"

/* text as written, and what the reader said of it; NULL: no idea. */
const char *pdp__json_hint(pdp_str_t text, enum pdp__json_error error,
    size_t offset);

#endif
