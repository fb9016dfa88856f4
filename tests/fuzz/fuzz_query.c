/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */

/*
 * text/query.c: the pairs of any text give the text again, a decoded value
 * is UTF-8 without controls and survives being encoded and decoded once
 * more, and the lenient search finds at least what the strict reading finds.
 */

#include <stdio.h>
#include <stdlib.h>

#include "text/query.h"
#include "text/utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define CHECK(condition)                                                       \
    do {                                                                       \
        if (!(condition)) {                                                    \
            fprintf(stderr, "line %d: %s\n", __LINE__, #condition);            \
            abort();                                                           \
        }                                                                      \
    } while (0)

enum { TEXT_MAX = 4096 };

/* Encodes every byte, which is the longest form there is. */
static pdp_str_t
encode(pdp_str_t text, char *out)
{
    static const char hex[] = "0123456789abcdef";
    for (size_t i = 0; i < text.len; i++) {
        unsigned byte = (unsigned char)text.ptr[i];
        out[3 * i] = '%';
        out[3 * i + 1] = hex[byte >> 4];
        out[3 * i + 2] = hex[byte & 15];
    }
    return pdp__str(out, 3 * text.len);
}

/* The strict reading of one name or value; true if it is decoded. */
static bool
check_decode(pdp_str_t raw, char *buf, pdp_str_t *out)
{
    static char encoded[3 * TEXT_MAX];
    static char again_buf[TEXT_MAX];
    pdp_str_t again;
    size_t offset = SIZE_MAX;

    if (!pdp__query_decode(raw, buf, TEXT_MAX, out, &offset)) {
        CHECK(offset < raw.len);
        return false;
    }
    CHECK(out->len <= raw.len);
    CHECK(pdp__str_find(raw, ';', 0) == raw.len);
    CHECK(pdp__utf8_check(*out) == out->len);
    for (size_t i = 0; i < out->len; i++) {
        unsigned byte = (unsigned char)out->ptr[i];
        CHECK(byte >= 0x20 && byte != 0x7F);
    }
    CHECK(pdp__query_decode(encode(*out, encoded), again_buf, TEXT_MAX, &again,
        &offset));
    CHECK(pdp__str_eq(again, *out));
    if (out->len > 0) {
        CHECK(
            !pdp__query_decode(raw, again_buf, out->len - 1, &again, &offset));
    }
    return true;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static char buf[TEXT_MAX];
    pdp_str_t query = {(const char *)data, size};
    pdp_str_t method = PDP__LIT("_method");
    struct pdp__query_pair pair;
    size_t cursor = 0;
    size_t at = 0; /* everything before has been accounted for */

    if (size > TEXT_MAX) {
        return 0;
    }
    bool anywhere = pdp__query_may_be(query, method);
    while (pdp__query_next(query, &cursor, &pair)) {
        pdp_str_t decoded;
        for (; at < pair.offset; at++) {
            CHECK(query.ptr[at] == '&');
        }
        CHECK(pair.raw_name.ptr == query.ptr + at);
        at += pair.raw_name.len;
        if (pair.raw_value.ptr != NULL) {
            CHECK(query.ptr[at] == '=');
            CHECK(pair.raw_value.ptr == query.ptr + at + 1);
            at += 1 + pair.raw_value.len;
        }
        CHECK(at == query.len || query.ptr[at] == '&');
        CHECK(cursor == (at == query.len ? at : at + 1));

        (void)check_decode(pair.raw_value, buf, &decoded);
        bool here = pdp__query_may_be(pair.raw_name, method);
        CHECK(anywhere || !here);
        if (check_decode(pair.raw_name, buf, &decoded)) {
            CHECK(here || !pdp__str_eq_nocase(decoded, method));
        }
    }
    for (; at < query.len; at++) {
        CHECK(query.ptr[at] == '&');
    }
    return 0;
}
