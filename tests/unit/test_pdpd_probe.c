/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include "pdpd/probe.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/*
 * /healthz, /readyz and /metrics: what each state of the daemon answers, and
 * that a lack of memory closes the connection.  libmicrohttpd is replaced by
 * what it would have sent; real requests are in tests/integration/pdpd.py.
 */

#include <stdio.h>

#include "common/clock.h"

enum { STATUS_NONE = 0, STEPS_NONE = 1000 };

static struct pdpd__server server;
static char body[65536];
static char headers[1024];
static unsigned status;
static int responses; /* that live */
static int steps;     /* of libmicrohttpd until one fails */
static int fake;      /* what is pointed to as a response */

struct MHD_Response *__wrap_MHD_create_response_from_buffer(size_t size,
    void *buffer, enum MHD_ResponseMemoryMode mode);
enum MHD_Result __wrap_MHD_add_response_header(struct MHD_Response *response,
    const char *name, const char *value);
enum MHD_Result __wrap_MHD_queue_response(struct MHD_Connection *connection,
    unsigned code, struct MHD_Response *response);
void __wrap_MHD_destroy_response(struct MHD_Response *response);
void __wrap_pdp__clock_now(int64_t *seconds, uint32_t *nanoseconds);

struct MHD_Response *
__wrap_MHD_create_response_from_buffer(size_t size, void *buffer,
    enum MHD_ResponseMemoryMode mode)
{
    assert_int_equal(mode, MHD_RESPMEM_MUST_COPY);
    assert_true(size < sizeof(body));
    if (steps-- == 0) {
        return NULL;
    }
    memcpy(body, buffer, size);
    body[size] = '\0';
    responses++;
    return (struct MHD_Response *)(void *)&fake;
}

enum MHD_Result
__wrap_MHD_add_response_header(struct MHD_Response *response, const char *name,
    const char *value)
{
    size_t len = strlen(headers);
    assert_ptr_equal(response, &fake);
    snprintf(headers + len, sizeof(headers) - len, "%s: %s\n", name, value);
    return steps-- == 0 ? MHD_NO : MHD_YES;
}

enum MHD_Result
__wrap_MHD_queue_response(struct MHD_Connection *connection, unsigned code,
    struct MHD_Response *response)
{
    assert_ptr_equal(response, &fake);
    assert_null(connection);
    if (steps-- == 0) {
        return MHD_NO;
    }
    status = code;
    return MHD_YES;
}

void
__wrap_MHD_destroy_response(struct MHD_Response *response)
{
    assert_ptr_equal(response, &fake);
    responses--;
}

void
__wrap_pdp__clock_now(int64_t *seconds, uint32_t *nanoseconds)
{
    *seconds = 1042;
    *nanoseconds = 0;
}

static int
begin_case(void **state)
{
    (void)state;
    memset(&server, 0, sizeof(server));
    pdpd__conns_init(&server.conns, 4, 2);
    server.metrics.thread_cnt = 1;
    atomic_store(&server.metrics.generation, 1);
    atomic_store(&server.metrics.generation_sec, 1000);
    return 0;
}

static int
end_case(void **state)
{
    (void)state;
    pdpd__conns_free(&server.conns);
    return 0;
}

static enum MHD_Result
probe(const char *method, const char *path)
{
    body[0] = '\0';
    headers[0] = '\0';
    status = STATUS_NONE;
    enum MHD_Result result = pdpd__probe(&server, NULL, method, path);
    assert_int_equal(responses, 0);
    assert_int_equal(result == MHD_YES, status != STATUS_NONE);
    return result;
}

static void
assert_answer(const char *method, const char *path, unsigned code,
    const char *text)
{
    steps = STEPS_NONE;
    assert_int_equal(probe(method, path), MHD_YES);
    assert_int_equal(status, code);
    assert_string_equal(body, text);
    assert_string_equal(headers, "Content-Type: text/plain; charset=utf-8\n"
                                 "Cache-Control: no-store\n");
}

static void
test_paths_and_methods(void **state)
{
    static const char *const others[] = {"/", "", "/healthz/", "/Healthz",
        "/healthz?x", "//healthz", "/metric", "/metricss", "/readyz%20", "*"};
    static const char *const methods[] = {"POST", "PUT", "DELETE", "OPTIONS",
        "TRACE", "get", "GETX", ""};
    (void)state;
    assert_answer("GET", "/healthz", 200, "ok\n");
    assert_answer("HEAD", "/healthz", 200, "ok\n");
    assert_answer("HEAD", "/readyz", 200, "ready\n");
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        assert_answer("GET", others[i], 404, "not found\n");
    }
    for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++) {
        assert_answer(methods[i], "/healthz", 405, "method not allowed\n");
        assert_answer(methods[i], "/metrics", 405, "method not allowed\n");
    }
}

static void
test_ready(void **state)
{
    static const struct {
        uint64_t generation;
        uint64_t fetched;
        uint64_t old;
        bool draining;
        bool reload_failed;
        bool ready;
    } cases[] = {
        {1, 0, 0, false, false, true},
        {7, 0, 0, false, true, true}, /* the generation before serves */
        {0, 0, 0, false, false, false},
        {1, 0, 0, true, false, false},
        {1, 1, 0, false, false, true},
        {1, 1, 1, false, false, false},
        {1, 2, 1, false, false, true}, /* one issuer is better than none */
        {1, 2, 2, false, false, false},
        {1, 2, 3, false, false, false},
        {0, 2, 2, true, true, false},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        atomic_store(&server.metrics.generation, cases[i].generation);
        atomic_store(&server.metrics.fetched, cases[i].fetched);
        atomic_store(&server.metrics.old_keys, cases[i].old);
        atomic_store(&server.metrics.draining, cases[i].draining);
        atomic_store(&server.metrics.reload_failed, cases[i].reload_failed);
        assert_answer("GET", "/readyz", cases[i].ready ? 200 : 503,
            cases[i].ready ? "ready\n" : "not ready\n");
        assert_answer("GET", "/healthz", 200, "ok\n");
    }
}

static void
test_metrics(void **state)
{
    struct pdpd__listen gateway = {.contract = PDPD__CONTRACT_NGINX};
    struct pdpd__listen metrics = {.contract = PDPD__CONTRACT_METRICS};
    struct pdpd__conn_id id;
    (void)state;
    assert_true(pdpd__conns_take(&server.conns, &gateway, 0, &id));
    assert_true(pdpd__conns_take(&server.conns, &metrics, 0, &id));
    steps = STEPS_NONE;
    assert_int_equal(probe("GET", "/metrics"), MHD_YES);
    assert_int_equal(status, 200);
    assert_string_equal(headers,
        "Content-Type: text/plain; version=0.0.4; charset=utf-8\n"
        "Cache-Control: no-store\n");
    assert_non_null(strstr(body, "\npdpd_connections 2\n"));
    assert_non_null(strstr(body, "\npdpd_generation_age_seconds 42\n"));
    assert_int_equal(body[strlen(body) - 1], '\n');
}

/* Whichever step has no memory: the connection is closed, and nothing is
 * left behind. */
static void
test_without_memory(void **state)
{
    static const char *const paths[] = {"/healthz", "/readyz", "/metrics",
        "/x"};
    (void)state;
    for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
        for (int step = 0; step < 4; step++) {
            steps = step;
            assert_int_equal(probe("GET", paths[i]), MHD_NO);
        }
        steps = 4;
        assert_int_equal(probe("GET", paths[i]), MHD_YES);
    }
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, begin_case, end_case)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_paths_and_methods),
        CASE(test_ready),
        CASE(test_metrics),
        CASE(test_without_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
