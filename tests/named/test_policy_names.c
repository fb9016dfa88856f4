/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
/*
 * Names in policies and requests are bytes, compared as bytes: P5 (a colon in
 * a name), P7 (the request is never a pattern), P17 (no folding of any kind).
 *
 * The names are made, not chosen: letters and `: / @ . - _` in every mixture,
 * from a fixed seed.  Each must be found by every operator, in a grant as
 * well as in a deny, and its neighbours must not.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../unit/grant_text.h"

#include "small_service.h"

enum { MADE = 120, NAMES_MAX = 160, NAME_CAP = 96, POLICIES_CAP = 1 << 18 };

static const char *const given[] = {":", "/", "@", ".", "-", "_", "::", "a:b",
    "a:b:c", ":a", "a:", "..", "a/../b", "//", "a//b", "a@b",
    "us.icr.io/birds/woodpecker:green", "birds/woodpecker@sha256:38f97dd9",
    "crn:v1:bluemix:public:container-registry:us-south:a/4f8e::namespace:birds",
    "crn:v1:bluemix:public:container-registry:us-south:a/4f8e::namespace:",
    "http://127.0.0.1:8080/x", "a.b-c_d:e@f/g"};

static char names[NAMES_MAX][NAME_CAP];
static size_t name_cnt;

static uint32_t
next_random(uint64_t *seed)
{
    *seed = *seed * UINT64_C(6364136223846793005) + 1442695040888963407u;
    return (uint32_t)(*seed >> 33);
}

static bool
is_listed(const char *name)
{
    for (size_t i = 0; i < name_cnt; i++) {
        if (strcmp(names[i], name) == 0) {
            return true;
        }
    }
    return false;
}

static void
make_names(void)
{
    static const char letters[] = "ab1:/@.-_";
    uint64_t seed = 5;

    name_cnt = 0;
    for (size_t i = 0; i < sizeof(given) / sizeof(given[0]); i++) {
        memcpy(names[name_cnt++], given[i], strlen(given[i]) + 1);
    }
    while (name_cnt < sizeof(given) / sizeof(given[0]) + MADE) {
        char name[NAME_CAP] = "";
        size_t len = 1 + next_random(&seed) % 24;

        for (size_t i = 0; i < len; i++) {
            name[i] = letters[next_random(&seed) % (sizeof(letters) - 1)];
        }
        if (!is_listed(name)) {
            memcpy(names[name_cnt++], name, sizeof(name));
        }
    }
}

/* One policy for each name: `before` NAME `after` is its condition. */
static const char *
policies_of(const char *before, const char *after, const char *control)
{
    static char text[POLICIES_CAP];
    size_t len = 1;

    text[0] = '[';
    for (size_t i = 0; i < name_cnt; i++) {
        int wrote = snprintf(text + len, sizeof(text) - len,
            "%s{\"type\":\"access\",\"id\":\"n%zu\",\"subject\":{"
            "\"attributes\":[" ME "]},\"resource\":{\"attributes\":[" SMALL_OURS
            ",{\"key\":\"resource\",%s%s%s}]},\"control\":{%s}}",
            i == 0 ? "" : ",", i, before, names[i], after, control);
        assert_true(wrote > 0 && (size_t)wrote < sizeof(text) - len - 2);
        len += (size_t)wrote;
    }
    memcpy(text + len, "]", 2);
    return text;
}

static const struct {
    const char *before;
    const char *after;
} operators[] = {
    {"\"operator\":\"stringEquals\",\"value\":\"", "\""},
    {"\"operator\":\"stringMatch\",\"value\":\"", "\""},
    {"\"operator\":\"stringEqualsAnyOf\",\"value\":[\"zz\",\"", "\"]"},
    {"\"operator\":\"stringMatchAnyOf\",\"value\":[\"zz*zz\",\"", "\"]"},
};

enum { OPERATORS = sizeof(operators) / sizeof(operators[0]) };

