/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#ifndef PDP__LOAD_RESTRICTIONS_H
#define PDP__LOAD_RESTRICTIONS_H

/*
 * The parts of the reader of context-based restrictions.
 *
 *   zone   a zone of addresses; spans: what is in it, sorted
 *   rule   a rule: what it is for; contexts: where from it lets through
 */

#include "load/policies.h"

enum {
    PDP__ZONES_MAX = 500,      /* of one account */
    PDP__ADDRESSES_MAX = 1000, /* of one zone; and excluded ones */
    PDP__RESTRICTION_ID_MAX = 512
};

/* Spans of one family, in any order, which may overlap. */
struct pdp__span_list {
    uint32_t cnt;
    struct pdp__ip_span items[PDP__ADDRESSES_MAX];
};

/* The addresses of one list of a zone. */
struct pdp__address_list {
    struct pdp__span_list v4;
    struct pdp__span_list v6;
    uint32_t foreign; /* of a kind that no request here has */
};

/* Reading one document. */
struct pdp__restrictions_reader {
    struct pdp__builder *b;
    const struct pdp__doc *doc;
    uint32_t number;    /* rules so far */
    uint32_t disabled;  /* of these */
    uint32_t elsewhere; /* for other services */
    uint32_t platform;  /* for platform actions only */
    /* Of the zone or rule in hand. */
    struct pdp__address_list in;
    struct pdp__address_list out;
    struct pdp__policy_draft draft;
};

/* Object node ix. */
void pdp__restrictions_zone(struct pdp__restrictions_reader *r, uint32_t ix);
void pdp__restrictions_rule(struct pdp__restrictions_reader *r, uint32_t ix);

/* Array `contexts` at node ix: a range of `contexts`. */
struct pdp__range pdp__restrictions_contexts(struct pdp__builder *b,
    const struct pdp__doc *doc, uint32_t ix);

/* Sorts, and makes one of those between which there is nothing. */
void pdp__spans_merge(struct pdp__span_list *list);

/* Appends to `zone_spans` what is in list and not in holes; both are merged.
 * The range of it. */
struct pdp__range pdp__spans_build(struct pdp__builder *b,
    const struct pdp__span_list *list, const struct pdp__span_list *holes);

#endif
