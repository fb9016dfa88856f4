/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
/*
 * Paths that are meant to be read in two ways: T02, T42, T43, and what is in
 * no table: T01, T46.
 *
 * Every form is put into every place of the path of every route, so that no
 * reason depends on where somebody thought of it.  The caller holds every
 * right.  That the server behind sees the same path is a matter of the
 * gateway's configuration; here a target is judged or refused, never mended.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../unit/fixture.h"

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

/* Nothing is known of a request that was refused before its route was. */
static void
assert_no_trace(void)
{
    assert_null(pdp_decision_route(fixture.decision).ptr);
    assert_int_equal(pdp_decision_route_index(fixture.decision), -1);
    assert_null(pdp_decision_at_action(fixture.decision).ptr);
    assert_false(pdp_decision_data_event(fixture.decision));
    assert_int_equal(pdp_decision_required_cnt(fixture.decision), 0);
    assert_int_equal(pdp_decision_missing_cnt(fixture.decision), 0);
    assert_int_equal(pdp_decision_cache_max_age_sec(fixture.decision), 0);
}

static void
check(const char *method, pdp_str_t target, pdp_reason_t reason, size_t offset)
{
    /* An exact copy, so that a sanitizer sees a read behind it. */
    char *copy = malloc(target.len == 0 ? 1 : target.len);

    assert_non_null(copy);
    memcpy(copy, target.ptr, target.len);
    request(&fixture, method, "");
    fixture.request.target = (pdp_str_t){copy, target.len};
    bearer(&fixture, manager);
    pdp_reason_t got = judge(&fixture);
    int64_t at = pdp_decision_offset(fixture.decision);

    if (got != reason || at != (int64_t)offset) {
        fail_msg("%s %.*s: %s at %lld, not %s at %zu", method, (int)target.len,
            target.ptr, pdp_reason_name(got), (long long)at,
            pdp_reason_name(reason), offset);
    }
    assert_no_trace();
    assert_null(pdp_decision_path(fixture.decision).ptr);
    free(copy);
}

/* `form` into the path at `at`. */
static pdp_str_t
insert(const char *path, size_t at, pdp_str_t form)
{
    static char text[PATH_CAP + 64];
    size_t len = strlen(path);

    assert_true(len + form.len < sizeof(text));
    memcpy(text, path, at);
    memcpy(text + at, form.ptr, form.len);
    memcpy(text + at + form.len, path + at, len - at);
    return (pdp_str_t){text, len + form.len};
}

/* Between two characters of the path: not inside an escape. */
static bool
is_border(const char *path, size_t at)
{
    return !(at >= 1 && path[at - 1] == '%') &&
           !(at >= 2 && path[at - 2] == '%');
}

/* The form everywhere: the reason is the same, and the offset that of the
 * form's byte `fault`. */
static void
everywhere(pdp_str_t form, pdp_reason_t reason, size_t fault, bool in_escapes)
{
    for (size_t i = 0; i < ROUTES; i++) {
        const char *path = samples[i].path;

        for (size_t at = 1; at <= strlen(path); at++) {
            if (in_escapes || is_border(path, at)) {
                check(samples[i].method, insert(path, at, form), reason,
                    at + fault);
            }
        }
        /* In front of the first slash the target has no path at all. */
        check(samples[i].method, insert(path, 0, form), PDP_REASON_TARGET_FORM,
            0);
    }
}

#define EVERYWHERE(form, reason)                                               \
    everywhere((pdp_str_t){form, sizeof(form) - 1}, PDP_REASON_##reason, 0,    \
        false)

static void
t43_the_paths_as_they_are_reach_their_routes(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROUTES; i++) {
        const char *got =
            decide(&fixture, samples[i].method, samples[i].path, manager);

        if (strcmp(got, "permitted") != 0 && strcmp(got, "public") != 0) {
            fail_msg("%s %s: %s", samples[i].method, samples[i].path, got);
        }
        assert_int_equal(pdp_decision_route_index(fixture.decision), i);
    }
}

