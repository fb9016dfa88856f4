/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#ifndef PDP_TESTS_KEY_UTIL_H
#define PDP_TESTS_KEY_UTIL_H

/*
 * For tests of keys and signatures: JWK text -> import, libcrypto key ->
 * JWK text, signing in the JWS way (also in wrong ways), and memory of
 * libcrypto that fails on demand.
 * Include after cmocka.h.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>

#include "base/mem.h"
#include "crypto/key.h"
#include "text/base64url.h"
#include "text/json_read.h"

#define UNUSED __attribute__((unused))

enum { TEXT_MAX = 8192, NODES_MAX = 256 };

/* A JWK that was read, and what the import said about it. */
struct imported {
    char text[TEXT_MAX];
    struct pdp__json nodes[NODES_MAX];
    struct pdp__json_doc doc;
    enum pdp__key_result result;
    struct pdp__key *key;
    const char *why;
    uint32_t node;
};

/* Imports the JWK; the text must be JSON.  Free key with pdp__key_free(). */
static UNUSED void
import_jwk(struct imported *in, const char *text)
{
    size_t len = strlen(text);

    assert_true(len < TEXT_MAX);
    memcpy(in->text, text, len + 1);
    assert_true(pdp__json_read(in->text, len, in->nodes, NODES_MAX, &in->doc));
    in->key = NULL;
    in->why = NULL;
    in->node = UINT32_MAX;
    pdp_mem_t mem = pdp__mem_default();

    in->result =
        pdp__key_import(&in->doc, 0, &mem, &in->key, &in->why, &in->node);
    assert_int_equal(in->result == PDP__KEY_OK, in->key != NULL);
    assert_int_equal(in->result == PDP__KEY_OK, in->why == NULL);
    assert_int_equal(ERR_peek_error(), 0);
}

static UNUSED struct pdp__key *
must_import(const char *text)
{
    struct imported in;

    import_jwk(&in, text);
    if (in.result != PDP__KEY_OK) {
        fail_msg("%s: %s", in.why, text);
    }
    return in.key;
}

/* Appends the bytes as base64url. */
static UNUSED void
append_base64url(char *text, const unsigned char *bytes, size_t len)
{
    size_t used = strlen(text);
    size_t wrote =
        pdp__base64url_encode(bytes, len, text + used, TEXT_MAX - 1 - used);

    assert_true(wrote > 0 || len == 0);
    text[used + wrote] = '\0';
}

static UNUSED void
append(char *text, const char *more)
{
    size_t used = strlen(text);

    assert_true(used + strlen(more) < TEXT_MAX);
    memcpy(text + used, more, strlen(more) + 1);
}

/* The big-endian number `name` of a key, in width bytes (0: as few as it
 * takes), as base64url. */
static UNUSED void
append_number(char *text, const EVP_PKEY *pkey, const char *name, int width)
{
    unsigned char bytes[2048];
    BIGNUM *number = NULL;

    assert_int_equal(EVP_PKEY_get_bn_param(pkey, name, &number), 1);
    int len = width == 0 ? BN_num_bytes(number) : width;
    assert_int_equal(BN_bn2binpad(number, bytes, len), len);
    append_base64url(text, bytes, (size_t)len);
    BN_free(number);
}

static UNUSED int
curve_width(const char *crv)
{
    return strcmp(crv, "P-256") == 0 ? 32 : strcmp(crv, "P-384") == 0 ? 48 : 66;
}

