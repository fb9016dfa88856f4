/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include "base/buf.h"

#include <stdarg.h>
#include <stdio.h>

/*
 * The bounded text buffer.  All text that the library renders (messages,
 * names of resources, events) goes through it, so that no write can pass
 * the end of the caller's memory.
 *
 * Invariants: len <= cap; what is in the buffer is a prefix of all that was
 * written.  To keep the second one, `full` is final: after the first write
 * that does not fit, shorter ones are dropped as well, since a text with a
 * hole could read as another text.
 *
 * pdp__buf_fmt() leaves one byte unused, because vsnprintf() needs it for
 * its NUL; the other writers use all of cap and write no NUL.
 */

void
pdp__buf_char(struct pdp__buf *buf, char c)
{
    pdp__buf_str(buf, (pdp_str_t){&c, 1});
}

void
pdp__buf_str(struct pdp__buf *buf, pdp_str_t text)
{
    if (buf->full || text.len > buf->cap - buf->len) {
        buf->full = true;
        return;
    }
    if (text.len > 0) {
        memcpy(buf->ptr + buf->len, text.ptr, text.len);
        buf->len += text.len;
    }
}

void
pdp__buf_z(struct pdp__buf *buf, const char *text)
{
    pdp__buf_str(buf, pdp__str_z(text));
}

void
pdp__buf_int(struct pdp__buf *buf, int64_t value)
{
    char digits[20]; /* "-9223372036854775808" */
    size_t at = sizeof(digits);
    /* Negated as unsigned: -INT64_MIN does not fit an int64_t. */
    uint64_t rest = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;

    do {
        digits[--at] = (char)('0' + rest % 10);
        rest /= 10;
    } while (rest > 0);
    if (value < 0) {
        digits[--at] = '-';
    }
    pdp__buf_str(buf, (pdp_str_t){digits + at, sizeof(digits) - at});
}

void
pdp__buf_fmt(struct pdp__buf *buf, const char *format, ...)
{
    if (buf->full || buf->len == buf->cap) {
        buf->full = true;
        return;
    }
    size_t room = buf->cap - buf->len;
    va_list args;

    va_start(args, format);
    int need = vsnprintf(buf->ptr + buf->len, room, format, args);
    va_end(args);

    if (need < 0) {
        buf->full = true;
    } else if ((size_t)need >= room) {
        buf->len += room - 1;
        buf->full = true;
    } else {
        buf->len += (size_t)need;
    }
}
