/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
/*
 * Known failures of JWT verifiers, by number: keys that must not be trusted,
 * and keys of somebody else.  J6 J13 J14, T08 T09.
 *
 * A set with one bad key is refused as a whole, with one finding at the line
 * and column of the member; the snapshot that was loaded before goes on
 * deciding.  Telling an operator (an event) is for whoever loads.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "token_cases.h"

#include "../unit/jwk_numbers.h"

/* The bad key stands on a line of its own, behind a good one. */
struct weak {
    const char *jwk; /* $N, $X256, ...: numbers made once */
    const char *code;
    const char *at; /* where the finding points: this text in the JWK */
};

#define RSA_N(n) "{\"kty\":\"RSA\",\"e\":\"AQAB\",\"n\":" n "}"
#define RSA_E(e) "{\"kty\":\"RSA\",\"n\":\"$N\",\"e\":" e "}"
#define RSA_MORE(more) "{\"kty\":\"RSA\",\"n\":\"$N\",\"e\":\"AQAB\"," more "}"
#define P256(x, y)                                                             \
    "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"" x "\",\"y\":\"" y "\"}"
#define P256_MORE(more)                                                        \
    "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"$X256\",\"y\":\"$Y256\"," more  \
    "}"
#define ED(x) "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"" x "\"}"

/* A set of the fixture's RSA key and, on line 3, the bad one. */
static void
set_with(const char *jwk, char *set)
{
    memcpy(set, "{\"keys\":[", 10);
    append_jwk(set, fixture.rsa, NULL, "rsa");
    append(set, ",\n\n");
    append(set, jwk);
    append(set, "]}");
}

static pdp_status_t
load_set(const char *set, pdp_report_t **report)
{
    pdp_loader_t *loader = NULL;
    pdp_snapshot_t *snapshot = NULL;
    pdp_source_t source = {.size = sizeof(source),
        .kind = PDP_SOURCE_JWKS,
        .name = str("new.json"),
        .text = str(set)};

    assert_int_equal(pdp_loader_new(NULL, &loader), PDP_OK);
    assert_int_equal(pdp_loader_add(loader, &source), PDP_OK);
    pdp_status_t status = pdp_loader_build(loader, &snapshot, report);
    assert_int_equal(snapshot != NULL, status == PDP_OK);
    pdp_snapshot_release(snapshot);
    pdp_loader_free(loader);
    return status;
}

/* Refused with this one error; what was loaded before works as before. */
static void
refuse_key(const struct weak *weak)
{
    char jwk[TEXT_MAX];
    char at[TEXT_MAX];
    char set[TEXT_MAX];
    pdp_report_t *report = NULL;

    expand(weak->jwk, jwk);
    expand(weak->at, at);
    set_with(jwk, set);
    if (load_set(set, &report) != PDP_E_INVALID) {
        fail_msg("loaded: %s", weak->jwk);
    }
    const char *place = strstr(jwk, at);
    assert_non_null(place);
    assert_only_error(report, weak->code, 3, (uint32_t)(place - jwk) + 1);
    pdp_report_free(report);
    accept_token(fixture.token);
}

static void
refuse_keys(const struct weak *keys, size_t cnt)
{
    accept_token(token_headed(RSA_HEADER));
    for (size_t i = 0; i < cnt; i++) {
        refuse_key(&keys[i]);
    }
}

static void
j13_t08_rsa_modulus(void **state)
{
    static const struct weak keys[] = {
        {RSA_N("\"$N2047\""), "weak_key", "\"$N2047\""},
        {RSA_N("\"$NEVEN\""), "weak_key", "\"$NEVEN\""},
        {RSA_N("\"$NPRIME\""), "weak_key", "\"$NPRIME\""},
        {RSA_N("\"$NSMALL\""), "weak_key", "\"$NSMALL\""},
        {RSA_N("\"$NZERO\""), "bad_key", "\"$NZERO\""},
        {RSA_N("\"AA\""), "weak_key", "\"AA\""}, /* n = 0 */
        {RSA_N("\"AQ\""), "weak_key", "\"AQ\""},
        {RSA_N("\"\""), "bad_key", "\"\""},
        {RSA_N("\"$N=\""), "bad_key", "\"$N=\""},
        {RSA_N("1"), "bad_key", "1"},
        {"{\"kty\":\"RSA\",\"e\":\"AQAB\"}", "bad_key", "{"},
    };

    (void)state;
    refuse_keys(keys, COUNT(keys));
}

