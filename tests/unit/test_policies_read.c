/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "read_util.h"

#include "base/buf.h"
#include "policy_text.h"

/* Documents of access policies: their three forms, the members of a policy,
 * and exports of whole accounts. */

static void
assert_read(const char *text, uint32_t policies)
{
    struct bench bench;

    read_clean(&bench, text);
    assert_int_equal(bench.b.policies.cnt, policies);
    bench_free(&bench);
}

static void
test_forms(void **state)
{
    (void)state;
    assert_read(ON_BIRDS(""), 1);
    assert_read("[]", 0);
    assert_read("[" ON_BIRDS("") "," ON_BIRDS("") "]", 2);
    assert_read("{'policies':[]}", 0);
    assert_read("{'policies':[" ON_BIRDS(
                    "") "],'limit':10,"
                        "'first':{'href':'x'},'next':null,"
                        "'previous':null,'start':'s','total_count':7}",
        1);
}

/* The denials may be on the page that nobody gave. */
static void
test_the_next_page(void **state)
{
    struct bench bench;

    (void)state;
    bench_init(&bench);
    assert_int_equal(run(&bench, pdp__read_policies, "p",
                         "{'policies':[],^'next':{'href':'x','start':'y'}}"),
        PDP_OK);
    assert_findings(&bench, 1);
    assert_found_at(&bench, "more_pages", bench.line, bench.column,
        "load the other pages, too");
    assert_int_equal(pdp_report_errors(bench.report), 0);
    bench_free(&bench);
}

/* Everything the API adds, `format=display` included, changes nothing. */
static void
test_informational_members(void **state)
{
    (void)state;
    assert_read(
        "{'id':'p1','type':'access','state':'active','description':'d',"
        "'href':'h','created_at':'2026-01-01T00:00:00Z','created_by_id':'i',"
        "'last_modified_at':'2026-01-01T00:00:00Z','last_modified_by_id':'i',"
        "'last_permit_at':'x','last_permit_frequency':1,'template':{'id':'t'},"
        "'account_id':'a','version':'1-a'," ROBIN
        ",'resource':{'attributes':[" AT_HOME "," FOR_BIRDS "],'tags':[]},"
        "'control':{'grant':{'roles':[{'role_id':'" GENERIC "Reader',"
        "'display_name':'Reader','description':'d','actions':[{'id':'x'}]}]}}}",
        1);
}

static void
test_member_findings(void **state)
{
    (void)state;
    static const struct bad cases[] = {
        {"^7", "wrong_type", NULL},
        {"[\n^'x']", "wrong_type", NULL},
        {"{'policies':^{}}", "wrong_type", NULL},
        {"{'policies':[],\n^'limits':1}", "unknown_member", NULL},
        {"^{" ROBIN "," READER "," RESOURCE(AT_HOME "," FOR_BIRDS) "}",
            "missing_member", NULL},
        {"^" POLICY(ROBIN "," READER), "missing_member", NULL},
        {"^" POLICY(ROBIN "," RESOURCE(AT_HOME "," FOR_BIRDS)),
            "missing_member", NULL},
        {"{'type':^'acess'," READER "," RESOURCE(AT_HOME "," FOR_BIRDS) "}",
            "bad_value", "did you mean \"access\"?"},
        {"{'type':^true," READER "," RESOURCE(AT_HOME "," FOR_BIRDS) "}",
            "wrong_type", NULL},
        {POLICY("'state':^'activ'," READER "," RESOURCE(AT_HOME "," FOR_BIRDS)),
            "bad_value", "did you mean \"active\"?"},
        {POLICY("'state':^1," READER "," RESOURCE(AT_HOME "," FOR_BIRDS)),
            "wrong_type", NULL},
        {POLICY("\n^'resorce':{}," READER "," RESOURCE(AT_HOME "," FOR_BIRDS)),
            "unknown_member", "did you mean \"resource\"?"},
        {POLICY("'subject':^null," READER "," RESOURCE(AT_HOME "," FOR_BIRDS)),
            "wrong_type", NULL},
        {POLICY("'id':^''," READER "," RESOURCE(AT_HOME "," FOR_BIRDS)),
            "bad_value", NULL},
        {POLICY("'id':^7," READER "," RESOURCE(AT_HOME "," FOR_BIRDS)),
            "wrong_type", NULL},
        {POLICY("\n'rule':{'operator':'and','conditions':^[]},"
                "'pattern':'time-based-conditions:once'," READER
                "," RESOURCE(AT_HOME "," FOR_BIRDS)),
            "empty", NULL},
        {POLICY("'rule':^null,'pattern':'time-based-conditions:once'," READER
                "," RESOURCE(AT_HOME "," FOR_BIRDS)),
            "wrong_type", NULL},
        {POLICY("^'pattern':'time-based-conditions:once'," READER
                "," RESOURCE(AT_HOME "," FOR_BIRDS)),
            "bad_value", NULL},
    };

    assert_all_bad(pdp__read_policies, cases, ARRAY_CNT(cases));
}

