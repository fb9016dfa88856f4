/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
/*
 * The table of routes: T21 (nothing is open by accident), T44 and T45 (what
 * overlaps).
 *
 * Overlaps, as the definition format has them: equal shapes are refused with
 * both rows named; a literal beats a parameter; what only decoding makes
 * equal is noted when it is loaded and denied when it comes.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../unit/fixture.h"

#include "refusal.h"
#include "sample_paths.h"

static char manager[TOKEN_CAP];

static int
setup(void **state)
{
    load_samples(state);
    memcpy(manager, token_with(&fixture, ",\"roles\":[\"Manager\"]"),
        sizeof(manager));
    return 0;
}

#define ROUTES_OF(rows)                                                        \
    "{\"format\":\"pdp-service/1\",\"service\":\"s\",\"actions\":{"            \
    "\"s.read\":{\"scope\":\"namespace\"}},\"roles\":{},\"events\":{},"        \
    "\"params\":{\"a\":{\"kind\":\"text\"},\"b\":{\"kind\":\"text\"}},\n"      \
    "\"routes\":[" rows "]}"
#define REQUIRES "\"requires\":[{\"action\":\"s.read\"}]"
#define ROW(method, path)                                                      \
    "{\"method\":\"" method "\",\"path\":\"" path                              \
    "\",\"access\":\"public\",\"event\":null}"

static void
t21_nothing_is_open_without_a_mark(void **state)
{
    static const struct {
        const char *text;
        const char *code;
    } cases[] = {
        {ROUTES_OF("{\"method\":\"GET\",\"path\":\"/x\",\"requires\":\1[],"
                   "\"event\":null}"),
            "open_route"},
        {ROUTES_OF("\1{\"method\":\"GET\",\"path\":\"/x\",\"event\":null}"),
            "open_route"},
        {ROUTES_OF("{\"method\":\"GET\",\"path\":\"/x\",\"requires\":\1null,"
                   "\"event\":null}"),
            "wrong_type"},
        {ROUTES_OF("{\"method\":\"GET\",\"path\":\"/x\",\"access\":\1null,"
                   "\"event\":null}"),
            "wrong_type"},
        {ROUTES_OF("{\"method\":\"GET\",\"path\":\"/x\",\"access\":\1true,"
                   "\"event\":null}"),
            "wrong_type"},
        {ROUTES_OF("{\"method\":\"GET\",\"path\":\"/x\",\"access\":\1\"Public"
                   "\",\"event\":null}"),
            "bad_value"},
        {ROUTES_OF("{\"method\":\"GET\",\"path\":\"/x\",\"access\":\1\"\","
                   "\"event\":null}"),
            "bad_value"},
        {ROUTES_OF("{\"method\":\"GET\",\"path\":\"/x\",\"access\":\1\"open\","
                   "\"event\":null}"),
            "bad_value"},
        {ROUTES_OF("{\"method\":\"GET\",\"path\":\"/x\"," REQUIRES
                   ",\"access\":\1\"public\",\"event\":null}"),
            "bad_value"},
        {ROUTES_OF("{\"method\":\"GET\",\"path\":\"/x\"," REQUIRES
                   ",\"access\":\1\"authenticated\",\"event\":null}"),
            "bad_value"},
        {ROUTES_OF("{\"method\":\"GET\",\"path\":\"/x\",\"requires\":[\1{}],"
                   "\"event\":null}"),
            "missing_member"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_refused(PDP_SOURCE_SERVICE, cases[i].text, cases[i].code, NULL);
    }
}

/* The two rows of the registry for which nothing is applicable: with their
 * mark taken out of the definition that is shipped, it does not load. */
