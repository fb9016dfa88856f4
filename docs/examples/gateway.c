/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */

/*
 * The deciding part of a gateway: several threads, and documents that are
 * loaded anew while the threads work.
 *
 *     gateway [-s service] [-t trust] [-k jwks] [-d directory] [-p policies]
 *             <requests
 *
 * Each option may be repeated.
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
 * All or nothing.  There is a snapshot only if every document could be read,
 * and none has an error.  What loads without one of its documents may allow
 * more: there may have been a denial in it.
 *
 * Reload.  The thread that loads also makes the workers, and puts them in the
 * place of the old ones under a lock.  Each thread takes a worker for one
 * request, and brings it back; one that was replaced meanwhile is freed.  So
 * what is read after a reload is decided by the new documents, no request sees
 * both or waits for a load, and a thread without requests keeps nothing old
 * alive.  Where there is no memory for new workers, the old ones stay.
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
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
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

/* A line of the input. */
struct line {
    unsigned long number;
    char *text; /* of one thread, for all its lines */
    size_t cap;
    size_t len;
};

static struct {
    struct document documents[DOCUMENT_MAX];
    size_t document_cnt;
    atomic_bool ended; /* the input */

    pthread_mutex_t input; /* guards standard input, and what follows */
    unsigned long line_cnt;

    pthread_mutex_t pool;        /* guards what follows */
    pdp_worker_t *idle[THREADS]; /* workers in force that no thread has */
    size_t idle_cnt;
    unsigned long version; /* how often the workers were replaced */
} gate = {
    .input = PTHREAD_MUTEX_INITIALIZER,
    .pool = PTHREAD_MUTEX_INITIALIZER,
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

static bool
worked(const char *what, pdp_status_t status)
{
    if (status != PDP_OK) {
        fprintf(stderr, "gateway: %s: %s\n", what, pdp_status_text(status));
    }
    return status == PDP_OK;
}

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
    return worked("document", pdp_loader_add(loader, &source));
}

/*
 * The key sets that trust documents name.  The file is looked for beside the
 * trust document, but the name under which it is added is that which the
 * trust document has for it: with another one it would be needed for ever.
 */
static bool
add_key_sets(pdp_loader_t *loader)
{
    pdp_str_t name;
    pdp_str_t from;

    while (pdp_loader_needs(loader, 0, &name, &from)) {
        char path[4096];
        size_t folder = name.ptr[0] == '/' ? 0 : from.len;

        while (folder > 0 && from.ptr[folder - 1] != '/') {
            folder--;
        }
        int len = snprintf(path, sizeof(path), "%.*s%.*s", (int)folder,
            from.ptr, (int)name.len, name.ptr);
        if (len < 0 || (size_t)len >= sizeof(path) ||
            !add(loader, PDP_SOURCE_JWKS, name, path)) {
            return false;
        }
    }
    return true;
}

static bool
add_all(pdp_loader_t *loader)
{
    uint64_t seed = 0;

    if (getrandom(&seed, sizeof(seed), 0) != (ssize_t)sizeof(seed)) {
        perror("gateway: seed");
        return false;
    }
    pdp_loader_set_seed(loader, seed); /* strangers cannot know it */
    for (size_t i = 0; i < gate.document_cnt; i++) {
        const char *path = gate.documents[i].path;

        if (!add(loader, gate.documents[i].kind,
                (pdp_str_t){path, strlen(path)}, path)) {
            return false;
        }
    }
    return add_key_sets(loader);
}

/* Warnings and errors, as compilers print them. */
static void
print_report(const pdp_report_t *report)
{
    for (size_t i = 0; i < pdp_report_count(report); i++) {
        pdp_finding_t f = {.size = sizeof(f)};

        if (pdp_report_at(report, i, &f) != PDP_OK ||
            f.severity < PDP_SEVERITY_WARNING) {
            continue;
        }
        put(stderr, f.source, ":");
        if (f.line > 0) { /* otherwise it is about the whole document */
            fprintf(stderr, "%u:%u:", (unsigned)f.line, (unsigned)f.column);
        }
        fprintf(stderr, " %s: %.*s [%.*s]\n",
            f.severity == PDP_SEVERITY_WARNING ? "warning" : "error",
            (int)f.message.len, f.message.ptr, (int)f.code.len, f.code.ptr);
    }
}

