/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include "pdpd/config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "assert_text.h"

/*
 * pdpd.yaml -> configuration: defaults, each member, and what is refused,
 * with code, line and column.
 */

#include <stdio.h>

#include "base/report.h"
#include "pdpd/seccomp.h"

#define HEAD                                                                   \
    "format: pdpd/1\n"                                                         \
    "trust: trust.yaml\n"
#define LISTENER                                                               \
    "listeners:\n"                                                             \
    "  - {name: a, contract: nginx, socket: /run/a.sock, peers: [0]}\n"

static struct pdpd__config config;
static pdp_report_t *report;

static bool
parse(const char *text)
{
    pdp_mem_t mem = pdp__mem_default();
    pdpd__config_free(&config);
    pdp_report_free(report);
    report = pdp__report_new(&mem);
    assert_non_null(report);
    return pdpd__config_parse(&config, PDP__LIT("/etc/pdp/pdpd.yaml"),
        pdp__str_z(text), report);
}

static int
teardown(void **state)
{
    (void)state;
    pdpd__config_free(&config);
    pdp_report_free(report);
    report = NULL;
    return 0;
}

/* The one finding of a text. */
static void
assert_finding(const char *text, const char *code, uint32_t line,
    uint32_t column)
{
    pdp_finding_t finding = {.size = sizeof(finding)};
    assert_false(parse(text));
    if (pdp_report_count(report) != 1) {
        for (size_t i = 0; i < pdp_report_count(report); i++) {
            assert_int_equal(pdp_report_at(report, i, &finding), PDP_OK);
            print_message("%u:%u: %.*s\n", finding.line, finding.column,
                (int)finding.message.len, finding.message.ptr);
        }
    }
    assert_int_equal(pdp_report_count(report), 1);
    assert_int_equal(pdp_report_at(report, 0, &finding), PDP_OK);
    assert_str(finding.source, "/etc/pdp/pdpd.yaml");
    assert_str(finding.code, code);
    assert_int_equal(finding.line, line);
    assert_int_equal(finding.column, column);
}

static void
test_defaults(void **state)
{
    (void)state;
    assert_true(parse(HEAD LISTENER));
    assert_int_equal(config.listener_cnt, 1);
    const struct pdpd__listen *one = &config.listeners[0];
    assert_str(one->name, "a");
    assert_int_equal(one->contract, PDPD__CONTRACT_NGINX);
    assert_str(one->socket, "/run/a.sock");
    assert_str(one->host, NULL);
    assert_int_equal(one->mode, 0660);
    assert_false(one->has_group);
    assert_false(one->allow_caching);
    assert_int_equal(one->peer_cnt, 1);
    assert_int_equal(one->peers[0], 0);
    assert_int_equal(config.service_cnt, 0);
    assert_int_equal(config.policy_cnt, 0);
    assert_str(config.trust.path, "/etc/pdp/trust.yaml");
    assert_int_equal(config.trust.line, 2);
    assert_str(config.directory.path, NULL);
    assert_int_equal(config.workers, 2);
    assert_int_equal(config.limits.header_bytes, 16384);
    assert_int_equal(config.limits.connections, 1024);
    assert_int_equal(config.limits.idle_timeout_sec, 75);
    assert_int_equal(config.limits.header_timeout_sec, 2);
    assert_int_equal(config.keys.max_stale_sec, 0);
    assert_false(config.log_json);
    assert_int_equal(config.log_level, PDPD__LOG_INFO);
}

