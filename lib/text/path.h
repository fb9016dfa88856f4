/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#ifndef PDP__TEXT_PATH_H
#define PDP__TEXT_PATH_H

/*
 * Raw request target -> segments.  Reject, never repair.
 *
 * The order of the checks is part of the contract (the same reason comes
 * out everywhere):
 *   1  target longer than 4096 bytes                           too_long
 *   2  not exactly one leading slash (C2)                      target_form
 *   3  each raw byte of path and query, left to right (C3)     bad_byte
 *   4  more than 32 segments (C1)                              too_long
 *   5  per segment from the left:
 *      empty (C9)                                              empty_segment
 *      each byte and escape in order:
 *        '%' without two hex digits (C4)                       bad_percent
 *        an encoded unreserved character (C5)                  overencoded
 *        decoded 00-1F, 7F (C6)                                control
 *        decoded >= 80 (C7)                                    non_ascii
 *        decoded % \ ; ? # or raw ';' (C8)                     delimiter
 *      then dot segments: `.` or `..`, and a decoded slash whose parts
 *      are empty, `.` or `..` (C10)                            dot_segment
 * The path ends at the first '?'; a '#' anywhere is a bad byte.
 */

#include "base/str.h"
#include "pdp/reason.h"

enum { PDP__TARGET_MAX = 4096, PDP__SEGMENT_MAX = 32 };

struct pdp__segment {
    pdp_str_t raw;     /* between the slashes, as received */
    pdp_str_t decoded; /* the same slice as raw when nothing is encoded */
    bool slash;        /* the decoded text holds a slash */
    bool encoded;      /* raw holds at least one escape */
};

struct pdp__path {
    struct pdp__segment segments[PDP__SEGMENT_MAX];
    uint32_t cnt;
    pdp_str_t canonical; /* path with hex digits of escapes in upper case */
    pdp_str_t query;     /* after the '?'; {NULL, 0}: there is none */
    size_t offset;       /* of the offending byte, when refused */
};

/*
 * Splits and checks.  buf receives the canonical path and the decoded
 * segments: 2 * PDP__TARGET_MAX bytes.  It is written only when the path
 * holds an escape.  Slices point into target or buf.
 *
 * Returns true, or false with *reason and path->offset set, and cnt 0.  The
 * offset is in target, and may be target.len where something is missing:
 *   too_long        the first byte, or the slash, that is too many
 *   target_form     the first byte, or the second slash
 *   empty_segment   where the segment would be
 *   bad_percent .. delimiter  the '%' of the escape, or the ';'
 *   dot_segment     the segment, or the first part of it that is dots or
 *                   empty (its raw text)
 * A buf too small for the path at hand is refused as internal.
 */
bool pdp__path_parse(pdp_str_t target, char *buf, size_t cap,
    struct pdp__path *path, pdp_reason_t *reason);

#endif
