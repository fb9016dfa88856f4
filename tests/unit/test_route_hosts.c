/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
/* Stage 3: the service is chosen by the host, and never guessed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "fixture.h"

enum { HOST_MAX_LEN = 253 }; /* of a host in a definition */

/* A service with one region of one host, and one public route. */
#define SERVICE(name, host, path)                                              \
    "{\"format\":\"pdp-service/1\",\"service\":\"" name "\",\"actions\":{},"   \
    "\"roles\":{},\"events\":{},\"params\":{},\"regions\":[{\"region\":"       \
    "\"eu-de\",\"hosts\":[\"" host "\"],\"events\":\"eu-de\"}],\"routes\":[{"  \
    "\"method\":\"GET\",\"path\":\"" path "\",\"access\":\"public\","          \
    "\"event\":null}]}"

static int
load_two(void **state)
{
    const struct document documents[] = {
        {PDP_SOURCE_SERVICE, "birds.json",
            SERVICE("birds", "birds.example", "/birds")},
        {PDP_SOURCE_SERVICE, "fish.json",
            SERVICE("fish", "fish.example", "/fish")},
        {PDP_SOURCE_NONE, NULL, NULL},
    };

    (void)state;
    load(&fixture, documents);
    return 0;
}

static const char *
ask(const char *host, const char *target)
{
    request(&fixture, "GET", target);
    if (host != NULL) {
        header(&fixture, "Host", host);
    }
    return pdp_reason_name(judge(&fixture));
}

/* Each service answers at its own host only. */
static void
the_host_names_the_service(void **state)
{
    static const struct {
        const char *host;
        const char *target;
        const char *reason;
        const char *service;
    } cases[] = {
        {"birds.example", "/birds", "public", "birds"},
        {"fish.example", "/fish", "public", "fish"},
        {"FISH.Example.:8443", "/fish", "public", "fish"},
        {"birds.example", "/fish", "no_route", "birds"},
        {"fish.example", "/birds", "no_route", "fish"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_reason(ask(cases[i].host, cases[i].target), cases[i].reason);
        assert_str(pdp_decision_service(fixture.decision), cases[i].service);
    }
}

/* With several services a host that is none of theirs has no route: there is
 * no first one to fall back to. */
static void
a_host_of_nobody(void **state)
{
    static const char *const hosts[] = {NULL, "", "birds.exampl",
        "birds.example.org", "xbirds.example", "example", "localhost",
        "[::1]:443", "10.0.0.1"};
    static const char *const targets[] = {"/birds", "/fish", "/nothing"};

    (void)state;
    for (size_t i = 0; i < sizeof(hosts) / sizeof(hosts[0]); i++) {
        for (size_t t = 0; t < 3; t++) {
            assert_reason(ask(hosts[i], targets[t]), "no_route");
            assert_null(pdp_decision_service(fixture.decision).ptr);
            assert_null(pdp_decision_route(fixture.decision).ptr);
            assert_int_equal(pdp_decision_route_index(fixture.decision), -1);
        }
    }
}

/* The longest host a definition may have is found; one byte more is another
 * host, and so is one so long that no definition could have it. */
static void
the_longest_host(void **state)
{
    static char host[HOST_MAX_LEN + 64];
    static char definition[TEXT_MAX];
    const struct document documents[] = {
        {PDP_SOURCE_SERVICE, "long.json", definition},
        {PDP_SOURCE_SERVICE, "fish.json",
            SERVICE("fish", "fish.example", "/fish")},
        {PDP_SOURCE_NONE, NULL, NULL},
    };

    (void)state;
    memset(host, 'a', sizeof(host));
    snprintf(definition, sizeof(definition), SERVICE("long", "%.*s", "/long"),
        HOST_MAX_LEN, host);
    load(&fixture, documents);
    for (size_t len = HOST_MAX_LEN - 1; len <= sizeof(host) - 8; len++) {
        bool known = len == HOST_MAX_LEN;
        static const char *const tails[] = {"", ".", ":443", ".:443"};

        for (size_t i = 0; i < 4; i++) {
            memset(host, 'a', sizeof(host));
            snprintf(host + len, sizeof(host) - len, "%s", tails[i]);
            assert_reason(ask(host, "/long"), known ? "public" : "no_route");
        }
    }
    load_two(NULL);
}

/* One service needs no host: any that is not its own is simply not known. */
static void
one_service_needs_no_host(void **state)
{
    const struct document documents[] = {
        {PDP_SOURCE_SERVICE, "birds.json",
            SERVICE("birds", "birds.example", "/birds")},
        {PDP_SOURCE_NONE, NULL, NULL},
    };
    static const char *const hosts[] = {NULL, "", "birds.example", "localhost"};

    (void)state;
    load(&fixture, documents);
    for (size_t i = 0; i < sizeof(hosts) / sizeof(hosts[0]); i++) {
        assert_reason(ask(hosts[i], "/birds"), "public");
        assert_str(pdp_decision_service(fixture.decision), "birds");
    }
    load_two(NULL);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_host_names_the_service),
        cmocka_unit_test(a_host_of_nobody),
        cmocka_unit_test(the_longest_host),
        cmocka_unit_test(one_service_needs_no_host),
    };

    return cmocka_run_group_tests(tests, load_two, teardown);
}
