/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */

/*
 * The deciding part of a gateway: several threads, and documents that are
 * loaded anew while the threads work.
 *
 *     gateway [-s service] [-t trust] [-k jwks] [-d directory] [-p policies]...
 *             <requests
 *
 * A real gateway speaks HTTP; this one reads a request from each line, so that
 * the use of the library is all there is: METHOD, TARGET and any number of
 * NAME:VALUE, separated by tabs.  SIGHUP makes it load the documents anew.
 *
 * It answers each request with a line of fields separated by tabs, '-' being
 * nothing: line number of the request, allow or deny, HTTP status, reason,
 * audit action, principal, missing actions, path and account to send on.  The
 * lines come in the order in which the threads are done.
 *
 * Exit status: 2: wrong command line, or the documents do not load; 3: all
 * other failures.  What it shows:
 *
 * All or nothing.  load() gives a snapshot only if every document could be
 * read, and none has an error.  What loads without one of its documents may
 * allow more: there may have been a denial in it.
 *
 * The thread that loads also makes a worker for each thread that serves.  That
 * takes megabytes, and may fail: then the old documents stay in force, and no
 * request notices.  Only the workers have shares of the snapshot, so that it
 * goes with the last of them.
 *
 * The request boundary.  A thread looks for its next worker under the same
 * lock under which it takes a request.  So what is taken after the new workers
 * were put out is decided by the new documents, and no request sees both.  A
 * thread without requests is woken, to let go of the old documents and of the
 * tokens that its worker remembers.
 *
 * Failing closed.  A line that is no request, a clock that cannot be read, an
 * error of the call: each leaves the decision NULL, which reads as "deny,
 * internal".  Only PDP_EFFECT_ALLOW allows.
 *
 *     $ pdp-check keygen --private key.pem --jwks keys.json
 *     $ pdp-check token --key key.pem --role Reader >token
 *     $ cc -o gateway gateway.c -pthread $(pkg-config --cflags --libs libpdp)
 *     $ printf 'GET\t%s\tAuthorization:Bearer %s\n' \
 *           /api/v1/images/us.icr.io%2Fbirds%2Fwren:1/json "$(cat token)" |
 *           ./gateway -k keys.json
 */

#define _POSIX_C_SOURCE 200809L

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <pdp.h>

enum {
    THREADS = 4,
    HEADER_MAX = 32,
    DOCUMENT_MAX = 32,
    TEXT_MAX = 16 * 1024 * 1024 /* of one document; the library takes more */
};

/* A document that the command line names. */
struct document {
    pdp_source_kind_t kind;
    const char *path;
};

/* A request as it was read. */
struct job {
    unsigned long number;
    char *line; /* to be freed */
    size_t len;
};

/* The place of one thread. */
struct seat {
    pthread_t thread;
    pdp_worker_t *worker; /* only the thread uses it */
    pdp_worker_t *next;   /* under the lock: to be taken at the next boundary */
};

static struct {
    /* Written before the threads start. */
    struct document documents[DOCUMENT_MAX];
    size_t document_cnt;
    sigset_t hangup;
    pthread_t reloader;

    pthread_mutex_t lock; /* guards all that follows */
    pthread_cond_t work;  /* for the seats: a request, a worker, or the end */
    pthread_cond_t room;  /* for main: the queue is empty */
    struct seat seats[THREADS];
    struct job job; /* the queue, of one place; empty if line is NULL */
    bool closing;
} gate = {
    .lock = PTHREAD_MUTEX_INITIALIZER,
    .work = PTHREAD_COND_INITIALIZER,
    .room = PTHREAD_COND_INITIALIZER,
};

/*
 * For calls that fail only if the program is wrong.  No answer is no
 * permission, so the process ends, at once and without a core dump.
 */
static void
must(int error)
{
    if (error != 0) {
        fprintf(stderr, "gateway: %s\n", strerror(error));
        _Exit(3);
    }
}

static const pdp_str_t nothing = {NULL, 0};

/*
 * Strings of the library may hold any byte: the principal comes from a token,
 * the name of a key set from a document.  None may end a line of a log.
 */
static void
put(FILE *file, pdp_str_t str, const char *after)
{
    if (str.ptr == NULL) {
        fputc('-', file);
    }
    for (size_t i = 0; i < str.len; i++) {
        unsigned char byte = (unsigned char)str.ptr[i];

        if (byte > 0x20 && byte < 0x7f && byte != '\\') {
            fputc(byte, file);
        } else {
            fprintf(file, "\\x%02X", (unsigned)byte);
        }
    }
    fputs(after, file);
}

/* Loading. */

