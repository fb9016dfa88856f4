/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include "pdp/reason.h"

/*
 * Names, texts and HTTP statuses of reasons, from the one table in
 * pdp/reason.h.
 *
 * Invariant: a value that is no reason is read as `internal`, which denies.
 * Which reasons allow is written out here and not derived from the status,
 * so that an edit of the table cannot open anything.
 */

struct row {
    const char *name;
    const char *text;
    int status;
};

static const struct row rows[] = {
#define X(id, name, status, text) {(name), (text), (status)},
    PDP_REASON_MAP(X)
#undef X
};

_Static_assert(sizeof(rows) / sizeof(rows[0]) == PDP_REASON_COUNT,
    "one row for each reason");
_Static_assert(PDP_REASON_INTERNAL == 0, "cleared memory must deny");

static const struct row *
row_of(pdp_reason_t reason)
{
    unsigned ix = (unsigned)reason;

    return &rows[ix < PDP_REASON_COUNT ? ix : PDP_REASON_INTERNAL];
}

const char *
pdp_reason_name(pdp_reason_t reason)
{
    return row_of(reason)->name;
}

const char *
pdp_reason_text(pdp_reason_t reason)
{
    return row_of(reason)->text;
}

int
pdp_reason_status(pdp_reason_t reason)
{
    return row_of(reason)->status;
}

bool
pdp_reason_allows(pdp_reason_t reason)
{
    return reason == PDP_REASON_PERMITTED || reason == PDP_REASON_PUBLIC ||
           reason == PDP_REASON_AUTHENTICATED;
}
