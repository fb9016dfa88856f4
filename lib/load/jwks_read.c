/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include "load/lookup.h"

#include "base/buf.h"

/*
 * A JWK set (RFC 7517) -> keys of the issuers that name it.
 *
 * Keys that are not for us are passed over with a note.  A key that must
 * not be trusted, cannot be read or should not be public refuses the whole
 * set: whoever published it has a problem that nobody should find out about
 * from one refused token in a hundred.
 *
 * Invariants: a kid is unique within an issuer, over all sets (the table is
 * keyed by issuer and kid, so that equal kids of two issuers never meet);
 * the entries of an issuer stand together in `kids`; a key object exists
 * once, however many issuers share it; a bad set adds nothing.
 *
 * Cost: one import a key; entries of issuers that stand behind are moved up
 * when an issuer gets a second set, which is rare.
 */

enum { KID_MAX = 256 };

struct found {
    struct pdp__key *key;
    pdp_str_t kid; /* {NULL, 0}: none */
};

struct set {
    struct found *items;
    uint32_t cnt;
    bool bad;
};

/* What messages call a key: `key "kid"`, or `a key without kid`. */
static const char *
name_of(const struct pdp__doc *doc, uint32_t ix, char *out, size_t cap)
{
    uint32_t kid = pdp__json_member(&doc->json, ix, PDP__LIT("kid"));

    if (kid == 0 || !pdp__json_is(&doc->json, kid, PDP__JSON_STRING)) {
        return "a key without kid";
    }
    struct pdp__buf buf = pdp__buf(out, cap - 1);
    pdp__buf_fmt(&buf, "key \"%.*s\"", PDP__ARG(pdp__doc_text(doc, kid)));
    out[buf.len] = '\0';
    return out;
}

/* False if the key has no proper kid; it may have none. */
static bool
read_kid(const struct pdp__doc *doc, uint32_t ix, pdp_str_t *out)
{
    uint32_t node = pdp__json_member(&doc->json, ix, PDP__LIT("kid"));

    *out = (pdp_str_t){NULL, 0};
    if (node == 0) {
        return true;
    }
    if (!pdp__json_is(&doc->json, node, PDP__JSON_STRING) ||
        doc->json.nodes[node].text_len == 0 ||
        doc->json.nodes[node].text_len > KID_MAX) {
        PDP__DOC_ADD(doc, BAD_KEY, node, NULL,
            "a kid must be a string of 1 to %d bytes", (int)KID_MAX);
        return false;
    }
    *out = pdp__doc_text(doc, node);
    return true;
}

/* Whether the set in hand, or an issuer that shares it, has this kid. */
static bool
kid_is_taken(struct pdp__builder *b, pdp_str_t source, pdp_str_t kid)
{
    for (uint32_t i = 0; i < b->key_files.cnt; i++) {
        const struct pdp__key_file *file =
            PDP__VEC_AT(&b->key_files, struct pdp__key_file, i);
        bool ours = file->file.ptr == NULL || pdp__str_eq(file->file, source);
        if (ours && !pdp__map_put_in(b, PDP__MAP_KID, file->issuer, kid, i)) {
            return !b->failed;
        }
    }
    return false;
}

/* Imports one key; what goes wrong is reported. */
static pdp_status_t
import(struct pdp__builder *b, const struct pdp__doc *doc, uint32_t ix,
    struct set *set)
{
    struct pdp__key *key = NULL;
    const char *why = "";
    uint32_t node = ix;
    char room[256];
    const char *name = name_of(doc, ix, room, sizeof(room));
    pdp_str_t kid;

    switch (
        pdp__key_import(&doc->json, ix, &b->arena->mem, &key, &why, &node)) {
    case PDP__KEY_OK:
        break;
    case PDP__KEY_SKIP:
        PDP__DOC_ADD(doc, KEY_SKIPPED, node, NULL, "%s skipped: %s", name, why);
        return PDP_OK;
    case PDP__KEY_WEAK:
        PDP__DOC_ADD(doc, WEAK_KEY, node, NULL, "%s: %s", name, why);
        set->bad = true;
        return PDP_OK;
    case PDP__KEY_MALFORMED:
        PDP__DOC_ADD(doc, BAD_KEY, node, NULL, "%s: %s", name, why);
        set->bad = true;
        return PDP_OK;
    case PDP__KEY_PRIVATE:
        PDP__DOC_ADD(doc, PRIVATE_KEY, node,
            "a key that was published must be replaced", "%s: %s", name, why);
        set->bad = true;
        return PDP_OK;
    case PDP__KEY_NOMEM:
        b->failed = true;
        return PDP_E_NOMEM;
    }
    set->items[set->cnt++] = (struct found){key, {NULL, 0}};
    if (!read_kid(doc, ix, &kid)) {
        set->bad = true;
    } else if (kid.ptr != NULL && kid_is_taken(b, doc->name, kid)) {
        PDP__DOC_ADD(doc, DUPLICATE_KID, ix, NULL,
            "another key has the kid \"%.*s\"", PDP__ARG(kid));
        set->bad = true;
    }
    set->items[set->cnt - 1].kid = kid;
    return PDP_OK;
}

