/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include "text/json_read.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

/*
 * Strings alone: every escape, every code unit, each special byte at each
 * distance from the start (the scan takes eight bytes at a time).
 */

#define E(name) PDP__JSON_E_##name

static char decoded[256];

/* Scans a copy of exactly the length of text; decoded text in `decoded`. */
static enum pdp__json_error
scan(pdp_str_t text, size_t *used, size_t *len)
{
    char *copy = malloc(text.len);
    assert_non_null(copy);
    memcpy(copy, text.ptr, text.len);
    *used = SIZE_MAX;
    *len = SIZE_MAX;
    enum pdp__json_error error =
        pdp__json_string_scan(copy, text.len, used, len);
    assert_true(*used <= text.len);
    if (error == PDP__JSON_OK) {
        assert_true(*len + 2 <= *used && *len <= sizeof(decoded));
        memcpy(decoded, copy + 1, *len);
    }
    free(copy);
    return error;
}

static void
assert_decodes(pdp_str_t text, pdp_str_t expected)
{
    size_t used = 0;
    size_t len = 0;
    assert_int_equal(scan(text, &used, &len), PDP__JSON_OK);
    assert_int_equal(used, text.len);
    assert_int_equal(len, expected.len);
    assert_memory_equal(decoded, expected.ptr, len);
}

static void
assert_fault(pdp_str_t text, enum pdp__json_error error, size_t offset)
{
    size_t used = 0;
    size_t len = 0;
    assert_int_equal(scan(text, &used, &len), error);
    assert_int_equal(used, offset);
}

static void
test_decodes(void **state)
{
    (void)state;
    assert_decodes(PDP__LIT("\"\""), PDP__LIT(""));
    assert_decodes(PDP__LIT("\"a\""), PDP__LIT("a"));
    assert_decodes(PDP__LIT("\"12345678\""), PDP__LIT("12345678"));
    assert_decodes(PDP__LIT("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\""),
        PDP__LIT("\"\\/\b\f\n\r\t"));
    assert_decodes(PDP__LIT("\"\\u0041\\u00e9\\u20AC\\uD83d\\uDe00\""),
        PDP__LIT("A\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80"));
    assert_decodes(PDP__LIT("\"\\\\u0000\""), PDP__LIT("\\u0000"));
    assert_decodes(PDP__LIT("\"a\xC3\xA9\\n\xF0\x9F\x98\x80 after it \xE2\x82"
                            "\xAC\""),
        PDP__LIT("a\xC3\xA9\n\xF0\x9F\x98\x80 after it \xE2\x82\xAC"));
    assert_decodes(PDP__LIT("\"\x7F'\""), PDP__LIT("\x7F'"));
}

static void
test_stops_at_the_quote(void **state)
{
    (void)state;
    size_t used = 0;
    size_t len = 0;

    assert_int_equal(scan(PDP__LIT("\"ab\"cd\""), &used, &len), PDP__JSON_OK);
    assert_int_equal(used, 4);
    assert_int_equal(len, 2);
    assert_int_equal(scan(PDP__LIT("\"\\n\"\""), &used, &len), PDP__JSON_OK);
    assert_int_equal(used, 4);
    assert_int_equal(len, 1);
}

static void
test_faults(void **state)
{
    (void)state;
    assert_fault(PDP__LIT("\""), E(SYNTAX), 1);
    assert_fault(PDP__LIT("\"abc"), E(SYNTAX), 4);
    assert_fault(PDP__LIT("\"\\"), E(SYNTAX), 2);
    assert_fault(PDP__LIT("\"\\u12"), E(SYNTAX), 5);
    assert_fault(PDP__LIT("\"\\ud800"), E(SYNTAX), 7);
    assert_fault(PDP__LIT("\"\\ud800\\"), E(SYNTAX), 8);
    assert_fault(PDP__LIT("\"\\ud800\\udc0"), E(SYNTAX), 12);
    assert_fault(PDP__LIT("\"\\u123\""), E(ESCAPE), 1);
    assert_fault(PDP__LIT("\"a\\U0041\""), E(ESCAPE), 2);
    assert_fault(PDP__LIT("\"\\u+123\""), E(ESCAPE), 1);
    assert_fault(PDP__LIT("\"\\u 123\""), E(ESCAPE), 1);
    assert_fault(PDP__LIT("\"\\ud800\\n\""), E(ESCAPE), 1);
    assert_fault(PDP__LIT("\"\\ud800\\ud800\""), E(ESCAPE), 1);
    assert_fault(PDP__LIT("\"\\ud800\\u0041\""), E(ESCAPE), 1);
    assert_fault(PDP__LIT("\"\\ud800\\udc0G\""), E(ESCAPE), 1);
    assert_fault(PDP__LIT("\"\\ud800x\""), E(ESCAPE), 1);
    assert_fault(PDP__LIT("\"\\udc00\\ud800\""), E(ESCAPE), 1);
    assert_fault(PDP__LIT("\"\\n\\u0000\""), E(NUL), 3);
    assert_fault(PDP__LIT("\"\xC3\""), E(UTF8), 1);
    assert_fault(PDP__LIT("\"\\n\xC3\""), E(UTF8), 3);
    assert_fault(PDP__LIT("\"\xC3"), E(UTF8), 1);
    assert_fault(PDP__LIT("\"\\n\x01\""), E(CONTROL), 3);
}

