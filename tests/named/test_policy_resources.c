/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
/*
 * Which resource and which account a request is about: P11 and T24 (targets
 * in the body or the query), T20 (two actions), P12 and T22 (the header
 * `Account`).
 *
 * Who owns a namespace only a directory can say; without one the service
 * behind must check it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../unit/grant_text.h"
#include "model/snapshot.h"

#define BIRDS_ONLY OURS "," EQ("resource", "birds")

/* Every route of the registry whose images or namespace are in the body. */
static const struct {
    const char *path;
    const char *action;
} in_body[] = {
    {"/api/v1/images/bulkdelete", "image.delete"},
    {"/api/v1/images/digests", "image.list"},
    {"/api/v1/retentions", "retention.set"},
    {"/api/v1/retentions/analyze", "retention.analyze"},
    {"/va/api/v4/exemptions/images", "exemption.list"},
};

enum { IN_BODY = sizeof(in_body) / sizeof(in_body[0]) };

/* What names one namespace, or one group, or any attribute of it. */
static const char *const narrowed[] = {
    BIRDS_ONLY,
    OURS "," EQ("resourceType", "namespace") "," EQ("resource", "birds"),
    OURS "," EQ("resourceType", "namespace"),
    OURS "," EQ("resourceGroupId", "rg"),
    OURS ",{\"key\":\"resource\",\"operator\":\"stringMatch\",\"value\":\"*\"}",
    OURS ",{\"key\":\"resource\",\"operator\":\"stringMatchAnyOf\",\"value\":"
         "[\"b*\",\"*\"]}",
    OURS ",{\"key\":\"resource\",\"operator\":\"stringEqualsAnyOf\",\"value\":"
         "[\"birds\",\"fish\"]}",
    OURS ",{\"key\":\"resource\",\"operator\":\"stringExists\",\"value\":true}",
};

enum { NARROWED = sizeof(narrowed) / sizeof(narrowed[0]) };

static void
load_narrowed(size_t ix, bool deny)
{
    char text[2048];

    snprintf(text, sizeof(text), POLICY("p", ME, "%s", "%s"), narrowed[ix],
        deny ? DENY("Manager") : GRANT("Manager"));
    load_policies(text, NULL);
}

/* The list above is that of the definition. */
static void
p11_these_are_all_routes_with_a_body(void **state)
{
    size_t found = 0;

    (void)state;
    load_default(NULL);
    const struct pdp__block *block = fixture.snapshot->block;
    for (uint32_t i = 0; i < block->routes.cnt; i++) {
        const struct pdp__route *route = &pdp__routes(block)[i];
        const struct pdp__requirement *r =
            &pdp__requirements(block)[route->requires.first];
        pdp_str_t path = pdp__text(block, route->path);

        if (route->requires.cnt != 1 || r->origins.cnt != 1 ||
            pdp__origins(block)[r->origins.first].kind != PDP__ORIGIN_BODY) {
            continue;
        }
        for (size_t j = 0; j < IN_BODY; j++) {
            found += pdp__str_eq(path, pdp__str_z(in_body[j].path));
        }
    }
    assert_int_equal(found, IN_BODY);
    uint32_t bodies = 0;
    for (uint32_t i = 0; i < block->origins.cnt; i++) {
        bodies += pdp__origins(block)[i].kind == PDP__ORIGIN_BODY;
    }
    assert_int_equal(bodies, IN_BODY);
}

static void
p11_a_narrowed_grant_does_not_reach_the_body(void **state)
{
    (void)state;
    for (size_t n = 0; n < NARROWED; n++) {
        load_narrowed(n, false);
        token_with(&fixture, "");
        for (size_t i = 0; i < IN_BODY; i++) {
            assert_reason(decide(&fixture, "POST", in_body[i].path,
                              fixture.token),
                "no_grant");
            assert_string_equal(missing(&fixture), in_body[i].action);
            /* Not even if the query says so: the service reads the body. */
            char target[128];
            snprintf(target, sizeof(target),
                "%s?namespace=birds&image=us.icr.io/birds/a", in_body[i].path);
            assert_reason(decide(&fixture, "POST", target, fixture.token),
                "no_grant");
        }
    }
}

