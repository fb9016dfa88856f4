/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include "load/policies.h"

#include "text/glob.h"
#include "text/image.h"

/*
 * What a policy is for: the attributes of the resource, all of which must
 * hold.
 *
 * An attribute name that requests never have is understood well enough: it
 * cannot match, so a grant is dead (a warning), and a deny counts wherever
 * it could apply.  Access tags narrow a policy like attributes; IBM has them
 * only in policies for all services, so beside other attributes they may
 * not mean there what they mean here.
 *
 * Invariant: every policy names an account by stringEquals; one that held
 * in any account would reach across customers.
 */

static const char *const operators[] = {"stringEquals", "stringExists",
    "stringMatch", "stringEqualsAnyOf", "stringMatchAnyOf", NULL};
static const char *const v1_operators[] = {"stringEquals", "stringMatch", NULL};

/* Names are checked; returns false if the key cannot be one. */
static bool
check_key(const struct pdp__doc *doc, uint32_t ix, pdp_str_t key)
{
    static const char *const names[] = {"serviceType", "service_group_id",
        "serviceName", "accountId", "geography", "region", "resourceType",
        "resource", "resourceGroupId", "serviceInstance", NULL};
    char hint[PDP__HINT_CAP];

    if (!pdp__attr_name_check(key)) {
        PDP__DOC_ADD(doc, BAD_VALUE, ix, NULL,
            "\"%.*s\" cannot be the name of an attribute", PDP__ARG(key));
        return false;
    }
    if (pdp__attr_find(key) == PDP__ATTR_OTHER) {
        PDP__DOC_ADD(doc, FOREIGN_ATTRIBUTE, ix,
            pdp__hint_name(hint, sizeof(hint), key, names),
            "no request has an attribute \"%.*s\": it never matches",
            PDP__ARG(key));
    }
    return true;
}

/* A region that no service knows is a typing error more often than not; in
 * a deny it would quietly deny nothing. */
static void
check_region(const struct pdp__builder *b, uint32_t ix, pdp_str_t region,
    const struct pdp__policy_draft *draft)
{
    char hint[PDP__HINT_CAP];
    const struct pdp__doc *doc = draft->doc;
    bool any = false;

    for (uint32_t s = 0; s < b->services.cnt; s++) {
        if (pdp__policy_fits(b, doc, draft->resource, s) &&
            pdp__region_any(b, s)) {
            any = true;
            if (pdp__region_find(b, s, region) != PDP__NONE) {
                return;
            }
        }
    }
    if (!any || (!draft->named && !draft->strict)) {
        return;
    }
    pdp__report_add(doc->report,
        draft->strict ? PDP__CODE_UNKNOWN_NAME : PDP__CODE_FOREIGN_ATTRIBUTE,
        pdp__doc_place(doc, ix),
        pdp__region_hint(b, hint, sizeof(hint), PDP__NONE, region),
        "region \"%.*s\" is not known: it never matches", PDP__ARG(region));
}

bool
pdp__policy_region_fits(const struct pdp__builder *b, uint32_t ix,
    pdp_str_t pattern)
{
    const struct pdp__region *region =
        PDP__ITEM(b, regions, struct pdp__region, ix);

    if (pdp__glob_match(pattern, pdp__builder_str(b, region->region))) {
        return true;
    }
    for (uint32_t i = 0; i < region->aliases.cnt; i++) {
        if (pdp__glob_match(pattern,
                pdp__builder_str(b, *PDP__ITEM(b, texts, struct pdp__text,
                                        region->aliases.first + i)))) {
            return true;
        }
    }
    return false;
}

/* A pattern in a deny that fits no region would quietly deny nothing. */
static void
check_pattern(const struct pdp__builder *b, uint32_t ix, pdp_str_t pattern,
    const struct pdp__policy_draft *draft)
{
    bool any = false;

    for (uint32_t s = 0; draft->strict && s < b->services.cnt; s++) {
        struct pdp__range range =
            PDP__ITEM(b, services, struct pdp__service, s)->regions;
        if (!pdp__policy_fits(b, draft->doc, draft->resource, s)) {
            continue;
        }
        for (uint32_t i = 0; i < range.cnt; i++) {
            any = true;
            if (pdp__policy_region_fits(b, range.first + i, pattern)) {
                return;
            }
        }
    }
    if (any) {
        PDP__DOC_ADD(draft->doc, UNKNOWN_NAME, ix, NULL,
            "no region matches \"%.*s\": it denies nothing", PDP__ARG(pattern));
    }
}

