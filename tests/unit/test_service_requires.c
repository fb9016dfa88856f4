/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
/* `requires` and `on`. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "service_util.h"

/* Requirement and event that are right, for routes that test the rest. */
#define REST "\"requires\":[{\"action\":\"svc.read\"}],\"event\":null"

static void
test_requires(void **state)
{
    (void)state;
    CHECK(SERVICE(.routes =
                      "[{\"method\":\"GET\",\"path\":\"/a\",\"requires\":["
                      "\1{},\1\"svc.read\",{\"action\":\1null},"
                      "{\"action\":\1\"svc.raed\"},"
                      "{\"action\":\"svc.read\",\"on\":\1\"body\"},"
                      "{\"action\":\"svc.read\",\1\"onn\":[]}],"
                      "\"event\":null}]"),
        FOUND("missing_member"), FOUND("wrong_type"), FOUND("wrong_type"),
        HINTED("unknown_name", "did you mean \"svc.read\"?"),
        FOUND("wrong_type"), HINTED("unknown_member", "did you mean \"on\"?"));
}

static void
test_origins(void **state)
{
    (void)state;
    CHECK(SERVICE(.routes =
                      "[{\"method\":\"GET\",\"path\":\"/{image}/{id}\","
                      "\"requires\":["
                      "{\"action\":\"svc.read\",\"on\":[\1\"path:imgae\","
                      "\1\"path:ns\",\1\"query:rse\",\1\"header:x\",\1\"Body\","
                      "\0017,\1\"path:\",\1\"query:\"]},"
                      "{\"action\":\"svc.read\",\"on\":\1[]},"
                      "{\"action\":\"svc.read\",\"on\":[\"path:id\","
                      "\"query:id\",\"body\",\1\"body\",\1\"query:id\","
                      "\1\"path:id\"]}],"
                      "\"event\":null}]"),
        HINTED("unknown_name", "did you mean \"image\"?"),
        FOUND("unknown_name"), HINTED("unknown_name", "did you mean \"res\"?"),
        FOUND("bad_value"), FOUND("bad_value"), FOUND("wrong_type"),
        FOUND("unknown_name"), FOUND("unknown_name"),
        HINTED("empty", "leave \"on\" out"), FOUND("duplicate_name"),
        FOUND("duplicate_name"), FOUND("duplicate_name"));
}

/* Names may repeat, but then none of them can be meant. */
static void
test_repeated_names(void **state)
{
    (void)state;
    CHECK(SERVICE(.routes =
                      "[{\"method\":\"GET\",\"path\":\"/{id}/{ns}/{id}\","
                      "\"requires\":[{\"action\":\"svc.read\","
                      "\"on\":[\"path:ns\",\1\"path:id\"]}],"
                      "\"event\":null},"
                      "{\"method\":\"GET\",\"path\":\"/x/{id}/{id}\"," REST
                      "}]"),
        HINTED("duplicate_name", "give the parameters names of their own"));
}

/* A decision marks the query names it has seen in 32 bits. */
static void
test_too_many_queries(void **state)
{
    static char params[4096];
    static char routes[4096];
    size_t len = 0;
    size_t at = (size_t)snprintf(routes, sizeof(routes),
        "[{\"method\":\"GET\",\"path\":\"/a\",\"event\":null,"
        "\"requires\":[");
    (void)state;
    for (int i = 0; i < 33; i++) {
        len += (size_t)snprintf(params + len, sizeof(params) - len,
            "%c\"q%d\":{\"kind\":\"text\"}", i == 0 ? '{' : ',', i);
        const char *before = ",";
        if (i % 11 == 0) {
            before = i == 0 ? "{\"action\":\"svc.read\",\"on\":["
                            : "]},{\"action\":\"svc.read\",\"on\":[";
        } else if (i == 32) {
            before = ",\1";
        }
        at += (size_t)snprintf(routes + at, sizeof(routes) - at,
            "%s\"query:q%d\"", before, i);
    }
    snprintf(params + len, sizeof(params) - len, "}");
    snprintf(routes + at, sizeof(routes) - at, "]}]}]");
    CHECK(SERVICE(.params = params, .routes = routes), FOUND("limit"));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_requires),
        cmocka_unit_test(test_origins),
        cmocka_unit_test(test_repeated_names),
        cmocka_unit_test(test_too_many_queries),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
