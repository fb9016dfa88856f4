/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#define _GNU_SOURCE 1 /* signalfd(), getrandom() */

#include "pdp-fetch/run.h"

/*
 * The loop: what is due is begun, what has ended is checked and stored, and
 * between the two this process sleeps in one place, woken by a download, a
 * signal, a request or the clock.
 *
 * Each set goes through these steps, in this order:
 *
 *   due -> state written -> download -> checked by the loader -> file
 *   replaced -> state written
 *
 * so after a kill at any moment the file is a whole good set, and the state
 * file has at worst an attempt without an end; a process that is started
 * over and over does not fetch oftener than the cooldown allows.
 *
 * Whatever goes wrong with one set is noted in its state, told once for each
 * kind of failure, and leaves its file as it was.
 *
 * Two clocks: plans use one that never goes back, the state file the wall
 * clock, since its readers know no other.
 */

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/random.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/tell.h"
#include "pdp-fetch/fetch.h"
#include "pdp-fetch/request.h"
#include "pdp-fetch/sets.h"
#include "pdp-fetch/store.h"

enum { SLEEP_MAX_SEC = 30, REOPEN_SEC = 1, SECOND_NS = 1000000000 };

struct run {
    const struct pdp__fetch_options *options;
    char *state_path;
    struct pdp__sets sets;
    struct pdp__fetcher *fetcher;
    struct pdp__requests requests;
    int signals;
    int lock;
};

static int64_t
steady_sec(void)
{
    return (int64_t)(pdp__clock_steady_ns() / SECOND_NS);
}

/* The same, rounded up: counted from here, a second is never short. */
static int64_t
steady_sec_up(void)
{
    return (int64_t)((pdp__clock_steady_ns() + SECOND_NS - 1) / SECOND_NS);
}

static int64_t
wall_sec(void)
{
    int64_t seconds = 0;
    uint32_t nanoseconds = 0;
    pdp__clock_now(&seconds, &nanoseconds);
    return seconds;
}

/* For jitter only; without randomness all hosts ask at the same time. */
static uint32_t
random_number(void)
{
    uint32_t value = 0;
    if (getrandom(&value, sizeof(value), GRND_NONBLOCK) !=
        (ssize_t)sizeof(value)) {
        value = (uint32_t)getpid();
    }
    return value;
}

static void
write_state(const struct run *run)
{
    struct pdp__keystate state;
    pdp__sets_report(&run->sets, &state);
    (void)pdp__store_state(run->state_path, &state);
    pdp__keystate_free(&state);
}

static void
set_text(char **place, char *text)
{
    pdp__heap_free(*place);
    *place = text;
}

/* Notes a failure; both texts are given.  Told when it is a new one. */
static void
note_failure(struct pdp__set *set, char *error, char *detail)
{
    bool same =
        set->state.error != NULL && strcmp(set->state.error, error) == 0;
    if (!set->told || !same) {
        pdp__tell("%s: not fetched from %s: %s [%s]", set->path, set->url,
            detail == NULL ? error : detail, error);
    }
    set->told = true;
    set->state.failures++;
    set->state.failure_cnt++;
    set_text(&set->state.error, error);
    set_text(&set->state.detail, detail);
    pdp__plan_bad(&set->plan, steady_sec(), random_number());
}

static void
note_success(struct pdp__set *set, const struct pdp__fetched *fetched)
{
    int64_t now = wall_sec();
    if (set->told) {
        pdp__tell("%s: fetched again from %s", set->path, set->url);
    }
    set->told = false;
    set->state.fetched_sec = now;
    set->state.expires_sec = now + fetched->lifetime_sec;
    set->state.failures = 0;
    set_text(&set->state.error, NULL);
    set_text(&set->state.detail, NULL);
    pdp__plan_good(&set->plan, steady_sec(), fetched->lifetime_sec,
        random_number());
}

/* A body that came with status 200. */
static void
store_new(struct run *run, struct pdp__set *set,
    const struct pdp__fetched *fetched)
{
    pdp_str_t text = pdp__string_get(&fetched->body);
    char *error = NULL;
    char *detail = NULL;
    if (!pdp__sets_check(&run->sets, set, text, &error, &detail)) {
        note_failure(set, error, detail);
        return;
    }
    /* Readers load again whatever is replaced. */
    if (!pdp__store_holds(set->path, text)) {
        int code = pdp__store_replace(set->path, text);
        if (code != 0) {
            note_failure(set, pdp__heap_copy(PDP__LIT("write")),
                pdp__heap_copy(pdp__str_z(strerror(code))));
            return;
        }
        set->state.changed_sec = wall_sec();
        pdp__tell("%s: replaced with the keys from %s", set->path, set->url);
    }
    set->state.sum = pdp__keystate_sum(text);
    set_text(&set->state.etag, fetched->etag == NULL
                                   ? NULL
                                   : pdp__heap_copy(pdp__str_z(fetched->etag)));
    note_success(set, fetched);
}

