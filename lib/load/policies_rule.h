/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#ifndef PDP__LOAD_POLICIES_RULE_H
#define PDP__LOAD_POLICIES_RULE_H

/*
 * The parts of the reader of one condition of a rule.
 *
 *   key        what is looked at, and how: key and operator
 *   time       its value, where it is a time
 *   condition  the condition as a whole
 */

#include "load/policies.h"

/* What the keys have in common with the operators. */
struct pdp__rule_key {
    enum pdp__family family;
    uint8_t attr; /* enum pdp__attr or pdp__environment */
};

struct pdp__rule_operation {
    const char *name;
    uint32_t families; /* of the keys it is for */
    uint8_t bound;     /* enum pdp__bound; NONE: equals */
    uint8_t strict;
};

/* The key, a string node; false if it was reported. */
bool pdp__rule_read_key(const struct pdp__doc *doc, uint32_t ix,
    struct pdp__rule_key *out);

/* The operator, one that fits the key; NULL if it was reported. */
const struct pdp__rule_operation *
pdp__rule_read_operation(const struct pdp__doc *doc,
    const struct pdp__attribute_nodes *n, const struct pdp__rule_key *key);

/* The value of a time, any node: the spans of the test.  False if it was
 * reported. */
bool pdp__rule_read_time(const struct pdp__doc *doc, uint32_t ix,
    const struct pdp__rule_key *key, const struct pdp__rule_operation *op,
    struct pdp__draft_test *test);

#endif
