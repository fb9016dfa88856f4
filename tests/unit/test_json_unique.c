/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include "text/json_read.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* Duplicate names against the plain definition, on objects made by hand. */

enum { MEMBERS_MAX = 300 };

static struct pdp__json nodes[2 * MEMBERS_MAX + 1];

static uint32_t
next_random(uint32_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 17;
    *seed ^= *seed << 5;
    return *seed;
}

/* Compares each with each. */
static uint32_t
first_duplicate(const char *text)
{
    for (uint32_t a = 1; a < nodes[0].end; a = nodes[a].end) {
        for (uint32_t b = 1; b < a; b = nodes[b].end) {
            if (pdp__str_eq(pdp__str(text + nodes[a].key_off, nodes[a].key_len),
                    pdp__str(text + nodes[b].key_off, nodes[b].key_len))) {
                return a;
            }
        }
    }
    return 0;
}

/* An object of cnt members with names out of text; some have a child. */
static void
make_object(uint32_t cnt, size_t text_len, uint32_t key_len_max, uint32_t *seed)
{
    uint32_t at = 1;
    for (uint32_t i = 0; i < cnt; i++) {
        uint32_t len = next_random(seed) % (key_len_max + 1);
        uint32_t children = next_random(seed) % 2;
        nodes[at] = (struct pdp__json){
            .type = children != 0 ? PDP__JSON_ARRAY : PDP__JSON_NULL,
            .key_off = next_random(seed) % (uint32_t)(text_len - len),
            .key_len = len,
            .cnt = children,
            .end = at + 1 + children,
            .aux = next_random(seed), /* what is there does not matter */
        };
        if (children != 0) {
            nodes[at + 1] = (struct pdp__json){.end = at + 2};
        }
        at += 1 + children;
    }
    nodes[0] =
        (struct pdp__json){.type = PDP__JSON_OBJECT, .cnt = cnt, .end = at};
}

static void
test_against_the_definition(void **state)
{
    (void)state;
    static const char text[] =
        "aaaaaaaaaaaaaaaaaaabaaaaaaabcdefghijklmnopqrstuvwxyz0123456789"
        "\xC3\xA9\xFF\x7F\x01 the quick brown fox jumps over the lazy dog AAA";
    uint32_t seed = 20;
    unsigned cnt_with = 0, cnt_without = 0;

    for (uint32_t round = 0; round < 4000; round++) {
        uint32_t cnt = next_random(&seed) % (round % 8 == 0 ? MEMBERS_MAX : 40);
        make_object(cnt, sizeof(text) - 1, 1 + round % 24, &seed);
        uint32_t expected = first_duplicate(text);
        assert_int_equal(pdp__json_duplicate(text, nodes, 0), expected);
        cnt_with += expected != 0;
        cnt_without += expected == 0;
    }
    assert_true(cnt_with > 500 && cnt_without > 500);
}

/* All names different and of one length, in falling, rising and mixed
 * order; then one twin at each place. */
static void
test_one_twin_among_many(void **state)
{
    (void)state;
    char text[MEMBERS_MAX * 4];
    for (uint32_t i = 0; i < MEMBERS_MAX; i++) {
        text[4 * i] = 'k';
        text[4 * i + 1] = (char)('a' + i / 26 / 26);
        text[4 * i + 2] = (char)('a' + i / 26 % 26);
        text[4 * i + 3] = (char)('a' + i % 26);
    }
    static const uint32_t counts[] = {2, 31, 32, 33, 34, 63, 64, 65, 257, 300};
    for (size_t c = 0; c < sizeof(counts) / sizeof(counts[0]); c++) {
        uint32_t cnt = counts[c];
        for (uint32_t step = 0; step < 3; step++) {
            for (uint32_t i = 0; i < cnt; i++) {
                /* a permutation unless 7 divides the count */
                uint32_t name = step == 0   ? i
                                : step == 1 ? cnt - 1 - i
                                            : i * 7 % cnt;
                nodes[1 + i] = (struct pdp__json){.key_off = 4 * name,
                    .key_len = 4,
                    .end = i + 2};
            }
            nodes[0] = (struct pdp__json){.type = PDP__JSON_OBJECT,
                .cnt = cnt,
                .end = cnt + 1};
            bool clean = step != 2 || cnt % 7 != 0;
            if (clean) {
                assert_int_equal(pdp__json_duplicate(text, nodes, 0), 0);
            }
            for (uint32_t i = 1; clean && i < cnt; i++) {
                uint32_t kept = nodes[1 + i].key_off;
                nodes[1 + i].key_off = nodes[i / 2 + 1].key_off;
                assert_int_equal(pdp__json_duplicate(text, nodes, 0), i + 1);
                nodes[1 + i].key_off = kept;
            }
        }
    }
}

static void
test_no_and_one_member(void **state)
{
    (void)state;
    nodes[0] = (struct pdp__json){.type = PDP__JSON_OBJECT, .end = 1};
    assert_int_equal(pdp__json_duplicate("", nodes, 0), 0);
    nodes[0] = (struct pdp__json){.type = PDP__JSON_OBJECT, .cnt = 1, .end = 2};
    nodes[1] = (struct pdp__json){.end = 2};
    assert_int_equal(pdp__json_duplicate("", nodes, 0), 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_against_the_definition),
        cmocka_unit_test(test_one_twin_among_many),
        cmocka_unit_test(test_no_and_one_member),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
