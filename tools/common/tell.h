/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#ifndef PDP__COMMON_TELL_H
#define PDP__COMMON_TELL_H

/*
 * Messages for the person at the terminal, on stderr: one line each,
 * `PROGRAM: message`, with every byte that is not printable ASCII escaped.
 */

/* The name before each message; static.  Call it first in main(). */
void pdp__tell_program(const char *name);
const char *pdp__tell_program_name(void);

void pdp__tell(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The same, followed by `: ` and the text of an error number. */
void pdp__tell_errno(int error, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
