/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
/*
 * Roles of inline policies, where there are two services and custom roles of
 * two accounts.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "grant_text.h"
#include "two_services.h"

#define NONE EQ("serviceName", "three") "," EQ("accountId", ACCOUNT)
#define LIKE(pattern)                                                          \
    "{\"key\":\"serviceName\",\"operator\":\"stringMatch\",\"value\":"         \
    "\"" pattern "\"}"

#define ROLE_ID(id) "{\"role_id\":\"" id "\"}"
#define ROLE(name) ROLE_ID(GENERIC name)
#define OURS_CUSTOM ROLE_ID(CUSTOM_CRN(ACCOUNT, "Ours"))
#define THEIRS_CUSTOM ROLE_ID(CUSTOM_CRN(OTHER_ACCOUNT, "Theirs"))
#define VIEWER ROLE_ID("crn:v1:bluemix:public:iam::::role:Viewer")

#define GRANT_OF(resource, roles)                                              \
    INLINE(resource, CONTROL("\"grant\":{\"roles\":[" roles "]}"))
#define DENY_OF(resource, roles)                                               \
    ",\"roles\":[\"First\"]" INLINE(resource,                                  \
        CONTROL("\"deny\":{\"roles\":[" roles "]}"))

static int
setup(void **state)
{
    (void)state;
    load_two("[]");
    return 0;
}

struct row {
    const char *claims;
    const char *reason;
};

static void
check_rows(const struct row *rows, size_t cnt)
{
    for (size_t i = 0; i < cnt; i++) {
        const char *reason = ask_one(rows[i].claims);
        if (strcmp(reason, rows[i].reason) != 0) {
            fail_msg("%s: %s", rows[i].claims, reason);
        }
    }
}

#define CHECK(rows) check_rows((rows), sizeof(rows) / sizeof((rows)[0]))

/* What is no role here, of this account and service, grants nothing. */
static void
grants(void **state)
{
    static const struct row rows[] = {
        {GRANT_OF(ONE, ROLE("First")), "permitted"},
        {GRANT_OF(ANY, ROLE("First")), "permitted"},
        {GRANT_OF(TWO, ROLE("First")), "no_grant"},
        {GRANT_OF(NONE, ROLE("First")), "no_grant"},
        {GRANT_OF(ONE, ROLE("Second")), "no_grant"},
        {GRANT_OF(ANY, ROLE("Second")), "no_grant"},
        {GRANT_OF(TWO, ROLE("Second")), "no_grant"},
        {GRANT_OF(ANY, ROLE("Shared")), "no_grant"},
        {GRANT_OF(ANY, ROLE("Third")), "no_grant"},
        {GRANT_OF(ONE, VIEWER), "no_grant"},
        {GRANT_OF(ONE, ROLE_ID("First")), "no_grant"},
        {GRANT_OF(ONE, ROLE_ID("")), "no_grant"},
        {GRANT_OF(ONE, OURS_CUSTOM), "permitted"},
        {GRANT_OF(ANY, OURS_CUSTOM), "permitted"},
        {GRANT_OF(TWO, OURS_CUSTOM), "no_grant"},
        {GRANT_OF(ONE, THEIRS_CUSTOM), "no_grant"},
        {GRANT_OF(ONE, THEIRS_CUSTOM "," ROLE("First")), "permitted"},
        {GRANT_OF(ONE, ROLE("First") "," ROLE("Third")), "permitted"},
    };

    (void)state;
    CHECK(rows);
}

/* Each role of a deny has an action of a service that the policy is for, or
 * the deny would be silently without effect. */
static void
denies(void **state)
{
    static const struct row rows[] = {
        {",\"roles\":[\"First\"]", "permitted"},
        {DENY_OF(ONE, ROLE("First")), "explicit_deny"},
        {DENY_OF(ANY, ROLE("First")), "explicit_deny"},
        {DENY_OF(TWO, ROLE("First")), "claim_invalid"},
        {DENY_OF(LIKE("t*"), ROLE("First")), "claim_invalid"},
        {DENY_OF(LIKE("o*"), ROLE("First")), "explicit_deny"},
        {DENY_OF(ONE, ROLE("Second")), "claim_invalid"},
        {DENY_OF(TWO, ROLE("Second")), "permitted"},
        {DENY_OF(ANY, ROLE("Second")), "permitted"},
        {DENY_OF(ONE, ROLE("Third")), "claim_invalid"},
        {DENY_OF(ANY, ROLE("Third")), "claim_invalid"},
        {DENY_OF(ONE, ROLE("Shared")), "claim_invalid"},
        {DENY_OF(TWO, ROLE("Shared")), "permitted"},
        {DENY_OF(ANY, ROLE("Shared")), "permitted"},
        {DENY_OF(ONE, VIEWER), "claim_invalid"},
        {DENY_OF(ANY, VIEWER), "claim_invalid"},
        {DENY_OF(ONE, ROLE_ID("First")), "claim_invalid"},
        {DENY_OF(ONE, OURS_CUSTOM), "explicit_deny"},
        {DENY_OF(TWO, OURS_CUSTOM), "claim_invalid"},
        {DENY_OF(ONE, THEIRS_CUSTOM), "claim_invalid"},
        {DENY_OF(ANY, THEIRS_CUSTOM), "claim_invalid"},
        {DENY_OF(ONE, ROLE("First") "," ROLE("Second")), "claim_invalid"},
        {DENY_OF(ONE, ROLE("Second") "," ROLE("First")), "claim_invalid"},
        {DENY_OF(ANY, ROLE("Second") "," ROLE("First")), "explicit_deny"},
        /* For a service that is not here: none of our business. */
        {DENY_OF(NONE, ROLE("First")), "permitted"},
        {DENY_OF(NONE, ROLE("Third")), "permitted"},
        /* Beside a grant. */
        {INLINE(ONE, CONTROL(GRANT("First") "," DENY("First"))),
            "explicit_deny"},
        {INLINE(ONE, CONTROL(GRANT("First") "," DENY("Second"))),
            "claim_invalid"},
        {INLINE(ANY, CONTROL(GRANT("First") "," DENY("Second"))), "permitted"},
    };

    (void)state;
    CHECK(rows);
}

