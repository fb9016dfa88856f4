/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
/*
 * Known failures of JWT verifiers, by number: the public key as the secret
 * of an HMAC.  J2, T05.
 *
 * Whoever can check an HMAC can make one, and everybody has the public key.
 * There is no HS* in the library, so no spelling of a key is of any use; all
 * of them are tried all the same, also under the key's own algorithm.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <openssl/hmac.h>
#include <openssl/pem.h>

#include "token_cases.h"

/* What an attacker may know of a public key, as bytes. */
struct secret {
    const char *what;
    unsigned char bytes[TEXT_MAX];
    size_t len;
};

enum { SECRETS_MAX = 24 };

static struct secret secrets[SECRETS_MAX];
static size_t secret_cnt;

static void
add_secret(const char *what, const void *bytes, size_t len)
{
    assert_true(secret_cnt < SECRETS_MAX && len <= TEXT_MAX);
    struct secret *one = &secrets[secret_cnt++];

    one->what = what;
    one->len = len;
    if (len > 0) {
        memcpy(one->bytes, bytes, len);
    }
}

/* PEM or DER, whole and without the last newline. */
static void
add_bio(const char *what, BIO *bio, int wrote)
{
    char *data = NULL;
    long len = BIO_get_mem_data(bio, &data);

    assert_int_equal(wrote, 1);
    assert_true(len > 0);
    add_secret(what, data, (size_t)len);
    if (data[len - 1] == '\n') {
        add_secret(what, data, (size_t)len - 1);
    }
    BIO_free(bio);
}

static void
add_number(const char *what, const EVP_PKEY *key, const char *name)
{
    char text[TEXT_MAX] = "";
    unsigned char bytes[1024];
    BIGNUM *number = NULL;

    append_number(text, key, name, 0);
    add_secret(what, text, strlen(text));
    assert_int_equal(EVP_PKEY_get_bn_param(key, name, &number), 1);
    add_secret(what, bytes, (size_t)BN_bn2bin(number, bytes));
    BN_free(number);
}

static void
make_secrets(EVP_PKEY *key, const char *crv)
{
    static const unsigned char zeros[64];
    char jwk[TEXT_MAX];
    BIO *bio;
    unsigned char raw[133];
    size_t len = sizeof(raw);

    secret_cnt = 0;
    add_secret("empty", "", 0);
    add_secret("NUL", zeros, 1);
    add_secret("zeros", zeros, sizeof(zeros));
    bio = BIO_new(BIO_s_mem());
    add_bio("PEM", bio, PEM_write_bio_PUBKEY(bio, key));
    bio = BIO_new(BIO_s_mem());
    add_bio("DER", bio, i2d_PUBKEY_bio(bio, key));
    jwk_of(jwk, key, crv, NULL);
    add_secret("JWK", jwk, strlen(jwk));
    jwk_of(jwk, key, crv, "HS256");
    add_secret("JWK with alg", jwk, strlen(jwk));
    if (EVP_PKEY_is_a(key, "RSA")) {
        add_number("n", key, OSSL_PKEY_PARAM_RSA_N);
        add_number("e", key, OSSL_PKEY_PARAM_RSA_E);
        unsigned char *der = NULL; /* RFC 8017 A.1.1 */
        int der_len = i2d_PublicKey(key, &der);
        assert_true(der_len > 0);
        add_secret("PKCS#1 DER", der, (size_t)der_len);
        OPENSSL_free(der);
    } else if (EVP_PKEY_is_a(key, "EC")) {
        add_number("x", key, OSSL_PKEY_PARAM_EC_PUB_X);
        add_number("y", key, OSSL_PKEY_PARAM_EC_PUB_Y);
        assert_int_equal(EVP_PKEY_get_octet_string_param(key,
                             OSSL_PKEY_PARAM_PUB_KEY, raw, sizeof(raw), &len),
            1);
        add_secret("point", raw, len);
    } else {
        assert_int_equal(EVP_PKEY_get_raw_public_key(key, raw, &len), 1);
        add_secret("point", raw, len);
    }
}

/* A token with an HMAC of the secret, under the algorithm it names. */
static void
hmac_token(const char *alg, const char *kid, const char *hash,
    const struct secret *secret)
{
    char head[128];
    char text[TEXT_MAX] = "";
    unsigned char mac[EVP_MAX_MD_SIZE];
    unsigned mac_len = 0;

    snprintf(head, sizeof(head), "{\"alg\":\"%s\",\"kid\":\"%s\"}", alg, kid);
    append_base64url(text, (const unsigned char *)head, strlen(head));
    append(text, ".");
    const char *payload = payload_of(ALL_ISSUER, "");
    append_base64url(text, (const unsigned char *)payload, strlen(payload));
    assert_non_null(
        HMAC(EVP_get_digestbyname(hash), secret->bytes, (int)secret->len,
            (const unsigned char *)text, strlen(text), mac, &mac_len));
    append(text, ".");
    append_base64url(text, mac, mac_len);
    memcpy(fixture.token, text, sizeof(text));
}

