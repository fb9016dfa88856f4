/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include "load/policies_rule.h"

/*
 * Key and operator of a condition.
 *
 * A key says what is looked at, and the operator must be one for that: a
 * time of day compared as an instant would mean something, and not what the
 * author meant.
 */

enum { TEXTS = PDP__FAMILY_RESOURCE | PDP__FAMILY_ENVIRONMENT };

static const struct pdp__rule_operation operations[] = {
    {"timeLessThan", PDP__FAMILY_TIME, PDP__BOUND_TO, 1},
    {"timeLessThanOrEquals", PDP__FAMILY_TIME, PDP__BOUND_TO, 0},
    {"timeGreaterThan", PDP__FAMILY_TIME, PDP__BOUND_FROM, 1},
    {"timeGreaterThanOrEquals", PDP__FAMILY_TIME, PDP__BOUND_FROM, 0},
    {"dateLessThan", PDP__FAMILY_DATE, PDP__BOUND_TO, 1},
    {"dateLessThanOrEquals", PDP__FAMILY_DATE, PDP__BOUND_TO, 0},
    {"dateGreaterThan", PDP__FAMILY_DATE, PDP__BOUND_FROM, 1},
    {"dateGreaterThanOrEquals", PDP__FAMILY_DATE, PDP__BOUND_FROM, 0},
    {"dateTimeLessThan", PDP__FAMILY_DATE_TIME, PDP__BOUND_TO, 1},
    {"dateTimeLessThanOrEquals", PDP__FAMILY_DATE_TIME, PDP__BOUND_TO, 0},
    {"dateTimeGreaterThan", PDP__FAMILY_DATE_TIME, PDP__BOUND_FROM, 1},
    {"dateTimeGreaterThanOrEquals", PDP__FAMILY_DATE_TIME, PDP__BOUND_FROM, 0},
    {"dayOfWeekEquals", PDP__FAMILY_DAY, PDP__BOUND_NONE, 0},
    {"dayOfWeekAnyOf", PDP__FAMILY_DAY, PDP__BOUND_NONE, 1},
    {"stringEquals", TEXTS, PDP__BOUND_NONE, 0},
    {"stringEqualsAnyOf", TEXTS, PDP__BOUND_NONE, 0},
    {"stringExists", TEXTS, PDP__BOUND_NONE, 0},
    {"stringMatch", TEXTS, PDP__BOUND_NONE, 0},
    {"stringMatchAnyOf", TEXTS, PDP__BOUND_NONE, 0},
};

enum { OPERATIONS = sizeof(operations) / sizeof(operations[0]) };

/* The text between prefix and `}}`; {NULL, 0}: it is not of this form. */
static pdp_str_t
inside(pdp_str_t key, pdp_str_t prefix)
{
    if (!pdp__str_starts(key, prefix) || key.len < prefix.len + 2 ||
        memcmp(key.ptr + key.len - 2, "}}", 2) != 0) {
        return (pdp_str_t){NULL, 0};
    }
    return pdp__str(key.ptr + prefix.len, key.len - prefix.len - 2);
}

static enum pdp__family
clock_family(pdp_str_t name)
{
    if (pdp__str_eq(name, PDP__LIT("current_time"))) {
        return PDP__FAMILY_TIME;
    }
    if (pdp__str_eq(name, PDP__LIT("current_date"))) {
        return PDP__FAMILY_DATE;
    }
    if (pdp__str_eq(name, PDP__LIT("current_date_time"))) {
        return PDP__FAMILY_DATE_TIME;
    }
    return pdp__str_eq(name, PDP__LIT("day_of_week")) ? PDP__FAMILY_DAY
                                                      : PDP__FAMILY_NONE;
}

