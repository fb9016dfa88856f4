/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
/*
 * The built-in definition against the published tables: every route with
 * every role, from the claim `roles` and from a policy; every published
 * request to its route.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "fixture.h"
#include "request_sets.h"

static const char *const roles[] = {"Reader", "Writer", "Manager",
    "Service Configuration Reader", "Viewer", "Operator", "Editor",
    "Administrator", ""};

enum { ROLES = sizeof(roles) / sizeof(roles[0]), ACTIONS_MAX = 32 };

/* action -> roles, of the generated table (second column). */
static struct {
    char name[80];
    char roles[128];
} table[ACTIONS_MAX];
static size_t table_cnt;

static bool
read_table(void)
{
    char *text = read_shared("facts/registry-action-roles.tsv");
    char *cursor = text;
    char *line;

    if (text == NULL) {
        return false;
    }
    while ((line = next_line(&cursor)) != NULL) {
        if (line[0] == '#') {
            continue;
        }
        assert_true(table_cnt < ACTIONS_MAX);
        snprintf(table[table_cnt].name, sizeof(table[0].name), "%s",
            next_field(&line));
        snprintf(table[table_cnt].roles, sizeof(table[0].roles), ",%s,",
            next_field(&line));
        table_cnt++;
    }
    free(text);
    assert_int_equal(table_cnt, 24);
    return true;
}

/* Whether the table gives a role every action of a list `a,b`. */
static bool
role_has(const char *role, const char *actions)
{
    char wanted[64];
    char copy[256];
    char *rest = copy;

    snprintf(wanted, sizeof(wanted), ",%s,", role);
    snprintf(copy, sizeof(copy), "%s", actions);
    while (rest != NULL) {
        char *action = rest;
        rest = strchr(action, ',');
        if (rest != NULL) {
            *rest++ = '\0';
        }
        bool has = false;
        for (size_t i = 0; i < table_cnt; i++) {
            has = has || (strcmp(table[i].name, action) == 0 &&
                             strstr(table[i].roles, wanted) != NULL);
        }
        if (!has) {
            return false;
        }
    }
    return true;
}

/* A request for a template: {image} and so on replaced by a value. */
static void
fill_template(char *target, size_t cap, const char *path)
{
    size_t len = 0;

    while (*path != '\0' && len + 80 < cap) {
        const char *value = NULL;
        if (*path != '{') {
            target[len++] = *path++;
            continue;
        }
        if (strncmp(path, "{namespace}", 11) == 0) {
            value = "birds";
        } else if (strncmp(path, "{resource}", 10) == 0) {
            value = "birds%2Fwoodpecker";
        } else if (strncmp(path, "{issueType}", 11) == 0) {
            value = "cve";
        } else if (strncmp(path, "{issueID}", 9) == 0) {
            value = "CVE-2018-9999";
        } else {
            value = "us.icr.io%2Fbirds%2Fwoodpecker:green";
        }
        len += (size_t)snprintf(target + len, cap - len, "%s", value);
        path += strcspn(path, "}") + 1;
    }
    target[len] = '\0';
}

/* All 46 rows with the grant that `make_token` gives for a role. */
static void
every_row(const char *(*make_token)(const char *role))
{
    char *text = read_shared("facts/registry-routes.tsv");
    char *cursor = text;
    char *line;
    size_t rows = 0;
    size_t allowed = 0;

    if (text == NULL || (table_cnt == 0 && !read_table())) {
        print_message("skipped: PDP_SHARED has no registry tables\n");
        skip();
    }
    while ((line = next_line(&cursor)) != NULL) {
        const char *method = next_field(&line);
        const char *path = next_field(&line);
        const char *actions = next_field(&line);
        const char *event = next_field(&line);
        fill_template(fixture.target, sizeof(fixture.target), path);
        for (size_t r = 0; r < ROLES; r++) {
            const char *reason =
                decide(&fixture, method, fixture.target, make_token(roles[r]));
            const char *wanted = strcmp(actions, "-") == 0     ? "public"
                                 : role_has(roles[r], actions) ? "permitted"
                                                               : "no_grant";
            if (strcmp(reason, wanted) != 0) {
                fail_msg("%s %s as %s: %s, not %s", method, path, roles[r],
                    reason, wanted);
            }
            allowed += strcmp(wanted, "permitted") == 0;
            assert_str(pdp_decision_route(fixture.decision), path);
            assert_str(pdp_decision_at_action(fixture.decision),
                strcmp(event, "-") == 0 ? NULL : event);
            assert_int_equal(pdp_decision_route_index(fixture.decision), rows);
        }
        rows++;
    }
    free(text);
    assert_int_equal(rows, 46);
    assert_true(allowed > 46);
}

static const char *
by_claim(const char *role)
{
    char claim[128];

    snprintf(claim, sizeof(claim), ",\"roles\":[\"%s\"]", role);
    return token_with(&fixture, claim);
}

