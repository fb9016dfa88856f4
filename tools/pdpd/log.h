/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#ifndef PDP__PDPD_LOG_H
#define PDP__PDPD_LOG_H

/*
 * What the daemon tells its operator: one line each on stderr, as JSON or
 * as text, from any thread.
 *
 * Nothing of a request ever goes in here: decisions are logged by the
 * gateway, which knows the client, and a header could be a token.
 */

#include "pdp/report.h"
#include "pdpd/config.h"

/* Before the first line; until then: text, everything from INFO on. */
void pdpd__log_setup(bool json, enum pdpd__log_level level);

/* event: a stable word, "reload_failed". */
void pdpd__log(enum pdpd__log_level level, const char *event,
    const char *format, ...) __attribute__((format(printf, 3, 4)));

/* A finding in a document; path is what to call its source. */
void pdpd__log_finding(const pdp_finding_t *finding, pdp_str_t path);

/* Lines that were left out because there were too many, so far. */
uint64_t pdpd__log_dropped(void);

#endif
