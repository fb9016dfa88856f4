/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#ifndef PDP__CRYPTO_KEY_H
#define PDP__CRYPTO_KEY_H

/*
 * One JWK (RFC 7517) -> a public key that is safe to trust.
 *
 * OpenSSL imports keys that make any signature valid (RSA with e = 1, even
 * or tiny moduli, points at infinity, small-order Ed25519 points), so every
 * check is made here, before a key object exists:
 *   RSA      n of 2048 to 8192 bits, odd, no leading zero bytes; e odd,
 *            65537 or above, at most 32 bits
 *   EC       P-256, P-384, P-521; x and y of exactly the field's width;
 *            on the curve (EVP_PKEY_public_check), never at infinity
 *   OKP      Ed25519, 32 bytes, canonical y, none of the small-order points
 */

#include "crypto/alg.h"
#include "text/json_read.h"

struct pdp__key; /* holds an EVP_PKEY; immutable, shared between threads */

enum pdp__key_result {
    PDP__KEY_OK = 0,
    PDP__KEY_SKIP,      /* not for us: use enc, other kty, curve or alg */
    PDP__KEY_WEAK,      /* must not be trusted */
    PDP__KEY_MALFORMED, /* cannot be read */
    PDP__KEY_PRIVATE,   /* holds private or symmetric material */
    PDP__KEY_NOMEM
};

/*
 * Reads the JWK at object node ix.  On PDP__KEY_OK *out is the key (given),
 * in memory of mem, which is copied; what libcrypto needs is its own.
 * Otherwise *why is one English phrase, static, and *node the node it is
 * about.  Members we do not know are ignored (RFC 7517 4).  `key_ops`, if
 * there, must be an array of strings holding "verify" (else SKIP); `use`,
 * if there, "sig" (else SKIP).
 */
enum pdp__key_result pdp__key_import(const struct pdp__json_doc *doc,
    uint32_t ix, const pdp_mem_t *mem, struct pdp__key **out, const char **why,
    uint32_t *node);

void pdp__key_free(struct pdp__key *key); /* NULL is allowed */

/* The algorithms this key may verify: one bit if the JWK has `alg`,
 * otherwise all that fit its type (and for EC its curve). */
uint32_t pdp__key_algs(const struct pdp__key *key);

/* What is known of a signature.  Only GOOD is a yes. */
enum pdp__signature {
    PDP__SIGNATURE_UNKNOWN = 0, /* libcrypto failed, for lack of memory */
    PDP__SIGNATURE_BAD,
    PDP__SIGNATURE_GOOD
};

/*
 * Verifies a JWS signature over input.  GOOD only if OpenSSL answered
 * exactly 1, the algorithm is one of the key's, and the length of the
 * signature is exact: modulus for RSA, 64, 96 or 132 bytes for ECDSA
 * (RFC 7518 3.4, r and s), 64 for Ed25519.  PSS: MGF1 with the same hash,
 * salt as long as the hash (RFC 7518 3.5).  Thread-safe.
 */
enum pdp__signature pdp__key_judge(const struct pdp__key *key,
    enum pdp__alg alg, pdp_str_t input, const unsigned char *signature,
    size_t signature_len);

/* Yes or no. */
static inline bool
pdp__key_verify(const struct pdp__key *key, enum pdp__alg alg, pdp_str_t input,
    const unsigned char *signature, size_t signature_len)
{
    return pdp__key_judge(key, alg, input, signature, signature_len) ==
           PDP__SIGNATURE_GOOD;
}

#endif
