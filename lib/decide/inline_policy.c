/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
/*
 * An inline policy: a policy in the form of pdp-policies(5), without a
 * subject, inside a token.
 *
 * It is read on the deciding side, from claims whose signature is good, and
 * compiled into the token's record.  Whatever is not understood refuses the
 * token: an operator, a member or a condition left out would widen a grant,
 * a role left out would weaken a deny.
 */

#include "decide/inline_policy.h"

#include "text/glob.h"

/* Members of a policy that carry information only. */
static const char *const ignored_members[] = {"id", "description", "href",
    "created_at", "created_by_id", "last_modified_at", "last_modified_by_id",
    "last_permit_at", "last_permit_frequency", "template"};

static bool
is_ignored(pdp_str_t name)
{
    for (size_t i = 0; i < sizeof(ignored_members) / sizeof(ignored_members[0]);
         i++) {
        if (pdp__str_eq(name, pdp__str_z(ignored_members[i]))) {
            return true;
        }
    }
    return false;
}

/* The canonical name of a region that a policy names by an older alias, as
 * the loader does for policies in files. */
static pdp_str_t
region_name(const struct pdp__block *block, pdp_str_t name)
{
    for (uint32_t i = 0; i < block->regions.cnt; i++) {
        const struct pdp__region *region = &pdp__regions(block)[i];
        const struct pdp__text *aliases =
            &pdp__texts(block)[region->aliases.first];
        for (uint32_t j = 0; j < region->aliases.cnt; j++) {
            if (pdp__str_eq(pdp__text(block, aliases[j]), name)) {
                return pdp__text(block, region->region);
            }
        }
    }
    return name;
}

/* The account of the token: from its claim, or fixed by its issuer. */
static pdp_str_t
token_account(const struct pdp__inline_reader *r)
{
    const struct pdp__block *block = r->flow->block;
    const struct pdp__token *token = pdp__slab_token(r->slab);
    pdp_str_t fixed =
        pdp__text(block, pdp__issuers(block)[token->issuer].account);

    return fixed.ptr != NULL ? fixed : pdp__token_text(token, token->account);
}

/* Appends a value to the condition; the text is copied into the record. */
static bool
add_value(struct pdp__inline_reader *r, struct pdp__condition *condition,
    pdp_str_t value)
{
    struct pdp__token *token = pdp__slab_token(r->slab);
    bool pattern = condition->op == PDP__OP_STRING_MATCH ||
                   condition->op == PDP__OP_STRING_MATCH_ANY_OF;
    size_t offset;

    if (value.len > PDP__POLICY_VALUE_MAX ||
        (pattern && !pdp__glob_check(value, &offset))) {
        return false;
    }
    if (condition->attr == PDP__ATTR_REGION && !pattern) {
        value = region_name(r->flow->block, value);
    }
    /* One byte more, so that an empty value has an offset, too. */
    uint32_t off = pdp__slab_alloc(r->slab, (uint32_t)value.len + 1, 1);
    if (off == 0) {
        return false;
    }
    if (value.len > 0) {
        memcpy(r->slab->base + off, value.ptr, value.len);
    }
    struct pdp__text *values = (void *)(r->slab->base + token->values.off);
    values[r->values++] = (struct pdp__text){off, (uint32_t)value.len};
    condition->values.cnt++;
    return true;
}

/* A string, or a boolean turned into one (IBM does so for stringEquals). */
static bool
add_scalar(struct pdp__inline_reader *r, struct pdp__condition *condition,
    uint32_t node)
{
    switch (r->doc->nodes[node].type) {
    case PDP__JSON_STRING:
        return add_value(r, condition, pdp__json_text(r->doc, node));
    case PDP__JSON_TRUE:
        return condition->op == PDP__OP_STRING_EQUALS &&
               add_value(r, condition, PDP__LIT("true"));
    case PDP__JSON_FALSE:
        return condition->op == PDP__OP_STRING_EQUALS &&
               add_value(r, condition, PDP__LIT("false"));
    default:
        return false;
    }
}

static bool
read_values(struct pdp__inline_reader *r, struct pdp__condition *condition,
    uint32_t node)
{
    const struct pdp__json *value = &r->doc->nodes[node];

    condition->values.first = r->values;
    switch ((enum pdp__operator)condition->op) {
    case PDP__OP_STRING_EXISTS:
        condition->wanted = value->type == PDP__JSON_TRUE;
        return value->type == PDP__JSON_TRUE || value->type == PDP__JSON_FALSE;
    case PDP__OP_STRING_EQUALS:
    case PDP__OP_STRING_MATCH:
        return add_scalar(r, condition, node);
    case PDP__OP_STRING_EQUALS_ANY_OF:
    case PDP__OP_STRING_MATCH_ANY_OF:
        if (value->type != PDP__JSON_ARRAY || value->cnt == 0 ||
            value->cnt > PDP__POLICY_VALUES_MAX) {
            return false;
        }
        PDP__JSON_EACH(r->doc, node, ix)
        {
            if (!add_scalar(r, condition, ix)) {
                return false;
            }
        }
        return true;
    case PDP__OP_NONE:
    case PDP__OP_COUNT:
        break;
    }
    return false;
}

