/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include "common/yaml.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/*
 * YAML -> JSON: what it becomes, what is refused and where.  Positions are
 * those of an editor: lines from 1, columns from 1 in bytes.
 */

#include "text/json_read.h"

#define Y(text) pdp__str(text, sizeof(text) - 1)

static void
assert_json(pdp_str_t text, const char *json)
{
    struct pdp__yaml yaml;
    bool done = pdp__yaml_convert(text, &yaml);
    if (!done) {
        print_message("%u:%u: %s\n", yaml.line, yaml.column, yaml.message);
    }
    assert_true(done);
    assert_string_equal(yaml.json.ptr, json);
    pdp__yaml_free(&yaml);
}

static void
assert_refused(pdp_str_t text, const char *code, uint32_t line, uint32_t column,
    const char *message)
{
    struct pdp__yaml yaml;
    assert_false(pdp__yaml_convert(text, &yaml));
    assert_string_equal(yaml.code, code);
    assert_int_equal(yaml.line, line);
    assert_int_equal(yaml.column, column);
    if (message != NULL) {
        assert_string_equal(yaml.message, message);
    }
    pdp__yaml_free(&yaml);
}

static void
test_collections(void **state)
{
    (void)state;
    assert_json(Y("a: 1\nb:\n  - x\n  - {c: d}\n"),
        "{\"a\":1,\"b\":[\"x\",{\"c\":\"d\"}]}");
    assert_json(Y("- - 1\n  - 2\n- []\n- {}\n"), "[[1,2],[],{}]");
    assert_json(Y("{a: [1, 2], b: {}}"), "{\"a\":[1,2],\"b\":{}}");
    assert_json(Y("{\"a\": [true, null], \"b\": \"x\"}"),
        "{\"a\":[true,null],\"b\":\"x\"}");
    assert_json(Y("--- \na: b\n...\n"), "{\"a\":\"b\"}");
    assert_json(Y("# a comment\nx\n"), "\"x\"");
}

/* The JSON schema of YAML 1.2, and nothing of YAML 1.1. */
static void
test_plain_scalars(void **state)
{
    (void)state;
    assert_json(Y("[null, true, false]"), "[null,true,false]");
    assert_json(Y("[0, -0, 12, -7, 1.5, -0.25, 1e9, 1E+2, 2e-3]"),
        "[0,-0,12,-7,1.5,-0.25,1e9,1E+2,2e-3]");
    assert_json(Y("[Null, TRUE, ~, yes, no, on, off]"),
        "[\"Null\",\"TRUE\",\"~\",\"yes\",\"no\",\"on\",\"off\"]");
    assert_json(Y("[01, 0x10, 0o7, +1, 1., .5, 1e, 1_000, .inf, 1:30]"),
        "[\"01\",\"0x10\",\"0o7\",\"+1\",\"1.\",\".5\",\"1e\","
        "\"1_000\",\".inf\",\"1:30\"]");
    assert_json(Y("[-, 1e+, --1, 1.5.2, 1-2]"),
        "[\"-\",\"1e+\",\"--1\",\"1.5.2\",\"1-2\"]");
    assert_json(Y("a:\nb: x\n"), "{\"a\":null,\"b\":\"x\"}");
}

static void
test_quoted_scalars_and_keys_are_strings(void **state)
{
    (void)state;
    assert_json(Y("['1', \"true\", 'null', \"\"]"),
        "[\"1\",\"true\",\"null\",\"\"]");
    assert_json(Y("1: a\ntrue: b\nnull: c\n"),
        "{\"1\":\"a\",\"true\":\"b\",\"null\":\"c\"}");
    assert_json(Y("a: |\n  1\n  2\nb: >\n  x\n  y\n"),
        "{\"a\":\"1\\n2\\n\",\"b\":\"x y\\n\"}");
    assert_json(Y("\"q\\\"\\\\\\t\\u00e9\""), "\"q\\\"\\\\\\t\xc3\xa9\"");
    /* a merge key is only a key */
    assert_json(Y("<<: x\n"), "{\"<<\":\"x\"}");
}

