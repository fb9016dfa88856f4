/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include "crypto/key_impl.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <pthread.h>

#include "key_util.h"

/*
 * Signatures, with keys made on the spot: what must verify does, and every
 * near miss does not.
 */

enum { ALGS = sizeof(manners) / sizeof(manners[0]) };

static const pdp_str_t input = PDP__LIT_INIT("eyJhbGciOiJ4In0.eyJhIjoxfQ");

/* One private key for each manner, its public half without and with alg,
 * and a good signature of input. */
static struct {
    EVP_PKEY *pkey;
    struct pdp__key *open;
    struct pdp__key *bound;
    unsigned char signature[1024];
    size_t len;
} keys[ALGS];

static EVP_PKEY *rsa;

static const char *
crv_of(const struct manner *manner)
{
    return manner->width == 32   ? "P-256"
           : manner->width == 48 ? "P-384"
           : manner->width == 66 ? "P-521"
                                 : NULL;
}

static EVP_PKEY *
make_private(const struct manner *manner)
{
    if (manner->padding != 0) {
        assert_int_equal(EVP_PKEY_up_ref(rsa), 1);
        return rsa;
    }
    return manner->width == 0
               ? EVP_PKEY_Q_keygen(NULL, NULL, "ED25519")
               : EVP_PKEY_Q_keygen(NULL, NULL, "EC", crv_of(manner));
}

static int
setup(void **state)
{
    (void)state;
    rsa = EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)2048);
    assert_non_null(rsa);
    for (size_t i = 0; i < ALGS; i++) {
        char text[TEXT_MAX];

        keys[i].pkey = make_private(&manners[i]);
        assert_non_null(keys[i].pkey);
        jwk_of(text, keys[i].pkey, crv_of(&manners[i]), NULL);
        keys[i].open = must_import(text);
        jwk_of(text, keys[i].pkey, crv_of(&manners[i]),
            pdp__alg_name(manners[i].alg));
        keys[i].bound = must_import(text);
        keys[i].len = sign_jws(keys[i].pkey, &manners[i], input,
            keys[i].signature, sizeof(keys[i].signature));
    }
    return 0;
}

static int
teardown(void **state)
{
    (void)state;
    for (size_t i = 0; i < ALGS; i++) {
        EVP_PKEY_free(keys[i].pkey);
        pdp__key_free(keys[i].open);
        pdp__key_free(keys[i].bound);
    }
    EVP_PKEY_free(rsa);
    return 0;
}

static bool
accepts(size_t i, const unsigned char *signature, size_t len)
{
    bool open =
        pdp__key_verify(keys[i].open, manners[i].alg, input, signature, len);
    bool bound =
        pdp__key_verify(keys[i].bound, manners[i].alg, input, signature, len);

    assert_int_equal(open, bound);
    assert_int_equal(ERR_peek_error(), 0);
    return open;
}

static void
test_good(void **state)
{
    (void)state;
    for (size_t i = 0; i < ALGS; i++) {
        assert_int_equal(keys[i].len, keys[i].open->signature_len);
        assert_true(accepts(i, keys[i].signature, keys[i].len));
        assert_true(accepts(i, keys[i].signature, keys[i].len));
    }
}

static void
test_inputs_of_all_sizes(void **state)
{
    (void)state;
    static char text[20000];
    static const size_t lens[] = {0, 1, 63, 64, 65, 127, 128, 8192, 20000};
    unsigned char signature[1024];

    memset(text, 'x', sizeof(text));
    for (size_t i = 0; i < ALGS; i++) {
        for (size_t j = 0; j < sizeof(lens) / sizeof(lens[0]); j++) {
            pdp_str_t some = {text, lens[j]};
            size_t len = sign_jws(keys[i].pkey, &manners[i], some, signature,
                sizeof(signature));

            assert_true(pdp__key_verify(keys[i].open, manners[i].alg, some,
                signature, len));
        }
    }
}

static void
test_other_input(void **state)
{
    (void)state;
    for (size_t i = 0; i < ALGS; i++) {
        pdp_str_t cut = {input.ptr, input.len - 1};
        pdp_str_t other = PDP__LIT("eyJhbGciOiJ4In0.eyJhIjoxfR");

        assert_false(pdp__key_verify(keys[i].open, manners[i].alg, cut,
            keys[i].signature, keys[i].len));
        assert_false(pdp__key_verify(keys[i].open, manners[i].alg, other,
            keys[i].signature, keys[i].len));
        assert_false(pdp__key_verify(keys[i].open, manners[i].alg,
            (pdp_str_t){NULL, 0}, keys[i].signature, keys[i].len));
    }
}

