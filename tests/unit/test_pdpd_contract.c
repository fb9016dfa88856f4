/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include "pdpd/contract.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "assert_text.h"

/*
 * Headers of a gateway -> request: what each contract reads, what it never
 * looks at, and what denies.
 */

#define S(text) ((pdp_str_t){(text), sizeof(text) - 1})

struct pair {
    const char *name;
    const char *value;
};

static const struct pair nginx[] = {
    {"X-Original-Method", "GET"},
    {"X-Original-URI", "/a?b"},
    {"X-Real-IP", "192.0.2.7"},
    {"X-Request-ID", "r1"},
};
static const struct pair ingress[] = {
    {"X-Original-Method", "GET"},
    {"X-Original-URL", "https://h.example:8443/a?b"},
    {"X-Real-IP", "192.0.2.7"},
    {"X-Request-ID", "r1"},
};
static const struct pair forwarded[] = {
    {"X-Forwarded-Method", "PUT"},
    {"X-Forwarded-Uri", "/a?b"},
    {"X-Forwarded-Host", "h.example"},
    {"X-Forwarded-For", "10.0.0.1 , 192.0.2.7"},
};
static const struct pair envoy[] = {
    {"X-Forwarded-For", "192.0.2.7"},
    {"X-Request-ID", "r1"},
};

static struct pdpd__reading reading;
static pdp_reason_t reason;

static void
begin(enum pdpd__contract contract)
{
    pdpd__contract_begin(&reading, contract,
        contract == PDPD__CONTRACT_EXT_AUTHZ ? S("/authz")
                                             : (pdp_str_t){NULL, 0});
}

static void
header(const char *name, const char *value)
{
    pdpd__contract_header(&reading, pdp__str_z(name), pdp__str_z(value));
}

static void
headers(const struct pair *list, size_t cnt, size_t without)
{
    for (size_t i = 0; i < cnt; i++) {
        if (i != without) {
            header(list[i].name, list[i].value);
        }
    }
}

static bool
end(void)
{
    return pdpd__contract_end(&reading, S("POST"), S("/authz/own?c"), &reason);
}

static void
assert_header(const char *name, const char *value)
{
    size_t seen = 0;
    for (size_t i = 0; i < reading.request.header_cnt; i++) {
        const pdp_header_t *one = &reading.request.headers[i];
        if (pdp__str_eq(one->name, pdp__str_z(name))) {
            assert_str(one->value, value);
            seen++;
        }
    }
    assert_int_equal(seen, value == NULL ? 0 : 1);
}

static void
assert_refused(pdp_reason_t wanted)
{
    assert_false(end());
    assert_string_equal(pdp_reason_name(reason), pdp_reason_name(wanted));
}

static void
test_nginx(void **state)
{
    (void)state;
    begin(PDPD__CONTRACT_NGINX);
    headers(nginx, 4, SIZE_MAX);
    header("Host", "us.icr.io");
    header("Authorization", "Bearer x");
    assert_true(end());
    assert_int_equal(reason, PDP_REASON_INTERNAL);
    assert_int_equal(reading.request.size, sizeof(reading.request));
    assert_str(reading.request.method, "GET");
    assert_str(reading.request.target, "/a?b");
    assert_str(reading.request.client_address, "192.0.2.7");
    assert_str(reading.request.request_id, "r1");
    assert_header("Host", "us.icr.io");
    assert_header("Authorization", "Bearer x");
    assert_header("Account", NULL);
}

static void
test_ingress_nginx(void **state)
{
    (void)state;
    begin(PDPD__CONTRACT_INGRESS_NGINX);
    headers(ingress, 4, SIZE_MAX);
    header("Host", "pdp.internal");
    assert_true(end());
    assert_str(reading.request.method, "GET");
    assert_str(reading.request.target, "/a?b");
    assert_str(reading.request.client_address, "192.0.2.7");
    assert_header("Host", "h.example:8443");
}

static void
test_forwarded(void **state)
{
    (void)state;
    begin(PDPD__CONTRACT_FORWARDED);
    headers(forwarded, 4, SIZE_MAX);
    header("Host", "pdp.internal");
    assert_true(end());
    assert_str(reading.request.method, "PUT");
    assert_str(reading.request.target, "/a?b");
    assert_str(reading.request.client_address, "192.0.2.7");
    assert_header("Host", "h.example");
}

static void
test_ext_authz(void **state)
{
    (void)state;
    begin(PDPD__CONTRACT_EXT_AUTHZ);
    headers(envoy, 2, SIZE_MAX);
    header("Host", "us.icr.io");
    assert_true(end());
    assert_str(reading.request.method, "POST");
    assert_str(reading.request.target, "/own?c");
    assert_str(reading.request.request_id, "r1");
    assert_header("Host", "us.icr.io");
}

