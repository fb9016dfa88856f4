/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#ifndef PDP__CHECK_SUITE_FILE_H
#define PDP__CHECK_SUITE_FILE_H

/* A suite with the documents it names, ready to decide. */

#include "common/docs.h"
#include "pdp-check/suite.h"
#include "pdp.h"

struct pdp__suite_file {
    const char *path;
    struct pdp__docs docs; /* the suite itself is item 0 */
    struct pdp__suite suite;
    pdp_worker_t *worker;
};

/*
 * Reads a suite and everything it names.  All findings are told on stderr,
 * also those that do not stop it.  PDP__DOCS_OK: file->worker is there.
 * Close the file in any case.
 */
enum pdp__docs_result pdp__suite_open(struct pdp__suite_file *file,
    const char *path);

void pdp__suite_close(struct pdp__suite_file *file);

/* What one case asks; its strings last until the next one. */
struct pdp__suite_asked {
    pdp_request_t request;
    struct pdp__string claims; /* empty: without a token */
};

/* Decides a case.  Zero *asked before the first one; free it at the end. */
pdp_status_t pdp__suite_decide(const struct pdp__suite_file *file,
    const struct pdp__suite_case *test, struct pdp__suite_asked *asked,
    const pdp_decision_t **decision);

void pdp__suite_asked_free(struct pdp__suite_asked *asked);

#endif
