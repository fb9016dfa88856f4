/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
/* Texts, maps, subjects and role ids under construction. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "failing_mem.h"
#include "load/builder.h"

struct fixture {
    struct pdp__arena arena;
    pdp_report_t *report;
    struct pdp__builder b;
};

static void
begin(struct fixture *f)
{
    pdp_mem_t mem = pdp__mem_default();
    pdp__arena_init(&f->arena, &mem);
    f->report = pdp__report_new(&mem);
    assert_non_null(f->report);
    pdp__builder_init(&f->b, &f->arena, f->report, 1);
}

static void
end(struct fixture *f)
{
    pdp__builder_free(&f->b);
    pdp_report_free(f->report);
    pdp__arena_free(&f->arena);
}

static void
test_texts(void **state)
{
    struct fixture f;
    (void)state;
    begin(&f);
    struct pdp__text absent = pdp__builder_text(&f.b, (pdp_str_t){NULL, 0});
    struct pdp__text empty = pdp__builder_text(&f.b, PDP__LIT(""));
    struct pdp__text a = pdp__builder_text(&f.b, PDP__LIT("abc"));
    struct pdp__text b = pdp__builder_text(&f.b, PDP__LIT("abc"));
    struct pdp__text c = pdp__builder_text(&f.b, PDP__LIT("ab\0c"));
    assert_int_equal(absent.off, 0);
    assert_null(pdp__builder_str(&f.b, absent).ptr);
    assert_int_not_equal(empty.off, 0);
    assert_non_null(pdp__builder_str(&f.b, empty).ptr);
    assert_int_equal(pdp__builder_str(&f.b, empty).len, 0);
    assert_int_equal(a.off, b.off);
    assert_int_not_equal(a.off, c.off);
    assert_int_equal(a.off, PDP__STRINGS_OFF);
    assert_int_equal(f.b.strings.cnt, 7);
    assert_true(pdp__str_eq(pdp__builder_str(&f.b, c), PDP__LIT("ab\0c")));
    end(&f);
}

/* Slices stay good while the pool grows. */
static void
test_many_texts(void **state)
{
    struct fixture f;
    char text[32];
    (void)state;
    begin(&f);
    pdp_str_t first =
        pdp__builder_str(&f.b, pdp__builder_text(&f.b, PDP__LIT("first")));
    for (unsigned i = 0; i < 20000; i++) {
        int len = snprintf(text, sizeof(text), "text number %u", i);
        struct pdp__text made =
            pdp__builder_text(&f.b, pdp__str(text, (size_t)len));
        assert_true(pdp__str_eq(pdp__builder_str(&f.b, made),
            pdp__str(text, (size_t)len)));
    }
    uint32_t used = f.b.strings.cnt;
    (void)pdp__builder_text(&f.b, PDP__LIT("text number 777"));
    assert_int_equal(f.b.strings.cnt, used);
    assert_true(pdp__str_eq(first, PDP__LIT("first")));
    assert_false(f.b.failed);
    end(&f);
}

static void
test_maps(void **state)
{
    struct fixture f;
    char key[] = "key";
    (void)state;
    begin(&f);
    assert_int_equal(pdp__map_get(&f.b, PDP__MAP_HOST, PDP__LIT("key")),
        PDP__NONE);
    assert_true(pdp__map_put(&f.b, PDP__MAP_HOST, pdp__str(key, 3), 7));
    key[0] = 'x'; /* the key was copied */
    assert_int_equal(pdp__map_get(&f.b, PDP__MAP_HOST, PDP__LIT("key")), 7);
    assert_false(pdp__map_put(&f.b, PDP__MAP_HOST, PDP__LIT("key"), 8));
    assert_int_equal(pdp__map_get(&f.b, PDP__MAP_HOST, PDP__LIT("key")), 7);
    assert_int_equal(pdp__map_get(&f.b, PDP__MAP_ACTION, PDP__LIT("key")),
        PDP__NONE);
    /* Keys local to a number are keys of their own. */
    assert_true(pdp__map_put_in(&f.b, PDP__MAP_HOST, 1, PDP__LIT("key"), 9));
    assert_true(pdp__map_put_in(&f.b, PDP__MAP_HOST, 2, PDP__LIT("key"), 10));
    assert_false(pdp__map_put_in(&f.b, PDP__MAP_HOST, 2, PDP__LIT("key"), 11));
    assert_int_equal(pdp__map_get_in(&f.b, PDP__MAP_HOST, 1, PDP__LIT("key")),
        9);
    assert_int_equal(pdp__map_get_in(&f.b, PDP__MAP_HOST, 2, PDP__LIT("key")),
        10);
    assert_int_equal(pdp__map_get_in(&f.b, PDP__MAP_HOST, 3, PDP__LIT("key")),
        PDP__NONE);
    assert_true(pdp__map_put(&f.b, PDP__MAP_HOST, PDP__LIT(""), 1));
    assert_int_equal(pdp__map_get(&f.b, PDP__MAP_HOST, PDP__LIT("")), 1);
    end(&f);
}

