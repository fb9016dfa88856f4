/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include "gateway/lint.h"

/*
 * What all rules stand on: the list of findings, and the list of places where
 * requests are handled.
 *
 * A configuration with problems is not judged: what is missing could be what
 * guards it, or what opens it.  A file that is a part of another, such as one
 * of sites-enabled, is taken for what its directives are of: its root is the
 * http block, or the server, that is not there.
 */

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

struct code {
    const char *name;
    pdp_severity_t severity;
    const char *hint;
};

static const struct code codes[] = {
#define X(id, name, severity, hint) {name, PDP_SEVERITY_##severity, hint},
    PDP__GATEWAY_CODES(X)
#undef X
};

const char *
pdp__gateway_code_name(enum pdp__gateway_code code)
{
    return codes[code].name;
}

const char *
pdp__gateway_code_hint(enum pdp__gateway_code code)
{
    return codes[code].hint;
}

/* A file may be included more than once. */
static bool
same_file(const struct pdp__gateway_lint *lint, uint32_t a, uint32_t b)
{
    return a == b ||
           strcmp(lint->conf->files[a].path, lint->conf->files[b].path) == 0;
}

static void
add(struct pdp__gateway_lint *lint, enum pdp__gateway_code code,
    pdp_severity_t severity, struct pdp__ngx_place place,
    struct pdp__string *message)
{
    for (size_t i = 0; i < lint->cnt; i++) {
        const struct pdp__gateway_finding *old = &lint->items[i];
        if (old->code == code && old->place.line == place.line &&
            old->place.column == place.column &&
            same_file(lint, old->place.file, place.file)) {
            pdp__string_free(message);
            return;
        }
    }
    if (lint->cnt == lint->cap) {
        lint->cap = lint->cap == 0 ? 32 : lint->cap * 2;
        lint->items =
            pdp__heap_resize(lint->items, lint->cap, sizeof(*lint->items));
    }
    lint->items[lint->cnt++] =
        (struct pdp__gateway_finding){code, severity, place, message->ptr};
}

static struct pdp__ngx_place
place_of(const struct pdp__ngx_directive *where)
{
    if (where->word_cnt == 0) {
        return (struct pdp__ngx_place){0, 0, 0};
    }
    return where->words[0].place;
}

/* Messages quote words of the configuration, which are of any length. */
enum { MESSAGE_MAX = 640 };

__attribute__((format(printf, 5, 0))) static void
add_list(struct pdp__gateway_lint *lint, enum pdp__gateway_code code,
    pdp_severity_t severity, const struct pdp__ngx_directive *where,
    const char *format, va_list list)
{
    char text[MESSAGE_MAX];
    struct pdp__string message = {0};
    (void)vsnprintf(text, sizeof(text), format, list);
    pdp__string_z(&message, text);
    pdp__string_z(&message, "");
    add(lint, code, severity, place_of(where), &message);
}

void
pdp__gateway_add(struct pdp__gateway_lint *lint, enum pdp__gateway_code code,
    const struct pdp__ngx_directive *where, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    add_list(lint, code, codes[code].severity, where, format, list);
    va_end(list);
}

void
pdp__gateway_add_as(struct pdp__gateway_lint *lint, enum pdp__gateway_code code,
    pdp_severity_t severity, const struct pdp__ngx_directive *where,
    const char *format, ...)
{
    va_list list;
    va_start(list, format);
    add_list(lint, code, severity, where, format, list);
    va_end(list);
}

bool
pdp__gateway_guarded(const struct pdp__gateway_scope *scope)
{
    return scope->auth != NULL && !scope->asks;
}

bool
pdp__gateway_server_guarded(const struct pdp__gateway_lint *lint,
    const struct pdp__ngx_directive *server)
{
    for (size_t i = 0; i < lint->scope_cnt; i++) {
        if (lint->scopes[i].server == server &&
            pdp__gateway_guarded(&lint->scopes[i])) {
            return true;
        }
    }
    return false;
}

