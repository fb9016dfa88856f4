/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#define _POSIX_C_SOURCE 200809L /* mkdtemp() */

#include "pdp-fetch/sets.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* Which sets a trust document names, which texts may become their files,
 * and what is remembered of them. */

#include <stdlib.h>
#include <unistd.h>

/* Public keys of RFC 8037 A.2 and RFC 7517 A.1. */
#define ED                                                                     \
    "\"kty\":\"OKP\",\"crv\":\"Ed25519\","                                     \
    "\"x\":\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo\""
#define EC                                                                     \
    "\"kty\":\"EC\",\"crv\":\"P-256\","                                        \
    "\"x\":\"MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4\","                   \
    "\"y\":\"4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM\""
#define CHECKS(alg)                                                            \
    "\"algorithms\":[\"" alg "\"],\"audiences\":\"none\",\"typ\":\"none\""
#define ISSUER(name, keys, alg)                                                \
    "{\"issuer\":\"" name "\",\"keys\":{" keys "}," CHECKS(alg) "}"
#define TRUST(issuers) "{\"format\":\"pdp-trust/1\",\"issuers\":[" issuers "]}"
#define URL "https://keys.example.com/"
#define ONE                                                                    \
    ISSUER("https://one", "\"file\":\"a.json\",\"url\":\"" URL "\"", "EdDSA")

static char directory[64];
static struct pdp__sets sets;

static int
enter(void **state)
{
    (void)state;
    const char template[] = "/tmp/pdp-sets.XXXXXX";
    memcpy(directory, template, sizeof(template));
    return mkdtemp(directory) == NULL || chdir(directory) != 0 ? -1 : 0;
}

static int
leave(void **state)
{
    (void)state;
    pdp__sets_free(&sets);
    unlink("trust.json");
    unlink("a.json");
    return chdir("/") != 0 || rmdir(directory) != 0 ? -1 : 0;
}

static enum pdp__docs_result
read_trust(const char *text)
{
    pdp__sets_free(&sets);
    assert_true(pdp__file_replace("trust.json", 0600, pdp__str_z(text)));
    return pdp__sets_read("trust.json", &sets);
}

static void
test_sets_are_those_with_a_url(void **state)
{
    (void)state;
    assert_int_equal(read_trust(TRUST(
                         ONE "," ISSUER("https://two", "\"file\":\"b.json\"",
                             "EdDSA") "," ISSUER("https://three",
                             "\"file\":\"/x/c.json\",\"url\":\"" URL "3\"",
                             "EdDSA"))),
        PDP__DOCS_OK);
    assert_int_equal(sets.cnt, 2);
    assert_string_equal(sets.items[0].file, "a.json");
    assert_string_equal(sets.items[0].path, "a.json");
    assert_string_equal(sets.items[0].url, URL);
    assert_int_equal(sets.items[0].issuer_cnt, 1);
    assert_string_equal(sets.items[0].issuers[0], "https://one");
    assert_int_equal(sets.items[0].user_cnt, 1);
    assert_string_equal(sets.items[1].path, "/x/c.json");
    assert_string_equal(sets.items[1].url, URL "3");
}

static void
test_issuers_may_share_a_set(void **state)
{
    (void)state;
    assert_int_equal(read_trust(TRUST(ONE "," ISSUER("https://two",
                         "\"file\":\"a.json\"",
                         "EdDSA") "," ISSUER("https://three",
                         "\"file\":\"a.json\",\"url\":\"" URL "\"", "ES256"))),
        PDP__DOCS_OK);
    assert_int_equal(sets.cnt, 1);
    assert_int_equal(sets.items[0].issuer_cnt, 2);
    assert_int_equal(sets.items[0].user_cnt, 3);
    struct pdp__keystate state_file;
    pdp__sets_report(&sets, &state_file);
    assert_int_equal(state_file.cnt, 2);
    assert_string_equal(state_file.sets[1].issuer, "https://three");
    assert_string_equal(state_file.sets[1].file, "a.json");
    assert_string_equal(state_file.sets[1].url, URL);
    pdp__keystate_free(&state_file);
}

