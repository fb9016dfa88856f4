/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#define _POSIX_C_SOURCE 200809L /* sockets */

#include "pdpd/serve.h"

/*
 * HTTP by libmicrohttpd: one event loop and one worker for each thread, so
 * that a decision waits for nothing.  The waiting is ours: libmicrohttpd
 * fetches events by 128, and its own threads then wait for more before they
 * look at these, so that exactly 128 at once would not be answered.
 *
 * A body is never read.  A request that announces one is answered from its
 * head, and the connection is closed; any other keeps its connection.
 *
 * Whole heads only: libmicrohttpd ends a value at a NUL and misreads folded
 * lines, so a header could say less than what was sent.  It hands out
 * pointers into the head as it was received, and each byte of the head must
 * be accounted for by method, target, names, values and what stands between
 * them.  What is not is denied.  (A test sends such heads; a library that
 * kept copies would deny everything, and be noticed.)
 *
 * 200 leaves only if every header of the answer could be added.
 */

#include <fcntl.h>
#include <microhttpd.h>
#include <poll.h>
#include <stdio.h>
#include <strings.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "common/clock.h"
#include "pdpd/answer.h"
#include "pdpd/contract.h"
#include "pdpd/log.h"
#include "pdpd/now.h"
#include "pdpd/probe.h"

enum {
    HEADERS_MAX = 128,
    SECOND_NS = 1000000000,
    WAIT_MAX_MS = 60000,
    DESCRIPTORS = 64 /* besides connections: files, sockets, threads */
};

/* The head of one request, as far as it was walked. */
struct head {
    struct pdpd__reading *reading;
    const char *begin; /* first byte: that of the method */
    const char *next;  /* where the next name must begin; NULL: not known */
    uint32_t cnt;
    bool whole;
};

static struct pdpd__conn *
conn_of(struct MHD_Connection *connection)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    return info == NULL ? NULL : info->socket_context;
}

/* RFC 9110 5.6.2: what a name is made of.  A blank before the colon, say,
 * makes a name that we do not know and another server does. */
static bool
is_token(const char *text, size_t len)
{
    static const char others[] = "!#$%&'*+-.^_`|~";
    for (size_t i = 0; i < len; i++) {
        char c = text[i];
        bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                     (c >= '0' && c <= '9');
        if (!plain && (c == '\0' || strchr(others, c) == NULL)) {
            return false;
        }
    }
    return len > 0;
}

/* One header field; `name: value` CR LF. */
static enum MHD_Result
take_header(void *cls, enum MHD_ValueKind kind, const char *name,
    size_t name_len, const char *value, size_t value_len)
{
    struct head *head = cls;
    (void)kind;
    if (name == NULL || value == NULL || ++head->cnt > HEADERS_MAX) {
        head->whole = false;
        return MHD_NO;
    }
    if ((head->next != NULL && name != head->next) ||
        value < name + name_len + 1 || !is_token(name, name_len)) {
        head->whole = false;
        return MHD_NO;
    }
    head->next = value + value_len + 2;
    pdpd__contract_header(head->reading, pdp__str(name, name_len),
        pdp__str(value, value_len));
    return MHD_YES;
}

/* Reads all headers; false: some bytes of the head belong to none. */
static bool
take_headers(struct MHD_Connection *connection, struct pdpd__conn *conn,
    const char *method, const char *version, struct pdpd__reading *reading)
{
    struct head head = {.reading = reading, .begin = method, .whole = true};
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection,
        MHD_CONNECTION_INFO_REQUEST_HEADER_SIZE);
    if (info == NULL) {
        return false;
    }
    size_t size = info->header_size;
    /* METHOD SP target SP HTTP/1.x CR LF */
    head.next =
        method + strlen(method) + 1 + conn->raw_len + 1 + strlen(version) + 2;
    MHD_get_connection_values_n(connection, MHD_HEADER_KIND, take_header,
        &head);
    return head.whole && head.next + 2 == head.begin + size;
}

/*
 * Leaves the query empty.  libmicrohttpd would split it next, into a record
 * for each argument in the memory of the connection; where that is too small
 * for all of them, 0.9.75 neither answers nor closes.  The text is its own
 * buffer, const only to keep others from doing this.
 */
