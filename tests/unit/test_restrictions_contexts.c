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

/* Contexts of a rule. */

#define WITH(contexts) RULE("'contexts':" contexts "," ON(OF_BIRDS))

static const struct pdp__context_test *
test_at(const struct bench *bench, uint32_t context, uint32_t ix)
{
    assert_true(context < bench->b.contexts.cnt);
    struct pdp__range range =
        PDP__ITEM(&bench->b, contexts, struct pdp__context_group, context)
            ->tests;
    assert_true(ix < range.cnt);
    return PDP__ITEM(&bench->b, context_tests, struct pdp__context_test,
        range.first + ix);
}

static uint32_t
zone_at(const struct bench *bench, const struct pdp__context_test *test,
    uint32_t ix)
{
    assert_true(ix < test->zones.cnt);
    return *PDP__ITEM(&bench->b, numbers, uint32_t, test->zones.first + ix);
}

#define ZONE_OF(id)                                                            \
    "{'id':'" id                                                               \
    "','account_id':'a','addresses':[" ADDRESS("ipAddress", "1.2.3.4") "]}"

/* Zones may come after the rule that names them. */
static void
test_good(void **state)
{
    (void)state;
    struct bench bench;

    read_good(&bench,
        "[" WITH("[{'attributes':[" NAMED("networkZoneId",
            "y, z") "," NAMED("endpointType",
            "private,direct") "]},{'attributes':[" NAMED("endpointType",
            "public") "]}]") "," ZONE_OF("x") "," ZONE_OF("y") "," ZONE_OF("z") "]");
    assert_int_equal(bench.b.contexts.cnt, 2);
    const struct pdp__context_test *test = test_at(&bench, 0, 0);
    assert_int_equal(test->endpoints, 0);
    assert_int_equal(test->zones.cnt, 2);
    assert_int_equal(zone_at(&bench, test, 0), 1);
    assert_int_equal(zone_at(&bench, test, 1), 2);
    assert_int_equal(test_at(&bench, 0, 1)->endpoints,
        1u << PDP__ENDPOINT_PRIVATE | 1u << PDP__ENDPOINT_DIRECT);
    assert_int_equal(test_at(&bench, 1, 0)->endpoints,
        1u << PDP__ENDPOINT_PUBLIC);
    bench_free(&bench);
}

static void
test_findings(void **state)
{
    (void)state;
    static const struct bad cases[] = {
        {WITH("^{}"), "wrong_type", NULL},
        {WITH("^[]"), "closed_restriction", NULL},
        {WITH("[^3]"), "wrong_type", NULL},
        {WITH("[^{}]"), "missing_member", NULL},
        {WITH("[{'attributes':^[]}]"), "empty", NULL},
        {WITH("[{'attributes':[^3]}]"), "wrong_type", NULL},
        {WITH("[{'attributes':[^{'name':'endpointType'}]}]"), "missing_member",
            NULL},
        {WITH("[{'attributes':[{'name':^'mfa','value':'LEVEL1'}]}]"),
            "unknown_name", NULL},
        {WITH("[{'attributes':[{'name':^'networkZoneID','value':'z'}]}]"),
            "unknown_name", "did you mean \"networkZoneId\"?"},
        {WITH("[{'attributes':[{'name':'endpointType','value':^'privat'}]}]"),
            "bad_value", "did you mean \"private\"?"},
        {WITH("[{'attributes':[{'name':'endpointType','value':^'public,'}]}]"),
            "bad_value", NULL},
        {WITH("[{'attributes':[{'name':'networkZoneId','value':^''}]}]"),
            "bad_value", NULL},
        {WITH("[{'attributes':[{'name':'networkZoneId','value':^'q'}]}]"),
            "unknown_name", NULL},
        {WITH("[{'attributes':[{'name':'endpointType','value':'public',"
              "^'operator':'stringEquals'}]}]"),
            "unknown_member", NULL},
        {WITH(
             "[{'attributes':[" NAMED("endpointType", "public") "],^'not':1}]"),
            "unknown_member", NULL},
    };

    assert_all_bad(read_linked, cases, ARRAY_CNT(cases));
}

static void
test_memory(void **state)
{
    (void)state;
    assert_survives(read_linked,
        "[" WITH("[{'attributes':[" NAMED("networkZoneId",
            "z") "," NAMED("endpointType", "public") "]}]") "," GOOD_ZONE "]");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_good),
        cmocka_unit_test(test_findings),
        cmocka_unit_test(test_memory),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
