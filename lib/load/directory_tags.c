/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include "load/directory.h"

#include "load/wanted_tags.h"
#include "text/crn.h"
#include "text/image.h"

/*
 * Access tags of resources: { "<crn or region/namespace>": ["env:prod"] }.
 *
 * What policies are about are namespaces, so a tag belongs to one, by either
 * name; all that is in it has its tags.  Both names, and several
 * directories, add up.  A CRN also says whose the namespace is: to another
 * account its tags are not known.
 *
 * CRNs of other services, or of other things than namespaces, are counted
 * and left out: no request is about them.
 *
 * Invariant: one item of `tagged` a (region, namespace); its tags stand
 * together once pdp__unite_tags() has run.
 */

enum { ACCOUNT_MAX = 512 };

struct reader {
    struct pdp__builder *b;
    const struct pdp__doc *doc;
    uint32_t elsewhere; /* CRNs of things that no request is about */
};

/* The item of a namespace, made if there is none; PDP__NONE: no memory. */
static uint32_t
find_tagged(struct pdp__builder *b, pdp_str_t name, struct pdp__text region)
{
    uint32_t ix = pdp__map_get_in(b, PDP__MAP_TAGGED, region.off, name);

    if (ix != PDP__NONE) {
        return ix;
    }
    struct pdp__tagged tagged = {.name = pdp__builder_text(b, name),
        .region = region};
    struct pdp__tagged *item = PDP__NEW(b, tagged, ix);
    if (item == NULL) {
        return PDP__NONE;
    }
    *item = tagged;
    return pdp__map_put_in(b, PDP__MAP_TAGGED, region.off, name, ix)
               ? ix
               : PDP__NONE;
}

/* Two accounts cannot have one namespace. */
static void
set_account(struct reader *r, uint32_t ix, uint32_t tagged, pdp_str_t account)
{
    struct pdp__builder *b = r->b;
    struct pdp__text text = pdp__builder_text(b, account);
    struct pdp__tagged *item = PDP__ITEM(b, tagged, struct pdp__tagged, tagged);

    if (item->account.off != 0 && item->account.off != text.off) {
        pdp__report_add(r->doc->report, PDP__CODE_BAD_VALUE,
            pdp__doc_place_key(r->doc, ix), NULL,
            "this namespace belongs to account \"%.*s\" elsewhere",
            PDP__ARG(pdp__builder_str(b, item->account)));
        return;
    }
    item->account = text;
}

/* A CRN; PDP__NONE: it is about something else, or was reported. */
static uint32_t
find_crn(struct reader *r, uint32_t ix, const struct pdp__crn *crn)
{
    struct pdp__place place = pdp__doc_place_key(r->doc, ix);
    pdp_str_t scope = crn->scope;

    if (pdp__map_get(r->b, PDP__MAP_SERVICE, crn->service) == PDP__NONE ||
        !pdp__str_eq(crn->type, PDP__LIT("namespace"))) {
        r->elsewhere++;
        return PDP__NONE;
    }
    if (!pdp__str_starts(scope, PDP__LIT("a/")) || scope.len == 2 ||
        scope.len > ACCOUNT_MAX + 2 || !pdp__namespace_check(crn->resource)) {
        pdp__report_add(r->doc->report, PDP__CODE_BAD_VALUE, place,
            "crn:v1:bluemix:public:SERVICE:REGION:a/ACCOUNT::namespace:NAME",
            "this is not the CRN of a namespace");
        return PDP__NONE;
    }
    struct pdp__text region =
        pdp__directory_region(r->b, r->doc, place, crn->location);
    if (region.off == 0) {
        return PDP__NONE;
    }
    uint32_t tagged = find_tagged(r->b, crn->resource, region);
    if (tagged != PDP__NONE) {
        set_account(r, ix, tagged, pdp__str_from(scope, 2));
    }
    return tagged;
}

/* What member ix tags; PDP__NONE likewise. */
static uint32_t
find_resource(struct reader *r, uint32_t ix)
{
    const struct pdp__doc *doc = r->doc;
    pdp_str_t name = pdp__json_key(&doc->json, ix);
    struct pdp__crn crn;
    size_t slash = pdp__str_find(name, '/', 0);

    if (pdp__crn_parse(name, &crn)) {
        return find_crn(r, ix, &crn);
    }
    if (slash == name.len ||
        !pdp__namespace_check(pdp__str_from(name, slash + 1))) {
        pdp__report_add(doc->report, PDP__CODE_BAD_VALUE,
            pdp__doc_place_key(doc, ix), NULL,
            "\"%.*s\" is neither a CRN nor region/namespace", PDP__ARG(name));
        return PDP__NONE;
    }
    struct pdp__text region = pdp__directory_region(r->b, doc,
        pdp__doc_place_key(doc, ix), pdp__str(name.ptr, slash));
    return region.off == 0
               ? PDP__NONE
               : find_tagged(r->b, pdp__str_from(name, slash + 1), region);
}

