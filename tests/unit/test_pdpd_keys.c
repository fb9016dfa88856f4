/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include "pdpd/keys.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/*
 * How old fetched keys are (T54): the state file and its faults, the moment
 * at which keys become too old, which decisions rest on them, and how
 * pdp-fetch is asked (T53).
 */

#include <errno.h>
#include <sys/resource.h>

#include "common/keystate.h"

#include "fixture.h"
#include "pdpd_util.h"

enum { HOUR = 3600 };

#define OTHER_ISSUER "https://other.example"

static struct pdpd__fetched_list list;
static struct pdpd__keys keys;

static int
setup(void **state)
{
    return load_default(state) != 0 ? -1 : enter_folder(state);
}

static int
end(void **state)
{
    return teardown(state) != 0 ? -1 : leave_folder(state);
}

static int
begin_case(void **state)
{
    (void)state;
    keys = (struct pdpd__keys){
        .max_stale_sec = HOUR,
        .state.path = PDP__LIT("state.json"),
        .refetch.path = PDP__LIT("ask"),
    };
    assert_true(
        pdpd__keys_add(&list, PDP__LIT(IBM_ISSUER), PDP__LIT(IBM_ISSUER)));
    assert_true(
        pdpd__keys_add(&list, PDP__LIT(OTHER_ISSUER), PDP__LIT(OTHER_ISSUER)));
    assert_int_equal(list.cnt, 2);
    return 0;
}

static int
end_case(void **state)
{
    (void)state;
    pdpd__keys_free(&list);
    unlink("state.json");
    return 0;
}

/* The state of the first issuer; the second was never fetched. */
static void
write_state(int64_t fetched_sec)
{
    char text[512];
    snprintf(text, sizeof(text),
        "{\"format\":\"pdp-keystate/1\",\"sets\":[{\"issuer\":\"" IBM_ISSUER
        "\",\"fetched_at\":%lld},{\"issuer\":\"" OTHER_ISSUER "\"}]}",
        (long long)fetched_sec);
    replace_text("state.json", text);
}

static int64_t
until(size_t ix)
{
    return atomic_load(&list.items[ix].good_until_sec);
}

/* Reads the state; how many issuers have keys that are too old. */
static size_t
old_keys_at(int64_t now_sec)
{
    size_t cnt = 99;
    assert_true(pdpd__keys_refresh(&list, &keys, now_sec, &cnt));
    return cnt;
}

static void
test_nothing_is_known_at_first(void **state)
{
    (void)state;
    assert_string_equal(list.items[0].issuer, IBM_ISSUER);
    assert_string_equal(list.items[1].issuer, OTHER_ISSUER);
    assert_int_equal(until(0), INT64_MIN);
    assert_int_equal(until(1), INT64_MIN);
    pdpd__keys_free(&list);
    assert_int_equal(list.cnt, 0);
    assert_null(list.items);
    assert_int_equal(old_keys_at(NOW), 0);
}

/* Two issuers with one key file: it is as old for the one without the URL. */
static void
test_a_shared_file_ages_for_all(void **state)
{
    (void)state;
    pdpd__keys_free(&list);
    assert_true(
        pdpd__keys_add(&list, PDP__LIT(OTHER_ISSUER), PDP__LIT(IBM_ISSUER)));
    write_state(NOW - HOUR + 1);
    assert_int_equal(old_keys_at(NOW), 0);
    assert_int_equal(until(0), NOW + 1);
    assert_int_equal(old_keys_at(NOW + 1), 1);
    unlink("state.json");
    assert_int_equal(old_keys_at(NOW), 1);
    assert_int_equal(until(0), INT64_MIN);
}

