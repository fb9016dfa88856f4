/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#define _GNU_SOURCE 1 /* CLOCK_BOOTTIME */

#include "pdpd/now.h"

/*
 * Time.
 *
 * A token that has expired stays so, also when somebody sets the clock back.
 * The clock of the machine is trusted when the daemon starts; from then on
 * as much time has passed as CLOCK_BOOTTIME says, which nobody can set and
 * which goes on while the machine sleeps.  Decisions go by the later of the
 * two.  Set forward, the clock is believed: that only makes tokens expire.
 *
 * The price: a daemon that was started while the clock was ahead stays ahead
 * when the clock is mended.  It says so in its log and metrics, and SIGHUP
 * makes it trust the clock again.
 */

#include <stdatomic.h>
#include <time.h>

enum { SECOND_NS = 1000000000 };

/* The clock minus CLOCK_BOOTTIME, when it was trusted. */
static _Atomic int64_t trusted_base_ns;

static int64_t
read_ns(clockid_t clock)
{
    struct timespec now = {0};
    clock_gettime(clock, &now);
    return (int64_t)now.tv_sec * SECOND_NS + now.tv_nsec;
}

int64_t
pdpd__now_later(int64_t wall_ns, int64_t since_ns, int64_t trusted_ns)
{
    int64_t least_ns = trusted_ns + since_ns;
    return wall_ns > least_ns ? wall_ns : least_ns;
}

void
pdpd__now_trust(void)
{
    atomic_store(&trusted_base_ns,
        read_ns(CLOCK_REALTIME) - read_ns(CLOCK_BOOTTIME));
}

void
pdpd__now(int64_t *sec, uint32_t *nsec)
{
    int64_t ns =
        pdpd__now_later(read_ns(CLOCK_REALTIME), read_ns(CLOCK_BOOTTIME),
            atomic_load_explicit(&trusted_base_ns, memory_order_relaxed));
    *sec = ns / SECOND_NS;
    *nsec = (uint32_t)(ns % SECOND_NS);
}

int64_t
pdpd__now_behind_sec(void)
{
    int64_t wall_ns = read_ns(CLOCK_REALTIME);
    int64_t ns = pdpd__now_later(wall_ns, read_ns(CLOCK_BOOTTIME),
        atomic_load(&trusted_base_ns));
    return (ns - wall_ns) / SECOND_NS;
}
