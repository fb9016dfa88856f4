/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
/*
 * The catalog: reading a snapshot through the public interface
 * (pdp/catalog.h).  Nothing here takes part in decisions.
 *
 * Custom roles stand behind those of the definition, in the same range.
 */

#include "base/answer.h"
#include "model/snapshot.h"

static const struct pdp__service *
find_service(const pdp_snapshot_t *snapshot, size_t service)
{
    if (service >= snapshot->block->services.cnt) {
        return NULL;
    }
    return &pdp__services(snapshot->block)[service];
}

size_t
pdp_catalog_services(const pdp_snapshot_t *snapshot)
{
    return snapshot->block->services.cnt;
}

bool
pdp_catalog_service(const pdp_snapshot_t *snapshot, size_t service,
    pdp_service_info_t *out)
{
    const struct pdp__service *s = find_service(snapshot, service);

    if (s == NULL) {
        return false;
    }
    pdp_service_info_t info = {
        .name = pdp__text(snapshot->block, s->name),
        .title = pdp__text(snapshot->block, s->title),
        .route_cnt = s->routes.cnt,
        .action_cnt = s->actions.cnt,
        .role_cnt = s->roles.cnt,
        .event_cnt = s->events.cnt,
        .region_cnt = s->regions.cnt,
    };
    return pdp__answer(out, &info, sizeof(info));
}

bool
pdp_catalog_route(const pdp_snapshot_t *snapshot, size_t service, size_t index,
    pdp_route_info_t *out)
{
    const struct pdp__block *block = snapshot->block;
    const struct pdp__service *s = find_service(snapshot, service);

    if (s == NULL || index >= s->routes.cnt) {
        return false;
    }
    const struct pdp__route *r = &pdp__routes(block)[s->routes.first + index];
    pdp_route_info_t info = {
        .method = pdp__text(block, pdp__methods(block)[r->method]),
        .path = pdp__text(block, r->path),
        .title = pdp__text(block, r->title),
        .access = (pdp_access_t)r->access,
        .head = r->head != 0,
        .action_cnt = r->requires.cnt,
        .at_action = {NULL, 0},
    };
    if (r->event != PDP__NONE) {
        info.at_action = pdp__text(block, pdp__events(block)[r->event].name);
    }
    return pdp__answer(out, &info, sizeof(info));
}

bool
pdp_catalog_route_action(const pdp_snapshot_t *snapshot, size_t service,
    size_t route, size_t index, pdp_str_t *out)
{
    const struct pdp__block *block = snapshot->block;
    const struct pdp__service *s = find_service(snapshot, service);

    if (s == NULL || route >= s->routes.cnt) {
        return false;
    }
    struct pdp__range requires =
        pdp__routes(block)[s->routes.first + route].requires;
    if (index >= requires.cnt) {
        return false;
    }
    uint32_t action = pdp__requirements(block)[requires.first + index].action;
    *out = pdp__text(block, pdp__actions(block)[action].name);
    return true;
}

bool
pdp_catalog_action(const pdp_snapshot_t *snapshot, size_t service, size_t index,
    pdp_action_info_t *out)
{
    const struct pdp__block *block = snapshot->block;
    const struct pdp__service *s = find_service(snapshot, service);

    if (s == NULL || index >= s->actions.cnt) {
        return false;
    }
    const struct pdp__action *a =
        &pdp__actions(block)[s->actions.first + index];
    pdp_action_info_t info = {
        .name = pdp__text(block, a->name),
        .title = pdp__text(block, a->title),
        .account_scope = a->scope == PDP__SCOPE_ACCOUNT,
    };
    return pdp__answer(out, &info, sizeof(info));
}

/* The index-th action of a role, or PDP__NONE; its cnt when index is that. */
static uint32_t
role_action(const struct pdp__block *block, const struct pdp__service *s,
    const struct pdp__role *role, size_t index, size_t *cnt)
{
    *cnt = 0;
    for (uint32_t i = 0; i < s->actions.cnt; i++) {
        uint32_t action = s->actions.first + i;
        if (pdp__words_has(block, role->words,
                pdp__actions(block)[action].bit)) {
            if (*cnt == index) {
                return action;
            }
            (*cnt)++;
        }
    }
    return PDP__NONE;
}

