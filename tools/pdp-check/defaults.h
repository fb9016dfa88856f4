/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#ifndef PDP__CHECK_DEFAULTS_H
#define PDP__CHECK_DEFAULTS_H

/* What a token has that nobody says anything about: the same for `token`
 * and for the principals of a suite. */

#define PDP__DEFAULT_ISSUER "https://iam.cloud.ibm.com/identity"

enum { PDP__DEFAULT_LIFETIME_SEC = 3600 };

#endif
