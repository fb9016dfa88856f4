/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#ifndef PDP_EXPLAIN_H
#define PDP_EXPLAIN_H

/*
 * Why is a decision what it is, and what would change it?  For people who
 * write policies; a gateway has no use for it.
 *
 * An explanation lists voices: each role and action that the token claims,
 * each policy that the token brings, and each loaded policy that names the
 * principal or has a required action; after them the context-based
 * restrictions that the decision lists.  For each required action it tells
 * whether a voice grants or denies it, and otherwise the first thing that
 * stands in the way.  On a deny it names the roles that have what is
 * missing, and policies that would permit exactly this request.
 *
 * It never disagrees with the decision: a voice grants a required action if
 * and only if the decision counts it among its grants (those that
 * pdp_decision_by() has room for), and likewise for denials.
 *
 * What all functions here but pdp_explain() share, in full:
 *   Ownership: every string handed out is borrowed until the explanation is
 *     freed; none needs the decision, the worker or the snapshot.  Strings
 *     are not NUL-terminated and may hold bytes of clients and documents.
 *   NULL: a NULL explanation has nothing in it.  `out` may not be NULL.
 *   Sizes: set out->size to sizeof(*out) before each call (pdp/base.h).
 *   Returns, where that is bool: true if *out was filled; false if there is
 *     no such thing, or out->size is wrong.  *out is then as it was.
 *   Thread safety: any number of threads at once, while nobody frees it.
 *   Allocates: nothing, and they cannot fail.
 */

#include "pdp/base.h"
#include "pdp/decision.h"
#include "pdp/status.h"
#include "pdp/worker.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct pdp_explanation pdp_explanation_t;

typedef enum pdp_voice_kind {
    PDP_VOICE_NONE = 0,
    PDP_VOICE_ROLE = 1,       /* claim `roles`; id: the role as claimed */
    PDP_VOICE_ACTION = 2,     /* claim `actions`; id: the action */
    PDP_VOICE_INLINE = 3,     /* a policy of the token; id: its id, or
                               * "token" */
    PDP_VOICE_POLICY = 4,     /* a loaded policy; id: its id, or its file and
                               * its place in it */
    PDP_VOICE_RESTRICTION = 5 /* a context-based restriction; id: its id, or
                               * its file and its place in it */
} pdp_voice_kind_t;

/* What stands between a voice and a required action, in the order in which
 * it is looked for. */
typedef enum pdp_obstacle {
    PDP_OBSTACLE_NONE = 0,     /* nothing */
    PDP_OBSTACLE_SERVICE = 1,  /* it is for another service */
    PDP_OBSTACLE_ROLE = 2,     /* a claimed role that is not known, or is one
                                * of another account */
    PDP_OBSTACLE_ACTION = 3,   /* its roles do not have the action */
    PDP_OBSTACLE_SUBJECT = 4,  /* it is not for this principal */
    PDP_OBSTACLE_RESOURCE = 5, /* an attribute of the resource */
    PDP_OBSTACLE_TAG = 6,      /* a tag of the resource */
    PDP_OBSTACLE_RULE = 7,     /* a condition of its rule */
    PDP_OBSTACLE_CONTEXT = 8   /* where the request comes from */
} pdp_obstacle_t;

/* One voice. */
typedef struct pdp_voice {
    size_t size;
    pdp_voice_kind_t kind;
    pdp_str_t id;
    bool addressed;     /* it is for this principal, or may be: that is not
                         * known */
    bool grants;        /* one required action at least */
    bool denies;        /* likewise; a restriction that only reports: it would
                         * deny */
    size_t verdict_cnt; /* see pdp_explanation_verdict() */
} pdp_voice_t;

/* What a voice says of one required action. */
typedef struct pdp_verdict {
    size_t size;
    bool grants;
    bool denies;
    bool denial;             /* what did not apply is a denial */
    bool account_scope;      /* the action is one of the account as a whole:
                              * that is why a grant for less sees nothing */
    pdp_obstacle_t obstacle; /* NONE if it grants or denies, but for a
                              * restriction: there it is why it denies */
    pdp_str_t key;           /* what was looked at: "resource",
                              * "{{environment.attributes.current_time}}" */
    pdp_str_t op;            /* operator; {NULL, 0}: none */
    pdp_str_t wanted;        /* by the voice; several values joined by ", " */
    pdp_attribute_state_t state;
    pdp_str_t seen; /* in the request; {NULL, 0} unless known */
} pdp_verdict_t;

/* A missing action. */
typedef struct pdp_missing {
    size_t size;
    pdp_str_t action;
    size_t role_cnt; /* see pdp_explanation_role() */
} pdp_missing_t;

/* A role that has a missing action. */
typedef struct pdp_helpful_role {
    size_t size;
    pdp_str_t name;
    pdp_str_t crn;     /* for `role_id` of a policy */
    bool custom;       /* from the directory */
    size_t action_cnt; /* how many actions it has */
} pdp_helpful_role_t;

/*
 * pdp_explain: explains the last decision of a worker.  It takes far longer
 * than the decision: it looks at every policy that is loaded.
 *
 * Ownership: worker and decision are borrowed; the decision is as it was, and
 *     still valid.  *out is given (pdp_explanation_free()), and needs the
 *     worker no longer.
 * NULL: no argument may be NULL.
 * Returns: PDP_OK; PDP_E_NOMEM; PDP_E_ARGUMENT: a NULL argument, or decision
 *     is not the last one of this worker; PDP_E_INTERNAL: a defect, the
 *     explanation would contradict the decision.  On an error *out is NULL.
 * Thread safety: one thread at a time for each worker.
 * Allocates: the explanation, from the worker's memory; it grows with the
 *     policies it lists.
 * Since: 0.1.
 */
