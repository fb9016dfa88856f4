/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include "load/lookup.h"
#include "load/service.h"

/*
 * `params`: what the values of a path or query parameter look like.
 *
 *     "params": { "image":      { "kind": "image" },
 *                 "repository": { "kind": "image", "tag": false,
 *                                 "repeat": true } }
 *
 * A name has one kind in the whole definition.  `tag: false` refuses a tag
 * and a digest, so it belongs to kinds that have them; `repeat` lets a query
 * name occur more than once.  The routes copy what is said here; nothing of
 * this table reaches the snapshot by itself.
 */

static const pdp_str_t kinds[] = {
    PDP__LIT_INIT("image"),
    PDP__LIT_INIT("resource"),
    PDP__LIT_INIT("namespace"),
    PDP__LIT_INIT("text"),
};

static const enum pdp__param_kind kind_ids[] = {
    PDP__KIND_IMAGE,
    PDP__KIND_RESOURCE,
    PDP__KIND_NAMESPACE,
    PDP__KIND_TEXT,
};

enum { KINDS = sizeof(kinds) / sizeof(kinds[0]) };

static void
read_param(struct pdp__service_reader *r, uint32_t ix)
{
    const struct pdp__doc *doc = r->doc;
    struct pdp__builder *b = r->b;
    uint32_t kind = 0;
    uint32_t repeat = 0;
    uint32_t tag = 0;
    const struct pdp__member members[] = {
        {"kind", true, PDP__JSON_STRING, &kind},
        {"repeat", false, PDP__JSON_TRUE, &repeat},
        {"tag", false, PDP__JSON_TRUE, &tag},
    };
    pdp_str_t name = pdp__json_key(&doc->json, ix);
    (void)pdp__service_name(r, PDP__NAME_PARAM, name,
        pdp__doc_place_key(doc, ix));
    if (!pdp__doc_object(doc, ix, members, 3, NULL)) {
        /* Reported; known all the same, so that it is reported once. */
        kind = 0;
    }
    size_t word = kind == 0 ? KINDS : pdp__service_word(r, kind, kinds, KINDS);
    uint32_t def_ix = 0;
    struct pdp__param_def *def =
        pdp__builder_push(b, &r->param_defs, sizeof(*def), &def_ix);
    if (def == NULL) {
        return;
    }
    def->name = name;
    def->node = ix;
    def->kind = word == KINDS ? PDP__KIND_NONE : kind_ids[word];
    def->repeat =
        repeat != 0 && pdp__json_is(&doc->json, repeat, PDP__JSON_TRUE);
    def->tagless = tag != 0 && pdp__json_is(&doc->json, tag, PDP__JSON_FALSE);
    if (tag != 0 &&
        (def->kind == PDP__KIND_NAMESPACE || def->kind == PDP__KIND_TEXT)) {
        PDP__DOC_ADD(doc, BAD_VALUE, tag, NULL,
            "\"tag\" is for the kinds image and resource");
    }
    (void)pdp__map_put_in(b, PDP__MAP_PARAM, r->service, name, def_ix);
}

void
pdp__service_params(struct pdp__service_reader *r)
{
    if (!pdp__service_limit(r, r->params, PDP__PARAM_DEFS_MAX, "parameters")) {
        r->params = 0;
        return;
    }
    PDP__JSON_EACH(&r->doc->json, r->params, ix)
    {
        read_param(r, ix);
    }
}
