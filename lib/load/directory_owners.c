/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include "load/directory.h"

#include "text/image.h"

/*
 * Which account owns a namespace: (region, namespace) -> account and
 * resource group.
 *
 * A request names a namespace and nothing says whose it is, so this map is
 * what stops one customer's token from being judged against another one's
 * namespace.  Names are unique within a region, over all accounts.
 *
 * Invariant: `owners` is sorted by name, then region, and `owner_names` has
 * one entry a name with the range of its owners.  Both are made anew after
 * each document, so that several directories add up.
 *
 * Cost: a merge sort, O(n log n), with one scratch array in the arena.
 */

enum { TEXT_MAX = 512 };

struct pdp__text
pdp__directory_region(struct pdp__builder *b, const struct pdp__doc *doc,
    struct pdp__place place, pdp_str_t region)
{
    char hint[PDP__HINT_CAP];
    struct pdp__text none = {0, 0};
    bool any = false;

    for (uint32_t s = 0; s < b->services.cnt; s++) {
        uint32_t found = pdp__region_find(b, s, region);
        if (found != PDP__NONE) {
            return PDP__ITEM(b, regions, struct pdp__region, found)->region;
        }
        any = any || pdp__region_any(b, s);
    }
    if (!any && region.len > 0) {
        return pdp__builder_text(b, region);
    }
    pdp__report_add(doc->report, PDP__CODE_UNKNOWN_NAME, place,
        pdp__region_hint(b, hint, sizeof(hint), PDP__NONE, region),
        "region \"%.*s\" is not known", PDP__ARG(region));
    return none;
}

static void
read_owner(struct pdp__builder *b, const struct pdp__doc *doc, uint32_t ix)
{
    uint32_t region = 0;
    uint32_t name = 0;
    uint32_t account = 0;
    uint32_t group = 0;
    uint32_t owner_ix = 0;
    const struct pdp__member members[] = {
        {"region", true, PDP__JSON_STRING, &region},
        {"namespace", true, PDP__JSON_STRING, &name},
        {"account", true, PDP__JSON_STRING, &account},
        {"resource_group", false, PDP__JSON_STRING, &group},
    };
    struct pdp__owner owner = {0};

    if (!pdp__doc_object(doc, ix, members, 4, NULL)) {
        return;
    }
    if (region != 0) {
        owner.region = pdp__directory_region(b, doc,
            pdp__doc_place(doc, region), pdp__doc_text(doc, region));
    }
    if (name != 0 && !pdp__namespace_check(pdp__doc_text(doc, name))) {
        PDP__DOC_ADD(doc, BAD_VALUE, name, NULL,
            "\"%.*s\" cannot be the name of a namespace",
            PDP__ARG(pdp__doc_text(doc, name)));
        name = 0;
    }
    if (account != 0 && pdp__doc_length(doc, account, "an account", TEXT_MAX)) {
        owner.account = pdp__builder_text(b, pdp__doc_text(doc, account));
    }
    if (group != 0 &&
        pdp__doc_length(doc, group, "a resource group", TEXT_MAX)) {
        owner.group = pdp__builder_text(b, pdp__doc_text(doc, group));
    }
    if (name == 0 || owner.region.off == 0) {
        return;
    }
    owner.name = pdp__builder_text(b, pdp__doc_text(doc, name));
    /* Equal texts have equal offsets: the region's is as good as its name. */
    if (!pdp__map_put_in(b, PDP__MAP_OWNER, owner.region.off,
            pdp__doc_text(doc, name), b->owners.cnt) &&
        !b->failed) {
        PDP__DOC_ADD(doc, DUPLICATE_NAME, ix, NULL,
            "namespace \"%.*s\" is listed twice in this region",
            PDP__ARG(pdp__doc_text(doc, name)));
        return;
    }
    struct pdp__owner *item = PDP__NEW(b, owners, owner_ix);
    if (item != NULL) {
        *item = owner;
    }
}

static bool
before(const struct pdp__builder *b, const struct pdp__owner *left,
    const struct pdp__owner *right)
{
    int order = pdp__str_cmp(pdp__builder_str(b, left->name),
        pdp__builder_str(b, right->name));

    if (order == 0) {
        order = pdp__str_cmp(pdp__builder_str(b, left->region),
            pdp__builder_str(b, right->region));
    }
    return order <= 0;
}

/* Merges from[a .. m) and from[m .. z) into `into`. */
static void
merge(const struct pdp__builder *b, const struct pdp__owner *from,
    struct pdp__owner *into, uint32_t a, uint32_t m, uint32_t z)
{
    uint32_t left = a;
    uint32_t right = m;

    for (uint32_t at = a; at < z; at++) {
        bool take_left =
            left < m && (right >= z || before(b, &from[left], &from[right]));
        into[at] = take_left ? from[left++] : from[right++];
    }
}

/* Bottom up; the result ends in the table. */
static void
sort_owners(struct pdp__builder *b)
{
    uint32_t cnt = b->owners.cnt;
    struct pdp__owner *from = b->owners.items;
    struct pdp__owner *into =
        pdp__arena_array(b->arena, cnt, sizeof(struct pdp__owner));

    if (into == NULL) {
        b->failed = true;
        return;
    }
    for (uint64_t width = 1; width < cnt; width *= 2) {
        for (uint64_t a = 0; a < cnt; a += 2 * width) {
            uint64_t m = a + width < cnt ? a + width : cnt;
            uint64_t z = a + 2 * width < cnt ? a + 2 * width : cnt;
            merge(b, from, into, (uint32_t)a, (uint32_t)m, (uint32_t)z);
        }
        struct pdp__owner *swap = from;
        from = into;
        into = swap;
    }
    if (from != b->owners.items) {
        memcpy(b->owners.items, from, cnt * sizeof(*from));
    }
}

/* One entry for each run of equal names. */
static void
index_names(struct pdp__builder *b)
{
    b->owner_names.cnt = 0;
    for (uint32_t i = 0; i < b->owners.cnt; i++) {
        struct pdp__text name =
            PDP__ITEM(b, owners, struct pdp__owner, i)->name;
        uint32_t cnt = b->owner_names.cnt;
        if (cnt > 0) {
            struct pdp__owner_name *last =
                PDP__ITEM(b, owner_names, struct pdp__owner_name, cnt - 1);
            if (last->name.off == name.off && last->name.len == name.len) {
                last->owners.cnt++;
                continue;
            }
        }
        uint32_t ix = 0;
        struct pdp__owner_name *item = PDP__NEW(b, owner_names, ix);
        if (item == NULL) {
            return;
        }
        *item = (struct pdp__owner_name){.name = name, .owners = {i, 1}};
    }
}

void
pdp__directory_owners(struct pdp__builder *b, const struct pdp__doc *doc,
    uint32_t ix)
{
    b->directory_owners = true;
    PDP__JSON_EACH(&doc->json, ix, item)
    {
        read_owner(b, doc, item);
    }
    if (b->owners.cnt > 0 && !b->failed) {
        sort_owners(b);
        index_names(b);
    }
}
