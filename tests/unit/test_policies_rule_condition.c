/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "read_util.h"

#include "policy_text.h"
#include "rule_text.h"

/* One condition as a whole: texts, and what is refused. */

static void
texts(void **state)
{
    static const struct {
        const char *text;
        int topic, attr;
        enum pdp__operator op;
        const char *value;
    } cases[] = {
        {ONLY(OF_RESOURCE, COND(RES("resource"), "stringEquals", "'x'")),
            PDP__TOPIC_RESOURCE, PDP__ATTR_RESOURCE, PDP__OP_STRING_EQUALS,
            "x"},
        {ONLY(OF_RESOURCE, COND(RES("region"), "stringEquals", "'eu-central'")),
            PDP__TOPIC_RESOURCE, PDP__ATTR_REGION, PDP__OP_STRING_EQUALS,
            "eu-de"},
        {ONLY(OF_RESOURCE, COND(RES("resource"), "stringMatchAnyOf", "['x*']")),
            PDP__TOPIC_RESOURCE, PDP__ATTR_RESOURCE,
            PDP__OP_STRING_MATCH_ANY_OF, "x*"},
        {ONLY(OF_ENVIRONMENT, COND(ENV("ip_address"), "stringMatch", "'10.*'")),
            PDP__TOPIC_ENVIRONMENT, PDP__ENV_IP_ADDRESS, PDP__OP_STRING_MATCH,
            "10.*"},
        {ONLY(OF_ENVIRONMENT,
             COND(ENV("endpoint_type"), "stringEqualsAnyOf", "['private']")),
            PDP__TOPIC_ENVIRONMENT, PDP__ENV_ENDPOINT_TYPE,
            PDP__OP_STRING_EQUALS_ANY_OF, "private"},
        {ONLY(OF_ENVIRONMENT, COND(ENV("ip_address"), "stringExists", "true")),
            PDP__TOPIC_ENVIRONMENT, PDP__ENV_IP_ADDRESS, PDP__OP_STRING_EXISTS,
            NULL},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_CNT(cases); i++) {
        struct bench bench;
        const struct pdp__rule_test *test = first_test(&bench, cases[i].text);
        const struct pdp__condition *c = PDP__ITEM(&bench.b, conditions,
            struct pdp__condition, test->condition);
        const char *const values[] = {cases[i].value, NULL};

        assert_int_equal(test->topic, cases[i].topic);
        assert_condition(&bench, c, cases[i].attr, cases[i].op, values);
        bench_free(&bench);
    }
}

#define ONE_DAY(value) ONLY(ALL_DAY, DAY(value))
#define MANY_DAYS(values) ONLY(ALL_DAY, DAYS(values))

#define TIME(value)                                                            \
    ONLY(CUSTOM_HOURS, COND(ENV("current_time"), "timeLessThan", value))

