/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
/* Reading a snapshot through the public interface. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "fixture.h"

#define CUSTOM(name, service, actions)                                         \
    "{\"id\":\"1\",\"name\":\"" name "\",\"display_name\":\"" name "\","       \
    "\"account_id\":\"" ACCOUNT "\",\"service_name\":\"" service "\","         \
    "\"crn\":\"crn:v1:bluemix:public:iam-access-management::a/" ACCOUNT        \
    "::customRole:" name "\",\"actions\":[" actions "]}"

static const char *const small =
    "{\"format\":\"pdp-service/1\",\"service\":\"small\",\"title\":\"Small\","
    "\"actions\":{\"small.read\":{\"scope\":\"account\",\"title\":\"Read\"},"
    "\"small.write\":{\"scope\":\"namespace\"}},\"roles\":{\"Reader\":{"
    "\"actions\":[\"small.read\"]}},\"events\":{\"small.seen\":{\"data\":true,"
    "\"deprecated\":true,\"title\":{\"en\":\"Seen\",\"fr\":\"Vu\"}}},"
    "\"params\":{},\"regions\":[{\"region\":\"eu\",\"aliases\":[\"old\","
    "\"older\"],\"hosts\":[\"small.example\"],\"events\":\"us\"}],\"routes\":["
    "{\"method\":\"GET\",\"path\":\"/a\",\"title\":\"A.\",\"requires\":["
    "{\"action\":\"small.write\"},{\"action\":\"small.read\"}],\"event\":"
    "\"small.seen\",\"head\":true},{\"method\":\"PUT\",\"path\":\"/b\","
    "\"access\":\"authenticated\",\"event\":null},{\"method\":\"GET\","
    "\"path\":\"/c\",\"access\":\"public\",\"event\":\"small.seen\"}]}";

/* Not known to the first service: its name comes later. */
static const char *const other =
    "{\"format\":\"pdp-service/1\",\"service\":\"other\",\"actions\":{"
    "\"other.do\":{\"scope\":\"namespace\"}},\"roles\":{\"Doer\":{\"actions\":"
    "[\"other.do\"]}},\"events\":{},\"params\":{},\"routes\":[{\"method\":"
    "\"GET\",\"path\":\"/o\",\"requires\":[{\"action\":\"other.do\"}],"
    "\"event\":null}]}";

static const char *const directory =
    "{\"format\":\"pdp-directory/1\",\"roles\":{\"custom_roles\":[" CUSTOM(
        "Mine", "small", "\"small.write\",\"small.read\"") "," CUSTOM("Theirs",
        "other", "\"other.do\"") "]}}";

static int
setup_two(void **state)
{
    const struct document given[] = {
        {PDP_SOURCE_SERVICE, "small.json", small},
        {PDP_SOURCE_SERVICE, "other.json", other},
        {PDP_SOURCE_DIRECTORY, "directory.json", directory},
        {PDP_SOURCE_NONE, NULL, NULL},
    };

    (void)state;
    load(&fixture, given);
    return 0;
}

static pdp_route_info_t
route_at(size_t service, size_t ix)
{
    pdp_route_info_t info = {.size = sizeof(info)};

    assert_true(pdp_catalog_route(fixture.snapshot, service, ix, &info));
    return info;
}

static void
the_registry(void **state)
{
    pdp_service_info_t info = {.size = sizeof(info)};

    (void)state;
    assert_int_equal(pdp_catalog_services(fixture.snapshot), 1);
    assert_true(pdp_catalog_service(fixture.snapshot, 0, &info));
    assert_str(info.name, "container-registry");
    assert_str(info.title, "IBM Cloud Container Registry");
    assert_int_equal(info.route_cnt, 46);
    assert_int_equal(info.action_cnt, 24);
    assert_int_equal(info.role_cnt, 8);
    assert_int_equal(info.event_cnt, 43);
    assert_int_equal(info.region_cnt, 14);
    assert_int_equal(info.size, sizeof(info));
}

