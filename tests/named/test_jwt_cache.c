/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
/*
 * Known failures of JWT verifiers, by number: tokens that were verified
 * before.  J26, T30 T31 T32 T33.
 *
 * Each case is judged by a worker that knows the token and by one that keeps
 * none: what one of them says, the other must say.  A reload is a new
 * snapshot with new workers; the old worker goes on with what it was made
 * for, and swapping it at a request boundary is for the daemon.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "token_cases.h"

#include "decide/token_cache.h"

static pdp_worker_t *forgetful; /* a worker without a cache */

/* Documents as load() takes them; then the worker with few places. */
static void
load_both(const struct document *documents)
{
    const pdp_worker_options_t none = {.size = sizeof(none),
        .no_token_cache = true};
    const pdp_worker_options_t four = {.size = sizeof(four), .token_cache = 4};

    pdp_worker_free(forgetful);
    forgetful = NULL;
    load_with(&fixture, documents, &four);
    assert_int_equal(pdp_worker_new(fixture.snapshot, NULL, &none, &forgetful),
        PDP_OK);
}

static char all_jwks[TEXT_MAX];

static int
load_default_both(void **state)
{
    const struct document documents[] = {
        {PDP_SOURCE_TRUST, "trust.json", token_trust},
        {PDP_SOURCE_JWKS, "all.json", all_jwks},
        {PDP_SOURCE_NONE, NULL, NULL},
    };

    (void)state;
    make_all_jwks(all_jwks);
    load_both(documents);
    return 0;
}

static int
free_both(void **state)
{
    pdp_worker_free(forgetful);
    forgetful = NULL;
    return free_issuers(state);
}

