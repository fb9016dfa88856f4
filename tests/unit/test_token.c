/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
/* Stage 5: compact JWS, keys, signatures; through whole decisions. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "fixture.h"

#define TARGET "/api/v1/auth" /* any principal of the account with Reader */
#define READER ",\"roles\":[\"Reader\"]"
#define RSA_HEADER "{\"alg\":\"RS256\",\"kid\":\"rsa\"}"

/* Two issuers: IBM's with its default rules, and one that allows all. */
static const char *const trust =
    "{\"format\":\"pdp-trust/1\",\"issuers\":["
    "{\"issuer\":\"" IBM_ISSUER "\",\"keys\":{\"file\":\"keys.json\"}},"
    "{\"issuer\":\"https://all.example\",\"keys\":{\"file\":\"keys.json\"},"
    "\"algorithms\":[\"RS256\",\"RS384\",\"RS512\",\"PS256\",\"PS384\","
    "\"PS512\",\"ES256\",\"ES384\",\"ES512\",\"EdDSA\"],"
    "\"audiences\":\"none\",\"typ\":\"none\"},"
    "{\"issuer\":\"https://one.example\",\"keys\":{\"file\":\"one.json\"},"
    "\"algorithms\":[\"ES256\"],\"audiences\":\"none\",\"typ\":\"none\"}]}";

static char one_jwks[TEXT_MAX];

static int
setup(void **state)
{
    struct document documents[] = {
        {PDP_SOURCE_TRUST, "trust.json", trust},
        {PDP_SOURCE_JWKS, "one.json", one_jwks},
        {PDP_SOURCE_NONE, NULL, NULL},
    };

    (void)state;
    make_keys(&fixture);
    memcpy(one_jwks, "{\"keys\":[", 10);
    append_jwk(one_jwks, fixture.ec, "P-256", "rsa"); /* kid as elsewhere */
    append(one_jwks, "]}");
    load(&fixture, documents);
    return 0;
}

static const char *
payload_of(const char *issuer)
{
    static char text[TEXT_MAX];

    snprintf(text, sizeof(text),
        "{\"iss\":\"%s\",\"iam_id\":\"IBMid-1\",\"account\":{\"bss\":\"%s\"},"
        "\"exp\":1795256980" READER "}",
        issuer, ACCOUNT);
    return text;
}

static const char *
decide_token(const char *token)
{
    return decide(&fixture, "GET", TARGET, token);
}

static const char *
decide_header(const char *text)
{
    return decide_token(sign_token(&fixture, text, payload_of(IBM_ISSUER),
        fixture.rsa, PDP__ALG_RS256));
}

static void
every_algorithm(void **state)
{
    static const char *const names[] = {"RS256", "RS384", "RS512", "PS256",
        "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"};
    char head[128];

    (void)state;
    for (unsigned i = 0; i < 10; i++) {
        enum pdp__alg alg = (enum pdp__alg)(i + 1);
        bool ec = i >= 6 && i <= 8;
        const char *kid = ec ? "ec" : i == 9 ? "ed" : "rsa";
        EVP_PKEY *key = ec ? fixture.ec : i == 9 ? fixture.ed : fixture.rsa;
        if (i == 7 || i == 8) {
            alg = PDP__ALG_ES256; /* the P-256 key cannot do better */
        }
        snprintf(head, sizeof(head), "{\"alg\":\"%s\",\"kid\":\"%s\"}",
            names[i], kid);
        const char *reason = decide_token(sign_token(&fixture, head,
            payload_of("https://all.example"), key, alg));
        assert_reason(reason, i == 7 || i == 8 ? "alg_refused" : "permitted");
        pdp_token_info_t info = {.size = sizeof(info)};
        if (i == 7 || i == 8) {
            assert_false(pdp_decision_token(fixture.decision, &info));
            continue;
        }
        assert_true(pdp_decision_token(fixture.decision, &info));
        assert_true(info.verified);
        assert_str(info.alg, names[i]);
        assert_str(info.kid, kid);
        assert_str(info.issuer, "https://all.example");
        assert_int_equal(info.expires_sec, 1795256980);
        /* IBM's own issuer allows RS256 only. */
        assert_reason(decide_token(sign_token(&fixture, head,
                          payload_of(IBM_ISSUER), key, alg)),
            i == 0 ? "permitted" : "alg_refused");
    }
}

