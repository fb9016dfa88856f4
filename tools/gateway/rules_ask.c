/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include "gateway/lint.h"

/*
 * Is the daemon asked the right question, and is its answer the one that
 * counts?
 *
 * What it judges is what this location tells it; a header that is not set
 * here is the client's own.  It learns nothing from the sub-request itself:
 * $uri there is that of the auth location, and $args is empty.
 *
 * Any 2xx of the sub-request lets the request pass.  An error page whose
 * status is that of the page (`=` or `=200`) makes one of a daemon that is
 * down; with proxy_intercept_errors, of a denial, too.
 */

static bool
holds_any(pdp_str_t value, const char *const *variables, size_t cnt)
{
    for (size_t i = 0; i < cnt; i++) {
        if (pdp__ngx_uses(value, pdp__str_z(variables[i]))) {
            return true;
        }
    }
    return false;
}

/* What each contract header must be, and whether the value is all of it. */
struct contract {
    const char *name;
    const char *variables[3];
    bool whole;
};

static const struct contract contracts[] = {
    {"X-Original-Method", {"request_method", NULL, NULL}, true},
    {"X-Original-URI", {"request_uri", NULL, NULL}, true},
    {"X-Original-URL", {"request_uri", NULL, NULL}, false},
    {"X-Real-IP", {"remote_addr", "realip_remote_addr", NULL}, true},
    {"X-Request-ID", {"request_id", NULL, NULL}, true},
    {"Host", {"http_host", "host", "server_name"}, true},
};

static bool
fits(const struct contract *contract, pdp_str_t value)
{
    for (size_t i = 0; i < 3 && contract->variables[i] != NULL; i++) {
        struct pdp__string whole = {0};
        struct pdp__string braced = {0};
        pdp__string_fmt(&whole, "$%s", contract->variables[i]);
        pdp__string_fmt(&braced, "${%s}", contract->variables[i]);
        size_t at = pdp__ngx_find(value, whole.ptr);
        bool ok = pdp__ngx_eq(value, whole.ptr) ||
                  pdp__ngx_eq(value, braced.ptr) ||
                  (!contract->whole && at > 0 && at + whole.len == value.len);
        pdp__string_free(&whole);
        pdp__string_free(&braced);
        if (ok) {
            return true;
        }
    }
    return false;
}

static void
check_contract(struct pdp__gateway_lint *lint,
    const struct pdp__gateway_scope *scope)
{
    const struct pdp__ngx_directive *set = NULL;
    size_t cnt = 0;
    /* ingress-nginx tells the whole URL, everybody else the path. */
    bool url =
        pdp__ngx_header(scope->block, "X-Original-URL", &set, &cnt).len > 0;
    for (size_t i = 0; i < sizeof(contracts) / sizeof(contracts[0]); i++) {
        const struct contract *contract = &contracts[i];
        if (strcmp(contract->name, url ? "X-Original-URI" : "X-Original-URL") ==
            0) {
            continue;
        }
        pdp_str_t value =
            pdp__ngx_header(scope->block, contract->name, &set, &cnt);
        if (cnt > 1) {
            pdp__gateway_add(lint, PDP__GATEWAY_CONTRACT_TWICE, set,
                "%s is set twice", contract->name);
        } else if (set == NULL) {
            pdp__gateway_add(lint, PDP__GATEWAY_CONTRACT_MISSING, scope->block,
                "the daemon believes the client's own %s%s", contract->name,
                strcmp(contract->name, "Host") == 0
                    ? ", or rather gets the upstream's name"
                    : "");
            continue;
        }
        if (!fits(contract, value)) {
            pdp__gateway_add(lint, PDP__GATEWAY_CONTRACT_VALUE, set,
                "%s is not what the request had", contract->name);
        }
    }
}

/* Tokens are named, accounts judged, overrides denied by what the client
 * sent: that must arrive. */
static void
check_credentials(struct pdp__gateway_lint *lint,
    const struct pdp__gateway_scope *scope)
{
    static const char *const names[] = {"Authorization", "Account"};
    static const char *const variables[][1] = {{"http_authorization"},
        {"http_account"}};
    bool passed =
        pdp__ngx_switch(scope->block, "proxy_pass_request_headers", true);
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        const struct pdp__ngx_directive *set = NULL;
        size_t cnt = 0;
        pdp_str_t value = pdp__ngx_header(scope->block, names[i], &set, &cnt);
        bool ours = set != NULL && !holds_any(value, variables[i], 1);
        if (ours || (set == NULL && !passed)) {
            pdp__gateway_add(lint, PDP__GATEWAY_CREDENTIAL_CLEARED,
                set == NULL ? scope->block : set,
                "the daemon does not get the client's %s", names[i]);
        }
    }
}