static void
t42_encoded_unreserved_characters(void **state)
{
    static const char unreserved[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                     "abcdefghijklmnopqrstuvwxyz"
                                     "0123456789-._~";
    char form[16];

    (void)state;
    for (const char *c = unreserved; *c != '\0'; c++) {
        snprintf(form, sizeof(form), "%%%02X", (unsigned)*c);
        everywhere((pdp_str_t){form, 3}, PDP_REASON_OVERENCODED, 0, false);
        snprintf(form, sizeof(form), "%%%02x", (unsigned)*c);
        everywhere((pdp_str_t){form, 3}, PDP_REASON_OVERENCODED, 0, false);
    }
}

/* Each character of each path written as its escape, where it is one that
 * never needs to be: the request is not what it looks like. */
static void
t42_any_character_of_a_path_encoded(void **state)
{
    char text[PATH_CAP + 8];

    (void)state;
    for (size_t i = 0; i < ROUTES; i++) {
        const char *path = samples[i].path;

        for (size_t at = 1; path[at] != '\0'; at++) {
            char c = path[at];
            if (strchr("/%:", c) != NULL || !is_border(path, at)) {
                continue;
            }
            snprintf(text, sizeof(text), "%.*s%%%02x%s", (int)at, path,
                (unsigned)c, path + at + 1);
            check(samples[i].method, str(text), PDP_REASON_OVERENCODED, at);
        }
    }
}

static void
t43_empty_segments(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROUTES; i++) {
        const char *path = samples[i].path;
        const char *method = samples[i].method;

        check(method, insert(path, 0, str("/")), PDP_REASON_TARGET_FORM, 1);
        for (size_t at = 1; path[at] != '\0'; at++) {
            if (path[at] == '/') {
                check(method, insert(path, at, str("/")),
                    PDP_REASON_EMPTY_SEGMENT, at + 1);
            }
        }
        check(method, insert(path, strlen(path), str("/")),
            PDP_REASON_EMPTY_SEGMENT, strlen(path) + 1);
        check(method, insert(path, strlen(path), str("/?x=y")),
            PDP_REASON_EMPTY_SEGMENT, strlen(path) + 1);
    }
    check("GET", str("/"), PDP_REASON_EMPTY_SEGMENT, 1);
    check("GET", str("/?x"), PDP_REASON_EMPTY_SEGMENT, 1);
}

static void
t43_dot_segments(void **state)
{
    static const char *const forms[] = {"/.", "/..", "/./.", "/../..",
        "/x%2F..", "/x%2F.%2Fy", "/..%2Fx", "/.%2Fx", "/x%2F", "/%2Fx",
        "/x%2F%2Fy", "/x%2f%2E%2E"};
    static const size_t faults[] = {1, 1, 1, 1, 5, 5, 1, 1, 5, 1, 5, 5};

    (void)state;
    for (size_t f = 0; f < sizeof(forms) / sizeof(forms[0]); f++) {
        bool escaped = strstr(forms[f], "%2E") != NULL;

        for (size_t i = 0; i < ROUTES; i++) {
            const char *path = samples[i].path;

            for (size_t at = 0; at <= strlen(path); at++) {
                if (path[at] != '/' && path[at] != '\0') {
                    continue;
                }
                check(samples[i].method, insert(path, at, str(forms[f])),
                    escaped ? PDP_REASON_OVERENCODED : PDP_REASON_DOT_SEGMENT,
                    at + faults[f]);
            }
        }
    }
}

