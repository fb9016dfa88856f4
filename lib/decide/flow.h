/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#ifndef PDP__DECIDE_FLOW_H
#define PDP__DECIDE_FLOW_H

/*
 * The record of one decision, owned by a worker.  One sub-struct per stage
 * of the straight line; each is written by exactly one file and read by the
 * stages after it:
 *
 *   admit    -> admitted   the headers that decide
 *   target   -> target     canonical segments, query
 *   route    -> routed     service, route, endpoint region, parameters
 *   bearer   -> bearer     the token bytes
 *   token    -> verified   signature good: the claims, or a cached record
 *   claims   -> claims     issuer's rules hold: a complete record
 *   principal-> principal  who, in which account
 *   resource -> items      each required action with its resource
 *   policy   -> items[].granted, denied, in_doubt, by; environment, edge_sec,
 *               by_client
 *   context  -> verdicts   what restrictions say of where it comes from
 *   decision -> missing    what the accessors hand out
 *
 * A stage returns true to go on, or false with `reason` (and perhaps
 * `offset`) set through pdp__deny().  All-zero means: deny, internal.
 */

#include "decide/slab.h"
#include "decide/token_cache.h"
#include "model/router.h"
#include "pdp/decision.h"
#include "pdp/request.h"
#include "pdp/worker.h"
#include "text/image.h"
#include "text/ip.h"
#include "text/path.h"

enum {
    PDP__ITEMS_MAX = 64, /* required (action, resource) pairs of a request */
    PDP__GRANTS_MAX = 8, /* grants listed for one pair; more are not kept */
    PDP__PARAMS_MAX = PDP__SEGMENT_MAX,
    PDP__VERDICTS_MAX = 16, /* restrictions listed; more are not kept */
    PDP__JSON_NODES = PDP__TOKEN_MAX / 2 + 2
};

struct pdp__admitted {
    pdp_str_t authorization; /* {NULL, 0}: no such header */
    pdp_str_t account;       /* likewise */
    pdp_str_t host;          /* likewise */
};

/* A parameter value, with what its grammar says it is made of. */
struct pdp__value {
    pdp_str_t name;
    pdp_str_t text;          /* decoded once */
    uint8_t kind;            /* enum pdp__param_kind */
    bool creates;            /* it names a namespace that is to be made */
    struct pdp__image image; /* image, resource, namespace kinds */
    uint32_t region;         /* of the image's host, or PDP__NONE */
};

struct pdp__routed {
    uint32_t service; /* or PDP__NONE */
    uint32_t route;   /* or PDP__NONE */
    uint32_t region;  /* of the host that was called, or PDP__NONE */
    uint32_t param_cnt;
    struct pdp__value params[PDP__PARAMS_MAX];
};

struct pdp__bearer {
    pdp_str_t token;
};

struct pdp__verified {
    const struct pdp__token *cached; /* a record that needs no more work */
    struct pdp__json_doc payload;    /* otherwise: the claims */
    pdp_str_t typ;                   /* of the header; {NULL, 0}: none */
    bool unverified;  /* claims came from pdp_decide_unverified() */
    bool signature;   /* the signature was verified, now or earlier */
    bool key_revoked; /* the key that verified it is revoked */
};

struct pdp__claims {
    const struct pdp__token *token; /* complete; NULL: no token accepted */
};

struct pdp__who {
    bool known;
    pdp_str_t id;
    pdp_str_t token_account;
    pdp_str_t account; /* the account the request acts in */
};

struct pdp__attr_value {
    pdp_attribute_state_t state;
    pdp_str_t value;
    struct pdp__range aliases; /* of `texts`: other names of the same thing */
};

/* The access tags of a resource. */
struct pdp__item_tags {
    pdp_attribute_state_t state;
    struct pdp__range tags; /* of `tags` */
};

/* A restriction that was looked at, and what it says. */
struct pdp__verdict {
    uint32_t restriction;
    bool denies;
};

/* One required action on one resource. */
struct pdp__item {
    uint32_t action;
    bool account_scope;
    bool granted;
    bool denied;
    bool in_doubt;       /* granted, if an open condition of a rule were true */
    pdp_str_t denied_by; /* the first policy that does */
    uint32_t by_cnt;
    pdp_grant_t by[PDP__GRANTS_MAX];
    struct pdp__attr_value attrs[PDP__ATTR_COUNT];
    struct pdp__item_tags tags;
};

struct pdp__flow {
    /* For the life of the worker. */
    const struct pdp__block *block;
    struct pdp__key *const *keys;
    struct pdp__token_cache *cache;
    struct pdp__slab slab;
    struct pdp__json *nodes; /* PDP__JSON_NODES of them */

