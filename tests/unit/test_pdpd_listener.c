/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include "pdpd/listener.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/*
 * T27: who is at the other end of a socket.  What listeners do to files is
 * seen from outside, in tests/integration/pdpd_life.py.
 */

#include <sys/socket.h>
#include <unistd.h>

static int pair[2];

static int
setup(void **state)
{
    (void)state;
    return socketpair(AF_UNIX, SOCK_STREAM, 0, pair);
}

static int
teardown(void **state)
{
    (void)state;
    close(pair[0]);
    close(pair[1]);
    return 0;
}

static struct pdpd__listen
listen_for(uid_t first, uid_t second, uint32_t cnt)
{
    struct pdpd__listen listen = {
        .socket = PDP__LIT("/run/a.sock"),
        .peers = {first, second},
        .peer_cnt = cnt,
    };
    return listen;
}

static void
test_listed_peer(void **state)
{
    uid_t peer = 0;
    struct pdpd__listen listen = listen_for(getuid() + 1, getuid(), 2);
    (void)state;
    assert_true(pdpd__listener_admits(&listen, pair[0], &peer));
    assert_int_equal(peer, getuid());
}

static void
test_peer_not_listed(void **state)
{
    uid_t peer = 0;
    struct pdpd__listen listen = listen_for(getuid() + 1, getuid(), 1);
    (void)state;
    assert_false(pdpd__listener_admits(&listen, pair[0], &peer));
    assert_int_equal(peer, getuid());
    listen.peer_cnt = 0;
    assert_false(pdpd__listener_admits(&listen, pair[0], &peer));
}

/* A descriptor that cannot tell has no peer, also if all ones are listed. */
static void
test_no_peer(void **state)
{
    uid_t peer = 0;
    struct pdpd__listen listen = listen_for((uid_t)-1, 0, 2);
    int pipes[2];
    (void)state;
    assert_int_equal(pipe(pipes), 0);
    assert_false(pdpd__listener_admits(&listen, pipes[0], &peer));
    assert_false(pdpd__listener_admits(&listen, -1, &peer));
    close(pipes[0]);
    close(pipes[1]);
}

static void
test_tcp_has_no_user(void **state)
{
    uid_t peer = 0;
    struct pdpd__listen listen = {.host = PDP__LIT("127.0.0.1"), .port = 1};
    (void)state;
    assert_true(pdpd__listener_admits(&listen, -1, &peer));
    assert_int_equal(peer, (uid_t)-1);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_listed_peer),
        cmocka_unit_test(test_peer_not_listed),
        cmocka_unit_test(test_no_peer),
        cmocka_unit_test(test_tcp_has_no_user),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
