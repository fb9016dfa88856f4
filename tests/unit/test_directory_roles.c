/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "read_util.h"

/* Roles of an account, as GET /v2/roles returns them. */

#define DOC(roles) "{'format':'pdp-directory/1',\n'roles':" roles "}"
#define CRN(account, name)                                                     \
    "crn:v1:bluemix:public:iam-access-management::a/" account                  \
    "::customRole:" name
#define MEMBERS(name, service, actions)                                        \
    "'name':'" name "','account_id':'a1','service_name':'" service             \
    "','actions':[" actions "]"
#define ROLE(name, service, actions)                                           \
    "{'crn':'" CRN("a1", name) "'," MEMBERS(name, service, actions) "}"
#define READ "'birds.nest.read'"
#define WRITE "'birds.nest.write'"

static const struct pdp__role *
role_of(const struct bench *bench, uint32_t service, const char *id)
{
    uint32_t ix = pdp__builder_role(&bench->b, pdp__str_z(id), service);

    assert_int_not_equal(ix, PDP__NONE);
    return PDP__ITEM(&bench->b, roles, struct pdp__role, ix);
}

static bool
acts(const struct bench *bench, const struct pdp__role *role,
    const char *action)
{
    uint32_t ix = pdp__map_get(&bench->b, PDP__MAP_ACTION, pdp__str_z(action));
    uint32_t bit = PDP__ITEM(&bench->b, actions, struct pdp__action, ix)->bit;

    return (*PDP__ITEM(&bench->b, words, uint64_t, role->words) >> bit & 1u) !=
           0;
}

/* The roles of a service by name, joined. */
static void
assert_roles(const struct bench *bench, uint32_t service, const char *names)
{
    char got[512] = "";
    struct pdp__range range =
        PDP__ITEM(&bench->b, services, struct pdp__service, service)->roles;

    for (uint32_t i = 0; i < range.cnt; i++) {
        const struct pdp__role *role =
            PDP__ITEM(&bench->b, roles, struct pdp__role, range.first + i);
        pdp_str_t name = pdp__builder_str(&bench->b, role->name);
        size_t used = strlen(got);
        snprintf(got + used, sizeof(got) - used, "%s%.*s", i == 0 ? "" : ",",
            (int)name.len, name.ptr);
        assert_int_equal(role->service, service);
    }
    assert_string_equal(got, names);
}

/* Roles of both services, mixed: each service's stand together, and old
 * ids lead to roles that mean the same. */
static void
test_custom(void **state)
{
    (void)state;
    struct bench bench;

    bench_init(&bench);
    assert_int_equal(
        run(&bench, pdp__read_directory, SOURCE_NAME,
            DOC("[{'custom_roles':[{'id':'i','display_name':'Ringer',"
                "'description':'d','crn':'" CRN("a1",
                    "Ringer") "'," MEMBERS("Ringer", "birds",
                    WRITE) ",'created_at':'c',"
                           "'created_by_id':'i','last_modified_at':'l',"
                           "'last_modified_by_id':'i','href':'h'}," ROLE(
                               "Pruner", "trees",
                               "'trees.leaf.read'") "," ROLE("Feeder", "birds",
                               READ "," WRITE) "]},{'service_roles':[],"
                                               "'system_roles':[]}]")),
        PDP_OK);
    assert_findings(&bench, 0);
    assert_roles(&bench, 0,
        "Reader,Writer,Manager,Night Watch,Viewer,Operator,Editor,"
        "Administrator,Ringer,Feeder");
    assert_roles(&bench, 1,
        "Reader,Gardener,Viewer,Operator,Editor,Administrator,Pruner");
    const struct pdp__role *ringer = role_of(&bench, 0, CRN("a1", "Ringer"));
    assert_int_equal(ringer->custom, 1);
    assert_int_equal(ringer->platform, 0);
    assert_str(pdp__builder_str(&bench.b, ringer->account), "a1");
    assert_str(pdp__builder_str(&bench.b, ringer->crn), CRN("a1", "Ringer"));
    assert_true(acts(&bench, ringer, "birds.nest.write"));
    assert_false(acts(&bench, ringer, "birds.nest.read"));
    const struct pdp__role *reader = role_of(&bench, 0, "Reader");
    assert_str(pdp__builder_str(&bench.b, reader->name), "Reader");
    assert_true(acts(&bench, reader, "birds.nest.read"));
    /* A bare name reaches no custom role; another service does not either. */
    assert_int_equal(pdp__builder_role(&bench.b, PDP__LIT("Ringer"), 0),
        PDP__NONE);
    assert_int_equal(pdp__builder_role(&bench.b, PDP__LIT(CRN("a1", "Ringer")),
                         1),
        PDP__NONE);
    /* What the block will hold: every link leads into the service's range. */
    for (uint32_t i = 0; i < bench.b.role_links.cnt; i++) {
        const struct pdp__role_link *link =
            PDP__VEC_AT(&bench.b.role_links, struct pdp__role_link, i);
        struct pdp__range range =
            PDP__ITEM(&bench.b, services, struct pdp__service, link->service)
                ->roles;
        assert_true(
            link->role >= range.first && link->role < range.first + range.cnt);
    }
    bench_free(&bench);
}

