/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */

/*
 * text/path.c: each rule with its reason and offset, the order of the rules
 * at every pair of neighbours, and the limits on both sides.  The published
 * targets are in test_path_vectors.c.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "text/path.h"

enum { BUF_CAP = 2 * PDP__TARGET_MAX };

static struct pdp__path path;
static char buf[BUF_CAP];

static const char *
reason_name(pdp_reason_t reason)
{
    static const char *const names[] = {
#define X(id, name, status, text) name,
        PDP_REASON_MAP(X)
#undef X
    };
    return names[reason];
}

static void
assert_str(pdp_str_t actual, pdp_str_t expected)
{
    assert_int_equal(actual.len, expected.len);
    if (expected.len != 0) {
        assert_memory_equal(actual.ptr, expected.ptr, expected.len);
    }
}

static bool
parse(pdp_str_t target, pdp_reason_t *reason)
{
    *reason = PDP_REASON_INTERNAL;
    return pdp__path_parse(target, buf, sizeof(buf), &path, reason);
}

static void
check_refused(pdp_str_t target, pdp_reason_t expected, size_t offset)
{
    pdp_reason_t reason;
    assert_false(parse(target, &reason));
    assert_string_equal(reason_name(reason), reason_name(expected));
    assert_int_equal(path.offset, offset);
    assert_int_equal(path.cnt, 0);
}

static void
check_accepted(pdp_str_t target, uint32_t cnt)
{
    pdp_reason_t reason;
    assert_true(parse(target, &reason));
    assert_int_equal(path.cnt, cnt);
}

#define REFUSED(target, reason, offset)                                        \
    check_refused(PDP__LIT(target), PDP_REASON_##reason, offset)
#define ACCEPTED(target, cnt) check_accepted(PDP__LIT(target), cnt)

static void
test_plain_path_is_not_copied(void **state)
{
    (void)state;
    pdp_str_t target = PDP__LIT("/api/v1/images");
    memset(buf, '#', sizeof(buf));
    check_accepted(target, 3);
    assert_ptr_equal(path.segments[0].raw.ptr, target.ptr + 1);
    assert_ptr_equal(path.segments[0].decoded.ptr, target.ptr + 1);
    assert_str(path.segments[2].raw, PDP__LIT("images"));
    assert_str(path.segments[2].decoded, PDP__LIT("images"));
    assert_false(path.segments[2].encoded);
    assert_false(path.segments[2].slash);
    assert_ptr_equal(path.canonical.ptr, target.ptr);
    assert_str(path.canonical, target);
    assert_null(path.query.ptr);
    assert_int_equal(path.query.len, 0);
    assert_int_equal(buf[0], '#');
}

static void
test_plain_path_needs_no_buffer(void **state)
{
    (void)state;
    pdp_reason_t reason;
    assert_true(pdp__path_parse(PDP__LIT("/a/b"), NULL, 0, &path, &reason));
    assert_int_equal(path.cnt, 2);
}

static void
test_short_buffer_is_internal(void **state)
{
    (void)state;
    pdp_reason_t reason = PDP_REASON_PERMITTED;
    assert_false(pdp__path_parse(PDP__LIT("/a%2Fb"), buf, 11, &path, &reason));
    assert_int_equal(reason, PDP_REASON_INTERNAL);
    assert_true(pdp__path_parse(PDP__LIT("/a%2Fb"), buf, 12, &path, &reason));
}

static void
test_escapes(void **state)
{
    (void)state;
    pdp_str_t target = PDP__LIT("/x/us.icr.io%2Fns%2Frepo:tag/json");
    check_accepted(target, 3);
    assert_str(path.segments[1].raw, PDP__LIT("us.icr.io%2Fns%2Frepo:tag"));
    assert_str(path.segments[1].decoded, PDP__LIT("us.icr.io/ns/repo:tag"));
    assert_true(path.segments[1].encoded);
    assert_true(path.segments[1].slash);
    assert_false(path.segments[2].encoded);
    assert_ptr_equal(path.canonical.ptr, target.ptr);

    ACCEPTED("/a%3Ab", 1);
    assert_true(path.segments[0].encoded);
    assert_false(path.segments[0].slash);
    assert_str(path.segments[0].decoded, PDP__LIT("a:b"));
}

static void
test_canonical_has_upper_case_hex(void **state)
{
    (void)state;
    ACCEPTED("/a%2fb/c:d/%3a%3A%2B%5b%5D?%2f", 3);
    assert_str(path.canonical, PDP__LIT("/a%2Fb/c:d/%3A%3A%2B%5B%5D"));
    assert_ptr_equal(path.canonical.ptr, buf);
    assert_str(path.segments[0].raw, PDP__LIT("a%2fb"));
    assert_str(path.segments[0].decoded, PDP__LIT("a/b"));
    assert_str(path.segments[2].decoded, PDP__LIT("::+[]"));
    assert_str(path.query, PDP__LIT("%2f"));
}

static void
test_every_escape(void **state)
{
    (void)state;
    static const char hex[] = "0123456789ABCDEF";
    for (unsigned byte = 0; byte < 256; byte++) {
        char text[] = {'/', 'a', '%', hex[byte >> 4], hex[byte & 15], 'b'};
        pdp_str_t target = pdp__str(text, sizeof(text));
        char c = (char)byte;
        pdp_reason_t expected = PDP_REASON_PERMITTED;
        if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
            (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' ||
            c == '~') {
            expected = PDP_REASON_OVERENCODED;
        } else if (byte < 0x20 || byte == 0x7F) {
            expected = PDP_REASON_CONTROL;
        } else if (byte >= 0x80) {
            expected = PDP_REASON_NON_ASCII;
        } else if (strchr("%\\;?#", c) != NULL) {
            expected = PDP_REASON_DELIMITER;
        }
        if (expected != PDP_REASON_PERMITTED) {
            check_refused(target, expected, 2);
            continue;
        }
        check_accepted(target, 1);
        char decoded[] = {'a', c, 'b'};
        assert_str(path.segments[0].decoded, pdp__str(decoded, 3));
        assert_int_equal(path.segments[0].slash, c == '/');
    }
}

static void
test_every_raw_byte(void **state)
{
    (void)state;
    static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                  "abcdefghijklmnopqrstuvwxyz"
                                  "0123456789-._~!$&'()*+,=:@";
    for (unsigned byte = 0; byte < 256; byte++) {
        char c = (char)byte;
        char text[] = {'/', 'a', c, 'b'};
        pdp_str_t target = pdp__str(text, sizeof(text));
        if (c != '\0' && strchr(allowed, c) != NULL) {
            check_accepted(target, 1);
        } else if (c == '/') {
            check_accepted(target, 2);
        } else if (c == '?') {
            check_accepted(target, 1);
            assert_str(path.query, PDP__LIT("b"));
        } else if (c == ';') {
            check_refused(target, PDP_REASON_DELIMITER, 2);
        } else if (c == '%') {
            check_refused(target, PDP_REASON_BAD_PERCENT, 2);
        } else {
            check_refused(target, PDP_REASON_BAD_BYTE, 2);
        }

        char query[] = {'/', 'a', '?', 'x', c};
        target = pdp__str(query, sizeof(query));
        if (byte > 0x20 && byte < 0x7F && c != '#') {
            check_accepted(target, 1);
            assert_str(path.query, pdp__str(query + 3, 2));
        } else {
            check_refused(target, PDP_REASON_BAD_BYTE, 4);
        }
    }
}

static void
test_query(void **state)
{
    (void)state;
    ACCEPTED("/a?", 1);
    assert_non_null(path.query.ptr);
    assert_int_equal(path.query.len, 0);
    assert_str(path.canonical, PDP__LIT("/a"));
    ACCEPTED("/a/b?x=//&y=%zz;?/..", 2);
    assert_str(path.query, PDP__LIT("x=//&y=%zz;?/.."));
    assert_str(path.segments[1].raw, PDP__LIT("b"));
}

static void
test_target_form(void **state)
{
    (void)state;
    check_refused(pdp__str(NULL, 0), PDP_REASON_TARGET_FORM, 0);
    REFUSED("", TARGET_FORM, 0);
    REFUSED("*", TARGET_FORM, 0);
    REFUSED("?x", TARGET_FORM, 0);
    REFUSED("a/b", TARGET_FORM, 0);
    REFUSED("http://host/a", TARGET_FORM, 0);
    REFUSED("host:443", TARGET_FORM, 0);
    REFUSED("\\a", TARGET_FORM, 0);
    REFUSED("%2Fa", TARGET_FORM, 0);
    REFUSED("//", TARGET_FORM, 1);
    REFUSED("//host/a", TARGET_FORM, 1);
    REFUSED("///", TARGET_FORM, 1);
}

static void
test_bad_percent(void **state)
{
    (void)state;
    REFUSED("/a%", BAD_PERCENT, 2);
    REFUSED("/a%2", BAD_PERCENT, 2);
    REFUSED("/a%2/b", BAD_PERCENT, 2);
    REFUSED("/a%/2F", BAD_PERCENT, 2);
    REFUSED("/a%zz", BAD_PERCENT, 2);
    REFUSED("/a%2g", BAD_PERCENT, 2);
    REFUSED("/a%G2", BAD_PERCENT, 2);
    REFUSED("/a%%2F", BAD_PERCENT, 2);
    REFUSED("/a%u002F", BAD_PERCENT, 2);
    REFUSED("/a%2?F", BAD_PERCENT, 2);
    REFUSED("/ab/c%", BAD_PERCENT, 5);
}

static void
test_overencoded(void **state)
{
    (void)state;
    REFUSED("/%2e%2e/a", OVERENCODED, 1);
    REFUSED("/a%2E", OVERENCODED, 2);
    REFUSED("/%61", OVERENCODED, 1);
    REFUSED("/a/%7e", OVERENCODED, 3);
    REFUSED("/a/%7E", OVERENCODED, 3);
}

static void
test_control_and_non_ascii(void **state)
{
    (void)state;
    REFUSED("/a%00", CONTROL, 2);
    REFUSED("/a%0a", CONTROL, 2);
    REFUSED("/a%1F", CONTROL, 2);
    REFUSED("/a%7f", CONTROL, 2);
    REFUSED("/a%80", NON_ASCII, 2);
    REFUSED("/a%c0%af", NON_ASCII, 2);
    REFUSED("/a%FF", NON_ASCII, 2);
}

static void
test_delimiter(void **state)
{
    (void)state;
    REFUSED("/a%252F", DELIMITER, 2);
    REFUSED("/a%5cb", DELIMITER, 2);
    REFUSED("/a%3B", DELIMITER, 2);
    REFUSED("/a%3f", DELIMITER, 2);
    REFUSED("/a%23", DELIMITER, 2);
    REFUSED("/a;b", DELIMITER, 2);
    REFUSED("/;", DELIMITER, 1);
    REFUSED("/..;/a", DELIMITER, 3);
}

static void
test_empty_segment(void **state)
{
    (void)state;
    REFUSED("/", EMPTY_SEGMENT, 1);
    REFUSED("/?x", EMPTY_SEGMENT, 1);
    REFUSED("/a/", EMPTY_SEGMENT, 3);
    REFUSED("/a/?x", EMPTY_SEGMENT, 3);
    REFUSED("/a//b", EMPTY_SEGMENT, 3);
    REFUSED("/a///b", EMPTY_SEGMENT, 3);
}

static void
test_dot_segment(void **state)
{
    (void)state;
    REFUSED("/.", DOT_SEGMENT, 1);
    REFUSED("/..", DOT_SEGMENT, 1);
    REFUSED("/./a", DOT_SEGMENT, 1);
    REFUSED("/a/../b", DOT_SEGMENT, 3);
    REFUSED("/a/b/..", DOT_SEGMENT, 5);
    REFUSED("/a/..?x", DOT_SEGMENT, 3);
    REFUSED("/%2F", DOT_SEGMENT, 1);
    REFUSED("/%2Fa", DOT_SEGMENT, 1);
    REFUSED("/a%2F", DOT_SEGMENT, 5);
    REFUSED("/a%2F%2Fb", DOT_SEGMENT, 5);
    REFUSED("/a%2F.%2Fb", DOT_SEGMENT, 5);
    REFUSED("/a%2f..", DOT_SEGMENT, 5);
    REFUSED("/x/..%2Fb", DOT_SEGMENT, 3);
    REFUSED("/a%2Fb%2F..%2F.", DOT_SEGMENT, 9);
    REFUSED("/..%2Fa%2F.", DOT_SEGMENT, 1);
    ACCEPTED("/...", 1);
    ACCEPTED("/..a", 1);
    ACCEPTED("/.a/a./a..", 3);
    ACCEPTED("/a%2F...", 1);
    ACCEPTED("/.%3A", 1);
    ACCEPTED("/a..%2F..b", 1);
}

/* Fills text with "/a/a/a..." of cnt segments; the length. */
static size_t
make_segments(char *text, uint32_t cnt)
{
    for (uint32_t i = 0; i < cnt; i++) {
        memcpy(text + 2 * i, "/a", 2);
    }
    return 2 * (size_t)cnt;
}