static void
check_override(struct pdp__gateway_lint *lint,
    const struct pdp__gateway_scope *scope)
{
    static const char *const names[] = {"X-HTTP-Method-Override",
        "X-HTTP-Method", "X-Method-Override"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        const struct pdp__ngx_directive *set = NULL;
        const struct pdp__ngx_directive *other = NULL;
        size_t cnt = 0;
        if (pdp__ngx_header(scope->block, names[i], &set, &cnt).len > 0 ||
            set == NULL) {
            continue;
        }
        for (size_t j = 0; j < lint->scope_cnt; j++) {
            const struct pdp__gateway_scope *guarded = &lint->scopes[j];
            if (guarded->server != scope->server || guarded->pass == NULL ||
                !pdp__gateway_guarded(guarded)) {
                continue;
            }
            (void)pdp__ngx_header(guarded->block, names[i], &other, &cnt);
            if (other == NULL) {
                pdp__gateway_add(lint, PDP__GATEWAY_OVERRIDE_HIDDEN, set,
                    "the upstream gets the client's %s, and the daemon does "
                    "not see it",
                    names[i]);
            }
        }
    }
}

static void
check_cache(struct pdp__gateway_lint *lint,
    const struct pdp__gateway_scope *scope)
{
    static const char *const parts[][2] = {{"http_authorization", NULL},
        {"request_method", NULL}, {"request_uri", NULL}, {"http_account", NULL},
        {"http_host", "host"}};
    const struct pdp__ngx_directive *cache =
        pdp__ngx_in_force(scope->block, "proxy_cache");
    if (cache == NULL || pdp__ngx_says(cache, "off")) {
        return;
    }
    struct pdp__string missing = {0};
    pdp_str_t key =
        pdp__ngx_arg(pdp__ngx_in_force(scope->block, "proxy_cache_key"), 1);
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        size_t cnt = parts[i][1] == NULL ? 1 : 2;
        if (!holds_any(key, parts[i], cnt)) {
            pdp__string_fmt(&missing, "%s$%s", missing.len > 0 ? ", " : "",
                parts[i][0]);
        }
    }
    if (missing.len > 0) {
        pdp__gateway_add(lint, PDP__GATEWAY_AUTH_CACHE_KEY, cache,
            "an answer is reused for requests that differ in %s", missing.ptr);
    } else {
        pdp__gateway_add(lint, PDP__GATEWAY_AUTH_CACHED, cache,
            "a decision outlives the policy and the keys it was made with");
    }
    pdp__string_free(&missing);
}

static void
check_error_pages(struct pdp__gateway_lint *lint,
    const struct pdp__gateway_scope *scope)
{
    bool intercepts =
        pdp__ngx_switch(scope->block, "proxy_intercept_errors", false);
    const struct pdp__ngx_directive *page =
        pdp__ngx_in_force(scope->block, "error_page");
    for (; page != NULL; page = pdp__ngx_own_next(page)) {
        pdp_str_t equal = page->word_cnt < 4
                              ? (pdp_str_t){"", 0}
                              : pdp__ngx_arg(page, page->word_cnt - 2);
        if (equal.len == 0 || equal.ptr[0] != '=' ||
            (equal.len > 1 && equal.ptr[1] != '2')) {
            continue;
        }
        for (size_t i = 1; i + 2 < page->word_cnt; i++) {
            pdp_str_t code = pdp__ngx_arg(page, i);
            bool own = pdp__str_starts(code, PDP__LIT("5")) ||
                       pdp__ngx_eq(code, "413");
            if (own || intercepts) {
                pdp__gateway_add(lint, PDP__GATEWAY_AUTH_ERROR_PAGE, page,
                    "where the daemon's answer is %s, this makes a consent "
                    "of it",
                    page->words[i].text);
            }
        }
    }
}

static void
check_transport(struct pdp__gateway_lint *lint,
    const struct pdp__gateway_scope *scope)
{
    const struct pdp__ngx_directive *set = NULL;
    size_t cnt = 0;
    const struct pdp__ngx_directive *upstream = pdp__ngx_upstream(scope->pass);
    bool pooled =
        upstream != NULL && pdp__ngx_own(upstream, "keepalive") != NULL;
    bool current =
        pdp__ngx_says(pdp__ngx_in_force(scope->block, "proxy_http_version"),
            "1.1");
    pdp_str_t connection =
        pdp__ngx_header(scope->block, "Connection", &set, &cnt);
    bool kept = set != NULL && connection.len == 0;
    if (!pooled || !current || !kept) {
        pdp__gateway_add(lint, PDP__GATEWAY_KEEPALIVE, scope->pass,
            "each request opens a connection of its own to the daemon:%s%s%s",
            pooled ? "" : " no upstream with keepalive;",
            current ? "" : " HTTP/1.0;", kept ? "" : " Connection: close");
    }
    if (!pdp__ngx_is_local(scope->pass)) {
        pdp__gateway_add(lint, PDP__GATEWAY_AUTH_REMOTE, scope->pass,
            "tokens and decisions cross a network");
    }
    const struct pdp__ngx_directive *timeout =
        pdp__ngx_in_force(scope->block, "proxy_read_timeout");
    int64_t msec =
        timeout == NULL ? 60000 : pdp__ngx_msec(pdp__ngx_arg(timeout, 1));
    if (msec < 0 || msec > 2000) {
        pdp__gateway_add(lint, PDP__GATEWAY_AUTH_TIMEOUT,
            timeout == NULL ? scope->block : timeout,
            "a daemon that hangs holds requests for more than 2 s");
    }
}

