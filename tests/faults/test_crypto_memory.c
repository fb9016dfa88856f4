/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
/*
 * libcrypto without memory, at each of its allocations in turn: while key
 * sets are loaded, while a worker is made, while a token is verified for the
 * first time.
 *
 * Loading then says PDP_E_NOMEM, never that a key is bad.  A good token is
 * permitted or, where libcrypto could not do without, denied `internal`;
 * never `signature_invalid`, which would send its holder away for another.
 * A forged one is never anything better.  Afterwards the same worker is right
 * about both, and the error queue is as it was.
 *
 * Not here: memory of our own (tests/unit/test_oom.c), and the first use of
 * libcrypto in a process: version 3.0 crashes when some of the allocations of
 * its own set-up fail.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "scarce_crypto.h"

#include "fault_util.h"

/* What ran, for the message at the end. */
struct tally {
    size_t failures;
    size_t coped;    /* libcrypto did without */
    size_t mistaken; /* a good token read as forged: see is_deaf() */
};

static pdp_snapshot_t *snapshot;

static int
setup(void **state)
{
    make_kinds(state);
    /* Twice, so that all that libcrypto keeps is there. */
    for (int i = 0; i < 2; i++) {
        pdp_snapshot_release(snapshot);
        assert_int_equal(build(NULL, all_jwks, &snapshot, NULL), PDP_OK);
    }
    pdp_worker_t *worker = new_worker(snapshot, true);

    for (size_t i = 0; i < KINDS; i++) {
        assert_int_equal(ask(worker, tokens[i]), PDP_REASON_PERMITTED);
        assert_int_equal(ask(worker, forged[i]), PDP_REASON_SIGNATURE_INVALID);
    }
    pdp_worker_free(worker);
    return 0;
}

static int
end(void **state)
{
    pdp_snapshot_release(snapshot);
    return teardown(state);
}

static void
assert_queue(unsigned long mine)
{
    assert_int_equal(ERR_peek_error(), mine);
    assert_int_equal(ERR_peek_last_error(), mine);
}

/* Blocks of libcrypto in use, with an error queue in which each place has
 * been used: a place keeps its texts until it is used again. */
static size_t
live_blocks(void)
{
    for (int i = 0; i < ERR_NUM_ERRORS; i++) {
        ERR_raise_data(ERR_LIB_USER, 77, "%s", "text");
    }
    ERR_clear_error();
    return scarce_live();
}

/* One load in which memory fails as planned. */
static void
load_scarcely(size_t kind, enum scarcity how, size_t n, struct tally *tally)
{
    pdp_snapshot_t *built = NULL;
    pdp_report_t *report = NULL;

    scarce_from(how, n);
    pdp_status_t status = build(NULL, jwks[kind], &built, &report);

    if (scarce_end()) {
        tally->failures++;
        tally->coped += status == PDP_OK;
    } else {
        assert_int_equal(status, PDP_OK);
    }
    if (status != PDP_OK && status != PDP_E_NOMEM) {
        print_report(report);
        fail_msg("%s: status %d at allocation %zu (%d)", kinds[kind].alg,
            status, n, how);
    }
    assert_int_equal(built != NULL, status == PDP_OK);
    assert_int_equal(report != NULL, status == PDP_OK);
    assert_queue(0);
    pdp_report_free(report);
    if (built != NULL) {
        /* What libcrypto made with less memory is the key all the same. */
        pdp_worker_t *worker = new_worker(built, true);

        assert_int_equal(ask(worker, tokens[kind]), PDP_REASON_PERMITTED);
        assert_int_equal(ask(worker, forged[kind]),
            PDP_REASON_SIGNATURE_INVALID);
        pdp_worker_free(worker);
    }
    pdp_snapshot_release(built);
}

static void
each_allocation_of_a_load(void **state)
{
    (void)state;
    for (size_t i = 0; i < KINDS; i++) {
        struct tally tally = {0, 0, 0};
        size_t live = live_blocks();

        if (kinds[i].id == PDP__ALG_PS256) {
            continue; /* the key of RS256 */
        }
        for (int how = 0; how < SCARCITIES; how++) {
            size_t before;
            size_t n = 0;

            do {
                before = tally.failures;
                load_scarcely(i, (enum scarcity)how, ++n, &tally);
            } while (tally.failures > before);
        }
        print_message("load %s: %zu runs with failures, %zu coped with\n",
            kinds[i].alg, tally.failures, tally.coped);
        assert_int_equal(live_blocks(), live);
        assert_true(tally.failures > 30);
    }
}

/* Nothing of libcrypto is used to make a worker. */
static void
a_worker_needs_none(void **state)
{
    (void)state;
    scarce_from(ONWARDS, 1);
    pdp_worker_t *worker = new_worker(snapshot, false);

    pdp_worker_free(worker);
    assert_false(scarce_end());
}

/*
 * The one case in which a failure cannot be told from a no: libcrypto 3.0
 * does not say when Ed25519 gets no memory for its hash.
 */
static bool
is_deaf(size_t kind, pdp_reason_t reason)
{
    return kinds[kind].id == PDP__ALG_EDDSA &&
           reason == PDP_REASON_SIGNATURE_INVALID;
}

