/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
/* Stage 3: service, route, parameters, ambiguous paths. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "fixture.h"

static const char *
get(const char *target)
{
    return decide(&fixture, "GET", target, NULL);
}

static void
routes_and_methods(void **state)
{
    static const struct {
        const char *method;
        const char *target;
        const char *reason;
        const char *route;
    } cases[] = {
        {"GET", "/api/v1/auth", "token_missing", "/api/v1/auth"},
        {"PUT", "/api/v1/auth", "method_not_allowed", NULL},
        {"HEAD", "/api/v1/auth", "method_not_allowed", NULL},
        {"OPTIONS", "/api/v1/auth", "method_not_allowed", NULL},
        {"FOO", "/api/v1/auth", "method_not_allowed", NULL},
        {"GET", "/api/v1", "no_route", NULL},
        {"GET", "/api/v1/auths", "no_route", NULL},
        {"GET", "/API/v1/auth", "no_route", NULL},
        {"GET", "/api/v1/auth/x", "no_route", NULL},
        {"FOO", "/nowhere", "no_route", NULL},
        {"GET", "/api/v1/namespaces/details", "token_missing",
            "/api/v1/namespaces/details"},
        {"DELETE", "/api/v1/namespaces/details", "token_missing",
            "/api/v1/namespaces/{namespace}"},
        {"GET", "/api/v1/retentions/analyze", "token_missing",
            "/api/v1/retentions/{namespace}"},
        {"POST", "/api/v1/retentions/analyze", "token_missing",
            "/api/v1/retentions/analyze"},
        {"GET", "/va/api/v4/exempt/image/issue", "token_missing",
            "/va/api/v4/exempt/image/{resource}"},
        {"GET", "/va/api/v4/exempt/image/issue/cve/CVE-1", "token_missing",
            "/va/api/v4/exempt/image/issue/{issueType}/{issueID}"},
        {"GET", "/va/api/v4/exempt/image/issue/issue/a/b", "token_missing",
            "/va/api/v4/exempt/image/{resource}/issue/{issueType}/{issueID}"},
        {"GET", "/api/v1/messages", "public", "/api/v1/messages"},
        {"GET", "/va/api/v4/exempt/types", "public", "/va/api/v4/exempt/types"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_reason(decide(&fixture, cases[i].method, cases[i].target, NULL),
            cases[i].reason);
        assert_str(pdp_decision_route(fixture.decision), cases[i].route);
    }
}

static void
grammar_of_parameters(void **state)
{
    static const char *const bad[] = {"/api/v1/images/x/json",
        "/api/v1/images/us.icr.io/json",
        "/api/v1/images/us.icr.io%2Fbirds/json",
        "/api/v1/images/evil.example%2Fbirds%2Fx/json",
        "/api/v1/images/us.icr.io%3A443%2Fbirds%2Fx/json",
        "/api/v1/images/US.icr.io%2Fbirds%2Fx/json",
        "/api/v1/images/us.icr.io%2FBirds%2Fx/json",
        "/api/v1/images/us.icr.io%2Fbirds%2Fx:/json",
        "/api/v1/images/us.icr.io%2Fbirds%2Fx@sha256:00/json",
        "/va/api/v4/report/image/status%2Fx", "/va/api/v4/report/image/status",
        "/api/v1/retentions/Birds", "/api/v1/retentions/birds%2Fx",
        "/api/v1/retentions/-birds", "/api/v1/retentions/%20",
        "/va/api/v4/exempt/image/issue/cve/CVE%2F1"};

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_reason(get(bad[i]), "bad_param");
        /* Where the parameter begins. */
        int64_t offset = pdp_decision_offset(fixture.decision);
        assert_true(offset > 0);
        assert_int_equal(bad[i][offset - 1], '/');
    }
}

