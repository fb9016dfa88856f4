/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
/*
 * Known failures of JWT verifiers, by number: input that is cut, empty or
 * garbage.  J31 J32.
 *
 * Other verifiers crashed on it, or answered 500 in place of 401.  Here each
 * such input is a denial with status 401 and the exact reason.  What is left
 * of J31 is for the nginx module: to run with `satisfy any`.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dirent.h>

#include <jansson.h>

#include "token_cases.h"

static void
assert_value(const char *value, size_t len, pdp_reason_t reason, int64_t offset)
{
    assert_refused(judge_value(value, len), reason, offset, value);
}

/* The first len bytes of a good value: nothing before the scheme ends. */
static void
j31_authorization_of_every_length(void **state)
{
    char value[TOKEN_CAP];

    (void)state;
    snprintf(value, sizeof(value), "Bearer %s", token_headed(RSA_HEADER));
    assert_true(payload_at(fixture.token) < 57); /* one dot within 64 bytes */
    for (size_t len = 0; len <= 64; len++) {
        if (len < 6) {
            assert_value(value, len, PDP_REASON_TOKEN_MISSING, -1);
        } else if (len <= 7) {
            assert_value(value, len, PDP_REASON_TOKEN_MALFORMED, 0);
        } else { /* no second dot: the token ends too early */
            assert_value(value, len, PDP_REASON_TOKEN_MALFORMED,
                (int64_t)len - 7);
        }
    }
}

/* Every length of one byte repeated, and of what could be a scheme. */
static void
j31_authorization_of_one_byte(void **state)
{
    static const char bytes[] = {'\0', ' ', '\t', '.', 'B', 'X', ',', '=', '\n',
        '\x7f', '\xff'};
    static const char *const schemes[] = {"Bearer", "bearer", "BEARER",
        "Bearer ", "Bearer  ", "Bearer\t", "Basic ", "Bear", "Bearer,",
        "Digest "};
    char value[65];

    (void)state;
    for (size_t i = 0; i < sizeof(bytes); i++) {
        memset(value, bytes[i], sizeof(value));
        for (size_t len = 0; len <= 64; len++) {
            assert_value(value, len, PDP_REASON_TOKEN_MISSING, -1);
        }
        for (size_t s = 0; s < COUNT(schemes); s++) {
            size_t start = strlen(schemes[s]);
            memset(value, bytes[i], sizeof(value));
            memcpy(value, schemes[s], start);
            bool right =
                s < 5 && (value[start] == ' ' || schemes[s][start - 1] == ' ');
            for (size_t len = start + 1; len <= 64; len++) {
                if (!right) {
                    assert_value(value, len, PDP_REASON_TOKEN_MISSING, -1);
                    continue;
                }
                assert_int_equal(judge_value(value, len),
                    PDP_REASON_TOKEN_MALFORMED);
                assert_false(tells_about_token());
            }
        }
    }
}

/* Every prefix of a good token, with the reason and offset that the number
 * of its dots and the base64url of its last part ask for. */
static void
j31_a_token_cut_at_every_byte(void **state)
{
    (void)state;
    accept_token(token_headed(RSA_HEADER));
    size_t len = strlen(fixture.token);
    size_t sig = signature_at(fixture.token);
    unsigned char out[512];

    for (size_t cut = 0; cut < len; cut++) {
        size_t got = 0;
        size_t bad = 0;

        if (cut == 0) {
            refuse_bytes(fixture.token, 0, PDP_REASON_TOKEN_MALFORMED, 0);
        } else if (cut < sig) {
            refuse_bytes(fixture.token, cut, PDP_REASON_TOKEN_MALFORMED,
                (int64_t)cut);
        } else if (cut == sig) {
            refuse_bytes(fixture.token, cut, PDP_REASON_ALG_REFUSED,
                (int64_t)cut);
        } else if (pdp__base64url_decode((pdp_str_t){fixture.token + sig,
                                             cut - sig},
                       out, sizeof(out), &got, &bad)) {
            refuse_bytes(fixture.token, cut, PDP_REASON_SIGNATURE_INVALID,
                (int64_t)sig);
        } else {
            refuse_bytes(fixture.token, cut, PDP_REASON_TOKEN_MALFORMED,
                (int64_t)(sig + bad));
        }
    }
    accept_token(fixture.token);
}

