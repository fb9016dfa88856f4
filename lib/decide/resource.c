/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
/*
 * Stage 8, resource: for each required action, the resources it is wanted
 * on, as IBM's resource attributes, each absent, unknown or known.
 *
 * Every value that is present is judged.  If none is present, or the value
 * is in the body, the resource is unknown: it may be any, so only a grant
 * that is not narrowed will do (never the account as a whole by accident).
 *
 * Who owns a namespace is not in the request.  With a directory, a namespace
 * of another account is refused here, before any policy is looked at.
 */

#include "decide/tags.h"

static const struct pdp__route *
route_of(const struct pdp__flow *flow)
{
    return &pdp__routes(flow->block)[flow->routed.route];
}

static void
set_known(struct pdp__item *item, enum pdp__attr attr, pdp_str_t value)
{
    item->attrs[attr] =
        (struct pdp__attr_value){PDP_ATTRIBUTE_KNOWN, value, {0, 0}};
}

static void
set_unknown(struct pdp__item *item, enum pdp__attr attr)
{
    item->attrs[attr] =
        (struct pdp__attr_value){PDP_ATTRIBUTE_UNKNOWN, {NULL, 0}, {0, 0}};
}

void
pdp__resource_common(const struct pdp__flow *flow, struct pdp__item *item,
    uint32_t region)
{
    const struct pdp__block *block = flow->block;
    const struct pdp__service *service =
        &pdp__services(block)[flow->routed.service];

    set_known(item, PDP__ATTR_SERVICE_TYPE, PDP__LIT("service"));
    set_known(item, PDP__ATTR_SERVICE_GROUP_ID, PDP__LIT("IAM"));
    set_known(item, PDP__ATTR_SERVICE_NAME, pdp__text(block, service->name));
    set_known(item, PDP__ATTR_ACCOUNT_ID, flow->principal.account);
    set_unknown(item, PDP__ATTR_OTHER);
    if (region != PDP__NONE) {
        const struct pdp__region *row = &pdp__regions(block)[region];
        set_known(item, PDP__ATTR_REGION, pdp__text(block, row->region));
        item->attrs[PDP__ATTR_REGION].aliases = row->aliases;
        if (row->geography.off != 0) {
            set_known(item, PDP__ATTR_GEOGRAPHY,
                pdp__text(block, row->geography));
        }
    } else if (service->regions.cnt > 0) {
        set_unknown(item, PDP__ATTR_REGION);
        set_unknown(item, PDP__ATTR_GEOGRAPHY);
    }
}

/*
 * Account and resource group of a namespace, from the directory.  Where the
 * region is not known, what is said must hold for every region the namespace
 * may be in: one that the directory does not list may be meant, unless the
 * directory is complete.
 */
static bool
check_owner(struct pdp__flow *flow, struct pdp__item *item,
    const struct pdp__value *value, uint32_t region)
{
    const struct pdp__block *block = flow->block;
    pdp_str_t region_name =
        region == PDP__NONE
            ? (pdp_str_t){NULL, 0}
            : pdp__text(block, pdp__regions(block)[region].region);
    uint32_t ix = pdp__find_owner_name(block, value->image.name_space);
    struct pdp__range range = ix == PDP__NONE
                                  ? (struct pdp__range){0, 0}
                                  : pdp__owner_names(block)[ix].owners;
    bool all_listed = region != PDP__NONE ||
                      (block->directory_complete != 0 && !value->creates);
    uint32_t found = 0;
    uint32_t place =
        region == PDP__NONE ? 0 : pdp__regions(block)[region].region.off;

    set_unknown(item, PDP__ATTR_RESOURCE_GROUP_ID);
    for (uint32_t i = 0; i < range.cnt; i++) {
        const struct pdp__owner *owner = &pdp__owners(block)[range.first + i];
        if (region != PDP__NONE &&
            !pdp__str_eq(pdp__text(block, owner->region), region_name)) {
            continue;
        }
        if (!pdp__str_eq(pdp__text(block, owner->account),
                flow->principal.account)) {
            return pdp__deny(flow, PDP_REASON_ACCOUNT_MISMATCH);
        }
        if (region == PDP__NONE) {
            place = found == 0 && all_listed ? owner->region.off : 0;
        }
        if (++found > 1 || !all_listed) {
            set_unknown(item, PDP__ATTR_RESOURCE_GROUP_ID);
        } else if (owner->group.off != 0) {
            set_known(item, PDP__ATTR_RESOURCE_GROUP_ID,
                pdp__text(block, owner->group));
        } else {
            item->attrs[PDP__ATTR_RESOURCE_GROUP_ID] =
                (struct pdp__attr_value){0};
        }
    }
    item->tags = pdp__tags_of(flow, value->image.name_space, place, found > 0);
    /* A namespace that is being made cannot be listed yet. */
    if (found == 0 && block->directory_complete != 0 && !value->creates) {
        return pdp__deny(flow, PDP_REASON_UNKNOWN_NAMESPACE);
    }
    return true;
}