static void
spellings_of_none(void **state)
{
    static const char *const values[] = {"\"none\"", "\"None\"", "\"NONE\"",
        "\"nOnE\"", "\"\"", "null", "0", "[\"RS256\"]", "{}", "true",
        "\"HS256\"", "\"HS384\"", "\"HS512\"", "\"rs256\"", "\"RS256 \"",
        "\"RS2567\"", "\"RSA-OAEP\"", "\"dir\""};
    char head[128];

    (void)state;
    for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
        snprintf(head, sizeof(head), "{\"alg\":%s,\"kid\":\"rsa\"}", values[i]);
        assert_reason(decide_header(head), "alg_refused");
        /* And with nothing behind the second dot. */
        *(strrchr(fixture.token, '.') + 1) = '\0';
        assert_reason(decide_token(fixture.token), "alg_refused");
    }
    assert_reason(decide_header("{\"kid\":\"rsa\"}"), "alg_refused");
}

static void
an_empty_signature(void **state)
{
    (void)state;
    assert_reason(decide_header(RSA_HEADER), "permitted");
    *(strrchr(fixture.token, '.') + 1) = '\0';
    assert_reason(decide_token(fixture.token), "alg_refused");
}

static void
forbidden_header_members(void **state)
{
    static const char *const members[] = {"\"crit\":[]", "\"crit\":[\"exp\"]",
        "\"crit\":1", "\"b64\":false", "\"b64\":true", "\"zip\":\"DEF\"",
        "\"jwk\":{}", "\"jku\":\"https://x.example\"",
        "\"x5u\":\"https://x.example\"", "\"x5c\":[]", "\"\\u0063rit\":[]"};
    char head[256];

    (void)state;
    for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
        snprintf(head, sizeof(head), "{\"alg\":\"RS256\",\"kid\":\"rsa\",%s}",
            members[i]);
        assert_reason(decide_header(head), "token_malformed");
    }
    assert_reason(decide_header("{\"alg\":\"RS256\",\"kid\":\"rsa\","
                                "\"x\":{\"crit\":1},\"cty\":7}"),
        "permitted");
}

static void
malformed_headers(void **state)
{
    static const char *const heads[] = {"", "{", "[]", "\"RS256\"", "null",
        "{\"alg\":\"RS256\",\"alg\":\"RS256\"}",
        "{\"alg\":\"RS256\",\"\\u0061lg\":\"RS256\"}",
        "{\"alg\":\"RS256\",\"kid\":\"r\\u0000a\"}",
        "{\"alg\":\"RS256\",\"kid\":1}", "{\"alg\":\"RS256\",\"kid\":null}",
        "{\"alg\":\"RS256\",\"kid\":\"rsa\",\"typ\":1}",
        "{\"alg\":\"RS256\",\"kid\":\"rsa\"}x",
        "{\"alg\":\"RS256\",\"kid\":\"\xff\"}"};

    (void)state;
    for (size_t i = 0; i < sizeof(heads) / sizeof(heads[0]); i++) {
        assert_reason(decide_header(heads[i]), "token_malformed");
    }
}

static void
key_ids(void **state)
{
    char head[512];
    char kid[300];

    (void)state;
    assert_reason(decide_header("{\"alg\":\"RS256\",\"kid\":\"rsb\"}"),
        "key_unknown");
    assert_reason(decide_header("{\"alg\":\"RS256\",\"kid\":\"\"}"),
        "key_unknown");
    assert_reason(decide_header("{\"alg\":\"RS256\",\"kid\":\"/dev/null\"}"),
        "key_unknown");
    assert_reason(decide_header("{\"alg\":\"RS256\",\"kid\":\"RSA\"}"),
        "key_unknown");
    /* No kid: good as long as one key alone fits. */
    assert_reason(decide_header("{\"alg\":\"RS256\"}"), "permitted");
    memset(kid, 'k', sizeof(kid));
    for (size_t len = 256; len <= 257; len++) {
        snprintf(head, sizeof(head), "{\"alg\":\"RS256\",\"kid\":\"%.*s\"}",
            (int)len, kid);
        assert_reason(decide_header(head),
            len == 256 ? "key_unknown" : "token_malformed");
    }
}

