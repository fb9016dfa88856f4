/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#define _POSIX_C_SOURCE 200809L

#include "text/json_read.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "../fuzz/json_second.h"

/*
 * Our JSON reader against jansson on mutated documents; json_second.h has
 * the list of differences that are allowed.  Seeds are the texts below and,
 * below PDP_VECTORS, all of JSONTestSuite that is small.  Mutations are of
 * two kinds: bytes, and structure (values moved, wrapped, doubled, taken
 * away; strings and numbers spelt in other ways).  They are the same in
 * every run with the same seeds.
 *
 * PDP_JSON_TEXTS says how many texts; 15,000 otherwise.  `make check-json`
 * makes it a million.
 */

enum { NODES_MAX = 4096, TEXT_MAX = 2048, SEEDS_MAX = 512, TEXTS = 15000 };

static const pdp_str_t own_seeds[] = {
    PDP__LIT_INIT("{\"iss\":\"https://iam.cloud.ibm.com/identity\","
                  "\"exp\":1795256980,\"account\":{\"valid\":true,\"bss\":"
                  "\"4f8e2b1c\"},\"amr\":[\"pwd\"],\"acr\":1}"),
    PDP__LIT_INIT("[0,-0,1,-1,1.5,-1.5e3,1E+5,1e-5,9223372036854775807,"
                  "-9223372036854775808,1e307,1e-307,0e400]"),
    PDP__LIT_INIT("[\"\",\"a\",\"\\\"\\\\\\/\\b\\f\\n\\r\\t\",\"\\u00e9\","
                  "\"\\ud83d\\ude00\",\"\xC3\xA9\xE2\x82\xAC\"]"),
    PDP__LIT_INIT("{\"a\":1,\"\\u0062\":2,\"c\":{\"a\":1,\"b\":2},\"\":[]}"),
    PDP__LIT_INIT(" { \"a\" : [ null , true , false , { } , [ ] ] } \r\n\t"),
    PDP__LIT_INIT("[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[1"
                  "]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]"),
    PDP__LIT_INIT("{\"k1\":1,\"k2\":2,\"k3\":3,\"k4\":4,\"k5\":5,\"k6\":6,"
                  "\"k7\":7,\"k8\":8,\"k9\":9,\"ka\":1,\"kb\":2,\"kc\":3,"
                  "\"kd\":4,\"ke\":5,\"kf\":6,\"kg\":7,\"kh\":8,\"ki\":9,"
                  "\"kj\":1,\"kk\":2,\"kl\":3,\"km\":4,\"kn\":5,\"ko\":6,"
                  "\"kp\":7,\"kq\":8,\"kr\":9,\"ks\":1,\"kt\":2,\"ku\":3,"
                  "\"kv\":4,\"kw\":5,\"kx\":6,\"ky\":7,\"kz\":8}"),
    PDP__LIT_INIT("\"just a string that is longer than two words\""),
    PDP__LIT_INIT("-12345.678e-9"),
    PDP__LIT_INIT("true"),
};

/* Pieces that are near the rules. */
static const pdp_str_t pieces[] = {
    PDP__LIT_INIT("\""),
    PDP__LIT_INIT("\\"),
    PDP__LIT_INIT("\\u"),
    PDP__LIT_INIT("\\u0000"),
    PDP__LIT_INIT("\\ud800"),
    PDP__LIT_INIT("\\udc00"),
    PDP__LIT_INIT("\\udbff"),
    PDP__LIT_INIT("\\udfff"),
    PDP__LIT_INIT("\\u0061"),
    PDP__LIT_INIT("\xC3\xA9"),
    PDP__LIT_INIT("\xED\xA0\x80"),
    PDP__LIT_INIT("\xC0\xAF"),
    PDP__LIT_INIT("\xF4\x90\x80\x80"),
    PDP__LIT_INIT("\xEF\xBB\xBF"),
    PDP__LIT_INIT("\0"),
    PDP__LIT_INIT("\x7F"),
    PDP__LIT_INIT("{"),
    PDP__LIT_INIT("}"),
    PDP__LIT_INIT("["),
    PDP__LIT_INIT("]"),
    PDP__LIT_INIT(","),
    PDP__LIT_INIT(":"),
    PDP__LIT_INIT("[[[["),
    PDP__LIT_INIT("]]]]"),
    PDP__LIT_INIT("[[[1]]]"),
    PDP__LIT_INIT("{\"a\":1}"),
    PDP__LIT_INIT(",\"a\":1"),
    PDP__LIT_INIT("\"a\":"),
    PDP__LIT_INIT(",1"),
    PDP__LIT_INIT("0"),
    PDP__LIT_INIT("9"),
    PDP__LIT_INIT("-"),
    PDP__LIT_INIT("+"),
    PDP__LIT_INIT("."),
    PDP__LIT_INIT("e"),
    PDP__LIT_INIT("E9"),
    PDP__LIT_INIT("e308"),
    PDP__LIT_INIT("e-308"),
    PDP__LIT_INIT("e-324"),
    PDP__LIT_INIT("99999999999"),
    PDP__LIT_INIT("null"),
    PDP__LIT_INIT(" "),
    PDP__LIT_INIT("\n"),
    PDP__LIT_INIT("\v"),
    PDP__LIT_INIT("/*x*/"),
    PDP__LIT_INIT("'"),
};

