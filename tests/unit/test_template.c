/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
/* Path templates: what is one, and the offset of what is wrong. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "load/template.h"

struct bad {
    const char *path;
    size_t offset;
    const char *why;
};

static void
test_segments(void **state)
{
    struct pdp__template t;
    size_t offset = 0;
    const char *why = NULL;
    (void)state;
    assert_true(
        pdp__template_parse(PDP__LIT("/v2/{+name}/a-b.c_d~!$&'()*+,=:@/{_x1}"),
            &t, &offset, &why));
    assert_int_equal(t.cnt, 4);
    const enum pdp__step steps[] = {PDP__STEP_LITERAL, PDP__STEP_MULTI,
        PDP__STEP_LITERAL, PDP__STEP_PARAM};
    const pdp_str_t texts[] = {PDP__LIT("v2"), PDP__LIT("name"),
        PDP__LIT("a-b.c_d~!$&'()*+,=:@"), PDP__LIT("_x1")};
    const size_t offsets[] = {1, 4, 12, 33};
    for (uint32_t i = 0; i < 4; i++) {
        assert_int_equal(t.segments[i].step, steps[i]);
        assert_true(pdp__str_eq(t.segments[i].text, texts[i]));
        assert_int_equal(t.segments[i].offset, offsets[i]);
    }
}

static void
test_malformed(void **state)
{
    static const struct bad cases[] = {
        {"", 0, "begins with"},
        {"a/b", 0, "begins with"},
        {"/", 0, "slash at the end"},
        {"/a/", 2, "slash at the end"},
        {"//a", 0, "empty segment"},
        {"/a//b", 2, "empty segment"},
        {"/a%20b", 2, "escape"},
        {"/a b", 2, "no path segment"},
        {"/a;b", 2, "no path segment"},
        {"/a?b", 2, "no path segment"},
        {"/a#b", 2, "no path segment"},
        {"/a\\b", 2, "no path segment"},
        {"/\xC3\xA4", 1, "no path segment"},
        {"/.", 1, "dot segment"},
        {"/a/..", 3, "dot segment"},
        {"/a{b}", 2, "whole segment"},
        {"/{a}b", 1, "whole segment"},
        {"/{", 1, "whole segment"},
        {"/}", 1, "whole segment"},
        {"/{a", 1, "whole segment"},
        {"/{a/b}", 1, "whole segment"},
        {"/{}", 2, "without a name"},
        {"/{+}", 3, "without a name"},
        {"/{1a}", 2, "letters, digits"},
        {"/{a-b}", 3, "letters, digits"},
        {"/{a{b}", 3, "letters, digits"},
        {"/{++a}", 3, "letters, digits"},
        {"/{+a}/x/{+b}", 8, "several segments"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct pdp__template t;
        size_t offset = 99;
        const char *why = NULL;
        if (pdp__template_parse(pdp__str_z(cases[i].path), &t, &offset, &why)) {
            fail_msg("%s is a template", cases[i].path);
        }
        if (offset != cases[i].offset || strstr(why, cases[i].why) == NULL) {
            fail_msg("%s: %zu %s", cases[i].path, offset, why);
        }
    }
}

static void
test_names_may_repeat(void **state)
{
    struct pdp__template t;
    size_t offset = 0;
    const char *why = NULL;
    (void)state;
    assert_true(
        pdp__template_parse(PDP__LIT("/{a}/{a}/{+a}"), &t, &offset, &why));
    assert_int_equal(t.cnt, 3);
}

static void
test_nul_is_no_path_byte(void **state)
{
    struct pdp__template t;
    size_t offset = 0;
    const char *why = NULL;
    (void)state;
    assert_false(pdp__template_parse(PDP__LIT("/a\0b"), &t, &offset, &why));
    assert_int_equal(offset, 2);
}

static void
test_segment_limit(void **state)
{
    char path[2 * 33 + 1];
    struct pdp__template t;
    size_t offset = 0;
    const char *why = NULL;
    (void)state;
    for (size_t i = 0; i < 33; i++) {
        path[2 * i] = '/';
        path[2 * i + 1] = 'a';
    }
    assert_true(pdp__template_parse(pdp__str(path, 64), &t, &offset, &why));
    assert_int_equal(t.cnt, 32);
    assert_false(pdp__template_parse(pdp__str(path, 66), &t, &offset, &why));
    assert_int_equal(offset, 65);
    assert_string_equal(why, "more than 32 segments");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_segments),
        cmocka_unit_test(test_malformed),
        cmocka_unit_test(test_names_may_repeat),
        cmocka_unit_test(test_nul_is_no_path_byte),
        cmocka_unit_test(test_segment_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
