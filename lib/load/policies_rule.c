/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include "load/policies_rule.h"

/*
 * `rule`: the conditions under which a policy applies, besides whom and what
 * it is for.
 *
 * A rule is one condition, or a list of them joined by `and` or `or`, whose
 * items may be lists of conditions themselves.  That is all: two levels, ten
 * conditions, so there is nothing to recurse into, however deep a text is
 * nested (the JSON reader has a bound of its own).
 *
 * `pattern` says the same in one word, for the console that shows the policy.
 * It changes no decision; where the two differ, one of them is not what its
 * author meant, hence a warning.
 *
 * A condition that was not understood is an error: the policy would apply at
 * any time, not at some.
 */

static const char *const combiners[] = {"and", "or", NULL};

/* Whether an object is a list of conditions, rather than one. */
static bool
is_list(const struct pdp__doc *doc, uint32_t ix)
{
    return pdp__json_member(&doc->json, ix, PDP__LIT("conditions")) != 0;
}

/* The members of a list; 0: it was reported. */
static uint32_t
open_list(const struct pdp__doc *doc, uint32_t ix, bool *any)
{
    char hint[PDP__HINT_CAP];
    uint32_t op = 0;
    uint32_t list = 0;
    const struct pdp__member members[] = {
        {"operator", true, PDP__JSON_STRING, &op},
        {"conditions", true, PDP__JSON_ARRAY, &list},
    };

    if (!pdp__doc_object(doc, ix, members, 2, NULL) || op == 0 || list == 0) {
        return 0;
    }
    pdp_str_t name = pdp__doc_text(doc, op);
    *any = pdp__str_eq(name, PDP__LIT("or"));
    if (!*any && !pdp__str_eq(name, PDP__LIT("and"))) {
        PDP__DOC_ADD(doc, UNKNOWN_OPERATOR, op,
            pdp__hint_name(hint, sizeof(hint), name, combiners),
            "conditions are joined by \"and\" or \"or\", not by \"%.*s\"",
            PDP__ARG(name));
        return 0;
    }
    if (doc->json.nodes[list].cnt == 0) {
        PDP__DOC_ADD(doc, EMPTY, list, NULL, "a list without conditions");
        return 0;
    }
    return list;
}

/* One condition into the last group; false ends the rule: it is too long. */
static bool
add_condition(const struct pdp__doc *doc, uint32_t ix,
    struct pdp__draft_rule *rule, uint32_t *seen)
{
    struct pdp__draft_group *group = &rule->groups[rule->group_cnt - 1];

    if (*seen >= PDP__RULE_TESTS_MAX) {
        PDP__DOC_ADD(doc, LIMIT, ix, NULL, "more than %d conditions",
            (int)PDP__RULE_TESTS_MAX);
        return false;
    }
    ++*seen;
    group->cnt += pdp__rule_condition(doc, ix, rule) ? 1 : 0;
    return true;
}

static void
add_group(struct pdp__draft_rule *rule, bool any, bool single)
{
    rule->groups[rule->group_cnt++] = (struct pdp__draft_group){.any = any,
        .single = single,
        .first = rule->test_cnt};
}

/* A list inside the list. */
static bool
read_inner(const struct pdp__doc *doc, uint32_t ix,
    struct pdp__draft_rule *rule, uint32_t *seen)
{
    bool any = false;
    uint32_t list = open_list(doc, ix, &any);

    if (list == 0) {
        return true;
    }
    /* Each group counts one item at least, so they run out with those. */
    if (*seen >= PDP__RULE_TESTS_MAX) {
        return add_condition(doc, ix, rule, seen);
    }
    add_group(rule, any, false);
    PDP__JSON_EACH(&doc->json, list, item)
    {
        if (is_list(doc, item)) {
            PDP__DOC_ADD(doc, LIMIT, item, NULL,
                "conditions are nested deeper than 2 levels");
            ++*seen;
        } else if (!add_condition(doc, item, rule, seen)) {
            return false;
        }
    }
    if (!any) {
        pdp__rule_window(doc, rule, rule->group_cnt - 1);
    }
    return true;
}

static void
read_outer(const struct pdp__doc *doc, uint32_t ix,
    struct pdp__draft_rule *rule)
{
    uint32_t seen = 0;
    uint32_t list = open_list(doc, ix, &rule->any);

