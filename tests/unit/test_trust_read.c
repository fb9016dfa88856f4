/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "read_util.h"

#include "crypto/alg.h"

/* pdp-trust/1: issuers and their defaults, where their keys come from, and
 * every finding of the issuer's own members. */

#define IBM "'issuer':'https://iam.cloud.ibm.com/identity'"
#define KEYS "'keys':{'file':'k.json'}"
#define REST "'algorithms':['ES256'],'audiences':'none','typ':'none'"
#define LOCAL_URL(url)                                                         \
    DOC("{'issuer':'https://a.example','keys':{'file':'k','url':'" url         \
        "'}," REST "}")
#define HTTP_URL(url)                                                          \
    DOC("{'issuer':'https://a.example','keys':{'file':'k','url':^'" url        \
        "'}," REST "}")
#define OTHER "'issuer':'https://a.example'," KEYS "," REST
#define OTHER_WITH(file)                                                       \
    "'issuer':'https://a.example','keys':{'file':^'" file "'}," REST
#define DOC(issuers) "{'format':'pdp-trust/1',\n'issuers':[" issuers "]}"

static const struct pdp__issuer *
issuer(const struct bench *bench, uint32_t ix)
{
    assert_true(ix < bench->b.issuers.cnt);
    return PDP__ITEM(&bench->b, issuers, struct pdp__issuer, ix);
}

static const struct pdp__key_file *
key_file(const struct bench *bench, uint32_t ix)
{
    assert_true(ix < bench->b.key_files.cnt);
    return PDP__VEC_AT(&bench->b.key_files, struct pdp__key_file, ix);
}

static void
assert_ibm(const struct bench *bench)
{
    const struct pdp__issuer *i = issuer(bench, 0);

    assert_str(pdp__builder_str(&bench->b, i->issuer),
        "https://iam.cloud.ibm.com/identity");
    assert_int_equal(i->algs, PDP__ALG_BIT(PDP__ALG_RS256));
    assert_int_equal(i->audience_none, 1);
    assert_int_equal(i->audiences.cnt, 0);
    assert_int_equal(i->typ.off, 0);
    assert_int_equal(i->account.off, 0);
    assert_int_equal(i->leeway_exp_sec, 0);
    assert_int_equal(i->leeway_nbf_sec, 60);
    assert_int_equal(i->leeway_iat_sec, 60);
    assert_int_equal(i->policy_claims, 1);
    assert_int_equal(i->claim_principal.cnt, 1);
    assert_str(text_at(bench, i->claim_principal, 0), "iam_id");
    assert_int_equal(i->claim_account.cnt, 2);
    assert_str(text_at(bench, i->claim_account, 0), "account");
    assert_str(text_at(bench, i->claim_account, 1), "bss");
    assert_str(text_at(bench, i->claim_groups, 0), "groups");
    assert_str(text_at(bench, i->claim_scope, 0), "scope");
    assert_str(text_at(bench, i->claim_roles, 0), "roles");
    assert_str(text_at(bench, i->claim_actions, 0), "actions");
    assert_str(text_at(bench, i->claim_policies, 0), "policies");
}

static void
test_default_trust(void **state)
{
    (void)state;
    struct bench bench;

    bench_init(&bench);
    assert_int_equal(pdp__default_trust(&bench.b), PDP_OK);
    assert_findings(&bench, 0);
    assert_int_equal(bench.b.issuers.cnt, 1);
    assert_ibm(&bench);
    assert_int_equal(bench.b.key_files.cnt, 1);
    assert_null(key_file(&bench, 0)->file.ptr);
    assert_int_equal(key_file(&bench, 0)->issuer, 0);
    assert_int_equal(pdp__map_get(&bench.b, PDP__MAP_ISSUER,
                         PDP__LIT("https://iam.cloud.ibm.com/identity")),
        0);
    bench_free(&bench);
}

static void
test_ibm_needs_only_keys(void **state)
{
    (void)state;
    struct bench bench;

    bench_init(&bench);
    assert_int_equal(run(&bench, pdp__read_trust, SOURCE_NAME,
                         DOC("{" IBM "," KEYS "}")),
        PDP_OK);
    assert_findings(&bench, 0);
    assert_ibm(&bench);
    assert_str(key_file(&bench, 0)->file, "k.json");
    assert_int_equal(key_file(&bench, 0)->place.line, 2);
    bench_free(&bench);
}