static void
test_length_limit(void **state)
{
    (void)state;
    static char text[PDP__TARGET_MAX + 2];
    memset(text, 'a', sizeof(text));
    text[0] = '/';
    check_accepted(pdp__str(text, PDP__TARGET_MAX - 1), 1);
    check_accepted(pdp__str(text, PDP__TARGET_MAX), 1);
    assert_int_equal(path.segments[0].raw.len, PDP__TARGET_MAX - 1);
    check_refused(pdp__str(text, PDP__TARGET_MAX + 1), PDP_REASON_TOO_LONG,
        PDP__TARGET_MAX);
    check_refused(pdp__str(text, PDP__TARGET_MAX + 2), PDP_REASON_TOO_LONG,
        PDP__TARGET_MAX);
    text[2] = '?'; /* the query counts */
    check_accepted(pdp__str(text, PDP__TARGET_MAX), 1);
    check_refused(pdp__str(text, PDP__TARGET_MAX + 1), PDP_REASON_TOO_LONG,
        PDP__TARGET_MAX);
}

static void
test_longest_encoded_path(void **state)
{
    (void)state;
    static char text[PDP__TARGET_MAX];
    memset(text, 'a', sizeof(text));
    text[0] = '/';
    for (size_t at = 1; at + 3 <= sizeof(text); at += 3) {
        memcpy(text + at, "%3a", 3);
    }
    check_accepted(pdp__str(text, sizeof(text)), 1);
    assert_int_equal(path.segments[0].decoded.len, 1365);
    assert_int_equal(path.canonical.len, sizeof(text));
    assert_memory_equal(path.canonical.ptr, "/%3A%3A", 7);
}