/* One cold decision in which memory fails as planned, then two without. */
static void
decide_scarcely(size_t kind, enum scarcity how, size_t n, unsigned long mine,
    struct tally *tally)
{
    pdp_worker_t *worker = new_worker(snapshot, false);

    scarce_from(how, n);
    pdp_reason_t reason = ask(worker, tokens[kind]);
    bool failed = scarce_end();

    assert_queue(mine);
    tally->failures += failed;
    tally->coped += failed && reason == PDP_REASON_PERMITTED;
    if (failed && is_deaf(kind, reason)) {
        tally->mistaken++;
    } else if (reason != PDP_REASON_PERMITTED &&
               !(failed && reason == PDP_REASON_INTERNAL)) {
        fail_msg("%s: %s at allocation %zu (%d)", kinds[kind].alg,
            pdp_reason_name(reason), n, how);
    }
    scarce_from(how, n);
    pdp_reason_t wrong = ask(worker, forged[kind]);

    if (wrong != PDP_REASON_SIGNATURE_INVALID &&
        !(scarce_end() && wrong == PDP_REASON_INTERNAL)) {
        fail_msg("forged %s: %s at allocation %zu (%d)", kinds[kind].alg,
            pdp_reason_name(wrong), n, how);
    }
    (void)scarce_end();
    assert_queue(mine);
    /* A failure is not remembered, neither as a yes nor as a no. */
    assert_int_equal(ask(worker, forged[kind]), PDP_REASON_SIGNATURE_INVALID);
    assert_int_equal(ask(worker, tokens[kind]), PDP_REASON_PERMITTED);
    /* Warm: libcrypto is not asked for anything. */
    scarce_from(ONWARDS, 1);
    assert_int_equal(ask(worker, tokens[kind]), PDP_REASON_PERMITTED);
    assert_false(scarce_end());
    pdp_worker_free(worker);
}

static void
each_allocation_of_a_cold_decision(void **state)
{
    (void)state;
    for (size_t i = 0; i < KINDS; i++) {
        struct tally tally = {0, 0, 0};
        size_t live = live_blocks();

        for (int how = 0; how < SCARCITIES; how++) {
            size_t before;
            size_t n = 0;

            do {
                before = tally.failures;
                decide_scarcely(i, (enum scarcity)how, ++n, 0, &tally);
            } while (tally.failures > before);
        }
        print_message("cold %s: %zu runs with failures, %zu coped with\n",
            kinds[i].alg, tally.failures, tally.coped);
        assert_int_equal(live_blocks(), live);
        assert_true(tally.failures > 10);
        assert_true(tally.mistaken <= SCARCITIES); /* one allocation */
    }
}

/* An error of the caller's own is there before and after. */
static void
the_errors_of_the_caller_stay(void **state)
{
    const unsigned long mine = ERR_PACK(ERR_LIB_USER, 0, 77);

    (void)state;
    ERR_raise(ERR_LIB_USER, 77);
    for (size_t i = 0; i < KINDS; i++) {
        pdp_snapshot_t *built = NULL;
        pdp_worker_t *worker = new_worker(snapshot, true);

        assert_int_equal(ask(worker, tokens[i]), PDP_REASON_PERMITTED);
        assert_int_equal(ask(worker, forged[i]), PDP_REASON_SIGNATURE_INVALID);
        assert_queue(mine);
        pdp_worker_free(worker);
        assert_int_equal(build(NULL, jwks[i], &built, NULL), PDP_OK);
        assert_queue(mine);
        pdp_snapshot_release(built);
        assert_queue(mine);
        for (size_t n = 1; n < 200; n++) {
            scarce_from(ONCE, n);
            (void)build(NULL, jwks[i], &built, NULL);
            (void)scarce_end();
            assert_queue(mine);
            pdp_snapshot_release(built);
            built = NULL;
        }
    }
    assert_int_equal(ERR_get_error(), mine);
    assert_int_equal(ERR_get_error(), 0);
}

/* What libcrypto was given for a snapshot comes back with it. */
static void
nothing_of_libcrypto_is_left(void **state)
{
    (void)state;
    for (size_t i = 0; i < KINDS; i++) {
        size_t live = scarce_live();
        pdp_snapshot_t *built = NULL;

        assert_int_equal(build(NULL, jwks[i], &built, NULL), PDP_OK);
        assert_true(scarce_live() > live);
        pdp_worker_t *worker = new_worker(built, false);

        assert_int_equal(ask(worker, tokens[i]), PDP_REASON_PERMITTED);
        assert_int_equal(ask(worker, forged[i]), PDP_REASON_SIGNATURE_INVALID);
        pdp_worker_free(worker);
        pdp_snapshot_release(built);
        assert_int_equal(scarce_live(), live);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_of_libcrypto_is_left),
        cmocka_unit_test(a_worker_needs_none),
        cmocka_unit_test(each_allocation_of_a_cold_decision),
        cmocka_unit_test(each_allocation_of_a_load),
        cmocka_unit_test(the_errors_of_the_caller_stay),
        cmocka_unit_test(nothing_of_libcrypto_is_left),
    };

    scarce_wrap();
    return cmocka_run_group_tests(tests, setup, end);
}
