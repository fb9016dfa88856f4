/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */

/*
 * text/path.c at its edges: every pair of bytes after a '%', parts that only
 * look like dots, and targets that end in the middle of something while the
 * memory behind them goes on.  test_path.c has the rules one by one.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "text/path.h"

static char buf[2 * PDP__TARGET_MAX];

struct answer {
    bool accepted;
    pdp_reason_t reason;
    struct pdp__path path;
};

static struct answer
answer_for(pdp_str_t target)
{
    struct answer answer = {.reason = PDP_REASON_PERMITTED};

    answer.accepted =
        pdp__path_parse(target, buf, sizeof(buf), &answer.path, &answer.reason);
    return answer;
}

static int
digit_of(int c)
{
    static const char digits[] = "0123456789ABCDEFabcdef";
    const char *at = c == 0 ? NULL : strchr(digits, c);

    if (at == NULL) {
        return -1;
    }
    return (int)(at - digits) < 16 ? (int)(at - digits)
                                   : (int)(at - digits) - 6;
}

/* What a decoded byte is, by the rules C5 to C8. */
static pdp_reason_t
judge(int byte)
{
    if (byte < 0x20 || byte == 0x7F) {
        return PDP_REASON_CONTROL;
    }
    if (byte >= 0x80) {
        return PDP_REASON_NON_ASCII;
    }
    if ((byte >= '0' && byte <= '9') || (byte >= 'A' && byte <= 'Z') ||
        (byte >= 'a' && byte <= 'z') || strchr("-._~", byte) != NULL) {
        return PDP_REASON_OVERENCODED;
    }
    return strchr("%\\;?#", byte) != NULL ? PDP_REASON_DELIMITER
                                          : PDP_REASON_PERMITTED;
}

/* Bytes that end the path or are refused before an escape is read: C3. */
static bool
stays_in_segment(int c)
{
    return c > 0x20 && c < 0x7F && strchr("/?#\"<>[]\\^`{|}", c) == NULL;
}

static void
test_every_pair_of_bytes_after_a_percent(void **state)
{
    char target[] = "/a%__b";
    size_t tried = 0;

    (void)state;
    for (int high = 1; high < 256; high++) {
        for (int low = 1; low < 256; low++) {
            if (!stays_in_segment(high) || !stays_in_segment(low)) {
                continue;
            }
            target[3] = (char)high;
            target[4] = (char)low;
            struct answer answer = answer_for(PDP__LIT(target));
            pdp_reason_t expected = PDP_REASON_BAD_PERCENT;
            if (digit_of(high) >= 0 && digit_of(low) >= 0) {
                expected = judge(digit_of(high) * 16 + digit_of(low));
            }
            /* "%25" and the like have an escape in their place. */
            assert_int_equal(answer.reason, expected);
            assert_int_equal(answer.accepted, expected == PDP_REASON_PERMITTED);
            if (!answer.accepted) {
                assert_int_equal(answer.path.offset, 2);
            }
            tried++;
        }
    }
    assert_in_range(tried, 6000, 7000);
}

static void
test_parts_that_only_look_like_dots(void **state)
{
    static const char *const targets[] = {"/x.%2Fy", "/.x%2Fy", "/y%2Fx.",
        "/y%2F.x", "/y%2F...", "/...%2Fy", "/...", "/.x", "/x.", "/..x",
        "/y%2F..x%2Fz", "/%40.", "/.%40", "/~.", "/-", "/--", "/._"};

    (void)state;
    for (size_t i = 0; i < sizeof(targets) / sizeof(targets[0]); i++) {
        struct answer answer = answer_for(pdp__str_z(targets[i]));
        assert_true(answer.accepted);
        assert_int_equal(answer.path.cnt, 1);
        /* What has no escape is not copied. */
        assert_int_equal(answer.path.segments[0].raw.ptr ==
                             answer.path.segments[0].decoded.ptr,
            strchr(targets[i], '%') == NULL);
    }
}

static void
assert_same(const struct answer *a, const struct answer *b)
{
    assert_int_equal(a->accepted, b->accepted);
    assert_int_equal(a->reason, b->reason);
    assert_int_equal(a->path.cnt, b->path.cnt);
    assert_int_equal(a->path.offset, b->path.offset);
    assert_int_equal(a->path.query.len, b->path.query.len);
    assert_int_equal(a->path.canonical.len, b->path.canonical.len);
}

/* A slice ends where it says: what the memory holds behind it has no part in
 * the answer.  The exact copy lets sanitizers see an overrun. */
static void
test_nothing_is_read_behind_the_target(void **state)
{
    static const char *const targets[] = {"/a%41b", "/a%2Fb%2F..", "//a",
        "/a?b?c\x01", "/a/%2e%2e/", "/..", "/a;b", "/a%2F%2Fb", "/%C3%A9",
        "/a?\x80", "/\x80"};

    (void)state;
    for (size_t i = 0; i < sizeof(targets) / sizeof(targets[0]); i++) {
        for (size_t len = 1; len <= strlen(targets[i]); len++) {
            char *copy = malloc(len);
            assert_non_null(copy);
            memcpy(copy, targets[i], len);
            struct answer exact = answer_for(pdp__str(copy, len));
            struct answer slice = answer_for(pdp__str(targets[i], len));
            assert_same(&exact, &slice);
            free(copy);
        }
    }
    /* What was cut off would have made the difference. */
    struct answer cut = answer_for(pdp__str("/a%2F", 4));
    assert_int_equal(cut.reason, PDP_REASON_BAD_PERCENT);
    assert_int_equal(cut.path.offset, 2);
    cut = answer_for(pdp__str("//a", 1));
    assert_int_equal(cut.reason, PDP_REASON_EMPTY_SEGMENT);
    assert_int_equal(cut.path.offset, 1);
    cut = answer_for(pdp__str("/a?\x80", 3));
    assert_true(cut.accepted);
    assert_int_equal(cut.path.query.len, 0);
    assert_non_null(cut.path.query.ptr);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_pair_of_bytes_after_a_percent),
        cmocka_unit_test(test_parts_that_only_look_like_dots),
        cmocka_unit_test(test_nothing_is_read_behind_the_target),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
