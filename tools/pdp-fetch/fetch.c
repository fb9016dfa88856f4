/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#define _POSIX_C_SOURCE 200809L /* sockets */

#include "pdp-fetch/fetch.h"

/*
 * Downloads with libcurl.
 *
 * Every option that could widen what is believed is set, also to what is
 * its default: peer and host are verified, TLS is 1.2 or later, redirects
 * are answers like any other (the server that was configured must serve the
 * keys itself), nothing is taken from the environment, no file of the user
 * is read, no compression is offered (256 KiB cannot become more).  A plain
 * http transfer may only open a socket to this machine, whatever the name
 * of its host turns into.
 *
 * One thread: the caller waits here, together with its own descriptors.
 * What comes in is only kept; whether it is a key set is checked by others.
 */

#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/tell.h"
#include "pdp-fetch/plan.h"
#include "pdp-fetch/url.h"

enum { WAIT_FDS_MAX = 4, PAUSE_MS = 1000 /* after a fault of libcurl */ };

struct transfer {
    struct transfer *next;
    struct pdp__fetcher *fetcher;
    CURL *easy;
    struct curl_slist *headers;
    struct pdp__url url;
    struct pdp__string body;
    bool too_large;
    bool conditional;      /* an etag was sent */
    const char *stillborn; /* why it could not begin, or NULL */
    char error[CURL_ERROR_SIZE];
    void *owner;
};

struct pdp__fetcher {
    CURLM *multi;
    char *ca_file;
    struct transfer *all;
    size_t cnt;
};

struct pdp__fetcher *
pdp__fetcher_new(const char *ca_file)
{
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
        pdp__tell("cannot start libcurl");
        return NULL;
    }
    CURLM *multi = curl_multi_init();
    if (multi == NULL) {
        pdp__tell("cannot start libcurl");
        curl_global_cleanup();
        return NULL;
    }
    struct pdp__fetcher *fetcher = pdp__heap_alloc(sizeof(*fetcher));
    fetcher->multi = multi;
    fetcher->ca_file =
        ca_file == NULL ? NULL : pdp__heap_copy(pdp__str_z(ca_file));
    return fetcher;
}

static size_t
take_body(char *bytes, size_t size, size_t cnt, void *user)
{
    struct transfer *transfer = user;
    size_t len = size * cnt;
    if (len > PDP__FETCH_LEN_MAX - transfer->body.len) {
        transfer->too_large = true;
        return 0; /* any other number than len ends the transfer */
    }
    pdp__string_add(&transfer->body, pdp__str(bytes, len));
    return len;
}

static bool
is_this_machine(const struct sockaddr *address)
{
    if (address->sa_family == AF_INET) {
        struct sockaddr_in in;
        memcpy(&in, address, sizeof(in));
        return ntohl(in.sin_addr.s_addr) >> 24 == 127;
    }
    if (address->sa_family == AF_INET6) {
        struct sockaddr_in6 in;
        memcpy(&in, address, sizeof(in));
        return memcmp(&in.sin6_addr, &in6addr_loopback,
                   sizeof(in6addr_loopback)) == 0;
    }
    return false;
}

static curl_socket_t
open_socket(void *user, curlsocktype purpose, struct curl_sockaddr *address)
{
    const struct transfer *transfer = user;
    if (purpose != CURLSOCKTYPE_IPCXN ||
        (transfer->url.loopback && !is_this_machine(&address->addr))) {
        return CURL_SOCKET_BAD;
    }
    return socket(address->family, address->socktype | SOCK_CLOEXEC,
        address->protocol);
}

