/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "read_util.h"

/* Access tags: their form, and what has them. */

#define DOC(tags) "{'format':'pdp-directory/1',\n'tags':{" tags "}}"

static const struct pdp__tagged *
tagged_at(const struct bench *bench, uint32_t ix)
{
    assert_true(ix < bench->b.tagged.cnt);
    return PDP__ITEM(&bench->b, tagged, struct pdp__tagged, ix);
}

static void
assert_tag(const struct bench *bench, const struct pdp__tagged *tagged,
    uint32_t ix, const char *key, const char *value)
{
    assert_true(ix < tagged->tags.cnt);
    const struct pdp__tag *tag =
        PDP__ITEM(&bench->b, tags, struct pdp__tag, tagged->tags.first + ix);
    assert_str(pdp__builder_str(&bench->b, tag->key), key);
    assert_str(pdp__builder_str(&bench->b, tag->value), value);
}

#define CRN(service, region, account, type, name)                              \
    "crn:v1:bluemix:public:" service ":" region ":" account "::" type ":" name

static void
test_good(void **state)
{
    (void)state;
    struct bench bench;

    bench_init(&bench);
    assert_int_equal(
        run(&bench, pdp__read_directory, SOURCE_NAME,
            DOC("'" CRN("birds", "us-south", "a/1", "namespace",
                "n") "':['env:prod','Cost center_1.x-y:a b'],'south/nest':[],"
                     "'eu-de/nest':['a:b','a:b']")),
        PDP_OK);
    /* Another document, and another name of the first one. */
    assert_int_equal(
        run(&bench, pdp__read_directory, SOURCE_NAME,
            DOC("'south/n':['x:Y','env:prod'],'us-south/nest':['c:d']")),
        PDP_OK);
    assert_findings(&bench, 0);
    pdp__unite_tags(&bench.b);
    assert_int_equal(bench.b.tagged.cnt, 3);
    assert_true(bench.b.directory_tags);
    const struct pdp__tagged *tagged = tagged_at(&bench, 0);
    assert_str(pdp__builder_str(&bench.b, tagged->name), "n");
    assert_str(pdp__builder_str(&bench.b, tagged->region), "us-south");
    assert_str(pdp__builder_str(&bench.b, tagged->account), "1");
    assert_int_equal(tagged->tags.cnt, 3);
    assert_tag(&bench, tagged, 0, "env", "prod");
    assert_tag(&bench, tagged, 1, "Cost center_1.x-y", "a b");
    assert_tag(&bench, tagged, 2, "x", "Y");
    tagged = tagged_at(&bench, 1);
    assert_str(pdp__builder_str(&bench.b, tagged->region), "us-south");
    assert_null(pdp__builder_str(&bench.b, tagged->account).ptr);
    assert_int_equal(tagged->tags.cnt, 1);
    assert_tag(&bench, tagged, 0, "c", "d");
    tagged = tagged_at(&bench, 2);
    assert_int_equal(tagged->tags.cnt, 1);
    assert_tag(&bench, tagged, 0, "a", "b");
    bench_free(&bench);
}

/* What no request is about is counted; its tags are checked. */
static void
test_elsewhere(void **state)
{
    (void)state;
    struct bench bench;

    bench_init(&bench);
    assert_int_equal(run(&bench, pdp__read_directory, SOURCE_NAME,
                         "{'format':'pdp-directory/1','tags':^{'" CRN("stones",
                             "x", "a/1", "namespace",
                             "n") "':['a:b'],'" CRN("birds", "eu-de", "a/1",
                             "bucket", "n") "':['a:b']}}"),
        PDP_OK);
    assert_findings(&bench, 1);
    assert_found_at(&bench, "unused", bench.line, bench.column, NULL);
    assert_message(&bench, "tags of 2 resources that no request is about");
    assert_int_equal(bench.b.tagged.cnt, 0);
    assert_int_equal(bench.b.tags.cnt, 0);
    bench_free(&bench);
}

static void
test_memory(void **state)
{
    (void)state;
    assert_survives(pdp__read_directory,
        DOC("'" CRN("birds", "us-south", "a/1", "namespace",
            "n") "':['env:prod'],'eu-de/n':['a:b','c:d']"));
}

static void
test_findings(void **state)
{
    (void)state;
    static const char crn[] =
        "crn:v1:bluemix:public:SERVICE:REGION:a/ACCOUNT::namespace:NAME";
    static const char look[] = "tags look like \"env:prod\"";
#define TAG(tag) DOC("'eu-de/n':['a:b',^" tag "]")
    static const struct bad cases[] = {
        {DOC("^'nest':[]"), "bad_value", NULL},
        {DOC("^'" CRN("birds", "eu-de", "o/1", "namespace", "n") "':[]"),
            "bad_value", crn},
        {DOC("^'" CRN("birds", "eu-de", "a/", "namespace", "n") "':[]"),
            "bad_value", crn},
        {DOC("^'" CRN("birds", "eu-de", "a/1", "namespace", "N") "':[]"),
            "bad_value", crn},
        {DOC("^'" CRN("birds", "", "a/1", "namespace", "n") "':[]"),
            "unknown_name", NULL},
        {DOC("'" CRN("birds", "eu-de", "a/1", "namespace",
             "n") "':[],^'" CRN("birds", "eu-central", "a/2", "namespace",
             "n") "':[]"),
            "bad_value", NULL},
        {DOC("^'eu-de/':[]"), "bad_value", NULL},
        {DOC("^'eu-de/a/b':[]"), "bad_value", NULL},
        {DOC("^'eu-ed/nest':[]"), "unknown_name", "did you mean \"eu-de\"?"},
        {DOC("^'/nest':[]"), "unknown_name", NULL},
        {DOC("'eu-de/nest':^'env:prod'"), "wrong_type", NULL},
        {TAG("5"), "wrong_type", NULL},
        {TAG("''"), "bad_value", look},
        {TAG("'env'"), "bad_value", look},
        {TAG("':prod'"), "bad_value", look},
        {TAG("'env:'"), "bad_value", look},
        {TAG("'env:a:b'"), "bad_value", look},
        {TAG("'env:\\u00e9'"), "bad_value", look},
        {TAG("'a:0123456789012345678901234567890123456789012345678901234567890"
             "123456789012345678901234567890123456789012345678901234567890123"
             "4567'"),
            "bad_value", look},
    };

    assert_all_bad(pdp__read_directory, cases, ARRAY_CNT(cases));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_good),
        cmocka_unit_test(test_elsewhere),
        cmocka_unit_test(test_memory),
        cmocka_unit_test(test_findings),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
