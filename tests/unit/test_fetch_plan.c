/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include "pdp-fetch/plan.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/*
 * When a set is fetched: the timer, its jitter and backoff, the state of an
 * earlier run, and what cache headers say.  Storms of requests are in
 * tests/named/test_key_fetching.c.
 */

enum { NOW = 5000, WALL = 1795253400, COOLDOWN = 30 };

static struct pdp__plan
fresh(void)
{
    return pdp__plan_init(NOW, WALL, 0, 0, COOLDOWN);
}

static void
test_what_was_never_tried_is_due(void **state)
{
    (void)state;
    struct pdp__plan plan = fresh();
    assert_int_equal(pdp__plan_at(&plan), NOW);
    plan.due_sec = NOW + 100;
    plan.requested = true;
    assert_true(pdp__plan_at(&plan) <= NOW);
}

static void
test_an_earlier_run_is_resumed(void **state)
{
    (void)state;
    static const struct {
        int64_t tried, expires, at;
    } rows[] = {
        {0, 0, NOW},
        {WALL - 100, WALL + 500, NOW + 500},
        {WALL - 100, WALL - 1, NOW},
        {WALL - 10, WALL - 1, NOW + 20},
        {WALL - 10, 0, NOW + 20},
        /* a clock that was set back, or a state file of another world */
        {WALL + 999999, WALL + 500, NOW + 500},
        {WALL + 999999, 0, NOW + COOLDOWN},
        {WALL - 100, WALL + 999999, NOW + PDP__PLAN_CEILING_SEC},
        {INT64_MAX, INT64_MAX, NOW + PDP__PLAN_CEILING_SEC},
        {1, 1, NOW},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct pdp__plan plan =
            pdp__plan_init(NOW, WALL, rows[i].tried, rows[i].expires, COOLDOWN);
        assert_int_equal(pdp__plan_at(&plan), rows[i].at);
    }
}

static void
test_a_good_set_is_refreshed_before_it_expires(void **state)
{
    (void)state;
    int64_t least = INT64_MAX;
    int64_t most = 0;
    for (uint32_t random = 0; random < 1000; random++) {
        struct pdp__plan plan = fresh();
        pdp__plan_begin(&plan, NOW);
        pdp__plan_good(&plan, NOW + 2, 1000, random * 2654435761U);
        int64_t delay = pdp__plan_at(&plan) - (NOW + 2);
        least = delay < least ? delay : least;
        most = delay > most ? delay : most;
    }
    assert_in_range(least, 750, 755);
    assert_in_range(most, 895, 900);
}

static void
test_the_shortest_lifetime_still_keeps_the_cooldown(void **state)
{
    (void)state;
    struct pdp__plan plan = fresh();
    pdp__plan_begin(&plan, NOW);
    pdp__plan_good(&plan, NOW + 1, PDP__PLAN_FLOOR_SEC, 0);
    assert_int_equal(pdp__plan_at(&plan), NOW + COOLDOWN);
}

static void
test_failures_back_off_to_a_bound(void **state)
{
    (void)state;
    static const int64_t delays[] = {30, 60, 120, 240, 480, 900, 900, 900};
    struct pdp__plan low = fresh();
    struct pdp__plan high = fresh();
    int64_t now_low = NOW;
    int64_t now_high = NOW;
    for (size_t i = 0; i < sizeof(delays) / sizeof(delays[0]); i++) {
        pdp__plan_begin(&low, now_low);
        pdp__plan_bad(&low, now_low, 0);
        assert_int_equal(pdp__plan_at(&low), now_low + delays[i]);
        now_low = pdp__plan_at(&low);

        pdp__plan_begin(&high, now_high);
        pdp__plan_bad(&high, now_high, (uint32_t)(delays[i] / 4));
        assert_int_equal(pdp__plan_at(&high),
            now_high + delays[i] + delays[i] / 4);
        now_high = pdp__plan_at(&high);
    }
    low.backoffs = UINT32_MAX;
    pdp__plan_begin(&low, now_low);
    pdp__plan_bad(&low, now_low, 0);
    assert_int_equal(pdp__plan_at(&low), now_low + PDP__PLAN_BACKOFF_MAX_SEC);
}

static void
test_a_good_fetch_ends_the_backoff(void **state)
{
    (void)state;
    struct pdp__plan plan = fresh();
    for (int i = 0; i < 5; i++) {
        int64_t at = pdp__plan_at(&plan);
        pdp__plan_begin(&plan, at);
        pdp__plan_bad(&plan, at, 0);
    }
    int64_t at = pdp__plan_at(&plan);
    pdp__plan_begin(&plan, at);
    pdp__plan_good(&plan, at, 600, 0);
    assert_int_equal(plan.backoffs, 0);
    at = pdp__plan_at(&plan);
    pdp__plan_begin(&plan, at);
    pdp__plan_bad(&plan, at, 0);
    assert_int_equal(pdp__plan_at(&plan), at + PDP__PLAN_FLOOR_SEC);
}