/* T24 by its three names; only what holds for the whole account grants. */
static void
t24_p11_an_account_wide_grant_does(void **state)
{
    static const struct {
        const char *policy;
        const char *claims;
    } wide[] = {
        {POLICY("p", ME, OURS, GRANT("Manager")), ""},
        {POLICY("p", ME,
             EQ("serviceType", "service") "," EQ("accountId", ACCOUNT),
             GRANT("Manager")),
            ""},
        {"[]", ",\"roles\":[\"Manager\"]"},
        {"[]", INLINE(OURS, GRANTS("Manager"))},
    };

    (void)state;
    for (size_t w = 0; w < sizeof(wide) / sizeof(wide[0]); w++) {
        load_policies(wide[w].policy, NULL);
        token_with(&fixture, wide[w].claims);
        for (size_t i = 0; i < IN_BODY; i++) {
            assert_reason(decide(&fixture, "POST", in_body[i].path,
                              fixture.token),
                "permitted");
        }
    }
    /* The narrowed grant of a token is no better than a loaded one. */
    load_default(NULL);
    token_with(&fixture, INLINE(BIRDS_ONLY, GRANTS("Manager")));
    assert_reason(decide(&fixture, "DELETE", IMAGE, fixture.token),
        "permitted");
    for (size_t i = 0; i < IN_BODY; i++) {
        assert_reason(decide(&fixture, "POST", in_body[i].path, fixture.token),
            "no_grant");
    }
}

/* For a denial the doubt goes the other way. */
static void
t24_p11_a_narrowed_deny_does(void **state)
{
    (void)state;
    for (size_t n = 0; n < NARROWED; n++) {
        load_narrowed(n, true);
        token_with(&fixture, ",\"roles\":[\"Manager\"]");
        for (size_t i = 0; i < IN_BODY; i++) {
            assert_reason(decide(&fixture, "POST", in_body[i].path,
                              fixture.token),
                "explicit_deny");
            assert_string_equal(missing(&fixture), in_body[i].action);
        }
    }
}

/* An action of the account is not granted for a part of it, though the request
 * names that part, and the directory its resource group; a denial of the part
 * holds. */
static void
p11_a_narrowed_grant_does_not_reach_the_account(void **state)
{
    static const char directory[] =
        "{\"format\":\"pdp-directory/1\",\"namespaces\":[{\"region\":"
        "\"us-south\",\"namespace\":\"birds\",\"account\":\"" ACCOUNT
        "\",\"resource_group\":\"rg\"}]}";
    static const struct {
        const char *method;
        const char *target;
    } asks[] = {
        {"PUT", "/api/v1/namespaces/birds"},
        {"PATCH", "/api/v1/namespaces/birds"},
        {"DELETE", "/api/v1/namespaces/birds"},
        {"GET", "/va/api/v4/report/image/us.icr.io%2Fbirds%2Fa"},
        {"GET", "/va/api/v4/report/account?repository=us.icr.io/birds/a"},
        {"POST", "/va/api/v4/exempt/image/birds%2Fa/issue/cve/x"},
    };
    char text[2048];

    (void)state;
    for (size_t n = 0; n < NARROWED; n++) {
        for (int deny = 0; deny < 2; deny++) {
            snprintf(text, sizeof(text), POLICY("p", ME, "%s", "%s"),
                narrowed[n], deny == 1 ? DENY("Manager") : GRANT("Manager"));
            load_policies(text, directory);
            token_with(&fixture, deny == 1 ? ",\"roles\":[\"Manager\"]" : "");
            for (size_t i = 0; i < sizeof(asks) / sizeof(asks[0]); i++) {
                request(&fixture, asks[i].method, asks[i].target);
                bearer(&fixture, fixture.token);
                header(&fixture, "Host", "us.icr.io");
                assert_reason(pdp_reason_name(judge(&fixture)),
                    deny == 1 ? "explicit_deny" : "no_grant");
            }
        }
    }
}

/* POST /images/tags: each action on the image it is for, and no other. */
static void
t20_p11_both_images_of_a_tag_are_judged(void **state)
{
    static const char target[] = "/api/v1/images/tags?fromimage=us.icr.io/"
                                 "birds/a:1&toimage=us.icr.io/fish/a:2";
    static const struct {
        const char *pull; /* namespace of the Reader grant, or "none" */
        const char *push; /* namespace of the Writer grant; it pulls, too */
        const char *missing;
    } cases[] = {
        {"none", "none", "image.pull,image.push"},
        {"birds", "none", "image.push"},
        {"fish", "none", "image.pull,image.push"},
        {"none", "fish", "image.pull"},
        {"none", "birds", "image.push"},
        {"fish", "birds", "image.push"},
        {"fish", "fish", "image.pull"},
        {"birds", "birds", "image.push"},
        {"birds", "fish", ""},
    };
    char text[4096];

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        bool good = cases[i].missing[0] == '\0';

        snprintf(text, sizeof(text),
            "[" POLICY("r", ME, OURS "," EQ("resource", "%s"),
                GRANT("Reader")) "," POLICY("w", ME,
                OURS "," EQ("resource", "%s"), GRANT("Writer")) "]",
            cases[i].pull, cases[i].push);
        load_policies(text, NULL);
        assert_reason(as("", "POST", target), good ? "permitted" : "no_grant");
        assert_string_equal(missing(&fixture), cases[i].missing);
        assert_int_equal(pdp_decision_required_cnt(fixture.decision), 2);
    }
    assert_string_equal(granted_by(0), "policy:r");
    assert_string_equal(granted_by(1), "policy:w");
}