/* Takes what has ended. */
static void
finish_all(struct run *run)
{
    struct pdp__fetched fetched;
    while (pdp__fetcher_next(run->fetcher, &fetched)) {
        struct pdp__set *set = fetched.owner;
        switch (fetched.kind) {
        case PDP__FETCH_FAILED:
            note_failure(set, pdp__heap_copy(pdp__str_z(fetched.error)),
                pdp__heap_copy(pdp__str_z(fetched.detail)));
            break;
        case PDP__FETCH_SAME:
            note_success(set, &fetched);
            break;
        case PDP__FETCH_NEW:
            store_new(run, set, &fetched);
            break;
        }
        pdp__fetched_free(&fetched);
        write_state(run);
    }
}

static void
start(struct run *run, struct pdp__set *set)
{
    uint64_t sum = 0;
    /* An etag speaks of what was downloaded: if the file is another one,
     * "not modified" would leave it there. */
    bool known = set->state.etag != NULL &&
                 pdp__store_sum(set->path, PDP__FETCH_LEN_MAX, &sum) &&
                 sum == set->state.sum;
    pdp__plan_begin(&set->plan, steady_sec_up());
    set->state.tried_sec = wall_sec();
    set->state.fetch_cnt++;
    write_state(run);
    pdp__fetcher_start(run->fetcher, set->url, known ? set->state.etag : NULL,
        set);
}

/* The set whose turn it is first, or NULL. */
static struct pdp__set *
first_due(const struct run *run, int64_t *at)
{
    struct pdp__set *first = NULL;
    *at = PDP__PLAN_NOT_NOW;
    for (size_t i = 0; i < run->sets.cnt; i++) {
        int64_t turn = pdp__plan_at(&run->sets.items[i].plan);
        if (turn < *at) {
            *at = turn;
            first = &run->sets.items[i];
        }
    }
    return first;
}

/* Begins what is due; the time until the next turn in milliseconds. */
static int
start_due(struct run *run)
{
    int64_t at = PDP__PLAN_NOT_NOW;
    struct pdp__set *set = first_due(run, &at);
    int64_t now = steady_sec();
    while (set != NULL && at <= now &&
           pdp__fetcher_running(run->fetcher) < PDP__FETCH_RUNNING_MAX) {
        start(run, set);
        set = first_due(run, &at);
    }
    int64_t sleep =
        set == NULL || at - now > SLEEP_MAX_SEC ? SLEEP_MAX_SEC : at - now;
    if (now < run->requests.deaf) {
        sleep = REOPEN_SEC;
    }
    /* Something is due, but enough are running: one of them wakes us. */
    return (int)(sleep <= 0 ? 1 : sleep) * 1000;
}

static void
take_requests(struct run *run)
{
    if (pdp__requests_fd(&run->requests, steady_sec()) < 0) {
        return;
    }
    pdp__requests_drain(&run->requests, steady_sec());
    for (size_t i = 0; i < run->sets.cnt; i++) {
        struct pdp__set *set = &run->sets.items[i];
        for (size_t j = 0; j < set->issuer_cnt; j++) {
            if (pdp__requests_take(&run->requests, set->issuers[j])) {
                set->plan.requested = true;
            }
        }
    }
}

static void
sweep(const struct run *run)
{
    pdp__store_sweep(run->state_path);
    for (size_t i = 0; i < run->sets.cnt; i++) {
        pdp__store_sweep(run->sets.items[i].path);
    }
}

/* Reads the trust document again; one that is bad changes nothing. */
static void
reload(struct run *run)
{
    struct pdp__sets sets;
    if (pdp__sets_read(run->options->trust, &sets) != PDP__DOCS_OK) {
        pdp__tell("not reloaded; the old trust document stays in force");
        return;
    }
    struct pdp__keystate none = {0};
    pdp__fetcher_cancel(run->fetcher);
    for (size_t i = 0; i < run->sets.cnt; i++) {
        if (run->sets.items[i].plan.running) {
            pdp__plan_cancel(&run->sets.items[i].plan);
        }
    }
    pdp__sets_resume(&sets, &none, steady_sec(), wall_sec(),
        run->options->cooldown_sec);
    pdp__sets_follow(&sets, &run->sets);
    pdp__sets_free(&run->sets);
    run->sets = sets;
    write_state(run);
    pdp__tell("reloaded");
}

