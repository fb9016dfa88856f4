/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#define _POSIX_C_SOURCE 200809L /* files, streams and clock of POSIX */

#include "common/file.h"

/*
 * Reading and writing of files.
 *
 * Reading is bounded by the bytes that arrive, not by what stat() said: a
 * pipe has no size and a file can grow.  Device and inode are kept, so that
 * a file which was given twice under two names can be recognised.
 *
 * Writing: a private key must never exist with a wider mode than it is to
 * have, nor through a symbolic link that somebody put there first; hence
 * O_EXCL and the mode at creation, and fchmod() in case of a strict umask.
 * Replacing writes a sibling, fsync()s and renames it.
 */

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "common/tell.h"

enum { LIST_MAX = 65536, READ_STEP = 65536 };

static bool
read_all(int fd, const char *name, size_t max, struct pdp__file *out)
{
    struct pdp__string text = {0};
    for (;;) {
        char *room = pdp__string_room(&text, READ_STEP);
        ssize_t got = read(fd, room, READ_STEP);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0) {
            pdp__tell_errno(errno, "cannot read '%s'", name);
            pdp__string_free(&text);
            return false;
        }
        if (got == 0) {
            break;
        }
        text.len += (size_t)got;
        if (text.len > max) {
            pdp__tell("'%s' is larger than %zu bytes", name, max);
            pdp__string_free(&text);
            return false;
        }
    }
    text.ptr[text.len] = '\0';
    out->text = text.ptr;
    out->len = text.len;
    return true;
}

bool
pdp__file_read(const char *path, size_t max, struct pdp__file *out)
{
    *out = (struct pdp__file){0};
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (fd < 0) {
        pdp__tell_errno(errno, "cannot open '%s'", path);
        return false;
    }
    struct stat status;
    bool done = false;
    if (fstat(fd, &status) != 0) {
        pdp__tell_errno(errno, "cannot read '%s'", path);
    } else if (S_ISDIR(status.st_mode)) {
        pdp__tell_errno(EISDIR, "cannot read '%s'", path);
    } else {
        out->device = status.st_dev;
        out->inode = status.st_ino;
        done = read_all(fd, path, max, out);
    }
    close(fd);
    return done;
}

bool
pdp__file_read_stdin(size_t max, struct pdp__file *out)
{
    *out = (struct pdp__file){0};
    return read_all(STDIN_FILENO, "stdin", max, out);
}

void
pdp__file_free(struct pdp__file *file)
{
    if (file->text != NULL) {
        pdp__mem_wipe(file->text, file->len);
    }
    pdp__heap_free(file->text);
    *file = (struct pdp__file){0};
}

bool
pdp__file_identify(const char *path, struct pdp__file *out)
{
    struct stat status;
    *out = (struct pdp__file){0};
    if (stat(path, &status) != 0) {
        return false;
    }
    out->device = status.st_dev;
    out->inode = status.st_ino;
    return true;
}

