/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "fixture.h"

/* Revoked tokens: by jti, by subject and time, by key; with the cache. */

#define LIST(entries)                                                          \
    "{\"format\":\"pdp-revocations/1\",\"revocations\":[" entries "]}"
#define OF "\"issuer\":\"" IBM_ISSUER "\""
#define AUTH "/api/v1/auth"

static const char trust[] =
    "{\"format\":\"pdp-trust/1\",\"issuers\":[{\"issuer\":\"" IBM_ISSUER
    "\",\"keys\":{\"file\":\"keys.json\"}},{\"issuer\":\"https://two.example\""
    ",\"keys\":{\"file\":\"keys.json\"},\"algorithms\":[\"RS256\"],"
    "\"audiences\":\"none\",\"typ\":\"none\"}]}";

/* The reason for a token with more claims than CLAIMS. */
static const char *
reason_with(const char *more)
{
    return decide(&fixture, "GET", AUTH, token_with(&fixture, more));
}

static const char *
reason_of(const char *payload)
{
    return decide(&fixture, "GET", AUTH, token_of(&fixture, payload));
}

#define MANAGER ",\"roles\":[\"Manager\"]"

static void
test_by_jti(void **state)
{
    (void)state;
    load_revocations(trust,
        LIST("{" OF ",\"jti\":\"lost\"},"
             "{\"issuer\":\"https://two.example\",\"jti\":\"other\"}"));
    assert_reason(reason_with(MANAGER ",\"jti\":\"lost\""), "token_revoked");
    assert_reason(reason_with(MANAGER ",\"jti\":\"LOST\""), "permitted");
    assert_reason(reason_with(MANAGER ",\"jti\":\"los\""), "permitted");
    /* Ids are an issuer's own. */
    assert_reason(reason_with(MANAGER ",\"jti\":\"other\""), "permitted");
    /* Without an id it is no token of the list. */
    assert_reason(reason_with(MANAGER), "permitted");
    assert_reason(reason_with(MANAGER ",\"jti\":5"), "claim_invalid");
    /* What else is wrong with it is told first. */
    assert_reason(reason_of("{\"iss\":\"" IBM_ISSUER "\",\"iam_id\":\"i\","
                            "\"account\":{\"bss\":\"a\"},\"jti\":\"lost\","
                            "\"exp\":1795253399}"),
        "token_expired");
}

/* Without a list of ids, nobody looks at them. */
static void
test_jti_of_no_interest(void **state)
{
    (void)state;
    load_revocations(trust, LIST(""));
    assert_reason(reason_with(MANAGER ",\"jti\":5"), "permitted");
}

#define SUBJECT(id, before)                                                    \
    "{" OF ",\"subject\":\"" id "\",\"issued_before\":\"" before "\"}"
#define ISSUED(iat)                                                            \
    "{\"iss\":\"" IBM_ISSUER "\",\"iam_id\":\"IBMid-1\",\"account\":{\"bss\":" \
    "\"" ACCOUNT "\"},\"exp\":1795256980,\"roles\":[\"Manager\"]" iat "}"

static void
test_by_subject(void **state)
{
    (void)state;
    /* 1795253400 */
    load_revocations(trust, LIST(SUBJECT("IBMid-1", "2026-11-21T09:30:00Z")));
    assert_reason(reason_of(ISSUED(",\"iat\":1795253399")), "token_revoked");
    assert_reason(reason_of(ISSUED(",\"iat\":1795253399.9")), "token_revoked");
    assert_reason(reason_of(ISSUED(",\"iat\":1795253400")), "permitted");
    assert_reason(reason_of(ISSUED(",\"iat\":1795253401")), "permitted");
    assert_reason(reason_of(ISSUED(",\"iat\":0")), "token_revoked");
    /* Who does not say when, is older than any moment. */
    assert_reason(reason_of(ISSUED("")), "token_revoked");
    /* Somebody else. */
    assert_reason(reason_with(MANAGER), "permitted");
    /* The principal counts, not what else the token calls it. */
    assert_reason(reason_with(MANAGER ",\"sub\":\"IBMid-1\""), "permitted");
    load_revocations(trust,
        LIST(SUBJECT("IBMid-1", "2026-11-21T09:30:00.001Z")));
    assert_reason(reason_of(ISSUED(",\"iat\":1795253400")), "token_revoked");
    assert_reason(reason_of(ISSUED(",\"iat\":1795253401")), "permitted");
    load_revocations(trust,
        LIST("{\"issuer\":\"https://two.example\",\"subject\":"
             "\"IBMid-1\",\"issued_before\":\"2027-01-01T00:00:00Z\"}"));
    assert_reason(reason_of(ISSUED("")), "permitted");
}

