/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
/*
 * Older names of a region, over all services.
 *
 * One name means one region in the whole snapshot (service_regions.c sees to
 * that), but each service lists the older names it cares for.  A policy for
 * all services names a region once: a denial for `eu-central*` must hold in
 * `eu-de` of every service, also of one that never had the older name.  So
 * the rows of one region share their older names.
 *
 * Cost: rows squared, and a snapshot has a few dozen.
 */

#include "load/builder.h"
#include "load/lookup.h"

/* Whether the region has this older name. */
static bool
has_alias(const struct pdp__builder *b, const struct pdp__region *region,
    pdp_str_t name)
{
    for (uint32_t i = 0; i < region->aliases.cnt; i++) {
        const struct pdp__text *alias =
            PDP__ITEM(b, texts, struct pdp__text, region->aliases.first + i);
        if (pdp__str_eq(pdp__builder_str(b, *alias), name)) {
            return true;
        }
    }
    return false;
}

/* Adds the older names of row `from` to row `to`. */
static void
copy_aliases(struct pdp__builder *b, uint32_t from, uint32_t to,
    struct pdp__range *range)
{
    const struct pdp__region region =
        *PDP__ITEM(b, regions, struct pdp__region, from);

    for (uint32_t i = 0; i < region.aliases.cnt; i++) {
        pdp_str_t name = pdp__builder_str(b,
            *PDP__ITEM(b, texts, struct pdp__text, region.aliases.first + i));
        if (from == to ||
            !has_alias(b, PDP__ITEM(b, regions, struct pdp__region, to),
                name)) {
            pdp__range_add(b, range, name);
        }
    }
}

static uint32_t
service_of(const struct pdp__builder *b, uint32_t region)
{
    uint32_t s = 0;

    for (; s < b->services.cnt; s++) {
        struct pdp__range range =
            PDP__ITEM(b, services, struct pdp__service, s)->regions;
        if (region - range.first < range.cnt) {
            break;
        }
    }
    return s;
}

void
pdp__regions_unite(struct pdp__builder *b)
{
    for (uint32_t to = 0; to < b->regions.cnt && !b->failed; to++) {
        struct pdp__text name =
            PDP__ITEM(b, regions, struct pdp__region, to)->region;
        for (uint32_t from = 0; from < b->regions.cnt; from++) {
            struct pdp__text other =
                PDP__ITEM(b, regions, struct pdp__region, from)->region;
            if (from == to || !pdp__str_eq(pdp__builder_str(b, name),
                                  pdp__builder_str(b, other))) {
                continue;
            }
            struct pdp__range all = {b->texts.cnt, 0};
            copy_aliases(b, to, to, &all);
            uint32_t own = all.cnt;
            copy_aliases(b, from, to, &all);
            for (uint32_t i = own; i < all.cnt; i++) {
                pdp_str_t alias = pdp__builder_str(b,
                    *PDP__ITEM(b, texts, struct pdp__text, all.first + i));
                (void)pdp__map_put_in(b, PDP__MAP_REGION, service_of(b, to),
                    alias, to);
            }
            PDP__ITEM(b, regions, struct pdp__region, to)->aliases = all;
        }
    }
}
