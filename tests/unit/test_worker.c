/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
/* The worker: arguments, cache, threads. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "fixture.h"
#include "model/snapshot.h"

#include "decision_text.h"

#define IMAGE "/api/v1/images/us.icr.io%2Fbirds%2Fx:1"
#define READER ",\"roles\":[\"Reader\"]"

enum { TOKENS = 7, TOKEN_LEN_MAX = 4096 };

/* Minted once, so that a token is the same one in every test. */
static char tokens[TOKENS][TOKEN_LEN_MAX];

static void
keep_token(size_t ix, const char *token)
{
    assert_true(ix < TOKENS && strlen(token) < TOKEN_LEN_MAX);
    memcpy(tokens[ix], token, strlen(token) + 1);
}

static int
setup(void **state)
{
    (void)state;
    load(&fixture, NULL);
    keep_token(0, token_with(&fixture, READER));
    keep_token(1, token_with(&fixture, ",\"roles\":[\"Manager\"],\"jti\":1"));
    keep_token(2, token_with(&fixture, ""));
    keep_token(3,
        token_of(&fixture,
            "{\"iss\":\"" IBM_ISSUER "\",\"iam_id\":\"IBMid-2\",\"account\":{"
            "\"bss\":\"" OTHER_ACCOUNT "\"},\"exp\":1795253400}"));
    keep_token(4,
        token_of(&fixture,
            "{\"iss\":\"" IBM_ISSUER "\",\"iam_id\":\"IBMid-3\",\"account\":{"
            "\"bss\":\"" ACCOUNT "\"},\"exp\":1795256980,\"nbf\":1795253461,"
            "\"actions\":[\"container-registry.image.delete\"]}"));
    keep_token(5, sign_token(&fixture, "{\"alg\":\"RS256\",\"kid\":\"rsa\"}",
                      CLAIMS READER "}", fixture.rogue, PDP__ALG_RS256));
    keep_token(6, token_with(&fixture, ",\"roles\":7"));
    return 0;
}

static void
arguments_of_new(void **state)
{
    static const size_t sizes[] = {0, 1, sizeof(pdp_worker_options_t) - 1,
        sizeof(pdp_worker_options_t) + 1, SIZE_MAX};
    pdp_worker_t *worker = fixture.worker; /* anything but NULL */

    (void)state;
    assert_int_equal(pdp_worker_new(fixture.snapshot, NULL, NULL, NULL),
        PDP_E_ARGUMENT);
    assert_int_equal(pdp_worker_new(NULL, NULL, NULL, &worker), PDP_E_ARGUMENT);
    assert_null(worker);
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        pdp_worker_options_t options = {.size = sizes[i]};

        worker = fixture.worker;
        assert_int_equal(pdp_worker_new(fixture.snapshot, NULL, &options,
                             &worker),
            PDP_E_ARGUMENT);
        assert_null(worker);
    }
    /* None of these took a share of the snapshot. */
    assert_int_equal(atomic_load(&fixture.snapshot->refs), 2);
    pdp_worker_free(NULL);
}

static void
arguments_of_decide(void **state)
{
    static const size_t sizes[] = {0, sizeof(pdp_request_t) - 1,
        sizeof(pdp_request_t) + 1, SIZE_MAX};
    const pdp_decision_t *decision;

    (void)state;
    request(&fixture, "GET", "/api/v1/messages");
    assert_int_equal(pdp_decide(fixture.worker, &fixture.request, NULL),
        PDP_E_ARGUMENT);
    assert_int_equal(judge(&fixture), PDP_REASON_PUBLIC);
    decision = fixture.decision;
    assert_int_equal(pdp_decide(NULL, &fixture.request, &decision),
        PDP_E_ARGUMENT);
    assert_null(decision);
    decision = fixture.decision;
    assert_int_equal(pdp_decide(fixture.worker, NULL, &decision),
        PDP_E_ARGUMENT);
    assert_null(decision);
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        decision = fixture.decision;
        fixture.request.size = sizes[i];
        assert_int_equal(pdp_decide(fixture.worker, &fixture.request,
                             &decision),
            PDP_E_ARGUMENT);
        assert_null(decision);
        assert_int_equal(pdp_decision_effect(decision), PDP_EFFECT_DENY);
        decision = fixture.decision;
        assert_int_equal(pdp_decide_unverified(fixture.worker, &fixture.request,
                             str("{}"), &decision),
            PDP_E_ARGUMENT);
        assert_null(decision);
    }
    request(&fixture, "GET", "/api/v1/messages");
    assert_int_equal(pdp_decide_unverified(fixture.worker, &fixture.request,
                         (pdp_str_t){NULL, 2}, &decision),
        PDP_E_ARGUMENT);
    assert_null(decision);
    fixture.request.headers = NULL;
    assert_int_equal(judge(&fixture), PDP_REASON_PUBLIC);
    fixture.request.header_cnt = 1;
    decision = fixture.decision;
    assert_int_equal(pdp_decide(fixture.worker, &fixture.request, &decision),
        PDP_E_ARGUMENT);
    assert_null(decision);
}

