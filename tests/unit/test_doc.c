/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
/* The typed reader: lines and columns, members, types, hints. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "failing_mem.h"
#include "service_util.h"

static struct loaded l;
static struct pdp__doc doc;

static void
open_text(const char *marked)
{
    open_builder(&l);
    strip_marks(&l, marked);
    open_doc(&l, &doc);
}

/* The document cannot be read; one finding, at the mark. */
static void
check_unreadable(const char *marked, const char *code, const char *hint)
{
    const struct want wants[] = {{code, hint}};
    open_text(marked);
    assert_false(doc.readable);
    check_findings(&l, PDP_SEVERITY_NOTE, wants, 1);
    close_builder(&l);
}

static void
test_json_errors(void **state)
{
    (void)state;
    check_unreadable("\1", "json_syntax", "the text is empty");
    check_unreadable("{\n \"a\": \1x}", "json_syntax",
        "names and strings are in double quotes");
    check_unreadable("[1]\n\1]", "json_syntax",
        "one document, one value; is a bracket closed too early?");
    check_unreadable("{\"a\":1,\n\1\"a\":2}", "duplicate_member", NULL);
    check_unreadable("[\"\1\xFF\"]", "json_syntax", "save the text as UTF-8");
    check_unreadable("[1,\1999999999999999999999]", "bad_value",
        "if it is a name or an id, put it in quotes");
    check_unreadable("[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[\1[[]]]]]]]]]]]]]]]]]]]]"
                     "]]]]]]]]]]]]]]]",
        "limit", NULL);
}

static void
test_places(void **state)
{
    (void)state;
    open_text("{\r\n  \"a\": [1,\n2],\n\"b\\u0041\" : \"x\\n\"}\n");
    assert_true(doc.readable);
    assert_int_equal(doc.line_cnt, 5);
    uint32_t a = pdp__json_member(&doc.json, 0, PDP__LIT("a"));
    uint32_t b = pdp__json_member(&doc.json, 0, PDP__LIT("bA"));
    struct pdp__place at = pdp__doc_place(&doc, 0);
    assert_int_equal(at.line, 1);
    assert_int_equal(at.column, 1);
    assert_true(pdp__str_eq(at.source, PDP__LIT("service.json")));
    at = pdp__doc_place(&doc, a);
    assert_int_equal(at.line, 2);
    assert_int_equal(at.column, 8);
    at = pdp__doc_place_key(&doc, a);
    assert_int_equal(at.line, 2);
    assert_int_equal(at.column, 3);
    at = pdp__doc_place(&doc, a + 2);
    assert_int_equal(at.line, 3);
    assert_int_equal(at.column, 1);
    at = pdp__doc_place_key(&doc, b);
    assert_int_equal(at.line, 4);
    assert_int_equal(at.column, 1);
    /* Escapes: no byte of the text can be pointed at. */
    at = pdp__doc_place_text(&doc, b, 1);
    assert_int_equal(at.line, 4);
    assert_int_equal(at.column, 13);
    close_builder(&l);
}

static void
test_places_in_a_string(void **state)
{
    (void)state;
    open_text("[\n \"abc\"]");
    struct pdp__place at = pdp__doc_place_text(&doc, 1, 2);
    assert_int_equal(at.line, 2);
    assert_int_equal(at.column, 5);
    at = pdp__doc_place_text(&doc, 1, 3);
    assert_int_equal(at.column, 6);
    close_builder(&l);
}

/* A document made from another notation is reported in that one. */
static void
test_position_map(void **state)
{
    static const pdp_position_t positions[] = {{0, 10, 1}, {5, 12, 7},
        {9, 20, 3}};
    pdp_source_t source = {
        .size = sizeof(source),
        .kind = PDP_SOURCE_TRUST,
        .name = PDP__LIT("t.yaml"),
        .text = PDP__LIT("{\"a\":[1,2],\"b\":3}"),
        .positions = positions,
        .position_cnt = 3,
    };
    static const struct {
        size_t offset;
        uint32_t line, column;
    } cases[] = {{0, 10, 1}, {4, 10, 1}, {5, 12, 7}, {8, 12, 7}, {9, 20, 3},
        {16, 20, 3}};
    (void)state;
    open_builder(&l);
    assert_int_equal(pdp__doc_open(&l.arena, l.report, &source, &doc), PDP_OK);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct pdp__place at = pdp__doc_place_offset(&doc, cases[i].offset);
        assert_int_equal(at.line, cases[i].line);
        assert_int_equal(at.column, cases[i].column);
    }
    assert_int_equal(doc.kind, PDP_SOURCE_TRUST);
    close_builder(&l);
}

