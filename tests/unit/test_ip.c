/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>
#include <jansson.h>

#include "text/ip.h"

/* Addresses, ranges, subnets: the forms of JSON Schema's test suite where
 * they are there (PDP_VECTORS), and edges of our own. */

static pdp_str_t
str(const char *text)
{
    return pdp__str_z(text);
}

static void
assert_ip(const char *text, bool v6, uint64_t hi, uint64_t lo)
{
    struct pdp__ip ip;

    if (!pdp__ip_parse(str(text), &ip)) {
        fail_msg("%s is refused", text);
    }
    assert_int_equal(ip.v6, v6);
    assert_int_equal(ip.bits.hi, hi);
    assert_int_equal(ip.bits.lo, lo);
}

static void
test_v4(void **state)
{
    (void)state;
    assert_ip("0.0.0.0", false, 0, 0);
    assert_ip("255.255.255.255", false, 0, UINT32_MAX);
    assert_ip("192.0.2.1", false, 0, 0xC0000201);
}

static void
test_v6(void **state)
{
    (void)state;
    assert_ip("::", true, 0, 0);
    assert_ip("::1", true, 0, 1);
    assert_ip("2001:db8::A:b", true, 0x20010db800000000, 0xa000b);
    assert_ip("1:2:3:4:5:6:7:8", true, 0x1000200030004, 0x5000600070008);
    assert_ip("1:2:3:4:5:6:7::", true, 0x1000200030004, 0x5000600070000);
    assert_ip("::2:3:4:5:6:7:8", true, 0x200030004, 0x5000600070008);
    assert_ip("0001::", true, 0x1000000000000, 0);
    assert_ip("64:ff9b::192.0.2.1", true, 0x64ff9b00000000, 0xC0000201);
    assert_ip("1:2:3:4:5:6:1.2.3.4", true, 0x1000200030004, 0x5000601020304);
}

/* However it is written, a mapped address is the IPv4 address. */
static void
test_mapped(void **state)
{
    (void)state;
    assert_ip("::ffff:192.0.2.1", false, 0, 0xC0000201);
    assert_ip("::FFFF:c000:201", false, 0, 0xC0000201);
    assert_ip("0:0:0:0:0:ffff:192.0.2.1", false, 0, 0xC0000201);
    assert_ip("::ffff:0:0", false, 0, 0);
    /* Their neighbours are not. */
    assert_ip("::fffe:ffff:ffff", true, 0, 0xfffeffffffff);
    assert_ip("::1:0:0:0", true, 0, 0x1000000000000);
    assert_ip("::192.0.2.1", true, 0, 0xC0000201);
}

static void
test_refused(void **state)
{
    (void)state;
    static const char *const texts[] = {"", "1", "1.2.3", "1.2.3.4.5",
        "1.2.3.256", "01.2.3.4", "1.2.3.04", "1.2.3.", ".1.2.3", "1..2.3",
        "1.2.3.4 ", " 1.2.3.4", "1.2.3.4:80", "0x1.2.3.4", "1.2.3.4/32",
        "1000.2.3.4", "a.b.c.d", ":", ":::", "1::2::3", "1:2:3:4:5:6:7",
        "1:2:3:4:5:6:7:8:9", "1:2:3:4:5:6:7:8::", "::1:2:3:4:5:6:7:8",
        "1:2:3:4::5:6:7:8", "1:", ":1", "1::2:", "12345::", "::g", "[::1]",
        "fe80::1%eth0", "::1/128", "1:2:3:4:5:6:7:1.2.3.4", "::1.2.3",
        "::1.2.3.4:5", "::01.2.3.4", "1.2.3.4::", "::1 ", "unix:"};

    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        struct pdp__ip ip;
        if (pdp__ip_parse(str(texts[i]), &ip)) {
            fail_msg("\"%s\" is taken", texts[i]);
        }
    }
    struct pdp__ip ip;
    assert_false(pdp__ip_parse(pdp__str("1.2.3.4\0", 8), &ip));
    assert_false(pdp__ip_parse((pdp_str_t){NULL, 0}, &ip));
}

static void
assert_span(bool good, bool v6, const struct pdp__ip_span *span, bool wanted_v6,
    const char *first, const char *last)
{
    struct pdp__ip a;
    struct pdp__ip b;

    assert_true(good);
    assert_int_equal(v6, wanted_v6);
    assert_true(pdp__ip_parse(str(first), &a));
    assert_true(pdp__ip_parse(str(last), &b));
    assert_int_equal(pdp__ip_cmp(span->first, a.bits), 0);
    assert_int_equal(pdp__ip_cmp(span->last, b.bits), 0);
}

static void
test_ranges(void **state)
{
    (void)state;
    struct pdp__ip_span span;
    bool v6 = true;
    bool good = pdp__ip_range(str("10.0.0.9-10.0.1.3"), &v6, &span);

    assert_span(good, v6, &span, false, "10.0.0.9", "10.0.1.3");
    good = pdp__ip_range(str("10.0.0.9-10.0.0.9"), &v6, &span);
    assert_span(good, v6, &span, false, "10.0.0.9", "10.0.0.9");
    good = pdp__ip_range(str("::1-2001:db8::"), &v6, &span);
    assert_span(good, v6, &span, true, "::1", "2001:db8::");
    good = pdp__ip_range(str("::ffff:10.0.0.1-10.0.0.2"), &v6, &span);
    assert_span(good, v6, &span, false, "10.0.0.1", "10.0.0.2");
    static const char *const bad[] = {"", "-", "10.0.0.1", "10.0.0.1-",
        "-10.0.0.1", "10.0.0.2-10.0.0.1", "10.0.0.1 - 10.0.0.2", "10.0.0.1-::1",
        "::-::ffff:1.2.3.4", "10.0.0.1-10.0.0.2-10.0.0.3", "10.0.0.1-9",
        "::2-::1"};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        if (pdp__ip_range(str(bad[i]), &v6, &span)) {
            fail_msg("\"%s\" is taken", bad[i]);
        }
    }
}

