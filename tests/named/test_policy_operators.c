/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
/*
 * P10: operators and values that are missing, empty, or of another type.
 *
 * Two tables.  The first is what a policy may say: operator by shape of the
 * value, loaded or refused, and where.  The second is what an operator then
 * means for an attribute of the request that is equal, different, absent or
 * not visible here; attributes of requests are strings, so numbers, booleans
 * and arrays can only be their names.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../unit/grant_text.h"

#include "refusal.h"

#define TEN "\"a\",\"b\",\"c\",\"d\",\"e\",\"f\",\"g\",\"h\",\"i\",\"j\""

enum { SHAPES = 18, OPERATORS = 5 };

/* The member `value` of a condition. */
static const char *const shapes[SHAPES] = {
    NULL, /* no member `value` */
    "\"birds\"",
    "\"\"",
    "true",
    "false",
    "1",
    "-0.5",
    "null",
    "{}",
    "{\"value\":\"birds\"}",
    "[]",
    "[\"birds\"]",
    "[\"\"]",
    "[1]",
    "[true]",
    "[null]",
    "[[\"birds\"]]",
    "[" TEN ",\"k\"]",
};

static const char *const operators[OPERATORS] = {"stringEquals", "stringExists",
    "stringMatch", "stringEqualsAnyOf", "stringMatchAnyOf"};

#define OK NULL

/* The code for each operator; the error is at the value, or at its element
 * where the code ends in []. */
static const char *const answers[SHAPES][OPERATORS] = {
    {"missing_member", "missing_member", "missing_member", "missing_member",
        "missing_member"},
    {OK, "wrong_type", OK, "wrong_type", "wrong_type"},
    {"bad_value", "wrong_type", "bad_value", "wrong_type", "wrong_type"},
    {OK, OK, "wrong_type", "wrong_type", "wrong_type"},
    {OK, OK, "wrong_type", "wrong_type", "wrong_type"},
    {"wrong_type", "wrong_type", "wrong_type", "wrong_type", "wrong_type"},
    {"wrong_type", "wrong_type", "wrong_type", "wrong_type", "wrong_type"},
    {"wrong_type", "wrong_type", "wrong_type", "wrong_type", "wrong_type"},
    {"wrong_type", "wrong_type", "wrong_type", "wrong_type", "wrong_type"},
    {"wrong_type", "wrong_type", "wrong_type", "wrong_type", "wrong_type"},
    {"wrong_type", "wrong_type", "wrong_type", "empty", "empty"},
    {"wrong_type", "wrong_type", "wrong_type", OK, OK},
    {"wrong_type", "wrong_type", "wrong_type", "bad_value[]", "bad_value[]"},
    {"wrong_type", "wrong_type", "wrong_type", "wrong_type[]", "wrong_type[]"},
    {"wrong_type", "wrong_type", "wrong_type", "wrong_type[]", "wrong_type[]"},
    {"wrong_type", "wrong_type", "wrong_type", "wrong_type[]", "wrong_type[]"},
    {"wrong_type", "wrong_type", "wrong_type", "wrong_type[]", "wrong_type[]"},
    {"wrong_type", "wrong_type", "wrong_type", "limit", "limit"},
};

/* The policy with one condition; marked where its error belongs. */
static void
write_policy(char *text, size_t cap, size_t shape, const char *op,
    const char *code)
{
    const char *value = shapes[shape];
    bool element = code != NULL && strchr(code, '[') != NULL;
    int len;

    if (value == NULL) {
        len = snprintf(text, cap,
            POLICY("p", ME,
                OURS ",\n\1{\"key\":\"resource\",\"operator\":\"%s\"}",
                GRANT("Reader")),
            op);
    } else {
        len = snprintf(text, cap,
            POLICY("p", ME,
                OURS ",\n{\"key\":\"resource\",\"operator\":\"%s\","
                     "\"value\":%s%s%s%s}",
                GRANT("Reader")),
            op, code != NULL && !element ? "\1" : "", element ? "[" : "",
            element ? "\1" : "", value + (element ? 1 : 0));
    }
    assert_true(len > 0 && (size_t)len < cap);
}

