/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#define _DEFAULT_SOURCE /* inet_aton() */

#include "gateway/model.h"

/*
 * Addresses, in the one spelling by which they are compared.
 *
 * No name is ever resolved, but whatever a resolver makes of the text alone
 * is: 127.1, 0, [::ffff:127.0.0.1], a path with `//`.  All that leads to this
 * machine is 127.0.0.1, so that two services on different addresses of the
 * loopback with the same port are taken for one: that is a false alarm, and
 * the other way round it would be silence.
 */

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

static const char loopback[] = "127.0.0.1";

bool
pdp__ngx_is_unix(pdp_str_t text)
{
    return text.len >= 5 &&
           pdp__str_eq_nocase(pdp__str(text.ptr, 5), PDP__LIT("unix:"));
}

/* Without what a path has for nothing: `//` and `/./`. */
static void
add_path(pdp_str_t path, struct pdp__string *out)
{
    pdp__string_z(out, "unix:");
    for (size_t i = 0; i < path.len; i++) {
        pdp_str_t rest = pdp__str_from(path, i);
        if (pdp__str_starts(rest, PDP__LIT("//"))) {
            continue;
        }
        if (pdp__str_starts(rest, PDP__LIT("/./"))) {
            i++;
            continue;
        }
        pdp__string_char(out, path.ptr[i]);
    }
}

static void
add_v4(struct in_addr address, struct pdp__string *out)
{
    uint32_t bits = ntohl(address.s_addr);
    if (bits == 0 || bits >> 24 == 127) {
        pdp__string_z(out, loopback);
        return;
    }
    pdp__string_fmt(out, "%u.%u.%u.%u", (unsigned)(bits >> 24),
        (unsigned)(bits >> 16 & 255), (unsigned)(bits >> 8 & 255),
        (unsigned)(bits & 255));
}

static bool
add_v6(const char *text, struct pdp__string *out)
{
    struct in6_addr address;
    struct in_addr inner;
    char canonical[INET6_ADDRSTRLEN];
    if (inet_pton(AF_INET6, text, &address) != 1) {
        return false;
    }
    if (IN6_IS_ADDR_LOOPBACK(&address) || IN6_IS_ADDR_UNSPECIFIED(&address)) {
        pdp__string_z(out, loopback);
    } else if (IN6_IS_ADDR_V4MAPPED(&address)) {
        memcpy(&inner, &address.s6_addr[12], sizeof(inner));
        add_v4(inner, out);
    } else if (inet_ntop(AF_INET6, &address, canonical, sizeof(canonical)) !=
               NULL) {
        pdp__string_fmt(out, "[%s]", canonical);
    }
    return true;
}

static void
add_host(pdp_str_t host, struct pdp__string *out)
{
    char text[64] = "";
    struct in_addr address;
    bool bracket = host.len > 2 && host.ptr[0] == '[';
    if (host.len > 0 && host.ptr[host.len - 1] == '.') {
        host.len--;
    }
    if (host.len < sizeof(text)) {
        size_t cut = bracket ? 1 : 0;
        memcpy(text, host.ptr + cut, host.len - 2 * cut);
    }
    if (host.len == 0 || pdp__ngx_eq(host, "*") ||
        pdp__str_eq_nocase(host, PDP__LIT("localhost"))) {
        pdp__string_z(out, loopback);
    } else if (bracket && add_v6(text, out)) {
        return;
    } else if (text[0] >= '0' && text[0] <= '9' &&
               inet_aton(text, &address) != 0) {
        add_v4(address, out);
    } else {
        for (size_t i = 0; i < host.len; i++) {
            pdp__string_char(out, pdp__lower(host.ptr[i]));
        }
    }
}

void
pdp__ngx_address(pdp_str_t text, const char *port, struct pdp__string *out)
{
    out->len = 0;
    if (pdp__ngx_is_unix(text)) {
        add_path(pdp__str_from(text, 5), out);
        return;
    }
    bool bracket = text.len > 0 && text.ptr[0] == '[';
    size_t colon =
        pdp__str_find(text, ':', bracket ? pdp__str_find(text, ']', 0) : 0);
    add_host(pdp__str(text.ptr, colon), out);
    pdp__string_char(out, ':');
    if (colon == text.len) {
        pdp__string_z(out, port);
        return;
    }
    do {
        colon++;
    } while (colon < text.len && text.ptr[colon] == '0');
    pdp__string_add(out, pdp__str_from(text, colon));
}

static bool
is_number(pdp_str_t text)
{
    size_t i = 0;
    while (i < text.len && text.ptr[i] >= '0' && text.ptr[i] <= '9') {
        i++;
    }
    return i > 0 && i == text.len;
}

bool
pdp__ngx_next_listen(const struct pdp__ngx_directive *server,
    const struct pdp__ngx_directive **at, struct pdp__string *out)
{
    const struct pdp__ngx_directive *next =
        *at == NULL ? pdp__ngx_own(server, "listen") : NULL;
    if (*at == server) {
        return false;
    }
    if (*at != NULL) {
        next = pdp__ngx_own_next(*at);
        if (next == NULL) {
            return false;
        }
    }
    pdp_str_t text = pdp__ngx_arg(next, 1);
    *at = next == NULL ? server : next; /* none: nginx's default, port 80 */
    out->len = 0;
    if (is_number(text)) {
        pdp__string_z(out, loopback);
        pdp__string_char(out, ':');
        while (text.len > 1 && text.ptr[0] == '0') {
            text = pdp__str_from(text, 1);
        }
        pdp__string_add(out, text);
    } else {
        pdp__ngx_address(text, "80", out);
    }
    return true;
}

bool
pdp__ngx_share_listen(const struct pdp__ngx_directive *a,
    const struct pdp__ngx_directive *b)
{
    struct pdp__string one = {0};
    struct pdp__string other = {0};
    const struct pdp__ngx_directive *outer = NULL;
    bool same = false;
    while (!same && pdp__ngx_next_listen(a, &outer, &one)) {
        const struct pdp__ngx_directive *inner = NULL;
        while (!same && pdp__ngx_next_listen(b, &inner, &other)) {
            same = pdp__str_eq(pdp__string_get(&one), pdp__string_get(&other));
        }
    }
    pdp__string_free(&one);
    pdp__string_free(&other);
    return same;
}

bool
pdp__ngx_listens_locally(const struct pdp__ngx_directive *server)
{
    const struct pdp__ngx_directive *at = pdp__ngx_own(server, "listen");
    bool local = at != NULL;
    for (; local && at != NULL; at = pdp__ngx_own_next(at)) {
        pdp_str_t text = pdp__ngx_arg(at, 1);
        local = pdp__ngx_is_unix(text) ||
                pdp__str_starts(text, PDP__LIT("127.")) ||
                pdp__str_starts(text, PDP__LIT("localhost")) ||
                pdp__str_starts(text, PDP__LIT("[::1]"));
    }
    return local;
}