/* Moduli of few bits, 512 and 1024 among them. */
static void
j13_t08_rsa_modulus_of_few_bits(void **state)
{
    static const size_t sizes[] = {512, 768, 1024, 1536, 2040};

    (void)state;
    for (size_t i = 0; i < COUNT(sizes); i++) {
        EVP_PKEY *key = EVP_RSA_gen(sizes[i]);
        char jwk[TEXT_MAX];

        assert_non_null(key);
        jwk_of(jwk, key, NULL, NULL);
        const char *n = strstr(jwk, "\"n\":") + 4;
        char at[TEXT_MAX];
        snprintf(at, sizeof(at), "%.*s", (int)strcspn(n, ","), n);
        const struct weak weak = {jwk, "weak_key", at};
        token_headed(RSA_HEADER);
        refuse_key(&weak);
        EVP_PKEY_free(key);
    }
}

static void
j13_t08_rsa_exponent(void **state)
{
    static const struct weak keys[] = {
        {RSA_E("\"AQ\""), "weak_key", "\"AQ\""},           /* 1 */
        {RSA_E("\"Ag\""), "weak_key", "\"Ag\""},           /* 2 */
        {RSA_E("\"Aw\""), "weak_key", "\"Aw\""},           /* 3 */
        {RSA_E("\"EQ\""), "weak_key", "\"EQ\""},           /* 17 */
        {RSA_E("\"__8\""), "weak_key", "\"__8\""},         /* 65535 */
        {RSA_E("\"AQAA\""), "weak_key", "\"AQAA\""},       /* 65536 */
        {RSA_E("\"AQAC\""), "weak_key", "\"AQAC\""},       /* 65538 */
        {RSA_E("\"AA\""), "weak_key", "\"AA\""},           /* 0 */
        {RSA_E("\"AAEAAQ\""), "bad_key", "\"AAEAAQ\""},    /* leading zero */
        {RSA_E("\"AQAAAAE\""), "weak_key", "\"AQAAAAE\""}, /* 2^32 + 1 */
        {RSA_E("\"$N2047\""), "weak_key", "\"$N2047\""},
        {RSA_E("\"\""), "bad_key", "\"\""},
        {RSA_E("65537"), "bad_key", "65537"},
    };

    (void)state;
    refuse_keys(keys, COUNT(keys));
}

/* One that is factored by who knows how it was made: Wycheproof, JWK 7. */
static void
j13_t08_wycheproof_keys(void **state)
{
    static const char *const names[] = {"jws_rsa_roca_key", "keysize_too_small",
        "exponentOne"};
    char path[1024];
    size_t seen = 0;
    const char *folder = getenv("PDP_VECTORS");

    (void)state;
    if (folder == NULL) {
        print_message("PDP_VECTORS is not set: not tested\n");
        skip();
    }
    snprintf(path, sizeof(path), "%s/wycheproof/json_web_key_test.json",
        folder);
    char *text = read_file(path);
    if (text == NULL) {
        print_message("no %s: not tested\n", path);
        skip();
    }
    for (size_t i = 0; i < COUNT(names); i++) {
        /* The set behind `"public" :` of the group with this comment. */
        const char *at = strstr(text, names[i]);
        assert_non_null(at);
        at = strstr(at, "\"public\"");
        assert_non_null(at);
        at = strchr(at, '{');
        assert_non_null(at);
        const char *end = strstr(at, "]");
        assert_non_null(end);
        char set[TEXT_MAX];
        snprintf(set, sizeof(set), "%.*s}", (int)(end - at + 1), at);
        pdp_report_t *report = NULL;
        pdp_finding_t finding;
        assert_int_equal(load_set(set, &report), PDP_E_INVALID);
        assert_int_equal(pdp_report_errors(report), 1);
        find_error(report, &finding);
        assert_str(finding.code, "weak_key");
        assert_true(finding.line > 1 && finding.column > 1);
        pdp_report_free(report);
        seen++;
    }
    assert_int_equal(seen, 3);
    free(text);
}

