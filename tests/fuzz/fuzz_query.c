/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */

/*
 * text/query.c: the pairs of any text give the text again, a decoded value
 * is UTF-8 without controls and survives being encoded and decoded once
 * more, a second decoder accepts the same texts and makes the same of them,
 * and the lenient search finds at least what the strict reading finds.
 */

#include "fuzz.h"
#include "text/query.h"
#include "text/utf8.h"

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

/* Another decoder: the bytes of raw into out, or false.  Whether they are
 * UTF-8 is for the caller. */
static bool
model_decode(pdp_str_t raw, char *out, size_t *len)
{
    static const char hex[] = "0123456789abcdef";
    *len = 0;
    for (size_t i = 0; i < raw.len; i++) {
        unsigned char c = (unsigned char)raw.ptr[i];
        if (c == '%') {
            char high = '\0';
            char low = '\0';
            if (i + 2 < raw.len) {
                high = pdp__lower(raw.ptr[i + 1]);
                low = pdp__lower(raw.ptr[i + 2]);
            }
            if (high == '\0' || low == '\0' || strchr(hex, high) == NULL ||
                strchr(hex, low) == NULL) {
                return false;
            }
            c = (unsigned char)((strchr(hex, high) - hex) * 16 +
                                (strchr(hex, low) - hex));
            i += 2;
        } else if (c == ';') {
            return false;
        } else if (c == '+') {
            c = ' ';
        }
        if (c < ' ' || c == 0x7F) {
            return false;
        }
        out[(*len)++] = (char)c;
    }
    return true;
}

/* The strict reading of one name or value; true if it is decoded. */
static bool
check_decode(pdp_str_t raw, char *buf, pdp_str_t *out)
{
    static char encoded[3 * TEXT_MAX];
    static char again_buf[TEXT_MAX];
    static char model[TEXT_MAX];
    size_t model_len = 0;
    pdp_str_t again;
    size_t offset = SIZE_MAX;

    bool good = pdp__query_decode(raw, buf, TEXT_MAX, out, &offset);
    bool expected = model_decode(raw, model, &model_len) &&
                    pdp__utf8_check(pdp__str(model, model_len)) == model_len;
    MUST(good == expected);
    MUST(!good || pdp__str_eq(*out, pdp__str(model, model_len)));
    if (!good) {
        MUST(offset < raw.len);
        return false;
    }
    MUST(out->len <= raw.len);
    MUST(pdp__str_find(raw, ';', 0) == raw.len);
    MUST(pdp__utf8_check(*out) == out->len);
    for (size_t i = 0; i < out->len; i++) {
        unsigned byte = (unsigned char)out->ptr[i];
        MUST(byte >= 0x20 && byte != 0x7F);
    }
    MUST(pdp__query_decode(encode(*out, encoded), again_buf, TEXT_MAX, &again,
        &offset));
    MUST(pdp__str_eq(again, *out));
    if (out->len > 0) {
        MUST(!pdp__query_decode(raw, again_buf, out->len - 1, &again, &offset));
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
            MUST(query.ptr[at] == '&');
        }
        MUST(pair.raw_name.ptr == query.ptr + at);
        at += pair.raw_name.len;
        if (pair.raw_value.ptr != NULL) {
            MUST(query.ptr[at] == '=');
            MUST(pair.raw_value.ptr == query.ptr + at + 1);
            at += 1 + pair.raw_value.len;
        }
        MUST(at == query.len || query.ptr[at] == '&');
        MUST(cursor == (at == query.len ? at : at + 1));

        (void)check_decode(pair.raw_value, buf, &decoded);
        bool here = pdp__query_may_be(pair.raw_name, method);
        MUST(anywhere || !here);
        if (check_decode(pair.raw_name, buf, &decoded)) {
            MUST(here || !pdp__str_eq_nocase(decoded, method));
        }
    }
    for (; at < query.len; at++) {
        MUST(query.ptr[at] == '&');
    }
    return 0;
}
