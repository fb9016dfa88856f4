/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
/*
 * Headers, and parameters that act like headers: T23 (twice, empty), T25
 * (look-alikes that must not change anything), T26 (another method than the
 * one judged).
 *
 * What a gateway hands on to the server behind, and its own headers for the
 * method and the target, are for the gateway and its daemon: here both come
 * as members of the request, and are refused where they are empty.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../unit/fixture.h"

#include "../unit/decision_text.h"

#define IMAGE "/api/v1/images/us.icr.io%2Fbirds%2Fa:1"

static char manager[TOKEN_CAP];

static int
setup(void **state)
{
    load_default(state);
    memcpy(manager, token_with(&fixture, ",\"roles\":[\"Manager\"]"),
        sizeof(manager));
    return 0;
}

/* A request that a Manager may make, or one that everybody may. */
static const struct {
    const char *method;
    const char *target;
    const char *reason;
} asks[] = {
    {"GET", IMAGE "/json", "permitted"},
    {"POST", "/api/v1/images/bulkdelete", "permitted"},
    {"DELETE", IMAGE, "permitted"},
    {"GET", "/api/v1/messages", "public"},
    {"GET", "/va/api/v4/exempt/types", "public"},
};

enum { ASKS = sizeof(asks) / sizeof(asks[0]) };

static void
start(size_t ask)
{
    request(&fixture, asks[ask].method, asks[ask].target);
    bearer(&fixture, manager);
}

static void
t23_a_header_that_decides_is_given_once(void **state)
{
    static const char *const twice[][2] = {{"Authorization", "authorization"},
        {"Account", "account"}, {"Host", "hOST"}};
    const char *const values[] = {fixture.bearer, ACCOUNT, "us.icr.io"};

    (void)state;
    for (size_t a = 0; a < ASKS; a++) {
        for (size_t h = 0; h < 3; h++) {
            for (int same = 0; same < 2; same++) {
                for (int first = 0; first < 2; first++) {
                    start(a);
                    if (h != 0) {
                        header(&fixture, twice[h][first], values[h]);
                    }
                    assert_reason(pdp_reason_name(judge(&fixture)),
                        asks[a].reason);
                    header(&fixture, twice[h][1 - first],
                        same == 1 ? values[h] : "");
                    assert_int_equal(judge(&fixture),
                        PDP_REASON_AMBIGUOUS_HEADER);
                    assert_null(pdp_decision_route(fixture.decision).ptr);
                    header(&fixture, twice[h][0], values[h]);
                    assert_int_equal(judge(&fixture),
                        PDP_REASON_AMBIGUOUS_HEADER);
                }
            }
        }
    }
}

/* Empty is not absent: an empty Account is refused; without one the account
 * is the token's. */
static void
t23_an_empty_account_target_or_method(void **state)
{
    (void)state;
    for (size_t a = 0; a < ASKS; a++) {
        start(a);
        assert_reason(pdp_reason_name(judge(&fixture)), asks[a].reason);
        header(&fixture, "Account", "");
        assert_int_equal(judge(&fixture), PDP_REASON_AMBIGUOUS_HEADER);
        start(a);
        header(&fixture, "Account", NULL);
        assert_int_equal(judge(&fixture), PDP_REASON_AMBIGUOUS_HEADER);
        start(a);
        fixture.request.target = str("");
        assert_int_equal(judge(&fixture), PDP_REASON_TARGET_FORM);
        fixture.request.target = str(NULL);
        assert_int_equal(judge(&fixture), PDP_REASON_TARGET_FORM);
        start(a);
        fixture.request.method = str("");
        assert_int_equal(judge(&fixture), PDP_REASON_BAD_METHOD);
        fixture.request.method = str(NULL);
        assert_int_equal(judge(&fixture), PDP_REASON_BAD_METHOD);
    }
    /* An empty or missing Authorization is no token. */
    for (size_t a = 0; a < 3; a++) {
        request(&fixture, asks[a].method, asks[a].target);
        assert_int_equal(judge(&fixture), PDP_REASON_TOKEN_MISSING);
        header(&fixture, "Authorization", "");
        assert_int_equal(judge(&fixture), PDP_REASON_TOKEN_MISSING);
    }
}

