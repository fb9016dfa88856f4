/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */

/*
 * Cloud Resource Names, as role ids, account scopes and instances use them.
 * Only the split is done here; fields may be empty and hold any byte but a
 * colon.  The last one holds the rest: image tags and digests have colons,
 * and a splitter that drops them makes a rule match the wrong resource.
 */

#include "text/crn.h"

bool
pdp__crn_parse(pdp_str_t text, struct pdp__crn *out)
{
    const pdp_str_t prefix = PDP__LIT("crn:v1:");
    struct pdp__crn crn = {0};
    pdp_str_t *fields[] = {&crn.cname, &crn.ctype, &crn.service, &crn.location,
        &crn.scope, &crn.instance, &crn.type};

    if (!pdp__str_starts(text, prefix)) {
        return false;
    }
    size_t at = prefix.len;
    for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
        size_t colon = pdp__str_find(text, ':', at);
        if (colon == text.len) {
            return false;
        }
        *fields[i] = pdp__str(text.ptr + at, colon - at);
        at = colon + 1;
    }
    crn.resource = pdp__str_from(text, at);
    *out = crn;
    return true;
}
