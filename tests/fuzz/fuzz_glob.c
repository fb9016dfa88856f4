/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */

/*
 * text/glob.c against the obvious table over all prefixes, which needs no
 * restore point and no argument why one is enough.  Input: pattern, a line
 * feed, text.
 */

#include "fuzz.h"
#include "text/glob.h"
#include "text/utf8.h"

enum { TOKEN_MAX = 256, MALFORMED = -1 };

struct token {
    pdp_str_t text; /* ptr NULL: a wildcard */
    char wildcard;
};

static pdp_str_t
character(pdp_str_t s, size_t at)
{
    size_t len = pdp__utf8_sequence(s, at);
    return pdp__str(s.ptr + at, len == 0 ? 1 : len);
}

/* How many tokens, or MALFORMED with *at at the fault. */
static int
read_pattern(pdp_str_t pattern, struct token *tokens, size_t *at)
{
    int cnt = 0;
    for (*at = 0; *at < pattern.len; cnt++) {
        pdp_str_t rest = pdp__str_from(pattern, *at);
        if (pdp__str_starts(rest, PDP__LIT("{{"))) {
            if (!pdp__str_starts(rest, PDP__LIT("{{*}}")) &&
                !pdp__str_starts(rest, PDP__LIT("{{?}}"))) {
                return MALFORMED;
            }
            tokens[cnt] = (struct token){pdp__str(rest.ptr + 2, 1), '\0'};
            *at += 5;
        } else if (rest.ptr[0] == '*' || rest.ptr[0] == '?') {
            tokens[cnt] = (struct token){{NULL, 0}, rest.ptr[0]};
            *at += 1;
        } else {
            tokens[cnt] = (struct token){character(pattern, *at), '\0'};
            *at += tokens[cnt].text.len;
        }
    }
    return cnt;
}

static bool
model(const struct token *pattern, int pattern_cnt, pdp_str_t text)
{
    static bool rows[2][TOKEN_MAX + 1];
    pdp_str_t characters[TOKEN_MAX];
    int cnt = 0;
    for (size_t at = 0; at < text.len; cnt++) {
        characters[cnt] = character(text, at);
        at += characters[cnt].len;
    }
    memset(rows, 0, sizeof(rows));
    rows[0][0] = true;
    for (int i = 0; i < pattern_cnt; i++) {
        const bool *before = rows[i % 2];
        bool *row = rows[(i + 1) % 2];
        for (int k = 0; k <= cnt; k++) {
            if (pattern[i].wildcard == '*') {
                row[k] = before[k] || (k > 0 && row[k - 1]);
            } else {
                row[k] = k > 0 && before[k - 1] &&
                         (pattern[i].wildcard == '?' ||
                             pdp__str_eq(pattern[i].text, characters[k - 1]));
            }
        }
    }
    return rows[pattern_cnt % 2][cnt];
}

/* A text with its wildcards written as literals matches itself only. */
static void
check_quoted(pdp_str_t text)
{
    char quoted[5 * TOKEN_MAX];
    size_t len = 0;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        if (c == '*' || c == '?') {
            memcpy(quoted + len, c == '*' ? "{{*}}" : "{{?}}", 5);
            len += 5;
        } else if (c == '{') {
            return; /* two in a row cannot be written */
        } else {
            quoted[len++] = c;
        }
    }
    MUST(pdp__glob_match(pdp__str(quoted, len), text));
    if (text.len > 0) {
        MUST(!pdp__glob_match(pdp__str(quoted, len),
            pdp__str(text.ptr, text.len - 1)));
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct token tokens[TOKEN_MAX];
    pdp_str_t input = {(const char *)data, size};
    size_t end = pdp__str_find(input, '\n', 0);
    size_t fault;
    size_t offset = SIZE_MAX;

    if (size > TOKEN_MAX || end == size) {
        return 0;
    }
    pdp_str_t pattern = pdp__str(input.ptr, end);
    pdp_str_t text = pdp__str_from(input, end + 1);
    int cnt = read_pattern(pattern, tokens, &fault);
    bool matches = pdp__glob_match(pattern, text);

    if (cnt == MALFORMED) {
        MUST(!pdp__glob_check(pattern, &offset));
        MUST(offset == fault);
        MUST(!matches);
    } else {
        MUST(pdp__glob_check(pattern, &offset));
        MUST(matches == model(tokens, cnt, text));
    }
    check_quoted(text);
    return 0;
}
