/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#ifndef PDP_TESTS_PDPD_UTIL_H
#define PDP_TESTS_PDPD_UTIL_H

/*
 * For tests of pdpd: a folder of one's own to stand in, and what is written
 * to standard error.  Include after cmocka.h; needs _GNU_SOURCE.
 */

#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PDPD_UNUSED __attribute__((unused))

static char folder[64]; /* real, without links; the working directory */

static PDPD_UNUSED int
enter_folder(void **state)
{
    char name[] = "/tmp/pdpd-unit-XXXXXX";
    (void)state;
    umask(077);
    if (mkdtemp(name) == NULL || chdir(name) != 0) {
        return -1;
    }
    return getcwd(folder, sizeof(folder)) == NULL ? -1 : 0;
}

static int
remove_one(const char *path, const struct stat *status, int kind,
    struct FTW *walk)
{
    (void)status;
    (void)kind;
    (void)walk;
    return remove(path);
}

static PDPD_UNUSED int
leave_folder(void **state)
{
    (void)state;
    return chdir("/") != 0 ||
                   nftw(folder, remove_one, 8, FTW_DEPTH | FTW_PHYS) != 0
               ? -1
               : 0;
}

static PDPD_UNUSED void
write_bytes(const char *path, const char *text, size_t len)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, len), len);
    assert_int_equal(close(fd), 0);
}

static PDPD_UNUSED void
write_text(const char *path, const char *text)
{
    write_bytes(path, text, strlen(text));
}

/* As an operator should: another file, put in its place in one step. */
static PDPD_UNUSED void
replace_text(const char *path, const char *text)
{
    write_text(".fresh", text);
    assert_int_equal(rename(".fresh", path), 0);
}

/* Runs a statement; what it writes to standard error is in `out`. */
#define STDERR_OF(out, statement)                                              \
    do {                                                                       \
        int saved_fd_ = dup(STDERR_FILENO);                                    \
        int to_fd_ = open(".stderr", O_RDWR | O_CREAT | O_TRUNC, 0600);        \
        assert_true(saved_fd_ >= 0 && to_fd_ >= 0);                            \
        assert_int_equal(dup2(to_fd_, STDERR_FILENO), STDERR_FILENO);          \
        statement;                                                             \
        assert_int_equal(dup2(saved_fd_, STDERR_FILENO), STDERR_FILENO);       \
        ssize_t got_ = pread(to_fd_, (out), sizeof(out) - 1, 0);               \
        assert_true(got_ >= 0);                                                \
        (out)[got_] = '\0';                                                    \
        close(to_fd_);                                                         \
        close(saved_fd_);                                                      \
    } while (0)

#endif
