/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include "gateway/lint.h"

/*
 * Do the headers that the upstream gets say what was judged?
 *
 * Those that upstreams take a path, a method, a host or a caller from must be
 * empty, or hold what was judged, or what nginx knows itself.  Each line of
 * one name counts, and a name with `_` for `-`, too: many upstreams cannot
 * tell them apart.
 *
 * After an Upgrade the connection is a tunnel, and nothing in it is judged;
 * with a wrong length of the body, what follows it is a request that nobody
 * judged.
 */

enum kind {
    METHOD,   /* $request_method */
    PATH,     /* $request_uri, or what was judged */
    HOST,     /* what was judged */
    FROM,     /* what nginx knows */
    ANSWER,   /* of the daemon, of the same name */
    OVERRIDE, /* nothing */
};

static const struct lookalike {
    const char *name;
    enum kind kind;
} lookalikes[] = {
    {"X-Original-Method", METHOD},
    {"X-Original-URI", PATH},
    {"X-Original-URL", PATH},
    {"X-Rewrite-URL", PATH},
    {"X-Forwarded-Method", METHOD},
    {"X-Forwarded-Uri", PATH},
    {"X-Forwarded-Host", HOST},
    {"X-Forwarded-Prefix", FROM},
    {"X-Forwarded-Proto", FROM},
    {"X-Forwarded-For", FROM},
    {"Forwarded", FROM},
    {"X-Real-IP", FROM},
    {"X-HTTP-Method-Override", OVERRIDE},
    {"X-HTTP-Method", OVERRIDE},
    {"X-Method-Override", OVERRIDE},
    {"X-PDP-Decision", ANSWER},
    {"X-PDP-Reason", ANSWER},
    {"X-PDP-AT-Action", ANSWER},
    {"X-PDP-Principal", ANSWER},
    {"X-PDP-Account", ANSWER},
    {"X-PDP-Missing", ANSWER},
    {"X-PDP-URI", ANSWER},
};

enum { LOOKALIKES = sizeof(lookalikes) / sizeof(lookalikes[0]) };

/* Whether two names are one to those who read `_` and `-` alike. */
static bool
alike(pdp_str_t a, const char *name)
{
    pdp_str_t b = pdp__str_z(name);
    for (size_t i = 0; a.len == b.len && i < a.len; i++) {
        char x = a.ptr[i] == '_' ? '-' : pdp__lower(a.ptr[i]);
        if (x != pdp__lower(b.ptr[i])) {
            return false;
        }
    }
    return a.len == b.len;
}

/* Whether all variables of a text are nginx's own, whatever a client does. */
static bool
is_own(pdp_str_t text)
{
    static const char *const names[] = {"request_method", "request_uri",
        "scheme", "https", "host", "http_host", "server_name", "server_port",
        "server_addr", "server_protocol", "remote_addr", "remote_port",
        "realip_remote_addr", "realip_remote_port", "proxy_protocol_addr",
        "proxy_protocol_port", "proxy_add_x_forwarded_for", "proxy_host",
        "proxy_port", "request_id", "hostname", "connection", "msec",
        "time_iso8601", "time_local"};
    pdp_str_t name = {"", 0};
    while (pdp__ngx_next_variable(&text, &name)) {
        bool own = pdp__str_starts(name, PDP__LIT("ssl_"));
        for (size_t i = 0; !own && i < sizeof(names) / sizeof(names[0]); i++) {
            own = pdp__str_eq_nocase(name, pdp__str_z(names[i]));
        }
        if (!own) {
            return false;
        }
    }
    return true;
}

static bool
is_path(const struct pdp__gateway_scope *scope, pdp_str_t value)
{
    pdp_str_t rest = value;
    size_t start = pdp__ngx_find(value, "://");
    if (start < value.len) {
        pdp_str_t host = pdp__str_from(value, start + 3);
        size_t uri = pdp__ngx_find(host, "$request_uri");
        return is_own(value) && uri + 12 == host.len &&
               pdp__str_find(pdp__str(host.ptr, uri), '/', 0) == uri;
    }
    if (pdp__ngx_same_text(value, "$request_uri")) {
        return true;
    }
    return pdp__gateway_starts_with_answer(scope, value, "x_pdp_uri", &rest) &&
           (rest.len == 0 || pdp__ngx_same_text(rest, "$is_args$args"));
}

