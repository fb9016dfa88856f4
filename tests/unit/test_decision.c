/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
/* Stage 10: what a decision says, on each class of outcome. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "fixture.h"

#define TAGS "/api/v1/images/tags"
#define BIRDS "us.icr.io%2Fbirds%2Fx:1"
#define FISH "us.icr.io%2Ffish%2Fy:2"
#define EXP_SEC INT64_C(1795256980)

static const char *const directory =
    "{\"format\":\"pdp-directory/1\",\"namespaces\":[{\"region\":\"us-south\","
    "\"namespace\":\"theirs\",\"account\":\"" OTHER_ACCOUNT "\"}]}";

/* Grants everything on birds; denies what Writer may do on fish. */
#define POLICY(id, effect, role, value)                                        \
    "{\"id\":\"" id "\",\"type\":\"access\",\"subject\":{\"attributes\":[{"    \
    "\"key\":\"iam_id\",\"operator\":\"stringEquals\",\"value\":"              \
    "\"IBMid-270000TEST\"}]},\"resource\":{\"attributes\":[{\"key\":"          \
    "\"serviceName\",\"operator\":\"stringEquals\",\"value\":"                 \
    "\"container-registry\"},{\"key\":\"accountId\",\"operator\":"             \
    "\"stringEquals\",\"value\":\"" ACCOUNT "\"},{\"key\":\"resource\","       \
    "\"operator\":\"stringEquals\",\"value\":\"" value "\"}]},\"control\":{"   \
    "\"" effect "\":{\"roles\":[{\"role_id\":\"crn:v1:bluemix:public:iam::::"  \
    "serviceRole:" role "\"}]}}}"

static const char *const policies = "[" POLICY("birds", "grant", "Manager",
    "birds") "," POLICY("fish", "deny", "Writer", "fish") "]";