/* http is for this machine only, where nobody stands in between. */
static void
test_http_of_this_machine(void **state)
{
    static const char *const texts[] = {
        LOCAL_URL("http://127.0.0.1"),
        LOCAL_URL("http://127.0.0.1/k"),
        LOCAL_URL("http://127.0.0.1:8080/k"),
        LOCAL_URL("http://[::1]:1/"),
        LOCAL_URL("http://[::1]"),
        LOCAL_URL("http://localhost:65535/k?x"),
        LOCAL_URL("http://localhost"),
    };

    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        struct bench bench;

        bench_init(&bench);
        assert_int_equal(run(&bench, pdp__read_trust, SOURCE_NAME, texts[i]),
            PDP_OK);
        assert_findings(&bench, 0);
        assert_str(key_file(&bench, 0)->file, "k");
        bench_free(&bench);
    }
}

static void
test_all_members(void **state)
{
    (void)state;
    struct bench bench;

    bench_init(&bench);
    assert_int_equal(run(&bench, pdp__read_trust, SOURCE_NAME,
                         DOC("{'issuer':'https://a.example','keys':"
                             "{'file':'k.json','url':'https://a.example/k'},"
                             "'algorithms':['ES256','EdDSA'],"
                             "'audiences':['x','y'],"
                             "'typ':'application/AT+jwt',"
                             "'leeway':{'exp':300,'nbf':0,'iat':7},"
                             "'claims':{'principal':'/a~1b/m~0n'},"
                             "'account':'acc','policy_claims':'ignore'},"
                             "{'issuer':'https://b.example'," KEYS "," REST
                             ",'policy_claims':'accept'}")),
        PDP_OK);
    assert_findings(&bench, 0);
    assert_int_equal(bench.b.issuers.cnt, 2);
    const struct pdp__issuer *i = issuer(&bench, 0);
    assert_int_equal(i->algs,
        PDP__ALG_BIT(PDP__ALG_ES256) | PDP__ALG_BIT(PDP__ALG_EDDSA));
    assert_int_equal(i->audience_none, 0);
    assert_int_equal(i->audiences.cnt, 2);
    assert_str(text_at(&bench, i->audiences, 0), "x");
    assert_str(text_at(&bench, i->audiences, 1), "y");
    assert_str(pdp__builder_str(&bench.b, i->typ), "at+jwt");
    assert_int_equal(i->leeway_exp_sec, 300);
    assert_int_equal(i->leeway_nbf_sec, 0);
    assert_int_equal(i->leeway_iat_sec, 7);
    assert_str(pdp__builder_str(&bench.b, i->account), "acc");
    assert_int_equal(i->claim_account.cnt, 0);
    assert_int_equal(i->claim_principal.cnt, 2);
    assert_str(text_at(&bench, i->claim_principal, 0), "a/b");
    assert_str(text_at(&bench, i->claim_principal, 1), "m~n");
    assert_int_equal(i->policy_claims, 0);
    i = issuer(&bench, 1);
    assert_int_equal(i->policy_claims, 1);
    assert_int_equal(i->audience_none, 1);
    assert_int_equal(i->leeway_nbf_sec, 60);
    /* Both take their keys from one file. */
    assert_int_equal(bench.b.key_files.cnt, 2);
    assert_str(key_file(&bench, 1)->file, "k.json");
    assert_int_equal(key_file(&bench, 1)->issuer, 1);
    assert_int_equal(pdp__map_get(&bench.b, PDP__MAP_ISSUER,
                         PDP__LIT("https://b.example")),
        1);
    bench_free(&bench);
}

