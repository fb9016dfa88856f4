/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#ifndef PDP__GATEWAY_LINT_H
#define PDP__GATEWAY_LINT_H

/*
 * Configuration -> findings.
 *
 *     pdp__ngx_conf_read(&conf, path, NULL, &pdp__ngx_disk);
 *     pdp__gateway_lint(&lint, &conf);
 *     ... lint.items[0 .. lint.cnt) ...
 *     pdp__gateway_lint_free(&lint);
 *     pdp__ngx_conf_free(&conf);
 */

#include "gateway/codes.h"
#include "gateway/model.h"
#include "pdp/report.h"

struct pdp__gateway_finding {
    enum pdp__gateway_code code;
    pdp_severity_t severity;
    struct pdp__ngx_place place;
    char *message;
};

/* A place where a request is handled: a location, an `if` or `limit_except`
 * in one, or a server without any location. */
struct pdp__gateway_scope {
    const struct pdp__ngx_directive *block;
    const struct pdp__ngx_directive *server;
    const struct pdp__ngx_directive *pass; /* or NULL */
    struct pdp__ngx_target target;         /* of pass */
    const struct pdp__ngx_directive *auth; /* auth_request in force */
    bool asks;                             /* an auth_request leads here */
    bool behind; /* not guarded, and a guarded scope leads here */
    bool internal;
    bool answers; /* a return of its own */
    bool code;    /* a program of its own */
};

struct pdp__gateway_lint {
    const struct pdp__ngx_conf *conf;
    struct pdp__gateway_finding *items; /* in the order of files and lines */
    size_t cnt, cap;
    bool invalid; /* the configuration is not complete */
    /* while it works */
    struct pdp__gateway_scope *scopes;
    size_t scope_cnt, scope_cap;
};

void pdp__gateway_lint(struct pdp__gateway_lint *lint,
    const struct pdp__ngx_conf *conf);
void pdp__gateway_lint_free(struct pdp__gateway_lint *lint);

const char *pdp__gateway_code_name(enum pdp__gateway_code code);
const char *pdp__gateway_code_hint(enum pdp__gateway_code code);

/* --- for the rules ------------------------------------------------------- */

/* Adds a finding with the usual severity; the same code is told once for one
 * place.  _as: with another severity. */
void pdp__gateway_add(struct pdp__gateway_lint *lint,
    enum pdp__gateway_code code, const struct pdp__ngx_directive *where,
    const char *format, ...) __attribute__((format(printf, 4, 5)));
void pdp__gateway_add_as(struct pdp__gateway_lint *lint,
    enum pdp__gateway_code code, pdp_severity_t severity,
    const struct pdp__ngx_directive *where, const char *format, ...)
    __attribute__((format(printf, 5, 6)));

/* Whether requests of clients are judged here. */
bool pdp__gateway_guarded(const struct pdp__gateway_scope *scope);

/* Whether some location of this server is guarded. */
bool pdp__gateway_server_guarded(const struct pdp__gateway_lint *lint,
    const struct pdp__ngx_directive *server);

/* The scope of a block, or NULL. */
const struct pdp__gateway_scope *
pdp__gateway_scope_of(const struct pdp__gateway_lint *lint,
    const struct pdp__ngx_directive *block);

/* A guarded scope, or one behind it, that hands on to an address which target
 * has, too; or NULL.  server: only of this one; NULL: of any. */
const struct pdp__gateway_scope *
pdp__gateway_guard_of(const struct pdp__gateway_lint *lint,
    const struct pdp__ngx_target *target,
    const struct pdp__ngx_directive *server);

/* Whether some location is guarded. */
bool pdp__gateway_any_guarded(const struct pdp__gateway_lint *lint);

/* The scope that is asked about requests of a guarded one, or NULL. */
const struct pdp__gateway_scope *
pdp__gateway_asked(const struct pdp__gateway_lint *lint,
    const struct pdp__gateway_scope *scope);

/* --- variables (variables.c) --- */

/* Whether a text is one variable and nothing else, and auth_request_set fills
 * it, for this scope, with a header of the answer and nothing else; header as
 * in `x_pdp_uri`. */
bool pdp__gateway_is_answer(const struct pdp__gateway_scope *scope,
    pdp_str_t text, const char *header);

/* The same for the variable at the start of a text; *rest is what follows. */
bool pdp__gateway_starts_with_answer(const struct pdp__gateway_scope *scope,
    pdp_str_t text, const char *header, pdp_str_t *rest);

/* Whether a regular expression of a directive names a part of a match so:
 * then that variable has the part. */
bool pdp__gateway_captures(const struct pdp__ngx_directive *node,
    pdp_str_t name);

/* Whether a client chooses what a text comes to. */
bool pdp__gateway_of_client(pdp_str_t text);

/* What pass leads to.  A host that is a variable which one `set` fills with a
 * word is that word. */
struct pdp__ngx_target pdp__gateway_target(
    const struct pdp__ngx_directive *pass);

enum pdp__gateway_scheme {
    PDP__GATEWAY_SCHEME_UNKNOWN,
    PDP__GATEWAY_SCHEME_FIXED,  /* http or https, whatever was answered */
    PDP__GATEWAY_SCHEME_GUARDS, /* empty unless a path was answered */
};

enum pdp__gateway_scheme pdp__gateway_scheme(
    const struct pdp__gateway_scope *scope);

/* Whether a directive is a program in another language, by its name. */
bool pdp__gateway_is_code(const struct pdp__ngx_directive *node);

/* Whether a directive makes nginx answer by itself. */
bool pdp__gateway_is_handler(const struct pdp__ngx_directive *node);

/* Rules, each in a file of its name. */
void pdp__gateway_rules_guard(struct pdp__gateway_lint *lint);
void pdp__gateway_rules_escape(struct pdp__gateway_lint *lint);
void pdp__gateway_rules_forward(struct pdp__gateway_lint *lint);
void pdp__gateway_rules_headers(struct pdp__gateway_lint *lint);
void pdp__gateway_rules_variables(struct pdp__gateway_lint *lint);
void pdp__gateway_rules_known(struct pdp__gateway_lint *lint);
void pdp__gateway_rules_ask(struct pdp__gateway_lint *lint);
void pdp__gateway_rules_around(struct pdp__gateway_lint *lint);

#endif
