/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
/*
 * Stage 3, route: host -> service, method and segments -> route, segments ->
 * parameters.
 *
 * Two attacks are stopped after the match.  A parameter outside its grammar
 * (`status%2Fx` where an image belongs) is bad_param.  A parameter with
 * escapes that would lead to another route of the same method if somebody
 * behind us decoded the path first is ambiguous_path: what we judge must be
 * what runs, however the backend reads it.
 */

#include "decide/flow.h"

enum { HOST_MAX = 253 }; /* bytes of a host that a service may have */

/*
 * Host of the request -> lower case, without port and without the dot of a
 * fully qualified name, which servers drop, too; {NULL, 0} if it is longer
 * than any we know.  admit.c has seen to its form.
 */
static pdp_str_t
host_name(pdp_str_t host, char *buf, size_t cap)
{
    size_t len = pdp__str_find(host, ':', 0);

    if (len > 0 && host.ptr[len - 1] == '.') {
        len--;
    }
    if (len > cap) {
        return (pdp_str_t){NULL, 0};
    }
    for (size_t i = 0; i < len; i++) {
        buf[i] = pdp__lower(host.ptr[i]);
    }
    return pdp__str(buf, len);
}

/* Which service, and which of its regions; false: no service. */
static bool
choose_service(struct pdp__flow *flow)
{
    const struct pdp__block *block = flow->block;
    struct pdp__routed *routed = &flow->routed;
    char buf[HOST_MAX];
    pdp_str_t host = host_name(flow->admitted.host, buf, sizeof(buf));
    uint32_t ix = host.ptr == NULL ? PDP__NONE : pdp__find_host(block, host);

    if (ix != PDP__NONE) {
        routed->service = pdp__hosts(block)[ix].service;
        routed->region = pdp__hosts(block)[ix].region;
        return true;
    }
    if (block->services.cnt == 1) {
        routed->service = 0;
        return true;
    }
    return false;
}

static size_t
target_offset(const struct pdp__flow *flow, pdp_str_t part)
{
    return (size_t)(part.ptr - flow->request->target.ptr);
}

/*
 * The value of one path parameter; *raw is where it stands in the target.
 * A `{+name}` spans several segments and must not hold an escape: nobody
 * needs one there, and a decoded slash would move its borders.
 */
static bool
take_param(const struct pdp__flow *flow, const struct pdp__route *route,
    const struct pdp__param *param, pdp_str_t *text, pdp_str_t *raw)
{
    const struct pdp__path *path = &flow->target;
    uint32_t rest = route->segments - param->segment; /* from here on */
    uint32_t first = param->after != 0 ? path->cnt - rest : param->segment;

    *raw = path->segments[first].raw;
    *text = path->segments[first].decoded;
    if (param->multi == 0) {
        /* Only images and resources may hold an encoded slash (C12). */
        return !path->segments[first].slash || param->kind == PDP__KIND_IMAGE ||
               param->kind == PDP__KIND_RESOURCE;
    }
    uint32_t last = path->cnt - rest;
    for (uint32_t i = first; i <= last; i++) {
        if (path->segments[i].encoded) {
            return false;
        }
    }
    pdp_str_t end = path->segments[last].raw;
    raw->len = (size_t)(end.ptr + end.len - raw->ptr);
    *text = *raw;
    return true;
}

static bool
take_params(struct pdp__flow *flow)
{
    const struct pdp__block *block = flow->block;
    struct pdp__routed *routed = &flow->routed;
    const struct pdp__route *route = &pdp__routes(block)[routed->route];
    const struct pdp__param *params = &pdp__params(block)[route->params.first];
    bool put = pdp__str_eq(flow->request->method, PDP__LIT("PUT"));

    for (uint32_t i = 0; i < route->params.cnt; i++) {
        struct pdp__value *value = &routed->params[i];
        pdp_str_t raw = {NULL, 0};
        *value = (struct pdp__value){
            .name = pdp__text(block, params[i].name),
            .kind = params[i].kind,
            /* PUT makes the namespace, so the rule for new names holds. */
            .creates = put && params[i].kind == PDP__KIND_NAMESPACE,
        };
        if (!take_param(flow, route, &params[i], &value->text, &raw) ||
            !pdp__value_parse(block, routed->service, routed->region,
                params[i].tagless != 0, value)) {
            return pdp__deny_at(flow, PDP_REASON_BAD_PARAM,
                target_offset(flow, raw));
        }
        routed->param_cnt = i + 1;
    }
    return true;
}

