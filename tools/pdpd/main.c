/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#define _POSIX_C_SOURCE 200809L /* resources */

#include "pdpd/daemon.h"

/*
 * pdpd: the decision point as a daemon.
 *
 * This file reads the command line and shuts the process in; what it does is
 * in daemon.c.  There is no privileged phase: it is started as the user it
 * runs as, and never needs another.
 */

#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "common/args.h"
#include "common/out.h"
#include "common/program.h"
#include "common/tell.h"
#include "pdpd/seccomp.h"

enum { OPT_CONFIG = 1, OPT_CHECK, OPT_VERSION, OPT_HELP };

static const struct pdp__option options[] = {
    {OPT_CONFIG, 'c', false, "config", "FILE",
        "the configuration; see pdpd.yaml(5)\n"
        "(default: /etc/pdp/pdpd.yaml)"},
    {OPT_CHECK, 0, false, "check", NULL,
        "load everything, print what is wrong, and exit"},
    {OPT_VERSION, 'V', false, "version", NULL, "print the version and exit"},
    {OPT_HELP, 'h', false, "help", NULL, "print this text and exit"},
    {0},
};

static int
help(void)
{
    pdp__out_write(PDP__LIT("usage: pdpd [--config FILE] [--check]\n"
                            "\n"
                            "Answers nginx auth_request and other gateways: "
                            "may this request pass?\n"
                            "\noptions:\n"));
    pdp__args_help(options);
    pdp__out_write(
        PDP__LIT("\nsignals: SIGHUP loads everything again, SIGTERM and "
                 "SIGINT end it\n"
                 "\nexit status: 0 ended as asked, 2 usage or input (nothing "
                 "was started),\n3 internal error\n"));
    return PDPD__EXIT_OK;
}

/* Tokens are in our memory: nobody may dump or trace it.  The rest is what
 * a service manager would do, for those who have none. */
static void
shut_in(void)
{
    struct rlimit none = {0, 0};
    struct rlimit files;
    umask(0077);
    (void)setrlimit(RLIMIT_CORE, &none);
    if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
        files.rlim_cur = files.rlim_max; /* nothing here uses select() */
        (void)setrlimit(RLIMIT_NOFILE, &files);
    }
    (void)signal(SIGXFSZ, SIG_IGN); /* a log that is full must not end it */
    (void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
    (void)prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
}

static int
run(int argc, char **argv)
{
    struct pdp__args args = pdp__args_init(argc, argv);
    const char *config = "/etc/pdp/pdpd.yaml";
    bool check = false;
    for (;;) {
        switch (pdp__args_next(&args, options)) {
        case PDP__ARGS_END:
            if (check) {
                return pdpd__daemon_check(config);
            }
            shut_in();
            return pdpd__daemon_run(config);
        case PDP__ARGS_ERROR:
            return pdp__program_usage();
        case PDP__ARGS_OPERAND:
            pdp__tell("there are no operands, so '%s' is none", args.value);
            return pdp__program_usage();
        case PDP__ARGS_OPTION:
            if (args.option->id == OPT_HELP) {
                return help();
            }
            if (args.option->id == OPT_VERSION) {
                return pdp__program_version(pdpd__seccomp_built_in()
                                                ? "seccomp: built in"
                                                : "seccomp: not built in");
            }
            check = check || args.option->id == OPT_CHECK;
            config = args.option->id == OPT_CONFIG ? args.value : config;
        }
    }
}

int
main(int argc, char **argv)
{
    return pdp__program_main("pdpd", run, argc, argv);
}
