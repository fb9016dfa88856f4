/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#define _POSIX_C_SOURCE 200809L /* mkdtemp(), chdir() */

#include "common/file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* Files: limits, modes, what is never overwritten, what is never half. */

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static char directory[64];

static int
enter(void **state)
{
    (void)state;
    const char template[] = "/tmp/pdp-file.XXXXXX";
    memcpy(directory, template, sizeof(template));
    return mkdtemp(directory) == NULL || chdir(directory) != 0 ? -1 : 0;
}

static int
leave(void **state)
{
    (void)state;
    /* each test removes its files, so the directory is empty */
    return chdir("/") != 0 || rmdir(directory) != 0 ? -1 : 0;
}

static mode_t
mode_of(const char *path)
{
    struct stat status;
    assert_int_equal(lstat(path, &status), 0);
    return status.st_mode & 07777;
}

static void
assert_holds(const char *path, const char *text)
{
    struct pdp__file file;
    assert_true(pdp__file_read(path, PDP__FILE_MAX, &file));
    assert_int_equal(file.len, strlen(text));
    assert_string_equal(file.text, text);
    pdp__file_free(&file);
}

static void
test_read_limits(void **state)
{
    (void)state;
    struct pdp__file file;
    assert_true(pdp__file_create("f", 0644, PDP__LIT("12345")));
    assert_true(pdp__file_read("f", 5, &file));
    assert_int_equal(file.len, 5);
    assert_int_equal(file.text[5], '\0');
    pdp__file_free(&file);
    assert_null(file.text);
    assert_false(pdp__file_read("f", 4, &file));
    assert_false(pdp__file_read("none", 4, &file));
    assert_false(pdp__file_read(".", 4, &file));
    assert_int_equal(unlink("f"), 0);
    assert_true(pdp__file_create("empty", 0644, PDP__LIT("")));
    assert_holds("empty", "");
    assert_int_equal(unlink("empty"), 0);
}

static void
test_create_never_replaces(void **state)
{
    (void)state;
    mode_t old = umask(077);
    assert_true(pdp__file_create("f", 0644, PDP__LIT("one")));
    umask(old);
    assert_int_equal(mode_of("f"), 0644);
    assert_false(pdp__file_create("f", 0600, PDP__LIT("two")));
    assert_holds("f", "one");
    /* nor through a link, even one that leads nowhere */
    assert_int_equal(symlink("target", "link"), 0);
    assert_false(pdp__file_create("link", 0600, PDP__LIT("two")));
    assert_false(pdp__file_exists("target"));
    assert_int_equal(unlink("link"), 0);
    assert_int_equal(unlink("f"), 0);
    assert_true(pdp__file_create("key", 0600, PDP__LIT("k")));
    assert_int_equal(mode_of("key"), 0600);
    assert_int_equal(unlink("key"), 0);
    assert_false(pdp__file_create("none/f", 0600, PDP__LIT("k")));
}

static void
test_replace(void **state)
{
    (void)state;
    assert_true(pdp__file_create("f", 0644, PDP__LIT("one")));
    assert_true(pdp__file_replace("f", 0600, PDP__LIT("two")));
    assert_holds("f", "two");
    assert_int_equal(mode_of("f"), 0600);
    assert_true(pdp__file_replace("new", 0600, PDP__LIT("three")));
    assert_holds("new", "three");
    assert_int_equal(unlink("new"), 0);
    assert_int_equal(unlink("f"), 0);
    /* what cannot be renamed leaves nothing behind */
    assert_int_equal(mkdir("d", 0755), 0);
    assert_false(pdp__file_replace("d", 0600, PDP__LIT("x")));
    assert_int_equal(rmdir("d"), 0);
    /* a link, perhaps to a device, is no place for a file */
    assert_int_equal(symlink("/dev/null", "link"), 0);
    assert_false(pdp__file_replace("link", 0600, PDP__LIT("x")));
    struct stat status;
    assert_int_equal(lstat("link", &status), 0);
    assert_true(S_ISLNK(status.st_mode));
    assert_int_equal(unlink("link"), 0);
    assert_int_equal(mkfifo("pipe", 0600), 0);
    assert_false(pdp__file_replace("pipe", 0600, PDP__LIT("x")));
    assert_int_equal(unlink("pipe"), 0);
}

static void
test_list(void **state)
{
    (void)state;
    char **paths = NULL;
    size_t cnt = 0;
    static const char *const names[] = {"d/b.json", "d/a.json", "d/B.json",
        "d/.hidden.json", "d/c.txt", "d/.json", "d/json"};
    assert_int_equal(mkdir("d", 0755), 0);
    assert_false(pdp__file_list("d", ".json", &paths, &cnt)); /* empty */
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        assert_true(pdp__file_create(names[i], 0644, PDP__LIT("x")));
    }
    assert_true(pdp__file_list("d/", ".json", &paths, &cnt));
    assert_int_equal(cnt, 3);
    assert_string_equal(paths[0], "d/B.json");
    assert_string_equal(paths[1], "d/a.json");
    assert_string_equal(paths[2], "d/b.json");
    for (size_t i = 0; i < cnt; i++) {
        pdp__heap_free(paths[i]);
    }
    pdp__heap_free(paths);
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        assert_int_equal(unlink(names[i]), 0);
    }
    assert_true(pdp__file_is_dir("d"));
    assert_int_equal(rmdir("d"), 0);
    assert_false(pdp__file_is_dir("d"));
    assert_false(pdp__file_list("d", ".json", &paths, &cnt));
}

static void
test_identify(void **state)
{
    (void)state;
    struct pdp__file a;
    struct pdp__file b;
    assert_true(pdp__file_create("f", 0644, PDP__LIT("one")));
    assert_int_equal(symlink("f", "link"), 0);
    assert_true(pdp__file_identify("f", &a));
    assert_true(pdp__file_read("link", 10, &b));
    assert_true(a.inode == b.inode && a.device == b.device);
    pdp__file_free(&b);
    assert_int_equal(unlink("link"), 0);
    assert_int_equal(unlink("f"), 0);
    assert_false(pdp__file_identify("f", &a));
}

static void
assert_beside(const char *path, const char *name, const char *want)
{
    char *got = pdp__file_beside(path, pdp__str_z(name));
    assert_string_equal(got, want);
    pdp__heap_free(got);
}

static void
test_beside(void **state)
{
    (void)state;
    assert_beside("conf/trust.json", "keys.json", "conf/keys.json");
    assert_beside("trust.json", "keys.json", "keys.json");
    assert_beside("/etc/trust.json", "sub/keys.json", "/etc/sub/keys.json");
    assert_beside("conf/trust.json", "/keys.json", "/keys.json");
    assert_beside("", "keys.json", "keys.json");
    assert_beside("conf/trust.json", "", "conf/");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_read_limits),
        cmocka_unit_test(test_create_never_replaces),
        cmocka_unit_test(test_replace),
        cmocka_unit_test(test_list),
        cmocka_unit_test(test_identify),
        cmocka_unit_test(test_beside),
    };

    return cmocka_run_group_tests(tests, enter, leave);
}
