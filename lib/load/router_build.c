/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include "base/buf.h"
#include "load/lookup.h"
#include "load/router.h"
#include "load/template.h"

/*
 * Routes into the trie that model/router.c walks.
 *
 *     GET /v2/{+name}/tags/{tag}      node 0 --v2--> 1
 *     GET /v2/_catalog                node 1 --_catalog--> 5
 *                                     node 1 --{+}, 2 more--> 2
 *                                     node 2 --tags--> 3 --{}--> 4
 *
 * Names of parameters are no part of the shape: two routes of one method
 * that end at the same node match the same requests, and are refused with
 * both places.  A GET route with `head` also takes the HEAD of its node.
 *
 * Behind `{+name}` there is one sub-trie for each number of segments that
 * follow it.  The search tries the longest first, which is "literal beats
 * parameter beats {+name}, from the left": where the two differ, the longer
 * one has a literal or a parameter and the shorter one is still inside its
 * {+name}.  So no two shapes tie, and only equal shapes are an error.
 *
 * While the trie grows, its edges are in a map; `{` cannot begin a literal,
 * so "{2" is the edge of a {+name} that two segments follow.  The ranges of
 * terminals and multis are made by counting sort at the end.
 *
 * Cost: one map look-up a segment.
 */

/* An item that belongs to a node, until all are sorted by node. */
struct node_item {
    uint32_t node;
    uint32_t first;  /* terminal: method; multi: suffix */
    uint32_t second; /* terminal: route; multi: node */
};

struct trie {
    struct pdp__builder *b;
    struct pdp__vec terminals; /* struct node_item */
    struct pdp__vec multis;    /* struct node_item */
};

static uint32_t
add_node(struct trie *t)
{
    uint32_t ix = PDP__NONE;
    struct pdp__node *node = PDP__NEW(t->b, nodes, ix);
    if (node != NULL) {
        node->param = PDP__NONE;
    }
    return ix;
}

static void
add_item(struct trie *t, struct pdp__vec *vec, struct node_item value)
{
    uint32_t ix = 0;
    struct node_item *item = pdp__builder_push(t->b, vec, sizeof(*item), &ix);
    if (item != NULL) {
        *item = value;
    }
}

/* The node behind a literal. */
static uint32_t
literal_child(struct trie *t, uint32_t node, pdp_str_t segment)
{
    struct pdp__builder *b = t->b;
    uint32_t child = pdp__map_get_in(b, PDP__MAP_EDGE, node, segment);
    uint32_t ix = 0;
    if (child != PDP__NONE) {
        return child;
    }
    child = add_node(t);
    struct pdp__edge *edge = PDP__NEW(b, edges, ix);
    if (child == PDP__NONE || edge == NULL) {
        return PDP__NONE;
    }
    edge->segment = pdp__builder_text(b, segment);
    edge->from = node;
    edge->to = child;
    PDP__ITEM(b, nodes, struct pdp__node, node)->literals++;
    PDP__ITEM(b, nodes, struct pdp__node, node)->only = ix;
    return pdp__map_put_in(b, PDP__MAP_EDGE, node, segment, child) ? child
                                                                   : PDP__NONE;
}

static uint32_t
param_child(struct trie *t, uint32_t node)
{
    uint32_t child = PDP__ITEM(t->b, nodes, struct pdp__node, node)->param;
    if (child == PDP__NONE) {
        child = add_node(t);
        PDP__ITEM(t->b, nodes, struct pdp__node, node)->param = child;
    }
    return child;
}

/* The node behind a `{+name}` that `suffix` segments follow. */
static uint32_t
multi_child(struct trie *t, uint32_t node, uint32_t suffix)
{
    char text[16];
    struct pdp__buf key = pdp__buf(text, sizeof(text));
    pdp__buf_char(&key, '{');
    pdp__buf_int(&key, (int64_t)suffix);
    pdp_str_t name = pdp__buf_get(&key);
    uint32_t child = pdp__map_get_in(t->b, PDP__MAP_EDGE, node, name);
    if (child != PDP__NONE) {
        return child;
    }
    child = add_node(t);
    if (child == PDP__NONE ||
        !pdp__map_put_in(t->b, PDP__MAP_EDGE, node, name, child)) {
        return PDP__NONE;
    }
    add_item(t, &t->multis, (struct node_item){node, suffix, child});
    return child;
}

/* The node where a template ends; PDP__NONE: no memory. */
static uint32_t
add_path(struct trie *t, uint32_t root, const struct pdp__template *template)
{
    uint32_t node = root;
    for (uint32_t i = 0; i < template->cnt && node != PDP__NONE; i++) {
        const struct pdp__template_segment *segment = &template->segments[i];
        switch (segment->step) {
        case PDP__STEP_LITERAL:
            node = literal_child(t, node, segment->text);
            break;
        case PDP__STEP_PARAM:
            node = param_child(t, node);
            break;
        case PDP__STEP_MULTI:
            node = multi_child(t, node, template->cnt - i - 1);
            break;
        }
    }
    return node;
}

/* Claims the requests of a method at a node for a route; false, and a
 * finding, if they belong to another one. */