/* Keys that cost: each token would keep the gateway busy. */
static void
j14_t08_keys_that_burn_time(void **state)
{
    static const struct weak keys[] = {
        {RSA_N("\"$N8193\""), "weak_key", "\"$N8193\""},
        {RSA_N("\"$NHUGE\""), "weak_key", "\"$NHUGE\""},
        {RSA_E("\"$N2047\""), "weak_key", "\"$N2047\""},
        {RSA_E("\"_________________w\""), "weak_key", "\"_________________w\""},
    };
    char jwk[TEXT_MAX];
    char set[TEXT_MAX];
    pdp_report_t *report = NULL;

    (void)state;
    refuse_keys(keys, COUNT(keys));
    /* The limit itself, and the largest exponent. */
    expand(RSA_N("\"$N8192\""), jwk);
    set_with(jwk, set);
    assert_int_equal(load_set(set, &report), PDP_OK);
    pdp_report_free(report);
    expand(RSA_E("\"_____w\""), jwk); /* 2^32 - 1 */
    set_with(jwk, set);
    assert_int_equal(load_set(set, &report), PDP_OK);
    pdp_report_free(report);
}

/* The point at infinity has no x and y; what comes near it. */
static void
t08_points_that_are_not_on_the_curve(void **state)
{
    static const struct weak keys[] = {
        {P256("$X256", "$Y256OFF"), "bad_key", "{"},
        {P256("$Y256", "$X256"), "bad_key", "{"},
        {P256("$ZERO32", "$ZERO32"), "bad_key", "{"},
        {P256("$ONES32", "$ONES32"), "bad_key", "{"}, /* not below p */
        {P256("$X256", "$ZERO32"), "bad_key", "{"},
        {P256("AA", "$Y256"), "bad_key", "\"AA\""},
        {P256("", "$Y256"), "bad_key", "\"\""},
        {P256("$X256SHORT", "$Y256"), "bad_key", "\"$X256SHORT\""},
        {P256("$X256LONG", "$Y256"), "bad_key", "\"$X256LONG\""},
        {"{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"$X256\"}", "bad_key", "{"},
        {"{\"kty\":\"EC\",\"crv\":\"P-256\",\"y\":\"$Y256\"}", "bad_key", "{"},
        {"{\"kty\":\"EC\",\"crv\":\"P-384\",\"x\":\"$X256\",\"y\":\"$Y256\"}",
            "bad_key", "\"$X256\""},
        {"{\"kty\":\"EC\",\"crv\":\"P-384\",\"x\":\"$Y384\",\"y\":\"$X384\"}",
            "bad_key", "{"},
        {"{\"kty\":\"EC\",\"crv\":\"P-521\",\"x\":\"$Y521\",\"y\":\"$X521\"}",
            "bad_key", "{"},
        {"{\"kty\":\"EC\",\"crv\":\"P-521\",\"x\":\"$X521SHORT\",\"y\":"
         "\"$Y521\"}",
            "bad_key", "\"$X521SHORT\""},
    };

    (void)state;
    refuse_keys(keys, COUNT(keys));
}

/* The y of the points of order 1, 2, 4 and 8, below p and not, each with
 * both signs of x: all that decode to a point of small order. */
