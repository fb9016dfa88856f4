/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
/* Routing: precedence, methods, HEAD, `{+name}`; what is found, by number
 * of the row. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "router_util.h"

struct ask {
    const char *method;
    const char *path;
    int row;
};

static void
check_table(struct table *table, const struct ask *asks, size_t cnt)
{
    open_table(table, 0);
    for (size_t i = 0; i < cnt; i++) {
        int got = find(table, asks[i].method, asks[i].path);

        if (got != asks[i].row) {
            fail_msg("%s %s: %d, not %d", asks[i].method, asks[i].path, got,
                asks[i].row);
        }
        /* The reference is worth something only if it says the same. */
        assert_int_equal(reference(table, asks[i].method, asks[i].path), got);
    }
    close_table(table);
}

#define CHECK_TABLE(table, asks)                                               \
    check_table((table), (asks), sizeof(asks) / sizeof((asks)[0]))

static void
literal_then_param_then_multi(void **state)
{
    static struct table table = {.rows = {{"GET", "/a/b", false},
                                     {"GET", "/a/{p0}", false},
                                     {"GET", "/{p0}/b", false},
                                     {"GET", "/{p0}/{p1}", false},
                                     {"GET", "/{+name}", false},
                                     {"GET", "/a/{+name}", false},
                                     {"GET", "/a", false}},
        .cnt = 7};
    static const struct ask asks[] = {{"GET", "/a/b", 0}, {"GET", "/a/c", 1},
        {"GET", "/c/b", 2}, {"GET", "/c/c", 3}, {"GET", "/c", 4},
        {"GET", "/c/c/c", 4}, {"GET", "/a/b/c", 5}, {"GET", "/a", 6},
        {"GET", "/A/b", 2}, {"GET", "/a/B", 1}, {"GET", "/a/b%2F", 1},
        {"PUT", "/a/b", OTHER_METHOD}, {"PUT", "/q/q/q/q", OTHER_METHOD}};

    (void)state;
    CHECK_TABLE(&table, asks);
}

/* The left-most difference decides, even against two literals later on. */
static void
from_the_left(void **state)
{
    static struct table table = {.rows = {{"GET", "/a/{p0}/{p1}", false},
                                     {"GET", "/{p0}/b/c", false},
                                     {"GET", "/{+name}/b/c", false},
                                     {"GET", "/x/{p0}/c", false},
                                     {"GET", "/x/b/{p0}", false}},
        .cnt = 5};
    static const struct ask asks[] = {{"GET", "/a/b/c", 0},
        {"GET", "/q/b/c", 1}, {"GET", "/q/q/b/c", 2}, {"GET", "/x/b/c", 4},
        {"GET", "/x/d/c", 3}, {"GET", "/x/b/d", 4},
        {"GET", "/x/d/d", NO_ROUTE}};

    (void)state;
    CHECK_TABLE(&table, asks);
}

/* A literal that leads nowhere gives way to the parameter, at any depth. */
static void
dead_ends(void **state)
{
    static struct table table = {.rows = {{"GET", "/a/a/a/a", false},
                                     {"GET", "/a/a/{p0}/b", false},
                                     {"GET", "/a/{p0}/a/c", false},
                                     {"GET", "/{p0}/a/a/d", false},
                                     {"GET", "/{+name}/e", false}},
        .cnt = 5};
    static const struct ask asks[] = {{"GET", "/a/a/a/a", 0},
        {"GET", "/a/a/a/b", 1}, {"GET", "/a/a/a/c", 2}, {"GET", "/a/a/a/d", 3},
        {"GET", "/a/a/a/e", 4}, {"GET", "/a/a/a/f", NO_ROUTE},
        {"GET", "/e", NO_ROUTE}, {"GET", "/e/e", 4}};

    (void)state;
    CHECK_TABLE(&table, asks);
}

