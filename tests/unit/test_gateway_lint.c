/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include "gateway/lint.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/*
 * What is found, and what is not, in a server that is otherwise as it should
 * be.  Every code has a golden run in tests/tool/gateway.sh; here are the
 * limits of the rules: one word more or less, and the finding comes or goes.
 */

static const char before[] =
    "map $pdp_uri $pdp_scheme { default ''; '~^/' http; }"
    "upstream pdpd { server unix:/s; keepalive 4; }"
    "server { merge_slashes off; auth_request /_pdp;"
    "auth_request_set $pdp_at_action $upstream_http_x_pdp_at_action;"
    "auth_request_set $pdp_principal $upstream_http_x_pdp_principal;"
    "auth_request_set $pdp_account $upstream_http_x_pdp_account;"
    "auth_request_set $pdp_uri $upstream_http_x_pdp_uri;";

static const char ask[] =
    "location = /_pdp { internal; proxy_pass http://pdpd;"
    "proxy_set_header X-Original-Method $request_method;"
    "proxy_set_header X-Original-URI $request_uri;"
    "proxy_set_header X-Real-IP $remote_addr;"
    "proxy_set_header X-Request-ID $request_id;"
    "proxy_set_header Host $http_host; proxy_set_header Connection '';"
    "proxy_set_header Content-Length ''; proxy_pass_request_body off;"
    "proxy_http_version 1.1; proxy_read_timeout 2s; client_max_body_size 0;"
    "%s }";

static const char forward[] =
    "proxy_pass_request_headers off;"
    "proxy_set_header Account $pdp_account;"
    "proxy_set_header Host $http_host;"
    "proxy_pass $pdp_scheme://registry$pdp_uri$is_args$args;";

static bool
find_none(void *context, const char *pattern, char ***paths, size_t *cnt)
{
    (void)context;
    (void)pattern;
    *paths = NULL;
    *cnt = 0;
    return false;
}

static bool
read_text(void *context, const char *path, struct pdp__file *out)
{
    (void)path;
    *out = (struct pdp__file){0};
    out->text = pdp__heap_copy(pdp__str_z(context));
    out->len = strlen(out->text);
    return true;
}

/* The codes that are found, with the first letter of their severity. */
static void
assert_finds(const char *text, const char *want)
{
    char copy[8192];
    struct pdp__ngx_conf conf;
    struct pdp__gateway_lint lint;
    struct pdp__string got = {0};
    assert_true(strlen(text) < sizeof(copy));
    memcpy(copy, text, strlen(text) + 1);
    const struct pdp__ngx_source source = {copy, find_none, read_text};
    pdp__ngx_conf_read(&conf, "n.conf", NULL, &source);
    pdp__gateway_lint(&lint, &conf);
    pdp__string_z(&got, "");
    for (size_t i = 0; i < lint.cnt; i++) {
        static const char letters[] = "NWE";
        pdp__string_fmt(&got, "%s%c:%s", i > 0 ? " " : "",
            letters[lint.items[i].severity],
            pdp__gateway_code_name(lint.items[i].code));
    }
    if (got.len > 0 || want[0] != '\0') {
        assert_string_equal(got.len > 0 ? got.ptr : "", want);
    }
    pdp__string_free(&got);
    pdp__gateway_lint_free(&lint);
    pdp__ngx_conf_free(&conf);
}

/* In the server; in the location that asks; in the one that forwards. */
static void
assert_server_finds(const char *server, const char *asking,
    const char *location, const char *want)
{
    struct pdp__string text = {0};
    pdp__string_z(&text, before);
    pdp__string_fmt(&text, ask, asking);
    pdp__string_fmt(&text, "%s location / { %s %s } }", server, forward,
        location);
    assert_finds(text.ptr, want);
    pdp__string_free(&text);
}

static void
test_the_guarded_server_is_clean(void **state)
{
    (void)state;
    assert_server_finds("", "", "", "");
    assert_server_finds("location = /x { deny all; }", "", "", "");
}

