/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#ifndef PDP__COMMON_ARGS_H
#define PDP__COMMON_ARGS_H

/*
 * Command lines, as curl and most other tools read them:
 *
 *     -X POST   -XPOST   --method POST   --method=POST   -- operand
 *
 * A value is whatever follows, also when it begins with a dash.  Options
 * may stand between operands; after `--` everything is an operand, and so
 * is a single `-`.  Nothing is abbreviated: an option that is misspelt is
 * an error that names the nearest one.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct pdp__option {
    int id;            /* above 0; a row with 0 ends the table */
    char letter;       /* 0: only a long name */
    bool repeat;       /* may be given more than once */
    const char *name;  /* long name, without dashes */
    const char *value; /* what to call its value; NULL: it takes none */
    const char *help;  /* one or more lines, each of up to 48 columns */
};

/* At most this many options in one table. */
enum { PDP__ARGS_MAX = 64 };

enum pdp__args_kind {
    PDP__ARGS_END = 0,
    PDP__ARGS_OPTION,  /* args.option; args.value, or NULL if it takes none */
    PDP__ARGS_OPERAND, /* args.value */
    PDP__ARGS_ERROR    /* it was told on stderr */
};

struct pdp__args {
    char **argv;
    int argc;
    int next;            /* index of the next word */
    const char *cluster; /* rest of a word of short options, or NULL */
    bool operands_only;  /* `--` was seen */
    uint64_t seen;       /* bit per row of the table: given before */
    const struct pdp__option *option;
    const char *value;
};

/* argv[0] is skipped. */
struct pdp__args pdp__args_init(int argc, char **argv);

enum pdp__args_kind pdp__args_next(struct pdp__args *args,
    const struct pdp__option *options);

/* Prints the rows of a table for --help to stdout. */
void pdp__args_help(const struct pdp__option *options);

#endif
