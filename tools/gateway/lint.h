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

/* A place where a request is handled: a location, an `if` with a handler of
 * its own, or a server without either. */
struct pdp__gateway_scope {
    const struct pdp__ngx_directive *block;
    const struct pdp__ngx_directive *server;
    const struct pdp__ngx_directive *pass; /* or NULL */
    const struct pdp__ngx_directive *auth; /* auth_request in force */
    bool asks;                             /* an auth_request leads here */
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

/* A guarded scope that hands on to an address which pass has, too; or NULL.
 * server: only of this one; NULL: of any. */
const struct pdp__gateway_scope *
pdp__gateway_guard_of(const struct pdp__gateway_lint *lint,
    const struct pdp__ngx_directive *pass,
    const struct pdp__ngx_directive *server);

/* Whether auth_request_set keeps the answer's header in a variable that a
 * text uses: header as in `x_pdp_uri`; anywhere in the configuration. */
bool pdp__gateway_uses_answer(const struct pdp__gateway_lint *lint,
    pdp_str_t text, const char *header);

/* Rules, each in a file of its name. */
void pdp__gateway_rules_guard(struct pdp__gateway_lint *lint);
void pdp__gateway_rules_escape(struct pdp__gateway_lint *lint);
void pdp__gateway_rules_forward(struct pdp__gateway_lint *lint);
void pdp__gateway_rules_ask(struct pdp__gateway_lint *lint);
void pdp__gateway_rules_around(struct pdp__gateway_lint *lint);

#endif
