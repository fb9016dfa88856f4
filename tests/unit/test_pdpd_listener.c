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

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "pdpd/log.h"

#include "pdpd_util.h"

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
opens_in(mode_t place_mode, mode_t socket_mode, mode_t *got)
{
    static struct pdpd__config config;
    static struct pdpd__listeners listeners;
    char place[] = "/tmp/pdpd-listener.XXXXXX";
    char path[64];
    struct stat status = {0};
    assert_non_null(mkdtemp(place));
    snprintf(path, sizeof(path), "%s/a.sock", place);
    assert_int_equal(chmod(place, place_mode), 0);
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
    assert_int_equal(rmdir(place), 0);
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

static const char no_folder[] = "/tmp/pdpd-listener.none/a.sock";

/* Where it was to be, why it is not, and what helps. */
static void
test_what_is_told(void **state)
{
    static struct pdpd__config config;
    static struct pdpd__listeners listeners;
    char out[2048];
    char wanted[256];
    struct sockaddr_in name = {
        .sin_family = AF_INET,
        .sin_addr = {.s_addr = htonl(INADDR_LOOPBACK)},
    };
    socklen_t len = sizeof(name);
    (void)state;
    pdpd__log_setup(false, PDPD__LOG_ERROR);
    config = (struct pdpd__config){
        .listeners = {{.name = PDP__LIT("a"), .socket = pdp__str_z(no_folder)}},
        .listener_cnt = 1,
    };
    STDERR_OF(out, assert_false(pdpd__listeners_open(&listeners, &config)));
    assert_string_equal(out,
        "pdpd: error: listen_failed: listener \"a\" at "
        "\"/tmp/pdpd-listener.none/a.sock\": cannot use its folder: No such "
        "file or directory; make its folder first, or let systemd do it "
        "(RuntimeDirectory=)\n");
    int taken = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(taken >= 0);
    assert_int_equal(bind(taken, (struct sockaddr *)&name, len), 0);
    assert_int_equal((listen)(taken, 1), 0);
    assert_int_equal(getsockname(taken, (struct sockaddr *)&name, &len), 0);
    config.listeners[0] = (struct pdpd__listen){
        .name = PDP__LIT("a"),
        .host = PDP__LIT("127.0.0.1"),
        .port = ntohs(name.sin_port),
    };
    STDERR_OF(out, assert_false(pdpd__listeners_open(&listeners, &config)));
    snprintf(wanted, sizeof(wanted),
        "pdpd: error: listen_failed: listener \"a\" at port %u of 127.0.0.1: "
        "cannot listen on its address: Address already in use; stop what "
        "listens there, or take another port\n",
        (unsigned)ntohs(name.sin_port));
    assert_string_equal(out, wanted);
    close(taken);
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
        cmocka_unit_test_setup_teardown(test_what_is_told, enter_folder,
            leave_folder),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
