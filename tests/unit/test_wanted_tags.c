/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "read_util.h"

#include "load/wanted_tags.h"
#include "policy_text.h"

/* Tags that a policy asks for: their form, and the tests they become. */

#define ALL_OF EQUALS("serviceType", "service")
#define WITH(tags)                                                             \
    POLICY(ROBIN "," READER ",'resource':{'attributes':[" AT_HOME "," ALL_OF   \
                 "],'tags':" tags "}")
#define TAG(key, op, value)                                                    \
    "{'key':'" key "','operator':'" op "','value':'" value "'}"

static const struct pdp__tag_test *
tag_at(const struct bench *bench, uint32_t policy, uint32_t ix)
{
    struct pdp__range range = policy_at(bench, policy)->tags;

    assert_true(ix < range.cnt);
    return PDP__ITEM(&bench->b, tag_tests, struct pdp__tag_test,
        range.first + ix);
}

static void
test_good(void **state)
{
    (void)state;
    struct bench bench;

    read_clean(&bench,
        WITH("[" TAG("Env", "stringEquals", "Prod a_b.c-d") "," TAG("team",
            "stringMatch", "A*b?") "]"));
    /* One for each service, each with its tags. */
    assert_int_equal(bench.b.policies.cnt, 2);
    for (uint32_t i = 0; i < 2; i++) {
        const struct pdp__tag_test *test = tag_at(&bench, i, 0);
        assert_int_equal(test->pattern, 0);
        assert_str(pdp__builder_str(&bench.b, test->tag.key), "Env");
        assert_str(pdp__builder_str(&bench.b, test->tag.value), "Prod a_b.c-d");
        assert_str(pdp__builder_str(&bench.b, test->tag.key_small), "env");
        assert_str(pdp__builder_str(&bench.b, test->tag.value_small),
            "prod a_b.c-d");
        test = tag_at(&bench, i, 1);
        assert_int_equal(test->pattern, 1);
        assert_str(pdp__builder_str(&bench.b, test->tag.value_small), "a*b?");
    }
    bench_free(&bench);
}

/* The v1 form says name, and may leave the operator out. */
static void
test_v1(void **state)
{
    (void)state;
    struct bench bench;

    read_clean(&bench,
        "{'type':'access','subjects':[{'attributes':[{'name':'iam_id',"
        "'value':'IBMid-1'}]}],'roles':[" ROLE(
            "Reader") "],'resources':[{"
                      "'attributes':[{'name':'accountId','value':'a'},{'name':'"
                      "serviceType',"
                      "'value':'service'}],'tags':[{'name':'env','value':'prod'"
                      "},{'name':"
                      "'x','value':'y*','operator':'stringMatch'}]}]}");
    assert_int_equal(tag_at(&bench, 0, 0)->pattern, 0);
    assert_int_equal(tag_at(&bench, 0, 1)->pattern, 1);
    bench_free(&bench);
}

#define LONG "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define FIVE(x) x "," x "," x "," x "," x

