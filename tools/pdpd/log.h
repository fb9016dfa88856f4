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

/* event: a stable word, "reload_failed".  False: the line was left out,
 * though its level is one that is told. */
bool pdpd__log(enum pdpd__log_level level, const char *event,
    const char *format, ...) __attribute__((format(printf, 3, 4)));

/*
 * The same for what somebody outside can make happen again and again.  It is
 * told at once, then every PDPD__OFTEN_SEC with the count of those between;
 * and since that is little, it takes no line from the other events, nor they
 * one from it.  event: a string constant; its level is always the same.
 */
enum { PDPD__OFTEN_SEC = 10, PDPD__OFTEN_MAX = 8 /* such events */ };

void pdpd__log_often(enum pdpd__log_level level, const char *event,
    const char *format, ...) __attribute__((format(printf, 3, 4)));

/* Tells counts that nothing came after; now and then. */
void pdpd__log_flush(void);

/* A finding in a document; path is what to call its source. */
void pdpd__log_finding(const pdp_finding_t *finding, pdp_str_t path);

/* Lines that were left out because there were too many, so far. */
uint64_t pdpd__log_dropped(void);

#endif