static void
test_id_length(void **state)
{
    (void)state;
    char text[2048];
    struct bench bench;

    for (int len = 512; len <= 513; len++) {
        bench_init(&bench);
        snprintf(text, sizeof(text), "{'type':'access','id':\n'%0*d',%s,%s}",
            len, 0, READER, RESOURCE(AT_HOME "," FOR_BIRDS));
        assert_int_equal(run(&bench, pdp__read_policies, SOURCE_NAME, text),
            PDP_OK);
        assert_findings(&bench, len == 512 ? 0 : 1);
        if (len == 513) {
            assert_found_at(&bench, "bad_value", 2, 1, NULL);
        }
        bench_free(&bench);
    }
}

/* Every finding of several policies in one run; the good one between them
 * is compiled. */
static void
test_all_findings_in_one_run(void **state)
{
    (void)state;
    struct bench bench;

    bench_init(&bench);
    assert_int_equal(
        run(&bench, pdp__read_policies, SOURCE_NAME,
            "[\n"
            "{'type':'acess','state':'x','rule':1,'foo':2},\n" ON_BIRDS(
                "") ",\n"
                    "5,\n" POLICY(SUBJECT("") ",\n" RESOURCE(ATTRIBUTE("region",
                        "stringIs", "'eu-de'")) ",\n" GRANT("{}")) "]"),
        PDP_OK);
    assert_findings(&bench, 13);
    assert_found_at(&bench, "bad_value", 2, 9, "did you mean \"access\"?");
    assert_found_at(&bench, "bad_value", 2, 25, NULL);
    assert_found_at(&bench, "missing_member", 2, 29,
        "time-based-conditions:weekly, say");
    assert_found_at(&bench, "wrong_type", 2, 36, NULL);
    assert_found_at(&bench, "unknown_member", 2, 38, NULL);
    assert_found_at(&bench, "wrong_type", 5, 1, NULL);
    assert_int_equal(bench.b.policies.cnt, 1);
    bench_free(&bench);
}

static void
add_policy(struct pdp__buf *buf, uint32_t n)
{
    static const char *const kinds[] = {
        /* 0..3: ours */
        "'type':'access'," ROBIN "," READER "," RESOURCE(AT_HOME "," FOR_BIRDS),
        "'type':'access','state':'active'," READER "," RESOURCE(
            AT_HOME "," ATTRIBUTE("serviceName", "stringMatch", "'*irds'")),
        "'type':'access'," READER
        "," RESOURCE(AT_HOME "," EQUALS("serviceType", "service")),
        "'type':'access'," GRANT(ROLE("Writer")) "," RESOURCE(
            AT_HOME "," EQUALS("service_group_id", "IAM")),
        /* 4..9: not ours, in forms we could not read */
        "'type':'access','rule':1,'zzz':2," RESOURCE(
            AT_HOME "," EQUALS("serviceName", "cloud-object-storage")),
        "'type':'authorization','subject':{'attributes':[{'name':'x'}]}",
        "'type':'access','state':'deleted','roles':5",
        "'type':'access'," RESOURCE(
            AT_HOME "," EQUALS("serviceType", "platform_service")),
        "'type':'access'," READER
        "," RESOURCE(AT_HOME "," EQUALS("resourceType",
            "resource-group") "," EQUALS("resource", "0f")),
        "'type':'access'," RESOURCE(
            AT_HOME "," EQUALS("service_group_id", "other")),
    };

    pdp__buf_fmt(buf, "%s\n{'id':'p%u',%s}", n == 0 ? "" : ",", (unsigned)n,
        kinds[n % ARRAY_CNT(kinds)]);
}

/* The export of an account: 1000 policies, of which 400 are for us. */
static void
test_export(void **state)
{
    (void)state;
    enum { CAP = 1 << 20, POLICIES = 1000 };
    char *text = malloc(CAP);
    struct bench bench;

    assert_non_null(text);
    struct pdp__buf buf = pdp__buf(text, CAP - 1);
    pdp__buf_z(&buf, "{'limit':1000,'policies':[");
    for (uint32_t n = 0; n < POLICIES; n++) {
        add_policy(&buf, n);
    }
    pdp__buf_z(&buf, "]}");
    assert_false(buf.full);
    text[buf.len] = '\0';
    bench_init(&bench);
    assert_int_equal(run(&bench, pdp__read_policies, SOURCE_NAME, text),
        PDP_OK);
    assert_int_equal(pdp_report_errors(bench.report), 0);
    assert_findings(&bench, 6);
    assert_found_at(&bench, "policy_skipped", 0, 0, NULL);
    assert_message(&bench, "100 policies of other services");
    assert_message(&bench, "100 authorization policies");
    assert_message(&bench, "100 deleted policies");
    assert_message(&bench, "100 policies of platform services");
    assert_message(&bench, "100 policies of resource groups as such");
    assert_message(&bench, "100 policies of other service groups");
    assert_int_equal(bench.b.policy_ids.cnt, 400);
    /* Those that name no service are compiled for both. */
    assert_int_equal(bench.b.policies.cnt, 600);
    assert_int_equal(bench.b.subject_policies.cnt, 100);
    bench_free(&bench);
    free(text);
}

