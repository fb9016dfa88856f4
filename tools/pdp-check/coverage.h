/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#ifndef PDP__CHECK_COVERAGE_H
#define PDP__CHECK_COVERAGE_H

/*
 * What a run of tests has touched: routes x {allow, deny}, and the policies
 * that decided something.
 *
 *     struct pdp__coverage coverage = {0};
 *     pdp__coverage_snapshot(&coverage, snapshot);   (before its decisions)
 *     pdp__coverage_count(&coverage, decision);
 *     pdp__coverage_free(&coverage);
 *
 * Several snapshots add up: a route is the same by service, method and path,
 * a policy by its id.
 */

#include "common/heap.h"
#include "pdp.h"

struct pdp__coverage_route {
    char *service;
    char *method;
    char *path;
    pdp_access_t access;
    uint64_t allowed;
    uint64_t denied; /* with an accepted token, where actions are required */
};

struct pdp__coverage_policy {
    char *id;
    uint64_t granted;
    uint64_t denied;
};

struct pdp__coverage {
    struct pdp__coverage_route *routes;
    size_t route_cnt;
    struct pdp__coverage_policy *policies;
    size_t policy_cnt;
    /* Of the snapshot in hand. */
    const pdp_snapshot_t *snapshot;
    size_t *route_map;  /* its routes, all services in a row -> routes */
    size_t *policy_map; /* its ids of policies -> policies */
};

struct pdp__coverage_sum {
    size_t cells;    /* that can be covered */
    size_t covered;  /* of them */
    size_t policies; /* that are loaded and have an id */
    size_t unused;   /* of them */
};

void pdp__coverage_snapshot(struct pdp__coverage *coverage,
    const pdp_snapshot_t *snapshot);

void pdp__coverage_count(struct pdp__coverage *coverage,
    const pdp_decision_t *decision);

struct pdp__coverage_sum pdp__coverage_sum(
    const struct pdp__coverage *coverage);

/* Whole percents, rounded down: 100 is all of them. */
unsigned pdp__coverage_percent(const struct pdp__coverage_sum *sum);

/* Whether a route can be denied by what a suite is about; a public one
 * cannot. */
bool pdp__coverage_has_deny(const struct pdp__coverage_route *route);

bool pdp__coverage_unused(const struct pdp__coverage_policy *policy);

/* For people; prefix begins each line. */
void pdp__coverage_text(const struct pdp__coverage *coverage,
    const char *prefix, struct pdp__string *out);

/* One JSON object. */
void pdp__coverage_json(const struct pdp__coverage *coverage,
    struct pdp__string *out);

/* A page of HTML that needs nothing else. */
void pdp__coverage_html(const struct pdp__coverage *coverage,
    struct pdp__string *out);

void pdp__coverage_free(struct pdp__coverage *coverage);

#endif