static void
test_by_kid(void **state)
{
    (void)state;
    load_revocations(trust, LIST("{" OF ",\"kid\":\"rsa\"}"));
    assert_reason(reason_with(MANAGER), "token_revoked");
    /* A token that names no key is verified by the only one that fits; it is
     * that key that is revoked. */
    char payload[TEXT_MAX] = CLAIMS MANAGER "}";
    assert_reason(decide(&fixture, "GET", AUTH,
                      sign_token(&fixture, "{\"alg\":\"RS256\"}", payload,
                          fixture.rsa, PDP__ALG_RS256)),
        "token_revoked");
    /* Another key says no more than that the signature is bad. */
    assert_reason(decide(&fixture, "GET", AUTH,
                      sign_token(&fixture,
                          "{\"alg\":\"RS256\",\"kid\":\"rsa\"}", payload,
                          fixture.rogue, PDP__ALG_RS256)),
        "signature_invalid");
    /* Another issuer with the same key set. */
    load_revocations(trust,
        LIST("{\"issuer\":\"https://two.example\",\"kid\":\"rsa\"}"));
    assert_reason(reason_with(MANAGER), "permitted");
}

/* Claims that nobody signed have no key, and the rest all the same. */
static void
test_unverified(void **state)
{
    (void)state;
    static const char claims[] = CLAIMS MANAGER ",\"jti\":\"lost\"}";
    const pdp_decision_t *decision = NULL;

    load_revocations(trust,
        LIST("{" OF ",\"jti\":\"lost\"},{" OF ",\"kid\":\"rsa\"}"));
    request(&fixture, "GET", AUTH);
    assert_int_equal(pdp_decide_unverified(fixture.worker, &fixture.request,
                         str(claims), &decision),
        PDP_OK);
    assert_int_equal(pdp_decision_reason(decision), PDP_REASON_TOKEN_REVOKED);
    assert_int_equal(pdp_decision_effect(decision), PDP_EFFECT_DENY);
}

/* A token that is revoked never gets into the cache, and one that is in it
 * leaves with its snapshot. */
static void
test_cache(void **state)
{
    (void)state;
    load_revocations(trust, LIST("{" OF ",\"jti\":\"other\"}"));
    for (int i = 0; i < 3; i++) {
        assert_reason(reason_with(MANAGER ",\"jti\":\"lost\""), "permitted");
    }
    assert_int_equal(hits(), 2);
    load_revocations(trust, LIST("{" OF ",\"jti\":\"lost\"}"));
    for (int i = 0; i < 3; i++) {
        assert_reason(reason_with(MANAGER ",\"jti\":\"lost\""),
            "token_revoked");
    }
    assert_int_equal(hits(), 0);
    /* A route that looks at no token is as open as before. */
    assert_reason(decide(&fixture, "GET", "/api/v1/messages",
                      token_with(&fixture, ",\"jti\":\"lost\"")),
        "public");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_by_jti),
        cmocka_unit_test(test_jti_of_no_interest),
        cmocka_unit_test(test_by_subject),
        cmocka_unit_test(test_by_kid),
        cmocka_unit_test(test_unverified),
        cmocka_unit_test(test_cache),
    };

    return cmocka_run_group_tests(tests, NULL, teardown);
}
