/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include "pdp-check/mint.h"

/*
 * Signing of development tokens.
 *
 * By libjwt where it can, which makes every decision about such a token a
 * check of this library against another implementation; by OpenSSL for PS
 * and EdDSA, which libjwt 1.10 lacks, and for a type other than "JWT", which
 * it always writes.
 *
 * Both render header and claims with sorted members and without white
 * space, so the same key, claims and time give the same token with RS and
 * EdDSA (PS and ES signatures are random by design).
 *
 * RSASSA-PSS: MGF1 with the same hash, salt as long as the hash (RFC 7518
 * 3.5).
 */

#include <jwt.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/rsa.h>

#include "common/tell.h"
#include "text/base64url.h"

/* JWT_ALG_NONE: libjwt does not know it. */
static jwt_alg_t
libjwt_alg(enum pdp__alg alg)
{
    switch (alg) {
    case PDP__ALG_RS256:
        return JWT_ALG_RS256;
    case PDP__ALG_RS384:
        return JWT_ALG_RS384;
    case PDP__ALG_RS512:
        return JWT_ALG_RS512;
    case PDP__ALG_ES256:
        return JWT_ALG_ES256;
    case PDP__ALG_ES384:
        return JWT_ALG_ES384;
    case PDP__ALG_ES512:
        return JWT_ALG_ES512;
    case PDP__ALG_PS256:
    case PDP__ALG_PS384:
    case PDP__ALG_PS512:
    case PDP__ALG_EDDSA:
    case PDP__ALG_NONE:
    case PDP__ALG_COUNT:
        return JWT_ALG_NONE;
    }
    return JWT_ALG_NONE;
}

static const char *
typ_of(const struct pdp__mint *mint)
{
    return mint->typ == NULL ? "JWT" : mint->typ;
}

static bool
mint_libjwt(const struct pdp__mint *mint, struct pdp__string *out)
{
    jwt_t *jwt = NULL;
    char *token = NULL;
    char *claims = json_dumps(mint->claims, JSON_COMPACT);
    if (claims != NULL && jwt_new(&jwt) == 0 &&
        jwt_set_alg(jwt, libjwt_alg(mint->alg),
            (const unsigned char *)mint->pem->text, (int)mint->pem->len) == 0 &&
        (mint->kid == NULL || jwt_add_header(jwt, "kid", mint->kid) == 0) &&
        jwt_add_grants_json(jwt, claims) == 0) {
        token = jwt_encode_str(jwt);
    }
    bool done = token != NULL;
    if (done) {
        pdp__string_z(out, token);
    } else {
        pdp__tell("libjwt cannot sign these claims with this key");
    }
    pdp__heap_free(token);
    jwt_free(jwt);
    pdp__heap_free(claims);
    return done;
}

static void
add_base64url(struct pdp__string *out, const unsigned char *bytes, size_t len)
{
    size_t cap = len / 3 * 4 + 4;
    char *room = pdp__string_room(out, cap);
    out->len += pdp__base64url_encode(bytes, len, room, cap);
    out->ptr[out->len] = '\0';
}

static bool
add_json_part(struct pdp__string *out, json_t *json)
{
    char *text = json_dumps(json, JSON_COMPACT | JSON_SORT_KEYS);
    if (text != NULL) {
        add_base64url(out, (const unsigned char *)text, strlen(text));
    }
    pdp__heap_free(text);
    return text != NULL;
}

static bool
add_header(struct pdp__string *out, const struct pdp__mint *mint)
{
    json_t *header = json_object();
    bool done =
        header != NULL &&
        json_object_set_new(header, "alg",
            json_string(pdp__alg_name(mint->alg))) == 0 &&
        json_object_set_new(header, "typ", json_string(typ_of(mint))) == 0 &&
        (mint->kid == NULL ||
            json_object_set_new(header, "kid", json_string(mint->kid)) == 0) &&
        add_json_part(out, header);
    json_decref(header);
    return done;
}