static void
p10_every_shape_of_a_value_loads_or_is_refused(void **state)
{
    static char text[4096];

    (void)state;
    for (size_t shape = 0; shape < SHAPES; shape++) {
        for (size_t op = 0; op < OPERATORS; op++) {
            const char *code = answers[shape][op];
            char plain[32];

            write_policy(text, sizeof(text), shape, operators[op], code);
            if (code == OK) {
                load_policies(text, NULL);
                continue;
            }
            snprintf(plain, sizeof(plain), "%.*s", (int)strcspn(code, "["),
                code);
            assert_refused(PDP_SOURCE_POLICIES, text, plain, NULL);
        }
    }
}

/* Subjects know two operators; the same shapes. */
static void
p10_every_shape_in_a_subject(void **state)
{
    static char text[4096];

    (void)state;
    for (size_t shape = 1; shape < SHAPES; shape++) {
        for (size_t op = 0; op < OPERATORS; op++) {
            const char *code = op < 2 ? answers[shape][op] : "unknown_operator";

            snprintf(text, sizeof(text),
                POLICY("p",
                    "{\"key\":\"iam_id\",\"operator\":%s\"%s\",\n\"value\":"
                    "%s%s}",
                    OURS, GRANT("Reader")),
                op < 2 ? "" : "\1", operators[op],
                code != OK && op < 2 ? "\1" : "", shapes[shape]);
            if (code == OK) {
                load_policies(text, NULL);
            } else {
                assert_refused(PDP_SOURCE_POLICIES, text, code, NULL);
            }
        }
    }
}

/* What the token brings is held to the same: claim_invalid, whatever it is. */
static void
p10_every_shape_in_a_policy_of_a_token(void **state)
{
    static char text[4096];

    (void)state;
    load_default(NULL);
    for (size_t shape = 0; shape < SHAPES; shape++) {
        for (size_t op = 0; op < OPERATORS; op++) {
            bool there = shapes[shape] != NULL;

            snprintf(text, sizeof(text),
                INLINE(OURS ",{\"key\":\"serviceInstance\",\"operator\":\"%s\""
                            "%s%s}",
                    GRANTS("Manager")),
                operators[op], there ? ",\"value\":" : "",
                there ? shapes[shape] : "");
            assert_reason(as(text, "DELETE", IMAGE),
                answers[shape][op] != OK ? "claim_invalid"
                /* serviceInstance is absent: only stringExists false holds. */
                : op == 1 && shape == 4 ? "permitted"
                                        : "no_grant");
        }
    }
}

/* Attribute of the request: equal, different, absent, not visible. */
static const struct {
    const char *method;
    const char *target;
} asks[] = {
    {"DELETE", IMAGE},                       /* resource is birds */
    {"DELETE", OTHER_IMAGE},                 /* resource is fish */
    {"PATCH", "/api/v1/plans"},              /* has none */
    {"POST", "/api/v1/images/bulkdelete"},   /* in the body */
    {"GET", "/api/v1/images"},               /* not given: all of them */
    {"GET", "/api/v1/images?namespace=fish"} /* fish */
};

enum { ASKS = sizeof(asks) / sizeof(asks[0]) };

static const struct {
    const char *condition;
    const char *granted; /* y or n for each of the asks */
    const char *denied;
} meanings[] = {
    {"\"stringEquals\",\"value\":\"birds\"", "ynnnnn", "ynnyyn"},
    {"\"stringMatch\",\"value\":\"b*s\"", "ynnnnn", "ynnyyn"},
    {"\"stringMatch\",\"value\":\"*\"", "yynnny", "yynyyy"},
    {"\"stringEqualsAnyOf\",\"value\":[\"x\",\"birds\"]", "ynnnnn", "ynnyyn"},
    {"\"stringMatchAnyOf\",\"value\":[\"x*\",\"b*\"]", "ynnnnn", "ynnyyn"},
    {"\"stringMatchAnyOf\",\"value\":[\"?\",\"*\"]", "yynnny", "yynyyy"},
    {"\"stringExists\",\"value\":true", "yynnny", "yynyyy"},
    {"\"stringExists\",\"value\":false", "nnynnn", "nnyyyn"},
    /* The texts of a boolean, of null, of a number: just names. */
    {"\"stringEquals\",\"value\":true", "nnnnnn", "nnnyyn"},
    {"\"stringEquals\",\"value\":false", "nnnnnn", "nnnyyn"},
    {"\"stringEquals\",\"value\":\"null\"", "nnnnnn", "nnnyyn"},
    {"\"stringEquals\",\"value\":\"0\"", "nnnnnn", "nnnyyn"},
};

