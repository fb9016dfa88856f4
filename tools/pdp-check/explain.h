/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#ifndef PDP__CHECK_EXPLAIN_H
#define PDP__CHECK_EXPLAIN_H

/* An explanation in each format, behind the decision; all of them printable
 * ASCII. */

#include "common/heap.h"
#include "pdp.h"

/* A tree for people; all: no group is cut short. */
void pdp__explain_text(struct pdp__string *out, const pdp_decision_t *decision,
    const pdp_explanation_t *why, bool all, bool colour);

/* Further members of the object that ends `out`; they are a contract. */
void pdp__explain_json(struct pdp__string *out, const pdp_explanation_t *why);

/* One record for each verdict, role, policy and note. */
void pdp__explain_tsv(struct pdp__string *out, const pdp_decision_t *decision,
    const pdp_explanation_t *why);

/* The words of a contract: kinds of voices, obstacles, states. */
const char *pdp__voice_name(pdp_voice_kind_t kind);
const char *pdp__obstacle_name(pdp_obstacle_t obstacle);
const char *pdp__state_name(pdp_attribute_state_t state);

/* A policy of the library, which is JSON in UTF-8, in ASCII. */
void pdp__explain_policy(struct pdp__string *out, pdp_str_t policy);

/* The same in several lines, those after the first indented. */
void pdp__explain_pretty(struct pdp__string *out, pdp_str_t policy,
    size_t indent);

#endif