static void
test_ages(void **state)
{
    static const struct {
        int64_t fetched_sec;
        int64_t until_sec;
        size_t old_cnt; /* the second issuer is one */
    } cases[] = {
        {NOW, NOW + HOUR, 1},
        {NOW - 1, NOW + HOUR - 1, 1},
        {NOW - HOUR + 1, NOW + 1, 1},
        {NOW - HOUR, NOW, 2}, /* then is too late */
        {NOW - HOUR - 1, NOW - 1, 2},
        {1, 1 + HOUR, 2},
        {0, INT64_MIN, 2},
        {-1, INT64_MIN, 2},
        {NOW + 1, NOW + HOUR, 1}, /* clocks differ a little */
        {NOW + HOUR, NOW + HOUR, 1},
        {NOW + HOUR + 1, INT64_MIN, 2}, /* but not so much */
        {INT64_C(253402300799), INT64_MIN, 2},
        {INT64_MAX, INT64_MIN, 2},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        write_state(cases[i].fetched_sec);
        assert_int_equal(old_keys_at(NOW), cases[i].old_cnt);
        assert_int_equal(until(0), cases[i].until_sec);
        assert_int_equal(until(1), INT64_MIN);
    }
}

static void
test_a_clock_before_1970(void **state)
{
    (void)state;
    write_state(NOW);
    assert_int_equal(old_keys_at(-1), 2);
    assert_int_equal(until(0), INT64_MIN);
    assert_int_equal(old_keys_at(INT64_MIN), 2);
}

static void
assert_never(void)
{
    write_state(NOW);
    assert_int_equal(old_keys_at(NOW), 1);
}

/* Whatever the state is not, it is no reason to trust a key. */
static void
test_bad_states(void **state)
{
    static const char *const texts[] = {
        "",
        "garbage",
        "[]",
        "{}",
        "{\"format\":\"pdp-keystate/1\"}",
        "{\"format\":\"pdp-keystate/1\",\"sets\":{}}",
        "{\"format\":\"pdp-keystate/1\",\"sets\":[7]}",
        "{\"format\":\"pdp-keystate/1\",\"sets\":[{}]}",
        "{\"format\":\"pdp-keystate/2\",\"sets\":[{\"issuer\":\"" IBM_ISSUER
        "\",\"fetched_at\":1795253400}]}",
        "{\"sets\":[{\"issuer\":\"" IBM_ISSUER
        "\",\"fetched_at\":1795253400}]}",
        "{\"format\":\"pdp-keystate/1\",\"sets\":[{\"issuer\":\"" IBM_ISSUER
        "\",\"fetched_at\":\"1795253400\"}]}",
        "{\"format\":\"pdp-keystate/1\",\"sets\":[{\"issuer\":\"" IBM_ISSUER
        "\",\"fetched_at\":1795253400.5}]}",
        "{\"format\":\"pdp-keystate/1\",\"sets\":[{\"issuer\":\"" IBM_ISSUER
        "\",\"fetched_at\":1e400}]}",
        "{\"format\":\"pdp-keystate/1\",\"sets\":[{\"issuer\":\"" IBM_ISSUER
        "\",\"fetched_at\":true}]}",
        "{\"format\":\"pdp-keystate/1\",\"sets\":[{\"issuer\":\"" IBM_ISSUER
        "/\",\"fetched_at\":1795253400}]}",
        "{\"format\":\"pdp-keystate/1\",\"sets\":[{\"issuer\":\"" IBM_ISSUER
        "\",\"fetched_at\":1795253400},7]}",
        "{\"format\":\"pdp-keystate/1\",\"sets\":[{\"issuer\":\"" IBM_ISSUER
        "\",\"fetched_at\":1795253400}]",
    };
    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        assert_never(); /* so that what was before shows */
        replace_text("state.json", texts[i]);
        assert_int_equal(old_keys_at(NOW), 2);
        assert_int_equal(until(0), INT64_MIN);
    }
}

/* Who could write the state could keep keys alive. */
static void
test_unsafe_states(void **state)
{
    (void)state;
    assert_int_equal(old_keys_at(NOW), 2); /* none */
    write_state(NOW);
    assert_int_equal(chmod("state.json", 0620), 0);
    assert_int_equal(old_keys_at(NOW), 2);
    assert_int_equal(chmod("state.json", 0640), 0);
    assert_int_equal(old_keys_at(NOW), 1);
    assert_int_equal(rename("state.json", "real.json"), 0);
    assert_int_equal(symlink("real.json", "state.json"), 0);
    assert_int_equal(old_keys_at(NOW), 2);
    assert_int_equal(unlink("state.json"), 0);
    assert_int_equal(rename("real.json", "state.json"), 0);
    assert_int_equal(old_keys_at(NOW), 1);
}

