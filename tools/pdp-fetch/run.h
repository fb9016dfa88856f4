/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#ifndef PDP__FETCH_RUN_H
#define PDP__FETCH_RUN_H

/* What pdp-fetch does, once its command line is read. */

#include <stdbool.h>
#include <stdint.h>

enum pdp__fetch_exit {
    PDP__FETCH_EXIT_OK = 0,       /* every set is good; or ended by SIGTERM */
    PDP__FETCH_EXIT_NEGATIVE = 1, /* --once: some set could not be fetched */
    PDP__FETCH_EXIT_USAGE = 2,    /* usage, or input unreadable or invalid */
    PDP__FETCH_EXIT_INTERNAL = 3
};

struct pdp__fetch_options {
    const char *trust;
    const char *state;   /* NULL: beside the trust document */
    const char *run_dir; /* NULL: nobody can ask */
    const char *ca_file; /* NULL: the authorities of the system */
    int64_t cooldown_sec;
    bool once;
};

enum pdp__fetch_exit pdp__fetch_run(const struct pdp__fetch_options *options);

#endif
