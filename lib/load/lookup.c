/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include "load/lookup.h"

#include "base/buf.h"

/*
 * Helpers of the readers that come after the services.
 *
 * Region names are looked up in the map that the service reader fills, so
 * an alias in an old policy or directory and the canonical name of today
 * become the same text.  Hints are only ever advice: a name that is near is
 * reported, never used in place of the one that was written.
 *
 * Cost: one map look-up a region; a hint compares with every region of the
 * service, on the error path only.
 */

enum { CANDIDATES_MAX = 128 }; /* more names than that get no hint */

pdp_status_t
pdp__read_status(const struct pdp__builder *b)
{
    return b->failed || pdp__report_failed(b->report) ? PDP_E_NOMEM : PDP_OK;
}

bool
pdp__read_format(const struct pdp__doc *doc, const char *format)
{
    if (!pdp__json_is(&doc->json, 0, PDP__JSON_OBJECT)) {
        return true;
    }
    uint32_t ix = pdp__json_member(&doc->json, 0, PDP__LIT("format"));
    if (ix == 0 || !pdp__json_is(&doc->json, ix, PDP__JSON_STRING) ||
        pdp__str_eq(pdp__doc_text(doc, ix), pdp__str_z(format))) {
        return true;
    }
    pdp__report_add(doc->report, PDP__CODE_BAD_FORMAT, pdp__doc_place(doc, ix),
        NULL, "the format is \"%.*s\", not \"%s\"",
        PDP__ARG(pdp__doc_text(doc, ix)), format);
    return false;
}

void
pdp__range_add(struct pdp__builder *b, struct pdp__range *range, pdp_str_t text)
{
    uint32_t ix = 0;
    struct pdp__text value = pdp__builder_text(b, text);
    struct pdp__text *slot = PDP__NEW(b, texts, ix);

    if (slot == NULL) {
        return;
    }
    *slot = value;
    if (range->cnt == 0) {
        range->first = ix;
    }
    range->cnt++;
}

pdp_str_t
pdp__doc_numbered(struct pdp__builder *b, const struct pdp__doc *doc,
    uint32_t number)
{
    enum { NUMBER_MAX = 16 };
    char *room = pdp__arena_alloc(b->arena, doc->name.len + NUMBER_MAX);

    if (room == NULL) {
        b->failed = true;
        return (pdp_str_t){NULL, 0};
    }
    struct pdp__buf buf = pdp__buf(room, doc->name.len + NUMBER_MAX);
    pdp__buf_str(&buf, doc->name);
    pdp__buf_char(&buf, '#');
    pdp__buf_int(&buf, number);
    return pdp__buf_get(&buf);
}

const char *
pdp__hint_name(char *buf, size_t cap, pdp_str_t name, const char *const *names)
{
    pdp_str_t candidates[CANDIDATES_MAX];
    size_t cnt = 0;

    for (; cnt < CANDIDATES_MAX && names[cnt] != NULL; cnt++) {
        candidates[cnt] = pdp__str_z(names[cnt]);
    }
    return pdp__doc_hint(buf, cap, name, candidates, cnt);
}

uint32_t
pdp__region_find(const struct pdp__builder *b, uint32_t service, pdp_str_t name)
{
    return pdp__map_get_in(b, PDP__MAP_REGION, service, name);
}

bool
pdp__region_any(const struct pdp__builder *b, uint32_t service)
{
    return PDP__ITEM(b, services, struct pdp__service, service)->regions.cnt >
           0;
}

/* Adds the names and aliases of a service's regions; the new count. */
static size_t
collect(const struct pdp__builder *b, uint32_t service, pdp_str_t *candidates,
    size_t cnt)
{
    struct pdp__range regions =
        PDP__ITEM(b, services, struct pdp__service, service)->regions;

    for (uint32_t i = 0; i < regions.cnt; i++) {
        const struct pdp__region *region =
            PDP__ITEM(b, regions, struct pdp__region, regions.first + i);
        if (cnt < CANDIDATES_MAX) {
            candidates[cnt++] = pdp__builder_str(b, region->region);
        }
        for (uint32_t k = 0; k < region->aliases.cnt; k++) {
            struct pdp__text alias = *PDP__ITEM(b, texts, struct pdp__text,
                region->aliases.first + k);
            if (cnt < CANDIDATES_MAX) {
                candidates[cnt++] = pdp__builder_str(b, alias);
            }
        }
    }
    return cnt;
}

const char *
pdp__region_hint(const struct pdp__builder *b, char *buf, size_t cap,
    uint32_t service, pdp_str_t name)
{
    pdp_str_t candidates[CANDIDATES_MAX];
    size_t cnt = 0;

    for (uint32_t s = 0; s < b->services.cnt; s++) {
        if (service == PDP__NONE || service == s) {
            cnt = collect(b, s, candidates, cnt);
        }
    }
    return pdp__doc_hint(buf, cap, name, candidates, cnt);
}
