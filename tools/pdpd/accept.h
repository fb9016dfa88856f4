/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#ifndef PDP__PDPD_ACCEPT_H
#define PDP__PDPD_ACCEPT_H

/*
 * The thread that accepts connections, and ends those that are too slow.
 */

#include <pthread.h>

#include "pdpd/listener.h"
#include "pdpd/serve.h"

struct pdpd__acceptor {
    struct pdpd__server *server;
    struct pdpd__listeners *listeners;
    int wake[2]; /* a pipe: its end stops the thread */
    pthread_t thread;
    bool running;
    _Atomic uint64_t beats; /* of its loop: it is alive */
    uint64_t full_ns;       /* when a place was missing last; 0: not lately */
};

bool pdpd__accept_start(struct pdpd__acceptor *acceptor,
    struct pdpd__server *server, struct pdpd__listeners *listeners);

/* Accepts what is already waiting, then stops. */
void pdpd__accept_stop(struct pdpd__acceptor *acceptor);

#endif
