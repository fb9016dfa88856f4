/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
/*
 * Known failures of JWT verifiers, by number: what is left when libcrypto's
 * answer is not to be trusted.  J3 J10, T07 T33.
 *
 * Linked with -Wl,--wrap=EVP_DigestVerify, so that it answers what a test
 * wants, through whole decisions: a negative answer taken for a yes has
 * opened real gateways (J10); and with a libcrypto that says yes to all, the
 * checks around it stand alone (J3), and tokens can be made that meet in
 * every bit of the cache's hash (T33).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <limits.h>

#include "token_cases.h"

int __real_EVP_DigestVerify(EVP_MD_CTX *ctx, const unsigned char *signature,
    size_t signature_len, const unsigned char *input, size_t input_len);
int __wrap_EVP_DigestVerify(EVP_MD_CTX *ctx, const unsigned char *signature,
    size_t signature_len, const unsigned char *input, size_t input_len);

static enum { STUB_REAL, STUB_ANSWERS, STUB_FORGES } stub;
static int stub_answer; /* STUB_ANSWERS: what */
static int stub_lib;    /* with this error; 0: none */
static int stub_reason;
static const unsigned char *stub_bytes; /* STUB_FORGES: libcrypto sees these */
static size_t stub_len;
static int stub_said; /* the last answer */
static size_t stub_calls;

int
__wrap_EVP_DigestVerify(EVP_MD_CTX *ctx, const unsigned char *signature,
    size_t signature_len, const unsigned char *input, size_t input_len)
{
    stub_calls++;
    switch (stub) {
    case STUB_ANSWERS:
        if (stub_lib != 0) {
            ERR_raise(stub_lib, stub_reason);
        }
        stub_said = stub_answer;
        break;
    case STUB_FORGES:
        stub_said = __real_EVP_DigestVerify(ctx, stub_bytes, stub_len, input,
            input_len);
        break;
    case STUB_REAL:
        stub_said = __real_EVP_DigestVerify(ctx, signature, signature_len,
            input, input_len);
        break;
    }
    return stub_said;
}

static const pdp_worker_options_t no_cache = {
    .size = sizeof(pdp_worker_options_t),
    .no_token_cache = true,
};

static const pdp_worker_options_t small_cache = {
    .size = sizeof(pdp_worker_options_t),
    .token_cache = 4,
};

static void
new_worker(const pdp_worker_options_t *options)
{
    pdp_worker_free(fixture.worker);
    assert_int_equal(pdp_worker_new(fixture.snapshot, NULL, options,
                         &fixture.worker),
        PDP_OK);
}

static int
reset(void **state)
{
    (void)state;
    stub = STUB_REAL;
    stub_lib = 0;
    load_issuers(NULL);
    new_worker(&no_cache);
    return 0;
}

static bool
is_rsa(const struct signer *signer)
{
    return key_of(signer) == fixture.rsa;
}

/* The error that libcrypto leaves when a signature is bad. */
static void
stub_refuses(const struct signer *signer)
{
    stub_lib = is_rsa(signer) ? ERR_LIB_RSA : ERR_LIB_EC;
    stub_reason = is_rsa(signer) ? RSA_R_BAD_SIGNATURE : EC_R_BAD_SIGNATURE;
}

/*
 * Exactly 1 is a yes, and everything else a no.  An answer that comes with an
 * error of libcrypto's own (no memory) says nothing of the signature: denied,
 * internal, and not remembered.
 */
static void
j10_t07_an_answer_of_a_library_that_failed(void **state)
{
    static const int answers[] = {-1, 0, 2, INT_MIN, INT_MAX};

    (void)state;
    new_worker(&small_cache);
    for (size_t i = 0; i < COUNT(signers); i++) {
        token_by(&signers[i]);
        for (size_t k = 0; k < COUNT(answers); k++) {
            stub = STUB_ANSWERS;
            stub_answer = answers[k];
            stub_lib = ERR_LIB_EVP;
            stub_reason = ERR_R_MALLOC_FAILURE;
            assert_int_equal(judge_bytes(fixture.token, strlen(fixture.token)),
                PDP_REASON_INTERNAL);
            assert_false(tells_about_token());
            assert_int_equal(ERR_peek_error(), 0);
        }
        stub_lib = 0;
        stub_answer = 0;
        stub_calls = 0;
        assert_int_equal(judge_bytes(fixture.token, strlen(fixture.token)),
            PDP_REASON_SIGNATURE_INVALID);
        assert_int_equal(stub_calls, 1);
    }
}

