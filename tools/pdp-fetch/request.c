/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#define _DEFAULT_SOURCE 1 /* unlinkat(), inotify */

#include "pdp-fetch/request.h"

/*
 * The run directory.
 *
 * The reader of keys is the process that strangers talk to; it may be taken
 * over.  So nothing it puts here is opened or listed: for each issuer one
 * name is known, and removing it says whether it was there.  A directory, a
 * link or a million other files of that process are left alone.
 *
 * A request is a state, not an event: one that came before this program
 * started, or while it looked elsewhere, is found all the same.  inotify
 * only says when to look, so it does not matter if its queue overflows.
 *
 * Who writes files as fast as possible shall not keep this program busy:
 * after each look it is deaf for a second.
 */

#include <errno.h>
#include <fcntl.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "common/keystate.h"
#include "common/tell.h"

enum { DEAF_SEC = 1, DRAIN_MAX = 64 };

bool
pdp__requests_open(const char *dir, struct pdp__requests *out)
{
    *out = (struct pdp__requests){.dir = -1, .watch = -1, .deaf = INT64_MIN};
    if (dir == NULL) {
        return true;
    }
    out->dir = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (out->dir < 0) {
        pdp__tell_errno(errno, "cannot open the run directory '%s'", dir);
        return false;
    }
    out->watch = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    if (out->watch < 0 || inotify_add_watch(out->watch, dir,
                              IN_CREATE | IN_MOVED_TO | IN_ONLYDIR) < 0) {
        pdp__tell_errno(errno, "cannot watch the run directory '%s'", dir);
        pdp__requests_close(out);
        return false;
    }
    return true;
}

int
pdp__requests_fd(const struct pdp__requests *requests, int64_t now_sec)
{
    return now_sec < requests->deaf ? -1 : requests->watch;
}

void
pdp__requests_drain(struct pdp__requests *requests, int64_t now_sec)
{
    char events[4096];
    if (requests->watch < 0) {
        return;
    }
    for (int i = 0; i < DRAIN_MAX; i++) {
        if (read(requests->watch, events, sizeof(events)) <= 0) {
            return;
        }
        requests->deaf = now_sec + DEAF_SEC;
    }
}

bool
pdp__requests_take(const struct pdp__requests *requests, const char *issuer)
{
    char name[PDP__KEYSTATE_NAME_CAP];
    if (requests->dir < 0) {
        return false;
    }
    pdp__keystate_request_name(pdp__str_z(issuer), name);
    return unlinkat(requests->dir, name, 0) == 0;
}

void
pdp__requests_close(struct pdp__requests *requests)
{
    if (requests->dir >= 0) {
        close(requests->dir);
    }
    if (requests->watch >= 0) {
        close(requests->watch);
    }
    requests->dir = -1;
    requests->watch = -1;
}
