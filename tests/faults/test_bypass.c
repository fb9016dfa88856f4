/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
/*
 * Nothing of the library comes from malloc() where the caller gave other
 * memory functions; libcrypto's own memory is the documented exception.
 *
 * Linked with --wrap for the functions of the C library, which catches the
 * calls of the library (a static archive) and not those within shared
 * libraries.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../unit/oom_util.h"

static bool inside; /* a call of the library is running */
static size_t strays;

#define WRAP(type, name, params, args)                                         \
    type __real_##name params;                                                 \
    type __wrap_##name params;                                                 \
    type __wrap_##name params                                                  \
    {                                                                          \
        strays += inside;                                                      \
        return __real_##name args;                                             \
    }

WRAP(void *, malloc, (size_t size), (size))
WRAP(void *, calloc, (size_t cnt, size_t size), (cnt, size))
WRAP(void *, realloc, (void *ptr, size_t size), (ptr, size))
WRAP(void, free, (void *ptr), (ptr))

/* Memory of the caller: outside of what is wrapped. */
static size_t live;

static void *
own_alloc(void *user, size_t size)
{
    (void)user;
    live++;
    return __real_malloc(size);
}

static void
own_free(void *user, void *ptr)
{
    (void)user;
    live--;
    __real_free(ptr);
}

static const pdp_mem_t own = {own_alloc, own_free, NULL};

static void
everything_comes_from_the_caller(void **state)
{
    (void)state;
    strays = 0;
    inside = true;
    pdp_status_t status = run_all(&own);

    inside = false;
    assert_int_equal(status, PDP_OK);
    assert_int_equal(strays, 0);
    for (size_t i = 0; i < LOAD_CASES; i++) {
        inside = true;
        status = load_only(&own, load_cases[i].documents, true);
        inside = false;
        assert_int_equal(status, load_cases[i].status);
        if (strays != 0) {
            fail_msg("%s: %zu calls of malloc() or free()", load_cases[i].name,
                strays);
        }
        assert_int_equal(live, 0);
    }
}

/* The functions are wrapped at all. */
static void
the_default_is_seen(void **state)
{
    (void)state;
    strays = 0;
    inside = true;
    pdp_status_t status = run_all(NULL);

    inside = false;
    assert_int_equal(status, PDP_OK);
    assert_true(strays > 20);
    assert_int_equal(live, 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(everything_comes_from_the_caller),
        cmocka_unit_test(the_default_is_seen),
    };

    return cmocka_run_group_tests(tests, make_documents, teardown);
}
