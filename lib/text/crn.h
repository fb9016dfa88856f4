/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#ifndef PDP__TEXT_CRN_H
#define PDP__TEXT_CRN_H

/*
 * Cloud Resource Names:
 * crn:v1:<cname>:<ctype>:<service>:<location>:<scope>:<instance>:<type>:<resource>
 * The last field may hold colons.
 */

#include "base/str.h"

struct pdp__crn {
    pdp_str_t cname, ctype, service, location, scope, instance, type, resource;
};

/* Splits; false unless it begins `crn:v1:` and has all ten fields, and *out
 * is then as it was.  Fields may be empty: {non-NULL, 0}. */
bool pdp__crn_parse(pdp_str_t text, struct pdp__crn *out);

#endif