    /* Of one decision: all zero when it starts (pdp__decide()). */
    const pdp_request_t *request;
    pdp_str_t unverified_claims; /* {NULL, 0}: use the header */
    pdp_reason_t reason;
    pdp_effect_t effect; /* written by decide.c, in one place */
    int64_t offset;      /* of the offending byte; -1: none */
    struct pdp__admitted admitted;
    struct pdp__bearer bearer;
    struct pdp__verified verified;
    struct pdp__claims claims;
    struct pdp__who principal;
    struct pdp__attr_value environment[PDP__ENV_COUNT];
    char address[PDP__IP_TEXT_CAP]; /* of the client, in one spelling */
    int64_t edge_sec;     /* when the next time of a rule changes; 0: none */
    bool by_client;       /* the answer depends on where the client is */
    bool resources;       /* items carry resources, not only actions */
    uint32_t item_cnt;    /* of items */
    uint32_t missing_cnt; /* of missing */
    uint32_t verdict_cnt; /* of verdicts */
    struct pdp__verdict verdicts[PDP__VERDICTS_MAX];

    /* Of one decision, too large to clear each time: what is valid of them
     * is said by cnt, param_cnt and the counts above. */
    struct pdp__path target;
    struct pdp__routed routed;
    struct pdp__item items[PDP__ITEMS_MAX];
    uint32_t missing[PDP__ITEMS_MAX]; /* actions */
    char header[PDP__TOKEN_HEADER_MAX];
    unsigned char signature[PDP__TOKEN_MAX];
    char path_buf[2 * PDP__TARGET_MAX];
    char query_buf[PDP__TARGET_MAX];
};

/* Ends a stage: the reason is set, the flow goes no further. */
static inline bool
pdp__deny(struct pdp__flow *flow, pdp_reason_t reason)
{
    flow->reason = reason;
    return false;
}

/* The same with the offset of the offending byte in target or token. */
static inline bool
pdp__deny_at(struct pdp__flow *flow, pdp_reason_t reason, size_t offset)
{
    flow->offset = (int64_t)offset;
    return pdp__deny(flow, reason);
}

/* The stages, in order; one file each. */
bool pdp__admit(struct pdp__flow *flow);
bool pdp__target(struct pdp__flow *flow);
bool pdp__route(struct pdp__flow *flow);
bool pdp__bearer(struct pdp__flow *flow);
bool pdp__token(struct pdp__flow *flow);
bool pdp__claims(struct pdp__flow *flow);
bool pdp__principal(struct pdp__flow *flow);
bool pdp__resource(struct pdp__flow *flow);
bool pdp__policy(struct pdp__flow *flow);
bool pdp__context(struct pdp__flow *flow);

/* Fills what the accessors need on every outcome: required actions that no
 * stage got to, missing actions. */
void pdp__conclude(struct pdp__flow *flow);

/*
 * Grammar of a parameter value (param_value.c): decoded text of a kind ->
 * parts.  service_region: region of the endpoint called, or PDP__NONE.
 * False: bad_param.
 */
bool pdp__value_parse(const struct pdp__block *block, uint32_t service,
    uint32_t service_region, bool tagless, struct pdp__value *value);

/* The values of the query parameters that the route names. */
struct pdp__query_values {
    uint32_t cnt;
    struct {
        uint32_t query; /* index in the route's queries */
        struct pdp__value value;
    } items[PDP__ITEMS_MAX];
};

/* Reads them (resource_query.c); false with the reason set. */
bool pdp__take_queries(struct pdp__flow *flow, struct pdp__query_values *out);

/* What every resource of the request says: service, account, region. */
void pdp__resource_common(const struct pdp__flow *flow, struct pdp__item *item,
    uint32_t region);

/* Whether the record of a token, the payload it was made of and the key that
 * verified it are revoked (revoked.c): true if they are not. */
bool pdp__check_revoked(struct pdp__flow *flow);

/* The claim a JSON pointer (range of `texts`) leads to, or 0. */
uint32_t pdp__claim(const struct pdp__flow *flow, struct pdp__range pointer);

/* The policy claims of a token (claims_policies.c): roles, actions,
 * policies.  False with the reason set. */
bool pdp__claims_policies(struct pdp__flow *flow,
    const struct pdp__issuer *issuer);

/* Strings of a JSON array node -> pdp__named items; false: claim_invalid. */
bool pdp__claims_names(struct pdp__flow *flow, uint32_t node,
    uint32_t (*find)(const struct pdp__block *block, pdp_str_t name),
    struct pdp__items *out);

#endif
