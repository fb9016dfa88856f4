/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#ifndef PDP__TEXT_ZONED_H
#define PDP__TEXT_ZONED_H

/* The values of time conditions: a date, a time or a day of the week, and
 * the offset from UTC that it is meant in. */

#include "base/str.h"

enum { PDP__DAY_SEC = 86400, PDP__WEEK_SEC = 7 * PDP__DAY_SEC };

struct pdp__zoned {
    int64_t local_sec; /* by a clock that shows the value: see below */
    int32_t east_sec;  /* of UTC: local_sec - east_sec is UTC */
};

/*
 * local_sec:
 *   time       `09:00:00-05:00`             of the day, 0..86399
 *   date       `2026-11-21-05:00`           its midnight, since 1970-01-01
 *   date_time  `2026-11-21T09:00:00-05:00`  since 1970-01-01T00:00:00
 *   day        `1-05:00`, 1 Monday .. 7     of the week, 0 .. 6 * 86400
 * False, and *out as it was, for anything else.
 */
bool pdp__zoned_time(pdp_str_t text, struct pdp__zoned *out);
bool pdp__zoned_date(pdp_str_t text, struct pdp__zoned *out);
bool pdp__zoned_date_time(pdp_str_t text, struct pdp__zoned *out);
bool pdp__zoned_day(pdp_str_t text, struct pdp__zoned *out);

#endif
