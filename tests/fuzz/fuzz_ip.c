/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include <arpa/inet.h>

#include "fuzz.h"
#include "text/ip.h"

/*
 * Addresses against inet_pton(): the same texts, the same numbers; and what
 * a range or a subnet holds: its ends, in order.
 */

static void
check_address(pdp_str_t text)
{
    char copy[64] = {0};
    unsigned char bytes[16] = {0};
    struct pdp__ip ip;
    bool taken = pdp__ip_parse(text, &ip);

    if (text.len >= sizeof(copy) ||
        (text.len > 0 && memchr(text.ptr, '\0', text.len) != NULL)) {
        MUST(!taken);
        return;
    }
    if (text.len > 0) {
        memcpy(copy, text.ptr, text.len);
    }
    bool v4 = inet_pton(AF_INET, copy, bytes) == 1;
    bool v6 = !v4 && inet_pton(AF_INET6, copy, bytes) == 1;
    MUST(taken == (v4 || v6));
    if (!taken) {
        return;
    }
    struct pdp__ip_bits bits = {0, 0};
    for (int i = 0; i < 8; i++) {
        bits.hi = bits.hi << 8 | (v4 ? 0 : bytes[i]);
        bits.lo = bits.lo << 8 | (v4 ? 0 : bytes[i + 8]);
    }
    for (int i = 0; i < 4 && v4; i++) {
        bits.lo = bits.lo << 8 | bytes[i];
    }
    bool mapped = v6 && bits.hi == 0 && bits.lo >> 32 == 0xffff;
    MUST(ip.v6 == (v6 && !mapped));
    if (mapped) {
        bits.lo &= UINT32_MAX;
    }
    MUST(pdp__ip_cmp(ip.bits, bits) == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *copy = take_copy(data, size);
    pdp_str_t text = {copy, size};
    struct pdp__ip_span span;
    bool v6 = false;

    check_address(text);
    if (pdp__ip_range(text, &v6, &span) || pdp__ip_subnet(text, &v6, &span)) {
        MUST(pdp__ip_cmp(span.first, span.last) <= 0);
        MUST(v6 || (span.first.hi == 0 && span.last.hi == 0 &&
                       span.last.lo <= UINT32_MAX));
    }
    free(copy);
    return 0;
}
