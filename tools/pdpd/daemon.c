/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include "pdpd/daemon.h"

/*
 * The life of the daemon, in one thread of its own:
 *
 *     load -> listen -> serve -> (reload)... -> drain -> end
 *
 * Nothing is opened before everything was loaded.  From then on, this thread
 * only waits: for signals, for files that change, and for the next look at
 * them.  Threads that decide never wait for it.
 *
 *   SIGHUP             reload, even if nothing seems to have changed, and
 *                      trust the clock
 *   SIGTERM, SIGINT    drain: what was asked is answered, nothing is accepted
 *
 * A reload that fails changes nothing but a metric, and tells why, once; if the
 * log had no room, as soon as it has.  It is tried again when a file changes;
 * every few seconds, where it failed for want of memory or descriptors or
 * because of what is not in the files; and every few minutes, whatever it was.
 * Nothing is told as long as the files and the outcome are the same.
 */

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/findings.h"
#include "common/out.h"
#include "common/tell.h"
#include "pdpd/accept.h"
#include "pdpd/log.h"
#include "pdpd/notify.h"
#include "pdpd/now.h"
#include "pdpd/seccomp.h"
#include "pdpd/watch.h"

enum {
    LOOK_MS = 5000,     /* between two looks at the files */
    QUIET_MS = 50,      /* of no more events, before a reload */
    QUIET_MAX_MS = 500, /* however many there are */
    SWEEP_MS = 100,     /* between two looks for old generations */
    DRAIN_MS = 8000,    /* until connections are cut */
    FRESH_MS = 500,     /* of these, for those that had no answer yet */
    DRAIN_STEP_MS = 20,
    RETRY_MS = 300000, /* of what was wrong with the files themselves */
    ASK_MS = 30000     /* between two requests for keys */
};

struct life {
    struct pdpd__config config; /* as at the start */
    struct pdpd__listeners listeners;
    struct pdpd__acceptor acceptor;
    struct pdpd__watch watch;
    unsigned char digest[PDPD__DIGEST_LEN]; /* of what was read last */
    bool digest_good;                       /* and it was published */
    bool passing;      /* it may fail no more, though no file changes */
    bool untold;       /* a failure that the log had no room for */
    uint64_t retry_ms; /* when to try again what failed, whatever it was */
    int signals;
};

/* One for the process: its counters want cache lines of their own. */
static struct pdpd__server server;

static uint64_t
now_ms(void)
{
    return pdp__clock_steady_ns() / 1000000;
}

static void
log_findings(const struct pdpd__documents *documents)
{
    size_t cnt = pdpd__documents_finding_cnt(documents);
    for (size_t i = 0; i < cnt; i++) {
        pdp_str_t path = {NULL, 0};
        pdp_finding_t finding = pdpd__documents_finding(documents, i, &path);
        pdpd__log_finding(&finding, path);
    }
}

static void
remember(struct life *life, const struct pdpd__documents *documents, bool good)
{
    memcpy(life->digest, documents->digest, sizeof(life->digest));
    life->digest_good = good;
    life->passing = documents->passing;
    life->retry_ms = now_ms() + RETRY_MS;
    pdpd__watch_set(&life->watch, documents);
}

/* Whether to load again though no file changed. */
static bool
is_retry_due(const struct life *life)
{
    return !life->digest_good && (life->passing || now_ms() >= life->retry_ms);
}

/* How old keys are; of documents that are, or will be, in use.  False: that
 * could not be found out; what was known holds. */
static bool
look_at_keys(struct pdpd__documents *documents)
{
    int64_t sec = 0;
    uint32_t nsec = 0;
    size_t old_cnt = 0;
    pdpd__now(&sec, &nsec);
    bool read = pdpd__keys_refresh(&documents->fetched, &documents->keys, sec,
        &old_cnt);
    atomic_store(&server.metrics.fetched, documents->fetched.cnt);
    atomic_store(&server.metrics.old_keys, old_cnt);
    atomic_store(&server.metrics.keys_age_sec, documents->fetched.age_sec);
    atomic_store(&server.metrics.max_stale_sec, documents->keys.max_stale_sec);
    return read;
}

