/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
/*
 * Stage 9, policy: is each required action granted on each of its resources,
 * and does nothing deny it?
 *
 * What may speak: the token's roles and actions (for the whole account), and
 * policies that name the principal, one of its access groups, everybody, or
 * that the token brings or refers to.
 *
 * A condition is true, false or open (the attribute is unknown here).  A
 * grant needs every condition true; a deny applies unless one is false.  So
 * what we cannot see never widens access: an error of this kind can only
 * deny.  Any deny that applies wins over all grants.  The rule of a policy is
 * one more condition of it; where only what the request does not say of its
 * environment stands between a policy and the grant, the reason says so.
 *
 * Cost: the policies of one principal and its groups, found by index, not
 * all that are loaded.
 */

#include "decide/policy.h"

#include "decide/rule.h"

#define PUBLIC_GROUP "AccessGroupId-PublicAccess"

/* An account-level action has no resource: a grant that names one does not
 * reach it.  Denies see the attributes as they are. */
const struct pdp__attr_value *
pdp__grant_attrs(const struct pdp__item *item,
    struct pdp__attr_value room[static PDP__ATTR_COUNT])
{
    if (!item->account_scope) {
        return item->attrs;
    }
    memcpy(room, item->attrs, sizeof(item->attrs));
    room[PDP__ATTR_RESOURCE_TYPE] = (struct pdp__attr_value){0};
    room[PDP__ATTR_RESOURCE] = (struct pdp__attr_value){0};
    room[PDP__ATTR_RESOURCE_GROUP_ID] = (struct pdp__attr_value){0};
    return room;
}

/* Likewise: a policy for resources with a tag does not reach it. */
struct pdp__item_tags
pdp__grant_tags(const struct pdp__item *item)
{
    return item->account_scope ? (struct pdp__item_tags){0} : item->tags;
}

static void
add_grant(struct pdp__item *item, pdp_grant_source_t source, pdp_str_t id)
{
    item->granted = true;
    for (uint32_t i = 0; i < item->by_cnt; i++) {
        if (item->by[i].source == source && pdp__str_eq(item->by[i].id, id)) {
            return; /* one policy, reached in two ways */
        }
    }
    if (item->by_cnt < PDP__GRANTS_MAX) {
        item->by[item->by_cnt++] =
            (pdp_grant_t){sizeof(pdp_grant_t), source, id};
    }
}

static void
add_deny(struct pdp__item *item, pdp_str_t id)
{
    if (!item->denied) {
        item->denied_by = id;
    }
    item->denied = true;
}

uint32_t
pdp__claimed_role(const struct pdp__flow *flow, const struct pdp__named *role)
{
    const struct pdp__block *block = flow->block;
    uint32_t ix = role->ix == PDP__NONE
                      ? PDP__NONE
                      : pdp__role_of(block, role->ix, flow->routed.service);

    if (ix == PDP__NONE) {
        return PDP__NONE;
    }
    /* A custom role is one of its own account only. */
    pdp_str_t account = pdp__text(block, pdp__roles(block)[ix].account);
    return account.ptr == NULL || pdp__str_eq(account, flow->principal.account)
               ? ix
               : PDP__NONE;
}

/* Roles and actions of the token hold for the whole of its account, which is
 * the account judged (principal.c). */
static void
apply_claims(struct pdp__flow *flow, struct pdp__item *item)
{
    const struct pdp__block *block = flow->block;
    const struct pdp__token *token = flow->claims.token;
    const struct pdp__named *roles = pdp__token_items(token, token->roles);
    const struct pdp__named *actions = pdp__token_items(token, token->actions);
    uint32_t bit = pdp__actions(block)[item->action].bit;

    for (uint32_t i = 0; i < token->roles.cnt; i++) {
        uint32_t ix = pdp__claimed_role(flow, &roles[i]);
        if (ix != PDP__NONE &&
            pdp__words_has(block, pdp__roles(block)[ix].words, bit)) {
            add_grant(item, PDP_GRANT_ROLE,
                pdp__token_text(token, roles[i].name));
        }
    }
    for (uint32_t i = 0; i < token->actions.cnt; i++) {
        if (actions[i].ix == item->action) {
            add_grant(item, PDP_GRANT_ACTION,
                pdp__token_text(token, actions[i].name));
        }
    }
}

bool
pdp__inline_has(const struct pdp__token *token, uint32_t off, uint32_t bit)
{
    const uint64_t *words =
        pdp__token_items(token, (struct pdp__items){off, 0});

    if (PDP_NEVER(off == 0)) {
        return false;
    }
    return (words[bit / 64] >> (bit % 64) & 1u) != 0;
}

