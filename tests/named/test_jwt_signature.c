/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
/*
 * Known failures of JWT verifiers, by number: signatures.
 * J9 J11 J12 J33, T40.
 *
 * Each signature is put into a token that is good in all else, next to a
 * control that is accepted; what libcrypto would say to a lax caller is in
 * test_jwt_stub.c.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "token_cases.h"

/* fixture.token with this signature is refused where the signature begins. */
static void
refuse_signature(const unsigned char *signature, size_t len)
{
    resign(signature, len);
    refuse(fixture.token, PDP_REASON_SIGNATURE_INVALID,
        (int64_t)signature_at(fixture.token));
}

/* A curve with its order, for signatures made by hand. */
static const struct curve {
    const struct signer *signer;
    int nid;
    size_t width;
} curves[] = {
    {&signers[6], NID_X9_62_prime256v1, 32},
    {&signers[7], NID_secp384r1, 48},
    {&signers[8], NID_secp521r1, 66},
};

static BIGNUM *
order_of(const struct curve *curve)
{
    EC_GROUP *group = EC_GROUP_new_by_curve_name(curve->nid);
    BIGNUM *order = BN_dup(EC_GROUP_get0_order(group));

    assert_non_null(order);
    EC_GROUP_free(group);
    return order;
}

/* r and s from {0, 1, 2, n-1, n, n+1, 2^(8 width)-1}: each pair. */
static void
j09_zero_one_and_the_order_as_r_and_s(void **state)
{
    enum { VALUES = 7 };

    (void)state;
    for (size_t c = 0; c < COUNT(curves); c++) {
        size_t width = curves[c].width;
        unsigned char values[VALUES][66];
        unsigned char pair[132];
        BIGNUM *n = order_of(&curves[c]);

        memset(values, 0, sizeof(values));
        values[1][width - 1] = 1;
        values[2][width - 1] = 2;
        assert_int_equal(BN_sub_word(n, 1), 1);
        for (size_t i = 3; i < 6; i++) {
            assert_int_equal(BN_bn2binpad(n, values[i], (int)width),
                (int)width);
            assert_int_equal(BN_add_word(n, 1), 1);
        }
        memset(values[6], 0xFF, width);
        BN_free(n);
        accept_token(token_by(curves[c].signer));
        for (size_t i = 0; i < VALUES * VALUES; i++) {
            memcpy(pair, values[i / VALUES], width);
            memcpy(pair + width, values[i % VALUES], width);
            refuse_signature(pair, 2 * width);
        }
    }
}

/* The same for Ed25519: R and S of zeros, R the identity, S not below the
 * order (RFC 8032 5.1.7: or each signature has a twin). */
static void
j09_ed25519_with_zero_and_too_large_s(void **state)
{
    /* 2^252 + 27742317777372353535851937790883648493, little-endian */
    static const unsigned char order[32] = {0xED, 0xD3, 0xF5, 0x5C, 0x1A, 0x63,
        0x12, 0x58, 0xD6, 0x9C, 0xF7, 0xA2, 0xDE, 0xF9, 0xDE,
        0x14, [31] = 0x10};
    unsigned char good[64];
    unsigned char bad[64] = {0};

    (void)state;
    accept_token(token_by(&signers[9]));
    assert_int_equal(signature_of(good, sizeof(good)), 64);
    refuse_signature(bad, 64);
    bad[0] = 1;
    refuse_signature(bad, 64);
    memcpy(bad, good, 64);
    memset(bad + 32, 0, 32);
    refuse_signature(bad, 64);
    memcpy(bad, good, 64);
    memset(bad, 0, 32);
    refuse_signature(bad, 64);
    memcpy(bad, good, 64);
    for (unsigned i = 0, carry = 0; i < 32; i++) {
        carry += (unsigned)good[32 + i] + order[i];
        bad[32 + i] = (unsigned char)carry;
        carry >>= 8;
    }
    refuse_signature(bad, 64);
    resign(good, 64);
    accept_token(fixture.token);
}

static void
j11_t40_der_in_place_of_r_and_s(void **state)
{
    unsigned char der[160];

    (void)state;
    for (size_t c = 0; c < COUNT(curves); c++) {
        const struct signer *signer = curves[c].signer;

        accept_token(token_by(signer));
        pdp_str_t input = {fixture.token, signature_at(fixture.token) - 1};
        size_t len = sign_plain(key_of(signer), &manners[signer->with - 1],
            input, der, sizeof(der));
        assert_int_equal(der[0], 0x30);
        refuse_signature(der, len);
        /* Also cut or filled up to the length that r and s have. */
        memset(der + len, 0, sizeof(der) - len);
        refuse_signature(der, 2 * curves[c].width);
    }
}

