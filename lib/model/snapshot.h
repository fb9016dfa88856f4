/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#ifndef PDP__MODEL_SNAPSHOT_H
#define PDP__MODEL_SNAPSHOT_H

/*
 * The compiled snapshot: one contiguous block of tables, which refer to
 * each other by index and to text by offset, and beside it the key objects.
 * No pointers inside, so that it could be written to a file and mapped.
 *
 *     +--------------+  offset 0
 *     | pdp__block   |  magic, size, seed, {offset, count} of every table,
 *     |              |  the perfect hashes
 *     +--------------+
 *     | strings      |  the bytes of all texts, each once
 *     +--------------+
 *     | services ... |  one array per table, in the order of the map below
 *     +--------------+
 *     | buckets,     |  the arrays of the perfect hashes
 *     | slots        |
 *     +--------------+
 *
 * Written by load/ only, read by decide/ and the catalog.  All-zero memory
 * is an empty snapshot: no service, no route, no key, so every request is
 * denied.
 */

#include <stdatomic.h>

#include "base/mem.h"
#include "crypto/key.h"
#include "model/hash.h"
#include "model/phash.h"
#include "model/span.h"
#include "model/vocabulary.h"
#include "pdp/catalog.h"
#include "pdp/snapshot.h"
#include "text/ip.h"

/* A text in the block; off 0 (the header) means absent. */
struct pdp__text {
    uint32_t off; /* bytes from the start of the block */
    uint32_t len;
};

/* Consecutive items of a table. */
struct pdp__range {
    uint32_t first;
    uint32_t cnt;
};

enum pdp__param_kind {
    PDP__KIND_NONE = 0, /* never accepted */
    PDP__KIND_IMAGE,
    PDP__KIND_RESOURCE,
    PDP__KIND_NAMESPACE,
    PDP__KIND_TEXT
};

/* Queries of one route: a decision marks those it has seen in 32 bits. */
enum { PDP__QUERIES_MAX = 32 };

enum pdp__scope { PDP__SCOPE_NAMESPACE = 0, PDP__SCOPE_ACCOUNT = 1 };

enum pdp__origin_kind {
    PDP__ORIGIN_BODY = 0, /* not visible here: unknown */
    PDP__ORIGIN_PATH,
    PDP__ORIGIN_QUERY
};

struct pdp__service {
    struct pdp__text name;
    struct pdp__text title;
    struct pdp__range routes;
    struct pdp__range actions;
    struct pdp__range roles;
    struct pdp__range events;
    struct pdp__range regions;
    uint32_t root;         /* node where its routes begin */
    uint32_t action_words; /* 64-bit words of a set of its actions */
};

struct pdp__action {
    struct pdp__text name;
    struct pdp__text title;
    uint32_t service;
    uint32_t bit;   /* in sets of actions of this service */
    uint32_t scope; /* enum pdp__scope */
};

struct pdp__role {
    struct pdp__text name;
    struct pdp__text crn;     /* generic CRN, or that of a custom role */
    struct pdp__text account; /* custom roles: where they hold */
    uint32_t service;
    uint32_t words; /* first of service.action_words items of `words` */
    uint32_t platform;
    uint32_t custom;
};

/*
 * A way to name a role: name, generic CRN, service CRN, custom CRN.
 * roles[r] of service s: item (role_id * services + s) of `role_map`, which
 * is a role index + 1, or 0.
 */
struct pdp__role_id {
    struct pdp__text id;
};

struct pdp__event {
    struct pdp__text name;
    struct pdp__text title; /* English, or the only one there is */
    uint32_t data;
    uint32_t deprecated;
    uint32_t route_cnt;
};

struct pdp__region {
    struct pdp__text region;
    struct pdp__text events;
    struct pdp__text geography; /* absent: none */
    struct pdp__range aliases;  /* of `texts` */
    struct pdp__range hosts;    /* of `hosts` */
};

struct pdp__host {
    struct pdp__text host; /* lower case */
    uint32_t service;
    uint32_t region;
};

