/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
/* Stage 10: kinds of principals, ages, unverified claims, sizes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "fixture.h"

#define IMAGE "/api/v1/images/us.icr.io%2Fbirds%2Fx:1/json"
#define EXP_SEC INT64_C(1795256980)

static int
setup(void **state)
{
    (void)state;
    load(&fixture, NULL);
    return 0;
}

static const char *
as(const char *claims, const char *method, const char *target)
{
    return decide(&fixture, method, target, token_with(&fixture, claims));
}

static void
types_of_principals(void **state)
{
    static const struct {
        const char *id;
        const char *type;
    } cases[] = {
        {"IBMid-270000TEST", "user"},
        {"iam-ServiceId-1", "serviceid"},
        {"iam-Profile-1", "profile"},
        {"crn-crn:v1:bluemix:public:x", "crn"},
        {"CertificateId-1", "certificate"},
        {"IBMid", "unknown"},
        {"ibmid-1", "unknown"},
        {"iam-ServiceId", "unknown"},
        {"iam-profile-1", "unknown"},
        {" IBMid-1", "unknown"},
        {"crn", "unknown"},
        {"x", "unknown"},
    };
    char payload[1024];

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        pdp_principal_t principal = {.size = sizeof(principal)};

        snprintf(payload, sizeof(payload),
            "{\"iss\":\"" IBM_ISSUER "\",\"iam_id\":\"%s\",\"account\":{"
            "\"bss\":\"" ACCOUNT "\"},\"exp\":1795256980,\"sub_type\":"
            "\"ServiceId\"}",
            cases[i].id);
        assert_reason(decide(&fixture, "GET", "/api/v1/plans",
                          token_of(&fixture, payload)),
            "no_grant");
        assert_true(pdp_decision_principal(fixture.decision, &principal));
        assert_str(principal.id, cases[i].id);
        assert_str(principal.type, cases[i].type);
    }
}

static void
cache_max_age(void **state)
{
    static const struct {
        int64_t later_sec;
        const char *reason;
        int64_t age_sec;
    } cases[] = {
        {0, "permitted", 3580},
        {3579, "permitted", 1},
        {3580, "token_expired", 0},
        {-20, "permitted", 3600},
        {-80, "permitted", 3660},
        {-81, "token_not_yet_valid", 0},
        {INT64_MIN, "token_not_yet_valid", 0},
        {INT64_MAX, "token_expired", 0},
    };
    const char *token = token_with(&fixture, ",\"roles\":[\"Manager\"]");

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        request(&fixture, "GET", "/api/v1/plans");
        bearer(&fixture, token);
        fixture.request.now_sec = cases[i].later_sec;
        if (cases[i].later_sec > INT64_MIN && cases[i].later_sec < INT64_MAX) {
            fixture.request.now_sec += NOW;
        }
        assert_reason(pdp_reason_name(judge(&fixture)), cases[i].reason);
        assert_int_equal(pdp_decision_cache_max_age_sec(fixture.decision),
            cases[i].age_sec);
    }
}

/* A clock before 1970 gives no age, even where the token is good. */
static void
cache_max_age_before_the_epoch(void **state)
{
    (void)state;
    request(&fixture, "GET", "/api/v1/plans");
    bearer(&fixture, token_of(&fixture, "{\"iss\":\"" IBM_ISSUER
                                        "\",\"iam_id\":\"x\",\"account\":{"
                                        "\"bss\":\"a\"},\"exp\":7}"));
    fixture.request.now_sec = 0;
    assert_int_equal(judge(&fixture), PDP_REASON_NO_GRANT);
    assert_int_equal(pdp_decision_cache_max_age_sec(fixture.decision), 7);
    fixture.request.now_sec = -1;
    assert_int_equal(judge(&fixture), PDP_REASON_NO_GRANT);
    assert_int_equal(pdp_decision_cache_max_age_sec(fixture.decision), 0);
}

static void
cache_max_age_with_leeway(void **state)
{
    const struct document documents[] = {
        {PDP_SOURCE_TRUST, "trust.json",
            "{\"format\":\"pdp-trust/1\",\"issuers\":[{\"issuer\":"
            "\"" IBM_ISSUER "\",\"keys\":{\"file\":\"keys.json\"},"
            "\"leeway\":{\"exp\":30}}]}"},
        {PDP_SOURCE_NONE, NULL, NULL},
    };

    (void)state;
    load(&fixture, documents);
    assert_reason(as("", "GET", "/api/v1/plans"), "no_grant");
    assert_int_equal(pdp_decision_cache_max_age_sec(fixture.decision), 3610);
    fixture.request.now_sec = NOW + 3609;
    assert_int_equal(judge(&fixture), PDP_REASON_NO_GRANT);
    assert_int_equal(pdp_decision_cache_max_age_sec(fixture.decision), 1);
    fixture.request.now_sec = NOW + 3610;
    assert_int_equal(judge(&fixture), PDP_REASON_TOKEN_EXPIRED);
    setup(NULL);
}

