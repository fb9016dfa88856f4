/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#ifndef PDP_TESTS_POLICY_TEXT_H
#define PDP_TESTS_POLICY_TEXT_H

/* For tests of access policies: their parts as text, and the compiled
 * tables.  Include after read_util.h. */

#define EQUALS(key, value)                                                     \
    "{'key':'" key "','operator':'stringEquals','value':'" value "'}"
#define ATTRIBUTE(key, op, value)                                              \
    "{'key':'" key "','operator':'" op "','value':" value "}"
#define AT_HOME EQUALS("accountId", ACCOUNT)
#define FOR_BIRDS EQUALS("serviceName", "birds")
#define RESOURCE(list) "'resource':{'attributes':[" list "]}"
#define SUBJECT(list) "'subject':{'attributes':[" list "]}"
#define GENERIC "crn:v1:bluemix:public:iam::::serviceRole:"
#define PLATFORM "crn:v1:bluemix:public:iam::::role:"
#define ROLE(name) "{'role_id':'" GENERIC name "'}"
#define GRANT(roles) "'control':{'grant':{'roles':[" roles "]}}"
#define DENY(roles) "'control':{'deny':{'roles':[" roles "]}}"
#define READER GRANT(ROLE("Reader"))
#define ROBIN SUBJECT(EQUALS("iam_id", "IBMid-robin"))

/* A policy from its parts, or with further resource attributes. */
#define POLICY(parts) "{'type':'access'," parts "}"
#define ON_BIRDS(more)                                                         \
    POLICY(ROBIN "," READER ",\n" RESOURCE(AT_HOME "," FOR_BIRDS more))

/* A policy whose rule is this condition alone; RULE is in rule_text.h. */
#define ONLY(pattern, condition)                                               \
    POLICY(ROBIN "," READER "," RESOURCE(                                      \
        AT_HOME "," FOR_BIRDS) "," RULE(pattern, condition))

static READ_UNUSED const struct pdp__policy *
policy_at(const struct bench *bench, uint32_t ix)
{
    assert_true(ix < bench->b.policies.cnt);
    return PDP__ITEM(&bench->b, policies, struct pdp__policy, ix);
}

static READ_UNUSED const struct pdp__condition *
condition_at(const struct bench *bench, struct pdp__range range, uint32_t ix)
{
    assert_true(ix < range.cnt);
    return PDP__ITEM(&bench->b, conditions, struct pdp__condition,
        range.first + ix);
}

/* Reads a text without findings. */
static READ_UNUSED void
read_clean(struct bench *bench, const char *text)
{
    bench_init(bench);
    assert_int_equal(run(bench, pdp__read_policies, SOURCE_NAME, text), PDP_OK);
    assert_findings(bench, 0);
}

/* One condition with these values (NULL ends them). */
static READ_UNUSED void
assert_condition(const struct bench *bench, const struct pdp__condition *c,
    int attr, enum pdp__operator op, const char *const *values)
{
    uint32_t cnt = 0;

    assert_int_equal(c->attr, attr);
    assert_int_equal(c->op, op);
    for (; values != NULL && values[cnt] != NULL; cnt++) {
        assert_str(text_at(bench, c->values, cnt), values[cnt]);
    }
    assert_int_equal(c->values.cnt, cnt);
}

#define VALUES(...) ((const char *const[]){__VA_ARGS__, NULL})

/* Whether the set of a policy has an action, by name. */
static READ_UNUSED bool
has(const struct bench *bench, uint32_t words, const char *action)
{
    uint32_t ix = pdp__map_get(&bench->b, PDP__MAP_ACTION, pdp__str_z(action));

    assert_int_not_equal(ix, PDP__NONE);
    if (words == PDP__NONE) {
        return false;
    }
    uint32_t bit = PDP__ITEM(&bench->b, actions, struct pdp__action, ix)->bit;
    return (*PDP__ITEM(&bench->b, words, uint64_t, words + bit / 64) >>
                   (bit % 64) &
               1u) != 0;
}

/* The one test of the one policy in a text. */
static READ_UNUSED const struct pdp__rule_test *
first_test(struct bench *bench, const char *text)
{
    read_clean(bench, text);
    assert_int_equal(bench->b.rule_tests.cnt, 1);
    return PDP__ITEM(&bench->b, rule_tests, struct pdp__rule_test, 0);
}

#endif
