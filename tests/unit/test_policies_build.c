/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "read_util.h"

#include "policy_text.h"

/* The compiled tables: conditions, words, subjects, ids. */

#define ALL EQUALS("serviceType", "service")

static pdp_str_t
subject_id(const struct bench *bench, uint32_t ix)
{
    assert_true(ix < bench->b.subjects.cnt);
    return pdp__builder_str(&bench->b,
        PDP__ITEM(&bench->b, subjects, struct pdp__subject, ix)->id);
}

static const struct pdp__pair *
pair_at(const struct bench *bench, uint32_t ix)
{
    assert_true(ix < bench->b.subject_policies.cnt);
    return PDP__VEC_AT(&bench->b.subject_policies, struct pdp__pair, ix);
}

#define RESOURCES                                                              \
    RESOURCE(AT_HOME "," FOR_BIRDS                                             \
                     "," ATTRIBUTE("resource", "stringMatch", "'dev-*'"))
#define BOTH                                                                   \
    "'control':{'grant':{'roles':[" ROLE("Reader") "," ROLE(                   \
        "Writer") "]},'deny':{'roles':[" ROLE("Manager") "]}}"

static void
test_one_policy(void **state)
{
    (void)state;
    struct bench bench;

    read_clean(&bench, POLICY("'id':'p1'," ROBIN "," RESOURCES "," BOTH));
    assert_int_equal(bench.b.policies.cnt, 1);
    const struct pdp__policy *p = policy_at(&bench, 0);
    assert_str(pdp__builder_str(&bench.b, p->id), "p1");
    assert_int_equal(p->service, 0);
    assert_int_equal(p->subjects.cnt, 1);
    assert_condition(&bench, condition_at(&bench, p->subjects, 0),
        PDP__SUBJECT_IAM_ID, PDP__OP_STRING_EQUALS, VALUES("IBMid-robin"));
    assert_int_equal(p->resources.cnt, 3);
    assert_condition(&bench, condition_at(&bench, p->resources, 0),
        PDP__ATTR_ACCOUNT_ID, PDP__OP_STRING_EQUALS, VALUES(ACCOUNT));
    assert_condition(&bench, condition_at(&bench, p->resources, 1),
        PDP__ATTR_SERVICE_NAME, PDP__OP_STRING_EQUALS, VALUES("birds"));
    assert_condition(&bench, condition_at(&bench, p->resources, 2),
        PDP__ATTR_RESOURCE, PDP__OP_STRING_MATCH, VALUES("dev-*"));
    assert_true(has(&bench, p->grant_words, "birds.nest.read"));
    assert_true(has(&bench, p->grant_words, "birds.nest.write"));
    assert_false(has(&bench, p->grant_words, "birds.plan.set"));
    assert_true(has(&bench, p->deny_words, "birds.plan.set"));
    assert_int_equal(bench.b.subject_policies.cnt, 1);
    assert_str(subject_id(&bench, pair_at(&bench, 0)->a), "IBMid-robin");
    assert_int_equal(pair_at(&bench, 0)->b, 0);
    assert_int_equal(bench.b.any_policies.cnt, 0);
    assert_int_equal(bench.b.public_group, PDP__NONE);
    bench_free(&bench);
}

/* The words of the roles themselves stay as they are. */
static void
test_words_are_copies(void **state)
{
    (void)state;
    struct bench bench;

    read_clean(&bench,
        "[" POLICY(RESOURCE(AT_HOME "," FOR_BIRDS) "," GRANT(
            ROLE("Reader") "," ROLE("Manager"))) "," POLICY(RESOURCE(AT_HOME
            "," FOR_BIRDS) "," READER) "]");
    assert_true(
        has(&bench, policy_at(&bench, 0)->grant_words, "birds.plan.set"));
    assert_false(
        has(&bench, policy_at(&bench, 1)->grant_words, "birds.plan.set"));
    assert_int_equal(policy_at(&bench, 1)->deny_words, PDP__NONE);
    bench_free(&bench);
}