static void
test_large_map(void **state)
{
    struct fixture f;
    char key[32];
    (void)state;
    begin(&f);
    for (uint32_t i = 0; i < 50000; i++) {
        int len = snprintf(key, sizeof(key), "%u", i);
        assert_true(
            pdp__map_put(&f.b, PDP__MAP_OTHER, pdp__str(key, (size_t)len), i));
    }
    for (uint32_t i = 0; i < 50000; i++) {
        int len = snprintf(key, sizeof(key), "%u", i);
        assert_int_equal(pdp__map_get(&f.b, PDP__MAP_OTHER,
                             pdp__str(key, (size_t)len)),
            i);
    }
    end(&f);
}

enum { COLLIDING = 400000 };

struct hashed {
    uint32_t hash;
    uint32_t ix;
};

static int
by_hash(const void *a, const void *b)
{
    const struct hashed *left = a;
    const struct hashed *right = b;

    return (left->hash > right->hash) - (left->hash < right->hash);
}

/* A map compares whole keys: among so many there are some with one hash, and
 * those of a pair are told apart by the number, or by the text. */
static void
test_keys_of_one_hash(void **state)
{
    struct hashed *all = calloc(COLLIDING, sizeof(*all));
    struct fixture f;

    (void)state;
    assert_non_null(all);
    for (int by_number = 0; by_number < 2; by_number++) {
        size_t pairs = 0;

        begin(&f);
        for (uint32_t i = 0; i < COLLIDING; i++) {
            char text[16] = "key";
            if (by_number == 0) {
                snprintf(text, sizeof(text), "%u", i);
            }
            all[i].ix = i;
            all[i].hash =
                (uint32_t)pdp__hash_pair(pdp__hash(f.b.seed, pdp__str_z(text)),
                    by_number == 0 ? 7 : i);
        }
        qsort(all, COLLIDING, sizeof(*all), by_hash);
        for (size_t i = 1; i < COLLIDING; i++) {
            if (all[i].hash != all[i - 1].hash) {
                continue;
            }
            char texts[2][16] = {"key", "key"};
            uint32_t numbers[2] = {7, 7};
            for (size_t k = 0; k < 2; k++) {
                if (by_number == 0) {
                    snprintf(texts[k], sizeof(texts[k]), "%u", all[i - k].ix);
                } else {
                    numbers[k] = all[i - k].ix;
                }
            }
            pairs++;
            assert_true(pdp__map_put_in(&f.b, PDP__MAP_OTHER, numbers[0],
                pdp__str_z(texts[0]), 1));
            assert_int_equal(pdp__map_get_in(&f.b, PDP__MAP_OTHER, numbers[1],
                                 pdp__str_z(texts[1])),
                PDP__NONE);
            assert_true(pdp__map_put_in(&f.b, PDP__MAP_OTHER, numbers[1],
                pdp__str_z(texts[1]), 2));
            for (uint32_t k = 0; k < 2; k++) {
                assert_int_equal(pdp__map_get_in(&f.b, PDP__MAP_OTHER,
                                     numbers[k], pdp__str_z(texts[k])),
                    k + 1);
            }
        }
        assert_true(pairs > 0);
        end(&f);
    }
    free(all);
}

static void
test_items(void **state)
{
    struct fixture f;
    uint32_t ix = 99;
    (void)state;
    begin(&f);
    struct pdp__route *route = PDP__NEW(&f.b, routes, ix);
    assert_non_null(route);
    assert_int_equal(ix, 0);
    assert_int_equal(route->path.off, 0);
    route->segments = 3;
    assert_non_null(PDP__NEW(&f.b, routes, ix));
    assert_int_equal(ix, 1);
    assert_int_equal(PDP__ITEM(&f.b, routes, struct pdp__route, 0)->segments,
        3);
    assert_int_equal(pdp__builder_words(&f.b, 3), 0);
    assert_int_equal(pdp__builder_words(&f.b, 2), 3);
    assert_int_equal(f.b.words.cnt, 5);
    assert_int_equal(*PDP__ITEM(&f.b, words, uint64_t, 4), 0);
    end(&f);
}

