/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#ifndef PDP__CHECK_MARKUP_H
#define PDP__CHECK_MARKUP_H

/* Text of strangers in XML and HTML. */

#include "common/heap.h"

/*
 * Adds a text so that it stands for itself in an element and in a quoted
 * attribute.  The result is printable ASCII: other characters are written as
 * references, and what XML cannot hold, and what a reader could not see, in
 * the escapes of common/escape.h.
 */
void pdp__markup_add(struct pdp__string *out, pdp_str_t text);

#endif
