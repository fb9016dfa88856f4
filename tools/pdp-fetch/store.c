/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#define _DEFAULT_SOURCE 1 /* flock(), getrandom() */

#include "pdp-fetch/store.h"

/*
 * Writing files that others read.
 *
 * A new file is written beside the old one under a name that nobody can
 * guess (O_EXCL: nobody was there first), flushed, and renamed; then the
 * directory is flushed, so that the name survives a loss of power, too.  The
 * names differ from process to process: two of them never write into one
 * file, even if the lock was got round.
 *
 * Everything happens through the descriptor of the directory, which is
 * opened once, so the four steps cannot be led to different places.
 *
 * pdp__file_replace() of common/file.h does less: it leaves the directory to
 * the kernel, which is enough for what a person can make again.
 */

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/file.h"
#include "common/tell.h"

enum { RANDOM_LEN = 16 };

static const char lock_name[] = ".pdp-fetch.lock";
static const char suffix[] = ".new";

/* The last part of a path. */
static const char *
base_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash == NULL ? path : slash + 1;
}

/* Its directory, open; negative with errno set. */
static int
open_dir(const char *path)
{
    size_t len = (size_t)(base_of(path) - path);
    char *dir = pdp__heap_copy(len == 0 ? PDP__LIT(".") : pdp__str(path, len));
    int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int error = errno;
    pdp__heap_free(dir);
    errno = error;
    return fd;
}

/* ".NAME.0123456789abcdef.new"; {0} if there is no randomness. */
static struct pdp__string
sibling_of(const char *base)
{
    struct pdp__string out = {0};
    unsigned long long random = 0;
    if (getrandom(&random, sizeof(random), 0) == (ssize_t)sizeof(random)) {
        pdp__string_fmt(&out, ".%s.%016llx%s", base, random, suffix);
    }
    return out;
}

/* Some file systems have nothing to flush, and say so. */
static int
flush(int fd)
{
    return fsync(fd) == 0 || errno == EINVAL || errno == ENOTSUP ? 0 : errno;
}

static int
write_all(int fd, pdp_str_t text)
{
    if (fchmod(fd, 0644) != 0) {
        return errno;
    }
    for (size_t done = 0; done < text.len;) {
        ssize_t put = write(fd, text.ptr + done, text.len - done);
        if (put < 0 && errno == EINTR) {
            continue;
        }
        if (put <= 0) {
            return put == 0 ? EIO : errno;
        }
        done += (size_t)put;
    }
    return flush(fd);
}

static int
replace(int dir, const char *base, const char *sibling, pdp_str_t text)
{
    int fd = openat(dir, sibling,
        O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY, 0600);
    if (fd < 0) {
        return errno;
    }
    int error = write_all(fd, text);
    if (close(fd) != 0 && error == 0) {
        error = errno;
    }
    if (error == 0 && renameat(dir, sibling, dir, base) != 0) {
        error = errno;
    }
    if (error != 0) {
        unlinkat(dir, sibling, 0);
        return error;
    }
    return flush(dir);
}

int
pdp__store_replace(const char *path, pdp_str_t text)
{
    int dir = open_dir(path);
    if (dir < 0) {
        return errno;
    }
    struct pdp__string sibling = sibling_of(base_of(path));
    int error = sibling.ptr == NULL
                    ? EIO
                    : replace(dir, base_of(path), sibling.ptr, text);
    pdp__string_free(&sibling);
    close(dir);
    return error;
}

/* Whether name is one that sibling_of(base) could have made. */
static bool
is_sibling(const char *name, const char *base)
{
    size_t len = strlen(base);
    if (strlen(name) != 1 + len + 1 + RANDOM_LEN + strlen(suffix) ||
        name[0] != '.' || memcmp(name + 1, base, len) != 0 ||
        name[1 + len] != '.') {
        return false;
    }
    const char *random = name + 1 + len + 1;
    return strspn(random, "0123456789abcdef") == RANDOM_LEN &&
           strcmp(random + RANDOM_LEN, suffix) == 0;
}

void
pdp__store_sweep(const char *path)
{
    int fd = open_dir(path);
    DIR *dir = fd < 0 ? NULL : fdopendir(fd);
    if (dir == NULL) {
        if (fd >= 0) {
            close(fd);
        }
        return;
    }
    const struct dirent *entry = NULL;
    while ((entry = readdir(dir)) != NULL) {
        if (is_sibling(entry->d_name, base_of(path))) {
            unlinkat(fd, entry->d_name, 0);
        }
    }
    closedir(dir);
}

/* Reads a file of at most max bytes without a word. */
static bool
read_quietly(const char *path, size_t max, struct pdp__string *out)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    struct stat status;
    bool good = fd >= 0 && fstat(fd, &status) == 0 && S_ISREG(status.st_mode);
    for (bool more = good; more;) {
        char *room = pdp__string_room(out, max + 1 - out->len);
        ssize_t got = read(fd, room, max + 1 - out->len);
        good = got >= 0 || errno == EINTR;
        out->len += got > 0 ? (size_t)got : 0;
        more = good && got != 0 && out->len <= max;
    }
    if (fd >= 0) {
        close(fd);
    }
    return good && out->len <= max;
}

bool
pdp__store_holds(const char *path, pdp_str_t text)
{
    struct pdp__string file = {0};
    bool same = read_quietly(path, text.len, &file) &&
                pdp__str_eq(pdp__string_get(&file), text);
    pdp__string_free(&file);
    return same;
}

bool
pdp__store_sum(const char *path, size_t max, uint64_t *out)
{
    struct pdp__string file = {0};
    bool there = read_quietly(path, max, &file);
    *out = pdp__keystate_sum(pdp__string_get(&file));
    pdp__string_free(&file);
    return there;
}

bool
pdp__store_state(const char *path, const struct pdp__keystate *state)
{
    static bool told;
    struct pdp__string text = {0};
    pdp__keystate_render(state, &text);
    int error = pdp__store_replace(path, pdp__string_get(&text));
    pdp__string_free(&text);
    if (error != 0 && !told) {
        pdp__tell_errno(error, "cannot write the state file '%s'", path);
    }
    told = error != 0;
    return error == 0;
}

int
pdp__store_lock(const char *path)
{
    /* A file of our own: others may open the directory, and could keep it
     * locked. */
    int dir = open_dir(path);
    int fd = dir < 0 ? -1
                     : openat(dir, lock_name,
                           O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW |
                               O_NOCTTY | O_NONBLOCK,
                           0600);
    int error = errno;
    if (dir >= 0) {
        close(dir);
    }
    if (fd < 0) {
        pdp__tell_errno(error, "cannot lock the directory of '%s'", path);
        return -1;
    }
    if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
        pdp__tell_errno(errno,
            "the directory of '%s' is in use by another pdp-fetch", path);
        close(fd);
        return -1;
    }
    return fd;
}
