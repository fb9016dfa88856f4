/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include "pdp-check/test_out.h"

/*
 * What all formats say about a case that failed.
 *
 * The command names the suite and the case, and nothing else: claims,
 * headers, clock and documents are those of the suite, so that it shows this
 * decision and no other one.  A name is quoted for a POSIX shell; where it is
 * not ASCII, printf(1) makes its bytes, because output of this tool is ASCII.
 */

#include "common/escape.h"
#include "pdp-check/decide.h"

void
pdp__test_close_suite(struct pdp__test_run *run)
{
    pdp__string_add(&run->out, pdp__string_get(&run->suite));
    run->suite.len = 0;
    run->suites++;
    run->suite_cnt = 0;
    run->suite_failed = 0;
}

static bool
is_plain(pdp_str_t word)
{
    for (size_t i = 0; i < word.len; i++) {
        if (word.ptr[i] < 0x20 || word.ptr[i] > 0x7e) {
            return false;
        }
    }
    return true;
}

/* '...', with '\'' for a quote. */
static void
add_quoted(struct pdp__string *out, pdp_str_t word)
{
    pdp__string_char(out, '\'');
    for (size_t i = 0; i < word.len; i++) {
        if (word.ptr[i] == '\'') {
            pdp__string_z(out, "'\\''");
        } else {
            pdp__string_char(out, word.ptr[i]);
        }
    }
    pdp__string_char(out, '\'');
}

/* "$(printf '...')", in octal what is not ASCII. */
static void
add_bytes(struct pdp__string *out, pdp_str_t word)
{
    pdp__string_z(out, "\"$(printf '");
    for (size_t i = 0; i < word.len; i++) {
        char c = word.ptr[i];
        if (c == '\'' || c < 0x20 || c > 0x7e) {
            pdp__string_fmt(out, "\\%03o", (unsigned)(unsigned char)c);
        } else if (c == '%' || c == '\\') {
            pdp__string_char(out, c);
            pdp__string_char(out, c);
        } else {
            pdp__string_char(out, c);
        }
    }
    pdp__string_z(out, "')\"");
}

static void
add_word(struct pdp__string *out, pdp_str_t word)
{
    if (is_plain(word)) {
        add_quoted(out, word);
    } else {
        add_bytes(out, word);
    }
}

void
pdp__test_command(const struct pdp__test_result *result,
    struct pdp__string *out)
{
    pdp__string_z(out, "pdp-check decide --suite ");
    add_word(out, pdp__str_z(result->file->path));
    pdp__string_z(out, " --case ");
    add_word(out, result->test->name);
}

void
pdp__test_summary(const struct pdp__test_result *result,
    struct pdp__string *out)
{
    for (size_t i = 0; i < result->mismatches->cnt; i++) {
        const struct pdp__mismatch *one = &result->mismatches->items[i];
        pdp__string_z(out, i == 0 ? "" : "; ");
        pdp__string_fmt(out, "%s: expected %s, seen %s", one->member,
            one->expected, one->seen);
    }
}

void
pdp__test_why(const struct pdp__test_result *result, const char *indent,
    bool colour, struct pdp__string *out)
{
    for (size_t i = 0; i < result->mismatches->cnt; i++) {
        const struct pdp__mismatch *one = &result->mismatches->items[i];
        pdp__string_fmt(out, "%s%s: expected %s, seen %s\n", indent,
            one->member, one->expected, one->seen);
    }
    struct pdp__string text = {0};
    pdp__decide_text(&text, result->request, result->decision, colour);
    pdp_str_t rest = pdp__string_get(&text);
    while (rest.len > 0) {
        size_t end = pdp__str_find(rest, '\n', 0);
        pdp__string_z(out, indent);
        pdp__string_add(out, pdp__str(rest.ptr, end));
        pdp__string_char(out, '\n');
        rest = pdp__str_from(rest, end < rest.len ? end + 1 : end);
    }
    pdp__string_free(&text);
}
