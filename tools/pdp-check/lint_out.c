/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include "pdp-check/lint_out.h"

/* Findings as people and programs read them; see the header. */

#include "common/findings.h"

static const struct pdp__column columns[] = {
    {"file", NULL, true, false},
    {"line", NULL, true, false},
    {"column", NULL, true, false},
    {"severity", NULL, true, false},
    {"code", NULL, true, false},
    {"message", NULL, true, false},
    {"hint", NULL, true, false},
};

void
pdp__lint_summary(struct pdp__string *out,
    const size_t counts[static PDP__SEVERITY_CNT])
{
    for (int i = PDP__SEVERITY_CNT - 1; i >= 0; i--) {
        pdp__string_fmt(out, "%zu %s%s%s", counts[i],
            pdp__finding_severity((pdp_severity_t)i), counts[i] == 1 ? "" : "s",
            i == 0 ? "\n" : ", ");
    }
}

void
pdp__lint_start(struct pdp__rows *rows, enum pdp__format format)
{
    pdp__rows_start(rows, format, columns,
        sizeof(columns) / sizeof(columns[0]));
}

void
pdp__lint_row(struct pdp__rows *rows, pdp_str_t path,
    const pdp_finding_t *finding)
{
    pdp__rows_str(rows, path);
    pdp__rows_number(rows, finding->line);
    pdp__rows_number(rows, finding->column);
    pdp__rows_str(rows, pdp__str_z(pdp__finding_severity(finding->severity)));
    pdp__rows_str(rows, finding->code);
    pdp__rows_str(rows, finding->message);
    pdp__rows_str(rows,
        finding->hint.len == 0 ? (pdp_str_t){NULL, 0} : finding->hint);
    pdp__rows_next(rows);
}
