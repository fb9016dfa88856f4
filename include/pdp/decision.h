/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#ifndef PDP_DECISION_H
#define PDP_DECISION_H

/*
 * The answer to one request.  Everything read from a decision is borrowed
 * until the next pdp_decide() on the same worker, or until the worker is
 * freed, whichever is first.  Accessors are safe for the thread that uses
 * the worker; they do not allocate.
 *
 * A NULL decision reads as: deny, internal, nothing known.  Since 0.1.0.
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

/* pdp_decision_effect, _reason: the decision itself. */
PDP_API pdp_effect_t pdp_decision_effect(const pdp_decision_t *decision);
PDP_API pdp_reason_t pdp_decision_reason(const pdp_decision_t *decision);

/*
 * pdp_decision_service, _route: name of the service and template of the
 * route that the request is for; {NULL, 0} if there is none.
 * pdp_decision_route_index: its index in the service definition, or -1.
 */
PDP_API pdp_str_t pdp_decision_service(const pdp_decision_t *decision);
PDP_API pdp_str_t pdp_decision_route(const pdp_decision_t *decision);
PDP_API int64_t pdp_decision_route_index(const pdp_decision_t *decision);

/* pdp_decision_path: the canonical path judged: the raw path with the hex
 * digits of escapes in upper case; {NULL, 0} if the target was refused. */
PDP_API pdp_str_t pdp_decision_path(const pdp_decision_t *decision);

/* Path parameters: how many, and the index-th; false if there is none. */
PDP_API size_t pdp_decision_params(const pdp_decision_t *decision);
PDP_API PDP_WUR bool pdp_decision_param(const pdp_decision_t *decision,
    size_t index, pdp_param_t *out);

/*
 * Required actions, one item for each action and resource; known as soon as
 * the route is.  _by and _attribute: the details of item `required`.
 */
PDP_API size_t pdp_decision_required_cnt(const pdp_decision_t *decision);
PDP_API PDP_WUR bool pdp_decision_required(const pdp_decision_t *decision,
    size_t index, pdp_required_t *out);
PDP_API PDP_WUR bool pdp_decision_by(const pdp_decision_t *decision,
    size_t required, size_t index, pdp_grant_t *out);
PDP_API PDP_WUR bool pdp_decision_attribute(const pdp_decision_t *decision,
    size_t required, size_t index, pdp_attribute_t *out);

/* Missing actions: those not granted, each once; none on an allow. */
PDP_API size_t pdp_decision_missing_cnt(const pdp_decision_t *decision);
PDP_API pdp_str_t pdp_decision_missing(const pdp_decision_t *decision,
    size_t index);

/* The AT action, on denies too; {NULL, 0} where not applicable. */
PDP_API pdp_str_t pdp_decision_at_action(const pdp_decision_t *decision);
PDP_API bool pdp_decision_data_event(const pdp_decision_t *decision);

/* Principal and token; false if none was established. */
PDP_API PDP_WUR bool pdp_decision_principal(const pdp_decision_t *decision,
    pdp_principal_t *out);
PDP_API PDP_WUR bool pdp_decision_token(const pdp_decision_t *decision,
    pdp_token_info_t *out);

/* The account the decision is for: what a gateway sends on as `Account`. */
PDP_API pdp_str_t pdp_decision_account(const pdp_decision_t *decision);

/* Offset of the offending byte in the target or in the token; -1: none. */
PDP_API int64_t pdp_decision_offset(const pdp_decision_t *decision);

/* For how many seconds the same request would get the same answer from the
 * same snapshot; 0: do not cache. */
PDP_API int64_t pdp_decision_cache_max_age_sec(const pdp_decision_t *decision);

#ifdef __cplusplus
}
#endif

#endif
