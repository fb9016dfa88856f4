/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include "crypto/weak.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "key_util.h"

/*
 * Weak numbers, with the exact result and phrase of each, at the borders
 * of every limit.  Moduli are not products of primes here: only what is
 * seen without factoring is judged.
 */

enum { N_MAX = 2049 };

static const char why_ok[] = "unchanged";

static void
assert_modulus(const unsigned char *n, size_t len,
    enum pdp__key_result expected, const char *expected_why)
{
    const char *why = why_ok;

    assert_int_equal(pdp__weak_modulus(n, len, &why), expected);
    assert_string_equal(why, expected_why);
}

/* An odd number with the given top byte; no powers of 65537. */
static void
fill(unsigned char *n, size_t len, unsigned char top)
{
    for (size_t i = 0; i < len; i++) {
        n[i] = (unsigned char)(i * 37 + 11);
    }
    n[0] = top;
    n[len - 1] |= 1;
}

static void
test_modulus_bits(void **state)
{
    (void)state;
    static const char few[] = "n has fewer than 2048 bits";
    static const char many[] = "n has more than 8192 bits";
    static const struct {
        size_t len;
        unsigned char top;
        enum pdp__key_result result;
        const char *why;
    } cases[] = {
        {1, 1, PDP__KEY_WEAK, few},
        {1, 0xFF, PDP__KEY_WEAK, few},
        {64, 0xFF, PDP__KEY_WEAK, few},
        {128, 0xFF, PDP__KEY_WEAK, few},
        {255, 0xFF, PDP__KEY_WEAK, few},
        {256, 0x01, PDP__KEY_WEAK, few},
        {256, 0x7F, PDP__KEY_WEAK, few},
        {256, 0x80, PDP__KEY_OK, why_ok},
        {256, 0xFF, PDP__KEY_OK, why_ok},
        {257, 0x01, PDP__KEY_OK, why_ok},
        {384, 0x80, PDP__KEY_OK, why_ok},
        {1024, 0xFF, PDP__KEY_OK, why_ok},
        {1025, 0x01, PDP__KEY_WEAK, many},
        {2048, 0x80, PDP__KEY_WEAK, many},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        unsigned char n[N_MAX];

        fill(n, cases[i].len, cases[i].top);
        assert_modulus(n, cases[i].len, cases[i].result, cases[i].why);
    }
}

static void
test_modulus_zero(void **state)
{
    (void)state;
    unsigned char n[N_MAX] = {0};

    assert_modulus(n, 1, PDP__KEY_WEAK, "n has fewer than 2048 bits");
    assert_modulus(n, 2, PDP__KEY_MALFORMED, "n begins with a zero byte");
    assert_modulus(n, 256, PDP__KEY_MALFORMED, "n begins with a zero byte");
    fill(n, 257, 0);
    assert_modulus(n, 257, PDP__KEY_MALFORMED, "n begins with a zero byte");
    fill(n, 1025, 0);
    assert_modulus(n, 1025, PDP__KEY_MALFORMED, "n begins with a zero byte");
}

static void
test_modulus_even(void **state)
{
    (void)state;
    unsigned char n[256];

    fill(n, sizeof(n), 0xC0);
    assert_modulus(n, sizeof(n), PDP__KEY_OK, why_ok);
    n[255] ^= 1;
    assert_modulus(n, sizeof(n), PDP__KEY_WEAK, "n is even");
}

/* M, the product of the primes of the fingerprint. */
static BIGNUM *
roca_product(void)
{
    BIGNUM *product = BN_new();

    assert_int_equal(BN_one(product), 1);
    for (BN_ULONG n = 3; n <= 167; n += 2) {
        bool prime = true;

        for (BN_ULONG d = 3; d * d <= n; d += 2) {
            prime = prime && n % d != 0;
        }
        if (prime) {
            assert_int_equal(BN_mul_word(product, n), 1);
        }
    }
    assert_int_equal(BN_num_bits(product), 219);
    return product;
}

/* k * M + (65537^power mod M) + extra, odd, of exactly 2048 bits. */
static void
roca_modulus(unsigned char n[static 256], BN_ULONG power, BN_ULONG extra)
{
    BN_CTX *ctx = BN_CTX_new();
    BIGNUM *product = roca_product();
    BIGNUM *base = BN_new();
    BIGNUM *exponent = BN_new();
    BIGNUM *k = BN_new();

    assert_int_equal(BN_set_word(base, 65537), 1);
    assert_int_equal(BN_set_word(exponent, power), 1);
    assert_int_equal(BN_mod_exp(base, base, exponent, product, ctx), 1);
    assert_int_equal(BN_one(k), 1);
    assert_int_equal(BN_lshift(k, k, 2047 - 218), 1);
    assert_int_equal(BN_mul(k, k, product, ctx), 1);
    assert_int_equal(BN_add(k, k, base), 1);
    if (!BN_is_odd(k)) {
        assert_int_equal(BN_add(k, k, product), 1);
    }
    assert_int_equal(BN_add_word(k, extra), 1);
    assert_int_equal(BN_num_bits(k), 2048);
    assert_int_equal(BN_bn2binpad(k, n, 256), 256);
    BN_free(k);
    BN_free(exponent);
    BN_free(base);
    BN_free(product);
    BN_CTX_free(ctx);
}