static void
test_bad_trust_documents_are_refused(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "",
        "{",
        TRUST(""),
        /* no URL at all */
        TRUST(ISSUER("https://two", "\"file\":\"b.json\"", "EdDSA")),
        /* what the loader refuses */
        TRUST(ISSUER("https://one", "\"url\":\"" URL "\"", "EdDSA")),
        TRUST(ISSUER("https://one",
            "\"file\":\"a.json\",\"url\":\"http://keys.example.com/\"",
            "EdDSA")),
        TRUST(ISSUER("https://one", "\"file\":\"a.json\",\"url\":\"" URL "\"",
            "HS256")),
        TRUST(ONE "," ONE),
        /* what only the fetcher refuses */
        TRUST(ISSUER("https://one",
            "\"file\":\"a.json\",\"url\":\"https://u:p@example.com/\"",
            "EdDSA")),
        TRUST(ONE "," ISSUER("https://two",
            "\"file\":\"a.json\",\"url\":\"" URL "other\"", "EdDSA")),
    };
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        assert_int_equal(read_trust(texts[i]), PDP__DOCS_INVALID);
        assert_int_equal(sets.cnt, 0);
        assert_null(sets.items);
        assert_null(sets.trust);
    }
    assert_int_equal(pdp__sets_read("none.json", &sets), PDP__DOCS_UNREADABLE);
}

/* What is wrong with a text as the file of the first set; "" if nothing. */
static void
assert_fault(const char *text, const char *want)
{
    char *error = NULL;
    char *detail = NULL;
    bool good = pdp__sets_check(&sets, &sets.items[0], pdp__str_z(text), &error,
        &detail);
    assert_string_equal(error == NULL ? "" : error, want);
    assert_int_equal(good, want[0] == '\0');
    assert_true((detail == NULL) == good);
    pdp__heap_free(error);
    pdp__heap_free(detail);
}

static void
test_good_sets_are_taken(void **state)
{
    (void)state;
    assert_int_equal(read_trust(TRUST(ONE)), PDP__DOCS_OK);
    assert_fault("{\"keys\":[{" ED "}]}", "");
    assert_fault("{\"keys\":[{" ED ",\"kid\":\"1\"},{" EC ",\"kid\":\"2\"}]}",
        "");
    /* keys of another kind are passed over */
    assert_fault("{\"keys\":[{" ED "},{\"kty\":\"ufo\"}],\"more\":1}", "");
}

static void
test_bad_sets_are_refused_by_the_code_of_the_loader(void **state)
{
    (void)state;
    static const struct {
        const char *text, *error;
    } rows[] = {
        {"", "json_syntax"},
        {"<html>", "json_syntax"},
        {"{\"keys\":[{" ED "}]", "json_syntax"},
        {"{\"keys\":[{" ED "}]}x", "json_syntax"},
        {"[]", "wrong_type"},
        {"{}", "missing_member"},
        {"{\"keys\":{}}", "wrong_type"},
        {"{\"keys\":[]}", "empty"},
        {"{\"keys\":[{\"kty\":\"ufo\"}]}", "empty"},
        {"{\"keys\":[1]}", "wrong_type"},
        {"{\"keys\":[{" ED "},{\"kty\":\"RSA\",\"n\":\"AQAB\","
         "\"e\":\"AQAB\"}]}",
            "weak_key"},
        {"{\"keys\":[{" ED ",\"d\":"
         "\"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A\"}]}",
            "private_key"},
        {"{\"keys\":[{" ED "},{\"kty\":\"oct\",\"k\":\"AAAA\"}]}",
            "private_key"},
        {"{\"keys\":[{" ED ",\"kid\":\"1\"},{" EC ",\"kid\":\"1\"}]}",
            "duplicate_kid"},
        {"{\"keys\":[{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"AA\"}]}",
            "bad_key"},
        {"{\"keys\":[{" ED "}],\"keys\":[]}", "duplicate_member"},
    };
    assert_int_equal(read_trust(TRUST(ONE)), PDP__DOCS_OK);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        assert_fault(rows[i].text, rows[i].error);
    }
}

static void
test_a_set_that_fits_nobody_is_refused(void **state)
{
    (void)state;
    assert_int_equal(read_trust(TRUST(ONE)), PDP__DOCS_OK);
    assert_fault("{\"keys\":[{" EC "}]}", "unfit_keys");
    /* it fits one of those who share it */
    assert_int_equal(read_trust(TRUST(ONE "," ISSUER("https://two",
                         "\"file\":\"a.json\"", "ES256"))),
        PDP__DOCS_OK);
    assert_fault("{\"keys\":[{" EC "}]}", "");
    assert_fault("{\"keys\":[{" ED "}]}", "");
}

static void
test_other_sets_have_no_say(void **state)
{
    (void)state;
    assert_int_equal(read_trust(TRUST(ONE "," ISSUER("https://two",
                         "\"file\":\"b.json\",\"url\":\"" URL "2\"", "EdDSA"))),
        PDP__DOCS_OK);
    /* the same key and kid may be in both */
    assert_fault("{\"keys\":[{" ED ",\"kid\":\"1\"}]}", "");
    assert_fault("{\"keys\":[]}", "empty");
}

