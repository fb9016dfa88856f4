/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
/* Attributes of inline policies. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "fixture.h"

#define IMAGE "/api/v1/images/us.icr.io%2Fbirds%2Fwoodpecker:green"
#define READ "GET", IMAGE "/json"
#define EQ(key, value)                                                         \
    "{\"key\":\"" key "\",\"operator\":\"stringEquals\",\"value\":\"" value    \
    "\"}"
#define OURS                                                                   \
    EQ("serviceName", "container-registry") "," EQ("accountId", ACCOUNT)
#define GRANT(role)                                                            \
    "\"control\":{\"grant\":{\"roles\":[{\"role_id\":"                         \
    "\"crn:v1:bluemix:public:iam::::serviceRole:" role "\"}]}}"
#define DENY(role)                                                             \
    "\"control\":{\"deny\":{\"roles\":[{\"role_id\":"                          \
    "\"crn:v1:bluemix:public:iam::::serviceRole:" role "\"}]}}"
#define INLINE(resource, control)                                              \
    ",\"policies\":[{\"type\":\"access\",\"resource\":{\"attributes\":"        \
    "[" resource "]}," control "}]"

static int
setup(void **state)
{
    const struct document documents[] =
        {
            {PDP_SOURCE_POLICIES, "p.json",
                "[{\"type\":\"access\",\"id\":\"free\",\"resource\":"
                "{\"attributes\":[" OURS "]}," GRANT(
                    "Reader") "},"
                              "{\"type\":\"access\",\"id\":\"mine\","
                              "\"subject\":{\"attributes\":"
                              "[" EQ("iam_id",
                                  "IBMid-270000TEST") "]},\"resource\":"
                                                      "{\"attributes\":[" OURS
                                                      "," EQ("resource", "apes") "]}," GRANT(
                                                          "Reader") "},"
                                                                    "{\"type\":"
                                                                    "\"access\""
                                                                    ",\"id\":"
                                                                    "\"theirs\""
                                                                    ",\"subject"
                                                                    "\":"
                                                                    "{\"attribu"
                                                                    "tes\":"
                                                                    "[" EQ(
                                                                        "iam_"
                                                                        "id",
                                                                        "IBMid-"
                                                                        "x") "]"
                                                                             "}"
                                                                             ","
                                                                             "\"resource\":"
                                                                             "{"
                                                                             "\"attributes\":[" OURS
                                                                             "]"
                                                                             "}"
                                                                             "," GRANT(
                                                                                 "Manager") "}]"},
            {PDP_SOURCE_NONE, NULL, NULL},
        };

    (void)state;
    load(&fixture, documents);
    return 0;
}

static const char *
as(const char *claims, const char *method, const char *target)
{
    return decide(&fixture, method, target, token_with(&fixture, claims));
}

/* The older name of a region, in patterns too, whatever the policy does. */
static void
older_names_of_regions(void **state)
{
    (void)state;
    assert_reason(as(",\"roles\":[\"Reader\"]" INLINE(OURS
                         ",{\"key\":\"region\",\"operator\":"
                         "\"stringMatch\",\"value\":\"eu-cent*\"}",
                         DENY("Reader")),
                      "GET", "/api/v1/images/de.icr.io%2Fbirds%2Fx/json"),
        "explicit_deny");
    assert_reason(as(INLINE(OURS
                         ",{\"key\":\"region\",\"operator\":"
                         "\"stringMatchAnyOf\",\"value\":[\"eu-cent*\"]}",
                         GRANT("Reader")),
                      "GET", "/api/v1/images/de.icr.io%2Fbirds%2Fx/json"),
        "permitted");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(older_names_of_regions),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