/* One id, one copy a service, side by side. */
static void
test_copies(void **state)
{
    (void)state;
    struct bench bench;

    read_clean(&bench,
        "[" POLICY("'id':'all'," ROBIN "," READER "," RESOURCE(AT_HOME
            "," ALL)) "," POLICY("'id':'trees'," READER "," RESOURCE(AT_HOME
            "," EQUALS("serviceName", "trees"))) "]");
    assert_int_equal(bench.b.policies.cnt, 3);
    assert_int_equal(bench.b.policy_ids.cnt, 2);
    const struct pdp__policy_id *ids = bench.b.policy_ids.items;
    assert_str(pdp__builder_str(&bench.b, ids[0].id), "all");
    assert_int_equal(ids[0].policies.first, 0);
    assert_int_equal(ids[0].policies.cnt, 2);
    assert_int_equal(ids[1].policies.first, 2);
    assert_int_equal(ids[1].policies.cnt, 1);
    assert_int_equal(pdp__map_get(&bench.b, PDP__MAP_POLICY_ID,
                         PDP__LIT("trees")),
        1);
    assert_int_equal(policy_at(&bench, 0)->service, 0);
    assert_int_equal(policy_at(&bench, 1)->service, 1);
    assert_true(
        has(&bench, policy_at(&bench, 0)->grant_words, "birds.nest.read"));
    assert_true(
        has(&bench, policy_at(&bench, 1)->grant_words, "trees.leaf.read"));
    assert_int_equal(bench.b.subject_policies.cnt, 2);
    assert_int_equal(pair_at(&bench, 0)->a, pair_at(&bench, 1)->a);
    bench_free(&bench);
}

/* The number counts every policy of the document, also those skipped.  It
 * is for people: a token must not name a policy by its place in a file. */
static void
test_made_ids(void **state)
{
    (void)state;
    static const char *const ids[] = {"a.json#2", "x", "b.json#1"};
    struct bench bench;

    bench_init(&bench);
    assert_int_equal(run(&bench, pdp__read_policies, "a.json",
                         "[{'type':'authorization'}," ON_BIRDS("") "," POLICY(
                             "'id':'x'," ROBIN "," READER
                             "," RESOURCE(AT_HOME "," FOR_BIRDS)) "]"),
        PDP_OK);
    assert_int_equal(run(&bench, pdp__read_policies, "b.json", ON_BIRDS("")),
        PDP_OK);
    assert_findings(&bench, 1);
    assert_int_equal(bench.b.policies.cnt, ARRAY_CNT(ids));
    for (uint32_t i = 0; i < ARRAY_CNT(ids); i++) {
        assert_str(pdp__builder_str(&bench.b, policy_at(&bench, i)->id),
            ids[i]);
    }
    assert_int_equal(bench.b.policy_ids.cnt, 1);
    const struct pdp__policy_id *id = bench.b.policy_ids.items;
    assert_str(pdp__builder_str(&bench.b, id->id), "x");
    assert_int_equal(id->policies.first, 1);
    assert_int_equal(id->policies.cnt, 1);
    bench_free(&bench);
}

static void
test_duplicate_ids(void **state)
{
    (void)state;
#define NAMED(id) POLICY("'id':" id "," READER "," RESOURCE(AT_HOME "," ALL))
    static const struct bad cases[] = {
        {"[" NAMED("'x'") ",\n" NAMED("^'x'") "]", "duplicate_name", NULL},
    };
    struct bench bench;

    assert_all_bad(pdp__read_policies, cases, ARRAY_CNT(cases));
    bench_init(&bench);
    (void)run(&bench, pdp__read_policies, "a.json", NAMED("'x'"));
    (void)run(&bench, pdp__read_policies, "b.json", NAMED("^'x'"));
    assert_findings(&bench, 1);
    assert_found_at(&bench, "duplicate_name", 1, bench.column, NULL);
    bench_free(&bench);
    /* The name of a policy without an id is for people: two documents may
     * have the same name, or none. */
    bench_init(&bench);
    (void)run(&bench, pdp__read_policies, "a.json", ON_BIRDS(""));
    (void)run(&bench, pdp__read_policies, "a.json", ON_BIRDS(""));
    (void)run(&bench, pdp__read_policies, "b.json", NAMED("'a.json#1'"));
    assert_findings(&bench, 0);
    assert_int_equal(bench.b.policies.cnt, 4); /* the last is for two */
    assert_int_equal(bench.b.policy_ids.cnt, 1);
    bench_free(&bench);
}

