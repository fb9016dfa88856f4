/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include "load/restrictions.h"

/*
 * Where a rule lets requests come from: contexts, one of which must be met,
 * each with attributes, all of which must hold.
 *
 *     networkZoneId   the id of a zone, or several with commas between them
 *     endpointType    public, private, direct, or several likewise
 *
 * Any other attribute narrows a context in a way that is not understood, so
 * it is an error.  A context without attributes would be met by everybody;
 * the API does not make one, so it is an error, too.
 *
 * Zones are named here and found when all documents are read: pdp__link_zones
 * puts their indexes where this file left room.
 */

struct test {
    uint32_t endpoints;
    struct pdp__range zones;
};

/* The next word of a list with commas and blanks; false: no more. */
static bool
next_word(pdp_str_t text, size_t *at, pdp_str_t *word)
{
    if (*at > text.len) {
        return false;
    }
    size_t end = pdp__str_find(text, ',', *at);
    pdp_str_t part = pdp__str(text.ptr + *at, end - *at);
    while (part.len > 0 && part.ptr[0] == ' ') {
        part = pdp__str_from(part, 1);
    }
    while (part.len > 0 && part.ptr[part.len - 1] == ' ') {
        part.len--;
    }
    *at = end + 1;
    *word = part;
    return true;
}

static void
add_endpoint(const struct pdp__doc *doc, uint32_t ix, pdp_str_t word,
    struct test *test)
{
    static const char *const names[] = {"public", "private", "direct", NULL};
    char hint[PDP__HINT_CAP];
    enum pdp__endpoint endpoint = pdp__endpoint_find(word);

    if (endpoint == PDP__ENDPOINT_NONE) {
        PDP__DOC_ADD(doc, BAD_VALUE, ix,
            pdp__hint_name(hint, sizeof(hint), word, names),
            "\"%.*s\" is no type of endpoint", PDP__ARG(word));
        return;
    }
    test->endpoints |= 1u << endpoint;
}

static void
add_zone(struct pdp__builder *b, const struct pdp__doc *doc, uint32_t ix,
    pdp_str_t word, struct test *test)
{
    uint32_t number_ix = 0;
    uint32_t link_ix = 0;

    if (word.len == 0) {
        PDP__DOC_ADD(doc, BAD_VALUE, ix, NULL, "the id of a zone is empty");
        return;
    }
    uint32_t *number = PDP__NEW(b, numbers, number_ix);
    struct pdp__zone_link *link =
        pdp__builder_push(b, &b->zone_links, sizeof(*link), &link_ix);
    if (number == NULL || link == NULL) {
        return;
    }
    *link = (struct pdp__zone_link){number_ix, word, pdp__doc_place(doc, ix)};
    if (test->zones.cnt == 0) {
        test->zones.first = number_ix;
    }
    test->zones.cnt++;
}

static void
read_attribute(struct pdp__builder *b, const struct pdp__doc *doc, uint32_t ix)
{
    static const char *const names[] = {"networkZoneId", "endpointType", NULL};
    char hint[PDP__HINT_CAP];
    uint32_t name = 0;
    uint32_t value = 0;
    const struct pdp__member members[] = {
        {"name", true, PDP__JSON_STRING, &name},
        {"value", true, PDP__JSON_STRING, &value},
    };
    struct test test = {0, {0, 0}};
    uint32_t test_ix = 0;
    pdp_str_t word;

    if (!pdp__doc_object(doc, ix, members, 2, NULL) || name == 0 ||
        value == 0) {
        return;
    }
    pdp_str_t key = pdp__doc_text(doc, name);
    bool endpoint = pdp__str_eq(key, pdp__str_z(names[1]));
    if (!endpoint && !pdp__str_eq(key, pdp__str_z(names[0]))) {
        PDP__DOC_ADD(doc, UNKNOWN_NAME, name,
            pdp__hint_name(hint, sizeof(hint), key, names),
            "context attribute \"%.*s\" is not known", PDP__ARG(key));
        return;
    }
    for (size_t at = 0; next_word(pdp__doc_text(doc, value), &at, &word);) {
        if (endpoint) {
            add_endpoint(doc, value, word, &test);
        } else {
            add_zone(b, doc, value, word, &test);
        }
    }
    struct pdp__context_test *item = PDP__NEW(b, context_tests, test_ix);
    if (item != NULL) {
        *item = (struct pdp__context_test){test.endpoints, test.zones};
    }
}

/* The tests of one context, which stand together. */
static void
read_context(struct pdp__builder *b, const struct pdp__doc *doc, uint32_t ix,
    struct pdp__range *out)
{
    uint32_t list = 0;
    const struct pdp__member members[] = {
        {"attributes", true, PDP__JSON_ARRAY, &list},
    };
    uint32_t first = b->context_tests.cnt;
    uint32_t group_ix = 0;

    if (!pdp__doc_object(doc, ix, members, 1, NULL) || list == 0) {
        return;
    }
    if (doc->json.nodes[list].cnt == 0) {
        PDP__DOC_ADD(doc, EMPTY, list, NULL, "a context without attributes");
        return;
    }
    PDP__JSON_EACH(&doc->json, list, item)
    {
        read_attribute(b, doc, item);
    }
    struct pdp__context_group *group = PDP__NEW(b, contexts, group_ix);
    if (group != NULL) {
        group->tests = (struct pdp__range){first, b->context_tests.cnt - first};
        out->cnt++;
    }
}

struct pdp__range
pdp__restrictions_contexts(struct pdp__builder *b, const struct pdp__doc *doc,
    uint32_t ix)
{
    struct pdp__range out = {b->contexts.cnt, 0};

    PDP__JSON_EACH(&doc->json, ix, item)
    {
        read_context(b, doc, item, &out);
    }
    return out;
}

void
pdp__link_zones(struct pdp__builder *b)
{
    for (uint32_t i = 0; i < b->zone_links.cnt; i++) {
        const struct pdp__zone_link *link =
            PDP__VEC_AT(&b->zone_links, struct pdp__zone_link, i);
        uint32_t zone = pdp__map_get(b, PDP__MAP_ZONE, link->id);
        if (zone == PDP__NONE) {
            pdp__report_add(b->report, PDP__CODE_UNKNOWN_NAME, link->place,
                NULL, "no zone has the id \"%.*s\"", PDP__ARG(link->id));
        } else {
            *PDP__ITEM(b, numbers, uint32_t, link->number) = zone;
        }
    }
}