/* Reads a file and adds it, under a name that may be another than its path. */
static bool
add(pdp_loader_t *loader, pdp_source_kind_t kind, pdp_str_t name,
    const char *path)
{
    static char text[TEXT_MAX]; /* one thread loads at a time */
    FILE *file = fopen(path, "rb");
    size_t len = file == NULL ? 0 : fread(text, 1, sizeof(text), file);
    bool whole = file != NULL && ferror(file) == 0 && len < sizeof(text);

    if ((file != NULL && fclose(file) != 0) || !whole) {
        put(stderr, name, ": error: cannot be read, or is too long\n");
        return false;
    }
    pdp_source_t source = {
        .size = sizeof(source),
        .kind = kind,
        .name = name,
        .text = {text, len},
    };
    pdp_status_t status = pdp_loader_add(loader, &source);
    if (status != PDP_OK) {
        put(stderr, name, ": error: ");
        fprintf(stderr, "%s\n", pdp_status_text(status));
    }
    return status == PDP_OK;
}

/*
 * The key sets that the trust document names.  The file is looked for beside
 * the trust document, but the name under which it is added is that which the
 * trust document has for it: with another one it would be needed for ever.
 */
static bool
add_key_sets(pdp_loader_t *loader)
{
    pdp_str_t name;
    pdp_str_t from;

    while (pdp_loader_needs(loader, 0, &name, &from)) {
        char path[4096];
        size_t folder = name.len > 0 && name.ptr[0] == '/' ? 0 : from.len;

        while (folder > 0 && from.ptr[folder - 1] != '/') {
            folder--;
        }
        int len = snprintf(path, sizeof(path), "%.*s%.*s", (int)folder,
            from.ptr, (int)name.len, name.ptr);
        if (len < 0 || strlen(path) != folder + name.len || /* NUL, too long */
            !add(loader, PDP_SOURCE_JWKS, name, path)) {
            return false;
        }
    }
    return true;
}

/* Warnings and errors, as compilers print them. */
static void
print_report(const pdp_report_t *report)
{
    for (size_t i = 0; i < pdp_report_count(report); i++) {
        pdp_finding_t finding = {.size = sizeof(finding)};

        if (pdp_report_at(report, i, &finding) != PDP_OK ||
            finding.severity < PDP_SEVERITY_WARNING) {
            continue;
        }
        put(stderr, finding.source, ":");
        fprintf(stderr, "%u:%u: %s: %.*s [%.*s]\n", (unsigned)finding.line,
            (unsigned)finding.column,
            finding.severity == PDP_SEVERITY_WARNING ? "warning" : "error",
            (int)finding.message.len, finding.message.ptr,
            (int)finding.code.len, finding.code.ptr);
    }
}

/* All documents, read anew; NULL: they do not load, and that was told. */
static pdp_snapshot_t *
load(void)
{
    pdp_loader_t *loader = NULL;
    pdp_snapshot_t *snapshot = NULL;
    pdp_report_t *report = NULL;
    uint64_t seed = 0;
    pdp_status_t status = pdp_loader_new(NULL, &loader);
    FILE *random = fopen("/dev/urandom", "rb");
    bool ok = status == PDP_OK && random != NULL &&
              fread(&seed, sizeof(seed), 1, random) == 1;

    if (random != NULL) {
        (void)fclose(random); /* it was only read */
    }
    pdp_loader_set_seed(loader, seed); /* strangers cannot know it */
    for (size_t i = 0; ok && i < gate.document_cnt; i++) {
        const char *path = gate.documents[i].path;

        ok = add(loader, gate.documents[i].kind,
            (pdp_str_t){path, strlen(path)}, path);
    }
    ok = ok && add_key_sets(loader);
    if (ok) {
        status = pdp_loader_build(loader, &snapshot, &report);
        ok = status == PDP_OK;
    }
    print_report(report);
    pdp_report_free(report);
    pdp_loader_free(loader);
    if (!ok) {
        fprintf(stderr, "gateway: not loaded: %s\n",
            status != PDP_OK ? pdp_status_text(status)
                             : "A document or the seed is missing.");
    }
    return snapshot; /* NULL on every error */
}

/* Loads, and puts out a worker for each seat.  false: all is as it was. */
static bool
renew(void)
{
    pdp_worker_t *workers[THREADS] = {NULL};
    pdp_snapshot_t *snapshot = load();
    bool ok = snapshot != NULL;

    for (int i = 0; ok && i < THREADS; i++) {
        pdp_status_t status = pdp_worker_new(snapshot, NULL, NULL, &workers[i]);

        if (status != PDP_OK) {
            fprintf(stderr, "gateway: no worker: %s\n",
                pdp_status_text(status));
            ok = false;
        }
    }
    pdp_snapshot_release(snapshot); /* each worker has a share of its own */
    if (ok) {
        must(pthread_mutex_lock(&gate.lock));
        for (int i = 0; i < THREADS; i++) {
            pdp_worker_t *unused = gate.seats[i].next;

            gate.seats[i].next = workers[i];
            workers[i] = unused; /* of a reload that was overtaken, or NULL */
        }
        must(pthread_cond_broadcast(&gate.work));
        must(pthread_mutex_unlock(&gate.lock));
    }
    for (int i = 0; i < THREADS; i++) {
        pdp_worker_free(workers[i]);
    }
    return ok;
}