static void
test_every_member(void **state)
{
    (void)state;
    assert_true(parse(
        "format: pdpd/1\n"
        "listeners:\n"
        "  - name: one\n"
        "    contract: ingress-nginx\n"
        "    socket: run/one.sock\n"
        "    mode: 0600\n"
        "    group: root\n"
        "    peers: [root, 33]\n"
        "    allow_caching: true\n"
        "  - {name: two, contract: forwarded, address: '127.0.0.1:9',\n"
        "     endpoint_type: private}\n"
        "  - name: three\n"
        "    contract: ext-authz\n"
        "    address: '[::1]:65535'\n"
        "    prefix: /authz/v1\n"
        "services:\n"
        "  - definition: builtin\n"
        "  - definition: other.json\n"
        "policies: [policies, /srv/more.json]\n"
        "restrictions: [r.json]\n"
        "revocations: [v.json, /srv/v]\n"
        "directory: directory.json\n"
        "trust: trust.yaml\n"
        "keys: {max_stale: 2h, state: keys/state, refetch: /run/f, owner: 7}\n"
        "workers: 64\n"
        "limits:\n"
        "  header_bytes: 4096\n"
        "  connections: 65536\n"
        "  idle_timeout: 10m\n"
        "  header_timeout: 60\n"
        "metrics: {socket: m.sock, peers: [1], mode: '0660', group: 4}\n"
        "log: {format: json, level: debug}\n"));
    assert_int_equal(config.listener_cnt, 4);
    const struct pdpd__listen *list = config.listeners;
    assert_int_equal(list[0].contract, PDPD__CONTRACT_INGRESS_NGINX);
    assert_str(list[0].socket, "/etc/pdp/run/one.sock");
    assert_int_equal(list[0].mode, 0600);
    assert_true(list[0].has_group);
    assert_int_equal(list[0].group, 0);
    assert_int_equal(list[0].peer_cnt, 2);
    assert_int_equal(list[0].peers[0], 0);
    assert_int_equal(list[0].peers[1], 33);
    assert_true(list[0].allow_caching);
    assert_int_equal(list[1].contract, PDPD__CONTRACT_FORWARDED);
    assert_str(list[1].socket, NULL);
    assert_str(list[1].host, "127.0.0.1");
    assert_int_equal(list[1].port, 9);
    assert_int_equal(list[2].contract, PDPD__CONTRACT_EXT_AUTHZ);
    assert_str(list[2].host, "::1");
    assert_int_equal(list[2].port, 65535);
    assert_str(list[2].prefix, "/authz/v1");
    assert_int_equal(list[3].contract, PDPD__CONTRACT_METRICS);
    assert_int_equal(list[3].group, 4);
    assert_int_equal(config.service_cnt, 2);
    assert_str(config.services[0].path, NULL);
    assert_str(config.services[1].path, "/etc/pdp/other.json");
    assert_int_equal(config.services[1].line, 18);
    assert_int_equal(config.services[1].column, 17);
    assert_int_equal(config.policy_cnt, 2);
    assert_str(config.policies[0].path, "/etc/pdp/policies");
    assert_str(config.policies[1].path, "/srv/more.json");
    assert_int_equal(config.restriction_cnt, 1);
    assert_str(config.restrictions[0].path, "/etc/pdp/r.json");
    assert_int_equal(config.revocation_cnt, 2);
    assert_str(config.revocations[0].path, "/etc/pdp/v.json");
    assert_str(config.revocations[1].path, "/srv/v");
    assert_str(list[0].endpoint_type, NULL);
    assert_str(list[1].endpoint_type, "private");
    assert_str(config.directory.path, "/etc/pdp/directory.json");
    assert_int_equal(config.keys.max_stale_sec, 7200);
    assert_str(config.keys.state.path, "/etc/pdp/keys/state");
    assert_str(config.keys.refetch.path, "/run/f");
    assert_true(config.keys.has_owner);
    assert_int_equal(config.keys.owner, 7);
    assert_int_equal(config.workers, 64);
    assert_int_equal(config.limits.header_bytes, 4096);
    assert_int_equal(config.limits.connections, 65536);
    assert_int_equal(config.limits.idle_timeout_sec, 600);
    assert_int_equal(config.limits.header_timeout_sec, 60);
    assert_true(config.log_json);
    assert_int_equal(config.log_level, PDPD__LOG_DEBUG);
}

/* One listener on line 3; `@` stands before its fault, and is taken out.
 * Without one, the listener as a whole is at fault. */
