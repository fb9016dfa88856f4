/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "read_util.h"

/* Algorithms, audiences, type and leeways of an issuer. */

#define HEAD                                                                   \
    "{'format':'pdp-trust/1','issuers':[\n{'issuer':'https://a.example',"      \
    "'keys':{'file':'k.json'},"
#define ALGS "'algorithms':['RS256'],"
#define AUD "'audiences':'none',"
#define TYP "'typ':'none'"
#define TAIL "}]}"

static const char hmac[] =
    "whoever can check an HMAC can also make one, and a public key must never "
    "serve as its secret";
static const char unsigned_token[] = "a token without a signature proves "
                                     "nothing";

/* Only IBM's issuer has defaults for the three. */
static void
test_required(void **state)
{
    (void)state;
    static const struct bad cases[] = {
        {"{'format':'pdp-trust/1','issuers':[\n^{'issuer':'x',"
         "'keys':{'file':'k.json'}," AUD TYP TAIL,
            "missing_member", "for example [\"RS256\"]"},
        {"{'format':'pdp-trust/1','issuers':[\n^{'issuer':'x',"
         "'keys':{'file':'k.json'}," ALGS TYP TAIL,
            "missing_member", "\"none\" accepts tokens meant for anybody"},
        {"{'format':'pdp-trust/1','issuers':[\n^{'issuer':'x',"
         "'keys':{'file':'k.json'},'audiences':'none','algorithms':['PS512']"
         "}]}",
            "missing_member", "\"none\" accepts tokens of any type"},
    };

    assert_all_bad(pdp__read_trust, cases, ARRAY_CNT(cases));
}

static void
test_algorithms(void **state)
{
    (void)state;
    static const struct bad cases[] = {
        {HEAD AUD TYP ",'algorithms':^[]" TAIL, "empty", NULL},
        {HEAD AUD TYP ",'algorithms':^'RS256'" TAIL, "wrong_type", NULL},
        {HEAD AUD TYP ",'algorithms':[^5]" TAIL, "wrong_type", NULL},
        {HEAD AUD TYP ",'algorithms':['RS256',^'HS256']" TAIL, "bad_value",
            hmac},
        {HEAD AUD TYP ",'algorithms':[^'hs512']" TAIL, "bad_value", hmac},
        {HEAD AUD TYP ",'algorithms':[^'none']" TAIL, "bad_value",
            unsigned_token},
        {HEAD AUD TYP ",'algorithms':[^'NonE']" TAIL, "bad_value",
            unsigned_token},
        {HEAD AUD TYP ",'algorithms':[^'rs256']" TAIL, "bad_value",
            "did you mean \"RS256\"?"},
        {HEAD AUD TYP ",'algorithms':[^'A128GCMKW']" TAIL, "bad_value", NULL},
        {HEAD AUD TYP ",'algorithms':['ES256',^'ES256']" TAIL, "duplicate_name",
            NULL},
    };

    assert_all_bad(pdp__read_trust, cases, ARRAY_CNT(cases));
}

static void
test_audiences(void **state)
{
    (void)state;
    static const struct bad cases[] = {
        {HEAD ALGS TYP ",'audiences':^[]" TAIL, "empty",
            "\"none\" switches the check off; an empty list refuses "
            "everything"},
        {HEAD ALGS TYP ",'audiences':^'me'" TAIL, "wrong_type", NULL},
        {HEAD ALGS TYP ",'audiences':^null" TAIL, "wrong_type", NULL},
        {HEAD ALGS TYP ",'audiences':['a',^5]" TAIL, "wrong_type", NULL},
        {HEAD ALGS TYP ",'audiences':[^'']" TAIL, "bad_value", NULL},
        {HEAD ALGS TYP ",'audiences':['a','b',^'a']" TAIL, "duplicate_name",
            NULL},
        {HEAD ALGS TYP ",'audiences':^['1','2','3','4','5','6','7','8','9',"
                       "'a','b','c','d','e','f','g','h']" TAIL,
            "limit", NULL},
    };

    assert_all_bad(pdp__read_trust, cases, ARRAY_CNT(cases));
}

static void
test_typ(void **state)
{
    (void)state;
    static const struct bad cases[] = {
        {HEAD ALGS AUD "'typ':^'None'" TAIL, "bad_value",
            "did you mean \"none\"?"},
        {HEAD ALGS AUD "'typ':^''" TAIL, "bad_value", NULL},
        {HEAD ALGS AUD "'typ':^'at jwt'" TAIL, "bad_value", NULL},
        {HEAD ALGS AUD "'typ':^null" TAIL, "wrong_type", NULL},
        {HEAD ALGS AUD
            "'typ':^'"
            "0123456789012345678901234567890123456789012345678901234567890123"
            "01234567890123456789012345678901234567890123456789012345678901234"
            "'" TAIL,
            "limit", NULL},
    };

    assert_all_bad(pdp__read_trust, cases, ARRAY_CNT(cases));
}

static void
test_leeway(void **state)
{
    (void)state;
#define LEEWAY(value) HEAD ALGS AUD TYP ",'leeway':" value TAIL
    static const struct bad cases[] = {
        {LEEWAY("^60"), "wrong_type", NULL},
        {LEEWAY("{'exp':^301}"), "bad_value", NULL},
        {LEEWAY("{'nbf':^-1}"), "bad_value", NULL},
        {LEEWAY("{'iat':^1.5}"), "bad_value", NULL},
        {LEEWAY("{'iat':^'60'}"), "wrong_type", NULL},
        {LEEWAY("{^'nbt':60}"), "unknown_member", "did you mean \"nbf\"?"},
    };

    assert_all_bad(pdp__read_trust, cases, ARRAY_CNT(cases));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_required),
        cmocka_unit_test(test_algorithms),
        cmocka_unit_test(test_audiences),
        cmocka_unit_test(test_typ),
        cmocka_unit_test(test_leeway),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
