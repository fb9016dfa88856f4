/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#ifndef PDP__CRYPTO_JWK_IMPL_H
#define PDP__CRYPTO_JWK_IMPL_H

/* A JWK while it is read: jwk.c, jwk_fields.c, jwk_types.c. */

#include "crypto/errors.h"
#include "crypto/key_impl.h"

/* Bytes of the longest number: one above a modulus of 8192 bits, so that a
 * larger one gets its own phrase. */
enum { PDP__JWK_NUMBER_MAX = 1024 + 1 };

/* A JWK on its way; why and node are set when a step does not return OK. */
struct pdp__jwk {
    const struct pdp__json_doc *doc;
    uint32_t ix;
    const char *why;
    uint32_t node;
    struct pdp__key *key;
    struct pdp__errors errors;
};

/* A member with base64url text, and what may be wrong with it. */
struct pdp__jwk_field {
    pdp_str_t name;
    const char *missing;
    const char *not_string;
    const char *not_base64url;
    const char *empty;
};

#define PDP__JWK_FIELD(name)                                                   \
    {                                                                          \
        PDP__LIT_INIT(name), name " is missing", name " is not a string",      \
            name " is not base64url without padding", name " is empty"         \
    }

/* The phrase for "no memory", which libcrypto also says of what it lacks. */
extern const char pdp__jwk_no_memory[];

/* Sets why and node; returns result. */
enum pdp__key_result pdp__jwk_end(struct pdp__jwk *jwk,
    enum pdp__key_result result, uint32_t node, const char *why);

/* A member that must be a string and not be empty. */
enum pdp__key_result pdp__jwk_string(struct pdp__jwk *jwk,
    const struct pdp__jwk_field *field, uint32_t *node, pdp_str_t *out);

/* The bytes of a base64url member; more than cap of them is `large`. */
enum pdp__key_result pdp__jwk_bytes(struct pdp__jwk *jwk,
    const struct pdp__jwk_field *field, unsigned char *out, size_t cap,
    size_t *len, uint32_t *node, enum pdp__key_result large,
    const char *large_why);

/* Private members; use and key_ops; alg among those that fit. */
enum pdp__key_result pdp__jwk_check_private(struct pdp__jwk *jwk);
enum pdp__key_result pdp__jwk_check_purpose(struct pdp__jwk *jwk);
enum pdp__key_result pdp__jwk_alg(struct pdp__jwk *jwk, uint32_t fitting);

/* One function per key type: numbers -> a key object. */
enum pdp__key_result pdp__jwk_rsa(struct pdp__jwk *jwk);
enum pdp__key_result pdp__jwk_ec(struct pdp__jwk *jwk);
enum pdp__key_result pdp__jwk_okp(struct pdp__jwk *jwk);

#endif
