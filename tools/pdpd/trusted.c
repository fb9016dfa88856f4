/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include "pdpd/trusted.h"

/*
 * Files that decide.
 *
 * Whoever can write a policy, or swap the folder it stands in, can allow
 * himself anything.  So a file is taken only if it is a regular file and no
 * symbolic link, is owned by root or the daemon's user, and can be written
 * by no group and nobody else; and the same holds for every folder above it
 * (a folder with the sticky bit, such as /tmp, may be open: there, only the
 * owner of a file can replace it).
 *
 * The file is opened once, without following a link, and everything is asked
 * of the descriptor: what was checked is what is read.  An empty file is
 * refused: it is what a full disk or a broken copy leaves.
 */

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"

enum { READ_STEP = 65536, LINKS_MAX = 8 };

static bool
owner_good(uid_t uid, uid_t owner)
{
    return uid == 0 || uid == geteuid() || (owner != (uid_t)-1 && uid == owner);
}

/* A reason of ours; errno then says that no call has failed. */
static bool __attribute__((format(printf, 2, 3)))
refuse(char why[static PDPD__TRUSTED_WHY_CAP], const char *format, ...)
{
    va_list list;
    va_start(list, format);
    vsnprintf(why, PDPD__TRUSTED_WHY_CAP, format, list);
    va_end(list);
    errno = 0;
    return false;
}

/* A reason of the system; errno stays what it says. */
static bool
fail(char why[static PDPD__TRUSTED_WHY_CAP], int error)
{
    snprintf(why, PDPD__TRUSTED_WHY_CAP, "%s", strerror(error));
    errno = error;
    return false;
}

static bool
check_folder(const char *path, uid_t owner,
    char why[static PDPD__TRUSTED_WHY_CAP])
{
    struct stat status;
    if (stat(path, &status) != 0) {
        return fail(why, errno);
    }
    if (!owner_good(status.st_uid, owner)) {
        return refuse(why, "its folder %.120s belongs to user %lu", path,
            (unsigned long)status.st_uid);
    }
    if ((status.st_mode & (S_IWGRP | S_IWOTH)) != 0 &&
        (status.st_mode & S_ISVTX) == 0) {
        return refuse(why, "others may write to its folder %.120s", path);
    }
    return true;
}

/* A folder, without symbolic links, and all above it. */
static bool
check_chain(const char *folder, uid_t owner,
    char why[static PDPD__TRUSTED_WHY_CAP])
{
    char real[PATH_MAX];
    if (realpath(folder, real) == NULL) {
        return fail(why, errno);
    }
    for (;;) {
        if (!check_folder(real, owner, why)) {
            return false;
        }
        char *last = strrchr(real, '/');
        if (real[1] == '\0' || last == NULL) {
            return true;
        }
        last[last == real ? 1 : 0] = '\0';
    }
}

static bool check_way(const char *path, uid_t owner, unsigned depth,
    char why[static PDPD__TRUSTED_WHY_CAP]);

/* A folder on the way may be a link (/var/run), but not a stranger's; and so
 * on for the way to where it leads: whoever can change that chooses what is
 * read. */
static bool
check_link(const char *folder, uid_t owner, unsigned depth,
    char why[static PDPD__TRUSTED_WHY_CAP])
{
    struct stat status;
    char target[PATH_MAX];
    if (lstat(folder, &status) != 0) {
        return fail(why, errno);
    }
    if (!S_ISLNK(status.st_mode)) {
        return true;
    }
    if (!owner_good(status.st_uid, owner)) {
        return refuse(why, "the symbolic link %.120s belongs to user %lu",
            folder, (unsigned long)status.st_uid);
    }
    ssize_t len = readlink(folder, target, sizeof(target));
    if (len <= 0 || (size_t)len >= sizeof(target) || depth == LINKS_MAX) {
        return fail(why, ELOOP);
    }
    target[len] = '\0';
    /* From the folder that the link stands in; then the target itself. */
    struct pdp__string way = {0};
    const char *slash = strrchr(folder, '/');
    if (target[0] != '/' && slash != NULL) {
        pdp__string_add(&way, pdp__str(folder, (size_t)(slash - folder) + 1));
    }
    pdp__string_z(&way, target);
    pdp__string_z(&way, "/");
    bool good = way.failed ? fail(why, ENOMEM)
                           : check_way(way.ptr, owner, depth + 1, why);
    int error = errno;
    pdp__string_free(&way);
    errno = error;
    return good;
}