/* What can be counted in two ways is the same in both. */
static void
counts_agree(void **state)
{
    size_t accesses[3] = {0};
    size_t with_event = 0;
    size_t produced = 0;
    size_t data = 0;
    size_t deprecated = 0;
    pdp_route_info_t route = {.size = sizeof(route)};
    pdp_event_info_t event = {.size = sizeof(event)};

    (void)state;
    for (size_t i = 0; pdp_catalog_route(fixture.snapshot, 0, i, &route); i++) {
        pdp_str_t name;
        size_t actions = 0;

        while (
            pdp_catalog_route_action(fixture.snapshot, 0, i, actions, &name)) {
            actions++;
        }
        assert_int_equal(actions, route.action_cnt);
        assert_int_equal(actions == 0, route.access != PDP_ACCESS_REQUIRES);
        accesses[route.access]++;
        with_event += route.at_action.ptr != NULL;
    }
    assert_int_equal(accesses[PDP_ACCESS_REQUIRES], 44);
    assert_int_equal(accesses[PDP_ACCESS_AUTHENTICATED], 0);
    assert_int_equal(accesses[PDP_ACCESS_PUBLIC], 2);
    for (size_t i = 0; pdp_catalog_event(fixture.snapshot, 0, i, &event); i++) {
        produced += event.route_cnt;
        data += event.data_event;
        deprecated += event.deprecated;
    }
    assert_int_equal(produced, with_event);
    assert_int_equal(deprecated, 7);
    assert_int_equal(data, 7);
}

static void
rows_of_the_registry(void **state)
{
    pdp_action_info_t action = {.size = sizeof(action)};
    pdp_role_info_t role = {.size = sizeof(role)};
    pdp_region_info_t region = {.size = sizeof(region)};
    pdp_str_t text;

    (void)state;
    pdp_route_info_t route = route_at(0, 0);
    assert_str(route.method, "GET");
    assert_str(route.path, "/api/v1/auth");
    assert_str(route.title, "Read the authorization options of the account.");
    assert_str(route.at_action, "container-registry.auth.get");
    assert_false(route.head);
    route = route_at(0, 9);
    assert_str(route.path, "/api/v1/messages");
    assert_int_equal(route.access, PDP_ACCESS_PUBLIC);
    assert_null(route.at_action.ptr);
    /* Two actions, in the order of the definition. */
    assert_str(route_at(0, 5).path, "/api/v1/images/tags");
    assert_true(pdp_catalog_route_action(fixture.snapshot, 0, 5, 0, &text));
    assert_str(text, "container-registry.image.pull");
    assert_true(pdp_catalog_route_action(fixture.snapshot, 0, 5, 1, &text));
    assert_str(text, "container-registry.image.push");
    assert_false(pdp_catalog_route_action(fixture.snapshot, 0, 5, 2, &text));

    assert_true(pdp_catalog_action(fixture.snapshot, 0, 0, &action));
    assert_str(action.name, "container-registry.auth.get");
    assert_true(action.account_scope);
    assert_true(pdp_catalog_action(fixture.snapshot, 0, 5, &action));
    assert_str(action.name, "container-registry.image.delete");
    assert_false(action.account_scope);

    assert_true(pdp_catalog_role(fixture.snapshot, 0, 1, &role));
    assert_str(role.name, "Writer");
    assert_str(role.crn, "crn:v1:bluemix:public:iam::::serviceRole:Writer");
    assert_int_equal(role.action_cnt, 7);
    assert_false(role.platform);
    assert_false(role.custom);
    assert_true(pdp_catalog_role_action(fixture.snapshot, 0, 1, 6, &text));
    assert_str(text, "container-registry.settings.get");
    assert_false(pdp_catalog_role_action(fixture.snapshot, 0, 1, 7, &text));
    assert_true(pdp_catalog_role(fixture.snapshot, 0, 4, &role));
    assert_str(role.name, "Viewer");
    assert_str(role.crn, "crn:v1:bluemix:public:iam::::role:Viewer");
    assert_true(role.platform);
    assert_int_equal(role.action_cnt, 0);

    assert_true(pdp_catalog_region(fixture.snapshot, 0, 2, &region));
    assert_str(region.region, "au-syd");
    assert_str(region.events, "jp-tok");
    assert_int_equal(region.alias_cnt, 1);
    assert_int_equal(region.host_cnt, 3);
    assert_true(pdp_catalog_region_alias(fixture.snapshot, 0, 2, 0, &text));
    assert_str(text, "ap-south");
    assert_false(pdp_catalog_region_alias(fixture.snapshot, 0, 2, 1, &text));
    assert_true(pdp_catalog_region_host(fixture.snapshot, 0, 2, 2, &text));
    assert_str(text, "registry.au-syd.bluemix.net");
    assert_false(pdp_catalog_region_host(fixture.snapshot, 0, 2, 3, &text));
}