static void
j10_t07_only_one_is_yes(void **state)
{
    static const int answers[] = {-1, 0, 2, 3, 255, 256, 257, -2, -256, INT_MAX,
        INT_MIN, 1};

    (void)state;
    for (size_t i = 0; i < COUNT(signers); i++) {
        token_by(&signers[i]);
        for (size_t k = 0; k < COUNT(answers); k++) {
            stub = STUB_ANSWERS;
            stub_answer = answers[k];
            stub_lib = 0;
            if (answers[k] == 0) {
                stub_refuses(&signers[i]);
            }
            stub_calls = 0;
            pdp_reason_t got =
                judge_bytes(fixture.token, strlen(fixture.token));
            assert_int_equal(stub_calls, 1);
            assert_int_equal(got, answers[k] == 1
                                      ? PDP_REASON_PERMITTED
                                      : PDP_REASON_SIGNATURE_INVALID);
            assert_int_equal(pdp_decision_effect(fixture.decision),
                answers[k] == 1 ? PDP_EFFECT_ALLOW : PDP_EFFECT_DENY);
            assert_int_equal(tells_about_token(), answers[k] == 1);
            assert_int_equal(ERR_peek_error(), 0); /* nothing is left */
        }
        stub = STUB_REAL;
        accept_token(fixture.token);
    }
}

/* No answer but 1 leaves anything in the cache. */
static void
j10_t07_no_other_answer_is_remembered(void **state)
{
    static const int answers[] = {-1, 0, 2};

    (void)state;
    new_worker(&small_cache);
    token_by(&signers[0]);
    stub = STUB_ANSWERS;
    for (size_t k = 0; k < COUNT(answers); k++) {
        stub_answer = answers[k];
        for (size_t round = 0; round < 3; round++) {
            stub_calls = 0;
            assert_false(pdp_reason_allows(
                judge_bytes(fixture.token, strlen(fixture.token))));
            assert_int_equal(stub_calls, 1); /* asked each time */
        }
    }
    stub_answer = 1;
    accept_token(fixture.token);
    stub_answer = -1;
    stub_calls = 0;
    accept_token(fixture.token); /* known: libcrypto is not asked */
    assert_int_equal(stub_calls, 0);
}

/* libcrypto itself, given what is no DER of r and s: it answers -1. */
static void
j10_t07_garbage_der(void **state)
{
    static const unsigned char zeros[72];
    static const unsigned char open_sequence[] = {0x30, 0x45, 0x02, 0x21};
    static const unsigned char huge_length[] = {0x30, 0x84, 0xFF, 0xFF, 0xFF,
        0xFF, 0x02, 0x01, 0x01};
    static const unsigned char trailing[] = {0x30, 0x06, 0x02, 0x01, 0x01, 0x02,
        0x01, 0x01, 0x00};
    static const unsigned char negative[] = {0x30, 0x06, 0x02, 0x01, 0xFF, 0x02,
        0x01, 0xFF};
    static const unsigned char ones[] = {0x30, 0x06, 0x02, 0x01, 0x01, 0x02,
        0x01, 0x01};
    static const struct {
        const unsigned char *bytes;
        size_t len;
        int answer;
    } garbage[] = {
        {zeros, sizeof(zeros), -1}, {zeros, 64, -1}, {zeros, 0, -1},
        {open_sequence, sizeof(open_sequence), -1},
        {huge_length, sizeof(huge_length), -1},
        {trailing, sizeof(trailing), -1}, {negative, sizeof(negative), -1},
        {ones, sizeof(ones), 0}, /* good DER, bad signature */
    };

    (void)state;
    for (size_t i = 6; i < 9; i++) { /* ES256, ES384, ES512 */
        token_by(&signers[i]);
        for (size_t k = 0; k < COUNT(garbage); k++) {
            stub = STUB_FORGES;
            stub_bytes = garbage[k].bytes;
            stub_len = garbage[k].len;
            pdp_reason_t got =
                judge_bytes(fixture.token, strlen(fixture.token));
            assert_int_equal(stub_said, garbage[k].answer);
            assert_int_equal(got, PDP_REASON_SIGNATURE_INVALID);
            assert_false(tells_about_token());
        }
    }
}

/* Keys by type and curve, and what fits them. */
static const struct kind {
    const char *crv; /* for EC */
    size_t signer;   /* whose key */
    uint32_t algs;   /* bits of signers[] */
    size_t signature_len;
} kinds[] = {
    {NULL, 0, 0x3F, 256},
    {"P-256", 6, 0x40, 64},
    {"P-384", 7, 0x80, 96},
    {"P-521", 8, 0x100, 132},
    {NULL, 9, 0x200, 64},
};

