/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
/* The trie of routes: shapes that are equal, and what the search finds. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "model/router.h"
#include "service_util.h"

#define REST "\"access\":\"public\",\"event\":null}"
#define ROUTE(method, path)                                                    \
    "{\"method\":\"" method "\",\"path\":\"" path "\"," REST

static void
test_same_shapes(void **state)
{
    (void)state;
    CHECK(SERVICE(.routes = "[" ROUTE("GET",
                      "/a/{id}/b") ",\n"
                                   "{\"method\":\"GET\",\"path\":\1\"/a/{ns}/"
                                   "b\"," REST "," ROUTE("PUT",
                                       "/a/{ns}/b") ",\n" ROUTE("GET",
                                       "/v/{+id}/x") ","
                                                     "{\"method\":\"GET\","
                                                     "\"path\":\1\"/v/{+res}/"
                                                     "x\"," REST
                                                     "," ROUTE("GET",
                                                         "/v/{+res}/x/y") "]"),
        FOUND("same_route"), FOUND("same_route"));
}

static void
test_same_route_names_both_lines(void **state)
{
    static struct loaded l;
    (void)state;
    open_builder(&l);
    read_into(&l, SERVICE(.routes = "[\n\n" ROUTE("GET",
                              "/a") ",\n\n" ROUTE("GET", "/a") "]"));
    assert_int_equal(pdp__build_router(&l.b), PDP_OK);
    pdp__report_sort(l.report);
    bool found = false;
    for (size_t i = 0; i < pdp_report_count(l.report); i++) {
        pdp_finding_t f = {.size = sizeof(f)};
        assert_int_equal(pdp_report_at(l.report, i, &f), PDP_OK);
        if (pdp__str_eq(f.code, PDP__LIT("same_route"))) {
            assert_int_equal(f.line, 11);
            assert_true(pdp__str_eq(f.message,
                PDP__LIT("GET requests of this path belong to \"/a\" of "
                         "line 9")));
            found = true;
        }
    }
    assert_true(found);
    close_builder(&l);
}

static void
test_head_of_a_get_route(void **state)
{
    (void)state;
    CHECK(SERVICE(.routes = "[" ROUTE("HEAD",
                      "/a") ","
                            "{\"method\":\"GET\",\"path\":\1\"/a\","
                            "\"head\":true," REST ","
                            "{\"method\":\"GET\",\"path\":\"/b\","
                            "\"head\":true," REST ","
                            "{\"method\":\"HEAD\",\"path\":\1\"/b\"," REST ","
                            "{\"method\":\"GET\",\"path\":\"/c\"," REST ","
                            "{\"method\":\"HEAD\",\"path\":\"/c\"," REST "]"),
        FOUND("same_route"), FOUND("same_route"));
}

/* Splits a path as a request would be, and looks it up. */
static const char *
find(const pdp_snapshot_t *snapshot, uint32_t service, const char *method,
    const char *path, bool *other)
{
    static char text[256];
    pdp_str_t segments[32];
    uint32_t cnt = 0;
    pdp_str_t rest = pdp__str_z(path + 1);
    for (size_t at = 0; at <= rest.len && cnt < 32;) {
        size_t end = pdp__str_find(rest, '/', at);
        segments[cnt++] = pdp__str(rest.ptr + at, end - at);
        at = end + 1;
    }
    struct pdp__route_match match = pdp__router_find(snapshot->block, service,
        pdp__str_z(method), segments, cnt);
    *other = match.other_method;
    if (match.route == PDP__NONE) {
        return "";
    }
    pdp_str_t found = pdp__text(snapshot->block,
        pdp__routes(snapshot->block)[match.route].path);
    snprintf(text, sizeof(text), "%.*s", (int)found.len, found.ptr);
    return text;
}

struct look {
    const char *method;
    const char *path;
    const char *route;
    bool other;
};

