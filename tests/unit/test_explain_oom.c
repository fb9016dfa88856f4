/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
/* An explanation is whole, or there is none: each request for its memory fails
 * in turn. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "grant_text.h"

#include "explain_text.h"
#include "failing_arena.h"
#include "rule_decide.h"

#define DIRECTORY                                                              \
    "{\"format\":\"pdp-directory/1\",\"groups\":{\"AccessGroupId-9\":["        \
    "\"IBMid-270000TEST\"]},\"tags\":{\"us-south/birds\":[\"env:prod\"]}}"
#define RESTRICTIONS                                                           \
    "{\"zones\":[{\"id\":\"z\",\"account_id\":\"" ACCOUNT                      \
    "\",\"addresses\":[{\"type\":\"ipAddress\",\"value\":\"192.0.2.1\"}]}],"   \
    "\"rules\":[{\"id\":\"r\",\"enforcement_mode\":\"report\",\"contexts\":["  \
    "{\"attributes\":[{\"name\":\"networkZoneId\",\"value\":\"z\"},{"          \
    "\"name\":\"endpointType\",\"value\":\"private\"}]}],\"resources\":[{"     \
    "\"attributes\":[{\"name\":\"accountId\",\"value\":\"" ACCOUNT             \
    "\"},{\"name\":\"serviceName\",\"value\":\"container-registry\"}]}]}]}"

/* One of each kind of obstacle, and what grants and denies. */
static void
load_all(void)
{
    static char text[TEXT_MAX];

    snprintf(text, sizeof(text), "[%s,%s,%s,%s,%s",
        POLICY("writer", ME, OURS, GRANT("Writer")),
        POLICY("fish", ME, OURS "," EQ("resource", "fish"), GRANT("Reader")),
        POLICY("group", EQ("access_group_id", "AccessGroupId-1"), OURS,
            GRANT("Reader")),
        POLICY("never", ME, OURS "," EQ("resource", "fish"), DENY("Reader")),
        "{\"type\":\"access\",\"id\":\"tag\",\"subject\":{\"attributes\":[" ME
        "]},\"resource\":{\"attributes\":[" OURS
        "],\"tags\":[{\"key\":\"env\",\"operator\":\"stringEquals\","
        "\"value\":\"dev\"}]}," CONTROL(GRANT("Reader")) "}");
    append_ruled(text, "ruled", GRANT("Reader"), WEEKLY, DAYS("1,'2+01:00'"));
    append(text, "]");
    const struct document documents[] = {
        {PDP_SOURCE_POLICIES, "p.json", text},
        {PDP_SOURCE_DIRECTORY, "d.json", DIRECTORY},
        {PDP_SOURCE_RESTRICTIONS, "r.json", RESTRICTIONS},
        {PDP_SOURCE_NONE, NULL, NULL},
    };
    load(&fixture, documents);
}

/* How often it failed until there was nothing more to fail. */
static size_t
fail_at_each(int way)
{
    for (size_t n = 1;; n++) {
        pdp_explanation_t *none = NULL;
        arena = failing_way(way, n);
        pdp_status_t status =
            pdp_explain(fixture.worker, fixture.decision, &none);
        bool failed = arena.failed;
        arena = (struct failing_mem){.left = SIZE_MAX};
        if (!failed) {
            assert_int_equal(status, PDP_OK);
            pdp_explanation_free(none);
            return n - 1;
        }
        assert_int_equal(status, PDP_E_NOMEM);
        assert_null(none);
    }
}

static void
check_each(const char *claims, const char *method, const char *target,
    const char *reason)
{
    assert_reason(as(claims, method, target), reason);
    for (int way = 0; way < FAILING_WAYS; way++) {
        assert_in_range(fail_at_each(way), 5, 1000);
    }
    explain();
}

static void
each_request_fails(void **state)
{
    (void)state;
    arena = (struct failing_mem){.left = SIZE_MAX};
    load_all();
    check_each(",\"roles\":[\"Reader\"],\"groups\":[\"AccessGroupId-2\"]", READ,
        "permitted");
    check_each("", READ, "no_grant");
    check_each("", "DELETE", "/api/v1/namespaces/birds", "no_grant");
    check_each("", "POST", "/api/v1/images/bulkdelete", "permitted");
    load_policies("[]", NULL);
    check_each("", "POST",
        "/api/v1/images/tags?fromimage=us.icr.io/birds/a&toimage=us.icr.io/"
        "fish/b",
        "no_grant");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_request_fails),
    };

    return cmocka_run_group_tests(tests, NULL, forget_why);
}