static void
each_method_by_itself(void **state)
{
    static struct table table = {.rows = {{"GET", "/n/details", false},
                                     {"DELETE", "/n/{p0}", false},
                                     {"PUT", "/n/{p0}", false},
                                     {"OPTIONS", "/{+name}", false}},
        .cnt = 4};
    static const struct ask asks[] = {{"GET", "/n/details", 0},
        {"DELETE", "/n/details", 1}, {"PUT", "/n/details", 2},
        {"OPTIONS", "/n/details", 3}, {"GET", "/n/detail", OTHER_METHOD},
        {"POST", "/n/details", OTHER_METHOD}, {"GET", "/m", OTHER_METHOD},
        {"get", "/n/details", OTHER_METHOD}, {"GE", "/n/details", OTHER_METHOD},
        {"GETS", "/n/details", OTHER_METHOD}, {"", "/n/details", OTHER_METHOD},
        {"OPTIONS", "/m/m/m", 3}};

    (void)state;
    CHECK_TABLE(&table, asks);
}

static void
no_route_and_method_not_allowed(void **state)
{
    static struct table table = {.rows = {{"GET", "/a/b", false}}, .cnt = 1};
    static const struct ask asks[] = {{"GET", "/a/b", 0},
        {"PUT", "/a/b", OTHER_METHOD}, {"GET", "/a", NO_ROUTE},
        {"PUT", "/a", NO_ROUTE}, {"GET", "/a/b/c", NO_ROUTE},
        {"GET", "/b", NO_ROUTE}, {"PUT", "/", NO_ROUTE}, {"GET", "/", NO_ROUTE},
        {"GET", "/a/", NO_ROUTE}, {"HEAD", "/a/b", OTHER_METHOD}};

    (void)state;
    CHECK_TABLE(&table, asks);
}

static void
head_requests(void **state)
{
    static struct table table =
        {.rows = {{"GET", "/plain", false}, {"GET", "/with", true},
             {"GET", "/own", false}, {"HEAD", "/own", false},
             {"GET", "/x/{p0}", true}, {"HEAD", "/x/y", false},
             {"GET", "/z/y", true}, {"HEAD", "/z/{p0}", false},
             {"PUT", "/put", false}, {"GET", "/u/{p0}", true},
             {"GET", "/u/admin", false}, {"GET", "/w/admin", false},
             {"HEAD", "/w/{p0}", false}},
            .cnt = 13};
    static const struct ask asks[] = {{"HEAD", "/plain", OTHER_METHOD},
        /* A server answers HEAD /u/admin as it does GET /u/admin. */
        {"HEAD", "/u/x", 9}, {"HEAD", "/u/admin", OTHER_METHOD},
        {"GET", "/u/admin", 10}, {"HEAD", "/w/x", 12},
        {"HEAD", "/w/admin", OTHER_METHOD}, {"HEAD", "/with", 1},
        {"GET", "/with", 1}, {"GET", "/own", 2}, {"HEAD", "/own", 3},
        {"HEAD", "/x/y", 5}, {"HEAD", "/x/q", 4}, {"GET", "/x/y", 4},
        {"HEAD", "/z/y", 6}, {"HEAD", "/z/q", 7}, {"GET", "/z/q", OTHER_METHOD},
        {"HEAD", "/put", OTHER_METHOD}, {"head", "/with", OTHER_METHOD},
        {"HEAD", "/none", NO_ROUTE}};

    (void)state;
    CHECK_TABLE(&table, asks);
}

/* The paths of the OCI distribution protocol, and repositories whose names
 * are words of that protocol. */