static void
test_features_refused(void **state)
{
    (void)state;
    assert_refused(Y("a: &x 1\n"), "yaml_feature", 1, 4,
        "anchors are not allowed");
    assert_refused(Y("a: 1\nb: *x\n"), "yaml_feature", 2, 4,
        "aliases are not allowed");
    assert_refused(Y("- &x [1]\n"), "yaml_feature", 1, 3,
        "anchors are not allowed");
    assert_refused(Y("- &x {a: 1}\n"), "yaml_feature", 1, 3,
        "anchors are not allowed");
    assert_refused(Y("a:\n  b: !!str 1\n"), "yaml_feature", 2, 6,
        "tags are not allowed");
    assert_refused(Y("a: !x [1]\n"), "yaml_feature", 1, 4,
        "tags are not allowed");
    assert_refused(Y("a: ! {b: 1}\n"), "yaml_feature", 1, 4,
        "tags are not allowed");
    assert_refused(Y("a: 1\n---\nb: 2\n"), "yaml_feature", 2, 1,
        "a second document is not allowed");
    assert_refused(Y("%YAML 1.2\n---\na: 1\n"), "yaml_feature", 1, 1,
        "directives are not allowed");
    assert_refused(Y("%TAG ! tag:x,1:\n---\na: 1\n"), "yaml_feature", 1, 1,
        "directives are not allowed");
    assert_refused(Y("? [a, b]\n: 1\n"), "yaml_feature", 1, 3,
        "a key must be a scalar");
    assert_refused(Y("{{a: b}: 1}\n"), "yaml_feature", 1, 2,
        "a key must be a scalar");
}

/* libyaml ends lines where no editor does: a comment could hold members. */
static void
test_hidden_line_ends(void **state)
{
    (void)state;
    const char *message =
        "the line ends U+0085, U+2028 and U+2029 are not allowed";
    assert_refused(Y("a: 1 # x\xc2\x85"
                     "b: 2\n"),
        "yaml_feature", 1, 9, message);
    assert_refused(Y("a: 1\n# x\xe2\x80\xa8"
                     "b: 2\n"),
        "yaml_feature", 2, 4, message);
    assert_refused(Y("a: \"\xe2\x80\xa9\""), "yaml_feature", 1, 5, message);
    /* but they may be escaped, and their neighbours are fine */
    assert_json(Y("\"\\u2028\""), "\"\\u2028\"");
    assert_json(Y("a: \xe2\x80\xa6\n"), "{\"a\":\"\xe2\x80\xa6\"}");
}

static void
test_syntax_errors(void **state)
{
    (void)state;
    assert_refused(Y("a: [1, 2\n"), "yaml_syntax", 2, 1, NULL);
    assert_refused(Y("a: 1\n b: 2\n"), "yaml_syntax", 2, 3, NULL);
    assert_refused(Y("a: 'x\n"), "yaml_syntax", 2, 1, NULL);
    assert_refused(Y("\ta: 1\n"), "yaml_syntax", 1, 1, NULL);
    assert_refused(Y("a: \xff\n"), "yaml_syntax", 1, 4, NULL);
    assert_refused(Y("a: b\x00\n"), "yaml_syntax", 1, 5, NULL);
    assert_refused(Y(""), "yaml_syntax", 1, 1, "the document is empty");
    assert_refused(Y("# only a comment\n"), "yaml_syntax", 1, 1,
        "the document is empty");
}

static void
test_depth(void **state)
{
    (void)state;
    struct pdp__string text = {0};
    pdp__string_fill(&text, '[', PDP__YAML_DEPTH_MAX);
    pdp__string_fill(&text, ']', PDP__YAML_DEPTH_MAX);
    assert_json(pdp__string_get(&text), text.ptr);
    text.len = 0;
    pdp__string_fill(&text, '[', PDP__YAML_DEPTH_MAX + 1);
    pdp__string_fill(&text, ']', PDP__YAML_DEPTH_MAX + 1);
    assert_refused(pdp__string_get(&text), "yaml_feature", 1,
        PDP__YAML_DEPTH_MAX + 1, "the document is nested too deeply");
    pdp__string_free(&text);
}

