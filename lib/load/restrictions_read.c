/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include "load/restrictions.h"

/*
 * Context-based restrictions as the API returns them: zones, rules, lists of
 * them, or an object with `zones` and `rules`.
 *
 * Everything is read strictly, because a member that is not understood may
 * be the one that closes a zone, or opens a rule.  What cannot apply is
 * counted and passed over: disabled rules, rules for other services, rules
 * for platform actions.
 *
 * Zones and rules may stand in different documents, in any order.
 */

static bool
is_zone(const struct pdp__doc *doc, uint32_t ix)
{
    return pdp__json_member(&doc->json, ix, PDP__LIT("addresses")) != 0 ||
           pdp__json_member(&doc->json, ix, PDP__LIT("excluded")) != 0 ||
           pdp__json_member(&doc->json, ix, PDP__LIT("addresses_preview")) != 0;
}

static void
read_zones(struct pdp__restrictions_reader *r, uint32_t list)
{
    PDP__JSON_EACH(&r->doc->json, list, item)
    {
        pdp__restrictions_zone(r, item);
    }
}

static void
read_rules(struct pdp__restrictions_reader *r, uint32_t list)
{
    PDP__JSON_EACH(&r->doc->json, list, item)
    {
        if (pdp__doc_is(r->doc, item, PDP__JSON_OBJECT)) {
            pdp__restrictions_rule(r, item);
        }
    }
}

/* A list of zones and rules; each says by its members what it is. */
static void
read_mixed(struct pdp__restrictions_reader *r, uint32_t list)
{
    PDP__JSON_EACH(&r->doc->json, list, item)
    {
        if (!pdp__doc_is(r->doc, item, PDP__JSON_OBJECT)) {
            continue;
        }
        if (is_zone(r->doc, item)) {
            pdp__restrictions_zone(r, item);
        } else {
            pdp__restrictions_rule(r, item);
        }
    }
}

/* A list that was cut short: a rule that is lost denies nothing. */
static void
check_count(const struct pdp__doc *doc, uint32_t ix, uint32_t zones,
    uint32_t rules)
{
    int64_t count = 0;
    int64_t there = (zones == 0 ? 0 : (int64_t)doc->json.nodes[zones].cnt) +
                    (rules == 0 ? 0 : (int64_t)doc->json.nodes[rules].cnt);

    if (ix != 0 && (!pdp__json_int(&doc->json, ix, &count) || count != there)) {
        PDP__DOC_ADD(doc, BAD_VALUE, ix, "export it again, as a whole",
            "\"count\" is not the number of items that are there, %lld",
            (long long)there);
    }
}

/* What the API returns for a list; or both lists in one object. */
static void
read_lists(struct pdp__restrictions_reader *r)
{
    uint32_t zones = 0;
    uint32_t rules = 0;
    uint32_t count = 0;
    const struct pdp__member members[] = {
        {"zones", false, PDP__JSON_ARRAY, &zones},
        {"rules", false, PDP__JSON_ARRAY, &rules},
        {"count", false, PDP__JSON_NUMBER, &count},
    };

    (void)pdp__doc_object(r->doc, 0, members, 3, NULL);
    check_count(r->doc, count, zones, rules);
    if (zones != 0) {
        read_zones(r, zones);
    }
    if (rules != 0) {
        read_rules(r, rules);
    }
}

static void
note(const struct pdp__doc *doc, uint32_t cnt, const char *before,
    const char *after)
{
    struct pdp__place place = {doc->name, 0, 0};

    if (cnt > 0) {
        pdp__report_add(doc->report, PDP__CODE_RESTRICTION_SKIPPED, place, NULL,
            "%u %s%s%s", (unsigned)cnt, before, cnt == 1 ? "rule" : "rules",
            after);
    }
}

pdp_status_t
pdp__read_restrictions(struct pdp__builder *b, const struct pdp__doc *doc)
{
    if (!doc->readable) {
        return pdp__read_status(b);
    }
    /* Some 300 KiB: lists of addresses, and a draft. */
    struct pdp__restrictions_reader *r = pdp__arena_alloc(b->arena, sizeof(*r));
    PDP_ENSURE(r != NULL, PDP_E_NOMEM);
    r->b = b;
    r->doc = doc;
    if (pdp__json_is(&doc->json, 0, PDP__JSON_ARRAY)) {
        read_mixed(r, 0);
    } else if (pdp__doc_is(doc, 0, PDP__JSON_OBJECT)) {
        if (pdp__json_member(&doc->json, 0, PDP__LIT("zones")) != 0 ||
            pdp__json_member(&doc->json, 0, PDP__LIT("rules")) != 0) {
            read_lists(r);
        } else if (is_zone(doc, 0)) {
            pdp__restrictions_zone(r, 0);
        } else {
            pdp__restrictions_rule(r, 0);
        }
    }
    note(doc, r->disabled, "disabled ", "");
    note(doc, r->elsewhere, "", " for other services");
    note(doc, r->platform, "", " for platform actions only");
    return pdp__read_status(b);
}