static void
test_subjects(void **state)
{
    struct fixture f;
    (void)state;
    begin(&f);
    assert_int_equal(pdp__builder_subject(&f.b, PDP__LIT("IBMid-1")), 0);
    assert_int_equal(pdp__builder_subject(&f.b, PDP__LIT("IBMid-2")), 1);
    assert_int_equal(pdp__builder_subject(&f.b, PDP__LIT("IBMid-1")), 0);
    assert_int_equal(f.b.subjects.cnt, 2);
    end(&f);
}

static void
test_role_ids(void **state)
{
    struct fixture f;
    const pdp_str_t reader = PDP__LIT("Reader");
    (void)state;
    begin(&f);
    assert_int_equal(pdp__builder_role(&f.b, reader, 0), PDP__NONE);
    assert_true(pdp__builder_role_id(&f.b, reader, 0, 4));
    assert_true(pdp__builder_role_id(&f.b, reader, 0, 4));
    assert_false(pdp__builder_role_id(&f.b, reader, 0, 5));
    assert_true(pdp__builder_role_id(&f.b, reader, 1, 5));
    assert_int_equal(pdp__builder_role(&f.b, reader, 0), 4);
    assert_int_equal(pdp__builder_role(&f.b, reader, 1), 5);
    assert_int_equal(pdp__builder_role(&f.b, reader, 2), PDP__NONE);
    assert_int_equal(f.b.role_ids.cnt, 1);
    assert_int_equal(f.b.role_links.cnt, 2);
    end(&f);
}

/* Every call that allocates, with memory for n allocations. */
static void
exercise(struct pdp__builder *b)
{
    char key[32];
    uint32_t ix = 0;
    for (uint32_t i = 0; i < 400; i++) {
        int len = snprintf(key, sizeof(key), "some longer key %u", i);
        pdp_str_t text = pdp__str(key, (size_t)len);
        (void)pdp__builder_text(b, text);
        (void)pdp__map_put(b, PDP__MAP_HOST, text, i);
        (void)pdp__map_get(b, PDP__MAP_HOST, text);
        (void)pdp__builder_subject(b, text);
        (void)pdp__builder_role_id(b, text, i % 3, i);
        (void)pdp__builder_words(b, 2);
        (void)PDP__NEW(b, edges, ix);
    }
}

static void
test_out_of_memory(void **state)
{
    pdp_mem_t good = pdp__mem_default();
    pdp_report_t *report = pdp__report_new(&good);
    (void)state;
    for (size_t n = 0;; n++) {
        struct failing_mem failing_state = {.left = n};
        pdp_mem_t mem = failing(&failing_state);
        struct pdp__arena arena;
        struct pdp__builder b;
        pdp__arena_init(&arena, &mem);
        pdp__builder_init(&b, &arena, report, 1);
        exercise(&b);
        bool failed = b.failed;
        pdp__builder_free(&b);
        pdp__arena_free(&arena);
        assert_int_equal(failing_state.live, 0);
        if (!failed) {
            assert_true(n > 10);
            break;
        }
    }
    pdp_report_free(report);
}

/* More text than a block can hold is remembered, and nothing is written. */
static void
test_too_much_text(void **state)
{
    struct fixture f;
    static char byte;
    (void)state;
    begin(&f);
    f.b.strings.cnt = UINT32_MAX - PDP__STRINGS_OFF;
    f.b.strings.cap = f.b.strings.cnt;
    struct pdp__text text = pdp__builder_text(&f.b, pdp__str(&byte, 1));
    assert_int_equal(text.off, 0);
    assert_true(f.b.too_large);
    pdp_snapshot_t *snapshot = NULL;
    pdp_mem_t mem = pdp__mem_default();
    assert_int_equal(pdp__builder_finish(&f.b, &mem, &snapshot), PDP_E_LIMIT);
    assert_null(snapshot);
    end(&f);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_texts),
        cmocka_unit_test(test_many_texts),
        cmocka_unit_test(test_maps),
        cmocka_unit_test(test_large_map),
        cmocka_unit_test(test_keys_of_one_hash),
        cmocka_unit_test(test_items),
        cmocka_unit_test(test_subjects),
        cmocka_unit_test(test_role_ids),
        cmocka_unit_test(test_out_of_memory),
        cmocka_unit_test(test_too_much_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
