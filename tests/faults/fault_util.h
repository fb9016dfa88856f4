/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#ifndef PDP_TESTS_FAULT_UTIL_H
#define PDP_TESTS_FAULT_UTIL_H

/*
 * For tests of failures inside libcrypto: a key of each type, a trust
 * document that accepts them, and for each of them a good token and a forged
 * one.  The service is the built-in one; every good token may do READ.
 * Include after cmocka.h.
 */

#include "../unit/fixture.h"

enum { KINDS = 6 };

#define READ "/api/v1/images/us.icr.io%2Fbirds%2Fx:1/json"

struct kind {
    const char *alg;
    const char *crv; /* NULL: not EC */
    const char *kid;
    enum pdp__alg id;
};

static const struct kind kinds[KINDS] = {
    {"RS256", NULL, "rsa", PDP__ALG_RS256},
    {"PS256", NULL, "rsa", PDP__ALG_PS256},
    {"ES256", "P-256", "p256", PDP__ALG_ES256},
    {"ES384", "P-384", "p384", PDP__ALG_ES384},
    {"ES512", "P-521", "p521", PDP__ALG_ES512},
    {"EdDSA", NULL, "ed", PDP__ALG_EDDSA},
};

static const char *const trust =
    "{\"format\":\"pdp-trust/1\",\"issuers\":[{\"issuer\":\"" IBM_ISSUER "\","
    "\"keys\":{\"file\":\"keys.json\"},\"algorithms\":[\"RS256\",\"PS256\","
    "\"ES256\",\"ES384\",\"ES512\",\"EdDSA\"]}]}";

static char jwks[KINDS][TEXT_MAX]; /* sets with the one key of a kind */
static char all_jwks[TEXT_MAX];    /* the set with all of them */
static char tokens[KINDS][TOKEN_CAP];
static char forged[KINDS][TOKEN_CAP];

static UNUSED EVP_PKEY *
make_pkey(const struct kind *kind)
{
    EVP_PKEY *pkey = kind->crv != NULL ? EVP_EC_gen(kind->crv)
                     : kind->id == PDP__ALG_EDDSA
                         ? EVP_PKEY_Q_keygen(NULL, NULL, "ED25519")
                         : EVP_RSA_gen(2048);

    assert_non_null(pkey);
    return pkey;
}

static UNUSED void
mint(const struct kind *kind, EVP_PKEY *pkey, const char *more, char *out)
{
    char head[128];
    char payload[TEXT_MAX] = CLAIMS;

    snprintf(head, sizeof(head), "{\"alg\":\"%s\",\"kid\":\"%s\"}", kind->alg,
        kind->kid);
    append(payload, more);
    append(payload, ",\"roles\":[\"Reader\"]}");
    memcpy(out, sign_token(&fixture, head, payload, pkey, kind->id), TOKEN_CAP);
}

/* Group set-up: keys and tokens; no snapshot. */
static UNUSED int
make_kinds(void **state)
{
    EVP_PKEY *rsa = NULL;

    (void)state;
    append(all_jwks, "{\"keys\":[");
    for (size_t i = 0; i < KINDS; i++) {
        const struct kind *kind = &kinds[i];
        bool again = kind->id == PDP__ALG_PS256;
        EVP_PKEY *pkey = again ? rsa : make_pkey(kind);
        EVP_PKEY *rogue = make_pkey(kind);

        append(jwks[i], "{\"keys\":[");
        append_jwk(jwks[i], pkey, kind->crv, kind->kid);
        append(jwks[i], "]}");
        if (!again) {
            append_jwk(all_jwks, pkey, kind->crv, kind->kid);
        }
        mint(kind, pkey, "", tokens[i]);
        mint(kind, rogue, "", forged[i]);
        EVP_PKEY_free(rogue);
        if (kind->id == PDP__ALG_RS256) {
            rsa = pkey;
        } else if (!again) {
            EVP_PKEY_free(pkey);
        }
    }
    EVP_PKEY_free(rsa);
    append(all_jwks, "]}");
    return 0;
}

/* Documents -> snapshot; *report may be NULL. */
static UNUSED pdp_status_t
build(const pdp_mem_t *mem, const char *set, pdp_snapshot_t **snapshot,
    pdp_report_t **report)
{
    const struct document documents[] = {
        {PDP_SOURCE_TRUST, "trust.json", trust},
        {PDP_SOURCE_JWKS, "keys.json", set},
    };
    pdp_loader_t *loader = NULL;
    pdp_status_t status = pdp_loader_new(mem, &loader);

    for (size_t i = 0; i < 2 && status == PDP_OK; i++) {
        pdp_source_t source = {.size = sizeof(source),
            .kind = documents[i].kind,
            .name = str(documents[i].name),
            .text = str(documents[i].text)};

        status = pdp_loader_add(loader, &source);
    }
    if (status == PDP_OK) {
        status = pdp_loader_build(loader, snapshot, report);
    }
    pdp_loader_free(loader);
    return status;
}

/* A worker that verifies each token anew (cold) or has a small cache. */
static UNUSED pdp_worker_t *
new_worker(pdp_snapshot_t *snapshot, bool cold)
{
    pdp_worker_options_t options = {.size = sizeof(options),
        .token_cache = 4,
        .no_token_cache = cold};
    pdp_worker_t *worker = NULL;

    assert_int_equal(pdp_worker_new(snapshot, NULL, &options, &worker), PDP_OK);
    return worker;
}

/* The reason for READ with a token. */
static UNUSED pdp_reason_t
ask(pdp_worker_t *worker, const char *token)
{
    fixture.worker = worker;
    request(&fixture, "GET", READ);
    bearer(&fixture, token);
    pdp_reason_t reason = judge(&fixture);

    fixture.worker = NULL;
    if (reason == PDP_REASON_INTERNAL) {
        /* A failure is nothing to remember, nor does it name anybody. */
        pdp_principal_t principal = {.size = sizeof(principal)};

        assert_int_equal(pdp_decision_cache_max_age_sec(fixture.decision), 0);
        assert_int_equal(pdp_decision_offset(fixture.decision), -1);
        assert_false(pdp_decision_principal(fixture.decision, &principal));
        assert_int_equal(pdp_decision_missing_cnt(fixture.decision), 1);
    }
    return reason;
}

#endif
