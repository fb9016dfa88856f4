/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
/* Stage 1: method and the headers that decide. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "fixture.h"

#define PUBLIC_TARGET "/api/v1/messages"

static void
methods_that_are_no_upper_case_token(void **state)
{
    static const char *const bad[] = {"", "get", "Get", "GET ", " GET", "G/T",
        "G\tT", "GET\r", "G(T", "G\177T", "G\xc3\x89T", "GE,T"};
    char long_method[66];

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_reason(decide(&fixture, bad[i], PUBLIC_TARGET, NULL),
            "bad_method");
    }
    memset(long_method, 'A', 65);
    long_method[65] = '\0';
    assert_reason(decide(&fixture, long_method, PUBLIC_TARGET, NULL),
        "bad_method");
    long_method[64] = '\0';
    assert_reason(decide(&fixture, long_method, PUBLIC_TARGET, NULL),
        "method_not_allowed");
    assert_reason(decide(&fixture, "G_T!#$%&'*+-.^`|~9", PUBLIC_TARGET, NULL),
        "method_not_allowed");
}

/* Each byte there is, alone and behind another one. */
static void
characters_of_methods(void **state)
{
    static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                  "!#$%&'*+-.^_`|~";

    (void)state;
    for (int c = 0; c < 256; c++) {
        char method[2] = {'X', (char)c};
        pdp_reason_t expected = c != 0 && strchr(allowed, c) != NULL
                                    ? PDP_REASON_METHOD_NOT_ALLOWED
                                    : PDP_REASON_BAD_METHOD;

        request(&fixture, "GET", PUBLIC_TARGET);
        fixture.request.method = (pdp_str_t){method, 2};
        assert_int_equal(judge(&fixture), expected);
        fixture.request.method = (pdp_str_t){method + 1, 1};
        assert_int_equal(judge(&fixture), expected);
    }
}

static void
a_nul_in_the_method(void **state)
{
    (void)state;
    request(&fixture, "GET", PUBLIC_TARGET);
    fixture.request.method = (pdp_str_t){"GET\0", 4};
    assert_int_equal(judge(&fixture), PDP_REASON_BAD_METHOD);
    fixture.request.method = (pdp_str_t){NULL, 0};
    assert_int_equal(judge(&fixture), PDP_REASON_BAD_METHOD);
}

static void
override_headers_in_any_case(void **state)
{
    static const char *const names[] = {"X-HTTP-Method-Override",
        "x-http-method-override", "X-HTTP-Method", "X-METHOD-OVERRIDE",
        "X_HTTP_Method_Override", "X-HTTP_Method"};

    (void)state;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        request(&fixture, "GET", PUBLIC_TARGET);
        header(&fixture, names[i], "GET");
        assert_int_equal(judge(&fixture), PDP_REASON_METHOD_OVERRIDE);
        request(&fixture, "GET", PUBLIC_TARGET);
        header(&fixture, names[i], "");
        assert_int_equal(judge(&fixture), PDP_REASON_METHOD_OVERRIDE);
    }
    request(&fixture, "GET", PUBLIC_TARGET);
    header(&fixture, "X-HTTP-Method-Overrid", "DELETE");
    assert_int_equal(judge(&fixture), PDP_REASON_PUBLIC);
}

static void
headers_given_twice(void **state)
{
    static const char *const names[][2] = {{"Authorization", "authorization"},
        {"Account", "ACCOUNT"}, {"Host", "host"}};

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        request(&fixture, "GET", PUBLIC_TARGET);
        header(&fixture, names[i][0], "a");
        assert_int_equal(judge(&fixture), PDP_REASON_PUBLIC);
        header(&fixture, names[i][1], "a");
        assert_int_equal(judge(&fixture), PDP_REASON_AMBIGUOUS_HEADER);
    }
    request(&fixture, "GET", PUBLIC_TARGET);
    header(&fixture, "Host", "");
    header(&fixture, "Host", NULL);
    assert_int_equal(judge(&fixture), PDP_REASON_AMBIGUOUS_HEADER);
}

