/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
/*
 * P9 and T52, the exponential matcher: how many comparisons a match takes.
 *
 * Time would depend on the machine, so steps are counted: the matcher is
 * compiled into this file once more, with its comparison of characters
 * replaced by one that counts.  Between two comparisons it does a constant
 * number of other things, and passes each star at most once, so comparisons
 * are its work.  The bound is tokens of the pattern times characters of the
 * text.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "text/utf8.h"

static size_t steps;

static bool
counted_eq(pdp_str_t a, pdp_str_t b)
{
    steps++;
    return pdp__str_eq(a, b);
}

#define pdp__str_eq counted_eq
#define pdp__glob_check counted_check
#define pdp__glob_match counted_match
#include "text/glob.c"

/* `piece` so many times, then `end`; free() it. */
static char *
repeat(const char *piece, size_t times, const char *end)
{
    size_t len = strlen(piece);
    char *text = malloc(len * times + strlen(end) + 1);

    assert_non_null(text);
    for (size_t i = 0; i < times; i++) {
        memcpy(text + len * i, piece, len);
    }
    memcpy(text + len * times, end, strlen(end) + 1);
    return text;
}

/* Matches, and takes at most as many steps as there are tokens times
 * characters; returns how many it took. */
static size_t
bounded(const char *pattern, const char *text, bool wanted)
{
    size_t offset = 0;
    size_t tokens = 0;
    pdp_str_t p = pdp__str_z(pattern);
    pdp_str_t t = pdp__str_z(text);

    assert_true(counted_check(p, &offset));
    for (size_t at = 0; at < p.len; at += read_token(p, at).len) {
        tokens++;
    }
    steps = 0;
    assert_int_equal(counted_match(p, t), wanted);
    if (steps > tokens * (t.len + 1)) {
        fail_msg("%zu steps for %zu tokens and %zu bytes", steps, tokens,
            t.len);
    }
    return steps;
}

static void
t52_p09_two_hundred_stars_on_a_thousand_bytes(void **state)
{
    char *stars = repeat("a*", 200, "");
    char *stars_b = repeat("a*", 200, "b");
    char *text = repeat("a", 1000, "");
    char *short_text = repeat("a", 199, "");
    char *text_b = repeat("a", 999, "b");

    (void)state;
    assert_true(bounded(stars, text, true) <= 1000);
    assert_true(bounded(stars, short_text, false) <= 1000);
    /* The case that backtracking into every star never finishes. */
    assert_true(bounded(stars_b, text, false) <= 2000);
    assert_true(bounded(stars_b, text_b, true) <= 2000);
    free(stars);
    free(stars_b);
    free(text);
    free(short_text);
    free(text_b);
}

/* The worst there is for one restore point: each start fails at its end. */
static void
p09_the_worst_case_is_a_product(void **state)
{
    char *text = repeat("a", 1000, "");
    char *tail = repeat("a", 499, "b");
    char *pattern = repeat("*", 1, tail);
    char *both = repeat("*a*", 1, tail);
    char *half = repeat("a", 249, "b*");
    char *twice = malloc(2 * strlen(half) + 1);

    (void)state;
    assert_non_null(twice);
    size_t work = bounded(pattern, text, false);
    /* It is met, so the count counts. */
    assert_in_range(work, 200000, 501 * 1001);
    (void)bounded(both, text, false);
    memcpy(twice, half, strlen(half));
    memcpy(twice + strlen(half), half, strlen(half) + 1);
    (void)bounded(twice, text, false);
    free(text);
    free(tail);
    free(pattern);
    free(both);
    free(half);
    free(twice);
}

/* Fifty times longer on both sides: fifty times the work where it is linear;
 * what is exponential, or takes a stack for each star, does not get here. */
static void
p09_fifty_times_larger(void **state)
{
    static const char *const pieces[] = {"a*", "a**", "*a", "*?*a"};

    (void)state;
    for (size_t i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++) {
        size_t work[2];

        for (size_t scale = 0; scale < 2; scale++) {
            size_t times = scale == 0 ? 1 : 50;
            char *pattern = repeat(pieces[i], 200 * times, "b");
            char *text = repeat("a", 1000 * times, "");

            work[scale] = bounded(pattern, text, false);
            free(pattern);
            free(text);
        }
        assert_in_range(work[1], work[0], 51 * work[0]);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(t52_p09_two_hundred_stars_on_a_thousand_bytes),
        cmocka_unit_test(p09_the_worst_case_is_a_product),
        cmocka_unit_test(p09_fifty_times_larger),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
