/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include "pdp-fetch/plan.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/*
 * Known failures of programs that fetch keys, on a clock of our own: storms
 * of unknown key ids (J28, T53), the limit as a way to lock out (J29), keys
 * that nobody can fetch any more (T54), keys without TLS (J30).
 *
 * struct world is a server and a run of pdp-fetch, in steps of one second.
 * tests/integration/fetch.py has the same with real servers.
 */

#include "common/keystate.h"
#include "pdp-fetch/url.h"

enum { WALL = 1795253400, FETCHES_MAX = 4096 };

struct world {
    struct pdp__plan plan;
    int64_t now;
    int64_t asked_every; /* seconds between requests; 0: nobody asks */
    int64_t dead_until;  /* the server fails before that */
    int64_t lifetime;
    uint32_t random;
    int64_t began[FETCHES_MAX];
    size_t cnt;
    size_t good_cnt;
    int64_t last_good;
};

static struct world
world(int64_t lifetime)
{
    return (struct world){
        .plan = pdp__plan_init(1000, WALL, 0, 0, PDP__PLAN_COOLDOWN_SEC),
        .now = 1000,
        .lifetime = lifetime,
        .last_good = -1,
    };
}

/* One second goes by. */
static void
tick(struct world *w)
{
    if (w->asked_every > 0 && w->now % w->asked_every == 0) {
        w->plan.requested = true;
    }
    w->random = w->random * 1664525U + 1013904223U;
    if (pdp__plan_at(&w->plan) <= w->now) {
        assert_true(w->cnt < FETCHES_MAX);
        w->began[w->cnt++] = w->now;
        pdp__plan_begin(&w->plan, w->now);
        if (w->now < w->dead_until) {
            pdp__plan_bad(&w->plan, w->now, w->random);
        } else {
            pdp__plan_good(&w->plan, w->now, w->lifetime, w->random);
            w->good_cnt++;
            w->last_good = w->now;
        }
    }
    w->now++;
}

static void
run(struct world *w, int64_t seconds)
{
    for (int64_t i = 0; i < seconds; i++) {
        tick(w);
    }
}

static void
assert_never_closer(const struct world *w, int64_t seconds)
{
    for (size_t i = 1; i < w->cnt; i++) {
        assert_true(w->began[i] - w->began[i - 1] >= seconds);
    }
}

static void
j28_t53_10000_requests_in_a_second_are_one_fetch(void **state)
{
    (void)state;
    struct world w = world(600);
    run(&w, 100); /* the first fetch is long done */
    assert_int_equal(w.cnt, 1);
    for (int i = 0; i < 10000; i++) {
        w.plan.requested = true;
        if (pdp__plan_at(&w.plan) <= w.now) {
            w.began[w.cnt++] = w.now;
            pdp__plan_begin(&w.plan, w.now);
            pdp__plan_good(&w.plan, w.now, w.lifetime, 0);
        }
    }
    assert_int_equal(w.cnt, 2);
    /* the last of them waits for its turn, once */
    run(&w, 60);
    assert_int_equal(w.cnt, 3);
    assert_int_equal(w.began[2] - w.began[1], PDP__PLAN_COOLDOWN_SEC);
}

static void
j28_t53_a_storm_of_a_day_is_one_fetch_per_cooldown(void **state)
{
    (void)state;
    struct world w = world(600);
    w.asked_every = 1;
    run(&w, 86400);
    assert_int_equal(w.cnt, 86400 / PDP__PLAN_COOLDOWN_SEC);
    assert_never_closer(&w, PDP__PLAN_COOLDOWN_SEC);
}

static void
j28_t53_a_dead_server_is_asked_once_per_cooldown(void **state)
{
    (void)state;
    struct world w = world(600);
    w.asked_every = 1;
    w.dead_until = INT64_MAX;
    run(&w, 86400);
    assert_int_equal(w.cnt, 86400 / PDP__PLAN_COOLDOWN_SEC);
    assert_int_equal(w.good_cnt, 0);
    assert_never_closer(&w, PDP__PLAN_COOLDOWN_SEC);
}

