/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#ifndef PDP__CRYPTO_WEAK_H
#define PDP__CRYPTO_WEAK_H

/*
 * Numbers of public keys that libcrypto would import and nobody should
 * trust.  Each function answers PDP__KEY_OK, or another result with a
 * static phrase in *why, which is otherwise left alone.
 */

#include "crypto/key.h"

enum { PDP__ED25519_LEN = 32 };

/* Modulus n, big-endian, len > 0: 2048 to 8192 bits, odd, no leading zero
 * byte, not one of CVE-2017-15361. */
enum pdp__key_result pdp__weak_modulus(const unsigned char *n, size_t len,
    const char **why);

/* Exponent e, big-endian, len > 0: odd, 65537 or above, at most 32 bits. */
enum pdp__key_result pdp__weak_exponent(const unsigned char *e, size_t len,
    const char **why);

/* An Ed25519 public key: canonical, on the curve, not of small order.  May
 * be PDP__KEY_NOMEM. */
enum pdp__key_result
pdp__weak_ed25519(const unsigned char x[static PDP__ED25519_LEN],
    const char **why);

#endif