static void
assert_listener(const char *members, const char *code)
{
    static const char head[] = HEAD "listeners: [{";
    char text[1024];
    const char *mark = strchr(members, '@');
    size_t before = mark == NULL ? 0 : (size_t)(mark - members);
    snprintf(text, sizeof(text), "%s%.*s%s}]\n", head, (int)before, members,
        mark == NULL ? members : mark + 1);
    assert_finding(text, code, 3,
        mark == NULL ? 13 : (uint32_t)(13 + before + 1));
}

static void
test_bad_listeners(void **state)
{
    static const struct {
        const char *members;
        const char *code;
    } cases[] = {
        {"name: a, contract: nginx, socket: s", "missing_member"},
        {"name: a, contract: nginx, peers: [0]", "bad_value"},
        {"name: a, contract: nginx, socket: s, address: '[::1]:1', peers: [0]",
            "bad_value"},
        {"name: a, contract: @ngix, socket: s, peers: [0]", "bad_value"},
        {"name: @A, contract: nginx, socket: s, peers: [0]", "bad_value"},
        {"name: @metrics, contract: nginx, socket: s, peers: [0]", "bad_value"},
        {"name: @'', contract: nginx, socket: s, peers: [0]", "bad_value"},
        {"name: a, contract: nginx, socket: s, peers: @[]", "bad_value"},
        {"name: a, contract: nginx, socket: s, peers: [@-1]", "bad_value"},
        {"name: a, contract: nginx, socket: s, peers: [@4294967295]",
            "bad_value"},
        {"name: a, contract: nginx, socket: s, peers: [@no such]",
            "unknown_name"},
        {"name: a, contract: nginx, socket: s, peers: @any", "wrong_type"},
        {"name: a, contract: nginx, socket: @'', peers: [0]", "bad_value"},
        {"name: a, contract: nginx, socket: s, peers: [0], group: @no such",
            "unknown_name"},
        {"name: a, contract: nginx, socket: s, peers: [0], prefix: @/p",
            "bad_value"},
        {"name: a, contract: nginx, socket: s, peers: [0], @x: 1",
            "unknown_member"},
        {"name: a, contract: nginx, address: '127.0.0.1:1', peers: @[0]",
            "bad_value"},
        {"name: a, contract: nginx, address: '127.0.0.1:1', mode: @'0600'",
            "bad_value"},
    };
    (void)state;
    assert_finding(HEAD, "missing_member", 1, 1);
    assert_finding(HEAD "listeners: []\n", "bad_value", 3, 12);
    assert_finding(HEAD "listeners: 7\n", "wrong_type", 3, 12);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_listener(cases[i].members, cases[i].code);
    }
}

static void
test_bad_modes(void **state)
{
    static const char *const modes[] = {"0666", "0777", "0661", "0400", "'660'",
        "00660", "0680", "rw"};
    (void)state;
    for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
        char text[256];
        snprintf(text, sizeof(text),
            "name: a, contract: nginx, socket: s, peers: [0], mode: @%s",
            modes[i]);
        assert_listener(text, "bad_value");
    }
}

/* Nothing but loopback, and nothing that somebody else could redirect. */
static void
test_bad_addresses(void **state)
{
    static const char *const addresses[] = {"0.0.0.0:80", "localhost:80",
        "127.0.0.2:80", "127.0.0.1", "127.0.0.1:", "127.0.0.1:0",
        "127.0.0.1:65536", "127.0.0.1:080", "127.0.0.1:80x", "[::]:80",
        "::1:80", "[::1]80", "192.0.2.1:80", ""};
    (void)state;
    for (size_t i = 0; i < sizeof(addresses) / sizeof(addresses[0]); i++) {
        char text[256];
        snprintf(text, sizeof(text), "name: a, contract: nginx, address: @'%s'",
            addresses[i]);
        assert_listener(text, "bad_value");
    }
}

