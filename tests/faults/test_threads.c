/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
/*
 * Many workers decide while documents are loaded anew: each decision is
 * right for the documents of its worker, never for those before or after.
 *
 *     reloader: build -> publish -> release the one before
 *     workers:  take a share -> decide, warm and cold -> look for a new one
 *
 * From one generation to the next keys are removed, come back, or are
 * replaced by another key under the same kid, and policies come and go.  So
 * the same token is good, forged, of an unknown key or without a grant,
 * depending on the generation alone; whatever a worker remembered for too
 * long, or one worker saw of another, is a wrong answer here.
 *
 * Runs shortly in `make check`; PDP_FAULT_ROUNDS multiplies its length.
 * threads.sh runs it with ThreadSanitizer.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <pthread.h>
#include <stdatomic.h>

#include "fault_util.h"

enum { KEYS = 3, SIGNERS = 2, VARIANTS = 4, WORKERS_MAX = 8 };

/* Which of the kinds the keys are. */
static const size_t key_kinds[KEYS] = {0, 2, 5};

/* A key in one generation. */
enum key_state { KEY_OWN, KEY_ROGUE, KEY_ABSENT, KEY_STATES };

struct token {
    size_t key;
    size_t signer; /* 0: own, 1: rogue */
    bool reader;   /* the token itself grants */
    char bearer[2048];
};

enum { TOKENS = KEYS * SIGNERS * VARIANTS * 2 };

static struct token minted[TOKENS];
static char jwk_texts[KEYS][SIGNERS][TEXT_MAX];

static const char *const grant_reader =
    "{\"id\":\"p\",\"type\":\"access\",\"subject\":{\"attributes\":[{\"key\":"
    "\"iam_id\",\"operator\":\"stringEquals\",\"value\":\"IBMid-270000TEST\"}]}"
    ",\"resource\":{\"attributes\":[{\"key\":\"serviceName\",\"operator\":"
    "\"stringEquals\",\"value\":\"container-registry\"},{\"key\":\"accountId\","
    "\"operator\":\"stringEquals\",\"value\":\"" ACCOUNT "\"}]},\"control\":{"
    "\"grant\":{\"roles\":[{\"role_id\":\"crn:v1:bluemix:public:iam::::"
    "serviceRole:Reader\"}]}}}";

/* The key's state counts in base three with the generation, and the policy
 * is there in two of five. */
static enum key_state
key_state(unsigned generation, size_t key)
{
    static const unsigned weight[KEYS] = {1, 3, 9};
    enum key_state state =
        (enum key_state)(generation / weight[key] % KEY_STATES);

    /* A set without a key is none. */
    return generation % 27 == 26 && key == 0 ? KEY_OWN : state;
}

static bool
has_policy(unsigned generation)
{
    return generation % 5 < 2;
}

static pdp_reason_t
right_answer(unsigned generation, const struct token *token)
{
    enum key_state state = key_state(generation, token->key);

    if (state == KEY_ABSENT) {
        return PDP_REASON_KEY_UNKNOWN;
    }
    if ((state == KEY_ROGUE) != (token->signer == 1)) {
        return PDP_REASON_SIGNATURE_INVALID;
    }
    return token->reader || has_policy(generation) ? PDP_REASON_PERMITTED
                                                   : PDP_REASON_NO_GRANT;
}

static void
mint_with(size_t key, size_t signer, EVP_PKEY *pkey)
{
    const struct kind *kind = &kinds[key_kinds[key]];
    char head[128];

    snprintf(head, sizeof(head), "{\"alg\":\"%s\",\"kid\":\"%s\"}", kind->alg,
        kind->kid);
    for (size_t i = 0; i < (size_t)VARIANTS * 2; i++) {
        struct token *token =
            &minted[(key * SIGNERS + signer) * VARIANTS * 2 + i];
        char payload[TEXT_MAX];

        *token = (struct token){.key = key, .signer = signer};
        token->reader = i % 2 == 1;
        snprintf(payload, sizeof(payload), "%s,\"jti\":\"%zu\"%s}", CLAIMS, i,
            token->reader ? ",\"roles\":[\"Reader\"]" : "");
        snprintf(token->bearer, sizeof(token->bearer), "Bearer %s",
            sign_token(&fixture, head, payload, pkey, kind->id));
    }
}