static void
findings(void **state)
{
    static const char key[] = "{{environment.attributes.NAME}} or "
                              "{{resource.attributes.NAME}}";
    static const char time[] = "hh:mm:ss+hh:mm, as in 09:00:00-05:00";
    static const char date[] = "YYYY-MM-DD+hh:mm, as in 2026-11-21-05:00";
    static const char both[] = "YYYY-MM-DDThh:mm:ss+hh:mm, as in "
                               "2026-11-21T09:00:00-05:00";
    static const char day[] = "a day is 1 (Monday) to 7 with its offset, as "
                              "in 1-05:00";
    static const struct bad cases[] = {
        {ONLY(ONCE, "{'key':^'current_time','operator':'timeLessThan',"
                    "'value':'01:00:00Z'}"),
            "bad_value", key},
        {ONLY(ONCE, "{'key':^'{{subject.attributes.iam_id}}','operator':"
                    "'stringEquals','value':'x'}"),
            "bad_value", key},
        {ONLY(ONCE, "{'key':^'{{environment.attributes.}}','operator':"
                    "'stringEquals','value':'x'}"),
            "bad_value", key},
        {ONLY(ONCE, "{'key':^'{{environment.attributes.x}','operator':"
                    "'stringEquals','value':'x'}"),
            "bad_value", key},
        {ONLY(ONCE, "{'key':^'{{environment.attributes.x y}}','operator':"
                    "'stringEquals','value':'x'}"),
            "bad_value", key},
        {ONLY(ONCE, "{'key':^'{{environment.attributes}}','operator':"
                    "'stringEquals','value':'x'}"),
            "bad_value", key},
        {ONLY(ONCE, "{'key':^'{{ environment.attributes.x }}','operator':"
                    "'stringEquals','value':'x'}"),
            "bad_value", key},
        {TIME("^'24:00:00Z'"), "bad_value", time},
        {TIME("^'23:59:60Z'"), "bad_value", time},
        {TIME("^'09:00:00'"), "bad_value", time},
        {TIME("^''"), "bad_value", time},
        {TIME("^9"), "wrong_type", NULL},
        {TIME("^['09:00:00Z']"), "wrong_type", NULL},
        {TIME("^null"), "wrong_type", NULL},
        {ONLY(ONCE, COND(ENV("current_date_time"), "dateTimeLessThan",
                        "^'2026-11-21T24:00:00Z'")),
            "bad_value", both},
        {ONLY(ONCE,
             COND(ENV("current_date"), "dateLessThan", "^'2026-02-29Z'")),
            "bad_value", date},
        {ONE_DAY("^'0+00:00'"), "bad_value", day},
        {ONE_DAY("^'1'"), "bad_value", day},
        {ONE_DAY("^0"), "bad_value", day},
        {ONE_DAY("^8"), "bad_value", day},
        {ONE_DAY("^-1"), "bad_value", day},
        {ONE_DAY("^1.0"), "bad_value", day},
        {ONE_DAY("^1e0"), "bad_value", day},
        {ONE_DAY("^true"), "wrong_type", NULL},
        {ONE_DAY("^[1]"), "wrong_type", NULL},
        {MANY_DAYS("1,^8"), "bad_value", day},
        {ONLY(ALL_DAY, COND(ENV("day_of_week"), "dayOfWeekAnyOf", "^1")),
            "wrong_type", NULL},
        {ONLY(ALL_DAY, COND(ENV("day_of_week"), "dayOfWeekAnyOf", "^[]")),
            "empty", NULL},
        {ONLY(ALL_DAY, COND(ENV("day_of_week"), "dayOfWeekAnyOf",
                           "^[1,2,3,4,5,6,7,1,2,3,4]")),
            "limit", NULL},
        {ONLY(OF_RESOURCE, COND(RES("resource"), "stringEquals", "^''")),
            "bad_value", "leave the attribute out if it may have any value"},
        {ONLY(OF_RESOURCE, COND(RES("resource"), "stringMatch", "'^{{x'")),
            "bad_value",
            "a literal star is {{*}}, a literal question mark {{?}}"},
        {ONLY(OF_ENVIRONMENT,
             COND(ENV("ip_address"), "stringEquals", "^'10.0.0.0/8'")),
            "bad_value", "several addresses are a pattern, with stringMatch"},
        {ONLY(OF_ENVIRONMENT, COND(ENV("ip_address"), "stringEqualsAnyOf",
                                  "^['10.0.0.1','2001:DB8::1']")),
            "bad_value", "write 2001:db8::1"},
        {ONLY(OF_RESOURCE,
             "{'key':^'" RES("prefix") "','operator':"
                                       "'stringEquals','value':'x'}"),
            "foreign_attribute", NULL},
        {ONLY(OF_ENVIRONMENT,
             "{'key':^'" ENV("ip_adress") "','operator':"
                                          "'stringEquals','value':'x'}"),
            "foreign_attribute", "did you mean \"ip_address\"?"},
    };

    (void)state;
    assert_all_bad(pdp__read_policies, cases, ARRAY_CNT(cases));
}

