/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "read_util.h"

#include "policy_text.h"

/* What a policy is for: attributes of the resource. */

#define WITH(more)                                                             \
    POLICY(ROBIN "," READER ",\n'resource':{'attributes':[" more "]}")
#define HERE AT_HOME "," FOR_BIRDS ","

static void
test_all_attributes(void **state)
{
    (void)state;
    struct bench bench;

    read_clean(&bench,
        WITH(AT_HOME "," FOR_BIRDS "," EQUALS("serviceType",
            "service") "," EQUALS("service_group_id",
            "IAM") "," EQUALS("geography", "global") "," EQUALS("region",
            "us-south") "," EQUALS("resourceType",
            "namespace") "," EQUALS("resource",
            "nest") "," EQUALS("resourceGroupId",
            "g") "," ATTRIBUTE("serviceInstance", "stringExists",
            "false") "," EQUALS("resource", "nest")));
    static const int attrs[] = {PDP__ATTR_ACCOUNT_ID, PDP__ATTR_SERVICE_NAME,
        PDP__ATTR_SERVICE_TYPE, PDP__ATTR_SERVICE_GROUP_ID, PDP__ATTR_GEOGRAPHY,
        PDP__ATTR_REGION, PDP__ATTR_RESOURCE_TYPE, PDP__ATTR_RESOURCE,
        PDP__ATTR_RESOURCE_GROUP_ID, PDP__ATTR_SERVICE_INSTANCE,
        PDP__ATTR_RESOURCE};
    struct pdp__range resources = policy_at(&bench, 0)->resources;
    assert_int_equal(resources.cnt, ARRAY_CNT(attrs));
    for (uint32_t i = 0; i < ARRAY_CNT(attrs); i++) {
        assert_int_equal(condition_at(&bench, resources, i)->attr, attrs[i]);
    }
    bench_free(&bench);
}

static void
test_required_attributes(void **state)
{
    (void)state;
    static const char one[] = "every policy holds in exactly one account";
    static const struct bad cases[] = {
        {POLICY(READER ",\n'resource':{'attributes':^[" FOR_BIRDS "]}"),
            "missing_member", one},
        {POLICY(READER ",\n'resource':{'attributes':^[" FOR_BIRDS
                       "," ATTRIBUTE("accountId", "stringMatch", "'*'") "]}"),
            "missing_member", one},
        {POLICY(READER ",\n'resource':{'attributes':^[" AT_HOME
                       "," EQUALS("resource", "nest") "]}"),
            "missing_member", NULL},
        /* A value that was refused is not missing as well. */
        {WITH(FOR_BIRDS
             ",{'key':'accountId','operator':'stringEquals','value':^7}"),
            "wrong_type", NULL},
        {POLICY(READER ",'resource':^{}"), "missing_member", NULL},
        {POLICY(READER ",'resource':{'attributes':^[]}"), "empty", NULL},
        {POLICY(READER ",'resource':{'attributes':^{}}"), "wrong_type", NULL},
        {POLICY(READER ",'resource':^[]"), "wrong_type", NULL},
        {POLICY(READER ",'resource':{'attributes':[" AT_HOME "," FOR_BIRDS
                       "],^'tag':[]}"),
            "unknown_member", "did you mean \"tags\"?"},
    };

    assert_all_bad(pdp__read_policies, cases, ARRAY_CNT(cases));
}

static void
test_keys(void **state)
{
    (void)state;
#define KEY(key)                                                               \
    WITH(HERE "{'key':^'" key "',"                                             \
              "'operator':'stringEquals','value':'x'}")
    static const struct bad cases[] = {
        {KEY(""), "bad_value", NULL},
        {KEY("{{resource.attributes.prefix}}"), "bad_value", NULL},
        {KEY("res ource"), "bad_value", NULL},
        {KEY("prefix"), "foreign_attribute", NULL},
        {KEY("resourcetype"), "foreign_attribute",
            "did you mean \"resourceType\"?"},
        {KEY("ServiceInstance"), "foreign_attribute",
            "did you mean \"serviceInstance\"?"},
    };

    assert_all_bad(pdp__read_policies, cases, ARRAY_CNT(cases));
}

/* A name that no request has stays, so that it cannot match. */
static void
test_foreign_is_kept(void **state)
{
    (void)state;
    struct bench bench;

    bench_init(&bench);
    assert_int_equal(run(&bench, pdp__read_policies, SOURCE_NAME,
                         WITH(HERE EQUALS("prefix", "x"))),
        PDP_OK);
    assert_int_equal(pdp_report_errors(bench.report), 0);
    struct pdp__range resources = policy_at(&bench, 0)->resources;
    assert_int_equal(resources.cnt, 3);
    assert_condition(&bench, condition_at(&bench, resources, 2),
        PDP__ATTR_OTHER, PDP__OP_STRING_EQUALS, VALUES("x"));
    bench_free(&bench);
}

