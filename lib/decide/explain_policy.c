/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
/*
 * What each policy says of each required action.
 *
 * The loader compiles a policy once for each service it fits, and one of the
 * v1 form for each pair of subject and resource; all of these have one name,
 * stand together, and are one voice here.  It grants or denies if one of them
 * does; otherwise the one that came furthest tells what stood in the way.
 *
 * A policy that is neither for the principal nor about a required action is
 * no voice.
 *
 * Cost: all policies that are loaded, not only those of the principal.
 */

#include "decide/explain.h"
#include "decide/rule.h"

static enum pdp__truth
subject_of(const struct pdp__flow *flow, const struct pdp__plea *plea)
{
    if (plea->loaded == NULL) {
        return PDP__YES;
    }
    return plea->reached ? pdp__subject_truth(flow, plea->loaded->subjects)
                         : PDP__NO;
}

/* Subject, resource, tags and rule, with the resource as it is given. */
static enum pdp__truth
whole_truth(const struct pdp__flow *flow, const struct pdp__plea *plea,
    const struct pdp__attr_value *attrs, struct pdp__item_tags tags)
{
    const struct pdp__block *block = flow->block;
    struct pdp__trial trial = {flow, attrs, PDP__OPEN};
    enum pdp__truth all = subject_of(flow, plea);
    enum pdp__truth one =
        pdp__conditions_truth(&plea->view, plea->resources, attrs);

    all = one < all ? one : all;
    if (plea->loaded == NULL) {
        return all;
    }
    one = pdp__tags_truth(block, plea->loaded->tags, &tags);
    all = one < all ? one : all;
    if (plea->loaded->rule != PDP__NONE) {
        one = pdp__rule_try(&trial, &pdp__rules(block)[plea->loaded->rule]);
        all = one < all ? one : all;
    }
    return all;
}

/* One plea; what it says goes to *out if it is more than what is there. */
static void
hear(struct pdp__explainer *x, const struct pdp__plea *plea, pdp_verdict_t *out)
{
    const struct pdp__flow *flow = x->flow;
    const struct pdp__item *item = plea->item;
    struct pdp__attr_value room[PDP__ATTR_COUNT];
    bool ours = plea->service == flow->routed.service;
    bool denies = ours && plea->can_deny &&
                  whole_truth(flow, plea, item->attrs, item->tags) != PDP__NO;
    bool grants = ours && plea->can_grant &&
                  whole_truth(flow, plea, pdp__grant_attrs(item, room),
                      pdp__grant_tags(item)) == PDP__YES;

    if (denies || grants || out->denies || out->grants) {
        denies = denies || out->denies;
        grants = grants || out->grants;
        *out = (pdp_verdict_t){.denies = denies, .grants = grants};
        return;
    }
    pdp_verdict_t one = {.size = 0};
    pdp__explain_obstacle(x, plea, plea->can_grant || !plea->can_deny, &one);
    if (one.obstacle > out->obstacle) {
        *out = one;
    }
}

/* Whether the token names the policy by its id. */
static bool
is_named(const struct pdp__flow *flow, uint32_t policy)
{
    const struct pdp__token *token = flow->claims.token;
    const struct pdp__named *ids = pdp__token_items(token, token->policy_ids);

    for (uint32_t i = 0; i < token->policy_ids.cnt; i++) {
        if (ids[i].ix == PDP__NONE) {
            continue;
        }
        struct pdp__range range =
            pdp__policy_ids(flow->block)[ids[i].ix].policies;
        if (policy >= range.first && policy - range.first < range.cnt) {
            return true;
        }
    }
    return false;
}

static bool
is_reached(const struct pdp__flow *flow, uint32_t policy)
{
    return pdp__policies(flow->block)[policy].subjects.cnt > 0 ||
           is_named(flow, policy);
}

static bool
is_addressed(const struct pdp__flow *flow, uint32_t policy)
{
    return is_reached(flow, policy) &&
           pdp__subject_truth(flow,
               pdp__policies(flow->block)[policy].subjects) != PDP__NO;
}

