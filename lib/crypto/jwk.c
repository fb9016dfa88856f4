/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include "crypto/key_impl.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/param_build.h>

#include "base/mem.h"
#include "crypto/weak.h"
#include "text/base64url.h"

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
 * Invariant: on any result but OK nothing is left allocated, and the error
 * queue of libcrypto is empty.
 *
 * Cost: cold.  An RSA key of 2048 bits takes a few milliseconds, one of
 * 8192 bits some hundred, nearly all in libcrypto's check.
 *
 * Not here: kid (the caller's key table), x5c and other members, which are
 * ignored (RFC 7517 4).
 */

enum {
    RSA_N_MAX = 1024 + 1, /* bytes: one above 8192 bits, for its phrase */
    RSA_E_MAX = 8,
    EC_WIDTH_MAX = 66,
    ED25519_SIGNATURE_LEN = 64
};

/* A JWK on its way; why and node are set when a step does not return OK. */
struct jwk {
    const struct pdp__json_doc *doc;
    uint32_t ix;
    const char *why;
    uint32_t node;
    struct pdp__key *key;
};

/* A member with base64url text, and what may be wrong with it. */
struct field {
    pdp_str_t name;
    const char *missing;
    const char *not_string;
    const char *not_base64url;
    const char *empty;
};

#define FIELD(name)                                                            \
    {                                                                          \
        PDP__LIT_INIT(name), name " is missing", name " is not a string",      \
            name " is not base64url without padding", name " is empty"         \
    }

static const struct field field_n = FIELD("n");
static const struct field field_e = FIELD("e");
static const struct field field_x = FIELD("x");
static const struct field field_y = FIELD("y");
static const struct field field_kty = FIELD("kty");
static const struct field field_crv = FIELD("crv");

static const char no_memory[] =
    "there is not enough memory, or libcrypto lacks the algorithm";

enum {
    RSA_ALGS = PDP__ALG_BIT(PDP__ALG_RS256) | PDP__ALG_BIT(PDP__ALG_RS384) |
               PDP__ALG_BIT(PDP__ALG_RS512) | PDP__ALG_BIT(PDP__ALG_PS256) |
               PDP__ALG_BIT(PDP__ALG_PS384) | PDP__ALG_BIT(PDP__ALG_PS512)
};

static enum pdp__key_result
end(struct jwk *jwk, enum pdp__key_result result, uint32_t node,
    const char *why)
{
    jwk->why = why;
    jwk->node = node;
    return result;
}

/* A member that must be a string and not be empty. */
static enum pdp__key_result
read_string(struct jwk *jwk, const struct field *field, uint32_t *node,
    pdp_str_t *out)
{
    *node = pdp__json_member(jwk->doc, jwk->ix, field->name);
    if (*node == 0) {
        return end(jwk, PDP__KEY_MALFORMED, jwk->ix, field->missing);
    }
    if (!pdp__json_is(jwk->doc, *node, PDP__JSON_STRING)) {
        return end(jwk, PDP__KEY_MALFORMED, *node, field->not_string);
    }
    *out = pdp__json_text(jwk->doc, *node);
    if (out->len == 0) {
        return end(jwk, PDP__KEY_MALFORMED, *node, field->empty);
    }
    return PDP__KEY_OK;
}

/* The bytes of a base64url member.  More than cap bytes is `large`, with
 * its phrase: what that means depends on the member. */
static enum pdp__key_result
read_bytes(struct jwk *jwk, const struct field *field, unsigned char *out,
    size_t cap, size_t *len, uint32_t *node, enum pdp__key_result large,
    const char *large_why)
{
    unsigned char bytes[RSA_N_MAX]; /* so that padding is called by name */
    pdp_str_t text;
    size_t error_offset;
    enum pdp__key_result result = read_string(jwk, field, node, &text);

    if (result != PDP__KEY_OK) {
        return result;
    }
    if (pdp__base64url_size(text.len) > sizeof(bytes)) {
        return end(jwk, large, *node, large_why);
    }
    if (!pdp__base64url_decode(text, bytes, sizeof(bytes), len,
            &error_offset)) {
        return end(jwk, PDP__KEY_MALFORMED, *node, field->not_base64url);
    }
    if (*len > cap) {
        return end(jwk, large, *node, large_why);
    }
    memcpy(out, bytes, *len);
    return PDP__KEY_OK;
}

static enum pdp__key_result
check_private(struct jwk *jwk)
{
    /* RFC 7518 6.2.2, 6.3.2, 6.4.1 */
    static const pdp_str_t members[] = {PDP__LIT_INIT("d"), PDP__LIT_INIT("p"),
        PDP__LIT_INIT("q"), PDP__LIT_INIT("dp"), PDP__LIT_INIT("dq"),
        PDP__LIT_INIT("qi"), PDP__LIT_INIT("oth"), PDP__LIT_INIT("k")};

    for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
        uint32_t node = pdp__json_member(jwk->doc, jwk->ix, members[i]);

        if (node != 0) {
            return end(jwk, PDP__KEY_PRIVATE, node,
                "a member of a private or symmetric key");
        }
    }
    return PDP__KEY_OK;
}

