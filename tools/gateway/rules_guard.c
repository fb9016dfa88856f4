/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include "gateway/lint.h"

/*
 * Is everything guarded that should be?
 *
 * A location without auth_request is open.  It is an error where it leads to
 * an address that a guarded location leads to, whatever it is called there:
 * upstream blocks are compared by their servers, and those of `stream` count,
 * too.  It is an error where somebody switched the guard off below it.  What
 * leads elsewhere, or serves files, is only noted.
 *
 * A guarded location may lead to a further server of the same nginx, which
 * asks nobody: that is open to whoever reaches its address.
 */

static void
check_off(struct pdp__gateway_lint *lint,
    const struct pdp__gateway_scope *scope)
{
    const struct pdp__ngx_directive *off =
        pdp__ngx_in_force(scope->block, "auth_request");
    if (off == NULL || !pdp__ngx_says(off, "off") || scope->asks) {
        return;
    }
    bool below = false;
    for (const struct pdp__ngx_directive *block = off->parent->parent;
         block != NULL && !below; block = block->parent) {
        const struct pdp__ngx_directive *above =
            pdp__ngx_own(block, "auth_request");
        below = above != NULL && !pdp__ngx_says(above, "off");
    }
    if (!below) {
        return;
    }
    if (scope->answers && scope->pass == NULL) {
        pdp__gateway_add_as(lint, PDP__GATEWAY_AUTH_OFF, PDP_SEVERITY_NOTE, off,
            "everybody gets this answer, without a decision");
    } else {
        pdp__gateway_add(lint, PDP__GATEWAY_AUTH_OFF, off,
            "the guard of the server is switched off here");
    }
}

static void
open_way(struct pdp__gateway_lint *lint, const struct pdp__ngx_directive *pass,
    const struct pdp__gateway_scope *guard)
{
    pdp__gateway_add(lint, PDP__GATEWAY_UNPROTECTED_UPSTREAM, pass,
        "this leads, without a decision, to the upstream that line %lu guards",
        (unsigned long)guard->pass->words[0].place.line);
}

/* Whether clients reach the daemon here. */
static bool
asks_too(const struct pdp__gateway_lint *lint,
    const struct pdp__gateway_scope *scope)
{
    for (size_t i = 0; i < lint->scope_cnt && !scope->internal; i++) {
        const struct pdp__gateway_scope *asked = &lint->scopes[i];
        if (asked->asks && asked->pass != NULL && !asked->target.variable &&
            pdp__ngx_same_target(&asked->target, &scope->target)) {
            return true;
        }
    }
    return false;
}

static void
check_open(struct pdp__gateway_lint *lint,
    const struct pdp__gateway_scope *scope, bool server_guarded)
{
    const struct pdp__ngx_directive *pass = scope->pass;
    if (pass == NULL) {
        bool files = !scope->answers && !scope->code && !scope->internal;
        if (files && server_guarded && pdp__ngx_is(scope->block, "location")) {
            pdp__gateway_add(lint, PDP__GATEWAY_UNPROTECTED_FILES, scope->block,
                "files are served here without a decision");
        }
        return;
    }
    if (scope->behind) {
        bool local = pdp__ngx_listens_locally(scope->server);
        pdp__gateway_add_as(lint, PDP__GATEWAY_UNPROTECTED_CHAIN,
            local ? PDP_SEVERITY_NOTE : PDP_SEVERITY_ERROR, pass,
            "a guarded location leads to this server, which %s can reach "
            "without a decision",
            local ? "whoever is on this machine" : "everybody");
        return;
    }
    const struct pdp__gateway_scope *guard =
        pdp__gateway_guard_of(lint, &scope->target, NULL);
    if (scope->target.variable) {
        if (pdp__gateway_any_guarded(lint)) {
            pdp__gateway_add(lint, PDP__GATEWAY_VARIABLE_UPSTREAM, pass,
                "what '%s' leads to, without a decision, is known only at run "
                "time",
                pass->words[1].text);
        }
    } else if (guard != NULL) {
        open_way(lint, pass, guard);
    } else if (asks_too(lint, scope)) {
        pdp__gateway_add(lint, PDP__GATEWAY_NOT_INTERNAL, scope->block,
            "clients can ask the daemon themselves");
    } else if (server_guarded) {
        pdp__gateway_add(lint, PDP__GATEWAY_UNPROTECTED_PROXY, pass,
            "requests are handed on here without a decision");
    }
}