static void
apply_inlines(struct pdp__flow *flow, struct pdp__item *item)
{
    const struct pdp__token *token = flow->claims.token;
    const struct pdp__inline *inlines = pdp__token_items(token, token->inlines);
    struct pdp__view view = {
        flow->block,
        (const char *)token,
        pdp__token_items(token, token->conditions),
        pdp__token_items(token, token->values),
    };
    uint32_t bit = pdp__actions(flow->block)[item->action].bit;
    struct pdp__attr_value room[PDP__ATTR_COUNT];
    const struct pdp__attr_value *attrs = pdp__grant_attrs(item, room);

    for (uint32_t i = 0; i < token->inlines.cnt; i++) {
        const struct pdp__inline *policy = &inlines[i];
        if (policy->service != flow->routed.service) {
            continue;
        }
        pdp_str_t id = pdp__token_text(token, policy->id);
        if (id.ptr == NULL) {
            id = PDP__LIT("token");
        }
        if (pdp__inline_has(token, policy->deny_off, bit) &&
            pdp__conditions_truth(&view, policy->conditions, item->attrs) !=
                PDP__NO) {
            add_deny(item, id);
        }
        if (pdp__inline_has(token, policy->grant_off, bit) &&
            pdp__conditions_truth(&view, policy->conditions, attrs) ==
                PDP__YES) {
            add_grant(item, PDP_GRANT_POLICY, id);
        }
    }
}

/* Whether the principal is a member of the group, by any source. */
static bool
is_member(const struct pdp__flow *flow, pdp_str_t group)
{
    const struct pdp__block *block = flow->block;
    const struct pdp__token *token = flow->claims.token;
    const struct pdp__named *named = pdp__token_items(token, token->groups);

    for (uint32_t i = 0; i < token->groups.cnt; i++) {
        if (pdp__str_eq(pdp__token_text(token, named[i].name), group)) {
            return true;
        }
    }
    if (token->subject != PDP__NONE) {
        struct pdp__range groups = pdp__subjects(block)[token->subject].groups;
        for (uint32_t i = 0; i < groups.cnt; i++) {
            uint32_t ix = pdp__numbers(block)[groups.first + i];
            if (pdp__str_eq(pdp__text(block, pdp__subjects(block)[ix].id),
                    group)) {
                return true;
            }
        }
    }
    return pdp__str_eq(group, PDP__LIT(PUBLIC_GROUP));
}

/* Whether a group is known, by the claim or the directory.  The public one
 * does not count: everybody is in it. */
static bool
has_group(const struct pdp__flow *flow)
{
    const struct pdp__block *block = flow->block;
    const struct pdp__token *token = flow->claims.token;
    const struct pdp__named *named = pdp__token_items(token, token->groups);
    struct pdp__range listed = {0, 0};

    for (uint32_t i = 0; i < token->groups.cnt; i++) {
        if (!pdp__str_eq(pdp__token_text(token, named[i].name),
                PDP__LIT(PUBLIC_GROUP))) {
            return true;
        }
    }
    if (token->subject != PDP__NONE) {
        listed = pdp__subjects(block)[token->subject].groups;
    }
    for (uint32_t i = 0; i < listed.cnt; i++) {
        if (pdp__numbers(block)[listed.first + i] != block->public_group) {
            return true;
        }
    }
    return false;
}

static enum pdp__truth
truth_of(bool holds)
{
    return holds ? PDP__YES : PDP__NO;
}

/* No known group does not mean no group: the question stays open. */
static enum pdp__truth
subject_condition(const struct pdp__flow *flow, const struct pdp__condition *c)
{
    const struct pdp__block *block = flow->block;
    bool group = c->attr == PDP__SUBJECT_ACCESS_GROUP_ID;

    if (c->op == PDP__OP_STRING_EXISTS) {
        return group && !has_group(flow) ? PDP__OPEN : truth_of(c->wanted != 0);
    }
    if (PDP_NEVER(c->op != PDP__OP_STRING_EQUALS || c->values.cnt != 1)) {
        return PDP__OPEN; /* grants nothing, and denies */
    }
    pdp_str_t wanted = pdp__text(block, pdp__texts(block)[c->values.first]);
    return truth_of(group ? is_member(flow, wanted)
                          : pdp__str_eq(flow->principal.id, wanted));
}

enum pdp__truth
pdp__subject_truth(const struct pdp__flow *flow, struct pdp__range subjects)
{
    const struct pdp__condition *conditions =
        &pdp__conditions(flow->block)[subjects.first];
    enum pdp__truth all = PDP__YES;

    for (uint32_t i = 0; i < subjects.cnt; i++) {
        enum pdp__truth one = subject_condition(flow, &conditions[i]);
        if (one == PDP__NO) {
            return PDP__NO;
        }
        if (one == PDP__OPEN) {
            all = PDP__OPEN;
        }
    }
    return all;
}

