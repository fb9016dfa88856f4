/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#ifndef PDP__MODEL_ROUTER_H
#define PDP__MODEL_ROUTER_H

/* Method and segments -> route; see router.c for how. */

#include "model/snapshot.h"

struct pdp__route_match {
    uint32_t route;    /* or PDP__NONE */
    bool other_method; /* some route has this path, for another method */
};

/*
 * Finds the route of a service for a method and raw segments (1 to 32).
 * Among the templates that fit, literal beats `{name}` beats `{+name}`,
 * decided from the left.  A HEAD request also finds a GET route that says
 * so.  No allocation; each segment is hashed once.
 */
struct pdp__route_match pdp__router_find(const struct pdp__block *block,
    uint32_t service, pdp_str_t method, const pdp_str_t *segments,
    uint32_t cnt);

#endif