static void
test_bad_prefixes(void **state)
{
    static const char *const prefixes[] = {"", "/", "a", "/a/", "//a", "/a//b",
        "/a%2F", "/a.b", "/..", "/a b", "/a?b"};
    (void)state;
    for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++) {
        char text[256];
        snprintf(text, sizeof(text),
            "name: a, contract: ext-authz, address: '[::1]:1', prefix: @'%s'",
            prefixes[i]);
        assert_listener(text, "bad_value");
    }
}

static void
test_two_listeners(void **state)
{
    (void)state;
    assert_finding(HEAD LISTENER
        "  - {name: a, contract: nginx, socket: /b, peers: [0]}\n",
        "duplicate_name", 5, 5);
    assert_finding(HEAD LISTENER
        "  - {name: b, contract: forwarded, socket: /run/a.sock, peers: [0]}\n",
        "duplicate_name", 5, 5);
    assert_finding(HEAD LISTENER "metrics: {socket: /run/a.sock, peers: [0]}\n",
        "duplicate_name", 5, 10);
}

/* A fence that was asked for is there, or nothing starts. */
static void
test_seccomp(void **state)
{
    (void)state;
    assert_true(parse(HEAD LISTENER));
    assert_false(config.seccomp);
    assert_true(parse(HEAD LISTENER "seccomp: false\n"));
    assert_false(config.seccomp);
    assert_finding(HEAD LISTENER "seccomp: 1\n", "wrong_type", 5, 10);
    assert_finding(HEAD LISTENER "seccomp: 'true'\n", "wrong_type", 5, 10);
    if (!pdpd__seccomp_built_in()) {
        assert_finding(HEAD LISTENER "seccomp: true\n", "bad_value", 5, 10);
        return;
    }
    assert_true(parse(HEAD LISTENER "seccomp: true\n"));
    assert_true(config.seccomp);
    const struct pdpd__config with = {.seccomp = true};
    const struct pdpd__config without = {0};
    assert_true(pdpd__config_needs_start(&with, &without));
    assert_true(pdpd__config_needs_start(&without, &with));
    assert_false(pdpd__config_needs_start(&with, &with));
}

/* Who asks for a word that is none is told which there are. */
static void
test_words_are_listed(void **state)
{
    static const struct {
        const char *text;
        const char *message;
    } cases[] = {
        {"log: {format: nix}\n",
            "\"nix\" is not known here; known are text, json"},
        {"log: {level: all}\n",
            "\"all\" is not known here; known are error, warning, info, debug"},
    };
    char text[512];
    pdp_finding_t finding = {.size = sizeof(finding)};
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        snprintf(text, sizeof(text), "%s%s%s", HEAD, LISTENER, cases[i].text);
        assert_false(parse(text));
        assert_int_equal(pdp_report_count(report), 1);
        assert_int_equal(pdp_report_at(report, 0, &finding), PDP_OK);
        assert_str(finding.message, cases[i].message);
    }
    assert_false(parse(HEAD "listeners: [{name: a, contract: nix, socket: s, "
                            "peers: [0]}]\n"));
    assert_int_equal(pdp_report_at(report, 0, &finding), PDP_OK);
    assert_str(finding.message,
        "\"nix\" is not known here; known are nginx, ingress-nginx, forwarded, "
        "ext-authz");
}