static const char *const other_algs[] = {"HS256", "HS384", "HS512", "none",
    "RSA-OAEP", "ES256K", "RS1", "rs256"};

static const char *
alg_name(size_t ix)
{
    return ix < COUNT(signers) ? signers[ix].alg
                               : other_algs[ix - COUNT(signers)];
}

enum { ALG_NAMES = COUNT(signers) + COUNT(other_algs) };

/* One key, kid "k", with `alg` if there is one, for ALL_ISSUER. */
static pdp_status_t
load_key(const struct kind *kind, const char *alg, pdp_report_t **report)
{
    char jwk[TEXT_MAX];
    char set[TEXT_MAX];
    char jwks[TEXT_MAX];
    pdp_loader_t *loader = NULL;
    pdp_source_t source = {.size = sizeof(source)};

    jwk_of(jwk, key_of(&signers[kind->signer]), kind->crv, alg);
    snprintf(set, sizeof(set), "{\"keys\":[{\"kid\":\"k\",%.4000s]}", jwk + 1);
    make_jwks(&fixture, jwks);
    unload(&fixture);
    const struct document documents[] = {
        {PDP_SOURCE_TRUST, "trust.json", token_trust},
        {PDP_SOURCE_JWKS, "keys.json", jwks},
        {PDP_SOURCE_JWKS, "all.json", set},
    };
    assert_int_equal(pdp_loader_new(NULL, &loader), PDP_OK);
    for (size_t i = 0; i < COUNT(documents); i++) {
        source.kind = documents[i].kind;
        source.name = str(documents[i].name);
        source.text = str(documents[i].text);
        assert_int_equal(pdp_loader_add(loader, &source), PDP_OK);
    }
    pdp_status_t status = pdp_loader_build(loader, &fixture.snapshot, report);
    pdp_loader_free(loader);
    if (status == PDP_OK) {
        new_worker(&no_cache);
    }
    return status;
}

/* A token with this alg, and as its signature junk of the length that the
 * key's signatures have. */
static const char *
junk_token(const char *alg, bool kid, size_t signature_len)
{
    static const unsigned char junk[256] = {0x5A};
    char head[128];
    const char *payload = payload_of(ALL_ISSUER, "");
    char *text = fixture.token;

    snprintf(head, sizeof(head), "{\"alg\":\"%s\"%s}", alg,
        kid ? ",\"kid\":\"k\"" : "");
    text[0] = '\0';
    append_base64url(text, (const unsigned char *)head, strlen(head));
    append(text, ".");
    append_base64url(text, (const unsigned char *)payload, strlen(payload));
    append(text, ".");
    append_base64url(text, junk, signature_len);
    return text;
}

/* Every algorithm against the key that is loaded: libcrypto, which would
 * say yes, is asked for those of `allowed` only. */
static void
try_each_alg(const struct kind *kind, uint32_t allowed)
{
    for (size_t h = 0; h < ALG_NAMES; h++) {
        bool known = h < COUNT(signers);
        bool fits = known && (allowed >> h & 1U) != 0;

        for (int kid = 0; kid < 2; kid++) {
            junk_token(alg_name(h), kid != 0, kind->signature_len);
            stub_calls = 0;
            if (fits) {
                accept_token(fixture.token);
            } else if (!known || kid != 0) {
                refuse(fixture.token, PDP_REASON_ALG_REFUSED, known ? -1 : 0);
            } else {
                refuse(fixture.token, PDP_REASON_KEY_UNKNOWN, -1);
            }
            assert_int_equal(stub_calls, fits);
        }
    }
}

static void
j03_key_type_is_checked_at_verification(void **state)
{
    size_t loaded = 0;

    (void)state;
    stub = STUB_ANSWERS;
    stub_answer = 1;
    for (size_t k = 0; k < COUNT(kinds); k++) {
        for (size_t a = 0; a <= ALG_NAMES; a++) { /* the last: no alg */
            const char *alg = a == ALG_NAMES ? NULL : alg_name(a);
            bool known = a < COUNT(signers);
            uint32_t algs = kinds[k].algs;
            pdp_report_t *report = NULL;
            pdp_finding_t finding;

            if (alg != NULL) {
                algs = known ? algs & UINT32_C(1) << a : 0;
            }
            pdp_status_t status = load_key(&kinds[k], alg, &report);
            if (algs == 0) {
                /* The JWK contradicts itself, or is for another use. */
                assert_int_equal(status, PDP_E_INVALID);
                assert_int_equal(pdp_report_errors(report), 1);
                find_error(report, &finding);
                assert_str(finding.code, known ? "bad_key" : "empty");
            } else {
                assert_int_equal(status, PDP_OK);
                try_each_alg(&kinds[k], algs);
                loaded++;
            }
            pdp_report_free(report);
        }
    }
    /* 7 for RSA, 2 for each of the others. */
    assert_int_equal(loaded, 7 + 4 * 2);
}

