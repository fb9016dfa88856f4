/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
/* Addresses as text: one spelling for all that mean the same. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <arpa/inet.h>
#include <cmocka.h>

#include "text/ip.h"

static void
assert_rendered(const char *text, const char *wanted)
{
    char out[PDP__IP_TEXT_CAP];
    struct pdp__ip ip;

    assert_true(pdp__ip_parse(pdp__str_z(text), &ip));
    pdp_str_t got = pdp__ip_render(&ip, out);
    if (!pdp__str_eq(got, pdp__str_z(wanted))) {
        fail_msg("%s: %.*s, not %s", text, (int)got.len, got.ptr, wanted);
    }
}

static void
one_spelling(void **state)
{
    (void)state;
    assert_rendered("192.0.2.1", "192.0.2.1");
    assert_rendered("0.0.0.0", "0.0.0.0");
    assert_rendered("255.255.255.255", "255.255.255.255");
    assert_rendered("::ffff:192.0.2.1", "192.0.2.1");
    /* RFC 5952 4. */
    assert_rendered("2001:0DB8::0001", "2001:db8::1");
    assert_rendered("2001:db8:0:0:0:0:2:1", "2001:db8::2:1");
    assert_rendered("2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1");
    assert_rendered("2001:0:0:1:0:0:0:1", "2001:0:0:1::1");
    assert_rendered("2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1");
    assert_rendered("0:0:0:0:0:0:0:0", "::");
    assert_rendered("0:0:0:0:0:0:0:1", "::1");
    assert_rendered("1:0:0:0:0:0:0:0", "1::");
    assert_rendered("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
        "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff");
}

/* Every place of zeros, against the C library, which writes some low
 * addresses with dots. */
static void
all_sets_of_zero_groups(void **state)
{
    (void)state;
    for (unsigned set = 0; set < 256; set++) {
        unsigned char bytes[16] = {0};
        char wanted[INET6_ADDRSTRLEN];
        struct pdp__ip ip = {.v6 = true};
        char out[PDP__IP_TEXT_CAP];

        for (unsigned i = 0; i < 8; i++) {
            uint64_t group = (set >> i & 1u) != 0 ? 0x0a0b + i : 0;
            bytes[2 * i] = (unsigned char)(group >> 8);
            bytes[2 * i + 1] = (unsigned char)group;
            if (i < 4) {
                ip.bits.hi |= group << (48 - 16 * i);
            } else {
                ip.bits.lo |= group << (48 - 16 * (i - 4));
            }
        }
        assert_non_null(inet_ntop(AF_INET6, bytes, wanted, sizeof(wanted)));
        if (strchr(wanted, '.') != NULL) {
            continue;
        }
        pdp_str_t got = pdp__ip_render(&ip, out);
        if (!pdp__str_eq(got, pdp__str_z(wanted))) {
            fail_msg("%.*s, not %s", (int)got.len, got.ptr, wanted);
        }
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_spelling),
        cmocka_unit_test(all_sets_of_zero_groups),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