static void
t43_delimiters_and_controls(void **state)
{
    (void)state;
    EVERYWHERE(";x", DELIMITER);
    EVERYWHERE(";", DELIMITER);
    EVERYWHERE(";jsessionid=1", DELIMITER);
    EVERYWHERE("%3B", DELIMITER);
    EVERYWHERE("%5C", DELIMITER);
    EVERYWHERE("%5c", DELIMITER);
    EVERYWHERE("%25", DELIMITER);
    EVERYWHERE("%252F", DELIMITER);
    EVERYWHERE("%252e%252e", DELIMITER);
    EVERYWHERE("%3F", DELIMITER);
    EVERYWHERE("%23", DELIMITER);
    EVERYWHERE("%00", CONTROL);
    EVERYWHERE("%0A", CONTROL);
    EVERYWHERE("%0d%0a", CONTROL);
    EVERYWHERE("%1B", CONTROL);
    EVERYWHERE("%7F", CONTROL);
    EVERYWHERE("%80", NON_ASCII);
    EVERYWHERE("%c0%af", NON_ASCII);
    EVERYWHERE("%C3%A9", NON_ASCII);
    EVERYWHERE("%EF%BC%8F", NON_ASCII);
    EVERYWHERE("%g0", BAD_PERCENT);
    EVERYWHERE("%0g", BAD_PERCENT);
    EVERYWHERE("%2/", BAD_PERCENT);
    EVERYWHERE("%%2F", BAD_PERCENT);
    EVERYWHERE("%u002e", BAD_PERCENT);
    EVERYWHERE("%zz", BAD_PERCENT);
    for (size_t i = 0; i < ROUTES; i++) {
        const char *path = samples[i].path;
        size_t end = strlen(path);

        check("GET", insert(path, end, str("%")), PDP_REASON_BAD_PERCENT, end);
        check("GET", insert(path, end, str("%2")), PDP_REASON_BAD_PERCENT, end);
    }
}

/* A byte that no URI may hold comes before everything else that is wrong. */
static void
t43_bytes_that_no_path_may_hold(void **state)
{
    static const char bad[] = "\t\n\r \"#<>[\\]^`{|}\x01\x1b\x7f";

    (void)state;
    for (size_t i = 0; i < sizeof(bad); i++) { /* with the NUL */
        everywhere((pdp_str_t){bad + i, 1}, PDP_REASON_BAD_BYTE, 0, true);
    }
    for (unsigned byte = 0x80; byte <= 0xFF; byte++) {
        char c = (char)byte;

        everywhere((pdp_str_t){&c, 1}, PDP_REASON_BAD_BYTE, 0, true);
    }
    everywhere(str("x//../%zz;#"), PDP_REASON_BAD_BYTE, 10, true);
    for (size_t i = 0; i < ROUTES; i++) {
        char text[PATH_CAP + 16];

        snprintf(text, sizeof(text), "%s?a=b#c", samples[i].path);
        check(samples[i].method, str(text), PDP_REASON_BAD_BYTE,
            strlen(samples[i].path) + 4);
    }
}

static void
t43_targets_of_another_form(void **state)
{
    static const char *const before[] = {"http://us.icr.io",
        "https://us.icr.io", "//us.icr.io", "//", "us.icr.io", "us.icr.io:443",
        "?x", "*", "%2F", "\\", ".", "..", "~", "HTTP://us.icr.io", "x:", " ",
        "\t"};
    static const char *const whole[] = {"", "*", "?", "?x", "?/api/v1/messages",
        "us.icr.io:443", "http://us.icr.io", "http://us.icr.io?x",
        "api/v1/messages", "#/api/v1/messages"};
    char text[PATH_CAP + 32];

    (void)state;
    for (size_t b = 0; b < sizeof(before) / sizeof(before[0]); b++) {
        for (size_t i = 0; i < ROUTES; i++) {
            snprintf(text, sizeof(text), "%s%s", before[b], samples[i].path);
            check(samples[i].method, str(text), PDP_REASON_TARGET_FORM,
                before[b][0] == '/' ? 1 : 0);
        }
    }
    for (size_t i = 0; i < sizeof(whole) / sizeof(whole[0]); i++) {
        check("GET", str(whole[i]), PDP_REASON_TARGET_FORM, 0);
        check("OPTIONS", str(whole[i]), PDP_REASON_TARGET_FORM, 0);
    }
}

/* The attack that made the rules: an image for us, a namespace for a server
 * that decodes and resolves.  The token may delete both. */
