/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#ifndef PDP__PDPD_LISTENER_H
#define PDP__PDPD_LISTENER_H

/*
 * Sockets that listen: made here, or handed over by systemd
 * (sd_listen_fds(3)), and who may connect to them.
 */

#include <sys/types.h>

#include "pdpd/config.h"

struct pdpd__listener {
    const struct pdpd__listen *listen;
    int fd;
    bool adopted; /* by systemd: its file is not ours to remove */
    dev_t device; /* of the file that was made */
    ino_t inode;
};

struct pdpd__listeners {
    struct pdpd__listener items[PDPD__LISTENERS_MAX];
    uint32_t cnt;
};

/* Opens all listeners of a configuration; false: told in the log, and
 * nothing is open. */
bool pdpd__listeners_open(struct pdpd__listeners *listeners,
    const struct pdpd__config *config);

/* Closes them, and removes the files that were made. */
void pdpd__listeners_close(struct pdpd__listeners *listeners);

/* Whether who is at the other end of fd may use this listener. */
bool pdpd__listener_admits(const struct pdpd__listen *listen, int fd,
    uid_t *peer);

#endif