static void
cut_query(const char *uri)
{
    union {
        const char *in;
        char *out;
    } query = {.in = strchr(uri, '?')};
    if (query.in != NULL) {
        query.out[1] = '\0';
    }
}

/* The raw target, before anything is cut off or decoded.  With it a request
 * has begun, and its head must be here in time, whichever it is. */
static void *
keep_target(void *cls, const char *uri, struct MHD_Connection *connection)
{
    const struct pdpd__thread *thread = cls;
    struct pdpd__conn *conn = conn_of(connection);
    if (conn != NULL) {
        uint64_t wait_sec = thread->server->config->limits.header_timeout_sec;
        uint64_t end = pdp__clock_steady_ns() + wait_sec * SECOND_NS;
        if (end < atomic_load(&conn->deadline_ns)) {
            atomic_store(&conn->deadline_ns, end);
        }
        size_t len = strlen(uri);
        conn->raw_len = len;
        conn->target_len = len < PDPD__TARGET_CAP ? len : PDPD__TARGET_CAP;
        memcpy(conn->target, uri, conn->target_len);
        cut_query(uri);
    }
    return NULL;
}

/* Nothing is decoded here: the contract needs the raw target. */
static size_t
keep_escapes(void *cls, struct MHD_Connection *connection, char *text)
{
    (void)cls;
    (void)connection;
    return strlen(text);
}

static enum MHD_Result
send_answer(struct pdpd__thread *thread, struct MHD_Connection *connection,
    const struct pdpd__answer *answer)
{
    static char nothing[1];
    struct MHD_Response *response =
        MHD_create_response_from_buffer(0, nothing, MHD_RESPMEM_PERSISTENT);
    bool good = response != NULL;
    for (size_t i = 0; good && i < answer->header_cnt; i++) {
        good = MHD_add_response_header(response, answer->headers[i].name,
                   answer->headers[i].value) == MHD_YES;
    }
    if (good && atomic_load(&thread->server->metrics.draining)) {
        good =
            MHD_add_response_header(response, "Connection", "close") == MHD_YES;
    }
    good = good && MHD_queue_response(connection, (unsigned)answer->status,
                       response) == MHD_YES;
    if (response != NULL) {
        MHD_destroy_response(response);
    }
    if (!good) {
        pdpd__count(&thread->server->metrics.threads[thread->ix].unanswered);
    }
    return good ? MHD_YES : MHD_NO; /* MHD_NO closes the connection */
}

/* Decides, and counts what became of the token; NULL: it could not. */
static const pdp_decision_t *
ask(struct pdpd__thread *thread, pdp_worker_t *worker,
    const pdp_request_t *request)
{
    struct pdpd__counters *counters =
        &thread->server->metrics.threads[thread->ix];
    pdp_worker_stats_t before = {.size = sizeof(before)};
    pdp_worker_stats_t after = {.size = sizeof(after)};
    const pdp_decision_t *decision = NULL;
    if (pdp_worker_read_stats(worker, &before) != PDP_OK ||
        pdp_decide(worker, request, &decision) != PDP_OK ||
        pdp_worker_read_stats(worker, &after) != PDP_OK) {
        return NULL;
    }
    pdpd__count_more(&counters->cache_hits,
        after.token_cache_hits - before.token_cache_hits);
    pdpd__count_more(&counters->cache_misses,
        after.token_cache_misses - before.token_cache_misses);
    return decision;
}

/* Asks the library; the answer is complete when the generation is left. */
static void
judge(struct pdpd__thread *thread, struct pdpd__conn *conn,
    struct pdpd__reading *reading)
{
    struct pdpd__server *server = thread->server;
    const pdp_decision_t *decision = NULL;
    pdpd__now(&reading->request.now_sec, &reading->request.now_nsec);
    struct pdpd__generation *generation =
        pdpd__generation_enter(&server->generations, thread->ix);
    if (generation != NULL) {
        decision =
            ask(thread, generation->workers[thread->ix], &reading->request);
    }
    if (generation != NULL && pdpd__keys_too_old(&generation->documents.fetched,
                                  decision, reading->request.now_sec)) {
        pdpd__answer_deny(thread->answer, PDP_REASON_KEY_STALE);
    } else if (pdp_decision_effect(decision) == PDP_EFFECT_ALLOW &&
               !pdpd__contract_view_agrees(reading,
                   pdp_decision_path(decision))) {
        pdpd__answer_deny(thread->answer, PDP_REASON_PROXY_MISMATCH);
        pdpd__log_often(PDPD__LOG_WARNING, "proxy_mismatch",
            "listener \"%.*s\": the gateway sees another path than the one "
            "that was judged: denied",
            (int)conn->listen->name.len, conn->listen->name.ptr);
    } else {
        pdpd__answer_decision(thread->answer, decision,
            conn->listen->allow_caching);
    }
    pdpd__generation_leave(&server->generations, thread->ix);
    if ((thread->answer->reason == PDP_REASON_KEY_UNKNOWN ||
            thread->answer->reason == PDP_REASON_KEY_STALE) &&
        !atomic_exchange(&server->unknown_key, true)) {
        uint64_t one = 1;
        ssize_t put = write(server->wake, &one, sizeof(one));
        (void)put; /* it cannot block; the next look finds the flag */
    }
}

