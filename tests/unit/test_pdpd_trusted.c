/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include "pdpd/trusted.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/*
 * Which files may decide (T17): what they are, whose they are, who could have
 * written them, and the same for every folder and link on the way.  Cases
 * with other owners need root.
 */

#include <errno.h>
#include <stdbool.h>
#include <sys/resource.h>

#include "pdpd_util.h"

enum { MAX = 1000, STRANGER = 4242 };

static char why[PDPD__TRUSTED_WHY_CAP];

static bool
reads_as(const char *path, uid_t owner, const char *wanted)
{
    struct pdpd__trusted file;
    if (!pdpd__trusted_read(path, MAX, owner, &file, why)) {
        assert_null(file.text);
        assert_int_equal(file.len, 0);
        return false;
    }
    assert_string_equal(why, "");
    assert_string_equal(file.text, wanted);
    assert_int_equal(file.len, strlen(wanted));
    pdpd__trusted_free(&file);
    assert_null(file.text);
    return true;
}

static bool
reads(const char *path)
{
    return reads_as(path, (uid_t)-1, "text");
}

#define REFUSED(path, words)                                                   \
    do {                                                                       \
        assert_false(reads(path));                                             \
        assert_string_equal(why, (words));                                     \
    } while (0)

static void
in_folder(char *out, size_t cap, const char *before, const char *after)
{
    assert_true(snprintf(out, cap, "%s%s%s", before, folder, after) < (int)cap);
}

/* The reason, with the folder's name in it. */
#define REFUSED_FOR(path, before, after)                                       \
    do {                                                                       \
        char words_[PDPD__TRUSTED_WHY_CAP];                                    \
        in_folder(words_, sizeof(words_), (before), (after));                  \
        REFUSED(path, words_);                                                 \
    } while (0)

static void
need_root(void)
{
    if (geteuid() != 0) {
        print_message("only root can give files away\n");
        skip();
    }
}

static int
setup(void **state)
{
    if (enter_folder(state) != 0 || mkdir("a", 0700) != 0 ||
        mkdir("a/b", 0755) != 0) {
        return -1;
    }
    write_text("a/b/file", "text");
    return 0;
}

static void
test_good_files(void **state)
{
    char path[128];
    (void)state;
    assert_true(reads("a/b/file"));
    assert_true(reads("./a/./b/../b/file"));
    in_folder(path, sizeof(path), "", "/a/b/file");
    assert_true(reads(path));
    in_folder(path, sizeof(path), "/", "//a//b/file");
    assert_true(reads(path));
    assert_int_equal(chdir("a/b"), 0);
    assert_true(reads("file"));
    assert_int_equal(chdir("../.."), 0);
    /* Who may read it is the operator's business. */
    assert_int_equal(chmod("a/b/file", 0444), 0);
    assert_true(reads("a/b/file"));
}

static void
test_no_regular_file(void **state)
{
    (void)state;
    REFUSED("a/none", "No such file or directory");
    REFUSED("a/b/file/x", "Not a directory");
    REFUSED("", "No such file or directory");
    REFUSED("a/b", "it is no regular file");
    REFUSED("/dev/null", "it is no regular file");
    /* It must not wait for a writer. */
    assert_int_equal(mkfifo("a/fifo", 0600), 0);
    REFUSED("a/fifo", "it is no regular file");
    assert_int_equal(symlink("b/file", "a/link"), 0);
    REFUSED("a/link", "it is a symbolic link");
    assert_int_equal(symlink("nowhere", "a/dangling"), 0);
    REFUSED("a/dangling", "it is a symbolic link");
}

static void
test_length(void **state)
{
    struct pdpd__trusted file;
    char text[MAX + 1];
    (void)state;
    memset(text, 'x', sizeof(text));
    write_bytes("a/size", "", 0);
    REFUSED("a/size", "it is empty");
    write_bytes("a/size", text, MAX + 1);
    REFUSED("a/size", "it is too large");
    write_bytes("a/size", text, MAX);
    assert_true(pdpd__trusted_read("a/size", MAX, (uid_t)-1, &file, why));
    assert_int_equal(file.len, MAX);
    assert_int_equal(file.text[MAX], 0);
    pdpd__trusted_free(&file);
    text[0] = '\0'; /* bytes are bytes: who parses them says what is wrong */
    write_bytes("a/size", text, 2);
    assert_true(pdpd__trusted_read("a/size", MAX, (uid_t)-1, &file, why));
    assert_int_equal(file.len, 2);
    assert_memory_equal(file.text, text, 2);
    pdpd__trusted_free(&file);
}

