/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include "pdpd/watch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/*
 * What is noticed: each way in which a file or folder can change, by events
 * and by looking, and what is none of ours.  Events of a local file system
 * are there at once, so nothing waits.
 */

#include "common/heap.h"

#include "pdpd_util.h"

static struct pdpd__watch watch;
static struct pdpd__documents documents;

static void
forget_documents(void)
{
    for (size_t i = 0; i < documents.watched_cnt; i++) {
        pdp__heap_free(documents.watched[i].path);
    }
    pdp__heap_free(documents.watched);
    documents = (struct pdpd__documents){0};
}

/* As documents.c does before it reads. */
static void
note(const char *path, bool is_folder)
{
    documents.watched = pdp__heap_resize(documents.watched,
        documents.watched_cnt + 1, sizeof(*documents.watched));
    struct pdpd__watched *one = &documents.watched[documents.watched_cnt++];
    *one = (struct pdpd__watched){
        .path = pdp__heap_copy(pdp__str_z(path)),
        .folder = is_folder,
    };
    one->there = stat(path, &one->status) == 0;
}

static void
look(void)
{
    forget_documents();
    note("conf/pdpd.yaml", false);
    note("conf/later.json", false);
    note("plain", false);
    note("policies", true);
    pdpd__watch_set(&watch, &documents);
}

static int
begin_case(void **state)
{
    if (enter_folder(state) != 0 || mkdir("conf", 0700) != 0 ||
        mkdir("policies", 0700) != 0) {
        return -1;
    }
    write_text("conf/pdpd.yaml", "one");
    write_text("plain", "one");
    write_text("policies/one.json", "one");
    pdpd__watch_open(&watch);
    look();
    assert_true(watch.fd >= 0);
    assert_false(pdpd__watch_read(&watch));
    assert_false(pdpd__watch_changed(&watch));
    return 0;
}

static int
end_case(void **state)
{
    pdpd__watch_close(&watch);
    assert_int_equal(watch.fd, -1);
    assert_int_equal(watch.cnt, 0);
    forget_documents();
    return leave_folder(state);
}

/* Two looks must agree: at the first, somebody may still be writing. */
static void
assert_changed(void)
{
    (void)pdpd__watch_changed(&watch);
    assert_true(pdpd__watch_changed(&watch));
    assert_true(pdpd__watch_changed(&watch)); /* until it was read */
}

/* Seen by an event, and by looking. */
static void
assert_seen(void)
{
    assert_true(pdpd__watch_read(&watch));
    assert_false(pdpd__watch_read(&watch)); /* each event is taken once */
    assert_changed();
    look();
    assert_false(pdpd__watch_changed(&watch));
}

static void
assert_not_seen(void)
{
    assert_false(pdpd__watch_read(&watch));
    assert_false(pdpd__watch_changed(&watch));
    assert_false(pdpd__watch_changed(&watch));
}

static void
test_rename_over(void **state)
{
    (void)state;
    write_text("conf/fresh", "two");
    (void)pdpd__watch_read(&watch);
    assert_int_equal(rename("conf/fresh", "conf/pdpd.yaml"), 0);
    assert_seen();
    /* Again: the watch is not that of the file which is gone. */
    write_text("conf/fresh", "two");
    (void)pdpd__watch_read(&watch);
    assert_int_equal(rename("conf/fresh", "conf/pdpd.yaml"), 0);
    assert_seen();
}

static void
test_written_in_place(void **state)
{
    (void)state;
    write_text("conf/pdpd.yaml", "two");
    assert_seen();
    write_text("plain", "two"); /* without a folder in its name */
    assert_seen();
}

static void
test_mode_and_owner(void **state)
{
    (void)state;
    assert_int_equal(chmod("conf/pdpd.yaml", 0640), 0);
    assert_seen();
}

static void
test_removed_and_made_again(void **state)
{
    (void)state;
    assert_int_equal(unlink("conf/pdpd.yaml"), 0);
    assert_seen();
    write_text("conf/pdpd.yaml", "one");
    assert_seen();
    assert_int_equal(rename("conf/pdpd.yaml", "conf/away"), 0);
    assert_seen();
}

