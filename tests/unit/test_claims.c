/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
/* Stage 6: times, audience, type, identity. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "fixture.h"

#define TARGET "/api/v1/auth"

static const char *const trust =
    "{\"format\":\"pdp-trust/1\",\"issuers\":["
    "{\"issuer\":\"" IBM_ISSUER "\",\"keys\":{\"file\":\"keys.json\"}},"
    "{\"issuer\":\"https://aud.example\",\"keys\":{\"file\":\"keys.json\"},"
    "\"algorithms\":[\"RS256\"],\"audiences\":[\"pdp\",\"other\"],"
    "\"typ\":\"at+jwt\",\"leeway\":{\"exp\":30,\"nbf\":0,\"iat\":5},"
    "\"claims\":{\"principal\":\"/sub\",\"roles\":\"/x~1y/0/roles\"},"
    "\"account\":\"" ACCOUNT "\"},"
    "{\"issuer\":\"https://plain.example\",\"keys\":{\"file\":\"keys.json\"},"
    "\"algorithms\":[\"RS256\"],\"audiences\":\"none\",\"typ\":\"none\","
    "\"claims\":{\"account\":\"/acct\"},\"policy_claims\":\"ignore\"},"
    "{\"issuer\":\"https://odd.example\",\"keys\":{\"file\":\"keys.json\"},"
    "\"algorithms\":[\"RS256\"],\"audiences\":\"none\","
    "\"typ\":\"application/\",\"account\":\"" ACCOUNT "\"}]}";

static int
setup(void **state)
{
    const struct document documents[] = {
        {PDP_SOURCE_TRUST, "trust.json", trust},
        {PDP_SOURCE_NONE, NULL, NULL},
    };

    (void)state;
    load(&fixture, documents);
    return 0;
}

/* A token of IBM's issuer with exactly these time claims. */
static const char *
decide_times(const char *times)
{
    char payload[TEXT_MAX];

    snprintf(payload, sizeof(payload),
        "{\"iss\":\"" IBM_ISSUER "\",\"iam_id\":\"IBMid-1\","
        "\"account\":{\"bss\":\"" ACCOUNT "\"},\"roles\":[\"Reader\"]%s}",
        times);
    return decide(&fixture, "GET", TARGET, token_of(&fixture, payload));
}

static void
exp_edges(void **state)
{
    static const struct {
        const char *times;
        const char *reason;
    } cases[] = {
        {"", "claim_invalid"},
        {",\"exp\":1795253401", "permitted"},
        {",\"exp\":1795253400", "token_expired"},
        {",\"exp\":1795253399", "token_expired"},
        {",\"exp\":0", "token_expired"},
        {",\"exp\":-0", "token_expired"},
        {",\"exp\":1795253401.5", "permitted"},
        {",\"exp\":1795253400.999", "token_expired"},
        {",\"exp\":1.795253401e9", "permitted"},
        {",\"exp\":1795253401.0", "permitted"},
        {",\"exp\":1.5e9", "token_expired"},
        {",\"exp\":253402300799", "permitted"},
        {",\"exp\":253402300799.5", "claim_invalid"},
        {",\"exp\":253402300800", "claim_invalid"},
        {",\"exp\":9223372036854775807", "claim_invalid"},
        {",\"exp\":9223372036854775808", "claim_invalid"},
        {",\"exp\":1e18", "claim_invalid"},
        {",\"exp\":1e50", "claim_invalid"},
        {",\"exp\":1e309", "claim_invalid"},
        {",\"exp\":-1", "claim_invalid"},
        {",\"exp\":-0.5", "claim_invalid"},
        {",\"exp\":\"1999999999\"", "claim_invalid"},
        {",\"exp\":true", "claim_invalid"},
        {",\"exp\":null", "claim_invalid"},
        {",\"exp\":[]", "claim_invalid"},
        {",\"exp\":{}", "claim_invalid"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const char *reason = decide_times(cases[i].times);
        if (strcmp(reason, cases[i].reason) != 0) {
            fail_msg("%s: %s", cases[i].times, reason);
        }
    }
}

static void
nbf_and_iat_edges(void **state)
{
    static const struct {
        const char *times;
        const char *reason;
    } cases[] = {
        /* 60 seconds of leeway, rounded up. */
        {"\"nbf\":1795253460", "permitted"},
        {"\"nbf\":1795253461", "token_not_yet_valid"},
        {"\"nbf\":1795253460.1", "token_not_yet_valid"},
        {"\"nbf\":0", "permitted"},
        {"\"nbf\":-1", "claim_invalid"},
        {"\"nbf\":\"1\"", "claim_invalid"},
        {"\"nbf\":null", "claim_invalid"},
        {"\"nbf\":253402300800", "claim_invalid"},
        {"\"iat\":1795253460", "permitted"},
        {"\"iat\":1795253460.001", "token_not_yet_valid"},
        {"\"iat\":1795253461", "token_not_yet_valid"},
        {"\"iat\":[1]", "claim_invalid"},
        {"\"iat\":-1", "claim_invalid"},
    };
    char times[256];

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        snprintf(times, sizeof(times), ",\"exp\":1795256980,%s",
            cases[i].times);
        assert_reason(decide_times(times), cases[i].reason);
    }
}

