/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
/* Roles that have what is missing, and which are taken. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "grant_text.h"

#include "explain_text.h"
#include "suggest_text.h"
#include "two_services.h"

#define TAG(from, to)                                                          \
    "POST", "/api/v1/images/tags?fromimage=us.icr.io/" from                    \
            "/a&toimage=us.icr.io/" to "/b"

static void
several_actions(void **state)
{
    (void)state;
    load_policies("[]", NULL);
    /* Reader for one, Writer for the other would be 7 actions; the smallest
     * role for pull gives 7, and push with it. */
    assert_string_equal(denied(TAG("birds", "fish")),
        "[" SUGGESTED(AT("us-south", "birds"),
            "Writer") "," SUGGESTED(AT("us-south", "fish"), "Writer") "]");
    assert_int_equal(pdp_explanation_missing_cnt(why), 2);
    assert_string_equal(roles(0), "Writer:7 Reader:12 Manager:23");
    assert_string_equal(roles(1), "Writer:7 Manager:23");
    assert_string_equal(denied(TAG("birds", "birds")),
        "[" SUGGESTED(AT("us-south", "birds"), "Writer") "]");
    load_policies(POLICY("p", ME, OURS "," EQ("resource", "birds"),
                      GRANT("Reader")),
        NULL);
    assert_string_equal(denied(TAG("birds", "birds")),
        "[" SUGGESTED(AT("us-south", "birds"), "Writer") "]");
    assert_int_equal(pdp_explanation_missing_cnt(why), 1);
}

/* A service with one route that needs a and b. */
#define TWO_ACTIONS(roles)                                                     \
    "{\"format\":\"pdp-service/1\",\"service\":\"container-registry\","        \
    "\"actions\":{\"s.a\":{\"scope\":\"account\"},\"s.b\":{\"scope\":"         \
    "\"account\"},\"s.c\":{\"scope\":\"account\"}},\"roles\":{" roles          \
    "},\"events\":{},\"params\":{\"t\":{\"kind\":\"text\"}},\"regions\":[],"   \
    "\"routes\":[{\"method\":\"GET\",\"path\":\"/x\",\"requires\":[{"          \
    "\"action\":\"s.a\"},{\"action\":\"s.b\"}],\"event\":null}]}"
#define HAS(name, actions) "\"" name "\":{\"actions\":[" actions "]}"

static void
load_service(const char *service)
{
    const struct document documents[] = {
        {PDP_SOURCE_SERVICE, "s.json", service},
        {PDP_SOURCE_NONE, NULL, NULL},
    };

    load(&fixture, documents);
}

static void
one_role_or_one_for_each(void **state)
{
    (void)state;
    /* As many actions in one role as in two: one. */
    load_service(TWO_ACTIONS(HAS("A", "\"s.a\"") "," HAS("B",
        "\"s.b\"") "," HAS("Both", "\"s.a\",\"s.b\"")));
    assert_string_equal(denied("GET", "/x"), "[" SUGGESTED("", "Both") "]");
    /* One role would give more. */
    load_service(TWO_ACTIONS(HAS("All", "\"s.a\",\"s.b\",\"s.c\"") "," HAS("A",
        "\"s.a\"") "," HAS("B", "\"s.b\"")));
    assert_non_null(
        strstr(denied("GET", "/x"), "\"roles\":[{\"role_id\":\"" GENERIC
                                    "A\"},{\"role_id\":\"" GENERIC "B\"}]"));
    /* The smallest for a has b, too. */
    load_service(
        TWO_ACTIONS(HAS("Both", "\"s.a\",\"s.b\"") "," HAS("B", "\"s.b\"")));
    assert_string_equal(denied("GET", "/x"), "[" SUGGESTED("", "Both") "]");
    /* Nobody has b. */
    load_service(TWO_ACTIONS(HAS("A", "\"s.a\"")));
    assert_string_equal(denied("GET", "/x"), "[]");
    assert_str(pdp_explanation_note(why),
        "no role has all that is missing: a custom role is needed");
    assert_string_equal(roles(0), "A:1");
    assert_string_equal(roles(1), "");
}

/* Four actions: a, b and c on one namespace, d on what the body names. */
static void
what_is_granted_is_not_asked_for(void **state)
{
#define NEEDS(action, on) "{\"action\":\"" action "\",\"on\":[\"" on "\"]}"
#define IN_SPACE "{\"scope\":\"namespace\"}"
    static const char service[] =
        "{\"format\":\"pdp-service/1\",\"service\":\"container-registry\","
        "\"actions\":{\"s.a\":" IN_SPACE ",\"s.b\":" IN_SPACE
        ",\"s.c\":" IN_SPACE ",\"s.d\":" IN_SPACE
        "},\"roles\":{" HAS("A", "\"s.a\"") "," HAS("B", "\"s.b\"") "," HAS("C",
            "\"s.c\"") "," HAS("D", "\"s.d\"") "," HAS("Half",
            "\"s.a\",\"s.c\"") "," HAS("Wide",
            "\"s.a\",\"s.b\",\"s.c\"") "},\"events\":{},\"params\":{\"n\":{"
                                       "\"kind\":"
                                       "\"namespace\"}},"
                                       "\"regions\":[],\"routes\":[{\"method\":"
                                       "\"GET\","
                                       "\"path\":\"/x/{n}\","
                                       "\"requires\":[" NEEDS("s.a",
                                           "path:n") "," NEEDS("s.c",
                                           "path:n") "," NEEDS("s.b",
                                           "path:n") "," NEEDS("s.d",
                                           "body") "],\"event\":null}]}";
    const struct document documents[] = {
        {PDP_SOURCE_SERVICE, "s.json", service},
        {PDP_SOURCE_POLICIES, "p.json", POLICY("p", ME, OURS, GRANT("C"))},
        {PDP_SOURCE_NONE, NULL, NULL},
    };

    (void)state;
    load(&fixture, documents);
    (void)denied("GET", "/x/birds");
    assert_int_equal(pdp_explanation_policies(why), 2);
    assert_non_null(
        strstr(suggested(), "\"roles\":[{\"role_id\":\"" GENERIC
                            "A\"},{\"role_id\":\"" GENERIC "B\"}]"));
    assert_non_null(
        strstr(suggested(), "\"roles\":[{\"role_id\":\"" GENERIC "D\"}]"));
}

static void
custom_roles_of_the_account(void **state)
{
    (void)state;
    load_two("[]");
    assert_reason(ask_one(""), "no_grant");
    explain();
    assert_string_equal(roles(0), "First:1 Ours:1*");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(several_actions),
        cmocka_unit_test(one_role_or_one_for_each),
        cmocka_unit_test(what_is_granted_is_not_asked_for),
        cmocka_unit_test(custom_roles_of_the_account),
    };

    return cmocka_run_group_tests(tests, load_default, forget_why);
}