const struct pdp__gateway_scope *
pdp__gateway_scope_of(const struct pdp__gateway_lint *lint,
    const struct pdp__ngx_directive *block)
{
    for (size_t i = 0; i < lint->scope_cnt; i++) {
        if (lint->scopes[i].block == block) {
            return &lint->scopes[i];
        }
    }
    return NULL;
}

/* Whether two targets are written alike: most of a server's are. */
static bool
same_words(const struct pdp__ngx_target *a, const struct pdp__ngx_target *b)
{
    return pdp__str_eq(a->host, b->host) && pdp__str_eq(a->scheme, b->scheme);
}

const struct pdp__gateway_scope *
pdp__gateway_guard_of(const struct pdp__gateway_lint *lint,
    const struct pdp__ngx_target *target,
    const struct pdp__ngx_directive *server)
{
    const struct pdp__gateway_scope *last = NULL;
    for (size_t i = 0; i < lint->scope_cnt; i++) {
        const struct pdp__gateway_scope *scope = &lint->scopes[i];
        if ((!pdp__gateway_guarded(scope) && !scope->behind) ||
            scope->pass == NULL || scope->target.variable ||
            (server != NULL && scope->server != server) ||
            (last != NULL && same_words(&last->target, &scope->target))) {
            continue;
        }
        if (pdp__ngx_same_target(&scope->target, target)) {
            return scope;
        }
        last = scope;
    }
    return NULL;
}

bool
pdp__gateway_any_guarded(const struct pdp__gateway_lint *lint)
{
    for (size_t i = 0; i < lint->scope_cnt; i++) {
        if (pdp__gateway_guarded(&lint->scopes[i])) {
            return true;
        }
    }
    return false;
}

const struct pdp__gateway_scope *
pdp__gateway_asked(const struct pdp__gateway_lint *lint,
    const struct pdp__gateway_scope *scope)
{
    struct pdp__ngx_route route =
        pdp__ngx_route(scope->server, pdp__ngx_arg(scope->auth, 1));
    const struct pdp__gateway_scope *asked =
        route.location == NULL ? NULL
                               : pdp__gateway_scope_of(lint, route.location);
    return asked != NULL && asked->asks ? asked : NULL;
}

static bool
has_code(const struct pdp__ngx_directive *block)
{
    const struct pdp__ngx_directive *at = block->first;
    while (at != NULL && !pdp__gateway_is_code(at)) {
        at = at->next;
    }
    return at != NULL;
}

static void
add_scope(struct pdp__gateway_lint *lint,
    const struct pdp__ngx_directive *server,
    const struct pdp__ngx_directive *block)
{
    if (lint->scope_cnt == lint->scope_cap) {
        lint->scope_cap = lint->scope_cap == 0 ? 32 : lint->scope_cap * 2;
        lint->scopes = pdp__heap_resize(lint->scopes, lint->scope_cap,
            sizeof(*lint->scopes));
    }
    const struct pdp__ngx_directive *location =
        pdp__ngx_around(block, "location");
    const struct pdp__ngx_directive *pass = pdp__ngx_pass(block);
    lint->scopes[lint->scope_cnt++] = (struct pdp__gateway_scope){
        .block = block,
        .server = server,
        .pass = pass,
        .auth = pdp__ngx_auth(block),
        .internal = pdp__ngx_own(location, "internal") != NULL ||
                    pdp__str_starts(pdp__ngx_arg(location, 1), PDP__LIT("@")),
        .answers = pdp__ngx_own(block, "return") != NULL,
        .code = has_code(block),
    };
    if (pass != NULL) {
        lint->scopes[lint->scope_cnt - 1].target = pdp__gateway_target(pass);
    }
}

