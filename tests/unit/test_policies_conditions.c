/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "read_util.h"

#include "policy_text.h"

/* Operators and values of one attribute. */

#define WITH(key, op, value) ON_BIRDS("," ATTRIBUTE(key, op, value))

/* The condition behind accountId and serviceName. */
static const struct pdp__condition *
third(struct bench *bench, const char *text)
{
    read_clean(bench, text);
    assert_int_equal(policy_at(bench, 0)->resources.cnt, 3);
    return condition_at(bench, policy_at(bench, 0)->resources, 2);
}

static void
test_operators(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum pdp__operator op;
        const char *values[3];
    } good[] = {
        {WITH("resourceGroupId", "stringEquals", "'a:b@c/d*'"),
            PDP__OP_STRING_EQUALS, {"a:b@c/d*"}},
        {WITH("resourceGroupId", "stringEquals", "true"), PDP__OP_STRING_EQUALS,
            {"true"}},
        {WITH("resourceGroupId", "stringEquals", "false"),
            PDP__OP_STRING_EQUALS, {"false"}},
        {WITH("resourceGroupId", "stringMatch", "'de{{*}}v*'"),
            PDP__OP_STRING_MATCH, {"de{{*}}v*"}},
        {WITH("resourceGroupId", "stringEqualsAnyOf", "['x','y']"),
            PDP__OP_STRING_EQUALS_ANY_OF, {"x", "y"}},
        {WITH("resourceGroupId", "stringMatchAnyOf", "['x*','?']"),
            PDP__OP_STRING_MATCH_ANY_OF, {"x*", "?"}},
        {WITH("resourceGroupId", "stringExists", "true"), PDP__OP_STRING_EXISTS,
            {NULL}},
        {WITH("resourceGroupId", "stringExists", "false"),
            PDP__OP_STRING_EXISTS, {NULL}},
    };

    for (size_t i = 0; i < ARRAY_CNT(good); i++) {
        struct bench bench;
        const struct pdp__condition *c = third(&bench, good[i].text);

        assert_condition(&bench, c, PDP__ATTR_RESOURCE_GROUP_ID, good[i].op,
            good[i].values);
        assert_int_equal(c->wanted, i == 6);
        bench_free(&bench);
    }
}

static void
test_limits(void **state)
{
    (void)state;
    char text[4096];
    struct bench bench;

    for (int len = 1000; len <= 1001; len++) {
        bench_init(&bench);
        snprintf(text, sizeof(text),
            ON_BIRDS(",{'key':'resourceGroupId',"
                     "'operator':'stringEquals',"
                     "'value':\n'%0*d'}"),
            len, 0);
        assert_int_equal(run(&bench, pdp__read_policies, SOURCE_NAME, text),
            PDP_OK);
        assert_findings(&bench, len == 1000 ? 0 : 1);
        if (len == 1001) {
            assert_found_at(&bench, "limit", 3, 1, NULL);
        }
        bench_free(&bench);
    }
    const struct pdp__condition *c =
        third(&bench, WITH("resourceGroupId", "stringEqualsAnyOf",
                          "['1','2','3','4','5','6','7','8','9','10']"));
    assert_int_equal(c->values.cnt, 10);
    bench_free(&bench);
}

static void
test_findings(void **state)
{
    (void)state;
    static const char any[] = "leave the attribute out if it may have any "
                              "value";
    static const char literal[] = "a literal star is {{*}}, a literal "
                                  "question mark {{?}}";
    static const struct bad cases[] = {
        {WITH("resource", "stringEquals", "^''"), "bad_value", any},
        {WITH("resource", "stringEquals", "^7"), "wrong_type", NULL},
        {WITH("resource", "stringEquals", "^null"), "wrong_type", NULL},
        {WITH("resource", "stringEquals", "^['a']"), "wrong_type", NULL},
        {WITH("resource", "stringMatch", "^true"), "wrong_type", NULL},
        {WITH("resource", "stringMatch", "^''"), "bad_value", any},
        {WITH("resource", "stringMatch", "'ab^{{c'"), "bad_value", literal},
        {WITH("resource", "stringMatch", "'^{{x}}'"), "bad_value", literal},
        {WITH("resource", "stringMatchAnyOf",
             "['a','^{{*}'"
             "]"),
            "bad_value", literal},
        {WITH("resource", "stringExists", "^'true'"), "wrong_type", NULL},
        {WITH("resource", "stringExists", "^1"), "wrong_type", NULL},
        {WITH("resource", "stringEqualsAnyOf", "^'a'"), "wrong_type", NULL},
        {WITH("resource", "stringEqualsAnyOf", "^[]"), "empty", NULL},
        {WITH("resource", "stringEqualsAnyOf", "['a',^true]"), "wrong_type",
            NULL},
        {WITH("resource", "stringEqualsAnyOf", "['a',^'']"), "bad_value", any},
        {WITH("resource", "stringEqualsAnyOf",
             "^['1','2','3','4','5','6','7','8','9','10','11']"),
            "limit", NULL},
        {ON_BIRDS(",{'key':'resource','operator':^'stringEqual','value':'x'}"),
            "unknown_operator", "did you mean \"stringEquals\"?"},
        {ON_BIRDS(",{'key':'resource','operator':^'numericEquals',"
                  "'value':'1'}"),
            "unknown_operator", NULL},
        {ON_BIRDS(",{'key':'resource','operator':^5,'value':'1'}"),
            "wrong_type", NULL},
        {ON_BIRDS(",^{'key':'resource','value':'1'}"), "missing_member", NULL},
        {ON_BIRDS(",^{'operator':'stringEquals','value':'1'}"),
            "missing_member", NULL},
        {ON_BIRDS(",^{'key':'resource','operator':'stringEquals'}"),
            "missing_member", NULL},
        {ON_BIRDS(",{'key':^7,'operator':'stringEquals','value':'x'}"),
            "wrong_type", NULL},
        {ON_BIRDS(",{'key':'resource','operator':'stringEquals','value':'x',"
                  "^'not':true}"),
            "unknown_member", NULL},
        {ON_BIRDS(",^'resource'"), "wrong_type", NULL},
    };

    assert_all_bad(pdp__read_policies, cases, ARRAY_CNT(cases));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_operators),
        cmocka_unit_test(test_limits),
        cmocka_unit_test(test_findings),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