/* A clock that was set back: decisions go on by the time that has passed. */
static void
look_at_clock(void)
{
    enum { SMALL_SEC = 2 }; /* what a time service mends */
    int64_t behind = pdpd__now_behind_sec();
    int64_t before = atomic_exchange(&server.metrics.clock_behind_sec, behind);
    if (behind > SMALL_SEC && before <= SMALL_SEC) {
        pdpd__log(PDPD__LOG_WARNING, "clock_set_back",
            "the clock is %lld seconds behind the time since the start, by "
            "which decisions go on; if the clock is right, send SIGHUP",
            (long long)behind);
    }
}

/* Somebody came with a key that is not known: pdp-fetch may find it.  Not
 * more often than every ASK_MS, whoever asks how often. */
static void
ask_for_keys(uint64_t *next_ms)
{
    const struct pdpd__generation *now =
        atomic_load(&server.generations.current);
    uint64_t drained = 0;
    ssize_t got = read(server.wake, &drained, sizeof(drained));
    (void)got; /* nothing waits: the flag says it all */
    if (!atomic_load(&server.unknown_key) || now_ms() < *next_ms) {
        return;
    }
    *next_ms = now_ms() + ASK_MS;
    atomic_store(&server.unknown_key, false);
    if (now->documents.fetched.cnt == 0 ||
        now->documents.keys.refetch.path.ptr == NULL) {
        return; /* nobody to ask */
    }
    int error = pdpd__keys_ask(&now->documents.fetched, &now->documents.keys);
    if (error == 0) {
        pdpd__count(&server.metrics.refetches);
        pdpd__log(PDPD__LOG_INFO, "refetch", "pdp-fetch was asked for keys");
    } else {
        pdpd__count(&server.metrics.refetch_failures);
        pdpd__log(PDPD__LOG_WARNING, "refetch_failed",
            "cannot ask pdp-fetch for keys in \"%s\": %s",
            now->documents.keys.refetch.path.ptr, strerror(error));
    }
}

/* Publishes documents that were loaded; takes them over.  Those whose keys
 * have no known age yet would deny everybody. */
static bool
publish(struct pdpd__documents *documents)
{
    int64_t sec = 0;
    uint32_t nsec = 0;
    if (!look_at_keys(documents) ||
        !pdpd__generations_publish(&server.generations, documents)) {
        struct pdpd__generation *now = atomic_load(&server.generations.current);
        if (now != NULL) { /* its keys are those that count */
            (void)look_at_keys(&now->documents);
        }
        return false;
    }
    pdp__clock_now(&sec, &nsec);
    atomic_store(&server.metrics.generation_sec, sec);
    atomic_store(&server.metrics.generation, server.generations.last_number);
    return true;
}

static const char no_memory[] = "there is not enough memory";
static const char no_means[] = "there are not enough memory or descriptors";

static const char *
why_not(const struct pdpd__documents *documents)
{
    return documents->incomplete ? no_memory : "the documents have errors";
}

static void
reload_failed(struct life *life, const struct pdpd__documents *documents,
    const char *why)
{
    pdpd__count(&server.metrics.reload_failures);
    atomic_store(&server.metrics.reload_failed, true);
    /* First: findings may be more lines than the log takes. */
    life->untold = !pdpd__log(PDPD__LOG_ERROR, "reload_failed",
        "%s; generation %llu stays in use", why,
        (unsigned long long)server.generations.last_number);
    log_findings(documents);
}

/* The findings are gone by now, but not what they are about. */
static void
tell_late(struct life *life)
{
    life->untold = life->untold &&
                   !pdpd__log(PDPD__LOG_ERROR, "reload_failed",
                       "a reload has failed before, when the log had no room; "
                       "generation %llu stays in use; pdpd --check tells why",
                       (unsigned long long)server.generations.last_number);
}

static void
reload(struct life *life, bool forced)
{
    struct pdpd__documents documents;
    bool good = pdpd__documents_load(life->config.path.ptr, &documents);
    bool same =
        memcmp(life->digest, documents.digest, sizeof(life->digest)) == 0 &&
        life->digest_good == good;
    if (same && !forced) {
        remember(life, &documents, good);
        pdpd__documents_free(&documents);
        return;
    }
    pdpd__count(&server.metrics.reloads);
    remember(life, &documents, good);
    if (!good) {
        reload_failed(life, &documents, why_not(&documents));
        pdpd__documents_free(&documents);
        return;
    }
    log_findings(&documents);
    bool restart = pdpd__config_needs_start(&life->config, &documents.config);
    if (!publish(&documents)) {
        life->digest_good = false;
        life->passing = true;
        reload_failed(life, &documents, no_means);
        pdpd__documents_free(&documents);
        return;
    }
    atomic_store(&server.metrics.reload_failed, false);
    life->untold = false;
    if (restart) {
        pdpd__log(PDPD__LOG_WARNING, "restart_needed",
            "listeners, workers, limits or log have changed: that takes a new "
            "start");
    }
    pdpd__log(PDPD__LOG_INFO, "reloaded", "generation %llu is in use",
        (unsigned long long)server.generations.last_number);
}