static enum MHD_Result
decide(struct pdpd__thread *thread, struct MHD_Connection *connection,
    struct pdpd__conn *conn, const char *method, const char *version)
{
    struct pdpd__reading reading;
    pdp_reason_t reason = PDP_REASON_INTERNAL;
    uint64_t begin_ns = pdp__clock_steady_ns();
    pdpd__contract_begin(&reading, conn->listen->contract,
        conn->listen->prefix);
    if (!take_headers(connection, conn, method, version, &reading)) {
        pdpd__answer_deny(thread->answer, PDP_REASON_AMBIGUOUS_HEADER);
    } else if (!pdpd__contract_end(&reading, pdp__str_z(method),
                   pdp__str(conn->target, conn->target_len), &reason)) {
        pdpd__answer_deny(thread->answer, reason);
    } else {
        reading.request.endpoint_type = conn->listen->endpoint_type;
        judge(thread, conn, &reading);
    }
    pdpd__metrics_decision(&thread->server->metrics.threads[thread->ix],
        thread->answer->reason, pdp__clock_steady_ns() - begin_ns);
    return send_answer(thread, connection, thread->answer);
}

/* What a request says about its body. */
struct body {
    uint32_t length_cnt;
    bool follows;
};

static enum MHD_Result
look_for_body(void *cls, enum MHD_ValueKind kind, const char *name,
    const char *value)
{
    struct body *body = cls;
    (void)kind;
    if (strcasecmp(name, "Content-Length") == 0) {
        body->length_cnt++;
        body->follows =
            body->follows || value == NULL || strcmp(value, "0") != 0;
    } else if (strcasecmp(name, "Transfer-Encoding") == 0 ||
               strcasecmp(name, "Expect") == 0) {
        body->follows = true;
    }
    return MHD_YES;
}

/* Whether the request says that a body follows, or asks whether it may.  Two
 * lengths are one too many, whatever they say: where the next request begins
 * is not known then. */
static bool
has_body(struct MHD_Connection *connection)
{
    struct body body = {0};
    MHD_get_connection_values(connection, MHD_HEADER_KIND, look_for_body,
        &body);
    return body.follows || body.length_cnt > 1;
}

/* libmicrohttpd limits its memory, of which a head takes about a half. */
static bool
is_too_large(const struct pdpd__server *server,
    struct MHD_Connection *connection)
{
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection,
        MHD_CONNECTION_INFO_REQUEST_HEADER_SIZE);
    return info == NULL ||
           info->header_size > server->config->limits.header_bytes;
}

/* As libmicrohttpd does where the head exceeds its memory: no decision, and
 * the end of the connection, since this is the first call. */
static enum MHD_Result
refuse_head(struct MHD_Connection *connection)
{
    static char nothing[1];
    struct MHD_Response *response =
        MHD_create_response_from_buffer(0, nothing, MHD_RESPMEM_PERSISTENT);
    enum MHD_Result result = MHD_NO;
    if (response != NULL) {
        result = MHD_queue_response(connection,
            MHD_HTTP_REQUEST_HEADER_FIELDS_TOO_LARGE, response);
        MHD_destroy_response(response);
    }
    return result;
}