static void
add_tag(struct pdp__builder *b, uint32_t tagged, pdp_str_t text, size_t colon)
{
    uint32_t tag_ix = 0;
    uint32_t link_ix = 0;

    if (!pdp__map_put_in(b, PDP__MAP_TAG, tagged, text, 0)) {
        return; /* listed already: the same statement twice */
    }
    struct pdp__tag tag = pdp__tag_text(b, pdp__str(text.ptr, colon),
        pdp__str_from(text, colon + 1));
    struct pdp__tag *item = PDP__NEW(b, tags, tag_ix);
    struct pdp__pair *link =
        pdp__builder_push(b, &b->tag_links, sizeof(*link), &link_ix);
    if (item != NULL && link != NULL) {
        *item = tag;
        *link = (struct pdp__pair){tagged, tag_ix};
    }
}

static void
read_tags(struct reader *r, uint32_t list, uint32_t tagged)
{
    const struct pdp__doc *doc = r->doc;

    PDP__JSON_EACH(&doc->json, list, tag)
    {
        size_t colon = 0;
        if (!pdp__doc_is(doc, tag, PDP__JSON_STRING)) {
            continue;
        }
        if (!pdp__tag_check(pdp__doc_text(doc, tag), &colon)) {
            PDP__DOC_ADD(doc, BAD_VALUE, tag, "tags look like \"env:prod\"",
                "\"%.*s\" is not an access tag",
                PDP__ARG(pdp__doc_text(doc, tag)));
        } else if (tagged != PDP__NONE) {
            add_tag(r->b, tagged, pdp__doc_text(doc, tag), colon);
        }
    }
}

void
pdp__directory_tags(struct pdp__builder *b, const struct pdp__doc *doc,
    uint32_t ix)
{
    struct reader r = {.b = b, .doc = doc};

    b->directory_tags = true;
    PDP__JSON_EACH(&doc->json, ix, item)
    {
        uint32_t tagged = find_resource(&r, item);
        if (pdp__doc_is(doc, item, PDP__JSON_ARRAY)) {
            read_tags(&r, item, tagged);
        }
    }
    if (r.elsewhere > 0) {
        PDP__DOC_ADD(doc, UNUSED, ix, NULL,
            "tags of %u %s that no request is about", (unsigned)r.elsewhere,
            r.elsewhere == 1 ? "resource" : "resources");
    }
}

/* A counting sort by what is tagged, stable. */
void
pdp__unite_tags(struct pdp__builder *b)
{
    uint32_t cnt = b->tag_links.cnt;
    uint32_t at = 0;
    struct pdp__tag *sorted =
        pdp__arena_array(b->arena, cnt, sizeof(struct pdp__tag));

    if (sorted == NULL || b->failed) {
        b->failed = true;
        return;
    }
    for (uint32_t i = 0; i < cnt; i++) {
        PDP__ITEM(b, tagged, struct pdp__tagged,
            PDP__VEC_AT(&b->tag_links, struct pdp__pair, i)->a)
            ->tags.cnt++;
    }
    for (uint32_t i = 0; i < b->tagged.cnt; i++) {
        struct pdp__range *tags =
            &PDP__ITEM(b, tagged, struct pdp__tagged, i)->tags;
        tags->first = at;
        at += tags->cnt;
        tags->cnt = 0;
    }
    for (uint32_t i = 0; i < cnt; i++) {
        const struct pdp__pair *link =
            PDP__VEC_AT(&b->tag_links, struct pdp__pair, i);
        struct pdp__range *tags =
            &PDP__ITEM(b, tagged, struct pdp__tagged, link->a)->tags;
        sorted[tags->first + tags->cnt++] =
            *PDP__ITEM(b, tags, struct pdp__tag, link->b);
    }
    if (cnt > 0) {
        memcpy(b->tags.items, sorted, cnt * sizeof(*sorted));
    }
}