static void
check_streams(struct pdp__gateway_lint *lint)
{
    const struct pdp__ngx_directive *at = lint->conf->root;
    while ((at = pdp__ngx_walk(lint->conf->root, at)) != NULL) {
        if ((!pdp__ngx_is(at, "proxy_pass") && !pdp__ngx_is(at, "pass")) ||
            at->word_cnt < 2 || pdp__ngx_around(at, "stream")->parent == NULL) {
            continue;
        }
        struct pdp__ngx_target target = pdp__gateway_target(at);
        const struct pdp__gateway_scope *guard =
            pdp__gateway_guard_of(lint, &target, NULL);
        if (guard != NULL) {
            open_way(lint, at, guard);
        } else if (target.variable && pdp__gateway_any_guarded(lint)) {
            pdp__gateway_add(lint, PDP__GATEWAY_VARIABLE_UPSTREAM, at,
                "what '%s' leads to, without a decision, is known only at run "
                "time",
                at->words[1].text);
        }
    }
}

/* Whether a guarded scope, or one behind it, leads to a server. */
static bool
is_behind(const struct pdp__gateway_lint *lint,
    const struct pdp__ngx_directive *server)
{
    pdp_str_t last = {"", 0};
    for (size_t i = 0; i < lint->scope_cnt; i++) {
        const struct pdp__gateway_scope *from = &lint->scopes[i];
        if ((!pdp__gateway_guarded(from) && !from->behind) ||
            from->pass == NULL || from->server == server ||
            from->target.variable || pdp__str_eq(last, from->target.host)) {
            continue;
        }
        if (pdp__ngx_listens_at(server, &from->target)) {
            return true;
        }
        last = from->target.host;
    }
    return false;
}

/* What a guarded location leads to may be a server of this nginx; what that
 * leads to is guarded then, too, and so on. */
static void
mark_behind(struct pdp__gateway_lint *lint)
{
    bool more = true;
    while (more) {
        const struct pdp__ngx_directive *last = NULL;
        bool behind = false;
        more = false;
        for (size_t i = 0; i < lint->scope_cnt; i++) {
            struct pdp__gateway_scope *scope = &lint->scopes[i];
            if (scope->auth != NULL || scope->behind || scope->pass == NULL) {
                continue;
            }
            if (scope->server != last) {
                last = scope->server;
                behind = is_behind(lint, last);
            }
            scope->behind = behind;
            more = more || behind;
        }
    }
}

static const char *
other_check(const struct pdp__ngx_directive *block)
{
    static const char *const names[] = {"allow", "auth_basic", "auth_jwt"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        const struct pdp__ngx_directive *found =
            pdp__ngx_in_force(block, names[i]);
        if (found != NULL && !pdp__ngx_says(found, "off")) {
            return names[i];
        }
    }
    return NULL;
}

static void
check_satisfy(struct pdp__gateway_lint *lint,
    const struct pdp__gateway_scope *scope)
{
    const struct pdp__ngx_directive *satisfy =
        pdp__ngx_in_force(scope->block, "satisfy");
    /* nginx compares words of a choice without regard to case */
    if (satisfy == NULL ||
        !pdp__str_eq_nocase(pdp__ngx_arg(satisfy, 1), PDP__LIT("any"))) {
        return;
    }
    const char *other = other_check(scope->block);
    if (other != NULL) {
        pdp__gateway_add(lint, PDP__GATEWAY_SATISFY_ANY, satisfy,
            "whoever passes '%s' is let in whatever the daemon says", other);
    } else {
        pdp__gateway_add_as(lint, PDP__GATEWAY_SATISFY_ANY,
            PDP_SEVERITY_WARNING, satisfy,
            "with the first 'allow' or 'auth_basic' the daemon's answer no "
            "longer counts");
    }
}

/* A location that somebody adds later is open, unless the server guards it. */
static void
check_level(struct pdp__gateway_lint *lint,
    const struct pdp__gateway_scope *scope)
{
    const struct pdp__ngx_directive *level = scope->auth->parent;
    if (pdp__ngx_is(level, "location") &&
        pdp__ngx_auth(scope->server) == NULL) {
        pdp__gateway_add(lint, PDP__GATEWAY_AUTH_NOT_AT_SERVER, scope->auth,
            "only this location is guarded; the next one somebody adds is "
            "open");
    }
}

void
pdp__gateway_rules_guard(struct pdp__gateway_lint *lint)
{
    mark_behind(lint);
    for (size_t i = 0; i < lint->scope_cnt; i++) {
        const struct pdp__gateway_scope *scope = &lint->scopes[i];
        if (pdp__gateway_guarded(scope)) {
            check_satisfy(lint, scope);
            check_level(lint, scope);
        } else if (!scope->asks) {
            check_off(lint, scope);
            check_open(lint, scope,
                pdp__gateway_server_guarded(lint, scope->server));
        }
    }
    if (!pdp__gateway_any_guarded(lint)) {
        const struct pdp__ngx_directive *where = lint->conf->root->first;
        pdp__gateway_add(lint, PDP__GATEWAY_NO_AUTH_REQUEST,
            where == NULL ? lint->conf->root : where,
            "no location is guarded by auth_request");
    }
    check_streams(lint);
}
