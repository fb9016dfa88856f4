/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
/*
 * Why is the decision what it is?  The voices are claims of the token,
 * its policies, loaded policies and restrictions, each in a file of its own.
 *
 * INVARIANT
 *   A required action is granted, or denied, in the decision if and only if
 *   a voice grants, or denies, it.  That is checked before an explanation is
 *   handed out: one that contradicts the decision would be believed.
 *
 * Cold: it allocates, and takes time in proportion to all that is loaded.
 */

#include "decide/explain.h"

#include "base/buf.h"

pdp_str_t
pdp__explain_copy(struct pdp__explainer *x, pdp_str_t text)
{
    if (text.ptr == NULL) {
        return text;
    }
    pdp_str_t copy = pdp__arena_copy(&x->out->arena, text);
    x->failed = x->failed || copy.ptr == NULL;
    return copy;
}

struct pdp__voice *
pdp__explain_voice(struct pdp__explainer *x, pdp_voice_kind_t kind,
    pdp_str_t id, uint32_t verdict_cnt)
{
    struct pdp__arena *arena = &x->out->arena;
    pdp_verdict_t *verdicts =
        pdp__arena_array(arena, verdict_cnt, sizeof(*verdicts));
    struct pdp__voice *voice =
        verdicts == NULL
            ? NULL
            : pdp__vec_push(arena, &x->out->voices, sizeof(*voice));

    if (voice == NULL) {
        x->failed = true;
        return NULL;
    }
    *voice = (struct pdp__voice){.kind = kind,
        .id = pdp__explain_copy(x, id),
        .verdict_cnt = verdict_cnt,
        .verdicts = verdicts};
    return voice;
}

/* The groups that the token or the directory names. */
static pdp_str_t
groups_of(struct pdp__explainer *x)
{
    const struct pdp__block *block = x->flow->block;
    const struct pdp__token *token = x->flow->claims.token;
    const struct pdp__named *named = pdp__token_items(token, token->groups);
    struct pdp__range listed = {0, 0};

    if (token->subject != PDP__NONE) {
        listed = pdp__subjects(block)[token->subject].groups;
    }
    uint32_t cnt = token->groups.cnt + listed.cnt;
    if (cnt == 0) {
        return (pdp_str_t){NULL, 0};
    }
    pdp_str_t *names = pdp__arena_array(&x->out->arena, cnt, sizeof(*names));
    if (names == NULL) {
        x->failed = true;
        return (pdp_str_t){NULL, 0};
    }
    size_t len = 0;
    for (uint32_t i = 0; i < cnt; i++) {
        uint32_t k = i - token->groups.cnt;
        names[i] = i < token->groups.cnt
                       ? pdp__token_text(token, named[i].name)
                       : pdp__text(block,
                             pdp__subjects(
                                 block)[pdp__numbers(block)[listed.first + k]]
                                 .id);
        len += names[i].len + 2;
    }
    char *ptr = pdp__arena_alloc(&x->out->arena, len + 1);
    x->failed = x->failed || ptr == NULL;
    struct pdp__buf buf = pdp__buf(ptr, ptr == NULL ? 0 : len + 1);
    for (uint32_t i = 0; i < cnt; i++) {
        pdp__buf_z(&buf, i == 0 ? "" : ", ");
        pdp__buf_str(&buf, names[i]);
    }
    return pdp__buf_get(&buf);
}

/* Whether voices and decision say the same. */
static bool
agrees(const struct pdp__explainer *x)
{
    const struct pdp__vec *voices = &x->out->voices;

    for (uint32_t i = 0; i < x->flow->item_cnt; i++) {
        bool grants = false;
        bool denies = false;
        for (uint32_t v = 0; v < voices->cnt; v++) {
            const struct pdp__voice *voice =
                PDP__VEC_AT(voices, struct pdp__voice, v);
            if (voice->kind != PDP_VOICE_RESTRICTION) {
                grants = grants || voice->verdicts[i].grants;
                denies = denies || voice->verdicts[i].denies;
            }
        }
        if (grants != x->flow->items[i].granted ||
            denies != x->flow->items[i].denied) {
            return false;
        }
    }
    return true;
}

static pdp_status_t
fill(struct pdp__explainer *x)
{
    const struct pdp__flow *flow = x->flow;
    const struct pdp__block *block = flow->block;

    if (flow->routed.service != PDP__NONE) {
        x->service = pdp__explain_copy(x,
            pdp__text(block, pdp__services(block)[flow->routed.service].name));
    }
    /* Set once policies were looked at. */
    if (flow->resources) {
        x->principal = pdp__explain_copy(x, flow->principal.id);
        x->groups = groups_of(x);
        pdp__explain_claims(x);
        pdp__explain_inlines(x);
        pdp__explain_policies(x);
    }
    pdp__explain_restrictions(x);
    if (!x->failed && !pdp_reason_allows(flow->reason)) {
        pdp__explain_advice(x);
    }
    PDP_ENSURE(!x->failed, PDP_E_NOMEM);
    PDP_ENSURE(!flow->resources || agrees(x), PDP_E_INTERNAL);
    return PDP_OK;
}

pdp_status_t
pdp__explain(const struct pdp__flow *flow, const pdp_mem_t *mem,
    pdp_explanation_t **out)
{
    struct pdp__explainer x = {.flow = flow};

    *out = NULL;
    x.out = pdp__mem_alloc(mem, sizeof(*x.out));
    PDP_ENSURE(x.out != NULL, PDP_E_NOMEM);
    pdp__arena_init(&x.out->arena, mem);
    pdp_status_t status = fill(&x);
    if (status != PDP_OK) {
        pdp_explanation_free(x.out);
        return status;
    }
    *out = x.out;
    return PDP_OK;
}
