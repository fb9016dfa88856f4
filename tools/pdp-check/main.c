/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include "pdp-check/cli.h"

/*
 * pdp-check: decisions without a server.
 *
 * This file only finds the command; each one stands in cmd_NAME.c and is a
 * row of the table below.  Order of the table: order in the help.
 *
 * The exit status is a contract: 0 allow or clean, 1 deny or findings, 2
 * usage or input, 3 internal.  Output that could not be written is 3, even
 * if the decision was an allow, because the caller did not get it.
 */

#include "common/escape.h"
#include "common/out.h"
#include "common/program.h"
#include "common/tell.h"
#include "text/suggest.h"

static const struct pdp__command *const commands[] = {
    &pdp__cmd_decide,
    &pdp__cmd_explain,
    &pdp__cmd_test,
    &pdp__cmd_routes,
    &pdp__cmd_events,
    &pdp__cmd_actions,
    &pdp__cmd_roles,
    &pdp__cmd_regions,
    &pdp__cmd_lint,
    &pdp__cmd_gateway_lint,
    &pdp__cmd_keygen,
    &pdp__cmd_token,
};

enum { COMMAND_CNT = sizeof(commands) / sizeof(commands[0]) };

enum { OPT_VERSION = PDP__OPT_OWN };

static const struct pdp__option options[] = {
    PDP__ROW_HELP,
    {OPT_VERSION, 'V', false, "version", NULL, "print the version and exit"},
    {0},
};

static int
help(void)
{
    struct pdp__string out = {0};
    pdp__string_z(&out,
        "usage: pdp-check COMMAND [options] [operands]\n"
        "       pdp-check COMMAND --help\n"
        "\n"
        "Answers who may do what through an HTTP API guarded by IAM actions,\n"
        "without a server.\n"
        "\n"
        "commands:\n");
    for (size_t i = 0; i < COMMAND_CNT; i++) {
        pdp__string_fmt(&out, "  %-14s%s\n", commands[i]->name,
            commands[i]->summary);
    }
    pdp__string_z(&out, "\noptions:\n");
    pdp__out_write(pdp__string_get(&out));
    pdp__args_help(options);
    pdp__string_free(&out);
    pdp__out_write(PDP__LIT("\nexit status: 0 allow or clean, 1 deny or "
                            "findings, 2 usage or input,\n"
                            "3 internal error\n"));
    return PDP__EXIT_OK;
}

static int
run_command(int argc, char **argv)
{
    pdp_str_t name = pdp__str_z(argv[0]);
    pdp_str_t names[COMMAND_CNT];
    for (size_t i = 0; i < COMMAND_CNT; i++) {
        names[i] = pdp__str_z(commands[i]->name);
        if (pdp__str_eq(name, names[i])) {
            return commands[i]->run(commands[i], argc, argv);
        }
    }
    int near = pdp__suggest(name, names, COMMAND_CNT);
    if (near >= 0) {
        pdp__tell("unknown command '%s'; did you mean '%s'?", argv[0],
            commands[near]->name);
    } else {
        pdp__tell("unknown command '%s'", argv[0]);
    }
    return pdp__program_usage();
}

static int
run(int argc, char **argv)
{
    /* Options before the command are those of the tool as a whole. */
    struct pdp__args args = pdp__args_init(argc, argv);
    switch (pdp__args_next(&args, options)) {
    case PDP__ARGS_END:
        pdp__tell("a command is needed");
        return pdp__program_usage();
    case PDP__ARGS_ERROR:
        pdp__tell("options of a command go after its name");
        return pdp__program_usage();
    case PDP__ARGS_OPTION:
        return args.option->id == PDP__OPT_HELP ? help()
                                                : pdp__program_version(NULL);
    case PDP__ARGS_OPERAND:
        return run_command(argc - args.next + 1, argv + args.next - 1);
    }
    return PDP__EXIT_INTERNAL;
}

int
main(int argc, char **argv)
{
    return pdp__program_main("pdp-check", run, argc, argv);
}