/* The issuer's list is a third condition: IBM's has RS256 only. */
static void
j03_the_list_of_the_issuer_holds_for_every_key(void **state)
{
    (void)state;
    stub = STUB_ANSWERS;
    stub_answer = 1;
    for (size_t i = 0; i < COUNT(signers); i++) {
        if (signers[i].with == PDP__ALG_ES384 ||
            signers[i].with == PDP__ALG_ES512) {
            continue; /* its keys are not the IBM issuer's */
        }
        sign_token(&fixture, header_of(&signers[i]), payload_of(IBM_ISSUER, ""),
            key_of(&signers[i]), signers[i].with);
        if (i == 0) {
            accept_token(fixture.token);
        } else {
            refuse(fixture.token, PDP_REASON_ALG_REFUSED, -1);
        }
    }
}

/*
 * Tokens of one length whose last 32 bytes are equal have one hash, whatever
 * the seed: only a libcrypto that says yes to all lets such tokens be made.
 * There are more of them than the cache has places.
 */
static void
t33_tokens_with_one_hash_do_not_share_an_entry(void **state)
{
    enum { TOKENS = 7 };
    static char tokens[TOKENS][TOKEN_CAP];
    static const unsigned char junk[256] = {0x5A};
    char payload[TEXT_MAX];

    (void)state;
    new_worker(&small_cache);
    stub = STUB_ANSWERS;
    stub_answer = 1;
    for (unsigned i = 0; i < TOKENS; i++) {
        snprintf(payload, sizeof(payload),
            "{\"iss\":\"" ALL_ISSUER "\",\"iam_id\":\"IBMid-%u\",\"account\":{"
            "\"bss\":\"" ACCOUNT "\"},\"exp\":1795256980,\"roles\":[\"%s\"]}",
            i, i % 2 == 0 ? "Reader" : "reader");
        token_of(&fixture, payload);
        memcpy(tokens[i], resign(junk, sizeof(junk)), TOKEN_CAP);
        assert_int_equal(strlen(tokens[i]), strlen(tokens[0]));
    }
    for (unsigned round = 0; round < 500; round++) {
        unsigned i = (round + round / 3) % TOKENS; /* some twice in a row */
        pdp_principal_t who = {.size = sizeof(who)};
        char id[16];

        assert_int_equal(judge_bytes(tokens[i], strlen(tokens[i])),
            i % 2 == 0 ? PDP_REASON_PERMITTED : PDP_REASON_NO_GRANT);
        assert_true(pdp_decision_principal(fixture.decision, &who));
        snprintf(id, sizeof(id), "IBMid-%u", i);
        assert_str(who.id, id);
    }
    /* And one that libcrypto refuses finds none of them. */
    stub_answer = 0;
    stub_refuses(&signers[0]);
    memcpy(fixture.token, tokens[0], TOKEN_CAP);
    fixture.token[payload_at(tokens[0]) + 70] ^= 2;
    stub_calls = 0;
    assert_false(
        pdp_reason_allows(judge_bytes(fixture.token, strlen(fixture.token))));
    assert_false(tells_about_token());
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(j03_key_type_is_checked_at_verification, reset),
        cmocka_unit_test_setup(j03_the_list_of_the_issuer_holds_for_every_key,
            reset),
        cmocka_unit_test_setup(j10_t07_only_one_is_yes, reset),
        cmocka_unit_test_setup(j10_t07_an_answer_of_a_library_that_failed,
            reset),
        cmocka_unit_test_setup(j10_t07_no_other_answer_is_remembered, reset),
        cmocka_unit_test_setup(j10_t07_garbage_der, reset),
        cmocka_unit_test_setup(t33_tokens_with_one_hash_do_not_share_an_entry,
            reset),
    };

    return cmocka_run_group_tests(tests, NULL, free_issuers);
}
