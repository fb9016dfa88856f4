/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#ifndef PDP_TESTS_EXPLAIN_CHECK_H
#define PDP_TESTS_EXPLAIN_CHECK_H

/*
 * Does an explanation say what the decision says?  For every decision that a
 * test, a model or a fuzzer makes; public interface only, and no cmocka.
 */

#include <string.h>

#include "pdp.h"

#if defined(__GNUC__)
#define EXPLAIN_UNUSED __attribute__((unused))
#else
#define EXPLAIN_UNUSED
#endif

enum { EXPLAIN_GRANTS_MAX = 8 }; /* of one required action, in a decision */

static bool
explain_same(pdp_str_t a, pdp_str_t b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

static pdp_grant_source_t
explain_source(pdp_voice_kind_t kind)
{
    return kind == PDP_VOICE_ROLE     ? PDP_GRANT_ROLE
           : kind == PDP_VOICE_ACTION ? PDP_GRANT_ACTION
                                      : PDP_GRANT_POLICY;
}

/* Whether a voice of this source and name grants (or denies) an item. */
static bool
explain_has(const pdp_explanation_t *e, size_t item, pdp_grant_source_t source,
    pdp_str_t id, bool denies)
{
    pdp_voice_t voice = {.size = sizeof(voice)};
    pdp_verdict_t v = {.size = sizeof(v)};

    for (size_t i = 0; pdp_explanation_voice(e, i, &voice); i++) {
        if (voice.kind != PDP_VOICE_RESTRICTION &&
            explain_source(voice.kind) == source &&
            explain_same(voice.id, id) &&
            pdp_explanation_verdict(e, i, item, &v) &&
            (denies ? v.denies : v.grants)) {
            return true;
        }
    }
    return false;
}

/* Whether the decision lists the grant of a voice. */
static bool
explain_listed(const pdp_decision_t *d, size_t item, const pdp_voice_t *voice)
{
    pdp_grant_t by = {.size = sizeof(by)};

    for (size_t i = 0; pdp_decision_by(d, item, i, &by); i++) {
        if (by.source == explain_source(voice->kind) &&
            explain_same(by.id, voice->id)) {
            return true;
        }
    }
    return false;
}

static const char *
explain_check_item(const pdp_decision_t *d, const pdp_explanation_t *e,
    size_t item, const pdp_required_t *need)
{
    pdp_voice_t voice = {.size = sizeof(voice)};
    pdp_verdict_t v = {.size = sizeof(v)};
    pdp_grant_t by = {.size = sizeof(by)};
    bool granted = false;
    bool denied = false;

    for (size_t i = 0; pdp_explanation_voice(e, i, &voice); i++) {
        if (voice.kind == PDP_VOICE_RESTRICTION) {
            continue;
        }
        if (!pdp_explanation_verdict(e, i, item, &v)) {
            return "a voice without a verdict";
        }
        if ((v.grants || v.denies) != (v.obstacle == PDP_OBSTACLE_NONE)) {
            return "an obstacle for what applies, or none for what does not";
        }
        if (v.obstacle != PDP_OBSTACLE_NONE &&
            (v.key.len == 0 ||
                (v.state == PDP_ATTRIBUTE_KNOWN) != (v.seen.ptr != NULL))) {
            return "an obstacle without a key, or that saw the unknown";
        }
        granted = granted || v.grants;
        denied = denied || v.denies;
        if (v.grants && !need->denied && need->by_cnt < EXPLAIN_GRANTS_MAX &&
            !explain_listed(d, item, &voice)) {
            return "a voice grants, and the decision does not list it";
        }
    }
    if (denied != need->denied || (granted && !denied) != need->granted) {
        return "the voices together say something else than the decision";
    }
    for (size_t i = 0; pdp_decision_by(d, item, i, &by); i++) {
        if (!explain_has(e, item, by.source, by.id, false)) {
            return "the decision lists a grant, and no voice grants";
        }
    }
    return need->denied && !explain_has(e, item, PDP_GRANT_POLICY,
                               need->denied_by, true)
               ? "the decision names a denial, and no voice denies"
               : NULL;
}

static const char *
explain_check_restrictions(const pdp_decision_t *d, const pdp_explanation_t *e)
{
    pdp_voice_t voice = {.size = sizeof(voice)};
    pdp_verdict_t v = {.size = sizeof(v)};
    pdp_restriction_t rule = {.size = sizeof(rule)};
    size_t cnt = 0;

    for (size_t i = 0; pdp_explanation_voice(e, i, &voice); i++) {
        if (voice.kind != PDP_VOICE_RESTRICTION) {
            continue;
        }
        if (!pdp_decision_restriction(d, cnt++, &rule) ||
            !explain_same(rule.id, voice.id) || rule.denies != voice.denies ||
            !pdp_explanation_verdict(e, i, 0, &v) ||
            (v.obstacle == PDP_OBSTACLE_CONTEXT) != rule.denies) {
            return "a restriction says something else than the decision";
        }
    }
    return cnt == pdp_decision_restrictions(d) ? NULL
                                               : "a restriction is left out";
}

static const char *
explain_check_advice(const pdp_decision_t *d, const pdp_explanation_t *e)
{
    bool allow = pdp_decision_effect(d) == PDP_EFFECT_ALLOW;
    pdp_missing_t missing = {.size = sizeof(missing)};
    size_t cnt = pdp_explanation_missing_cnt(e);

    if (cnt != pdp_decision_missing_cnt(d)) {
        return "other actions are missing";
    }
    for (size_t i = 0; i < cnt; i++) {
        if (!pdp_explanation_missing(e, i, &missing) ||
            !explain_same(missing.action, pdp_decision_missing(d, i))) {
            return "another action is missing";
        }
    }
    bool policies = pdp_explanation_policies(e) > 0;
    bool note = pdp_explanation_note(e).ptr != NULL;
    if (allow ? policies || note : !policies && !note) {
        return "advice for what is allowed, or none for what is not";
    }
    pdp_reason_t reason = pdp_decision_reason(d);
    return policies && reason != PDP_REASON_NO_GRANT &&
                   reason != PDP_REASON_CONDITION_ERROR
               ? "a policy for what no policy can mend"
               : NULL;
}

/* What an explanation contradicts; NULL: nothing. */
static EXPLAIN_UNUSED const char *
explain_check(const pdp_decision_t *d, const pdp_explanation_t *e)
{
    pdp_required_t need = {.size = sizeof(need)};
    pdp_reason_t reason = pdp_decision_reason(d);
    bool judged = reason == PDP_REASON_PERMITTED ||
                  reason == PDP_REASON_NO_GRANT ||
                  reason == PDP_REASON_CONDITION_ERROR ||
                  reason == PDP_REASON_EXPLICIT_DENY;
    bool all = true;
    const char *wrong = NULL;

    for (size_t i = 0;
         judged && wrong == NULL && pdp_decision_required(d, i, &need); i++) {
        wrong = explain_check_item(d, e, i, &need);
        all = all && need.granted;
    }
    if (wrong == NULL && judged && all != (reason == PDP_REASON_PERMITTED)) {
        wrong = "all is granted, and yet it is denied; or the other way round";
    }
    wrong = wrong == NULL ? explain_check_restrictions(d, e) : wrong;
    return wrong == NULL ? explain_check_advice(d, e) : wrong;
}

/* Explains the last decision of a worker and checks that nothing of the
 * decision changed; what is wrong, or NULL. */
static EXPLAIN_UNUSED const char *
explain_and_check(pdp_worker_t *worker, const pdp_decision_t *d)
{
    pdp_explanation_t *e = NULL;
    pdp_reason_t reason = pdp_decision_reason(d);
    int64_t age = pdp_decision_cache_max_age_sec(d);

    if (pdp_explain(worker, d, &e) != PDP_OK) {
        return "it cannot be explained";
    }
    const char *wrong = explain_check(d, e);
    pdp_explanation_free(e);
    return pdp_decision_reason(d) != reason ||
                   pdp_decision_cache_max_age_sec(d) != age
               ? "explaining changed the decision"
               : wrong;
}

#endif