/* RFC 7517 4.2, 4.3: both say that the key is for signatures, or nothing. */
static enum pdp__key_result
check_purpose(struct jwk *jwk)
{
    const struct pdp__json_doc *doc = jwk->doc;
    uint32_t use = pdp__json_member(doc, jwk->ix, PDP__LIT("use"));
    uint32_t ops = pdp__json_member(doc, jwk->ix, PDP__LIT("key_ops"));
    bool can_verify = false;

    if (use != 0 &&
        (!pdp__json_is(doc, use, PDP__JSON_STRING) ||
            !pdp__str_eq(pdp__json_text(doc, use), PDP__LIT("sig")))) {
        return end(jwk, PDP__KEY_SKIP, use, "use is not \"sig\"");
    }
    if (ops == 0) {
        return PDP__KEY_OK;
    }
    if (!pdp__json_is(doc, ops, PDP__JSON_ARRAY)) {
        return end(jwk, PDP__KEY_SKIP, ops, "key_ops is not an array");
    }
    PDP__JSON_EACH(doc, ops, op)
    {
        if (!pdp__json_is(doc, op, PDP__JSON_STRING)) {
            return end(jwk, PDP__KEY_SKIP, op,
                "an item of key_ops is not a string");
        }
        can_verify |= pdp__str_eq(pdp__json_text(doc, op), PDP__LIT("verify"));
    }
    if (!can_verify) {
        return end(jwk, PDP__KEY_SKIP, ops, "key_ops lacks \"verify\"");
    }
    return PDP__KEY_OK;
}

/* Narrows the algorithms that fit the key to the one it names, if any. */
static enum pdp__key_result
read_alg(struct jwk *jwk, uint32_t fitting)
{
    uint32_t node = pdp__json_member(jwk->doc, jwk->ix, PDP__LIT("alg"));

    jwk->key->algs = fitting;
    if (node == 0) {
        return PDP__KEY_OK;
    }
    if (!pdp__json_is(jwk->doc, node, PDP__JSON_STRING)) {
        return end(jwk, PDP__KEY_MALFORMED, node, "alg is not a string");
    }
    enum pdp__alg alg = pdp__alg_find(pdp__json_text(jwk->doc, node));

    if (alg == PDP__ALG_NONE) {
        return end(jwk, PDP__KEY_SKIP, node, "alg is not supported");
    }
    jwk->key->algs = fitting & PDP__ALG_BIT(alg);
    if (jwk->key->algs == 0) {
        return end(jwk, PDP__KEY_MALFORMED, node,
            "alg does not fit the key type");
    }
    return PDP__KEY_OK;
}

/*
 * After a failed call: is it the key's fault?  Only if libcrypto gives a
 * reason, and it is neither memory nor its own confusion after a lack of
 * memory.  Empties the queue.
 */
static bool
blames_key(void)
{
    bool reason = false;
    bool other = false;

    for (unsigned long e = ERR_get_error(); e != 0; e = ERR_get_error()) {
        reason = true;
        other = other || ERR_GET_REASON(e) == ERR_R_MALLOC_FAILURE ||
                ERR_GET_REASON(e) == ERR_R_INTERNAL_ERROR;
    }
    return reason && !other;
}

/*
 * The key object, with libcrypto's check of public keys.  params NULL means
 * that building them failed.  refused: what it means when libcrypto does
 * not want the numbers.
 */
static enum pdp__key_result
make_pkey(struct jwk *jwk, const char *type, OSSL_PARAM *params,
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
        result = blames_key() ? refused : PDP__KEY_NOMEM;
        goto out;
    }
    check = EVP_PKEY_CTX_new_from_pkey(NULL, jwk->key->pkey, NULL);
    if (check == NULL) {
        goto out;
    }
    if (EVP_PKEY_public_check(check) != 1) {
        result = blames_key() ? refused : PDP__KEY_NOMEM;
        goto out;
    }
    result = pdp__key_prepare(jwk->key) ? PDP__KEY_OK : PDP__KEY_NOMEM;

out:
    EVP_PKEY_CTX_free(check);
    EVP_PKEY_CTX_free(make);
    if (result == PDP__KEY_NOMEM) {
        return end(jwk, result, jwk->ix, no_memory);
    }
    return result == PDP__KEY_OK ? result : end(jwk, result, node, why);
}

