/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include "text/json_read.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "assert_text.h"

/*
 * The reader as a whole: nodes and positions, each error with its offset,
 * the limits.  Every text is read from a heap block of exactly its length,
 * so that ASan sees a byte read beyond it.  Outside vectors are in
 * test_json_vectors.c.
 */

enum { NODES_MAX = 20100, TEXT_MAX = 1 << 20 };

static struct pdp__json nodes[NODES_MAX];

/* What a copy of text is read to; the caller frees doc.text. */
static struct pdp__json_doc
read_with(pdp_str_t text, uint32_t cap)
{
    struct pdp__json_doc doc;
    char *copy = malloc(text.len == 0 ? 1 : text.len);
    assert_non_null(copy);
    memcpy(copy, text.ptr, text.len);
    bool good = pdp__json_read(copy, text.len, nodes, cap, &doc);
    assert_int_equal(good, doc.error == PDP__JSON_OK);
    assert_ptr_equal(doc.nodes, nodes);
    assert_int_equal(doc.len, text.len);
    if (good) {
        assert_true(doc.cnt > 0 && doc.cnt <= cap);
        assert_true(doc.cnt <= pdp__json_node_bound(text));
        assert_int_equal(doc.error_offset, 0);
    } else {
        assert_int_equal(doc.cnt, 0);
        assert_true(doc.error_offset <= text.len);
    }
    return doc;
}

static void
assert_error(pdp_str_t text, enum pdp__json_error error, size_t offset)
{
    struct pdp__json_doc doc = read_with(text, NODES_MAX);
    free(doc.text);
    if (doc.error != error || doc.error_offset != offset) {
        fail_msg("%.*s: %s at %zu, not %s at %zu", (int)text.len, text.ptr,
            pdp__json_error_text(doc.error), doc.error_offset,
            pdp__json_error_text(error), offset);
    }
}

static void
assert_reads(pdp_str_t text)
{
    assert_error(text, PDP__JSON_OK, 0);
}

static void
test_nodes(void **state)
{
    (void)state;
    static const struct {
        uint8_t type, depth;
        uint32_t offset, cnt, end;
        const char *key, *text;
    } expected[] = {
        {PDP__JSON_OBJECT, 0, 1, 4, 10, "", ""},
        {PDP__JSON_ARRAY, 1, 7, 3, 5, "a", ""},
        {PDP__JSON_NUMBER, 2, 8, 0, 3, "", "-1.5e3"},
        {PDP__JSON_STRING, 2, 16, 0, 4, "", "x\ny"},
        {PDP__JSON_NULL, 2, 23, 0, 5, "", ""},
        {PDP__JSON_OBJECT, 1, 36, 2, 8, "bc", ""},
        {PDP__JSON_TRUE, 2, 41, 0, 7, "", ""},
        {PDP__JSON_FALSE, 2, 50, 0, 8, "e", ""},
        {PDP__JSON_ARRAY, 1, 62, 0, 9, "f", ""},
        {PDP__JSON_OBJECT, 1, 71, 0, 10, "g", ""},
    };
    struct pdp__json_doc doc = read_with(
        PDP__LIT("\t{ \"a\":[-1.5e3, \"x\\ny\",null],\r\n\"bc\":{\"\": true,"
                 "\"e\":false },\"f\":[  ],\"g\":{}} \n"),
        NODES_MAX);

    assert_int_equal(doc.error, PDP__JSON_OK);
    assert_int_equal(doc.cnt, 10);
    for (uint32_t i = 0; i < doc.cnt; i++) {
        assert_int_equal(doc.nodes[i].type, expected[i].type);
        assert_int_equal(doc.nodes[i].depth, expected[i].depth);
        assert_int_equal(doc.nodes[i].offset, expected[i].offset);
        assert_int_equal(doc.nodes[i].cnt, expected[i].cnt);
        assert_int_equal(doc.nodes[i].end, expected[i].end);
        assert_str(pdp__json_key(&doc, i), expected[i].key);
        assert_str(pdp__json_text(&doc, i), expected[i].text);
    }
    free(doc.text);
}

