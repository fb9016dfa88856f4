/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#ifndef PDP__CHECK_CLI_H
#define PDP__CHECK_CLI_H

/*
 * What the commands of pdp-check have in common: the table of commands,
 * exit statuses, and the options that several of them take.
 */

#include "common/args.h"
#include "common/docs.h"

enum pdp__exit {
    PDP__EXIT_OK = 0,       /* allow, clean, done */
    PDP__EXIT_NEGATIVE = 1, /* deny, findings */
    PDP__EXIT_USAGE = 2,    /* usage, or input unreadable or invalid */
    PDP__EXIT_INTERNAL = 3  /* a defect, no memory, output not written */
};

enum pdp__format { PDP__FORMAT_TEXT = 0, PDP__FORMAT_JSON, PDP__FORMAT_TSV };

struct pdp__command {
    const char *name;
    const char *summary;  /* for the list of commands */
    const char *operands; /* for the usage line, after [options] */
    const char *about;    /* a few lines for --help */
    const struct pdp__option *options;
    /* argv[0] is the command; returns an exit status */
    int (*run)(const struct pdp__command *command, int argc, char **argv);
};

extern const struct pdp__command pdp__cmd_decide;
extern const struct pdp__command pdp__cmd_explain;
extern const struct pdp__command pdp__cmd_test;
extern const struct pdp__command pdp__cmd_routes;
extern const struct pdp__command pdp__cmd_events;
extern const struct pdp__command pdp__cmd_actions;
extern const struct pdp__command pdp__cmd_roles;
extern const struct pdp__command pdp__cmd_regions;
extern const struct pdp__command pdp__cmd_lint;
extern const struct pdp__command pdp__cmd_gateway_lint;
extern const struct pdp__command pdp__cmd_keygen;
extern const struct pdp__command pdp__cmd_token;

/* The inputs that the common options name.  Strings are those of argv. */
struct pdp__cli {
    const struct pdp__command *command;
    enum pdp__format format;
    const char *service;
    const char *trust;
    const char *jwks;
    const char *issuer;
    const char *directory;
    const char **policies;
    size_t policies_cnt;
    const char **restrictions;
    size_t restrictions_cnt;
    const char **revocations;
    size_t revocations_cnt;
    bool has_at;
    int64_t at_sec;
    uint32_t at_nsec;
};

/* Ids of the common options; those of a command start at PDP__OPT_OWN. */
enum {
    PDP__OPT_HELP = 1,
    PDP__OPT_FORMAT,
    PDP__OPT_SERVICE,
    PDP__OPT_TRUST,
    PDP__OPT_JWKS,
    PDP__OPT_ISSUER,
    PDP__OPT_POLICIES,
    PDP__OPT_DIRECTORY,
    PDP__OPT_AT,
    PDP__OPT_RESTRICTIONS,
    PDP__OPT_REVOCATIONS,
    PDP__OPT_OWN = 32
};

/* Rows for the option tables of the commands. */
#define PDP__ROW_HELP                                                          \
    {                                                                          \
        PDP__OPT_HELP, 'h', false, "help", NULL, "print this text and exit"    \
    }
#define PDP__ROW_FORMAT                                                        \
    {                                                                          \
        PDP__OPT_FORMAT, 'f', false, "format", "FORMAT",                       \
            "text, json or tsv (default: text)"                                \
    }
#define PDP__ROW_SERVICE                                                       \
    {                                                                          \
        PDP__OPT_SERVICE, 0, false, "service", "FILE",                         \
            "service definition (default: IBM Cloud\n"                         \
            "Container Registry, built in)"                                    \
    }
#define PDP__ROW_DIRECTORY                                                     \
    {                                                                          \
        PDP__OPT_DIRECTORY, 0, false, "directory", "FILE",                     \
            "groups, namespaces, custom roles and tags"                        \
    }
#define PDP__ROW_RESTRICTIONS                                                  \
    {                                                                          \
        PDP__OPT_RESTRICTIONS, 0, true, "restrictions", "FILE",                \
            "context-based restrictions: zones and rules;\n"                   \
            "may be repeated"                                                  \
    }
#define PDP__ROW_REVOCATIONS                                                   \
    {                                                                          \
        PDP__OPT_REVOCATIONS, 0, true, "revocations", "FILE",                  \
            "revoked tokens; may be repeated"                                  \
    }
#define PDP__ROW_AT                                                            \
    {                                                                          \
        PDP__OPT_AT, 0, false, "at", "TIME",                                   \
            "the time, as in 2026-11-21T09:30:00Z\n"                           \
            "(default: the system clock)"                                      \
    }

/*
 * Takes a common option.  False if it was wrong (told on stderr); an
 * option that is none of the common ones is a defect of the caller.
 */
bool pdp__cli_common(struct pdp__cli *cli, const struct pdp__args *args);

/*
 * For commands with only common options and no operands: reads the command
 * line.  Returns -1 to go on, or the exit status.
 */
int pdp__cli_read(struct pdp__cli *cli, int argc, char **argv);

/* Sets the time to the clock's unless --at was given. */
void pdp__cli_clock(struct pdp__cli *cli);

/* Loads everything that the options name.  On PDP__EXIT_OK docs->snapshot
 * is there.  Close docs in any case. */
int pdp__cli_load(const struct pdp__cli *cli, struct pdp__docs *docs);

/*
 * Says that a file is of another kind than the one wanted of it, and which
 * option of the command, if any, takes it.
 */
void pdp__cli_misplaced(const struct pdp__command *command, const char *path,
    enum pdp__kind found, enum pdp__kind wanted);

/* The exit status for what documents came to, for all commands but lint. */
int pdp__cli_status(enum pdp__docs_result result);

void pdp__cli_free(struct pdp__cli *cli);

/* A whole number in [min, max]; tells and returns false if it is none. */
bool pdp__cli_number(const char *option, const char *text, int64_t min,
    int64_t max, int64_t *out);

/* Prints the help of a command; PDP__EXIT_OK. */
int pdp__cli_help(const struct pdp__command *command);

/* Says where the help is; PDP__EXIT_USAGE. */
int pdp__cli_usage(const struct pdp__command *command);

#endif