/* Of two services each shows its own, custom roles of the directory last. */
static void
two_services(void **state)
{
    pdp_service_info_t info = {.size = sizeof(info)};
    pdp_role_info_t role = {.size = sizeof(role)};
    pdp_str_t text;
    size_t last;

    (void)state;
    assert_int_equal(pdp_catalog_services(fixture.snapshot), 2);
    assert_true(pdp_catalog_service(fixture.snapshot, 0, &info));
    assert_str(info.name, "small");
    assert_str(info.title, "Small");
    assert_int_equal(info.route_cnt, 3);
    assert_int_equal(info.action_cnt, 2);
    assert_int_equal(info.event_cnt, 1);
    assert_int_equal(info.region_cnt, 1);
    last = info.role_cnt - 1;
    assert_true(pdp_catalog_role(fixture.snapshot, 0, last, &role));
    assert_str(role.name, "Mine");
    assert_str(role.crn, "crn:v1:bluemix:public:iam-access-management::"
                         "a/" ACCOUNT "::customRole:Mine");
    assert_true(role.custom);
    assert_false(role.platform);
    assert_int_equal(role.action_cnt, 2);
    assert_true(pdp_catalog_role_action(fixture.snapshot, 0, last, 0, &text));
    assert_str(text, "small.read"); /* in the order of the actions */
    assert_true(pdp_catalog_role_action(fixture.snapshot, 0, last, 1, &text));
    assert_str(text, "small.write");
    assert_false(pdp_catalog_role(fixture.snapshot, 0, last + 1, &role));

    assert_true(pdp_catalog_service(fixture.snapshot, 1, &info));
    assert_str(info.name, "other");
    assert_int_equal(info.route_cnt, 1);
    assert_int_equal(info.region_cnt, 0);
    assert_int_equal(info.role_cnt, last + 1); /* Doer, platform, Theirs */
    assert_true(pdp_catalog_role(fixture.snapshot, 1, last, &role));
    assert_str(role.name, "Theirs");
    assert_true(pdp_catalog_route_action(fixture.snapshot, 1, 0, 0, &text));
    assert_str(text, "other.do");
}

static void
rows_of_a_small_service(void **state)
{
    pdp_event_info_t event = {.size = sizeof(event)};
    pdp_region_info_t region = {.size = sizeof(region)};
    pdp_str_t text;

    (void)state;
    pdp_route_info_t route = route_at(0, 0);
    assert_true(route.head);
    assert_str(route.title, "A.");
    assert_int_equal(route.action_cnt, 2);
    assert_str(route.at_action, "small.seen");
    route = route_at(0, 1);
    assert_str(route.method, "PUT");
    assert_int_equal(route.access, PDP_ACCESS_AUTHENTICATED);
    assert_int_equal(route.action_cnt, 0);
    assert_null(route.at_action.ptr);
    assert_int_equal(route_at(0, 2).access, PDP_ACCESS_PUBLIC);
    assert_true(pdp_catalog_event(fixture.snapshot, 0, 0, &event));
    assert_str(event.name, "small.seen");
    assert_str(event.title, "Seen");
    assert_true(event.data_event);
    assert_true(event.deprecated);
    assert_int_equal(event.route_cnt, 2);
    assert_true(pdp_catalog_region(fixture.snapshot, 0, 0, &region));
    assert_str(region.events, "us");
    assert_int_equal(region.alias_cnt, 2);
    assert_true(pdp_catalog_region_alias(fixture.snapshot, 0, 0, 1, &text));
    assert_str(text, "older");
}