static void
test_other_checks_decide_what_satisfy_any_means(void **state)
{
    (void)state;
    assert_server_finds("satisfy all; allow all;", "", "", "");
    assert_server_finds("satisfy any;", "", "", "W:satisfy_any");
    assert_server_finds("satisfy any; auth_basic off;", "", "",
        "W:satisfy_any");
    assert_server_finds("satisfy any; auth_basic x;", "", "", "E:satisfy_any");
    assert_server_finds("satisfy aNY; auth_basic x;", "", "", "E:satisfy_any");
    assert_server_finds("satisfy any;", "", "allow 10.0.0.0/8;",
        "E:satisfy_any");
}

static void
test_error_pages_are_judged_by_where_they_lead(void **state)
{
    const char *open = "location @o { auth_request off; proxy_pass http://o; }";
    struct pdp__string text = {0};
    (void)state;
    assert_server_finds("error_page 403 /x.html;", "", "", "");
    assert_server_finds("error_page 403 =403 /x.html;", "", "", "");
    assert_server_finds("error_page 404 =200 /x.html;", "", "", "");
    assert_server_finds("error_page 403 =200 /x.html;", "", "",
        "W:error_page_status");
    assert_server_finds("error_page 401 https://login.example/;", "", "",
        "W:error_page_status");
    /* 5xx of the daemon itself */
    assert_server_finds("error_page 502 =503 /x.html;", "", "", "");
    assert_server_finds("error_page 502 =200 /x.html;", "", "",
        "E:auth_error_page");
    assert_server_finds("error_page 502 = /x.html;", "error_page 404 /x;", "",
        "");
    assert_server_finds("", "error_page 403 =200 /x;", "", "");
    assert_server_finds("",
        "error_page 403 =200 /x; "
        "proxy_intercept_errors on;",
        "", "E:auth_error_page");
    pdp__string_fmt(&text, "error_page 404 @o; %s", open);
    assert_server_finds(text.ptr, "", "",
        "W:error_page_escape E:auth_off N:unprotected_proxy");
    text.len = 0;
    pdp__string_fmt(&text, "error_page 403 @o; %s", open);
    assert_server_finds(text.ptr, "", "",
        "E:error_page_escape E:auth_off N:unprotected_proxy");
    /* the server's own is in force until a location is chosen */
    assert_server_finds(text.ptr, "error_page 404 /x;", "error_page 404 /x;",
        "E:error_page_escape E:auth_off N:unprotected_proxy");
    pdp__string_free(&text);
}

static void
test_denials_may_come_before_the_question(void **state)
{
    (void)state;
    assert_server_finds("location = /x { return 404; }", "", "", "");
    assert_server_finds("location = /x { return 444; }", "", "", "");
    assert_server_finds("location = /x { return 399; }", "", "",
        "W:answer_before_auth");
    assert_server_finds("location = /x { return 200 ok; }", "", "",
        "W:answer_before_auth");
    assert_server_finds("location = /x { auth_request off; return 200 ok; }",
        "", "", "N:auth_off");
}

