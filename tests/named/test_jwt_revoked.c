/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <openssl/bn.h>

#include "../unit/fixture.h"

#include "text/base64url.h"

/*
 * Revoked tokens where verifiers fail: a token that the cache knows, a second
 * spelling of a token, a restriction that a cached token would get around.
 */

#define AUTH "/api/v1/auth"
#define MANAGER ",\"roles\":[\"Manager\"],\"jti\":\"lost\""

static const char trust[] =
    "{\"format\":\"pdp-trust/1\",\"issuers\":[{\"issuer\":\"" IBM_ISSUER
    "\",\"keys\":{\"file\":\"keys.json\"},\"algorithms\":[\"RS256\","
    "\"ES256\"]}]}";
static const char empty[] =
    "{\"format\":\"pdp-revocations/1\",\"revocations\":[]}";
static const char lost[] =
    "{\"format\":\"pdp-revocations/1\",\"revocations\":[{\"issuer\":"
    "\"" IBM_ISSUER "\",\"jti\":\"lost\"}]}";
static const char rule[] =
    "{\"contexts\":[{\"attributes\":[{\"name\":\"endpointType\",\"value\":"
    "\"private\"}]}],\"resources\":[{\"attributes\":[{\"name\":\"accountId\","
    "\"value\":\"" ACCOUNT "\"},{\"name\":\"serviceName\",\"value\":"
    "\"container-registry\"}]}]}";

/* Known to the cache today, revoked by the next snapshot. */
static void
j26_a_known_token_that_was_revoked(void **state)
{
    (void)state;
    load_revocations(trust, empty);
    assert_reason(decide(&fixture, "GET", AUTH, token_with(&fixture, MANAGER)),
        "permitted");
    assert_reason(decide(&fixture, "GET", AUTH, token_with(&fixture, MANAGER)),
        "permitted");
    assert_int_equal(hits(), 1);
    load_revocations(trust, lost);
    for (int i = 0; i < 2; i++) {
        assert_reason(decide(&fixture, "GET", AUTH,
                          token_with(&fixture, MANAGER)),
            "token_revoked");
    }
    assert_int_equal(hits(), 0);
}

/* Where from is asked for each request, also of a token that is known. */
static void
t32_a_known_token_skips_no_restriction(void **state)
{
    (void)state;
    const struct document documents[] = {
        {PDP_SOURCE_RESTRICTIONS, "rule.json", rule},
        {PDP_SOURCE_NONE, NULL, NULL},
    };
    static const char *const types[] = {"private", "public", "private", ""};

    load(&fixture, documents);
    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
        request(&fixture, "GET", AUTH);
        bearer(&fixture, token_with(&fixture, MANAGER));
        fixture.request.endpoint_type = str(types[i]);
        assert_reason(pdp_reason_name(judge(&fixture)),
            strcmp(types[i], "private") == 0 ? "permitted" : "context_denied");
    }
    assert_int_equal(hits(), 3);
}

/* (r, s) -> (r, n - s): another text that verifies as well. */
static void
make_twin(char *token)
{
    static const char order[] =
        "FFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551";
    unsigned char bytes[64];
    size_t len = 0;
    size_t offset = 0;
    char *dot = strrchr(token, '.');
    BIGNUM *n = NULL;

    assert_non_null(dot);
    assert_true(pdp__base64url_decode(str(dot + 1), bytes, sizeof(bytes), &len,
        &offset));
    assert_int_equal(len, 64);
    assert_true(BN_hex2bn(&n, order) > 0);
    BIGNUM *s = BN_bin2bn(bytes + 32, 32, NULL);
    assert_int_equal(BN_sub(s, n, s), 1);
    assert_int_equal(BN_bn2binpad(s, bytes + 32, 32), 32);
    BN_free(s);
    BN_free(n);
    dot[1] = '\0';
    append_base64url(token, bytes, sizeof(bytes));
}

/* Whoever revokes a text leaves its twin; whoever revokes an id does not. */
static void
j33_the_twin_of_a_revoked_token(void **state)
{
    (void)state;
    static char twin[TOKEN_CAP];
    char payload[TEXT_MAX] = CLAIMS MANAGER "}";
    const char *token =
        sign_token(&fixture, "{\"alg\":\"ES256\",\"kid\":\"ec\"}", payload,
            fixture.ec, PDP__ALG_ES256);

    memcpy(twin, token, strlen(token) + 1);
    make_twin(twin);
    assert_string_not_equal(twin, token);
    load_revocations(trust, empty);
    assert_reason(decide(&fixture, "GET", AUTH, twin), "permitted");
    load_revocations(trust, lost);
    assert_reason(decide(&fixture, "GET", AUTH, twin), "token_revoked");
    assert_reason(decide(&fixture, "GET", AUTH, fixture.token),
        "token_revoked");
}

static int
setup(void **state)
{
    (void)state;
    make_keys(&fixture);
    return 0;
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(j26_a_known_token_that_was_revoked),
        cmocka_unit_test(t32_a_known_token_skips_no_restriction),
        cmocka_unit_test(j33_the_twin_of_a_revoked_token),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