static struct pdp__item *
new_item(struct pdp__flow *flow, const struct pdp__requirement *requirement)
{
    if (flow->item_cnt == PDP__ITEMS_MAX) {
        return NULL;
    }
    struct pdp__item *item = &flow->items[flow->item_cnt++];
    *item = (struct pdp__item){.action = requirement->action};
    item->account_scope =
        pdp__actions(flow->block)[requirement->action].scope ==
        PDP__SCOPE_ACCOUNT;
    return item;
}

/* An item whose resource is not visible, or that has none (absent). */
static bool
add_without(struct pdp__flow *flow, const struct pdp__requirement *requirement,
    bool absent)
{
    struct pdp__item *item = new_item(flow, requirement);

    if (item == NULL) {
        return pdp__deny(flow, PDP_REASON_BAD_PARAM);
    }
    pdp__resource_common(flow, item, flow->routed.region);
    if (!absent) {
        item->tags.state = PDP_ATTRIBUTE_UNKNOWN;
        set_unknown(item, PDP__ATTR_RESOURCE_TYPE);
        set_unknown(item, PDP__ATTR_RESOURCE);
        set_unknown(item, PDP__ATTR_RESOURCE_GROUP_ID);
    }
    return true;
}

static bool
add_with(struct pdp__flow *flow, const struct pdp__requirement *requirement,
    const struct pdp__value *value)
{
    struct pdp__item *item = new_item(flow, requirement);
    uint32_t region =
        value->region != PDP__NONE ? value->region : flow->routed.region;

    if (item == NULL) {
        return pdp__deny(flow, PDP_REASON_BAD_PARAM);
    }
    pdp__resource_common(flow, item, region);
    if (value->kind == PDP__KIND_TEXT) {
        set_known(item, PDP__ATTR_RESOURCE, value->text);
        set_unknown(item, PDP__ATTR_RESOURCE_TYPE);
        set_unknown(item, PDP__ATTR_RESOURCE_GROUP_ID);
        item->tags.state = PDP_ATTRIBUTE_UNKNOWN;
        return true;
    }
    set_known(item, PDP__ATTR_RESOURCE_TYPE, PDP__LIT("namespace"));
    set_known(item, PDP__ATTR_RESOURCE, value->image.name_space);
    return check_owner(flow, item, value, region);
}

/* One for each value of a query parameter. */
static bool
add_queries(struct pdp__flow *flow, const struct pdp__requirement *requirement,
    uint32_t query, const struct pdp__query_values *queries)
{
    for (uint32_t i = 0; i < queries->cnt; i++) {
        if (queries->items[i].query == query &&
            !add_with(flow, requirement, &queries->items[i].value)) {
            return false;
        }
    }
    return true;
}

/* The items of one requirement: one for each value that is present. */
static bool
add_requirement(struct pdp__flow *flow,
    const struct pdp__requirement *requirement,
    const struct pdp__query_values *queries)
{
    const struct pdp__origin *origins =
        &pdp__origins(flow->block)[requirement->origins.first];
    uint32_t before = flow->item_cnt;

    if (requirement->on_given == 0) {
        uint32_t scope = pdp__actions(flow->block)[requirement->action].scope;
        return add_without(flow, requirement, scope == PDP__SCOPE_ACCOUNT);
    }
    for (uint32_t i = 0; i < requirement->origins.cnt; i++) {
        if (origins[i].kind == PDP__ORIGIN_BODY) {
            if (!add_without(flow, requirement, false)) {
                return false;
            }
        } else if (origins[i].kind == PDP__ORIGIN_PATH) {
            if (!add_with(flow, requirement,
                    &flow->routed.params[origins[i].index])) {
                return false;
            }
        } else if (!add_queries(flow, requirement, origins[i].index, queries)) {
            return false;
        }
    }
    return flow->item_cnt > before || add_without(flow, requirement, false);
}

bool
pdp__resource(struct pdp__flow *flow)
{
    const struct pdp__route *route = route_of(flow);
    const struct pdp__requirement *requirements =
        &pdp__requirements(flow->block)[route->requires.first];
    struct pdp__query_values queries;

    queries.cnt = 0;
    if (!pdp__take_queries(flow, &queries)) {
        return false;
    }
    for (uint32_t i = 0; i < route->requires.cnt; i++) {
        if (!add_requirement(flow, &requirements[i], &queries)) {
            return false;
        }
    }
    flow->resources = true;
    return true;
}
