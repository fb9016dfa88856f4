/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
/*
 * After a deny: what would permit the request?  The roles that have each
 * missing action, and policies; or why there are none.
 *
 * No policy is given where none could help: what is denied explicitly, by a
 * restriction, or before policies are looked at; and no role for the first
 * two.  A policy that is given, together with the others, permits the request.
 */

#include "decide/context.h"
#include "decide/explain.h"

void
pdp__explain_note(struct pdp__explainer *x, const char *before, pdp_str_t name,
    const char *after)
{
    size_t cap = strlen(before) + name.len + strlen(after) + 1;
    char *ptr = pdp__arena_alloc(&x->out->arena, cap);

    x->failed = x->failed || ptr == NULL;
    struct pdp__buf buf = pdp__buf(ptr, ptr == NULL ? 0 : cap);
    pdp__buf_z(&buf, before);
    pdp__buf_str(&buf, name);
    pdp__buf_z(&buf, after);
    x->out->note = pdp__buf_get(&buf);
}

/* A restriction that would deny whatever policies grant, or PDP__NONE. */
static uint32_t
barrier(const struct pdp__flow *flow)
{
    const struct pdp__block *block = flow->block;
    struct pdp__scene scene;
    struct pdp__range range = pdp__context_scene(flow, &scene);

    for (uint32_t i = 0; i < range.cnt; i++) {
        uint32_t ix = pdp__numbers(block)[range.first + i];
        const struct pdp__restriction *r = &pdp__restrictions(block)[ix];
        if (r->report == 0 &&
            pdp__context_says(flow, &scene, r) == PDP__SAYS_NO) {
            return ix;
        }
    }
    return PDP__NONE;
}

/* Whether something denies it whatever is granted, so that no role helps
 * either; notes what. */
static bool
is_denied(struct pdp__explainer *x)
{
    const struct pdp__flow *flow = x->flow;

    if (!flow->resources) {
        return false; /* nobody was asked */
    }
    for (uint32_t i = 0; i < flow->item_cnt; i++) {
        if (flow->items[i].denied) {
            pdp__explain_note(x, "policy ", flow->items[i].denied_by,
                " denies it explicitly: no grant changes that");
            return true;
        }
    }
    uint32_t ix = barrier(flow);
    if (ix == PDP__NONE) {
        return false;
    }
    pdp__explain_note(x, "the context-based restriction ",
        pdp__text(flow->block, pdp__restrictions(flow->block)[ix].id),
        " denies it: no grant changes that");
    return true;
}

/* Whether it was refused before policies were looked at; notes why. */
static bool
is_refused(struct pdp__explainer *x)
{
    const struct pdp__flow *flow = x->flow;
    const pdp_str_t none = {NULL, 0};

    if (flow->resources) {
        return false;
    }
    switch (flow->reason) {
    case PDP_REASON_NO_ROUTE:
    case PDP_REASON_METHOD_NOT_ALLOWED:
        pdp__explain_note(x, "no policy can help: the API has no such method",
            none, "");
        break;
    case PDP_REASON_CONTEXT_DENIED:
        pdp__explain_note(x,
            "no policy can help: a context-based restriction denies it", none,
            "");
        break;
    case PDP_REASON_ACCOUNT_MISMATCH:
        pdp__explain_note(x,
            "no policy can help: a token acts in its own account only", none,
            "");
        break;
    case PDP_REASON_UNKNOWN_NAMESPACE:
        pdp__explain_note(x,
            "no policy can help: the directory does not list the namespace",
            none, "");
        break;
    case PDP_REASON_SCOPE_MISMATCH:
        pdp__explain_note(x,
            "no policy can help: the token is for other services", none, "");
        break;
    default:
        pdp__explain_note(x,
            pdp_reason_status(flow->reason) == 401
                ? "no policy can help: the token is not accepted"
                : "no policy can help: the request itself is refused",
            none, "");
        break;
    }
    return true;
}

/* Whether a voice would grant a required action that is missing, but for its
 * rule, which is false or open (known). */
static bool
is_but_for_rule(const struct pdp__flow *flow, const struct pdp__voice *voice,
    uint32_t ix, bool known)
{
    const pdp_verdict_t *verdict = &voice->verdicts[ix];

    return voice->addressed && voice->kind == PDP_VOICE_POLICY &&
           pdp__is_missing(&flow->items[ix]) && !verdict->denial &&
           verdict->obstacle == PDP_OBSTACLE_RULE &&
           (verdict->state == PDP_ATTRIBUTE_KNOWN) == known;
}

/* Notes the first of these voices; false: there is none. */
static bool
note_but_for_rule(struct pdp__explainer *x, bool known)
{
    for (uint32_t i = 0; i < x->out->voices.cnt; i++) {
        const struct pdp__voice *voice =
            PDP__VEC_AT(&x->out->voices, struct pdp__voice, i);
        for (uint32_t k = 0; k < voice->verdict_cnt; k++) {
            if (!is_but_for_rule(x->flow, voice, k, known)) {
                continue;
            }
            pdp__explain_note(x, "policy ", voice->id,
                known ? " would grant it if its rule held; the policy "
                        "suggested here has no rule"
                      : " would grant it if what its rule asks for were known "
                        "and right; the policy suggested here has no rule");
            return true;
        }
    }
    return false;
}

/* A policy of the reader's own is in the way, not the lack of one: who takes
 * the suggested policy must know.  What is not known comes first, as giving it
 * may be all that is needed. */
static void
note_rule(struct pdp__explainer *x)
{
    if (x->out->note.ptr == NULL && !note_but_for_rule(x, false)) {
        (void)note_but_for_rule(x, true);
    }
}

void
pdp__explain_advice(struct pdp__explainer *x)
{
    const struct pdp__flow *flow = x->flow;

    bool denied = is_denied(x);
    for (uint32_t i = 0; i < flow->missing_cnt; i++) {
        pdp__explain_missing(x, flow->missing[i], !denied);
    }
    if (denied || is_refused(x)) {
        return;
    }
    for (uint32_t i = 0; i < flow->item_cnt; i++) {
        if (pdp__is_missing(&flow->items[i]) && pdp__is_first_place(flow, i) &&
            !pdp__explain_suggest(x, i)) {
            x->out->policies.cnt = 0; /* some of them would not do */
            return;
        }
    }
    note_rule(x);
}
