/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include "pdpd/generation.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/*
 * A reload of the daemon while memory runs out (T56).
 *
 * Every allocation that the daemon, the tools it is made of and the library
 * make for one reload fails once, alone and together with all that follow.
 * Each time: the generation in use stays, nothing is blamed on the documents
 * that is not wrong with them, the next look tries again, and that succeeds.
 * What leaks, the address sanitizer tells.
 *
 * (What libcrypto allocates fails in test_crypto_memory; what libyaml
 * allocates cannot be reached from here.)
 */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/heap.h"
#include "pdpd/log.h"
#include "pdpd/watch.h"

enum { WORKERS = 2, FAILURES_MIN = 60 };

static struct pdpd__generations generations = {.thread_cnt = WORKERS};
static struct pdpd__watch watch;
static char folder[] = "/tmp/pdpd-memory.XXXXXX";
static char config_path[64];

/* Which allocation fails, counted down; 0: none does. */
static size_t countdown;
static bool all_that_follow;

static bool
fails(void)
{
    if (countdown == 0) {
        return false;
    }
    if (countdown > 1) {
        countdown--;
        return false;
    }
    countdown = all_that_follow ? 1 : 0;
    return true;
}

#define WRAP(name, params, args)                                               \
    void *__real_##name params;                                                \
    void *__wrap_##name params;                                                \
    void *__wrap_##name params                                                 \
    {                                                                          \
        if (fails()) {                                                         \
            errno = ENOMEM;                                                    \
            return NULL;                                                       \
        }                                                                      \
        return __real_##name args;                                             \
    }

WRAP(malloc, (size_t size), (size))
WRAP(calloc, (size_t cnt, size_t size), (cnt, size))
WRAP(realloc, (void *ptr, size_t size), (ptr, size))

static void
put_file(const char *name, const char *text)
{
    char path[96];
    snprintf(path, sizeof(path), "%s/%s", folder, name);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(chmod(path, 0600), 0);
}

static void
remove_file(const char *name)
{
    char path[96];
    snprintf(path, sizeof(path), "%s/%s", folder, name);
    assert_int_equal(remove(path), 0);
}

static const char policy[] =
    "[{\"id\":\"p1\",\"type\":\"access\",\"subject\":{\"attributes\":[{"
    "\"key\":\"iam_id\",\"operator\":\"stringEquals\",\"value\":\"IBMid-1\"}]},"
    "\"resource\":{\"attributes\":[{\"key\":\"serviceName\",\"operator\":"
    "\"stringEquals\",\"value\":\"container-registry\"},{\"key\":\"accountId\","
    "\"operator\":\"stringEquals\",\"value\":\"0123456789abcdef0123456789abcdef"
    "\"}]},\"control\":{\"grant\":{\"roles\":[{\"role_id\":\"crn:v1:bluemix:"
    "public:iam::::serviceRole:Reader\"}]}}}]";

static const char trust_yaml[] =
    "format: pdp-trust/1\n"
    "issuers:\n"
    "  - issuer: https://iam.cloud.ibm.com/identity\n"
    "    keys: {file: keys.json, url: 'https://iam.cloud.ibm.com/keys'}\n";

static const char keys_json[] =
    "{\"keys\":[{\"kty\":\"EC\",\"crv\":\"P-256\",\"kid\":\"1\",\"x\":"
    "\"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU\",\"y\":"
    "\"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0\"}]}";

/* Five seconds old, whatever the clock says. */
static void
put_state(void)
{
    char text[256];
    int64_t sec = 0;
    uint32_t nsec = 0;
    pdp__clock_now(&sec, &nsec);
    snprintf(text, sizeof(text),
        "{\"format\":\"pdp-keystate/1\",\"sets\":[{\"issuer\":\"https://"
        "iam.cloud.ibm.com/identity\",\"fetched_at\":%lld}]}",
        (long long)sec - 5);
    put_file("state.json", text);
}

static int
setup(void **state)
{
    char text[512];
    (void)state;
    pdp__heap_keep_going();
    pdpd__log_setup(true, PDPD__LOG_ERROR);
    assert_non_null(mkdtemp(folder));
    snprintf(config_path, sizeof(config_path), "%s/pdpd.yaml", folder);
    snprintf(text, sizeof(text), "%s/policies", folder);
    assert_int_equal(mkdir(text, 0700), 0);
    snprintf(text, sizeof(text),
        "format: pdpd/1\n"
        "listeners:\n"
        "  - {name: nginx, contract: nginx, socket: n.sock, peers: [%lu]}\n"
        "trust: trust.yaml\n"
        "policies: [policies]\n"
        "keys: {state: state.json, refetch: ask, max_stale: 60}\n",
        (unsigned long)getuid());
    put_file("pdpd.yaml", text);
    put_file("trust.yaml", trust_yaml);
    put_file("keys.json", keys_json);
    put_file("policies/one.json", policy);
    put_state();
    return 0;
}

