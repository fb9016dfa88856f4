/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
/*
 * Known failures of JWT verifiers, by number: what the header of a token can
 * ask for.  J1 J4 J5 J15 J16 J17, T04 T06 T36.
 *
 * The header is the one part that an attacker writes and a verifier reads
 * before anything is verified.  All of it may do is choose among keys and
 * algorithms that the trust document allows anyway.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "token_cases.h"

#include "sealed.h"

/* What stands after the second dot in the tests of unsecured tokens. */
enum tail { SIGNED, JUNK, EMPTY, TAILS };

/* A token with the header; its signature is real, junk or empty. */
static const char *
token_tailed(const char *header_text, enum tail tail)
{
    static const unsigned char junk[256] = {1, 2, 3};

    token_headed(header_text);
    if (tail != SIGNED) {
        resign(junk, tail == JUNK ? sizeof(junk) : 0);
    }
    return fixture.token;
}

static void
refuse_alg(const char *alg)
{
    char head[256];

    for (int with_kid = 0; with_kid < 2; with_kid++) {
        snprintf(head, sizeof(head), "{\"alg\":%s%s}", alg,
            with_kid != 0 ? ",\"kid\":\"rsa\"" : "");
        for (int tail = 0; tail < TAILS; tail++) {
            refuse(token_tailed(head, (enum tail)tail), PDP_REASON_ALG_REFUSED,
                0);
        }
    }
}

static void
j01_t04_every_spelling_of_none(void **state)
{
    char alg[8];

    (void)state;
    accept_token(token_headed(RSA_HEADER));
    for (unsigned upper = 0; upper < 16; upper++) {
        memcpy(alg, "\"none\"", 7);
        for (unsigned i = 0; i < 4; i++) {
            alg[i + 1] =
                (char)((upper >> i & 1U) != 0 ? alg[i + 1] - 32 : alg[i + 1]);
        }
        refuse_alg(alg);
    }
}

static void
j01_t04_alg_that_names_no_algorithm(void **state)
{
    static const char *const values[] = {"\"\"", "null", "0", "1", "-1", "1.5",
        "true", "false", "[]", "[\"none\"]", "[\"RS256\"]", "{}",
        "{\"alg\":\"none\"}", "{\"RS256\":1}", "\" none\"", "\"none \"",
        "\"none\\t\"", "\"n\\u006fne\"", "\"non\"", "\"nonee\"",
        "\"unsecured\"", "\"rs256\"", "\"Rs256\"", "\"RS256 \"", "\" RS256\"",
        "\"RS25\"", "\"RS2567\"", "\"RS256,none\"", "\"RS256;none\"", "\"RS1\"",
        "\"eddsa\"", "\"Ed25519\"", "\"ES256K\"", "\"dir\"", "\"RSA-OAEP\""};

    (void)state;
    for (size_t i = 0; i < COUNT(values); i++) {
        refuse_alg(values[i]);
    }
}

static void
j01_t04_no_alg_at_all(void **state)
{
    static const char *const heads[] = {"{}", "{\"kid\":\"rsa\"}",
        "{\"ALG\":\"RS256\"}", "{\"alg \":\"RS256\"}",
        "{\"typ\":\"JWT\",\"x\":{\"alg\":\"RS256\"}}", "{\"\":\"RS256\"}"};

    (void)state;
    for (size_t i = 0; i < COUNT(heads); i++) {
        for (int tail = 0; tail < TAILS; tail++) {
            refuse(token_tailed(heads[i], (enum tail)tail),
                PDP_REASON_ALG_REFUSED, 0);
        }
    }
}

/* `none` under another name: a good algorithm and nothing behind the second
 * dot; with each algorithm, and the offset says where it is missing. */
static void
j01_t04_empty_signature_with_each_algorithm(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(signers); i++) {
        accept_token(token_by(&signers[i]));
        resign(NULL, 0);
        refuse(fixture.token, PDP_REASON_ALG_REFUSED,
            (int64_t)strlen(fixture.token));
    }
    /* Two parts are no token at all. */
    fixture.token[strlen(fixture.token) - 1] = '\0';
    refuse(fixture.token, PDP_REASON_TOKEN_MALFORMED,
        (int64_t)strlen(fixture.token));
}

