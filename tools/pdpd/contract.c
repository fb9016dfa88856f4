/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include "pdpd/contract.h"

/*
 * The wire contracts of gateways.
 *
 * A gateway hands on most of what its client sent.  So a contract reads only
 * the headers that the gateway itself overwrites, and nothing else that a
 * client could have chosen and that could allow: X-Forwarded-Uri means nothing
 * to the contract nginx, nor X-Original-URI to forwarded.
 *
 * Each header of a contract must be there, not empty, and once.  There is no
 * way back to another one: a request that lacks X-Original-URI is denied, and
 * the path of the sub-request is never judged in its place.  A twin with
 * underscores denies, too, because servers that hand headers on as variables
 * cannot tell the two apart.
 *
 * nginx may also tell its own view of the path, X-PDP-Norm-URI, which must then
 * agree with what was judged.  It can only deny, so it may be left out; a
 * gateway that does not send it clears it, or its clients can have themselves
 * denied.
 *
 * All of that is one reason, ambiguous_header: whoever reads it looks at the
 * configuration of the gateway.
 */

struct contract {
    const char *names[PDPD__OWN_MAX]; /* NULL: there are no more */
};

/* Which of a contract's headers is what; -1: it has none. */
enum { METHOD = 0, TARGET = 1 };

static const struct contract nginx = {
    {"X-Original-Method", "X-Original-URI", "X-Real-IP", "X-Request-ID"},
};
static const struct contract ingress_nginx = {
    {"X-Original-Method", "X-Original-URL", "X-Real-IP", "X-Request-ID"},
};
static const struct contract forwarded = {
    {"X-Forwarded-Method", "X-Forwarded-Uri", "X-Forwarded-Host",
        "X-Forwarded-For"},
};
static const struct contract ext_authz = {
    {"X-Forwarded-For", "X-Request-ID", NULL, NULL},
};

static const struct contract *
contract_of(enum pdpd__contract contract)
{
    switch (contract) {
    case PDPD__CONTRACT_NGINX:
        return &nginx;
    case PDPD__CONTRACT_INGRESS_NGINX:
        return &ingress_nginx;
    case PDPD__CONTRACT_FORWARDED:
        return &forwarded;
    case PDPD__CONTRACT_EXT_AUTHZ:
        return &ext_authz;
    case PDPD__CONTRACT_METRICS:
    case PDPD__CONTRACT_NONE:
        break;
    }
    return NULL;
}

/* Without regard to case, and with `_` for `-`; *twin tells if there was. */
static bool
is_name(pdp_str_t name, const char *wanted, bool *twin)
{
    *twin = false;
    if (name.len != strlen(wanted)) {
        return false;
    }
    for (size_t i = 0; i < name.len; i++) {
        char c = pdp__lower(name.ptr[i]);
        if (c == '_' && wanted[i] == '-') {
            *twin = true;
        } else if (c != pdp__lower(wanted[i])) {
            return false;
        }
    }
    return true;
}

/* RFC 9110 5.5: the white space around a value is no part of it. */
static pdp_str_t
trim(pdp_str_t value)
{
    if (value.ptr == NULL) {
        return PDP__LIT("");
    }
    while (value.len > 0 && (value.ptr[0] == ' ' || value.ptr[0] == '\t')) {
        value = pdp__str_from(value, 1);
    }
    while (value.len > 0 && (value.ptr[value.len - 1] == ' ' ||
                                value.ptr[value.len - 1] == '\t')) {
        value.len--;
    }
    return value;
}

void
pdpd__contract_begin(struct pdpd__reading *reading,
    enum pdpd__contract contract, pdp_str_t prefix)
{
    *reading = (struct pdpd__reading){.contract = contract, .prefix = prefix};
}

static void
keep(struct pdpd__reading *reading, pdp_str_t name, pdp_str_t value)
{
    if (reading->kept_cnt == PDPD__KEPT_MAX) {
        reading->ambiguous = true; /* of each kind there are two at most */
        return;
    }
    reading->kept[reading->kept_cnt++] = (pdp_header_t){name, value};
}

/* What decides in every contract.  The library denies duplicates, too; that
 * they are counted here keeps the list short. */
static bool
common_header(struct pdpd__reading *reading, pdp_str_t name, pdp_str_t value)
{
    static const char *const overrides[] = {
        "X-HTTP-Method-Override",
        "X-HTTP-Method",
        "X-Method-Override",
    };
    bool twin = false;
    for (size_t i = 0; i < sizeof(overrides) / sizeof(overrides[0]); i++) {
        if (is_name(name, overrides[i], &twin)) {
            reading->override = true;
            return true;
        }
    }
    if (is_name(name, "Authorization", &twin)) {
        reading->ambiguous =
            reading->ambiguous || reading->authorization_cnt > 0;
        if (reading->authorization_cnt++ == 0) {
            keep(reading, name, value);
        }
        return true;
    }
    if (is_name(name, "Account", &twin)) {
        reading->ambiguous = reading->ambiguous || reading->account_cnt > 0;
        if (reading->account_cnt++ == 0) {
            keep(reading, name, value);
        }
        return true;
    }
    if (is_name(name, "Host", &twin)) {
        reading->ambiguous = reading->ambiguous || reading->host_cnt > 0;
        if (reading->host_cnt++ == 0) {
            reading->host = value;
        }
        return true;
    }
    return false;
}

/* The optional header of the contract nginx. */
static bool
view_header(struct pdpd__reading *reading, pdp_str_t name, pdp_str_t value)
{
    bool twin = false;
    if (reading->contract != PDPD__CONTRACT_NGINX ||
        !is_name(name, "X-PDP-Norm-URI", &twin)) {
        return false;
    }
    reading->ambiguous =
        reading->ambiguous || twin || reading->view.ptr != NULL;
    reading->view = value;
    return true;
}

