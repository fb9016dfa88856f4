/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include "crypto/key_impl.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "key_util.h"

/*
 * Import of JWKs: the exact result, phrase and member of each refusal.
 *
 * Cases are JSON in which $N, $E (RSA), $X256, $Y256, ... (EC) and $XED
 * stand for numbers of good keys, made once; $n and the like would not be
 * read by people anyway.
 */

enum {
    RSA_ALGS = PDP__ALG_BIT(PDP__ALG_RS256) | PDP__ALG_BIT(PDP__ALG_RS384) |
               PDP__ALG_BIT(PDP__ALG_RS512) | PDP__ALG_BIT(PDP__ALG_PS256) |
               PDP__ALG_BIT(PDP__ALG_PS384) | PDP__ALG_BIT(PDP__ALG_PS512)
};

/* A name in the cases, and the base64url text it stands for. */
struct number {
    const char *name;
    char text[TEXT_MAX];
};

static struct number numbers[] = {
    {"$N8192", ""}, /* longest names first */
    {"$N8193", ""},
    {"$N2047", ""},
    {"$NPRIME", ""},
    {"$NSMALL", ""},
    {"$NZERO", ""},
    {"$NEVEN", ""},
    {"$NHUGE", ""},
    {"$X256SHORT", ""},
    {"$X256LONG", ""},
    {"$X521SHORT", ""},
    {"$Y256OFF", ""},
    {"$ZERO32", ""},
    {"$ONES32", ""},
    {"$XEDLONG", ""},
    {"$XEDSHORT", ""},
    {"$XEDONE", ""},
    {"$XEDOFF", ""},
    {"$X256", ""},
    {"$Y256", ""},
    {"$X384", ""},
    {"$Y384", ""},
    {"$X521", ""},
    {"$Y521", ""},
    {"$XED", ""},
    {"$N", ""},
};

enum { NUMBERS = sizeof(numbers) / sizeof(numbers[0]) };

static char *
text_of(const char *name)
{
    for (size_t i = 0; i < NUMBERS; i++) {
        if (strcmp(numbers[i].name, name) == 0) {
            return numbers[i].text;
        }
    }
    fail_msg("no number %s", name);
    return NULL;
}

static void
set_bytes(const char *name, const unsigned char *bytes, size_t len)
{
    append_base64url(text_of(name), bytes, len);
}

/* The JSON of a case, with its numbers. */
static void
expand(const char *json, char out[static TEXT_MAX])
{
    out[0] = '\0';
    while (*json != '\0') {
        char one[2] = {*json, '\0'};
        const struct number *found = NULL;

        for (size_t i = 0; i < NUMBERS && found == NULL; i++) {
            if (strncmp(json, numbers[i].name, strlen(numbers[i].name)) == 0) {
                found = &numbers[i];
            }
        }
        append(out, found == NULL ? one : found->text);
        json += found == NULL ? 1 : strlen(found->name);
    }
}

/* A number without a factor that libcrypto would notice. */
static BIGNUM *
make_factor(int bits)
{
    BIGNUM *factor = BN_new();
    bool small;

    do {
        small = false;
        assert_int_equal(BN_rand(factor, bits, BN_RAND_TOP_TWO,
                             BN_RAND_BOTTOM_ODD),
            1);
        for (BN_ULONG d = 3; d < 1000; d += 2) {
            small = small || BN_mod_word(factor, d) == 0;
        }
    } while (small);
    return factor;
}

/* A number of so many bits that passes for a modulus. */
static void
set_modulus(const char *name, int bits)
{
    unsigned char bytes[2100];
    BN_CTX *ctx = BN_CTX_new();
    BIGNUM *p = make_factor(bits / 2);
    BIGNUM *q = make_factor(bits - bits / 2);

    assert_int_equal(BN_mul(p, p, q, ctx), 1);
    assert_int_equal(BN_num_bits(p), bits);
    set_bytes(name, bytes, (size_t)BN_bn2bin(p, bytes));
    BN_free(p);
    BN_free(q);
    BN_CTX_free(ctx);
}

