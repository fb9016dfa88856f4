/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include "load/lookup.h"
#include "load/service.h"

/*
 * `routes`: method and template, what is required, what is recorded.
 *
 *     { "method": "POST", "path": "/images/{image}/tags",
 *       "requires": [ { "action": "svc.image.push",
 *                       "on": ["path:image", "query:to"] } ],
 *       "event": "svc.image.tag" }
 *
 * Nothing is ever open by accident: a route requires at least one action,
 * or says that it is `public` or `authenticated`, and cannot say both.
 * `event` must be written, if only as null.
 *
 * Path parameters and the query names that an `on` mentions are copied into
 * the route with their kinds, so that a decision looks no name up.  A name
 * without a kind in `params` is an error: its values could not be judged.
 *
 * Not here: whether two routes are the same (router_build.c).
 */

/* A route while it is read. */
struct draft {
    uint32_t method, path, title, requires, access, event, head; /* nodes */
    struct pdp__template template;
    struct pdp__range queries;
};

static const pdp_str_t accesses[] = {
    PDP__LIT_INIT("authenticated"),
    PDP__LIT_INIT("public"),
};

/* The definition of a parameter; NULL if there is none (reported). */
static struct pdp__param_def *
find_param(struct pdp__service_reader *r, pdp_str_t name,
    struct pdp__place place)
{
    uint32_t ix = pdp__map_get_in(r->b, PDP__MAP_PARAM, r->service, name);
    if (ix == PDP__NONE) {
        pdp__service_unknown(r, PDP__TABLE_PARAMS, name, place);
        return NULL;
    }
    struct pdp__param_def *def =
        PDP__VEC_AT(&r->param_defs, struct pdp__param_def, ix);
    def->used = true;
    return def;
}

static void
add_param(struct pdp__service_reader *r, const struct draft *draft,
    uint32_t segment_ix, bool after)
{
    const struct pdp__template_segment *segment =
        &draft->template.segments[segment_ix];
    bool multi = segment->step == PDP__STEP_MULTI;
    struct pdp__place place = pdp__doc_place_text(r->doc, draft->path,
        segment->offset + (multi ? 2 : 1));
    const struct pdp__param_def *def = find_param(r, segment->text, place);
    uint32_t ix = 0;
    struct pdp__param *param = PDP__NEW(r->b, params, ix);
    if (param == NULL) {
        return;
    }
    param->name = pdp__builder_text(r->b, segment->text);
    param->multi = multi;
    param->after = after;
    param->segment = segment_ix;
    if (def == NULL) {
        return;
    }
    param->kind = (uint8_t)def->kind;
    param->tagless = def->tagless;
    if (multi &&
        (def->kind == PDP__KIND_IMAGE || def->kind == PDP__KIND_NAMESPACE)) {
        pdp__report_add(r->doc->report, PDP__CODE_BAD_TEMPLATE, place, NULL,
            "a parameter of several segments must be of kind resource "
            "or text");
    }
}

/* Parses the template and reads its parameters; false if it is malformed. */
static bool
read_path(struct pdp__service_reader *r, struct draft *draft,
    struct pdp__range *params)
{
    size_t offset = 0;
    const char *why = "";
    params->first = r->b->params.cnt;
    if (!pdp__template_parse(pdp__doc_text(r->doc, draft->path),
            &draft->template, &offset, &why)) {
        pdp__report_add(r->doc->report, PDP__CODE_BAD_TEMPLATE,
            pdp__doc_place_text(r->doc, draft->path, offset), NULL, "%s", why);
        draft->template.cnt = 0;
        return false;
    }
    bool after = false;
    for (uint32_t i = 0; i < draft->template.cnt; i++) {
        if (draft->template.segments[i].step != PDP__STEP_LITERAL) {
            add_param(r, draft, i, after);
        }
        after = after || draft->template.segments[i].step == PDP__STEP_MULTI;
    }
    params->cnt = r->b->params.cnt - params->first;
    return true;
}

/* `path:NAME`: the number of the parameter in the template, or PDP__NONE
 * (reported). */