/* A new entry at the end of an issuer's range. */
static void
add_kid(struct pdp__builder *b, uint32_t issuer_ix, pdp_str_t kid, uint32_t key)
{
    uint32_t end = 0;
    struct pdp__text text = pdp__builder_text(b, kid);
    if (PDP__NEW(b, kids, end) == NULL) {
        return;
    }
    struct pdp__issuer *issuers = b->issuers.items;
    struct pdp__kid *kids = b->kids.items;
    struct pdp__range *range = &issuers[issuer_ix].keys;
    if (range->cnt == 0) {
        range->first = end;
    }
    uint32_t at = range->first + range->cnt;
    memmove(&kids[at + 1], &kids[at], (end - at) * sizeof(*kids));
    for (uint32_t i = 0; i < b->issuers.cnt; i++) {
        if (i != issuer_ix && issuers[i].keys.cnt > 0 &&
            issuers[i].keys.first >= at) {
            issuers[i].keys.first++;
        }
    }
    kids[at] = (struct pdp__kid){text, issuer_ix, key, 0};
    range->cnt++;
}

/* Gives the keys of a good set to one issuer. */
static void
give(struct pdp__builder *b, const struct pdp__doc *doc, uint32_t list,
    struct set *set, uint32_t issuer_ix, uint32_t first_key)
{
    const struct pdp__issuer *issuer =
        PDP__ITEM(b, issuers, struct pdp__issuer, issuer_ix);
    pdp_str_t name = pdp__builder_str(b, issuer->issuer);
    uint32_t algs = issuer->algs;
    bool any = false;

    for (uint32_t i = 0; i < set->cnt && !b->failed; i++) {
        const struct found *item = &set->items[i];
        /* Also those of no use to it: a token that names one is then
         * refused for its algorithm rather than for an unknown key. */
        add_kid(b, issuer_ix, item->kid, first_key + i);
        if ((pdp__key_algs(b->keys[first_key + i]) & algs) != 0) {
            any = true;
        }
    }
    if (!any && !b->failed) {
        PDP__DOC_ADD(doc, UNFIT_KEYS, list,
            "add the algorithm to the trust document if it is wanted",
            "no key of this set fits the algorithms of issuer \"%.*s\"",
            PDP__ARG(name));
    }
}

/* Hands the keys over to the builder, or frees them. */
static void
finish(struct pdp__builder *b, const struct pdp__doc *doc, uint32_t list,
    struct set *set)
{
    uint32_t first_key = b->key_cnt;

    for (uint32_t i = 0; i < set->cnt; i++) {
        if (set->bad || b->failed) {
            pdp__key_free(set->items[i].key);
        } else {
            (void)pdp__builder_key(b, set->items[i].key);
        }
    }
    if (set->bad || b->failed) {
        return;
    }
    if (set->cnt == 0) {
        PDP__DOC_ADD(doc, EMPTY, list, NULL, "the set has no usable key");
        return;
    }
    for (uint32_t i = 0; i < b->key_files.cnt; i++) {
        const struct pdp__key_file *file =
            PDP__VEC_AT(&b->key_files, struct pdp__key_file, i);
        if (file->file.ptr == NULL || pdp__str_eq(file->file, doc->name)) {
            give(b, doc, list, set, file->issuer, first_key);
        }
    }
}

/* Marks the entries that name this source; false if there are none. */
static bool
claim_files(struct pdp__builder *b, pdp_str_t source)
{
    bool any = false;

    for (uint32_t i = 0; i < b->key_files.cnt; i++) {
        struct pdp__key_file *file =
            PDP__VEC_AT(&b->key_files, struct pdp__key_file, i);
        if (file->file.ptr == NULL || pdp__str_eq(file->file, source)) {
            file->given = true;
            any = true;
        }
    }
    return any;
}

/* The array of keys, or 0 (reported).  RFC 7517 5: other members of the set
 * are ignored. */
static uint32_t
find_list(const struct pdp__doc *doc)
{
    if (!pdp__doc_is(doc, 0, PDP__JSON_OBJECT)) {
        return 0;
    }
    uint32_t list = pdp__json_member(&doc->json, 0, PDP__LIT("keys"));
    if (list == 0) {
        PDP__DOC_ADD(doc, MISSING_MEMBER, 0,
            "a JWK set is an object with an array \"keys\"",
            "member \"keys\" is missing");
        return 0;
    }
    return pdp__doc_is(doc, list, PDP__JSON_ARRAY) ? list : 0;
}

pdp_status_t
pdp__read_jwks(struct pdp__builder *b, const struct pdp__doc *doc)
{
    struct set set = {NULL, 0, false};

    if (!claim_files(b, doc->name)) {
        struct pdp__place place = {doc->name, 0, 0};
        pdp__report_add(doc->report, PDP__CODE_UNUSED_SOURCE, place, NULL,
            "no issuer of a trust document takes its keys from here");
    }
    uint32_t list = doc->readable ? find_list(doc) : 0;
    if (list == 0) {
        return pdp__read_status(b);
    }
    set.items = pdp__arena_array(b->arena, doc->json.nodes[list].cnt,
        sizeof(*set.items));
    PDP_ENSURE(set.items != NULL, PDP_E_NOMEM);
    PDP__JSON_EACH(&doc->json, list, item)
    {
        if (!pdp__doc_is(doc, item, PDP__JSON_OBJECT)) {
            set.bad = true;
        } else if (import(b, doc, item, &set) != PDP_OK) {
            break;
        }
    }
    finish(b, doc, list, &set);
    return pdp__read_status(b);
}
