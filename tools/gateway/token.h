/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#ifndef PDP__GATEWAY_TOKEN_H
#define PDP__GATEWAY_TOKEN_H

/* The words of an nginx configuration, each with its place. */

#include "common/heap.h"

enum pdp__ngx_kind {
    PDP__NGX_BAD = 0, /* token.problem says why; reading ends here */
    PDP__NGX_WORD,
    PDP__NGX_OPEN,  /* { */
    PDP__NGX_CLOSE, /* } */
    PDP__NGX_SEMICOLON,
    PDP__NGX_END /* of the text */
};

struct pdp__ngx_token {
    enum pdp__ngx_kind kind;
    uint32_t line, column; /* from 1; columns count bytes */
    pdp_str_t word;        /* borrowed until the next token */
    bool quoted;
    const char *problem;
};

struct pdp__ngx_reader {
    pdp_str_t text;
    size_t at;
    uint32_t line;
    size_t line_at;         /* offset of that line */
    struct pdp__string buf; /* the word without its quotes and escapes */
};

/* The text is borrowed for as long as the reader is used. */
void pdp__ngx_reader_init(struct pdp__ngx_reader *reader, pdp_str_t text);
void pdp__ngx_reader_free(struct pdp__ngx_reader *reader);

void pdp__ngx_next(struct pdp__ngx_reader *reader,
    struct pdp__ngx_token *token);

/* Skips what is written in Lua, up to and with the brace that ends it; false
 * if there is none. */
bool pdp__ngx_skip_lua(struct pdp__ngx_reader *reader);

#endif
