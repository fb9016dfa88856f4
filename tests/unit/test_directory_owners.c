/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "read_util.h"

#include "base/buf.h"

/* Owners of namespaces: (region, namespace) -> account, resource group. */

#define DOC(list) "{'format':'pdp-directory/1',\n'namespaces':[" list "]}"
#define OWNER(region, name, account)                                           \
    "{'region':'" region "','namespace':'" name "','account':'" account "'}"

static const struct pdp__owner *
owner_at(const struct bench *bench, uint32_t ix)
{
    assert_true(ix < bench->b.owners.cnt);
    return PDP__ITEM(&bench->b, owners, struct pdp__owner, ix);
}

static void
assert_owner(const struct bench *bench, uint32_t ix, const char *name,
    const char *region, const char *account, const char *group)
{
    const struct pdp__owner *owner = owner_at(bench, ix);

    assert_str(pdp__builder_str(&bench->b, owner->name), name);
    assert_str(pdp__builder_str(&bench->b, owner->region), region);
    assert_str(pdp__builder_str(&bench->b, owner->account), account);
    assert_str(pdp__builder_str(&bench->b, owner->group), group);
}

static void
assert_name(const struct bench *bench, uint32_t ix, const char *name,
    uint32_t first, uint32_t cnt)
{
    assert_true(ix < bench->b.owner_names.cnt);
    const struct pdp__owner_name *item =
        PDP__ITEM(&bench->b, owner_names, struct pdp__owner_name, ix);
    assert_str(pdp__builder_str(&bench->b, item->name), name);
    assert_int_equal(item->owners.first, first);
    assert_int_equal(item->owners.cnt, cnt);
}

/* Sorted by name, then region; aliases are the region they stand for. */
static void
test_sorted(void **state)
{
    (void)state;
    struct bench bench;

    bench_init(&bench);
    assert_int_equal(
        run(&bench, pdp__read_directory, SOURCE_NAME,
            DOC(OWNER("south", "nest",
                "a1") ","
                      "{'region':'eu-de','namespace':'egg',"
                      "'account':'a2','resource_group':'g2'}," OWNER(
                          "eu-central", "nest", "a3"))),
        PDP_OK);
    assert_findings(&bench, 0);
    assert_int_equal(bench.b.owners.cnt, 3);
    assert_owner(&bench, 0, "egg", "eu-de", "a2", "g2");
    assert_owner(&bench, 1, "nest", "eu-de", "a3", NULL);
    assert_owner(&bench, 2, "nest", "us-south", "a1", NULL);
    assert_int_equal(bench.b.owner_names.cnt, 2);
    assert_name(&bench, 0, "egg", 0, 1);
    assert_name(&bench, 1, "nest", 1, 2);
    /* A second document: all are sorted again. */
    assert_int_equal(run(&bench, pdp__read_directory, "b.json",
                         DOC(OWNER("us-south", "egg", "a4"))),
        PDP_OK);
    assert_int_equal(bench.b.owners.cnt, 4);
    assert_owner(&bench, 1, "egg", "us-south", "a4", NULL);
    assert_int_equal(bench.b.owner_names.cnt, 2);
    assert_name(&bench, 0, "egg", 0, 2);
    assert_name(&bench, 1, "nest", 2, 2);
    bench_free(&bench);
}

/* Every length of the merge sort's last run. */
static void
test_sizes(void **state)
{
    (void)state;
    enum { CAP = 1 << 16 };
    char *text = malloc(CAP);

    assert_non_null(text);
    for (uint32_t cnt = 1; cnt <= 35; cnt++) {
        struct bench bench;
        struct pdp__buf buf = pdp__buf(text, CAP - 1);
        pdp__buf_z(&buf, "{'format':'pdp-directory/1','namespaces':[");
        for (uint32_t i = 0; i < cnt; i++) {
            uint32_t n = (i * 37 + 11) % 101; /* all different */
            pdp__buf_fmt(&buf,
                "%s{'region':'eu-de','namespace':'n%03u','account':'a'}",
                i == 0 ? "" : ",", (unsigned)n);
        }
        pdp__buf_z(&buf, "]}");
        assert_false(buf.full);
        text[buf.len] = '\0';
        bench_init(&bench);
        assert_int_equal(run(&bench, pdp__read_directory, SOURCE_NAME, text),
            PDP_OK);
        assert_findings(&bench, 0);
        assert_int_equal(bench.b.owners.cnt, cnt);
        assert_int_equal(bench.b.owner_names.cnt, cnt);
        for (uint32_t i = 1; i < cnt; i++) {
            assert_true(
                pdp__str_cmp(pdp__builder_str(&bench.b,
                                 owner_at(&bench, i - 1)->name),
                    pdp__builder_str(&bench.b, owner_at(&bench, i)->name)) < 0);
        }
        bench_free(&bench);
    }
    free(text);
}

static void
test_findings(void **state)
{
    (void)state;
    static const struct bad cases[] = {
        {DOC("^7"), "wrong_type", NULL},
        {DOC("^{'namespace':'n','account':'a'}"), "missing_member", NULL},
        {DOC("^{'region':'eu-de','account':'a'}"), "missing_member", NULL},
        {DOC("^{'region':'eu-de','namespace':'n'}"), "missing_member", NULL},
        {DOC("{'region':'eu-de','namespace':'n','account':'a',^'group':'g'}"),
            "unknown_member", NULL},
        {DOC("{'region':^'eu-ed','namespace':'n','account':'a'}"),
            "unknown_name", "did you mean \"eu-de\"?"},
        {DOC("{'region':^'','namespace':'n','account':'a'}"), "unknown_name",
            NULL},
        {DOC("{'region':^7,'namespace':'n','account':'a'}"), "wrong_type",
            NULL},
        {DOC("{'region':'eu-de','namespace':^'N','account':'a'}"), "bad_value",
            NULL},
        {DOC("{'region':'eu-de','namespace':^'','account':'a'}"), "bad_value",
            NULL},
        {DOC("{'region':'eu-de','namespace':'n','account':^''}"), "bad_value",
            NULL},
        {DOC("{'region':'eu-de','namespace':'n','account':'a',"
             "'resource_group':^''}"),
            "bad_value", NULL},
        {DOC("{'region':'eu-de','namespace':'n','account':'a',"
             "'resource_group':^null}"),
            "wrong_type", NULL},
        {DOC(OWNER("eu-de", "n", "a") ",\n^" OWNER("eu-central", "n", "b")),
            "duplicate_name", NULL},
    };

    assert_all_bad(pdp__read_directory, cases, ARRAY_CNT(cases));
}

static pdp_status_t
read_alone(struct pdp__builder *b, const struct pdp__doc *doc)
{
    b->services.cnt = 1; /* `trees` alone has no regions */
    *PDP__ITEM(b, services, struct pdp__service, 0) =
        *PDP__ITEM(b, services, struct pdp__service, 1);
    b->maps[PDP__MAP_REGION] = NULL;
    return pdp__read_directory(b, doc);
}

/* Where no service lists regions, they are taken as written. */
static void
test_without_regions(void **state)
{
    (void)state;
    struct bench bench;

    bench_init(&bench);
    assert_int_equal(run(&bench, read_alone, SOURCE_NAME,
                         DOC(OWNER("mars", "n", "a"))),
        PDP_OK);
    assert_findings(&bench, 0);
    assert_owner(&bench, 0, "n", "mars", "a", NULL);
    bench_free(&bench);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sorted),
        cmocka_unit_test(test_sizes),
        cmocka_unit_test(test_findings),
        cmocka_unit_test(test_without_regions),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
