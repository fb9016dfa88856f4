/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
/*
 * The first thing that did not hold -> texts for people: what was looked at,
 * what was wanted, what the request has.
 *
 * The order is that of stage 9: service, action, subject, resource, tags,
 * rule.  Each condition is asked alone, with the functions that the stage
 * asks all of them with, so that the two cannot differ.  A grant is stopped
 * by a condition that is not true, a denial by one that is false.
 *
 * Of conditions joined by `or`, none of which held, the first is told.
 */

#include "decide/explain.h"

#include "base/buf.h"
#include "decide/rule.h"
#include "text/crn.h"

/* Roles that a policy can have, in both of its lists. */
enum { ROLES_MAX = 2 * PDP__POLICY_ROLES_MAX };

static bool
stops(enum pdp__truth truth, bool grant)
{
    return grant ? truth != PDP__YES : truth == PDP__NO;
}

struct pdp__buf
pdp__explain_room(struct pdp__explainer *x, size_t len)
{
    char *ptr = pdp__arena_alloc(&x->out->arena, len + 1);

    x->failed = x->failed || ptr == NULL;
    return pdp__buf(ptr, ptr == NULL ? 0 : len + 1);
}

pdp_str_t
pdp__explain_join(struct pdp__explainer *x, const char *base,
    const struct pdp__text *texts, uint32_t cnt)
{
    size_t len = 0;

    for (uint32_t i = 0; i < cnt; i++) {
        len += texts[i].len + 2;
    }
    struct pdp__buf buf = pdp__explain_room(x, len);
    for (uint32_t i = 0; i < cnt; i++) {
        pdp__buf_z(&buf, i == 0 ? "" : ", ");
        pdp__buf_str(&buf, pdp__str(base + texts[i].off, texts[i].len));
    }
    return pdp__buf_get(&buf);
}

static void
set_attr(struct pdp__explainer *x, pdp_verdict_t *out,
    const struct pdp__attr_value *value)
{
    out->state = value->state;
    if (value->state == PDP_ATTRIBUTE_KNOWN) {
        out->seen = pdp__explain_copy(x, value->value);
    }
}

/* Whether grants for an action of the account do not see the attribute. */
static bool
is_hidden(const struct pdp__plea *plea, bool grant, uint8_t attr)
{
    return grant && plea->item->account_scope &&
           (attr == PDP__ATTR_RESOURCE_TYPE || attr == PDP__ATTR_RESOURCE ||
               attr == PDP__ATTR_RESOURCE_GROUP_ID);
}

/* Operator and values of a condition. */
static void
set_wanted(struct pdp__explainer *x, pdp_verdict_t *out,
    const struct pdp__view *view, const struct pdp__condition *c)
{
    out->op = pdp__str_z(pdp__operator_name((enum pdp__operator)c->op));
    if (c->op == PDP__OP_STRING_EXISTS) {
        out->wanted = c->wanted != 0 ? PDP__LIT("true") : PDP__LIT("false");
        return;
    }
    out->wanted = pdp__explain_join(x, view->base,
        &view->values[c->values.first], c->values.cnt);
}

/* What the roles of a policy are called; of a policy of a token only their
 * actions are kept. */
static pdp_str_t
role_names(struct pdp__explainer *x, const struct pdp__plea *plea)
{
    const struct pdp__block *block = x->flow->block;
    struct pdp__text names[ROLES_MAX];
    uint32_t cnt = 0;

    if (plea->loaded == NULL) {
        return (pdp_str_t){NULL, 0};
    }
    struct pdp__range roles = plea->loaded->roles;
    if (PDP_NEVER(roles.cnt > ROLES_MAX)) {
        return (pdp_str_t){NULL, 0};
    }
    for (; cnt < roles.cnt; cnt++) {
        struct pdp__crn crn;
        names[cnt] = pdp__texts(block)[roles.first + cnt];
        bool good = pdp__crn_parse(pdp__text(block, names[cnt]), &crn);
        if (PDP_NEVER(!good)) {
            continue; /* the loader takes nothing else */
        }
        names[cnt].off = (uint32_t)(crn.resource.ptr - (const char *)block);
        names[cnt].len = (uint32_t)crn.resource.len;
    }
    return pdp__explain_join(x, (const char *)block, names, cnt);
}

