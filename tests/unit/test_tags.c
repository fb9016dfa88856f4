/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "fixture.h"

/* Access tags in decisions: what a namespace has, and who sees it. */

#define PLACE(id, more)                                                        \
    "{\"id\":\"" id "\",\"type\":\"access\",\"subject\":{\"attributes\":[{"    \
    "\"key\":\"iam_id\",\"operator\":\"stringEquals\",\"value\":"              \
    "\"IBMid-270000TEST\"}]},\"resource\":{\"attributes\":[{\"key\":"          \
    "\"accountId\",\"operator\":\"stringEquals\",\"value\":\"" ACCOUNT "\"},"  \
    "{\"key\":\"serviceType\",\"operator\":\"stringEquals\",\"value\":"        \
    "\"service\"}]," more "}"
#define TAGS(list) "\"tags\":[" list "]}"
#define TAG(key, op, value)                                                    \
    "{\"key\":\"" key "\",\"operator\":\"" op "\",\"value\":\"" value "\"}"
#define ROLES(role)                                                            \
    "{\"roles\":[{\"role_id\":\"crn:v1:bluemix:public:iam::::"                 \
    "serviceRole:" role "\"}]}"
#define GRANT(tags)                                                            \
    PLACE("g", TAGS(tags) ",\"control\":{\"grant\":" ROLES("Manager") "}")
#define DENY(tags)                                                             \
    PLACE("d", TAGS(tags) ",\"control\":{\"deny\":" ROLES("Manager") "}")
#define PROD TAG("env", "stringEquals", "prod")
#define LIST(members) "{\"format\":\"pdp-directory/1\"," members "}"
#define TAGGED(more)                                                           \
    LIST("\"tags\":{\"us-south/birds\":[\"env:prod\",\"team:a\"],"             \
         "\"us-south/trees\":[],\"us-south/loud\":[\"ENV:Prod\"],"             \
         "\"us-south/half\":[\"env:Prod\"],"                                   \
         "\"us-south/caps\":[\"ENV:prod\"],\"us-south/kind\":["                \
         "\"stage:prod\"]" more "}")
#define OWNED(name, region, more)                                              \
    "{\"region\":\"" region "\",\"namespace\":\"" name                         \
    "\",\"account\":\"" ACCOUNT "\"" more "}"
#define IMAGE(host, name) "/api/v1/images/" host "%2F" name "%2Fw:1/json"
#define BIRDS IMAGE("us.icr.io", "birds")
#define CRN(account, region, name)                                             \
    "crn:v1:bluemix:public:container-registry:" region ":a/" account           \
    "::namespace:" name

static void
load_two(const char *policies, const char *directory)
{
    const struct document documents[] = {
        {PDP_SOURCE_POLICIES, "p.json", policies},
        {PDP_SOURCE_DIRECTORY, "d.json", directory},
        {PDP_SOURCE_NONE, NULL, NULL},
    };

    load(&fixture, documents);
}

static const char *
ask(const char *target)
{
    return decide(&fixture, "GET", target, token_with(&fixture, ""));
}

static const char *
ask_manager(const char *method, const char *target)
{
    return decide(&fixture, method, target,
        token_with(&fixture, ",\"roles\":[\"Manager\"]"));
}

