/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#ifndef PDP_CATALOG_H
#define PDP_CATALOG_H

/*
 * Read what a snapshot holds: services, routes, actions, roles, events and
 * regions, in the order of the service definition.
 *
 * What all functions here share, in full:
 *   Ownership: the snapshot is borrowed for the call; every string handed out
 *     is borrowed until the last share of the snapshot is released.
 *   NULL: no argument may be NULL.
 *   Sizes: where *out is a struct, set out->size to sizeof(*out) before each
 *     call (pdp/base.h).
 *   Returns: true if *out was filled; false if there is no such item, or
 *     out->size is wrong.  *out is then as it was.
 *   Thread safety: any thread that holds a share of the snapshot; any number
 *     of threads at once.
 *   Allocates: nothing.
 *
 * `service` counts from 0 to below pdp_catalog_services(); every other index
 * from 0 to below the count that the comment names.
 */

#include "pdp/base.h"
#include "pdp/snapshot.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum pdp_access {
    PDP_ACCESS_REQUIRES = 0,      /* every action of `requires` is needed */
    PDP_ACCESS_AUTHENTICATED = 1, /* any verified principal */
    PDP_ACCESS_PUBLIC = 2         /* no token is looked at */
} pdp_access_t;

typedef struct pdp_service_info {
    size_t size;
    pdp_str_t name; /* "container-registry" */
    pdp_str_t title;
    size_t route_cnt, action_cnt, role_cnt, event_cnt, region_cnt;
} pdp_service_info_t;

typedef struct pdp_route_info {
    size_t size;
    pdp_str_t method;
    pdp_str_t path; /* the template */
    pdp_str_t title;
    pdp_access_t access;
    bool head;           /* a HEAD request may use this GET row */
    size_t action_cnt;   /* see pdp_catalog_route_action() */
    pdp_str_t at_action; /* {NULL, 0}: not applicable */
} pdp_route_info_t;

typedef struct pdp_action_info {
    size_t size;
    pdp_str_t name;
    pdp_str_t title;
    bool account_scope; /* true: account, false: namespace */
} pdp_action_info_t;

typedef struct pdp_role_info {
    size_t size;
    pdp_str_t name;
    pdp_str_t crn;     /* generic CRN, or the CRN of a custom role */
    bool platform;     /* Viewer, Operator, Editor, Administrator */
    bool custom;       /* from the directory */
    size_t action_cnt; /* see pdp_catalog_role_action() */
} pdp_role_info_t;

typedef struct pdp_event_info {
    size_t size;
    pdp_str_t name; /* the AT action */
    pdp_str_t title;
    bool data_event;
    bool deprecated;
    size_t route_cnt; /* routes that produce it */
} pdp_event_info_t;

typedef struct pdp_region_info {
    size_t size;
    pdp_str_t region; /* IAM region, "us-south" */
    pdp_str_t events; /* location of its events */
    size_t alias_cnt; /* see pdp_catalog_region_alias() */
    size_t host_cnt;  /* see pdp_catalog_region_host() */
} pdp_region_info_t;

/*
 * pdp_catalog_services: how many services the snapshot holds.
 *
 * NULL: not allowed.
 * Returns: their number, 1 or above.
 * Thread safety: any thread that holds a share of the snapshot.
 * Allocates: nothing.
 * Since: 0.1.
 */
PDP_API size_t pdp_catalog_services(const pdp_snapshot_t *snapshot);

/*
 * pdp_catalog_service: name, title and counts of a service.
 *
 * Ownership: *out is filled; its strings are borrowed until the snapshot is
 *     freed.
 * NULL: not allowed.
 * Returns: true; false if service is not below pdp_catalog_services(), or
 *     out->size is wrong.
 * Thread safety: any thread that holds a share of the snapshot.
 * Allocates: nothing.
 * Since: 0.1.
 */
PDP_API PDP_WUR bool pdp_catalog_service(const pdp_snapshot_t *snapshot,
    size_t service, pdp_service_info_t *out);

/*
 * pdp_catalog_route: a route: item index of the service's route_cnt.
 * pdp_decision_route_index() is such an index.
 *
 * Ownership: *out is filled; its strings are borrowed until the snapshot is
 *     freed.
 * NULL: not allowed.
 * Returns: true; false if there is no such service or item, or out->size is
 *     wrong.
 * Thread safety: any thread that holds a share of the snapshot.
 * Allocates: nothing.
 * Since: 0.1.
 */
PDP_API PDP_WUR bool pdp_catalog_route(const pdp_snapshot_t *snapshot,
    size_t service, size_t index, pdp_route_info_t *out);

