/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "key_util.h"
#include "read_util.h"

#include "base/buf.h"

/* JWK sets: which keys an issuer gets, and what refuses a set. */

/* Two issuers that share a file, one with a file of its own. */
#define TRUST                                                                  \
    "{'format':'pdp-trust/1','issuers':["                                      \
    "{'issuer':'https://a','keys':{'file':'shared.json'},"                     \
    "'algorithms':['RS256','EdDSA'],'audiences':'none','typ':'none'},"         \
    "{'issuer':'https://b','keys':{'file':'own.json'},"                        \
    "'algorithms':['EdDSA'],'audiences':'none','typ':'none'},"                 \
    "{'issuer':'https://c','keys':{'file':'shared.json'},"                     \
    "'algorithms':['RS256'],'audiences':'none','typ':'none'}]}"

static char rsa[TEXT_MAX]; /* public JWKs without the brace at the head */
static char ec[TEXT_MAX];
static char ed[TEXT_MAX];
static char small[TEXT_MAX]; /* RSA of 1024 bits */

static void
make(char *out, EVP_PKEY *key, const char *crv)
{
    char text[TEXT_MAX];

    assert_non_null(key);
    jwk_of(text, key, crv, NULL);
    memcpy(out, text + 1, strlen(text));
    EVP_PKEY_free(key);
}

static int
make_keys(void **state)
{
    (void)state;
    make(rsa, EVP_RSA_gen(2048), NULL);
    make(small, EVP_RSA_gen(1024), NULL);
    make(ec, EVP_EC_gen("P-256"), "P-256");
    make(ed, EVP_PKEY_Q_keygen(NULL, NULL, "ED25519"), NULL);
    return 0;
}

/* {"keys":[ ... ]}, each key on a line of its own from line 2 on: head is
 * what stands before its members, `{` included. */
struct part {
    const char *head;
    const char *jwk; /* NULL: head is all there is */
};

static pdp_status_t
run_set(struct bench *bench, const char *name, const struct part *parts,
    size_t cnt)
{
    static char text[4 * TEXT_MAX];
    struct pdp__buf buf = pdp__buf(text, sizeof(text) - 1);

    pdp__buf_z(&buf, "{'keys':[");
    for (size_t i = 0; i < cnt; i++) {
        pdp__buf_z(&buf, i == 0 ? "\n" : ",\n");
        pdp__buf_z(&buf, parts[i].head);
        pdp__buf_z(&buf, parts[i].jwk == NULL ? "" : parts[i].jwk);
    }
    pdp__buf_z(&buf, "]}");
    assert_false(buf.full);
    text[buf.len] = '\0';
    return run(bench, pdp__read_jwks, name, text);
}

static pdp_str_t
kid_at(const struct bench *bench, uint32_t ix)
{
    return pdp__builder_str(&bench->b,
        PDP__ITEM(&bench->b, kids, struct pdp__kid, ix)->kid);
}

static void
with_default(struct bench *bench)
{
    bench_init(bench);
    assert_int_equal(pdp__default_trust(&bench->b), PDP_OK);
}

static void
with_trust(struct bench *bench)
{
    bench_init(bench);
    assert_int_equal(run(bench, pdp__read_trust, "trust.json", TRUST), PDP_OK);
    assert_findings(bench, 0);
}

/* Without a trust document all sets are the default issuer's; members of
 * the set and of the keys that nobody knows are ignored. */
static void
test_default_issuer(void **state)
{
    (void)state;
    const struct part one[] = {{"{'kid':'k1','odd':[1],", rsa}, {"{", rsa}};
    const struct part two[] = {{"{'kid':'k2','use':'sig',", rsa}};
    struct bench bench;

    with_default(&bench);
    assert_int_equal(run_set(&bench, "one.json", one, 2), PDP_OK);
    assert_int_equal(run_set(&bench, "two.json", two, 1), PDP_OK);
    assert_findings(&bench, 0);
    assert_int_equal(bench.b.key_cnt, 3);
    assert_int_equal(bench.b.kids.cnt, 3);
    assert_str(kid_at(&bench, 0), "k1");
    assert_str(kid_at(&bench, 1), NULL);
    assert_str(kid_at(&bench, 2), "k2");
    struct pdp__range keys =
        PDP__ITEM(&bench.b, issuers, struct pdp__issuer, 0)->keys;
    assert_int_equal(keys.first, 0);
    assert_int_equal(keys.cnt, 3);
    bench_free(&bench);
}

/* One key object, one entry for each issuer; entries of an issuer stand
 * together whatever the order of the sets. */
