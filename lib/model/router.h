/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#ifndef PDP__MODEL_ROUTER_H
#define PDP__MODEL_ROUTER_H

/* Method and segments -> route; see router.c for how. */

#include "model/snapshot.h"

struct pdp__route_match {
    uint32_t route;    /* or PDP__NONE */
    bool other_method; /* some route has this path, for another method */
    uint32_t get_only; /* for HEAD: the route of GET that would be meant, but
                        * does not say `head`; or PDP__NONE */
};

/*
 * Finds the route of a service for a method and raw segments (1 to 32).
 * Among the templates that fit, literal beats `{name}` beats `{+name}`,
 * decided from the left.  For HEAD, routes of GET and of HEAD compete, since
 * servers answer HEAD with what they have for GET: where one that is for GET
 * only wins, there is no route.  No allocation; each segment is hashed once.
 */
struct pdp__route_match pdp__router_find(const struct pdp__block *block,
    uint32_t service, pdp_str_t method, const pdp_str_t *segments,
    uint32_t cnt);

#endif