void
pdpd__contract_header(struct pdpd__reading *reading, pdp_str_t name,
    pdp_str_t value)
{
    const struct contract *contract = contract_of(reading->contract);
    bool twin = false;
    value = trim(value);
    if (contract == NULL || common_header(reading, name, value) ||
        view_header(reading, name, value)) {
        return;
    }
    for (size_t i = 0; i < PDPD__OWN_MAX && contract->names[i] != NULL; i++) {
        if (is_name(name, contract->names[i], &twin)) {
            reading->ambiguous =
                reading->ambiguous || twin || reading->own[i].ptr != NULL;
            reading->own[i] = value;
            return;
        }
    }
}

/* The last item of a list: the only one that the gateway wrote itself. */
static pdp_str_t
last_item(pdp_str_t list)
{
    size_t begin = list.len;
    while (begin > 0 && list.ptr[begin - 1] != ',') {
        begin--;
    }
    return trim(pdp__str_from(list, begin));
}

/*
 * X-Original-URL of ingress-nginx: scheme, Host as the client sent it, and
 * the raw target.  The host ends at the first byte that cannot be part of
 * it, and what follows is judged as it stands: if that is no path, the
 * library denies it.
 */
static bool
split_url(pdp_str_t url, pdp_str_t *host, pdp_str_t *target)
{
    static const pdp_str_t schemes[] = {
        PDP__LIT_INIT("http://"),
        PDP__LIT_INIT("https://"),
    };
    for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++) {
        if (!pdp__str_starts(url, schemes[i])) {
            continue;
        }
        pdp_str_t rest = pdp__str_from(url, schemes[i].len);
        size_t end = 0;
        while (end < rest.len && rest.ptr[end] != '/' && rest.ptr[end] != '?' &&
               rest.ptr[end] != '#' && rest.ptr[end] != '\\') {
            end++;
        }
        *host = pdp__str(rest.ptr, end);
        *target = pdp__str_from(rest, end);
        return true;
    }
    return false;
}

/* Host, method and target by contract; false: *reason is set. */
static bool
fill(struct pdpd__reading *reading, pdp_str_t method, pdp_str_t target,
    pdp_str_t *host, pdp_reason_t *reason)
{
    pdp_request_t *request = &reading->request;
    *host = reading->host;
    request->method = reading->own[METHOD];
    request->target = reading->own[TARGET];
    switch (reading->contract) {
    case PDPD__CONTRACT_NGINX:
        request->client_address = reading->own[2];
        request->request_id = reading->own[3];
        return true;
    case PDPD__CONTRACT_INGRESS_NGINX:
        request->client_address = reading->own[2];
        request->request_id = reading->own[3];
        *reason = PDP_REASON_TARGET_FORM;
        return split_url(reading->own[TARGET], host, &request->target);
    case PDPD__CONTRACT_FORWARDED:
        /* Host is that of the daemon as the gateway calls it. */
        *host = reading->own[2];
        request->client_address = last_item(reading->own[3]);
        return true;
    case PDPD__CONTRACT_EXT_AUTHZ:
        request->client_address = last_item(reading->own[0]);
        request->request_id = reading->own[1];
        request->method = method;
        *reason = PDP_REASON_TARGET_FORM;
        if (!pdp__str_starts(target, reading->prefix)) {
            return false;
        }
        request->target = pdp__str_from(target, reading->prefix.len);
        return true;
    case PDPD__CONTRACT_METRICS:
    case PDPD__CONTRACT_NONE:
        break;
    }
    *reason = PDP_REASON_INTERNAL;
    return false;
}

bool
pdpd__contract_end(struct pdpd__reading *reading, pdp_str_t method,
    pdp_str_t target, pdp_reason_t *reason)
{
    const struct contract *contract = contract_of(reading->contract);
    pdp_str_t host = {NULL, 0};
    *reason = PDP_REASON_INTERNAL;
    if (contract == NULL) {
        return false;
    }
    if (reading->override) {
        *reason = PDP_REASON_METHOD_OVERRIDE;
        return false;
    }
    bool missing = false;
    for (size_t i = 0; i < PDPD__OWN_MAX && contract->names[i] != NULL; i++) {
        missing = missing || reading->own[i].len == 0;
    }
    if (missing || reading->ambiguous) {
        *reason = PDP_REASON_AMBIGUOUS_HEADER;
        return false;
    }
    if (!fill(reading, method, target, &host, reason)) {
        return false;
    }
    if (host.ptr != NULL) {
        keep(reading, PDP__LIT("Host"), host);
    }
    reading->request.size = sizeof(reading->request);
    reading->request.headers = reading->kept;
    reading->request.header_cnt = reading->kept_cnt;
    *reason = PDP_REASON_INTERNAL; /* until somebody decides */
    return true;
}

/* The value of an upper-case hexadecimal digit; the path is canonical. */
static unsigned
digit(char c)
{
    return (unsigned)(c >= 'A' ? c - 'A' + 10 : c - '0');
}

bool
pdpd__contract_view_agrees(const struct pdpd__reading *reading, pdp_str_t path)
{
    pdp_str_t view = reading->view;
    size_t at = 0;
    if (view.ptr == NULL) {
        return true;
    }
    for (size_t i = 0; i < path.len; i++, at++) {
        char c = path.ptr[i];
        if (c == '%' && i + 2 < path.len) {
            c = (char)(digit(path.ptr[i + 1]) * 16 + digit(path.ptr[i + 2]));
            i += 2;
        }
        if (at >= view.len || view.ptr[at] != c) {
            return false;
        }
    }
    return at == view.len;
}