/* Takes signals; false: it is time to end. */
static bool
take_signals(struct run *run)
{
    struct signalfd_siginfo info;
    bool again = false;
    while (read(run->signals, &info, sizeof(info)) == (ssize_t)sizeof(info)) {
        if (info.ssi_signo != SIGHUP) {
            return false;
        }
        again = true;
    }
    if (again) {
        reload(run);
    }
    return true;
}

static enum pdp__fetch_exit
serve(struct run *run)
{
    while (take_signals(run)) {
        take_requests(run);
        int timeout_ms = start_due(run);
        int fds[2] = {run->signals, 0};
        fds[1] = pdp__requests_fd(&run->requests, steady_sec());
        pdp__fetcher_wait(run->fetcher, fds, fds[1] < 0 ? 1 : 2, timeout_ms);
        finish_all(run);
    }
    return PDP__FETCH_EXIT_OK;
}

static enum pdp__fetch_exit
fetch_once(struct run *run)
{
    size_t failed = 0;
    for (size_t next = 0;
         next < run->sets.cnt || pdp__fetcher_running(run->fetcher) > 0;) {
        while (next < run->sets.cnt &&
               pdp__fetcher_running(run->fetcher) < PDP__FETCH_RUNNING_MAX) {
            start(run, &run->sets.items[next++]);
        }
        pdp__fetcher_wait(run->fetcher, &run->signals, 1, 1000);
        finish_all(run);
        if (!take_signals(run)) {
            return PDP__FETCH_EXIT_NEGATIVE;
        }
    }
    for (size_t i = 0; i < run->sets.cnt; i++) {
        failed += run->sets.items[i].state.error == NULL ? 0 : 1;
    }
    return failed == 0 ? PDP__FETCH_EXIT_OK : PDP__FETCH_EXIT_NEGATIVE;
}

/* Signals become readable; a full disk becomes an error of write(). */
static int
take_over_signals(bool once)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    if (!once) {
        sigaddset(&set, SIGHUP);
    }
    signal(SIGXFSZ, SIG_IGN);
    if (sigprocmask(SIG_BLOCK, &set, NULL) != 0) {
        return -1;
    }
    return signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
}

static void
resume(struct run *run)
{
    struct pdp__keystate state;
    /* Without it, everything is due, and nothing is known to be fresh. */
    (void)pdp__keystate_read(run->state_path, &state);
    pdp__sets_resume(&run->sets, &state, steady_sec(), wall_sec(),
        run->options->cooldown_sec);
    pdp__keystate_free(&state);
}

static enum pdp__fetch_exit
open_all(struct run *run)
{
    const struct pdp__fetch_options *options = run->options;
    enum pdp__docs_result result = pdp__sets_read(options->trust, &run->sets);
    if (result != PDP__DOCS_OK) {
        return result == PDP__DOCS_FAILED ? PDP__FETCH_EXIT_INTERNAL
                                          : PDP__FETCH_EXIT_USAGE;
    }
    run->lock = pdp__store_lock(run->state_path);
    if (run->lock < 0 ||
        !pdp__requests_open(options->once ? NULL : options->run_dir,
            &run->requests)) {
        return PDP__FETCH_EXIT_USAGE;
    }
    run->signals = take_over_signals(options->once);
    run->fetcher = pdp__fetcher_new(options->ca_file);
    if (run->signals < 0 || run->fetcher == NULL) {
        pdp__tell("cannot start");
        return PDP__FETCH_EXIT_INTERNAL;
    }
    sweep(run);
    resume(run);
    return PDP__FETCH_EXIT_OK;
}

enum pdp__fetch_exit
pdp__fetch_run(const struct pdp__fetch_options *options)
{
    struct run run = {.options = options, .signals = -1, .lock = -1};
    run.requests = (struct pdp__requests){.dir = -1, .watch = -1};
    run.state_path = options->state != NULL
                         ? pdp__heap_copy(pdp__str_z(options->state))
                         : pdp__file_beside(options->trust,
                               PDP__LIT("pdp-fetch.state.json"));
    enum pdp__fetch_exit status = open_all(&run);
    if (status == PDP__FETCH_EXIT_OK) {
        status = options->once ? fetch_once(&run) : serve(&run);
    }
    pdp__fetcher_free(run.fetcher);
    pdp__requests_close(&run.requests);
    pdp__sets_free(&run.sets);
    pdp__heap_free(run.state_path);
    if (run.signals >= 0) {
        close(run.signals);
    }
    if (run.lock >= 0) {
        close(run.lock);
    }
    return status;
}
