/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#ifndef PDP__TEXT_IP_H
#define PDP__TEXT_IP_H

/* IP addresses, ranges and subnets as text -> numbers that can be compared. */

#include "base/str.h"

/* 128 bits, most significant first; IPv4 has hi 0. */
struct pdp__ip_bits {
    uint64_t hi;
    uint64_t lo;
};

struct pdp__ip {
    struct pdp__ip_bits bits;
    bool v6; /* false: IPv4, also where it was written as ::ffff:a.b.c.d */
};

/* All addresses of one family from first to last, both of them in it. */
struct pdp__ip_span {
    struct pdp__ip_bits first;
    struct pdp__ip_bits last;
};

/* <0, 0, >0 */
int pdp__ip_cmp(struct pdp__ip_bits a, struct pdp__ip_bits b);

/*
 * The whole text; false, and nothing set, if it is none of the form:
 *   address  `192.0.2.1`, `2001:db8::1`
 *   range    `192.0.2.1-192.0.2.9`: one family, the last not below the first
 *   subnet   `192.0.2.0/24`: bits behind the prefix do not count
 */
bool pdp__ip_parse(pdp_str_t text, struct pdp__ip *out);
bool pdp__ip_range(pdp_str_t text, bool *v6, struct pdp__ip_span *out);
bool pdp__ip_subnet(pdp_str_t text, bool *v6, struct pdp__ip_span *out);

/* The address in the spelling of RFC 5952, in out (ip_render.c). */
enum { PDP__IP_TEXT_CAP = 46 };
pdp_str_t pdp__ip_render(const struct pdp__ip *ip,
    char out[static PDP__IP_TEXT_CAP]);

#endif
