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
 *   rule        rule, pattern -> tests in groups; rule_condition: one test;
 *               rule_window: two bounds of one window, and whether the rule
 *               can ever hold
 *   build       draft -> one compiled policy per service it fits
 */

#include "load/wanted_tags.h"

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
    pdp_str_t name; /* as written */
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

/* How a condition on the time of day bounds it. */
enum pdp__bound { PDP__BOUND_NONE = 0, PDP__BOUND_FROM, PDP__BOUND_TO };

/* One condition of a rule. */
struct pdp__draft_test {
    uint8_t topic;           /* enum pdp__topic */
    uint8_t bound;           /* enum pdp__bound */
    uint8_t strict;          /* the bound itself is outside */
    uint8_t night;           /* upper bound of a window over midnight */
    uint32_t condition;      /* of the rule's `resources` or `environment` */
    uint32_t key, op, value; /* nodes */
    int64_t bound_sec;       /* seconds of the day in UTC, perhaps a day off */
    int32_t east_sec;        /* the offset it was written in */
    uint32_t span_cnt;
    struct pdp__span spans[PDP__POLICY_VALUES_MAX];
};

struct pdp__draft_group {
    bool any;    /* `or` */
    bool single; /* a condition of the outer list, no list of its own */
    uint32_t first;
    uint32_t cnt;
};

/* What a rule is made of, as its pattern tells. */
enum pdp__family {
    PDP__FAMILY_NONE = 0,
    PDP__FAMILY_RESOURCE = 1,
    PDP__FAMILY_ENVIRONMENT = 2,
    PDP__FAMILY_TIME = 4,
    PDP__FAMILY_DAY = 8,
    PDP__FAMILY_DATE = 16,
    PDP__FAMILY_DATE_TIME = 32
};

struct pdp__draft_rule {
    bool any;           /* `or` */
    uint32_t node;      /* of `rule` */
    uint32_t families;  /* set of enum pdp__family */
    uint32_t group_cnt; /* 0: no rule */
    uint32_t test_cnt;
    struct pdp__draft_group groups[PDP__RULE_TESTS_MAX];
    struct pdp__draft_test tests[PDP__RULE_TESTS_MAX];
    struct pdp__draft_list resources;
    struct pdp__draft_list environment;
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
    bool v1;           /* in the form of the v1 API */
    bool lock;         /* a resource of a restriction, not of a policy */
    struct pdp__draft_list subjects; /* cnt 0: no subject */
    struct pdp__draft_list resources;
    struct pdp__draft_tags tags;
    struct pdp__draft_roles grant;
    struct pdp__draft_roles deny;
    struct pdp__draft_rule rule;
};

/* Whether the policy at object node ix can be passed over, quietly. */
enum pdp__skip pdp__policy_skip(const struct pdp__builder *b,
    const struct pdp__doc *doc, uint32_t ix);

/* The same as far as one resource of it tells, any node. */
enum pdp__skip pdp__policy_skip_resource(const struct pdp__builder *b,
    const struct pdp__doc *doc, uint32_t policy, uint32_t resource);

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

/* The three members of attribute ix; false if one is missing or wrong.  In
 * the v1 form, `key` is called `name`, and without an operator (node 0) it is
 * stringEquals. */
bool pdp__policy_attribute(const struct pdp__doc *doc, uint32_t ix, bool v1,
    struct pdp__attribute_nodes *n);

/* Operator, one of `allowed`, and value -> a condition at the end of the
 * list; false, and nothing added, if they were reported. */
bool pdp__policy_condition(const struct pdp__doc *doc,
    const struct pdp__attribute_nodes *n, const char *const *allowed,
    uint8_t attr, struct pdp__draft_list *list);

/* The array of values of an ...AnyOf at node ix: neither empty nor too long.
 * Reports. */
bool pdp__policy_values(const struct pdp__doc *doc, uint32_t ix);

/* Whether a text that is there fits the condition. */
bool pdp__policy_accepts(const struct pdp__draft_condition *c, pdp_str_t value);

/* The conditions of a list on resources in the tables, for a service: a range
 * of `conditions`. */
struct pdp__range pdp__policy_conditions(struct pdp__builder *b,
    const struct pdp__draft_list *list, uint32_t service);

/* `subject` and `resource`, object nodes. */
void pdp__policy_subject(const struct pdp__doc *doc, uint32_t ix,
    struct pdp__policy_draft *draft);
void pdp__policy_resource(const struct pdp__builder *b, uint32_t ix,
    struct pdp__policy_draft *draft);

/* `control`, object node; needs the draft's resource. */
void pdp__policy_control(const struct pdp__builder *b, uint32_t ix,
    struct pdp__policy_draft *draft);

/* `roles` of the v1 form, array node; likewise. */
void pdp__policy_roles(const struct pdp__builder *b, uint32_t ix,
    struct pdp__policy_draft *draft);

/* `rule`, any node, and `pattern`, a string node or 0. */
void pdp__policy_rule(const struct pdp__doc *doc, uint32_t ix, uint32_t pattern,
    struct pdp__policy_draft *draft);

/* One condition: a test behind the others of the rule, which has room.
 * False if it was reported. */
bool pdp__rule_condition(const struct pdp__doc *doc, uint32_t ix,
    struct pdp__draft_rule *rule);

/* Makes a window of the bounds of one `and`: of the single conditions of the
 * rule (PDP__NONE), or of a group. */
void pdp__rule_window(const struct pdp__doc *doc, struct pdp__draft_rule *rule,
    uint32_t group);

/* Warns of windows over midnight on some days of the week: they are two pieces
 * of one day. */
void pdp__rule_nights(const struct pdp__doc *doc,
    const struct pdp__draft_rule *rule);

/* Whether the rule can ever hold, in a service: true if there is none. */
bool pdp__rule_can_hold(const struct pdp__builder *b,
    const struct pdp__policy_draft *draft, uint32_t service);

/* Whether a name of a region, its own or an older one, fits the pattern. */
bool pdp__policy_region_fits(const struct pdp__builder *b, uint32_t region,
    pdp_str_t pattern);

/* Reports a deny that can deny nothing in any service; true if it did not. */
bool pdp__policy_deny(const struct pdp__builder *b,
    const struct pdp__policy_draft *draft);

/* Compiles a draft without errors. */
void pdp__policy_build(struct pdp__builder *b,
    const struct pdp__policy_draft *draft);

/* Its steps, for a policy that becomes several drafts: what it is called (off
 * 0: reported), a draft of it, and where the first of its copies is. */
struct pdp__text pdp__policy_name(struct pdp__builder *b,
    const struct pdp__policy_draft *draft);
void pdp__policy_compile(struct pdp__builder *b,
    const struct pdp__policy_draft *draft, struct pdp__text id);
void pdp__policy_list(struct pdp__builder *b,
    const struct pdp__policy_draft *draft, struct pdp__text id, uint32_t first);

/* Whether object node ix is a policy as the v1 API returns it; and reading
 * one, as the number-th of its document.  draft is scratch memory. */
bool pdp__policy_is_v1(const struct pdp__doc *doc, uint32_t ix);
void pdp__policy_v1(struct pdp__builder *b, const struct pdp__doc *doc,
    uint32_t ix, uint32_t number, struct pdp__policy_draft *draft);

/* Members that say nothing about what is granted; ends with NULL. */
extern const char *const pdp__policy_informational[];

/* `type`, `state` and `id`, nodes or 0: known words, a length. */
void pdp__policy_check_words(const struct pdp__doc *doc, uint32_t type,
    uint32_t state, uint32_t id);

#endif
