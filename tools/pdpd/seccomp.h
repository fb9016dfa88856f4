/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#ifndef PDP__PDPD_SECCOMP_H
#define PDP__PDPD_SECCOMP_H

/*
 * The daemon's own filter of system calls, for the time it serves.  Whatever
 * is not listed ends the process, so that a hole in a parser is no shell.
 */

#include <stdbool.h>

/* Whether this build can have a filter at all. */
bool pdpd__seccomp_built_in(void);

/*
 * Enters the filter, for all threads and for good; 0 or an error number.
 * After everything was opened and all threads were started: from then on
 * there are no new sockets, threads or programs.
 */
int pdpd__seccomp_enter(void);

/*
 * The same, and tells in the log.  False: it failed, and the daemon must not
 * serve.  Builds with sanitizers or coverage have run-time libraries that
 * need more than the list: those go on without, and say so.
 */
bool pdpd__seccomp_start(void);

#endif
