/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#define _POSIX_C_SOURCE 200809L /* sockets */

#include "pdpd/notify.h"

/*
 * Messages to the service manager: one datagram each, to a socket that the
 * environment names; a name that begins with @ is an abstract one.
 *
 * It is a protocol of a few bytes and stable, so no library is linked for
 * it.  The socket is opened once, at the start: later there may be a filter
 * of system calls, which allows no new one.  A message that cannot be sent is
 * lost: that must not stop a daemon which serves.
 */

#include <poll.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/* For a manager that is busy; one that is stuck must not stop the daemon. */
enum { WAIT_MS = 1000 };

/* What systemd puts into the environment. */
static const char socket_name[] = "NOTIFY_SOCKET";
static const char interval_name[] = "WATCHDOG_USEC";
static const char pid_name[] = "WATCHDOG_PID";

/* Connected to the service manager; -1: there is none. */
static int manager = -1;

void
pdpd__notify_open(void)
{
    const char *path = getenv(socket_name);
    struct sockaddr_un name = {.sun_family = AF_UNIX};
    size_t len = path == NULL ? 0 : strlen(path);
    if (len < 2 || len >= sizeof(name.sun_path)) {
        return;
    }
    memcpy(name.sun_path, path, len);
    if (path[0] == '@') {
        name.sun_path[0] = '\0';
    }
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    socklen_t size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len);
    if (fd >= 0 && connect(fd, (const struct sockaddr *)&name, size) != 0) {
        close(fd);
        fd = -1;
    }
    manager = fd;
}

void
pdpd__notify_close(void)
{
    if (manager >= 0) {
        close(manager);
    }
    manager = -1;
}

void
pdpd__notify(const char *state)
{
    struct pollfd room = {.fd = manager, .events = POLLOUT};
    if (manager >= 0 && poll(&room, 1, WAIT_MS) > 0) {
        (void)send(manager, state, strlen(state), MSG_NOSIGNAL | MSG_DONTWAIT);
    }
}

int64_t
pdpd__notify_interval_ms(void)
{
    const char *text = getenv(interval_name);
    const char *pid = getenv(pid_name);
    char own[24];
    int64_t usec = 0;
    snprintf(own, sizeof(own), "%ld", (long)getpid());
    if (text == NULL || strlen(text) > 15 ||
        (pid != NULL && strcmp(pid, own) != 0)) {
        return 0;
    }
    for (; *text >= '0' && *text <= '9'; text++) {
        usec = usec * 10 + (*text - '0');
    }
    return *text == '\0' ? usec / 2000 : 0;
}
