/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include "text/crn.h"

#include "fuzz.h"

/*
 * CRNs.  What is accepted is `crn:v1:` and eight fields, and the fields
 * joined again are the text.  Nothing of that form is refused.
 */

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    pdp_str_t text = {(const char *)data, size};
    struct pdp__crn crn;

    size_t colons = 0;
    for (size_t i = 0; i < size; i++) {
        colons += data[i] == ':';
    }
    bool form = colons >= 9 && pdp__str_starts(text, PDP__LIT("crn:v1:"));
    MUST(pdp__crn_parse(text, &crn) == form);
    if (!form) {
        return 0;
    }
    const pdp_str_t fields[] = {crn.cname, crn.ctype, crn.service, crn.location,
        crn.scope, crn.instance, crn.type, crn.resource};
    size_t at = sizeof("crn:v1") - 1;
    for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
        MUST(at < size && text.ptr[at] == ':');
        MUST(fields[i].ptr == text.ptr + at + 1);
        MUST(fields[i].len <= size - at - 1);
        MUST(i == 7 || pdp__str_find(fields[i], ':', 0) == fields[i].len);
        at += 1 + fields[i].len;
    }
    MUST(at == size);
    return 0;
}
