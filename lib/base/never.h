/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#ifndef PDP__BASE_NEVER_H
#define PDP__BASE_NEVER_H

/*
 * PDP_NEVER(x): a condition that cannot hold, because other code saw to it.
 *
 * The check stays as a second fence: should the other code be wrong, the
 * caller still fails closed instead of writing past a buffer.  No test can
 * reach it, so it says so here instead of lowering what coverage shows:
 *
 *   as released           the condition, evaluated
 *   --enable-sanitizers   as above, and a program that gets there stops, so
 *                         that tests and fuzzers find the mistake
 *   --enable-coverage     constant false: no branch to count
 */

#if defined(PDP_COVERAGE)
#define PDP_NEVER(x) (false && (x))
#elif defined(PDP_DEBUG)
#include <stdlib.h>
#define PDP_NEVER(x) ((x) ? (abort(), true) : false)
#else
#define PDP_NEVER(x) (x)
#endif

#endif
