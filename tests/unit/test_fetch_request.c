/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#define _POSIX_C_SOURCE 200809L /* mkdtemp(), openat() */

#include "pdp-fetch/request.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* Requests: found once, only under their own name, also those that came
 * first; and what else lies in the run directory is left alone. */

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/keystate.h"

static const char one[] = "https://one.example.com";
static const char two[] = "https://two.example.com";

static char directory[64];
static struct pdp__requests requests;
static int dir = -1;

static int
enter(void **state)
{
    (void)state;
    const char template[] = "/tmp/pdp-request.XXXXXX";
    memcpy(directory, template, sizeof(template));
    if (mkdtemp(directory) == NULL) {
        return -1;
    }
    dir = open(directory, O_RDONLY | O_DIRECTORY);
    return dir >= 0 && pdp__requests_open(directory, &requests) ? 0 : -1;
}

static int
leave(void **state)
{
    (void)state;
    pdp__requests_close(&requests);
    close(dir);
    return rmdir(directory);
}

/* Whether the descriptor would wake somebody at that time. */
static bool
wakes(int64_t now_sec)
{
    struct pollfd wait = {
        .fd = pdp__requests_fd(&requests, now_sec),
        .events = POLLIN,
    };
    return poll(&wait, 1, 0) == 1;
}

static void
name_of(const char *issuer, char out[static PDP__KEYSTATE_NAME_CAP])
{
    pdp__keystate_request_name(pdp__str_z(issuer), out);
}

static void
test_a_request_is_found_once(void **state)
{
    (void)state;
    assert_false(wakes(10));
    assert_false(pdp__requests_take(&requests, one));
    assert_int_equal(pdp__keystate_ask(dir, pdp__str_z(one)), 0);
    assert_true(wakes(10));
    assert_false(pdp__requests_take(&requests, two));
    assert_true(pdp__requests_take(&requests, one));
    assert_false(pdp__requests_take(&requests, one));
}

static void
test_many_requests_are_one(void **state)
{
    (void)state;
    for (int i = 0; i < 1000; i++) {
        assert_int_equal(pdp__keystate_ask(dir, pdp__str_z(one)), 0);
    }
    assert_true(pdp__requests_take(&requests, one));
    assert_false(pdp__requests_take(&requests, one));
}

static void
test_a_request_that_came_first_is_found(void **state)
{
    (void)state;
    struct pdp__requests late;
    assert_int_equal(pdp__keystate_ask(dir, pdp__str_z(two)), 0);
    assert_true(pdp__requests_open(directory, &late));
    assert_true(pdp__requests_take(&late, two));
    pdp__requests_close(&late);
}

static void
test_it_is_deaf_for_a_second_after_each_look(void **state)
{
    (void)state;
    assert_int_equal(pdp__keystate_ask(dir, pdp__str_z(one)), 0);
    assert_true(wakes(10));
    pdp__requests_drain(&requests, 10);
    assert_true(pdp__requests_take(&requests, one));
    assert_int_equal(pdp__keystate_ask(dir, pdp__str_z(one)), 0);
    assert_int_equal(pdp__requests_fd(&requests, 10), -1);
    assert_true(wakes(11));
    assert_true(pdp__requests_take(&requests, one));
    pdp__requests_drain(&requests, 11);
    assert_false(wakes(12));
}

static void
test_nothing_but_the_name_is_touched(void **state)
{
    (void)state;
    char name[PDP__KEYSTATE_NAME_CAP];
    name_of(one, name);
    /* a link is removed, not what it leads to */
    int fd = openat(dir, "target", O_WRONLY | O_CREAT, 0600);
    assert_true(fd >= 0);
    close(fd);
    assert_int_equal(symlinkat("target", dir, name), 0);
    assert_true(pdp__requests_take(&requests, one));
    assert_int_equal(faccessat(dir, "target", F_OK, 0), 0);
    assert_int_equal(unlinkat(dir, "target", 0), 0);
    /* a directory of that name is no request, and stays */
    assert_int_equal(mkdirat(dir, name, 0700), 0);
    assert_false(pdp__requests_take(&requests, one));
    assert_int_equal(unlinkat(dir, name, AT_REMOVEDIR), 0);
}

static void
test_who_asks_follows_no_link(void **state)
{
    (void)state;
    char name[PDP__KEYSTATE_NAME_CAP];
    name_of(one, name);
    assert_int_equal(symlinkat("elsewhere", dir, name), 0);
    assert_int_equal(pdp__keystate_ask(dir, pdp__str_z(one)), ELOOP);
    assert_int_equal(faccessat(dir, "elsewhere", F_OK, 0), -1);
    assert_int_equal(unlinkat(dir, name, 0), 0);
}

static void
test_without_a_directory_nobody_asks(void **state)
{
    (void)state;
    struct pdp__requests none;
    assert_true(pdp__requests_open(NULL, &none));
    assert_int_equal(pdp__requests_fd(&none, 10), -1);
    assert_false(pdp__requests_take(&none, one));
    pdp__requests_drain(&none, 10);
    pdp__requests_close(&none);
    assert_false(pdp__requests_open("/tmp/pdp-there-is-none", &none));
    pdp__requests_close(&none);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, enter, leave)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_a_request_is_found_once),
        CASE(test_many_requests_are_one),
        CASE(test_a_request_that_came_first_is_found),
        CASE(test_it_is_deaf_for_a_second_after_each_look),
        CASE(test_nothing_but_the_name_is_touched),
        CASE(test_who_asks_follows_no_link),
        CASE(test_without_a_directory_nobody_asks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
