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

/* Which operators fit which keys. */

#define ONLY(pattern, condition)                                               \
    POLICY(ROBIN "," READER "," RESOURCE(                                      \
        AT_HOME "," FOR_BIRDS) "," RULE(pattern, condition))

/* All 19 operators with all kinds of keys: which belong together. */
static void
operators_and_keys(void **state)
{
    static const struct {
        const char *key;
        char kind;
    } keys[] = {{ENV("current_time"), 't'}, {ENV("current_date"), 'd'},
        {ENV("current_date_time"), 'D'}, {ENV("day_of_week"), 'w'},
        {ENV("ip_address"), 's'}, {RES("resource"), 's'}};
    static const struct {
        const char *op;
        char kind;
        const char *value;
    } ops[] = {
        {"timeLessThan", 't', "'01:00:00Z'"},
        {"timeLessThanOrEquals", 't', "'01:00:00Z'"},
        {"timeGreaterThan", 't', "'01:00:00Z'"},
        {"timeGreaterThanOrEquals", 't', "'01:00:00Z'"},
        {"dateLessThan", 'd', "'2026-01-01Z'"},
        {"dateLessThanOrEquals", 'd', "'2026-01-01Z'"},
        {"dateGreaterThan", 'd', "'2026-01-01Z'"},
        {"dateGreaterThanOrEquals", 'd', "'2026-01-01Z'"},
        {"dateTimeLessThan", 'D', "'2026-01-01T00:00:00Z'"},
        {"dateTimeLessThanOrEquals", 'D', "'2026-01-01T00:00:00Z'"},
        {"dateTimeGreaterThan", 'D', "'2026-01-01T00:00:00Z'"},
        {"dateTimeGreaterThanOrEquals", 'D', "'2026-01-01T00:00:00Z'"},
        {"dayOfWeekEquals", 'w', "'1Z'"},
        {"dayOfWeekAnyOf", 'w', "['1Z']"},
        {"stringEquals", 's', "'10.0.0.1'"},
        {"stringEqualsAnyOf", 's', "['10.0.0.1']"},
        {"stringExists", 's', "true"},
        {"stringMatch", 's', "'1*'"},
        {"stringMatchAnyOf", 's', "['1*']"},
    };
    char text[2048];

    (void)state;
    assert_int_equal(ARRAY_CNT(ops), 19);
    for (size_t i = 0; i < ARRAY_CNT(ops); i++) {
        for (size_t k = 0; k < ARRAY_CNT(keys); k++) {
            struct bench bench;
            bool fits = ops[i].kind == keys[k].kind;

            snprintf(text, sizeof(text),
                ONLY(ONCE, "{'key':'%s','operator':\n^'%s','value':%s}"),
                keys[k].key, ops[i].op, ops[i].value);
            bench_init(&bench);
            assert_int_equal(run(&bench, pdp__read_policies, SOURCE_NAME, text),
                PDP_OK);
            assert_int_equal(pdp_report_errors(bench.report), !fits);
            if (!fits) {
                snprintf(text, sizeof(text),
                    "operator \"%s\" cannot be used with %s", ops[i].op,
                    keys[k].key);
                assert_message(&bench, text);
            }
            bench_free(&bench);
        }
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(operators_and_keys),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
