/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#ifndef PDP__PDPD_SERVE_H
#define PDP__PDPD_SERVE_H

/*
 * The threads that serve: HTTP in, decisions out.
 */

#include "pdpd/conns.h"
#include "pdpd/generation.h"
#include "pdpd/metrics.h"

struct pdpd__server;

/* Places for connections to the listener of metrics alone: what watches the
 * daemon must reach it also when its gateways have taken all of theirs. */
enum { PDPD__PROBE_PLACES = 16 };

struct pdpd__thread {
    struct pdpd__server *server;
    uint32_t ix;
    pthread_t id;
    struct MHD_Daemon *http;
    int events;  /* the epoll descriptor of http */
    int hand[2]; /* a pipe: connections for it; its end stops the thread */
    struct pdpd__answer *answer; /* scratch of the thread */
};

/* What all threads share; it outlives them. */
struct pdpd__server {
    const struct pdpd__config *config; /* as it was at the start */
    struct pdpd__generations generations;
    struct pdpd__metrics metrics;
    struct pdpd__conns conns;
    struct pdpd__thread threads[PDPD__WORKERS_MAX];
    uint32_t thread_cnt;
    uint32_t next_thread;     /* of the one that accepts */
    _Atomic bool unknown_key; /* somebody named a key that is not known */
    int wake;                 /* an eventfd: unknown_key was set */
};

/* Starts the threads; false: told in the log. */
bool pdpd__serve_start(struct pdpd__server *server);

/* Hands a connection to a thread.  The descriptor is taken over in any case.
 * False: it was closed. */
bool pdpd__serve_connection(struct pdpd__server *server, int fd,
    const struct pdpd__listen *listen);

/* Ends the threads and closes what is still open. */
void pdpd__serve_stop(struct pdpd__server *server);

#endif