static void
test_segment_limit(void **state)
{
    (void)state;
    char text[256];
    check_accepted(pdp__str(text, make_segments(text, 31)), 31);
    check_accepted(pdp__str(text, make_segments(text, 32)), 32);
    assert_str(path.segments[31].raw, PDP__LIT("a"));
    check_refused(pdp__str(text, make_segments(text, 33)), PDP_REASON_TOO_LONG,
        64);
    check_refused(pdp__str(text, make_segments(text, 100)), PDP_REASON_TOO_LONG,
        64);
    size_t len = make_segments(text, 32);
    text[len] = '/'; /* an empty 33rd */
    check_refused(pdp__str(text, len + 1), PDP_REASON_TOO_LONG, 64);
    /* The last of 32 is judged, too. */
    text[len - 1] = '.';
    check_refused(pdp__str(text, len), PDP_REASON_DOT_SEGMENT, 63);
    text[len - 1] = ';';
    check_refused(pdp__str(text, len), PDP_REASON_DELIMITER, 63);
    check_refused(pdp__str(text, len - 1), PDP_REASON_EMPTY_SEGMENT, 63);
    memcpy(text + len - 1, "%3a", 3);
    check_accepted(pdp__str(text, len + 2), 32);
    assert_str(path.segments[31].decoded, PDP__LIT(":"));
}

