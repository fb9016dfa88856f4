/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "read_util.h"

/* pdp-directory/1: the document itself, and groups. */

#define DOC(members) "{'format':'pdp-directory/1'," members "}"
#define GROUPS(groups) DOC("\n'groups':{" groups "}")

static void
read_clean(struct bench *bench, const char *text)
{
    bench_init(bench);
    assert_int_equal(run(bench, pdp__read_directory, SOURCE_NAME, text),
        PDP_OK);
    assert_findings(bench, 0);
}

static void
assert_pair(const struct bench *bench, uint32_t ix, const char *member,
    const char *group)
{
    assert_true(ix < bench->b.subject_groups.cnt);
    const struct pdp__pair *pair =
        PDP__VEC_AT(&bench->b.subject_groups, struct pdp__pair, ix);
    const struct pdp__subject *subjects = bench->b.subjects.items;
    assert_str(pdp__builder_str(&bench->b, subjects[pair->a].id), member);
    assert_str(pdp__builder_str(&bench->b, subjects[pair->b].id), group);
}

static void
test_empty(void **state)
{
    (void)state;
    struct bench bench;

    read_clean(&bench, "{'format':'pdp-directory/1'}");
    assert_false(bench.b.directory_complete);
    assert_false(bench.b.directory_owners);
    assert_int_equal(bench.b.subjects.cnt, 0);
    bench_free(&bench);
}

static void
test_complete(void **state)
{
    (void)state;
    struct bench bench;

    read_clean(&bench, DOC("'complete':false"));
    assert_false(bench.b.directory_complete);
    assert_false(bench.b.directory_owners);
    bench_free(&bench);
    read_clean(&bench, DOC("'namespaces':[]"));
    assert_false(bench.b.directory_complete);
    assert_true(bench.b.directory_owners);
    bench_free(&bench);
    /* Written, so it is meant: nothing exists. */
    read_clean(&bench, DOC("'complete':true"));
    assert_true(bench.b.directory_complete);
    assert_true(bench.b.directory_owners);
    bench_free(&bench);
}

/* Both forms; the listing as the API returns it. */
static void
test_groups(void **state)
{
    (void)state;
    struct bench bench;

    read_clean(&bench,
        GROUPS("'AccessGroupId-1':['IBMid-1','iam-ServiceId-2','IBMid-1'],"
               "'AccessGroupId-2':{'limit':50,'offset':0,'total_count':1,"
               "'first':{'href':'x'},'last':{'href':'x'},'next':null,"
               "'members':[{'iam_id':'IBMid-1','type':'user',"
               "'membership_type':'static','name':'n','email':'e',"
               "'description':'d','href':'h','created_at':'c',"
               "'created_by_id':'i'}]},"
               "'AccessGroupId-PublicAccess':[]"));
    assert_int_equal(bench.b.subject_groups.cnt, 3);
    assert_pair(&bench, 0, "IBMid-1", "AccessGroupId-1");
    assert_pair(&bench, 1, "iam-ServiceId-2", "AccessGroupId-1");
    assert_pair(&bench, 2, "IBMid-1", "AccessGroupId-2");
    assert_int_equal(bench.b.public_group,
        pdp__map_get(&bench.b, PDP__MAP_SUBJECT,
            PDP__LIT("AccessGroupId-PublicAccess")));
    /* A second directory adds to it. */
    assert_int_equal(run(&bench, pdp__read_directory, "b.json",
                         GROUPS("'AccessGroupId-1':['IBMid-1','IBMid-3']")),
        PDP_OK);
    assert_findings(&bench, 0);
    assert_int_equal(bench.b.subject_groups.cnt, 4);
    assert_pair(&bench, 3, "IBMid-3", "AccessGroupId-1");
    bench_free(&bench);
}

static void
test_document_findings(void **state)
{
    (void)state;
    static const struct bad cases[] = {
        {"^[]", "wrong_type", NULL},
        {"^{'groups':{}}", "missing_member", NULL},
        {"{'format':^'pdp-trust/1','x':1}", "bad_format", NULL},
        {"{'format':^null}", "wrong_type", NULL},
        {DOC("\n^'group':{}"), "unknown_member", "did you mean \"groups\"?"},
        {DOC("'complete':^'true'"), "wrong_type", NULL},
        {DOC("'groups':^[]"), "wrong_type", NULL},
        {DOC("'namespaces':^{}"), "wrong_type", NULL},
        {DOC("'tags':^[]"), "wrong_type", NULL},
        {DOC("'roles':^'x'"), "wrong_type", NULL},
    };

    assert_all_bad(pdp__read_directory, cases, ARRAY_CNT(cases));
}

