/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include <stdlib.h>
#include <string.h>

#include "model/router.h"
#include "model/snapshot.h"
#include "pdp/loader.h"

/*
 * Service definition -> snapshot.  Input: the JSON of a definition.
 *
 * Holds for any input: a snapshot is there exactly if there is no error;
 * every finding lies within the text and has a code and a message; every
 * name of the tables is found by its hash; a request made from the template
 * of a route finds a route (its own, or one that goes before it).
 */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { SIZE_MAX_IN = 65536 };

#define MUST(condition)                                                        \
    do {                                                                       \
        if (!(condition)) {                                                    \
            abort();                                                           \
        }                                                                      \
    } while (0)

static void
check_report(const pdp_report_t *report, const uint8_t *data, size_t size)
{
    uint32_t lines = 1;
    for (size_t i = 0; i < size; i++) {
        lines += data[i] == '\n';
    }
    for (size_t i = 0; i < pdp_report_count(report); i++) {
        pdp_finding_t f = {.size = sizeof(f)};
        MUST(pdp_report_at(report, i, &f) == PDP_OK);
        MUST(f.code.len > 0 && f.message.len > 0);
        MUST(f.line >= 1 && f.line <= lines);
        MUST(f.column >= 1 && f.column <= size + 1);
    }
}

static void
check_route(const struct pdp__block *block, uint32_t ix)
{
    const struct pdp__route *route = &pdp__routes(block)[ix];
    pdp_str_t path = pdp__text(block, route->path);
    pdp_str_t segments[64];
    uint32_t cnt = 0;
    MUST(path.len > 1 && path.ptr[0] == '/' && route->segments <= 32);
    for (size_t at = 1; at <= path.len && cnt < 64;) {
        size_t end = pdp__str_find(path, '/', at);
        segments[cnt] = pdp__str(path.ptr + at, end - at);
        if (path.ptr[at] == '{') {
            segments[cnt] = PDP__LIT("value");
        }
        cnt++;
        at = end + 1;
    }
    MUST(cnt == route->segments);
    struct pdp__route_match match = pdp__router_find(block, route->service,
        pdp__text(block, pdp__methods(block)[route->method]), segments, cnt);
    MUST(match.route != PDP__NONE);
    MUST(pdp__routes(block)[match.route].method == route->method ||
         pdp__routes(block)[match.route].head != 0);
    MUST(pdp__routes(block)[match.route].service == route->service);
}

static void
check_snapshot(const pdp_snapshot_t *snapshot)
{
    const struct pdp__block *block = snapshot->block;
    for (uint32_t i = 0; i < block->routes.cnt; i++) {
        check_route(block, i);
    }
    for (uint32_t i = 0; i < block->actions.cnt; i++) {
        MUST(pdp__find_action(block,
                 pdp__text(block, pdp__actions(block)[i].name)) == i);
    }
    for (uint32_t i = 0; i < block->hosts.cnt; i++) {
        MUST(pdp__find_host(block,
                 pdp__text(block, pdp__hosts(block)[i].host)) == i);
    }
    for (uint32_t i = 0; i < block->role_ids.cnt; i++) {
        MUST(pdp__find_role_id(block,
                 pdp__text(block, pdp__role_ids(block)[i].id)) == i);
        MUST(pdp__role_of(block, i, 0) < block->roles.cnt);
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    pdp_loader_t *loader = NULL;
    pdp_snapshot_t *snapshot = NULL;
    pdp_report_t *report = NULL;
    if (size > SIZE_MAX_IN) {
        return 0;
    }
    pdp_source_t source = {
        .size = sizeof(source),
        .kind = PDP_SOURCE_SERVICE,
        .name = PDP__LIT("fuzz"),
        .text = {size == 0 ? "" : (const char *)data, size},
    };
    MUST(pdp_loader_new(NULL, &loader) == PDP_OK);
    MUST(pdp_loader_add(loader, &source) == PDP_OK);
    pdp_status_t status = pdp_loader_build(loader, &snapshot, &report);
    pdp_loader_free(loader);
    MUST(status == PDP_OK || status == PDP_E_INVALID);
    MUST((status == PDP_OK) == (snapshot != NULL));
    MUST((status == PDP_OK) == (pdp_report_errors(report) == 0));
    check_report(report, data, size);
    if (snapshot != NULL) {
        check_snapshot(snapshot);
    }
    pdp_report_free(report);
    pdp_snapshot_release(snapshot);
    return 0;
}
