/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */

/* text/query.c: pairs, strict decoding with offsets, lenient search. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "text/query.h"

static const pdp_str_t method = PDP__LIT_INIT("_method");

static void
assert_str(pdp_str_t actual, pdp_str_t expected)
{
    assert_int_equal(actual.len, expected.len);
    assert_int_equal(actual.ptr == NULL, expected.ptr == NULL);
    if (expected.len != 0) {
        assert_memory_equal(actual.ptr, expected.ptr, expected.len);
    }
}

static void
check_next(pdp_str_t query, size_t *cursor, pdp_str_t name, pdp_str_t value,
    size_t offset)
{
    struct pdp__query_pair pair;
    assert_true(pdp__query_next(query, cursor, &pair));
    assert_str(pair.raw_name, name);
    assert_str(pair.raw_value, value);
    assert_int_equal(pair.offset, offset);
}

static void
check_end(pdp_str_t query, size_t *cursor)
{
    struct pdp__query_pair pair;
    assert_false(pdp__query_next(query, cursor, &pair));
    assert_false(pdp__query_next(query, cursor, &pair));
}

static void
test_pairs(void **state)
{
    (void)state;
    pdp_str_t query = PDP__LIT("a=1&b=2=3&c&d=&=e&=");
    size_t cursor = 0;
    check_next(query, &cursor, PDP__LIT("a"), PDP__LIT("1"), 0);
    check_next(query, &cursor, PDP__LIT("b"), PDP__LIT("2=3"), 4);
    check_next(query, &cursor, PDP__LIT("c"), pdp__str(NULL, 0), 10);
    check_next(query, &cursor, PDP__LIT("d"), PDP__LIT(""), 12);
    check_next(query, &cursor, PDP__LIT(""), PDP__LIT("e"), 15);
    check_next(query, &cursor, PDP__LIT(""), PDP__LIT(""), 18);
    check_end(query, &cursor);
}

static void
test_empty_pairs_are_skipped(void **state)
{
    (void)state;
    pdp_str_t query = PDP__LIT("&&a=1&&&b&");
    size_t cursor = 0;
    check_next(query, &cursor, PDP__LIT("a"), PDP__LIT("1"), 2);
    check_next(query, &cursor, PDP__LIT("b"), pdp__str(NULL, 0), 8);
    check_end(query, &cursor);

    cursor = 0;
    check_end(pdp__str(NULL, 0), &cursor);
    check_end(PDP__LIT(""), &cursor);
    check_end(PDP__LIT("&"), &cursor);
}

static void
test_duplicates_come_one_by_one(void **state)
{
    (void)state;
    pdp_str_t query = PDP__LIT("r=a&r=b&%72=c&R=d");
    size_t cursor = 0;
    check_next(query, &cursor, PDP__LIT("r"), PDP__LIT("a"), 0);
    check_next(query, &cursor, PDP__LIT("r"), PDP__LIT("b"), 4);
    /* The caller compares decoded names: this is a third `r`. */
    check_next(query, &cursor, PDP__LIT("%72"), PDP__LIT("c"), 8);
    check_next(query, &cursor, PDP__LIT("R"), PDP__LIT("d"), 14);
    check_end(query, &cursor);
}

static void
test_semicolon_does_not_split(void **state)
{
    (void)state;
    pdp_str_t query = PDP__LIT("a=1;b=2&c");
    size_t cursor = 0;
    check_next(query, &cursor, PDP__LIT("a"), PDP__LIT("1;b=2"), 0);
    check_next(query, &cursor, PDP__LIT("c"), pdp__str(NULL, 0), 8);
    check_end(query, &cursor);
}

static void
check_decoded(pdp_str_t raw, pdp_str_t expected)
{
    char buf[64];
    pdp_str_t out;
    size_t offset = 99;
    assert_true(pdp__query_decode(raw, buf, sizeof(buf), &out, &offset));
    assert_str(out, expected);
}

static void
check_refused(pdp_str_t raw, size_t expected)
{
    char buf[64];
    pdp_str_t out;
    size_t offset = 99;
    assert_false(pdp__query_decode(raw, buf, sizeof(buf), &out, &offset));
    assert_int_equal(offset, expected);
}

#define DECODED(raw, expected) check_decoded(PDP__LIT(raw), PDP__LIT(expected))
#define REFUSED(raw, offset) check_refused(PDP__LIT(raw), offset)

