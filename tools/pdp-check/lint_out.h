/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#ifndef PDP__CHECK_LINT_OUT_H
#define PDP__CHECK_LINT_OUT_H

/* What `lint` and `gateway-lint` print alike: findings as rows, and the line
 * that counts them. */

#include "pdp-check/rows.h"
#include "pdp/report.h"

enum { PDP__SEVERITY_CNT = 3 }; /* note, warning, error */

/* "1 error, 0 warnings, 2 notes", and a line end. */
void pdp__lint_summary(struct pdp__string *out,
    const size_t counts[static PDP__SEVERITY_CNT]);

/* The columns of findings; then one call a finding, and pdp__rows_finish(). */
void pdp__lint_start(struct pdp__rows *rows, enum pdp__format format);
void pdp__lint_row(struct pdp__rows *rows, pdp_str_t path,
    const pdp_finding_t *finding);

#endif
