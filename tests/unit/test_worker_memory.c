/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
/* The worker and memory: sizes, failures, no allocation while deciding,
 * nothing left behind. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "decide/token_record.h"
#include "failing_mem.h"
#include "fixture.h"
#include "model/snapshot.h"

#define IMAGE "/api/v1/images/us.icr.io%2Fbirds%2Fx:1"

/* Minted once: a Reader, a Manager, and one that is forged. */
static char tokens[3][TOKEN_CAP];

/* Calls of libcrypto for memory. */
static atomic_size_t crypto_allocations;

static void *
count_malloc(size_t size, const char *file, int line)
{
    (void)file;
    (void)line;
    atomic_fetch_add(&crypto_allocations, 1);
    return malloc(size);
}

static void *
count_realloc(void *ptr, size_t size, const char *file, int line)
{
    (void)file;
    (void)line;
    atomic_fetch_add(&crypto_allocations, 1);
    return realloc(ptr, size);
}

static int
setup(void **state)
{
    (void)state;
    load(&fixture, NULL);
    memcpy(tokens[0], token_with(&fixture, ",\"roles\":[\"Reader\"]"),
        TOKEN_CAP);
    memcpy(tokens[1], token_with(&fixture, ",\"roles\":[\"Manager\"]"),
        TOKEN_CAP);
    memcpy(tokens[2],
        sign_token(&fixture, "{\"alg\":\"RS256\",\"kid\":\"rsa\"}", CLAIMS "}",
            fixture.rogue, PDP__ALG_RS256),
        TOKEN_CAP);
    return 0;
}

/* An allocator that only notes what is asked for. */
static void *
note_size(void *user, size_t size)
{
    size_t *largest = user;

    *largest = size > *largest ? size : *largest;
    return size > 1 << 26 ? NULL : malloc(size);
}

static void
note_free(void *user, void *ptr)
{
    (void)user;
    free(ptr);
}

