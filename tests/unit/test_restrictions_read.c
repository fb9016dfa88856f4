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

/* Documents of restrictions: their shapes. */

static void
assert_shape(const char *text, uint32_t zones, uint32_t rules)
{
    struct bench bench;

    read_good(&bench, text);
    assert_int_equal(bench.b.zones.cnt, zones);
    assert_int_equal(bench.b.restrictions.cnt, rules);
    bench_free(&bench);
}

#define GOOD_RULE RULE(PRIVATE "," ON(OF_BIRDS))

static void
test_shapes(void **state)
{
    (void)state;
    assert_shape(GOOD_ZONE, 1, 0);
    assert_shape(GOOD_RULE, 0, 1);
    assert_shape("[" GOOD_ZONE "," GOOD_RULE "]", 1, 1);
    assert_shape("[]", 0, 0);
    assert_shape("{'count':1,'zones':[" GOOD_ZONE "]}", 1, 0);
    assert_shape("{'count':1,'rules':[" GOOD_RULE "]}", 0, 1);
    assert_shape("{'zones':[" GOOD_ZONE "],'rules':[" GOOD_RULE "]}", 1, 1);
}

static void
test_findings(void **state)
{
    (void)state;
    static const struct bad cases[] = {
        {"^3", "wrong_type", NULL},
        {"[^3]", "wrong_type", NULL},
        {"{'zones':^{}}", "wrong_type", NULL},
        {"{'rules':^{}}", "wrong_type", NULL},
        {"{'rules':[^3]}", "wrong_type", NULL},
        {"{'zones':[^3]}", "wrong_type", NULL},
        {"{'zones':[],^'next':'x'}", "unknown_member", NULL},
        {"{'rules':[],'count':^5}", "bad_value", "export it again, as a whole"},
    };

    assert_all_bad(pdp__read_restrictions, cases, ARRAY_CNT(cases));
}

/* A zone as a listing shows it is none: its addresses are a preview. */
static void
test_preview(void **state)
{
    (void)state;
    struct bench bench;

    bench_init(&bench);
    assert_int_equal(run(&bench, pdp__read_restrictions, SOURCE_NAME,
                         "{'zones':[{'id':'z','account_id':'a',"
                         "'addresses_preview':[],'address_count':0}]}"),
        PDP_OK);
    assert_findings(&bench, 1);
    assert_found_at(&bench, "unknown_member", 1, 38,
        "export each zone by itself (GET /v1/zones/ID): a listing shows some "
        "addresses only");
    assert_int_equal(bench.b.zones.cnt, 0);
    bench_free(&bench);
}

/* Several findings in one run. */
static void
test_all_findings(void **state)
{
    (void)state;
    struct bench bench;

    bench_init(&bench);
    assert_int_equal(
        run(&bench, read_linked, SOURCE_NAME,
            "{'zones':[{'id':'z','account_id':'a','addresses':[{'type':"
            "'subnet','value':'x'},{'type':'y','value':'z'}]}],'rules':[" RULE(
                FROM(NAMED("networkZoneId", "q")) "," ON(OF_BIRDS)) "]}"),
        PDP_OK);
    assert_findings(&bench, 3);
    bench_free(&bench);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_shapes),
        cmocka_unit_test(test_findings),
        cmocka_unit_test(test_preview),
        cmocka_unit_test(test_all_findings),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
