/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include "text/json_read.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>
#include <jansson.h>

/*
 * A second opinion: our reader and jansson (with JSON_REJECT_DUPLICATES)
 * read the same texts, made from seeds by mutations that are the same in
 * every run.  They must agree on whether it is JSON and, if so, on every
 * value.  What may differ, and only in this direction:
 *
 *   jansson accepts, we refuse
 *     E_DEPTH   more than 32 open brackets; jansson stops at 2048
 *     E_NUMBER  a number with fraction or exponent whose first significant
 *               digit is below 1e-307 (jansson makes 0 or a denormal of it)
 *               or at 1e308 (jansson takes up to 1.797e308)
 *     a raw byte 00 straight after a number or literal: jansson 2.14 puts
 *               it back into a buffer in which 00 means "empty", and so
 *               loses it
 *
 * There is no text that we accept and jansson refuses.
 */

enum { NODES_MAX = 4096, TEXT_MAX = 2048, MUTATIONS = 1500 };

static const pdp_str_t seeds[] = {
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

static void
mutate(struct text *text, uint32_t *seed)
{
    size_t at = next_random(seed) % (text->len + 1);
    size_t span = 1 + next_random(seed) % 8;
    pdp_str_t piece =
        pieces[next_random(seed) % (sizeof(pieces) / sizeof(pieces[0]))];
    char copy[64];

    span = span > text->len - at ? text->len - at : span;
    switch (next_random(seed) % 5) {
    case 0:
        splice(text, at, 0, piece);
        break;
    case 1:
        splice(text, at, span, piece);
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

static bool same_value(const struct pdp__json_doc *doc, uint32_t ix,
    json_t *other);

static bool
same_children(const struct pdp__json_doc *doc, uint32_t ix, json_t *other)
{
    bool object = pdp__json_is(doc, ix, PDP__JSON_OBJECT);
    size_t cnt = object ? json_object_size(other) : json_array_size(other);
    if (doc->nodes[ix].cnt != cnt) {
        return false;
    }
    size_t item = 0;
    PDP__JSON_EACH(doc, ix, child)
    {
        pdp_str_t key = pdp__json_key(doc, child);
        char name[TEXT_MAX + 1];
        memcpy(name, key.ptr, key.len);
        name[key.len] = '\0';
        json_t *twin = object ? json_object_get(other, name)
                              : json_array_get(other, item++);
        if (twin == NULL || !same_value(doc, child, twin)) {
            return false;
        }
    }
    return true;
}

static bool
same_number(const struct pdp__json_doc *doc, uint32_t ix, json_t *other)
{
    int64_t value = 0;
    if (json_is_integer(other)) {
        return pdp__json_int(doc, ix, &value) &&
               value == json_integer_value(other);
    }
    int64_t high = 0;
    double real = json_real_value(other);
    if (pdp__json_int(doc, ix, &value) ||
        !pdp__json_seconds(doc, ix, &value, &high)) {
        return false;
    }
    /* as far as a double can tell */
    return real < -9e15 || real > 9e15 ||
           ((double)value <= real && real <= (double)high);
}

static bool
same_value(const struct pdp__json_doc *doc, uint32_t ix, json_t *other)
{
    switch ((enum pdp__json_type)doc->nodes[ix].type) {
    case PDP__JSON_NULL:
        return json_is_null(other);
    case PDP__JSON_FALSE:
        return json_is_false(other);
    case PDP__JSON_TRUE:
        return json_is_true(other);
    case PDP__JSON_NUMBER:
        return json_is_number(other) && same_number(doc, ix, other);
    case PDP__JSON_STRING:
        return json_is_string(other) && pdp__str_eq(pdp__json_text(doc, ix),
                                            pdp__str(json_string_value(other),
                                                json_string_length(other)));
    case PDP__JSON_ARRAY:
        return json_is_array(other) && same_children(doc, ix, other);
    case PDP__JSON_OBJECT:
        return json_is_object(other) && same_children(doc, ix, other);
    }
    return false;
}

struct counts {
    unsigned both, neither, depth, number, nul;
};

/* Whether the number at offset is no integer. */
static bool
is_real(const struct text *text, size_t offset)
{
    for (size_t i = offset; i < text->len; i++) {
        char c = text->bytes[i];
        if (c == '.' || c == 'e' || c == 'E') {
            return true;
        }
        if (c != '-' && (c < '0' || c > '9')) {
            return false;
        }
    }
    return false;
}

/* Of what jansson accepts and we do not. */
static void
assert_allowed(const struct text *text, const struct pdp__json_doc *doc,
    struct counts *counts)
{
    size_t at = doc->error_offset;
    if (doc->error == PDP__JSON_E_DEPTH) {
        counts->depth++;
    } else if (doc->error == PDP__JSON_E_NUMBER && is_real(text, at)) {
        counts->number++;
    } else if ((doc->error == PDP__JSON_E_SYNTAX ||
                   doc->error == PDP__JSON_E_TRAILING) &&
               at > 0 && at < text->len && text->bytes[at] == '\0' &&
               strchr("0123456789el", text->bytes[at - 1]) != NULL) {
        counts->nul++;
    } else {
        fail_msg("only we refuse (%s at %zu): %.*s",
            pdp__json_error_text(doc->error), at, (int)text->len, text->bytes);
    }
}

static void
compare(const struct text *text, struct counts *counts)
{
    char *copy = malloc(text->len == 0 ? 1 : text->len);
    assert_non_null(copy);
    memcpy(copy, text->bytes, text->len);
    json_t *other = json_loadb(text->bytes, text->len,
        JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, NULL);
    struct pdp__json_doc doc;
    bool good = pdp__json_read(copy, text->len, nodes, NODES_MAX, &doc);

    if (good && (other == NULL || !same_value(&doc, 0, other))) {
        fail_msg("%s: %.*s", other == NULL ? "only we accept" : "values differ",
            (int)text->len, text->bytes);
    }
    if (!good && other != NULL) {
        assert_allowed(text, &doc, counts);
    }
    counts->both += good;
    counts->neither += !good && other == NULL;
    json_decref(other);
    free(copy);
}

static void
test_mutations(void **state)
{
    (void)state;
    struct counts counts = {0};
    uint32_t seed = 20260;
    for (size_t i = 0; i < sizeof(seeds) / sizeof(seeds[0]); i++) {
        unsigned before = counts.both;
        for (unsigned round = 0; round < MUTATIONS; round++) {
            static struct text text;
            text.len = seeds[i].len;
            memcpy(text.bytes, seeds[i].ptr, seeds[i].len);
            for (unsigned steps = round % 4; steps > 0; steps--) {
                mutate(&text, &seed);
            }
            compare(&text, &counts);
            if (round == 0) {
                assert_int_equal(counts.both, before + 1); /* the seed */
            }
        }
    }
    print_message("both accept %u, both refuse %u, only jansson accepts: "
                  "depth %u, number %u, 00 byte %u\n",
        counts.both, counts.neither, counts.depth, counts.number, counts.nul);
    /* the mutations are of use: both outcomes are there */
    assert_true(counts.both > 3000 && counts.neither > 3000);
}

/* One text for each difference that is allowed. */
static void
test_allowed_differences(void **state)
{
    (void)state;
    static const pdp_str_t texts[] = {
        PDP__LIT_INIT("[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[1"
                      "]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]"),
        PDP__LIT_INIT("[1e-308]"),
        PDP__LIT_INIT("1e-400"),
        PDP__LIT_INIT("[-1.7e308]"),
        PDP__LIT_INIT("[1\0]"),
        PDP__LIT_INIT("null\0"),
    };
    struct counts counts = {0};
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        static struct text text;
        text.len = texts[i].len;
        memcpy(text.bytes, texts[i].ptr, text.len);
        compare(&text, &counts);
    }
    assert_int_equal(counts.both + counts.neither, 0);
    assert_int_equal(counts.depth, 1);
    assert_int_equal(counts.number, 3);
    assert_int_equal(counts.nul, 2);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_mutations),
        cmocka_unit_test(test_allowed_differences),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