/* Routing: a trie over path segments.  Literal edges are found through the
 * perfect hash `edge_hash`, keyed (node, segment). */
struct pdp__node {
    uint32_t literals;           /* number of literal edges */
    uint32_t only;               /* the edge, if there is just one */
    uint32_t param;              /* node behind `{name}`, or PDP__NONE */
    struct pdp__range multis;    /* behind `{+name}`: of `multis` */
    struct pdp__range terminals; /* routes that end here: of `terminals` */
};

struct pdp__edge {
    struct pdp__text segment;
    uint32_t from;
    uint32_t to;
};

/* Behind `{+name}`: the sub-trie of templates with exactly `suffix` more
 * segments.  Sorted by suffix, longest first. */
struct pdp__multi {
    uint32_t suffix;
    uint32_t node;
};

struct pdp__terminal {
    uint32_t method; /* of `methods` */
    uint32_t route;
};

struct pdp__route {
    struct pdp__text path; /* the template */
    struct pdp__text title;
    struct pdp__range requires; /* of `requirements` */
    struct pdp__range params;   /* of `params`, path parameters in order */
    struct pdp__range queries;  /* of `queries`, those that `on` names */
    uint32_t service;
    uint32_t method;   /* of `methods` */
    uint32_t access;   /* pdp_access_t */
    uint32_t event;    /* of `events`, or PDP__NONE */
    uint32_t head;     /* a HEAD request may use it */
    uint32_t segments; /* of the template */
};

/*
 * A path parameter.  Template segment s of t stands for path segment s of n
 * before a `{+name}`, and for n - (t - s) after it; `{+name}` itself for
 * s .. n - (t - s - 1) - 1.
 */
struct pdp__param {
    struct pdp__text name;
    uint8_t kind;    /* enum pdp__param_kind */
    uint8_t tagless; /* image, resource: neither tag nor digest allowed */
    uint8_t multi;   /* it is the `{+name}` */
    uint8_t after;   /* it stands after a `{+name}` */
    uint32_t segment;
};

struct pdp__query {
    struct pdp__text name;
    uint8_t kind;
    uint8_t tagless;
    uint8_t repeat; /* may be given more than once */
    uint8_t unused;
};

struct pdp__requirement {
    uint32_t action;
    uint32_t on_given;         /* 0: the definition has no `on` */
    struct pdp__range origins; /* of `origins` */
};

struct pdp__origin {
    uint32_t kind;  /* enum pdp__origin_kind */
    uint32_t index; /* in the route's params or queries */
};

struct pdp__issuer {
    struct pdp__text issuer;
    struct pdp__text typ;        /* absent: not looked at ("none") */
    struct pdp__text account;    /* fixed account; absent: from the claim */
    struct pdp__range audiences; /* of `texts` */
    uint32_t audience_none;      /* 1: "none" was written */
    uint32_t algs;               /* PDP__ALG_BIT set */
    uint32_t leeway_exp_sec;
    uint32_t leeway_nbf_sec;
    uint32_t leeway_iat_sec;
    uint32_t policy_claims; /* 1: accepted, 0: ignored */
    struct pdp__range keys; /* of `kids` */
    /* Claims as JSON pointers, decoded tokens: of `texts`. */
    struct pdp__range claim_principal;
    struct pdp__range claim_account;
    struct pdp__range claim_groups;
    struct pdp__range claim_scope;
    struct pdp__range claim_roles;
    struct pdp__range claim_actions;
    struct pdp__range claim_policies;
};

/* A key of an issuer.  Hashed by (kid, issuer); keys without kid are in the
 * issuer's range only. */
struct pdp__kid {
    struct pdp__text kid; /* absent: the JWK has none */
    uint32_t issuer;
    uint32_t key;     /* of pdp_snapshot.keys */
    uint32_t revoked; /* tokens that it signed are */
};

/* A principal or an access group, by id. */
struct pdp__subject {
    struct pdp__text id;
    struct pdp__range policies; /* of `numbers`: policies that name it */
    struct pdp__range groups;   /* of `numbers`: subjects it is member of */
};

