/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include "pdpd/generation.h"

/*
 * Generations.
 *
 * A thread announces which generation it is about to use and then looks
 * again whether that is still the current one; only then it uses it.  The
 * thread that reloads puts the new one in place first, and frees the old one
 * once nobody announces it.  Both orders are sequentially consistent, so
 * either the reader sees the new one, or the reloader sees the reader.
 *
 * So a request is judged by one generation from its first to its last byte:
 * routes, keys and policies never mix, and a thread that has no request holds
 * nothing.
 *
 * The workers of a generation are made before it is published: a lack of
 * memory then fails the reload and no request.
 */

#include "common/heap.h"

struct pdpd__generation *
pdpd__generation_enter(struct pdpd__generations *generations, uint32_t thread)
{
    struct pdpd__use *use = &generations->uses[thread];
    for (;;) {
        struct pdpd__generation *seen = atomic_load(&generations->current);
        atomic_store(&use->generation, seen);
        if (atomic_load(&generations->current) == seen) {
            return seen;
        }
    }
}

void
pdpd__generation_leave(struct pdpd__generations *generations, uint32_t thread)
{
    atomic_store(&generations->uses[thread].generation, NULL);
}

static void
release(struct pdpd__generation *generation)
{
    for (uint32_t i = 0; i < PDPD__WORKERS_MAX; i++) {
        pdp_worker_free(generation->workers[i]);
    }
    pdpd__documents_free(&generation->documents);
    pdp__heap_free(generation);
}

static bool
make_workers(struct pdpd__generation *generation, uint32_t cnt)
{
    for (uint32_t i = 0; i < cnt; i++) {
        if (pdp_worker_new(generation->documents.snapshot, NULL, NULL,
                &generation->workers[i]) != PDP_OK) {
            return false;
        }
    }
    return true;
}

bool
pdpd__generations_publish(struct pdpd__generations *generations,
    struct pdpd__documents *documents)
{
    struct pdpd__generation *fresh = pdp__heap_alloc(sizeof(*fresh));
    if (fresh == NULL) {
        return false;
    }
    fresh->documents = *documents;
    *documents = (struct pdpd__documents){0};
    if (!make_workers(fresh, generations->thread_cnt)) {
        *documents = fresh->documents;
        fresh->documents = (struct pdpd__documents){0};
        release(fresh);
        return false;
    }
    fresh->number = ++generations->last_number;
    struct pdpd__generation *old =
        atomic_exchange(&generations->current, fresh);
    if (old != NULL) {
        old->next = generations->retired;
        generations->retired = old;
    }
    return true;
}

static bool
in_use(struct pdpd__generations *generations,
    const struct pdpd__generation *generation)
{
    for (uint32_t i = 0; i < generations->thread_cnt; i++) {
        if (atomic_load(&generations->uses[i].generation) == generation) {
            return true;
        }
    }
    return false;
}

bool
pdpd__generations_sweep(struct pdpd__generations *generations)
{
    struct pdpd__generation **link = &generations->retired;
    while (*link != NULL) {
        struct pdpd__generation *old = *link;
        if (in_use(generations, old)) {
            link = &old->next;
        } else {
            *link = old->next;
            release(old);
        }
    }
    return generations->retired != NULL;
}

void
pdpd__generations_free(struct pdpd__generations *generations)
{
    struct pdpd__generation *current =
        atomic_exchange(&generations->current, NULL);
    (void)pdpd__generations_sweep(generations);
    if (current != NULL) {
        release(current);
    }
}
