/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#ifndef PDP_DECISION_H
#define PDP_DECISION_H

/*
 * The answer to one request.
 *
 * What all accessors share, in full:
 *   Ownership: the decision, and every string read from it, is borrowed until
 *     the next pdp_decide() or pdp_decide_unverified() on the same worker, or
 *     until the worker is freed, whichever is first.  The request must last
 *     as long.  Strings are not NUL-terminated and may hold bytes of the
 *     client: escape them before they go into a log or a header.
 *   NULL: a NULL decision reads as "deny, internal, nothing known": counts
 *     are 0, strings {NULL, 0}, numbers -1 or 0, the rest false.  `out` may
 *     not be NULL.
 *   Sizes: set out->size to sizeof(*out) before each call (pdp/base.h).
 *   Returns, where that is bool: true if *out was filled; false if there is
 *     no such thing, the index is out of range, or out->size is wrong.  *out
 *     is then as it was.
 *   Thread safety: they may be called by the thread that uses the worker.
 *   Allocates: nothing, and they cannot fail.
 *
 * Only pdp_decision_effect() tells whether the request is allowed.
 */

#include "pdp/base.h"
#include "pdp/reason.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct pdp__flow pdp_decision_t;

typedef enum pdp_effect {
    PDP_EFFECT_DENY = 0,
    PDP_EFFECT_ALLOW = 1
} pdp_effect_t;

/* State of a resource attribute (pdp-service(5), "known, unknown, absent"). */
typedef enum pdp_attribute_state {
    PDP_ATTRIBUTE_ABSENT = 0,  /* the request has no such thing */
    PDP_ATTRIBUTE_UNKNOWN = 1, /* it has one that is not visible here */
    PDP_ATTRIBUTE_KNOWN = 2
} pdp_attribute_state_t;

typedef enum pdp_grant_source {
    PDP_GRANT_NONE = 0,
    PDP_GRANT_POLICY = 1, /* a loaded or an inline policy; id: its id */
    PDP_GRANT_ROLE = 2,   /* claim `roles`; id: the role as claimed */
    PDP_GRANT_ACTION = 3  /* claim `actions`; id: the action */
} pdp_grant_source_t;

/* One path parameter of the route that matched. */
typedef struct pdp_param {
    size_t size;
    pdp_str_t name;
    pdp_str_t value; /* decoded once */
} pdp_param_t;

/* One required action on one resource. */
typedef struct pdp_required {
    size_t size;
    pdp_str_t action;
    bool granted;        /* false on every deny that came before the policies */
    bool denied;         /* a policy denies it explicitly */
    pdp_str_t denied_by; /* id of a policy that does; {NULL, 0}: none */
    size_t by_cnt;       /* who granted it, up to 8, none if it is denied; see
                          * pdp_decision_by() */
    size_t attribute_cnt; /* see pdp_decision_attribute() */
} pdp_required_t;

typedef struct pdp_attribute {
    size_t size;
    pdp_str_t name; /* IBM's attribute name, "resourceType" */
    pdp_attribute_state_t state;
    pdp_str_t value; /* {NULL, 0} unless known */
} pdp_attribute_t;

typedef struct pdp_grant {
    size_t size;
    pdp_grant_source_t source;
    pdp_str_t id;
} pdp_grant_t;

/* A context-based restriction, and what it says of the request. */
typedef struct pdp_restriction {
    size_t size;
    pdp_str_t id;  /* of the rule; without one, its file and its place in it */
    pdp_str_t crn; /* {NULL, 0}: the rule has none */
    bool enforced; /* false: it only reports (enforcement_mode `report`) */
    bool denies;   /* none of its contexts is met; if it is not enforced:
                    * it would deny */
} pdp_restriction_t;

/* The verified principal. */
typedef struct pdp_principal {
    size_t size;
    pdp_str_t id;      /* iam_id */
    pdp_str_t type;    /* "user", "serviceid", "profile", "crn",
                        * "certificate" or "unknown", by the prefix of id */
    pdp_str_t account; /* account of the token */
} pdp_principal_t;

/* The token, as far as it was verified. */
typedef struct pdp_token_info {
    size_t size;
    bool verified; /* false: pdp_decide_unverified() was used */
    pdp_str_t issuer;
    pdp_str_t kid;       /* {NULL, 0}: the token names no key */
    pdp_str_t alg;       /* "RS256"; {NULL, 0} if not verified */
    int64_t expires_sec; /* since 1970-01-01T00:00:00Z, rounded down;
                          * -1: the claim is missing or malformed */
} pdp_token_info_t;

