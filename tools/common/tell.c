/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include "common/tell.h"

/*
 * Messages on stderr.
 *
 * A message may quote what a stranger chose: a file name, an option, a
 * claim.  It is escaped as a whole after it was put together, so no caller
 * can forget it and no escape sequence reaches a terminal or a log viewer.
 *
 * Memory comes from a fixed buffer, because one of the messages is "out of
 * memory"; what exceeds it is cut, and the cut is marked.
 */

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "common/escape.h"

enum { MESSAGE_MAX = 1024 };

static const char *program = "pdp";

void
pdp__tell_program(const char *name)
{
    program = name;
}

const char *
pdp__tell_program_name(void)
{
    return program;
}

static void
tell(const char *message, int len, const char *tail)
{
    char line[(MESSAGE_MAX + 64) * PDP__ESCAPE_MAX];
    size_t used = 0;
    bool cut = len >= MESSAGE_MAX;
    size_t message_len = len < 0 ? 0 : cut ? MESSAGE_MAX - 1 : (size_t)len;
    for (size_t i = 0; i < message_len; i++) {
        used += pdp__escape_byte(message[i], line + used);
    }
    fprintf(stderr, "%s: %.*s%s%s%s\n", program, (int)used, line,
        cut ? " [...]" : "", tail == NULL ? "" : ": ",
        tail == NULL ? "" : tail);
}

void
pdp__tell(const char *format, ...)
{
    char message[MESSAGE_MAX];
    va_list list;
    va_start(list, format);
    int len = vsnprintf(message, sizeof(message), format, list);
    va_end(list);
    tell(message, len, NULL);
}

void
pdp__tell_errno(int error, const char *format, ...)
{
    char message[MESSAGE_MAX];
    va_list list;
    va_start(list, format);
    int len = vsnprintf(message, sizeof(message), format, list);
    va_end(list);
    tell(message, len, strerror(error));
}