static void
test_ext_authz_prefix_must_match(void **state)
{
    (void)state;
    begin(PDPD__CONTRACT_EXT_AUTHZ);
    headers(envoy, 2, SIZE_MAX);
    assert_false(
        pdpd__contract_end(&reading, S("GET"), S("/other/own"), &reason));
    assert_int_equal(reason, PDP_REASON_TARGET_FORM);
    assert_false(pdpd__contract_end(&reading, S("GET"), S("/auth"), &reason));
    assert_int_equal(reason, PDP_REASON_TARGET_FORM);
    /* What is left is judged as it stands: this is no path. */
    assert_true(
        pdpd__contract_end(&reading, S("GET"), S("/authzown"), &reason));
    assert_str(reading.request.target, "own");
}

struct table {
    enum pdpd__contract contract;
    const struct pair *list;
    size_t cnt;
};

static const struct table tables[] = {
    {PDPD__CONTRACT_NGINX, nginx, 4},
    {PDPD__CONTRACT_INGRESS_NGINX, ingress, 4},
    {PDPD__CONTRACT_FORWARDED, forwarded, 4},
    {PDPD__CONTRACT_EXT_AUTHZ, envoy, 2},
};

/* T23 */
static void
test_each_header_is_needed(void **state)
{
    (void)state;
    for (size_t t = 0; t < 4; t++) {
        for (size_t i = 0; i < tables[t].cnt; i++) {
            begin(tables[t].contract);
            headers(tables[t].list, tables[t].cnt, i);
            assert_refused(PDP_REASON_AMBIGUOUS_HEADER);
            header(tables[t].list[i].name, " \t ");
            assert_refused(PDP_REASON_AMBIGUOUS_HEADER);
        }
    }
}

/* T23 */
static void
test_no_header_twice(void **state)
{
    (void)state;
    for (size_t t = 0; t < 4; t++) {
        for (size_t i = 0; i < tables[t].cnt; i++) {
            begin(tables[t].contract);
            headers(tables[t].list, tables[t].cnt, SIZE_MAX);
            header(tables[t].list[i].name, tables[t].list[i].value);
            assert_refused(PDP_REASON_AMBIGUOUS_HEADER);
        }
    }
}

static void
test_no_twin_with_underscores(void **state)
{
    (void)state;
    for (size_t t = 0; t < 4; t++) {
        for (size_t i = 0; i < tables[t].cnt; i++) {
            char name[32];
            size_t len = strlen(tables[t].list[i].name);
            assert_true(len < sizeof(name));
            for (size_t c = 0; c <= len; c++) {
                char here = tables[t].list[i].name[c];
                name[c] = here == '-' ? '_' : here;
            }
            begin(tables[t].contract);
            headers(tables[t].list, tables[t].cnt, SIZE_MAX);
            header(name, "x");
            assert_refused(PDP_REASON_AMBIGUOUS_HEADER);
            begin(tables[t].contract);
            headers(tables[t].list, tables[t].cnt, i);
            header(name, tables[t].list[i].value);
            assert_refused(PDP_REASON_AMBIGUOUS_HEADER);
        }
    }
}

/* T25: headers of all the other contracts change nothing. */
static void
test_other_contracts_are_not_read(void **state)
{
    static const char *const names[] = {
        "X-Original-Method",
        "X-Original-URI",
        "X-Original-URL",
        "X-Forwarded-Method",
        "X-Forwarded-Uri",
        "X-Forwarded-Host",
        "X-Forwarded-For",
        "X-Forwarded-Proto",
        "X-Forwarded-Prefix",
        "X-Rewrite-URL",
        "X-Real-IP",
        "X-Request-ID",
        "Forwarded",
        "X-PDP-Reason",
    };
    (void)state;
    for (size_t t = 0; t < 4; t++) {
        begin(tables[t].contract);
        headers(tables[t].list, tables[t].cnt, SIZE_MAX);
        header("Host", "us.icr.io");
        assert_true(end());
        struct pdpd__reading before = reading;
        for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
            bool own = false;
            for (size_t k = 0; k < tables[t].cnt; k++) {
                own = own || strcmp(names[i], tables[t].list[k].name) == 0;
            }
            if (own) {
                continue;
            }
            begin(tables[t].contract);
            header(names[i], "/spoofed");
            headers(tables[t].list, tables[t].cnt, SIZE_MAX);
            header(names[i], "/spoofed");
            header("Host", "us.icr.io");
            assert_true(end());
            assert_str(reading.request.method, before.request.method.ptr);
            assert_true(
                pdp__str_eq(reading.request.target, before.request.target));
            assert_int_equal(reading.request.header_cnt,
                before.request.header_cnt);
        }
    }
}

/* T26 */
static void
test_override(void **state)
{
    static const char *const names[] = {
        "X-HTTP-Method-Override",
        "x_http_method_override",
        "X-HTTP-Method",
        "X-Http_Method",
        "X-Method-Override",
    };
    (void)state;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        begin(PDPD__CONTRACT_NGINX);
        headers(nginx, 4, SIZE_MAX);
        header(names[i], "");
        assert_refused(PDP_REASON_METHOD_OVERRIDE);
    }
}

