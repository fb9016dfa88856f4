/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include "text/suggest.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* Which candidate is near enough to be named. */

#define SUGGEST(name, ...)                                                     \
    pdp__suggest(pdp__str_z(name), (const pdp_str_t[]){__VA_ARGS__},           \
        sizeof((const pdp_str_t[]){__VA_ARGS__}) / sizeof(pdp_str_t))
#define C(s) PDP__LIT_INIT(s)

static void
test_one_edit_of_each_kind(void **state)
{
    (void)state;
    assert_int_equal(SUGGEST("actin", C("route"), C("action")), 1);
    assert_int_equal(SUGGEST("acttion", C("route"), C("action")), 1);
    assert_int_equal(SUGGEST("axtion", C("route"), C("action")), 1);
    assert_int_equal(SUGGEST("atcion", C("route"), C("action")), 1);
    assert_int_equal(SUGGEST("ACTION", C("route"), C("action")), 1);
    assert_int_equal(SUGGEST("action", C("actions"), C("action")), 1);
}

static void
test_limits(void **state)
{
    (void)state;
    /* up to 4 bytes 1, up to 8 bytes 2, beyond 3 */
    assert_int_equal(SUGGEST("abcd", C("abcx")), 0);
    assert_int_equal(SUGGEST("abcd", C("abxx")), -1);
    assert_int_equal(SUGGEST("abcde", C("abcxx")), 0);
    assert_int_equal(SUGGEST("abcde", C("abxxx")), -1);
    assert_int_equal(SUGGEST("abcdefgh", C("abcdefxx")), 0);
    assert_int_equal(SUGGEST("abcdefgh", C("abcdexxx")), -1);
    assert_int_equal(SUGGEST("abcdefghi", C("abcdefxxx")), 0);
    assert_int_equal(SUGGEST("abcdefghi", C("abcdexxxx")), -1);
    assert_int_equal(SUGGEST("abcdefghi", C("abcdefghixyz")), 0);
    assert_int_equal(SUGGEST("abcdefghi", C("abcdefghiwxyz")), -1);
    /* a swap is one edit, not two */
    assert_int_equal(SUGGEST("abdc", C("abcd")), 0);
    assert_int_equal(SUGGEST("badc", C("abcd")), -1);
    /* something of the name must be left */
    assert_int_equal(SUGGEST("a", C("b")), -1);
    assert_int_equal(SUGGEST("a", C("ab")), -1);
    assert_int_equal(SUGGEST("a", C("A")), 0);
    assert_int_equal(SUGGEST("ab", C("ax")), 0);
}

static void
test_nearest_and_first(void **state)
{
    (void)state;
    assert_int_equal(SUGGEST("resourse", C("resorce"), C("resource"),
                         C("resources")),
        1);
    assert_int_equal(SUGGEST("cat", C("bat"), C("car"), C("hat")), 0);
    assert_int_equal(SUGGEST("car", C("bat"), C("bar"), C("cars")), 1);
    assert_int_equal(SUGGEST("cat", C("bat"), C("CAT"), C("cat")), 1);
}

static void
test_nothing_to_compare(void **state)
{
    (void)state;
    static const char as[] =
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
    assert_int_equal(sizeof(as) - 1, 65);
    pdp_str_t longest = pdp__str(as, 64);
    pdp_str_t too_long = pdp__str(as, 65);
    pdp_str_t shorter = pdp__str(as, 62);

    assert_int_equal(pdp__suggest(longest, &shorter, 1), 0);
    assert_int_equal(pdp__suggest(shorter, &longest, 1), 0);
    assert_int_equal(pdp__suggest(longest, &longest, 1), 0);
    assert_int_equal(pdp__suggest(too_long, &too_long, 1), -1);
    assert_int_equal(pdp__suggest(longest, &too_long, 1), -1);
    assert_int_equal(pdp__suggest(longest, NULL, 0), -1);
    assert_int_equal(SUGGEST("", C("a"), C("")), -1);
    assert_int_equal(SUGGEST("ab", C("")), -1);
    assert_int_equal(pdp__suggest((pdp_str_t){NULL, 0}, &longest, 1), -1);
    assert_int_equal(SUGGEST("ab\xFF", {NULL, 0}, C("ab\xFE")), 1);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_one_edit_of_each_kind),
        cmocka_unit_test(test_limits),
        cmocka_unit_test(test_nearest_and_first),
        cmocka_unit_test(test_nothing_to_compare),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