/* The same when the good twin of the token is in the cache. */
static void
j01_t04_stripped_signature_of_a_known_token(void **state)
{
    (void)state;
    accept_token(token_headed(RSA_HEADER));
    accept_token(fixture.token);
    resign(NULL, 0);
    refuse(fixture.token, PDP_REASON_ALG_REFUSED,
        (int64_t)strlen(fixture.token));
    accept_token(token_headed(RSA_HEADER));
}

/* The attacker's key, as good a JWK as any, and a signature it made. */
static const char *
token_with_own_key(void)
{
    char head[TEXT_MAX] = "{\"alg\":\"RS256\",\"kid\":\"rsa\",\"jwk\":";
    char jwk[TEXT_MAX];

    /* Headers end at 1 KiB: this one must be refused for what it says. */
    jwk_of(jwk, fixture.rogue, NULL, NULL);
    append(head, jwk);
    append(head, "}");
    assert_true(strlen(head) < 1024);
    return sign_token(&fixture, head, payload_of(IBM_ISSUER, ""), fixture.rogue,
        PDP__ALG_RS256);
}

#define FETCH "\"https://127.0.0.1:9/keys.json\""

static const char *const fetched[] = {"\"jwk\":{}", "\"jwk\":null",
    "\"jwk\":\"x\"", "\"jwk\":[]", "\"jku\":" FETCH, "\"jku\":null",
    "\"jku\":\"file:///dev/null\"", "\"jku\":[" FETCH "]", "\"x5u\":" FETCH,
    "\"x5u\":null", "\"x5u\":\"\"", "\"x5c\":[]", "\"x5c\":[\"MIIB\"]",
    "\"x5c\":\"MIIB\"", "\"x5c\":null", "\"j\\u0077k\":{}",
    "\"jk\\u0075\":" FETCH, "\"\\u00785u\":" FETCH, "\"\\u0078\\u0035c\":[]"};

static void
j04_t06_a_key_in_the_header_is_refused(void **state)
{
    char head[256];

    (void)state;
    refuse(token_with_own_key(), PDP_REASON_TOKEN_MALFORMED, 0);
    for (size_t i = 0; i < COUNT(fetched); i++) {
        /* Before and behind the members that are needed. */
        snprintf(head, sizeof(head), "{%s,\"alg\":\"RS256\",\"kid\":\"rsa\"}",
            fetched[i]);
        refuse(token_headed(head), PDP_REASON_TOKEN_MALFORMED, 0);
        snprintf(head, sizeof(head), "{\"alg\":\"RS256\",\"kid\":\"rsa\",%s}",
            fetched[i]);
        refuse(token_headed(head), PDP_REASON_TOKEN_MALFORMED, 0);
    }
    /* A thumbprint is no key. */
    accept_token(token_headed("{\"alg\":\"RS256\",\"kid\":\"rsa\",\"x5t\":"
                              "\"a\",\"x5t#S256\":\"b\"}"));
}

/* Not even an attempt to fetch it: no connection, no look-up of a name, no
 * file. */
static void
j04_t06_nothing_is_opened(void **state)
{
    char head[256];

    (void)state;
    if (!sealing_works()) {
        skip();
    }
    decide_sealed(token_headed(RSA_HEADER), PDP_REASON_PERMITTED);
    decide_sealed(token_with_own_key(), PDP_REASON_TOKEN_MALFORMED);
    for (size_t i = 0; i < COUNT(fetched); i++) {
        snprintf(head, sizeof(head), "{\"alg\":\"RS256\",\"kid\":\"rsa\",%s}",
            fetched[i]);
        decide_sealed(token_headed(head), PDP_REASON_TOKEN_MALFORMED);
    }
    /* Nor for an issuer or a key that nobody knows. */
    decide_sealed(sign_token(&fixture, RSA_HEADER,
                      payload_of("https://127.0.0.1:9", ""), fixture.rsa,
                      PDP__ALG_RS256),
        PDP_REASON_ISSUER_UNTRUSTED);
    decide_sealed(token_headed("{\"alg\":\"RS256\",\"kid\":\"nobody's\"}"),
        PDP_REASON_KEY_UNKNOWN);
}

static const char *const path_kids[] = {"/dev/null", "../../../../dev/null",
    "..\\\\..\\\\nul", "file:///dev/null", "keys.json", "./keys.json",
    "https://127.0.0.1:9/k", "' OR 1=1 --", "x' UNION SELECT 'a", "rsa/",
    "/rsa", "rsa%00", "rsa\\n", "$(id)", "|id", "*", "%", ""};

