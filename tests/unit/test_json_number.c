/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include "text/json_read.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

/* Numbers: grammar, range, and values without floating point. */

static enum pdp__json_error
scan(pdp_str_t text, size_t *used)
{
    char *copy = malloc(text.len == 0 ? 1 : text.len);
    assert_non_null(copy);
    memcpy(copy, text.ptr, text.len);
    *used = SIZE_MAX;
    enum pdp__json_error error =
        pdp__json_number_scan(pdp__str(copy, text.len), used);
    free(copy);
    return error;
}

static void
assert_scan(const char *text, enum pdp__json_error error, size_t expected)
{
    size_t used = 0;
    enum pdp__json_error actual = scan(pdp__str_z(text), &used);
    if (actual != error || used != expected) {
        fail_msg("%s: error %d, used %zu", text, (int)actual, used);
    }
}

static void
test_grammar(void **state)
{
    (void)state;
    static const char *const whole[] = {"0", "-0", "7", "-7", "10", "1.0",
        "0.0", "-0.5", "1e5", "1E+5", "1e-5", "0e0", "1.25e007", "1e00000"};
    for (size_t i = 0; i < sizeof(whole) / sizeof(whole[0]); i++) {
        assert_scan(whole[i], PDP__JSON_OK, strlen(whole[i]));
    }
    static const struct {
        const char *text;
        size_t used;
    } partial[] = {{"0 ", 1}, {"12,", 2}, {"1.5.5", 3}, {"1e5e5", 3},
        {"1-2", 1}, {"0x1", 1}, {"1e5.5", 3}, {"5]", 1}};
    for (size_t i = 0; i < sizeof(partial) / sizeof(partial[0]); i++) {
        assert_scan(partial[i].text, PDP__JSON_OK, partial[i].used);
    }
    static const struct {
        const char *text;
        size_t offset;
    } bad[] = {{"", 0}, {"-", 1}, {"--1", 1}, {"+1", 0}, {".5", 0}, {"-.5", 1},
        {"00", 1}, {"-01", 2}, {"1.", 2}, {"1.e5", 2}, {"1e", 2}, {"1e+", 3},
        {"1e-x", 3}, {"1ee5", 2}, {"1e+-5", 3}, {"x", 0}};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_scan(bad[i].text, PDP__JSON_E_SYNTAX, bad[i].offset);
    }
}

static void
test_range(void **state)
{
    (void)state;
    static const char *const good[] = {
        "9223372036854775807",
        "-9223372036854775808",
        "9.99e307",
        "-1e307",
        "1e-307",
        "1e-78",
        "0.00001e308",
        "1000000000000000000000e286",
        "9223372036854775808.0",
        "9223372036854775808e0",
        "0e999999999999999999999999",
        "-0.000e-99999999999999999999999",
        "0.0",
    };
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        assert_scan(good[i], PDP__JSON_OK, strlen(good[i]));
    }
    static const char *const bad[] = {
        "9223372036854775808",
        "-9223372036854775809",
        "10000000000000000000",
        "18446744073709551616",
        "99999999999999999999999999999999",
        "1e308",
        "-1e308",
        "10e307",
        "1.7e308",
        "1e-308",
        "0.1e-307",
        "1e99999999999999999999999999999",
        "1e-99999999999999999999999999999",
        "1e9223372036854775807",
        "1e-9223372036854775808",
        "1e18446744073709551616",
    };
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_scan(bad[i], PDP__JSON_E_NUMBER, 0);
    }
}

/* The exponent can take back what the digits give. */
static void
test_many_digits(void **state)
{
    (void)state;
    static char text[5000];
    size_t used = 0;

    /* 1 and 4000 zeros */
    memset(text, '0', sizeof(text));
    text[0] = '1';
    memcpy(text + 4001, "e-4000", 6);
    assert_int_equal(scan(pdp__str(text, 4007), &used), PDP__JSON_OK);
    assert_int_equal(used, 4007);
    memcpy(text + 4001, "e-3692", 6);
    assert_int_equal(scan(pdp__str(text, 4007), &used), PDP__JSON_E_NUMBER);
    memcpy(text + 4001, "e-3693", 6);
    assert_int_equal(scan(pdp__str(text, 4007), &used), PDP__JSON_OK);

    /* 0. and 4000 zeros and 1 */
    memset(text, '0', sizeof(text));
    text[1] = '.';
    text[4002] = '1';
    assert_int_equal(scan(pdp__str(text, 4003), &used), PDP__JSON_E_NUMBER);
    memcpy(text + 4003, "e4308", 5);
    assert_int_equal(scan(pdp__str(text, 4008), &used), PDP__JSON_OK);
    memcpy(text + 4003, "e4309", 5);
    assert_int_equal(scan(pdp__str(text, 4008), &used), PDP__JSON_E_NUMBER);
    memcpy(text + 4003, "e3694", 5);
    assert_int_equal(scan(pdp__str(text, 4008), &used), PDP__JSON_OK);
    memcpy(text + 4003, "e3693", 5);
    assert_int_equal(scan(pdp__str(text, 4008), &used), PDP__JSON_E_NUMBER);
}