static void
test_group_findings(void **state)
{
    (void)state;
    static const char ids[] = "ids look like \"AccessGroupId-...\"";
    static const struct bad cases[] = {
        {GROUPS("^'birders':[]"), "bad_value", ids},
        {GROUPS("^'AccessGroupId-':[]"), "bad_value", ids},
        {GROUPS("^'accessGroupId-1':[]"), "bad_value", ids},
        {GROUPS("'AccessGroupId-1':^'IBMid-1'"), "wrong_type", NULL},
        {GROUPS("'AccessGroupId-1':[^7]"), "wrong_type", NULL},
        {GROUPS("'AccessGroupId-1':[^'']"), "bad_value", NULL},
        {GROUPS("'AccessGroupId-1':['IBMid-1',^'AccessGroupId-2']"),
            "bad_value", "list its members instead"},
        {GROUPS("'AccessGroupId-1':[^{'type':'user'}]"), "missing_member",
            NULL},
        {GROUPS("'AccessGroupId-1':[{'iam_id':^7}]"), "wrong_type", NULL},
        {GROUPS("'AccessGroupId-1':[{'iam_id':'x',^'expires':'y'}]"),
            "unknown_member", NULL},
        {GROUPS("'AccessGroupId-1':^{}"), "missing_member", NULL},
        {GROUPS("'AccessGroupId-1':{'members':^{}}"), "wrong_type", NULL},
        {GROUPS("'AccessGroupId-1':{'members':[],^'member':[]}"),
            "unknown_member", "did you mean \"members\"?"},
        {GROUPS("'AccessGroupId-1':{'members':['IBMid-1'],\n"
                "^'next':{'href':'x'}}"),
            "bad_value", "put the members of all pages here"},
    };

    assert_all_bad(pdp__read_directory, cases, ARRAY_CNT(cases));
}

static void
test_all_findings_in_one_run(void **state)
{
    (void)state;
    struct bench bench;

    bench_init(&bench);
    assert_int_equal(run(&bench, pdp__read_directory, SOURCE_NAME,
                         DOC("\n'groups':{'x':[],'AccessGroupId-1':[7,8]},\n"
                             "'namespaces':[{'region':'mars'}],\n"
                             "'roles':{'custom_roles':[{}]},\n"
                             "'tags':{'x':['y']},\n'zz':1")),
        PDP_OK);
    assert_found_at(&bench, "bad_value", 2, 11,
        "ids look like \"AccessGroupId-...\"");
    assert_found_at(&bench, "wrong_type", 2, 37, NULL);
    assert_found_at(&bench, "wrong_type", 2, 39, NULL);
    assert_found_at(&bench, "unknown_name", 3, 25, NULL);
    assert_found_at(&bench, "missing_member", 3, 15, NULL);
    assert_found_at(&bench, "missing_member", 4, 26, NULL);
    assert_found_at(&bench, "bad_value", 5, 9, NULL);
    assert_found_at(&bench, "bad_value", 5, 14, "tags look like \"env:prod\"");
    assert_found_at(&bench, "unknown_member", 6, 1, NULL);
    assert_findings(&bench, 14);
    bench_free(&bench);
}

static void
test_unreadable(void **state)
{
    (void)state;
    struct bench bench;

    bench_init(&bench);
    assert_int_equal(run(&bench, pdp__read_directory, SOURCE_NAME, "{"),
        PDP_OK);
    assert_findings(&bench, 1);
    assert_found_at(&bench, "json_syntax", 1, 2,
        "a quote or a closing bracket is missing");
    bench_free(&bench);
}

static void
test_memory(void **state)
{
    (void)state;
    assert_survives(pdp__read_directory,
        DOC("'groups':{'AccessGroupId-1':['IBMid-1','IBMid-2'],'x':1},"
            "'namespaces':[{'region':'south','namespace':'nest',"
            "'account':'a','resource_group':'g'},"
            "{'region':'eu-de','namespace':'egg','account':'a'}],"
            "'roles':{'custom_roles':[{'crn':"
            "'crn:v1:bluemix:public:iam-access-management::a/a"
            "::customRole:R','name':'R','account_id':'a',"
            "'service_name':'birds','actions':['birds.nest.read','x']}]},"
            "'tags':{'south/nest':['env:prod']}"));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_empty),
        cmocka_unit_test(test_complete),
        cmocka_unit_test(test_groups),
        cmocka_unit_test(test_document_findings),
        cmocka_unit_test(test_group_findings),
        cmocka_unit_test(test_all_findings_in_one_run),
        cmocka_unit_test(test_unreadable),
        cmocka_unit_test(test_memory),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
