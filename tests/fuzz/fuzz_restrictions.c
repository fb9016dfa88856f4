/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include "load_target.h"

/* The reader of context-based restrictions; see load_target.h.  They never
 * grant: nothing is allowed here that a role of the token does not grant. */

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    return load_target(PDP_SOURCE_RESTRICTIONS, data, size);
}
