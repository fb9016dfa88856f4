/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include "load/policies.h"

#include "text/glob.h"

/*
 * Which policies of an account's export concern the services loaded?
 *
 * An export holds policies for every service of the account, in forms that
 * are none of our business.  This file looks at the few attributes that say
 * what a policy is for, whose values are the same in every request to a
 * service, and tells which policies can be passed over unread.
 *
 * Invariant: only what certainly cannot match is passed over.  Whatever is
 * not understood (an operator, a value of another type) counts as matching,
 * so that the strict reader gets to see and to report it.
 *
 * Nothing is reported here.
 */

/* Member `name` of object ix as text; absent if it is no string. */
static pdp_str_t
text_member(const struct pdp__doc *doc, uint32_t ix, pdp_str_t name)
{
    uint32_t node = pdp__json_member(&doc->json, ix, name);

    if (node == 0 || !pdp__json_is(&doc->json, node, PDP__JSON_STRING)) {
        return (pdp_str_t){NULL, 0};
    }
    return pdp__doc_text(doc, node);
}

/* The name of an attribute: `key`, in the v1 form `name`. */
static pdp_str_t
attribute_name(const struct pdp__doc *doc, uint32_t attribute)
{
    pdp_str_t key = text_member(doc, attribute, PDP__LIT("key"));

    return key.ptr != NULL ? key
                           : text_member(doc, attribute, PDP__LIT("name"));
}

/* Its operator; where the v1 form has none, it is stringEquals. */
static enum pdp__operator
attribute_operator(const struct pdp__doc *doc, uint32_t attribute)
{
    if (pdp__json_member(&doc->json, attribute, PDP__LIT("operator")) == 0 &&
        pdp__json_member(&doc->json, attribute, PDP__LIT("key")) == 0) {
        return PDP__OP_STRING_EQUALS;
    }
    return pdp__operator_find(
        text_member(doc, attribute, PDP__LIT("operator")));
}

/* A single value: whether it matches, or true when it is not understood. */
static bool
may_equal(const struct pdp__doc *doc, uint32_t value, pdp_str_t constant,
    bool pattern)
{
    size_t offset;

    if (!pdp__json_is(&doc->json, value, PDP__JSON_STRING)) {
        return true;
    }
    pdp_str_t text = pdp__doc_text(doc, value);
    if (!pattern) {
        return pdp__str_eq(text, constant);
    }
    return !pdp__glob_check(text, &offset) || pdp__glob_match(text, constant);
}

static bool
may_equal_any(const struct pdp__doc *doc, uint32_t values, pdp_str_t constant,
    bool pattern)
{
    if (!pdp__json_is(&doc->json, values, PDP__JSON_ARRAY) ||
        doc->json.nodes[values].cnt == 0) {
        return true;
    }
    PDP__JSON_EACH(&doc->json, values, item)
    {
        if (may_equal(doc, item, constant, pattern)) {
            return true;
        }
    }
    return false;
}

/* Whether an attribute object can hold for a constant that is always
 * there. */
static bool
may_hold(const struct pdp__doc *doc, uint32_t attribute, pdp_str_t constant)
{
    uint32_t value = pdp__json_member(&doc->json, attribute, PDP__LIT("value"));

    if (value == 0) {
        return true;
    }
    switch (attribute_operator(doc, attribute)) {
    case PDP__OP_STRING_EQUALS:
        return may_equal(doc, value, constant, false);
    case PDP__OP_STRING_MATCH:
        return may_equal(doc, value, constant, true);
    case PDP__OP_STRING_EQUALS_ANY_OF:
        return may_equal_any(doc, value, constant, false);
    case PDP__OP_STRING_MATCH_ANY_OF:
        return may_equal_any(doc, value, constant, true);
    case PDP__OP_STRING_EXISTS:
        return !pdp__json_is(&doc->json, value, PDP__JSON_FALSE);
    case PDP__OP_NONE:
    case PDP__OP_COUNT:
        break;
    }
    return true;
}