/* Bytes at the end or the front taken away or added, zeros among them. */
static void
j11_t40_every_other_length_of_an_ecdsa_signature(void **state)
{
    static unsigned char bytes[5600];

    (void)state;
    for (size_t c = 0; c < COUNT(curves); c++) {
        size_t exact = 2 * curves[c].width;

        accept_token(token_by(curves[c].signer));
        memset(bytes, 0, sizeof(bytes));
        assert_int_equal(signature_of(bytes, sizeof(bytes)), exact);
        for (size_t len = 1; len <= 200; len++) {
            if (len != exact) {
                refuse_signature(bytes, len);
            }
        }
        refuse_signature(bytes, 5600);
        resign(NULL, 0);
        refuse(fixture.token, PDP_REASON_ALG_REFUSED,
            (int64_t)strlen(fixture.token));
        memmove(bytes + 1, bytes, exact);
        bytes[0] = 0;
        refuse_signature(bytes, exact + 1);
        refuse_signature(bytes, exact); /* r moved into s */
        resign(bytes + 1, exact);
        accept_token(fixture.token);
    }
    /* 10,000 bytes are over the limit of a token. */
    static unsigned char many[10000];
    token_by(&signers[6]);
    resign(many, sizeof(many));
    refuse(fixture.token, PDP_REASON_TOKEN_MALFORMED, 0);
}

/* Every length from 0 to past twice the modulus, and on to 2 KiB. */
static void
j12_t40_every_length_of_an_rsa_signature(void **state)
{
    unsigned char good[2049] = {0};

    (void)state;
    for (size_t i = 0; i < 6; i++) { /* RS* and PS* */
        accept_token(token_by(&signers[i]));
        memset(good, 0xA5, sizeof(good));
        assert_int_equal(signature_of(good, sizeof(good)), 256);
        resign(good, 0);
        refuse(fixture.token, PDP_REASON_ALG_REFUSED,
            (int64_t)strlen(fixture.token));
        for (size_t len = 1; len < sizeof(good); len++) {
            if (len != 256) {
                refuse_signature(good, len);
            }
        }
        resign(good, 256);
        accept_token(fixture.token);
    }
}

/* The verification alone, with signatures that end where their memory ends:
 * a read past them is a report of the sanitizers. */
static void
j12_no_byte_past_a_short_signature(void **state)
{
    static const char *const names[] = {NULL, "P-256", NULL};
    EVP_PKEY *keys[] = {fixture.rsa, fixture.ec, fixture.ed};

    (void)state;
    for (size_t k = 0; k < COUNT(keys); k++) {
        char jwk[TEXT_MAX];

        jwk_of(jwk, keys[k], names[k], NULL);
        struct pdp__key *key = must_import(jwk);
        for (size_t len = 0; len <= 512; len++) {
            unsigned char *exact = malloc(len == 0 ? 1 : len);

            assert_non_null(exact);
            memset(exact, 0x5A, len == 0 ? 1 : len);
            for (unsigned alg = 0; alg < PDP__ALG_COUNT; alg++) {
                assert_false(pdp__key_verify(key, (enum pdp__alg)alg,
                    PDP__LIT("a.b"), exact, len));
            }
            free(exact);
        }
        pdp__key_free(key);
    }
}

/* A signature that begins with a zero byte, without it; and any signature
 * with one before it: the same number, another length. */
static void
t40_zero_byte_before_an_rsa_signature(void **state)
{
    unsigned char bytes[257] = {0};
    char more[64];

    (void)state;
    for (unsigned i = 0;; i++) {
        assert_true(i < 20000); /* one in 256 begins with zero */
        snprintf(more, sizeof(more), ",\"jti\":\"%u\"", i);
        sign_token(&fixture, RSA_HEADER, payload_of(IBM_ISSUER, more),
            fixture.rsa, PDP__ALG_RS256);
        signature_of(bytes + 1, 256);
        if (bytes[1] == 0) {
            break;
        }
    }
    accept_token(fixture.token);
    refuse_signature(bytes + 2, 255);
    refuse_signature(bytes, 257);
    resign(bytes + 1, 256);
    accept_token(fixture.token);
}

/* s + n is the same number modulo n and must be out of range. */
static void
t40_rsa_signature_plus_the_modulus(void **state)
{
    unsigned char bytes[256];
    char more[64];
    BIGNUM *n = NULL;
    BIGNUM *s = BN_new();

    (void)state;
    assert_int_equal(EVP_PKEY_get_bn_param(fixture.rsa, OSSL_PKEY_PARAM_RSA_N,
                         &n),
        1);
    for (unsigned i = 0;; i++) {
        assert_true(i < 20000);
        snprintf(more, sizeof(more), ",\"jti\":\"n%u\"", i);
        sign_token(&fixture, RSA_HEADER, payload_of(IBM_ISSUER, more),
            fixture.rsa, PDP__ALG_RS256);
        assert_non_null(
            BN_bin2bn(bytes, (int)signature_of(bytes, sizeof(bytes)), s));
        assert_int_equal(BN_add(s, s, n), 1);
        if (BN_num_bytes(s) == 256) {
            break;
        }
    }
    accept_token(fixture.token);
    assert_int_equal(BN_bn2binpad(s, bytes, 256), 256);
    refuse_signature(bytes, 256);
    BN_free(n);
    BN_free(s);
}