/* What is counted: tokens found, and tokens that had to be verified. */
static void
assert_stats(const pdp_worker_t *worker, uint64_t hits, uint64_t misses)
{
    pdp_worker_stats_t stats = {.size = sizeof(stats)};

    assert_int_equal(pdp_worker_read_stats(worker, &stats), PDP_OK);
    assert_int_equal(stats.token_cache_hits, hits);
    assert_int_equal(stats.token_cache_misses, misses);
}

static void
judge_on(pdp_worker_t *worker, int token, pdp_reason_t reason)
{
    const pdp_decision_t *decision = NULL;

    request(&fixture, "GET", "/api/v1/auth");
    fixture.request.now_sec = NOW;
    if (token >= 0) {
        bearer(&fixture, tokens[token]);
    }
    assert_int_equal(pdp_decide(worker, &fixture.request, &decision), PDP_OK);
    assert_int_equal(pdp_decision_reason(decision), reason);
}

static void
stats_of_the_token_cache(void **state)
{
    static const pdp_worker_options_t without = {.size = sizeof(without),
        .no_token_cache = true};
    pdp_worker_stats_t stats = {.size = sizeof(stats), .token_cache_hits = 7};
    pdp_worker_t *worker = NULL;

    (void)state;
    assert_int_equal(pdp_worker_new(fixture.snapshot, NULL, NULL, &worker),
        PDP_OK);
    assert_stats(worker, 0, 0);
    judge_on(worker, -1, PDP_REASON_TOKEN_MISSING);
    assert_stats(worker, 0, 0);
    judge_on(worker, 0, PDP_REASON_PERMITTED);
    assert_stats(worker, 0, 1);
    judge_on(worker, 0, PDP_REASON_PERMITTED);
    judge_on(worker, 0, PDP_REASON_PERMITTED);
    assert_stats(worker, 2, 1);
    judge_on(worker, 5, PDP_REASON_SIGNATURE_INVALID);
    judge_on(worker, 5, PDP_REASON_SIGNATURE_INVALID);
    assert_stats(worker, 2, 3);
    assert_int_equal(pdp_worker_read_stats(NULL, &stats), PDP_E_ARGUMENT);
    assert_int_equal(pdp_worker_read_stats(worker, NULL), PDP_E_ARGUMENT);
    stats.size--;
    assert_int_equal(pdp_worker_read_stats(worker, &stats), PDP_E_ARGUMENT);
    assert_int_equal(stats.token_cache_hits, 7);
    pdp_worker_free(worker);
    assert_int_equal(pdp_worker_new(fixture.snapshot, NULL, &without, &worker),
        PDP_OK);
    judge_on(worker, 0, PDP_REASON_PERMITTED);
    judge_on(worker, 0, PDP_REASON_PERMITTED);
    assert_stats(worker, 0, 0);
    pdp_worker_free(worker);
}

/* Bytes that are not there, and a length that says they are. */
static void
strings_without_bytes(void **state)
{
    const pdp_str_t none = {NULL, 0};
    const pdp_str_t bad = {NULL, 1};
    const pdp_decision_t *decision = NULL;
    pdp_str_t *const places[] = {&fixture.request.method,
        &fixture.request.target, &fixture.headers[0].name,
        &fixture.headers[0].value, &fixture.headers[2].name,
        &fixture.headers[2].value, &fixture.request.client_address,
        &fixture.request.endpoint_type};
    static const pdp_reason_t reasons[] = {PDP_REASON_BAD_METHOD,
        PDP_REASON_TARGET_FORM, PDP_REASON_PUBLIC, PDP_REASON_PUBLIC,
        PDP_REASON_PUBLIC, PDP_REASON_PUBLIC, PDP_REASON_PUBLIC,
        PDP_REASON_PUBLIC};

    (void)state;
    for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
        request(&fixture, "GET", "/api/v1/messages");
        header(&fixture, "Host", "localhost");
        header(&fixture, "X-A", "b");
        header(&fixture, "X-B", "c");
        assert_int_equal(judge(&fixture), PDP_REASON_PUBLIC);
        *places[i] = none;
        assert_int_equal(judge(&fixture), reasons[i]);
        *places[i] = bad;
        decision = fixture.decision;
        assert_int_equal(pdp_decide(fixture.worker, &fixture.request,
                             &decision),
            PDP_E_ARGUMENT);
        assert_null(decision);
    }
}