/* The array `attributes` of a resource, or 0. */
static uint32_t
attributes_of(const struct pdp__doc *doc, uint32_t resource)
{
    if (resource == 0 ||
        !pdp__json_is(&doc->json, resource, PDP__JSON_OBJECT)) {
        return 0;
    }
    uint32_t list =
        pdp__json_member(&doc->json, resource, PDP__LIT("attributes"));
    return list != 0 && pdp__json_is(&doc->json, list, PDP__JSON_ARRAY) ? list
                                                                        : 0;
}

/* Whether all attributes of one name can hold for a constant. */
static bool
all_may_hold(const struct pdp__doc *doc, uint32_t resource, enum pdp__attr attr,
    pdp_str_t constant)
{
    uint32_t list = attributes_of(doc, resource);

    if (list == 0) {
        return true;
    }
    PDP__JSON_EACH(&doc->json, list, item)
    {
        if (pdp__json_is(&doc->json, item, PDP__JSON_OBJECT) &&
            pdp__attr_find(attribute_name(doc, item)) == attr &&
            !may_hold(doc, item, constant)) {
            return false;
        }
    }
    return true;
}

bool
pdp__policy_fits(const struct pdp__builder *b, const struct pdp__doc *doc,
    uint32_t resource, uint32_t service)
{
    const struct pdp__service *s =
        PDP__ITEM(b, services, struct pdp__service, service);

    return all_may_hold(doc, resource, PDP__ATTR_SERVICE_NAME,
        pdp__builder_str(b, s->name));
}

static bool
is_service(const struct pdp__builder *b, const struct pdp__doc *doc,
    uint32_t value)
{
    return pdp__json_is(&doc->json, value, PDP__JSON_STRING) &&
           pdp__map_get(b, PDP__MAP_SERVICE, pdp__doc_text(doc, value)) !=
               PDP__NONE;
}

/* Whether attribute object ix is such a serviceName. */
static bool
names_services(const struct pdp__builder *b, const struct pdp__doc *doc,
    uint32_t ix)
{
    uint32_t value = pdp__json_member(&doc->json, ix, PDP__LIT("value"));
    enum pdp__operator op = attribute_operator(doc, ix);

    if (value == 0 ||
        pdp__attr_find(attribute_name(doc, ix)) != PDP__ATTR_SERVICE_NAME) {
        return false;
    }
    if (op == PDP__OP_STRING_EQUALS) {
        return is_service(b, doc, value);
    }
    if (op != PDP__OP_STRING_EQUALS_ANY_OF ||
        !pdp__json_is(&doc->json, value, PDP__JSON_ARRAY)) {
        return false;
    }
    PDP__JSON_EACH(&doc->json, value, item)
    {
        if (!is_service(b, doc, item)) {
            return false;
        }
    }
    return true;
}

bool
pdp__policy_named(const struct pdp__builder *b, const struct pdp__doc *doc,
    uint32_t resource)
{
    uint32_t list = attributes_of(doc, resource);

    if (list == 0) {
        return false;
    }
    PDP__JSON_EACH(&doc->json, list, item)
    {
        if (pdp__json_is(&doc->json, item, PDP__JSON_OBJECT) &&
            names_services(b, doc, item)) {
            return true;
        }
    }
    return false;
}

/*
 * Policies about resource groups as such (resourceType `resource-group`,
 * their id in `resource`) are common, and ours have no resources of this
 * type.  A deny must not be lost this way: for a request whose resource is
 * unknown it would count.
 */
static bool
is_resource_group(const struct pdp__doc *doc, uint32_t policy,
    uint32_t resource)
{
    const pdp_str_t type = PDP__LIT("resource-group");
    uint32_t control =
        pdp__json_member(&doc->json, policy, PDP__LIT("control"));
    uint32_t list = attributes_of(doc, resource);
    bool grants =
        control == 0
            ? pdp__policy_is_v1(doc, policy)
            : pdp__json_is(&doc->json, control, PDP__JSON_OBJECT) &&
                  pdp__json_member(&doc->json, control, PDP__LIT("deny")) == 0;

    if (!grants || list == 0) {
        return false;
    }
    PDP__JSON_EACH(&doc->json, list, item)
    {
        if (pdp__json_is(&doc->json, item, PDP__JSON_OBJECT) &&
            pdp__attr_find(attribute_name(doc, item)) ==
                PDP__ATTR_RESOURCE_TYPE &&
            attribute_operator(doc, item) == PDP__OP_STRING_EQUALS &&
            pdp__str_eq(text_member(doc, item, PDP__LIT("value")), type)) {
            return true;
        }
    }
    return false;
}