static void
places_of_the_cache(void **state)
{
    static const struct {
        uint32_t places;
        bool off;
        pdp_status_t status;
        size_t largest; /* block asked for; 0: not looked at */
    } cases[] = {
        {0, false, PDP_OK, (size_t)256 * 16384},
        {1, false, PDP_OK, 0},
        {1000, false, PDP_OK, (size_t)1024 * 16384},
        {65536, false, PDP_E_NOMEM, (size_t)65536 * 16384},
        {65537, false, PDP_E_LIMIT, 0},
        {UINT32_MAX, false, PDP_E_LIMIT, 0},
        {0, true, PDP_OK, 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        pdp_worker_options_t options = {.size = sizeof(options),
            .token_cache = cases[i].places,
            .no_token_cache = cases[i].off};
        size_t largest = 0;
        pdp_mem_t mem = {note_size, note_free, &largest};
        pdp_worker_t *worker = NULL;

        assert_int_equal(pdp_worker_new(fixture.snapshot, &mem, &options,
                             &worker),
            cases[i].status);
        assert_int_equal(worker != NULL, cases[i].status == PDP_OK);
        if (cases[i].largest != 0) {
            assert_int_equal(largest, cases[i].largest);
        }
        pdp_worker_free(worker);
    }
}

static void
every_allocation_fails_once(void **state)
{
    (void)state;
    for (int off = 0; off < 2; off++) {
        pdp_worker_options_t options = {.size = sizeof(options),
            .token_cache = 4,
            .no_token_cache = off == 1};
        size_t n = 0;
        pdp_worker_t *worker = NULL;

        for (; worker == NULL; n++) {
            struct failing_mem scarce = {.left = n};
            pdp_mem_t mem = failing(&scarce);

            worker = fixture.worker;
            pdp_status_t status =
                pdp_worker_new(fixture.snapshot, &mem, &options, &worker);
            if (status == PDP_OK) {
                assert_int_equal(scarce.left, 0);
                pdp_worker_free(worker);
            } else {
                assert_int_equal(status, PDP_E_NOMEM);
                assert_null(worker);
            }
            assert_int_equal(scarce.live, 0);
            assert_int_equal(atomic_load(&fixture.snapshot->refs), 2);
        }
        /* worker, nodes, record; and three of the cache */
        assert_int_equal(n - 1, off == 1 ? 3 : 6);
    }
}

enum { SERVICES = 48 };

/* An inline policy is kept once for each service it could be for, so the room
 * for them grows with the services: claims full of the shortest policies
 * there are fit all the same. */
static void
the_largest_claims_of_many_services(void **state)
{
    static char texts[SERVICES][512];
    static char names[SERVICES][16];
    static char claims[PDP__TOKEN_MAX + 64];
    static const char policy[] = "{\"state\":\"deleted\"},";
    struct document documents[SERVICES + 1] = {{PDP_SOURCE_NONE, NULL, NULL}};

    (void)state;
    for (int i = 0; i < SERVICES; i++) {
        snprintf(names[i], sizeof(names[i]), "s%d.json", i);
        snprintf(texts[i], sizeof(texts[i]),
            "{\"format\":\"pdp-service/1\",\"service\":\"s%d\",\"actions\":{},"
            "\"roles\":{},\"events\":{},\"params\":{},\"regions\":[{"
            "\"region\":\"eu\",\"hosts\":[\"s%d.example\"],\"events\":"
            "\"eu\"}],\"routes\":[{\"method\":\"GET\",\"path\":\"/x\","
            "\"access\":\"authenticated\",\"event\":null}]}",
            i, i);
        documents[i] =
            (struct document){PDP_SOURCE_SERVICE, names[i], texts[i]};
    }
    load(&fixture, documents);
    size_t len =
        (size_t)snprintf(claims, sizeof(claims), CLAIMS ",\"policies\":[");
    while (len + sizeof(policy) + 1 <= PDP__TOKEN_MAX) {
        memcpy(claims + len, policy, sizeof(policy));
        len += sizeof(policy) - 1;
    }
    memcpy(claims + len - 1, "]}", 3);
    request(&fixture, "GET", "/x");
    header(&fixture, "Host", "s47.example");
    assert_int_equal(pdp_decide_unverified(fixture.worker, &fixture.request,
                         str(claims), &fixture.decision),
        PDP_OK);
    assert_int_equal(pdp_decision_reason(fixture.decision),
        PDP_REASON_AUTHENTICATED);
    setup(NULL);
}

/* A record is addressed with 32 bits; where the services are so many that one
 * could be larger there is no worker, before any memory is asked for. */
static void
more_services_than_a_record_can_be_for(void **state)
{
    enum { MANY = 1 << 16 };
    struct world {
        struct pdp__block block;
        struct pdp__service services[MANY];
    } *world = calloc(1, sizeof(*world));
    pdp_snapshot_t snapshot = {.refs = 1, .block = &world->block};
    pdp_worker_options_t options = {.size = sizeof(options),
        .no_token_cache = true};
    const size_t nodes = (PDP__TOKEN_MAX / 2 + 2) * sizeof(struct pdp__json);
    uint32_t most = 0;
    size_t last = 0;

    (void)state;
    assert_non_null(world);
    world->block.services.off = offsetof(struct world, services);
    for (uint32_t step = MANY / 2; step > 0; step /= 2) {
        size_t largest = 0;
        pdp_mem_t mem = {note_size, note_free, &largest};
        pdp_worker_t *worker = NULL;

        world->block.services.cnt = most + step;
        pdp_status_t status =
            pdp_worker_new(&snapshot, &mem, &options, &worker);
        pdp_worker_free(worker);
        if (status == PDP_E_LIMIT) {
            assert_true(largest < nodes);
            continue;
        }
        assert_true(largest > nodes && largest <= UINT32_MAX);
        most += step;
        last = largest;
    }
    /* One more of them would not fit. */
    assert_in_range(most, 1, MANY - 2);
    assert_true(last + last / most > UINT32_MAX);
    free(world);
}

/* A decision, cold or warm, asks for no memory of ours; a warm one not even
 * libcrypto does. */
static void
decisions_do_not_allocate(void **state)
{
    struct failing_mem counted = {.left = SIZE_MAX};
    pdp_mem_t mem = failing(&counted);
    pdp_worker_t *worker = NULL;
    pdp_worker_t *saved = fixture.worker;

    (void)state;
    assert_int_equal(pdp_worker_new(fixture.snapshot, &mem, NULL, &worker),
        PDP_OK);
    fixture.worker = worker;
    assert_true(counted.left < SIZE_MAX); /* it was made with this memory */
    size_t left = counted.left;
    size_t live = counted.live;
    for (int i = 0; i < 3; i++) {
        size_t before = atomic_load(&crypto_allocations);

        assert_reason(decide(&fixture, "GET", IMAGE "/json", tokens[0]),
            "permitted");
        assert_reason(decide(&fixture, "DELETE", IMAGE, tokens[0]), "no_grant");
        assert_reason(decide(&fixture, "GET", "/api/v1/auth", tokens[1]),
            "permitted");
        assert_reason(decide(&fixture, "GET", "/%2F%2Fx", NULL), "dot_segment");
        assert_reason(decide(&fixture, "GET", IMAGE "/json", NULL),
            "token_missing");
        assert_reason(decide(&fixture, "GET", "/api/v1/messages", NULL),
            "public");
        size_t after = atomic_load(&crypto_allocations);
        if (i == 0) {
            assert_true(after > before); /* the counter counts */
        } else {
            assert_int_equal(after, before);
        }
    }
    assert_reason(decide(&fixture, "GET", IMAGE "/json", tokens[2]),
        "signature_invalid");
    fixture.worker = saved;
    assert_true(counted.left == left);
    assert_int_equal(counted.live, live);
    pdp_worker_free(worker);
    assert_int_equal(counted.live, 0);
}

static void
the_worker_keeps_the_snapshot(void **state)
{
    struct failing_mem counted = {.left = SIZE_MAX};
    pdp_mem_t mem = failing(&counted);
    char jwks[TEXT_MAX];
    pdp_source_t source = {.size = sizeof(source),
        .kind = PDP_SOURCE_JWKS,
        .name = str("keys.json")};
    pdp_loader_t *loader = NULL;
    pdp_snapshot_t *snapshot = NULL;
    pdp_worker_t *saved = fixture.worker;
    pdp_worker_t *worker = NULL;

    (void)state;
    make_jwks(&fixture, jwks);
    source.text = str(jwks);
    assert_int_equal(pdp_loader_new(&mem, &loader), PDP_OK);
    assert_int_equal(pdp_loader_add(loader, &source), PDP_OK);
    assert_int_equal(pdp_loader_build(loader, &snapshot, NULL), PDP_OK);
    pdp_loader_free(loader);
    assert_int_equal(pdp_worker_new(snapshot, NULL, NULL, &worker), PDP_OK);
    pdp_snapshot_release(snapshot);
    assert_int_not_equal(counted.live, 0);
    fixture.worker = worker;
    assert_reason(decide(&fixture, "GET", IMAGE "/json", tokens[0]),
        "permitted");
    assert_str(pdp_decision_service(fixture.decision), "container-registry");
    fixture.worker = saved;
    pdp_worker_free(worker);
    assert_int_equal(counted.live, 0);
}

/* Memory that looks for what must not be in it when it is given back. */
struct search {
    struct {
        void *ptr;
        size_t size;
    } blocks[16];
    size_t cnt;
    const char *needle;
    size_t needle_len;
    bool armed;
    size_t hits;
};

static void *
search_alloc(void *user, size_t size)
{
    struct search *s = user;

    assert_true(s->cnt < 16);
    s->blocks[s->cnt].ptr = malloc(size);
    s->blocks[s->cnt].size = size;
    return s->blocks[s->cnt++].ptr;
}

static size_t
occurrences(const struct search *s, const char *bytes, size_t size)
{
    size_t hits = 0;

    for (size_t at = 0; at + s->needle_len <= size; at++) {
        hits += bytes[at] == s->needle[0] &&
                memcmp(bytes + at, s->needle, s->needle_len) == 0;
    }
    return hits;
}

static void
search_free(void *user, void *ptr)
{
    struct search *s = user;

    for (size_t i = 0; i < s->cnt; i++) {
        if (s->blocks[i].ptr == ptr && s->armed) {
            s->hits += occurrences(s, ptr, s->blocks[i].size);
        }
    }
    free(ptr);
}

/* The blocks of a worker that hold the needle. */
static size_t
hits_in_blocks(const struct search *s, size_t size)
{
    size_t hits = 0;

    for (size_t i = 0; i < s->cnt; i++) {
        if (size == 0 || s->blocks[i].size == size) {
            hits += occurrences(s, s->blocks[i].ptr, s->blocks[i].size);
        }
    }
    return hits;
}

/* A worker with a cache of four places, in memory that is searched. */
static pdp_worker_t *
searched_worker(struct search *s)
{
    pdp_mem_t mem = {search_alloc, search_free, s};
    pdp_worker_options_t options = {.size = sizeof(options), .token_cache = 4};
    pdp_worker_t *worker = NULL;

    assert_int_equal(pdp_worker_new(fixture.snapshot, &mem, &options, &worker),
        PDP_OK);
    return worker;
}

/* Neither the token nor its header and claims survive the worker. */
static void
tokens_are_wiped(void **state)
{
    static const char *const needles[] = {"eyJpc3MiOiJodHRwczovL2lhbS5jbG",
        "IBMid-270000TEST", "{\"alg\":\"RS256\""};
    pdp_worker_t *saved = fixture.worker;

    (void)state;
    assert_non_null(strstr(tokens[0], needles[0]));
    for (size_t i = 0; i < 3; i++) {
        struct search s = {.needle = needles[i],
            .needle_len = strlen(needles[i])};

        fixture.worker = searched_worker(&s);
        assert_reason(decide(&fixture, "GET", IMAGE "/json", tokens[0]),
            "permitted");
        assert_int_not_equal(hits_in_blocks(&s, 0), 0);
        s.armed = true;
        pdp_worker_free(fixture.worker);
        assert_int_equal(s.hits, 0);
    }
    fixture.worker = saved;
}

/* A token leaves the cache when it is found to have expired. */
static void
an_expired_token_is_wiped(void **state)
{
    struct search s = {.needle = "IBMid-270000TEST", .needle_len = 16};
    const size_t places = 4 * (size_t)16384;
    pdp_worker_t *saved = fixture.worker;

    (void)state;
    fixture.worker = searched_worker(&s);
    assert_reason(decide(&fixture, "GET", IMAGE "/json", tokens[0]),
        "permitted");
    assert_int_not_equal(hits_in_blocks(&s, places), 0);
    fixture.request.now_sec = NOW - 100;
    assert_int_equal(judge(&fixture), PDP_REASON_TOKEN_NOT_YET_VALID);
    assert_int_not_equal(hits_in_blocks(&s, places), 0);
    fixture.request.now_sec = NOW + 3580;
    assert_int_equal(judge(&fixture), PDP_REASON_TOKEN_EXPIRED);
    assert_int_equal(hits_in_blocks(&s, places), 0);
    pdp_worker_free(fixture.worker);
    fixture.worker = saved;
}

/* Functions that are not there, as pdp_loader_new() refuses them. */
static void
missing_memory_functions(void **state)
{
    size_t largest = 0;
    const pdp_mem_t mems[] = {{NULL, note_free, &largest},
        {note_size, NULL, &largest}};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        pdp_worker_t *worker = fixture.worker;

        assert_int_equal(pdp_worker_new(fixture.snapshot, &mems[i], NULL,
                             &worker),
            PDP_E_ARGUMENT);
        assert_null(worker);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(places_of_the_cache),
        cmocka_unit_test(every_allocation_fails_once),
        cmocka_unit_test(the_largest_claims_of_many_services),
        cmocka_unit_test(more_services_than_a_record_can_be_for),
        cmocka_unit_test(decisions_do_not_allocate),
        cmocka_unit_test(the_worker_keeps_the_snapshot),
        cmocka_unit_test(tokens_are_wiped),
        cmocka_unit_test(an_expired_token_is_wiped),
        cmocka_unit_test(missing_memory_functions),
    };

    if (CRYPTO_set_mem_functions(count_malloc, count_realloc, crypto_free) !=
        1) {
        return 1;
    }
    return cmocka_run_group_tests(tests, setup, teardown);
}
