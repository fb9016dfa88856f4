/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include "pdp/status.h"

/*
 * What a status means, in words, and the version of the library.
 *
 * The texts are for people; programs compare the numbers.  A value that is
 * no status gets a text, too, so that a log line never needs a check.
 */

const char *
pdp_status_text(pdp_status_t status)
{
    switch (status) {
    case PDP_OK:
        return "The call succeeded.";
    case PDP_E_ARGUMENT:
        return "An argument breaks the contract of the function.";
    case PDP_E_NOMEM:
        return "There is not enough memory.";
    case PDP_E_INVALID:
        return "A document has errors; see the report.";
    case PDP_E_LIMIT:
        return "A limit of the library is exceeded.";
    case PDP_E_INTERNAL:
        return "The library or libcrypto failed.";
    }
    return "Not a status.";
}

const char *
pdp_version(void)
{
    return PDP_VERSION;
}