static void
test_order_length_before_form(void **state)
{
    (void)state;
    static char text[PDP__TARGET_MAX + 1];
    memset(text, 'a', sizeof(text));
    check_refused(pdp__str(text, sizeof(text)), PDP_REASON_TOO_LONG,
        PDP__TARGET_MAX);
    check_refused(pdp__str(text, sizeof(text) - 1), PDP_REASON_TARGET_FORM, 0);
    text[0] = '/';
    text[1] = '\x01';
    check_refused(pdp__str(text, sizeof(text)), PDP_REASON_TOO_LONG,
        PDP__TARGET_MAX);
}

static void
test_order_form_before_bytes(void **state)
{
    (void)state;
    REFUSED("\x01/", TARGET_FORM, 0);
    REFUSED("x\x01", TARGET_FORM, 0);
    REFUSED("//\x01", TARGET_FORM, 1);
    REFUSED("/\x01/", BAD_BYTE, 1);
}

static void
test_order_bytes_before_segment_count(void **state)
{
    (void)state;
    char text[128];
    size_t len = make_segments(text, 40);
    text[len] = '\x7F';
    check_refused(pdp__str(text, len + 1), PDP_REASON_BAD_BYTE, len);
    memcpy(text + len, "?a#", 3);
    check_refused(pdp__str(text, len + 3), PDP_REASON_BAD_BYTE, len + 2);
    check_refused(pdp__str(text, len + 2), PDP_REASON_TOO_LONG, 64);
}

static void
test_order_bytes_from_the_left(void **state)
{
    (void)state;
    REFUSED("/a b?c\x01", BAD_BYTE, 2);
    REFUSED("/a?b\x01"
            "c#",
        BAD_BYTE, 4);
    REFUSED("/a//%zz/..?\xFF", BAD_BYTE, 11);
}