static void
test_modulus_roca(void **state)
{
    (void)state;
    static const BN_ULONG powers[] = {0, 1, 2, 3, 77, 65537, 1234567891};
    unsigned char n[256];

    for (size_t i = 0; i < sizeof(powers) / sizeof(powers[0]); i++) {
        roca_modulus(n, powers[i], 0);
        assert_modulus(n, sizeof(n), PDP__KEY_WEAK,
            "n has the fingerprint of CVE-2017-15361");
    }
}

static void
test_modulus_near_roca(void **state)
{
    (void)state;
    unsigned char n[256];

    for (BN_ULONG extra = 2; extra <= 20; extra += 2) {
        roca_modulus(n, 77, extra);
        assert_modulus(n, sizeof(n), PDP__KEY_OK, why_ok);
    }
}

/* Outside the subgroup for one prime only: 11, where 65537 = -1. */
static void
test_modulus_roca_needs_all_primes(void **state)
{
    (void)state;
    unsigned char n[256];
    BIGNUM *step = roca_product();
    int sound = 0;

    assert_int_equal(BN_div_word(step, 11), 0);
    assert_int_equal(BN_lshift1(step, step), 1); /* keeps n odd */
    roca_modulus(n, 5, 0);
    for (int i = 0; i < 11; i++) {
        const char *why = why_ok;
        BIGNUM *number = BN_bin2bn(n, sizeof(n), NULL);
        BN_ULONG rest = BN_mod_word(number, 11);
        enum pdp__key_result result = pdp__weak_modulus(n, sizeof(n), &why);

        assert_int_equal(result == PDP__KEY_WEAK, rest == 1 || rest == 10);
        sound += result == PDP__KEY_OK;
        assert_int_equal(BN_add(number, number, step), 1);
        assert_int_equal(BN_bn2binpad(number, n, sizeof(n)), 256);
        BN_free(number);
    }
    assert_int_equal(sound, 9);
    BN_free(step);
}

static void
test_exponent(void **state)
{
    (void)state;
    static const char zero[] = "e begins with a zero byte";
    static const char even[] = "e is even";
    static const char small[] = "e is below 65537";
    static const char large[] = "e has more than 32 bits";
    static const struct {
        size_t len;
        unsigned char e[8];
        enum pdp__key_result result;
        const char *why;
    } cases[] = {
        {1, {0}, PDP__KEY_WEAK, even},
        {1, {1}, PDP__KEY_WEAK, small},
        {1, {2}, PDP__KEY_WEAK, even},
        {1, {3}, PDP__KEY_WEAK, small},
        {1, {17}, PDP__KEY_WEAK, small},
        {2, {0xFF, 0xFF}, PDP__KEY_WEAK, small},
        {3, {1, 0, 0}, PDP__KEY_WEAK, even},
        {3, {1, 0, 1}, PDP__KEY_OK, why_ok},
        {3, {1, 0, 2}, PDP__KEY_WEAK, even},
        {3, {1, 0, 3}, PDP__KEY_OK, why_ok},
        {4, {0xFF, 0xFF, 0xFF, 0xFE}, PDP__KEY_WEAK, even},
        {4, {0xFF, 0xFF, 0xFF, 0xFF}, PDP__KEY_OK, why_ok},
        {5, {1, 0, 0, 0, 1}, PDP__KEY_WEAK, large},
        {8, {1, 0, 0, 0, 0, 0, 0, 1}, PDP__KEY_WEAK, large},
        {2, {0, 0}, PDP__KEY_MALFORMED, zero},
        {2, {0, 1}, PDP__KEY_MALFORMED, zero},
        {4, {0, 1, 0, 1}, PDP__KEY_MALFORMED, zero},
        {8, {0, 0, 0, 0, 0, 1, 0, 1}, PDP__KEY_MALFORMED, zero},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const char *why = why_ok;

        assert_int_equal(pdp__weak_exponent(cases[i].e, cases[i].len, &why),
            cases[i].result);
        assert_string_equal(why, cases[i].why);
    }
}

static void
assert_ed25519(const unsigned char *x, enum pdp__key_result expected,
    const char *expected_why)
{
    const char *why = why_ok;

    assert_int_equal(pdp__weak_ed25519(x, &why), expected);
    assert_string_equal(why, expected_why);
}