/*
 * One access policy, compiled for one service.  `subject` conditions,
 * `resource` conditions, tags and the rule must all hold.
 */
struct pdp__policy {
    struct pdp__text id;
    struct pdp__range subjects;  /* of `conditions` */
    struct pdp__range resources; /* of `conditions` */
    struct pdp__range tags;      /* of `tag_tests` */
    uint32_t service;
    uint32_t grant_words;    /* of `words`, or PDP__NONE */
    uint32_t deny_words;     /* of `words`, or PDP__NONE */
    uint32_t rule;           /* of `rules`, or PDP__NONE */
    struct pdp__range roles; /* of `texts`: ids as written, for people */
};

struct pdp__condition {
    uint8_t attr;   /* enum pdp__attr, or pdp__subject_attr */
    uint8_t op;     /* enum pdp__operator */
    uint8_t wanted; /* stringExists: 1 must exist, 0 must not */
    uint8_t unused;
    struct pdp__range values; /* of `texts` */
    struct pdp__text name;    /* of PDP__ATTR_OTHER, for people */
};

/* The conditions of a policy's `rule`: groups of tests, two levels. */
struct pdp__rule {
    uint32_t any;             /* 1: one group must hold, 0: all of them */
    struct pdp__range groups; /* of `rule_groups` */
};

struct pdp__rule_group {
    uint32_t any;            /* 1: one test must hold, 0: all of them */
    struct pdp__range tests; /* of `rule_tests` */
};

/* What a test looks at. */
enum pdp__topic {
    PDP__TOPIC_NONE = 0,    /* never compiled: open */
    PDP__TOPIC_RESOURCE,    /* condition: attr is enum pdp__attr */
    PDP__TOPIC_ENVIRONMENT, /* condition: attr is enum pdp__environment */
    PDP__TOPIC_TIME         /* now is in one of the spans; none: never */
};

struct pdp__rule_test {
    uint32_t topic;          /* enum pdp__topic */
    uint32_t condition;      /* of `conditions` */
    struct pdp__range spans; /* of `spans` */
    struct pdp__text key;    /* as written, for people; so are these */
    struct pdp__text op;
    struct pdp__range wanted; /* of `texts` */
};

/* All policies of one id (one per service): consecutive in `policies`. */
struct pdp__policy_id {
    struct pdp__text id;
    struct pdp__range policies;
};

/* A namespace of the directory; those of one name are consecutive. */
struct pdp__owner {
    struct pdp__text name;
    struct pdp__text region;
    struct pdp__text account;
    struct pdp__text group; /* resource group; absent: it has none */
};

struct pdp__owner_name {
    struct pdp__text name;
    struct pdp__range owners;
};

/* An access tag of a resource, `key:value`; also in small letters. */
struct pdp__tag {
    struct pdp__text key;
    struct pdp__text value;
    struct pdp__text key_small;
    struct pdp__text value_small;
};

/* A tag that a resource must have. */
struct pdp__tag_test {
    struct pdp__tag tag; /* pattern: its value is one */
    uint32_t pattern;
};

/* The tags of a namespace.  Hashed by (name, offset of the region's text). */
struct pdp__tagged {
    struct pdp__text name;
    struct pdp__text region;
    struct pdp__text account; /* whose it is; absent: not said */
    struct pdp__range tags;   /* of `tags` */
};

/* A network zone: the addresses in it.  Spans of one family are sorted, and
 * there is something between any two of them. */
struct pdp__zone {
    struct pdp__text id;
    struct pdp__range v4; /* of `zone_spans` */
    struct pdp__range v6; /* likewise */
};

/* A context-based restriction: where one of the reaches holds, one of the
 * contexts must. */
struct pdp__restriction {
    struct pdp__text id;        /* or what it is called without one */
    struct pdp__text crn;       /* absent: it has none */
    uint32_t report;            /* 1: only told */
    struct pdp__range reaches;  /* of `reaches` */
    struct pdp__range contexts; /* of `contexts` */
};