/* Splits decoded text at slashes onto the end of segments. */
static bool
append_split(pdp_str_t text, pdp_str_t *segments, uint32_t *cnt)
{
    for (size_t start = 0; start <= text.len;) {
        size_t end = pdp__str_find(text, '/', start);
        if (*cnt == PDP__SEGMENT_MAX) {
            return false;
        }
        segments[(*cnt)++] = pdp__str(text.ptr + start, end - start);
        start = end + 1;
    }
    return true;
}

/* Whether some route of the service has a `{+name}`. */
static bool
has_multi(const struct pdp__flow *flow)
{
    const struct pdp__block *block = flow->block;
    struct pdp__range routes =
        pdp__services(block)[flow->routed.service].routes;

    for (uint32_t i = 0; i < routes.cnt; i++) {
        struct pdp__range params = pdp__routes(block)[routes.first + i].params;
        for (uint32_t j = 0; j < params.cnt; j++) {
            if (pdp__params(block)[params.first + j].multi != 0) {
                return true;
            }
        }
    }
    return false;
}

/*
 * Whether the path, decoded once before it is split, means something else:
 * another route, or the same one with the borders of its values moved.  More
 * segments than we can look at could only fit a `{+name}`; where there is
 * one, they count as ambiguous.
 */
static bool
is_ambiguous(const struct pdp__flow *flow, size_t *offset)
{
    const struct pdp__path *path = &flow->target;
    pdp_str_t segments[PDP__SEGMENT_MAX];
    uint32_t cnt = 0;
    bool encoded = false;

    for (uint32_t i = 0; i < path->cnt; i++) {
        const struct pdp__segment *segment = &path->segments[i];
        if (segment->encoded && !encoded) {
            encoded = true;
            *offset = target_offset(flow, segment->raw);
        }
    }
    if (!encoded) {
        return false;
    }
    for (uint32_t i = 0; i < path->cnt; i++) {
        if (!append_split(path->segments[i].decoded, segments, &cnt)) {
            return has_multi(flow);
        }
    }
    struct pdp__route_match match = pdp__router_find(flow->block,
        flow->routed.service, flow->request->method, segments, cnt);
    uint32_t other = match.route != PDP__NONE ? match.route : match.get_only;
    return other != PDP__NONE &&
           (other != flow->routed.route || cnt != path->cnt);
}

bool
pdp__route(struct pdp__flow *flow)
{
    const struct pdp__path *path = &flow->target;
    pdp_str_t segments[PDP__SEGMENT_MAX];
    size_t offset = 0;

    if (!choose_service(flow)) {
        return pdp__deny(flow, PDP_REASON_NO_ROUTE);
    }
    for (uint32_t i = 0; i < path->cnt; i++) {
        segments[i] = path->segments[i].raw;
    }
    struct pdp__route_match match = pdp__router_find(flow->block,
        flow->routed.service, flow->request->method, segments, path->cnt);
    if (match.route == PDP__NONE) {
        return pdp__deny(flow, match.other_method
                                   ? PDP_REASON_METHOD_NOT_ALLOWED
                                   : PDP_REASON_NO_ROUTE);
    }
    flow->routed.route = match.route;
    if (!take_params(flow)) {
        return false;
    }
    if (is_ambiguous(flow, &offset)) {
        return pdp__deny_at(flow, PDP_REASON_AMBIGUOUS_PATH, offset);
    }
    return true;
}