static void
test_positions_are_of_the_original(void **state)
{
    (void)state;
    /* escapes before a value do not move it */
    pdp_str_t text =
        PDP__LIT("{\"\\u0061\\n\" : \"\\ud83d\\ude00\", \"k\":[\"\\/\",7]}");
    struct pdp__json_doc doc = read_with(text, NODES_MAX);

    assert_int_equal(doc.error, PDP__JSON_OK);
    assert_int_equal(doc.nodes[1].key_off, 2);
    assert_str(pdp__json_key(&doc, 1), "a\n");
    assert_int_equal(doc.nodes[1].offset, 14);
    assert_int_equal(doc.nodes[1].text_off, 15);
    assert_str(pdp__json_text(&doc, 1), "\xF0\x9F\x98\x80");
    assert_int_equal(text.ptr[doc.nodes[2].key_off - 1], '"');
    assert_int_equal(doc.nodes[2].key_off, 31);
    assert_int_equal(doc.nodes[2].offset, 34);
    assert_int_equal(doc.nodes[3].offset, 35);
    assert_int_equal(doc.nodes[3].key_off, 0);
    assert_str(pdp__json_text(&doc, 3), "/");
    assert_int_equal(doc.nodes[4].offset, 40);
    assert_int_equal(doc.nodes[4].text_off, 40);
    free(doc.text);
}

static void
test_root_of_any_type(void **state)
{
    (void)state;
    static const struct {
        pdp_str_t text;
        uint8_t type;
    } cases[] = {
        {PDP__LIT_INIT("null"), PDP__JSON_NULL},
        {PDP__LIT_INIT(" false"), PDP__JSON_FALSE},
        {PDP__LIT_INIT("true\n"), PDP__JSON_TRUE},
        {PDP__LIT_INIT("0"), PDP__JSON_NUMBER},
        {PDP__LIT_INIT("\"\""), PDP__JSON_STRING},
        {PDP__LIT_INIT("[]"), PDP__JSON_ARRAY},
        {PDP__LIT_INIT("{ }"), PDP__JSON_OBJECT},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct pdp__json_doc doc = read_with(cases[i].text, 1);
        assert_int_equal(doc.error, PDP__JSON_OK);
        assert_int_equal(doc.cnt, 1);
        assert_int_equal(doc.nodes[0].type, cases[i].type);
        assert_int_equal(doc.nodes[0].end, 1);
        assert_int_equal(doc.nodes[0].cnt, 0);
        free(doc.text);
    }
}

#define E(name) PDP__JSON_E_##name