static void
test_shared_set(void **state)
{
    (void)state;
    const struct part shared[] = {{"{'kid':'r',", rsa}, {"{'kid':'e',", ed}};
    const struct part own[] = {{"{'kid':'r',", ed}};
    const struct part more[] = {{"{'kid':'r2',", rsa}};
    struct bench bench;

    with_trust(&bench);
    assert_int_equal(run_set(&bench, "shared.json", shared, 2), PDP_OK);
    assert_int_equal(run_set(&bench, "own.json", own, 1), PDP_OK);
    assert_int_equal(run_set(&bench, "shared.json", more, 1), PDP_OK);
    assert_findings(&bench, 0);
    assert_int_equal(bench.b.key_cnt, 4);
    assert_int_equal(bench.b.kids.cnt, 7);
    const struct pdp__issuer *i =
        PDP__ITEM(&bench.b, issuers, struct pdp__issuer, 0);
    static const uint32_t cnts[] = {3, 1, 3};
    for (uint32_t n = 0; n < 3; n++) {
        assert_int_equal(i[n].keys.cnt, cnts[n]);
        for (uint32_t k = 0; k < cnts[n]; k++) {
            assert_int_equal(PDP__ITEM(&bench.b, kids, struct pdp__kid,
                                 i[n].keys.first + k)
                                 ->issuer,
                n);
        }
    }
    assert_str(kid_at(&bench, i[0].keys.first + 2), "r2");
    assert_str(kid_at(&bench, i[2].keys.first), "r");
    assert_str(kid_at(&bench, i[2].keys.first + 1), "e");
    const struct pdp__kid *kids = bench.b.kids.items;
    assert_int_equal(kids[i[0].keys.first].key, kids[i[2].keys.first].key);
    assert_int_not_equal(kids[i[0].keys.first].key, kids[i[1].keys.first].key);
    assert_true(
        PDP__VEC_AT(&bench.b.key_files, struct pdp__key_file, 1)->given);
    bench_free(&bench);
}

static void
test_skipped(void **state)
{
    (void)state;
    const struct part parts[] = {
        {"{'use':'enc','kid':'x',", rsa},
        {"{'kty':'XYZ'}", NULL},
        {"{'kid':'ok',", rsa},
        {"{'key_ops':['sign'],'kid':'ok',", rsa},
    };
    struct bench bench;

    with_default(&bench);
    assert_int_equal(run_set(&bench, SOURCE_NAME, parts, 4), PDP_OK);
    assert_int_equal(pdp_report_errors(bench.report), 0);
    assert_findings(&bench, 3);
    for (size_t i = 0; i < 3; i++) {
        pdp_finding_t f = {.size = sizeof(f)};
        assert_int_equal(pdp_report_at(bench.report, i, &f), PDP_OK);
        assert_str(f.code, "key_skipped");
        assert_int_equal(f.line, i == 2 ? 5 : 2 + i);
    }
    assert_int_equal(bench.b.key_cnt, 1);
    assert_int_equal(bench.b.kids.cnt, 1);
    bench_free(&bench);
}

/* Each refuses the set: the good key next to it is not taken either. */
static void
test_refused(void **state)
{
    (void)state;
    static const char published[] = "a key that was published must be "
                                    "replaced";
    const struct {
        struct part part;
        const char *code;
        const char *hint;
        uint32_t column; /* 0: not looked at */
    } cases[] = {
        {{"{'kid':'w',", small}, "weak_key", NULL, 0},
        {{"{'kty':'RSA','kid':'m'}", NULL}, "bad_key", NULL, 0},
        {{"{'kty':'oct','k':'AAAA'}", NULL}, "private_key", published, 0},
        {{"{'d':'AQ','kid':'p',", rsa}, "private_key", published, 0},
        {{"{'kid':'good',", ed}, "duplicate_kid", NULL, 1},
        {{"{'kid':'',", ed}, "bad_key", NULL, 8},
        {{"{'kid':5,", ed}, "bad_key", NULL, 8},
        {{"7", NULL}, "wrong_type", NULL, 1},
    };

    for (size_t i = 0; i < ARRAY_CNT(cases); i++) {
        const struct part parts[] = {{"{'kid':'good',", rsa}, cases[i].part};
        struct bench bench;

        with_default(&bench);
        assert_int_equal(run_set(&bench, SOURCE_NAME, parts, 2), PDP_OK);
        assert_findings(&bench, 1);
        pdp_finding_t f = {.size = sizeof(f)};
        assert_int_equal(pdp_report_at(bench.report, 0, &f), PDP_OK);
        assert_str(f.code, cases[i].code);
        assert_str(f.hint, cases[i].hint == NULL ? "" : cases[i].hint);
        assert_int_equal(f.line, 3);
        if (cases[i].column != 0) {
            assert_int_equal(f.column, cases[i].column);
        }
        assert_int_equal(bench.b.key_cnt, 0);
        assert_int_equal(bench.b.kids.cnt, 0);
        bench_free(&bench);
    }
}

static void
test_kid_length(void **state)
{
    (void)state;
    char head[400];
    struct bench bench;

    for (size_t len = 256; len <= 257; len++) {
        const struct part parts[] = {{head, rsa}};
        memset(head, 'k', sizeof(head));
        memcpy(head, "{'kid':'", 8);
        memcpy(head + 8 + len, "',", 3);
        with_default(&bench);
        assert_int_equal(run_set(&bench, SOURCE_NAME, parts, 1), PDP_OK);
        assert_findings(&bench, len - 256);
        if (len == 257) {
            assert_found_at(&bench, "bad_key", 2, 8, NULL);
        }
        bench_free(&bench);
    }
}