/* Larger than one read(). */
static void
test_a_long_file(void **state)
{
    enum { LONG = 200000 };
    static char text[LONG];
    struct pdpd__trusted file;
    (void)state;
    for (size_t i = 0; i < LONG; i++) {
        text[i] = (char)('a' + i % 23);
    }
    write_bytes("a/long", text, LONG);
    assert_true(pdpd__trusted_read("a/long", LONG, (uid_t)-1, &file, why));
    assert_int_equal(file.len, LONG);
    assert_memory_equal(file.text, text, LONG);
    pdpd__trusted_free(&file);
    assert_false(pdpd__trusted_read("a/long", LONG - 1, (uid_t)-1, &file, why));
    assert_string_equal(why, "it is too large");
}

static void
test_others_may_write_to_the_file(void **state)
{
    static const mode_t bad[] = {0620, 0602, 0666, 0777, 0020, 0002};
    (void)state;
    write_text("a/mode", "text");
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_int_equal(chmod("a/mode", bad[i] | 0400), 0);
        REFUSED("a/mode", "its group or everybody may write to it");
    }
    assert_int_equal(chmod("a/mode", 0755), 0);
    assert_true(reads("a/mode"));
}

static void
test_others_may_write_to_a_folder(void **state)
{
    static const mode_t bad[] = {0770, 0707, 0777};
    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_int_equal(chmod("a/b", bad[i]), 0);
        REFUSED_FOR("a/b/file", "others may write to its folder ", "/a/b");
        assert_int_equal(chmod("a/b", 0755), 0);
        assert_int_equal(chmod("a", bad[i]), 0);
        REFUSED_FOR("a/b/file", "others may write to its folder ", "/a");
        assert_int_equal(chdir("a/b"), 0);
        REFUSED_FOR("file", "others may write to its folder ", "/a");
        assert_int_equal(chdir("../.."), 0);
        /* Also one that the path leaves again. */
        assert_int_equal(mkdir("c", 0700), 0);
        assert_int_equal(chmod("c", bad[i]), 0);
        assert_int_equal(chmod("a", 0700), 0);
        REFUSED_FOR("c/../a/b/file", "others may write to its folder ", "/c");
        assert_int_equal(rmdir("c"), 0);
    }
    assert_true(reads("a/b/file"));
}

/* In a sticky folder only the owner of a file can replace it. */
static void
test_a_sticky_folder(void **state)
{
    (void)state;
    assert_int_equal(chmod("a/b", 01777), 0);
    assert_true(reads("a/b/file"));
    assert_int_equal(chmod("a/b", 0755), 0);
}

static void
test_other_owners(void **state)
{
    (void)state;
    need_root();
    assert_int_equal(chown("a/b/file", STRANGER, (gid_t)-1), 0);
    REFUSED("a/b/file", "it belongs to user 4242");
    assert_false(reads_as("a/b/file", STRANGER + 1, "text"));
    assert_true(reads_as("a/b/file", STRANGER, "text"));
    assert_int_equal(chown("a/b/file", 0, (gid_t)-1), 0);
    assert_int_equal(chown("a/b", STRANGER, (gid_t)-1), 0);
    REFUSED_FOR("a/b/file", "its folder ", "/a/b belongs to user 4242");
    assert_true(reads_as("a/b/file", STRANGER, "text"));
    assert_int_equal(chown("a/b", 0, (gid_t)-1), 0);
    assert_int_equal(chown("a", STRANGER, (gid_t)-1), 0);
    REFUSED_FOR("a/b/file", "its folder ", "/a belongs to user 4242");
    assert_int_equal(chown("a", 0, (gid_t)-1), 0);
    assert_true(reads("a/b/file"));
}

/* A further user is one user: (uid_t)-1 is nobody, not anybody. */
static void
test_no_further_user(void **state)
{
    (void)state;
    need_root();
    assert_int_equal(chown("a/b/file", (uid_t)-2, (gid_t)-1), 0);
    REFUSED("a/b/file", "it belongs to user 4294967294");
    assert_int_equal(chown("a/b/file", 0, (gid_t)-1), 0);
}

static void
test_a_link_on_the_way(void **state)
{
    char target[128];
    (void)state;
    in_folder(target, sizeof(target), "", "/a");
    assert_int_equal(symlink(target, "absolute"), 0);
    assert_int_equal(symlink("a/b", "relative"), 0);
    assert_int_equal(symlink("loop", "loop"), 0);
    assert_true(reads("absolute/b/file"));
    assert_true(reads("relative/file"));
    REFUSED("loop/file", "it is a symbolic link"); /* ELOOP says the same */
    assert_int_equal(chmod("a", 0770), 0);
    REFUSED_FOR("relative/file", "others may write to its folder ", "/a");
    assert_int_equal(chmod("a", 0700), 0);
}