static void
test_regions(void **state)
{
    (void)state;
    static const struct bad cases[] = {
        {WITH(HERE "{'key':'region','operator':'stringEquals',"
                   "'value':^'us-suoth'}"),
            "foreign_attribute", "did you mean \"us-south\"?"},
        {WITH(HERE "{'key':'region','operator':'stringEqualsAnyOf',"
                   "'value':['eu-de',^'mars','south']}"),
            "foreign_attribute", NULL},
        {POLICY(
             DENY(ROLE("Reader")) "," RESOURCE(AT_HOME "," EQUALS("serviceType",
                 "service") ",{'key':'region','operator':"
                            "'stringEquals','value':^'eu-ed'}")),
            "unknown_name", "did you mean \"eu-de\"?"},
        {POLICY(
             DENY(ROLE("Reader")) "," RESOURCE(AT_HOME "," EQUALS("serviceType",
                 "service") ",{'key':'region',"
                            "'operator':'stringMatch','value':^'mars*'}")),
            "unknown_name", NULL},
        {POLICY(
             DENY(ROLE("Reader")) "," RESOURCE(AT_HOME "," EQUALS("serviceType",
                 "service") ",{'key':'region',"
                            "'operator':'stringMatchAnyOf','value':['eu-*',^'"
                            "mars*']}")),
            "unknown_name", NULL},
    };
    struct bench bench;

    assert_all_bad(pdp__read_policies, cases, ARRAY_CNT(cases));
    /* For all services, and for one without regions: it may be one. */
    read_clean(&bench,
        POLICY(READER "," RESOURCE(AT_HOME "," EQUALS("serviceType",
            "service") "," EQUALS("region", "mars"))));
    bench_free(&bench);
    read_clean(&bench,
        POLICY(DENY(ROLE("Reader")) "," RESOURCE(AT_HOME
            "," EQUALS("serviceName", "trees") "," EQUALS("region", "mars"))));
    bench_free(&bench);
}

#define DENY_WHERE(more)                                                       \
    POLICY(ROBIN "," DENY(ROLE("Reader")) "," RESOURCE(AT_HOME more))
#define NO_REGION "{'key':'region','operator':'stringExists','value':^false}"

/* Each request to a service with regions has one, known or not; one to a
 * service without regions never has. */
static void
test_deny_without_region(void **state)
{
    (void)state;
    static const struct bad cases[] = {
        {DENY_WHERE("," FOR_BIRDS "," NO_REGION), "bad_value", NULL},
    };
    static const char *const good[] = {
        DENY_WHERE("," EQUALS("serviceName", "trees") "," NO_REGION),
        DENY_WHERE("," EQUALS("serviceType", "service") "," NO_REGION),
        DENY_WHERE(
            "," FOR_BIRDS "," ATTRIBUTE("region", "stringExists", "true")),
        WITH(HERE NO_REGION),
    };
    struct bench bench;

    assert_all_bad(pdp__read_policies, cases, ARRAY_CNT(cases));
    for (size_t i = 0; i < ARRAY_CNT(good); i++) {
        read_clean(&bench, good[i]);
        bench_free(&bench);
    }
}

#define TYPE(op, value)                                                        \
    "{'key':'resourceType','operator':'" op "','value':^" value "}"

#define NAMED_AS(op, value)                                                    \
    "{'key':'resource','operator':'" op "','value':" value "}"

/* There is one type of resource only, and not everything can be its name. */
static void
test_types(void **state)
{
    (void)state;
    static const char hint[] = "\"namespace\"";
    static const char word[] = "a namespace is one word of small letters, "
                               "digits and . _ -";
    static const struct bad cases[] = {
        {DENY_WHERE("," FOR_BIRDS "," TYPE("stringEquals", "'namespaces'")),
            "unknown_name", hint},
        {DENY_WHERE("," FOR_BIRDS "," TYPE("stringMatch", "'image*'")),
            "unknown_name", hint},
        {DENY_WHERE("," FOR_BIRDS "," TYPE("stringEqualsAnyOf", "['a','b']")),
            "unknown_name", hint},
        {WITH(HERE TYPE("stringEquals", "'image'")), "foreign_attribute", hint},
        {DENY_WHERE("," FOR_BIRDS "," NAMED_AS("stringEquals", "^'birds/owl'")),
            "unknown_name", word},
        {DENY_WHERE("," FOR_BIRDS
                    "," NAMED_AS("stringEqualsAnyOf", "['birds',^'Birds']")),
            "unknown_name", word},
        {DENY_WHERE("," FOR_BIRDS "," NAMED_AS("stringMatch", "^'birds/*'")),
            "unknown_name", word},
        {DENY_WHERE("," FOR_BIRDS
                    "," NAMED_AS("stringMatchAnyOf", "['b*','a?',^'B*']")),
            "unknown_name", word},
        {WITH(HERE NAMED_AS("stringEquals", "^'birds:1'")), "foreign_attribute",
            word},
        {DENY_WHERE("," FOR_BIRDS ",{'key':'serviceInstance','operator':"
                    "'stringEquals','value':^'x'}"),
            "foreign_attribute", NULL},
        {DENY_WHERE("," FOR_BIRDS ",{'key':'serviceType','operator':"
                    "'stringEquals','value':^'Service'}"),
            "bad_value", NULL},
        {DENY_WHERE("," FOR_BIRDS ",{'key':'serviceType','operator':"
                    "'stringMatchAnyOf','value':^['S*','x']}"),
            "bad_value", NULL},
    };
    static const char *const good[] = {
        DENY_WHERE("," FOR_BIRDS "," TYPE("stringMatch", "'n*'")),
        DENY_WHERE(
            "," FOR_BIRDS "," TYPE("stringEqualsAnyOf", "['a','namespace']")),
        DENY_WHERE("," FOR_BIRDS "," TYPE("stringExists", "false")),
        DENY_WHERE("," FOR_BIRDS "," NAMED_AS("stringEquals", "'a.b-c_1'")),
        DENY_WHERE("," FOR_BIRDS "," NAMED_AS("stringMatch", "'a?b*{{*}}'")),
        DENY_WHERE("," FOR_BIRDS "," NAMED_AS("stringExists", "true")),
        DENY_WHERE("," FOR_BIRDS ",{'key':'serviceInstance','operator':"
                   "'stringExists','value':false}"),
        POLICY(ROBIN "," DENY(ROLE("Reader")) "," RESOURCE(
            AT_HOME "," EQUALS("serviceType",
                "service") "," NAMED_AS("stringEquals", "'A/B'"))),
        /* Perhaps of a service that is not loaded. */
        DENY_WHERE("," EQUALS("serviceType", "service") "," TYPE("stringEquals",
            "'key'")),
    };
    struct bench bench;

    assert_all_bad(pdp__read_policies, cases, ARRAY_CNT(cases));
    for (size_t i = 0; i < ARRAY_CNT(good); i++) {
        read_clean(&bench, good[i]);
        bench_free(&bench);
    }
}