static void
j05_a_kid_is_nothing_but_a_name(void **state)
{
    char head[256];
    bool sealed = sealing_works();

    (void)state;
    for (size_t i = 0; i < COUNT(path_kids); i++) {
        snprintf(head, sizeof(head), "{\"alg\":\"RS256\",\"kid\":\"%s\"}",
            path_kids[i]);
        refuse(token_headed(head), PDP_REASON_KEY_UNKNOWN, -1);
        if (sealed) {
            decide_sealed(fixture.token, PDP_REASON_KEY_UNKNOWN);
        }
    }
}

static void
j05_kid_of_another_form(void **state)
{
    static const char *const values[] = {"1", "null", "true", "[]", "[\"rsa\"]",
        "{}", "{\"kid\":\"rsa\"}"};
    char head[512];
    char kid[301];

    (void)state;
    for (size_t i = 0; i < COUNT(values); i++) {
        snprintf(head, sizeof(head), "{\"alg\":\"RS256\",\"kid\":%s}",
            values[i]);
        refuse(token_headed(head), PDP_REASON_TOKEN_MALFORMED, 0);
    }
    memset(kid, 'k', sizeof(kid));
    static const struct {
        int len;
        pdp_reason_t reason;
        int64_t offset;
    } lengths[] = {{1, PDP_REASON_KEY_UNKNOWN, -1},
        {255, PDP_REASON_KEY_UNKNOWN, -1}, {256, PDP_REASON_KEY_UNKNOWN, -1},
        {257, PDP_REASON_TOKEN_MALFORMED, 0},
        {300, PDP_REASON_TOKEN_MALFORMED, 0}};
    for (size_t i = 0; i < COUNT(lengths); i++) {
        snprintf(head, sizeof(head), "{\"alg\":\"RS256\",\"kid\":\"%.*s\"}",
            lengths[i].len, kid);
        refuse(token_headed(head), lengths[i].reason, lengths[i].offset);
    }
}

/* NUL in a kid: as an escape and as a raw byte; "rsa" never remains of it. */
static void
j05_nul_in_a_kid(void **state)
{
    static const char escaped[] = "{\"alg\":\"RS256\",\"kid\":\"rsa\\u0000\"}";
    unsigned char raw[] = "{\"alg\":\"RS256\",\"kid\":\"rsa?\"}";

    (void)state;
    size_t at = (size_t)(strchr(escaped, '\\') - escaped);
    refuse(token_headed(escaped), PDP_REASON_TOKEN_MALFORMED,
        json_offset(0, at));
    raw[sizeof(raw) - 4] = 0; /* the question mark */
    char text[TEXT_MAX] = "";
    append_base64url(text, raw, sizeof(raw) - 1);
    append(text, strchr(token_headed(RSA_HEADER), '.'));
    refuse(text, PDP_REASON_TOKEN_MALFORMED, json_offset(0, sizeof(raw) - 4));
}

/* A key may be called as it likes: no character of a kid is special. */
static void
j05_a_key_with_an_odd_kid_is_found(void **state)
{
    static char jwks[TEXT_MAX];
    static const char *const kids[] = {"/dev/null", "../x", "' OR 1=1 --", "*",
        "k"};
    const struct document documents[] = {
        {PDP_SOURCE_JWKS, "odd.json", jwks},
        {PDP_SOURCE_NONE, NULL, NULL},
    };
    char head[128];

    (void)state;
    memcpy(jwks, "{\"keys\":[", 10);
    for (size_t i = 0; i < COUNT(kids); i++) {
        append_jwk(jwks, i == 0 ? fixture.rogue : fixture.rsa, NULL, kids[i]);
    }
    append(jwks, "]}");
    load(&fixture, documents);
    for (size_t i = 0; i < COUNT(kids); i++) {
        snprintf(head, sizeof(head), "{\"alg\":\"RS256\",\"kid\":\"%s\"}",
            kids[i]);
        token_headed(head);
        if (i == 0) { /* that one is another key */
            refuse(fixture.token, PDP_REASON_SIGNATURE_INVALID,
                (int64_t)signature_at(fixture.token));
        } else {
            accept_token(fixture.token);
        }
    }
    load_issuers(NULL);
}