static void
apply_policy(struct pdp__flow *flow, struct pdp__item *item, uint32_t ix)
{
    const struct pdp__block *block = flow->block;
    const struct pdp__policy *policy = &pdp__policies(block)[ix];
    struct pdp__view view = {block, (const char *)block, pdp__conditions(block),
        pdp__texts(block)};
    uint32_t bit = pdp__actions(block)[item->action].bit;

    if (policy->service != flow->routed.service) {
        return;
    }
    bool denies = pdp__words_has(block, policy->deny_words, bit);
    bool grants = pdp__words_has(block, policy->grant_words, bit);
    if (!denies && !grants) {
        return;
    }
    enum pdp__truth subject = pdp__subject_truth(flow, policy->subjects);
    bool unused = false; /* in doubt, a deny applies */
    if (denies && subject != PDP__NO &&
        pdp__conditions_truth(&view, policy->resources, item->attrs) !=
            PDP__NO &&
        pdp__tags_truth(block, policy->tags, &item->tags) != PDP__NO &&
        pdp__rule_truth(flow, policy->rule, item->attrs, &unused) != PDP__NO) {
        add_deny(item, pdp__text(block, policy->id));
    }
    if (!grants || subject != PDP__YES) {
        return;
    }
    struct pdp__attr_value room[PDP__ATTR_COUNT];
    const struct pdp__attr_value *attrs = pdp__grant_attrs(item, room);
    struct pdp__item_tags tags = pdp__grant_tags(item);
    if (pdp__conditions_truth(&view, policy->resources, attrs) == PDP__YES &&
        pdp__tags_truth(block, policy->tags, &tags) == PDP__YES &&
        pdp__rule_truth(flow, policy->rule, attrs, &item->in_doubt) ==
            PDP__YES) {
        add_grant(item, PDP_GRANT_POLICY, pdp__text(block, policy->id));
    }
}

static void
apply_numbers(struct pdp__flow *flow, struct pdp__item *item,
    struct pdp__range range)
{
    for (uint32_t i = 0; i < range.cnt; i++) {
        apply_policy(flow, item, pdp__numbers(flow->block)[range.first + i]);
    }
}

static void
apply_subject(struct pdp__flow *flow, struct pdp__item *item, uint32_t subject)
{
    if (subject != PDP__NONE) {
        apply_numbers(flow, item, pdp__subjects(flow->block)[subject].policies);
    }
}

/* Every policy that may concern the principal; one reached twice does no
 * harm. */
static void
apply_policies(struct pdp__flow *flow, struct pdp__item *item)
{
    const struct pdp__block *block = flow->block;
    const struct pdp__token *token = flow->claims.token;
    const struct pdp__named *groups = pdp__token_items(token, token->groups);
    const struct pdp__named *ids = pdp__token_items(token, token->policy_ids);

    apply_numbers(flow, item, block->any_subject);
    apply_subject(flow, item, block->public_group);
    apply_subject(flow, item, token->subject);
    if (token->subject != PDP__NONE) {
        struct pdp__range range = pdp__subjects(block)[token->subject].groups;
        for (uint32_t i = 0; i < range.cnt; i++) {
            apply_subject(flow, item, pdp__numbers(block)[range.first + i]);
        }
    }
    for (uint32_t i = 0; i < token->groups.cnt; i++) {
        apply_subject(flow, item, groups[i].ix);
    }
    for (uint32_t i = 0; i < token->policy_ids.cnt; i++) {
        if (ids[i].ix == PDP__NONE) {
            continue;
        }
        struct pdp__range range = pdp__policy_ids(block)[ids[i].ix].policies;
        for (uint32_t j = 0; j < range.cnt; j++) {
            apply_policy(flow, item, range.first + j);
        }
    }
}

bool
pdp__policy(struct pdp__flow *flow)
{
    bool granted = true;
    bool denied = false;
    bool in_doubt = true; /* each action that is not granted is */

    pdp__rule_environment(flow);
    for (uint32_t i = 0; i < flow->item_cnt; i++) {
        struct pdp__item *item = &flow->items[i];
        apply_claims(flow, item);
        apply_inlines(flow, item);
        apply_policies(flow, item);
        granted = granted && item->granted;
        denied = denied || item->denied;
        in_doubt = in_doubt && (item->granted || item->in_doubt);
    }
    if (denied) {
        return pdp__deny(flow, PDP_REASON_EXPLICIT_DENY);
    }
    /* A route that requires something has at least one item (resource.c);
     * none here would mean a defect, and must not read as "all granted". */
    if (PDP_NEVER(flow->item_cnt == 0)) {
        return pdp__deny(flow, PDP_REASON_INTERNAL);
    }
    if (!granted) {
        return pdp__deny(flow,
            in_doubt ? PDP_REASON_CONDITION_ERROR : PDP_REASON_NO_GRANT);
    }
    return true;
}
