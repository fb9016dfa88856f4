/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
/*
 * An inline policy: a policy in the form of pdp-policies(5), without a
 * subject, inside a token.
 *
 * It is read on the deciding side, from claims whose signature is good, and
 * compiled into the token's record.  Whatever is not understood refuses the
 * token: an operator, a member or a condition left out would widen a grant,
 * a role left out would weaken a deny.  This file reads the policy as a
 * whole and its roles; inline_resource.c reads its attributes.
 */

#include "decide/inline_policy.h"

#include "decide/conditions.h"

/* Members of a policy that carry information only, as in files. */
static const char *const informational[] = {"id", "description", "href",
    "created_at", "created_by_id", "last_modified_at", "last_modified_by_id",
    "last_permit_at", "last_permit_frequency", "template", "account_id",
    "version", NULL};
static const char *const policy_members[] = {"type", "state", "resource",
    "control", NULL};
static const char *const role_members[] = {"role_id", "display_name",
    "description", "actions", NULL};

static bool
is_one_of(pdp_str_t name, const char *const *names)
{
    for (; *names != NULL; names++) {
        if (pdp__str_eq(name, pdp__str_z(*names))) {
            return true;
        }
    }
    return false;
}

/* Whether node is an object with no other members than these. */
bool
pdp__inline_has_only(const struct pdp__json_doc *doc, uint32_t node,
    const char *const *names, const char *const *more)
{
    if (!pdp__json_is(doc, node, PDP__JSON_OBJECT)) {
        return false;
    }
    PDP__JSON_EACH(doc, node, ix)
    {
        pdp_str_t name = pdp__json_key(doc, ix);
        if (!is_one_of(name, names) &&
            (more == NULL || !is_one_of(name, more))) {
            return false;
        }
    }
    return true;
}

pdp_str_t
pdp__inline_text(const struct pdp__json_doc *doc, uint32_t node,
    const char *name)
{
    uint32_t ix = pdp__json_member(doc, node, pdp__str_z(name));

    /* 0, an absent member, is the root: an object. */
    return pdp__json_is(doc, ix, PDP__JSON_STRING) ? pdp__json_text(doc, ix)
                                                   : (pdp_str_t){NULL, 0};
}

pdp_str_t
pdp__inline_account(const struct pdp__inline_reader *r)
{
    const struct pdp__block *block = r->flow->block;
    const struct pdp__token *token = pdp__slab_token(r->slab);
    pdp_str_t fixed =
        pdp__text(block, pdp__issuers(block)[token->issuer].account);

    return fixed.ptr != NULL ? fixed : pdp__token_text(token, token->account);
}

/* The actions of a role in a service, or NULL: it has no such role, or it is
 * a custom role of another account.  Bare names are for the claim `roles`. */
static const uint64_t *
actions_of(const struct pdp__inline_reader *r, pdp_str_t id, uint32_t service)
{
    const struct pdp__block *block = r->flow->block;
    uint32_t role_id = pdp__str_starts(id, PDP__LIT("crn:"))
                           ? pdp__find_role_id(block, id)
                           : PDP__NONE;
    uint32_t ix = role_id == PDP__NONE ? PDP__NONE
                                       : pdp__role_of(block, role_id, service);

    if (ix == PDP__NONE) {
        return NULL;
    }
    const struct pdp__role *role = &pdp__roles(block)[ix];
    pdp_str_t account = pdp__text(block, role->account);
    if (account.ptr != NULL && !pdp__str_eq(account, pdp__inline_account(r))) {
        return NULL;
    }
    return &pdp__words(block)[role->words];
}

/* The roles under control.grant or control.deny -> a set of actions.  What
 * is no role here adds none; for a deny, denies_known_roles() asks. */
static bool
read_roles(struct pdp__inline_reader *r, uint32_t control, pdp_str_t member,
    uint32_t service, uint32_t set_off)
{
    static const char *const members[] = {"roles", NULL};
    const struct pdp__json_doc *doc = r->doc;
    uint32_t words = pdp__services(r->flow->block)[service].action_words;
    uint64_t *set = (void *)(r->slab->base + set_off);
    uint32_t node = pdp__json_member(doc, control, member);

    if (node == 0) {
        return true;
    }
    uint32_t roles = pdp__json_member(doc, node, PDP__LIT("roles"));
    if (!pdp__inline_has_only(doc, node, members, NULL) ||
        !pdp__json_is(doc, roles, PDP__JSON_ARRAY) ||
        doc->nodes[roles].cnt == 0) {
        return false;
    }
    PDP__JSON_EACH(doc, roles, ix)
    {
        pdp_str_t id = pdp__inline_text(doc, ix, "role_id");
        if (id.ptr == NULL ||
            !pdp__inline_has_only(doc, ix, role_members, NULL)) {
            return false;
        }
        const uint64_t *actions = actions_of(r, id, service);
        for (uint32_t w = 0; actions != NULL && w < words; w++) {
            set[w] |= actions[w];
        }
    }
    return true;
}

