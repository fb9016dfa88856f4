/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include "gateway/lint.h"

/*
 * What stands around the decision: how headers and slashes are read, whose
 * address the client has, copies of requests, and logs.
 */

/* Headers are read as the server says that the request is for; those before
 * Host as the default server of the address says. */
static void
check_header_names(struct pdp__gateway_lint *lint,
    const struct pdp__ngx_directive *server)
{
    if (pdp__ngx_switch(server, "underscores_in_headers", false)) {
        pdp__gateway_add(lint, PDP__GATEWAY_UNDERSCORES,
            pdp__ngx_in_force(server, "underscores_in_headers"),
            "X_Original_URI passes, and many upstreams take it for "
            "X-Original-URI");
    }
    if (!pdp__ngx_switch(server, "ignore_invalid_headers", true)) {
        pdp__gateway_add(lint, PDP__GATEWAY_INVALID_HEADERS,
            pdp__ngx_in_force(server, "ignore_invalid_headers"),
            "names that are no names of headers are sent on");
    }
}

static void
check_server(struct pdp__gateway_lint *lint,
    const struct pdp__gateway_scope *scope)
{
    const struct pdp__ngx_directive *server = scope->server;
    const struct pdp__ngx_directive *last = NULL;
    for (size_t i = 0; i < lint->scope_cnt; i++) {
        const struct pdp__ngx_directive *other = lint->scopes[i].server;
        if (other != last &&
            (other == server || pdp__ngx_share_listen(other, server))) {
            check_header_names(lint, other);
        }
        last = other;
    }
    if (!pdp__ngx_switch(server, "merge_slashes", true)) {
        return;
    }
    const struct pdp__ngx_directive *merge =
        pdp__ngx_in_force(server, "merge_slashes");
    bool mixed = false;
    for (size_t i = 0; i < lint->scope_cnt; i++) {
        const struct pdp__gateway_scope *other = &lint->scopes[i];
        mixed = mixed || (other->server == server && other->auth == NULL &&
                             !other->internal && other->pass != NULL);
    }
    pdp__gateway_add_as(lint, PDP__GATEWAY_MERGE_SLASHES,
        mixed ? PDP_SEVERITY_WARNING : PDP_SEVERITY_NOTE,
        merge == NULL ? server : merge,
        "a location is chosen as if '//' were '/'; the daemon denies '//'");
}

static void
check_mirror(struct pdp__gateway_lint *lint,
    const struct pdp__gateway_scope *scope)
{
    const struct pdp__ngx_directive *mirror =
        pdp__ngx_in_force(scope->block, "mirror");
    for (; mirror != NULL; mirror = pdp__ngx_own_next(mirror)) {
        if (mirror->word_cnt < 2 || pdp__ngx_says(mirror, "off")) {
            continue;
        }
        struct pdp__ngx_route route =
            pdp__ngx_route(scope->server, pdp__ngx_arg(mirror, 1));
        const struct pdp__gateway_scope *copy =
            route.location == NULL
                ? NULL
                : pdp__gateway_scope_of(lint, route.location);
        if (copy == NULL || copy->pass == NULL) {
            continue;
        }
        const struct pdp__ngx_directive *set = NULL;
        size_t cnt = 0;
        pdp_str_t value =
            pdp__ngx_header(copy->block, "Authorization", &set, &cnt);
        if (scope->auth == NULL && copy->auth != NULL) {
            pdp__gateway_add_as(lint, PDP__GATEWAY_MIRROR_LEAK,
                PDP_SEVERITY_ERROR, mirror,
                "a copy of a request that nobody judged goes to '%s', and "
                "nobody is asked about copies",
                mirror->words[1].text);
        } else if (!copy->internal) {
            pdp__gateway_add_as(lint, PDP__GATEWAY_MIRROR_LEAK,
                PDP_SEVERITY_ERROR, mirror,
                "clients can use '%s', which asks nobody, themselves",
                mirror->words[1].text);
        } else if ((set == NULL || value.len > 0) &&
                   !pdp__ngx_is_local(&copy->target)) {
            pdp__gateway_add(lint, PDP__GATEWAY_MIRROR_LEAK, mirror,
                "tokens of clients go to another machine with each copy");
        }
    }
}

static void
check_real_ip(struct pdp__gateway_lint *lint,
    const struct pdp__ngx_directive *node)
{
    pdp_str_t from = pdp__ngx_arg(node, 1);
    size_t slash = pdp__str_find(from, '/', 0);
    /* /1 twice is everybody, too; nobody's own network is that large */
    int64_t bits =
        slash < from.len ? pdp__ngx_status(pdp__str_from(from, slash + 1)) : -1;
    if (bits >= 0 && bits < 8 && !pdp__ngx_is_unix(from)) {
        pdp__gateway_add(lint, PDP__GATEWAY_REAL_IP_ANYONE, node,
            "every client chooses the address that is judged and logged");
    }
}

static void
check_log_format(struct pdp__gateway_lint *lint,
    const struct pdp__ngx_directive *node)
{
    bool json = false;
    for (size_t i = 2; i < node->word_cnt; i++) {
        pdp_str_t part = pdp__ngx_arg(node, i);
        json = json || pdp__str_starts(part, PDP__LIT("{"));
        if (pdp__ngx_uses(part, PDP__LIT("http_authorization"))) {
            pdp__gateway_add(lint, PDP__GATEWAY_TOKEN_LOGGED, node,
                "tokens of clients are written to the log");
        }
    }
    pdp_str_t escape = pdp__ngx_arg(node, 2);
    if (pdp__ngx_eq(escape, "escape=none") ||
        (json && !pdp__ngx_eq(escape, "escape=json"))) {
        pdp__gateway_add(lint, PDP__GATEWAY_LOG_ESCAPE, node,
            "a client can write whatever it likes into the log");
    }
}

void
pdp__gateway_rules_around(struct pdp__gateway_lint *lint)
{
    for (size_t i = 0; i < lint->scope_cnt; i++) {
        const struct pdp__gateway_scope *scope = &lint->scopes[i];
        if (pdp__gateway_guarded(scope)) {
            check_server(lint, scope);
        }
        if (!scope->asks) {
            check_mirror(lint, scope);
        }
    }
    const struct pdp__ngx_directive *at = lint->conf->root;
    while ((at = pdp__ngx_walk(lint->conf->root, at)) != NULL) {
        if (pdp__ngx_is(at, "set_real_ip_from")) {
            check_real_ip(lint, at);
        } else if (pdp__ngx_is(at, "log_format")) {
            check_log_format(lint, at);
        }
    }
}
