/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include "pdp-check/catalog.h"

/*
 * pdp-check routes: method, path, IAM actions and AT action of every route,
 * in the order of the service definition.  Reads nothing but documents.
 *
 * The tsv form is a contract: METHOD, path, IAM actions joined by commas or
 * `-`, AT action or `-`.  The text form says `public` or `authenticated`
 * where no action is required, since that is what a reader looks for.
 */

static const struct pdp__column columns[] = {
    {"service", NULL, false, false},
    {"method", "METHOD", true, false},
    {"path", "PATH", true, false},
    {"title", NULL, false, false},
    {"access", NULL, false, false},
    {"head", NULL, false, false},
    {"actions", "IAM ACTIONS", true, true},
    {"at_action", "AT ACTION", true, false},
};

static pdp_str_t
access_name(pdp_access_t access)
{
    switch (access) {
    case PDP_ACCESS_REQUIRES:
        return PDP__LIT("requires");
    case PDP_ACCESS_AUTHENTICATED:
        return PDP__LIT("authenticated");
    case PDP_ACCESS_PUBLIC:
        return PDP__LIT("public");
    }
    return PDP__LIT("requires");
}

static bool
route(struct pdp__catalog *c, size_t index)
{
    pdp_route_info_t info = {.size = sizeof(info)};
    if (!pdp_catalog_route(c->snapshot, c->service_ix, index, &info)) {
        return false;
    }
    pdp__catalog_clear(c);
    pdp_str_t item;
    for (size_t i = 0; i < info.action_cnt; i++) {
        if (!pdp_catalog_route_action(c->snapshot, c->service_ix, index, i,
                &item)) {
            return false;
        }
        pdp__catalog_push(c, item);
    }
    pdp__rows_str(&c->rows, c->service.name);
    pdp__rows_str(&c->rows, info.method);
    pdp__rows_str(&c->rows, info.path);
    pdp__rows_str(&c->rows, info.title);
    pdp__rows_str(&c->rows, access_name(info.access));
    pdp__rows_bool(&c->rows, info.head, "true", "false");
    if (c->items_cnt == 0 && c->rows.format == PDP__FORMAT_TEXT) {
        pdp__rows_str(&c->rows, access_name(info.access));
    } else {
        pdp__rows_list(&c->rows, c->items, c->items_cnt);
    }
    pdp__rows_str(&c->rows, info.at_action);
    pdp__rows_next(&c->rows);
    return true;
}

static size_t
count(const pdp_service_info_t *service)
{
    return service->route_cnt;
}

static int
run(const struct pdp__command *command, int argc, char **argv)
{
    static const struct pdp__catalog_list list = {columns,
        sizeof(columns) / sizeof(columns[0]), count, route};
    return pdp__catalog_run(command, argc, argv, &list);
}

const struct pdp__command pdp__cmd_routes = {
    "routes",
    "list methods, paths, IAM actions and AT actions",
    "",
    "Lists the routes of a service, in the order of its definition.\n"
    "tsv: METHOD, path, IAM actions or '-', AT action or '-'.",
    pdp__catalog_options,
    run,
};
