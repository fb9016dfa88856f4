/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#define _POSIX_C_SOURCE 200809L /* files, streams and clock of POSIX */

#include "common/clock.h"

/*
 * The clock.
 *
 * The library is told the time; so is every command that has --at.  This
 * file is where the default comes from, and nothing else may ask.
 * CLOCK_REALTIME counts POSIX seconds, without leap seconds, which is also
 * what NumericDate (RFC 7519 2) means.
 */

#include <time.h>

void
pdp__clock_now(int64_t *seconds, uint32_t *nanoseconds)
{
    struct timespec now = {0};
    clock_gettime(CLOCK_REALTIME, &now);
    *seconds = (int64_t)now.tv_sec;
    *nanoseconds = (uint32_t)now.tv_nsec;
}

uint64_t
pdp__clock_steady_ns(void)
{
    struct timespec now = {0};
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}