/* A document of one number node, not passed through the reader. */
static struct pdp__json_doc
number_doc(struct pdp__json *node, char *room, size_t cap, const char *text)
{
    size_t len = strlen(text);
    assert_true(len <= cap);
    memcpy(room, text, len);
    *node = (struct pdp__json){.type = PDP__JSON_NUMBER,
        .text_len = (uint32_t)len,
        .end = 1};
    return (struct pdp__json_doc){.text = room,
        .len = len,
        .nodes = node,
        .cnt = 1};
}

static void
test_int(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool good;
        int64_t value;
    } cases[] = {
        {"0", true, 0},
        {"-0", true, 0},
        {"1795256980", true, 1795256980},
        {"-42", true, -42},
        {"9223372036854775807", true, INT64_MAX},
        {"-9223372036854775808", true, INT64_MIN},
        {"9223372036854775808", false, 0},
        {"-9223372036854775809", false, 0},
        {"18446744073709551617", false, 0},
        {"99999999999999999999", false, 0},
        {"1.0", false, 0},
        {"1e2", false, 0},
        {"", false, 0},
        {"12x", false, 0},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char room[40];
        struct pdp__json node;
        int64_t value = 12345;
        struct pdp__json_doc doc =
            number_doc(&node, room, sizeof(room), cases[i].text);
        assert_int_equal(pdp__json_int(&doc, 0, &value), cases[i].good);
        assert_true(value == (cases[i].good ? cases[i].value : 12345));
    }
}

static void
test_seconds(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t floor, ceil;
    } cases[] = {
        {"0", 0, 0},
        {"-0.0", 0, 0},
        {"1795256980", 1795256980, 1795256980},
        {"1795256980.0", 1795256980, 1795256980},
        {"1795256980.000000000000000000001", 1795256980, 1795256981},
        {"1795256980.999", 1795256980, 1795256981},
        {"-1.5", -2, -1},
        {"-0.001", -1, 0},
        {"0.001", 0, 1},
        {"1e-300", 0, 1},
        {"-1e-300", -1, 0},
        {"1.795256980e9", 1795256980, 1795256980},
        {"1.7952569805e9", 1795256980, 1795256981},
        {"17952569805e-1", 1795256980, 1795256981},
        {"15e1", 150, 150},
        {"123e-2", 1, 2},
        {"123e-3", 0, 1},
        {"123e-4", 0, 1},
        {"100e-2", 1, 1},
        {"0.00012e4", 1, 2},
        {"0.00010e4", 1, 1},
        {"1e18", INT64_C(1000000000000000000), INT64_C(1000000000000000000)},
        {"9223372036854775807", INT64_MAX, INT64_MAX},
        {"9223372036854775806.5", INT64_MAX - 1, INT64_MAX},
        {"9223372036854775807.5", INT64_MAX, INT64_MAX},
        {"9223372036854775808.0", INT64_MAX, INT64_MAX},
        {"-9223372036854775807.5", INT64_MIN, -INT64_MAX},
        {"-9223372036854775808", INT64_MIN, INT64_MIN},
        {"-9223372036854775808.5", INT64_MIN, INT64_MIN},
        {"-9223372036854775810.5", INT64_MIN, INT64_MIN},
        {"1e19", INT64_MAX, INT64_MAX},
        {"1e307", INT64_MAX, INT64_MAX},
        {"-1e307", INT64_MIN, INT64_MIN},
        {"18446744073709551615.5", INT64_MAX, INT64_MAX},
        {"-184467440737095516159999.5", INT64_MIN, INT64_MIN},
        {"0e99999999999999999999", 0, 0},
        {"1e99999999999999999999", INT64_MAX, INT64_MAX},
        {"-1e-99999999999999999999", -1, 0},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char room[64];
        struct pdp__json node;
        int64_t low = 12345;
        int64_t high = 12345;
        struct pdp__json_doc doc =
            number_doc(&node, room, sizeof(room), cases[i].text);
        assert_true(pdp__json_seconds(&doc, 0, &low, &high));
        if (low != cases[i].floor || high != cases[i].ceil) {
            fail_msg("%s: %jd %jd", cases[i].text, (intmax_t)low,
                (intmax_t)high);
        }
    }
}

static void
test_other_types(void **state)
{
    (void)state;
    char room[8];
    struct pdp__json node;
    int64_t low = 1;
    int64_t high = 2;
    struct pdp__json_doc doc = number_doc(&node, room, sizeof(room), "15");

    for (uint8_t type = PDP__JSON_NULL; type <= PDP__JSON_OBJECT; type++) {
        node.type = type;
        bool good = type == PDP__JSON_NUMBER;
        assert_int_equal(pdp__json_int(&doc, 0, &low), good);
        assert_int_equal(pdp__json_seconds(&doc, 0, &low, &high), good);
    }
    node.type = PDP__JSON_STRING; /* "15" in quotes is no number */
    low = 1;
    assert_false(pdp__json_int(&doc, 0, &low));
    assert_int_equal(low, 1);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_grammar),
        cmocka_unit_test(test_range),
        cmocka_unit_test(test_many_digits),
        cmocka_unit_test(test_int),
        cmocka_unit_test(test_seconds),
        cmocka_unit_test(test_other_types),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
