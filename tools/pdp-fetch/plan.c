/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include "pdp-fetch/plan.h"

/*
 * The schedule of one key set.
 *
 * Two things want a fetch: the background timer, before the set expires or
 * after a failure; and readers that met a key they do not know, which any
 * stranger with a made-up token can cause.  The rules that keep the second
 * from doing harm:
 *
 *   - two fetches of a set begin at least a cooldown apart, whatever they
 *     were for and however they ended, and whatever is in the set;
 *   - the cooldown counts from the fetch that began last, never from a
 *     request: whoever keeps asking does not keep the door shut;
 *   - a request that comes too early waits, and a new key is found at the
 *     end of the cooldown at the latest;
 *   - a fetch that was only requested and fails changes nothing about the
 *     timer, so nobody can drive its backoff up.
 *
 * Jitter: hosts that were started together must not ask together for ever.
 */

/* Refreshed after 3/4 to 9/10 of the lifetime. */
enum { REFRESH_FROM = 75, REFRESH_TO = 90 };

static int64_t
larger(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

static int64_t
between(int64_t value, int64_t least, int64_t most)
{
    return value < least ? least : value > most ? most : value;
}

/* From least to most, both included. */
static int64_t
spread(int64_t least, int64_t most, uint32_t random)
{
    return least + (int64_t)((uint64_t)random % (uint64_t)(most - least + 1));
}

struct pdp__plan
pdp__plan_init(int64_t now_sec, int64_t now_wall_sec, int64_t tried_wall_sec,
    int64_t expires_wall_sec, int64_t cooldown_sec)
{
    struct pdp__plan plan = {
        .tried_sec = PDP__PLAN_NEVER,
        .due_sec = now_sec,
        .cooldown_sec = cooldown_sec,
    };
    if (tried_wall_sec > 0) {
        int64_t ago = between(now_wall_sec - tried_wall_sec, 0, cooldown_sec);
        plan.tried_sec = now_sec - ago;
    }
    if (expires_wall_sec > 0) {
        plan.due_sec +=
            between(expires_wall_sec - now_wall_sec, 0, PDP__PLAN_CEILING_SEC);
    }
    return plan;
}

int64_t
pdp__plan_at(const struct pdp__plan *plan)
{
    if (plan->running) {
        return PDP__PLAN_NOT_NOW;
    }
    if (plan->tried_sec == PDP__PLAN_NEVER) {
        return plan->requested ? 0 : plan->due_sec;
    }
    int64_t earliest = plan->tried_sec + plan->cooldown_sec;
    return plan->requested ? earliest : larger(earliest, plan->due_sec);
}

void
pdp__plan_begin(struct pdp__plan *plan, int64_t now_sec)
{
    plan->tried_sec = now_sec;
    plan->requested = false;
    plan->running = true;
    plan->timed = now_sec >= plan->due_sec;
}

void
pdp__plan_good(struct pdp__plan *plan, int64_t now_sec, int64_t lifetime_sec,
    uint32_t random)
{
    plan->running = false;
    plan->backoffs = 0;
    plan->due_sec = now_sec + spread(lifetime_sec * REFRESH_FROM / 100,
                                  lifetime_sec * REFRESH_TO / 100, random);
}

void
pdp__plan_bad(struct pdp__plan *plan, int64_t now_sec, uint32_t random)
{
    plan->running = false;
    if (!plan->timed) {
        return;
    }
    int64_t delay = PDP__PLAN_FLOOR_SEC;
    for (uint32_t i = 0;
         i < plan->backoffs && delay < PDP__PLAN_BACKOFF_MAX_SEC; i++) {
        delay *= 2;
    }
    delay = between(delay, PDP__PLAN_FLOOR_SEC, PDP__PLAN_BACKOFF_MAX_SEC);
    plan->backoffs++;
    plan->due_sec = now_sec + spread(delay, delay + delay / 4, random);
}

void
pdp__plan_cancel(struct pdp__plan *plan)
{
    /* What the timer wanted is still due; what was asked for, too. */
    plan->requested = plan->requested || !plan->timed;
    plan->running = false;
}

/* A number of seconds, RFC 9111 1.2.2: too large is as good as infinite. */
static bool
read_seconds(pdp_str_t text, int64_t *out)
{
    int64_t value = 0;
    if (text.len >= 2 && text.ptr[0] == '"' && text.ptr[text.len - 1] == '"') {
        text = pdp__str(text.ptr + 1, text.len - 2);
    }
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] < '0' || text.ptr[i] > '9') {
            return false;
        }
        value = value * 10 + (text.ptr[i] - '0');
        value = value > INT32_MAX ? INT32_MAX : value;
    }
    *out = value;
    return text.len > 0;
}

static pdp_str_t
trim(pdp_str_t text)
{
    while (text.len > 0 && (text.ptr[0] == ' ' || text.ptr[0] == '\t')) {
        text = pdp__str_from(text, 1);
    }
    while (text.len > 0 &&
           (text.ptr[text.len - 1] == ' ' || text.ptr[text.len - 1] == '\t')) {
        text.len--;
    }
    return text;
}

static bool
is_word(pdp_str_t text, const char *word)
{
    return pdp__str_eq_nocase(text, pdp__str_z(word));
}

/*
 * What Cache-Control says: true if it decides, *out being the seconds.  Of
 * several answers the shortest counts (RFC 9111 4.2.1).  A value that cannot
 * be read counts as 0: stale, and asked for again soon.
 */
static bool
read_control(pdp_str_t text, int64_t *out)
{
    bool found = false;
    while (text.len > 0) {
        size_t end = pdp__str_find(text, ',', 0);
        pdp_str_t item = pdp__str(text.ptr, end);
        text = pdp__str_from(text, end < text.len ? end + 1 : end);
        size_t equals = pdp__str_find(item, '=', 0);
        pdp_str_t name = trim(pdp__str(item.ptr, equals));
        int64_t seconds = 0;
        if (is_word(name, "max-age")) {
            if (equals == item.len ||
                !read_seconds(trim(pdp__str_from(item, equals + 1)),
                    &seconds)) {
                seconds = 0;
            }
        } else if (!is_word(name, "no-cache") && !is_word(name, "no-store")) {
            continue;
        }
        *out = found && *out < seconds ? *out : seconds;
        found = true;
    }
    return found;
}

int64_t
pdp__plan_lifetime_sec(const struct pdp__plan_headers *headers,
    int64_t now_wall_sec)
{
    int64_t lifetime = PDP__PLAN_DEFAULT_SEC;
    int64_t age = 0;
    bool decided = read_control(headers->cache_control, &lifetime);
    if (!decided && headers->has_expires) {
        int64_t date =
            headers->date_wall_sec < 0 ? now_wall_sec : headers->date_wall_sec;
        lifetime = headers->expires_wall_sec <= date
                       ? 0
                       : headers->expires_wall_sec - date;
    }
    if (headers->age.len > 0 && read_seconds(headers->age, &age)) {
        lifetime -= age;
    }
    return between(lifetime, PDP__PLAN_FLOOR_SEC, PDP__PLAN_CEILING_SEC);
}
