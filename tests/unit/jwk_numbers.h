/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#ifndef PDP_TESTS_JWK_NUMBERS_H
#define PDP_TESTS_JWK_NUMBERS_H

/*
 * Numbers for JWKs, good ones and one for each way to be bad, made once by
 * libcrypto; expand() puts them into the JSON of a case in place of their
 * names: $N (RSA; e is written out), $X256, $Y256, ... (EC), $XED (OKP).
 * Include after cmocka.h.
 */

#include "key_util.h"

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
make_numbers(void **state)
{
    (void)state;
    make_rsa_numbers();
    make_ec_numbers("P-256", "$X256", "$Y256");
    make_ec_numbers("P-384", "$X384", "$Y384");
    make_ec_numbers("P-521", "$X521", "$Y521");
    make_okp_numbers();
    return 0;
}

#endif