static void
test_asking_has_limits(void **state)
{
    (void)state;
    assert_server_finds("", "proxy_set_header X-Original-URI $request_uri;", "",
        "W:contract_twice");
    assert_server_finds("", "proxy_cache x;", "", "E:auth_cache_key");
    assert_server_finds("", "proxy_cache off;", "", "");
    assert_server_finds("proxy_cache x;", "proxy_cache off;", "",
        "W:response_cached");
    assert_server_finds(
        "proxy_cache x; proxy_cache_key $pdp_account$host$request_uri;",
        "proxy_cache off;", "", "N:response_cached");
    assert_server_finds(
        "proxy_cache x; proxy_cache_key $http_account$host$request_uri;",
        "proxy_cache off;", "", "W:response_cached");
    assert_server_finds("", "proxy_set_header Authorization '';", "",
        "W:credential_cleared");
    assert_server_finds("",
        "proxy_set_header Authorization $http_authorization;", "", "");
    assert_server_finds("", "return 200;", "", "E:auth_answers");
    assert_server_finds("", "if ($a) { return 299; }", "", "E:auth_answers");
    assert_server_finds("", "if ($a) { return 300; }", "", "");
    assert_server_finds("", "if ($a) { return 403; }", "", "");
    assert_server_finds("", "if ($a) { proxy_pass http://pdpd; }", "",
        "E:auth_answers");
    assert_server_finds("", "dav_methods OFF;", "", "");
    assert_server_finds("", "empty_gif;", "", "E:auth_answers W:other_handler");
    assert_server_finds("", "proxy_pass http://unix:/$ARG_x;", "",
        "E:variable_upstream W:auth_remote W:keepalive");
    /* the upstream gets no header of the client */
    assert_server_finds("", "proxy_set_header X-HTTP-Method '';", "", "");
    assert_server_finds("", "proxy_set_header X-HTTP-Method '';",
        "proxy_set_header X-HTTP-Method $http_x_http_method;",
        "E:override_hidden W:lookalike_passed");
    assert_server_finds("", "proxy_set_header X-HTTP-Method $http_y;",
        "proxy_set_header X-HTTP-Method $http_x_http_method;",
        "E:override_hidden W:lookalike_passed");
    assert_server_finds("",
        "proxy_set_header X-HTTP-Method $http_x_http_method;",
        "proxy_set_header X-HTTP-Method $http_x_http_method;",
        "W:lookalike_passed");
    assert_server_finds("", "proxy_set_header X-HTTP-Method '';",
        "proxy_set_header X-HTTP-Method '';", "");
}

static void
test_consents_of_error_pages_have_any_spelling(void **state)
{
    (void)state;
    assert_server_finds("", "error_page 502 =0 /x;", "", "E:auth_error_page");
    assert_server_finds("", "error_page 0502 =0299 /x;", "",
        "E:auth_error_page");
    assert_server_finds("", "error_page 502 =0300 /x;", "", "");
    assert_server_finds("", "error_page 429 = /x; limit_req zone=x;", "", "");
    assert_server_finds("",
        "error_page 429 = /x; limit_req zone=x; limit_req_status 429;", "",
        "E:auth_error_page");
}

static void
test_what_is_forwarded_is_what_was_judged(void **state)
{
    (void)state;
    assert_server_finds("", "", "set $x y; rewrite_log on;", "");
    assert_server_finds("", "", "set $args y;", "E:variable_redefined");
    assert_server_finds("", "", "set ${args} y;", "E:variable_redefined");
    assert_server_finds("", "", "if ($a ~ \"(?<x>.)(?P<ARGS>.)\") { }",
        "N:if_before_auth E:variable_redefined");
    assert_server_finds("", "", "if ($a ~ \"(?<!args>)(?'x'.)\") { }",
        "N:if_before_auth");
    assert_server_finds("map $a $http_x { }", "", "", "E:variable_redefined");
    assert_server_finds("set $pdp_uri x;", "", "", "E:variable_redefined");
    /* the last one is in force */
    assert_server_finds("auth_request_set $pdp_uri $uri;", "", "",
        "E:variable_redefined E:uri_part");
    /* elsewhere it harms nobody */
    assert_server_finds("location /x { auth_request off; set $args y; "
                        "return 200; }",
        "", "", "N:auth_off");
}

static void
test_headers_are_what_was_judged(void **state)
{
    (void)state;
    assert_server_finds("", "", "proxy_set_header ACCOUNT $pdp_account;", "");
    assert_server_finds("", "", "proxy_set_header Account x$pdp_account;",
        "E:account_not_judged");
    assert_server_finds("", "", "proxy_set_header Host ${http_host};", "");
    assert_server_finds("", "", "proxy_set_header Authorization 'Basic eA==';",
        "");
    assert_server_finds("", "", "proxy_set_header Authorization $a;",
        "W:credential_changed");
    assert_server_finds("", "", "proxy_set_header Connection close;", "");
    assert_server_finds("", "", "proxy_set_header Connection $a;",
        "W:upgrade_passed");
    assert_server_finds("", "", "proxy_set_header Upgrade '';", "");
    assert_server_finds("", "", "proxy_set_header Transfer-Encoding '';", "");
    assert_server_finds("", "", "proxy_set_header Transfer_Encoding $a;",
        "W:framing_set");
    assert_server_finds("", "",
        "proxy_pass_request_body off; proxy_set_header Content-Length '';",
        "W:body_replaced");
    assert_server_finds("", "", "proxy_pass_request_body off;",
        "W:framing_set W:body_replaced");
}