static void
test_a_request_brings_the_fetch_forward(void **state)
{
    (void)state;
    struct pdp__plan plan = fresh();
    pdp__plan_begin(&plan, NOW);
    pdp__plan_good(&plan, NOW, 3600, 0);
    assert_int_equal(pdp__plan_at(&plan), NOW + 2700);
    plan.requested = true;
    assert_int_equal(pdp__plan_at(&plan), NOW + COOLDOWN);
    pdp__plan_begin(&plan, NOW + COOLDOWN);
    assert_false(plan.requested);
    pdp__plan_good(&plan, NOW + COOLDOWN, 3600, 0);
    assert_int_equal(pdp__plan_at(&plan), NOW + COOLDOWN + 2700);
}

static void
test_what_was_given_up_is_still_wanted(void **state)
{
    (void)state;
    struct pdp__plan plan = fresh();
    pdp__plan_begin(&plan, NOW);
    pdp__plan_cancel(&plan);
    assert_int_equal(pdp__plan_at(&plan), NOW + COOLDOWN);
    assert_false(plan.requested);

    pdp__plan_begin(&plan, NOW + 30);
    pdp__plan_good(&plan, NOW + 30, 3600, 0);
    plan.requested = true;
    pdp__plan_begin(&plan, NOW + 60);
    pdp__plan_cancel(&plan);
    assert_true(plan.requested);
    assert_int_equal(pdp__plan_at(&plan), NOW + 60 + COOLDOWN);
}

static int64_t
control(const char *text)
{
    struct pdp__plan_headers headers = {.cache_control = pdp__str_z(text)};
    return pdp__plan_lifetime_sec(&headers, WALL);
}

static void
test_cache_control_counts_within_bounds(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t seconds;
    } rows[] = {
        {"", PDP__PLAN_DEFAULT_SEC},
        {"public", PDP__PLAN_DEFAULT_SEC},
        {"max-age=300", 300},
        {"Max-Age=300", 300},
        {"public, max-age=300, must-revalidate", 300},
        {"max-age=\"300\"", 300},
        {" max-age = 300 ,", 300},
        {"max-age=30", 30},
        {"max-age=29", 30},
        {"max-age=0", 30},
        {"max-age=3600", 3600},
        {"max-age=3601", 3600},
        {"max-age=99999999999999999999999999", 3600},
        {"max-age=600, max-age=60", 60},
        {"max-age=60, max-age=600", 60},
        {"no-cache", 30},
        {"no-store, max-age=600", 30},
        {"no-cache=\"set-cookie\"", 30},
        /* what cannot be read is asked for again soon */
        {"max-age", 30},
        {"max-age=", 30},
        {"max-age=-1", 30},
        {"max-age=+600", 30},
        {"max-age=6 00", 30},
        {"max-age=0x600", 30},
        {"max-age=\"", 30},
        {"max-age=600.5", 30},
        /* of shared caches, and words that only look alike */
        {"s-maxage=60", PDP__PLAN_DEFAULT_SEC},
        {"xmax-age=60", PDP__PLAN_DEFAULT_SEC},
        {"max-agex=60", PDP__PLAN_DEFAULT_SEC},
        {",,,", PDP__PLAN_DEFAULT_SEC},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        assert_int_equal(control(rows[i].text), rows[i].seconds);
    }
}

static void
test_expires_counts_without_cache_control(void **state)
{
    (void)state;
    static const struct {
        int64_t expires, date, seconds;
    } rows[] = {
        {WALL + 700, WALL, 700},
        {WALL + 700, -1, 700},
        {WALL + 700, WALL + 100, 600}, /* the server's clock is ahead */
        {WALL + 99999, WALL, 3600},
        {WALL, WALL, 30},
        {WALL - 700, WALL, 30},
        {-1, WALL, 30}, /* "Expires: 0" */
        {INT64_MAX, 0, 3600},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct pdp__plan_headers headers = {
            .has_expires = true,
            .expires_wall_sec = rows[i].expires,
            .date_wall_sec = rows[i].date,
        };
        assert_int_equal(pdp__plan_lifetime_sec(&headers, WALL),
            rows[i].seconds);
        headers.cache_control = PDP__LIT("max-age=450");
        assert_int_equal(pdp__plan_lifetime_sec(&headers, WALL), 450);
    }
}

static void
test_age_is_taken_off(void **state)
{
    (void)state;
    struct pdp__plan_headers headers = {
        .cache_control = PDP__LIT("max-age=600"),
        .age = PDP__LIT("200"),
    };
    assert_int_equal(pdp__plan_lifetime_sec(&headers, WALL), 400);
    headers.age = PDP__LIT("99999999999999");
    assert_int_equal(pdp__plan_lifetime_sec(&headers, WALL), 30);
    headers.age = PDP__LIT("-200");
    assert_int_equal(pdp__plan_lifetime_sec(&headers, WALL), 600);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_was_never_tried_is_due),
        cmocka_unit_test(test_an_earlier_run_is_resumed),
        cmocka_unit_test(test_a_good_set_is_refreshed_before_it_expires),
        cmocka_unit_test(test_the_shortest_lifetime_still_keeps_the_cooldown),
        cmocka_unit_test(test_failures_back_off_to_a_bound),
        cmocka_unit_test(test_a_good_fetch_ends_the_backoff),
        cmocka_unit_test(test_a_request_brings_the_fetch_forward),
        cmocka_unit_test(test_what_was_given_up_is_still_wanted),
        cmocka_unit_test(test_cache_control_counts_within_bounds),
        cmocka_unit_test(test_expires_counts_without_cache_control),
        cmocka_unit_test(test_age_is_taken_off),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