static void
an_empty_account(void **state)
{
    (void)state;
    request(&fixture, "GET", PUBLIC_TARGET);
    header(&fixture, "Account", "");
    assert_int_equal(judge(&fixture), PDP_REASON_AMBIGUOUS_HEADER);
    request(&fixture, "GET", PUBLIC_TARGET);
    header(&fixture, "Account", NULL);
    assert_int_equal(judge(&fixture), PDP_REASON_AMBIGUOUS_HEADER);
}

/* Servers cut a malformed Host at different places. */
static void
hosts_that_are_no_host(void **state)
{
    static const char *const bad[] = {"us.icr.io:x", "us.icr.io:443x",
        "us.icr.io:80:80", "us.icr.io..", "us..icr.io", ".us.icr.io",
        "us.icr.io ", " us.icr.io", "x@us.icr.io", "us.icr.io,", "us.icr.io/",
        ":443", ".", "us.icr.io\t", "[::1", "[::1]x", "\xc3\xa9.example",
        "us.icr.io:80/", "us.icr.io:80:", "us.icr.io:/", "us]icr.io",
        "us[icr.io", "us.icr.io]", "[::1 ]", "[::1%25eth0]", "[a/b]",
        "[::1]443", "`.example", "{.example", "@.example", "us.icr.io^"};
    static const char *const good[] = {"us.icr.io", "us.icr.io.",
        "US.icr.io:443", "us.icr.io:", "localhost", "10.0.0.1:8443",
        "[2001:db8::1]", "[::1]:443", "my_gateway", "", "az.AZ-09:9080",
        "[::ffff:10.0.0.9]:0", "[::1]:"};

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        request(&fixture, "GET", PUBLIC_TARGET);
        header(&fixture, "Host", bad[i]);
        if (judge(&fixture) != PDP_REASON_AMBIGUOUS_HEADER) {
            fail_msg("%s", bad[i]);
        }
    }
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        request(&fixture, "GET", PUBLIC_TARGET);
        header(&fixture, "Host", good[i]);
        if (judge(&fixture) != PDP_REASON_PUBLIC) {
            fail_msg("%s", good[i]);
        }
    }
}

/* A bracket behind the value has no part in it; the exact copy lets
 * sanitizers see an overrun. */
static void
an_address_cut_short(void **state)
{
    static const char host[] = "[::1]";

    (void)state;
    for (size_t len = 1; len <= 5; len++) {
        char *copy = malloc(len);
        const char *const places[] = {host, copy};

        assert_non_null(copy);
        memcpy(copy, host, len);
        for (size_t i = 0; i < 2; i++) {
            request(&fixture, "GET", PUBLIC_TARGET);
            header(&fixture, "Host", "");
            fixture.headers[0].value = (pdp_str_t){places[i], len};
            assert_int_equal(judge(&fixture),
                len < 5 ? PDP_REASON_AMBIGUOUS_HEADER : PDP_REASON_PUBLIC);
        }
        free(copy);
    }
}

static void
other_headers_do_not_matter(void **state)
{
    (void)state;
    request(&fixture, "GET", PUBLIC_TARGET);
    header(&fixture, "X-Original-URI", "/api/v1/auth");
    header(&fixture, "X-Original-URI", "/x");
    header(&fixture, "Accounts", "");
    header(&fixture, "", "");
    assert_int_equal(judge(&fixture), PDP_REASON_PUBLIC);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(methods_that_are_no_upper_case_token),
        cmocka_unit_test(characters_of_methods),
        cmocka_unit_test(a_nul_in_the_method),
        cmocka_unit_test(override_headers_in_any_case),
        cmocka_unit_test(headers_given_twice),
        cmocka_unit_test(an_empty_account),
        cmocka_unit_test(hosts_that_are_no_host),
        cmocka_unit_test(an_address_cut_short),
        cmocka_unit_test(other_headers_do_not_matter),
    };

    return cmocka_run_group_tests(tests, load_default, teardown);
}
