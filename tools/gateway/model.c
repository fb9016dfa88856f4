/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include "gateway/model.h"

/*
 * Inheritance.
 *
 * nginx merges the configuration of a block with that of the block around it.
 * A directive that takes one value is taken over unless the block has its
 * own.  Those that may be repeated (proxy_set_header, error_page, allow,
 * auth_request_set) are taken over all together or not at all: one of them in
 * a location takes away all of the server's.  Both are the same rule here: the
 * nearest block that has any.
 *
 * Handlers (proxy_pass and its kin, return) are not taken over by nested
 * locations; blocks `if` and `limit_except` take proxy_pass over.
 */

bool
pdp__ngx_eq(pdp_str_t a, const char *b)
{
    return pdp__str_eq(a, pdp__str_z(b));
}

size_t
pdp__ngx_find(pdp_str_t text, const char *part)
{
    pdp_str_t want = pdp__str_z(part);
    for (size_t i = 0; want.len <= text.len && i <= text.len - want.len; i++) {
        if (pdp__str_starts(pdp__str_from(text, i), want)) {
            return i;
        }
    }
    return text.len;
}

bool
pdp__ngx_has(pdp_str_t text, const char *part)
{
    return pdp__ngx_find(text, part) < text.len;
}

static bool
is_name(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           (c >= '0' && c <= '9') || c == '_';
}

bool
pdp__ngx_next_variable(pdp_str_t *text, pdp_str_t *name)
{
    for (size_t i = 0; i + 1 < text->len; i++) {
        if (text->ptr[i] != '$') {
            continue;
        }
        bool braced = text->ptr[i + 1] == '{';
        pdp_str_t rest = pdp__str_from(*text, i + (braced ? 2 : 1));
        size_t len = 0;
        while (len < rest.len && is_name(rest.ptr[len])) {
            len++;
        }
        if (len > 0) {
            *name = pdp__str(rest.ptr, len);
            bool closed = braced && len < rest.len && rest.ptr[len] == '}';
            *text = pdp__str_from(rest, len + (closed ? 1 : 0));
            return true;
        }
    }
    return false;
}

bool
pdp__ngx_uses(pdp_str_t text, pdp_str_t variable)
{
    pdp_str_t name = {"", 0};
    while (pdp__ngx_next_variable(&text, &name)) {
        if (pdp__str_eq_nocase(name, variable)) {
            return true;
        }
    }
    return false;
}

bool
pdp__ngx_is_variable(pdp_str_t text, pdp_str_t *name)
{
    bool first = text.len > 0 && text.ptr[0] == '$';
    const char *start = text.ptr;
    if (!first || !pdp__ngx_next_variable(&text, name) || text.len > 0) {
        return false;
    }
    return name->ptr - start <= 2;
}

static char
next_plain(pdp_str_t *text)
{
    while (text->len > 0) {
        char c = text->ptr[0];
        *text = pdp__str_from(*text, 1);
        if (c != '{' && c != '}') {
            return pdp__lower(c);
        }
    }
    return '\0';
}

bool
pdp__ngx_same(pdp_str_t a, pdp_str_t b)
{
    while (a.len > 0 || b.len > 0) {
        if (next_plain(&a) != next_plain(&b)) {
            return false;
        }
    }
    return true;
}

bool
pdp__ngx_same_text(pdp_str_t a, const char *b)
{
    return pdp__ngx_same(a, pdp__str_z(b));
}

bool
pdp__ngx_is(const struct pdp__ngx_directive *node, const char *name)
{
    return pdp__ngx_eq(pdp__ngx_arg(node, 0), name);
}

pdp_str_t
pdp__ngx_arg(const struct pdp__ngx_directive *node, size_t index)
{
    if (node == NULL || index >= node->word_cnt) {
        return (pdp_str_t){"", 0};
    }
    return pdp__str(node->words[index].text, node->words[index].len);
}

bool
pdp__ngx_says(const struct pdp__ngx_directive *node, const char *word)
{
    return pdp__ngx_eq(pdp__ngx_arg(node, 1), word);
}

static const struct pdp__ngx_directive *
from(const struct pdp__ngx_directive *node, const char *name)
{
    while (node != NULL && !pdp__ngx_is(node, name)) {
        node = node->next;
    }
    return node;
}

const struct pdp__ngx_directive *
pdp__ngx_own(const struct pdp__ngx_directive *block, const char *name)
{
    return from(block->first, name);
}

const struct pdp__ngx_directive *
pdp__ngx_own_next(const struct pdp__ngx_directive *found)
{
    return from(found->next, found->words[0].text);
}

const struct pdp__ngx_directive *
pdp__ngx_in_force(const struct pdp__ngx_directive *block, const char *name)
{
    for (; block != NULL; block = block->parent) {
        const struct pdp__ngx_directive *found = pdp__ngx_own(block, name);
        if (found != NULL) {
            return found;
        }
    }
    return NULL;
}

bool
pdp__ngx_switch(const struct pdp__ngx_directive *block, const char *name,
    bool otherwise)
{
    const struct pdp__ngx_directive *found = pdp__ngx_in_force(block, name);
    if (found == NULL) {
        return otherwise;
    }
    return pdp__str_eq_nocase(pdp__ngx_arg(found, 1), PDP__LIT("on"));
}

