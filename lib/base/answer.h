/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#ifndef PDP__BASE_ANSWER_H
#define PDP__BASE_ANSWER_H

/*
 * Answers in structs of the caller.  Their first member is the size the
 * caller compiled against, which may be that of an older, thus smaller,
 * struct: exactly so many bytes are written.
 */

#include "base/str.h"

/* Copies size bytes of answer at most into out; false if the caller did not
 * set the size, or set one that is larger than ours. */
static inline bool
pdp__answer(void *out, void *answer, size_t size)
{
    size_t asked;

    memcpy(&asked, out, sizeof(asked));
    if (asked < sizeof(asked) || asked > size) {
        return false;
    }
    memcpy(answer, &asked, sizeof(asked));
    memcpy(out, answer, asked);
    return true;
}

#endif
