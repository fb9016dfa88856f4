/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include "text/base64url.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* One spelling a value: every other one is refused at its first fault. */

static void
assert_pair(pdp_str_t bytes, pdp_str_t text)
{
    unsigned char out[64];
    char again[64];
    size_t len = 99;
    size_t offset = 99;

    assert_int_equal(pdp__base64url_size(text.len), bytes.len);
    assert_true(pdp__base64url_decode(text, out, bytes.len, &len, &offset));
    assert_int_equal(len, bytes.len);
    assert_memory_equal(out, bytes.ptr, len);
    len = pdp__base64url_encode((const unsigned char *)bytes.ptr, bytes.len,
        again, text.len);
    assert_int_equal(len, text.len);
    assert_memory_equal(again, text.ptr, len);
}

static void
assert_refused(pdp_str_t text, size_t expected)
{
    unsigned char out[64];
    size_t len = 99;
    size_t offset = 99;

    assert_false(pdp__base64url_decode(text, out, sizeof(out), &len, &offset));
    assert_int_equal(offset, expected);
    assert_int_equal(len, 0);
}

static void
test_pairs(void **state)
{
    (void)state;
    /* RFC 4648 10 without padding; RFC 7515 appendix C */
    assert_pair(PDP__LIT(""), PDP__LIT(""));
    assert_pair(PDP__LIT("f"), PDP__LIT("Zg"));
    assert_pair(PDP__LIT("fo"), PDP__LIT("Zm8"));
    assert_pair(PDP__LIT("foo"), PDP__LIT("Zm9v"));
    assert_pair(PDP__LIT("foob"), PDP__LIT("Zm9vYg"));
    assert_pair(PDP__LIT("fooba"), PDP__LIT("Zm9vYmE"));
    assert_pair(PDP__LIT("foobar"), PDP__LIT("Zm9vYmFy"));
    assert_pair(PDP__LIT("\x03\xEC\xFF\xE0\xC1"), PDP__LIT("A-z_4ME"));
    assert_pair(PDP__LIT("\xFB\xFF\xFF"), PDP__LIT("-___"));
    assert_pair(PDP__LIT("\0\0\0\0"), PDP__LIT("AAAAAA"));
}

static void
test_refused(void **state)
{
    (void)state;
    assert_refused(PDP__LIT("A"), 1);
    assert_refused(PDP__LIT("Zm9vY"), 5);
    assert_refused(PDP__LIT("Zg=="), 2);
    assert_refused(PDP__LIT("Zm8="), 3);
    assert_refused(PDP__LIT("Zm9v===="), 4);
    assert_refused(PDP__LIT("="), 0);
    assert_refused(PDP__LIT("+A"), 0);
    assert_refused(PDP__LIT("AAA/"), 3);
    assert_refused(PDP__LIT("AAAAAA+"), 6);
    assert_refused(PDP__LIT("Zm9v\n"), 4);
    assert_refused(PDP__LIT("Zm 9v"), 2);
    assert_refused(PDP__LIT(" Zm9v"), 0);
    assert_refused(PDP__LIT("Zm9v.Zm9v"), 4);
    assert_refused(PDP__LIT("Zm9\0"), 3);
    assert_refused(PDP__LIT("\xC3\xA9zz"), 0);
    /* the first fault is told, also before a bad length or spare bits */
    assert_refused(PDP__LIT("AA!A!"), 2);
    assert_refused(PDP__LIT("!h"), 0);
}

static void
test_spare_bits(void **state)
{
    (void)state;
    assert_refused(PDP__LIT("Zh"), 1);
    assert_refused(PDP__LIT("Zm9"), 2);
    assert_refused(PDP__LIT("Zm9vYh"), 5);
    assert_refused(PDP__LIT("Zm9vYmF"), 6);

    /* of 64 last characters 4 and 16 are without spare bits */
    static const char alphabet[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    unsigned cnt_2 = 0, cnt_3 = 0;
    for (size_t i = 0; i < 64; i++) {
        unsigned char out[4];
        char text[3] = {'Q', alphabet[i], 0};
        size_t len = 0;
        size_t offset = 0;
        cnt_2 +=
            pdp__base64url_decode(pdp__str(text, 2), out, 4, &len, &offset);
        text[2] = alphabet[i];
        cnt_3 +=
            pdp__base64url_decode(pdp__str(text, 3), out, 4, &len, &offset);
    }
    assert_int_equal(cnt_2, 4);
    assert_int_equal(cnt_3, 16);
}

/* Every byte at every place of a text of each length. */
static void
test_every_byte(void **state)
{
    (void)state;
    for (size_t text_len = 2; text_len < 12; text_len++) {
        for (size_t at = 0; at < text_len && text_len % 4 != 1; at++) {
            for (unsigned c = 0; c < 256; c++) {
                char text[12];
                unsigned char out[12];
                size_t len = 0;
                size_t offset = 99;
                memset(text, 'A', sizeof(text));
                text[at] = (char)c;
                bool known = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
                             (c >= '0' && c <= '9') || c == '-' || c == '_';
                bool last = at + 1 == text_len && text_len % 4 != 0;
                bool good = pdp__base64url_decode(pdp__str(text, text_len), out,
                    sizeof(out), &len, &offset);
                assert_true(good ? known : !known || last);
                assert_int_equal(offset, good ? text_len : at);
            }
        }
    }
}

static void
test_round_trip_in_place(void **state)
{
    (void)state;
    uint32_t seed = 7;
    for (size_t size = 0; size < 100; size++) {
        unsigned char bytes[100];
        char text[140];
        size_t offset = 0;
        size_t out_len = 0;
        for (size_t i = 0; i < size; i++) {
            seed = seed * 1664525 + 1013904223;
            bytes[i] = (unsigned char)(seed >> 24);
        }
        size_t len = pdp__base64url_encode(bytes, size, text, sizeof(text));
        assert_int_equal(pdp__base64url_size(len), size);
        assert_true(pdp__base64url_decode(pdp__str(text, len),
            (unsigned char *)text, sizeof(text), &out_len, &offset));
        assert_int_equal(out_len, size);
        assert_memory_equal(text, bytes, size);
    }
}

static void
test_no_room(void **state)
{
    (void)state;
    unsigned char out[4] = {9, 9, 9, 9};
    char text[8] = "########";
    size_t len = 99;
    size_t offset = 99;

    assert_false(
        pdp__base64url_decode(PDP__LIT("Zm9v"), out, 2, &len, &offset));
    assert_int_equal(offset, 4);
    assert_int_equal(len, 0);
    assert_int_equal(out[0], 9);
    static const size_t lens[] = {0, 2, 3, 4, 6};
    for (size_t size = 1; size <= 4; size++) {
        for (size_t cap = 0; cap < lens[size]; cap++) {
            assert_int_equal(
                pdp__base64url_encode((const unsigned char *)"abcd", size, text,
                    cap),
                0);
            assert_int_equal(text[0], '#');
        }
    }
    assert_true(
        pdp__base64url_decode((pdp_str_t){NULL, 0}, NULL, 0, &len, &offset));
    assert_int_equal(len, 0);
    assert_int_equal(pdp__base64url_encode(NULL, 0, NULL, 0), 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pairs),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_spare_bits),
        cmocka_unit_test(test_every_byte),
        cmocka_unit_test(test_round_trip_in_place),
        cmocka_unit_test(test_no_room),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
