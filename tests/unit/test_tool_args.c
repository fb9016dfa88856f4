/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include "common/args.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* Command lines: every form that is read, and every one that is refused. */

#include <string.h>

#include "common/tell.h"

enum { OPT_METHOD = 1, OPT_TOKEN, OPT_FORCE, OPT_VERBOSE };

static const struct pdp__option options[] = {
    {OPT_METHOD, 'X', false, "method", "METHOD", "the method"},
    {OPT_TOKEN, 0, true, "token", "TOKEN", "the token"},
    {OPT_FORCE, 'f', false, "force", NULL, "do it"},
    {OPT_VERBOSE, 'v', true, "verbose", NULL, "say more"},
    {0},
};

enum { WORDS_MAX = 8 };

struct line {
    char *words[WORDS_MAX];
    struct pdp__args args;
};

#define LINE(...)                                                              \
    make_line((const char *[]){"tool", __VA_ARGS__},                           \
        sizeof((const char *[]){"tool", __VA_ARGS__}) / sizeof(char *))

static struct line
make_line(const char *const *words, size_t cnt)
{
    static char text[WORDS_MAX][64];
    static struct line line;
    assert_true(cnt <= WORDS_MAX);
    for (size_t i = 0; i < cnt; i++) {
        size_t len = strlen(words[i]) + 1;
        assert_true(len <= sizeof(text[i]));
        memcpy(text[i], words[i], len);
        line.words[i] = text[i];
    }
    line.args = pdp__args_init((int)cnt, line.words);
    return line;
}

static void
assert_option(struct line *line, int id, const char *value)
{
    line->args.argv = line->words;
    assert_int_equal(pdp__args_next(&line->args, options), PDP__ARGS_OPTION);
    assert_int_equal(line->args.option->id, id);
    if (value == NULL) {
        assert_null(line->args.value);
    } else {
        assert_string_equal(line->args.value, value);
    }
}

static void
assert_operand(struct line *line, const char *value)
{
    line->args.argv = line->words;
    assert_int_equal(pdp__args_next(&line->args, options), PDP__ARGS_OPERAND);
    assert_string_equal(line->args.value, value);
}

static void
assert_kind(struct line *line, enum pdp__args_kind kind)
{
    line->args.argv = line->words;
    assert_int_equal(pdp__args_next(&line->args, options), kind);
}

static void
test_long(void **state)
{
    (void)state;
    struct line line = LINE("--method", "PUT", "--token=", "--token", "--force",
        "--force", "x");
    assert_option(&line, OPT_METHOD, "PUT");
    assert_option(&line, OPT_TOKEN, "");
    assert_option(&line, OPT_TOKEN, "--force"); /* a value may look like one */
    assert_option(&line, OPT_FORCE, NULL);
    assert_operand(&line, "x");
    assert_kind(&line, PDP__ARGS_END);
    assert_kind(&line, PDP__ARGS_END);
}

static void
test_long_with_equals(void **state)
{
    (void)state;
    struct line line = LINE("--token=a=b", "--token=-");
    assert_option(&line, OPT_TOKEN, "a=b");
    assert_option(&line, OPT_TOKEN, "-");
    assert_kind(&line, PDP__ARGS_END);
}

static void
test_short(void **state)
{
    (void)state;
    struct line line = LINE("-X", "PUT", "-vfv", "-v");
    assert_option(&line, OPT_METHOD, "PUT");
    assert_option(&line, OPT_VERBOSE, NULL);
    assert_option(&line, OPT_FORCE, NULL);
    assert_option(&line, OPT_VERBOSE, NULL);
    assert_option(&line, OPT_VERBOSE, NULL);
    assert_kind(&line, PDP__ARGS_END);
    line = LINE("-vXPUT", "-x");
    assert_option(&line, OPT_VERBOSE, NULL);
    assert_option(&line, OPT_METHOD, "PUT");
    assert_kind(&line, PDP__ARGS_ERROR); /* case counts */
}

static void
test_operands(void **state)
{
    (void)state;
    struct line line = LINE("a", "-", "-f", "", "--", "--force", "-X");
    assert_operand(&line, "a");
    assert_operand(&line, "-");
    assert_option(&line, OPT_FORCE, NULL);
    assert_operand(&line, "");
    assert_operand(&line, "--force");
    assert_operand(&line, "-X");
    assert_kind(&line, PDP__ARGS_END);
    line = LINE("--", "--", "x");
    assert_operand(&line, "--");
    assert_operand(&line, "x");
}

static void
test_refused(void **state)
{
    (void)state;
    struct line line = LINE("--metod", "PUT"); /* misspelt */
    assert_kind(&line, PDP__ARGS_ERROR);
    line = LINE("--meth=PUT"); /* abbreviated */
    assert_kind(&line, PDP__ARGS_ERROR);
    line = LINE("--method"); /* no value */
    assert_kind(&line, PDP__ARGS_ERROR);
    line = LINE("-X"); /* no value */
    assert_kind(&line, PDP__ARGS_ERROR);
    line = LINE("--force=1"); /* takes none */
    assert_kind(&line, PDP__ARGS_ERROR);
    line = LINE("--=x"); /* no name */
    assert_kind(&line, PDP__ARGS_ERROR);
    line = LINE("-\xff");
    assert_kind(&line, PDP__ARGS_ERROR);
}

static void
test_twice(void **state)
{
    (void)state;
    struct line line = LINE("-X", "PUT", "--method=GET");
    assert_option(&line, OPT_METHOD, "PUT");
    assert_kind(&line, PDP__ARGS_ERROR);
    line = LINE("-ff");
    assert_option(&line, OPT_FORCE, NULL);
    assert_kind(&line, PDP__ARGS_ERROR);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_long),
        cmocka_unit_test(test_long_with_equals),
        cmocka_unit_test(test_short),
        cmocka_unit_test(test_operands),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_twice),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
