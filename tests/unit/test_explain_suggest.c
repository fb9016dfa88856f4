/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
/* The narrowest policy. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "grant_text.h"

#include "explain_text.h"
#include "suggest_text.h"

static void
the_narrowest_policy(void **state)
{
    (void)state;
    load_policies("[]", NULL);
    assert_string_equal(denied("DELETE", IMAGE),
        "[" SUGGESTED(AT("us-south", "birds"), "Writer") "]");
    assert_string_equal(roles(0), "Writer:7 Manager:23");
    assert_null(pdp_explanation_note(why).ptr);
    /* The region is not known: nobody told the host. */
    assert_string_equal(denied("GET", "/api/v1/retentions/birds"),
        "[" SUGGESTED("," EQ("resourceType", "namespace") "," EQ("resource",
                          "birds"),
            "Reader") "]");
    /* Of the account: no resource, or it would not reach it. */
    assert_string_equal(denied("DELETE", "/api/v1/namespaces/birds"),
        "[" SUGGESTED("", "Manager") "]");
    assert_null(pdp_explanation_note(why).ptr);
    header(&fixture, "Host", "us.icr.io");
    assert_int_equal(judge(&fixture), PDP_REASON_NO_GRANT);
    explain();
    assert_string_equal(suggested(),
        "[" SUGGESTED("," EQ("region", "us-south"), "Manager") "]");
    /* The global registry. */
    assert_string_equal(denied("DELETE", "/api/v1/images/icr.io%2Fbirds%2Fx"),
        "[" SUGGESTED(AT("global", "birds"), "Writer") "]");
}

static void
a_resource_that_is_not_told(void **state)
{
    (void)state;
    load_policies("[]", NULL);
    assert_string_equal(denied("POST", "/api/v1/images/bulkdelete"),
        "[" SUGGESTED("", "Writer") "]");
    assert_str(pdp_explanation_note(why),
        "the request does not say which resource it is about, so only a grant "
        "for all of them permits it");
}

/* Denied for want of a grant with a token of `begin`, so many letters, and
 * `end`; whether a policy is suggested. */
static bool
is_named(const char *begin, size_t letters, const char *end)
{
    char payload[4096] = "";

    append(payload, begin);
    memset(payload + strlen(payload), 'x', letters);
    append(payload, end);
    load_policies("[]", NULL);
    assert_reason(decide(&fixture, READ, token_of(&fixture, payload)),
        "no_grant");
    explain();
    if (pdp_explanation_policies(why) == 1) {
        assert_null(pdp_explanation_note(why).ptr);
        return true;
    }
    assert_int_equal(pdp_explanation_policies(why), 0);
    assert_str(pdp_explanation_note(why),
        "no policy can name the principal or the resource: its name is too "
        "long, or no text");
    return false;
}

/* A policy has no room for such a name. */
static void
what_no_policy_can_name(void **state)
{
    static const char who[] =
        "{\"iss\":\"" IBM_ISSUER "\",\"account\":{\"bss\":\"" ACCOUNT
        "\"},\"exp\":1795256980,\"iam_id\":\"";
    static const char whose[] =
        "{\"iss\":\"" IBM_ISSUER "\",\"exp\":1795256980,"
        "\"iam_id\":\"IBMid-1\",\"account\":{\"bss\":\"";

    (void)state;
    assert_true(is_named(who, 1000, "\"}"));
    assert_false(is_named(who, 1001, "\"}"));
    assert_true(is_named(whose, 1000, "\"}}"));
    assert_false(is_named(whose, 1001, "\"}}"));
}

/* Of a parameter that is but a text: its type is not known. */
static void
a_resource_that_is_a_text(void **state)
{
    const struct document documents[] = {
        {PDP_SOURCE_SERVICE, "s.json",
            "{\"format\":\"pdp-service/1\",\"service\":\"container-registry\","
            "\"actions\":{\"s.a\":{\"scope\":\"namespace\"}},\"roles\":{"
            "\"Reader\":{\"actions\":[\"s.a\"]}},\"events\":{},\"params\":{"
            "\"t\":{\"kind\":\"text\"}},\"regions\":[],\"routes\":[{"
            "\"method\":\"GET\",\"path\":\"/y/{t}\",\"requires\":[{\"action\":"
            "\"s.a\",\"on\":[\"path:t\"]}],\"event\":null}]}"},
        {PDP_SOURCE_NONE, NULL, NULL},
    };

    (void)state;
    load(&fixture, documents);
    assert_string_equal(denied("GET", "/y/a%20b"),
        "[" SUGGESTED("," EQ("resource", "a b"), "Reader") "]");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_narrowest_policy),
        cmocka_unit_test(a_resource_that_is_not_told),
        cmocka_unit_test(what_no_policy_can_name),
        cmocka_unit_test(a_resource_that_is_a_text),
    };

    return cmocka_run_group_tests(tests, load_default, forget_why);
}
