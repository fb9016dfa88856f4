/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include "common/escape.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* Bytes of strangers as printable ASCII, for people and for JSON. */

#define S(text) pdp__str(text, sizeof(text) - 1)

static void
assert_text(pdp_str_t text, const char *want)
{
    struct pdp__string out = {0};
    pdp__escape_add(&out, text);
    assert_string_equal(pdp__string_get(&out).ptr, want);
    assert_int_equal(pdp__escape_len(text), out.len);
    pdp__string_free(&out);
}

static void
assert_json(void (*render)(struct pdp__string *out, pdp_str_t text),
    pdp_str_t text, const char *want)
{
    struct pdp__string out = {0};
    render(&out, text);
    assert_string_equal(out.ptr, want);
    pdp__string_free(&out);
}

static void
test_text(void **state)
{
    (void)state;
    assert_text(S("/api/v1/images?x=~"), "/api/v1/images?x=~");
    assert_text(S("\033[2J\007"), "\\x1b[2J\\x07");
    assert_text(S("a\\b\tc\nd\re"), "a\\\\b\\tc\\nd\\re");
    assert_text(S("\x7f\x80\x9b\xff"), "\\x7f\\x80\\x9b\\xff");
    assert_text(S("\xc3\xa9"), "\\xc3\\xa9");
    assert_text(S("a\0b"), "a\\x00b");
    assert_text((pdp_str_t){NULL, 0}, "");
}

static void
test_field(void **state)
{
    (void)state;
    struct pdp__string out = {0};
    pdp__escape_field(&out, S("a\tb\n"));
    pdp__escape_field(&out, (pdp_str_t){NULL, 0});
    pdp__escape_field(&out, S(""));
    assert_string_equal(pdp__string_get(&out).ptr, "\ta\\tb\\n\t-\t-");
    pdp__string_free(&out);
}

static void
test_every_byte_is_printable_and_unambiguous(void **state)
{
    (void)state;
    struct pdp__string seen = {0};
    for (int i = 0; i < 256; i++) {
        char byte = (char)i;
        char out[PDP__ESCAPE_MAX];
        size_t len = pdp__escape_byte(byte, out);
        assert_in_range(len, 1, PDP__ESCAPE_MAX);
        for (size_t j = 0; j < len; j++) {
            assert_in_range(out[j], 0x20, 0x7e);
        }
        /* a backslash always begins an escape */
        assert_true(len > 1 || out[0] != '\\');
        pdp__string_add(&seen, pdp__str(out, len));
    }
    pdp__string_free(&seen);
}

static void
test_json_text(void **state)
{
    (void)state;
    assert_json(pdp__escape_json, S("a\"b\\c\n"), "\"a\\\"b\\\\c\\n\"");
    assert_json(pdp__escape_json, S("\xc3\xa9"), "\"\\u00e9\"");
    assert_json(pdp__escape_json, S("\xe2\x80\xae"), "\"\\u202e\"");
    assert_json(pdp__escape_json, S("\xf0\x9f\x90\xa6"), "\"\\ud83d\\udc26\"");
    assert_json(pdp__escape_json, S("\xf4\x8f\xbf\xbf"), "\"\\udbff\\udfff\"");
    assert_json(pdp__escape_json, S("\x7f"), "\"\\u007f\"");
    assert_json(pdp__escape_json,
        S("\xff"
          "a"),
        "\"\\u00ffa\"");
    assert_json(pdp__escape_json, S(""), "\"\"");
    assert_json(pdp__escape_json_or_null, (pdp_str_t){NULL, 0}, "null");
    assert_json(pdp__escape_json_or_null, S(""), "\"\"");
}

static void
test_json_bytes(void **state)
{
    (void)state;
    assert_json(pdp__escape_json_bytes, S("/\xc3\xa9\xff"),
        "\"/\\u00c3\\u00a9\\u00ff\"");
    assert_json(pdp__escape_json_bytes, S("\0\033\x7f"),
        "\"\\u0000\\u001b\\u007f\"");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_text),
        cmocka_unit_test(test_field),
        cmocka_unit_test(test_every_byte_is_printable_and_unambiguous),
        cmocka_unit_test(test_json_text),
        cmocka_unit_test(test_json_bytes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
