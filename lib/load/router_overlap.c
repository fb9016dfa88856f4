/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include "load/router.h"
#include "load/template.h"
#include "text/image.h"

/*
 * Which values can be read in two ways?
 *
 * A parameter of kind image or resource may hold encoded slashes.  A server
 * behind the gateway that decodes before it routes then sees more segments,
 * and perhaps another route:
 *
 *     GET /exempt/{resource}                   issue%2Fcve%2F1
 *     GET /exempt/issue/{type}/{id}            issue/cve/1
 *
 * Such a request is denied (ambiguous_path) when it comes.  Here the author
 * of the definition learns which pairs of routes it can come for.
 *
 * The search walks the trie with the template of the first route, a wide
 * parameter standing for any number of segments that its grammar allows.
 * It may note a pair that no real value reaches (grammars of values are
 * checked for literals only, and roughly), never the other way round, unless
 * the definition is so large that STEPS_MAX ends it, which is noted, too.
 */

enum { STEPS_MAX = 1000000 };

struct walk {
    struct pdp__builder *b;
    const struct pdp__route *route;
    uint32_t route_ix;
    struct pdp__template template;
    enum pdp__param_kind kinds[PDP__SEGMENT_MAX]; /* of its segments */
    uint32_t *starts; /* of each node in `edges`; one more at the end */
    uint32_t *edges;  /* sorted by the node they leave */
    uint32_t *seen;   /* route: the last one + 1 it was noted for */
    uint32_t steps;
};

/* Where a walk stands. */
struct state {
    uint32_t segment; /* of the template: the next, or the wide one inside */
    uint32_t taken;   /* path segments taken by the wide one so far */
    uint32_t depth;   /* path segments so far */
    bool expanded;    /* a wide one has taken several */
    bool absorbing;   /* the other route is inside its own {+name} */
};

static bool
is_wide(const struct walk *w, uint32_t segment)
{
    return w->kinds[segment] == PDP__KIND_IMAGE ||
           w->kinds[segment] == PDP__KIND_RESOURCE;
}

/* Whether a value of one segment of an image or resource can be this text:
 * number `taken` of its segments. */
static bool
may_be_part(const struct walk *w, enum pdp__param_kind kind, uint32_t taken,
    pdp_str_t text)
{
    char buf[300];
    struct pdp__image image;
    if (kind == PDP__KIND_IMAGE && taken == 0) {
        return pdp__map_get(w->b, PDP__MAP_HOST, text) != PDP__NONE;
    }
    if (taken == (kind == PDP__KIND_IMAGE ? 1 : 0)) {
        return pdp__namespace_check(text);
    }
    if (text.len > sizeof(buf) - 2) {
        return false;
    }
    buf[0] = 'a';
    buf[1] = '/';
    memcpy(buf + 2, text.ptr, text.len);
    return pdp__resource_parse(pdp__str(buf, text.len + 2), &image);
}

/* Whether the next path segment of the walk can be this literal. */
static bool
may_be(const struct walk *w, const struct state *s, pdp_str_t text)
{
    const struct pdp__template_segment *segment =
        &w->template.segments[s->segment];
    if (segment->step == PDP__STEP_LITERAL) {
        return pdp__str_eq(segment->text, text);
    }
    if (is_wide(w, s->segment)) {
        return may_be_part(w, w->kinds[s->segment], s->taken, text);
    }
    return w->kinds[s->segment] != PDP__KIND_NAMESPACE ||
           pdp__namespace_check(text);
}

/* Whether the wide segment may end after what it has taken. */
static bool
may_end(const struct walk *w, const struct state *s)
{
    return w->kinds[s->segment] != PDP__KIND_IMAGE || s->taken >= 3;
}

static void
note(struct walk *w, uint32_t other_ix)
{
    struct pdp__builder *b = w->b;
    const struct pdp__place *places = b->route_places.items;
    const struct pdp__route *other =
        PDP__ITEM(b, routes, struct pdp__route, other_ix);
    if (other_ix == w->route_ix || w->seen[other_ix] == w->route_ix + 1) {
        return;
    }
    w->seen[other_ix] = w->route_ix + 1;
    pdp_str_t path = pdp__builder_str(b, other->path);
    pdp__report_add(b->report, PDP__CODE_ROUTE_OVERLAP, places[w->route_ix],
        NULL,
        "a value with an encoded slash, once decoded, could be read as "
        "\"%.*s\" of line %lu; such requests are denied",
        PDP__ARG(path), (unsigned long)places[other_ix].line);
}

static void
note_ends(struct walk *w, const struct pdp__node *node)
{
    struct pdp__builder *b = w->b;
    for (uint32_t i = 0; i < node->terminals.cnt; i++) {
        const struct pdp__terminal *terminal = PDP__ITEM(b, terminals,
            struct pdp__terminal, node->terminals.first + i);
        if (terminal->method == w->route->method) {
            note(w, terminal->route);
        }
    }
}

static void walk_from(struct walk *w, uint32_t node, struct state s);

/* The path segment the walk stands at leads to `node`: go on behind it, in
 * each way the template can. */
