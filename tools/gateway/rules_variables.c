/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include "gateway/lint.h"

/*
 * Does each variable have what its name says?
 *
 * What is judged and what is forwarded meet in variables.  $args is the query
 * that was judged until somebody sets it; a variable $http_x or
 * $upstream_http_x is nginx's own until a configuration defines it; and what
 * auth_request_set fills can be filled again: by a further one, or by a part
 * of a match of that name, even one of a map that is evaluated only when the
 * upstream's URL is.
 */

/* The variable that a directive gives a value to: false if to none. */
static bool
fills(const struct pdp__ngx_directive *at, pdp_str_t *name)
{
    pdp_str_t directive = pdp__ngx_arg(at, 0);
    size_t index = 1;
    if (at->block && (pdp__ngx_eq(directive, "map") ||
                         pdp__ngx_eq(directive, "split_clients") ||
                         pdp__ngx_eq(directive, "geo"))) {
        index = at->word_cnt - 1;
    } else if (!pdp__ngx_has(directive, "set") || pdp__ngx_is(at, "charset")) {
        return false;
    }
    return pdp__ngx_is_variable(pdp__ngx_arg(at, index), name);
}

static bool
starts(pdp_str_t name, const char *prefix)
{
    pdp_str_t want = pdp__str_z(prefix);
    return name.len >= want.len &&
           pdp__str_eq_nocase(pdp__str(name.ptr, want.len), want);
}

/* Whether what a directive does is done to requests that are judged. */
static bool
matters(const struct pdp__gateway_lint *lint,
    const struct pdp__ngx_directive *at)
{
    const struct pdp__ngx_directive *block = pdp__ngx_around(at, "location");
    if (pdp__ngx_is(block, "location") && block != at) {
        const struct pdp__gateway_scope *scope =
            pdp__gateway_scope_of(lint, block);
        return scope != NULL && scope->auth != NULL;
    }
    block = pdp__ngx_around(at, "server");
    return !pdp__ngx_is(block, "server") ||
           pdp__gateway_server_guarded(lint, block);
}

static void
redefined(struct pdp__gateway_lint *lint, const struct pdp__ngx_directive *at,
    pdp_str_t name, const char *why)
{
    pdp__gateway_add(lint, PDP__GATEWAY_VARIABLE_REDEFINED, at,
        "this gives '$%.*s' a value of its own: %s",
        (int)(name.len < 99 ? name.len : 99), name.ptr, why);
}

/* What a variable of the answer is filled with, else than the answer. */
static void
check_answer(struct pdp__gateway_lint *lint, pdp_str_t answer)
{
    static const char why[] = "it is to hold what the daemon answered";
    const struct pdp__ngx_directive *at = lint->conf->root;
    pdp_str_t name = {"", 0};
    while ((at = pdp__ngx_walk(lint->conf->root, at)) != NULL) {
        bool same = fills(at, &name) && pdp__str_eq_nocase(name, answer);
        pdp_str_t source = {"", 0};
        if (same && pdp__ngx_is(at, "auth_request_set") &&
            pdp__ngx_is_variable(pdp__ngx_arg(at, 2), &source) &&
            starts(source, "upstream_http_x_pdp_")) {
            same = false;
        }
        if ((same || pdp__gateway_captures(at, answer)) && matters(lint, at)) {
            redefined(lint, at, answer, why);
        }
    }
}

void
pdp__gateway_rules_variables(struct pdp__gateway_lint *lint)
{
    const struct pdp__ngx_directive *at = lint->conf->root;
    pdp_str_t name = {"", 0};
    pdp_str_t source = {"", 0};
    if (!pdp__gateway_any_guarded(lint)) {
        return;
    }
    while ((at = pdp__ngx_walk(lint->conf->root, at)) != NULL) {
        bool filled = fills(at, &name);
        if (pdp__gateway_captures(at, PDP__LIT("args")) && matters(lint, at)) {
            redefined(lint, at, PDP__LIT("args"),
                "the query that is forwarded is not the one that was judged");
        }
        if (!filled) {
            continue;
        }
        if (pdp__str_eq_nocase(name, PDP__LIT("args")) && matters(lint, at)) {
            redefined(lint, at, name,
                "the query that is forwarded is not the one that was judged");
        } else if ((starts(name, "http_") || starts(name, "upstream_http_")) &&
                   matters(lint, at)) {
            redefined(lint, at, name, "it is not the header any more");
        }
        if (pdp__ngx_is(at, "auth_request_set") &&
            pdp__ngx_is_variable(pdp__ngx_arg(at, 2), &source) &&
            (pdp__str_eq_nocase(source, PDP__LIT("upstream_http_x_pdp_uri")) ||
                pdp__str_eq_nocase(source,
                    PDP__LIT("upstream_http_x_pdp_account")))) {
            check_answer(lint, name);
        }
    }
}
