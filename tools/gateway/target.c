/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include "gateway/model.h"

/*
 * Where requests go: URI -> location, proxy_pass -> addresses.
 *
 * Locations are found as ngx_http_core_find_location() does, but regular
 * expressions are not tried: whether one may come between is told, and the
 * caller warns.  What an address is made of, address.c says.
 */

/* The URI of a location, and how it is compared. */
static pdp_str_t
location_uri(const struct pdp__ngx_directive *location, pdp_str_t *modifier)
{
    pdp_str_t first = pdp__ngx_arg(location, 1);
    *modifier = (pdp_str_t){"", 0};
    if (location->word_cnt > 2) {
        *modifier = first;
        return pdp__ngx_arg(location, 2);
    }
    /* `=/x` is `= /x`, and so for the others */
    static const char *const glued[] = {"^~", "~*", "=", "~"};
    for (size_t i = 0; i < sizeof(glued) / sizeof(glued[0]); i++) {
        pdp_str_t mark = pdp__str_z(glued[i]);
        if (pdp__str_starts(first, mark)) {
            *modifier = pdp__str(first.ptr, mark.len);
            return pdp__str_from(first, mark.len);
        }
    }
    return first;
}

struct pdp__ngx_route
pdp__ngx_route(const struct pdp__ngx_directive *server, pdp_str_t uri)
{
    struct pdp__ngx_route route = {NULL, false, false};
    const struct pdp__ngx_directive *block = server;
    bool named = uri.len > 0 && uri.ptr[0] == '@';
    uri.len = pdp__str_find(uri, '?', 0);
    while (block != NULL) {
        const struct pdp__ngx_directive *best = NULL;
        size_t best_len = 0;
        bool regex = false;
        bool final = false;
        const struct pdp__ngx_directive *at = pdp__ngx_own(block, "location");
        for (; at != NULL; at = pdp__ngx_own_next(at)) {
            pdp_str_t modifier;
            pdp_str_t own = location_uri(at, &modifier);
            if (pdp__ngx_eq(modifier, "=") || named) {
                if (pdp__str_eq(own, uri)) {
                    return (struct pdp__ngx_route){at, true, false};
                }
            } else if (modifier.len > 0 && modifier.ptr[0] == '~') {
                regex = true;
            } else if (pdp__str_starts(uri, own) &&
                       (best == NULL || own.len > best_len)) {
                best = at;
                best_len = own.len;
                final = pdp__ngx_eq(modifier, "^~");
            }
        }
        /* `^~` spares those of its own level only. */
        route.regex = route.regex || (regex && !final);
        if (best != NULL) {
            route.location = best;
        }
        block = best;
    }
    return route;
}

static bool
is_path_variable(pdp_str_t text)
{
    static const char *const names[] = {"$request_uri", "$uri", "$document_uri",
        "$is_args", "$args", "$query_string"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (pdp__str_starts(text, pdp__str_z(names[i]))) {
            return true;
        }
    }
    /* What auth_request_set keeps of an answer is a path here, not a host. */
    return pdp__str_starts(text, PDP__LIT("$pdp_")) ||
           pdp__str_starts(text, PDP__LIT("${pdp_"));
}

struct pdp__ngx_target
pdp__ngx_target(const struct pdp__ngx_directive *pass)
{
    struct pdp__ngx_target target = {.pass = pass, .scheme = {"", 0}};
    pdp_str_t text = pdp__ngx_arg(pass, 1);
    size_t colon = pdp__ngx_find(text, "://");
    if (colon < text.len) {
        target.scheme = pdp__str(text.ptr, colon);
        text = pdp__str_from(text, colon + 3);
    }
    size_t end = 0;
    if (pdp__ngx_is_unix(text)) {
        end = pdp__str_find(text, ':', 5);
        target.host = pdp__str(text.ptr, end);
        target.variable = pdp__str_find(target.host, '$', 0) < end;
        target.uri = pdp__str_from(text, end < text.len ? end + 1 : end);
        return target;
    }
    while (end < text.len && text.ptr[end] != '/' && text.ptr[end] != '?') {
        if (text.ptr[end] == '$') {
            if (end > 0 && is_path_variable(pdp__str_from(text, end))) {
                break;
            }
            target.variable = true;
        }
        end++;
    }
    target.host = pdp__str(text.ptr, end);
    target.uri = pdp__str_from(text, end);
    return target;
}