/* Header members that change how a token is to be read: none is supported,
 * so none may be passed over. */
static void
refuse_members(const char *const *members, size_t cnt)
{
    char head[256];

    for (size_t i = 0; i < cnt; i++) {
        snprintf(head, sizeof(head), "{%s,\"alg\":\"RS256\",\"kid\":\"rsa\"}",
            members[i]);
        refuse(token_headed(head), PDP_REASON_TOKEN_MALFORMED, 0);
        snprintf(head, sizeof(head), "{\"alg\":\"RS256\",\"kid\":\"rsa\",%s}",
            members[i]);
        refuse(token_headed(head), PDP_REASON_TOKEN_MALFORMED, 0);
    }
}

static void
j15_t36_any_crit(void **state)
{
    static const char *const members[] = {"\"crit\":[]", "\"crit\":[\"exp\"]",
        "\"crit\":[\"alg\"]", "\"crit\":[\"kid\",\"alg\"]",
        "\"crit\":[\"b64\"],\"b64\":true", "\"crit\":[\"exp\",\"exp\"]",
        "\"crit\":[\"http://x.example\"],\"http://x.example\":1",
        "\"crit\":[\"\"]", "\"crit\":[1]", "\"crit\":[null]",
        "\"crit\":\"exp\"", "\"crit\":1", "\"crit\":0", "\"crit\":true",
        "\"crit\":false", "\"crit\":null", "\"crit\":{}", "\"cri\\u0074\":[]",
        "\"\\u0063\\u0072\\u0069\\u0074\":[\"x\"]"};

    (void)state;
    refuse_members(members, COUNT(members));
    /* Elsewhere it is a name like any other. */
    accept_token(token_headed("{\"alg\":\"RS256\",\"kid\":\"rsa\",\"x\":"
                              "{\"crit\":[\"x\"]},\"Crit\":[],\"cri\":1}"));
    accept_token(sign_token(&fixture, RSA_HEADER,
        payload_of(IBM_ISSUER, ",\"crit\":[\"x\"],\"b64\":false"), fixture.rsa,
        PDP__ALG_RS256));
}

static void
j15_t36_crit_twice(void **state)
{
    static const char head[] =
        "{\"alg\":\"RS256\",\"crit\":[],\"crit\":[\"exp\"]}";

    (void)state;
    assert_reason(pdp_reason_name(
                      judge_bytes(token_headed(head), strlen(fixture.token))),
        "token_malformed");
    assert_false(tells_about_token());
}

static void
j16_t36_b64_with_any_value(void **state)
{
    static const char *const members[] = {"\"b64\":false", "\"b64\":true",
        "\"b64\":null", "\"b64\":0", "\"b64\":\"false\"", "\"b64\":[]",
        "\"b6\\u0034\":false", "\"crit\":[\"b64\"],\"b64\":false"};

    (void)state;
    refuse_members(members, COUNT(members));
}

/* RFC 7797 taken by its word: the payload as it stands, not encoded. */
static void
j16_t36_payload_that_is_not_encoded(void **state)
{
    char input[TEXT_MAX] = "";
    unsigned char signature[512];
    static const char head[] = "{\"alg\":\"RS256\",\"b64\":false}";

    (void)state;
    append_base64url(input, (const unsigned char *)head, sizeof(head) - 1);
    append(input, ".{\"iss\":\"x\"}");
    size_t len = sign_jws(fixture.rsa, &manners[0], str(input), signature,
        sizeof(signature));
    append(input, ".");
    append_base64url(input, signature, len);
    refuse(input, PDP_REASON_TOKEN_MALFORMED, 0);
}

static void
t36_zip_is_never_unpacked(void **state)
{
    static const char *const members[] = {"\"zip\":\"DEF\"", "\"zip\":null",
        "\"zip\":\"\"", "\"zip\":\"none\"", "\"zip\":1",
        "\"z\\u0069p\":\"DEF\""};

    (void)state;
    refuse_members(members, COUNT(members));
}

static const char *const jwe_algs[] = {"RSA1_5", "RSA-OAEP", "RSA-OAEP-256",
    "A128KW", "A192KW", "A256KW", "dir", "ECDH-ES", "ECDH-ES+A128KW",
    "ECDH-ES+A192KW", "ECDH-ES+A256KW", "A128GCMKW", "A192GCMKW", "A256GCMKW",
    "PBES2-HS256+A128KW", "PBES2-HS384+A192KW", "PBES2-HS512+A256KW"};

