/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include "pdpd/listener.h"

/*
 * Listening sockets.
 *
 * A socket file that is already there is replaced only if nobody answers on
 * it: a second daemon must not quietly take requests from the first.  Any
 * other kind of file is left alone.
 *
 * The file has its mode from the first moment, and nobody can connect before
 * it is listened on: by then its group is right, too.  Nothing is changed
 * through its name afterwards, and whoever could swap the name is kept out of
 * the folder: he could answer in our place.  The peer's user is checked for
 * each connection as well (SO_PEERCRED): a mode is a property of a file, which
 * somebody may change, and the kernel's answer is not.
 *
 * TCP is for the loopback interface only; pdpd.yaml knows no other address.
 */

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "pdpd/log.h"
#include "pdpd/trusted.h"

enum { BACKLOG = 512, FIRST_FD = 3, ADOPTED_MAX = 64 };

/* What somebody can do about it, or "". */
static const char *
advice(const struct pdpd__listen *listen, int error)
{
    bool is_socket = listen->socket.ptr != NULL;
    switch (error) {
    case ENOENT:
        return "; make its folder first, or let systemd do it "
               "(RuntimeDirectory=)";
    case EPERM:
        return "; the user of pdpd must be a member of that group";
    case EACCES:
        return is_socket ? "; the user of pdpd must be able to write to its "
                           "folder"
                         : "; take a port above 1023";
    case EADDRINUSE:
        return "; stop what listens there, or take another port";
    case EAFNOSUPPORT:
        return "; the sandbox of pdpd.service has unix sockets only: let "
               "systemd listen there (ListenStream= in pdpd.socket)";
    default:
        return "";
    }
}

static bool
fail(const struct pdpd__listen *listen, const char *what, int error)
{
    pdp_str_t name = listen->name;
    const char *colon = error == 0 ? "" : ": ";
    const char *why = error == 0 ? "" : strerror(error);
    const char *help = advice(listen, error);
    if (listen->socket.ptr != NULL) {
        pdpd__log(PDPD__LOG_ERROR, "listen_failed",
            "listener \"%.*s\" at \"%.*s\": %s%s%s%s", (int)name.len, name.ptr,
            (int)listen->socket.len, listen->socket.ptr, what, colon, why,
            help);
    } else {
        pdpd__log(PDPD__LOG_ERROR, "listen_failed",
            "listener \"%.*s\" at port %u of %.*s: %s%s%s%s", (int)name.len,
            name.ptr, (unsigned)listen->port, (int)listen->host.len,
            listen->host.ptr, what, colon, why, help);
    }
    return false;
}

/* listen(2); the listeners of the configuration have its name here. */
static int
listen_on(int fd)
{
    return (listen)(fd, BACKLOG);
}

static struct sockaddr_un
unix_name(const struct pdpd__listen *listen)
{
    struct sockaddr_un name = {.sun_family = AF_UNIX};
    memcpy(name.sun_path, listen->socket.ptr, listen->socket.len);
    return name;
}

/* Removes a socket on which nobody answers. */
static bool
clear_place(const struct pdpd__listen *listen, const struct sockaddr_un *name)
{
    struct stat status;
    if (lstat(name->sun_path, &status) != 0) {
        return errno == ENOENT
                   ? true
                   : fail(listen, "cannot look at its socket", errno);
    }
    if (!S_ISSOCK(status.st_mode)) {
        return fail(listen, "there is a file in the place of its socket", 0);
    }
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0) {
        return fail(listen, "cannot make a socket", errno);
    }
    int error = connect(fd, (const struct sockaddr *)name, sizeof(*name)) == 0
                    ? 0
                    : errno;
    close(fd);
    if (error != ECONNREFUSED) {
        return fail(listen,
            error == 0 || error == EAGAIN
                ? "another process answers on its socket"
                : "cannot tell whether its socket is in use",
            error);
    }
    if (unlink(name->sun_path) != 0 && errno != ENOENT) {
        return fail(listen, "cannot remove its old socket", errno);
    }
    return true;
}

