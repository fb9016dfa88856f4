/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
/* The cache of verified tokens: who is found, who goes, what is left. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "decide/token_cache.h"
#include "failing_mem.h"

/* The end of a token, which is what is hashed. */
#define TAIL "0123456789abcdef0123456789abcdef"

enum { RECORD_CAP = PDP__CACHE_SLOT_SIZE + 64 };

static struct pdp__token_cache cache;
static pdp_mem_t mem;
static struct failing_mem counted;

/* A record of size bytes for a token; the rest is 0xEE. */
static const struct pdp__token *
record(const char *text, uint32_t size)
{
    static _Alignas(8) unsigned char bytes[RECORD_CAP];
    struct pdp__token *token = (void *)bytes;
    uint32_t len = (uint32_t)strlen(text);

    assert_in_range(size, sizeof(*token) + len, RECORD_CAP);
    memset(bytes, 0xEE, sizeof(bytes));
    memset(token, 0, sizeof(*token));
    token->size = size;
    token->text = (struct pdp__text){sizeof(*token), len};
    memcpy(bytes + sizeof(*token), text, len);
    return token;
}

static void
put(const char *text)
{
    pdp__token_cache_put(&cache, record(text, 1024));
}

static const struct pdp__token *
find(const char *text)
{
    return pdp__token_cache_find(&cache, pdp__str_z(text));
}

static void
drop(const char *text)
{
    pdp__token_cache_drop(&cache, pdp__str_z(text));
}

/* How many of the letters are found as tokens LETTER.TAIL. */
static void
assert_found(const char *letters, const char *gone)
{
    char text[] = "?." TAIL;

    for (; *letters != '\0'; letters++) {
        text[0] = *letters;
        if (find(text) == NULL) {
            fail_msg("%c is not found", *letters);
        }
    }
    for (; *gone != '\0'; gone++) {
        text[0] = *gone;
        assert_null(find(text));
    }
}

static int
open_cache(void **state)
{
    (void)state;
    counted = (struct failing_mem){.left = SIZE_MAX};
    mem = failing(&counted);
    return pdp__token_cache_init(&cache, &mem, 4, 99) == PDP_OK ? 0 : 1;
}

static int
close_cache(void **state)
{
    (void)state;
    pdp__token_cache_free(&cache, &mem);
    return counted.live == 0 ? 0 : 1;
}

static size_t
places(void)
{
    return ((size_t)cache.set_mask + 1) * PDP__CACHE_WAYS;
}

/* Bytes of the slots that are not zero. */
static size_t
bytes_left(void)
{
    size_t cnt = 0;

    for (size_t i = 0; i < places() * PDP__CACHE_SLOT_SIZE; i++) {
        cnt += cache.slots[i] != 0;
    }
    return cnt;
}

static void
what_is_put_is_found(void **state)
{
    (void)state;
    assert_null(find("a." TAIL));
    put("a." TAIL);
    const struct pdp__token *token = find("a." TAIL);
    assert_non_null(token);
    assert_memory_equal(token, record("a." TAIL, 1024), 1024);
    /* A copy: the record it came from is scratch. */
    assert_true((const unsigned char *)token >= cache.slots);
    assert_true((const unsigned char *)token <
                cache.slots + places() * PDP__CACHE_SLOT_SIZE);
}

/* The hash is only a hint: one byte anywhere makes another token. */
static void
another_token_with_the_same_hash(void **state)
{
    static const char token[] = "header.payload." TAIL;
    char other[sizeof(token)];

    (void)state;
    put(token);
    for (size_t i = 0; i < sizeof(token) - 1; i++) {
        memcpy(other, token, sizeof(token));
        other[i] ^= 1;
        assert_null(find(other));
    }
    assert_null(find("header.payload.x" TAIL)); /* longer */
    assert_null(find("eader.payload." TAIL));
    assert_null(find(TAIL));
    assert_null(find(""));
    /* One in the place of the other's hash. */
    memcpy(other, token, sizeof(token));
    other[0] = 'H';
    put(other);
    assert_non_null(find(token));
    assert_non_null(find(other));
    assert_ptr_not_equal(find(token), find(other));
    assert_int_equal(find(other)->text.len, sizeof(token) - 1);
    drop(other);
    assert_null(find(other));
    assert_non_null(find(token));
}

/* A place that is not in use holds no token, even if what an earlier one left
 * there would fit. */