/* The 4-30 rule holds where the namespace is made, and only there. */
static void
new_namespaces(void **state)
{
    (void)state;
    assert_reason(decide(&fixture, "PUT", "/api/v1/namespaces/abc", NULL),
        "bad_param");
    assert_reason(decide(&fixture, "PATCH", "/api/v1/namespaces/abc", NULL),
        "token_missing");
    assert_reason(decide(&fixture, "PUT", "/api/v1/namespaces/abcd", NULL),
        "token_missing");
    assert_reason(decide(&fixture, "PUT", "/api/v1/namespaces/abc-", NULL),
        "bad_param");
    assert_reason(decide(&fixture, "PUT", "/api/v1/namespaces/ab.cd", NULL),
        "bad_param");
    assert_reason(decide(&fixture, "DELETE", "/api/v1/namespaces/ab.cd", NULL),
        "token_missing");
}

static void
parameters_are_decoded_once(void **state)
{
    pdp_param_t param = {.size = sizeof(param)};

    (void)state;
    assert_reason(get("/api/v1/images/us.icr.io%2Fbirds%2Fx%3Agreen/json"),
        "token_missing");
    assert_int_equal(pdp_decision_params(fixture.decision), 1);
    assert_true(pdp_decision_param(fixture.decision, 0, &param));
    assert_str(param.name, "image");
    assert_str(param.value, "us.icr.io/birds/x:green");
    assert_false(pdp_decision_param(fixture.decision, 1, &param));
}