/* The private key applied to any block: what verification would see. */
static size_t
sign_block(const unsigned char block[static 256], unsigned char out[static 256])
{
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(fixture.rsa, NULL);
    size_t len = 256;

    assert_non_null(ctx);
    assert_int_equal(EVP_PKEY_sign_init(ctx), 1);
    assert_int_equal(EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_NO_PADDING), 1);
    assert_int_equal(EVP_PKEY_sign(ctx, out, &len, block, 256), 1);
    EVP_PKEY_CTX_free(ctx);
    return len;
}

/* Blocks that lax readers of PKCS#1 v1.5 take for good ones (RFC 8017 9.2):
 * the hash is right in all of them. */
static void
t40_rsa_blocks_that_are_nearly_right(void **state)
{
    static const unsigned char info[] = {0x30, 0x31, 0x30, 0x0D, 0x06, 0x09,
        0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0x04,
        0x20};
    enum { START = 256 - 32 - sizeof(info) };
    unsigned char good[256];
    unsigned char block[256];
    unsigned char signature[256];
    unsigned char hash[32];

    (void)state;
    accept_token(token_headed(RSA_HEADER));
    size_t input_len = signature_at(fixture.token) - 1;
    assert_int_equal(EVP_Q_digest(NULL, "SHA256", NULL, fixture.token,
                         input_len, hash, NULL),
        1);
    memset(good, 0xFF, sizeof(good));
    good[0] = 0;
    good[1] = 1;
    good[START - 1] = 0;
    memcpy(good + START, info, sizeof(info));
    memcpy(good + 256 - 32, hash, 32);
    assert_int_equal(sign_block(good, signature), 256);
    resign(signature, 256);
    accept_token(fixture.token); /* the control: that is how it is made */

    /* Each byte before the hash changed. */
    for (size_t at = 1; at < 256 - 32; at++) {
        memcpy(block, good, sizeof(block));
        block[at] ^= at == 1 ? 3 : 1;
        refuse_signature(signature, sign_block(block, signature));
    }
    /* Short padding, the rest behind the hash (Bleichenbacher, 2006) or
     * before it. */
    for (size_t pad = 0; pad <= 16; pad++) {
        memset(block, 0, sizeof(block));
        block[1] = 1;
        memset(block + 2, 0xFF, pad);
        memcpy(block + 3 + pad, good + START, sizeof(info) + 32);
        refuse_signature(signature, sign_block(block, signature));
        memset(block + 3 + pad, 0xFF, 256 - 32 - 3 - pad);
        memcpy(block + 256 - 32, hash, 32);
        refuse_signature(signature, sign_block(block, signature));
    }
    /* The name of the hash without its NULL parameter. */
    memcpy(block, good, sizeof(block));
    memset(block + START - 1, 0xFF, 2);
    block[START + 1] = 0;
    memcpy(block + START + 2, info, 15);
    block[START + 3] -= 2;
    block[START + 5] -= 2;
    memcpy(block + START + 17, info + 17, 2);
    refuse_signature(signature, sign_block(block, signature));
    /* The hash alone, without its name; all zeros; one. */
    memcpy(block, good, sizeof(block));
    memset(block + START - 1, 0xFF, sizeof(info));
    block[256 - 33] = 0;
    refuse_signature(signature, sign_block(block, signature));
    memset(signature, 0, sizeof(signature));
    refuse_signature(signature, 256);
    signature[255] = 1;
    refuse_signature(signature, 256);
}

