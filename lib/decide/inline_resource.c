/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
/*
 * The attributes of an inline policy -> conditions of the token's record.
 *
 * The same operators and shapes as in files (load/policies_conditions.c); a
 * file gets a finding for what is wrong, a token is refused.
 */

#include "decide/inline_policy.h"

#include "text/glob.h"

/* Appends a value to the condition; the text is copied into the record. */
static bool
add_value(struct pdp__inline_reader *r, struct pdp__condition *condition,
    pdp_str_t value)
{
    struct pdp__token *token = pdp__slab_token(r->slab);
    bool pattern = condition->op == PDP__OP_STRING_MATCH ||
                   condition->op == PDP__OP_STRING_MATCH_ANY_OF;
    size_t offset;

    if (value.len == 0 || value.len > PDP__POLICY_VALUE_MAX ||
        (pattern && !pdp__glob_check(value, &offset))) {
        return false;
    }
    uint32_t off = pdp__slab_alloc(r->slab, (uint32_t)value.len, 1);
    if (PDP_NEVER(off == 0)) {
        return false;
    }
    memcpy(r->slab->base + off, value.ptr, value.len);
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
    case PDP__JSON_FALSE:
        if (condition->op != PDP__OP_STRING_EQUALS) {
            return false;
        }
        return add_value(r, condition,
            r->doc->nodes[node].type == PDP__JSON_TRUE ? PDP__LIT("true")
                                                       : PDP__LIT("false"));
    default:
        return false;
    }
}

/* The operator decides which type the value must have; an absent one (node
 * 0, the root) is an object, which none takes. */
static bool
read_values(struct pdp__inline_reader *r, struct pdp__condition *condition,
    uint32_t node)
{
    const struct pdp__json *value = &r->doc->nodes[node];
    enum pdp__operator op = (enum pdp__operator)condition->op;

    condition->values.first = r->values;
    if (op == PDP__OP_STRING_EXISTS) {
        condition->wanted = value->type == PDP__JSON_TRUE;
        return value->type == PDP__JSON_TRUE || value->type == PDP__JSON_FALSE;
    }
    if (op == PDP__OP_STRING_EQUALS || op == PDP__OP_STRING_MATCH) {
        return add_scalar(r, condition, node);
    }
    if ((op != PDP__OP_STRING_EQUALS_ANY_OF &&
            op != PDP__OP_STRING_MATCH_ANY_OF) ||
        value->type != PDP__JSON_ARRAY || value->cnt == 0 ||
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
}

/* {key, operator, value}, each once (the JSON reader saw to that). */
static bool
read_attribute(struct pdp__inline_reader *r, uint32_t node)
{
    const struct pdp__json_doc *doc = r->doc;
    struct pdp__token *token = pdp__slab_token(r->slab);

    pdp_str_t key = pdp__inline_text(doc, node, "key");
    pdp_str_t op = pdp__inline_text(doc, node, "operator");
    uint32_t value = pdp__json_member(doc, node, PDP__LIT("value"));

    /* An attribute of four nodes: the record has room for no smaller ones. */
    if (doc->nodes[node].cnt != 3 || !pdp__attr_name_check(key)) {
        return false;
    }
    struct pdp__condition *conditions =
        (void *)(r->slab->base + token->conditions.off);
    struct pdp__condition *condition = &conditions[r->conditions++];
    condition->attr = (uint8_t)pdp__attr_find(key);
    condition->op = (uint8_t)pdp__operator_find(op);
    condition->name = pdp__slab_text(r->slab, key);
    if (!read_values(r, condition, value)) {
        return false;
    }
    /* A policy for another account has no business in this token. */
    if (condition->attr == PDP__ATTR_ACCOUNT_ID) {
        return condition->op == PDP__OP_STRING_EQUALS &&
               pdp__str_eq(pdp__inline_account(r), pdp__json_text(doc, value));
    }
    return true;
}

bool
pdp__inline_resource(struct pdp__inline_reader *r, uint32_t node)
{
    static const char *const members[] = {"attributes", "tags", NULL};
    const struct pdp__json_doc *doc = r->doc;

    if (!pdp__inline_has_only(doc, node, members, NULL)) {
        return false;
    }
    uint32_t list = pdp__json_member(doc, node, PDP__LIT("attributes"));
    uint32_t tags = pdp__json_member(doc, node, PDP__LIT("tags"));
    if (tags != 0 && (!pdp__json_is(doc, tags, PDP__JSON_ARRAY) ||
                         doc->nodes[tags].cnt > 0)) {
        return false;
    }
    if (!pdp__json_is(doc, list, PDP__JSON_ARRAY) ||
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
