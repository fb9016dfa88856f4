/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
/*
 * Known failures of JWT verifiers, by number: times, names and types in
 * claims that are signed.  J19 J20 J21 J22 J23 J25, T28 T29 T30 T37 T38 T39.
 *
 * The signatures of all tokens here are good.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "token_cases.h"

/* A token of IBM's issuer with these time claims, at `now`. */
static pdp_reason_t
judge_times(const char *times, int64_t now)
{
    char payload[TEXT_MAX];

    snprintf(payload, sizeof(payload),
        "{\"iss\":\"" IBM_ISSUER "\",\"iam_id\":\"IBMid-1\","
        "\"account\":{\"bss\":\"" ACCOUNT "\"},\"roles\":[\"Reader\"]%s}",
        times);
    request(&fixture, "GET", TARGET);
    bearer(&fixture, token_of(&fixture, payload));
    fixture.request.now_sec = now;
    return judge(&fixture);
}

static void
assert_times(const char *times, int64_t now, const char *reason)
{
    pdp_reason_t got = judge_times(times, now);

    if (strcmp(pdp_reason_name(got), reason) != 0) {
        fail_msg("%s at %lld: %s, not %s", times, (long long)now,
            pdp_reason_name(got), reason);
    }
    if (got != PDP_REASON_PERMITTED) {
        assert_int_equal(pdp_reason_status(got), 401);
    }
}

/* What no clock can say, or no reader can hold: never "no expiry". */
static const char *const no_times[] = {"1e18", "1000000000000000000",
    "10000000000000000000", "1e19", "1e50",
    "100000000000000000000000000000000000000000000000000", "1e309", "-1e309",
    "1e400", "9223372036854775807", "9223372036854775808",
    "18446744073709551615", "18446744073709551616", "-9223372036854775808",
    "-9223372036854775809", "-1", "-0.5", "-1e-9", "\"123\"", "\"1999999999\"",
    "\"\"", "true", "false", "null", "[]", "[1999999999]", "{}",
    "{\"exp\":1999999999}", "253402300800", "253402300799.5", "2.534023008e11",
    "4294967296000"};

static void
j19_t29_exp_that_is_no_time(void **state)
{
    char times[128];

    (void)state;
    for (size_t i = 0; i < COUNT(no_times); i++) {
        snprintf(times, sizeof(times), ",\"exp\":%s", no_times[i]);
        assert_times(times, NOW, "claim_invalid");
        pdp_token_info_t info = {.size = sizeof(info)};
        if (pdp_decision_token(fixture.decision, &info)) {
            assert_int_equal(info.expires_sec, -1);
        }
        assert_int_equal(pdp_decision_cache_max_age_sec(fixture.decision), 0);
        /* Nor at the ends of time. */
        assert_times(times, 0, "claim_invalid");
        assert_times(times, INT64_MIN, "claim_invalid");
        assert_times(times, INT64_MAX, "claim_invalid");
    }
}

static void
j19_t29_nbf_and_iat_that_are_no_time(void **state)
{
    char times[160];

    (void)state;
    for (size_t i = 0; i < COUNT(no_times); i++) {
        snprintf(times, sizeof(times), ",\"exp\":1795256980,\"nbf\":%s",
            no_times[i]);
        assert_times(times, NOW, "claim_invalid");
        snprintf(times, sizeof(times), ",\"exp\":1795256980,\"iat\":%s",
            no_times[i]);
        assert_times(times, NOW, "claim_invalid");
    }
}

/* What JSON does not call a number is no JSON. */
static void
j19_t29_exp_that_is_no_json(void **state)
{
    static const char *const values[] = {"Infinity", "-Infinity", "NaN",
        "0x6AFF", "+1795256980", "01795256980", "1795256980.", ".5", "1e",
        "1_000", "\xd9\xa1"};
    char times[128];

    (void)state;
    for (size_t i = 0; i < COUNT(values); i++) {
        snprintf(times, sizeof(times), ",\"exp\":%s", values[i]);
        assert_times(times, NOW, "token_malformed");
    }
}

