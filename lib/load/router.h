/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#ifndef PDP__LOAD_ROUTER_H
#define PDP__LOAD_ROUTER_H

/* What is said about routes when the trie is complete. */

#include "load/builder.h"

/*
 * Notes (route_overlap) each pair of routes of one method where a value of
 * the first, with its encoded slashes decoded, could be read as the second.
 * The trie must be complete, its ranges set.  Out of memory: b->failed.
 */
void pdp__router_overlaps(struct pdp__builder *b);

#endif
