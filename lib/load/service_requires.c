/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include "load/lookup.h"
#include "load/service.h"

/*
 * `requires` of a route: the actions, and where the resources of each come
 * from (`on`).  A name of `on` must be a parameter of the template, or a
 * query name whose kind is known, since its values are judged.
 */

/* `path:NAME`: the number of the parameter in the template, or PDP__NONE
 * (reported). */
static uint32_t
path_origin(const struct pdp__service_reader *r,
    const struct pdp__route_draft *draft, uint32_t node, pdp_str_t name)
{
    pdp_str_t names[PDP__SEGMENT_MAX];
    char buf[PDP__HINT_CAP];
    uint32_t cnt = 0;
    uint32_t found = PDP__NONE;
    for (uint32_t i = 0; i < draft->template.cnt; i++) {
        if (draft->template.segments[i].step == PDP__STEP_LITERAL) {
            continue;
        }
        if (pdp__str_eq(draft->template.segments[i].text, name)) {
            /* Published templates repeat names; which one is meant? */
            if (found != PDP__NONE) {
                PDP__DOC_ADD(r->doc, DUPLICATE_NAME, node,
                    "give the parameters names of their own",
                    "the path has two parameters \"%.*s\"", PDP__ARG(name));
                return PDP__NONE;
            }
            found = cnt;
        }
        names[cnt++] = draft->template.segments[i].text;
    }
    if (found != PDP__NONE) {
        return found;
    }
    if (draft->template.cnt > 0) { /* else the template is reported */
        PDP__DOC_ADD(r->doc, UNKNOWN_NAME, node,
            pdp__doc_hint(buf, sizeof(buf), name, names, cnt),
            "the path has no parameter \"%.*s\"", PDP__ARG(name));
    }
    return PDP__NONE;
}

/* `query:NAME`: the number of the name among the queries of the route. */
static uint32_t
query_origin(struct pdp__service_reader *r, struct pdp__route_draft *draft,
    uint32_t node, pdp_str_t name)
{
    struct pdp__builder *b = r->b;
    for (uint32_t i = 0; i < draft->queries.cnt; i++) {
        const struct pdp__query *query =
            PDP__ITEM(b, queries, struct pdp__query, draft->queries.first + i);
        if (pdp__str_eq(pdp__builder_str(b, query->name), name)) {
            return i;
        }
    }
    if (draft->queries.cnt == PDP__QUERIES_MAX) {
        PDP__DOC_ADD(r->doc, LIMIT, node, NULL,
            "more than %d query parameters of one route", PDP__QUERIES_MAX);
        return PDP__NONE;
    }
    const struct pdp__param_def *def =
        pdp__service_param(r, name, pdp__doc_place(r->doc, node));
    uint32_t ix = 0;
    struct pdp__query *query = def == NULL ? NULL : PDP__NEW(b, queries, ix);
    if (query == NULL) {
        return PDP__NONE;
    }
    query->name = pdp__builder_text(b, name);
    query->kind = (uint8_t)def->kind;
    query->tagless = def->tagless;
    query->repeat = def->repeat;
    return draft->queries.cnt++;
}

/* One item of an `on`; false if it says nothing. */
static bool
read_origin(struct pdp__service_reader *r, struct pdp__route_draft *draft,
    uint32_t node, struct pdp__origin *out)
{
    const pdp_str_t path = PDP__LIT("path:");
    const pdp_str_t query = PDP__LIT("query:");
    if (!pdp__doc_is(r->doc, node, PDP__JSON_STRING)) {
        return false;
    }
    pdp_str_t text = pdp__doc_text(r->doc, node);
    *out = (struct pdp__origin){PDP__ORIGIN_BODY, 0};
    if (pdp__str_eq(text, PDP__LIT("body"))) {
        return true;
    }
    if (pdp__str_starts(text, path)) {
        out->kind = PDP__ORIGIN_PATH;
        out->index = path_origin(r, draft, node, pdp__str_from(text, path.len));
    } else if (pdp__str_starts(text, query)) {
        out->kind = PDP__ORIGIN_QUERY;
        out->index =
            query_origin(r, draft, node, pdp__str_from(text, query.len));
    } else {
        PDP__DOC_ADD(r->doc, BAD_VALUE, node, NULL,
            "\"%.*s\" is not \"path:NAME\", \"query:NAME\" or \"body\"",
            PDP__ARG(text));
        return false;
    }
    return out->index != PDP__NONE;
}

