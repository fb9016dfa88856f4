/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */

/*
 * Seconds <-> dates.  libc's functions read the local time zone and the
 * environment and keep static state; a decision must be the same on every
 * machine, so the calendar is computed here.
 *
 * Days are counted from 0000-03-01, so that a leap day is the last of its
 * year and the months March to February have the lengths 31 30 31 30 31 |
 * 31 30 31 30 31 | 31 xx: day number of a month is (153 * month + 2) / 5.
 * 400 years always have 146,097 days.
 *
 * RFC 3339 5.6 and 5.7.  POSIX seconds have no place for a leap second: it
 * becomes the second after it.  No local time, no zone names.
 */

#include "text/time.h"

enum {
    MINUTE = 60,
    HOUR = 3600,
    DAY = 86400,
    ERA_DAYS = 146097,   /* 400 years */
    EPOCH_DAYS = 719468, /* 0000-03-01 to 1970-01-01 */
    RENDERED_LEN = 20
};

/* 0000-01-01T00:00:00Z and 9999-12-31T23:59:59Z. */
static const int64_t first_second = INT64_C(-62167219200);
static const int64_t last_second = INT64_C(253402300799);

int64_t
pdp__date_days(int32_t year, int32_t month, int32_t day)
{
    int32_t shifted = month > 2 ? month - 3 : month + 9;
    int32_t march_year = month > 2 ? year : year - 1;
    /* -1 only in January and February 0000: the era before. */
    int32_t era = march_year < 0 ? -1 : march_year / 400;
    int32_t in_era = march_year - era * 400;
    int32_t in_year = (153 * shifted + 2) / 5 + day - 1;
    int32_t days = in_era * 365 + in_era / 4 - in_era / 100 + in_year;
    return (int64_t)era * ERA_DAYS + days - EPOCH_DAYS;
}

struct pdp__date
pdp__date_from_seconds(int64_t seconds)
{
    if (seconds < first_second) {
        seconds = first_second;
    }
    if (seconds > last_second) {
        seconds = last_second;
    }
    /* From 400 years before 0000-03-01 on everything is positive. */
    int64_t shifted = seconds + (EPOCH_DAYS + ERA_DAYS) * (int64_t)DAY;
    int32_t days = (int32_t)(shifted / DAY);
    int32_t rest = (int32_t)(shifted % DAY);

    int32_t era = days / ERA_DAYS;
    int32_t in_era = days % ERA_DAYS;
    /* Takes out the leap days: every 1460, not every 36524, the last. */
    int32_t year_in_era =
        (in_era - in_era / 1460 + in_era / 36524 - in_era / (ERA_DAYS - 1)) /
        365;
    int32_t in_year =
        in_era - (year_in_era * 365 + year_in_era / 4 - year_in_era / 100);
    int32_t shifted_month = (5 * in_year + 2) / 153;
    int32_t month = shifted_month < 10 ? shifted_month + 3 : shifted_month - 9;
    int32_t year = (era - 1) * 400 + year_in_era + (month <= 2 ? 1 : 0);

    return (struct pdp__date){
        .year = year,
        .month = (uint8_t)month,
        .day = (uint8_t)(in_year - (153 * shifted_month + 2) / 5 + 1),
        .hour = (uint8_t)(rest / HOUR),
        .minute = (uint8_t)(rest % HOUR / MINUTE),
        .second = (uint8_t)(rest % MINUTE),
        /* 0000-03-01 was a Wednesday, and an era is whole weeks. */
        .weekday = (uint8_t)((days + 2) % 7 + 1),
    };
}

/* A reader of fixed fields; `bad` stays set, so one look at the end does. */
struct reader {
    pdp_str_t text;
    size_t at;
    bool bad;
};

static char
peek(const struct reader *reader)
{
    /* NUL is no character of a date: it fails every comparison. */
    return reader->at < reader->text.len ? reader->text.ptr[reader->at] : '\0';
}

