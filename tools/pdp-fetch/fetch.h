/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#ifndef PDP__FETCH_FETCH_H
#define PDP__FETCH_FETCH_H

/* Downloads: several at once, each bounded in time and size. */

#include "common/heap.h"

enum {
    PDP__FETCH_LEN_MAX = 256 * 1024, /* of a set */
    PDP__FETCH_TIMEOUT_SEC = 5,      /* from the look-up to the last byte */
    PDP__FETCH_ETAG_MAX = 256,
    PDP__FETCH_RUNNING_MAX = 8 /* downloads at once */
};

enum pdp__fetch_kind {
    PDP__FETCH_FAILED = 0, /* error and detail tell why */
    PDP__FETCH_SAME,       /* 304: what has the etag that was sent */
    PDP__FETCH_NEW         /* body is what the server sent */
};

struct pdp__fetched {
    void *owner; /* as given to _start() */
    enum pdp__fetch_kind kind;
    int64_t lifetime_sec;    /* for which it may be kept */
    struct pdp__string body; /* PDP__FETCH_NEW */
    char *etag;              /* or NULL */
    const char *error;       /* static: a stable word */
    char *detail;            /* the same for people */
};

struct pdp__fetcher;

/* ca_file: the only authorities to believe; NULL: those of the system.
 * NULL if libcurl cannot start, which is told. */
struct pdp__fetcher *pdp__fetcher_new(const char *ca_file);

/*
 * Begins a download.  etag: of what is there already, or NULL.  What cannot
 * be begun fails at once, like any other, in _next().  Everything is copied.
 */
void pdp__fetcher_start(struct pdp__fetcher *fetcher, const char *url,
    const char *etag, void *owner);

/* How many run. */
size_t pdp__fetcher_running(const struct pdp__fetcher *fetcher);

/* Goes on with what runs, and waits until there is something to do, one of
 * the descriptors can be read, or the time is over. */
void pdp__fetcher_wait(struct pdp__fetcher *fetcher, const int *fds, size_t cnt,
    int timeout_ms);

/* Takes one that ended; false: none.  Free it. */
bool pdp__fetcher_next(struct pdp__fetcher *fetcher, struct pdp__fetched *out);

void pdp__fetched_free(struct pdp__fetched *fetched);

/* Gives up what runs, without a word in _next(). */
void pdp__fetcher_cancel(struct pdp__fetcher *fetcher);

/* NULL is allowed. */
void pdp__fetcher_free(struct pdp__fetcher *fetcher);

#endif