static void
t02_a_way_out_of_the_images(void **state)
{
    static const struct {
        const char *tail;
        pdp_reason_t reason;
        size_t fault; /* in the tail */
    } cases[] = {
        {"x%2F..%2F..%2Fnamespaces%2Ffoo", PDP_REASON_DOT_SEGMENT, 4},
        {"x%2f..%2f..%2fnamespaces%2ffoo", PDP_REASON_DOT_SEGMENT, 4},
        {"..%2Fnamespaces%2Ffoo", PDP_REASON_DOT_SEGMENT, 0},
        {"../namespaces/foo", PDP_REASON_DOT_SEGMENT, 0},
        {"us.icr.io%2Fbirds%2Fa%2F..%2F..%2F..%2F..%2Fnamespaces%2Ffoo",
            PDP_REASON_DOT_SEGMENT, 24},
        {"x%2F%2E%2E%2F%2E%2E%2Fnamespaces%2Ffoo", PDP_REASON_OVERENCODED, 4},
        {"x%2F.%2e/..%2Fnamespaces%2Ffoo", PDP_REASON_OVERENCODED, 5},
        {"x%252F..%252F..%252Fnamespaces%252Ffoo", PDP_REASON_DELIMITER, 1},
        {"x%5C..%5C..%5Cnamespaces%5Cfoo", PDP_REASON_DELIMITER, 1},
        {"x\\..\\..\\namespaces\\foo", PDP_REASON_BAD_BYTE, 1},
        {"..;/namespaces/foo", PDP_REASON_DELIMITER, 2},
        {"x/..;/..;/namespaces/foo", PDP_REASON_DELIMITER, 4},
        {"x%2F..;%2F..;%2Fnamespaces%2Ffoo", PDP_REASON_DELIMITER, 6},
        {"x%2F%2F..%2Fnamespaces%2Ffoo", PDP_REASON_DOT_SEGMENT, 4},
        {"x%00/../../namespaces/foo", PDP_REASON_CONTROL, 1},
        {"%c0%ae%c0%ae/namespaces/foo", PDP_REASON_NON_ASCII, 0},
    };
    static const char *const prefixes[] = {"/api/v1/images/", "/api/v1/tags/",
        "/api/v1/namespaces/"};
    char text[256];

    (void)state;
    assert_reason(decide(&fixture, "DELETE", "/api/v1/namespaces/foo", manager),
        "permitted");
    for (size_t p = 0; p < 3; p++) {
        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
            snprintf(text, sizeof(text), "%s%s", prefixes[p], cases[i].tail);
            check("DELETE", str(text), cases[i].reason,
                strlen(prefixes[p]) + cases[i].fault);
        }
    }
}

/* Paths that look like one of the table and are not. */
static void
t01_what_is_not_in_the_table(void **state)
{
    static const char *const paths[] = {"/api", "/api/v1", "/api/v2/images",
        "/API/V1/messages", "/api/v1/Messages", "/api/v1/messages.json",
        "/api/v1/messages~", "/api/v1/message", "/api/v1/messagess",
        "/v1/messages", "/x/api/v1/messages", "/api/v1/messages/x",
        "/api/v1/images/us.icr.io%2Fbirds%2Fa/JSON",
        "/va/api/v3/report/account", "/va/api/v4/report", "/metrics", "/health",
        "/index.html", "/...", "/api:v1:messages", "/api%3Av1%3Amessages",
        "/api%2Fv1%2Fmessages", "/api/v1/images/tags/x/y/z"};
    static const char *const methods[] = {"GET", "POST", "DELETE", "PUT",
        "PATCH", "HEAD", "OPTIONS", "TRACE"};

    (void)state;
    for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
        for (size_t m = 0; m < sizeof(methods) / sizeof(methods[0]); m++) {
            if (strcmp(decide(&fixture, methods[m], paths[i], manager),
                    "no_route") != 0) {
                fail_msg("%s %s", methods[m], paths[i]);
            }
            assert_no_trace();
            assert_int_equal(pdp_decision_offset(fixture.decision), -1);
            /* Whoever asks, with or without a token. */
            assert_reason(decide(&fixture, methods[m], paths[i], NULL),
                "no_route");
        }
    }
}

/* Every path of the table with a segment more, one less, or in capitals. */
static void
t01_beside_every_route(void **state)
{
    char text[PATH_CAP + 8];
    pdp_str_t segments[SEGMENTS_CAP];

    (void)state;
    for (size_t i = 0; i < ROUTES; i++) {
        for (int way = 0; way < 4; way++) {
            snprintf(text, sizeof(text), "%s%s%s", way == 0 ? "/x" : "",
                samples[i].path, way == 1 ? "/x" : "");
            if (way == 2) {
                *strrchr(text, '/') = '\0';
            }
            if (way == 3) {
                text[1] = text[1] == 'a' ? 'A' : 'V';
            }
            pdp_str_t method = str(samples[i].method);
            int wanted = plain_scan(method, segments,
                cut(str(text), segments, SEGMENTS_CAP));
            const char *got = decide(&fixture, samples[i].method, text, NULL);

            assert_int_equal(pdp_decision_route_index(fixture.decision),
                wanted < 0 ? -1 : wanted);
            if (wanted < 0) {
                assert_reason(got,
                    wanted == NOTHING ? "no_route" : "method_not_allowed");
                assert_no_trace();
            }
        }
    }
}