static void
make_rsa_numbers(void)
{
    unsigned char bytes[300] = {0};
    EVP_PKEY *rsa = EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)2048);
    BIGNUM *n = NULL;

    assert_non_null(rsa);
    assert_int_equal(EVP_PKEY_get_bn_param(rsa, OSSL_PKEY_PARAM_RSA_N, &n), 1);
    assert_int_equal(BN_bn2binpad(n, bytes + 1, 256), 256);
    set_bytes("$N", bytes + 1, 256);
    set_bytes("$NZERO", bytes, 257);
    bytes[256] ^= 1;
    set_bytes("$NEVEN", bytes + 1, 256);
    assert_int_equal(BN_mul_word(n, 3), 1);
    set_bytes("$NSMALL", bytes, (size_t)BN_bn2bin(n, bytes));
    /* 2^2203 - 1 is a Mersenne prime. */
    BN_zero(n);
    assert_int_equal(BN_set_bit(n, 2203), 1);
    assert_int_equal(BN_sub_word(n, 1), 1);
    set_bytes("$NPRIME", bytes, (size_t)BN_bn2bin(n, bytes));
    BN_free(n);
    EVP_PKEY_free(rsa);

    set_modulus("$N2047", 2047);
    set_modulus("$N8192", 8192);
    set_modulus("$N8193", 8193);
    set_modulus("$NHUGE", 16384);
}

static void
make_ec_numbers(const char *crv, const char *x_name, const char *y_name)
{
    unsigned char point[133];
    size_t len = 0;
    EVP_PKEY *ec = EVP_PKEY_Q_keygen(NULL, NULL, "EC", crv);
    size_t width = (size_t)curve_width(crv);

    assert_non_null(ec);
    assert_int_equal(EVP_PKEY_get_octet_string_param(ec,
                         OSSL_PKEY_PARAM_PUB_KEY, point, sizeof(point), &len),
        1);
    assert_int_equal(len, 1 + 2 * width);
    set_bytes(x_name, point + 1, width);
    set_bytes(y_name, point + 1 + width, width);
    if (width == 32) {
        set_bytes("$X256SHORT", point + 2, 31);
        set_bytes("$X256LONG", point, 33);
        point[64] ^= 2;
        set_bytes("$Y256OFF", point + 33, 32);
    } else if (width == 66) {
        set_bytes("$X521SHORT", point + 2, 65);
    }
    EVP_PKEY_free(ec);
}

static void
make_okp_numbers(void)
{
    unsigned char bytes[33] = {0};
    size_t len = 32;
    EVP_PKEY *okp = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");

    assert_non_null(okp);
    set_bytes("$ZERO32", bytes, 32);
    bytes[0] = 1;
    set_bytes("$XEDONE", bytes, 32);
    bytes[0] = 2;
    set_bytes("$XEDOFF", bytes, 32);
    assert_int_equal(EVP_PKEY_get_raw_public_key(okp, bytes, &len), 1);
    set_bytes("$XED", bytes, 32);
    set_bytes("$XEDLONG", bytes, 33);
    set_bytes("$XEDSHORT", bytes, 31);
    memset(bytes, 0xFF, 32);
    set_bytes("$ONES32", bytes, 32);
    EVP_PKEY_free(okp);
}

static int
setup(void **state)
{
    (void)state;
    make_rsa_numbers();
    make_ec_numbers("P-256", "$X256", "$Y256");
    make_ec_numbers("P-384", "$X384", "$Y384");
    make_ec_numbers("P-521", "$X521", "$Y521");
    make_okp_numbers();
    return 0;
}

struct good {
    const char *json;
    uint32_t algs;
    size_t signature_len;
};

static void
assert_good(const struct good *cases, size_t cnt)
{
    for (size_t i = 0; i < cnt; i++) {
        char text[TEXT_MAX];

        expand(cases[i].json, text);
        struct pdp__key *key = must_import(text);

        assert_int_equal(pdp__key_algs(key), cases[i].algs);
        assert_int_equal(key->signature_len, cases[i].signature_len);
        for (unsigned alg = 0; alg < PDP__ALG_COUNT; alg++) {
            assert_int_equal(key->ready[alg] != NULL,
                (cases[i].algs & PDP__ALG_BIT(alg)) != 0);
        }
        pdp__key_free(key);
    }
}

struct bad {
    const char *json;
    enum pdp__key_result result;
    const char *member; /* the node is its value; NULL: the key itself */
    const char *why;
};

static void
assert_bad(const struct bad *cases, size_t cnt)
{
    for (size_t i = 0; i < cnt; i++) {
        char text[TEXT_MAX];
        struct imported in;

        expand(cases[i].json, text);
        import_jwk(&in, text);
        if (in.result != cases[i].result || strcmp(in.why, cases[i].why) != 0) {
            fail_msg("%s: got %d, %s", cases[i].json, (int)in.result,
                in.why == NULL ? "no phrase" : in.why);
        }
        uint32_t node =
            cases[i].member == NULL
                ? 0
                : pdp__json_member(&in.doc, 0, pdp__str_z(cases[i].member));

        assert_int_equal(node == 0, cases[i].member == NULL);
        assert_int_equal(in.node, node);
    }
}

