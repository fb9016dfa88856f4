/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include "pdp-check/devkey.h"

/*
 * Development keys.
 *
 * Only what the library itself would accept is made: RSA from 2048 bits
 * with e = 65537, the NIST curves, Ed25519.  A key that is read must not be
 * encrypted: asking for a pass phrase would hang a script.
 *
 * Numbers in a JWK have fixed widths (RFC 7518 6.2.1.2: the full field of
 * the curve; 6.3.1.1: no leading zeros for RSA), else the same key would
 * have two thumbprints.
 *
 * RFC 7638 3: the thumbprint is the SHA-256 of the required members in
 * lexical order without white space, which is what jansson writes with
 * JSON_COMPACT | JSON_SORT_KEYS for these values (plain ASCII).
 */

#include <openssl/bio.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include "common/tell.h"
#include "text/base64url.h"

enum { FIELD_MAX = PDP__RSA_BITS_MAX / 8 };

/* What an algorithm needs of a key. */
struct curve {
    enum pdp__alg alg;
    const char *group; /* as OpenSSL calls it */
    const char *name;  /* as JWK calls it */
    int width;         /* bytes of a coordinate */
};

static const struct curve curves[] = {
    {PDP__ALG_ES256, "prime256v1", "P-256", 32},
    {PDP__ALG_ES384, "secp384r1", "P-384", 48},
    {PDP__ALG_ES512, "secp521r1", "P-521", 66},
};

enum { CURVE_CNT = sizeof(curves) / sizeof(curves[0]) };

static void
tell_openssl(const char *what)
{
    char text[256] = "no reason given";
    unsigned long code = ERR_get_error();
    if (code != 0) {
        ERR_error_string_n(code, text, sizeof(text));
    }
    ERR_clear_error();
    pdp__tell("%s: %s", what, text);
}

enum pdp__alg
pdp__devkey_alg(const char *name)
{
    enum pdp__alg alg = pdp__alg_find(pdp__str_z(name));
    if (alg == PDP__ALG_NONE) {
        pdp__tell("--alg is one of RS256 RS384 RS512 PS256 PS384 PS512 ES256 "
                  "ES384 ES512 EdDSA, not '%s'",
            name);
    }
    return alg;
}

EVP_PKEY *
pdp__devkey_generate(enum pdp__alg alg, int64_t rsa_bits)
{
    EVP_PKEY *key = NULL;
    const char *group = NULL;
    for (size_t i = 0; i < CURVE_CNT; i++) {
        if (curves[i].alg == alg) {
            group = curves[i].group;
        }
    }
    if (group != NULL) {
        key = EVP_EC_gen(group);
    } else if (alg == PDP__ALG_EDDSA) {
        key = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
    } else {
        key = EVP_RSA_gen((unsigned)rsa_bits);
    }
    if (key == NULL) {
        tell_openssl("cannot make a key");
    }
    return key;
}

/* Never asks: an encrypted key is an error. */
static int
no_pass_phrase(char *buf, int size, int writing, void *user)
{
    (void)buf;
    (void)size;
    (void)writing;
    *(bool *)user = true;
    return -1;
}

EVP_PKEY *
pdp__devkey_read(const char *path, struct pdp__file *pem)
{
    enum { PEM_MAX = 1 << 16 };
    if (!pdp__file_read(path, PEM_MAX, pem)) {
        return NULL;
    }
    bool encrypted = false;
    EVP_PKEY *key = NULL;
    BIO *bio = BIO_new_mem_buf(pem->text, (int)pem->len);
    if (bio != NULL) {
        key = PEM_read_bio_PrivateKey(bio, NULL, no_pass_phrase, &encrypted);
    }
    BIO_free(bio);
    ERR_clear_error();
    if (key == NULL) {
        pdp__tell(encrypted ? "the key in '%s' is encrypted"
                            : "'%s' holds no private key in PEM",
            path);
        pdp__file_free(pem);
    }
    return key;
}

bool
pdp__devkey_pem(EVP_PKEY *key, struct pdp__string *out)
{
    BIO *bio = BIO_new(BIO_s_secmem());
    bool done = bio != NULL && PEM_write_bio_PKCS8PrivateKey(bio, key, NULL,
                                   NULL, 0, NULL, NULL) == 1;
    char *text = NULL;
    long len = done ? BIO_get_mem_data(bio, &text) : 0;
    if (len > 0) {
        pdp__string_add(out, pdp__str(text, (size_t)len));
    } else {
        tell_openssl("cannot write the key");
    }
    BIO_free(bio);
    return len > 0;
}

static const struct curve *
curve_of(const EVP_PKEY *key)
{
    char group[32] = "";
    if (!EVP_PKEY_is_a(key, "EC") ||
        EVP_PKEY_get_group_name(key, group, sizeof(group), NULL) != 1) {
        return NULL;
    }
    for (size_t i = 0; i < CURVE_CNT; i++) {
        if (strcmp(group, curves[i].group) == 0) {
            return &curves[i];
        }
    }
    return NULL;
}

