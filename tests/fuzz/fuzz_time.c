/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#define _DEFAULT_SOURCE

#include "text/time.h"
#include "text/zoned.h"

#include <time.h>

#include "fuzz.h"

/*
 * RFC 3339 date-times, against timegm() and gmtime_r() of the C library.
 * Of a text of the right form (digits where digits belong; checked here by a
 * pattern) the second opinion is: it is accepted if the C library, which
 * repairs what is out of range, had nothing to repair.  What is accepted can
 * be rendered, and what is rendered is the same instant again.
 *
 * The parser of policies' times reads the same text: see check_zoned().
 *
 * The first eight bytes are also taken for an instant, which must be split
 * into the same date and weekday as the C library has.
 */

static const int64_t first = INT64_C(-62167219200);
static const int64_t last = INT64_C(253402300799);

/* cnt digits; the form has been checked. */
static int
digits(pdp_str_t text, size_t at, size_t cnt)
{
    int value = 0;
    for (size_t i = at; i < at + cnt; i++) {
        value = value * 10 + (text.ptr[i] - '0');
    }
    return value;
}

/* Whether text begins like the pattern: 0 a digit, - a sign, others as they
 * are, in any case. */
static bool
has_form(pdp_str_t text, const char *pattern)
{
    size_t len = strlen(pattern);
    for (size_t i = 0; i < len; i++) {
        char c = i < text.len ? text.ptr[i] : '\0';
        bool digit = c >= '0' && c <= '9';
        if (pattern[i] == '0' ? !digit : pdp__lower(c) != pattern[i]) {
            return false;
        }
    }
    return true;
}

/* The instant of a text, or false. */
static bool
model(pdp_str_t text, int64_t *seconds, uint32_t *nanoseconds)
{
    size_t at = 19;
    int64_t east = 0;
    uint32_t unit = 100000000;

    if (!has_form(text, "0000-00-00t00:00:00")) {
        return false;
    }
    struct tm tm = {.tm_year = digits(text, 0, 4) - 1900,
        .tm_mon = digits(text, 5, 2) - 1,
        .tm_mday = digits(text, 8, 2),
        .tm_hour = digits(text, 11, 2),
        .tm_min = digits(text, 14, 2),
        .tm_sec = digits(text, 17, 2)};
    bool leap = tm.tm_sec == 60;
    tm.tm_sec -= leap;
    struct tm again = tm;
    *seconds = timegm(&again) + leap;
    if (again.tm_year != tm.tm_year || again.tm_mon != tm.tm_mon ||
        again.tm_mday != tm.tm_mday || again.tm_hour != tm.tm_hour ||
        again.tm_min != tm.tm_min || again.tm_sec != tm.tm_sec) {
        return false;
    }
    *nanoseconds = 0;
    if (at < text.len && text.ptr[at] == '.') {
        for (at++; has_form(pdp__str_from(text, at), "0"); at++) {
            *nanoseconds += unit * (uint32_t)digits(text, at, 1);
            unit /= 10;
        }
        if (at == 20) {
            return false;
        }
    }
    pdp_str_t zone = pdp__str_from(text, at);
    if (has_form(zone, "+00:00") || has_form(zone, "-00:00")) {
        int hours = digits(zone, 1, 2);
        int minutes = digits(zone, 4, 2);
        if (zone.len != 6 || hours > 23 || minutes > 59) {
            return false;
        }
        east = (zone.ptr[0] == '+' ? 1 : -1) * (hours * 3600 + minutes * 60);
    } else if (zone.len != 1 || !has_form(zone, "z")) {
        return false;
    }
    *seconds -= east;
    return *seconds >= first && *seconds <= last &&
           (!leap || *seconds % 86400 == 0);
}

