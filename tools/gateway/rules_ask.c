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

/* What each contract header must be: one of these and nothing else. */
struct contract {
    const char *name;
    const char *variables[3];
    bool url; /* or a URL with the path and the host of the request */
};

/* The host of a URL that is what the request had. */
static bool
is_host(pdp_str_t host)
{
    return pdp__ngx_same_text(host, "$http_host") ||
           pdp__ngx_same_text(host, "$host");
}

static bool
is_url(pdp_str_t value)
{
    size_t start = pdp__ngx_find(value, "://");
    size_t end = pdp__ngx_find(value, "$request_uri");
    pdp_str_t scheme = pdp__str(value.ptr, start);
    return start + 3 <= end && end + 12 == value.len &&
           (pdp__ngx_same_text(scheme, "$scheme") ||
               pdp__ngx_eq(scheme, "http") || pdp__ngx_eq(scheme, "https")) &&
           is_host(pdp__str(value.ptr + start + 3, end - start - 3));
}

static const struct contract contracts[] = {
    {"X-Original-Method", {"request_method", NULL, NULL}, false},
    {"X-Original-URI", {"request_uri", NULL, NULL}, false},
    {"X-Original-URL", {NULL, NULL, NULL}, true},
    {"X-Real-IP", {"remote_addr", "realip_remote_addr", NULL}, false},
    {"X-Request-ID", {"request_id", NULL, NULL}, false},
    {"Host", {"http_host", "host", "server_name"}, false},
};