static void
test_findings(void **state)
{
    (void)state;
    static const char two[] = "a tag has stringEquals and stringMatch only";
    static const struct bad cases[] = {
        {WITH("^{}"), "wrong_type", NULL},
        {WITH("[^3]"), "wrong_type", NULL},
        {WITH("[^{'key':'k','value':'v'}]"), "missing_member", NULL},
        {WITH("[{'key':'k','value':'v','operator':^'stringExists'}]"),
            "unknown_operator", two},
        {WITH("[{'key':'k','value':'v','operator':^'stringEqual'}]"),
            "unknown_operator", "did you mean \"stringEquals\"?"},
        {WITH("[{'key':'k','value':'v','operator':^'stringEqualsAnyOf'}]"),
            "unknown_operator", two},
        {WITH("[{'key':^'','value':'v','operator':'stringEquals'}]"),
            "bad_value", NULL},
        {WITH("[{'key':^'a:b','value':'v','operator':'stringEquals'}]"),
            "bad_value", NULL},
        {WITH("[{'key':^'" LONG LONG "','value':'v','operator':"
              "'stringEquals'}]"),
            "bad_value", NULL},
        {WITH("[{'key':'k','value':^'','operator':'stringEquals'}]"),
            "bad_value", NULL},
        {WITH("[{'key':'k','value':^'p/q','operator':'stringEquals'}]"),
            "bad_value", NULL},
        {WITH("[{'key':'k','value':^'a{{*}}','operator':'stringMatch'}]"),
            "bad_value", "tags have letters, digits, blanks and _ . -"},
        {WITH("[{'key':'k','value':^'a:*','operator':'stringMatch'}]"),
            "bad_value", "tags have letters, digits, blanks and _ . -"},
        {WITH("[{'key':'k','value':^'\xc3\xa9*','operator':'stringMatch'}]"),
            "bad_value", "tags have letters, digits, blanks and _ . -"},
        {WITH("[{'key':'k','value':^true,'operator':'stringEquals'}]"),
            "wrong_type", NULL},
        {WITH("[{'key':'k','value':'v','operator':'stringEquals',^'x':1}]"),
            "unknown_member", NULL},
        {WITH("^[" FIVE(FIVE(TAG("k", "stringEquals", "v"))) "," FIVE(
             TAG("k", "stringEquals", "v")) "," TAG("k", "stringEquals",
             "v") "," TAG("k", "stringEquals", "v") "," TAG("k", "stringEquals",
             "v") "]"),
            "limit", NULL},
        {POLICY(ROBIN "," READER ",'resource':{'attributes':[" AT_HOME
                      "," FOR_BIRDS
                      "],'tags':^[" TAG("k", "stringEquals", "v") "]}"),
            "tags_narrowed", NULL},
    };

    assert_all_bad(pdp__read_policies, cases, ARRAY_CNT(cases));
}

/* A pattern is checked as a whole; the finding points into it. */
static void
test_pattern(void **state)
{
    (void)state;
    struct bench bench;

    bench_init(&bench);
    assert_int_equal(run(&bench, pdp__read_policies, SOURCE_NAME,
                         WITH("[{'key':'k','value':'ab^{{x}}','operator':"
                              "'stringMatch'}]")),
        PDP_OK);
    assert_findings(&bench, 1);
    assert_found_at(&bench, "bad_value", bench.line, bench.column,
        "a literal star is {{*}}, a literal question mark {{?}}");
    bench_free(&bench);
}

static void
test_check(void **state)
{
    (void)state;
    size_t colon = 0;

    assert_true(pdp__tag_check(pdp__str_z("env:prod"), &colon));
    assert_int_equal(colon, 3);
    assert_false(pdp__tag_check(pdp__str_z("env"), &colon));
    assert_false(pdp__tag_check(pdp__str_z("env:"), &colon));
    assert_false(pdp__tag_check(pdp__str_z(":env"), &colon));
    assert_false(pdp__tag_check(pdp__str_z("a:b:c"), &colon));
    assert_false(pdp__tag_check(pdp__str_z("env: prod"), &colon));
    assert_false(pdp__tag_check(pdp__str_z("env:prod "), &colon));
    assert_false(pdp__tag_check(pdp__str_z(" env:prod"), &colon));
    assert_false(pdp__tag_check(pdp__str_z("env :prod"), &colon));
    assert_true(pdp__tag_check(pdp__str_z("cost center:a b"), &colon));
    assert_false(pdp__tag_check(pdp__str_z(""), &colon));
}

static void
test_memory(void **state)
{
    (void)state;
    assert_survives(pdp__read_policies,
        WITH("[" TAG("Env", "stringEquals", "Prod") "]"));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_good),
        cmocka_unit_test(test_v1),
        cmocka_unit_test(test_findings),
        cmocka_unit_test(test_pattern),
        cmocka_unit_test(test_check),
        cmocka_unit_test(test_memory),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