#define GOOD(cases) assert_good((cases), sizeof(cases) / sizeof((cases)[0]))
#define BAD(cases) assert_bad((cases), sizeof(cases) / sizeof((cases)[0]))

#define RSA "{\"kty\":\"RSA\",\"n\":\"$N\",\"e\":\"AQAB\""
#define RSA_N(n) "{\"kty\":\"RSA\",\"e\":\"AQAB\",\"n\":" n "}"
#define RSA_E(e) "{\"kty\":\"RSA\",\"n\":\"$N\",\"e\":" e "}"
#define EC "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"$X256\",\"y\":\"$Y256\""
#define OKP "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"$XED\""

static void
test_good_rsa(void **state)
{
    (void)state;
    static const struct good cases[] = {
        {RSA "}", RSA_ALGS, 256},
        {RSA ",\"alg\":\"RS256\"}", PDP__ALG_BIT(PDP__ALG_RS256), 256},
        {RSA ",\"alg\":\"RS384\"}", PDP__ALG_BIT(PDP__ALG_RS384), 256},
        {RSA ",\"alg\":\"RS512\"}", PDP__ALG_BIT(PDP__ALG_RS512), 256},
        {RSA ",\"alg\":\"PS256\"}", PDP__ALG_BIT(PDP__ALG_PS256), 256},
        {RSA ",\"alg\":\"PS384\"}", PDP__ALG_BIT(PDP__ALG_PS384), 256},
        {RSA ",\"alg\":\"PS512\"}", PDP__ALG_BIT(PDP__ALG_PS512), 256},
        {RSA_E("\"AQAD\""), RSA_ALGS, 256},
        {RSA_E("\"_____w\""), RSA_ALGS, 256},
        {RSA_N("\"$N8192\""), RSA_ALGS, 1024},
    };

    GOOD(cases);
}

static void
test_good_ec(void **state)
{
    (void)state;
    static const struct good cases[] = {
        {EC "}", PDP__ALG_BIT(PDP__ALG_ES256), 64},
        {EC ",\"alg\":\"ES256\"}", PDP__ALG_BIT(PDP__ALG_ES256), 64},
        {"{\"kty\":\"EC\",\"crv\":\"P-384\",\"x\":\"$X384\",\"y\":\"$Y384\"}",
            PDP__ALG_BIT(PDP__ALG_ES384), 96},
        {"{\"kty\":\"EC\",\"crv\":\"P-521\",\"x\":\"$X521\",\"y\":\"$Y521\","
         "\"alg\":\"ES512\"}",
            PDP__ALG_BIT(PDP__ALG_ES512), 132},
    };

    GOOD(cases);
}

static void
test_good_okp(void **state)
{
    (void)state;
    static const struct good cases[] = {
        {OKP "}", PDP__ALG_BIT(PDP__ALG_EDDSA), 64},
        {OKP ",\"alg\":\"EdDSA\"}", PDP__ALG_BIT(PDP__ALG_EDDSA), 64},
    };

    GOOD(cases);
}

static void
test_good_with_other_members(void **state)
{
    (void)state;
    static const struct good cases[] = {
        {RSA ",\"use\":\"sig\"}", RSA_ALGS, 256},
        {RSA ",\"key_ops\":[\"verify\"]}", RSA_ALGS, 256},
        {RSA ",\"key_ops\":[\"sign\",\"verify\"],\"use\":\"sig\"}", RSA_ALGS,
            256},
        {RSA ",\"kid\":\"1\",\"x5c\":[\"?\"],\"x5t\":5,\"D\":{\"d\":\"1\"},"
             "\"x\":7,\"crv\":8,\"unknown\":null}",
            RSA_ALGS, 256},
        {OKP ",\"y\":\"ignored\",\"e\":\"AQ\"}", PDP__ALG_BIT(PDP__ALG_EDDSA),
            64},
    };

    GOOD(cases);
}

static void
test_not_an_object(void **state)
{
    (void)state;
    static const struct bad cases[] = {
        {"[]", PDP__KEY_MALFORMED, NULL, "a key is an object"},
        {"\"key\"", PDP__KEY_MALFORMED, NULL, "a key is an object"},
        {"null", PDP__KEY_MALFORMED, NULL, "a key is an object"},
        {"5", PDP__KEY_MALFORMED, NULL, "a key is an object"},
    };

    BAD(cases);
}

