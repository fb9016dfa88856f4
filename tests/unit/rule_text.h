/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#ifndef PDP_TESTS_RULE_TEXT_H
#define PDP_TESTS_RULE_TEXT_H

/* Rules of policies as text, with ' for ".  Include after policy_text.h, or
 * see rule() of rule_decide.h for tests of decisions. */

#define ENV(name) "{{environment.attributes." name "}}"
#define RES(name) "{{resource.attributes." name "}}"

/* value is JSON */
#define COND(key, op, value)                                                   \
    "{'key':'" key "','operator':'" op "','value':" value "}"
#define AND(list) "{'operator':'and','conditions':[" list "]}"
#define OR(list) "{'operator':'or','conditions':[" list "]}"

#define FROM(time)                                                             \
    COND(ENV("current_time"), "timeGreaterThanOrEquals", "'" time "'")
#define TO(time) COND(ENV("current_time"), "timeLessThanOrEquals", "'" time "'")
#define AFTER(time) COND(ENV("current_time"), "timeGreaterThan", "'" time "'")
#define BEFORE(time) COND(ENV("current_time"), "timeLessThan", "'" time "'")
#define SINCE(at)                                                              \
    COND(ENV("current_date_time"), "dateTimeGreaterThanOrEquals", "'" at "'")
#define UNTIL(at)                                                              \
    COND(ENV("current_date_time"), "dateTimeLessThanOrEquals", "'" at "'")
#define DAY(value) COND(ENV("day_of_week"), "dayOfWeekEquals", value)
#define DAYS(values) COND(ENV("day_of_week"), "dayOfWeekAnyOf", "[" values "]")

#define ONCE "time-based-conditions:once"
#define WEEKLY "time-based-conditions:weekly"
#define ALL_DAY "time-based-conditions:weekly:all-day"
#define CUSTOM_HOURS "time-based-conditions:weekly:custom-hours"
#define OF_RESOURCE "attribute-based-condition:resource:literal-and-wildcard"
#define OF_ENVIRONMENT                                                         \
    "attribute-based-condition:environment:literal-and-wildcard"

/* The members `rule` and `pattern`. */
#define RULE(pattern, rule) "'pattern':'" pattern "',\n'rule':" rule

#endif
