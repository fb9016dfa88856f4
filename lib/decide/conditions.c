/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
/*
 * Three-valued evaluation of policy conditions: true, false, or open where
 * the attribute is unknown here.  Only this file decides what an operator
 * means for a known, an unknown and an absent attribute (pdp-service(5)):
 *
 *                     known           unknown   absent
 *     stringExists    wanted          open      not wanted
 *     the others      by the value    open      false
 *
 * The value of the request is never a pattern; patterns come from policies
 * and were checked when they were loaded.
 */

#include "decide/conditions.h"

#include "text/glob.h"

static pdp_str_t
view_text(const struct pdp__view *view, struct pdp__text text)
{
    return (pdp_str_t){view->base + text.off, text.len};
}

static bool
value_matches(const struct pdp__view *view, const struct pdp__condition *c,
    pdp_str_t value)
{
    const struct pdp__text *wanted = &view->values[c->values.first];
    bool pattern =
        c->op == PDP__OP_STRING_MATCH || c->op == PDP__OP_STRING_MATCH_ANY_OF;

    for (uint32_t i = 0; i < c->values.cnt; i++) {
        pdp_str_t text = view_text(view, wanted[i]);
        if (pattern ? pdp__glob_match(text, value) : pdp__str_eq(text, value)) {
            return true;
        }
    }
    return false;
}

/* By the value or one of its older names: a policy that says `eu-central`,
 * or `eu-central*`, means eu-de. */
static bool
any_name_matches(const struct pdp__view *view, const struct pdp__condition *c,
    const struct pdp__attr_value *attr)
{
    const struct pdp__text *aliases =
        &pdp__texts(view->block)[attr->aliases.first];

    if (value_matches(view, c, attr->value)) {
        return true;
    }
    for (uint32_t i = 0; i < attr->aliases.cnt; i++) {
        if (value_matches(view, c, pdp__text(view->block, aliases[i]))) {
            return true;
        }
    }
    return false;
}

/* Known, unknown, absent: design of pdp-service(5). */
static enum pdp__truth
condition_truth(const struct pdp__view *view, const struct pdp__condition *c,
    const struct pdp__attr_value *attr)
{
    if (attr->state == PDP_ATTRIBUTE_UNKNOWN) {
        return PDP__OPEN;
    }
    bool known = attr->state == PDP_ATTRIBUTE_KNOWN;
    switch ((enum pdp__operator)c->op) {
    case PDP__OP_STRING_EXISTS:
        return known == (c->wanted != 0) ? PDP__YES : PDP__NO;
    case PDP__OP_STRING_EQUALS:
    case PDP__OP_STRING_MATCH:
    case PDP__OP_STRING_EQUALS_ANY_OF:
    case PDP__OP_STRING_MATCH_ANY_OF:
        return known && any_name_matches(view, c, attr) ? PDP__YES : PDP__NO;
    case PDP__OP_NONE:
    case PDP__OP_COUNT:
        break;
    }
    return PDP__OPEN; /* never compiled; open grants nothing and denies */
}

enum pdp__truth
pdp__conditions_truth(const struct pdp__view *view, struct pdp__range range,
    const struct pdp__attr_value *attrs)
{
    enum pdp__truth all = PDP__YES;

    for (uint32_t i = 0; i < range.cnt; i++) {
        const struct pdp__condition *c = &view->conditions[range.first + i];
        enum pdp__truth one = condition_truth(view, c, &attrs[c->attr]);
        if (one == PDP__NO) {
            return PDP__NO;
        }
        if (one == PDP__OPEN) {
            all = PDP__OPEN;
        }
    }
    return all;
}
