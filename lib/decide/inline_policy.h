/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#ifndef PDP__DECIDE_INLINE_POLICY_H
#define PDP__DECIDE_INLINE_POLICY_H

/* Inline policies of the claim `policies`, compiled into the record. */

#include "decide/flow.h"

struct pdp__inline_reader {
    struct pdp__flow *flow;
    const struct pdp__json_doc *doc;
    struct pdp__slab *slab;
    uint32_t conditions; /* used so far, of the record's */
    uint32_t values;     /* likewise */
};

/* Whether node is an object with no other members than these (more may be
 * NULL); lists end with NULL.  False for node 0, which stands for an absent
 * member: it is the root, and has others, such as `iss`. */
bool pdp__inline_has_only(const struct pdp__json_doc *doc, uint32_t node,
    const char *const *names, const char *const *more);

/* The member of an object as text; {NULL, 0}: absent, or no string. */
pdp_str_t pdp__inline_text(const struct pdp__json_doc *doc, uint32_t node,
    const char *name);

/* The account of the token: from its claim, or fixed by its issuer. */
pdp_str_t pdp__inline_account(const struct pdp__inline_reader *r);

/* The member `resource`: its attributes become conditions of the record;
 * false if one of them is not understood (inline_resource.c). */
bool pdp__inline_resource(struct pdp__inline_reader *r, uint32_t node);

/*
 * Reads the policy at object node: one item per service of the snapshot,
 * appended to out, which has room; *cnt counts them.  False if it is not
 * one we understand completely: the token is claim_invalid.
 */
bool pdp__read_inline(struct pdp__inline_reader *r, uint32_t node,
    struct pdp__inline *out, uint32_t *cnt);

#endif
