/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#ifndef PDP__CHECK_HEADER_H
#define PDP__CHECK_HEADER_H

/* Names of header fields, as commands and suites take them. */

#include "base/str.h"

/* RFC 9110 5.6.2: how many tchar a text begins with. */
static inline size_t
pdp__header_name_len(pdp_str_t text)
{
    size_t len = 0;
    for (; len < text.len; len++) {
        char c = text.ptr[len];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        bool digit = c >= '0' && c <= '9';
        if (!letter && !digit &&
            (c == '\0' || strchr("!#$%&'*+-.^_`|~", c) == NULL)) {
            break;
        }
    }
    return len;
}

#endif
