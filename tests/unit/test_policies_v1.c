/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "read_util.h"

#include "policy_text.h"

/* Policies in the form of the v1 API: the same tables as from v2, and as
 * strict. */

#define N(name, value) "{'name':'" name "','value':'" value "'}"
#define N_OP(name, op, value)                                                  \
    "{'name':'" name "','operator':" op ",'value':" value "}"
#define ITEM(list) "{'attributes':[" list "]}"
#define SUBJECTS(list) "'subjects':[" list "]"
#define RESOURCES(list) "'resources':[" list "]"
#define ROLES(list) "'roles':[" list "]"
#define HOME N("accountId", ACCOUNT)
#define V1_BIRDS N("serviceName", "birds")
#define ROBINS SUBJECTS(ITEM(N("iam_id", "IBMid-robin")))
#define READERS ROLES(ROLE("Reader"))
#define AT_BIRDS RESOURCES(ITEM(HOME "," V1_BIRDS))

static void
same_tables_as_v2(void **state)
{
    (void)state;
    struct bench bench;

    read_clean(&bench,
        POLICY("'id':'p1','description':'','href':'','created_at':'','state':"
               "'active'," ROBINS "," ROLES(
                   "{'role_id':'" GENERIC "Reader','display_name':'Reader',"
                   "'description':''}") "," RESOURCES(ITEM(HOME
                   "," V1_BIRDS "," N_OP("resource", "'stringMatch'",
                       "'robin-*'") "," N_OP("region", "'stringEquals'",
                       "'us-south'")))));
    assert_int_equal(bench.b.policies.cnt, 1);
    const struct pdp__policy *policy = policy_at(&bench, 0);
    assert_int_equal(policy->subjects.cnt, 1);
    assert_condition(&bench, condition_at(&bench, policy->subjects, 0),
        PDP__SUBJECT_IAM_ID, PDP__OP_STRING_EQUALS, VALUES("IBMid-robin"));
    assert_int_equal(policy->resources.cnt, 4);
    assert_condition(&bench, condition_at(&bench, policy->resources, 0),
        PDP__ATTR_ACCOUNT_ID, PDP__OP_STRING_EQUALS, VALUES(ACCOUNT));
    assert_condition(&bench, condition_at(&bench, policy->resources, 2),
        PDP__ATTR_RESOURCE, PDP__OP_STRING_MATCH, VALUES("robin-*"));
    assert_int_equal(policy->deny_words, PDP__NONE);
    assert_int_not_equal(policy->grant_words, PDP__NONE);
    assert_int_equal(bench.b.policy_ids.cnt, 1);
    bench_free(&bench);
}

/* Any subject of the list on any resource of it, all under one id. */
static void
every_pair_is_compiled(void **state)
{
    (void)state;
    struct bench bench;

    read_clean(&bench,
        POLICY("'id':'p1'," SUBJECTS(
            ITEM(N("iam_id", "IBMid-1")) "," ITEM(N("access_group_id",
                "AccessGroupId-2"))) "," READERS "," RESOURCES(ITEM(HOME
            "," V1_BIRDS "," N("resource", "a")) "," ITEM(HOME
            "," V1_BIRDS "," N("resource", "b")))));
    static const char *const subjects[] = {"IBMid-1", "AccessGroupId-2",
        "IBMid-1", "AccessGroupId-2"};
    static const char *const resources[] = {"a", "a", "b", "b"};

    assert_int_equal(bench.b.policies.cnt, 4);
    for (uint32_t i = 0; i < 4; i++) {
        const struct pdp__policy *policy = policy_at(&bench, i);
        assert_int_equal(policy->subjects.cnt, 1);
        assert_str(text_at(&bench,
                       condition_at(&bench, policy->subjects, 0)->values, 0),
            subjects[i]);
        assert_int_equal(policy->resources.cnt, 3);
        assert_str(text_at(&bench,
                       condition_at(&bench, policy->resources, 2)->values, 0),
            resources[i]);
    }
    assert_int_equal(bench.b.policy_ids.cnt, 1);
    const struct pdp__policy_id *id =
        PDP__ITEM(&bench.b, policy_ids, struct pdp__policy_id, 0);
    assert_int_equal(id->policies.first, 0);
    assert_int_equal(id->policies.cnt, 4);
    bench_free(&bench);
}

/* What cannot apply is passed over: whole, or a resource of several. */
static void
others_are_passed_over(void **state)
{
    (void)state;
    static const char *const skipped[] = {
        POLICY(ROBINS "," READERS
                      "," RESOURCES(ITEM(HOME "," N("serviceName", "fish")))),
        "{'type':'authorization'," ROBINS "," READERS "," AT_BIRDS "}",
        POLICY("'state':'deleted'," ROBINS "," READERS "," AT_BIRDS),
        POLICY(ROBINS "," READERS "," RESOURCES(
            ITEM(HOME "," N("serviceType", "platform_service")))),
        POLICY(ROBINS "," READERS "," RESOURCES(ITEM(HOME
            "," N("resourceType", "resource-group") "," N("resource", "x")))),
    };
    struct bench bench;

    for (size_t i = 0; i < ARRAY_CNT(skipped); i++) {
        bench_init(&bench);
        assert_int_equal(run(&bench, pdp__read_policies, SOURCE_NAME,
                             skipped[i]),
            PDP_OK);
        assert_int_equal(bench.b.policies.cnt, 0);
        assert_findings(&bench, 1);
        assert_found_at(&bench, "policy_skipped", 0, 0, NULL);
        bench_free(&bench);
    }
    read_clean(&bench,
        POLICY(ROBINS "," READERS "," RESOURCES(ITEM(
            HOME "," N("serviceName", "fish")) "," ITEM(HOME "," V1_BIRDS))));
    assert_int_equal(bench.b.policies.cnt, 1);
    bench_free(&bench);
}

