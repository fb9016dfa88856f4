/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#define _POSIX_C_SOURCE 200809L /* sockets */

#include "pdpd/notify.h"

/*
 * Messages to the service manager: one datagram each, to a socket that the
 * environment names; a name that begins with @ is an abstract one.
 *
 * It is a protocol of a few bytes and stable, so no library is linked for
 * it.  A message that cannot be sent is lost: that must not stop a daemon
 * which serves.
 */

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/* What systemd puts into the environment. */
static const char socket_name[] = "NOTIFY_SOCKET";
static const char interval_name[] = "WATCHDOG_USEC";
static const char pid_name[] = "WATCHDOG_PID";

void
pdpd__notify(const char *state)
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
    int fd = socket(AF_UNIX, SOCK_DGRAM, 0);
    if (fd < 0) {
        return;
    }
    socklen_t size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len);
    (void)sendto(fd, state, strlen(state), MSG_NOSIGNAL,
        (const struct sockaddr *)&name, size);
    close(fd);
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
