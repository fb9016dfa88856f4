/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#ifndef PDP__LOAD_POLICIES_H
#define PDP__LOAD_POLICIES_H

/*
 * The parts of the reader of IAM v2 access policies.
 *
 *   scope       can it apply to a loaded service at all?
 *   conditions  one attribute -> one condition
 *   subject, resource
 *   roles       control -> role ids
 *   build       draft -> one compiled policy per service it fits
 */

#include "load/lookup.h"

/* Why a policy was passed over. */
enum pdp__skip {
    PDP__SKIP_NOT = 0,
    PDP__SKIP_AUTHORIZATION, /* service to service */
    PDP__SKIP_DELETED,
    PDP__SKIP_PLATFORM,       /* serviceType is not `service` */
    PDP__SKIP_GROUP,          /* another service_group_id than IAM */
    PDP__SKIP_RESOURCE_GROUP, /* about resource groups themselves */
    PDP__SKIP_SERVICE,        /* another serviceName */
    PDP__SKIP_COUNT
};

struct pdp__draft_condition {
    uint8_t attr;   /* enum pdp__attr, or pdp__subject_attr */
    uint8_t op;     /* enum pdp__operator */
    uint8_t wanted; /* stringExists */
    uint8_t cnt;    /* of values */
    uint32_t node;  /* of the value */
    pdp_str_t values[PDP__POLICY_VALUES_MAX];
};

struct pdp__draft_list {
    uint32_t cnt;
    struct pdp__draft_condition items[PDP__POLICY_ATTRIBUTES_MAX];
};

struct pdp__draft_roles {
    uint32_t cnt; /* 0: not given */
    pdp_str_t ids[PDP__POLICY_ROLES_MAX];
};

/* One policy of a document, read and not yet compiled. */
struct pdp__policy_draft {
    const struct pdp__doc *doc;
    uint32_t node;     /* of the policy */
    uint32_t number;   /* in its document, from 1 */
    uint32_t id_node;  /* 0: it has no id */
    uint32_t resource; /* node of `resource`, 0: none */
    pdp_str_t account; /* accountId; {NULL, 0}: none */
    bool named;        /* its serviceName names loaded services only */
    bool strict;       /* it holds a deny: what is dead is an error */
    struct pdp__draft_list subjects; /* cnt 0: no subject */
    struct pdp__draft_list resources;
    struct pdp__draft_roles grant;
    struct pdp__draft_roles deny;
};

/* Whether the policy at object node ix can be passed over, quietly. */
enum pdp__skip pdp__policy_skip(const struct pdp__builder *b,
    const struct pdp__doc *doc, uint32_t ix);

/* Whether it can apply to a service, as far as its resource tells;
 * resource 0: it can. */
bool pdp__policy_fits(const struct pdp__builder *b, const struct pdp__doc *doc,
    uint32_t resource, uint32_t service);

/* Whether its serviceName, by stringEquals or stringEqualsAnyOf, names
 * loaded services only, so that it is certainly meant for them. */
bool pdp__policy_named(const struct pdp__builder *b, const struct pdp__doc *doc,
    uint32_t resource);

/* The nodes of one attribute. */
struct pdp__attribute_nodes {
    uint32_t key, op, value;
};

/* The array `attributes` of a subject or resource: neither empty nor too
 * long.  Reports. */
bool pdp__policy_attributes(const struct pdp__doc *doc, uint32_t ix,
    const char *what);

/* The three members of attribute ix; false if one is missing or wrong. */
bool pdp__policy_attribute(const struct pdp__doc *doc, uint32_t ix,
    struct pdp__attribute_nodes *n);

/* Operator, one of `allowed`, and value -> a condition at the end of the
 * list; false, and nothing added, if they were reported. */
bool pdp__policy_condition(const struct pdp__doc *doc,
    const struct pdp__attribute_nodes *n, const char *const *allowed,
    uint8_t attr, struct pdp__draft_list *list);

/* `subject` and `resource`, object nodes. */
void pdp__policy_subject(const struct pdp__doc *doc, uint32_t ix,
    struct pdp__policy_draft *draft);
void pdp__policy_resource(const struct pdp__builder *b, uint32_t ix,
    struct pdp__policy_draft *draft);

/* `control`, object node; needs the draft's resource. */
void pdp__policy_control(const struct pdp__builder *b, uint32_t ix,
    struct pdp__policy_draft *draft);

/* Whether a name of a region, its own or an older one, fits the pattern. */
bool pdp__policy_region_fits(const struct pdp__builder *b, uint32_t region,
    pdp_str_t pattern);

/* Reports a deny that can deny nothing in any service; true if it did not. */
bool pdp__policy_deny(const struct pdp__builder *b,
    const struct pdp__policy_draft *draft);

/* Compiles a draft without errors. */
void pdp__policy_build(struct pdp__builder *b,
    const struct pdp__policy_draft *draft);

#endif
