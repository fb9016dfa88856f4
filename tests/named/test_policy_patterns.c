/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
/*
 * What the patterns of policies mean: P6 (no separator is special), P8 (the
 * literal star and question mark, and what is undefined), P9 (a policy full
 * of stars does not stop the decision point; steps are counted in
 * test_policy_matcher.c).
 *
 * P8 is data: tests/vectors/literal-patterns.tsv.  T52 is data, too: the
 * cases of two other projects, PDP_VECTORS/wildcard-match.json.  Both are
 * held against a model, which is the definition written down: which parts of
 * the text do the first tokens of the pattern match?
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <jansson.h>

#include "../unit/grant_text.h"

#include "text/glob.h"

#include "refusal.h"
#include "small_service.h"

#define ON_NAME(op, value)                                                     \
    ",{\"key\":\"resource\",\"operator\":\"" op "\",\"value\":" value "}"

/* Grants GET and denies POST, which the token's role grants, for a pattern. */
static void
load_pattern(const char *op, const char *value)
{
    char text[8192];
    int len = snprintf(text, sizeof(text),
        POLICY("p", ME, SMALL_OURS ON_NAME("%s", "%s"),
            GRANT("Reader") "," DENY("Writer")),
        op, value);

    assert_true(len > 0 && (size_t)len < sizeof(text));
    load_small(text);
    token_with(&fixture, ",\"roles\":[\"Writer\"]");
}

static void
check_pattern(const char *pattern, const char *text, bool matches)
{
    const char *target = small_target(text, true);

    if (strcmp(decide(&fixture, "GET", target, fixture.token),
            matches ? "permitted" : "no_grant") != 0 ||
        strcmp(decide(&fixture, "POST", target, fixture.token),
            matches ? "explicit_deny" : "permitted") != 0) {
        fail_msg("\"%s\" against \"%s\": not %d", pattern, text, matches);
    }
}

/* Of bytes: no case has other characters.  row[n]: the tokens read so far
 * match the first n bytes. */
static bool
model_matches(const char *pattern, const char *text)
{
    bool row[256] = {true};
    size_t len = strlen(text);

    assert_true(len < sizeof(row));
    while (*pattern != '\0') {
        bool literal = strncmp(pattern, "{{*}}", 5) == 0 ||
                       strncmp(pattern, "{{?}}", 5) == 0;
        char c = pattern[literal ? 2 : 0];
        if (c == '*' && !literal) {
            for (size_t i = 1; i <= len; i++) {
                row[i] = row[i] || row[i - 1];
            }
        } else {
            for (size_t i = len; i > 0; i--) {
                row[i] =
                    row[i - 1] && (c == text[i - 1] || (c == '?' && !literal));
            }
            row[0] = false;
        }
        pattern += literal ? 5 : 1;
    }
    return row[len];
}

