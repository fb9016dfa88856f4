/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
/* What was probably meant: each slip, through the real reader. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "load/json_hint.h"

static const char *
hint(const char *text)
{
    char copy[256];
    struct pdp__json nodes[64];
    struct pdp__json_doc doc;
    size_t len = strlen(text);

    assert_true(len < sizeof(copy));
    memcpy(copy, text, len);
    assert_false(pdp__json_read(copy, len, nodes, 64, &doc));
    return pdp__json_hint((pdp_str_t){text, len}, doc.error, doc.error_offset);
}

static void
usual_slips(void **state)
{
    static const struct {
        const char *text;
        const char *hint;
    } cases[] = {
        {"", "the text is empty"},
        {" \n", "the text is empty"},
        {"{\"a\": 1,}", "no comma before a closing bracket"},
        {"[1, 2, ]", "no comma before a closing bracket"},
        {"{'a': 1}", "names and strings are in double quotes"},
        {"{\"a\": 'b'}", "names and strings are in double quotes"},
        {"{a: 1}", "names and strings are in double quotes"},
        {"{ // no\n}", "JSON has no comments"},
        {"# no\n{}", "JSON has no comments"},
        {"\xEF\xBB\xBF{}", "save the text without a byte order mark"},
        {"[True]", "the words are true, false and null"},
        {"[None]", "the words are true, false and null"},
        {"[NaN]", "the words are true, false and null"},
        {"{\"a\": 1", "a quote or a closing bracket is missing"},
        {"[\"a", "a quote or a closing bracket is missing"},
        {"{\"a\": 1 \"b\": 2}", "is a comma missing?"},
        {"[{} {}]", "is a comma missing?"},
        {"[1 2]", "is a comma missing?"},
        {"{} {}", "one document, one value; is a bracket closed too early?"},
        {"[\"a\nb\"]", "control characters in strings are written as escapes"},
        {"[\xE2\x80\x9C\"]", "names and strings are in double quotes"},
        {"[.5]", "numbers begin with a digit, or with a minus and a digit"},
        {"[+1]", "numbers begin with a digit, or with a minus and a digit"},
        {"[1,\t\r\n]", "no comma before a closing bracket"},
        {"[1 {}]", "is a comma missing?"},
        {"[1 []]", "is a comma missing?"},
        {"[1 \"a\"]", "is a comma missing?"},
        {"[true 0]", "is a comma missing?"},
        {"[[] 9]", "is a comma missing?"},
        {"[\"a\" [1]]", "is a comma missing?"},
        {"[1}", "is a comma missing?"},
        {"[1 x]", "names and strings are in double quotes"},
        {"[z]", "names and strings are in double quotes"},
        {"[A]", "names and strings are in double quotes"},
        {"[Z]", "names and strings are in double quotes"},
        {"[False]", "the words are true, false and null"},
        {"[Infinity]", "the words are true, false and null"},
        {"\r\t ", "the text is empty"},
        {"[\"\xFF\"]", "save the text as UTF-8"},
        {"[\"c:\\dir\"]", "a backslash in a string is written twice"},
        {"[1e999]", "if it is a name or an id, put it in quotes"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const char *got = hint(cases[i].text);
        if (got == NULL || strcmp(got, cases[i].hint) != 0) {
            fail_msg("%s: %s", cases[i].text, got == NULL ? "-" : got);
        }
    }
}

static void
no_idea(void **state)
{
    (void)state;
    assert_null(hint("{\"a\": 1, \"a\": 2}"));
    assert_null(hint("[\"\\u0000\"]"));
    assert_null(hint("[,1]"));
    assert_null(hint("[1,*]"));
    assert_null(hint("[1 *]"));
    assert_null(hint("}")); /* a bracket that closes nothing */
    assert_null(hint("[@]"));
    assert_null(hint("[`]"));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(usual_slips),
        cmocka_unit_test(no_idea),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
