/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include "gateway/conf.h"

/*
 * Words -> tree.
 *
 * Which directives there are and what they take is nginx's business: any name
 * with any number of words is read.  `include` is followed wherever it stands,
 * as nginx does.  A text that is cut or unbalanced is a problem with its
 * place, and so is a file that cannot be had: what is in it nobody knows.
 *
 * Bounds: nesting, files within files, files, bytes and directives of a run.
 * Blocks are read without recursion; files within files recurse.
 */

#include <stdarg.h>

#include "gateway/token.h"

struct reading {
    struct pdp__ngx_conf *conf;
    const struct pdp__ngx_source *source;
    const char *prefix; /* a file beside which relative names are looked for */
    uint32_t stack[PDP__NGX_INCLUDES_MAX]; /* files that are being read */
    size_t depth;
};

static void *
take(struct pdp__ngx_conf *conf, size_t size)
{
    if (conf->memory_cnt == conf->memory_cap) {
        conf->memory_cap = conf->memory_cap == 0 ? 64 : conf->memory_cap * 2;
        conf->memory = pdp__heap_resize(conf->memory, conf->memory_cap,
            sizeof(*conf->memory));
    }
    void *ptr = pdp__heap_alloc(size);
    conf->memory[conf->memory_cnt++] = ptr;
    return ptr;
}

static void
problem(struct pdp__ngx_conf *conf, const char *code,
    struct pdp__ngx_place place, const char *message, const char *name)
{
    if (conf->problem_cnt == conf->problem_cap) {
        conf->problem_cap = conf->problem_cap == 0 ? 8 : conf->problem_cap * 2;
        conf->problems = pdp__heap_resize(conf->problems, conf->problem_cap,
            sizeof(*conf->problems));
    }
    struct pdp__string text = {0};
    pdp__string_z(&text, message);
    if (name != NULL) {
        pdp__string_fmt(&text, " '%s'", name);
    }
    conf->problems[conf->problem_cnt++] =
        (struct pdp__ngx_problem){code, place, text.ptr};
}

/* The words of one directive while it is read. */
struct words {
    struct pdp__ngx_word *items;
    size_t cnt, cap;
};

static void
add_word(struct reading *reading, struct words *words,
    const struct pdp__ngx_token *token, struct pdp__ngx_place place)
{
    if (words->cnt == words->cap) {
        words->cap = words->cap == 0 ? 8 : words->cap * 2;
        words->items =
            pdp__heap_resize(words->items, words->cap, sizeof(*words->items));
    }
    char *text = take(reading->conf, token->word.len + 1);
    if (token->word.len > 0) {
        memcpy(text, token->word.ptr, token->word.len);
    }
    words->items[words->cnt++] =
        (struct pdp__ngx_word){text, token->word.len, place, token->quoted};
}

static struct pdp__ngx_directive *
add_directive(struct reading *reading, struct pdp__ngx_directive *parent,
    struct words *words)
{
    struct pdp__ngx_directive *made = take(reading->conf, sizeof(*made));
    size_t size = words->cnt * sizeof(*words->items);
    made->words = take(reading->conf, size);
    memcpy(made->words, words->items, size);
    made->word_cnt = words->cnt;
    made->parent = parent;
    if (parent->last == NULL) {
        parent->first = made;
    } else {
        parent->last->next = made;
    }
    parent->last = made;
    words->cnt = 0;
    reading->conf->directive_cnt++;
    return made;
}

static void read_file(struct reading *reading, const char *path,
    struct pdp__ngx_place from, struct pdp__ngx_directive *parent);

static void
include(struct reading *reading, const struct pdp__ngx_directive *directive,
    struct pdp__ngx_directive *parent)
{
    struct pdp__ngx_place place = directive->words[0].place;
    if (directive->word_cnt != 2) {
        problem(reading->conf, "conf_syntax", place,
            "include takes one file or pattern", NULL);
        return;
    }
    const struct pdp__ngx_word *name = &directive->words[1];
    char *pattern =
        pdp__file_beside(reading->prefix, pdp__str(name->text, name->len));
    char **paths = NULL;
    size_t cnt = 0;
    if (name->len == 0 || !reading->source->find(reading->source->context,
                              pattern, &paths, &cnt)) {
        problem(reading->conf, "include_missing", name->place,
            "there is no file", name->text);
    }
    for (size_t i = 0; i < cnt; i++) {
        read_file(reading, paths[i], name->place, parent);
        pdp__heap_free(paths[i]);
    }
    pdp__heap_free(paths);
    pdp__heap_free(pattern);
}