static void
test_members(void **state)
{
    uint32_t nodes[5];
    const struct pdp__member members[] = {
        {"name", true, PDP__JSON_STRING, &nodes[0]},
        {"flag", true, PDP__JSON_TRUE, &nodes[1]},
        {"list", false, PDP__JSON_ARRAY, &nodes[2]},
        {"any", false, -1, &nodes[3]},
        {"gone", true, PDP__JSON_NUMBER, &nodes[4]},
    };
    static const char *const ignored[] = {"href", "created_at", NULL};
    const struct want wants[] = {{"missing_member", NULL}, {"wrong_type", NULL},
        {"unknown_member", "did you mean \"list\"?"}, {"unknown_member", NULL}};
    (void)state;
    open_text("\1{\"flag\":false,\"any\":null,\"href\":1,\n\"name\":\0015,\n"
              "\1\"lits\":[],\1\"\xC3\xA4\xC3\xB6\":0}");
    assert_true(pdp__doc_object(&doc, 0, members, 5, ignored));
    assert_int_equal(nodes[0], 0);
    assert_int_not_equal(nodes[1], 0);
    assert_int_equal(nodes[2], 0);
    assert_int_not_equal(nodes[3], 0);
    assert_int_equal(nodes[4], 0);
    check_findings(&l, PDP_SEVERITY_NOTE, wants, 4);
    close_builder(&l);
}

static void
test_not_an_object(void **state)
{
    uint32_t node = 7;
    const struct pdp__member members[] = {{"a", true, -1, &node}};
    const struct want wants[] = {{"wrong_type", NULL}};
    (void)state;
    open_text("[\1[]]");
    assert_false(pdp__doc_object(&doc, 1, members, 1, NULL));
    assert_int_equal(node, 0);
    check_findings(&l, PDP_SEVERITY_NOTE, wants, 1);
    close_builder(&l);
}

static void
test_types(void **state)
{
    static const enum pdp__json_type types[] = {PDP__JSON_NULL, PDP__JSON_TRUE,
        PDP__JSON_NUMBER, PDP__JSON_STRING, PDP__JSON_ARRAY, PDP__JSON_OBJECT};
    (void)state;
    open_text("[null,true,1,\"\",[],{}]");
    for (uint32_t i = 0; i < 6; i++) {
        for (uint32_t k = 0; k < 6; k++) {
            size_t before = pdp_report_errors(l.report);
            assert_int_equal(pdp__doc_is(&doc, i + 1, types[k]), i == k);
            assert_int_equal(pdp_report_errors(l.report),
                before + (i == k ? 0 : 1));
        }
    }
    assert_true(pdp__doc_is(&doc, 2, PDP__JSON_FALSE)); /* any boolean */
    pdp_finding_t f = {.size = sizeof(f)};
    assert_int_equal(pdp_report_at(l.report, 0, &f), PDP_OK);
    assert_true(
        pdp__str_eq(f.message, PDP__LIT("this must be a boolean, not null")));
    close_builder(&l);
}

static void
test_hint(void **state)
{
    const pdp_str_t names[] = {PDP__LIT("alpha"), PDP__LIT("beta")};
    char buf[PDP__HINT_CAP];
    (void)state;
    assert_string_equal(pdp__doc_hint(buf, sizeof(buf), PDP__LIT("btea"), names,
                            2),
        "did you mean \"beta\"?");
    assert_null(pdp__doc_hint(buf, sizeof(buf), PDP__LIT("zzzz"), names, 2));
    assert_null(pdp__doc_hint(buf, sizeof(buf), PDP__LIT("beta"), names, 0));
    assert_null(pdp__doc_hint(buf, 10, PDP__LIT("beta"), names, 2));
    assert_null(pdp__doc_hint(buf, 0, PDP__LIT("beta"), names, 2));
}

static void
test_out_of_memory(void **state)
{
    pdp_source_t source = {
        .size = sizeof(source),
        .kind = PDP_SOURCE_SERVICE,
        .name = PDP__LIT("x"),
        .text = PDP__LIT("{\"a\":1}"),
    };
    (void)state;
    open_builder(&l);
    for (size_t n = 0;; n++) {
        struct failing_mem failing_state = {.left = n};
        pdp_mem_t mem = failing(&failing_state);
        struct pdp__arena arena;
        pdp__arena_init(&arena, &mem);
        pdp_status_t status = pdp__doc_open(&arena, l.report, &source, &doc);
        pdp__arena_free(&arena);
        assert_int_equal(failing_state.live, 0);
        if (status == PDP_OK) {
            break;
        }
        assert_int_equal(status, PDP_E_NOMEM);
    }
    close_builder(&l);
}

/* What a message repeats of a document has a limit. */
static void
test_what_is_shown_of_a_text(void **state)
{
    static const size_t lens[][2] = {{0, 0}, {1, 1}, {199, 199}, {200, 200},
        {201, 200}, {(size_t)INT32_MAX + 1, 200}, {SIZE_MAX, 200}};

    (void)state;
    for (size_t i = 0; i < sizeof(lens) / sizeof(lens[0]); i++) {
        assert_int_equal(pdp__arg_len((pdp_str_t){"", lens[i][0]}), lens[i][1]);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_json_errors),
        cmocka_unit_test(test_places),
        cmocka_unit_test(test_places_in_a_string),
        cmocka_unit_test(test_position_map),
        cmocka_unit_test(test_members),
        cmocka_unit_test(test_not_an_object),
        cmocka_unit_test(test_types),
        cmocka_unit_test(test_hint),
        cmocka_unit_test(test_out_of_memory),
        cmocka_unit_test(test_what_is_shown_of_a_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
