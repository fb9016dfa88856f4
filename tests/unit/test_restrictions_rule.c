/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "read_util.h"

#include "load/restrictions.h"
#include "restriction_text.h"

/* Rules: what they are for, their mode, the kinds of API. */

#define API "crn:v1:bluemix:public:context-based-restrictions::::api-type:"
#define PLATFORM_API                                                           \
    "crn:v1:bluemix:public:context-based-restrictions::::platform-api-type:"
#define KINDS(list) "'operations':{'api_types':[" list "]}"
#define KIND(id) "{'api_type_id':'" id "'}"

static const struct pdp__restriction *
rule_at(const struct bench *bench, uint32_t ix)
{
    assert_true(ix < bench->b.restrictions.cnt);
    return PDP__ITEM(&bench->b, restrictions, struct pdp__restriction, ix);
}

static void
test_good(void **state)
{
    (void)state;
    struct bench bench;

    read_good(&bench,
        "[" RULE(
            "'crn':'crn:r','description':'d','href':'h',"
            "'created_at':'t','created_by_id':'i','last_modified_at':'t',"
            "'last_modified_by_id':'i','enforcement_mode':'report'," KINDS(
                KIND(PLATFORM_API) "," KIND(
                    API)) "," PRIVATE ",'resources':[{'attributes':[" OF_BIRDS
                          "," NAMED("region",
                              "south") "],'tags':[{'name':'env',"
                                       "'value':'pr*','operator':'stringMatch'}"
                                       "]},{'attributes':[" OF_BIRDS
                                       ",{'name':'resource','value':'n*','"
                                       "operator':"
                                       "'stringMatch'}]}]") ",{" PRIVATE
                                                            "," ON(
                                                                OF_BIRDS) "}]");
    const struct pdp__restriction *rule = rule_at(&bench, 0);
    assert_str(pdp__builder_str(&bench.b, rule->id), "r");
    assert_str(pdp__builder_str(&bench.b, rule->crn), "crn:r");
    assert_int_equal(rule->report, 1);
    assert_int_equal(rule->reaches.cnt, 2);
    assert_int_equal(rule->contexts.cnt, 1);
    const struct pdp__reach *reach =
        PDP__ITEM(&bench.b, reaches, struct pdp__reach, rule->reaches.first);
    assert_int_equal(reach->conditions.cnt, 3);
    assert_int_equal(reach->tags.cnt, 1);
    /* A region by its name of today. */
    struct pdp__range values = PDP__ITEM(&bench.b, conditions,
        struct pdp__condition, reach->conditions.first + 2)
                                   ->values;
    assert_str(text_at(&bench, values, 0), "us-south");
    rule = rule_at(&bench, 1);
    assert_str(pdp__builder_str(&bench.b, rule->id), "doc.json#2");
    assert_null(pdp__builder_str(&bench.b, rule->crn).ptr);
    assert_int_equal(rule->report, 0);
    assert_int_equal(bench.b.accounts.cnt, 1);
    bench_free(&bench);
}

/* What cannot apply is counted, and nothing else of it is looked at. */
static void
assert_skipped(const char *text, const char *message)
{
    struct bench bench;

    bench_init(&bench);
    assert_int_equal(run(&bench, read_linked, SOURCE_NAME, text), PDP_OK);
    assert_findings(&bench, 1);
    assert_found_at(&bench, "restriction_skipped", 0, 0, NULL);
    assert_message(&bench, message);
    assert_int_equal(bench.b.restrictions.cnt, 0);
    bench_free(&bench);
}

static void
test_skipped(void **state)
{
    (void)state;
    assert_skipped(RULE("'enforcement_mode':'disabled','what':1"),
        "1 disabled rule");
    assert_skipped("[" RULE("'x':1," ON(
                       NAMED("accountId", "a") "," NAMED("serviceName",
                           "stones"))) "," RULE("'x':1," ON(NAMED("serviceType",
                       "platform_service"))) "]",
        "2 rules for other services");
    assert_skipped(RULE(PRIVATE "," KINDS(KIND(PLATFORM_API)) "," ON(OF_BIRDS)),
        "1 rule for platform actions only");
}

static void
test_findings(void **state)
{
    (void)state;
    static const struct bad cases[] = {
        {"^" RULE(PRIVATE), "missing_member", NULL},
        {"^" RULE(ON(OF_BIRDS)), "missing_member", NULL},
        {RULE(PRIVATE ",'resources':^[]"), "empty", NULL},
        {RULE(PRIVATE ",'resources':[^3]"), "wrong_type", NULL},
        {RULE(PRIVATE ",'resources':[^{}]"), "missing_member", NULL},
        {RULE(PRIVATE ",'resources':[{'attributes':^[" NAMED("serviceName",
             "birds") "]}]"),
            "missing_member", "every policy holds in exactly one account"},
        {RULE(PRIVATE
             ",'resources':[{'attributes':^[" NAMED("accountId", "a") "]}]"),
            "missing_member", NULL},
        {RULE(PRIVATE "," ON(OF_BIRDS ",{'name':'region','value':^'eu-ed'}")),
            "unknown_name", "did you mean \"eu-de\"?"},
        {RULE(PRIVATE "," ON(OF_BIRDS ",{'name':'region','value':^'asia*',"
                                      "'operator':'stringMatch'}")),
            "unknown_name", NULL},
        {RULE(PRIVATE "," ON(OF_BIRDS ",{'name':'resource','value':'x',"
                                      "'operator':^'stringExists'}")),
            "unknown_operator",
            "this form has stringEquals and stringMatch only"},
        {RULE(PRIVATE "," ON(OF_BIRDS ",{'name':^'color','value':'x'}")),
            "foreign_attribute", NULL},
        {RULE(PRIVATE ",'resources':[{'attributes':[" OF_BIRDS
                      "],'tags':[{'name':^'e:v','value':'p'}]}]"),
            "bad_value", NULL},
        {RULE(PRIVATE "," ON(OF_BIRDS) ",'enforcement_mode':^'enable'"),
            "bad_value", "did you mean \"enabled\"?"},
        {RULE(PRIVATE "," ON(OF_BIRDS) ",'operations':^[]"), "wrong_type",
            NULL},
        {RULE(PRIVATE "," ON(OF_BIRDS) ",'operations':{'api_types':^[]}"),
            "empty", "leave \"operations\" out to mean all"},
        {RULE(PRIVATE "," ON(OF_BIRDS) "," KINDS(
             "{'api_type_id':^'" API "data-plane'}")),
            "unknown_name", API},
        {RULE(PRIVATE "," ON(OF_BIRDS) "," KINDS("^{}")), "missing_member",
            NULL},
        {RULE(PRIVATE "," ON(OF_BIRDS) ",'crn':^''"), "bad_value", NULL},
        {RULE(PRIVATE "," ON(OF_BIRDS) ",^'state':'x'"), "unknown_member",
            NULL},
        {"[" RULE(PRIVATE "," ON(OF_BIRDS)) ",{'id':^'r'," PRIVATE
                                            "," ON(OF_BIRDS) "}]",
            "duplicate_name", NULL},
    };

    assert_all_bad(read_linked, cases, ARRAY_CNT(cases));
}

static void
test_memory(void **state)
{
    (void)state;
    assert_survives(read_linked,
        "{" PRIVATE ",'crn':'c','resources':[{'attributes':[" OF_BIRDS
        "],'tags':[" NAMED("env", "prod") "]}]}");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_good),
        cmocka_unit_test(test_skipped),
        cmocka_unit_test(test_findings),
        cmocka_unit_test(test_memory),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
