/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
/*
 * IP addresses: dotted quads, and IPv6 by RFC 4291 2.2 (in any case, with or
 * without the shortening that RFC 5952 asks for).
 *
 * Refused: what two readers take for two addresses.  A leading zero in a
 * quad (octal for some), fewer than four parts, hexadecimal parts, white
 * space, brackets, ports, zone ids, a `::` that stands for nothing.
 *
 * An IPv4-mapped address (::ffff:0:0/96) is the IPv4 address: a socket for
 * both families shows its IPv4 clients like that.  Apart from these the two
 * families have nothing in common, so ::/0 holds no IPv4 address.
 */

#include "text/ip.h"

enum { GROUPS = 8, V4_BITS = 32, V6_BITS = 128, MAPPED_BITS = 96 };

int
pdp__ip_cmp(struct pdp__ip_bits a, struct pdp__ip_bits b)
{
    if (a.hi != b.hi) {
        return a.hi < b.hi ? -1 : 1;
    }
    return (a.lo > b.lo) - (a.lo < b.lo);
}

/* Decimal digits without a leading zero, up to max (below 1000). */
static bool
decimal(pdp_str_t text, uint32_t max, uint32_t *out)
{
    uint32_t value = 0;

    if (text.len == 0 || text.len > 3 || (text.len > 1 && text.ptr[0] == '0')) {
        return false;
    }
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] < '0' || text.ptr[i] > '9') {
            return false;
        }
        value = value * 10 + (uint32_t)(text.ptr[i] - '0');
    }
    *out = value;
    return value <= max;
}

static bool
parse_quad(pdp_str_t text, uint32_t *out)
{
    uint32_t value = 0;
    size_t at = 0;

    for (int part = 0; part < 4; part++) {
        uint32_t octet = 0;
        size_t end = pdp__str_find(text, '.', at);
        bool last = end == text.len;
        if (last != (part == 3) ||
            !decimal(pdp__str(text.ptr + at, end - at), 255, &octet)) {
            return false;
        }
        value = value << 8 | octet;
        at = end + 1;
    }
    *out = value;
    return true;
}

/* One to four hexadecimal digits. */
static bool
parse_group(pdp_str_t text, uint16_t *out)
{
    uint32_t value = 0;

    if (text.len == 0 || text.len > 4) {
        return false;
    }
    for (size_t i = 0; i < text.len; i++) {
        char c = pdp__lower(text.ptr[i]);
        bool letter = c >= 'a' && c <= 'f';
        if (!letter && (c < '0' || c > '9')) {
            return false;
        }
        value = value << 4 | (uint32_t)(letter ? c - 'a' + 10 : c - '0');
    }
    *out = (uint16_t)value;
    return true;
}

/* The groups that are written; *gap: before which of them `::` stands, or
 * GROUPS. */
static bool
scan_groups(pdp_str_t text, uint16_t groups[static GROUPS], uint32_t *cnt,
    uint32_t *gap)
{
    size_t at = 0;

    *cnt = 0;
    *gap = GROUPS;
    if (pdp__str_starts(text, PDP__LIT("::"))) {
        *gap = 0;
        at = 2;
    }
    while (at < text.len) {
        size_t end = pdp__str_find(text, ':', at);
        pdp_str_t part = pdp__str(text.ptr + at, end - at);
        uint32_t quad = 0;
        if (*cnt == GROUPS) {
            return false;
        }
        if (end == text.len && *cnt < GROUPS - 1 && parse_quad(part, &quad)) {
            groups[(*cnt)++] = (uint16_t)(quad >> 16);
            groups[(*cnt)++] = (uint16_t)(quad & 0xffff);
            return true;
        }
        if (!parse_group(part, &groups[*cnt])) {
            return false;
        }
        (*cnt)++;
        if (end == text.len) {
            return true;
        }
        at = end + 1;
        if (at < text.len && text.ptr[at] == ':') {
            if (*gap != GROUPS) {
                return false;
            }
            *gap = *cnt;
            at++;
        } else if (at == text.len) {
            return false; /* it ends with one colon */
        }
    }
    return *gap != GROUPS; /* the empty text has none */
}

