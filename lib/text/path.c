/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */

/*
 * Request target -> segments: the second stage of every request, and the
 * one that decides whether this library and the server behind it speak of
 * the same path.  Every gateway that repaired paths has been bypassed by a
 * form it repaired in another way than the server; so nothing is repaired
 * here except the case of hexadecimal digits.
 *
 * Two passes, because the order of the checks is a contract: a bad byte at
 * the end of the query comes before an empty first segment.  The first pass
 * looks each byte up once, notes where segments begin, and marks in one bit
 * per segment those that hold an escape or a ';', are empty, or look like
 * dots.  The second visits the marked ones only, so a plain path is read
 * once, copied nowhere, and split into slices of the target.
 *
 * The buffer is used in two halves: first the canonical path, if it differs
 * from what came, then the decoded segments.  Neither can be longer than
 * the path.
 *
 * RFC 3986 2.2, 2.3, 3.3, 5.2.4 and 6.2.2.1.  Not here: routes, parameters
 * and their grammar, the meaning of the query (text/query.c), the method.
 */

#include "text/path.h"

/* What a byte may be.  A byte without any bit is refused everywhere. */
enum {
    TEXT = 0x01,       /* inside a segment: pchar of RFC 3986, and '%' */
    QUERY = 0x02,      /* inside a query: 21-7E without '#' */
    SOLID = 0x04,      /* TEXT other than '.' */
    DOUBT = 0x08,      /* '%' and ';': the segment needs the second pass */
    UNRESERVED = 0x10, /* never needs to be encoded, RFC 3986 2.3 */
    PERCENT = 0x20
};

enum {
    NO = 0,
    QO = QUERY,                                 /* query only */
    UN = TEXT | QUERY | SOLID | UNRESERVED,     /* letters, digits, - _ ~ */
    SD = TEXT | QUERY | SOLID,                  /* sub-delims : @ */
    DT = TEXT | QUERY | UNRESERVED,             /* . */
    SC = TEXT | QUERY | SOLID | DOUBT,          /* ; */
    PC = TEXT | QUERY | SOLID | DOUBT | PERCENT /* % */
};

/* '/' and '?' end a segment, so they are not TEXT; 80-FF are NO. */
static const uint8_t classes[256] = {
    /* clang-format off */
    NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, /* 00 */
    NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, /* 10 */
    NO, SD, QO, NO, SD, PC, SD, SD, SD, SD, SD, SD, SD, UN, DT, QO, /* 20 */
    UN, UN, UN, UN, UN, UN, UN, UN, UN, UN, SD, SC, QO, SD, QO, QO, /* 30 */
    SD, UN, UN, UN, UN, UN, UN, UN, UN, UN, UN, UN, UN, UN, UN, UN, /* 40 */
    UN, UN, UN, UN, UN, UN, UN, UN, UN, UN, UN, QO, QO, QO, QO, UN, /* 50 */
    QO, UN, UN, UN, UN, UN, UN, UN, UN, UN, UN, UN, UN, UN, UN, UN, /* 60 */
    UN, UN, UN, UN, UN, UN, UN, UN, UN, UN, UN, QO, QO, QO, UN, NO, /* 70 */
    /* clang-format on */
};

/* One bit of the first pass stands for one segment. */
_Static_assert(PDP__SEGMENT_MAX == 32, "marks are bits of a uint32_t");

/* What the second pass carries from segment to segment. */
struct decoder {
    const char *target;
    char *out;    /* where the next decoded byte goes */
    bool lower;   /* an escape with a-f was seen */
    size_t fault; /* offset in the target, when refused */
};

static bool
refuse(struct pdp__path *path, pdp_reason_t *reason, pdp_reason_t why,
    size_t offset)
{
    path->cnt = 0;
    path->offset = offset;
    *reason = why;
    return false;
}

static int
hex_value(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    if (c >= 'A' && c <= 'F') {
        return c - 'A' + 10;
    }
    if (c >= 'a' && c <= 'f') {
        return c - 'a' + 10;
    }
    return -1;
}

