/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include "pdpd/answer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/*
 * Decision -> answer, with real decisions.  No byte of a token or a request
 * can end a header, and what a gateway sends on is exactly what was judged.
 */

#include "fixture.h"

static struct pdpd__answer answer;

/* Decides with a token of CLAIMS and more members, and answers. */
static void
answer_for(struct fixture *f, const char *method, const char *target,
    const char *claims, bool caching)
{
    request(f, method, target);
    if (claims != NULL) {
        bearer(f, token_of(f, claims));
    }
    assert_int_equal(pdp_decide(f->worker, &f->request, &f->decision), PDP_OK);
    pdpd__answer_decision(&answer, f->decision, caching);
}

static void
assert_value(const char *name, const char *wanted)
{
    const char *value = NULL;
    for (size_t i = 0; i < answer.header_cnt; i++) {
        if (strcmp(answer.headers[i].name, name) == 0) {
            assert_null(value);
            value = answer.headers[i].value;
        }
    }
    if (wanted == NULL) {
        assert_null(value);
    } else {
        assert_non_null(value);
        assert_string_equal(value, wanted);
    }
}

static void
test_allow(void **state)
{
    (void)state;
    answer_for(&fixture, "GET", "/api/v1/images?x=1",
        CLAIMS ",\"roles\":[\"Reader\"]}", false);
    assert_int_equal(answer.status, 200);
    assert_int_equal(answer.reason, PDP_REASON_PERMITTED);
    assert_value("X-PDP-Decision", "allow");
    assert_value("X-PDP-Reason", "permitted");
    assert_value("X-PDP-URI", "/api/v1/images");
    assert_value("X-PDP-Account", ACCOUNT);
    assert_value("X-PDP-Principal", "IBMid-270000TEST");
    assert_value("X-PDP-AT-Action", "container-registry.image.list");
    assert_value("X-PDP-Missing", NULL);
    assert_value("Cache-Control", "no-store");
    assert_value("WWW-Authenticate", NULL);
}

static void
test_public(void **state)
{
    (void)state;
    answer_for(&fixture, "GET", "/api/v1/messages", NULL, true);
    assert_int_equal(answer.status, 200);
    assert_value("X-PDP-Reason", "public");
    assert_value("X-PDP-URI", "/api/v1/messages");
    assert_value("X-PDP-Account", NULL);
    assert_value("X-PDP-Principal", NULL);
    assert_value("X-PDP-AT-Action", NULL);
    assert_value("Cache-Control", "no-store");
}

static void
test_deny_names_what_is_missing(void **state)
{
    (void)state;
    answer_for(&fixture, "POST",
        "/api/v1/images/tags?fromimage=us.icr.io%2Fa-ns%2Fb"
        "&toimage=us.icr.io%2Fa-ns%2Fc",
        CLAIMS "}", false);
    assert_int_equal(answer.status, 403);
    assert_value("X-PDP-Decision", "deny");
    assert_value("X-PDP-Reason", "no_grant");
    assert_value("X-PDP-Missing",
        "container-registry.image.pull, container-registry.image.push");
    assert_value("X-PDP-AT-Action", "container-registry.image.tag");
    assert_value("Cache-Control", "no-store");
}

/* Who has shown no good token does not learn what he would need. */
static void
test_strangers_are_not_told_what_is_missing(void **state)
{
    static const char *const claims[] = {
        NULL,
        "{\"iss\":\"https://other.example\"}",
        "{\"iss\":\"" IBM_ISSUER "\",\"iam_id\":\"IBMid-1\",\"account\":"
        "{\"valid\":true,\"bss\":\"" ACCOUNT "\"},\"iat\":1,\"exp\":2}",
    };
    (void)state;
    for (size_t i = 0; i < sizeof(claims) / sizeof(claims[0]); i++) {
        answer_for(&fixture, "GET", "/api/v1/images", claims[i], false);
        assert_int_equal(answer.status, 401);
        assert_value("X-PDP-Missing", NULL);
        assert_value("X-PDP-Principal", NULL);
        /* The log of the gateway wants this of denials, too. */
        assert_value("X-PDP-AT-Action", "container-registry.image.list");
    }
}

static void
test_challenge(void **state)
{
    (void)state;
    answer_for(&fixture, "GET", "/api/v1/images", NULL, false);
    assert_int_equal(answer.status, 401);
    assert_value("WWW-Authenticate", "Bearer realm=\"pdp\"");
    pdpd__answer_deny(&answer, PDP_REASON_TOKEN_EXPIRED);
    assert_int_equal(answer.status, 401);
    assert_value("WWW-Authenticate",
        "Bearer realm=\"pdp\", error=\"invalid_token\", "
        "error_description=\"token_expired\"");
}

