/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include "text/time.h"

#include <stdlib.h>

/*
 * RFC 3339 date-times.  What is accepted can be rendered, and what is
 * rendered is the same instant again.
 */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    pdp_str_t text = {(const char *)data, size};
    char rendered[21];
    int64_t seconds = 0;
    int64_t again = 0;
    uint32_t nanoseconds = 0;

    if (!pdp__time_parse(text, &seconds, &nanoseconds)) {
        return 0;
    }
    if (nanoseconds > 999999999 || !pdp__time_render(seconds, rendered) ||
        !pdp__time_parse(pdp__str(rendered, 20), &again, &nanoseconds) ||
        again != seconds || nanoseconds != 0) {
        abort();
    }
    return 0;
}
