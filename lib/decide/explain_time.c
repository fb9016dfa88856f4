/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
/*
 * Times of a rule, for people: what a clock in the offset of the condition
 * shows, written as the condition writes it, so that the two can be compared
 * by eye.  13:00Z on a Saturday is `7+12:00`, and no `6`.
 *
 * And which of the two bounds of a window the moment is beyond: while deciding
 * both stand for the whole window, so both are false.
 *
 * The values were read when the policy was loaded; of that only stretches of
 * seconds are left, so they are read again here, where nobody is in a hurry.
 */

#include "decide/explain.h"

#include "text/time.h"
#include "text/zoned.h"

enum form { FORM_TIME, FORM_DATE, FORM_DATE_TIME, FORM_DAY };

static enum form
form_of(pdp_str_t op)
{
    if (pdp__str_starts(op, PDP__LIT("dateTime"))) {
        return FORM_DATE_TIME;
    }
    if (pdp__str_starts(op, PDP__LIT("dayOfWeek"))) {
        return FORM_DAY;
    }
    return pdp__str_starts(op, PDP__LIT("date")) ? FORM_DATE : FORM_TIME;
}

/* The offset as it is written: behind what has a fixed length.  A day that is
 * a number has none, and is one of UTC. */
static pdp_str_t
offset_of(pdp_str_t value, enum form form)
{
    static const size_t lengths[] = {
        [FORM_TIME] = sizeof("09:00:00") - 1,
        [FORM_DATE] = sizeof("2026-11-21") - 1,
        [FORM_DATE_TIME] = sizeof("2026-11-21T09:00:00") - 1,
        [FORM_DAY] = sizeof("6") - 1,
    };

    return pdp__str_from(value, lengths[form]);
}

static struct pdp__zoned
read_value(pdp_str_t value, enum form form)
{
    static bool (*const readers[])(pdp_str_t text, struct pdp__zoned * out) = {
        [FORM_TIME] = pdp__zoned_time,
        [FORM_DATE] = pdp__zoned_date,
        [FORM_DATE_TIME] = pdp__zoned_date_time,
        [FORM_DAY] = pdp__zoned_day,
    };
    struct pdp__zoned at = {0, 0};

    (void)readers[form](value, &at); /* not a day that was a number */
    return at;
}

static void
render(struct pdp__buf *buf, enum form form, int64_t local_sec)
{
    struct pdp__date at = pdp__date_from_seconds(local_sec);

    if (form == FORM_DAY) {
        pdp__buf_int(buf, at.weekday);
        return;
    }
    if (form != FORM_TIME) {
        pdp__buf_fmt(buf, "%04d-%02d-%02d%s", (int)at.year, (int)at.month,
            (int)at.day, form == FORM_DATE ? "" : "T");
    }
    if (form != FORM_DATE) {
        pdp__buf_fmt(buf, "%02d:%02d:%02d", (int)at.hour, (int)at.minute,
            (int)at.second);
    }
}

static bool
is_first_with_offset(const struct pdp__block *block, struct pdp__range values,
    uint32_t ix, enum form form)
{
    const struct pdp__text *texts = &pdp__texts(block)[values.first];
    pdp_str_t offset = offset_of(pdp__text(block, texts[ix]), form);

    for (uint32_t i = 0; i < ix; i++) {
        if (pdp__str_eq(offset_of(pdp__text(block, texts[i]), form), offset)) {
            return false;
        }
    }
    return true;
}

pdp_str_t
pdp__explain_clock(struct pdp__explainer *x, const struct pdp__rule_test *test)
{
    enum { ONE_MAX = sizeof("2026-11-21T09:00:00-05:00, ") };
    const struct pdp__block *block = x->flow->block;
    enum form form = form_of(pdp__text(block, test->op));
    struct pdp__buf buf =
        pdp__explain_room(x, (size_t)test->wanted.cnt * ONE_MAX);
    bool first = true;

    for (uint32_t i = 0; i < test->wanted.cnt; i++) {
        if (!is_first_with_offset(block, test->wanted, i, form)) {
            continue;
        }
        pdp_str_t value =
            pdp__text(block, pdp__texts(block)[test->wanted.first + i]);
        pdp__buf_z(&buf, first ? "" : ", ");
        render(&buf, form,
            x->flow->request->now_sec + read_value(value, form).east_sec);
        pdp__buf_str(&buf, offset_of(value, form));
        first = false;
    }
    return pdp__buf_get(&buf);
}

bool
pdp__explain_within(const struct pdp__flow *flow,
    const struct pdp__rule_test *test)
{
    const struct pdp__block *block = flow->block;
    pdp_str_t op = pdp__text(block, test->op);

    if (test->topic != PDP__TOPIC_TIME || form_of(op) != FORM_TIME) {
        return false;
    }
    struct pdp__zoned bound =
        read_value(pdp__text(block, pdp__texts(block)[test->wanted.first]),
            FORM_TIME);
    int64_t local_sec = flow->request->now_sec + bound.east_sec + PDP__DAY_SEC;
    int64_t shown = local_sec % PDP__DAY_SEC - bound.local_sec;
    if (pdp__str_eq(op, PDP__LIT("timeLessThan"))) {
        return shown < 0;
    }
    if (pdp__str_eq(op, PDP__LIT("timeLessThanOrEquals"))) {
        return shown <= 0;
    }
    return pdp__str_eq(op, PDP__LIT("timeGreaterThan")) ? shown > 0
                                                        : shown >= 0;
}
