/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#ifndef PDP__COMMON_KIND_H
#define PDP__COMMON_KIND_H

/* What kind of document a text is, by what it says itself. */

#include "base/str.h"
#include "pdp/loader.h"

/* Those that can be loaded have the values of pdp_source_kind_t. */
enum pdp__kind {
    PDP__KIND_NONE = PDP_SOURCE_NONE, /* nothing that is known here */
    PDP__KIND_SERVICE = PDP_SOURCE_SERVICE,
    PDP__KIND_TRUST = PDP_SOURCE_TRUST,
    PDP__KIND_JWKS = PDP_SOURCE_JWKS,
    PDP__KIND_POLICIES = PDP_SOURCE_POLICIES,
    PDP__KIND_DIRECTORY = PDP_SOURCE_DIRECTORY,
    PDP__KIND_RESTRICTIONS = PDP_SOURCE_RESTRICTIONS,
    PDP__KIND_REVOCATIONS = PDP_SOURCE_REVOCATIONS,
    PDP__KIND_CLAIMS, /* of a token: given to decide, never loaded */
    PDP__KIND_TESTS,  /* a suite: given to test, never loaded */
    PDP__KIND_COUNT
};

/* The kind of a JSON text; PDP__KIND_NONE also if it is no JSON. */
enum pdp__kind pdp__kind_of(pdp_str_t json);

/* "a directory (pdp-directory/1)". */
const char *pdp__kind_name(enum pdp__kind kind);

/* The option that takes it, without dashes. */
const char *pdp__kind_option(enum pdp__kind kind);

#endif