/*
 * pdp_decision_effect: allow or deny.  Nothing else allows, and there is no
 * third value.
 *
 * NULL: a NULL decision is a deny.
 * Returns: PDP_EFFECT_ALLOW or PDP_EFFECT_DENY.
 * Thread safety: the thread that uses the worker.
 * Allocates: nothing.
 * Since: 0.1.
 */
PDP_API pdp_effect_t pdp_decision_effect(const pdp_decision_t *decision);

/*
 * pdp_decision_reason: why, as one of the reasons of pdp/reason.h: the first
 * check that failed, or what allows.
 *
 * NULL: a NULL decision has PDP_REASON_INTERNAL.
 * Returns: a reason; pdp_reason_allows() of it agrees with the effect.
 * Thread safety: the thread that uses the worker.
 * Allocates: nothing.
 * Since: 0.1.
 */
PDP_API pdp_reason_t pdp_decision_reason(const pdp_decision_t *decision);

/*
 * pdp_decision_service: the name of the service that the request is for, such
 * as "container-registry": by its host, or the only one that is loaded.
 *
 * Ownership: borrowed until the next decision of the worker.
 * NULL: a NULL decision has none.
 * Returns: the name; {NULL, 0} if the method, a header or the target was
 *     refused, or no service has the host.
 * Thread safety: the thread that uses the worker.
 * Allocates: nothing.
 * Since: 0.1.
 */
PDP_API pdp_str_t pdp_decision_service(const pdp_decision_t *decision);

/*
 * pdp_decision_route: the template of the route that matched, such as
 * "/api/v1/images/{image}/json"; also on a deny that came later.
 *
 * Ownership: borrowed until the next decision of the worker.
 * NULL: a NULL decision has none.
 * Returns: the template; {NULL, 0} if no route was found.
 * Thread safety: the thread that uses the worker.
 * Allocates: nothing.
 * Since: 0.1.
 */
PDP_API pdp_str_t pdp_decision_route(const pdp_decision_t *decision);

/*
 * pdp_decision_route_index: which route of its service that is: the index for
 * pdp_catalog_route().
 *
 * NULL: a NULL decision has none.
 * Returns: 0 or above; -1 if no route was found.
 * Thread safety: the thread that uses the worker.
 * Allocates: nothing.
 * Since: 0.1.
 */
PDP_API int64_t pdp_decision_route_index(const pdp_decision_t *decision);

/*
 * pdp_decision_path: the canonical path that was judged: the raw path, without
 * the query, with the hexadecimal digits of escapes in upper case.  A gateway
 * sends on exactly this, with the query as received.
 *
 * Ownership: borrowed until the next decision of the worker.
 * NULL: a NULL decision has none.
 * Returns: the path, at most 4096 bytes; {NULL, 0} if the method, a header or
 *     the path was refused.
 * Thread safety: the thread that uses the worker.
 * Allocates: nothing.
 * Source: RFC 3986 6.2.2.1.
 * Since: 0.1.
 */
PDP_API pdp_str_t pdp_decision_path(const pdp_decision_t *decision);

/*
 * pdp_decision_params: how many path parameters of the route were read; all of
 * them, or those before the one that was refused (bad_param).
 *
 * NULL: a NULL decision has none.
 * Returns: 0 to 32.
 * Thread safety: the thread that uses the worker.
 * Allocates: nothing.
 * Since: 0.1.
 */
PDP_API size_t pdp_decision_params(const pdp_decision_t *decision);

/*
 * pdp_decision_param: the index-th path parameter, in the order of the
 * template. Names may repeat.
 *
 * Ownership: *out is filled; its strings are borrowed until the next decision
 *     of the worker.
 * NULL: a NULL decision has none; out may not be NULL.
 * Returns: true; false if index is not below pdp_decision_params(), or
 *     out->size is wrong.
 * Thread safety: the thread that uses the worker.
 * Allocates: nothing.
 * Since: 0.1.
 */
PDP_API PDP_WUR bool pdp_decision_param(const pdp_decision_t *decision,
    size_t index, pdp_param_t *out);

/*
 * pdp_decision_required_cnt: how many required actions there are: one for each
 * action and each resource of the request that it is wanted on.  On a deny
 * that came before the resources were read: one for each action.
 *
 * NULL: a NULL decision has none.
 * Returns: 0 to 64; 0 without a route, and where the route is public or for
 *     everybody with a token.
 * Thread safety: the thread that uses the worker.
 * Allocates: nothing.
 * Since: 0.1.
 */
