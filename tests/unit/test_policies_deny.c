/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
/*
 * load/policies_deny.c: a denial needs one service in which its roles do
 * something and its regions can be.  `one` is in eu-de and jp-tok and has the
 * role First; `two` is in us-south (once called south) and has the role
 * Second; `three` has no regions and the role Third.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "read_util.h"

#include "policy_text.h"

#define SERVICE_OF(name, role, regions)                                        \
    "{'format':'pdp-service/1','service':'" name "','actions':{'" name         \
    ".do':{'scope':'account'}},'roles':{'" role "':{'actions':['" name         \
    ".do']},'Empty':{'actions':[]}},'events':{},'params':{},'regions':"        \
    "[" regions "],'routes':[]}"
#define REGION_OF(name, alias, host)                                           \
    "{'region':'" name "','aliases':[" alias "],'hosts':['" host               \
    "'],'events':'" name "'}"

#define FOR(service) EQUALS("serviceName", service)
#define ALL_SERVICES EQUALS("serviceType", "service")
#define IN(region) EQUALS("region", region)
#define LIKE(pattern) ATTRIBUTE("region", "stringMatch", "'" pattern "'")
#define ANY_OF(list) ATTRIBUTE("region", "stringEqualsAnyOf", "[" list "]")
#define DENIAL(roles, resource)                                                \
    "^" POLICY(ROBIN "," DENY(roles) "," RESOURCE(AT_HOME "," resource))

static void
open_bench(struct bench *bench)
{
    pdp_mem_t mem = pdp__mem_default();

    memset(bench, 0, sizeof(*bench));
    pdp__arena_init(&bench->arena, &mem);
    bench->report = pdp__report_new(&mem);
    assert_non_null(bench->report);
    pdp__builder_init(&bench->b, &bench->arena, bench->report, 0);
    assert_int_equal(run(bench, pdp__read_service, "one",
                         SERVICE_OF("one", "First",
                             REGION_OF("eu-de", "",
                                 "a.example") "," REGION_OF("jp-tok", "",
                                 "b.example"))),
        PDP_OK);
    assert_int_equal(run(bench, pdp__read_service, "two",
                         SERVICE_OF("two", "Second",
                             REGION_OF("us-south", "'south'", "c.example"))),
        PDP_OK);
    assert_int_equal(run(bench, pdp__read_service, "three",
                         SERVICE_OF("three", "Third", "")),
        PDP_OK);
    assert_int_equal(pdp_report_errors(bench->report), 0);
}

struct denial {
    const char *text;
    bool dead;
};

static const struct denial denials[] = {
    /* One service: its role and its region. */
    {DENIAL(ROLE("First"), FOR("one") "," IN("eu-de")), false},
    {DENIAL(ROLE("First"), FOR("one")), false},
    {DENIAL(ROLE("Third"), FOR("three")), false},
    /* For all: the role of one, the region of another. */
    {DENIAL(ROLE("First"), ALL_SERVICES "," IN("us-south")), true},
    {DENIAL(ROLE("First"), ALL_SERVICES "," IN("south")), true},
    {DENIAL(ROLE("First"), ALL_SERVICES "," LIKE("us-*")), true},
    {DENIAL(ROLE("First"), ALL_SERVICES "," LIKE("so?th")), true},
    {DENIAL(ROLE("First"), ALL_SERVICES "," ANY_OF("'us-south','eu-de'")),
        false},
    {DENIAL(ROLE("First") "," ROLE("Second"), ALL_SERVICES "," IN("us-south")),
        false},
    {DENIAL(ROLE("Second"), ALL_SERVICES "," IN("south")), false},
    {DENIAL(ROLE("Second"), ALL_SERVICES "," LIKE("sou*")), false},
    {DENIAL(ROLE("First"), ALL_SERVICES "," LIKE("eu-*")), false},
    /* A service without regions says nothing of them. */
    {DENIAL(ROLE("Third"), ALL_SERVICES "," IN("us-south")), false},
    /* Two regions at once; two names of one. */
    {DENIAL(ROLE("First"), FOR("one") "," IN("eu-de") "," IN("jp-tok")), true},
    {DENIAL(ROLE("First"), FOR("one") "," IN("eu-de") "," LIKE("jp*")), true},
    {DENIAL(ROLE("First"), FOR("one") "," IN("eu-de") "," LIKE("*de")), false},
    {DENIAL(ROLE("Second"), FOR("two") "," IN("south") "," IN("us-south")),
        false},
    {DENIAL(ROLE("First"), FOR("one") "," IN("eu-de") "," ATTRIBUTE("region",
                               "stringExists", "true")),
        false},
};

static void
a_denial_needs_one_service(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(denials) / sizeof(denials[0]); i++) {
        struct bench bench;

        open_bench(&bench);
        size_t before = pdp_report_count(bench.report);
        assert_int_equal(run(&bench, pdp__read_policies, "p", denials[i].text),
            PDP_OK);
        if (denials[i].dead) {
            assert_findings(&bench, before + 1);
            assert_found_at(&bench, "bad_value", bench.line, bench.column,
                NULL);
            assert_int_equal(bench.b.policies.cnt, 0);
        } else {
            assert_findings(&bench, before);
            assert_true(bench.b.policies.cnt > 0);
        }
        bench_free(&bench);
    }
}

/* A grant that can grant nothing is no open door. */
static void
a_grant_does_not(void **state)
{
    struct bench bench;

    (void)state;
    open_bench(&bench);
    size_t before = pdp_report_errors(bench.report);
    assert_int_equal(run(&bench, pdp__read_policies, "p",
                         POLICY(ROBIN "," GRANT(ROLE("First")) "," RESOURCE(
                             AT_HOME
                             "," FOR("one") "," IN("eu-de") "," IN("jp-tok")))),
        PDP_OK);
    assert_int_equal(pdp_report_errors(bench.report), before);
    assert_int_equal(bench.b.policies.cnt, 1);
    bench_free(&bench);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_denial_needs_one_service),
        cmocka_unit_test(a_grant_does_not),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
