/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#ifndef PDP__LOAD_DIRECTORY_H
#define PDP__LOAD_DIRECTORY_H

/* The parts of the reader of pdp-directory/1. */

#include "load/lookup.h"

/*
 * The canonical name of a region in `texts` of the block: by name or alias
 * of any loaded service; as written where no service lists regions.  Absent
 * if it is none, which is reported at `place`.
 */
struct pdp__text pdp__directory_region(struct pdp__builder *b,
    const struct pdp__doc *doc, struct pdp__place place, pdp_str_t region);

/* Array `namespaces` at node ix. */
void pdp__directory_owners(struct pdp__builder *b, const struct pdp__doc *doc,
    uint32_t ix);

/* `roles`: what GET /v2/roles returns, or an array of that. */
void pdp__directory_roles(struct pdp__builder *b, const struct pdp__doc *doc,
    uint32_t ix);

/* Object `tags`. */
void pdp__directory_tags(struct pdp__builder *b, const struct pdp__doc *doc,
    uint32_t ix);

#endif
