/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
/*
 * What a route look-up, a warm and a cold decision cost, next to what they
 * are made of: a hash over the same bytes, OpenSSL's bare verification,
 * libjwt's verification of the same token.  Compare ratios within one run;
 * absolute figures are this machine's.
 *
 *     make bench
 *
 * Each figure is the median of 15 rounds.  Routes are looked up in random
 * order, so that branches mispredict as they do in life.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <jwt.h>
#include <openssl/pem.h>
#include <time.h>

#include "../unit/fixture.h"
#include "../unit/request_sets.h"

#include "decide/flow.h"
#include "model/router.h"

enum { ROUNDS = 15, REQUESTS = 16384, LINES_MAX = 10000 };

static double
now_ns(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (double)ts.tv_sec * 1e9 + (double)ts.tv_nsec;
}

static int
compare(const void *a, const void *b)
{
    double x = *(const double *)a;
    double y = *(const double *)b;

    return (x > y) - (x < y);
}

/* Median time of one run(context, i), in ns. */
static double
measure(void (*run)(void *context, size_t i), void *context, size_t cnt)
{
    double rounds[ROUNDS];

    for (int r = 0; r < ROUNDS; r++) {
        double start = now_ns();
        for (size_t i = 0; i < cnt; i++) {
            run(context, i);
        }
        rounds[r] = (now_ns() - start) / (double)cnt;
    }
    qsort(rounds, ROUNDS, sizeof(rounds[0]), compare);
    return rounds[ROUNDS / 2];
}

struct sample {
    pdp_str_t method;
    pdp_str_t path;
    uint32_t wanted;
    uint32_t cnt;
    pdp_str_t segments[PDP__SEGMENT_MAX];
};

struct routing {
    const struct pdp__block *block;
    struct sample *samples[REQUESTS];
    uint64_t sum;
    size_t wrong;
};

static void
run_route(void *context, size_t i)
{
    struct routing *r = context;
    const struct sample *s = r->samples[i];
    struct pdp__route_match match =
        pdp__router_find(r->block, 0, s->method, s->segments, s->cnt);

    r->wrong += match.route != s->wanted;
}

static void
run_hash(void *context, size_t i)
{
    struct routing *r = context;

    r->sum += pdp__hash(r->block->seed, r->samples[i]->path);
}

static size_t
read_samples(char *text, struct sample *samples)
{
    char *line;
    size_t cnt = 0;

    while ((line = next_line(&text)) != NULL && cnt < LINES_MAX) {
        struct sample *s = &samples[cnt++];
        s->method = str(next_field(&line));
        s->path = str(next_field(&line));
        s->wanted = number(next_field(&line));
        s->cnt = 0;
        for (size_t at = 1; at <= s->path.len;) {
            size_t end = pdp__str_find(s->path, '/', at);
            s->segments[s->cnt++] = pdp__str(s->path.ptr + at, end - at);
            at = end + 1;
        }
    }
    return cnt;
}

static void
bench_routes(const char *name, const char *routes, const char *requests)
{
    static struct sample samples[LINES_MAX];
    static struct routing routing;
    char *definition = routes == NULL ? NULL : read_definition(routes);
    char *text = read_set(requests);
    const struct document documents[] = {
        {definition == NULL ? PDP_SOURCE_NONE : PDP_SOURCE_SERVICE, "made.json",
            definition},
        {PDP_SOURCE_NONE, NULL, NULL},
    };

    if (text == NULL || (routes != NULL && definition == NULL)) {
        printf("%-34s no data: set PDP_SHARED\n", name);
        return;
    }
    load(&fixture, documents);
    size_t cnt = read_samples(text, samples);
    uint64_t x = UINT64_C(88172645463325252);
    routing.block = fixture.snapshot->block;
    routing.wrong = 0;
    for (size_t i = 0; i < REQUESTS; i++) {
        x ^= x << 13;
        x ^= x >> 7;
        x ^= x << 17;
        routing.samples[i] = &samples[x % cnt];
    }
    double lookup = measure(run_route, &routing, REQUESTS);
    double hash = measure(run_hash, &routing, REQUESTS);
    printf("%-34s %8.1f ns   %5.1f x xxh3 of the path (%.1f ns), %zu wrong\n",
        name, lookup, lookup / hash, hash, routing.wrong);
    free(definition);
    free(text);
}