/* Every key, asked with every algorithm, given every signature: true only
 * where all three belong together. */
static void
test_all_combinations(void **state)
{
    (void)state;
    int good = 0;

    for (size_t k = 0; k < ALGS; k++) {
        for (size_t a = 0; a < ALGS; a++) {
            for (size_t s = 0; s < ALGS; s++) {
                bool same_key = keys[k].pkey == keys[s].pkey;
                bool open = pdp__key_verify(keys[k].open, manners[a].alg, input,
                    keys[s].signature, keys[s].len);
                bool bound = pdp__key_verify(keys[k].bound, manners[a].alg,
                    input, keys[s].signature, keys[s].len);

                assert_int_equal(open, same_key && a == s);
                assert_int_equal(bound, k == a && a == s);
                good += open;
            }
        }
    }
    assert_int_equal(good, 6 * 6 + 4);
}

static void
test_not_an_algorithm(void **state)
{
    (void)state;
    static const enum pdp__alg algs[] = {PDP__ALG_NONE, PDP__ALG_COUNT,
        (enum pdp__alg)15};

    for (size_t i = 0; i < ALGS; i++) {
        for (size_t j = 0; j < sizeof(algs) / sizeof(algs[0]); j++) {
            assert_false(pdp__key_verify(keys[i].open, algs[j], input,
                keys[i].signature, keys[i].len));
        }
    }
}

static void
test_flipped_bits(void **state)
{
    (void)state;
    for (size_t i = 0; i < ALGS; i++) {
        for (size_t at = 0; at < keys[i].len; at++) {
            for (unsigned bit = at % 8; bit < 8; bit += 5) {
                keys[i].signature[at] ^= (unsigned char)(1u << bit);
                assert_false(accepts(i, keys[i].signature, keys[i].len));
                keys[i].signature[at] ^= (unsigned char)(1u << bit);
            }
        }
        assert_true(accepts(i, keys[i].signature, keys[i].len));
    }
}

/* In a buffer of exactly that length, for the address sanitizer. */
static void
test_every_other_length(void **state)
{
    (void)state;
    for (size_t i = 0; i < ALGS; i++) {
        for (size_t len = 0; len <= 2 * keys[i].len; len++) {
            unsigned char *exact = calloc(1, len == 0 ? 1 : len);

            assert_non_null(exact);
            memcpy(exact, keys[i].signature,
                len < keys[i].len ? len : keys[i].len);
            assert_int_equal(accepts(i, exact, len), len == keys[i].len);
            free(exact);
        }
        assert_false(accepts(i, NULL, 0));
        assert_false(accepts(i, keys[i].signature, SIZE_MAX));
    }
}

static void
test_leading_zero_does_not_extend(void **state)
{
    (void)state;
    for (size_t i = 0; i < ALGS; i++) {
        unsigned char longer[1025] = {0};

        memcpy(longer + 1, keys[i].signature, keys[i].len);
        assert_false(accepts(i, longer, keys[i].len + 1));
    }
}

static void
test_constant_signatures(void **state)
{
    (void)state;
    for (size_t i = 0; i < ALGS; i++) {
        unsigned char bytes[1024];

        memset(bytes, 0, sizeof(bytes)); /* CVE-2022-21449: r = s = 0 */
        assert_false(accepts(i, bytes, keys[i].len));
        bytes[keys[i].len - 1] = 1;
        bytes[keys[i].len / 2 - 1] = 1;
        assert_false(accepts(i, bytes, keys[i].len));
        memset(bytes, 0xFF, sizeof(bytes));
        assert_false(accepts(i, bytes, keys[i].len));
    }
}

static void
test_ecdsa_der(void **state)
{
    (void)state;
    for (size_t i = 0; i < ALGS; i++) {
        unsigned char der[256] = {0};

        if (manners[i].width == 0) {
            continue;
        }
        size_t len =
            sign_plain(keys[i].pkey, &manners[i], input, der, sizeof(der));

        assert_int_equal(der[0], 0x30);
        assert_true(len > 2 * manners[i].width);
        assert_false(accepts(i, der, len));
        assert_false(accepts(i, der, keys[i].len));
    }
}