enum pdp__alg
pdp__devkey_default(const EVP_PKEY *key)
{
    if (EVP_PKEY_is_a(key, "RSA")) {
        return PDP__ALG_RS256;
    }
    if (EVP_PKEY_is_a(key, "ED25519")) {
        return PDP__ALG_EDDSA;
    }
    const struct curve *curve = curve_of(key);
    return curve == NULL ? PDP__ALG_NONE : curve->alg;
}

bool
pdp__devkey_fits(const EVP_PKEY *key, enum pdp__alg alg)
{
    switch (alg) {
    case PDP__ALG_RS256:
    case PDP__ALG_RS384:
    case PDP__ALG_RS512:
    case PDP__ALG_PS256:
    case PDP__ALG_PS384:
    case PDP__ALG_PS512:
        return EVP_PKEY_is_a(key, "RSA");
    case PDP__ALG_ES256:
    case PDP__ALG_ES384:
    case PDP__ALG_ES512:
    case PDP__ALG_EDDSA:
        return pdp__devkey_default(key) == alg;
    case PDP__ALG_NONE:
    case PDP__ALG_COUNT:
        return false;
    }
    return false;
}

/* Adds bytes as base64url. */
static bool
set_bytes(json_t *members, const char *name, const unsigned char *bytes,
    size_t len)
{
    char text[(FIELD_MAX + 2) / 3 * 4 + 1];
    size_t text_len = pdp__base64url_encode(bytes, len, text, sizeof(text));
    return text_len > 0 && json_object_set_new(members, name,
                               json_stringn(text, text_len)) == 0;
}

/* Adds a number of the key, width bytes wide; width 0: as few as it takes. */
static bool
set_number(json_t *members, const char *name, const EVP_PKEY *key,
    const char *param, int width)
{
    unsigned char bytes[FIELD_MAX];
    BIGNUM *number = NULL;
    if (EVP_PKEY_get_bn_param(key, param, &number) != 1) {
        return false;
    }
    int len = width > 0 ? width : BN_num_bytes(number);
    bool done = len <= FIELD_MAX && BN_bn2binpad(number, bytes, len) == len &&
                set_bytes(members, name, bytes, (size_t)len);
    BN_free(number);
    return done;
}

static bool
set_string(json_t *members, const char *name, const char *value)
{
    return json_object_set_new(members, name, json_string(value)) == 0;
}

static bool
set_members(json_t *members, const EVP_PKEY *key)
{
    const struct curve *curve = curve_of(key);
    if (curve != NULL) {
        return set_string(members, "kty", "EC") &&
               set_string(members, "crv", curve->name) &&
               set_number(members, "x", key, OSSL_PKEY_PARAM_EC_PUB_X,
                   curve->width) &&
               set_number(members, "y", key, OSSL_PKEY_PARAM_EC_PUB_Y,
                   curve->width);
    }
    if (EVP_PKEY_is_a(key, "RSA")) {
        return set_string(members, "kty", "RSA") &&
               set_number(members, "n", key, OSSL_PKEY_PARAM_RSA_N, 0) &&
               set_number(members, "e", key, OSSL_PKEY_PARAM_RSA_E, 0);
    }
    unsigned char raw[32];
    size_t len = sizeof(raw);
    return EVP_PKEY_is_a(key, "ED25519") &&
           EVP_PKEY_get_raw_public_key(key, raw, &len) == 1 &&
           set_string(members, "kty", "OKP") &&
           set_string(members, "crv", "Ed25519") &&
           set_bytes(members, "x", raw, len);
}

json_t *
pdp__devkey_public(const EVP_PKEY *key)
{
    json_t *members = json_object();
    if (members == NULL || !set_members(members, key)) {
        json_decref(members);
        ERR_clear_error();
        pdp__tell("the key is of a type or size that no algorithm here takes");
        return NULL;
    }
    return members;
}

bool
pdp__devkey_thumbprint(json_t *members, char out[static PDP__THUMBPRINT_SIZE])
{
    unsigned char digest[32];
    size_t digest_len = 0;
    char *text = json_dumps(members, JSON_COMPACT | JSON_SORT_KEYS);
    bool done = text != NULL && EVP_Q_digest(NULL, "SHA256", NULL, text,
                                    strlen(text), digest, &digest_len) == 1;
    pdp__heap_free(text);
    size_t len = done ? pdp__base64url_encode(digest, digest_len, out,
                            PDP__THUMBPRINT_SIZE - 1)
                      : 0;
    out[len] = '\0';
    if (len == 0) {
        tell_openssl("cannot compute a thumbprint");
    }
    return len > 0;
}
