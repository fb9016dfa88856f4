/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include "text/json_write.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "text/json_read.h"
#include "text/utf8.h"

/* Strings out, and back through the reader. */

static char room[512];

typedef void write_fn(struct pdp__buf *buf, pdp_str_t text);

static void
assert_writes(write_fn *write, pdp_str_t text, const char *expected)
{
    struct pdp__buf buf = pdp__buf(room, sizeof(room));
    write(&buf, text);
    assert_false(buf.full);
    assert_int_equal(buf.len, strlen(expected));
    assert_memory_equal(room, expected, buf.len);
}

static void
test_str(void **state)
{
    (void)state;
    write_fn *write = pdp__json_write_str;

    assert_writes(write, PDP__LIT(""), "\"\"");
    assert_writes(write, (pdp_str_t){NULL, 0}, "\"\"");
    assert_writes(write, PDP__LIT("/birds"), "\"/birds\"");
    assert_writes(write, PDP__LIT("a\"b\\c"), "\"a\\\"b\\\\c\"");
    assert_writes(write, PDP__LIT("\b\f\n\r\t"), "\"\\b\\f\\n\\r\\t\"");
    assert_writes(write, PDP__LIT("\0\x1B[0m\x1F\x7F"),
        "\"\\u0000\\u001b[0m\\u001f\\u007f\"");
    assert_writes(write, PDP__LIT("\xC3\xA9\xF0\x9F\x98\x80"),
        "\"\xC3\xA9\xF0\x9F\x98\x80\"");
    /* C1 controls and line ends of JavaScript; not their neighbours */
    assert_writes(write, PDP__LIT("\xC2\x80\xC2\x9B\xC2\x9F\xC2\xA0"),
        "\"\\u0080\\u009b\\u009f\xC2\xA0\"");
    assert_writes(write,
        PDP__LIT("\xE2\x80\xA7\xE2\x80\xA8\xE2\x80\xA9\xE2\x80\xAA"),
        "\"\xE2\x80\xA7\\u2028\\u2029\xE2\x80\xAA\"");
    /* One byte of them alone is not enough. */
    assert_writes(write, PDP__LIT("\xE2\x81\xA8\xE3\x80\xA8\xC3\x80"),
        "\"\xE2\x81\xA8\xE3\x80\xA8\xC3\x80\"");
}

static void
test_str_of_broken_utf8(void **state)
{
    (void)state;
    write_fn *write = pdp__json_write_str;

    assert_writes(write, PDP__LIT("\xFF"), "\"\\u00ff\"");
    assert_writes(write, PDP__LIT("a\xC3"), "\"a\\u00c3\"");
    assert_writes(write, PDP__LIT("\xC0\xAFx"), "\"\\u00c0\\u00afx\"");
    assert_writes(write, PDP__LIT("\xED\xA0\x80"), "\"\\u00ed\\u00a0\\u0080\"");
    assert_writes(write, PDP__LIT("\xE2\x80\x22"), "\"\\u00e2\\u0080\\\"\"");
}

static void
test_bytes(void **state)
{
    (void)state;
    assert_writes(pdp__json_write_bytes, PDP__LIT("a\"\n\xC3\xA9"),
        "\"a\\\"\\n\\u00c3\\u00a9\"");
}

static void
test_str_or_null(void **state)
{
    (void)state;
    write_fn *write = pdp__json_write_str_or_null;

    assert_writes(write, (pdp_str_t){NULL, 0}, "null");
    assert_writes(write, PDP__LIT(""), "\"\"");
    assert_writes(write, PDP__LIT("x\n"), "\"x\\n\"");
}

/* Any two bytes give one string of JSON, without controls, valid UTF-8. */
static void
test_every_pair_of_bytes(void **state)
{
    (void)state;
    static write_fn *const writers[] = {pdp__json_write_str,
        pdp__json_write_bytes};
    for (unsigned pair = 0; pair < 65536; pair++) {
        char bytes[2] = {(char)(pair >> 8), (char)(pair & 255)};
        for (size_t i = 0; i < 2; i++) {
            struct pdp__buf buf = pdp__buf(room, sizeof(room));
            writers[i](&buf, pdp__str(bytes, 2));
            pdp_str_t text = pdp__buf_get(&buf);
            assert_int_equal(pdp__utf8_check(text), text.len);
            for (size_t k = 0; k < text.len; k++) {
                unsigned char c = (unsigned char)text.ptr[k];
                assert_true(c >= 0x20 && c != 0x7F && (i == 0 || c < 0x80));
            }
            struct pdp__json node;
            struct pdp__json_doc doc;
            bool good = pdp__json_read(room, buf.len, &node, 1, &doc);
            /* our reader takes no U+0000 */
            assert_int_equal(good, bytes[0] != 0 && bytes[1] != 0);
            if (good && pdp__utf8_check(pdp__str(bytes, 2)) == 2 && i == 0) {
                assert_true(
                    pdp__str_eq(pdp__json_text(&doc, 0), pdp__str(bytes, 2)));
            }
        }
    }
}

static void
test_no_room(void **state)
{
    (void)state;
    pdp_str_t text = PDP__LIT("ab\n\xC3\xA9");
    for (size_t cap = 0; cap < 8; cap++) {
        struct pdp__buf buf = pdp__buf(room, cap);
        memset(room, '#', sizeof(room));
        pdp__json_write_str(&buf, text);
        assert_true(buf.full);
        assert_true(buf.len <= cap);
        assert_int_equal(room[cap], '#');
    }
    struct pdp__buf buf = pdp__buf(room, 8);
    pdp__json_write_str(&buf, text);
    assert_false(buf.full);
    assert_int_equal(buf.len, 8);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_str),
        cmocka_unit_test(test_str_of_broken_utf8),
        cmocka_unit_test(test_bytes),
        cmocka_unit_test(test_str_or_null),
        cmocka_unit_test(test_every_pair_of_bytes),
        cmocka_unit_test(test_no_room),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
