/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
/*
 * The vocabulary of IAM v2 policies as tables; each word stands once.
 */

#include "model/vocabulary.h"

static const char *const attr_names[PDP__ATTR_COUNT] = {
    [PDP__ATTR_OTHER] = "",
    [PDP__ATTR_SERVICE_TYPE] = "serviceType",
    [PDP__ATTR_SERVICE_GROUP_ID] = "service_group_id",
    [PDP__ATTR_SERVICE_NAME] = "serviceName",
    [PDP__ATTR_ACCOUNT_ID] = "accountId",
    [PDP__ATTR_GEOGRAPHY] = "geography",
    [PDP__ATTR_REGION] = "region",
    [PDP__ATTR_RESOURCE_TYPE] = "resourceType",
    [PDP__ATTR_RESOURCE] = "resource",
    [PDP__ATTR_RESOURCE_GROUP_ID] = "resourceGroupId",
    [PDP__ATTR_SERVICE_INSTANCE] = "serviceInstance",
};

static const char *const environment_names[PDP__ENV_COUNT] = {
    [PDP__ENV_OTHER] = "",
    [PDP__ENV_IP_ADDRESS] = "ip_address",
    [PDP__ENV_ENDPOINT_TYPE] = "endpoint_type",
};

static const char *const endpoint_names[PDP__ENDPOINT_COUNT] = {
    [PDP__ENDPOINT_NONE] = "",
    [PDP__ENDPOINT_PUBLIC] = "public",
    [PDP__ENDPOINT_PRIVATE] = "private",
    [PDP__ENDPOINT_DIRECT] = "direct",
};

static const char *const operator_names[PDP__OP_COUNT] = {
    [PDP__OP_NONE] = "",
    [PDP__OP_STRING_EQUALS] = "stringEquals",
    [PDP__OP_STRING_EXISTS] = "stringExists",
    [PDP__OP_STRING_MATCH] = "stringMatch",
    [PDP__OP_STRING_EQUALS_ANY_OF] = "stringEqualsAnyOf",
    [PDP__OP_STRING_MATCH_ANY_OF] = "stringMatchAnyOf",
};

/* Index of name in names[1 .. cnt - 1], or 0. */
static int
find(const char *const *names, int cnt, pdp_str_t name)
{
    for (int i = 1; i < cnt; i++) {
        if (pdp__str_eq(pdp__str_z(names[i]), name)) {
            return i;
        }
    }
    return 0;
}

enum pdp__attr
pdp__attr_find(pdp_str_t name)
{
    return (enum pdp__attr)find(attr_names, PDP__ATTR_COUNT, name);
}

const char *
pdp__attr_name(enum pdp__attr attr)
{
    return attr_names[attr];
}

enum pdp__environment
pdp__environment_find(pdp_str_t name)
{
    return (enum pdp__environment)find(environment_names, PDP__ENV_COUNT, name);
}

const char *
pdp__environment_name(enum pdp__environment environment)
{
    return environment_names[environment];
}

enum pdp__endpoint
pdp__endpoint_find(pdp_str_t text)
{
    return (enum pdp__endpoint)find(endpoint_names, PDP__ENDPOINT_COUNT, text);
}

bool
pdp__endpoint_type_check(pdp_str_t text)
{
    return pdp__endpoint_find(text) != PDP__ENDPOINT_NONE;
}

enum pdp__operator
pdp__operator_find(pdp_str_t name)
{
    return (enum pdp__operator)find(operator_names, PDP__OP_COUNT, name);
}

const char *
pdp__operator_name(enum pdp__operator op)
{
    return operator_names[op];
}

static bool
is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool
pdp__attr_name_check(pdp_str_t name)
{
    if (name.len == 0 || name.len > 64 || !is_letter(name.ptr[0])) {
        return false;
    }
    for (size_t i = 1; i < name.len; i++) {
        char c = name.ptr[i];
        if (!is_letter(c) && !(c >= '0' && c <= '9') && c != '_' && c != '.' &&
            c != '-') {
            return false;
        }
    }
    return true;
}
