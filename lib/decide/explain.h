/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#ifndef PDP__DECIDE_EXPLAIN_H
#define PDP__DECIDE_EXPLAIN_H

/*
 * An explanation under construction.  Its parts:
 *
 *   explain           the whole
 *   explain_claims    what roles and actions of the token say
 *   explain_policy    what each policy says of each required action
 *   explain_obstacle  the first thing that did not hold -> texts
 *   explain_time      what a clock shows where the condition was written
 *   explain_context   what restrictions say
 *   explain_advice    what is missing, and what to do
 *   explain_roles     roles that have what is missing
 *   explain_suggest   a policy that would permit it
 *   explain_answers   what is handed out
 *
 * They only look at the decision's record; it is const everywhere.
 */

#include "base/buf.h"
#include "base/mem.h"
#include "decide/policy.h"
#include "pdp/explain.h"

/* One voice with a verdict for each required action. */
struct pdp__voice {
    pdp_voice_kind_t kind;
    pdp_str_t id;
    bool addressed;
    uint32_t verdict_cnt;
    pdp_verdict_t *verdicts;
};

struct pdp__missing {
    pdp_str_t action;
    uint32_t role_cnt;
    pdp_helpful_role_t *roles;
};

struct pdp_explanation {
    struct pdp__arena arena;  /* all of it but this struct */
    struct pdp__vec voices;   /* struct pdp__voice */
    struct pdp__vec missing;  /* struct pdp__missing */
    struct pdp__vec policies; /* pdp_str_t */
    pdp_str_t note;
};

struct pdp__explainer {
    const struct pdp__flow *flow;
    struct pdp_explanation *out;
    bool failed; /* no memory */
    pdp_str_t service;
    pdp_str_t principal;
    pdp_str_t groups; /* known ones, joined; {NULL, 0}: none */
};

/* The explanation of a decision; *out is NULL on an error. */
pdp_status_t pdp__explain(const struct pdp__flow *flow, const pdp_mem_t *mem,
    pdp_explanation_t **out);

/* A copy of a text; an absent one stays so. */
pdp_str_t pdp__explain_copy(struct pdp__explainer *x, pdp_str_t text);

/* A new voice with verdicts that say nothing; NULL: no memory.  Not valid
 * across the next one. */
struct pdp__voice *pdp__explain_voice(struct pdp__explainer *x,
    pdp_voice_kind_t kind, pdp_str_t id, uint32_t verdict_cnt);

/*
 * A policy, loaded or of a token, as stage 9 sees it for one required action.
 */
struct pdp__plea {
    const struct pdp__item *item;
    struct pdp__view view;
    const struct pdp__policy *loaded; /* NULL: of the token */
    uint32_t service;
    struct pdp__range resources; /* conditions, of the view */
    bool can_grant;              /* the action is in its roles */
    bool can_deny;
    bool reached; /* it has a subject, or the token names it */
};

/* Voices for the policies of the token, and for loaded ones. */
void pdp__explain_inlines(struct pdp__explainer *x);
void pdp__explain_policies(struct pdp__explainer *x);

/* The first thing in the way of a plea, as a grant or as a denial, to *out.
 * There is one. */
void pdp__explain_obstacle(struct pdp__explainer *x,
    const struct pdp__plea *plea, bool grant, pdp_verdict_t *out);

/* What clocks show at the request's now in the offsets of a test on time, in
 * the form of its values. */
pdp_str_t pdp__explain_clock(struct pdp__explainer *x,
    const struct pdp__rule_test *test);

/* Whether now is within a bound of the time of day, taken by itself; false for
 * a test of anything else. */
bool pdp__explain_within(const struct pdp__flow *flow,
    const struct pdp__rule_test *test);

/* Voices for claims, and for the restrictions that the decision lists. */
void pdp__explain_claims(struct pdp__explainer *x);
void pdp__explain_restrictions(struct pdp__explainer *x);

/* What is missing and what would help. */
void pdp__explain_advice(struct pdp__explainer *x);

/* A missing action with the roles that have it, if one helps. */
void pdp__explain_missing(struct pdp__explainer *x, uint32_t action,
    bool helps);

/* Whether an item needs a grant, and whether it is the first of those on its
 * resource: its place. */
bool pdp__is_missing(const struct pdp__item *item);
bool pdp__is_first_place(const struct pdp__flow *flow, uint32_t ix);

/* Attributes that narrow a policy, in the order they are written in. */
enum { PDP__NARROWING = 3 };
extern const enum pdp__attr pdp__narrowing[PDP__NARROWING];

/* Roles of one suggested policy: one for each action at most. */
struct pdp__choice {
    uint32_t cnt;
    uint32_t roles[PDP__ITEMS_MAX];
};

/* The roles for what is missing at a place; false: none have it. */
bool pdp__explain_choose(struct pdp__explainer *x, uint32_t place,
    struct pdp__choice *out);

/* A policy for what is missing at a place; false: none can be given, and the
 * note says why. */
bool pdp__explain_suggest(struct pdp__explainer *x, uint32_t place);

/* The note: a sentence with a name in it, which may be absent. */
void pdp__explain_note(struct pdp__explainer *x, const char *before,
    pdp_str_t name, const char *after);

/* Room for a text of len bytes; cap 0: no memory. */
struct pdp__buf pdp__explain_room(struct pdp__explainer *x, size_t len);

/* Texts of a table of texts at base, joined by ", ". */
pdp_str_t pdp__explain_join(struct pdp__explainer *x, const char *base,
    const struct pdp__text *texts, uint32_t cnt);

#endif
