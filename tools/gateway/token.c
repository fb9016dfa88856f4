/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include "gateway/token.h"

/*
 * nginx's own rules for words, those of ngx_conf_read_token(): a lint that
 * reads a text in another way than the server judges another configuration.
 *
 *   - a word ends at white space, `;` or `{`; `}` and `#` may stand in it
 *   - `${` does not end it
 *   - quotes count only where a word begins, and after the closing one there
 *     must be white space, `;`, `{` or `)`
 *   - a backslash takes away the meaning of the next byte; it goes before a
 *     quote or a backslash, \t \r \n are what they are in C, and before
 *     everything else it stays: regular expressions need it
 *   - `#` begins a comment only where a word could begin
 *
 * Not nginx's: its limit of 4 KiB for a word, which is one of its buffer.
 */

void
pdp__ngx_reader_init(struct pdp__ngx_reader *reader, pdp_str_t text)
{
    *reader = (struct pdp__ngx_reader){.text = text, .line = 1};
    /* Editors of another world put a byte order mark in front; nginx takes it
     * for a part of the first word and refuses it, so that is not undone. */
}

void
pdp__ngx_reader_free(struct pdp__ngx_reader *reader)
{
    pdp__string_free(&reader->buf);
}

static bool
is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static void
step(struct pdp__ngx_reader *reader)
{
    if (reader->text.ptr[reader->at++] == '\n') {
        reader->line++;
        reader->line_at = reader->at;
    }
}

static void
skip_blank(struct pdp__ngx_reader *reader)
{
    bool comment = false;
    while (reader->at < reader->text.len) {
        char c = reader->text.ptr[reader->at];
        if (c == '\n') {
            comment = false;
        } else if (c == '#') {
            comment = true;
        } else if (!comment && !is_space(c)) {
            return;
        }
        step(reader);
    }
}

/* The byte after a backslash. */
static void
add_escaped(struct pdp__string *buf, char c)
{
    switch (c) {
    case '"':
    case '\'':
    case '\\':
        pdp__string_char(buf, c);
        break;
    case 't':
        pdp__string_char(buf, '\t');
        break;
    case 'r':
        pdp__string_char(buf, '\r');
        break;
    case 'n':
        pdp__string_char(buf, '\n');
        break;
    default:
        pdp__string_char(buf, '\\');
        pdp__string_char(buf, c);
        break;
    }
}

static void
bad(struct pdp__ngx_token *token, const char *problem)
{
    token->kind = PDP__NGX_BAD;
    token->problem = problem;
}

/* A backslash and what follows; false at the end of the text. */
static bool
take_escape(struct pdp__ngx_reader *reader)
{
    step(reader);
    if (reader->at == reader->text.len) {
        return false;
    }
    add_escaped(&reader->buf, reader->text.ptr[reader->at]);
    step(reader);
    return true;
}

static void
take_quoted(struct pdp__ngx_reader *reader, struct pdp__ngx_token *token)
{
    char quote = reader->text.ptr[reader->at];
    token->quoted = true;
    step(reader);
    for (;;) {
        if (reader->at == reader->text.len) {
            bad(token, "a quote is not closed");
            return;
        }
        char c = reader->text.ptr[reader->at];
        if (c == quote) {
            step(reader);
            break;
        }
        if (c != '\\') {
            pdp__string_char(&reader->buf, c);
            step(reader);
        } else if (!take_escape(reader)) {
            bad(token, "a quote is not closed");
            return;
        }
    }
    if (reader->at == reader->text.len) {
        return;
    }
    char after = reader->text.ptr[reader->at];
    if (!is_space(after) && after != ';' && after != '{' && after != ')') {
        bad(token, "there is no white space after a closing quote");
    }
}