static void
test_errors(void **state)
{
    (void)state;
    static const struct {
        pdp_str_t text;
        enum pdp__json_error error;
        size_t offset;
    } cases[] = {
        {PDP__LIT_INIT(""), E(SYNTAX), 0},
        {PDP__LIT_INIT(" \t"), E(SYNTAX), 2},
        {PDP__LIT_INIT("\v1"), E(SYNTAX), 0},
        {PDP__LIT_INIT("\0"), E(SYNTAX), 0},
        {PDP__LIT_INIT("\xEF\xBB\xBF{}"), E(SYNTAX), 0},
        {PDP__LIT_INIT("nul"), E(SYNTAX), 3},
        {PDP__LIT_INIT("nulL"), E(SYNTAX), 3},
        {PDP__LIT_INIT("True"), E(SYNTAX), 0},
        {PDP__LIT_INIT("fals "), E(SYNTAX), 4},
        {PDP__LIT_INIT("NaN"), E(SYNTAX), 0},
        {PDP__LIT_INIT("[Infinity]"), E(SYNTAX), 1},
        {PDP__LIT_INIT("+1"), E(SYNTAX), 0},
        {PDP__LIT_INIT(".5"), E(SYNTAX), 0},
        {PDP__LIT_INIT("-"), E(SYNTAX), 1},
        {PDP__LIT_INIT("[-]"), E(SYNTAX), 2},
        {PDP__LIT_INIT("01"), E(SYNTAX), 1},
        {PDP__LIT_INIT("[-012]"), E(SYNTAX), 3},
        {PDP__LIT_INIT("[1.]"), E(SYNTAX), 3},
        {PDP__LIT_INIT("[1e]"), E(SYNTAX), 3},
        {PDP__LIT_INIT("[1e+]"), E(SYNTAX), 4},
        {PDP__LIT_INIT("[1.5.5]"), E(SYNTAX), 4},
        {PDP__LIT_INIT("[0x1]"), E(SYNTAX), 2},
        {PDP__LIT_INIT("["), E(SYNTAX), 1},
        {PDP__LIT_INIT("]"), E(SYNTAX), 0},
        {PDP__LIT_INIT("[1"), E(SYNTAX), 2},
        {PDP__LIT_INIT("[1,"), E(SYNTAX), 3},
        {PDP__LIT_INIT("[1,]"), E(SYNTAX), 3},
        {PDP__LIT_INIT("[,1]"), E(SYNTAX), 1},
        {PDP__LIT_INIT("[1 2]"), E(SYNTAX), 3},
        {PDP__LIT_INIT("[1}"), E(SYNTAX), 2},
        {PDP__LIT_INIT("[1:2]"), E(SYNTAX), 2},
        {PDP__LIT_INIT("[\xC3\xA9]"), E(SYNTAX), 1},
        {PDP__LIT_INIT("{"), E(SYNTAX), 1},
        {PDP__LIT_INIT("{1:2}"), E(SYNTAX), 1},
        {PDP__LIT_INIT("{'a':2}"), E(SYNTAX), 1},
        {PDP__LIT_INIT("{a:2}"), E(SYNTAX), 1},
        {PDP__LIT_INIT("{\"a\"}"), E(SYNTAX), 4},
        {PDP__LIT_INIT("{\"a\",1}"), E(SYNTAX), 4},
        {PDP__LIT_INIT("{\"a\":}"), E(SYNTAX), 5},
        {PDP__LIT_INIT("{\"a\":1"), E(SYNTAX), 6},
        {PDP__LIT_INIT("{\"a\":1]"), E(SYNTAX), 6},
        {PDP__LIT_INIT("{\"a\":1,}"), E(SYNTAX), 7},
        {PDP__LIT_INIT("{\"a\":1,2}"), E(SYNTAX), 7},
        {PDP__LIT_INIT("{\"a\":1 \"b\":2}"), E(SYNTAX), 7},
        {PDP__LIT_INIT("{,}"), E(SYNTAX), 1},
        {PDP__LIT_INIT("/**/1"), E(SYNTAX), 0},
        {PDP__LIT_INIT("[1]//"), E(TRAILING), 3},
        {PDP__LIT_INIT("1 2"), E(TRAILING), 2},
        {PDP__LIT_INIT("[] ]"), E(TRAILING), 3},
        {PDP__LIT_INIT("{}{}"), E(TRAILING), 2},
        {PDP__LIT_INIT("1\0"), E(TRAILING), 1},
        {PDP__LIT_INIT("nullx"), E(TRAILING), 4},
        {PDP__LIT_INIT("\"a\"\xFF"), E(TRAILING), 3},
        {PDP__LIT_INIT("\""), E(SYNTAX), 1},
        {PDP__LIT_INIT("[\"a\\\"]"), E(SYNTAX), 6},
        {PDP__LIT_INIT("{\"a"), E(SYNTAX), 3},
        {PDP__LIT_INIT("[\"\x1F\"]"), E(CONTROL), 2},
        {PDP__LIT_INIT("[\"a\nb\"]"), E(CONTROL), 3},
        {PDP__LIT_INIT("[\"ab\0\"]"), E(CONTROL), 4},
        {PDP__LIT_INIT("[\"\\n\t\"]"), E(CONTROL), 4},
        {PDP__LIT_INIT("{\"a\tb\":1}"), E(CONTROL), 3},
        {PDP__LIT_INIT("[\"\\x\"]"), E(ESCAPE), 2},
        {PDP__LIT_INIT("[\"ok\\u12G4\"]"), E(ESCAPE), 4},
        {PDP__LIT_INIT("[\"\\ud800\"]"), E(ESCAPE), 2},
        {PDP__LIT_INIT("{\"\\udc00\":1}"), E(ESCAPE), 2},
        {PDP__LIT_INIT("[\"\\u0000\"]"), E(NUL), 2},
        {PDP__LIT_INIT("{\"ab\\u0000\":1}"), E(NUL), 4},
        {PDP__LIT_INIT("[\"\xC0\xAF\"]"), E(UTF8), 2},
        {PDP__LIT_INIT("[\"\xC3\xA9\xED\xA0\x80\"]"), E(UTF8), 4},
        {PDP__LIT_INIT("[\"\\n\xFF\"]"), E(UTF8), 4},
        {PDP__LIT_INIT("{\"\x80\":1}"), E(UTF8), 2},
        {PDP__LIT_INIT("[\"\xE2\x82"), E(UTF8), 2},
        {PDP__LIT_INIT("[9223372036854775808]"), E(NUMBER), 1},
        {PDP__LIT_INIT("[0,-9223372036854775809]"), E(NUMBER), 3},
        {PDP__LIT_INIT(" 1e308"), E(NUMBER), 1},
        {PDP__LIT_INIT("{\"a\":1,\"a\":2}"), E(DUPLICATE), 7},
        {PDP__LIT_INIT("{\"a\":1, \"\\u0061\" :2}"), E(DUPLICATE), 8},
        {PDP__LIT_INIT("{\"\":1,\"\":2}"), E(DUPLICATE), 6},
        {PDP__LIT_INIT("[{\"b\":{\"x\":[],\"x\":0}}]"), E(DUPLICATE), 14},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_error(cases[i].text, cases[i].error, cases[i].offset);
    }
}