static void
test_order_segment_count_before_segments(void **state)
{
    (void)state;
    char text[128];
    size_t len = make_segments(text, 33);
    static const char *const faults[] = {"//", "/%", "/;", "/."};
    for (size_t i = 0; i < 4; i++) {
        memcpy(text + 2, faults[i], 2);
        /* "//" is one segment more. */
        check_refused(pdp__str(text, len), PDP_REASON_TOO_LONG,
            i == 0 ? 62 : 64);
    }
}

static void
test_order_segments_from_the_left(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        pdp_reason_t reason;
    } faults[] = {
        {"", PDP_REASON_EMPTY_SEGMENT},
        {"%zz", PDP_REASON_BAD_PERCENT},
        {"%61", PDP_REASON_OVERENCODED},
        {"%01", PDP_REASON_CONTROL},
        {"%80", PDP_REASON_NON_ASCII},
        {"%25", PDP_REASON_DELIMITER},
        {";", PDP_REASON_DELIMITER},
        {"..", PDP_REASON_DOT_SEGMENT},
        {"%2F", PDP_REASON_DOT_SEGMENT},
    };
    enum { CNT = sizeof(faults) / sizeof(faults[0]) };
    for (size_t i = 0; i < CNT; i++) {
        for (size_t k = 0; k < CNT; k++) {
            char text[32];
            int len = snprintf(text, sizeof(text), "/a/%s/%s", faults[i].text,
                faults[k].text);
            check_refused(pdp__str(text, (size_t)len), faults[i].reason, 3);
        }
    }
}

static void
test_order_inside_a_segment(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        pdp_reason_t reason;
    } faults[] = {
        {"%zz", PDP_REASON_BAD_PERCENT},
        {"%61", PDP_REASON_OVERENCODED},
        {"%01", PDP_REASON_CONTROL},
        {"%80", PDP_REASON_NON_ASCII},
        {"%25", PDP_REASON_DELIMITER},
        {";", PDP_REASON_DELIMITER},
    };
    enum { CNT = sizeof(faults) / sizeof(faults[0]) };
    for (size_t i = 0; i < CNT; i++) {
        char text[32];
        int len;
        for (size_t k = 0; k < CNT; k++) {
            len = snprintf(text, sizeof(text), "/a%s%s", faults[i].text,
                faults[k].text);
            check_refused(pdp__str(text, (size_t)len), faults[i].reason, 2);
        }
        /* All bytes come before the dots of the same segment. */
        len = snprintf(text, sizeof(text), "/..%%2F%s", faults[i].text);
        check_refused(pdp__str(text, (size_t)len), faults[i].reason, 6);
        len = snprintf(text, sizeof(text), "/%%2F%s/b", faults[i].text);
        check_refused(pdp__str(text, (size_t)len), faults[i].reason, 4);
    }
    REFUSED("/../%zz", DOT_SEGMENT, 1);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_plain_path_is_not_copied),
        cmocka_unit_test(test_plain_path_needs_no_buffer),
        cmocka_unit_test(test_short_buffer_is_internal),
        cmocka_unit_test(test_escapes),
        cmocka_unit_test(test_canonical_has_upper_case_hex),
        cmocka_unit_test(test_every_escape),
        cmocka_unit_test(test_every_raw_byte),
        cmocka_unit_test(test_query),
        cmocka_unit_test(test_target_form),
        cmocka_unit_test(test_bad_percent),
        cmocka_unit_test(test_overencoded),
        cmocka_unit_test(test_control_and_non_ascii),
        cmocka_unit_test(test_delimiter),
        cmocka_unit_test(test_empty_segment),
        cmocka_unit_test(test_dot_segment),
        cmocka_unit_test(test_length_limit),
        cmocka_unit_test(test_longest_encoded_path),
        cmocka_unit_test(test_segment_limit),
        cmocka_unit_test(test_order_length_before_form),
        cmocka_unit_test(test_order_form_before_bytes),
        cmocka_unit_test(test_order_bytes_before_segment_count),
        cmocka_unit_test(test_order_bytes_from_the_left),
        cmocka_unit_test(test_order_segment_count_before_segments),
        cmocka_unit_test(test_order_segments_from_the_left),
        cmocka_unit_test(test_order_inside_a_segment),
    };
    return cmocka_run_group_tests_name("text/path", tests, NULL, NULL);
}