static void
test_deciding_headers_once(void **state)
{
    static const char *const names[] = {"Authorization", "aCCount", "HOST"};
    (void)state;
    for (size_t i = 0; i < 3; i++) {
        begin(PDPD__CONTRACT_NGINX);
        headers(nginx, 4, SIZE_MAX);
        for (int n = 0; n < 100; n++) {
            header(names[i], "x");
        }
        assert_refused(PDP_REASON_AMBIGUOUS_HEADER);
        assert_true(reading.kept_cnt <= PDPD__KEPT_MAX);
    }
}

/* An empty header is there: the library decides what that means. */
static void
test_empty_account_is_kept(void **state)
{
    (void)state;
    begin(PDPD__CONTRACT_NGINX);
    headers(nginx, 4, SIZE_MAX);
    header("Account", " ");
    assert_true(end());
    assert_header("Account", "");
}

static void
test_white_space_around_values(void **state)
{
    (void)state;
    begin(PDPD__CONTRACT_NGINX);
    headers(nginx, 4, 1);
    header("x-original-uri", " \t/a b \t");
    assert_true(end());
    assert_str(reading.request.target, "/a b");
}

static void
test_original_url(void **state)
{
    static const struct {
        const char *url;
        const char *host;
        const char *target; /* host NULL: refused, target_form */
    } cases[] = {
        {"http://h/a", "h", "/a"},
        {"https://h", "h", ""},
        {"https://h?x=/a", "h", "?x=/a"},
        {"https://h#/a", "h", "#/a"},
        {"https://h\\@evil/a", "h", "\\@evil/a"},
        {"https://u@h/a", "u@h", "/a"},
        {"https:///a", "", "/a"},
        {"https://h//a", "h", "//a"},
        {"HTTPS://h/a", NULL, NULL},
        {"ftp://h/a", NULL, NULL},
        {"/a", NULL, NULL},
        {"https:/h/a", NULL, NULL},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        begin(PDPD__CONTRACT_INGRESS_NGINX);
        headers(ingress, 4, 1);
        header("X-Original-URL", cases[i].url);
        if (cases[i].host == NULL) {
            assert_refused(PDP_REASON_TARGET_FORM);
            continue;
        }
        assert_true(end());
        assert_header("Host", cases[i].host);
        assert_str(reading.request.target, cases[i].target);
    }
}

/* T50: nginx's own view, decoded once. */
static void
test_view(void **state)
{
    static const struct {
        const char *view;
        const char *path;
        bool agrees;
    } cases[] = {
        {NULL, "/a", true},
        {"/a", "/a", true},
        {"/a/b", "/a%2Fb", true},
        {"/a b:c", "/a%20b%3Ac", true},
        {"/a%2Fb", "/a%2Fb", false},
        {"/a", "/a/b", false},
        {"/a/b", "/a", false},
        {"/A", "/a", false},
        {"", "/a", false},
        {"/_pdp", "/a", false},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        begin(PDPD__CONTRACT_NGINX);
        headers(nginx, 4, SIZE_MAX);
        if (cases[i].view != NULL) {
            header("X-PDP-Norm-URI", cases[i].view);
        }
        assert_true(end());
        assert_int_equal(pdpd__contract_view_agrees(&reading,
                             pdp__str_z(cases[i].path)),
            cases[i].agrees);
    }
    begin(PDPD__CONTRACT_NGINX);
    headers(nginx, 4, SIZE_MAX);
    header("X-PDP-Norm-URI", "/a");
    header("x-pdp-norm-uri", "/a");
    assert_refused(PDP_REASON_AMBIGUOUS_HEADER);
    begin(PDPD__CONTRACT_FORWARDED);
    headers(forwarded, 4, SIZE_MAX);
    header("X-PDP-Norm-URI", "/b");
    assert_true(end());
    assert_true(pdpd__contract_view_agrees(&reading, S("/a")));
}

/* All-zero memory denies. */
static void
test_no_contract(void **state)
{
    (void)state;
    begin(PDPD__CONTRACT_NONE);
    headers(nginx, 4, SIZE_MAX);
    assert_refused(PDP_REASON_INTERNAL);
    begin(PDPD__CONTRACT_METRICS);
    assert_refused(PDP_REASON_INTERNAL);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nginx),
        cmocka_unit_test(test_ingress_nginx),
        cmocka_unit_test(test_forwarded),
        cmocka_unit_test(test_ext_authz),
        cmocka_unit_test(test_ext_authz_prefix_must_match),
        cmocka_unit_test(test_each_header_is_needed),
        cmocka_unit_test(test_no_header_twice),
        cmocka_unit_test(test_no_twin_with_underscores),
        cmocka_unit_test(test_other_contracts_are_not_read),
        cmocka_unit_test(test_override),
        cmocka_unit_test(test_deciding_headers_once),
        cmocka_unit_test(test_empty_account_is_kept),
        cmocka_unit_test(test_white_space_around_values),
        cmocka_unit_test(test_original_url),
        cmocka_unit_test(test_view),
        cmocka_unit_test(test_no_contract),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
