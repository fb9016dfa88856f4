/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include "text/json_read.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* Members, pointers, the node bound and the words for errors. */

enum { NODES_MAX = 64, TEXT_MAX = 512 };

static char room[TEXT_MAX];
static struct pdp__json nodes[NODES_MAX];

static struct pdp__json_doc
read_doc(pdp_str_t text)
{
    struct pdp__json_doc doc;
    assert_true(text.len <= sizeof(room));
    memcpy(room, text.ptr, text.len);
    assert_true(pdp__json_read(room, text.len, nodes, NODES_MAX, &doc));
    return doc;
}

static void
test_member(void **state)
{
    (void)state;
    struct pdp__json_doc doc =
        read_doc(PDP__LIT("{\"iss\":{\"sub\":1},\"su\\u0062\":2,\"\":3,"
                          "\"list\":[{\"x\":4}],\"Sub\":5}"));

    assert_int_equal(pdp__json_member(&doc, 0, PDP__LIT("iss")), 1);
    assert_int_equal(pdp__json_member(&doc, 0, PDP__LIT("sub")), 3);
    assert_int_equal(pdp__json_member(&doc, 1, PDP__LIT("sub")), 2);
    assert_int_equal(pdp__json_member(&doc, 0, PDP__LIT("")), 4);
    assert_int_equal(pdp__json_member(&doc, 0, PDP__LIT("list")), 5);
    assert_int_equal(pdp__json_member(&doc, 0, PDP__LIT("Sub")), 8);
    assert_int_equal(pdp__json_member(&doc, 0, PDP__LIT("SUB")), 0);
    assert_int_equal(pdp__json_member(&doc, 0, PDP__LIT("x")), 0);
    assert_int_equal(pdp__json_member(&doc, 0, PDP__LIT("su")), 0);
    assert_int_equal(pdp__json_member(&doc, 0, PDP__LIT("sub\0")), 0);
    /* items and scalars have no names */
    assert_int_equal(pdp__json_member(&doc, 5, PDP__LIT("")), 0);
    assert_int_equal(pdp__json_member(&doc, 3, PDP__LIT("")), 0);
    assert_int_equal(pdp__json_member(&doc, 6, PDP__LIT("x")), 7);
}

static void
test_each(void **state)
{
    (void)state;
    struct pdp__json_doc doc =
        read_doc(PDP__LIT("[[1,2],{\"a\":[3]},\"x\",[],4]"));
    static const uint32_t expected[] = {1, 4, 7, 8, 9};
    uint32_t cnt = 0;

    PDP__JSON_EACH(&doc, 0, child)
    {
        assert_int_equal(child, expected[cnt]);
        cnt++;
    }
    assert_int_equal(cnt, doc.nodes[0].cnt);
    PDP__JSON_EACH(&doc, 8, child)
    {
        fail_msg("an empty array has no child %u", child);
    }
}

#define POINTER(...)                                                           \
    pdp__json_pointer(&doc, (const pdp_str_t[]){__VA_ARGS__},                  \
        sizeof((const pdp_str_t[]){__VA_ARGS__}) / sizeof(pdp_str_t))
#define T(s) PDP__LIT_INIT(s)

static void
test_pointer(void **state)
{
    (void)state;
    struct pdp__json_doc doc =
        read_doc(PDP__LIT("{\"account\":{\"bss\":\"x\"},\"a\":[10,[20,30],"
                          "{\"0\":40}],\"m/n\":50,\"\":60,\"~\":70}"));

    assert_int_equal(pdp__json_pointer(&doc, NULL, 0), 0);
    assert_int_equal(POINTER(T("account")), 1);
    assert_int_equal(POINTER(T("account"), T("bss")), 2);
    assert_int_equal(POINTER(T("account"), T("bss"), T("x")), 0);
    assert_int_equal(POINTER(T("account"), T("ims")), 0);
    assert_int_equal(POINTER(T("a"), T("0")), 4);
    assert_int_equal(POINTER(T("a"), T("1"), T("1")), 7);
    assert_int_equal(POINTER(T("a"), T("2"), T("0")), 9);
    assert_int_equal(POINTER(T("a"), T("3")), 0);
    assert_int_equal(POINTER(T("a"), T("-")), 0);
    assert_int_equal(POINTER(T("a"), T("")), 0);
    assert_int_equal(POINTER(T("a"), T("00")), 0);
    assert_int_equal(POINTER(T("a"), T("01")), 0);
    assert_int_equal(POINTER(T("a"), T("+1")), 0);
    assert_int_equal(POINTER(T("a"), T("1 ")), 0);
    assert_int_equal(POINTER(T("a"), T("4294967296")), 0);
    assert_int_equal(POINTER(T("a"), T("18446744073709551616")), 0);
    assert_int_equal(POINTER(T("m/n")), 10);
    assert_int_equal(POINTER(T("")), 11);
    assert_int_equal(POINTER(T("~")), 12);
    assert_int_equal(POINTER(T("m~1n")), 0); /* tokens are decoded already */

    doc = read_doc(PDP__LIT("[[5]]"));
    assert_int_equal(POINTER(T("0"), T("0")), 2);
    doc = read_doc(PDP__LIT("\"x\""));
    assert_int_equal(POINTER(T("0")), 0);
}

static void
test_node_bound(void **state)
{
    (void)state;
    static const struct {
        pdp_str_t text;
        uint32_t bound;
    } cases[] = {
        {PDP__LIT_INIT(""), 1},
        {PDP__LIT_INIT("7"), 1},
        {PDP__LIT_INIT("\",[{\""), 1},
        {PDP__LIT_INIT("\"\\\",\\\\\",,"), 3},
        {PDP__LIT_INIT("[]"), 2},
        {PDP__LIT_INIT("[1]"), 2},
        {PDP__LIT_INIT("[1,2,3]"), 4},
        {PDP__LIT_INIT("{\"a\":[1,{\"b\":2}],\"c\":\"x,y\"}"), 6},
        {PDP__LIT_INIT("[[[["), 5},
        {PDP__LIT_INIT("\"\\"), 1},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_int_equal(pdp__json_node_bound(cases[i].text), cases[i].bound);
    }
    pdp_str_t text = cases[7].text;
    assert_int_equal(read_doc(text).cnt, cases[7].bound);
    assert_int_equal(pdp__json_node_bound((pdp_str_t){NULL, 0}), 1);
}

static void
test_error_text(void **state)
{
    (void)state;
    for (int a = PDP__JSON_OK; a <= PDP__JSON_E_TRAILING; a++) {
        const char *text = pdp__json_error_text((enum pdp__json_error)a);
        assert_true(strlen(text) > 4);
        assert_string_not_equal(text, "unknown error");
        for (int b = PDP__JSON_OK; b < a; b++) {
            assert_string_not_equal(text,
                pdp__json_error_text((enum pdp__json_error)b));
        }
    }
    assert_string_equal(pdp__json_error_text((enum pdp__json_error)15),
        "unknown error");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_member),
        cmocka_unit_test(test_each),
        cmocka_unit_test(test_pointer),
        cmocka_unit_test(test_node_bound),
        cmocka_unit_test(test_error_text),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
