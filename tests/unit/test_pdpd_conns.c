/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include "pdpd/conns.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/*
 * Places for connections: bounded, given back once, and shut down at their
 * deadline and not before.
 */

#include <sys/socket.h>
#include <unistd.h>

static struct pdpd__conns conns;
static const struct pdpd__listen listen_any;
static const struct pdpd__listen listen_metrics = {
    .contract = PDPD__CONTRACT_METRICS,
};
static int pair[2];

static int
setup(void **state)
{
    (void)state;
    pdpd__conns_init(&conns, 3, 2);
    return socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair);
}

static int
teardown(void **state)
{
    (void)state;
    pdpd__conns_free(&conns);
    close(pair[0]);
    close(pair[1]);
    return 0;
}

static bool
at_end(void)
{
    char byte;
    return recv(pair[1], &byte, 1, 0) == 0;
}

static void
test_places_are_bounded(void **state)
{
    struct pdpd__conn_id id[3];
    struct pdpd__conn_id none;
    (void)state;
    for (int i = 0; i < 3; i++) {
        assert_true(pdpd__conns_take(&conns, &listen_any, 1, &id[i]));
    }
    assert_false(pdpd__conns_take(&conns, &listen_any, 1, &none));
    assert_int_equal(pdpd__conns_open(&conns), 3);
    pdpd__conns_cancel(&conns, id[1]);
    pdpd__conns_cancel(&conns, id[1]);
    assert_int_equal(pdpd__conns_open(&conns), 2);
    assert_true(pdpd__conns_take(&conns, &listen_any, 1, &none));
    assert_int_equal(none.ix, id[1].ix);
    assert_int_not_equal(none.serial, id[1].serial);
}

/* Neither kind takes the places of the other. */
static void
test_places_of_metrics(void **state)
{
    struct pdpd__conn_id id[5];
    struct pdpd__conn_id none;
    (void)state;
    for (int i = 0; i < 5; i++) {
        const struct pdpd__listen *one = i < 3 ? &listen_any : &listen_metrics;
        assert_false(pdpd__conns_full(&conns, one));
        assert_true(pdpd__conns_take(&conns, one, 1, &id[i]));
        assert_int_equal(pdpd__conns_full(&conns, one), i == 2 || i == 4);
    }
    assert_int_equal(pdpd__conns_open(&conns), 5);
    assert_false(pdpd__conns_take(&conns, &listen_metrics, 1, &none));
    pdpd__conns_cancel(&conns, id[0]);
    assert_false(pdpd__conns_take(&conns, &listen_metrics, 1, &none));
    assert_true(pdpd__conns_take(&conns, &listen_any, 1, &none));
    assert_true(pdpd__conns_full(&conns, &listen_any));
    pdpd__conns_cancel(&conns, id[3]);
    assert_false(pdpd__conns_take(&conns, &listen_any, 1, &none));
    assert_false(pdpd__conns_full(&conns, &listen_metrics));
    assert_true(pdpd__conns_take(&conns, &listen_metrics, 1, &none));
}

/* A handle of an earlier use of the place opens nothing. */
static void
test_old_handle(void **state)
{
    struct pdpd__conn_id old;
    struct pdpd__conn_id now;
    (void)state;
    assert_true(pdpd__conns_take(&conns, &listen_any, 1, &old));
    pdpd__conns_cancel(&conns, old);
    assert_null(pdpd__conns_start(&conns, old, pair[0]));
    assert_true(pdpd__conns_take(&conns, &listen_any, 1, &now));
    assert_null(pdpd__conns_start(&conns, old, pair[0]));
    pdpd__conns_cancel(&conns, old);
    assert_int_equal(pdpd__conns_open(&conns), 1);
    struct pdpd__conn *conn = pdpd__conns_start(&conns, now, pair[0]);
    assert_non_null(conn);
    pdpd__conns_give(&conns, conn);
    pdpd__conns_give(&conns, conn);
    assert_int_equal(pdpd__conns_open(&conns), 0);
}

static void
test_deadline(void **state)
{
    struct pdpd__conn_id id;
    (void)state;
    assert_true(pdpd__conns_take(&conns, &listen_any, 1000, &id));
    assert_non_null(pdpd__conns_start(&conns, id, pair[0]));
    assert_int_equal(pdpd__conns_expire(&conns, 999), 0);
    assert_false(at_end());
    assert_int_equal(pdpd__conns_expire(&conns, 1000), 1);
    assert_true(at_end());
    assert_int_equal(pdpd__conns_expire(&conns, 2000), 0); /* once */
}

