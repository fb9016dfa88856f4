/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#ifndef PDP__BASE_BUF_H
#define PDP__BASE_BUF_H

/*
 * A bounded text buffer: writes that do not fit set `full` and change
 * nothing else, so a caller checks once, at the end.
 */

#include "base/str.h"

struct pdp__buf {
    char *ptr;
    size_t cap;
    size_t len;
    bool full; /* something did not fit */
};

static inline struct pdp__buf
pdp__buf(char *ptr, size_t cap)
{
    return (struct pdp__buf){ptr, cap, 0, false};
}

void pdp__buf_char(struct pdp__buf *buf, char c);
void pdp__buf_str(struct pdp__buf *buf, pdp_str_t text);
void pdp__buf_z(struct pdp__buf *buf, const char *text);
void pdp__buf_int(struct pdp__buf *buf, int64_t value);

/* printf() forms; what is too long for the rest is cut and sets full. */
void pdp__buf_fmt(struct pdp__buf *buf, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static inline pdp_str_t
pdp__buf_get(const struct pdp__buf *buf)
{
    return (pdp_str_t){buf->ptr, buf->len};
}

#endif