static void
t21_the_registry_without_its_marks(void **state)
{
    static const char mark[] = "\"access\": \"public\"";
    static const char empty[] = "\"requires\": \1[]      ";
    static char marked[1 << 16];
    const char *source = getenv("srcdir");
    char path[4096];
    size_t cnt = 0;

    (void)state;
    snprintf(path, sizeof(path), "%s/policies/container-registry.json",
        source == NULL ? "." : source);
    char *text = read_file(path);
    assert_non_null(text);
    for (char *at = strstr(text, mark); at != NULL; at = strstr(at + 1, mark)) {
        int len = snprintf(marked, sizeof(marked), "%.*s%s%s", (int)(at - text),
            text, empty, at + sizeof(mark) - 1);

        assert_in_range(len, 1, sizeof(marked) - 1);
        assert_refused(PDP_SOURCE_SERVICE, marked, "open_route", NULL);
        cnt++;
    }
    assert_int_equal(cnt, 2);
    free(text);
}

/* What the marks mean: no token is looked at; any verified one will do. */
static void
t21_public_and_authenticated(void **state)
{
    static const struct document documents[] = {
        {PDP_SOURCE_SERVICE, "service.json",
            ROUTES_OF(ROW("GET", "/open") ",{\"method\":\"GET\",\"path\":"
                                          "\"/known\",\"access\":"
                                          "\"authenticated\",\"event\":null}")},
        {PDP_SOURCE_NONE, NULL, NULL},
    };
    pdp_principal_t principal = {.size = sizeof(principal)};

    (void)state;
    for (size_t i = 0; i < ROUTES; i++) {
        bool open = strcmp(samples[i].template, "/api/v1/messages") == 0 ||
                    strcmp(samples[i].template, "/va/api/v4/exempt/types") == 0;

        assert_reason(decide(&fixture, samples[i].method, samples[i].path,
                          NULL),
            open ? "public" : "token_missing");
        assert_reason(decide(&fixture, samples[i].method, samples[i].path, "x"),
            open ? "public" : "token_malformed");
        assert_reason(decide(&fixture, samples[i].method, samples[i].path,
                          manager),
            open ? "public" : "permitted");
        assert_int_equal(pdp_decision_principal(fixture.decision, &principal),
            !open);
    }
    load(&fixture, documents);
    assert_reason(decide(&fixture, "GET", "/open", "x"), "public");
    assert_reason(decide(&fixture, "GET", "/known", NULL), "token_missing");
    assert_reason(decide(&fixture, "GET", "/known", "x"), "token_malformed");
    assert_reason(decide(&fixture, "GET", "/known", token_with(&fixture, "")),
        "authenticated");
    load_samples(NULL);
}

/* One route's event is never taken for the other's. */
static void
t44_report_and_status_stay_apart(void **state)
{
#define REPORT "/va/api/v4/report/image/"
#define ONE "us.icr.io%2Fns%2Frepo"
    static const char report[] = "container-registry."
                                 "image-vulnerability-report.read";
    static const char status[] = "container-registry."
                                 "image-vulnerability-status.read";
    static const struct {
        const char *target;
        const char *reason;
        const char *route;
        const char *event;
        int64_t offset;
    } cases[] = {
        {REPORT "status%2Fx", "bad_param", REPORT "{name}", report, 24},
        {REPORT "status%2f" ONE, "bad_param", REPORT "{name}", report, 24},
        {REPORT "status%2F" ONE ":tag", "bad_param", REPORT "{name}", report,
            24},
        {REPORT "status", "bad_param", REPORT "{name}", report, 24},
        {REPORT "status%3A" ONE, "bad_param", REPORT "{name}", report, 24},
        {REPORT ONE, "permitted", REPORT "{name}", report, -1},
        {REPORT "us.icr.io%2Fstatus%2Fx", "permitted", REPORT "{name}", report,
            -1},
        {REPORT "status/" ONE, "permitted", REPORT "status/{name}", status, -1},
        {REPORT "status/us.icr.io%2Fstatus%2Fx", "permitted",
            REPORT "status/{name}", status, -1},
        {REPORT "status/x", "bad_param", REPORT "status/{name}", status, 31},
        {REPORT "status/status%2F" ONE, "bad_param", REPORT "status/{name}",
            status, 31},
        {REPORT ONE "/status", "no_route", NULL, NULL, -1},
        {REPORT "Status/" ONE, "no_route", NULL, NULL, -1},
        {REPORT "status%2F..%2F" ONE, "dot_segment", NULL, NULL, 33},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const char *got = decide(&fixture, "GET", cases[i].target, manager);

        if (strcmp(got, cases[i].reason) != 0 ||
            pdp_decision_offset(fixture.decision) != cases[i].offset) {
            fail_msg("%s: %s at %lld", cases[i].target, got,
                (long long)pdp_decision_offset(fixture.decision));
        }
        assert_str(pdp_decision_route(fixture.decision), cases[i].route);
        assert_str(pdp_decision_at_action(fixture.decision), cases[i].event);
    }
}

