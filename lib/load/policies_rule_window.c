/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include "load/policies.h"

#include "text/zoned.h"

/*
 * What the conditions of a rule say together.
 *
 * Two bounds of the time of day in one `and`, a lower and an upper one, are a
 * window: it begins at the lower bound and ends at the next upper bound, be
 * that on the next day, or be it written in another offset.  Taken one by one
 * the bounds 22:00 and 06:00 would never hold together.  A third bound in
 * the list leaves open which two belong together: then each stands alone.
 *
 * And whether a rule can hold at all.  Its truth changes at the edges of its
 * times only, and what is not an instant comes back every week, so it is
 * tried at all edges of a week before the first instant and after each.  A
 * text holds for this purpose if any request could have a value for it.
 *
 * Deciding is somewhere else: nothing here knows what time it is.
 */

static int64_t
modulo(int64_t value, int64_t period)
{
    return (value % period + period) % period;
}

static void
make_window(struct pdp__draft_test *from, struct pdp__draft_test *to)
{
    int64_t length = modulo(to->bound_sec - from->bound_sec, PDP__DAY_SEC);
    struct pdp__span span = {from->bound_sec + from->strict,
        length - to->strict - from->strict, PDP__DAY_SEC, 0};
    uint32_t cnt = span.last < 0 ? 0 : 1;

    /* Both say the whole: that changes nothing, and nothing has to move. */
    from->spans[0] = span;
    to->spans[0] = span;
    from->span_cnt = cnt;
    to->span_cnt = cnt;
}

void
pdp__rule_window(const struct pdp__doc *doc, struct pdp__draft_rule *rule,
    uint32_t group)
{
    struct pdp__draft_test *bounds[3] = {NULL, NULL, NULL};
    uint32_t cnt[3] = {0, 0, 0};

    for (uint32_t g = 0; g < rule->group_cnt; g++) {
        const struct pdp__draft_group *item = &rule->groups[g];
        if (group == PDP__NONE ? !item->single : g != group) {
            continue;
        }
        for (uint32_t i = 0; i < item->cnt; i++) {
            struct pdp__draft_test *test = &rule->tests[item->first + i];
            bounds[test->bound] = test;
            cnt[test->bound]++;
        }
    }
    if (cnt[PDP__BOUND_FROM] != 1 || cnt[PDP__BOUND_TO] != 1) {
        return;
    }
    struct pdp__draft_test *from = bounds[PDP__BOUND_FROM];
    struct pdp__draft_test *to = bounds[PDP__BOUND_TO];
    make_window(from, to);
    to->night = modulo(from->bound_sec + from->east_sec, PDP__DAY_SEC) >
                modulo(to->bound_sec + to->east_sec, PDP__DAY_SEC);
    if (from->east_sec != to->east_sec) {
        PDP__DOC_ADD(doc, MIXED_OFFSETS, to->value, "write both in one offset",
            "the bounds of this window are in two offsets: it ends at the "
            "next %.*s",
            PDP__ARG(pdp__doc_text(doc, to->value)));
    }
}

/* Whether a test is of days of the week, and not of all of them. */
static bool
is_some_days(const struct pdp__draft_test *test)
{
    int64_t sum = 0;

    for (uint32_t i = 0; i < test->span_cnt; i++) {
        if (test->spans[i].period != PDP__WEEK_SEC) {
            return false;
        }
        sum += test->spans[i].last + 1;
    }
    return sum > 0 && sum < PDP__WEEK_SEC;
}

/* Whether what holds must hold on some days, too, where group `near` does. */
static bool
needs_days(const struct pdp__draft_rule *rule, uint32_t near)
{
    for (uint32_t g = 0; g < rule->group_cnt; g++) {
        const struct pdp__draft_group *group = &rule->groups[g];
        if (g == near ? group->any : rule->any) {
            continue;
        }
        for (uint32_t i = 0; i < group->cnt; i++) {
            if (is_some_days(&rule->tests[group->first + i])) {
                return true;
            }
        }
    }
    return false;
}

void
pdp__rule_nights(const struct pdp__doc *doc, const struct pdp__draft_rule *rule)
{
    for (uint32_t g = 0; g < rule->group_cnt; g++) {
        const struct pdp__draft_group *group = &rule->groups[g];
        for (uint32_t i = 0; i < group->cnt; i++) {
            const struct pdp__draft_test *test = &rule->tests[group->first + i];
            if (test->night && needs_days(rule, g)) {
                PDP__DOC_ADD(doc, SPLIT_NIGHT, test->value,
                    "for whole nights, join by \"or\" the one day from the "
                    "lower bound on, and the next day up to the upper one",
                    "the day is that of the moment: this window over midnight "
                    "is the first and the last hours of each day, not a night");
            }
        }
    }
}

