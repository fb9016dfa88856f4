/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
/* The section `params`, and what of it reaches the routes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "service_util.h"

static void
test_kinds(void **state)
{
    (void)state;
    CHECK(SERVICE(.params = "{\"a\":{\"kind\":\1\"imgae\"},"
                            "\"b\":{\"kind\":\1\"\"},"
                            "\"c\":\1{},\"d\":\1[],"
                            "\"e\":{\"kind\":\0013}}"),
        HINTED("bad_value", "did you mean \"image\"?"), FOUND("bad_value"),
        FOUND("missing_member"), FOUND("wrong_type"), FOUND("wrong_type"));
}

static void
test_flags(void **state)
{
    (void)state;
    CHECK(SERVICE(.params = "{\"a\":{\"kind\":\"text\",\"tag\":\1false},"
                            "\"b\":{\"kind\":\"namespace\",\"tag\":\1true},"
                            "\"c\":{\"kind\":\"image\",\"repeat\":\0011},"
                            "\"d\":{\"kind\":\"image\",\"tag\":\1null},"
                            "\"e\":{\"kind\":\"text\",\1\"repaet\":true}}"),
        FOUND("bad_value"), FOUND("bad_value"), FOUND("wrong_type"),
        FOUND("wrong_type"),
        HINTED("unknown_member", "did you mean \"repeat\"?"));
}

static void
test_names(void **state)
{
    (void)state;
    CHECK(SERVICE(.params = "{\1\"a b\":{\"kind\":\"text\"},"
                            "\1\"\":{\"kind\":\"text\"},"
                            "\"filter[x]\":{\"kind\":\"text\"}}"),
        FOUND("bad_value"), FOUND("bad_value"));
}

static void
test_routes_copy_them(void **state)
{
    static struct loaded l;
    (void)state;
    open_builder(&l);
    read_into(&l,
        SERVICE(.params = "{\"i\":{\"kind\":\"image\"},"
                          "\"r\":{\"kind\":\"image\",\"tag\":false,"
                          "\"repeat\":true},"
                          "\"t\":{\"kind\":\"resource\",\"tag\":true}}",
            .routes = "[{\"method\":\"GET\",\"path\":\"/{i}/x/{t}\","
                      "\"requires\":[{\"action\":\"svc.read\","
                      "\"on\":[\"query:r\",\"path:i\",\"body\"]},"
                      "{\"action\":\"svc.read\",\"on\":[\"query:r\"]},"
                      "{\"action\":\"svc.read\"}],\"event\":null}]"));
    assert_int_equal(pdp_report_errors(l.report), 0);
    const struct pdp__param *i = PDP__ITEM(&l.b, params, struct pdp__param, 0);
    const struct pdp__param *t = PDP__ITEM(&l.b, params, struct pdp__param, 1);
    assert_int_equal(l.b.params.cnt, 2);
    assert_int_equal(i->kind, PDP__KIND_IMAGE);
    assert_int_equal(i->tagless, 0);
    assert_int_equal(i->segment, 0);
    assert_int_equal(t->kind, PDP__KIND_RESOURCE);
    assert_int_equal(t->tagless, 0);
    assert_int_equal(t->segment, 2);
    /* The query name once, though two requirements mention it. */
    assert_int_equal(l.b.queries.cnt, 1);
    const struct pdp__query *r = PDP__ITEM(&l.b, queries, struct pdp__query, 0);
    assert_int_equal(r->kind, PDP__KIND_IMAGE);
    assert_int_equal(r->tagless, 1);
    assert_int_equal(r->repeat, 1);
    assert_int_equal(l.b.requirements.cnt, 3);
    assert_int_equal(l.b.origins.cnt, 4);
    const struct pdp__origin *o =
        PDP__ITEM(&l.b, origins, struct pdp__origin, 0);
    assert_int_equal(o[0].kind, PDP__ORIGIN_QUERY);
    assert_int_equal(o[0].index, 0);
    assert_int_equal(o[1].kind, PDP__ORIGIN_PATH);
    assert_int_equal(o[1].index, 0);
    assert_int_equal(o[2].kind, PDP__ORIGIN_BODY);
    assert_int_equal(o[3].kind, PDP__ORIGIN_QUERY);
    const struct pdp__requirement *q =
        PDP__ITEM(&l.b, requirements, struct pdp__requirement, 0);
    assert_int_equal(q[0].on_given, 1);
    assert_int_equal(q[0].origins.cnt, 3);
    assert_int_equal(q[1].origins.first, 3);
    assert_int_equal(q[2].on_given, 0);
    close_builder(&l);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_kinds),
        cmocka_unit_test(test_flags),
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_routes_copy_them),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
