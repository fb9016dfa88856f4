/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#ifndef PDP_CATALOG_H
#define PDP_CATALOG_H

/*
 * Read what a snapshot holds: services, routes, actions, roles, events and
 * regions, in the order of the service definition.  All strings are
 * borrowed until the snapshot is released by its last owner.
 *
 * Every function takes a service index below pdp_catalog_services() and an
 * item index from 0, and returns false when there is no such item.  Set
 * out->size to the size of the struct before the call.  Thread-safe; they
 * do not allocate.  Since 0.1.0.
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

PDP_API size_t pdp_catalog_services(const pdp_snapshot_t *snapshot);
PDP_API PDP_WUR bool pdp_catalog_service(const pdp_snapshot_t *snapshot,
    size_t service, pdp_service_info_t *out);
PDP_API PDP_WUR bool pdp_catalog_route(const pdp_snapshot_t *snapshot,
    size_t service, size_t index, pdp_route_info_t *out);
PDP_API PDP_WUR bool pdp_catalog_route_action(const pdp_snapshot_t *snapshot,
    size_t service, size_t route, size_t index, pdp_str_t *out);
PDP_API PDP_WUR bool pdp_catalog_action(const pdp_snapshot_t *snapshot,
    size_t service, size_t index, pdp_action_info_t *out);
PDP_API PDP_WUR bool pdp_catalog_role(const pdp_snapshot_t *snapshot,
    size_t service, size_t index, pdp_role_info_t *out);
PDP_API PDP_WUR bool pdp_catalog_role_action(const pdp_snapshot_t *snapshot,
    size_t service, size_t role, size_t index, pdp_str_t *out);
PDP_API PDP_WUR bool pdp_catalog_event(const pdp_snapshot_t *snapshot,
    size_t service, size_t index, pdp_event_info_t *out);
PDP_API PDP_WUR bool pdp_catalog_region(const pdp_snapshot_t *snapshot,
    size_t service, size_t index, pdp_region_info_t *out);
PDP_API PDP_WUR bool pdp_catalog_region_alias(const pdp_snapshot_t *snapshot,
    size_t service, size_t region, size_t index, pdp_str_t *out);
PDP_API PDP_WUR bool pdp_catalog_region_host(const pdp_snapshot_t *snapshot,
    size_t service, size_t region, size_t index, pdp_str_t *out);

#ifdef __cplusplus
}
#endif

#endif
