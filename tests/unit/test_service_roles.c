/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
/* The section `roles`: sets of actions, and every way to name a role. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "load/service.h"
#include "service_util.h"

static void
test_members(void **state)
{
    (void)state;
    CHECK(SERVICE(.roles = "{\"A\":\1{},\"B\":\0011,"
                           "\"C\":{\"actions\":\1{}},"
                           "\"D\":{\"actions\":[\0011,\"svc.read\"],"
                           "\"platform\":\1\"\"},"
                           "\"E\":{\"actions\":[],\1\"action\":1}}"),
        FOUND("missing_member"), FOUND("wrong_type"), FOUND("wrong_type"),
        FOUND("wrong_type"), FOUND("wrong_type"),
        HINTED("unknown_member", "did you mean \"actions\"?"));
}

static void
test_names(void **state)
{
    (void)state;
    CHECK(SERVICE(.roles = "{\1\"a:b\":{\"actions\":[\1\"nope\"]},"
                           "\1\" A\":{\"actions\":[]}}"),
        FOUND("bad_value"), FOUND("unknown_name"), FOUND("bad_value"));
}

static void
test_an_action_once(void **state)
{
    (void)state;
    CHECK(SERVICE(.roles = "{\"A\":{\"actions\":[\"svc.read\",\"svc.write\","
                           "\1\"svc.read\"]}}"),
        FOUND("duplicate_name"));
}

/* "A B" without its space is "AB". */
static void
test_names_that_could_be_taken_for_each_other(void **state)
{
    (void)state;
    CHECK(SERVICE(.roles = "{\"A B\":{\"actions\":[]},"
                           "\1\"AB\":{\"actions\":[]}}"),
        FOUND("duplicate_name"));
}

static void
check_id(const struct loaded *l, const char *id, const char *role)
{
    uint32_t ix = pdp__builder_role(&l->b, pdp__str_z(id), 0);
    if (role == NULL) {
        assert_int_equal(ix, PDP__NONE);
        return;
    }
    if (ix == PDP__NONE) {
        fail_msg("%s names no role", id);
    }
    assert_true(
        pdp__str_eq(pdp__builder_str(&l->b,
                        PDP__ITEM(&l->b, roles, struct pdp__role, ix)->name),
            pdp__str_z(role)));
}

static void
test_ids(void **state)
{
    static struct loaded l;
    (void)state;
    open_builder(&l);
    read_into(&l, SERVICE(.roles = "{\"Reader\":{\"actions\":[\"svc.read\"]},"
                                   "\"Key Purge\":{\"actions\":[]},"
                                   "\"Viewer\":{\"platform\":true,"
                                   "\"actions\":[]}}"));
    assert_int_equal(pdp_report_errors(l.report), 0);
    check_id(&l, "Reader", "Reader");
    check_id(&l, "crn:v1:bluemix:public:iam::::serviceRole:Reader", "Reader");
    check_id(&l, "crn:v1:bluemix:public:svc::::serviceRole:Reader", "Reader");
    check_id(&l, "crn:v1:bluemix:public:svc::::role:Reader", "Reader");
    check_id(&l, "crn:v1:bluemix:public:iam::::role:Reader", NULL);
    check_id(&l, "crn:v1:bluemix:public:other::::serviceRole:Reader", NULL);
    check_id(&l, "reader", NULL);
    check_id(&l, "Key Purge", "Key Purge");
    check_id(&l, "Key%20Purge", NULL);
    check_id(&l, "crn:v1:bluemix:public:iam::::serviceRole:Key Purge",
        "Key Purge");
    check_id(&l, "crn:v1:bluemix:public:svc::::serviceRole:Key%20Purge",
        "Key Purge");
    check_id(&l, "crn:v1:bluemix:public:svc::::role:KeyPurge", "Key Purge");
    check_id(&l, "Viewer", "Viewer");
    check_id(&l, "crn:v1:bluemix:public:iam::::role:Viewer", "Viewer");
    check_id(&l, "crn:v1:bluemix:public:svc::::serviceRole:Viewer", "Viewer");
    check_id(&l, "crn:v1:bluemix:public:iam::::role:Administrator",
        "Administrator");
    close_builder(&l);
}

static void
test_platform_roles_grant_nothing(void **state)
{
    (void)state;
    CHECK(SERVICE(.roles = "{\"Reader\":{\"actions\":[\"svc.read\"]},"
                           "\"Viewer\":{\"platform\":true,"
                           "\"actions\":\1[\"svc.read\"]}}"),
        HINTED("bad_value", "leave \"platform\" out, or the actions"));
}

/* `platform: false` says what leaving it out says; a role without actions may
 * say either. */
