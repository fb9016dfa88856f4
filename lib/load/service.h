/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#ifndef PDP__LOAD_SERVICE_H
#define PDP__LOAD_SERVICE_H

/*
 * What the files that read a service definition share.  Sections are read
 * in the order of what they refer to: actions, roles, events, params,
 * regions, routes.
 */

#include "load/builder.h"
#include "load/template.h"

/* Limits of a definition, pdp-service(5); beyond them: finding `limit`. */
enum {
    PDP__SERVICES_MAX = 256, /* of one snapshot */
    PDP__ACTIONS_MAX = 4096,
    PDP__ROLES_MAX = 1024,
    PDP__EVENTS_MAX = 16384,
    PDP__PARAM_DEFS_MAX = 4096,
    PDP__REGIONS_MAX = 1024,
    PDP__REGION_NAMES_MAX = 64, /* aliases of a region, and hosts of it */
    PDP__ROUTES_MAX = 65536,
    PDP__REQUIRES_MAX = 32, /* actions of one route */
    PDP__ORIGINS_MAX = 32,  /* items of one `on` */
};

/* A member of `params`: what values of this name look like. */
struct pdp__param_def {
    pdp_str_t name;
    uint32_t node;
    enum pdp__param_kind kind;
    bool tagless;
    bool repeat;
    bool used;
};

struct pdp__service_reader {
    struct pdp__builder *b;
    const struct pdp__doc *doc;
    uint32_t service;
    pdp_str_t name;
    /* Sections; 0: absent or of a wrong type, which is reported once and
     * not again for every name that would have been looked up there. */
    uint32_t actions, roles, events, params, regions, routes;
    struct pdp__vec action_defs; /* struct pdp__def, one an action */
    struct pdp__vec event_defs;  /* struct pdp__def, one an event */
    struct pdp__vec param_defs;  /* struct pdp__param_def */
    uint32_t hints;              /* given so far */
};

/* Where an action or event is defined, and whether a route uses it. */
struct pdp__def {
    uint32_t node;
    bool used;
};

/* A route while it is read. */
struct pdp__route_draft {
    uint32_t method, path, title, requires, access, event, head; /* nodes */
    struct pdp__template template;
    struct pdp__range queries;
};

/* Grammars of names; see service_name.c. */
enum pdp__name_kind {
    PDP__NAME_SERVICE = 0,
    PDP__NAME_ACTION, /* and event */
    PDP__NAME_ROLE,
    PDP__NAME_PARAM,
    PDP__NAME_REGION, /* and alias, location, geography */
    PDP__NAME_HOST,
    PDP__NAME_METHOD,
    PDP__NAME_COUNT
};

/* Whether text is such a name; if not, a bad_value is reported at place. */
bool pdp__service_name(const struct pdp__service_reader *r,
    enum pdp__name_kind kind, pdp_str_t text, struct pdp__place place);

/* The tables that names are looked up in. */
enum pdp__table_kind {
    PDP__TABLE_ACTIONS = 0,
    PDP__TABLE_EVENTS,
    PDP__TABLE_PARAMS
};

/* Reports unknown_name, with the nearest name of the table as a hint; not
 * if the table's section is missing. */
void pdp__service_unknown(struct pdp__service_reader *r,
    enum pdp__table_kind table, pdp_str_t name, struct pdp__place place);

/* Reports `limit` and returns false if node ix has more than max items. */
bool pdp__service_limit(const struct pdp__service_reader *r, uint32_t ix,
    uint32_t max, const char *what);

/* Index into words of a string node, or cnt; then a bad_value is reported. */
size_t pdp__service_word(const struct pdp__service_reader *r, uint32_t ix,
    const pdp_str_t *words, size_t cnt);

/* The text of a string node; absent for node 0. */
struct pdp__text pdp__service_text(const struct pdp__service_reader *r,
    uint32_t ix);

/* The definition of a parameter; NULL if there is none (reported). */
struct pdp__param_def *pdp__service_param(struct pdp__service_reader *r,
    pdp_str_t name, struct pdp__place place);

/* The required actions of a route: a range of `requirements`. */
struct pdp__range pdp__service_requires(struct pdp__service_reader *r,
    struct pdp__route_draft *draft);

/* The sections, one file each.  Out of memory: b->failed. */
void pdp__service_roles(struct pdp__service_reader *r);
void pdp__service_params(struct pdp__service_reader *r);
void pdp__service_regions(struct pdp__service_reader *r);
void pdp__service_routes(struct pdp__service_reader *r);

#endif
