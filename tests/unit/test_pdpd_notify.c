/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include "pdpd/notify.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/*
 * The protocol of sd_notify(3): where messages go, what happens when nobody
 * takes them, and how often the watchdog wants one.
 */

#include <sys/socket.h>
#include <sys/un.h>

#include "pdpd_util.h"

static int manager = -1; /* the service manager's end */

static int
setup(void **state)
{
    return enter_folder(state);
}

static int
forget(void **state)
{
    (void)state;
    pdpd__notify_close();
    if (manager >= 0) {
        close(manager);
    }
    manager = -1;
    unlink("notify");
    unsetenv("NOTIFY_SOCKET");
    unsetenv("WATCHDOG_USEC");
    unsetenv("WATCHDOG_PID");
    return 0;
}

/* A manager at that name; @ is an abstract one, as in the environment. */
static void
listen_at(const char *path)
{
    struct sockaddr_un name = {.sun_family = AF_UNIX};
    size_t len = strlen(path);
    assert_true(len < sizeof(name.sun_path));
    memcpy(name.sun_path, path, len);
    name.sun_path[0] = path[0] == '@' ? '\0' : path[0];
    manager = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0);
    assert_true(manager >= 0);
    assert_int_equal(bind(manager, (const struct sockaddr *)&name,
                         (socklen_t)(offsetof(struct sockaddr_un, sun_path) +
                                     len)),
        0);
    assert_int_equal(setenv("NOTIFY_SOCKET", path, 1), 0);
}

static void
assert_message(const char *wanted)
{
    char text[256] = "";
    ssize_t got = recv(manager, text, sizeof(text) - 1, 0);
    if (wanted == NULL) {
        assert_int_equal(got, -1);
        return;
    }
    assert_int_equal(got, strlen(wanted));
    assert_string_equal(text, wanted);
}

static void
test_a_path(void **state)
{
    (void)state;
    listen_at("notify");
    pdpd__notify_open();
    pdpd__notify("READY=1");
    pdpd__notify("RELOADING=1\nX=2");
    assert_message("READY=1");
    assert_message("RELOADING=1\nX=2");
    assert_message(NULL);
}

static void
test_an_abstract_name(void **state)
{
    char name[64];
    (void)state;
    snprintf(name, sizeof(name), "@pdpd-unit-%ld", (long)getpid());
    listen_at(name);
    pdpd__notify_open();
    pdpd__notify("READY=1");
    assert_message("READY=1");
}

/* The filter of system calls allows no new socket: the first one is kept. */
static void
test_one_socket_for_all_messages(void **state)
{
    (void)state;
    listen_at("notify");
    pdpd__notify_open();
    int next = dup(STDERR_FILENO);
    close(next);
    pdpd__notify("A=1");
    assert_int_equal(setenv("NOTIFY_SOCKET", "elsewhere", 1), 0);
    pdpd__notify("B=1");
    int after = dup(STDERR_FILENO);
    close(after);
    assert_int_equal(after, next);
    assert_message("A=1");
    assert_message("B=1");
    pdpd__notify_close();
    pdpd__notify("C=1");
    assert_message(NULL);
}

static void
test_without_a_manager_nothing_happens(void **state)
{
    static const char *const paths[] = {"", "/", "@", "none-there"};
    char longer[200];
    (void)state;
    unsetenv("NOTIFY_SOCKET");
    pdpd__notify_open();
    pdpd__notify("READY=1");
    for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
        assert_int_equal(setenv("NOTIFY_SOCKET", paths[i], 1), 0);
        pdpd__notify_open();
        pdpd__notify("READY=1");
    }
    memset(longer, 'a', sizeof(longer) - 1);
    longer[sizeof(longer) - 1] = '\0';
    assert_int_equal(setenv("NOTIFY_SOCKET", longer, 1), 0);
    pdpd__notify_open();
    pdpd__notify("READY=1");
}