/* Waits until files are left alone, then reloads if they changed. */
static void
files_changed(struct life *life)
{
    uint64_t end = now_ms() + QUIET_MAX_MS;
    bool ours = pdpd__watch_read(&life->watch);
    struct pollfd fd = {.fd = life->watch.fd, .events = POLLIN};
    while (now_ms() < end && poll(&fd, 1, QUIET_MS) > 0) {
        ours = pdpd__watch_read(&life->watch) || ours;
    }
    if (ours) {
        reload(life, false);
    }
}

/* True: the daemon is to end. */
static bool
read_signal(struct life *life)
{
    struct signalfd_siginfo info;
    bool hup = false;
    while (read(life->signals, &info, sizeof(info)) == (ssize_t)sizeof(info)) {
        if (info.ssi_signo != SIGHUP) {
            pdpd__log(PDPD__LOG_INFO, "stopping", "signal %u", info.ssi_signo);
            return true;
        }
        hup = true;
    }
    if (hup) {
        pdpd__notify("RELOADING=1");
        pdpd__now_trust();
        reload(life, true);
        pdpd__notify("READY=1");
    }
    return false;
}

static int
timeout_ms(int64_t watchdog_ms, bool retired)
{
    int64_t ms = LOOK_MS;
    if (watchdog_ms > 0 && watchdog_ms < ms) {
        ms = watchdog_ms;
    }
    return retired ? SWEEP_MS : (int)ms;
}

static void
serve(struct life *life)
{
    int64_t watchdog_ms = pdpd__notify_interval_ms();
    uint64_t look = now_ms() + LOOK_MS;
    uint64_t ask = 0;
    uint64_t beats = 0;
    for (;;) {
        struct pollfd fds[3] = {
            {.fd = life->signals, .events = POLLIN},
            {.fd = life->watch.fd, .events = POLLIN},
            {.fd = server.wake, .events = POLLIN},
        };
        bool retired = pdpd__generations_sweep(&server.generations);
        int ready = poll(fds, 3, timeout_ms(watchdog_ms, retired));
        /* Not for a daemon that reloads but answers nobody. */
        uint64_t now_beats = atomic_load(&life->acceptor.beats);
        if (watchdog_ms > 0 && now_beats != beats) {
            pdpd__notify("WATCHDOG=1");
        }
        beats = now_beats;
        if (ready > 0 && fds[0].revents != 0 && read_signal(life)) {
            return;
        }
        if (ready > 0 && fds[1].revents != 0) {
            files_changed(life);
        }
        ask_for_keys(&ask);
        if (now_ms() >= look) {
            look_at_clock();
            (void)look_at_keys(
                &atomic_load(&server.generations.current)->documents);
            if (pdpd__watch_changed(&life->watch) || is_retry_due(life)) {
                reload(life, false);
            }
            tell_late(life);
            pdpd__log_flush();
            look = now_ms() + LOOK_MS;
        }
    }
}

/* What was asked is answered; then everybody is sent away. */
static void
drain(struct life *life)
{
    uint64_t end = now_ms() + DRAIN_MS;
    pdpd__notify("STOPPING=1");
    atomic_store(&server.metrics.draining, true);
    pdpd__accept_stop(&life->acceptor);
    pdpd__listeners_close(&life->listeners);
    while (pdpd__conns_open(&server.conns) > 0 && now_ms() < end) {
        /* Again and again: a connection may not have begun just now.  Who
         * was accepted a moment ago has hardly sent yet what it came for. */
        pdpd__conns_drain(&server.conns, now_ms() + DRAIN_MS > end + FRESH_MS);
        (void)pdpd__conns_expire(&server.conns, pdp__clock_steady_ns());
        (void)poll(NULL, 0, DRAIN_STEP_MS);
    }
}