static bool
parse_v6(pdp_str_t text, struct pdp__ip_bits *out)
{
    uint16_t written[GROUPS];
    uint16_t groups[GROUPS] = {0};
    uint32_t cnt = 0;
    uint32_t gap = 0;

    if (!scan_groups(text, written, &cnt, &gap) ||
        (cnt == GROUPS) != (gap == GROUPS)) {
        return false; /* `::` stands for one group at least */
    }
    for (uint32_t i = 0; i < cnt; i++) {
        groups[i < gap ? i : GROUPS - cnt + i] = written[i];
    }
    *out = (struct pdp__ip_bits){0, 0};
    for (uint32_t i = 0; i < GROUPS / 2; i++) {
        out->hi = out->hi << 16 | groups[i];
        out->lo = out->lo << 16 | groups[GROUPS / 2 + i];
    }
    return true;
}

/* As it is written; *v6 says how. */
static bool
parse_either(pdp_str_t text, bool *v6, struct pdp__ip_bits *out)
{
    uint32_t quad = 0;

    *v6 = pdp__str_find(text, ':', 0) != text.len;
    if (*v6) {
        return parse_v6(text, out);
    }
    if (!parse_quad(text, &quad)) {
        return false;
    }
    *out = (struct pdp__ip_bits){0, quad};
    return true;
}

static bool
is_mapped(struct pdp__ip_bits bits)
{
    return bits.hi == 0 && bits.lo >> V4_BITS == 0xffff;
}

bool
pdp__ip_parse(pdp_str_t text, struct pdp__ip *out)
{
    struct pdp__ip ip = {{0, 0}, false};

    if (!parse_either(text, &ip.v6, &ip.bits)) {
        return false;
    }
    if (ip.v6 && is_mapped(ip.bits)) {
        ip.v6 = false;
        ip.bits.lo &= UINT32_MAX;
    }
    *out = ip;
    return true;
}

bool
pdp__ip_range(pdp_str_t text, bool *v6, struct pdp__ip_span *out)
{
    size_t dash = pdp__str_find(text, '-', 0);
    struct pdp__ip first;
    struct pdp__ip last;

    if (dash == text.len || !pdp__ip_parse(pdp__str(text.ptr, dash), &first) ||
        !pdp__ip_parse(pdp__str_from(text, dash + 1), &last) ||
        first.v6 != last.v6 || pdp__ip_cmp(first.bits, last.bits) > 0) {
        return false;
    }
    *v6 = first.v6;
    *out = (struct pdp__ip_span){first.bits, last.bits};
    return true;
}

/* The lower n bits of a word, n up to 64. */
static uint64_t
low_bits(uint32_t n)
{
    return n >= 64 ? UINT64_MAX : (UINT64_C(1) << n) - 1;
}

bool
pdp__ip_subnet(pdp_str_t text, bool *v6, struct pdp__ip_span *out)
{
    size_t slash = pdp__str_find(text, '/', 0);
    struct pdp__ip_bits base;
    uint32_t prefix = 0;
    bool wide = false;

    if (slash == text.len ||
        !parse_either(pdp__str(text.ptr, slash), &wide, &base) ||
        !decimal(pdp__str_from(text, slash + 1), wide ? V6_BITS : V4_BITS,
            &prefix)) {
        return false;
    }
    if (wide && is_mapped(base) && prefix >= MAPPED_BITS) {
        wide = false;
        base.lo &= UINT32_MAX;
        prefix -= MAPPED_BITS;
    }
    uint32_t host = (wide ? V6_BITS : V4_BITS) - prefix;
    struct pdp__ip_bits mask = {host > 64 ? low_bits(host - 64) : 0,
        low_bits(host)};
    *v6 = wide;
    out->first = (struct pdp__ip_bits){base.hi & ~mask.hi, base.lo & ~mask.lo};
    out->last = (struct pdp__ip_bits){base.hi | mask.hi, base.lo | mask.lo};
    return true;
}
