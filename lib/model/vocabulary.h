/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#ifndef PDP__MODEL_VOCABULARY_H
#define PDP__MODEL_VOCABULARY_H

/*
 * The words of IAM v2 policies that both sides must read alike: attribute
 * names, operators, limits (facts from IBM's Policy Management API).
 */

#include "base/str.h"

/* Resource attributes given to policies, in the order decisions list them. */
enum pdp__attr {
    PDP__ATTR_OTHER = 0, /* a name we never provide: always unknown */
    PDP__ATTR_SERVICE_TYPE,
    PDP__ATTR_SERVICE_GROUP_ID,
    PDP__ATTR_SERVICE_NAME,
    PDP__ATTR_ACCOUNT_ID,
    PDP__ATTR_GEOGRAPHY,
    PDP__ATTR_REGION,
    PDP__ATTR_RESOURCE_TYPE,
    PDP__ATTR_RESOURCE,
    PDP__ATTR_RESOURCE_GROUP_ID,
    PDP__ATTR_SERVICE_INSTANCE,
    PDP__ATTR_COUNT
};

/* Subject attributes. */
enum pdp__subject_attr {
    PDP__SUBJECT_IAM_ID = 0,
    PDP__SUBJECT_ACCESS_GROUP_ID
};

/* Environment attributes, of rules only, that a request can give. */
enum pdp__environment {
    PDP__ENV_OTHER = 0, /* a name we never provide: always unknown */
    PDP__ENV_IP_ADDRESS,
    PDP__ENV_ENDPOINT_TYPE,
    PDP__ENV_COUNT
};

enum pdp__operator {
    PDP__OP_NONE = 0, /* matches nothing */
    PDP__OP_STRING_EQUALS,
    PDP__OP_STRING_EXISTS,
    PDP__OP_STRING_MATCH,
    PDP__OP_STRING_EQUALS_ANY_OF,
    PDP__OP_STRING_MATCH_ANY_OF,
    PDP__OP_COUNT
};

enum {
    PDP__POLICY_VALUES_MAX = 10,     /* values of one array operator */
    PDP__POLICY_VALUE_MAX = 1000,    /* bytes of one value */
    PDP__POLICY_ATTRIBUTES_MAX = 32, /* attributes of one policy */
    PDP__POLICY_ROLES_MAX = 64,
    PDP__RULE_TESTS_MAX = 10 /* conditions of a rule, on all levels */
};

/* "serviceName" and so on; PDP__ATTR_OTHER for any other name. */
enum pdp__attr pdp__attr_find(pdp_str_t name);
const char *pdp__attr_name(enum pdp__attr attr);

/* "ip_address" and so on; PDP__ENV_OTHER for any other name. */
enum pdp__environment pdp__environment_find(pdp_str_t name);
const char *pdp__environment_name(enum pdp__environment environment);

/* The ways to a service. */
enum pdp__endpoint {
    PDP__ENDPOINT_NONE = 0, /* not known */
    PDP__ENDPOINT_PUBLIC,
    PDP__ENDPOINT_PRIVATE,
    PDP__ENDPOINT_DIRECT,
    PDP__ENDPOINT_COUNT
};

/* "public", "private" or "direct"; PDP__ENDPOINT_NONE for any other text. */
enum pdp__endpoint pdp__endpoint_find(pdp_str_t text);
bool pdp__endpoint_type_check(pdp_str_t text);

/* By exact name, or PDP__OP_NONE. */
enum pdp__operator pdp__operator_find(pdp_str_t name);
const char *pdp__operator_name(enum pdp__operator op);

/* A plausible attribute name: a letter, then letters, digits, `_ . -`, at
 * most 64 bytes.  Anything else is a key shape we do not understand. */
bool pdp__attr_name_check(pdp_str_t name);

#endif
