/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include "pdp-check/decide.h"

/*
 * pdp-check explain: decide, and why.  It is run by cmd_decide.c, and what it
 * prints stands in explain_*.c.  Its options are one of its own and, behind
 * it, all of decide: the table is put together before it is used.
 */

enum { OPTIONS_MAX = 64 };

static struct pdp__option options[OPTIONS_MAX] = {
    {PDP__OPT_ALL, 0, false, "all", NULL,
        "list everything; without it, text lists 10 of a kind"},
};

static int
run(const struct pdp__command *command, int argc, char **argv)
{
    const struct pdp__option *rows = pdp__cmd_decide.options;
    /* The last row of the table stays empty: that ends it. */
    for (size_t i = 0; rows[i].name != NULL && i + 2 < OPTIONS_MAX; i++) {
        options[i + 1] = rows[i];
    }
    return pdp__decide_run(command, argc, argv);
}

const struct pdp__command pdp__cmd_explain = {
    "explain",
    "judge one request, and tell why",
    "[--] TARGET | --suite FILE --case NAME",
    "Judges one request as decide does, and tells for every role, action and\n"
    "policy that could speak for it or against it, whether it does, or the\n"
    "first thing that did not hold.  On a deny it ends with the roles that\n"
    "would help and the narrowest policy that permits the request.\n"
    "tsv: pdp-check(1) lists the records and their fields.",
    options,
    run,
};