struct text {
    char bytes[TEXT_MAX];
    size_t len;
};

static struct text seeds[SEEDS_MAX];
static size_t seed_cnt;
static struct pdp__json nodes[NODES_MAX];

static uint32_t
next_random(uint32_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 17;
    *seed ^= *seed << 5;
    return *seed;
}

/* Replaces len bytes at offset by piece, if there is room. */
static void
splice(struct text *text, size_t offset, size_t len, pdp_str_t piece)
{
    if (text->len - len + piece.len > TEXT_MAX) {
        return;
    }
    memmove(text->bytes + offset + piece.len, text->bytes + offset + len,
        text->len - offset - len);
    memcpy(text->bytes + offset, piece.ptr, piece.len);
    text->len += piece.len - len;
}

static pdp_str_t
any_piece(uint32_t *seed)
{
    return pieces[next_random(seed) % (sizeof(pieces) / sizeof(pieces[0]))];
}

static void
mutate_bytes(struct text *text, uint32_t *seed)
{
    size_t at = next_random(seed) % (text->len + 1);
    size_t span = 1 + next_random(seed) % 8;
    char copy[64];

    span = span > text->len - at ? text->len - at : span;
    switch (next_random(seed) % 5) {
    case 0:
        splice(text, at, 0, any_piece(seed));
        break;
    case 1:
        splice(text, at, span, any_piece(seed));
        break;
    case 2:
        splice(text, at, span, PDP__LIT(""));
        break;
    case 3: /* the same again, after itself */
        memcpy(copy, text->bytes + at, span);
        splice(text, at, 0, pdp__str(copy, span));
        break;
    default:
        if (at < text->len) {
            text->bytes[at] = (char)next_random(seed);
        }
        break;
    }
}

/* The end of the string that begins at `at`, after its quote. */
static size_t
string_end(const struct text *text, size_t at)
{
    for (at++; at < text->len && text->bytes[at] != '"'; at++) {
        at += text->bytes[at] == '\\' ? 1 : 0;
    }
    return at < text->len ? at + 1 : text->len;
}

/* The end of the value that begins at `at`; of anything else, some end. */
static size_t
value_end(const struct text *text, size_t at)
{
    int depth = 0;
    while (at < text->len) {
        char c = text->bytes[at];
        if (c == '"') {
            at = string_end(text, at);
        } else if (c == '[' || c == '{') {
            depth++;
            at++;
        } else if (c == ']' || c == '}') {
            depth--;
            at += depth >= 0;
        } else if (depth == 0 && (c == ',' || c == ':')) {
            return at;
        } else {
            at++;
            if (depth > 0 || (at < text->len && text->bytes[at] > ' ')) {
                continue;
            }
        }
        if (depth <= 0) {
            return at;
        }
    }
    return text->len;
}

/* Some value (or name) of a text: where it begins; *end where it ends. */
static size_t
any_value(const struct text *text, uint32_t *seed, size_t *end)
{
    size_t starts[TEXT_MAX];
    size_t cnt = 0;
    bool fresh = true; /* a value may begin here */
    for (size_t at = 0; at < text->len;) {
        char c = text->bytes[at];
        if (fresh && c > ' ' && c != ']' && c != '}') {
            starts[cnt++] = at;
        }
        fresh =
            c == '[' || c == '{' || c == ',' || c == ':' || (fresh && c <= ' ');
        at = c == '"' ? string_end(text, at) : at + 1;
    }
    size_t start = cnt == 0 ? 0 : starts[next_random(seed) % cnt];
    *end = value_end(text, start);
    return start;
}