static void
test_positions(void **state)
{
    (void)state;
    /* offsets:  { "k" : [ "v" ...; columns count bytes, so the value after
     * the two-byte letter is one further than it looks */
    static const struct {
        size_t offset;
        uint32_t line, column;
    } want[] = {
        {0, 1, 1},  /* the mapping */
        {1, 1, 1},  /* "k\u00e9" */
        {7, 2, 3},  /* the sequence */
        {8, 2, 5},  /* "v" */
        {12, 3, 5}, /* 7 */
        {15, 4, 1}, /* "n" */
        {19, 4, 4}, /* {} */
    };
    struct pdp__yaml yaml;
    assert_true(
        pdp__yaml_convert(Y("k\xc3\xa9:\n  - v\r\n  - 7\nn: {}\n"), &yaml));
    assert_string_equal(yaml.json.ptr, "{\"k\xc3\xa9\":[\"v\",7],\"n\":{}}");
    assert_int_equal(yaml.position_cnt, sizeof(want) / sizeof(want[0]));
    for (size_t i = 0; i < yaml.position_cnt; i++) {
        assert_int_equal(yaml.positions[i].offset, want[i].offset);
        assert_int_equal(yaml.positions[i].line, want[i].line);
        assert_int_equal(yaml.positions[i].column, want[i].column);
    }
    pdp__yaml_free(&yaml);
}

/* Byte columns after letters of several bytes on the same line. */
static void
test_position_counts_bytes(void **state)
{
    (void)state;
    struct pdp__yaml yaml;
    assert_true(pdp__yaml_convert(Y("{\xc3\xa9: 1, b: 2}"), &yaml));
    assert_int_equal(yaml.position_cnt, 5);
    assert_int_equal(yaml.positions[3].column, 9);
    pdp__yaml_free(&yaml);
}

/* Whatever is taken is JSON for the library's strict reader. */
static void
test_output_is_json(void **state)
{
    (void)state;
    struct pdp__yaml yaml;
    assert_true(pdp__yaml_convert(
        Y("a: \"\\x01\\x7f\\u0085\"\nb: [\xf0\x9f\x90\xa6]\n"), &yaml));
    struct pdp__json nodes[16];
    struct pdp__json_doc doc;
    assert_true(pdp__json_read(yaml.json.ptr, yaml.json.len, nodes, 16, &doc));
    pdp__yaml_free(&yaml);
    /* U+0000 is for the reader to refuse */
    assert_true(pdp__yaml_convert(Y("\"\\0\""), &yaml));
    assert_false(pdp__json_read(yaml.json.ptr, yaml.json.len, nodes, 16, &doc));
    assert_int_equal(doc.error, PDP__JSON_E_NUL);
    pdp__yaml_free(&yaml);
}

static void
test_size_limit(void **state)
{
    (void)state;
    struct pdp__string text = {0};
    pdp__string_fill(&text, ' ', PDP__YAML_MAX + 1);
    assert_refused(pdp__string_get(&text), "yaml_syntax", 1, 1,
        "the document exceeds 16 MiB");
    pdp__string_free(&text);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_collections),
        cmocka_unit_test(test_plain_scalars),
        cmocka_unit_test(test_quoted_scalars_and_keys_are_strings),
        cmocka_unit_test(test_features_refused),
        cmocka_unit_test(test_hidden_line_ends),
        cmocka_unit_test(test_syntax_errors),
        cmocka_unit_test(test_depth),
        cmocka_unit_test(test_positions),
        cmocka_unit_test(test_position_counts_bytes),
        cmocka_unit_test(test_output_is_json),
        cmocka_unit_test(test_size_limit),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