/* The image's host belongs to the region whose endpoint was called. */
static void
region_of_the_host(void **state)
{
    static const struct {
        const char *host;
        const char *reason;
    } cases[] = {
        {"us.icr.io", "token_missing"},
        {"US.ICR.IO:443", "token_missing"},
        {"private.us.icr.io", "token_missing"},
        {"de.icr.io", "bad_param"},
        {"icr.io", "bad_param"},
        {"de.icr.io.", "bad_param"}, /* the same host */
        {"de.icr.io.:443", "bad_param"},
        {"us.icr.io.", "token_missing"},
        {"us.icr.io:", "token_missing"},
        {"localhost", "token_missing"}, /* not one of ours: not known */
        {"", "token_missing"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        request(&fixture, "GET", "/api/v1/images/us.icr.io%2Fbirds%2Fx/json");
        header(&fixture, "Host", cases[i].host);
        assert_reason(pdp_reason_name(judge(&fixture)), cases[i].reason);
    }
}

/* A value whose decoded form is another route of the same method. */
static void
ambiguous_paths(void **state)
{
    static const char *const service =
        "{\"format\":\"pdp-service/1\",\"service\":\"s\",\"actions\":{},"
        "\"roles\":{},\"events\":{},\"params\":{\"r\":{\"kind\":\"resource\"},"
        "\"t\":{\"kind\":\"text\"}},\"routes\":["
        "{\"method\":\"GET\",\"path\":\"/a/{r}\",\"access\":\"public\","
        "\"event\":null},"
        "{\"method\":\"GET\",\"path\":\"/a/b/{t}\",\"access\":\"public\","
        "\"event\":null},"
        "{\"method\":\"GET\",\"path\":\"/c/{t}\",\"access\":\"public\","
        "\"event\":null},"
        "{\"method\":\"GET\",\"path\":\"/c/x:y\",\"access\":\"public\","
        "\"event\":null},"
        "{\"method\":\"PUT\",\"path\":\"/a/d/{t}\",\"access\":\"public\","
        "\"event\":null}]}";
    const struct document documents[] = {
        {PDP_SOURCE_SERVICE, "s.json", service},
        {PDP_SOURCE_NONE, NULL, NULL},
    };

    (void)state;
    load(&fixture, documents);
    assert_reason(get("/a/b"), "public");
    assert_reason(get("/a/c%2Fd"), "public");
    assert_reason(get("/a/b%2Fd"), "ambiguous_path");
    assert_int_equal(pdp_decision_offset(fixture.decision), 3);
    assert_reason(get("/a/d%2Fx"), "public"); /* another method's route */
    assert_reason(get("/c/x:y"), "public");
    assert_reason(get("/c/x%3Ay"), "ambiguous_path");
    assert_reason(get("/c/x%3Az"), "public");
    load(&fixture, NULL);
}

/* Decoded first, the path is longer than we look at, or the same route with
 * other values: both could be read in another way than they are judged. */
static void
ambiguous_borders(void **state)
{
    static const char *const service =
        "{\"format\":\"pdp-service/1\",\"service\":\"s\",\"actions\":{},"
        "\"roles\":{},\"events\":{},\"params\":{\"r\":{\"kind\":\"resource\"},"
        "\"name\":{\"kind\":\"resource\"}},\"routes\":["
        "{\"method\":\"GET\",\"path\":\"/v2/{+name}/manifests/{r}\","
        "\"access\":\"public\",\"event\":null},"
        "{\"method\":\"GET\",\"path\":\"/v2/{r}\",\"access\":\"public\","
        "\"event\":null},"
        "{\"method\":\"GET\",\"path\":\"/x/{r}/of/{+name}\","
        "\"access\":\"public\",\"event\":null}]}";
    const struct document documents[] = {
        {PDP_SOURCE_SERVICE, "s.json", service},
        {PDP_SOURCE_NONE, NULL, NULL},
    };

    (void)state;
    load(&fixture, documents);
    for (int slashes = 1; slashes <= 40; slashes++) {
        fixture.target[0] = '\0';
        append(fixture.target, "/v2/birds");
        for (int i = 0; i < slashes; i++) {
            append(fixture.target, "%2Fa");
        }
        bool long_path = slashes + 2 > 32;
        assert_reason(get(fixture.target),
            long_path ? "ambiguous_path" : "public");
        append(fixture.target, "%2Fmanifests%2Fx");
        assert_reason(get(fixture.target), "ambiguous_path");
        assert_int_equal(pdp_decision_offset(fixture.decision), 4);
    }
    assert_reason(get("/x/a/of/fish/of/birds"), "public");
    assert_reason(get("/x/a%2Fb/of/birds"), "public");
    assert_reason(get("/x/a%2Fof%2Ffish/of/birds"), "ambiguous_path");
    assert_int_equal(pdp_decision_offset(fixture.decision), 3);
    assert_reason(get("/v2/birds/manifests/fish%2Fmanifests%2Fx"),
        "ambiguous_path");
    load(&fixture, NULL);
    /* Without a `{+name}` nothing is as long as that. */
    fixture.target[0] = '\0';
    append(fixture.target, "/api/v1/images/us.icr.io%2Fbirds");
    for (int i = 0; i < 40; i++) {
        append(fixture.target, "%2Fa");
    }
    append(fixture.target, "/json");
    assert_reason(get(fixture.target), "token_missing");
}

/* What is told of several escapes is the first. */
static void
the_first_escape(void **state)
{
    static const char *const service =
        "{\"format\":\"pdp-service/1\",\"service\":\"s\",\"actions\":{},"
        "\"roles\":{},\"events\":{},\"params\":{\"t\":{\"kind\":\"text\"},"
        "\"u\":{\"kind\":\"text\"}},\"routes\":["
        "{\"method\":\"GET\",\"path\":\"/{t}/b/{u}\",\"access\":\"public\","
        "\"event\":null},"
        "{\"method\":\"GET\",\"path\":\"/a:a/b/{u}\",\"access\":\"public\","
        "\"event\":null}]}";
    const struct document documents[] = {
        {PDP_SOURCE_SERVICE, "s.json", service},
        {PDP_SOURCE_NONE, NULL, NULL},
    };
    static const struct {
        const char *target;
        const char *reason;
        int64_t offset;
    } cases[] = {
        {"/a:a/b/c:c", "public", -1},
        {"/a:a/b/c%3Ac", "public", -1},
        {"/x%3Aa/b/c%3Ac", "public", -1},
        {"/a%3Aa/b/c:c", "ambiguous_path", 1},
        {"/a%3Aa/b/c%3Ac", "ambiguous_path", 1},
    };

    (void)state;
    load(&fixture, documents);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_reason(get(cases[i].target), cases[i].reason);
        assert_int_equal(pdp_decision_offset(fixture.decision),
            cases[i].offset);
    }
    load(&fixture, NULL);
}