/* T56: libmicrohttpd may lose a connection for want of memory, untold. */
static void
test_one_that_never_begins(void **state)
{
    struct pdpd__conn_id id;
    (void)state;
    assert_true(pdpd__conns_take(&conns, &listen_any, 1000, &id));
    assert_int_equal(pdpd__conns_expire(&conns, 999), 0);
    assert_int_equal(pdpd__conns_open(&conns), 1);
    assert_int_equal(pdpd__conns_expire(&conns, 1000), 0); /* nobody's fault */
    assert_int_equal(pdpd__conns_open(&conns), 0);
    assert_null(pdpd__conns_start(&conns, id, pair[0])); /* too late */
    assert_false(at_end());
}

/* One that got answers is idle, not slow. */
static void
test_idle_is_not_slow(void **state)
{
    struct pdpd__conn_id id;
    (void)state;
    assert_true(pdpd__conns_take(&conns, &listen_any, 1000, &id));
    struct pdpd__conn *conn = pdpd__conns_start(&conns, id, pair[0]);
    assert_non_null(conn);
    atomic_store(&conn->served, true);
    assert_int_equal(pdpd__conns_expire(&conns, 1000), 0);
    assert_true(at_end());
}

/* What was sent before can still be read. */
static void
check_drain(bool all)
{
    struct pdpd__conn_id id;
    char byte = 0;
    assert_true(pdpd__conns_take(&conns, &listen_any, UINT64_MAX, &id));
    struct pdpd__conn *conn = pdpd__conns_start(&conns, id, pair[0]);
    assert_non_null(conn);
    /* It has hardly begun, and is left alone, unless all are meant. */
    pdpd__conns_drain(&conns, false);
    assert_int_equal(send(pair[1], "x", 1, 0), 1);
    if (all) {
        pdpd__conns_drain(&conns, true);
    } else {
        atomic_store(&conn->served, true);
        pdpd__conns_drain(&conns, false);
    }
    assert_int_equal(recv(pair[0], &byte, 1, 0), 1);
    assert_int_equal(byte, 'x');
    assert_int_equal(recv(pair[0], &byte, 1, 0), 0);
    assert_int_equal(send(pair[0], "y", 1, 0), 1);
}

static void
test_drain(void **state)
{
    (void)state;
    check_drain(false);
}

static void
test_drain_of_all(void **state)
{
    (void)state;
    check_drain(true);
}

static uint64_t
freed(void)
{
    uint64_t cnt = 0;
    return read(conns.freed, &cnt, sizeof(cnt)) == sizeof(cnt) ? cnt : 0;
}

/* Whoever waits for a place is woken; nobody is while there are others. */
static void
test_a_place_is_free(void **state)
{
    struct pdpd__conn_id id[3];
    struct pdpd__conn_id probe;
    (void)state;
    for (int i = 0; i < 3; i++) {
        assert_true(pdpd__conns_take(&conns, &listen_any, 1, &id[i]));
    }
    assert_true(pdpd__conns_take(&conns, &listen_metrics, 1, &probe));
    pdpd__conns_cancel(&conns, probe);
    assert_int_equal(freed(), 0);
    pdpd__conns_cancel(&conns, id[1]);
    assert_int_equal(freed(), 1);
    pdpd__conns_cancel(&conns, id[0]);
    assert_int_equal(freed(), 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_places_are_bounded, setup,
            teardown),
        cmocka_unit_test_setup_teardown(test_places_of_metrics, setup,
            teardown),
        cmocka_unit_test_setup_teardown(test_old_handle, setup, teardown),
        cmocka_unit_test_setup_teardown(test_deadline, setup, teardown),
        cmocka_unit_test_setup_teardown(test_one_that_never_begins, setup,
            teardown),
        cmocka_unit_test_setup_teardown(test_idle_is_not_slow, setup, teardown),
        cmocka_unit_test_setup_teardown(test_drain, setup, teardown),
        cmocka_unit_test_setup_teardown(test_drain_of_all, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_place_is_free, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