static void
j02_t05_hmac_with_any_encoding_of_the_public_key(void **state)
{
    static const struct {
        const char *alg;
        const char *hash;
    } hmacs[] = {{"HS256", "SHA256"}, {"HS384", "SHA384"}, {"HS512", "SHA512"},
        {"hs256", "SHA256"}, {"HS1", "SHA1"}};
    EVP_PKEY *keys[] = {fixture.rsa, fixture.ec, p384, p521, fixture.ed};
    static const char *const kids[] = {"rsa", "ec", "p384", "p521", "ed"};
    static const char *const curves[] = {NULL, "P-256", "P-384", "P-521", NULL};
    static const char *const algs[] = {"RS256", "ES256", "ES384", "ES512",
        "EdDSA"};

    (void)state;
    for (size_t k = 0; k < COUNT(keys); k++) {
        make_secrets(keys[k], curves[k]);
        assert_true(secret_cnt >= 9);
        for (size_t i = 0; i < secret_cnt; i++) {
            for (size_t h = 0; h < COUNT(hmacs); h++) {
                hmac_token(hmacs[h].alg, kids[k], hmacs[h].hash, &secrets[i]);
                refuse(fixture.token, PDP_REASON_ALG_REFUSED, 0);
                /* The same MAC under the key's own algorithm: HMAC-SHA512
                 * has the length of an ES256 and an EdDSA signature. */
                hmac_token(algs[k], kids[k], hmacs[h].hash, &secrets[i]);
                refuse(fixture.token, PDP_REASON_SIGNATURE_INVALID,
                    (int64_t)signature_at(fixture.token));
            }
        }
    }
}

/* Nor can a trust document ask for it, or a key set bring the secret. */
static void
j02_t05_no_document_can_allow_hmac(void **state)
{
    static const struct {
        pdp_source_kind_t kind;
        const char *text;
        const char *code;
        uint32_t column;
    } cases[] = {
        {PDP_SOURCE_TRUST,
            "{\"format\":\"pdp-trust/1\",\"issuers\":[{\"issuer\":\"i\","
            "\"algorithms\":[\"HS256\"],\"audiences\":\"none\",\"typ\":"
            "\"none\",\"keys\":{\"file\":\"k\"}}]}",
            "bad_value", 64},
        {PDP_SOURCE_TRUST,
            "{\"format\":\"pdp-trust/1\",\"issuers\":[{\"issuer\":\"i\","
            "\"algorithms\":[\"none\"],\"audiences\":\"none\",\"typ\":"
            "\"none\",\"keys\":{\"file\":\"k\"}}]}",
            "bad_value", 64},
        {PDP_SOURCE_JWKS, "{\"keys\":[{\"kty\":\"oct\",\"k\":\"AAAA\"}]}",
            "private_key", 27},
        {PDP_SOURCE_JWKS, "{\"keys\":[{\"kty\":\"oct\"}]}", "private_key", 17},
        {PDP_SOURCE_JWKS,
            "{\"keys\":[{\"kty\":\"oct\",\"k\":\"\",\"alg\":\"HS256\"}]}",
            "private_key", 27},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        pdp_loader_t *loader = NULL;
        pdp_snapshot_t *snapshot = NULL;
        pdp_report_t *report = NULL;
        pdp_source_t source = {.size = sizeof(source),
            .kind = cases[i].kind,
            .name = str("k"),
            .text = str(cases[i].text)};

        assert_int_equal(pdp_loader_new(NULL, &loader), PDP_OK);
        assert_int_equal(pdp_loader_add(loader, &source), PDP_OK);
        if (cases[i].kind == PDP_SOURCE_TRUST) {
            char jwks[TEXT_MAX];
            make_jwks(&fixture, jwks);
            source.kind = PDP_SOURCE_JWKS;
            source.text = str(jwks);
            assert_int_equal(pdp_loader_add(loader, &source), PDP_OK);
        }
        assert_int_equal(pdp_loader_build(loader, &snapshot, &report),
            PDP_E_INVALID);
        assert_null(snapshot);
        assert_only_error(report, cases[i].code, 1, cases[i].column);
        pdp_report_free(report);
        pdp_loader_free(loader);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(j02_t05_hmac_with_any_encoding_of_the_public_key),
        cmocka_unit_test(j02_t05_no_document_can_allow_hmac),
    };

    return cmocka_run_group_tests(tests, load_issuers, free_issuers);
}
