/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include "pdp-check/coverage.h"

/*
 * What is counted.
 *
 * Every route has two cells, allow and deny, but for a public one: no policy
 * and no token can deny it, so that cell is not applicable.
 *
 * A route that requires actions is denied, for this count, when the token
 * was accepted and the answer is 403 all the same.  A request without a
 * token is denied everywhere; a single line of such requests would cover
 * every route and test no policy.  Where any token will do, any denial
 * counts.
 *
 * A policy has decided something if it granted a required action that nobody
 * denied, or denied one.  The decision names up to eight policies that grant
 * one action, and one that denies it; another one that says the same is not
 * seen.
 */

#include "model/snapshot.h"

static size_t
find_route(const struct pdp__coverage *coverage, pdp_str_t service,
    const pdp_route_info_t *info, size_t known)
{
    for (size_t i = 0; i < known; i++) {
        const struct pdp__coverage_route *route = &coverage->routes[i];
        if (pdp__str_eq(pdp__str_z(route->path), info->path) &&
            pdp__str_eq(pdp__str_z(route->method), info->method) &&
            pdp__str_eq(pdp__str_z(route->service), service)) {
            return i;
        }
    }
    return coverage->route_cnt;
}

/* Routes of one snapshot differ: only the `known` ones of others may not. */
static size_t
add_route(struct pdp__coverage *coverage, pdp_str_t service,
    const pdp_route_info_t *info, size_t known)
{
    size_t ix = find_route(coverage, service, info, known);
    if (ix == coverage->route_cnt) {
        coverage->routes = pdp__heap_resize(coverage->routes,
            coverage->route_cnt + 1, sizeof(*coverage->routes));
        coverage->routes[coverage->route_cnt++] = (struct pdp__coverage_route){
            .service = pdp__heap_copy(service),
            .method = pdp__heap_copy(info->method),
            .path = pdp__heap_copy(info->path),
            .access = info->access,
        };
    }
    return ix;
}

static void
map_routes(struct pdp__coverage *coverage)
{
    const pdp_snapshot_t *snapshot = coverage->snapshot;
    size_t known = coverage->route_cnt;
    size_t cnt = 0;
    for (size_t s = 0; s < pdp_catalog_services(snapshot); s++) {
        pdp_service_info_t service = {.size = sizeof(service)};
        if (!pdp_catalog_service(snapshot, s, &service)) {
            break;
        }
        for (size_t i = 0; i < service.route_cnt; i++) {
            pdp_route_info_t info = {.size = sizeof(info)};
            if (pdp_catalog_route(snapshot, s, i, &info)) {
                coverage->route_map = pdp__heap_resize(coverage->route_map,
                    cnt + 1, sizeof(*coverage->route_map));
                coverage->route_map[cnt++] =
                    add_route(coverage, service.name, &info, known);
            }
        }
    }
}

static size_t
add_policy(struct pdp__coverage *coverage, pdp_str_t id, size_t known)
{
    /* Ids of one snapshot are different: only those of others may be equal. */
    for (size_t i = 0; i < known; i++) {
        if (pdp__str_eq(pdp__str_z(coverage->policies[i].id), id)) {
            return i;
        }
    }
    coverage->policies = pdp__heap_resize(coverage->policies,
        coverage->policy_cnt + 1, sizeof(*coverage->policies));
    coverage->policies[coverage->policy_cnt] =
        (struct pdp__coverage_policy){.id = pdp__heap_copy(id)};
    return coverage->policy_cnt++;
}

static void
map_policies(struct pdp__coverage *coverage)
{
    const struct pdp__block *block = coverage->snapshot->block;
    const struct pdp__policy_id *ids = pdp__policy_ids(block);
    size_t known = coverage->policy_cnt;
    coverage->policy_map = pdp__heap_resize(coverage->policy_map,
        (size_t)block->policy_ids.cnt + 1, sizeof(*coverage->policy_map));
    for (uint32_t i = 0; i < block->policy_ids.cnt; i++) {
        coverage->policy_map[i] =
            add_policy(coverage, pdp__text(block, ids[i].id), known);
    }
}

void
pdp__coverage_snapshot(struct pdp__coverage *coverage,
    const pdp_snapshot_t *snapshot)
{
    coverage->snapshot = snapshot;
    map_routes(coverage);
    map_policies(coverage);
}

