/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include "gateway/lint.h"

/*
 * What variables come to, as far as it can be told without a request.
 *
 * A variable is an answer of the daemon if the last auth_request_set in force
 * says so, and nothing but that: nginx evaluates them in the order of the
 * text, and each takes the place of the one before.  A host or a scheme may be
 * a variable that is filled with words of the configuration only; all else is
 * known at run time.
 */

bool
pdp__gateway_is_answer(const struct pdp__gateway_scope *scope, pdp_str_t text,
    const char *header)
{
    pdp_str_t name = {"", 0};
    pdp_str_t own = {"", 0};
    pdp_str_t source = {"", 0};
    struct pdp__string wanted = {0};
    if (!pdp__ngx_is_variable(text, &name)) {
        return false;
    }
    const struct pdp__ngx_directive *last = NULL;
    const struct pdp__ngx_directive *at =
        pdp__ngx_in_force(scope->block, "auth_request_set");
    for (; at != NULL; at = pdp__ngx_own_next(at)) {
        if (pdp__ngx_is_variable(pdp__ngx_arg(at, 1), &own) &&
            pdp__str_eq_nocase(own, name)) {
            last = at;
        }
    }
    pdp__string_fmt(&wanted, "upstream_http_%s", header);
    bool is = last != NULL &&
              pdp__ngx_is_variable(pdp__ngx_arg(last, 2), &source) &&
              pdp__str_eq_nocase(source, pdp__string_get(&wanted));
    pdp__string_free(&wanted);
    return is;
}

bool
pdp__gateway_starts_with_answer(const struct pdp__gateway_scope *scope,
    pdp_str_t text, const char *header, pdp_str_t *rest)
{
    pdp_str_t name = {"", 0};
    *rest = text;
    return text.len > 0 && text.ptr[0] == '$' &&
           pdp__ngx_next_variable(rest, &name) &&
           pdp__gateway_is_answer(scope,
               pdp__str(text.ptr, text.len - rest->len), header);
}

bool
pdp__gateway_of_client(pdp_str_t text)
{
    static const char *const names[] = {"host", "uri", "document_uri", "args",
        "query_string", "request_uri", "request", "remote_user"};
    static const char *const starts[] = {"http_", "arg_", "cookie_"};
    pdp_str_t name = {"", 0};
    while (pdp__ngx_next_variable(&text, &name)) {
        if (name.ptr[0] >= '0' && name.ptr[0] <= '9') {
            return true; /* a part of a match */
        }
        for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
            if (pdp__str_eq_nocase(name, pdp__str_z(names[i]))) {
                return true;
            }
        }
        for (size_t i = 0; i < sizeof(starts) / sizeof(starts[0]); i++) {
            pdp_str_t start = pdp__str_z(starts[i]);
            if (name.len >= start.len &&
                pdp__str_eq_nocase(pdp__str(name.ptr, start.len), start)) {
                return true;
            }
        }
    }
    return false;
}

/* Whether `(?<name>`, `(?P<name>` or `(?'name'` is in a text; nginx looks
 * names up without regard to case. */
static bool
captures(pdp_str_t text, pdp_str_t name)
{
    size_t at = pdp__str_find(text, '?', 0);
    for (; at < text.len; at = pdp__str_find(text, '?', at + 1)) {
        pdp_str_t rest = pdp__str_from(text, at + 1);
        if (rest.len > 0 && rest.ptr[0] == 'P') {
            rest = pdp__str_from(rest, 1);
        }
        if (rest.len > name.len + 1 &&
            ((rest.ptr[0] == '<' && rest.ptr[name.len + 1] == '>') ||
                (rest.ptr[0] == '\'' && rest.ptr[name.len + 1] == '\'')) &&
            pdp__str_eq_nocase(pdp__str(rest.ptr + 1, name.len), name)) {
            return true;
        }
    }
    return false;
}

bool
pdp__gateway_captures(const struct pdp__ngx_directive *node, pdp_str_t name)
{
    for (size_t i = 0; i < node->word_cnt; i++) {
        if (captures(pdp__ngx_arg(node, i), name)) {
            return true;
        }
    }
    return false;
}

/* The only directive that names a variable as what it fills, by its name
 * alone; NULL: none, or more than one. */
static const struct pdp__ngx_directive *
only_source(const struct pdp__ngx_directive *node, pdp_str_t variable)
{
    const struct pdp__ngx_directive *root = pdp__ngx_around(node, "");
    const struct pdp__ngx_directive *found = NULL;
    const struct pdp__ngx_directive *at = root;
    pdp_str_t name = {"", 0};
    while ((at = pdp__ngx_walk(root, at)) != NULL) {
        bool set = pdp__ngx_is(at, "set");
        bool map = at->block && !pdp__ngx_is_inner(at) && !set;
        bool fills =
            pdp__ngx_is_variable(pdp__ngx_arg(at, map ? at->word_cnt - 1 : 1),
                &name) &&
            pdp__str_eq_nocase(name, variable) &&
            (set || map || pdp__ngx_has(pdp__ngx_arg(at, 0), "set"));
        if ((fills && found != NULL) || pdp__gateway_captures(at, variable)) {
            return NULL;
        }
        found = fills ? at : found;
    }
    return found;
}