static void
expect(struct reader *reader, char c)
{
    reader->bad = reader->bad || pdp__lower(peek(reader)) != c;
    reader->at++;
}

/* Exactly cnt digits with a value of low..high. */
static int32_t
number(struct reader *reader, int cnt, int32_t low, int32_t high)
{
    int32_t value = 0;
    for (int i = 0; i < cnt; i++) {
        char c = peek(reader);
        if (c < '0' || c > '9') {
            reader->bad = true;
            return low;
        }
        value = value * 10 + (c - '0');
        reader->at++;
    }
    reader->bad = reader->bad || value < low || value > high;
    return value;
}

int32_t
pdp__month_days(int32_t year, int32_t month)
{
    static const uint8_t days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30,
        31};
    bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    return month == 2 && leap ? 29 : days[month - 1];
}

/* "." 1*DIGIT, cut after nine of them. */
static uint32_t
fraction(struct reader *reader)
{
    uint32_t value = 0;
    uint32_t unit = 100000000;

    if (peek(reader) != '.') {
        return 0;
    }
    reader->at++;
    if (peek(reader) < '0' || peek(reader) > '9') {
        reader->bad = true;
    }
    while (peek(reader) >= '0' && peek(reader) <= '9') {
        value += unit * (uint32_t)(peek(reader) - '0');
        unit /= 10;
        reader->at++;
    }
    return value;
}

/* "Z" or ("+" / "-") hh ":" mm, in seconds east of UTC. */
static int32_t
offset(struct reader *reader)
{
    char sign = peek(reader);
    if (sign != '+' && sign != '-') {
        expect(reader, 'z');
        return 0;
    }
    reader->at++;
    int32_t hours = number(reader, 2, 0, 23);
    expect(reader, ':');
    int32_t minutes = number(reader, 2, 0, 59);
    int32_t value = hours * HOUR + minutes * MINUTE;
    return sign == '+' ? value : -value;
}

bool
pdp__time_parse(pdp_str_t text, int64_t *seconds, uint32_t *nanoseconds)
{
    struct reader reader = {text, 0, false};

    int32_t year = number(&reader, 4, 0, 9999);
    expect(&reader, '-');
    int32_t month = number(&reader, 2, 1, 12);
    expect(&reader, '-');
    int32_t day = number(&reader, 2, 1, 31);
    expect(&reader, 't');
    int32_t hour = number(&reader, 2, 0, 23);
    expect(&reader, ':');
    int32_t minute = number(&reader, 2, 0, 59);
    expect(&reader, ':');
    int32_t second = number(&reader, 2, 0, 60);
    uint32_t nanos = fraction(&reader);
    int32_t east = offset(&reader);

    if (reader.bad || reader.at != text.len ||
        day > pdp__month_days(year, month)) {
        return false;
    }
    int64_t value = pdp__date_days(year, month, day) * DAY + hour * HOUR +
                    minute * MINUTE + second - east;
    /* A leap second ends a day of UTC: counted on, it begins the next. */
    if (second == 60 && value % DAY != 0) {
        return false;
    }
    if (value < first_second || value > last_second) {
        return false;
    }
    *seconds = value;
    *nanoseconds = nanos;
    return true;
}

/* cnt digits of value, from the right. */
static void
put_number(char *out, int cnt, int32_t value)
{
    for (int i = cnt - 1; i >= 0; i--) {
        out[i] = (char)('0' + value % 10);
        value /= 10;
    }
}

bool
pdp__time_render(int64_t seconds, char out[static 21])
{
    if (seconds < first_second || seconds > last_second) {
        return false;
    }
    struct pdp__date date = pdp__date_from_seconds(seconds);
    memcpy(out, "0000-00-00T00:00:00Z", RENDERED_LEN + 1);
    put_number(out, 4, date.year);
    put_number(out + 5, 2, date.month);
    put_number(out + 8, 2, date.day);
    put_number(out + 11, 2, date.hour);
    put_number(out + 14, 2, date.minute);
    put_number(out + 17, 2, date.second);
    return true;
}