static void
test_private(void **state)
{
    (void)state;
    static const char why[] = "a member of a private or symmetric key";
    static const struct bad cases[] = {
        {RSA ",\"d\":\"AQ\"}", PDP__KEY_PRIVATE, "d", why},
        {RSA ",\"p\":\"AQ\"}", PDP__KEY_PRIVATE, "p", why},
        {RSA ",\"q\":\"AQ\"}", PDP__KEY_PRIVATE, "q", why},
        {RSA ",\"dp\":\"AQ\"}", PDP__KEY_PRIVATE, "dp", why},
        {RSA ",\"dq\":\"AQ\"}", PDP__KEY_PRIVATE, "dq", why},
        {RSA ",\"qi\":\"AQ\"}", PDP__KEY_PRIVATE, "qi", why},
        {RSA ",\"oth\":[]}", PDP__KEY_PRIVATE, "oth", why},
        {RSA ",\"k\":\"AQ\"}", PDP__KEY_PRIVATE, "k", why},
        {EC ",\"d\":\"AQ\"}", PDP__KEY_PRIVATE, "d", why},
        {OKP ",\"d\":\"AQ\"}", PDP__KEY_PRIVATE, "d", why},
        /* also when empty, of another type, for another use, unknown */
        {RSA ",\"d\":\"\"}", PDP__KEY_PRIVATE, "d", why},
        {RSA ",\"d\":null}", PDP__KEY_PRIVATE, "d", why},
        {RSA ",\"d\":\"AQ\",\"use\":\"enc\"}", PDP__KEY_PRIVATE, "d", why},
        {"{\"d\":\"AQ\"}", PDP__KEY_PRIVATE, "d", why},
        {"{\"kty\":\"AKP\",\"d\":\"AQ\"}", PDP__KEY_PRIVATE, "d", why},
        {"{\"kty\":\"oct\",\"k\":\"AQ\"}", PDP__KEY_PRIVATE, "k", why},
        {"{\"kty\":\"oct\"}", PDP__KEY_PRIVATE, "kty",
            "kty is a symmetric key"},
        {"{\"kty\":\"oct\",\"use\":\"enc\"}", PDP__KEY_PRIVATE, "kty",
            "kty is a symmetric key"},
    };

    BAD(cases);
}

static void
test_kty(void **state)
{
    (void)state;
    static const char other[] = "kty is not supported";
    static const struct bad cases[] = {
        {"{}", PDP__KEY_MALFORMED, NULL, "kty is missing"},
        {"{\"kty\":null}", PDP__KEY_MALFORMED, "kty", "kty is not a string"},
        {"{\"kty\":[\"RSA\"]}", PDP__KEY_MALFORMED, "kty",
            "kty is not a string"},
        {"{\"kty\":\"\"}", PDP__KEY_MALFORMED, "kty", "kty is empty"},
        {"{\"kty\":\"rsa\"}", PDP__KEY_SKIP, "kty", other},
        {"{\"kty\":\"Oct\"}", PDP__KEY_SKIP, "kty", other},
        {"{\"kty\":\"RSA \"}", PDP__KEY_SKIP, "kty", other},
        {"{\"kty\":\"AKP\",\"pub\":\"AQ\"}", PDP__KEY_SKIP, "kty", other},
    };

    BAD(cases);
}

static void
test_purpose(void **state)
{
    (void)state;
    static const char use[] = "use is not \"sig\"";
    static const char lacks[] = "key_ops lacks \"verify\"";
    static const struct bad cases[] = {
        {RSA ",\"use\":\"enc\"}", PDP__KEY_SKIP, "use", use},
        {RSA ",\"use\":\"Sig\"}", PDP__KEY_SKIP, "use", use},
        {RSA ",\"use\":\"\"}", PDP__KEY_SKIP, "use", use},
        {RSA ",\"use\":[\"sig\"]}", PDP__KEY_SKIP, "use", use},
        {RSA ",\"use\":null}", PDP__KEY_SKIP, "use", use},
        {RSA ",\"key_ops\":[\"encrypt\"]}", PDP__KEY_SKIP, "key_ops", lacks},
        {RSA ",\"key_ops\":[\"sign\"],\"use\":\"sig\"}", PDP__KEY_SKIP,
            "key_ops", lacks},
        {RSA ",\"key_ops\":[]}", PDP__KEY_SKIP, "key_ops", lacks},
        {RSA ",\"key_ops\":\"verify\"}", PDP__KEY_SKIP, "key_ops",
            "key_ops is not an array"},
        {RSA ",\"key_ops\":{\"verify\":true}}", PDP__KEY_SKIP, "key_ops",
            "key_ops is not an array"},
        /* a weak key that is not for us does not refuse the set */
        {"{\"kty\":\"RSA\",\"use\":\"enc\",\"n\":\"AQ\",\"e\":\"AQ\"}",
            PDP__KEY_SKIP, "use", use},
    };

    BAD(cases);
}