static void
test_at_most_64_keys(void **state)
{
    (void)state;
    assert_int_equal(read_trust(TRUST(ONE)), PDP__DOCS_OK);
    for (int cnt = 64; cnt <= 65; cnt++) {
        struct pdp__string text = {0};
        pdp__string_z(&text, "{\"keys\":[");
        for (int i = 0; i < cnt; i++) {
            pdp__string_fmt(&text, "%s{" ED ",\"kid\":\"%d\"}",
                i == 0 ? "" : ",", i);
        }
        pdp__string_z(&text, "]}");
        assert_fault(text.ptr, cnt == 64 ? "" : "too_many_keys");
        pdp__string_free(&text);
    }
}

/* A state file about a.json. */
static struct pdp__keystate
known(const char *file, const char *url)
{
    struct pdp__keystate state = {0};
    *pdp__keystate_add(&state) = (struct pdp__keystate_set){
        .issuer = pdp__heap_copy(PDP__LIT("https://one")),
        .file = pdp__heap_copy(pdp__str_z(file)),
        .url = pdp__heap_copy(pdp__str_z(url)),
        .fetched_sec = 900,
        .tried_sec = 900,
        .expires_sec = 1500,
        .etag = pdp__heap_copy(PDP__LIT("\"1\"")),
    };
    return state;
}

static void
test_an_earlier_run_is_resumed(void **state)
{
    (void)state;
    assert_int_equal(read_trust(TRUST(ONE)), PDP__DOCS_OK);
    struct pdp__keystate earlier = known("a.json", URL);
    /* the file is gone: it is due, and the rest is still known */
    pdp__sets_resume(&sets, &earlier, 50, 1000, 30);
    assert_int_equal(sets.items[0].plan.due_sec, 50);
    assert_int_equal(sets.items[0].state.fetched_sec, 900);
    pdp__keystate_free(&earlier);

    assert_int_equal(read_trust(TRUST(ONE)), PDP__DOCS_OK);
    assert_true(pdp__file_create("a.json", 0600, PDP__LIT("")));
    earlier = known("a.json", URL);
    pdp__sets_resume(&sets, &earlier, 50, 1000, 30);
    assert_int_equal(sets.items[0].plan.due_sec, 550);
    assert_int_equal(sets.items[0].state.fetched_sec, 900);
    assert_string_equal(sets.items[0].state.etag, "\"1\"");
    pdp__keystate_free(&earlier);
}

static void
test_another_file_or_server_is_not_resumed(void **state)
{
    (void)state;
    static const char *const others[][2] = {{"b.json", URL},
        {"a.json", URL "2"}};
    assert_true(pdp__file_create("a.json", 0600, PDP__LIT("")));
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(read_trust(TRUST(ONE)), PDP__DOCS_OK);
        struct pdp__keystate earlier = known(others[i][0], others[i][1]);
        pdp__sets_resume(&sets, &earlier, 50, 1000, 30);
        assert_int_equal(sets.items[0].plan.due_sec, 50);
        assert_int_equal(sets.items[0].state.fetched_sec, 0);
        assert_null(sets.items[0].state.etag);
        pdp__keystate_free(&earlier);
    }
}

static void
test_a_reload_keeps_the_plans_of_what_stays(void **state)
{
    (void)state;
    assert_int_equal(read_trust(TRUST(ONE)), PDP__DOCS_OK);
    struct pdp__keystate earlier = known("a.json", URL);
    pdp__sets_resume(&sets, &earlier, 50, 1000, 30);
    pdp__keystate_free(&earlier);
    sets.items[0].plan.backoffs = 7;
    struct pdp__sets old = sets;
    sets = (struct pdp__sets){0};
    assert_int_equal(read_trust(TRUST(ONE "," ISSUER("https://two",
                         "\"file\":\"b.json\",\"url\":\"" URL "2\"", "EdDSA"))),
        PDP__DOCS_OK);
    pdp__sets_follow(&sets, &old);
    assert_int_equal(sets.items[0].plan.backoffs, 7);
    assert_int_equal(sets.items[0].state.fetched_sec, 900);
    assert_string_equal(sets.items[0].state.etag, "\"1\"");
    assert_int_equal(sets.items[1].state.fetched_sec, 0);
    pdp__sets_free(&old);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, enter, leave)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_sets_are_those_with_a_url),
        CASE(test_issuers_may_share_a_set),
        CASE(test_bad_trust_documents_are_refused),
        CASE(test_good_sets_are_taken),
        CASE(test_bad_sets_are_refused_by_the_code_of_the_loader),
        CASE(test_a_set_that_fits_nobody_is_refused),
        CASE(test_other_sets_have_no_say),
        CASE(test_at_most_64_keys),
        CASE(test_an_earlier_run_is_resumed),
        CASE(test_another_file_or_server_is_not_resumed),
        CASE(test_a_reload_keeps_the_plans_of_what_stays),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
