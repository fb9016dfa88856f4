/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */

/*
 * An address as text, in the one spelling that RFC 5952 recommends: hex in
 * small letters, no leading zeros, `::` for the longest run of two or more
 * zero groups, the first of several.  An IPv6 address can be written in
 * hundreds of ways; texts are compared only after both have gone this way.
 */

#include "text/ip.h"

#include "base/buf.h"

enum { GROUPS = 8 };

static void
put_hex(struct pdp__buf *buf, unsigned value)
{
    static const char digits[] = "0123456789abcdef";
    bool begun = false;

    for (int shift = 12; shift >= 0; shift -= 4) {
        unsigned digit = value >> shift & 15u;
        begun = begun || digit != 0 || shift == 0;
        if (begun) {
            pdp__buf_char(buf, digits[digit]);
        }
    }
}

static void
put_v4(struct pdp__buf *buf, uint64_t bits)
{
    for (int shift = 24; shift >= 0; shift -= 8) {
        pdp__buf_int(buf, (int64_t)(bits >> shift & 255u));
        if (shift > 0) {
            pdp__buf_char(buf, '.');
        }
    }
}

static void
put_v6(struct pdp__buf *buf, const unsigned groups[static GROUPS])
{
    int first = GROUPS;
    int cnt = 1; /* one zero group alone is written */

    for (int i = 0; i < GROUPS; i++) {
        int run = 0;
        while (i + run < GROUPS && groups[i + run] == 0) {
            run++;
        }
        if (run > cnt) {
            first = i;
            cnt = run;
        }
    }
    for (int i = 0; i < GROUPS; i++) {
        if (i == first) {
            pdp__buf_z(buf, "::");
            i += cnt - 1;
            continue;
        }
        if (i > 0 && i != first + cnt) {
            pdp__buf_char(buf, ':');
        }
        put_hex(buf, groups[i]);
    }
}

pdp_str_t
pdp__ip_render(const struct pdp__ip *ip, char out[static PDP__IP_TEXT_CAP])
{
    struct pdp__buf buf = pdp__buf(out, PDP__IP_TEXT_CAP);
    unsigned groups[GROUPS];

    if (!ip->v6) {
        put_v4(&buf, ip->bits.lo);
        return pdp__buf_get(&buf);
    }
    for (int i = 0; i < GROUPS; i++) {
        uint64_t half = i < 4 ? ip->bits.hi : ip->bits.lo;
        groups[i] = (unsigned)(half >> (48 - i % 4 * 16) & 0xffffu);
    }
    put_v6(&buf, groups);
    return pdp__buf_get(&buf);
}