static int
teardown(void **state)
{
    (void)state;
    pdpd__generations_free(&generations);
    pdpd__watch_close(&watch);
    remove_file("policies/one.json");
    remove_file("policies");
    remove_file("pdpd.yaml");
    remove_file("trust.yaml");
    remove_file("keys.json");
    remove_file("state.json");
    assert_int_equal(rmdir(folder), 0);
    return 0;
}

/* The age of the keys, as the daemon asks for it before it publishes. */
static bool
refresh(struct pdpd__documents *documents, size_t *old_cnt)
{
    int64_t sec = 0;
    uint32_t nsec = 0;
    pdp__clock_now(&sec, &nsec);
    return pdpd__keys_refresh(&documents->fetched, &documents->keys, sec,
        old_cnt);
}

enum outcome { FAILED, BROKEN, PUBLISHED };

/* What the daemon does with its files; the watch is always set. */
static enum outcome
reload(void)
{
    struct pdpd__documents documents;
    enum outcome outcome = FAILED;
    bool good = pdpd__documents_load(config_path, &documents);
    pdpd__watch_set(&watch, &documents);
    if (!good) {
        outcome = documents.incomplete ? FAILED : BROKEN;
        if (outcome == FAILED) {
            assert_true(pdpd__watch_changed(&watch)); /* it is tried again */
        }
    } else {
        size_t old_cnt = 0;
        assert_false(documents.incomplete);
        /* Never with keys whose age could not be read. */
        bool known = refresh(&documents, &old_cnt);
        assert_int_equal(old_cnt, known ? 0 : 1);
        outcome = known && pdpd__generations_publish(&generations, &documents)
                      ? PUBLISHED
                      : FAILED;
    }
    pdpd__documents_free(&documents);
    return outcome;
}

static void
assert_good(void)
{
    countdown = 0;
    uint64_t number = generations.last_number;
    assert_int_equal(reload(), PUBLISHED);
    assert_int_equal(generations.last_number, number + 1);
    assert_false(pdpd__watch_changed(&watch));
    struct pdpd__generation *now = pdpd__generation_enter(&generations, 0);
    assert_int_equal(now->number, number + 1);
    assert_int_equal(now->documents.fetched.cnt, 1);
    size_t old_cnt = 1;
    assert_true(refresh(&now->documents, &old_cnt));
    assert_int_equal(old_cnt, 0); /* none is too old */
    assert_non_null(now->workers[WORKERS - 1]);
    pdpd__generation_leave(&generations, 0);
    assert_false(pdpd__generations_sweep(&generations));
}

/* Each allocation in turn, until a reload needs none that fails. */
static void
run_all_failures(bool rest)
{
    size_t failed = 0;
    for (size_t n = 1;; n++) {
        uint64_t number = generations.last_number;
        put_state();
        all_that_follow = rest;
        countdown = n;
        enum outcome outcome = reload();
        bool hit = rest ? countdown <= 1 : countdown == 0;
        countdown = 0;
        assert_int_not_equal(outcome, BROKEN);
        if (outcome == FAILED) {
            assert_true(hit);
            assert_int_equal(generations.last_number, number);
            failed++;
        }
        struct pdpd__generation *now = pdpd__generation_enter(&generations, 1);
        assert_int_equal(now->number, generations.last_number);
        pdpd__generation_leave(&generations, 1);
        if (n % 16 == 0) {
            assert_good();
        }
        if (!hit) {
            break;
        }
    }
    print_message("%zu allocations failed\n", failed);
    assert_true(failed > FAILURES_MIN);
    assert_good();
}

static void
t56_a_reload_survives_one_allocation_that_fails(void **state)
{
    (void)state;
    assert_good();
    run_all_failures(false);
}

static void
t56_a_reload_survives_the_end_of_memory(void **state)
{
    (void)state;
    assert_good();
    run_all_failures(true);
}

/* With errors in the documents: never "good" for want of memory. */
static void
t56_errors_are_errors_without_memory(void **state)
{
    (void)state;
    assert_good();
    put_file("policies/one.json", "[{\"id\":7}]");
    assert_int_equal(reload(), BROKEN);
    for (size_t n = 1;; n++) {
        all_that_follow = false;
        countdown = n;
        enum outcome outcome = reload();
        bool hit = countdown == 0;
        countdown = 0;
        assert_int_not_equal(outcome, PUBLISHED);
        if (!hit) {
            assert_int_equal(outcome, BROKEN);
            break;
        }
    }
    put_file("policies/one.json", policy);
    assert_good();
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(t56_a_reload_survives_one_allocation_that_fails),
        cmocka_unit_test(t56_a_reload_survives_the_end_of_memory),
        cmocka_unit_test(t56_errors_are_errors_without_memory),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