static void
test_made_later(void **state)
{
    (void)state;
    write_text("conf/later.json", "one");
    assert_seen();
    assert_int_equal(unlink("conf/later.json"), 0);
    assert_seen();
    /* A link has no end of writing: it is found by looking. */
    assert_int_equal(symlink("pdpd.yaml", "conf/later.json"), 0);
    assert_false(pdpd__watch_read(&watch));
    assert_changed();
}

static void
test_a_folder_of_policies(void **state)
{
    (void)state;
    write_text("policies/two.json", "two");
    assert_seen();
    assert_int_equal(unlink("policies/two.json"), 0);
    assert_seen();
    assert_int_equal(rename("policies/one.json", "policies/three.json"), 0);
    assert_seen();
    /* In place: the folder itself looks as before. */
    write_text("policies/three.json", "three");
    assert_true(pdpd__watch_read(&watch));
}

static void
test_a_folder_that_goes_and_comes(void **state)
{
    (void)state;
    assert_int_equal(unlink("policies/one.json"), 0);
    assert_int_equal(rmdir("policies"), 0);
    assert_seen();
    assert_int_equal(mkdir("policies", 0700), 0);
    assert_changed(); /* by looking: it is not watched */
    look();
    (void)pdpd__watch_read(&watch);
    write_text("policies/one.json", "one");
    assert_seen();
    assert_int_equal(rename("policies", "away"), 0);
    assert_seen();
    /* One in the place of the other. */
    assert_int_equal(mkdir("policies", 0700), 0);
    look();
    (void)pdpd__watch_read(&watch);
    assert_int_equal(rename("policies", "empty"), 0);
    assert_int_equal(rename("away", "policies"), 0);
    assert_seen();
    write_text("policies/two.json", "two");
    assert_seen();
}

/* Editors and others leave files in the same folders. */
static void
test_foreign_names(void **state)
{
    (void)state;
    look(); /* our own .fresh and the like stand elsewhere */
    (void)pdpd__watch_read(&watch);
    write_text("conf/pdpd.yaml~", "x");
    write_text("conf/.pdpd.yaml.swp", "x");
    write_text("conf/pdpd.yam", "x");
    write_text("conf/later", "x");
    write_text("conf/later.jso", "x");
    assert_int_equal(mkdir("conf/sub", 0700), 0);
    assert_int_equal(unlink("conf/later"), 0);
    assert_not_seen();
    /* Reading is no change. */
    char text[8];
    int fd = open("conf/pdpd.yaml", O_RDONLY);
    assert_int_equal(read(fd, text, sizeof(text)), 3);
    close(fd);
    assert_not_seen();
}

/* In a folder of policies the folder's own time changes: one look too many,
 * but no event is taken for ours. */
static void
test_foreign_names_among_policies(void **state)
{
    (void)state;
    write_text("policies/README", "x");
    write_text("policies/one.json.new", "x");
    write_text("policies/.json", "x"); /* hidden, and no name before it */
    assert_false(pdpd__watch_read(&watch));
    assert_changed();
}

/* Without inotify, looking finds what is to be found. */
static void
test_without_inotify(void **state)
{
    (void)state;
    close(watch.fd);
    watch.fd = -1;
    look();
    assert_false(pdpd__watch_changed(&watch));
    write_text("conf/pdpd.yaml", "longer");
    assert_false(pdpd__watch_read(&watch));
    assert_changed();
    look();
    assert_int_equal(unlink("conf/pdpd.yaml"), 0);
    assert_changed();
    look();
    write_text("policies/two.json", "x");
    assert_changed();
}

/* A change between the first look and the watch is not lost. */
static void
test_changed_while_it_was_read(void **state)
{
    (void)state;
    forget_documents();
    note("conf/pdpd.yaml", false);
    write_text("conf/pdpd.yaml", "two");
    pdpd__watch_set(&watch, &documents);
    assert_changed();
    forget_documents();
    note("conf/later.json", false);
    write_text("conf/later.json", "x");
    pdpd__watch_set(&watch, &documents);
    assert_changed();
}

