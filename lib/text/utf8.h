/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#ifndef PDP__TEXT_UTF8_H
#define PDP__TEXT_UTF8_H

/* UTF-8, RFC 3629: shortest form, no surrogates, up to U+10FFFF. */

#include "base/str.h"

/* Length 1..4 of the well-formed sequence at s.ptr[offset], or 0. */
size_t pdp__utf8_sequence(pdp_str_t s, size_t offset);

/* Offset of the first byte that is not well-formed, or s.len. */
size_t pdp__utf8_check(pdp_str_t s);

#endif