/* All documents, read anew; NULL: they do not load, and that was told. */
static pdp_snapshot_t *
load(void)
{
    pdp_loader_t *loader = NULL;
    pdp_snapshot_t *snapshot = NULL;
    pdp_report_t *report = NULL;

    if (worked("loader", pdp_loader_new(NULL, &loader)) && add_all(loader)) {
        (void)worked("not loaded",
            pdp_loader_build(loader, &snapshot, &report));
    }
    print_report(report);
    pdp_report_free(report);
    pdp_loader_free(loader);
    return snapshot; /* NULL on every error */
}

/* Loads, and replaces the workers.  false: all is as it was. */
static bool
renew(void)
{
    pdp_worker_t *workers[THREADS] = {NULL};
    pdp_snapshot_t *snapshot = load();
    bool ok = snapshot != NULL;

    for (size_t i = 0; ok && i < THREADS; i++) {
        ok = worked("no worker",
            pdp_worker_new(snapshot, NULL, NULL, &workers[i]));
    }
    pdp_snapshot_release(snapshot); /* each worker has a share of its own */
    if (ok) {
        must(pthread_mutex_lock(&gate.pool));
        for (size_t i = 0; i < THREADS; i++) {
            pdp_worker_t *old = i < gate.idle_cnt ? gate.idle[i] : NULL;

            gate.idle[i] = workers[i];
            workers[i] = old;
        }
        gate.idle_cnt = THREADS;
        gate.version++;
        must(pthread_mutex_unlock(&gate.pool));
    }
    for (size_t i = 0; i < THREADS; i++) {
        pdp_worker_free(workers[i]); /* the old ones, or those not wanted */
    }
    return ok;
}

/* Deciding. */

/* There is one for each thread, and no thread has two. */
static pdp_worker_t *
take_worker(unsigned long *version)
{
    must(pthread_mutex_lock(&gate.pool));
    pdp_worker_t *worker = gate.idle[--gate.idle_cnt];
    *version = gate.version;
    must(pthread_mutex_unlock(&gate.pool));
    return worker;
}

/* With the last worker of old documents these go, too. */
static void
bring_back(pdp_worker_t *worker, unsigned long version)
{
    must(pthread_mutex_lock(&gate.pool));
    if (version == gate.version) {
        gate.idle[gate.idle_cnt++] = worker;
        worker = NULL;
    }
    must(pthread_mutex_unlock(&gate.pool));
    pdp_worker_free(worker);
}

/*
 * The request of a line: nothing is decoded, joined or left out.  false: it is
 * none, or has more fields than there is room for; leaving one of them out
 * could hide the second of two Account.
 */
static bool
read_request(const struct line *line, pdp_header_t *headers,
    pdp_request_t *request)
{
    const char *at = line->text;
    const char *end = at + line->len; /* where a NUL or a line end is */
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
    const pdp_str_t nothing = {NULL, 0};
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
     * What is before them is for its log: who has no good token need not learn
     * what the route requires.
     */
    putchar('\t');
    put(stdout, allow ? pdp_decision_path(decision) : nothing, "\t");
    put(stdout, allow ? pdp_decision_account(decision) : nothing, "\n");
    funlockfile(stdout);
}

static void
answer(const struct line *line)
{
    pdp_header_t headers[HEADER_MAX];
    pdp_request_t request = {.size = sizeof(request), .headers = headers};
    const pdp_decision_t *decision = NULL; /* reads as "deny, internal" */
    struct timespec now;
    unsigned long version = 0;
    pdp_worker_t *worker = take_worker(&version);

    if (read_request(line, headers, &request) &&
        clock_gettime(CLOCK_REALTIME, &now) == 0) {
        request.now_sec = (int64_t)now.tv_sec;
        request.now_nsec = (uint32_t)now.tv_nsec;
        (void)worked("decide", pdp_decide(worker, &request, &decision));
    }
    /* The decision points into the worker, the request and the line. */
    print_answer(line->number, decision);
    bring_back(worker, version);
}

