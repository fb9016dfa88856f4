/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include "text/base64url.h"

#include "fuzz.h"

/*
 * base64url both ways.  A text that is accepted must be what its bytes are
 * encoded to (one spelling a value), and any bytes must come back; decoding
 * in place must not differ from decoding elsewhere.  What is accepted, and
 * where a fault is, is also told by a second reading, one bit at a time.
 */

static int
value_of(char c)
{
    static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                   "abcdefghijklmnopqrstuvwxyz0123456789-_";
    const char *hit = c == '\0' ? NULL : strchr(alphabet, c);
    return hit == NULL ? -1 : (int)(hit - alphabet);
}

/* The bytes of text into out, or false and where the fault is. */
static bool
model(pdp_str_t text, unsigned char *out, size_t *fault)
{
    size_t bits = 0;
    for (*fault = 0; *fault < text.len; (*fault)++) {
        if (value_of(text.ptr[*fault]) < 0) {
            return false;
        }
    }
    if (text.len % 4 == 1) {
        return false;
    }
    for (size_t i = 0; i < 6 * text.len; i++, bits++) {
        int bit = value_of(text.ptr[i / 6]) >> (5 - i % 6) & 1;
        if (bits / 8 < text.len * 3 / 4) {
            out[bits / 8] = (unsigned char)(out[bits / 8] << 1 | bit);
        } else if (bit != 0) {
            *fault = text.len - 1; /* one that spares should not have */
            return false;
        }
    }
    return true;
}

static void
check_decode(pdp_str_t text)
{
    size_t cap = pdp__base64url_size(text.len);
    unsigned char *out = take(cap);
    char *again = take(text.len);
    size_t len = 0;
    size_t offset = 0;
    size_t again_len = 0;
    size_t again_offset = 0;
    bool good = pdp__base64url_decode(text, out, cap, &len, &offset);

    memcpy(again, text.ptr, text.len);
    MUST(
        pdp__base64url_decode(pdp__str(again, text.len), (unsigned char *)again,
            text.len, &again_len, &again_offset) == good);
    MUST(again_len == len && again_offset == offset && offset <= text.len);
    unsigned char *expected = take(text.len);
    size_t fault;
    MUST(model(text, expected, &fault) == good && fault == offset);
    MUST(!good || memcmp(expected, out, cap) == 0);
    free(expected);
    if (good) {
        MUST(len == cap && memcmp(again, out, len) == 0);
        MUST(pdp__base64url_encode(out, len, again, text.len) == text.len);
        MUST(memcmp(again, text.ptr, text.len) == 0);
    } else {
        MUST(len == 0);
        /* the whole groups before the fault are good */
        size_t whole = offset / 4 * 4;
        MUST(pdp__base64url_decode(pdp__str(text.ptr, whole), out, cap, &len,
            &again_offset));
    }
    free(again);
    free(out);
}

static void
check_encode(const uint8_t *data, size_t size)
{
    size_t cap = size / 3 * 4 + 4;
    char *text = take(cap);
    size_t len = pdp__base64url_encode(data, size, text, cap);
    unsigned char *out = take(size);
    size_t out_len = 0;
    size_t offset = 0;

    MUST(pdp__base64url_size(len) == size);
    MUST(len == 0 || pdp__base64url_encode(data, size, text, len - 1) == 0);
    MUST(pdp__base64url_decode(pdp__str(text, len), out, size, &out_len,
        &offset));
    MUST(out_len == size && memcmp(out, data, size) == 0);
    free(out);
    free(text);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size > 0) { /* data may be NULL otherwise */
        check_decode(pdp__str((const char *)data, size));
        check_encode(data, size);
    }
    return 0;
}
