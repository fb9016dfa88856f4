/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
/*
 * Stage 1, admit: the method is well-formed, and the headers that decide are
 * there once or not at all.
 *
 * Attacks stopped here: a method that the backend reads in another way
 * (`get`, `GET\0`); a request to run another method than the one judged
 * (X-HTTP-Method-Override and kin); a second Authorization, Account or Host,
 * of which gateway and backend might pick different ones; an empty Account.
 */

#include "decide/flow.h"

enum { METHOD_MAX = 64 };

/* Upper-case token characters, RFC 9110 9.1 and 5.6.2. */
static bool
method_char(char c)
{
    if ((c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')) {
        return true;
    }
    return c != '\0' && strchr("!#$%&'*+-.^_`|~", c) != NULL;
}

static bool
method_check(pdp_str_t method)
{
    if (method.len == 0 || method.len > METHOD_MAX) {
        return false;
    }
    for (size_t i = 0; i < method.len; i++) {
        if (!method_char(method.ptr[i])) {
            return false;
        }
    }
    return true;
}

/* Without regard to case, and with `_` for `-`: servers that hand headers on
 * as variables (CGI and its heirs) cannot tell the two apart. */
static bool
is_name(pdp_str_t name, pdp_str_t wanted)
{
    if (name.len != wanted.len) {
        return false;
    }
    for (size_t i = 0; i < name.len; i++) {
        char c = name.ptr[i] == '_' ? '-' : pdp__lower(name.ptr[i]);
        if (c != pdp__lower(wanted.ptr[i])) {
            return false;
        }
    }
    return true;
}

static bool
is_override(pdp_str_t name)
{
    return is_name(name, PDP__LIT("X-HTTP-Method-Override")) ||
           is_name(name, PDP__LIT("X-HTTP-Method")) ||
           is_name(name, PDP__LIT("X-Method-Override"));
}

/* The field a header is kept in, or NULL if it does not matter. */
static pdp_str_t *
field_of(struct pdp__admitted *admitted, pdp_str_t name)
{
    if (pdp__str_eq_nocase(name, PDP__LIT("Authorization"))) {
        return &admitted->authorization;
    }
    if (pdp__str_eq_nocase(name, PDP__LIT("Account"))) {
        return &admitted->account;
    }
    if (pdp__str_eq_nocase(name, PDP__LIT("Host"))) {
        return &admitted->host;
    }
    return NULL;
}

/*
 * RFC 9110 7.2: a name of non-empty labels (a last dot is allowed) or an
 * address in brackets, and a port.  Servers cut what follows at different
 * places, so anything else could be one host for us and another for them.
 */
static bool
host_check(pdp_str_t host)
{
    bool address = host.len > 0 && host.ptr[0] == '[';
    size_t end =
        address ? pdp__str_find(host, ']', 0) + 1 : pdp__str_find(host, ':', 0);
    char last = '.';

    if (host.len == 0) {
        return true; /* as if there were none */
    }
    if (end > host.len) {
        return false;
    }
    for (size_t i = 0; i < end; i++) {
        char c = host.ptr[i];
        bool label = pdp__lower(c) >= 'a' && pdp__lower(c) <= 'z';
        label = label || (c >= '0' && c <= '9') || c == '-' || c == '_';
        if (!label && !(c == '.' && last != '.') &&
            !(address && (c == ':' || c == '[' || c == ']'))) {
            return false;
        }
        last = c;
    }
    if (end == 0 || (end < host.len && host.ptr[end] != ':')) {
        return false;
    }
    for (size_t i = end + 1; i < host.len; i++) {
        if (host.ptr[i] < '0' || host.ptr[i] > '9') {
            return false;
        }
    }
    return true;
}

bool
pdp__admit(struct pdp__flow *flow)
{
    const pdp_request_t *request = flow->request;
    bool ambiguous = false;

    if (!method_check(request->method)) {
        return pdp__deny(flow, PDP_REASON_BAD_METHOD);
    }
    for (size_t i = 0; i < request->header_cnt; i++) {
        const pdp_header_t *header = &request->headers[i];
        if (is_override(header->name)) {
            return pdp__deny(flow, PDP_REASON_METHOD_OVERRIDE);
        }
        pdp_str_t *field = field_of(&flow->admitted, header->name);
        if (field == NULL) {
            continue;
        }
        ambiguous = ambiguous || field->ptr != NULL;
        *field = header->value;
        if (field->ptr == NULL) {
            *field = PDP__LIT("");
        }
    }
    if (ambiguous || !host_check(flow->admitted.host) ||
        (flow->admitted.account.ptr != NULL &&
            flow->admitted.account.len == 0)) {
        return pdp__deny(flow, PDP_REASON_AMBIGUOUS_HEADER);
    }
    return true;
}