static void
what_is_not_there(void **state)
{
    static const size_t far[] = {3, 100, UINT32_MAX, (size_t)UINT32_MAX + 1,
        SIZE_MAX};
    const pdp_snapshot_t *s = fixture.snapshot;
    pdp_service_info_t service = {.size = sizeof(service)};
    pdp_route_info_t route = {.size = sizeof(route)};
    pdp_action_info_t action = {.size = sizeof(action)};
    pdp_role_info_t role = {.size = sizeof(role)};
    pdp_event_info_t event = {.size = sizeof(event)};
    pdp_region_info_t region = {.size = sizeof(region)};
    pdp_str_t text = {"untouched", 9};

    (void)state;
    for (size_t i = 0; i < sizeof(far) / sizeof(far[0]); i++) {
        size_t f = far[i];
        size_t r = f < 100 ? 100 : f; /* there are more than 3 roles */

        assert_false(pdp_catalog_service(s, f, &service));
        for (int beyond = 0; beyond < 2; beyond++) {
            size_t sv = beyond == 0 ? 0 : f; /* of item, of service */
            size_t ix = beyond == 0 ? f : 0;

            assert_false(pdp_catalog_route(s, sv, ix, &route));
            assert_false(pdp_catalog_action(s, sv, ix, &action));
            assert_false(pdp_catalog_role(s, sv, beyond == 0 ? r : 0, &role));
            assert_false(pdp_catalog_event(s, sv, ix, &event));
            assert_false(pdp_catalog_region(s, sv, ix, &region));
            assert_false(pdp_catalog_route_action(s, sv, ix, 0, &text));
            assert_false(pdp_catalog_route_action(s, sv, 0, f, &text));
            assert_false(pdp_catalog_role_action(s, sv, 0, f, &text));
            assert_false(pdp_catalog_region_alias(s, sv, ix, 0, &text));
            assert_false(pdp_catalog_region_alias(s, sv, 0, f, &text));
            assert_false(pdp_catalog_region_host(s, sv, ix, 0, &text));
            assert_false(pdp_catalog_region_host(s, sv, 0, f, &text));
        }
        assert_false(pdp_catalog_role_action(s, 0, r, 0, &text));
        assert_false(pdp_catalog_role_action(s, f, 0, 0, &text));
    }
    assert_str(text, "untouched");
}

/* Sizes: not set, of an older struct without its last member, of a newer
 * one. */
#define CHECK_SIZES(call, type, last)                                          \
    do {                                                                       \
        type out_;                                                             \
        type before_;                                                          \
        memset(&before_, 0x5A, sizeof(before_));                               \
        memset(&out_, 0x5A, sizeof(out_));                                     \
        out_.size = 0;                                                         \
        assert_false(call(fixture.snapshot, 0, 0, &out_));                     \
        out_.size = sizeof(out_) + 1;                                          \
        assert_false(call(fixture.snapshot, 0, 0, &out_));                     \
        assert_memory_equal((char *)(&out_.size + 1),                          \
            (char *)(&before_.size + 1), sizeof(out_) - 8);                    \
        out_.size = offsetof(type, last);                                      \
        assert_true(call(fixture.snapshot, 0, 0, &out_));                      \
        assert_int_equal(out_.size, offsetof(type, last));                     \
        assert_memory_equal(&out_.last, &before_.last, sizeof(out_.last));     \
        assert_memory_not_equal((char *)(&out_.size + 1),                      \
            (char *)(&before_.size + 1), 8);                                   \
        out_.size = sizeof(out_);                                              \
        assert_true(call(fixture.snapshot, 0, 0, &out_));                      \
        assert_memory_not_equal(&out_.last, &before_.last, sizeof(out_.last)); \
    } while (0)

static bool
service_info(const pdp_snapshot_t *snapshot, size_t service, size_t index,
    pdp_service_info_t *out)
{
    return pdp_catalog_service(snapshot, service + index, out);
}

static void
sizes(void **state)
{
    (void)state;
    CHECK_SIZES(service_info, pdp_service_info_t, region_cnt);
    CHECK_SIZES(pdp_catalog_route, pdp_route_info_t, at_action);
    CHECK_SIZES(pdp_catalog_action, pdp_action_info_t, account_scope);
    CHECK_SIZES(pdp_catalog_role, pdp_role_info_t, action_cnt);
    CHECK_SIZES(pdp_catalog_event, pdp_event_info_t, route_cnt);
    CHECK_SIZES(pdp_catalog_region, pdp_region_info_t, host_cnt);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup(name, load_default)
#define TEST_TWO(name) cmocka_unit_test_setup(name, setup_two)
    const struct CMUnitTest tests[] = {
        TEST(the_registry),
        TEST(counts_agree),
        TEST(rows_of_the_registry),
        TEST_TWO(two_services),
        TEST_TWO(rows_of_a_small_service),
        TEST_TWO(what_is_not_there),
        TEST(sizes),
    };

    return cmocka_run_group_tests(tests, NULL, teardown);
}