/* Whether every option was taken. */
static bool
set_trust(struct transfer *transfer)
{
    CURL *easy = transfer->easy;
    const char *ca_file = transfer->fetcher->ca_file;
    CURLcode code = CURLE_OK;
#define SET(option, value)                                                     \
    code = code != CURLE_OK ? code : curl_easy_setopt(easy, option, value)
    SET(CURLOPT_CURLU, transfer->url.handle);
    SET(CURLOPT_PROTOCOLS_STR, transfer->url.loopback ? "http" : "https");
    SET(CURLOPT_FOLLOWLOCATION, 0L);
    SET(CURLOPT_SSL_VERIFYPEER, 1L);
    SET(CURLOPT_SSL_VERIFYHOST, 2L);
    SET(CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    SET(CURLOPT_PROXY, "");
    SET(CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
    SET(CURLOPT_OPENSOCKETFUNCTION, open_socket);
    SET(CURLOPT_OPENSOCKETDATA, transfer);
    if (ca_file != NULL) {
        SET(CURLOPT_CAINFO, ca_file);
        SET(CURLOPT_CAPATH, NULL);
    }
    return code == CURLE_OK;
}

static bool
set_bounds(struct transfer *transfer)
{
    CURL *easy = transfer->easy;
    CURLcode code = CURLE_OK;
    SET(CURLOPT_NOSIGNAL, 1L);
    SET(CURLOPT_TIMEOUT_MS, PDP__FETCH_TIMEOUT_SEC * 1000L);
    SET(CURLOPT_CONNECTTIMEOUT_MS, PDP__FETCH_TIMEOUT_SEC * 1000L);
    SET(CURLOPT_MAXFILESIZE, (long)PDP__FETCH_LEN_MAX);
    SET(CURLOPT_WRITEFUNCTION, take_body);
    SET(CURLOPT_WRITEDATA, transfer);
    SET(CURLOPT_HTTPGET, 1L);
    SET(CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    SET(CURLOPT_FORBID_REUSE, 1L);
    SET(CURLOPT_QUICK_EXIT, 1L); /* never waits for a name server */
    SET(CURLOPT_HTTPHEADER, transfer->headers);
    SET(CURLOPT_USERAGENT, "pdp-fetch/" PDP_VERSION);
    SET(CURLOPT_ERRORBUFFER, transfer->error);
    SET(CURLOPT_PRIVATE, transfer);
#undef SET
    return code == CURLE_OK;
}

/* An entity tag, RFC 9110 8.8.3, that is fit to be kept and sent. */
static bool
is_etag(const char *text)
{
    size_t len = strlen(text);
    for (size_t i = 0; i < len; i++) {
        if (text[i] < ' ' || text[i] > '~') {
            return false;
        }
    }
    return len >= 2 && len <= PDP__FETCH_ETAG_MAX && text[len - 1] == '"' &&
           (text[0] == '"' || strncmp(text, "W/\"", 3) == 0);
}

static bool
add_header(struct transfer *transfer, const char *name, const char *value)
{
    struct pdp__string line = {0};
    pdp__string_fmt(&line, "%s: %s", name, value);
    struct curl_slist *longer = curl_slist_append(transfer->headers, line.ptr);
    pdp__string_free(&line);
    if (longer != NULL) {
        transfer->headers = longer;
    }
    return longer != NULL;
}

static const char *
begin(struct transfer *transfer, const char *url, const char *etag)
{
    const char *why = pdp__url_open(url, &transfer->url);
    if (why != NULL) {
        return why;
    }
    transfer->conditional = etag != NULL && is_etag(etag);
    transfer->easy = curl_easy_init();
    if (transfer->easy == NULL ||
        !add_header(transfer, "Accept",
            "application/jwk-set+json, application/json") ||
        (transfer->conditional &&
            !add_header(transfer, "If-None-Match", etag)) ||
        !set_trust(transfer) || !set_bounds(transfer) ||
        curl_multi_add_handle(transfer->fetcher->multi, transfer->easy) !=
            CURLM_OK) {
        return "libcurl does not take the options of a transfer";
    }
    return NULL;
}

void
pdp__fetcher_start(struct pdp__fetcher *fetcher, const char *url,
    const char *etag, void *owner)
{
    struct transfer *transfer = pdp__heap_alloc(sizeof(*transfer));
    transfer->fetcher = fetcher;
    transfer->owner = owner;
    transfer->next = fetcher->all;
    fetcher->all = transfer;
    fetcher->cnt++;
    transfer->stillborn = begin(transfer, url, etag);
}

size_t
pdp__fetcher_running(const struct pdp__fetcher *fetcher)
{
    return fetcher->cnt;
}

static void
drop(struct transfer *transfer)
{
    struct pdp__fetcher *fetcher = transfer->fetcher;
    struct transfer **link = &fetcher->all;
    while (*link != transfer) {
        link = &(*link)->next;
    }
    *link = transfer->next;
    fetcher->cnt--;
    if (transfer->easy != NULL) {
        curl_multi_remove_handle(fetcher->multi, transfer->easy);
        curl_easy_cleanup(transfer->easy);
    }
    curl_slist_free_all(transfer->headers);
    pdp__url_close(&transfer->url);
    pdp__string_free(&transfer->body);
    pdp__heap_free(transfer);
}

/* What libcurl cannot do, say for want of memory: the caller's descriptors are
 * waited for, and no longer than transfers should stand still. */
static void
wait_without(const int *fds, size_t cnt)
{
    struct pollfd wait[WAIT_FDS_MAX] = {{0}};
    for (size_t i = 0; i < cnt && i < WAIT_FDS_MAX; i++) {
        wait[i] = (struct pollfd){.fd = fds[i], .events = POLLIN};
    }
    (void)poll(wait, cnt < WAIT_FDS_MAX ? cnt : WAIT_FDS_MAX, PAUSE_MS);
}

void
pdp__fetcher_wait(struct pdp__fetcher *fetcher, const int *fds, size_t cnt,
    int timeout_ms)
{
    struct curl_waitfd wait[WAIT_FDS_MAX] = {{0}};
    int running = 0;
    for (size_t i = 0; i < cnt && i < WAIT_FDS_MAX; i++) {
        wait[i] =
            (struct curl_waitfd){.fd = fds[i], .events = CURL_WAIT_POLLIN};
    }
    CURLMcode code = curl_multi_perform(fetcher->multi, &running);
    if (code == CURLM_OK && (size_t)running < fetcher->cnt) {
        timeout_ms = 0; /* one ended, or never began */
    }
    if (code == CURLM_OK) {
        code = curl_multi_poll(fetcher->multi, wait,
            (unsigned)(cnt < WAIT_FDS_MAX ? cnt : WAIT_FDS_MAX), timeout_ms,
            NULL);
    }
    if (code != CURLM_OK) {
        wait_without(fds, cnt); /* the caller comes again at once */
    }
}

/* The value of a header field of the last answer, or NULL; borrowed. */
static const char *
field(CURL *easy, const char *name, size_t index)
{
    struct curl_header *header = NULL;
    CURLHcode code =
        curl_easy_header(easy, name, index, CURLH_HEADER, -1, &header);
    return code == CURLHE_OK ? header->value : NULL;
}

/* Seconds since 1970; negative: absent, or no date. */
static int64_t
date(const char *text)
{
    return text == NULL ? -1 : (int64_t)curl_getdate(text, NULL);
}

static int64_t
lifetime_of(CURL *easy)
{
    struct pdp__string control = {0};
    const char *value = NULL;
    int64_t now = 0;
    uint32_t nanoseconds = 0;
    for (size_t i = 0; (value = field(easy, "Cache-Control", i)) != NULL; i++) {
        pdp__string_z(&control, value);
        pdp__string_char(&control, ',');
    }
    const char *age = field(easy, "Age", 0);
    const char *expires = field(easy, "Expires", 0);
    struct pdp__plan_headers headers = {
        .cache_control = pdp__string_get(&control),
        .age = pdp__str_z(age == NULL ? "" : age),
        .has_expires = expires != NULL,
        .expires_wall_sec = date(expires),
        .date_wall_sec = date(field(easy, "Date", 0)),
    };
    pdp__clock_now(&now, &nanoseconds);
    int64_t lifetime = pdp__plan_lifetime_sec(&headers, now);
    pdp__string_free(&control);
    return lifetime;
}

static void
fail(struct pdp__fetched *out, const char *error, const char *detail)
{
    out->kind = PDP__FETCH_FAILED;
    out->error = error;
    out->detail = pdp__heap_copy(pdp__str_z(detail));
}

/* The stable word for what libcurl says. */
static const char *
word(CURLcode code)
{
    switch ((int)code) { /* some of many */
    case CURLE_COULDNT_RESOLVE_HOST:
        return "resolve";
    case CURLE_COULDNT_CONNECT:
        return "connect";
    case CURLE_OPERATION_TIMEDOUT:
        return "timeout";
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CIPHER:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_ISSUER_ERROR:
        return "tls";
    case CURLE_FILESIZE_EXCEEDED:
        return "too_large";
    default:
        return "transfer";
    }
}

static void
judge_answer(struct transfer *transfer, struct pdp__fetched *out)
{
    long status = 0;
    char detail[64];
    curl_easy_getinfo(transfer->easy, CURLINFO_RESPONSE_CODE, &status);
    snprintf(detail, sizeof(detail), "the server answered %ld", status);
    if (status == 304 && transfer->conditional) {
        out->kind = PDP__FETCH_SAME;
    } else if (status == 200) {
        out->kind = PDP__FETCH_NEW;
    } else {
        fail(out,
            status >= 300 && status < 400 && status != 304 ? "redirect"
                                                           : "http_status",
            detail);
        return;
    }
    const char *etag = field(transfer->easy, "ETag", 0);
    out->etag = etag == NULL || !is_etag(etag)
                    ? NULL
                    : pdp__heap_copy(pdp__str_z(etag));
    out->lifetime_sec = lifetime_of(transfer->easy);
    if (out->kind == PDP__FETCH_NEW) {
        out->body = transfer->body;
        transfer->body = (struct pdp__string){0};
    }
}

static void
finish(struct transfer *transfer, CURLcode code, struct pdp__fetched *out)
{
    out->owner = transfer->owner;
    if (transfer->too_large || code == CURLE_FILESIZE_EXCEEDED) {
        fail(out, "too_large", "the answer is larger than 256 KiB");
    } else if (code != CURLE_OK) {
        fail(out, word(code),
            transfer->error[0] == '\0' ? curl_easy_strerror(code)
                                       : transfer->error);
    } else {
        judge_answer(transfer, out);
    }
    drop(transfer);
}

bool
pdp__fetcher_next(struct pdp__fetcher *fetcher, struct pdp__fetched *out)
{
    *out = (struct pdp__fetched){0};
    for (struct transfer *item = fetcher->all; item != NULL;
         item = item->next) {
        if (item->stillborn != NULL) {
            out->owner = item->owner;
            fail(out, "internal", item->stillborn);
            drop(item);
            return true;
        }
    }
    int left = 0;
    const CURLMsg *message = NULL;
    while ((message = curl_multi_info_read(fetcher->multi, &left)) != NULL) {
        char *transfer = NULL;
        if (message->msg == CURLMSG_DONE &&
            curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE,
                &transfer) == CURLE_OK) {
            CURLcode code = message->data.result;
            finish((struct transfer *)(void *)transfer, code, out);
            return true;
        }
    }
    return false;
}

void
pdp__fetched_free(struct pdp__fetched *fetched)
{
    pdp__string_free(&fetched->body);
    pdp__heap_free(fetched->etag);
    pdp__heap_free(fetched->detail);
    *fetched = (struct pdp__fetched){0};
}

void
pdp__fetcher_cancel(struct pdp__fetcher *fetcher)
{
    while (fetcher->all != NULL) {
        drop(fetcher->all);
    }
}

void
pdp__fetcher_free(struct pdp__fetcher *fetcher)
{
    if (fetcher == NULL) {
        return;
    }
    pdp__fetcher_cancel(fetcher);
    curl_multi_cleanup(fetcher->multi);
    curl_global_cleanup();
    pdp__heap_free(fetcher->ca_file);
    pdp__heap_free(fetcher);
}