static void
test_document_findings(void **state)
{
    (void)state;
    static const struct bad cases[] = {
        {"^[]", "wrong_type", NULL},
        {"^{'issuers':[{" OTHER "}]}", "missing_member", NULL},
        {"^{'format':'pdp-trust/1'}", "missing_member", NULL},
        {"{'format':^'pdp-trust/2','issuer':1}", "bad_format", NULL},
        {"{'format':^1,'issuers':[{" OTHER "}]}", "wrong_type", NULL},
        {"{'format':'pdp-trust/1','issuers':^[]}", "empty", NULL},
        {"{'format':'pdp-trust/1','issuers':^{}}", "wrong_type", NULL},
        {"{'format':'pdp-trust/1',\n ^'issuer':1,'issuers':[{" OTHER "}]}",
            "unknown_member", "did you mean \"issuers\"?"},
        {DOC("^7"), "wrong_type", NULL},
        {"{'format':'pdp-trust/1',^'format':'pdp-trust/1'}", "duplicate_member",
            NULL},
    };

    assert_all_bad(pdp__read_trust, cases, ARRAY_CNT(cases));
}

static void
test_issuer_findings(void **state)
{
    (void)state;
    static const struct bad cases[] = {
        {DOC("^{" KEYS "," REST "}"), "missing_member", NULL},
        {DOC("^{'issuer':'https://a.example'," REST "}"), "missing_member",
            NULL},
        {DOC("{'issuer':^''," KEYS "," REST "}"), "bad_value", NULL},
        {DOC("{'issuer':^'https://a b'," KEYS "," REST "}"), "bad_value", NULL},
        {DOC("{'issuer':^'a\\u007F'," KEYS "," REST "}"), "bad_value", NULL},
        {DOC("{'issuer':^7," KEYS "," REST "}"), "wrong_type", NULL},
        {DOC("{" OTHER "},\n{'issuer':^'https://a.example'," KEYS "," REST "}"),
            "duplicate_name", NULL},
        {DOC("{'issuer':'https://a.example','keys':^'k.json'," REST "}"),
            "wrong_type", NULL},
        {DOC("{'issuer':'https://a.example','keys':^{}," REST "}"),
            "missing_member", NULL},
        {DOC("{'issuer':'https://a.example','keys':{'file':^''}," REST "}"),
            "bad_value", NULL},
        {DOC("{'issuer':'https://a.example',"
             "'keys':{'file':'k','url':^'http://a.example/k'}," REST "}"),
            "bad_value", NULL},
        {HTTP_URL("ftp://127.0.0.1/k"), "bad_value", NULL},
        {HTTP_URL("http://127.0.0.1.a.example/k"), "bad_value", NULL},
        {HTTP_URL("http://127.0.0.1:80@a.example/k"), "bad_value", NULL},
        {HTTP_URL("http://127.0.0.1@a.example/k"), "bad_value", NULL},
        {HTTP_URL("http://localhost.a.example/"), "bad_value", NULL},
        {HTTP_URL("http://localhost?/"), "bad_value", NULL},
        {HTTP_URL("http://[::1]a/"), "bad_value", NULL},
        {HTTP_URL("http://[::2]/"), "bad_value", NULL},
        {HTTP_URL("HTTP://localhost/"), "bad_value", NULL},
        {HTTP_URL("http:///k"), "bad_value", NULL},
        {DOC("{'issuer':'https://a.example',"
             "'keys':{'file':'k',^'uri':'x'}," REST "}"),
            "unknown_member", "did you mean \"url\"?"},
        {DOC("{" OTHER ",^'audience':'x'}"), "unknown_member",
            "did you mean \"audiences\"?"},
        {DOC("{" OTHER ",'account':^''}"), "bad_value", NULL},
        {DOC("{" OTHER ",'account':^'a','claims':{'account':'/b'}}"),
            "bad_value", NULL},
        {DOC("{" OTHER ",'policy_claims':^'ignored'}"), "bad_value",
            "did you mean \"ignore\"?"},
        {DOC("{" OTHER ",'policy_claims':^true}"), "wrong_type", NULL},
    };

    assert_all_bad(pdp__read_trust, cases, ARRAY_CNT(cases));
}

static void
test_all_findings_in_one_run(void **state)
{
    (void)state;
    struct bench bench;

    bench_init(&bench);
    assert_int_equal(run(&bench, pdp__read_trust, SOURCE_NAME,
                         "{'format':'pdp-trust/1','issuers':[\n"
                         "{'issuer':'https://a.example',\n"
                         " 'keys':{'file':''},\n"
                         " 'algorithms':['HS256','RS256'],\n"
                         " 'audiences':[],\n"
                         " 'typ':7,\n"
                         " 'leeway':{'exp':301},\n"
                         " 'claims':{'groups':'x'},\n"
                         " 'policy_claims':'x'},\n"
                         "{}]}"),
        PDP_OK);
    assert_findings(&bench, 9);
    assert_found_at(&bench, "bad_value", 3, 17, NULL);
    assert_found_at(&bench, "wrong_type", 6, 8, NULL);
    assert_found_at(&bench, "bad_value", 7, 18, NULL);
    assert_found_at(&bench, "bad_value", 9, 18, NULL);
    assert_found_at(&bench, "missing_member", 10, 1, NULL);
    bench_free(&bench);
}