const struct pdp__ngx_directive *
pdp__ngx_upstream(const struct pdp__ngx_target *target)
{
    const struct pdp__ngx_directive *block =
        pdp__ngx_around(target->pass, "stream");
    if (block->parent == NULL) {
        block = pdp__ngx_around(target->pass, "http");
    }
    const struct pdp__ngx_directive *at = pdp__ngx_own(block, "upstream");
    while (
        at != NULL && !pdp__str_eq_nocase(pdp__ngx_arg(at, 1), target->host)) {
        at = pdp__ngx_own_next(at);
    }
    return at;
}

/* The addresses of a target, one by one. */
struct addresses {
    const struct pdp__ngx_directive *server; /* of a block upstream, or NULL */
    pdp_str_t only;                          /* otherwise */
    const char *port;
    bool done;
};

static struct addresses
addresses_of(const struct pdp__ngx_target *target)
{
    const struct pdp__ngx_directive *upstream = pdp__ngx_upstream(target);
    bool tls = upstream == NULL &&
               pdp__str_eq_nocase(target->scheme, PDP__LIT("https"));
    struct addresses all = {.only = target->host, .port = tls ? "443" : "80"};
    if (upstream != NULL) {
        all.server = pdp__ngx_own(upstream, "server");
        all.done = all.server == NULL;
    }
    return all;
}

/* The next one; false: there is none. */
static bool
next_address(struct addresses *all, struct pdp__string *out)
{
    if (all->done) {
        return false;
    }
    pdp_str_t text = all->only;
    if (all->server != NULL) {
        text = pdp__ngx_arg(all->server, 1);
        all->server = pdp__ngx_own_next(all->server);
    }
    all->done = all->server == NULL;
    pdp__ngx_address(text, all->port, out);
    return true;
}

bool
pdp__ngx_same_target(const struct pdp__ngx_target *a,
    const struct pdp__ngx_target *b)
{
    struct pdp__string one = {0};
    struct pdp__string other = {0};
    bool same = false;
    struct addresses outer = addresses_of(a);
    while (!same && next_address(&outer, &one)) {
        struct addresses inner = addresses_of(b);
        while (!same && next_address(&inner, &other)) {
            same = pdp__str_eq(pdp__string_get(&one), pdp__string_get(&other));
        }
    }
    pdp__string_free(&one);
    pdp__string_free(&other);
    return same;
}

bool
pdp__ngx_is_local(const struct pdp__ngx_target *target)
{
    struct pdp__string text = {0};
    bool local = !target->variable;
    struct addresses all = addresses_of(target);
    while (local && next_address(&all, &text)) {
        pdp_str_t address = pdp__string_get(&text);
        local = pdp__str_starts(address, PDP__LIT("unix:")) ||
                pdp__str_starts(address, PDP__LIT("127.0.0.1:"));
    }
    pdp__string_free(&text);
    return local;
}

bool
pdp__ngx_listens_at(const struct pdp__ngx_directive *server,
    const struct pdp__ngx_target *target)
{
    struct pdp__string one = {0};
    struct pdp__string other = {0};
    bool same = false;
    struct addresses outer = addresses_of(target);
    while (!same && next_address(&outer, &one)) {
        const struct pdp__ngx_directive *at = NULL;
        while (!same && pdp__ngx_next_listen(server, &at, &other)) {
            same = pdp__str_eq(pdp__string_get(&one), pdp__string_get(&other));
        }
    }
    pdp__string_free(&one);
    pdp__string_free(&other);
    return same;
}
