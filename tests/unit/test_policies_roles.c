/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "read_util.h"

#include "policy_text.h"

/* Role ids of grants and denies. */

#define BIRDS_ONLY RESOURCE(AT_HOME "," FOR_BIRDS)
#define EVERYWHERE RESOURCE(AT_HOME "," EQUALS("serviceType", "service"))
#define MIXED                                                                  \
    RESOURCE(AT_HOME                                                           \
        "," ATTRIBUTE("serviceName", "stringEqualsAnyOf", "['birds','kms']"))
#define ID(id) "{'role_id':^'" id "'}"
#define FORM "crn:v1:bluemix:public:iam::::serviceRole:NAME"
#define CUSTOM(account, name)                                                  \
    "crn:v1:bluemix:public:iam-access-management::a/" account                  \
    "::customRole:" name

static const char did_you_mean_reader[] =
    "did you mean \"crn:v1:bluemix:public:iam::::serviceRole:Reader\"?";

static void
test_known(void **state)
{
    (void)state;
    static const char *const ids[] = {GENERIC "Reader",
        "crn:v1:bluemix:public:birds::::serviceRole:Reader",
        "crn:v1:bluemix:public:birds::::role:Reader", GENERIC "Night Watch",
        GENERIC "Night%20Watch", GENERIC "NightWatch"};
    char text[2048];
    struct bench bench;

    for (size_t i = 0; i < ARRAY_CNT(ids); i++) {
        snprintf(text, sizeof(text), POLICY("%s," GRANT("{'role_id':'%s'}")),
            BIRDS_ONLY, ids[i]);
        read_clean(&bench, text);
        assert_true(
            has(&bench, policy_at(&bench, 0)->grant_words, "birds.nest.read"));
        assert_false(
            has(&bench, policy_at(&bench, 0)->grant_words, "birds.nest.write"));
        bench_free(&bench);
    }
}

/* Known, and no actions; listed in the definition or not. */
static void
test_platform(void **state)
{
    (void)state;
    static const char *const names[] = {"Viewer", "Operator", "Editor",
        "Administrator"};
    char text[2048];
    struct bench bench;

    for (size_t i = 0; i < ARRAY_CNT(names); i++) {
        snprintf(text, sizeof(text),
            POLICY("%s," GRANT("{'role_id':'" PLATFORM "%s'}")), BIRDS_ONLY,
            names[i]);
        read_clean(&bench, text);
        uint32_t words = policy_at(&bench, 0)->grant_words;
        assert_int_not_equal(words, PDP__NONE);
        assert_false(has(&bench, words, "birds.nest.read"));
        assert_int_equal(policy_at(&bench, 0)->deny_words, PDP__NONE);
        bench_free(&bench);
    }
}

static void
test_unknown(void **state)
{
    (void)state;
    static const struct bad cases[] = {
        /* Bare names are for tokens. */
        {POLICY(BIRDS_ONLY "," GRANT(ID("Reader"))), "unknown_role",
            did_you_mean_reader},
        {POLICY(BIRDS_ONLY "," GRANT(ID("Sailor"))), "unknown_role", FORM},
        {POLICY(EVERYWHERE "," GRANT(ID("crn:v1:bluemix:public:iam"))),
            "unknown_role", FORM},
        {POLICY(EVERYWHERE "," GRANT(ID(GENERIC ""))), "unknown_role", FORM},
        {POLICY(BIRDS_ONLY "," GRANT(ID(GENERIC "Raeder"))), "unknown_role",
            did_you_mean_reader},
        {POLICY(BIRDS_ONLY "," GRANT(ID(PLATFORM "Reader"))), "unknown_role",
            did_you_mean_reader},
        {POLICY(BIRDS_ONLY "," GRANT(ID(GENERIC "Sailor"))), "unknown_role",
            NULL},
        {POLICY(BIRDS_ONLY "," GRANT(
             ID("crn:v1:bluemix:public:kms::::serviceRole:ReaderPlus"))),
            "unknown_role", NULL},
        {POLICY(BIRDS_ONLY "," GRANT(ID(CUSTOM(ACCOUNT, "Other")))),
            "unknown_role",
            "custom roles come from a directory, each for its own service"},
        /* Of `trees`, and the policy is for `birds`. */
        {POLICY(BIRDS_ONLY "," GRANT(ID(GENERIC "Gardener"))), "unknown_role",
            NULL},
        {POLICY(EVERYWHERE
             "," GRANT(ID(GENERIC "UnsupportedVersion") "," ROLE("Reader"))),
            "unsupported", "export with GET /v2/policies"},
    };

    assert_all_bad(pdp__read_policies, cases, ARRAY_CNT(cases));
}

static void
test_foreign(void **state)
{
    (void)state;
    static const struct bad cases[] = {
        {POLICY(EVERYWHERE "," GRANT(
             ID("crn:v1:bluemix:public:kms::::serviceRole:KeyPurge"))),
            "foreign_role", NULL},
        {POLICY(EVERYWHERE "," GRANT(ID(GENERIC "KeyPurge"))), "foreign_role",
            NULL},
        {POLICY(EVERYWHERE "," GRANT(ID(CUSTOM(ACCOUNT, "Other")))),
            "foreign_role", NULL},
        {POLICY(MIXED "," GRANT(ID(GENERIC "KeyPurge"))), "foreign_role", NULL},
    };
    struct bench bench;

    assert_all_bad(pdp__read_policies, cases, ARRAY_CNT(cases));
    bench_init(&bench);
    assert_int_equal(run(&bench, pdp__read_policies, SOURCE_NAME,
                         POLICY(EVERYWHERE
                             "," GRANT(ROLE("KeyPurge") "," ROLE("Gardener")))),
        PDP_OK);
    assert_int_equal(pdp_report_errors(bench.report), 0);
    assert_int_equal(bench.b.policies.cnt, 2);
    assert_false(
        has(&bench, policy_at(&bench, 0)->grant_words, "birds.nest.read"));
    assert_true(
        has(&bench, policy_at(&bench, 1)->grant_words, "trees.leaf.read"));
    bench_free(&bench);
}