/* The longest name that fits is used, not cut. */
static void
test_the_longest_name(void **state)
{
    struct sockaddr_un name;
    char path[sizeof(name.sun_path)];
    (void)state;
    int len = snprintf(path, sizeof(path), "@pdpd-unit-%ld-", (long)getpid());
    memset(path + len, 'a', sizeof(path) - (size_t)len);
    path[sizeof(path) - 1] = '\0';
    listen_at(path);
    pdpd__notify_open();
    pdpd__notify("READY=1");
    assert_message("READY=1");
}

static void
test_a_manager_that_is_gone(void **state)
{
    (void)state;
    listen_at("notify");
    pdpd__notify_open();
    close(manager);
    manager = -1;
    pdpd__notify("READY=1"); /* no SIGPIPE, no end */
}

/* One that reads nothing must not stop the thread that reloads. */
static void
test_a_manager_that_does_not_read(void **state)
{
    (void)state;
    listen_at("notify");
    pdpd__notify_open();
    alarm(60); /* it would wait for ever */
    for (int i = 0; i < 20; i++) {
        int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0);
        struct sockaddr_un name = {.sun_family = AF_UNIX, .sun_path = "notify"};
        for (int n = 0; n < 1000; n++) {
            if (sendto(fd, "x", 1, 0, (const struct sockaddr *)&name,
                    sizeof(name)) != 1) {
                break;
            }
        }
        close(fd);
    }
    pdpd__notify("LOST=1");
    alarm(0);
    char text[8] = "";
    while (recv(manager, text, sizeof(text), 0) > 0) {
        assert_string_equal(text, "x");
    }
    pdpd__notify("WATCHDOG=1");
    assert_message("WATCHDOG=1");
}

static void
test_how_often(void **state)
{
    static const struct {
        const char *usec;
        const char *pid; /* "own": ours */
        int64_t wanted_ms;
    } cases[] = {
        {NULL, NULL, 0},
        {"10000000", NULL, 5000},
        {"10000000", "own", 5000},
        {"10000000", "1", 0},
        {"10000000", "", 0},
        {"10000000", "own ", 0},
        {"2000", NULL, 1},
        {"1999", NULL, 0},
        {"0", NULL, 0},
        {"", NULL, 0},
        {"-10000000", NULL, 0},
        {"+10000000", NULL, 0},
        {" 10000000", NULL, 0},
        {"10000000 ", NULL, 0},
        {"1e7", NULL, 0},
        {"999999999999999", NULL, INT64_C(499999999999)},
        {"9999999999999999", NULL, 0},
        {"99999999999999999999999999", NULL, 0},
    };
    char own[32];
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const char *pid = cases[i].pid;
        snprintf(own, sizeof(own), "%ld%s", (long)getpid(),
            pid == NULL || strcmp(pid, "own ") != 0 ? "" : " ");
        unsetenv("WATCHDOG_USEC");
        unsetenv("WATCHDOG_PID");
        if (cases[i].usec != NULL) {
            assert_int_equal(setenv("WATCHDOG_USEC", cases[i].usec, 1), 0);
        }
        if (pid != NULL) {
            pid = strncmp(pid, "own", 3) == 0 ? own : pid;
            assert_int_equal(setenv("WATCHDOG_PID", pid, 1), 0);
        }
        assert_int_equal(pdpd__notify_interval_ms(), cases[i].wanted_ms);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_a_path, forget),
        cmocka_unit_test_teardown(test_an_abstract_name, forget),
        cmocka_unit_test_teardown(test_one_socket_for_all_messages, forget),
        cmocka_unit_test_teardown(test_without_a_manager_nothing_happens,
            forget),
        cmocka_unit_test_teardown(test_the_longest_name, forget),
        cmocka_unit_test_teardown(test_a_manager_that_is_gone, forget),
        cmocka_unit_test_teardown(test_a_manager_that_does_not_read, forget),
        cmocka_unit_test_teardown(test_how_often, forget),
    };
    return cmocka_run_group_tests(tests, setup, leave_folder);
}