static void
test_key_ops_item_of_another_type(void **state)
{
    (void)state;
    char text[TEXT_MAX];
    struct imported in;

    expand(RSA ",\"key_ops\":[\"verify\",5]}", text);
    import_jwk(&in, text);
    assert_int_equal(in.result, PDP__KEY_SKIP);
    assert_string_equal(in.why, "an item of key_ops is not a string");
    assert_true(pdp__json_is(&in.doc, in.node, PDP__JSON_NUMBER));
}

static void
test_alg(void **state)
{
    (void)state;
    static const char other[] = "alg is not supported";
    static const char unfit[] = "alg does not fit the key type";
    static const struct bad cases[] = {
        {RSA ",\"alg\":5}", PDP__KEY_MALFORMED, "alg", "alg is not a string"},
        {RSA ",\"alg\":null}", PDP__KEY_MALFORMED, "alg",
            "alg is not a string"},
        {RSA ",\"alg\":\"RSA-OAEP\"}", PDP__KEY_SKIP, "alg", other},
        {RSA ",\"alg\":\"HS256\"}", PDP__KEY_SKIP, "alg", other},
        {RSA ",\"alg\":\"none\"}", PDP__KEY_SKIP, "alg", other},
        {RSA ",\"alg\":\"rs256\"}", PDP__KEY_SKIP, "alg", other},
        {RSA ",\"alg\":\"\"}", PDP__KEY_SKIP, "alg", other},
        {EC ",\"alg\":\"ES521\"}", PDP__KEY_SKIP, "alg", other},
        {EC ",\"alg\":\"ECDH-ES\"}", PDP__KEY_SKIP, "alg", other},
        {OKP ",\"alg\":\"Ed25519\"}", PDP__KEY_SKIP, "alg", other},
        {RSA ",\"alg\":\"ES256\"}", PDP__KEY_MALFORMED, "alg", unfit},
        {RSA ",\"alg\":\"EdDSA\"}", PDP__KEY_MALFORMED, "alg", unfit},
        {EC ",\"alg\":\"RS256\"}", PDP__KEY_MALFORMED, "alg", unfit},
        {EC ",\"alg\":\"ES384\"}", PDP__KEY_MALFORMED, "alg", unfit},
        {OKP ",\"alg\":\"ES256\"}", PDP__KEY_MALFORMED, "alg", unfit},
    };

    BAD(cases);
}

static void
test_bad_modulus(void **state)
{
    (void)state;
    static const char coding[] = "n is not base64url without padding";
    static const struct bad cases[] = {
        {"{\"kty\":\"RSA\",\"e\":\"AQAB\"}", PDP__KEY_MALFORMED, NULL,
            "n is missing"},
        {RSA_N("65537"), PDP__KEY_MALFORMED, "n", "n is not a string"},
        {RSA_N("\"\""), PDP__KEY_MALFORMED, "n", "n is empty"},
        {RSA_N("\"$N=\""), PDP__KEY_MALFORMED, "n", coding},
        {RSA_N("\"$N==\""), PDP__KEY_MALFORMED, "n", coding},
        {RSA_N("\" $N\""), PDP__KEY_MALFORMED, "n", coding},
        {RSA_N("\"AA+B\""), PDP__KEY_MALFORMED, "n", coding},
        {RSA_N("\"AA/B\""), PDP__KEY_MALFORMED, "n", coding},
        {RSA_N("\"AB\""), PDP__KEY_MALFORMED, "n", coding},
        {RSA_N("\"A\""), PDP__KEY_MALFORMED, "n", coding},
        {RSA_N("\"$NZERO\""), PDP__KEY_MALFORMED, "n",
            "n begins with a zero byte"},
        {RSA_N("\"AA\""), PDP__KEY_WEAK, "n", "n has fewer than 2048 bits"},
        {RSA_N("\"$N2047\""), PDP__KEY_WEAK, "n", "n has fewer than 2048 bits"},
        {RSA_N("\"$N8193\""), PDP__KEY_WEAK, "n", "n has more than 8192 bits"},
        {RSA_N("\"$NHUGE\""), PDP__KEY_WEAK, "n", "n has more than 8192 bits"},
        {RSA_N("\"$NEVEN\""), PDP__KEY_WEAK, "n", "n is even"},
        {RSA_N("\"$NPRIME\""), PDP__KEY_WEAK, "n",
            "n is prime or has a small factor"},
        {RSA_N("\"$NSMALL\""), PDP__KEY_WEAK, "n",
            "n is prime or has a small factor"},
    };

    BAD(cases);
}

