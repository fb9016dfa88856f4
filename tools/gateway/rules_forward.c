/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include "gateway/lint.h"

/*
 * Does the upstream get what was judged?
 *
 *   path      the daemon answers with the path it judged; a URI part of
 *             proxy_pass sends nginx's own reading of it instead: decoded,
 *             slashes merged, dot segments resolved
 *   account   likewise
 *   headers   those that upstreams take a path, method or caller from must
 *             not come from the client
 *   method    stays
 */

static const char *const lookalikes[] = {
    "X-Original-Method",
    "X-Original-URI",
    "X-Original-URL",
    "X-Rewrite-URL",
    "X-Forwarded-Method",
    "X-Forwarded-Uri",
    "X-Forwarded-Host",
    "X-Forwarded-Prefix",
    "X-Forwarded-Proto",
    "X-Forwarded-For",
    "Forwarded",
    "X-Real-IP",
    "X-HTTP-Method-Override",
    "X-HTTP-Method",
    "X-Method-Override",
    "X-PDP-Decision",
    "X-PDP-Reason",
    "X-PDP-AT-Action",
    "X-PDP-Principal",
    "X-PDP-Account",
    "X-PDP-Missing",
    "X-PDP-URI",
};

/* Whether a value of ours repeats the client's header of that name. */
static bool
repeats(pdp_str_t value, const char *name)
{
    struct pdp__string variable = {0};
    pdp__string_z(&variable, "http_");
    for (const char *c = name; *c != '\0'; c++) {
        pdp__string_char(&variable, *c == '-' ? '_' : pdp__lower(*c));
    }
    bool same = pdp__ngx_uses(value, pdp__string_get(&variable));
    pdp__string_free(&variable);
    return same;
}

static void
check_lookalikes(struct pdp__gateway_lint *lint,
    const struct pdp__gateway_scope *scope)
{
    struct pdp__string missing = {0};
    for (size_t i = 0; i < sizeof(lookalikes) / sizeof(lookalikes[0]); i++) {
        const struct pdp__ngx_directive *set = NULL;
        size_t cnt = 0;
        pdp_str_t value =
            pdp__ngx_header(scope->block, lookalikes[i], &set, &cnt);
        if (set == NULL || repeats(value, lookalikes[i])) {
            pdp__string_fmt(&missing, "%s%s", missing.len > 0 ? ", " : "",
                lookalikes[i]);
        }
    }
    if (missing.len > 0) {
        pdp__gateway_add(lint, PDP__GATEWAY_LOOKALIKE_PASSED, scope->pass,
            "the upstream gets, as the client wrote it: %s", missing.ptr);
    }
    pdp__string_free(&missing);
}

static void
check_account(struct pdp__gateway_lint *lint,
    const struct pdp__gateway_scope *scope)
{
    const struct pdp__ngx_directive *set = NULL;
    size_t cnt = 0;
    pdp_str_t value = pdp__ngx_header(scope->block, "Account", &set, &cnt);
    if (set == NULL) {
        pdp__gateway_add(lint, PDP__GATEWAY_ACCOUNT_NOT_JUDGED, scope->pass,
            "the upstream does not get the account that was judged");
    } else if (value.len == 0) {
        pdp__gateway_add(lint, PDP__GATEWAY_ACCOUNT_NOT_JUDGED, set,
            "the upstream does not get the account that was judged");
    } else if (!pdp__gateway_uses_answer(lint, value, "x_pdp_account")) {
        pdp__gateway_add_as(lint, PDP__GATEWAY_ACCOUNT_NOT_JUDGED,
            PDP_SEVERITY_ERROR, set,
            "the upstream gets another account than the one that was judged");
    }
}