/* {key, operator, value}, each once (the JSON reader saw to that). */
static bool
read_attribute(struct pdp__inline_reader *r, uint32_t node)
{
    const struct pdp__json_doc *doc = r->doc;
    struct pdp__token *token = pdp__slab_token(r->slab);

    if (!pdp__json_is(doc, node, PDP__JSON_OBJECT) ||
        doc->nodes[node].cnt != 3) {
        return false;
    }
    uint32_t key = pdp__json_member(doc, node, PDP__LIT("key"));
    uint32_t op = pdp__json_member(doc, node, PDP__LIT("operator"));
    uint32_t value = pdp__json_member(doc, node, PDP__LIT("value"));
    if (key == 0 || op == 0 || value == 0 ||
        !pdp__json_is(doc, key, PDP__JSON_STRING) ||
        !pdp__json_is(doc, op, PDP__JSON_STRING) ||
        !pdp__attr_name_check(pdp__json_text(doc, key))) {
        return false;
    }
    struct pdp__condition *conditions =
        (void *)(r->slab->base + token->conditions.off);
    struct pdp__condition *condition = &conditions[r->conditions++];
    condition->attr = (uint8_t)pdp__attr_find(pdp__json_text(doc, key));
    condition->op = (uint8_t)pdp__operator_find(pdp__json_text(doc, op));
    if (!read_values(r, condition, value)) {
        return false;
    }
    /* A policy for another account has no business in this token. */
    if (condition->attr == PDP__ATTR_ACCOUNT_ID) {
        return condition->op == PDP__OP_STRING_EQUALS &&
               pdp__str_eq(token_account(r), pdp__json_text(doc, value));
    }
    return true;
}

/* {"attributes": [...]} */
static bool
read_resource(struct pdp__inline_reader *r, uint32_t node)
{
    const struct pdp__json_doc *doc = r->doc;

    if (node == 0 || !pdp__json_is(doc, node, PDP__JSON_OBJECT) ||
        doc->nodes[node].cnt != 1) {
        return false;
    }
    uint32_t list = pdp__json_member(doc, node, PDP__LIT("attributes"));
    if (list == 0 || !pdp__json_is(doc, list, PDP__JSON_ARRAY) ||
        doc->nodes[list].cnt > PDP__POLICY_ATTRIBUTES_MAX) {
        return false;
    }
    uint32_t first = r->conditions;
    PDP__JSON_EACH(doc, list, ix)
    {
        if (!read_attribute(r, ix)) {
            return false;
        }
    }
    /* A policy says what it is for, or it would be for everything. */
    const struct pdp__token *token = pdp__slab_token(r->slab);
    const struct pdp__condition *conditions =
        pdp__token_items(token, token->conditions);
    for (uint32_t i = first; i < r->conditions; i++) {
        if (conditions[i].attr == PDP__ATTR_SERVICE_TYPE ||
            conditions[i].attr == PDP__ATTR_SERVICE_NAME ||
            conditions[i].attr == PDP__ATTR_SERVICE_GROUP_ID ||
            conditions[i].attr == PDP__ATTR_RESOURCE_GROUP_ID) {
            return true;
        }
    }
    return false;
}

/*
 * Adds the actions of the roles under control.grant or control.deny to a
 * set of a service.  A role that nobody knows grants nothing; in a deny it
 * is an error, since dropping it would allow.
 */