static void
no_kid_and_two_keys(void **state)
{
    char jwks[TEXT_MAX] = "{\"keys\":[";
    struct document documents[] = {
        {PDP_SOURCE_TRUST, "trust.json",
            "{\"format\":\"pdp-trust/1\",\"issuers\":[{\"issuer\":"
            "\"" IBM_ISSUER "\",\"keys\":{\"file\":\"two.json\"}},"
            "{\"issuer\":\"https://x.example\",\"algorithms\":[\"RS256\"],"
            "\"audiences\":\"none\",\"typ\":\"none\","
            "\"keys\":{\"file\":\"keys.json\"}}]}"},
        {PDP_SOURCE_JWKS, "two.json", jwks},
        {PDP_SOURCE_NONE, NULL, NULL},
    };

    (void)state;
    append_jwk(jwks, fixture.rsa, NULL, "a");
    append_jwk(jwks, fixture.rogue, NULL, "b");
    append(jwks, "]}");
    load(&fixture, documents);
    assert_reason(decide_header("{\"alg\":\"RS256\"}"), "key_unknown");
    assert_reason(decide_header("{\"alg\":\"RS256\",\"kid\":\"a\"}"),
        "permitted");
    assert_reason(decide_header("{\"alg\":\"RS256\",\"kid\":\"b\"}"),
        "signature_invalid");
    setup(NULL);
}

/* The same kid at two issuers, different keys: each issuer's own only. */
static void
kid_belongs_to_its_issuer(void **state)
{
    (void)state;
    assert_reason(decide_token(sign_token(&fixture,
                      "{\"alg\":\"ES256\",\"kid\":\"rsa\"}",
                      payload_of("https://one.example"), fixture.ec,
                      PDP__ALG_ES256)),
        "permitted");
    assert_reason(decide_token(sign_token(&fixture, RSA_HEADER,
                      payload_of("https://one.example"), fixture.rsa,
                      PDP__ALG_RS256)),
        "alg_refused");
    assert_reason(decide_token(sign_token(&fixture,
                      "{\"alg\":\"ES256\",\"kid\":\"rsa\"}",
                      payload_of("https://all.example"), fixture.ec,
                      PDP__ALG_ES256)),
        "alg_refused");
    assert_reason(decide_token(
                      sign_token(&fixture, "{\"alg\":\"ES256\",\"kid\":\"ec\"}",
                          payload_of("https://one.example"), fixture.ec,
                          PDP__ALG_ES256)),
        "key_unknown");
}

static void
issuers(void **state)
{
    static const char *const values[] = {"https://iam.cloud.ibm.com/identity/",
        "https://iam.cloud.ibm.com/identit", "https://iam.cloud.ibm.com",
        "HTTPS://iam.cloud.ibm.com/identity",
        "https://iam.cloud.ibm.com/identity ", ""};

    (void)state;
    for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
        assert_reason(decide_token(sign_token(&fixture, RSA_HEADER,
                          payload_of(values[i]), fixture.rsa, PDP__ALG_RS256)),
            "issuer_untrusted");
    }
    assert_reason(decide_token(token_of(&fixture, "{\"exp\":1}")),
        "issuer_untrusted");
    assert_reason(decide_token(token_of(&fixture, "{\"iss\":7}")),
        "claim_invalid");
    assert_reason(decide_token(
                      token_of(&fixture, "{\"iss\":[\"" IBM_ISSUER "\"]}")),
        "claim_invalid");
    assert_reason(decide_token(token_of(&fixture,
                      "{\"iss\":\"" IBM_ISSUER "\\u0000\"}")),
        "token_malformed");
}

static void
forged(void **state)
{
    (void)state;
    assert_reason(decide_token(sign_token(&fixture, RSA_HEADER,
                      payload_of(IBM_ISSUER), fixture.rogue, PDP__ALG_RS256)),
        "signature_invalid");
    pdp_token_info_t info = {.size = sizeof(info)};
    pdp_principal_t principal = {.size = sizeof(principal)};
    assert_false(pdp_decision_token(fixture.decision, &info));
    assert_false(pdp_decision_principal(fixture.decision, &principal));
    assert_true(pdp_decision_offset(fixture.decision) > 0);
}