/* More events than the kernel keeps: some were lost, so it counts as ours. */
static void
test_lost_events(void **state)
{
    char path[64];
    (void)state;
    char text[16] = "";
    int max = 0;
    int fd =
        open("/proc/sys/fs/inotify/max_queued_events", O_RDONLY | O_CLOEXEC);
    assert_true(fd >= 0);
    assert_true(read(fd, text, sizeof(text) - 1) > 0);
    close(fd);
    for (const char *at = text; *at >= '0' && *at <= '9'; at++) {
        max = max * 10 + (*at - '0');
    }
    if (max > 100000) {
        print_message("the queue of inotify takes %d events\n", max);
        skip();
    }
    for (int i = 0; i < max / 2 + 10; i++) { /* two or more for each */
        snprintf(path, sizeof(path), "conf/%d", i);
        fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
        assert_true(fd >= 0);
        close(fd);
        assert_int_equal(unlink(path), 0);
    }
    assert_true(pdpd__watch_read(&watch));
}

/* Documents that could not be noted for lack of memory are always to be
 * looked at again. */
static void
test_incomplete_documents(void **state)
{
    (void)state;
    documents.incomplete = true;
    pdpd__watch_set(&watch, &documents);
    assert_true(pdpd__watch_changed(&watch));
    look();
    assert_false(pdpd__watch_changed(&watch));
}

/* T17: a cut YAML file is YAML, so nothing is read that is being written. */
static void
test_who_writes_slowly(void **state)
{
    (void)state;
    close(watch.fd);
    watch.fd = -1;
    look();
    for (int i = 0; i < 5; i++) {
        write_text("conf/pdpd.yaml", &"more than the last time"[5 - i]);
        assert_false(pdpd__watch_changed(&watch));
    }
    assert_true(pdpd__watch_changed(&watch));
    write_text("conf/pdpd.yaml", "and again");
    assert_false(pdpd__watch_changed(&watch));
    assert_changed();
}

/* That a file begins to be is no event, that it was written is one. */
static void
test_creation_is_no_event(void **state)
{
    (void)state;
    FILE *file = fopen("policies/new.json", "w");
    assert_non_null(file);
    assert_false(pdpd__watch_read(&watch));
    assert_true(fputs("[", file) >= 0);
    assert_int_equal(fflush(file), 0);
    assert_false(pdpd__watch_read(&watch));
    assert_int_equal(fclose(file), 0);
    assert_true(pdpd__watch_read(&watch));
}

/* How many folders the kernel watches for us. */
static int
folders_watched(void)
{
    char path[64];
    char line[256];
    int cnt = 0;
    snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", watch.fd);
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    while (fgets(line, sizeof(line), file) != NULL) {
        cnt += strncmp(line, "inotify ", 8) == 0;
    }
    assert_int_equal(fclose(file), 0);
    return cnt;
}

/* Folders that are no longer looked at are not watched, and that this is
 * so is no event. */
static void
test_folders_that_were_left(void **state)
{
    char path[64];
    (void)state;
    assert_int_equal(folders_watched(), 3); /* conf, policies, . */
    for (int i = 0; i < 20; i++) {
        snprintf(path, sizeof(path), "conf/%d", i);
        assert_int_equal(mkdir(path, 0700), 0);
        snprintf(path, sizeof(path), "conf/%d/one.json", i);
        forget_documents();
        note(path, false);
        note("conf/pdpd.yaml", false);
        note("conf/later.json", false); /* the same folder */
        pdpd__watch_set(&watch, &documents);
        assert_int_equal(folders_watched(), 2);
    }
    (void)pdpd__watch_read(&watch); /* folders were made */
    look();
    assert_int_equal(folders_watched(), 3);
    assert_false(pdpd__watch_read(&watch));
    write_text("conf/pdpd.yaml", "two");
    assert_seen();
    write_text("conf/19/one.json", "none of ours");
    assert_not_seen();
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, begin_case, end_case)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_rename_over),
        CASE(test_who_writes_slowly),
        CASE(test_creation_is_no_event),
        CASE(test_written_in_place),
        CASE(test_mode_and_owner),
        CASE(test_removed_and_made_again),
        CASE(test_made_later),
        CASE(test_a_folder_of_policies),
        CASE(test_a_folder_that_goes_and_comes),
        CASE(test_foreign_names),
        CASE(test_foreign_names_among_policies),
        CASE(test_without_inotify),
        CASE(test_changed_while_it_was_read),
        CASE(test_lost_events),
        CASE(test_incomplete_documents),
        CASE(test_folders_that_were_left),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
