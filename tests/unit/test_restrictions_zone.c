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

/* Zones: what is in them, and what refuses them. */

static void
assert_zone(const char *text, uint32_t v4, uint32_t v6)
{
    struct bench bench;

    read_good(&bench, text);
    assert_int_equal(bench.b.zones.cnt, 1);
    const struct pdp__zone *zone =
        PDP__ITEM(&bench.b, zones, struct pdp__zone, 0);
    assert_int_equal(zone->v4.cnt, v4);
    assert_int_equal(zone->v6.cnt, v6);
    assert_str(pdp__builder_str(&bench.b, zone->id), "z");
    bench_free(&bench);
}

static void
test_good(void **state)
{
    (void)state;
    assert_zone(GOOD_ZONE, 1, 0);
    assert_zone(ADDRESSES(ADDRESS("ipAddress", "::1") "," ADDRESS("ipRange",
                    "10.0.0.1-10.0.0.9") "," ADDRESS("subnet",
                    "10.0.1.0/24") "," ADDRESS("subnet", "2001:db8::/32")),
        2, 2);
    /* Both of the same addresses, and a hole. */
    assert_zone(
        ZONE("'crn':'c','name':'n','description':'d','address_count':2,"
             "'excluded_count':1,'href':'h','created_at':'t',"
             "'created_by_id':'i','last_modified_at':'t',"
             "'last_modified_by_id':'i',"
             "'addresses':[" ADDRESS("subnet",
                 "10.0.0.0/8") "," ADDRESS("subnet",
                 "::ffff:10.9.0.0/112") "],'excluded':[" ADDRESS("ipRange",
                 "10.0.0.3-10.0.0.4") "]"),
        2, 0);
    /* A hole of the other family is none: ::/0 holds no IPv4. */
    assert_zone(ZONE("'addresses':[" ADDRESS("subnet",
                    "10.0.0.0/8") "],"
                                  "'excluded':[" ADDRESS("subnet", "::/0") "]"),
        1, 0);
}

static void
test_foreign(void **state)
{
    (void)state;
    struct bench bench;

    bench_init(&bench);
    assert_int_equal(
        run(&bench, pdp__read_restrictions, SOURCE_NAME,
            ZONE("'addresses':^[" ADDRESS("vpc",
                "crn:v1:x") "," ADDRESS("instance",
                "crn:v1:y") ",{'type':'serviceRef','ref':"
                            "{'account_id':'a','service_name':'s','location':'"
                            "l',"
                            "'service_type':'t','service_instance':'i'}}]")),
        PDP_OK);
    assert_findings(&bench, 1);
    assert_found_at(&bench, "foreign_address", bench.line, bench.column, NULL);
    assert_message(&bench, "3 of the types vpc, instance and serviceRef, which "
                           "match nothing here: the zone is empty");
    assert_int_equal(PDP__ITEM(&bench.b, zones, struct pdp__zone, 0)->v4.cnt,
        0);
    bench_free(&bench);
}

static void
test_findings(void **state)
{
    (void)state;
    static const char shown[] =
        "export each zone by itself (GET /v1/zones/ID): a listing shows some "
        "addresses only";
    static const struct bad cases[] = {
        {"^{'account_id':'a','addresses':[" ADDRESS("ipAddress",
             "1.2.3.4") "]}",
            "missing_member", NULL},
        {"^{'id':'z','addresses':[" ADDRESS("ipAddress", "1.2.3.4") "]}",
            "missing_member", NULL},
        {"{'id':^'','account_id':'a','addresses':[" ADDRESS("ipAddress",
             "1.2.3.4") "]}",
            "bad_value", NULL},
        {ZONE("'addresses':^[]"), "empty", NULL},
        {ZONE("'addresses':^{}"), "wrong_type", NULL},
        {ADDRESSES("^'1.2.3.4'"), "wrong_type", NULL},
        {ADDRESSES("^{'value':'1.2.3.4'}"), "missing_member", NULL},
        {ADDRESSES("^{'type':'ipAddress'}"), "missing_member", NULL},
        {ADDRESSES("^{'type':'serviceRef'}"), "missing_member", NULL},
        {ADDRESSES("{'type':^'ipaddress','value':'1.2.3.4'}"), "bad_value",
            "did you mean \"ipAddress\"?"},
        {ADDRESSES("{'type':'ipAddress','value':^'1.2.3.4/32'}"), "bad_value",
            "such as 192.0.2.1 or 2001:db8::1"},
        {ADDRESSES("{'type':'ipRange','value':^'1.2.3.4'}"), "bad_value",
            "such as 192.0.2.1-192.0.2.9, of one family"},
        {ADDRESSES("{'type':'subnet','value':^'1.2.3.4'}"), "bad_value",
            "such as 192.0.2.0/24 or 2001:db8::/32"},
        {ADDRESSES("{'type':'ipAddress','value':'::','ref':^{}}"), "bad_value",
            NULL},
        {ADDRESSES("{'type':'ipAddress','value':'1.2.3.4',^'port':1}"),
            "unknown_member", NULL},
        {ZONE(
             "^'exclude':[],'addresses':[" ADDRESS("ipAddress", "1.2.3.4") "]"),
            "unknown_member", "did you mean \"excluded\"?"},
        {ZONE("'addresses':[" ADDRESS("ipAddress",
             "1.2.3.4") "],'excluded':[{'type':^'vpc','value':'c'}]"),
            "bad_value", "ipAddress, ipRange and subnet can"},
        /* A listing that shows a part only. */
        {ZONE("'addresses':[" ADDRESS("ipAddress",
             "1.2.3.4") "],'address_count':^2"),
            "bad_value", shown},
        {ZONE("'addresses':[" ADDRESS("ipAddress",
             "1.2.3.4") "],'excluded_count':^1"),
            "bad_value", shown},
        {"[" GOOD_ZONE
         ",{'id':^'z','account_id':'a','addresses':[" ADDRESS("ipAddress",
             "1.2.3.4") "]}]",
            "duplicate_name", NULL},
    };

    assert_all_bad(pdp__read_restrictions, cases, ARRAY_CNT(cases));
}

