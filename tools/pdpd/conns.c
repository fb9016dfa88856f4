/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#define _POSIX_C_SOURCE 200809L /* threads, sockets */

#include "pdpd/conns.h"

/*
 * Connections and their ends.
 *
 * A deadline is a point in time and is not moved by single bytes: a client
 * that sends one byte each second is cut off like one that sends none.  Only
 * a complete request moves it.
 *
 * shutdown() and not close(): the descriptor belongs to the HTTP server,
 * which closes it when it sees the end.  The place is given back before that,
 * under the same lock, so no other connection's descriptor is ever hit.
 */

#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/heap.h"

/* Which of the two kinds of places. */
static size_t
kind_of(const struct pdpd__listen *listen)
{
    return listen->contract == PDPD__CONTRACT_METRICS ? 1 : 0;
}

bool
pdpd__conns_init(struct pdpd__conns *conns, uint32_t gateways, uint32_t metrics)
{
    uint32_t cnt = gateways + metrics;
    *conns = (struct pdpd__conns){
        .cnt = cnt,
        .max = {gateways, metrics},
        .freed = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK),
    };
    pthread_mutex_init(&conns->lock, NULL);
    conns->places = pdp__heap_alloc((size_t)cnt * sizeof(*conns->places));
    /* Only the pages that are written to take memory. */
    conns->targets = pdp__heap_alloc((size_t)cnt * PDPD__TARGET_CAP);
    if (conns->places == NULL || conns->targets == NULL || conns->freed < 0) {
        pdpd__conns_free(conns);
        return false;
    }
    for (uint32_t i = 0; i < cnt; i++) {
        conns->places[i].next = i + 1;
        conns->places[i].fd = -1;
        conns->places[i].target = conns->targets + (size_t)i * PDPD__TARGET_CAP;
    }
    return true;
}

void
pdpd__conns_free(struct pdpd__conns *conns)
{
    pthread_mutex_destroy(&conns->lock);
    pdp__heap_free(conns->places);
    pdp__heap_free(conns->targets);
    if (conns->freed >= 0) {
        close(conns->freed);
    }
    *conns = (struct pdpd__conns){.freed = -1};
}

bool
pdpd__conns_take(struct pdpd__conns *conns, const struct pdpd__listen *listen,
    uint64_t deadline_ns, struct pdpd__conn_id *out)
{
    bool found = false;
    size_t kind = kind_of(listen);
    pthread_mutex_lock(&conns->lock);
    if (conns->open[kind] < conns->max[kind] && conns->free < conns->cnt) {
        struct pdpd__conn *conn = &conns->places[conns->free];
        *out = (struct pdpd__conn_id){conns->free, ++conn->serial};
        conns->free = conn->next;
        conns->open[kind]++;
        conn->listen = listen;
        conn->taken = true;
        conn->fd = -1;
        conn->target_len = 0;
        conn->raw_len = 0;
        atomic_store(&conn->served, false);
        atomic_store(&conn->deadline_ns, deadline_ns);
        found = true;
    }
    pthread_mutex_unlock(&conns->lock);
    return found;
}

struct pdpd__conn *
pdpd__conns_start(struct pdpd__conns *conns, struct pdpd__conn_id id, int fd)
{
    struct pdpd__conn *conn = NULL;
    pthread_mutex_lock(&conns->lock);
    if (id.ix < conns->cnt && conns->places[id.ix].taken &&
        conns->places[id.ix].serial == id.serial) {
        conn = &conns->places[id.ix];
        conn->fd = fd;
    }
    pthread_mutex_unlock(&conns->lock);
    return conn;
}

/* With the lock held. */
static void
give(struct pdpd__conns *conns, struct pdpd__conn *conn)
{
    if (conn->taken) {
        size_t kind = kind_of(conn->listen);
        if (conns->open[kind]-- == conns->max[kind]) {
            uint64_t one = 1;
            ssize_t put = write(conns->freed, &one, sizeof(one));
            (void)put; /* who waits looks again by himself, only later */
        }
        conn->taken = false;
        conn->fd = -1;
        conn->listen = NULL;
        conn->next = conns->free;
        conns->free = (uint32_t)(conn - conns->places);
    }
}

void
pdpd__conns_give(struct pdpd__conns *conns, struct pdpd__conn *conn)
{
    pthread_mutex_lock(&conns->lock);
    give(conns, conn);
    pthread_mutex_unlock(&conns->lock);
}

void
pdpd__conns_cancel(struct pdpd__conns *conns, struct pdpd__conn_id id)
{
    pthread_mutex_lock(&conns->lock);
    if (conns->places[id.ix].serial == id.serial) {
        give(conns, &conns->places[id.ix]);
    }
    pthread_mutex_unlock(&conns->lock);
}

uint32_t
pdpd__conns_expire(struct pdpd__conns *conns, uint64_t now_ns)
{
    uint32_t slow = 0;
    pthread_mutex_lock(&conns->lock);
    for (uint32_t i = 0; i < conns->cnt; i++) {
        struct pdpd__conn *conn = &conns->places[i];
        if (!conn->taken || now_ns < atomic_load(&conn->deadline_ns)) {
            continue;
        }
        if (conn->fd < 0) {
            /* libmicrohttpd took it and, without memory, closed it untold; or
             * its thread has not come to it yet.  When it begins, its place is
             * no longer its, and it is closed. */
            give(conns, conn);
            continue;
        }
        (void)shutdown(conn->fd, SHUT_RDWR);
        slow += atomic_load(&conn->served) ? 0 : 1;
        atomic_store(&conn->deadline_ns, UINT64_MAX); /* once is enough */
    }
    pthread_mutex_unlock(&conns->lock);
    return slow;
}

void
pdpd__conns_drain(struct pdpd__conns *conns, bool all)
{
    pthread_mutex_lock(&conns->lock);
    for (uint32_t i = 0; i < conns->cnt; i++) {
        const struct pdpd__conn *conn = &conns->places[i];
        if (conn->taken && conn->fd >= 0 &&
            (all || atomic_load(&conn->served))) {
            (void)shutdown(conn->fd, SHUT_RD);
        }
    }
    pthread_mutex_unlock(&conns->lock);
}

uint32_t
pdpd__conns_open(struct pdpd__conns *conns)
{
    pthread_mutex_lock(&conns->lock);
    uint32_t open = conns->open[0] + conns->open[1];
    pthread_mutex_unlock(&conns->lock);
    return open;
}

bool
pdpd__conns_full(struct pdpd__conns *conns, const struct pdpd__listen *listen)
{
    size_t kind = kind_of(listen);
    pthread_mutex_lock(&conns->lock);
    bool full = conns->open[kind] >= conns->max[kind];
    pthread_mutex_unlock(&conns->lock);
    return full;
}
