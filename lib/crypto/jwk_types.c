/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
/*
 * RSA, EC and OKP keys: from the numbers of a JWK to a key object.  Numbers
 * are checked on bytes before libcrypto sees them (crypto/weak.h): it would
 * import keys that make any signature valid.
 */

#include "crypto/jwk_impl.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/param_build.h>

#include "base/mem.h"
#include "crypto/weak.h"

enum { RSA_E_MAX = 8, EC_WIDTH_MAX = 66, ED25519_SIGNATURE_LEN = 64 };

static const struct pdp__jwk_field field_n = PDP__JWK_FIELD("n");
static const struct pdp__jwk_field field_e = PDP__JWK_FIELD("e");
static const struct pdp__jwk_field field_x = PDP__JWK_FIELD("x");
static const struct pdp__jwk_field field_y = PDP__JWK_FIELD("y");
static const struct pdp__jwk_field field_crv = PDP__JWK_FIELD("crv");

const char pdp__jwk_no_memory[] =
    "there is not enough memory, or libcrypto lacks the algorithm";

enum {
    RSA_ALGS = PDP__ALG_BIT(PDP__ALG_RS256) | PDP__ALG_BIT(PDP__ALG_RS384) |
               PDP__ALG_BIT(PDP__ALG_RS512) | PDP__ALG_BIT(PDP__ALG_PS256) |
               PDP__ALG_BIT(PDP__ALG_PS384) | PDP__ALG_BIT(PDP__ALG_PS512)
};

/*
 * The key object, with libcrypto's check of public keys.  params NULL means
 * that building them failed.  refused: what it means when libcrypto does
 * not want the numbers.
 */
static enum pdp__key_result
make_pkey(struct pdp__jwk *jwk, const char *type, OSSL_PARAM *params,
    enum pdp__key_result refused, uint32_t node, const char *why)
{
    EVP_PKEY_CTX *make = EVP_PKEY_CTX_new_from_name(NULL, type, NULL);
    EVP_PKEY_CTX *check = NULL;
    enum pdp__key_result result = PDP__KEY_NOMEM;

    if (make == NULL || params == NULL || EVP_PKEY_fromdata_init(make) != 1) {
        goto out;
    }
    if (EVP_PKEY_fromdata(make, &jwk->key->pkey, EVP_PKEY_PUBLIC_KEY, params) !=
        1) {
        result =
            pdp__errors_blame_input(jwk->errors) ? refused : PDP__KEY_NOMEM;
        goto out;
    }
    check = EVP_PKEY_CTX_new_from_pkey(NULL, jwk->key->pkey, NULL);
    if (check == NULL) {
        goto out;
    }
    if (EVP_PKEY_public_check(check) != 1) {
        result =
            pdp__errors_blame_input(jwk->errors) ? refused : PDP__KEY_NOMEM;
        goto out;
    }
    result = pdp__key_prepare(jwk->key) ? PDP__KEY_OK : PDP__KEY_NOMEM;

out:
    EVP_PKEY_CTX_free(check);
    EVP_PKEY_CTX_free(make);
    if (result == PDP__KEY_NOMEM) {
        return pdp__jwk_end(jwk, result, jwk->ix, pdp__jwk_no_memory);
    }
    return result == PDP__KEY_OK ? result
                                 : pdp__jwk_end(jwk, result, node, why);
}

static enum pdp__key_result
make_rsa(struct pdp__jwk *jwk, uint32_t node, const unsigned char *n,
    size_t n_len, const unsigned char *e, size_t e_len)
{
    OSSL_PARAM *params = NULL;
    OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
    BIGNUM *n_num = BN_bin2bn(n, (int)n_len, NULL);
    BIGNUM *e_num = BN_bin2bn(e, (int)e_len, NULL);

    if (build != NULL && n_num != NULL && e_num != NULL &&
        OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_N, n_num) == 1 &&
        OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_E, e_num) == 1) {
        params = OSSL_PARAM_BLD_to_param(build);
    }
    enum pdp__key_result result = make_pkey(jwk, "RSA", params, PDP__KEY_WEAK,
        node, "n is prime or has a small factor");

    OSSL_PARAM_free(params);
    OSSL_PARAM_BLD_free(build);
    BN_free(n_num);
    BN_free(e_num);
    return result;
}

/* RFC 7518 6.3.1 */
enum pdp__key_result
pdp__jwk_rsa(struct pdp__jwk *jwk)
{
    unsigned char n[PDP__JWK_NUMBER_MAX];
    unsigned char e[RSA_E_MAX];
    size_t n_len;
    size_t e_len;
    uint32_t n_node;
    uint32_t e_node;
    enum pdp__key_result result = pdp__jwk_alg(jwk, RSA_ALGS);

    if (result == PDP__KEY_OK) {
        result = pdp__jwk_bytes(jwk, &field_n, n, sizeof(n), &n_len, &n_node,
            PDP__KEY_WEAK, "n has more than 8192 bits");
    }
    if (result == PDP__KEY_OK) {
        result = pdp__jwk_bytes(jwk, &field_e, e, sizeof(e), &e_len, &e_node,
            PDP__KEY_WEAK, "e has more than 32 bits");
    }
    if (result == PDP__KEY_OK) {
        jwk->node = n_node;
        result = pdp__weak_modulus(n, n_len, &jwk->why);
    }
    if (result == PDP__KEY_OK) {
        jwk->node = e_node;
        result = pdp__weak_exponent(e, e_len, &jwk->why);
    }
    if (result == PDP__KEY_OK) {
        jwk->key->signature_len = n_len;
        result = make_rsa(jwk, n_node, n, n_len, e, e_len);
    }
    return result;
}

