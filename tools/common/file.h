/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#ifndef PDP__COMMON_FILE_H
#define PDP__COMMON_FILE_H

/*
 * Files: read whole and bounded, written whole or not at all.  Whatever
 * goes wrong is told on stderr, with the name of the file and the reason.
 */

#include <sys/types.h>

#include "common/heap.h"

/* The largest file that is read: what a loader accepts. */
#define PDP__FILE_MAX ((size_t)64 << 20)

struct pdp__file {
    char *text; /* len bytes and a NUL */
    size_t len;
    dev_t device; /* together with inode: which file this is */
    ino_t inode;
};

/* Reads a file of at most max bytes; pipes are fine, directories are not. */
bool pdp__file_read(const char *path, size_t max, struct pdp__file *out);

/* Reads stdin to its end. */
bool pdp__file_read_stdin(size_t max, struct pdp__file *out);

/* Wipes and frees the text: it may have been a key or a token. */
void pdp__file_free(struct pdp__file *file);

/* Sets device and inode only; false, and nothing is told, if there is no
 * such file. */
bool pdp__file_identify(const char *path, struct pdp__file *out);

/* Whether path is a directory; false also when it does not exist. */
bool pdp__file_is_dir(const char *path);

/* Whether path, or what it links to, is a regular file: reading it ends. */
bool pdp__file_is_regular(const char *path);

/* Whether there is something called path. */
bool pdp__file_exists(const char *path);

/*
 * The names in a directory that end in suffix, without hidden ones, sorted
 * by bytes; each is a path that begins with dir.  NULL, or why they cannot
 * be read.  The list and its items are given to the caller.
 */
const char *pdp__file_names(const char *dir, const char *suffix, char ***paths,
    size_t *cnt);

/* The same; what cannot be read, and an empty list, is told and is false. */
bool pdp__file_list(const char *dir, const char *suffix, char ***paths,
    size_t *cnt);

/* name, relative to the directory of path; given to the caller. */
char *pdp__file_beside(const char *path, pdp_str_t name);

/* A new file with exactly this mode; false if there already is one. */
bool pdp__file_create(const char *path, mode_t mode, pdp_str_t text);

/* The same, in the place of what was there: a reader sees either the old
 * file or the new one, never a part. */
bool pdp__file_replace(const char *path, mode_t mode, pdp_str_t text);

#endif
