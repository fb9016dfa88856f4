/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#ifndef PDP_TESTS_TOKEN_CASES_H
#define PDP_TESTS_TOKEN_CASES_H

/*
 * For the named tests of tokens: issuers of every kind, tokens of any bytes,
 * and one assertion for all refusals.
 *
 * A refused token must give the exact reason, the exact offset, the status
 * 401, and neither a principal nor a word about the token: nothing of an
 * unverified token is handed out.  Tokens are judged from heap blocks of
 * exactly their length, so that sanitizers see a read of one byte too many.
 *
 * Include after cmocka.h.
 */

#include "../unit/fixture.h"

#define TARGET "/api/v1/auth" /* anybody of the account with Reader */
#define READER ",\"roles\":[\"Reader\"]"
#define RSA_HEADER "{\"alg\":\"RS256\",\"kid\":\"rsa\"}"
#define ALL_ISSUER "https://all.example"
#define AUD_ISSUER "https://aud.example"
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* exp of CLAIMS and of payload_of() */
#define EXPIRES INT64_C(1795256980)

/* IBM's with its default rules; one that allows all; one that asks for all. */
static UNUSED const char *const token_trust =
    "{\"format\":\"pdp-trust/1\",\"issuers\":["
    "{\"issuer\":\"" IBM_ISSUER "\",\"keys\":{\"file\":\"keys.json\"}},"
    "{\"issuer\":\"" ALL_ISSUER "\",\"keys\":{\"file\":\"all.json\"},"
    "\"algorithms\":[\"RS256\",\"RS384\",\"RS512\",\"PS256\",\"PS384\","
    "\"PS512\",\"ES256\",\"ES384\",\"ES512\",\"EdDSA\"],"
    "\"audiences\":\"none\",\"typ\":\"none\"},"
    "{\"issuer\":\"" AUD_ISSUER "\",\"keys\":{\"file\":\"keys.json\"},"
    "\"algorithms\":[\"RS256\"],\"audiences\":[\"pdp\",\"https://a.example\"],"
    "\"typ\":\"at+jwt\"}]}";

/* Keys beside those of the fixture: kids "p384" and "p521" of ALL_ISSUER. */
static UNUSED EVP_PKEY *p384;
static UNUSED EVP_PKEY *p521;

/* The keys of ALL_ISSUER as a set. */
static UNUSED void
make_all_jwks(char *set)
{
    make_keys(&fixture);
    if (p384 == NULL) {
        p384 = EVP_EC_gen("P-384");
        p521 = EVP_EC_gen("P-521");
    }
    assert_non_null(p384);
    assert_non_null(p521);
    memcpy(set, "{\"keys\":[", 10);
    append_jwk(set, fixture.rsa, NULL, "rsa");
    append_jwk(set, fixture.ec, "P-256", "ec");
    append_jwk(set, fixture.ed, NULL, "ed");
    append_jwk(set, p384, "P-384", "p384");
    append_jwk(set, p521, "P-521", "p521");
    append(set, "]}");
}

static UNUSED int
load_issuers(void **state)
{
    static char all[TEXT_MAX];
    const struct document documents[] = {
        {PDP_SOURCE_TRUST, "trust.json", token_trust},
        {PDP_SOURCE_JWKS, "all.json", all},
        {PDP_SOURCE_NONE, NULL, NULL},
    };

    (void)state;
    make_all_jwks(all);
    load(&fixture, documents);
    return 0;
}

static UNUSED int
free_issuers(void **state)
{
    EVP_PKEY_free(p384);
    EVP_PKEY_free(p521);
    p384 = NULL;
    p521 = NULL;
    return teardown(state);
}

/* A good payload of an issuer, with more members (",\"x\":1"). */
static UNUSED const char *
payload_of(const char *issuer, const char *more)
{
    static char text[TEXT_MAX];

    snprintf(text, sizeof(text),
        "{\"iss\":\"%s\",\"iam_id\":\"IBMid-1\",\"account\":{\"bss\":\"%s\"},"
        "\"exp\":1795256980" READER "%s}",
        issuer, ACCOUNT, more);
    return text;
}

/* A kid and alg with the key and the way to sign. */
struct signer {
    const char *alg;
    const char *kid;
    enum pdp__alg with;
};

static UNUSED const struct signer signers[] = {
    {"RS256", "rsa", PDP__ALG_RS256},
    {"RS384", "rsa", PDP__ALG_RS384},
    {"RS512", "rsa", PDP__ALG_RS512},
    {"PS256", "rsa", PDP__ALG_PS256},
    {"PS384", "rsa", PDP__ALG_PS384},
    {"PS512", "rsa", PDP__ALG_PS512},
    {"ES256", "ec", PDP__ALG_ES256},
    {"ES384", "p384", PDP__ALG_ES384},
    {"ES512", "p521", PDP__ALG_ES512},
    {"EdDSA", "ed", PDP__ALG_EDDSA},
};

static UNUSED EVP_PKEY *
key_of(const struct signer *signer)
{
    switch (signer->with) {
    case PDP__ALG_ES256:
        return fixture.ec;
    case PDP__ALG_ES384:
        return p384;
    case PDP__ALG_ES512:
        return p521;
    case PDP__ALG_EDDSA:
        return fixture.ed;
    default:
        return fixture.rsa;
    }
}

