/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include "crypto/jwk_impl.h"

#include "base/mem.h"

/*
 * JWK (RFC 7517, RFC 7518 6, RFC 8037 2) -> a key that is safe to trust.
 *
 * The line of checks, each of which may end it:
 *
 *     private? -> kty -> use, key_ops -> crv -> alg -> numbers -> libcrypto
 *
 * Private members come first: a private key that was published is an alarm,
 * also where the key is for another use.  Numbers are checked on bytes,
 * before libcrypto sees them (crypto/weak.h).  Its own check of the public
 * key comes on top (point on the curve; modulus neither prime nor with a
 * small factor).
 *
 * Invariant: on any result but OK nothing is left allocated; the error queue
 * of libcrypto is as it was (crypto/errors.h).
 *
 * Cost: cold.  An RSA key of 2048 bits takes a few milliseconds, one of
 * 8192 bits some hundred, nearly all in libcrypto's check.
 *
 * Not here: kid (the caller's key table), x5c and other members, which are
 * ignored (RFC 7517 4).
 */

static const struct pdp__jwk_field field_kty = PDP__JWK_FIELD("kty");

static enum pdp__key_result
read_jwk(struct pdp__jwk *jwk)
{
    pdp_str_t kty;
    uint32_t node;

    if (!pdp__json_is(jwk->doc, jwk->ix, PDP__JSON_OBJECT)) {
        return pdp__jwk_end(jwk, PDP__KEY_MALFORMED, jwk->ix,
            "a key is an object");
    }
    enum pdp__key_result result = pdp__jwk_check_private(jwk);

    if (result == PDP__KEY_OK) {
        result = pdp__jwk_string(jwk, &field_kty, &node, &kty);
    }
    if (result != PDP__KEY_OK) {
        return result;
    }
    if (pdp__str_eq(kty, PDP__LIT("oct"))) {
        return pdp__jwk_end(jwk, PDP__KEY_PRIVATE, node,
            "kty is a symmetric key");
    }
    bool rsa = pdp__str_eq(kty, PDP__LIT("RSA"));
    bool ec = pdp__str_eq(kty, PDP__LIT("EC"));
    bool okp = pdp__str_eq(kty, PDP__LIT("OKP"));

    if (!rsa && !ec && !okp) {
        return pdp__jwk_end(jwk, PDP__KEY_SKIP, node, "kty is not supported");
    }
    result = pdp__jwk_check_purpose(jwk);
    if (result != PDP__KEY_OK) {
        return result;
    }
    return rsa ? pdp__jwk_rsa(jwk) : ec ? pdp__jwk_ec(jwk) : pdp__jwk_okp(jwk);
}

enum pdp__key_result
pdp__key_import(const struct pdp__json_doc *doc, uint32_t ix,
    const pdp_mem_t *mem, struct pdp__key **out, const char **why,
    uint32_t *node)
{
    struct pdp__jwk jwk = {.doc = doc,
        .ix = ix,
        .why = pdp__jwk_no_memory,
        .node = ix,
        .errors = pdp__errors_start()};
    enum pdp__key_result result = PDP__KEY_NOMEM;

    jwk.key = pdp__mem_alloc(mem, sizeof(*jwk.key));
    if (jwk.key != NULL) {
        jwk.key->mem = *mem;
        result = read_jwk(&jwk);
    }
    if (result != PDP__KEY_OK) {
        pdp__key_free(jwk.key);
        jwk.key = NULL;
        *why = jwk.why;
        *node = jwk.node;
    }
    *out = jwk.key;
    pdp__errors_end();
    return result;
}

void
pdp__key_free(struct pdp__key *key)
{
    if (key == NULL) {
        return;
    }
    pdp_mem_t mem = key->mem;

    for (size_t i = 0; i < PDP__ALG_COUNT; i++) {
        EVP_MD_CTX_free(key->ready[i]);
    }
    EVP_PKEY_free(key->pkey);
    pdp__mem_free(&mem, key);
}

uint32_t
pdp__key_algs(const struct pdp__key *key)
{
    return key->algs;
}
