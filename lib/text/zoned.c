/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */

/*
 * Dates, times and days of the week with an offset from UTC, as the
 * conditions of policies write them.
 *
 * The grammar is that of RFC 3339 5.6 (full-date, partial-time, time-offset)
 * without what a policy has no use for, so that a value has one spelling:
 * no fraction of a second, no small `t` or `z`, no second of 60.  A leap
 * second has no number in POSIX time, which decisions are made in, so a
 * bound at one could only be guessed; 24:00:00 is not in the grammar.
 *
 * The offset is `Z` or +hh:mm, -hh:mm with hh up to 23 and mm up to 59.
 * -00:00 is UTC, as it is for an instant in RFC 3339 4.3.  Offsets are
 * fixed: no zone has a name here, and none changes in summer.
 *
 * Years 0000 to 9999 as written; in UTC a value may lie a day outside.
 */

#include "text/zoned.h"

#include "text/time.h"

enum { MINUTE = 60, HOUR = 3600, FIELDS_MAX = 6 };

/* Reads text by a form, in which `9` is a digit and `,` ends a number; what
 * else there is must be there.  How many bytes; 0: it does not fit. */
static size_t
scan(pdp_str_t text, const char *form, int32_t fields[static FIELDS_MAX])
{
    size_t at = 0;
    int field = 0;

    fields[0] = 0;
    for (; *form != '\0'; form++) {
        if (*form == ',') {
            fields[++field] = 0;
            continue;
        }
        if (at == text.len) {
            return 0;
        }
        char c = text.ptr[at++];
        if (*form != '9') {
            if (c != *form) {
                return 0;
            }
        } else if (c < '0' || c > '9') {
            return 0;
        } else {
            fields[field] = fields[field] * 10 + (c - '0');
        }
    }
    return at;
}

/* The rest of a value from `at` on: its offset. */
static bool
read_offset(pdp_str_t text, size_t at, int32_t *east)
{
    int32_t f[FIELDS_MAX];
    pdp_str_t rest = pdp__str_from(text, at);

    if (pdp__str_eq(rest, PDP__LIT("Z"))) {
        *east = 0;
        return true;
    }
    if (rest.len == 0 || (rest.ptr[0] != '+' && rest.ptr[0] != '-')) {
        return false;
    }
    pdp_str_t digits = pdp__str_from(rest, 1);
    size_t used = scan(digits, "99,:99", f);
    if (used == 0 || used != digits.len || f[0] > 23 || f[1] > 59) {
        return false;
    }
    int32_t size = f[0] * HOUR + f[1] * MINUTE;
    *east = rest.ptr[0] == '+' ? size : -size;
    return true;
}

static bool
is_time(const int32_t f[static 3])
{
    return f[0] <= 23 && f[1] <= 59 && f[2] <= 59;
}

static bool
is_date(const int32_t f[static 3])
{
    return f[1] >= 1 && f[1] <= 12 && f[2] >= 1 &&
           f[2] <= pdp__month_days(f[0], f[1]);
}

static int64_t
seconds_of(const int32_t f[static 3])
{
    return (int64_t)f[0] * HOUR + f[1] * MINUTE + f[2];
}

bool
pdp__zoned_time(pdp_str_t text, struct pdp__zoned *out)
{
    int32_t f[FIELDS_MAX];
    int32_t east = 0;
    size_t at = scan(text, "99,:99,:99", f);

    if (at == 0 || !is_time(f) || !read_offset(text, at, &east)) {
        return false;
    }
    *out = (struct pdp__zoned){seconds_of(f), east};
    return true;
}

bool
pdp__zoned_date(pdp_str_t text, struct pdp__zoned *out)
{
    int32_t f[FIELDS_MAX];
    int32_t east = 0;
    size_t at = scan(text, "9999,-99,-99", f);

    if (at == 0 || !is_date(f) || !read_offset(text, at, &east)) {
        return false;
    }
    *out = (struct pdp__zoned){pdp__date_days(f[0], f[1], f[2]) * PDP__DAY_SEC,
        east};
    return true;
}

bool
pdp__zoned_date_time(pdp_str_t text, struct pdp__zoned *out)
{
    int32_t f[FIELDS_MAX];
    int32_t east = 0;
    size_t at = scan(text, "9999,-99,-99,T99,:99,:99", f);

    if (at == 0 || !is_date(f) || !is_time(f + 3) ||
        !read_offset(text, at, &east)) {
        return false;
    }
    *out = (struct pdp__zoned){pdp__date_days(f[0], f[1], f[2]) * PDP__DAY_SEC +
                                   seconds_of(f + 3),
        east};
    return true;
}

bool
pdp__zoned_day(pdp_str_t text, struct pdp__zoned *out)
{
    int32_t f[FIELDS_MAX];
    int32_t east = 0;
    size_t at = scan(text, "9", f);

    if (at == 0 || f[0] < 1 || f[0] > 7 || !read_offset(text, at, &east)) {
        return false;
    }
    *out = (struct pdp__zoned){(int64_t)(f[0] - 1) * PDP__DAY_SEC, east};
    return true;
}
