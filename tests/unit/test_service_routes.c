/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
/* The section `routes`: methods, templates, requirements, access, events. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "service_util.h"

/* Requirement and event that are right, for routes that test the rest. */
#define REST "\"requires\":[{\"action\":\"svc.read\"}],\"event\":null"

static void
test_members(void **state)
{
    (void)state;
    CHECK(SERVICE(.routes = "[\1\1\1\1{},\0011,"
                            "{\"method\":\0011,\"path\":\1[],\"title\":\1{},"
                            "\"requires\":\1\"\",\"access\":\1true,"
                            "\"event\":\0010,\"head\":\1\"yes\","
                            "\1\"pathh\":1}]"),
        FOUND("missing_member"), FOUND("missing_member"),
        FOUND("missing_member"),
        HINTED("open_route", "say \"access\": \"authenticated\" or "
                             "\"public\" if that is meant"),
        FOUND("wrong_type"), FOUND("wrong_type"), FOUND("wrong_type"),
        FOUND("wrong_type"), FOUND("wrong_type"), FOUND("wrong_type"),
        FOUND("wrong_type"), FOUND("wrong_type"),
        HINTED("unknown_member", "did you mean \"path\"?"));
}

static void
test_methods(void **state)
{
    (void)state;
    CHECK(SERVICE(.routes =
                      "[{\"method\":\1\"get\",\"path\":\"/a\"," REST "},"
                      "{\"method\":\1\"\",\"path\":\"/a\"," REST "},"
                      "{\"method\":\1\"G T\",\"path\":\"/a\"," REST "},"
                      "{\"method\":\"M-SEARCH\",\"path\":\"/a\"," REST "}]"),
        FOUND("bad_value"), FOUND("bad_value"), FOUND("bad_value"));
}

/* The column is that of the offending byte. */
static void
test_templates(void **state)
{
    (void)state;
    CHECK(SERVICE(.routes =
                      "[{\"method\":\"GET\",\"path\":\"\1x\"," REST "},"
                      "{\"method\":\"GET\",\"path\":\"/a/b\1/\"," REST "},"
                      "{\"method\":\"GET\",\"path\":\"/a\1%2f\"," REST "},"
                      /* with escapes, that of the string */
                      "{\"method\":\"GET\",\"path\":\1\"\\u002fa//\"," REST
                      "}]"),
        FOUND("bad_template"), FOUND("bad_template"), FOUND("bad_template"),
        FOUND("bad_template"));
}

static void
test_params_of_templates(void **state)
{
    (void)state;
    CHECK(SERVICE(.routes =
                      "[{\"method\":\"GET\",\"path\":\"/{\1imagee}/"
                      "{\1zzzzz}\"," REST "},"
                      "{\"method\":\"GET\",\"path\":\"/a/{+\1image}\"," REST
                      "},"
                      "{\"method\":\"GET\",\"path\":\"/b/{+\1ns}\"," REST "},"
                      "{\"method\":\"GET\",\"path\":\"/c/{+res}\"," REST "},"
                      "{\"method\":\"GET\",\"path\":\"/d/{+id}\"," REST "}]"),
        HINTED("unknown_name", "did you mean \"image\"?"),
        FOUND("unknown_name"), FOUND("bad_template"), FOUND("bad_template"));
}

static void
test_nothing_is_open_by_accident(void **state)
{
    static const char hint[] =
        "say \"access\": \"authenticated\" or \"public\" if that is meant";
    (void)state;
    CHECK(
        SERVICE(.routes =
                    "[\1{\"method\":\"GET\",\"path\":\"/a\",\"event\":null},"
                    "{\"method\":\"GET\",\"path\":\"/b\",\"requires\":\1[],"
                    "\"event\":null},"
                    "{\"method\":\"GET\",\"path\":\"/"
                    "c\",\"access\":\1\"pubic\","
                    "\"event\":null},"
                    "{\"method\":\"GET\",\"path\":\"/"
                    "d\",\"access\":\1\"public\","
                    "\"requires\":[{\"action\":\"svc.read\"}],\"event\":null},"
                    "{\"method\":\"GET\",\"path\":\"/e\",\"access\":\"public\","
                    "\"requires\":[],\"event\":null},"
                    "{\"method\":\"GET\",\"path\":\"/f\","
                    "\"access\":\"authenticated\",\"event\":null}]"),
        HINTED("open_route", hint), HINTED("open_route", hint),
        HINTED("bad_value", "did you mean \"public\"?"),
        HINTED("bad_value", "leave one of them out"));
}

/* A malformed template is one finding, not one for each `on` as well. */
static void
test_malformed_template_alone(void **state)
{
    (void)state;
    CHECK(SERVICE(.routes = "[{\"method\":\"GET\",\"path\":\"/{image}\1/\","
                            "\"requires\":[{\"action\":\"svc.read\","
                            "\"on\":[\"path:image\"]}],\"event\":null}]"),
        FOUND("bad_template"));
}

