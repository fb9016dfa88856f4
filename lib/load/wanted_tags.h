/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#ifndef PDP__LOAD_WANTED_TAGS_H
#define PDP__LOAD_WANTED_TAGS_H

/* Access tags: their form, and the tags that policies and restrictions ask
 * for. */

#include "load/lookup.h"

enum {
    PDP__TAG_MAX = 128, /* bytes of a tag, with its colon */
    PDP__TAGS_MAX = 32  /* tags that one policy asks for */
};

struct pdp__draft_tag {
    pdp_str_t key;
    pdp_str_t value;
    bool pattern;
};

struct pdp__draft_tags {
    uint32_t cnt;
    struct pdp__draft_tag items[PDP__TAGS_MAX];
};

/* Whether text is `key:value`: *colon is where it is parted. */
bool pdp__tag_check(pdp_str_t text, size_t *colon);

/* The tag in the texts of the block. */
struct pdp__tag pdp__tag_text(struct pdp__builder *b, pdp_str_t key,
    pdp_str_t value);

/* Array `tags` at node ix, an item with `key` (`name` if named, as in the v1
 * form), `value` and an operator, which may be left out where named.
 * Reports. */
void pdp__tags_read(const struct pdp__doc *doc, uint32_t ix, bool named,
    struct pdp__draft_tags *out);

/* The tests of a draft: a range of `tag_tests`. */
struct pdp__range pdp__tags_build(struct pdp__builder *b,
    const struct pdp__draft_tags *tags);

#endif