/* Only one of the two actions, by whatever grants it, is not enough. */
static void
t20_one_of_two_actions_is_not_enough(void **state)
{
#define TAGS "/api/v1/images/tags"
#define FROM "fromimage=us.icr.io/birds/a:1"
#define TO "toimage=us.icr.io/birds/b:1"
    static const struct {
        const char *claims;
        const char *missing;
    } cases[] = {
        {",\"actions\":[\"container-registry.image.pull\"]", "image.push"},
        {",\"actions\":[\"container-registry.image.push\"]", "image.pull"},
        {",\"roles\":[\"Reader\"]", "image.push"},
        {INLINE(OURS, GRANTS("Reader")), "image.push"},
        {",\"actions\":[\"container-registry.image.push\",\"container-registry"
         ".image.push\"]",
            "image.pull"},
    };

    (void)state;
    load_default(NULL);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        token_with(&fixture, cases[i].claims);
        assert_reason(decide(&fixture, "POST", TAGS "?" FROM "&" TO,
                          fixture.token),
            "no_grant");
        assert_string_equal(missing(&fixture), cases[i].missing);
        /* Images that are not given may be any. */
        assert_reason(decide(&fixture, "POST", TAGS, fixture.token),
            "no_grant");
        assert_string_equal(missing(&fixture), cases[i].missing);
    }
    token_with(&fixture,
        ",\"actions\":[\"container-registry.image.pull\",\"container-registry."
        "image.push\"]");
    assert_reason(decide(&fixture, "POST", TAGS "?" FROM "&" TO, fixture.token),
        "permitted");
    /* A denial of one of them is enough. */
    load_policies(POLICY("no", ME, OURS, DENY("Reader")), NULL);
    assert_reason(as(",\"roles\":[\"Manager\"]", "POST", TAGS "?" FROM "&" TO),
        "explicit_deny");
    assert_string_equal(missing(&fixture), "image.pull");
    /* Twice the same name: which of them would the service take? */
    load_default(NULL);
    assert_reason(as(",\"roles\":[\"Manager\"]", "POST",
                      TAGS "?" FROM "&" TO "&" FROM),
        "ambiguous_query");
    assert_int_equal(pdp_decision_offset(fixture.decision),
        sizeof(TAGS "?" FROM "&" TO "&") - 1);
}

/* The header is the caller's, the account of the token the issuer's.  No
 * policy makes them agree, not even one of the account that is asked for. */
static void
t22_p12_another_account_is_denied(void **state)
{
    static const char *const accounts[] = {OTHER_ACCOUNT, "x", "*", ACCOUNT "0",
        " " ACCOUNT, ACCOUNT " ", ACCOUNT "," OTHER_ACCOUNT, ACCOUNT "\n",
        "a/" ACCOUNT, "4F8E2B1C9D3A4B5C8E7F6A5B4C3D2E1F"};

    (void)state;
    load_policies("[" POLICY("ours", ME, OURS,
                      GRANT("Manager")) "," POLICY("theirs", ME,
                      EQ("serviceName",
                          "container-registry") "," EQ("accountId",
                          OTHER_ACCOUNT),
                      GRANT("Manager")) "]",
        NULL);
    token_with(&fixture, ",\"roles\":[\"Manager\"]");
    for (size_t i = 0; i < sizeof(accounts) / sizeof(accounts[0]); i++) {
        request(&fixture, "DELETE", IMAGE);
        bearer(&fixture, fixture.token);
        header(&fixture, "Account", accounts[i]);
        assert_int_equal(judge(&fixture), PDP_REASON_ACCOUNT_MISMATCH);
        /* Nothing that a gateway could send on by mistake. */
        assert_null(pdp_decision_account(fixture.decision).ptr);
        assert_string_equal(missing(&fixture), "image.delete");
    }
    request(&fixture, "DELETE", IMAGE);
    bearer(&fixture, fixture.token);
    header(&fixture, "Account", ACCOUNT);
    assert_int_equal(judge(&fixture), PDP_REASON_PERMITTED);
    assert_str(pdp_decision_account(fixture.decision), ACCOUNT);
    request(&fixture, "DELETE", IMAGE);
    bearer(&fixture, fixture.token);
    assert_int_equal(judge(&fixture), PDP_REASON_PERMITTED);
    assert_str(pdp_decision_account(fixture.decision), ACCOUNT);
}