static void
t08_ed25519_points_of_small_order(void **state)
{
    static const struct {
        const char *hex; /* y, most significant byte first */
        const char *code;
    } points[] = {
        {"0000000000000000000000000000000000000000000000000000000000000000",
            "weak_key"},
        {"0000000000000000000000000000000000000000000000000000000000000001",
            "weak_key"},
        {"7FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEC",
            "weak_key"},
        {"05FC536D880238B13933C6D305ACDFD5F098EFF289F4C345B027B2C28F95E826",
            "weak_key"},
        {"7A03AC9277FDC74EC6CC392CFA53202A0F67100D760B3CBA4FD84D3D706A17C7",
            "weak_key"},
        {"7FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFED",
            "bad_key"}, /* p + 0 */
        {"7FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEE",
            "bad_key"}, /* p + 1 */
    };

    (void)state;
    accept_token(token_headed(RSA_HEADER));
    for (size_t i = 0; i < 2 * COUNT(points); i++) {
        BIGNUM *y = NULL;
        unsigned char bytes[32];
        char jwk[256] = "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":";
        size_t start = strlen(jwk);

        assert_int_equal(BN_hex2bn(&y, points[i / 2].hex), 64);
        assert_int_equal(BN_bn2lebinpad(y, bytes, 32), 32);
        BN_free(y);
        bytes[31] |= (unsigned char)(i % 2 << 7);
        append(jwk, "\"");
        append_base64url(jwk, bytes, 32);
        append(jwk, "\"");
        char at[64];
        snprintf(at, sizeof(at), "%s", jwk + start);
        append(jwk, "}");
        refuse_key(&(struct weak){jwk, points[i / 2].code, at});
    }
    static const struct weak keys[] = {
        {ED("$XEDOFF"), "bad_key", "\"$XEDOFF\""},
        {ED("$XEDLONG"), "bad_key", "\"$XEDLONG\""},
        {ED("$XEDSHORT"), "bad_key", "\"$XEDSHORT\""},
        {ED("$ONES32"), "bad_key", "\"$ONES32\""},
    };
    refuse_keys(keys, COUNT(keys));
}

/* Also in a key that would be passed over, and of an unknown type. */
static void
j13_t08_private_and_symmetric_keys(void **state)
{
    static const struct weak keys[] = {
        {RSA_MORE("\"d\":\"AQ\""), "private_key", "\"AQ\""},
        {RSA_MORE("\"p\":\"AQ\""), "private_key", "\"AQ\""},
        {RSA_MORE("\"q\":\"AQ\""), "private_key", "\"AQ\""},
        {RSA_MORE("\"dp\":\"AQ\""), "private_key", "\"AQ\""},
        {RSA_MORE("\"dq\":\"AQ\""), "private_key", "\"AQ\""},
        {RSA_MORE("\"qi\":\"AQ\""), "private_key", "\"AQ\""},
        {RSA_MORE("\"oth\":[]"), "private_key", "[]"},
        {RSA_MORE("\"d\":null"), "private_key", "null"},
        {RSA_MORE("\"d\":\"\""), "private_key", "\"\""},
        {RSA_MORE("\"\\u0064\":\"AQ\""), "private_key", "\"AQ\""},
        {RSA_MORE("\"k\":\"AQ\""), "private_key", "\"AQ\""},
        {RSA_MORE("\"use\":\"enc\",\"d\":\"AQ\""), "private_key", "\"AQ\""},
        {P256_MORE("\"d\":\"AQ\""), "private_key", "\"AQ\""},
        {"{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"$XED\",\"d\":\"AQ\"}",
            "private_key", "\"AQ\""},
        {"{\"kty\":\"unknown\",\"d\":\"AQ\"}", "private_key", "\"AQ\""},
        {"{\"kty\":\"oct\",\"k\":\"AAECAwQFBgcICQoLDA0ODw\"}", "private_key",
            "\"AAECAwQFBgcICQoLDA0ODw\""},
        {"{\"kty\":\"oct\",\"k\":\"\"}", "private_key", "\"\""},
        {"{\"kty\":\"oct\"}", "private_key", "\"oct\""},
    };

    (void)state;
    refuse_keys(keys, COUNT(keys));
}