/* A neighbour of a name: number `way` of them; false: no more. */
static bool
neighbour(const char *name, size_t way, char *out)
{
    size_t len = strlen(name);

    memcpy(out, name, len + 1);
    if (way < len) { /* another separator, or none, in place of each byte */
        out[way] = name[way] == ':' ? '/' : ':';
        return true;
    }
    way -= len;
    if (way < len) { /* one byte less */
        memmove(out + way, out + way + 1, len - way);
        return true;
    }
    if (way < len + 2) { /* one more */
        memcpy(out + len, way == len ? ":" : "a", 2);
        return true;
    }
    return false;
}

/* Every neighbour that is no name of its own. */
static void
check_neighbours(const char *name, const char *wanted)
{
    char near[NAME_CAP + 2];

    for (size_t way = 0; neighbour(name, way, near); way++) {
        if (near[0] == '\0' || is_listed(near)) {
            continue;
        }
        if (strcmp(decide(&fixture, "GET", small_target(near, way % 2 == 0),
                       fixture.token),
                wanted) != 0) {
            fail_msg("\"%s\" beside \"%s\"", near, name);
        }
    }
}

static void
p05_colon_in_a_resource_name_grants(void **state)
{
    (void)state;
    for (size_t op = 0; op < OPERATORS; op++) {
        load_small(policies_of(operators[op].before, operators[op].after,
            GRANT("Reader")));
        token_with(&fixture, "");
        for (size_t i = 0; i < name_cnt; i++) {
            char wanted[32];

            snprintf(wanted, sizeof(wanted), "policy:n%zu", i);
            for (int all = 0; all < 2; all++) {
                const char *target = small_target(names[i], all == 1);

                if (strcmp(decide(&fixture, "GET", target, fixture.token),
                        "permitted") != 0) {
                    fail_msg("%s", target);
                }
                assert_string_equal(granted_by(0), wanted);
            }
            check_neighbours(names[i], "no_grant");
        }
    }
}

/* The form that fails open elsewhere: a deny that is never found. */
static void
p05_colon_in_a_resource_name_denies(void **state)
{
    pdp_required_t required = {.size = sizeof(required)};

    (void)state;
    for (size_t op = 0; op < OPERATORS; op++) {
        load_small(policies_of(operators[op].before, operators[op].after,
            DENY("Reader")));
        token_with(&fixture, ",\"roles\":[\"Reader\"]");
        for (size_t i = 0; i < name_cnt; i++) {
            char wanted[32];

            snprintf(wanted, sizeof(wanted), "n%zu", i);
            for (int all = 0; all < 2; all++) {
                const char *target = small_target(names[i], all == 1);

                if (strcmp(decide(&fixture, "GET", target, fixture.token),
                        "explicit_deny") != 0) {
                    fail_msg("%s", target);
                }
                assert_true(
                    pdp_decision_required(fixture.decision, 0, &required));
                assert_str(required.denied_by, wanted);
            }
            check_neighbours(names[i], "permitted");
        }
    }
}

static const char *
token_for(const char *iam_id)
{
    char payload[TEXT_MAX];

    snprintf(payload, sizeof(payload),
        "{\"iss\":\"" IBM_ISSUER "\",\"iam_id\":\"%s\",\"account\":{\"bss\":"
        "\"" ACCOUNT "\"},\"exp\":1795256980}",
        iam_id);
    return token_of(&fixture, payload);
}