static void
test_first_fault_is_told(void **state)
{
    (void)state;
    /* a duplicate is found at the end of its object */
    assert_error(PDP__LIT("{\"a\":1,\"a\":2,}"), E(SYNTAX), 13);
    assert_error(PDP__LIT("{\"a\":1,\"a\":2} x"), E(DUPLICATE), 7);
    assert_error(PDP__LIT("{\"a\":0,\"b\":0,\"b\":0,\"a\":0}"), E(DUPLICATE),
        13);
    assert_error(PDP__LIT("{\"a\":0,\"a\":{\"b\":0,\"b\":0}}"), E(DUPLICATE),
        18);
    assert_error(PDP__LIT("[\"\\x\xFF\"]"), E(ESCAPE), 2);
    assert_error(PDP__LIT("[\"\xFF\\x\"]"), E(UTF8), 2);
}

static void
test_same_names_in_different_objects(void **state)
{
    (void)state;
    assert_reads(PDP__LIT("{\"a\":{\"a\":{\"a\":1}},\"b\":[{\"a\":1},"
                          "{\"a\":2}],\"A\":0,\"a \":0,\"aa\":0,\"\":0}"));
}

/* Each proper prefix of a text is an error at its own end. */
static void
test_every_prefix(void **state)
{
    (void)state;
    pdp_str_t text =
        PDP__LIT(" { \"a\\n\" : [ -1.5e+10 , true , false , null ] , \"b\" : "
                 "{ \"\\ud83d\\ude00\\u00e9 long enough\" : \"\\\\\\\"\" } , "
                 "\"c\" : 0 , \"d\" : { } , \"e\" : [ ] }");
    assert_reads(text);
    for (size_t len = 0; len < text.len; len++) {
        assert_error(pdp__str(text.ptr, len), E(SYNTAX), len);
    }
}