static bool
same_str(pdp_str_t a, pdp_str_t b)
{
    return a.len == b.len && (a.ptr == NULL) == (b.ptr == NULL) &&
           (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

/* Two decisions that say the same of a token. */
static void
assert_same(const pdp_decision_t *a, const pdp_decision_t *b)
{
    pdp_token_info_t token[2] = {{.size = sizeof(token[0])},
        {.size = sizeof(token[0])}};
    pdp_principal_t who[2] = {{.size = sizeof(who[0])},
        {.size = sizeof(who[0])}};

    assert_int_equal(pdp_decision_reason(a), pdp_decision_reason(b));
    assert_int_equal(pdp_decision_offset(a), pdp_decision_offset(b));
    assert_int_equal(pdp_decision_missing_cnt(a), pdp_decision_missing_cnt(b));
    assert_int_equal(pdp_decision_cache_max_age_sec(a),
        pdp_decision_cache_max_age_sec(b));
    assert_true(same_str(pdp_decision_account(a), pdp_decision_account(b)));
    assert_int_equal(pdp_decision_token(a, &token[0]),
        pdp_decision_token(b, &token[1]));
    assert_true(same_str(token[0].kid, token[1].kid));
    assert_true(same_str(token[0].issuer, token[1].issuer));
    assert_true(same_str(token[0].alg, token[1].alg));
    assert_int_equal(token[0].expires_sec, token[1].expires_sec);
    assert_int_equal(token[0].verified, token[1].verified);
    assert_int_equal(pdp_decision_principal(a, &who[0]),
        pdp_decision_principal(b, &who[1]));
    assert_true(same_str(who[0].id, who[1].id));
    assert_true(same_str(who[0].account, who[1].account));
}

/* The request that is ready, by both workers. */
static const char *
judge_both(void)
{
    const pdp_decision_t *plain = NULL;
    pdp_reason_t reason = judge(&fixture);

    assert_int_equal(pdp_decide(forgetful, &fixture.request, &plain), PDP_OK);
    assert_same(fixture.decision, plain);
    return pdp_reason_name(reason);
}

static const char *
judge_at(const char *token, int64_t now)
{
    request(&fixture, "GET", TARGET);
    bearer(&fixture, token);
    fixture.request.now_sec = now;
    return judge_both();
}

/* libcrypto's calls for memory during a decision: 0 for a known token. */
static bool
is_known(const char *token)
{
    request(&fixture, "GET", TARGET);
    bearer(&fixture, token);
    crypto_calls = 0;
    crypto_fail_at = SIZE_MAX; /* counts, and never fails */
    judge(&fixture);
    crypto_fail_at = 0;
    return crypto_calls == 0;
}

static void
j26_t30_a_known_token_ends_at_its_exp(void **state)
{
    static const char *const exps[] = {",\"exp\":1795253410",
        ",\"exp\":1795253410.25", ",\"exp\":1795253410.999"};
    char payload[TEXT_MAX];

    (void)state;
    for (size_t i = 0; i < COUNT(exps); i++) {
        snprintf(payload, sizeof(payload),
            "{\"iss\":\"" IBM_ISSUER "\",\"iam_id\":\"IBMid-1\",\"account\":{"
            "\"bss\":\"" ACCOUNT "\"}" READER "%s}",
            exps[i]);
        const char *token = token_of(&fixture, payload);
        assert_reason(judge_at(token, NOW), "permitted");
        assert_true(is_known(token));
        assert_reason(judge_at(token, NOW + 9), "permitted");
        assert_reason(judge_at(token, NOW + 10), "token_expired");
        assert_reason(judge_at(token, NOW + 11), "token_expired");
        /* Dropped: were the clock set back, it would be verified anew. */
        assert_false(is_known(token));
        assert_reason(judge_at(token, NOW + 10), "token_expired");
    }
}

static void
j26_t30_a_known_token_before_its_time(void **state)
{
    const char *token = token_with(&fixture, READER ",\"nbf\":1795253430.5");

    (void)state;
    assert_reason(judge_at(token, NOW - 30), "token_not_yet_valid");
    assert_reason(judge_at(token, NOW - 29), "permitted");
    assert_true(is_known(token));
    assert_reason(judge_at(token, NOW - 30), "token_not_yet_valid");
    assert_reason(judge_at(token, INT64_MIN), "token_not_yet_valid");
    assert_reason(judge_at(token, NOW), "permitted");
    assert_reason(judge_at(token, EXPIRES - 1), "permitted");
    assert_reason(judge_at(token, EXPIRES), "token_expired");
}

/* The token, known to the worker, against a new snapshot. */
static void
assert_reload(const struct document *documents, const char *reason)
{
    static char token[TOKEN_CAP];

    load_default_both(NULL);
    memcpy(token, token_headed(RSA_HEADER), sizeof(token));
    assert_reason(judge_at(token, NOW), "permitted");
    assert_true(is_known(token));

    /* The worker of the old snapshot, which it keeps. */
    pdp_worker_t *old = fixture.worker;
    const pdp_decision_t *decision = NULL;
    fixture.worker = NULL;
    load_both(documents);
    for (int round = 0; round < 2; round++) {
        assert_reason(judge_at(token, NOW), reason);
        assert_int_equal(pdp_decide(old, &fixture.request, &decision), PDP_OK);
        assert_int_equal(pdp_decision_reason(decision), PDP_REASON_PERMITTED);
    }
    pdp_worker_free(old);
}

#define ISSUER_OF(name, more)                                                  \
    "{\"format\":\"pdp-trust/1\",\"issuers\":["                                \
    "{\"issuer\":\"" name "\",\"keys\":{\"file\":\"new.json\"}" more "},"      \
    "{\"issuer\":\"https://x.example\",\"keys\":{\"file\":\"keys.json\"},"     \
    "\"algorithms\":[\"RS256\"],\"audiences\":\"none\",\"typ\":\"none\"}]}"

/* A new trust document, with this key as the issuer's only one. */
static void
assert_new_trust(const char *trust, const EVP_PKEY *key, const char *kid,
    const char *reason)
{
    char jwks[TEXT_MAX] = "{\"keys\":[";
    const struct document documents[] = {
        {PDP_SOURCE_TRUST, "trust.json", trust},
        {PDP_SOURCE_JWKS, "new.json", jwks},
        {PDP_SOURCE_NONE, NULL, NULL},
    };

    append_jwk(jwks, key, NULL, kid);
    append(jwks, "]}");
    assert_reload(documents, reason);
}

static void
j26_t31_a_key_that_was_removed(void **state)
{
    const char *const same = ISSUER_OF(IBM_ISSUER, "");

    (void)state;
    assert_new_trust(same, fixture.rsa, "rsa", "permitted"); /* the control */
    assert_new_trust(same, fixture.rogue, "new", "key_unknown");
    assert_new_trust(same, fixture.rogue, "rsa", "signature_invalid");
    assert_new_trust(same, fixture.rsa, "renamed", "key_unknown");
}

static void
j26_t31_an_issuer_that_was_removed(void **state)
{
    (void)state;
    assert_new_trust(
        ISSUER_OF("https://y.example",
            ",\"algorithms\":[\"RS256\"],\"audiences\":\"none\",\"typ\":"
            "\"none\""),
        fixture.rsa, "rsa", "issuer_untrusted");
}

static void
j26_t31_rules_of_an_issuer_that_changed(void **state)
{
    (void)state;
    assert_new_trust(ISSUER_OF(IBM_ISSUER, ",\"audiences\":[\"pdp\"]"),
        fixture.rsa, "rsa", "audience_mismatch");
    assert_new_trust(ISSUER_OF(IBM_ISSUER, ",\"typ\":\"at+jwt\""), fixture.rsa,
        "rsa", "type_mismatch");
    assert_new_trust(ISSUER_OF(IBM_ISSUER, ",\"algorithms\":[\"PS256\"]"),
        fixture.rsa, "rsa", "alg_refused");
    assert_new_trust(ISSUER_OF(IBM_ISSUER, ",\"policy_claims\":\"ignore\""),
        fixture.rsa, "rsa", "no_grant");
    assert_new_trust(ISSUER_OF(IBM_ISSUER,
                         ",\"claims\":{\"principal\":\"/sub\"}"),
        fixture.rsa, "rsa", "claim_invalid");
}

/* Two services by host: what a token may do at one says nothing of the
 * other, in whatever order they are asked. */
#define SMALL(name, access)                                                    \
    "{\"format\":\"pdp-service/1\",\"service\":\"" name "\",\"actions\":{"     \
    "\"" name ".get\":{\"scope\":\"account\"}},\"roles\":{\"" name "-role\":{" \
    "\"actions\":[\"" name ".get\"]}},\"events\":{},\"params\":{},"            \
    "\"regions\":[{\"region\":\"r-" name "\",\"aliases\":[],\"hosts\":["       \
    "\"" name ".example\"],\"events\":\"r-" name "\"}],\"routes\":[{"          \
    "\"method\":\"GET\",\"path\":\"/a\"," access ",\"event\":null},{"          \
    "\"method\":\"GET\",\"path\":\"/b\",\"access\":\"authenticated\","         \
    "\"event\":null}]}"

static const struct document two_services[] = {
    {PDP_SOURCE_SERVICE, "one.json",
        SMALL("one", "\"requires\":[{\"action\":\"one.get\"}]")},
    {PDP_SOURCE_SERVICE, "two.json",
        SMALL("two", "\"requires\":[{\"action\":\"two.get\"}]")},
    {PDP_SOURCE_NONE, NULL, NULL},
};

struct ask {
    const char *host;
    const char *target;
    const char *account; /* header, or NULL */
    const char *reason;
};

/* Each ask after each other one, in a row. */
static void
ask_in_every_order(const char *token, const struct ask *asks, size_t cnt)
{
    for (size_t i = 0; i < cnt * cnt * cnt; i++) {
        const size_t order[] = {i / cnt / cnt, i / cnt % cnt, i % cnt};

        for (size_t k = 0; k < COUNT(order); k++) {
            const struct ask *ask = &asks[order[k]];

            request(&fixture, "GET", ask->target);
            bearer(&fixture, token);
            if (ask->host != NULL) {
                header(&fixture, "Host", ask->host);
            }
            if (ask->account != NULL) {
                header(&fixture, "Account", ask->account);
            }
            assert_reason(judge_both(), ask->reason);
        }
    }
    assert_true(is_known(token));
}

static void
j26_t32_account_and_scope_are_checked_for_each_request(void **state)
{
    static const struct ask asks[] = {
        {"one.example", "/a", NULL, "permitted"},
        {"one.example", "/a", ACCOUNT, "permitted"},
        {"one.example", "/a", OTHER_ACCOUNT, "account_mismatch"},
        {"one.example", "/b", OTHER_ACCOUNT, "account_mismatch"},
        {"one.example", "/b", NULL, "authenticated"},
        {"two.example", "/a", NULL, "scope_mismatch"},
        {"two.example", "/b", NULL, "scope_mismatch"},
    };

    (void)state;
    load_both(two_services);
    ask_in_every_order(
        sign_token(&fixture, RSA_HEADER,
            "{\"iss\":\"" IBM_ISSUER "\",\"iam_id\":\"IBMid-1\",\"account\":{"
            "\"bss\":\"" ACCOUNT "\"},\"exp\":1795256980,\"roles\":["
            "\"one-role\",\"two-role\"],\"scope\":\"ibm openid one\"}",
            fixture.rsa, PDP__ALG_RS256),
        asks, COUNT(asks));
}

#define INLINE_FOR(service)                                                    \
    "{\"type\":\"access\",\"resource\":{\"attributes\":[{\"key\":"             \
    "\"serviceName\",\"operator\":\"stringEquals\",\"value\":\"" service       \
    "\"}]},\"control\":{\"grant\":{\"roles\":[{\"role_id\":"                   \
    "\"crn:v1:bluemix:public:" service "::::serviceRole:" service              \
    "-role\"}]}}}"

/* What a token grants at one service: by roles, and by policies inside. */
static void
j26_t32_grants_are_of_their_service(void **state)
{
    static const struct ask by_role[] = {
        {"one.example", "/a", NULL, "permitted"},
        {"two.example", "/a", NULL, "no_grant"},
        {"two.example", "/b", NULL, "authenticated"},
    };
    static const struct ask by_policy[] = {
        {"one.example", "/a", NULL, "no_grant"},
        {"two.example", "/a", NULL, "permitted"},
        {"one.example", "/b", NULL, "authenticated"},
    };

    (void)state;
    load_both(two_services);
    ask_in_every_order(token_with(&fixture, ",\"roles\":[\"one-role\"]"),
        by_role, COUNT(by_role));
    ask_in_every_order(token_with(&fixture,
                           ",\"policies\":[" INLINE_FOR("two") "]"),
        by_policy, COUNT(by_policy));
}

/* The checks of its issuer are made before a token is known at all: one
 * that fails them is verified each time. */
static void
j26_t32_a_refused_token_is_not_remembered(void **state)
{
    static const struct {
        const char *header;
        const char *more;
        const char *reason;
    } cases[] = {
        {RSA_HEADER, ",\"aud\":\"pdp\"", "type_mismatch"},
        {"{\"alg\":\"RS256\",\"kid\":\"rsa\",\"typ\":\"at+jwt\"}", "",
            "audience_mismatch"},
        {"{\"alg\":\"RS256\",\"kid\":\"rsa\",\"typ\":\"at+jwt\"}",
            ",\"aud\":\"pdp\",\"nbf\":1795253500", "token_not_yet_valid"},
        {"{\"alg\":\"RS256\",\"kid\":\"rsa\",\"typ\":\"at+jwt\"}",
            ",\"aud\":\"pdp\",\"groups\":1", "claim_invalid"},
    };

    (void)state;
    load_default_both(NULL);
    for (size_t i = 0; i < COUNT(cases); i++) {
        const char *token = sign_token(&fixture, cases[i].header,
            payload_of(AUD_ISSUER, cases[i].more), fixture.rsa, PDP__ALG_RS256);
        for (int round = 0; round < 3; round++) {
            assert_reason(judge_at(token, NOW), cases[i].reason);
            assert_false(is_known(token));
        }
    }
}

/* Claims that nobody signed never become a known token. */
static void
j26_unverified_claims_are_not_remembered(void **state)
{
    const char *claims = payload_of(IBM_ISSUER, "");

    (void)state;
    load_default_both(NULL);
    sign_token(&fixture, RSA_HEADER, claims, fixture.rogue, PDP__ALG_RS256);
    for (int round = 0; round < 3; round++) {
        assert_reason(judge_at(fixture.token, NOW), "signature_invalid");
        request(&fixture, "GET", TARGET);
        assert_int_equal(pdp_decide_unverified(fixture.worker, &fixture.request,
                             str(payload_of(IBM_ISSUER, "")),
                             &fixture.decision),
            PDP_OK);
        assert_int_equal(pdp_decision_reason(fixture.decision),
            PDP_REASON_PERMITTED);
    }
}

enum { TOKENS = 24 };

/* Equal header, kid, jti and all claims up to the last one; users 0, 2, 4...
 * may read. */
static void
make_similar(char tokens[static TOKENS][TOKEN_CAP])
{
    char payload[TEXT_MAX];

    for (int i = 0; i < TOKENS; i++) {
        snprintf(payload, sizeof(payload),
            "{\"iss\":\"" ALL_ISSUER "\",\"jti\":\"one\",\"account\":{"
            "\"bss\":\"" ACCOUNT "\"},\"exp\":%d,\"x\":\"%0500d\","
            "\"roles\":[\"%s\"],\"iam_id\":\"IBMid-%02d\"}",
            1795253410 + i, 0, i % 2 == 0 ? "Reader" : "reader", i);
        memcpy(tokens[i],
            sign_token(&fixture, "{\"alg\":\"EdDSA\",\"kid\":\"ed\"}", payload,
                fixture.ed, PDP__ALG_EDDSA),
            TOKEN_CAP);
        assert_int_equal(strlen(tokens[i]), strlen(tokens[0]));
        assert_memory_equal(tokens[i], tokens[0], 150);
    }
}

/* Six times as many tokens as the cache has places, at times that end them
 * one by one. */
static void
j26_t33_tokens_with_equal_prefix_kid_and_jti(void **state)
{
    static char tokens[TOKENS][TOKEN_CAP];
    unsigned random = 1;

    (void)state;
    load_default_both(NULL);
    make_similar(tokens);
    for (int round = 0; round < 3000; round++) {
        random = random * 1103515245U + 12345U;
        int i = (int)(random >> 16) % TOKENS;
        int64_t now = NOW + (int64_t)(random >> 8) % 40;
        const char *reason = judge_at(tokens[i], now);
        pdp_principal_t who = {.size = sizeof(who)};
        char id[16];

        assert_reason(reason, now >= 1795253410 + i ? "token_expired"
                              : i % 2 == 0          ? "permitted"
                                                    : "no_grant");
        if (pdp_decision_principal(fixture.decision, &who)) {
            snprintf(id, sizeof(id), "IBMid-%02d", i);
            assert_str(who.id, id);
        }
    }
}

/* The claims of one known token with the signature of another: the hash,
 * which is over the signature, is that of a known token. */
static void
j26_t33_claims_of_another_under_a_known_signature(void **state)
{
    static char tokens[TOKENS][TOKEN_CAP];

    (void)state;
    load_default_both(NULL);
    make_similar(tokens);
    for (int a = 0; a < TOKENS; a++) {
        int b = (a + 1) % TOKENS;
        assert_true(judge_at(tokens[a], NOW) != NULL);
        assert_true(is_known(tokens[a]));
        size_t at = signature_at(tokens[b]);
        memcpy(fixture.token, tokens[b], at);
        memcpy(fixture.token + at, tokens[a] + signature_at(tokens[a]),
            strlen(tokens[a] + signature_at(tokens[a])) + 1);
        assert_reason(judge_at(fixture.token, NOW), "signature_invalid");
        assert_false(is_known(fixture.token));
        assert_true(is_known(tokens[a]));
    }
}

/* The cache by itself, where any text is a token: every text that differs
 * from a kept one in one bit, or is cut, or is longer, is another. */
static void
j26_t33_no_other_text_finds_an_entry(void **state)
{
    static const char text[] =
        "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJ4In0.c2lnbmF0dXJlc2lnbmF0dXJlc2ln"
        "bmF0dXJlc2lnbmF0dXJlc2lnbmF0dXJl";
    static _Alignas(8) unsigned char bytes[1024];
    struct pdp__token *record = (void *)bytes;
    pdp_mem_t mem = {NULL, NULL, NULL};
    struct pdp__token_cache cache;
    char other[sizeof(text) + 1];

    (void)state;
    mem = pdp__mem_default();
    assert_int_equal(pdp__token_cache_init(&cache, &mem, 1, 7), PDP_OK);
    record->size = sizeof(*record) + sizeof(text) - 1;
    record->text = (struct pdp__text){sizeof(*record), sizeof(text) - 1};
    memcpy(bytes + sizeof(*record), text, sizeof(text) - 1);
    pdp__token_cache_put(&cache, record);
    assert_non_null(pdp__token_cache_find(&cache, PDP__LIT(text)));
    for (size_t bit = 0; bit < 8 * (sizeof(text) - 1); bit++) {
        memcpy(other, text, sizeof(text));
        other[bit / 8] = (char)(other[bit / 8] ^ (1 << bit % 8));
        assert_null(pdp__token_cache_find(&cache,
            (pdp_str_t){other, sizeof(text) - 1}));
    }
    for (size_t len = 0; len < sizeof(text) - 1; len++) {
        assert_null(pdp__token_cache_find(&cache, (pdp_str_t){text, len}));
        assert_null(pdp__token_cache_find(&cache,
            (pdp_str_t){text + len + 1, sizeof(text) - 2 - len}));
    }
    memcpy(other, text, sizeof(text));
    assert_null(
        pdp__token_cache_find(&cache, (pdp_str_t){other, sizeof(text)}));
    pdp__token_cache_free(&cache, &mem);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(j26_t30_a_known_token_ends_at_its_exp),
        cmocka_unit_test(j26_t30_a_known_token_before_its_time),
        cmocka_unit_test(j26_t31_a_key_that_was_removed),
        cmocka_unit_test(j26_t31_an_issuer_that_was_removed),
        cmocka_unit_test(j26_t31_rules_of_an_issuer_that_changed),
        cmocka_unit_test(
            j26_t32_account_and_scope_are_checked_for_each_request),
        cmocka_unit_test(j26_t32_grants_are_of_their_service),
        cmocka_unit_test(j26_t32_a_refused_token_is_not_remembered),
        cmocka_unit_test(j26_unverified_claims_are_not_remembered),
        cmocka_unit_test(j26_t33_tokens_with_equal_prefix_kid_and_jti),
        cmocka_unit_test(j26_t33_claims_of_another_under_a_known_signature),
        cmocka_unit_test(j26_t33_no_other_text_finds_an_entry),
    };

    wrap_crypto_memory();
    return cmocka_run_group_tests(tests, load_default_both, free_both);
}
