/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#ifndef PDP__MODEL_SPAN_H
#define PDP__MODEL_SPAN_H

/* A stretch of time, once or again and again; what all conditions on time
 * become when a policy is loaded. */

#include "base/str.h"

/* No edge ahead, and a stretch without an end. */
#define PDP__NO_EDGE INT64_MAX

/*
 * Seconds of POSIX time; both ends belong to it.
 *   period 0   first <= now <= last, once
 *   period p   every p seconds: `last` seconds more after `first`; last is
 *              0 .. p - 1, and p - 1 is always
 */
struct pdp__span {
    int64_t first;
    int64_t last;
    uint32_t period;
    uint32_t unused;
};

bool pdp__span_holds(const struct pdp__span *span, int64_t now);

/* The first second after now at which pdp__span_holds() says something else
 * than it says now, or PDP__NO_EDGE. */
int64_t pdp__span_edge(const struct pdp__span *span, int64_t now);

#endif