/* Two keys of one kid would make the answer depend on the order. */
static void
t08_two_keys_of_one_kid(void **state)
{
    char set[TEXT_MAX] = "{\"keys\":[";
    pdp_report_t *report = NULL;

    (void)state;
    append_jwk(set, fixture.rsa, NULL, "k");
    append(set, ",\n");
    size_t line = strlen(set);
    append_jwk(set, fixture.ec, "P-256", "k");
    append(set, "]}");
    memmove(set + line, set + line + 1, strlen(set + line)); /* the comma */
    assert_int_equal(load_set(set, &report), PDP_E_INVALID);
    assert_only_error(report, "duplicate_kid", 2, 1);
    pdp_report_free(report);
}

/* Two issuers, the same kid, the same type of key. */
static void
load_two_issuers(const char *kid_of_a, const char *kid_of_b)
{
    static char a[TEXT_MAX];
    static char b[TEXT_MAX];
    const struct document documents[] = {
        {PDP_SOURCE_TRUST, "trust.json",
            "{\"format\":\"pdp-trust/1\",\"issuers\":["
            "{\"issuer\":\"" IBM_ISSUER "\",\"keys\":{\"file\":\"keys.json\"}},"
            "{\"issuer\":\"https://a.example\",\"keys\":{\"file\":\"a.json\"},"
            "\"algorithms\":[\"RS256\"],\"audiences\":\"none\","
            "\"typ\":\"none\"},"
            "{\"issuer\":\"https://b.example\",\"keys\":{\"file\":\"b.json\"},"
            "\"algorithms\":[\"RS256\"],\"audiences\":\"none\","
            "\"typ\":\"none\"}]}"},
        {PDP_SOURCE_JWKS, "a.json", a},
        {PDP_SOURCE_JWKS, "b.json", b},
        {PDP_SOURCE_NONE, NULL, NULL},
    };

    memcpy(a, "{\"keys\":[", 10);
    append_jwk(a, fixture.rsa, NULL, kid_of_a);
    append(a, "]}");
    memcpy(b, "{\"keys\":[", 10);
    append_jwk(b, fixture.rogue, NULL, kid_of_b);
    append(b, "]}");
    load(&fixture, documents);
}

static pdp_reason_t
judge_of(const char *issuer, const char *head, EVP_PKEY *key)
{
    sign_token(&fixture, head, payload_of(issuer, ""), key, PDP__ALG_RS256);
    return judge_bytes(fixture.token, strlen(fixture.token));
}

static void
j06_t09_one_kid_at_two_issuers(void **state)
{
    static const char *const heads[] = {"{\"alg\":\"RS256\",\"kid\":\"k\"}",
        "{\"alg\":\"RS256\"}"};
    static const char *const issuers[] = {"https://a.example",
        "https://b.example"};

    (void)state;
    EVP_PKEY *keys[] = {fixture.rsa, fixture.rogue};
    load_two_issuers("k", "k");
    for (size_t h = 0; h < COUNT(heads); h++) {
        for (size_t round = 0; round < 2; round++) { /* and from the cache */
            for (size_t i = 0; i < 2; i++) {
                assert_int_equal(judge_of(issuers[i], heads[h], keys[i]),
                    PDP_REASON_PERMITTED);
                judge_of(issuers[i], heads[h], keys[1 - i]);
                refuse(fixture.token, PDP_REASON_SIGNATURE_INVALID,
                    (int64_t)signature_at(fixture.token));
            }
        }
    }
    load_issuers(NULL);
}

/* A kid that only the other issuer has. */
static void
j06_t09_the_kid_of_another_issuer(void **state)
{
    (void)state;
    load_two_issuers("ka", "kb");
    assert_int_equal(judge_of("https://a.example",
                         "{\"alg\":\"RS256\",\"kid\":\"ka\"}", fixture.rsa),
        PDP_REASON_PERMITTED);
    judge_of("https://a.example", "{\"alg\":\"RS256\",\"kid\":\"kb\"}",
        fixture.rogue);
    refuse(fixture.token, PDP_REASON_KEY_UNKNOWN, -1);
    judge_of("https://b.example", "{\"alg\":\"RS256\",\"kid\":\"ka\"}",
        fixture.rsa);
    refuse(fixture.token, PDP_REASON_KEY_UNKNOWN, -1);
    judge_of("https://b.example", "{\"alg\":\"RS256\"}", fixture.rsa);
    refuse(fixture.token, PDP_REASON_SIGNATURE_INVALID,
        (int64_t)signature_at(fixture.token));
    load_issuers(NULL);
}

