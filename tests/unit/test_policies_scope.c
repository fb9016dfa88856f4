/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "read_util.h"

#include "policy_text.h"

/* Which policies concern the loaded services: `birds` and `trees`. */

#define SERVICES(op, value)                                                    \
    POLICY(ROBIN "," READER "," RESOURCE(AT_HOME "," EQUALS("serviceType",     \
        "service") "," ATTRIBUTE("serviceName", op, value)))

struct fit {
    const char *text;
    uint32_t birds;
    uint32_t trees;
};

/* 0 and 0: passed over with one note. */
static void
assert_fits(const struct fit *fits, size_t cnt)
{
    for (size_t i = 0; i < cnt; i++) {
        struct bench bench;
        uint32_t got[2] = {0, 0};

        bench_init(&bench);
        assert_int_equal(run(&bench, pdp__read_policies, SOURCE_NAME,
                             fits[i].text),
            PDP_OK);
        for (uint32_t p = 0; p < bench.b.policies.cnt; p++) {
            got[policy_at(&bench, p)->service]++;
        }
        if (got[0] != fits[i].birds || got[1] != fits[i].trees) {
            print_findings(&bench);
            fail_msg("%u %u for %s", got[0], got[1], fits[i].text);
        }
        bool skipped = got[0] + got[1] == 0;
        assert_findings(&bench, skipped);
        if (skipped) {
            assert_found_at(&bench, "policy_skipped", 0, 0, NULL);
        }
        bench_free(&bench);
    }
}

static void
test_service_name(void **state)
{
    (void)state;
    static const struct fit fits[] = {
        {SERVICES("stringEquals", "'birds'"), 1, 0},
        {SERVICES("stringEquals", "'trees'"), 0, 1},
        {SERVICES("stringEquals", "'Birds'"), 0, 0},
        {SERVICES("stringEquals", "'bird'"), 0, 0},
        {SERVICES("stringEqualsAnyOf", "['birds','trees']"), 1, 1},
        {SERVICES("stringEqualsAnyOf", "['kms','trees']"), 0, 1},
        {SERVICES("stringEqualsAnyOf", "['kms','iam']"), 0, 0},
        {SERVICES("stringMatch", "'*r*s'"), 1, 1},
        {SERVICES("stringMatch", "'b*'"), 1, 0},
        {SERVICES("stringMatch", "'*bir?'"), 0, 0},
        {SERVICES("stringMatchAnyOf", "['x','*d?']"), 1, 0},
        {SERVICES("stringMatchAnyOf", "['x']"), 0, 0},
        {SERVICES("stringExists", "true"), 1, 1},
        {SERVICES("stringExists", "false"), 0, 0},
        /* All attributes of one name must hold. */
        {POLICY(READER "," RESOURCE(
             AT_HOME "," FOR_BIRDS "," EQUALS("serviceName", "trees"))),
            0, 0},
        {POLICY(
             READER "," RESOURCE(AT_HOME "," EQUALS("resourceGroupId", "g"))),
            1, 1},
    };

    assert_fits(fits, ARRAY_CNT(fits));
}

static void
test_other_reasons(void **state)
{
    (void)state;
    static const struct fit fits[] = {
        {POLICY(READER "," RESOURCE(AT_HOME "," ATTRIBUTE("serviceType",
             "stringEqualsAnyOf", "['platform_service','service']"))),
            1, 1},
        {POLICY(READER "," RESOURCE(AT_HOME
             "," ATTRIBUTE("serviceType", "stringMatch", "'platform*'"))),
            0, 0},
        {POLICY(READER "," RESOURCE(
             AT_HOME "," FOR_BIRDS "," EQUALS("service_group_id", "IAM"))),
            1, 0},
        {POLICY(READER "," RESOURCE(
             AT_HOME "," FOR_BIRDS "," EQUALS("service_group_id", "iam"))),
            0, 0},
        {POLICY(READER "," RESOURCE(AT_HOME "," EQUALS("resourceType",
             "resource-group") "," EQUALS("resource", "0f"))),
            0, 0},
        {POLICY(READER "," RESOURCE(AT_HOME
             "," FOR_BIRDS "," EQUALS("resourceType", "resource-group"))),
            0, 0},
    };

    assert_fits(fits, ARRAY_CNT(fits));
}

/* Passed over unread, whatever else they hold. */
static void
test_skipped_unread(void **state)
{
    (void)state;
    static const struct fit fits[] = {
        {"{'type':'authorization','subjects':5,'nonsense':{}}", 0, 0},
        {"{'state':'deleted','rule':1}", 0, 0},
        {"{'type':5,'resource':{'attributes':[" EQUALS("serviceName",
             "kms") "]},'subjects':1}",
            0, 0},
        {"{'resource':{'attributes':[7," EQUALS("serviceType",
             "platform_service") "]}}",
            0, 0},
    };

    assert_fits(fits, ARRAY_CNT(fits));
}

/* What is not understood is never a reason to pass a policy over. */
static void
test_not_understood(void **state)
{
    (void)state;
    static const struct bad cases[] = {
        {SERVICES("^stringIs", "'kms'"), NULL, NULL},
        {SERVICES("stringEquals", "^7"), NULL, NULL},
        {SERVICES("stringEquals", "^['kms']"), NULL, NULL},
        {SERVICES("stringEqualsAnyOf", "^'kms'"), NULL, NULL},
        {SERVICES("stringEqualsAnyOf", "^[]"), NULL, NULL},
        {SERVICES("stringEqualsAnyOf", "['kms',^7]"), NULL, NULL},
        {SERVICES("stringMatch", "'{{kms'"), NULL, NULL},
        {SERVICES("stringExists", "^'false'"), NULL, NULL},
        {"{'type':'access','resource':7}", NULL, NULL},
        {"{'type':'access','resource':{'attributes':7}}", NULL, NULL},
        {"{'type':'access','resource':{'attributes':[{'key':'serviceName',"
         "'operator':'stringEquals'}]}}",
            NULL, NULL},
    };

    for (size_t i = 0; i < ARRAY_CNT(cases); i++) {
        struct bench bench;

        bench_init(&bench);
        assert_int_equal(run(&bench, pdp__read_policies, SOURCE_NAME,
                             cases[i].text),
            PDP_OK);
        assert_true(pdp_report_errors(bench.report) > 0);
        assert_int_equal(pdp_report_errors(bench.report),
            count_findings(&bench, false));
        bench_free(&bench);
    }
}

/* A deny for resource groups is not lost: it counts where the resource is
 * unknown. */
static void
test_deny_of_resource_group(void **state)
{
    (void)state;
    static const struct bad cases[] = {
        {POLICY(DENY(
             ROLE("Reader")) ",'resource':{'attributes':^[" AT_HOME
                             "," EQUALS("resourceType", "resource-group") "]}"),
            "missing_member", NULL},
    };

    assert_all_bad(pdp__read_policies, cases, ARRAY_CNT(cases));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_service_name),
        cmocka_unit_test(test_other_reasons),
        cmocka_unit_test(test_skipped_unread),
        cmocka_unit_test(test_not_understood),
        cmocka_unit_test(test_deny_of_resource_group),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