struct curve {
    pdp_str_t name;
    enum pdp__alg alg;
    size_t width; /* bytes of a coordinate */
};

static const struct curve *
find_curve(pdp_str_t name)
{
    static const struct curve curves[] = {
        {PDP__LIT_INIT("P-256"), PDP__ALG_ES256, 32},
        {PDP__LIT_INIT("P-384"), PDP__ALG_ES384, 48},
        {PDP__LIT_INIT("P-521"), PDP__ALG_ES512, 66},
    };

    for (size_t i = 0; i < sizeof(curves) / sizeof(curves[0]); i++) {
        if (pdp__str_eq(curves[i].name, name)) {
            return &curves[i];
        }
    }
    return NULL;
}

/* RFC 7518 6.2.1: x and y have exactly the width of the field. */
static enum pdp__key_result
read_coordinate(struct pdp__jwk *jwk, const struct pdp__jwk_field *field,
    size_t width, const char *why, unsigned char *out)
{
    size_t len;
    uint32_t node;
    enum pdp__key_result result = pdp__jwk_bytes(jwk, field, out, width, &len,
        &node, PDP__KEY_MALFORMED, why);

    if (result == PDP__KEY_OK && len != width) {
        return pdp__jwk_end(jwk, PDP__KEY_MALFORMED, node, why);
    }
    return result;
}

enum pdp__key_result
pdp__jwk_ec(struct pdp__jwk *jwk)
{
    /* Uncompressed, SEC 1 2.3.3: the point at infinity has no such form. */
    unsigned char point[1 + 2 * EC_WIDTH_MAX] = {4};
    pdp_str_t name;
    uint32_t node;
    enum pdp__key_result result =
        pdp__jwk_string(jwk, &field_crv, &node, &name);

    if (result != PDP__KEY_OK) {
        return result;
    }
    const struct curve *curve = find_curve(name);

    if (curve == NULL) {
        return pdp__jwk_end(jwk, PDP__KEY_SKIP, node, "crv is not supported");
    }
    size_t width = curve->width;

    result = pdp__jwk_alg(jwk, PDP__ALG_BIT(curve->alg));
    if (result == PDP__KEY_OK) {
        result = read_coordinate(jwk, &field_x, width,
            "x does not have the width of the curve", point + 1);
    }
    if (result == PDP__KEY_OK) {
        result = read_coordinate(jwk, &field_y, width,
            "y does not have the width of the curve", point + 1 + width);
    }
    if (result != PDP__KEY_OK) {
        return result;
    }
    char group[6] = {0}; /* names of JWK curves are known to libcrypto */

    memcpy(group, name.ptr, name.len);
    OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, group, 0),
        OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, point,
            1 + 2 * width),
        OSSL_PARAM_construct_end(),
    };

    jwk->key->signature_len = 2 * width; /* RFC 7518 3.4 */
    return make_pkey(jwk, "EC", params, PDP__KEY_MALFORMED, jwk->ix,
        "the point is not on the curve");
}

/* RFC 8037 2 */
enum pdp__key_result
pdp__jwk_okp(struct pdp__jwk *jwk)
{
    static const char why[] = "x does not have 32 bytes";
    unsigned char x[PDP__ED25519_LEN];
    size_t len;
    pdp_str_t name;
    uint32_t node;
    enum pdp__key_result result =
        pdp__jwk_string(jwk, &field_crv, &node, &name);

    if (result != PDP__KEY_OK) {
        return result;
    }
    if (!pdp__str_eq(name, PDP__LIT("Ed25519"))) {
        return pdp__jwk_end(jwk, PDP__KEY_SKIP, node, "crv is not supported");
    }
    result = pdp__jwk_alg(jwk, PDP__ALG_BIT(PDP__ALG_EDDSA));
    if (result == PDP__KEY_OK) {
        result = pdp__jwk_bytes(jwk, &field_x, x, sizeof(x), &len, &node,
            PDP__KEY_MALFORMED, why);
    }
    if (result == PDP__KEY_OK && len != sizeof(x)) {
        result = pdp__jwk_end(jwk, PDP__KEY_MALFORMED, node, why);
    }
    if (result == PDP__KEY_OK) {
        jwk->node = node;
        result = pdp__weak_ed25519(x, &jwk->why);
    }
    if (result != PDP__KEY_OK) {
        return result;
    }
    OSSL_PARAM params[] = {
        OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, x,
            sizeof(x)),
        OSSL_PARAM_construct_end(),
    };

    jwk->key->signature_len = ED25519_SIGNATURE_LEN;
    return make_pkey(jwk, "ED25519", params, PDP__KEY_MALFORMED, node,
        "x is not a point of the curve");
}
