/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include "gateway/lint.h"

/*
 * Does the upstream get what was judged?
 *
 *   path      the daemon answers with the path it judged; a URI part of
 *             proxy_pass sends nginx's own reading of it instead: decoded,
 *             slashes merged, dot segments resolved
 *   query     is the client's, byte for byte
 *   method    stays
 *   answers   are for the account that was judged
 *
 * It must be what was judged, and not contain it: something before it is
 * another path, and something behind it a parameter that nobody judged.
 * rules_headers.c looks at the headers.
 */

/* What a proxy_pass with another host than a fixed one may lead to. */
static void
check_host(struct pdp__gateway_lint *lint,
    const struct pdp__gateway_scope *scope)
{
    bool chosen = pdp__gateway_of_client(scope->target.host) ||
                  pdp__gateway_of_client(scope->target.scheme);
    if (chosen) {
        pdp__gateway_add_as(lint, PDP__GATEWAY_VARIABLE_UPSTREAM,
            PDP_SEVERITY_ERROR, scope->pass,
            "the client chooses what gets the request that was judged");
    } else if (scope->target.variable ||
               pdp__gateway_scheme(scope) == PDP__GATEWAY_SCHEME_UNKNOWN) {
        pdp__gateway_add(lint, PDP__GATEWAY_VARIABLE_UPSTREAM, scope->pass,
            "what '%s' leads to is known only at run time: no other way to it "
            "can be looked for",
            scope->pass->words[1].text);
    }
}

static bool
is_query(pdp_str_t text)
{
    return pdp__ngx_same_text(text, "$is_args$args") ||
           pdp__ngx_same_text(text, "$is_args$query_string") ||
           pdp__ngx_same_text(text, "?$args") ||
           pdp__ngx_same_text(text, "?$query_string");
}

static void
check_path(struct pdp__gateway_lint *lint,
    const struct pdp__gateway_scope *scope, bool lost)
{
    const struct pdp__ngx_directive *pass = scope->pass;
    struct pdp__ngx_target target = scope->target;
    pdp_str_t rest = {"", 0};
    if (!pdp__ngx_is(pass, "proxy_pass")) {
        pdp__gateway_add(lint, PDP__GATEWAY_OTHER_PROTOCOL, pass,
            "'%s' sends on nginx's reading of the path, not the one that was "
            "judged",
            pass->words[0].text);
        return;
    }
    if (pdp__gateway_starts_with_answer(scope, target.uri, "x_pdp_uri",
            &rest)) {
        if (rest.len == 0) {
            pdp__gateway_add(lint, PDP__GATEWAY_QUERY_LOST, pass,
                "the query of the request is not sent on");
        } else if (!is_query(rest)) {
            pdp__gateway_add(lint, PDP__GATEWAY_URI_PART, pass,
                "'%s' behind the path that was judged",
                pass->words[1].text + (rest.ptr - pass->words[1].text));
        }
        if (pdp__gateway_scheme(scope) == PDP__GATEWAY_SCHEME_FIXED) {
            pdp__gateway_add(lint, PDP__GATEWAY_EMPTY_URI, pass,
                "if the variable is empty, the client's own path is sent on");
        }
    } else if (target.uri.len == 0 ||
               pdp__ngx_same_text(target.uri, "$request_uri")) {
        pdp__gateway_add(lint, PDP__GATEWAY_NOT_PDP_URI, pass,
            "the client's own bytes are sent on, not the path that was judged");
    } else if (!lost) {
        pdp__gateway_add(lint, PDP__GATEWAY_URI_PART, pass,
            "'%s' in the place of the path that was judged",
            pass->words[1].text + (target.uri.ptr - pass->words[1].text));
    }
}

/* A variable that some auth_request_set fills, but none in force here. */
static bool
check_lost(struct pdp__gateway_lint *lint,
    const struct pdp__gateway_scope *scope, pdp_str_t text,
    const struct pdp__ngx_directive *where)
{
    const struct pdp__ngx_directive *set = lint->conf->root;
    while ((set = pdp__ngx_walk(lint->conf->root, set)) != NULL) {
        pdp_str_t name = pdp__ngx_arg(set, 1);
        if (!pdp__ngx_is(set, "auth_request_set") || name.len < 2 ||
            !pdp__ngx_uses(text, pdp__str_from(name, 1))) {
            continue;
        }
        const struct pdp__ngx_directive *in_force =
            pdp__ngx_in_force(scope->block, "auth_request_set");
        while (in_force != NULL &&
               !pdp__str_eq_nocase(pdp__ngx_arg(in_force, 1), name)) {
            in_force = pdp__ngx_own_next(in_force);
        }
        if (in_force == NULL) {
            pdp__gateway_add(lint, PDP__GATEWAY_AUTH_SET_LOST, where,
                "'%s' is empty here: it is set for other locations only",
                set->words[1].text);
            return true;
        }
    }
    return false;
}

