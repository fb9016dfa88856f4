/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "read_util.h"

#include "policy_text.h"
#include "rule_text.h"

/* The form of a rule: lists, levels, limits, and the pattern beside it. */

#define REST ROBIN "," READER "," RESOURCE(AT_HOME "," FOR_BIRDS)
#define WITH(pattern, rule) POLICY(REST "," RULE(pattern, rule))
#define NINE_TO FROM("09:00:00-05:00")
#define TO_FIVE TO("17:00:00-05:00")
#define NAMED COND(RES("resource"), "stringEquals", "'x'")

static const struct pdp__rule *
rule_of(struct bench *bench, const char *text)
{
    read_clean(bench, text);
    uint32_t ix = policy_at(bench, 0)->rule;
    assert_int_not_equal(ix, PDP__NONE);
    return PDP__ITEM(&bench->b, rules, struct pdp__rule, ix);
}

static const struct pdp__rule_group *
group_at(const struct bench *bench, const struct pdp__rule *rule, uint32_t ix)
{
    assert_true(ix < rule->groups.cnt);
    return PDP__ITEM(&bench->b, rule_groups, struct pdp__rule_group,
        rule->groups.first + ix);
}

static void
assert_groups(const char *text, bool any, const char *groups)
{
    struct bench bench;
    const struct pdp__rule *rule = rule_of(&bench, text);

    assert_int_equal(rule->any, any);
    assert_int_equal(rule->groups.cnt, strlen(groups) / 2);
    for (uint32_t i = 0; i < rule->groups.cnt; i++) {
        const struct pdp__rule_group *group = group_at(&bench, rule, i);
        assert_int_equal(group->any, groups[2 * i] == 'o');
        assert_int_equal(group->tests.cnt, groups[2 * i + 1] - '0');
    }
    bench_free(&bench);
}

static void
forms(void **state)
{
    struct bench bench;

    (void)state;
    read_clean(&bench, POLICY(REST));
    assert_int_equal(policy_at(&bench, 0)->rule, PDP__NONE);
    bench_free(&bench);
    /* One letter for the list, one digit for its conditions. */
    assert_groups(WITH(OF_RESOURCE, NAMED), false, "a1");
    assert_groups(WITH(OF_RESOURCE, AND(NAMED)), false, "a1");
    assert_groups(WITH(OF_RESOURCE, OR(NAMED "," NAMED)), true, "a1a1");
    assert_groups(WITH(OF_RESOURCE, AND(OR(NAMED "," NAMED) "," NAMED)), false,
        "o2a1");
    assert_groups(WITH(OF_RESOURCE,
                      OR(AND(NAMED "," NAMED "," NAMED) "," AND(NAMED))),
        true, "a3a1");
    assert_groups(WITH(OF_RESOURCE, AND(AND(NAMED) "," OR(NAMED))), false,
        "a1o1");
}

static void
patterns_that_fit(void **state)
{
    static const char *const texts[] = {
        WITH(ONCE, AND(SINCE("2026-01-01T00:00:00Z") "," UNTIL(
                       "2026-12-31T23:59:59Z"))),
        WITH(ONCE, COND(ENV("current_date"), "dateLessThan", "'2030-01-01Z'")),
        WITH(WEEKLY, DAYS("1,2")),
        WITH(WEEKLY, AND(DAYS("'1+00:00'") "," NINE_TO "," TO_FIVE)),
        WITH(ALL_DAY, DAY("'1+00:00'")),
        WITH(CUSTOM_HOURS, AND(DAY("1") "," NINE_TO)),
        WITH(OF_RESOURCE, NAMED),
        WITH(OF_ENVIRONMENT,
            COND(ENV("endpoint_type"), "stringEquals", "'private'")),
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_CNT(texts); i++) {
        struct bench bench;
        read_clean(&bench, texts[i]);
        bench_free(&bench);
    }
}

#define OTHER(pattern, rule)                                                   \
    POLICY(REST ",'pattern':\n^'" pattern "','rule':" rule)

static void
patterns_that_do_not(void **state)
{
    static const char none[] =
        "no pattern has conditions of these kinds together";
    static const struct bad cases[] = {
        {OTHER(ONCE, DAY("1")), "pattern_mismatch", ALL_DAY},
        {OTHER(ONCE, AND(DAY("1") "," NINE_TO)), "pattern_mismatch",
            CUSTOM_HOURS},
        {OTHER(WEEKLY, SINCE("2026-01-01T00:00:00Z")), "pattern_mismatch",
            ONCE},
        {OTHER(ALL_DAY, AND(DAY("1") "," NINE_TO)), "pattern_mismatch",
            CUSTOM_HOURS},
        {OTHER(CUSTOM_HOURS, DAY("1")), "pattern_mismatch", ALL_DAY},
        {OTHER(CUSTOM_HOURS, AND(NINE_TO "," TO_FIVE)), "pattern_mismatch",
            none},
        {OTHER(WEEKLY, AND(DAY("1") "," UNTIL("2026-01-01T00:00:00Z"))),
            "pattern_mismatch", none},
        {OTHER(OF_RESOURCE, DAY("1")), "pattern_mismatch", ALL_DAY},
        {OTHER(OF_ENVIRONMENT, NAMED), "pattern_mismatch", OF_RESOURCE},
        {OTHER("time-based-conditions:weakly", DAY("1")), "pattern_mismatch",
            "did you mean \"time-based-conditions:weekly\"?"},
        {OTHER("", NAMED), "pattern_mismatch", NULL},
    };

    (void)state;
    assert_all_bad(pdp__read_policies, cases, ARRAY_CNT(cases));
    /* A warning: the policy is compiled. */
    struct bench bench;
    bench_init(&bench);
    assert_int_equal(run(&bench, pdp__read_policies, SOURCE_NAME,
                         cases[0].text),
        PDP_OK);
    assert_int_equal(pdp_report_errors(bench.report), 0);
    assert_int_equal(bench.b.policies.cnt, 1);
    assert_int_not_equal(policy_at(&bench, 0)->rule, PDP__NONE);
    bench_free(&bench);
}