static void
test_platform_is_a_truth_value(void **state)
{
    static struct loaded l;
    static const struct {
        const char *role;
        bool platform;
        uint64_t set;
    } cases[] = {
        {"{\"platform\":false,\"actions\":[\"svc.write\"]}", false, 2},
        {"{\"platform\":false,\"actions\":[]}", false, 0},
        {"{\"platform\":true,\"actions\":[]}", true, 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char text[128];

        snprintf(text, sizeof(text), "{\"Keeper\":%s}", cases[i].role);
        open_builder(&l);
        read_into(&l, SERVICE(.roles = text));
        check_findings(&l, PDP_SEVERITY_ERROR, NULL, 0);
        const struct pdp__role *role =
            PDP__ITEM(&l.b, roles, struct pdp__role, 0);
        assert_int_equal(role->platform, cases[i].platform);
        assert_int_equal(*PDP__ITEM(&l.b, words, uint64_t, role->words),
            cases[i].set);
        close_builder(&l);
    }
    CHECK(SERVICE(.roles = "{\"Keeper\":\1{\"platform\":true}}"),
        FOUND("missing_member"));
}

static void
test_too_many_actions(void **state)
{
    static char text[4 * (PDP__ACTIONS_MAX + 64)];
    size_t len = 0;

    (void)state;
    len = (size_t)snprintf(text, sizeof(text), "{\"Keeper\":{\"actions\":\1[");
    for (size_t i = 0; i <= PDP__ACTIONS_MAX; i++) {
        memcpy(text + len, "\"\",", 3);
        len += 3;
    }
    memcpy(text + len - 1, "]}}", 4);
    CHECK(SERVICE(.roles = text), FOUND("limit"));
}

/* The name of the service is reported; its roles have no CRN then, instead of
 * half of one. */
static void
test_a_service_name_too_long_for_crns(void **state)
{
    static char head[1024];
    static char name[601];
    static struct loaded l;

    (void)state;
    memset(name, 'a', sizeof(name) - 1);
    snprintf(head, sizeof(head),
        "\"format\":\"pdp-service/1\",\"service\":\1\"%s\"", name);
    open_builder(&l);
    read_into(&l, SERVICE(.head = head));
    check_findings(&l, PDP_SEVERITY_ERROR, &FOUND("bad_value"), 1);
    assert_int_not_equal(pdp__builder_role(&l.b,
                             PDP__LIT("crn:v1:bluemix:public:iam::::"
                                      "serviceRole:Reader"),
                             0),
        PDP__NONE);
    for (uint32_t i = 0; i < l.b.role_ids.cnt; i++) {
        pdp_str_t id = pdp__builder_str(&l.b,
            PDP__ITEM(&l.b, role_ids, struct pdp__role_id, i)->id);
        assert_false(pdp__str_starts(id, PDP__LIT("crn:v1:bluemix:public:aa")));
    }
    close_builder(&l);
}

/* Unlisted platform roles are there and grant nothing. */
static void
test_platform_roles(void **state)
{
    static struct loaded l;
    static const char *const names[] = {"Reader", "Editor", "Viewer",
        "Operator", "Administrator"};
    (void)state;
    open_builder(&l);
    read_into(&l, SERVICE(.roles = "{\"Reader\":{\"actions\":[\"svc.write\"]},"
                                   "\"Editor\":{\"platform\":true,"
                                   "\"actions\":[]}}"));
    assert_int_equal(l.b.roles.cnt, 5);
    for (uint32_t i = 0; i < 5; i++) {
        const struct pdp__role *role =
            PDP__ITEM(&l.b, roles, struct pdp__role, i);
        assert_true(pdp__str_eq(pdp__builder_str(&l.b, role->name),
            pdp__str_z(names[i])));
        assert_int_equal(role->platform, i > 0);
        assert_int_equal(*PDP__ITEM(&l.b, words, uint64_t, role->words),
            i == 0 ? 2 : 0);
    }
    close_builder(&l);
}

/* A service role that is called like a platform role leaves that one its
 * generic CRN. */
static void
test_service_role_named_administrator(void **state)
{
    static struct loaded l;
    (void)state;
    open_builder(&l);
    read_into(&l, SERVICE(.roles = "{\"Administrator\":{\"actions\":["
                                   "\"svc.write\"]}}"));
    assert_int_equal(pdp_report_errors(l.report), 0);
    uint32_t own = pdp__builder_role(&l.b, PDP__LIT("Administrator"), 0);
    uint32_t platform = pdp__builder_role(&l.b,
        PDP__LIT("crn:v1:bluemix:public:iam::::role:Administrator"), 0);
    assert_int_equal(own, 0);
    assert_int_not_equal(platform, own);
    assert_int_not_equal(platform, PDP__NONE);
    const struct pdp__role *role =
        PDP__ITEM(&l.b, roles, struct pdp__role, platform);
    assert_int_equal(role->platform, 1);
    assert_int_equal(*PDP__ITEM(&l.b, words, uint64_t, role->words), 0);
    close_builder(&l);
}

/* Sets of more than 64 actions. */
static void
test_wide_sets(void **state)
{
    static struct loaded l;
    static char actions[8192];
    size_t len = 0;
    (void)state;
    for (int i = 0; i < 70; i++) {
        len += (size_t)snprintf(actions + len, sizeof(actions) - len,
            "%s\"svc.a%d\":{\"scope\":\"account\"}", i == 0 ? "{" : ",", i);
    }
    snprintf(actions + len, sizeof(actions) - len, "}");
    open_builder(&l);
    read_into(&l, SERVICE(.actions = actions,
                      .roles = "{\"R\":{\"actions\":[\"svc.a69\",\"svc.a1\"]}"
                               "}",
                      .routes = "[]"));
    const struct pdp__role *role = PDP__ITEM(&l.b, roles, struct pdp__role, 0);
    const uint64_t *words = PDP__ITEM(&l.b, words, uint64_t, role->words);
    assert_int_equal(pdp_report_errors(l.report), 0);
    assert_int_equal(words[0], 2);
    assert_int_equal(words[1], 32);
    close_builder(&l);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_members),
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_an_action_once),
        cmocka_unit_test(test_names_that_could_be_taken_for_each_other),
        cmocka_unit_test(test_ids),
        cmocka_unit_test(test_platform_roles_grant_nothing),
        cmocka_unit_test(test_platform_is_a_truth_value),
        cmocka_unit_test(test_too_many_actions),
        cmocka_unit_test(test_a_service_name_too_long_for_crns),
        cmocka_unit_test(test_platform_roles),
        cmocka_unit_test(test_service_role_named_administrator),
        cmocka_unit_test(test_wide_sets),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
