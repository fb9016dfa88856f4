/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#ifndef PDP__CRYPTO_KEY_IMPL_H
#define PDP__CRYPTO_KEY_IMPL_H

/*
 * What a key is inside.  Only jwk.c, which makes keys, verify.c, which uses
 * them, and their tests may include this.
 *
 * ready[alg] is a verification that has been set up and not been used: key,
 * hash and padding are chosen, every algorithm of libcrypto is fetched.
 * pdp__key_judge() works on copies and only reads the original, so that
 * any number of threads may share a key.
 */

#include <openssl/evp.h>

#include "crypto/key.h"

struct pdp__key {
    pdp_mem_t mem; /* of this struct */
    EVP_PKEY *pkey;
    uint32_t algs;        /* one PDP__ALG_BIT() each */
    size_t signature_len; /* bytes; the same for all algs of one key */
    EVP_MD_CTX *ready[PDP__ALG_COUNT]; /* NULL for algs not in the set */
};

/* Fills ready[] for pkey and algs; false: libcrypto has no memory, or lacks
 * an algorithm.  The caller frees the key either way. */
bool pdp__key_prepare(struct pdp__key *key);

#endif
