/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include "pdpd/fetched.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/*
 * Whose keys are fetched, row by row: an issuer with a URL, others with its
 * file, and whatever a trust document can be besides.
 */

#include "common/heap.h"

#define FORMAT "{\"format\":\"pdp-trust/1\",\"issuers\":["
#define ISSUER(name, keys) "{\"issuer\":\"" name "\",\"keys\":{" keys "}}"
#define HAS_URL ",\"url\":\"https://192.0.2.1/keys\""

static const struct {
    const char *json;
    const char *wanted; /* issuer<keeper and so on */
} cases[] = {
    {FORMAT "]}", ""},
    {FORMAT ISSUER("a", "\"file\":\"f\"") "]}", ""},
    {FORMAT ISSUER("a", "\"file\":\"f\"" HAS_URL) "]}", "a<a "},
    /* Before and behind the one that has it; another file is another's. */
    {FORMAT ISSUER("a", "\"file\":\"f\"") "," ISSUER("b",
         "\"file\":\"f\"" HAS_URL) "," ISSUER("c",
         "\"file\":\"g\"") "," ISSUER("d", "\"file\":\"f\"") "]}",
        "a<b b<b d<b "},
    /* Two with a URL: the first one is asked for. */
    {FORMAT ISSUER("a", "\"file\":\"f\"" HAS_URL) "," ISSUER("b",
         "\"file\":\"f\"" HAS_URL) "]}",
        "a<a b<a "},
    {FORMAT ISSUER("a", "\"file\":\"f\"" HAS_URL) "," ISSUER("b",
         "\"file\":\"g\"" HAS_URL) "]}",
        "a<a b<b "},
    /* A URL and no file: nobody would use what is fetched. */
    {FORMAT ISSUER("a", "\"url\":\"https://192.0.2.1/keys\"") "]}", ""},
    /* What the loader refuses. */
    {FORMAT ISSUER("a", "\"file\":7" HAS_URL) "]}", ""},
    {FORMAT ISSUER("a", "\"file\":\"f\",\"url\":7") "]}", ""},
    {FORMAT "{\"keys\":{\"file\":\"f\"" HAS_URL "}}]}", ""},
    {FORMAT "{\"issuer\":7,\"keys\":{\"file\":\"f\"" HAS_URL "}}]}", ""},
    {FORMAT "{\"issuer\":\"a\",\"keys\":[]},7,null,\"x\"]}", ""},
    {"{\"issuers\":{}}", ""},
    {"[]", ""},
    {"7", ""},
    {"", ""},
    {FORMAT, ""},
};

static void
test_rows(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct pdpd__fetched_list list = {0};
        struct pdp__string got = {0};
        assert_true(pdpd__fetched_read(&list, pdp__str_z(cases[i].json)));
        pdp__string_z(&got, "");
        for (size_t n = 0; n < list.cnt; n++) {
            const struct pdpd__fetched *one = &list.items[n];
            pdp__string_fmt(&got, "%s<%s ", one->issuer, one->keeper);
            assert_int_equal(atomic_load(&one->good_until_sec), INT64_MIN);
        }
        if (got.len != strlen(cases[i].wanted) ||
            (got.len > 0 && memcmp(got.ptr, cases[i].wanted, got.len) != 0)) {
            fail_msg("case %zu: %s", i, got.len == 0 ? "" : got.ptr);
        }
        pdp__string_free(&got);
        pdpd__keys_free(&list);
    }
}

/* A second document adds to the first. */
static void
test_documents_add_up(void **state)
{
    struct pdpd__fetched_list list = {0};
    (void)state;
    assert_true(pdpd__fetched_read(&list, pdp__str_z(cases[2].json)));
    assert_true(pdpd__fetched_read(&list, pdp__str_z(cases[2].json)));
    assert_int_equal(list.cnt, 2);
    pdpd__keys_free(&list);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows),
        cmocka_unit_test(test_documents_add_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