static void
test_one_skipped(void **state)
{
    (void)state;
    struct bench bench;

    bench_init(&bench);
    assert_int_equal(run(&bench, pdp__read_policies, SOURCE_NAME,
                         "[{'type':'authorization'},{'state':'deleted'}]"),
        PDP_OK);
    assert_findings(&bench, 2);
    assert_message(&bench, "1 authorization policy");
    assert_message(&bench, "1 deleted policy");
    bench_free(&bench);
}

static void
test_unreadable(void **state)
{
    (void)state;
    struct bench bench;

    bench_init(&bench);
    assert_int_equal(run(&bench, pdp__read_policies, SOURCE_NAME, "[\n{]"),
        PDP_OK);
    assert_findings(&bench, 1);
    assert_found_at(&bench, "json_syntax", 2, 2, NULL);
    bench_free(&bench);
}

static void
test_memory(void **state)
{
    (void)state;
    assert_survives(pdp__read_policies,
        "[" ON_BIRDS("," EQUALS("region", "south")) "," POLICY(
            READER "," RESOURCE(AT_HOME "," EQUALS("serviceType",
                "service"))) ",{'type':'authorization'},{}]");
}

/* Nobody in particular: a note for a grant, a warning for a deny. */
static void
test_no_subject(void **state)
{
    (void)state;
    struct bench bench;

    bench_init(&bench);
    assert_int_equal(run(&bench, pdp__read_policies, SOURCE_NAME,
                         "[{'id':'a','type':'access'," READER
                         "," RESOURCE(AT_HOME
                             "," FOR_BIRDS) "},\n"
                                            "{'id':'b','type':'access','"
                                            "control':{'deny':{'roles':["
                                            "{'role_id':'" GENERIC
                                            "Reader'}]}}," RESOURCE(
                                                AT_HOME "," FOR_BIRDS) "}]"),
        PDP_OK);
    assert_int_equal(count_findings(&bench, true), 2);
    assert_int_equal(pdp_report_errors(bench.report), 0);
    assert_found_at(&bench, "unused", 1, 2, NULL);
    assert_message(&bench,
        "a policy without a subject is used only by tokens that name its id");
    assert_found_at(&bench, "dead_deny", 2, 1,
        "access_group_id AccessGroupId-PublicAccess is everybody");
    assert_message(&bench,
        "a deny without a subject holds for nobody until a token names its "
        "id");
    assert_int_equal(bench.b.policies.cnt, 2);
    bench_free(&bench);
}

/* Nor can a token name one that has no id. */
static void
test_no_subject_no_id(void **state)
{
    (void)state;
    struct bench bench;

    bench_init(&bench);
    assert_int_equal(
        run(&bench, pdp__read_policies, SOURCE_NAME,
            "[{'type':'access'," READER "," RESOURCE(AT_HOME
                "," FOR_BIRDS) "},\n"
                               "{'type':'access','control':{'deny':{'roles':["
                               "{'role_id':'" GENERIC "Reader'}]}}," RESOURCE(
                                   AT_HOME "," FOR_BIRDS) "}]"),
        PDP_OK);
    assert_int_equal(count_findings(&bench, true), 2);
    assert_int_equal(pdp_report_errors(bench.report), 0);
    assert_found_at(&bench, "unused", 1, 2, NULL);
    assert_message(&bench,
        "a policy without a subject and without an id is never used");
    assert_found_at(&bench, "dead_deny", 2, 1,
        "access_group_id AccessGroupId-PublicAccess is everybody");
    assert_message(&bench,
        "a deny without a subject and without an id holds for nobody");
    assert_int_equal(bench.b.policies.cnt, 2);
    assert_int_equal(bench.b.policy_ids.cnt, 0);
    bench_free(&bench);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_forms),
        cmocka_unit_test(test_the_next_page),
        cmocka_unit_test(test_no_subject),
        cmocka_unit_test(test_no_subject_no_id),
        cmocka_unit_test(test_informational_members),
        cmocka_unit_test(test_member_findings),
        cmocka_unit_test(test_id_length),
        cmocka_unit_test(test_all_findings_in_one_run),
        cmocka_unit_test(test_export),
        cmocka_unit_test(test_one_skipped),
        cmocka_unit_test(test_unreadable),
        cmocka_unit_test(test_memory),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