static UNUSED const char *
header_of(const struct signer *signer)
{
    static char text[128];

    snprintf(text, sizeof(text), "{\"alg\":\"%s\",\"kid\":\"%s\"}", signer->alg,
        signer->kid);
    return text;
}

/* A good token of ALL_ISSUER in fixture.token. */
static UNUSED const char *
token_by(const struct signer *signer)
{
    return sign_token(&fixture, header_of(signer), payload_of(ALL_ISSUER, ""),
        key_of(signer), signer->with);
}

/* A good token of the IBM issuer but for its header. */
static UNUSED const char *
token_headed(const char *header)
{
    return sign_token(&fixture, header, payload_of(IBM_ISSUER, ""), fixture.rsa,
        PDP__ALG_RS256);
}

/* Where the payload and the signature of a token begin. */
static UNUSED size_t
payload_at(const char *token)
{
    return (size_t)(strchr(token, '.') - token) + 1;
}

static UNUSED size_t
signature_at(const char *token)
{
    return (size_t)(strrchr(token, '.') - token) + 1;
}

/* fixture.token with other bytes as its signature. */
static UNUSED const char *
resign(const unsigned char *signature, size_t len)
{
    char *text = fixture.token;
    size_t at = signature_at(text);

    assert_true(at + len * 4 / 3 + 4 < sizeof(fixture.token));
    at += pdp__base64url_encode(signature, len, text + at,
        sizeof(fixture.token) - 1 - at);
    text[at] = '\0';
    return text;
}

/* The bytes of the signature of fixture.token. */
static UNUSED size_t
signature_of(unsigned char *out, size_t cap)
{
    size_t len = 0;
    size_t bad = 0;

    assert_true(
        pdp__base64url_decode(str(fixture.token + signature_at(fixture.token)),
            out, cap, &len, &bad));
    return len;
}

/* Four characters of a token stand for three bytes of its JSON. */
static UNUSED int64_t
json_offset(size_t part_at, size_t json_at)
{
    return (int64_t)(part_at + json_at / 3 * 4 + json_at % 3);
}

/* Judges an Authorization value of exactly these bytes. */
static UNUSED pdp_reason_t
judge_value(const char *value, size_t len)
{
    char *exact = malloc(len == 0 ? 1 : len);

    assert_non_null(exact);
    if (len > 0) {
        memcpy(exact, value, len);
    }
    request(&fixture, "GET", TARGET);
    header(&fixture, "Authorization", "");
    fixture.headers[0].value = (pdp_str_t){exact, len};
    pdp_reason_t reason = judge(&fixture);
    free(exact);
    return reason;
}

static UNUSED pdp_reason_t
judge_bytes(const char *token, size_t len)
{
    char *value = malloc(len + 7);

    assert_non_null(value);
    memcpy(value, "Bearer ", 7);
    memcpy(value + 7, token, len);
    pdp_reason_t reason = judge_value(value, len + 7);
    free(value);
    return reason;
}

/* Whether the last decision hands out a principal or something about the
 * token. */
static UNUSED bool
tells_about_token(void)
{
    pdp_token_info_t info = {.size = sizeof(info)};
    pdp_principal_t who = {.size = sizeof(who)};

    return pdp_decision_token(fixture.decision, &info) ||
           pdp_decision_principal(fixture.decision, &who);
}

/* The last decision is this refusal, with nothing handed out. */
static UNUSED void
assert_refused(pdp_reason_t got, pdp_reason_t reason, int64_t offset,
    const char *what)
{
    if (got != reason || pdp_decision_offset(fixture.decision) != offset) {
        fail_msg("%s: %s at %lld, not %s at %lld", what, pdp_reason_name(got),
            (long long)pdp_decision_offset(fixture.decision),
            pdp_reason_name(reason), (long long)offset);
    }
    assert_int_equal(pdp_reason_status(got), 401);
    assert_int_equal(pdp_decision_effect(fixture.decision), PDP_EFFECT_DENY);
    assert_false(tells_about_token());
}

static UNUSED void
refuse_bytes(const char *token, size_t len, pdp_reason_t reason, int64_t offset)
{
    assert_refused(judge_bytes(token, len), reason, offset, token);
}

static UNUSED void
refuse(const char *token, pdp_reason_t reason, int64_t offset)
{
    refuse_bytes(token, strlen(token), reason, offset);
}

/* The first error of a report. */
static UNUSED void
find_error(const pdp_report_t *report, pdp_finding_t *out)
{
    for (size_t i = 0; i < pdp_report_count(report); i++) {
        out->size = sizeof(*out);
        assert_int_equal(pdp_report_at(report, i, out), PDP_OK);
        if (out->severity == PDP_SEVERITY_ERROR) {
            return;
        }
    }
    fail_msg("no error");
}

/* The report has one error, and this is it. */
static UNUSED void
assert_only_error(const pdp_report_t *report, const char *code, uint32_t line,
    uint32_t column)
{
    pdp_finding_t finding;

    assert_int_equal(pdp_report_errors(report), 1);
    find_error(report, &finding);
    assert_str(finding.code, code);
    assert_int_equal(finding.line, line);
    assert_int_equal(finding.column, column);
}

/* The control of a test: what must be accepted, so that the refusals beside
 * it mean something. */
static UNUSED void
accept_token(const char *token)
{
    assert_reason(pdp_reason_name(judge_bytes(token, strlen(token))),
        "permitted");
}

#endif
