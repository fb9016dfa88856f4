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
 */
typedef enum pdp_status {
    PDP_OK = 0,         /* done; every output is set */
    PDP_E_ARGUMENT = 1, /* the caller broke the contract of the function */
    PDP_E_NOMEM = 2,    /* no memory; outputs are NULL, nothing changed */
    PDP_E_INVALID = 3,  /* a document has errors: read the report */
    PDP_E_LIMIT = 4,    /* a documented limit of the library is exceeded */
    PDP_E_INTERNAL = 5  /* a defect of the library or of libcrypto */
} pdp_status_t;

/*
 * pdp_status_text: one English sentence for a status, NUL-terminated,
 * static; a fixed text for a value that is none.  Thread-safe; does not
 * allocate.  Since 0.1.0.
 */
PDP_API const char *pdp_status_text(pdp_status_t status);

#ifdef __cplusplus
}
#endif

#endif