/* No escape in a `{+name}`, whatever bytes its grammar would take. */
static void
escapes_in_several_segments(void **state)
{
    static const char *const service =
        "{\"format\":\"pdp-service/1\",\"service\":\"s\",\"actions\":{},"
        "\"roles\":{},\"events\":{},\"params\":{\"t\":{\"kind\":\"text\"}},"
        "\"routes\":[{\"method\":\"GET\",\"path\":\"/v2/{+t}/end\","
        "\"access\":\"public\",\"event\":null}]}";
    const struct document documents[] = {
        {PDP_SOURCE_SERVICE, "s.json", service},
        {PDP_SOURCE_NONE, NULL, NULL},
    };
    static const char *const bad[] = {"/v2/a%40b/end", "/v2/a%40b/c/d/end",
        "/v2/a/b%40/c/end", "/v2/a/b/c%40/end", "/v2/a/b%2Fc/end"};
    pdp_param_t param = {.size = sizeof(param)};

    (void)state;
    load(&fixture, documents);
    assert_reason(get("/v2/a@b/c/d/end"), "public");
    assert_true(pdp_decision_param(fixture.decision, 0, &param));
    assert_str(param.value, "a@b/c/d");
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_reason(get(bad[i]), "bad_param");
        assert_int_equal(pdp_decision_offset(fixture.decision), 4);
    }
    load(&fixture, NULL);
}

static void
several_segments(void **state)
{
    static const char *const service =
        "{\"format\":\"pdp-service/1\",\"service\":\"s\",\"actions\":{},"
        "\"roles\":{},\"events\":{},"
        "\"params\":{\"name\":{\"kind\":\"resource\",\"tag\":false},"
        "\"reference\":{\"kind\":\"text\"}},\"routes\":["
        "{\"method\":\"GET\",\"path\":\"/v2/{+name}/manifests/{reference}\","
        "\"access\":\"public\",\"event\":null}]}";
    const struct document documents[] = {
        {PDP_SOURCE_SERVICE, "s.json", service},
        {PDP_SOURCE_NONE, NULL, NULL},
    };
    pdp_param_t param = {.size = sizeof(param)};

    (void)state;
    load(&fixture, documents);
    assert_reason(get("/v2/ns/repo/manifests/latest"), "public");
    assert_true(pdp_decision_param(fixture.decision, 0, &param));
    assert_str(param.value, "ns/repo");
    assert_true(pdp_decision_param(fixture.decision, 1, &param));
    assert_str(param.value, "latest");
    assert_reason(get("/v2/ns/manifests/manifests/latest"), "public");
    assert_true(pdp_decision_param(fixture.decision, 0, &param));
    assert_str(param.value, "ns/manifests");
    assert_reason(get("/v2/ns/manifests/latest"), "public");
    assert_reason(get("/v2/manifests/latest"), "no_route");
    assert_reason(get("/v2/ns/re%2Fpo/manifests/latest"), "bad_param");
    assert_reason(get("/v2/ns/re%3Apo/manifests/latest"), "bad_param");
    assert_reason(get("/v2/ns/repo:tag/manifests/latest"), "bad_param");
    assert_reason(get("/v2/NS/repo/manifests/latest"), "bad_param");
    load(&fixture, NULL);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(routes_and_methods),
        cmocka_unit_test(grammar_of_parameters),
        cmocka_unit_test(new_namespaces),
        cmocka_unit_test(parameters_are_decoded_once),
        cmocka_unit_test(region_of_the_host),
        cmocka_unit_test(ambiguous_paths),
        cmocka_unit_test(ambiguous_borders),
        cmocka_unit_test(the_first_escape),
        cmocka_unit_test(escapes_in_several_segments),
        cmocka_unit_test(several_segments),
    };

    return cmocka_run_group_tests(tests, load_default, teardown);
}
