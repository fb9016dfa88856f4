/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#ifndef PDP__FETCH_PLAN_H
#define PDP__FETCH_PLAN_H

/*
 * When a key set is fetched: a pure function of what happened and of now.
 *
 * Times are seconds of one clock that never goes back, unless a name says
 * wall; random is any number, each value as likely as the others.
 */

#include "base/str.h"

/* Whatever a server says, a set is good for so long. */
enum {
    PDP__PLAN_FLOOR_SEC = 30,
    PDP__PLAN_CEILING_SEC = 3600,
    PDP__PLAN_DEFAULT_SEC = 600, /* if it says nothing */
    PDP__PLAN_BACKOFF_MAX_SEC = 900,
    PDP__PLAN_COOLDOWN_SEC = 30 /* the default */
};

#define PDP__PLAN_NEVER INT64_MIN
#define PDP__PLAN_NOT_NOW INT64_MAX

struct pdp__plan {
    int64_t tried_sec;    /* the last fetch began; PDP__PLAN_NEVER */
    int64_t due_sec;      /* the background timer */
    int64_t cooldown_sec; /* between the beginnings of any two fetches */
    uint32_t backoffs;    /* fetches of the timer that failed in a row */
    bool requested;       /* somebody met an unknown key since tried_sec */
    bool running;
    bool timed; /* what runs, or ran last, was due by the timer */
};

/*
 * At the start.  now_wall_sec and the two times of the state file are of the
 * wall clock; 0: never, at once.  Times in the future are not believed
 * further than the cooldown and the ceiling.
 */
struct pdp__plan pdp__plan_init(int64_t now_sec, int64_t now_wall_sec,
    int64_t tried_wall_sec, int64_t expires_wall_sec, int64_t cooldown_sec);

/* When the next fetch begins; PDP__PLAN_NOT_NOW while one runs. */
int64_t pdp__plan_at(const struct pdp__plan *plan);

void pdp__plan_begin(struct pdp__plan *plan, int64_t now_sec);

/* It was good, and is for lifetime_sec. */
void pdp__plan_good(struct pdp__plan *plan, int64_t now_sec,
    int64_t lifetime_sec, uint32_t random);

/* It failed. */
void pdp__plan_bad(struct pdp__plan *plan, int64_t now_sec, uint32_t random);

/* It was given up, and nobody knows what would have come of it. */
void pdp__plan_cancel(struct pdp__plan *plan);

/* What an answer says about how long it is good: RFC 9111. */
struct pdp__plan_headers {
    pdp_str_t cache_control; /* all fields, joined with commas */
    pdp_str_t age;           /* as sent; empty: absent */
    bool has_expires;
    int64_t expires_wall_sec; /* negative: a date that cannot be read */
    int64_t date_wall_sec;    /* negative: absent, or cannot be read */
};

/* For how many seconds, between the floor and the ceiling. */
int64_t pdp__plan_lifetime_sec(const struct pdp__plan_headers *headers,
    int64_t now_wall_sec);

#endif
