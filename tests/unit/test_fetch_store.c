/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#define _POSIX_C_SOURCE 200809L /* mkdtemp() */

#include "pdp-fetch/store.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* Files are replaced as a whole or not at all, and what a killed process
 * left is cleaned up. */

#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/file.h"

static char directory[64];

static int
enter(void **state)
{
    (void)state;
    const char template[] = "/tmp/pdp-store.XXXXXX";
    memcpy(directory, template, sizeof(template));
    return mkdtemp(directory) == NULL || chdir(directory) != 0 ? -1 : 0;
}

static int
leave(void **state)
{
    (void)state;
    unlink("set");
    return chdir("/") != 0 || rmdir(directory) != 0 ? -1 : 0;
}

static size_t
entries(void)
{
    size_t cnt = 0;
    DIR *dir = opendir(".");
    assert_non_null(dir);
    while (readdir(dir) != NULL) {
        cnt++;
    }
    closedir(dir);
    return cnt - 2; /* . and .. */
}

static void
assert_holds(const char *text)
{
    assert_true(pdp__store_holds("set", pdp__str_z(text)));
}

static void
test_replaces_whole_with_a_fixed_mode(void **state)
{
    (void)state;
    struct stat status;
    mode_t mask = umask(0077);
    assert_int_equal(pdp__store_replace("set", PDP__LIT("one")), 0);
    assert_holds("one");
    assert_int_equal(pdp__store_replace("set", PDP__LIT("")), 0);
    assert_holds("");
    umask(mask);
    assert_int_equal(stat("set", &status), 0);
    assert_int_equal(status.st_mode & 07777, 0644);
    assert_int_equal(entries(), 1);
}

static void
test_who_reads_keeps_the_old_file(void **state)
{
    (void)state;
    struct stat before;
    struct stat after;
    assert_int_equal(pdp__store_replace("set", PDP__LIT("one")), 0);
    assert_int_equal(stat("set", &before), 0);
    assert_int_equal(pdp__store_replace("set", PDP__LIT("two")), 0);
    assert_int_equal(stat("set", &after), 0);
    assert_true(before.st_ino != after.st_ino);
}

static void
test_a_link_is_replaced_not_followed(void **state)
{
    (void)state;
    struct stat status;
    assert_true(pdp__file_create("victim", 0600, PDP__LIT("mine")));
    assert_int_equal(symlink("victim", "set"), 0);
    assert_int_equal(pdp__store_replace("set", PDP__LIT("one")), 0);
    assert_int_equal(lstat("set", &status), 0);
    assert_true(S_ISREG(status.st_mode));
    assert_true(pdp__store_holds("victim", PDP__LIT("mine")));
    assert_int_equal(unlink("victim"), 0);
}

static void
test_a_full_disk_keeps_the_old_file(void **state)
{
    (void)state;
    char text[5000];
    struct rlimit old;
    memset(text, 'x', sizeof(text));
    assert_int_equal(pdp__store_replace("set", PDP__LIT("one")), 0);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
    struct rlimit small = {4096, old.rlim_max};
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    int error = pdp__store_replace("set", pdp__str(text, sizeof(text)));
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
    assert_int_equal(error, EFBIG);
    assert_holds("one");
    assert_int_equal(entries(), 1);
}

static void
test_a_place_that_cannot_be_replaced_is_told(void **state)
{
    (void)state;
    assert_int_equal(pdp__store_replace("none/set", PDP__LIT("one")), ENOENT);
    assert_int_equal(mkdir("folder", 0700), 0);
    assert_int_equal(pdp__store_replace("folder", PDP__LIT("one")), EISDIR);
    assert_int_equal(entries(), 1);
    assert_int_equal(rmdir("folder"), 0);
}

static void
test_holds_exactly_this(void **state)
{
    (void)state;
    assert_false(pdp__store_holds("set", PDP__LIT("")));
    assert_int_equal(pdp__store_replace("set", PDP__LIT("one")), 0);
    assert_true(pdp__store_holds("set", PDP__LIT("one")));
    assert_false(pdp__store_holds("set", PDP__LIT("on")));
    assert_false(pdp__store_holds("set", PDP__LIT("onex")));
    assert_false(pdp__store_holds("set", PDP__LIT("oNe")));
    assert_false(pdp__store_holds(".", PDP__LIT("")));
}

static void
test_the_sum_is_that_of_the_text(void **state)
{
    (void)state;
    uint64_t sum = 0;
    assert_false(pdp__store_sum("set", 10, &sum));
    assert_int_equal(pdp__store_replace("set", PDP__LIT("0123456789")), 0);
    assert_true(pdp__store_sum("set", 10, &sum));
    assert_true(sum == pdp__keystate_sum(PDP__LIT("0123456789")));
    assert_true(sum != pdp__keystate_sum(PDP__LIT("0123456788")));
    assert_false(pdp__store_sum("set", 9, &sum));
}

static void
test_sweeps_only_what_it_made(void **state)
{
    (void)state;
    static const char *const kept[] = {
        ".set.new",
        ".set.0123456789abcde.new",
        ".set.0123456789abcdef.ne",
        ".set.0123456789abcdeF.new",
        ".other.0123456789abcdef.new",
        "set.0123456789abcdef.new",
        ".set.x0123456789abcdef.new",
    };
    size_t cnt = sizeof(kept) / sizeof(kept[0]);
    for (size_t i = 0; i < cnt; i++) {
        assert_true(pdp__file_create(kept[i], 0600, PDP__LIT("")));
    }
    const char *mine = ".set.0123456789abcdef.new";
    assert_true(pdp__file_create(mine, 0600, PDP__LIT("")));
    pdp__store_sweep("set");
    assert_false(pdp__file_exists(mine));
    assert_int_equal(entries(), cnt);
    for (size_t i = 0; i < cnt; i++) {
        assert_int_equal(unlink(kept[i]), 0);
    }
    pdp__store_sweep("none/set");
}

static void
test_the_lock_is_for_one(void **state)
{
    (void)state;
    int first = pdp__store_lock("set");
    assert_true(first >= 0);
    assert_int_equal(pdp__store_lock("other"), -1); /* same directory */
    assert_int_equal(close(first), 0);
    int second = pdp__store_lock("set");
    assert_true(second >= 0);
    assert_int_equal(close(second), 0);
    assert_int_equal(pdp__store_lock("none/set"), -1);
    struct stat status;
    assert_int_equal(stat(".pdp-fetch.lock", &status), 0);
    assert_int_equal(status.st_mode & 0777, 0600); /* nobody else's to hold */
    assert_int_equal(unlink(".pdp-fetch.lock"), 0);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, enter, leave)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_replaces_whole_with_a_fixed_mode),
        CASE(test_who_reads_keeps_the_old_file),
        CASE(test_a_link_is_replaced_not_followed),
        CASE(test_a_full_disk_keeps_the_old_file),
        CASE(test_a_place_that_cannot_be_replaced_is_told),
        CASE(test_holds_exactly_this),
        CASE(test_the_sum_is_that_of_the_text),
        CASE(test_sweeps_only_what_it_made),
        CASE(test_the_lock_is_for_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