/* Orders 1, 2, 4, 4 and four times 8; bytes of y, then the sign of x. */
static const char *const small_order[] = {
    "0100000000000000000000000000000000000000000000000000000000000000",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0000000000000000000000000000000000000000000000000000000000000080",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
    /* x = 0 with the sign bit: RFC 8032 5.1.3 has no such point */
    "0100000000000000000000000000000000000000000000000000000000000080",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
};

static void
from_hex(const char *hex, unsigned char out[static 32])
{
    size_t len = 0;

    assert_int_equal(OPENSSL_hexstr2buf_ex(out, 32, &len, hex, '\0'), 1);
    assert_int_equal(len, 32);
}

static void
test_ed25519_small_order(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(small_order) / sizeof(char *); i++) {
        unsigned char x[32];

        from_hex(small_order[i], x);
        assert_ed25519(x, PDP__KEY_WEAK, "x is a point of small order");
    }
}

/* That the list is right: libcrypto lets one signature (R = the identity,
 * S = 0) pass under each key of it, for one message in eight or more. */
static void
test_ed25519_small_order_is_forgeable(void **state)
{
    (void)state;
    unsigned char signature[64] = {1};

    for (size_t i = 0; i < 8; i++) {
        unsigned char x[32];
        int good = 0;

        from_hex(small_order[i], x);
        EVP_PKEY *pkey =
            EVP_PKEY_new_raw_public_key_ex(NULL, "ED25519", NULL, x, sizeof(x));

        assert_non_null(pkey);
        for (unsigned char message = 0; message < 200; message++) {
            EVP_MD_CTX *ctx = EVP_MD_CTX_new();

            assert_int_equal(EVP_DigestVerifyInit_ex(ctx, NULL, NULL, NULL,
                                 NULL, pkey, NULL),
                1);
            good += EVP_DigestVerify(ctx, signature, sizeof(signature),
                        &message, 1) == 1;
            EVP_MD_CTX_free(ctx);
        }
        EVP_PKEY_free(pkey);
        assert_true(good >= (i == 0 ? 200 : 8));
    }
    ERR_clear_error();
}

static void
test_ed25519_not_canonical(void **state)
{
    (void)state;
    for (unsigned low = 0xED; low <= 0xFF; low++) {
        for (unsigned top = 0x7F; top <= 0xFF; top += 0x80) {
            unsigned char x[32];

            memset(x, 0xFF, sizeof(x));
            x[0] = (unsigned char)low;
            x[31] = (unsigned char)top;
            assert_ed25519(x, PDP__KEY_MALFORMED, "x is not canonical");
        }
    }
}

/* Near the border and with small y, with and without a point. */
static void
test_ed25519_on_the_curve(void **state)
{
    (void)state;
    static const bool small[] = {false, false, false, true, true, true, true,
        false, false, true, true};
    unsigned char x[32] = {0};

    for (unsigned y = 2; y <= 10; y++) {
        for (unsigned sign = 0; sign <= 0x80; sign += 0x80) {
            x[0] = (unsigned char)y;
            x[31] = (unsigned char)sign;
            assert_ed25519(x, small[y] ? PDP__KEY_OK : PDP__KEY_MALFORMED,
                small[y] ? why_ok : "x is not a point of the curve");
        }
    }
    /* -y has a point exactly where y has */
    for (unsigned y = 2; y <= 10; y++) {
        memset(x, 0xFF, sizeof(x));
        x[0] = (unsigned char)(0xED - y);
        x[31] = 0x7F;
        assert_ed25519(x, small[y] ? PDP__KEY_OK : PDP__KEY_MALFORMED,
            small[y] ? why_ok : "x is not a point of the curve");
    }
}

static void
test_ed25519_without_memory(void **state)
{
    (void)state;
    unsigned char x[32] = {3};
    size_t n = 0;
    enum pdp__key_result result = PDP__KEY_NOMEM;

    while (result != PDP__KEY_OK) {
        const char *why = why_ok;

        assert_true(n < 100);
        crypto_calls = 0;
        crypto_fail_at = ++n;
        result = pdp__weak_ed25519(x, &why);
        crypto_fail_at = 0;
        ERR_clear_error();
        if (result != PDP__KEY_OK) {
            assert_int_equal(result, PDP__KEY_NOMEM);
            assert_string_equal(why, "there is not enough memory");
        }
    }
    assert_true(n > 5);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_modulus_bits),
        cmocka_unit_test(test_modulus_zero),
        cmocka_unit_test(test_modulus_even),
        cmocka_unit_test(test_modulus_roca),
        cmocka_unit_test(test_modulus_near_roca),
        cmocka_unit_test(test_modulus_roca_needs_all_primes),
        cmocka_unit_test(test_exponent),
        cmocka_unit_test(test_ed25519_small_order),
        cmocka_unit_test(test_ed25519_small_order_is_forgeable),
        cmocka_unit_test(test_ed25519_not_canonical),
        cmocka_unit_test(test_ed25519_on_the_curve),
        cmocka_unit_test(test_ed25519_without_memory),
    };

    wrap_crypto_memory();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
