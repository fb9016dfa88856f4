/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include "text/utf8.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

/* UTF-8 against its definition: decode, encode again, compare. */

enum { FILE_MAX = 1 << 16 };

/* What the bytes of a code point are; 0 when it has none. */
static size_t
encode(unsigned char *out, uint32_t code)
{
    if (code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF)) {
        return 0;
    }
    if (code < 0x80) {
        out[0] = (unsigned char)code;
        return 1;
    }
    static const unsigned leads[] = {0, 0, 0xC0, 0xE0, 0xF0};
    size_t len = code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    for (size_t i = len - 1; i > 0; i--) {
        out[i] = (unsigned char)(0x80 | (code & 0x3F));
        code >>= 6;
    }
    out[0] = (unsigned char)(leads[len] | code);
    return len;
}

/* Length of the sequence at the head of 4 bytes: the only one that encodes
 * the code point its bits spell. */
static size_t
expected_len(const unsigned char *b)
{
    uint32_t code[5] = {0, b[0], 0, 0, 0};
    code[2] = (b[0] & 0x1FU) << 6 | (b[1] & 0x3FU);
    code[3] = (b[0] & 0x0FU) << 12 | (b[1] & 0x3FU) << 6 | (b[2] & 0x3FU);
    code[4] = (b[0] & 0x07U) << 18 | (b[1] & 0x3FU) << 12 |
              (b[2] & 0x3FU) << 6 | (b[3] & 0x3FU);
    for (size_t len = 1; len <= 4; len++) {
        unsigned char again[4];
        if (encode(again, code[len]) == len && memcmp(again, b, len) == 0) {
            return len;
        }
    }
    return 0;
}

static size_t
sequence(const unsigned char *bytes, size_t len)
{
    return pdp__utf8_sequence(pdp__str((const char *)bytes, len), 0);
}

static void
test_every_code_point(void **state)
{
    (void)state;
    unsigned cnt = 0;
    for (uint32_t code = 0; code <= 0x10FFFF; code++) {
        unsigned char bytes[4];
        size_t len = encode(bytes, code);
        if (len == 0) {
            continue;
        }
        cnt++;
        assert_int_equal(sequence(bytes, len), len);
        for (size_t cut = 0; cut < len; cut++) {
            assert_int_equal(sequence(bytes, cut), 0);
        }
    }
    assert_int_equal(cnt, 0x110000 - 0x800);
}

/* All heads of two bytes with the edges of what may follow. */
static void
test_every_head(void **state)
{
    (void)state;
    static const unsigned char edges[] = {0x00, 0x7F, 0x80, 0x8F, 0x90, 0x9F,
        0xA0, 0xBF, 0xC0, 0xFF};
    enum { CNT = sizeof(edges) };
    for (unsigned head = 0; head < 65536; head++) {
        for (size_t i = 0; i < CNT * CNT; i++) {
            unsigned char b[4] = {(unsigned char)(head >> 8),
                (unsigned char)(head & 255), edges[i / CNT], edges[i % CNT]};
            size_t expected = expected_len(b);
            if (sequence(b, 4) != expected) {
                fail_msg("%02X%02X%02X%02X", b[0], b[1], b[2], b[3]);
            }
        }
    }
}

static void
test_offset(void **state)
{
    (void)state;
    pdp_str_t s = PDP__LIT("a\xC3\xA9z");

    assert_int_equal(pdp__utf8_sequence(s, 0), 1);
    assert_int_equal(pdp__utf8_sequence(s, 1), 2);
    assert_int_equal(pdp__utf8_sequence(s, 2), 0);
    assert_int_equal(pdp__utf8_sequence(s, 3), 1);
    assert_int_equal(pdp__utf8_sequence(s, 4), 0);
    assert_int_equal(pdp__utf8_sequence(s, 99), 0);
    assert_int_equal(pdp__utf8_sequence((pdp_str_t){NULL, 0}, 0), 0);
}

static void
test_check(void **state)
{
    (void)state;
    assert_int_equal(pdp__utf8_check((pdp_str_t){NULL, 0}), 0);
    assert_int_equal(pdp__utf8_check(PDP__LIT("a\0b")), 3);
    assert_int_equal(pdp__utf8_check(PDP__LIT("\xFF")), 0);
    assert_int_equal(pdp__utf8_check(PDP__LIT("\xC3\xA9\xC3")), 2);
    assert_int_equal(pdp__utf8_check(PDP__LIT("abc\xED\xA0\x80")), 3);
    assert_int_equal(pdp__utf8_check(PDP__LIT("\xEF\xBF\xBF")), 3);

    /* at each distance from the start: the check takes eight at a time */
    for (size_t at = 0; at < 40; at++) {
        char text[64];
        memset(text, 'x', sizeof(text));
        assert_int_equal(pdp__utf8_check(pdp__str(text, at)), at);
        memcpy(text + at, "\xE2\x82\xAC", 3);
        assert_int_equal(pdp__utf8_check(pdp__str(text, 64)), 64);
        assert_int_equal(pdp__utf8_check(pdp__str(text, at + 2)), at);
        text[at + 1] = '\xC0';
        assert_int_equal(pdp__utf8_check(pdp__str(text, 64)), at);
    }
}

/* flenniken/utf8tests, binary file: `number:valid|invalid:bytes`. */
static void
test_utf8tests(void **state)
{
    (void)state;
    static char bytes[FILE_MAX];
    char path[600];
    const char *root = getenv("PDP_VECTORS");
    if (root == NULL) {
        print_message("PDP_VECTORS is not set: no outside vectors\n");
        skip();
    }
    (void)snprintf(path, sizeof(path), "%s/utf8tests/utf8tests.bin", root);
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        print_message("%s is absent\n", path);
        skip();
    }
    pdp_str_t all = {bytes, fread(bytes, 1, sizeof(bytes), file)};
    assert_int_equal(fclose(file), 0);

    unsigned cnt_valid = 0, cnt_invalid = 0;
    for (size_t at = 0; at < all.len; at = pdp__str_find(all, '\n', at) + 1) {
        pdp_str_t line = {bytes + at, pdp__str_find(all, '\n', at) - at};
        size_t kind = pdp__str_find(line, ':', 0) + 1;
        size_t data = pdp__str_find(line, ':', kind) + 1;
        assert_true(data <= line.len);
        pdp_str_t text = pdp__str_from(line, data);
        bool valid = line.ptr[kind] == 'v';
        assert_int_equal(pdp__utf8_check(text) == text.len, valid);
        cnt_valid += valid;
        cnt_invalid += !valid;
    }
    assert_int_equal(cnt_valid, 77);
    assert_int_equal(cnt_invalid, 145);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_code_point),
        cmocka_unit_test(test_every_head),
        cmocka_unit_test(test_offset),
        cmocka_unit_test(test_check),
        cmocka_unit_test(test_utf8tests),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
