/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#ifndef PDP__CRYPTO_ERRORS_H
#define PDP__CRYPTO_ERRORS_H

/*
 * libcrypto's error queue, which belongs to the thread and not to us.
 *
 * What is in it when we are called is left there: its owner may still want
 * to look.  What we add is taken out again, so that nobody takes it for an
 * error of their own.
 *
 * The queue is also the only place where libcrypto says whether it refused
 * what it was given or failed itself: both give 0.  The first error of a
 * call is the cause.  A refusal begins with a reason of their own of RSA, EC
 * or ASN.1 (bad signature, padding, point not on the curve, no DER); a
 * failure with one of the common reasons (no memory, internal), or one of
 * another part (EVP, BN, provider).
 *
 * Not here: what no error at all means.
 */

#include <stdbool.h>

#include <openssl/err.h>

struct pdp__errors {
    bool others; /* errors of others are in the queue */
};

static inline struct pdp__errors
pdp__errors_start(void)
{
    struct pdp__errors errors = {ERR_peek_error() != 0};

    ERR_set_mark(); /* fails if the queue is empty, which end() allows for */
    return errors;
}

/* Takes out what was added since start(). */
static inline void
pdp__errors_end(void)
{
    ERR_pop_to_mark();
}

static inline bool
pdp__errors_none(struct pdp__errors errors)
{
    return !errors.others && ERR_peek_error() == 0;
}

/* True if libcrypto refused what it was given.  Errors of others hide the
 * first of ours: the input is then blamed, as it nearly always is right. */
static inline bool
pdp__errors_blame_input(struct pdp__errors errors)
{
    unsigned long first = ERR_peek_error();
    int lib = ERR_GET_LIB(first);

    return errors.others ||
           ((lib == ERR_LIB_RSA || lib == ERR_LIB_EC || lib == ERR_LIB_ASN1) &&
               (ERR_GET_REASON(first) & ERR_RFLAG_COMMON) == 0);
}

#endif
