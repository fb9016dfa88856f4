/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#define _POSIX_C_SOURCE 200809L /* files, streams and clock of POSIX */

#include "common/out.h"

/*
 * The standard streams of a tool.
 *
 * A program that is started with stdout closed gets descriptor 1 for the
 * first file it opens, and what it prints then lands in that file - which
 * could be a key.  So the three descriptors are filled first, each opened
 * so that using it fails: the failure is then reported like any other.
 *
 * stdio keeps an error until fclose(), and close() can still report one
 * (NFS, quotas), so the verdict is given once, at the end.
 *
 * Colours: only on a terminal, not with NO_COLOR set to anything, not on a
 * terminal that calls itself dumb (https://no-color.org/).
 */

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "common/tell.h"

static int write_error;

void
pdp__out_start(void)
{
    for (int fd = 0; fd <= 2; fd++) {
        if (fcntl(fd, F_GETFD) == -1 && errno == EBADF) {
            /* The lowest free descriptor is fd, since those below are open. */
            int mode = fd == 0 ? O_WRONLY : O_RDONLY;
            if (open("/dev/null", mode) != fd) {
                _exit(3);
            }
        }
    }
    signal(SIGPIPE, SIG_IGN);
}

bool
pdp__out_terminal(FILE *stream)
{
    const char *term = getenv("TERM");
    return isatty(fileno(stream)) == 1 && term != NULL &&
           strcmp(term, "dumb") != 0;
}

bool
pdp__out_colour(FILE *stream)
{
    const char *no_color = getenv("NO_COLOR");
    return pdp__out_terminal(stream) &&
           (no_color == NULL || no_color[0] == '\0');
}

const char *
pdp__out_sgr(bool on, enum pdp__colour colour)
{
    if (!on) {
        return "";
    }
    switch (colour) {
    case PDP__COLOUR_PLAIN:
        return "\033[0m";
    case PDP__COLOUR_BOLD:
        return "\033[1m";
    case PDP__COLOUR_RED:
        return "\033[1;31m";
    case PDP__COLOUR_GREEN:
        return "\033[1;32m";
    case PDP__COLOUR_YELLOW:
        return "\033[1;33m";
    }
    return "";
}

void
pdp__out_write(pdp_str_t text)
{
    errno = 0;
    if (write_error == 0 && fwrite(text.ptr, 1, text.len, stdout) != text.len) {
        write_error = errno == 0 ? EIO : errno;
    }
}

bool
pdp__out_finish(void)
{
    errno = 0;
    if (fflush(stdout) != 0 && write_error == 0) {
        write_error = errno == 0 ? EIO : errno;
    }
    errno = 0;
    if (fclose(stdout) != 0 && write_error == 0) {
        write_error = errno == 0 ? EIO : errno;
    }
    if (write_error != 0) {
        pdp__tell_errno(write_error, "cannot write the output");
        return false;
    }
    return true;
}
