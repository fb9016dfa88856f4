/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include "text/json_read.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

/*
 * The JSON reader on two outside collections, found below PDP_VECTORS and
 * skipped where they are absent.  How many there are is asserted, so that a
 * folder cut short does not pass.
 */

enum { NODES_MAX = 100000, FILE_MAX = 1 << 20 };

static struct pdp__json nodes[NODES_MAX];

/* The whole of dir/name; the caller frees it. */
static char *
load(const char *dir, const char *name, size_t *len)
{
    char path[1024];
    (void)snprintf(path, sizeof(path), "%s/%s", dir, name);
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    char *bytes = malloc(FILE_MAX);
    assert_non_null(bytes);
    *len = fread(bytes, 1, FILE_MAX, file);
    assert_true(*len < FILE_MAX);
    assert_int_equal(fclose(file), 0);
    return bytes;
}

static bool
vectors(char *path, size_t cap, const char *folder)
{
    const char *root = getenv("PDP_VECTORS");
    if (root == NULL) {
        print_message("PDP_VECTORS is not set: no outside vectors\n");
        return false;
    }
    (void)snprintf(path, cap, "%s/%s", root, folder);
    DIR *dir = opendir(path);
    if (dir == NULL) {
        print_message("%s is absent\n", path);
        return false;
    }
    (void)closedir(dir);
    return true;
}

/* What a copy of text, of exactly its length, is read to. */
static enum pdp__json_error
read_copy(pdp_str_t text)
{
    struct pdp__json_doc doc;
    char *copy = malloc(text.len == 0 ? 1 : text.len);
    assert_non_null(copy);
    memcpy(copy, text.ptr, text.len);
    bool good = pdp__json_read(copy, text.len, nodes, NODES_MAX, &doc);
    assert_int_equal(good, doc.error == PDP__JSON_OK);
    assert_int_not_equal(doc.error, PDP__JSON_E_NODES);
    free(copy);
    return doc.error;
}

static bool
reads_file(const char *dir, const char *name)
{
    size_t len = 0;
    char *bytes = load(dir, name, &len);
    enum pdp__json_error error = read_copy(pdp__str(bytes, len));
    free(bytes);
    return error == PDP__JSON_OK;
}

/* nst/JSONTestSuite with the exceptions of overrides.json. */
static void
test_json_test_suite(void **state)
{
    (void)state;
    char suite[600];
    char folder[640];
    if (!vectors(suite, sizeof(suite), "JSONTestSuite")) {
        skip();
    }
    static struct pdp__json rule_nodes[200];
    struct pdp__json_doc rules;
    size_t rules_len = 0;
    char *rules_text = load(suite, "overrides.json", &rules_len);
    assert_true(pdp__json_read(rules_text, rules_len, rule_nodes, 200, &rules));
    uint32_t rejected =
        pdp__json_member(&rules, 0, PDP__LIT("reject_although_y"));
    assert_int_not_equal(rejected, 0);

    unsigned cnt_n = 0, cnt_i = 0, cnt_y = 0, cnt_exceptions = 0;
    (void)snprintf(folder, sizeof(folder), "%s/test_parsing", suite);
    DIR *dir = opendir(folder);
    assert_non_null(dir);
    for (struct dirent *entry = readdir(dir); entry != NULL;
         entry = readdir(dir)) {
        const char *name = entry->d_name;
        if (name[0] == '.') {
            continue;
        }
        bool expected = name[0] == 'y';
        cnt_n += name[0] == 'n';
        cnt_i += name[0] == 'i';
        cnt_y += name[0] == 'y';
        if (pdp__json_member(&rules, rejected, pdp__str_z(name)) != 0) {
            assert_true(expected);
            cnt_exceptions++;
            expected = false;
        }
        if (reads_file(folder, name) != expected) {
            fail_msg("%s is %s", name, expected ? "refused" : "accepted");
        }
    }
    (void)closedir(dir);
    free(rules_text);
    assert_int_equal(cnt_n, 188);
    assert_int_equal(cnt_i, 35);
    assert_int_equal(cnt_y, 95);
    assert_int_equal(cnt_exceptions, 4);
}

/* flenniken/utf8tests, each line of the binary file as a JSON string. */
static void
test_utf8tests(void **state)
{
    (void)state;
    char folder[600];
    if (!vectors(folder, sizeof(folder), "utf8tests")) {
        skip();
    }
    size_t len = 0;
    char *bytes = load(folder, "utf8tests.bin", &len);
    unsigned cnt_valid = 0, cnt_invalid = 0;
    pdp_str_t all = {bytes, len};
    for (size_t at = 0; at < len; at = pdp__str_find(all, '\n', at) + 1) {
        pdp_str_t line = {bytes + at, pdp__str_find(all, '\n', at) - at};
        size_t kind = pdp__str_find(line, ':', 0) + 1;
        size_t data = pdp__str_find(line, ':', kind) + 1;
        if (data > line.len) {
            continue;
        }
        bool valid = line.ptr[kind] == 'v';
        char text[256] = {'"'};
        size_t text_len = line.len - data;
        assert_true(text_len < sizeof(text) - 2);
        memcpy(text + 1, line.ptr + data, text_len);
        text[text_len + 1] = '"';
        if (memchr(text + 1, '\0', text_len) != NULL) {
            continue; /* control characters are refused for themselves */
        }
        assert_int_equal(read_copy(pdp__str(text, text_len + 2)),
            valid ? PDP__JSON_OK : PDP__JSON_E_UTF8);
        cnt_valid += valid;
        cnt_invalid += !valid;
    }
    free(bytes);
    assert_int_equal(cnt_valid, 74);
    assert_int_equal(cnt_invalid, 137);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_json_test_suite),
        cmocka_unit_test(test_utf8tests),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