static void
every_route_with_every_role_by_claim(void **state)
{
    (void)state;
    load(&fixture, NULL);
    every_row(by_claim);
}

/* The principal IBMid-<role without spaces> has a policy with the role. */
static const char *
by_policy(const char *role)
{
    char payload[TEXT_MAX];

    snprintf(payload, sizeof(payload),
        "{\"iss\":\"" IBM_ISSUER "\",\"iam_id\":\"IBMid-%s\","
        "\"account\":{\"bss\":\"" ACCOUNT "\"},\"exp\":1795256980}",
        role);
    return token_of(&fixture, payload);
}

static void
every_route_with_every_role_by_policy(void **state)
{
    char *text = calloc(1, 65536);
    size_t len = 1;

    (void)state;
    assert_non_null(text);
    text[0] = '[';
    for (size_t r = 0; r + 1 < ROLES; r++) {
        len += (size_t)snprintf(text + len, 65536 - len,
            "%s{\"type\":\"access\",\"state\":\"active\",\"id\":\"p%zu\","
            "\"subject\":{\"attributes\":[{\"key\":\"iam_id\","
            "\"operator\":\"stringEquals\",\"value\":\"IBMid-%s\"}]},"
            "\"resource\":{\"attributes\":[{\"key\":\"serviceName\","
            "\"operator\":\"stringEquals\",\"value\":\"container-registry\"},"
            "{\"key\":\"accountId\",\"operator\":\"stringEquals\","
            "\"value\":\"" ACCOUNT "\"}]},\"control\":{\"grant\":{\"roles\":"
            "[{\"role_id\":\"crn:v1:bluemix:public:%s:%s\"}]}}}",
            r == 0 ? "" : ",", r, roles[r],
            r == 1 ? "container-registry:::" : "iam:::",
            r < 4 ? "serviceRole:" : "role:");
        /* The name goes behind the type of role. */
        char *end = strstr(text + len - 30, "\"}]}}}");
        assert_non_null(end);
        len = (size_t)(end - text);
        len += (size_t)snprintf(text + len, 65536 - len, "%s\"}]}}}", roles[r]);
    }
    snprintf(text + len, 65536 - len, "]");
    const struct document documents[] = {
        {PDP_SOURCE_POLICIES, "roles.json", text},
        {PDP_SOURCE_NONE, NULL, NULL},
    };
    load(&fixture, documents);
    every_row(by_policy);
    free(text);
}

/* requests: METHOD, path, index of the template in definition order. */
static size_t
every_request(char *text)
{
    char *cursor = text;
    char *line;
    size_t cnt = 0;

    while ((line = next_line(&cursor)) != NULL) {
        const char *method = next_field(&line);
        const char *path = next_field(&line);
        int64_t wanted = number(next_field(&line));
        decide(&fixture, method, path, NULL);
        if (pdp_decision_route_index(fixture.decision) != wanted) {
            fail_msg("%s %s: route %ld, not %ld", method, path,
                (long)pdp_decision_route_index(fixture.decision), (long)wanted);
        }
        cnt++;
    }
    free(text);
    return cnt;
}

static void
every_published_request(void **state)
{
    char *text = read_shared("bench/requests_ibm_registry.tsv");

    (void)state;
    if (text == NULL) {
        print_message("skipped: PDP_SHARED has no request sets\n");
        skip();
    }
    load(&fixture, NULL);
    assert_int_equal(every_request(text), 184);
}

static void
other_sets(const char *routes_name, const char *requests_name, size_t wanted)
{
    char *text = read_definition(routes_name);
    char *requests = read_set(requests_name);

    if (text == NULL || requests == NULL) {
        print_message("skipped: PDP_SHARED has no %s\n", routes_name);
        skip();
    }
    const struct document documents[] = {
        {PDP_SOURCE_SERVICE, "made.json", text},
        {PDP_SOURCE_NONE, NULL, NULL},
    };
    load(&fixture, documents);
    free(text);
    assert_int_equal(every_request(requests), wanted);
}

static void
every_request_of_the_github_set(void **state)
{
    (void)state;
    other_sets("bench/routes_github.tsv", "bench/requests_github.tsv", 812);
}

static void
every_request_of_the_synthetic_set(void **state)
{
    (void)state;
    other_sets("bench/routes_synthetic10k.tsv.gz",
        "bench/requests_synthetic10k.tsv.gz", 10000);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_route_with_every_role_by_claim),
        cmocka_unit_test(every_route_with_every_role_by_policy),
        cmocka_unit_test(every_published_request),
        cmocka_unit_test(every_request_of_the_github_set),
        cmocka_unit_test(every_request_of_the_synthetic_set),
    };

    return cmocka_run_group_tests(tests, NULL, teardown);
}
