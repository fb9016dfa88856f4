/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
/*
 * T19: what goes wrong inside a decision denies.  Memory of libcrypto fails
 * at each allocation in turn; our own is not asked for at all; limits are
 * met and passed by one.
 *
 * A limit of the request is the caller's fault and has the reason that says
 * so; `internal` is for failures of our own.  The event that goes with each
 * decision belongs to the daemon; here every decision has what the event
 * needs, which is asserted.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../unit/failing_mem.h"
#include "../unit/grant_text.h"

#include "../unit/decision_text.h"
#include "small_service.h"

static char good[TOKEN_CAP];
static char forged[TOKEN_CAP];

static int
setup(void **state)
{
    load_default(state);
    memcpy(forged,
        sign_token(&fixture, "{\"alg\":\"RS256\",\"kid\":\"rsa\"}",
            CLAIMS ",\"roles\":[\"Manager\"]}", fixture.rogue, PDP__ALG_RS256),
        sizeof(forged));
    memcpy(good, token_with(&fixture, ",\"roles\":[\"Manager\"]"),
        sizeof(good));
    /* Once, so that what libcrypto makes on first use is made. */
    assert_reason(decide(&fixture, "DELETE", IMAGE, good), "permitted");
    assert_reason(decide(&fixture, "DELETE", IMAGE, forged),
        "signature_invalid");
    return 0;
}

/* A cold decision in which allocation n of libcrypto fails; whether it did. */
static bool
without_memory(const char *token, size_t n, pdp_reason_t *reason)
{
    request(&fixture, "DELETE", IMAGE);
    bearer(&fixture, token);
    crypto_calls = 0;
    crypto_fail_at = n;
    *reason = judge(&fixture); /* a deny, unless the reason allows */
    bool failed = crypto_calls >= n;
    crypto_fail_at = 0;
    return failed;
}

static void
t19_no_memory_for_libcrypto(void **state)
{
    pdp_worker_options_t options = {.size = sizeof(options),
        .no_token_cache = true};
    pdp_worker_t *saved = fixture.worker;
    pdp_reason_t reason;
    size_t denied = 0;
    size_t n = 1;

    (void)state;
    assert_int_equal(pdp_worker_new(fixture.snapshot, NULL, &options,
                         &fixture.worker),
        PDP_OK);
    for (; without_memory(good, n, &reason); n++) {
        /* libcrypto coped, or nothing is known of the signature. */
        if (reason == PDP_REASON_PERMITTED) {
            continue;
        }
        denied++;
        if (reason != PDP_REASON_INTERNAL) {
            fail_msg("allocation %zu: %s", n, pdp_reason_name(reason));
        }
        assert_str(pdp_decision_at_action(fixture.decision),
            "container-registry.image.delete");
        assert_string_equal(missing(&fixture), "image.delete");
        /* And it is not remembered. */
        assert_reason(decide(&fixture, "DELETE", IMAGE, good), "permitted");
    }
    assert_int_equal(reason, PDP_REASON_PERMITTED);
    assert_true(denied >= 3);
    for (n = 1; without_memory(forged, n, &reason); n++) {
        if (reason != PDP_REASON_INTERNAL &&
            reason != PDP_REASON_SIGNATURE_INVALID) {
            fail_msg("forged, allocation %zu: %s", n, pdp_reason_name(reason));
        }
    }
    assert_int_equal(reason, PDP_REASON_SIGNATURE_INVALID);
    pdp_worker_free(fixture.worker);
    fixture.worker = saved;
}

/* After a failure the cache of tokens holds nothing that was not verified. */
static void
t19_a_failure_leaves_nothing_in_the_cache(void **state)
{
    pdp_reason_t reason;

    (void)state;
    bool failed = true;

    for (size_t n = 1; failed; n++) {
        load_default(NULL); /* an empty cache */
        failed = without_memory(forged, n, &reason);
        assert_false(pdp_reason_allows(reason));
        assert_reason(decide(&fixture, "DELETE", IMAGE, forged),
            "signature_invalid");
        (void)without_memory(good, n, &reason);
        assert_reason(decide(&fixture, "DELETE", IMAGE, good), "permitted");
        assert_reason(decide(&fixture, "DELETE", IMAGE, forged),
            "signature_invalid");
    }
}