static void
j28_a_fetch_that_runs_is_not_begun_again(void **state)
{
    (void)state;
    struct pdp__plan plan = pdp__plan_init(1000, WALL, 0, 0, 30);
    pdp__plan_begin(&plan, 1000);
    plan.requested = true;
    assert_true(pdp__plan_at(&plan) == PDP__PLAN_NOT_NOW);
    /* it began before the request, so the request is still open */
    pdp__plan_good(&plan, 1004, 600, 0);
    assert_int_equal(pdp__plan_at(&plan), 1030);
}

static void
j28_a_restart_keeps_the_cooldown(void **state)
{
    (void)state;
    /* whatever restarts it, and whatever asks: 30 s from the last try */
    for (int64_t ago = 0; ago <= 40; ago++) {
        struct pdp__plan plan = pdp__plan_init(1000, WALL, WALL - ago, 0, 30);
        plan.requested = true;
        assert_int_equal(pdp__plan_at(&plan), ago > 30 ? 1000 : 1030 - ago);
    }
}

static void
j29_the_cooldown_counts_from_the_fetch_not_from_requests(void **state)
{
    (void)state;
    struct pdp__plan plan = pdp__plan_init(1000, WALL, 0, 0, 30);
    pdp__plan_begin(&plan, 1000);
    pdp__plan_good(&plan, 1001, 600, 0);
    for (int64_t now = 1001; now < 1030; now++) {
        plan.requested = true;
        assert_int_equal(pdp__plan_at(&plan), 1030);
    }
}

static void
j29_a_storm_does_not_hold_up_the_timer(void **state)
{
    (void)state;
    for (int64_t every = 1; every <= 40; every++) {
        struct world w = world(600);
        w.asked_every = every;
        run(&w, 36000);
        /* never older than the timer alone would let it become */
        int64_t oldest = 0;
        for (size_t i = 1; i < w.cnt; i++) {
            int64_t age = w.began[i] - w.began[i - 1];
            oldest = age > oldest ? age : oldest;
        }
        assert_true(oldest <= 600 * 9 / 10);
    }
}

static void
j29_a_storm_on_a_dead_server_does_not_delay_the_recovery(void **state)
{
    (void)state;
    struct world quiet = world(600);
    struct world loud = world(600);
    quiet.dead_until = 1000 + 7200;
    loud.dead_until = 1000 + 7200;
    loud.asked_every = 1;
    run(&quiet, 14400);
    run(&loud, 14400);
    assert_true(quiet.good_cnt > 0 && loud.good_cnt > 0);
    assert_true(loud.last_good > 0);
    /* the first good fetch: at most one cooldown after the server is back */
    size_t first = loud.cnt - loud.good_cnt;
    assert_true(loud.began[first] - loud.dead_until <= PDP__PLAN_COOLDOWN_SEC);
}

static void
j29_failed_requests_do_not_drive_up_the_backoff(void **state)
{
    (void)state;
    struct pdp__plan plan = pdp__plan_init(1000, WALL, 0, 0, 30);
    pdp__plan_begin(&plan, 1000);
    pdp__plan_good(&plan, 1000, 3600, 0);
    int64_t due = plan.due_sec;
    for (int64_t now = 1030; now < due; now += 30) {
        plan.requested = true;
        assert_int_equal(pdp__plan_at(&plan), now);
        pdp__plan_begin(&plan, now);
        pdp__plan_bad(&plan, now, 0);
        assert_int_equal(plan.due_sec, due);
        assert_int_equal(plan.backoffs, 0);
    }
}

static void
t54_a_server_that_is_back_is_found_without_a_request(void **state)
{
    (void)state;
    /* down for a day: asked again within the longest backoff */
    struct world w = world(600);
    run(&w, 10);
    w.dead_until = w.now + 86400;
    run(&w, 86400 + 2 * PDP__PLAN_BACKOFF_MAX_SEC);
    assert_int_equal(w.good_cnt > 1, true);
    size_t first = w.cnt - (w.good_cnt - 1);
    assert_true(w.began[first] >= w.dead_until);
    assert_true(
        w.began[first] - w.dead_until <= PDP__PLAN_BACKOFF_MAX_SEC * 5 / 4);
    /* and not oftener than that meanwhile */
    assert_true(w.cnt < 86400 / PDP__PLAN_BACKOFF_MAX_SEC + 10);
    assert_never_closer(&w, PDP__PLAN_COOLDOWN_SEC);
}