/* A name means the same region for all services; patterns stay patterns. */
static void
test_regions(void **state)
{
    (void)state;
    struct bench bench;

    read_clean(&bench,
        POLICY(READER "," RESOURCE(AT_HOME "," ALL "," EQUALS("region",
            "south") "," ATTRIBUTE("region", "stringEqualsAnyOf",
            "['eu-central','eu-de','mars']") "," ATTRIBUTE("region",
            "stringMatch", "'south'") "," EQUALS("resource", "south"))));
    struct pdp__range birds = policy_at(&bench, 0)->resources;
    struct pdp__range trees = policy_at(&bench, 1)->resources;
    assert_condition(&bench, condition_at(&bench, birds, 2), PDP__ATTR_REGION,
        PDP__OP_STRING_EQUALS, VALUES("us-south"));
    assert_condition(&bench, condition_at(&bench, birds, 3), PDP__ATTR_REGION,
        PDP__OP_STRING_EQUALS_ANY_OF, VALUES("eu-de", "eu-de", "mars"));
    assert_condition(&bench, condition_at(&bench, birds, 4), PDP__ATTR_REGION,
        PDP__OP_STRING_MATCH, VALUES("south"));
    assert_condition(&bench, condition_at(&bench, birds, 5), PDP__ATTR_RESOURCE,
        PDP__OP_STRING_EQUALS, VALUES("south"));
    assert_condition(&bench, condition_at(&bench, trees, 2), PDP__ATTR_REGION,
        PDP__OP_STRING_EQUALS, VALUES("us-south"));
    bench_free(&bench);
}

#define FOR(subject)                                                           \
    POLICY(subject "," READER "," RESOURCE(AT_HOME "," FOR_BIRDS))
#define EXISTS(key, value) ATTRIBUTE(key, "stringExists", value)

static void
test_subject_index(void **state)
{
    (void)state;
    struct bench bench;

    read_clean(&bench,
        "[" FOR(SUBJECT(EXISTS("iam_id", "true") "," EQUALS("access_group_id",
            "AccessGroupId-1") "," EQUALS("iam_id",
            "IBMid-1"))) "," FOR(SUBJECT(EXISTS("iam_id",
            "true") "," EXISTS("access_group_id", "false"))) "," POLICY(READER
            "," RESOURCE(AT_HOME
                "," FOR_BIRDS)) "," FOR(SUBJECT(EQUALS("access_group_id",
            "AccessGroupId-PublicAccess"))) "]");
    assert_int_equal(bench.b.subject_policies.cnt, 2);
    assert_str(subject_id(&bench, pair_at(&bench, 0)->a), "AccessGroupId-1");
    assert_int_equal(pair_at(&bench, 0)->b, 0);
    assert_int_equal(bench.b.any_policies.cnt, 1);
    assert_int_equal(*PDP__VEC_AT(&bench.b.any_policies, uint32_t, 0), 1);
    assert_int_equal(policy_at(&bench, 2)->subjects.cnt, 0);
    assert_int_equal(pair_at(&bench, 1)->b, 3);
    assert_int_equal(bench.b.public_group, pair_at(&bench, 1)->a);
    assert_int_equal(bench.b.subjects.cnt, 2);
    bench_free(&bench);
}

/* Only as a group: an identity of that name is nobody's group. */
static void
test_public_group_is_a_group(void **state)
{
    (void)state;
    struct bench bench;

    read_clean(&bench,
        FOR(SUBJECT(EQUALS("iam_id", "AccessGroupId-PublicAccess"))));
    assert_int_equal(bench.b.public_group, PDP__NONE);
    bench_free(&bench);
}

/* A policy with an error is not compiled. */
static void
test_errors_build_nothing(void **state)
{
    (void)state;
    struct bench bench;

    bench_init(&bench);
    (void)run(&bench, pdp__read_policies, SOURCE_NAME,
        FOR(SUBJECT(EQUALS("iam", "x"))));
    assert_findings(&bench, 1);
    assert_int_equal(bench.b.policies.cnt, 0);
    assert_int_equal(bench.b.policy_ids.cnt, 0);
    bench_free(&bench);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_one_policy),
        cmocka_unit_test(test_words_are_copies),
        cmocka_unit_test(test_copies),
        cmocka_unit_test(test_made_ids),
        cmocka_unit_test(test_duplicate_ids),
        cmocka_unit_test(test_regions),
        cmocka_unit_test(test_subject_index),
        cmocka_unit_test(test_public_group_is_a_group),
        cmocka_unit_test(test_errors_build_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
