/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */

/*
 * text/glob.c: 230 cases others published, the literal forms, malformed
 * patterns, characters, patterns that stop a backtracking matcher, and a
 * comparison with a table that says for every prefix of the pattern whether
 * it matches every prefix of the text.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>
#include <jansson.h>

#include "text/glob.h"
#include "text/utf8.h"

enum {
    VECTOR_CNT = 230,
    TOKEN_MAX = 32,
    ANY_ONE = -1,
    ANY_RUN = -2,
    PAIR_CNT = 20000
};

static void
check(pdp_str_t pattern, pdp_str_t text, bool expected)
{
    if (pdp__glob_match(pattern, text) != expected) {
        fail_msg("\"%.*s\" against \"%.*s\": not %d", (int)pattern.len,
            pattern.ptr, (int)text.len, text.ptr, expected);
    }
}

#define MATCH(pattern, text) check(PDP__LIT(pattern), PDP__LIT(text), true)
#define NO_MATCH(pattern, text) check(PDP__LIT(pattern), PDP__LIT(text), false)

static void
test_basics(void **state)
{
    (void)state;
    MATCH("", "");
    NO_MATCH("", "a");
    NO_MATCH("a", "");
    MATCH("*", "");
    MATCH("***", "");
    NO_MATCH("?", "");
    NO_MATCH("*?", "");
    NO_MATCH("?*", "");
    MATCH("?", "a");
    NO_MATCH("?", "ab");
    MATCH("abc", "abc");
    NO_MATCH("abc", "ABC");
    NO_MATCH("abc", "abcd");
    NO_MATCH("abcd", "abc");
    MATCH("birds*", "birds/woodpecker");
    MATCH("home/*/x", "home/a/b/x"); /* no separator is special */
    MATCH("*:*", "crn:v1:");
    MATCH("a*b*c", "abbcbc");
    NO_MATCH("a*b*c", "abbcb");
    MATCH("*a", "aa");
    MATCH("a*", "aa");
    assert_true(pdp__glob_match(pdp__str(NULL, 0), pdp__str(NULL, 0)));
    assert_true(pdp__glob_match(PDP__LIT("*"), pdp__str(NULL, 0)));
    assert_false(pdp__glob_match(pdp__str(NULL, 0), PDP__LIT("a")));
}

static void
test_any_byte(void **state)
{
    (void)state;
    MATCH("a*b", "a\0\n\r/\xFF"
                 "b");
    MATCH("a?b", "a\0b");
    MATCH("a?b", "a\nb");
    MATCH("a\0b", "a\0b");
    NO_MATCH("a\0b", "a\0c");
    NO_MATCH("[a]", "a");
    NO_MATCH("\\*", "*");
    MATCH("\\*", "\\x");
}

static void
test_literals(void **state)
{
    (void)state;
    MATCH("{{*}}", "*");
    NO_MATCH("{{*}}", "a");
    NO_MATCH("{{*}}", "{{*}}");
    NO_MATCH("{{*}}", "{{x}}");
    NO_MATCH("{{*}}", "");
    MATCH("{{?}}", "?");
    NO_MATCH("{{?}}", "a");
    MATCH("a{{*}}b", "a*b");
    NO_MATCH("a{{*}}b", "axb");
    MATCH("*{{*}}*", "ab*cd");
    MATCH("*{{*}}*", "*");
    NO_MATCH("*{{*}}*", "abcd");
    MATCH("{{*}}{{?}}", "*?");
    MATCH("{{*}}*", "*abc");
    MATCH("?{{?}}", "a?");
    NO_MATCH("?{{?}}", "?a");
    MATCH("{*}", "{abc}");
    MATCH("{", "{");
    MATCH("}}", "}}");
    MATCH("a{b", "a{b");
    MATCH("{?}", "{x}");
    MATCH("{{*}}}", "*}");
    MATCH("{ {", "{ {");
    /* The text is never a pattern. */
    NO_MATCH("a", "*");
    NO_MATCH("a", "?");
    NO_MATCH("{{*}}a", "{{*}}a");
}

