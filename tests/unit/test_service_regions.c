/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
/* The section `regions`: names, aliases, hosts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "service_util.h"

static void
test_members(void **state)
{
    (void)state;
    CHECK(SERVICE(.regions = "[\1\1\1{},\1true,"
                             "{\"region\":\0011,\"hosts\":\1\"h\","
                             "\"events\":\1null,\"aliases\":\1{},"
                             "\"geography\":\1false,\1\"host\":[]}]"),
        FOUND("missing_member"), FOUND("missing_member"),
        FOUND("missing_member"), FOUND("wrong_type"), FOUND("wrong_type"),
        FOUND("wrong_type"), FOUND("wrong_type"), FOUND("wrong_type"),
        FOUND("wrong_type"),
        HINTED("unknown_member", "did you mean \"hosts\"?"));
}

static void
test_grammar(void **state)
{
    (void)state;
    CHECK(SERVICE(.regions = "[{\"region\":\1\"EU\",\"aliases\":[\1\"a b\","
                             "\0011],\"hosts\":[\1\"H.example\",\1[],"
                             "\1\"h.example:443\"],\"events\":\1\"\","
                             "\"geography\":\1\"g l\"}]"),
        FOUND("bad_value"), FOUND("bad_value"), FOUND("wrong_type"),
        FOUND("bad_value"), FOUND("wrong_type"), FOUND("bad_value"),
        FOUND("bad_value"), FOUND("bad_value"));
}

static void
test_duplicates(void **state)
{
    (void)state;
    CHECK(SERVICE(.regions =
                      "[{\"region\":\"a\",\"aliases\":[\"b\",\1\"a\",\1\"b\"],"
                      "\"hosts\":[\"h.example\",\1\"h.example\"],"
                      "\"events\":\"x\"},"
                      "{\"region\":\1\"b\",\"aliases\":[\1\"a\"],"
                      "\"hosts\":[\1\"h.example\"],\"events\":\"x\"}]"),
        FOUND("duplicate_name"), FOUND("duplicate_name"),
        FOUND("duplicate_name"), FOUND("duplicate_name"),
        FOUND("duplicate_name"), FOUND("duplicate_name"));
}

/* One name, one region, in all services: or a directory that says
 * `eu-central` could mean either. */
static void
test_names_of_other_services(void **state)
{
    static struct loaded l;
    const struct want wants[] = {{"duplicate_name", NULL},
        {"duplicate_name", NULL}};

    (void)state;
    open_builder(&l);
    read_into(&l,
        SERVICE(.regions = "[{\"region\":\"a\",\"aliases\":[\"b\"],"
                           "\"hosts\":[\"a.one\"],\"events\":\"a\"}]"));
    assert_int_equal(pdp_report_errors(l.report), 0);
    read_into(&l, SERVICE(.head = "\"format\":\"pdp-service/1\","
                                  "\"service\":\"two\"",
                      .actions = "{}", .roles = "{}", .routes = "[]",
                      .regions = "[{\"region\":\"a\",\"hosts\":[\"a.two\"],"
                                 "\"events\":\"a\"},"
                                 "{\"region\":\1\"b\",\"hosts\":[\"b.two\"],"
                                 "\"events\":\"b\"},"
                                 "{\"region\":\"c\",\"aliases\":[\1\"a\"],"
                                 "\"hosts\":[\"c.two\"],\"events\":\"c\"}]"));
    check_findings(&l, PDP_SEVERITY_ERROR, wants, 2);
    close_builder(&l);
}

static void
test_a_region_has_hosts(void **state)
{
    (void)state;
    CHECK(SERVICE(.regions =
                      "[{\"region\":\"a\",\"hosts\":\1[],\"events\":\"x\"}]"),
        FOUND("empty"));
}

/* 65 aliases, 65 hosts. */
static void
test_limits(void **state)
{
    static char text[8192];
    size_t len = (size_t)snprintf(text, sizeof(text),
        "[{\"region\":\"a\",\"events\":\"x\",\"aliases\":\1[");
    (void)state;
    for (int i = 0; i < 65; i++) {
        len += (size_t)snprintf(text + len, sizeof(text) - len, "%s\"a%d\"",
            i == 0 ? "" : ",", i);
    }
    len += (size_t)snprintf(text + len, sizeof(text) - len, "],\"hosts\":\1[");
    for (int i = 0; i < 65; i++) {
        len += (size_t)snprintf(text + len, sizeof(text) - len, "%s\"h%d.x\"",
            i == 0 ? "" : ",", i);
    }
    snprintf(text + len, sizeof(text) - len, "]}]");
    CHECK(SERVICE(.regions = text), FOUND("limit"), FOUND("limit"));
}

static void
test_tables(void **state)
{
    static struct loaded l;
    (void)state;
    open_builder(&l);
    read_into(&l,
        SERVICE(.regions = "[{\"region\":\"a\",\"hosts\":[\"a.x\"],"
                           "\"events\":\"e\"},"
                           "{\"region\":\"b\",\"aliases\":[\"c\",\"d\"],"
                           "\"hosts\":[\"b.x\",\"c.x\"],\"events\":\"e\","
                           "\"geography\":\"g\"}]"));
    assert_int_equal(pdp_report_errors(l.report), 0);
    const struct pdp__region *r =
        PDP__ITEM(&l.b, regions, struct pdp__region, 0);
    assert_int_equal(r[0].hosts.first, 0);
    assert_int_equal(r[0].hosts.cnt, 1);
    assert_int_equal(r[0].aliases.cnt, 0);
    assert_int_equal(r[0].geography.off, 0);
    assert_int_equal(r[1].hosts.first, 1);
    assert_int_equal(r[1].hosts.cnt, 2);
    assert_int_equal(r[1].aliases.cnt, 2);
    assert_true(
        pdp__str_eq(pdp__builder_str(&l.b, r[1].geography), PDP__LIT("g")));
    assert_int_equal(pdp__map_get_in(&l.b, PDP__MAP_REGION, 0, PDP__LIT("d")),
        1);
    const struct pdp__host *h = PDP__ITEM(&l.b, hosts, struct pdp__host, 2);
    assert_int_equal(h->region, 1);
    assert_int_equal(h->service, 0);
    close_builder(&l);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_members),
        cmocka_unit_test(test_grammar),
        cmocka_unit_test(test_duplicates),
        cmocka_unit_test(test_names_of_other_services),
        cmocka_unit_test(test_a_region_has_hosts),
        cmocka_unit_test(test_limits),
        cmocka_unit_test(test_tables),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