/* The member control is {grant, deny}, each {roles: [{role_id, ...}]}. */
static void
shapes_of_controls(void **state)
{
#define FIRST ROLE("First")
#define SHAPE(control) INLINE(ONE, "\"control\":" control)
    static const struct row rows[] = {
        {SHAPE("{\"grant\":{\"roles\":[" FIRST "]}}"), "permitted"},
        {",\"policies\":[{\"type\":\"access\",\"resource\":{\"attributes\":"
         "[" ONE "]}}]",
            "claim_invalid"},
        {SHAPE("{}"), "claim_invalid"},
        {SHAPE("null"), "claim_invalid"},
        {SHAPE("[{\"grant\":{\"roles\":[" FIRST "]}}]"), "claim_invalid"},
        {SHAPE("{\"grants\":{\"roles\":[" FIRST "]}}"), "claim_invalid"},
        {SHAPE("{\"grant\":{\"roles\":[" FIRST "]},\"if\":1}"),
            "claim_invalid"},
        {SHAPE("{\"grant\":{}}"), "claim_invalid"},
        {SHAPE("{\"grant\":null}"), "claim_invalid"},
        {SHAPE("{\"grant\":[" FIRST "]}"), "claim_invalid"},
        {SHAPE("{\"grant\":{\"roles\":[]}}"), "claim_invalid"},
        {SHAPE("{\"grant\":{\"roles\":null}}"), "claim_invalid"},
        {SHAPE("{\"grant\":{\"roles\":\"First\"}}"), "claim_invalid"},
        {SHAPE("{\"grant\":{\"roles\":{\"a\":" FIRST "}}}"), "claim_invalid"},
        {SHAPE("{\"grant\":{\"roles\":[" FIRST "],\"if\":1}}"),
            "claim_invalid"},
        {SHAPE("{\"grant\":{\"roles\":[\"First\"]}}"), "claim_invalid"},
        {SHAPE("{\"grant\":{\"roles\":[{}]}}"), "claim_invalid"},
        {SHAPE("{\"grant\":{\"roles\":[{\"display_name\":\"First\"}]}}"),
            "claim_invalid"},
        {SHAPE("{\"grant\":{\"roles\":[" FIRST ",{\"role_id\":7}]}}"),
            "claim_invalid"},
        {SHAPE("{\"grant\":{\"roles\":[{\"role_id\":null}]}}"),
            "claim_invalid"},
        {SHAPE("{\"grant\":{\"roles\":[{\"role_id\":\"" GENERIC
               "First\",\"only_if\":{}}]}}"),
            "claim_invalid"},
        {SHAPE("{\"grant\":{\"roles\":[{\"role_id\":\"" GENERIC
               "First\",\"display_name\":\"x\",\"description\":\"x\","
               "\"actions\":[]}]}}"),
            "permitted"},
        /* A deny is read as strictly, and whether there is a grant or not. */
        {SHAPE("{\"grant\":{\"roles\":[" FIRST "]},\"deny\":{}}"),
            "claim_invalid"},
        {SHAPE("{\"grant\":{\"roles\":[" FIRST "]},\"deny\":{\"roles\":[]}}"),
            "claim_invalid"},
        {SHAPE("{\"grant\":{\"roles\":[" FIRST "]},\"deny\":{\"roles\":["
               "\"First\"]}}"),
            "claim_invalid"},
        {SHAPE("{\"deny\":null}"), "claim_invalid"},
    };

    (void)state;
    CHECK(rows);
}

/* Members that are missing are not looked for in the payload. */
static void
absent_members(void **state)
{
    static const struct row rows[] = {
        {",\"deny\":{\"roles\":[" FIRST "]},\"grant\":{\"roles\":[" FIRST
         "]},\"roles\":[],\"policies\":[{\"type\":\"access\",\"resource\":"
         "{\"attributes\":[" ONE "]}}]",
            "claim_invalid"},
        {",\"role_id\":\"" GENERIC "First\",\"attributes\":[" ONE
         "]" INLINE(ONE, GRANTS("First")),
            "permitted"},
        {",\"attributes\":[" ONE "],\"policies\":[{\"type\":\"access\","
         "\"resource\":{}," GRANTS("First") "}]",
            "claim_invalid"},
    };

    (void)state;
    CHECK(rows);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(grants),
        cmocka_unit_test(denies),
        cmocka_unit_test(shapes_of_controls),
        cmocka_unit_test(absent_members),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
