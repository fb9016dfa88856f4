/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include "common/findings.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* What a finding looks like, with and without the line it is about. */

static void
assert_looks(pdp_finding_t finding, pdp_str_t text, const char *want)
{
    struct pdp__finding_cursor cursor = {0};
    struct pdp__string out = {0};
    finding.size = sizeof(finding);
    pdp__finding_add(&out, &finding, "dir/f.json", text, &cursor, false);
    assert_string_equal(out.ptr, want);
    pdp__string_free(&out);
}

static pdp_finding_t
at(uint32_t line, uint32_t column)
{
    return (pdp_finding_t){
        .severity = PDP_SEVERITY_ERROR,
        .code = PDP__LIT("bad_value"),
        .line = line,
        .column = column,
        .message = PDP__LIT("no \\x1b"),
        .hint = {"", 0},
    };
}

static const pdp_str_t text = PDP__LIT_INIT("{\n\t\"a\": \xff,\r\n}");

static void
test_places(void **state)
{
    (void)state;
    assert_looks(at(0, 0), text, "dir/f.json: error: no \\x1b [bad_value]\n");
    assert_looks(at(2, 0), text, "dir/f.json:2: error: no \\x1b [bad_value]\n");
    assert_looks(at(2, 7), text,
        "dir/f.json:2:7: error: no \\x1b [bad_value]\n"
        "     \"a\": \\xff,\n"
        "          ^\n");
    /* after an escaped byte the caret moves on with it */
    assert_looks(at(2, 8), text,
        "dir/f.json:2:8: error: no \\x1b [bad_value]\n"
        "     \"a\": \\xff,\n"
        "              ^\n");
    /* past the end of the line, and past the end of the text */
    assert_looks(at(3, 9), text,
        "dir/f.json:3:9: error: no \\x1b [bad_value]\n"
        "    }\n"
        "     ^\n");
    assert_looks(at(4, 1), text,
        "dir/f.json:4:1: error: no \\x1b [bad_value]\n");
    assert_looks(at(2, 7), (pdp_str_t){NULL, 0},
        "dir/f.json:2:7: error: no \\x1b [bad_value]\n");
}

static void
test_hint_and_severity(void **state)
{
    (void)state;
    pdp_finding_t finding = at(1, 1);
    finding.severity = PDP_SEVERITY_WARNING;
    finding.hint = PDP__LIT("did you mean \"b\"?");
    assert_looks(finding, text,
        "dir/f.json:1:1: warning: no \\x1b [bad_value]\n"
        "  hint: did you mean \"b\"?\n"
        "    {\n"
        "    ^\n");
    finding.severity = PDP_SEVERITY_NOTE;
    finding.message = PDP__LIT("raw \033[0m");
    finding.hint = (pdp_str_t){NULL, 0};
    assert_looks(finding, (pdp_str_t){NULL, 0},
        "dir/f.json:1:1: note: raw \\x1b[0m [bad_value]\n");
}

static void
test_long_line_is_a_window(void **state)
{
    (void)state;
    struct pdp__string line = {0};
    pdp__string_fill(&line, 'a', 5000);
    line.ptr[2000] = 'X';
    struct pdp__finding_cursor cursor = {0};
    struct pdp__string out = {0};
    pdp_finding_t finding = at(1, 2001);
    pdp__finding_add(&out, &finding, "f", pdp__string_get(&line), &cursor,
        false);
    assert_in_range(out.len, 200, 400);
    /* the caret stands below the X */
    const char *shown = strchr(out.ptr, '\n') + 1;
    const char *caret = strchr(shown, '\n') + 1;
    assert_int_equal(strchr(shown, 'X') - shown, strchr(caret, '^') - caret);
    pdp__string_free(&out);
    pdp__string_free(&line);
}

/* The cursor only saves time: any order gives the same lines. */
static void
test_cursor(void **state)
{
    (void)state;
    struct pdp__finding_cursor cursor = {0};
    static const uint32_t lines[] = {3, 1, 2, 9, 3};
    static const char *const want[] = {"    }\n", "    {\n", "     \"a\"", "",
        "    }\n"};
    for (size_t i = 0; i < 5; i++) {
        struct pdp__string out = {0};
        pdp_finding_t finding = at(lines[i], 1);
        pdp__finding_add(&out, &finding, "f", text, &cursor, false);
        const char *shown = strchr(out.ptr, '\n') + 1;
        assert_int_equal(strncmp(shown, want[i], strlen(want[i])), 0);
        pdp__string_free(&out);
    }
}

static void
test_colour(void **state)
{
    (void)state;
    struct pdp__finding_cursor cursor = {0};
    struct pdp__string out = {0};
    pdp_finding_t finding = at(0, 0);
    pdp__finding_add(&out, &finding, "f", text, &cursor, true);
    assert_string_equal(out.ptr,
        "f: \033[1;31merror:\033[0m no \\x1b [bad_value]\n");
    pdp__string_free(&out);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_places),
        cmocka_unit_test(test_hint_and_severity),
        cmocka_unit_test(test_long_line_is_a_window),
        cmocka_unit_test(test_cursor),
        cmocka_unit_test(test_colour),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