/* n times `[` or `{"k":` before a value, and what closes them behind it. */
static void
wrap(struct text *text, size_t start, size_t end, uint32_t *seed)
{
    bool object = next_random(seed) % 2 == 0;
    uint32_t times = next_random(seed) % 4 == 0 ? next_random(seed) % 36 : 1;
    for (uint32_t i = 0; i < times; i++) {
        splice(text, end, 0, object ? PDP__LIT("}") : PDP__LIT("]"));
        splice(text, start, 0, object ? PDP__LIT("{\"k\":") : PDP__LIT("["));
        end += object ? 6 : 2;
        if (end > text->len) {
            return; /* no room any more */
        }
    }
}

/* A character of a string as an escape, in upper or lower case. */
static void
respell_string(struct text *text, size_t start, size_t end, uint32_t *seed)
{
    size_t at = start + 1 + next_random(seed) % (end - start);
    if (at >= end || text->bytes[at] <= ' ' || text->bytes[at] == '"' ||
        text->bytes[at - 1] == '\\') {
        return;
    }
    char escape[8];
    bool upper = next_random(seed) % 2 == 0;
    (void)snprintf(escape, sizeof(escape), upper ? "\\u%04X" : "\\u%04x",
        (unsigned)(unsigned char)text->bytes[at]);
    splice(text, at, 1, pdp__str(escape, 6));
}

static void
respell_number(struct text *text, size_t end, uint32_t *seed)
{
    static const pdp_str_t tails[] = {
        PDP__LIT_INIT(".0"),
        PDP__LIT_INIT("e0"),
        PDP__LIT_INIT("E-1"),
        PDP__LIT_INIT("0"),
        PDP__LIT_INIT("000000000000000000"),
        PDP__LIT_INIT(".5e3"),
        PDP__LIT_INIT("e+306"),
        PDP__LIT_INIT("e-307"),
    };
    splice(text, end, 0,
        tails[next_random(seed) % (sizeof(tails) / sizeof(tails[0]))]);
}

static void
mutate_structure(struct text *text, uint32_t *seed)
{
    size_t end;
    size_t start = any_value(text, seed, &end);
    char c = start < text->len ? text->bytes[start] : '\0';
    static struct text kept;

    switch (next_random(seed) % 6) {
    case 0: { /* a value of another text in its place */
        const struct text *other = &seeds[next_random(seed) % seed_cnt];
        size_t other_end;
        size_t other_start = any_value(other, seed, &other_end);
        splice(text, start, end - start,
            pdp__str(other->bytes + other_start, other_end - other_start));
        break;
    }
    case 1:
        wrap(text, start, end, seed);
        break;
    case 2: /* away with it, and with its comma */
        splice(text, start,
            end - start + (end < text->len && text->bytes[end] == ','),
            PDP__LIT(""));
        break;
    case 3: /* twice; a member given twice is refused by both */
        kept = *text;
        splice(text, end, 0, pdp__str(kept.bytes + start, end - start));
        splice(text, end, 0, PDP__LIT(","));
        break;
    case 4:
        splice(text, next_random(seed) % 2 == 0 ? start : end, 0,
            PDP__LIT(" \t\r\n"));
        break;
    default:
        if (c == '"') {
            respell_string(text, start, end, seed);
        } else if (c == '-' || (c >= '0' && c <= '9')) {
            respell_number(text, end, seed);
        } else {
            mutate_bytes(text, seed);
        }
        break;
    }
}

struct counts {
    unsigned long of[SECOND_WRONG + 1];
};

static enum second_opinion
compare(const struct text *text, struct counts *counts)
{
    /* an exact block, so that sanitizers see a byte too many */
    char *copy = malloc(text->len == 0 ? 1 : text->len);
    assert_non_null(copy);
    memcpy(copy, text->bytes, text->len);
    pdp_str_t given = pdp__str(text->bytes, text->len);
    struct pdp__json_doc doc;
    bool good = pdp__json_read(copy, text->len, nodes, NODES_MAX, &doc);
    enum second_opinion result = second_opinion(given, &doc, good);

    if (result == SECOND_WRONG) {
        fail_msg("%s (%s at %zu): %.*s",
            good ? "only we accept, or values differ" : "only we refuse",
            pdp__json_error_text(doc.error), doc.error_offset, (int)text->len,
            text->bytes);
    }
    counts->of[result]++;
    free(copy);
    return result;
}

static void
add_seed(const char *bytes, size_t len)
{
    if (len <= TEXT_MAX && seed_cnt < SEEDS_MAX) {
        memcpy(seeds[seed_cnt].bytes, bytes, len);
        seeds[seed_cnt++].len = len;
    }
}

