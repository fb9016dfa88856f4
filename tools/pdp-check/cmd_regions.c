/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include "pdp-check/catalog.h"

/*
 * pdp-check regions: IAM regions of a service, the location of their events
 * (which may be another region), their older names, and their hosts.
 */

static const struct pdp__column columns[] = {
    {"service", NULL, false, false},
    {"region", "REGION", true, false},
    {"events", "EVENTS", true, false},
    {"aliases", "ALIASES", true, false},
    {"hosts", "HOSTS", true, true},
};

typedef bool (*list_fn)(const pdp_snapshot_t *snapshot, size_t service,
    size_t region, size_t index, pdp_str_t *out);

static bool
put_list(struct pdp__catalog *c, size_t region, size_t cnt, list_fn get)
{
    pdp__catalog_clear(c);
    pdp_str_t item;
    for (size_t i = 0; i < cnt; i++) {
        if (!get(c->snapshot, c->service_ix, region, i, &item)) {
            return false;
        }
        pdp__catalog_push(c, item);
    }
    pdp__rows_list(&c->rows, c->items, c->items_cnt);
    return true;
}

static bool
region(struct pdp__catalog *c, size_t index)
{
    pdp_region_info_t info = {.size = sizeof(info)};
    if (!pdp_catalog_region(c->snapshot, c->service_ix, index, &info)) {
        return false;
    }
    pdp__rows_str(&c->rows, c->service.name);
    pdp__rows_str(&c->rows, info.region);
    pdp__rows_str(&c->rows, info.events);
    if (!put_list(c, index, info.alias_cnt, pdp_catalog_region_alias) ||
        !put_list(c, index, info.host_cnt, pdp_catalog_region_host)) {
        return false;
    }
    pdp__rows_next(&c->rows);
    return true;
}

static size_t
count(const pdp_service_info_t *service)
{
    return service->region_cnt;
}

static int
run(const struct pdp__command *command, int argc, char **argv)
{
    static const struct pdp__catalog_list list = {columns,
        sizeof(columns) / sizeof(columns[0]), count, region};
    return pdp__catalog_run(command, argc, argv, &list);
}

const struct pdp__command pdp__cmd_regions = {
    "regions",
    "list the regions, their hosts and event locations",
    "",
    "Lists the regions of a service.\n"
    "tsv: region, location of its events, older names or '-', hosts or\n"
    "'-'.",
    pdp__catalog_options,
    run,
};
