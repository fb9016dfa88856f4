/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include "base/str.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "pdp/status.h"

/* The inline helpers on slices, and the two guard macros. */

static const pdp_str_t absent = {NULL, 0};

static void
test_make(void **state)
{
    (void)state;
    static const pdp_str_t table[] = {PDP__LIT_INIT("ab"), PDP__LIT_INIT("")};

    assert_int_equal(PDP__LIT("a\0b").len, 3);
    assert_int_equal(table[0].len, 2);
    assert_int_equal(table[1].len, 0);
    assert_int_equal(pdp__str_z("abc").len, 3);
    assert_int_equal(pdp__str("abc", 2).len, 2);
}

static void
test_eq(void **state)
{
    (void)state;
    assert_true(pdp__str_eq(PDP__LIT("abc"), PDP__LIT("abc")));
    assert_false(pdp__str_eq(PDP__LIT("abc"), PDP__LIT("abd")));
    assert_false(pdp__str_eq(PDP__LIT("abc"), PDP__LIT("abcd")));
    assert_false(pdp__str_eq(PDP__LIT("abc"), PDP__LIT("ABC")));
    assert_false(pdp__str_eq(PDP__LIT("a\0b"), PDP__LIT("a\0c")));
    assert_true(pdp__str_eq(absent, PDP__LIT("")));
    assert_true(pdp__str_eq(absent, absent));
}

static void
test_starts(void **state)
{
    (void)state;
    assert_true(pdp__str_starts(PDP__LIT("iam-x"), PDP__LIT("iam-")));
    assert_true(pdp__str_starts(PDP__LIT("iam-"), PDP__LIT("iam-")));
    assert_false(pdp__str_starts(PDP__LIT("iam"), PDP__LIT("iam-")));
    assert_false(pdp__str_starts(PDP__LIT("Iam-"), PDP__LIT("iam-")));
    assert_true(pdp__str_starts(PDP__LIT("x"), absent));
    assert_true(pdp__str_starts(absent, absent));
}

static void
test_from(void **state)
{
    (void)state;
    pdp_str_t s = PDP__LIT("abc");

    assert_true(pdp__str_eq(pdp__str_from(s, 0), s));
    assert_true(pdp__str_eq(pdp__str_from(s, 2), PDP__LIT("c")));
    assert_int_equal(pdp__str_from(s, 3).len, 0);
    assert_non_null(pdp__str_from(s, 3).ptr);
}

static void
test_lower_is_ascii_only(void **state)
{
    (void)state;
    for (int c = 0; c < 256; c++) {
        int expected = c >= 'A' && c <= 'Z' ? c + 32 : c;

        assert_int_equal((unsigned char)pdp__lower((char)c), expected);
    }
}

static void
test_eq_nocase(void **state)
{
    (void)state;
    assert_true(pdp__str_eq_nocase(PDP__LIT("Host"), PDP__LIT("hOST")));
    assert_false(pdp__str_eq_nocase(PDP__LIT("Host"), PDP__LIT("Hosts")));
    assert_false(pdp__str_eq_nocase(PDP__LIT("[a"), PDP__LIT("{a")));
    assert_false(
        pdp__str_eq_nocase(PDP__LIT("\xC3\x89"), PDP__LIT("\xC3\xA9")));
    assert_true(pdp__str_eq_nocase(absent, PDP__LIT("")));
}

static void
test_find(void **state)
{
    (void)state;
    pdp_str_t s = PDP__LIT("a.b.c");

    assert_int_equal(pdp__str_find(s, '.', 0), 1);
    assert_int_equal(pdp__str_find(s, '.', 1), 1);
    assert_int_equal(pdp__str_find(s, '.', 2), 3);
    assert_int_equal(pdp__str_find(s, '.', 4), 5);
    assert_int_equal(pdp__str_find(s, '.', 5), 5);
    assert_int_equal(pdp__str_find(s, '.', 99), 5);
    assert_int_equal(pdp__str_find(s, 'x', 0), 5);
    assert_int_equal(pdp__str_find(absent, 'x', 0), 0);
    assert_int_equal(pdp__str_find(PDP__LIT("a\0b"), 'b', 0), 2);
}

static int
sign(int value)
{
    return (value > 0) - (value < 0);
}

static void
test_cmp(void **state)
{
    (void)state;
    static const pdp_str_t sorted[] = {PDP__LIT_INIT(""), PDP__LIT_INIT("\0"),
        PDP__LIT_INIT("A"), PDP__LIT_INIT("a"), PDP__LIT_INIT("ab"),
        PDP__LIT_INIT("b"), PDP__LIT_INIT("\x80")};
    const int cnt = (int)(sizeof(sorted) / sizeof(sorted[0]));

    for (int i = 0; i < cnt; i++) {
        for (int j = 0; j < cnt; j++) {
            assert_int_equal(sign(pdp__str_cmp(sorted[i], sorted[j])),
                sign(i - j));
        }
    }
    assert_int_equal(pdp__str_cmp(absent, PDP__LIT("")), 0);
}

static pdp_status_t
guarded(pdp_status_t status, bool condition, int *reached)
{
    PDP_TRY(status);
    ++*reached;
    PDP_ENSURE(condition, PDP_E_LIMIT);
    ++*reached;
    return PDP_OK;
}

static void
test_guards(void **state)
{
    (void)state;
    int reached = 0;

    assert_int_equal(guarded(PDP_E_NOMEM, true, &reached), PDP_E_NOMEM);
    assert_int_equal(reached, 0);
    assert_int_equal(guarded(PDP_OK, false, &reached), PDP_E_LIMIT);
    assert_int_equal(reached, 1);
    assert_int_equal(guarded(PDP_OK, true, &reached), PDP_OK);
    assert_int_equal(reached, 3);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_make),
        cmocka_unit_test(test_eq),
        cmocka_unit_test(test_starts),
        cmocka_unit_test(test_from),
        cmocka_unit_test(test_lower_is_ascii_only),
        cmocka_unit_test(test_eq_nocase),
        cmocka_unit_test(test_find),
        cmocka_unit_test(test_cmp),
        cmocka_unit_test(test_guards),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