static void
p10_known_absent_and_unknown_attributes(void **state)
{
    static char text[4096];

    (void)state;
    for (size_t i = 0; i < sizeof(meanings) / sizeof(meanings[0]); i++) {
        for (int deny = 0; deny < 2; deny++) {
            snprintf(text, sizeof(text),
                POLICY("p", ME, OURS ",{\"key\":\"resource\",\"operator\":%s}",
                    "%s"),
                meanings[i].condition,
                deny == 1 ? DENY("Manager") : GRANT("Manager"));
            load_policies(text, NULL);
            token_with(&fixture, deny == 1 ? ",\"roles\":[\"Manager\"]" : "");
            for (size_t a = 0; a < ASKS; a++) {
                bool granted = meanings[i].granted[a] == 'y';
                bool denied = meanings[i].denied[a] == 'y';
                const char *wanted =
                    deny == 1 ? (denied ? "explicit_deny" : "permitted")
                              : (granted ? "permitted" : "no_grant");
                const char *got = decide(&fixture, asks[a].method,
                    asks[a].target, fixture.token);

                if (strcmp(got, wanted) != 0) {
                    fail_msg("%s, %s, ask %zu: %s, not %s",
                        meanings[i].condition, deny == 1 ? "deny" : "grant", a,
                        got, wanted);
                }
            }
        }
    }
}

/* "true" is the text of a boolean, and so a namespace of that name is meant;
 * numbers are not turned into text, since 1, 1.0 and 1e0 are one of them. */
static void
p10_a_boolean_stands_for_its_text(void **state)
{
    static const struct {
        const char *value;
        const char *name;
        bool granted;
    } cases[] = {
        {"true", "true", true},
        {"true", "false", false},
        {"true", "1", false},
        {"true", "t", false},
        {"false", "false", true},
        {"false", "0", false},
        {"\"1\"", "1", true},
        {"\"1\"", "01", false},
        {"\"1\"", "1.0", false},
        {"\"1\"", "true", false},
    };
    static char text[4096];
    char target[128];

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        snprintf(text, sizeof(text),
            POLICY("p", ME,
                OURS ",{\"key\":\"resource\",\"operator\":\"stringEquals\","
                     "\"value\":%s}",
                GRANT("Writer") "," DENY("Reader")),
            cases[i].value);
        load_policies(text, NULL);
        token_with(&fixture, ",\"roles\":[\"Reader\"]");
        snprintf(target, sizeof(target), "/api/v1/images/us.icr.io%%2F%s%%2Fx",
            cases[i].name);
        assert_reason(decide(&fixture, "DELETE", target, fixture.token),
            cases[i].granted ? "permitted" : "no_grant");
        snprintf(target, sizeof(target),
            "/api/v1/images/us.icr.io%%2F%s%%2Fx/json", cases[i].name);
        assert_reason(decide(&fixture, "GET", target, fixture.token),
            cases[i].granted ? "explicit_deny" : "permitted");
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(p10_every_shape_of_a_value_loads_or_is_refused),
        cmocka_unit_test(p10_every_shape_in_a_subject),
        cmocka_unit_test(p10_every_shape_in_a_policy_of_a_token),
        cmocka_unit_test(p10_known_absent_and_unknown_attributes),
        cmocka_unit_test(p10_a_boolean_stands_for_its_text),
    };

    return cmocka_run_group_tests(tests, NULL, teardown);
}