/* The other pairs of the registry: a resource that, decoded, is the way to
 * another row. */
static void
t44_exemptions_that_decode_to_another_row(void **state)
{
#define EXEMPT "/va/api/v4/exempt/image/"
    static const struct {
        const char *method;
        const char *target;
        const char *reason;
        int64_t offset;
    } cases[] = {
        {"GET", EXEMPT "issue%2Fcve%2Fx", "ambiguous_path", 24},
        {"GET", EXEMPT "birds%2Fissue%2Fcve%2Fx", "ambiguous_path", 24},
        {"GET", EXEMPT "issue", "permitted", -1},
        {"GET", EXEMPT "issue%2Fcve", "permitted", -1},
        {"GET", EXEMPT "issue%2Fcve%2FCVE-1", "bad_param", 24},
        {"GET", EXEMPT "issue/cve/CVE-1", "permitted", -1},
        {"GET", EXEMPT "issue/cve%2Fx", "no_route", -1},
        {"GET", EXEMPT "issue/cve/a%2Fb", "bad_param", 34},
        {"POST", EXEMPT "issue%2Fcve/issue/a/b", "permitted", -1},
        {"POST", EXEMPT "issue/issue/a/b", "permitted", -1},
        {"DELETE", EXEMPT "issue%2Fcve%2Fx", "method_not_allowed", -1},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const char *got =
            decide(&fixture, cases[i].method, cases[i].target, manager);

        if (strcmp(got, cases[i].reason) != 0 ||
            pdp_decision_offset(fixture.decision) != cases[i].offset) {
            fail_msg("%s %s: %s at %lld", cases[i].method, cases[i].target, got,
                (long long)pdp_decision_offset(fixture.decision));
        }
    }
}

