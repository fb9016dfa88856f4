/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#ifndef PDP__PDPD_NOTIFY_H
#define PDP__PDPD_NOTIFY_H

/*
 * Tells systemd how the daemon is: the protocol of sd_notify(3).  Without
 * NOTIFY_SOCKET in the environment nothing happens.
 */

#include <stdint.h>

/* Before the first message. */
void pdpd__notify_open(void);
void pdpd__notify_close(void);

/* "READY=1" and so on; lines are separated by LF. */
void pdpd__notify(const char *state);

/* How often "WATCHDOG=1" is expected, halved, in milliseconds; 0: never. */
int64_t pdpd__notify_interval_ms(void);

#endif