static int64_t
body_limit(const struct pdp__ngx_directive *block)
{
    const struct pdp__ngx_directive *limit =
        pdp__ngx_in_force(block, "client_max_body_size");
    int64_t bytes =
        limit == NULL ? 1 << 20 : pdp__ngx_bytes(pdp__ngx_arg(limit, 1));
    return bytes == 0 ? INT64_MAX : bytes;
}

static void
check_body(struct pdp__gateway_lint *lint,
    const struct pdp__gateway_scope *scope)
{
    const struct pdp__ngx_directive *set = NULL;
    size_t cnt = 0;
    if (pdp__ngx_switch(scope->block, "proxy_pass_request_body", true)) {
        pdp__gateway_add(lint, PDP__GATEWAY_BODY_PASSED, scope->block,
            "the daemon is sent bodies, which it does not read");
    }
    pdp_str_t value =
        pdp__ngx_header(scope->block, "Content-Length", &set, &cnt);
    if (set == NULL || value.len > 0) {
        pdp__gateway_add(lint, PDP__GATEWAY_CONTENT_LENGTH, scope->block,
            "the daemon is told of a body that does not come");
    }
    for (size_t i = 0; i < lint->scope_cnt; i++) {
        const struct pdp__gateway_scope *other = &lint->scopes[i];
        if (other->server == scope->server && pdp__gateway_guarded(other) &&
            body_limit(other->block) > body_limit(scope->block)) {
            pdp__gateway_add(lint, PDP__GATEWAY_BODY_LIMIT, scope->block,
                "bodies that line %lu takes are too long for this location: "
                "500",
                (unsigned long)other->block->words[0].place.line);
            return;
        }
    }
}

static void
check_place(struct pdp__gateway_lint *lint,
    const struct pdp__gateway_scope *scope,
    const struct pdp__ngx_directive *auth)
{
    struct pdp__ngx_route route =
        pdp__ngx_route(scope->server, pdp__ngx_arg(auth, 1));
    const struct pdp__gateway_scope *asked =
        route.location == NULL ? NULL
                               : pdp__gateway_scope_of(lint, route.location);
    if (asked != NULL && asked->asks) {
        if (!route.exact && route.regex) {
            pdp__gateway_add(lint, PDP__GATEWAY_AUTH_LOCATION_SHADOW,
                asked->block,
                "a location with a regular expression can take its place");
        }
        return;
    }
    if (route.regex) {
        pdp__gateway_add(lint, PDP__GATEWAY_AUTH_LOCATION_SHADOW, auth,
            "'%s' may be a location with a regular expression; none is tried",
            auth->words[1].text);
    } else {
        pdp__gateway_add(lint, PDP__GATEWAY_AUTH_LOCATION, auth,
            "there is no location of its own for '%s': somebody else answers "
            "in the daemon's place",
            auth->words[1].text);
    }
}

static void
check_asking(struct pdp__gateway_lint *lint,
    const struct pdp__gateway_scope *scope)
{
    const struct pdp__gateway_scope *guard =
        scope->pass == NULL
            ? NULL
            : pdp__gateway_guard_of(lint, scope->pass, scope->server);
    if (!scope->internal) {
        pdp__gateway_add(lint, PDP__GATEWAY_NOT_INTERNAL, scope->block,
            "clients can ask the daemon themselves");
    }
    if (scope->answers || scope->pass == NULL) {
        pdp__gateway_add(lint, PDP__GATEWAY_AUTH_ANSWERS, scope->block,
            "nobody asks the daemon: this location answers by itself");
        return;
    }
    if (guard != NULL) {
        pdp__gateway_add(lint, PDP__GATEWAY_AUTH_LOCATION, scope->pass,
            "the upstream that is to be guarded answers in the daemon's place");
    }
    check_error_pages(lint, scope);
    if (!pdp__ngx_is(scope->pass, "proxy_pass")) {
        pdp__gateway_add(lint, PDP__GATEWAY_OTHER_PROTOCOL, scope->pass,
            "the daemon speaks HTTP");
        return;
    }
    check_contract(lint, scope);
    check_credentials(lint, scope);
    check_override(lint, scope);
    check_body(lint, scope);
    check_cache(lint, scope);
    check_transport(lint, scope);
}

void
pdp__gateway_rules_ask(struct pdp__gateway_lint *lint)
{
    for (size_t i = 0; i < lint->scope_cnt; i++) {
        const struct pdp__gateway_scope *scope = &lint->scopes[i];
        if (scope->asks) {
            check_asking(lint, scope);
        } else if (pdp__gateway_guarded(scope) && scope->auth->word_cnt > 1) {
            check_place(lint, scope, scope->auth);
        }
    }
}