/* Ids of subjects are full of colons, too: CRNs of services and profiles. */
static void
p05_colon_in_the_name_of_a_subject(void **state)
{
    char policy[2048];

    (void)state;
    for (size_t i = 0; i < sizeof(given) / sizeof(given[0]); i++) {
        snprintf(policy, sizeof(policy),
            "[{\"type\":\"access\",\"id\":\"p\",\"subject\":{\"attributes\":"
            "[{\"key\":\"iam_id\",\"operator\":\"stringEquals\",\"value\":"
            "\"crn-%s\"}]}," BODY(SMALL_OURS,
                GRANTS("Reader")) ",{\"type\":"
                                  "\"access\",\"id\":\"d\",\"subject\":{"
                                  "\"attributes\":[{\"key\":"
                                  "\"iam_id\",\"operator\":\"stringEquals\","
                                  "\"value\":\"crn-%s\"}]"
                                  "}," BODY(SMALL_OURS, DENIES("Writer")) "]",
            given[i], given[i]);
        load_small(policy);
        char id[NAME_CAP + 8];
        snprintf(id, sizeof(id), "crn-%s", given[i]);
        token_for(id);
        assert_reason(decide(&fixture, "GET", "/x?name=a", fixture.token),
            "permitted");
        assert_reason(decide(&fixture, "POST", "/x?name=a", fixture.token),
            "explicit_deny");
        id[strlen(id) - 1] = '!';
        token_for(id);
        assert_no_grant(decide(&fixture, "GET", "/x?name=a", fixture.token));
    }
}

/* A pattern in the request is a name like any other. */
static void
p07_the_resource_of_a_request_is_never_a_pattern(void **state)
{
    static const struct {
        const char *op;
        const char *value; /* of the policy */
        const char *name;  /* of the request */
        bool matches;
    } cases[] = {
        {"stringEquals", "birds", "*", false},
        {"stringEquals", "birds", "b*", false},
        {"stringEquals", "birds", "bird?", false},
        {"stringEquals", "birds", "?????", false},
        {"stringEquals", "birds", "{{*}}", false},
        {"stringEquals", "birds", "birds*", false},
        {"stringEquals", "bi*", "birds", false},
        {"stringEquals", "bi*", "bi*", true},
        {"stringEquals", "{{*}}", "*", false},
        {"stringEquals", "{{*}}", "{{*}}", true},
        {"stringMatch", "birds", "*", false},
        {"stringMatch", "birds", "b*s", false},
        {"stringMatch", "bird?", "*", false},
        {"stringMatch", "bird?", "bird?", true},
        {"stringMatch", "bird?", "bird*", true},
        {"stringMatch", "bird?", "birds*", false},
        {"stringMatch", "b*s", "*", false},
        {"stringMatch", "b*s", "b*", false},
        {"stringMatch", "b*s", "b*s", true},
        {"stringMatch", "b{{*}}s", "b*s", true},
        {"stringMatch", "b{{*}}s", "birds", false},
        {"stringMatch", "b{{*}}s", "b{{*}}s", false},
        {"stringMatch", "b{{?}}s", "b*s", false},
    };
    char text[2048];

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        snprintf(text, sizeof(text),
            POLICY("p", ME,
                SMALL_OURS ",{\"key\":\"resource\",\"operator\":\"%s\","
                           "\"value\":\"%s\"}",
                GRANT("Reader") "," DENY("Writer")),
            cases[i].op, cases[i].value);
        load_small(text);
        token_with(&fixture, ",\"actions\":[\"s.write\"]");
        for (int all = 0; all < 2; all++) {
            const char *target = small_target(cases[i].name, all == 1);

            assert_reason(decide(&fixture, "GET", target, fixture.token),
                cases[i].matches ? "permitted" : "no_grant");
            assert_reason(decide(&fixture, "POST", target, fixture.token),
                cases[i].matches ? "explicit_deny" : "permitted");
        }
    }
}

