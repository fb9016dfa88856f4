/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#ifndef PDP__PDPD_FETCHED_H
#define PDP__PDPD_FETCHED_H

/*
 * Whose keys pdp-fetch(8) keeps, by what a trust document says.
 */

#include "pdpd/keys.h"

/*
 * Adds the issuers of a trust document, in JSON, whose key file has a URL.
 * What is no trust document has none: the loader tells what is wrong with it.
 * False: there is no memory.
 */
bool pdpd__fetched_read(struct pdpd__fetched_list *list, pdp_str_t json);

#endif