static void
check_date(int64_t seconds)
{
    struct pdp__date date = pdp__date_from_seconds(seconds);
    time_t inside = seconds < first ? first : seconds > last ? last : seconds;
    struct tm tm;
    char rendered[21] = "";

    MUST(gmtime_r(&inside, &tm) != NULL);
    MUST(date.year == tm.tm_year + 1900 && date.month == tm.tm_mon + 1 &&
         date.day == tm.tm_mday);
    MUST(date.hour == tm.tm_hour && date.minute == tm.tm_min &&
         date.second == tm.tm_sec);
    MUST(date.weekday == (tm.tm_wday == 0 ? 7 : tm.tm_wday));
    MUST(pdp__time_render(seconds, rendered) == (inside == seconds));
}

/* Whether a text is one that a policy may have, given that RFC 3339 takes
 * it. */
static bool
plain(pdp_str_t text)
{
    return text.len >= 20 && text.ptr[10] == 'T' && text.ptr[19] != '.' &&
           text.ptr[text.len - 1] != 'z' &&
           !(text.ptr[17] == '6' && text.ptr[18] == '0');
}

/* The values of policies' conditions: the same instants, by another parser;
 * and a date, a time and a day say what the whole says. */
static void
check_zoned(pdp_str_t text, bool good, int64_t seconds)
{
    struct pdp__zoned whole;
    struct pdp__zoned part;
    char joined[64];
    bool zoned = pdp__zoned_date_time(text, &whole);

    if (good) {
        MUST(zoned == plain(text));
    } else if (zoned) {
        /* Less than a day outside of the years, in UTC. */
        int64_t utc = whole.local_sec - whole.east_sec;
        MUST(utc < first || utc > last);
    }
    if (good && zoned) {
        MUST(whole.local_sec - whole.east_sec == seconds);
    }
    if (zoned) {
        MUST(pdp__zoned_time(pdp__str_from(text, 11), &part));
        MUST(part.east_sec == whole.east_sec);
        int64_t midnight = whole.local_sec - part.local_sec;
        MUST(midnight % PDP__DAY_SEC == 0);
        MUST(text.len <= sizeof(joined));
        memcpy(joined, text.ptr, 10);
        memcpy(joined + 10, text.ptr + 19, text.len - 19);
        MUST(pdp__zoned_date(pdp__str(joined, text.len - 9), &part));
        MUST(part.local_sec == midnight && part.east_sec == whole.east_sec);
    }
    if (pdp__zoned_time(text, &part)) {
        MUST(part.local_sec >= 0 && part.local_sec < PDP__DAY_SEC);
        MUST(text.len + 11 <= sizeof(joined));
        memcpy(joined, "1970-01-01T", 11);
        memcpy(joined + 11, text.ptr, text.len);
        MUST(pdp__zoned_date_time(pdp__str(joined, text.len + 11), &whole));
        MUST(whole.local_sec == part.local_sec);
    }
    if (pdp__zoned_day(text, &part)) {
        MUST(text.ptr[0] == '1' + part.local_sec / PDP__DAY_SEC);
        MUST(part.local_sec % PDP__DAY_SEC == 0);
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    pdp_str_t text = {(const char *)data, size};
    char rendered[21];
    int64_t seconds = 0;
    int64_t expected = 0;
    int64_t again = 0;
    uint32_t nanoseconds = 0;
    uint32_t expected_nanoseconds = 0;

    if (size == 0) {
        return 0; /* data may be NULL */
    }
    if (size >= sizeof(again)) {
        memcpy(&again, data, sizeof(again));
        check_date(again);
        check_date(again % (1 << 30) * 256); /* mostly inside */
    }
    bool good = pdp__time_parse(text, &seconds, &nanoseconds);
    MUST(good == model(text, &expected, &expected_nanoseconds));
    check_zoned(text, good, seconds);
    if (!good) {
        return 0;
    }
    MUST(seconds == expected && nanoseconds == expected_nanoseconds);
    MUST(nanoseconds <= 999999999);
    MUST(pdp__time_render(seconds, rendered) && rendered[20] == '\0');
    MUST(pdp__time_parse(pdp__str(rendered, 20), &again, &nanoseconds));
    MUST(again == seconds && nanoseconds == 0);
    return 0;
}