/* Nor is anything of the token: who it is for, its groups, what it claims. */
static void
p07_nothing_of_a_token_is_a_pattern(void **state)
{
    static const char *const claims[] = {"", ",\"groups\":[\"*\"]",
        ",\"groups\":[\"AccessGroupId-*\",\"AccessGroupId-?\"]",
        ",\"roles\":[\"*\"]", ",\"roles\":[\"R*\",\"Reade?\",\"{{*}}\"]",
        ",\"roles\":[\"" GENERIC "*\"]", ",\"actions\":[\"*\"]",
        ",\"actions\":[\"s.*\",\"s.rea?\",\"*.read\"]",
        ",\"policies\":[\"*\",\"fre?\",\"f*\"]"};
    static const char *const ids[] = {"*", "IBMid-*", "IBMid-?", "?", "{{*}}"};

    (void)state;
    load_small("[" POLICY("one", EQ("iam_id", "IBMid-1"), SMALL_OURS,
        GRANT("Reader")) "," POLICY("group",
        EQ("access_group_id", "AccessGroupId-1"), SMALL_OURS,
        GRANT(
            "Reader")) ",{\"type\":\"access\",\"id\":\"free\"," BODY(SMALL_OURS,
        GRANTS("Reader")) "]");
    assert_reason(decide(&fixture, "GET", "/x?name=a", token_for("IBMid-1")),
        "permitted");
    assert_reason(as(",\"groups\":[\"AccessGroupId-1\"]", "GET", "/x?name=a"),
        "permitted");
    assert_reason(as(",\"policies\":[\"free\"]", "GET", "/x?name=a"),
        "permitted");
    for (size_t i = 0; i < sizeof(claims) / sizeof(claims[0]); i++) {
        assert_no_grant(as(claims[i], "GET", "/x?name=a"));
    }
    for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
        assert_no_grant(
            decide(&fixture, "GET", "/x?name=a", token_for(ids[i])));
    }
    /* An account called `*` is one account. */
    token_of(&fixture, "{\"iss\":\"" IBM_ISSUER "\",\"iam_id\":\"IBMid-1\","
                       "\"account\":{\"bss\":\"*\"},\"exp\":1795256980}");
    assert_no_grant(decide(&fixture, "GET", "/x?name=a", fixture.token));
    header(&fixture, "Account", "*");
    assert_int_equal(judge(&fixture), PDP_REASON_NO_GRANT);
    request(&fixture, "GET", "/x?name=a");
    bearer(&fixture, fixture.token);
    header(&fixture, "Account", ACCOUNT);
    assert_int_equal(judge(&fixture), PDP_REASON_ACCOUNT_MISMATCH);
}

/* The same letters for a reader, other bytes: never the same id. */
static void
p17_ids_are_compared_byte_by_byte(void **state)
{
    static const char id[] = "IBMid-Kaf\xc3\xa9 I";
    static const char *const others[] = {"IBMID-Kaf\xc3\xa9 I",
        "ibmid-kaf\xc3\xa9 i", "IBMid-kaf\xc3\xa9 I", "IBMid-Kaf\xc3\x89 I",
        "IBMid-Kafe\xcc\x81 I" /* e and an accent */,
        ("IBMid-\xe2\x84\xaa"
         "af\xc3\xa9 I") /* the sign for Kelvin */,
        "IBMid-Kaf\xc3\xa9 \xc4\xb1" /* i without a dot */,
        "IBMid-Kaf\xc3\xa9 \xc4\xb0" /* I with one */,
        "IBMid-Kaf\xc3\xa9 \xef\xbc\xa9" /* a wide I */, "IBMid-Kaf\xc3\xa9 I ",
        " IBMid-Kaf\xc3\xa9 I", "IBMid-Kaf\xc3\xa9  I",
        "IBMid-Kaf\xc3\xa9\xc2\xa0I" /* another space */, "IBMid-Kaf\xc3\xa9 ",
        "IBMid-Kaf\xc3\xa9 II", "IBMid-Kafe I",
        "IBMid-Kaf\xc3\xa9 I\xe2\x80\x8b" /* nothing to see */};
    char policy[1024];

    (void)state;
    snprintf(policy, sizeof(policy),
        POLICY("p", EQ("iam_id", "%s"), SMALL_OURS,
            GRANT("Reader") "," DENY("Writer")),
        id);
    load_small(policy);
    token_for(id);
    assert_reason(decide(&fixture, "GET", "/x?name=a", fixture.token),
        "permitted");
    assert_reason(decide(&fixture, "POST", "/x?name=a", fixture.token),
        "explicit_deny");
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        token_for(others[i]);
        assert_no_grant(decide(&fixture, "GET", "/x?name=a", fixture.token));
        assert_no_grant(decide(&fixture, "POST", "/x?name=a", fixture.token));
    }
}