/* Every folder that the path names, and where it really is. */
static bool
check_way(const char *path, uid_t owner, unsigned depth,
    char why[static PDPD__TRUSTED_WHY_CAP])
{
    char folder[PATH_MAX];
    size_t len = strlen(path);
    if (len >= sizeof(folder)) {
        return fail(why, ENAMETOOLONG);
    }
    if (path[0] != '/' && !check_chain(".", owner, why)) {
        return false;
    }
    for (size_t i = 0; i < len; i++) {
        if (path[i] != '/') {
            continue;
        }
        size_t end = i == 0 ? 1 : i;
        memcpy(folder, path, end);
        folder[end] = '\0';
        if (!check_link(folder, owner, depth, why) ||
            !check_chain(folder, owner, why)) {
            return false;
        }
    }
    return true;
}

bool
pdpd__trusted_place(const char *path, char why[static PDPD__TRUSTED_WHY_CAP])
{
    why[0] = '\0';
    return check_way(path, (uid_t)-1, 0, why);
}

static bool
check_file(int fd, uid_t owner, char why[static PDPD__TRUSTED_WHY_CAP])
{
    struct stat status;
    if (fstat(fd, &status) != 0) {
        return fail(why, errno);
    }
    if (!S_ISREG(status.st_mode)) {
        return refuse(why, "it is no regular file");
    }
    if (!owner_good(status.st_uid, owner)) {
        return refuse(why, "it belongs to user %lu",
            (unsigned long)status.st_uid);
    }
    if ((status.st_mode & (S_IWGRP | S_IWOTH)) != 0) {
        return refuse(why, "its group or everybody may write to it");
    }
    return true;
}

static bool
read_all(int fd, size_t max, struct pdp__string *text,
    char why[static PDPD__TRUSTED_WHY_CAP])
{
    for (;;) {
        char *space = pdp__string_room(text, READ_STEP);
        if (space == NULL) {
            return fail(why, ENOMEM);
        }
        ssize_t got = read(fd, space, READ_STEP);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0) {
            return fail(why, errno);
        }
        if (got == 0) {
            break;
        }
        text->len += (size_t)got;
        if (text->len > max) {
            return refuse(why, "it is too large");
        }
    }
    text->ptr[text->len] = '\0';
    return text->len > 0 ? true : refuse(why, "it is empty");
}

bool
pdpd__trusted_is_lack(int error)
{
    return error == EMFILE || error == ENFILE || error == ENOMEM;
}

/* Notes what kind of failure errno tells; false. */
static bool
give_up(struct pdpd__trusted *out, bool on_the_way)
{
    out->lacking = pdpd__trusted_is_lack(errno);
    out->passing = on_the_way || out->lacking || errno == EIO ||
                   errno == ESTALE || errno == EINTR;
    return false;
}

bool
pdpd__trusted_read(const char *path, size_t max, uid_t owner,
    struct pdpd__trusted *out, char why[static PDPD__TRUSTED_WHY_CAP])
{
    struct pdp__string text = {0};
    *out = (struct pdpd__trusted){0};
    why[0] = '\0';
    /* O_NONBLOCK: a pipe in the place of a file must not hang the daemon. */
    int fd =
        open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NOFOLLOW | O_NONBLOCK);
    if (fd < 0) {
        (void)(errno == ELOOP ? refuse(why, "it is a symbolic link")
                              : fail(why, errno));
        return give_up(out, false);
    }
    bool good = check_file(fd, owner, why);
    bool way_good = !good || check_way(path, owner, 0, why);
    good = good && way_good && read_all(fd, max, &text, why);
    if (!good) {
        (void)give_up(out, !way_good);
        pdp__string_wipe(&text);
    }
    close(fd);
    if (good) {
        *out = (struct pdpd__trusted){.text = text.ptr, .len = text.len};
    }
    return good;
}

void
pdpd__trusted_free(struct pdpd__trusted *file)
{
    if (file->text != NULL) {
        pdp__mem_wipe(file->text, file->len);
    }
    pdp__heap_free(file->text);
    *file = (struct pdpd__trusted){0};
}