/* PSS: the salt is as long as the hash, MGF1 uses the same hash. */
static void
t40_pss_with_another_salt_or_mask(void **state)
{
    static const int salts[] = {0, 1, 20, 31, 32, 33, 47, 48, 49, 63, 64, 65,
        100, 190, 222};
    static const char *const masks[] = {"SHA1", "SHA224", "SHA256", "SHA384",
        "SHA512"};
    unsigned char signature[256];

    (void)state;
    for (size_t i = 3; i < 6; i++) {
        const struct manner *good = &manners[signers[i].with - 1];

        accept_token(token_by(&signers[i]));
        pdp_str_t input = {fixture.token, signature_at(fixture.token) - 1};
        for (size_t k = 0; k < COUNT(salts) + COUNT(masks); k++) {
            struct manner manner = *good;
            if (k < COUNT(salts)) {
                manner.salt = salts[k];
            } else {
                manner.mgf1 = masks[k - COUNT(salts)];
            }
            if (manner.salt > 254 - (int)good->salt) {
                continue; /* the modulus has no room for it */
            }
            size_t len = sign_plain(fixture.rsa, &manner, input, signature,
                sizeof(signature));
            if (manner.salt == good->salt &&
                (manner.mgf1 == NULL || strcmp(manner.mgf1, good->hash) == 0)) {
                resign(signature, len);
                accept_token(fixture.token);
            } else {
                refuse_signature(signature, len);
            }
        }
    }
}

/* The good signature of one algorithm under the name of another. */
static void
t40_a_signature_of_another_algorithm(void **state)
{
    (void)state;
    for (size_t i = 0; i < 6; i++) {
        for (size_t k = 0; k < 6; k++) {
            sign_token(&fixture, header_of(&signers[i]),
                payload_of(ALL_ISSUER, ""), fixture.rsa, signers[k].with);
            if (i == k) {
                accept_token(fixture.token);
            } else {
                refuse(fixture.token, PDP_REASON_SIGNATURE_INVALID,
                    (int64_t)signature_at(fixture.token));
            }
        }
    }
}

/* r and n - s: the twin of an ECDSA signature. */
static void
make_twin(const struct curve *curve)
{
    unsigned char bytes[132];
    BIGNUM *n = order_of(curve);
    BIGNUM *s = BN_new();
    int width = (int)curve->width;

    assert_int_equal(signature_of(bytes, sizeof(bytes)), 2 * width);
    assert_non_null(BN_bin2bn(bytes + width, width, s));
    assert_int_equal(BN_sub(s, n, s), 1);
    assert_int_equal(BN_bn2binpad(s, bytes + width, width), width);
    BN_free(n);
    BN_free(s);
    resign(bytes, 2 * (size_t)width);
}

/*
 * Both verify: that is a property of ECDSA.  So two tokens say the same, and
 * nothing may take the bytes of a token for who or which it is: the twin is
 * verified anew (it is not the cached token), gets the same answer, and
 * neither makes the other go.  Revocation goes by (iss, jti):
 * test_jwt_revoked.c.  Replay is not looked for.
 */
static void
j33_the_twin_of_an_ecdsa_signature(void **state)
{
    pdp_principal_t who = {.size = sizeof(who)};
    static char first[TOKEN_CAP];

    (void)state;
    for (size_t c = 0; c < COUNT(curves); c++) {
        accept_token(token_by(curves[c].signer));
        memcpy(first, fixture.token, sizeof(first));
        make_twin(&curves[c]);
        assert_string_not_equal(first, fixture.token);

        const char *const order[] = {fixture.token, first, fixture.token};
        for (size_t i = 0; i < COUNT(order); i++) {
            crypto_calls = 0;
            crypto_fail_at = SIZE_MAX; /* counts, and never fails */
            accept_token(order[i]);
            crypto_fail_at = 0;
            /* Only the first look at the twin asks libcrypto. */
            assert_int_equal(crypto_calls > 0, i == 0);
            assert_true(pdp_decision_principal(fixture.decision, &who));
            assert_str(who.id, "IBMid-1");
            assert_str(pdp_decision_account(fixture.decision), ACCOUNT);
        }
        /* And it is a twin of this token only. */
        fixture.token[payload_at(fixture.token) + 60] ^= 1;
        assert_string_not_equal(pdp_reason_name(judge_bytes(fixture.token,
                                    strlen(fixture.token))),
            "permitted");
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(j09_zero_one_and_the_order_as_r_and_s),
        cmocka_unit_test(j09_ed25519_with_zero_and_too_large_s),
        cmocka_unit_test(j11_t40_der_in_place_of_r_and_s),
        cmocka_unit_test(j11_t40_every_other_length_of_an_ecdsa_signature),
        cmocka_unit_test(j12_t40_every_length_of_an_rsa_signature),
        cmocka_unit_test(j12_no_byte_past_a_short_signature),
        cmocka_unit_test(t40_zero_byte_before_an_rsa_signature),
        cmocka_unit_test(t40_rsa_signature_plus_the_modulus),
        cmocka_unit_test(t40_rsa_blocks_that_are_nearly_right),
        cmocka_unit_test(t40_pss_with_another_salt_or_mask),
        cmocka_unit_test(t40_a_signature_of_another_algorithm),
        cmocka_unit_test(j33_the_twin_of_an_ecdsa_signature),
    };

    wrap_crypto_memory();
    return cmocka_run_group_tests(tests, load_issuers, free_issuers);
}
