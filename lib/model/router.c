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

/* A node to come back to when what was tried first leads nowhere. */
struct frame {
    uint32_t node;
    uint32_t depth; /* segments consumed */
    uint32_t next;  /* what to try: 0 `{name}`, 1.. `{+name}` number next - 1 */
};

struct search {
    const struct pdp__block *block;
    const pdp_str_t *segments;
    uint32_t cnt;
    uint32_t hashed;     /* bit d: hashes[d] is set */
    uint32_t method;     /* of `methods`, or PDP__NONE */
    uint32_t get_method; /* for HEAD requests: GET, else PDP__NONE */
    uint32_t node;       /* where we are */
    uint32_t depth;      /* segments consumed */
    uint32_t top;        /* frames on the stack */
    uint64_t hashes[PDP__SEGMENT_MAX];
    struct frame stack[PDP__SEGMENT_MAX + 1];
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

/* The node behind the literal edge for the next segment, or PDP__NONE. */
static uint32_t
literal(struct search *s, const struct pdp__node *node)
{
    const struct pdp__block *block = s->block;
    pdp_str_t segment = s->segments[s->depth];
    uint32_t ix = node->only;

    if (node->literals == 0) {
        return PDP__NONE;
    }
    if (node->literals > 1) {
        if ((s->hashed >> s->depth & 1u) == 0) {
            s->hashes[s->depth] = pdp__hash(block->seed, segment);
            s->hashed |= 1u << s->depth;
        }
        ix = pdp__phash_find(block, &block->edge_hash,
            pdp__hash_pair(s->hashes[s->depth], s->node));
        if (ix == PDP__NONE) {
            return PDP__NONE;
        }
    }
    const struct pdp__edge *edge = &pdp__edges(block)[ix];
    if (edge->from != s->node ||
        !pdp__str_eq(pdp__text(block, edge->segment), segment)) {
        return PDP__NONE;
    }
    return edge->to;
}

/* The route that ends at node for the method, if any; one of HEAD itself
 * before one of GET. */
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
        if (terminal[i].method == s->get_method) {
            by_get = terminal[i].route;
        }
    }
    return by_get;
}

/* Goes on from the newest frame; false when there is none left. */
static bool
back(struct search *s)
{
    while (s->top > 0) {
        struct frame *frame = &s->stack[s->top - 1];
        const struct pdp__node *node = &pdp__nodes(s->block)[frame->node];
        uint32_t next = frame->next++;
        if (next == 0) {
            if (node->param != PDP__NONE) {
                s->node = node->param;
                s->depth = frame->depth + 1;
                return true;
            }
            continue;
        }
        if (next - 1 >= node->multis.cnt) {
            s->top--;
            continue;
        }
        const struct pdp__multi *multi =
            &pdp__multis(s->block)[node->multis.first + next - 1];
        if (frame->depth + 1 + multi->suffix <= s->cnt) {
            s->node = multi->node;
            s->depth = s->cnt - multi->suffix;
            return true;
        }
    }
    return false;
}

/* One segment on, by the best edge there is; false: a dead end. */
static bool
forward(struct search *s)
{
    const struct pdp__node *node = &pdp__nodes(s->block)[s->node];
    uint32_t to = literal(s, node);

    if (node->param != PDP__NONE || node->multis.cnt > 0) {
        /* A frame's depth grows with each one above it, and stays below the
         * number of segments: the stack cannot overflow. */
        s->stack[s->top++] = (struct frame){s->node, s->depth, 0};
    }
    if (to == PDP__NONE) {
        return false;
    }
    s->node = to;
    s->depth++;
    return true;
}

struct pdp__route_match
pdp__router_find(const struct pdp__block *block, uint32_t service,
    pdp_str_t method, const pdp_str_t *segments, uint32_t cnt)
{
    struct pdp__route_match match = {PDP__NONE, false, PDP__NONE};
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
    s.node = pdp__services(block)[service].root;
    s.depth = 0;
    s.top = 0;
    for (;;) {
        if (s.depth < cnt) {
            if (forward(&s) || back(&s)) {
                continue;
            }
            return match;
        }
        match.route = terminal_route(&s, s.node);
        if (match.route != PDP__NONE) {
            const struct pdp__route *route = &pdp__routes(block)[match.route];
            if (route->method != s.method && route->head == 0) {
                match = (struct pdp__route_match){PDP__NONE, true, match.route};
            }
            return match;
        }
        if (pdp__nodes(block)[s.node].terminals.cnt > 0) {
            match.other_method = true;
        }
        if (!back(&s)) {
            return match;
        }
    }
}
