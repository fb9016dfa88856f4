/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include "load/policies_rule.h"

#include "text/zoned.h"

/*
 * Values of conditions on time.
 *
 * Times become stretches of POSIX seconds here (model/span.h), each in the
 * offset of its own value, so that nothing is parsed while deciding:
 *
 *     dateTime*   an instant
 *     date*       the whole day; after it begins a second after its last
 *     time*       the part of each day before or after the value
 *     dayOfWeek*  one day of each week
 *
 * A second is the smallest step: `time <= 17:00:00` holds during all of that
 * second, and the last one of a day is 23:59:59.
 */

static void
add_span(struct pdp__draft_test *test, int64_t first, int64_t cnt,
    uint32_t period)
{
    if (cnt > 0) {
        test->spans[test->span_cnt++] =
            (struct pdp__span){first, cnt - 1, period, 0};
    }
}

/* time*: seconds of each day, before or after the value. */
static void
add_time(struct pdp__draft_test *test, const struct pdp__rule_operation *op,
    const struct pdp__zoned *at)
{
    int64_t strict = op->strict;

    test->bound = op->bound;
    test->strict = op->strict;
    test->bound_sec = at->local_sec - at->east_sec;
    test->east_sec = at->east_sec;
    if (op->bound == PDP__BOUND_FROM) {
        add_span(test, test->bound_sec + strict,
            PDP__DAY_SEC - at->local_sec - strict, PDP__DAY_SEC);
    } else {
        add_span(test, -(int64_t)at->east_sec, at->local_sec + 1 - strict,
            PDP__DAY_SEC);
    }
}

/* date*, dateTime*: before the value, or after its last second. */
static void
add_instant(struct pdp__draft_test *test, const struct pdp__rule_operation *op,
    const struct pdp__zoned *at, int64_t length)
{
    int64_t first = at->local_sec - at->east_sec;
    struct pdp__span span = {INT64_MIN, INT64_MAX, 0, 0};

    if (op->bound == PDP__BOUND_FROM) {
        span.first = op->strict ? first + length : first;
    } else {
        span.last = op->strict ? first - 1 : first + length - 1;
    }
    test->spans[test->span_cnt++] = span;
}

/* A time that is one text. */
static bool
read_clock(const struct pdp__doc *doc, uint32_t ix,
    const struct pdp__rule_key *key, const struct pdp__rule_operation *op,
    struct pdp__draft_test *test)
{
    struct pdp__zoned at;
    const char *form = "hh:mm:ss+hh:mm, as in 09:00:00-05:00";
    bool good = false;

    if (!pdp__doc_is(doc, ix, PDP__JSON_STRING)) {
        return false;
    }
    pdp_str_t text = pdp__doc_text(doc, ix);
    if (key->family == PDP__FAMILY_TIME) {
        good = pdp__zoned_time(text, &at);
    } else if (key->family == PDP__FAMILY_DATE) {
        good = pdp__zoned_date(text, &at);
        form = "YYYY-MM-DD+hh:mm, as in 2026-11-21-05:00";
    } else {
        good = pdp__zoned_date_time(text, &at);
        form = "YYYY-MM-DDThh:mm:ss+hh:mm, as in 2026-11-21T09:00:00-05:00";
    }
    if (!good) {
        PDP__DOC_ADD(doc, BAD_VALUE, ix, form,
            "\"%.*s\" is not a value of this operator", PDP__ARG(text));
        return false;
    }
    if (key->family == PDP__FAMILY_TIME) {
        add_time(test, op, &at);
    } else {
        add_instant(test, op, &at,
            key->family == PDP__FAMILY_DATE ? PDP__DAY_SEC : 1);
    }
    return true;
}

/* One day: `1+00:00`, or the number of a day in UTC. */
static bool
read_day(const struct pdp__doc *doc, uint32_t ix, struct pdp__draft_test *test)
{
    /* Monday, 1970-01-05T00:00:00Z. */
    const int64_t monday = INT64_C(4) * PDP__DAY_SEC;
    struct pdp__zoned at = {0, 0};
    int64_t number = 0;
    bool good = false;

    if (pdp__json_is(&doc->json, ix, PDP__JSON_NUMBER)) {
        good = pdp__json_int(&doc->json, ix, &number) && number >= 1 &&
               number <= 7;
        at.local_sec = good ? (number - 1) * PDP__DAY_SEC : 0;
    } else if (pdp__doc_is(doc, ix, PDP__JSON_STRING)) {
        good = pdp__zoned_day(pdp__doc_text(doc, ix), &at);
    } else {
        return false;
    }
    if (!good) {
        PDP__DOC_ADD(doc, BAD_VALUE, ix,
            "a day is 1 (Monday) to 7 with its offset, as in 1-05:00",
            "\"%.*s\" is not a day of the week",
            PDP__ARG(pdp__doc_text(doc, ix)));
        return false;
    }
    add_span(test, monday + at.local_sec - at.east_sec, PDP__DAY_SEC,
        PDP__WEEK_SEC);
    return true;
}

static bool
read_days(const struct pdp__doc *doc, uint32_t ix, struct pdp__draft_test *test)
{
    bool good = true;

    if (!pdp__policy_values(doc, ix)) {
        return false;
    }
    PDP__JSON_EACH(&doc->json, ix, item)
    {
        good = read_day(doc, item, test) && good;
    }
    return good;
}

/* How far `to` is ahead of `from` in a week that begins again and again. */
static int64_t
ahead(const struct pdp__span *from, const struct pdp__span *to)
{
    int64_t gap = (to->first - from->first) % PDP__WEEK_SEC;

    return gap < 0 ? gap + PDP__WEEK_SEC : gap;
}

/* Adds a span to another one that it begins in, or right behind. */
static bool
join_one(struct pdp__draft_test *test)
{
    for (uint32_t i = 0; i < test->span_cnt; i++) {
        struct pdp__span *left = &test->spans[i];
        for (uint32_t k = 0; k < test->span_cnt; k++) {
            int64_t gap = ahead(left, &test->spans[k]);
            int64_t last = gap + test->spans[k].last;
            if (k == i || gap > left->last + 1) {
                continue;
            }
            last = last > left->last ? last : left->last;
            left->last = last < PDP__WEEK_SEC ? last : PDP__WEEK_SEC - 1;
            test->spans[k] = test->spans[--test->span_cnt];
            return true;
        }
    }
    return false;
}

/* The same day twice is one, and Monday to Friday is one stretch: a decision
 * that holds on both sides of midnight need not be made again there. */
static void
join_days(struct pdp__draft_test *test)
{
    bool joined = true;

    while (joined) {
        joined = join_one(test);
    }
}

bool
pdp__rule_read_time(const struct pdp__doc *doc, uint32_t ix,
    const struct pdp__rule_key *key, const struct pdp__rule_operation *op,
    struct pdp__draft_test *test)
{
    if (key->family != PDP__FAMILY_DAY) {
        return read_clock(doc, ix, key, op, test);
    }
    if (!op->strict) {
        return read_day(doc, ix, test);
    }
    bool good = read_days(doc, ix, test);
    join_days(test);
    return good;
}