/* One pdp__inline for a service. */
static bool
read_control(struct pdp__inline_reader *r, uint32_t control, uint32_t service,
    struct pdp__inline *out)
{
    static const char *const members[] = {"grant", "deny", NULL};
    const struct pdp__json_doc *doc = r->doc;
    uint32_t words = pdp__services(r->flow->block)[service].action_words;

    if (!pdp__inline_has_only(doc, control, members, NULL) ||
        doc->nodes[control].cnt == 0) {
        return false;
    }
    out->grant_off = pdp__slab_alloc(r->slab, words, sizeof(uint64_t));
    out->deny_off = pdp__slab_alloc(r->slab, words, sizeof(uint64_t));
    if (PDP_NEVER(out->grant_off == 0 || out->deny_off == 0)) {
        return false;
    }
    out->service = service;
    return read_roles(r, control, PDP__LIT("grant"), service, out->grant_off) &&
           read_roles(r, control, PDP__LIT("deny"), service, out->deny_off);
}

static bool
member_is(const struct pdp__json_doc *doc, uint32_t node, const char *name,
    const char *value)
{
    return pdp__str_eq(pdp__inline_text(doc, node, name), pdp__str_z(value));
}

static void
set_known(struct pdp__attr_value *attr, pdp_str_t text)
{
    *attr = (struct pdp__attr_value){PDP_ATTRIBUTE_KNOWN, text, {0, 0}};
}

/* Whether the policy is for a service, by what it says of services. */
static bool
is_for(const struct pdp__inline_reader *r, uint32_t first, uint32_t service)
{
    const struct pdp__block *block = r->flow->block;
    const struct pdp__token *token = pdp__slab_token(r->slab);
    struct pdp__attr_value attrs[PDP__ATTR_COUNT] = {0};
    struct pdp__view view = {block, (const char *)token,
        pdp__token_items(token, token->conditions),
        pdp__token_items(token, token->values)};

    set_known(&attrs[PDP__ATTR_SERVICE_TYPE], PDP__LIT("service"));
    set_known(&attrs[PDP__ATTR_SERVICE_GROUP_ID], PDP__LIT("IAM"));
    set_known(&attrs[PDP__ATTR_SERVICE_NAME],
        pdp__text(block, pdp__services(block)[service].name));
    for (uint32_t i = first; i < r->conditions; i++) {
        if (attrs[view.conditions[i].attr].state == PDP_ATTRIBUTE_KNOWN &&
            pdp__conditions_truth(&view, (struct pdp__range){i, 1}, attrs) !=
                PDP__YES) {
            return false;
        }
    }
    return true;
}

/* Whether a role has an action of a service that the policy is for. */
static bool
can_deny(const struct pdp__inline_reader *r, uint32_t first, pdp_str_t id)
{
    const struct pdp__block *block = r->flow->block;

    for (uint32_t s = 0; s < block->services.cnt; s++) {
        const uint64_t *actions =
            is_for(r, first, s) ? actions_of(r, id, s) : NULL;
        uint32_t words = pdp__services(block)[s].action_words;
        for (uint32_t w = 0; actions != NULL && w < words; w++) {
            if (actions[w] != 0) {
                return true;
            }
        }
    }
    return false;
}

/* A role that has no action there, as one of another service or account,
 * would deny nothing. */
static bool
denies_known_roles(const struct pdp__inline_reader *r, uint32_t first,
    uint32_t deny)
{
    const struct pdp__json_doc *doc = r->doc;
    uint32_t roles = pdp__json_member(doc, deny, PDP__LIT("roles"));

    PDP__JSON_EACH(doc, roles, ix)
    {
        if (!can_deny(r, first, pdp__inline_text(doc, ix, "role_id"))) {
            return false;
        }
    }
    return true;
}