/* The small files of JSONTestSuite, in the order of their names. */
static void
add_suite(void)
{
    char dir[1024];
    const char *root = getenv("PDP_VECTORS");
    struct dirent **entries = NULL;

    (void)snprintf(dir, sizeof(dir), "%s/JSONTestSuite/test_parsing",
        root == NULL ? "" : root);
    int cnt = root == NULL ? 0 : scandir(dir, &entries, NULL, alphasort);
    for (int i = 0; i < cnt; i++) {
        char path[2048];
        char bytes[TEXT_MAX + 1];
        (void)snprintf(path, sizeof(path), "%s/%s", dir, entries[i]->d_name);
        FILE *file = entries[i]->d_name[0] == '.' ? NULL : fopen(path, "rb");
        if (file != NULL) {
            add_seed(bytes, fread(bytes, 1, sizeof(bytes), file));
            (void)fclose(file);
        }
        free(entries[i]);
    }
    free(entries);
    if (cnt <= 0) {
        print_message("PDP_VECTORS has no JSONTestSuite: own seeds only\n");
    }
}

static int
setup(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(own_seeds) / sizeof(own_seeds[0]); i++) {
        add_seed(own_seeds[i].ptr, own_seeds[i].len);
    }
    add_suite();
    return 0;
}

static unsigned long
text_cnt(void)
{
    const char *wanted = getenv("PDP_JSON_TEXTS");
    char *end = NULL;
    unsigned long cnt = wanted == NULL ? TEXTS : strtoul(wanted, &end, 10);
    assert_true(wanted == NULL || (end != wanted && *end == '\0'));
    assert_in_range(cnt, TEXTS, 1000000000);
    return cnt;
}

/* Texts as they are, and unchanged but for their spelling. */
static void
test_own_seeds_are_read_alike(void **state)
{
    (void)state;
    struct counts counts = {{0}};
    for (size_t i = 0; i < sizeof(own_seeds) / sizeof(own_seeds[0]); i++) {
        assert_int_equal(compare(&seeds[i], &counts), SECOND_BOTH);
    }
}

static void
test_mutations_are_read_alike(void **state)
{
    (void)state;
    unsigned long cnt = text_cnt();
    struct counts counts = {{0}};
    uint32_t seed = 20260;
    for (unsigned long i = 0; i < cnt; i++) {
        static struct text text;
        /* mostly one of ours: most of the suite is not JSON */
        size_t from = next_random(&seed) % 4 == 0
                          ? seed_cnt
                          : sizeof(own_seeds) / sizeof(own_seeds[0]);
        text = seeds[next_random(&seed) % from];
        for (unsigned long steps = 1 + i % 3; steps > 0; steps--) {
            if (next_random(&seed) % 3 == 0) {
                mutate_bytes(&text, &seed);
            } else {
                mutate_structure(&text, &seed);
            }
        }
        (void)compare(&text, &counts);
    }
    print_message("%lu texts from %zu seeds: both accept %lu, both refuse %lu, "
                  "only jansson accepts: depth %lu, number %lu, 00 byte %lu\n",
        cnt, seed_cnt, counts.of[SECOND_BOTH], counts.of[SECOND_NEITHER],
        counts.of[SECOND_DEPTH], counts.of[SECOND_NUMBER],
        counts.of[SECOND_NUL]);
    /* the mutations are of use: both outcomes are there */
    assert_true(counts.of[SECOND_BOTH] > cnt / 5);
    assert_true(counts.of[SECOND_NEITHER] > cnt / 5);
    assert_true(counts.of[SECOND_DEPTH] > 0 && counts.of[SECOND_NUMBER] > 0);
}

/* One text for each difference that is allowed. */
static void
test_allowed_differences(void **state)
{
    (void)state;
    static const struct {
        pdp_str_t text;
        enum second_opinion wanted;
    } cases[] = {
        {PDP__LIT_INIT("[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[1"
                       "]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]"),
            SECOND_DEPTH},
        {PDP__LIT_INIT("[1e-308]"), SECOND_NUMBER},
        {PDP__LIT_INIT("1e-400"), SECOND_NUMBER},
        {PDP__LIT_INIT("[-1.7e308]"), SECOND_NUMBER},
        {PDP__LIT_INIT("[1\0]"), SECOND_NUL},
        {PDP__LIT_INIT("null\0"), SECOND_NUL},
    };
    struct counts counts = {{0}};
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        static struct text text;
        text.len = cases[i].text.len;
        memcpy(text.bytes, cases[i].text.ptr, text.len);
        assert_int_equal(compare(&text, &counts), cases[i].wanted);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_own_seeds_are_read_alike),
        cmocka_unit_test(test_mutations_are_read_alike),
        cmocka_unit_test(test_allowed_differences),
    };

    return cmocka_run_group_tests(tests, setup, NULL);
}
