/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
/*
 * Hints for the usual slips in JSON written by hand: a comma too many or too
 * few, single quotes, comments, words of other languages, a byte order mark.
 * They are guesses from the bytes around the error and never change what is
 * accepted.
 */

#include "load/json_hint.h"

static bool
is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static bool
is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* The last byte before offset that is no white space, or 0. */
static char
before(pdp_str_t text, size_t offset)
{
    while (offset > 0 && is_space(text.ptr[offset - 1])) {
        offset--;
    }
    return offset == 0 ? '\0' : text.ptr[offset - 1];
}

static bool
ends_value(char c)
{
    return c == '"' || c == '}' || c == ']' || is_letter(c) ||
           (c >= '0' && c <= '9');
}

static const char *
syntax_hint(pdp_str_t text, size_t offset)
{
    char last = before(text, offset);

    if (offset >= text.len) {
        return last == '\0' ? "the text is empty"
                            : "a quote or a closing bracket is missing";
    }
    char c = text.ptr[offset];
    if (c == '\xEF') {
        return "save the text without a byte order mark";
    }
    if (c == '\'' || c == '\xE2') { /* also typographic quotes */
        return "names and strings are in double quotes";
    }
    if (c == '.' || c == '+') {
        return "numbers begin with a digit, or with a minus and a digit";
    }
    if (c == '/' || c == '#') {
        return "JSON has no comments";
    }
    if ((c == '}' || c == ']') && last == ',') {
        return "no comma before a closing bracket";
    }
    if (ends_value(last) && !is_letter(c) &&
        (c == '{' || c == '[' || ends_value(c))) {
        return "is a comma missing?";
    }
    if (c == 'T' || c == 'F' || c == 'N' || c == 'I') {
        return "the words are true, false and null";
    }
    return is_letter(c) ? "names and strings are in double quotes" : NULL;
}

const char *
pdp__json_hint(pdp_str_t text, enum pdp__json_error error, size_t offset)
{
    switch (error) {
    case PDP__JSON_E_SYNTAX:
        return syntax_hint(text, offset);
    case PDP__JSON_E_TRAILING:
        return "one document, one value; is a bracket closed too early?";
    case PDP__JSON_E_CONTROL:
        return "control characters in strings are written as escapes";
    case PDP__JSON_E_UTF8:
        return "save the text as UTF-8";
    case PDP__JSON_E_ESCAPE:
        return "a backslash in a string is written twice";
    case PDP__JSON_E_NUMBER:
        return "if it is a name or an id, put it in quotes";
    case PDP__JSON_OK:
    case PDP__JSON_E_DEPTH:
    case PDP__JSON_E_NODES:
    case PDP__JSON_E_DUPLICATE:
    case PDP__JSON_E_NUL:
        break;
    }
    return NULL;
}
