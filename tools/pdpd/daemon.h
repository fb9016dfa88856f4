/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#ifndef PDP__PDPD_DAEMON_H
#define PDP__PDPD_DAEMON_H

/* Exit statuses, as those of pdp-check. */
enum {
    PDPD__EXIT_OK = 0,
    PDPD__EXIT_USAGE = 2,   /* usage, or what was read; nothing was started */
    PDPD__EXIT_INTERNAL = 3 /* sockets, threads, memory */
};

/* Serves until SIGTERM or SIGINT; the exit status. */
int pdpd__daemon_run(const char *config_path);

/* Loads everything and prints the findings; the exit status. */
int pdpd__daemon_check(const char *config_path);

#endif
