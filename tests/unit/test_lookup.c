/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include "load/lookup.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "read_util.h"

/* What the readers share: formats, ranges of texts, regions, hints. */

static void
test_ranges(void **state)
{
    (void)state;
    struct bench bench;
    struct pdp__range range = {0, 0};

    bench_init(&bench);
    pdp__range_add(&bench.b, &range, PDP__LIT("a"));
    pdp__range_add(&bench.b, &range, PDP__LIT(""));
    pdp__range_add(&bench.b, &range, PDP__LIT("a"));
    assert_int_equal(range.cnt, 3);
    assert_str(text_at(&bench, range, 0), "a");
    assert_str(text_at(&bench, range, 1), "");
    assert_str(text_at(&bench, range, 2), "a");
    bench_free(&bench);
}

static void
test_regions(void **state)
{
    (void)state;
    struct bench bench;

    bench_init(&bench);
    assert_true(pdp__region_any(&bench.b, 0));
    assert_false(pdp__region_any(&bench.b, 1));
    uint32_t ix = pdp__region_find(&bench.b, 0, PDP__LIT("eu-de"));
    assert_int_not_equal(ix, PDP__NONE);
    assert_int_equal(pdp__region_find(&bench.b, 0, PDP__LIT("eu-central")), ix);
    assert_int_equal(pdp__region_find(&bench.b, 0, PDP__LIT("EU-DE")),
        PDP__NONE);
    assert_int_equal(pdp__region_find(&bench.b, 1, PDP__LIT("eu-de")),
        PDP__NONE);
    bench_free(&bench);
}

static void
test_hints(void **state)
{
    (void)state;
    static const char *const names[] = {"grant", "deny", NULL};
    static const char *const none[] = {NULL};
    struct bench bench;
    char buf[PDP__HINT_CAP];

    bench_init(&bench);
    assert_string_equal(pdp__hint_name(buf, sizeof(buf), PDP__LIT("denny"),
                            names),
        "did you mean \"deny\"?");
    assert_null(pdp__hint_name(buf, sizeof(buf), PDP__LIT("other"), names));
    assert_null(pdp__hint_name(buf, sizeof(buf), PDP__LIT("deny"), none));
    assert_string_equal(pdp__region_hint(&bench.b, buf, sizeof(buf), PDP__NONE,
                            PDP__LIT("eu-centrall")),
        "did you mean \"eu-central\"?");
    assert_string_equal(pdp__region_hint(&bench.b, buf, sizeof(buf), 0,
                            PDP__LIT("us-suoth")),
        "did you mean \"us-south\"?");
    assert_null(
        pdp__region_hint(&bench.b, buf, sizeof(buf), 1, PDP__LIT("us-suoth")));
    bench_free(&bench);
}

/* A hint looks at so many names and no more, and not beyond them. */
static void
test_hints_among_many(void **state)
{
    enum { LOOKED_AT = 128 };
    const char *names[LOOKED_AT + 2];
    char buf[PDP__HINT_CAP];

    (void)state;
    for (size_t near = LOOKED_AT - 1; near <= LOOKED_AT; near++) {
        for (size_t i = 0; i <= LOOKED_AT; i++) {
            names[i] = i == near ? "grant" : "something else";
        }
        names[LOOKED_AT + 1] = NULL;
        const char *hint =
            pdp__hint_name(buf, sizeof(buf), PDP__LIT("grand"), names);
        assert_int_equal(hint != NULL, near < LOOKED_AT);
    }

    /* Aliases count like names. */
    for (uint32_t aliases = 0; aliases <= 3; aliases++) {
        for (uint32_t near = LOOKED_AT - 4; near <= LOOKED_AT + 4; near++) {
            struct bench bench;
            uint32_t place = 0;
            uint32_t ix = 0;

            bench_init(&bench);
            struct pdp__builder *b = &bench.b;
            struct pdp__range range = {b->regions.cnt, 0};
            while (place <= LOOKED_AT + 8) {
                struct pdp__range texts = {b->texts.cnt, 0};
                struct pdp__text name = pdp__builder_text(b,
                    place++ == near ? PDP__LIT("atlantis") : PDP__LIT("mars"));
                for (; texts.cnt < aliases; texts.cnt++) {
                    struct pdp__text *alias = PDP__NEW(b, texts, ix);
                    *alias = pdp__builder_text(b, place++ == near
                                                      ? PDP__LIT("atlantis")
                                                      : PDP__LIT("venus"));
                }
                struct pdp__region *region = PDP__NEW(b, regions, ix);
                region->region = name;
                region->aliases = texts;
                range.cnt++;
            }
            PDP__ITEM(b, services, struct pdp__service, 0)->regions = range;
            const char *hint =
                pdp__region_hint(b, buf, sizeof(buf), 0, PDP__LIT("atlantic"));
            assert_int_equal(hint != NULL, near < LOOKED_AT);
            bench_free(&bench);
        }
    }
}

static bool format_seen;

static pdp_status_t
read_format(struct pdp__builder *b, const struct pdp__doc *doc)
{
    (void)b;
    format_seen = pdp__read_format(doc, "x/1");
    return PDP_OK;
}

static void
test_format(void **state)
{
    (void)state;
    static const char *const fine[] = {"{'format':'x/1'}", "{}", "[]",
        "{'format':1}"};
    struct bench bench;

    for (size_t i = 0; i < ARRAY_CNT(fine); i++) {
        bench_init(&bench);
        (void)run(&bench, read_format, SOURCE_NAME, fine[i]);
        assert_true(format_seen);
        assert_findings(&bench, 0);
        bench_free(&bench);
    }
    bench_init(&bench);
    (void)run(&bench, read_format, SOURCE_NAME, "{\n 'format':^'x/2'}");
    assert_false(format_seen);
    assert_findings(&bench, 1);
    assert_found_at(&bench, "bad_format", 2, 11, NULL);
    assert_message(&bench, "the format is \"x/2\", not \"x/1\"");
    bench_free(&bench);
}

static void
test_status(void **state)
{
    (void)state;
    struct bench bench;

    bench_init(&bench);
    assert_int_equal(pdp__read_status(&bench.b), PDP_OK);
    bench.b.failed = true;
    assert_int_equal(pdp__read_status(&bench.b), PDP_E_NOMEM);
    bench_free(&bench);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ranges),
        cmocka_unit_test(test_regions),
        cmocka_unit_test(test_hints),
        cmocka_unit_test(test_hints_among_many),
        cmocka_unit_test(test_format),
        cmocka_unit_test(test_status),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
