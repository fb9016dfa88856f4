/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#ifndef PDP__FETCH_REQUEST_H
#define PDP__FETCH_REQUEST_H

/* Requests of readers that met an unknown key; see common/keystate.h. */

#include "common/heap.h"

struct pdp__requests {
    int dir;      /* the run directory; negative: nobody can ask */
    int watch;    /* inotify: readable when something happened there */
    int64_t deaf; /* until then it is not listened to */
};

/* dir: NULL if nobody can ask.  False, and told, if it cannot be watched. */
bool pdp__requests_open(const char *dir, struct pdp__requests *out);

/* The descriptor to wait for, or negative while it is not listened to. */
int pdp__requests_fd(const struct pdp__requests *requests, int64_t now_sec);

/* Takes note of what happened, and stops listening for a second. */
void pdp__requests_drain(struct pdp__requests *requests, int64_t now_sec);

/* Whether somebody asked for the keys of this issuer; takes the request. */
bool pdp__requests_take(const struct pdp__requests *requests,
    const char *issuer);

void pdp__requests_close(struct pdp__requests *requests);

#endif