/* The user of pdp-fetch may own it; no other. */
static void
test_owner_of_the_state(void **state)
{
    (void)state;
    if (geteuid() != 0) {
        print_message("only root can give files away\n");
        skip();
    }
    write_state(NOW);
    assert_int_equal(chown("state.json", 4242, (gid_t)-1), 0);
    assert_int_equal(old_keys_at(NOW), 2);
    keys.owner = 4242; /* not said to be one */
    assert_int_equal(old_keys_at(NOW), 2);
    keys.has_owner = true;
    assert_int_equal(old_keys_at(NOW), 1);
    keys.owner = 4243;
    assert_int_equal(old_keys_at(NOW), 2);
}

/* A lack of our own says nothing about keys: what was known holds, as long as
 * it would have. */
static void
test_without_descriptors(void **state)
{
    struct rlimit limit;
    size_t cnt = 0;
    (void)state;
    write_state(NOW - 10);
    assert_int_equal(old_keys_at(NOW), 1);
    assert_int_equal(list.age_sec, 10);
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
    struct rlimit none = {0, limit.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
    bool read = pdpd__keys_refresh(&list, &keys, NOW + 1, &cnt);
    size_t later_cnt = 0;
    (void)pdpd__keys_refresh(&list, &keys, NOW - 10 + HOUR, &later_cnt);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
    assert_false(read);
    assert_int_equal(cnt, 1);
    assert_int_equal(later_cnt, 2);
    assert_int_equal(until(0), NOW - 10 + HOUR);
    assert_int_equal(until(1), INT64_MIN);
    assert_int_equal(list.age_sec, 10);
    unlink("state.json"); /* that is no lack of ours */
    assert_int_equal(old_keys_at(NOW), 2);
    assert_int_equal(until(0), INT64_MIN);
    assert_int_equal(list.age_sec, 0);
}

/* The oldest of those that were ever confirmed. */
static void
test_the_age_of_keys(void **state)
{
    (void)state;
    replace_text("state.json",
        "{\"format\":\"pdp-keystate/1\",\"sets\":[{\"issuer\":\"" IBM_ISSUER
        "\",\"fetched_at\":1795253300},{\"issuer\":\"" OTHER_ISSUER
        "\",\"fetched_at\":1795253350}]}");
    (void)old_keys_at(1795253400);
    assert_int_equal(list.age_sec, 100);
    (void)old_keys_at(1795253300);
    assert_int_equal(list.age_sec, 0);
    (void)old_keys_at(1795253400 + 2 * HOUR); /* too old, and told so */
    assert_int_equal(list.age_sec, 2 * HOUR + 100);
    keys.max_stale_sec = 0;
    (void)old_keys_at(1795253400);
    assert_int_equal(list.age_sec, 0);
}

/* Only a configuration without a state, or without a limit, has none. */
static void
test_without_a_limit(void **state)
{
    (void)state;
    keys.max_stale_sec = 0;
    assert_int_equal(old_keys_at(NOW), 0);
    assert_int_equal(until(0), INT64_MAX);
    keys.max_stale_sec = HOUR;
    keys.state.path = (pdp_str_t){NULL, 0};
    assert_int_equal(old_keys_at(NOW), 0);
    assert_int_equal(until(1), INT64_MAX);
}

/* A good token of the first issuer; its key is good until NOW + 1. */
static void
test_decisions_that_rest_on_old_keys(void **state)
{
    (void)state;
    write_state(NOW + 1 - HOUR);
    assert_int_equal(old_keys_at(NOW), 1);
    assert_reason(decide(&fixture, "GET", "/api/v1/images",
                      token_with(&fixture, "")),
        "no_grant");
    assert_false(pdpd__keys_too_old(&list, fixture.decision, NOW - 1));
    assert_false(pdpd__keys_too_old(&list, fixture.decision, NOW));
    assert_true(pdpd__keys_too_old(&list, fixture.decision, NOW + 1));
    assert_true(pdpd__keys_too_old(&list, fixture.decision, NOW + 2));
    assert_true(pdpd__keys_too_old(&list, fixture.decision, INT64_MAX));
    /* Not fetched, so not ours to judge. */
    struct pdpd__fetched_list others = {0};
    assert_false(pdpd__keys_too_old(&others, fixture.decision, INT64_MAX));
    assert_true(pdpd__keys_add(&others, PDP__LIT(OTHER_ISSUER),
        PDP__LIT(OTHER_ISSUER)));
    assert_false(pdpd__keys_too_old(&others, fixture.decision, INT64_MAX));
    /* Never confirmed is too old at any time. */
    assert_true(
        pdpd__keys_add(&others, PDP__LIT(IBM_ISSUER), PDP__LIT(IBM_ISSUER)));
    assert_true(pdpd__keys_too_old(&others, fixture.decision, INT64_MIN));
    pdpd__keys_free(&others);
}

/* What needs no token, or has none that is good, rests on no key. */
static void
test_decisions_that_rest_on_no_key(void **state)
{
    (void)state;
    assert_reason(decide(&fixture, "GET", "/api/v1/messages", NULL), "public");
    assert_false(pdpd__keys_too_old(&list, fixture.decision, NOW));
    assert_reason(decide(&fixture, "GET", "/api/v1/images", NULL),
        "token_missing");
    assert_false(pdpd__keys_too_old(&list, fixture.decision, NOW));
    assert_false(pdpd__keys_too_old(&list, NULL, NOW));
}

static void
assert_asked(const char *issuer)
{
    char name[PDP__KEYSTATE_NAME_CAP];
    char path[64];
    struct stat status;
    pdp__keystate_request_name(pdp__str_z(issuer), name);
    snprintf(path, sizeof(path), "ask/%s", name);
    assert_int_equal(lstat(path, &status), 0);
    assert_true(S_ISREG(status.st_mode));
    assert_int_equal(status.st_size, 0);
    assert_int_equal(unlink(path), 0);
}

static void
test_asking(void **state)
{
    (void)state;
    assert_int_equal(mkdir("ask", 0700), 0);
    assert_int_equal(pdpd__keys_ask(&list, &keys), 0);
    assert_int_equal(pdpd__keys_ask(&list, &keys), 0);
    assert_asked(IBM_ISSUER);
    assert_asked(OTHER_ISSUER);
    assert_int_equal(rmdir("ask"), 0); /* nothing else was made */
}

/* One that fails does not keep the others from being asked for. */
static void
test_asking_where_one_cannot(void **state)
{
    char name[PDP__KEYSTATE_NAME_CAP];
    char path[64];
    (void)state;
    assert_int_equal(pdpd__keys_ask(&list, &keys), ENOENT);
    write_text("ask", "");
    assert_int_equal(pdpd__keys_ask(&list, &keys), ENOTDIR);
    assert_int_equal(unlink("ask"), 0);
    assert_int_equal(mkdir("real", 0700), 0);
    assert_int_equal(symlink("real", "ask"), 0);
    assert_int_equal(pdpd__keys_ask(&list, &keys), ENOTDIR);
    assert_int_equal(unlink("ask"), 0);
    assert_int_equal(rename("real", "ask"), 0);
    pdp__keystate_request_name(PDP__LIT(IBM_ISSUER), name);
    snprintf(path, sizeof(path), "ask/%s", name);
    assert_int_equal(symlink("../victim", path), 0);
    assert_int_equal(pdpd__keys_ask(&list, &keys), ELOOP);
    assert_int_equal(access("victim", F_OK), -1);
    assert_asked(OTHER_ISSUER);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(mkdir(path, 0700), 0);
    assert_int_equal(pdpd__keys_ask(&list, &keys), EEXIST);
    assert_asked(OTHER_ISSUER);
    assert_int_equal(rmdir(path), 0);
    assert_int_equal(rmdir("ask"), 0);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, begin_case, end_case)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_nothing_is_known_at_first),
        CASE(test_a_shared_file_ages_for_all),
        CASE(test_ages),
        CASE(test_a_clock_before_1970),
        CASE(test_bad_states),
        CASE(test_unsafe_states),
        CASE(test_owner_of_the_state),
        CASE(test_without_descriptors),
        CASE(test_the_age_of_keys),
        CASE(test_without_a_limit),
        CASE(test_decisions_that_rest_on_old_keys),
        CASE(test_decisions_that_rest_on_no_key),
        CASE(test_asking),
        CASE(test_asking_where_one_cannot),
    };
    return cmocka_run_group_tests(tests, setup, end);
}
