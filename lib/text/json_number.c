/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include "text/json_read.h"

/*
 * JSON numbers in decimal arithmetic: grammar, range and value, without
 * floating point.  A time limit that went through a double would be off by
 * its rounding, and strtod() depends on the locale.
 *
 * Everything is derived from one split of the text (sign, whole digits,
 * fraction digits, exponent).  The exponent saturates far outside any
 * range, so that it can be added to a digit's place without overflow: a
 * text has less than 2^32 digits.
 *
 * RFC 8259 6 (grammar), RFC 7519 2 (NumericDate may have a fraction).
 * Cost: one or two passes over the digits.
 */

#define EXPONENT_CAP INT64_C(1000000000000)

enum { PLACE_MAX = 307 }; /* of the first significant digit, either way */

struct decimal {
    bool negative;
    bool integer;     /* neither fraction nor exponent */
    pdp_str_t whole;  /* at least one digit, no leading zero */
    pdp_str_t part;   /* digits after the point */
    int64_t exponent; /* saturated at +-EXPONENT_CAP */
};

static bool
is_digit(pdp_str_t text, size_t i)
{
    return i < text.len && text.ptr[i] >= '0' && text.ptr[i] <= '9';
}

static size_t
skip_digits(pdp_str_t text, size_t i)
{
    while (is_digit(text, i)) {
        i++;
    }
    return i;
}

/* From the `e` at *i; false when no digit follows. */
static bool
split_exponent(pdp_str_t text, size_t *i, int64_t *exponent)
{
    size_t at = *i + 1;
    bool negative = false;
    if (at < text.len && (text.ptr[at] == '+' || text.ptr[at] == '-')) {
        negative = text.ptr[at] == '-';
        at++;
    }
    *i = at;
    if (!is_digit(text, at)) {
        return false;
    }
    int64_t value = 0;
    for (; is_digit(text, at); at++) {
        if (value < EXPONENT_CAP) {
            value = value * 10 + (text.ptr[at] - '0');
        }
    }
    *i = at;
    *exponent = negative ? -value : value;
    return true;
}

/* The number text begins with.  *used: its length, or where the grammar
 * is broken (false). */
static bool
split(pdp_str_t text, struct decimal *out, size_t *used)
{
    *out = (struct decimal){.integer = true};
    size_t i = 0;
    if (i < text.len && text.ptr[i] == '-') {
        out->negative = true;
        i++;
    }
    size_t start = i;
    i = is_digit(text, i) && text.ptr[i] == '0' ? i + 1 : skip_digits(text, i);
    *used = i;
    if (i == start || is_digit(text, i)) {
        return false; /* no digit, or one after a leading zero */
    }
    out->whole = pdp__str(text.ptr + start, i - start);
    if (i < text.len && text.ptr[i] == '.') {
        start = i + 1;
        i = skip_digits(text, start);
        *used = i;
        if (i == start) {
            return false;
        }
        out->integer = false;
        out->part = pdp__str(text.ptr + start, i - start);
    }
    if (i < text.len && (text.ptr[i] == 'e' || text.ptr[i] == 'E')) {
        out->integer = false;
        bool good = split_exponent(text, &i, &out->exponent);
        *used = i;
        return good;
    }
    return true;
}

/* The value of an integer, if int64 can hold it. */
static bool
integer_value(const struct decimal *number, int64_t *out)
{
    if (number->whole.len > 19) {
        return false; /* 19 digits cannot overflow uint64 below */
    }
    uint64_t value = 0;
    for (size_t i = 0; i < number->whole.len; i++) {
        value = value * 10 + (uint64_t)(number->whole.ptr[i] - '0');
    }
    if (value <= (uint64_t)INT64_MAX) {
        *out = number->negative ? -(int64_t)value : (int64_t)value;
        return true;
    }
    *out = INT64_MIN;
    return number->negative && value == (uint64_t)INT64_MAX + 1;
}