/* Five parts end at the third dot, whatever is in them: nothing is decoded
 * (the offset is that of the dot, not of the first bad byte), nothing is
 * unpacked (nothing that could is linked). */
static void
j17_t36_a_jwe_is_refused_before_it_is_decoded(void **state)
{
    char text[TEXT_MAX];
    char head[256];

    (void)state;
    for (size_t i = 0; i < COUNT(jwe_algs); i++) {
        snprintf(head, sizeof(head),
            "{\"alg\":\"%s\",\"enc\":\"A128GCM\",\"zip\":\"DEF\"}",
            jwe_algs[i]);
        text[0] = '\0';
        append_base64url(text, (const unsigned char *)head, strlen(head));
        append(text, ".a2V5.aXY");
        int64_t third = (int64_t)strlen(text);
        append(text, ".Y2lwaGVy.dGFn");
        refuse(text, PDP_REASON_TOKEN_MALFORMED, third);
        /* In the clothes of a JWS it has no algorithm of ours. */
        snprintf(head, sizeof(head),
            "{\"alg\":\"%s\",\"enc\":\"A128GCM\",\"kid\":\"rsa\"}",
            jwe_algs[i]);
        refuse(token_headed(head), PDP_REASON_ALG_REFUSED, 0);
    }
    refuse("!!!.=.\x01.\xff.?", PDP_REASON_TOKEN_MALFORMED, 7);
    refuse("e30..iv.cipher.tag", PDP_REASON_TOKEN_MALFORMED, 7);
}

static void
j17_t36_number_of_parts(void **state)
{
    static const struct {
        const char *text;
        int64_t offset;
    } cases[] = {{"a", 1}, {".", 1}, {"a.b", 3}, {"..", 0}, {"...", 2},
        {"....", 2}, {".....", 2}, {"a.b.c.d", 5}, {"a.b.c.d.e", 5},
        {"a.b.c.d.e.f", 5}, {"{\"payload\":\"e30\",\"signatures\":[]}", 33}};
    char text[TOKEN_CAP + 16];

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        refuse(cases[i].text, PDP_REASON_TOKEN_MALFORMED, cases[i].offset);
    }
    accept_token(token_headed(RSA_HEADER));
    int64_t len = (int64_t)strlen(fixture.token);
    static const char *const more[] = {".", "..", ".a.b", ".a.b.c"};
    for (size_t i = 0; i < COUNT(more); i++) {
        snprintf(text, sizeof(text), "%s%s", fixture.token, more[i]);
        refuse(text, PDP_REASON_TOKEN_MALFORMED, len);
    }
    snprintf(text, sizeof(text), ".%s", fixture.token);
    refuse(text, PDP_REASON_TOKEN_MALFORMED,
        (int64_t)signature_at(fixture.token));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(j01_t04_every_spelling_of_none),
        cmocka_unit_test(j01_t04_alg_that_names_no_algorithm),
        cmocka_unit_test(j01_t04_no_alg_at_all),
        cmocka_unit_test(j01_t04_empty_signature_with_each_algorithm),
        cmocka_unit_test(j01_t04_stripped_signature_of_a_known_token),
        cmocka_unit_test(j04_t06_a_key_in_the_header_is_refused),
        cmocka_unit_test(j04_t06_nothing_is_opened),
        cmocka_unit_test(j05_a_kid_is_nothing_but_a_name),
        cmocka_unit_test(j05_kid_of_another_form),
        cmocka_unit_test(j05_nul_in_a_kid),
        cmocka_unit_test(j05_a_key_with_an_odd_kid_is_found),
        cmocka_unit_test(j15_t36_any_crit),
        cmocka_unit_test(j15_t36_crit_twice),
        cmocka_unit_test(j16_t36_b64_with_any_value),
        cmocka_unit_test(j16_t36_payload_that_is_not_encoded),
        cmocka_unit_test(t36_zip_is_never_unpacked),
        cmocka_unit_test(j17_t36_a_jwe_is_refused_before_it_is_decoded),
        cmocka_unit_test(j17_t36_number_of_parts),
    };

    return cmocka_run_group_tests(tests, load_issuers, free_issuers);
}