static bool
read_roles(struct pdp__inline_reader *r, uint32_t control, pdp_str_t member,
    uint32_t service, uint32_t set_off)
{
    const struct pdp__json_doc *doc = r->doc;
    const struct pdp__block *block = r->flow->block;
    bool deny = pdp__str_eq(member, PDP__LIT("deny"));
    uint32_t node = pdp__json_member(doc, control, member);

    if (node == 0) {
        return true;
    }
    uint32_t roles = !pdp__json_is(doc, node, PDP__JSON_OBJECT)
                         ? 0
                         : pdp__json_member(doc, node, PDP__LIT("roles"));
    if (roles == 0 || doc->nodes[node].cnt != 1 ||
        !pdp__json_is(doc, roles, PDP__JSON_ARRAY)) {
        return false;
    }
    uint64_t *set = (void *)(r->slab->base + set_off);
    PDP__JSON_EACH(doc, roles, ix)
    {
        uint32_t id = !pdp__json_is(doc, ix, PDP__JSON_OBJECT)
                          ? 0
                          : pdp__json_member(doc, ix, PDP__LIT("role_id"));
        if (id == 0 || !pdp__json_is(doc, id, PDP__JSON_STRING)) {
            return false;
        }
        uint32_t role_id = pdp__find_role_id(block, pdp__json_text(doc, id));
        uint32_t role = role_id == PDP__NONE
                            ? PDP__NONE
                            : pdp__role_of(block, role_id, service);
        if (role_id == PDP__NONE && deny) {
            return false;
        }
        if (role == PDP__NONE) {
            continue;
        }
        /* A custom role holds in its own account only. */
        pdp_str_t account = pdp__text(block, pdp__roles(block)[role].account);
        if (account.ptr != NULL && !pdp__str_eq(account, token_account(r))) {
            if (deny) {
                return false;
            }
            continue;
        }
        for (uint32_t w = 0; w < pdp__services(block)[service].action_words;
             w++) {
            set[w] |= pdp__words(block)[pdp__roles(block)[role].words + w];
        }
    }
    return true;
}

/* One pdp__inline for a service. */
static bool
read_control(struct pdp__inline_reader *r, uint32_t control, uint32_t service,
    struct pdp__inline *out)
{
    const struct pdp__json_doc *doc = r->doc;
    uint32_t words = pdp__services(r->flow->block)[service].action_words;

    if (control == 0 || !pdp__json_is(doc, control, PDP__JSON_OBJECT) ||
        doc->nodes[control].cnt == 0) {
        return false;
    }
    PDP__JSON_EACH(doc, control, ix)
    {
        pdp_str_t name = pdp__json_key(doc, ix);
        if (!pdp__str_eq(name, PDP__LIT("grant")) &&
            !pdp__str_eq(name, PDP__LIT("deny"))) {
            return false;
        }
    }
    out->grant_off = pdp__slab_alloc(r->slab, words, sizeof(uint64_t));
    out->deny_off = pdp__slab_alloc(r->slab, words, sizeof(uint64_t));
    out->service = service;
    return out->grant_off != 0 && out->deny_off != 0 &&
           read_roles(r, control, PDP__LIT("grant"), service, out->grant_off) &&
           read_roles(r, control, PDP__LIT("deny"), service, out->deny_off);
}

/* False also for members that would change what the policy means. */
static bool
check_members(const struct pdp__json_doc *doc, uint32_t node)
{
    PDP__JSON_EACH(doc, node, ix)
    {
        pdp_str_t name = pdp__json_key(doc, ix);
        if (!is_ignored(name) && !pdp__str_eq(name, PDP__LIT("type")) &&
            !pdp__str_eq(name, PDP__LIT("state")) &&
            !pdp__str_eq(name, PDP__LIT("resource")) &&
            !pdp__str_eq(name, PDP__LIT("control"))) {
            return false;
        }
    }
    return true;
}

static bool
member_is(const struct pdp__json_doc *doc, uint32_t node, const char *name,
    const char *value)
{
    uint32_t ix = pdp__json_member(doc, node, pdp__str_z(name));

    return ix != 0 && pdp__json_is(doc, ix, PDP__JSON_STRING) &&
           pdp__str_eq(pdp__json_text(doc, ix), pdp__str_z(value));
}

bool
pdp__read_inline(struct pdp__inline_reader *r, uint32_t node,
    struct pdp__inline *out, uint32_t *cnt)
{
    const struct pdp__json_doc *doc = r->doc;
    uint32_t first = r->conditions;

    if (!check_members(doc, node)) {
        return false;
    }
    if (member_is(doc, node, "state", "deleted")) {
        return true;
    }
    if (!member_is(doc, node, "type", "access") ||
        (pdp__json_member(doc, node, PDP__LIT("state")) != 0 &&
            !member_is(doc, node, "state", "active")) ||
        !read_resource(r, pdp__json_member(doc, node, PDP__LIT("resource")))) {
        return false;
    }
    uint32_t id = pdp__json_member(doc, node, PDP__LIT("id"));
    uint32_t control = pdp__json_member(doc, node, PDP__LIT("control"));
    for (uint32_t s = 0; s < r->flow->block->services.cnt; s++) {
        struct pdp__inline *item = &out[(*cnt)++];
        if (!read_control(r, control, s, item)) {
            return false;
        }
        item->conditions = (struct pdp__range){first, r->conditions - first};
        if (id != 0 && pdp__json_is(doc, id, PDP__JSON_STRING)) {
            item->id = pdp__slab_text(r->slab, pdp__json_text(doc, id));
        }
    }
    return true;
}
