/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include "pdp-check/catalog.h"

/*
 * pdp-check events: the Activity Tracker actions of a service.
 *
 * The tsv form is a contract: AT action, `true` or `false` for a data
 * event, `current` or `deprecated`, number of routes that produce it.
 */

static const struct pdp__column columns[] = {
    {"service", NULL, false, false},
    {"at_action", "AT ACTION", true, false},
    {"title", NULL, false, false},
    {"data_event", "EVENT", true, false},
    {"deprecated", "STATE", true, false},
    {"routes", "ROUTES", true, false},
};

static bool
event(struct pdp__catalog *c, size_t index)
{
    pdp_event_info_t info = {.size = sizeof(info)};
    if (!pdp_catalog_event(c->snapshot, c->service_ix, index, &info)) {
        return false;
    }
    pdp__rows_str(&c->rows, c->service.name);
    pdp__rows_str(&c->rows, info.name);
    pdp__rows_str(&c->rows, info.title);
    pdp__rows_flag(&c->rows, info.data_event, "data", "management");
    pdp__rows_bool(&c->rows, info.deprecated, "deprecated", "current");
    pdp__rows_number(&c->rows, (int64_t)info.route_cnt);
    pdp__rows_next(&c->rows);
    return true;
}

static size_t
count(const pdp_service_info_t *service)
{
    return service->event_cnt;
}

static int
run(const struct pdp__command *command, int argc, char **argv)
{
    static const struct pdp__catalog_list list = {columns,
        sizeof(columns) / sizeof(columns[0]), count, event};
    return pdp__catalog_run(command, argc, argv, &list);
}

const struct pdp__command pdp__cmd_events = {
    "events",
    "list the Activity Tracker actions",
    "",
    "Lists the Activity Tracker actions of a service.\n"
    "tsv: AT action, 'true' or 'false' (data event), 'current' or\n"
    "'deprecated', number of routes that produce it.",
    pdp__catalog_options,
    run,
};
