/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#ifndef PDP__PDPD_DOCUMENTS_H
#define PDP__PDPD_DOCUMENTS_H

/*
 * The configuration and every document it names -> one snapshot, or findings
 * and nothing.
 */

#include <sys/stat.h>

#include "pdp/loader.h"
#include "pdpd/config.h"
#include "pdpd/keys.h"

enum { PDPD__DIGEST_LEN = 32 };

/* A file or folder that was looked at; what changes there asks for a reload. */
struct pdpd__watched {
    char *path;
    bool folder; /* every *.json in it counts */
    bool there;  /* and looked like this before it was read */
    struct stat status;
};

/* What a key set is called in findings, and where it stands. */
struct pdpd__alias {
    char *name;
    char *path;
};

struct pdpd__documents {
    struct pdpd__config config;
    pdp_snapshot_t *snapshot; /* NULL: there are errors */
    pdp_report_t *own;        /* configuration, and files as such */
    pdp_report_t *loader;     /* what is in them; may be NULL */
    struct pdpd__watched *watched;
    size_t watched_cnt;
    struct pdpd__alias *aliases;
    size_t alias_cnt;
    struct pdpd__keys keys; /* of the configuration, which may move on */
    struct pdpd__fetched_list fetched;
    unsigned char digest[PDPD__DIGEST_LEN]; /* of all that was read */
    size_t bytes;                           /* read so far */
    bool incomplete;  /* there was no memory: nothing here says why not */
    bool passing;     /* a failure may pass though no file of these changes */
    bool keys_failed; /* a key set could not be read, which was told */
};

/*
 * Reads everything.  False: there are findings of severity error, or
 * out->incomplete; out->watched is filled all the same, so that mending a file
 * is seen.  Either way pdpd__documents_free() frees what *out holds.
 */
bool pdpd__documents_load(const char *config_path, struct pdpd__documents *out);

/* How many findings there are, and the index-th one with the path of its
 * source, borrowed until the documents are freed. */
size_t pdpd__documents_finding_cnt(const struct pdpd__documents *documents);
pdp_finding_t pdpd__documents_finding(const struct pdpd__documents *documents,
    size_t index, pdp_str_t *path);

void pdpd__documents_free(struct pdpd__documents *documents);

#endif
