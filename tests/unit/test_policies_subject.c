/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "read_util.h"

#include "policy_text.h"

/* Whom a policy is for. */

#define FOR(subject)                                                           \
    POLICY(subject "," READER "," RESOURCE(AT_HOME "," FOR_BIRDS))

static void
test_conditions(void **state)
{
    (void)state;
    struct bench bench;

    read_clean(&bench, FOR(SUBJECT(EQUALS("access_group_id",
                           "AccessGroupId-1") "," EQUALS("iam_id",
                           "IBMid-1") "," ATTRIBUTE("iam_id", "stringExists",
                           "true") "," ATTRIBUTE("access_group_id",
                           "stringExists", "false"))));
    struct pdp__range subjects = policy_at(&bench, 0)->subjects;
    assert_int_equal(subjects.cnt, 4);
    assert_condition(&bench, condition_at(&bench, subjects, 0),
        PDP__SUBJECT_ACCESS_GROUP_ID, PDP__OP_STRING_EQUALS,
        VALUES("AccessGroupId-1"));
    assert_condition(&bench, condition_at(&bench, subjects, 1),
        PDP__SUBJECT_IAM_ID, PDP__OP_STRING_EQUALS, VALUES("IBMid-1"));
    assert_condition(&bench, condition_at(&bench, subjects, 2),
        PDP__SUBJECT_IAM_ID, PDP__OP_STRING_EXISTS, NULL);
    assert_int_equal(condition_at(&bench, subjects, 2)->wanted, 1);
    assert_condition(&bench, condition_at(&bench, subjects, 3),
        PDP__SUBJECT_ACCESS_GROUP_ID, PDP__OP_STRING_EXISTS, NULL);
    assert_int_equal(condition_at(&bench, subjects, 3)->wanted, 0);
    bench_free(&bench);
}

static void
test_findings(void **state)
{
    (void)state;
    static const char two[] = "a subject has stringEquals and stringExists "
                              "only";
    static const char keys[] = "a subject has iam_id or access_group_id";
    static const struct bad cases[] = {
        {FOR("'subject':^{}"), "missing_member", NULL},
        {FOR("'subject':{'attributes':^[]}"), "empty", NULL},
        {FOR("'subject':{'attributes':^{}}"), "wrong_type", NULL},
        {FOR("'subject':{'attributes':[" EQUALS("iam_id", "x") "],^'tags':[]}"),
            "unknown_member", NULL},
        {FOR(SUBJECT("{'key':^'accountId','operator':'stringEquals',"
                     "'value':'x'}")),
            "unknown_name", keys},
        {FOR(SUBJECT("{'key':^'iamid','operator':'stringEquals',"
                     "'value':'x'}")),
            "unknown_name", "did you mean \"iam_id\"?"},
        {FOR(SUBJECT("{'key':'iam_id','operator':^'stringMatch',"
                     "'value':'IBMid-*'}")),
            "unknown_operator", two},
        {FOR(SUBJECT("{'key':'iam_id','operator':^'stringEqualsAnyOf',"
                     "'value':['x']}")),
            "unknown_operator", two},
        {FOR(SUBJECT("{'key':'iam_id','operator':^'stringexists',"
                     "'value':true}")),
            "unknown_operator", "did you mean \"stringExists\"?"},
        {FOR(SUBJECT("{'key':'iam_id','operator':'stringEquals',"
                     "'value':^''}")),
            "bad_value", "leave the attribute out if it may have any value"},
    };

    assert_all_bad(pdp__read_policies, cases, ARRAY_CNT(cases));
}

/* The v1 spelling of an attribute: every member of it is reported. */
static void
test_name_for_key(void **state)
{
    (void)state;
    struct bench bench;

    bench_init(&bench);
    assert_int_equal(run(&bench, pdp__read_policies, SOURCE_NAME,
                         "{'type':'access',\n'subject':{'attributes':[\n"
                         "{'name':'iam_id','value':'x'}]},\n" READER
                         "," RESOURCE(AT_HOME "," FOR_BIRDS) "}"),
        PDP_OK);
    assert_findings(&bench, 3);
    assert_found_at(&bench, "unknown_member", 3, 2, NULL);
    assert_message(&bench, "member \"key\" is missing");
    assert_message(&bench, "member \"operator\" is missing");
    bench_free(&bench);
}

static void
test_too_many(void **state)
{
    (void)state;
#define FOUR(x) x x x x
#define ONE ATTRIBUTE("iam_id", "stringExists", "true") ","
    static const struct bad cases[] = {
        {FOR("'subject':{'attributes':^[" FOUR(FOUR(ONE ONE))
                 EQUALS("iam_id", "x") "]}"),
            "limit", NULL},
    };

    assert_all_bad(pdp__read_policies, cases, ARRAY_CNT(cases));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_conditions),
        cmocka_unit_test(test_findings),
        cmocka_unit_test(test_name_for_key),
        cmocka_unit_test(test_too_many),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