static void
run_decide(void *context, size_t i)
{
    (void)i;
    (void)context;
    if (judge(&fixture) != PDP_REASON_PERMITTED) {
        abort();
    }
}

struct bare {
    struct pdp__key *key;
    pdp_str_t input;
    unsigned char signature[1024];
    size_t len;
    jwt_t *jwt;
    BIO *pem;
    char *pem_text;
    size_t pem_len;
};

static void
run_verify(void *context, size_t i)
{
    struct bare *b = context;

    (void)i;
    if (!pdp__key_verify(b->key, PDP__ALG_RS256, b->input, b->signature,
            b->len)) {
        abort();
    }
}

static void
run_libjwt(void *context, size_t i)
{
    struct bare *b = context;
    jwt_t *jwt = NULL;

    (void)i;
    if (jwt_decode(&jwt, fixture.token, (unsigned char *)b->pem_text,
            (int)b->pem_len) != 0) {
        abort();
    }
    jwt_free(jwt);
}

static void
prepare_bare(struct bare *b)
{
    char jwk[TEXT_MAX];
    size_t offset;
    char *last = strrchr(fixture.token, '.');

    memset(b, 0, sizeof(*b));
    jwk_of(jwk, fixture.rsa, NULL, NULL);
    b->key = must_import(jwk);
    b->input = (pdp_str_t){fixture.token, (size_t)(last - fixture.token)};
    assert_true(pdp__base64url_decode(str(last + 1), b->signature,
        sizeof(b->signature), &b->len, &offset));
    b->pem = BIO_new(BIO_s_mem());
    assert_int_equal(PEM_write_bio_PUBKEY(b->pem, fixture.rsa), 1);
    long len = BIO_get_mem_data(b->pem, &b->pem_text);
    BUF_MEM *memory = NULL;
    BIO_write(b->pem, "", 1);
    BIO_get_mem_ptr(b->pem, &memory);
    b->pem_text = memory->data;
    b->pem_len = (size_t)len;
}

static void
start_request(void)
{
    request(&fixture, "GET",
        "/api/v1/images/us.icr.io%2Fbirds%2Fwoodpecker:green/json");
    bearer(&fixture, fixture.token);
    header(&fixture, "Account", ACCOUNT);
    header(&fixture, "Host", "us.icr.io");
}

static void
bench_decisions(void)
{
    struct bare bare;
    pdp_worker_options_t cold = {.size = sizeof(cold), .no_token_cache = true};
    const char *claims =
        ",\"jti\":\"2f4bd3c7-8d1c-4a5e-9f0b-6c3f3f3b0a11\",\"email\":"
        "\"user@example.com\",\"sub\":\"user@example.com\",\"amr\":[\"pwd\"],"
        "\"groups\":[\"AccessGroupId-1\",\"AccessGroupId-2\"],"
        "\"roles\":[\"crn:v1:bluemix:public:iam::::serviceRole:Reader\"]";

    load(&fixture, NULL);
    token_with(&fixture, claims);
    prepare_bare(&bare);
    start_request();
    double warm = measure(run_decide, NULL, 4096);
    load_with(&fixture, NULL, &cold);
    start_request();
    double first = measure(run_decide, NULL, 256);
    double verify = measure(run_verify, &bare, 256);
    double libjwt = measure(run_libjwt, &bare, 64);
    printf("%-34s %8.1f ns\n", "decision, token seen before", warm);
    printf("%-34s %8.1f us   %5.2f x the bare RS256 verification\n",
        "decision, token not seen before", first / 1e3, first / verify);
    printf("%-34s %8.1f us\n", "RS256 verification alone", verify / 1e3);
    printf("%-34s %8.1f us   %5.1f x our whole first decision\n",
        "libjwt: decode and verify", libjwt / 1e3, libjwt / first);
    pdp__key_free(bare.key);
    BIO_free(bare.pem);
}

int
main(void)
{
    bench_routes("route, registry (46)", NULL,
        "bench/requests_ibm_registry.tsv");
    bench_routes("route, GitHub (203)", "bench/routes_github.tsv",
        "bench/requests_github.tsv");
    bench_routes("route, synthetic (10000)", "bench/routes_synthetic10k.tsv.gz",
        "bench/requests_synthetic10k.tsv.gz");
    bench_decisions();
    teardown(NULL);
    return 0;
}