/*
 * The thread that loads.  SIGHUP is blocked in all threads and taken here, so
 * no signal handler is needed; no function of the library may be called in one.
 */
static void *
reload_thread(void *unused)
{
    (void)unused;
    for (;;) {
        int number = 0;

        must(sigwait(&gate.hangup, &number));
        must(pthread_mutex_lock(&gate.lock));
        bool closing = gate.closing;
        must(pthread_mutex_unlock(&gate.lock));
        if (closing) {
            return NULL;
        }
        bool ok = renew();
        fprintf(stderr, "gateway: %s\n",
            ok ? "reloaded" : "not reloaded; the old documents stay in force");
    }
}

/* Deciding. */

/*
 * The request of a line: nothing is decoded, joined or left out.  false: it is
 * none, or has more fields than there is room for; leaving one of them out
 * could hide the second of two Account.
 */
static bool
read_request(const struct job *job, pdp_header_t *headers,
    pdp_request_t *request)
{
    const char *at = job->line;
    const char *end = at + job->len; /* where a NUL or a line end is */
    int cnt = 0;

    for (; at <= end; cnt++) {
        const char *tab = memchr(at, '\t', (size_t)(end - at));
        pdp_str_t field = {at, (size_t)((tab != NULL ? tab : end) - at)};
        const char *colon = memchr(at, ':', field.len);

        if (cnt == 0) {
            request->method = field;
        } else if (cnt == 1) {
            request->target = field;
        } else if (colon == NULL || request->header_cnt == HEADER_MAX) {
            return false;
        } else {
            size_t len = (size_t)(colon - at);
            headers[request->header_cnt++] = (pdp_header_t){
                .name = {at, len},
                .value = {colon + 1, field.len - len - 1},
            };
        }
        at += field.len + 1;
    }
    return cnt >= 2;
}

/* One line for one decision, which may be NULL. */
static void
print_answer(unsigned long number, const pdp_decision_t *decision)
{
    bool allow = pdp_decision_effect(decision) == PDP_EFFECT_ALLOW;
    pdp_reason_t reason = pdp_decision_reason(decision);
    pdp_principal_t who = {.size = sizeof(who)};
    bool known = pdp_decision_principal(decision, &who);
    size_t missing_cnt = pdp_decision_missing_cnt(decision);

    flockfile(stdout);
    printf("%lu\t%s\t%d\t%s\t", number, allow ? "allow" : "deny",
        pdp_reason_status(reason), pdp_reason_name(reason));
    put(stdout, pdp_decision_at_action(decision), "\t");
    put(stdout, known ? who.id : nothing, "\t");
    put(stdout, pdp_decision_missing(decision, 0), "");
    for (size_t i = 1; i < missing_cnt; i++) {
        putchar(',');
        put(stdout, pdp_decision_missing(decision, i), "");
    }
    /*
     * A gateway sends the request on with this path and the query as received,
     * and with this account in place of the client's; "-": with no Account.
     */
    putchar('\t');
    put(stdout, allow ? pdp_decision_path(decision) : nothing, "\t");
    put(stdout, allow ? pdp_decision_account(decision) : nothing, "\n");
    funlockfile(stdout);
}

static void
answer(pdp_worker_t *worker, const struct job *job)
{
    pdp_header_t headers[HEADER_MAX];
    pdp_request_t request = {.size = sizeof(request), .headers = headers};
    const pdp_decision_t *decision = NULL; /* reads as "deny, internal" */
    struct timespec now;

    if (read_request(job, headers, &request) &&
        clock_gettime(CLOCK_REALTIME, &now) == 0) {
        request.now_sec = (int64_t)now.tv_sec;
        request.now_nsec = (uint32_t)now.tv_nsec;
        pdp_status_t status = pdp_decide(worker, &request, &decision);
        if (status != PDP_OK) {
            fprintf(stderr, "gateway: request %lu: %s\n", job->number,
                pdp_status_text(status));
        }
    }
    /* The decision points into the worker, the request and the line. */
    print_answer(job->number, decision);
}