static void
a_place_that_is_not_used(void **state)
{
    static const char *const tokens[] = {"a." TAIL, ""};

    (void)state;
    for (size_t t = 0; t < 2; t++) {
        pdp_str_t text = pdp__str_z(tokens[t]);
        const struct pdp__token *stale = record(tokens[t], 1024);

        for (size_t i = 0; i < places(); i++) {
            cache.hashes[i] = pdp__hash(cache.seed ^ text.len,
                pdp__str_from(text, text.len > 32 ? text.len - 32 : 0));
            memcpy(cache.slots + i * PDP__CACHE_SLOT_SIZE, stale, 1024);
        }
        assert_null(find(tokens[t]));
        cache.used[1] = 1; /* the hash above is the right one */
        assert_non_null(find(tokens[t]));
        cache.used[1] = 0;
    }
}

static void
short_tokens(void **state)
{
    static const char *const tokens[] = {"a", "b", "aa", TAIL};

    (void)state;
    for (size_t i = 0; i < 4; i++) {
        put(tokens[i]);
    }
    for (size_t i = 0; i < 4; i++) {
        assert_non_null(find(tokens[i]));
    }
    assert_null(find("ab"));
    assert_null(find("x" TAIL));
}

/* Tokens with one tail and length share a set: the fifth takes the place of
 * the one that was used longest ago. */
static void
the_oldest_goes(void **state)
{
    (void)state;
    put("a." TAIL);
    put("b." TAIL);
    put("c." TAIL);
    put("d." TAIL);
    assert_found("abcd", "e");
    put("e." TAIL);
    assert_found("bcde", "a");
    /* A use makes young. */
    assert_found("b", "");
    put("f." TAIL);
    assert_found("bdef", "ac");
    assert_found("d", "");
    assert_found("b", "");
    put("g." TAIL);
    assert_found("bdfg", "e");
    /* A look-up that finds nothing changes nothing; a dropped place is
     * taken first. */
    drop("d." TAIL);
    put("h." TAIL);
    assert_found("bfgh", "d");
}

static void
drop_wipes(void **state)
{
    (void)state;
    assert_int_equal(bytes_left(), 0);
    pdp__token_cache_put(&cache, record("a." TAIL, PDP__CACHE_SLOT_SIZE));
    assert_true(
        bytes_left() > PDP__CACHE_SLOT_SIZE - sizeof(struct pdp__token));
    drop("b." TAIL); /* not there */
    assert_true(bytes_left() > 0);
    drop("a." TAIL);
    assert_int_equal(bytes_left(), 0);
    assert_null(find("a." TAIL));
    drop("a." TAIL);
    assert_int_equal(bytes_left(), 0);
}

/* A small record leaves nothing of the large one it replaces. */
static void
eviction_wipes(void **state)
{
    (void)state;
    for (int i = 0; i < PDP__CACHE_WAYS; i++) {
        char text[] = "?." TAIL;

        text[0] = (char)('a' + i);
        pdp__token_cache_put(&cache, record(text, PDP__CACHE_SLOT_SIZE));
    }
    for (int i = 0; i < PDP__CACHE_WAYS; i++) {
        char text[] = "?." TAIL;

        text[0] = (char)('m' + i);
        pdp__token_cache_put(&cache,
            record(text, sizeof(struct pdp__token) + 34));
    }
    assert_found("mnop", "abcd");
    for (size_t i = 0; i < places(); i++) {
        const unsigned char *slot = cache.slots + i * PDP__CACHE_SLOT_SIZE;

        for (size_t at = sizeof(struct pdp__token) + 34;
             at < PDP__CACHE_SLOT_SIZE; at++) {
            assert_int_equal(slot[at], 0);
        }
    }
}

static void
records_too_large(void **state)
{
    (void)state;
    pdp__token_cache_put(&cache, record("a." TAIL, PDP__CACHE_SLOT_SIZE + 1));
    assert_null(find("a." TAIL));
    assert_int_equal(bytes_left(), 0);
    pdp__token_cache_put(&cache, record("a." TAIL, PDP__CACHE_SLOT_SIZE));
    assert_non_null(find("a." TAIL));
    /* And one that is too large pushes nobody out. */
    put("b." TAIL);
    put("c." TAIL);
    put("d." TAIL);
    pdp__token_cache_put(&cache, record("e." TAIL, PDP__CACHE_SLOT_SIZE + 8));
    assert_found("abcd", "e");
}