static void
p06_a_wildcard_spans_every_separator(void **state)
{
    static const struct {
        const char *pattern;
        const char *text;
        bool matches;
    } cases[] = {
        {"home/*/x", "home/a/x", true},
        {"home/*/x", "home/a/b/x", true},
        {"home/*/x", "home/a/b/c/d/x", true},
        {"home/*/x", "home//x", true},
        {"home/*/x", "home/../x", true},
        {"home/*/x", "home/x", false},
        {"home/*/x", "home/a/xy", false},
        {"home/*/x", "xhome/a/x", false},
        {"*", "a/b:c@d.e-f_g", true},
        {"a*z", "a/b:c@d.e-f_g z", true},
        {"a?z", "a/z", true},
        {"a?z", "a:z", true},
        {"a?z", "a.z", true},
        {"a?z", "a@z", true},
        {"a?z", "a-z", true},
        {"a?z", "a_z", true},
        {"a?z", "a*z", true},
        {"a?z", "az", false},
        {"a?z", "a//z", false},
        {"a.z", "abz", false}, /* a dot is a dot */
        {"[ab]", "a", false},  /* and brackets are brackets */
        {"[ab]", "[ab]", true},
        {"a+", "aa", false},
        {"a|b", "a", false},
        {"us.icr.io/*", "us.icr.io/birds/woodpecker:green", true},
        {"us.icr.io/*", "us.icr.io", false},
        {"us.icr.io/*", "usXicr.io/birds", false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char value[128];

        snprintf(value, sizeof(value), "\"%s\"", cases[i].pattern);
        load_pattern("stringMatch", value);
        check_pattern(cases[i].pattern, cases[i].text, cases[i].matches);
        snprintf(value, sizeof(value), "[\"zz\",\"%s\"]", cases[i].pattern);
        load_pattern("stringMatchAnyOf", value);
        check_pattern(cases[i].pattern, cases[i].text, cases[i].matches);
    }
}

/* The whole file is refused, at the byte of the pattern that is at fault. */
static void
check_undefined(const char *pattern, size_t offset)
{
    char text[4096];

    assert_true(offset < strlen(pattern));
    snprintf(text, sizeof(text),
        POLICY("p", ME, OURS ON_NAME("stringMatch", "\"%.*s\1%s\""),
            GRANT("Reader")),
        (int)offset, pattern, pattern + offset);
    assert_refused(PDP_SOURCE_POLICIES, text, "bad_value", "malformed pattern");
    snprintf(text, sizeof(text),
        POLICY("p", ME,
            OURS ON_NAME("stringMatchAnyOf", "[\"a*\",\"%.*s\1%s\"]"),
            DENY("Reader")),
        (int)offset, pattern, pattern + offset);
    assert_refused(PDP_SOURCE_POLICIES, text, "bad_value", "malformed pattern");
    /* In the policy of a token the token is at fault. */
    load_small("[]");
    snprintf(text, sizeof(text),
        INLINE(SMALL_OURS ON_NAME("stringMatch", "\"%s\""), GRANTS("Reader")),
        pattern);
    assert_reason(as(text, "GET", "/x?name=a"), "claim_invalid");
}

static void
t52_p08_literal_stars_and_what_is_undefined(void **state)
{
    char *text = read_shared("named/literal-patterns.tsv");
    char *cursor = text;
    char *line;
    size_t matched = 0;
    size_t other = 0;
    size_t refused = 0;

    (void)state;
    assert_non_null(text); /* our own data: srcdir must lead to it */
    while ((line = next_line(&cursor)) != NULL) {
        if (line[0] == '#') {
            continue;
        }
        const char *pattern = next_field(&line);
        const char *name = next_field(&line);
        const char *answer = next_field(&line);

        if (strncmp(answer, "refused:", 8) == 0) {
            check_undefined(pattern, number(answer + 8));
            refused++;
            continue;
        }
        bool matches = strcmp(answer, "match") == 0;
        char value[128];

        assert_true(matches || strcmp(answer, "no") == 0);
        assert_int_equal(model_matches(pattern, name), matches);
        snprintf(value, sizeof(value), "\"%s\"", pattern);
        load_pattern("stringMatch", value);
        check_pattern(pattern, name, matches);
        matched += matches;
        other += !matches;
    }
    free(text);
    assert_in_range(matched, 25, 1000);
    assert_in_range(other, 15, 1000);
    assert_in_range(refused, 15, 1000);
}

/* One case: by the matcher, and by a grant and a denial.  A policy has no
 * empty pattern, and a request no empty name. */
static bool
check_case(const json_t *item)
{
    const char *text = json_string_value(json_array_get(item, 0));
    const char *pattern = json_string_value(json_array_get(item, 1));
    bool matches = json_is_true(json_array_get(item, 2));

    if (model_matches(pattern, text) != matches ||
        pdp__glob_match(pdp__str_z(pattern), pdp__str_z(text)) != matches) {
        fail_msg("\"%s\" against \"%s\": not %d", pattern, text, matches);
    }
    if (pattern[0] == '\0' || text[0] == '\0') {
        return false;
    }
    char *value = json_dumps(json_array_get(item, 1),
        JSON_ENCODE_ANY | JSON_ENSURE_ASCII);
    load_pattern("stringMatch", value);
    free(value);
    check_pattern(pattern, text, matches);
    return true;
}

static void
t52_every_external_case_is_decided_as_the_model_says(void **state)
{
    const char *folder = getenv("PDP_VECTORS");
    char path[4096];
    char *text = NULL;
    const char *name;
    json_t *source;
    size_t cnt = 0;
    size_t decided = 0;

    (void)state;
    if (folder != NULL) {
        snprintf(path, sizeof(path), "%s/wildcard-match.json", folder);
        text = read_file(path);
    }
    if (text == NULL) {
        print_message("PDP_VECTORS has no wildcard-match.json\n");
        skip();
    }
    json_t *root = json_loads(text, 0, NULL);
    assert_non_null(root);
    json_object_foreach(json_object_get(root, "sources"), name, source)
    {
        const json_t *cases = json_object_get(source, "cases");
        for (size_t i = 0; i < json_array_size(cases); i++, cnt++) {
            decided += check_case(json_array_get(cases, i));
        }
    }
    json_decref(root);
    free(text);
    assert_int_equal(cnt, 230);
    assert_in_range(decided, 160, 230);
}

/* In stringEquals nothing is an escape, so nothing is malformed. */
static void
p08_escapes_belong_to_patterns_only(void **state)
{
    (void)state;
    load_pattern("stringEquals", "\"{{*}}\"");
    check_pattern("{{*}}", "{{*}}", true);
    check_pattern("{{*}}", "*", false);
    load_pattern("stringEquals", "\"{{a\"");
    check_pattern("{{a", "{{a", true);
    load_pattern("stringEqualsAnyOf", "[\"{{\",\"{{?}}\"]");
    check_pattern("{{", "{{", true);
    check_pattern("{{?}}", "{{?}}", true);
    check_pattern("{{?}}", "?", false);
}

/* Ten patterns of 1,000 bytes, the most that a policy may bring, each of
 * which a backtracking matcher would not finish in the age of the world. */
static void
p09_policies_full_of_stars_are_decided(void **state)
{
    static char stars[1001];
    static char values[10300];
    static char policy[12000];
    char name[256];

    (void)state;
    for (size_t i = 0; i + 2 <= 998; i += 2) {
        memcpy(stars + i, "a*", 2);
    }
    memcpy(stars + 998, "bc", 3);
    for (size_t i = 0, len = 0; i < 10; i++) {
        len += (size_t)snprintf(values + len, sizeof(values) - len,
            "%s\"%s\"%s", i == 0 ? "[" : ",", stars, i == 9 ? "]" : "");
    }
    snprintf(policy, sizeof(policy),
        POLICY("p", ME, SMALL_OURS ON_NAME("stringMatchAnyOf", "%s"),
            GRANT("Reader") "," DENY("Writer")),
        values);
    load_small(policy);
    token_with(&fixture, ",\"roles\":[\"Writer\"]");
    memset(name, 'a', 255);
    name[255] = '\0';
    check_pattern("a*a*...bc", name, false);
    /* 200 of them, and one that matches. */
    stars[400] = '\0';
    snprintf(values, sizeof(values), "\"%s\"", stars);
    load_pattern("stringMatch", values);
    check_pattern("a* 200 times", name, true);
    name[254] = 'b';
    check_pattern("a* 200 times", name, true);
    name[199] = '\0';
    check_pattern("a* 200 times", name, false);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(p06_a_wildcard_spans_every_separator),
        cmocka_unit_test(t52_p08_literal_stars_and_what_is_undefined),
        cmocka_unit_test(t52_every_external_case_is_decided_as_the_model_says),
        cmocka_unit_test(p08_escapes_belong_to_patterns_only),
        cmocka_unit_test(p09_policies_full_of_stars_are_decided),
    };

    return cmocka_run_group_tests(tests, NULL, teardown);
}