/* Each byte where a value, a name, and what follows a value is wanted. */
static void
test_every_byte(void **state)
{
    (void)state;
    for (int c = 0; c < 256; c++) {
        char value[] = {'[', (char)c, ']'};
        char name[] = {'{', (char)c, '}'};
        char after[] = {'[', '1', (char)c, ']'};
        char space[] = {(char)c, '1'};
        bool is_space = c == ' ' || c == '\t' || c == '\n' || c == '\r';
        bool is_digit = c >= '0' && c <= '9';

        if (is_space || is_digit) {
            assert_reads(pdp__str(value, 3));
            assert_reads(pdp__str(after, 4));
        } else if (c == '{' || c == '"') {
            /* `[{]`, `["]`: the fault is further on */
            assert_error(pdp__str(value, 3), E(SYNTAX), c == '{' ? 2 : 3);
        } else if (c != ']' && c != '[' && c != '-' && c != 't' && c != 'f' &&
                   c != 'n') {
            assert_error(pdp__str(value, 3), E(SYNTAX), 1);
        }
        if (is_space || c == '}') {
            assert_int_equal(c == '}', !is_space);
        } else {
            assert_error(pdp__str(name, 3), E(SYNTAX), c == '"' ? 3 : 1);
        }
        if (!is_space && !is_digit && strchr("]],.eE", c) == NULL) {
            assert_error(pdp__str(after, 4), E(SYNTAX), 2);
        }
        if (is_space) {
            assert_reads(pdp__str(space, 2));
        }
    }
}

/* cnt brackets, a value, cnt closing ones. */
static pdp_str_t
nested(char *room, size_t cnt, const char *open, const char *close)
{
    size_t len = 0;
    for (size_t i = 0; i < cnt; i++) {
        memcpy(room + len, open, strlen(open));
        len += strlen(open);
    }
    room[len++] = '7';
    for (size_t i = 0; i < cnt; i++) {
        memcpy(room + len, close, strlen(close));
        len += strlen(close);
    }
    return pdp__str(room, len);
}

static void
test_depth(void **state)
{
    (void)state;
    char room[1000];

    struct pdp__json_doc doc = read_with(nested(room, 32, "[", "]"), 33);
    assert_int_equal(doc.error, PDP__JSON_OK);
    assert_int_equal(doc.cnt, 33);
    assert_int_equal(doc.nodes[31].depth, 31);
    assert_int_equal(doc.nodes[32].depth, 32);
    assert_int_equal(doc.nodes[0].end, 33);
    free(doc.text);

    assert_reads(nested(room, 32, "{\"a\":", "}"));
    assert_error(nested(room, 33, "[", "]"), E(DEPTH), 32);
    assert_error(nested(room, 33, "{\"a\":", "}"), E(DEPTH), 32 * 5);
    assert_error(nested(room, 100, "[", "]"), E(DEPTH), 32);

    /* the limit is of open brackets, not of all */
    char many[1024];
    size_t len = 0;
    many[len++] = '[';
    for (int i = 0; i < 100; i++) {
        memcpy(many + len, "[[]],", 5);
        len += 5;
    }
    many[len - 1] = ']';
    assert_reads(pdp__str(many, len));
}

static void
test_node_cap(void **state)
{
    (void)state;
    pdp_str_t text = PDP__LIT("{\"a\": [1, {}], \"b\": \"x\"}");
    static const size_t offsets[] = {0, 6, 7, 10, 20};

    for (uint32_t cap = 0; cap < 5; cap++) {
        struct pdp__json_doc doc = read_with(text, cap);
        assert_int_equal(doc.error, E(NODES));
        assert_int_equal(doc.error_offset, offsets[cap]);
        free(doc.text);
    }
    struct pdp__json_doc doc = read_with(text, 5);
    assert_int_equal(doc.error, PDP__JSON_OK);
    free(doc.text);
}

