/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
/*
 * Policy claims: what the issuer says, with its signature, that the
 * principal may do.  Part of stage 6, for tokens seen for the first time.
 *
 *   roles     names or CRNs of roles; unknown ones grant nothing
 *   actions   names of actions; unknown ones grant nothing
 *   policies  ids of loaded policies, or inline policies without a subject
 *
 * A wrong JSON type anywhere is claim_invalid.  So is an inline policy with
 * a member, an operator or an attribute shape we do not understand: leaving
 * a restriction out would widen the grant.
 */

#include "decide/inline_policy.h"

static bool
invalid(struct pdp__flow *flow)
{
    return pdp__deny(flow, PDP_REASON_CLAIM_INVALID);
}

bool
pdp__claims_names(struct pdp__flow *flow, uint32_t node,
    uint32_t (*find)(const struct pdp__block *block, pdp_str_t name),
    struct pdp__items *out)
{
    const struct pdp__json_doc *doc = &flow->verified.payload;
    uint32_t cnt = 0;

    if (!pdp__json_is(doc, node, PDP__JSON_ARRAY)) {
        return invalid(flow);
    }
    out->off = pdp__slab_alloc(&flow->slab, doc->nodes[node].cnt,
        sizeof(struct pdp__named));
    if (PDP_NEVER(out->off == 0)) {
        return invalid(flow);
    }
    struct pdp__named *named = (void *)(flow->slab.base + out->off);
    PDP__JSON_EACH(doc, node, ix)
    {
        if (!pdp__json_is(doc, ix, PDP__JSON_STRING)) {
            return invalid(flow);
        }
        pdp_str_t name = pdp__json_text(doc, ix);
        named[cnt].name = pdp__slab_text(&flow->slab, name);
        named[cnt].ix = find(flow->block, name);
        cnt++;
    }
    out->cnt = cnt;
    return true;
}

/* Upper bounds, by counting the nodes that could be conditions or values. */
static void
reserve_inlines(struct pdp__inline_reader *r, uint32_t node, uint32_t objects)
{
    struct pdp__token *token = pdp__slab_token(r->slab);
    uint32_t nodes = r->doc->nodes[node].end - node;

    token->inlines.off = pdp__slab_alloc(r->slab,
        objects * r->flow->block->services.cnt, sizeof(struct pdp__inline));
    token->conditions.off =
        pdp__slab_alloc(r->slab, nodes / 4 + 1, sizeof(struct pdp__condition));
    token->values.off =
        pdp__slab_alloc(r->slab, nodes, sizeof(struct pdp__text));
}

static bool
read_policies(struct pdp__flow *flow, uint32_t node)
{
    const struct pdp__json_doc *doc = &flow->verified.payload;
    struct pdp__slab *slab = &flow->slab;
    struct pdp__token *token = pdp__slab_token(slab);
    struct pdp__inline_reader r = {flow, doc, slab, 0, 0};
    uint32_t ids = 0;
    uint32_t inlines = 0;

    if (!pdp__json_is(doc, node, PDP__JSON_ARRAY)) {
        return invalid(flow);
    }
    PDP__JSON_EACH(doc, node, ix)
    {
        ids += pdp__json_is(doc, ix, PDP__JSON_STRING);
    }
    token->policy_ids.off =
        pdp__slab_alloc(slab, ids, sizeof(struct pdp__named));
    reserve_inlines(&r, node, doc->nodes[node].cnt - ids);
    if (PDP_NEVER(token->policy_ids.off == 0 || token->inlines.off == 0 ||
                  token->conditions.off == 0 || token->values.off == 0)) {
        return invalid(flow);
    }
    struct pdp__named *named = (void *)(slab->base + token->policy_ids.off);
    struct pdp__inline *items = (void *)(slab->base + token->inlines.off);
    PDP__JSON_EACH(doc, node, ix)
    {
        if (pdp__json_is(doc, ix, PDP__JSON_STRING)) {
            pdp_str_t id = pdp__json_text(doc, ix);
            named[token->policy_ids.cnt].name = pdp__slab_text(slab, id);
            named[token->policy_ids.cnt++].ix =
                pdp__find_policy_id(flow->block, id);
        } else if (!pdp__read_inline(&r, ix, items, &inlines)) {
            /* Also whatever is no object. */
            return invalid(flow);
        }
    }
    token->inlines.cnt = inlines;
    token->conditions.cnt = r.conditions;
    token->values.cnt = r.values;
    return true;
}

bool
pdp__claims_policies(struct pdp__flow *flow, const struct pdp__issuer *issuer)
{
    struct pdp__token *token = pdp__slab_token(&flow->slab);
    uint32_t roles = pdp__claim(flow, issuer->claim_roles);
    uint32_t actions = pdp__claim(flow, issuer->claim_actions);
    uint32_t policies = pdp__claim(flow, issuer->claim_policies);

    return (roles == 0 || pdp__claims_names(flow, roles, pdp__find_role_id,
                              &token->roles)) &&
           (actions == 0 || pdp__claims_names(flow, actions, pdp__find_action,
                                &token->actions)) &&
           (policies == 0 || read_policies(flow, policies));
}