/* An attribute that no request has: it stays open, which is understood. */
static void
note_foreign(const struct pdp__doc *doc, uint32_t ix, pdp_str_t name,
    bool resource)
{
    static const char *const environments[] = {"day_of_week", "current_time",
        "current_date", "current_date_time", "ip_address", "endpoint_type",
        NULL};
    static const char *const resources[] = {"serviceType", "service_group_id",
        "serviceName", "accountId", "geography", "region", "resourceType",
        "resource", "resourceGroupId", "serviceInstance", NULL};
    char hint[PDP__HINT_CAP];

    PDP__DOC_ADD(doc, FOREIGN_ATTRIBUTE, ix,
        pdp__hint_name(hint, sizeof(hint), name,
            resource ? resources : environments),
        "no request has the %s attribute \"%.*s\": a grant with it never "
        "applies, a denial always",
        resource ? "resource" : "environment", PDP__ARG(name));
}

bool
pdp__rule_read_key(const struct pdp__doc *doc, uint32_t ix,
    struct pdp__rule_key *out)
{
    pdp_str_t key = pdp__doc_text(doc, ix);
    pdp_str_t name = inside(key, PDP__LIT("{{environment.attributes."));
    bool resource = name.ptr == NULL;

    if (resource) {
        name = inside(key, PDP__LIT("{{resource.attributes."));
    }
    if (name.ptr == NULL || !pdp__attr_name_check(name)) {
        PDP__DOC_ADD(doc, BAD_VALUE, ix,
            "{{environment.attributes.NAME}} or {{resource.attributes.NAME}}",
            "\"%.*s\" is not the key of a condition", PDP__ARG(key));
        return false;
    }
    if (resource) {
        *out = (struct pdp__rule_key){PDP__FAMILY_RESOURCE,
            (uint8_t)pdp__attr_find(name)};
    } else if (clock_family(name) != PDP__FAMILY_NONE) {
        *out = (struct pdp__rule_key){clock_family(name), 0};
        return true;
    } else {
        *out = (struct pdp__rule_key){PDP__FAMILY_ENVIRONMENT,
            (uint8_t)pdp__environment_find(name)};
    }
    if (out->attr == 0) {
        note_foreign(doc, ix, name, resource);
    }
    return true;
}

/* The key that an operator is for, where that is one only. */
static const char *
key_hint(pdp_str_t operation)
{
    if (pdp__str_starts(operation, PDP__LIT("dateTime"))) {
        return "its key is {{environment.attributes.current_date_time}}";
    }
    if (pdp__str_starts(operation, PDP__LIT("date"))) {
        return "its key is {{environment.attributes.current_date}}";
    }
    if (pdp__str_starts(operation, PDP__LIT("time"))) {
        return "its key is {{environment.attributes.current_time}}";
    }
    return pdp__str_starts(operation, PDP__LIT("dayOfWeek"))
               ? "its key is {{environment.attributes.day_of_week}}"
               : NULL;
}

const struct pdp__rule_operation *
pdp__rule_read_operation(const struct pdp__doc *doc,
    const struct pdp__attribute_nodes *n, const struct pdp__rule_key *key)
{
    const char *names[OPERATIONS + 1];
    char hint[PDP__HINT_CAP];
    pdp_str_t name = pdp__doc_text(doc, n->op);
    size_t cnt = 0;
    bool known = false;

    for (size_t i = 0; i < OPERATIONS; i++) {
        const struct pdp__rule_operation *op = &operations[i];
        bool fits = (op->families & (uint32_t)key->family) != 0;
        bool same = pdp__str_eq(name, pdp__str_z(op->name));
        if (same && fits) {
            return op;
        }
        known = known || same;
        if (fits) {
            names[cnt++] = op->name;
        }
    }
    names[cnt] = NULL;
    const char *near = pdp__hint_name(hint, sizeof(hint), name, names);
    if (known) {
        near = near == NULL ? key_hint(name) : near;
        PDP__DOC_ADD(doc, UNKNOWN_OPERATOR, n->op, near,
            "operator \"%.*s\" cannot be used with %.*s", PDP__ARG(name),
            PDP__ARG(pdp__doc_text(doc, n->key)));
    } else {
        PDP__DOC_ADD(doc, UNKNOWN_OPERATOR, n->op, near,
            "operator \"%.*s\" does not exist", PDP__ARG(name));
    }
    return NULL;
}