/* Where a service has regions, so has every request: that a deny is for
 * requests without one would quietly deny nothing. */
static void
check_no_region(const struct pdp__builder *b, uint32_t ix,
    const struct pdp__policy_draft *draft)
{
    for (uint32_t s = 0; s < b->services.cnt; s++) {
        if (pdp__policy_fits(b, draft->doc, draft->resource, s) &&
            !pdp__region_any(b, s)) {
            return;
        }
    }
    PDP__DOC_ADD(draft->doc, BAD_VALUE, ix, NULL,
        "every request has a region: it denies nothing");
}

static void
check_regions(const struct pdp__builder *b, uint32_t value,
    const struct pdp__policy_draft *draft)
{
    const struct pdp__draft_condition *last =
        &draft->resources.items[draft->resources.cnt - 1];

    if (last->op == PDP__OP_STRING_EQUALS) {
        check_region(b, value, last->values[0], draft);
    } else if (last->op == PDP__OP_STRING_EQUALS_ANY_OF) {
        PDP__JSON_EACH(&draft->doc->json, value, item)
        {
            check_region(b, item, pdp__doc_text(draft->doc, item), draft);
        }
    } else if (last->op == PDP__OP_STRING_MATCH) {
        check_pattern(b, value, last->values[0], draft);
    } else if (last->op == PDP__OP_STRING_MATCH_ANY_OF) {
        PDP__JSON_EACH(&draft->doc->json, value, item)
        {
            check_pattern(b, item, pdp__doc_text(draft->doc, item), draft);
        }
    } else if (draft->strict && last->wanted == 0) {
        check_no_region(b, value, draft);
    }
}

/* Whether an action is required on a parameter of which no more than the text
 * is known.  All other resources are namespaces. */
static bool
has_texts(const struct pdp__builder *b, const struct pdp__route *route)
{
    for (uint32_t r = 0; r < route->requires.cnt; r++) {
        struct pdp__range origins = PDP__ITEM(b, requirements,
            struct pdp__requirement, route->requires.first + r)
                                        ->origins;
        for (uint32_t o = 0; o < origins.cnt; o++) {
            const struct pdp__origin *origin =
                PDP__ITEM(b, origins, struct pdp__origin, origins.first + o);
            if ((origin->kind == PDP__ORIGIN_PATH &&
                    PDP__ITEM(b, params, struct pdp__param,
                        route->params.first + origin->index)
                            ->kind == PDP__KIND_TEXT) ||
                (origin->kind == PDP__ORIGIN_QUERY &&
                    PDP__ITEM(b, queries, struct pdp__query,
                        route->queries.first + origin->index)
                            ->kind == PDP__KIND_TEXT)) {
                return true;
            }
        }
    }
    return false;
}

/* The same of any service that the policy is for. */
static bool
has_other_types(const struct pdp__builder *b,
    const struct pdp__policy_draft *draft)
{
    for (uint32_t i = 0; i < b->routes.cnt; i++) {
        const struct pdp__route *route =
            PDP__ITEM(b, routes, struct pdp__route, i);
        if (pdp__policy_fits(b, draft->doc, draft->resource, route->service) &&
            has_texts(b, route)) {
            return true;
        }
    }
    return false;
}

/* Whether a namespace can be called so, or fit the pattern as far as its
 * characters tell. */
static bool
can_be_namespace(pdp_str_t value, bool pattern)
{
    static const char others[] = "._-*?{}";

    if (!pattern) {
        return pdp__namespace_check(value);
    }
    for (size_t i = 0; i < value.len; i++) {
        char c = value.ptr[i];
        if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') &&
            (c == '\0' || strchr(others, c) == NULL)) {
            return false;
        }
    }
    return true;
}

/* What no request can have, such as the resource `birds/owl`, or the type
 * `namespaces`: a deny would quietly deny nothing of what its author had in
 * mind. */
