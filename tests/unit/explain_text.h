/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#ifndef PDP_TESTS_EXPLAIN_TEXT_H
#define PDP_TESTS_EXPLAIN_TEXT_H

/* Explanations as text, for tests.  Include after grant_text.h. */

#include "explain_check.h"

static pdp_explanation_t *why;

/* Explains the fixture's decision, in place of the explanation before. */
static UNUSED void
explain(void)
{
    pdp_explanation_free(why);
    why = NULL;
    assert_int_equal(pdp_explain(fixture.worker, fixture.decision, &why),
        PDP_OK);
    const char *wrong = explain_check(fixture.decision, why);
    if (wrong != NULL) {
        fail_msg("%s", wrong);
    }
}

static UNUSED int
forget_why(void **state)
{
    pdp_explanation_free(why);
    why = NULL;
    return teardown(state);
}

/* What a voice says of a required action: "grants", "denies", or
 * "OBSTACLE key op wanted STATE seen", `-` for what there is not. */
static UNUSED const char *
verdict(size_t voice, size_t required)
{
    static const char *const obstacles[] = {"none", "service", "role", "action",
        "subject", "resource", "tag", "rule", "context"};
    static const char *const states[] = {"absent", "unknown", "known"};
    static char text[4096];
    pdp_verdict_t v = {.size = sizeof(v)};

    assert_true(pdp_explanation_verdict(why, voice, required, &v));
    if (v.grants || (v.denies && v.obstacle == PDP_OBSTACLE_NONE)) {
        return v.denies ? (v.grants ? "grants, denies" : "denies") : "grants";
    }
    if (v.obstacle == PDP_OBSTACLE_NONE) {
        return "nothing";
    }
#define SHOWN(s)                                                               \
    (int)((s).ptr == NULL ? 1 : (s).len), ((s).ptr == NULL ? "-" : (s).ptr)
    snprintf(text, sizeof(text), "%s%s%s %.*s %.*s %.*s %s %.*s",
        v.denial ? "no denial: " : "", v.account_scope ? "account: " : "",
        obstacles[v.obstacle], SHOWN(v.key), SHOWN(v.op), SHOWN(v.wanted),
        states[v.state], SHOWN(v.seen));
#undef SHOWN
    return text;
}

/* "kind:id" of all voices, with `!` where it is for others. */
static UNUSED const char *
voices(void)
{
    static const char *const kinds[] = {"none", "role", "action", "inline",
        "policy", "restriction"};
    static char text[2048];
    size_t len = 0;
    pdp_voice_t voice = {.size = sizeof(voice)};

    text[0] = '\0';
    for (size_t i = 0; pdp_explanation_voice(why, i, &voice); i++) {
        len += (size_t)snprintf(text + len, sizeof(text) - len, "%s%s%s:%.*s",
            i == 0 ? "" : " ", voice.addressed ? "" : "!", kinds[voice.kind],
            (int)voice.id.len, voice.id.ptr);
    }
    return text;
}

/* "Writer:7 Manager:23" of a missing action. */
static UNUSED const char *
roles(size_t missing)
{
    static char text[1024];
    size_t len = 0;
    pdp_helpful_role_t role = {.size = sizeof(role)};

    text[0] = '\0';
    for (size_t i = 0; pdp_explanation_role(why, missing, i, &role); i++) {
        len += (size_t)snprintf(text + len, sizeof(text) - len, "%s%.*s:%zu%s",
            i == 0 ? "" : " ", (int)role.name.len, role.name.ptr,
            role.action_cnt, role.custom ? "*" : "");
    }
    return text;
}

/* The suggested policies as one array. */
static UNUSED const char *
suggested(void)
{
    static char text[TEXT_MAX];
    size_t len = 0;

    text[0] = '[';
    text[1] = '\0';
    len = 1;
    for (size_t i = 0; i < pdp_explanation_policies(why); i++) {
        pdp_str_t policy = pdp_explanation_policy(why, i);
        len += (size_t)snprintf(text + len, sizeof(text) - len, "%s%.*s",
            i == 0 ? "" : ",", (int)policy.len, policy.ptr);
    }
    snprintf(text + len, sizeof(text) - len, "]");
    return text;
}

#endif