static void
t45_equal_rows_are_refused_and_both_named(void **state)
{
#define LATER(method, path)                                                    \
    ",\n{\"method\":\"" method "\",\"path\":\1\"" path                         \
    "\",\"access\":\"public\",\"event\":null}"
    static const struct {
        const char *text;
        const char *says;
    } cases[] = {
        {ROUTES_OF(ROW("GET", "/x") LATER("GET", "/x")), "\"/x\" of line 2"},
        {ROUTES_OF(ROW("GET", "/x/{a}") LATER("GET", "/x/{b}")),
            "\"/x/{a}\" of line 2"},
        {ROUTES_OF(ROW("GET", "/{a}/x/{b}") "," ROW("PUT", "/{b}/x/{a}")
                 LATER("GET", "/{b}/x/{a}")),
            "\"/{a}/x/{b}\" of line 2"},
        {ROUTES_OF(ROW("GET", "/{+a}") LATER("GET", "/{+b}")),
            "\"/{+a}\" of line 2"},
        {ROUTES_OF(ROW("GET", "/v/{+a}/t/{b}") LATER("GET", "/v/{+b}/t/{a}")),
            "\"/v/{+a}/t/{b}\" of line 2"},
        {ROUTES_OF(
             "{\"method\":\"GET\",\"path\":\"/x\",\"head\":true,\"access\":"
             "\"public\",\"event\":null}" LATER("HEAD", "/x")),
            "\"/x\" of line 2"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_refused(PDP_SOURCE_SERVICE, cases[i].text, "same_route",
            cases[i].says);
    }
}

/* Rows of one length that some paths fit both: from the left, the literal. */
static void
t45_rows_of_one_length_are_ordered(void **state)
{
    static const struct document documents[] = {
        {PDP_SOURCE_SERVICE, "service.json",
            ROUTES_OF(ROW("GET", "/x/{a}") "," ROW("GET", "/x/y") "," ROW("GET",
                "/{a}/y") "," ROW("GET", "/{a}/{b}") "," ROW("PUT",
                "/x/y") "," ROW("DELETE", "/{+a}"))},
        {PDP_SOURCE_NONE, NULL, NULL},
    };
    static const struct {
        const char *method;
        const char *path;
        const char *route;
    } cases[] = {
        {"GET", "/x/y", "/x/y"},
        {"GET", "/x/z", "/x/{a}"},
        {"GET", "/z/y", "/{a}/y"},
        {"GET", "/z/z", "/{a}/{b}"},
        {"PUT", "/x/y", "/x/y"},
        {"PUT", "/x/z", NULL},
        {"DELETE", "/x/y", "/{+a}"},
    };

    (void)state;
    load(&fixture, documents);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const char *got =
            decide(&fixture, cases[i].method, cases[i].path, NULL);

        assert_str(pdp_decision_route(fixture.decision), cases[i].route);
        assert_reason(got,
            cases[i].route == NULL ? "method_not_allowed" : "public");
    }
    load_samples(NULL);
}

/* What only decoding makes equal is noted, at the one row with the path and
 * line of the other. */
static void
t45_overlaps_after_decoding_name_both_rows(void **state)
{
    static const char text[] =
        "{\"format\":\"pdp-service/1\",\"service\":\"s\",\"actions\":{},"
        "\"roles\":{},\"events\":{},\"params\":{\"r\":{\"kind\":\"resource\"},"
        "\"t\":{\"kind\":\"text\"}},\"routes\":[\n" ROW("GET",
            "/c/{r}") ",\n" ROW("GET", "/c/issue/{t}") ",\n" ROW("PUT",
            "/c/issue/{t}") ",\n" ROW("GET", "/d/{t}") "]}";
    pdp_snapshot_t *snapshot = NULL;
    pdp_report_t *report = NULL;
    pdp_finding_t f = {.size = sizeof(f)};
    size_t overlaps = 0;

    (void)state;
    assert_int_equal(try_load(PDP_SOURCE_SERVICE, text, &snapshot, &report),
        PDP_OK);
    for (size_t i = 0; i < pdp_report_count(report); i++) {
        assert_int_equal(pdp_report_at(report, i, &f), PDP_OK);
        if (!pdp__str_eq(f.code, PDP__LIT("route_overlap"))) {
            continue;
        }
        overlaps++;
        assert_int_equal(f.severity, PDP_SEVERITY_NOTE);
        assert_int_equal(f.line, 2);
        assert_non_null(memmem(f.message.ptr, f.message.len,
            "\"/c/issue/{t}\" of line 3", 24));
    }
    assert_int_equal(overlaps, 1);
    pdp_report_free(report);
    pdp_snapshot_release(snapshot);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(t21_nothing_is_open_without_a_mark),
        cmocka_unit_test(t21_the_registry_without_its_marks),
        cmocka_unit_test(t21_public_and_authenticated),
        cmocka_unit_test(t44_report_and_status_stay_apart),
        cmocka_unit_test(t44_exemptions_that_decode_to_another_row),
        cmocka_unit_test(t45_equal_rows_are_refused_and_both_named),
        cmocka_unit_test(t45_rows_of_one_length_are_ordered),
        cmocka_unit_test(t45_overlaps_after_decoding_name_both_rows),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