/* Swapped halves, and halves replaced by 0, n and n + 1. */
static void
test_ecdsa_halves(void **state)
{
    (void)state;
    for (size_t i = 0; i < ALGS; i++) {
        size_t width = manners[i].width;
        unsigned char bytes[132];
        BIGNUM *n = NULL;

        if (width == 0) {
            continue;
        }
        assert_int_equal(EVP_PKEY_get_bn_param(keys[i].pkey,
                             OSSL_PKEY_PARAM_EC_ORDER, &n),
            1);
        memcpy(bytes, keys[i].signature + width, width);
        memcpy(bytes + width, keys[i].signature, width);
        assert_false(accepts(i, bytes, 2 * width));
        for (int half = 0; half < 2; half++) {
            unsigned char *place = bytes + (half == 0 ? 0 : width);

            memcpy(bytes, keys[i].signature, 2 * width);
            memset(place, 0, width);
            assert_false(accepts(i, bytes, 2 * width));
            assert_int_equal(BN_bn2binpad(n, place, (int)width), (int)width);
            assert_false(accepts(i, bytes, 2 * width));
            place[width - 1]++;
            assert_false(accepts(i, bytes, 2 * width));
        }
        BN_free(n);
    }
}

/* (r, n - s) is a signature, too: why a token is not an identity. */
static void
test_ecdsa_twin_verifies(void **state)
{
    (void)state;
    for (size_t i = 0; i < ALGS; i++) {
        size_t width = manners[i].width;
        unsigned char bytes[132];
        BIGNUM *n = NULL;

        if (width == 0) {
            continue;
        }
        BIGNUM *s = BN_bin2bn(keys[i].signature + width, (int)width, NULL);

        assert_int_equal(EVP_PKEY_get_bn_param(keys[i].pkey,
                             OSSL_PKEY_PARAM_EC_ORDER, &n),
            1);
        assert_int_equal(BN_sub(s, n, s), 1);
        memcpy(bytes, keys[i].signature, width);
        assert_int_equal(BN_bn2binpad(s, bytes + width, (int)width),
            (int)width);
        assert_true(accepts(i, bytes, 2 * width));
        BN_free(s);
        BN_free(n);
    }
}

static void
test_pss_salt_is_as_long_as_the_hash(void **state)
{
    (void)state;
    for (size_t i = 0; i < ALGS; i++) {
        unsigned char signature[256];
        struct manner manner = manners[i];

        if (manner.padding != RSA_PKCS1_PSS_PADDING) {
            continue;
        }
        const int right = manner.salt;
        const int salts[] = {0, 1, 20, 32, 48, 64, right - 1, right + 1, right,
            RSA_PSS_SALTLEN_MAX};

        for (size_t j = 0; j < sizeof(salts) / sizeof(salts[0]); j++) {
            manner.salt = salts[j];
            size_t len = sign_jws(keys[i].pkey, &manner, input, signature,
                sizeof(signature));

            assert_int_equal(len, 256);
            assert_int_equal(accepts(i, signature, len), salts[j] == right);
        }
    }
}

static void
test_pss_mgf1_uses_the_hash(void **state)
{
    (void)state;
    static const char *const hashes[] = {"SHA1", "SHA256", "SHA384", "SHA512"};

    for (size_t i = 0; i < ALGS; i++) {
        unsigned char signature[256];
        struct manner manner = manners[i];

        if (manner.padding != RSA_PKCS1_PSS_PADDING) {
            continue;
        }
        for (size_t j = 0; j < 4; j++) {
            manner.mgf1 = hashes[j];
            size_t len = sign_jws(keys[i].pkey, &manner, input, signature,
                sizeof(signature));

            assert_int_equal(accepts(i, signature, len),
                strcmp(hashes[j], manner.hash) == 0);
        }
    }
}

static void
test_rsa_signature_above_modulus(void **state)
{
    (void)state;
    BIGNUM *n = NULL;

    assert_int_equal(EVP_PKEY_get_bn_param(rsa, OSSL_PKEY_PARAM_RSA_N, &n), 1);
    for (size_t i = 0; i < ALGS; i++) {
        unsigned char bytes[256];

        if (manners[i].padding == 0) {
            continue;
        }
        /* s + n is the same number modulo n; where it fits 256 bytes. */
        BIGNUM *s = BN_bin2bn(keys[i].signature, (int)keys[i].len, NULL);

        assert_int_equal(BN_add(s, s, n), 1);
        if (BN_num_bytes(s) <= 256) {
            assert_int_equal(BN_bn2binpad(s, bytes, 256), 256);
            assert_false(accepts(i, bytes, 256));
        }
        assert_int_equal(BN_bn2binpad(n, bytes, 256), 256);
        assert_false(accepts(i, bytes, 256));
        BN_free(s);
    }
    BN_free(n);
}