/* Every byte after a backslash. */
static void
test_every_escape(void **state)
{
    (void)state;
    for (int c = 0; c < 256; c++) {
        char text[] = {'"', '\\', (char)c, '"'};
        if (c == 'u' || (c != 0 && strchr("\"\\/bfnrt", c) != NULL)) {
            continue;
        }
        assert_fault(pdp__str(text, 4), E(ESCAPE), 1);
    }
}

/* Each byte with a meaning, at each distance from the start, in a string
 * with and without an escape before. */
static void
test_every_byte_at_every_place(void **state)
{
    (void)state;
    for (size_t place = 0; place < 20; place++) {
        for (size_t escapes = 0; escapes < 2; escapes++) {
            for (unsigned c = 0; c < 256; c++) {
                char text[64];
                size_t at = 1 + 2 * escapes + place;
                memset(text, '~', sizeof(text));
                memcpy(text, "\"\\n", 1 + 2 * escapes);
                text[at] = (char)c;
                text[at + 12] = '"';
                pdp_str_t all = pdp__str(text, at + 13);
                size_t used = 0;
                size_t len = 0;
                enum pdp__json_error error = scan(all, &used, &len);
                if (c < 0x20) {
                    assert_int_equal(error, E(CONTROL));
                    assert_int_equal(used, at);
                } else if (c >= 0x80) {
                    assert_int_equal(error, E(UTF8));
                    assert_int_equal(used, at);
                } else if (c == '\\') {
                    assert_int_equal(error, E(ESCAPE)); /* `\~` */
                    assert_int_equal(used, at);
                } else {
                    assert_int_equal(error, PDP__JSON_OK);
                    assert_int_equal(used, c == '"' ? at + 1 : all.len);
                    assert_int_equal(len, used - 2 - escapes);
                }
            }
        }
    }
}

static size_t
encode(char *out, uint32_t code)
{
    if (code < 0x80) {
        out[0] = (char)code;
        return 1;
    }
    size_t len = code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    for (size_t i = len - 1; i > 0; i--) {
        out[i] = (char)(0x80 | (code & 0x3F));
        code >>= 6;
    }
    static const unsigned lead[] = {0, 0, 0xC0, 0xE0, 0xF0};
    out[0] = (char)(lead[len] | code);
    return len;
}

static void
put_unit(char *out, uint32_t unit, const char *digits)
{
    out[0] = '\\';
    out[1] = 'u';
    for (size_t i = 0; i < 4; i++) {
        out[2 + i] = digits[unit >> (12 - 4 * i) & 15];
    }
}

static void
test_every_code_unit(void **state)
{
    (void)state;
    static const char *const digits[] = {"0123456789abcdef",
        "0123456789ABCDEF"};
    for (uint32_t unit = 0; unit <= 0xFFFF; unit++) {
        char text[8] = {'"', 0, 0, 0, 0, 0, 0, '"'};
        char expected[4];
        put_unit(text + 1, unit, digits[unit & 1]);
        if (unit == 0) {
            assert_fault(pdp__str(text, 8), E(NUL), 1);
        } else if (unit >= 0xD800 && unit <= 0xDFFF) {
            assert_fault(pdp__str(text, 8), E(ESCAPE), 1);
        } else {
            size_t len = encode(expected, unit);
            assert_decodes(pdp__str(text, 8), pdp__str(expected, len));
        }
    }
}

/* Behind a high surrogate, whatever is no low one. */
static void
test_half_pairs(void **state)
{
    (void)state;
    static const uint32_t others[] = {0x41, 0xD7FF, 0xD800, 0xDBFF, 0xE000,
        0xFFFF};
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        char text[14] = {[0] = '"', [13] = '"'};
        put_unit(text + 1, 0xD834, "0123456789abcdef");
        put_unit(text + 7, others[i], "0123456789abcdef");
        assert_fault(pdp__str(text, 14), E(ESCAPE), 1);
    }
}

static void
test_surrogate_pairs(void **state)
{
    (void)state;
    for (uint32_t code = 0x10000; code <= 0x10FFFF; code += 41) {
        char text[14] = {[0] = '"', [13] = '"'};
        char expected[4];
        put_unit(text + 1, 0xD800 + ((code - 0x10000) >> 10),
            "0123456789abcdef");
        put_unit(text + 7, 0xDC00 + (code & 0x3FF), "0123456789ABCDEF");
        assert_decodes(pdp__str(text, 14),
            pdp__str(expected, encode(expected, code)));
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_decodes),
        cmocka_unit_test(test_stops_at_the_quote),
        cmocka_unit_test(test_faults),
        cmocka_unit_test(test_every_escape),
        cmocka_unit_test(test_every_byte_at_every_place),
        cmocka_unit_test(test_every_code_unit),
        cmocka_unit_test(test_half_pairs),
        cmocka_unit_test(test_surrogate_pairs),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
