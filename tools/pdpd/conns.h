/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#ifndef PDP__PDPD_CONNS_H
#define PDP__PDPD_CONNS_H

/*
 * The connections that are open: a fixed number of places, each with the
 * listener it came from and the moment at which it is closed.  Gateways and
 * the listener of metrics take none from each other.
 *
 * A place is taken by the thread that accepts, used by one that serves, and
 * looked at by the one that ends what is slow.
 */

#include <pthread.h>
#include <stdatomic.h>

#include "pdpd/config.h"

/* The longest target that is kept: a prefix and a path that is too long. */
enum { PDPD__TARGET_CAP = 4096 + 256 + 8 };

struct pdpd__conn {
    const struct pdpd__listen *listen;
    _Atomic uint64_t deadline_ns; /* on the steady clock */
    _Atomic bool served;          /* it got an answer before */
    int fd;                       /* -1 until it is being served */
    uint32_t serial;              /* of this use of the place */
    bool taken;
    uint32_t next; /* free place, or the end */
    char *target;  /* raw, of the request being read; PDPD__TARGET_CAP */
    size_t target_len;
    size_t raw_len; /* of the target as received, before any cut */
};

struct pdpd__conns {
    pthread_mutex_t lock; /* for everything but the atomics and target */
    struct pdpd__conn *places;
    char *targets;
    uint32_t cnt;
    uint32_t free;    /* first free place, or cnt */
    uint32_t max[2];  /* for gateways; for metrics */
    uint32_t open[2]; /* of each */
    int freed;        /* an eventfd: where all were taken, one is free */
};

/* A handle: which place, and which use of it. */
struct pdpd__conn_id {
    uint32_t ix;
    uint32_t serial;
};

/* Places for gateways, and for metrics.  False: there is no memory, or no
 * descriptor. */
bool pdpd__conns_init(struct pdpd__conns *conns, uint32_t gateways,
    uint32_t metrics);
void pdpd__conns_free(struct pdpd__conns *conns);

/* Takes a place; false: all are taken. */
bool pdpd__conns_take(struct pdpd__conns *conns,
    const struct pdpd__listen *listen, uint64_t deadline_ns,
    struct pdpd__conn_id *out);

/* The place, once its connection is being served; NULL: no longer its. */
struct pdpd__conn *pdpd__conns_start(struct pdpd__conns *conns,
    struct pdpd__conn_id id, int fd);

/* Gives a place back: before the descriptor is closed. */
void pdpd__conns_give(struct pdpd__conns *conns, struct pdpd__conn *conn);
void pdpd__conns_cancel(struct pdpd__conns *conns, struct pdpd__conn_id id);

/* Shuts down what is past its deadline; how many of these never got an
 * answer. */
uint32_t pdpd__conns_expire(struct pdpd__conns *conns, uint64_t now_ns);

/* Tells connections that nothing more will be read: those that had an answer,
 * or all. */
void pdpd__conns_drain(struct pdpd__conns *conns, bool all);

/* Whether a listener has no place left. */
bool pdpd__conns_full(struct pdpd__conns *conns,
    const struct pdpd__listen *listen);

uint32_t pdpd__conns_open(struct pdpd__conns *conns);

#endif
