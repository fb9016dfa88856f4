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

/*
 * Reads the policy at object node: one item per service of the snapshot,
 * appended to out, which has room; *cnt counts them.  False if it is not
 * one we understand completely: the token is claim_invalid.
 */
bool pdp__read_inline(struct pdp__inline_reader *r, uint32_t node,
    struct pdp__inline *out, uint32_t *cnt);

#endif
