/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include "pdpd/accept.h"

/*
 * Accepting.
 *
 * A connection of a user that is not listed is closed before a byte of it is
 * read.  When the process runs out of descriptors or memory, or all places
 * are taken, a listener is left alone for a moment, or until a place is free:
 * clients wait in the kernel's queue, and nothing spins.  The others go on:
 * metrics have places of their own.
 *
 * The same loop looks for connections that are past their deadline, so the
 * places of slow clients come back even if nobody else connects.
 */

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/clock.h"
#include "pdpd/log.h"

enum {
    TICK_MS = 200,
    PAUSE_MS = 50,
    BATCH = 64,
    LAST_BATCHES = 16,
    SECOND_NS = 1000000000,
    QUIET_SEC = 10 /* without a lack of places: it is over */
};

enum outcome {
    NOTHING_LEFT, /* the queue is empty */
    ACCEPTED,
    EXHAUSTED /* try again after a pause */
};

static enum outcome
take_one(struct pdpd__acceptor *acceptor, const struct pdpd__listener *listener)
{
    struct pdpd__metrics *metrics = &acceptor->server->metrics;
    uid_t peer = 0;
    int fd = accept4(listener->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (fd < 0) {
        switch (errno) {
        case EAGAIN:
            return NOTHING_LEFT;
        case EINTR:
        case ECONNABORTED:
            return ACCEPTED;
        default:
            pdpd__count(&metrics->accept_errors);
            pdpd__log_often(PDPD__LOG_ERROR, "accept_failed",
                "listener \"%.*s\": cannot accept: %s",
                (int)listener->listen->name.len, listener->listen->name.ptr,
                strerror(errno));
            return EXHAUSTED;
        }
    }
    if (!pdpd__listener_admits(listener->listen, fd, &peer)) {
        close(fd);
        pdpd__count(&metrics->refused_peers);
        pdpd__log_often(PDPD__LOG_WARNING, "peer_refused",
            "listener \"%.*s\": user %lu may not connect",
            (int)listener->listen->name.len, listener->listen->name.ptr,
            (unsigned long)peer);
        return ACCEPTED;
    }
    if (!pdpd__serve_connection(acceptor->server, fd, listener->listen)) {
        pdpd__count(&metrics->accept_errors);
        return EXHAUSTED;
    }
    pdpd__count(&metrics->accepted);
    return ACCEPTED;
}

/* Somebody waits because all places are taken: told when it begins, and when
 * it has been over for a while. */
static void
note_full(struct pdpd__acceptor *acceptor, const struct pdpd__listen *listen)
{
    if (listen->contract == PDPD__CONTRACT_METRICS) {
        return;
    }
    if (acceptor->full_ns == 0) {
        pdpd__count(&acceptor->server->metrics.full);
        pdpd__log(PDPD__LOG_WARNING, "connections_full",
            "all %u places for connections are taken: clients wait; raise "
            "limits: {connections: ...} if they should not",
            acceptor->server->conns.max[0]);
    }
    acceptor->full_ns = pdp__clock_steady_ns();
}

static void
look_if_free(struct pdpd__acceptor *acceptor, uint64_t now_ns)
{
    if (acceptor->full_ns != 0 &&
        now_ns - acceptor->full_ns >= (uint64_t)QUIET_SEC * SECOND_NS) {
        acceptor->full_ns = 0;
        pdpd__log(PDPD__LOG_INFO, "connections_free",
            "there were places for all connections for %d seconds", QUIET_SEC);
    }
}

/* Whether somebody waits there; it may be nobody that all places are taken. */
static bool
is_asked(const struct pdpd__listener *listener)
{
    struct pollfd fd = {.fd = listener->fd, .events = POLLIN};
    return poll(&fd, 1, 0) > 0;
}

/* A batch of one listener, so that none starves the others. */
static enum outcome
take_some(struct pdpd__acceptor *acceptor,
    const struct pdpd__listener *listener)
{
    struct pdpd__server *server = acceptor->server;
    enum outcome outcome = ACCEPTED;
    for (int i = 0; i < BATCH && outcome == ACCEPTED; i++) {
        if (pdpd__conns_full(&server->conns, listener->listen)) {
            if (!is_asked(listener)) {
                return NOTHING_LEFT;
            }
            note_full(acceptor, listener->listen);
            return EXHAUSTED;
        }
        outcome = take_one(acceptor, listener);
    }
    return outcome;
}

static void
expire(struct pdpd__acceptor *acceptor)
{
    struct pdpd__metrics *metrics = &acceptor->server->metrics;
    uint32_t slow =
        pdpd__conns_expire(&acceptor->server->conns, pdp__clock_steady_ns());
    for (uint32_t i = 0; i < slow; i++) {
        pdpd__count(&metrics->timed_out);
    }
}

static void *
run(void *cls)
{
    struct pdpd__acceptor *acceptor = cls;
    struct pollfd fds[PDPD__LISTENERS_MAX + 2];
    uint32_t cnt = acceptor->listeners->cnt;
    uint64_t next_expire = 0;
    bool pause = false;
    fds[0] = (struct pollfd){.fd = acceptor->wake[0], .events = POLLIN};
    for (uint32_t i = 0; i < cnt; i++) {
        fds[i + 1] = (struct pollfd){
            .fd = acceptor->listeners->items[i].fd,
            .events = POLLIN,
        };
    }
    fds[cnt + 1] = (struct pollfd){
        .fd = acceptor->server->conns.freed,
        .events = POLLIN,
    };
    for (;;) {
        int ready = poll(fds, cnt + 2, pause ? PAUSE_MS : TICK_MS);
        if (ready > 0 && fds[0].revents != 0) {
            break;
        }
        if (ready < 0 && errno != EINTR) {
            /* Not even as many descriptors are allowed as are looked at. */
            (void)poll(NULL, 0, PAUSE_MS);
        }
        if (ready > 0 && fds[cnt + 1].revents != 0) {
            uint64_t places = 0;
            ssize_t got = read(fds[cnt + 1].fd, &places, sizeof(places));
            (void)got; /* whoever is left out is asked below */
        }
        atomic_fetch_add(&acceptor->beats, 1);
        pause = false;
        for (uint32_t i = 0; i < cnt; i++) {
            struct pdpd__listener *listener = &acceptor->listeners->items[i];
            bool paused = fds[i + 1].fd < 0; /* poll() leaves it out */
            if (paused || (ready > 0 && fds[i + 1].revents != 0)) {
                paused = take_some(acceptor, listener) == EXHAUSTED;
                fds[i + 1].fd = paused ? -1 : listener->fd;
                pause = pause || paused;
            }
        }
        uint64_t now = pdp__clock_steady_ns();
        if (now >= next_expire) {
            expire(acceptor);
            look_if_free(acceptor, now);
            next_expire = now + (uint64_t)TICK_MS * 1000000;
        }
    }
    for (uint32_t i = 0; i < cnt; i++) {
        /* What the kernel has queued; more may come while we do. */
        for (int n = 0; n < LAST_BATCHES; n++) {
            if (take_some(acceptor, &acceptor->listeners->items[i]) !=
                ACCEPTED) {
                break;
            }
        }
    }
    return NULL;
}

bool
pdpd__accept_start(struct pdpd__acceptor *acceptor, struct pdpd__server *server,
    struct pdpd__listeners *listeners)
{
    *acceptor = (struct pdpd__acceptor){
        .server = server,
        .listeners = listeners,
    };
    int error = pipe2(acceptor->wake, O_CLOEXEC | O_NONBLOCK) == 0 ? 0 : errno;
    if (error == 0) {
        error = pthread_create(&acceptor->thread, NULL, run, acceptor);
        acceptor->running = error == 0;
    }
    if (error != 0) {
        pdpd__log(PDPD__LOG_ERROR, "start_failed",
            "cannot start the thread that accepts: %s", strerror(error));
    }
    return error == 0;
}

void
pdpd__accept_stop(struct pdpd__acceptor *acceptor)
{
    if (!acceptor->running) {
        return;
    }
    close(acceptor->wake[1]);
    pthread_join(acceptor->thread, NULL);
    close(acceptor->wake[0]);
    acceptor->running = false;
}
