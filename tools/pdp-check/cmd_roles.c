/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include "pdp-check/catalog.h"

/*
 * pdp-check roles: the roles of a service and the actions they hold: service
 * roles, platform roles, and the custom roles of a directory.
 */

static const struct pdp__column columns[] = {
    {"service", NULL, false, false},
    {"role", "ROLE", true, false},
    {"crn", NULL, false, false},
    {"kind", "KIND", true, false},
    {"action_count", "COUNT", true, false},
    {"actions", "ACTIONS", true, true},
};

static pdp_str_t
kind(const pdp_role_info_t *info)
{
    if (info->custom) {
        return PDP__LIT("custom");
    }
    return info->platform ? PDP__LIT("platform") : PDP__LIT("service");
}

static bool
role(struct pdp__catalog *c, size_t index)
{
    pdp_role_info_t info = {.size = sizeof(info)};
    if (!pdp_catalog_role(c->snapshot, c->service_ix, index, &info)) {
        return false;
    }
    pdp__catalog_clear(c);
    pdp_str_t item;
    for (size_t i = 0; i < info.action_cnt; i++) {
        if (!pdp_catalog_role_action(c->snapshot, c->service_ix, index, i,
                &item)) {
            return false;
        }
        pdp__catalog_push(c, item);
    }
    pdp__rows_str(&c->rows, c->service.name);
    pdp__rows_str(&c->rows, info.name);
    pdp__rows_str(&c->rows, info.crn);
    pdp__rows_str(&c->rows, kind(&info));
    pdp__rows_number(&c->rows, (int64_t)info.action_cnt);
    pdp__rows_list(&c->rows, c->items, c->items_cnt);
    pdp__rows_next(&c->rows);
    return true;
}

static size_t
count(const pdp_service_info_t *service)
{
    return service->role_cnt;
}

static int
run(const struct pdp__command *command, int argc, char **argv)
{
    static const struct pdp__catalog_list list = {columns,
        sizeof(columns) / sizeof(columns[0]), count, role};
    return pdp__catalog_run(command, argc, argv, &list);
}

const struct pdp__command pdp__cmd_roles = {
    "roles",
    "list the roles and the IAM actions they hold",
    "",
    "Lists the roles of a service and the IAM actions they hold.\n"
    "tsv: role, 'service', 'platform' or 'custom', number of actions,\n"
    "actions or '-'.",
    pdp__catalog_options,
    run,
};