static bool
has_origin(const struct pdp__builder *b, struct pdp__range range,
    struct pdp__origin origin)
{
    for (uint32_t i = 0; i < range.cnt; i++) {
        const struct pdp__origin *other =
            PDP__ITEM(b, origins, struct pdp__origin, range.first + i);
        if (other->kind == origin.kind && other->index == origin.index) {
            return true;
        }
    }
    return false;
}

static struct pdp__range
read_on(struct pdp__service_reader *r, struct pdp__route_draft *draft,
    uint32_t node)
{
    struct pdp__range range = {r->b->origins.cnt, 0};
    if (r->doc->json.nodes[node].cnt == 0) {
        PDP__DOC_ADD(r->doc, EMPTY, node, "leave \"on\" out",
            "an \"on\" without an item");
    }
    if (!pdp__service_limit(r, node, PDP__ORIGINS_MAX, "items of \"on\"")) {
        return range;
    }
    PDP__JSON_EACH(&r->doc->json, node, ix)
    {
        struct pdp__origin origin;
        uint32_t origin_ix = 0;
        if (!read_origin(r, draft, ix, &origin)) {
            continue;
        }
        if (has_origin(r->b, range, origin)) {
            PDP__DOC_ADD(r->doc, DUPLICATE_NAME, ix, NULL,
                "\"%.*s\" is listed already",
                PDP__ARG(pdp__doc_text(r->doc, ix)));
            continue;
        }
        struct pdp__origin *item = PDP__NEW(r->b, origins, origin_ix);
        if (item != NULL) {
            *item = origin;
            range.cnt++;
        }
    }
    return range;
}

/* The action a node names, or PDP__NONE (reported). */
static uint32_t
find_action(struct pdp__service_reader *r, uint32_t node)
{
    struct pdp__builder *b = r->b;
    pdp_str_t name = pdp__doc_text(r->doc, node);
    uint32_t ix = pdp__map_get(b, PDP__MAP_ACTION, name);
    const struct pdp__action *action =
        ix == PDP__NONE ? NULL : PDP__ITEM(b, actions, struct pdp__action, ix);
    if (action == NULL || action->service != r->service) {
        pdp__service_unknown(r, PDP__TABLE_ACTIONS, name,
            pdp__doc_place(r->doc, node));
        return PDP__NONE;
    }
    PDP__VEC_AT(&r->action_defs, struct pdp__def, action->bit)->used = true;
    return ix;
}

static void
read_requirement(struct pdp__service_reader *r, struct pdp__route_draft *draft,
    uint32_t node)
{
    uint32_t action = 0;
    uint32_t on = 0;
    const struct pdp__member members[] = {
        {"action", true, PDP__JSON_STRING, &action},
        {"on", false, PDP__JSON_ARRAY, &on},
    };
    if (!pdp__doc_object(r->doc, node, members, 2, NULL)) {
        return;
    }
    struct pdp__requirement found = {.action = PDP__NONE};
    if (action != 0) {
        found.action = find_action(r, action);
    }
    if (on != 0) {
        found.on_given = 1;
        found.origins = read_on(r, draft, on);
    }
    uint32_t ix = 0;
    struct pdp__requirement *item = PDP__NEW(r->b, requirements, ix);
    if (item != NULL) {
        *item = found;
    }
}

struct pdp__range
pdp__service_requires(struct pdp__service_reader *r,
    struct pdp__route_draft *draft)
{
    struct pdp__range range = {r->b->requirements.cnt, 0};
    if (draft->requires == 0 || !pdp__service_limit(r, draft->requires,
                                    PDP__REQUIRES_MAX, "required actions")) {
        return range;
    }
    PDP__JSON_EACH(&r->doc->json, draft->requires, ix)
    {
        read_requirement(r, draft, ix);
    }
    range.cnt = r->b->requirements.cnt - range.first;
    return range;
}