/* The public JWK of a key; crv for EC only; alg may be NULL. */
static UNUSED void
jwk_of(char *text, const EVP_PKEY *pkey, const char *crv, const char *alg)
{
    text[0] = '\0';
    append(text, "{");
    if (alg != NULL) {
        append(text, "\"alg\":\"");
        append(text, alg);
        append(text, "\",");
    }
    if (EVP_PKEY_is_a(pkey, "RSA")) {
        append(text, "\"kty\":\"RSA\",\"n\":\"");
        append_number(text, pkey, OSSL_PKEY_PARAM_RSA_N, 0);
        append(text, "\",\"e\":\"");
        append_number(text, pkey, OSSL_PKEY_PARAM_RSA_E, 0);
    } else if (EVP_PKEY_is_a(pkey, "EC")) {
        append(text, "\"kty\":\"EC\",\"crv\":\"");
        append(text, crv);
        append(text, "\",\"x\":\"");
        append_number(text, pkey, OSSL_PKEY_PARAM_EC_PUB_X, curve_width(crv));
        append(text, "\",\"y\":\"");
        append_number(text, pkey, OSSL_PKEY_PARAM_EC_PUB_Y, curve_width(crv));
    } else {
        unsigned char x[32];
        size_t len = sizeof(x);

        assert_int_equal(EVP_PKEY_get_raw_public_key(pkey, x, &len), 1);
        append(text, "\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"");
        append_base64url(text, x, len);
    }
    append(text, "\"}");
}

/* How to sign; salt and mgf1 (NULL: as hash) for PSS only. */
struct manner {
    enum pdp__alg alg;
    const char *hash;
    int padding; /* 0: not RSA */
    int salt;
    const char *mgf1;
    size_t width; /* of r and s; 0: not ECDSA */
};

static UNUSED const struct manner manners[] = {
    {PDP__ALG_RS256, "SHA256", RSA_PKCS1_PADDING, 0, NULL, 0},
    {PDP__ALG_RS384, "SHA384", RSA_PKCS1_PADDING, 0, NULL, 0},
    {PDP__ALG_RS512, "SHA512", RSA_PKCS1_PADDING, 0, NULL, 0},
    {PDP__ALG_PS256, "SHA256", RSA_PKCS1_PSS_PADDING, 32, NULL, 0},
    {PDP__ALG_PS384, "SHA384", RSA_PKCS1_PSS_PADDING, 48, NULL, 0},
    {PDP__ALG_PS512, "SHA512", RSA_PKCS1_PSS_PADDING, 64, NULL, 0},
    {PDP__ALG_ES256, "SHA256", 0, 0, NULL, 32},
    {PDP__ALG_ES384, "SHA384", 0, 0, NULL, 48},
    {PDP__ALG_ES512, "SHA512", 0, 0, NULL, 66},
    {PDP__ALG_EDDSA, NULL, 0, 0, NULL, 0},
};

/* What libcrypto makes of it: DER for ECDSA.  Returns the length. */
static UNUSED size_t
sign_plain(EVP_PKEY *pkey, const struct manner *manner, pdp_str_t input,
    unsigned char *out, size_t cap)
{
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    EVP_PKEY_CTX *pctx = NULL;
    size_t len = cap;

    assert_non_null(ctx);
    assert_int_equal(EVP_DigestSignInit_ex(ctx, &pctx, manner->hash, NULL, NULL,
                         pkey, NULL),
        1);
    if (manner->padding != 0) {
        assert_int_equal(EVP_PKEY_CTX_set_rsa_padding(pctx, manner->padding),
            1);
    }
    if (manner->padding == RSA_PKCS1_PSS_PADDING) {
        assert_int_equal(EVP_PKEY_CTX_set_rsa_pss_saltlen(pctx, manner->salt),
            1);
        assert_int_equal(EVP_PKEY_CTX_set_rsa_mgf1_md_name(pctx,
                             manner->mgf1 == NULL ? manner->hash : manner->mgf1,
                             NULL),
            1);
    }
    assert_int_equal(EVP_DigestSign(ctx, out, &len,
                         (const unsigned char *)input.ptr, input.len),
        1);
    EVP_MD_CTX_free(ctx);
    return len;
}

/* A signature as a JWS has it. */
static UNUSED size_t
sign_jws(EVP_PKEY *pkey, const struct manner *manner, pdp_str_t input,
    unsigned char *out, size_t cap)
{
    size_t len = sign_plain(pkey, manner, input, out, cap);

    if (manner->width == 0) {
        return len;
    }
    const unsigned char *der = out;
    ECDSA_SIG *pair = d2i_ECDSA_SIG(NULL, &der, (long)len);

    assert_non_null(pair);
    assert_true(cap >= 2 * manner->width);
    assert_true(
        BN_bn2binpad(ECDSA_SIG_get0_r(pair), out, (int)manner->width) > 0);
    assert_true(BN_bn2binpad(ECDSA_SIG_get0_s(pair), out + manner->width,
                    (int)manner->width) > 0);
    ECDSA_SIG_free(pair);
    return 2 * manner->width;
}

/* Memory of libcrypto: fails at call number crypto_fail_at (0: never). */
static size_t crypto_calls UNUSED;
static size_t crypto_fail_at UNUSED;

/* Counts only while failing is on: then there is one thread. */
static UNUSED bool
crypto_fails(void)
{
    return crypto_fail_at != 0 && ++crypto_calls == crypto_fail_at;
}

static UNUSED void *
crypto_malloc(size_t size, const char *file, int line)
{
    (void)file;
    (void)line;
    return crypto_fails() ? NULL : malloc(size);
}

static UNUSED void *
crypto_realloc(void *ptr, size_t size, const char *file, int line)
{
    (void)file;
    (void)line;
    return crypto_fails() ? NULL : realloc(ptr, size);
}

static UNUSED void
crypto_free(void *ptr, const char *file, int line)
{
    (void)file;
    (void)line;
    free(ptr);
}

/* Before anything else of libcrypto is called. */
static UNUSED void
wrap_crypto_memory(void)
{
    if (CRYPTO_set_mem_functions(crypto_malloc, crypto_realloc, crypto_free) !=
        1) {
        abort();
    }
}

#endif
