/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#ifndef PDP__COMMON_FINDINGS_H
#define PDP__COMMON_FINDINGS_H

/*
 * Findings in documents, as compilers print them:
 *
 *     trust.yaml:7:5: error: unknown member "algoritms" [unknown_member]
 *       hint: did you mean "algorithms"?
 *         algoritms: [RS256]
 *         ^
 */

#include "common/heap.h"
#include "pdp/report.h"

/* Where the text of a line was found last, so that findings in order of
 * lines are shown in one pass over the document.  Zero it to start. */
struct pdp__finding_cursor {
    uint32_t line; /* 0: nothing found yet */
    size_t offset; /* of that line */
    size_t end;    /* of that line; a document may have just one, and long */
};

/* "note", "warning", "error". */
const char *pdp__finding_severity(pdp_severity_t severity);

/*
 * Adds one finding.  path is what to call the source; text is what its
 * author wrote ({NULL, 0}: not available, no line is shown).
 */
void pdp__finding_add(struct pdp__string *out, const pdp_finding_t *finding,
    const char *path, pdp_str_t text, struct pdp__finding_cursor *cursor,
    bool colour);

#endif
