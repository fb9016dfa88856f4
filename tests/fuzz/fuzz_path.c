/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */

/*
 * text/path.c against a second reading of the rules: one plain loop for
 * each of them, in the order of the contract, without tables or marks.
 * Both must agree on the reason and the offset.  What is accepted must be
 * put together again from its segments, hold nothing a server could read as
 * something else, be what a plain decoder makes of it, and stay the same
 * when its canonical form is parsed.
 */

#include "fuzz.h"
#include "text/path.h"

struct verdict {
    pdp_reason_t reason; /* PERMITTED: accepted */
    size_t offset;
};

static struct verdict
verdict(pdp_reason_t reason, size_t offset)
{
    return (struct verdict){reason, offset};
}

static bool
is_one_of(char c, const char *set)
{
    return c != '\0' && strchr(set, c) != NULL;
}

static bool
is_unreserved(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           (c >= '0' && c <= '9') || is_one_of(c, "-._~");
}

/* C4 to C8 for the byte or escape at text[at]; *c is what it stands for. */
static pdp_reason_t
model_byte(pdp_str_t segment, size_t at, char *c, size_t *width)
{
    static const char hex[] = "0123456789abcdefABCDEF";
    *c = segment.ptr[at];
    *width = 1;
    if (*c == ';') {
        return PDP_REASON_DELIMITER;
    }
    if (*c != '%') {
        return PDP_REASON_PERMITTED;
    }
    if (segment.len - at < 3 || !is_one_of(segment.ptr[at + 1], hex) ||
        !is_one_of(segment.ptr[at + 2], hex)) {
        return PDP_REASON_BAD_PERCENT;
    }
    char digits[3] = {segment.ptr[at + 1], segment.ptr[at + 2], '\0'};
    unsigned long value = strtoul(digits, NULL, 16);
    *c = (char)value;
    *width = 3;
    if (is_unreserved(*c)) {
        return PDP_REASON_OVERENCODED;
    }
    if (value < 0x20 || value == 0x7F) {
        return PDP_REASON_CONTROL;
    }
    if (value >= 0x80) {
        return PDP_REASON_NON_ASCII;
    }
    return is_one_of(*c, "%\\;?#") ? PDP_REASON_DELIMITER
                                   : PDP_REASON_PERMITTED;
}

static bool
is_dots(pdp_str_t part)
{
    return part.len == 0 || pdp__str_eq(part, PDP__LIT(".")) ||
           pdp__str_eq(part, PDP__LIT(".."));
}

/* One segment, which begins at offset base of the target. */
static struct verdict
model_segment(pdp_str_t segment, size_t base)
{
    char c;
    size_t width;
    if (segment.len == 0) {
        return verdict(PDP_REASON_EMPTY_SEGMENT, base);
    }
    for (size_t at = 0; at < segment.len; at += width) {
        pdp_reason_t reason = model_byte(segment, at, &c, &width);
        if (reason != PDP_REASON_PERMITTED) {
            return verdict(reason, base + at);
        }
    }
    /* An encoded dot was refused, so the raw parts tell. */
    size_t start = 0;
    for (size_t at = 0; at < segment.len; at += width) {
        (void)model_byte(segment, at, &c, &width);
        if (c == '/') {
            if (is_dots(pdp__str(segment.ptr + start, at - start))) {
                return verdict(PDP_REASON_DOT_SEGMENT, base + start);
            }
            start = at + width;
        }
    }
    if (is_dots(pdp__str_from(segment, start))) {
        return verdict(PDP_REASON_DOT_SEGMENT, base + start);
    }
    return verdict(PDP_REASON_PERMITTED, 0);
}

static struct verdict
model_bytes(pdp_str_t target)
{
    bool query = false;
    for (size_t at = 0; at < target.len; at++) {
        char c = target.ptr[at];
        bool good = query
                        ? c > ' ' && c < '\x7F' && c != '#'
                        : is_unreserved(c) || is_one_of(c, "!$&'()*+,;=:@/%?");
        if (!good) {
            return verdict(PDP_REASON_BAD_BYTE, at);
        }
        query = query || c == '?';
    }
    return verdict(PDP_REASON_PERMITTED, 0);
}