/* No other status, whatever the reason; only three of them are answered. */
static void
test_every_reason(void **state)
{
    (void)state;
    for (int ix = -1; ix <= PDP_REASON_COUNT; ix++) {
        pdp_reason_t reason = (pdp_reason_t)ix;
        pdpd__answer_deny(&answer, reason);
        bool token = pdp_reason_status(reason) == 401;
        assert_int_equal(answer.status, token ? 401 : 403);
        assert_value("X-PDP-Decision", "deny");
        assert_value("Cache-Control", "no-store");
        assert_false(pdp_reason_allows(answer.reason));
    }
}

static void
test_no_decision(void **state)
{
    (void)state;
    pdpd__answer_decision(&answer, NULL, true);
    assert_int_equal(answer.status, 403);
    assert_value("X-PDP-Reason", "internal");
    assert_value("X-PDP-URI", NULL);
}

static void
test_caching(void **state)
{
    (void)state;
    answer_for(&fixture, "GET", "/api/v1/images",
        CLAIMS ",\"roles\":[\"Reader\"]}", true);
    assert_value("Cache-Control", "private, max-age=60");
}

/* A principal may be any bytes; the header is one line of ASCII. */
static void
test_hostile_principal(void **state)
{
    (void)state;
    answer_for(&fixture, "GET", "/api/v1/images",
        "{\"iss\":\"" IBM_ISSUER "\",\"iam_id\":\"a\\r\\nX-PDP-Decision: "
        "allow,%\\u00e9\\u2028\",\"account\":{\"valid\":true,\"bss\":\"" ACCOUNT
        "\"},\"iat\":1795253380,\"exp\":1795256980,\"roles\":[\"Reader\"]}",
        false);
    assert_int_equal(answer.status, 200);
    assert_value("X-PDP-Principal",
        "a%0D%0AX-PDP-Decision:%20allow%2C%25%C3%A9%E2%80%A8");
}

/* An account that cannot be sent on as it is cannot be allowed. */
static void
test_hostile_account(void **state)
{
    (void)state;
    static const char *const accounts[] = {
        "a\\r\\nX: y",
        "a\\u00e9",
        " a",
        "a ",
        "a\\tb",
        "a,b", /* a list, to some */
        "a b",
        "a;b",
        "a\\u007f",
    };
    for (size_t i = 0; i < sizeof(accounts) / sizeof(accounts[0]); i++) {
        char claims[1024];
        snprintf(claims, sizeof(claims),
            "{\"iss\":\"" IBM_ISSUER "\",\"iam_id\":\"IBMid-1\",\"account\":"
            "{\"valid\":true,\"bss\":\"%s\"},\"iat\":1795253380,"
            "\"exp\":1795256980,\"roles\":[\"Reader\"]}",
            accounts[i]);
        answer_for(&fixture, "GET", "/api/v1/images", claims, false);
        assert_int_equal(answer.status, 403);
        assert_value("X-PDP-Decision", "deny");
        assert_value("X-PDP-Account", NULL);
    }
}

/* All that is ever written is printable ASCII. */
static void
test_values_are_ascii(void **state)
{
    (void)state;
    static const char *const targets[] = {
        "/api/v1/images\r\nX: y",
        "/api/v1/images/us.icr.io%2fa-ns%2fb/json",
        "/\xff",
        "",
    };
    for (size_t i = 0; i < sizeof(targets) / sizeof(targets[0]); i++) {
        answer_for(&fixture, "GET", targets[i], CLAIMS "}", false);
        assert_int_equal(answer.status, 403);
        for (size_t h = 0; h < answer.header_cnt; h++) {
            for (const char *c = answer.headers[h].value; *c != '\0'; c++) {
                assert_true(*c >= ' ' && *c <= '~');
            }
        }
    }
    answer_for(&fixture, "GET", targets[1], CLAIMS "}", false);
    assert_value("X-PDP-URI", "/api/v1/images/us.icr.io%2Fa-ns%2Fb/json");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_allow),
        cmocka_unit_test(test_public),
        cmocka_unit_test(test_deny_names_what_is_missing),
        cmocka_unit_test(test_strangers_are_not_told_what_is_missing),
        cmocka_unit_test(test_challenge),
        cmocka_unit_test(test_every_reason),
        cmocka_unit_test(test_no_decision),
        cmocka_unit_test(test_caching),
        cmocka_unit_test(test_hostile_principal),
        cmocka_unit_test(test_hostile_account),
        cmocka_unit_test(test_values_are_ascii),
    };
    return cmocka_run_group_tests(tests, load_default, teardown);
}