static bool
ends_with(const struct pdp__ngx_word *word, const char *tail)
{
    size_t len = strlen(tail);
    return word->len >= len &&
           memcmp(word->text + word->len - len, tail, len) == 0;
}

/* Where a file is in its blocks. */
struct cursor {
    struct pdp__ngx_reader reader;
    struct words words;
    struct pdp__ngx_directive *top; /* the block that includes the file */
    struct pdp__ngx_directive *in;  /* the block that is being read */
    uint32_t file;
    size_t nesting;
};

/* `{`; false: reading of the file ends. */
static bool
open_block(struct reading *reading, struct cursor *cursor,
    struct pdp__ngx_place place)
{
    struct pdp__ngx_conf *conf = reading->conf;
    if (cursor->words.cnt == 0) {
        problem(conf, "conf_syntax", place, "a block without a name", NULL);
        return false;
    }
    if (cursor->nesting == PDP__NGX_NESTING_MAX) {
        problem(conf, "include_limit", place, "blocks are nested too deeply",
            NULL);
        return false;
    }
    struct pdp__ngx_directive *block =
        add_directive(reading, cursor->in, &cursor->words);
    block->block = true;
    if (ends_with(&block->words[0], "_by_lua_block")) {
        block->code = true;
        if (!pdp__ngx_skip_lua(&cursor->reader)) {
            problem(conf, "conf_syntax", place, "a block is not closed", NULL);
            return false;
        }
        return true;
    }
    cursor->in = block;
    cursor->nesting++;
    return true;
}

static bool
close_block(struct reading *reading, struct cursor *cursor,
    struct pdp__ngx_place place)
{
    if (cursor->words.cnt > 0) {
        problem(reading->conf, "conf_syntax", place,
            "'}' where the ';' of a directive is missing", NULL);
        return false;
    }
    if (cursor->in == cursor->top) {
        problem(reading->conf, "conf_syntax", place,
            "'}' without a block to close", NULL);
        return false;
    }
    cursor->in = cursor->in->parent;
    cursor->nesting--;
    return true;
}

static bool
end_directive(struct reading *reading, struct cursor *cursor,
    struct pdp__ngx_place place)
{
    if (cursor->words.cnt == 0) {
        problem(reading->conf, "conf_syntax", place, "';' without a directive",
            NULL);
        return false;
    }
    struct pdp__ngx_directive *made =
        add_directive(reading, cursor->in, &cursor->words);
    if (pdp__str_eq(pdp__str(made->words[0].text, made->words[0].len),
            PDP__LIT("include"))) {
        include(reading, made, cursor->in);
    }
    return true;
}

static bool
end_text(struct reading *reading, struct cursor *cursor,
    struct pdp__ngx_place place)
{
    if (cursor->words.cnt > 0) {
        problem(reading->conf, "conf_syntax", place,
            "the text ends in a directive", NULL);
    } else if (cursor->in != cursor->top) {
        problem(reading->conf, "conf_syntax", cursor->in->words[0].place,
            "this block is not closed", NULL);
    }
    return false;
}

/* One token; false: the file has been read, as far as it can be. */
static bool
advance(struct reading *reading, struct cursor *cursor)
{
    struct pdp__ngx_token token;
    pdp__ngx_next(&cursor->reader, &token);
    struct pdp__ngx_place place = {cursor->file, token.line, token.column};
    switch (token.kind) {
    case PDP__NGX_BAD:
        problem(reading->conf, "conf_syntax", place, token.problem, NULL);
        return false;
    case PDP__NGX_WORD:
        if (reading->conf->directive_cnt == PDP__NGX_DIRECTIVES_MAX) {
            problem(reading->conf, "include_limit", place,
                "there are too many directives", NULL);
            return false;
        }
        add_word(reading, &cursor->words, &token, place);
        return true;
    case PDP__NGX_OPEN:
        return open_block(reading, cursor, place);
    case PDP__NGX_CLOSE:
        return close_block(reading, cursor, place);
    case PDP__NGX_SEMICOLON:
        return end_directive(reading, cursor, place);
    case PDP__NGX_END:
        return end_text(reading, cursor, place);
    }
    return false;
}

