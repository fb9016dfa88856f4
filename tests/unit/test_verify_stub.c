/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include "crypto/key.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <limits.h>

#include "key_util.h"

/*
 * What the answer of libcrypto means: exactly 1 is a yes.  Negative answers
 * taken for a yes have opened real gateways.  Linked with
 * -Wl,--wrap=EVP_DigestVerify -Wl,--wrap=EVP_MD_CTX_copy_ex, so that these
 * two answer what the test wants.
 */

int __real_EVP_MD_CTX_copy_ex(EVP_MD_CTX *out, const EVP_MD_CTX *in);
int __wrap_EVP_MD_CTX_copy_ex(EVP_MD_CTX *out, const EVP_MD_CTX *in);
int __wrap_EVP_DigestVerify(EVP_MD_CTX *ctx, const unsigned char *signature,
    size_t signature_len, const unsigned char *input, size_t input_len);

static int verify_answer;
static int verify_calls;
static int copy_answer; /* 1: the real one */
static int error_lib;   /* 0: no error */
static int error_reason;

static enum pdp__signature verdict;

static unsigned char seen_signature[256];
static size_t seen_len;

int
__wrap_EVP_DigestVerify(EVP_MD_CTX *ctx, const unsigned char *signature,
    size_t signature_len, const unsigned char *input, size_t input_len)
{
    assert_non_null(ctx);
    assert_int_equal(input_len, 5);
    assert_memory_equal(input, "input", 5);
    assert_true(signature_len <= sizeof(seen_signature));
    memcpy(seen_signature, signature, signature_len);
    seen_len = signature_len;
    verify_calls++;
    if (error_lib != 0) {
        ERR_raise(error_lib, error_reason);
    }
    return verify_answer;
}

int
__wrap_EVP_MD_CTX_copy_ex(EVP_MD_CTX *out, const EVP_MD_CTX *in)
{
    return copy_answer == 1 ? __real_EVP_MD_CTX_copy_ex(out, in) : copy_answer;
}

enum { KEYS = 3 };

static const struct {
    enum pdp__alg alg;
    const char *crv; /* NULL: not EC */
    size_t len;
} kinds[KEYS] = {
    {PDP__ALG_RS256, NULL, 256},
    {PDP__ALG_ES256, "P-256", 64},
    {PDP__ALG_EDDSA, NULL, 64},
};

static struct pdp__key *keys[KEYS];

static int
setup(void **state)
{
    (void)state;
    copy_answer = 1;
    for (size_t i = 0; i < KEYS; i++) {
        char text[TEXT_MAX];
        EVP_PKEY *pkey =
            i == 0   ? EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)2048)
            : i == 1 ? EVP_PKEY_Q_keygen(NULL, NULL, "EC", kinds[i].crv)
                     : EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");

        assert_non_null(pkey);
        jwk_of(text, pkey, kinds[i].crv, NULL);
        keys[i] = must_import(text);
        EVP_PKEY_free(pkey);
    }
    return 0;
}

static int
teardown(void **state)
{
    (void)state;
    for (size_t i = 0; i < KEYS; i++) {
        pdp__key_free(keys[i]);
    }
    return 0;
}

static bool
ask(size_t i)
{
    unsigned char signature[256];

    memset(signature, 0x11, sizeof(signature));
    verdict = pdp__key_judge(keys[i], kinds[i].alg, PDP__LIT("input"),
        signature, kinds[i].len);
    return verdict == PDP__SIGNATURE_GOOD;
}

static void
test_only_one_is_yes(void **state)
{
    (void)state;
    static const int answers[] = {-1, 0, 2, 3, 256, 257, -2, INT_MAX, INT_MIN,
        1};

    copy_answer = 1;
    for (size_t i = 0; i < KEYS; i++) {
        for (size_t j = 0; j < sizeof(answers) / sizeof(answers[0]); j++) {
            verify_answer = answers[j];
            verify_calls = 0;
            assert_int_equal(ask(i), answers[j] == 1);
            assert_int_equal(verify_calls, 1);
            assert_int_equal(verdict,
                answers[j] == 1 ? PDP__SIGNATURE_GOOD : PDP__SIGNATURE_BAD);
        }
    }
}

static void
test_no_answer_without_a_copy(void **state)
{
    (void)state;
    static const int answers[] = {-1, 0, 2};

    verify_answer = 1;
    for (size_t i = 0; i < KEYS; i++) {
        for (size_t j = 0; j < sizeof(answers) / sizeof(answers[0]); j++) {
            copy_answer = answers[j];
            verify_calls = 0;
            assert_false(ask(i));
            assert_int_equal(verdict, PDP__SIGNATURE_UNKNOWN);
            assert_int_equal(verify_calls, 0);
        }
    }
    copy_answer = 1;
}

