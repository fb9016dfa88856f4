/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "read_util.h"

/* Access tags: their form. */

#define DOC(tags) "{'format':'pdp-directory/1',\n'tags':{" tags "}}"

static void
test_good(void **state)
{
    (void)state;
    struct bench bench;

    bench_init(&bench);
    assert_int_equal(
        run(&bench, pdp__read_directory, SOURCE_NAME,
            DOC("'crn:v1:bluemix:public:birds:us-south:a/1::namespace:n':"
                "['env:prod','Cost center_1.x-y:a b'],'south/nest':[]")),
        PDP_OK);
    assert_findings(&bench, 0);
    bench_free(&bench);
}

static void
test_findings(void **state)
{
    (void)state;
    static const char look[] = "tags look like \"env:prod\"";
#define TAG(tag) DOC("'eu-de/n':['a:b',^" tag "]")
    static const struct bad cases[] = {
        {DOC("^'nest':[]"), "bad_value", NULL},
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
        cmocka_unit_test(test_findings),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
