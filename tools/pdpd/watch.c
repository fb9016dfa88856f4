/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include "pdpd/watch.h"

/*
 * Watching.
 *
 * Folders are watched and not files: whoever replaces a file by renaming
 * another one over it, as one should, leaves a watch on the old file behind.
 * Events are compared by name; one too many costs a look at the files and
 * nothing else, since equal bytes make no new generation.
 *
 * YAML that is cut at the end of a line is YAML, too, and says less: perhaps a
 * denial less.  So a file that is being written is left alone: neither its
 * creation nor a write is an event that counts, but the end of writing; and
 * where looking is all there is, two looks must agree.
 *
 * Watches on folders that the configuration has left are given up, or they
 * would pile up from one move to the next.
 *
 * How each file looked is noted before it is read.  A change between that
 * and the watch is then found by looking again.  Without memory for such a
 * note, everything is read again at each look, until there is some.
 */

#include <errno.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "common/heap.h"
#include "pdpd/log.h"

enum {
    EVENTS = IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_CREATE |
             IN_DELETE | IN_ATTRIB | IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR
};

void
pdpd__watch_open(struct pdpd__watch *watch)
{
    *watch = (struct pdpd__watch){0};
    watch->fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
    if (watch->fd < 0) {
        pdpd__log(PDPD__LOG_WARNING, "watch_failed",
            "inotify cannot be used (%s): files are looked at every few "
            "seconds",
            strerror(errno));
    }
}

static void
free_marks(struct pdpd__mark *marks, size_t cnt)
{
    for (size_t i = 0; i < cnt; i++) {
        pdp__heap_free(marks[i].path);
    }
    pdp__heap_free(marks);
}

void
pdpd__watch_close(struct pdpd__watch *watch)
{
    free_marks(watch->marks, watch->cnt);
    if (watch->fd >= 0) {
        close(watch->fd);
    }
    *watch = (struct pdpd__watch){.fd = -1};
}

static struct pdpd__look
look_of(bool there, const struct stat *status)
{
    struct pdpd__look look = {.there = there};
    if (there) {
        look.device = status->st_dev;
        look.inode = status->st_ino;
        look.size = status->st_size;
        look.changed = status->st_ctim;
    }
    return look;
}

static bool
same_look(const struct pdpd__look *a, const struct pdpd__look *b)
{
    return a->there == b->there && a->device == b->device &&
           a->inode == b->inode && a->size == b->size &&
           a->changed.tv_sec == b->changed.tv_sec &&
           a->changed.tv_nsec == b->changed.tv_nsec;
}

/* The kernel gives one id to one folder, however often it is asked. */
static bool
add_folder(const struct pdpd__watch *watch, struct pdpd__mark *mark)
{
    struct pdp__string folder = {0};
    size_t len = (size_t)(mark->name - mark->path);
    pdp__string_add(&folder, mark->folder || len == 0
                                 ? pdp__str_z(mark->folder ? mark->path : ".")
                                 : pdp__str(mark->path, len));
    bool good = !folder.failed;
    mark->id = -1;
    if (good && watch->fd >= 0) {
        mark->id = inotify_add_watch(watch->fd, folder.ptr, EVENTS);
        if (mark->id < 0) {
            pdpd__log(PDPD__LOG_WARNING, "watch_failed",
                "cannot watch the folder \"%s\" (%s): it is looked at every "
                "few seconds",
                folder.ptr, strerror(errno));
        }
    }
    pdp__string_free(&folder);
    return good;
}

static bool
add_mark(struct pdpd__watch *watch, const struct pdpd__watched *from)
{
    struct pdpd__mark *mark = &watch->marks[watch->cnt];
    mark->path = pdp__heap_copy(pdp__str_z(from->path));
    if (mark->path == NULL) {
        return false;
    }
    watch->cnt++;
    char *slash = strrchr(mark->path, '/');
    mark->name = slash == NULL ? mark->path : slash + 1;
    mark->folder = from->folder;
    mark->noted = look_of(from->there, &from->status);
    mark->last = mark->noted;
    return add_folder(watch, mark);
}

static bool
is_watched(const struct pdpd__watch *watch, int id)
{
    for (size_t i = 0; i < watch->cnt; i++) {
        if (watch->marks[i].id == id) {
            return true;
        }
    }
    return false;
}

/* Gives up what the marks of before watched, and those of now do not. */
static void
unwatch(const struct pdpd__watch *watch, struct pdpd__mark *marks, size_t cnt)
{
    for (size_t i = 0; i < cnt; i++) {
        int id = marks[i].id;
        if (id < 0 || is_watched(watch, id)) {
            continue;
        }
        /* A folder that is gone has taken its watch with it. */
        (void)inotify_rm_watch(watch->fd, id);
        for (size_t j = i; j < cnt; j++) {
            marks[j].id = marks[j].id == id ? -1 : marks[j].id;
        }
    }
}

void
pdpd__watch_set(struct pdpd__watch *watch,
    const struct pdpd__documents *documents)
{
    struct pdpd__mark *old = watch->marks;
    size_t old_cnt = watch->cnt;
    watch->cnt = 0;
    watch->marks =
        pdp__heap_alloc((documents->watched_cnt + 1) * sizeof(*watch->marks));
    watch->lost = watch->marks == NULL || documents->incomplete;
    for (size_t i = 0; watch->marks != NULL && i < documents->watched_cnt;
         i++) {
        watch->lost = !add_mark(watch, &documents->watched[i]) || watch->lost;
    }
    unwatch(watch, old, old_cnt);
    free_marks(old, old_cnt);
}

bool
pdpd__watch_changed(struct pdpd__watch *watch)
{
    bool changed = watch->lost;
    bool settled = true;
    for (size_t i = 0; i < watch->cnt; i++) {
        struct pdpd__mark *mark = &watch->marks[i];
        struct stat status;
        bool there = stat(mark->path, &status) == 0;
        struct pdpd__look now = look_of(there, &status);
        changed = changed || !same_look(&now, &mark->noted);
        settled = settled && same_look(&now, &mark->last);
        mark->last = now;
    }
    return changed && settled;
}

static bool
is_ours(const struct pdpd__watch *watch, const char *name)
{
    size_t len = strlen(name);
    for (size_t i = 0; i < watch->cnt; i++) {
        const struct pdpd__mark *mark = &watch->marks[i];
        bool listed =
            mark->folder && len > 5 && strcmp(name + len - 5, ".json") == 0;
        if (listed || strcmp(name, mark->name) == 0) {
            return true;
        }
    }
    return false;
}

bool
pdpd__watch_read(struct pdpd__watch *watch)
{
    /* Aligned as events must be. */
    _Alignas(struct inotify_event) char buf[16384];
    bool ours = false;
    if (watch->fd < 0) {
        return false;
    }
    for (;;) {
        ssize_t got = read(watch->fd, buf, sizeof(buf));
        if (got <= 0) {
            return ours;
        }
        for (size_t at = 0; at + sizeof(struct inotify_event) <= (size_t)got;) {
            struct inotify_event event;
            memcpy(&event, buf + at, sizeof(event));
            const char *name = buf + at + sizeof(event);
            /* Made, but for a folder: nothing is in it yet.  Without a name:
             * the folder itself, or events were lost. */
            bool begun = (event.mask & (IN_CREATE | IN_ISDIR)) == IN_CREATE;
            bool ended = (event.mask & IN_IGNORED) != 0; /* a watch of ours */
            bool itself = event.len == 0 && !ended;
            ours = ours || itself ||
                   (event.len > 0 && !begun && is_ours(watch, name));
            at += sizeof(event) + event.len;
        }
    }
}
