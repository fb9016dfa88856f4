/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
/*
 * A deny that can deny nothing is an open door with a lock painted on it, so
 * the loader refuses one where it can tell.
 *
 * What is looked at is one service at a time, since a request is for one: a
 * role that only one service has and a region that only another one has deny
 * nothing, and neither do two regions that no request can be in at once, nor
 * a rule that never holds.
 *
 * Not here: what is wrong with one value by itself (policies_resource.c,
 * policies_roles.c), and attributes that depend on the request's names.
 */

#include "load/policies.h"

#include "load/lookup.h"
#include "text/glob.h"

static bool
region_holds(const struct pdp__builder *b, uint32_t region, uint32_t service,
    const struct pdp__draft_condition *c)
{
    for (uint32_t i = 0; i < c->cnt; i++) {
        bool holds = c->op == PDP__OP_STRING_MATCH ||
                             c->op == PDP__OP_STRING_MATCH_ANY_OF
                         ? pdp__policy_region_fits(b, region, c->values[i])
                         : pdp__region_find(b, service, c->values[i]) == region;
        if (holds) {
            return true;
        }
    }
    return c->op == PDP__OP_STRING_EXISTS && c->wanted != 0;
}

/* Whether some region of the service fits all that is said of regions.  A
 * service without regions says nothing of them. */
static bool
has_region(const struct pdp__builder *b, uint32_t service,
    const struct pdp__draft_list *list)
{
    struct pdp__range range =
        PDP__ITEM(b, services, struct pdp__service, service)->regions;

    for (uint32_t i = 0; i < range.cnt; i++) {
        bool all = true;
        for (uint32_t k = 0; k < list->cnt; k++) {
            const struct pdp__draft_condition *c = &list->items[k];
            all = all && (c->attr != PDP__ATTR_REGION ||
                             region_holds(b, range.first + i, service, c));
        }
        if (all) {
            return true;
        }
    }
    return range.cnt == 0;
}

/* Whether one of the roles has an action of the service. */
static bool
has_action(const struct pdp__builder *b, uint32_t service,
    const struct pdp__draft_roles *roles)
{
    uint32_t cnt =
        PDP__ITEM(b, services, struct pdp__service, service)->action_words;

    for (uint32_t i = 0; i < roles->cnt; i++) {
        uint32_t ix = pdp__builder_role(b, roles->ids[i], service);
        if (ix == PDP__NONE) {
            continue;
        }
        uint32_t words = PDP__ITEM(b, roles, struct pdp__role, ix)->words;
        for (uint32_t w = 0; w < cnt; w++) {
            if (*PDP__ITEM(b, words, uint64_t, words + w) != 0) {
                return true;
            }
        }
    }
    return false;
}

bool
pdp__policy_deny(const struct pdp__builder *b,
    const struct pdp__policy_draft *draft)
{
    bool rule = false;

    if (draft->deny.cnt == 0) {
        return true;
    }
    for (uint32_t s = 0; s < b->services.cnt; s++) {
        if (pdp__policy_fits(b, draft->doc, draft->resource, s) &&
            has_action(b, s, &draft->deny) &&
            has_region(b, s, &draft->resources)) {
            if (pdp__rule_can_hold(b, draft, s)) {
                return true;
            }
            rule = true;
        }
    }
    if (rule) {
        pdp__report_add(draft->doc->report, PDP__CODE_BAD_VALUE,
            pdp__doc_place_key(draft->doc, draft->rule.node), NULL,
            "the rule can never hold: the policy denies nothing");
        return false;
    }
    PDP__DOC_ADD(draft->doc, BAD_VALUE, draft->node, NULL,
        "no service has both the roles and the regions of the denial: it "
        "denies nothing");
    return false;
}