static void
test_bad_exponent(void **state)
{
    (void)state;
    static const struct bad cases[] = {
        {"{\"kty\":\"RSA\",\"n\":\"$N\"}", PDP__KEY_MALFORMED, NULL,
            "e is missing"},
        {RSA_E("65537"), PDP__KEY_MALFORMED, "e", "e is not a string"},
        {RSA_E("\"\""), PDP__KEY_MALFORMED, "e", "e is empty"},
        {RSA_E("\"AQAB=\""), PDP__KEY_MALFORMED, "e",
            "e is not base64url without padding"},
        {RSA_E("\"AAEAAQ\""), PDP__KEY_MALFORMED, "e",
            "e begins with a zero byte"},
        {RSA_E("\"AA\""), PDP__KEY_WEAK, "e", "e is even"},
        {RSA_E("\"AQ\""), PDP__KEY_WEAK, "e", "e is below 65537"},
        {RSA_E("\"Aw\""), PDP__KEY_WEAK, "e", "e is below 65537"},
        {RSA_E("\"AQAA\""), PDP__KEY_WEAK, "e", "e is even"},
        {RSA_E("\"AQAAAAE\""), PDP__KEY_WEAK, "e", "e has more than 32 bits"},
        {RSA_E("\"$N\""), PDP__KEY_WEAK, "e", "e has more than 32 bits"},
    };

    BAD(cases);
}

#define EC_OF(crv, x, y)                                                       \
    "{\"kty\":\"EC\",\"crv\":\"" crv "\",\"x\":\"" x "\",\"y\":\"" y "\"}"

static void
test_bad_ec(void **state)
{
    (void)state;
    static const char x_width[] = "x does not have the width of the curve";
    static const char y_width[] = "y does not have the width of the curve";
    static const char off[] = "the point is not on the curve";
    static const struct bad cases[] = {
        {"{\"kty\":\"EC\",\"x\":\"$X256\",\"y\":\"$Y256\"}", PDP__KEY_MALFORMED,
            NULL, "crv is missing"},
        {"{\"kty\":\"EC\",\"crv\":256}", PDP__KEY_MALFORMED, "crv",
            "crv is not a string"},
        {"{\"kty\":\"EC\",\"crv\":\"\"}", PDP__KEY_MALFORMED, "crv",
            "crv is empty"},
        {EC_OF("secp256k1", "$X256", "$Y256"), PDP__KEY_SKIP, "crv",
            "crv is not supported"},
        {EC_OF("p-256", "$X256", "$Y256"), PDP__KEY_SKIP, "crv",
            "crv is not supported"},
        {EC_OF("prime256v1", "$X256", "$Y256"), PDP__KEY_SKIP, "crv",
            "crv is not supported"},
        {"{\"kty\":\"EC\",\"crv\":\"P-256\",\"y\":\"$Y256\"}",
            PDP__KEY_MALFORMED, NULL, "x is missing"},
        {"{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"$X256\"}",
            PDP__KEY_MALFORMED, NULL, "y is missing"},
        {EC_OF("P-256", "", "$Y256"), PDP__KEY_MALFORMED, "x", "x is empty"},
        {EC_OF("P-256", "$X256", "$Y256="), PDP__KEY_MALFORMED, "y",
            "y is not base64url without padding"},
        {EC_OF("P-256", "AA", "AA"), PDP__KEY_MALFORMED, "x", x_width},
        {EC_OF("P-256", "$X256SHORT", "$Y256"), PDP__KEY_MALFORMED, "x",
            x_width},
        {EC_OF("P-256", "$X256LONG", "$Y256"), PDP__KEY_MALFORMED, "x",
            x_width},
        {EC_OF("P-256", "$X256", "$X256SHORT"), PDP__KEY_MALFORMED, "y",
            y_width},
        {EC_OF("P-256", "$X256", "$X256LONG"), PDP__KEY_MALFORMED, "y",
            y_width},
        {EC_OF("P-521", "$X521SHORT", "$Y521"), PDP__KEY_MALFORMED, "x",
            x_width},
        {EC_OF("P-384", "$X256", "$Y256"), PDP__KEY_MALFORMED, "x", x_width},
        {EC_OF("P-256", "$X384", "$Y384"), PDP__KEY_MALFORMED, "x", x_width},
        {EC_OF("P-256", "$X256", "$Y256OFF"), PDP__KEY_MALFORMED, NULL, off},
        {EC_OF("P-256", "$X256", "$X256"), PDP__KEY_MALFORMED, NULL, off},
        /* infinity, as some write it; numbers above the field's prime */
        {EC_OF("P-256", "$ZERO32", "$ZERO32"), PDP__KEY_MALFORMED, NULL, off},
        {EC_OF("P-256", "$ONES32", "$ONES32"), PDP__KEY_MALFORMED, NULL, off},
    };

    BAD(cases);
}