/* What is never written so: in a denial, it would quietly deny nothing. */
static void
address_patterns(void **state)
{
    static const char written[] = "small letters, no leading zeros, and IPv4 "
                                  "as 10.0.0.*";
    static const struct bad cases[] = {
        {ONLY(OF_ENVIRONMENT,
             COND(ENV("ip_address"), "stringMatch", "^'2001:DB8:*'")),
            "bad_value", written},
        {ONLY(OF_ENVIRONMENT,
             COND(ENV("ip_address"), "stringMatch", "^'2001:0db8:*'")),
            "bad_value", written},
        {ONLY(OF_ENVIRONMENT,
             COND(ENV("ip_address"), "stringMatch", "^'::ffff:10.*'")),
            "bad_value", written},
        {ONLY(OF_ENVIRONMENT,
             COND(ENV("ip_address"), "stringMatch", "^'10.0.0.01*'")),
            "bad_value", written},
        {ONLY(OF_ENVIRONMENT,
             COND(ENV("ip_address"), "stringMatch", "^'10.256.*'")),
            "bad_value", written},
        {ONLY(OF_ENVIRONMENT,
             COND(ENV("ip_address"), "stringMatch", "^'10..*'")),
            "bad_value", written},
        {ONLY(OF_ENVIRONMENT,
             COND(ENV("ip_address"), "stringMatch", "^'1:::*'")),
            "bad_value", written},
        {ONLY(OF_ENVIRONMENT,
             COND(ENV("ip_address"), "stringMatch", "^'10.0.0.*.*.'")),
            "bad_value", written},
        {ONLY(OF_ENVIRONMENT,
             COND(ENV("ip_address"), "stringMatch", "^'10.{{*}}'")),
            "bad_value", written},
        {ONLY(OF_ENVIRONMENT, COND(ENV("ip_address"), "stringMatch", "^'g*'")),
            "bad_value", written},
        {ONLY(OF_ENVIRONMENT,
             COND(ENV("ip_address"), "stringMatch", "^'10.0.0.0/*'")),
            "bad_value", written},
        {ONLY(OF_ENVIRONMENT,
             COND(ENV("ip_address"), "stringMatch", "^'10.0.0'")),
            "bad_value", "several addresses are a pattern, with stringMatch"},
    };

    (void)state;
    assert_all_bad(pdp__read_policies, cases, ARRAY_CNT(cases));
}

/* A wildcard may stand for what makes them good. */
static void
address_patterns_that_fit(void **state)
{
    static const char *const patterns[] = {"198.51.1**00.7", "10.0.0.?00",
        "10.0.0.*01", "10.0.*", "*.0.1", "2001:db8:*", "0.0.0.?", "*", "2001*"};
    struct bench bench;
    char text[1024];

    (void)state;
    for (size_t i = 0; i < ARRAY_CNT(patterns); i++) {
        (void)snprintf(text, sizeof(text),
            ONLY(OF_ENVIRONMENT,
                COND(ENV("ip_address"), "stringMatch", "'%s'")),
            patterns[i]);
        read_clean(&bench, text);
        bench_free(&bench);
    }
}

static void
operators_of_other_keys(void **state)
{
    static const struct bad cases[] = {
        {ONLY(ONCE, "{'key':'" ENV(
                        "current_time") "','operator':^"
                                        "'timeLessThen','value':'01:00:00Z'}"),
            "unknown_operator", "did you mean \"timeLessThan\"?"},
        {ONLY(ONCE,
             "{'key':'" ENV("current_time") "','operator':^'dateTimeGreaterThan"
                                            "OrEquals','value':'x'}"),
            "unknown_operator",
            "its key is {{environment.attributes.current_date_time}}"},
        {ONLY(ONCE,
             "{'key':'" ENV("current_time") "','operator':^'dayOfWeekAnyOf',"
                                            "'value':[1]}"),
            "unknown_operator",
            "its key is {{environment.attributes.day_of_week}}"},
        {ONLY(ONCE,
             "{'key':'" ENV("day_of_week") "','operator':^'timeLessThan',"
                                           "'value':'x'}"),
            "unknown_operator",
            "its key is {{environment.attributes.current_time}}"},
        {ONLY(ONCE, "{'key':'" ENV("ip_address") "','operator':^'dateLessThan',"
                                                 "'value':'x'}"),
            "unknown_operator",
            "its key is {{environment.attributes.current_date}}"},
    };

    (void)state;
    assert_all_bad(pdp__read_policies, cases, ARRAY_CNT(cases));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts),
        cmocka_unit_test(findings),
        cmocka_unit_test(operators_of_other_keys),
        cmocka_unit_test(address_patterns),
        cmocka_unit_test(address_patterns_that_fit),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