PDP_API size_t pdp_decision_required_cnt(const pdp_decision_t *decision);

/*
 * pdp_decision_required: the index-th required action: is it granted, is it
 * denied, and by what.
 *
 * Ownership: *out is filled; its strings are borrowed until the next decision
 *     of the worker.
 * NULL: a NULL decision has none; out may not be NULL.
 * Returns: true; false if index is not below pdp_decision_required_cnt(), or
 *     out->size is wrong.
 * Thread safety: the thread that uses the worker.
 * Allocates: nothing.
 * Since: 0.1.
 */
PDP_API PDP_WUR bool pdp_decision_required(const pdp_decision_t *decision,
    size_t index, pdp_required_t *out);

/*
 * pdp_decision_by: who granted required action number `required`: item index
 * of its by_cnt.  At most eight are kept; there are none where it is denied.
 *
 * Ownership: *out is filled; out->id is borrowed until the next decision of
 *     the worker.
 * NULL: a NULL decision has none; out may not be NULL.
 * Returns: true; false if there is no such required action or grant, or
 *     out->size is wrong.
 * Thread safety: the thread that uses the worker.
 * Allocates: nothing.
 * Since: 0.1.
 */
PDP_API PDP_WUR bool pdp_decision_by(const pdp_decision_t *decision,
    size_t required, size_t index, pdp_grant_t *out);

/*
 * pdp_decision_attribute: what is known of the resource of required action
 * number `required`: item index of its attribute_cnt.  There are none on a
 * deny that came before the resources were read.
 *
 * Ownership: *out is filled; out->value is borrowed until the next decision of
 *     the worker. out->name is static.
 * NULL: a NULL decision has none; out may not be NULL.
 * Returns: true; false if there is no such required action or attribute, or
 *     out->size is wrong.
 * Thread safety: the thread that uses the worker.
 * Allocates: nothing.
 * Since: 0.1.
 */
PDP_API PDP_WUR bool pdp_decision_attribute(const pdp_decision_t *decision,
    size_t required, size_t index, pdp_attribute_t *out);

/*
 * pdp_decision_missing_cnt: how many actions are missing: those that are
 * required and not granted, or denied, each once.  They are listed on denials
 * before authentication, too, where strangers need not learn them.  On
 * PDP_REASON_CONTEXT_DENIED everything is granted, and none is missing.
 *
 * NULL: a NULL decision has none.
 * Returns: 0 to 64; 0 on an allow, and without a route.
 * Thread safety: the thread that uses the worker.
 * Allocates: nothing.
 * Since: 0.1.
 */
PDP_API size_t pdp_decision_missing_cnt(const pdp_decision_t *decision);

/*
 * pdp_decision_missing: the index-th missing action.
 *
 * Ownership: borrowed until the next decision of the worker.
 * NULL: a NULL decision has none.
 * Returns: the IAM action; {NULL, 0} if index is not below
 *     pdp_decision_missing_cnt().
 * Thread safety: the thread that uses the worker.
 * Allocates: nothing.
 * Since: 0.1.
 */
PDP_API pdp_str_t pdp_decision_missing(const pdp_decision_t *decision,
    size_t index);

/*
 * pdp_decision_restrictions: how many context-based restrictions have
 * something to tell: those that deny, and those that only report and are for
 * this request.  Restrictions are looked at once the policies grant what is
 * required, or the route is for every verified principal.
 *
 * NULL: a NULL decision has none.
 * Returns: 0 to 16; if there are more, those that deny come before others.
 *     On PDP_REASON_CONTEXT_DENIED at least one that is enforced and denies.
 * Thread safety: the thread that uses the worker.
 * Allocates: nothing.
 * Since: 0.1.
 */
PDP_API size_t pdp_decision_restrictions(const pdp_decision_t *decision);

/*
 * pdp_decision_restriction: the index-th of them.
 *
 * Ownership: *out is filled; its strings are borrowed until the next decision
 *     of the worker.
 * NULL: a NULL decision has none; out may not be NULL.
 * Returns: true; false if index is not below pdp_decision_restrictions(), or
 *     out->size is wrong.
 * Thread safety: the thread that uses the worker.
 * Allocates: nothing.
 * Since: 0.1.
 */