/* Whether a serviceType is none that there is, which is not passed over as one
 * of platform services: it may be a typing error in a denial. */
static bool
has_unknown_type(const struct pdp__doc *doc, uint32_t resource)
{
    uint32_t list = attributes_of(doc, resource);

    if (list == 0) {
        return false;
    }
    PDP__JSON_EACH(&doc->json, list, item)
    {
        if (pdp__json_is(&doc->json, item, PDP__JSON_OBJECT) &&
            pdp__attr_find(attribute_name(doc, item)) ==
                PDP__ATTR_SERVICE_TYPE &&
            attribute_operator(doc, item) != PDP__OP_STRING_EXISTS &&
            !may_hold(doc, item, PDP__LIT("service")) &&
            !may_hold(doc, item, PDP__LIT("platform_service"))) {
            return true;
        }
    }
    return false;
}

enum pdp__skip
pdp__policy_skip_resource(const struct pdp__builder *b,
    const struct pdp__doc *doc, uint32_t policy, uint32_t resource)
{
    if (resource == 0 ||
        !pdp__json_is(&doc->json, resource, PDP__JSON_OBJECT)) {
        return PDP__SKIP_NOT;
    }
    if (!all_may_hold(doc, resource, PDP__ATTR_SERVICE_TYPE,
            PDP__LIT("service")) &&
        !has_unknown_type(doc, resource)) {
        return PDP__SKIP_PLATFORM;
    }
    if (!all_may_hold(doc, resource, PDP__ATTR_SERVICE_GROUP_ID,
            PDP__LIT("IAM"))) {
        return PDP__SKIP_GROUP;
    }
    for (uint32_t s = 0; s < b->services.cnt; s++) {
        if (pdp__policy_fits(b, doc, resource, s)) {
            return is_resource_group(doc, policy, resource)
                       ? PDP__SKIP_RESOURCE_GROUP
                       : PDP__SKIP_NOT;
        }
    }
    return PDP__SKIP_SERVICE;
}

bool
pdp__policy_is_v1(const struct pdp__doc *doc, uint32_t ix)
{
    return pdp__json_member(&doc->json, ix, PDP__LIT("subjects")) != 0 ||
           pdp__json_member(&doc->json, ix, PDP__LIT("resources")) != 0 ||
           pdp__json_member(&doc->json, ix, PDP__LIT("roles")) != 0;
}

enum pdp__skip
pdp__policy_skip(const struct pdp__builder *b, const struct pdp__doc *doc,
    uint32_t ix)
{
    if (pdp__str_eq(text_member(doc, ix, PDP__LIT("type")),
            PDP__LIT("authorization"))) {
        return PDP__SKIP_AUTHORIZATION;
    }
    if (pdp__str_eq(text_member(doc, ix, PDP__LIT("state")),
            PDP__LIT("deleted"))) {
        return PDP__SKIP_DELETED;
    }
    uint32_t list = pdp__json_member(&doc->json, ix, PDP__LIT("resources"));
    if (list == 0 || !pdp__json_is(&doc->json, list, PDP__JSON_ARRAY)) {
        return pdp__policy_skip_resource(b, doc, ix,
            pdp__json_member(&doc->json, ix, PDP__LIT("resource")));
    }
    /* Any of the resources of the v1 form is enough. */
    enum pdp__skip skip = PDP__SKIP_NOT;
    PDP__JSON_EACH(&doc->json, list, item)
    {
        skip = pdp__policy_skip_resource(b, doc, ix, item);
        if (skip == PDP__SKIP_NOT) {
            break;
        }
    }
    return skip;
}