#define BAD(rule) POLICY(REST ",'pattern':'" OF_RESOURCE "','rule':" rule)
#define TEN                                                                    \
    NAMED "," NAMED "," NAMED "," NAMED "," NAMED "," NAMED "," NAMED          \
          "," NAMED "," NAMED "," NAMED

static void
findings(void **state)
{
    static const struct bad cases[] = {
        {BAD("^null"), "wrong_type", NULL},
        {BAD("^7"), "wrong_type", NULL},
        {BAD("^[" NAMED "]"), "wrong_type", NULL},
        {BAD("^{'conditions':[" NAMED "]}"), "missing_member", NULL},
        {BAD("{'operator':^'not','conditions':[" NAMED "]}"),
            "unknown_operator", NULL},
        {BAD("{'operator':^'AND','conditions':[" NAMED "]}"),
            "unknown_operator", "did you mean \"and\"?"},
        {BAD("{'operator':^true,'conditions':[" NAMED "]}"), "wrong_type",
            NULL},
        {BAD("{'operator':'and','conditions':^[]}"), "empty", NULL},
        {BAD("{'operator':'and','conditions':^" NAMED "}"), "wrong_type", NULL},
        {BAD("{'operator':'and','conditions':[" NAMED "],^'not':true}"),
            "unknown_member", NULL},
        {BAD(AND(NAMED ",^7")), "wrong_type", NULL},
        {BAD(AND(NAMED ",{'operator':'or','conditions':^[]}")), "empty", NULL},
        {BAD(AND(OR(NAMED ",^" AND(NAMED)))), "limit", NULL},
        {BAD(AND(OR(NAMED ",^" AND(AND(AND(NAMED)))))), "limit", NULL},
        {BAD(AND(TEN ",^" NAMED)), "limit", NULL},
        {BAD(AND(TEN ",^" NAMED "," NAMED)), "limit", NULL},
        {BAD(OR(TEN ",^" AND(NAMED))), "limit", NULL},
        {BAD(OR(AND(NAMED "," NAMED "," NAMED "," NAMED "," NAMED) "," AND(
             NAMED "," NAMED "," NAMED "," NAMED "," NAMED ",^" NAMED))),
            "limit", NULL},
        {POLICY(REST ",^'rule':" NAMED), "missing_member",
            "time-based-conditions:weekly, say"},
        {POLICY(REST ",'rule':" NAMED ",'pattern':^7"), "wrong_type", NULL},
        {POLICY(REST ",^'pattern':'" ONCE "'"), "bad_value", NULL},
    };

    (void)state;
    assert_all_bad(pdp__read_policies, cases, ARRAY_CNT(cases));
    assert_groups(WITH(OF_RESOURCE, AND(TEN)), false, "a1a1a1a1a1a1a1a1a1a1");
    assert_groups(WITH(OF_RESOURCE, AND(OR(TEN))), false, "o:");
}

/* Many lists without a condition that is read: the tables have an end. */
static void
lists_beyond_every_limit(void **state)
{
    static const char deep[] = "{'operator':'and','conditions':["
                               "{'operator':'or','conditions':[5]}]},";
    char text[16384] = POLICY(REST ",'pattern':'" OF_RESOURCE
                                   "','rule':{'operator':'or','conditions':[");
    struct bench bench;

    (void)state;
    size_t len = strlen(text) - 1; /* the brace of the policy */
    for (int i = 0; i < 40; i++) {
        len += (size_t)snprintf(text + len, sizeof(text) - len, "%s", deep);
    }
    snprintf(text + len, sizeof(text) - len, "%s]}}", NAMED);
    bench_init(&bench);
    assert_int_equal(run(&bench, pdp__read_policies, SOURCE_NAME, text),
        PDP_OK);
    assert_findings(&bench, 11);
    assert_message(&bench, "conditions are nested deeper than 2 levels");
    assert_message(&bench, "more than 10 conditions");
    assert_int_equal(bench.b.policies.cnt, 0);
    bench_free(&bench);
}

/* Whoever mends one finding sees the others in the same run. */
static void
all_findings_in_one_run(void **state)
{
    struct bench bench;

    (void)state;
    bench_init(&bench);
    assert_int_equal(
        run(&bench, pdp__read_policies, SOURCE_NAME,
            POLICY(REST ",'rule':{'operator':'or','conditions':[\n" COND("now",
                "timeLessThan", "1") ",\n" COND(ENV("current_time"), "timeIs",
                "1") ",\n" FROM("9:00") ",\n" DAY("8") "]}")),
        PDP_OK);
    assert_findings(&bench, 5);
    assert_found_at(&bench, "bad_value", 2, 8,
        "{{environment.attributes.NAME}} or {{resource.attributes.NAME}}");
    bench_free(&bench);
}

static void
out_of_memory(void **state)
{
    (void)state;
    assert_survives(pdp__read_policies,
        WITH(CUSTOM_HOURS,
            AND(DAYS("1,2,4,6") "," FROM("22:00:00Z") "," TO("06:00:00Z"))));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(forms),
        cmocka_unit_test(patterns_that_fit),
        cmocka_unit_test(patterns_that_do_not),
        cmocka_unit_test(findings),
        cmocka_unit_test(lists_beyond_every_limit),
        cmocka_unit_test(all_findings_in_one_run),
        cmocka_unit_test(out_of_memory),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
