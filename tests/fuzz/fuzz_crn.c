/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include "text/crn.h"

#include <stdlib.h>

/*
 * CRNs.  What is accepted is `crn:v1:` and eight fields, and the fields
 * joined again are the text.
 */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    pdp_str_t text = {(const char *)data, size};
    struct pdp__crn crn;

    if (!pdp__crn_parse(text, &crn)) {
        return 0;
    }
    const pdp_str_t fields[] = {crn.cname, crn.ctype, crn.service, crn.location,
        crn.scope, crn.instance, crn.type, crn.resource};
    size_t at = sizeof("crn:v1") - 1;
    for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
        if (at >= size || text.ptr[at] != ':' ||
            fields[i].len > size - at - 1 ||
            !pdp__str_eq(fields[i],
                pdp__str(text.ptr + at + 1, fields[i].len))) {
            abort();
        }
        at += 1 + fields[i].len;
    }
    if (at != size || !pdp__str_starts(text, PDP__LIT("crn:v1:"))) {
        abort();
    }
    return 0;
}