/* Headers that other products take the path, the method or the host from. */
static const char *const look_alikes[] = {"X-Original-URI", "X-Original-URL",
    "X-Original-Method", "X-Original-Host", "X-Rewrite-URL", "X-Rewrite-URI",
    "X-Forwarded-Uri", "X-Forwarded-Method", "X-Forwarded-Host",
    "X-Forwarded-Prefix", "X-Forwarded-Proto", "X-Forwarded-For", "X-Real-IP",
    "X-Envoy-Original-Path", "X-Envoy-External-Address", "X-PDP-Decision",
    "X-PDP-URI", "X-PDP-Norm-URI", "X-PDP-Account", "X-Auth-Request-User",
    "Forwarded", "Accounts", "X-Account", "Account-Id", "Proxy-Authorization",
    "X-Authorization", "Authorizations", "X-Host", "Cookie", "Content-Length",
    "Transfer-Encoding", "", " Account", "Account "};

static const char *const values[] = {"/api/v1/messages", "/api/v1/settings",
    "GET", "DELETE", OTHER_ACCOUNT, "", "de.icr.io", "allow", "Bearer x",
    "/../x", "\xff\r\n"};

/* The name with `_` for `-`, as servers with variables for headers see it. */
static const char *
underscored(const char *name, char *out, size_t cap)
{
    size_t len = strlen(name);

    assert_true(len < cap);
    for (size_t i = 0; i <= len; i++) {
        out[i] = name[i] == '-' ? '_' : name[i];
    }
    return out;
}

static void
t25_look_alike_headers_change_nothing(void **state)
{
    static char before[DECISION_TEXT_CAP];
    static char after[DECISION_TEXT_CAP];
    char name[64];

    (void)state;
    for (size_t a = 0; a < ASKS; a++) {
        start(a);
        assert_reason(pdp_reason_name(judge(&fixture)), asks[a].reason);
        describe(fixture.decision, before);
        for (size_t i = 0; i < sizeof(look_alikes) / sizeof(look_alikes[0]);
             i++) {
            for (size_t v = 0; v < sizeof(values) / sizeof(values[0]); v++) {
                start(a);
                header(&fixture, look_alikes[i], values[v]);
                header(&fixture, look_alikes[i], "/x");
                header(&fixture,
                    underscored(look_alikes[i], name, sizeof(name)), values[v]);
                (void)judge(&fixture);
                describe(fixture.decision, after);
                if (strcmp(after, before) != 0) {
                    fail_msg("%s: %s\n%s", look_alikes[i], values[v], after);
                }
            }
        }
    }
}

/* Nor do they help where the answer is no. */
static void
t25_nor_do_they_open_anything(void **state)
{
    static const struct {
        const char *method;
        const char *target;
        const char *reason;
    } closed[] = {
        {"DELETE", "/api/v1/settings", "method_not_allowed"},
        {"GET", "/api/v1/none", "no_route"},
        {"GET", "/api/v1//messages", "empty_segment"},
        {"GET", "/api/v1/settings", "token_missing"},
    };

    (void)state;
    for (size_t c = 0; c < sizeof(closed) / sizeof(closed[0]); c++) {
        for (size_t i = 0; i < sizeof(look_alikes) / sizeof(look_alikes[0]);
             i++) {
            for (size_t v = 0; v < sizeof(values) / sizeof(values[0]); v++) {
                request(&fixture, closed[c].method, closed[c].target);
                header(&fixture, look_alikes[i], values[v]);
                assert_reason(pdp_reason_name(judge(&fixture)),
                    closed[c].reason);
            }
        }
    }
}