/* Two documents; the second moves the first one's roles along. */
static void
test_two_documents(void **state)
{
    (void)state;
    struct bench bench;

    bench_init(&bench);
    (void)run(&bench, pdp__read_directory, "a",
        DOC("{'custom_roles':[" ROLE("Ringer", "birds", WRITE) "]}"));
    (void)run(&bench, pdp__read_directory, "b",
        DOC("{'custom_roles':[" ROLE("Pruner", "trees",
            "'trees.leaf.read'") "," ROLE("Feeder", "birds", READ) "]}"));
    assert_findings(&bench, 0);
    assert_roles(&bench, 0,
        "Reader,Writer,Manager,Night Watch,Viewer,Operator,Editor,"
        "Administrator,Ringer,Feeder");
    (void)run(&bench, pdp__read_directory, "c",
        DOC("{'custom_roles':[" ROLE("Ringer", "birds", READ) "]}"));
    assert_findings(&bench, 1);
    assert_found_at(&bench, "duplicate_name", 2, 33, NULL);
    bench_free(&bench);
}

/* Notes only: what does not change what is granted. */
static void
test_notes(void **state)
{
    (void)state;
    static const struct bad cases[] = {
        {DOC("{'custom_roles':[" ROLE("Ringer", "birds",
             READ ",^'iam.policy.read'") "]}"),
            "unused", NULL},
        {DOC("{'custom_roles':[" ROLE("Ringer", "birds",
             READ ",^'trees.leaf.read'") "]}"),
            "unused", NULL},
        {DOC("^{'custom_roles':[" ROLE("Keeper", "kms", "'kms.x.y'") "]}"),
            "unused", NULL},
        {DOC("{'service_roles':[{'display_name':'Reader','description':'d',"
             "'crn':'crn:v1:bluemix:public:iam::::serviceRole:Reader',"
             "'actions':^[" READ "," WRITE ",'iam.x.y']}]}"),
            "unused", NULL},
    };

    assert_all_bad(pdp__read_directory, cases, ARRAY_CNT(cases));
}

/* As the definition has it, of another service, or unknown: no noise. */
static void
test_known_roles(void **state)
{
    (void)state;
    struct bench bench;

    bench_init(&bench);
    assert_int_equal(
        run(&bench, pdp__read_directory, SOURCE_NAME,
            DOC("{'service_roles':["
                "{'crn':'crn:v1:bluemix:public:iam::::serviceRole:Reader',"
                "'actions':[" READ ",'iam.policy.read']},"
                "{'crn':'crn:v1:bluemix:public:iam::::serviceRole:Writer',"
                "'actions':['kms.x.y']},"
                "{'crn':'crn:v1:bluemix:public:kms::::serviceRole:Purge',"
                "'display_name':'Purge','actions':['kms.x.y']}],"
                "'system_roles':[{'display_name':'Viewer',"
                "'crn':'crn:v1:bluemix:public:iam::::role:Viewer',"
                "'description':'d','actions':['global.x.y']}]}")),
        PDP_OK);
    assert_findings(&bench, 0);
    bench_free(&bench);
}

