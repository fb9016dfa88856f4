/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#ifndef PDP__FETCH_URL_H
#define PDP__FETCH_URL_H

/* Which URLs keys may come from. */

#include <curl/curl.h>

#include "base/str.h"

struct pdp__url {
    CURLU *handle; /* what is opened is what was judged */
    bool loopback; /* http: connect to this machine only */
};

/*
 * An https URL, or an http URL of this machine: 127.0.0.0/8, [::1] or
 * localhost.  NULL if it may be fetched; otherwise a static phrase that says
 * why not, and *out is empty.  Nothing is looked up.
 */
const char *pdp__url_open(const char *text, struct pdp__url *out);

void pdp__url_close(struct pdp__url *url);

#endif
