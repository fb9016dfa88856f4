/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include "pdpd/listener.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/*
 * T27: who is at the other end of a socket, and who could be in the place of
 * it.  More of what listeners do to files is seen from outside, in
 * tests/integration/pdpd_life.py.
 */

#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "pdpd/log.h"

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

/* A listener at a.sock in a folder of this mode; whether it was opened, and
 * if so, the mode of its socket. */
static bool
opens_in(mode_t folder_mode, mode_t socket_mode, mode_t *got)
{
    static struct pdpd__config config;
    static struct pdpd__listeners listeners;
    char folder[] = "/tmp/pdpd-listener.XXXXXX";
    char path[64];
    struct stat status = {0};
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof(path), "%s/a.sock", folder);
    assert_int_equal(chmod(folder, folder_mode), 0);
    config = (struct pdpd__config){
        .listeners = {{
            .name = PDP__LIT("a"),
            .contract = PDPD__CONTRACT_NGINX,
            .socket = pdp__str_z(path),
            .mode = socket_mode,
        }},
        .listener_cnt = 1,
    };
    bool good = pdpd__listeners_open(&listeners, &config);
    assert_int_equal(lstat(path, &status) == 0, good);
    *got = status.st_mode & 07777;
    pdpd__listeners_close(&listeners);
    unlink(path);
    assert_int_equal(rmdir(folder), 0);
    return good;
}

/* From the first moment: nothing widens it later. */
static void
test_mode(void **state)
{
    mode_t mode = 0;
    (void)state;
    assert_true(opens_in(0700, 0660, &mode));
    assert_int_equal(mode, 0660);
    assert_true(opens_in(0755, 0600, &mode));
    assert_int_equal(mode, 0600);
    assert_true(opens_in(01777, 0660, &mode)); /* as /tmp */
}

/* Who may write to the folder could put a socket of his in its place. */
static void
test_open_folder(void **state)
{
    mode_t mode = 0;
    (void)state;
    pdpd__log_setup(false, PDPD__LOG_ERROR);
    assert_false(opens_in(0777, 0660, &mode));
    assert_false(opens_in(0770, 0660, &mode));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_listed_peer),
        cmocka_unit_test(test_peer_not_listed),
        cmocka_unit_test(test_no_peer),
        cmocka_unit_test(test_tcp_has_no_user),
        cmocka_unit_test(test_mode),
        cmocka_unit_test(test_open_folder),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