static const struct {
    const char *method;
    const char *target;
    int token; /* -1: none */
    int64_t later_sec;
    const char *reason;
} asks[] = {
    {"GET", IMAGE "/json", 0, 0, "permitted"},
    {"DELETE", IMAGE, 0, 0, "no_grant"},
    {"DELETE", IMAGE, 1, 0, "permitted"},
    {"GET", "/api/v1/images/evil%2Fa%2Fb/json", 1, 0, "bad_param"},
    {"GET", "/api/v1/auth", 2, 0, "no_grant"},
    {"GET", "/api/v1/auth", 3, 0, "token_expired"},
    {"GET", "/api/v1/auth", 3, -1, "no_grant"},
    {"GET", "/api/v1/auth", 3, 0, "token_expired"},
    {"DELETE", IMAGE, 4, 1, "permitted"},
    {"DELETE", IMAGE, 4, 0, "token_not_yet_valid"},
    {"DELETE", IMAGE, 4, 3579, "permitted"},
    {"DELETE", IMAGE, 4, 3580, "token_expired"},
    {"GET", "/api/v1/auth", 5, 0, "signature_invalid"},
    {"GET", "/api/v1/auth", 6, 0, "claim_invalid"},
    {"GET", "/api/v1/auth", -1, 0, "token_missing"},
    {"GET", "/api/v1/messages", 0, 0, "public"},
    {"GET", "/api/v1/nothing", 0, 0, "no_route"},
    {"GET", "/api/v1/auth", 0, 3579, "permitted"},
    {"GET", "/api/v1/auth", 0, 3580, "token_expired"},
    {"GET", "/api/v1/auth", 0, -80, "permitted"},
    {"GET", "/api/v1/auth", 0, -81, "token_not_yet_valid"},
};

enum { ASKS = sizeof(asks) / sizeof(asks[0]) };

static void
ask(struct fixture *f, size_t ix)
{
    request(f, asks[ix].method, asks[ix].target);
    f->request.now_sec = NOW + asks[ix].later_sec;
    if (asks[ix].token >= 0) {
        bearer(f, tokens[asks[ix].token]);
    }
}

static void
cached_or_not(void **state)
{
    static char with[DECISION_TEXT_CAP];
    static char without[DECISION_TEXT_CAP];
    pdp_worker_options_t small = {.size = sizeof(small), .token_cache = 1};
    pdp_worker_options_t off = {.size = sizeof(off), .no_token_cache = true};
    const pdp_decision_t *decision = NULL;
    pdp_worker_t *workers[2] = {NULL, NULL};

    (void)state;
    assert_int_equal(pdp_worker_new(fixture.snapshot, NULL, &off, &workers[0]),
        PDP_OK);
    assert_int_equal(pdp_worker_new(fixture.snapshot, NULL, &small,
                         &workers[1]),
        PDP_OK);
    for (size_t round = 0; round < 3 * ASKS; round++) {
        size_t ix = round * 8 % ASKS; /* another order than the list's */

        ask(&fixture, ix);
        assert_reason(pdp_reason_name(judge(&fixture)), asks[ix].reason);
        describe(fixture.decision, with);
        for (size_t w = 0; w < 2; w++) {
            assert_int_equal(pdp_decide(workers[w], &fixture.request,
                                 &decision),
                PDP_OK);
            describe(decision, without);
            assert_string_equal(without, with);
        }
    }
    pdp_worker_free(workers[0]);
    pdp_worker_free(workers[1]);
}

enum { THREADS = 4, ROUNDS = 300 };

struct thread {
    pthread_t id;
    pdp_snapshot_t *snapshot;
    size_t first;
    size_t wrong;
    char bearer[TOKEN_LEN_MAX + 16];
};

static void *
ask_all(void *argument)
{
    struct thread *t = argument;
    pdp_worker_t *worker = NULL;

    if (pdp_worker_new(t->snapshot, NULL, NULL, &worker) != PDP_OK) {
        t->wrong = SIZE_MAX;
        return NULL;
    }
    for (size_t round = 0; round < ROUNDS; round++) {
        size_t ix = (t->first + round) % ASKS;
        const pdp_decision_t *decision = NULL;
        pdp_header_t field = {str("authorization"), str(t->bearer)};
        pdp_request_t asked = {.size = sizeof(asked),
            .method = str(asks[ix].method),
            .target = str(asks[ix].target),
            .headers = &field,
            .header_cnt = asks[ix].token >= 0,
            .now_sec = NOW + asks[ix].later_sec};

        if (asks[ix].token >= 0) {
            field.value.len = (size_t)snprintf(t->bearer, sizeof(t->bearer),
                "Bearer %s", tokens[asks[ix].token]);
        }
        if (pdp_decide(worker, &asked, &decision) != PDP_OK ||
            strcmp(pdp_reason_name(pdp_decision_reason(decision)),
                asks[ix].reason) != 0) {
            t->wrong++;
        }
    }
    pdp_worker_free(worker);
    return NULL;
}

static void
workers_in_threads(void **state)
{
    static struct thread threads[THREADS];

    (void)state;
    for (size_t i = 0; i < THREADS; i++) {
        threads[i] = (struct thread){.snapshot = fixture.snapshot,
            .first = i * ASKS / THREADS};
        assert_int_equal(pthread_create(&threads[i].id, NULL, ask_all,
                             &threads[i]),
            0);
    }
    for (size_t i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_join(threads[i].id, NULL), 0);
        assert_int_equal(threads[i].wrong, 0);
    }
    assert_int_equal(atomic_load(&fixture.snapshot->refs), 2);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(arguments_of_new),
        cmocka_unit_test(arguments_of_decide),
        cmocka_unit_test(strings_without_bytes),
        cmocka_unit_test(stats_of_the_token_cache),
        cmocka_unit_test(cached_or_not),
        cmocka_unit_test(workers_in_threads),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