static bool
fits(const struct contract *contract, pdp_str_t value)
{
    pdp_str_t name = {"", 0};
    if (contract->url) {
        return is_url(value);
    }
    if (!pdp__ngx_is_variable(value, &name)) {
        return false;
    }
    for (size_t i = 0; i < 3 && contract->variables[i] != NULL; i++) {
        if (pdp__str_eq_nocase(name, pdp__str_z(contract->variables[i]))) {
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

/* Whether a location hands on a client's header as it was. */
static bool
hands_on(const struct pdp__gateway_scope *scope, const char *name,
    const struct pdp__ngx_directive **set)
{
    struct pdp__string variable = {0};
    size_t cnt = 0;
    pdp_str_t value = pdp__ngx_header(scope->block, name, set, &cnt);
    pdp__string_z(&variable, "$http_");
    for (const char *c = name; *c != '\0'; c++) {
        pdp__string_char(&variable, *c == '-' ? '_' : pdp__lower(*c));
    }
    bool same = pdp__ngx_same_text(value, variable.ptr);
    pdp__string_free(&variable);
    if (*set != NULL) {
        return same && cnt == 1;
    }
    return pdp__ngx_switch(scope->block, "proxy_pass_request_headers", true);
}

/* Tokens are named, accounts judged, overrides denied by what the client
 * sent: that must arrive. */
static void
check_credentials(struct pdp__gateway_lint *lint,
    const struct pdp__gateway_scope *scope)
{
    static const char *const names[] = {"Authorization", "Account"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        const struct pdp__ngx_directive *set = NULL;
        if (!hands_on(scope, names[i], &set)) {
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
        if (hands_on(scope, names[i], &set)) {
            continue;
        }
        for (size_t j = 0; j < lint->scope_cnt; j++) {
            const struct pdp__gateway_scope *guarded = &lint->scopes[j];
            if (guarded->server == scope->server && guarded->pass != NULL &&
                pdp__gateway_guarded(guarded) &&
                hands_on(guarded, names[i], &other)) {
                pdp__gateway_add(lint, PDP__GATEWAY_OVERRIDE_HIDDEN,
                    set == NULL ? scope->block : set,
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

/* Whether nginx itself gives this status where the daemon is asked: whatever
 * fails there, or what a limit or a return says. */
static bool
arises(const struct pdp__gateway_scope *scope, int64_t code)
{
    static const char *const limits[][2] = {{"limit_req", "limit_req_status"},
        {"limit_conn", "limit_conn_status"}};
    const struct pdp__ngx_directive *at = scope->block;
    bool is = code >= 500 || code == 413;
    for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++) {
        const struct pdp__ngx_directive *status =
            pdp__ngx_in_force(scope->block, limits[i][1]);
        is = is || (pdp__ngx_in_force(scope->block, limits[i][0]) != NULL &&
                       pdp__ngx_status(pdp__ngx_arg(status, 1)) == code);
    }
    while ((at = pdp__ngx_walk(scope->block, at)) != NULL) {
        is = is || (pdp__ngx_is(at, "return") &&
                       pdp__ngx_status(pdp__ngx_arg(at, 1)) == code);
    }
    return is;
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
        if (equal.len == 0 || equal.ptr[0] != '=') {
            continue;
        }
        /* `=` and `=0` take the page's own status */
        int64_t status = pdp__ngx_status(pdp__str_from(equal, 1));
        if (status > 0 && (status < 200 || status > 299)) {
            continue;
        }
        for (size_t i = 1; i + 2 < page->word_cnt; i++) {
            if (intercepts ||
                arises(scope, pdp__ngx_status(pdp__ngx_arg(page, i)))) {
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
    const struct pdp__ngx_directive *upstream =
        pdp__ngx_upstream(&scope->target);
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
    if (!pdp__ngx_is_local(&scope->target)) {
        pdp__gateway_add(lint, PDP__GATEWAY_AUTH_REMOTE, scope->pass,
            "tokens and decisions cross a network");
    }
    const struct pdp__ngx_directive *first =
        upstream == NULL ? NULL : pdp__ngx_own(upstream, "server");
    if (first != NULL && pdp__ngx_own_next(first) != NULL) {
        pdp__gateway_add(lint, PDP__GATEWAY_AUTH_SERVERS,
            pdp__ngx_own_next(first),
            "when the daemon is down, this is asked in its place");
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

/* Who else answers in the daemon's place, if only for some requests: what
 * runs before the proxy, and a handler in the place of it. */
static void
check_answers(struct pdp__gateway_lint *lint,
    const struct pdp__ngx_directive *block)
{
    const struct pdp__ngx_directive *at = block->first;
    for (; at != NULL; at = at->next) {
        bool inner = pdp__ngx_is_inner(block);
        int64_t status = pdp__ngx_is(at, "return")
                             ? pdp__ngx_status(pdp__ngx_arg(at, 1))
                             : -1;
        if (pdp__ngx_is(at, "rewrite") || pdp__ngx_is(at, "try_files") ||
            pdp__gateway_is_handler(at) ||
            (inner && (pdp__ngx_pass(block) == at ||
                          (status >= 0 && status < 300)))) {
            pdp__gateway_add(lint, PDP__GATEWAY_AUTH_ANSWERS, at,
                "by '%s', this location answers in the daemon's place",
                at->words[0].text);
        } else if (at->block && pdp__ngx_is_inner(at)) {
            check_answers(lint, at);
        }
    }
}

static void
check_asking(struct pdp__gateway_lint *lint,
    const struct pdp__gateway_scope *scope)
{
    const struct pdp__gateway_scope *guard =
        scope->pass == NULL
            ? NULL
            : pdp__gateway_guard_of(lint, &scope->target, scope->server);
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
    if (pdp__gateway_of_client(pdp__ngx_arg(scope->pass, 1))) {
        pdp__gateway_add_as(lint, PDP__GATEWAY_VARIABLE_UPSTREAM,
            PDP_SEVERITY_ERROR, scope->pass,
            "the client chooses who is asked, or what");
    }
    check_error_pages(lint, scope);
    check_answers(lint, scope->block);
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
        if (scope->asks && pdp__ngx_is_inner(scope->block)) {
            check_error_pages(lint, scope);
        } else if (scope->asks) {
            check_asking(lint, scope);
        } else if (pdp__gateway_guarded(scope) && scope->auth->word_cnt > 1) {
            check_place(lint, scope, scope->auth);
        }
    }
}
