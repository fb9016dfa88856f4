/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
/*
 * Access tags: three-valued, like all that policies ask.
 *
 *     tags known      yes if one of them is the tag that is wanted; open if
 *                     one is but for the case of its letters; else no
 *     tags unknown    open
 *     no resource     no
 *
 * IBM's console does not tell the case of tags apart, and its policies
 * compare every byte.  Where the two differ, a grant does not apply and a
 * denial does.
 *
 * Tags are known if the directory lists the namespace among its tags, or if
 * it lists tags and is complete: then one that is not among them has none.
 */

#include "decide/tags.h"

#include "text/glob.h"

struct pdp__item_tags
pdp__tags_of(const struct pdp__flow *flow, pdp_str_t name, uint32_t region,
    bool listed)
{
    const struct pdp__block *block = flow->block;
    struct pdp__item_tags unknown = {PDP_ATTRIBUTE_UNKNOWN, {0, 0}};
    uint32_t ix =
        region == 0 ? PDP__NONE : pdp__find_tagged(block, name, region);

    if (ix == PDP__NONE) {
        bool none = region != 0 && listed && block->directory_tags != 0 &&
                    block->directory_complete != 0;
        return none ? (struct pdp__item_tags){PDP_ATTRIBUTE_KNOWN, {0, 0}}
                    : unknown;
    }
    const struct pdp__tagged *tagged = &pdp__tagged(block)[ix];
    if (tagged->account.off != 0 &&
        !pdp__str_eq(pdp__text(block, tagged->account),
            flow->principal.account)) {
        return unknown; /* another account's: not a word about it */
    }
    return (struct pdp__item_tags){PDP_ATTRIBUTE_KNOWN, tagged->tags};
}

static bool
value_fits(const struct pdp__block *block, struct pdp__text wanted,
    struct pdp__text value, bool pattern)
{
    pdp_str_t text = pdp__text(block, wanted);

    return pattern ? pdp__glob_match(text, pdp__text(block, value))
                   : pdp__str_eq(text, pdp__text(block, value));
}

static enum pdp__truth
tag_truth(const struct pdp__block *block, const struct pdp__tag_test *test,
    const struct pdp__tag *tag)
{
    bool pattern = test->pattern != 0;

    if (!pdp__str_eq(pdp__text(block, test->tag.key_small),
            pdp__text(block, tag->key_small)) ||
        !value_fits(block, test->tag.value_small, tag->value_small, pattern)) {
        return PDP__NO;
    }
    return pdp__str_eq(pdp__text(block, test->tag.key),
               pdp__text(block, tag->key)) &&
                   value_fits(block, test->tag.value, tag->value, pattern)
               ? PDP__YES
               : PDP__OPEN;
}

static enum pdp__truth
test_truth(const struct pdp__block *block, const struct pdp__tag_test *test,
    const struct pdp__item_tags *tags)
{
    const struct pdp__tag *items = &pdp__tags(block)[tags->tags.first];
    enum pdp__truth best = PDP__NO;

    if (tags->state != PDP_ATTRIBUTE_KNOWN) {
        return tags->state == PDP_ATTRIBUTE_UNKNOWN ? PDP__OPEN : PDP__NO;
    }
    for (uint32_t i = 0; i < tags->tags.cnt && best != PDP__YES; i++) {
        enum pdp__truth one = tag_truth(block, test, &items[i]);
        best = one > best ? one : best;
    }
    return best;
}

enum pdp__truth
pdp__tags_truth(const struct pdp__block *block, struct pdp__range tests,
    const struct pdp__item_tags *tags)
{
    enum pdp__truth all = PDP__YES;

    for (uint32_t i = 0; i < tests.cnt && all != PDP__NO; i++) {
        enum pdp__truth one =
            test_truth(block, &pdp__tag_tests(block)[tests.first + i], tags);
        all = one < all ? one : all;
    }
    return all;
}