static void
p17_resources_groups_roles_and_accounts_too(void **state)
{
    static const char *const near[] = {"Birds", "BIRDS", "birds ", " birds",
        "bird", "birdss", "b\xc4\xb1rds", "b\xc3\xacrds"};
    static const char *const claims[] =
        {",\"groups\":[\"accessgroupid-1\",\"AccessGroupId-1 \",\"\"]",
            ",\"roles\":[\"reader\",\"READER\",\"Reader \",\"\"]",
            ",\"actions\":[\"S.READ\",\"s.Read\",\"s.read \",\"\"]",
            ",\"policies\":[\"FREE\",\"Free\",\"free \",\"\"]"};

    (void)state;
    load_small("[" POLICY("p", ME, SMALL_OURS "," EQ("resource", "birds"),
        GRANT("Reader")) "," POLICY("g",
        EQ("access_group_id", "AccessGroupId-1"), SMALL_OURS,
        GRANT(
            "Writer")) ",{\"type\":\"access\",\"id\":\"free\"," BODY(SMALL_OURS,
        GRANTS("Writer")) "]");
    assert_reason(as("", "GET", "/x?name=birds"), "permitted");
    for (size_t i = 0; i < sizeof(near) / sizeof(near[0]); i++) {
        assert_no_grant(as("", "GET", small_target(near[i], true)));
    }
    for (size_t i = 0; i < sizeof(claims) / sizeof(claims[0]); i++) {
        assert_no_grant(as(claims[i], "POST", "/x?name=fish"));
        assert_no_grant(as(claims[i], "GET", "/x?name=fish"));
    }
    /* Account ids are hexadecimal for IBM and bytes for us. */
    request(&fixture, "GET", "/x?name=birds");
    bearer(&fixture, token_with(&fixture, ""));
    header(&fixture, "Account", "4F8E2B1C9D3A4B5C8E7F6A5B4C3D2E1F");
    assert_int_equal(judge(&fixture), PDP_REASON_ACCOUNT_MISMATCH);
}

/* The empty string is no id: not in a token, and not in a policy. */
static void
p17_the_empty_string_is_nobody(void **state)
{
    static const char *const empty[] =
        {"{\"iss\":\"" IBM_ISSUER "\",\"iam_id\":\"\",\"account\":{\"bss\":"
         "\"" ACCOUNT "\"},\"exp\":1795256980,\"roles\":[\"Reader\"]}",
            "{\"iss\":\"" IBM_ISSUER "\",\"iam_id\":\"IBMid-1\",\"account\":{"
            "\"bss\":\"\"},\"exp\":1795256980,\"roles\":[\"Reader\"]}"};

    (void)state;
    load_small("[]");
    for (size_t i = 0; i < 2; i++) {
        assert_reason(decide(&fixture, "GET", "/x?name=a",
                          token_of(&fixture, empty[i])),
            "claim_invalid");
    }
    assert_reason(as(",\"roles\":[\"Reader\"]", "GET", "/x?name="),
        "bad_param");
}

static int
setup(void **state)
{
    (void)state;
    make_names();
    return 0;
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(p05_colon_in_a_resource_name_grants),
        cmocka_unit_test(p05_colon_in_a_resource_name_denies),
        cmocka_unit_test(p05_colon_in_the_name_of_a_subject),
        cmocka_unit_test(p07_the_resource_of_a_request_is_never_a_pattern),
        cmocka_unit_test(p07_nothing_of_a_token_is_a_pattern),
        cmocka_unit_test(p17_ids_are_compared_byte_by_byte),
        cmocka_unit_test(p17_resources_groups_roles_and_accounts_too),
        cmocka_unit_test(p17_the_empty_string_is_nobody),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