static void
check_malformed(const char *pattern, size_t expected)
{
    size_t offset = 99;
    assert_false(pdp__glob_check(pdp__str_z(pattern), &offset));
    assert_int_equal(offset, expected);
    check(pdp__str_z(pattern), pdp__str_z(pattern), false);
    check(pdp__str_z(pattern), PDP__LIT("*"), false);
    check(pdp__str_z(pattern), PDP__LIT(""), false);
}

static void
test_malformed(void **state)
{
    (void)state;
    check_malformed("{{", 0);
    check_malformed("{{*", 0);
    check_malformed("{{*}", 0);
    check_malformed("{{?}", 0);
    check_malformed("{{}}", 0);
    check_malformed("{{a}}", 0);
    check_malformed("{{**}}", 0);
    check_malformed("{{*}x", 0);
    check_malformed("{{?}*}", 0);
    check_malformed("{{*x}}", 0);
    check_malformed("{{*?}}", 0);
    check_malformed("{{{*}}", 0);
    check_malformed("ab{{c", 2);
    check_malformed("*{{", 1);
    check_malformed("{{*}}{{*}", 5);
    check_malformed("{{*}}*{{x}}", 6);
    check_malformed("a{{{{*}}", 1);
    check_malformed("\xC3\xA9{{", 2);
}

static void
test_malformed_stops_at_the_end(void **state)
{
    (void)state;
    /* What follows the slice would complete the token. */
    for (size_t len = 2; len < 5; len++) {
        size_t offset = 99;
        pdp_str_t pattern = pdp__str("{{*}}", len);
        assert_false(pdp__glob_check(pattern, &offset));
        assert_int_equal(offset, 0);
        check(pattern, PDP__LIT("*"), false);
    }
}

static void
test_malformed_end_matches_nothing(void **state)
{
    (void)state;
    NO_MATCH("abc*{{", "abc");
    NO_MATCH("abc*{{", "abc{{");
    NO_MATCH("abc*{{", "abcx{{");
    NO_MATCH("*{{x", "{{x");
}

static void
test_well_formed(void **state)
{
    (void)state;
    static const char *const patterns[] = {"", "*", "?", "**", "{{*}}", "{{?}}",
        "{", "{*}", "}}", "{}", "{{*}}{{?}}x{", "{{*}}}}", "\xFF"};
    for (size_t i = 0; i < sizeof(patterns) / sizeof(patterns[0]); i++) {
        size_t offset = 99;
        assert_true(pdp__glob_check(pdp__str_z(patterns[i]), &offset));
        assert_int_equal(offset, 99);
    }
}

static void
test_characters(void **state)
{
    (void)state;
    MATCH("?", "\xC3\xA9"); /* e acute */
    NO_MATCH("??", "\xC3\xA9");
    MATCH("?", "\xF0\x9F\x90\xA6"); /* a bird */
    MATCH("a?c", "a\xE2\x82\xAC"
                 "c");               /* euro sign */
    NO_MATCH("*??", "\xE2\x82\xAC"); /* no star takes a third of it */
    MATCH("*??", "\xE2\x82\xAC\xE2\x82\xAC");
    NO_MATCH("*???", "\xE2\x82\xAC\xE2\x82\xAC");
    MATCH("*\xE2\x82\xAC", "\xE2\x82\xAC\xE2\x82\xAC");
    NO_MATCH("\xC3\xA9", "\xC3\xA8");
    MATCH("\xC3\xA9*", "\xC3\xA9t\xC3\xA9");
    /* Not UTF-8: one byte each. */
    MATCH("?", "\xFF");
    MATCH("??", "\xC3\xC3");
    MATCH("???", "\xE2\x82x");
    NO_MATCH("?", "\xE2\x82");
    MATCH("\xFF", "\xFF");
    /* A byte is not a piece of a character. */
    NO_MATCH("\xC3*", "\xC3\xA9");
    NO_MATCH("*\xA9", "\xC3\xA9");
}

