/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include "pdp-fetch/run.h"

/*
 * pdp-fetch: key sets from their servers to files.
 *
 * The only program of this project that opens a connection to another
 * machine, so that the one which strangers talk to needs no network.  This
 * file reads the command line; what is done stands in run.c.
 *
 *   main  ->  run  ->  sets     trust document; what a good set is
 *                      plan     when: a pure function
 *                      fetch    downloads (url: from where)
 *                      store    files and the state file
 *                      request  who asks for a set to be fetched again
 */

#include "common/args.h"
#include "common/file.h"
#include "common/out.h"
#include "common/program.h"
#include "common/tell.h"
#include "pdp-fetch/plan.h"
#include "pdp/base.h"
#include "pdp/status.h"

enum { COOLDOWN_MAX_SEC = 3600 };

enum {
    OPT_HELP = 1,
    OPT_VERSION,
    OPT_TRUST,
    OPT_STATE,
    OPT_RUN_DIR,
    OPT_CA_FILE,
    OPT_COOLDOWN,
    OPT_ONCE
};

static const struct pdp__option options[] = {
    {OPT_TRUST, 0, false, "trust", "FILE",
        "the trust document that names the key sets"},
    {OPT_ONCE, 0, false, "once", NULL, "fetch every set now, and end"},
    {OPT_STATE, 0, false, "state", "FILE",
        "the state file (default: pdp-fetch.state.json\n"
        "beside the trust document)"},
    {OPT_RUN_DIR, 0, false, "run-dir", "DIR",
        "where others ask for a set to be fetched again\n"
        "(default: nobody can)"},
    {OPT_CA_FILE, 0, false, "ca-file", "FILE",
        "certificates of the only authorities to believe\n"
        "(default: those of the system)"},
    {OPT_COOLDOWN, 0, false, "cooldown", "SECONDS",
        "least time between two fetches of a set\n"
        "(default: 30)"},
    {OPT_HELP, 'h', false, "help", NULL, "print this text and exit"},
    {OPT_VERSION, 'V', false, "version", NULL, "print the version and exit"},
    {0},
};

static int
help(void)
{
    pdp__out_write(
        PDP__LIT("usage: pdp-fetch --trust FILE [options]\n"
                 "\n"
                 "Downloads the key sets that a trust document names, before\n"
                 "they expire, checks them, and writes them to its key files.\n"
                 "\n"
                 "options:\n"));
    pdp__args_help(options);
    pdp__out_write(
        PDP__LIT("\nsignals: SIGHUP reads the trust document again, SIGTERM "
                 "and SIGINT end it\n"
                 "\nexit status: 0 done, 1 with --once: a set could not be "
                 "fetched,\n"
                 "2 usage or input, 3 internal error\n"));
    return PDP__FETCH_EXIT_OK;
}

/* A whole number of seconds, 1 to COOLDOWN_MAX_SEC. */
static bool
read_cooldown(const char *text, int64_t *out)
{
    int64_t value = 0;
    const char *at = text;
    for (; *at >= '0' && *at <= '9' && value <= COOLDOWN_MAX_SEC; at++) {
        value = value * 10 + (*at - '0');
    }
    if (value < 1 || value > COOLDOWN_MAX_SEC || *at != '\0') {
        pdp__tell("--cooldown is a whole number from 1 to %d, not '%s'",
            COOLDOWN_MAX_SEC, text);
        return false;
    }
    *out = value;
    return true;
}

/* False: the value is wrong, which was told. */
static bool
take(struct pdp__fetch_options *run, const struct pdp__args *args)
{
    switch (args->option->id) {
    case OPT_TRUST:
        run->trust = args->value;
        return true;
    case OPT_STATE:
        run->state = args->value;
        return true;
    case OPT_RUN_DIR:
        run->run_dir = args->value;
        return true;
    case OPT_CA_FILE:
        run->ca_file = args->value;
        return true;
    case OPT_COOLDOWN:
        return read_cooldown(args->value, &run->cooldown_sec);
    case OPT_ONCE:
        run->once = true;
        return true;
    default:
        pdp__tell("option '--%s' is not implemented", args->option->name);
        return false;
    }
}

static int
run(int argc, char **argv)
{
    struct pdp__fetch_options run = {.cooldown_sec = PDP__PLAN_COOLDOWN_SEC};
    struct pdp__args args = pdp__args_init(argc, argv);
    for (;;) {
        switch (pdp__args_next(&args, options)) {
        case PDP__ARGS_ERROR:
            return pdp__program_usage();
        case PDP__ARGS_OPERAND:
            pdp__tell("there are no operands, such as '%s'", args.value);
            return pdp__program_usage();
        case PDP__ARGS_OPTION:
            if (args.option->id == OPT_HELP) {
                return help();
            }
            if (args.option->id == OPT_VERSION) {
                return pdp__program_version(NULL);
            }
            if (!take(&run, &args)) {
                return pdp__program_usage();
            }
            break;
        case PDP__ARGS_END:
            if (run.trust == NULL) {
                pdp__tell("--trust is needed");
                return pdp__program_usage();
            }
            if (run.ca_file != NULL && !pdp__file_exists(run.ca_file)) {
                pdp__tell("there is no '%s'", run.ca_file);
                return PDP__FETCH_EXIT_USAGE;
            }
            return (int)pdp__fetch_run(&run);
        }
    }
}

int
main(int argc, char **argv)
{
    return pdp__program_main("pdp-fetch", run, argc, argv);
}
