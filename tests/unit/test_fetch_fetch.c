/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include "pdp-fetch/fetch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* Downloads that cannot come to anything, without a server: each ends once,
 * with its word.  Those with servers are in tests/integration/fetch.py. */

#include <curl/curl.h>
#include <poll.h>
#include <unistd.h>

/* When libcurl cannot wait, or not even look; and how the rest of us did. */
static bool perform_fails;
static bool poll_fails;
static int waits;
static int wait_ms;

CURLMcode __real_curl_multi_perform(CURLM *multi, int *running);
CURLMcode __wrap_curl_multi_perform(CURLM *multi, int *running);
CURLMcode __real_curl_multi_poll(CURLM *multi, struct curl_waitfd *fds,
    unsigned cnt, int timeout_ms, int *ready);
CURLMcode __wrap_curl_multi_poll(CURLM *multi, struct curl_waitfd *fds,
    unsigned cnt, int timeout_ms, int *ready);
int __wrap_poll(struct pollfd *fds, nfds_t cnt, int timeout_ms);

CURLMcode
__wrap_curl_multi_perform(CURLM *multi, int *running)
{
    return perform_fails ? CURLM_OUT_OF_MEMORY
                         : __real_curl_multi_perform(multi, running);
}

CURLMcode
__wrap_curl_multi_poll(CURLM *multi, struct curl_waitfd *fds, unsigned cnt,
    int timeout_ms, int *ready)
{
    return poll_fails
               ? CURLM_OUT_OF_MEMORY
               : __real_curl_multi_poll(multi, fds, cnt, timeout_ms, ready);
}

/* Of ours only: that of libcurl is its own. */
int
__wrap_poll(struct pollfd *fds, nfds_t cnt, int timeout_ms)
{
    waits++;
    wait_ms = timeout_ms;
    return cnt == 1 && fds[0].events == POLLIN ? 1 : -1;
}

/* Nothing listens on port 1 of this machine. */
static const char dead[] = "https://127.0.0.1:1/keys";

static struct pdp__fetcher *fetcher;

static int
enter(void **state)
{
    (void)state;
    fetcher = pdp__fetcher_new(NULL);
    return fetcher == NULL ? -1 : 0;
}

static int
leave(void **state)
{
    (void)state;
    pdp__fetcher_free(fetcher);
    return 0;
}

static void
next(struct pdp__fetched *out)
{
    while (!pdp__fetcher_next(fetcher, out)) {
        assert_true(pdp__fetcher_running(fetcher) > 0);
        pdp__fetcher_wait(fetcher, NULL, 0, 1000);
    }
}

static void
assert_fails(const char *url, const char *error)
{
    struct pdp__fetched fetched;
    int owner = 0;
    pdp__fetcher_start(fetcher, url, "\"1\"", &owner);
    assert_int_equal(pdp__fetcher_running(fetcher), 1);
    next(&fetched);
    assert_ptr_equal(fetched.owner, &owner);
    assert_int_equal(fetched.kind, PDP__FETCH_FAILED);
    assert_string_equal(fetched.error, error);
    assert_non_null(fetched.detail);
    assert_null(fetched.etag);
    assert_int_equal(fetched.body.len, 0);
    pdp__fetched_free(&fetched);
    assert_int_equal(pdp__fetcher_running(fetcher), 0);
    assert_false(pdp__fetcher_next(fetcher, &fetched));
}

static void
test_nobody_listens(void **state)
{
    (void)state;
    assert_fails(dead, "connect");
    assert_fails("http://127.0.0.1:1/keys", "connect");
    assert_fails("http://localhost:1/keys", "connect");
}

static void
test_what_may_not_be_fetched_is_never_begun(void **state)
{
    (void)state;
    assert_fails("http://192.0.2.1/keys", "internal");
    assert_fails("file:///etc/passwd", "internal");
    assert_fails("https://me@127.0.0.1:1/keys", "internal");
}

static void
test_several_at_once_end_each_once(void **state)
{
    (void)state;
    int owners[PDP__FETCH_RUNNING_MAX] = {0};
    struct pdp__fetched fetched;
    for (size_t i = 0; i < PDP__FETCH_RUNNING_MAX; i++) {
        pdp__fetcher_start(fetcher, dead, NULL, &owners[i]);
    }
    assert_int_equal(pdp__fetcher_running(fetcher), PDP__FETCH_RUNNING_MAX);
    for (size_t i = 0; i < PDP__FETCH_RUNNING_MAX; i++) {
        next(&fetched);
        ++*(int *)fetched.owner;
        pdp__fetched_free(&fetched);
    }
    for (size_t i = 0; i < PDP__FETCH_RUNNING_MAX; i++) {
        assert_int_equal(owners[i], 1);
    }
}

static void
test_what_is_given_up_says_nothing(void **state)
{
    (void)state;
    struct pdp__fetched fetched;
    pdp__fetcher_start(fetcher, dead, NULL, NULL);
    pdp__fetcher_start(fetcher, "nonsense", NULL, NULL);
    pdp__fetcher_cancel(fetcher);
    assert_int_equal(pdp__fetcher_running(fetcher), 0);
    assert_false(pdp__fetcher_next(fetcher, &fetched));
    pdp__fetcher_free(NULL);
}

/* If libcurl cannot wait, we do, or the caller's loop would spin; and the
 * caller's descriptors are still heard. */
static void
test_a_wait_that_fails_is_no_spin(void **state)
{
    int fds[1] = {STDIN_FILENO};
    struct pdp__fetched fetched;
    (void)state;
    for (int i = 0; i < 2; i++) {
        perform_fails = i == 0;
        poll_fails = i == 1;
        waits = 0;
        pdp__fetcher_start(fetcher, dead, NULL, NULL);
        pdp__fetcher_wait(fetcher, fds, 1, 60000);
        assert_int_equal(waits, 1);
        assert_int_equal(wait_ms, 1000);
        perform_fails = false;
        poll_fails = false;
        next(&fetched);
        assert_int_equal(waits, 1);
        pdp__fetched_free(&fetched);
    }
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, enter, leave)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_nobody_listens),
        CASE(test_what_may_not_be_fetched_is_never_begun),
        CASE(test_several_at_once_end_each_once),
        CASE(test_what_is_given_up_says_nothing),
        CASE(test_a_wait_that_fails_is_no_spin),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
