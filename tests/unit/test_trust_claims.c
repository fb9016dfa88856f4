/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "read_util.h"

/* JSON pointers of the claims, RFC 6901. */

#define CLAIMS(claims)                                                         \
    "{'format':'pdp-trust/1','issuers':[\n{'issuer':'https://a.example',"      \
    "'keys':{'file':'k.json'},'algorithms':['RS256'],'audiences':'none',"      \
    "'typ':'none','claims':" claims "}]}"

static const struct pdp__issuer *
read(struct bench *bench, const char *text)
{
    bench_init(bench);
    assert_int_equal(run(bench, pdp__read_trust, SOURCE_NAME, text), PDP_OK);
    assert_findings(bench, 0);
    assert_int_equal(bench->b.issuers.cnt, 1);
    return PDP__ITEM(&bench->b, issuers, struct pdp__issuer, 0);
}

/* Those that are not given stay where IBM puts them. */
static void
test_some_given(void **state)
{
    (void)state;
    struct bench bench;
    const struct pdp__issuer *i = read(&bench,
        CLAIMS("{'principal':'/sub','account':'/x/0/y','scope':'/scp'}"));

    assert_int_equal(i->claim_principal.cnt, 1);
    assert_str(text_at(&bench, i->claim_principal, 0), "sub");
    assert_int_equal(i->claim_account.cnt, 3);
    assert_str(text_at(&bench, i->claim_account, 0), "x");
    assert_str(text_at(&bench, i->claim_account, 1), "0");
    assert_str(text_at(&bench, i->claim_account, 2), "y");
    assert_str(text_at(&bench, i->claim_scope, 0), "scp");
    assert_str(text_at(&bench, i->claim_groups, 0), "groups");
    assert_str(text_at(&bench, i->claim_policies, 0), "policies");
    bench_free(&bench);
}

/* RFC 6901 5 and 3: empty tokens, escapes in both orders, a member with a
 * URL for a name. */
static void
test_escapes(void **state)
{
    (void)state;
    struct bench bench;
    const struct pdp__issuer *i =
        read(&bench, CLAIMS("{'principal':'/','groups':'/a~1b','roles':'/~01',"
                            "'actions':'/https:~1~1a.example~1roles//z',"
                            "'policies':'/ \\u00e9%'}"));

    assert_int_equal(i->claim_principal.cnt, 1);
    assert_str(text_at(&bench, i->claim_principal, 0), "");
    assert_str(text_at(&bench, i->claim_groups, 0), "a/b");
    assert_str(text_at(&bench, i->claim_roles, 0), "~1");
    assert_int_equal(i->claim_actions.cnt, 3);
    assert_str(text_at(&bench, i->claim_actions, 0), "https://a.example/roles");
    assert_str(text_at(&bench, i->claim_actions, 1), "");
    assert_str(text_at(&bench, i->claim_actions, 2), "z");
    assert_str(text_at(&bench, i->claim_policies, 0), " \xC3\xA9%");
    bench_free(&bench);
}

static void
test_depth(void **state)
{
    (void)state;
    struct bench bench;
    const struct pdp__issuer *i = read(&bench,
        CLAIMS("{'groups':'/1/2/3/4/5/6/7/8/9/a/b/c/d/e/f/g/h/i/j/k/l/m/n/o/p/"
               "q/r/s/t/u/v/w'}"));

    assert_int_equal(i->claim_groups.cnt, 32);
    assert_str(text_at(&bench, i->claim_groups, 31), "w");
    bench_free(&bench);
}

static void
test_findings(void **state)
{
    (void)state;
    static const struct bad cases[] = {
        {CLAIMS("^[]"), "wrong_type", NULL},
        {CLAIMS("{'principal':^7}"), "wrong_type", NULL},
        {CLAIMS("{'principal':^null}"), "wrong_type", NULL},
        {CLAIMS("{^'principle':'/sub'}"), "unknown_member",
            "did you mean \"principal\"?"},
        {CLAIMS("{'principal':^''}"), "bad_value", NULL},
        {CLAIMS("{'principal':^'sub'}"), "bad_value",
            "a pointer begins with a slash: \"/sub\""},
        {CLAIMS("{'principal':^'/a~'}"), "bad_value", NULL},
        {CLAIMS("{'principal':^'/a~2'}"), "bad_value", NULL},
        {CLAIMS("{'principal':^'/~/x'}"), "bad_value", NULL},
        {CLAIMS("{'groups':^'/1/2/3/4/5/6/7/8/9/a/b/c/d/e/f/g/h/i/j/k/l/m/n/o/"
                "p/q/r/s/t/u/v/w/x'}"),
            "bad_value", NULL},
    };

    assert_all_bad(pdp__read_trust, cases, ARRAY_CNT(cases));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_some_given),
        cmocka_unit_test(test_escapes),
        cmocka_unit_test(test_depth),
        cmocka_unit_test(test_findings),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
