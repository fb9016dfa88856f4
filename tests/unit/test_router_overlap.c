/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
/* Notes about values that, decoded, could be read as another route. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "service_util.h"

#define REST "\"access\":\"public\",\"event\":null}"
#define ROUTE(method, path)                                                    \
    "{\"method\":\"" method "\",\"path\":\"" path "\"," REST
#define OVERLAPS(method, path)                                                 \
    "{\"method\":\"" method "\",\"path\":\1\"" path "\"," REST

/* Nothing but the routes is worth a note. */
#define ROUTES(...)                                                            \
    SERVICE(.actions = "{}", .roles = "{}", .events = "{}",                    \
        .params = "{\"image\":{\"kind\":\"image\"},"                           \
                  "\"res\":{\"kind\":\"resource\"},"                           \
                  "\"rep\":{\"kind\":\"resource\"},"                           \
                  "\"ns\":{\"kind\":\"namespace\"},"                           \
                  "\"id\":{\"kind\":\"text\"}}",                               \
        .routes = "[" __VA_ARGS__                                              \
                  "," ROUTE("X", "/x/{image}/{res}/{rep}/{ns}/{id}") "]")

static void
test_resource(void **state)
{
    (void)state;
    CHECK_NOTES(ROUTES(OVERLAPS("GET", "/e/{res}") "," ROUTE("GET",
                    "/e/issue/{id}/{ns}") "," ROUTE("GET",
                    "/e/other") ","            /* no slash in it */
                    ROUTE("PUT", "/e/a/b") "," /* another method */
                    ROUTE("GET", "/e/NO/b")),  /* no namespace */
        FOUND("route_overlap"));
}

/* host/namespace/repository: at least three segments, the first a host. */
static void
test_image(void **state)
{
    (void)state;
    CHECK_NOTES(ROUTES(OVERLAPS("GET", "/i/{image}") "," ROUTE("GET",
                    "/i/de.example.com/a/b") "," ROUTE("GET",
                    "/i/{ns}/x") "," ROUTE("GET", "/i/json/x/y")),
        FOUND("route_overlap"));
    CHECK_NOTES(ROUTES(OVERLAPS("GET", "/i/{image}/json") "," ROUTE("GET",
                    "/i/{id}/{ns}/{res}/json")),
        FOUND("route_overlap"));
}

static void
test_text_and_namespace_hold_no_slash(void **state)
{
    (void)state;
    check_service(ROUTES(ROUTE("GET", "/a/{id}") "," ROUTE("GET",
                      "/a/{ns}/{id}") "," ROUTE("GET",
                      "/b/{+id}/x") "," ROUTE("GET", "/b/c/d/x")),
        PDP_SEVERITY_NOTE, NULL, 0);
}

static void
test_several_segments(void **state)
{
    (void)state;
    /* Both ways: into the other's {+name}, and out of one's own. */
    CHECK_NOTES(ROUTES(OVERLAPS("GET", "/v/{res}") "," ROUTE("GET",
                    "/v/{+id}/tags")),
        FOUND("route_overlap"));
    CHECK_NOTES(ROUTES(OVERLAPS("GET", "/v/{+res}/tags") "," ROUTE("GET",
                    "/v/a/b/tags") "," ROUTE("GET", "/v/a/tags")),
        FOUND("route_overlap"));
}

/* Two notes for two routes, one for one that is reached in two ways. */
static void
test_each_pair_once(void **state)
{
    (void)state;
    CHECK_NOTES(ROUTES(
                    "{\"method\":\"GET\",\"path\":\1\1\"/e/{res}\"," REST
                    "," ROUTE("GET", "/e/a/{id}") "," ROUTE("GET",
                        "/e/{id}/b/c") "," OVERLAPS("GET",
                        "/p/{res}/{rep}") "," ROUTE("GET", "/p/{id}/{ns}/a")),
        FOUND("route_overlap"), FOUND("route_overlap"), FOUND("route_overlap"));
}

/* A definition too large to be searched to the end says so. */
static void
test_search_is_bounded(void **state)
{
    static struct loaded l;
    static char routes[TEXT_CAP / 2];
    size_t len = 0;
    size_t notes = 0;
    (void)state;
    for (int i = 0; i < 300; i++) {
        len += (size_t)snprintf(routes + len, sizeof(routes) - len,
            "%c{\"method\":\"GET\",\"path\":\"/{res}/a%d/{rep}/{+all}\"," REST,
            i == 0 ? '[' : ',', i);
    }
    snprintf(routes + len, sizeof(routes) - len, "]");
    open_builder(&l);
    read_into(&l, SERVICE(.params = "{\"res\":{\"kind\":\"resource\"},"
                                    "\"rep\":{\"kind\":\"resource\"},"
                                    "\"all\":{\"kind\":\"resource\"}}",
                      .routes = routes));
    assert_int_equal(pdp__build_router(&l.b), PDP_OK);
    for (size_t i = 0; i < pdp_report_count(l.report); i++) {
        pdp_finding_t f = {.size = sizeof(f)};
        assert_int_equal(pdp_report_at(l.report, i, &f), PDP_OK);
        notes += pdp__str_starts(f.message, PDP__LIT("too many ways"));
    }
    assert_int_equal(notes, 1);
    close_builder(&l);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_resource),
        cmocka_unit_test(test_image),
        cmocka_unit_test(test_text_and_namespace_hold_no_slash),
        cmocka_unit_test(test_several_segments),
        cmocka_unit_test(test_each_pair_once),
        cmocka_unit_test(test_search_is_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