static bool
accepts_region(const struct pdp__builder *b, uint32_t service,
    const struct pdp__draft_condition *c)
{
    struct pdp__range range =
        PDP__ITEM(b, services, struct pdp__service, service)->regions;

    for (uint32_t i = 0; i < range.cnt; i++) {
        for (uint32_t v = 0; v < c->cnt; v++) {
            bool same = c->op == PDP__OP_STRING_EQUALS ||
                        c->op == PDP__OP_STRING_EQUALS_ANY_OF;
            if (same ? pdp__region_find(b, service, c->values[v]) ==
                           range.first + i
                     : pdp__policy_region_fits(b, range.first + i,
                           c->values[v])) {
                return true;
            }
        }
    }
    return range.cnt == 0 || (c->op == PDP__OP_STRING_EXISTS && c->wanted != 0);
}

/* Whether a request to the service can have a value that is accepted. */
static bool
resource_possible(const struct pdp__builder *b,
    const struct pdp__policy_draft *draft, uint32_t service,
    const struct pdp__draft_condition *c)
{
    const struct pdp__service *s =
        PDP__ITEM(b, services, struct pdp__service, service);

    switch ((enum pdp__attr)c->attr) {
    case PDP__ATTR_SERVICE_TYPE:
        return pdp__policy_accepts(c, PDP__LIT("service"));
    case PDP__ATTR_SERVICE_GROUP_ID:
        return pdp__policy_accepts(c, PDP__LIT("IAM"));
    case PDP__ATTR_SERVICE_NAME:
        return pdp__policy_accepts(c, pdp__builder_str(b, s->name));
    case PDP__ATTR_ACCOUNT_ID:
        return draft->account.ptr == NULL ||
               pdp__policy_accepts(c, draft->account);
    case PDP__ATTR_REGION:
        return accepts_region(b, service, c);
    case PDP__ATTR_OTHER:
    case PDP__ATTR_GEOGRAPHY:
    case PDP__ATTR_RESOURCE_TYPE:
    case PDP__ATTR_RESOURCE:
    case PDP__ATTR_RESOURCE_GROUP_ID:
    case PDP__ATTR_SERVICE_INSTANCE:
    case PDP__ATTR_COUNT:
        break;
    }
    return true;
}

static bool
environment_possible(const struct pdp__draft_condition *c)
{
    /* What is not given is open, which a denial takes for a yes. */
    return c->attr != PDP__ENV_ENDPOINT_TYPE ||
           c->op == PDP__OP_STRING_EXISTS ||
           pdp__policy_accepts(c, PDP__LIT("public")) ||
           pdp__policy_accepts(c, PDP__LIT("private")) ||
           pdp__policy_accepts(c, PDP__LIT("direct"));
}

/* A question about a rule: in which service, when. */
struct question {
    const struct pdp__builder *b;
    const struct pdp__policy_draft *draft;
    uint32_t service;
    int64_t now;
};

static bool
test_possible(const struct question *q, const struct pdp__draft_test *test)
{
    const struct pdp__draft_rule *rule = &q->draft->rule;

    if (test->topic == PDP__TOPIC_RESOURCE) {
        return resource_possible(q->b, q->draft, q->service,
            &rule->resources.items[test->condition]);
    }
    if (test->topic == PDP__TOPIC_ENVIRONMENT) {
        return environment_possible(&rule->environment.items[test->condition]);
    }
    for (uint32_t i = 0; i < test->span_cnt; i++) {
        if (pdp__span_holds(&test->spans[i], q->now)) {
            return true;
        }
    }
    return false;
}

static const struct pdp__draft_condition *
condition_of(const struct pdp__draft_rule *rule,
    const struct pdp__draft_test *test)
{
    const struct pdp__draft_list *list = test->topic == PDP__TOPIC_RESOURCE
                                             ? &rule->resources
                                             : &rule->environment;

    return test->topic == PDP__TOPIC_TIME ? NULL
                                          : &list->items[test->condition];
}

