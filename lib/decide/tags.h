/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#ifndef PDP__DECIDE_TAGS_H
#define PDP__DECIDE_TAGS_H

/* Access tags of the resource, and whether it has those that are wanted. */

#include "decide/conditions.h"

/*
 * The tags of a namespace, by the directory.  region: offset of the text of
 * its name, 0: not known.  listed: the directory says that it is there, and
 * where.
 */
struct pdp__item_tags pdp__tags_of(const struct pdp__flow *flow, pdp_str_t name,
    uint32_t region, bool listed);

/* Whether all tests (a range of `tag_tests`) hold; without any it is YES. */
enum pdp__truth pdp__tags_truth(const struct pdp__block *block,
    struct pdp__range tests, const struct pdp__item_tags *tags);

#endif