static enum MHD_Result
handle(void *cls, struct MHD_Connection *connection, const char *url,
    const char *method, const char *version, const char *upload,
    size_t *upload_len, void **state)
{
    struct pdpd__thread *thread = cls;
    struct pdpd__conn *conn = conn_of(connection);
    (void)upload;
    (void)upload_len;
    if (conn == NULL) {
        return MHD_NO;
    }
    if (*state == NULL && is_too_large(thread->server, connection)) {
        return refuse_head(connection);
    }
    if (*state == NULL && !has_body(connection)) {
        /* An answer to the first call would close the connection. */
        *state = conn;
        return MHD_YES;
    }
    uint64_t idle_sec = thread->server->config->limits.idle_timeout_sec;
    atomic_store(&conn->served, true);
    atomic_store(&conn->deadline_ns,
        pdp__clock_steady_ns() + idle_sec * SECOND_NS);
    if (conn->listen->contract == PDPD__CONTRACT_METRICS) {
        return pdpd__probe(thread->server, connection, method, url);
    }
    return decide(thread, connection, conn, method, version);
}

/* A connection begins, or ends. */
static void
notify(void *cls, struct MHD_Connection *connection, void **context,
    enum MHD_ConnectionNotificationCode code)
{
    struct pdpd__thread *thread = cls;
    struct pdpd__conns *conns = &thread->server->conns;
    if (code == MHD_CONNECTION_NOTIFY_CLOSED) {
        if (*context != NULL) {
            pdpd__conns_give(conns, *context);
        }
        return;
    }
    const union MHD_ConnectionInfo *address =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    const union MHD_ConnectionInfo *socket =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    struct sockaddr_un name;
    struct pdpd__conn_id id;
    if (address == NULL || address->client_addr == NULL || socket == NULL) {
        return;
    }
    memcpy(&name, address->client_addr, sizeof(name));
    memcpy(&id, name.sun_path, sizeof(id));
    *context = pdpd__conns_start(conns, id, socket->connect_fd);
    if (*context == NULL) {
        /* Its time was over before it began; nobody would end it later. */
        (void)shutdown(socket->connect_fd, SHUT_RDWR);
    }
}

/* A connection on its way to the thread that serves it. */
struct handed {
    int fd;
    struct pdpd__conn_id id;
};

bool
pdpd__serve_connection(struct pdpd__server *server, int fd,
    const struct pdpd__listen *listen)
{
    struct handed one = {.fd = fd};
    uint64_t wait_sec = server->config->limits.header_timeout_sec;
    if (!pdpd__conns_take(&server->conns, listen,
            pdp__clock_steady_ns() + wait_sec * SECOND_NS, &one.id)) {
        close(fd);
        return false;
    }
    server->next_thread = (server->next_thread + 1) % server->thread_cnt;
    if (write(server->threads[server->next_thread].hand[1], &one,
            sizeof(one)) != (ssize_t)sizeof(one)) {
        pdpd__conns_cancel(&server->conns, one.id);
        close(fd); /* the thread has thousands to take */
        return false;
    }
    return true;
}

/* Takes what was handed over; false: nothing more will be.  Only the thread
 * that runs a daemon of libmicrohttpd may give it connections. */
static bool
take_handed(struct pdpd__thread *thread)
{
    struct pdpd__server *server = thread->server;
    struct handed one;
    ssize_t got = 0;
    while ((got = read(thread->hand[0], &one, sizeof(one))) ==
           (ssize_t)sizeof(one)) {
        /* The address that it keeps for us says which place it is. */
        struct sockaddr_un name = {.sun_family = AF_UNIX};
        memcpy(name.sun_path, &one.id, sizeof(one.id));
        if (MHD_add_connection(thread->http, one.fd,
                (const struct sockaddr *)&name, sizeof(name)) != MHD_YES) {
            pdpd__conns_cancel(&server->conns, one.id); /* and fd is closed */
            pdpd__count(&server->metrics.threads[thread->ix].unanswered);
        }
    }
    return got != 0;
}

/* One thread, until it is told to stop. */
static void *
run(void *cls)
{
    struct pdpd__thread *thread = cls;
    struct pollfd fds[2] = {
        {.fd = thread->hand[0], .events = POLLIN},
        {.fd = thread->events, .events = POLLIN},
    };
    for (;;) {
        MHD_UNSIGNED_LONG_LONG left_ms = 0;
        int wait_ms = -1;
        if (MHD_get_timeout(thread->http, &left_ms) == MHD_YES) {
            wait_ms = left_ms < WAIT_MAX_MS ? (int)left_ms : WAIT_MAX_MS;
        }
        int ready = poll(fds, 2, wait_ms);
        if (ready > 0 && fds[0].revents != 0 && !take_handed(thread)) {
            return NULL;
        }
        MHD_run(thread->http);
    }
}

