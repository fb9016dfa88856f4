/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "read_util.h"

#include "load/lookup.h"

/* Revocations: their form, and the tables. */

#define IBM "https://iam.cloud.ibm.com/identity"
#define DOC(list) "{'format':'pdp-revocations/1','revocations':[" list "]}"
#define OF "'issuer':'" IBM "'"

/* With the default issuer. */
static pdp_status_t
read_trusted(struct pdp__builder *b, const struct pdp__doc *doc)
{
    if (b->issuers.cnt == 0) {
        PDP_TRY(pdp__default_trust(b));
    }
    return pdp__read_revocations(b, doc);
}

static void
test_good(void **state)
{
    (void)state;
    struct bench bench;

    bench_init(&bench);
    assert_int_equal(run(&bench, read_trusted, SOURCE_NAME,
                         DOC("{" OF ",'jti':'j'},{" OF
                             ",'jti':'j','note':'twice'},"
                             "{" OF ",'jti':'k'},"
                             "{" OF ",'subject':'s','issued_before':"
                             "'2026-11-21T09:30:00+01:00'},"
                             "{" OF ",'subject':'s','issued_before':"
                             "'2026-11-21T09:30:00.5Z'},"
                             "{" OF ",'subject':'s','issued_before':"
                             "'2026-11-21T09:29:59Z'},"
                             "{" OF ",'kid':'nobody'}")),
        PDP_OK);
    assert_findings(&bench, 0);
    assert_int_equal(bench.b.revoked_tokens.cnt, 2);
    assert_int_equal(bench.b.revoked_subjects.cnt, 1);
    /* The latest of them, rounded up. */
    assert_int_equal(PDP__ITEM(&bench.b, revoked_subjects,
                         struct pdp__revoked_subject, 0)
                         ->before_sec,
        1795253401);
    bench_free(&bench);
}

static void
test_findings(void **state)
{
    (void)state;
    static const char time[] = "a time such as 2026-11-21T09:30:00Z";
    static const struct bad cases[] = {
        {"{'format':^'pdp-revocations/2','revocations':[]}", "bad_format",
            NULL},
        {"^{'format':'pdp-revocations/1'}", "missing_member", NULL},
        {"{'format':'pdp-revocations/1','revocations':^{}}", "wrong_type",
            NULL},
        {"{'format':'pdp-revocations/1','revocations':[],^'next':1}",
            "unknown_member", NULL},
        {DOC("^3"), "wrong_type", NULL},
        {DOC("^{'jti':'j'}"), "missing_member", NULL},
        {DOC("^{" OF "}"), "missing_member", NULL},
        {DOC("^{" OF ",'note':'x'}"), "missing_member", NULL},
        {DOC("^{" OF ",'subject':'s'}"), "missing_member", NULL},
        {DOC("^{" OF ",'issued_before':'2026-11-21T09:30:00Z'}"),
            "missing_member", NULL},
        {DOC("^{" OF ",'jti':'j','kid':'k'}"), "bad_value",
            "write one entry for each"},
        {DOC("^{" OF ",'jti':'j','issued_before':'2026-11-21T09:30:00Z'}"),
            "bad_value", "write one entry for each"},
        {DOC("{" OF ",'jti':^3}"), "wrong_type", NULL},
        {DOC("{" OF ",'jti':^''}"), "bad_value", NULL},
        {DOC("{" OF ",'kid':^''}"), "bad_value", NULL},
        {DOC("{" OF ",'subject':^'','issued_before':'2026-11-21T09:30:00Z'}"),
            "bad_value", NULL},
        {DOC("{" OF ",'subject':'s','issued_before':^'2026-11-21'}"),
            "bad_value", time},
        {DOC("{" OF ",'subject':'s','issued_before':^'2026-11-21T09:30:00'}"),
            "bad_value", time},
        {DOC("{" OF ",'subject':'s','issued_before':^1795253400}"),
            "wrong_type", NULL},
        {DOC("{" OF ",'jti':'j',^'sub':'s'}"), "unknown_member", NULL},
        {DOC("{'issuer':^'https://iam.cloud.ibm.com/identiti','jti':'j'}"),
            "unknown_issuer", "did you mean \"" IBM "\"?"},
        {DOC("{'issuer':^'x','subject':'s','issued_before':"
             "'2026-11-21T09:30:00Z'}"),
            "unknown_issuer", NULL},
        {DOC("{'issuer':^'x','kid':'k'}"), "unknown_issuer", NULL},
    };

    assert_all_bad(read_trusted, cases, ARRAY_CNT(cases));
}

static void
test_memory(void **state)
{
    (void)state;
    assert_survives(read_trusted,
        DOC("{" OF ",'jti':'j'},{" OF ",'subject':'s','issued_before':"
            "'2026-11-21T09:30:00Z'},{'issuer':'x','kid':'k'}"));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_good),
        cmocka_unit_test(test_findings),
        cmocka_unit_test(test_memory),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