/* One member of an object, by the path to it; what is missing then. */
struct gone {
    const char *object; /* NULL: the root */
    const char *name;
    const char *reason;
};

static void
without(const char *claims, const struct gone *gone)
{
    json_t *root = json_loads(claims, 0, NULL);
    json_t *object =
        gone->object == NULL ? root : json_object_get(root, gone->object);

    assert_non_null(root);
    assert_int_equal(json_object_del(object, gone->name), 0);
    char *text = json_dumps(root, JSON_COMPACT);
    assert_non_null(text);
    token_of(&fixture, text);
    const char *reason =
        pdp_reason_name(judge_bytes(fixture.token, strlen(fixture.token)));
    if (strcmp(reason, gone->reason) != 0) {
        fail_msg("without %s: %s", gone->name, reason);
    }
    free(text);
    json_decref(root);
}

static void
j31_every_claim_removed_in_turn(void **state)
{
    static const char claims[] = CLAIMS
        ",\"id\":\"IBMid-270000TEST\",\"realmid\":\"IBMid\","
        "\"jti\":\"j\",\"identifier\":\"i\",\"given_name\":\"g\","
        "\"sub\":\"s\",\"sub_type\":\"u\",\"nbf\":1795253380,"
        "\"groups\":[\"g\"],\"actions\":[],\"policies\":[],"
        "\"aud\":\"x\",\"grant_type\":\"g\",\"client_id\":\"c\","
        "\"acr\":1,\"amr\":[\"pwd\"],\"authn\":{\"sub\":\"s\"}" READER "}";
    static const struct gone cases[] = {
        {NULL, "iss", "issuer_untrusted"},
        {NULL, "iam_id", "claim_invalid"},
        {NULL, "account", "claim_invalid"},
        {"account", "bss", "claim_invalid"},
        {"account", "valid", "permitted"},
        {"account", "frozen", "permitted"},
        {NULL, "exp", "claim_invalid"},
        {NULL, "iat", "permitted"},
        {NULL, "nbf", "permitted"},
        {NULL, "scope", "permitted"},
        {NULL, "roles", "no_grant"},
        {NULL, "groups", "permitted"},
        {NULL, "actions", "permitted"},
        {NULL, "policies", "permitted"},
        {NULL, "id", "permitted"},
        {NULL, "realmid", "permitted"},
        {NULL, "jti", "permitted"},
        {NULL, "identifier", "permitted"},
        {NULL, "given_name", "permitted"},
        {NULL, "sub", "permitted"},
        {NULL, "sub_type", "permitted"},
        {NULL, "aud", "permitted"},
        {NULL, "grant_type", "permitted"},
        {NULL, "client_id", "permitted"},
        {NULL, "acr", "permitted"},
        {NULL, "amr", "permitted"},
        {NULL, "authn", "permitted"},
    };

    (void)state;
    accept_token(token_of(&fixture, claims));
    json_t *root = json_loads(claims, 0, NULL);
    /* None is left out here: the two of `account` are the only others. */
    assert_int_equal(json_object_size(root) + 3, COUNT(cases));
    json_decref(root);
    for (size_t i = 0; i < COUNT(cases); i++) {
        without(claims, &cases[i]);
    }
}