/* What is not 1 is a no with an error about the signature, or with none;
 * libcrypto's own failures are none. */
static void
test_what_a_no_means(void **state)
{
    (void)state;
    static const struct {
        int lib; /* 0: no error */
        int reason;
        enum pdp__signature expected;
    } cases[] = {
        {0, 0, PDP__SIGNATURE_BAD},
        {ERR_LIB_RSA, RSA_R_BAD_SIGNATURE, PDP__SIGNATURE_BAD},
        {ERR_LIB_EC, EC_R_BAD_SIGNATURE, PDP__SIGNATURE_BAD},
        {ERR_LIB_ASN1, ASN1_R_WRONG_TAG, PDP__SIGNATURE_BAD},
        {ERR_LIB_ASN1, ERR_R_MALLOC_FAILURE, PDP__SIGNATURE_UNKNOWN},
        {ERR_LIB_RSA, ERR_R_MALLOC_FAILURE, PDP__SIGNATURE_UNKNOWN},
        {ERR_LIB_RSA, ERR_R_INTERNAL_ERROR, PDP__SIGNATURE_UNKNOWN},
        {ERR_LIB_EVP, EVP_R_INITIALIZATION_ERROR, PDP__SIGNATURE_UNKNOWN},
        {ERR_LIB_BN, ERR_R_MALLOC_FAILURE, PDP__SIGNATURE_UNKNOWN},
        {ERR_LIB_PROV, ERR_R_RSA_LIB, PDP__SIGNATURE_UNKNOWN},
    };

    copy_answer = 1;
    verify_answer = 0;
    for (size_t i = 0; i < KEYS; i++) {
        for (size_t j = 0; j < sizeof(cases) / sizeof(cases[0]); j++) {
            error_lib = cases[j].lib;
            error_reason = cases[j].reason;
            assert_false(ask(i));
            assert_int_equal(verdict, cases[j].expected);
            assert_int_equal(ERR_peek_error(), 0);
            /* Behind an error of the caller ours cannot be told apart. */
            ERR_raise(ERR_LIB_USER, 77);
            assert_false(ask(i));
            assert_int_equal(verdict, PDP__SIGNATURE_BAD);
            assert_int_equal(ERR_get_error(), ERR_PACK(ERR_LIB_USER, 0, 77));
            assert_int_equal(ERR_get_error(), 0);
        }
    }
    error_lib = 0;
}

/* Lengths and algorithms are judged before libcrypto is asked. */
static void
test_libcrypto_is_not_asked(void **state)
{
    (void)state;
    unsigned char signature[512] = {0};

    verify_answer = 1;
    verify_calls = 0;
    for (size_t i = 0; i < KEYS; i++) {
        const size_t lens[] = {0, 1, kinds[i].len - 1, kinds[i].len + 1,
            kinds[i].len * 2};

        for (size_t j = 0; j < sizeof(lens) / sizeof(lens[0]); j++) {
            assert_false(pdp__key_verify(keys[i], kinds[i].alg,
                PDP__LIT("input"), signature, lens[j]));
        }
        for (unsigned alg = 0; alg <= PDP__ALG_COUNT; alg++) {
            if (alg >= PDP__ALG_COUNT ||
                (pdp__key_algs(keys[i]) & PDP__ALG_BIT(alg)) == 0) {
                assert_false(pdp__key_verify(keys[i], (enum pdp__alg)alg,
                    PDP__LIT("input"), signature, kinds[i].len));
            }
        }
    }
    assert_int_equal(verify_calls, 0);
}

/* r and s become minimal DER integers; others are passed as they are. */
static void
test_what_libcrypto_sees(void **state)
{
    (void)state;
    static const unsigned char expected[] = {0x30, 0x08, 0x02, 0x02, 0x00, 0x80,
        0x02, 0x02, 0x01, 0x02};
    unsigned char signature[256] = {0};

    verify_answer = 1;
    signature[31] = 0x80;
    signature[62] = 0x01;
    signature[63] = 0x02;
    assert_true(pdp__key_verify(keys[1], PDP__ALG_ES256, PDP__LIT("input"),
        signature, 64));
    assert_int_equal(seen_len, sizeof(expected));
    assert_memory_equal(seen_signature, expected, sizeof(expected));

    assert_true(pdp__key_verify(keys[0], PDP__ALG_RS256, PDP__LIT("input"),
        signature, 256));
    assert_int_equal(seen_len, 256);
    assert_memory_equal(seen_signature, signature, 256);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_only_one_is_yes),
        cmocka_unit_test(test_no_answer_without_a_copy),
        cmocka_unit_test(test_what_a_no_means),
        cmocka_unit_test(test_libcrypto_is_not_asked),
        cmocka_unit_test(test_what_libcrypto_sees),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