/* The clock is the request's; no clock revives or keeps a token. */
static void
odd_clocks(void **state)
{
    static const struct {
        int64_t now;
        pdp_reason_t reason;
    } cases[] = {
        {INT64_MIN, PDP_REASON_TOKEN_NOT_YET_VALID},
        {-1, PDP_REASON_TOKEN_NOT_YET_VALID},
        {0, PDP_REASON_TOKEN_NOT_YET_VALID},
        {NOW, PDP_REASON_PERMITTED},
        {INT64_C(1) << 32, PDP_REASON_TOKEN_EXPIRED},
        {INT64_MAX, PDP_REASON_TOKEN_EXPIRED},
        {NOW, PDP_REASON_PERMITTED},
    };

    (void)state;
    request(&fixture, "GET", TARGET);
    bearer(&fixture, token_with(&fixture, ",\"roles\":[\"Reader\"]"));
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        fixture.request.now_sec = cases[i].now;
        assert_int_equal(judge(&fixture), cases[i].reason);
        if (cases[i].reason == PDP_REASON_TOKEN_EXPIRED) {
            /* What is known of the token is still told. */
            pdp_token_info_t info = {.size = sizeof(info)};
            assert_true(pdp_decision_token(fixture.decision, &info));
            assert_int_equal(info.expires_sec, 1795256980);
            assert_str(info.kid, "rsa");
        }
    }
}

static const char *
decide_aud(const char *typ, const char *more, int64_t now)
{
    char payload[TEXT_MAX];
    char head[256];

    snprintf(head, sizeof(head), "{\"alg\":\"RS256\",\"kid\":\"rsa\"%s}", typ);
    snprintf(payload, sizeof(payload),
        "{\"iss\":\"https://aud.example\",\"sub\":\"IBMid-1\","
        "\"exp\":1795256980,\"x/y\":[{\"roles\":[\"Reader\"]}]%s}",
        more);
    request(&fixture, "GET", TARGET);
    bearer(&fixture,
        sign_token(&fixture, head, payload, fixture.rsa, PDP__ALG_RS256));
    fixture.request.now_sec = now;
    return pdp_reason_name(judge(&fixture));
}

#define AT ",\"typ\":\"at+jwt\""
#define AUD ",\"aud\":\"pdp\""

