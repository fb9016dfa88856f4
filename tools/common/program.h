/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#ifndef PDP__COMMON_PROGRAM_H
#define PDP__COMMON_PROGRAM_H

/*
 * What every program does before and after its own work.
 *
 * 2 (usage) and 3 (internal: what it printed was not written) are exit
 * statuses of every program here; each one's own header has them all.
 */

/* All of main(): run() between the beginning and the end of the output.
 * name is static. */
int pdp__program_main(const char *name, int (*run)(int argc, char **argv),
    int argc, char **argv);

/* Prints the line of --version, with more, if any, about how it was built;
 * 0. */
int pdp__program_version(const char *more);

/* Tells where the help is; 2. */
int pdp__program_usage(void);

#endif