static void
test_error_queue(void **state)
{
    (void)state;
    unsigned char garbage[256];

    memset(garbage, 0x5A, sizeof(garbage));
    for (size_t i = 0; i < ALGS; i++) {
        for (int others = 0; others < 2; others++) {
            unsigned long mine =
                others == 0 ? 0 : ERR_PACK(ERR_LIB_USER, 0, 77);

            if (others == 1) {
                ERR_raise(ERR_LIB_USER, 77);
            }
            assert_true(pdp__key_verify(keys[i].open, manners[i].alg, input,
                keys[i].signature, keys[i].len));
            assert_int_equal(ERR_peek_last_error(), mine);
            assert_false(pdp__key_verify(keys[i].open, manners[i].alg, input,
                garbage, keys[i].len));
            /* What was there stays; what we added is gone. */
            assert_int_equal(ERR_peek_last_error(), mine);
            assert_int_equal(ERR_get_error(), mine);
            assert_int_equal(ERR_get_error(), 0);
        }
    }
}

/* Whatever allocation fails: no crash, no leak, never a yes to a forgery. */
static void
test_every_allocation_fails_once(void **state)
{
    (void)state;
    for (size_t i = 0; i < ALGS; i++) {
        unsigned char forged[1024];
        bool good = false;
        size_t n = 0;

        memcpy(forged, keys[i].signature, keys[i].len);
        forged[keys[i].len / 3] ^= 4;
        do {
            crypto_calls = 0;
            crypto_fail_at = ++n;
            good = pdp__key_verify(keys[i].open, manners[i].alg, input,
                keys[i].signature, keys[i].len);
            bool failed = crypto_calls >= n;

            crypto_calls = 0;
            assert_false(pdp__key_verify(keys[i].open, manners[i].alg, input,
                forged, keys[i].len));
            if (!failed) {
                break;
            }
        } while (n < 1000);
        crypto_fail_at = 0;
        assert_true(good);
        assert_true(n > 2);
        assert_true(n < 1000);
    }
}

struct job {
    size_t first;
    int good;
    int bad;
};

static void *
run_job(void *user)
{
    struct job *job = user;

    for (size_t i = 0; i < 400; i++) {
        size_t k = (job->first + i) % ALGS;
        unsigned char forged[1024];

        memcpy(forged, keys[k].signature, keys[k].len);
        forged[i % keys[k].len] ^= 1;
        job->good += pdp__key_verify(keys[k].open, manners[k].alg, input,
            keys[k].signature, keys[k].len);
        job->bad += pdp__key_verify(keys[k].open, manners[k].alg, input, forged,
            keys[k].len);
    }
    return NULL;
}

static void
test_threads_share_keys(void **state)
{
    (void)state;
    pthread_t threads[4];
    struct job jobs[4];

    for (size_t i = 0; i < 4; i++) {
        jobs[i] = (struct job){i, 0, 0};
        assert_int_equal(pthread_create(&threads[i], NULL, run_job, &jobs[i]),
            0);
    }
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
        assert_int_equal(jobs[i].good, 400);
        assert_int_equal(jobs[i].bad, 0);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_good),
        cmocka_unit_test(test_inputs_of_all_sizes),
        cmocka_unit_test(test_other_input),
        cmocka_unit_test(test_all_combinations),
        cmocka_unit_test(test_not_an_algorithm),
        cmocka_unit_test(test_flipped_bits),
        cmocka_unit_test(test_every_other_length),
        cmocka_unit_test(test_leading_zero_does_not_extend),
        cmocka_unit_test(test_constant_signatures),
        cmocka_unit_test(test_ecdsa_der),
        cmocka_unit_test(test_ecdsa_halves),
        cmocka_unit_test(test_ecdsa_twin_verifies),
        cmocka_unit_test(test_pss_salt_is_as_long_as_the_hash),
        cmocka_unit_test(test_pss_mgf1_uses_the_hash),
        cmocka_unit_test(test_rsa_signature_above_modulus),
        cmocka_unit_test(test_error_queue),
        cmocka_unit_test(test_every_allocation_fails_once),
        cmocka_unit_test(test_threads_share_keys),
    };

    wrap_crypto_memory();
    return cmocka_run_group_tests(tests, setup, teardown);
}