/* C5 to C8: why a byte must not come out of an escape, or PERMITTED. */
static pdp_reason_t
judge_decoded(unsigned char byte)
{
    if ((classes[byte] & UNRESERVED) != 0) {
        return PDP_REASON_OVERENCODED;
    }
    if (byte < 0x20 || byte == 0x7F) {
        return PDP_REASON_CONTROL;
    }
    if (byte >= 0x80) {
        return PDP_REASON_NON_ASCII;
    }
    switch (byte) {
    case '%':
    case '\\':
    case ';':
    case '?':
    case '#':
        return PDP_REASON_DELIMITER;
    default:
        return PDP_REASON_PERMITTED;
    }
}

/* Reads the escape at the start of text.  PERMITTED, or why not. */
static pdp_reason_t
read_escape(pdp_str_t text, struct decoder *decoder, unsigned char *byte)
{
    if (text.len < 3) {
        return PDP_REASON_BAD_PERCENT;
    }
    int high = hex_value(text.ptr[1]);
    int low = hex_value(text.ptr[2]);
    if (high < 0 || low < 0) {
        return PDP_REASON_BAD_PERCENT;
    }
    decoder->lower = decoder->lower || text.ptr[1] >= 'a' || text.ptr[2] >= 'a';
    *byte = (unsigned char)(high * 16 + low);
    return judge_decoded(*byte);
}

/* C10, for the text between two decoded slashes, or a whole segment. */
static bool
is_dots(const char *part, size_t len)
{
    return len == 0 || (len == 1 && part[0] == '.') ||
           (len == 2 && part[0] == '.' && part[1] == '.');
}

/*
 * The second pass over one segment: C4 to C8 from the left, then C10.
 * Returns PERMITTED, or why the segment is refused.
 */
static pdp_reason_t
decode_segment(struct decoder *decoder, struct pdp__segment *segment)
{
    pdp_str_t raw = segment->raw;
    size_t base = (size_t)(raw.ptr - decoder->target);
    char *begin = decoder->out;
    char *out = begin;
    char *part = begin;  /* decoded text after the last slash */
    size_t part_off = 0; /* the same place in raw */
    bool dots = false;
    size_t at = 0;

    while (at < raw.len) {
        unsigned char byte = (unsigned char)raw.ptr[at];
        size_t width = 1;
        decoder->fault = base + at;
        if (byte == ';') {
            return PDP_REASON_DELIMITER;
        }
        if (byte == '%') {
            pdp_reason_t why =
                read_escape(pdp__str_from(raw, at), decoder, &byte);
            if (why != PDP_REASON_PERMITTED) {
                return why;
            }
            width = 3;
        }
        at += width;
        if (byte == '/') {
            /* The leftmost faulty part is told, once all bytes are fine. */
            if (is_dots(part, (size_t)(out - part))) {
                dots = true;
            }
            part = dots ? part : out + 1;
            part_off = dots ? part_off : at;
            segment->slash = true;
        }
        *out++ = (char)byte;
    }
    if (dots || is_dots(part, (size_t)(out - part))) {
        decoder->fault = base + part_off;
        return PDP_REASON_DOT_SEGMENT;
    }
    if (segment->encoded) {
        segment->decoded = pdp__str(begin, (size_t)(out - begin));
        decoder->out = out;
    }
    return PDP_REASON_PERMITTED;
}

/* The path with the hex digits of its escapes in upper case, RFC 3986
 * 6.2.2.1; every '%' is known to have two of them. */
static void
copy_canonical(pdp_str_t path, char *out)
{
    memcpy(out, path.ptr, path.len);
    for (size_t at = pdp__str_find(path, '%', 0); at < path.len;
         at = pdp__str_find(path, '%', at + 3)) {
        for (size_t i = at + 1; i <= at + 2; i++) {
            out[i] = (char)(out[i] >= 'a' ? out[i] - 'a' + 'A' : out[i]);
        }
    }
}

/*
 * The first pass over the path: C3, and where the segments are.  *end is
 * where it stops: at the end, at the '?', or at a bad byte.  *excess is the
 * offset of the slash before the first segment too many, or 0.
 */
