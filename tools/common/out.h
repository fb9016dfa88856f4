/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#ifndef PDP__COMMON_OUT_H
#define PDP__COMMON_OUT_H

/*
 * The standard streams: open, honest about failed writes, and coloured only
 * where a person looks.
 */

#include <stdio.h>

#include "common/heap.h"

enum pdp__colour {
    PDP__COLOUR_PLAIN = 0,
    PDP__COLOUR_BOLD,
    PDP__COLOUR_RED,
    PDP__COLOUR_GREEN,
    PDP__COLOUR_YELLOW
};

/*
 * Makes sure that descriptors 0, 1 and 2 are taken (a file opened later
 * must never become stdout), and that a closed pipe is an error of the
 * write, not the end of the process.  Call it first in main().
 */
void pdp__out_start(void);

/* Whether a stream is a terminal that can go back in a line. */
bool pdp__out_terminal(FILE *stream);

/* Whether a stream is a terminal that wants colours. */
bool pdp__out_colour(FILE *stream);

/* The escape sequence of a colour, or "" when colours are off. */
const char *pdp__out_sgr(bool on, enum pdp__colour colour);

/* Writes a text to stdout; a failure is kept for pdp__out_finish(). */
void pdp__out_write(pdp_str_t text);

/*
 * Flushes and closes stdout.  False, and a message on stderr, if any write
 * to it failed: a full disk or a closed pipe must not look like success.
 */
bool pdp__out_finish(void);

#endif