#define OKP_OF(crv, x) "{\"kty\":\"OKP\",\"crv\":\"" crv "\",\"x\":\"" x "\"}"

static void
test_bad_okp(void **state)
{
    (void)state;
    static const char width[] = "x does not have 32 bytes";
    static const struct bad cases[] = {
        {"{\"kty\":\"OKP\",\"x\":\"$XED\"}", PDP__KEY_MALFORMED, NULL,
            "crv is missing"},
        {OKP_OF("X25519", "$XED"), PDP__KEY_SKIP, "crv",
            "crv is not supported"},
        {OKP_OF("Ed448", "$XED"), PDP__KEY_SKIP, "crv", "crv is not supported"},
        {"{\"kty\":\"OKP\",\"crv\":\"Ed25519\"}", PDP__KEY_MALFORMED, NULL,
            "x is missing"},
        {OKP_OF("Ed25519", ""), PDP__KEY_MALFORMED, "x", "x is empty"},
        {OKP_OF("Ed25519", "$XED="), PDP__KEY_MALFORMED, "x",
            "x is not base64url without padding"},
        {OKP_OF("Ed25519", "$XEDSHORT"), PDP__KEY_MALFORMED, "x", width},
        {OKP_OF("Ed25519", "$XEDLONG"), PDP__KEY_MALFORMED, "x", width},
        {OKP_OF("Ed25519", "$ZERO32"), PDP__KEY_WEAK, "x",
            "x is a point of small order"},
        {OKP_OF("Ed25519", "$XEDONE"), PDP__KEY_WEAK, "x",
            "x is a point of small order"},
        {OKP_OF("Ed25519", "$ONES32"), PDP__KEY_MALFORMED, "x",
            "x is not canonical"},
        {OKP_OF("Ed25519", "$XEDOFF"), PDP__KEY_MALFORMED, "x",
            "x is not a point of the curve"},
    };

    BAD(cases);
}

static void
test_key_inside_a_set(void **state)
{
    (void)state;
    char text[TEXT_MAX];
    struct imported in;

    expand("{\"d\":1,\"keys\":[" OKP "}," EC "}]}", text);
    size_t len = strlen(text);

    memcpy(in.text, text, len + 1);
    assert_true(pdp__json_read(in.text, len, in.nodes, NODES_MAX, &in.doc));
    uint32_t keys = pdp__json_member(&in.doc, 0, PDP__LIT("keys"));
    static const enum pdp__alg algs[] = {PDP__ALG_EDDSA, PDP__ALG_ES256};
    size_t cnt = 0;

    PDP__JSON_EACH(&in.doc, keys, ix)
    {
        assert_true(cnt < 2);
        assert_int_equal(pdp__key_import(&in.doc, ix, &in.key, &in.why,
                             &in.node),
            PDP__KEY_OK);
        assert_int_equal(pdp__key_algs(in.key), PDP__ALG_BIT(algs[cnt++]));
        pdp__key_free(in.key);
    }
    assert_int_equal(cnt, 2);
}

static void
test_free_of_nothing(void **state)
{
    (void)state;
    pdp__key_free(NULL);
}

/* Whatever allocation of libcrypto fails: no crash, no leak, no half key,
 * and the blame goes to memory. */
static void
test_every_allocation_fails_once(void **state)
{
    (void)state;
    static const char *const cases[] = {RSA "}", EC "}", OKP "}"};

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char text[TEXT_MAX];
        struct imported in;
        size_t n = 0;
        size_t failures = 0;
        bool failed;

        expand(cases[i], text);
        do {
            crypto_calls = 0;
            crypto_fail_at = ++n;
            import_jwk(&in, text);
            failed = crypto_calls >= n;
            crypto_fail_at = 0;
            if (in.result != PDP__KEY_OK) {
                assert_int_equal(in.result, PDP__KEY_NOMEM);
                assert_int_equal(strncmp(in.why, "there is not enough memory",
                                     26),
                    0);
                failures++;
            }
            pdp__key_free(in.key);
            assert_true(n < 100000);
        } while (failed);
        assert_int_equal(in.result, PDP__KEY_OK);
        assert_true(failures > 10);
    }
}