static void
findings(void **state)
{
    (void)state;
    static const char two[] = "this form has stringEquals and stringMatch "
                              "only";
    static const char newer[] = "export with GET /v2/policies";
    static const struct bad cases[] = {
        {POLICY("'subjects':^[]"
                "," READERS "," AT_BIRDS),
            "empty", NULL},
        {POLICY(ROBINS ",'roles':^[]"
                       "," AT_BIRDS),
            "empty", NULL},
        {POLICY(ROBINS "," READERS ",'resources':^[]"), "empty", NULL},
        {"^" POLICY(READERS "," AT_BIRDS), "missing_member", NULL},
        {"^" POLICY(ROBINS "," AT_BIRDS), "missing_member", NULL},
        {POLICY(SUBJECTS("^7") "," READERS "," AT_BIRDS), "wrong_type", NULL},
        {POLICY(ROBINS "," READERS "," AT_BIRDS ",^'rule':{}"),
            "unknown_member", NULL},
        {POLICY(ROBINS "," READERS "," AT_BIRDS ",^'control':{}"),
            "unknown_member", NULL},
        {POLICY(ROBINS "," READERS "," AT_BIRDS ",'id':^''"), "bad_value",
            NULL},
        {POLICY(ROBINS "," READERS "," RESOURCES(ITEM(HOME
             "," V1_BIRDS "," N_OP("resource", "^'stringExists'", "true")))),
            "unknown_operator", two},
        {POLICY(ROBINS "," READERS "," RESOURCES(ITEM(HOME
             "," V1_BIRDS "," N_OP("resource", "^'stringequals'", "'x'")))),
            "unknown_operator", "did you mean \"stringEquals\"?"},
        {POLICY(ROBINS "," READERS "," RESOURCES(
             ITEM(HOME "," V1_BIRDS "," N_OP("resource", "^7", "'x'")))),
            "wrong_type", NULL},
        {POLICY(SUBJECTS(ITEM(N_OP("iam_id", "^'stringMatch'",
             "'IBMid-*'"))) "," READERS "," AT_BIRDS),
            "unknown_operator", NULL},
        {POLICY(ROBINS "," READERS "," RESOURCES(ITEM(HOME
             "," V1_BIRDS "," N_OP("resource", "'stringMatch'", "'^{{x}}'")))),
            "bad_value",
            "a literal star is {{*}}, a literal question mark {{?}}"},
        {POLICY(ROBINS "," READERS
                       "," RESOURCES("{'attributes':^[" V1_BIRDS "]}")),
            "missing_member", "every policy holds in exactly one account"},
        {POLICY(ROBINS "," ROLES(
             "{'role_id':^'" PLATFORM "UnsupportedVersion'}") "," AT_BIRDS),
            "unsupported", newer},
        {POLICY(
             ROBINS "," ROLES("{'role_id':^'" GENERIC "Reeder'}") "," AT_BIRDS),
            "unknown_role", "did you mean \"" GENERIC "Reader\"?"},
    };

    assert_all_bad(pdp__read_policies, cases, ARRAY_CNT(cases));
}

/* One run tells everything: subjects, resources and roles. */
static void
all_findings_in_one_run(void **state)
{
    (void)state;
    struct bench bench;

    bench_init(&bench);
    assert_int_equal(
        run(&bench, pdp__read_policies, SOURCE_NAME,
            POLICY(SUBJECTS("\n" ITEM(N("iamid", "x"))) ",\n" ROLES(
                "{'role_id':'x'}") ",\n" RESOURCES(ITEM(HOME)))),
        PDP_OK);
    assert_findings(&bench, 3);
    assert_found_at(&bench, "unknown_name", 2, 24, "did you mean \"iam_id\"?");
    assert_int_equal(bench.b.policies.cnt, 0);
    bench_free(&bench);
}

/* 9 subjects and 8 resources are 72 pairs. */
static void
too_many_pairs(void **state)
{
    (void)state;
#define THREE(x) x "," x "," x
#define ONE ITEM(N("iam_id", "x"))
#define FOUR_AT                                                                \
    ITEM(HOME "," V1_BIRDS)                                                    \
    "," ITEM(HOME "," V1_BIRDS) "," ITEM(HOME "," V1_BIRDS) "," ITEM(          \
        HOME "," V1_BIRDS)
    static const struct bad cases[] = {
        {POLICY(SUBJECTS(THREE(THREE(
             ONE))) "," READERS ",'resources':^[" FOUR_AT "," FOUR_AT "]"),
            "limit", NULL},
    };

    assert_all_bad(pdp__read_policies, cases, ARRAY_CNT(cases));
}

static void
two_policies_of_one_id(void **state)
{
    (void)state;
    static const struct bad cases[] = {
        {"[" POLICY("'id':'p'," ROBINS "," READERS "," AT_BIRDS) "," POLICY(
             "'id':^'p'," ROBINS "," READERS "," AT_BIRDS) "]",
            "duplicate_name", NULL},
    };

    assert_all_bad(pdp__read_policies, cases, ARRAY_CNT(cases));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(same_tables_as_v2),
        cmocka_unit_test(every_pair_is_compiled),
        cmocka_unit_test(others_are_passed_over),
        cmocka_unit_test(findings),
        cmocka_unit_test(all_findings_in_one_run),
        cmocka_unit_test(too_many_pairs),
        cmocka_unit_test(two_policies_of_one_id),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
