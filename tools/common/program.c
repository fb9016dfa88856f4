/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include "common/program.h"

#include <openssl/crypto.h>

#include "common/heap.h"
#include "common/out.h"
#include "common/tell.h"
#include "pdp.h"

enum { EXIT_OK = 0, EXIT_USAGE = 2, EXIT_INTERNAL = 3 };

int
pdp__program_main(const char *name, int (*run)(int argc, char **argv), int argc,
    char **argv)
{
    pdp__tell_program(name);
    /* What libcrypto does must not depend on a file of this machine. */
    OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, NULL);
    pdp__out_start();
    int status = run(argc, argv);
    return pdp__out_finish() ? status : EXIT_INTERNAL;
}

int
pdp__program_version(const char *more)
{
    struct pdp__string out = {0};
    pdp__string_fmt(&out, "%s %s (libpdp %s%s%s)\n", pdp__tell_program_name(),
        PDP_VERSION, pdp_version(), more == NULL ? "" : ", ",
        more == NULL ? "" : more);
    pdp__out_write(pdp__string_get(&out));
    pdp__string_free(&out);
    return EXIT_OK;
}

int
pdp__program_usage(void)
{
    pdp__tell("try '%s --help'", pdp__tell_program_name());
    return EXIT_USAGE;
}
