/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#ifndef PDP__CHECK_CLAIMS_H
#define PDP__CHECK_CLAIMS_H

/* The claims of a development token, from options and a file. */

#include <jansson.h>

#include "pdp-check/cli.h"

/* Option ids; they follow those of the command token. */
enum {
    PDP__CLAIM_ISSUER = PDP__OPT_OWN + 32,
    PDP__CLAIM_IAM_ID,
    PDP__CLAIM_ACCOUNT,
    PDP__CLAIM_GROUP,
    PDP__CLAIM_ROLE,
    PDP__CLAIM_ACTION,
    PDP__CLAIM_POLICY,
    PDP__CLAIM_SCOPE,
    PDP__CLAIM_AUDIENCE,
    PDP__CLAIM_EXPIRES,
    PDP__CLAIM_FILE,
    PDP__CLAIM_ANY
};

struct pdp__claims {
    const char *issuer;
    const char *iam_id;
    const char *account;
    const char *scope;
    const char *audience;
    const char *file;
    json_t *lists[4]; /* groups, roles, actions, policies; NULL: not given */
    json_t *any;      /* an object: claims to set */
    json_t *removed;  /* an object: names of claims to take away */
    bool has_expires;
    int64_t expires_sec; /* from the time of issue */
};

/* Takes one of the options above; false if it was wrong, and told. */
bool pdp__claims_option(struct pdp__claims *claims,
    const struct pdp__args *args);

/* The claims; given.  at_given: --at was used, so it wins over the file.
 * NULL, and told, if there are none. */
json_t *pdp__claims_build(const struct pdp__claims *claims, bool at_given,
    int64_t at_sec);

void pdp__claims_free(struct pdp__claims *claims);

#endif