static bool
find_subject(struct pdp__explainer *x, const struct pdp__plea *plea, bool grant,
    pdp_verdict_t *out)
{
    const struct pdp__policy *policy = plea->loaded;

    if (policy == NULL) {
        return false;
    }
    out->obstacle = PDP_OBSTACLE_SUBJECT;
    if (!plea->reached) {
        out->key = PDP__LIT("policies");
        out->wanted =
            pdp__explain_copy(x, pdp__text(x->flow->block, policy->id));
        return true; /* absent: the claim does not name it */
    }
    for (uint32_t i = 0; i < policy->subjects.cnt; i++) {
        struct pdp__range one = {policy->subjects.first + i, 1};
        if (!stops(pdp__subject_truth(x->flow, one), grant)) {
            continue;
        }
        const struct pdp__condition *c = &plea->view.conditions[one.first];
        bool group = c->attr == PDP__SUBJECT_ACCESS_GROUP_ID;
        out->key = group ? PDP__LIT("access_group_id") : PDP__LIT("iam_id");
        set_wanted(x, out, &plea->view, c);
        out->seen = group ? x->groups : x->principal;
        if (out->seen.ptr != NULL) {
            out->state = PDP_ATTRIBUTE_KNOWN;
        } else if (c->op == PDP__OP_STRING_EXISTS) {
            out->state = PDP_ATTRIBUTE_UNKNOWN;
        }
        return true;
    }
    return false;
}

static bool
find_resource(struct pdp__explainer *x, const struct pdp__plea *plea,
    bool grant, const struct pdp__attr_value *attrs, pdp_verdict_t *out)
{
    for (uint32_t i = 0; i < plea->resources.cnt; i++) {
        struct pdp__range one = {plea->resources.first + i, 1};
        if (!stops(pdp__conditions_truth(&plea->view, one, attrs), grant)) {
            continue;
        }
        const struct pdp__condition *c = &plea->view.conditions[one.first];
        out->obstacle = PDP_OBSTACLE_RESOURCE;
        out->key =
            c->attr == PDP__ATTR_OTHER
                ? pdp__explain_copy(x,
                      pdp__str(plea->view.base + c->name.off, c->name.len))
                : pdp__str_z(pdp__attr_name((enum pdp__attr)c->attr));
        set_wanted(x, out, &plea->view, c);
        set_attr(x, out, &attrs[c->attr]);
        out->account_scope = is_hidden(plea, grant, c->attr);
        return true;
    }
    return false;
}

static void
set_tags(struct pdp__explainer *x, pdp_verdict_t *out,
    const struct pdp__item_tags *tags)
{
    const struct pdp__block *block = x->flow->block;
    const struct pdp__tag *items = &pdp__tags(block)[tags->tags.first];
    size_t len = 0;

    out->state = tags->state;
    if (tags->state != PDP_ATTRIBUTE_KNOWN) {
        return;
    }
    for (uint32_t i = 0; i < tags->tags.cnt; i++) {
        len += items[i].key.len + items[i].value.len + 3;
    }
    struct pdp__buf buf = pdp__explain_room(x, len);
    for (uint32_t i = 0; i < tags->tags.cnt; i++) {
        pdp__buf_z(&buf, i == 0 ? "" : ", ");
        pdp__buf_str(&buf, pdp__text(block, items[i].key));
        pdp__buf_char(&buf, ':');
        pdp__buf_str(&buf, pdp__text(block, items[i].value));
    }
    out->seen = pdp__buf_get(&buf);
}

static bool
find_tag(struct pdp__explainer *x, const struct pdp__plea *plea, bool grant,
    const struct pdp__item_tags *tags, pdp_verdict_t *out)
{
    const struct pdp__block *block = x->flow->block;

    for (uint32_t i = 0; i < plea->loaded->tags.cnt; i++) {
        struct pdp__range one = {plea->loaded->tags.first + i, 1};
        if (!stops(pdp__tags_truth(block, one, tags), grant)) {
            continue;
        }
        const struct pdp__tag_test *test = &pdp__tag_tests(block)[one.first];
        out->obstacle = PDP_OBSTACLE_TAG;
        out->key = pdp__explain_copy(x, pdp__text(block, test->tag.key));
        out->op = test->pattern != 0 ? PDP__LIT("stringMatch")
                                     : PDP__LIT("stringEquals");
        out->wanted = pdp__explain_copy(x, pdp__text(block, test->tag.value));
        set_tags(x, out, tags);
        out->account_scope = grant && plea->item->account_scope;
        return true;
    }
    return false;
}