/* Whether an event is one of data is the event's, not the route's. */
static void
data_events(void **state)
{
    static const struct {
        const char *method;
        const char *target;
        const char *event;
        bool data;
    } cases[] = {
        {"DELETE", "/api/v1/images/us.icr.io%2Fbirds%2Fx:1",
            "container-registry.image.delete", true},
        {"GET", IMAGE, "container-registry.image.inspect", false},
        {"GET", "/api/v1/auth", "container-registry.auth.get", false},
        {"GET", "/va/api/v4/exempt/image", NULL, false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        decide(&fixture, cases[i].method, cases[i].target, NULL);
        assert_str(pdp_decision_at_action(fixture.decision), cases[i].event);
        assert_int_equal(pdp_decision_data_event(fixture.decision),
            cases[i].data);
    }
}

/* Claims that nobody signed: no algorithm, no key, and it says so. */
static void
unverified_claims(void **state)
{
    pdp_token_info_t token = {.size = sizeof(token)};
    pdp_principal_t principal = {.size = sizeof(principal)};

    (void)state;
    request(&fixture, "GET", "/api/v1/plans");
    assert_int_equal(pdp_decide_unverified(fixture.worker, &fixture.request,
                         str(CLAIMS ",\"roles\":[\"Manager\"]}"),
                         &fixture.decision),
        PDP_OK);
    assert_int_equal(pdp_decision_reason(fixture.decision),
        PDP_REASON_PERMITTED);
    assert_true(pdp_decision_token(fixture.decision, &token));
    assert_false(token.verified);
    assert_str(token.issuer, IBM_ISSUER);
    assert_null(token.kid.ptr);
    assert_null(token.alg.ptr);
    assert_int_equal(token.expires_sec, EXP_SEC);
    assert_true(pdp_decision_principal(fixture.decision, &principal));
    /* And they are not remembered as a token. */
    assert_int_equal(judge(&fixture), PDP_REASON_TOKEN_MISSING);
    static const char *const claims[] = {NULL, "", "{", "[]"};
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(pdp_decide_unverified(fixture.worker, &fixture.request,
                             str(claims[i]), &fixture.decision),
            PDP_OK);
        assert_int_equal(pdp_decision_reason(fixture.decision),
            PDP_REASON_TOKEN_MALFORMED);
        assert_false(pdp_decision_token(fixture.decision, &token));
    }
}

#define CHECK_SIZES(type, last, call)                                          \
    do {                                                                       \
        type out;                                                              \
        type before;                                                           \
        memset(&before, 0x5A, sizeof(before));                                 \
        memset(&out, 0x5A, sizeof(out));                                       \
        out.size = 0;                                                          \
        assert_false(call);                                                    \
        out.size = sizeof(out.size) - 1;                                       \
        assert_false(call);                                                    \
        out.size = sizeof(out) + 1;                                            \
        assert_false(call);                                                    \
        assert_memory_equal(&out.last, &before.last, sizeof(out.last));        \
        out.size = offsetof(type, last);                                       \
        assert_true(call);                                                     \
        assert_int_equal(out.size, offsetof(type, last));                      \
        assert_memory_equal(&out.last, &before.last, sizeof(out.last));        \
        out.size = sizeof(out);                                                \
        assert_true(call);                                                     \
        assert_memory_not_equal(&out.last, &before.last, sizeof(out.last));    \
    } while (0)

static void
sizes(void **state)
{
    (void)state;
    assert_reason(as(",\"roles\":[\"Reader\"]", "GET", IMAGE), "permitted");
    const pdp_decision_t *d = fixture.decision;
    CHECK_SIZES(pdp_param_t, value, pdp_decision_param(d, 0, &out));
    CHECK_SIZES(pdp_required_t, attribute_cnt,
        pdp_decision_required(d, 0, &out));
    CHECK_SIZES(pdp_grant_t, id, pdp_decision_by(d, 0, 0, &out));
    CHECK_SIZES(pdp_attribute_t, value, pdp_decision_attribute(d, 0, 0, &out));
    CHECK_SIZES(pdp_principal_t, account, pdp_decision_principal(d, &out));
    CHECK_SIZES(pdp_token_info_t, expires_sec, pdp_decision_token(d, &out));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(types_of_principals),
        cmocka_unit_test(cache_max_age),
        cmocka_unit_test(cache_max_age_before_the_epoch),
        cmocka_unit_test(cache_max_age_with_leeway),
        cmocka_unit_test(data_events),
        cmocka_unit_test(unverified_claims),
        cmocka_unit_test(sizes),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