static void
report_dead(const struct pdp__policy_draft *draft, uint32_t ix,
    const char *hint, const char *message)
{
    pdp__report_add(draft->doc->report,
        draft->strict ? PDP__CODE_UNKNOWN_NAME : PDP__CODE_FOREIGN_ATTRIBUTE,
        pdp__doc_place(draft->doc, ix), hint, "%s: it never matches", message);
}

static void
check_namespaces(uint32_t ix, const struct pdp__policy_draft *draft)
{
    static const char hint[] = "a namespace is one word of small letters, "
                               "digits and . _ -";
    static const char message[] = "this cannot be the name of a namespace";
    const struct pdp__draft_condition *last =
        &draft->resources.items[draft->resources.cnt - 1];
    bool pattern = last->op == PDP__OP_STRING_MATCH ||
                   last->op == PDP__OP_STRING_MATCH_ANY_OF;
    uint32_t i = 0;

    if (last->op == PDP__OP_STRING_EQUALS || last->op == PDP__OP_STRING_MATCH) {
        if (!can_be_namespace(last->values[0], pattern)) {
            report_dead(draft, ix, hint, message);
        }
        return;
    }
    if (last->op == PDP__OP_STRING_EXISTS) {
        return;
    }
    PDP__JSON_EACH(&draft->doc->json, ix, item)
    {
        if (!can_be_namespace(last->values[i++], pattern)) {
            report_dead(draft, item, hint, message);
        }
    }
}

/* The condition on the resource that was read last. */
static void
check_place(const struct pdp__builder *b, uint32_t ix,
    const struct pdp__policy_draft *draft)
{
    const struct pdp__draft_condition *last =
        &draft->resources.items[draft->resources.cnt - 1];
    bool exists = last->op == PDP__OP_STRING_EXISTS;

    if (!draft->named) {
        return; /* perhaps it is meant for a service that is not loaded */
    }
    if (last->attr == PDP__ATTR_SERVICE_INSTANCE) {
        if (!exists || last->wanted != 0) {
            PDP__DOC_ADD(draft->doc, FOREIGN_ATTRIBUTE, ix, NULL,
                "no resource has an instance: it never matches");
        }
    } else if (has_other_types(b, draft)) {
        return;
    } else if (last->attr == PDP__ATTR_RESOURCE) {
        check_namespaces(ix, draft);
    } else if (!exists && !pdp__policy_accepts(last, PDP__LIT("namespace"))) {
        report_dead(draft, ix, "\"namespace\"",
            "there is no resource of this type");
    }
}

/* Skipped otherwise, as one of platform services. */
static void
check_service_type(uint32_t ix, const struct pdp__policy_draft *draft)
{
    const struct pdp__draft_condition *last =
        &draft->resources.items[draft->resources.cnt - 1];

    if (last->op != PDP__OP_STRING_EXISTS &&
        !pdp__policy_accepts(last, PDP__LIT("service")) &&
        !pdp__policy_accepts(last, PDP__LIT("platform_service"))) {
        PDP__DOC_ADD(draft->doc, BAD_VALUE, ix, NULL,
            "a serviceType is \"service\" or \"platform_service\"");
    }
}

/* What one attribute says about the policy as a whole. */
static void
note_attribute(const struct pdp__builder *b, uint32_t value,
    struct pdp__policy_draft *draft)
{
    const struct pdp__draft_condition *last =
        &draft->resources.items[draft->resources.cnt - 1];

    if (last->attr == PDP__ATTR_ACCOUNT_ID &&
        last->op == PDP__OP_STRING_EQUALS && draft->account.ptr == NULL) {
        draft->account = last->values[0];
    } else if (last->attr == PDP__ATTR_REGION) {
        check_regions(b, value, draft);
    } else if (last->attr == PDP__ATTR_SERVICE_TYPE) {
        check_service_type(value, draft);
    } else if (last->attr == PDP__ATTR_RESOURCE_TYPE ||
               last->attr == PDP__ATTR_RESOURCE ||
               last->attr == PDP__ATTR_SERVICE_INSTANCE) {
        check_place(b, value, draft);
    }
}

/* Whether the attribute is one that says for which services it is. */
static bool
is_scope(enum pdp__attr attr)
{
    return attr == PDP__ATTR_SERVICE_TYPE || attr == PDP__ATTR_SERVICE_NAME ||
           attr == PDP__ATTR_RESOURCE_GROUP_ID ||
           attr == PDP__ATTR_SERVICE_GROUP_ID;
}

