/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#define _POSIX_C_SOURCE 200809L /* mkdtemp() */

#include "common/keystate.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* The state file: what is written is what is read; whatever else is there
 * reads as "never" or is refused.  Ages stand in
 * tests/named/test_key_fetching.c, requests in test_fetch_request.c. */

#include <stdlib.h>
#include <unistd.h>

#include "common/file.h"

static char *
copy(const char *text)
{
    return text == NULL ? NULL : pdp__heap_copy(pdp__str_z(text));
}

static void
assert_text(const char *got, const char *want)
{
    if (want == NULL) {
        assert_null(got);
    } else {
        assert_non_null(got);
        assert_string_equal(got, want);
    }
}

static void
assert_same(const struct pdp__keystate_set *a,
    const struct pdp__keystate_set *b)
{
    assert_text(a->issuer, b->issuer);
    assert_text(a->file, b->file);
    assert_text(a->url, b->url);
    assert_int_equal(a->fetched_sec, b->fetched_sec);
    assert_int_equal(a->changed_sec, b->changed_sec);
    assert_int_equal(a->expires_sec, b->expires_sec);
    assert_int_equal(a->tried_sec, b->tried_sec);
    assert_int_equal(a->fetch_cnt, b->fetch_cnt);
    assert_int_equal(a->failure_cnt, b->failure_cnt);
    assert_int_equal(a->failures, b->failures);
    assert_true(a->sum == b->sum);
    assert_text(a->etag, b->etag);
    assert_text(a->error, b->error);
    assert_text(a->detail, b->detail);
}

static void
test_what_is_written_is_read(void **state)
{
    (void)state;
    struct pdp__keystate out = {0};
    struct pdp__keystate in;
    struct pdp__string text = {0};
    *pdp__keystate_add(&out) = (struct pdp__keystate_set){
        .issuer = copy("https://one.example.com"),
        .file = copy("/var/lib/x/one.json"),
        .url = copy("https://one.example.com/keys"),
        .fetched_sec = 1,
        .changed_sec = 2,
        .expires_sec = 3,
        .tried_sec = 4,
        .fetch_cnt = 5,
        .failure_cnt = 6,
        .failures = 7,
        .sum = UINT64_C(0xfedcba9876543210),
        .etag = copy("W/\"a\\\"b\""),
        .error = copy("tls"),
        .detail = copy("a \x1b \xc3\xa4 \n line"),
    };
    *pdp__keystate_add(&out) = (struct pdp__keystate_set){
        .issuer = copy("https://two.example.com"),
        .fetched_sec = PDP__KEYSTATE_NUMBER_MAX,
    };
    pdp__keystate_render(&out, &text);
    assert_true(pdp__keystate_parse(pdp__string_get(&text), &in));
    assert_int_equal(in.cnt, 2);
    assert_same(&in.sets[0], &out.sets[0]);
    assert_same(&in.sets[1], &out.sets[1]);
    assert_ptr_equal(pdp__keystate_find(&in,
                         PDP__LIT("https://two.example.com")),
        &in.sets[1]);
    assert_null(pdp__keystate_find(&in, PDP__LIT("https://two.example")));
    for (size_t i = 0; i < text.len; i++) {
        assert_true(
            text.ptr[i] == '\n' || (text.ptr[i] >= ' ' && text.ptr[i] <= '~'));
    }
    pdp__string_free(&text);
    pdp__keystate_free(&in);
    pdp__keystate_free(&out);
}

static void
test_an_empty_state_is_a_state(void **state)
{
    (void)state;
    struct pdp__keystate none = {0};
    struct pdp__string text = {0};
    pdp__keystate_render(&none, &text);
    assert_true(pdp__keystate_parse(pdp__string_get(&text), &none));
    assert_int_equal(none.cnt, 0);
    pdp__string_free(&text);
    pdp__keystate_free(&none);
}