static bool
is_answer(const struct pdp__gateway_scope *scope, pdp_str_t value,
    const char *name)
{
    struct pdp__string header = {0};
    for (const char *c = name; *c != '\0'; c++) {
        pdp__string_char(&header, *c == '-' ? '_' : pdp__lower(*c));
    }
    bool is = pdp__gateway_is_answer(scope, value, header.ptr);
    pdp__string_free(&header);
    return is;
}

static bool
fits(const struct pdp__gateway_scope *scope, const struct lookalike *lookalike,
    pdp_str_t value, pdp_str_t host)
{
    if (value.len == 0) {
        return true;
    }
    switch (lookalike->kind) {
    case METHOD:
        return pdp__ngx_same_text(value, "$request_method");
    case PATH:
        return is_path(scope, value);
    case HOST:
        return pdp__str_find(value, '$', 0) == value.len ||
               pdp__ngx_same(value, host) || (host.len == 0 && is_own(value)) ||
               pdp__ngx_same_text(value, "$server_name");
    case FROM:
        return is_own(value);
    case ANSWER:
        return is_answer(scope, value, lookalike->name);
    case OVERRIDE:
        return false;
    }
    return false;
}

static void
check_lookalikes(struct pdp__gateway_lint *lint,
    const struct pdp__gateway_scope *scope, pdp_str_t host)
{
    struct pdp__string missing = {0};
    bool passed =
        pdp__ngx_switch(scope->block, "proxy_pass_request_headers", true);
    for (size_t i = 0; i < LOOKALIKES; i++) {
        const struct lookalike *lookalike = &lookalikes[i];
        const struct pdp__ngx_directive *at =
            pdp__ngx_in_force(scope->block, "proxy_set_header");
        bool right = true;
        bool set = !passed;
        for (; at != NULL; at = pdp__ngx_own_next(at)) {
            pdp_str_t name = pdp__ngx_arg(at, 1);
            if (alike(name, lookalike->name)) {
                right =
                    right && fits(scope, lookalike, pdp__ngx_arg(at, 2), host);
                set = set ||
                      pdp__str_eq_nocase(name, pdp__str_z(lookalike->name));
            }
        }
        if (!set || !right) {
            pdp__string_fmt(&missing, "%s%s", missing.len > 0 ? ", " : "",
                lookalike->name);
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
    const struct pdp__gateway_scope *scope,
    const struct pdp__ngx_directive *set, pdp_str_t value)
{
    if (value.len == 0) {
        pdp__gateway_add(lint, PDP__GATEWAY_ACCOUNT_NOT_JUDGED, set,
            "the upstream does not get the account that was judged");
    } else if (!pdp__gateway_is_answer(scope, value, "x_pdp_account")) {
        pdp__gateway_add_as(lint, PDP__GATEWAY_ACCOUNT_NOT_JUDGED,
            PDP_SEVERITY_ERROR, set,
            "the upstream gets another account than the one that was judged");
    }
}

static void
check_host(struct pdp__gateway_lint *lint, const struct pdp__ngx_directive *set,
    pdp_str_t value, pdp_str_t host)
{
    if (host.len == 0 || pdp__ngx_same(value, host)) {
        return;
    }
    bool fixed = pdp__str_find(value, '$', 0) == value.len ||
                 pdp__ngx_same_text(value, "$proxy_host") ||
                 pdp__ngx_same_text(value, "$server_name");
    pdp__gateway_add_as(lint, PDP__GATEWAY_HOST_NOT_JUDGED,
        fixed ? PDP_SEVERITY_WARNING : PDP_SEVERITY_ERROR, set,
        "the daemon judges a request to '%.*s', and the upstream gets one to "
        "'%.*s'",
        (int)(host.len < 99 ? host.len : 99), host.ptr,
        (int)(value.len < 99 ? value.len : 99), value.ptr);
}

/* One header that is set, of those that are more than a name. */
static void
check_set(struct pdp__gateway_lint *lint,
    const struct pdp__gateway_scope *scope,
    const struct pdp__ngx_directive *set, pdp_str_t host)
{
    pdp_str_t name = pdp__ngx_arg(set, 1);
    pdp_str_t value = pdp__ngx_arg(set, 2);
    bool fixed = pdp__str_find(value, '$', 0) == value.len;
    if (alike(name, "Account")) {
        check_account(lint, scope, set, value);
    } else if (alike(name, "Host")) {
        check_host(lint, set, value, host);
    } else if (alike(name, "Authorization")) {
        if (!fixed && !pdp__ngx_same_text(value, "$http_authorization")) {
            pdp__gateway_add(lint, PDP__GATEWAY_CREDENTIAL_CHANGED, set,
                "the upstream may get another token than the one that was "
                "judged");
        }
    } else if (alike(name, "Upgrade") || alike(name, "Connection")) {
        if (value.len > 0 && !pdp__str_eq_nocase(value, PDP__LIT("close")) &&
            !pdp__str_eq_nocase(value, PDP__LIT("keep-alive"))) {
            pdp__gateway_add(lint, PDP__GATEWAY_UPGRADE_PASSED, set,
                "after an Upgrade nothing that the client sends is judged");
        }
    } else if (alike(name, "Transfer-Encoding") ||
               alike(name, "Content-Length")) {
        if (value.len > 0) {
            pdp__gateway_add(lint, PDP__GATEWAY_FRAMING_SET, set,
                "where a body is not as long as this says, the rest of it is "
                "a request that nobody judges");
        }
    }
}

static void
check_body(struct pdp__gateway_lint *lint,
    const struct pdp__gateway_scope *scope)
{
    const struct pdp__ngx_directive *set = NULL;
    size_t cnt = 0;
    const struct pdp__ngx_directive *body =
        pdp__ngx_in_force(scope->block, "proxy_set_body");
    if (body != NULL) {
        pdp__gateway_add(lint, PDP__GATEWAY_BODY_REPLACED, body,
            "the upstream gets another body than the client sent");
    }
    if (pdp__ngx_switch(scope->block, "proxy_pass_request_body", true)) {
        return;
    }
    body = pdp__ngx_in_force(scope->block, "proxy_pass_request_body");
    pdp__gateway_add(lint, PDP__GATEWAY_BODY_REPLACED, body,
        "the upstream gets no body");
    pdp_str_t value =
        pdp__ngx_header(scope->block, "Content-Length", &set, &cnt);
    if (set == NULL || value.len > 0) {
        pdp__gateway_add(lint, PDP__GATEWAY_FRAMING_SET, body,
            "the upstream is told of a body that does not come, and takes the "
            "next request for it");
    }
}

/* The host by which the daemon judges: that of its URL, if it gets one. */
static pdp_str_t
judged_host(const struct pdp__gateway_lint *lint,
    const struct pdp__gateway_scope *scope)
{
    const struct pdp__gateway_scope *asked = pdp__gateway_asked(lint, scope);
    const struct pdp__ngx_directive *set = NULL;
    size_t cnt = 0;
    if (asked == NULL) {
        return (pdp_str_t){"", 0};
    }
    pdp_str_t url = pdp__ngx_header(asked->block, "X-Original-URL", &set, &cnt);
    size_t start = pdp__ngx_find(url, "://");
    size_t end = pdp__ngx_find(url, "$request_uri");
    if (set != NULL && start + 3 <= end && end < url.len) {
        return pdp__str(url.ptr + start + 3, end - start - 3);
    }
    url = pdp__ngx_header(asked->block, "Host", &set, &cnt);
    return set == NULL ? (pdp_str_t){"", 0} : url;
}

void
pdp__gateway_rules_headers(struct pdp__gateway_lint *lint)
{
    for (size_t i = 0; i < lint->scope_cnt; i++) {
        const struct pdp__gateway_scope *scope = &lint->scopes[i];
        if (!pdp__gateway_guarded(scope) || scope->pass == NULL ||
            !pdp__ngx_is(scope->pass, "proxy_pass")) {
            continue;
        }
        pdp_str_t host = judged_host(lint, scope);
        const struct pdp__ngx_directive *set = NULL;
        size_t cnt = 0;
        (void)pdp__ngx_header(scope->block, "Account", &set, &cnt);
        if (set == NULL) {
            pdp__gateway_add(lint, PDP__GATEWAY_ACCOUNT_NOT_JUDGED, scope->pass,
                "the upstream does not get the account that was judged");
        }
        (void)pdp__ngx_header(scope->block, "Host", &set, &cnt);
        if (set == NULL) {
            check_host(lint, scope->pass, PDP__LIT("$proxy_host"), host);
        }
        set = pdp__ngx_in_force(scope->block, "proxy_set_header");
        for (; set != NULL; set = pdp__ngx_own_next(set)) {
            check_set(lint, scope, set, host);
        }
        check_lookalikes(lint, scope, host);
        check_body(lint, scope);
    }
}
