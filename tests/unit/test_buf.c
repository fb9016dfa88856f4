/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include "base/buf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* The bounded buffer, at, one below and one above its capacity. */

static void
assert_buf(const struct pdp__buf *buf, const char *text, bool full)
{
    pdp_str_t got = pdp__buf_get(buf);

    assert_int_equal(got.len, strlen(text));
    assert_memory_equal(got.ptr, text, got.len);
    assert_int_equal(buf->full, full);
}

static void
test_writers(void **state)
{
    (void)state;
    char room[64];
    struct pdp__buf buf = pdp__buf(room, sizeof(room));

    assert_buf(&buf, "", false);
    pdp__buf_char(&buf, 'a');
    pdp__buf_str(&buf, PDP__LIT("bc"));
    pdp__buf_str(&buf, (pdp_str_t){NULL, 0});
    pdp__buf_z(&buf, "de");
    pdp__buf_int(&buf, -70);
    pdp__buf_fmt(&buf, "<%s %d>", "x", 5);
    assert_buf(&buf, "abcde-70<x 5>", false);
}

static void
test_exact_fit(void **state)
{
    (void)state;
    char room[5] = {0, 0, 0, 0, '!'};
    struct pdp__buf buf = pdp__buf(room, 4);

    pdp__buf_str(&buf, PDP__LIT("abc"));
    pdp__buf_char(&buf, 'd');
    assert_buf(&buf, "abcd", false);
    pdp__buf_str(&buf, PDP__LIT(""));
    assert_buf(&buf, "abcd", false);
    pdp__buf_char(&buf, 'e');
    assert_buf(&buf, "abcd", true);
    assert_int_equal(room[4], '!');
}

static void
test_too_long_writes_nothing(void **state)
{
    (void)state;
    char room[4];
    struct pdp__buf buf = pdp__buf(room, sizeof(room));

    pdp__buf_str(&buf, PDP__LIT("ab"));
    pdp__buf_str(&buf, PDP__LIT("cde"));
    assert_buf(&buf, "ab", true);
}

static void
test_full_is_final(void **state)
{
    (void)state;
    char room[8];
    struct pdp__buf buf = pdp__buf(room, sizeof(room));

    pdp__buf_z(&buf, "ab");
    pdp__buf_z(&buf, "too long for it");
    pdp__buf_char(&buf, 'c');
    pdp__buf_int(&buf, 1);
    pdp__buf_fmt(&buf, "%d", 2);
    assert_buf(&buf, "ab", true);
}

static void
test_integers(void **state)
{
    (void)state;
    static const struct {
        int64_t value;
        const char *text;
    } cases[] = {
        {0, "0"},
        {7, "7"},
        {-1, "-1"},
        {10, "10"},
        {1785585600, "1785585600"},
        {INT64_MAX, "9223372036854775807"},
        {INT64_MIN, "-9223372036854775808"},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char room[20];
        struct pdp__buf buf = pdp__buf(room, sizeof(room));

        pdp__buf_int(&buf, cases[i].value);
        assert_buf(&buf, cases[i].text, false);

        struct pdp__buf tight = pdp__buf(room, strlen(cases[i].text) - 1);

        pdp__buf_int(&tight, cases[i].value);
        assert_buf(&tight, "", true);
    }
}

static void
test_format_needs_one_spare_byte(void **state)
{
    (void)state;
    char room[8];
    struct pdp__buf buf = pdp__buf(room, sizeof(room));

    pdp__buf_fmt(&buf, "%s", "1234567");
    assert_buf(&buf, "1234567", false);

    buf = pdp__buf(room, sizeof(room));
    pdp__buf_fmt(&buf, "%s", "12345678");
    assert_buf(&buf, "1234567", true);

    buf = pdp__buf(room, sizeof(room));
    pdp__buf_z(&buf, "abc");
    pdp__buf_fmt(&buf, "%d", 123456);
    assert_buf(&buf, "abc1234", true);
}

static void
test_no_room_at_all(void **state)
{
    (void)state;
    struct pdp__buf buf = pdp__buf(NULL, 0);

    pdp__buf_str(&buf, PDP__LIT(""));
    assert_false(buf.full);
    pdp__buf_char(&buf, 'a');
    assert_true(buf.full);
    assert_int_equal(buf.len, 0);

    buf = pdp__buf(NULL, 0);
    pdp__buf_fmt(&buf, "x");
    assert_true(buf.full);
    assert_int_equal(buf.len, 0);
}

static void
test_any_byte(void **state)
{
    (void)state;
    char room[3];
    struct pdp__buf buf = pdp__buf(room, sizeof(room));

    pdp__buf_char(&buf, '\0');
    pdp__buf_char(&buf, (char)0xFF);
    assert_int_equal(buf.len, 2);
    assert_memory_equal(room, "\0\xFF", 2);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_writers),
        cmocka_unit_test(test_exact_fit),
        cmocka_unit_test(test_too_long_writes_nothing),
        cmocka_unit_test(test_full_is_final),
        cmocka_unit_test(test_integers),
        cmocka_unit_test(test_format_needs_one_spare_byte),
        cmocka_unit_test(test_no_room_at_all),
        cmocka_unit_test(test_any_byte),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