static void
test_many_stars_end(void **state)
{
    (void)state;
    /* Backtracking into every star would take longer than the universe. */
    static char pattern[1024];
    static char text[1000];
    for (size_t i = 0; i < 200; i++) {
        memcpy(pattern + 2 * i, "a*", 2);
    }
    memset(text, 'a', sizeof(text));
    check(pdp__str(pattern, 400), pdp__str(text, sizeof(text)), true);
    check(pdp__str(pattern, 400), pdp__str(text, 200), true);
    check(pdp__str(pattern, 400), pdp__str(text, 199), false);
    pattern[400] = 'b';
    check(pdp__str(pattern, 401), pdp__str(text, sizeof(text)), false);
    text[999] = 'b';
    check(pdp__str(pattern, 401), pdp__str(text, sizeof(text)), true);
    memset(pattern, '*', sizeof(pattern));
    check(pdp__str(pattern, sizeof(pattern)), pdp__str(text, 1000), true);
    pattern[1023] = 'x';
    check(pdp__str(pattern, sizeof(pattern)), pdp__str(text, 1000), false);
}

static int32_t
model_character(pdp_str_t s, size_t *at)
{
    size_t len = pdp__utf8_sequence(s, *at);
    int32_t value = len == 0 ? 0x1000000 : 0;
    for (size_t i = 0; i < (len == 0 ? 1 : len); i++) {
        /* Only equality matters: the bytes are the number. */
        value = (int32_t)((uint32_t)value << (i == 0 ? 0 : 7)) +
                (unsigned char)s.ptr[(*at)++];
    }
    return value;
}

/* How many tokens, or -1 for a malformed pattern. */
static int
model_tokens(pdp_str_t s, bool pattern, int32_t *tokens)
{
    int cnt = 0;
    size_t at = 0;
    while (at < s.len) {
        if (pattern && pdp__str_starts(pdp__str_from(s, at), PDP__LIT("{{"))) {
            pdp_str_t rest = pdp__str_from(s, at);
            bool star = pdp__str_starts(rest, PDP__LIT("{{*}}"));
            if (!star && !pdp__str_starts(rest, PDP__LIT("{{?}}"))) {
                return -1;
            }
            tokens[cnt++] = star ? '*' : '?';
            at += 5;
        } else if (pattern && (s.ptr[at] == '*' || s.ptr[at] == '?')) {
            tokens[cnt++] = s.ptr[at] == '*' ? ANY_RUN : ANY_ONE;
            at++;
        } else {
            tokens[cnt++] = model_character(s, &at);
        }
    }
    return cnt;
}

static bool
model_match(pdp_str_t pattern, pdp_str_t text)
{
    int32_t p[TOKEN_MAX];
    int32_t t[TOKEN_MAX];
    bool table[TOKEN_MAX + 1][TOKEN_MAX + 1] = {{true}};
    int pattern_cnt = model_tokens(pattern, true, p);
    int text_cnt = model_tokens(text, false, t);

    if (pattern_cnt < 0) {
        return false;
    }
    for (int i = 1; i <= pattern_cnt; i++) {
        for (int k = 0; k <= text_cnt; k++) {
            if (p[i - 1] == ANY_RUN) {
                table[i][k] = table[i - 1][k] || (k > 0 && table[i][k - 1]);
            } else {
                table[i][k] = k > 0 && table[i - 1][k - 1] &&
                              (p[i - 1] == ANY_ONE || p[i - 1] == t[k - 1]);
            }
        }
    }
    return table[pattern_cnt][text_cnt];
}

static uint32_t
next_random(uint32_t *seed)
{
    /* xorshift32: the same pairs on every machine */
    *seed ^= *seed << 13;
    *seed ^= *seed >> 17;
    *seed ^= *seed << 5;
    return *seed >> 8;
}