/* One changed character anywhere, and the token is no more. */
static void
every_character_counts(void **state)
{
    (void)state;
    assert_reason(decide_header(RSA_HEADER), "permitted");
    size_t len = strlen(fixture.token);
    for (size_t i = 0; i < len; i++) {
        char saved = fixture.token[i];
        fixture.token[i] = saved == 'A' ? 'B' : 'A';
        const char *reason = decide_token(fixture.token);
        assert_string_not_equal(reason, "permitted");
        assert_string_not_equal(reason, "internal");
        assert_string_not_equal(reason, "no_grant");
        fixture.token[i] = saved;
    }
    assert_reason(decide_token(fixture.token), "permitted");
}

/* Each other spelling of the same bytes is another token, and malformed:
 * padding, the other alphabet, white space, spare bits. */
static void
base64url_is_strict(void **state)
{
    static const char *const tails[] = {"=", "==", " ", "\n", "+", "/", "\t"};

    (void)state;
    assert_reason(decide_header(RSA_HEADER), "permitted");
    char *copy = strdup(fixture.token);
    size_t len = strlen(copy);
    for (size_t i = 0; i < sizeof(tails) / sizeof(tails[0]); i++) {
        memcpy(fixture.token, copy, len);
        memcpy(fixture.token + len, tails[i], strlen(tails[i]) + 1);
        assert_reason(decide_token(fixture.token), "token_malformed");
        assert_int_equal(pdp_decision_offset(fixture.decision), (int64_t)len);
    }
    fixture.token[len] = '\0';
    /* 256 bytes end in two characters with four spare bits. */
    fixture.token[len - 1]++;
    assert_reason(decide_token(fixture.token), "token_malformed");
    free(copy);
}

static void
number_of_parts(void **state)
{
    char text[TOKEN_CAP + 8];

    (void)state;
    static const char *const tokens[] = {"a", "a.b", ".", "..", "...",
        "a.b.c.d", "a.b.c.d.e", "a..c", ".b.c"};
    for (size_t i = 0; i < sizeof(tokens) / sizeof(tokens[0]); i++) {
        assert_reason(decide_token(tokens[i]), "token_malformed");
    }
    assert_reason(decide_header(RSA_HEADER), "permitted");
    snprintf(text, sizeof(text), "%s.", fixture.token);
    assert_reason(decide_token(text), "token_malformed");
    assert_int_equal(pdp_decision_offset(fixture.decision),
        (int64_t)strlen(fixture.token));
    snprintf(text, sizeof(text), "%s.a.b", fixture.token);
    assert_reason(decide_token(text), "token_malformed");
}

static void
payloads_that_are_no_object(void **state)
{
    static const char *const payloads[] = {"", "foo", "\"x\"", "[]", "1",
        "null", "{}x", "{\"iss\":\"a\",\"iss\":\"b\"}",
        "{\"a\":{\"b\":1,\"\\u0062\":2}}", "{\"a\":\"\\ud800\"}",
        "\xef\xbb\xbf{}"};

    (void)state;
    for (size_t i = 0; i < sizeof(payloads) / sizeof(payloads[0]); i++) {
        assert_reason(decide_token(token_of(&fixture, payloads[i])),
            "token_malformed");
    }
}

/* A header over 1 KiB is nobody's. */
static void
a_long_header(void **state)
{
    char head[1200];

    (void)state;
    snprintf(head, sizeof(head), "{\"alg\":\"RS256\",\"kid\":\"rsa\",\"x\":\"");
    size_t len = strlen(head);
    memset(head + len, 'x', 1024 - len - 2);
    memcpy(head + 1022, "\"}", 3);
    assert_reason(decide_header(head), "permitted");
    memcpy(head + 1022, "x\"}", 4);
    assert_reason(decide_header(head), "token_malformed");
    /* It is refused as a whole, before a byte of it is decoded. */
    assert_int_equal(pdp_decision_offset(fixture.decision), 0);
}