/* A deny without effect is an error, whatever the reason. */
static void
test_deny(void **state)
{
    (void)state;
    static const struct bad cases[] = {
        {POLICY(EVERYWHERE
             "," DENY(ID("crn:v1:bluemix:public:kms::::serviceRole:KeyPurge"))),
            "unknown_role", NULL},
        {POLICY(EVERYWHERE "," DENY(ID(GENERIC "Raeder"))), "unknown_role",
            did_you_mean_reader},
        {POLICY(BIRDS_ONLY "," DENY(ID(PLATFORM "Viewer"))), "bad_value", NULL},
    };

    assert_all_bad(pdp__read_policies, cases, ARRAY_CNT(cases));
}

static void
test_form(void **state)
{
    (void)state;
#define TWO(x) x x
#define MANY TWO(TWO(TWO(TWO(TWO(TWO(ROLE("Reader") ","))))))
    static const struct bad cases[] = {
        {POLICY(BIRDS_ONLY ",'control':^{}"), "missing_member", NULL},
        {POLICY(BIRDS_ONLY ",'control':^[]"), "wrong_type", NULL},
        {POLICY(BIRDS_ONLY ",'control':{'grant':^[]}"), "wrong_type", NULL},
        {POLICY(BIRDS_ONLY ",'control':{'grant':^{}}"), "missing_member", NULL},
        {POLICY(BIRDS_ONLY ",'control':{'deny':^{}}"), "missing_member", NULL},
        {POLICY(BIRDS_ONLY ",'control':{'grant':{'roles':^[]}}"), "empty",
            NULL},
        {POLICY(BIRDS_ONLY ",'control':{'deny':{'roles':^[]}}"), "empty", NULL},
        {POLICY(BIRDS_ONLY ",'control':{'grant':{'roles':^{}}}"), "wrong_type",
            NULL},
        {POLICY(BIRDS_ONLY ",'control':{'grant':{'roles':[" ROLE(
             "Reader") "],^'actions':[]}}"),
            "unknown_member", NULL},
        {POLICY(BIRDS_ONLY
             ",'control':{^'deni':{},'grant':{'roles':[" ROLE("Reader") "]}}"),
            "unknown_member", "did you mean \"deny\"?"},
        {POLICY(BIRDS_ONLY "," GRANT("^'Reader'")), "wrong_type", NULL},
        {POLICY(BIRDS_ONLY "," GRANT("^{}")), "missing_member", NULL},
        {POLICY(BIRDS_ONLY "," GRANT("{'role_id':^7}")), "wrong_type", NULL},
        {POLICY(BIRDS_ONLY
             "," GRANT("{'role_id':'" GENERIC "Reader',^'except':[]}")),
            "unknown_member", NULL},
        {POLICY(BIRDS_ONLY
             ",'control':{'grant':{'roles':^[" MANY ROLE("Reader") "]}}"),
            "limit", NULL},
    };

    assert_all_bad(pdp__read_policies, cases, ARRAY_CNT(cases));
}

#define DIRECTORY                                                              \
    "{'format':'pdp-directory/1','roles':{'custom_roles':[{'crn':'" CUSTOM(    \
        ACCOUNT, "Ringer") "','name':'Ringer','account_id':'" ACCOUNT          \
                           "','service_name':'birds',"                         \
                           "'actions':['birds.nest.write']}]}}"

static void
test_custom(void **state)
{
    (void)state;
    struct bench bench;

    bench_init(&bench);
    assert_int_equal(run(&bench, pdp__read_directory, "dir.json", DIRECTORY),
        PDP_OK);
    assert_int_equal(run(&bench, pdp__read_policies, SOURCE_NAME,
                         POLICY(BIRDS_ONLY "," GRANT(
                             "{'role_id':'" CUSTOM(ACCOUNT, "Ringer") "'}"))),
        PDP_OK);
    assert_findings(&bench, 0);
    assert_true(
        has(&bench, policy_at(&bench, 0)->grant_words, "birds.nest.write"));
    assert_false(
        has(&bench, policy_at(&bench, 0)->grant_words, "birds.nest.read"));
    /* It holds in its own account only. */
    assert_int_equal(
        run(&bench, pdp__read_policies, "other.json",
            POLICY(
                RESOURCE(EQUALS("accountId", "other") "," FOR_BIRDS) "," GRANT(
                    ID(CUSTOM(ACCOUNT, "Ringer"))))),
        PDP_OK);
    assert_findings(&bench, 1);
    assert_found_at(&bench, "bad_value", 1, bench.column, NULL);
    /* And in its own service. */
    assert_int_equal(run(&bench, pdp__read_policies, "trees.json",
                         POLICY(RESOURCE(AT_HOME "," EQUALS("serviceName",
                             "trees")) "," GRANT(ID(CUSTOM(ACCOUNT,
                             "Ringer"))))),
        PDP_OK);
    assert_findings(&bench, 2);
    assert_found_at(&bench, "unknown_role", 1, bench.column,
        "custom roles come from a directory, each for its own service");
    bench_free(&bench);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_known),
        cmocka_unit_test(test_platform),
        cmocka_unit_test(test_unknown),
        cmocka_unit_test(test_foreign),
        cmocka_unit_test(test_deny),
        cmocka_unit_test(test_form),
        cmocka_unit_test(test_custom),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