static void
check_path(struct pdp__gateway_lint *lint,
    const struct pdp__gateway_scope *scope)
{
    const struct pdp__ngx_directive *pass = scope->pass;
    struct pdp__ngx_target target = pdp__ngx_target(pass);
    if (!pdp__ngx_is(pass, "proxy_pass")) {
        pdp__gateway_add(lint, PDP__GATEWAY_OTHER_PROTOCOL, pass,
            "'%s' sends on nginx's reading of the path, not the one that was "
            "judged",
            pass->words[0].text);
        return;
    }
    if (pdp__gateway_uses_answer(lint, target.uri, "x_pdp_uri")) {
        if (!pdp__ngx_uses(target.uri, PDP__LIT("args")) &&
            !pdp__ngx_uses(target.uri, PDP__LIT("query_string"))) {
            pdp__gateway_add(lint, PDP__GATEWAY_QUERY_LOST, pass,
                "the query of the request is not sent on");
        }
        if (pdp__str_find(target.scheme, '$', 0) == target.scheme.len) {
            pdp__gateway_add(lint, PDP__GATEWAY_EMPTY_URI, pass,
                "if the variable is empty, the client's own path is sent on");
        }
    } else if (target.uri.len == 0 || pdp__ngx_eq(target.uri, "$request_uri")) {
        pdp__gateway_add(lint, PDP__GATEWAY_NOT_PDP_URI, pass,
            "the client's own bytes are sent on, not the path that was judged");
    } else {
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

static void
check_sets(struct pdp__gateway_lint *lint,
    const struct pdp__gateway_scope *scope)
{
    static const char *const wanted[] = {"x_pdp_uri", "x_pdp_account",
        "x_pdp_at_action", "x_pdp_principal"};
    bool lost =
        check_lost(lint, scope, pdp__ngx_arg(scope->pass, 1), scope->pass);
    const struct pdp__ngx_directive *header =
        pdp__ngx_in_force(scope->block, "proxy_set_header");
    for (; header != NULL; header = pdp__ngx_own_next(header)) {
        lost = check_lost(lint, scope, pdp__ngx_arg(header, 2), header) || lost;
    }
    struct pdp__string missing = {0};
    for (size_t i = 0; !lost && i < sizeof(wanted) / sizeof(wanted[0]); i++) {
        struct pdp__string name = {0};
        pdp__string_fmt(&name, "upstream_http_%s", wanted[i]);
        const struct pdp__ngx_directive *set =
            pdp__ngx_in_force(scope->block, "auth_request_set");
        while (set != NULL &&
               !pdp__ngx_uses(pdp__ngx_arg(set, 2), pdp__string_get(&name))) {
            set = pdp__ngx_own_next(set);
        }
        if (set == NULL) {
            pdp__string_fmt(&missing, "%s$%s", missing.len > 0 ? ", " : "",
                name.ptr);
        }
        pdp__string_free(&name);
    }
    if (missing.len > 0) {
        pdp__gateway_add(lint, PDP__GATEWAY_AUTH_SET_MISSING, scope->auth,
            "of the daemon's answer nothing keeps %s", missing.ptr);
    }
    pdp__string_free(&missing);
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
    const struct pdp__ngx_directive *cache =
        pdp__ngx_in_force(scope->block, "proxy_cache");
    if (cache != NULL && !pdp__ngx_says(cache, "off")) {
        pdp__gateway_add(lint, PDP__GATEWAY_RESPONSE_CACHED, cache,
            "answers of the upstream are kept for others, whom the daemon "
            "allows the same");
    }
}

void
pdp__gateway_rules_forward(struct pdp__gateway_lint *lint)
{
    for (size_t i = 0; i < lint->scope_cnt; i++) {
        const struct pdp__gateway_scope *scope = &lint->scopes[i];
        if (!pdp__gateway_guarded(scope) || scope->pass == NULL) {
            continue;
        }
        check_path(lint, scope);
        check_sets(lint, scope);
        check_rest(lint, scope);
        if (!pdp__ngx_is(scope->pass, "proxy_pass")) {
            continue;
        }
        check_account(lint, scope);
        if (pdp__ngx_switch(scope->block, "proxy_pass_request_headers", true)) {
            check_lookalikes(lint, scope);
        }
    }
}
