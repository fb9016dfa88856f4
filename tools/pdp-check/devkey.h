/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#ifndef PDP__CHECK_DEVKEY_H
#define PDP__CHECK_DEVKEY_H

/*
 * Keys for development: made, read, and written as a JWK (RFC 7517).
 */

#include <jansson.h>
#include <openssl/evp.h>

#include "common/file.h"
#include "crypto/alg.h"

/* Base64url of a SHA-256 and a NUL. */
enum { PDP__THUMBPRINT_SIZE = 44 };

/* RSA sizes that the library accepts. */
enum { PDP__RSA_BITS_MIN = 2048, PDP__RSA_BITS_MAX = 8192 };

/* An algorithm by name; tells and returns NONE if there is none. */
enum pdp__alg pdp__devkey_alg(const char *name);

/* A new key for an algorithm; NULL, and told, if OpenSSL fails. */
EVP_PKEY *pdp__devkey_generate(enum pdp__alg alg, int64_t rsa_bits);

/* Reads a private key in PEM, not encrypted; NULL, and told, if it is none.
 * *pem keeps the text (pdp__file_free()). */
EVP_PKEY *pdp__devkey_read(const char *path, struct pdp__file *pem);

/* The private key in PKCS#8 PEM; false, and told, if OpenSSL fails. */
bool pdp__devkey_pem(EVP_PKEY *key, struct pdp__string *out);

/* The algorithm a key is used for unless told otherwise; NONE: it is of a
 * type or size that no algorithm here takes. */
enum pdp__alg pdp__devkey_default(const EVP_PKEY *key);

/* Whether a key fits an algorithm (RFC 7518 3, RFC 8037). */
bool pdp__devkey_fits(const EVP_PKEY *key, enum pdp__alg alg);

/* The public members that name a key: kty and, by its type, e n, crv x y or
 * crv x; given.  NULL, and told, if it is of another type. */
json_t *pdp__devkey_public(const EVP_PKEY *key);

/* RFC 7638: what identifies the key when nobody gave it a name. */
bool pdp__devkey_thumbprint(json_t *members,
    char out[static PDP__THUMBPRINT_SIZE]);

#endif
