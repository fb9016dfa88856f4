/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include "load/policies.h"

#include "text/glob.h"

/*
 * One attribute of a policy -> one condition.
 *
 * A condition that is dropped because its operator or value is not
 * understood makes a policy wider than it says.  So either is an error, and
 * the loader then builds nothing.
 *
 * Values: strings; booleans become "true" and "false" as in IAM itself;
 * stringExists takes a boolean; the operators that end in AnyOf take arrays
 * of 1 to 10.  Values have 1 to 1000 bytes.  Patterns are checked here, so
 * that none can fail while deciding.
 */

static bool
is_pattern(enum pdp__operator op)
{
    return op == PDP__OP_STRING_MATCH || op == PDP__OP_STRING_MATCH_ANY_OF;
}

/* One value of a condition; false if it was reported. */
static bool
add_value(const struct pdp__doc *doc, uint32_t ix, pdp_str_t value,
    struct pdp__draft_condition *out)
{
    size_t offset = 0;

    if (value.len == 0) {
        PDP__DOC_ADD(doc, BAD_VALUE, ix,
            "leave the attribute out if it may have any value",
            "an empty value matches nothing");
        return false;
    }
    if (value.len > PDP__POLICY_VALUE_MAX) {
        PDP__DOC_ADD(doc, LIMIT, ix, NULL, "a value of more than %d bytes",
            (int)PDP__POLICY_VALUE_MAX);
        return false;
    }
    if (is_pattern((enum pdp__operator)out->op) &&
        !pdp__glob_check(value, &offset)) {
        pdp__report_add(doc->report, PDP__CODE_BAD_VALUE,
            pdp__doc_place_text(doc, ix, offset),
            "a literal star is {{*}}, a literal question mark {{?}}",
            "malformed pattern \"%.*s\"", PDP__ARG(value));
        return false;
    }
    out->values[out->cnt++] = value;
    return true;
}

bool
pdp__policy_values(const struct pdp__doc *doc, uint32_t ix)
{
    uint32_t cnt = doc->json.nodes[ix].cnt;

    if (!pdp__doc_is(doc, ix, PDP__JSON_ARRAY)) {
        return false;
    }
    if (cnt == 0) {
        PDP__DOC_ADD(doc, EMPTY, ix, NULL, "an operator without values");
        return false;
    }
    if (cnt > PDP__POLICY_VALUES_MAX) {
        PDP__DOC_ADD(doc, LIMIT, ix, NULL, "more than %d values",
            (int)PDP__POLICY_VALUES_MAX);
        return false;
    }
    return true;
}

static bool
read_values(const struct pdp__doc *doc, uint32_t ix,
    struct pdp__draft_condition *out)
{
    bool good = true;

    if (!pdp__policy_values(doc, ix)) {
        return false;
    }
    PDP__JSON_EACH(&doc->json, ix, item)
    {
        good = pdp__doc_is(doc, item, PDP__JSON_STRING) &&
               add_value(doc, item, pdp__doc_text(doc, item), out) && good;
    }
    return good;
}

/* The value as the operator wants it; false if it was reported. */
static bool
read_value(const struct pdp__doc *doc, uint32_t ix,
    struct pdp__draft_condition *out)
{
    int type = doc->json.nodes[ix].type;

    switch ((enum pdp__operator)out->op) {
    case PDP__OP_STRING_EXISTS:
        out->wanted = type == PDP__JSON_TRUE;
        return pdp__doc_is(doc, ix, PDP__JSON_TRUE);
    case PDP__OP_STRING_EQUALS:
        if (type == PDP__JSON_TRUE || type == PDP__JSON_FALSE) {
            return add_value(doc, ix,
                type == PDP__JSON_TRUE ? PDP__LIT("true") : PDP__LIT("false"),
                out);
        }
        break;
    case PDP__OP_STRING_MATCH:
        break;
    case PDP__OP_STRING_EQUALS_ANY_OF:
    case PDP__OP_STRING_MATCH_ANY_OF:
        return read_values(doc, ix, out);
    case PDP__OP_NONE:
    case PDP__OP_COUNT:
        return false;
    }
    return pdp__doc_is(doc, ix, PDP__JSON_STRING) &&
           add_value(doc, ix, pdp__doc_text(doc, ix), out);
}

