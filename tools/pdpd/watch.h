/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#ifndef PDP__PDPD_WATCH_H
#define PDP__PDPD_WATCH_H

/*
 * Notices that files changed: at once by inotify(7), and by looking now and
 * then, for file systems that do not tell.
 */

#include <sys/stat.h>
#include <time.h>

#include "pdpd/documents.h"

/* What a file or folder looked like. */
struct pdpd__look {
    bool there;
    dev_t device;
    ino_t inode;
    off_t size;
    struct timespec changed;
};

struct pdpd__mark {
    char *path;
    char *name; /* last part of path */
    bool folder;
    int id;                  /* of the watch on its folder; -1: none */
    struct pdpd__look noted; /* before it was read */
    struct pdpd__look last;  /* at the last look */
};

struct pdpd__watch {
    int fd; /* of inotify; -1: looking is all there is */
    struct pdpd__mark *marks;
    size_t cnt;
    bool lost; /* there was no memory to note what was read */
};

void pdpd__watch_open(struct pdpd__watch *watch);
void pdpd__watch_close(struct pdpd__watch *watch);

/* Watches what documents were read from, from how it looked before that. */
void pdpd__watch_set(struct pdpd__watch *watch,
    const struct pdpd__documents *documents);

/* Whether anything looks different from when it was read, and nothing has
 * changed since the last look: whoever writes is done, as far as one can
 * tell. */
bool pdpd__watch_changed(struct pdpd__watch *watch);

/* Takes the events that are waiting; whether one is about a file of ours. */
bool pdpd__watch_read(struct pdpd__watch *watch);

#endif
