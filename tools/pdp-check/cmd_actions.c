/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include "pdp-check/catalog.h"

/*
 * pdp-check actions: the IAM actions of a service and the roles that hold
 * them, also custom roles when a directory is given.
 *
 * The roles of an action are found by going through all roles: a service
 * has a handful of roles and some dozens of actions.
 */

static const struct pdp__column columns[] = {
    {"service", NULL, false, false},
    {"action", "ACTION", true, false},
    {"title", NULL, false, false},
    {"scope", "SCOPE", true, false},
    {"roles", "ROLES", true, false},
};

/* Whether role number role holds an action. */
static bool
holds(const struct pdp__catalog *c, size_t role, const pdp_role_info_t *info,
    pdp_str_t action)
{
    pdp_str_t item;
    for (size_t i = 0; i < info->action_cnt; i++) {
        if (pdp_catalog_role_action(c->snapshot, c->service_ix, role, i,
                &item) &&
            pdp__str_eq(item, action)) {
            return true;
        }
    }
    return false;
}

static bool
action(struct pdp__catalog *c, size_t index)
{
    pdp_action_info_t info = {.size = sizeof(info)};
    if (!pdp_catalog_action(c->snapshot, c->service_ix, index, &info)) {
        return false;
    }
    pdp__catalog_clear(c);
    for (size_t i = 0; i < c->service.role_cnt; i++) {
        pdp_role_info_t role = {.size = sizeof(role)};
        if (!pdp_catalog_role(c->snapshot, c->service_ix, i, &role)) {
            return false;
        }
        if (holds(c, i, &role, info.name)) {
            pdp__catalog_push(c, role.name);
        }
    }
    pdp__rows_str(&c->rows, c->service.name);
    pdp__rows_str(&c->rows, info.name);
    pdp__rows_str(&c->rows, info.title);
    pdp__rows_str(&c->rows,
        info.account_scope ? PDP__LIT("account") : PDP__LIT("namespace"));
    pdp__rows_list(&c->rows, c->items, c->items_cnt);
    pdp__rows_next(&c->rows);
    return true;
}

static size_t
count(const pdp_service_info_t *service)
{
    return service->action_cnt;
}

static int
run(const struct pdp__command *command, int argc, char **argv)
{
    static const struct pdp__catalog_list list = {columns,
        sizeof(columns) / sizeof(columns[0]), count, action};
    return pdp__catalog_run(command, argc, argv, &list);
}

const struct pdp__command pdp__cmd_actions = {
    "actions",
    "list the IAM actions and the roles that hold them",
    "",
    "Lists the IAM actions of a service and the roles that hold them.\n"
    "tsv: action, 'account' or 'namespace' (scope), roles or '-'.",
    pdp__catalog_options,
    run,
};