/* What a resource must say; a value that was refused counts as said. */
struct said {
    bool account;
    bool scope;
};

static struct said
read_attributes(const struct pdp__builder *b, uint32_t list,
    struct pdp__policy_draft *draft)
{
    const struct pdp__doc *doc = draft->doc;
    struct said said = {false, false};

    PDP__JSON_EACH(&doc->json, list, item)
    {
        struct pdp__attribute_nodes n = {0, 0, 0};
        if (!pdp__policy_attribute(doc, item, draft->v1, &n)) {
            continue;
        }
        pdp_str_t key = pdp__doc_text(doc, n.key);
        enum pdp__attr attr = pdp__attr_find(key);
        said.scope = said.scope || is_scope(attr);
        if (check_key(doc, n.key, key) &&
            pdp__policy_condition(doc, &n, draft->v1 ? v1_operators : operators,
                (uint8_t)attr, &draft->resources)) {
            note_attribute(b, n.value, draft);
        } else if (attr == PDP__ATTR_ACCOUNT_ID) {
            said.account = true;
        }
    }
    said.account = said.account || draft->account.ptr != NULL;
    return said;
}

/* Two accounts are none: a grant would be dead, a deny would quietly deny
 * nothing, and whose custom roles are meant would be open. */
static void
check_account(const struct pdp__policy_draft *draft)
{
    for (uint32_t i = 0; i < draft->resources.cnt; i++) {
        const struct pdp__draft_condition *c = &draft->resources.items[i];
        if (c->attr == PDP__ATTR_ACCOUNT_ID &&
            !pdp__policy_accepts(c, draft->account)) {
            PDP__DOC_ADD(draft->doc, BAD_VALUE, c->node,
                "every policy holds in exactly one account",
                "this does not hold for the account \"%.*s\"",
                PDP__ARG(draft->account));
        }
    }
}

/* Attributes that say nothing but "all services of the account". */
static bool
is_general(uint8_t attr)
{
    return attr == PDP__ATTR_ACCOUNT_ID || attr == PDP__ATTR_SERVICE_TYPE ||
           attr == PDP__ATTR_SERVICE_GROUP_ID;
}

static void
check_tags(uint32_t ix, const struct pdp__policy_draft *draft)
{
    bool narrowed = false;

    for (uint32_t i = 0; i < draft->resources.cnt; i++) {
        narrowed = narrowed || !is_general(draft->resources.items[i].attr);
    }
    if (draft->tags.cnt > 0 && narrowed && !draft->lock) {
        PDP__DOC_ADD(draft->doc, TAGS_NARROWED, ix, NULL,
            "IBM Cloud IAM has tags in policies for all services only; here "
            "the resource must have the tags and the attributes");
    }
}

void
pdp__policy_resource(const struct pdp__builder *b, uint32_t ix,
    struct pdp__policy_draft *draft)
{
    const struct pdp__doc *doc = draft->doc;
    uint32_t list = 0;
    uint32_t tags = 0;
    const struct pdp__member members[] = {
        {"attributes", true, PDP__JSON_ARRAY, &list},
        {"tags", false, PDP__JSON_ARRAY, &tags},
    };

    if (!pdp__doc_object(doc, ix, members, 2, NULL)) {
        return;
    }
    if (tags != 0) {
        pdp__tags_read(doc, tags, draft->v1, &draft->tags);
    }
    if (list == 0 || !pdp__policy_attributes(doc, list, "resource")) {
        return;
    }
    struct said said = read_attributes(b, list, draft);
    check_tags(tags, draft);
    if (draft->account.ptr != NULL) {
        check_account(draft);
    } else if (!said.account) {
        PDP__DOC_ADD(doc, MISSING_MEMBER, list,
            "every policy holds in exactly one account",
            "attribute \"accountId\" with stringEquals is missing");
    }
    if (!said.scope) {
        PDP__DOC_ADD(doc, MISSING_MEMBER, list, NULL,
            "one of the attributes serviceName, serviceType, "
            "resourceGroupId and service_group_id is missing");
    }
}