/* A method is one of the row, byte for byte, or none. */
static void
t46_methods_that_no_row_lists(void **state)
{
    static const char *const unlisted[] = {"HEAD", "OPTIONS", "TRACE",
        "CONNECT", "FOO", "PROPFIND", "GETT", "GE", "G", "GET_", "GET.", "GET-",
        "GET0", "QUERY"};
    static const char *const malformed[] = {"get", "Get", "GEt", "gET", "GET ",
        " GET", "GET\t", "GET\n", "GET\r", "GET,POST", "GET/", "G(T",
        "\xc2\xa0GET", "GE\xcc\x81T", ""};

    (void)state;
    for (size_t i = 0; i < ROUTES; i++) {
        assert_false(samples[i].head); /* no row of the registry says so */
        for (size_t m = 0; m < sizeof(unlisted) / sizeof(unlisted[0]); m++) {
            assert_reason(decide(&fixture, unlisted[m], samples[i].path,
                              manager),
                "method_not_allowed");
            assert_no_trace();
        }
        for (size_t m = 0; m < sizeof(malformed) / sizeof(malformed[0]); m++) {
            assert_reason(decide(&fixture, malformed[m], samples[i].path,
                              manager),
                "bad_method");
            assert_no_trace();
        }
        request(&fixture, "GET", samples[i].path);
        fixture.request.method = (pdp_str_t){"GET\0", 4};
        bearer(&fixture, manager);
        assert_int_equal(judge(&fixture), PDP_REASON_BAD_METHOD);
        fixture.request.method = (pdp_str_t){"\0GET", 4};
        assert_int_equal(judge(&fixture), PDP_REASON_BAD_METHOD);
        fixture.request.method = (pdp_str_t){"GE\0T", 4};
        assert_int_equal(judge(&fixture), PDP_REASON_BAD_METHOD);
    }
}

/* The methods that are listed, on rows that do not list them. */
static void
t46_methods_of_other_rows(void **state)
{
    static const char *const methods[] = {"GET", "POST", "PUT", "PATCH",
        "DELETE"};
    pdp_str_t segments[SEGMENTS_CAP];

    (void)state;
    for (size_t i = 0; i < ROUTES; i++) {
        size_t cnt = cut(str(samples[i].path), segments, SEGMENTS_CAP);

        for (size_t m = 0; m < 5; m++) {
            int wanted = plain_scan(str(methods[m]), segments, cnt);
            const char *got =
                decide(&fixture, methods[m], samples[i].path, manager);

            assert_int_not_equal(wanted, NOTHING);
            assert_int_equal(pdp_decision_route_index(fixture.decision),
                wanted < 0 ? -1 : wanted);
            assert_int_equal(wanted == OTHER_METHOD,
                strcmp(got, "method_not_allowed") == 0);
        }
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(t43_the_paths_as_they_are_reach_their_routes),
        cmocka_unit_test(t42_encoded_unreserved_characters),
        cmocka_unit_test(t42_any_character_of_a_path_encoded),
        cmocka_unit_test(t43_empty_segments),
        cmocka_unit_test(t43_dot_segments),
        cmocka_unit_test(t43_delimiters_and_controls),
        cmocka_unit_test(t43_bytes_that_no_path_may_hold),
        cmocka_unit_test(t43_targets_of_another_form),
        cmocka_unit_test(t02_a_way_out_of_the_images),
        cmocka_unit_test(t01_what_is_not_in_the_table),
        cmocka_unit_test(t01_beside_every_route),
        cmocka_unit_test(t46_methods_that_no_row_lists),
        cmocka_unit_test(t46_methods_of_other_rows),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