/* A kid belongs to an issuer: another issuer's does not count, another set
 * of the same issuer does. */
static void
test_kid_over_sets(void **state)
{
    (void)state;
    const struct part one[] = {{"{'kid':'k',", rsa}};
    const struct part two[] = {{"{'kid':'k',", ed}};
    struct bench bench;

    with_trust(&bench);
    assert_int_equal(run_set(&bench, "shared.json", one, 1), PDP_OK);
    assert_int_equal(run_set(&bench, "own.json", two, 1), PDP_OK);
    assert_findings(&bench, 0);
    assert_int_equal(run_set(&bench, "shared.json", two, 1), PDP_OK);
    assert_findings(&bench, 1);
    assert_found_at(&bench, "duplicate_kid", 2, 1, NULL);
    bench_free(&bench);
}

static void
test_nothing_usable(void **state)
{
    (void)state;
    static const char add[] =
        "add the algorithm to the trust document if it is wanted";
    const struct part skipped[] = {{"{'kty':'XYZ'}", NULL}};
    const struct part other[] = {{"{'kid':'e',", ec}};
    struct bench bench;

    with_default(&bench);
    assert_int_equal(run_set(&bench, SOURCE_NAME, skipped, 0), PDP_OK);
    assert_findings(&bench, 1);
    assert_found_at(&bench, "empty", 1, 9, NULL);
    assert_int_equal(run_set(&bench, SOURCE_NAME, skipped, 1), PDP_OK);
    assert_findings(&bench, 3);
    bench_free(&bench);

    /* ES256 where the issuer has RS256 only. */
    with_default(&bench);
    assert_int_equal(run_set(&bench, SOURCE_NAME, other, 1), PDP_OK);
    assert_findings(&bench, 1);
    assert_found_at(&bench, "unfit_keys", 1, 9, add);
    bench_free(&bench);
}

static void
test_form(void **state)
{
    (void)state;
    struct bench bench;

    with_default(&bench);
    assert_int_equal(run(&bench, pdp__read_jwks, SOURCE_NAME, "[]"), PDP_OK);
    assert_found_at(&bench, "wrong_type", 1, 1, NULL);
    assert_int_equal(run(&bench, pdp__read_jwks, SOURCE_NAME, "{\n'keys':{}}"),
        PDP_OK);
    assert_found_at(&bench, "wrong_type", 2, 8, NULL);
    assert_int_equal(run(&bench, pdp__read_jwks, SOURCE_NAME, " {'key':[]}"),
        PDP_OK);
    assert_found_at(&bench, "missing_member", 1, 2,
        "a JWK set is an object with an array \"keys\"");
    assert_findings(&bench, 3);
    assert_int_equal(run(&bench, pdp__read_jwks, SOURCE_NAME, "{'keys':[}"),
        PDP_OK);
    assert_findings(&bench, 4);
    assert_found_at(&bench, "json_syntax", 1, 10, NULL);
    bench_free(&bench);
}

/* A set that no issuer names; one that cannot be read is still named. */
static void
test_unused_source(void **state)
{
    (void)state;
    const struct part one[] = {{"{'kid':'k',", rsa}};
    struct bench bench;

    with_trust(&bench);
    assert_int_equal(run(&bench, pdp__read_jwks, "own.json", "{"), PDP_OK);
    assert_findings(&bench, 1);
    assert_true(
        PDP__VEC_AT(&bench.b.key_files, struct pdp__key_file, 1)->given);
    assert_int_equal(run_set(&bench, "other.json", one, 1), PDP_OK);
    assert_findings(&bench, 2);
    assert_found_at(&bench, "unused_source", 0, 0, NULL);
    assert_false(
        PDP__VEC_AT(&bench.b.key_files, struct pdp__key_file, 0)->given);
    bench_free(&bench);
}

static pdp_status_t
read_with_default(struct pdp__builder *b, const struct pdp__doc *doc)
{
    PDP_TRY(pdp__default_trust(b));
    return pdp__read_jwks(b, doc);
}

static void
test_memory(void **state)
{
    (void)state;
    char text[4 * TEXT_MAX];

    snprintf(text, sizeof(text), "{'keys':[{'kid':'a',%s,{%s,{'kid':'b',%s]}",
        rsa, ed, rsa);
    assert_survives(read_with_default, text);
    snprintf(text, sizeof(text), "{'keys':[{'kid':'a',%s,{'kid':'a',%s]}", rsa,
        ed);
    assert_survives(read_with_default, text);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_default_issuer),
        cmocka_unit_test(test_shared_set),
        cmocka_unit_test(test_skipped),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_kid_length),
        cmocka_unit_test(test_kid_over_sets),
        cmocka_unit_test(test_nothing_usable),
        cmocka_unit_test(test_form),
        cmocka_unit_test(test_unused_source),
        cmocka_unit_test(test_memory),
    };

    return cmocka_run_group_tests(tests, make_keys, NULL);
}