static void
test_decode(void **state)
{
    (void)state;
    DECODED("abc", "abc");
    DECODED("", "");
    DECODED("a+b", "a b");
    DECODED("+", " ");
    DECODED("a%20b", "a b");
    DECODED("%2B%2b", "++");
    DECODED("us.icr.io%2Fbirds%2Fwoodpecker%3Agreen",
        "us.icr.io/birds/woodpecker:green");
    DECODED("us.icr.io/birds/woodpecker:green",
        "us.icr.io/birds/woodpecker:green");
    DECODED("%61%7e", "a~");
    DECODED("a=b", "a=b");
    DECODED("%26%3D%3b%25", "&=;%");
    DECODED("%2541", "%41"); /* once */
    DECODED("%c3%a9", "\xC3\xA9");
    DECODED("\xC3\xA9", "\xC3\xA9");
    DECODED("\xC3%a9", "\xC3\xA9");
    DECODED("%F0%9F%90%A6", "\xF0\x9F\x90\xA6");
    check_decoded(pdp__str(NULL, 0), pdp__str(NULL, 0));
}

static void
test_decode_refuses_semicolons(void **state)
{
    (void)state;
    REFUSED(";", 0);
    REFUSED("a;", 1);
    REFUSED("a%20;b", 4);
}

static void
test_decode_refuses_bad_escapes(void **state)
{
    (void)state;
    REFUSED("%", 0);
    REFUSED("a%", 1);
    REFUSED("a%4", 1);
    REFUSED("a%4g", 1);
    REFUSED("a%G4", 1);
    REFUSED("%41%zz", 3);
    REFUSED("%%41", 0);
    REFUSED("%u0041", 0);
    REFUSED("%+1", 0);
    REFUSED("%-1", 0);
    REFUSED("% 1", 0);
}

static void
test_decode_refuses_controls(void **state)
{
    (void)state;
    static const char hex[] = "0123456789ABCDEF";
    for (unsigned byte = 0; byte < 0x80; byte++) {
        char raw[] = {'a', '%', hex[byte >> 4], hex[byte & 15]};
        char plain[] = {'a', (char)byte};
        if (byte < 0x20 || byte == 0x7F) {
            check_refused(pdp__str(raw, 4), 1);
            check_refused(pdp__str(plain, 2), 1);
        } else {
            check_decoded(pdp__str(raw, 4), pdp__str(plain, 2));
        }
    }
}

static void
test_decode_refuses_malformed_utf8(void **state)
{
    (void)state;
    REFUSED("%80", 0);
    REFUSED("a%FF", 1);
    REFUSED("%41%C3", 3);             /* cut short */
    REFUSED("%C0%AF", 0);             /* overlong slash */
    REFUSED("a+%C3%A9%E2%82", 8);     /* after a good one */
    REFUSED("x\xC3\xA9%ED%A0%80", 3); /* surrogate */
    REFUSED("%F4%90%80%80", 0);
    REFUSED("\xFF", 0);
    REFUSED("%FF%zz", 3); /* UTF-8 comes last */
}

static void
test_decode_is_bounded(void **state)
{
    (void)state;
    char buf[4] = {'#', '#', '#', '#'};
    pdp_str_t out;
    size_t offset = 99;
    pdp_str_t raw = PDP__LIT("a%20bc");
    assert_false(pdp__query_decode(raw, buf, 3, &out, &offset));
    assert_int_equal(offset, 5);
    assert_int_equal(buf[3], '#');
    assert_true(pdp__query_decode(raw, buf, 4, &out, &offset));
    assert_false(pdp__query_decode(raw, NULL, 0, &out, &offset));
    assert_int_equal(offset, 0);
    assert_true(pdp__query_decode(PDP__LIT(""), NULL, 0, &out, &offset));
    assert_int_equal(out.len, 0);
}

static void
check_may_be(const char *const *texts, size_t cnt, bool expected)
{
    for (size_t i = 0; i < cnt; i++) {
        if (pdp__query_may_be(pdp__str_z(texts[i]), method) != expected) {
            fail_msg("%s", texts[i]);
        }
    }
}