/* Each claim we read as null, and as each wrong type. */
static void
j31_every_claim_of_another_type(void **state)
{
    static const struct {
        const char *name;
        const char *values[6];
    } cases[] = {
        {"iss", {"null", "1", "true", "[]", "{}", NULL}},
        {"iam_id", {"null", "1", "true", "[]", "{}", "\"\""}},
        {"account", {"null", "1", "true", "[]", "{}", "\"a\""}},
        {"exp", {"null", "\"1\"", "true", "[]", "{}", NULL}},
        {"nbf", {"null", "\"1\"", "true", "[]", "{}", NULL}},
        {"iat", {"null", "\"1\"", "true", "[]", "{}", NULL}},
        {"scope", {"null", "1", "true", "[]", "{}", NULL}},
        {"roles", {"null", "1", "true", "\"Reader\"", "{}", "[1]"}},
        {"actions", {"null", "1", "true", "\"a\"", "{}", "[null]"}},
        {"policies", {"null", "1", "true", "\"p\"", "{}", "[1]"}},
        {"groups", {"null", "1", "true", "\"g\"", "{}", "[[]]"}},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        for (size_t k = 0; k < 6 && cases[i].values[k] != NULL; k++) {
            json_t *root = json_loads(payload_of(IBM_ISSUER, ""), 0, NULL);
            json_t *value =
                json_loads(cases[i].values[k], JSON_DECODE_ANY, NULL);
            assert_non_null(value);
            json_object_set_new(root, cases[i].name, value);
            char *text = json_dumps(root, JSON_COMPACT);
            token_of(&fixture, text);
            pdp_reason_t got =
                judge_bytes(fixture.token, strlen(fixture.token));
            if (got != PDP_REASON_CLAIM_INVALID) {
                fail_msg("%s: %s", text, pdp_reason_name(got));
            }
            free(text);
            json_decref(root);
        }
    }
}

/* 401 with one of the reasons of a token that is not accepted. */
static void
assert_unauthorized(pdp_reason_t got, const char *what)
{
    if (pdp_reason_status(got) != 401) {
        fail_msg("%s: %s", what, pdp_reason_name(got));
    }
    assert_int_equal(pdp_decision_effect(fixture.decision), PDP_EFFECT_DENY);
}

/* Each bit of a good token flipped: 401, and the reason of its place. */
static void
j32_every_bit_flipped(void **state)
{
    (void)state;
    for (size_t s = 0; s < COUNT(signers); s++) {
        accept_token(token_by(&signers[s]));
        size_t len = strlen(fixture.token);
        size_t sig = signature_at(fixture.token);

        for (size_t bit = 0; bit < 8 * len; bit++) {
            char saved = fixture.token[bit / 8];
            fixture.token[bit / 8] = (char)(saved ^ (1 << bit % 8));
            if (bit / 8 == 0 && fixture.token[0] == ' ') {
                fixture.token[0] = saved;
                continue;
            }
            pdp_reason_t got = judge_bytes(fixture.token, len);
            assert_unauthorized(got, fixture.token);
            assert_false(tells_about_token());
            if (bit / 8 >= sig) {
                assert_true(got == PDP_REASON_TOKEN_MALFORMED ||
                            got == PDP_REASON_SIGNATURE_INVALID);
            }
            fixture.token[bit / 8] = saved;
        }
    }
}

static uint32_t random_state = 12345;

static uint32_t
random_u32(void)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 17;
    random_state ^= random_state << 5;
    return random_state;
}

/* Signatures of the right length with random bytes: a no of libcrypto is
 * never a failure of ours. */
static void
j32_random_signatures(void **state)
{
    unsigned char bytes[256];

    (void)state;
    for (size_t s = 0; s < COUNT(signers); s++) {
        token_by(&signers[s]);
        size_t len = signature_of(bytes, sizeof(bytes));
        for (int round = 0; round < 60; round++) {
            for (size_t i = 0; i < len; i++) {
                bytes[i] = (unsigned char)random_u32();
            }
            /* Small, large, and with halves of zeros and ones. */
            memset(bytes + (round % 3 == 2 ? len / 2 : 0),
                round % 4 < 2 ? 0 : 0xFF, len * (size_t)(round % 3) / 4);
            resign(bytes, len);
            refuse(fixture.token, PDP_REASON_SIGNATURE_INVALID,
                (int64_t)signature_at(fixture.token));
        }
    }
}

/* Random bytes as a token, and as each of its parts. */
static void
j32_random_bytes(void **state)
{
    char bytes[400];

    (void)state;
    for (int round = 0; round < 20000; round++) {
        size_t len = random_u32() % sizeof(bytes);

        for (size_t i = 0; i < len; i++) {
            uint32_t r = random_u32();
            bytes[i] = round % 2 == 0 ? (char)r
                       : r % 9 == 0   ? '.'
                                      : "eyJhbGciOi0_-AZ"[r % 15];
        }
        assert_unauthorized(judge_bytes(bytes, len), "random bytes");
        assert_false(tells_about_token());
    }
}

/* A text of any bytes as the payload of a token whose signature is good, or
 * as its header; len 0 is an empty part. */
