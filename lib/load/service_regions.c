/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include "load/lookup.h"
#include "load/service.h"

/*
 * `regions`: where the service runs.
 *
 *     { "region": "eu-de", "aliases": ["eu-central"],
 *       "hosts": ["de.example.com"], "events": "eu-de",
 *       "geography": "eu" }
 *
 * A host leads to one region of one service, in the whole snapshot: it is
 * how an image reference says its region, and how a request chooses among
 * several services.  A name or an alias leads to one region of the service.
 * `events` is where the region's audit events go, which may be elsewhere.
 */

/*
 * One name means one region in all services: directories and the policies of
 * tokens name regions without saying whose.
 */
static bool
check_other_services(struct pdp__service_reader *r, uint32_t node,
    pdp_str_t name, uint32_t region)
{
    const struct pdp__builder *b = r->b;
    pdp_str_t meant = pdp__builder_str(b,
        PDP__ITEM(b, regions, struct pdp__region, region)->region);

    for (uint32_t s = 0; s < r->service; s++) {
        uint32_t other = pdp__map_get_in(b, PDP__MAP_REGION, s, name);
        if (other == PDP__NONE) {
            continue;
        }
        pdp_str_t theirs = pdp__builder_str(b,
            PDP__ITEM(b, regions, struct pdp__region, other)->region);
        if (!pdp__str_eq(meant, theirs)) {
            PDP__DOC_ADD(r->doc, DUPLICATE_NAME, node, NULL,
                "\"%.*s\" is region \"%.*s\" in another service",
                PDP__ARG(name), PDP__ARG(theirs));
            return false;
        }
    }
    return true;
}

/* A name that leads to region ix; false, and a finding, if it led
 * somewhere already. */
static bool
add_name(struct pdp__service_reader *r, uint32_t node, uint32_t region)
{
    pdp_str_t name = pdp__doc_text(r->doc, node);
    if (!pdp__service_name(r, PDP__NAME_REGION, name,
            pdp__doc_place(r->doc, node))) {
        return false;
    }
    if (pdp__map_get_in(r->b, PDP__MAP_REGION, r->service, name) != PDP__NONE) {
        PDP__DOC_ADD(r->doc, DUPLICATE_NAME, node, NULL,
            "\"%.*s\" is a region or an alias already", PDP__ARG(name));
        return false;
    }
    if (!check_other_services(r, node, name, region)) {
        return false;
    }
    return pdp__map_put_in(r->b, PDP__MAP_REGION, r->service, name, region);
}

static void
read_aliases(struct pdp__service_reader *r, uint32_t node, uint32_t region)
{
    struct pdp__range range = {r->b->texts.cnt, 0};
    if (node != 0 &&
        pdp__service_limit(r, node, PDP__REGION_NAMES_MAX, "aliases")) {
        PDP__JSON_EACH(&r->doc->json, node, ix)
        {
            if (pdp__doc_is(r->doc, ix, PDP__JSON_STRING) &&
                add_name(r, ix, region)) {
                pdp__range_add(r->b, &range, pdp__doc_text(r->doc, ix));
            }
        }
    }
    PDP__ITEM(r->b, regions, struct pdp__region, region)->aliases = range;
}

static void
read_host(struct pdp__service_reader *r, uint32_t node, uint32_t region)
{
    struct pdp__builder *b = r->b;
    if (!pdp__doc_is(r->doc, node, PDP__JSON_STRING)) {
        return;
    }
    pdp_str_t host = pdp__doc_text(r->doc, node);
    if (!pdp__service_name(r, PDP__NAME_HOST, host,
            pdp__doc_place(r->doc, node))) {
        return;
    }
    if (pdp__map_get(b, PDP__MAP_HOST, host) != PDP__NONE) {
        PDP__DOC_ADD(r->doc, DUPLICATE_NAME, node, NULL,
            "host \"%.*s\" leads to a region already", PDP__ARG(host));
        return;
    }
    uint32_t ix = 0;
    struct pdp__host *item = PDP__NEW(b, hosts, ix);
    if (item != NULL) {
        item->host = pdp__builder_text(b, host);
        item->service = r->service;
        item->region = region;
        (void)pdp__map_put(b, PDP__MAP_HOST, host, ix);
    }
}

static void
read_hosts(struct pdp__service_reader *r, uint32_t node, uint32_t region)
{
    struct pdp__range range = {r->b->hosts.cnt, 0};
    if (node != 0 && r->doc->json.nodes[node].cnt == 0) {
        PDP__DOC_ADD(r->doc, EMPTY, node, NULL, "a region without a host");
    }
    if (node != 0 &&
        pdp__service_limit(r, node, PDP__REGION_NAMES_MAX, "hosts")) {
        PDP__JSON_EACH(&r->doc->json, node, ix)
        {
            read_host(r, ix, region);
        }
    }
    range.cnt = r->b->hosts.cnt - range.first;
    PDP__ITEM(r->b, regions, struct pdp__region, region)->hosts = range;
}

/* A location: region of events, or geography. */
static struct pdp__text
read_location(struct pdp__service_reader *r, uint32_t node)
{
    if (node != 0) {
        (void)pdp__service_name(r, PDP__NAME_REGION,
            pdp__doc_text(r->doc, node), pdp__doc_place(r->doc, node));
    }
    return pdp__service_text(r, node);
}

static void
read_region(struct pdp__service_reader *r, uint32_t node)
{
    uint32_t name = 0;
    uint32_t aliases = 0;
    uint32_t hosts = 0;
    uint32_t events = 0;
    uint32_t geography = 0;
    const struct pdp__member members[] = {
        {"region", true, PDP__JSON_STRING, &name},
        {"aliases", false, PDP__JSON_ARRAY, &aliases},
        {"hosts", true, PDP__JSON_ARRAY, &hosts},
        {"events", true, PDP__JSON_STRING, &events},
        {"geography", false, PDP__JSON_STRING, &geography},
    };
    if (!pdp__doc_object(r->doc, node, members, 5, NULL)) {
        return;
    }
    uint32_t ix = 0;
    struct pdp__region *region = PDP__NEW(r->b, regions, ix);
    if (region == NULL) {
        return;
    }
    region->region = pdp__service_text(r, name);
    region->events = read_location(r, events);
    region->geography = read_location(r, geography);
    if (name != 0) {
        (void)add_name(r, name, ix);
    }
    read_aliases(r, aliases, ix);
    read_hosts(r, hosts, ix);
}

void
pdp__service_regions(struct pdp__service_reader *r)
{
    struct pdp__builder *b = r->b;
    struct pdp__range range = {b->regions.cnt, 0};
    if (pdp__service_limit(r, r->regions, PDP__REGIONS_MAX, "regions")) {
        PDP__JSON_EACH(&r->doc->json, r->regions, ix)
        {
            read_region(r, ix);
        }
    }
    range.cnt = b->regions.cnt - range.first;
    PDP__ITEM(b, services, struct pdp__service, r->service)->regions = range;
}