bool
pdp__file_is_dir(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

bool
pdp__file_is_regular(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0 && S_ISREG(status.st_mode);
}

bool
pdp__file_exists(const char *path)
{
    struct stat status;
    return lstat(path, &status) == 0;
}

static int
compare(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static bool
wanted(const char *name, const char *suffix)
{
    size_t len = strlen(name);
    size_t tail = strlen(suffix);
    return name[0] != '.' && len > tail &&
           strcmp(name + len - tail, suffix) == 0;
}

static void
free_list(char **paths, size_t cnt)
{
    for (size_t i = 0; i < cnt; i++) {
        pdp__heap_free(paths[i]);
    }
    pdp__heap_free(paths);
}

/* Why the list cannot be used, or NULL; paths and cnt are set anyway. */
static const char *
collect(DIR *stream, const char *dir, const char *suffix, char ***paths,
    size_t *cnt)
{
    size_t cap = 0;
    for (;;) {
        errno = 0;
        const struct dirent *entry = readdir(stream);
        if (entry == NULL) {
            return errno != 0 ? strerror(errno) : NULL;
        }
        if (!wanted(entry->d_name, suffix)) {
            continue;
        }
        if (*cnt == LIST_MAX) {
            return "too many files";
        }
        if (*cnt == cap) {
            cap = cap == 0 ? 16 : cap * 2;
            char **grown = pdp__heap_resize(*paths, cap, sizeof(**paths));
            if (grown == NULL) {
                return strerror(ENOMEM);
            }
            *paths = grown;
        }
        struct pdp__string path = {0};
        pdp__string_z(&path, dir);
        if (path.len > 0 && path.ptr[path.len - 1] != '/') {
            pdp__string_char(&path, '/');
        }
        pdp__string_z(&path, entry->d_name);
        if (path.failed) {
            pdp__string_free(&path);
            return strerror(ENOMEM);
        }
        (*paths)[(*cnt)++] = path.ptr;
    }
}

const char *
pdp__file_names(const char *dir, const char *suffix, char ***paths, size_t *cnt)
{
    *paths = NULL;
    *cnt = 0;
    DIR *stream = opendir(dir);
    if (stream == NULL) {
        return strerror(errno);
    }
    const char *why = collect(stream, dir, suffix, paths, cnt);
    closedir(stream);
    if (why != NULL) {
        free_list(*paths, *cnt);
        *paths = NULL;
        *cnt = 0;
    } else if (*cnt > 0) {
        qsort(*paths, *cnt, sizeof(**paths), compare);
    }
    return why;
}

bool
pdp__file_list(const char *dir, const char *suffix, char ***paths, size_t *cnt)
{
    const char *why = pdp__file_names(dir, suffix, paths, cnt);
    if (why != NULL) {
        pdp__tell("cannot read the directory '%s': %s", dir, why);
    } else if (*cnt == 0) {
        pdp__tell("there is no *%s in the directory '%s'", suffix, dir);
    }
    return *cnt > 0;
}

char *
pdp__file_beside(const char *path, pdp_str_t name)
{
    struct pdp__string out = {0};
    const char *slash = strrchr(path, '/');
    if (slash != NULL && (name.len == 0 || name.ptr[0] != '/')) {
        pdp__string_add(&out, pdp__str(path, (size_t)(slash - path) + 1));
    }
    pdp__string_add(&out, name);
    if (out.failed) {
        pdp__string_free(&out);
    }
    return out.ptr;
}

/* Writes, flushes to the disk and closes; 0, or an error number. */
static int
write_all(int fd, mode_t mode, pdp_str_t text)
{
    int error = fchmod(fd, mode) == 0 ? 0 : errno;
    for (size_t done = 0; error == 0 && done < text.len;) {
        ssize_t put = write(fd, text.ptr + done, text.len - done);
        if (put > 0) {
            done += (size_t)put;
        } else if (put == 0) {
            error = EIO;
        } else if (errno != EINTR) {
            error = errno;
        }
    }
    if (error == 0 && fsync(fd) != 0 && errno != EINVAL && errno != ENOTSUP) {
        error = errno;
    }
    if (close(fd) != 0 && error == 0) {
        error = errno;
    }
    return error;
}

static int
create(const char *path, mode_t mode, pdp_str_t text)
{
    int fd = open(path,
        O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY, mode);
    if (fd < 0) {
        return errno;
    }
    int error = write_all(fd, mode, text);
    if (error != 0) {
        unlink(path);
    }
    return error;
}

bool
pdp__file_create(const char *path, mode_t mode, pdp_str_t text)
{
    int error = create(path, mode, text);
    if (error != 0) {
        pdp__tell_errno(error, "cannot create '%s'", path);
    }
    return error == 0;
}

bool
pdp__file_replace(const char *path, mode_t mode, pdp_str_t text)
{
    struct pdp__string sibling = {0};
    struct stat status;
    /* A device, or a link to one, must not become a file. */
    if (lstat(path, &status) == 0 && !S_ISREG(status.st_mode)) {
        pdp__tell("cannot write '%s': it is no regular file", path);
        return false;
    }
    pdp__string_fmt(&sibling, "%s.%ld.new", path, (long)getpid());
    int error = create(sibling.ptr, mode, text);
    if (error == 0 && rename(sibling.ptr, path) != 0) {
        error = errno;
        unlink(sibling.ptr);
    }
    if (error != 0) {
        pdp__tell_errno(error, "cannot write '%s'", path);
    }
    pdp__string_free(&sibling);
    return error == 0;
}