static pdp_reason_t
judge_part(const char *text, size_t len, bool as_header)
{
    char *out = fixture.token;
    unsigned char signature[256];
    const char *other = as_header ? payload_of(IBM_ISSUER, "") : RSA_HEADER;
    const char *parts[] = {as_header ? text : other, as_header ? other : text};
    const size_t lens[] = {as_header ? len : strlen(other),
        as_header ? strlen(other) : len};
    size_t used = 0;

    for (size_t i = 0; i < 2; i++) {
        used += pdp__base64url_encode((const unsigned char *)parts[i], lens[i],
            out + used, TOKEN_CAP - used);
        out[used++] = '.';
    }
    size_t signature_len = sign_jws(fixture.rsa, &manners[0],
        (pdp_str_t){out, used - 1}, signature, sizeof(signature));
    used += pdp__base64url_encode(signature, signature_len, out + used,
        TOKEN_CAP - used);
    out[used] = '\0';
    return judge_bytes(out, used);
}

/* What a file of JSONTestSuite must give: no JSON is malformed; a number
 * that no reader holds is a bad claim; an object has no issuer. */
static bool
is_expected(const char *name, pdp_reason_t got, bool as_header)
{
    if (name[0] == 'n') {
        return got == PDP_REASON_TOKEN_MALFORMED;
    }
    if (got == PDP_REASON_TOKEN_MALFORMED) {
        return true; /* no object, or text that we refuse */
    }
    if (as_header) {
        return name[0] == 'y' && got == PDP_REASON_ALG_REFUSED;
    }
    return (name[0] == 'y' && got == PDP_REASON_ISSUER_UNTRUSTED) ||
           (strstr(name, "number") != NULL && got == PDP_REASON_CLAIM_INVALID);
}

static void
j32_json_test_suite_as_header_and_payload(void **state)
{
    const char *folder = getenv("PDP_VECTORS");
    char path[4096];
    size_t cnt = 0;

    (void)state;
    snprintf(path, sizeof(path), "%s/JSONTestSuite/test_parsing",
        folder == NULL ? "." : folder);
    DIR *dir = folder == NULL ? NULL : opendir(path);
    if (dir == NULL) {
        print_message("no PDP_VECTORS/JSONTestSuite: not tested\n");
        skip();
    }
    for (struct dirent *entry; (entry = readdir(dir)) != NULL;) {
        if (strstr(entry->d_name, ".json") == NULL) {
            continue;
        }
        snprintf(path, sizeof(path), "%s/JSONTestSuite/test_parsing/%s", folder,
            entry->d_name);
        FILE *file = fopen(path, "rb");
        assert_non_null(file);
        char bytes[6000];
        size_t len = fread(bytes, 1, sizeof(bytes), file);
        fclose(file);
        if (len == sizeof(bytes)) {
            len = 5000; /* the two of 100,000 brackets, cut: still no JSON */
        }
        for (int as_header = 0; as_header < 2; as_header++) {
            pdp_reason_t got = judge_part(bytes, len, as_header != 0);
            assert_unauthorized(got, entry->d_name);
            if (!is_expected(entry->d_name, got, as_header != 0)) {
                fail_msg("%s: %s", entry->d_name, pdp_reason_name(got));
            }
        }
        cnt++;
    }
    closedir(dir);
    assert_true(cnt > 300);
}

/* All tokens of Wycheproof, the named ones (J1 J4 J8 J9 J11) among them:
 * their payloads are no claims, so none may be accepted whatever its label,
 * and none may be a failure of ours.  Their signatures are judged by
 * tests/unit/test_wycheproof.c. */