static void
test_bad_values(void **state)
{
    static const struct {
        const char *line;
        const char *code;
        uint32_t column;
    } cases[] = {
        {"workers: 0", "bad_value", 10},
        {"workers: 65", "bad_value", 10},
        {"workers: 1.5", "bad_value", 10},
        {"workers: two", "wrong_type", 10},
        {"limits: {header_bytes: 4095}", "bad_value", 24},
        {"limits: {header_bytes: 24577}", "bad_value", 24},
        {"limits: {connections: 0}", "bad_value", 23},
        {"limits: {idle_timeout: 0}", "bad_value", 24},
        {"limits: {idle_timeout: 5x}", "bad_value", 24},
        {"limits: {idle_timeout: m}", "bad_value", 24},
        {"limits: {idle_timeout: 99999999999d}", "bad_value", 24},
        {"limits: {header_timeout: 61}", "bad_value", 26},
        {"limits: {header_timeout: -1}", "bad_value", 26},
        {"limits: {timeout: 1}", "unknown_member", 10},
        {"keys: {max_stale: 1h}", "bad_value", 19},
        {"keys: {state: s, max_stale: 1s}", "bad_value", 29},
        {"log: {format: xml}", "bad_value", 15},
        {"log: {level: all}", "bad_value", 14},
        {"services: []", "bad_value", 11},
        {"services: [builtin]", "wrong_type", 12},
        {"services: [{}]", "missing_member", 12},
        {"services: [{definition: builtin}, {definition: builtin}]",
            "duplicate_name", 48},
        {"policies: p.json", "wrong_type", 11},
        {"policies: [7]", "wrong_type", 12},
        {"restrictions: r.json", "wrong_type", 15},
        {"restrictions: []", "bad_value", 15},
        {"revocations: [7]", "wrong_type", 15},
        {"directory: 7", "wrong_type", 12},
        {"metrics: {}", "bad_value", 10},
        {"observe: true", "unknown_member", 1},
        {"fail_open: true", "unknown_member", 1},
        {"trust: again", "duplicate_member", 1},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char text[512];
        snprintf(text, sizeof(text), HEAD LISTENER "%s\n", cases[i].line);
        assert_finding(text, cases[i].code, 5, cases[i].column);
    }
}

static void
test_bad_documents(void **state)
{
    (void)state;
    assert_finding("", "json_syntax", 1, 1);
    assert_finding("[]", "wrong_type", 1, 1);
    assert_finding("a: [\n", "json_syntax", 2, 1);
    assert_finding("trust: t\n" LISTENER, "missing_member", 1, 1);
    assert_finding("format: pdpd/2\ntrust: t\n" LISTENER, "bad_format", 1, 9);
    assert_finding("format: pdpd/1\n" LISTENER, "missing_member", 1, 1);
}

static void
test_all_findings_at_once(void **state)
{
    (void)state;
    assert_false(parse("format: x\nlisteners: [7, {nam: a}]\nworkers: 0\n"
                       "limits: {connections: 0, x: 1}\nlog: []\n"));
    assert_true(pdp_report_errors(report) >= 8);
}

static void
test_needs_start(void **state)
{
    static const char *const others[] = {
        HEAD LISTENER "workers: 3\n",
        HEAD LISTENER "limits: {connections: 9}\n",
        HEAD LISTENER "log: {format: json}\n",
        HEAD LISTENER "metrics: {address: '127.0.0.1:9'}\n",
        HEAD "listeners:\n"
             "  - {name: a, contract: nginx, socket: /run/a.sock, peers: "
             "[1]}\n",
    };
    struct pdpd__config first;
    (void)state;
    assert_true(parse(HEAD LISTENER));
    first = config;
    config = (struct pdpd__config){0};
    assert_true(parse(HEAD LISTENER "policies: [p]\n"));
    assert_false(pdpd__config_needs_start(&first, &config));
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        assert_true(parse(others[i]));
        assert_true(pdpd__config_needs_start(&first, &config));
    }
    pdpd__config_free(&first);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_defaults),
        cmocka_unit_test(test_every_member),
        cmocka_unit_test(test_bad_listeners),
        cmocka_unit_test(test_bad_modes),
        cmocka_unit_test(test_bad_addresses),
        cmocka_unit_test(test_bad_prefixes),
        cmocka_unit_test(test_two_listeners),
        cmocka_unit_test(test_seccomp),
        cmocka_unit_test(test_words_are_listed),
        cmocka_unit_test(test_bad_values),
        cmocka_unit_test(test_bad_documents),
        cmocka_unit_test(test_all_findings_at_once),
        cmocka_unit_test(test_needs_start),
    };
    return cmocka_run_group_tests(tests, NULL, teardown);
}