/* Begins to serve; false: there is no thread for it. */
static bool
run_thread(struct pdpd__thread *thread)
{
    const union MHD_DaemonInfo *info =
        MHD_get_daemon_info(thread->http, MHD_DAEMON_INFO_EPOLL_FD);
    if (info == NULL) {
        return false;
    }
    thread->events = info->epoll_fd;
    if (pipe2(thread->hand, O_CLOEXEC | O_NONBLOCK) != 0) {
        return false;
    }
    if (pthread_create(&thread->id, NULL, run, thread) != 0) {
        close(thread->hand[0]);
        close(thread->hand[1]);
        return false;
    }
    return true;
}

static bool
start_thread(struct pdpd__server *server, uint32_t ix)
{
    struct pdpd__thread *thread = &server->threads[ix];
    const struct pdpd__limits *limits = &server->config->limits;
    *thread = (struct pdpd__thread){
        .server = server,
        .ix = ix,
        .answer = pdp__heap_alloc(sizeof(*thread->answer)),
    };
    thread->http = MHD_start_daemon(MHD_USE_EPOLL | MHD_USE_NO_LISTEN_SOCKET |
                                        MHD_USE_SUPPRESS_DATE_NO_CLOCK,
        0, NULL, NULL, handle, thread, MHD_OPTION_NOTIFY_CONNECTION, notify,
        thread, MHD_OPTION_URI_LOG_CALLBACK, keep_target, thread,
        MHD_OPTION_UNESCAPE_CALLBACK, keep_escapes, NULL,
        MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_CONNECTION_LIMIT,
        (unsigned)thread->server->conns.cnt, MHD_OPTION_CONNECTION_TIMEOUT, 0u,
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)limits->header_bytes * 2,
        MHD_OPTION_END);
    if (thread->http == NULL || thread->answer == NULL || !run_thread(thread)) {
        pdpd__log(PDPD__LOG_ERROR, "start_failed",
            "cannot start thread %u of libmicrohttpd", ix);
        if (thread->http != NULL) {
            MHD_stop_daemon(thread->http);
        }
        pdp__heap_free(thread->answer);
        return false;
    }
    server->thread_cnt = ix + 1;
    return true;
}

/* With fewer descriptors than places, clients that do nothing could take all
 * of them, and nothing could be loaded again. */
static void
look_at_descriptors(const struct pdpd__server *server)
{
    struct rlimit files;
    rlim_t wanted =
        server->config->limits.connections + PDPD__PROBE_PLACES + DESCRIPTORS;
    if (getrlimit(RLIMIT_NOFILE, &files) == 0 && files.rlim_cur < wanted) {
        pdpd__log(PDPD__LOG_WARNING, "few_descriptors",
            "%llu descriptors are too few for %u connections: allow %llu "
            "(LimitNOFILE=), or lower limits: {connections: ...}",
            (unsigned long long)files.rlim_cur,
            server->config->limits.connections, (unsigned long long)wanted);
    }
}

bool
pdpd__serve_start(struct pdpd__server *server)
{
    uint32_t cnt = server->config->workers;
    look_at_descriptors(server);
    if (!pdpd__conns_init(&server->conns, server->config->limits.connections,
            PDPD__PROBE_PLACES)) {
        pdpd__log(PDPD__LOG_ERROR, "start_failed",
            "there is no memory for %u connections",
            server->config->limits.connections);
        return false;
    }
    server->metrics.thread_cnt = cnt;
    for (uint32_t i = 0; i < cnt; i++) {
        if (!start_thread(server, i)) {
            return false;
        }
    }
    return true;
}

void
pdpd__serve_stop(struct pdpd__server *server)
{
    for (uint32_t i = 0; i < server->thread_cnt; i++) {
        close(server->threads[i].hand[1]);
        pthread_join(server->threads[i].id, NULL);
        close(server->threads[i].hand[0]);
        MHD_stop_daemon(server->threads[i].http);
        pdp__heap_free(server->threads[i].answer);
    }
    server->thread_cnt = 0;
    pdpd__conns_free(&server->conns);
}