/* Whether one value of a condition on the region matches one of a service. */
static bool
is_known_region(const struct pdp__inline_reader *r, struct pdp__condition c,
    uint32_t value, uint32_t service)
{
    const struct pdp__block *block = r->flow->block;
    const struct pdp__token *token = pdp__slab_token(r->slab);
    struct pdp__range regions = pdp__services(block)[service].regions;
    struct pdp__view view = {block, (const char *)token, &c,
        pdp__token_items(token, token->values)};

    if (c.op != PDP__OP_STRING_EXISTS) {
        c.values = (struct pdp__range){c.values.first + value, 1};
    }
    for (uint32_t j = 0; j < regions.cnt; j++) {
        const struct pdp__region *row = &pdp__regions(block)[regions.first + j];
        struct pdp__attr_value attrs[PDP__ATTR_COUNT] = {0};
        attrs[PDP__ATTR_REGION] = (struct pdp__attr_value){PDP_ATTRIBUTE_KNOWN,
            pdp__text(block, row->region), row->aliases};
        if (pdp__conditions_truth(&view, (struct pdp__range){0, 1}, attrs) ==
            PDP__YES) {
            return true;
        }
    }
    return regions.cnt == 0;
}

/* Whether some region of the service fits all that is said of regions. */
static bool
fits_one_region(const struct pdp__inline_reader *r, uint32_t first,
    uint32_t service)
{
    const struct pdp__block *block = r->flow->block;
    const struct pdp__token *token = pdp__slab_token(r->slab);
    struct pdp__range regions = pdp__services(block)[service].regions;
    struct pdp__view view = {block, (const char *)token,
        pdp__token_items(token, token->conditions),
        pdp__token_items(token, token->values)};

    for (uint32_t j = 0; j < regions.cnt; j++) {
        const struct pdp__region *row = &pdp__regions(block)[regions.first + j];
        struct pdp__attr_value attrs[PDP__ATTR_COUNT] = {0};
        bool all = true;
        attrs[PDP__ATTR_REGION] = (struct pdp__attr_value){PDP_ATTRIBUTE_KNOWN,
            pdp__text(block, row->region), row->aliases};
        for (uint32_t i = first; all && i < r->conditions; i++) {
            all = view.conditions[i].attr != PDP__ATTR_REGION ||
                  pdp__conditions_truth(&view, (struct pdp__range){i, 1},
                      attrs) == PDP__YES;
        }
        if (all) {
            return true;
        }
    }
    return regions.cnt == 0;
}

/* A region in a deny that the service does not have would deny nothing; nor
 * do two that no request can be in at once. */
static bool
denies_known_regions(const struct pdp__inline_reader *r, uint32_t first,
    uint32_t service)
{
    const struct pdp__token *token = pdp__slab_token(r->slab);
    const struct pdp__condition *conditions =
        pdp__token_items(token, token->conditions);

    for (uint32_t i = first; i < r->conditions; i++) {
        if (conditions[i].attr != PDP__ATTR_REGION) {
            continue;
        }
        uint32_t cnt = conditions[i].op == PDP__OP_STRING_EXISTS
                           ? 1
                           : conditions[i].values.cnt;
        for (uint32_t v = 0; v < cnt; v++) {
            if (!is_known_region(r, conditions[i], v, service)) {
                return false;
            }
        }
    }
    return fits_one_region(r, first, service);
}

bool
pdp__read_inline(struct pdp__inline_reader *r, uint32_t node,
    struct pdp__inline *out, uint32_t *cnt)
{
    const struct pdp__json_doc *doc = r->doc;
    uint32_t first = r->conditions;
    uint32_t before = *cnt;
    uint32_t id = pdp__json_member(doc, node, PDP__LIT("id"));

    if (!pdp__inline_has_only(doc, node, policy_members, informational) ||
        (id != 0 && !pdp__json_is(doc, id, PDP__JSON_STRING))) {
        return false;
    }
    if (member_is(doc, node, "state", "deleted") ||
        member_is(doc, node, "type", "authorization")) {
        return true; /* skipped, as in a file */
    }
    if (!member_is(doc, node, "type", "access") ||
        (pdp__json_member(doc, node, PDP__LIT("state")) != 0 &&
            !member_is(doc, node, "state", "active")) ||
        !pdp__inline_resource(r,
            pdp__json_member(doc, node, PDP__LIT("resource")))) {
        return false;
    }
    uint32_t control = pdp__json_member(doc, node, PDP__LIT("control"));
    uint32_t deny = pdp__json_member(doc, control, PDP__LIT("deny"));
    for (uint32_t s = 0; s < r->flow->block->services.cnt; s++) {
        if (!is_for(r, first, s)) {
            continue;
        }
        struct pdp__inline *item = &out[(*cnt)++];
        if (!read_control(r, control, s, item) ||
            (deny != 0 && !denies_known_regions(r, first, s))) {
            return false;
        }
        item->conditions = (struct pdp__range){first, r->conditions - first};
        if (id != 0) {
            item->id = pdp__slab_text(r->slab, pdp__json_text(doc, id));
        }
    }
    /* One for services that are not here denies nothing here. */
    return *cnt == before || deny == 0 || denies_known_roles(r, first, deny);
}