/* Two issuers; the keys of IBM's are this set. */
static void
load_ibm_keys(const char *set)
{
    const struct document documents[] = {
        {PDP_SOURCE_TRUST, "trust.json",
            "{\"format\":\"pdp-trust/1\",\"issuers\":["
            "{\"issuer\":\"" IBM_ISSUER "\",\"keys\":{\"file\":\"k.json\"}},"
            "{\"issuer\":\"https://a.example\","
            "\"keys\":{\"file\":\"keys.json\"},"
            "\"algorithms\":[\"RS256\"],\"audiences\":\"none\","
            "\"typ\":\"none\"}]}"},
        {PDP_SOURCE_JWKS, "k.json", set},
        {PDP_SOURCE_NONE, NULL, NULL},
    };

    load(&fixture, documents);
}

/* Without kid and with two keys that fit, none is tried. */
static void
j06_keys_are_not_tried_one_after_the_other(void **state)
{
    char set[TEXT_MAX] = "{\"keys\":[";

    (void)state;
    append_jwk(set, fixture.rsa, NULL, "a");
    append_jwk(set, fixture.rogue, NULL, "b");
    append(set, "]}");
    load_ibm_keys(set);
    EVP_PKEY *keys[] = {fixture.rsa, fixture.rogue};
    for (size_t i = 0; i < COUNT(keys); i++) {
        judge_of(IBM_ISSUER, "{\"alg\":\"RS256\"}", keys[i]);
        refuse(fixture.token, PDP_REASON_KEY_UNKNOWN, -1);
        assert_int_equal(judge_of(IBM_ISSUER,
                             i == 0 ? "{\"alg\":\"RS256\",\"kid\":\"a\"}"
                                    : "{\"alg\":\"RS256\",\"kid\":\"b\"}",
                             keys[i]),
            PDP_REASON_PERMITTED);
    }
    load_issuers(NULL);
}

/* A key that has no kid is not the key of the kid "". */
static void
j06_the_empty_kid_is_no_missing_kid(void **state)
{
    char set[TEXT_MAX];
    char jwk[TEXT_MAX];

    (void)state;
    jwk_of(jwk, fixture.rsa, NULL, NULL);
    snprintf(set, sizeof(set), "{\"keys\":[%.4000s]}", jwk);
    load_ibm_keys(set);
    accept_token(token_headed("{\"alg\":\"RS256\"}"));
    refuse(token_headed("{\"alg\":\"RS256\",\"kid\":\"\"}"),
        PDP_REASON_KEY_UNKNOWN, -1);
    load_issuers(NULL);
}

static int
setup(void **state)
{
    make_numbers(state);
    return load_issuers(state);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(j13_t08_rsa_modulus),
        cmocka_unit_test(j13_t08_rsa_modulus_of_few_bits),
        cmocka_unit_test(j13_t08_rsa_exponent),
        cmocka_unit_test(j13_t08_wycheproof_keys),
        cmocka_unit_test(j14_t08_keys_that_burn_time),
        cmocka_unit_test(t08_points_that_are_not_on_the_curve),
        cmocka_unit_test(t08_ed25519_points_of_small_order),
        cmocka_unit_test(j13_t08_private_and_symmetric_keys),
        cmocka_unit_test(t08_two_keys_of_one_kid),
        cmocka_unit_test(j06_t09_one_kid_at_two_issuers),
        cmocka_unit_test(j06_t09_the_kid_of_another_issuer),
        cmocka_unit_test(j06_keys_are_not_tried_one_after_the_other),
        cmocka_unit_test(j06_the_empty_kid_is_no_missing_kid),
    };

    return cmocka_run_group_tests(tests, setup, free_issuers);
}
