/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
/*
 * What an explanation says to the outside: accessors (pdp/explain.h).  They
 * only read; a NULL explanation, which is what a failed call leaves, has
 * nothing in it.
 */

#include "base/answer.h"
#include "decide/explain.h"

void
pdp_explanation_free(pdp_explanation_t *explanation)
{
    if (explanation == NULL) {
        return;
    }
    pdp_mem_t mem = explanation->arena.mem;
    pdp__arena_free(&explanation->arena);
    pdp__mem_free(&mem, explanation);
}

size_t
pdp_explanation_voices(const pdp_explanation_t *explanation)
{
    return explanation == NULL ? 0 : explanation->voices.cnt;
}

static const struct pdp__voice *
voice_at(const pdp_explanation_t *explanation, size_t index)
{
    return index < pdp_explanation_voices(explanation)
               ? PDP__VEC_AT(&explanation->voices, struct pdp__voice, index)
               : NULL;
}

bool
pdp_explanation_voice(const pdp_explanation_t *explanation, size_t index,
    pdp_voice_t *out)
{
    const struct pdp__voice *voice = voice_at(explanation, index);

    if (voice == NULL) {
        return false;
    }
    pdp_voice_t answer = {
        .kind = voice->kind,
        .id = voice->id,
        .addressed = voice->addressed,
        .verdict_cnt = voice->verdict_cnt,
    };
    for (uint32_t i = 0; i < voice->verdict_cnt; i++) {
        answer.grants = answer.grants || voice->verdicts[i].grants;
        answer.denies = answer.denies || voice->verdicts[i].denies;
    }
    return pdp__answer(out, &answer, sizeof(answer));
}

bool
pdp_explanation_verdict(const pdp_explanation_t *explanation, size_t voice,
    size_t required, pdp_verdict_t *out)
{
    const struct pdp__voice *found = voice_at(explanation, voice);

    if (found == NULL || required >= found->verdict_cnt) {
        return false;
    }
    pdp_verdict_t answer = found->verdicts[required];
    return pdp__answer(out, &answer, sizeof(answer));
}

size_t
pdp_explanation_missing_cnt(const pdp_explanation_t *explanation)
{
    return explanation == NULL ? 0 : explanation->missing.cnt;
}

static const struct pdp__missing *
missing_at(const pdp_explanation_t *explanation, size_t index)
{
    return index < pdp_explanation_missing_cnt(explanation)
               ? PDP__VEC_AT(&explanation->missing, struct pdp__missing, index)
               : NULL;
}

bool
pdp_explanation_missing(const pdp_explanation_t *explanation, size_t index,
    pdp_missing_t *out)
{
    const struct pdp__missing *missing = missing_at(explanation, index);

    if (missing == NULL) {
        return false;
    }
    pdp_missing_t answer = {
        .action = missing->action,
        .role_cnt = missing->role_cnt,
    };
    return pdp__answer(out, &answer, sizeof(answer));
}

bool
pdp_explanation_role(const pdp_explanation_t *explanation, size_t missing,
    size_t index, pdp_helpful_role_t *out)
{
    const struct pdp__missing *found = missing_at(explanation, missing);

    if (found == NULL || index >= found->role_cnt) {
        return false;
    }
    pdp_helpful_role_t answer = found->roles[index];
    return pdp__answer(out, &answer, sizeof(answer));
}

size_t
pdp_explanation_policies(const pdp_explanation_t *explanation)
{
    return explanation == NULL ? 0 : explanation->policies.cnt;
}

pdp_str_t
pdp_explanation_policy(const pdp_explanation_t *explanation, size_t index)
{
    return index < pdp_explanation_policies(explanation)
               ? *PDP__VEC_AT(&explanation->policies, pdp_str_t, index)
               : (pdp_str_t){NULL, 0};
}

pdp_str_t
pdp_explanation_note(const pdp_explanation_t *explanation)
{
    return explanation == NULL ? (pdp_str_t){NULL, 0} : explanation->note;
}