static struct verdict
model(pdp_str_t target)
{
    if (target.len > 4096) {
        return verdict(PDP_REASON_TOO_LONG, 4096);
    }
    if (target.len == 0 || target.ptr[0] != '/') {
        return verdict(PDP_REASON_TARGET_FORM, 0);
    }
    if (target.len >= 2 && target.ptr[1] == '/') {
        return verdict(PDP_REASON_TARGET_FORM, 1);
    }
    struct verdict result = model_bytes(target);
    if (result.reason != PDP_REASON_PERMITTED) {
        return result;
    }
    pdp_str_t path = pdp__str(target.ptr, pdp__str_find(target, '?', 0));
    size_t slashes = 0;
    for (size_t at = 0; at < path.len; at++) {
        slashes += path.ptr[at] == '/' ? 1 : 0;
        if (slashes == 33) {
            return verdict(PDP_REASON_TOO_LONG, at);
        }
    }
    for (size_t start = 1; start <= path.len;) {
        size_t end = pdp__str_find(path, '/', start);
        result = model_segment(pdp__str(path.ptr + start, end - start), start);
        if (result.reason != PDP_REASON_PERMITTED) {
            return result;
        }
        start = end + 1;
    }
    return result;
}

/* decoded is raw with each escape replaced, and nothing else. */
static void
check_decoded(pdp_str_t raw, pdp_str_t decoded)
{
    size_t at = 0;
    for (size_t i = 0; i < decoded.len; i++) {
        char c;
        size_t width;
        MUST(at < raw.len);
        (void)model_byte(raw, at, &c, &width);
        MUST(decoded.ptr[i] == c);
        at += width;
    }
    MUST(at == raw.len);
}

/* The path as it was but for the digits of escapes, now in upper case. */
static void
check_canonical(pdp_str_t canonical, pdp_str_t raw)
{
    MUST(canonical.len == raw.len);
    for (size_t i = 0; i < raw.len; i++) {
        bool digit = (i >= 1 && raw.ptr[i - 1] == '%') ||
                     (i >= 2 && raw.ptr[i - 2] == '%');
        bool lower = digit && is_one_of(raw.ptr[i], "abcdef");
        MUST(canonical.ptr[i] == (lower ? raw.ptr[i] - 32 : raw.ptr[i]));
    }
}

/* What is true of every accepted path. */
static void
check_accepted(pdp_str_t target, const struct pdp__path *path)
{
    size_t at = 0;
    MUST(path->cnt >= 1 && path->cnt <= PDP__SEGMENT_MAX);
    for (uint32_t i = 0; i < path->cnt; i++) {
        const struct pdp__segment *segment = &path->segments[i];
        MUST(target.ptr[at] == '/');
        MUST(segment->raw.ptr == target.ptr + at + 1);
        at += 1 + segment->raw.len;
        bool slash = false;
        for (size_t k = 0; k < segment->decoded.len; k++) {
            char c = segment->decoded.ptr[k];
            MUST(c >= ' ' && c < '\x7F' && !is_one_of(c, "%\\;?#"));
            slash = slash || c == '/';
        }
        MUST(slash == segment->slash);
        check_decoded(segment->raw, segment->decoded);
        MUST(!is_dots(segment->decoded));
        MUST(segment->encoded ==
             (pdp__str_find(segment->raw, '%', 0) < segment->raw.len));
        MUST(segment->encoded || segment->decoded.ptr == segment->raw.ptr);
    }
    check_canonical(path->canonical, pdp__str(target.ptr, at));
    if (path->query.ptr == NULL) {
        MUST(at == target.len);
    } else {
        MUST(target.ptr[at] == '?');
        MUST(pdp__str_eq(path->query, pdp__str_from(target, at + 1)));
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static char buf[2 * PDP__TARGET_MAX];
    static char again_buf[2 * PDP__TARGET_MAX];
    static struct pdp__path path;
    static struct pdp__path again;
    pdp_str_t target = {(const char *)data, size};
    pdp_reason_t reason = PDP_REASON_INTERNAL;
    struct verdict expected = model(target);

    bool accepted = pdp__path_parse(target, buf, sizeof(buf), &path, &reason);
    MUST(accepted == (expected.reason == PDP_REASON_PERMITTED));
    if (!accepted) {
        MUST(reason == expected.reason);
        MUST(path.offset == expected.offset);
        MUST(path.cnt == 0);
        return 0;
    }
    check_accepted(target, &path);
    MUST(pdp__path_parse(path.canonical, again_buf, sizeof(again_buf), &again,
        &reason));
    MUST(again.cnt == path.cnt);
    MUST(again.canonical.ptr == path.canonical.ptr);
    for (uint32_t i = 0; i < path.cnt; i++) {
        MUST(pdp__str_eq(again.segments[i].decoded, path.segments[i].decoded));
    }
    return 0;
}
