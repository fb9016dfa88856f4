/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#ifndef PDP_STATUS_H
#define PDP_STATUS_H

#include "pdp/base.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Did the call work?  (Why a decision is what it is: see pdp/reason.h.  A
 * deny is a good result of pdp_decide(), not an error.)
 *
 * On any status but PDP_OK, objects handed out through a pointer are NULL
 * (the report of pdp_loader_build() excepted).  Test for PDP_OK, not for
 * single errors: later versions may add some.
 */
typedef enum pdp_status {
    PDP_OK = 0,         /* done; every output is set */
    PDP_E_ARGUMENT = 1, /* the caller broke the contract of the function */
    PDP_E_NOMEM = 2,    /* no memory, also within libcrypto */
    PDP_E_INVALID = 3,  /* a document has errors: read the report */
    PDP_E_LIMIT = 4,    /* a documented limit of the library is exceeded */
    PDP_E_INTERNAL = 5  /* a defect; of this version, pdp_explain() only */
} pdp_status_t;

/*
 * pdp_status_text: one English sentence for a status, for logs.  The text may
 * change between versions; programs compare the numbers.
 *
 * Returns: a text, NUL-terminated, static; never NULL.  A value that is no
 *     status gets a fixed text of its own.
 * Thread safety: any thread, at any time.
 * Allocates: nothing.
 * Since: 0.1.
 */
PDP_API const char *pdp_status_text(pdp_status_t status);

#ifdef __cplusplus
}
#endif

#endif