static void
a_cache_that_is_off(void **state)
{
    struct failing_mem none = {.left = 0};
    pdp_mem_t never = failing(&none);
    struct pdp__token_cache off;

    (void)state;
    memset(&off, 0xFF, sizeof(off));
    assert_int_equal(pdp__token_cache_init(&off, &never, 0, 1), PDP_OK);
    pdp__token_cache_put(&off, record("a." TAIL, 1024));
    assert_null(pdp__token_cache_find(&off, PDP__LIT("a." TAIL)));
    assert_null(pdp__token_cache_find(&off, (pdp_str_t){NULL, 0}));
    pdp__token_cache_drop(&off, PDP__LIT("a." TAIL));
    pdp__token_cache_free(&off, &never);
    assert_int_equal(none.live, 0);
}

static void
rounding(void **state)
{
    static const struct {
        uint32_t cnt;
        uint32_t sets;
    } cases[] = {{1, 1}, {3, 1}, {4, 1}, {5, 2}, {8, 2}, {9, 4}, {255, 64},
        {256, 64}, {257, 128}};

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct pdp__token_cache c;

        assert_int_equal(pdp__token_cache_init(&c, &mem, cases[i].cnt, 0),
            PDP_OK);
        assert_int_equal(c.set_mask + 1, cases[i].sets);
        pdp__token_cache_free(&c, &mem);
        assert_null(c.slots);
    }
}

static void
no_memory(void **state)
{
    (void)state;
    for (size_t n = 0; n <= 3; n++) {
        struct failing_mem scarce = {.left = n};
        pdp_mem_t few = failing(&scarce);
        struct pdp__token_cache c;

        memset(&c, 0xFF, sizeof(c));
        assert_int_equal(pdp__token_cache_init(&c, &few, 4, 0),
            n < 3 ? PDP_E_NOMEM : PDP_OK);
        if (n < 3) {
            assert_null(c.slots);
            assert_null(c.hashes);
            assert_null(c.used);
            assert_null(pdp__token_cache_find(&c, PDP__LIT("a")));
        }
        pdp__token_cache_free(&c, &few);
        assert_int_equal(scarce.live, 0);
    }
    for (size_t n = 0; n < 3; n++) { /* one of the three alone fails */
        struct failing_mem scarce = {.left = n, .once = true};
        pdp_mem_t few = failing(&scarce);
        struct pdp__token_cache c;

        assert_int_equal(pdp__token_cache_init(&c, &few, 4, 0), PDP_E_NOMEM);
        assert_int_equal(scarce.calls, 3);
        assert_int_equal(scarce.live, 0);
        assert_null(pdp__token_cache_find(&c, PDP__LIT("a")));
    }
}

/* Memory that must be all zero when it comes back. */
struct clean_mem {
    size_t sizes[8];
    void *ptrs[8];
    size_t cnt;
    size_t dirty; /* bytes, in the blocks at least as large as a slot */
};

static void *
clean_alloc(void *user, size_t size)
{
    struct clean_mem *m = user;

    assert_true(m->cnt < 8);
    m->sizes[m->cnt] = size;
    m->ptrs[m->cnt] = malloc(size);
    return m->ptrs[m->cnt++];
}

static void
clean_free(void *user, void *ptr)
{
    struct clean_mem *m = user;

    for (size_t i = 0; i < m->cnt; i++) {
        const unsigned char *bytes = ptr;

        for (size_t at = 0; m->ptrs[i] == ptr && at < m->sizes[i] &&
                            m->sizes[i] >= PDP__CACHE_SLOT_SIZE;
             at++) {
            m->dirty += bytes[at] != 0;
        }
    }
    free(ptr);
}

static void
free_wipes(void **state)
{
    struct clean_mem m = {.cnt = 0};
    pdp_mem_t clean = {clean_alloc, clean_free, &m};
    struct pdp__token_cache c;

    (void)state;
    assert_int_equal(pdp__token_cache_init(&c, &clean, 8, 3), PDP_OK);
    for (int i = 0; i < 12; i++) {
        char text[] = "?.ignored";

        text[0] = (char)('a' + i);
        pdp__token_cache_put(&c, record(text, PDP__CACHE_SLOT_SIZE));
    }
    pdp__token_cache_free(&c, &clean);
    assert_int_equal(m.cnt, 3);
    assert_int_equal(m.dirty, 0);
}

int
main(void)
{
#define TEST(name)                                                             \
    cmocka_unit_test_setup_teardown(name, open_cache, close_cache)
    const struct CMUnitTest tests[] = {
        TEST(what_is_put_is_found),
        TEST(another_token_with_the_same_hash),
        TEST(a_place_that_is_not_used),
        TEST(short_tokens),
        TEST(the_oldest_goes),
        TEST(drop_wipes),
        TEST(eviction_wipes),
        TEST(records_too_large),
        TEST(a_cache_that_is_off),
        TEST(rounding),
        TEST(no_memory),
        TEST(free_wipes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