static int
mint_all(void **state)
{
    (void)state;
    for (size_t key = 0; key < KEYS; key++) {
        const struct kind *kind = &kinds[key_kinds[key]];

        for (size_t signer = 0; signer < SIGNERS; signer++) {
            EVP_PKEY *pkey = make_pkey(kind);
            char *text = jwk_texts[key][signer];

            append(text, "[");
            append_jwk(text, pkey, kind->crv, kind->kid);
            text[0] = ' ';
            mint_with(key, signer, pkey);
            EVP_PKEY_free(pkey);
        }
    }
    return 0;
}

/* Memory that is counted from all threads. */
static atomic_long live;

static void *
counted_alloc(void *user, size_t size)
{
    void *ptr = malloc(size);

    (void)user;
    atomic_fetch_add(&live, ptr != NULL);
    return ptr;
}

static void
counted_free(void *user, void *ptr)
{
    (void)user;
    atomic_fetch_sub(&live, 1);
    free(ptr);
}

static const pdp_mem_t counted = {counted_alloc, counted_free, NULL};

/* The documents of one generation, compiled; NULL if that fails. */
static pdp_snapshot_t *
compile(unsigned generation)
{
    char set[TEXT_MAX] = "{\"keys\":[";
    const struct document documents[] = {
        {PDP_SOURCE_TRUST, "trust.json", trust},
        {PDP_SOURCE_JWKS, "keys.json", set},
        {PDP_SOURCE_POLICIES, "policies.json",
            has_policy(generation) ? grant_reader : "[]"},
    };
    pdp_loader_t *loader = NULL;
    pdp_snapshot_t *snapshot = NULL;
    size_t used = strlen(set);

    for (size_t key = 0; key < KEYS; key++) {
        enum key_state state = key_state(generation, key);

        if (state != KEY_ABSENT) {
            used += (size_t)snprintf(set + used, sizeof(set) - used, "%s%s",
                set[used - 1] == '[' ? "" : ",",
                jwk_texts[key][state == KEY_ROGUE]);
        }
    }
    snprintf(set + used, sizeof(set) - used, "]}");
    if (pdp_loader_new(&counted, &loader) != PDP_OK) {
        return NULL;
    }
    pdp_loader_set_seed(loader, generation);
    for (size_t i = 0; i < 3; i++) {
        pdp_source_t source = {.size = sizeof(source),
            .kind = documents[i].kind,
            .name = str(documents[i].name),
            .text = str(documents[i].text)};

        if (pdp_loader_add(loader, &source) != PDP_OK) {
            pdp_loader_free(loader);
            return NULL;
        }
    }
    if (pdp_loader_build(loader, &snapshot, NULL) != PDP_OK) {
        snapshot = NULL;
    }
    pdp_loader_free(loader);
    return snapshot;
}

/* What the reloader has published last. */
static struct {
    pthread_mutex_t lock;
    pdp_snapshot_t *snapshot;
    unsigned generation;
    bool last; /* nothing will follow */
} published = {.lock = PTHREAD_MUTEX_INITIALIZER};

static void
publish(pdp_snapshot_t *snapshot, unsigned generation, bool last)
{
    pthread_mutex_lock(&published.lock);
    pdp_snapshot_t *before = published.snapshot;

    published.snapshot = snapshot;
    published.generation = generation;
    published.last = last;
    pthread_mutex_unlock(&published.lock);
    /* Workers may still hold it. */
    pdp_snapshot_release(before);
}

struct seat {
    pthread_t thread;
    uint32_t random;
    size_t wanted; /* decisions to make at least */
    pdp_worker_t *worker;
    unsigned generation;
    bool last;
    /* Results. */
    size_t decisions;
    size_t workers;
    size_t reasons[PDP_REASON_COUNT];
    size_t wrong;
    pdp_status_t status; /* first that is not PDP_OK */
};

static uint32_t
next_random(struct seat *seat)
{
    seat->random = seat->random * 1664525u + 1013904223u;
    return seat->random >> 8;
}

/* A new worker if there is something new. */
static void
renew(struct seat *seat)
{
    pdp_worker_options_t options = {.size = sizeof(options), .token_cache = 16};
    pdp_snapshot_t *share = NULL;

    pthread_mutex_lock(&published.lock);
    if (seat->worker == NULL || seat->generation != published.generation) {
        share = pdp_snapshot_retain(published.snapshot);
        seat->generation = published.generation;
    }
    seat->last = published.last;
    pthread_mutex_unlock(&published.lock);
    if (share == NULL) {
        return;
    }
    pdp_worker_free(seat->worker);
    seat->worker = NULL;
    pdp_status_t status =
        pdp_worker_new(share, &counted, &options, &seat->worker);

    /* The worker has its own share. */
    pdp_snapshot_release(share);
    seat->status = seat->status == PDP_OK ? status : seat->status;
    seat->workers++;
}

