/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include "pdp-fetch/url.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* Which URLs keys may come from.  More on http, by its number, stands in
 * tests/named/test_key_fetching.c. */

static void
assert_open(const char *text, bool loopback)
{
    struct pdp__url url;
    assert_null(pdp__url_open(text, &url));
    assert_non_null(url.handle);
    assert_int_equal(url.loopback, loopback);
    pdp__url_close(&url);
    assert_null(url.handle);
}

static void
assert_refused(const char *text, const char *why)
{
    struct pdp__url url;
    const char *got = pdp__url_open(text, &url);
    assert_non_null(got);
    assert_string_equal(got, why);
    assert_null(url.handle);
    assert_false(url.loopback);
    pdp__url_close(&url);
}

static void
test_https_is_no_loopback(void **state)
{
    (void)state;
    assert_open("https://keys.example.com/jwks", false);
    assert_open("https://127.0.0.1:8443/jwks", false);
}

static void
test_http_may_stay_on_this_machine(void **state)
{
    (void)state;
    assert_open("http://127.0.0.1/", true);
    assert_open("http://127.255.3.4:8080/keys", true);
    assert_open("http://localhost:8080/keys", true);
    assert_open("http://[::1]:8080/keys", true);
}

static void
test_other_schemes_are_refused(void **state)
{
    (void)state;
    assert_refused("file:///etc/passwd", "it is not a URL");
    assert_refused("file://localhost/etc/passwd", "its scheme is not https");
    assert_refused("ftp://127.0.0.1/", "its scheme is not https");
    assert_refused("gopher://127.0.0.1/", "its scheme is not https");
    assert_refused("unix://x/", "it is not a URL");
}

static void
test_users_and_fragments_are_refused(void **state)
{
    (void)state;
    const char *user = "it has a user or a password";
    assert_refused("https://me@example.com/", user);
    assert_refused("https://me:secret@example.com/", user);
    assert_refused("https://:secret@example.com/", user);
    assert_refused("http://127.0.0.1@example.com/", user);
    assert_refused("https://example.com/#keys", "it has a fragment");
}

static void
test_what_is_no_url_is_refused(void **state)
{
    (void)state;
    const char *bytes = "it has a byte that is not printable ASCII";
    assert_refused("https://example.com/\r\nHost: x", bytes);
    assert_refused("https://exa mple.com/", bytes);
    assert_refused("https://ex\xc3\xa4mple.com/", bytes);
    assert_refused("", "it is not a URL");
    assert_refused("https://", "it is not a URL");
    assert_refused("https:///keys", "it is not a URL");
    assert_refused("https:/keys", "it is not a URL");
    assert_refused("https:keys", "it is not a URL");
    assert_refused("keys.example.com", "it is not a URL");
    assert_refused("https://example.com:99999/", "it is not a URL");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_https_is_no_loopback),
        cmocka_unit_test(test_http_may_stay_on_this_machine),
        cmocka_unit_test(test_other_schemes_are_refused),
        cmocka_unit_test(test_users_and_fragments_are_refused),
        cmocka_unit_test(test_what_is_no_url_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
