/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include "pdp-check/catalog.h"

/*
 * The walk behind routes, events, actions, roles and regions.
 *
 * A snapshot may hold several services.  In json every row names its
 * service; in text each service gets a heading when there are more than
 * one; tsv has the columns of its contract and nothing else.
 */

#include "common/escape.h"
#include "common/out.h"
#include "common/tell.h"

const struct pdp__option pdp__catalog_options[] = {
    PDP__ROW_SERVICE,
    PDP__ROW_DIRECTORY,
    PDP__ROW_FORMAT,
    PDP__ROW_HELP,
    {0},
};

void
pdp__catalog_clear(struct pdp__catalog *catalog)
{
    catalog->items_cnt = 0;
}

void
pdp__catalog_push(struct pdp__catalog *catalog, pdp_str_t item)
{
    if (catalog->items_cnt == catalog->items_cap) {
        catalog->items_cap =
            catalog->items_cap == 0 ? 32 : catalog->items_cap * 2;
        catalog->items = pdp__heap_resize(catalog->items, catalog->items_cap,
            sizeof(*catalog->items));
    }
    catalog->items[catalog->items_cnt++] = item;
}

static bool
service_rows(struct pdp__catalog *catalog, const struct pdp__catalog_list *list)
{
    size_t cnt = list->count(&catalog->service);
    for (size_t i = 0; i < cnt; i++) {
        if (!list->row(catalog, i)) {
            return false;
        }
    }
    return true;
}

static void
heading(const struct pdp__catalog *catalog)
{
    struct pdp__string line = {0};
    pdp__string_z(&line, catalog->service_ix == 0 ? "" : "\n");
    pdp__escape_add(&line, catalog->service.name);
    pdp__string_char(&line, '\n');
    pdp__out_write(pdp__string_get(&line));
    pdp__string_free(&line);
}

static bool
walk(struct pdp__catalog *catalog, const struct pdp__catalog_list *list,
    enum pdp__format format)
{
    size_t services = pdp_catalog_services(catalog->snapshot);
    bool good = true;
    pdp__rows_start(&catalog->rows, format, list->columns, list->column_cnt);
    for (size_t i = 0; i < services && good; i++) {
        catalog->service_ix = i;
        catalog->service.size = sizeof(catalog->service);
        good = pdp_catalog_service(catalog->snapshot, i, &catalog->service);
        if (good && services > 1 && format == PDP__FORMAT_TEXT) {
            heading(catalog);
        }
        good = good && service_rows(catalog, list);
        if (format == PDP__FORMAT_TEXT && i + 1 < services) {
            pdp__rows_finish(&catalog->rows);
            pdp__rows_start(&catalog->rows, format, list->columns,
                list->column_cnt);
        }
    }
    pdp__rows_finish(&catalog->rows);
    return good;
}

int
pdp__catalog_run(const struct pdp__command *command, int argc, char **argv,
    const struct pdp__catalog_list *list)
{
    struct pdp__cli cli = {.command = command};
    int status = pdp__cli_read(&cli, argc, argv);
    if (status >= 0) {
        return status;
    }
    struct pdp__docs docs;
    status = pdp__cli_load(&cli, &docs);
    if (status == PDP__EXIT_OK) {
        struct pdp__catalog catalog = {.snapshot = docs.snapshot};
        if (!walk(&catalog, list, cli.format)) {
            pdp__tell("the catalog of the service is incomplete");
            status = PDP__EXIT_INTERNAL;
        }
        pdp__heap_free(catalog.items);
    }
    pdp__docs_close(&docs);
    pdp__cli_free(&cli);
    return status;
}
