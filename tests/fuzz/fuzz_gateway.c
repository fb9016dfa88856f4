/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: The libpdp authors */
#include "gateway/lint.h"

#include "fuzz.h"

/*
 * An nginx configuration -> tree -> findings.
 *
 * An include stands for the input itself, three times in a run and after that
 * for nothing; a pattern with `!` for a file that is not there.  What must
 * hold: each place is within its text; what the tree counts is in it; a
 * configuration with a problem is not judged; and each finding has a message
 * and a hint.
 */

enum { INPUT_MAX = 4096 };

struct input {
    const uint8_t *data;
    size_t size;
    int reads;
};

static bool
find(void *context, const char *pattern, char ***paths, size_t *cnt)
{
    struct input *input = context;
    *paths = NULL;
    *cnt = 0;
    if (strchr(pattern, '!') != NULL) {
        return false;
    }
    if (input->reads < 3) {
        struct pdp__string name = {0};
        pdp__string_fmt(&name, "file%d", input->reads);
        *paths = pdp__heap_resize(NULL, 1, sizeof(**paths));
        (*paths)[(*cnt)++] = name.ptr;
    }
    return true;
}

static bool
read_input(void *context, const char *path, struct pdp__file *out)
{
    struct input *input = context;
    (void)path;
    input->reads++;
    *out = (struct pdp__file){0};
    out->text =
        pdp__heap_copy(pdp__str((const char *)input->data, input->size));
    out->len = input->size;
    return true;
}

static void
check_place(const struct pdp__ngx_conf *conf, struct pdp__ngx_place place)
{
    MUST(place.file < conf->file_cnt);
    MUST(place.column <= conf->files[place.file].file.len + 1);
    MUST(place.line <= conf->files[place.file].file.len + 1);
}

static void
check_tree(const struct pdp__ngx_conf *conf)
{
    size_t cnt = 0;
    const struct pdp__ngx_directive *at = conf->root;
    while ((at = pdp__ngx_walk(conf->root, at)) != NULL) {
        MUST(at->word_cnt > 0);
        MUST(at->parent->block);
        MUST(at->block || at->first == NULL);
        for (size_t i = 0; i < at->word_cnt; i++) {
            check_place(conf, at->words[i].place);
            MUST(at->words[i].place.line > 0);
            MUST(at->words[i].text[at->words[i].len] == '\0');
        }
        cnt++;
    }
    MUST(cnt == conf->directive_cnt);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input input = {data, size, 0};
    const struct pdp__ngx_source source = {&input, find, read_input};
    struct pdp__ngx_conf conf;
    struct pdp__gateway_lint lint;

    if (size > INPUT_MAX) {
        return 0;
    }
    pdp__ngx_conf_read(&conf, "main", NULL, &source);
    check_tree(&conf);
    pdp__gateway_lint(&lint, &conf);
    MUST(!conf.unreadable);
    MUST(lint.invalid == (conf.problem_cnt > 0));
    MUST(!lint.invalid || lint.cnt > 0);
    for (size_t i = 0; i < lint.cnt; i++) {
        check_place(&conf, lint.items[i].place);
        MUST(lint.items[i].code < PDP__GATEWAY_CODE_CNT);
        MUST(lint.items[i].message[0] != '\0');
        MUST(pdp__gateway_code_hint(lint.items[i].code)[0] != '\0');
        MUST(!lint.invalid || lint.items[i].severity == PDP_SEVERITY_ERROR);
    }
    pdp__gateway_lint_free(&lint);
    pdp__ngx_conf_free(&conf);
    return 0;
}