/* Whether every reader takes it for a finite number that is not zero,
 * unless all its digits are. */
static bool
in_range(const struct decimal *number)
{
    int64_t place = 0; /* decimal exponent of the first significant digit */
    if (number->whole.ptr[0] != '0') {
        place = (int64_t)number->whole.len - 1;
    } else {
        size_t zeros = 0;
        while (zeros < number->part.len && number->part.ptr[zeros] == '0') {
            zeros++;
        }
        if (zeros == number->part.len) {
            return true;
        }
        place = -(int64_t)zeros - 1;
    }
    place += number->exponent;
    return place >= -PLACE_MAX && place <= PLACE_MAX;
}

enum pdp__json_error
pdp__json_number_scan(pdp_str_t text, size_t *used)
{
    struct decimal number;
    if (!split(text, &number, used)) {
        return PDP__JSON_E_SYNTAX;
    }
    int64_t ignored = 0;
    if (number.integer ? integer_value(&number, &ignored) : in_range(&number)) {
        return PDP__JSON_OK;
    }
    *used = 0;
    return PDP__JSON_E_NUMBER;
}

/* Splits the text of a number node; false if it is none. */
static bool
split_node(const struct pdp__json_doc *doc, uint32_t ix, struct decimal *out)
{
    if (!pdp__json_is(doc, ix, PDP__JSON_NUMBER)) {
        return false;
    }
    pdp_str_t text = pdp__json_text(doc, ix);
    size_t used = 0;
    return split(text, out, &used) && used == text.len;
}

bool
pdp__json_int(const struct pdp__json_doc *doc, uint32_t ix, int64_t *out)
{
    struct decimal number;
    int64_t value = 0;
    if (!split_node(doc, ix, &number) || !number.integer ||
        !integer_value(&number, &value)) {
        return false;
    }
    *out = value;
    return true;
}

/* value * 10 + digit; sticks at UINT64_MAX. */
static uint64_t
append_digit(uint64_t value, char digit)
{
    if (value > (UINT64_MAX - 9) / 10) {
        return UINT64_MAX;
    }
    return value * 10 + (uint64_t)(digit - '0');
}

/* The whole part of |number|; *rest: whether something is after the point. */
static uint64_t
magnitude(const struct decimal *number, bool *rest)
{
    /* how many digits, counted from the first, stand before the point */
    int64_t before = (int64_t)number->whole.len + number->exponent;
    int64_t cnt = (int64_t)(number->whole.len + number->part.len);
    uint64_t value = 0;
    *rest = false;
    for (int64_t i = 0; i < cnt; i++) {
        size_t at = (size_t)i;
        const char *digit = at < number->whole.len
                                ? number->whole.ptr + at
                                : number->part.ptr + (at - number->whole.len);
        if (i < before) {
            value = append_digit(value, *digit);
        } else if (*digit != '0') {
            *rest = true;
            break;
        }
    }
    for (int64_t i = cnt; i < before && value != 0 && value != UINT64_MAX;
         i++) {
        value = append_digit(value, '0');
    }
    return value;
}

/* +-value, clamped to int64. */
static int64_t
clamp(bool negative, uint64_t value)
{
    if (value <= (uint64_t)INT64_MAX) {
        return negative ? -(int64_t)value : (int64_t)value;
    }
    return negative ? INT64_MIN : INT64_MAX;
}

bool
pdp__json_seconds(const struct pdp__json_doc *doc, uint32_t ix, int64_t *floor,
    int64_t *ceil)
{
    struct decimal number;
    if (!split_node(doc, ix, &number)) {
        return false;
    }
    bool rest = false;
    uint64_t toward_zero = magnitude(&number, &rest);
    uint64_t away = toward_zero;
    if (rest && away != UINT64_MAX) {
        away++;
    }
    *floor = clamp(number.negative, number.negative ? away : toward_zero);
    *ceil = clamp(number.negative, number.negative ? toward_zero : away);
    return true;
}
