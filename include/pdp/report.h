/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#ifndef PDP_REPORT_H
#define PDP_REPORT_H

/*
 * What the loader found in the documents it was given: every finding of a
 * run.  Those of one source are together, in the order of its lines; sources
 * come in the order in which something was first found in them, which is not
 * that in which they were added.  At most 10,000 are listed; then one finding
 * `more_findings` says so, and the errors beyond it are only counted.
 *
 * pdp-diagnostics(7) lists the codes, and how to mend what they tell.
 */

#include "pdp/base.h"
#include "pdp/status.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct pdp_report pdp_report_t;

typedef enum pdp_severity {
    PDP_SEVERITY_NOTE = 0,    /* worth knowing */
    PDP_SEVERITY_WARNING = 1, /* loads, but hardly means what it says */
    PDP_SEVERITY_ERROR = 2    /* nothing is loaded */
} pdp_severity_t;

/*
 * One finding.  Strings are borrowed until pdp_report_free().  Code, message
 * and hint are printable ASCII (other bytes of a document appear as \xNN);
 * the source is what the caller gave, any bytes: line ends and terminal
 * escapes, too, where it is the name of a key set out of a trust document.
 * Escape it before it goes into a log or to a terminal.
 */
typedef struct pdp_finding {
    size_t size; /* sizeof(pdp_finding_t), set by the caller */
    pdp_severity_t severity;
    pdp_str_t code;    /* stable name, such as "unknown_member" */
    pdp_str_t source;  /* name of the source as it was added; empty if it
                        * was added without one */
    uint32_t line;     /* from 1; 0: the source as a whole */
    uint32_t column;   /* from 1, in bytes; 0 where line is 0 */
    pdp_str_t message; /* what is wrong, one line, up to 400 bytes */
    pdp_str_t hint;    /* what was probably meant; may be empty */
} pdp_finding_t;

/*
 * pdp_report_count: how many findings are listed.
 *
 * NULL: a NULL report has none.
 * Returns: 0 to 10,001.
 * Thread safety: any thread, as long as nobody frees the report.
 * Allocates: nothing.
 * Since: 0.1.
 */
PDP_API size_t pdp_report_count(const pdp_report_t *report);

/*
 * pdp_report_errors: how many errors were found, also those that are not
 * listed.
 *
 * NULL: a NULL report has none.
 * Returns: their number; above 0 exactly when there is no snapshot because
 *     of the documents (PDP_E_INVALID).
 * Thread safety: any thread, as long as nobody frees the report.
 * Allocates: nothing.
 * Since: 0.1.
 */
PDP_API size_t pdp_report_errors(const pdp_report_t *report);

/*
 * pdp_report_at: finding number index, from 0.
 *
 * Ownership: *out is filled; its strings are borrowed until the report is
 *     freed.
 * NULL: a NULL report has no findings; a NULL out is PDP_E_ARGUMENT.
 * Returns: PDP_OK; PDP_E_ARGUMENT: there is no such finding, or out->size is
 *     0 or above sizeof(pdp_finding_t) of this version.
 * Thread safety: any thread, as long as nobody frees the report.
 * Allocates: nothing.
 * Since: 0.1.
 */
PDP_API PDP_WUR pdp_status_t pdp_report_at(const pdp_report_t *report,
    size_t index, pdp_finding_t *out);

/*
 * pdp_report_free: frees a report and the strings of its findings.
 *
 * Ownership: takes the report back.
 * NULL: allowed, and does nothing.
 * Returns: nothing.
 * Thread safety: one thread, once nobody else reads the report.
 * Allocates: nothing.
 * Since: 0.1.
 */
PDP_API void pdp_report_free(pdp_report_t *report);

#ifdef __cplusplus
}
#endif

#endif
