/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include "common/args.h"

/*
 * Command lines.
 *
 * One table of options serves the parser, the help text and the test that
 * compares both with the manual page, so they cannot drift apart.
 *
 * An option that is given twice and is not a list is an error: in a tool
 * that answers "who may do this", a first --trust silently overruled by a
 * second one would be an answer to another question.
 *
 * The table is searched linearly; it has a dozen rows.
 */

#include <stdio.h>
#include <string.h>

#include "common/heap.h"
#include "common/out.h"
#include "common/tell.h"
#include "text/suggest.h"

enum { HELP_COLUMN = 30 };

struct pdp__args
pdp__args_init(int argc, char **argv)
{
    return (struct pdp__args){.argv = argv, .argc = argc, .next = 1};
}

static enum pdp__args_kind
unknown_name(const struct pdp__option *options, pdp_str_t name)
{
    pdp_str_t names[PDP__ARGS_MAX];
    size_t cnt = 0;
    for (; options[cnt].id != 0 && cnt < PDP__ARGS_MAX; cnt++) {
        names[cnt] = pdp__str_z(options[cnt].name);
    }
    int near = pdp__suggest(name, names, cnt);
    if (near >= 0) {
        pdp__tell("unknown option '--%.*s'; did you mean '--%s'?",
            (int)(name.len > 80 ? 80 : name.len), name.ptr, options[near].name);
    } else {
        pdp__tell("unknown option '--%.*s'",
            (int)(name.len > 80 ? 80 : name.len), name.ptr);
    }
    return PDP__ARGS_ERROR;
}

/* Takes the value of an option; attached is what stands in the same word. */
static enum pdp__args_kind
take(struct pdp__args *args, const struct pdp__option *options,
    const struct pdp__option *option, const char *attached)
{
    uint64_t bit = UINT64_C(1) << (unsigned)(option - options);
    if ((args->seen & bit) != 0 && !option->repeat) {
        pdp__tell("option '--%s' is given twice", option->name);
        return PDP__ARGS_ERROR;
    }
    args->seen |= bit;
    args->option = option;
    args->value = NULL;
    if (option->value == NULL) {
        return PDP__ARGS_OPTION;
    }
    if (attached != NULL) {
        args->value = attached;
    } else if (args->next < args->argc) {
        args->value = args->argv[args->next++];
    } else {
        pdp__tell("option '--%s' needs a value (%s)", option->name,
            option->value);
        return PDP__ARGS_ERROR;
    }
    return PDP__ARGS_OPTION;
}

static enum pdp__args_kind
long_option(struct pdp__args *args, const struct pdp__option *options,
    const char *word)
{
    const char *equals = strchr(word, '=');
    pdp_str_t name =
        pdp__str(word, equals == NULL ? strlen(word) : (size_t)(equals - word));
    for (const struct pdp__option *row = options; row->id != 0; row++) {
        if (!pdp__str_eq(name, pdp__str_z(row->name))) {
            continue;
        }
        if (row->value == NULL && equals != NULL) {
            pdp__tell("option '--%s' takes no value", row->name);
            return PDP__ARGS_ERROR;
        }
        return take(args, options, row, equals == NULL ? NULL : equals + 1);
    }
    return unknown_name(options, name);
}

static enum pdp__args_kind
short_option(struct pdp__args *args, const struct pdp__option *options)
{
    char letter = *args->cluster++;
    const char *rest = *args->cluster == '\0' ? NULL : args->cluster;
    for (const struct pdp__option *row = options; row->id != 0; row++) {
        if (row->letter != letter) {
            continue;
        }
        args->cluster = row->value == NULL ? rest : NULL;
        return take(args, options, row, rest);
    }
    pdp__tell("unknown option '-%c'; an operand that begins with '-' goes "
              "after '--'",
        letter);
    return PDP__ARGS_ERROR;
}

enum pdp__args_kind
pdp__args_next(struct pdp__args *args, const struct pdp__option *options)
{
    if (args->cluster != NULL) {
        return short_option(args, options);
    }
    while (args->next < args->argc) {
        char *word = args->argv[args->next++];
        if (args->operands_only || word[0] != '-' || word[1] == '\0') {
            args->value = word;
            return PDP__ARGS_OPERAND;
        }
        if (strcmp(word, "--") == 0) {
            args->operands_only = true;
            continue;
        }
        if (word[1] == '-') {
            return long_option(args, options, word + 2);
        }
        args->cluster = word + 1;
        return short_option(args, options);
    }
    return PDP__ARGS_END;
}

static void
help_row(struct pdp__string *out, const struct pdp__option *row)
{
    size_t start = out->len;
    if (row->letter != 0) {
        pdp__string_fmt(out, "  -%c, --%s", row->letter, row->name);
    } else {
        pdp__string_fmt(out, "      --%s", row->name);
    }
    if (row->value != NULL) {
        pdp__string_fmt(out, " %s", row->value);
    }
    size_t used = out->len - start;
    if (used + 2 > HELP_COLUMN) {
        pdp__string_char(out, '\n');
        used = 0;
    }
    for (const char *line = row->help; line != NULL;) {
        const char *end = strchr(line, '\n');
        size_t len = end == NULL ? strlen(line) : (size_t)(end - line);
        pdp__string_fill(out, ' ', HELP_COLUMN - used);
        pdp__string_add(out, pdp__str(line, len));
        pdp__string_char(out, '\n');
        line = end == NULL ? NULL : end + 1;
        used = 0;
    }
}

void
pdp__args_help(const struct pdp__option *options)
{
    struct pdp__string out = {0};
    for (const struct pdp__option *row = options; row->id != 0; row++) {
        help_row(&out, row);
    }
    pdp__out_write(pdp__string_get(&out));
    pdp__string_free(&out);
}