/* The first test that stops a rule; the same loop for `and` and `or`: in an
 * `or` that did not hold, everything stops.  Of the bounds of a window, which
 * stop it together, the one that the moment is beyond, if it is only one. */
static const struct pdp__rule_test *
rule_obstacle(const struct pdp__trial *trial, const struct pdp__rule *rule,
    bool grant)
{
    const struct pdp__block *block = trial->flow->block;
    const struct pdp__rule_group *groups =
        &pdp__rule_groups(block)[rule->groups.first];
    const struct pdp__rule_test *first = NULL;

    for (uint32_t g = 0; g < rule->groups.cnt; g++) {
        if (!stops(pdp__rule_group_truth(trial, &groups[g]), grant)) {
            continue;
        }
        const struct pdp__rule_test *tests =
            &pdp__rule_tests(block)[groups[g].tests.first];
        for (uint32_t t = 0; t < groups[g].tests.cnt; t++) {
            if (!stops(pdp__rule_test_truth(trial, &tests[t]), grant)) {
                continue;
            }
            if (!pdp__explain_within(trial->flow, &tests[t])) {
                return &tests[t];
            }
            first = first == NULL ? &tests[t] : first;
        }
    }
    return first;
}

static void
find_rule(struct pdp__explainer *x, const struct pdp__plea *plea, bool grant,
    const struct pdp__attr_value *attrs, pdp_verdict_t *out)
{
    const struct pdp__block *block = x->flow->block;
    struct pdp__trial trial = {x->flow, attrs, PDP__OPEN};

    if (PDP_NEVER(plea->loaded->rule == PDP__NONE)) {
        return; /* something stopped it, and nothing else did */
    }
    const struct pdp__rule_test *test =
        rule_obstacle(&trial, &pdp__rules(block)[plea->loaded->rule], grant);
    if (PDP_NEVER(test == NULL)) {
        return;
    }
    out->obstacle = PDP_OBSTACLE_RULE;
    out->key = pdp__explain_copy(x, pdp__text(block, test->key));
    out->op = pdp__explain_copy(x, pdp__text(block, test->op));
    out->wanted = pdp__explain_join(x, (const char *)block,
        &pdp__texts(block)[test->wanted.first], test->wanted.cnt);
    if (test->topic == PDP__TOPIC_TIME) {
        out->state = PDP_ATTRIBUTE_KNOWN;
        out->seen = pdp__explain_clock(x, test);
        return;
    }
    uint8_t attr = pdp__conditions(block)[test->condition].attr;
    if (test->topic == PDP__TOPIC_RESOURCE) {
        set_attr(x, out, &attrs[attr]);
        out->account_scope = is_hidden(plea, grant, attr);
    } else {
        set_attr(x, out, &x->flow->environment[attr]);
    }
}

void
pdp__explain_obstacle(struct pdp__explainer *x, const struct pdp__plea *plea,
    bool grant, pdp_verdict_t *out)
{
    const struct pdp__block *block = x->flow->block;
    const struct pdp__item *item = plea->item;
    struct pdp__attr_value space[PDP__ATTR_COUNT];
    const struct pdp__attr_value *attrs =
        grant ? pdp__grant_attrs(item, space) : item->attrs;
    struct pdp__item_tags tags = grant ? pdp__grant_tags(item) : item->tags;

    out->denial = !grant;
    if (plea->service != x->flow->routed.service) {
        out->obstacle = PDP_OBSTACLE_SERVICE;
        out->key = PDP__LIT("serviceName");
        out->wanted = pdp__explain_copy(x,
            pdp__text(block, pdp__services(block)[plea->service].name));
        out->state = PDP_ATTRIBUTE_KNOWN;
        out->seen = x->service;
        return;
    }
    if (!plea->can_grant && !plea->can_deny) {
        out->obstacle = PDP_OBSTACLE_ACTION;
        out->key = PDP__LIT("action");
        out->wanted = role_names(x, plea);
        out->state = PDP_ATTRIBUTE_KNOWN;
        out->seen = pdp__explain_copy(x,
            pdp__text(block, pdp__actions(block)[item->action].name));
        return;
    }
    if (find_subject(x, plea, grant, out) ||
        find_resource(x, plea, grant, attrs, out) ||
        PDP_NEVER(plea->loaded == NULL) || /* has neither tags nor a rule */
        find_tag(x, plea, grant, &tags, out)) {
        return;
    }
    find_rule(x, plea, grant, attrs, out);
}
