/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include "load_target.h"

/* The reader of revocations; see load_target.h. */

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    return load_target(PDP_SOURCE_REVOCATIONS, data, size);
}