bool
pdp_catalog_role(const pdp_snapshot_t *snapshot, size_t service, size_t index,
    pdp_role_info_t *out)
{
    const struct pdp__block *block = snapshot->block;
    const struct pdp__service *s = find_service(snapshot, service);

    if (s == NULL || index >= s->roles.cnt) {
        return false;
    }
    const struct pdp__role *r = &pdp__roles(block)[s->roles.first + index];
    pdp_role_info_t info = {
        .name = pdp__text(block, r->name),
        .crn = pdp__text(block, r->crn),
        .platform = r->platform != 0,
        .custom = r->custom != 0,
    };
    role_action(block, s, r, SIZE_MAX, &info.action_cnt);
    return pdp__answer(out, &info, sizeof(info));
}

bool
pdp_catalog_role_action(const pdp_snapshot_t *snapshot, size_t service,
    size_t role, size_t index, pdp_str_t *out)
{
    const struct pdp__block *block = snapshot->block;
    const struct pdp__service *s = find_service(snapshot, service);
    size_t cnt;

    if (s == NULL || role >= s->roles.cnt) {
        return false;
    }
    const struct pdp__role *r = &pdp__roles(block)[s->roles.first + role];
    uint32_t action = role_action(block, s, r, index, &cnt);
    if (action == PDP__NONE) {
        return false;
    }
    *out = pdp__text(block, pdp__actions(block)[action].name);
    return true;
}

bool
pdp_catalog_event(const pdp_snapshot_t *snapshot, size_t service, size_t index,
    pdp_event_info_t *out)
{
    const struct pdp__block *block = snapshot->block;
    const struct pdp__service *s = find_service(snapshot, service);

    if (s == NULL || index >= s->events.cnt) {
        return false;
    }
    const struct pdp__event *e = &pdp__events(block)[s->events.first + index];
    pdp_event_info_t info = {
        .name = pdp__text(block, e->name),
        .title = pdp__text(block, e->title),
        .data_event = e->data != 0,
        .deprecated = e->deprecated != 0,
        .route_cnt = e->route_cnt,
    };
    return pdp__answer(out, &info, sizeof(info));
}

static const struct pdp__region *
find_region(const pdp_snapshot_t *snapshot, size_t service, size_t index)
{
    const struct pdp__service *s = find_service(snapshot, service);

    if (s == NULL || index >= s->regions.cnt) {
        return NULL;
    }
    return &pdp__regions(snapshot->block)[s->regions.first + index];
}

bool
pdp_catalog_region(const pdp_snapshot_t *snapshot, size_t service, size_t index,
    pdp_region_info_t *out)
{
    const struct pdp__region *r = find_region(snapshot, service, index);

    if (r == NULL) {
        return false;
    }
    pdp_region_info_t info = {
        .region = pdp__text(snapshot->block, r->region),
        .events = pdp__text(snapshot->block, r->events),
        .alias_cnt = r->aliases.cnt,
        .host_cnt = r->hosts.cnt,
    };
    return pdp__answer(out, &info, sizeof(info));
}

bool
pdp_catalog_region_alias(const pdp_snapshot_t *snapshot, size_t service,
    size_t region, size_t index, pdp_str_t *out)
{
    const struct pdp__region *r = find_region(snapshot, service, region);

    if (r == NULL || index >= r->aliases.cnt) {
        return false;
    }
    *out = pdp__text(snapshot->block,
        pdp__texts(snapshot->block)[r->aliases.first + index]);
    return true;
}

bool
pdp_catalog_region_host(const pdp_snapshot_t *snapshot, size_t service,
    size_t region, size_t index, pdp_str_t *out)
{
    const struct pdp__region *r = find_region(snapshot, service, region);

    if (r == NULL || index >= r->hosts.cnt) {
        return false;
    }
    *out = pdp__text(snapshot->block,
        pdp__hosts(snapshot->block)[r->hosts.first + index].host);
    return true;
}
