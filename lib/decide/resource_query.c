/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
/*
 * The query parameters that a route names with `query:NAME`, decoded once
 * and checked against the grammar of their kind; part of stage 8.
 *
 * Attacks stopped here: a parameter given twice, of which the backend might
 * take the other one; a name that a lenient server would read as one of ours
 * and a strict one not (`from%zzimage`); a second parameter behind a `;`.
 * Parameters that the route does not name are not looked at.
 */

#include "decide/flow.h"
#include "text/query.h"

enum { NAME_CAP = 256 }; /* bytes of a decoded name; longer ones are not ours */

static const struct pdp__route *
route_of(const struct pdp__flow *flow)
{
    return &pdp__routes(flow->block)[flow->routed.route];
}

/* The value of a pair, decoded and checked against the kind of the query. */
static bool
take_value(struct pdp__flow *flow, const struct pdp__query *query,
    const struct pdp__query_pair *pair, size_t *used, struct pdp__value *value)
{
    size_t offset;

    *value = (struct pdp__value){
        .name = pdp__text(flow->block, query->name),
        .kind = query->kind,
    };
    if (!pdp__query_decode(pair->raw_value, flow->query_buf + *used,
            sizeof(flow->query_buf) - *used, &value->text, &offset)) {
        return false;
    }
    *used += value->text.len;
    return pdp__value_parse(flow->block, flow->routed.service,
        flow->routed.region, query->tagless != 0, value);
}

/* Index of the route's query that a pair is for; PDP__NONE: none.  False: a
 * lenient server could take the pair for one, and a strict one not. */
static bool
match_query(struct pdp__flow *flow, const struct pdp__query_pair *pair,
    uint32_t *match)
{
    const struct pdp__route *route = route_of(flow);
    const struct pdp__query *queries =
        &pdp__queries(flow->block)[route->queries.first];
    char buf[NAME_CAP];
    pdp_str_t name = {NULL, 0};
    size_t offset;

    *match = PDP__NONE;
    bool decoded =
        pdp__query_decode(pair->raw_name, buf, sizeof(buf), &name, &offset);
    for (uint32_t i = 0; i < route->queries.cnt; i++) {
        pdp_str_t wanted = pdp__text(flow->block, queries[i].name);
        if (decoded && pdp__str_eq(name, wanted)) {
            *match = i;
        } else if (pdp__query_hides(pair, wanted)) {
            return false;
        }
    }
    return true;
}

static bool
deny_pair(struct pdp__flow *flow, pdp_reason_t reason,
    const struct pdp__query_pair *pair)
{
    pdp_str_t target = flow->request->target;
    size_t start = (size_t)(flow->target.query.ptr - target.ptr);

    return pdp__deny_at(flow, reason, start + pair->offset);
}

bool
pdp__take_queries(struct pdp__flow *flow, struct pdp__query_values *out)
{
    const struct pdp__route *route = route_of(flow);
    const struct pdp__query *queries =
        &pdp__queries(flow->block)[route->queries.first];
    pdp_str_t raw = flow->target.query;
    struct pdp__query_pair pair;
    size_t cursor = 0;
    size_t used = 0;
    uint32_t seen = 0; /* bit i: query i was given */

    if (route->queries.cnt == 0) {
        return true; /* nothing to look for */
    }
    while (pdp__query_next(raw, &cursor, &pair)) {
        uint32_t query;
        if (!match_query(flow, &pair, &query)) {
            return deny_pair(flow, PDP_REASON_BAD_PARAM, &pair);
        }
        if (query == PDP__NONE) {
            continue;
        }
        if ((seen >> query & 1u) != 0 && queries[query].repeat == 0) {
            return deny_pair(flow, PDP_REASON_AMBIGUOUS_QUERY, &pair);
        }
        seen |= 1u << query;
        if (out->cnt == PDP__ITEMS_MAX ||
            !take_value(flow, &queries[query], &pair, &used,
                &out->items[out->cnt].value)) {
            return deny_pair(flow, PDP_REASON_BAD_PARAM, &pair);
        }
        out->items[out->cnt++].query = query;
    }
    return true;
}