static void
t54_the_age_of_keys_counts_from_the_last_confirmation(void **state)
{
    (void)state;
    struct pdp__keystate_set set = {.fetched_sec = WALL, .failures = 100};
    assert_int_equal(pdp__keystate_age_sec(&set, WALL), 0);
    assert_int_equal(pdp__keystate_age_sec(&set, WALL + 86400), 86400);
    /* tried a second ago, in vain: that does not make them younger */
    set.tried_sec = WALL + 86399;
    assert_int_equal(pdp__keystate_age_sec(&set, WALL + 86400), 86400);
}

static void
t54_keys_that_nobody_confirmed_are_older_than_any_limit(void **state)
{
    (void)state;
    struct pdp__keystate_set set = {0};
    assert_true(pdp__keystate_age_sec(NULL, WALL) == PDP__KEYSTATE_NEVER);
    assert_true(pdp__keystate_age_sec(&set, WALL) == PDP__KEYSTATE_NEVER);
    set.fetched_sec = -5;
    assert_true(pdp__keystate_age_sec(&set, WALL) == PDP__KEYSTATE_NEVER);
    /* a clock that was set back: an hour is forgiven */
    set.fetched_sec = WALL + 3600;
    assert_int_equal(pdp__keystate_age_sec(&set, WALL), 0);
    set.fetched_sec = WALL + 3601;
    assert_true(pdp__keystate_age_sec(&set, WALL) == PDP__KEYSTATE_NEVER);
    set.fetched_sec = INT64_MAX;
    assert_true(pdp__keystate_age_sec(&set, WALL) == PDP__KEYSTATE_NEVER);
}

/* NULL, or why not. */
static const char *
refusal(const char *text)
{
    struct pdp__url url;
    const char *why = pdp__url_open(text, &url);
    assert_true((why == NULL) == (url.handle != NULL));
    pdp__url_close(&url);
    return why;
}

static void
j30_http_is_refused_before_anything_is_looked_up(void **state)
{
    (void)state;
    static const char *const urls[] = {
        "http://iam.cloud.ibm.com/identity/keys",
        "http://127.0.0.1.example.com/",
        "http://localhost.example.com/",
        "http://localhost./",
        "http://xlocalhost/",
        "http://128.0.0.1/",
        "http://10.0.0.1/",
        "http://0.0.0.0/",
        "http://[::]/",
        "http://[::2]/",
        "http://[::ffff:10.0.0.1]/",
        "HTTP://example.com/",
    };
    for (size_t i = 0; i < sizeof(urls) / sizeof(urls[0]); i++) {
        assert_string_equal(refusal(urls[i]),
            "http is for loopback addresses only");
    }
}

static void
j30_https_is_taken_from_anywhere(void **state)
{
    (void)state;
    assert_null(refusal("https://iam.cloud.ibm.com/identity/keys"));
    assert_null(refusal("https://[2001:db8::1]:8443/keys?x=1"));
    assert_null(refusal("HTTPS://EXAMPLE.COM/"));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(j28_t53_10000_requests_in_a_second_are_one_fetch),
        cmocka_unit_test(j28_t53_a_storm_of_a_day_is_one_fetch_per_cooldown),
        cmocka_unit_test(j28_t53_a_dead_server_is_asked_once_per_cooldown),
        cmocka_unit_test(j28_a_fetch_that_runs_is_not_begun_again),
        cmocka_unit_test(j28_a_restart_keeps_the_cooldown),
        cmocka_unit_test(
            j29_the_cooldown_counts_from_the_fetch_not_from_requests),
        cmocka_unit_test(j29_a_storm_does_not_hold_up_the_timer),
        cmocka_unit_test(
            j29_a_storm_on_a_dead_server_does_not_delay_the_recovery),
        cmocka_unit_test(j29_failed_requests_do_not_drive_up_the_backoff),
        cmocka_unit_test(t54_a_server_that_is_back_is_found_without_a_request),
        cmocka_unit_test(t54_the_age_of_keys_counts_from_the_last_confirmation),
        cmocka_unit_test(
            t54_keys_that_nobody_confirmed_are_older_than_any_limit),
        cmocka_unit_test(j30_http_is_refused_before_anything_is_looked_up),
        cmocka_unit_test(j30_https_is_taken_from_anywhere),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