static void
test_no_text(void **state)
{
    (void)state;
    struct pdp__json_doc doc;

    assert_false(pdp__json_read(NULL, 0, nodes, NODES_MAX, &doc));
    assert_int_equal(doc.error, E(SYNTAX));
    assert_int_equal(doc.error_offset, 0);
}

static void
test_text_over_4_gib(void **state)
{
    (void)state;
#if SIZE_MAX > UINT32_MAX
    char text[] = "1"; /* nothing of it is looked at */
    struct pdp__json_doc doc;

    assert_false(
        pdp__json_read(text, (size_t)UINT32_MAX + 1, nodes, NODES_MAX, &doc));
    assert_int_equal(doc.error, E(NODES));
    assert_int_equal(doc.error_offset, 0);
#else
    skip();
#endif
}

/* An object of cnt members "k<i>", but member `odd` is called as spelt. */
static pdp_str_t
many_members(char *room, size_t cap, int cnt, int odd, const char *spelt)
{
    size_t len = 0;
    for (int i = 0; i < cnt; i++) {
        char name[32];
        (void)snprintf(name, sizeof(name), "k%d", i);
        len += (size_t)snprintf(room + len, cap - len, "%c\"%s\":[%d]",
            i == 0 ? '{' : ',', i == odd ? spelt : name, i);
    }
    room[len++] = '}';
    return pdp__str(room, len);
}

static void
test_10000_members(void **state)
{
    (void)state;
    size_t cap = TEXT_MAX;
    char *room = malloc(cap);
    assert_non_null(room);

    pdp_str_t text = many_members(room, cap, 10000, -1, "");
    struct pdp__json_doc doc = read_with(text, NODES_MAX);
    assert_int_equal(doc.error, PDP__JSON_OK);
    assert_int_equal(doc.cnt, 20001);
    assert_int_equal(doc.nodes[0].cnt, 10000);
    free(doc.text);

    static const struct {
        int odd;
        const char *spelt;
    } cases[] = {{9999, "k0"}, {9999, "k\\u0039998"}, {1, "\\u006B0"},
        {5000, "k4999"}};
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        text = many_members(room, cap, 10000, cases[i].odd, cases[i].spelt);
        char mark[64];
        (void)snprintf(mark, sizeof(mark), "\"%s\":[%d]", cases[i].spelt,
            cases[i].odd);
        room[text.len] = '\0';
        const char *at = strstr(room, mark);
        assert_non_null(at);
        assert_error(text, E(DUPLICATE), (size_t)(at - room));
    }
    free(room);
}

/* Around the size at which the reader changes its way. */
static void
test_duplicate_at_any_place(void **state)
{
    (void)state;
    char room[4096];
    for (int cnt = 2; cnt <= 70; cnt++) {
        assert_reads(many_members(room, sizeof(room), cnt, -1, ""));
        for (int odd = 1; odd < cnt; odd++) {
            for (int twin = 0; twin < odd; twin += 1 + odd / 4) {
                char name[32];
                (void)snprintf(name, sizeof(name), "\\u006b%d", twin);
                pdp_str_t text =
                    many_members(room, sizeof(room), cnt, odd, name);
                room[text.len] = '\0';
                const char *at = strstr(room, "\"\\u006b");
                assert_non_null(at);
                assert_error(text, E(DUPLICATE), (size_t)(at - room));
            }
        }
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nodes),
        cmocka_unit_test(test_positions_are_of_the_original),
        cmocka_unit_test(test_root_of_any_type),
        cmocka_unit_test(test_errors),
        cmocka_unit_test(test_first_fault_is_told),
        cmocka_unit_test(test_same_names_in_different_objects),
        cmocka_unit_test(test_every_prefix),
        cmocka_unit_test(test_every_byte),
        cmocka_unit_test(test_depth),
        cmocka_unit_test(test_node_cap),
        cmocka_unit_test(test_no_text),
        cmocka_unit_test(test_text_over_4_gib),
        cmocka_unit_test(test_10000_members),
        cmocka_unit_test(test_duplicate_at_any_place),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
