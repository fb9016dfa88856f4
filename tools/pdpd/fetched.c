/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include "pdpd/fetched.h"

/*
 * Trust document -> issuers whose keys can be too old.
 *
 * An issuer whose keys have a URL is one; and so is each other that uses the
 * same file, since its keys are as old.  Of these, the first issuer with the
 * URL is the keeper: the state of pdp-fetch(8) has the age under its name.
 *
 * The document is read a second time here, beside the loader: a snapshot knows
 * keys, and not where they came from.  Nothing is judged: what the loader
 * refuses never gets into use, whatever is noted of it.
 */

#include "common/heap.h"
#include "text/json_read.h"

/* The text at name in `keys` of an issuer; absent: there is none. */
static pdp_str_t
key_text(const struct pdp__json_doc *doc, uint32_t issuer, pdp_str_t name)
{
    uint32_t keys = pdp__json_member(doc, issuer, PDP__LIT("keys"));
    uint32_t ix = 0;
    if (keys != 0 && pdp__json_is(doc, keys, PDP__JSON_OBJECT)) {
        ix = pdp__json_member(doc, keys, name);
    }
    return ix != 0 && pdp__json_is(doc, ix, PDP__JSON_STRING)
               ? pdp__json_text(doc, ix)
               : (pdp_str_t){NULL, 0};
}

static pdp_str_t
issuer_name(const struct pdp__json_doc *doc, uint32_t item)
{
    uint32_t ix = pdp__json_is(doc, item, PDP__JSON_OBJECT)
                      ? pdp__json_member(doc, item, PDP__LIT("issuer"))
                      : 0;
    return ix != 0 && pdp__json_is(doc, ix, PDP__JSON_STRING)
               ? pdp__json_text(doc, ix)
               : (pdp_str_t){NULL, 0};
}

/* The issuer that has the URL of a key file; absent: it has none, and is
 * somebody else's business. */
static pdp_str_t
keeper_of(const struct pdp__json_doc *doc, uint32_t issuers, pdp_str_t file)
{
    PDP__JSON_EACH(doc, issuers, item)
    {
        pdp_str_t name = issuer_name(doc, item);
        if (name.ptr != NULL && file.ptr != NULL &&
            key_text(doc, item, PDP__LIT("url")).ptr != NULL &&
            pdp__str_eq(key_text(doc, item, PDP__LIT("file")), file)) {
            return name;
        }
    }
    return (pdp_str_t){NULL, 0};
}

/* False: there is no memory. */
static bool
note_issuers(struct pdpd__fetched_list *list, const struct pdp__json_doc *doc,
    uint32_t issuers)
{
    bool good = true;
    PDP__JSON_EACH(doc, issuers, item)
    {
        pdp_str_t name = issuer_name(doc, item);
        if (name.ptr == NULL) {
            continue; /* the loader refuses it */
        }
        pdp_str_t keeper =
            keeper_of(doc, issuers, key_text(doc, item, PDP__LIT("file")));
        good =
            (keeper.ptr == NULL || pdpd__keys_add(list, name, keeper)) && good;
    }
    return good;
}

bool
pdpd__fetched_read(struct pdpd__fetched_list *list, pdp_str_t json)
{
    uint32_t cap = pdp__json_node_bound(json);
    char *text = pdp__heap_copy(json);
    struct pdp__json *nodes = pdp__heap_resize(NULL, cap, sizeof(*nodes));
    struct pdp__json_doc doc;
    uint32_t issuers = 0;
    bool good = text != NULL && nodes != NULL;
    if (good && pdp__json_read(text, json.len, nodes, cap, &doc) &&
        pdp__json_is(&doc, 0, PDP__JSON_OBJECT)) {
        issuers = pdp__json_member(&doc, 0, PDP__LIT("issuers"));
    }
    if (issuers != 0 && pdp__json_is(&doc, issuers, PDP__JSON_ARRAY)) {
        good = note_issuers(list, &doc, issuers);
    }
    pdp__heap_free(nodes);
    pdp__heap_free(text);
    return good;
}