/* What a restriction is for: all conditions and tags must hold. */
struct pdp__reach {
    struct pdp__range conditions; /* of `conditions` */
    struct pdp__range tags;       /* of `tag_tests` */
};

/* Where from: all tests must hold. */
struct pdp__context_group {
    struct pdp__range tests; /* of `context_tests` */
};

struct pdp__context_test {
    uint32_t endpoints;      /* set of 1 << enum pdp__endpoint; 0: zones */
    struct pdp__range zones; /* of `numbers`: any of these zones */
};

/* An account that has restrictions. */
struct pdp__account {
    struct pdp__text id;
    struct pdp__range restrictions; /* of `numbers` */
};

/* A revoked token.  Hashed by (jti, issuer). */
struct pdp__revoked_token {
    struct pdp__text jti;
    uint32_t issuer;
};

/* A principal whose older tokens are revoked.  Hashed by (id, issuer). */
struct pdp__revoked_subject {
    struct pdp__text id;
    uint32_t issuer;
    int64_t before_sec; /* those issued before that, rounded up */
};

/* name in the block, type of an item */
#define PDP__TABLE_MAP(X)                                                      \
    X(services, struct pdp__service)                                           \
    X(actions, struct pdp__action)                                             \
    X(roles, struct pdp__role)                                                 \
    X(role_ids, struct pdp__role_id)                                           \
    X(role_map, uint32_t)                                                      \
    X(events, struct pdp__event)                                               \
    X(regions, struct pdp__region)                                             \
    X(hosts, struct pdp__host)                                                 \
    X(methods, struct pdp__text)                                               \
    X(nodes, struct pdp__node)                                                 \
    X(edges, struct pdp__edge)                                                 \
    X(multis, struct pdp__multi)                                               \
    X(terminals, struct pdp__terminal)                                         \
    X(routes, struct pdp__route)                                               \
    X(params, struct pdp__param)                                               \
    X(queries, struct pdp__query)                                              \
    X(requirements, struct pdp__requirement)                                   \
    X(origins, struct pdp__origin)                                             \
    X(issuers, struct pdp__issuer)                                             \
    X(kids, struct pdp__kid)                                                   \
    X(subjects, struct pdp__subject)                                           \
    X(policies, struct pdp__policy)                                            \
    X(conditions, struct pdp__condition)                                       \
    X(rules, struct pdp__rule)                                                 \
    X(rule_groups, struct pdp__rule_group)                                     \
    X(rule_tests, struct pdp__rule_test)                                       \
    X(spans, struct pdp__span)                                                 \
    X(policy_ids, struct pdp__policy_id)                                       \
    X(owners, struct pdp__owner)                                               \
    X(owner_names, struct pdp__owner_name)                                     \
    X(tagged, struct pdp__tagged)                                              \
    X(tags, struct pdp__tag)                                                   \
    X(tag_tests, struct pdp__tag_test)                                         \
    X(zones, struct pdp__zone)                                                 \
    X(zone_spans, struct pdp__ip_span)                                         \
    X(restrictions, struct pdp__restriction)                                   \
    X(reaches, struct pdp__reach)                                              \
    X(contexts, struct pdp__context_group)                                     \
    X(context_tests, struct pdp__context_test)                                 \
    X(accounts, struct pdp__account)                                           \
    X(revoked_tokens, struct pdp__revoked_token)                               \
    X(revoked_subjects, struct pdp__revoked_subject)                           \
    X(texts, struct pdp__text)                                                 \
    X(numbers, uint32_t)                                                       \
    X(words, uint64_t)

/* Where a table is. */
struct pdp__table {
    uint32_t off;
    uint32_t cnt;
};

#define PDP__BLOCK_MAGIC UINT64_C(0x3170616e73706470) /* "pdpsnap1" */

