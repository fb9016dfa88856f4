/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#ifndef PDP__CHECK_CATALOG_H
#define PDP__CHECK_CATALOG_H

/*
 * What the commands that list a service definition share: options, loading,
 * and the walk over all services of the snapshot.
 */

#include "pdp-check/rows.h"
#include "pdp/catalog.h"

struct pdp__catalog {
    const pdp_snapshot_t *snapshot;
    size_t service_ix;
    pdp_service_info_t service;
    struct pdp__rows rows;
    pdp_str_t *items; /* scratch for one list */
    size_t items_cnt, items_cap;
};

struct pdp__catalog_list {
    const struct pdp__column *columns;
    size_t column_cnt;
    size_t (*count)(const pdp_service_info_t *service);
    /* writes row number index; false: the catalog contradicts itself */
    bool (*row)(struct pdp__catalog *catalog, size_t index);
};

extern const struct pdp__option pdp__catalog_options[];

/* The whole command; returns the exit status. */
int pdp__catalog_run(const struct pdp__command *command, int argc, char **argv,
    const struct pdp__catalog_list *list);

void pdp__catalog_clear(struct pdp__catalog *catalog);
void pdp__catalog_push(struct pdp__catalog *catalog, pdp_str_t item);

#endif