/* Two documents add up; an issuer stands in one of them. */
static void
test_two_documents(void **state)
{
    (void)state;
    struct bench bench;

    bench_init(&bench);
    assert_int_equal(run(&bench, pdp__read_trust, "a",
                         DOC("{" IBM "," KEYS "}")),
        PDP_OK);
    assert_int_equal(run(&bench, pdp__read_trust, "b",
                         DOC("{" OTHER_WITH("other.json") "}")),
        PDP_OK);
    assert_findings(&bench, 0);
    assert_int_equal(bench.b.issuers.cnt, 2);
    assert_int_equal(run(&bench, pdp__read_trust, "c",
                         DOC("{^" IBM ",'keys':{'file':'third.json'}}")),
        PDP_OK);
    assert_findings(&bench, 1);
    assert_found_at(&bench, "duplicate_name", bench.line, bench.column + 9,
        NULL);
    bench_free(&bench);
}

/* Names of key sets are relative to their document: one name in two of them
 * may be two files, and the keys of one issuer must not be those of another. */
static void
test_one_key_set_in_two_documents(void **state)
{
    static const struct {
        const char *text;
        size_t findings;
    } cases[] = {
        {DOC("{" OTHER_WITH("k.json") "}"), 1},
        {DOC("{" OTHER_WITH("K.json") "}"), 0},
        {DOC("{" OTHER_WITH("k.json2") "}"), 0},
        {DOC("{" OTHER_WITH("/k.json") "}"), 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct bench bench;

        bench_init(&bench);
        /* Twice in one document is one file. */
        assert_int_equal(run(&bench, pdp__read_trust, "a",
                             DOC("{" IBM "," KEYS
                                 "},{'issuer':'https://b.example'," KEYS
                                 "," REST "}")),
            PDP_OK);
        assert_findings(&bench, 0);
        assert_int_equal(run(&bench, pdp__read_trust, "b", cases[i].text),
            PDP_OK);
        assert_findings(&bench, cases[i].findings);
        if (cases[i].findings > 0) {
            assert_found_at(&bench, "duplicate_name", bench.line, bench.column,
                "give the two files different names");
        }
        bench_free(&bench);
    }
}

/* An absolute name is the same file wherever it stands. */
static void
test_one_absolute_key_set_in_two_documents(void **state)
{
    struct bench bench;

    (void)state;
    bench_init(&bench);
    assert_int_equal(run(&bench, pdp__read_trust, "a",
                         DOC("{" IBM ",'keys':{'file':'/k.json'}}")),
        PDP_OK);
    assert_int_equal(run(&bench, pdp__read_trust, "b",
                         DOC("{" OTHER_WITH("/k.json") "}")),
        PDP_OK);
    assert_findings(&bench, 0);
    bench_free(&bench);
}

static void
test_memory(void **state)
{
    (void)state;
    assert_survives(pdp__read_trust,
        DOC("{'issuer':'https://a.example'," KEYS ",'algorithms':['ES256'],"
            "'audiences':['x','y'],'typ':'at+jwt','account':'acc'},{" IBM
            "," KEYS "},{'issuer':7}"));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_default_trust),
        cmocka_unit_test(test_ibm_needs_only_keys),
        cmocka_unit_test(test_http_of_this_machine),
        cmocka_unit_test(test_all_members),
        cmocka_unit_test(test_document_findings),
        cmocka_unit_test(test_issuer_findings),
        cmocka_unit_test(test_all_findings_in_one_run),
        cmocka_unit_test(test_two_documents),
        cmocka_unit_test(test_one_key_set_in_two_documents),
        cmocka_unit_test(test_one_absolute_key_set_in_two_documents),
        cmocka_unit_test(test_memory),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