static void
take_plain(struct pdp__ngx_reader *reader, struct pdp__ngx_token *token)
{
    bool variable = false;
    while (reader->at < reader->text.len) {
        char c = reader->text.ptr[reader->at];
        if (c == '\\') {
            variable = false;
            if (!take_escape(reader)) {
                bad(token, "the text ends after a backslash");
                return;
            }
            continue;
        }
        if (is_space(c) || c == ';' || (c == '{' && !variable)) {
            return;
        }
        variable = c == '$';
        pdp__string_char(&reader->buf, c);
        step(reader);
    }
}

void
pdp__ngx_next(struct pdp__ngx_reader *reader, struct pdp__ngx_token *token)
{
    skip_blank(reader);
    *token = (struct pdp__ngx_token){
        .kind = PDP__NGX_END,
        .line = reader->line,
        .column = (uint32_t)(reader->at - reader->line_at) + 1,
    };
    if (reader->at == reader->text.len) {
        return;
    }
    switch (reader->text.ptr[reader->at]) {
    case '{':
        token->kind = PDP__NGX_OPEN;
        step(reader);
        return;
    case '}':
        token->kind = PDP__NGX_CLOSE;
        step(reader);
        return;
    case ';':
        token->kind = PDP__NGX_SEMICOLON;
        step(reader);
        return;
    default:
        break;
    }
    token->kind = PDP__NGX_WORD;
    reader->buf.len = 0;
    char first = reader->text.ptr[reader->at];
    if (first == '"' || first == '\'') {
        take_quoted(reader, token);
    } else {
        take_plain(reader, token);
    }
    token->word = pdp__string_get(&reader->buf);
}

/* Past `[[`, `[=[` and so on, to its end; what is none is one byte. */
static void
skip_lua_long(struct pdp__ngx_reader *reader)
{
    pdp_str_t text = reader->text;
    size_t level = 0;
    size_t at = reader->at + 1;
    while (at < text.len && text.ptr[at] == '=') {
        at++;
        level++;
    }
    if (at == text.len || text.ptr[at] != '[') {
        step(reader);
        return;
    }
    while (reader->at <= at) {
        step(reader);
    }
    while (reader->at < text.len) {
        size_t cnt = 0;
        bool closing = text.ptr[reader->at] == ']';
        step(reader);
        while (closing && reader->at + cnt < text.len &&
               text.ptr[reader->at + cnt] == '=') {
            cnt++;
        }
        if (closing && cnt == level && reader->at + cnt < text.len &&
            text.ptr[reader->at + cnt] == ']') {
            for (size_t i = 0; i <= cnt; i++) {
                step(reader);
            }
            return;
        }
    }
}

static void
skip_lua_quoted(struct pdp__ngx_reader *reader)
{
    char quote = reader->text.ptr[reader->at];
    step(reader);
    while (reader->at < reader->text.len) {
        char c = reader->text.ptr[reader->at];
        step(reader);
        if (c == quote) {
            return;
        }
        if (c == '\\' && reader->at < reader->text.len) {
            step(reader);
        }
    }
}

static void
skip_lua_comment(struct pdp__ngx_reader *reader)
{
    step(reader);
    step(reader);
    if (reader->at < reader->text.len && reader->text.ptr[reader->at] == '[') {
        size_t before = reader->at;
        skip_lua_long(reader);
        if (reader->at > before + 1) {
            return;
        }
    }
    while (
        reader->at < reader->text.len && reader->text.ptr[reader->at] != '\n') {
        step(reader);
    }
}

bool
pdp__ngx_skip_lua(struct pdp__ngx_reader *reader)
{
    size_t depth = 1;
    while (reader->at < reader->text.len) {
        char c = reader->text.ptr[reader->at];
        bool dash = c == '-' && reader->at + 1 < reader->text.len &&
                    reader->text.ptr[reader->at + 1] == '-';
        if (dash) {
            skip_lua_comment(reader);
        } else if (c == '"' || c == '\'') {
            skip_lua_quoted(reader);
        } else if (c == '[') {
            skip_lua_long(reader);
        } else {
            step(reader);
            depth = c == '{' ? depth + 1 : c == '}' ? depth - 1 : depth;
        }
        if (depth == 0) {
            return true;
        }
    }
    return false;
}