/* Whether a required action is in the policy's roles. */
static bool
is_about(const struct pdp__flow *flow, uint32_t ix)
{
    const struct pdp__block *block = flow->block;
    const struct pdp__policy *policy = &pdp__policies(block)[ix];

    if (policy->service != flow->routed.service) {
        return false;
    }
    for (uint32_t i = 0; i < flow->item_cnt; i++) {
        uint32_t bit = pdp__actions(block)[flow->items[i].action].bit;
        if (pdp__words_has(block, policy->grant_words, bit) ||
            pdp__words_has(block, policy->deny_words, bit)) {
            return true;
        }
    }
    return false;
}

static void
hear_loaded(struct pdp__explainer *x, struct pdp__voice *voice, uint32_t ix)
{
    const struct pdp__flow *flow = x->flow;
    const struct pdp__block *block = flow->block;
    const struct pdp__policy *policy = &pdp__policies(block)[ix];
    bool ours = policy->service == flow->routed.service;
    struct pdp__plea plea = {
        .view = {block, (const char *)block, pdp__conditions(block),
            pdp__texts(block)},
        .loaded = policy,
        .service = policy->service,
        .resources = policy->resources,
        .reached = is_reached(flow, ix),
    };

    for (uint32_t i = 0; i < flow->item_cnt; i++) {
        uint32_t bit = pdp__actions(block)[flow->items[i].action].bit;
        plea.item = &flow->items[i];
        plea.can_grant =
            ours && pdp__words_has(block, policy->grant_words, bit);
        plea.can_deny = ours && pdp__words_has(block, policy->deny_words, bit);
        hear(x, &plea, &voice->verdicts[i]);
    }
}

void
pdp__explain_policies(struct pdp__explainer *x)
{
    const struct pdp__flow *flow = x->flow;
    const struct pdp__block *block = flow->block;
    const struct pdp__policy *policies = pdp__policies(block);

    for (uint32_t first = 0, end = 0; first < block->policies.cnt;
         first = end) {
        bool addressed = false;
        bool about = false;
        for (end = first; end < block->policies.cnt &&
                          policies[end].id.off == policies[first].id.off;
             end++) {
            addressed = addressed || is_addressed(flow, end);
            about = about || is_about(flow, end);
        }
        if (!addressed && !about) {
            continue;
        }
        struct pdp__voice *voice = pdp__explain_voice(x, PDP_VOICE_POLICY,
            pdp__text(block, policies[first].id), flow->item_cnt);
        if (voice == NULL) {
            return;
        }
        voice->addressed = addressed;
        for (uint32_t i = first; i < end; i++) {
            hear_loaded(x, voice, i);
        }
    }
}

static void
hear_inline(struct pdp__explainer *x, struct pdp__voice *voice,
    const struct pdp__inline *policy)
{
    const struct pdp__flow *flow = x->flow;
    const struct pdp__token *token = flow->claims.token;
    bool ours = policy->service == flow->routed.service;
    struct pdp__plea plea = {
        .view = {flow->block, (const char *)token,
            pdp__token_items(token, token->conditions),
            pdp__token_items(token, token->values)},
        .service = policy->service,
        .resources = policy->conditions,
        .reached = true,
    };

    for (uint32_t i = 0; i < flow->item_cnt; i++) {
        uint32_t bit = pdp__actions(flow->block)[flow->items[i].action].bit;
        plea.item = &flow->items[i];
        plea.can_grant = ours && pdp__inline_has(token, policy->grant_off, bit);
        plea.can_deny = ours && pdp__inline_has(token, policy->deny_off, bit);
        hear(x, &plea, &voice->verdicts[i]);
    }
}

void
pdp__explain_inlines(struct pdp__explainer *x)
{
    const struct pdp__token *token = x->flow->claims.token;
    const struct pdp__inline *inlines = pdp__token_items(token, token->inlines);

    for (uint32_t first = 0, end = 0; first < token->inlines.cnt; first = end) {
        pdp_str_t id = pdp__token_text(token, inlines[first].id);
        struct pdp__voice *voice = pdp__explain_voice(x, PDP_VOICE_INLINE,
            id.ptr == NULL ? PDP__LIT("token") : id, x->flow->item_cnt);
        if (voice == NULL) {
            return;
        }
        voice->addressed = true;
        /* Those for several services share their conditions. */
        for (end = first;
             end < token->inlines.cnt &&
             inlines[end].conditions.first == inlines[first].conditions.first;
             end++) {
            hear_inline(x, voice, &inlines[end]);
        }
    }
}
