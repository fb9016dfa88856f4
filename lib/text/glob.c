/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */

/*
 * stringMatch of IBM's policies.  Pattern and text are read as characters:
 * a well-formed UTF-8 sequence, or one byte where there is none.  `?` takes
 * one of them, `*` any number.
 *
 * Only the last `*` is ever reconsidered.  That is enough: if an earlier
 * one took more, the last one could take less and end in the same place.
 * So there is one restore point instead of a stack, and the time is at most
 * pattern times text; the naive matcher is exponential, and a policy with
 * many stars would then be a way to stop the decision point.
 *
 * A restore point always stands between two characters; a `?` therefore
 * never takes half of one.
 */

#include "text/glob.h"

#include "text/utf8.h"

enum kind { LITERAL = 0, ONE, RUN, MALFORMED };

struct token {
    enum kind kind;
    pdp_str_t text; /* LITERAL: the character it stands for */
    size_t len;     /* of the token in the pattern */
};

/* Bytes of the character at offset. */
static size_t
character(pdp_str_t s, size_t offset)
{
    if ((unsigned char)s.ptr[offset] < 0x80) {
        return 1;
    }
    size_t len = pdp__utf8_sequence(s, offset);
    return len == 0 ? 1 : len;
}

static struct token
read_token(pdp_str_t pattern, size_t at)
{
    const char *from = pattern.ptr + at;
    size_t rest = pattern.len - at;

    if (from[0] == '*') {
        return (struct token){RUN, {from, 1}, 1};
    }
    if (from[0] == '?') {
        return (struct token){ONE, {from, 1}, 1};
    }
    if (from[0] == '{' && rest >= 2 && from[1] == '{') {
        if (rest >= 5 && (from[2] == '*' || from[2] == '?') && from[3] == '}' &&
            from[4] == '}') {
            return (struct token){LITERAL, {from + 2, 1}, 5};
        }
        return (struct token){MALFORMED, {from, 2}, 2};
    }
    size_t len = character(pattern, at);
    return (struct token){LITERAL, {from, len}, len};
}

bool
pdp__glob_check(pdp_str_t pattern, size_t *error_offset)
{
    size_t at = 0;
    while (at < pattern.len) {
        struct token token = read_token(pattern, at);
        if (token.kind == MALFORMED) {
            *error_offset = at;
            return false;
        }
        at += token.len;
    }
    return true;
}

bool
pdp__glob_match(pdp_str_t pattern, pdp_str_t text)
{
    size_t pattern_at = 0;
    size_t text_at = 0;
    bool star = false;
    size_t after_star = 0; /* in the pattern */
    size_t taken = 0;      /* in the text: what the last star takes ends */

    for (;;) {
        if (pattern_at < pattern.len) {
            struct token token = read_token(pattern, pattern_at);
            if (token.kind == MALFORMED) {
                return false;
            }
            if (token.kind == RUN) {
                star = true;
                after_star = ++pattern_at;
                taken = text_at;
                continue;
            }
            /* Each token takes a character: no star can help any more. */
            if (text_at == text.len) {
                return false;
            }
            size_t len = character(text, text_at);
            if (token.kind == ONE ||
                pdp__str_eq(token.text, pdp__str(text.ptr + text_at, len))) {
                pattern_at += token.len;
                text_at += len;
                continue;
            }
        } else if (text_at == text.len || (star && after_star == pattern.len)) {
            return true;
        }
        if (!star) {
            return false;
        }
        taken += character(text, taken);
        text_at = taken;
        pattern_at = after_star;
    }
}
