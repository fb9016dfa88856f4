/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include "load/policies_rule.h"

#include "base/buf.h"
#include "text/ip.h"

/*
 * One condition of a rule -> one test.
 *
 * A text becomes a condition of one of two lists, a time stretches of
 * seconds (policies_rule_time.c); which it is, the key tells.
 */

/* Dotted quads: parts of at most 255, without leading zeros, four at most. */
static bool
check_quads(pdp_str_t pattern)
{
    uint32_t dots = 0;
    uint32_t digits = 0;
    uint32_t value = 0;
    bool good = true;

    for (size_t i = 0; i < pattern.len; i++) {
        char c = pattern.ptr[i];
        if (c >= '0' && c <= '9') {
            /* After a wildcard, a zero need not be the first digit. */
            bool leads = i == digits || pattern.ptr[i - digits - 1] == '.';
            good = good && !(leads && digits == 1 && value == 0) && digits < 3;
            value = value * 10 + (uint32_t)(c - '0');
            digits++;
            good = good && value <= 255;
            continue;
        }
        good = good && !(c == '.' && i > 0 && pattern.ptr[i - 1] == '.');
        dots += c == '.' ? 1 : 0;
        digits = 0;
        value = 0;
    }
    return good && dots <= 3;
}

/* A pattern that no spelling of RFC 5952 fits: in a denial, it would quietly
 * deny nothing.  IPv4 in IPv6 is IPv4 before it is compared. */
static bool
check_address_pattern(const struct pdp__doc *doc, uint32_t node,
    pdp_str_t pattern)
{
    bool v6 = pdp__str_find(pattern, ':', 0) < pattern.len;
    bool good = !pdp__str_starts(pattern, PDP__LIT("::ffff:"));

    for (size_t i = 0; i < pattern.len; i++) {
        char c = pattern.ptr[i];
        bool digit = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
        char next = i + 1 < pattern.len ? pattern.ptr[i + 1] : ':';
        bool begins = i == 0 || pattern.ptr[i - 1] == ':';
        bool zero =
            v6 && begins && c == '0' &&
            ((next >= '0' && next <= '9') || (next >= 'a' && next <= 'f'));
        good = good && !zero &&
               (digit || c == ':' || c == '.' || c == '*' || c == '?');
    }
    for (size_t i = 0; i + 2 < pattern.len; i++) {
        good = good && memcmp(pattern.ptr + i, ":::", 3) != 0;
    }
    /* Without a dot, the rest may be IPv6. */
    bool v4 = !v6 && pdp__str_find(pattern, '.', 0) < pattern.len;
    good = good && (!v4 || check_quads(pattern));
    if (!good) {
        PDP__DOC_ADD(doc, BAD_VALUE, node,
            "small letters, no leading zeros, and IPv4 as 10.0.0.*",
            "no address is written so that \"%.*s\" matches it",
            PDP__ARG(pattern));
    }
    return good;
}

/* Decisions compare addresses in one spelling; another one never matches. */
static bool
check_addresses(const struct pdp__doc *doc,
    const struct pdp__draft_condition *c)
{
    char hint[PDP__IP_TEXT_CAP + 16];
    char text[PDP__IP_TEXT_CAP];
    bool good = true;

    if (c->op == PDP__OP_STRING_EXISTS) {
        return true;
    }
    for (uint32_t i = 0; i < c->cnt; i++) {
        struct pdp__ip ip;
        bool wild = pdp__str_find(c->values[i], '*', 0) < c->values[i].len ||
                    pdp__str_find(c->values[i], '?', 0) < c->values[i].len;
        if (wild && (c->op == PDP__OP_STRING_MATCH ||
                        c->op == PDP__OP_STRING_MATCH_ANY_OF)) {
            good = check_address_pattern(doc, c->node, c->values[i]) && good;
            continue;
        }
        if (!pdp__ip_parse(c->values[i], &ip)) {
            PDP__DOC_ADD(doc, BAD_VALUE, c->node,
                "several addresses are a pattern, with stringMatch",
                "\"%.*s\" is not an address", PDP__ARG(c->values[i]));
            good = false;
            continue;
        }
        pdp_str_t wanted = pdp__ip_render(&ip, text);
        if (!pdp__str_eq(wanted, c->values[i])) {
            struct pdp__buf buf = pdp__buf(hint, sizeof(hint) - 1);
            pdp__buf_z(&buf, "write ");
            pdp__buf_str(&buf, wanted);
            hint[buf.len] = '\0';
            PDP__DOC_ADD(doc, BAD_VALUE, c->node, hint,
                "\"%.*s\" is not how the address is compared",
                PDP__ARG(c->values[i]));
            good = false;
        }
    }
    return good;
}

/* A text: the condition goes to one of two lists. */
static bool
read_text(const struct pdp__doc *doc, const struct pdp__attribute_nodes *n,
    const struct pdp__rule_key *key, struct pdp__draft_rule *rule,
    struct pdp__draft_test *test)
{
    static const char *const allowed[] = {"stringEquals", "stringEqualsAnyOf",
        "stringExists", "stringMatch", "stringMatchAnyOf", NULL};
    bool resource = key->family == PDP__FAMILY_RESOURCE;
    struct pdp__draft_list *list =
        resource ? &rule->resources : &rule->environment;

    test->topic = resource ? PDP__TOPIC_RESOURCE : PDP__TOPIC_ENVIRONMENT;
    test->condition = list->cnt;
    return pdp__policy_condition(doc, n, allowed, key->attr, list) &&
           (resource || key->attr != PDP__ENV_IP_ADDRESS ||
               check_addresses(doc, &list->items[list->cnt - 1]));
}

bool
pdp__rule_condition(const struct pdp__doc *doc, uint32_t ix,
    struct pdp__draft_rule *rule)
{
    struct pdp__draft_test *test = &rule->tests[rule->test_cnt];
    struct pdp__attribute_nodes n = {0, 0, 0};
    struct pdp__rule_key key;
    bool good = false;

    if (!pdp__policy_attribute(doc, ix, false, &n) ||
        !pdp__rule_read_key(doc, n.key, &key)) {
        return false;
    }
    const struct pdp__rule_operation *op =
        pdp__rule_read_operation(doc, &n, &key);
    if (op == NULL) {
        return false;
    }
    memset(test, 0, sizeof(*test));
    test->topic = PDP__TOPIC_TIME;
    test->key = n.key;
    test->op = n.op;
    test->value = n.value;
    if (key.family == PDP__FAMILY_RESOURCE ||
        key.family == PDP__FAMILY_ENVIRONMENT) {
        good = read_text(doc, &n, &key, rule, test);
    } else {
        good = pdp__rule_read_time(doc, n.value, &key, op, test);
    }
    rule->families |= (uint32_t)key.family;
    rule->test_cnt += good ? 1 : 0;
    return good;
}
