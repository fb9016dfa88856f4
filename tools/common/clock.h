/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#ifndef PDP__COMMON_CLOCK_H
#define PDP__COMMON_CLOCK_H

/* The only place of the tools that reads the clock. */

#include <stdint.h>

/* Seconds since 1970-01-01T00:00:00Z, and nanoseconds of that second. */
void pdp__clock_now(int64_t *seconds, uint32_t *nanoseconds);

/* Nanoseconds since some moment in the past; never set back. */
uint64_t pdp__clock_steady_ns(void);

#endif