/* Whether the path of the answer is lost here. */
static bool
check_sets(struct pdp__gateway_lint *lint,
    const struct pdp__gateway_scope *scope)
{
    static const char *const wanted[] = {"x_pdp_uri", "x_pdp_account",
        "x_pdp_at_action", "x_pdp_principal"};
    bool lost =
        check_lost(lint, scope, pdp__ngx_arg(scope->pass, 1), scope->pass);
    bool any = lost;
    const struct pdp__ngx_directive *header =
        pdp__ngx_in_force(scope->block, "proxy_set_header");
    for (; header != NULL; header = pdp__ngx_own_next(header)) {
        any = check_lost(lint, scope, pdp__ngx_arg(header, 2), header) || any;
    }
    struct pdp__string missing = {0};
    for (size_t i = 0; !any && i < sizeof(wanted) / sizeof(wanted[0]); i++) {
        struct pdp__string name = {0};
        pdp__string_fmt(&name, "$upstream_http_%s", wanted[i]);
        const struct pdp__ngx_directive *set =
            pdp__ngx_in_force(scope->block, "auth_request_set");
        while (set != NULL &&
               !pdp__ngx_same_text(pdp__ngx_arg(set, 2), name.ptr)) {
            set = pdp__ngx_own_next(set);
        }
        if (set == NULL) {
            pdp__string_fmt(&missing, "%s%s", missing.len > 0 ? ", " : "",
                name.ptr);
        }
        pdp__string_free(&name);
    }
    if (missing.len > 0) {
        pdp__gateway_add(lint, PDP__GATEWAY_AUTH_SET_MISSING, scope->auth,
            "of the daemon's answer nothing keeps %s", missing.ptr);
    }
    pdp__string_free(&missing);
    return lost;
}

/* Whether a key has the path, the host and the account of a request. */
static bool
tells_apart(const struct pdp__gateway_scope *scope, pdp_str_t key)
{
    static const char *const who[] = {"http_authorization", "http_account"};
    static const char *const where[] = {"http_host", "host"};
    pdp_str_t rest = key;
    pdp_str_t name = {"", 0};
    pdp_str_t before = key;
    bool judged = false;
    bool path = pdp__ngx_uses(key, PDP__LIT("request_uri"));
    bool query = pdp__ngx_uses(key, PDP__LIT("args")) ||
                 pdp__ngx_uses(key, PDP__LIT("query_string"));
    while (pdp__ngx_next_variable(&rest, &name)) {
        size_t start = pdp__str_find(before, '$', 0);
        pdp_str_t text = pdp__str(before.ptr + start,
            (size_t)(rest.ptr - before.ptr) - start);
        judged = judged || pdp__gateway_is_answer(scope, text, "x_pdp_account");
        path =
            path || (query && pdp__gateway_is_answer(scope, text, "x_pdp_uri"));
        before = rest;
    }
    bool caller = judged || (pdp__ngx_uses(key, pdp__str_z(who[0])) &&
                                pdp__ngx_uses(key, pdp__str_z(who[1])));
    return path && caller &&
           (pdp__ngx_uses(key, pdp__str_z(where[0])) ||
               pdp__ngx_uses(key, pdp__str_z(where[1])));
}

static void
check_cache(struct pdp__gateway_lint *lint,
    const struct pdp__gateway_scope *scope)
{
    const struct pdp__ngx_directive *store =
        pdp__ngx_in_force(scope->block, "proxy_store");
    if (store != NULL && !pdp__ngx_says(store, "off")) {
        pdp__gateway_add(lint, PDP__GATEWAY_RESPONSE_CACHED, store,
            "answers of the upstream become files");
    }
    const struct pdp__ngx_directive *cache =
        pdp__ngx_in_force(scope->block, "proxy_cache");
    if (cache == NULL || pdp__ngx_says(cache, "off")) {
        return;
    }
    pdp_str_t key =
        pdp__ngx_arg(pdp__ngx_in_force(scope->block, "proxy_cache_key"), 1);
    bool complete = tells_apart(scope, key);
    pdp__gateway_add_as(lint, PDP__GATEWAY_RESPONSE_CACHED,
        complete ? PDP_SEVERITY_NOTE : PDP_SEVERITY_WARNING, cache,
        complete ? "answers of the upstream are kept for others, whom the "
                   "daemon allows the same in the same account"
                 : "an answer to one account, path or host is given to "
                   "another");
}

static void
check_rest(struct pdp__gateway_lint *lint,
    const struct pdp__gateway_scope *scope)
{
    const struct pdp__ngx_directive *method =
        pdp__ngx_in_force(scope->block, "proxy_method");
    if (method != NULL) {
        pdp__gateway_add(lint, PDP__GATEWAY_METHOD_CHANGED, method,
            "the upstream gets another method than the one that was judged");
    }
    check_cache(lint, scope);
}

void
pdp__gateway_rules_forward(struct pdp__gateway_lint *lint)
{
    for (size_t i = 0; i < lint->scope_cnt; i++) {
        const struct pdp__gateway_scope *scope = &lint->scopes[i];
        if (!pdp__gateway_guarded(scope) || scope->pass == NULL) {
            continue;
        }
        check_host(lint, scope);
        check_path(lint, scope, check_sets(lint, scope));
        check_rest(lint, scope);
    }
}
