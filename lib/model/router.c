/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
/*
 * Routing: method and raw path segments -> the one route they mean.
 *
 * The templates of a service form a trie: an edge is a literal segment, a
 * `{name}` that takes one segment, or a `{+name}` that takes one or more.
 * Literal edges live in one perfect hash for the whole snapshot, keyed
 * (segment, node), so a step is one hash look-up and one comparison of the
 * full segment; the hash alone never decides (it could be made to collide).
 *
 * Precedence is the order in which edges are tried: literal, `{name}`,
 * `{+name}` with the longest rest first.  The first complete path that has
 * a route for the method wins, which is "literal beats parameter, decided
 * from the left", for each method by itself: `GET /namespaces/details` may
 * be a literal row while `DELETE /namespaces/details` is the parameter row.
 *
 * Cost: a step per segment for a path without dead ends; never more than
 * the nodes of the trie, since a node is reached in one way only.
 *
 * Literals are compared with the raw segment, so `%2E`, case and every
 * other spelling of a literal is simply another segment.
 */

#include "model/router.h"

#include "text/path.h"

/* One level of the search: where we are and what is tried next. */
struct frame {
    uint32_t node;
    uint32_t depth; /* segments consumed */
    uint32_t next;  /* 0 literal, 1 `{name}`, 2.. `{+name}` number next - 2 */
};

struct search {
    const struct pdp__block *block;
    const pdp_str_t *segments;
    uint32_t cnt;
    uint32_t hashed; /* bit d: hashes[d] is set */
    uint64_t hashes[PDP__SEGMENT_MAX];
    uint32_t method;     /* of `methods`, or PDP__NONE */
    uint32_t get_method; /* for HEAD requests: GET, else PDP__NONE */
    struct frame stack[PDP__SEGMENT_MAX + 1];
    uint32_t top;
};

static uint32_t
find_method(const struct pdp__block *block, pdp_str_t method)
{
    const struct pdp__text *methods = pdp__methods(block);

    for (uint32_t i = 0; i < block->methods.cnt; i++) {
        if (pdp__str_eq(pdp__text(block, methods[i]), method)) {
            return i;
        }
    }
    return PDP__NONE;
}

/* The literal edge from node for segment depth; PDP__NONE if there is none. */
static uint32_t
literal_edge(struct search *s, uint32_t node, uint32_t depth)
{
    const struct pdp__block *block = s->block;

    if (pdp__nodes(block)[node].literals == 0) {
        return PDP__NONE;
    }
    if ((s->hashed >> depth & 1u) == 0) {
        s->hashes[depth] = pdp__hash(block->seed, s->segments[depth]);
        s->hashed |= 1u << depth;
    }
    uint32_t ix = pdp__phash_find(block, &block->edge_hash,
        pdp__hash_pair(s->hashes[depth], node));
    if (ix == PDP__NONE) {
        return PDP__NONE;
    }
    const struct pdp__edge *edge = &pdp__edges(block)[ix];
    if (edge->from != node ||
        !pdp__str_eq(pdp__text(block, edge->segment), s->segments[depth])) {
        return PDP__NONE;
    }
    return edge->to;
}

/* The route that ends at node for the method, if any. */
static uint32_t
terminal_route(const struct search *s, uint32_t node)
{
    const struct pdp__block *block = s->block;
    const struct pdp__range range = pdp__nodes(block)[node].terminals;
    const struct pdp__terminal *terminal = &pdp__terminals(block)[range.first];
    uint32_t by_get = PDP__NONE;

    for (uint32_t i = 0; i < range.cnt; i++) {
        if (terminal[i].method == s->method) {
            return terminal[i].route;
        }
        if (terminal[i].method == s->get_method &&
            pdp__routes(block)[terminal[i].route].head != 0) {
            by_get = terminal[i].route;
        }
    }
    return by_get;
}

static void
push(struct search *s, uint32_t node, uint32_t depth)
{
    /* A step consumes at least one segment, so the stack cannot overflow. */
    s->stack[s->top++] = (struct frame){node, depth, 0};
}

/* Tries the next edge of the frame on top, or gives the frame up. */
static void
step(struct search *s)
{
    struct frame *frame = &s->stack[s->top - 1];
    const struct pdp__node *node = &pdp__nodes(s->block)[frame->node];
    uint32_t next = frame->next++;

    if (next == 0) {
        uint32_t to = literal_edge(s, frame->node, frame->depth);
        if (to != PDP__NONE) {
            push(s, to, frame->depth + 1);
        }
        return;
    }
    if (next == 1) {
        if (node->param != PDP__NONE) {
            push(s, node->param, frame->depth + 1);
        }
        return;
    }
    if (next - 2 >= node->multis.cnt) {
        s->top--;
        return;
    }
    const struct pdp__multi *multi =
        &pdp__multis(s->block)[node->multis.first + next - 2];
    if (frame->depth + 1 + multi->suffix <= s->cnt) {
        push(s, multi->node, s->cnt - multi->suffix);
    }
}

struct pdp__route_match
pdp__router_find(const struct pdp__block *block, uint32_t service,
    pdp_str_t method, const pdp_str_t *segments, uint32_t cnt)
{
    struct pdp__route_match match = {PDP__NONE, false};
    struct search s;

    if (cnt == 0 || cnt > PDP__SEGMENT_MAX || service >= block->services.cnt) {
        return match;
    }
    s.block = block;
    s.segments = segments;
    s.cnt = cnt;
    s.hashed = 0;
    s.method = find_method(block, method);
    s.get_method = pdp__str_eq(method, PDP__LIT("HEAD"))
                       ? find_method(block, PDP__LIT("GET"))
                       : PDP__NONE;
    s.top = 0;
    push(&s, pdp__services(block)[service].root, 0);
    while (s.top > 0) {
        const struct frame *frame = &s.stack[s.top - 1];
        if (frame->depth < cnt) {
            step(&s);
            continue;
        }
        match.route = terminal_route(&s, frame->node);
        if (match.route != PDP__NONE) {
            return match;
        }
        if (pdp__nodes(block)[frame->node].terminals.cnt > 0) {
            match.other_method = true;
        }
        s.top--;
    }
    return match;
}