static void
test_search(void **state)
{
    static struct loaded l;
    static const struct look looks[] = {
        {"GET", "/ns", "/ns", false},
        {"GET", "/ns/details", "/ns/details", false},
        {"GET", "/ns/x", "", true},
        {"DELETE", "/ns/details", "/ns/{id}", false},
        {"DELETE", "/ns/x", "/ns/{id}", false},
        {"DELETE", "/ns", "", true},
        {"GET", "/nope", "", false},
        {"GET", "/v2/a/manifests/t", "/v2/{+res}/manifests/{id}", false},
        {"GET", "/v2/a/b/c/manifests/t", "/v2/{+res}/manifests/{id}", false},
        {"GET", "/v2/manifests/manifests/manifests",
            "/v2/{+res}/manifests/{id}", false},
        {"GET", "/v2/a/tags/list", "/v2/{+res}/tags/list", false},
        {"GET", "/v2/a/b/tags/list", "/v2/{+res}/tags/list", false},
        {"GET", "/v2/a/x/list", "/v2/{+res}/list", false},
        {"GET", "/v2/tags/list", "/v2/{+res}/list", false},
        {"GET", "/v2/_catalog", "/v2/_catalog", false},
        {"GET", "/v2", "", false},
        {"HEAD", "/ns", "/ns", false},
        {"HEAD", "/ns/details", "", true},
    };
    pdp_mem_t mem = pdp__mem_default();
    pdp_snapshot_t *snapshot = NULL;
    bool other = false;
    (void)state;
    open_builder(&l);
    read_into(&l,
        SERVICE(.routes =
                    "[{\"method\":\"GET\",\"path\":\"/ns\",\"head\":true," REST
                    "," ROUTE("GET", "/ns/details") "," ROUTE("DELETE",
                        "/ns/{id}") "," ROUTE("GET",
                        "/v2/{+res}/list") "," ROUTE("GET",
                        "/v2/{+res}/manifests/{id}") "," ROUTE("GET",
                        "/v2/{+res}/tags/list") "," ROUTE("GET",
                        "/v2/_catalog") "]"));
    assert_int_equal(pdp__build_router(&l.b), PDP_OK);
    assert_int_equal(pdp_report_errors(l.report), 0);
    /* Multis of a node: longest suffix first. */
    assert_int_equal(l.b.multis.cnt, 2);
    const struct pdp__multi *multi =
        PDP__ITEM(&l.b, multis, struct pdp__multi, 0);
    assert_int_equal(multi[0].suffix, 2);
    assert_int_equal(multi[1].suffix, 1);
    assert_int_equal(pdp__builder_finish(&l.b, &mem, &snapshot), PDP_OK);
    close_builder(&l);
    for (size_t i = 0; i < sizeof(looks) / sizeof(looks[0]); i++) {
        const struct look *look = &looks[i];
        assert_string_equal(find(snapshot, 0, look->method, look->path, &other),
            look->route);
        /* Said only where there is no route for the method. */
        assert_true(look->route[0] != '\0' || other == look->other);
    }
    pdp_snapshot_release(snapshot);
}

/* Each service has a trie of its own. */
static void
test_two_services(void **state)
{
    static struct loaded l;
    pdp_mem_t mem = pdp__mem_default();
    pdp_snapshot_t *snapshot = NULL;
    bool other = false;
    (void)state;
    open_builder(&l);
    read_into(&l, SERVICE(.routes = "[" ROUTE("GET", "/a/{id}") "]"));
    read_into(&l,
        SERVICE(.head = "\"format\":\"pdp-service/1\",\"service\":\"b\"",
            .actions = "{}", .roles = "{}", .regions = "[]",
            .routes = "[" ROUTE("GET", "/a/{ns}") "," ROUTE("GET", "/b") "]"));
    assert_int_equal(pdp__build_router(&l.b), PDP_OK);
    assert_int_equal(pdp_report_errors(l.report), 0);
    assert_int_equal(pdp__builder_finish(&l.b, &mem, &snapshot), PDP_OK);
    close_builder(&l);
    assert_string_equal(find(snapshot, 0, "GET", "/a/x", &other), "/a/{id}");
    assert_string_equal(find(snapshot, 1, "GET", "/a/x", &other), "/a/{ns}");
    assert_string_equal(find(snapshot, 0, "GET", "/b", &other), "");
    assert_string_equal(find(snapshot, 1, "GET", "/b", &other), "/b");
    pdp_snapshot_release(snapshot);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_same_shapes),
        cmocka_unit_test(test_same_route_names_both_lines),
        cmocka_unit_test(test_head_of_a_get_route),
        cmocka_unit_test(test_search),
        cmocka_unit_test(test_two_services),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
