/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#ifndef PDP__PDPD_TRUSTED_H
#define PDP__PDPD_TRUSTED_H

/*
 * Reads a file that decides who may do what: only if nobody but root, the
 * daemon's own user, or one further user could have written it.
 */

#include <sys/types.h>

#include "common/heap.h"

struct pdpd__trusted {
    char *text; /* len bytes and a NUL */
    size_t len;
    /* Why it could not be read: for want of descriptors or memory, or for
     * another reason that may pass without a change of the file itself. */
    bool lacking;
    bool passing; /* lacking, or something on the way to it */
};

enum { PDPD__TRUSTED_WHY_CAP = 256 };

/*
 * Reads the file at path, of 1 to max bytes.  owner: a further user that may
 * own it and its folders; (uid_t)-1: none.  False: why[] tells why not, and
 * out->lacking and out->passing whether to try again.
 */
bool pdpd__trusted_read(const char *path, size_t max, uid_t owner,
    struct pdpd__trusted *out, char why[static PDPD__TRUSTED_WHY_CAP]);

/* Whether nobody else could put something else in the place of path, which
 * need not be there: the folders above it are judged.  False: why[], and errno
 * is that of a call that failed, or 0. */
bool pdpd__trusted_place(const char *path,
    char why[static PDPD__TRUSTED_WHY_CAP]);

/* Whether an error number says that descriptors or memory are missing. */
bool pdpd__trusted_is_lack(int error);

void pdpd__trusted_free(struct pdpd__trusted *file);

#endif
