/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#ifndef PDP_REPORT_H
#define PDP_REPORT_H

/*
 * What the loader found in the documents it was given: every finding of a
 * run, in the order of the sources and, within one, of its lines.  At most
 * 10,000 are listed; then one finding `more_findings` says so, and the errors
 * beyond it are only counted.
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

/* One finding.  Strings are borrowed until pdp_report_free(). */
typedef struct pdp_finding {
    size_t size; /* sizeof(pdp_finding_t), set by the caller */
    pdp_severity_t severity;
    pdp_str_t code;    /* stable name, such as "unknown_member" */
    pdp_str_t source;  /* name of the source as it was added */
    uint32_t line;     /* from 1; 0: the source as a whole */
    uint32_t column;   /* from 1, in bytes; 0: the line as a whole */
    pdp_str_t message; /* what is wrong, one line */
    pdp_str_t hint;    /* what was probably meant; may be empty */
} pdp_finding_t;

/*
 * pdp_report_count: how many findings there are.
 * pdp_report_errors: how many of them are errors.
 * pdp_report_at: finding number index, from 0.  PDP_E_ARGUMENT if there is
 * none, or if out->size is not set.
 * A NULL report has no findings.  Thread-safe on one report as long as
 * nobody frees it; they do not allocate.  Since 0.1.0.
 */
PDP_API size_t pdp_report_count(const pdp_report_t *report);
PDP_API size_t pdp_report_errors(const pdp_report_t *report);
PDP_API PDP_WUR pdp_status_t pdp_report_at(const pdp_report_t *report,
    size_t index, pdp_finding_t *out);

/* pdp_report_free: frees a report; NULL is allowed.  Since 0.1.0. */
PDP_API void pdp_report_free(pdp_report_t *report);

#ifdef __cplusplus
}
#endif

#endif