/* Where the byte at fault stands in the token. */
static void
offsets_in_the_parts(void **state)
{
    (void)state;
    assert_reason(decide_header(RSA_HEADER), "permitted");
    int64_t payload = (strchr(fixture.token, '.') + 1) - fixture.token;
    int64_t signature = (strrchr(fixture.token, '.') + 1) - fixture.token;
    const int64_t places[] = {0, 1, 5, payload - 2, payload, payload + 1,
        payload + 6, signature - 2, signature, signature + 7};

    for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
        char saved = fixture.token[places[i]];
        fixture.token[places[i]] = '!';
        assert_reason(decide_token(fixture.token), "token_malformed");
        assert_int_equal(pdp_decision_offset(fixture.decision), places[i]);
        fixture.token[places[i]] = saved;
    }
    /* JSON: the fourth, fifth and sixth byte are in the second quantum. */
    assert_reason(decide_header("{} x"), "token_malformed");
    assert_int_equal(pdp_decision_offset(fixture.decision), 4);
    assert_reason(decide_header("{}  x"), "token_malformed");
    assert_int_equal(pdp_decision_offset(fixture.decision), 5);
    assert_reason(decide_token(token_of(&fixture, "{}   x")),
        "token_malformed");
    payload = (strchr(fixture.token, '.') + 1) - fixture.token;
    assert_int_equal(pdp_decision_offset(fixture.decision), payload + 6);
}

static const char *
decide_claims(pdp_str_t claims)
{
    request(&fixture, "GET", TARGET);
    assert_int_equal(pdp_decide_unverified(fixture.worker, &fixture.request,
                         claims, &fixture.decision),
        PDP_OK);
    return pdp_reason_name(pdp_decision_reason(fixture.decision));
}

/* Claims that are not signed have the limit of a token. */
static void
unverified_claims_of_any_length(void **state)
{
    enum { MAX = 8192 };
    static char claims[MAX + 1];
    const char *given = payload_of(IBM_ISSUER);
    size_t len = strlen(given);

    (void)state;
    memset(claims, ' ', sizeof(claims));
    memcpy(claims, given, len);
    assert_reason(decide_claims(pdp__str(claims, len)), "permitted");
    assert_reason(decide_claims(pdp__str(claims, MAX)), "permitted");
    assert_reason(decide_claims(pdp__str(claims, MAX + 1)), "token_malformed");
    assert_int_equal(pdp_decision_offset(fixture.decision), MAX);
    assert_reason(decide_claims(pdp__str(claims, 0)), "token_malformed");
    assert_int_equal(pdp_decision_offset(fixture.decision), 0);
    assert_reason(decide_claims(str("[]")), "token_malformed");
    assert_int_equal(pdp_decision_offset(fixture.decision), 0);
    assert_reason(decide_claims(str("{\"iss\":\"https://x.example\"}")),
        "issuer_untrusted");
    assert_reason(decide_claims(str("{\"iss\":7}")), "claim_invalid");
    assert_reason(decide_claims(pdp__str(claims, len - 1)), "token_malformed");
    assert_int_equal(pdp_decision_offset(fixture.decision), (int64_t)len - 1);
    claims[MAX - 1] = '!';
    assert_reason(decide_claims(pdp__str(claims, MAX)), "token_malformed");
    assert_int_equal(pdp_decision_offset(fixture.decision), MAX - 1);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_algorithm),
        cmocka_unit_test(spellings_of_none),
        cmocka_unit_test(an_empty_signature),
        cmocka_unit_test(forbidden_header_members),
        cmocka_unit_test(malformed_headers),
        cmocka_unit_test(key_ids),
        cmocka_unit_test(no_kid_and_two_keys),
        cmocka_unit_test(kid_belongs_to_its_issuer),
        cmocka_unit_test(issuers),
        cmocka_unit_test(forged),
        cmocka_unit_test(every_character_counts),
        cmocka_unit_test(base64url_is_strict),
        cmocka_unit_test(number_of_parts),
        cmocka_unit_test(payloads_that_are_no_object),
        cmocka_unit_test(a_long_header),
        cmocka_unit_test(offsets_in_the_parts),
        cmocka_unit_test(unverified_claims_of_any_length),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
