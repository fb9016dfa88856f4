/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */

/*
 * A wall clock that a test sets, for programs it starts with LD_PRELOAD.
 *
 * CLOCK_REALTIME is as many seconds ahead as the file that
 * PDP_CLOCK_OFFSET names says: one int64_t, mapped, so a write to the file
 * sets the clock of all programs at once.  Other clocks are left alone, as a
 * real step of the clock leaves them alone.
 *
 * The clock is asked by the system call, past the C library, because that is
 * what is replaced here.
 */

#define _GNU_SOURCE 1 /* syscall() */

#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static const volatile int64_t *offset_sec;

static void __attribute__((constructor)) map_offset(void)
{
    const char *path = getenv("PDP_CLOCK_OFFSET");
    int fd = path == NULL ? -1 : open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return;
    }
    void *page = mmap(NULL, sizeof(*offset_sec), PROT_READ, MAP_SHARED, fd, 0);
    close(fd);
    offset_sec = page == MAP_FAILED ? NULL : page;
}

int
clock_gettime(clockid_t clock, struct timespec *now)
{
    int status = (int)syscall(SYS_clock_gettime, clock, now);
    if (status == 0 && clock == CLOCK_REALTIME && offset_sec != NULL) {
        now->tv_sec += *offset_sec;
    }
    return status;
}