/* Our own memory: none is asked for, so none can be missing. */
static void
t19_no_memory_of_our_own_is_needed(void **state)
{
    static const char *const targets[] = {IMAGE, OTHER_IMAGE "/x",
        IMAGE "%2F..", IMAGE "?_method=x", "/api/v1/none", "*",
        "/api/v1/namespaces/birds"};
    static char before[DECISION_TEXT_CAP];
    static char after[DECISION_TEXT_CAP];
    struct failing_mem scarce = {.left = SIZE_MAX};
    pdp_mem_t mem = failing(&scarce);
    pdp_worker_t *saved = fixture.worker;
    pdp_worker_t *worker = NULL;

    (void)state;
    assert_int_equal(pdp_worker_new(fixture.snapshot, &mem, NULL, &worker),
        PDP_OK);
    scarce.left = 0;
    for (size_t i = 0; i < sizeof(targets) / sizeof(targets[0]); i++) {
        const char *const tokens[] = {good, forged, "", "x.y.z", NULL};

        for (size_t t = 0; t < 5; t++) {
            fixture.worker = saved;
            (void)decide(&fixture, "DELETE", targets[i], tokens[t]);
            describe(fixture.decision, before);
            fixture.worker = worker;
            (void)judge(&fixture);
            describe(fixture.decision, after);
            assert_string_equal(after, before);
        }
    }
    fixture.worker = saved;
    assert_false(scarce.failed);
    pdp_worker_free(worker);
    assert_int_equal(scarce.live, 0);
}

/* `cnt` repositories in the query; the last of them in another namespace. */
static const char *
many(const char *base, size_t cnt, const char *piece, const char *last)
{
    static char target[8192];
    size_t len = (size_t)snprintf(target, sizeof(target), "%s?", base);

    for (size_t i = 0; i < cnt; i++) {
        len += (size_t)snprintf(target + len, sizeof(target) - len, "%s%s",
            i == 0 ? "" : "&", i + 1 == cnt ? last : piece);
    }
    assert_true(len < sizeof(target));
    return target;
}

#define REPEAT                                                                 \
    "{\"format\":\"pdp-service/1\",\"service\":\"s\",\"actions\":{"            \
    "\"s.read\":{\"scope\":\"namespace\"},\"s.write\":{\"scope\":"             \
    "\"namespace\"}},\"roles\":{\"Reader\":{\"actions\":[\"s.read\"]},"        \
    "\"Both\":{\"actions\":[\"s.read\",\"s.write\"]}},\"events\":{},"          \
    "\"params\":{\"n\":{\"kind\":\"namespace\",\"repeat\":true}},\"routes\":[" \
    "{\"method\":\"GET\",\"path\":\"/one\",\"requires\":[{\"action\":"         \
    "\"s.read\",\"on\":[\"query:n\"]}],\"event\":null},{\"method\":\"GET\","   \
    "\"path\":\"/two\",\"requires\":[{\"action\":\"s.read\",\"on\":["          \
    "\"query:n\"]},{\"action\":\"s.write\",\"on\":[\"query:n\"]}],\"event\":"  \
    "null}]}"

/* Everything that is named is judged, up to what there is room for; one more
 * denies, and is not passed over. */