static uint32_t
split(pdp_str_t target, struct pdp__path *path, size_t *end, size_t *excess)
{
    const unsigned char *text = (const unsigned char *)target.ptr;
    size_t at = 0;
    uint32_t marks = 0;
    uint32_t cnt = 0;

    *excess = 0;
    do {
        size_t start = ++at;
        unsigned seen = 0;
        while (at < target.len && (classes[text[at]] & TEXT) != 0) {
            seen |= classes[text[at]];
            at++;
        }
        if (cnt == PDP__SEGMENT_MAX) {
            *excess = *excess == 0 ? start - 1 : *excess;
            continue;
        }
        pdp_str_t raw = pdp__str(target.ptr + start, at - start);
        path->segments[cnt] =
            (struct pdp__segment){raw, raw, false, (seen & PERCENT) != 0};
        if ((seen & DOUBT) != 0 || (seen & SOLID) == 0) {
            marks |= UINT32_C(1) << cnt;
        }
        cnt++;
    } while (at < target.len && text[at] == '/');
    path->cnt = cnt;
    *end = at;
    return marks;
}

/* Offset of the first byte no query may hold, or the length. */
static size_t
check_query(pdp_str_t target, size_t from)
{
    const unsigned char *text = (const unsigned char *)target.ptr;
    while (from < target.len && (classes[text[from]] & QUERY) != 0) {
        from++;
    }
    return from;
}

/* The second pass: C9 and the marked segments, from the left. */
static bool
decode_marked(struct pdp__path *path, uint32_t marks, struct decoder *decoder,
    pdp_reason_t *reason)
{
    for (uint32_t ix = 0; marks >> ix != 0; ix++) {
        struct pdp__segment *segment = &path->segments[ix];
        if ((marks >> ix & 1) != 0) {
            if (segment->raw.len == 0) {
                return refuse(path, reason, PDP_REASON_EMPTY_SEGMENT,
                    (size_t)(segment->raw.ptr - decoder->target));
            }
            pdp_reason_t why = decode_segment(decoder, segment);
            if (why != PDP_REASON_PERMITTED) {
                return refuse(path, reason, why, decoder->fault);
            }
        }
        if (ix == PDP__SEGMENT_MAX - 1) {
            break; /* a shift by 32 is undefined */
        }
    }
    return true;
}

bool
pdp__path_parse(pdp_str_t target, char *buf, size_t cap, struct pdp__path *path,
    pdp_reason_t *reason)
{
    size_t end;
    size_t excess;

    path->cnt = 0;
    path->offset = 0;
    path->canonical = pdp__str(NULL, 0);
    path->query = pdp__str(NULL, 0);

    if (target.len > PDP__TARGET_MAX) {
        return refuse(path, reason, PDP_REASON_TOO_LONG, PDP__TARGET_MAX);
    }
    if (target.len == 0 || target.ptr[0] != '/') {
        return refuse(path, reason, PDP_REASON_TARGET_FORM, 0);
    }
    if (target.len > 1 && target.ptr[1] == '/') {
        return refuse(path, reason, PDP_REASON_TARGET_FORM, 1);
    }

    uint32_t marks = split(target, path, &end, &excess);
    if (end < target.len) {
        size_t bad =
            target.ptr[end] == '?' ? check_query(target, end + 1) : end;
        if (bad < target.len) {
            return refuse(path, reason, PDP_REASON_BAD_BYTE, bad);
        }
        path->query = pdp__str_from(target, end + 1);
    }
    if (excess != 0) {
        return refuse(path, reason, PDP_REASON_TOO_LONG, excess);
    }

    path->canonical = pdp__str(target.ptr, end);
    if (marks == 0) {
        return true;
    }
    if (cap < 2 * end) {
        return refuse(path, reason, PDP_REASON_INTERNAL, 0);
    }
    struct decoder decoder = {target.ptr, buf + end, false, 0};
    if (!decode_marked(path, marks, &decoder, reason)) {
        return false;
    }
    if (decoder.lower) {
        copy_canonical(path->canonical, buf);
        path->canonical.ptr = buf;
    }
    return true;
}