static void
test_a_strangers_link_on_the_way(void **state)
{
    (void)state;
    need_root();
    assert_int_equal(mkdir("open", 0700), 0);
    assert_int_equal(chmod("open", 01777), 0);
    assert_int_equal(symlink("../a/b", "open/link"), 0);
    assert_true(reads("open/link/file"));
    assert_int_equal(lchown("open/link", STRANGER, (gid_t)-1), 0);
    REFUSED("open/link/file",
        "the symbolic link open/link belongs to user 4242");
    assert_true(reads_as("open/link/file", STRANGER, "text"));
    /* A link of ours that leads through it is as good as it is. */
    assert_int_equal(symlink("open/link", "ours"), 0);
    assert_false(reads("ours/file"));
    assert_non_null(strstr(why, "open/link belongs to user 4242"));
    assert_int_equal(symlink("ours", "again"), 0);
    assert_false(reads("again/file"));
    assert_int_equal(lchown("open/link", 0, (gid_t)-1), 0);
    assert_true(reads("again/file"));
}

/* A folder that only holds a link of the way can redirect it, too. */
static void
test_a_folder_that_holds_a_link(void **state)
{
    char target[128];
    (void)state;
    assert_int_equal(mkdir("holder", 0700), 0);
    assert_int_equal(symlink("../a/b", "holder/link"), 0);
    in_folder(target, sizeof(target), "", "/holder/link");
    assert_int_equal(symlink(target, "through"), 0);
    assert_true(reads("through/file"));
    assert_int_equal(chmod("holder", 0777), 0);
    REFUSED_FOR("holder/link/file", "others may write to its folder ",
        "/holder");
    REFUSED_FOR("through/file", "others may write to its folder ", "/holder");
    assert_int_equal(chmod("holder", 0700), 0);
    assert_true(reads("through/file"));
}

static void
test_names_that_are_too_long(void **state)
{
    char path[6000];
    (void)state;
    memset(path, 'a', sizeof(path) - 1);
    path[sizeof(path) - 1] = '\0';
    REFUSED(path, "File name too long");
}

/* What kind of failure it was: 0 the file's own, 1 one that may pass, 2 a
 * lack. */
static int
kind_of_failure(const char *path)
{
    struct pdpd__trusted file;
    assert_false(pdpd__trusted_read(path, MAX, (uid_t)-1, &file, why));
    assert_true(file.passing || !file.lacking);
    return file.lacking ? 2 : file.passing ? 1 : 0;
}

static void
test_what_may_pass(void **state)
{
    struct rlimit limit;
    (void)state;
    assert_int_equal(kind_of_failure("a/b/none"), 0);
    assert_int_equal(kind_of_failure("a/b"), 0);
    assert_int_equal(chmod("a/b/file", 0666), 0);
    assert_int_equal(kind_of_failure("a/b/file"), 0);
    assert_int_equal(chmod("a/b/file", 0600), 0);
    assert_int_equal(chmod("a", 0770), 0); /* not seen by looking at files */
    assert_int_equal(kind_of_failure("a/b/file"), 1);
    assert_int_equal(chmod("a", 0700), 0);
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
    struct rlimit none = {0, limit.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
    int kind = kind_of_failure("a/b/file");
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
    assert_int_equal(kind, 2);
    assert_string_equal(why, "Too many open files");
    assert_true(reads("a/b/file"));
}

/* errno tells a call that failed from a reason of our own. */
static void
test_why_a_place_is_refused(void **state)
{
    (void)state;
    errno = EMFILE;
    assert_false(pdpd__trusted_place("a/none/socket", why));
    assert_int_equal(errno, ENOENT);
    assert_string_equal(why, "No such file or directory");
    assert_int_equal(chmod("a", 0770), 0);
    errno = EMFILE;
    assert_false(pdpd__trusted_place("a/b/socket", why));
    assert_int_equal(errno, 0);
    assert_int_equal(chmod("a", 0700), 0);
    assert_true(pdpd__trusted_place("a/b/socket", why));
}

static void
test_free_twice(void **state)
{
    struct pdpd__trusted file;
    (void)state;
    assert_true(pdpd__trusted_read("a/b/file", MAX, (uid_t)-1, &file, why));
    pdpd__trusted_free(&file);
    pdpd__trusted_free(&file);
    assert_null(file.text);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_good_files),
        cmocka_unit_test(test_no_regular_file),
        cmocka_unit_test(test_length),
        cmocka_unit_test(test_a_long_file),
        cmocka_unit_test(test_others_may_write_to_the_file),
        cmocka_unit_test(test_others_may_write_to_a_folder),
        cmocka_unit_test(test_a_sticky_folder),
        cmocka_unit_test(test_other_owners),
        cmocka_unit_test(test_no_further_user),
        cmocka_unit_test(test_a_link_on_the_way),
        cmocka_unit_test(test_a_strangers_link_on_the_way),
        cmocka_unit_test(test_a_folder_that_holds_a_link),
        cmocka_unit_test(test_names_that_are_too_long),
        cmocka_unit_test(test_what_may_pass),
        cmocka_unit_test(test_why_a_place_is_refused),
        cmocka_unit_test(test_free_twice),
    };
    return cmocka_run_group_tests(tests, setup, leave_folder);
}
