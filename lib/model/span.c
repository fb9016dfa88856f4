/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
/*
 * Is it that time, and when will that change?
 *
 * Every condition on time is one of two things: from an instant to another
 * (dates), or a part of each day or week (times of day, days of the week).
 * The loader turns texts and offsets into seconds, so that here is arithmetic
 * only: no calendar, no zone.  The loader asks, too, to find rules that can
 * never hold.
 *
 * Any now is good, also the least and the greatest: nothing overflows.
 */

#include "model/span.h"

/* 0 .. period - 1: how far now is behind the last beginning. */
static int64_t
phase(const struct pdp__span *span, int64_t now)
{
    int64_t period = (int64_t)span->period;
    int64_t value = now % period - span->first % period;

    return ((value % period) + period) % period;
}

bool
pdp__span_holds(const struct pdp__span *span, int64_t now)
{
    if (span->period == 0) {
        return span->first <= now && now <= span->last;
    }
    return phase(span, now) <= span->last;
}

static int64_t
later(int64_t now, int64_t seconds)
{
    return now > PDP__NO_EDGE - seconds ? PDP__NO_EDGE : now + seconds;
}

int64_t
pdp__span_edge(const struct pdp__span *span, int64_t now)
{
    int64_t period = (int64_t)span->period;

    if (period == 0) {
        if (now < span->first) {
            return span->first;
        }
        return now > span->last ? PDP__NO_EDGE : later(span->last, 1);
    }
    if (span->last >= period - 1) {
        return PDP__NO_EDGE;
    }
    int64_t at = phase(span, now);
    return later(now, at <= span->last ? span->last + 1 - at : period - at);
}