/* cnt items of one text, with commas; free() it. */
static char *
many(const char *before, const char *item, size_t cnt, const char *after)
{
    size_t cap = strlen(before) + strlen(after) + cnt * (strlen(item) + 20);
    char *text = malloc(cap);
    size_t used = 0;

    assert_non_null(text);
    used += (size_t)snprintf(text, cap, "%s", before);
    for (size_t i = 0; i < cnt; i++) {
        used +=
            (size_t)snprintf(text + used, cap - used, "%s", i == 0 ? "" : ",");
        for (const char *c = item; *c != '\0'; c++) {
            used += (size_t)(*c == '#'
                                 ? snprintf(text + used, cap - used, "%zu", i)
                                 : snprintf(text + used, cap - used, "%c", *c));
        }
    }
    snprintf(text + used, cap - used, "%s", after);
    return text;
}

static void
assert_limit(char *text, bool good)
{
    struct bench bench;

    bench_init(&bench);
    assert_int_equal(run(&bench, pdp__read_restrictions, SOURCE_NAME, text),
        PDP_OK);
    assert_findings(&bench, good ? 0 : 1);
    if (!good) {
        pdp_finding_t f = {.size = sizeof(f)};
        assert_int_equal(pdp_report_at(bench.report, 0, &f), PDP_OK);
        assert_str(f.code, "limit");
    }
    bench_free(&bench);
    free(text);
}

/* Beside the note that it is of no use, its form is checked. */
static void
test_service_ref(void **state)
{
    (void)state;
    static const char *const texts[] = {
        ADDRESSES("{'type':'serviceRef','ref':{},'value':'c'}"),
        ADDRESSES("{'type':'serviceRef','ref':{'x':1}}"),
        ADDRESSES("{'type':'vpc','value':'c','ref':{}}"),
    };

    for (size_t i = 0; i < ARRAY_CNT(texts); i++) {
        struct bench bench;
        bench_init(&bench);
        assert_int_equal(run(&bench, pdp__read_restrictions, SOURCE_NAME,
                             texts[i]),
            PDP_OK);
        assert_findings(&bench, 2);
        assert_int_equal(pdp_report_errors(bench.report), 1);
        assert_int_equal(bench.b.zones.cnt, 0);
        bench_free(&bench);
    }
}

static void
test_limits(void **state)
{
    (void)state;
    static const char zone[] = "{'id':'z#','account_id':'a','addresses':["
                               "{'type':'ipAddress','value':'1.2.3.4'}]}";
    static const char address[] = "{'type':'ipAddress','value':'::#'}";
    static const char begin[] = "{'id':'z','account_id':'a','addresses':[";

    assert_limit(many(begin, address, 1000, "]}"), true);
    assert_limit(many(begin, address, 1001, "]}"), false);
    assert_limit(many("{'zones':[", zone, 500, "]}"), true);
    assert_limit(many("{'zones':[", zone, 502, "]}"), false);
    /* Of each account. */
    assert_limit(many("{'zones':[", zone, 500,
                     ",{'id':'x','account_id':'b','addresses':["
                     "{'type':'ipAddress','value':'1.2.3.4'}]}]}"),
        true);
}

static void
test_memory(void **state)
{
    (void)state;
    assert_survives(pdp__read_restrictions,
        ZONE("'addresses':[" ADDRESS("subnet",
            "10.0.0.0/8") "],'excluded':[" ADDRESS("ipAddress",
            "10.0.0.4") "]"));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_good),
        cmocka_unit_test(test_foreign),
        cmocka_unit_test(test_findings),
        cmocka_unit_test(test_service_ref),
        cmocka_unit_test(test_limits),
        cmocka_unit_test(test_memory),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
