/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
/*
 * What the roles and actions that a token claims say of each required action.
 * They hold for the whole of its account, so only the action counts; a role
 * counts if it is one of the service, and of this account.
 */

#include "decide/explain.h"

/* A claim without the required action. */
static void
lacks_action(struct pdp__explainer *x, pdp_verdict_t *out, pdp_str_t wanted,
    pdp_str_t action)
{
    out->obstacle = PDP_OBSTACLE_ACTION;
    out->key = PDP__LIT("action");
    out->wanted = pdp__explain_copy(x, wanted);
    out->state = PDP_ATTRIBUTE_KNOWN;
    out->seen = pdp__explain_copy(x, action);
}

/* A claimed role that is none here. */
static void
lacks_role(struct pdp__explainer *x, pdp_verdict_t *out,
    const struct pdp__named *claimed)
{
    const struct pdp__flow *flow = x->flow;
    const struct pdp__block *block = flow->block;
    uint32_t ix = claimed->ix == PDP__NONE
                      ? PDP__NONE
                      : pdp__role_of(block, claimed->ix, flow->routed.service);

    out->obstacle = PDP_OBSTACLE_ROLE;
    out->state = PDP_ATTRIBUTE_KNOWN;
    if (ix == PDP__NONE) {
        out->key = PDP__LIT("serviceName");
        out->seen = x->service;
        return;
    }
    out->key = PDP__LIT("accountId");
    out->wanted =
        pdp__explain_copy(x, pdp__text(block, pdp__roles(block)[ix].account));
    out->seen = pdp__explain_copy(x, flow->principal.account);
}

static void
explain_claims(struct pdp__explainer *x, bool roles)
{
    const struct pdp__flow *flow = x->flow;
    const struct pdp__block *block = flow->block;
    const struct pdp__token *token = flow->claims.token;
    struct pdp__items items = roles ? token->roles : token->actions;
    const struct pdp__named *named = pdp__token_items(token, items);

    for (uint32_t i = 0; i < items.cnt; i++) {
        pdp_str_t name = pdp__token_text(token, named[i].name);
        uint32_t role = roles ? pdp__claimed_role(flow, &named[i]) : PDP__NONE;
        struct pdp__voice *voice = pdp__explain_voice(x,
            roles ? PDP_VOICE_ROLE : PDP_VOICE_ACTION, name, flow->item_cnt);
        if (voice == NULL) {
            return;
        }
        voice->addressed = true;
        for (uint32_t k = 0; k < flow->item_cnt; k++) {
            pdp_verdict_t *out = &voice->verdicts[k];
            const struct pdp__action *action =
                &pdp__actions(block)[flow->items[k].action];
            out->grants =
                roles ? role != PDP__NONE &&
                            pdp__words_has(block, pdp__roles(block)[role].words,
                                action->bit)
                      : named[i].ix == flow->items[k].action;
            if (out->grants) {
                continue;
            }
            if (roles && role == PDP__NONE) {
                lacks_role(x, out, &named[i]);
            } else {
                lacks_action(x, out, name, pdp__text(block, action->name));
            }
        }
    }
}

void
pdp__explain_claims(struct pdp__explainer *x)
{
    explain_claims(x, true);
    explain_claims(x, false);
}