static uint32_t
path_origin(const struct pdp__service_reader *r, const struct draft *draft,
    uint32_t node, pdp_str_t name)
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
query_origin(struct pdp__service_reader *r, struct draft *draft, uint32_t node,
    pdp_str_t name)
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
        find_param(r, name, pdp__doc_place(r->doc, node));
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
read_origin(struct pdp__service_reader *r, struct draft *draft, uint32_t node,
    struct pdp__origin *out)
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
read_on(struct pdp__service_reader *r, struct draft *draft, uint32_t node)
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
read_requirement(struct pdp__service_reader *r, struct draft *draft,
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

static struct pdp__range
read_requires(struct pdp__service_reader *r, struct draft *draft)
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

/* Who may use the route.  Members that are there but of a wrong type are
 * reported already and leave nothing to say. */
static pdp_access_t
read_access(struct pdp__service_reader *r, const struct draft *draft,
    uint32_t node)
{
    const struct pdp__json_doc *json = &r->doc->json;
    uint32_t requires = pdp__json_member(json, node, PDP__LIT("requires"));
    uint32_t access = pdp__json_member(json, node, PDP__LIT("access"));
    bool mistyped = requires != 0 && draft->requires == 0;
    bool any = draft->requires != 0 && json->nodes[draft->requires].cnt > 0;
    if (access == 0 && !any && !mistyped) {
        PDP__DOC_ADD(r->doc, OPEN_ROUTE, requires == 0 ? node : requires,
            "say \"access\": \"authenticated\" or \"public\" if that is meant",
            "the route requires no action and has no \"access\"");
    }
    if (access != 0 && any) {
        PDP__DOC_ADD(r->doc, BAD_VALUE, access, "leave one of them out",
            "a route with \"access\" cannot require actions");
    }
    if (draft->access == 0) {
        return PDP_ACCESS_REQUIRES;
    }
    switch (pdp__service_word(r, draft->access, accesses, 2)) {
    case 0:
        return PDP_ACCESS_AUTHENTICATED;
    case 1:
        return PDP_ACCESS_PUBLIC;
    default:
        return PDP_ACCESS_REQUIRES;
    }
}

static uint32_t
read_event(struct pdp__service_reader *r, uint32_t node)
{
    if (node == 0 || pdp__json_is(&r->doc->json, node, PDP__JSON_NULL)) {
        return PDP__NONE;
    }
    if (!pdp__json_is(&r->doc->json, node, PDP__JSON_STRING)) {
        PDP__DOC_ADD(r->doc, WRONG_TYPE, node, NULL,
            "\"event\" must be a string or null");
        return PDP__NONE;
    }
    pdp_str_t name = pdp__doc_text(r->doc, node);
    uint32_t ix = pdp__map_get_in(r->b, PDP__MAP_EVENT, r->service, name);
    if (ix == PDP__NONE) {
        pdp__service_unknown(r, PDP__TABLE_EVENTS, name,
            pdp__doc_place(r->doc, node));
        return PDP__NONE;
    }
    PDP__ITEM(r->b, events, struct pdp__event, ix)->route_cnt++;
    return ix;
}

/* The method's number, made if it is new; PDP__NONE: malformed (reported)
 * or no memory. */
static uint32_t
read_method(struct pdp__service_reader *r, uint32_t node)
{
    struct pdp__builder *b = r->b;
    pdp_str_t name = pdp__doc_text(r->doc, node);
    if (!pdp__service_name(r, PDP__NAME_METHOD, name,
            pdp__doc_place(r->doc, node))) {
        return PDP__NONE;
    }
    uint32_t ix = pdp__map_get(b, PDP__MAP_METHOD, name);
    if (ix != PDP__NONE) {
        return ix;
    }
    struct pdp__text *method = PDP__NEW(b, methods, ix);
    if (method == NULL) {
        return PDP__NONE;
    }
    *method = pdp__builder_text(b, name);
    return pdp__map_put(b, PDP__MAP_METHOD, name, ix) ? ix : PDP__NONE;
}

static bool
read_head(struct pdp__service_reader *r, const struct draft *draft)
{
    if (draft->head == 0 ||
        !pdp__json_is(&r->doc->json, draft->head, PDP__JSON_TRUE)) {
        return false;
    }
    if (draft->method != 0 &&
        !pdp__str_eq(pdp__doc_text(r->doc, draft->method), PDP__LIT("GET"))) {
        PDP__DOC_ADD(r->doc, BAD_VALUE, draft->head, NULL,
            "\"head\" is for routes of method GET");
        return false;
    }
    return true;
}

static void
read_route(struct pdp__service_reader *r, uint32_t node)
{
    struct draft draft = {.queries = {r->b->queries.cnt, 0}};
    const struct pdp__member members[] = {
        {"method", true, PDP__JSON_STRING, &draft.method},
        {"path", true, PDP__JSON_STRING, &draft.path},
        {"title", false, PDP__JSON_STRING, &draft.title},
        {"requires", false, PDP__JSON_ARRAY, &draft.requires},
        {"access", false, PDP__JSON_STRING, &draft.access},
        {"event", true, -1, &draft.event},
        {"head", false, PDP__JSON_TRUE, &draft.head},
    };
    if (!pdp__doc_object(r->doc, node, members, 7, NULL)) {
        return;
    }
    struct pdp__route found = {.service = r->service, .method = PDP__NONE};
    bool routable = draft.path != 0 && read_path(r, &draft, &found.params);
    if (draft.method != 0) {
        found.method = read_method(r, draft.method);
    }
    found.requires = read_requires(r, &draft);
    found.queries = draft.queries;
    found.access = read_access(r, &draft, node);
    found.event = read_event(r, draft.event);
    found.head = read_head(r, &draft);
    if (!routable || found.method == PDP__NONE) {
        return;
    }
    found.path = pdp__service_text(r, draft.path);
    found.title = pdp__service_text(r, draft.title);
    found.segments = draft.template.cnt;
    uint32_t ix = 0;
    struct pdp__route *route = PDP__NEW(r->b, routes, ix);
    struct pdp__place *place =
        pdp__builder_push(r->b, &r->b->route_places, sizeof(*place), &ix);
    if (route != NULL && place != NULL) {
        *route = found;
        *place = pdp__doc_place(r->doc, draft.path);
    }
}

void
pdp__service_routes(struct pdp__service_reader *r)
{
    struct pdp__builder *b = r->b;
    struct pdp__range range = {b->routes.cnt, 0};
    if (pdp__service_limit(r, r->routes, PDP__ROUTES_MAX, "routes")) {
        PDP__JSON_EACH(&r->doc->json, r->routes, ix)
        {
            read_route(r, ix);
        }
    }
    range.cnt = b->routes.cnt - range.first;
    PDP__ITEM(b, services, struct pdp__service, r->service)->routes = range;
}
