/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include "crypto/weak.h"

#include <openssl/bn.h>

/*
 * Weak numbers, judged on their bytes, before a key object exists.
 *
 * libcrypto 3.0 imports RSA keys with e = 1 (every padded block is its own
 * signature), even or tiny moduli, and Ed25519 points of small order (one
 * signature fits any message).  It also takes any size: a large e or n
 * turns each token into a burden.
 *
 * WEAK is what reads well and must not be trusted; MALFORMED is what has
 * no meaning.  A leading zero byte is MALFORMED: RFC 7518 2 wants the
 * fewest bytes; it adds no weakness, but gives one key several spellings.
 *
 * Cost: cold; some 10,000 divisions for the fingerprint of a 2048-bit n.
 *
 * Not here: whether n is prime or has small factors, and whether an EC
 * point is on its curve; libcrypto's own check of public keys tells that.
 */

enum { BITS_MIN = 2048, BITS_MAX = 8192, E_LEN_MAX = 4 };

static enum pdp__key_result
end(enum pdp__key_result result, const char *phrase, const char **why)
{
    *why = phrase;
    return result;
}

/*
 * CVE-2017-15361 (ROCA): primes of the form k * M + (65537^a mod M), with M
 * a product of small primes, can be factored.  Modulo each of these small
 * primes such a modulus is a power of 65537; a sound one is so for all 38
 * primes with a chance below 2^-27.
 */
static bool
has_roca_fingerprint(const unsigned char *n, size_t len)
{
    static const uint8_t primes[] = {3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37,
        41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97, 101, 103, 107, 109,
        113, 127, 131, 137, 139, 149, 151, 157, 163, 167};

    for (size_t i = 0; i < sizeof(primes); i++) {
        uint32_t prime = primes[i];
        uint32_t rest = 0;
        uint32_t power = 1;

        for (size_t j = 0; j < len; j++) {
            rest = (rest * 256 + n[j]) % prime;
        }
        while (power != rest) {
            power = power * 65537 % prime;
            if (power == 1) {
                return false; /* all powers seen */
            }
        }
    }
    return true;
}

static size_t
bit_length(const unsigned char *n, size_t len)
{
    size_t bits = len * 8;

    for (unsigned top = n[0]; top < 0x80 && bits > 0; top = top * 2 + 1) {
        bits--;
    }
    return bits;
}

enum pdp__key_result
pdp__weak_modulus(const unsigned char *n, size_t len, const char **why)
{
    if (n[0] == 0 && len > 1) {
        return end(PDP__KEY_MALFORMED, "n begins with a zero byte", why);
    }
    if (bit_length(n, len) < BITS_MIN) {
        return end(PDP__KEY_WEAK, "n has fewer than 2048 bits", why);
    }
    if (len > BITS_MAX / 8) {
        return end(PDP__KEY_WEAK, "n has more than 8192 bits", why);
    }
    if (n[len - 1] % 2 == 0) {
        return end(PDP__KEY_WEAK, "n is even", why);
    }
    if (has_roca_fingerprint(n, len)) {
        return end(PDP__KEY_WEAK, "n has the fingerprint of CVE-2017-15361",
            why);
    }
    return PDP__KEY_OK;
}

enum pdp__key_result
pdp__weak_exponent(const unsigned char *e, size_t len, const char **why)
{
    uint64_t value = 0;

    if (e[0] == 0 && len > 1) {
        return end(PDP__KEY_MALFORMED, "e begins with a zero byte", why);
    }
    if (len > E_LEN_MAX) {
        return end(PDP__KEY_WEAK, "e has more than 32 bits", why);
    }
    for (size_t i = 0; i < len; i++) {
        value = value * 256 + e[i];
    }
    if (value % 2 == 0) {
        return end(PDP__KEY_WEAK, "e is even", why);
    }
    if (value < 65537) {
        return end(PDP__KEY_WEAK, "e is below 65537", why);
    }
    return PDP__KEY_OK;
}

/* Little-endian y of the five that the 8 points of small order have; under
 * such a key one signature fits any message. */