static const EVP_MD *
hash_of(enum pdp__alg alg)
{
    switch (alg) {
    case PDP__ALG_RS256:
    case PDP__ALG_PS256:
    case PDP__ALG_ES256:
        return EVP_sha256();
    case PDP__ALG_RS384:
    case PDP__ALG_PS384:
    case PDP__ALG_ES384:
        return EVP_sha384();
    case PDP__ALG_RS512:
    case PDP__ALG_PS512:
    case PDP__ALG_ES512:
        return EVP_sha512();
    case PDP__ALG_EDDSA: /* hashes by itself */
    case PDP__ALG_NONE:
    case PDP__ALG_COUNT:
        return NULL;
    }
    return NULL;
}

static bool
set_padding(EVP_PKEY_CTX *settings, enum pdp__alg alg, const EVP_MD *hash)
{
    bool pss =
        alg == PDP__ALG_PS256 || alg == PDP__ALG_PS384 || alg == PDP__ALG_PS512;
    return !pss || (EVP_PKEY_CTX_set_rsa_padding(settings,
                        RSA_PKCS1_PSS_PADDING) == 1 &&
                       EVP_PKEY_CTX_set_rsa_pss_saltlen(settings,
                           RSA_PSS_SALTLEN_DIGEST) == 1 &&
                       EVP_PKEY_CTX_set_rsa_mgf1_md(settings, hash) == 1);
}

/* RFC 7518 3.4: r and s side by side, not the DER that OpenSSL writes. */
static bool
der_to_raw(const EVP_PKEY *key, unsigned char *signature, size_t *signature_len)
{
    const unsigned char *at = signature;
    int width = (EVP_PKEY_get_bits(key) + 7) / 8;
    ECDSA_SIG *parts = d2i_ECDSA_SIG(NULL, &at, (long)*signature_len);
    bool done =
        parts != NULL &&
        BN_bn2binpad(ECDSA_SIG_get0_r(parts), signature, width) == width &&
        BN_bn2binpad(ECDSA_SIG_get0_s(parts), signature + width, width) ==
            width;
    ECDSA_SIG_free(parts);
    *signature_len = 2 * (size_t)width;
    return done;
}

static bool
sign(const struct pdp__mint *mint, pdp_str_t input, unsigned char *signature,
    size_t *signature_len)
{
    const EVP_MD *hash = hash_of(mint->alg);
    EVP_PKEY_CTX *settings = NULL; /* owned by the digest context */
    EVP_MD_CTX *digest = EVP_MD_CTX_new();
    bool done =
        digest != NULL &&
        EVP_DigestSignInit(digest, &settings, hash, NULL, mint->key) == 1 &&
        set_padding(settings, mint->alg, hash) &&
        EVP_DigestSign(digest, signature, signature_len,
            (const unsigned char *)input.ptr, input.len) == 1;
    EVP_MD_CTX_free(digest);
    if (done && EVP_PKEY_is_a(mint->key, "EC")) {
        done = der_to_raw(mint->key, signature, signature_len);
    }
    return done;
}

static bool
mint_openssl(const struct pdp__mint *mint, struct pdp__string *out)
{
    unsigned char signature[PDP__RSA_BITS_MAX / 8];
    size_t signature_len = sizeof(signature);
    size_t start = out->len;
    bool done = add_header(out, mint);
    pdp__string_char(out, '.');
    done = done && add_json_part(out, mint->claims) &&
           sign(mint, pdp__str(out->ptr + start, out->len - start), signature,
               &signature_len);
    if (!done) {
        ERR_clear_error();
        pdp__tell("OpenSSL cannot sign these claims with this key");
        return false;
    }
    pdp__string_char(out, '.');
    add_base64url(out, signature, signature_len);
    return true;
}

bool
pdp__mint(const struct pdp__mint *mint, struct pdp__string *out)
{
    bool by_libjwt = libjwt_alg(mint->alg) != JWT_ALG_NONE &&
                     strcmp(typ_of(mint), "JWT") == 0;
    return by_libjwt ? mint_libjwt(mint, out) : mint_openssl(mint, out);
}