/* A policy holds in its own account: who comes with a token of another one
 * gets nothing of it, by whatever the policy is found. */
static void
p12_policies_hold_in_their_account_only(void **state)
{
    static const char *const claims[] = {"",
        ",\"groups\":[\"AccessGroupId-1\"]",
        ",\"policies\":[\"free\",\"me\",\"group\"]"};
    char payload[2048];

    (void)state;
    load_policies("[" POLICY("me", ME, OURS,
                      GRANT("Manager")) "," POLICY("group",
                      EQ("access_group_id", "AccessGroupId-1"), OURS,
                      GRANT("Manager")) "," POLICY("all",
                      EQ("access_group_id", "AccessGroupId-PublicAccess"), OURS,
                      GRANT("Manager")) ",{\"type\":\"access\",\"id\":"
                                        "\"free\"," BODY(OURS,
                                            GRANTS("Manager")) "]",
        NULL);
    for (size_t i = 0; i < sizeof(claims) / sizeof(claims[0]); i++) {
        snprintf(payload, sizeof(payload),
            "{\"iss\":\"" IBM_ISSUER "\",\"iam_id\":\"IBMid-270000TEST\","
            "\"account\":{\"bss\":\"%s\"},\"exp\":1795256980%s}",
            OTHER_ACCOUNT, claims[i]);
        assert_reason(decide(&fixture, "DELETE", IMAGE,
                          token_of(&fixture, payload)),
            "no_grant");
        assert_str(pdp_decision_account(fixture.decision), OTHER_ACCOUNT);
        assert_reason(as(claims[i], "DELETE", IMAGE), "permitted");
    }
}

/* The namespace of another customer, where the directory knows it. */
static void
p12_a_namespace_of_another_account(void **state)
{
    static const char directory[] =
        "{\"format\":\"pdp-directory/1\",\"namespaces\":[{\"region\":"
        "\"us-south\",\"namespace\":\"fish\",\"account\":\"" OTHER_ACCOUNT
        "\"},{\"region\":\"us-south\",\"namespace\":\"birds\",\"account\":"
        "\"" ACCOUNT "\"}]}";

    (void)state;
    load_policies("[]", directory);
    token_with(&fixture, ",\"roles\":[\"Manager\"]");
    assert_reason(decide(&fixture, "DELETE", IMAGE, fixture.token),
        "permitted");
    assert_reason(decide(&fixture, "DELETE", OTHER_IMAGE, fixture.token),
        "account_mismatch");
    assert_reason(decide(&fixture, "DELETE", "/api/v1/namespaces/fish",
                      fixture.token),
        "account_mismatch");
    assert_reason(decide(&fixture, "PUT", "/api/v1/namespaces/fish",
                      fixture.token),
        "account_mismatch");
    assert_reason(decide(&fixture, "POST",
                      TAGS "?" FROM "&toimage=us.icr.io/fish/b", fixture.token),
        "account_mismatch");
    header(&fixture, "Account", OTHER_ACCOUNT);
    assert_int_equal(judge(&fixture), PDP_REASON_ACCOUNT_MISMATCH);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(p11_these_are_all_routes_with_a_body),
        cmocka_unit_test(p11_a_narrowed_grant_does_not_reach_the_body),
        cmocka_unit_test(t24_p11_an_account_wide_grant_does),
        cmocka_unit_test(t24_p11_a_narrowed_deny_does),
        cmocka_unit_test(p11_a_narrowed_grant_does_not_reach_the_account),
        cmocka_unit_test(t20_p11_both_images_of_a_tag_are_judged),
        cmocka_unit_test(t20_one_of_two_actions_is_not_enough),
        cmocka_unit_test(t22_p12_another_account_is_denied),
        cmocka_unit_test(p12_policies_hold_in_their_account_only),
        cmocka_unit_test(p12_a_namespace_of_another_account),
    };

    return cmocka_run_group_tests(tests, NULL, teardown);
}
