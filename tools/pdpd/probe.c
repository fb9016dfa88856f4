/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include "pdpd/probe.h"

/*
 * Health and figures.
 *
 *   /healthz   200 while the process serves at all
 *   /readyz    200 once documents are loaded; 503 while it drains, and when
 *              all keys that are fetched are too old
 *   /metrics   Prometheus text
 *
 * A reload that failed does not make the daemon unready: it answers from the
 * generation before, and taking every instance out of service for one bad
 * file is what its author would least want.  The metric tells.
 */

#include "common/clock.h"

static enum MHD_Result
send_text(struct MHD_Connection *connection, unsigned status, const char *type,
    const char *text, size_t len)
{
    union {
        const char *in;
        void *out;
    } body = {.in = text}; /* copied, not changed */
    struct MHD_Response *response =
        MHD_create_response_from_buffer(len, body.out, MHD_RESPMEM_MUST_COPY);
    bool good =
        response != NULL &&
        MHD_add_response_header(response, "Content-Type", type) == MHD_YES &&
        MHD_add_response_header(response, "Cache-Control", "no-store") ==
            MHD_YES &&
        MHD_queue_response(connection, status, response) == MHD_YES;
    if (response != NULL) {
        MHD_destroy_response(response);
    }
    return good ? MHD_YES : MHD_NO;
}

static enum MHD_Result
send_word(struct MHD_Connection *connection, unsigned status, const char *word)
{
    return send_text(connection, status, "text/plain; charset=utf-8", word,
        strlen(word));
}

enum MHD_Result
pdpd__probe(struct pdpd__server *server, struct MHD_Connection *connection,
    const char *method, const char *path)
{
    if (strcmp(method, "GET") != 0 && strcmp(method, "HEAD") != 0) {
        return send_word(connection, 405, "method not allowed\n");
    }
    if (strcmp(path, "/healthz") == 0) {
        return send_word(connection, 200, "ok\n");
    }
    if (strcmp(path, "/readyz") == 0) {
        uint64_t fetched = atomic_load(&server->metrics.fetched);
        bool ready =
            atomic_load(&server->metrics.generation) > 0 &&
            !atomic_load(&server->metrics.draining) &&
            (fetched == 0 || atomic_load(&server->metrics.old_keys) < fetched);
        return ready ? send_word(connection, 200, "ready\n")
                     : send_word(connection, 503, "not ready\n");
    }
    if (strcmp(path, "/metrics") != 0) {
        return send_word(connection, 404, "not found\n");
    }
    struct pdp__string text = {0};
    int64_t sec = 0;
    uint32_t nsec = 0;
    pdp__clock_now(&sec, &nsec);
    atomic_store(&server->metrics.open, pdpd__conns_open(&server->conns));
    pdpd__metrics_render(&server->metrics, sec, &text);
    /* MHD_NO closes the connection: half of the figures would mislead. */
    enum MHD_Result result =
        text.failed ? MHD_NO
                    : send_text(connection, 200,
                          "text/plain; version=0.0.4; charset=utf-8", text.ptr,
                          text.len);
    pdp__string_free(&text);
    return result;
}
