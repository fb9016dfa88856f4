/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include "crypto/key_impl.h"

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/rsa.h>

#include "crypto/errors.h"

/*
 * Signatures: yes, no, or nothing is known.
 *
 * What stops known attacks, in the order of the code:
 *   - the key decides which algorithms exist; the token's `alg` can only
 *     choose among them (RFC 8725 3.1)
 *   - lengths are exact before libcrypto sees a byte (short RSA signatures
 *     and DER in place of r and s: RFC 7518 3.4)
 *   - RSASSA-PSS: salt length and MGF1 hash are fixed (RFC 7518 3.5);
 *     libcrypto alone would accept any salt
 *   - a result other than exactly 1 is a no: garbage gives -1
 *
 * Cost: the verification itself and one copy of a prepared context.  The
 * copy fetches nothing and takes no lock: EVP_MD_CTX_copy_ex() takes its
 * source as const, reads it and adds to atomic reference counts.
 *
 * Small allocations are libcrypto's, and when they fail nothing is known of
 * the signature.  That is never a yes, and told apart from a no, so that the
 * holder of a good token is not sent away for another (crypto/errors.h).
 *
 * Not here: which key and which algorithms an issuer may use.  An ECDSA
 * signature (r, s) has a twin (r, n - s) that verifies, too: signatures and
 * whole tokens are no identities.
 */

enum { DER_MAX = 144 }; /* two 66-byte integers need 139 at most */

struct scheme {
    const char *hash; /* NULL: the scheme has its own */
    int padding;      /* RSA_PKCS1_*; 0: not RSA */
    size_t width;     /* bytes of r and of s; 0: not ECDSA */
};

static const struct scheme schemes[PDP__ALG_COUNT] = {
    [PDP__ALG_RS256] = {"SHA256", RSA_PKCS1_PADDING, 0},
    [PDP__ALG_RS384] = {"SHA384", RSA_PKCS1_PADDING, 0},
    [PDP__ALG_RS512] = {"SHA512", RSA_PKCS1_PADDING, 0},
    [PDP__ALG_PS256] = {"SHA256", RSA_PKCS1_PSS_PADDING, 0},
    [PDP__ALG_PS384] = {"SHA384", RSA_PKCS1_PSS_PADDING, 0},
    [PDP__ALG_PS512] = {"SHA512", RSA_PKCS1_PSS_PADDING, 0},
    [PDP__ALG_ES256] = {"SHA256", 0, 32},
    [PDP__ALG_ES384] = {"SHA384", 0, 48},
    [PDP__ALG_ES512] = {"SHA512", 0, 66},
    [PDP__ALG_EDDSA] = {NULL, 0, 0},
};

/* A context set up for one scheme; NULL: it cannot be. */
static EVP_MD_CTX *
prepare(EVP_PKEY *pkey, const struct scheme *scheme)
{
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    EVP_PKEY_CTX *pctx = NULL; /* part of ctx */

    if (ctx == NULL || EVP_DigestVerifyInit_ex(ctx, &pctx, scheme->hash, NULL,
                           NULL, pkey, NULL) != 1) {
        goto fail;
    }
    if (scheme->padding != 0 &&
        EVP_PKEY_CTX_set_rsa_padding(pctx, scheme->padding) != 1) {
        goto fail;
    }
    if (scheme->padding == RSA_PKCS1_PSS_PADDING &&
        (EVP_PKEY_CTX_set_rsa_pss_saltlen(pctx, RSA_PSS_SALTLEN_DIGEST) != 1 ||
            EVP_PKEY_CTX_set_rsa_mgf1_md_name(pctx, scheme->hash, NULL) != 1)) {
        goto fail;
    }
    /* The copies are used once: libcrypto need not copy them once more. */
    EVP_MD_CTX_set_flags(ctx, EVP_MD_CTX_FLAG_FINALISE);
    return ctx;

fail:
    EVP_MD_CTX_free(ctx);
    return NULL;
}

bool
pdp__key_prepare(struct pdp__key *key)
{
    for (unsigned alg = PDP__ALG_NONE + 1; alg < PDP__ALG_COUNT; alg++) {
        if ((key->algs & PDP__ALG_BIT(alg)) != 0) {
            key->ready[alg] = prepare(key->pkey, &schemes[alg]);
            if (key->ready[alg] == NULL) {
                return false;
            }
        }
    }
    return true;
}

/* r and s, width bytes each, as the DER that libcrypto wants; 0: no memory */
static size_t
ecdsa_der(const unsigned char *raw, size_t width,
    unsigned char der[static DER_MAX])
{
    size_t len = 0;
    ECDSA_SIG *pair = ECDSA_SIG_new();
    BIGNUM *r = BN_bin2bn(raw, (int)width, NULL);
    BIGNUM *s = BN_bin2bn(raw + width, (int)width, NULL);

    if (pair == NULL || r == NULL || s == NULL ||
        ECDSA_SIG_set0(pair, r, s) != 1) {
        BN_free(r);
        BN_free(s);
        goto out;
    }
    /* From here on r and s belong to pair. */
    int need = i2d_ECDSA_SIG(pair, NULL);

    if (need > 0 && need <= DER_MAX) {
        unsigned char *end = der; /* moved behind the last byte */
        int wrote = i2d_ECDSA_SIG(pair, &end);

        len = wrote == need ? (size_t)need : 0;
    }

out:
    ECDSA_SIG_free(pair);
    return len;
}

/*
 * libcrypto's answer.  Exactly 1 is a yes; every other one, 0 or not, is a no,
 * unless the errors say that libcrypto failed.  ECDSA and Ed25519 say no
 * without an error.
 */
static enum pdp__signature
ask(const EVP_MD_CTX *ready, pdp_str_t input, const unsigned char *signature,
    size_t signature_len, struct pdp__errors errors)
{
    enum pdp__signature result = PDP__SIGNATURE_UNKNOWN;
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();

    if (ctx != NULL && EVP_MD_CTX_copy_ex(ctx, ready) == 1) {
        if (EVP_DigestVerify(ctx, signature, signature_len,
                (const unsigned char *)input.ptr, input.len) == 1) {
            result = PDP__SIGNATURE_GOOD;
        } else if (pdp__errors_none(errors) ||
                   pdp__errors_blame_input(errors)) {
            result = PDP__SIGNATURE_BAD;
        }
    }
    EVP_MD_CTX_free(ctx);
    return result;
}

static enum pdp__signature
judge(const EVP_MD_CTX *ready, const struct scheme *scheme, pdp_str_t input,
    const unsigned char *signature, size_t signature_len,
    struct pdp__errors errors)
{
    unsigned char der[DER_MAX];

    if (scheme->width != 0) {
        signature_len = ecdsa_der(signature, scheme->width, der);
        signature = der;
        if (signature_len == 0) {
            return PDP__SIGNATURE_UNKNOWN;
        }
    }
    return ask(ready, input, signature, signature_len, errors);
}

enum pdp__signature
pdp__key_judge(const struct pdp__key *key, enum pdp__alg alg, pdp_str_t input,
    const unsigned char *signature, size_t signature_len)
{
    if ((unsigned)alg >= PDP__ALG_COUNT ||
        (key->algs & PDP__ALG_BIT(alg)) == 0 || key->ready[alg] == NULL ||
        signature_len != key->signature_len) {
        return PDP__SIGNATURE_BAD;
    }
    struct pdp__errors errors = pdp__errors_start();
    enum pdp__signature result = judge(key->ready[alg], &schemes[alg], input,
        signature, signature_len, errors);

    pdp__errors_end();
    return result;
}