static void *
serve_thread(void *argument)
{
    struct seat *seat = argument;

    must(pthread_mutex_lock(&gate.lock));
    for (;;) {
        if (seat->next != NULL) { /* between two requests: change over */
            pdp_worker_t *old = seat->worker;

            seat->worker = seat->next;
            seat->next = NULL;
            must(pthread_mutex_unlock(&gate.lock));
            pdp_worker_free(old); /* with the snapshot, if it is the last */
            must(pthread_mutex_lock(&gate.lock));
        } else if (gate.job.line != NULL) {
            struct job job = gate.job;

            gate.job.line = NULL;
            must(pthread_cond_signal(&gate.room));
            must(pthread_mutex_unlock(&gate.lock));
            answer(seat->worker, &job);
            free(job.line);
            must(pthread_mutex_lock(&gate.lock));
        } else if (gate.closing) {
            break;
        } else {
            must(pthread_cond_wait(&gate.work, &gate.lock));
        }
    }
    must(pthread_mutex_unlock(&gate.lock));
    return NULL;
}

/* Input, start and end. */

static void
enqueue(struct job job)
{
    must(pthread_mutex_lock(&gate.lock));
    while (gate.job.line != NULL) {
        must(pthread_cond_wait(&gate.room, &gate.lock));
    }
    gate.job = job;
    must(pthread_cond_signal(&gate.work));
    must(pthread_mutex_unlock(&gate.lock));
}

/* Reads the input to its end; false: it cannot be read. */
static bool
read_input(void)
{
    struct job job = {0, NULL, 0};
    size_t cap = 0;
    ssize_t got;

    while ((got = getline(&job.line, &cap, stdin)) > 0) {
        job.number++;
        job.len = (size_t)got;
        if (job.line[job.len - 1] == '\n') {
            job.len--;
        }
        enqueue(job);
        job.line = NULL; /* the thread that answers frees it */
        cap = 0;
    }
    free(job.line);
    if (ferror(stdin) != 0 || feof(stdin) == 0) {
        fprintf(stderr, "gateway: the requests could not be read\n");
        return false;
    }
    return true;
}

/* Starts the threads, reads the input, and ends the threads. */
static bool
run(void)
{
    must(pthread_create(&gate.reloader, NULL, reload_thread, NULL));
    for (int i = 0; i < THREADS; i++) {
        struct seat *seat = &gate.seats[i];
        must(pthread_create(&seat->thread, NULL, serve_thread, seat));
    }
    bool ok = read_input();
    must(pthread_mutex_lock(&gate.lock));
    gate.closing = true;
    must(pthread_cond_broadcast(&gate.work));
    must(pthread_mutex_unlock(&gate.lock));
    for (int i = 0; i < THREADS; i++) {
        must(pthread_join(gate.seats[i].thread, NULL));
    }
    must(pthread_kill(gate.reloader, SIGHUP));
    must(pthread_join(gate.reloader, NULL));
    for (int i = 0; i < THREADS; i++) {
        pdp_worker_free(gate.seats[i].worker);
        pdp_worker_free(gate.seats[i].next); /* of a reload at the very end */
    }
    return ok;
}

/*
 * Of trust documents only one is taken: two in different folders could each
 * name "keys.json", and the library knows a key set by its name alone.
 */
static bool
read_options(int argc, char **argv)
{
    static const char letters[] = "stkpd";
    static const pdp_source_kind_t kinds[] = {PDP_SOURCE_SERVICE,
        PDP_SOURCE_TRUST, PDP_SOURCE_JWKS, PDP_SOURCE_POLICIES,
        PDP_SOURCE_DIRECTORY};
    bool trust = false;
    int option;

    while ((option = getopt(argc, argv, "s:t:k:p:d:")) != -1) {
        const char *letter = strchr(letters, option);

        if (letter == NULL || gate.document_cnt == DOCUMENT_MAX ||
            (option == 't' && trust)) {
            return false;
        }
        trust = trust || option == 't';
        gate.documents[gate.document_cnt++] =
            (struct document){kinds[letter - letters], optarg};
    }
    return optind == argc;
}

int
main(int argc, char **argv)
{
    if (!read_options(argc, argv)) {
        fprintf(stderr,
            "usage: gateway [-s service] [-t trust] [-k jwks]\n"
            "               [-d directory] [-p policies]... <requests\n");
        return 2;
    }
    if (sigemptyset(&gate.hangup) != 0 ||
        sigaddset(&gate.hangup, SIGHUP) != 0 ||
        signal(SIGPIPE, SIG_IGN) == SIG_ERR ||
        setvbuf(stdout, NULL, _IOLBF, 0) != 0) {
        must(errno != 0 ? errno : EIO);
    }
    must(pthread_sigmask(SIG_BLOCK, &gate.hangup, NULL));
    if (!renew()) {
        return 2;
    }
    bool ok = run();
    if (ferror(stdout) != 0 || fclose(stdout) != 0) {
        fprintf(stderr, "gateway: the answers could not be written\n");
        ok = false;
    }
    return ok ? 0 : 3;
}