/* Whether `test`, which lists what is wanted, leaves a value that `other`,
 * about the same attribute, takes, too.  A region has several names. */
static bool
agree(const struct pdp__draft_rule *rule, const struct pdp__draft_test *test,
    const struct pdp__draft_test *other)
{
    const struct pdp__draft_condition *c = condition_of(rule, test);
    const struct pdp__draft_condition *o = condition_of(rule, other);

    if (c == NULL || o == NULL || test->topic != other->topic ||
        c->attr != o->attr || c->attr == 0 ||
        (test->topic == PDP__TOPIC_RESOURCE && c->attr == PDP__ATTR_REGION) ||
        (c->op != PDP__OP_STRING_EQUALS &&
            c->op != PDP__OP_STRING_EQUALS_ANY_OF)) {
        return true;
    }
    for (uint32_t i = 0; i < c->cnt; i++) {
        if (pdp__policy_accepts(o, c->values[i])) {
            return true;
        }
    }
    return false;
}

/* Whether the conditions on texts of one `and` leave any value: the single
 * ones (PDP__NONE), or a group's. */
static bool
list_possible(const struct pdp__draft_rule *rule, uint32_t group)
{
    const struct pdp__draft_test *tests[PDP__RULE_TESTS_MAX];
    uint32_t cnt = 0;

    for (uint32_t g = 0; g < rule->group_cnt; g++) {
        const struct pdp__draft_group *item = &rule->groups[g];
        if (group == PDP__NONE ? !item->single : g != group) {
            continue;
        }
        for (uint32_t i = 0; i < item->cnt; i++) {
            tests[cnt++] = &rule->tests[item->first + i];
        }
    }
    for (uint32_t i = 0; i < cnt; i++) {
        for (uint32_t k = 0; k < cnt; k++) {
            if (!agree(rule, tests[i], tests[k])) {
                return false;
            }
        }
    }
    return true;
}

static bool
group_possible(const struct question *q, uint32_t ix)
{
    const struct pdp__draft_rule *rule = &q->draft->rule;
    const struct pdp__draft_group *group = &rule->groups[ix];

    for (uint32_t i = 0; i < group->cnt; i++) {
        if (test_possible(q, &rule->tests[group->first + i]) == group->any) {
            return group->any;
        }
    }
    return !group->any && list_possible(rule, ix);
}

static bool
rule_possible(const struct question *q)
{
    const struct pdp__draft_rule *rule = &q->draft->rule;

    for (uint32_t g = 0; g < rule->group_cnt; g++) {
        if (group_possible(q, g) == rule->any) {
            return rule->any;
        }
    }
    return !rule->any && list_possible(rule, PDP__NONE);
}

/* The next edge of any test after now. */
static int64_t
next_edge(const struct pdp__draft_rule *rule, int64_t now)
{
    int64_t next = PDP__NO_EDGE;

    for (uint32_t i = 0; i < rule->test_cnt; i++) {
        const struct pdp__draft_test *test = &rule->tests[i];
        for (uint32_t s = 0; s < test->span_cnt; s++) {
            int64_t edge = pdp__span_edge(&test->spans[s], now);
            next = edge < next ? edge : next;
        }
    }
    return next;
}

/* Whether it holds at `start`, or at an edge in the week after it. */
static bool
possible_from(struct question *q, int64_t start)
{
    q->now = start;
    while (q->now != PDP__NO_EDGE && q->now - start <= PDP__WEEK_SEC) {
        if (rule_possible(q)) {
            return true;
        }
        q->now = next_edge(&q->draft->rule, q->now);
    }
    return false;
}

bool
pdp__rule_can_hold(const struct pdp__builder *b,
    const struct pdp__policy_draft *draft, uint32_t service)
{
    /* Long before any date that can be written. */
    const int64_t before = INT64_MIN / 4;
    const struct pdp__draft_rule *rule = &draft->rule;
    struct question q = {b, draft, service, before};

    if (rule->group_cnt == 0 || possible_from(&q, before)) {
        return true;
    }
    for (uint32_t i = 0; i < rule->test_cnt; i++) {
        const struct pdp__draft_test *test = &rule->tests[i];
        for (uint32_t s = 0; s < test->span_cnt; s++) {
            const struct pdp__span *span = &test->spans[s];
            if (span->period == 0 &&
                possible_from(&q,
                    span->first == INT64_MIN ? span->last + 1 : span->first)) {
                return true;
            }
        }
    }
    return false;
}