PDP_API PDP_WUR bool pdp_decision_restriction(const pdp_decision_t *decision,
    size_t index, pdp_restriction_t *out);

/*
 * pdp_decision_at_action: the Activity Tracker action of the route, also on a
 * deny; it is not always the IAM action.
 *
 * Ownership: borrowed until the next decision of the worker.
 * NULL: a NULL decision has none.
 * Returns: the action; {NULL, 0} if the route has none, or no route was found.
 * Thread safety: the thread that uses the worker.
 * Allocates: nothing.
 * Since: 0.1.
 */
PDP_API pdp_str_t pdp_decision_at_action(const pdp_decision_t *decision);

/*
 * pdp_decision_data_event: whether that is a data event, not a management
 * event.
 *
 * NULL: a NULL decision gives false.
 * Returns: true or false; false if there is no AT action.
 * Thread safety: the thread that uses the worker.
 * Allocates: nothing.
 * Since: 0.1.
 */
PDP_API bool pdp_decision_data_event(const pdp_decision_t *decision);

/*
 * pdp_decision_principal: who acts, once the token and its claims are
 * accepted; also on a deny that came later.
 *
 * Ownership: *out is filled; its strings are borrowed until the next decision
 *     of the worker. out->type is static.
 * NULL: a NULL decision has none; out may not be NULL.
 * Returns: true; false if no token was looked at (public) or accepted, or
 *     out->size is wrong.
 * Thread safety: the thread that uses the worker.
 * Allocates: nothing.
 * Since: 0.1.
 */
PDP_API PDP_WUR bool pdp_decision_principal(const pdp_decision_t *decision,
    pdp_principal_t *out);

/*
 * pdp_decision_token: the token, once its signature is good; also where a
 * claim was refused, such as token_expired.
 *
 * Ownership: *out is filled; its strings are borrowed until the next decision
 *     of the worker.
 * NULL: a NULL decision has none; out may not be NULL.
 * Returns: true; false if no token was looked at, its signature is not good,
 *     or out->size is wrong.  After pdp_decide_unverified(): true with
 *     verified = false, if the claims were accepted.
 * Thread safety: the thread that uses the worker.
 * Allocates: nothing.
 * Source: RFC 7515 4.1 (alg, kid), RFC 7519 4.1 (iss, exp).
 * Since: 0.1.
 */
PDP_API PDP_WUR bool pdp_decision_token(const pdp_decision_t *decision,
    pdp_token_info_t *out);

/*
 * pdp_decision_account: the account that the decision is for: what a gateway
 * sends on as `Account`, in place of the client's.
 *
 * Ownership: borrowed until the next decision of the worker.
 * NULL: a NULL decision has none.
 * Returns: the account; {NULL, 0} if there is no principal, or its account is
 *     not the one that the header names.
 * Thread safety: the thread that uses the worker.
 * Allocates: nothing.
 * Since: 0.1.
 */
PDP_API pdp_str_t pdp_decision_account(const pdp_decision_t *decision);

/*
 * pdp_decision_offset: the offset of the offending byte, from 0: in the target
 * where pdp_reason_status() is 400, in the token (or the claims of
 * pdp_decide_unverified()) where it is 401.  pdp-reasons(7) tells which byte
 * that is.
 *
 * NULL: a NULL decision has none.
 * Returns: 0 or above, at most the length of the text; -1 where no byte is at
 *     fault.
 * Thread safety: the thread that uses the worker.
 * Allocates: nothing.
 * Since: 0.1.
 */
PDP_API int64_t pdp_decision_offset(const pdp_decision_t *decision);

/*
 * pdp_decision_cache_max_age_sec: for how many seconds after the request's
 * now_sec the same request (method, target, and all headers that decide) would
 * get the same answer from the same snapshot.  That ends with the token, or
 * before it: at the next moment at which a condition on time may change, in a
 * policy that was looked at.  It is 0 where a policy or a restriction asks for
 * the client's address or the type of endpoint: caches do not tell requests
 * apart by these.
 *
 * NULL: a NULL decision gives 0.
 * Returns: seconds; 0: do not cache.  It is 0 without an accepted token, so
 *     also for public routes.
 * Thread safety: the thread that uses the worker.
 * Allocates: nothing.
 * Since: 0.1.
 */
PDP_API int64_t pdp_decision_cache_max_age_sec(const pdp_decision_t *decision);

#ifdef __cplusplus
}
#endif

#endif
