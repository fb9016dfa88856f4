/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#ifndef PDP__TEXT_TIME_H
#define PDP__TEXT_TIME_H

/*
 * Dates without libc: the proleptic Gregorian calendar, UTC, no local time
 * zone and no leap seconds.  Years 0000 to 9999.
 */

#include "base/str.h"

struct pdp__date {
    int32_t year;
    uint8_t month; /* 1..12 */
    uint8_t day;   /* 1..31 */
    uint8_t hour, minute, second;
    uint8_t weekday; /* 1 Monday .. 7 Sunday */
};

/* Seconds since 1970-01-01T00:00:00Z -> date and time of day in UTC.
 * Outside the years 0000 to 9999: the nearest second inside. */
struct pdp__date pdp__date_from_seconds(int64_t seconds);

/* Days since 1970-01-01 of a date; year 0..9999, month 1..12, day 1..31. */
int64_t pdp__date_days(int32_t year, int32_t month, int32_t day);

/* How many days a month has. */
int32_t pdp__month_days(int32_t year, int32_t month);

/*
 * RFC 3339 date-time: `2026-11-21T09:30:00Z`, with optional fraction (cut
 * after nine digits) and offset; `t` and `z` may be small letters.  A second
 * of 60 is taken as 59 of the same minute plus one, only at 23:59:60 UTC.
 * False if malformed, or outside the years 0000 to 9999 in UTC.
 */
bool pdp__time_parse(pdp_str_t text, int64_t *seconds, uint32_t *nanoseconds);

/* `2026-11-21T09:30:00Z` and a NUL; false outside the years 0000..9999. */
bool pdp__time_render(int64_t seconds, char out[static 21]);

#endif