static bool
claim(struct trie *t, uint32_t node, pdp_str_t method, uint32_t route_ix)
{
    struct pdp__builder *b = t->b;
    uint32_t other = pdp__map_get_in(b, PDP__MAP_END, node, method);
    if (other == PDP__NONE) {
        (void)pdp__map_put_in(b, PDP__MAP_END, node, method, route_ix);
        return true;
    }
    const struct pdp__place *places = b->route_places.items;
    const struct pdp__route *first =
        PDP__ITEM(b, routes, struct pdp__route, other);
    pdp_str_t path = pdp__builder_str(b, first->path);
    pdp__report_add(b->report, PDP__CODE_SAME_ROUTE, places[route_ix], NULL,
        "%.*s requests of this path belong to \"%.*s\" of line %lu",
        PDP__ARG(method), PDP__ARG(path), (unsigned long)places[other].line);
    return false;
}

static void
add_route(struct trie *t, uint32_t ix)
{
    struct pdp__builder *b = t->b;
    const struct pdp__route route =
        *PDP__ITEM(b, routes, struct pdp__route, ix);
    pdp_str_t method = pdp__builder_str(b,
        *PDP__ITEM(b, methods, struct pdp__text, route.method));
    struct pdp__template template;
    size_t offset = 0;
    const char *why = NULL;
    if (!pdp__template_parse(pdp__builder_str(b, route.path), &template,
            &offset, &why)) {
        return; /* the reader stores none that is malformed */
    }
    uint32_t root =
        PDP__ITEM(b, services, struct pdp__service, route.service)->root;
    uint32_t node = add_path(t, root, &template);
    if (node == PDP__NONE) {
        return;
    }
    bool ours = claim(t, node, method, ix);
    if (ours && route.head != 0) {
        ours = claim(t, node, PDP__LIT("HEAD"), ix);
    }
    if (ours) {
        add_item(t, &t->terminals, (struct node_item){node, route.method, ix});
    }
}

/* The items sorted by node, and where each node's begin: starts[node] up to
 * starts[node + 1].  NULL: no memory. */
static const struct node_item *
sort_items(struct pdp__builder *b, const struct pdp__vec *items,
    uint32_t *starts)
{
    uint32_t node_cnt = b->nodes.cnt;
    uint32_t *next = pdp__arena_array(b->arena, node_cnt, sizeof(*next));
    struct node_item *sorted =
        pdp__arena_array(b->arena, items->cnt, sizeof(*sorted));
    if (next == NULL || sorted == NULL) {
        b->failed = true;
        return NULL;
    }
    memset(starts, 0, (node_cnt + (size_t)1) * sizeof(*starts));
    for (uint32_t i = 0; i < items->cnt; i++) {
        starts[PDP__VEC_AT(items, struct node_item, i)->node + 1]++;
    }
    for (uint32_t i = 0; i < node_cnt; i++) {
        starts[i + 1] += starts[i];
        next[i] = starts[i];
    }
    for (uint32_t i = 0; i < items->cnt; i++) {
        const struct node_item *item = PDP__VEC_AT(items, struct node_item, i);
        sorted[next[item->node]++] = *item;
    }
    return sorted;
}

static void
write_terminals(struct trie *t, uint32_t *starts)
{
    struct pdp__builder *b = t->b;
    const struct node_item *sorted = sort_items(b, &t->terminals, starts);
    for (uint32_t i = 0; sorted != NULL && i < t->terminals.cnt; i++) {
        uint32_t ix = 0;
        struct pdp__terminal *terminal = PDP__NEW(b, terminals, ix);
        if (terminal == NULL) {
            return;
        }
        terminal->method = sorted[i].first;
        terminal->route = sorted[i].second;
    }
    for (uint32_t i = 0; i < b->nodes.cnt; i++) {
        PDP__ITEM(b, nodes, struct pdp__node, i)->terminals =
            (struct pdp__range){starts[i], starts[i + 1] - starts[i]};
    }
}

/* Of each node the longest suffix first; no two of a node are equal. */
static void
write_multis(struct trie *t, uint32_t *starts)
{
    struct pdp__builder *b = t->b;
    const struct node_item *sorted = sort_items(b, &t->multis, starts);
    for (uint32_t i = 0; sorted != NULL && i < t->multis.cnt; i++) {
        uint32_t ix = 0;
        if (PDP__NEW(b, multis, ix) == NULL) {
            return;
        }
        for (; ix > starts[sorted[i].node]; ix--) {
            const struct pdp__multi *before =
                PDP__ITEM(b, multis, struct pdp__multi, ix - 1);
            if (before->suffix > sorted[i].first) {
                break;
            }
            *PDP__ITEM(b, multis, struct pdp__multi, ix) = *before;
        }
        *PDP__ITEM(b, multis, struct pdp__multi, ix) =
            (struct pdp__multi){sorted[i].first, sorted[i].second};
    }
    for (uint32_t i = 0; i < b->nodes.cnt; i++) {
        PDP__ITEM(b, nodes, struct pdp__node, i)->multis =
            (struct pdp__range){starts[i], starts[i + 1] - starts[i]};
    }
}

pdp_status_t
pdp__build_router(struct pdp__builder *b)
{
    struct trie t = {.b = b};
    for (uint32_t i = 0; i < b->services.cnt; i++) {
        PDP__ITEM(b, services, struct pdp__service, i)->root = add_node(&t);
    }
    for (uint32_t i = 0; i < b->routes.cnt && !b->failed; i++) {
        add_route(&t, i);
    }
    PDP_TRY(pdp__read_status(b));
    uint32_t *starts =
        pdp__arena_array(b->arena, b->nodes.cnt + (size_t)1, sizeof(*starts));
    PDP_ENSURE(starts != NULL, PDP_E_NOMEM);
    write_terminals(&t, starts);
    write_multis(&t, starts);
    PDP_TRY(pdp__read_status(b));
    pdp__router_overlaps(b);
    return pdp__read_status(b);
}