static void
test_grant(void **state)
{
    (void)state;
    load_two(GRANT(PROD), TAGGED(""));
    assert_reason(ask(BIRDS), "permitted");
    assert_reason(ask(IMAGE("us.icr.io", "trees")), "no_grant");
    /* Not listed; in another region; in other letters. */
    assert_reason(ask(IMAGE("us.icr.io", "stones")), "no_grant");
    assert_reason(ask(IMAGE("de.icr.io", "birds")), "no_grant");
    assert_reason(ask(IMAGE("us.icr.io", "loud")), "no_grant");
    assert_reason(ask(IMAGE("us.icr.io", "half")), "no_grant");
    assert_reason(ask(IMAGE("us.icr.io", "caps")), "no_grant");
    /* Another key with the same value. */
    assert_reason(ask(IMAGE("us.icr.io", "kind")), "no_grant");
    /* Several namespaces, one of them not seen, none at all. */
    assert_reason(ask("/api/v1/images"), "no_grant");
    assert_reason(decide(&fixture, "POST", "/api/v1/images/bulkdelete",
                      token_with(&fixture, "")),
        "no_grant");
    assert_reason(ask("/api/v1/plans"), "no_grant");
    /* Without the host, birds may be anywhere. */
    assert_reason(ask("/api/v1/retentions/birds"), "no_grant");
    request(&fixture, "GET", "/api/v1/retentions/birds");
    bearer(&fixture, token_with(&fixture, ""));
    header(&fixture, "Host", "us.icr.io");
    assert_reason(pdp_reason_name(judge(&fixture)), "permitted");
}

/* That a namespace is listed says nothing of its tags, unless all are. */
static void
test_listed(void **state)
{
    (void)state;
    load_two(DENY(PROD), LIST("\"namespaces\":[" OWNED("stones", "us-south",
                             "") "],\"tags\":{\"us-south/birds\":[]}"));
    assert_reason(ask_manager("GET", IMAGE("us.icr.io", "stones")),
        "explicit_deny");
    load_two(DENY(PROD), LIST("\"namespaces\":[" OWNED("stones", "us-south",
                             "") "],\"complete\":true,\"tags\":{}"));
    assert_reason(ask_manager("GET", IMAGE("us.icr.io", "stones")),
        "permitted");
}

static void
test_deny(void **state)
{
    (void)state;
    load_two(DENY(PROD), TAGGED(""));
    assert_reason(ask_manager("GET", BIRDS), "explicit_deny");
    assert_reason(ask_manager("GET", IMAGE("us.icr.io", "trees")), "permitted");
    /* In doubt it applies. */
    assert_reason(ask_manager("GET", IMAGE("us.icr.io", "stones")),
        "explicit_deny");
    assert_reason(ask_manager("GET", IMAGE("us.icr.io", "loud")),
        "explicit_deny");
    assert_reason(ask_manager("GET", IMAGE("us.icr.io", "half")),
        "explicit_deny");
    assert_reason(ask_manager("GET", IMAGE("us.icr.io", "caps")),
        "explicit_deny");
    assert_reason(ask_manager("GET", IMAGE("us.icr.io", "kind")), "permitted");
    assert_reason(ask_manager("POST", "/api/v1/images/bulkdelete"),
        "explicit_deny");
    assert_reason(ask_manager("GET", "/api/v1/retentions/birds"),
        "explicit_deny");
    /* A plan has no tags. */
    assert_reason(ask_manager("GET", "/api/v1/plans"), "permitted");
    load_two(DENY(PROD), LIST("\"groups\":{}"));
    assert_reason(ask_manager("GET", IMAGE("us.icr.io", "trees")),
        "explicit_deny");
}

static void
test_all_tags(void **state)
{
    (void)state;
    load_two(GRANT(PROD "," TAG("team", "stringMatch", "?")), TAGGED(""));
    assert_reason(ask(BIRDS), "permitted");
    load_two(GRANT(PROD "," TAG("team", "stringEquals", "b")), TAGGED(""));
    assert_reason(ask(BIRDS), "no_grant");
    load_two(DENY(PROD "," TAG("team", "stringEquals", "b")), TAGGED(""));
    assert_reason(ask_manager("GET", BIRDS), "permitted");
    load_two(GRANT(TAG("env", "stringMatch", "pr*")), TAGGED(""));
    assert_reason(ask(BIRDS), "permitted");
}