static void
decide_some(struct seat *seat)
{
    uint32_t random = next_random(seat);
    const struct token *token = &minted[random % TOKENS];
    pdp_header_t authorization = {str("Authorization"), str(token->bearer)};
    pdp_request_t asked = {.size = sizeof(asked),
        .method = str("GET"),
        .target = str(READ),
        .headers = &authorization,
        .header_cnt = 1,
        .now_sec = NOW};

    for (uint32_t i = 0; i <= random / TOKENS % 4; i++) {
        const pdp_decision_t *decision = NULL;
        pdp_status_t status = pdp_decide(seat->worker, &asked, &decision);
        pdp_reason_t reason = pdp_decision_reason(decision);

        seat->status = seat->status == PDP_OK ? status : seat->status;
        seat->decisions++;
        seat->reasons[reason]++;
        seat->wrong += reason != right_answer(seat->generation, token) ||
                       (pdp_decision_effect(decision) == PDP_EFFECT_ALLOW) !=
                           (reason == PDP_REASON_PERMITTED);
    }
}

static void *
work(void *user)
{
    struct seat *seat = user;

    while (seat->status == PDP_OK &&
           (!seat->last || seat->decisions < seat->wanted)) {
        renew(seat);
        for (int i = 0; i < 8 && seat->status == PDP_OK; i++) {
            decide_some(seat);
        }
    }
    pdp_worker_free(seat->worker);
    return NULL;
}

static size_t
rounds(void)
{
    const char *text = getenv("PDP_FAULT_ROUNDS");

    return text == NULL || number(text) == 0 ? 1 : number(text);
}

static void
reload_under(size_t workers, unsigned generations, size_t decisions)
{
    static struct seat seats[WORKERS_MAX];
    size_t reasons[PDP_REASON_COUNT] = {0};
    size_t made = 0;
    size_t total = 0;

    memset(seats, 0, sizeof(seats));
    publish(compile(0), 0, false);
    assert_non_null(published.snapshot);
    for (size_t i = 0; i < workers; i++) {
        seats[i].random = (uint32_t)i * 7919u + 1;
        seats[i].wanted = decisions;
        assert_int_equal(pthread_create(&seats[i].thread, NULL, work,
                             &seats[i]),
            0);
    }
    unsigned failed = 0;

    for (unsigned g = 1; g <= generations; g++) {
        pdp_snapshot_t *snapshot = compile(g);

        failed += snapshot == NULL;
        if (snapshot != NULL || g == generations) {
            publish(snapshot, g, g == generations);
        }
    }
    for (size_t i = 0; i < workers; i++) {
        assert_int_equal(pthread_join(seats[i].thread, NULL), 0);
    }
    publish(NULL, 0, false);
    assert_int_equal(failed, 0);
    for (size_t i = 0; i < workers; i++) {
        assert_int_equal(seats[i].status, PDP_OK);
        assert_int_equal(seats[i].wrong, 0);
        assert_true(seats[i].decisions >= decisions);
        made += seats[i].workers;
        total += seats[i].decisions;
        for (size_t r = 0; r < PDP_REASON_COUNT; r++) {
            reasons[r] += seats[i].reasons[r];
        }
    }
    print_message("%zu threads, %u reloads: %zu decisions by %zu workers\n",
        workers, generations, total, made);
    /* All four answers, and nothing else. */
    assert_true(reasons[PDP_REASON_PERMITTED] > 0);
    assert_true(reasons[PDP_REASON_NO_GRANT] > 0);
    assert_true(reasons[PDP_REASON_KEY_UNKNOWN] > 0);
    assert_true(reasons[PDP_REASON_SIGNATURE_INVALID] > 0);
    assert_int_equal(reasons[PDP_REASON_PERMITTED] +
                         reasons[PDP_REASON_NO_GRANT] +
                         reasons[PDP_REASON_KEY_UNKNOWN] +
                         reasons[PDP_REASON_SIGNATURE_INVALID],
        total);
    /* Everything was given back, by whichever thread was the last. */
    assert_int_equal(atomic_load(&live), 0);
}

static void
four_workers(void **state)
{
    (void)state;
    reload_under(4, (unsigned)(27 * rounds()), 2000 * rounds());
}

static void
eight_workers(void **state)
{
    (void)state;
    reload_under(8, (unsigned)(27 * rounds()), 1000 * rounds());
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(four_workers),
        cmocka_unit_test(eight_workers),
    };

    return cmocka_run_group_tests(tests, mint_all, NULL);
}