/* One handler is in force, the last one; and what no rule knows is told. */
static void
test_nothing_is_passed_over_in_silence(void **state)
{
    (void)state;
    assert_server_finds("", "", "uwsgi_pass unix:/t;", "W:other_protocol");
    assert_server_finds("", "", "uwsgi_pass unix:/s;",
        "E:auth_location W:other_protocol");
    assert_server_finds("location /x { root /x; }", "", "", "W:other_handler");
    assert_server_finds("location ^~ /x { root /x; }", "", "",
        "W:other_handler");
    assert_server_finds("location = /x { root /x; }", "", "", "");
    assert_server_finds("location /x { internal; root /x; }", "", "", "");
    assert_server_finds("location /x { deny all; }", "", "", "");
    assert_server_finds("location /o { auth_request off; mirror /m; root /x; } "
                        "location = /m { internal; proxy_pass http://n; }",
        "", "",
        "N:unprotected_files E:auth_off E:mirror_leak "
        "W:not_pdp_uri W:lookalike_passed W:account_not_judged "
        "W:host_not_judged");
    assert_server_finds("", "", "foo_bar x;", "W:directive_unknown");
    assert_server_finds("foo_bar x;", "", "", "W:directive_unknown");
    assert_server_finds("", "foo_bar x;", "", "W:directive_unknown");
    assert_server_finds("", "", "if ($a) { foo_bar x; }",
        "N:if_before_auth W:directive_unknown");
    assert_server_finds("location /x { auth_request off; foo_bar; return 200;"
                        "}",
        "", "", "N:auth_off");
    assert_server_finds("set_by_lua_file $a /x;", "", "", "W:code_not_read");
    assert_server_finds("set_real_ip_from 128.0.0.0/1;", "", "",
        "W:real_ip_anyone");
    assert_server_finds("set_real_ip_from 10.0.0.0/8;", "", "", "");
    assert_server_finds("set_real_ip_from unix:;", "", "", "");
}

static void
test_parts_of_configurations_are_read(void **state)
{
    (void)state;
    assert_finds("", "E:no_auth_request");
    assert_finds("location / { proxy_pass http://a; }", "E:no_auth_request");
    assert_finds("server { return 301 https://a; }", "E:no_auth_request");
    assert_finds("include x;", "E:include_missing");
    assert_finds("a {", "E:conf_syntax");
}

/* Directives without what they need are nginx's business. */
static void
test_words_that_are_missing_harm_nobody(void **state)
{
    (void)state;
    assert_server_finds(
        "error_page; error_page 403; satisfy; mirror; rewrite; set_real_ip_from"
        "; log_format; log_format x; auth_request_set; proxy_set_header;",
        "proxy_cache_key; proxy_read_timeout 2s;", "mirror; ssi; try_files;",
        "W:rewrite_before_auth W:try_files");
    assert_server_finds("location { } location = { } location ~ { }", "", "",
        "");
    assert_finds("auth_request; location / { proxy_pass; error_page 403 =; }",
        "E:no_auth_request");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_guarded_server_is_clean),
        cmocka_unit_test(test_other_checks_decide_what_satisfy_any_means),
        cmocka_unit_test(test_error_pages_are_judged_by_where_they_lead),
        cmocka_unit_test(test_denials_may_come_before_the_question),
        cmocka_unit_test(test_asking_has_limits),
        cmocka_unit_test(test_consents_of_error_pages_have_any_spelling),
        cmocka_unit_test(test_what_is_forwarded_is_what_was_judged),
        cmocka_unit_test(test_headers_are_what_was_judged),
        cmocka_unit_test(test_nothing_is_passed_over_in_silence),
        cmocka_unit_test(test_parts_of_configurations_are_read),
        cmocka_unit_test(test_words_that_are_missing_harm_nobody),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