/* false: the input has ended. */
static bool
read_line(struct line *line)
{
    must(pthread_mutex_lock(&gate.input));
    ssize_t got = getline(&line->text, &line->cap, stdin);
    line->number = ++gate.line_cnt;
    must(got > 0 || feof(stdin) != 0 ? 0 : errno);
    must(pthread_mutex_unlock(&gate.input));
    if (got <= 0) {
        return false;
    }
    line->len = (size_t)got - (line->text[got - 1] == '\n' ? 1 : 0);
    return true;
}

static void *
serve_thread(void *unused)
{
    struct line line = {0};

    (void)unused;
    while (read_line(&line)) {
        answer(&line);
    }
    free(line.text);
    gate.ended = true;
    must(kill(getpid(), SIGHUP) == 0 ? 0 : errno); /* for main */
    return NULL;
}

/* Start and end. */

/*
 * Loads anew at each SIGHUP, until the input ends.  The signal is blocked in
 * all threads and taken here, so no signal handler is needed; no function of
 * the library may be called in one.  One that comes while documents are read
 * stays pending, and they are read again: so send it after the last of the
 * files was replaced.
 */
static void
reload_until_end(const sigset_t *hangup)
{
    for (;;) {
        int number = 0;

        must(sigwait(hangup, &number));
        if (gate.ended) {
            return;
        }
        fprintf(stderr, "gateway: %s\n",
            renew() ? "reloaded"
                    : "not reloaded; the old documents stay in force");
    }
}

static bool
read_options(int argc, char **argv)
{
    static const char letters[] = "stkpd";
    static const pdp_source_kind_t kinds[] = {PDP_SOURCE_SERVICE,
        PDP_SOURCE_TRUST, PDP_SOURCE_JWKS, PDP_SOURCE_POLICIES,
        PDP_SOURCE_DIRECTORY};
    int option;

    while ((option = getopt(argc, argv, "s:t:k:p:d:")) != -1) {
        const char *letter = strchr(letters, option);

        if (letter == NULL || gate.document_cnt == DOCUMENT_MAX) {
            return false;
        }
        gate.documents[gate.document_cnt++] =
            (struct document){kinds[letter - letters], optarg};
    }
    return optind == argc;
}

int
main(int argc, char **argv)
{
    pthread_t threads[THREADS];
    sigset_t hangup;

    if (!read_options(argc, argv)) {
        fprintf(stderr, "usage: gateway [-s service] [-t trust] [-k jwks] "
                        "[-d directory] [-p policies]\n"
                        "               <requests\n");
        return 2;
    }
    if (sigemptyset(&hangup) != 0 || sigaddset(&hangup, SIGHUP) != 0 ||
        signal(SIGPIPE, SIG_IGN) == SIG_ERR ||
        setvbuf(stdout, NULL, _IOLBF, 0) != 0) {
        must(errno != 0 ? errno : EIO);
    }
    must(pthread_sigmask(SIG_BLOCK, &hangup, NULL)); /* threads inherit it */
    if (!renew()) {
        return 2;
    }
    for (int i = 0; i < THREADS; i++) {
        must(pthread_create(&threads[i], NULL, serve_thread, NULL));
    }
    reload_until_end(&hangup);
    for (int i = 0; i < THREADS; i++) {
        must(pthread_join(threads[i], NULL));
    }
    while (gate.idle_cnt > 0) {
        pdp_worker_free(gate.idle[--gate.idle_cnt]);
    }
    if (ferror(stdout) != 0 || fclose(stdout) != 0) {
        fprintf(stderr, "gateway: the answers could not be written\n");
        return 3;
    }
    return 0;
}