/* A complete directory with tags knows who has none. */
static void
test_complete(void **state)
{
    (void)state;
    static const char both[] =
        LIST("\"complete\":true,\"namespaces\":[" OWNED("birds", "us-south",
            "") "," OWNED("stones", "us-south", "") "," OWNED("lone", "eu-de",
            "") "],\"tags\":{\"us-south/birds\":["
                "\"env:prod\"],\"eu-de/lone\":[\"env:prod\"],"
                "\"us-south/new-one\":[\"env:prod\"]}");
    static const char no_tags[] =
        LIST("\"complete\":true,\"namespaces\":[" OWNED("birds", "us-south",
            "") "]");

    load_two(DENY(PROD), both);
    assert_reason(ask_manager("GET", BIRDS), "explicit_deny");
    assert_reason(ask_manager("GET", IMAGE("us.icr.io", "stones")),
        "permitted");
    /* Without a host it is the one that is listed. */
    assert_reason(ask_manager("GET", "/api/v1/retentions/stones"), "permitted");
    assert_reason(ask_manager("GET", "/api/v1/retentions/lone"),
        "explicit_deny");
    /* A namespace to be made: what it will have is not known. */
    assert_reason(ask_manager("PUT", "/api/v1/namespaces/other-one"),
        "explicit_deny");
    load_two(GRANT(PROD), both);
    assert_reason(ask("/api/v1/retentions/lone"), "permitted");
    assert_reason(ask("/api/v1/retentions/stones"), "no_grant");
    /* A directory that says nothing of tags knows none. */
    load_two(DENY(PROD), no_tags);
    assert_reason(ask_manager("GET", BIRDS), "explicit_deny");
}

/* Two regions have the name: neither is meant for certain. */
static void
test_two_regions(void **state)
{
    (void)state;
    static const char both[] =
        LIST("\"complete\":true,\"namespaces\":[" OWNED("birds", "us-south",
            "") "," OWNED("birds", "eu-de",
            "") "],\"tags\":{\"us-south/birds\":[\"env:prod\"]}");

    load_two(GRANT(PROD), both);
    assert_reason(ask("/api/v1/retentions/birds"), "no_grant");
    assert_reason(ask(BIRDS), "permitted");
    load_two(DENY(PROD), both);
    assert_reason(ask_manager("GET", "/api/v1/retentions/birds"),
        "explicit_deny");
    assert_reason(ask_manager("GET", IMAGE("de.icr.io", "birds")), "permitted");
}

/* A CRN names the same namespace, and whose it is. */
static void
test_crns(void **state)
{
    (void)state;
    load_two(GRANT(PROD), LIST("\"tags\":{\"" CRN(ACCOUNT, "us-south",
                              "birds") "\":[\"env:prod\"],\"" CRN(OTHER_ACCOUNT,
                              "us-south", "trees") "\":[\"env:prod\"]}"));
    assert_reason(ask(BIRDS), "permitted");
    assert_reason(ask(IMAGE("us.icr.io", "trees")), "no_grant");
    load_two(DENY(PROD),
        LIST("\"tags\":{\"" CRN(OTHER_ACCOUNT, "us-south", "trees") "\":[]}"));
    assert_reason(ask_manager("GET", IMAGE("us.icr.io", "trees")),
        "explicit_deny");
    /* Both names add up. */
    load_two(GRANT(PROD "," TAG("team", "stringEquals", "a")),
        LIST("\"tags\":{\"" CRN(ACCOUNT, "us-south",
            "birds") "\":[\"env:prod\"],\"us-south/birds\":[\"team:a\"]}"));
    assert_reason(ask(BIRDS), "permitted");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_grant),
        cmocka_unit_test(test_listed),
        cmocka_unit_test(test_deny),
        cmocka_unit_test(test_all_tags),
        cmocka_unit_test(test_complete),
        cmocka_unit_test(test_two_regions),
        cmocka_unit_test(test_crns),
    };

    return cmocka_run_group_tests(tests, NULL, teardown);
}