struct pdp__ngx_target
pdp__gateway_target(const struct pdp__ngx_directive *pass)
{
    struct pdp__ngx_target target = pdp__ngx_target(pass);
    pdp_str_t name = {"", 0};
    if (!target.variable || !pdp__ngx_is_variable(target.host, &name)) {
        return target;
    }
    const struct pdp__ngx_directive *set = only_source(pass, name);
    if (set != NULL && pdp__ngx_is(set, "set")) {
        pdp_str_t value = pdp__ngx_arg(set, 2);
        if (value.len > 0 && pdp__str_find(value, '$', 0) == value.len &&
            pdp__str_find(value, '/', 0) == value.len) {
            target.host = value;
            target.variable = false;
        }
    }
    return target;
}

static bool
is_http(pdp_str_t text)
{
    return pdp__str_eq_nocase(text, PDP__LIT("http")) ||
           pdp__str_eq_nocase(text, PDP__LIT("https"));
}

/* Whether a pattern of a map has a word, or none, and then a slash. */
static bool
needs_path(pdp_str_t pattern)
{
    size_t i = 0;
    if (pattern.len > 0 && pattern.ptr[0] == '~') {
        i = pdp__str_starts(pattern, PDP__LIT("~*")) ? 2 : 1;
        if (i == pattern.len || pattern.ptr[i++] != '^') {
            return false;
        }
    }
    while (i < pattern.len && pdp__lower(pattern.ptr[i]) >= 'a' &&
           pdp__lower(pattern.ptr[i]) <= 'z') {
        i++;
    }
    return i < pattern.len && pattern.ptr[i] == '/' &&
           (i + 1 == pattern.len || strchr("*?{|", pattern.ptr[i + 1]) == NULL);
}

/* Whether a pattern of a map cannot be the empty text. */
static bool
needs_text(pdp_str_t pattern)
{
    static const char *const starts[] = {"~^/", "~*^/", "~^.", "~."};
    for (size_t i = 0; i < sizeof(starts) / sizeof(starts[0]); i++) {
        pdp_str_t start = pdp__str_z(starts[i]);
        if (pdp__str_starts(pattern, start)) {
            return pattern.len == start.len ||
                   strchr("*?{|", pattern.ptr[start.len]) == NULL;
        }
    }
    return pattern.len > 0 && pattern.ptr[0] != '~';
}

/* A map of the path that was answered, or of the decision and the path, which
 * has no scheme where there is no path. */
static enum pdp__gateway_scheme
scheme_of_map(const struct pdp__gateway_scope *scope,
    const struct pdp__ngx_directive *map)
{
    pdp_str_t rest = {"", 0};
    bool both = pdp__gateway_starts_with_answer(scope, pdp__ngx_arg(map, 1),
                    "x_pdp_decision", &rest) &&
                pdp__gateway_is_answer(scope, rest, "x_pdp_uri");
    bool guards = both || pdp__gateway_is_answer(scope, pdp__ngx_arg(map, 1),
                              "x_pdp_uri");
    bool of_none = false; /* there is a line for the empty text */
    bool otherwise = false;
    const struct pdp__ngx_directive *at = map->first;
    for (; at != NULL; at = at->next) {
        pdp_str_t value = pdp__ngx_arg(at, 1);
        pdp_str_t pattern = pdp__ngx_arg(at, 0);
        if (pdp__ngx_is(at, "include") || at->word_cnt < 2) {
            continue;
        }
        if (value.len > 0 && !is_http(value)) {
            return PDP__GATEWAY_SCHEME_UNKNOWN;
        }
        if (pdp__ngx_eq(pattern, "default")) {
            otherwise = value.len > 0;
        } else if (value.len > 0) {
            guards =
                guards && (both ? needs_path(pattern) : needs_text(pattern));
        } else if (pattern.len == 0) {
            of_none = !both;
        }
    }
    return guards && (of_none || !otherwise) ? PDP__GATEWAY_SCHEME_GUARDS
                                             : PDP__GATEWAY_SCHEME_FIXED;
}

enum pdp__gateway_scheme
pdp__gateway_scheme(const struct pdp__gateway_scope *scope)
{
    pdp_str_t text = scope->target.scheme;
    pdp_str_t name = {"", 0};
    if (pdp__str_find(text, '$', 0) == text.len) {
        return PDP__GATEWAY_SCHEME_FIXED;
    }
    if (!pdp__ngx_is_variable(text, &name)) {
        return PDP__GATEWAY_SCHEME_UNKNOWN;
    }
    if (pdp__ngx_eq(name, "scheme")) {
        return PDP__GATEWAY_SCHEME_FIXED;
    }
    const struct pdp__ngx_directive *source = only_source(scope->pass, name);
    if (source == NULL) {
        return PDP__GATEWAY_SCHEME_UNKNOWN;
    }
    if (pdp__ngx_is(source, "set") && is_http(pdp__ngx_arg(source, 2))) {
        return PDP__GATEWAY_SCHEME_FIXED;
    }
    return pdp__ngx_is(source, "map") ? scheme_of_map(scope, source)
                                      : PDP__GATEWAY_SCHEME_UNKNOWN;
}