static void
test_events(void **state)
{
    (void)state;
    CHECK(
        SERVICE(.routes =
                    "[{\"method\":\"GET\",\"path\":\"/"
                    "a\",\"access\":\"public\","
                    "\"event\":\1\"svc.rad\"},"
                    "\1{\"method\":\"GET\",\"path\":\"/b\","
                    "\"access\":\"public\"},"
                    "{\"method\":\"GET\",\"path\":\"/c\",\"access\":\"public\","
                    "\"event\":\1false}]"),
        HINTED("unknown_name", "did you mean \"svc.read\"?"),
        FOUND("missing_member"), FOUND("wrong_type"));
}

static void
test_head(void **state)
{
    (void)state;
    CHECK(SERVICE(.routes = "[{\"method\":\"GET\",\"path\":\"/a\","
                            "\"head\":true," REST "},"
                            "{\"method\":\"PUT\",\"path\":\"/a\","
                            "\"head\":\1true," REST "},"
                            "{\"method\":\"PUT\",\"path\":\"/b\","
                            "\"head\":false," REST "}]"),
        FOUND("bad_value"));
}

static void
test_limits(void **state)
{
    static char routes[8192];
    size_t len = (size_t)snprintf(routes, sizeof(routes),
        "[{\"method\":\"GET\",\"path\":\"/a\",\"event\":null,\"requires\":\1[");
    (void)state;
    for (int i = 0; i < 33; i++) {
        len += (size_t)snprintf(routes + len, sizeof(routes) - len,
            "%s{\"action\":\"svc.read\"}", i == 0 ? "" : ",");
    }
    len += (size_t)snprintf(routes + len, sizeof(routes) - len,
        "]},{\"method\":\"GET\",\"path\":\"/b\",\"event\":null,\"requires\":"
        "[{\"action\":\"svc.read\",\"on\":\1[");
    for (int i = 0; i < 33; i++) {
        len += (size_t)snprintf(routes + len, sizeof(routes) - len,
            "%s\"query:id\"", i == 0 ? "" : ",");
    }
    snprintf(routes + len, sizeof(routes) - len, "]}]}]");
    CHECK(SERVICE(.routes = routes), FOUND("limit"), FOUND("limit"));
}

static void
test_tables(void **state)
{
    static struct loaded l;
    (void)state;
    open_builder(&l);
    read_into(&l,
        SERVICE(.routes =
                    "[{\"method\":\"PUT\",\"path\":\"/{id}/{+res}/x/{image}\","
                    "\"title\":\"T\",\"access\":\"authenticated\","
                    "\"event\":\"svc.read\"},"
                    "\n{\"method\":\"GET\",\"path\":\"/a\",\"head\":true,"
                    "\"access\":\"public\",\"event\":null},"
                    "{\"method\":\"PUT\",\"path\":\"/a\"," REST "}]"));
    assert_int_equal(pdp_report_errors(l.report), 0);
    const struct pdp__route *r = PDP__ITEM(&l.b, routes, struct pdp__route, 0);
    assert_int_equal(l.b.routes.cnt, 3);
    assert_int_equal(l.b.methods.cnt, 2);
    assert_int_equal(r[0].segments, 4);
    assert_int_equal(r[0].params.cnt, 3);
    assert_int_equal(r[0].access, PDP_ACCESS_AUTHENTICATED);
    assert_int_equal(r[0].event, 0);
    assert_int_equal(r[0].head, 0);
    assert_int_equal(r[0].method, 0);
    assert_int_equal(r[1].access, PDP_ACCESS_PUBLIC);
    assert_int_equal(r[1].event, PDP__NONE);
    assert_int_equal(r[1].head, 1);
    assert_int_equal(r[1].method, 1);
    assert_int_equal(r[2].access, PDP_ACCESS_REQUIRES);
    assert_int_equal(r[2].method, 0);
    assert_int_equal(r[2].requires.cnt, 1);
    const struct pdp__param *p = PDP__ITEM(&l.b, params, struct pdp__param, 0);
    assert_int_equal(p[0].segment, 0);
    assert_int_equal(p[0].multi | p[0].after, 0);
    assert_int_equal(p[1].segment, 1);
    assert_int_equal(p[1].multi, 1);
    assert_int_equal(p[1].after, 0);
    assert_int_equal(p[2].segment, 3);
    assert_int_equal(p[2].multi, 0);
    assert_int_equal(p[2].after, 1);
    assert_int_equal(PDP__ITEM(&l.b, events, struct pdp__event, 0)->route_cnt,
        1);
    const struct pdp__place *places = l.b.route_places.items;
    assert_int_equal(l.b.route_places.cnt, 3);
    assert_int_equal(places[0].line, 7);
    assert_int_equal(places[1].line, 8);
    close_builder(&l);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_members),
        cmocka_unit_test(test_methods),
        cmocka_unit_test(test_templates),
        cmocka_unit_test(test_params_of_templates),
        cmocka_unit_test(test_nothing_is_open_by_accident),
        cmocka_unit_test(test_malformed_template_alone),
        cmocka_unit_test(test_events),
        cmocka_unit_test(test_head),
        cmocka_unit_test(test_limits),
        cmocka_unit_test(test_tables),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