PDP_API PDP_WUR pdp_status_t pdp_explain(pdp_worker_t *worker,
    const pdp_decision_t *decision, pdp_explanation_t **out);

/*
 * pdp_explanation_free: frees an explanation and its strings.
 *
 * Ownership: takes the explanation back.
 * NULL: allowed, and does nothing.
 * Returns: nothing.
 * Thread safety: one thread, when nobody reads it any more.
 * Allocates: nothing.
 * Since: 0.1.
 */
PDP_API void pdp_explanation_free(pdp_explanation_t *explanation);

/*
 * pdp_explanation_voices: how many voices there are.  There are none on a deny
 * that came before policies were looked at, and where none are needed.
 *
 * NULL: a NULL explanation has none.
 * Returns: 0 or above.
 * Thread safety: any number of threads at once.
 * Allocates: nothing.
 * Since: 0.1.
 */
PDP_API size_t pdp_explanation_voices(const pdp_explanation_t *explanation);

/*
 * pdp_explanation_voice: the index-th voice: claims, policies of the token,
 * loaded policies in the order they were read, restrictions.
 *
 * Ownership: *out is filled; out->id is borrowed until the explanation is
 *     freed.
 * NULL: a NULL explanation has none; out may not be NULL.
 * Returns: true; false if index is not below pdp_explanation_voices(), or
 *     out->size is wrong.
 * Thread safety: any number of threads at once.
 * Allocates: nothing.
 * Since: 0.1.
 */
PDP_API PDP_WUR bool pdp_explanation_voice(const pdp_explanation_t *explanation,
    size_t index, pdp_voice_t *out);

/*
 * pdp_explanation_verdict: what a voice says: of required action number
 * `required`, as pdp_decision_required() counts them.  A restriction has one
 * verdict, number 0, on the request as a whole.
 *
 * Ownership: *out is filled; its strings are borrowed until the explanation
 *     is freed.
 * NULL: a NULL explanation has none; out may not be NULL.
 * Returns: true; false if there is no such voice, required is not below its
 *     verdict_cnt, or out->size is wrong.
 * Thread safety: any number of threads at once.
 * Allocates: nothing.
 * Since: 0.1.
 */
PDP_API PDP_WUR bool
pdp_explanation_verdict(const pdp_explanation_t *explanation, size_t voice,
    size_t required, pdp_verdict_t *out);

/*
 * pdp_explanation_missing_cnt: how many actions are missing, as
 * pdp_decision_missing_cnt() counts them.
 *
 * NULL: a NULL explanation has none.
 * Returns: 0 to 64.
 * Thread safety: any number of threads at once.
 * Allocates: nothing.
 * Since: 0.1.
 */
PDP_API size_t pdp_explanation_missing_cnt(
    const pdp_explanation_t *explanation);

/*
 * pdp_explanation_missing: the index-th missing action.
 *
 * Ownership: *out is filled; out->action is borrowed until the explanation is
 *     freed.
 * NULL: a NULL explanation has none; out may not be NULL.
 * Returns: true; false if index is not below pdp_explanation_missing_cnt(),
 *     or out->size is wrong.
 * Thread safety: any number of threads at once.
 * Allocates: nothing.
 * Since: 0.1.
 */
PDP_API PDP_WUR bool
pdp_explanation_missing(const pdp_explanation_t *explanation, size_t index,
    pdp_missing_t *out);

/*
 * pdp_explanation_role: a role that has missing action number `missing`: item
 * index of its role_cnt.  Roles with fewer actions come first.  They are those
 * of the service, and the custom roles of the account judged.
 *
 * Ownership: *out is filled; its strings are borrowed until the explanation
 *     is freed.
 * NULL: a NULL explanation has none; out may not be NULL.
 * Returns: true; false if there is no such action or role, or out->size is
 *     wrong.
 * Thread safety: any number of threads at once.
 * Allocates: nothing.
 * Since: 0.1.
 */
PDP_API PDP_WUR bool pdp_explanation_role(const pdp_explanation_t *explanation,
    size_t missing, size_t index, pdp_helpful_role_t *out);

/*
 * pdp_explanation_policies: how many policies would permit the request, all of
 * them together: one for each resource on which something is missing.  There
 * are none on an allow, and where no policy can help.
 *
 * NULL: a NULL explanation has none.
 * Returns: 0 to 64.
 * Thread safety: any number of threads at once.
 * Allocates: nothing.
 * Since: 0.1.
 */
PDP_API size_t pdp_explanation_policies(const pdp_explanation_t *explanation);

/*
 * pdp_explanation_policy: the index-th of them: a whole access policy
 * (pdp-policies(5)), as narrow as the request can be described, with the roles
 * that have the fewest actions.
 *
 * Ownership: borrowed until the explanation is freed.
 * NULL: a NULL explanation has none.
 * Returns: one JSON object, in UTF-8, without line ends; {NULL, 0} if index is
 *     not below pdp_explanation_policies().
 * Thread safety: any number of threads at once.
 * Allocates: nothing.
 * Since: 0.1.
 */
PDP_API pdp_str_t pdp_explanation_policy(const pdp_explanation_t *explanation,
    size_t index);

/*
 * pdp_explanation_note: why no policy can help, or what to mind with those that
 * are given: one English sentence for people.
 *
 * Ownership: borrowed until the explanation is freed.
 * NULL: a NULL explanation has none.
 * Returns: the sentence; {NULL, 0}: there is none.  On a deny without a policy
 *     there always is one.
 * Thread safety: any number of threads at once.
 * Allocates: nothing.
 * Since: 0.1.
 */
PDP_API pdp_str_t pdp_explanation_note(const pdp_explanation_t *explanation);

#ifdef __cplusplus
}
#endif

#endif