/* One account, by stringEquals; what else is said of it must hold for it. */
static void
test_accounts(void **state)
{
    (void)state;
#define OF(op, value)                                                          \
    "{'key':'accountId','operator':'" op "','value':^" value "}"
    static const char one[] = "every policy holds in exactly one account";
    static const struct bad cases[] = {
        {WITH(HERE OF("stringEquals", "'other'")), "bad_value", one},
        {WITH(FOR_BIRDS "," EQUALS("accountId", "other") "," OF("stringEquals",
             "'" ACCOUNT "'")),
            "bad_value", one},
        {WITH(OF("stringMatch", "'x*'") "," AT_HOME "," FOR_BIRDS), "bad_value",
            one},
        {WITH(HERE OF("stringExists", "false")), "bad_value", one},
        {WITH(HERE OF("stringEqualsAnyOf", "['x','y']")), "bad_value", one},
        {WITH(HERE OF("stringMatchAnyOf", "['x*','y']")), "bad_value", one},
        {DENY_WHERE("," FOR_BIRDS "," OF("stringEquals", "true")), "bad_value",
            one},
    };
    static const char *const good[] = {
        WITH(HERE AT_HOME),
        WITH(HERE ATTRIBUTE("accountId", "stringExists", "true")),
        WITH(HERE ATTRIBUTE("accountId", "stringMatch", "'4f8e*'")),
        WITH(HERE ATTRIBUTE("accountId", "stringEqualsAnyOf",
            "['x','" ACCOUNT "']")),
        WITH(HERE ATTRIBUTE("accountId", "stringMatchAnyOf", "['x','*1f']")),
    };
    struct bench bench;

    assert_all_bad(pdp__read_policies, cases, ARRAY_CNT(cases));
    for (size_t i = 0; i < ARRAY_CNT(good); i++) {
        read_clean(&bench, good[i]);
        bench_free(&bench);
    }
}

static void
test_tags(void **state)
{
    (void)state;
    static const struct bad cases[] = {
        {POLICY(READER ",'resource':{'attributes':[" AT_HOME
                       "," EQUALS("serviceType",
                           "service") "],'tags':["
                                      "{'key':^'e:nv','value':'prod',"
                                      "'operator':'stringEquals'}]}"),
            "bad_value", NULL},
        {POLICY(READER ",'resource':{'attributes':[" AT_HOME "," FOR_BIRDS
                       "],'tags':^{}}"),
            "wrong_type", NULL},
    };

    assert_all_bad(pdp__read_policies, cases, ARRAY_CNT(cases));
}

static void
test_too_many(void **state)
{
    (void)state;
#define FOUR(x) x x x x
#define ONE EQUALS("resource", "x") ","
    static const struct bad cases[] = {
        {POLICY(READER ",'resource':{'attributes':^[" FOUR(FOUR(ONE ONE))
                 AT_HOME "," FOR_BIRDS "]}"),
            "limit", NULL},
    };

    assert_all_bad(pdp__read_policies, cases, ARRAY_CNT(cases));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_all_attributes),
        cmocka_unit_test(test_required_attributes),
        cmocka_unit_test(test_keys),
        cmocka_unit_test(test_foreign_is_kept),
        cmocka_unit_test(test_regions),
        cmocka_unit_test(test_deny_without_region),
        cmocka_unit_test(test_types),
        cmocka_unit_test(test_accounts),
        cmocka_unit_test(test_tags),
        cmocka_unit_test(test_too_many),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