    if (list == 0) {
        return;
    }
    PDP__JSON_EACH(&doc->json, list, item)
    {
        bool inner = is_list(doc, item);
        if (!inner && seen < PDP__RULE_TESTS_MAX) {
            add_group(rule, false, true);
        }
        if (!(inner ? read_inner(doc, item, rule, &seen)
                    : add_condition(doc, item, rule, &seen))) {
            return;
        }
    }
    if (!rule->any) {
        pdp__rule_window(doc, rule, PDP__NONE);
    }
}

/* What a rule of a pattern is made of: all of `needed`, nothing but
 * `needed` and `allowed`; where nothing is needed, any of the allowed. */
static const struct shape {
    const char *name;
    uint32_t needed;
    uint32_t allowed;
} shapes[] = {
    {"time-based-conditions:once", 0, PDP__FAMILY_DATE | PDP__FAMILY_DATE_TIME},
    {"time-based-conditions:weekly", PDP__FAMILY_DAY, PDP__FAMILY_TIME},
    {"time-based-conditions:weekly:all-day", PDP__FAMILY_DAY, 0},
    {"time-based-conditions:weekly:custom-hours",
        PDP__FAMILY_DAY | PDP__FAMILY_TIME, 0},
    {"attribute-based-condition:resource:literal-and-wildcard",
        PDP__FAMILY_RESOURCE, 0},
    {"attribute-based-condition:environment:literal-and-wildcard",
        PDP__FAMILY_ENVIRONMENT, 0},
};

enum { SHAPES = sizeof(shapes) / sizeof(shapes[0]) };

static bool
has_shape(const struct shape *shape, uint32_t families)
{
    return (families & shape->needed) == shape->needed &&
           (families & ~(shape->needed | shape->allowed)) == 0;
}

static void
check_pattern(const struct pdp__doc *doc, uint32_t ix, uint32_t families)
{
    const char *names[SHAPES + 1];
    char hint[PDP__HINT_CAP];
    pdp_str_t text = pdp__doc_text(doc, ix);
    const char *fits = NULL;

    for (size_t i = 0; i < SHAPES; i++) {
        names[i] = shapes[i].name;
        if (has_shape(&shapes[i], families)) {
            fits = shapes[i].name;
            if (pdp__str_eq(text, pdp__str_z(fits))) {
                return;
            }
        }
    }
    names[SHAPES] = NULL;
    for (size_t i = 0; i < SHAPES; i++) {
        if (pdp__str_eq(text, pdp__str_z(names[i]))) {
            PDP__DOC_ADD(doc, PATTERN_MISMATCH, ix,
                fits == NULL ? "no pattern has conditions of these kinds "
                               "together"
                             : fits,
                "the conditions are not those of a rule \"%.*s\"",
                PDP__ARG(text));
            return;
        }
    }
    PDP__DOC_ADD(doc, PATTERN_MISMATCH, ix,
        pdp__hint_name(hint, sizeof(hint), text, names),
        "pattern \"%.*s\" is not known", PDP__ARG(text));
}

void
pdp__policy_rule(const struct pdp__doc *doc, uint32_t ix, uint32_t pattern,
    struct pdp__policy_draft *draft)
{
    struct pdp__draft_rule *rule = &draft->rule;
    size_t errors = pdp_report_errors(doc->report);

    rule->node = ix;
    if (pdp__json_member(&doc->json, draft->node, PDP__LIT("pattern")) == 0) {
        pdp__report_add(doc->report, PDP__CODE_MISSING_MEMBER,
            pdp__doc_place_key(doc, ix), "time-based-conditions:weekly, say",
            "member \"pattern\" is missing beside \"rule\"");
    }
    if (!pdp__doc_is(doc, ix, PDP__JSON_OBJECT)) {
        return;
    }
    if (is_list(doc, ix)) {
        read_outer(doc, ix, rule);
    } else {
        uint32_t seen = 0;
        add_group(rule, false, true);
        (void)add_condition(doc, ix, rule, &seen);
    }
    if (pdp_report_errors(doc->report) != errors) {
        return;
    }
    pdp__rule_nights(doc, rule);
    if (pattern != 0) {
        check_pattern(doc, pattern, rule->families);
    }
}