static bool
read_operator(const struct pdp__doc *doc, uint32_t ix,
    const char *const *allowed, struct pdp__draft_condition *out)
{
    char hint[PDP__HINT_CAP];
    /* Only the v1 form may leave it out. */
    pdp_str_t name =
        ix == 0 ? PDP__LIT("stringEquals") : pdp__doc_text(doc, ix);

    for (size_t i = 0; allowed[i] != NULL; i++) {
        if (pdp__str_eq(name, pdp__str_z(allowed[i]))) {
            out->op = (uint8_t)pdp__operator_find(name);
            return true;
        }
    }
    bool elsewhere = pdp__operator_find(name) != PDP__OP_NONE;
    bool exists = strcmp(allowed[1], "stringExists") == 0;
    PDP__DOC_ADD(doc, UNKNOWN_OPERATOR, ix,
        elsewhere ? exists ? "a subject has stringEquals and stringExists only"
                           : "this form has stringEquals and stringMatch only"
                  : pdp__hint_name(hint, sizeof(hint), name, allowed),
        elsewhere ? "operator \"%.*s\" cannot be used here"
                  : "operator \"%.*s\" does not exist",
        PDP__ARG(name));
    return false;
}

bool
pdp__policy_attribute(const struct pdp__doc *doc, uint32_t ix, bool v1,
    struct pdp__attribute_nodes *n)
{
    const struct pdp__member members[] = {
        {v1 ? "name" : "key", true, PDP__JSON_STRING, &n->key},
        {"operator", !v1, PDP__JSON_STRING, &n->op},
        {"value", true, -1, &n->value},
    };
    bool good = pdp__doc_object(doc, ix, members, 3, NULL);
    /* An operator of another type is none that was left out. */
    bool given = pdp__json_member(&doc->json, ix, PDP__LIT("operator")) != 0;

    return good && n->key != 0 && (n->op != 0 || !given) && n->value != 0;
}

bool
pdp__policy_condition(const struct pdp__doc *doc,
    const struct pdp__attribute_nodes *n, const char *const *allowed,
    uint8_t attr, struct pdp__draft_list *list)
{
    struct pdp__draft_condition *out = &list->items[list->cnt];

    *out = (struct pdp__draft_condition){.attr = attr,
        .node = n->value,
        .name = pdp__doc_text(doc, n->key)};
    if (!read_operator(doc, n->op, allowed, out) ||
        !read_value(doc, n->value, out)) {
        return false;
    }
    list->cnt++;
    return true;
}

bool
pdp__policy_accepts(const struct pdp__draft_condition *c, pdp_str_t value)
{
    bool pattern = is_pattern((enum pdp__operator)c->op);

    for (uint32_t i = 0; i < c->cnt; i++) {
        if (pattern ? pdp__glob_match(c->values[i], value)
                    : pdp__str_eq(c->values[i], value)) {
            return true;
        }
    }
    return c->op == PDP__OP_STRING_EXISTS && c->wanted != 0;
}

bool
pdp__policy_attributes(const struct pdp__doc *doc, uint32_t ix,
    const char *what)
{
    uint32_t cnt = doc->json.nodes[ix].cnt;

    if (cnt == 0) {
        PDP__DOC_ADD(doc, EMPTY, ix, NULL, "a %s without attributes", what);
        return false;
    }
    if (cnt > PDP__POLICY_ATTRIBUTES_MAX) {
        PDP__DOC_ADD(doc, LIMIT, ix, NULL, "more than %d attributes",
            (int)PDP__POLICY_ATTRIBUTES_MAX);
        return false;
    }
    return true;
}