/* Whether the last file may be read: it is none of those that include it. */
static bool
may_read(struct reading *reading, struct pdp__ngx_place from)
{
    struct pdp__ngx_conf *conf = reading->conf;
    const struct pdp__ngx_file *last = &conf->files[conf->file_cnt - 1];
    for (size_t i = 0; i < reading->depth; i++) {
        const struct pdp__ngx_file *outer = &conf->files[reading->stack[i]];
        bool same_name = strcmp(outer->path, last->path) == 0;
        bool same_file = last->file.inode != 0 &&
                         outer->file.device == last->file.device &&
                         outer->file.inode == last->file.inode;
        if (same_name || same_file) {
            problem(conf, "include_limit", from,
                "a file includes itself:", last->path);
            return false;
        }
    }
    if (conf->byte_cnt > PDP__NGX_BYTES_MAX - last->file.len) {
        problem(conf, "include_limit", from, "all files are too large, from",
            last->path);
        return false;
    }
    conf->byte_cnt += last->file.len;
    return true;
}

static size_t
nesting_of(const struct pdp__ngx_directive *block)
{
    size_t nesting = 0;
    for (; block->parent != NULL; block = block->parent) {
        nesting++;
    }
    return nesting;
}

static void
read_file(struct reading *reading, const char *path, struct pdp__ngx_place from,
    struct pdp__ngx_directive *parent)
{
    struct pdp__ngx_conf *conf = reading->conf;
    if (reading->depth == PDP__NGX_INCLUDES_MAX ||
        conf->file_cnt == PDP__NGX_FILES_MAX) {
        problem(conf, "include_limit", from, "too many files, from", path);
        return;
    }
    struct pdp__file file;
    if (!reading->source->read(reading->source->context, path, &file)) {
        if (conf->file_cnt == 0) {
            conf->unreadable = true;
        } else {
            problem(conf, "include_missing", from, "cannot read", path);
        }
        return;
    }
    if (conf->file_cnt == conf->file_cap) {
        conf->file_cap = conf->file_cap == 0 ? 8 : conf->file_cap * 2;
        conf->files =
            pdp__heap_resize(conf->files, conf->file_cap, sizeof(*conf->files));
    }
    uint32_t index = (uint32_t)conf->file_cnt++;
    conf->files[index] =
        (struct pdp__ngx_file){pdp__heap_copy(pdp__str_z(path)), file};
    if (!may_read(reading, from)) {
        return;
    }
    reading->stack[reading->depth++] = index;
    struct cursor cursor = {.top = parent,
        .in = parent,
        .file = index,
        .nesting = nesting_of(parent)};
    pdp__ngx_reader_init(&cursor.reader, pdp__str(file.text, file.len));
    while (advance(reading, &cursor)) {
    }
    pdp__ngx_reader_free(&cursor.reader);
    pdp__heap_free(cursor.words.items);
    reading->depth--;
}

void
pdp__ngx_conf_read(struct pdp__ngx_conf *conf, const char *path,
    const char *prefix, const struct pdp__ngx_source *source)
{
    struct pdp__string beside = {0};
    *conf = (struct pdp__ngx_conf){0};
    if (prefix != NULL) {
        pdp__string_fmt(&beside, "%s/", prefix);
    }
    struct reading reading = {
        .conf = conf,
        .source = source,
        .prefix = prefix == NULL ? path : beside.ptr,
    };
    conf->root = take(conf, sizeof(*conf->root));
    conf->root->block = true;
    read_file(&reading, path, (struct pdp__ngx_place){0, 0, 0}, conf->root);
    pdp__string_free(&beside);
}

void
pdp__ngx_conf_free(struct pdp__ngx_conf *conf)
{
    for (size_t i = 0; i < conf->file_cnt; i++) {
        pdp__heap_free(conf->files[i].path);
        pdp__file_free(&conf->files[i].file);
    }
    for (size_t i = 0; i < conf->problem_cnt; i++) {
        pdp__heap_free(conf->problems[i].message);
    }
    for (size_t i = 0; i < conf->memory_cnt; i++) {
        pdp__heap_free(conf->memory[i]);
    }
    pdp__heap_free(conf->files);
    pdp__heap_free(conf->problems);
    pdp__heap_free(conf->memory);
    *conf = (struct pdp__ngx_conf){0};
}