static bool
has_small_order(const unsigned char y[static PDP__ED25519_LEN])
{
    static const unsigned char small[][PDP__ED25519_LEN] = {
        {0},
        {1},
        {0xEC, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF,
            0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF,
            0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F},
        {0x26, 0xE8, 0x95, 0x8F, 0xC2, 0xB2, 0x27, 0xB0, 0x45, 0xC3, 0xF4, 0x89,
            0xF2, 0xEF, 0x98, 0xF0, 0xD5, 0xDF, 0xAC, 0x05, 0xD3, 0xC6, 0x33,
            0x39, 0xB1, 0x38, 0x02, 0x88, 0x6D, 0x53, 0xFC, 0x05},
        {0xC7, 0x17, 0x6A, 0x70, 0x3D, 0x4D, 0xD8, 0x4F, 0xBA, 0x3C, 0x0B, 0x76,
            0x0D, 0x10, 0x67, 0x0F, 0x2A, 0x20, 0x53, 0xFA, 0x2C, 0x39, 0xCC,
            0xC6, 0x4E, 0xC7, 0xFD, 0x77, 0x92, 0xAC, 0x03, 0x7A},
    };

    for (size_t i = 0; i < sizeof(small) / sizeof(small[0]); i++) {
        if (memcmp(y, small[i], PDP__ED25519_LEN) == 0) {
            return true;
        }
    }
    return false;
}

/* RFC 8032 5.1.3: y below p = 2^255 - 19. */
static bool
is_canonical(const unsigned char y[static PDP__ED25519_LEN])
{
    bool ones = y[PDP__ED25519_LEN - 1] == 0x7F;

    for (size_t i = 1; i < PDP__ED25519_LEN - 1; i++) {
        ones = ones && y[i] == 0xFF;
    }
    return !ones || y[0] < 0xED;
}

/*
 * RFC 8032 5.1.3: 1 if some x belongs to y, that is, if (y^2 - 1) times
 * (d y^2 + 1) is a square modulo p; 0 if not; -1: no memory.  libcrypto
 * would find out at each verification only.
 */
static int
is_on_ed25519(const unsigned char y[static PDP__ED25519_LEN])
{
    static const char p_hex[] =
        "7FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFED";
    static const char d_hex[] =
        "52036CEE2B6FFE738CC740797779E89800700A4D4141D8AB75EB4DCA135978A3";
    const int hex_len = sizeof(p_hex) - 1;
    int square = -2;
    BN_CTX *ctx = BN_CTX_new();
    BIGNUM *p = NULL;
    BIGNUM *v = NULL;
    BIGNUM *u = BN_lebin2bn(y, PDP__ED25519_LEN, NULL);

    if (ctx != NULL && u != NULL && BN_hex2bn(&p, p_hex) == hex_len &&
        BN_hex2bn(&v, d_hex) == hex_len && BN_mod_sqr(u, u, p, ctx) == 1 &&
        BN_mod_mul(v, v, u, p, ctx) == 1 && BN_add_word(v, 1) == 1 &&
        BN_sub_word(u, 1) == 1 && BN_mod_mul(u, u, v, p, ctx) == 1) {
        square = BN_kronecker(u, p, ctx);
    }
    BN_free(u);
    BN_free(v);
    BN_free(p);
    BN_CTX_free(ctx);
    return square == -2 ? -1 : square == 1;
}

enum pdp__key_result
pdp__weak_ed25519(const unsigned char x[static PDP__ED25519_LEN],
    const char **why)
{
    unsigned char y[PDP__ED25519_LEN];

    memcpy(y, x, sizeof(y));
    y[PDP__ED25519_LEN - 1] &= 0x7F; /* the top bit is the sign of x */
    if (!is_canonical(y)) {
        return end(PDP__KEY_MALFORMED, "x is not canonical", why);
    }
    if (has_small_order(y)) {
        return end(PDP__KEY_WEAK, "x is a point of small order", why);
    }
    switch (is_on_ed25519(y)) {
    case 1:
        return PDP__KEY_OK;
    case 0:
        return end(PDP__KEY_MALFORMED, "x is not a point of the curve", why);
    default:
        return end(PDP__KEY_NOMEM, "there is not enough memory", why);
    }
}