static void
take(struct walk *w, uint32_t node, struct state s)
{
    bool open = is_wide(w, s.segment) ||
                w->template.segments[s.segment].step == PDP__STEP_MULTI;
    s.depth++;
    s.taken++;
    if (!open) {
        s.segment++;
        s.taken = 0;
        walk_from(w, node, s);
        return;
    }
    if (may_end(w, &s)) {
        struct state next = s;
        next.expanded = s.expanded || (is_wide(w, s.segment) && s.taken > 1);
        next.segment++;
        next.taken = 0;
        walk_from(w, node, next);
    }
    walk_from(w, node, s);
}

/* All steps from a node of the trie.  Recursion is bounded by the number of
 * segments of a path. */
static void
walk_from(struct walk *w, uint32_t node_ix, struct state s)
{
    struct pdp__builder *b = w->b;
    const struct pdp__node *node =
        PDP__ITEM(b, nodes, struct pdp__node, node_ix);
    if (w->steps == STEPS_MAX) {
        return;
    }
    w->steps++;
    if (s.segment == w->template.cnt) {
        if (s.expanded) {
            note_ends(w, node);
        }
        return;
    }
    if (s.depth == PDP__SEGMENT_MAX) {
        return;
    }
    if (s.absorbing) {
        take(w, node_ix, s); /* one segment more inside the {+name} */
        s.absorbing = false;
    }
    for (uint32_t i = w->starts[node_ix]; i < w->starts[node_ix + 1]; i++) {
        const struct pdp__edge *edge =
            PDP__ITEM(b, edges, struct pdp__edge, w->edges[i]);
        if (may_be(w, &s, pdp__builder_str(b, edge->segment))) {
            take(w, edge->to, s);
        }
    }
    if (node->param != PDP__NONE) {
        take(w, node->param, s);
    }
    for (uint32_t i = 0; i < node->multis.cnt; i++) {
        const struct pdp__multi *multi =
            PDP__ITEM(b, multis, struct pdp__multi, node->multis.first + i);
        struct state inside = s;
        inside.absorbing = true;
        take(w, multi->node, inside);
    }
}

/* Edges by the node they leave. */
static bool
sort_edges(struct walk *w)
{
    struct pdp__builder *b = w->b;
    size_t width = sizeof(uint32_t);
    uint32_t *next = pdp__arena_array(b->arena, b->nodes.cnt, width);
    w->starts = pdp__arena_array(b->arena, b->nodes.cnt + (size_t)1, width);
    w->edges = pdp__arena_array(b->arena, b->edges.cnt, width);
    w->seen = pdp__arena_array(b->arena, b->routes.cnt, width);
    if (next == NULL || w->starts == NULL || w->edges == NULL ||
        w->seen == NULL) {
        b->failed = true;
        return false;
    }
    for (uint32_t i = 0; i < b->edges.cnt; i++) {
        w->starts[PDP__ITEM(b, edges, struct pdp__edge, i)->from + 1]++;
    }
    for (uint32_t i = 0; i < b->nodes.cnt; i++) {
        w->starts[i + 1] += w->starts[i];
        next[i] = w->starts[i];
    }
    for (uint32_t i = 0; i < b->edges.cnt; i++) {
        w->edges[next[PDP__ITEM(b, edges, struct pdp__edge, i)->from]++] = i;
    }
    return true;
}

/* Takes route ix up; false if none of its parameters is wide. */
static bool
open_route(struct walk *w, uint32_t ix)
{
    struct pdp__builder *b = w->b;
    bool wide = false;
    size_t offset = 0;
    const char *why = NULL;
    w->route = PDP__ITEM(b, routes, struct pdp__route, ix);
    w->route_ix = ix;
    memset(w->kinds, 0, sizeof(w->kinds));
    for (uint32_t i = 0; i < w->route->params.cnt; i++) {
        const struct pdp__param *param =
            PDP__ITEM(b, params, struct pdp__param, w->route->params.first + i);
        w->kinds[param->segment] = (enum pdp__param_kind)param->kind;
        wide = wide || is_wide(w, param->segment);
    }
    return wide && pdp__template_parse(pdp__builder_str(b, w->route->path),
                       &w->template, &offset, &why);
}

void
pdp__router_overlaps(struct pdp__builder *b)
{
    struct walk w = {.b = b};
    for (uint32_t i = 0; i < b->routes.cnt && w.steps < STEPS_MAX; i++) {
        if (!open_route(&w, i)) {
            continue;
        }
        if (w.starts == NULL && !sort_edges(&w)) {
            return;
        }
        walk_from(&w,
            PDP__ITEM(b, services, struct pdp__service, w.route->service)->root,
            (struct state){0});
    }
    if (w.steps == STEPS_MAX) {
        const struct pdp__place *places = b->route_places.items;
        pdp__report_add(b->report, PDP__CODE_ROUTE_OVERLAP, places[w.route_ix],
            NULL,
            "too many ways to read the values of this route and those after "
            "it: not all overlaps are noted");
    }
}