static void
test_hostile_spellings(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "_method",
        "_METHOD",
        "_Method",
        "%5fmethod",
        "%5F%6d%65%74%68%6f%64",
        "_m%65thod",
        "_m%45thod",
        "%255fmethod",
        "%25255Fmethod",
        "%u005fmethod",
        "%U005Fmethod",
        "+_method",
        "%20_method",
        "%09_method",
        "%00_method",
        "_method%00",
        "_method%00.jpg",
        "_method%0a",
        "_method+",
        "_method++%20",
        "_method[]",
        "_method%5B%5D",
        "_method[a]",
        "[_method]",
        "]]_method",
        ".method",
        "+.method",
        "%2emethod",
        "%20method",
        ";_method",
        "a;_method",
        "a;b;_method",
        "a;+_method",
        "a%3B_method",
        "a%26_method",
        "?_method",
        "a?_method",
    };
    check_may_be(texts, sizeof(texts) / sizeof(texts[0]), true);
    check_may_be((const char *const[]){"_method\x01"}, 1, true);
    assert_true(pdp__query_may_be(PDP__LIT("_method\0x"), method));
    assert_true(pdp__query_may_be(PDP__LIT("\0_method"), method));
}

static void
test_whole_query(void **state)
{
    (void)state;
    static const char *const hits[] = {
        "_method=DELETE",
        "a=1&_method=DELETE",
        "a=1;_method=DELETE",
        "a=1&&_method",
        "_method&a=1",
        "_method;a=1",
        "a=x%26_method=DELETE",
        "_method%3DDELETE",
        "_method+=DELETE",
        "_method[]=DELETE&a",
        "a=%&_method=DELETE",
        "a=%zz;%5Fmethod=",
    };
    static const char *const misses[] = {
        "a=_method",
        "a=1&b=_method",
        "a=_method&b",
        "a_method=1",
        "_methods=1&_metho=2",
        "x=%5f&method=1",
    };
    check_may_be(hits, sizeof(hits) / sizeof(hits[0]), true);
    check_may_be(misses, sizeof(misses) / sizeof(misses[0]), false);
}

static void
check_hides(pdp_str_t query, bool expected)
{
    struct pdp__query_pair pair;
    size_t cursor = 0;
    assert_true(pdp__query_next(query, &cursor, &pair));
    assert_int_equal(pdp__query_hides(&pair, method), expected);
}

static void
test_hidden_in_a_pair(void **state)
{
    (void)state;
    check_hides(PDP__LIT("_method"), true);
    check_hides(PDP__LIT("_method=PUT"), true);
    check_hides(PDP__LIT("a;_method=PUT"), true);
    check_hides(PDP__LIT("a=1;_method=PUT"), true);
    check_hides(PDP__LIT("=1;%5fmethod"), true);
    check_hides(PDP__LIT("a"), false);
    check_hides(PDP__LIT("a="), false);
    check_hides(PDP__LIT("a=_method"), false);
    /* The next pair is judged when its turn comes. */
    check_hides(PDP__LIT("a=1&_method=PUT"), false);
}

static void
test_other_names(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "",
        "a",
        "method",
        "__method",
        "_metho",
        "_methodx",
        "x_method",
        "_method_",
        "_me+thod",
        "_met%hod",
        "%_method",
        "_method%",
        "_method%zz",
        "_method%2e",
        "_method+x",
        "%zz_method",
        "%5gmethod",
        "%5",
        "%",
        "%u00",
        "%u015fmethod",
        "&",
        "a[_method]x",
        "-method",
        "%C1%9Fmethod",
    };
    check_may_be(texts, sizeof(texts) / sizeof(texts[0]), false);
    assert_false(pdp__query_may_be(pdp__str(NULL, 0), method));
}

static void
test_other_wanted_name(void **state)
{
    (void)state;
    pdp_str_t name = PDP__LIT("x-http-method");
    assert_true(pdp__query_may_be(PDP__LIT("X-HTTP-Method=PUT"), name));
    assert_true(pdp__query_may_be(PDP__LIT("x%2dhttp-method"), name));
    assert_false(pdp__query_may_be(PDP__LIT("x.http-method"), name));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pairs),
        cmocka_unit_test(test_empty_pairs_are_skipped),
        cmocka_unit_test(test_duplicates_come_one_by_one),
        cmocka_unit_test(test_semicolon_does_not_split),
        cmocka_unit_test(test_decode),
        cmocka_unit_test(test_decode_refuses_semicolons),
        cmocka_unit_test(test_decode_refuses_bad_escapes),
        cmocka_unit_test(test_decode_refuses_controls),
        cmocka_unit_test(test_decode_refuses_malformed_utf8),
        cmocka_unit_test(test_decode_is_bounded),
        cmocka_unit_test(test_hostile_spellings),
        cmocka_unit_test(test_whole_query),
        cmocka_unit_test(test_hidden_in_a_pair),
        cmocka_unit_test(test_other_names),
        cmocka_unit_test(test_other_wanted_name),
    };
    return cmocka_run_group_tests_name("text/query", tests, NULL, NULL);
}