/*
 * pdp_catalog_route_action: an IAM action that a route requires: item
 * index of the route's action_cnt.
 *
 * Ownership: *out is borrowed until the snapshot is freed.
 * NULL: not allowed.
 * Returns: true; false if there is no such service or item.
 * Thread safety: any thread that holds a share of the snapshot.
 * Allocates: nothing.
 * Since: 0.1.
 */
PDP_API PDP_WUR bool pdp_catalog_route_action(const pdp_snapshot_t *snapshot,
    size_t service, size_t route, size_t index, pdp_str_t *out);

/*
 * pdp_catalog_action: an IAM action: item index of the service's action_cnt.
 *
 * Ownership: *out is filled; its strings are borrowed until the snapshot is
 *     freed.
 * NULL: not allowed.
 * Returns: true; false if there is no such service or item, or out->size is
 *     wrong.
 * Thread safety: any thread that holds a share of the snapshot.
 * Allocates: nothing.
 * Since: 0.1.
 */
PDP_API PDP_WUR bool pdp_catalog_action(const pdp_snapshot_t *snapshot,
    size_t service, size_t index, pdp_action_info_t *out);

/*
 * pdp_catalog_role: a role: item index of the service's role_cnt.  Custom
 * roles of the directory come last.
 *
 * Ownership: *out is filled; its strings are borrowed until the snapshot is
 *     freed.
 * NULL: not allowed.
 * Returns: true; false if there is no such service or item, or out->size is
 *     wrong.
 * Thread safety: any thread that holds a share of the snapshot.
 * Allocates: nothing.
 * Since: 0.1.
 */
PDP_API PDP_WUR bool pdp_catalog_role(const pdp_snapshot_t *snapshot,
    size_t service, size_t index, pdp_role_info_t *out);

/*
 * pdp_catalog_role_action: an IAM action that a role holds: item index of
 * the role's action_cnt.
 *
 * Ownership: *out is borrowed until the snapshot is freed.
 * NULL: not allowed.
 * Returns: true; false if there is no such service or item.
 * Thread safety: any thread that holds a share of the snapshot.
 * Allocates: nothing.
 * Since: 0.1.
 */
PDP_API PDP_WUR bool pdp_catalog_role_action(const pdp_snapshot_t *snapshot,
    size_t service, size_t role, size_t index, pdp_str_t *out);

/*
 * pdp_catalog_event: an AT action: item index of the service's event_cnt.
 *
 * Ownership: *out is filled; its strings are borrowed until the snapshot is
 *     freed.
 * NULL: not allowed.
 * Returns: true; false if there is no such service or item, or out->size is
 *     wrong.
 * Thread safety: any thread that holds a share of the snapshot.
 * Allocates: nothing.
 * Since: 0.1.
 */
PDP_API PDP_WUR bool pdp_catalog_event(const pdp_snapshot_t *snapshot,
    size_t service, size_t index, pdp_event_info_t *out);

/*
 * pdp_catalog_region: a region: item index of the service's region_cnt.
 *
 * Ownership: *out is filled; its strings are borrowed until the snapshot is
 *     freed.
 * NULL: not allowed.
 * Returns: true; false if there is no such service or item, or out->size is
 *     wrong.
 * Thread safety: any thread that holds a share of the snapshot.
 * Allocates: nothing.
 * Since: 0.1.
 */
PDP_API PDP_WUR bool pdp_catalog_region(const pdp_snapshot_t *snapshot,
    size_t service, size_t index, pdp_region_info_t *out);

/*
 * pdp_catalog_region_alias: an older name of a region: item index of the
 * region's alias_cnt.
 *
 * Ownership: *out is borrowed until the snapshot is freed.
 * NULL: not allowed.
 * Returns: true; false if there is no such service or item.
 * Thread safety: any thread that holds a share of the snapshot.
 * Allocates: nothing.
 * Since: 0.1.
 */
PDP_API PDP_WUR bool pdp_catalog_region_alias(const pdp_snapshot_t *snapshot,
    size_t service, size_t region, size_t index, pdp_str_t *out);

/*
 * pdp_catalog_region_host: a host of a region: item index of the region's
 * host_cnt; lower case, without a port.
 *
 * Ownership: *out is borrowed until the snapshot is freed.
 * NULL: not allowed.
 * Returns: true; false if there is no such service or item.
 * Thread safety: any thread that holds a share of the snapshot.
 * Allocates: nothing.
 * Since: 0.1.
 */
PDP_API PDP_WUR bool pdp_catalog_region_host(const pdp_snapshot_t *snapshot,
    size_t service, size_t region, size_t index, pdp_str_t *out);

#ifdef __cplusplus
}
#endif

#endif