static void
test_what_is_no_state_is_refused(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "",
        "{",
        "null",
        "[]",
        "{}",
        "{\"format\":\"pdp-keystate/1\"}",
        "{\"format\":\"pdp-keystate/2\",\"sets\":[]}",
        "{\"format\":1,\"sets\":[]}",
        "{\"format\":\"pdp-keystate/1\",\"sets\":{}}",
        "{\"format\":\"pdp-keystate/1\",\"sets\":[1]}",
        "{\"format\":\"pdp-keystate/1\",\"sets\":[{}]}",
        "{\"format\":\"pdp-keystate/1\",\"sets\":[{\"issuer\":1}]}",
        "{\"format\":\"pdp-keystate/1\",\"sets\":[]} x",
    };
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        struct pdp__keystate in;
        assert_false(pdp__keystate_parse(pdp__str_z(texts[i]), &in));
        assert_int_equal(in.cnt, 0);
        assert_null(in.sets);
    }
}

static void
test_odd_values_read_as_never(void **state)
{
    (void)state;
    static const char *const values[] = {"-1", "1.5", "1e3", "\"1\"", "true",
        "null", "[]", "{}"};
    for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
        struct pdp__keystate in;
        struct pdp__string text = {0};
        pdp__string_fmt(&text,
            "{\"new\":1,\"sets\":[{\"issuer\":\"x\",\"fetched_at\":%s,"
            "\"sum\":%s,\"later\":[]}],\"format\":\"pdp-keystate/1\"}",
            values[i], values[i]);
        assert_true(pdp__keystate_parse(pdp__string_get(&text), &in));
        assert_int_equal(in.cnt, 1);
        assert_true(pdp__keystate_age_sec(&in.sets[0], 1795253400) ==
                    PDP__KEYSTATE_NEVER);
        assert_true(in.sets[0].sum == 0);
        pdp__string_free(&text);
        pdp__keystate_free(&in);
    }
}

static void
test_too_many_sets_are_refused(void **state)
{
    (void)state;
    struct pdp__keystate in;
    for (int extra = 0; extra <= 1; extra++) {
        struct pdp__string text = {0};
        pdp__string_z(&text, "{\"format\":\"pdp-keystate/1\",\"sets\":[");
        for (int i = 0; i < PDP__KEYSTATE_SETS_MAX + extra; i++) {
            pdp__string_fmt(&text, "%s{\"issuer\":\"%d\"}", i == 0 ? "" : ",",
                i);
        }
        pdp__string_z(&text, "]}");
        assert_int_equal(pdp__keystate_parse(pdp__string_get(&text), &in),
            extra == 0);
        assert_int_equal(in.cnt, extra == 0 ? PDP__KEYSTATE_SETS_MAX : 0);
        pdp__keystate_free(&in);
        pdp__string_free(&text);
    }
}

static void
test_files_are_told_apart(void **state)
{
    (void)state;
    char path[] = "/tmp/pdp-keystate.XXXXXX";
    struct pdp__keystate in;
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    close(fd);
    assert_int_equal(pdp__keystate_read(path, &in), PDP__KEYSTATE_UNREADABLE);
    assert_true(pdp__file_replace(path, 0600,
        PDP__LIT("{\"format\":\"pdp-keystate/1\",\"sets\":[]}")));
    assert_int_equal(pdp__keystate_read(path, &in), PDP__KEYSTATE_OK);
    pdp__keystate_free(&in);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(pdp__keystate_read(path, &in), PDP__KEYSTATE_MISSING);
    assert_int_equal(pdp__keystate_read("/tmp", &in), PDP__KEYSTATE_UNREADABLE);
}

static void
test_request_names_are_fixed(void **state)
{
    (void)state;
    char name[PDP__KEYSTATE_NAME_CAP];
    char other[PDP__KEYSTATE_NAME_CAP];
    /* XXH3_64bits of nothing, as its specification gives it */
    pdp__keystate_request_name(PDP__LIT(""), name);
    assert_string_equal(name, "refetch-2d06800538d394c2");
    pdp__keystate_request_name(PDP__LIT("https://a/../../x"), name);
    assert_int_equal(strlen(name), strlen("refetch-0123456789abcdef"));
    assert_null(strchr(name, '/'));
    pdp__keystate_request_name(PDP__LIT("https://a/../../y"), other);
    assert_string_not_equal(name, other);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_is_written_is_read),
        cmocka_unit_test(test_an_empty_state_is_a_state),
        cmocka_unit_test(test_what_is_no_state_is_refused),
        cmocka_unit_test(test_odd_values_read_as_never),
        cmocka_unit_test(test_too_many_sets_are_refused),
        cmocka_unit_test(test_files_are_told_apart),
        cmocka_unit_test(test_request_names_are_fixed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