/* Signals are read by this thread only; threads inherit the mask. */
static bool
open_signals(struct life *life)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGHUP);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    life->signals = -1;
    if (sigprocmask(SIG_BLOCK, &set, NULL) == 0) {
        life->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    }
    if (life->signals < 0) {
        pdpd__log(PDPD__LOG_ERROR, "start_failed", "cannot read signals: %s",
            strerror(errno));
    }
    return life->signals >= 0;
}

static bool
start(struct life *life)
{
    server.config = &life->config;
    server.wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (server.wake < 0) {
        pdpd__log(PDPD__LOG_ERROR, "start_failed", "cannot make an eventfd: %s",
            strerror(errno));
        return false;
    }
    return pdpd__listeners_open(&life->listeners, &life->config) &&
           pdpd__serve_start(&server) &&
           pdpd__accept_start(&life->acceptor, &server, &life->listeners);
}

int
pdpd__daemon_run(const char *config_path)
{
    static struct life life;
    struct pdpd__documents documents;
    pdp__heap_keep_going();
    if (!open_signals(&life)) {
        return PDPD__EXIT_INTERNAL;
    }
    pdpd__now_trust();
    pdpd__notify_open();
    pdpd__watch_open(&life.watch);
    bool good = pdpd__documents_load(config_path, &documents);
    pdpd__log_setup(documents.config.log_json,
        good ? documents.config.log_level : PDPD__LOG_INFO);
    if (geteuid() == 0) {
        pdpd__log(PDPD__LOG_WARNING, "runs_as_root",
            "run this as a user of its own: nothing here needs root");
    }
    if (!good) {
        bool broken = !documents.incomplete;
        pdpd__log(PDPD__LOG_ERROR, "start_failed", "%s; nothing was started",
            why_not(&documents));
        log_findings(&documents);
        pdpd__documents_free(&documents);
        pdpd__watch_close(&life.watch);
        return broken ? PDPD__EXIT_USAGE : PDPD__EXIT_INTERNAL;
    }
    log_findings(&documents);
    remember(&life, &documents, true);
    life.config = documents.config;
    documents.config = (struct pdpd__config){0};
    server.generations.thread_cnt = life.config.workers;
    good = publish(&documents);
    if (!good) {
        pdpd__log(PDPD__LOG_ERROR, "start_failed", "%s", no_means);
    }
    good =
        good && start(&life) && (!life.config.seccomp || pdpd__seccomp_start());
    if (good) {
        pdpd__log(PDPD__LOG_INFO, "ready",
            "%u listeners, %u workers, generation 1", life.listeners.cnt,
            server.thread_cnt);
        pdpd__notify("READY=1");
        serve(&life);
    }
    drain(&life);
    pdpd__serve_stop(&server);
    pdpd__generations_free(&server.generations);
    pdpd__documents_free(&documents);
    pdpd__watch_close(&life.watch);
    close(life.signals);
    pdpd__notify_close();
    pdpd__log_flush();
    if (good) {
        pdpd__log(PDPD__LOG_INFO, "stopped", "all is answered");
    }
    pdpd__config_free(&life.config);
    return good ? PDPD__EXIT_OK : PDPD__EXIT_INTERNAL;
}

int
pdpd__daemon_check(const char *config_path)
{
    struct pdpd__documents documents;
    struct pdp__string out = {0};
    bool good = pdpd__documents_load(config_path, &documents);
    size_t cnt = pdpd__documents_finding_cnt(&documents);
    for (size_t i = 0; i < cnt; i++) {
        struct pdp__finding_cursor cursor = {0};
        pdp_str_t path = {NULL, 0};
        pdp_finding_t finding = pdpd__documents_finding(&documents, i, &path);
        if (finding.severity != PDP_SEVERITY_NOTE) {
            char *name = pdp__heap_copy(path);
            pdp__finding_add(&out, &finding, name, (pdp_str_t){NULL, 0},
                &cursor, pdp__out_colour(stderr));
            pdp__heap_free(name);
        }
    }
    fwrite(out.len == 0 ? "" : out.ptr, 1, out.len, stderr);
    pdp__string_free(&out);
    bool broken = !documents.incomplete;
    if (!good && !broken) {
        pdp__tell("%s to load the documents", no_memory);
    }
    pdpd__documents_free(&documents);
    return good     ? PDPD__EXIT_OK
           : broken ? PDPD__EXIT_USAGE
                    : PDPD__EXIT_INTERNAL;
}
