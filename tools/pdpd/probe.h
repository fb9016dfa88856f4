/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#ifndef PDP__PDPD_PROBE_H
#define PDP__PDPD_PROBE_H

/*
 * The listener for operators: /healthz, /readyz and /metrics.
 */

#include <microhttpd.h>

#include "pdpd/serve.h"

/* Answers one request there; MHD_NO closes the connection. */
enum MHD_Result pdpd__probe(struct pdpd__server *server,
    struct MHD_Connection *connection, const char *method, const char *path);

#endif
