/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
/*
 * Bump allocation inside the record of a token.  The worker sizes the slab
 * for the largest token there can be, so "does not fit" is not expected;
 * callers still refuse the token if it happens.
 */

#include "decide/slab.h"

void
pdp__slab_reset(struct pdp__slab *slab)
{
    memset(slab->base, 0, sizeof(struct pdp__token));
    slab->len = sizeof(struct pdp__token);
}

uint32_t
pdp__slab_alloc(struct pdp__slab *slab, uint32_t cnt, uint32_t size)
{
    uint64_t start = ((uint64_t)slab->len + 7) & ~UINT64_C(7);
    uint64_t bytes = (uint64_t)cnt * size;

    if (start + bytes > slab->cap) {
        return 0;
    }
    memset(slab->base + start, 0, (size_t)bytes);
    slab->len = (uint32_t)(start + bytes);
    return (uint32_t)start;
}

struct pdp__text
pdp__slab_text(const struct pdp__slab *slab, pdp_str_t text)
{
    size_t off = (size_t)((const unsigned char *)text.ptr - slab->base);

    return (struct pdp__text){(uint32_t)off, (uint32_t)text.len};
}
