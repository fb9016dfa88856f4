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

#define CASE(name) cmocka_unit_test_setup_teardown(name, enter, leave)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_nobody_listens),
        CASE(test_what_may_not_be_fetched_is_never_begun),
        CASE(test_several_at_once_end_each_once),
        CASE(test_what_is_given_up_says_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