static void
t19_more_resources_than_there_is_room_for(void **state)
{
    static const struct document documents[] = {
        {PDP_SOURCE_SERVICE, "service.json", REPEAT},
        {PDP_SOURCE_POLICIES, "policies.json",
            POLICY("no", ME, SMALL_OURS "," EQ("resource", "fish"),
                DENY("Reader"))},
        {PDP_SOURCE_NONE, NULL, NULL},
    };

    (void)state;
    load(&fixture, documents);
    token_with(&fixture, ",\"roles\":[\"Both\"]");
    assert_reason(decide(&fixture, "GET", many("/one", 64, "n=a", "n=b"),
                      fixture.token),
        "permitted");
    assert_int_equal(pdp_decision_required_cnt(fixture.decision), 64);
    assert_reason(decide(&fixture, "GET", many("/one", 64, "n=a", "n=fish"),
                      fixture.token),
        "explicit_deny");
    for (size_t cnt = 65; cnt < 200; cnt += 45) {
        assert_reason(decide(&fixture, "GET", many("/one", cnt, "n=a", "n=b"),
                          fixture.token),
            "bad_param");
        assert_int_equal(pdp_decision_offset(fixture.decision),
            strlen("/one?") + 64 * strlen("n=a&"));
    }
    /* Two actions on each: 32 values fill the room, the 33rd denies. */
    assert_reason(decide(&fixture, "GET", many("/two", 32, "n=a", "n=b"),
                      fixture.token),
        "permitted");
    assert_int_equal(pdp_decision_required_cnt(fixture.decision), 64);
    assert_reason(decide(&fixture, "GET", many("/two", 32, "n=a", "n=fish"),
                      fixture.token),
        "explicit_deny");
    assert_reason(decide(&fixture, "GET", many("/two", 33, "n=a", "n=b"),
                      fixture.token),
        "bad_param");
    assert_reason(decide(&fixture, "GET", many("/two", 64, "n=a", "n=b"),
                      fixture.token),
        "bad_param");
    load_default(NULL);
}

/* More grants than are listed are grants all the same, and a deny behind any
 * number of them is found. */
static void
t19_more_policies_than_are_listed(void **state)
{
    static char text[1 << 16];
    pdp_required_t required = {.size = sizeof(required)};

    (void)state;
    for (int deny = 0; deny < 2; deny++) {
        size_t len = 0;

        for (size_t i = 0; i < 100; i++) {
            len += (size_t)snprintf(text + len, sizeof(text) - len,
                "%s" POLICY("p%zu", ME, OURS, "%s"), i == 0 ? "[" : ",", i,
                deny == 1 && i == 99 ? DENY("Manager") : GRANT("Manager"));
        }
        snprintf(text + len, sizeof(text) - len, "]");
        load_policies(text, NULL);
        assert_reason(as("", "DELETE", IMAGE),
            deny == 1 ? "explicit_deny" : "permitted");
        assert_true(pdp_decision_required(fixture.decision, 0, &required));
        assert_int_equal(required.by_cnt, deny == 1 ? 0 : 8);
    }
    load_default(NULL);
}

/* Sizes of the request: at the limit it is judged, one byte on it is not. */
static void
t19_sizes_at_their_limits(void **state)
{
    static char target[5000];

    (void)state;
    for (size_t len = 4095; len <= 4097; len++) {
        memset(target, 'x', len);
        memcpy(target, IMAGE "?a=", strlen(IMAGE "?a="));
        target[len] = '\0';
        assert_reason(decide(&fixture, "DELETE", target, good),
            len <= 4096 ? "permitted" : "too_long");
        assert_int_equal(pdp_decision_offset(fixture.decision),
            len <= 4096 ? -1 : 4096);
    }
    /* As many segments as a path may have, and one more. */
    for (size_t cnt = 31; cnt <= 33; cnt++) {
        for (size_t i = 0; i < cnt; i++) {
            memcpy(target + 2 * i, "/a", 3);
        }
        assert_reason(decide(&fixture, "DELETE", target, good),
            cnt <= 32 ? "no_route" : "too_long");
        assert_int_equal(pdp_decision_offset(fixture.decision),
            cnt <= 32 ? -1 : 64);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(t19_no_memory_for_libcrypto),
        cmocka_unit_test(t19_a_failure_leaves_nothing_in_the_cache),
        cmocka_unit_test(t19_no_memory_of_our_own_is_needed),
        cmocka_unit_test(t19_more_resources_than_there_is_room_for),
        cmocka_unit_test(t19_more_policies_than_are_listed),
        cmocka_unit_test(t19_sizes_at_their_limits),
    };

    wrap_crypto_memory();
    return cmocka_run_group_tests(tests, setup, teardown);
}
