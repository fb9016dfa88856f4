/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
/*
 * load/regions_unite.c: three services in eu-de, each with other older names
 * of it, and what a denial for one of these names does in each of them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "grant_text.h"

#define AT(name, aliases)                                                      \
    "{\"format\":\"pdp-service/1\",\"service\":\"" name                        \
    "\",\"actions\":{\"" name ".do\":{\"scope\":\"account\"}},"                \
    "\"roles\":{\"Reader\":{\"actions\":[\"" name ".do\"]}},\"events\":{},"    \
    "\"params\":{},\"regions\":[{\"region\":\"us-south\",\"hosts\":[\"s." name \
    ".example\"],\"events\":\"us-south\"},{\"region\":\"eu-de\",\"aliases\":"  \
    "[" aliases "],\"hosts\":[\"" name                                         \
    ".example\"],\"events\":\"eu-de\"}],\"routes\":[{\"method\":\"GET\","      \
    "\"path\":\"/x\",\"requires\":[{\"action\":\"" name                        \
    ".do\"}],\"event\":null}]}"
#define EVERYWHERE EQ("serviceType", "service") "," EQ("accountId", ACCOUNT)
#define REGION(op, value)                                                      \
    "{\"key\":\"region\",\"operator\":\"" op "\",\"value\":" value "}"

static void
load_at(const char *policies)
{
    const struct document documents[] = {
        {PDP_SOURCE_SERVICE, "one", AT("one", "")},
        {PDP_SOURCE_SERVICE, "two", AT("two", "\"eu-central\",\"mitte\"")},
        {PDP_SOURCE_SERVICE, "three", AT("three", "\"mitte\",\"frankfurt\"")},
        {PDP_SOURCE_POLICIES, "policies", policies},
        {PDP_SOURCE_NONE, NULL, NULL},
    };

    load(&fixture, documents);
}

static const char *
ask(const char *host, const char *claims)
{
    request(&fixture, "GET", "/x");
    bearer(&fixture, token_with(&fixture, claims));
    header(&fixture, "Host", host);
    return pdp_reason_name(judge(&fixture));
}

static const char *const values[] = {
    REGION("stringEquals", "\"eu-central\""),
    REGION("stringEqualsAnyOf", "[\"frankfurt\"]"),
    REGION("stringMatch", "\"eu-central*\""),
    REGION("stringMatch", "\"mitte\""),
    REGION("stringMatch", "\"frank*\""),
    REGION("stringMatchAnyOf", "[\"x\",\"*furt\"]"),
    REGION("stringMatch", "\"eu-de\""),
};
static const char *const hosts[] = {"one.example", "two.example",
    "three.example"};

/* stringMatchAnyOf needs each value to match something in a denial. */
static const char *
value_at(size_t ix)
{
    return ix == 5 ? REGION("stringMatchAnyOf", "[\"mi*\",\"*furt\"]")
                   : values[ix];
}

static void
a_denial_by_an_older_name_holds_in_every_service(void **state)
{
    static const char format[] =
        "[{\"type\":\"access\",\"id\":\"d\",\"subject\":{\"attributes\":[" ME
        "]},\"resource\":{\"attributes\":[" EVERYWHERE
        ",%s]}," CONTROL(DENY("Reader")) "}]";
    char text[TEXT_MAX];

    (void)state;
    for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
        snprintf(text, sizeof(text), format, value_at(i));
        load_at(text);
        for (size_t h = 0; h < 3; h++) {
            assert_string_equal(ask(hosts[h], ",\"roles\":[\"Reader\"]"),
                "explicit_deny");
        }
        assert_string_equal(ask("s.one.example", ",\"roles\":[\"Reader\"]"),
            "permitted");
    }
}

static void
so_does_a_grant_and_one_in_a_token(void **state)
{
    static const char format[] =
        ",\"policies\":[{\"type\":\"access\",\"resource\":{\"attributes\":"
        "[" EVERYWHERE ",%s]}," CONTROL(GRANT("Reader")) "}]";
    char text[TEXT_MAX];

    (void)state;
    load_at("[]");
    for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
        snprintf(text, sizeof(text), format, values[i]);
        for (size_t h = 0; h < 3; h++) {
            assert_string_equal(ask(hosts[h], text), "permitted");
        }
        assert_string_equal(ask("s.one.example", text), "no_grant");
    }
}

/* Each name once, the service's own first; other regions get none. */
static void
each_row_has_all_names_once(void **state)
{
    static const char *const names[3][3] = {
        {"eu-central", "mitte", "frankfurt"},
        {"eu-central", "mitte", "frankfurt"},
        {"mitte", "frankfurt", "eu-central"},
    };

    (void)state;
    load_at("[]");
    for (size_t s = 0; s < 3; s++) {
        pdp_region_info_t info = {.size = sizeof(info)};

        assert_true(pdp_catalog_region(fixture.snapshot, s, 0, &info));
        assert_int_equal(info.alias_cnt, 0);
        assert_true(pdp_catalog_region(fixture.snapshot, s, 1, &info));
        assert_int_equal(info.alias_cnt, 3);
        for (size_t i = 0; i < 3; i++) {
            pdp_str_t alias = {NULL, 0};

            assert_true(
                pdp_catalog_region_alias(fixture.snapshot, s, 1, i, &alias));
            assert_int_equal(alias.len, strlen(names[s][i]));
            assert_memory_equal(alias.ptr, names[s][i], alias.len);
        }
    }
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_denial_by_an_older_name_holds_in_every_service),
        cmocka_unit_test(so_does_a_grant_and_one_in_a_token),
        cmocka_unit_test(each_row_has_all_names_once),
    };

    return cmocka_run_group_tests(tests, load_three, teardown);
}
