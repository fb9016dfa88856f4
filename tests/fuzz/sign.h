/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#ifndef PDP_TESTS_FUZZ_SIGN_H
#define PDP_TESTS_FUZZ_SIGN_H

/*
 * Tokens for fuzz targets, signed with Ed25519, which costs little and is
 * the same in every run.  Two keys: `good`, whose public half is in
 * good_keys under the kid "k", and `rogue`, which nobody trusts; a token of
 * the rogue must never count as verified, whatever documents were loaded
 * and whatever the request is.  Private halves are 32 equal bytes: nothing
 * that is called secret here is worth anything.
 */

#include <openssl/evp.h>

#include "fuzz.h"
#include "text/base64url.h"

/* The time of all decisions: 2026-11-21T09:30:00Z. */
#define FUZZ_NOW INT64_C(1795253400)

enum { GOOD_BYTE = 0x47, ROGUE_BYTE = 0x52, SIGN_CAP = 1 << 17 };

/* The key whose private half is 32 times this byte. */
static inline EVP_PKEY *
fuzz_key(int byte)
{
    unsigned char secret[32];
    memset(secret, byte, sizeof(secret));
    EVP_PKEY *key = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, secret,
        sizeof(secret));
    MUST(key != NULL);
    return key;
}

/* {"keys":[...]} with the public half; static, made once. */
static inline const char *
good_keys(void)
{
    static char text[256];
    if (text[0] == '\0') {
        unsigned char bytes[32];
        char x[64] = "";
        size_t len = sizeof(bytes);
        EVP_PKEY *key = fuzz_key(GOOD_BYTE);
        MUST(EVP_PKEY_get_raw_public_key(key, bytes, &len) == 1);
        EVP_PKEY_free(key);
        MUST(pdp__base64url_encode(bytes, len, x, sizeof(x)) == 43);
        (void)snprintf(text, sizeof(text),
            "{\"keys\":[{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"kid\":\"k\","
            "\"x\":\"%s\"}]}",
            x);
    }
    return text;
}

static inline size_t
append_part(char *out, size_t used, const void *bytes, size_t len)
{
    MUST(used + len / 3 * 4 + 4 < SIGN_CAP);
    return used +
           pdp__base64url_encode(bytes, len, out + used, len / 3 * 4 + 4);
}

/*
 * "Bearer " header "." payload "." signature into out, of SIGN_CAP bytes;
 * the length of it.  which: GOOD_BYTE or ROGUE_BYTE.
 */
static inline size_t
sign_token(int which, pdp_str_t header, pdp_str_t payload, char *out)
{
    static const char scheme[] = "Bearer ";
    static EVP_PKEY *keys[256];
    unsigned char signature[64];
    size_t len = sizeof(signature);
    size_t start = sizeof(scheme) - 1;

    if (keys[which] == NULL) {
        keys[which] = fuzz_key(which);
    }
    memcpy(out, scheme, start);
    size_t used = append_part(out, start, header.ptr, header.len);
    out[used++] = '.';
    used = append_part(out, used, payload.ptr, payload.len);
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    MUST(ctx != NULL);
    MUST(EVP_DigestSignInit(ctx, NULL, NULL, NULL, keys[which]) == 1);
    MUST(EVP_DigestSign(ctx, signature, &len, (unsigned char *)out + start,
             used - start) == 1);
    EVP_MD_CTX_free(ctx);
    out[used++] = '.';
    return append_part(out, used, signature, len);
}

#endif