/* The group of the file that was just made, and which file that is. */
static bool
open_to_group(const struct pdpd__listen *listen, const struct sockaddr_un *name,
    struct pdpd__listener *out)
{
    struct stat status;
    if (listen->has_group &&
        lchown(name->sun_path, (uid_t)-1, listen->group) != 0) {
        return fail(listen, "cannot give its socket to its group", errno);
    }
    if (lstat(name->sun_path, &status) != 0) {
        return fail(listen, "cannot look at its socket", errno);
    }
    out->device = status.st_dev;
    out->inode = status.st_ino;
    return true;
}

static bool
open_unix(const struct pdpd__listen *listen, struct pdpd__listener *out)
{
    struct sockaddr_un name = unix_name(listen);
    char why[PDPD__TRUSTED_WHY_CAP];
    if (!pdpd__trusted_place(name.sun_path, why)) {
        int error = errno; /* why[] has its text, if it is one */
        return fail(listen, error == 0 ? why : "cannot use its folder", error);
    }
    if (!clear_place(listen, &name)) {
        return false;
    }
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0) {
        return fail(listen, "cannot make a socket", errno);
    }
    mode_t old = umask(0777 & ~listen->mode);
    int error =
        bind(fd, (const struct sockaddr *)&name, sizeof(name)) == 0 ? 0 : errno;
    umask(old);
    bool good = error == 0 || fail(listen, "cannot bind its socket", error);
    good = good && open_to_group(listen, &name, out);
    if (good && listen_on(fd) != 0) {
        good = fail(listen, "cannot listen", errno);
    }
    if (!good) {
        close(fd);
        return false;
    }
    out->fd = fd;
    return true;
}

/* The address of a TCP listener; its length. */
static socklen_t
tcp_name(const struct pdpd__listen *listen, struct sockaddr_storage *out)
{
    *out = (struct sockaddr_storage){0};
    if (pdp__str_eq(listen->host, PDP__LIT("::1"))) {
        struct sockaddr_in6 name = {
            .sin6_family = AF_INET6,
            .sin6_port = htons(listen->port),
            .sin6_addr = IN6ADDR_LOOPBACK_INIT,
        };
        memcpy(out, &name, sizeof(name));
        return sizeof(name);
    }
    struct sockaddr_in name = {
        .sin_family = AF_INET,
        .sin_port = htons(listen->port),
        .sin_addr = {.s_addr = htonl(INADDR_LOOPBACK)},
    };
    memcpy(out, &name, sizeof(name));
    return sizeof(name);
}

static bool
open_tcp(const struct pdpd__listen *listen, struct pdpd__listener *out)
{
    struct sockaddr_storage name;
    socklen_t len = tcp_name(listen, &name);
    int yes = 1;
    int fd =
        socket(name.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0) {
        return fail(listen, "cannot make a socket", errno);
    }
    if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes)) != 0 ||
        bind(fd, (const struct sockaddr *)&name, len) != 0 ||
        listen_on(fd) != 0) {
        int error = errno;
        close(fd);
        return fail(listen, "cannot listen on its address", error);
    }
    out->fd = fd;
    return true;
}

/* A number in the environment, or -1. */
static long
environment_number(const char *name)
{
    const char *text = getenv(name);
    long value = 0;
    if (text == NULL || text[0] == '\0' || strlen(text) > 9) {
        return -1;
    }
    for (; *text != '\0'; text++) {
        if (*text < '0' || *text > '9') {
            return -1;
        }
        value = value * 10 + (*text - '0');
    }
    return value;
}

/* How many descriptors from 3 on systemd handed over. */
static int
handed_over(void)
{
    long cnt = environment_number("LISTEN_FDS");
    if (environment_number("LISTEN_PID") != (long)getpid() || cnt < 0) {
        return 0;
    }
    return cnt > ADOPTED_MAX ? ADOPTED_MAX : (int)cnt;
}

