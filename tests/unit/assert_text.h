/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#ifndef PDP_TESTS_ASSERT_TEXT_H
#define PDP_TESTS_ASSERT_TEXT_H

/* A text is what was wanted, byte for byte; NULL: there is none.  Include
 * after cmocka.h. */

#include <string.h>

#include "pdp/base.h"

static inline void
assert_str(pdp_str_t got, const char *wanted)
{
    if (wanted == NULL) {
        assert_null(got.ptr);
        assert_int_equal(got.len, 0);
        return;
    }
    assert_non_null(got.ptr);
    if (got.len != strlen(wanted) || memcmp(got.ptr, wanted, got.len) != 0) {
        fail_msg("\"%.*s\" != \"%s\"", (int)got.len, got.ptr, wanted);
    }
}

#endif