static enum pdp__key_result
make_rsa(struct jwk *jwk, uint32_t node, const unsigned char *n, size_t n_len,
    const unsigned char *e, size_t e_len)
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
static enum pdp__key_result
read_rsa(struct jwk *jwk)
{
    unsigned char n[RSA_N_MAX];
    unsigned char e[RSA_E_MAX];
    size_t n_len;
    size_t e_len;
    uint32_t n_node;
    uint32_t e_node;
    enum pdp__key_result result = read_alg(jwk, RSA_ALGS);

    if (result == PDP__KEY_OK) {
        result = read_bytes(jwk, &field_n, n, sizeof(n), &n_len, &n_node,
            PDP__KEY_WEAK, "n has more than 8192 bits");
    }
    if (result == PDP__KEY_OK) {
        result = read_bytes(jwk, &field_e, e, sizeof(e), &e_len, &e_node,
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
read_coordinate(struct jwk *jwk, const struct field *field, size_t width,
    const char *why, unsigned char *out)
{
    size_t len;
    uint32_t node;
    enum pdp__key_result result = read_bytes(jwk, field, out, width, &len,
        &node, PDP__KEY_MALFORMED, why);

    if (result == PDP__KEY_OK && len != width) {
        return end(jwk, PDP__KEY_MALFORMED, node, why);
    }
    return result;
}

static enum pdp__key_result
read_ec(struct jwk *jwk)
{
    /* Uncompressed, SEC 1 2.3.3: the point at infinity has no such form. */
    unsigned char point[1 + 2 * EC_WIDTH_MAX] = {4};
    pdp_str_t name;
    uint32_t node;
    enum pdp__key_result result = read_string(jwk, &field_crv, &node, &name);

    if (result != PDP__KEY_OK) {
        return result;
    }
    const struct curve *curve = find_curve(name);

    if (curve == NULL) {
        return end(jwk, PDP__KEY_SKIP, node, "crv is not supported");
    }
    size_t width = curve->width;

    result = read_alg(jwk, PDP__ALG_BIT(curve->alg));
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
static enum pdp__key_result
read_okp(struct jwk *jwk)
{
    static const char why[] = "x does not have 32 bytes";
    unsigned char x[PDP__ED25519_LEN];
    size_t len;
    pdp_str_t name;
    uint32_t node;
    enum pdp__key_result result = read_string(jwk, &field_crv, &node, &name);

    if (result != PDP__KEY_OK) {
        return result;
    }
    if (!pdp__str_eq(name, PDP__LIT("Ed25519"))) {
        return end(jwk, PDP__KEY_SKIP, node, "crv is not supported");
    }
    result = read_alg(jwk, PDP__ALG_BIT(PDP__ALG_EDDSA));
    if (result == PDP__KEY_OK) {
        result = read_bytes(jwk, &field_x, x, sizeof(x), &len, &node,
            PDP__KEY_MALFORMED, why);
    }
    if (result == PDP__KEY_OK && len != sizeof(x)) {
        result = end(jwk, PDP__KEY_MALFORMED, node, why);
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

static enum pdp__key_result
read_jwk(struct jwk *jwk)
{
    pdp_str_t kty;
    uint32_t node;

    if (!pdp__json_is(jwk->doc, jwk->ix, PDP__JSON_OBJECT)) {
        return end(jwk, PDP__KEY_MALFORMED, jwk->ix, "a key is an object");
    }
    enum pdp__key_result result = check_private(jwk);

    if (result == PDP__KEY_OK) {
        result = read_string(jwk, &field_kty, &node, &kty);
    }
    if (result != PDP__KEY_OK) {
        return result;
    }
    if (pdp__str_eq(kty, PDP__LIT("oct"))) {
        return end(jwk, PDP__KEY_PRIVATE, node, "kty is a symmetric key");
    }
    bool rsa = pdp__str_eq(kty, PDP__LIT("RSA"));
    bool ec = pdp__str_eq(kty, PDP__LIT("EC"));
    bool okp = pdp__str_eq(kty, PDP__LIT("OKP"));

    if (!rsa && !ec && !okp) {
        return end(jwk, PDP__KEY_SKIP, node, "kty is not supported");
    }
    result = check_purpose(jwk);
    if (result != PDP__KEY_OK) {
        return result;
    }
    return rsa ? read_rsa(jwk) : ec ? read_ec(jwk) : read_okp(jwk);
}

enum pdp__key_result
pdp__key_import(const struct pdp__json_doc *doc, uint32_t ix,
    struct pdp__key **out, const char **why, uint32_t *node)
{
    pdp_mem_t mem = pdp__mem_default();
    struct jwk jwk = {.doc = doc, .ix = ix, .why = no_memory, .node = ix};
    enum pdp__key_result result = PDP__KEY_NOMEM;

    ERR_clear_error();
    jwk.key = pdp__mem_alloc(&mem, sizeof(*jwk.key));
    if (jwk.key != NULL) {
        result = read_jwk(&jwk);
    }
    if (result != PDP__KEY_OK) {
        pdp__key_free(jwk.key);
        jwk.key = NULL;
        *why = jwk.why;
        *node = jwk.node;
    }
    *out = jwk.key;
    ERR_clear_error();
    return result;
}

void
pdp__key_free(struct pdp__key *key)
{
    if (key == NULL) {
        return;
    }
    pdp_mem_t mem = pdp__mem_default();

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