/* Whether fd listens where this listener should. */
static bool
is_same(const struct pdpd__listen *listen, int fd)
{
    struct sockaddr_storage have = {0};
    struct sockaddr_storage want;
    socklen_t len = sizeof(have);
    int listening = 0;
    int type = 0;
    socklen_t size = sizeof(listening);
    if (getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listening, &size) != 0 ||
        listening != 1 ||
        getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size) != 0 ||
        type != SOCK_STREAM ||
        getsockname(fd, (struct sockaddr *)&have, &len) != 0) {
        return false;
    }
    if (listen->socket.ptr != NULL) {
        struct sockaddr_un name = unix_name(listen);
        struct sockaddr_un other;
        memcpy(&other, &have, sizeof(other));
        return have.ss_family == AF_UNIX &&
               strncmp(other.sun_path, name.sun_path, sizeof(name.sun_path)) ==
                   0;
    }
    socklen_t want_len = tcp_name(listen, &want);
    return len == want_len && memcmp(&have, &want, len) == 0;
}

static bool
adopt(const struct pdpd__listen *listen, bool used[ADOPTED_MAX], int cnt,
    struct pdpd__listener *out)
{
    for (int i = 0; i < cnt; i++) {
        int fd = FIRST_FD + i;
        if (used[i] || !is_same(listen, fd)) {
            continue;
        }
        used[i] = true;
        int flags = fcntl(fd, F_GETFL);
        if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) != 0 ||
            fcntl(fd, F_SETFD, FD_CLOEXEC) != 0) {
            continue;
        }
        out->fd = fd;
        out->adopted = true;
        return true;
    }
    return false;
}

bool
pdpd__listeners_open(struct pdpd__listeners *listeners,
    const struct pdpd__config *config)
{
    bool used[ADOPTED_MAX] = {false};
    int cnt = handed_over();
    bool good = true;
    *listeners = (struct pdpd__listeners){0};
    for (uint32_t i = 0; good && i < config->listener_cnt; i++) {
        const struct pdpd__listen *listen = &config->listeners[i];
        struct pdpd__listener one = {.listen = listen, .fd = -1};
        good = adopt(listen, used, cnt, &one) ||
               (listen->socket.ptr != NULL ? open_unix(listen, &one)
                                           : open_tcp(listen, &one));
        if (good) {
            listeners->items[listeners->cnt++] = one;
        }
    }
    /* One that nothing serves would let clients wait for ever. */
    for (int i = 0; good && i < cnt; i++) {
        if (!used[i]) {
            pdpd__log(PDPD__LOG_ERROR, "listen_failed",
                "systemd handed over descriptor %d, which is no listener of "
                "the configuration: compare ListenStream= with it",
                FIRST_FD + i);
            good = false;
        }
    }
    if (!good) {
        pdpd__listeners_close(listeners);
    }
    return good;
}

void
pdpd__listeners_close(struct pdpd__listeners *listeners)
{
    for (uint32_t i = 0; i < listeners->cnt; i++) {
        struct pdpd__listener *one = &listeners->items[i];
        struct stat status;
        if (one->fd >= 0) {
            close(one->fd);
        }
        if (one->adopted || one->listen->socket.ptr == NULL) {
            continue;
        }
        struct sockaddr_un name = unix_name(one->listen);
        if (lstat(name.sun_path, &status) == 0 &&
            status.st_dev == one->device && status.st_ino == one->inode) {
            (void)unlink(name.sun_path);
        }
    }
    listeners->cnt = 0;
}

bool
pdpd__listener_admits(const struct pdpd__listen *listen, int fd, uid_t *peer)
{
    struct ucred credentials = {.uid = (uid_t)-1};
    socklen_t len = sizeof(credentials);
    *peer = (uid_t)-1;
    if (listen->socket.ptr == NULL) {
        return true; /* TCP: bound to loopback, and nobody to ask about */
    }
    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &credentials, &len) != 0 ||
        len != sizeof(credentials)) {
        return false;
    }
    *peer = credentials.uid;
    for (uint32_t i = 0; i < listen->peer_cnt; i++) {
        if (listen->peers[i] == credentials.uid) {
            return true;
        }
    }
    return false;
}