static void
add_server(struct pdp__gateway_lint *lint,
    const struct pdp__ngx_directive *server)
{
    const struct pdp__ngx_directive *at = server;
    size_t before = lint->scope_cnt;
    while ((at = pdp__ngx_walk(server, at)) != NULL) {
        bool location = at->block && pdp__ngx_is(at, "location");
        bool inner = at->block && pdp__ngx_is_inner(at) &&
                     pdp__ngx_is(pdp__ngx_around(at, "location"), "location");
        if (location || inner) {
            add_scope(lint, server, at);
        }
    }
    if (lint->scope_cnt == before) {
        add_scope(lint, server, server);
    }
    /* Where each auth_request leads to. */
    size_t cnt = lint->scope_cnt;
    for (size_t i = before; i < cnt; i++) {
        const struct pdp__ngx_directive *auth = lint->scopes[i].auth;
        if (auth == NULL) {
            continue;
        }
        struct pdp__ngx_route route =
            pdp__ngx_route(server, pdp__ngx_arg(auth, 1));
        for (size_t j = before; j < cnt; j++) {
            struct pdp__gateway_scope *scope = &lint->scopes[j];
            /* Where all else leads to is no place of its own. */
            if (route.location != NULL &&
                pdp__ngx_around(scope->block, "location") == route.location &&
                (route.exact || !pdp__ngx_says(route.location, "/"))) {
                scope->asks = true;
            }
        }
    }
}

static void
add_servers(struct pdp__gateway_lint *lint,
    const struct pdp__ngx_directive *http)
{
    const struct pdp__ngx_directive *at = pdp__ngx_own(http, "server");
    for (; at != NULL; at = pdp__ngx_own_next(at)) {
        if (at->block) {
            add_server(lint, at);
        }
    }
    if (http->parent == NULL && pdp__ngx_own(http, "location") != NULL) {
        add_server(lint, http);
    }
}

static int
compare(const void *a, const void *b)
{
    const struct pdp__gateway_finding *x = a;
    const struct pdp__gateway_finding *y = b;
    if (x->place.file != y->place.file) {
        return x->place.file < y->place.file ? -1 : 1;
    }
    if (x->place.line != y->place.line) {
        return x->place.line < y->place.line ? -1 : 1;
    }
    if (x->place.column != y->place.column) {
        return x->place.column < y->place.column ? -1 : 1;
    }
    return x->code < y->code ? -1 : x->code > y->code;
}

static void
add_problems(struct pdp__gateway_lint *lint)
{
    for (size_t i = 0; i < lint->conf->problem_cnt; i++) {
        const struct pdp__ngx_problem *problem = &lint->conf->problems[i];
        size_t code = 0;
        while (strcmp(codes[code].name, problem->code) != 0) {
            code++;
        }
        struct pdp__string message = {0};
        pdp__string_z(&message, problem->message);
        add(lint, (enum pdp__gateway_code)code, PDP_SEVERITY_ERROR,
            problem->place, &message);
    }
}

void
pdp__gateway_lint(struct pdp__gateway_lint *lint,
    const struct pdp__ngx_conf *conf)
{
    *lint = (struct pdp__gateway_lint){.conf = conf};
    lint->invalid = conf->problem_cnt > 0 || conf->unreadable;
    if (lint->invalid) {
        add_problems(lint);
    } else {
        const struct pdp__ngx_directive *http =
            pdp__ngx_own(conf->root, "http");
        add_servers(lint, conf->root);
        for (; http != NULL; http = pdp__ngx_own_next(http)) {
            add_servers(lint, http);
        }
        pdp__gateway_rules_guard(lint);
        pdp__gateway_rules_escape(lint);
        pdp__gateway_rules_forward(lint);
        pdp__gateway_rules_headers(lint);
        pdp__gateway_rules_variables(lint);
        pdp__gateway_rules_known(lint);
        pdp__gateway_rules_ask(lint);
        pdp__gateway_rules_around(lint);
    }
    if (lint->cnt > 0) {
        qsort(lint->items, lint->cnt, sizeof(*lint->items), compare);
    }
}

void
pdp__gateway_lint_free(struct pdp__gateway_lint *lint)
{
    for (size_t i = 0; i < lint->cnt; i++) {
        pdp__heap_free(lint->items[i].message);
    }
    pdp__heap_free(lint->items);
    pdp__heap_free(lint->scopes);
    *lint = (struct pdp__gateway_lint){0};
}