/* The route of a decision, or NULL. */
static struct pdp__coverage_route *
route_of(const struct pdp__coverage *coverage, const pdp_decision_t *decision)
{
    int64_t index = pdp_decision_route_index(decision);
    pdp_str_t name = pdp_decision_service(decision);
    size_t before = 0;
    for (size_t s = 0; index >= 0; s++) {
        pdp_service_info_t service = {.size = sizeof(service)};
        if (!pdp_catalog_service(coverage->snapshot, s, &service)) {
            break;
        }
        if (pdp__str_eq(service.name, name)) {
            return &coverage
                        ->routes[coverage->route_map[before + (size_t)index]];
        }
        before += service.route_cnt;
    }
    return NULL;
}

static struct pdp__coverage_policy *
policy_of(const struct pdp__coverage *coverage, pdp_str_t id)
{
    uint32_t ix = pdp__find_policy_id(coverage->snapshot->block, id);
    return ix == PDP__NONE ? NULL
                           : &coverage->policies[coverage->policy_map[ix]];
}

static void
count_policies(const struct pdp__coverage *coverage,
    const pdp_decision_t *decision)
{
    size_t cnt = pdp_decision_required_cnt(decision);
    for (size_t i = 0; i < cnt; i++) {
        pdp_required_t required = {.size = sizeof(required)};
        if (!pdp_decision_required(decision, i, &required)) {
            return;
        }
        struct pdp__coverage_policy *policy =
            required.denied ? policy_of(coverage, required.denied_by) : NULL;
        if (policy != NULL) {
            policy->denied++;
        }
        for (size_t k = 0; k < required.by_cnt; k++) {
            pdp_grant_t grant = {.size = sizeof(grant)};
            policy = pdp_decision_by(decision, i, k, &grant) &&
                             grant.source == PDP_GRANT_POLICY
                         ? policy_of(coverage, grant.id)
                         : NULL;
            if (policy != NULL) {
                policy->granted++;
            }
        }
    }
}

void
pdp__coverage_count(struct pdp__coverage *coverage,
    const pdp_decision_t *decision)
{
    struct pdp__coverage_route *route = route_of(coverage, decision);
    if (route == NULL) {
        return;
    }
    if (pdp_decision_effect(decision) == PDP_EFFECT_ALLOW) {
        route->allowed++;
    } else if (route->access != PDP_ACCESS_REQUIRES ||
               pdp_reason_status(pdp_decision_reason(decision)) == 403) {
        route->denied++;
    }
    count_policies(coverage, decision);
}

bool
pdp__coverage_has_deny(const struct pdp__coverage_route *route)
{
    return route->access != PDP_ACCESS_PUBLIC;
}

bool
pdp__coverage_unused(const struct pdp__coverage_policy *policy)
{
    return policy->granted == 0 && policy->denied == 0;
}

struct pdp__coverage_sum
pdp__coverage_sum(const struct pdp__coverage *coverage)
{
    struct pdp__coverage_sum sum = {.policies = coverage->policy_cnt};
    for (size_t i = 0; i < coverage->route_cnt; i++) {
        const struct pdp__coverage_route *route = &coverage->routes[i];
        bool has_deny = pdp__coverage_has_deny(route);
        sum.cells += has_deny ? 2 : 1;
        sum.covered += route->allowed > 0 ? 1 : 0;
        sum.covered += has_deny && route->denied > 0 ? 1 : 0;
    }
    for (size_t i = 0; i < coverage->policy_cnt; i++) {
        sum.unused += pdp__coverage_unused(&coverage->policies[i]) ? 1 : 0;
    }
    return sum;
}

unsigned
pdp__coverage_percent(const struct pdp__coverage_sum *sum)
{
    return sum->cells == 0 ? 100 : (unsigned)(sum->covered * 100 / sum->cells);
}

void
pdp__coverage_free(struct pdp__coverage *coverage)
{
    for (size_t i = 0; i < coverage->route_cnt; i++) {
        pdp__heap_free(coverage->routes[i].service);
        pdp__heap_free(coverage->routes[i].method);
        pdp__heap_free(coverage->routes[i].path);
    }
    for (size_t i = 0; i < coverage->policy_cnt; i++) {
        pdp__heap_free(coverage->policies[i].id);
    }
    pdp__heap_free(coverage->routes);
    pdp__heap_free(coverage->policies);
    pdp__heap_free(coverage->route_map);
    pdp__heap_free(coverage->policy_map);
    *coverage = (struct pdp__coverage){0};
}
