/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#ifndef PDP_TESTS_ROUTE_MODEL_H
#define PDP_TESTS_ROUTE_MODEL_H

/*
 * Whether a path fits a template, in the plainest way: segment by segment,
 * as text, without a table.  It does not know which of several templates
 * goes first; an allowed request must fit the one it was judged by, at
 * least.
 */

#include "fuzz.h"
#include "pdp.h"

/* The segment after the slash at *at; *at goes to the next slash or end. */
static inline pdp_str_t
next_segment(pdp_str_t path, size_t *at)
{
    size_t start = *at + 1;
    MUST(*at < path.len && path.ptr[*at] == '/');
    for (*at = start; *at < path.len && path.ptr[*at] != '/'; (*at)++) {
    }
    return (pdp_str_t){path.ptr + start, *at - start};
}

static inline pdp_str_t
rest_of(pdp_str_t text, size_t at)
{
    return (pdp_str_t){text.ptr + at, text.len - at};
}

/* path: canonical, without query. */
static inline bool
fits(pdp_str_t template, pdp_str_t path)
{
    size_t at = 0;
    size_t path_at = 0;

    while (at < template.len && path_at < path.len) {
        pdp_str_t wanted = next_segment(template, &at);
        pdp_str_t given = next_segment(path, &path_at);
        bool one = wanted.len > 2 && wanted.ptr[0] == '{';
        if (one && wanted.ptr[1] == '+') {
            /* one segment or more: whatever lets the rest fit */
            while (!fits(rest_of(template, at), rest_of(path, path_at))) {
                if (path_at == path.len) {
                    return false;
                }
                (void)next_segment(path, &path_at);
            }
            return true;
        }
        if (!one && (wanted.len != given.len ||
                        memcmp(wanted.ptr, given.ptr, given.len) != 0)) {
            return false;
        }
    }
    return at == template.len && path_at == path.len;
}

#endif