static void
j19_t29_exp_in_range(void **state)
{
    (void)state;
    assert_times(",\"exp\":253402300799", NOW, "permitted");
    assert_times(",\"exp\":253402300799", INT64_C(253402300798), "permitted");
    assert_times(",\"exp\":253402300799", INT64_C(253402300799),
        "token_expired");
    assert_times(",\"exp\":1.5e9", NOW, "token_expired");
    assert_times(",\"exp\":1.5e9", 1499999999, "permitted");
    assert_times(",\"exp\":1.795256980e9", NOW, "permitted");
    assert_times(",\"exp\":0", NOW, "token_expired");
    assert_times(",\"exp\":0", -1, "permitted");
    /* 2038 and 2106 */
    assert_times(",\"exp\":2147483648", INT64_C(2147483647), "permitted");
    assert_times(",\"exp\":2147483648", INT64_C(2147483648), "token_expired");
    assert_times(",\"exp\":4294967297", INT64_C(4294967296), "permitted");
    assert_times(",\"exp\":4294967297", INT64_C(4294967297), "token_expired");
}

/* Expiry is rounded down, the beginning up: half a second never helps the
 * holder.  With exp = now + 0.5 that second is already over. */
static void
j20_t30_fractions_of_a_second(void **state)
{
    static const struct {
        const char *times;
        int64_t now;
        const char *reason;
    } cases[] = {
        {",\"exp\":1795253400.5", NOW - 1, "permitted"},
        {",\"exp\":1795253400.5", NOW, "token_expired"},
        {",\"exp\":1795253401.5", NOW, "permitted"},
        {",\"exp\":1795253401.5", NOW + 1, "token_expired"},
        {",\"exp\":1795253400.999999", NOW, "token_expired"},
        {",\"exp\":1795253401.000001", NOW, "permitted"},
        {",\"exp\":0.5", -1, "permitted"},
        {",\"exp\":0.5", 0, "token_expired"},
        {",\"exp\":1795256980,\"nbf\":1795253460.0", NOW, "permitted"},
        {",\"exp\":1795256980,\"nbf\":1795253460.5", NOW,
            "token_not_yet_valid"},
        {",\"exp\":1795256980,\"nbf\":1795253460.5", NOW + 1, "permitted"},
        {",\"exp\":1795256980,\"iat\":1795253460.5", NOW,
            "token_not_yet_valid"},
        {",\"exp\":1795256980,\"iat\":1795253460.5", NOW + 1, "permitted"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        assert_times(cases[i].times, cases[i].now, cases[i].reason);
    }
}

/* What a caller may cache ends where the token does: one value is used. */
static void
j20_t30_the_age_told_is_of_the_same_expiry(void **state)
{
    pdp_token_info_t info = {.size = sizeof(info)};

    (void)state;
    for (int round = 0; round < 2; round++) { /* the second: cached */
        assert_times(",\"exp\":1795253410.9", NOW, "permitted");
        assert_true(pdp_decision_token(fixture.decision, &info));
        assert_int_equal(info.expires_sec, NOW + 10);
        assert_int_equal(pdp_decision_cache_max_age_sec(fixture.decision), 10);
        assert_times(",\"exp\":1795253410.9", NOW + 9, "permitted");
        assert_int_equal(pdp_decision_cache_max_age_sec(fixture.decision), 1);
    }
    assert_times(",\"exp\":1795253410.9", NOW + 10, "token_expired");
    assert_int_equal(pdp_decision_cache_max_age_sec(fixture.decision), 0);
}

static void
j21_t28_no_exp(void **state)
{
    static const char *const times[] = {"", ",\"EXP\":1795256980",
        ",\"exp \":1795256980", ",\"ex\":1795256980", ",\"expp\":1795256980",
        ",\"x\":{\"exp\":1795256980}", ",\"expires_in\":3600",
        ",\"expiration\":1795256980", ",\"iat\":1795253380",
        ",\"nbf\":1795253380"};

    (void)state;
    for (size_t i = 0; i < COUNT(times); i++) {
        assert_times(times[i], NOW, "claim_invalid");
        assert_times(times[i], 0, "claim_invalid");
    }
}

static void
j21_t28_exp_that_is_now(void **state)
{
    (void)state;
    assert_times(",\"exp\":1795253400", NOW - 1, "permitted");
    assert_times(",\"exp\":1795253400", NOW, "token_expired");
    assert_times(",\"exp\":1795253400", NOW + 1, "token_expired");
    assert_times(",\"exp\":1795253400", INT64_MAX, "token_expired");
}

/* Default leeway: none for exp, 60 seconds for nbf and iat. */
static void
t28_not_yet_valid(void **state)
{
    static const char *const claims[] = {"nbf", "iat"};
    char times[128];

    (void)state;
    for (size_t i = 0; i < COUNT(claims); i++) {
        snprintf(times, sizeof(times), ",\"exp\":1795256980,\"%s\":1795253500",
            claims[i]);
        assert_times(times, 1795253500 - 61, "token_not_yet_valid");
        assert_times(times, 1795253500 - 60, "permitted");
        assert_times(times, 1795253500, "permitted");
        assert_times(times, INT64_MIN, "token_not_yet_valid");
    }
}

/* Claims and header member typ of the issuer that asks for all. */
static pdp_reason_t
judge_aud(const char *typ, const char *more)
{
    char head[TEXT_MAX];

    snprintf(head, sizeof(head), "{\"alg\":\"RS256\",\"kid\":\"rsa\"%s}", typ);
    sign_token(&fixture, head, payload_of(AUD_ISSUER, more), fixture.rsa,
        PDP__ALG_RS256);
    return judge_bytes(fixture.token, strlen(fixture.token));
}

#define AT ",\"typ\":\"at+jwt\""
#define AUD ",\"aud\":\"pdp\""

static void
j22_t38_audiences(void **state)
{
    static const struct {
        const char *aud;
        const char *reason;
    } cases[] = {
        {",\"aud\":\"pdp\"", "permitted"},
        {",\"aud\":\"https://a.example\"", "permitted"},
        {",\"aud\":[\"pdp\"]", "permitted"},
        {",\"aud\":[\"x\",\"y\",\"https://a.example\"]", "permitted"},
        {"", "audience_mismatch"},
        {",\"aud\":[]", "audience_mismatch"},
        {",\"aud\":\"\"", "audience_mismatch"},
        {",\"aud\":[\"\"]", "audience_mismatch"},
        {",\"aud\":\"x\"", "audience_mismatch"},
        {",\"aud\":[\"x\",\"y\"]", "audience_mismatch"},
        {",\"aud\":\"pdp https://a.example\"", "audience_mismatch"},
        {",\"aud\":\"none\"", "audience_mismatch"},
        {",\"aud\":\"*\"", "audience_mismatch"},
        {",\"x\":{\"aud\":\"pdp\"}", "audience_mismatch"},
        {",\"AUD\":\"pdp\"", "audience_mismatch"},
        {",\"aud\":[\"pdp\",1]", "claim_invalid"},
        {",\"aud\":[1,\"pdp\"]", "claim_invalid"},
        {",\"aud\":[\"pdp\",null]", "claim_invalid"},
        {",\"aud\":[[\"pdp\"]]", "claim_invalid"},
        {",\"aud\":[\"pdp\",[\"pdp\"]]", "claim_invalid"},
        {",\"aud\":[{\"pdp\":1}]", "claim_invalid"},
        {",\"aud\":{\"0\":\"pdp\"}", "claim_invalid"},
        {",\"aud\":{}", "claim_invalid"},
        {",\"aud\":1", "claim_invalid"},
        {",\"aud\":0", "claim_invalid"},
        {",\"aud\":true", "claim_invalid"},
        {",\"aud\":null", "claim_invalid"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        const char *reason = pdp_reason_name(judge_aud(AT, cases[i].aud));
        if (strcmp(reason, cases[i].reason) != 0) {
            fail_msg("%s: %s, not %s", cases[i].aud, reason, cases[i].reason);
        }
    }
}

/* Whoever wrote `none` has said that aud does not matter: any of them. */
static void
j22_t38_audience_none(void **state)
{
    static const char *const auds[] = {"", ",\"aud\":\"x\"", ",\"aud\":[]",
        ",\"aud\":[\"x\"]", ",\"aud\":1", ",\"aud\":null"};

    (void)state;
    for (size_t i = 0; i < COUNT(auds); i++) {
        accept_token(sign_token(&fixture, RSA_HEADER,
            payload_of(ALL_ISSUER, auds[i]), fixture.rsa, PDP__ALG_RS256));
    }
}

/* Every near miss of a value: calls step(miss, has_nul) for each. */
enum { MISS_CAP = 256 };

static void
each_miss(const char *value, void (*step)(const char *miss, bool nul))
{
    static const char *const after[] = {"x", "/", " ", ".", "\\u0000",
        "\\u0000x", "%00", "\\t", "\\u00a0", "#", "?", "*"};
    static const char *const before[] = {"x", " ", "/", "\\u0000", "*"};
    char miss[MISS_CAP];
    size_t len = strlen(value);

    assert_true(len + 16 < sizeof(miss));
    for (size_t i = 0; i < COUNT(after); i++) {
        snprintf(miss, sizeof(miss), "%s%s", value, after[i]);
        step(miss, strstr(after[i], "\\u0000") != NULL);
    }
    for (size_t i = 0; i < COUNT(before); i++) {
        snprintf(miss, sizeof(miss), "%s%s", before[i], value);
        step(miss, strstr(before[i], "\\u0000") != NULL);
    }
    for (size_t cut = 0; cut < len; cut++) { /* every prefix, and "" */
        snprintf(miss, sizeof(miss), "%.*s", (int)cut, value);
        step(miss, false);
    }
    for (size_t cut = 1; cut < len; cut++) { /* every suffix */
        step(value + cut, false);
    }
    for (size_t at = 0; at < len; at++) { /* one byte, one case, one NUL */
        snprintf(miss, sizeof(miss), "%s", value);
        miss[at] = value[at] == 'q' ? 'r' : 'q';
        step(miss, false);
        char c = value[at];
        if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')) {
            miss[at] = (char)(c ^ 0x20);
            step(miss, false);
        }
        snprintf(miss, sizeof(miss), "%.*s\\u0000%s", (int)at, value,
            value + at);
        step(miss, true);
    }
    snprintf(miss, sizeof(miss), "%s%s", value, value);
    step(miss, false);
}

static void
assert_miss(pdp_reason_t got, const char *miss, bool nul, pdp_reason_t reason)
{
    pdp_reason_t wanted = nul ? PDP_REASON_TOKEN_MALFORMED : reason;

    if (got != wanted) {
        fail_msg("%s: %s, not %s", miss, pdp_reason_name(got),
            pdp_reason_name(wanted));
    }
}

static void
miss_iss(const char *miss, bool nul)
{
    sign_token(&fixture, RSA_HEADER, payload_of(miss, ""), fixture.rsa,
        PDP__ALG_RS256);
    assert_miss(judge_bytes(fixture.token, strlen(fixture.token)), miss, nul,
        PDP_REASON_ISSUER_UNTRUSTED);
}

static void
j23_t37_near_misses_of_the_issuer(void **state)
{
    (void)state;
    accept_token(token_headed(RSA_HEADER));
    each_miss(IBM_ISSUER, miss_iss);
    each_miss(ALL_ISSUER, miss_iss);
}

static void
miss_aud(const char *miss, bool nul)
{
    char more[512];

    snprintf(more, sizeof(more), ",\"aud\":\"%s\"", miss);
    assert_miss(judge_aud(AT, more), miss, nul, PDP_REASON_AUDIENCE_MISMATCH);
    snprintf(more, sizeof(more), ",\"aud\":[\"x\",\"%s\"]", miss);
    assert_miss(judge_aud(AT, more), miss, nul, PDP_REASON_AUDIENCE_MISMATCH);
}

static void
j23_t37_near_misses_of_the_audience(void **state)
{
    (void)state;
    each_miss("https://a.example", miss_aud);
    each_miss("pdp", miss_aud);
}

static void
miss_kid(const char *miss, bool nul)
{
    char head[512];

    snprintf(head, sizeof(head), "{\"alg\":\"RS256\",\"kid\":\"%s\"}", miss);
    token_headed(head);
    assert_miss(judge_bytes(fixture.token, strlen(fixture.token)), miss, nul,
        PDP_REASON_KEY_UNKNOWN);
}

static void
j23_t37_near_misses_of_the_kid(void **state)
{
    (void)state;
    each_miss("rsa", miss_kid);
}

/*
 * The principal has no expected value that a token could fail: another one
 * is somebody else, to whom a policy for the first grants nothing (403).
 */
static void
miss_principal(const char *miss, bool nul)
{
    char payload[TEXT_MAX];

    snprintf(payload, sizeof(payload),
        "{\"iss\":\"" IBM_ISSUER "\",\"iam_id\":\"%s\","
        "\"account\":{\"bss\":\"" ACCOUNT "\"},\"exp\":1795256980}",
        miss);
    token_of(&fixture, payload);
    assert_miss(judge_bytes(fixture.token, strlen(fixture.token)), miss, nul,
        miss[0] == '\0' ? PDP_REASON_CLAIM_INVALID : PDP_REASON_NO_GRANT);
}

#define SUBJECT "IBMid-270000TEST"

static void
j23_t37_near_misses_of_the_principal(void **state)
{
    const struct document documents[] = {
        {PDP_SOURCE_POLICIES, "p.json",
            "[{\"id\":\"p\",\"type\":\"access\",\"subject\":{\"attributes\":[{"
            "\"key\":\"iam_id\",\"operator\":\"stringEquals\",\"value\":"
            "\"" SUBJECT "\"}]},\"resource\":{\"attributes\":[{\"key\":"
            "\"serviceName\",\"operator\":\"stringEquals\",\"value\":"
            "\"container-registry\"},{\"key\":\"accountId\",\"operator\":"
            "\"stringEquals\",\"value\":\"" ACCOUNT "\"}]},\"control\":{"
            "\"grant\":{\"roles\":[{\"role_id\":\"crn:v1:bluemix:public:iam::::"
            "serviceRole:Reader\"}]}}}]"},
        {PDP_SOURCE_NONE, NULL, NULL},
    };

    (void)state;
    load(&fixture, documents);
    accept_token(token_with(&fixture, ""));
    each_miss(SUBJECT, miss_principal);
    load_issuers(NULL);
}

/* The account of the token against the header `Account`. */
static void
miss_account(const char *miss, bool nul)
{
    char payload[TEXT_MAX];

    snprintf(payload, sizeof(payload),
        "{\"iss\":\"" IBM_ISSUER "\",\"iam_id\":\"IBMid-1\",\"account\":{"
        "\"bss\":\"%s\"},\"exp\":1795256980" READER "}",
        miss);
    request(&fixture, "GET", TARGET);
    bearer(&fixture, token_of(&fixture, payload));
    header(&fixture, "Account", ACCOUNT);
    assert_miss(judge(&fixture), miss, nul,
        miss[0] == '\0' ? PDP_REASON_CLAIM_INVALID
                        : PDP_REASON_ACCOUNT_MISMATCH);
}

static void
j23_near_misses_of_the_account(void **state)
{
    (void)state;
    each_miss(ACCOUNT, miss_account);
}

/* Names of roles grant as a whole or not at all. */
static void
miss_role(const char *miss, bool nul)
{
    char more[512];

    snprintf(more, sizeof(more), ",\"roles\":[\"%s\"]", miss);
    token_with(&fixture, more);
    assert_miss(judge_bytes(fixture.token, strlen(fixture.token)), miss, nul,
        PDP_REASON_NO_GRANT);
}

static void
j23_near_misses_of_a_role(void **state)
{
    (void)state;
    accept_token(token_with(&fixture, READER));
    each_miss("Reader", miss_role);
}

/* RFC 8725 3.11: other tokens of the issuer have its key and its shape. */
static void
j25_t39_tokens_of_another_type(void **state)
{
    static const char *const types[] = {"", ",\"typ\":\"\"", ",\"typ\":\"JWT\"",
        ",\"typ\":\"jwt\"", ",\"typ\":\"JWS\"", ",\"typ\":\"JOSE\"",
        ",\"typ\":\"rt+jwt\"", ",\"typ\":\"id+jwt\"", ",\"typ\":\"id_token\"",
        ",\"typ\":\"Refresh\"", ",\"typ\":\"refresh_token\"",
        ",\"typ\":\"logout+jwt\"", ",\"typ\":\"secevent+jwt\"",
        ",\"typ\":\"dpop+jwt\"", ",\"typ\":\"at\"", ",\"typ\":\"at+jw\"",
        ",\"typ\":\"t+jwt\"", ",\"typ\":\"at+jwtx\"", ",\"typ\":\"xat+jwt\"",
        ",\"typ\":\" at+jwt\"", ",\"typ\":\"at+jwt \"", ",\"typ\":\"at jwt\"",
        ",\"typ\":\"at-jwt\"", ",\"typ\":\"at+jwt;v=1\"",
        ",\"typ\":\"application/\"", ",\"typ\":\"application\"",
        ",\"typ\":\"application/JWT\"", ",\"typ\":\"text/at+jwt\"",
        ",\"typ\":\"/at+jwt\"", ",\"typ\":\"applicationat+jwt\"",
        ",\"typ\":\"application/application/at+jwt\"", ",\"TYP\":\"at+jwt\"",
        ",\"cty\":\"at+jwt\""};

    (void)state;
    for (size_t i = 0; i < COUNT(types); i++) {
        pdp_reason_t got = judge_aud(types[i], AUD);
        if (got != PDP_REASON_TYPE_MISMATCH) {
            fail_msg("%s: %s", types[i], pdp_reason_name(got));
        }
        assert_int_equal(pdp_reason_status(got), 401);
        /* A claim of that name is not the header's member. */
        assert_int_equal(judge_aud(types[i], AUD AT), PDP_REASON_TYPE_MISMATCH);
    }
}

static void
j25_t39_the_type_in_its_spellings(void **state)
{
    static const char *const good[] = {",\"typ\":\"at+jwt\"",
        ",\"typ\":\"AT+JWT\"", ",\"typ\":\"aT+jWt\"",
        ",\"typ\":\"application/at+jwt\"", ",\"typ\":\"APPLICATION/AT+JWT\"",
        ",\"typ\":\"\\u0061t+jwt\""};
    static const char *const bad[] = {",\"typ\":1", ",\"typ\":null",
        ",\"typ\":[\"at+jwt\"]", ",\"typ\":{}", ",\"typ\":true"};

    (void)state;
    for (size_t i = 0; i < COUNT(good); i++) {
        assert_int_equal(judge_aud(good[i], AUD), PDP_REASON_PERMITTED);
    }
    for (size_t i = 0; i < COUNT(bad); i++) {
        assert_int_equal(judge_aud(bad[i], AUD), PDP_REASON_TOKEN_MALFORMED);
        assert_int_equal(pdp_decision_offset(fixture.decision), 0);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(j19_t29_exp_that_is_no_time),
        cmocka_unit_test(j19_t29_nbf_and_iat_that_are_no_time),
        cmocka_unit_test(j19_t29_exp_that_is_no_json),
        cmocka_unit_test(j19_t29_exp_in_range),
        cmocka_unit_test(j20_t30_fractions_of_a_second),
        cmocka_unit_test(j20_t30_the_age_told_is_of_the_same_expiry),
        cmocka_unit_test(j21_t28_no_exp),
        cmocka_unit_test(j21_t28_exp_that_is_now),
        cmocka_unit_test(t28_not_yet_valid),
        cmocka_unit_test(j22_t38_audiences),
        cmocka_unit_test(j22_t38_audience_none),
        cmocka_unit_test(j23_t37_near_misses_of_the_issuer),
        cmocka_unit_test(j23_t37_near_misses_of_the_audience),
        cmocka_unit_test(j23_t37_near_misses_of_the_kid),
        cmocka_unit_test(j23_t37_near_misses_of_the_principal),
        cmocka_unit_test(j23_near_misses_of_the_account),
        cmocka_unit_test(j23_near_misses_of_a_role),
        cmocka_unit_test(j25_t39_tokens_of_another_type),
        cmocka_unit_test(j25_t39_the_type_in_its_spellings),
    };

    return cmocka_run_group_tests(tests, load_issuers, free_issuers);
}