pdp_str_t
pdp__ngx_header(const struct pdp__ngx_directive *block, const char *name,
    const struct pdp__ngx_directive **found, size_t *cnt)
{
    pdp_str_t value = {NULL, 0};
    pdp_str_t want = pdp__str_z(name);
    const struct pdp__ngx_directive *at =
        pdp__ngx_in_force(block, "proxy_set_header");
    *found = NULL;
    *cnt = 0;
    for (; at != NULL; at = pdp__ngx_own_next(at)) {
        if (!pdp__str_eq_nocase(pdp__ngx_arg(at, 1), want)) {
            continue;
        }
        if ((*cnt)++ == 0) {
            *found = at;
            value = pdp__ngx_arg(at, 2);
        }
    }
    return value;
}

const struct pdp__ngx_directive *
pdp__ngx_auth(const struct pdp__ngx_directive *block)
{
    const struct pdp__ngx_directive *found =
        pdp__ngx_in_force(block, "auth_request");
    if (found == NULL || found->word_cnt < 2 || pdp__ngx_says(found, "off")) {
        return NULL;
    }
    return found;
}

bool
pdp__ngx_is_inner(const struct pdp__ngx_directive *block)
{
    return pdp__ngx_is(block, "if") || pdp__ngx_is(block, "limit_except");
}

const struct pdp__ngx_directive *
pdp__ngx_pass(const struct pdp__ngx_directive *block)
{
    static const char *const names[] = {"proxy_pass", "fastcgi_pass",
        "uwsgi_pass", "scgi_pass", "grpc_pass", "memcached_pass"};
    const struct pdp__ngx_directive *found = NULL;
    do {
        const struct pdp__ngx_directive *at = block->first;
        for (; at != NULL; at = at->next) {
            for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
                if (at->word_cnt > 1 && pdp__ngx_is(at, names[i])) {
                    found = at;
                }
            }
        }
        if (found != NULL || !pdp__ngx_is_inner(block)) {
            return found;
        }
        block = block->parent;
    } while (block != NULL);
    return NULL;
}

const struct pdp__ngx_directive *
pdp__ngx_around(const struct pdp__ngx_directive *node, const char *name)
{
    while (node->parent != NULL && !pdp__ngx_is(node, name)) {
        node = node->parent;
    }
    return node;
}

const struct pdp__ngx_directive *
pdp__ngx_walk(const struct pdp__ngx_directive *top,
    const struct pdp__ngx_directive *node)
{
    if (node->first != NULL) {
        return node->first;
    }
    while (node != top && node->next == NULL) {
        node = node->parent;
    }
    return node == top ? NULL : node->next;
}

/* Digits at the start; *rest is what follows; -1 for none or too many. */
static int64_t
number(pdp_str_t text, pdp_str_t *rest)
{
    int64_t value = 0;
    size_t i = 0;
    while (i < text.len && text.ptr[i] >= '0' && text.ptr[i] <= '9') {
        if (i == 12) {
            return -1;
        }
        value = value * 10 + (text.ptr[i++] - '0');
    }
    *rest = pdp__str_from(text, i);
    return i == 0 ? -1 : value;
}

struct unit {
    const char *name;
    int64_t factor;
};

static int64_t
measure(pdp_str_t text, const struct unit *units, size_t cnt)
{
    int64_t total = 0;
    do {
        pdp_str_t rest = {"", 0};
        int64_t value = number(text, &rest);
        size_t unit = 0;
        size_t len = 0;
        while (len < rest.len && (rest.ptr[len] < '0' || rest.ptr[len] > '9')) {
            len++;
        }
        pdp_str_t name = pdp__str(rest.ptr, len);
        while (unit < cnt &&
               !pdp__str_eq_nocase(name, pdp__str_z(units[unit].name))) {
            unit++;
        }
        if (value < 0 || unit == cnt ||
            __builtin_mul_overflow(value, units[unit].factor, &value) ||
            __builtin_add_overflow(total, value, &total)) {
            return -1;
        }
        text = pdp__str_from(rest, len);
    } while (text.len > 0);
    return total;
}

int64_t
pdp__ngx_msec(pdp_str_t text)
{
    static const struct unit units[] = {{"", 1000}, {"s", 1000}, {"ms", 1},
        {"m", 60000}, {"h", 3600000}, {"d", 86400000}};
    return measure(text, units, sizeof(units) / sizeof(units[0]));
}

int64_t
pdp__ngx_bytes(pdp_str_t text)
{
    static const struct unit units[] = {{"", 1}, {"k", 1024},
        {"m", 1024 * 1024}, {"g", 1024 * 1024 * 1024}};
    return measure(text, units, sizeof(units) / sizeof(units[0]));
}

int64_t
pdp__ngx_status(pdp_str_t text)
{
    int64_t status = text.len > 0 && text.ptr[text.len - 1] <= '9'
                         ? pdp__ngx_bytes(text)
                         : -1;
    return status > 999 ? -1 : status;
}
