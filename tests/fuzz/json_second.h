/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#ifndef PDP_TESTS_JSON_SECOND_H
#define PDP_TESTS_JSON_SECOND_H

/*
 * A second opinion on JSON: our reader and jansson (with
 * JSON_REJECT_DUPLICATES) read the same text.  They must agree on whether it
 * is JSON and, if so, on every value.  What may differ, and only in this
 * direction:
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

#include <string.h>

#include <jansson.h>

#include "text/json_read.h"

enum second_opinion {
    SECOND_BOTH,    /* both accept, and all values are the same */
    SECOND_NEITHER, /* both refuse */
    SECOND_DEPTH,   /* differences that are allowed */
    SECOND_NUMBER,
    SECOND_NUL,
    SECOND_WRONG /* one that is not; see below */
};

static inline bool second_same(const struct pdp__json_doc *doc, uint32_t ix,
    json_t *other);

static inline bool
second_same_children(const struct pdp__json_doc *doc, uint32_t ix,
    json_t *other)
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
        json_t *twin = object ? json_object_getn(other, key.ptr, key.len)
                              : json_array_get(other, item++);
        if (twin == NULL || !second_same(doc, child, twin)) {
            return false;
        }
    }
    return true;
}

static inline bool
second_same_number(const struct pdp__json_doc *doc, uint32_t ix, json_t *other)
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

static inline bool
second_same(const struct pdp__json_doc *doc, uint32_t ix, json_t *other)
{
    switch ((enum pdp__json_type)doc->nodes[ix].type) {
    case PDP__JSON_NULL:
        return json_is_null(other);
    case PDP__JSON_FALSE:
        return json_is_false(other);
    case PDP__JSON_TRUE:
        return json_is_true(other);
    case PDP__JSON_NUMBER:
        return json_is_number(other) && second_same_number(doc, ix, other);
    case PDP__JSON_STRING:
        return json_is_string(other) && pdp__str_eq(pdp__json_text(doc, ix),
                                            pdp__str(json_string_value(other),
                                                json_string_length(other)));
    case PDP__JSON_ARRAY:
        return json_is_array(other) && second_same_children(doc, ix, other);
    case PDP__JSON_OBJECT:
        return json_is_object(other) && second_same_children(doc, ix, other);
    }
    return false;
}

/* Whether the number at offset is no integer. */
static inline bool
second_is_real(pdp_str_t text, size_t offset)
{
    for (size_t i = offset; i < text.len; i++) {
        char c = text.ptr[i];
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
static inline enum second_opinion
second_difference(pdp_str_t text, const struct pdp__json_doc *doc)
{
    size_t at = doc->error_offset;
    if (doc->error == PDP__JSON_E_DEPTH) {
        return SECOND_DEPTH;
    }
    if (doc->error == PDP__JSON_E_NUMBER && second_is_real(text, at)) {
        return SECOND_NUMBER;
    }
    if ((doc->error == PDP__JSON_E_SYNTAX ||
            doc->error == PDP__JSON_E_TRAILING) &&
        at > 0 && at < text.len && text.ptr[at] == '\0' &&
        strchr("0123456789el", text.ptr[at - 1]) != NULL) {
        return SECOND_NUL;
    }
    return SECOND_WRONG;
}

/* text as it was given; doc what our reader made of a copy of it, good what
 * it returned. */
static inline enum second_opinion
second_opinion(pdp_str_t text, const struct pdp__json_doc *doc, bool good)
{
    json_t *other = json_loadb(text.ptr, text.len,
        JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, NULL);
    enum second_opinion result = SECOND_WRONG;

    if (other == NULL) {
        result = good ? SECOND_WRONG : SECOND_NEITHER;
    } else if (!good) {
        result = second_difference(text, doc);
    } else if (second_same(doc, 0, other)) {
        result = SECOND_BOTH;
    }
    json_decref(other);
    return result;
}

#endif