static void
test_findings(void **state)
{
    (void)state;
    static const char form[] = "crn:v1:bluemix:public:iam-access-management::"
                               "a/ACCOUNT::customRole:NAME";
#define CUSTOM(role) DOC("{'custom_roles':[" role "]}")
#define REST MEMBERS("R", "birds", READ)
    static const struct bad cases[] = {
        {DOC("[^7]"), "wrong_type", NULL},
        {DOC("{^'roles':[]}"), "unknown_member", NULL},
        {DOC("{'custom_roles':^{}}"), "wrong_type", NULL},
        {CUSTOM("^'R'"), "wrong_type", NULL},
        {CUSTOM("^{" REST "}"), "missing_member", NULL},
        {CUSTOM("^{'crn':'" CRN("a1",
             "R") "','account_id':'a1',"
                  "'service_name':'birds','actions':[" READ "]}"),
            "missing_member", NULL},
        {CUSTOM("^{'crn':'" CRN("a1",
             "R") "','name':'R',"
                  "'service_name':'birds','actions':[" READ "]}"),
            "missing_member", NULL},
        {CUSTOM("^{'crn':'" CRN("a1", "R") "','name':'R','account_id':'a1',"
                                           "'actions':[" READ "]}"),
            "missing_member", NULL},
        {CUSTOM("^{'crn':'" CRN("a1", "R") "','name':'R','account_id':'a1',"
                                           "'service_name':'birds'}"),
            "missing_member", NULL},
        {CUSTOM("{'crn':'" CRN("a1", "R") "'," REST ",^'deny':[]}"),
            "unknown_member", NULL},
        {CUSTOM("{'crn':^'R'," REST "}"), "bad_value", form},
        {CUSTOM(
             "{'crn':^'crn:v1:bluemix:public:iam::::serviceRole:R'," REST "}"),
            "bad_value", form},
        {CUSTOM("{'crn':'" CRN("a2",
             "R") "','name':'R',"
                  "'account_id':^'a1','service_name':'birds',"
                  "'actions':[" READ "]}"),
            "bad_value", NULL},
        {CUSTOM("{'crn':'" CRN("a1",
             "S") "','name':^'R',"
                  "'account_id':'a1','service_name':'birds',"
                  "'actions':[" READ "]}"),
            "bad_value", NULL},
        {CUSTOM(
             "{'crn':'" CRN("a1", "R") "','name':'R','account_id':'a1',"
                                       "'service_name':'birds','actions':^[]}"),
            "empty", NULL},
        {CUSTOM("{'crn':'" CRN("a1",
             "R") "','name':'R','account_id':'a1',"
                  "'service_name':'birds','actions':[" READ ",^5]}"),
            "wrong_type", NULL},
        {DOC("{'service_roles':[^{'display_name':'R'}]}"), "missing_member",
            NULL},
        {DOC("{'system_roles':[{'crn':'x',^'grants':[]}]}"), "unknown_member",
            NULL},
        {DOC("{'system_roles':[^5]}"), "wrong_type", NULL},
        {DOC("{'custom_roles':[" ROLE("R", "birds",
             READ) ",\n"
                   "{'crn':^'" CRN("a1", "R") "'," REST "}]}"),
            "duplicate_name", NULL},
    };

    assert_all_bad(pdp__read_directory, cases, ARRAY_CNT(cases));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_custom),
        cmocka_unit_test(test_two_documents),
        cmocka_unit_test(test_notes),
        cmocka_unit_test(test_known_roles),
        cmocka_unit_test(test_findings),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