static size_t
make_text(uint32_t *seed, const char *const *pieces, size_t cnt,
    size_t pieces_max, char *out)
{
    size_t len = 0;
    size_t wanted = next_random(seed) % (pieces_max + 1);
    for (size_t i = 0; i < wanted; i++) {
        const char *piece = pieces[next_random(seed) % cnt];
        memcpy(out + len, piece, strlen(piece));
        len += strlen(piece);
    }
    return len;
}

static void
test_against_model(void **state)
{
    (void)state;
    static const char *const pattern_pieces[] = {"a", "b", "a", "b", "*", "*",
        "?", "{{*}}", "{{?}}", "{", "\xC3\xA9", "\xA9", "}"};
    static const char *const text_pieces[] = {"a", "b", "a", "b", "ab", "*",
        "?", "{", "\xC3\xA9", "\xE2\x82\xAC", "\xC3", "\xA9", "}"};
    enum {
        PATTERN_PIECES = sizeof(pattern_pieces) / sizeof(pattern_pieces[0]),
        TEXT_PIECES = sizeof(text_pieces) / sizeof(text_pieces[0])
    };
    uint32_t seed = 20261121;
    uint32_t matches = 0;
    for (int i = 0; i < PAIR_CNT; i++) {
        char pattern[64];
        char text[64];
        /* Half of the pairs use letters and wildcards only, to match more. */
        bool plain = i % 2 == 0;
        size_t pattern_len = make_text(&seed, pattern_pieces,
            plain ? 7 : PATTERN_PIECES, 7, pattern);
        size_t text_len =
            make_text(&seed, text_pieces, plain ? 5 : TEXT_PIECES, 8, text);
        bool expected = model_match(pdp__str(pattern, pattern_len),
            pdp__str(text, text_len));
        matches += expected ? 1 : 0;
        check(pdp__str(pattern, pattern_len), pdp__str(text, text_len),
            expected);
    }
    assert_in_range(matches, PAIR_CNT / 20, PAIR_CNT / 2);
}

static pdp_str_t
json_str(const json_t *value)
{
    return pdp__str(json_string_value(value), json_string_length(value));
}

static void
test_vectors(void **state)
{
    (void)state;
    const char *folder = getenv("PDP_VECTORS");
    char name[1024];
    const char *source_name;
    json_t *source;
    size_t cnt = 0;

    if (folder == NULL) {
        print_message("PDP_VECTORS is not set\n");
        skip();
    }
    (void)snprintf(name, sizeof(name), "%s/wildcard-match.json", folder);
    json_t *root = json_load_file(name, JSON_ALLOW_NUL, NULL);
    if (root == NULL) {
        print_message("no %s\n", name);
        skip();
    }
    json_object_foreach(json_object_get(root, "sources"), source_name, source)
    {
        const json_t *cases = json_object_get(source, "cases");
        for (size_t i = 0; i < json_array_size(cases); i++, cnt++) {
            const json_t *item = json_array_get(cases, i);
            check(json_str(json_array_get(item, 1)),
                json_str(json_array_get(item, 0)),
                json_is_true(json_array_get(item, 2)));
        }
    }
    json_decref(root);
    assert_int_equal(cnt, VECTOR_CNT);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_basics),
        cmocka_unit_test(test_any_byte),
        cmocka_unit_test(test_literals),
        cmocka_unit_test(test_malformed),
        cmocka_unit_test(test_malformed_stops_at_the_end),
        cmocka_unit_test(test_malformed_end_matches_nothing),
        cmocka_unit_test(test_well_formed),
        cmocka_unit_test(test_characters),
        cmocka_unit_test(test_many_stars_end),
        cmocka_unit_test(test_against_model),
        cmocka_unit_test(test_vectors),
    };
    return cmocka_run_group_tests_name("text/glob", tests, NULL, NULL);
}