static void
j32_wycheproof_tokens(void **state)
{
    const char *folder = getenv("PDP_VECTORS");
    char path[4096];
    size_t i;
    size_t k;
    size_t cnt = 0;
    json_t *group;
    json_t *test;

    (void)state;
    snprintf(path, sizeof(path), "%s/wycheproof/json_web_signature_test.json",
        folder == NULL ? "." : folder);
    json_t *root = folder == NULL ? NULL : json_load_file(path, 0, NULL);
    if (root == NULL) {
        print_message("no PDP_VECTORS/wycheproof: not tested\n");
        skip();
    }
    json_array_foreach(json_object_get(root, "testGroups"), i, group)
    {
        json_array_foreach(json_object_get(group, "tests"), k, test)
        {
            const char *jws = json_string_value(json_object_get(test, "jws"));
            json_int_t id = json_integer_value(json_object_get(test, "tcId"));
            pdp_reason_t got = judge_bytes(jws, strlen(jws));

            assert_true(got == PDP_REASON_TOKEN_MALFORMED ||
                        got == PDP_REASON_ALG_REFUSED);
            if (id == 16 || (id >= 341 && id <= 344)) {
                assert_int_equal(got, PDP_REASON_ALG_REFUSED);
            }
            if (id == 32 || id == 365 || id == 366 || id == 372) {
                assert_int_equal(got, PDP_REASON_TOKEN_MALFORMED);
            }
            cnt++;
        }
    }
    assert_int_equal(cnt, 401);
    json_decref(root);
}

/* Payloads that are JSON and no claims, or hardly JSON. */
static void
j32_payloads_that_are_no_claims(void **state)
{
    static const struct {
        const char *text;
        pdp_reason_t reason;
    } cases[] = {
        {"", PDP_REASON_TOKEN_MALFORMED},
        {" ", PDP_REASON_TOKEN_MALFORMED},
        {"{}", PDP_REASON_ISSUER_UNTRUSTED},
        {" {} ", PDP_REASON_ISSUER_UNTRUSTED},
        {"[]", PDP_REASON_TOKEN_MALFORMED},
        {"null", PDP_REASON_TOKEN_MALFORMED},
        {"true", PDP_REASON_TOKEN_MALFORMED},
        {"0", PDP_REASON_TOKEN_MALFORMED},
        {"\"{}\"", PDP_REASON_TOKEN_MALFORMED},
        {"[{}]", PDP_REASON_TOKEN_MALFORMED},
        {"{}{}", PDP_REASON_TOKEN_MALFORMED},
        {"{},", PDP_REASON_TOKEN_MALFORMED},
        {"\xef\xbb\xbf{}", PDP_REASON_TOKEN_MALFORMED},
        {"{'iss':1}", PDP_REASON_TOKEN_MALFORMED},
        {"{\"iss\":\"\xff\"}", PDP_REASON_TOKEN_MALFORMED},
        {"{\"iss\":\"\\ud800\"}", PDP_REASON_TOKEN_MALFORMED},
        {"{\"iss\":{}}", PDP_REASON_CLAIM_INVALID},
        {"{\"x\":1e309}", PDP_REASON_CLAIM_INVALID},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        pdp_reason_t got =
            judge_part(cases[i].text, strlen(cases[i].text), false);
        if (got != cases[i].reason) {
            fail_msg("%s: %s", cases[i].text, pdp_reason_name(got));
        }
        assert_unauthorized(got, cases[i].text);
    }
}

/* Brackets as deep as a token has room for; no stack is used up. */
static void
j32_deep_nesting(void **state)
{
    char text[5600];

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        memcpy(text, "{\"x\":", 5);
        for (size_t at = 5; at < sizeof(text); at++) {
            text[at] = i == 0 ? '[' : "{\"x\":"[at % 5];
        }
        assert_int_equal(judge_part(text, sizeof(text), false),
            PDP_REASON_TOKEN_MALFORMED);
        assert_int_equal(judge_part(text, 1000, true),
            PDP_REASON_TOKEN_MALFORMED);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(j31_authorization_of_every_length),
        cmocka_unit_test(j31_authorization_of_one_byte),
        cmocka_unit_test(j31_a_token_cut_at_every_byte),
        cmocka_unit_test(j31_every_claim_removed_in_turn),
        cmocka_unit_test(j31_every_claim_of_another_type),
        cmocka_unit_test(j32_every_bit_flipped),
        cmocka_unit_test(j32_random_signatures),
        cmocka_unit_test(j32_random_bytes),
        cmocka_unit_test(j32_json_test_suite_as_header_and_payload),
        cmocka_unit_test(j32_wycheproof_tokens),
        cmocka_unit_test(j32_payloads_that_are_no_claims),
        cmocka_unit_test(j32_deep_nesting),
    };

    return cmocka_run_group_tests(tests, load_issuers, free_issuers);
}
