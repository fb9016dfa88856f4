/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#ifndef PDP__DECIDE_SLAB_H
#define PDP__DECIDE_SLAB_H

/* The record under construction: memory the worker owns, filled upwards. */

#include "base/never.h"
#include "decide/token_record.h"

struct pdp__slab {
    unsigned char *base; /* struct pdp__token stands here */
    uint32_t cap;
    uint32_t len;
};

/* An empty record: zeroed head. */
void pdp__slab_reset(struct pdp__slab *slab);

static inline struct pdp__token *
pdp__slab_token(const struct pdp__slab *slab)
{
    return (void *)slab->base;
}

/* Offset of cnt * size zeroed bytes, aligned to 8; 0 when they do not fit. */
uint32_t pdp__slab_alloc(struct pdp__slab *slab, uint32_t cnt, uint32_t size);

/* A text inside the payload of the record. */
struct pdp__text pdp__slab_text(const struct pdp__slab *slab, pdp_str_t text);

#endif