static void
test_subnets(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool v6;
        const char *first, *last;
    } cases[] = {
        {"192.0.2.0/24", false, "192.0.2.0", "192.0.2.255"},
        {"192.0.2.77/24", false, "192.0.2.0", "192.0.2.255"},
        {"0.0.0.0/0", false, "0.0.0.0", "255.255.255.255"},
        {"192.0.2.7/32", false, "192.0.2.7", "192.0.2.7"},
        {"192.0.2.7/31", false, "192.0.2.6", "192.0.2.7"},
        {"2001:db8::/32", true,
            "2001:db8::", "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff"},
        {"2001:db8::/64", true, "2001:db8::", "2001:db8::ffff:ffff:ffff:ffff"},
        {"2001:db8::/65", true, "2001:db8::", "2001:db8::7fff:ffff:ffff:ffff"},
        {"2001:db8::/63", true,
            "2001:db8::", "2001:db8:0:1:ffff:ffff:ffff:ffff"},
        {"::/0", true, "::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"},
        {"::1/128", true, "::1", "::1"},
        {"::ffff:10.0.0.0/104", false, "10.0.0.0", "10.255.255.255"},
        {"::ffff:10.0.0.0/96", false, "0.0.0.0", "255.255.255.255"},
    };
    static const char *const bad[] = {"", "/", "192.0.2.0", "192.0.2.0/",
        "192.0.2.0/33", "192.0.2.0/024", "192.0.2.0/+8", "192.0.2/24",
        "192.0.2.0/24/24", "192.0.2.0/255.255.255.0", "::/129", "::/-1", "/24",
        "::/1000"};
    struct pdp__ip_span span;
    bool v6 = false;

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        bool good = pdp__ip_subnet(str(cases[i].text), &v6, &span);
        assert_span(good, v6, &span, cases[i].v6, cases[i].first,
            cases[i].last);
    }
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        if (pdp__ip_subnet(str(bad[i]), &v6, &span)) {
            fail_msg("\"%s\" is taken", bad[i]);
        }
    }
    /* Below the mapped prefix it is a subnet of IPv6, which holds no IPv4. */
    assert_true(pdp__ip_subnet(str("::ffff:10.0.0.0/95"), &v6, &span));
    assert_true(v6);
}

static void
test_order(void **state)
{
    (void)state;
    struct pdp__ip_bits low = {0, UINT64_MAX};
    struct pdp__ip_bits high = {1, 0};

    assert_true(pdp__ip_cmp(low, high) < 0);
    assert_true(pdp__ip_cmp(high, low) > 0);
    assert_int_equal(pdp__ip_cmp(high, high), 0);
    assert_true(pdp__ip_cmp((struct pdp__ip_bits){1, 1}, high) > 0);
}

/* One file of the vectors: what is valid as one family. */
static void
check_vectors(const char *name, bool v6)
{
    const char *root = getenv("PDP_VECTORS");
    char path[4096];
    size_t cnt = 0;

    if (root == NULL) {
        print_message("PDP_VECTORS is not set\n");
        skip();
    }
    snprintf(path, sizeof(path), "%s/date-time-formats/%s.json", root, name);
    json_t *groups = json_load_file(path, JSON_ALLOW_NUL, NULL);
    if (groups == NULL) {
        print_message("%s is not there\n", path);
        skip();
    }
    size_t i;
    size_t k;
    json_t *group;
    json_t *test;
    json_array_foreach(groups, i, group)
    {
        json_array_foreach(json_object_get(group, "tests"), k, test)
        {
            json_t *data = json_object_get(test, "data");
            struct pdp__ip ip;
            if (!json_is_string(data)) {
                continue;
            }
            pdp_str_t text = {json_string_value(data),
                json_string_length(data)};
            /* Which family a text is of, its first colon tells. */
            bool colon = memchr(text.ptr, ':', text.len) != NULL;
            bool taken = colon == v6 && pdp__ip_parse(text, &ip);
            if (taken != json_is_true(json_object_get(test, "valid"))) {
                fail_msg("\"%s\"", text.ptr);
            }
            cnt++;
        }
    }
    json_decref(groups);
    assert_true(cnt > 20);
}

static void
test_vectors_v4(void **state)
{
    (void)state;
    check_vectors("ipv4", false);
}

static void
test_vectors_v6(void **state)
{
    (void)state;
    check_vectors("ipv6", true);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_v4),
        cmocka_unit_test(test_v6),
        cmocka_unit_test(test_mapped),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_ranges),
        cmocka_unit_test(test_subnets),
        cmocka_unit_test(test_order),
        cmocka_unit_test(test_vectors_v4),
        cmocka_unit_test(test_vectors_v6),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
