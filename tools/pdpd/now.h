/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#ifndef PDP__PDPD_NOW_H
#define PDP__PDPD_NOW_H

/*
 * What time it is for decisions: never earlier than it can be.
 */

#include <stdint.h>

/* Takes the clock of the machine as it is; before the first decision, and
 * when an operator says so. */
void pdpd__now_trust(void);

/* Seconds since 1970-01-01T00:00:00Z, and nanoseconds of that second.  Any
 * thread, at any time. */
void pdpd__now(int64_t *sec, uint32_t *nsec);

/* For how many seconds the clock is behind; 0 unless it was set back. */
int64_t pdpd__now_behind_sec(void);

/* The later one of the clock, and the time since it was trusted added to
 * what it said then; all in nanoseconds. */
int64_t pdpd__now_later(int64_t wall_ns, int64_t since_ns, int64_t trusted_ns);

#endif