static void
t26_override_headers(void **state)
{
    static const char *const names[] = {"X-HTTP-Method-Override",
        "X-HTTP-Method", "X-Method-Override"};
    static const char *const methods[] = {"DELETE", "GET", "PUT", "PATCH",
        "POST", "HEAD", "get", "", " ", "x"};
    char name[64];

    (void)state;
    for (size_t a = 0; a < ASKS; a++) {
        for (size_t n = 0; n < 3; n++) {
            for (size_t m = 0; m < sizeof(methods) / sizeof(methods[0]); m++) {
                /* As it is, in small and in capital letters, with `_`. */
                for (int way = 0; way < 4; way++) {
                    size_t len = strlen(names[n]);

                    for (size_t i = 0; i <= len; i++) {
                        char c = names[n][i];
                        if (way == 1 && c >= 'A' && c <= 'Z') {
                            c = (char)(c - 'A' + 'a');
                        } else if (way == 2 && c >= 'a' && c <= 'z') {
                            c = (char)(c - 'a' + 'A');
                        } else if (way == 3 && c == '-') {
                            c = '_';
                        }
                        name[i] = c;
                    }
                    start(a);
                    header(&fixture, name, methods[m]);
                    if (judge(&fixture) != PDP_REASON_METHOD_OVERRIDE) {
                        fail_msg("%s: %s", name, methods[m]);
                    }
                    assert_int_equal(pdp_decision_offset(fixture.decision), -1);
                    assert_null(pdp_decision_route(fixture.decision).ptr);
                    assert_null(pdp_decision_at_action(fixture.decision).ptr);
                }
            }
        }
    }
}

/* The same in the query, however it is spelled, wherever it stands. */
static void
t26_method_in_the_query(void **state)
{
    static const struct {
        const char *query;
        size_t offset; /* of the pair, in the query; SIZE_MAX: no fault */
    } cases[] = {
        {"_method=DELETE", 0},
        {"_method=GET", 0},
        {"_method=", 0},
        {"_method", 0},
        {"a=b&_method=DELETE", 4},
        {"a=b&&_method=DELETE&c=d", 5},
        {"_method=x&_method=y", 0},
        {"%5fmethod=DELETE", 0},
        {"%5Fmethod=DELETE", 0},
        {"_%6Dethod=DELETE", 0},
        {"%5F%6D%65%74%68%6F%64=DELETE", 0},
        {"a;_method=DELETE", 0},
        {"a=b;_method=DELETE", 0},
        {"a=_method", SIZE_MAX},
        {"method=DELETE", SIZE_MAX},
        {"__method=DELETE", SIZE_MAX},
        {"_methods=DELETE", SIZE_MAX},
        {"x_method=DELETE", SIZE_MAX},
    };
    char target[256];

    (void)state;
    for (size_t a = 0; a < ASKS; a++) {
        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
            snprintf(target, sizeof(target), "%s?%s", asks[a].target,
                cases[i].query);
            const char *got = decide(&fixture, asks[a].method, target, manager);
            int64_t offset = pdp_decision_offset(fixture.decision);
            bool fault = cases[i].offset != SIZE_MAX;
            size_t start_of_query = strlen(asks[a].target) + 1;

            if (strcmp(got, fault ? "method_override" : asks[a].reason) != 0 ||
                offset != (fault ? (int64_t)(start_of_query + cases[i].offset)
                                 : -1)) {
                fail_msg("%s %s: %s at %lld", asks[a].method, target, got,
                    (long long)offset);
            }
        }
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(t23_a_header_that_decides_is_given_once),
        cmocka_unit_test(t23_an_empty_account_target_or_method),
        cmocka_unit_test(t25_look_alike_headers_change_nothing),
        cmocka_unit_test(t25_nor_do_they_open_anything),
        cmocka_unit_test(t26_override_headers),
        cmocka_unit_test(t26_method_in_the_query),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