static void
audiences(void **state)
{
    static const struct {
        const char *aud;
        const char *reason;
    } cases[] = {
        {",\"aud\":\"pdp\"", "permitted"},
        {",\"aud\":\"other\"", "permitted"},
        {",\"aud\":[\"x\",\"pdp\"]", "permitted"},
        {",\"aud\":[\"pdp\",\"x\"]", "permitted"},
        {",\"aud\":[\"pdp\",\"other\"]", "permitted"},
        {"", "audience_mismatch"},
        {",\"aud\":\"\"", "audience_mismatch"},
        {",\"aud\":\"pd\"", "audience_mismatch"},
        {",\"aud\":\"pdpx\"", "audience_mismatch"},
        {",\"aud\":\"PDP\"", "audience_mismatch"},
        {",\"aud\":[]", "audience_mismatch"},
        {",\"aud\":[\"x\"]", "audience_mismatch"},
        {",\"aud\":[\"pdp\",1]", "claim_invalid"},
        {",\"aud\":[[\"pdp\"]]", "claim_invalid"},
        {",\"aud\":1", "claim_invalid"},
        {",\"aud\":null", "claim_invalid"},
        {",\"aud\":{\"a\":\"pdp\"}", "claim_invalid"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_reason(decide_aud(AT, cases[i].aud, NOW), cases[i].reason);
    }
}

static void
types(void **state)
{
    static const struct {
        const char *typ;
        const char *reason;
    } cases[] = {
        {",\"typ\":\"at+jwt\"", "permitted"},
        {",\"typ\":\"AT+JWT\"", "permitted"},
        {",\"typ\":\"application/at+jwt\"", "permitted"},
        {",\"typ\":\"Application/AT+jwt\"", "permitted"},
        {"", "type_mismatch"},
        {",\"typ\":\"\"", "type_mismatch"},
        {",\"typ\":\"JWT\"", "type_mismatch"},
        {",\"typ\":\"logout+jwt\"", "type_mismatch"},
        {",\"typ\":\"application/\"", "type_mismatch"},
        {",\"typ\":\"at+jwtx\"", "type_mismatch"},
        {",\"typ\":\"text/at+jwt\"", "type_mismatch"},
        /* As long as the prefix that may be left out. */
        {",\"typ\":\"applicatiox/at+jwt\"", "type_mismatch"},
        {",\"typ\":\"application/application/at+jwt\"", "type_mismatch"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_reason(decide_aud(cases[i].typ, AUD, NOW), cases[i].reason);
    }
}

/* "typ": "none" takes a token of any type. */
static void
any_type(void **state)
{
    static const char *const heads[] = {"{\"alg\":\"RS256\",\"kid\":\"rsa\"}",
        "{\"alg\":\"RS256\",\"kid\":\"rsa\",\"typ\":\"JWT\"}",
        "{\"alg\":\"RS256\",\"kid\":\"rsa\",\"typ\":\"x/y\"}"};

    (void)state;
    for (size_t i = 0; i < sizeof(heads) / sizeof(heads[0]); i++) {
        assert_reason(decide(&fixture, "GET", TARGET,
                          sign_token(&fixture, heads[i],
                              CLAIMS ",\"roles\":[\"Reader\"]}", fixture.rsa,
                              PDP__ALG_RS256)),
            "permitted");
    }
}

/* The prefix is left out only where something is left. */
static void
a_type_that_is_only_the_prefix(void **state)
{
    static const struct {
        const char *head;
        const char *reason;
    } cases[] = {
        {"{\"alg\":\"RS256\",\"kid\":\"rsa\",\"typ\":\"application/\"}",
            "permitted"},
        {"{\"alg\":\"RS256\",\"kid\":\"rsa\",\"typ\":"
         "\"application/application/\"}",
            "permitted"},
        {"{\"alg\":\"RS256\",\"kid\":\"rsa\",\"typ\":\"application/x\"}",
            "type_mismatch"},
        {"{\"alg\":\"RS256\",\"kid\":\"rsa\",\"typ\":\"\"}", "type_mismatch"},
        {"{\"alg\":\"RS256\",\"kid\":\"rsa\"}", "type_mismatch"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_reason(decide(&fixture, "GET", TARGET,
                          sign_token(&fixture, cases[i].head,
                              "{\"iss\":\"https://odd.example\","
                              "\"iam_id\":\"IBMid-1\",\"exp\":1795256980,"
                              "\"roles\":[\"Reader\"]}",
                              fixture.rsa, PDP__ALG_RS256)),
            cases[i].reason);
    }
}

static void
leeways_of_the_issuer(void **state)
{
    (void)state;
    assert_reason(decide_aud(AT, AUD, 1795256980 + 29), "permitted");
    assert_reason(decide_aud(AT, AUD, 1795256980 + 30), "token_expired");
    assert_reason(decide_aud(AT, AUD ",\"nbf\":1795253400", NOW), "permitted");
    assert_reason(decide_aud(AT, AUD ",\"nbf\":1795253401", NOW),
        "token_not_yet_valid");
    assert_reason(decide_aud(AT, AUD ",\"iat\":1795253405", NOW), "permitted");
    assert_reason(decide_aud(AT, AUD ",\"iat\":1795253406", NOW),
        "token_not_yet_valid");
}

/* The account is fixed in the trust document: a claim does not matter. */
static void
a_fixed_account(void **state)
{
    (void)state;
    assert_reason(decide_aud(AT, AUD ",\"account\":{\"bss\":\"other\"}", NOW),
        "permitted");
    assert_str(pdp_decision_account(fixture.decision), ACCOUNT);
}

static void
identity(void **state)
{
    static const struct {
        const char *claims;
        const char *reason;
    } cases[] = {
        {"\"iam_id\":\"IBMid-1\",\"account\":{\"bss\":\"a\"}", "permitted"},
        {"\"account\":{\"bss\":\"a\"}", "claim_invalid"},
        {"\"iam_id\":\"\",\"account\":{\"bss\":\"a\"}", "claim_invalid"},
        {"\"iam_id\":7,\"account\":{\"bss\":\"a\"}", "claim_invalid"},
        {"\"iam_id\":null,\"account\":{\"bss\":\"a\"}", "claim_invalid"},
        {"\"iam_id\":\"IBMid-1\"", "claim_invalid"},
        {"\"iam_id\":\"IBMid-1\",\"account\":\"a\"", "claim_invalid"},
        {"\"iam_id\":\"IBMid-1\",\"account\":{}", "claim_invalid"},
        {"\"iam_id\":\"IBMid-1\",\"account\":{\"bss\":\"\"}", "claim_invalid"},
        {"\"iam_id\":\"IBMid-1\",\"account\":{\"bss\":[\"a\"]}",
            "claim_invalid"},
        {"\"iam_id\":\"IBMid-1\",\"account\":{\"bss\":\"a\",\"valid\":true}",
            "permitted"},
        {"\"iam_id\":\"IBMid-1\",\"account\":{\"bss\":\"a\",\"valid\":false}",
            "claim_invalid"},
        {"\"iam_id\":\"IBMid-1\",\"account\":{\"bss\":\"a\",\"valid\":1}",
            "claim_invalid"},
        {"\"iam_id\":\"IBMid-1\",\"account\":{\"bss\":\"a\",\"valid\":null}",
            "claim_invalid"},
        {"\"iam_id\":\"IBMid-1\",\"account\":{\"bss\":\"a\",\"frozen\":true}",
            "permitted"},
    };
    char payload[TEXT_MAX];

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        snprintf(payload, sizeof(payload),
            "{\"iss\":\"" IBM_ISSUER "\",\"exp\":1795256980,"
            "\"roles\":[\"Reader\"],%s}",
            cases[i].claims);
        assert_reason(decide(&fixture, "GET", TARGET,
                          token_of(&fixture, payload)),
            cases[i].reason);
    }
}

static void
wrong_types_of_groups_and_scope(void **state)
{
    static const char *const bad[] = {",\"groups\":\"g\"", ",\"groups\":[1]",
        ",\"groups\":[\"g\",null]", ",\"groups\":{}", ",\"groups\":null"};

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_reason(decide(&fixture, "GET", TARGET,
                          token_with(&fixture, bad[i])),
            "claim_invalid");
    }
    assert_reason(decide(&fixture, "GET", TARGET,
                      token_of(&fixture,
                          "{\"iss\":\"" IBM_ISSUER "\",\"iam_id\":\"IBMid-1\","
                          "\"account\":{\"bss\":\"a\"},\"exp\":1795256980,"
                          "\"scope\":[\"ibm\"]}")),
        "claim_invalid");
}

/* policy_claims: ignore; the same claims that grant elsewhere do not. */
static void
policy_claims_switched_off(void **state)
{
    (void)state;
    assert_reason(decide(&fixture, "GET", TARGET,
                      token_of(&fixture,
                          "{\"iss\":\"https://plain.example\","
                          "\"iam_id\":\"IBMid-1\",\"acct\":\"a\","
                          "\"exp\":1795256980,\"roles\":[\"Manager\"],"
                          "\"actions\":7,\"policies\":\"x\"}")),
        "no_grant");
}

/* `valid` counts beside the account, not at the top of the payload. */
static void
valid_without_an_account_object(void **state)
{
    (void)state;
    assert_reason(decide(&fixture, "GET", TARGET,
                      token_of(&fixture,
                          "{\"iss\":\"https://plain.example\","
                          "\"iam_id\":\"IBMid-1\",\"acct\":\"a\","
                          "\"exp\":1795256980,\"valid\":false}")),
        "no_grant");
}

/* RFC 7519 4: unknown claims are ignored. */
static void
unknown_claims(void **state)
{
    (void)state;
    assert_reason(decide(&fixture, "GET", TARGET,
                      token_with(&fixture, ",\"roles\":[\"Reader\"],"
                                           "\"zoo\":[{\"a\":null}]")),
        "permitted");
}

static void
unverified_claims(void **state)
{
    pdp_token_info_t info = {.size = sizeof(info)};
    const char *claims = CLAIMS ",\"roles\":[\"Reader\"]}";

    (void)state;
    request(&fixture, "GET", TARGET);
    assert_int_equal(pdp_decide_unverified(fixture.worker, &fixture.request,
                         str(claims), &fixture.decision),
        PDP_OK);
    assert_int_equal(pdp_decision_reason(fixture.decision),
        PDP_REASON_PERMITTED);
    assert_true(pdp_decision_token(fixture.decision, &info));
    assert_false(info.verified);
    assert_null(info.alg.ptr);
    assert_null(info.kid.ptr);
    /* There is no header that could have a type. */
    request(&fixture, "GET", TARGET);
    assert_int_equal(pdp_decide_unverified(fixture.worker, &fixture.request,
                         PDP__LIT("{\"iss\":\"https://aud.example\","
                                  "\"sub\":\"IBMid-1\",\"aud\":\"pdp\","
                                  "\"exp\":1795256980,"
                                  "\"x/y\":[{\"roles\":[\"Reader\"]}]}"),
                         &fixture.decision),
        PDP_OK);
    assert_int_equal(pdp_decision_reason(fixture.decision),
        PDP_REASON_PERMITTED);
    /* And nothing of it is remembered as verified. */
    assert_reason(decide(&fixture, "GET", TARGET, ""), "token_malformed");
    assert_reason(decide(&fixture, "GET", TARGET, NULL), "token_missing");
    static const struct {
        const char *claims;
        pdp_reason_t reason;
    } cases[] = {
        {"", PDP_REASON_TOKEN_MALFORMED},
        {"[]", PDP_REASON_TOKEN_MALFORMED},
        {"{\"x\":1e999}", PDP_REASON_CLAIM_INVALID},
        {"{}", PDP_REASON_ISSUER_UNTRUSTED},
        {"{\"iss\":\"x\"}", PDP_REASON_ISSUER_UNTRUSTED},
        {"{\"iss\":\"" IBM_ISSUER "\"}", PDP_REASON_CLAIM_INVALID},
        {"{\"iss\":\"" IBM_ISSUER "\",\"exp\":1}", PDP_REASON_TOKEN_EXPIRED},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        request(&fixture, "GET", TARGET);
        assert_int_equal(pdp_decide_unverified(fixture.worker, &fixture.request,
                             str(cases[i].claims), &fixture.decision),
            PDP_OK);
        assert_int_equal(pdp_decision_reason(fixture.decision),
            cases[i].reason);
    }
    request(&fixture, "GET", TARGET);
    assert_int_equal(pdp_decide_unverified(fixture.worker, &fixture.request,
                         (pdp_str_t){NULL, 0}, &fixture.decision),
        PDP_OK);
    assert_int_equal(pdp_decision_reason(fixture.decision),
        PDP_REASON_TOKEN_MALFORMED);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(exp_edges),
        cmocka_unit_test(nbf_and_iat_edges),
        cmocka_unit_test(odd_clocks),
        cmocka_unit_test(audiences),
        cmocka_unit_test(types),
        cmocka_unit_test(any_type),
        cmocka_unit_test(a_type_that_is_only_the_prefix),
        cmocka_unit_test(leeways_of_the_issuer),
        cmocka_unit_test(a_fixed_account),
        cmocka_unit_test(identity),
        cmocka_unit_test(wrong_types_of_groups_and_scope),
        cmocka_unit_test(policy_claims_switched_off),
        cmocka_unit_test(valid_without_an_account_object),
        cmocka_unit_test(unknown_claims),
        cmocka_unit_test(unverified_claims),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
