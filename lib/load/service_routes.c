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

static const pdp_str_t accesses[] = {
    PDP__LIT_INIT("authenticated"),
    PDP__LIT_INIT("public"),
};

struct pdp__param_def *
pdp__service_param(struct pdp__service_reader *r, pdp_str_t name,
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
add_param(struct pdp__service_reader *r, const struct pdp__route_draft *draft,
    uint32_t segment_ix, bool after)
{
    const struct pdp__template_segment *segment =
        &draft->template.segments[segment_ix];
    bool multi = segment->step == PDP__STEP_MULTI;
    struct pdp__place place = pdp__doc_place_text(r->doc, draft->path,
        segment->offset + (multi ? 2 : 1));
    const struct pdp__param_def *def =
        pdp__service_param(r, segment->text, place);
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
read_path(struct pdp__service_reader *r, struct pdp__route_draft *draft,
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

/* Who may use the route.  Members that are there but of a wrong type are
 * reported already and leave nothing to say. */
static pdp_access_t
read_access(struct pdp__service_reader *r, const struct pdp__route_draft *draft,
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
read_head(struct pdp__service_reader *r, const struct pdp__route_draft *draft)
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
    struct pdp__route_draft draft = {.queries = {r->b->queries.cnt, 0}};
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
    found.requires = pdp__service_requires(r, &draft);
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