/* One set of keys: refused as a whole by the first bad key, else the last
 * usable key, as the sets of these vectors have one at most. */
static enum pdp__key_result
import_set(const json_t *set, struct pdp__key **key)
{
    size_t i;
    json_t *jwk;
    enum pdp__key_result worst = PDP__KEY_SKIP;

    *key = NULL;
    json_array_foreach(json_object_get(set, "keys"), i, jwk)
    {
        struct imported in;
        char *text = json_dumps(jwk, JSON_COMPACT);

        import_jwk(&in, text);
        free(text);
        if (in.result == PDP__KEY_OK) {
            assert_null(*key);
            *key = in.key;
            worst = PDP__KEY_OK;
        } else if (in.result != PDP__KEY_SKIP) {
            pdp__key_free(*key);
            *key = NULL;
            return in.result;
        }
    }
    return worst;
}

static void
test_wycheproof(void **state)
{
    (void)state;
    /* By tcId - 1.  The overrides allow: 7 (ROCA) is found here, 2, 13, 14
     * and 15 are HMAC keys; so 5 is the only set that can be used. */
    static const enum pdp__key_result expected[26] = {PDP__KEY_PRIVATE,
        PDP__KEY_PRIVATE, PDP__KEY_PRIVATE, PDP__KEY_PRIVATE,
        PDP__KEY_OK,   /* 5: acceptsValid */
        PDP__KEY_SKIP, /* 6: use enc */
        PDP__KEY_WEAK, /* 7: ROCA */
        PDP__KEY_WEAK, /* 8: 1024 bits */
        PDP__KEY_WEAK, /* 9: e = 1 */
        PDP__KEY_PRIVATE, PDP__KEY_PRIVATE, PDP__KEY_PRIVATE, PDP__KEY_PRIVATE,
        PDP__KEY_PRIVATE, PDP__KEY_PRIVATE, PDP__KEY_PRIVATE, PDP__KEY_PRIVATE,
        PDP__KEY_PRIVATE, PDP__KEY_SKIP, /* 19: alg ES521 */
        PDP__KEY_SKIP,                   /* 20: alg ES224 */
        PDP__KEY_SKIP,                   /* 21: use enc */
        PDP__KEY_MALFORMED,              /* 22: off the curve */
        PDP__KEY_MALFORMED,              /* 23: P-384 with numbers of P-256 */
        PDP__KEY_MALFORMED,              /* 24: kty RSA with numbers of EC */
        PDP__KEY_PRIVATE, PDP__KEY_PRIVATE};
    json_t *root = load_vectors("wycheproof/json_web_key_test.json");
    size_t cnt = 0;
    size_t accepted = 0;
    size_t i;
    size_t j;
    json_t *group;
    json_t *test;

    if (root == NULL) {
        skip();
    }
    json_array_foreach(json_object_get(root, "testGroups"), i, group)
    {
        json_t *set = json_object_get(group, "public");
        struct pdp__key *key;
        enum pdp__key_result result =
            import_set(set == NULL ? json_object_get(group, "private") : set,
                &key);

        json_array_foreach(json_object_get(group, "tests"), j, test)
        {
            json_int_t id = json_integer_value(json_object_get(test, "tcId"));
            bool good = jws_accepts(key,
                json_string_value(json_object_get(test, "jws")));

            assert_in_range(id, 1, 26);
            assert_int_equal(result, expected[id - 1]);
            assert_int_equal(good, id == 5);
            accepted += good;
            cnt++;
        }
        pdp__key_free(key);
    }
    json_decref(root);
    assert_int_equal(cnt, 26);
    assert_int_equal(accepted, 1);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_good_rsa),
        cmocka_unit_test(test_good_ec),
        cmocka_unit_test(test_good_okp),
        cmocka_unit_test(test_good_with_other_members),
        cmocka_unit_test(test_not_an_object),
        cmocka_unit_test(test_private),
        cmocka_unit_test(test_kty),
        cmocka_unit_test(test_purpose),
        cmocka_unit_test(test_key_ops_item_of_another_type),
        cmocka_unit_test(test_alg),
        cmocka_unit_test(test_bad_modulus),
        cmocka_unit_test(test_bad_exponent),
        cmocka_unit_test(test_bad_ec),
        cmocka_unit_test(test_bad_okp),
        cmocka_unit_test(test_key_inside_a_set),
        cmocka_unit_test(test_free_of_nothing),
        cmocka_unit_test(test_every_allocation_fails_once),
        cmocka_unit_test(test_wycheproof),
    };

    wrap_crypto_memory();
    return cmocka_run_group_tests(tests, setup, NULL);
}