static void
repositories_of_several_segments(void **state)
{
    static struct table table =
        {.rows = {{"GET", "/v2/{+name}/manifests/{reference}", true},
             {"PUT", "/v2/{+name}/manifests/{reference}", false},
             {"GET", "/v2/{+name}/blobs/{digest}", true},
             {"PATCH", "/v2/{+name}/blobs/uploads/{id}", false},
             {"GET", "/v2/{+name}/blobs/uploads/{id}", false},
             {"POST", "/v2/{+name}/blobs/uploads", false},
             {"GET", "/v2/{+name}/tags/list", false},
             {"GET", "/v2/_catalog", false}},
            .cnt = 8};
    static const struct ask asks[] = {{"GET", "/v2/a/manifests/1", 0},
        {"HEAD", "/v2/a/b/c/manifests/1", 0}, {"PUT", "/v2/a/b/manifests/1", 1},
        {"GET", "/v2/manifests/manifests/manifests", 0},
        {"GET", "/v2/manifests/1", NO_ROUTE},
        {"GET", "/v2/blobs/manifests/1", 0},
        {"GET", "/v2/tags/list/manifests/1", 0},
        {"GET", "/v2/tags/list/tags/list", 6},
        {"GET", "/v2/tags/list", NO_ROUTE}, {"GET", "/v2/a/tags/list", 6},
        {"GET", "/v2/tags/tags/list", 6},
        {"HEAD", "/v2/a/tags/list", OTHER_METHOD},
        {"GET", "/v2/manifests/tags/list", 6},
        {"GET", "/v2/a/manifests/list", 0}, {"GET", "/v2/a/blobs/d", 2},
        {"GET", "/v2/blobs/blobs/blobs", 2},
        {"GET", "/v2/blobs/uploads", NO_ROUTE},
        {"PATCH", "/v2/a/blobs/uploads/1", 3},
        {"PATCH", "/v2/a/b/blobs/uploads/1", 3},
        {"PATCH", "/v2/blobs/uploads/1", NO_ROUTE},
        {"PATCH", "/v2/blobs/uploads/blobs/uploads/1", 3},
        {"POST", "/v2/a/blobs/uploads", 5},
        /* `uploads` as a digest: another method's path, and a GET. */
        {"GET", "/v2/a/blobs/uploads", 2},
        {"PATCH", "/v2/a/blobs/uploads", OTHER_METHOD},
        /* Upload "d" of repository a: the longer rest comes first. */
        {"GET", "/v2/a/blobs/uploads/d", 4},
        /* Repository "a/blobs/uploads/x", then its own upload. */
        {"GET", "/v2/a/blobs/uploads/blobs/uploads/x", 4},
        {"GET", "/v2/a/blobs/blobs/x", 2},
        {"GET", "/v2/manifests/blobs/manifests/blobs/x", 2},
        {"GET", "/v2/_catalog", 7}, {"GET", "/v2/_catalog/tags/list", 6},
        {"GET", "/v2/a/_catalog", NO_ROUTE}, {"GET", "/v2", NO_ROUTE},
        {"PUT", "/v2/a/blobs/d", OTHER_METHOD}};

    (void)state;
    CHECK_TABLE(&table, asks);
}

/* 32 segments are found, and neither 33 nor none ever. */
static void
number_of_segments(void **state)
{
    static struct table table = {.rows = {{"GET", "/{+name}", false}},
        .cnt = 1};
    pdp_str_t segments[PDP__SEGMENT_MAX + 2];

    (void)state;
    for (int i = 0; i < PDP__SEGMENT_MAX + 2; i++) {
        segments[i] = PDP__LIT("a");
    }
    for (size_t i = 0; i < 30; i++) {
        memcpy(table.rows[1].path + 2 * i, "/a", 3);
    }
    memcpy(table.rows[1].path + 60, "/{p0}/a", 8);
    memcpy(table.rows[1].method, "PUT", 4);
    table.cnt = 2;
    open_table(&table, 3);
    for (int cnt = 1; cnt <= PDP__SEGMENT_MAX; cnt++) {
        assert_int_equal(find_segments(&table, "GET", segments, cnt), 0);
        assert_int_equal(find_segments(&table, "PUT", segments, cnt),
            cnt == 32 ? 1 : OTHER_METHOD);
    }
    assert_int_equal(find_segments(&table, "GET", segments, 33), NO_ROUTE);
    assert_int_equal(find_segments(&table, "PUT", segments, 33), NO_ROUTE);
    assert_int_equal(find_segments(&table, "GET", segments, 0), NO_ROUTE);
    /* A service that is not there has no routes. */
    struct pdp__route_match match = pdp__router_find(table.snapshot->block, 1,
        PDP__LIT("GET"), segments, 1);
    assert_int_equal(match.route, PDP__NONE);
    assert_false(match.other_method);
    close_table(&table);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(literal_then_param_then_multi),
        cmocka_unit_test(from_the_left),
        cmocka_unit_test(dead_ends),
        cmocka_unit_test(each_method_by_itself),
        cmocka_unit_test(no_route_and_method_not_allowed),
        cmocka_unit_test(head_requests),
        cmocka_unit_test(repositories_of_several_segments),
        cmocka_unit_test(number_of_segments),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
