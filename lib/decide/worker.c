/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
/*
 * The worker: the memory one thread needs to decide, made once.
 *
 * Everything a decision could need for the largest request and the largest
 * token is allocated here, so that pdp_decide() allocates nothing and can
 * only fail by a misuse of the interface.  Tokens are wiped when the worker
 * goes.
 */

#include "decide/decide.h"
#include "decide/explain.h"

struct pdp_worker {
    pdp_mem_t mem;
    pdp_snapshot_t *snapshot;
    struct pdp__token_cache cache;
    struct pdp__flow flow;
};

/*
 * Bytes of the largest record a token can need.  Of a payload of n bytes at
 * most n / 2 values can be had; a policy that is read to its end takes 64
 * bytes of JSON at least.
 */
static size_t
slab_size(const struct pdp__block *block)
{
    size_t values = PDP__TOKEN_MAX / 2;
    size_t size = sizeof(struct pdp__token) + 4 * (size_t)PDP__TOKEN_MAX;

    size += values * 8 * sizeof(struct pdp__named);
    for (uint32_t s = 0; s < block->services.cnt; s++) {
        size += values * sizeof(struct pdp__inline);
        size += (size_t)PDP__TOKEN_MAX / 64 * 2 *
                (8 + pdp__services(block)[s].action_words * sizeof(uint64_t));
    }
    return size;
}

static pdp_status_t
init(pdp_worker_t *worker, const pdp_worker_options_t *options)
{
    const struct pdp__block *block = worker->snapshot->block;
    struct pdp__flow *flow = &worker->flow;
    uint32_t places = PDP__CACHE_DEFAULT;
    size_t slab = slab_size(block);

    if (options != NULL && options->token_cache != 0) {
        places = options->token_cache;
    }
    if (options != NULL && options->no_token_cache) {
        places = 0;
    }
    PDP_ENSURE(places <= PDP__CACHE_MAX && slab <= UINT32_MAX, PDP_E_LIMIT);
    PDP_TRY(pdp__token_cache_init(&worker->cache, &worker->mem, places,
        ~block->seed));
    flow->block = block;
    flow->keys = worker->snapshot->keys;
    flow->cache = &worker->cache;
    flow->nodes = pdp__mem_alloc(&worker->mem,
        PDP__JSON_NODES * sizeof(struct pdp__json));
    flow->slab.base = pdp__mem_alloc(&worker->mem, slab);
    flow->slab.cap = (uint32_t)slab;
    PDP_ENSURE(flow->nodes != NULL && flow->slab.base != NULL, PDP_E_NOMEM);
    return PDP_OK;
}

pdp_status_t
pdp_worker_new(pdp_snapshot_t *snapshot, const pdp_mem_t *mem,
    const pdp_worker_options_t *options, pdp_worker_t **out)
{
    pdp_mem_t memory = mem == NULL ? pdp__mem_default() : *mem;

    PDP_ENSURE(out != NULL, PDP_E_ARGUMENT);
    *out = NULL;
    PDP_ENSURE(snapshot != NULL && memory.alloc != NULL && memory.free != NULL,
        PDP_E_ARGUMENT);
    PDP_ENSURE(options == NULL || options->size == sizeof(*options),
        PDP_E_ARGUMENT);
    pdp_worker_t *worker = pdp__mem_alloc(&memory, sizeof(*worker));
    PDP_ENSURE(worker != NULL, PDP_E_NOMEM);
    worker->mem = memory;
    worker->snapshot = pdp_snapshot_retain(snapshot);
    pdp_status_t status = init(worker, options);
    if (status != PDP_OK) {
        pdp_worker_free(worker);
        return status;
    }
    *out = worker;
    return PDP_OK;
}

void
pdp_worker_free(pdp_worker_t *worker)
{
    if (worker == NULL) {
        return;
    }
    pdp_mem_t mem = worker->mem;
    struct pdp__flow *flow = &worker->flow;
    pdp__token_cache_free(&worker->cache, &mem);
    if (flow->slab.base != NULL) {
        pdp__mem_wipe(flow->slab.base, flow->slab.cap);
    }
    pdp__mem_free(&mem, flow->slab.base);
    pdp__mem_free(&mem, flow->nodes);
    pdp_snapshot_release(worker->snapshot);
    pdp__mem_wipe(worker, sizeof(*worker));
    pdp__mem_free(&mem, worker);
}

pdp_status_t
pdp_worker_read_stats(const pdp_worker_t *worker, pdp_worker_stats_t *out)
{
    PDP_ENSURE(worker != NULL && out != NULL && out->size == sizeof(*out),
        PDP_E_ARGUMENT);
    out->token_cache_hits = worker->cache.hits;
    out->token_cache_misses = worker->cache.misses;
    return PDP_OK;
}

/* A string of the caller that has a length has bytes. */
static bool
is_string(pdp_str_t text)
{
    return text.ptr != NULL || text.len == 0;
}

static bool
is_request(const pdp_request_t *request)
{
    if (request == NULL || request->size != sizeof(*request) ||
        (request->header_cnt > 0 && request->headers == NULL) ||
        !is_string(request->method) || !is_string(request->target) ||
        !is_string(request->client_address) ||
        !is_string(request->endpoint_type)) {
        return false;
    }
    for (size_t i = 0; i < request->header_cnt; i++) {
        if (!is_string(request->headers[i].name) ||
            !is_string(request->headers[i].value)) {
            return false;
        }
    }
    return true;
}

static pdp_status_t
run(pdp_worker_t *worker, const pdp_request_t *request,
    pdp_str_t unverified_claims, const pdp_decision_t **out)
{
    PDP_ENSURE(out != NULL, PDP_E_ARGUMENT);
    *out = NULL;
    PDP_ENSURE(worker != NULL && is_request(request) &&
                   is_string(unverified_claims),
        PDP_E_ARGUMENT);
    pdp__decide(&worker->flow, request, unverified_claims);
    *out = &worker->flow;
    return PDP_OK;
}

pdp_status_t
pdp_decide(pdp_worker_t *worker, const pdp_request_t *request,
    const pdp_decision_t **out)
{
    return run(worker, request, (pdp_str_t){NULL, 0}, out);
}

pdp_status_t
pdp_decide_unverified(pdp_worker_t *worker, const pdp_request_t *request,
    pdp_str_t claims, const pdp_decision_t **out)
{
    /* No claims are an empty text, which is no JSON; not "use the token". */
    if (claims.len == 0) {
        claims = PDP__LIT("");
    }
    return run(worker, request, claims, out);
}

pdp_status_t
pdp_explain(pdp_worker_t *worker, const pdp_decision_t *decision,
    pdp_explanation_t **out)
{
    PDP_ENSURE(out != NULL, PDP_E_ARGUMENT);
    *out = NULL;
    PDP_ENSURE(worker != NULL && decision == &worker->flow &&
                   !PDP_NEVER(worker->flow.request == NULL),
        PDP_E_ARGUMENT);
    return pdp__explain(&worker->flow, &worker->mem, out);
}