struct pdp__block {
    uint64_t magic;
    uint64_t seed; /* of every hash in this block */
    uint32_t size; /* of the whole block, bytes */
    uint32_t strings_len;
#define X(name, type) struct pdp__table name;
    PDP__TABLE_MAP(X)
#undef X
    struct pdp__phash edge_hash;    /* (segment, node) -> edges */
    struct pdp__phash host_hash;    /* host -> hosts */
    struct pdp__phash action_hash;  /* name -> actions */
    struct pdp__phash role_hash;    /* id -> role_ids */
    struct pdp__phash issuer_hash;  /* issuer -> issuers */
    struct pdp__phash kid_hash;     /* (kid, issuer) -> kids */
    struct pdp__phash subject_hash; /* id -> subjects */
    struct pdp__phash policy_hash;  /* id -> policy_ids */
    struct pdp__phash owner_hash;   /* namespace -> owner_names */
    struct pdp__phash tagged_hash;  /* (namespace, region) -> tagged */
    struct pdp__phash account_hash; /* id -> accounts */
    struct pdp__phash jti_hash;     /* (jti, issuer) -> revoked_tokens */
    struct pdp__phash revoked_hash; /* (id, issuer) -> revoked_subjects */
    struct pdp__range any_subject;  /* of `numbers`: policies whose subject
                                     * is tested for every principal */
    uint32_t public_group;          /* subject, or PDP__NONE */
    uint32_t directory_complete;    /* unlisted namespaces do not exist */
    uint32_t directory_owners;      /* a namespace map was given */
    uint32_t directory_tags;        /* a map of tags was given */
};

struct pdp_snapshot {
    atomic_uint refs;
    pdp_mem_t mem;
    struct pdp__block *block;
    struct pdp__key **keys;
    uint32_t key_cnt;
};

/* pdp__routes(block)[ix] and so on. */
#define X(name, type)                                                          \
    static inline const type *pdp__##name(const struct pdp__block *block)      \
    {                                                                          \
        return (const void *)((const unsigned char *)block + block->name.off); \
    }
PDP__TABLE_MAP(X)
#undef X

static inline pdp_str_t
pdp__text(const struct pdp__block *block, struct pdp__text text)
{
    if (text.off == 0) {
        return (pdp_str_t){NULL, 0};
    }
    return (pdp_str_t){(const char *)block + text.off, text.len};
}

/* Looks a name up and compares it in full; PDP__NONE if it is not there. */
uint32_t pdp__find_host(const struct pdp__block *block, pdp_str_t host);
uint32_t pdp__find_action(const struct pdp__block *block, pdp_str_t name);
uint32_t pdp__find_role_id(const struct pdp__block *block, pdp_str_t id);
uint32_t pdp__find_issuer(const struct pdp__block *block, pdp_str_t issuer);
uint32_t pdp__find_kid(const struct pdp__block *block, pdp_str_t kid,
    uint32_t issuer);
uint32_t pdp__find_subject(const struct pdp__block *block, pdp_str_t id);
uint32_t pdp__find_policy_id(const struct pdp__block *block, pdp_str_t id);
uint32_t pdp__find_owner_name(const struct pdp__block *block, pdp_str_t name);
/* region: offset of the text of its name */
uint32_t pdp__find_tagged(const struct pdp__block *block, pdp_str_t name,
    uint32_t region);
uint32_t pdp__find_account(const struct pdp__block *block, pdp_str_t id);
uint32_t pdp__find_revoked_token(const struct pdp__block *block, pdp_str_t jti,
    uint32_t issuer);
uint32_t pdp__find_revoked_subject(const struct pdp__block *block, pdp_str_t id,
    uint32_t issuer);

/* The role that id names for a service, or PDP__NONE. */
uint32_t pdp__role_of(const struct pdp__block *block, uint32_t role_id,
    uint32_t service);

static inline bool
pdp__words_has(const struct pdp__block *block, uint32_t words, uint32_t bit)
{
    return words != PDP__NONE &&
           (pdp__words(block)[words + bit / 64] >> (bit % 64) & 1u) != 0;
}

#endif
