/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#ifndef PDP__FETCH_STORE_H
#define PDP__FETCH_STORE_H

/* Files that others read while they are replaced. */

#include "common/keystate.h"

/*
 * Puts a text in the place of a file, mode 0644: a reader sees the old file
 * or the new one, also after the process or the machine stopped at any
 * moment.  Returns 0, or an error number with the old file in place.
 */
int pdp__store_replace(const char *path, pdp_str_t text);

/* Removes what a killed process left beside a file.  Nothing is told. */
void pdp__store_sweep(const char *path);

/* Whether the file is there and holds exactly this. */
bool pdp__store_holds(const char *path, pdp_str_t text);

/* pdp__keystate_sum() of a file of at most max bytes; false: there is none,
 * or it cannot be read, and nothing is told. */
bool pdp__store_sum(const char *path, size_t max, uint64_t *out);

/* Writes the state file; a failure is told, once until it works again. */
bool pdp__store_state(const char *path, const struct pdp__keystate *state);

/*
 * Takes the directory of a file for this process alone, until the descriptor
 * is closed.  Negative: another process has it, or there is no such
 * directory; told.
 */
int pdp__store_lock(const char *path);

#endif