static int
setup(void **state)
{
    const struct document documents[] = {
        {PDP_SOURCE_DIRECTORY, "directory.json", directory},
        {PDP_SOURCE_POLICIES, "policies.json", policies},
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

static void
null_reads_as_denied(void **state)
{
    pdp_param_t param = {.size = sizeof(param)};
    pdp_required_t required = {.size = sizeof(required)};
    pdp_grant_t grant = {.size = sizeof(grant)};
    pdp_attribute_t attribute = {.size = sizeof(attribute)};
    pdp_principal_t principal = {.size = sizeof(principal)};
    pdp_token_info_t token = {.size = sizeof(token)};

    (void)state;
    assert_int_equal(pdp_decision_effect(NULL), PDP_EFFECT_DENY);
    assert_int_equal(pdp_decision_reason(NULL), PDP_REASON_INTERNAL);
    assert_null(pdp_decision_service(NULL).ptr);
    assert_null(pdp_decision_route(NULL).ptr);
    assert_int_equal(pdp_decision_route_index(NULL), -1);
    assert_null(pdp_decision_path(NULL).ptr);
    assert_int_equal(pdp_decision_params(NULL), 0);
    assert_false(pdp_decision_param(NULL, 0, &param));
    assert_int_equal(pdp_decision_required_cnt(NULL), 0);
    assert_false(pdp_decision_required(NULL, 0, &required));
    assert_false(pdp_decision_by(NULL, 0, 0, &grant));
    assert_false(pdp_decision_attribute(NULL, 0, 0, &attribute));
    assert_int_equal(pdp_decision_missing_cnt(NULL), 0);
    assert_null(pdp_decision_missing(NULL, 0).ptr);
    assert_null(pdp_decision_at_action(NULL).ptr);
    assert_false(pdp_decision_data_event(NULL));
    assert_false(pdp_decision_principal(NULL, &principal));
    assert_false(pdp_decision_token(NULL, &token));
    assert_null(pdp_decision_account(NULL).ptr);
    assert_int_equal(pdp_decision_offset(NULL), -1);
    assert_int_equal(pdp_decision_cache_max_age_sec(NULL), 0);
}

static void
assert_required(size_t ix, const char *action, bool granted, bool denied,
    size_t by_cnt, size_t attribute_cnt)
{
    pdp_required_t required = {.size = sizeof(required)};

    assert_true(pdp_decision_required(fixture.decision, ix, &required));
    assert_int_equal(required.size, sizeof(required));
    assert_str(required.action, action);
    assert_int_equal(required.granted, granted);
    assert_int_equal(required.denied, denied);
    assert_int_equal(required.by_cnt, by_cnt);
    assert_int_equal(required.attribute_cnt, attribute_cnt);
}

static void
assert_by(size_t required, size_t ix, pdp_grant_source_t source, const char *id)
{
    pdp_grant_t grant = {.size = sizeof(grant)};

    assert_true(pdp_decision_by(fixture.decision, required, ix, &grant));
    assert_int_equal(grant.size, sizeof(grant));
    assert_int_equal(grant.source, source);
    assert_str(grant.id, id);
}

static void
assert_attribute(size_t required, size_t ix, const char *name,
    pdp_attribute_state_t state, const char *value)
{
    pdp_attribute_t attribute = {.size = sizeof(attribute)};

    assert_true(
        pdp_decision_attribute(fixture.decision, required, ix, &attribute));
    assert_str(attribute.name, name);
    assert_int_equal(attribute.state, state);
    assert_str(attribute.value, value);
}

static void
assert_nobody(void)
{
    pdp_principal_t principal = {.size = sizeof(principal)};
    pdp_token_info_t token = {.size = sizeof(token)};

    assert_false(pdp_decision_principal(fixture.decision, &principal));
    assert_false(pdp_decision_token(fixture.decision, &token));
    assert_null(pdp_decision_account(fixture.decision).ptr);
    assert_int_equal(pdp_decision_cache_max_age_sec(fixture.decision), 0);
}

static void
an_allow(void **state)
{
    pdp_principal_t principal = {.size = sizeof(principal)};
    pdp_token_info_t token = {.size = sizeof(token)};
    pdp_param_t param = {.size = sizeof(param)};
    const pdp_decision_t *d;

    (void)state;
    assert_reason(as(",\"roles\":[\"Writer\",\"Manager\"],\"actions\":"
                     "[\"container-registry.image.delete\"]",
                      "DELETE", "/api/v1/images/us.icr.io%2fbirds%2Fx%3A1"),
        "permitted");
    d = fixture.decision;
    assert_int_equal(pdp_decision_effect(d), PDP_EFFECT_ALLOW);
    assert_str(pdp_decision_service(d), "container-registry");
    assert_str(pdp_decision_route(d), "/api/v1/images/{image}");
    assert_int_equal(pdp_decision_route_index(d), 6);
    assert_str(pdp_decision_path(d),
        "/api/v1/images/us.icr.io%2Fbirds%2Fx%3A1");
    assert_int_equal(pdp_decision_params(d), 1);
    assert_true(pdp_decision_param(d, 0, &param));
    assert_str(param.name, "image");
    assert_str(param.value, "us.icr.io/birds/x:1");
    assert_false(pdp_decision_param(d, 1, &param));
    assert_false(pdp_decision_param(d, SIZE_MAX, &param));
    assert_int_equal(pdp_decision_required_cnt(d), 1);
    assert_required(0, "container-registry.image.delete", true, false, 4, 10);
    assert_by(0, 0, PDP_GRANT_ROLE, "Writer");
    assert_by(0, 1, PDP_GRANT_ROLE, "Manager");
    assert_by(0, 2, PDP_GRANT_ACTION, "container-registry.image.delete");
    assert_by(0, 3, PDP_GRANT_POLICY, "birds");
    assert_attribute(0, 0, "serviceType", PDP_ATTRIBUTE_KNOWN, "service");
    assert_attribute(0, 1, "service_group_id", PDP_ATTRIBUTE_KNOWN, "IAM");
    assert_attribute(0, 2, "serviceName", PDP_ATTRIBUTE_KNOWN,
        "container-registry");
    assert_attribute(0, 3, "accountId", PDP_ATTRIBUTE_KNOWN, ACCOUNT);
    assert_attribute(0, 4, "geography", PDP_ATTRIBUTE_ABSENT, NULL);
    assert_attribute(0, 5, "region", PDP_ATTRIBUTE_KNOWN, "us-south");
    assert_attribute(0, 6, "resourceType", PDP_ATTRIBUTE_KNOWN, "namespace");
    assert_attribute(0, 7, "resource", PDP_ATTRIBUTE_KNOWN, "birds");
    assert_attribute(0, 8, "resourceGroupId", PDP_ATTRIBUTE_UNKNOWN, NULL);
    assert_attribute(0, 9, "serviceInstance", PDP_ATTRIBUTE_ABSENT, NULL);
    assert_int_equal(pdp_decision_missing_cnt(d), 0);
    assert_null(pdp_decision_missing(d, 0).ptr);
    assert_str(pdp_decision_at_action(d), "container-registry.image.delete");
    assert_true(pdp_decision_data_event(d));
    assert_true(pdp_decision_principal(d, &principal));
    assert_str(principal.id, "IBMid-270000TEST");
    assert_str(principal.type, "user");
    assert_str(principal.account, ACCOUNT);
    assert_true(pdp_decision_token(d, &token));
    assert_true(token.verified);
    assert_str(token.issuer, IBM_ISSUER);
    assert_str(token.kid, "rsa");
    assert_str(token.alg, "RS256");
    assert_int_equal(token.expires_sec, EXP_SEC);
    assert_str(pdp_decision_account(d), ACCOUNT);
    assert_int_equal(pdp_decision_offset(d), -1);
    assert_int_equal(pdp_decision_cache_max_age_sec(d), EXP_SEC - NOW);
}

/* A public route: the token is not even looked at. */
static void
a_public_route(void **state)
{
    (void)state;
    for (int with = 0; with < 2; with++) {
        assert_reason(decide(&fixture, "GET", "/api/v1/messages",
                          with == 0 ? NULL : "rubbish"),
            "public");
        assert_int_equal(pdp_decision_effect(fixture.decision),
            PDP_EFFECT_ALLOW);
        assert_str(pdp_decision_route(fixture.decision), "/api/v1/messages");
        assert_int_equal(pdp_decision_required_cnt(fixture.decision), 0);
        assert_int_equal(pdp_decision_missing_cnt(fixture.decision), 0);
        assert_null(pdp_decision_at_action(fixture.decision).ptr);
        assert_false(pdp_decision_data_event(fixture.decision));
        assert_nobody();
    }
}

/* Denied before a route is known. */
static void
a_bad_target(void **state)
{
    static const struct {
        const char *target;
        const char *reason;
        int64_t offset;
        const char *path;
    } cases[] = {
        {"api", "target_form", 0, NULL},
        {"/api//v1", "empty_segment", 5, NULL},
        {"/api/v1/%41", "overencoded", 8, NULL},
        {"/api/v1/%2f%2e", "overencoded", 11, NULL},
        {"/nothing?x=1", "no_route", -1, "/nothing"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_reason(as("", "GET", cases[i].target), cases[i].reason);
        const pdp_decision_t *d = fixture.decision;
        assert_int_equal(pdp_decision_offset(d), cases[i].offset);
        assert_str(pdp_decision_path(d), cases[i].path);
        assert_null(pdp_decision_route(d).ptr);
        assert_int_equal(pdp_decision_route_index(d), -1);
        assert_int_equal(pdp_decision_required_cnt(d), 0);
        assert_int_equal(pdp_decision_missing_cnt(d), 0);
        assert_null(pdp_decision_at_action(d).ptr);
        assert_nobody();
    }
}

/* Denied between route and resource: what is required is listed all the
 * same, without attributes. */
static void
a_bad_token(void **state)
{
    (void)state;
    assert_reason(decide(&fixture, "POST", TAGS "?fromimage=" BIRDS, NULL),
        "token_missing");
    assert_int_equal(pdp_decision_required_cnt(fixture.decision), 2);
    assert_required(0, "container-registry.image.pull", false, false, 0, 0);
    assert_required(1, "container-registry.image.push", false, false, 0, 0);
    pdp_attribute_t attribute = {.size = sizeof(attribute)};
    assert_false(pdp_decision_attribute(fixture.decision, 0, 0, &attribute));
    assert_false(pdp_decision_attribute(fixture.decision, 1, 9, &attribute));
    assert_string_equal(missing(&fixture), "image.pull,image.push");
    assert_str(pdp_decision_at_action(fixture.decision),
        "container-registry.image.tag");
    assert_int_equal(pdp_decision_offset(fixture.decision), -1);
    assert_nobody();
    assert_reason(decide(&fixture, "POST", TAGS, "a.b.c.d"), "token_malformed");
    assert_int_equal(pdp_decision_offset(fixture.decision), 5);
    assert_reason(decide(&fixture, "POST", TAGS, "e30.e30.e30!"),
        "alg_refused");
    assert_int_equal(pdp_decision_offset(fixture.decision), 0);
    assert_nobody();
}

/* The signature is good, and so the token is told; its claims are not. */
static void
bad_claims(void **state)
{
    pdp_principal_t principal = {.size = sizeof(principal)};
    pdp_token_info_t token = {.size = sizeof(token)};

    (void)state;
    for (int round = 0; round < 2; round++) {
        assert_reason(decide(&fixture, "GET", "/api/v1/auth",
                          token_of(&fixture,
                              "{\"iss\":\"" IBM_ISSUER "\",\"iam_id\":\"x\","
                              "\"account\":{\"bss\":\"a\"},\"exp\":7}")),
            "token_expired");
        assert_true(pdp_decision_token(fixture.decision, &token));
        assert_true(token.verified);
        assert_str(token.kid, "rsa");
        assert_str(token.alg, "RS256");
        assert_int_equal(token.expires_sec, 7);
        assert_false(pdp_decision_principal(fixture.decision, &principal));
        assert_null(pdp_decision_account(fixture.decision).ptr);
        assert_int_equal(pdp_decision_cache_max_age_sec(fixture.decision), 0);
        assert_string_equal(missing(&fixture), "auth.get");
    }
}

/* Resources that could not be read to the end are not listed half. */
static void
a_deny_within_the_resources(void **state)
{
    (void)state;
    assert_reason(as(",\"roles\":[\"Manager\"]", "POST",
                      TAGS "?fromimage=" BIRDS "&toimage="
                           "us.icr.io%2Ftheirs%2Fx"),
        "account_mismatch");
    assert_int_equal(pdp_decision_required_cnt(fixture.decision), 2);
    assert_required(0, "container-registry.image.pull", false, false, 0, 0);
    assert_required(1, "container-registry.image.push", false, false, 0, 0);
    assert_string_equal(missing(&fixture), "image.pull,image.push");
    assert_str(pdp_decision_account(fixture.decision), ACCOUNT);
    assert_int_equal(pdp_decision_cache_max_age_sec(fixture.decision),
        EXP_SEC - NOW);
}

static void
one_action_is_missing(void **state)
{
    (void)state;
    assert_reason(as("", "POST",
                      TAGS "?fromimage=" BIRDS "&toimage=us.icr.io/apes/y"),
        "no_grant");
    assert_int_equal(pdp_decision_required_cnt(fixture.decision), 2);
    assert_required(0, "container-registry.image.pull", true, false, 1, 10);
    assert_by(0, 0, PDP_GRANT_POLICY, "birds");
    assert_int_equal(pdp_decision_missing_cnt(fixture.decision), 1);
    assert_string_equal(missing(&fixture), "image.push");
    assert_null(pdp_decision_missing(fixture.decision, 1).ptr);
    assert_null(pdp_decision_missing(fixture.decision, SIZE_MAX).ptr);
    pdp_grant_t grant = {.size = sizeof(grant)};
    assert_false(pdp_decision_by(fixture.decision, 0, 1, &grant));
    assert_false(pdp_decision_by(fixture.decision, 1, 0, &grant));
    assert_false(pdp_decision_by(fixture.decision, 2, 0, &grant));
    pdp_attribute_t attribute = {.size = sizeof(attribute)};
    assert_false(pdp_decision_attribute(fixture.decision, 0, 10, &attribute));
    assert_false(pdp_decision_attribute(fixture.decision, 2, 0, &attribute));
    pdp_required_t required = {.size = sizeof(required)};
    assert_false(pdp_decision_required(fixture.decision, 2, &required));
}

/* A deny wins over a grant; an action missing twice is listed once. */
static void
an_explicit_deny(void **state)
{
    (void)state;
    assert_reason(as(",\"roles\":[\"Manager\"]", "POST",
                      TAGS "?fromimage=" BIRDS "&toimage=" FISH),
        "explicit_deny");
    assert_required(0, "container-registry.image.pull", true, false, 2, 10);
    assert_required(1, "container-registry.image.push", false, true, 0, 10);
    assert_string_equal(missing(&fixture), "image.push");
    /* Who would have granted it is not told as if they had. */
    pdp_grant_t grant = {.size = sizeof(grant)};
    assert_true(pdp_decision_by(fixture.decision, 0, 0, &grant));
    assert_false(pdp_decision_by(fixture.decision, 1, 0, &grant));
    assert_reason(as("", "GET",
                      "/api/v1/images?namespace=apes&repository="
                      "us.icr.io/fish/a&repository=us.icr.io/birds/b"),
        "no_grant");
    assert_int_equal(pdp_decision_required_cnt(fixture.decision), 3);
    assert_string_equal(missing(&fixture), "image.list");
}

/* A decision of a worker says nothing of the one before it. */
static void
nothing_is_left_over(void **state)
{
    (void)state;
    for (int i = 0; i < 2; i++) {
        assert_reason(as(",\"roles\":[\"Manager\"]", "DELETE",
                          "/api/v1/images/" BIRDS),
            "permitted");
        assert_reason(decide(&fixture, "get", "/", NULL), "bad_method");
        const pdp_decision_t *d = fixture.decision;
        assert_null(pdp_decision_service(d).ptr);
        assert_null(pdp_decision_route(d).ptr);
        assert_null(pdp_decision_path(d).ptr);
        assert_int_equal(pdp_decision_route_index(d), -1);
        assert_int_equal(pdp_decision_params(d), 0);
        assert_int_equal(pdp_decision_required_cnt(d), 0);
        assert_int_equal(pdp_decision_missing_cnt(d), 0);
        assert_null(pdp_decision_at_action(d).ptr);
        assert_false(pdp_decision_data_event(d));
        assert_int_equal(pdp_decision_offset(d), -1);
        assert_nobody();
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(null_reads_as_denied),
        cmocka_unit_test(an_allow),
        cmocka_unit_test(a_public_route),
        cmocka_unit_test(a_bad_target),
        cmocka_unit_test(a_bad_token),
        cmocka_unit_test(bad_claims),
        cmocka_unit_test(a_deny_within_the_resources),
        cmocka_unit_test(one_action_is_missing),
        cmocka_unit_test(an_explicit_deny),
        cmocka_unit_test(nothing_is_left_over),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
